//! Pairs of rounds on their way: what the first rounds gave waits for their partners, and is then
//! counted.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::analysis::share::Pairs;
use crate::ensemble::RoundRecord;
use crate::scenario::Scenario;

/// Pairs of rounds that tell ignorance from chance: one for so many rounds, at most so many.
const PAIR_FOR: u64 = 8;
/// The most pairs.
pub const MOST_PAIRS: u64 = 32_768;

/// Pairs of a run of so many rounds: of its first rounds.
#[must_use]
pub fn pairs_of(rounds: u64) -> u64 {
    rounds.div_ceil(PAIR_FOR).min(MOST_PAIRS)
}

/// Outcomes and flags of rounds one after another.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes {
    /// The first of the rounds.
    pub(super) first: u64,
    outcomes: Vec<u32>,
    /// Flags, 64 to a word; as many words for each round.
    flags: Vec<u64>,
}

impl Notes {
    /// Nothing is noted yet; `first` comes first.
    #[must_use]
    pub fn from(first: u64) -> Self {
        Self {
            first,
            ..Self::default()
        }
    }

    /// The rounds that are noted.
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

    /// Those of the rounds from `first` to before `end`, as far as they exist.
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

    /// Whether these can be notes of a scenario.
    pub(super) fn fit(&self, s: &Scenario) -> bool {
        let outcomes = s.outcomes.len() as u32;
        self.flags.len() == self.outcomes.len() * s.flags.len().div_ceil(64)
            && self.outcomes.iter().all(|o| *o < outcomes)
    }
}

/// Pairs of rounds, counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paired {
    /// The round whose pair comes next.
    pub next: u64,
    /// Counts of pairs: for each outcome, then each flag.
    pub pairs: Vec<Pairs>,
}

impl Paired {
    /// No pair is counted yet.
    #[must_use]
    pub fn new(next: u64, scenario: &Scenario) -> Self {
        Self {
            next,
            pairs: vec![Pairs::default(); scenario.outcomes.len() + scenario.flags.len()],
        }
    }

    /// Counts pairs of noted rounds and their partners, which come in order.
    pub fn add(&mut self, outcomes: usize, notes: &Notes, partners: &[RoundRecord]) {
        let words = notes.words();
        for b in partners {
            debug_assert_eq!(b.round, self.next, "partners are not in step");
            let own = b.round.checked_sub(notes.first).map(|i| i as usize);
            let Some((own, outcome)) = own.and_then(|i| Some((i, notes.outcomes.get(i)?))) else {
                return;
            };
            let flags = &notes.flags[own * words..(own + 1) * words];
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

    /// Adds the pairs of the rounds that come next.
    pub fn merge(&mut self, other: &Self) {
        self.next = other.next;
        for (a, b) in self.pairs.iter_mut().zip(&other.pairs) {
            a.merge(b);
        }
    }

    /// Whether these can be pairs of a scenario.
    pub(super) fn fit(&self, s: &Scenario) -> bool {
        self.pairs.len() == s.outcomes.len() + s.flags.len() && self.pairs.iter().all(Pairs::fits)
    }
}
