//! Designs: the points of a sweep over settings.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::engine::draws;

/// The values of one setting.
#[derive(Debug, Clone, PartialEq)]
pub enum Axis {
    /// These values, as they are written.
    Values(Vec<String>),
    /// Numbers from the first to the second.
    Range {
        /// Lowest.
        low: f64,
        /// Highest.
        high: f64,
        /// Number of levels in a factorial design.
        steps: usize,
    },
}

impl Axis {
    /// The values of a factorial design.
    fn levels(&self) -> Vec<String> {
        match self {
            Self::Values(values) => values.clone(),
            Self::Range { low, high, steps } => (0..*steps)
                .map(|i| {
                    let part = i as f64 / (steps - 1).max(1) as f64;
                    number(low + part * (high - low))
                })
                .collect(),
        }
    }

    /// The value at a uniform number.
    fn at(&self, u: f64) -> String {
        match self {
            Self::Values(values) => {
                let i = (u * values.len() as f64) as usize;
                values[i.min(values.len() - 1)].clone()
            }
            Self::Range { low, high, .. } => number(low + u * (high - low)),
        }
    }
}

/// A number as text, with at most ten significant digits, so that a grid reads as it was meant.
fn number(x: f64) -> String {
    let rounded: f64 = format!("{x:.9e}").parse().unwrap_or(x);
    format!("{rounded:?}")
}

/// Returns the number of points of a factorial design; `None` if it exceeds `usize`.
#[must_use]
pub fn factorial_size(axes: &[Axis]) -> Option<usize> {
    axes.iter().try_fold(1_usize, |n, axis| {
        let levels = match axis {
            Axis::Values(values) => values.len(),
            Axis::Range { steps, .. } => *steps,
        };
        n.checked_mul(levels)
    })
}

/// Returns every combination of levels, the last axis varying fastest: points, then settings.
#[must_use]
pub fn factorial(axes: &[Axis]) -> Vec<Vec<String>> {
    axes.iter().fold(vec![Vec::new()], |points, axis| {
        let levels = axis.levels();
        let extend = |point: Vec<String>| {
            let levels = levels.clone();
            levels.into_iter().map(move |level| {
                let mut longer = point.clone();
                longer.push(level);
                longer
            })
        };
        points.into_iter().flat_map(extend).collect()
    })
}

/// Returns a Latin hypercube (`McKay`, Beckman & Conover 1979): points, then settings. Along each
/// axis, each of `n` strata of equal probability holds one point. The `I`-th axis draws from the
/// site `sweep/lhs/I`.
#[must_use]
pub fn latin_hypercube(axes: &[Axis], n: usize, seed: u64) -> Vec<Vec<String>> {
    let columns: Vec<Vec<String>> = axes
        .iter()
        .enumerate()
        .map(|(i, axis)| {
            let key = draws::key(seed, &format!("sweep/lhs/{i}"));
            let mut generator = ChaCha8Rng::from_seed(key);
            let mut uniform = || (f64::from(generator.next_u32()) + 0.5) / 4_294_967_296.0;
            let mut strata: Vec<usize> = (0..n).collect();
            for k in (1..n).rev() {
                strata.swap(k, (uniform() * (k + 1) as f64) as usize);
            }
            let inside = strata
                .into_iter()
                .map(|s| (s as f64 + uniform()) / n as f64);
            inside.map(|u| axis.at(u)).collect()
        })
        .collect();
    (0..n)
        .map(|p| columns.iter().map(|c| c[p].clone()).collect())
        .collect()
}

/// Returns the points at uniform numbers in (0, 1), `rows[point][setting]`.
#[must_use]
pub fn at(axes: &[Axis], rows: &[Vec<f64>]) -> Vec<Vec<String>> {
    let point = |row: &Vec<f64>| axes.iter().zip(row).map(|(a, u)| a.at(*u)).collect();
    rows.iter().map(point).collect()
}
