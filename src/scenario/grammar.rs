//! The language as data: which keys a table has, what each may hold, its range and default, and what it means.
//!
//! Tables are declared by `table!` (see `declare`) beside the structs that hold them. Each
//! declaration drives the reader, the overlay of files, the tables of `docs/SCENARIO.md`, the schema
//! for editors ([`super::schema`]) and the words of faults.

use super::limits;
use super::state::Axis;

/// What a place of a scenario may hold.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// A table with these keys.
    Table(&'static [Key]),
    /// A table whose keys are ids.
    Map(&'static Shape),
    /// A leaf: an overlay replaces it as a whole.
    Leaf(Leaf),
}

/// What a leaf may hold. Two numbers are the least and the greatest value allowed.
#[derive(Debug, Clone, Copy)]
pub enum Leaf {
    /// One line of text that tables read as text.
    Text,
    /// One line of text.
    Heading,
    /// Text of any length.
    Words,
    /// The path of a file.
    File,
    /// The id of an entry declared elsewhere.
    Id(Axis),
    /// A list of ids of entries declared elsewhere.
    Ids(Axis),
    /// A list of ids of any kind.
    Names,
    /// The path of a number, as in `actors.guard.loyalty.heir`.
    Path,
    /// One of a few words; the first is the default.
    Choice(&'static [&'static str]),
    /// An integer.
    Whole(u64, u64),
    /// A number of days.
    Days(u64, u64),
    /// True or false.
    Truth,
    /// A date.
    Day,
    /// A date, with or without a time, or a time after the start.
    Moment,
    /// A date, with or without a time, or a time after the start; a distribution of them; or an expression for
    /// days from the start.
    Dated,
    /// The length of a step.
    Step,
    /// A number without a distribution.
    Plain(f64, f64),
    /// A number fixed at the start of a round: plain, a distribution, or an expression.
    Initial(f64, f64),
    /// A number drawn anew each time: plain or a distribution.
    Drawn(f64, f64),
    /// A number read again at every step: plain, a distribution, or an expression.
    Live(f64, f64),
    /// A duration, or a distribution of durations, in days.
    Duration(f64, f64),
    /// A duration of whole seconds, at most so many days; without a distribution.
    Span(u64),
    /// A list of durations of whole seconds, each above 0 and at most so many days.
    Spans(u64),
    /// A condition.
    Condition,
    /// An expression, or a series of numbers by date.
    Expression,
    /// A list of effects.
    Effects,
    /// A contender, `aside`, or shares.
    Stance,
    /// An actor, or chances by actor.
    Holder,
}

