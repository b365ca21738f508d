//! Expressions as text: lexer, parser, and the tree that they give.
//!
//! The grammar is that of `docs/SCENARIO.md`. A tree knows names as they are written; what a name
//! stands for is decided by `plan`.

mod lexer;
mod parser;

use std::ops::Range;

use super::fault::{Fault, Place};

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
    /// Bytes between the start of `place` and the first byte of `text`; nothing when the TOML
    /// text has escapes, so that inner positions cannot be told.
    pub offset: Option<usize>,
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// The first fault of its text, placed in the file.
    pub fn parse(text: &str, place: &Place, offset: Option<usize>) -> Result<Self, Fault> {
        let placed = |span: Range<usize>| inner(place, offset, span);
        if text.len() > LONGEST {
            return Err(Fault::at(
                place,
                format!("an expression of {} bytes", text.len()),
                format!("at most {LONGEST} bytes; give parts of it names in [formulas]"),
            ));
        }
        let tree = parser::parse(text).map_err(|e| Fault {
            place: Some(placed(e.span)),
            found: e.found,
            allowed: e.allowed,
            nearest: None,
        })?;
        Ok(Self {
            text: text.to_owned(),
            tree,
            place: place.clone(),
            offset,
        })
    }

    /// The place of a stretch of the text.
    #[must_use]
    pub fn inner(&self, span: &Range<usize>) -> Place {
        inner(&self.place, self.offset, span.clone())
    }
}

fn inner(place: &Place, offset: Option<usize>, span: Range<usize>) -> Place {
    match offset {
        Some(o) => {
            let start = place.span.start + o;
            Place {
                file: place.file,
                span: start + span.start..start + span.end,
            }
        }
        None => place.clone(),
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

/// Functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Function {
    Min,
    Max,
    Clamp,
    Abs,
    Exp,
    Ln,
    Sqrt,
    Logistic,
    Contest,
}

impl Function {
    /// Every function with its name, and with its least and largest number of arguments.
    pub const ALL: [(&'static str, Self, usize, usize); 9] = [
        ("min", Self::Min, 2, 8),
        ("max", Self::Max, 2, 8),
        ("clamp", Self::Clamp, 3, 3),
        ("abs", Self::Abs, 1, 1),
        ("exp", Self::Exp, 1, 1),
        ("ln", Self::Ln, 1, 1),
        ("sqrt", Self::Sqrt, 1, 1),
        ("logistic", Self::Logistic, 1, 1),
        ("contest", Self::Contest, 3, 3),
    ];
}
