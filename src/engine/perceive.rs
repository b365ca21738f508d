//! Perceive: who is expected to win. `docs/MODEL.md` 7.2.
//!
//! Signals are public facts (Singh 2014: making a fact); noise grows when the country goes dark
//! (Casper & Tyson 2014).

use std::f32::consts::LN_2;

use super::draws::Draws;
use super::lanes::{
    Lanes, NO_POWER, far_apart, map, share_out, share_out_far, softmax, some, some_mut,
};
use super::state::Batch;
use super::step::Observer;
use crate::internal::internal_error;
use crate::math;
use crate::plan::{Needs, Slot};

impl<const W: usize> Batch<'_, W> {
    /// The stage: forms views, then fades signals.
    #[inline(always)]
    pub(super) fn perceive(&mut self, _observer: &mut dyn Observer<W>) {
        self.form_views(&self.plan.perceive.viewers, false);
        let plan = self.plan;
        let half_life = &self.slots[plan.perceive.signal_half_life];
        let kept = |h| math::exp(0.0 - (LN_2 * plan.dt) / h);
        let factor = self.memos.signal.of(half_life, kept);
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
        let eye = self.open_eye(&weight);
        for a in viewers {
            if errs {
                for draws in &mut self.draws.perceive[*a] {
                    draws.at(self.isa, day, &self.rounds);
                }
            }
            let alone = plan.actors[*a].contender.is_none() && !plan.commands[*a].is_empty();
            if alone {
                self.support_of_others(*a, &eye, &mut scores);
            } else {
                scores.copy_from_slice(&force);
            }
            let errors = errs.then(|| (&error, &self.draws.perceive[*a][..]));
            let views = self.slots.rows_mut(l.sees(*a, 0), l.contenders);
            eye.look(alone, &scores, errors, &present, views);
            if at_rest {
                let seen = l.sees(*a, 0);
                for c in 0..l.contenders {
                    self.slots[l.granted(*a, c)] = self.slots.rows(seen, l.contenders)[c];
                }
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
            before: self.take_rows(l.arenas * l.contenders),
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
                let at = k * l.contenders + c;
                map(&mut eye.shares[at], share, |x| arena * x);
                if k > 0 {
                    let (below, here) = eye.before.split_at_mut(at);
                    let (sum, last) = (&below[at - l.contenders], &eye.shares[at - l.contenders]);
                    if k == 1 {
                        here[0] = *last;
                    } else {
                        super::lanes::zip(&mut here[0], sum, last, |s, x| s + x);
                    }
                }
            }
        }
        eye
    }

    fn close_eye(&mut self, eye: Eye<W>) {
        for rows in [
            eye.momentum,
            eye.signal,
            eye.standing,
            eye.before,
            eye.shares,
        ] {
            self.give_rows(rows);
        }
    }

    /// Computes support without the weight of one actor: nobody learns from his own stance who will win.
    #[inline(always)]
    fn support_of_others(&self, a: usize, eye: &Eye<W>, support: &mut [Lanes<W>]) {
        let plan = self.plan;
        let l = &plan.layout;
        let own = &plan.commands[a];
        let first = own.first().copied().unwrap_or(0);
        let mut weight = Lanes::<W>::all(0.0);
        let mut others = Lanes::<W>::all(0.0);
        for (k, arena) in plan.arena_weights.iter().enumerate().skip(first) {
            let shares = &eye.shares[k * l.contenders..][..l.contenders];
            if !own.contains(&k) {
                for (support, share) in support.iter_mut().zip(shares) {
                    super::lanes::fold(support, share, |s, x| s + x);
                }
                continue;
            }
            let powers = &self.powers[k * (l.contenders + 1)..][..=l.contenders];
            self.weight(a, k, &mut weight);
            let all = &powers[l.contenders];
            for i in 0..W {
                let rest = all.0[i] - weight.0[i];
                // Where hardly anything is left there is no share.
                let some = rest > math::max(0.000_001 * all.0[i], NO_POWER);
                others.0[i] = if some { 1.0 / rest } else { 0.0 };
            }
            let stances = self.slots.rows(l.stance(a, 0), l.contenders);
            for (c, support) in support.iter_mut().enumerate() {
                let (with, stance) = (&powers[c], &stances[c]);
                let part = |i: usize| {
                    let with = math::max(with.0[i] - weight.0[i] * stance.0[i], 0.0);
                    arena * (with * others.0[i])
                };
                if k == 0 {
                    for i in 0..W {
                        support.0[i] = part(i);
                    }
                } else if k == first {
                    let before = &eye.before[k * l.contenders + c];
                    for i in 0..W {
                        support.0[i] = before.0[i] + part(i);
                    }
                } else {
                    for i in 0..W {
                        support.0[i] += part(i);
                    }
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
    /// By arena, then contender: `shares` of the arenas before it, added up.
    before: Vec<Lanes<W>>,
    /// By arena, then contender: support there, times the weight of the arena.
    shares: Vec<Lanes<W>>,
    floor: Lanes<W>,
    weight: Lanes<W>,
}

/// Errors of view: their size, and where they point by contender.
type Errors<'d, const W: usize> = (&'d Lanes<W>, &'d [Draws<W>]);

impl<const W: usize> Eye<W> {
    /// Forms the view of an actor from support as he takes it, or from force.
    #[inline(always)]
    fn look(
        &self,
        from_support: bool,
        seen: &[Lanes<W>],
        errors: Option<Errors<'_, W>>,
        present: &[Lanes<W>],
        view: &mut [Lanes<W>],
    ) {
        if !from_support {
            view.copy_from_slice(seen);
            self.look_at_force(errors, present, view);
            return;
        }
        let far = match (view.len(), errors) {
            // With a constant number of contenders the numbers of a lane stay in registers.
            (2, None) => self.look_at::<2>(seen, |_, _, f| f, present, view),
            (3, None) => self.look_at::<3>(seen, |_, _, f| f, present, view),
            (4, None) => self.look_at::<4>(seen, |_, _, f| f, present, view),
            (2, Some(errors)) => self.look_wrong::<2>(seen, errors, present, view),
            (3, Some(errors)) => self.look_wrong::<3>(seen, errors, present, view),
            (4, Some(errors)) => self.look_wrong::<4>(seen, errors, present, view),
            _ => {
                self.forces(seen, view);
                self.look_at_force(errors, present, view);
                false
            }
        };
        if far {
            self.look_far(seen, errors, present, view);
        }
    }

    /// The logarithm of the force of each contender, given his support.
    #[inline(always)]
    fn forces(&self, support: &[Lanes<W>], force: &mut [Lanes<W>]) {
        for (c, force) in force.iter_mut().enumerate() {
            let (momentum, floor) = (&self.momentum[c], &self.floor);
            for i in 0..W {
                let share = math::max(support[c].0[i] + momentum.0[i], 0.0) + floor.0[i];
                force.0[i] =
                    (math::ln_of_share(share) + self.signal[c].0[i]) + self.standing[c].0[i];
            }
        }
    }

    /// Where scores lie far apart.
    #[cold]
    #[inline(never)]
    fn look_far(
        &self,
        seen: &[Lanes<W>],
        errors: Option<Errors<'_, W>>,
        present: &[Lanes<W>],
        view: &mut [Lanes<W>],
    ) {
        let mut scores = view.to_vec();
        self.forces(seen, &mut scores);
        self.score_forces(errors, &mut scores);
        let far = far_apart(&scores);
        share_out_far(&mut scores, present, &far);
        for (view, share) in view.iter_mut().zip(&scores) {
            for i in far.lanes() {
                view.0[i] = share.0[i];
            }
        }
    }

    #[inline(always)]
    fn look_wrong<const N: usize>(
        &self,
        seen: &[Lanes<W>],
        (error, draws): Errors<'_, W>,
        present: &[Lanes<W>],
        view: &mut [Lanes<W>],
    ) -> bool {
        let Some(draws) = draws.first_chunk::<N>() else {
            internal_error("an actor has no errors of view")
        };
        let mut z = [draws[0].last(); N];
        for c in 0..N {
            z[c] = draws[c].last();
        }
        let wrong = |c: usize, i: usize, f: f32| f + error.0[i] * z[c].0[i];
        self.look_at::<N>(seen, wrong, present, view)
    }

    /// Returns whether scores lie far apart in any lane: there views are none.
    #[inline(always)]
    fn look_at<const N: usize>(
        &self,
        seen: &[Lanes<W>],
        wrong: impl Fn(usize, usize, f32) -> f32,
        present: &[Lanes<W>],
        view: &mut [Lanes<W>],
    ) -> bool {
        let (seen, present) = (some::<N, W>(seen), some::<N, W>(present));
        let (momentum, signal) = (some::<N, W>(&self.momentum), some::<N, W>(&self.signal));
        let standing = some::<N, W>(&self.standing);
        let (floor, weight) = (&self.floor, &self.weight);
        let view = some_mut::<N, W>(view);
        let mut far = 0;
        for i in 0..W {
            let mut share = [0.0; N];
            let mut there = [false; N];
            for c in 0..N {
                let open = math::max(seen[c].0[i] + momentum[c].0[i], 0.0) + floor.0[i];
                let force = (math::ln_of_share(open) + signal[c].0[i]) + standing[c].0[i];
                share[c] = weight.0[i] * wrong(c, i, force);
                there[c] = present[c].0[i] > 0.0;
            }
            far |= u32::from(share_out(&mut share, &there));
            for c in 0..N {
                view[c].0[i] = share[c];
            }
        }
        far != 0
    }

    /// Turns force, as an actor takes it, into his view.
    #[inline(always)]
    fn look_at_force(
        &self,
        errors: Option<Errors<'_, W>>,
        present: &[Lanes<W>],
        view: &mut [Lanes<W>],
    ) {
        self.score_forces(errors, view);
        softmax(view, present);
    }

    /// Turns force, as an actor takes it, into scores.
    #[inline(always)]
    fn score_forces(&self, errors: Option<Errors<'_, W>>, force: &mut [Lanes<W>]) {
        if let Some((error, draws)) = errors {
            for (force, draws) in force.iter_mut().zip(draws) {
                super::lanes::add_product(force, error, draws.last());
            }
        }
        for force in force.iter_mut() {
            super::lanes::fold(force, &self.weight, |f, w| w * f);
        }
    }
}
