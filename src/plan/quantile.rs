//! Priors as quantile functions, tabled once per scenario.
//!
//! Tables are computed in binary64 by the portable functions of `libm` and then rounded to
//! binary32, so that any accurate implementation gives the same table.

use std::collections::BTreeMap;

/// Cells of equal probability of a PERT prior.
pub const CELLS: usize = 512;
/// Cells into which each of the outermost two is cut again.
pub const OUTER: usize = 64;

/// How a prior is drawn from a uniform number `u`.
#[derive(Debug, Clone)]
pub enum Quantile {
    /// Linear between tabled quantiles.
    Table(Box<Tables>),
    /// `min + u·range`.
    Uniform {
        /// Lowest.
        min: f32,
        /// Highest less lowest.
        range: f32,
    },
    /// `mean + sd·z(from + u·width)`.
    Normal {
        /// Mean.
        mean: f32,
        /// Standard deviation.
        sd: f32,
        /// Probability below the range.
        from: f32,
        /// Probability inside the range.
        width: f32,
    },
}

/// Quantiles at even distances of probability: the middle, and each outermost cell again.
#[derive(Debug, Clone)]
pub struct Tables {
    /// At `i/512`.
    middle: [f32; CELLS + 1],
    /// At `i/2^15`.
    low: [f32; OUTER + 1],
    /// At `1 − i/2^15`.
    high: [f32; OUTER + 1],
}

/// Shapes of PERT laws whose quantiles are known already: many priors share one.
#[derive(Debug, Default)]
pub struct Shapes(BTreeMap<u64, Half>);

/// Quantiles of a Beta law below one half: at `i/2^15` up to the first cell, then at `i/512`.
#[derive(Debug, Clone)]
struct Half {
    outer: [f64; OUTER + 1],
    inner: [f64; CELLS / 2 + 1],
}

impl Shapes {
    /// The lower half of Beta(a, 6 − a).
    fn half(&mut self, a: f64) -> &Half {
        self.0
            .entry(a.to_bits())
            .or_insert_with(|| Half::new(a, 6.0 - a))
    }
}

impl Half {
    fn new(a: f64, b: f64) -> Self {
        let law = Beta::new(a, b);
        let mut half = Self {
            outer: [0.0; OUTER + 1],
            inner: [0.0; CELLS / 2 + 1],
        };
        let step = 1.0 / (CELLS * OUTER) as f64;
        let mut x = libm::exp((libm::log(step * a) - law.log_norm) / a);
        for i in 1..=OUTER {
            let p = i as f64 * step;
            if i > 1 {
                // Near its end the law is nearly a power.
                x *= libm::pow(i as f64 / (i as f64 - 1.0), 1.0 / a);
            }
            x = law.quantile(p, x);
            half.outer[i] = x;
        }
        half.inner[1] = x;
        for i in 2..=CELLS / 2 {
            let h = 1.0 / (CELLS as f64 * law.density(x));
            x = law.quantile(i as f64 / CELLS as f64, x + h - 0.5 * h * h * law.slope(x));
            half.inner[i] = x;
        }
        half
    }
}

impl Quantile {
    /// PERT with λ = 4.
    #[must_use]
    pub fn pert(low: f64, mode: f64, high: f64, shapes: &mut Shapes) -> Self {
        let alpha = 1.0 + 4.0 * (mode - low) / (high - low);
        let beta = 1.0 + 4.0 * (high - mode) / (high - low);
        let width = high - low;
        let mut t = Tables {
            middle: [0.0; CELLS + 1],
            low: [0.0; OUTER + 1],
            high: [0.0; OUTER + 1],
        };
        let half = shapes.half(alpha);
        for i in 0..=OUTER {
            t.low[i] = (low + width * half.outer[i]) as f32;
        }
        for i in 0..=CELLS / 2 {
            t.middle[i] = (low + width * half.inner[i]) as f32;
        }
        let half = shapes.half(beta);
        for i in 0..=OUTER {
            t.high[i] = (high - width * half.outer[i]) as f32;
        }
        for i in 0..CELLS / 2 {
            t.middle[CELLS - i] = (high - width * half.inner[i]) as f32;
        }
        Self::Table(Box::new(t))
    }

