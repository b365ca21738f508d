//! What an input without any effect would seem to do.
//!
//! The indices of [`super::given_data`] are of the sizes of distances, so chance alone makes them
//! larger than 0. Dummies, inputs that the model does not use, show by how much (Pianosi & Wagener
//! 2018; Khorashadi Zadeh et al. 2017). Sobol' indices and elementary effects need none: those of a
//! dummy are exactly 0, and their own error decides.

use crate::analysis::stream::Stream;
use crate::analysis::tails;

/// Most rows of a design.
pub const MOST_ROWS: u64 = 1_000_000;

/// Half width of an interval of an index at which it counts as settled: a width of 0.05 (Sarrazin,
/// Pianosi & Wagener 2016).
pub const SETTLED: f64 = 0.025;

/// Returns inputs that no model uses, `dummies[row][dummy]`, uniform on (0, 1), for
/// [`super::given_data::indices`]. Dummy k draws from stream k of the site.
#[must_use]
pub fn dummies(rows: usize, count: usize, seed: u64, site: &str) -> Vec<Vec<f64>> {
    let mut streams: Vec<Stream> = (0..count as u64)
        .map(|k| Stream::new(seed, site, k))
        .collect();
    (0..rows)
        .map(|_| streams.iter_mut().map(Stream::uniform).collect())
        .collect()
}

/// The distribution of an index over inputs without effect.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Floor {
    /// Mean over dummies: the bias of the index.
    pub mean: f64,
    /// Standard deviation over dummies (divided by their number less one).
    pub sd: f64,
    /// An index at or below this is not significant.
    pub level: f64,
}

impl Floor {
    /// Returns the floor from the indices of 16 or more dummies: the level that any of `inputs`
    /// inputs without effect would exceed with probability `false_alarm` at most, if the index were
    /// normal (Student's t for a further value; Bonferroni).
    #[must_use]
    pub fn new(dummies: &[f64], inputs: usize, false_alarm: f64) -> Self {
        let n = dummies.len() as f64;
        let mean = dummies.iter().sum::<f64>() / n;
        let squares: f64 = dummies.iter().map(|d| (d - mean) * (d - mean)).sum();
        let sd = (squares / (n - 1.0)).sqrt();
        let t = tails::student(false_alarm / inputs.max(1) as f64, n - 1.0);
        Self {
            mean,
            sd,
            level: mean + t * sd * (1.0 + 1.0 / n).sqrt(),
        }
    }

    /// Returns whether an index is above the floor.
    #[must_use]
    pub fn exceeded_by(&self, index: f64) -> bool {
        index > self.level
    }
}
