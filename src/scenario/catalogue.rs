//! The names of the quantities of the state, each with what it means.
//!
//! [`NAMES`] is the only list: reserved ids, error messages, the nearest valid name, completions, and the tables of
//! `docs/SCENARIO.md` follow from it.

use super::state::{Axis, Range, StateQuantity};

/// A name of expressions, without its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name {
    /// The part before the first dot.
    pub head: &'static str,
    /// What it means as a value; where only effects know the name, what they write.
    pub says: &'static str,
    /// The quantity that it reads.
    pub quantity: StateQuantity,
    /// The same quantity in one arena, which is one more argument.
    pub in_arena: Option<StateQuantity>,
    /// What it reads of the quantity; nothing where only effects know the name.
    pub reading: Option<Reading>,
    /// Whether effects can change it as a number.
    pub effects: bool,
    /// What effects write where they do not change it as a number.
    pub written: Option<&'static str>,
    /// Whether a run follows it day by day on request.
    pub on_request: bool,
}

/// What a name reads of a quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Its value.
    Value,
    /// Its largest value over all crowds.
    Largest,
    /// Its weighted mean over all crowds.
    Mean,
    /// Its largest value over all crowds, each times the crowd's place.
    Felt,
    /// Whether it is above 0.
    AboveZero,
    /// Days since then.
    DaysSince,
    /// Whether the office has this holder.
    Holder(Option<usize>),
    /// Whether it is this fate, a place in [`FATES`].
    Fate(usize),
}

const fn name(head: &'static str, quantity: StateQuantity, says: &'static str) -> Name {
    Name {
        head,
        says,
        quantity,
        in_arena: None,
        reading: Some(Reading::Value),
        effects: false,
        written: None,
        on_request: false,
    }
}

/// Every name but those that a scenario gives, in the order of the lists of reserved ids.
pub const NAMES: &[Name] = &[
    name("loyalty", StateQuantity::Loyalty, "how far `ACTOR` is bound to `CONTENDER`").effects().on_request(),
    name("promise", StateQuantity::Promise, "what `ACTOR` would gain if `CONTENDER` won").effects(),
    name("stance", StateQuantity::Stance, "share of `ACTOR` with that stance: 0 or 1 for a person").on_request().moved("`= CONTENDER`, or `= aside`: `ACTOR`, who is no contender, stands whole there and is used to it no more"),
    name("present", StateQuantity::Present, "presence of `ACTOR`, from 0 to 1").effects(),
    name("power", StateQuantity::Power, "power of `ACTOR` in `ARENA`, without that of his offices").effects(),
    name("support", StateQuantity::Support, "share of power whose stance is with `CONTENDER`, overall or in `ARENA`; `aside` is what stands aside").in_arena(StateQuantity::SupportIn),
    name("backing", StateQuantity::Backing, "share of power that private loyalty would give to `CONTENDER`").in_arena(StateQuantity::BackingIn),
    name("rally", StateQuantity::Rally, "share of power that would stand with `CONTENDER` if `ACTION`, which has a `rally`, were tried now; also `aside`").in_arena(StateQuantity::RallyIn).on_request(),
    name("prospects", StateQuantity::Prospects, "chance of `CONTENDER` in the eyes of an observer without error"),
    name("sees", StateQuantity::Sees, "chance of `CONTENDER` in the eyes of `ACTOR`"),
    name("holds", StateQuantity::Office, "1 if `ACTOR` has `OFFICE`, else 0; also `nobody`").reads(Reading::Holder(None)),
    name("turnout", StateQuantity::Turnout, "share of the people of `CROWD` who are out; `max` and `mean` (weighted) are over crowds, `felt` is the greatest of `place` times turnout"),
    name("grievance", StateQuantity::Grievance, "anger of `CROWD`").effects(),
    name("repression", StateQuantity::Repression, "what keeps the people of `CROWD` at home"),
    name("openness", StateQuantity::Openness, "1 at the start; effects change it").effects(),
    name("signal", StateQuantity::Signal, "what public facts add to the prospects of `CONTENDER`, fading").effects(),
    name("happened", StateQuantity::Count, "1 once `ACTION` has taken effect, whether it succeeded or failed").reads(Reading::AboveZero),
    name("succeeded", StateQuantity::Succeeded, "1 once `ACTION` has succeeded").reads(Reading::AboveZero),
    name("failed", StateQuantity::Failed, "1 once `ACTION` has failed").reads(Reading::AboveZero),
    name("count", StateQuantity::Count, "how often `ACTION` has taken effect, whether it succeeded or failed"),
    name("first", StateQuantity::First, "day of the first time; infinite (never) before"),
    name("since", StateQuantity::Latest, "days since the last time; infinite (never) before").reads(Reading::DaysSince),
    name("day", StateQuantity::Day, "days since the start"),
    name("fate", StateQuantity::Fate, "1 if `ACTOR` was removed with that fate: `arrested`, `exiled`, `confined`, `killed`, `fled` or `retired`").reads(Reading::Fate(0)),
    name("office", StateQuantity::Office, "`= ACTOR`, or `= nobody`").effect_alone(),
    name("remove", StateQuantity::Fate, "`= FATE`, as `fate` has it: `ACTOR` is absent from now on, and his offices go to their first successors who are present").effect_alone(),
];