    /// Normal, truncated to `[least, most]`.
    #[must_use]
    pub fn normal(mean: f64, sd: f64, least: f64, most: f64) -> Self {
        let cdf = |x: f64| 0.5 * libm::erfc(-((x - mean) / sd) / std::f64::consts::SQRT_2);
        let open = crate::scenario::model::limits::SIZE;
        let from = if least <= -open { 0.0 } else { cdf(least) };
        let to = if most >= open { 1.0 } else { cdf(most) };
        Self::Normal {
            mean: mean as f32,
            sd: sd as f32,
            from: from as f32,
            width: to as f32 - from as f32,
        }
    }

    /// The value at a uniform number.
    #[must_use]
    pub fn at(&self, u: f32) -> f32 {
        use crate::math;
        match self {
            Self::Table(tables) => {
                let outer = 1.0 / CELLS as f32;
                let (table, c): (&[f32], f32) = if u < outer {
                    (&tables.low, u * (CELLS * OUTER) as f32)
                } else if 1.0 - u < outer {
                    (&tables.high, (1.0 - u) * (CELLS * OUTER) as f32)
                } else {
                    (&tables.middle, u * CELLS as f32)
                };
                let i = c as usize;
                table[i] + (c - i as f32) * (table[i + 1] - table[i])
            }
            Self::Uniform { min, range } => min + u * range,
            Self::Normal {
                mean,
                sd,
                from,
                width,
            } => mean + sd * math::normal_quantile(from + u * width),
        }
    }
}

/// A Beta law with parameters of at least 1.
struct Beta {
    a: f64,
    b: f64,
    log_norm: f64,
}

impl Beta {
    fn new(a: f64, b: f64) -> Self {
        Self {
            a,
            b,
            log_norm: libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b),
        }
    }

    /// Regularised incomplete beta function, by Lentz's continued fraction (DLMF 8.17.22).
    fn cdf(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        if x >= 1.0 {
            return 1.0;
        }
        let front = libm::exp(self.log_norm + self.a * libm::log(x) + self.b * libm::log1p(-x));
        if x < (self.a + 1.0) / (self.a + self.b + 2.0) {
            front * fraction(self.a, self.b, x) / self.a
        } else {
            1.0 - front * fraction(self.b, self.a, 1.0 - x) / self.b
        }
    }

    fn density(&self, x: f64) -> f64 {
        libm::exp(self.log_norm + (self.a - 1.0) * libm::log(x) + (self.b - 1.0) * libm::log1p(-x))
    }

    /// The logarithmic derivative of the density.
    fn slope(&self, x: f64) -> f64 {
        (self.a - 1.0) / x - (self.b - 1.0) / (1.0 - x)
    }

    /// The quantile at `p`, to a few units of the last place: Halley's rule from a good guess,
    /// held in a bracket.
    fn quantile(&self, p: f64, guess: f64) -> f64 {
        let (mut low, mut high) = (0.0, 1.0);
        let mut x = if guess > 0.0 && guess < 1.0 {
            guess
        } else {
            0.5
        };
        for _ in 0..200 {
            let miss = self.cdf(x) - p;
            if miss < 0.0 {
                low = x;
            } else {
                high = x;
            }
            let newton = miss / self.density(x);
            let step = newton / (1.0 - 0.5 * newton * self.slope(x)).max(0.5);
            let next = x - step;
            let inside = next > low && next < high;
            let next = if inside { next } else { 0.5 * (low + high) };
            let moved = (next - x).abs();
            x = next;
            // Halley's error falls with its cube: what is left is below the last place.
            if (inside && moved < 3e-6 * x) || moved < 1e-16 * x {
                break;
            }
        }
        x
    }
}

fn fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let keep = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / keep(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    for m in 1..200 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / keep(1.0 + even * d);
        c = keep(1.0 + even / c);
        h *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / keep(1.0 + odd * d);
        c = keep(1.0 + odd / c);
        let change = d * c;
        h *= change;
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    h
}
