//! A scenario as understood: read, overlaid, checked. Names are indices into the lists here.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime, Time};

use super::catalogue::HEADS;
use super::circles;
use super::correlations::{self, Correlation, Mixture};
use super::declare::{Entry, Held, Part, choice, id, nested, table};
pub use super::dynamics::{Choice, Dynamics, Thresholds};
pub use super::events::{
    Action, Branch, Decide, Draw, Fits, Flag, Moment, Outcome, Rally, Reading, Way, Weighed,
};
use super::expression::Expression;
use super::fault::{Fault, Sources};
use super::grammar::{
    self, ANY, Key, Leaf, Overrides, POSITIVE, SHARE, Shape, at_least, initial, integer, leaf,
    live, numbers_by, section, span, spans, text, truth,
};
pub use super::limits;
use super::meant::Want;
use super::names::{Ids, Template};
use super::number::Allowed;
pub use super::number::{Number, NumberKind, Remarks, on_open_scale};
use super::number::{span_text, step_seconds};
use super::read::{At, Reader, Table};
use super::state::Axis;
use super::tree::{Node, Value};

/// The shape of a scenario file.
pub static SCENARIO: Shape = Shape::Table(Scenario::KEYS);

/// A number at a key or an id.
const ANY_NUMBER: Shape = Shape::Leaf(Leaf::Initial(ANY.0, ANY.1));
const ANY_LIVE_NUMBER: Shape = Shape::Leaf(Leaf::Live(ANY.0, ANY.1));
const POSITIVE_NUMBER: Shape = Shape::Leaf(Leaf::Initial(POSITIVE.0, POSITIVE.1));
const SHARE_NUMBER: Shape = Shape::Leaf(Leaf::Initial(SHARE.0, SHARE.1));

pub(super) const SCHEMA: Key = integer(1, 1)
    .required("schema = 1, the first line of the file")
    .overrides(Overrides::Neither("it is the version of the language"))
    .named(
        "schema",
        &["Version of this language; the first line of every file."],
    );
const EXTENDS: Key = leaf(Leaf::File).named(
    "extends",
    &["A file that this one [extends](#laying-over), relative to this one's folder."],
);

