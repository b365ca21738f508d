//! What an input without any effect would seem to do, and how many rows would do.
//!
//! The indices of [`super::given_data`] are of the sizes of distances, so chance alone makes them
//! larger than 0. Inputs that the model does not know, dummies, show by how much (Pianosi &
//! Wagener 2018; Khorashadi Zadeh et al. 2017). Sobol' indices and elementary effects need none: of
//! a dummy they are exactly 0, and what counts is their own error.

use crate::analysis::stream::Stream;
use crate::analysis::tails;

/// The most rows of a design.
pub const MOST_ROWS: u64 = 1_000_000;

/// Half width of an interval of an index at which it counts as settled: a width of 0.05 (Sarrazin,
/// Pianosi & Wagener 2016).
pub const SETTLED: f64 = 0.025;

/// Inputs that no model knows: row, then dummy; uniform on (0, 1). Dummy k has stream k of the
/// site. They go beside the true inputs, or alone, into [`super::given_data::indices`].
#[must_use]
pub fn dummies(rows: usize, count: usize, seed: u64, site: &str) -> Vec<Vec<f64>> {
    let mut streams: Vec<Stream> = (0..count as u64)
        .map(|k| Stream::new(seed, site, k))
        .collect();
    (0..rows)
        .map(|_| streams.iter_mut().map(Stream::uniform).collect())
        .collect()
}

/// What an index is for inputs without effect.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Floor {
    /// Mean over dummies: the bias of the index.
    pub mean: f64,
    /// Standard deviation over dummies (divided by their number less one).
    pub sd: f64,
    /// An index at or below this cannot be told from nothing.
    pub level: f64,
}

impl Floor {
    /// The floor from one index of several dummies, 16 or more: the level above which any of
    /// `inputs` inputs without effect would come with probability `false_alarm` at most, were the
    /// index normal (Student's t for a further value; Bonferroni).
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

    /// Whether an index is above the floor.
    #[must_use]
    pub fn exceeded_by(&self, index: f64) -> bool {
        index > self.level
    }
}

/// Whether the 95 % interval of an index that can fall to either side of 0 lies above 0. Of an
/// input without effect this is said with a probability of 2.5 %.
#[must_use]
pub fn above_zero(index: f64, conf: f64) -> bool {
    index - conf > 0.0
}

/// How far an analysis has come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Convergence {
    /// The widest half width of all.
    pub widest: f64,
    /// Its place among the half widths.
    pub at: usize,
    /// Whether it is at or below the one asked for.
    pub settled: bool,
    /// Rows that would halve it, about.
    pub rows_to_halve: u64,
    /// Rows after which it would be the one asked for, about.
    pub rows_to_settle: u64,
}

/// How far an analysis with so many rows (trajectories for Morris) has come, from the half widths
/// of its indices, and a half width to be reached, such as [`SETTLED`]. Widths shrink with the
/// square root of rows; on a Sobol' sequence often faster. Half widths that cannot be said are left
/// out; nothing if none can.
#[must_use]
pub fn convergence(half_widths: &[f64], rows: u64, wanted: f64) -> Option<Convergence> {
    let told = half_widths.iter().enumerate().filter(|(_, h)| !h.is_nan());
    let (at, widest) = told.max_by(|a, b| a.1.total_cmp(b.1))?;
    let ratio = widest / wanted;
    Some(Convergence {
        widest: *widest,
        at,
        settled: *widest <= wanted,
        rows_to_halve: 4 * rows,
        rows_to_settle: (rows as f64 * ratio * ratio).ceil() as u64,
    })
}
