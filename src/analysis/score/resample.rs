//! Intervals by drawing clusters with replacement (Efron 1979).

use crate::analysis::sensitivity::bootstrap::Bootstrap;
use crate::parallel;

/// Clusters below which percentile intervals are told to be too narrow.
pub const FEW: usize = 20;

/// Numbers over resamples, by number, then resample.
#[derive(Debug, Clone, PartialEq)]
pub struct Resampled(Vec<Vec<f64>>);

/// Draws clusters with replacement, and computes the same `numbers` from how often each is drawn. What is
/// undefined in a resample is NaN.
#[must_use]
pub fn resample(
    draws: Bootstrap<'_>,
    clusters: usize,
    numbers: usize,
    compute: impl Fn(&[u32]) -> Vec<f64> + Sync + Send,
) -> Resampled {
    let found = parallel::map(0..draws.resamples, |r| compute(&draws.counts(r, clusters)));
    let column = |i: usize| found.iter().map(|row| row[i]).collect();
    Resampled((0..numbers).map(column).collect())
}

/// A percentile of sorted numbers, between neighbours in a straight line (type 7 of Hyndman & Fan 1996).
fn percentile(sorted: &[f64], at: f64) -> f64 {
    let place = at * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

/// The 95 % interval of numbers over resamples, if most of them are defined.
#[must_use]
pub fn interval(numbers: &[f64]) -> Option<(f64, f64)> {
    let mut defined: Vec<f64> = numbers.iter().copied().filter(|x| x.is_finite()).collect();
    if defined.len() < 2 || 2 * defined.len() < numbers.len() {
        return None;
    }
    defined.sort_by(f64::total_cmp);
    Some((percentile(&defined, 0.025), percentile(&defined, 0.975)))
}

/// How often, twice, numbers over resamples have the rarer sign: the p-value of a difference, at most 1.
/// One is counted on both sides, so that it is never 0.
#[must_use]
pub fn sign(numbers: &[f64]) -> f64 {
    let n = numbers.len() as f64;
    let below = numbers.iter().filter(|x| **x <= 0.0).count() as f64;
    let above = numbers.iter().filter(|x| **x >= 0.0).count() as f64;
    (2.0 * (below.min(above) + 1.0) / (n + 1.0)).min(1.0)
}

impl Resampled {
    /// A number over resamples.
    #[must_use]
    pub fn of(&self, number: usize) -> &[f64] {
        &self.0[number]
    }
}