table! {
    /// A scenario, resolved with all that it extends.
    pub struct Scenario[SCHEMA, EXTENDS] {
        /// The file's name without `.toml`.
        name: String => id,
        /// Heading of the results.
        title: String = leaf(Leaf::Heading).or_words("the file's name").note("one line"),
        /// Rounds of `kzsim run`.
        rounds: u64 = integer(1, limits::ROUNDS)
            .or_integer(100_000)
            .overrides(Overrides::SetOnly("all points have the same rounds: use --rounds")),
        /// Where the draws start; the same seed gives the same rounds.
        seed: u64 = integer(0, limits::SEED)
            .or_integer(1)
            .overrides(Overrides::SetOnly(
                "all points have the same rounds: sweep once for each --seed",
            )),
        /// Words.
        remarks: Remarks,
        /// Who can end up holding power, in order; at least two.
        contenders: Vec<Contender> = section(Contender::SHAPE)
            .count(2, limits::CONTENDERS)
            .required("2 to 32 contenders in [contenders], for example old = {} and new = {}"),
        /// When a round begins, how long it lasts, and in what steps.
        clock: Clock = grammar::table(Clock::SHAPE)
            .required("[clock] with start = 2022-01-01, days = 31, step = \"6h\""),
        /// Kinds of power with their weights, plain numbers above 0.
        arenas: Vec<Arena> = section(Arena::SHAPE)
            .count(1, limits::ARENAS)
            .required("at least one arena in [arenas], for example coercion = 1.0"),
        /// Numbers with names, kept for the whole round.
        parameters: Vec<Named> = section(Named::SHAPE)
            .count(0, limits::MANY)
            .taken(&HEADS, "expressions use it for the state"),
        /// Numbers of your own that effects can change.
        variables: Vec<Named> = section(Named::SHAPE)
            .count(0, limits::MANY)
            .taken(&HEADS, "expressions use it for the state"),
        /// Priors that go together.
        correlations: Vec<Correlation> = section(Correlation::SHAPE).count(0, limits::FEW),
        /// Expressions with names.
        formulas: Vec<Formula> = section(Formula::SHAPE)
            .count(0, limits::MANY)
            .taken(&HEADS, "expressions use it for the state"),
        /// The coefficients of the model.
        dynamics: Dynamics = grammar::table(Dynamics::SHAPE),
        /// Who has power, and to whom each is loyal.
        actors: Vec<Actor> = section(Actor::SHAPE)
            .count(1, limits::ACTORS)
            .required("at least one table [actors.ID]"),
        /// Transferable positions.
        offices: Vec<Office> = section(Office::SHAPE).count(0, limits::FEW),
        /// The politically available people of a region.
        crowds: Vec<Crowd> = section(Crowd::SHAPE).count(0, limits::FEW),
        /// What may be done, or may happen.
        actions: Vec<Action> = section(Action::SHAPE).count(0, limits::ACTIONS),
        /// How a round may end, in order.
        outcomes: Vec<Outcome> = section(Outcome::SHAPE)
            .count(1, limits::FEW)
            .required("one outcome with otherwise = true, and others"),
        /// Facts about a round.
        flags: Vec<Flag> = section(Flag::SHAPE)
            .count(0, limits::FEW)
            .taken(&["scenario", "round", "outcome", "day"], "rounds.csv has such a column"),
        /// Actions that were written for several ids.
        templates: Vec<Template> => |reader: &mut Reader<'_>, _: &Table<'_>| reader.names.templates.clone(),
        /// Whether all of its text could be read: if not, no name can be called unknown.
        complete: bool => |reader: &mut Reader<'_>, _: &Table<'_>| reader.complete,
        /// Whether anything in it names a date of the calendar, besides `clock.start`.
        dated: bool => |reader: &mut Reader<'_>, _: &Table<'_>| reader.dated,
        /// Every text that it was read from.
        sources: Sources => |_: &mut Reader<'_>, _: &Table<'_>| Sources::default(),
        /// The resolved scenario as data.
        resolved: serde_json::Value => |_: &mut Reader<'_>, table: &Table<'_>| table.node.json(),
    }
    check Scenario::check;
}

impl Scenario {
    fn check(&mut self, reader: &mut Reader<'_>, table: &Table<'_>) {
        // A contender who is an actor has the actor's name, unless he has one of his own.
        let contenders = table.node.get("contenders");
        for c in &mut self.contenders {
            let entry = contenders.and_then(|n| n.get(&c.id));
            if let (Some(actor), None) = (c.actor, entry.and_then(|n| n.get("name"))) {
                c.name.clone_from(&self.actors[actor].name);
            }
        }
        // Parameters, variables and formulas share one space of names.
        let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
        for section in ["parameters", "variables", "formulas"] {
            let Some(Node {
                value: Value::Table(entries),
                ..
            }) = table.node.get(section)
            else {
                continue;
            };
            for e in entries {
                if let Some(before) = seen.insert(&e.key, section) {
                    let found = format!("`{}` is declared in [{before}] and in [{section}]", e.key);
                    let allowed = "each name once among parameters, variables and formulas";
                    reader.fault(Fault::at(&e.key_place, found, allowed));
                }
            }
        }
        for action in &self.actions {
            let draws = table.node.get("actions").and_then(|n| n.get(&action.id));
            let draws = draws.and_then(|n| n.get("draws"));
            for draw in &action.draws {
                let place = draws.and_then(|n| n.entry(&draw.id));
                let place = place.map_or(table.place, |e| &e.key_place);
                if let Some(section) = seen.get(&*draw.id) {
                    let (id, owner) = (&draw.id, &action.id);
                    let found =
                        format!("`{id}` is declared in [{section}] and in [actions.{owner}.draws]");
                    let allowed = "an id that no parameter, variable or formula has";
                    reader.fault(Fault::at(place, found, allowed));
                }
            }
        }
        if let Some((beyond, _)) = self.rallies().nth(limits::RALLIES) {
            let entry = table.node.get("actions").and_then(|n| n.entry(&beyond.id));
            let place = entry.map_or(table.place, |e| &e.key_place);
            let found = format!("{} actions with `rally`", self.rallies().count());
            let allowed = format!("at most {}", limits::RALLIES);
            reader.fault(Fault::at(place, found, allowed));
        }
        self.break_circles(reader);
        correlations::check(&self.correlations, &self.numbers(), reader, table);
        let Some(outcomes) = table.node.entry("outcomes") else {
            return;
        };
        let is_last = |o: &&Outcome| matches!(o.reading, Reading::Otherwise);
        let mut last = self.outcomes.iter().filter(is_last);
        let Some(first) = last.next() else {
            let found = "no outcome with `otherwise`: some rounds would have no outcome";
            let allowed = "one outcome with otherwise = true";
            reader.missing(Fault::at(&outcomes.key_place, found, allowed));
            return;
        };
        for second in last {
            let place = outcomes
                .node
                .entry(&second.id)
                .map_or(table.place, |e| &e.key_place);
            let found = format!("a second outcome with `otherwise`: {}", second.id);
            let allowed = format!("one outcome with `otherwise`, which is `{}`", first.id);
            reader.fault(Fault::at(place, found, allowed));
        }
    }
}

