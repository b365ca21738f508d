//! How a table of the language is declared: once, as the struct that holds it.
//!
//! Each field that is a key says what it may hold and what holds where it is left out; its doc
//! comment is what the documents and the schema say of it. The macros make from that the grammar
//! ([`Key`]), the reader, and the list of numbers.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime, Time};

use super::effect::{Change, Effect};
use super::expression::Expression;
use super::fault::Fault;
use super::grammar::{Fallback, Key, Leaf, Shape};
use super::limits;
use super::meant::{Want, in_quotes, truth, unquoted};
use super::number::{Allowed, Number, Remarks, span_text, step_seconds, whole_seconds};
use super::read::{At, Reader, Table};
use super::tree::{Node, UNREAD, Value};
use crate::internal::internal_error;

/// A value that a key can hold.
pub(super) trait Held: Sized {
    /// Reads it, or takes its default.
    fn read(reader: &mut Reader<'_>, at: &At<'_>) -> Self;

    /// Adds its numbers.
    fn numbers<'a>(&'a self, _: &mut Vec<&'a Number>) {}
}

/// A value that several keys of a table, or none, make up.
pub(super) trait Part: Sized {
    const KEYS: &'static [Key];

    fn read(reader: &mut Reader<'_>, table: &Table<'_>) -> Self;

    /// Adds its numbers.
    fn numbers<'a>(&'a self, _: &mut Vec<&'a Number>) {}
}

/// An entry of a section.
pub(super) trait Entry: Sized {
    const SHAPE: &'static Shape;

    fn read(reader: &mut Reader<'_>, table: &Table<'_>) -> Self;

    /// Adds its numbers.
    fn numbers<'a>(&'a self, out: &mut Vec<&'a Number>);
}

