//! The tables of the language: every key there is.

use super::super::dynamics::Dynamics;
use super::super::model::limits;
use super::super::state::HEADS;
use super::{Ids, Key, Leaf, Shape};

const fn key(name: &'static str, shape: Shape, default: &'static str, says: &'static str) -> Key {
    Key {
        name,
        shape,
        default,
        says,
        note: "",
        needed: false,
        group: None,
        ids: Ids {
            of: "",
            most: usize::MAX,
            taken: &[],
        },
    }
}

impl Key {
    const fn needed(mut self) -> Self {
        self.needed = true;
        self
    }

    const fn note(mut self, note: &'static str) -> Self {
        self.note = note;
        self
    }

    const fn way(mut self) -> Self {
        self.group = Some("rate, chance, at, decide");
        self
    }

    /// A map by ids that are declared elsewhere.
    const fn by(mut self, of: &'static str) -> Self {
        self.ids.of = of;
        self
    }

    /// A map of at most so many entries.
    const fn most(mut self, most: usize) -> Self {
        self.ids.most = most;
        self
    }

    const fn taken(mut self, taken: &'static [&'static str]) -> Self {
        self.ids.taken = taken;
        self
    }
}

const MUST: &str = "must be there";

const TEXT: Shape = Shape::Leaf(Leaf::Text);
const TRUTH: Shape = Shape::Leaf(Leaf::Truth);
const CONDITION: Shape = Shape::Leaf(Leaf::Condition);
const EXPRESSION: Shape = Shape::Leaf(Leaf::Expression);
const EFFECTS: Shape = Shape::Leaf(Leaf::Effects);
const MOMENT: Shape = Shape::Leaf(Leaf::Moment);
const DURATION: Shape = Shape::Leaf(Leaf::Duration(0.0, 1e6));
const ANY: Shape = Shape::Leaf(Leaf::Initial(-limits::SIZE, limits::SIZE));
const SHARE: Shape = Shape::Leaf(Leaf::Initial(0.0, 1.0));
const POSITIVE: Shape = Shape::Leaf(Leaf::Initial(0.0, limits::SIZE));
const LIVE: Shape = Shape::Leaf(Leaf::Live(-limits::SIZE, limits::SIZE));

const fn at_least(least: f64) -> Shape {
    Shape::Leaf(Leaf::Initial(least, limits::SIZE))
}

const SAYS: Key = key("says", Shape::Leaf(Leaf::Words), "none", "your words");
const SOURCE: Key = key(
    "source",
    Shape::Leaf(Leaf::Words),
    "none",
    "where it is from",
);
const NAME: Key = key("name", TEXT, "the id", "display name");

/// The keys of a table that is a number, and what each of them means.
pub const LAW: [(&str, &str); 10] = [
    ("low", "PERT: never below this"),
    ("mode", "PERT: the most likely value"),
    ("high", "PERT: never above this"),
    ("min", "uniform: the smallest value"),
    ("max", "uniform: the largest value"),
    (
        "mean",
        "normal, cut off at the range of the key: its middle",
    ),
    (
        "sd",
        "normal, cut off at the range of the key: its standard deviation",
    ),
    ("value", "known exactly"),
    ("says", "your words"),
    ("source", "where it is from"),
];

const CONTENDER: Shape = Shape::Table(&[
    key(
        "name",
        TEXT,
        "the actor's name, else the id",
        "display name",
    ),
    key(
        "momentum",
        LIVE,
        "0",
        "added to support where prospects are judged",
    ),
    SAYS,
    SOURCE,
]);

const CLOCK: Shape = Shape::Table(&[
    key("start", Shape::Leaf(Leaf::Day), MUST, "first day")
        .note("a date without a time")
        .needed(),
    key(
        "days",
        Shape::Leaf(Leaf::Whole(1, 1_000_000)),
        MUST,
        "how many days a round lasts at most",
    )
    .needed(),
    key("step", Shape::Leaf(Leaf::Step), "`\"6h\"`", "one tick")
        .note("divides a day, or whole days"),
]);

const ACTOR: Shape = Shape::Table(&[
    NAME,
    key(
        "kind",
        Shape::Leaf(Leaf::Choice(&["person", "body"])),
        "`\"person\"`",
        "a person takes one stance whole; a body may split",
    ),
    key(
        "power",
        Shape::Map(&POSITIVE),
        "0",
        "how much of each arena he commands",
    )
    .by("arena"),
    key("loyalty", Shape::Map(&SHARE), "0", "private attachment").by("contender"),
    key(
        "opportunism",
        SHARE,
        "0.5",
        "0: follows private loyalty alone; 1: follows the expected winner alone",
    ),
    key("caution", LIVE, "0.5", "pull towards standing aside"),
    key(
        "stance",
        Shape::Leaf(Leaf::Stance),
        "`\"aside\"`",
        "the side shown at the start",
    ),
    key("present", SHARE, "1", "whether he is there at the start"),
    SAYS,
    SOURCE,
]);