impl Scenario {
    /// Notes parameters and formulas that are computed from themselves, and breaks each circle.
    fn break_circles(&mut self, reader: &mut Reader<'_>) {
        let mut named: Vec<(&str, &Expression)> = Vec::new();
        // Where the expressions are in their lists.
        let mut origins = Vec::new();
        for (i, p) in self.parameters.iter().enumerate() {
            if let NumberKind::Expression(e) = &p.number.kind {
                named.push((&p.id, e));
                origins.push(("parameter", i));
            }
        }
        for (i, f) in self.formulas.iter().enumerate() {
            named.push((&f.id, &f.expression));
            origins.push(("formula", i));
        }
        let found = circles::find(&named);
        for circle in found {
            let (kind, id) = (origins[circle.first].0, &circle.ids[0]);
            let way = match circle.ids.len() {
                1 => String::new(),
                _ => format!(": {} → {id}", circle.ids.join(" → ")),
            };
            let found = format!("the {kind} `{id}` is computed from itself{way}");
            let allowed = format!("{kind}s computed from others, without circular references");
            reader.fault(Fault::at(&circle.place, found, allowed));
            match origins[circle.last] {
                ("parameter", i) => self.parameters[i].number.kind = NumberKind::Fixed(0.0),
                (_, i) => {
                    let expression = &mut self.formulas[i].expression;
                    *expression = Expression::stand_in(&expression.place);
                }
            }
        }
    }
}

/// A parameter or a variable.
#[derive(Debug, Clone)]
pub struct Named {
    /// Id.
    pub id: String,
    /// Value.
    pub number: Number,
}

impl Entry for Named {
    const SHAPE: &'static Shape = &ANY_NUMBER;

    fn read(reader: &mut Reader<'_>, table: &Table<'_>) -> Self {
        Self {
            id: table.entry_id(),
            number: reader.number(table.node, &table.path, Allowed::any_form(ANY)),
        }
    }

    fn numbers<'a>(&'a self, out: &mut Vec<&'a Number>) {
        out.push(&self.number);
    }
}

/// A named expression.
#[derive(Debug, Clone)]
pub struct Formula {
    /// Id.
    pub id: String,
    /// What it stands for.
    pub expression: Expression,
}

impl Entry for Formula {
    const SHAPE: &'static Shape = &Shape::Leaf(Leaf::Expression);

