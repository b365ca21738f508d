//! Schedule: delayed and dated actions take effect. `docs/MODEL.md` 7.8.

use super::lanes::{Lanes, Mask};
use super::state::Batch;
use super::step::Observer;
use crate::plan::WayPlan;

impl<const W: usize> Batch<'_, W> {
    pub(super) fn schedule(&mut self, observer: &mut dyn Observer<W>) {
        let plan = self.plan;
        self.slots[plan.layout.day()] = Lanes::all(self.day(self.t));
        for (i, action) in plan.actions.iter().enumerate() {
            if let Some(delay) = &action.delay {
                self.take_due(i, delay.queue, observer);
            }
            if let WayPlan::At { step, when } = &action.way
                && u64::from(self.t) == *step
                && action.limit > 0
            {
                let mut due = self.alive;
                if let Some(when) = when {
                    self.run(&when.program);
                    due.keep(|lane| self.slots[when.slot].0[lane] != 0.0);
                }
                if let Some(by) = action.by {
                    due.keep(|lane| self.slots[by].0[lane] > 0.0);
                }
                if due.any() {
                    for lane in due.lanes() {
                        observer.decided(self, i, lane);
                        self.decisions[i][lane] += 1;
                    }
                    self.carry_out(i, &due, observer);
                }
            }
        }
    }

    /// Lets decisions whose delay is over take effect, one at a time.
    fn take_due(&mut self, i: usize, queue: usize, observer: &mut dyn Observer<W>) {
        loop {
            let mut due = Mask::NONE;
            for lane in self.alive.lanes() {
                let queue = &mut self.queues[queue][lane];
                if queue.front().is_some_and(|step| *step <= self.t) {
                    queue.pop_front();
                    due.set(lane, true);
                }
            }
            if !due.any() {
                return;
            }
            self.take_effect(i, &due, observer);
        }
    }
}
