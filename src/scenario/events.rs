//! What may happen, and how a round may end: actions, outcomes, flags.

use jiff::civil::DateTime;

use super::catalogue::HEADS;
use super::declare::{Entry, Held, Part, choice, id, nested, table};
use super::effect::Effect;
use super::expression::Expression;
use super::fault::{Fault, nearest};
use super::grammar::{
    self, ANY, Key, Leaf, POSITIVE, SHARE, duration, integer, leaf, live, section, span, text,
    truth,
};
use super::limits;
use super::meant::{Want, meant};
use super::moment::seconds_between;
use super::number::{Allowed, Number, Remarks, seconds_after_start, span_text};
use super::read::{At, Reader, Table};
use super::state::Axis;
use super::tree::{Node, UNREAD, Value};

/// The date of an action.
#[derive(Debug, Clone)]
pub enum Moment {
    /// Known: in seconds from the start.
    Known(i64),
    /// Drawn or computed once a round: in days from the start.
    Uncertain(Box<Number>),
}

/// How an action comes about.
#[derive(Debug, Clone)]
pub enum Way {
    /// Per day, while `when` holds.
    Rate(Number),
    /// One draw when `when` first holds, or one at each meeting.
    Chance(Number),
    /// At a date.
    At(Moment),
    /// A considered move.
    Decide(Box<Decide>),
}

choice! {
    /// Whether a mover is known to have weighed a move before the start.
    pub enum Weighed {
        /// If its gate is open at the start.
        Open = "open",
        /// In any case.
        Always = "always",
    }
}

table! {
    /// The terms of a considered move.
    pub struct Decide {
        /// Moves per day of somebody who is resolved.
        pace: Number = live(ANY).required("pace = 2.0"),
        /// His chance of winning, as he sees it.
        win: Number = live(ANY).required("win = \"contest(backing.heir, backing.patron, 2)\""),
        /// What winning is worth to him.
        prize: Number = live(ANY).required("prize = 1.0"),
        /// What losing costs him.
        price: Number = live(ANY).or(0.0),
        /// What doing nothing is worth to him.
        wait: Number = live(ANY).or(0.0),
        /// How often he weighs it.
        every: u64 = span("1d").note("0: at every step"),
        /// Whether he is known to have weighed it before the start: if its gate is open then, or always.
        weighed: Weighed = grammar::choice(Weighed::WORDS),
    }
}

choice! {
    /// What must have happened for a branch to fit.
    pub enum Fits {
        /// Anything.
        Any = "any",
        /// The action succeeded.
        Success = "success",
        /// It failed.
        Failure = "failure",
    }
}

table! {
    /// What may follow from an action in the same instant; at most one branch does.
    pub struct Branch {
        /// Id.
        id: String => id,
        /// Display name.
        name: String = text().or_words("the id"),
        /// What must have happened: `success` or `failure` of the action.
        on: Fits = grammar::choice(Fits::WORDS),
        /// Its share of the cases that it fits; what the shares leave over is no branch.
        share: Number = live(ANY).or(1.0).note("read as a probability"),
        /// What it does, after the effects of the action.
        effects: Vec<Effect> = leaf(Leaf::Effects),
        /// Words.
        remarks: Remarks,
    }
}

/// A number that an action draws anew each time it takes effect, for its effects.
#[derive(Debug, Clone)]
pub struct Draw {
    /// What its effects call it.
    pub id: String,
    /// Its value or distribution.
    pub number: Number,
}

/// Plain numbers and distributions of any size.
const DRAWN: Leaf = Leaf::Drawn(ANY.0, ANY.1);

impl Entry for Draw {
    const SHAPE: &'static grammar::Shape = &grammar::Shape::Leaf(DRAWN);

    fn read(reader: &mut Reader<'_>, table: &Table<'_>) -> Self {
        let (id, path) = (table.entry_id(), &table.path);
        let allowed = Allowed::plain(ANY);
        let number = if matches!(table.node.value, Value::Text(..)) {
            let allowed = format!(
                "a number or a distribution; what else it depends on is written in the effects: \"pact += 2 * {id}\""
            );
            let want = Want::Number { distribution: true };
            reader.wrong(table.node, path, want, allowed);
            Number::known(0.0, path, &table.node.place, Allowed::plain(ANY))
        } else {
            reader.number(table.node, path, allowed)
        };
        Self { id, number }
    }

