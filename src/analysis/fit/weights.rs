//! Weights of vectors, and what follows from them.

use super::matrix::Matrix;

/// ln Σ exp.
#[must_use]
pub fn log_sum(logs: &[f64]) -> f64 {
    let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if top == f64::NEG_INFINITY {
        return top;
    }
    top + libm::log(logs.iter().map(|l| libm::exp(l - top)).sum())
}

/// Weights that add up to 1 from the logarithms of ratios and likelihoods.
#[must_use]
pub fn weights_of(log_ratios: &[f64], likelihoods: &[f64]) -> Vec<f64> {
    let logs: Vec<f64> = log_ratios
        .iter()
        .zip(likelihoods)
        .map(|(r, l)| r + l)
        .collect();
    let all = log_sum(&logs);
    logs.iter().map(|l| libm::exp(l - all)).collect()
}

/// 1 / Σ w² of weights that add up to 1.
#[must_use]
pub fn effective(weights: &[f64]) -> f64 {
    1.0 / weights.iter().map(|w| w * w).sum::<f64>()
}

/// Mean and covariance of rows with weights that add up to 1.
#[must_use]
pub fn moments(rows: &[Vec<f64>], weights: &[f64]) -> (Vec<f64>, Matrix) {
    let d = rows.first().map_or(0, Vec::len);
    let mut mean = vec![0.0; d];
    for (row, w) in rows.iter().zip(weights) {
        for (m, x) in mean.iter_mut().zip(row) {
            *m += w * x;
        }
    }
    let mut covariance = vec![vec![0.0; d]; d];
    for (row, w) in rows.iter().zip(weights) {
        for i in 0..d {
            for j in 0..=i {
                covariance[i][j] += w * (row[i] - mean[i]) * (row[j] - mean[j]);
            }
        }
    }
    for i in 0..d {
        for j in 0..i {
            covariance[j][i] = covariance[i][j];
        }
    }
    (mean, covariance)
}

/// A quantile of numbers with weights that add up to 1: between the middles of their steps in a straight
/// line.
#[must_use]
pub fn weighted_quantile(numbers: &[(f64, f64)], p: f64) -> f64 {
    let mut sorted: Vec<(f64, f64)> = numbers.iter().copied().filter(|(_, w)| *w > 0.0).collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut last) = (0.0, None::<(f64, f64)>);
    for (x, w) in sorted {
        let middle = below + 0.5 * w;
        if middle >= p {
            return last.map_or(x, |(x0, m0)| x0 + (x - x0) * (p - m0) / (middle - m0));
        }
        below += w;
        last = Some((x, middle));
    }
    last.map_or(f64::NAN, |(x, _)| x)
}
