//! Choose: which side each actor shows. `docs/MODEL.md` 7.4.
//!
//! Logit choice (McKelvey & Palfrey 1995) between private loyalty and the expected winner, under the
//! authority of office holders. A body splits into shares; a person takes one side, with tastes that
//! last for the round. What is seen at the start is taken as it is ([`super::custom`]).

use super::lanes::{
    Lanes, Mask, far_apart, fold, map, share_out, share_out_far, softmax, some, some_mut, zip,
};
use super::state::Batch;
use super::step::Observer;
use crate::internal::internal_error;
use crate::math;
use crate::scenario::model::Choice;

impl<const W: usize> Batch<'_, W> {
    #[inline(always)]
    pub(super) fn choose(&mut self, observer: &mut dyn Observer<W>) {
        self.take_sides();
        observer.chose(self);
    }

    /// Reads the coefficients of Choose for the present state.
    pub(super) fn read_choice(&mut self) {
        self.run(&self.plan.choose.program);
        // Backing depends on how sharply people choose, and what follows moves stances.
        self.facts_are_stale();
    }

    #[inline(always)]
    fn take_sides(&mut self) {
        let plan = self.plan;
        self.read_choice();
        let part = |rate| math::part_of(math::max(rate, 0.0) * plan.dt);
        let reconsider = &self.slots[plan.choose.reconsider];
        let share = self.memos.reconsider.of(reconsider, part);
        if !share.any() {
            // Nobody reconsiders in any lane.
            return;
        }
        let held = self.hold_of_custom();
        let present = self.options_present();
        self.holders_stances();
        let mut scores = self.take_rows(plan.contenders.len() + 1);
        for (a, actor) in plan.actors.iter().enumerate() {
            if actor.contender.is_some() {
                continue;
            }
            if plan.choice == Choice::Logit && !actor.person {
                // With a constant number of options the numbers of a lane stay in registers.
                match (plan.contenders.len(), plan.promises) {
                    (2, false) => self.choose_as_body::<2, 3, false>(a, &held, &present, &share),
                    (2, true) => self.choose_as_body::<2, 3, true>(a, &held, &present, &share),
                    (3, false) => self.choose_as_body::<3, 4, false>(a, &held, &present, &share),
                    (3, true) => self.choose_as_body::<3, 4, true>(a, &held, &present, &share),
                    (4, false) => self.choose_as_body::<4, 5, false>(a, &held, &present, &share),
                    (4, true) => self.choose_as_body::<4, 5, true>(a, &held, &present, &share),
                    _ => {
                        self.reasons(a, &mut scores);
                        self.add_custom(a, &mut scores, &held);
                        softmax(&mut scores, &present);
                        self.move_body(a, &scores, &share);
                    }
                }
                continue;
            }
            self.reasons(a, &mut scores);
            if actor.person {
                self.add_custom(a, &mut scores, &held);
                let best = best(&scores, &present);
                self.move_person(a, &best, &share);
            } else {
                let best = best(&scores, &present);
                self.best_of_body(a, &best, &held, &present, &mut scores);
                self.move_body(a, &scores, &share);
            }
        }
        self.give_rows(scores);
        self.give_rows(present);
    }

    /// Lets free actors look once for where their reasons put them, on the way to rest.
    #[inline(always)]
    pub(super) fn take_sides_freely(&mut self) {
        let plan = self.plan;
        let present = self.options_present();
        self.holders_stances();
        let mut scores = self.take_rows(plan.contenders.len() + 1);
        for (a, actor) in plan.actors.iter().enumerate() {
            if !actor.free {
                continue;
            }
            self.reasons(a, &mut scores);
            if plan.choice == Choice::Logit && !actor.person {
                softmax(&mut scores, &present);
            } else {
                let best = best(&scores, &present);
                for (o, s) in scores.iter_mut().enumerate() {
                    map(s, &best, |b| f32::from(u8::from(b == o as f32)));
                }
            }
            let share = Lanes::all(if actor.person { 1.0 } else { 0.5 });
            self.move_body(a, &scores, &share);
        }
        self.give_rows(scores);
        self.give_rows(present);
        self.facts_are_stale();
    }

    /// Lets an actor stand whole on a side in some lanes, by something other than his own choice: custom ends.
    pub(super) fn stand_whole(&mut self, a: usize, side: usize, lanes: &Mask<W>) {
        let plan = self.plan;
        let l = &plan.layout;
        for lane in lanes.lanes() {
            for o in 0..=l.contenders {
                self.slots[l.stance(a, o)].0[lane] = if o == side { 1.0 } else { 0.0 };
                self.slots[l.reasons(a, o)].0[lane] = 0.0;
                self.slots[l.custom(a, o)].0[lane] = 0.0;
            }
            let home = if plan.actors[a].person {
                side as f32
            } else {
                -1.0
            };
            self.slots[l.home(a)].0[lane] = home;
        }
        self.facts_are_stale();
    }

    /// Returns the presence of every option, aside with it, in rows to be given back.
    #[inline(always)]
    pub(super) fn options_present(&mut self) -> Vec<Lanes<W>> {
        let contenders = self.plan.contenders.len();
        let mut present = self.take_rows(contenders + 1);
        for (c, row) in present.iter_mut().take(contenders).enumerate() {
            *row = self.contender_present(c);
        }
        present[contenders] = Lanes::all(1.0);
        present
    }

    /// Returns how far custom holds: what rupture has not broken since the start.
    #[inline(always)]
    fn hold_of_custom(&self) -> Lanes<W> {
        let (now, rest) = (
            &self.slots[self.plan.choose.rupture],
            &self.slots[self.layout().rupture_start()],
        );
        let mut held = Lanes::all(0.0);
        zip(&mut held, now, rest, |now, rest| {
            math::clamp01(1.0 - (now - rest))
        });
        held
    }

    /// Turns reasons into scores: custom is measured from the reasons of rest, so that where those hold the
    /// score is custom to the last bit.
    #[inline(always)]
    fn add_custom(&self, a: usize, reasons: &mut [Lanes<W>], held: &Lanes<W>) {
        let l = self.layout();
        for (o, v) in reasons.iter_mut().enumerate() {
            let (rest, custom) = (&self.slots[l.reasons(a, o)], &self.slots[l.custom(a, o)]);
            for i in 0..W {
                let h = held.0[i];
                let own = (1.0 - h) * v.0[i];
                v.0[i] = own + h * ((v.0[i] - rest.0[i]) + custom.0[i]);
            }
        }
    }

    /// Moves a body with `S` sides, one more than the `N` contenders, to the shares that its reasons speak for, as far
    /// as custom lets go: reasons, custom, shares and the move at once.
    // Loops alone: what `std` has for arrays is not inlined into code for another instruction set.
    #[inline(always)]
    fn choose_as_body<const N: usize, const S: usize, const PROMISES: bool>(
        &mut self,
        a: usize,
        held: &Lanes<W>,
        present: &[Lanes<W>],
        share: &Lanes<W>,
    ) {
        let plan = self.plan;
        let l = &plan.layout;
        let actor = &plan.actors[a];
        let mut orders = [Lanes::<W>::all(0.0); N];
        if actor.authority.len() > 2 {
            for (c, orders) in orders.iter_mut().enumerate() {
                self.authority(&actor.authority, c, orders);
            }
        }
        let (stance, slots) = self.slots.apart(l.stance(a, 0), S);
        let body = Body::<N, S, W> {
            opportunism: slots.row(actor.opportunism),
            caution: slots.row(actor.caution),
            sharpness: slots.row(plan.choose.sharpness),
            loyalty: some(slots.rows(l.loyalty(a, 0), N)),
            view: some(slots.rows(l.sees(a, 0), N)),
            rest: some(slots.rows(l.reasons(a, 0), S)),
            custom: some(slots.rows(l.custom(a, 0), S)),
            held,
            present: some(present),
            share,
        };
        let stance = some_mut::<S, W>(stance);
        let mut moved = *stance;
        let promise = some::<N, W>(slots.rows(l.promise(a, 0), N));
        let said = |h: usize| some::<N, W>(&self.scratch[h * N..]);
        let hoped = |c: usize, i: usize, own: f32| {
            if PROMISES {
                own + body.view[c].0[i] * promise[c].0[i]
            } else {
                own
            }
        };
        let far = match &actor.authority[..] {
            [] => body.moves(&mut moved, hoped),
            [(h, w)] => {
                let (w, s) = (slots.row(*w), said(*h));
                body.moves(&mut moved, |c, i, own| {
                    hoped(c, i, own) + w.0[i] * s[c].0[i]
                })
            }
            [(h, w), (g, v)] => {
                let (w, s, v, t) = (slots.row(*w), said(*h), slots.row(*v), said(*g));
                body.moves(&mut moved, |c, i, own| {
                    hoped(c, i, own) + (w.0[i] * s[c].0[i] + v.0[i] * t[c].0[i])
                })
            }
            _ => body.moves(&mut moved, |c, i, own| hoped(c, i, own) + orders[c].0[i]),
        };
        if far {
            self.choose_far(a, &moved, held, present, share);
        } else {
            *stance = moved;
        }
    }

    /// Takes the stance to which a body has moved, but anew in lanes in which scores lie far apart.
    #[cold]
    #[inline(never)]
    fn choose_far(
        &mut self,
        a: usize,
        moved: &[Lanes<W>],
        held: &Lanes<W>,
        present: &[Lanes<W>],
        share: &Lanes<W>,
    ) {
        let mut target = self.take_rows(present.len());
        self.reasons(a, &mut target);
        self.add_custom(a, &mut target, held);
        let far = far_apart(&target);
        share_out_far(&mut target, present, &far);
        for (o, (target, moved)) in target.iter().zip(moved).enumerate() {
            let stance = &mut self.slots[self.plan.layout.stance(a, o)];
            for i in 0..W {
                let now = stance.0[i];
                let then = now + share.0[i] * (target.0[i] - now);
                stance.0[i] = if far.at(i) { then } else { moved.0[i] };
            }
        }
        self.give_rows(target);
    }

    /// Returns the shares that a body moves to which takes the best option: custom, while that is still the
    /// same.
    #[inline(always)]
    fn best_of_body(
        &self,
        a: usize,
        best: &Lanes<W>,
        held: &Lanes<W>,
        present: &[Lanes<W>],
        target: &mut [Lanes<W>],
    ) {
        let l = self.layout();
        let home = &self.slots[l.home(a)];
        for (o, t) in target.iter_mut().enumerate() {
            let custom = &self.slots[l.custom(a, o)];
            for i in 0..W {
                let whole = f32::from(u8::from(best.0[i] == o as f32));
                let used = held.0[i] * custom.0[i] + (1.0 - held.0[i]) * whole;
                t.0[i] = if home.0[i] == best.0[i] { used } else { whole };
            }
        }
        // What is left of sides that are gone goes to the best.
        for (gone, present) in present.iter().enumerate() {
            if present.0.iter().all(|m| *m > 0.0) {
                continue;
            }
            let mut lost = Lanes::<W>::all(0.0);
            for i in 0..W {
                let there = present.0[i] > 0.0;
                let share = &mut target[gone].0[i];
                lost.0[i] = if there { 0.0 } else { *share };
                *share = if there { *share } else { 0.0 };
            }
            for (o, t) in target.iter_mut().enumerate() {
                for i in 0..W {
                    let more = t.0[i] + lost.0[i];
                    t.0[i] = if best.0[i] == o as f32 { more } else { t.0[i] };
                }
            }
        }
    }

    /// Computes what speaks for each side: utility on the scale of scores, with tastes. Requires
    /// [`Self::holders_stances`].
    #[inline(always)]
    pub(super) fn reasons(&self, a: usize, scores: &mut [Lanes<W>]) {
        let plan = self.plan;
        self.reasons_without_tastes(a, scores);
        if plan.choice == Choice::Logit && plan.actors[a].person {
            for (o, s) in scores.iter_mut().enumerate() {
                fold(s, &self.slots[plan.layout.taste(a, o)], |v, g| v + g);
            }
        }
    }

    /// The same without tastes.
    #[inline(always)]
    pub(super) fn reasons_without_tastes(&self, a: usize, scores: &mut [Lanes<W>]) {
        let plan = self.plan;
        match plan.choice {
            Choice::Logit => {
                let sharpness = &self.slots[plan.choose.sharpness];
                self.utilities(a, scores, |i, u| sharpness.0[i] * u);
            }
            Choice::BestReply => self.utilities(a, scores, |_, u| u),
        }
    }

    /// Computes the utility of each side to an actor, on a scale; requires [`Self::holders_stances`].
    #[inline(always)]
    fn utilities(&self, a: usize, scores: &mut [Lanes<W>], scaled: impl Fn(usize, f32) -> f32) {
        let plan = self.plan;
        let l = &plan.layout;
        let actor = &plan.actors[a];
        let opportunism = &self.slots[actor.opportunism];
        let mut orders = Lanes::<W>::all(0.0);
        for (c, s) in scores.iter_mut().take(l.contenders).enumerate() {
            let (loyalty, view) = (&self.slots[l.loyalty(a, c)], &self.slots[l.sees(a, c)]);
            let promise = &self.slots[l.promise(a, c)];
            self.authority(&actor.authority, c, &mut orders);
            let own = |i: usize| {
                let o = opportunism.0[i];
                (1.0 - o) * loyalty.0[i] + o * view.0[i]
            };
            if plan.promises {
                for i in 0..W {
                    let own = own(i) + view.0[i] * promise.0[i];
                    s.0[i] = scaled(i, own + orders.0[i]);
                }
            } else {
                for i in 0..W {
                    s.0[i] = scaled(i, own(i) + orders.0[i]);
                }
            }
        }
        let (aside, caution) = (&mut scores[l.contenders], &self.slots[actor.caution]);
        for i in 0..W {
            aside.0[i] = scaled(i, caution.0[i]);
        }
    }

    #[inline(always)]
    fn move_body(&mut self, a: usize, target: &[Lanes<W>], share: &Lanes<W>) {
        for (o, target) in target.iter().enumerate() {
            let stance = &mut self.slots[self.plan.layout.stance(a, o)];
            for i in 0..W {
                stance.0[i] += share.0[i] * (target.0[i] - stance.0[i]);
            }
        }
    }

    #[inline(always)]
    fn move_person(&mut self, a: usize, best: &Lanes<W>, share: &Lanes<W>) {
        let Some(site) = &mut self.draws.choose[a] else {
            internal_error("a person who chooses has no draw")
        };
        let u = *site.at(self.isa, u64::from(self.t), &self.rounds);
        let l = &self.plan.layout;
        let home = self.slots[l.home(a)];
        let mut moves = Mask::<W>::NONE;
        for i in 0..W {
            moves.set(i, (u.0[i] < share.0[i]) & (best.0[i] != home.0[i]));
        }
        if !moves.any() {
            return;
        }
        for o in 0..=l.contenders {
            let stance = &mut self.slots[l.stance(a, o)];
            for i in 0..W {
                let whole = f32::from(u8::from(best.0[i] == o as f32));
                stance.0[i] = if moves.at(i) { whole } else { stance.0[i] };
            }
        }
        let home = &mut self.slots[l.home(a)];
        for i in 0..W {
            home.0[i] = if moves.at(i) { best.0[i] } else { home.0[i] };
        }
    }
}