/// Declares a struct that a table of the language is read into. A field is
///
/// - a key: `field: Type = what it may hold`, see `grammar`;
/// - made up of several keys: `field: Type`, which is a [`Part`];
/// - computed: `field: Type => function of the reader and the table`.
///
/// Keys in brackets after the name belong to the table and to no field. After `check` comes a
/// method that checks keys against each other.
macro_rules! table {
    (@keys [$($doc:literal)+] $field:ident: $type:ty = $key:expr) => {
        &[$key.named(stringify!($field), &[$($doc),+])]
    };
    (@keys [$($doc:literal)+] $field:ident: $type:ty => $read:expr) => { &[] };
    (@keys [$($doc:literal)+] $field:ident: $type:ty) => { <$type as $crate::scenario::declare::Part>::KEYS };
    (@read $reader:ident $table:ident [$($doc:literal)+] $field:ident: $type:ty = $key:expr) => {{
        static KEY: $crate::scenario::grammar::Key = $key.named(stringify!($field), &[$($doc),+]);
        <$type as $crate::scenario::declare::Held>::read($reader, &$table.at(&KEY))
    }};
    (@read $reader:ident $table:ident [$($doc:literal)+] $field:ident: $type:ty => $read:expr) => {
        $read($reader, $table)
    };
    (@read $reader:ident $table:ident [$($doc:literal)+] $field:ident: $type:ty) => {
        <$type as $crate::scenario::declare::Part>::read($reader, $table)
    };
    (@numbers $value:expr, $out:ident, $type:ty = $key:expr) => {
        <$type as $crate::scenario::declare::Held>::numbers($value, $out);
    };
    (@numbers $value:expr, $out:ident, $type:ty => $read:expr) => {};
    (@numbers $value:expr, $out:ident, $type:ty) => {
        <$type as $crate::scenario::declare::Part>::numbers($value, $out);
    };
    (
        $(#[$meta:meta])*
        pub struct $name:ident $([$($extra:expr),+])? {
            $( $(#[doc = $doc:literal])+ $field:ident: $type:ty $(= $key:expr)? $(=> $read:expr)? ),+ $(,)?
        }
        $(check $check:path;)?
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone)]
        pub struct $name {
            $( $(#[doc = $doc])+ pub $field: $type, )+
        }

        impl $name {
            /// The keys of its table.
            pub const KEYS: &'static [$crate::scenario::grammar::Key] = {
                use $crate::scenario::grammar::{Key, concat, count};
                const PARTS: &[&[Key]] = &[
                    $(&[$($extra),+],)?
                    $( table!(@keys [$($doc)+] $field: $type $(= $key)? $(=> $read)?), )+
                ];
                &concat::<{ count(PARTS) }>(PARTS)
            };
        }

        impl $crate::scenario::declare::Entry for $name {
            const SHAPE: &'static $crate::scenario::grammar::Shape =
                &$crate::scenario::grammar::Shape::Table(Self::KEYS);

            fn read(
                reader: &mut $crate::scenario::read::Reader<'_>,
                table: &$crate::scenario::read::Table<'_>,
            ) -> Self {
                reader.known_keys(table, Self::KEYS);
                #[allow(unused_mut, reason = "changed by a check alone")]
                let mut found = Self {
                    $( $field: table!(@read reader table [$($doc)+] $field: $type $(= $key)? $(=> $read)?), )+
                };
                $( $check(&mut found, reader, table); )?
                found
            }

            fn numbers<'a>(&'a self, out: &mut Vec<&'a $crate::scenario::number::Number>) {
                $( table!(@numbers &self.$field, out, $type $(= $key)? $(=> $read)?); )+
            }
        }
    };
}

/// Declares an enum that a key holds as one of a few words, the default first.
macro_rules! choice {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $( $(#[$about:meta])+ $variant:ident = $word:literal ),+ $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $( $(#[$about])+ $variant ),+ }

        impl $name {
            /// How each is written.
            pub const WORDS: &'static [&'static str] = &[$($word),+];
        }

        impl $crate::scenario::declare::Held for $name {
            fn read(
                reader: &mut $crate::scenario::read::Reader<'_>,
                at: &$crate::scenario::read::At<'_>,
            ) -> Self {
                [$(Self::$variant),+][reader.choice(at, Self::WORDS)]
            }
        }
    };
}

pub(super) use {choice, table};

/// The id of an entry.
pub(super) fn id(_: &mut Reader<'_>, table: &Table<'_>) -> String {
    table.entry_id()
}

/// A key whose declaration and the type of whose field disagree: a mistake in the grammar, not in a scenario.
fn misdeclared(key: &Key, read_as: &str) -> ! {
    internal_error(format!("`{}` is not declared as {read_as}", key.name))
}

impl At<'_> {
    /// What the leaf at the key may hold.
    fn leaf(&self) -> Leaf {
        match self.key.shape {
            Shape::Leaf(leaf) => leaf,
            Shape::Map(Shape::Leaf(leaf)) => *leaf,
            // Which leaf a field's type reads is written beside the key: no input changes it.
            _ => internal_error(format!(
                "`{}` is declared as a table and read as a leaf",
                self.key.name
            )),
        }
    }

    /// What the number at the key may be.
    fn allowed(&self) -> Allowed {
        let allowed = Allowed::at(self.leaf());
        allowed.unwrap_or_else(|| misdeclared(self.key, "a number"))
    }

    /// What the number is where the key is left out.
    fn default(&self) -> f64 {
        match self.key.default {
            Fallback::Number(x) => x,
            _ => self.allowed().least().max(0.0),
        }
    }
}

impl Held for String {
    fn read(reader: &mut Reader<'_>, at: &At<'_>) -> Self {
        match at.node {
            Some(node) if matches!(at.leaf(), Leaf::Heading) => reader.line(node, &at.path()),
            Some(node) => reader.text(node, &at.path()),
            None => at.table.id.to_owned(),
        }
    }
}

impl Held for Option<String> {
    fn read(reader: &mut Reader<'_>, at: &At<'_>) -> Self {
        at.node.map(|node| reader.text(node, &at.path()))
    }
}

