//! Counts what stands at horizons before the last, and when flags hold first. `docs/MODEL.md` 7.8.

use super::tally::Horizons;
use crate::engine::Batch;
use crate::engine::lanes::Mask;
use crate::plan::Plan;

impl Horizons {
    /// Counts of no rounds of a plan.
    pub(super) fn new(plan: &Plan) -> Self {
        let (read, flags) = if plan.reads {
            (plan.horizons.len() - 1, plan.flags.len())
        } else {
            (0, 0)
        };
        let steps = plan.steps as usize + 1;
        Self {
            outcomes: vec![vec![0; plan.outcomes.len()]; read],
            flags: vec![vec![0; plan.flags.len()]; read],
            first: vec![vec![0; steps]; flags],
            without: vec![vec![0; steps]; flags],
        }
    }

    /// A flag holds for the first time in some lanes.
    pub(super) fn flagged<const W: usize>(
        &mut self,
        batch: &Batch<'_, W>,
        flag: usize,
        lanes: &Mask<W>,
    ) {
        self.first[flag][batch.t as usize + 1] += lanes.count() as u64;
    }

    /// Counts the rounds in play at a horizon.
    pub(super) fn reached<const W: usize>(
        &mut self,
        batch: &Batch<'_, W>,
        horizon: usize,
        outcomes: &[Option<usize>; W],
    ) {
        for outcome in outcomes.iter().flatten() {
            self.outcomes[horizon][*outcome] += 1;
        }
        for (count, flag) in self.flags[horizon].iter_mut().zip(&batch.flags) {
            let held = batch.alive.lanes().filter(|lane| flag.at(*lane));
            *count += held.count() as u64;
        }
    }

    /// Counts a round that ends, at the horizons that it does not reach.
    pub(super) fn ended<const W: usize>(
        &mut self,
        batch: &Batch<'_, W>,
        lane: usize,
        outcome: usize,
    ) {
        let step = batch.t + 1;
        let reached = batch.plan.horizons.partition_point(|h| *h <= step);
        let later = self.outcomes.iter_mut().zip(&mut self.flags).skip(reached);
        for (outcomes, flags) in later {
            outcomes[outcome] += 1;
            for (count, flag) in flags.iter_mut().zip(&batch.flags) {
                *count += u64::from(flag.at(lane));
            }
        }
        for (counts, flag) in self.without.iter_mut().zip(&batch.flags) {
            counts[step as usize] += u64::from(!flag.at(lane));
        }
    }
}