const OFFICE: Shape = Shape::Table(&[
    NAME,
    key(
        "holder",
        Shape::Leaf(Leaf::Id("actor")),
        "nobody",
        "who has it at the start",
    ),
    key(
        "authority",
        Shape::Map(&ANY),
        "0",
        "how strongly the holder's stance pulls each actor",
    )
    .by("actor"),
    SAYS,
    SOURCE,
]);

const CROWD: Shape = Shape::Table(&[
    NAME,
    key("weight", at_least(1e-6), "1", "its part in `.mean`"),
    key("grievance", ANY, "0", "anger at the start"),
    key(
        "threshold_mean",
        ANY,
        "1",
        "grievance at which half of the crowd would be in the street",
    ),
    key(
        "threshold_sd",
        at_least(1e-3),
        "0.25",
        "how far people differ in that",
    ),
    key(
        "contagion",
        ANY,
        "0",
        "how much a full street emboldens those at home",
    ),
    key(
        "spillover",
        POSITIVE,
        "0",
        "how much of the largest other crowd is seen",
    ),
    key(
        "repression",
        LIVE,
        "0",
        "what keeps people at home, in units of grievance",
    ),
    SAYS,
    SOURCE,
]);

/// The keys of `decide`.
pub static DECIDE: &[Key] = &[
    key(
        "pace",
        LIVE,
        MUST,
        "moves per day of somebody who is certain",
    )
    .needed(),
    key("win", LIVE, MUST, "his chance of winning, as he sees it").needed(),
    key("prize", LIVE, MUST, "what winning is worth to him").needed(),
    key("price", LIVE, "0", "what losing costs him"),
    key("wait", LIVE, "0", "what doing nothing is worth to him"),
];

const ACTION: Shape = Shape::Table(&[
    NAME,
    key(
        "by",
        Shape::Leaf(Leaf::Id("actor")),
        "nobody",
        "who decides it; while he is absent it cannot be decided",
    ),
    key(
        "when",
        CONDITION,
        "always",
        "while it holds the action can come about",
    ),
    key(
        "rate",
        LIVE,
        "one of these four must be there",
        "times per day",
    )
    .note("below 0 counts as 0")
    .way(),
    key("chance", LIVE, "", "one draw when `when` first holds")
        .note("read as a probability")
        .way(),
    key("at", MOMENT, "", "a date")
        .note("the start or later")
        .way(),
    key(
        "decide",
        Shape::Leaf(Leaf::Record(DECIDE)),
        "",
        "a considered move",
    )
    .way(),
    key(
        "delay",
        DURATION,
        "none",
        "from the decision to the effects",
    ),
    key(
        "limit",
        Shape::Leaf(Leaf::Whole(0, limits::HAPPENINGS as u64)),
        "1",
        "most decisions in a round; 0 switches the action off",
    )
    .note("0 to 1 with `chance` and `at`"),
    key(
        "success",
        LIVE,
        "always succeeds",
        "read when the action takes effect; one draw",
    )
    .note("read as a probability"),
    key("effects", EFFECTS, "none", "what it does"),
    key(
        "failure",
        EFFECTS,
        "none",
        "what it does when it fails; needs `success`",
    ),
    SAYS,
    SOURCE,
]);

const OUTCOME: Shape = Shape::Table(&[
    NAME,
    key(
        "when",
        CONDITION,
        "must be there, but for `otherwise`",
        "when it applies",
    ),
    key(
        "hold",
        DURATION,
        "0",
        "how long `when` must have held without a break",
    ),
    key("at_end", TRUTH, "`false`", "read at the horizon alone"),
    key(
        "otherwise",
        TRUTH,
        "`false`",
        "applies when nothing else does; exactly one outcome has it",
    ),
    SAYS,
    SOURCE,
]);

const FLAG: Shape = Shape::Table(&[
    NAME,
    key("when", CONDITION, MUST, "set once it has held").needed(),
    SAYS,
    SOURCE,
]);

const SWITCHES: [Key; 3] = [
    key(
        "decide_from",
        Shape::Leaf(Leaf::Choice(&["start", "zero"])),
        "`\"start\"`",
        "whether a mover counts what the inclination has gained since the start, or all of it",
    ),
    key(
        "choice",
        Shape::Leaf(Leaf::Choice(&["logit", "best_reply"])),
        "`\"logit\"`",
        "whether the better side is taken with a probability, or always",
    ),
    key(
        "thresholds",
        Shape::Leaf(Leaf::Choice(&["normal", "logistic"])),
        "`\"normal\"`",
        "the law of thresholds in a crowd; the second has heavier tails",
    ),
];

const COEFFICIENTS: usize = Dynamics::KEYS.len();

