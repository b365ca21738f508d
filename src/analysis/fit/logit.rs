//! A ridge logistic regression (le Cessie & van Houwelingen 1992): what columns say without a mechanism.

use super::folds::deal;
use super::matrix::{cholesky, solve};
use crate::analysis::score::logistic;

/// Penalties that are tried: λ of log likelihood − λ/2 · Σ b², of standardised columns.
pub const PENALTIES: [f64; 9] = [0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1_000.0];
/// Folds within the training cases, from which the penalty is chosen.
const INNER: usize = 5;
/// Most steps of Newton's method.
const STEPS: usize = 50;

/// Cases of a regression.
#[derive(Debug, Clone, Default)]
pub struct Columns {
    /// Numbers by case, then column; nothing where a cell is empty.
    pub rows: Vec<Vec<Option<f64>>>,
    /// 1 if the event happened.
    pub y: Vec<f64>,
    /// Weights.
    pub weights: Vec<f64>,
    /// Index of the cluster.
    pub clusters: Vec<usize>,
}

/// A fitted regression.
#[derive(Debug, Clone, PartialEq)]
pub struct Logit {
    /// Mean and standard deviation of each column in training; an empty cell counts as the mean.
    scale: Vec<(f64, f64)>,
    intercept: f64,
    slopes: Vec<f64>,
    /// The penalty.
    pub penalty: f64,
}

impl Logit {
    /// The probability of the event.
    #[must_use]
    pub fn predict(&self, row: &[Option<f64>]) -> f64 {
        let sum: f64 = row
            .iter()
            .zip(&self.scale)
            .zip(&self.slopes)
            .map(|((x, scale), b)| b * standard(*x, *scale))
            .sum();
        logistic(self.intercept + sum)
    }

    /// Fits the cases of some indices with a penalty.
    #[must_use]
    pub fn fit(all: &Columns, of: &[usize], penalty: f64) -> Self {
        let columns = all.rows.first().map_or(0, Vec::len);
        let scale: Vec<(f64, f64)> = (0..columns).map(|c| scale(all, of, c)).collect();
        let rows: Vec<Vec<f64>> = of
            .iter()
            .map(|i| {
                let own = all.rows[*i].iter().zip(&scale);
                let mut row = vec![1.0];
                row.extend(own.map(|(x, s)| standard(*x, *s)));
                row
            })
            .collect();
        let mut b = vec![0.0; columns + 1];
        for _ in 0..STEPS {
            let step = newton(all, of, &rows, &b, penalty);
            let size = step.iter().fold(0.0, |m: f64, s| m.max(s.abs()));
            // Far from the top a full step may overshoot.
            let part = (4.0 / size).min(1.0);
            for (b, s) in b.iter_mut().zip(&step) {
                *b += part * s;
            }
            if size < 1e-10 {
                break;
            }
        }
        Self {
            scale,
            intercept: b[0],
            slopes: b[1..].to_vec(),
            penalty,
        }
    }

    /// Fits the cases of some indices; the penalty is the one of least log score over inner folds, dealt by
    /// cluster.
    #[must_use]
    pub fn chosen(all: &Columns, of: &[usize], seed: u64) -> Self {
        let clusters = all.clusters.iter().max().map_or(0, |c| c + 1);
        let mut sizes = vec![0; clusters];
        for i in of {
            sizes[all.clusters[*i]] += 1;
        }
        let present: Vec<usize> = (0..clusters).filter(|c| sizes[*c] > 0).collect();
        let own: Vec<usize> = present.iter().map(|c| sizes[*c]).collect();
        let dealt = deal(&own, INNER.min(own.len()), seed, "fit/inner");
        let mut fold = vec![0; clusters];
        for (c, f) in present.iter().zip(dealt) {
            fold[*c] = f;
        }
        let loss = |penalty: f64| -> f64 {
            let one = |f: usize| -> f64 {
                let (out, train): (Vec<usize>, Vec<usize>) =
                    of.iter().partition(|i| fold[all.clusters[**i]] == f);
                let fitted = Self::fit(all, &train, penalty);
                let score = |i: &usize| {
                    let p = fitted.predict(&all.rows[*i]);
                    let said = if all.y[*i] > 0.5 { p } else { 1.0 - p };
                    -all.weights[*i] * libm::log(said.max(1e-12))
                };
                out.iter().map(score).sum()
            };
            (0..INNER).map(one).sum()
        };
        let losses = PENALTIES.map(loss);
        let best = (0..PENALTIES.len()).fold(0, |b, i| if losses[i] < losses[b] { i } else { b });
        Self::fit(all, of, PENALTIES[best])
    }
}

/// A number in standard units; the mean where there is none.
fn standard(x: Option<f64>, (mean, sd): (f64, f64)) -> f64 {
    match x {
        Some(x) if sd > 0.0 => (x - mean) / sd,
        _ => 0.0,
    }
}

fn scale(all: &Columns, of: &[usize], column: usize) -> (f64, f64) {
    let own = || {
        let cells = of.iter().map(|i| (all.rows[*i][column], all.weights[*i]));
        cells.filter_map(|(x, w)| Some((x?, w)))
    };
    let n: f64 = own().map(|(_, w)| w).sum();
    let mean = own().map(|(x, w)| w * x).sum::<f64>() / n;
    let squares: f64 = own().map(|(x, w)| w * (x - mean) * (x - mean)).sum();
    if n > 0.0 {
        (mean, (squares / n).sqrt())
    } else {
        (0.0, 0.0)
    }
}

/// A step of Newton's method; the intercept has no penalty.
fn newton(all: &Columns, of: &[usize], rows: &[Vec<f64>], b: &[f64], penalty: f64) -> Vec<f64> {
    let d = b.len();
    let mut gradient = vec![0.0; d];
    let mut curvature = vec![vec![0.0; d]; d];
    for (i, row) in of.iter().zip(rows) {
        let sum: f64 = row.iter().zip(b).map(|(x, b)| x * b).sum();
        let (p, w) = (logistic(sum), all.weights[*i]);
        for j in 0..d {
            gradient[j] += w * (all.y[*i] - p) * row[j];
            for k in 0..=j {
                curvature[j][k] += w * p * (1.0 - p) * row[j] * row[k];
            }
        }
    }
    for j in 1..d {
        gradient[j] -= penalty * b[j];
        curvature[j][j] += penalty;
    }
    // Where there are only events, or none, the intercept alone would run away.
    curvature[0][0] += 1e-9;
    cholesky(&curvature).map_or(vec![0.0; d], |l| solve(&l, &gradient))
}
