//! Data of known coefficients, fitted again: are the intervals as wide as they say (Talts et al. 2018)?
//!
//! A truth is drawn from the prior and played with rounds of its own; outcomes of all cases are drawn from its
//! shares, and the posterior of these data is found from the table. The truth is one more vector beside the
//! table's, with its own weight, and its rank is drawn among them. If the likelihood is right, the truth is as
//! likely to be any of these vectors as its weight says, so its rank is uniform however few vectors are
//! effective: what is not uniform tells of too few rounds or of a fault, never of a rough table. How much the
//! test can see is told by the effective vectors.

use super::population::{Coefficient, Table, of_prior, values};
use super::simulate::{Resolved, Rounds, Shares, Simulator};
use super::weights::{effective, weights_of};
use crate::analysis::stream::Stream;
use crate::analysis::tails::chi_square;
use crate::parallel;

/// Fewest data sets: five in each of four parts of the ranks.
pub const FEWEST: usize = 20;
/// Data sets in each part of the ranks, for the chi-square.
const IN_PART: usize = 5;
/// Most parts of the ranks.
const MOST_PARTS: usize = 10;
/// How often the ranks of faultless fits are called uneven, over all coefficients.
pub const FALSE_ALARMS: f64 = 0.01;
/// The shares of truths inside intervals of 90 % that pass.
pub const PASS: (f64, f64) = (0.80, 0.97);

/// What fits of synthetic data found of one coefficient.
#[derive(Debug, Clone, PartialEq)]
pub struct Recovered {
    /// Share of truths inside the interval of 50 %.
    pub inside_50: f64,
    /// Share of truths inside the interval of 90 %.
    pub inside_90: f64,
    /// The p-value of even ranks.
    pub p: f64,
}

/// What fits of synthetic data found.
#[derive(Debug, Clone, PartialEq)]
pub struct Synthetic {
    /// Data sets.
    pub sets: usize,
    /// By coefficient.
    pub coefficients: Vec<Recovered>,
    /// Share of truths inside intervals of 50 %, over coefficients.
    pub inside_50: f64,
    /// Share of truths inside intervals of 90 %, over coefficients.
    pub inside_90: f64,
    /// Effective vectors of the fits: least and median.
    pub effective: (f64, f64),
}

impl Synthetic {
    /// Whether intervals of 90 % hold as many truths as they should, within [`PASS`].
    #[must_use]
    pub fn covers(&self) -> bool {
        (PASS.0..=PASS.1).contains(&self.inside_90)
    }

    /// Whether the ranks of every coefficient are even, at [`FALSE_ALARMS`] over all.
    #[must_use]
    pub fn is_even(&self) -> bool {
        let n = self.coefficients.len() as f64;
        self.coefficients.iter().all(|c| c.p >= FALSE_ALARMS / n)
    }
}

/// Fits so many data sets of known coefficients.
///
/// # Errors
/// When the simulator fails.
pub fn recover<S: Simulator>(
    simulator: &S,
    coefficients: &[Coefficient],
    table: &Table,
    cases: &[Resolved],
    sets: usize,
    seed: u64,
) -> Result<Synthetic, S::Error> {
    let d = coefficients.len();
    let scores = of_prior(d, seed, "fit/truths", sets);
    let truths = values(coefficients, &scores);
    let shares = |rounds| -> Result<Shares, S::Error> {
        let counts = simulator.counts(&truths, rounds)?;
        Ok(Shares::new(&counts, simulator.cases(), simulator.classes()))
    };
    let (truth, in_table) = (shares(Rounds::Truth)?, shares(Rounds::Table)?);
    let found: Vec<(Vec<f64>, f64)> = parallel::map(0..sets, |set| {
        let mut stream = Stream::new(seed, "fit/synthetic", set as u64);
        let drawn: Vec<Resolved> = cases
            .iter()
            .map(|c| Resolved {
                observed: class(truth.at(set, c.case), stream.uniform()),
                ..*c
            })
            .collect();
        let log = |shares: &Shares, vector: usize| -> f64 {
            let one = |c: &Resolved| c.weight * libm::log(shares.at(vector, c.case)[c.observed]);
            drawn.iter().map(one).sum()
        };
        let mut likelihoods: Vec<f64> = (0..table.vectors.len())
            .map(|v| log(&table.shares, v))
            .collect();
        likelihoods.push(log(&in_table, set));
        let mut ratios = table.log_ratios.clone();
        ratios.push(table.log_ratio(&scores[set]));
        let weights = weights_of(&ratios, &likelihoods);
        let own = weights[table.vectors.len()];
        let rank = |i: usize| {
            let below = |(v, w): (&Vec<f64>, &f64)| if v[i] < truths[set][i] { *w } else { 0.0 };
            let below: f64 = table.vectors.iter().zip(&weights).map(below).sum();
            (below, own)
        };
        let ranks = (0..d)
            .map(rank)
            .map(|(below, own)| below + own * stream.uniform());
        (ranks.collect(), effective(&weights))
    });
    let parts = (sets / IN_PART).clamp(2, MOST_PARTS);
    let inside = |i: usize, part: f64| {
        let within = |u: f64| (u - 0.5).abs() <= 0.5 * part;
        found.iter().filter(|(u, _)| within(u[i])).count() as f64 / sets as f64
    };
    let one = |i: usize| {
        let mut counts = vec![0.0; parts];
        for (u, _) in &found {
            counts[((u[i] * parts as f64) as usize).min(parts - 1)] += 1.0;
        }
        let expected = sets as f64 / parts as f64;
        let x = counts
            .iter()
            .map(|k: &f64| (k - expected) * (k - expected) / expected)
            .sum();
        Recovered {
            inside_50: inside(i, 0.5),
            inside_90: inside(i, 0.9),
            p: chi_square(x, parts - 1),
        }
    };
    let each: Vec<Recovered> = (0..d).map(one).collect();
    let mean = |of: fn(&Recovered) -> f64| each.iter().map(of).sum::<f64>() / d.max(1) as f64;
    let mut sizes: Vec<f64> = found.iter().map(|(_, e)| *e).collect();
    sizes.sort_by(f64::total_cmp);
    Ok(Synthetic {
        sets,
        inside_50: mean(|r| r.inside_50),
        inside_90: mean(|r| r.inside_90),
        coefficients: each,
        effective: (sizes[0], sizes[sizes.len() / 2]),
    })
}

/// The class at a uniform number.
fn class(shares: &[f64], mut u: f64) -> usize {
    for (i, share) in shares.iter().enumerate() {
        if u < *share {
            return i;
        }
        u -= share;
    }
    shares.len() - 1
}
