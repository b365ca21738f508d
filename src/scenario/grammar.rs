//! The language as data: which keys a table has, what each holds, and what it means.
//!
//! The reader takes its key names from here, laying over follows these shapes leaf by leaf, and
//! unknown keys are named from here.

/// What stands at a place of a scenario.
#[derive(Debug)]
pub enum Shape {
    /// A table with these keys.
    Table(&'static [Key]),
    /// A table whose keys are the analyst's own ids.
    Map(&'static Shape),
    /// One leaf: replaced whole by a file that lays over.
    Leaf(&'static str),
}

/// A key of a table.
#[derive(Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// What it means.
    pub says: &'static str,
    /// Keys of one group replace each other when a file lays over.
    pub group: Option<&'static str>,
}

const fn key(name: &'static str, shape: Shape, says: &'static str) -> Key {
    Key {
        name,
        shape,
        says,
        group: None,
    }
}

const fn way(name: &'static str, holds: &'static str, says: &'static str) -> Key {
    Key {
        name,
        shape: Shape::Leaf(holds),
        says,
        group: Some("rate, chance, at, decide"),
    }
}

const NUMBER: Shape = Shape::Leaf("number");
const LIVE: Shape = Shape::Leaf("number, or expression over the state");
const EXPRESSION: Shape = Shape::Leaf("expression");
const TEXT: Shape = Shape::Leaf("text");
const DURATION: Shape = Shape::Leaf("duration");
const SAYS: Key = key("says", TEXT, "the analyst's words");
const SOURCE: Key = key("source", TEXT, "where it is from");
const NAME: Key = key("name", TEXT, "display name");

/// The keys of a table that is a number.
pub const NUMBER_KEYS: [&str; 10] = [
    "low", "mode", "high", "min", "max", "mean", "sd", "value", "says", "source",
];

const CONTENDER: Shape = Shape::Table(&[
    NAME,
    key(
        "momentum",
        LIVE,
        "added to support where prospects are judged (0)",
    ),
    SAYS,
    SOURCE,
]);

const ACTOR: Shape = Shape::Table(&[
    NAME,
    key(
        "kind",
        TEXT,
        "\"person\" takes one stance whole, \"body\" may split (person)",
    ),
    key("power", Shape::Map(&NUMBER), "power by arena, 0 or more"),
    key(
        "loyalty",
        Shape::Map(&NUMBER),
        "private attachment by contender, in [0, 1]",
    ),
    key(
        "opportunism",
        NUMBER,
        "0: private loyalty alone, 1: the expected winner alone (0.5)",
    ),
    key("caution", LIVE, "pull towards standing aside (0.5)"),
    key(
        "stance",
        Shape::Leaf("contender, \"aside\" or shares"),
        "side shown at the start (aside)",
    ),
    key(
        "present",
        NUMBER,
        "whether there at the start, in [0, 1] (1)",
    ),
    SAYS,
    SOURCE,
]);

const OFFICE: Shape = Shape::Table(&[
    NAME,
    key(
        "holder",
        TEXT,
        "the actor who holds it at the start (nobody)",
    ),
    key(
        "authority",
        Shape::Map(&NUMBER),
        "weight of the holder's stance with each actor",
    ),
    SAYS,
    SOURCE,
]);

const CROWD: Shape = Shape::Table(&[
    NAME,
    key("weight", NUMBER, "its part in means over crowds (1)"),
    key("grievance", NUMBER, "anger at the start (0)"),
    key(
        "threshold_mean",
        NUMBER,
        "grievance at which half would be in the street (1)",
    ),
    key("threshold_sd", NUMBER, "spread of thresholds (0.25)"),
    key("contagion", NUMBER, "how much a full street emboldens (0)"),
    key(
        "spillover",
        NUMBER,
        "how much of the largest other crowd is seen (0)",
    ),
    key(
        "repression",
        LIVE,
        "what keeps people at home, in units of grievance (0)",
    ),
    SAYS,
    SOURCE,
]);

const ACTION: Shape = Shape::Table(&[
    NAME,
    key("by", TEXT, "the actor who decides it (nobody: it happens)"),
    key("when", EXPRESSION, "condition (always)"),
    way(
        "rate",
        "number, or expression over the state",
        "happenings per day while `when` holds",
    ),
    way(
        "chance",
        "number, or expression over the state",
        "one draw when `when` first holds",
    ),
    way("at", "date", "a date"),
    way(
        "decide",
        "table of pace, win, prize, price, wait",
        "a considered move",
    ),
    key("delay", DURATION, "from decision to effects"),
    key(
        "limit",
        Shape::Leaf("whole number"),
        "most decisions in a round (1); 0 switches it off",
    ),
    key(
        "success",
        LIVE,
        "chance that it succeeds when it happens (1)",
    ),
    key("effects", Shape::Leaf("array of effects"), "what it does"),
    key(
        "failure",
        Shape::Leaf("array of effects"),
        "what it does when it fails",
    ),
    SAYS,
    SOURCE,
]);

const OUTCOME: Shape = Shape::Table(&[
    NAME,
    key("when", EXPRESSION, "condition"),
    key("hold", DURATION, "how long it must have held (0)"),
    key(
        "at_end",
        Shape::Leaf("true or false"),
        "read at the horizon alone (false)",
    ),
    key(
        "otherwise",
        Shape::Leaf("true or false"),
        "when nothing else applies (false)",
    ),
    SAYS,
    SOURCE,
]);

const FLAG: Shape = Shape::Table(&[
    NAME,
    key("when", EXPRESSION, "true once it has held"),
    SAYS,
    SOURCE,
]);

/// The keys of `decide`.
pub const DECIDE_KEYS: [&str; 5] = ["pace", "win", "prize", "price", "wait"];

/// A scenario file.
pub static SCENARIO: Shape = Shape::Table(&[
    key(
        "schema",
        Shape::Leaf("whole number"),
        "version of this language: 1, first of all",
    ),
    key(
        "extends",
        TEXT,
        "a file that this one lays over, relative to this one's folder",
    ),
    key("title", TEXT, "free text"),
    key(
        "rounds",
        Shape::Leaf("whole number"),
        "default number of rounds (100_000)",
    ),
    key("seed", Shape::Leaf("whole number"), "default seed (1)"),
    SAYS,
    SOURCE,
    key(
        "contenders",
        Shape::Map(&CONTENDER),
        "who can end up holding power, in order",
    ),
    key(
        "clock",
        Shape::Table(&[
            key("start", Shape::Leaf("date"), "first day"),
            key("days", Shape::Leaf("whole number"), "horizon"),
            key("step", DURATION, "one tick (6h)"),
        ]),
        "the clock",
    ),
    key(
        "arenas",
        Shape::Map(&NUMBER),
        "kinds of power, and how much each counts",
    ),
    key(
        "parameters",
        Shape::Map(&NUMBER),
        "named priors that expressions may use",
    ),
    key(
        "variables",
        Shape::Map(&NUMBER),
        "state of the scenario's own",
    ),
    key("formulas", Shape::Map(&EXPRESSION), "named expressions"),
    key(
        "dynamics",
        Shape::Map(&LIVE),
        "general coefficients and structural switches",
    ),
    key("actors", Shape::Map(&ACTOR), "agents"),
    key("offices", Shape::Map(&OFFICE), "transferable positions"),
    key(
        "crowds",
        Shape::Map(&CROWD),
        "the politically available people of a region",
    ),
    key(
        "actions",
        Shape::Map(&ACTION),
        "what may be done, or may happen",
    ),
    key(
        "outcomes",
        Shape::Map(&OUTCOME),
        "exclusive labels of a round",
    ),
    key("flags", Shape::Map(&FLAG), "facts about a round"),
]);

/// An observation of an evidence file.
pub static OBSERVATION: Shape = Shape::Table(&[
    NAME,
    key(
        "on",
        Shape::Leaf("date"),
        "when: a date means its end, a date with a time that moment",
    ),
    key(
        "when",
        EXPRESSION,
        "what was reported, as the state would show it",
    ),
    key(
        "reliability",
        Shape::Leaf("number"),
        "probability that what was reported is what was, in [0.5, 1]",
    ),
    key(
        "group",
        TEXT,
        "observations of one group share a source and count as one report",
    ),
    key(
        "unknown",
        Shape::Leaf("true or false"),
        "declared, but not observed yet (false)",
    ),
    SAYS,
    SOURCE,
]);

/// An evidence file.
pub static EVIDENCE: Shape = Shape::Table(&[
    key(
        "schema",
        Shape::Leaf("whole number"),
        "version of this language: 1, first of all",
    ),
    key("title", TEXT, "free text"),
    SAYS,
    SOURCE,
    key(
        "observations",
        Shape::Map(&OBSERVATION),
        "dated facts, by id",
    ),
]);

impl Shape {
    /// What stands at a key below this shape.
    #[must_use]
    pub fn below(&self, name: &str) -> Option<&Shape> {
        match self {
            Self::Table(keys) => keys.iter().find(|k| k.name == name).map(|k| &k.shape),
            Self::Map(shape) => Some(shape),
            Self::Leaf(_) => None,
        }
    }

    /// The other keys that a key replaces when a file lays over.
    #[must_use]
    pub fn rivals(&self, name: &str) -> Vec<&'static str> {
        let Self::Table(keys) = self else {
            return Vec::new();
        };
        let group = keys.iter().find(|k| k.name == name).and_then(|k| k.group);
        if group.is_none() {
            return Vec::new();
        }
        keys.iter()
            .filter(|k| k.group == group && k.name != name)
            .map(|k| k.name)
            .collect()
    }
}
