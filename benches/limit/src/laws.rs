//! The functions of `docs/MODEL.md` 7.9 as far as this scenario needs them: no guard against numbers that do not
//! occur here. In two ways: to the bit, or as fast as the machine can.
#![expect(
    clippy::excessive_precision,
    clippy::unreadable_literal,
    reason = "constants as published"
)]

use std::f32::consts::{LN_2, LOG2_E};

use kzsim::internals::math;

/// How numbers are computed.
pub trait Laws {
    /// Whether bits may differ from those of the model.
    const FREE: bool;
    /// `a·b + c`.
    fn fma(a: f32, b: f32, c: f32) -> f32;
}

/// As the model says, to the bit.
pub struct Exact;

impl Laws for Exact {
    const FREE: bool = false;
    #[inline(always)]
    fn fma(a: f32, b: f32, c: f32) -> f32 {
        a * b + c
    }
}

/// Every change of values is allowed: multiplication and addition are fused, forces are powers.
pub struct Free;

impl Laws for Free {
    const FREE: bool = true;
    #[inline(always)]
    fn fma(a: f32, b: f32, c: f32) -> f32 {
        a.mul_add(b, c)
    }
}

/// 1.5·2^23: adding it rounds to the nearest whole number and leaves it in the low bits.
const ROUND: f32 = 12582912.0;

/// `E(x)`: weights of options.
#[inline(always)]
fn weight<L: Laws>(x: f32) -> f32 {
    power_of_two::<L>(x * LOG2_E)
}

#[inline(always)]
fn power_of_two<L: Laws>(t: f32) -> f32 {
    let shifted = t + ROUND;
    let f = t - (shifted - ROUND);
    let p = 9.58285294e-3;
    let p = L::fma(p, f, 5.59064262e-2);
    let p = L::fma(p, f, 2.40240991e-1);
    let p = L::fma(p, f, 6.93124175e-1);
    let p = L::fma(p, f, 1.0);
    if L::FREE {
        let k = shifted.to_bits().wrapping_shl(23);
        return f32::from_bits(p.to_bits().wrapping_add(k));
    }
    p * f32::from_bits(shifted.to_bits().wrapping_add(127) << 23)
}

/// `exp(x)` of what is known to lie in (−87, 88).
#[inline(always)]
pub fn exp<L: Laws>(x: f32) -> f32 {
    if L::FREE {
        return weight::<L>(x);
    }
    let shifted = x * LOG2_E + ROUND;
    let k = shifted - ROUND;
    let f = (x - k * 0.693359375) - k * (-2.12194440e-4);
    let p = 1.9875691500e-4;
    let p = p * f + 1.3981999507e-3;
    let p = p * f + 8.3334519073e-3;
    let p = p * f + 4.1665795894e-2;
    let p = p * f + 1.6666665459e-1;
    let p = p * f + 5.0000001201e-1;
    let power_of_two = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    ((p * (f * f) + f) + 1.0) * power_of_two
}

/// Shares by the differences of scores from that of the last option.
#[inline(always)]
fn shares<L: Laws, const N: usize>(weights: [f32; N]) -> [f32; N] {
    let mut sum = 0.0;
    for o in 0..N {
        sum += weights[o];
    }
    let part = 1.0 / sum;
    let mut out = weights;
    for o in 0..N {
        out[o] *= part;
    }
    out
}

/// Shares of `N` options, of which all are present.
#[inline(always)]
pub fn softmax<L: Laws, const N: usize>(score: [f32; N]) -> [f32; N] {
    let mut w = [1.0; N];
    for o in 0..N - 1 {
        w[o] = weight::<L>(score[o] - score[N - 1]);
    }
    shares::<L, N>(w)
}

/// Shares of three contenders and of aside, by what each is worth beyond standing aside.
#[inline(always)]
pub fn beyond_aside<L: Laws>(score: [f32; 3]) -> [f32; 4] {
    let [a, b, c] = score.map(weight::<L>);
    shares::<L, 4>([a, b, c, 1.0])
}

