//! Drift: loyalty moves on news. `docs/MODEL.md` 7.3.
//!
//! Private change is slow (Kuran 1991). Moving on the difference from the start keeps a balance
//! that has lasted for years from sliding into a bandwagon without any event.

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
        let mut news = self.take_rows(l.contenders);
        for (c, news) in news.iter_mut().enumerate() {
            let (now, start) = (
                &self.slots[l.prospects(c)],
                &self.slots[l.prospects_start(c)],
            );
            super::lanes::zip(news, now, start, |p, p0| p - p0);
        }
        for (a, actor) in plan.actors.iter().enumerate() {
            if actor.contender.is_some() {
                continue;
            }
            let opportunism = self.slots[actor.opportunism];
            for (c, news) in news.iter().enumerate() {
                let mut loyalty = self.slots[l.loyalty(a, c)];
                if d.drifts {
                    for i in 0..W {
                        loyalty.0[i] += ((drift.0[i] * opportunism.0[i]) * news.0[i]) * dt;
                    }
                }
                if d.diffuses {
                    let z = self.draws.drift[a][c].at(self.isa, u64::from(self.t), &self.rounds);
                    for i in 0..W {
                        loyalty.0[i] += (diffusion.0[i] * root_dt) * z.0[i];
                    }
                }
                super::lanes::map(&mut self.slots[l.loyalty(a, c)], &loyalty, math::clamp01);
            }
        }
        self.give_rows(news);
        self.facts_are_stale();
    }
}
