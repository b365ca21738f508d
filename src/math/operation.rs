//! The operations of expressions. `docs/MODEL.md` 7.9 has their rules.

use super::functions::{
    UNDEFINED, checked_add, checked_divide, checked_exp, checked_ln, checked_multiply,
    checked_subtract, clamp, contest, defined, equal, exp, is_true, ln, logistic, max, min, power,
    ratio, result, whole_power,
};

/// Applies the scalar form of an operation: to two numbers, or to rows of lanes.
pub trait Kernel {
    /// What it returns.
    type Output;

    /// Applies `f`, an operation on two numbers.
    fn apply(self, f: impl Fn(f32, f32) -> f32) -> Self::Output;
}

/// Declares every operation once: its name, its constants and its scalar form. An operation on one
/// number ignores the second.
macro_rules! operations {
    ($(
        $(#[$meta:meta])*
        $name:ident $({ $($field:ident: $type:ty),* })? = |$a:ident, $b:ident| $value:expr;
    )*) => {
        /// What an instruction computes.
        #[derive(Debug, Clone, Copy, PartialEq)]
        #[allow(missing_docs, reason = "the names say it; docs/MODEL.md 7.9 has the rules")]
        pub enum Operation {
            $($(#[$meta])* $name $({ $($field: $type),* })?,)*
        }

        impl Operation {
            /// Hands the scalar form to a kernel. There is one call per operation, so that a kernel
            /// over lanes compiles to one loop per operation, which vectorises.
            #[inline(always)]
            pub fn with<K: Kernel>(self, kernel: K) -> K::Output {
                match self {
                    $(Self::$name $({ $($field),* })? => kernel.apply(|$a: f32, $b: f32| $value),)*
                }
            }
        }
    };
}

operations! {
    // For operands that are finite, where the result is too.
    Add = |a, b| a + b;
    Subtract = |a, b| a - b;
    Multiply = |a, b| a * b;
    Divide = |a, b| a / b;
    Less = |a, b| truth(a < b);
    LessEqual = |a, b| truth(a <= b);
    Equal = |a, b| truth(a == b);
    NotEqual = |a, b| truth(a != b);
    And = |a, b| truth((a != 0.0) & (b != 0.0));
    Or = |a, b| truth((a != 0.0) | (b != 0.0));
    Not = |a, _b| truth(a == 0.0);
    Min = |a, b| min(a, b);
    Max = |a, b| max(a, b);
    Exp = |a, _b| exp(a);
    Ln = |a, _b| ln(a);
    Logistic = |a, _b| logistic(a);
    Result { least: f32, most: f32 } = |a, _b| clamp(a, least, most);
    // For all operands.
    Negate = |a, _b| 0.0 - a;
    Absolute = |a, _b| a.abs();
    SquareRoot = |a, _b| a.sqrt();
    Floor = |a, _b| a.floor();
    WholePower { exponent: i8 } = |a, _b| whole_power(a, exponent);
    Power = |a, b| power(a, b);
    /// The weaker in units of the stronger.
    Ratio = |a, b| ratio(a, b);
    /// Success in a contest by a ratio raised to its exponent, and whether it favours this side.
    Contest = |a, b| contest(a, b);
    /// The second where the first is true, else no bits: half of a choice.
    Where = |a, b| if a == 0.0 { 0.0 } else { b };
    /// The second where the first is false, else no bits: the other half.
    Unless = |a, b| if a == 0.0 { b } else { 0.0 };
    /// Puts the halves of a choice together, of which one has no bits.
    Either = |a, b| f32::from_bits(a.to_bits() | b.to_bits());
    // For operands that are 0 or 1.
    Both = |a, b| f32::from_bits(a.to_bits() & b.to_bits());
    OneOf = |a, b| f32::from_bits(a.to_bits() | b.to_bits());
    Opposite = |a, _b| 1.0 - a;
    /// Whether the value of an expression is undefined or infinite.
    Undefined = |a, _b| truth(!a.is_finite());
    CheckedAdd = |a, b| checked_add(a, b);
    CheckedSubtract = |a, b| checked_subtract(a, b);
    CheckedMultiply = |a, b| checked_multiply(a, b);
    CheckedDivide = |a, b| checked_divide(a, b);
    CheckedLess = |a, b| defined(truth(a < b), a, b);
    CheckedLessEqual = |a, b| defined(truth((a < b) | equal(a, b)), a, b);
    CheckedEqual = |a, b| defined(truth(equal(a, b)), a, b);
    CheckedNotEqual = |a, b| defined(truth(!equal(a, b)), a, b);
    CheckedAnd = |a, b| if (a == 0.0) | (b == 0.0) { 0.0 } else { defined(1.0, a, b) };
    CheckedOr = |a, b| if is_true(a) | is_true(b) { 1.0 } else { defined(0.0, a, b) };
    CheckedNot = |a, _b| defined(truth(a == 0.0), a, a);
    CheckedMin = |a, b| defined(min(a, b), a, b);
    CheckedMax = |a, b| defined(max(a, b), a, b);
    CheckedWhere = |a, b| if a.is_nan() { UNDEFINED } else if a == 0.0 { 0.0 } else { b };
    CheckedExp = |a, _b| checked_exp(a);
    CheckedLn = |a, _b| checked_ln(a);
    CheckedLogistic = |a, _b| defined(logistic(a), a, a);
    /// The result of an expression: 0 where it is undefined or infinite, held in `[least, most]`.
    CheckedResult { least: f32, most: f32 } = |a, _b| result(a, least, most);
}

impl Operation {
    /// The same for all operands: undefined where an operand is, or where the result leaves the
    /// finite numbers. Gives the same bits wherever the plain form is allowed.
    #[must_use]
    pub const fn checked(self) -> Self {
        match self {
            Self::Add => Self::CheckedAdd,
            Self::Subtract => Self::CheckedSubtract,
            Self::Multiply => Self::CheckedMultiply,
            Self::Divide => Self::CheckedDivide,
            Self::Less => Self::CheckedLess,
            Self::LessEqual => Self::CheckedLessEqual,
            Self::Equal => Self::CheckedEqual,
            Self::NotEqual => Self::CheckedNotEqual,
            Self::And => Self::CheckedAnd,
            Self::Or => Self::CheckedOr,
            Self::Not => Self::CheckedNot,
            Self::Min => Self::CheckedMin,
            Self::Max => Self::CheckedMax,
            Self::Where => Self::CheckedWhere,
            Self::Exp => Self::CheckedExp,
            Self::Ln => Self::CheckedLn,
            Self::Logistic => Self::CheckedLogistic,
            Self::Result { least, most } => Self::CheckedResult { least, most },
            other => other,
        }
    }
}

impl Operation {
    /// The same for operands that are 0 or 1, with the same bits.
    #[must_use]
    pub const fn of_truths(self) -> Self {
        match self {
            Self::And => Self::Both,
            Self::Or => Self::OneOf,
            Self::Not => Self::Opposite,
            other => other,
        }
    }

    /// The operation on two numbers.
    #[must_use]
    pub fn of(self, a: f32, b: f32) -> f32 {
        struct Operands(f32, f32);
        impl Kernel for Operands {
            type Output = f32;

            fn apply(self, f: impl Fn(f32, f32) -> f32) -> f32 {
                f(self.0, self.1)
            }
        }
        self.with(Operands(a, b))
    }
}

#[inline(always)]
fn truth(test: bool) -> f32 {
    if test { 1.0 } else { 0.0 }
}
