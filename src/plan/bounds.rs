//! Between which numbers the value of an expression must lie, and whether it can be undefined or
//! infinite: where it cannot, programs need not check.
//!
//! Bounds may be too wide, never too narrow: operations that need no check give the same bits with one.

use crate::math::Operation;

/// Bounds of a value, over all rounds and all states.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four questions that do not depend on each other"
)]
pub(super) struct Bounds {
    /// The least finite value.
    pub(super) least: f64,
    /// The greatest finite value.
    pub(super) most: f64,
    /// Whether it can be undefined.
    undefined: bool,
    /// Whether it can be infinite.
    up: bool,
    /// Whether it can be minus infinite.
    down: bool,
    /// Whether it is nothing but 0 and 1, unless it is undefined.
    truth: bool,
}

/// The largest number.
const LARGEST: f64 = f32::MAX as f64;
/// The smallest number that has all its digits.
const SMALLEST: f64 = f32::MIN_POSITIVE as f64;

impl Bounds {
    /// A finite number between two others, give or take rounding.
    pub(super) fn between(least: f64, most: f64) -> Self {
        let (undefined, up, down) = (false, false, false);
        Self {
            least: least - 1e-5 * least.abs(),
            most: most + 1e-5 * most.abs(),
            undefined,
            up,
            down,
            truth: false,
        }
        .settled()
    }

    /// A constant.
    pub(super) fn constant(x: f32) -> Self {
        let number = if x.is_finite() { f64::from(x) } else { 0.0 };
        Self {
            least: number,
            most: number,
            undefined: x.is_nan(),
            up: x == f32::INFINITY,
            down: x == f32::NEG_INFINITY,
            // By its bits: -0 is not among them.
            truth: (x.to_bits() == 0) | (x == 1.0) | x.is_nan(),
        }
    }

    /// The same, or infinite.
    pub(super) fn or_infinite(self) -> Self {
        Self { up: true, ..self }
    }

    /// The same, or minus infinite.
    pub(super) fn or_minus_infinite(self) -> Self {
        Self { down: true, ..self }
    }