    fn read(reader: &mut Reader<'_>, table: &Table<'_>) -> Self {
        let expression = match &table.node.value {
            Value::Table(entries) => reader.series(table.node, entries, &table.path),
            _ => reader.expression(table.node, &table.path),
        };
        Self {
            id: table.entry_id(),
            expression: expression.unwrap_or_else(|| Expression::stand_in(&table.node.place)),
        }
    }

    fn numbers<'a>(&'a self, _: &mut Vec<&'a Number>) {}
}

/// A kind of power.
#[derive(Debug, Clone)]
pub struct Arena {
    /// Id.
    pub id: String,
    /// Its weight among the arenas, as written.
    pub weight: f64,
}

impl Entry for Arena {
    const SHAPE: &'static Shape = &Shape::Leaf(Leaf::Plain(POSITIVE.0, POSITIVE.1));

    fn read(reader: &mut Reader<'_>, table: &Table<'_>) -> Self {
        let before = reader.count();
        let weight = reader.plain(table.node, &table.path, Allowed::plain(POSITIVE));
        if weight <= 0.0 && reader.count() == before {
            reader.wrong(table.node, &table.path, Want::Other, "a weight above 0");
        }
        Self {
            id: table.entry_id(),
            weight,
        }
    }

    fn numbers<'a>(&'a self, _: &mut Vec<&'a Number>) {}
}

table! {
    /// Who or what can end up holding power.
    pub struct Contender {
        /// Id.
        id: String => id,
        /// Display name.
        name: String = text().or_words("the actor's name, else the id"),
        /// The actor who stands for himself, if one has the same id.
        actor: Option<usize> => |reader: &mut Reader<'_>, table: &Table<'_>| {
            reader.index(Axis::Actor, &table.entry_id())
        },
        /// Added to support where prospects are judged.
        momentum: Number = live(ANY).or(0.0),
        /// Added to what everybody expects of him, in natural logarithms.
        standing: Number = live(ANY).or(0.0),
        /// Words.
        remarks: Remarks,
    }
}

table! {
    /// The clock of a round.
    pub struct Clock {
        /// First day.
        start: Date = leaf(Leaf::Day).required("start = 2022-01-01").note("a date without a time"),
        /// How many days a round lasts at most.
        days: u64 = leaf(Leaf::Days(1, 1_000_000)).required("days = 31"),
        /// One tick.
        step_seconds: u64 = leaf(Leaf::Step)
            .called("step")
            .or_text("6h")
            .note("divides a day, or whole days"),
        /// How long before the start nobody had moved, whatever the moods of crowds in that time.
        past: u64 = span("365d"),
        /// Whether a round goes on to its last day once it has its outcome.
        play_on: bool = truth().or_true(),
        /// Horizons before the last: how long after the start outcomes and flags are also read, as if rounds ended then.
        read: Vec<u64> = spans()
            .overrides(Overrides::SetOnly("it changes no round: name all horizons in one run"))
            .note("whole steps, at most `days`"),
        /// From whose side the rest of free actors is sought, where there is more than one; left out, from aside.
        rest: Option<usize> = leaf(Leaf::Id(Axis::Contender)),
    }
}

impl Held for Clock {
    fn read(reader: &mut Reader<'_>, at: &At<'_>) -> Self {
        let before = reader.count();
        // What stands in for a faulty clock is short, so that nothing that follows takes long.
        let short = Self {
            start: reader.start,
            days: 1,
            step_seconds: 21_600,
            past: 0,
            play_on: true,
            read: Vec::new(),
            rest: None,
        };
        if reader.present(at).is_none() {
            return short;
        }
        let clock: Self = nested(reader, at);
        reader.start = clock.start;
        // What is compared with the step is wrong for another reason too where the rest of the clock is.
        reader.step = match at.node.and_then(|n| n.get("step")).map(|n| &n.value) {
            None => Some(clock.step_seconds),
            Some(Value::Text(text, _)) => step_seconds(text),
            Some(_) => None,
        };
        if reader.count() == before {
            clock.check(reader, at);
        }
        if reader.count() == before {
            clock
        } else {
            short
        }
    }
}

