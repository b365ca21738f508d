//! The functions of `docs/MODEL.md` section 7.9, one binary32 operation at a time.
//!
//! Every constant is the decimal that the model prints, rounded once by the compiler.
#![expect(
    clippy::excessive_precision,
    clippy::unreadable_literal,
    clippy::approx_constant,
    reason = "constants are written digit for digit as the model prints them"
)]

/// `a` where the test holds, else `b`.
pub(crate) fn select(test: bool, a: f32, b: f32) -> f32 {
    if test { a } else { b }
}

/// The larger; the second of two that do not compare.
pub(crate) fn max(a: f32, b: f32) -> f32 {
    select(a > b, a, b)
}

/// The smaller; the second of two that do not compare.
pub(crate) fn min(a: f32, b: f32) -> f32 {
    select(a < b, a, b)
}

/// `x`, not below `lo` and not above `hi`.
pub(crate) fn clamp(x: f32, lo: f32, hi: f32) -> f32 {
    min(max(x, lo), hi)
}

/// A share.
pub(crate) fn clamp01(x: f32) -> f32 {
    clamp(x, 0.0, 1.0)
}

/// `Q` and `k` of `e^x = (Q + 1)·2^k`.
fn exp_parts(x: f32) -> (f32, i32) {
    let x = select(x > -87.0, x, -87.0);
    let x = select(x < 88.0, x, 88.0);
    let k = (x * 1.44269504 + 12582912.0) - 12582912.0;
    let f = (x - k * 0.693359375) - k * (-2.12194440e-4);
    let mut p = 1.9875691500e-4_f32;
    for c in [
        1.3981999507e-3,
        8.3334519073e-3,
        4.1665795894e-2,
        1.6666665459e-1,
        5.0000001201e-1,
    ] {
        p = p * f + c;
    }
    (p * (f * f) + f, k as i32)
}

/// `2^k` for `k` from −126 to 127: a normal number with exponent `k`.
fn two_to(k: i32) -> f32 {
    f32::from_bits(((k + 127) as u32) << 23)
}

/// The exponential function.
pub(crate) fn exp(x: f32) -> f32 {
    let (q, k) = exp_parts(x);
    (q + 1.0) * two_to(k)
}

/// `1 − e^−x`.
pub(crate) fn part(x: f32) -> f32 {
    let (q, k) = exp_parts(0.0 - x);
    (1.0 - two_to(k)) - q * two_to(k)
}

/// The natural logarithm.
pub(crate) fn ln(x: f32) -> f32 {
    let x = select(x > 1.17549435e-38, x, 1.17549435e-38);
    let i = x.to_bits().cast_signed().wrapping_sub(0x3F35_04F3);
    let f = f32::from_bits(((i & 0x007F_FFFF) + 0x3F35_04F3) as u32) - 1.0;
    ln_of_one_and(i >> 23, f)
}

/// `ln((1 + f)·2^k)`.
pub(crate) fn ln_of_one_and(k: i32, f: f32) -> f32 {
    let k = k as f32;
    let s = f * f;
    let mut p = 7.0376836292e-2_f32;
    for c in [
        -1.1514610310e-1,
        1.1676998740e-1,
        -1.2420140846e-1,
        1.4249322787e-1,
        -1.6668057665e-1,
        2.0000714765e-1,
        -2.4999993993e-1,
        3.3333331174e-1,
    ] {
        p = p * f + c;
    }
    let y = ((p * f) * s + k * (-2.12194440e-4)) - 0.5 * s;
    (f + y) + k * 0.693359375
}

/// The logistic function.
pub(crate) fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + exp(0.0 - x))
}

/// The size of the standard normal quantile beyond which there is the probability `p`.
pub(crate) fn normal_size(p: f32) -> f32 {
    let x = 1.0 - 2.0 * p;
    let h = 0.0 - ln((4.0 * p) * (1.0 - p));
    let (h, terms): (f32, &[f32]) = if h < 5.0 {
        (
            h - 2.5,
            &[
                2.81022636e-08,
                3.43273939e-07,
                -3.5233877e-06,
                -4.39150654e-06,
                0.00021858087,
                -0.00125372503,
                -0.00417768164,
                0.246640727,
                1.50140941,
            ],
        )
    } else {
        (
            h.sqrt() - 4.0,
            &[
                -2.10592611e-06,
                1.93684737e-05,
                -6.27524423e-05,
                8.29704295e-05,
                -6.91653477e-05,
                0.000265734241,
                -0.000903396169,
                0.00129083707,
                1.0095017,
                3.83978128,
            ],
        )
    };
    let mut q = terms[0];
    for c in &terms[1..] {
        q = q * h + c;
    }
    1.41421356 * (q * x)
}

/// The probability beyond `x ≥ 0` in the standard normal law, with its digits.
pub(crate) fn normal_beyond(x: f32) -> f32 {
    let y = 0.70710678 * x;
    let t = 1.0 / (1.0 + 0.5 * y);
    let mut p = 0.17087277_f32;
    for c in [
        -0.82215223,
        1.48851587,
        -1.13520398,
        0.27886807,
        -0.18628806,
        0.09678418,
        0.37409196,
        1.00002368,
        -1.26551223,
    ] {
        p = p * t + c;
    }
    (0.5 * t) * exp((0.0 - y * y) + p)
}

