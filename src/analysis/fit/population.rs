//! Vectors of coefficients that are simulated: points of the prior, then rounds of population Monte Carlo (Cappé et al.
//! 2004) with the weights of a deterministic mixture (Owen & Zhou 2000), or a grid.

use std::fmt;
use std::sync::Arc;

use super::matrix::{Matrix, cholesky, forward, times};
use super::normal::{log_density, quantile};

use super::simulate::{Resolved, Rounds, Shares, Simulator, log_likelihoods};
use super::weights::{effective, log_sum, moments, weights_of};
use crate::analysis::sensitivity::sobol::Sobol;

/// Points of the prior.
pub const PRIOR_POINTS: usize = 256;
/// Points of each later round.
pub const ROUND_POINTS: usize = 160;
/// Fewest and most later rounds: more than the fewest only as long as too few vectors are effective.
pub const ROUNDS: [usize; 2] = [2, 6];
/// Effective vectors that are enough.
pub const WANTED: f64 = 60.0;
/// Levels of the grid of one coefficient.
const LEVELS_OF_ONE: usize = 256;
/// Levels of each coefficient in the grid of two.
const LEVELS_OF_TWO: usize = 32;
/// Effective vectors for each coefficient, beside one, that tempering leaves to find a proposal from.
const ENOUGH: f64 = 6.0;
/// What the covariance of a proposal is multiplied by, so that it has wider tails than its target.
const INFLATION: f64 = 1.5;
/// The variance that is added in every direction, in units of the prior.
const LEAST_VARIANCE: f64 = 0.01;
/// Nodes at which moments of a prior are summed.
const NODES: usize = 4_096;

/// The quantile function of a prior law.
pub type Law = Arc<dyn Fn(f64) -> f64 + Send + Sync>;

/// A coefficient and its prior.
#[derive(Clone)]
pub struct Coefficient {
    /// Its path in the template.
    pub path: String,
    /// The quantile function of its prior, on (0, 1).
    pub law: Law,
}

impl fmt::Debug for Coefficient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Coefficient")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Coefficient {
    /// A coefficient that is uniform between two numbers.
    #[must_use]
    pub fn uniform(path: impl Into<String>, low: f64, high: f64) -> Self {
        Self {
            path: path.into(),
            law: Arc::new(move |u| low + u * (high - low)),
        }
    }

    /// Its value at a normal score.
    #[must_use]
    pub fn at(&self, z: f64) -> f64 {
        // Beyond these a uniform number of binary64 is 0 or 1.
        let u = super::normal::below(z.clamp(-8.0, 8.0));
        (self.law)(u.min(1.0 - f64::EPSILON))
    }

    /// Mean and standard deviation of its prior.
    #[must_use]
    pub fn prior(&self) -> (f64, f64) {
        let node = |i: usize| (self.law)((i as f64 + 0.5) / NODES as f64);
        let all: Vec<f64> = (0..NODES).map(node).collect();
        let n = NODES as f64;
        let mean = all.iter().sum::<f64>() / n;
        let squares: f64 = all.iter().map(|x| (x - mean) * (x - mean)).sum();
        (mean, (squares / n).sqrt())
    }
}

/// How vectors are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// Population Monte Carlo.
    #[default]
    Pmc,
    /// Every combination of levels of equal probability, of one or two coefficients: exact but for its steps.
    Grid,
}

/// Simulated vectors.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Normal scores, by vector.
    pub scores: Vec<Vec<f64>>,
    /// Coefficients, by vector.
    pub vectors: Vec<Vec<f64>>,
    /// The logarithm of prior density over density of the points, by vector.
    pub log_ratios: Vec<f64>,
    /// Shares of classes of every case under every vector.
    pub shares: Shares,
    /// The laws that vectors were drawn from, with the number of each.
    mixture: Vec<(Proposal, usize)>,
}

/// A normal law of scores.
#[derive(Debug, Clone)]
struct Proposal {
    mean: Vec<f64>,
    /// Lower triangle of the covariance's root.
    root: Matrix,
}

impl Proposal {
    fn prior(dimensions: usize) -> Self {
        let row = |i: usize| {
            (0..dimensions)
                .map(|j| if i == j { 1.0 } else { 0.0 })
                .collect()
        };
        Self {
            mean: vec![0.0; dimensions],
            root: (0..dimensions).map(row).collect(),
        }
    }

    /// The normal law of weighted scores, inflated.
    fn of(scores: &[Vec<f64>], weights: &[f64]) -> Option<Self> {
        let (mean, mut covariance) = moments(scores, weights);
        for (i, row) in covariance.iter_mut().enumerate() {
            for x in row.iter_mut() {
                *x *= INFLATION;
            }
            row[i] += LEAST_VARIANCE;
        }
        cholesky(&covariance).map(|root| Self { mean, root })
    }

    fn at(&self, standard: &[f64]) -> Vec<f64> {
        let away = times(&self.root, standard);
        self.mean.iter().zip(away).map(|(m, x)| m + x).collect()
    }

    /// The logarithm of the density, without the constant that all normal laws share.
    fn log_density(&self, z: &[f64]) -> f64 {
        let away: Vec<f64> = z.iter().zip(&self.mean).map(|(z, m)| z - m).collect();
        let size: f64 = self
            .root
            .iter()
            .enumerate()
            .map(|(i, r)| libm::log(r[i]))
            .sum();
        log_density(&forward(&self.root, &away)) - size
    }
}

