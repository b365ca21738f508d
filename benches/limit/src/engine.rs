//! The engine of kzsim on the same rounds, alone: no partners, no timeline, no files.

use std::ops::Range;

use kzsim::internals::engine::{Batch, Observer};
use kzsim::internals::ensemble::{Player, WIDTH, Workers};
use kzsim::internals::plan::{Needs, Plan};

use crate::counts::Counts;

impl<const W: usize> Observer<W> for Counts {
    fn reads(&self, _batch: &Batch<'_, W>, _decided: &[Option<usize>; W]) -> Needs {
        Needs::default()
    }

    fn ended(&mut self, batch: &Batch<'_, W>, lane: usize, outcome: usize) {
        self.rounds += 1;
        if let Some(noted) = batch.noted[lane] {
            self.outcomes[outcome][noted.step as usize] += 1;
        }
        for (count, flag) in self.flags.iter_mut().zip(&batch.flags) {
            *count += u64::from(flag.at(lane));
        }
        let layout = batch.layout();
        for (i, counts) in self.actions.iter_mut().enumerate() {
            let first = batch.get(layout.first(i)).0[lane];
            if first.is_finite() {
                counts[(first / batch.plan.dt).round() as usize] += 1;
            }
        }
    }
}

/// Plays rounds and counts them.
pub fn play(plan: &Plan, seed: u64, workers: Workers, rounds: Range<u64>) -> Counts {
    let player = Player {
        seed,
        workers,
        ..Player::default()
    };
    let empty = || {
        let steps = plan.steps as usize;
        Counts::new(
            plan.outcomes.len(),
            plan.actions.len(),
            plan.flags.len(),
            steps,
        )
    };
    let found = player.observe::<WIDTH, _>(plan, &rounds.into(), empty);
    let mut all = empty();
    for counts in found.expect("nothing stops it") {
        all.add(&counts);
    }
    all
}