    /// The bounds of a value that is one of two.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            least: self.least.min(other.least),
            most: self.most.max(other.most),
            undefined: self.undefined | other.undefined,
            up: self.up | other.up,
            down: self.down | other.down,
            truth: self.truth & other.truth,
        }
    }

    /// Whether the value is a defined 0 or 1.
    pub(super) fn are_truth(self) -> bool {
        self.truth & !self.can_leave()
    }

    /// Whether the value can be undefined or infinite.
    pub(super) fn can_leave(self) -> bool {
        self.undefined | self.infinite()
    }

    /// Whether the value is always a finite number between two others.
    pub(super) fn are_within(self, least: f32, most: f32) -> bool {
        !self.can_leave() && self.least >= f64::from(least) && self.most <= f64::from(most)
    }

    /// Whether the value can be undefined.
    pub(super) fn can_be_undefined(self) -> bool {
        self.undefined
    }

    fn infinite(self) -> bool {
        self.up | self.down
    }

    fn holds(self, x: f64) -> bool {
        (self.least..=self.most).contains(&x)
    }

    /// What is too large for a number is undefined; what is too small may be 0.
    fn settled(mut self) -> Self {
        // A bound that is itself undefined says nothing.
        if !(self.least >= -LARGEST && self.most <= LARGEST) {
            self.undefined = true;
            self.least = self.least.clamp(-LARGEST, LARGEST);
            self.most = self.most.clamp(-LARGEST, LARGEST);
            if self.least.is_nan() | self.most.is_nan() {
                (self.least, self.most) = (-LARGEST, LARGEST);
            }
        }
        if self.least > 0.0 && self.least < SMALLEST {
            self.least = 0.0;
        }
        if self.most < 0.0 && self.most > -SMALLEST {
            self.most = 0.0;
        }
        self
    }

    fn any() -> Self {
        Self::between(-LARGEST, LARGEST)
    }

    /// The bounds of some numbers.
    fn around(numbers: [f64; 4]) -> Self {
        let least = numbers.iter().copied().fold(f64::INFINITY, f64::min);
        let most = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Self::between(least, most)
    }

    /// The bounds of the result of an operation in its plain form.
    #[expect(clippy::too_many_lines, reason = "one arm per operation")]
    pub(super) fn of(op: Operation, a: Self, b: Self) -> Self {
        let undefined = a.undefined | b.undefined;
        let infinite = a.infinite() | b.infinite();
        let share = Self::between(0.0, 1.0);
        let truth = Self {
            truth: true,
            ..share
        };
        // Bounds of finite operands; then what comes of the others.
        let mut out = match op {
            Operation::Add => {
                let mut out = Self::between(a.least + b.least, a.most + b.most);
                out.undefined |= (a.up & b.down) | (a.down & b.up);
                out.up = a.up | b.up;
                out.down = a.down | b.down;
                out
            }
            Operation::Subtract => {
                return Self::of(Operation::Add, a, Self::of(Operation::Negate, b, b));
            }
            Operation::Multiply => {
                let mut out = Self::around([
                    a.least * b.least,
                    a.least * b.most,
                    a.most * b.least,
                    a.most * b.most,
                ]);
                out.undefined |= (a.infinite() & b.holds(0.0)) | (b.infinite() & a.holds(0.0));
                out.with_infinite(infinite)
            }
            Operation::Divide if b.holds(0.0) => {
                let mut out = Self::any().with_infinite(a.infinite());
                out.undefined = true;
                out
            }
            Operation::Divide => {
                let mut out = Self::around([
                    a.least / b.least,
                    a.least / b.most,
                    a.most / b.least,
                    a.most / b.most,
                ]);
                if b.infinite() {
                    out.least = out.least.min(0.0);
                    out.most = out.most.max(0.0);
                }
                out.undefined |= a.infinite() & b.infinite();
                out.with_infinite(a.infinite())
            }
            Operation::Negate => Self {
                least: -a.most,
                most: -a.least,
                undefined,
                up: a.down,
                down: a.up,
                truth: false,
            },
            Operation::Absolute => Self {
                least: if a.holds(0.0) {
                    0.0
                } else {
                    a.least.abs().min(a.most.abs())
                },
                most: a.least.abs().max(a.most.abs()),
                undefined,
                up: infinite,
                down: false,
                truth: a.truth,
            },
            Operation::Min => Self {
                least: a.least.min(b.least),
                most: match (a.up, b.up) {
                    (false, false) => a.most.min(b.most),
                    (true, false) => b.most,
                    (false, true) => a.most,
                    (true, true) => a.most.max(b.most),
                },
                undefined,
                up: a.up & b.up,
                down: a.down | b.down,
                truth: a.truth & b.truth,
            },
            Operation::Max => {
                let negated = |x| Self::of(Operation::Negate, x, x);
                return negated(Self::of(Operation::Min, negated(a), negated(b)));
            }
            Operation::Exp => Self {
                up: a.up,
                undefined: a.most > 88.0,
                ..Self::between(
                    if a.down | (a.least < -87.0) {
                        0.0
                    } else {
                        libm::exp(a.least)
                    },
                    libm::exp(a.most.clamp(-87.0, 88.0)),
                )
            },
            Operation::Ln => {
                let ln = |x: f64| libm::log(x.max(SMALLEST));
                Self {
                    up: a.up,
                    undefined: (a.least <= 0.0) | a.down,
                    ..Self::between(ln(a.least) - 1e-3, ln(a.most) + 1e-3)
                }
            }
            Operation::SquareRoot => Self {
                up: a.up,
                undefined: (a.least < 0.0) | a.down,
                ..Self::between(a.least.max(0.0).sqrt(), a.most.max(0.0).sqrt())
            },
            Operation::Floor => Self {
                undefined,
                up: a.up,
                down: a.down,
                ..Self::between(a.least.floor(), a.most.floor())
            },
            // What is not chosen is 0.
            Operation::Where | Operation::Unless => b.or(Self::constant(0.0)),
            Operation::Either => a.or(b),
            Operation::WholePower { exponent } => a.to_whole(exponent),
            Operation::Power => a.to(b),
            Operation::Ratio => Self {
                undefined: a.up & b.up,
                ..share
            },
            Operation::Result { least, most } => {
                let clamped = |x: f64| x.max(f64::from(least)).min(f64::from(most));
                let zero = clamped(0.0);
                let (low, high) = (clamped(a.least), clamped(a.most));
                let out = if a.can_leave() {
                    Self::between(low.min(zero), high.max(zero))
                } else {
                    Self::between(low, high)
                };
                // Where it is undefined it becomes 0.
                let below = (least.to_bits() == 0) | (least < 0.0);
                let truth = a.truth & below & (most >= 1.0);
                return Self { truth, ..out };
            }
            Operation::Undefined => return truth,
            Operation::Less
            | Operation::LessEqual
            | Operation::Equal
            | Operation::NotEqual
            | Operation::And
            | Operation::Or
            | Operation::Not => truth,
            // Shares.
            _ => share,
        };
        out.undefined |= undefined;
        out
    }

    fn with_infinite(self, infinite: bool) -> Self {
        Self {
            up: infinite,
            down: infinite,
            ..self
        }
    }

    fn to_whole(self, exponent: i8) -> Self {
        if exponent == 0 {
            return Self::between(1.0, 1.0);
        }
        if exponent < 0 {
            let one = Self::constant(1.0);
            let mut power = self.to_whole(-exponent);
            // A power that is too large has 0 as its inverse.
            power.undefined = false;
            power.up |= power.most >= LARGEST;
            power.down |= power.least <= -LARGEST;
            return Self::of(Operation::Divide, one, power);
        }
        let [x, y] = [self.least, self.most].map(|x| libm::pow(x, f64::from(exponent)));
        let zero = if self.holds(0.0) { 0.0 } else { x };
        Self::around([x, y, zero, zero]).with_infinite(self.infinite())
    }

    fn to(self, exponent: Self) -> Self {
        let ln = |x: f64| libm::log(x.max(1e-45));
        let highest = [self.least, self.most]
            .into_iter()
            .flat_map(|a| [exponent.least, exponent.most].map(|b| b * ln(a)))
            .fold(f64::NEG_INFINITY, f64::max)
            .max(if exponent.holds(0.0) {
                0.0
            } else {
                f64::NEG_INFINITY
            });
        let infinite = self.infinite() | exponent.infinite();
        // What the logarithm's error may add.
        let highest = highest + 1e-5 * highest.abs();
        Self {
            undefined: infinite
                | (self.least < 0.0)
                | ((self.least <= 0.0) & (exponent.least < 0.0))
                | (highest > 88.0),
            ..Self::between(0.0, libm::exp(highest.clamp(-87.0, 88.0)) * 1.001)
        }
        .with_infinite(infinite)
    }
}

/// Whether an operation must check its operands or its result.
pub(super) fn needs_check(op: Operation, a: Bounds, b: Bounds) -> bool {
    let undefined = a.undefined | b.undefined;
    match op {
        // What is undefined stays so by itself.
        Operation::Add | Operation::Subtract | Operation::Multiply | Operation::Divide => {
            let finite = |x: Bounds| Bounds {
                undefined: false,
                up: false,
                down: false,
                ..x
            };
            Bounds::of(op, finite(a), finite(b)).undefined
        }
        Operation::LessEqual | Operation::Equal | Operation::NotEqual => {
            undefined | (a.up & b.up) | (a.down & b.down)
        }
        Operation::Where => a.undefined,
        Operation::Exp => a.can_leave() | (a.least < -87.0) | (a.most > 88.0),
        Operation::Ln => a.can_leave() | (a.least < SMALLEST),
        Operation::Result { .. } => a.can_leave(),
        _ => undefined,
    }
}
