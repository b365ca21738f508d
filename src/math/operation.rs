//! The operations of expressions. `docs/MODEL.md` 7.9 has their rules.

use super::functions::{contest, divide, exp, ln, logistic, max, min, power, result, whole_power};

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
    Add = |a, b| a + b;
    Subtract = |a, b| a - b;
    Multiply = |a, b| a * b;
    Divide = |a, b| divide(a, b);
    Negate = |a, _b| 0.0 - a;
    Less = |a, b| truth(a < b);
    LessEqual = |a, b| truth(a <= b);
    Equal = |a, b| truth(a == b);
    NotEqual = |a, b| truth(a != b);
    And = |a, b| truth((a != 0.0) & (b != 0.0));
    Or = |a, b| truth((a != 0.0) | (b != 0.0));
    Not = |a, _b| truth(a == 0.0);
    Min = |a, b| min(a, b);
    Max = |a, b| max(a, b);
    Absolute = |a, _b| a.abs();
    Exp = |a, _b| exp(a);
    Ln = |a, _b| ln(a);
    SquareRoot = |a, _b| max(a, 0.0).sqrt();
    Logistic = |a, _b| logistic(a);
    WholePower { exponent: i8 } = |a, _b| whole_power(a, exponent);
    Power = |a, b| power(a, b);
    Contest = |a, b| contest(a, b);
    /// The result of an expression, sanitised and clamped to `[least, most]`.
    Result { least: f32, most: f32 } = |a, _b| result(a, least, most);
}

impl Operation {
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
