//! Effects: counts, success or failure, and changes of the state. `docs/MODEL.md` 7.7.

use super::lanes::{Lanes, Mask};
use super::state::Batch;
use super::step::Observer;
use crate::math;
use crate::plan::EffectPlan;
use crate::scenario::effect::How;

impl<const W: usize> Batch<'_, W> {
    /// Lets an action take effect in some lanes.
    pub(super) fn take_effect(
        &mut self,
        i: usize,
        lanes: &Mask<W>,
        observer: &mut dyn Observer<W>,
    ) {
        let plan = self.plan;
        let l = &plan.layout;
        for lane in lanes.lanes() {
            self.moved.set(lane, true);
        }
        let day = self.slots[l.day()];
        for lane in lanes.lanes() {
            self.slots[l.count(i)].0[lane] += 1.0;
            let first = &mut self.slots[l.first(i)].0[lane];
            *first = math::min(*first, day.0[lane]);
            self.slots[l.latest(i)].0[lane] = day.0[lane];
        }
        self.terms_of_rallies_are_stale();
        let mut good = *lanes;
        let mut bad = Mask::NONE;
        let action = &plan.actions[i];
        if let Some(success) = &action.success {
            self.night_falls(i, lanes);
            self.run_for(&success.program, lanes);
            self.night_is_over(i);
            for lane in lanes.lanes() {
                let before = self.slots[l.count(i)].0[lane] as u64 - 1;
                let u = self.draws.success[i].in_lane(self.isa, before, lane, &self.rounds);
                let succeeds = u < self.slots[success.slot].0[lane];
                good.set(lane, succeeds);
                bad.set(lane, !succeeds);
            }
        }
        for lane in lanes.lanes() {
            let which = if good.at(lane) {
                l.succeeded(i)
            } else {
                l.failed(i)
            };
            self.slots[which].0[lane] += 1.0;
            observer.took_effect(self, i, lane, good.at(lane));
        }
        self.terms_of_rallies_are_stale();
        self.apply(&action.effects, &good);
        self.apply(&action.failure, &bad);
    }

    fn apply(&mut self, effects: &[EffectPlan], lanes: &Mask<W>) {
        if !lanes.any() {
            return;
        }
        for effect in effects {
            match effect {
                EffectPlan::Office(slot, holder) => {
                    for lane in lanes.lanes() {
                        self.slots[*slot].0[lane] = *holder;
                    }
                    self.facts_are_stale();
                }
                EffectPlan::Number {
                    value,
                    how,
                    targets,
                } => {
                    self.run_for(&value.program, lanes);
                    // Where the right-hand side has no value, nothing changes.
                    let mut lanes = *lanes;
                    if let Some(undefined) = value.undefined {
                        let undefined = &self.slots[undefined];
                        lanes.keep(|lane| undefined.0[lane] == 0.0);
                    }
                    let value = self.slots[value.slot];
                    for (slot, least, most) in targets {
                        let old = &mut self.slots[*slot];
                        let changed = change(*how, old, &value);
                        for lane in lanes.lanes() {
                            old.0[lane] = math::clamp(changed.0[lane], *least, *most);
                        }
                    }
                    self.facts_are_stale();
                }
            }
        }
    }
}

fn change<const W: usize>(how: How, old: &Lanes<W>, value: &Lanes<W>) -> Lanes<W> {
    let mut out = *value;
    match how {
        How::Set => {}
        How::Add => super::lanes::fold(&mut out, old, |x, o| o + x),
        How::Subtract => super::lanes::fold(&mut out, old, |x, o| o - x),
        How::Multiply => super::lanes::fold(&mut out, old, |x, o| o * x),
    }
    out
}