/// What holds where a key is left out.
#[derive(Debug, Clone, Copy)]
pub enum Fallback {
    /// No value, or one that the words describe.
    Words(&'static str),
    /// A number; of a duration, in days.
    Number(f64),
    /// An integer.
    Whole(u64),
    /// A text, as it would be written.
    Text(&'static str),
    /// False.
    False,
    /// True.
    True,
    /// Nothing: a file that stands on its own must have the key. With an example.
    Required(&'static str),
}

/// What the command line may do with a key: `--set` gives it one value, `--over` and a column of a
/// design one at each point of a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overrides {
    /// Both.
    Any,
    /// `--set` alone: the rounds of all points are the same. With what to do instead of the rest.
    SetOnly(&'static str),
    /// Neither. With what to do instead.
    Neither(&'static str),
}

/// Why texts are not swept over.
const NO_NUMBER: &str = "it changes no number, so all points would be the same";

/// A key of a table.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// What holds where it is left out.
    pub default: Fallback,
    /// What it means: the lines of the field's doc comment.
    pub says: &'static [&'static str],
    /// A remark on its range.
    pub note: &'static str,
    /// Keys of one group exclude each other, and replace each other in an overlay.
    pub group: Option<&'static str>,
    /// Of a map.
    pub entries: Entries,
    /// What the command line may do with it.
    pub overrides: Overrides,
}

/// The entries of a map.
#[derive(Debug, Clone, Copy)]
pub struct Entries {
    /// What their ids refer to, if that is declared elsewhere.
    pub of: Option<Axis>,
    /// Least and greatest number of entries.
    pub count: (usize, usize),
    /// Ids that mean something else here, and what.
    pub taken: (&'static [&'static str], &'static str),
}

/// A range of numbers: the least and the greatest.
pub(super) type Range = (f64, f64);

/// Any number.
pub(super) const ANY: Range = at_least(-limits::SIZE);
/// 0 or more.
pub(super) const POSITIVE: Range = at_least(0.0);
/// A share, or a probability.
pub(super) const SHARE: Range = (0.0, 1.0);

/// Numbers from `least` on.
pub(super) const fn at_least(least: f64) -> Range {
    (least, limits::SIZE)
}

const fn key(shape: Shape) -> Key {
    Key {
        name: "",
        shape,
        default: Fallback::Words("none"),
        says: &[],
        note: "",
        group: None,
        entries: Entries {
            of: None,
            count: (0, usize::MAX),
            taken: (&[], ""),
        },
        overrides: match shape {
            Shape::Leaf(Leaf::Text | Leaf::Heading | Leaf::Words) => Overrides::SetOnly(NO_NUMBER),
            Shape::Leaf(Leaf::File) => Overrides::Neither("name another scenario file instead"),
            Shape::Leaf(Leaf::Names) => Overrides::Neither("it says which actions there are"),
            _ => Overrides::Any,
        },
    }
}

/// A key that holds a leaf without a range.
pub(super) const fn leaf(leaf: Leaf) -> Key {
    key(Shape::Leaf(leaf))
}

pub(super) const fn text() -> Key {
    leaf(Leaf::Text)
}

pub(super) const fn choice(words: &'static [&'static str]) -> Key {
    leaf(Leaf::Choice(words)).or_text(words[0])
}

pub(super) const fn integer(least: u64, most: u64) -> Key {
    leaf(Leaf::Whole(least, most))
}

pub(super) const fn truth() -> Key {
    let mut key = leaf(Leaf::Truth);
    key.default = Fallback::False;
    key
}

pub(super) const fn plain((least, most): Range) -> Key {
    leaf(Leaf::Plain(least, most))
}

pub(super) const fn initial((least, most): Range) -> Key {
    leaf(Leaf::Initial(least, most))
}

pub(super) const fn live((least, most): Range) -> Key {
    leaf(Leaf::Live(least, most))
}

/// A duration of whole seconds, without a distribution.
pub(super) const fn span(default: &'static str) -> Key {
    leaf(Leaf::Span(1_000_000)).or_text(default)
}

/// A list of durations of whole seconds, in ascending order.
pub(super) const fn spans() -> Key {
    leaf(Leaf::Spans(1_000_000))
}

/// A duration of at least so many days.
pub(super) const fn duration(least: f64) -> Key {
    leaf(Leaf::Duration(least, 1e6))
}

pub(super) const fn table(shape: &'static Shape) -> Key {
    key(*shape)
}

/// Entries of a shape, by ids of their own.
pub(super) const fn section(entry: &'static Shape) -> Key {
    key(Shape::Map(entry))
}

/// Initial numbers by ids declared elsewhere; 0 where left out.
pub(super) const fn numbers_by(of: Axis, numbers: &'static Shape) -> Key {
    let mut key = section(numbers).or(0.0);
    key.entries.of = Some(of);
    key
}

impl Key {
    /// The key of a field: with its name, unless it has another, and its doc comment.
    pub(super) const fn named(
        mut self,
        field: &'static str,
        says: &'static [&'static str],
    ) -> Self {
        if self.name.is_empty() {
            self.name = field;
        }
        self.says = says;
        self
    }

    /// A name other than that of the field.
    pub(super) const fn called(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    pub(super) const fn or(mut self, default: f64) -> Self {
        self.default = Fallback::Number(default);
        self
    }

    pub(super) const fn or_integer(mut self, default: u64) -> Self {
        self.default = Fallback::Whole(default);
        self
    }

    pub(super) const fn or_text(mut self, default: &'static str) -> Self {
        self.default = Fallback::Text(default);
        self
    }

    pub(super) const fn or_true(mut self) -> Self {
        self.default = Fallback::True;
        self
    }

    pub(super) const fn or_words(mut self, default: &'static str) -> Self {
        self.default = Fallback::Words(default);
        self
    }

    pub(super) const fn required(mut self, example: &'static str) -> Self {
        self.default = Fallback::Required(example);
        self
    }

    /// Says what the command line may do with it, if that does not follow from what it holds.
    pub(super) const fn overrides(mut self, overrides: Overrides) -> Self {
        self.overrides = overrides;
        self
    }

    pub(super) const fn note(mut self, note: &'static str) -> Self {
        self.note = note;
        self
    }

    pub(super) const fn group(mut self, group: &'static str) -> Self {
        self.group = Some(group);
        self
    }

    /// A map of at least and at most so many entries.
    pub(super) const fn count(mut self, least: usize, most: usize) -> Self {
        self.entries.count = (least, most);
        self
    }

    /// A map without these ids, and why.
    pub(super) const fn taken(mut self, ids: &'static [&'static str], why: &'static str) -> Self {
        self.entries.taken = (ids, why);
        self
    }

