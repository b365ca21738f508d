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

/// `e^x` in parts, for `x` in [-87, 88], held at the ends beyond: `q` and `2^k` of
/// `e^x = (q + 1)·2^k` (after Cephes).
#[inline(always)]
fn exp_parts(x: f32) -> (f32, f32) {
    let x = min(max(x, -87.0), 88.0);
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
    let power_of_two = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    (p * (f * f) + f, power_of_two)
}

/// `e^x`, relative error below 2e-7 for `x` in [-87, 88]; held at the ends beyond.
#[inline(always)]
#[must_use]
pub fn exp(x: f32) -> f32 {
    let (q, power_of_two) = exp_parts(x);
    (q + 1.0) * power_of_two
}

/// How far apart scores may lie for [`weight_of_score`].
pub const NEAR: f32 = 80.0;

/// `e^x` for weights of options, in half of the operations of [`exp`]: 1 at 0, relative error below 7e-6 for sizes of
/// `x` up to [`NEAR`] (below 3.3e-6 up to 8); beyond, anything.
#[inline(always)]
#[must_use]
pub fn weight_of_score(x: f32) -> f32 {
    let t = x * std::f32::consts::LOG2_E;
    let shifted = t + 12582912.0;
    let f = t - (shifted - 12582912.0);
    // 2^f in the maximum norm on [−½, ½].
    let p = 9.58285294e-3;
    let p = p * f + 5.59064262e-2;
    let p = p * f + 2.40240991e-1;
    let p = p * f + 6.93124175e-1;
    let p = p * f + 1.0;
    // Times 2^k: `k` is in the low bits, and the product is a normal number.
    f32::from_bits(p.to_bits().wrapping_add(shifted.to_bits() << 23))
}

/// `1 − e^−x` for `x ≥ 0`: relative error below 3e-7 however small `x` is, where `1 − exp(−x)`
/// would keep no digit.
#[inline(always)]
#[must_use]
pub fn part_of(x: f32) -> f32 {
    let (q, power_of_two) = exp_parts(0.0 - x);
    (1.0 - power_of_two) - q * power_of_two
}

/// `k` and `f` of `x = (1 + f)·2^k`, with `1 + f` between √½ and √2.
#[inline(always)]
fn ln_parts(x: f32) -> (f32, f32) {
    let i = x.to_bits().wrapping_sub(0x3F35_04F3);
    let k = (i.cast_signed() >> 23) as f32;
    let f = f32::from_bits((i & 0x007F_FFFF).wrapping_add(0x3F35_04F3)) - 1.0;
    (k, f)
}

/// `ln((1 + f)·2^k)` (after Cephes).
#[inline(always)]
fn ln_of_parts(k: f32, f: f32) -> f32 {
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

/// Natural logarithm, absolute error below 2e-7·max(1, |ln x|); anything at or below the smallest
/// normal number counts as that number.
#[inline(always)]
#[must_use]
pub fn ln(x: f32) -> f32 {
    let (k, f) = ln_parts(max(x, f32::MIN_POSITIVE));
    ln_of_parts(k, f)
}

/// `ln x` for forces, in fewer operations: 0 at 1, error below 2e-6·max(1, |ln x|). For normal numbers above 0.
#[inline(always)]
#[must_use]
pub fn ln_of_share(x: f32) -> f32 {
    let (k, f) = ln_parts(x);
    let p = -1.43198550e-1;
    let p = p * f + 2.23300725e-1;
    let p = p * f - 2.54724652e-1;
    let p = p * f + 3.32258731e-1;
    let p = p * f - 4.99850512e-1;
    let p = p * f + 1.00001276;
    p * f + k * std::f32::consts::LN_2
}

/// `1/(1 + e^−x)`.
#[inline(always)]
#[must_use]
pub fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + exp(0.0 - x))
}

/// Depth at which the tail of [`normal`] begins.
pub const NORMAL_TAIL: f32 = 5.0;

/// How deep in the tails of the normal law the point lies beyond which there is the probability
/// `p`, in (0, ½].
#[inline(always)]
#[must_use]
pub fn normal_depth(p: f32) -> f32 {
    0.0 - ln((4.0 * p) * (1.0 - p))
}