/// The standard normal distribution function Φ.
pub(crate) fn normal_cdf(x: f32) -> f32 {
    let j = x.abs();
    let t = 1.0 / (1.0 + 0.2316419 * j);
    let inner = t
        * (0.319381530
            + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
    let r = (0.39894228 * exp((-0.5 * j) * j)) * inner;
    select(x < 0.0, r, 1.0 - r)
}

/// The value of an expression, or of a part of it: finite or infinite, or none.
pub(crate) type Value = Option<f32>;

/// `r`, made of `operands`: no value if it is no number, or infinite and they are not.
pub(crate) fn made(r: f32, operands: &[f32]) -> Value {
    let from_finite = operands.iter().all(|x| x.is_finite());
    (!r.is_nan() && (r.is_finite() || !from_finite)).then_some(r)
}

/// `a/b` as expressions have it.
pub(crate) fn divide(a: f32, b: f32) -> Value {
    if b == 0.0 { None } else { made(a / b, &[a, b]) }
}

/// `e^x` as expressions have it.
pub(crate) fn exponential(x: f32) -> Value {
    if x < -87.0 {
        Some(0.0)
    } else if x <= 88.0 {
        Some(exp(x))
    } else {
        (x == f32::INFINITY).then_some(x)
    }
}

/// The logarithm as expressions have it.
pub(crate) fn logarithm(x: f32) -> Value {
    if x == f32::INFINITY {
        Some(x)
    } else {
        (x > 0.0).then(|| ln(x))
    }
}

/// `a = b` as expressions have it.
pub(crate) fn equal(a: f32, b: f32) -> bool {
    a == b && a.is_finite()
}

/// `a` to a whole constant of size at most 8.
pub(crate) fn whole_power(a: f32, b: i32) -> Value {
    if b == 0 {
        return Some(1.0);
    }
    let mut product = a;
    for _ in 1..b.abs() {
        product *= a;
    }
    made(if b < 0 { 1.0 / product } else { product }, &[a])
}

/// `a` to any other number.
pub(crate) fn power(a: f32, b: f32) -> Value {
    if a == 0.0 {
        return match b {
            0.0 => Some(1.0),
            b if b > 0.0 => Some(0.0),
            _ => None,
        };
    }
    let exponent = b * logarithm(a)?;
    if exponent.is_nan() {
        return None;
    }
    made(exponential(exponent)?, &[a, b])
}

/// `E(x)`: `e^x` for sizes of `x` up to 80, not quite.
pub(crate) fn weight(x: f32) -> f32 {
    let t = x * 1.44269504;
    let k = (t + 12582912.0) - 12582912.0;
    let f = t - k;
    let mut p = 9.58285294e-3_f32;
    for c in [5.59064262e-2, 2.40240991e-1, 6.93124175e-1, 1.0] {
        p = p * f + c;
    }
    p * two_to(k as i32)
}

/// `L(x)`: the logarithm, not quite.
pub(crate) fn near_ln(x: f32) -> f32 {
    let i = x.to_bits().cast_signed().wrapping_sub(0x3F35_04F3);
    let f = f32::from_bits(((i & 0x007F_FFFF) + 0x3F35_04F3) as u32) - 1.0;
    let mut p = -1.43198550e-1_f32;
    for c in [
        2.23300725e-1,
        -2.54724652e-1,
        3.32258731e-1,
        -4.99850512e-1,
        1.00001276,
    ] {
        p = p * f + c;
    }
    p * f + (i >> 23) as f32 * 0.693147181
}

/// An option: its score, and whether it is present.
pub(crate) type Scored = (f32, bool);

/// Shares by `e^score`; an absent option gets 0.
pub(crate) fn softmax(scores: &[Scored]) -> Vec<f32> {
    let last = scores.last().map_or(0.0, |(score, _)| *score);
    if scores.iter().any(|(score, _)| (score - last).abs() > 80.0) {
        return far_softmax(scores);
    }
    let weights: Vec<f32> = scores
        .iter()
        .map(|(score, present)| if *present { weight(score - last) } else { 0.0 })
        .collect();
    let sum = add_up(weights.iter().copied());
    let part = if sum == 0.0 { 0.0 } else { 1.0 / sum };
    weights.iter().map(|weight| weight * part).collect()
}

/// The same where scores lie far apart.
fn far_softmax(scores: &[Scored]) -> Vec<f32> {
    let mut highest = f32::MIN;
    for (score, _) in scores.iter().filter(|(_, present)| *present) {
        highest = max(highest, *score);
    }
    let e: Vec<f32> = scores
        .iter()
        .map(|(score, present)| if *present { exp(score - highest) } else { 0.0 })
        .collect();
    let sum = add_up(e.iter().copied());
    e.iter().map(|e| e / sum).collect()
}

/// `Σ`: from 0, in listed order. (The standard `sum` of floats starts from −0.)
pub(crate) fn add_up(terms: impl Iterator<Item = f32>) -> f32 {
    let mut sum = 0.0;
    for term in terms {
        sum += term;
    }
    sum
}
