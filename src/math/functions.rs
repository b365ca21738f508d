//! The model's own functions, built from IEEE basic operations alone, so that the same bits come
//! out on every machine. `docs/MODEL.md` 7.9 states each; the accuracy named here is tested.
//!
//! Written without branches, so that loops over lanes vectorise. No fused multiply-add: Rust never
//! contracts `a * b + c` by itself, and nothing here asks for it.

#![expect(
    clippy::excessive_precision,
    clippy::unreadable_literal,
    reason = "constants as published; each is rounded once by the compiler"
)]

/// The larger; `b` when they cannot be compared.
#[inline(always)]
#[must_use]
pub fn max(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// The smaller; `b` when they cannot be compared.
#[inline(always)]
#[must_use]
pub fn min(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

/// `x` held in `[least, most]`.
#[inline(always)]
#[must_use]
pub fn clamp(x: f32, least: f32, most: f32) -> f32 {
    min(max(x, least), most)
}

/// `x` held in `[0, 1]`.
#[inline(always)]
#[must_use]
pub fn clamp01(x: f32) -> f32 {
    clamp(x, 0.0, 1.0)
}

/// `e^x`, relative error below 2e-7 for `x` in [-87, 88]; held at the ends beyond (after Cephes).
#[inline(always)]
#[must_use]
pub fn exp(x: f32) -> f32 {
    let x = max(x, -87.0);
    let x = min(x, 88.0);
    // Adding 1.5·2^23 rounds to the nearest whole number and leaves it in the low bits.
    let shifted = x * std::f32::consts::LOG2_E + 12582912.0;
    let k = shifted - 12582912.0;
    let f = (x - k * 0.693359375) - k * (-2.12194440e-4);
    let p = 1.9875691500e-4;
    let p = p * f + 1.3981999507e-3;
    let p = p * f + 8.3334519073e-3;
    let p = p * f + 4.1665795894e-2;
    let p = p * f + 1.6666665459e-1;
    let p = p * f + 5.0000001201e-1;
    let y = (p * (f * f) + f) + 1.0;
    let power_of_two = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    y * power_of_two
}

/// Natural logarithm, absolute error below 2e-7·max(1, |ln x|); anything at or below the smallest
/// normal number counts as that number (after Cephes).
#[inline(always)]
#[must_use]
pub fn ln(x: f32) -> f32 {
    let x = max(x, f32::MIN_POSITIVE);
    let i = x.to_bits().wrapping_sub(0x3F35_04F3);
    let k = (i.cast_signed() >> 23) as f32;
    let f = f32::from_bits((i & 0x007F_FFFF).wrapping_add(0x3F35_04F3)) - 1.0;
    let s = f * f;
    let p = 7.0376836292e-2;
    let p = p * f - 1.1514610310e-1;
    let p = p * f + 1.1676998740e-1;
    let p = p * f - 1.2420140846e-1;
    let p = p * f + 1.4249322787e-1;
    let p = p * f - 1.6668057665e-1;
    let p = p * f + 2.0000714765e-1;
    let p = p * f - 2.4999993993e-1;
    let p = p * f + 3.3333331174e-1;
    let y = ((p * f) * s + k * (-2.12194440e-4)) - 0.5 * s;
    (f + y) + k * 0.693359375
}

/// `1/(1 + e^−x)`.
#[inline(always)]
#[must_use]
pub fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + exp(0.0 - x))
}

/// Depth at which the tail of [`normal_quantile`] begins.
pub const NORMAL_TAIL: f32 = 5.0;

/// How deep in a tail of the normal law `u` lies.
#[inline(always)]
#[must_use]
pub fn normal_depth(u: f32) -> f32 {
    0.0 - ln((4.0 * u) * (1.0 - u))
}

/// The normal quantile at `u` of depth `h` below [`NORMAL_TAIL`].
#[inline(always)]
#[must_use]
pub fn normal_centre(u: f32, h: f32) -> f32 {
    let x = 2.0 * u - 1.0;
    let c = h - 2.5;
    let p = 2.81022636e-08;
    let p = p * c + 3.43273939e-07;
    let p = p * c + -3.5233877e-06;
    let p = p * c + -4.39150654e-06;
    let p = p * c + 0.00021858087;
    let p = p * c + -0.00125372503;
    let p = p * c + -0.00417768164;
    let p = p * c + 0.246640727;
    let p = p * c + 1.50140941;
    std::f32::consts::SQRT_2 * (p * x)
}