impl Clock {
    fn check(&self, reader: &mut Reader<'_>, at: &At<'_>) {
        self.check_read(reader, at);
        let (days, steps) = (self.days, self.steps());
        let place = at
            .node
            .and_then(|n| n.get("days"))
            .map_or(at.place, |n| &n.place);
        let mut fault = |found: String, allowed: String| {
            reader.fault(Fault::at(place, found, allowed));
        };
        if steps > limits::STEPS {
            let allowed = format!(
                "at most {} steps: fewer days or a longer step",
                limits::STEPS
            );
            fault(format!("{days} days make {steps} steps"), allowed);
        } else if (days * 86_400) % self.step_seconds != 0 {
            let found = format!("{days} days are not a whole number of steps");
            fault(found, "a number of days that the step divides".to_owned());
        }
        if self
            .start
            .checked_add(jiff::Span::new().days(days.cast_signed()))
            .is_err()
        {
            let found = "a horizon beyond the year 9999".to_owned();
            fault(found, "an earlier horizon".to_owned());
        }
    }

    /// Notes what no round of this clock can be read after.
    fn check_read(&self, reader: &mut Reader<'_>, at: &At<'_>) {
        let Some(node) = at.node.and_then(|n| n.get("read")) else {
            return;
        };
        let step = span_text(self.step_seconds);
        for seconds in &self.read {
            let found = format!("clock.read has \"{}\"", span_text(*seconds));
            let allowed = if *seconds > self.days * 86_400 {
                format!("at most {} days, which is clock.days", self.days)
            } else if !seconds.is_multiple_of(self.step_seconds) {
                format!("a whole number of steps of \"{step}\", which is clock.step")
            } else {
                continue;
            };
            reader.fault(Fault::at(&node.place, found, allowed));
        }
    }

    /// Steps after which outcomes and flags are read: those of `read`, and always the last.
    #[must_use]
    pub fn horizons(&self) -> Vec<u64> {
        let last = self.steps();
        let step = self.step_seconds.max(1);
        let before = self.read.iter().map(|seconds| seconds / step);
        before.filter(|n| *n < last).chain([last]).collect()
    }

    /// The same as tables name them: in days, as in `30d`.
    #[must_use]
    pub fn horizon_texts(&self) -> Vec<String> {
        let days = self.horizons().into_iter().map(|step| self.day(step));
        days.map(|days| format!("{days}d")).collect()
    }

    /// Steps of a round that nothing ends early.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.days * 86_400 / self.step_seconds.max(1)
    }

    /// One step in days.
    #[must_use]
    pub fn dt(&self) -> f64 {
        self.step_seconds as f64 / 86_400.0
    }

    /// The moment at which so many steps are over.
    #[must_use]
    pub fn moment(&self, steps: u64) -> DateTime {
        self.after(steps * self.step_seconds)
    }

    /// The moment so many seconds after the start.
    #[must_use]
    pub fn after(&self, seconds: u64) -> DateTime {
        let start = self.start.to_datetime(Time::midnight());
        start.saturating_add(jiff::Span::new().seconds(seconds.cast_signed()))
    }

    /// Days from the start to the beginning of a step.
    #[must_use]
    pub fn day(&self, step: u64) -> f64 {
        (step * self.step_seconds) as f64 / 86_400.0
    }
}

choice! {
    /// Whether the public side of an actor can split.
    pub enum ActorKind {
        /// Takes one stance as a whole.
        Person = "person",
        /// May split and takes shares.
        Body = "body",
    }
}

/// The side shown at the start.
#[derive(Debug, Clone, PartialEq)]
pub enum Stance {
    /// Not given: found from his reasons, as those of others stand.
    Free,
    /// None.
    Aside,
    /// A contender.
    Contender(usize),
    /// Shares by contender; the rest is aside. A body splits so; a person stands whole, with these chances.
    Shares(Vec<(usize, f64)>),
}

