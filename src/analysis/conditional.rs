//! Shares given evidence, from weighted rounds, with intervals.

use super::interval::{Share, Z95, bound, wilson_of};
use super::tails::student_95;
use crate::ensemble::smc::{GivenBy, Weighted};

/// Distinct values below which a 5th or 95th percentile is not to be had.
const VALUES: f64 = 20.0;

/// Shares and their errors, from weighted rounds.
pub struct Conditional<'a> {
    /// The weighted counts.
    pub weighted: &'a Weighted,
    /// How they were weighted.
    pub method: GivenBy,
    totals: Vec<f64>,
    /// By what effective rounds shrink, as their number is estimated from few islands.
    shrink: f64,
}

impl<'a> Conditional<'a> {
    /// Analyses rounds that were weighted by a method.
    #[must_use]
    pub fn new(weighted: &'a Weighted, method: GivenBy) -> Self {
        let mut out = Self {
            weighted,
            method,
            totals: weighted.totals(),
            shrink: 1.0,
        };
        if method == GivenBy::Resampling {
            let t = student_95(out.islands() - 1.0);
            out.shrink = (Z95 / t) * (Z95 / t);
        }
        out
    }

    /// Returns P(evidence), in [0, 1].
    #[must_use]
    pub fn likelihood(&self) -> f64 {
        self.weighted.weight / self.weighted.rounds as f64
    }

    /// Returns the most that P(evidence) may still be, where no round fits.
    #[must_use]
    pub fn likelihood_at_most(&self) -> Option<f64> {
        let w = self.weighted;
        (w.weight == 0.0).then(|| bound(w.rounds))
    }

    /// Returns Kish's (1965) number of effective rounds, of weights alone.
    #[must_use]
    pub fn kish(&self) -> f64 {
        number(self.weighted.weight, self.weighted.squares)
    }

    /// Returns the least number of effective rounds of any outcome.
    #[must_use]
    pub fn effective(&self) -> f64 {
        let outcomes = 0..self.weighted.outcomes.len();
        let each = outcomes.map(|i| self.effective_of(i));
        each.reduce(f64::min).unwrap_or(0.0)
    }

    /// Returns the effective rounds of one of [`Weighted::totals`]: as many independent rounds
    /// would have an interval as wide; 0 if nothing is known of its error.
    #[must_use]
    pub fn effective_of(&self, total: usize) -> f64 {
        if self.weighted.weight == 0.0 {
            return 0.0;
        }
        match self.method {
            GivenBy::Weights => self.of_weights(total),
            GivenBy::Resampling => self.of_islands(total),
        }
    }

    fn of_weights(&self, total: usize) -> f64 {
        let w = self.weighted;
        effective_of_weights(
            (w.weight, w.squares),
            (self.totals[total], w.squared_totals[total]),
        )
    }

    /// From the scatter of islands: the variance is the jackknife's over blocks of islands (as good
    /// as unbiased, and large where one block has most of the weight), and as it is estimated from few blocks
    /// itself, the number shrinks by (1.96/t)², t having one degree less than there are effective blocks (Korn &
    /// Graubard 1998). Where islands do not differ, as none or all of the rounds have it, families
    /// of rounds are counted instead.
    fn of_islands(&self, total: usize) -> f64 {
        let (w, p) = (self.weighted, self.portion(total));
        let blocks = || w.blocks.iter().filter(|b| b.0 > 0.0);
        let n = blocks().count() as f64;
        if n < 2.0 {
            return 0.0;
        }
        let squares = blocks().map(|(weight, totals)| {
            let rest = (self.totals[total] - totals[total]) / (w.weight - weight);
            (rest - p) * (rest - p)
        });
        let variance = squares.sum::<f64>() * (n - 1.0) / n;
        let found = p * (1.0 - p) / variance;
        let found = if found.is_finite() && found > 0.0 {
            found
        } else {
            self.families()
        };
        found.min(w.rounds as f64) * self.shrink
    }