/// The coefficients, as [`Dynamics::KEYS`] has them, and the switches.
static DYNAMICS: [Key; COEFFICIENTS + SWITCHES.len()] = {
    let mut keys = [SWITCHES[0]; COEFFICIENTS + SWITCHES.len()];
    let mut i = 0;
    while i < keys.len() {
        keys[i] = if i < COEFFICIENTS {
            let c = Dynamics::KEYS[i];
            let shape = if c.duration {
                Leaf::Duration(c.least, c.most)
            } else {
                Leaf::Live(c.least, c.most)
            };
            key(c.name, Shape::Leaf(shape), c.shown, c.says)
        } else {
            SWITCHES[i - COEFFICIENTS]
        };
        i += 1;
    }
    keys
};

const SCHEMA: Key = key(
    "schema",
    Shape::Leaf(Leaf::Whole(1, 1)),
    MUST,
    "version of this language; the first line of every file",
)
.needed();

const TITLE: Key = key("title", TEXT, "the file's name", "heading of the results").note("one line");

/// A scenario file.
pub static SCENARIO: Shape = Shape::Table(&[
    SCHEMA,
    key(
        "extends",
        Shape::Leaf(Leaf::File),
        "none",
        "a file that this one [lays over](#laying-over), relative to this one's folder",
    ),
    TITLE,
    key(
        "rounds",
        Shape::Leaf(Leaf::Whole(1, limits::ROUNDS)),
        "100,000",
        "rounds of `kzsim run`",
    ),
    key(
        "seed",
        Shape::Leaf(Leaf::Whole(0, limits::SEED)),
        "1",
        "where the draws start; the same seed gives the same rounds",
    ),
    SAYS,
    SOURCE,
    key(
        "contenders",
        Shape::Map(&CONTENDER),
        MUST,
        "who can end up holding power, in order; at least two",
    )
    .most(limits::CONTENDERS)
    .needed(),
    key(
        "clock",
        CLOCK,
        MUST,
        "when a round begins, how long it lasts, and in what steps",
    )
    .needed(),
    key(
        "arenas",
        Shape::Map(&Shape::Leaf(Leaf::Plain(0.0, limits::SIZE))),
        MUST,
        "kinds of power with their weights, plain numbers above 0",
    )
    .most(limits::ARENAS)
    .needed(),
    key(
        "parameters",
        Shape::Map(&ANY),
        "none",
        "numbers with names, kept for the whole round",
    )
    .most(limits::MANY)
    .taken(&HEADS),
    key(
        "variables",
        Shape::Map(&ANY),
        "none",
        "numbers of your own that effects can change",
    )
    .most(limits::MANY)
    .taken(&HEADS),
    key(
        "formulas",
        Shape::Map(&EXPRESSION),
        "none",
        "expressions with names",
    )
    .most(limits::MANY)
    .taken(&HEADS),
    key(
        "dynamics",
        Shape::Table(&DYNAMICS),
        "none",
        "the coefficients of the model",
    ),
    key(
        "actors",
        Shape::Map(&ACTOR),
        MUST,
        "who has power, and to whom each is loyal",
    )
    .most(limits::ACTORS)
    .needed(),
    key(
        "offices",
        Shape::Map(&OFFICE),
        "none",
        "transferable positions",
    )
    .most(limits::FEW),
    key(
        "crowds",
        Shape::Map(&CROWD),
        "none",
        "the politically available people of a region",
    )
    .most(limits::FEW),
    key(
        "actions",
        Shape::Map(&ACTION),
        "none",
        "what may be done, or may happen",
    )
    .most(limits::ACTIONS),
    key(
        "outcomes",
        Shape::Map(&OUTCOME),
        MUST,
        "how a round may end, in order",
    )
    .most(limits::FEW)
    .needed(),
    key("flags", Shape::Map(&FLAG), "none", "facts about a round")
        .most(limits::FEW)
        .taken(&["scenario", "round", "outcome", "day"]),
]);

/// An observation of an evidence file.
pub static OBSERVATION: Shape = Shape::Table(&[
    NAME,
    key(
        "on",
        MOMENT,
        MUST,
        "the moment at which the state is read: a date means its end, a date with a time that \
         moment. The state is that of the first step over by then",
    )
    .needed(),
    key(
        "when",
        CONDITION,
        MUST,
        "what was reported, as the state would show it. All names of the scenario may be used",
    )
    .needed(),
    key(
        "reliability",
        Shape::Leaf(Leaf::Plain(0.5, 1.0)),
        MUST,
        "the probability that what was reported is what was. At 0.5 a report says nothing, at 1 no \
         round without it can match",
    )
    .needed(),
    key(
        "group",
        TEXT,
        "none",
        "observations of one group share a source. They count as one report, which is right when \
         all of them are true. Their reliability is the same",
    ),
    key(
        "unknown",
        TRUTH,
        "`false`",
        "declared, but not observed yet: not weighed, but told how much it would help",
    ),
    SAYS,
    SOURCE,
]);

/// An evidence file.
pub static EVIDENCE: Shape = Shape::Table(&[
    SCHEMA,
    TITLE,
    SAYS,
    SOURCE,
    key(
        "observations",
        Shape::Map(&OBSERVATION),
        MUST,
        "dated facts, by id",
    )
    .most(limits::OBSERVATIONS)
    .needed(),
]);
