//! The posterior as weights of simulated vectors.

use super::population::{Coefficient, Table};
use super::weights::{effective, log_sum, moments, weighted_quantile};
use crate::analysis::stream::Stream;

/// The posterior of the coefficients.
#[derive(Debug, Clone, PartialEq)]
pub struct Posterior {
    /// The weight of each vector; they add up to 1.
    pub weights: Vec<f64>,
    /// The number of equally weighted vectors that would say as much: 1 / Σ w².
    pub effective: f64,
    /// The logarithm of the marginal likelihood.
    pub log_evidence: f64,
    /// Its standard error, from the spread of weights.
    pub log_evidence_error: f64,
}

impl Posterior {
    /// The posterior, given the log likelihood of each vector of a table.
    #[must_use]
    pub fn new(table: &Table, likelihoods: &[f64]) -> Self {
        let logs: Vec<f64> = table
            .log_ratios
            .iter()
            .zip(likelihoods)
            .map(|(r, l)| r + l)
            .collect();
        let n = logs.len() as f64;
        let all = log_sum(&logs);
        let weights: Vec<f64> = logs.iter().map(|l| libm::exp(l - all)).collect();
        let effective = effective(&weights);
        Self {
            log_evidence: all - libm::log(n),
            // The relative variance of the mean weight: (Σ w² − 1/n) · n/(n − 1).
            log_evidence_error: ((1.0 / effective - 1.0 / n).max(0.0) * n / (n - 1.0).max(1.0))
                .sqrt(),
            weights,
            effective,
        }
    }

    /// Indices of so many vectors, drawn in proportion to weights with one uniform number (systematic
    /// resampling), in the order of the table.
    #[must_use]
    pub fn draw(&self, n: usize, seed: u64) -> Vec<usize> {
        let start = Stream::new(seed, "fit/draws", 0).uniform();
        let mut out = Vec::with_capacity(n);
        let (mut vector, mut sum) = (0, self.weights[0]);
        for i in 0..n {
            let at = (i as f64 + start) / n as f64;
            while sum < at && vector + 1 < self.weights.len() {
                vector += 1;
                sum += self.weights[vector];
            }
            out.push(vector);
        }
        out
    }
}

/// The quantiles that are told.
pub const QUANTILES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// What a posterior says of one coefficient.
#[derive(Debug, Clone, PartialEq)]
pub struct Marginal {
    /// Prior mean and standard deviation.
    pub prior: (f64, f64),
    /// Posterior mean and standard deviation.
    pub posterior: (f64, f64),
    /// Posterior [`QUANTILES`].
    pub quantiles: [f64; 5],
}

/// What a posterior says of each coefficient.
#[must_use]
pub fn marginals(coefficients: &[Coefficient], table: &Table, weights: &[f64]) -> Vec<Marginal> {
    let (mean, covariance) = moments(&table.vectors, weights);
    let one = |(i, c): (usize, &Coefficient)| {
        let own: Vec<(f64, f64)> = table
            .vectors
            .iter()
            .zip(weights)
            .map(|(v, w)| (v[i], *w))
            .collect();
        Marginal {
            prior: c.prior(),
            posterior: (mean[i], covariance[i][i].sqrt()),
            quantiles: QUANTILES.map(|p| weighted_quantile(&own, p)),
        }
    };
    coefficients.iter().enumerate().map(one).collect()
}