    // It is no prior: a round may draw it often.
    fn numbers<'a>(&'a self, _: &mut Vec<&'a Number>) {}
}

table! {
    /// An open attempt: for whom, and how much of a fact its mover makes by moving first.
    pub struct Rally {
        /// The contender for whom it is tried.
        side: usize = leaf(Leaf::Id(Axis::Contender)).required("side = \"heir\""),
        /// What moving first adds to the prospects of the side, in natural logarithms.
        first_move: Number = live(ANY).or(0.3),
        /// How much luck there is in that, in natural logarithms; drawn where `success` is read.
        night: Number = live(POSITIVE).or(0.25),
        /// Share of the loyalty and authority of the side that the mover carries.
        claim: Number = live(SHARE).or(1.0),
    }
}

impl Held for Option<Rally> {
    fn read(reader: &mut Reader<'_>, at: &At<'_>) -> Self {
        at.node.map(|_| nested(reader, at))
    }

    fn numbers<'a>(&'a self, out: &mut Vec<&'a Number>) {
        if let Some(rally) = self {
            Entry::numbers(rally, out);
        }
    }
}

/// The group of keys of which an action has one.
const WAYS: &str = "rate, chance, at, decide";
const RATE: Key = live(ANY)
    .or_words("one of these four is required")
    .note("below 0 counts as 0")
    .group(WAYS)
    .named("rate", &["Times per day."]);
const CHANCE: Key = live(ANY)
    .or_words("")
    .note("read as a probability")
    .group(WAYS)
    .named(
        "chance",
        &["One draw when `when` first holds; with `every`, one at each meeting."],
    );
const AT: Key = leaf(Leaf::Dated)
    .or_words("")
    .note("the start or later")
    .group(WAYS)
    .named(
        "at",
        &["A date, or a time after the start: a number of days, or `\"t0 + 3d\"`."],
    );
const DECIDE: Key = grammar::table(Decide::SHAPE)
    .or_words("")
    .group(WAYS)
    .named("decide", &["A considered move."]);

impl Part for Way {
    const KEYS: &'static [Key] = &[RATE, CHANCE, AT, DECIDE];

    fn read(reader: &mut Reader<'_>, table: &Table<'_>) -> Self {
        let has = |key: &Key| table.node.get(key.name).is_some();
        let mut ways = Vec::new();
        if has(&RATE) {
            ways.push((
                RATE.name,
                Self::Rate(Number::read(reader, &table.at(&RATE))),
            ));
        }
        if has(&CHANCE) {
            let chance = Number::read(reader, &table.at(&CHANCE));
            ways.push((CHANCE.name, Self::Chance(chance)));
        }
        if has(&AT) {
            ways.push((AT.name, Self::At(moment(reader, table))));
        }
        if has(&DECIDE) {
            let terms = nested(reader, &table.at(&DECIDE));
            ways.push((DECIDE.name, Self::Decide(Box::new(terms))));
        }
        if let [_, (second, _), ..] = ways[..] {
            let names: Vec<&str> = ways.iter().map(|way| way.0).collect();
            let found = format!("{} has {}", table.path, names.join(" and "));
            reader.fault(Fault::at(
                table.place_of(second),
                found,
                format!("one of {WAYS}"),
            ));
        } else if ways.is_empty() {
            let found = format!("{} has none of {WAYS}", table.path);
            let help = reader.overridden(table);
            reader.missing(Fault::at(table.place, found, "one of them").help(help));
        }
        let way = ways.into_iter().next().map(|way| way.1);
        way.unwrap_or_else(|| Self::Rate(Number::read(reader, &table.at(&RATE))))
    }

    fn numbers<'a>(&'a self, out: &mut Vec<&'a Number>) {
        match self {
            Self::Rate(n) | Self::Chance(n) => out.push(n),
            Self::At(Moment::Uncertain(n)) => out.push(n),
            Self::At(Moment::Known(_)) => {}
            Self::Decide(terms) => terms.numbers(out),
        }
    }
}

impl Reader<'_> {
    /// Asks whether a table of an action was to go over another one: of a template, or of a file that this one
    /// extends.
    fn overridden(&self, table: &Table<'_>) -> Option<String> {
        let id = table.entry_id();
        let is_made = self.names.templates.iter().any(|t| t.actions.contains(&id));
        if is_made {
            return None;
        }
        let others = || {
            let here = table.place.file;
            let others = self.actions.iter().filter(|(_, file)| *file != here);
            let near = nearest(&id, others.map(|(other, _)| other.as_str()))?;
            (near != id).then(|| format!("did you mean actions.{near}?"))
        };
        self.names.made_action_meant(&id).or_else(others)
    }
}