/// Size of the normal quantile at `p` of depth `h` below [`NORMAL_TAIL`] (Giles 2011, single
/// precision).
#[inline(always)]
#[must_use]
pub fn normal_centre(p: f32, h: f32) -> f32 {
    let x = 1.0 - 2.0 * p;
    let c = h - 2.5;
    let q = 2.81022636e-08;
    let q = q * c + 3.43273939e-07;
    let q = q * c + -3.5233877e-06;
    let q = q * c + -4.39150654e-06;
    let q = q * c + 0.00021858087;
    let q = q * c + -0.00125372503;
    let q = q * c + -0.00417768164;
    let q = q * c + 0.246640727;
    let q = q * c + 1.50140941;
    std::f32::consts::SQRT_2 * (q * x)
}

/// Size of the normal quantile at `p` of depth `h` at or beyond [`NORMAL_TAIL`], down to 2^−65: the
/// form of Giles (2011), whose own coefficients end at 2^−24, fitted anew in the maximum norm.
#[inline(always)]
#[must_use]
pub fn normal_tail(p: f32, h: f32) -> f32 {
    let x = 1.0 - 2.0 * p;
    let t = max(h, 0.0).sqrt() - 4.0;
    let q = -2.10592611e-06;
    let q = q * t + 1.93684737e-05;
    let q = q * t + -6.27524423e-05;
    let q = q * t + 8.29704295e-05;
    let q = q * t + -6.91653477e-05;
    let q = q * t + 0.000265734241;
    let q = q * t + -0.000903396169;
    let q = q * t + 0.00129083707;
    let q = q * t + 1.0095017;
    let q = q * t + 3.83978128;
    std::f32::consts::SQRT_2 * (q * x)
}

/// A size with the sign of the side that [`sided`] tells: below the middle for `e` above 0.
#[inline(always)]
#[must_use]
pub fn on_side(size: f32, e: f32) -> f32 {
    if e < 0.0 { size } else { 0.0 - size }
}

/// Quantile of the standard normal law at `u` in (0, 1): error below 2e-6·max(1, |z|).
#[inline(always)]
#[must_use]
pub fn normal_quantile(u: f32) -> f32 {
    normal(if u < 0.5 { u } else { u - 1.0 })
}

/// The probability beyond `x ≥ 0` in the standard normal law: relative error below 1e-5 however far out
/// (Chebyshev's form for the complementary error function; Press et al. 1992, section 6.2).
#[inline(always)]
#[must_use]
pub fn normal_beyond(x: f32) -> f32 {
    let y = std::f32::consts::FRAC_1_SQRT_2 * x;
    let t = 1.0 / (1.0 + 0.5 * y);
    let p = 0.17087277;
    let p = p * t + -0.82215223;
    let p = p * t + 1.48851587;
    let p = p * t + -1.13520398;
    let p = p * t + 0.27886807;
    let p = p * t + -0.18628806;
    let p = p * t + 0.09678418;
    let p = p * t + 0.37409196;
    let p = p * t + 1.00002368;
    let p = p * t + -1.26551223;
    (0.5 * t) * exp((0.0 - y * y) + p)
}