    /// Returns how many blocks of islands of equal weight would scatter as those that were played.
    #[must_use]
    pub fn islands(&self) -> f64 {
        let weights = self.weighted.blocks.iter().map(|b| b.0);
        let (sum, squares) = weights.fold((0.0, 0.0), |(s, q), x| (s + x, q + x * x));
        number(sum, squares)
    }

    /// Returns how many families of rounds there are, of equal weight: rounds that go back to one
    /// round of the start share what it drew then, such as its priors.
    #[must_use]
    pub fn families(&self) -> f64 {
        number(self.weighted.weight, self.weighted.families)
    }

    /// Returns whether there are enough distinct values of priors for percentiles.
    #[must_use]
    pub fn has_percentiles(&self) -> bool {
        self.families() >= VALUES
    }

    fn portion(&self, total: usize) -> f64 {
        (self.totals[total] / self.weighted.weight).clamp(0.0, 1.0)
    }

    /// Returns the share of one of [`Weighted::totals`], with Wilson's interval for its effective
    /// rounds: from 0 to 1 where nothing is known of its error. All NaN where no round fits.
    #[must_use]
    pub fn share(&self, total: usize) -> Share {
        if self.weighted.weight == 0.0 {
            return NO_SHARE;
        }
        share_of(self.portion(total), self.effective_of(total))
    }

    /// Returns the probability that a report is not true, given all of them: the share of weight of
    /// rounds in which it is not. `None` where no round fits.
    #[must_use]
    pub fn wrong(&self, report: usize) -> Option<f64> {
        let w = self.weighted;
        (w.weight > 0.0).then(|| (w.wrong[report] / w.weight).clamp(0.0, 1.0))
    }
}

/// A share of which nothing is known, as no round fits.
pub(super) const NO_SHARE: Share = Share {
    probability: f64::NAN,
    low: f64::NAN,
    high: f64::NAN,
};

/// A share with Wilson's interval for its effective rounds: from 0 to 1 where there are none.
pub(super) fn share_of(p: f64, effective: f64) -> Share {
    let mut share = Share {
        probability: p,
        low: 0.0,
        high: 1.0,
    };
    if effective > 1e-9 {
        share = wilson_of(p * effective, effective);
        share.probability = p;
    }
    share
}

/// Effective rounds of a share of weighted rounds, from the weight and the squared weights of all rounds and of those
/// that have it.
///
/// Kish's number takes weights to have nothing to do with what is counted. Where few rounds have
/// most of the weight because of what they show, it is too large; then the number follows from
/// the variance of the ratio itself (Cochran 1977, chapter 6).
pub(super) fn effective_of_weights(
    (weight, squares): (f64, f64),
    (with, squares_with): (f64, f64),
) -> f64 {
    let p = (with / weight).clamp(0.0, 1.0);
    let of_ratio =
        p * (1.0 - p) * weight * weight / ((1.0 - 2.0 * p) * squares_with + p * p * squares);
    let kish = number(weight, squares);
    // Differences in the last digits are rounding: of equal weights both are the same number.
    if of_ratio > 0.0 && of_ratio < kish * (1.0 - 1e-9) {
        of_ratio
    } else {
        kish
    }
}

/// `sum² / squares`, and 0 of nothing (Kish 1965).
fn number(sum: f64, squares: f64) -> f64 {
    if squares > 0.0 {
        sum * sum / squares
    } else {
        0.0
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
/// within cells; `None` if there is no weight.
#[must_use]
pub fn quantile(weights: &[f64], p: f64) -> Option<f64> {
    let total: f64 = weights.iter().sum();
    if total <= 0.0 {
        return None;
    }
    let mut seen = 0.0;
    for (i, w) in weights.iter().enumerate() {
        if seen + w >= p * total && *w > 0.0 {
            return Some(i as f64 + (p * total - seen) / w);
        }
        seen += w;
    }
    Some(weights.len() as f64)
}
