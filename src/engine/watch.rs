//! Watch: expressions that evidence and analyses read at given moments. `docs/MODEL.md` 7.11.
//!
//! Watching does not affect rounds.

use super::lanes::{Lanes, Mask};
use super::state::Batch;
use crate::math;

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
            self.terms_of_rallies_are_stale();
            self.run(&watch.when.program);
            let mut held = self.slots[watch.when.slot];
            if let Some(undefined) = watch.when.undefined {
                // Whoever wants a number sees that there is none.
                let undefined = &self.slots[undefined];
                super::lanes::fold(
                    &mut held,
                    undefined,
                    |x, u| if u == 0.0 { x } else { f32::NAN },
                );
            }
            self.seen[i].join(lanes, &Mask::of(|lane| math::is_true(held.0[lane])));
            for lane in lanes.lanes() {
                self.slots[plan.layout.watched(i)].0[lane] = held.0[lane];
            }
        }
        if !plan.watches.is_empty() {
            self.slots[plan.layout.day()] = Lanes::all(self.day(now));
            self.terms_of_rallies_are_stale();
        }
    }
}
