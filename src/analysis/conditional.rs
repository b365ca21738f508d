//! Shares given evidence, from weighted rounds, with intervals.

use super::interval::{Share, wilson_of};
use crate::ensemble::smc::{Method, Weighted};

/// Shares and their errors, from weighted rounds.
pub struct Conditional<'a> {
    /// The weighted counts.
    pub weighted: &'a Weighted,
    /// How they were weighted.
    pub method: Method,
    totals: Vec<f64>,
    /// Least number of effective rounds of any outcome, after resampling.
    least: f64,
}

impl<'a> Conditional<'a> {
    /// Analyses rounds that were weighted by a method.
    #[must_use]
    pub fn new(weighted: &'a Weighted, method: Method) -> Self {
        let mut out = Self {
            weighted,
            method,
            totals: weighted.totals(),
            least: weighted.rounds as f64,
        };
        let outcomes = 0..weighted.outcomes.len();
        let known = outcomes.filter_map(|i| out.scatter_estimate(i));
        out.least = known.fold(out.least, f64::min).max(1.0);
        out
    }

    /// Returns P(evidence), in [0, 1].
    #[must_use]
    pub fn likelihood(&self) -> f64 {
        self.weighted.weight / self.weighted.rounds as f64
    }

    /// Returns the number of effective rounds: Kish's (1965) for weights; after resampling the
    /// least of any outcome.
    #[must_use]
    pub fn effective(&self) -> f64 {
        let w = self.weighted;
        if w.weight == 0.0 {
            return 0.0;
        }
        match self.method {
            Method::Weights => w.weight * w.weight / w.squares,
            Method::Resampling => self.least,
        }
    }

    /// Returns the effective rounds of one of [`Weighted::totals`]: as many independent rounds
    /// would have the same error. After resampling this comes from the scatter between islands (a
    /// ratio estimate; Cochran 1977, chapter 6).
    #[must_use]
    pub fn effective_of(&self, total: usize) -> f64 {
        match self.method {
            Method::Weights => self.effective(),
            Method::Resampling => self.scatter_estimate(total).unwrap_or(self.least),
        }
    }

    /// Effective rounds from the scatter between islands, if it shows any.
    fn scatter_estimate(&self, total: usize) -> Option<f64> {
        let w = self.weighted;
        let (squares, rows) = &w.scatter;
        let [cross, own] = *rows.get(total)?;
        let p = self.totals[total] / w.weight;
        let islands = w.islands as f64;
        let sum = (own - 2.0 * p * cross + p * p * squares).max(0.0);
        let variance = islands / (islands - 1.0) * sum / (w.weight * w.weight);
        let n = p * (1.0 - p) / variance;
        (n.is_finite() && n > 0.0 && islands > 1.0).then(|| n.clamp(1.0, w.rounds as f64))
    }

    /// Returns the share of one of [`Weighted::totals`], with Wilson's interval for its effective
    /// rounds.
    #[must_use]
    pub fn share(&self, total: usize) -> Share {
        let p = (self.totals[total] / self.weighted.weight).clamp(0.0, 1.0);
        let n = self.effective_of(total).max(1e-9);
        let mut share = wilson_of(p * n, n);
        share.probability = p;
        share
    }
}

/// Returns the smallest index up to which lies at least a share `p` of all weight; `None` if there
/// is no weight.
#[must_use]
pub fn rank(weights: &[f64], p: f64) -> Option<usize> {
    let total: f64 = weights.iter().sum();
    let mut seen = 0.0;
    let found = weights.iter().position(|w| {
        seen += w;
        seen >= p * total && seen > 0.0
    });
    found.filter(|_| total > 0.0)
}

/// Returns the position, in cells from 0 on, below which lies a share `p` of all weight: linear
/// within cells.
#[must_use]
pub fn quantile(weights: &[f64], p: f64) -> f64 {
    let total: f64 = weights.iter().sum();
    let mut seen = 0.0;
    for (i, w) in weights.iter().enumerate() {
        if seen + w >= p * total && *w > 0.0 {
            return i as f64 + (p * total - seen) / w;
        }
        seen += w;
    }
    weights.len() as f64
}