    /// Whether a file that stands on its own must have it.
    #[must_use]
    pub fn is_required(&self) -> bool {
        matches!(self.default, Fallback::Required(_))
    }

    /// An example of a key that is required.
    pub(super) fn example(&self) -> &'static str {
        match self.default {
            Fallback::Required(example) => example,
            _ => "",
        }
    }

    /// What it means, without a full stop at the end.
    #[must_use]
    pub fn meaning(&self) -> String {
        let lines: Vec<&str> = self.says.iter().map(|line| line.trim()).collect();
        lines.join(" ").trim_end_matches('.').to_owned()
    }

    /// Its default in words.
    #[must_use]
    pub fn default_words(&self) -> String {
        match (self.default, &self.shape) {
            (Fallback::Words(words), _) => words.to_owned(),
            (Fallback::Number(days), Shape::Leaf(Leaf::Duration(..))) if days != 0.0 => {
                format!("`\"{days}d\"`")
            }
            (Fallback::Number(x), _) => x.to_string(),
            (Fallback::Whole(n), _) => grouped(n),
            (Fallback::Text(text), _) => format!("`\"{text}\"`"),
            (Fallback::False, _) => "`false`".to_owned(),
            (Fallback::True, _) => "`true`".to_owned(),
            (Fallback::Required(_), _) => "required".to_owned(),
        }
    }
}

/// How many keys several lists hold.
pub(super) const fn count(parts: &[&[Key]]) -> usize {
    let (mut n, mut i) = (0, 0);
    while i < parts.len() {
        n += parts[i].len();
        i += 1;
    }
    n
}

/// Several lists of keys as one; `N` is their [`count`].
pub(super) const fn concat<const N: usize>(parts: &[&[Key]]) -> [Key; N] {
    let mut all = [text(); N];
    let (mut n, mut i) = (0, 0);
    while i < parts.len() {
        let mut j = 0;
        while j < parts[i].len() {
            all[n] = parts[i][j];
            n += 1;
            j += 1;
        }
        i += 1;
    }
    all
}

/// The keys of a number that is a table, and what each means.
pub const LAW: [(&str, &str); 15] = [
    ("low", "PERT: never below this"),
    ("mode", "PERT: the most likely value"),
    ("high", "PERT: never above this"),
    ("min", "Uniform: the smallest value"),
    ("max", "Uniform: the largest value"),
    (
        "mean",
        "Normal, truncated to the range of the key: its mean",
    ),
    (
        "sd",
        "Normal, truncated to the range of the key: its standard deviation",
    ),
    ("p05", "By quantiles: one in twenty is below this"),
    ("p50", "By quantiles: the median"),
    ("p95", "By quantiles: one in twenty is above this"),
    ("value", "Known exactly"),
    ("name", "A short name, for tables and pictures"),
    ("says", "Your remarks"),
    ("source", "Where it comes from"),
    (
        "scale",
        "What the codes of a case table mean: a text for each",
    ),
];

/// The keys of a number that is a table which do not change it.
pub const REMARKS: [&str; 4] = ["name", "says", "source", "scale"];

/// The kinds of such a number: each the keys of one.
pub(super) const LAWS: [&[&str]; 5] = [
    &["low", "mode", "high"],
    &["min", "max"],
    &["mean", "sd"],
    &["p05", "p50", "p95"],
    &["value"],
];

/// A key that an earlier version of kzsim had.
pub(super) struct Removed {
    pub(super) key: &'static str,
    /// The version without it.
    pub(super) since: &'static str,
    /// What to do instead.
    pub(super) instead: &'static str,
}

