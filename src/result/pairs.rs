//! Pairs of rounds that share their priors: the results of the first rounds wait for their partners,
//! and are then counted.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::analysis::share::Pairs;
use crate::ensemble::RoundRecord;
use crate::scenario::Scenario;

/// Pairs of rounds separate ignorance from chance: one for every so many rounds.
const PAIR_FOR: u64 = 16;
/// Up to so many pairs, short runs have twice as many.
const FEW_PAIRS: u64 = 512;
/// The most pairs of a run.
pub const MOST_PAIRS: u64 = 32_768;

/// The number of pairs of a run: that many of its first rounds have a partner.
#[must_use]
pub fn pairs_of(rounds: u64) -> u64 {
    let few = rounds.div_ceil(PAIR_FOR / 2).min(FEW_PAIRS);
    rounds.div_ceil(PAIR_FOR).clamp(few, MOST_PAIRS)
}

/// Outcomes and flags of consecutive rounds that wait for their partners.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingRounds {
    /// The first of the rounds.
    pub(super) first: u64,
    outcomes: Vec<u32>,
    /// Flags, 64 to a word; as many words for each round.
    flags: Vec<u64>,
}

impl WaitingRounds {
    /// No rounds yet; `first` will be the first.
    #[must_use]
    pub fn starting_at(first: u64) -> Self {
        Self {
            first,
            ..Self::default()
        }
    }

    /// The rounds that wait.
    #[must_use]
    pub fn rounds(&self) -> Range<u64> {
        self.first..self.first.saturating_add(self.outcomes.len() as u64)
    }

    /// Adds rounds, in order.
    pub fn add(&mut self, records: &[RoundRecord]) {
        for record in records {
            self.outcomes.push(record.outcome as u32);
            self.flags.extend_from_slice(record.flags.words());
        }
    }

    /// Adds rounds that follow.
    pub fn join(&mut self, more: &Self) {
        self.outcomes.extend_from_slice(&more.outcomes);
        self.flags.extend_from_slice(&more.flags);
    }

    /// Those among `rounds`.
    #[must_use]
    pub fn part(&self, rounds: Range<u64>) -> Self {
        let own = self.rounds();
        let place = |r: u64| (r.clamp(own.start, own.end) - own.start) as usize;
        let (from, to) = (place(rounds.start), place(rounds.end.max(rounds.start)));
        let words = self.words();
        Self {
            first: own.start + from as u64,
            outcomes: self.outcomes[from..to].to_vec(),
            flags: self.flags[from * words..to * words].to_vec(),
        }
    }

    fn words(&self) -> usize {
        self.flags
            .len()
            .checked_div(self.outcomes.len())
            .unwrap_or(0)
    }

    /// Whether these can be rounds of a scenario.
    pub(super) fn fit(&self, s: &Scenario) -> bool {
        let outcomes = s.outcomes.len() as u32;
        self.flags.len() == self.outcomes.len() * s.flags.len().div_ceil(64)
            && self.outcomes.iter().all(|o| *o < outcomes)
    }
}

/// Counts of pairs of rounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairCounts {
    /// The first round of the next pair.
    pub next: u64,
    /// Counts of pairs: for each outcome, then each flag.
    pub pairs: Vec<Pairs>,
}

impl PairCounts {
    /// No pairs yet; `next` will be the first round of the first pair.
    #[must_use]
    pub fn new(next: u64, scenario: &Scenario) -> Self {
        Self {
            next,
            pairs: vec![Pairs::default(); scenario.outcomes.len() + scenario.flags.len()],
        }
    }

    /// Counts pairs of waiting rounds and their `partners`, which must be in order.
    pub fn add(&mut self, outcomes: usize, waiting: &WaitingRounds, partners: &[RoundRecord]) {
        let words = waiting.words();
        for b in partners {
            debug_assert_eq!(b.round, self.next, "partners are not in step");
            let own = b.round.checked_sub(waiting.first).map(|i| i as usize);
            let Some((own, outcome)) = own.and_then(|i| Some((i, waiting.outcomes.get(i)?))) else {
                return;
            };
            let flags = &waiting.flags[own * words..(own + 1) * words];
            for (j, pairs) in self.pairs.iter_mut().enumerate() {
                match j.checked_sub(outcomes) {
                    None => pairs.add(b.round, *outcome as usize == j, b.outcome == j),
                    Some(i) => {
                        pairs.add(b.round, flags[i / 64] >> (i % 64) & 1 == 1, b.flags[i]);
                    }
                }
            }
            self.next = b.round + 1;
        }
    }

    /// Adds the pairs of the rounds that follow.
    pub fn merge(&mut self, other: &Self) {
        self.next = other.next;
        for (a, b) in self.pairs.iter_mut().zip(&other.pairs) {
            a.merge(b);
        }
    }

    /// Whether these can be counts of a scenario.
    pub(super) fn fit(&self, s: &Scenario) -> bool {
        self.pairs.len() == s.outcomes.len() + s.flags.len() && self.pairs.iter().all(Pairs::fits)
    }
}
