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
    Call(&'static Function, Vec<Tree>),
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
    /// Its arguments, as in `x, low, high`.
    pub arguments: &'static str,
    /// What it is.
    pub says: &'static str,
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
        Self::several(
            "min",
            "the smallest of 2 to 8 values, or of a set",
            Operation::Min,
        ),
        Self::several(
            "max",
            "the largest of 2 to 8 values, or of a set",
            Operation::Max,
        ),
        Self::new(
            "clamp",
            "x, low, high",
            "`x` limited to the range from `low` to `high`",
            Form::Clamp,
        ),
        Self::of_one("abs", "absolute value", Operation::Absolute),
        Self::of_one(
            "floor",
            "the greatest whole number that is not above `x`",
            Operation::Floor,
        ),
        Self::of_one("exp", "exponential", Operation::Exp),
        Self::of_one("ln", "natural logarithm", Operation::Ln),
        Self::of_one("sqrt", "square root", Operation::SquareRoot),
        Self::of_one("logistic", "`1 / (1 + exp(-x))`", Operation::Logistic),
        Self::new(
            "contest",
            "a, b, q",
            "`a^q / (a^q + b^q)`: the chance of `a` against `b`, for numbers of any size; ½ if neither has anything; below 0 counts as 0",
            Form::Contest,
        ),
        Self::new(
            "if",
            "c, a, b",
            "`a` where the condition `c` holds, else `b`; the other one need not have a value",
            Form::If,
        ),
        Self::new(
            "sum",
            "set",
            "the sum over a set, as in `sum(power.*.coercion)`",
            Form::Sum,
        ),
        Self::new("mean", "set", "the mean over a set", Form::Mean),
    ];

    /// It takes as many arguments as `arguments` names.
    const fn new(
        name: &'static str,
        arguments: &'static str,
        says: &'static str,
        form: Form,
    ) -> Self {
        let mut number = 1;
        let mut i = 0;
        while i < arguments.len() {
            if arguments.as_bytes()[i] == b',' {
                number += 1;
            }
            i += 1;
        }
        Self {
            name,
            arguments,
            says,
            least: number,
            most: number,
            form,
        }
    }

    const fn of_one(name: &'static str, says: &'static str, operation: Operation) -> Self {
        Self::new(name, "x", says, Form::Operation(operation))
    }

    const fn several(name: &'static str, says: &'static str, operation: Operation) -> Self {
        Self {
            least: 2,
            most: 8,
            ..Self::new(name, "a, b, …", says, Form::Operation(operation))
        }
    }

    /// How it is written, as in `clamp(x, low, high)`.
    #[must_use]
    pub fn written(&self) -> String {
        format!("{}({})", self.name, self.arguments)
    }
}
