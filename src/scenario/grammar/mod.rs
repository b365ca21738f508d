//! The language as data: which keys a table has, what each holds, and what it means.
//!
//! This is the one source of the names of keys, of what a file that lays over replaces, of the
//! tables of `docs/SCENARIO.md`, and of the schema that editors read (`scenario::schema`).

mod tables;

pub use tables::{DECIDE, EVIDENCE, LAW, OBSERVATION, SCENARIO};

use super::model::limits;

/// What stands at a place of a scenario.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// A table with these keys.
    Table(&'static [Key]),
    /// A table whose keys are ids.
    Map(&'static Shape),
    /// One leaf: replaced whole by a file that lays over.
    Leaf(Leaf),
}

/// What may be written at a leaf. Two numbers are the least and the largest that are allowed.
#[derive(Debug, Clone, Copy)]
pub enum Leaf {
    /// One line of text.
    Text,
    /// Text of any length.
    Words,
    /// The path of a file.
    File,
    /// The id of an entry of some kind, such as an actor.
    Id(&'static str),
    /// One of a few words, the default first.
    Choice(&'static [&'static str]),
    /// A whole number.
    Whole(u64, u64),
    /// True or false.
    Truth,
    /// A day.
    Day,
    /// A day, or a moment of one.
    Moment,
    /// The length of a step.
    Step,
    /// A number without a law.
    Plain(f64, f64),
    /// A number that is fixed when a round begins: plain, a law, or an expression.
    Initial(f64, f64),
    /// A number that is read again at every step: plain, a law, or an expression.
    Live(f64, f64),
    /// A duration or a law of durations, in days.
    Duration(f64, f64),
    /// A condition.
    Condition,
    /// An expression.
    Expression,
    /// Effects.
    Effects,
    /// A contender, `aside`, or shares.
    Stance,
    /// A table that is replaced whole.
    Record(&'static [Key]),
}

/// A key of a table.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// What holds if it is left out, in the words of `docs/SCENARIO.md`.
    pub default: &'static str,
    /// What it means.
    pub says: &'static str,
    /// What else is to be said of its range.
    pub note: &'static str,
    /// Whether a file that stands on its own must have it.
    pub needed: bool,
    /// Keys of one group replace each other when a file lays over, and exclude each other in one
    /// file.
    pub group: Option<&'static str>,
    /// Of a map: what its ids name, the most entries, and the ids that are taken.
    pub ids: Ids,
}

/// The ids of a map.
#[derive(Debug, Clone, Copy)]
pub struct Ids {
    /// What they name, when that is declared elsewhere.
    pub of: &'static str,
    /// The most entries.
    pub most: usize,
    /// Ids that would be mistaken for something else here.
    pub taken: &'static [&'static str],
}

/// Ids that cannot be used anywhere.
pub const RESERVED: [&str; 11] = [
    "aside", "nobody", "none", "null", "na", "nan", "max", "mean", "and", "or", "not",
];

/// The longest id.
pub const LONGEST_ID: usize = 64;

/// Whether a text has the form of an id.
#[must_use]
pub fn is_formed(id: &str) -> bool {
    let mut letters = id.bytes();
    letters.next().is_some_and(|b| b.is_ascii_lowercase())
        && letters.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && id.len() <= LONGEST_ID
}

/// Names of keys.
pub fn names(keys: &'static [Key]) -> impl Iterator<Item = &'static str> + Clone {
    keys.iter().map(|k| k.name)
}

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

/// Words as code, with "or" between them.
fn alternatives(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|w| format!("`\"{w}\"`")).collect();
    quoted.join(" or ")
}

/// A whole number with a comma at each thousand.
#[must_use]
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, d) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(d);
    }
    out
}

/// A range in words.
fn range(least: f64, most: f64) -> String {
    if least <= -limits::SIZE && most >= limits::SIZE {
        "any".to_owned()
    } else if most >= limits::SIZE {
        format!("{least} or more")
    } else {
        format!("[{least}, {most}]")
    }
}

impl Leaf {
    /// What it is, in the words of `docs/SCENARIO.md`.
    #[must_use]
    pub fn kind(&self) -> String {
        match self {
            Self::Text | Self::Words | Self::File => "text".to_owned(),
            Self::Id(of) => (*of).to_owned(),
            Self::Choice(words) => alternatives(words),
            Self::Whole(..) => "whole number".to_owned(),
            Self::Truth => "`true` or `false`".to_owned(),
            Self::Day => "date".to_owned(),
            Self::Moment => "date, with or without a time".to_owned(),
            Self::Step | Self::Duration(..) => "duration".to_owned(),
            Self::Plain(..) => "plain number".to_owned(),
            Self::Initial(..) => "initial number".to_owned(),
            Self::Live(..) => "live number".to_owned(),
            Self::Condition => "condition".to_owned(),
            Self::Expression => "expression".to_owned(),
            Self::Effects => "list of effects".to_owned(),
            Self::Stance => "contender, `\"aside\"` or shares".to_owned(),
            Self::Record(_) => "table".to_owned(),
        }
    }

    /// Its range, in the words of `docs/SCENARIO.md`.
    #[must_use]
    pub fn range(&self) -> String {
        match *self {
            Self::Whole(least, most) if least == most => least.to_string(),
            Self::Whole(least, most) => format!("{} to {}", grouped(least), grouped(most)),
            Self::Plain(least, most) | Self::Initial(least, most) | Self::Live(least, most) => {
                range(least, most)
            }
            Self::Duration(least, most) => format!("{least} to {} days", grouped(most as u64)),
            _ => String::new(),
        }
    }
}

impl Key {
    /// The cells of its row in `docs/SCENARIO.md`: kind, default, range and meaning.
    #[must_use]
    pub fn cells(&self) -> [String; 4] {
        let (kind, range) = match &self.shape {
            Shape::Leaf(leaf) => (leaf.kind(), leaf.range()),
            Shape::Map(Shape::Leaf(leaf)) => {
                (format!("{} by {}", leaf.kind(), self.ids.of), leaf.range())
            }
            _ => ("table".to_owned(), String::new()),
        };
        let range = match (range.as_str(), self.note) {
            ("", note) => note.to_owned(),
            (_, "") => range,
            (range, note) => format!("{range}; {note}"),
        };
        [kind, self.default.to_owned(), range, self.says.to_owned()]
    }
}
