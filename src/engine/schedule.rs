//! Schedule: delayed and dated actions take effect. `docs/MODEL.md` 7.8.

use super::lanes::Mask;
use super::state::Batch;
use super::step::Observer;
use crate::plan::WayPlan;

impl<const W: usize> Batch<'_, W> {
    pub(super) fn schedule(&mut self, observer: &mut dyn Observer<W>) {
        let plan = self.plan;
        for (i, action) in plan.actions.iter().enumerate() {
            if action.delay.is_some() {
                self.take_due(i, observer);
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
                        self.actions[i].decisions[lane] += 1;
                    }
                    self.carry_out(i, &due, observer);
                }
            }
        }
    }

    /// Decisions whose delay is over take effect, one at a time.
    fn take_due(&mut self, i: usize, observer: &mut dyn Observer<W>) {
        loop {
            let mut due = Mask::NONE;
            for lane in self.alive.lanes() {
                let queue = &mut self.actions[i].queue[lane];
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
