//! Trees of expressions, and the functions that they may call.

use std::ops::Range;

use crate::math::Operation;

/// A node of an expression, with the bytes of the text that it covers.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// What it is.
    pub node: Node,
    /// Bytes of the expression's text.
    pub span: Range<usize>,
}

impl Tree {
    /// Calls `f` with every name in it, in the order of the text: its parts, and where it stands.
    pub fn each_name<'t>(&'t self, f: &mut impl FnMut(&'t [String], &'t Range<usize>)) {
        match &self.node {
            Node::Name(parts) => f(parts, &self.span),
            Node::Number(_) | Node::Date(_) => {}
            Node::Unary(_, inner) => inner.each_name(f),
            Node::Binary(_, left, right) => {
                left.each_name(f);
                right.each_name(f);
            }
            Node::Call(_, arguments) => arguments.iter().for_each(|a| a.each_name(f)),
        }
    }

    /// The dates that are written in it.
    #[must_use]
    pub fn dates(&self) -> Vec<&str> {
        match &self.node {
            Node::Number(_) | Node::Name(_) => Vec::new(),
            Node::Date(text) => vec![text],
            Node::Unary(_, inner) => inner.dates(),
            Node::Binary(_, left, right) => [left.dates(), right.dates()].concat(),
            Node::Call(_, arguments) => arguments.iter().flat_map(Self::dates).collect(),
        }
    }
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// A number.
    Number(f64),
    /// A name of one or more parts, as in `support.tokayev.coercion`. Until sets are written out a part may be
    /// `*` or a list such as `[army, police]`.
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
#[allow(missing_docs, reason = "the names say it")]
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
    /// The second where the first is true, else the third.
    If,
    /// `a^q / (a^q + b^q)`, powers below 0 counting as 0.
    Contest,
    /// The sum over a set.
    Sum,
    /// The mean over a set.
    Mean,
}

impl Function {
    /// Every function.
    pub const ALL: &[Self] = &[
        Self::several("min", Operation::Min),
        Self::several("max", Operation::Max),
        Self::of_three("clamp", Form::Clamp),
        Self::of_one("abs", Operation::Absolute),
        Self::of_one("floor", Operation::Floor),
        Self::of_one("exp", Operation::Exp),
        Self::of_one("ln", Operation::Ln),
        Self::of_one("sqrt", Operation::SquareRoot),
        Self::of_one("logistic", Operation::Logistic),
        Self::of_three("contest", Form::Contest),
        Self::of_three("if", Form::If),
        Self::new("sum", 1, 1, Form::Sum),
        Self::new("mean", 1, 1, Form::Mean),
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
