//! Laws of uncertain numbers (`docs/MODEL.md` section 7.1).

use std::collections::BTreeMap;

use kzsim::scenario::Scenario;
use kzsim::scenario::model::{Number, NumberKind};

use super::functions::{clamp, normal_quantile};

/// Cells of a PERT law.
const CELLS: u16 = 512;
/// Cells of each of the outermost two.
const OUTER: u16 = 64;

/// Rounded quantiles of a PERT law at the edges of its cells.
pub(crate) struct Pert {
    /// `Q(i/512)`.
    middle: Vec<f32>,
    /// `Q(i/2^15)`.
    low: Vec<f32>,
    /// `Q(1 − i/2^15)`.
    high: Vec<f32>,
}

/// The laws of the PERT priors of a scenario, by path.
pub(crate) type Tables = BTreeMap<String, Pert>;

/// Makes the tables of every PERT prior.
pub(crate) fn tables(scenario: &Scenario) -> Tables {
    let mut tables = Tables::new();
    for number in scenario.priors() {
        if let Some(pert) = Pert::of(number) {
            tables.insert(number.path.clone(), pert);
        }
    }
    tables
}

/// The value of a prior at `u`, within the range of its key.
pub(crate) fn prior_quantile(number: &Number, u: f32) -> f32 {
    quantile(number, Pert::of(number).as_ref(), u)
}

/// The value of a prior at `u`, given its table if it has one.
pub(crate) fn quantile(number: &Number, table: Option<&Pert>, u: f32) -> f32 {
    let (least, most) = (number.least as f32, number.most as f32);
    let value = match &number.kind {
        _ if number.fixed().is_some() => number.fixed().unwrap_or_default() as f32,
        NumberKind::Pert { .. } => table.expect("a PERT prior has its table").at(u),
        NumberKind::Uniform { min, max } => {
            let (min, max) = (*min as f32, *max as f32);
            min + u * (max - min)
        }
        NumberKind::Normal { mean, sd } => {
            let below = cdf((number.least - mean) / sd) as f32;
            let above = cdf((number.most - mean) / sd) as f32;
            let inner = below + u * (above - below);
            *mean as f32 + *sd as f32 * normal_quantile(inner)
        }
        NumberKind::Fixed(_) | NumberKind::Expression(_) => 0.0,
    };
    clamp(value, least, most)
}

/// Φ in binary64.
fn cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / std::f64::consts::SQRT_2)
}

impl Pert {
    /// The table of a number, if it is an uncertain one with this law.
    pub(crate) fn of(number: &Number) -> Option<Self> {
        match number.kind {
            NumberKind::Pert { low, mode, high } if low < high => Some(Self::new(low, mode, high)),
            _ => None,
        }
    }

    /// The table of `{low, mode, high}`.
    pub(crate) fn new(low: f64, mode: f64, high: f64) -> Self {
        let width = high - low;
        let alpha = 1.0 + 4.0 * (mode - low) / width;
        let beta = 1.0 + 4.0 * (high - mode) / width;
        // Each half is solved from its own end, so that no digit is lost near either.
        let half = beta_cdf(alpha, beta, 0.5);
        let from_low = |p| (low + width * solve(alpha, beta, p)) as f32;
        let from_high = |p| (high - width * solve(beta, alpha, p)) as f32;
        let edge = |i: u16| f64::from(i) / f64::from(CELLS);
        let middle = |p| {
            if p <= half {
                from_low(p)
            } else {
                from_high(1.0 - p)
            }
        };
        Self {
            middle: (0..=CELLS).map(edge).map(middle).collect(),
            low: (0..=OUTER)
                .map(|i| from_low(edge(i) / f64::from(OUTER)))
                .collect(),
            high: (0..=OUTER)
                .map(|i| from_high(edge(i) / f64::from(OUTER)))
                .collect(),
        }
    }

    /// The value at `u`.
    pub(crate) fn at(&self, u: f32) -> f32 {
        let (cells, outer) = (f32::from(CELLS), f32::from(OUTER));
        let (table, c) = if u < 1.0 / cells {
            (&self.low, u * (cells * outer))
        } else if 1.0 - u < 1.0 / cells {
            (&self.high, (1.0 - u) * (cells * outer))
        } else {
            (&self.middle, u * cells)
        };
        let i = c.floor();
        let cell = i as usize;
        table[cell] + (c - i) * (table[cell + 1] - table[cell])
    }
}

/// The `x` at which the Beta(α, β) law has reached `p`, where that is at most ½: Newton's rule, and
/// bisection where that would leave the bracket.
fn solve(alpha: f64, beta: f64, p: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    let scale = 1.0 / beta_function(alpha, beta);
    let (mut lo, mut hi) = (0.0, 0.5);
    // Near 0 the law is `scale·x^α/α`.
    let mut x = (p * alpha / scale).powf(1.0 / alpha).min(0.5);
    for _ in 0..200 {
        let gap = beta_cdf(alpha, beta, x) - p;
        if gap > 0.0 {
            hi = x;
        } else {
            lo = x;
        }
        let slope = scale * x.powf(alpha - 1.0) * (1.0 - x).powf(beta - 1.0);
        let mut next = x - gap / slope;
        if !(next > lo && next < hi) {
            next = 0.5 * (lo + hi);
        }
        if (next - x).abs() <= 4e-16 * x {
            return next;
        }
        x = next;
    }
    x
}

/// `B(α, β)` where `α + β = 6`.
fn beta_function(alpha: f64, beta: f64) -> f64 {
    libm::tgamma(alpha) * libm::tgamma(beta) / 120.0
}

/// The regularised incomplete beta function where `α + β = 6` and `x ≤ ½`, by its series of
/// positive terms: `x^α (1−x)^β / (α B) · Σ (α+β)…(α+β+n−1) / ((α+1)…(α+n)) xⁿ`.
pub(crate) fn beta_cdf(alpha: f64, beta: f64, x: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 0.0;
    let mut n = 0.0;
    while term > 1e-18 * sum {
        sum += term;
        term *= (alpha + beta + n) / (alpha + 1.0 + n) * x;
        n += 1.0;
    }
    x.powf(alpha) * (1.0 - x).powf(beta) / (alpha * beta_function(alpha, beta)) * sum
}