/// An integer, or the length of a step or a fixed duration in seconds.
impl Held for u64 {
    fn read(reader: &mut Reader<'_>, at: &At<'_>) -> Self {
        let default = match at.key.default {
            Fallback::Whole(n) => n,
            Fallback::Text(text) => whole_seconds(text, u64::MAX).unwrap_or(1),
            _ => 1,
        };
        match (reader.present(at), at.leaf()) {
            (None, _) => default,
            (Some(node), leaf @ (Leaf::Whole(least, most) | Leaf::Days(least, most))) => {
                let days = matches!(leaf, Leaf::Days(..));
                reader.integer(node, &at.path(), (least, most), days)
            }
            (Some(node), Leaf::Step) => {
                let seconds = match &node.value {
                    Value::Text(text, _) => step_seconds(text),
                    _ => None,
                };
                seconds.unwrap_or_else(|| {
                    let allowed = "a duration that divides a day, such as \"6h\", or a whole \
                                   number of days, such as \"2d\"";
                    let want = Want::Duration {
                        distribution: false,
                    };
                    reader.wrong(node, &at.path(), want, allowed);
                    default
                })
            }
            (Some(node), Leaf::Span(most)) => {
                let seconds = match &node.value {
                    Value::Text(text, _) => whole_seconds(text, most),
                    _ => None,
                };
                seconds.unwrap_or_else(|| {
                    let allowed = format!(
                        "a duration of whole seconds such as \"12h\" or \"2d\", at most {most} days"
                    );
                    let want = Want::Duration {
                        distribution: false,
                    };
                    reader.wrong(node, &at.path(), want, allowed);
                    default
                })
            }
            (Some(_), _) => misdeclared(at.key, "an integer"),
        }
    }
}

/// Fixed durations in seconds, ascending, each once.
impl Held for Vec<u64> {
    fn read(reader: &mut Reader<'_>, at: &At<'_>) -> Self {
        let mut out = Self::new();
        let Some(node) = at.node else {
            return out;
        };
        let Leaf::Spans(most) = at.leaf() else {
            misdeclared(at.key, "durations")
        };
        let path = at.path();
        let Value::Array(list) = &node.value else {
            let help = match &node.value {
                Value::Text(text, _) => Some(format!("write [{}]", in_quotes(text))),
                _ => None,
            };
            let allowed = "a list of durations: [\"30d\", \"90d\"]";
            reader.wrong_with(node, &path, help, allowed);
            return out;
        };
        for node in list {
            let seconds = match &node.value {
                Value::Text(text, _) => whole_seconds(text, most).filter(|s| *s > 0),
                _ => None,
            };
            match seconds {
                None => {
                    let allowed = format!(
                        "durations of whole seconds such as \"12h\" or \"30d\", above 0 and at most {most} days"
                    );
                    let want = Want::Duration {
                        distribution: false,
                    };
                    reader.wrong(node, &format!("{path}: a duration"), want, allowed);
                }
                Some(seconds) if out.contains(&seconds) => {
                    let found = format!("{path} has \"{}\" twice", span_text(seconds));
                    reader.fault(Fault::at(&node.place, found, "each duration once"));
                }
                Some(seconds) => out.push(seconds),
            }
        }
        out.sort_unstable();
        out
    }
}

impl Held for u32 {
    fn read(reader: &mut Reader<'_>, at: &At<'_>) -> Self {
        u64::read(reader, at) as Self
    }
}

impl Held for bool {
    fn read(reader: &mut Reader<'_>, at: &At<'_>) -> Self {
        match at.node {
            Some(Node {
                value: Value::Bool(b),
                ..
            }) => *b,
            Some(other) => {
                reader.wrong(other, &at.path(), Want::Truth, "true or false");
                // As it was meant, so that nothing else is wrong for want of it.
                truth(&other.written()).unwrap_or(false)
            }
            None => matches!(at.key.default, Fallback::True),
        }
    }
}

