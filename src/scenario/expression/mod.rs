//! Expressions as text: lexer, parser, and the tree that they give.
//!
//! The grammar is that of `docs/SCENARIO.md`. A tree knows names as they are written; what a name
//! stands for is decided by `plan`.

mod lexer;
mod parser;

use std::ops::Range;

use super::fault::{Fault, Place};
use crate::math::Operation;

/// The longest expression, in bytes.
pub const LONGEST: usize = 4_000;
/// The deepest nesting of parentheses, calls and signs.
pub const DEEPEST: usize = 64;

/// An expression: its text, its tree, and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    /// As written.
    pub text: String,
    /// As understood.
    pub tree: Tree,
    /// Where the text stands.
    pub place: Place,
    /// Where the bytes of `text` stand inside `place`.
    pub inside: Inside,
}

/// Where the bytes of a text stand inside its place: quotes come before it, escapes stretch it.
///
/// A list of points `(byte of the text, byte of the place)` from each of which the two run side
/// by side. An empty list means that nothing is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inside(Vec<(usize, usize)>);

impl Inside {
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

    fn at(&self, byte: usize) -> Option<usize> {
        let next = self.0.partition_point(|(text, _)| *text <= byte);
        let (text, place) = self.0.get(next.checked_sub(1)?)?;
        Some(place + byte - text)
    }

    /// The place of a stretch of the text.
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
    /// The first fault of its text, placed in the file.
    pub fn parse(text: &str, place: &Place, inside: &Inside) -> Result<Self, Fault> {
        if text.len() > LONGEST {
            return Err(Fault::at(
                place,
                format!("an expression of {} bytes", text.len()),
                format!("at most {LONGEST} bytes; give parts of it names in [formulas]"),
            ));
        }
        let tree = parser::parse(text).map_err(|e| Fault {
            place: Some(inside.place(place, &e.span)),
            found: e.found,
            allowed: e.allowed,
            nearest: e.nearest.map(|n| format!("did you mean `{n}`?")),
        })?;
        Ok(Self {
            text: text.to_owned(),
            tree,
            place: place.clone(),
            inside: inside.clone(),
        })
    }

    /// The place of a stretch of the text.
    #[must_use]
    pub fn inner(&self, span: &Range<usize>) -> Place {
        self.inside.place(&self.place, span)
    }

    /// What stands in for an expression that cannot be read, so that its name is still known.
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

/// A node of an expression, with the bytes of the text that it covers.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// What it is.
    pub node: Node,
    /// Bytes of the expression's text.
    pub span: Range<usize>,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// A number.
    Number(f64),
    /// A name of one or more parts, as in `support.tokayev.coercion`.
    Name(Vec<String>),
    /// `date("2022-01-05")`: the text between the quotes.
    Date(String),
    /// An operator before one operand.
    Unary(Unary, Box<Tree>),
    /// An operator between two operands.
    Binary(Binary, Box<Tree>, Box<Tree>),
    /// A function.
    Call(Function, Vec<Tree>),
}

/// Operators before one operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unary {
    /// `-`
    Minus,
    /// `not`
    Not,
}

/// Operators between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
    And,
    Or,
}

/// A function: its name, its numbers of arguments, and how it is computed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Function {
    /// As written.
    pub name: &'static str,
    /// The fewest arguments.
    pub least: usize,
    /// The most arguments.
    pub most: usize,
    /// How it is computed.
    pub form: Form,
}

/// How a function is computed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Form {
    /// By one operation; over several arguments, from left to right.
    Operation(Operation),
    /// `min(max(x, least), most)`.
    Clamp,
    /// `a^q / (a^q + b^q)`, powers below 0 counting as 0.
    Contest,
}

impl Function {
    /// Every function.
    pub const ALL: &[Self] = &[
        Self::several("min", Operation::Min),
        Self::several("max", Operation::Max),
        Self::of_three("clamp", Form::Clamp),
        Self::of_one("abs", Operation::Absolute),
        Self::of_one("exp", Operation::Exp),
        Self::of_one("ln", Operation::Ln),
        Self::of_one("sqrt", Operation::SquareRoot),
        Self::of_one("logistic", Operation::Logistic),
        Self::of_three("contest", Form::Contest),
    ];

    const fn new(name: &'static str, least: usize, most: usize, form: Form) -> Self {
        Self {
            name,
            least,
            most,
            form,
        }
    }

    const fn of_one(name: &'static str, operation: Operation) -> Self {
        Self::new(name, 1, 1, Form::Operation(operation))
    }

    const fn of_three(name: &'static str, form: Form) -> Self {
        Self::new(name, 3, 3, form)
    }

    const fn several(name: &'static str, operation: Operation) -> Self {
        Self::new(name, 2, 8, Form::Operation(operation))
    }
}
