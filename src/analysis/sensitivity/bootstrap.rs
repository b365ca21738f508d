//! Errors by drawing the rows anew (Efron 1979), with draws that have names.

use crate::analysis::interval::Z95;
use crate::analysis::stream::Stream;

/// How often rows are drawn anew, and under which name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bootstrap<'a> {
    /// Seed of the run.
    pub seed: u64,
    /// Site of the draws; the number of the resample is the number of the stream.
    pub site: &'a str,
    /// How many resamples. `SALib` takes 100: a half width is then itself known to about 7 %.
    pub resamples: usize,
}

impl Bootstrap<'_> {
    /// How often each of `rows` rows is in a resample. The counts add up to `rows`.
    #[must_use]
    pub fn counts(&self, resample: usize, rows: usize) -> Vec<u32> {
        let mut stream = Stream::new(self.seed, self.site, resample as u64);
        let mut counts = vec![0; rows];
        for _ in 0..rows {
            counts[stream.below(rows)] += 1;
        }
        counts
    }

    /// The counts of all resamples.
    pub(super) fn all(&self, rows: usize) -> Vec<Vec<u32>> {
        use rayon::prelude::*;
        let resamples = (0..self.resamples).into_par_iter();
        resamples.map(|r| self.counts(r, rows)).collect()
    }
}

/// Half width of the 95 % interval from the values of a number in all resamples. Resamples in which
/// it cannot be computed are left out; NaN if fewer than two are left.
#[must_use]
pub fn half_width(replicates: &[f64]) -> f64 {
    let told: Vec<f64> = replicates
        .iter()
        .copied()
        .filter(|x| x.is_finite())
        .collect();
    if told.len() < 2 {
        return f64::NAN;
    }
    let n = told.len() as f64;
    let mean = told.iter().sum::<f64>() / n;
    let squares: f64 = told.iter().map(|x| (x - mean) * (x - mean)).sum();
    Z95 * (squares / (n - 1.0)).sqrt()
}

/// Mean of those values that can be computed.
pub(super) fn mean_of(replicates: &[f64]) -> f64 {
    let told = replicates.iter().filter(|x| x.is_finite());
    let (sum, n) = told.fold((0.0, 0_u32), |(sum, n), x| (sum + x, n + 1));
    sum / f64::from(n)
}