/// The normal quantile at `u` of depth `h` at or beyond [`NORMAL_TAIL`].
#[inline(always)]
#[must_use]
pub fn normal_tail(u: f32, h: f32) -> f32 {
    let x = 2.0 * u - 1.0;
    let t = max(h, 0.0).sqrt() - 3.0;
    let p = -0.000200214257;
    let p = p * t + 0.000100950558;
    let p = p * t + 0.00134934322;
    let p = p * t + -0.00367342844;
    let p = p * t + 0.00573950773;
    let p = p * t + -0.0076224613;
    let p = p * t + 0.00943887047;
    let p = p * t + 1.00167406;
    let p = p * t + 2.83297682;
    std::f32::consts::SQRT_2 * (p * x)
}

/// Quantile of the standard normal law at `u` in (0, 1): error below 1e-6·max(1, |z|)
/// (Giles 2011, single precision).
#[inline(always)]
#[must_use]
pub fn normal_quantile(u: f32) -> f32 {
    let h = normal_depth(u);
    let (centre, tail) = (normal_centre(u, h), normal_tail(u, h));
    if h < NORMAL_TAIL { centre } else { tail }
}

/// Distribution function of the standard normal law: absolute error below 3e-7
/// (Abramowitz & Stegun 26.2.17).
#[inline(always)]
#[must_use]
pub fn normal_cdf(x: f32) -> f32 {
    let j = x.abs();
    let t = 1.0 / (1.0 + 0.2316419 * j);
    let p = -1.821255978 + t * 1.330274429;
    let p = 1.781477937 + t * p;
    let p = -0.356563782 + t * p;
    let p = 0.319381530 + t * p;
    let r = (0.39894228 * exp((-0.5 * j) * j)) * (t * p);
    if x < 0.0 { r } else { 1.0 - r }
}

/// `a/b`, and 0 where `b` is 0.
#[inline(always)]
#[must_use]
pub fn divide(a: f32, b: f32) -> f32 {
    let q = a / b;
    if b == 0.0 { 0.0 } else { q }
}

/// `a` to a whole constant power of size at most 8: repeated multiplication.
#[inline(always)]
#[must_use]
pub fn whole_power(a: f32, n: i8) -> f32 {
    if n == 0 {
        return 1.0;
    }
    let mut p = a;
    for _ in 1..n.unsigned_abs() {
        p *= a;
    }
    if n < 0 { divide(1.0, p) } else { p }
}

/// `a^b` for any other exponent: `exp(b·ln a)` for `a > 0`, 1 for `0^0`, else 0.
#[inline(always)]
#[must_use]
pub fn power(a: f32, b: f32) -> f32 {
    let p = exp(b * ln(a));
    let zero = if a == 0.0 && b == 0.0 { 1.0 } else { 0.0 };
    if a > 0.0 { p } else { zero }
}

/// Contest success `A/(A + B)` of two powers already raised to their exponent, ½ where both are 0.
#[inline(always)]
#[must_use]
pub fn contest(a: f32, b: f32) -> f32 {
    let sum = a + b;
    let share = a / sum;
    if sum > 0.0 { share } else { 0.5 }
}

/// The result of an expression: 0 if it is not a number, else held in `[least, most]`.
#[inline(always)]
#[must_use]
pub fn result(x: f32, least: f32, most: f32) -> f32 {
    let number = if x.is_nan() { 0.0 } else { x };
    clamp(number, least, most)
}

/// The uniform number of a word: `((word >> 9) + ½)·2^−23`, never 0 or 1.
#[inline(always)]
#[must_use]
pub fn uniform(word: u32) -> f32 {
    ((word >> 9) as f32 + 0.5) * (1.0 / 8388608.0)
}

/// Minus the logarithm of a uniform number: the standard exponential law.
#[inline(always)]
#[must_use]
pub fn exponential(word: u32) -> f32 {
    0.0 - ln(uniform(word))
}

/// The standard Gumbel law.
#[inline(always)]
#[must_use]
pub fn gumbel(word: u32) -> f32 {
    0.0 - ln(exponential(word))
}

/// The standard normal law.
#[inline(always)]
#[must_use]
pub fn normal(word: u32) -> f32 {
    normal_quantile(uniform(word))
}