impl Held for f64 {
    fn read(reader: &mut Reader<'_>, at: &At<'_>) -> Self {
        match reader.present(at) {
            Some(node) => reader.plain(node, &at.path(), at.allowed()),
            None => at.default(),
        }
    }
}

impl Held for Number {
    fn read(reader: &mut Reader<'_>, at: &At<'_>) -> Self {
        match reader.present(at) {
            Some(node) => reader.number(node, &at.path(), at.allowed()),
            None => Self::known(at.default(), &at.path(), at.place, at.allowed()),
        }
    }

    fn numbers<'a>(&'a self, out: &mut Vec<&'a Number>) {
        out.push(self);
    }
}

impl Held for Option<Number> {
    fn read(reader: &mut Reader<'_>, at: &At<'_>) -> Self {
        at.node
            .map(|node| reader.number(node, &at.path(), at.allowed()))
    }

    fn numbers<'a>(&'a self, out: &mut Vec<&'a Number>) {
        out.extend(self);
    }
}

/// Numbers by entries declared elsewhere.
impl Held for BTreeMap<usize, Number> {
    fn read(reader: &mut Reader<'_>, at: &At<'_>) -> Self {
        let mut out = Self::new();
        let (Some(node), Some(kind)) = (at.node, at.key.entries.of) else {
            return out;
        };
        for e in reader.entries(node, &at.path()) {
            if let Some(i) = reader.known(&e.key_place, kind, &e.key) {
                let path = format!("{}.{}", at.path(), e.key);
                out.insert(i, reader.number(&e.node, &path, at.allowed()));
            }
        }
        out
    }

    fn numbers<'a>(&'a self, out: &mut Vec<&'a Number>) {
        out.extend(self.values());
    }
}

/// A date without a time.
impl Held for Date {
    fn read(reader: &mut Reader<'_>, at: &At<'_>) -> Self {
        match reader.present(at) {
            Some(Node {
                value: Value::Date(d),
                ..
            }) if d.time() == Time::midnight() || *d == UNREAD => d.date(),
            Some(other) => {
                reader.wrong(other, &at.path(), Want::Date, "a date, such as 2022-01-01");
                UNREAD.date()
            }
            None => UNREAD.date(),
        }
    }
}

impl Held for DateTime {
    fn read(reader: &mut Reader<'_>, at: &At<'_>) -> Self {
        match reader.present(at) {
            Some(Node {
                value: Value::Date(d),
                ..
            }) => *d,
            Some(other) => {
                let allowed = "a date, such as 2022-01-05 or 2022-01-05T16:30:00, or a time after the start, such as \
                               \"t0 + 3d\"";
                reader.wrong(other, &at.path(), Want::Moment, allowed);
                UNREAD
            }
            None => UNREAD,
        }
    }
}

/// An entry declared elsewhere.
impl Held for Option<usize> {
    fn read(reader: &mut Reader<'_>, at: &At<'_>) -> Self {
        match (at.node, at.leaf()) {
            (Some(node), Leaf::Id(kind)) => reader.reference(node, &at.path(), kind),
            (None, _) => None,
            (Some(_), _) => misdeclared(at.key, "an id"),
        }
    }
}

/// An entry declared elsewhere that has to be named.
impl Held for usize {
    fn read(reader: &mut Reader<'_>, at: &At<'_>) -> Self {
        match (reader.present(at), at.leaf()) {
            (Some(node), Leaf::Id(kind)) => {
                let known = reader.reference(node, &at.path(), kind);
                known.unwrap_or(0)
            }
            (None, _) => 0,
            (Some(_), _) => misdeclared(at.key, "an id"),
        }
    }
}

