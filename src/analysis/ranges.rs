//! How far the share of an outcome moves with what a scenario leaves open: across sets of guesses, and across
//! structural forms of the model.

use super::jackknife::jackknife;
use super::paired::Difference;
use super::share::Pairs;
use super::spread::{Counts, Quantile};
use crate::ensemble::comparison::Paired;
use crate::ensemble::patterns::BLOCKS;

/// Parts of all sets of guesses at which a quantile is told, in per cent: from 5 to 95.
pub const PARTS: [u32; 19] = {
    let mut parts = [0; 19];
    let mut i = 0;
    while i < parts.len() {
        parts[i] = 5 * (i as u32 + 1);
        i += 1;
    }
    parts
};

/// Rounds of a run below which too little could be told.
pub const FEWEST: u64 = 512;

/// Why a run has no ranges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRanges {
    /// It was asked not to.
    LeftOut,
    /// It has fewer than [`FEWEST`] rounds.
    TooFew,
    /// It is a shard: they are played when shards are merged.
    Shard,
}

/// Sets of guesses and forms as they were played: outcomes by round, a set after the other.
#[derive(Debug)]
pub struct Played {
    /// Sets of guesses.
    pub sets: u64,
    /// Rounds of each.
    pub each: u64,
    /// Whether there is anything to guess.
    pub guesses: bool,
    /// Outcomes with the scenario's own form.
    pub own: Vec<usize>,
    /// The same rounds in each other form, with its name.
    pub forms: Vec<(String, Vec<usize>)>,
}

/// A form of the model beside the scenario's own.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// What it changes, as `thresholds=logistic`.
    pub name: String,
    /// Rounds that were played in both forms.
    pub rounds: u64,
    /// By outcome: its share in this form less that in the scenario's own, in the same rounds.
    pub differences: Vec<Difference>,
}

/// How far shares of outcomes move.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranges {
    /// Sets of guesses.
    pub sets: u64,
    /// Rounds of each.
    pub each: u64,
    /// By outcome: how its share is spread across sets of guesses. None if nothing is guessed.
    pub guesses: Vec<Guesses>,
    /// Forms of the model beside the scenario's own; none where no other form can matter.
    pub forms: Vec<Form>,
}

/// How the share of an outcome is spread across sets of guesses.
#[derive(Debug, Clone, PartialEq)]
pub struct Guesses {
    /// Its quantiles at each of [`PARTS`].
    pub quantiles: Vec<Quantile>,
    /// Whether the counts agree with all sets having the same share.
    pub may_be_constant: bool,
}

impl Guesses {
    /// The range from the 5th to the 95th percentile, as far as the counts can tell.
    #[must_use]
    pub fn range(&self) -> Option<(f64, f64)> {
        let (low, high) = (self.quantiles.first()?, self.quantiles.last()?);
        Some((low.as_low(), high.as_high()))
    }
}

impl Ranges {
    /// What was played says, beside a run: of each of its outcomes the rounds that had it, of `rounds`, and the pairs of
    /// rounds with the same guesses.
    #[must_use]
    pub fn new(played: &Played, counts: &[u64], rounds: u64, pairs: &[Pairs]) -> Self {
        let outcomes = counts.iter().zip(pairs).enumerate();
        let guesses = outcomes
            .filter(|_| played.guesses)
            .map(|(j, (count, pairs))| {
                let counts = played.counts(j, (*count, rounds), pairs);
                let spread = counts.spread();
                let quantile = |per_cent: &u32| spread.quantile(f64::from(*per_cent) / 100.0);
                Guesses {
                    quantiles: PARTS.iter().map(quantile).collect(),
                    may_be_constant: spread.may_be_constant(),
                }
            });
        let forms = played.forms.iter().map(|(name, other)| Form {
            name: name.clone(),
            rounds: other.len() as u64,
            differences: (0..counts.len())
                .map(|j| played.difference(j, other))
                .collect(),
        });
        Self {
            sets: played.sets,
            each: played.each,
            guesses: guesses.collect(),
            forms: forms.collect(),
        }
    }

    /// The lowest and the highest share of an outcome over forms, its own form having the share `own`.
    #[must_use]
    pub fn over_forms(&self, outcome: usize, own: f64) -> Option<(f64, f64)> {
        let shares = self.forms.iter().map(|f| f.share(outcome, own));
        let ends = (own, own);
        (!self.forms.is_empty())
            .then(|| shares.fold(ends, |(low, high), x| (low.min(x), high.max(x))))
    }

    /// Half the width of the widest interval of a difference between forms; 0 without other forms.
    #[must_use]
    pub fn error_of_forms(&self) -> f64 {
        let all = self.forms.iter().flat_map(|form| &form.differences);
        all.map(|d| (d.high - d.low) / 2.0).fold(0.0, f64::max)
    }
}

impl Form {
    /// The share of an outcome, the scenario's own form having the share `own`: as that is known from many more
    /// rounds, the difference alone is taken from the rounds that both forms played (a control variate).
    #[must_use]
    pub fn share(&self, outcome: usize, own: f64) -> f64 {
        (own + self.differences[outcome].estimate).clamp(0.0, 1.0)
    }
}

impl Played {
    /// What is counted of an outcome. Pairs are rounds of the run with a partner each.
    fn counts(&self, outcome: usize, (count, rounds): (u64, u64), pairs: &Pairs) -> Counts {
        let mut sets = vec![0; self.each as usize + 1];
        for set in self.own.chunks(self.each as usize) {
            sets[set.iter().filter(|o| **o == outcome).count()] += 1;
        }
        let pairs = pairs.agreements();
        // Rounds that are half of a pair are counted as such; which of them had it is not known one by one.
        let others = rounds.saturating_sub(pairs.iter().sum()).max(1);
        let yes = (count as f64 * others as f64 / rounds as f64).round() as u64;
        Counts {
            sets,
            pairs,
            rest: [yes, others - yes],
        }
    }

    /// The share of an outcome in another form less that in the scenario's own. Rounds of a set have guesses in
    /// common, so sets are left out of the jackknife whole; where few rounds differ, the interval holds also that of
    /// paired shares, which is then the wider one.
    fn difference(&self, outcome: usize, other: &[usize]) -> Difference {
        let mut paired = Paired::default();
        let mut blocks = [(0_i64, 0_u64); BLOCKS];
        for (label, (a, b)) in self.own.iter().zip(other).enumerate() {
            let (a, b) = (*a == outcome, *b == outcome);
            paired.rounds += 1;
            paired.both += u64::from(a && b);
            paired.only_a += u64::from(a && !b);
            paired.only_b += u64::from(b && !a);
            let block = &mut blocks[label / self.each as usize % BLOCKS];
            block.0 += i64::from(b) - i64::from(a);
            block.1 += 1;
        }
        let simple = paired.difference();
        let more = paired.only_b as f64 - paired.only_a as f64;
        let without = blocks.iter().filter(|(_, rounds)| *rounds > 0);
        let without = without.map(|(more_here, rounds)| {
            (more - *more_here as f64) / (paired.rounds - rounds) as f64
        });
        let clustered = jackknife(simple.estimate, &without.collect::<Vec<f64>>());
        Difference {
            estimate: simple.estimate,
            low: simple.low.min(clustered.low).max(-1.0),
            high: simple.high.max(clustered.high).min(1.0),
        }
    }
}
