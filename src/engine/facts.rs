//! Functions of the state: support, backing, authority. `docs/MODEL.md` 7.2, 7.4,
//! 7.5.

use super::lanes::{Lanes, Mask, add_power, add_product, softmax, zip};
use super::state::Batch;
use super::{evaluate, lanes};
use crate::plan::{Needs, Note, Program, Slot};

impl<const W: usize> Batch<'_, W> {
    /// Runs a program, after bringing up to date what it reads, for all rounds that go on.
    pub(super) fn run(&mut self, program: &Program) {
        let alive = self.alive;
        self.run_for(program, &alive);
    }

    /// Runs a program, after bringing up to date what it reads. Its results are used in some lanes:
    /// there its expressions count as read.
    pub(super) fn run_for(&mut self, program: &Program, lanes: &Mask<W>) {
        self.refresh(program.needs);
        evaluate::run(self.isa, program, &mut self.slots);
        self.note(&program.notes, lanes);
    }

    /// The same where nothing is read in any other lane.
    pub(super) fn run_in(&mut self, program: &Program, lanes: &Mask<W>) {
        self.refresh(program.needs);
        evaluate::run_in(self.isa, program, &lanes.list(), &mut self.slots);
        self.note(&program.notes, lanes);
    }

    /// Notes where expressions that are read in some lanes have left the finite numbers.
    #[inline(always)]
    pub(super) fn note(&mut self, notes: &[Note], lanes: &Mask<W>) {
        for note in notes {
            let undefined = &self.slots[note.undefined];
            let left = Mask::of(|lane| undefined.0[lane] != 0.0);
            self.undefined[note.expression].join(lanes, &left);
        }
    }

    /// Brings facts up to date, so that they can be read between two steps.
    pub fn refresh(&mut self, needs: Needs) {
        if needs.support && !self.fresh.support {
            self.refresh_support();
            self.fresh.support = true;
        }
        if needs.backing && !self.fresh.backing {
            self.refresh_backing();
            self.fresh.backing = true;
        }
        if needs.rallies & !self.fresh.rallies != 0 {
            self.refresh_rallies(needs.rallies);
        }
    }

    /// Marks facts as stale, after a change of what they are computed from.
    pub(super) fn facts_are_stale(&mut self) {
        self.fresh = Needs::default();
        self.fresh_for_rallies = false;
    }

    /// Marks facts as stale after a change that support does not depend on.
    pub(super) fn facts_but_support_are_stale(&mut self) {
        self.fresh = Needs {
            support: self.fresh.support,
            ..Needs::default()
        };
        self.fresh_for_rallies = false;
    }

    /// Computes shares of power by stance, in each arena and overall.
    fn refresh_support(&mut self) {
        let isa = self.isa;
        isa.run(
            #[inline(always)]
            || self.refresh_support_inline(),
        );
    }

    #[inline(always)]
    fn refresh_support_inline(&mut self) {
        let plan = self.plan;
        let l = &plan.layout;
        let options = l.contenders + 1;
        let mut sums = self.take_rows(options);
        let mut whole = self.take_zeros(options);
        let mut weight = Lanes::<W>::all(0.0);
        for (k, actors) in plan.powerful.iter().enumerate() {
            let mut total = Lanes::<W>::all(0.0);
            sums.fill(Lanes::all(0.0));
            for a in actors {
                self.weight(*a, k, &mut weight);
                lanes::fold(&mut total, &weight, |t, w| t + w);
                let stances = self.slots.rows(l.stance(*a, 0), options);
                add_power(&mut sums, &weight, stances);
            }
            // Perceive takes single actors out of these sums.
            let powers = &mut self.powers[k * options..][..options];
            powers[..l.contenders].copy_from_slice(&sums[..l.contenders]);
            powers[l.contenders] = total;
            lanes::invert(&mut total);
            let part = plan.arena_weights[k];
            for (o, (sum, whole)) in sums.iter().zip(&mut whole).enumerate() {
                let share = &mut self.slots[l.support_in(o, k)];
                for i in 0..W {
                    share.0[i] = sum.0[i] * total.0[i];
                    whole.0[i] += part * share.0[i];
                }
            }
        }
        for (o, whole) in whole.iter().enumerate() {
            self.slots[l.support(o)] = *whole;
        }
        self.give_rows(sums);
        self.give_rows(whole);
    }

    /// Computes the weight of an actor in an arena: presence times what he commands there.
    #[inline(always)]
    pub(super) fn weight(&self, a: usize, k: usize, out: &mut Lanes<W>) {
        let l = self.layout();
        let present = &self.slots[l.present(a)];
        if self.plan.actors[a].posts.is_empty() {
            zip(out, present, &self.slots[l.power(a, k)], |m, w| m * w);
        } else {
            zip(out, present, &self.command(a, k), |m, w| m * w);
        }
    }

    /// Returns what an actor commands in an arena: his own power, and that of the offices that he has.
    #[inline(always)]
    pub(crate) fn command(&self, a: usize, k: usize) -> Lanes<W> {
        let l = self.layout();
        let mut out = self.slots[l.power(a, k)];
        let posts = self.plan.actors[a].posts.iter();
        for post in posts.filter(|post| post.arena == k) {
            let (held, power) = (&self.slots[l.office(post.office)], &self.slots[post.power]);
            for i in 0..W {
                let more = out.0[i] + power.0[i];
                out.0[i] = if held.0[i] == a as f32 {
                    more
                } else {
                    out.0[i]
                };
            }
        }
        out
    }

    /// Computes presence times stance of the holder, for each office and contender. The results are
    /// in `scratch`, by office, then contender.
    #[inline(always)]
    pub(super) fn holders_stances(&mut self) {
        let plan = self.plan;
        let l = &plan.layout;
        for (h, office) in plan.offices.iter().enumerate() {
            let held = self.slots[l.office(h)];
            for c in 0..l.contenders {
                let mut out = Lanes::<W>::all(0.0);
                for a in &office.holders {
                    let (m, s) = (&self.slots[l.present(*a)], &self.slots[l.stance(*a, c)]);
                    let index = *a as f32;
                    for i in 0..W {
                        let says = m.0[i] * s.0[i];
                        out.0[i] = if held.0[i] == index { says } else { out.0[i] };
                    }
                }
                self.scratch[h * l.contenders + c] = out;
            }
        }
    }

    /// Adds the authority of offices in favour of a contender; requires [`Self::holders_stances`].
    #[inline(always)]
    pub(super) fn add_authority(&self, over: &[(usize, Slot)], c: usize, out: &mut Lanes<W>) {
        if !over.is_empty() {
            let mut sum = Lanes::<W>::all(0.0);
            self.authority(over, c, &mut sum);
            lanes::fold(out, &sum, |x, s| x + s);
        }
    }

    /// Computes the authority of offices in favour of a contender; requires [`Self::holders_stances`].
    #[inline(always)]
    pub(super) fn authority(&self, over: &[(usize, Slot)], c: usize, out: &mut Lanes<W>) {
        let contenders = self.layout().contenders;
        let said = |h: usize| &self.scratch[h * contenders + c];
        match over {
            [] => *out = Lanes::all(0.0),
            [(h, weight), more @ ..] => {
                zip(out, &self.slots[*weight], said(*h), |w, s| w * s);
                for (h, weight) in more {
                    add_product(out, &self.slots[*weight], said(*h));
                }
            }
        }
    }

    /// Computes shares of power as private loyalty would split them now.
    fn refresh_backing(&mut self) {
        let isa = self.isa;
        isa.run(
            #[inline(always)]
            || self.refresh_backing_inline(),
        );
    }

    #[inline(always)]
    fn refresh_backing_inline(&mut self) {
        let plan = self.plan;
        let l = &plan.layout;
        let present = self.contenders_present();
        self.holders_stances();
        let rows = l.contenders * l.arenas;
        self.slots
            .rows_mut(l.backing_in(0, 0), rows)
            .fill(Lanes::all(0.0));
        let mut totals = self.take_zeros(l.arenas);
        let mut sides = self.take_rows(l.contenders);
        for (a, arenas) in plan.commands.iter().enumerate() {
            if arenas.is_empty() {
                continue;
            }
            match plan.actors[a].contender {
                Some(own) => {
                    for (c, side) in sides.iter_mut().enumerate() {
                        *side = Lanes::all(if c == own { 1.0 } else { 0.0 });
                    }
                }
                None => {
                    let sharpness = &self.slots[plan.choose.sharpness];
                    for (c, side) in sides.iter_mut().enumerate() {
                        *side = self.slots[l.loyalty(a, c)];
                        self.add_authority(&plan.actors[a].authority, c, side);
                        lanes::fold(side, sharpness, |x, b| b * x);
                    }
                    softmax(&mut sides, &present);
                }
            }
            for &k in arenas {
                let mut weight = Lanes::all(0.0);
                self.weight(a, k, &mut weight);
                lanes::fold(&mut totals[k], &weight, |t, w| t + w);
                for (c, side) in sides.iter().enumerate() {
                    add_product(&mut self.slots[l.backing_in(c, k)], &weight, side);
                }
            }
        }
        for total in &mut totals {
            lanes::invert(total);
        }
        for c in 0..l.contenders {
            let mut whole = Lanes::<W>::all(0.0);
            for (k, weight) in plan.arena_weights.iter().enumerate() {
                let slot = l.backing_in(c, k);
                lanes::fold(&mut self.slots[slot], &totals[k], |s, unit| s * unit);
                lanes::fold(&mut whole, &self.slots[slot], |s, x| s + weight * x);
            }
            self.slots[l.backing(c)] = whole;
        }
        self.give_rows(totals);
        self.give_rows(sides);
        self.give_rows(present);
    }
}