impl Held for Stance {
    fn read(reader: &mut Reader<'_>, at: &At<'_>) -> Self {
        let own = reader.index(Axis::Contender, &at.table.entry_id());
        let (Some(node), path) = (at.node, at.path()) else {
            return own.map_or(Self::Free, Self::Contender);
        };
        match &node.value {
            _ if own.is_some() => {
                let allowed = "no stance: a contender stands for himself";
                reader.wrong(node, &path, Want::Other, allowed);
                Self::Aside
            }
            Value::Text(text, _) => match reader.known(&node.place, Axis::Side, text.trim()) {
                Some(c) if c < reader.names.contenders.len() => Self::Contender(c),
                _ => Self::Aside,
            },
            Value::Table(entries) => {
                let sides = (Axis::Contender, "aside");
                Self::Shares(shares(reader, node, entries, &path, sides))
            }
            _ => {
                let allowed = "a contender, \"aside\", or shares such as { heir = 0.4 }";
                reader.wrong(node, &path, Want::Text, allowed);
                Self::Aside
            }
        }
    }
}

table! {
    /// An agent.
    pub struct Actor {
        /// Id.
        id: String => id,
        /// Display name.
        name: String = text().or_words("the id"),
        /// The contender whom he stands for: himself.
        contender: Option<usize> => |reader: &mut Reader<'_>, table: &Table<'_>| {
            reader.index(Axis::Contender, &table.entry_id())
        },
        /// A person takes one stance as a whole; a body may split.
        kind: ActorKind = grammar::choice(ActorKind::WORDS),
        /// How much of each arena he commands.
        power: BTreeMap<usize, Number> = numbers_by(Axis::Arena, &POSITIVE_NUMBER),
        /// Private attachment.
        loyalty: BTreeMap<usize, Number> = numbers_by(Axis::Contender, &SHARE_NUMBER),
        /// What he would gain if a contender won, in units of loyalty.
        promise: BTreeMap<usize, Number> = numbers_by(Axis::Contender, &ANY_NUMBER),
        /// 0: follows private loyalty alone; 1: follows the expected winner alone.
        opportunism: Number = initial(SHARE).or(0.5),
        /// Pull towards standing aside.
        caution: Number = live(ANY).or(0.5),
        /// The side shown at the start; left out, he is free and stands where his reasons put him.
        stance: Stance = leaf(Leaf::Stance).or_words("free"),
        /// Whether he is there at the start.
        present: Number = initial(SHARE).or(1.0),
        /// Words.
        remarks: Remarks,
    }
    check Actor::check;
}

impl Actor {
    /// The chances with which a person stands with each contender at the start, if they are given.
    #[must_use]
    pub fn chances(&self) -> Option<&[(usize, f64)]> {
        match &self.stance {
            Stance::Shares(shares) if self.kind == ActorKind::Person => Some(shares),
            _ => None,
        }
    }

    fn check(&mut self, reader: &mut Reader<'_>, table: &Table<'_>) {
        let own = |numbers: &BTreeMap<usize, Number>| {
            let number = self.contender.and_then(|c| numbers.get(&c));
            number.map(|n| n.place.clone())
        };
        let (loyalty, promise) = (own(&self.loyalty), own(&self.promise));
        if let Some(place) = loyalty {
            let found = format!("{}: a contender's loyalty to himself", table.path);
            reader.fault(Fault::at(&place, found, "loyalty to other contenders"));
        }
        if let Some(place) = promise {
            let found = format!("{}: a promise of a contender to himself", table.path);
            reader.fault(Fault::at(&place, found, "promises of other contenders"));
        }
    }
}

table! {
    /// A transferable position.
    pub struct Office {
        /// Id.
        id: String => id,
        /// Display name.
        name: String = text().or_words("the id"),
        /// Who has it at the start, if that is known.
        holder: Option<usize> => known_holder,
        /// Who may have it at the start, with chances, if that is not known.
        claims: Claims,
        /// Who gets it when its holder is removed: the first of them who is present.
        successors: Vec<usize> = leaf(Leaf::Ids(Axis::Actor)).or_words("none"),
        /// How strongly the holder's stance pulls each actor.
        authority: BTreeMap<usize, Number> = numbers_by(Axis::Actor, &ANY_LIVE_NUMBER),
        /// How much of each arena goes with it: whoever has it commands that beside his own.
        power: BTreeMap<usize, Number> = numbers_by(Axis::Arena, &POSITIVE_NUMBER),
        /// Words.
        remarks: Remarks,
    }
}

