//! Differences of two shares counted in the same rounds.
//!
//! The interval is that of Wald with the adjustment of Bonett & Price (2012), which Fagerland,
//! Lydersen & Laake (2014) recommend for paired shares: one imaginary round is added to each of
//! the two kinds of rounds that differ. It keeps its coverage where few rounds differ, or none.

use super::interval::Z95;
use crate::ensemble::comparison::Paired;

/// A difference of shares, the second less the first, with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// As counted.
    pub estimate: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Difference {
    /// Returns whether the interval excludes 0.
    #[must_use]
    pub fn distinguishable(&self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }
}

impl Paired {
    /// Returns the share with the first scenario.
    #[must_use]
    pub fn probability_a(&self) -> f64 {
        (self.both + self.only_a) as f64 / self.rounds as f64
    }

    /// Returns the share with the second scenario.
    #[must_use]
    pub fn probability_b(&self) -> f64 {
        (self.both + self.only_b) as f64 / self.rounds as f64
    }

    /// Returns the second share less the first, with its interval; `rounds` is at least 1.
    ///
    /// Swapping the scenarios changes the signs of all three and nothing else.
    #[must_use]
    pub fn difference(&self) -> Difference {
        let n = self.rounds as f64;
        let more = i128::from(self.only_b) - i128::from(self.only_a);
        let with_two = n + 2.0;
        let p12 = (self.only_a as f64 + 1.0) / with_two;
        let p21 = (self.only_b as f64 + 1.0) / with_two;
        let d = p21 - p12;
        let half = Z95 * ((p12 + p21 - d * d) / with_two).sqrt();
        Difference {
            estimate: more as f64 / n,
            low: (d - half).max(-1.0),
            high: (d + half).min(1.0),
        }
    }
}
