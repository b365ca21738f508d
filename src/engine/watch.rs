//! Watch: expressions that evidence and analyses read at given moments. `docs/MODEL.md` 7.11.
//!
//! Watching does not affect rounds.

use super::lanes::{Lanes, Mask};
use super::state::Batch;

impl<const W: usize> Batch<'_, W> {
    /// Reads watched expressions at the end of the step in progress. A round that `ends` with it is
    /// read for all later moments too: its state is carried forward while the calendar goes on.
    pub(super) fn watch(&mut self, ends: &Mask<W>) {
        let plan = self.plan;
        let now = self.t + 1;
        let mut leaves = *ends;
        let alive = self.alive;
        leaves.keep(|lane| alive.at(lane));
        let any = leaves.any();
        for (i, watch) in plan.watches.iter().enumerate() {
            let lanes = if watch.step == now {
                &alive
            } else if any && watch.step > now {
                &leaves
            } else {
                continue;
            };
            self.slots[plan.layout.day()] = Lanes::all(self.day(watch.step));
            self.run(&watch.when.program);
            let held = self.slots[watch.when.slot];
            self.seen[i].join(lanes, &Mask::of(|lane| held.0[lane] != 0.0));
            for lane in lanes.lanes() {
                self.slots[plan.layout.watched(i)].0[lane] = held.0[lane];
            }
        }
        if !plan.watches.is_empty() {
            self.slots[plan.layout.day()] = Lanes::all(self.day(now));
        }
    }
}
