//! Perceive: who is expected to win. `docs/MODEL.md` 7.2.
//!
//! Signals are public facts (Singh 2014: making a fact); noise grows when the country goes dark
//! (Casper & Tyson 2014).

use std::f32::consts::LN_2;

use super::lanes::{Lanes, map, softmax};
use super::state::Batch;
use super::step::Observer;
use crate::math;
use crate::plan::program::Needs;

impl<const W: usize> Batch<'_, W> {
    /// The stage: forms views, then fades signals.
    #[inline(always)]
    pub(super) fn perceive(&mut self, _observer: &mut dyn Observer<W>) {
        self.form_views();
        let plan = self.plan;
        let half_life = self.slots[plan.perceive.signal_half_life];
        let mut factor = Lanes::<W>::all(0.0);
        map(&mut factor, &half_life, |h| {
            math::exp(0.0 - (LN_2 * plan.dt) / h)
        });
        for c in 0..plan.contenders.len() {
            super::lanes::fold(&mut self.slots[plan.layout.signal(c)], &factor, |b, f| {
                b * f
            });
        }
        self.rallies_are_stale();
    }

    /// Computes prospects, and what each actor expects.
    #[inline(always)]
    pub(super) fn form_views(&mut self) {
        let plan = self.plan;
        let l = &plan.layout;
        self.refresh(Needs {
            support: true,
            ..Needs::default()
        });
        self.run(&plan.perceive.program);
        self.rallies_are_stale();
        let present = self.contenders_present();
        let p = &plan.perceive;
        let weight = self.slots[p.prospect_weight];
        let floor = self.slots[p.prospect_floor];
        let mut force = self.take_rows(l.contenders);
        for (c, f) in force.iter_mut().enumerate() {
            let momentum = &self.slots[plan.contenders[c].momentum];
            let (support, signal) = (&self.slots[l.support(c)], &self.slots[l.signal(c)]);
            for i in 0..W {
                let share = math::max(support.0[i] + momentum.0[i], 0.0) + floor.0[i];
                f.0[i] = math::ln(share) + signal.0[i];
            }
        }
        let mut scores = self.take_rows(l.contenders);
        scores.copy_from_slice(&force);
        for s in &mut scores {
            super::lanes::fold(s, &weight, |f, w| w * f);
        }
        softmax(&mut scores, &present);
        for (c, s) in scores.iter().enumerate() {
            self.slots[l.prospects(c)] = *s;
        }
        let mut sigma = Lanes::<W>::all(0.0);
        let dark = &self.slots[p.noise_blackout];
        for (i, s) in sigma.0.iter_mut().enumerate() {
            let closed = 1.0 - self.slots[l.openness()].0[i];
            *s = self.slots[p.noise].0[i] * (1.0 + dark.0[i] * closed);
        }
        let day = self.full_days();
        for a in &p.viewers {
            for (c, s) in scores.iter_mut().enumerate() {
                let z = self.draws.perceive[*a][c].at(self.isa, day, &self.rounds);
                let force = &force[c];
                for i in 0..W {
                    s.0[i] = weight.0[i] * (force.0[i] + sigma.0[i] * z.0[i]);
                }
            }
            softmax(&mut scores, &present);
            let views = self.slots.rows_mut(l.sees(*a, 0), l.contenders);
            views.copy_from_slice(&scores);
        }
        for rows in [force, scores, present] {
            self.give_rows(rows);
        }
    }
}
