//! Priors as quantile functions, tabled once per scenario.
//!
//! Tables are computed in binary64 by the portable functions of `libm` and then rounded to
//! binary32, so that any accurate implementation gives the same table.

/// Cells of equal probability in a PERT table.
pub const CELLS: usize = 1024;

/// How a prior is drawn from a uniform number `u`.
#[derive(Debug, Clone)]
pub enum Quantile {
    /// Linear between [`CELLS`] + 1 tabled quantiles.
    Table(Box<[f32]>),
    /// `min + u·range`.
    Uniform {
        /// Lowest.
        min: f32,
        /// Highest less lowest.
        range: f32,
    },
    /// `mean + sd·z(from + u·width)`, held in `[least, most]`.
    Normal {
        /// Mean.
        mean: f32,
        /// Standard deviation.
        sd: f32,
        /// Probability below the range.
        from: f32,
        /// Probability inside the range.
        width: f32,
        /// Lower end of the range.
        least: f32,
        /// Upper end of the range.
        most: f32,
    },
}

impl Quantile {
    /// PERT with λ = 4.
    #[must_use]
    pub fn pert(low: f64, mode: f64, high: f64) -> Self {
        let alpha = 1.0 + 4.0 * (mode - low) / (high - low);
        let beta = 1.0 + 4.0 * (high - mode) / (high - low);
        let law = Beta::new(alpha, beta);
        let mut table = Vec::with_capacity(CELLS + 1);
        table.push(low as f32);
        for i in 1..CELLS {
            let x = law.quantile(i as f64 / CELLS as f64);
            table.push((low + (high - low) * x) as f32);
        }
        table.push(high as f32);
        Self::Table(table.into_boxed_slice())
    }

    /// Normal, truncated to `[least, most]`.
    #[must_use]
    pub fn normal(mean: f64, sd: f64, least: f64, most: f64) -> Self {
        let cdf = |x: f64| 0.5 * libm::erfc(-(x - mean) / (sd * std::f64::consts::SQRT_2));
        let open = crate::scenario::model::limits::SIZE;
        let from = if least <= -open { 0.0 } else { cdf(least) };
        let to = if most >= open { 1.0 } else { cdf(most) };
        Self::Normal {
            mean: mean as f32,
            sd: sd as f32,
            from: from as f32,
            width: to as f32 - from as f32,
            least: least as f32,
            most: most as f32,
        }
    }

    /// The value at a uniform number.
    #[must_use]
    pub fn at(&self, u: f32) -> f32 {
        use crate::engine::math;
        match self {
            Self::Table(table) => {
                let c = u * CELLS as f32;
                let i = c as usize;
                table[i] + (c - i as f32) * (table[i + 1] - table[i])
            }
            Self::Uniform { min, range } => min + u * range,
            Self::Normal {
                mean,
                sd,
                from,
                width,
                least,
                most,
            } => {
                let z = math::normal_quantile(from + u * width);
                math::clamp(mean + sd * z, *least, *most)
            }
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

    /// The quantile at `p`: bisection to within a few units of the last place.
    fn quantile(&self, p: f64) -> f64 {
        let (mut low, mut high) = (0.0_f64, 1.0_f64);
        for _ in 0..80 {
            let middle = 0.5 * (low + high);
            if self.cdf(middle) < p {
                low = middle;
            } else {
                high = middle;
            }
        }
        0.5 * (low + high)
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