/// A body with `N` contenders to choose from, and `S` sides.
struct Body<'r, const N: usize, const S: usize, const W: usize> {
    opportunism: &'r Lanes<W>,
    caution: &'r Lanes<W>,
    sharpness: &'r Lanes<W>,
    /// By contender.
    loyalty: &'r [Lanes<W>; N],
    /// By contender.
    view: &'r [Lanes<W>; N],
    /// By side: from which its score is measured.
    rest: &'r [Lanes<W>; S],
    /// By side.
    custom: &'r [Lanes<W>; S],
    /// How far custom holds.
    held: &'r Lanes<W>,
    /// By side.
    present: &'r [Lanes<W>; S],
    /// How far the body moves.
    share: &'r Lanes<W>,
}

impl<const N: usize, const S: usize, const W: usize> Body<'_, N, S, W> {
    /// The score of a side in one lane; `told` adds promises and what offices say.
    #[inline(always)]
    fn score(&self, o: usize, i: usize, told: &impl Fn(usize, usize, f32) -> f32) -> f32 {
        let worth = if o < N {
            let bent = self.opportunism.0[i];
            told(
                o,
                i,
                (1.0 - bent) * self.loyalty[o].0[i] + bent * self.view[o].0[i],
            )
        } else {
            self.caution.0[i]
        };
        let v = self.sharpness.0[i] * worth;
        let h = self.held.0[i];
        (1.0 - h) * v + h * ((v - self.rest[o].0[i]) + self.custom[o].0[i])
    }

    /// Moves a stance. Returns whether scores lie far apart in any lane: there it has not moved rightly.
    // A stance of its own, since rows that may be among those that are read are not written in vectors.
    #[inline(always)]
    fn moves(&self, stance: &mut [Lanes<W>; S], told: impl Fn(usize, usize, f32) -> f32) -> bool {
        let mut far = 0;
        for i in 0..W {
            let mut target = [0.0; S];
            let mut there = [true; S];
            for o in 0..S {
                target[o] = self.score(o, i, &told);
                // Aside is always there.
                there[o] = o == N || self.present[o].0[i] > 0.0;
            }
            far |= u32::from(share_out(&mut target, &there));
            for o in 0..S {
                let now = stance[o].0[i];
                stance[o].0[i] = now + self.share.0[i] * (target[o] - now);
            }
        }
        far != 0
    }
}

/// Returns the index of the best present option; ties go to the first.
#[inline(always)]
pub(super) fn best<const W: usize>(scores: &[Lanes<W>], present: &[Lanes<W>]) -> Lanes<W> {
    let mut top = Lanes::<W>::all(f32::NEG_INFINITY);
    let mut index = Lanes::<W>::all(0.0);
    for (o, (s, p)) in scores.iter().zip(present).enumerate() {
        for i in 0..W {
            let better = (p.0[i] > 0.0) & (s.0[i] > top.0[i]);
            top.0[i] = if better { s.0[i] } else { top.0[i] };
            index.0[i] = if better { o as f32 } else { index.0[i] };
        }
    }
    index
}