table! {
    /// The politically available people of one region.
    pub struct Crowd {
        /// Id.
        id: String => id,
        /// Display name.
        name: String = text().or_words("the id"),
        /// Its part in `.mean`.
        weight: Number = initial(at_least(1e-6)).or(1.0),
        /// How much its turnout is felt where power is: its part in `turnout.felt`.
        place: Number = initial(FACTOR).or(1.0),
        /// How much its turnout moves other crowds, beside mere size.
        appeal: Number = initial(FACTOR).or(1.0),
        /// Anger at the start.
        grievance: Number = initial(ANY).or(0.0),
        /// Grievance at which half of the crowd would be in the street.
        threshold_mean: Number = initial(ANY).or(1.0),
        /// How far people differ in that.
        threshold_sd: Number = initial(at_least(1e-3)).or(0.25),
        /// How much a full street emboldens those at home.
        contagion: Number = initial(ANY).or(0.0),
        /// How much of the largest other crowd is seen.
        spillover: Number = initial(POSITIVE).or(0.0),
        /// What keeps people at home, in units of grievance.
        repression: Number = live(ANY).or(0.0),
        /// Words.
        remarks: Remarks,
    }
}

/// A factor of turnout.
const FACTOR: grammar::Range = (0.0, 1000.0);

const HOLDER: Key = leaf(Leaf::Holder).or_words("nobody").named(
    "holder",
    &["Who has it at the start, or a chance for each who may; what is left is nobody's."],
);

/// Who may have an office at the start, and with what chance each.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Claims(pub Vec<(usize, f64)>);

impl Part for Claims {
    const KEYS: &'static [Key] = &[HOLDER];

    fn read(reader: &mut Reader<'_>, table: &Table<'_>) -> Self {
        let at = table.at(&HOLDER);
        match at.node.map(|n| (n, &n.value)) {
            Some((node, Value::Table(entries))) => {
                let path = at.path();
                Self(shares(
                    reader,
                    node,
                    entries,
                    &path,
                    (Axis::Actor, "nobody"),
                ))
            }
            _ => Self::default(),
        }
    }
}

/// The actor at `holder`.
fn known_holder(reader: &mut Reader<'_>, table: &Table<'_>) -> Option<usize> {
    let at = table.at(&HOLDER);
    let node = at.node.filter(|n| !matches!(n.value, Value::Table(_)))?;
    reader.reference(node, &at.path(), Axis::Actor)
}

/// Plain shares by id, of which `left` may have its own and takes what is left.
fn shares(
    reader: &mut Reader<'_>,
    node: &Node,
    entries: &[super::tree::Entry],
    path: &str,
    (axis, left): (Axis, &str),
) -> Vec<(usize, f64)> {
    let mut shares = Vec::new();
    for e in entries.iter().filter(|e| e.key != left) {
        if let Some(of) = reader.known(&e.key_place, axis, &e.key) {
            let path = format!("{path}.{}", e.key);
            let share = reader.plain(&e.node, &path, Allowed::plain(SHARE));
            shares.push((of, share));
        }
    }
    let sum: f64 = shares.iter().map(|s| s.1).sum();
    if sum > 1.0 + 1e-9 {
        let found = format!("{path}: the shares sum to {sum}");
        let allowed = format!("at most 1; the rest is {left}");
        reader.fault(Fault::at(&node.place, found, allowed));
    }
    shares.sort_by_key(|s| s.0);
    shares
}

/// The ratio of two weights that is taken for a mistake, if one is above 1 and one below.
const TWO_UNITS: f64 = 20.0;

