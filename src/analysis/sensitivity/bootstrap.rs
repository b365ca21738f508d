//! Errors by resampling rows (Efron 1979), with named draws.

use crate::analysis::interval::Z95;
use crate::analysis::stream::Stream;
use crate::parallel;

/// How rows are resampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bootstrap<'a> {
    /// Seed of the run.
    pub seed: u64,
    /// Site of the draws; each resample has a stream of its own.
    pub site: &'a str,
    /// Number of resamples. `SALib` takes 100: a half width is then itself known to about 7 %.
    pub resamples: usize,
}

impl Bootstrap<'_> {
    /// Returns how often each of `rows` rows is in a resample. The counts add up to `rows`.
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
        parallel::map(0..self.resamples, |r| self.counts(r, rows))
    }
}

/// Returns the half width of the 95 % interval of a number, from its values in all resamples.
/// Values that are not finite are left out; NaN if fewer than two remain.
#[must_use]
pub fn half_width(replicates: &[f64]) -> f64 {
    let finite: Vec<f64> = replicates
        .iter()
        .copied()
        .filter(|x| x.is_finite())
        .collect();
    if finite.len() < 2 {
        return f64::NAN;
    }
    let n = finite.len() as f64;
    let mean = finite.iter().sum::<f64>() / n;
    let squares: f64 = finite.iter().map(|x| (x - mean) * (x - mean)).sum();
    Z95 * (squares / (n - 1.0)).sqrt()
}

/// Mean of the values that are finite.
pub(super) fn mean_of(replicates: &[f64]) -> f64 {
    let finite = replicates.iter().filter(|x| x.is_finite());
    let (sum, n) = finite.fold((0.0, 0_u32), |(sum, n), x| (sum + x, n + 1));
    sum / f64::from(n)
}