/// The date of `at`.
fn moment(reader: &mut Reader<'_>, table: &Table<'_>) -> Moment {
    let at = table.at(&AT);
    match at.node {
        Some(node) if seconds_after_start(node).is_some() => {
            let seconds = seconds_after_start(node).unwrap_or_default();
            if seconds < 0 {
                before_start(reader, table);
            }
            Moment::Known(seconds)
        }
        Some(node) if is_misspelt(node) => {
            let allowed = "a time after the start, such as \"t0 + 3d\" or \"t0 + 12h\"";
            reader.wrong_with(node, &at.path(), None, allowed);
            Moment::Known(0)
        }
        Some(node) if may_be_uncertain(node) => {
            let allowed = Allowed::date(reader.start);
            Moment::Uncertain(Box::new(reader.number(node, &at.path(), allowed)))
        }
        _ => Moment::Known(seconds_until(reader, table)),
    }
}

/// Whether a text that is no time after the start was meant as one: `t0 +`, a number and a word.
fn is_misspelt(node: &Node) -> bool {
    let Value::Text(text, _) = &node.value else {
        return false;
    };
    let rest = text.trim().strip_prefix("t0").map(str::trim_start);
    let span = rest.and_then(|rest| rest.strip_prefix(['+', '-']));
    let unit = span.map(|span| span.trim_start_matches(|c: char| !c.is_alphabetic()));
    unit.is_some_and(|unit| !unit.is_empty() && unit.chars().all(char::is_alphabetic))
}

/// Whether a date is written as a distribution or as an expression, and not as a date in quotes.
fn may_be_uncertain(node: &Node) -> bool {
    match &node.value {
        Value::Table(_) => true,
        Value::Text(text, _) => meant(text, Want::Moment).is_none(),
        _ => false,
    }
}

/// The date of `at`, in seconds from the start.
fn seconds_until(reader: &mut Reader<'_>, table: &Table<'_>) -> i64 {
    let at = table.at(&AT);
    let date = DateTime::read(reader, &at);
    reader.dated |= date != UNREAD;
    let seconds = seconds_between(reader.start, date);
    if seconds < 0 && date != UNREAD {
        before_start(reader, table);
    }
    seconds
}

/// Notes that the date of `at` is before the start.
fn before_start(reader: &mut Reader<'_>, table: &Table<'_>) {
    let found = format!("{} is before the start", table.path_of(AT.name));
    let allowed = format!("{} or later, which is t0", reader.start);
    reader.missing(Fault::at(table.place_of(AT.name), found, allowed));
}

pub(super) const FOR: Key = leaf(Leaf::Names).named(
    "for",
    &["Writes one action for several ids: each has its own, `ACTION_ID`, in which `{it}` stands for the id."],
);

table! {
    /// What an actor may do, or what may happen.
    pub struct Action[FOR] {
        /// Id.
        id: String => id,
        /// Display name.
        name: String = text().or_words("the id"),
        /// Who decides it; while he is absent it cannot be decided.
        by: Option<usize> = leaf(Leaf::Id(Axis::Actor)).or_words("nobody"),
        /// While it holds the action can come about.
        when: Option<Expression> = leaf(Leaf::Condition).or_words("always"),
        /// How it comes about.
        way: Way,
        /// How often those meet who decide it, the first time at the start: it is decided at meetings alone. 0: at any time.
        every: u64 = span("0d").note("0, or at least a step; with `rate` and `chance`"),
        /// From the decision to the effects.
        delay: Option<Number> = duration(0.0),
        /// What must still hold when its delay is over: else the decision lapses. Needs `delay`.
        still: Option<Expression> = leaf(Leaf::Condition).or_words("its `when`"),
        /// How long it cannot be decided again after it took effect.
        cool: u64 = span("0d"),
        /// Most decisions in a round; 0 switches the action off.
        limit: u32 = integer(0, limits::HAPPENINGS as u64).or_integer(1).note("0 to 1 with `at`, and with `chance` without `every`"),
        /// Who would stand where if it were tried now.
        rally: Option<Rally> = grammar::table(Rally::SHAPE),
        /// Read when the action takes effect; one draw.
        success: Option<Number> = live(ANY).or_words("always succeeds").note("read as a probability"),
        /// What is drawn anew each time it takes effect: its effects alone know it by its id.
        draws: Vec<Draw> = section(Draw::SHAPE).count(0, limits::DRAWS).taken(&HEADS, "expressions use it for the state"),
        /// What it does.
        effects: Vec<Effect> = leaf(Leaf::Effects),
        /// What it does when it fails; needs `success`.
        failure: Vec<Effect> = leaf(Leaf::Effects),
        /// What may follow from it in the same instant.
        branches: Vec<Branch> = section(Branch::SHAPE).count(0, limits::FEW),
        /// Words.
        remarks: Remarks,
    }
    check Action::check;
}