/// Shares of three contenders: softmax of `1.5·((L(share) + signal) + more)`.
#[inline(always)]
pub fn prospects<L: Laws>(share: [f32; 3], signal: [f32; 3], more: [f32; 3]) -> [f32; 3] {
    if L::FREE {
        let mut w = [0.0; 3];
        for c in 0..3 {
            let raised = (1.5 * LOG2_E) * (signal[c] + more[c]);
            w[c] = (share[c] * share[c].sqrt()) * power_of_two::<L>(raised);
        }
        return shares::<L, 3>(w);
    }
    let mut score = [0.0; 3];
    for c in 0..3 {
        score[c] = 1.5 * ((force::<L>(share[c]) + signal[c]) + more[c]);
    }
    softmax::<L, 3>(score)
}

/// `L(x)`: the logarithm of forces.
#[inline(always)]
pub fn force<L: Laws>(x: f32) -> f32 {
    let i = x.to_bits().wrapping_sub(0x3F35_04F3);
    let k = (i.cast_signed() >> 23) as f32;
    let f = f32::from_bits((i & 0x007F_FFFF).wrapping_add(0x3F35_04F3)) - 1.0;
    let p = -1.43198550e-1;
    let p = L::fma(p, f, 2.23300725e-1);
    let p = L::fma(p, f, -2.54724652e-1);
    let p = L::fma(p, f, 3.32258731e-1);
    let p = L::fma(p, f, -4.99850512e-1);
    let p = L::fma(p, f, 1.00001276);
    L::fma(p, f, k * LN_2)
}

/// The distribution function of the normal law, not further out than exponentials go.
#[inline(always)]
pub fn normal_cdf<L: Laws>(x: f32) -> f32 {
    let j = x.abs();
    let t = 1.0 / L::fma(0.2316419, j, 1.0);
    let p = L::fma(t, 1.330274429, -1.821255978);
    let p = L::fma(t, p, 1.781477937);
    let p = L::fma(t, p, -0.356563782);
    let p = L::fma(t, p, 0.319381530);
    let r = (0.39894228 * exp::<L>((-0.5 * j) * j)) * (t * p);
    if x < 0.0 { r } else { 1.0 - r }
}

/// `contest(a, b, 2)` of two numbers above 0.
#[inline(always)]
pub fn contest<L: Laws>(a: f32, b: f32) -> f32 {
    if L::FREE {
        let (a, b) = (a * a, b * b);
        return a / (a + b);
    }
    let ratio = math::min(a, b) / math::max(a, b);
    let r = ratio * ratio;
    let share = if a >= b { 1.0 } else { r };
    share / (1.0 + r)
}

/// The standard normal law of a row of words. `deep` gives the uniform number of a lane whose word lies so near
/// an end that a further one is needed.
#[inline(always)]
pub fn normals<const W: usize>(
    words: &[u32; W],
    out: &mut [f32; W],
    deep: impl Fn(usize, u32) -> f32,
) {
    let mut side = [0.0; W];
    let mut depth = [0.0; W];
    let (mut any, mut tails) = (0, 0);
    for i in 0..W {
        let e = math::sided(words[i]);
        let p = e.abs();
        let h = math::normal_depth(p);
        out[i] = math::on_side(math::normal_centre(p, h), e);
        side[i] = e;
        depth[i] = h;
        any |= u32::from(math::is_deep(words[i]));
        tails |= u32::from(h >= math::NORMAL_TAIL);
    }
    if any | tails == 0 {
        return;
    }
    for i in 0..W {
        if math::is_deep(words[i]) {
            side[i] = deep(i, words[i]);
            depth[i] = math::normal_depth(side[i].abs());
        }
    }
    for i in 0..W {
        let tail = math::on_side(math::normal_tail(side[i].abs(), depth[i]), side[i]);
        out[i] = if depth[i] < math::NORMAL_TAIL {
            out[i]
        } else {
            tail
        };
    }
}