/// Every key that a released version had and this one does not have.
pub(super) const REMOVED: &[Removed] = &[Removed {
    key: "decide_from",
    since: "0.2.0",
    instead: "delete it: what did not move a mover before the start does not move him now; `past` in [clock] and \
              `weighed` in `decide` say how much that was",
}];

/// Ids that no entry can have.
pub const RESERVED: [&str; 12] = [
    "aside", "nobody", "none", "null", "na", "nan", "max", "mean", "felt", "and", "or", "not",
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

impl Shape {
    /// The shape of a key of this one.
    #[must_use]
    pub fn below(&self, name: &str) -> Option<&Shape> {
        match self {
            Self::Table(keys) => keys.iter().find(|k| k.name == name).map(|k| &k.shape),
            Self::Map(shape) => Some(shape),
            Self::Leaf(_) => None,
        }
    }

    /// The key that a path leads to, or into: of `actors.knb.loyalty.tokayev` it is `loyalty`. None
    /// where there is no such key.
    #[must_use]
    pub fn key(&self, path: &[&str]) -> Option<&'static Key> {
        let Self::Table(keys) = self else {
            return None;
        };
        let (first, mut rest) = path.split_first()?;
        let key = keys.iter().find(|k| k.name == *first)?;
        let mut shape = key.shape;
        while let (Self::Map(below), [_, more @ ..]) = (shape, rest) {
            shape = *below;
            rest = more;
        }
        match (shape, rest) {
            (Self::Table(_), [_, ..]) => shape.key(rest),
            _ => Some(key),
        }
    }

    /// The other keys that a key excludes, and replaces in an overlay.
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
            Self::Text | Self::Heading | Self::Words | Self::File => "text".to_owned(),
            Self::Id(of) => of.kind().to_owned(),
            Self::Names => "list of ids".to_owned(),
            Self::Path => "path of a prior".to_owned(),
            Self::Ids(of) => format!("list of {}s", of.kind()),
            Self::Choice(words) => alternatives(words),
            Self::Whole(..) | Self::Days(..) => "whole number".to_owned(),
            Self::Truth => "`true` or `false`".to_owned(),
            Self::Day => "date".to_owned(),
            Self::Moment => "date, with or without a time; or a time after the start".to_owned(),
            Self::Dated => {
                "date, with or without a time; a time after the start; or a distribution of them"
                    .to_owned()
            }
            Self::Step | Self::Duration(..) => "duration".to_owned(),
            Self::Span(_) => "fixed duration".to_owned(),
            Self::Spans(_) => "list of fixed durations".to_owned(),
            Self::Plain(..) => "plain number".to_owned(),
            Self::Drawn(..) => "plain number or distribution".to_owned(),
            Self::Initial(..) => "initial number".to_owned(),
            Self::Live(..) => "live number".to_owned(),
            Self::Condition => "condition".to_owned(),
            Self::Expression => "expression, or numbers by date".to_owned(),
            Self::Effects => "list of effects".to_owned(),
            Self::Holder => "actor, or chances by actor".to_owned(),
            Self::Stance => "contender, `\"aside\"` or shares".to_owned(),
        }
    }

    /// Its range, in the words of `docs/SCENARIO.md`.
    #[must_use]
    pub fn range(&self) -> String {
        match *self {
            Self::Whole(least, most) if least == most => least.to_string(),
            Self::Whole(least, most) | Self::Days(least, most) => {
                format!("{} to {}", grouped(least), grouped(most))
            }
            Self::Plain(least, most)
            | Self::Drawn(least, most)
            | Self::Initial(least, most)
            | Self::Live(least, most) => range(least, most),
            Self::Duration(least, most) => format!("{least} to {} days", grouped(most as u64)),
            Self::Span(most) => format!("0 to {} days", grouped(most)),
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
                let of = self.entries.of.map_or("id", Axis::kind);
                (format!("{} by {of}", leaf.kind()), leaf.range())
            }
            _ => ("table".to_owned(), String::new()),
        };
        let range = match (range.as_str(), self.note) {
            ("", note) => note.to_owned(),
            (_, "") => range,
            (range, note) => format!("{range}; {note}"),
        };
        [kind, self.default_words(), range, self.meaning()]
    }
}
