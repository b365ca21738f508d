//! Errors of anything computed from sums over rounds, by leaving out one block of rounds at a time
//! (Quenouille 1956, Tukey 1958; Efron & Tibshirani 1993, chapter 11).
//!
//! Scenarios are played in the same rounds, so their sums move together; leaving the same block
//! out of all of them takes that into account.

use super::tails::{UNITS, student_95};
use crate::ensemble::patterns::BLOCKS;

/// The 0.975 quantile of Student's t with 63 degrees of freedom: 64 blocks are left out in turn.
pub const T63: f64 = 1.998_340_5;

/// A number with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Lower end of the interval; NaN if unknown.
    pub low: f64,
    /// Upper end of the interval; NaN if unknown.
    pub high: f64,
}

impl Estimate {
    /// Returns whether the interval excludes a number: only then is the difference significant.
    #[must_use]
    pub fn excludes(&self, x: f64) -> bool {
        self.low > x || self.high < x
    }

    /// Returns the estimate on a different scale, by an increasing function.
    #[must_use]
    pub fn map(self, f: impl Fn(f64) -> f64) -> Self {
        Self {
            value: f(self.value),
            low: f(self.low),
            high: f(self.high),
        }
    }
}

/// Returns an estimate with its 95 % interval, from its values without each of k blocks in turn, by
/// Student's t with k − 1 degrees. Fewer than [`UNITS`] blocks give no interval.
#[must_use]
pub fn jackknife(value: f64, without: &[f64]) -> Estimate {
    let n = without.len() as f64;
    let mean = without.iter().sum::<f64>() / n;
    let squares: f64 = without.iter().map(|x| (x - mean) * (x - mean)).sum();
    let t = match without.len() {
        BLOCKS => T63,
        _ if n < UNITS => f64::NAN,
        _ => student_95(n - 1.0),
    };
    let half = t * (squares * (n - 1.0) / n).sqrt();
    Estimate {
        value,
        low: value - half,
        high: value + half,
    }
}
