//! Can such evidence tell the readings apart at all? Evidence is simulated from each reading in
//! turn and weighed, and the wins of each reading are counted (model recovery).

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::weighing::posteriors;
use crate::engine::draws;
use crate::ensemble::patterns::Patterns;
use crate::scenario::reports::Report;

/// The verdicts on evidence simulated from one reading.
#[derive(Debug, Clone, PartialEq)]
pub struct Recovered {
    /// Number of trials in which each reading had the largest posterior; ties go to the first.
    pub wins: Vec<u64>,
    /// Number of trials whose evidence is impossible under every reading.
    pub none: u64,
    /// Mean posterior of each reading, over all other trials.
    pub mean: Vec<f64>,
}

/// Distinct sets of reports that are true together, with their rounds. Bit `i`: report `i` is true.
fn combined(patterns: &Patterns, reports: &[Report]) -> Vec<(u64, f64)> {
    let mut counts = std::collections::BTreeMap::<u64, u64>::new();
    for (pattern, count) in patterns.total() {
        let bits = reports.iter().enumerate().fold(0_u64, |bits, (i, r)| {
            bits | u64::from(pattern & r.mask == r.mask) << i
        });
        *counts.entry(bits).or_default() += count;
    }
    counts.into_iter().map(|(b, n)| (b, n as f64)).collect()
}

/// For each byte of a set of reports, and each of its values, the factor of its reports in the
/// likelihood of what was reported.
struct Factors(Vec<[f64; 256]>);

impl Factors {
    fn new(reports: &[Report], said: u64) -> Self {
        let bytes = reports.chunks(8).enumerate().map(|(byte, chunk)| {
            std::array::from_fn(|value| {
                let each = chunk.iter().enumerate().map(|(i, r)| {
                    let agrees = (value >> i & 1) as u64 == said >> (8 * byte + i) & 1;
                    if agrees {
                        r.reliability
                    } else {
                        1.0 - r.reliability
                    }
                });
                each.product()
            })
        });
        Self(bytes.collect())
    }

    fn of(&self, truth: u64) -> f64 {
        let bytes = self.0.iter().enumerate();
        bytes
            .map(|(i, table)| table[(truth >> (8 * i) & 255) as usize])
            .product()
    }
}

/// Simulates evidence from reading `truth`, `trials` times, and weighs it: a round of the reading
/// is drawn, and each report on it is right with its reliability. The round is left out of the
/// likelihood of its own reading, so that evidence does not support itself.
#[must_use]
pub fn recover(
    readings: &[Patterns],
    reports: &[Report],
    priors: &[f64],
    truth: usize,
    (seed, site): (u64, &str),
    trials: u64,
) -> Recovered {
    let sets: Vec<Vec<(u64, f64)>> = readings.iter().map(|p| combined(p, reports)).collect();
    let rounds: Vec<f64> = sets.iter().map(|s| s.iter().map(|x| x.1).sum()).collect();
    let mut out = Recovered {
        wins: vec![0; readings.len()],
        none: 0,
        mean: vec![0.0; readings.len()],
    };
    for trial in 0..trials {
        let mut generator = ChaCha8Rng::from_seed(draws::key(seed, site));
        generator.set_stream(trial);
        let mut uniform = || (f64::from(generator.next_u32()) + 0.5) / 4_294_967_296.0;
        let mut at = (uniform() * rounds[truth]).floor();
        let drawn = sets[truth].iter().find(|(_, n)| {
            at -= n;
            at < 0.0
        });
        let Some((bits, _)) = drawn.or(sets[truth].last()) else {
            continue;
        };
        let said = reports.iter().enumerate().fold(0_u64, |said, (i, r)| {
            let wrong = uniform() >= r.reliability;
            said | ((bits >> i & 1) ^ u64::from(wrong)) << i
        });
        let factors = Factors::new(reports, said);
        let likelihoods: Vec<f64> = sets
            .iter()
            .enumerate()
            .map(|(i, set)| {
                let sum: f64 = set.iter().map(|(b, n)| n * factors.of(*b)).sum();
                if i == truth {
                    let own = sum - factors.of(*bits);
                    own.max(0.0) / (rounds[i] - 1.0).max(1.0)
                } else {
                    sum / rounds[i]
                }
            })
            .collect();
        let posteriors = posteriors(priors, &likelihoods);
        if posteriors.iter().any(|p| p.is_nan()) {
            out.none += 1;
            continue;
        }
        let winner = (0..posteriors.len()).fold(0, |best, i| {
            if posteriors[i] > posteriors[best] {
                i
            } else {
                best
            }
        });
        out.wins[winner] += 1;
        for (mean, p) in out.mean.iter_mut().zip(&posteriors) {
            *mean += p;
        }
    }
    let possible = (trials - out.none).max(1) as f64;
    out.mean.iter_mut().for_each(|m| *m /= possible);
    out
}
