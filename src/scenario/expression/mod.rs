//! Expressions: lexer, parser and syntax tree.
//!
//! `docs/SCENARIO.md` has the grammar. A tree has names as written; [`super::state`] and `plan`
//! resolve them.

mod lexer;
mod parser;
mod sets;
mod syntax;

use std::ops::Range;

pub use parser::DEEPEST;
pub use syntax::{Binary, Form, Function, Node, Tree, Unary};

use super::fault::{Fault, Place};
use super::ids::{IT, it_outside};
use super::meant::not_computed;

/// The longest expression, in bytes.
pub const LONGEST: usize = 4_000;

/// What an expression is, in the words of messages.
const ALLOWED: &str = "a number, or an expression of numbers and names";

/// An expression: its text, its tree and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    /// As written.
    pub text: String,
    /// Its syntax tree.
    pub tree: Tree,
    /// The place of the text.
    pub place: Place,
    /// The position of the bytes of `text` inside `place`.
    pub inside: Inside,
}

/// The position of the bytes of a text inside its place: quotes precede it, escapes stretch it.
///
/// A list of points `(byte of the text, byte of the place)` from each of which the two run side
/// by side. An empty list means that the position is unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inside(Vec<(usize, usize)>);

impl Inside {
    /// Where the bytes of a text stand inside it as written, in quotes; `None` if the two do not match.
    pub(in crate::scenario) fn of(raw: &str, content: &str) -> Option<Self> {
        let open = ["\"\"\"", "'''", "\"", "'"]
            .into_iter()
            .find(|q| raw.starts_with(q))?;
        let inner = raw.strip_prefix(open)?.strip_suffix(open)?.as_bytes();
        let mut at = match inner {
            [b'\n', ..] if open.len() == 3 => 1,
            [b'\r', b'\n', ..] if open.len() == 3 => 2,
            _ => 0,
        };
        let mut said = 0;
        let mut inside = Self::from(open.len() + at);
        let bytes = content.as_bytes();
        while at < inner.len() {
            let escape = inner[at] == b'\\' && open.starts_with('"');
            let carriage = inner[at..].starts_with(b"\r\n") && bytes.get(said) == Some(&b'\n');
            if !escape && !carriage {
                if bytes.get(said) != Some(&inner[at]) {
                    return None;
                }
                at += 1;
                said += 1;
                continue;
            }
            at += 1;
            if escape {
                let digits = match inner.get(at)? {
                    b'x' => 2,
                    b'u' => 4,
                    b'U' => 8,
                    b if b.is_ascii_whitespace() => {
                        // A line that goes on: blanks up to the next character are left out.
                        let blank = |b: &&u8| b.is_ascii_whitespace();
                        at += inner[at..].iter().take_while(blank).count();
                        inside.resume(said, open.len() + at);
                        continue;
                    }
                    _ => 0,
                };
                at += 1 + digits;
                said += content.get(said..)?.chars().next()?.len_utf8();
            }
            inside.resume(said, open.len() + at);
        }
        (said == bytes.len()).then_some(inside)
    }

    /// The text begins at that byte of its place.
    pub(super) fn from(start: usize) -> Self {
        Self(vec![(0, start)])
    }

    /// From this byte of the text on it runs beside that byte of the place.
    pub(super) fn resume(&mut self, text: usize, place: usize) {
        self.0.push((text, place));
    }

    /// The same for the text from `byte` on.
    pub(super) fn after(&self, byte: usize) -> Self {
        let Some(start) = self.at(byte) else {
            return Self::default();
        };
        let later = self.0.iter().filter(|(text, _)| *text > byte);
        let rest = later.map(|(text, place)| (text - byte, *place));
        Self(std::iter::once((0, start)).chain(rest).collect())
    }

    /// A text with `by` in place of every `what`, and where its bytes stand.
    pub(in crate::scenario) fn replace(&self, text: &str, what: &str, by: &str) -> (String, Self) {
        let mut out = String::new();
        let mut points = Vec::new();
        let mut from = 0;
        // Points of a stretch that is kept, from one byte of the text to another.
        let kept = |out: &str, from: usize, to: usize| {
            let within = self.0.iter().filter(move |(t, _)| *t > from && *t < to);
            let start = out.len();
            let first = self.at(from).map(|place| (start, place));
            let rest = within.map(move |(t, place)| (start + t - from, *place));
            first.into_iter().chain(rest).collect::<Vec<_>>()
        };
        for (at, _) in text.match_indices(what) {
            points.extend(kept(&out, from, at));
            out += &text[from..at];
            // Every byte of what takes its place stands somewhere in it.
            for byte in 0..by.len() {
                let inside = at + byte.min(what.len().saturating_sub(1));
                points.extend(self.at(inside).map(|place| (out.len() + byte, place)));
            }
            out += by;
            from = at + what.len();
        }
        points.extend(kept(&out, from, text.len()));
        out += &text[from..];
        // Empty stretches begin where the next one does: the last point of a byte counts.
        (out, Self(points))
    }

    fn at(&self, byte: usize) -> Option<usize> {
        let next = self.0.partition_point(|(text, _)| *text <= byte);
        let (text, place) = self.0.get(next.checked_sub(1)?)?;
        Some(place + byte - text)
    }

    /// Returns the place of a range of the text.
    pub(super) fn place(&self, whole: &Place, span: &Range<usize>) -> Place {
        let last = span.end.saturating_sub(1).max(span.start);
        let (Some(start), Some(last)) = (self.at(span.start), self.at(last)) else {
            return whole.clone();
        };
        let from = whole.span.start;
        Place {
            file: whole.file,
            span: from + start..from + last + usize::from(span.end > span.start),
        }
    }
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// The first fault of its text, with its place in the file.
    pub fn parse(text: &str, place: &Place, inside: &Inside) -> Result<Self, Fault> {
        if text.len() > LONGEST {
            return Err(Fault::at(
                place,
                format!("an expression of {} bytes", text.len()),
                format!("at most {LONGEST} bytes; move parts of it to [formulas]"),
            ));
        }
        if let Some(at) = text.find(IT) {
            return Err(it_outside(&inside.place(place, &(at..at + IT.len()))));
        }
        // A percentage, a range or a date, though some of them can be computed.
        if let Some(help) = not_computed(text) {
            let found = format!("the expression `{}`", text.trim());
            return Err(Fault::at(place, found, ALLOWED).help(Some(help)));
        }
        let checked = |tree: Tree| sets::check(&tree, false).map(|()| tree);
        let tree = parser::parse(text).and_then(checked).map_err(|e| {
            let place = inside.place(place, &e.span);
            Fault::at(&place, e.found, e.allowed).help(e.help)
        })?;
        Ok(Self {
            text: text.to_owned(),
            tree,
            place: place.clone(),
            inside: inside.clone(),
        })
    }

    /// Returns the place of a range of the text.
    #[must_use]
    pub fn inner(&self, span: &Range<usize>) -> Place {
        self.inside.place(&self.place, span)
    }

    /// Returns a placeholder for an expression that cannot be read, so that its name is known.
    pub(super) fn stand_in(place: &Place) -> Self {
        Self {
            text: "0".to_owned(),
            tree: Tree {
                node: Node::Number(0.0),
                span: 0..0,
            },
            place: place.clone(),
            inside: Inside::default(),
        }
    }
}
