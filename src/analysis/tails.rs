//! Tail probabilities of the distributions that tests need. Logarithms and powers come from `libm`,
//! so that results are the same on every machine.

use std::f64::consts::{PI, SQRT_2};

use crate::math;

/// Returns P(|Z| > `z`) for a standard normal Z.
#[must_use]
pub fn normal_two_sided(z: f64) -> f64 {
    libm::erfc(z.abs() / SQRT_2)
}

/// Returns the probability that a chi-square with so many degrees of freedom exceeds `x`, by the
/// finite sums of Abramowitz & Stegun 26.4.4 and 26.4.5. With none, it is always 0.
#[must_use]
pub fn chi_square(x: f64, degrees: usize) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    if degrees == 0 {
        return 0.0;
    }
    let half = 0.5 * x;
    let (mut tail, mut term, first) = if degrees.is_multiple_of(2) {
        (0.0, libm::exp(-half), 0.0)
    } else {
        let term = libm::exp(-half) * 2.0 * (half / PI).sqrt();
        (libm::erfc(half.sqrt()), term, 0.5)
    };
    for k in 0..degrees / 2 {
        tail += term;
        term *= half / (k as f64 + 1.0 + first);
    }
    tail.min(1.0)
}

/// Returns the upper quantile of Student's t at the tail probability `tail`, below ½, by expansion
/// in the reciprocal of the degrees of freedom (Fisher & Cornish 1960): accurate to 1 % from 15
/// degrees on, for tails down to 1e−5.
#[must_use]
pub fn student(tail: f64, degrees: f64) -> f64 {
    let z = -f64::from(math::normal_quantile(tail as f32));
    let s = z * z;
    let n = degrees;
    let first = z * (s + 1.0) / 4.0;
    let second = z * ((5.0 * s + 16.0) * s + 3.0) / 96.0;
    let third = z * (((3.0 * s + 19.0) * s + 17.0) * s - 15.0) / 384.0;
    let fourth = z * ((((79.0 * s + 776.0) * s + 1482.0) * s - 1920.0) * s - 945.0) / 92160.0;
    z + first / n + second / (n * n) + third / (n * n * n) + fourth / (n * n * n * n)
}

/// Units below which a variance estimated from them says next to nothing: an interval from fewer is
/// told with a warning, or not at all.
pub const UNITS: f64 = 8.0;

/// Returns the 0.975 quantile of Student's t, exact to ten digits: the number of standard errors in
/// one half of a 95 % interval whose error was estimated from `degrees + 1` units. `degrees` need not
/// be whole; below ½ it is infinite, as one unit says nothing about its error.
#[must_use]
pub fn student_95(degrees: f64) -> f64 {
    if degrees.is_nan() || degrees < 0.5 {
        return f64::INFINITY;
    }
    // P(|T| > t) = I_x(n/2, 1/2) at x = n/(n + t²). Halving is slow and cannot go wrong.
    let (mut low, mut high) = (0.0, 1.0);
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if beta(0.5 * degrees, 0.5, middle) < 0.05 {
            low = middle;
        } else {
            high = middle;
        }
    }
    (degrees * (1.0 - low) / low).sqrt()
}

/// The regularised incomplete beta function `I_x(a, b)`, by its continued fraction (Abramowitz &
/// Stegun 26.5.8, evaluated after Lentz 1976); `x` is in [0, 1].
fn beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x;
    }
    // The fraction converges quickly on this side alone.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta(b, a, 1.0 - x);
    }
    let scale = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b);
    let front = libm::exp(scale + a * libm::log(x) + b * libm::log1p(-x)) / a;
    let away = |v: f64| if v.abs() < 1e-300 { 1e-300 } else { v };
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let (mut c, mut fraction) = (1.0, d);
    for m in 1..=500 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let before = fraction;
        for term in [even, odd] {
            d = 1.0 / away(1.0 + term * d);
            c = away(1.0 + term / c);
            fraction *= c * d;
        }
        if (fraction - before).abs() <= 1e-15 * fraction.abs() {
            break;
        }
    }
    front * fraction
}

/// Returns the probability of `k` or more hits in `n` trials that each hit with probability `p`: the
/// sum of the binomial terms, from the largest on, until they no longer matter.
#[must_use]
pub fn binomial(k: u64, n: u64, p: f64) -> f64 {
    if k == 0 || p >= 1.0 {
        return 1.0;
    }
    if k > n || p <= 0.0 {
        return 0.0;
    }
    let (x, size, q) = (k as f64, n as f64, 1.0 - p);
    let choose =
        |j: f64| libm::lgamma(size + 1.0) - libm::lgamma(j + 1.0) - libm::lgamma(size - j + 1.0);
    let term = |j: f64| libm::exp(choose(j) + j * libm::log(p) + (size - j) * libm::log(q));
    if x > size * p {
        // The terms fall from here on.
        let (mut sum, mut last, mut j) = (0.0, term(x), x);
        while last > sum * 1e-17 && last > 0.0 {
            sum += last;
            last *= (size - j) / (j + 1.0) * (p / q);
            j += 1.0;
        }
        sum.min(1.0)
    } else {
        let (mut sum, mut j) = (0.0, x - 1.0);
        let mut last = term(j);
        while last > sum * 1e-17 && last > 0.0 {
            sum += last;
            last *= j / (size - j + 1.0) * (q / p);
            j -= 1.0;
        }
        (1.0 - sum).max(0.0)
    }
}
