//! Counts of outcomes and flags, and nothing else.

use std::ops::Range;

use super::player::Player;
use super::{PlayError, WIDTH, is_few};
use crate::engine::{Batch, Observer};
use crate::plan::{Needs, Plan};

/// Counts over rounds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rounds counted.
    pub rounds: u64,
    /// By outcome.
    pub outcomes: Vec<u64>,
    /// By flag.
    pub flags: Vec<u64>,
}

impl Counts {
    /// Returns counts of no rounds.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        Self {
            rounds: 0,
            outcomes: vec![0; plan.outcomes.len()],
            flags: vec![0; plan.flags.len()],
        }
    }

    /// Adds other rounds of the same scenario.
    pub fn merge(&mut self, other: &Self) {
        self.rounds += other.rounds;
        let outcomes = self.outcomes.iter_mut().zip(&other.outcomes);
        for (a, b) in outcomes.chain(self.flags.iter_mut().zip(&other.flags)) {
            *a += b;
        }
    }
}

impl<const W: usize> Observer<W> for Counts {
    fn reads(&self, _batch: &Batch<'_, W>, _decided: &[Option<usize>; W]) -> Needs {
        Needs::default()
    }

    fn ended(&mut self, batch: &Batch<'_, W>, lane: usize, outcome: usize) {
        self.rounds += 1;
        self.outcomes[outcome] += 1;
        for (count, flag) in self.flags.iter_mut().zip(&batch.flags) {
            *count += u64::from(flag.at(lane));
        }
    }
}

impl Player<'_> {
    /// Plays rounds and counts outcomes and flags.
    ///
    /// # Errors
    /// [`PlayError`] if it is stopped or cannot start threads.
    pub fn count(&self, plan: &Plan, rounds: Range<u64>) -> Result<Counts, PlayError> {
        if is_few(rounds.end.saturating_sub(rounds.start)) {
            self.count_in::<1>(plan, rounds)
        } else {
            self.count_in::<WIDTH>(plan, rounds)
        }
    }

    fn count_in<const W: usize>(
        &self,
        plan: &Plan,
        rounds: Range<u64>,
    ) -> Result<Counts, PlayError> {
        let mut out = Counts::new(plan);
        let found = self.observe::<W, _>(plan, &rounds.into(), || Counts::new(plan))?;
        for counts in &found {
            out.merge(counts);
        }
        Ok(out)
    }
}