/// The `e` of [`sided`] at which [`normal`] has that value.
#[inline(always)]
#[must_use]
pub fn sided_normal(x: f32) -> f32 {
    let p = clamp(normal_beyond(x.abs()), FINEST, 0.5);
    if x > 0.0 { 0.0 - p } else { p }
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

/// `a/b`, and 0 where `b` is 0: shares of a whole that is nothing.
#[inline(always)]
#[must_use]
pub fn divide(a: f32, b: f32) -> f32 {
    let q = a / b;
    if b == 0.0 { 0.0 } else { q }
}

/// What an expression is worth where it has no value. It stays to the end of the expression.
pub const UNDEFINED: f32 = f32::NAN;

/// `r`, which an operation made of `a` and `b`; undefined where both are finite and `r` is not.
#[inline(always)]
fn checked(r: f32, a: f32, b: f32) -> f32 {
    let left = !r.is_finite() & a.is_finite() & b.is_finite();
    if left { UNDEFINED } else { r }
}

/// `r` where neither `a` nor `b` is undefined.
#[inline(always)]
#[must_use]
pub fn defined(r: f32, a: f32, b: f32) -> f32 {
    if a.is_nan() | b.is_nan() {
        UNDEFINED
    } else {
        r
    }
}

/// `a + b`; undefined where that is too large for a number.
#[inline(always)]
#[must_use]
pub fn checked_add(a: f32, b: f32) -> f32 {
    checked(a + b, a, b)
}

/// `a − b`; undefined where that is too large for a number.
#[inline(always)]
#[must_use]
pub fn checked_subtract(a: f32, b: f32) -> f32 {
    checked(a - b, a, b)
}

/// `a·b`; undefined where that is too large for a number.
#[inline(always)]
#[must_use]
pub fn checked_multiply(a: f32, b: f32) -> f32 {
    checked(a * b, a, b)
}

/// `a/b`; undefined where `b` is 0, or the quotient too large for a number.
#[inline(always)]
#[must_use]
pub fn checked_divide(a: f32, b: f32) -> f32 {
    let q = checked(a / b, a, b);
    if b == 0.0 { UNDEFINED } else { q }
}

/// `a = b`; two infinite numbers are never equal.
#[inline(always)]
#[must_use]
pub fn equal(a: f32, b: f32) -> bool {
    (a == b) & (a.abs() < f32::INFINITY)
}

/// Whether a number is defined and not 0.
#[inline(always)]
#[must_use]
pub fn is_true(x: f32) -> bool {
    (x < 0.0) | (x > 0.0)
}

/// `e^x`: 0 below −87, and undefined above 88 but for infinity.
#[inline(always)]
#[must_use]
pub fn checked_exp(x: f32) -> f32 {
    let above = if x == f32::INFINITY { x } else { UNDEFINED };
    let e = exp(x);
    let e = if x <= 88.0 { e } else { above };
    if x < -87.0 { 0.0 } else { e }
}

/// Natural logarithm; undefined where `x` is not above 0.
#[inline(always)]
#[must_use]
pub fn checked_ln(x: f32) -> f32 {
    let l = ln(x);
    let l = if x == f32::INFINITY { x } else { l };
    if x > 0.0 { l } else { UNDEFINED }
}

/// `a` to a whole constant power of size at most 8: repeated multiplication, `1/that` for a negative
/// one; undefined where that is too large for a number.
#[inline(always)]
#[must_use]
pub fn whole_power(a: f32, n: i8) -> f32 {
    let mut p = if n == 0 { 1.0 } else { a };
    for _ in 1..n.unsigned_abs() {
        p *= a;
    }
    let p = if n < 0 { 1.0 / p } else { p };
    defined(checked(p, a, a), a, a)
}

/// `a^b` for any other exponent: `exp(b·ln a)` for `a > 0`; 0 for `a = 0` and `b > 0`, 1 for `0^0`;
/// else undefined, as where it is too large for a number.
#[inline(always)]
#[must_use]
pub fn power(a: f32, b: f32) -> f32 {
    let p = checked(checked_exp(b * checked_ln(a)), a, b);
    let nought = if b == 0.0 { 1.0 } else { UNDEFINED };
    let nought = if b > 0.0 { 0.0 } else { nought };
    let p = if a == 0.0 { nought } else { p };
    defined(p, a, b)
}

/// The weaker of two sides in units of the stronger, what is below 0 counting as 0; 1 where both are
/// 0. Undefined where both are infinite.
#[inline(always)]
#[must_use]
pub fn ratio(a: f32, b: f32) -> f32 {
    let (x, y) = (max(a, 0.0), max(b, 0.0));
    let (weaker, stronger) = (min(x, y), max(x, y));
    let r = if stronger == 0.0 {
        1.0
    } else {
        weaker / stronger
    };
    defined(r, a, b)
}

/// Contest success of a side, for a ratio already raised to its exponent: `1/(1 + r)` of the side
/// that it favours, `r/(1 + r)` of the other.
#[inline(always)]
#[must_use]
pub fn contest(r: f32, favoured: f32) -> f32 {
    let share = if favoured == 0.0 { r } else { 1.0 };
    defined(share / (1.0 + r), r, favoured)
}

/// The result of an expression held in `[least, most]`; where it is undefined or infinite, that of 0.
#[inline(always)]
#[must_use]
pub fn result(x: f32, least: f32, most: f32) -> f32 {
    let number = if x.abs() < f32::INFINITY { x } else { 0.0 };
    clamp(number, least, most)
}

/// The smallest distance of a uniform number from 0 and from 1.
pub const FINEST: f32 = 1.0 / (2.0 * 18446744073709551616.0);
/// The largest uniform number.
const LARGEST: f32 = 1.0 - 1.0 / 16777216.0;

/// The uniform number `u` of a word, with the digits of both its ends: `e = u` up to one half, above
/// it `e = u − 1`. A number near 1 has few digits; its distance from 1 has all of them.
/// `|e| = (n + ½)·2^−32`, rounded, `n` being the word or its complement, whichever is smaller.
/// A word near an end needs a further one: [`is_deep`].
#[inline(always)]
#[must_use]
pub fn sided(word: u32) -> f32 {
    let n = (word.cast_signed() >> 31) ^ word.cast_signed();
    let p = (n as f32 + 0.5) * (1.0 / 4294967296.0);
    f32::from_bits(p.to_bits() | (word & 0x8000_0000))
}

/// Whether a word is so near an end, within 2^−16, that [`sided`] has too few digits.
#[inline(always)]
#[must_use]
pub fn is_deep(word: u32) -> bool {
    word.wrapping_add(1 << 16) < 1 << 17
}

/// [`sided`] of a word that is deep, with a further word: `|e| = (n·2^32 + further + ½)·2^−64`,
/// rounded. The smallest size is [`FINEST`].
#[inline]
#[must_use]
pub fn sided_deep(word: u32, further: u32) -> f32 {
    let above = word & 0x8000_0000;
    let n = if above == 0 { word } else { !word };
    let n = (u64::from(n) << 32) | u64::from(further);
    let p = (n as f32 + 0.5) * (1.0 / 18446744073709551616.0);
    f32::from_bits(p.to_bits() | above)
}

/// The `e` of [`sided`] at a uniform number in [0, 1] that something else than a word gives.
#[must_use]
pub fn sided_at(u: f64) -> f32 {
    if u <= 0.5 {
        max(u as f32, FINEST)
    } else {
        0.0 - max((1.0 - u) as f32, FINEST)
    }
}

/// The uniform number itself, never 0 or 1. `u < p` has the probability `p` to a part 2^−16 or
/// better, down to 2^−48.
#[inline(always)]
#[must_use]
pub fn uniform(e: f32) -> f32 {
    let above = min(1.0 + e, LARGEST);
    if e < 0.0 { above } else { e }
}

/// Minus the logarithm of the uniform number: the standard exponential law, with all digits near 0
/// too.
#[inline(always)]
#[must_use]
pub fn exponential(e: f32) -> f32 {
    let above = 1.0 + e;
    let (k, f) = ln_parts(if e < 0.0 { above } else { e });
    // `k` is 0 for numbers near 1 alone, and then `1 + f` is the number.
    let f = if k == 0.0 { e } else { f };
    0.0 - ln_of_parts(k, f)
}

/// The standard Gumbel law.
#[inline(always)]
#[must_use]
pub fn gumbel(e: f32) -> f32 {
    0.0 - ln(exponential(e))
}

/// The standard normal law: error below 2e-6·max(1, |z|).
#[inline(always)]
#[must_use]
pub fn normal(e: f32) -> f32 {
    let p = e.abs();
    let h = normal_depth(p);
    let (centre, tail) = (normal_centre(p, h), normal_tail(p, h));
    on_side(if h < NORMAL_TAIL { centre } else { tail }, e)
}
