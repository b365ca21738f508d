//! Drift: loyalty moves on news. `docs/MODEL.md` 7.3.
//!
//! Private change is slow (Kuran 1991). News is what differs from what an actor takes for granted, and
//! people get used to what has become of the world (Helson 1964): a balance that has lasted moves nobody.

use super::lanes::{Lanes, map};
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
        let mut used_to = Lanes::<W>::all(0.0);
        map(&mut used_to, &self.slots[d.memory], |m| {
            math::part_of(dt / m)
        });
        for (a, actor) in plan.actors.iter().enumerate() {
            if actor.contender.is_some() {
                continue;
            }
            let opportunism = self.slots[actor.opportunism];
            for c in 0..l.contenders {
                let mut loyalty = self.slots[l.loyalty(a, c)];
                if d.drifts {
                    let view = self.slots[l.sees(a, c)];
                    let granted = &mut self.slots[l.granted(a, c)];
                    for i in 0..W {
                        let news = view.0[i] - granted.0[i];
                        loyalty.0[i] += ((drift.0[i] * opportunism.0[i]) * news) * dt;
                        granted.0[i] += used_to.0[i] * news;
                    }
                }
                if d.diffuses {
                    // A step on either side, by one bit: only mean and variance of many steps count.
                    let signs = self.draws.drift[a][c].signs(u64::from(self.t), &self.rounds);
                    for i in 0..W {
                        loyalty.0[i] += signs.on(diffusion.0[i] * root_dt, i);
                    }
                }
                map(&mut self.slots[l.loyalty(a, c)], &loyalty, math::clamp01);
            }
        }
        self.facts_are_stale();
    }
}