/// Entries declared elsewhere, each once.
impl Held for Vec<usize> {
    fn read(reader: &mut Reader<'_>, at: &At<'_>) -> Self {
        let mut out = Self::new();
        let (Some(node), Leaf::Ids(axis)) = (at.node, at.leaf()) else {
            return out;
        };
        let path = at.path();
        let Value::Array(list) = &node.value else {
            let help = match &node.value {
                Value::Text(text, _) => Some(format!("write [{}]", in_quotes(text))),
                Value::Raw(text) => Some(format!("write [{}]", in_quotes(unquoted(text)))),
                _ => None,
            };
            let allowed = format!("a list of {}s: [\"one\", \"another\"]", axis.kind());
            reader.wrong_with(node, &path, help, allowed);
            return out;
        };
        for node in list {
            let Some(i) = reader.reference(node, &path, axis) else {
                continue;
            };
            if out.contains(&i) {
                let found = format!("{path} names {} twice", node.shown());
                let allowed = format!("each {} once", axis.kind());
                reader.fault(Fault::at(&node.place, found, allowed));
            } else {
                out.push(i);
            }
        }
        out
    }
}

impl Held for Option<Expression> {
    fn read(reader: &mut Reader<'_>, at: &At<'_>) -> Self {
        at.node.and_then(|node| reader.expression(node, &at.path()))
    }
}

impl Held for Expression {
    fn read(reader: &mut Reader<'_>, at: &At<'_>) -> Self {
        reader
            .present(at)
            .and_then(|node| reader.expression(node, &at.path()))
            .unwrap_or_else(|| Self::stand_in(at.place))
    }
}

impl Held for Vec<Effect> {
    fn read(reader: &mut Reader<'_>, at: &At<'_>) -> Self {
        let Some(node) = at.node else {
            return Self::new();
        };
        let path = at.path();
        let Value::Array(list) = &node.value else {
            let help = match &node.value {
                Value::Text(text, _) => Some(format!("write [{}]", in_quotes(text))),
                Value::Raw(text) => Some(format!("write [{}]", in_quotes(unquoted(text)))),
                _ => None,
            };
            let allowed = "a list of effects: [\"signal.tokayev += 0.3\"]";
            reader.wrong_with(node, &path, help, allowed);
            return Self::new();
        };
        if list.len() > limits::EFFECTS {
            let found = format!("{} {}", list.len(), at.key.name);
            let allowed = format!("at most {}", limits::EFFECTS);
            reader.fault(Fault::at(&node.place, found, allowed));
        }
        let mut out = Self::new();
        for node in list.iter().take(limits::EFFECTS) {
            let Value::Text(text, inside) = &node.value else {
                let allowed = "text, such as \"signal.tokayev += 0.3\"";
                reader.wrong(node, "an effect", Want::Text, allowed);
                continue;
            };
            match Effect::parse(text, &node.place, inside, &reader.names) {
                Ok(mut effect) => {
                    if let Change::Number { value, .. } = &mut effect.change {
                        reader.spread(value);
                    }
                    out.push(effect);
                }
                Err(fault) => reader.missing(fault),
            }
        }
        out
    }
}

/// The entries of a section.
impl<T: Entry> Held for Vec<T> {
    fn read(reader: &mut Reader<'_>, at: &At<'_>) -> Self {
        let entries = reader.section(at);
        entries.iter().map(|table| T::read(reader, table)).collect()
    }

    fn numbers<'a>(&'a self, out: &mut Vec<&'a Number>) {
        for entry in self {
            entry.numbers(out);
        }
    }
}

/// Reads a table at a key; one that is left out has every default.
pub(super) fn nested<T: Entry>(reader: &mut Reader<'_>, at: &At<'_>) -> T {
    let empty = Node {
        value: Value::Table(Vec::new()),
        place: at.place.clone(),
    };
    let table = Table {
        node: reader.present(at).unwrap_or(&empty),
        path: at.path(),
        id: at.key.name,
        place: at.place,
    };
    T::read(reader, &table)
}

impl Part for Remarks {
    const KEYS: &'static [Key] = &[
        super::grammar::leaf(Leaf::Words).named("says", &["Your remarks."]),
        super::grammar::leaf(Leaf::Words).named("source", &["Where it comes from."]),
    ];

    fn read(reader: &mut Reader<'_>, table: &Table<'_>) -> Self {
        reader.remarks(table.node)
    }
}