impl Action {
    /// Remarks on its fixed numbers that are played as if they were the nearest end of what is possible: rates
    /// below 0, chances and shares that are not from 0 to 1, shares of branches that add up to more than 1.
    #[must_use]
    pub fn beyond_chances(&self) -> Vec<String> {
        let id = &self.id;
        let mut out = Vec::new();
        let mut chance = |path: String, number: &Number| {
            let fixed = number.fixed().filter(|x| !(0.0..=1.0).contains(x));
            out.extend(fixed.map(|x| {
                let counts = x.clamp(0.0, 1.0);
                format!("{path} is {x}, which counts as {counts}: a probability is from 0 to 1")
            }));
        };
        if let Way::Chance(number) = &self.way {
            chance(format!("actions.{id}.chance"), number);
        }
        if let Some(number) = &self.success {
            chance(format!("actions.{id}.success"), number);
        }
        for branch in &self.branches {
            chance(
                format!("actions.{id}.branches.{}.share", branch.id),
                &branch.share,
            );
        }
        if let Way::Rate(number) = &self.way
            && let Some(x) = number.fixed().filter(|x| *x < 0.0)
        {
            out.push(format!(
                "actions.{id}.rate is {x}, which counts as 0: it never happens"
            ));
        }
        for (on, word) in [(Fits::Success, "success"), (Fits::Failure, "failure")] {
            let fits = self
                .branches
                .iter()
                .filter(|b| b.on == on || b.on == Fits::Any);
            let sum: f64 = fits
                .filter_map(|b| b.share.fixed())
                .map(|x| x.clamp(0.0, 1.0))
                // A share of 1 takes what the others leave.
                .filter(|x| *x < 1.0)
                .sum();
            if sum > 1.0 + 1e-9 {
                out.push(format!(
                    "actions.{id}.branches: the shares after {word} add up to {sum}, so the last ones are taken less often \
                     than written"
                ));
            }
        }
        out
    }

    /// All effects that it can have: of success, of failure and of branches.
    pub fn every_effect(&self) -> impl Iterator<Item = &Effect> {
        let branches = self.branches.iter().flat_map(|b| &b.effects);
        self.effects.iter().chain(&self.failure).chain(branches)
    }

    /// What it draws, but for numbers that are known.
    pub fn drawn(&self) -> impl Iterator<Item = &Draw> {
        self.draws.iter().filter(|draw| draw.number.is_prior())
    }

