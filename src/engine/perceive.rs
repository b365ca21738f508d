//! Perceive: who is expected to win. `docs/MODEL.md` 7.2.
//!
//! Signals are public facts (Singh 2014: making a fact); noise grows when the country goes dark
//! (Casper & Tyson 2014).

use std::f32::consts::LN_2;

use super::lanes::{Lanes, Mask, NO_POWER, map, share_out, share_out_far, softmax, some, some_mut};
use super::state::Batch;
use super::step::Observer;
use crate::math;
use crate::plan::{Needs, Slot};

impl<const W: usize> Batch<'_, W> {
    /// The stage: forms views, then fades signals.
    #[inline(always)]
    pub(super) fn perceive(&mut self, _observer: &mut dyn Observer<W>) {
        self.form_views(&self.plan.perceive.viewers, false);
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
    pub(super) fn form_views(&mut self, viewers: &[usize], at_rest: bool) {
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
        let mut eye = self.open_eye(&weight);
        for a in viewers {
            if errs {
                for (c, wrong) in eye.wrong.iter_mut().enumerate() {
                    let z = self.draws.perceive[*a][c].at(self.isa, day, &self.rounds);
                    super::lanes::zip(wrong, &error, z, |error, z| error * z);
                }
            }
            let alone = plan.actors[*a].contender.is_none() && !plan.commands[*a].is_empty();
            if alone {
                self.support_of_others(*a, &eye.shares, &mut scores);
                eye.look(&mut scores, &present);
            } else {
                scores.copy_from_slice(&force);
                eye.look_at_force(&mut scores, &present);
            }
            let views = self.slots.rows_mut(l.sees(*a, 0), l.contenders);
            views.copy_from_slice(&scores);
            if at_rest {
                let granted = self.slots.rows_mut(l.granted(*a, 0), l.contenders);
                granted.copy_from_slice(&scores);
            }
        }
        self.close_eye(eye);
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
            support.0[i] = (math::ln_of_share(share) + signal.0[i]) + standing.0[i];
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

    /// Gathers what all views depend on.
    #[inline(always)]
    fn open_eye(&mut self, weight: &Lanes<W>) -> Eye<W> {
        let plan = self.plan;
        let l = &plan.layout;
        let mut eye = Eye {
            momentum: self.take_rows(l.contenders),
            signal: self.take_rows(l.contenders),
            standing: self.take_rows(l.contenders),
            wrong: self.take_rows(l.contenders),
            shares: self.take_rows(l.arenas * l.contenders),
            floor: self.slots[plan.perceive.prospect_floor],
            weight: *weight,
        };
        for (c, contender) in plan.contenders.iter().enumerate() {
            eye.momentum[c] = self.slots[contender.momentum];
            eye.signal[c] = self.slots[l.signal(c)];
            eye.standing[c] = self.slots[contender.standing];
            for (k, arena) in plan.arena_weights.iter().enumerate() {
                let share = &self.slots[l.support_in(c, k)];
                map(&mut eye.shares[k * l.contenders + c], share, |x| arena * x);
            }
        }
        eye
    }

    fn close_eye(&mut self, eye: Eye<W>) {
        for rows in [
            eye.momentum,
            eye.signal,
            eye.standing,
            eye.wrong,
            eye.shares,
        ] {
            self.give_rows(rows);
        }
    }

    /// Computes support without the weight of one actor: nobody learns from his own stance who will win. `shares`
    /// are those of all, by arena, then contender, times the weight of the arena.
    #[inline(always)]
    fn support_of_others(&self, a: usize, shares: &[Lanes<W>], support: &mut [Lanes<W>]) {
        let plan = self.plan;
        let l = &plan.layout;
        let mut own = plan.commands[a].iter().peekable();
        for (k, arena) in plan.arena_weights.iter().enumerate() {
            let first = k == 0;
            let shares = &shares[k * l.contenders..][..l.contenders];
            if own.next_if(|own| **own == k).is_none() {
                for (support, share) in support.iter_mut().zip(shares) {
                    if first {
                        *support = *share;
                    } else {
                        super::lanes::fold(support, share, |s, x| s + x);
                    }
                }
                continue;
            }
            let powers = &self.powers[k * (l.contenders + 1)..][..=l.contenders];
            let (present, power) = (&self.slots[l.present(a)], self.command(a, k));
            let (mut weight, mut others) = (Lanes::<W>::all(0.0), Lanes::<W>::all(0.0));
            let all = &powers[l.contenders];
            for i in 0..W {
                weight.0[i] = present.0[i] * power.0[i];
                let rest = all.0[i] - weight.0[i];
                // Where hardly anything is left there is no share.
                let some = rest > math::max(0.000_001 * all.0[i], NO_POWER);
                others.0[i] = if some { 1.0 / rest } else { 0.0 };
            }
            let stances = self.slots.rows(l.stance(a, 0), l.contenders);
            for (c, support) in support.iter_mut().enumerate() {
                let (with, stance) = (&powers[c], &stances[c]);
                for i in 0..W {
                    let with = math::max(with.0[i] - weight.0[i] * stance.0[i], 0.0);
                    let part = arena * (with * others.0[i]);
                    support.0[i] = if first { part } else { support.0[i] + part };
                }
            }
        }
    }
}

/// What all views of a moment depend on.
struct Eye<const W: usize> {
    /// By contender.
    momentum: Vec<Lanes<W>>,
    /// By contender.
    signal: Vec<Lanes<W>>,
    /// By contender.
    standing: Vec<Lanes<W>>,
    /// By contender: the error of the actor in hand.
    wrong: Vec<Lanes<W>>,
    /// By arena, then contender: support there, times the weight of the arena.
    shares: Vec<Lanes<W>>,
    floor: Lanes<W>,
    weight: Lanes<W>,
}

impl<const W: usize> Eye<W> {
    /// Turns support, as an actor takes it, into his view.
    #[inline(always)]
    fn look(&self, view: &mut [Lanes<W>], present: &[Lanes<W>]) {
        match view.len() {
            // With a constant number of contenders the numbers of a lane stay in registers.
            2 => self.look_at::<2>(view, present),
            3 => self.look_at::<3>(view, present),
            4 => self.look_at::<4>(view, present),
            _ => {
                for (c, view) in view.iter_mut().enumerate() {
                    let (momentum, signal) = (&self.momentum[c], &self.signal[c]);
                    let standing = &self.standing[c];
                    for i in 0..W {
                        let share = math::max(view.0[i] + momentum.0[i], 0.0) + self.floor.0[i];
                        view.0[i] = (math::ln_of_share(share) + signal.0[i]) + standing.0[i];
                    }
                }
                self.look_at_force(view, present);
            }
        }
    }

    #[inline(always)]
    fn look_at<const N: usize>(&self, view: &mut [Lanes<W>], present: &[Lanes<W>]) {
        let mut far = Mask::<W>::NONE;
        {
            let (view, present) = (some_mut::<N, W>(view), some::<N, W>(present));
            let (momentum, signal) = (some::<N, W>(&self.momentum), some::<N, W>(&self.signal));
            let (standing, wrong) = (some::<N, W>(&self.standing), some::<N, W>(&self.wrong));
            let (floor, weight) = (&self.floor, &self.weight);
            for i in 0..W {
                let mut score = [0.0; N];
                let mut there = [false; N];
                for c in 0..N {
                    let share = math::max(view[c].0[i] + momentum[c].0[i], 0.0) + floor.0[i];
                    let force = (math::ln_of_share(share) + signal[c].0[i]) + standing[c].0[i];
                    score[c] = weight.0[i] * (force + wrong[c].0[i]);
                    there[c] = present[c].0[i] > 0.0;
                }
                let mut share = score;
                let is_far = share_out(&mut share, &there);
                far.set(i, is_far);
                for c in 0..N {
                    view[c].0[i] = if is_far { score[c] } else { share[c] };
                }
            }
        }
        if far.any() {
            share_out_far(view, present, &far);
        }
    }

    /// Turns force, as an actor takes it, into his view.
    #[inline(always)]
    fn look_at_force(&self, view: &mut [Lanes<W>], present: &[Lanes<W>]) {
        for (view, wrong) in view.iter_mut().zip(&self.wrong) {
            for i in 0..W {
                view.0[i] = self.weight.0[i] * (view.0[i] + wrong.0[i]);
            }
        }
        softmax(view, present);
    }
}
