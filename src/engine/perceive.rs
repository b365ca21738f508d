//! Perceive: who is expected to win. `docs/MODEL.md` 7.2.
//!
//! Signals are public facts (Singh 2014: making a fact); noise grows when the country goes dark
//! (Casper & Tyson 2014).

use std::f32::consts::LN_2;

use super::lanes::{Lanes, map, softmax};
use super::state::Batch;
use super::step::Observer;
use crate::math;
use crate::plan::{Needs, Slot};

impl<const W: usize> Batch<'_, W> {
    /// The stage: forms views, then fades signals.
    #[inline(always)]
    pub(super) fn perceive(&mut self, _observer: &mut dyn Observer<W>) {
        self.form_views(false);
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

    /// Computes prospects, and what each actor expects. At rest nothing is new: nobody errs, and what is
    /// seen is what everybody takes for granted from then on.
    #[inline(always)]
    pub(super) fn form_views(&mut self, at_rest: bool) {
        let plan = self.plan;
        let l = &plan.layout;
        self.refresh(Needs {
            support: true,
            ..Needs::default()
        });
        self.run(&plan.perceive.program);
        let present = self.contenders_present();
        let p = &plan.perceive;
        let weight = self.slots[p.prospect_weight];
        let mut force = self.take_rows(l.contenders);
        for (c, f) in force.iter_mut().enumerate() {
            *f = self.slots[l.support(c)];
            self.force(c, self.read_of(c), f);
        }
        if at_rest {
            let rest = self.slots.rows_mut(l.force_start(0), l.contenders);
            rest.copy_from_slice(&force);
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
        let error = self.error(&force, &present);
        let errs = !at_rest && error.any();
        let day = self.full_days();
        for a in &p.viewers {
            let alone = plan.actors[*a].contender.is_none() && !plan.commands[*a].is_empty();
            if alone {
                self.support_of_others(*a, &mut scores);
                for (c, s) in scores.iter_mut().enumerate() {
                    self.force(c, self.read_of(c), s);
                }
            } else {
                scores.copy_from_slice(&force);
            }
            for (c, s) in scores.iter_mut().enumerate() {
                if errs {
                    let z = self.draws.perceive[*a][c].at(self.isa, day, &self.rounds);
                    for i in 0..W {
                        s.0[i] += error.0[i] * z.0[i];
                    }
                }
                super::lanes::fold(s, &weight, |f, w| w * f);
            }
            softmax(&mut scores, &present);
            let views = self.slots.rows_mut(l.sees(*a, 0), l.contenders);
            views.copy_from_slice(&scores);
            if at_rest {
                let granted = self.slots.rows_mut(l.granted(*a, 0), l.contenders);
                granted.copy_from_slice(&scores);
            }
        }
        for rows in [force, scores, present] {
            self.give_rows(rows);
        }
        // They may read what is expected.
        self.terms_of_rallies_are_stale();
    }

    /// Returns where momentum and standing of a contender are, and the support that nobody is denied, as
    /// Perceive reads them.
    #[inline(always)]
    fn read_of(&self, c: usize) -> [Slot; 3] {
        let plan = self.plan;
        let contender = &plan.contenders[c];
        let floor = plan.perceive.prospect_floor;
        [contender.momentum, contender.standing, floor]
    }

    /// Turns the support of a contender into the logarithm of his force, given where his momentum, his standing
    /// and the support that nobody is denied are.
    #[inline(always)]
    pub(super) fn force(&self, c: usize, read: [Slot; 3], support: &mut Lanes<W>) {
        let [momentum, standing, floor] = read.map(|slot| &self.slots[slot]);
        let signal = &self.slots[self.plan.layout.signal(c)];
        for i in 0..W {
            let share = math::max(support.0[i] + momentum.0[i], 0.0) + floor.0[i];
            support.0[i] = (math::ln(share) + signal.0[i]) + standing.0[i];
        }
    }

    /// Returns the size of errors of view: what everybody has lived with is misread by nobody.
    #[inline(always)]
    fn error(&self, force: &[Lanes<W>], present: &[Lanes<W>]) -> Lanes<W> {
        let l = self.layout();
        let p = &self.plan.perceive;
        let mut new = Lanes::<W>::all(0.0);
        for (c, (f, present)) in force.iter().zip(present).enumerate() {
            let rest = &self.slots[l.force_start(c)];
            for i in 0..W {
                let gap = (f.0[i] - rest.0[i]).abs();
                let more = (present.0[i] > 0.0) & (gap > new.0[i]);
                new.0[i] = if more { gap } else { new.0[i] };
            }
        }
        let (noise, dark) = (&self.slots[p.noise], &self.slots[p.noise_blackout]);
        let openness = &self.slots[l.openness()];
        let mut error = Lanes::all(0.0);
        for i in 0..W {
            let sigma = noise.0[i] * (1.0 + dark.0[i] * (1.0 - openness.0[i]));
            error.0[i] = sigma * math::min(new.0[i], 1.0);
        }
        error
    }

    /// Computes support without the weight of one actor: nobody learns from his own stance who will win.
    #[inline(always)]
    fn support_of_others(&self, a: usize, support: &mut [Lanes<W>]) {
        let plan = self.plan;
        let l = &plan.layout;
        support.fill(Lanes::all(0.0));
        let mut own = plan.commands[a].iter().peekable();
        for (k, arena) in plan.arena_weights.iter().enumerate() {
            if own.next_if(|own| **own == k).is_none() {
                for (c, support) in support.iter_mut().enumerate() {
                    let share = &self.slots[l.support_in(c, k)];
                    super::lanes::fold(support, share, |s, x| s + arena * x);
                }
                continue;
            }
            let powers = &self.powers[k * (l.contenders + 1)..][..=l.contenders];
            let all = &powers[l.contenders];
            let (present, power) = (&self.slots[l.present(a)], self.command(a, k));
            for (c, support) in support.iter_mut().enumerate() {
                let stance = &self.slots[l.stance(a, c)];
                for i in 0..W {
                    let weight = present.0[i] * power.0[i];
                    let others = all.0[i] - weight;
                    let with = math::max(powers[c].0[i] - weight * stance.0[i], 0.0);
                    let share = with / others;
                    let share = if others > 0.000_001 * all.0[i] {
                        share
                    } else {
                        0.0
                    };
                    support.0[i] += arena * share;
                }
            }
        }
    }
}