/// The heads of all names: ids that a scenario cannot give.
pub const HEADS: [&str; NAMES.len()] = {
    let mut heads = [""; NAMES.len()];
    let mut i = 0;
    while i < heads.len() {
        heads[i] = NAMES[i].head;
        i += 1;
    }
    heads
};

impl Name {
    const fn effects(mut self) -> Self {
        self.effects = true;
        self
    }

    const fn on_request(mut self) -> Self {
        self.on_request = true;
        self
    }

    const fn in_arena(mut self, quantity: StateQuantity) -> Self {
        self.in_arena = Some(quantity);
        self
    }

    const fn reads(mut self, reading: Reading) -> Self {
        self.reading = Some(reading);
        self
    }

    const fn moved(mut self, written: &'static str) -> Self {
        self.written = Some(written);
        self
    }

    const fn effect_alone(mut self) -> Self {
        self.reading = None;
        self.written = Some(self.says);
        self
    }

    /// What an effect on it writes, or the limits that its number keeps after each effect; nothing where none can.
    #[must_use]
    pub fn limits(&self) -> Option<&'static str> {
        let limits = match self.quantity.range() {
            Range::Share => "[0, 1]",
            Range::NotNegative => "0 or more",
            Range::Free => "none",
        };
        self.written.or(self.effects.then_some(limits))
    }

    /// Its form as the target of an effect, such as `loyalty.ACTOR.CONTENDER`. A stance stands on the other side.
    #[must_use]
    pub fn target_form(&self) -> String {
        let axes = self.quantity.axes().iter();
        let own = axes.filter(|axis| self.written.is_none() || **axis != Axis::Side);
        own.fold(self.head.to_owned(), |form, axis| {
            form + "." + &axis.kind().to_uppercase()
        })
    }

    /// The name that begins so.
    #[must_use]
    pub fn find(head: &str) -> Option<&'static Self> {
        NAMES.iter().find(|n| n.head == head)
    }

    /// Why effects cannot change it, or how they do.
    pub(super) fn kept(&self, arguments: &[&str]) -> String {
        match (self.quantity, arguments) {
            (StateQuantity::Office, [office, actor]) => format!("write office.{office} = {actor}"),
            (StateQuantity::Office, _) => "write office.OFFICE = ACTOR".to_owned(),
            (StateQuantity::Fate, [actor, fate]) => format!("write remove.{actor} = {fate}"),
            (StateQuantity::Fate, _) => "write remove.ACTOR = FATE".to_owned(),
            (StateQuantity::Stance, [actor, side]) => format!("write stance.{actor} = {side}"),
            (
                StateQuantity::Count
                | StateQuantity::Succeeded
                | StateQuantity::Failed
                | StateQuantity::First
                | StateQuantity::Latest
                | StateQuantity::Day,
                _,
            ) => format!("kzsim keeps `{}`: it follows from what happens", self.head),
            _ => format!(
                "`{}` is computed at every step; change what it follows from",
                self.head
            ),
        }
    }

    /// Words for all crowds at once that it takes in place of one, as [`Ids::reference`] reads them.
    pub(super) const fn totals(&self) -> &'static [&'static str] {
        match (self.quantity.axes(), self.quantity) {
            ([Axis::Crowd], StateQuantity::Turnout) => &["max", "mean", "felt"],
            ([Axis::Crowd], _) => &["max", "mean"],
            _ => &[],
        }
    }

    /// Its forms in expressions, such as `stance.ACTOR.CONTENDER or stance.ACTOR.aside`.
    #[must_use]
    pub fn forms(&self) -> String {
        let axes = self.quantity.axes().iter();
        let form = axes.fold(self.head.to_owned(), |form, axis| {
            form + "." + &axis.kind().to_uppercase()
        });
        match (self.in_arena, self.reading, self.quantity.axes().last()) {
            (Some(_), ..) => format!("{form} or {form}.ARENA"),
            (_, Some(Reading::Holder(_)), _) => format!("{form}.ACTOR"),
            (_, Some(Reading::Fate(_)), _) => format!("{form}.FATE"),
            (.., Some(Axis::Side)) => {
                format!("{form} or {}", form.replace("CONTENDER", "aside"))
            }
            (.., Some(Axis::Crowd)) => match self.totals() {
                [_, _, _] => format!("{form}, .max, .mean or .felt"),
                _ => format!("{form}, .max or .mean"),
            },
            _ => form,
        }
    }
}
