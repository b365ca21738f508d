//! Drift: loyalty moves on news. `docs/MODEL.md` 7.3.
//!
//! Private change is slow (Kuran 1991). News is what differs from what an actor takes for granted, and
//! people get used to what has become of the world (Helson 1964): a balance that has lasted moves nobody.

use super::lanes::{Lanes, zip};
use super::state::Batch;
use super::step::Observer;
use crate::math;

impl<const W: usize> Batch<'_, W> {
    #[inline(always)]
    pub(super) fn drift(&mut self, _observer: &mut dyn Observer<W>) {
        let plan = self.plan;
        let d = &plan.drift;
        if !d.drifts && !d.diffuses {
            return;
        }
        self.run(&d.program);
        let l = &plan.layout;
        let (dt, root_dt) = (plan.dt, plan.dt.sqrt());
        let (drift, diffusion) = (self.slots[d.drift], self.slots[d.diffusion]);
        let memory = &self.slots[d.memory];
        let used_to = self.memos.memory.of(memory, |m| math::part_of(dt / m));
        let mut pull = Lanes::<W>::all(0.0);
        for (a, actor) in plan.actors.iter().enumerate() {
            if actor.contender.is_some() {
                continue;
            }
            if d.drifts {
                zip(&mut pull, &drift, &self.slots[actor.opportunism], |d, o| {
                    d * o
                });
                let (loyalty, slots) = self.slots.apart(l.loyalty(a, 0), l.contenders);
                let views = slots.rows(l.sees(a, 0), l.contenders);
                let granted = slots.rows(l.granted(a, 0), l.contenders);
                for ((loyalty, view), granted) in loyalty.iter_mut().zip(views).zip(granted) {
                    for i in 0..W {
                        let news = view.0[i] - granted.0[i];
                        let moved = loyalty.0[i] + (pull.0[i] * news) * dt;
                        // Before noise is added, what moves may lie outside.
                        let held = math::clamp01(moved);
                        loyalty.0[i] = if d.diffuses { moved } else { held };
                    }
                }
                let (granted, slots) = self.slots.apart(l.granted(a, 0), l.contenders);
                let views = slots.rows(l.sees(a, 0), l.contenders);
                for (granted, view) in granted.iter_mut().zip(views) {
                    for i in 0..W {
                        granted.0[i] += used_to.0[i] * (view.0[i] - granted.0[i]);
                    }
                }
            }
            if d.diffuses {
                for (c, draws) in self.draws.drift[a].iter_mut().enumerate() {
                    // A step on either side, by one bit: only mean and variance of many steps count.
                    let signs = draws.signs(u64::from(self.t), &self.rounds);
                    let loyalty = &mut self.slots[l.loyalty(a, c)];
                    for i in 0..W {
                        let moved = loyalty.0[i] + signs.on(diffusion.0[i] * root_dt, i);
                        loyalty.0[i] = math::clamp01(moved);
                    }
                }
            }
        }
        self.facts_are_stale();
    }
}