    fn check(&mut self, reader: &mut Reader<'_>, table: &Table<'_>) {
        let once = match self.way {
            Way::Chance(_) => self.every == 0,
            Way::At(_) => true,
            Way::Rate(_) | Way::Decide(_) => false,
        };
        if once && self.limit > 1 {
            let found = format!("{}.limit is {}", table.path, self.limit);
            let allowed = match self.way {
                Way::At(_) => "0 or 1: with `at` there is one decision at most",
                _ => {
                    "0 or 1: with `chance` there is one decision at most, unless `every` says how often it is looked at"
                }
            };
            reader.fault(Fault::at(table.place_of("limit"), found, allowed));
        }
        if let Some(step) = reader.step.filter(|step| (1..*step).contains(&self.every)) {
            let found = format!(
                "{}.every is shorter than clock.step: several meetings in one step",
                table.path
            );
            let step = span_text(step);
            let allowed = format!("at least \"{step}\", which is clock.step; or a shorter step");
            reader.fault(Fault::at(table.place_of("every"), found, allowed));
        }
        let no_meetings = match self.way {
            Way::At(_) => Some(("at", "`every` with `rate` or `chance`: a date comes once")),
            Way::Decide(_) => Some(("decide", "`decide.every`, how often the move is weighed")),
            Way::Rate(_) | Way::Chance(_) => None,
        };
        if let (Some((way, allowed)), true) = (no_meetings, self.every > 0) {
            let found = format!("{} has `every` and `{way}`", table.path);
            reader.fault(Fault::at(table.place_of("every"), found, allowed));
        }
        if self.success.is_none() && table.node.get("failure").is_some() {
            let found = format!("{} has `failure` without `success`", table.path);
            let allowed = "`success`, the chance that it succeeds";
            reader.missing(Fault::at(table.place_of("failure"), found, allowed));
        }
        if self.delay.is_none() && table.node.get("still").is_some() {
            let found = format!("{} has `still` without `delay`", table.path);
            let allowed = "`delay`, after which it is read";
            reader.missing(Fault::at(table.place_of("still"), found, allowed));
        }
        if self.success.is_none()
            && let Some(branches) = table.node.get("branches")
        {
            for branch in self.branches.iter().filter(|b| b.on == Fits::Failure) {
                let found = format!(
                    "{}.branches.{} is for failure, without `success`",
                    table.path, branch.id
                );
                let allowed = "`success`, the chance that the action succeeds";
                let place = branches
                    .entry(&branch.id)
                    .map_or(table.place, |e| &e.key_place);
                reader.missing(Fault::at(place, found, allowed));
            }
        }
    }
}

/// When an outcome is read.
#[derive(Debug, Clone)]
pub enum Reading {
    /// At the end of every step; ends the round when it has held for so long.
    Always {
        /// Condition.
        when: Expression,
        /// How long it must have held, in days.
        hold: Box<Number>,
    },
    /// At the horizon alone.
    AtEnd {
        /// Condition.
        when: Expression,
    },
    /// When nothing else applies.
    Otherwise,
}

const WHEN: Key = leaf(Leaf::Condition)
    .or_words("required, except with `otherwise`")
    .named("when", &["When it applies."]);
const HOLD: Key = duration(0.0)
    .or(0.0)
    .named("hold", &["How long `when` must have held without a break."]);
const AT_END: Key = truth().named("at_end", &["Evaluated only at the horizon."]);
const OTHERWISE: Key = truth().named(
    "otherwise",
    &["Applies when nothing else does; exactly one outcome has it."],
);

impl Part for Reading {
    const KEYS: &'static [Key] = &[WHEN, HOLD, AT_END, OTHERWISE];

    fn read(reader: &mut Reader<'_>, table: &Table<'_>) -> Self {
        let otherwise = bool::read(reader, &table.at(&OTHERWISE));
        let at_end = bool::read(reader, &table.at(&AT_END));
        let mut exclude = |key: &str, other: &str| {
            if table.node.get(key).is_some() {
                let found = format!("{} has `{other}` and `{key}`", table.path);
                reader.fault(Fault::at(table.place_of(key), found, "one of the two"));
            }
        };
        if otherwise {
            for key in ["when", "hold", "at_end"] {
                exclude(key, "otherwise");
            }
            return Self::Otherwise;
        }
        if at_end {
            exclude("hold", "at_end");
        }
        if table.node.get("when").is_none() {
            let found = format!("missing key `{}`", table.path_of("when"));
            reader.missing(Fault::at(
                table.place,
                found,
                "when = \"…\", or otherwise = true",
            ));
        }
        let when = Expression::read(reader, &table.at(&WHEN));
        if at_end {
            Self::AtEnd { when }
        } else {
            let hold = Box::new(Number::read(reader, &table.at(&HOLD)));
            Self::Always { when, hold }
        }
    }

    fn numbers<'a>(&'a self, out: &mut Vec<&'a Number>) {
        if let Self::Always { hold, .. } = self {
            out.push(hold);
        }
    }
}

table! {
    /// An exclusive label of a round.
    pub struct Outcome {
        /// Id.
        id: String => id,
        /// Display name.
        name: String = text().or_words("the id"),
        /// When it applies.
        reading: Reading,
        /// Words.
        remarks: Remarks,
    }
}

table! {
    /// A yes/no fact about a round.
    pub struct Flag {
        /// Id.
        id: String => id,
        /// Display name.
        name: String = text().or_words("the id"),
        /// Set once it has held at the end of a step.
        when: Expression = leaf(Leaf::Condition).required("when = \"happened.request\""),
        /// Words.
        remarks: Remarks,
    }
}