/// Points of a scrambled Sobol' sequence as standard normal scores.
fn standard(dimensions: usize, seed: u64, site: &str, n: usize) -> Vec<Vec<f64>> {
    let points = Sobol::new(dimensions, seed, site).take(n);
    points
        .map(|u| u.into_iter().map(quantile).collect())
        .collect()
}

impl Table {
    /// The logarithm of prior density over density of the points, at any scores.
    #[must_use]
    pub fn log_ratio(&self, z: &[f64]) -> f64 {
        let n: usize = self.mixture.iter().map(|(_, n)| n).sum();
        let part =
            |(p, count): &(Proposal, usize)| libm::log(*count as f64 / n as f64) + p.log_density(z);
        let logs: Vec<f64> = self.mixture.iter().map(part).collect();
        log_density(z) - log_sum(&logs)
    }

    fn add<S: Simulator>(
        &mut self,
        simulator: &S,
        coefficients: &[Coefficient],
        scores: Vec<Vec<f64>>,
    ) -> Result<(), S::Error> {
        let vectors = values(coefficients, &scores);
        let counts = simulator.counts(&vectors, Rounds::Table)?;
        let shares = Shares::new(&counts, simulator.cases(), simulator.classes());
        self.shares.append(shares);
        self.scores.extend(scores);
        self.vectors.extend(vectors);
        self.log_ratios = self.scores.iter().map(|z| self.log_ratio(z)).collect();
        Ok(())
    }
}

/// The coefficients at normal scores.
#[must_use]
pub fn values(coefficients: &[Coefficient], scores: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let of = |z: &Vec<f64>| z.iter().zip(coefficients).map(|(z, c)| c.at(*z)).collect();
    scores.iter().map(of).collect()
}

/// So many vectors of the prior, from a site of their own.
#[must_use]
pub fn of_prior(dimensions: usize, seed: u64, site: &str, n: usize) -> Vec<Vec<f64>> {
    standard(dimensions, seed, site, n)
}

/// Simulates a table of vectors that follows the posterior of `cases`.
///
/// # Errors
/// When the simulator fails.
pub fn simulate<S: Simulator>(
    simulator: &S,
    coefficients: &[Coefficient],
    cases: &[Resolved],
    method: Method,
    seed: u64,
    mut progress: impl FnMut(&Table),
) -> Result<Table, S::Error> {
    let dimensions = coefficients.len();
    let mut table = Table::default();
    if method == Method::Grid {
        table.mixture = vec![(Proposal::prior(dimensions), 1)];
        table.add(simulator, coefficients, grid(dimensions))?;
        // Levels have equal probability.
        table.log_ratios.fill(0.0);
        progress(&table);
        return Ok(table);
    }
    table
        .mixture
        .push((Proposal::prior(dimensions), PRIOR_POINTS));
    let first = standard(dimensions, seed, "fit/prior", PRIOR_POINTS);
    table.add(simulator, coefficients, first)?;
    progress(&table);
    for round in 0..ROUNDS[1] {
        let likelihoods = log_likelihoods(&table.shares, cases, |_| true);
        let found = effective(&weights_of(&table.log_ratios, &likelihoods));
        if round >= ROUNDS[0] && found >= WANTED {
            break;
        }
        let weights = tempered(&table.log_ratios, &likelihoods, dimensions);
        let proposal = Proposal::of(&table.scores, &weights);
        let proposal = proposal.unwrap_or_else(|| Proposal::prior(dimensions));
        let site = format!("fit/round/{round}");
        let points = standard(dimensions, seed, &site, ROUND_POINTS);
        let points = points.iter().map(|x| proposal.at(x)).collect();
        table.mixture.push((proposal, ROUND_POINTS));
        table.add(simulator, coefficients, points)?;
        progress(&table);
    }
    Ok(table)
}

/// Weights of the highest power of the likelihood, up to 1, that leaves enough effective vectors.
fn tempered(log_ratios: &[f64], likelihoods: &[f64], dimensions: usize) -> Vec<f64> {
    let at = |power: f64| {
        let tempered: Vec<f64> = likelihoods.iter().map(|l| power * l).collect();
        weights_of(log_ratios, &tempered)
    };
    let enough = ENOUGH * (dimensions as f64 + 1.0);
    if effective(&at(1.0)) >= enough {
        return at(1.0);
    }
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..30 {
        let middle = 0.5 * (low + high);
        if effective(&at(middle)) >= enough {
            low = middle;
        } else {
            high = middle;
        }
    }
    at(low)
}

/// Every combination of levels at the middle of parts of equal probability.
fn grid(dimensions: usize) -> Vec<Vec<f64>> {
    let levels = if dimensions == 1 {
        LEVELS_OF_ONE
    } else {
        LEVELS_OF_TWO
    };
    let level = |i: usize| quantile((i as f64 + 0.5) / levels as f64);
    (0..dimensions).fold(vec![Vec::new()], |points, _| {
        let longer = |point: Vec<f64>| {
            (0..levels).map(move |i| {
                let mut out = point.clone();
                out.push(level(i));
                out
            })
        };
        points.into_iter().flat_map(longer).collect()
    })
}
