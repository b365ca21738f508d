//! Outcomes and flags, counted and nothing else.

use super::crew::{Collect, Crew};
use super::{RunError, Watch, Workers};
use crate::engine::{Batch, Observer};
use crate::plan::Plan;

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
    /// Nothing is counted yet.
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
    fn ended(&mut self, batch: &Batch<'_, W>, lane: usize, outcome: usize) {
        self.rounds += 1;
        self.outcomes[outcome] += 1;
        for (count, flag) in self.flags.iter_mut().zip(&batch.flags) {
            *count += u64::from(flag.at(lane));
        }
    }
}

impl<const W: usize> Collect<W> for Counts {
    type Piece = ();

    fn piece(&mut self) {}
}

/// Plays rounds `first` to `first + rounds − 1` of a plan and counts.
///
/// # Errors
/// [`RunError`] when it is stopped, or has no threads.
pub fn count<const W: usize>(
    plan: &Plan,
    seed: u64,
    (first, rounds): (u64, u64),
    workers: Workers,
    watch: Watch<'_>,
) -> Result<Counts, RunError> {
    let crew = Crew::<W, _, _>::new(plan, seed, workers, || Counts::new(plan))?;
    crew.play(first, rounds, watch, &mut |()| Ok(()))?;
    let mut out = Counts::new(plan);
    for counts in crew.collectors() {
        out.merge(&counts);
    }
    Ok(out)
}
