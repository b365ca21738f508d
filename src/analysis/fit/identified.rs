//! Which coefficients the data speak of.

use super::matrix::{Matrix, eigenvalues};
use super::normal::quantile;
use super::population::{Coefficient, Table, values};
use super::posterior::Marginal;
use super::simulate::{Rounds, Shares, Simulator};
use super::weights::moments;

/// The part of a prior's variance that the data must take away for a coefficient to be identified: less, and
/// most of what is known of it is the prior.
pub const LEAST: f64 = 0.5;
/// A correlation beyond which two coefficients are not told apart.
pub const ALIKE: f64 = 0.9;

/// How well the data tell coefficients, and tell them apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Identified {
    /// 1 − (posterior sd / prior sd)² of each: the part of its prior's variance that the data take away.
    pub parts: Vec<f64>,
    /// Posterior correlations.
    pub correlations: Matrix,
    /// Eigenvalues of the posterior covariance in units of prior standard deviations, falling: near 1 in a
    /// direction that the data say nothing of.
    pub eigenvalues: Vec<f64>,
}

impl Identified {
    /// From the posterior as weights of a table.
    #[must_use]
    pub fn new(table: &Table, weights: &[f64], marginals: &[Marginal]) -> Self {
        let (_, covariance) = moments(&table.vectors, weights);
        let d = marginals.len();
        let scaled = |i: usize, j: usize| {
            let units = marginals[i].prior.1 * marginals[j].prior.1;
            if units > 0.0 {
                covariance[i][j] / units
            } else {
                0.0
            }
        };
        let correlation = |i: usize, j: usize| {
            let root = (covariance[i][i] * covariance[j][j]).sqrt();
            if i == j {
                1.0
            } else if root > 0.0 {
                covariance[i][j] / root
            } else {
                0.0
            }
        };
        let matrix = |of: &dyn Fn(usize, usize) -> f64| -> Matrix {
            (0..d).map(|i| (0..d).map(|j| of(i, j)).collect()).collect()
        };
        let in_units = matrix(&scaled);
        Self {
            parts: (0..d).map(|i| 1.0 - in_units[i][i]).collect(),
            correlations: matrix(&correlation),
            eigenvalues: eigenvalues(&in_units),
        }
    }

    /// Whether a coefficient is identified: the data take away at least [`LEAST`] of its prior's variance.
    #[must_use]
    pub fn is(&self, coefficient: usize) -> bool {
        self.parts[coefficient] >= LEAST
    }

    /// Pairs that are correlated beyond [`ALIKE`].
    #[must_use]
    pub fn alike(&self) -> Vec<(usize, usize, f64)> {
        let d = self.parts.len();
        let pairs = (0..d).flat_map(|i| (i + 1..d).map(move |j| (i, j)));
        pairs
            .map(|(i, j)| (i, j, self.correlations[i][j]))
            .filter(|(_, _, r)| r.abs() > ALIKE)
            .collect()
    }
}

/// How far shares move as each coefficient goes from the 5th to the 95th percentile of its prior, the others at
/// their medians: the mean over cases of the greatest change of a class. 0 if it changes nothing there.
///
/// # Errors
/// When the simulator fails.
pub fn effects<S: Simulator>(
    simulator: &S,
    coefficients: &[Coefficient],
) -> Result<Vec<f64>, S::Error> {
    let d = coefficients.len();
    let far = quantile(0.95);
    let ends = (0..d).flat_map(|i| [-far, far].map(|z| (i, z)));
    let scores: Vec<Vec<f64>> = ends
        .map(|(i, z)| (0..d).map(|j| if i == j { z } else { 0.0 }).collect())
        .collect();
    let counts = simulator.counts(&values(coefficients, &scores), Rounds::Table)?;
    let (cases, classes) = (simulator.cases(), simulator.classes());
    let shares = Shares::new(&counts, cases, classes);
    let moved = |i: usize, case: usize| {
        let (a, b) = (shares.at(2 * i, case), shares.at(2 * i + 1, case));
        a.iter()
            .zip(b)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f64::max)
    };
    let mean = |i: usize| (0..cases).map(|c| moved(i, c)).sum::<f64>() / cases.max(1) as f64;
    Ok((0..d).map(mean).collect())
}