impl Scenario {
    /// Whether anything in it names a date of the calendar, in an expression, an action or a series. If not, a
    /// change of `clock.start` changes the dates that are shown and no round.
    #[must_use]
    pub fn names_dates(&self) -> bool {
        self.dated
    }

    /// A remark on weights of arenas of which some look like percentages and others like shares.
    #[must_use]
    pub fn weights_in_two_units(&self) -> Option<String> {
        let sum: f64 = self.arenas.iter().map(|a| a.weight).sum();
        let order = |a: &&Arena, b: &&Arena| a.weight.total_cmp(&b.weight);
        let (small, large) = (
            self.arenas.iter().min_by(order)?,
            self.arenas.iter().max_by(order)?,
        );
        let mixed =
            large.weight > 1.0 && small.weight < 1.0 && large.weight > TWO_UNITS * small.weight;
        mixed.then(|| {
            format!(
                "arenas.{} is {} beside {} = {}: weights count in proportion, so it is {:.1} % of all \
                 power; if it is a percentage, write {}",
                large.id,
                large.weight,
                small.id,
                small.weight,
                100.0 * large.weight / sum,
                large.weight / 100.0
            )
        })
    }

    /// Every prior, in the order of [`Self::numbers`].
    #[must_use]
    pub fn priors(&self) -> Vec<&Number> {
        let mut all = self.numbers();
        all.retain(|n| n.is_prior());
        all
    }

    /// Priors whose values depend on those of earlier ones, in order.
    #[must_use]
    pub fn mixtures(&self) -> Vec<Mixture> {
        correlations::mixtures(&self.correlations, &self.priors())
    }

    /// The correlation that names a number, if one does: then how others are drawn depends on whether it is drawn.
    #[must_use]
    pub fn correlation_of(&self, path: &str) -> Option<&Correlation> {
        self.correlations_of(path).next()
    }

    /// All correlations that name a number.
    pub fn correlations_of(&self, path: &str) -> impl Iterator<Item = &Correlation> {
        let all = self.correlations.iter();
        all.filter(move |c| c.of.path == path || c.with.path == path)
    }

    /// Remarks on correlations that change nothing.
    #[must_use]
    pub fn idle_correlations(&self) -> Vec<String> {
        correlations::idle(&self.correlations, &self.priors())
    }

    /// Every number, section by section.
    #[must_use]
    pub fn numbers(&self) -> Vec<&Number> {
        let mut all = Vec::new();
        self.parameters.numbers(&mut all);
        self.variables.numbers(&mut all);
        all.extend(self.dynamics.numbers());
        self.contenders.numbers(&mut all);
        self.actors.numbers(&mut all);
        self.offices.numbers(&mut all);
        self.crowds.numbers(&mut all);
        self.actions.numbers(&mut all);
        self.outcomes.numbers(&mut all);
        all
    }
}

impl Scenario {
    /// Actions that have a rally, in listed order.
    pub fn rallies(&self) -> impl Iterator<Item = (&Action, &Rally)> {
        let all = self.actions.iter();
        all.filter_map(|action| Some((action, action.rally.as_ref()?)))
    }

    /// The ids that names have as their arguments.
    #[must_use]
    pub fn ids(&self) -> Ids {
        Ids {
            contenders: self.contenders.iter().map(|c| c.id.clone()).collect(),
            stands_for: self.contenders.iter().map(|c| c.actor).collect(),
            arenas: self.arenas.iter().map(|a| a.id.clone()).collect(),
            actors: self.actors.iter().map(|a| a.id.clone()).collect(),
            offices: self.offices.iter().map(|o| o.id.clone()).collect(),
            crowds: self.crowds.iter().map(|c| c.id.clone()).collect(),
            actions: self.actions.iter().map(|a| a.id.clone()).collect(),
            rallies: self.rallies().map(|(a, _)| a.id.clone()).collect(),
            variables: self.variables.iter().map(|v| v.id.clone()).collect(),
            templates: self.templates.clone(),
        }
    }
}
