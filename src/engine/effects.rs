//! Effects: counts, success or failure, and changes of the state. `docs/MODEL.md` 7.7.

use super::lanes::{Lanes, Mask};
use super::state::Batch;
use super::step::Observer;
use crate::math;
use crate::plan::{BranchPlan, EffectPlan, Slot};
use crate::scenario::effect::How;
use crate::scenario::model::Fits;

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
        for slot in [
            l.count(i),
            l.first(i),
            l.latest(i),
            l.succeeded(i),
            l.failed(i),
        ] {
            self.has_changed(slot);
        }
        let list = lanes.list();
        for lane in list.iter() {
            self.moved.set(lane, true);
            let day = self.slots[l.day()].0[lane];
            self.slots[l.count(i)].0[lane] += 1.0;
            let first = &mut self.slots[l.first(i)].0[lane];
            *first = math::min(*first, day);
            self.slots[l.latest(i)].0[lane] = day;
            self.taken[i][lane] = self.t + 1;
        }
        self.terms_of_rallies_are_stale();
        self.draw_for_effects(i, lanes);
        let mut good = *lanes;
        let mut bad = Mask::NONE;
        let action = &plan.actions[i];
        if let Some(success) = &action.success {
            self.night_falls(i, lanes);
            self.run_in(&success.program, lanes);
            self.night_is_over(i);
            for lane in list.iter() {
                let before = self.slots[l.count(i)].0[lane] as u64 - 1;
                let u = self.draws.success[i].in_lane(self.isa, before, lane, &self.rounds);
                let succeeds = u < self.slots[success.slot].0[lane];
                good.set(lane, succeeds);
                bad.set(lane, !succeeds);
            }
        }
        for lane in list.iter() {
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
        if !action.branches.is_empty() {
            self.branch_off(i, &good, &bad, observer);
        }
    }

    /// Draws what the effects of an action read.
    fn draw_for_effects(&mut self, i: usize, lanes: &Mask<W>) {
        let plan = self.plan;
        let count = plan.layout.count(i);
        for d in plan.actions[i].drawn.clone() {
            for lane in lanes.lanes() {
                let before = self.slots[count].0[lane] as u64 - 1;
                let e = self.draws.drawn[d].in_lane(self.isa, before, lane, &self.rounds);
                self.slots[plan.layout.drawn(d)].0[lane] = plan.drawn[d].law.at(e);
            }
        }
    }

    /// Takes at most one branch of what follows from an action in the same instant.
    fn branch_off(
        &mut self,
        i: usize,
        good: &Mask<W>,
        bad: &Mask<W>,
        observer: &mut dyn Observer<W>,
    ) {
        let plan = self.plan;
        let count = plan.layout.count(i);
        let mut u = Lanes::<W>::all(f32::INFINITY);
        for lane in good.lanes().chain(bad.lanes()) {
            let before = self.slots[count].0[lane] as u64 - 1;
            if let Some(draws) = &mut self.draws.branch[i] {
                u.0[lane] = draws.in_lane(self.isa, before, lane, &self.rounds);
            }
        }
        let fits = |branch: &BranchPlan| {
            Mask::of(|lane| match branch.on {
                Fits::Any => good.at(lane) | bad.at(lane),
                Fits::Success => good.at(lane),
                Fits::Failure => bad.at(lane),
            })
        };
        // All shares are read before any branch has effects.
        let mut sum = Lanes::<W>::all(0.0);
        let mut taken = [None; W];
        for (b, branch) in plan.actions[i].branches.iter().enumerate() {
            let fits = fits(branch);
            if !fits.any() {
                continue;
            }
            self.run_in(&branch.share.program, &fits);
            let share = &self.slots[branch.share.slot];
            for lane in fits.lanes() {
                sum.0[lane] += math::clamp01(share.0[lane]);
                if taken[lane].is_none() && u.0[lane] < sum.0[lane] {
                    taken[lane] = Some(b);
                }
            }
        }
        for (b, branch) in plan.actions[i].branches.iter().enumerate() {
            let lanes = Mask::of(|lane| taken[lane] == Some(b));
            for lane in lanes.lanes() {
                observer.branched(self, i, b, lane);
            }
            self.apply(&branch.effects, &lanes);
        }
    }

    /// Notes that an effect changes a row of the state.
    fn has_changed(&mut self, slot: Slot) {
        let plan = self.plan;
        self.changes.act |= plan.act_upkeep.change(slot);
        self.changes.settle |= plan.settle_upkeep.change(slot);
        self.changes.repression |= plan.mobilise.upkeep.change(slot);
    }

    fn apply(&mut self, effects: &[EffectPlan], lanes: &Mask<W>) {
        if effects.is_empty() || !lanes.any() {
            return;
        }
        let list = lanes.list();
        for effect in effects {
            match effect {
                EffectPlan::Office(slot, holder) => {
                    self.has_changed(*slot);
                    for lane in list.iter() {
                        self.slots[*slot].0[lane] = *holder;
                    }
                    self.facts_are_stale();
                }
                EffectPlan::Stance(actor, side) => self.stand_whole(*actor, *side, lanes),
                EffectPlan::Remove(actor, fate) => self.remove(*actor, *fate, lanes),
                EffectPlan::Number {
                    value,
                    how,
                    targets,
                    moves_support,
                } => {
                    self.run_in(&value.program, lanes);
                    for (slot, ..) in targets {
                        self.has_changed(*slot);
                    }
                    for lane in list.iter() {
                        // Where the right-hand side has no value, nothing changes.
                        let undefined = value.undefined.map(|slot| self.slots[slot].0[lane]);
                        if undefined.is_some_and(|undefined| undefined != 0.0) {
                            continue;
                        }
                        let x = self.slots[value.slot].0[lane];
                        for (slot, least, most) in targets {
                            let number = &mut self.slots[*slot].0[lane];
                            *number = math::clamp(changed(*how, *number, x), *least, *most);
                        }
                    }
                    if *moves_support {
                        self.facts_are_stale();
                    } else {
                        self.facts_but_support_are_stale();
                    }
                }
            }
        }
    }
}

impl<const W: usize> Batch<'_, W> {
    /// Takes an actor away: his offices go to the first of their successors who is present.
    fn remove(&mut self, actor: usize, fate: f32, lanes: &Mask<W>) {
        let plan = self.plan;
        let l = &plan.layout;
        self.has_changed(l.present(actor));
        self.has_changed(l.fate(actor));
        for h in 0..plan.offices.len() {
            self.has_changed(l.office(h));
        }
        for lane in lanes.lanes() {
            self.slots[l.present(actor)].0[lane] = 0.0;
            self.slots[l.fate(actor)].0[lane] = fate;
            for (h, office) in plan.offices.iter().enumerate() {
                if self.slots[l.office(h)].0[lane] != actor as f32 {
                    continue;
                }
                let mut heirs = office.successors.iter();
                // He is no longer present himself.
                let heir = heirs.find(|a| self.slots[l.present(**a)].0[lane] > 0.0);
                self.slots[l.office(h)].0[lane] = heir.map_or(-1.0, |a| *a as f32);
            }
        }
        self.facts_are_stale();
    }
}

fn changed(how: How, old: f32, x: f32) -> f32 {
    match how {
        How::Set => x,
        How::Add => x + old,
        How::Subtract => old - x,
        How::Multiply => x * old,
    }
}
