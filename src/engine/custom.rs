//! Custom: what holds everybody where he is seen at the start, while the reasons stay. `docs/MODEL.md` 7.4.
//!
//! Logit choice with given first shares (Matějka & McKay 2015; Berry 1994). What a person shows tells of his
//! tastes: they are drawn given that (Maddison, Tarlow & Minka 2014).

use super::choose::best;
use super::lanes::{Lanes, map, softmax};
use super::state::Batch;
use crate::math;
use crate::scenario::model::Choice;

/// The least share of a body on a side that is there, at rest: no body is of one mind.
const LEAST_SHARE: f32 = 0.001;
/// By how much custom keeps a person at least above every other side.
const MARGIN: f32 = 0.001;

impl<const W: usize> Batch<'_, W> {
    /// Gives every body a share on every side, however small, in the numbers that it will choose by.
    pub(super) fn open_minds(&mut self) {
        let plan = self.plan;
        let l = &plan.layout;
        let present = self.options_present();
        let mut scores = self.take_rows(plan.contenders.len() + 1);
        for (a, actor) in plan.actors.iter().enumerate() {
            if actor.contender.is_some() || actor.person {
                continue;
            }
            for (o, s) in scores.iter_mut().enumerate() {
                let stance = &self.slots[l.stance(a, o)];
                for i in 0..W {
                    let custom = math::ln(math::max(stance.0[i], LEAST_SHARE));
                    let there = present[o].0[i] > 0.0;
                    s.0[i] = if there { custom } else { 0.0 };
                }
                self.slots[l.custom(a, o)] = *s;
            }
            softmax(&mut scores, &present);
            let stances = self.slots.rows_mut(l.stance(a, 0), scores.len());
            stances.copy_from_slice(&scores);
        }
        self.give_rows(scores);
        self.give_rows(present);
        self.facts_are_stale();
    }

    /// Takes the state as the custom of everybody, so that with the reasons of this moment all stay where
    /// they are.
    pub(super) fn get_used(&mut self) {
        let plan = self.plan;
        let l = &plan.layout;
        self.read_choice();
        self.slots[l.rupture_start()] = self.slots[plan.choose.rupture];
        let present = self.options_present();
        self.holders_stances();
        let mut scores = self.take_rows(plan.contenders.len() + 1);
        for (a, actor) in plan.actors.iter().enumerate() {
            if actor.contender.is_some() {
                continue;
            }
            self.reasons(a, &mut scores);
            let first = best(&scores, &present);
            match (plan.choice, actor.person) {
                (Choice::Logit, false) => self.get_used_as_body(a, &scores, &present),
                (Choice::BestReply, false) => {
                    self.slots[l.home(a)] = first;
                    for o in 0..scores.len() {
                        self.slots[l.custom(a, o)] = self.slots[l.stance(a, o)];
                    }
                }
                (Choice::Logit, true) if !actor.free => {
                    self.get_used_as_shown(a, &scores, &present);
                }
                (_, true) => self.get_used_as_person(a, &scores, &first, &present),
            }
        }
        self.give_rows(scores);
        self.give_rows(present);
    }

    /// A side that nobody could choose so far competes with all others together.
    #[inline(always)]
    fn get_used_as_body(&mut self, a: usize, reasons: &[Lanes<W>], present: &[Lanes<W>]) {
        let l = self.layout();
        let (top, rest) = log_sum(reasons, present);
        for (o, (v, there)) in reasons.iter().zip(present).enumerate() {
            let used_to = &mut self.slots[l.reasons(a, o)];
            for i in 0..W {
                let all = top.0[i] + rest.0[i];
                used_to.0[i] = if there.0[i] > 0.0 { v.0[i] } else { all };
            }
        }
    }

    /// Custom of a person who is known to stand where he stands: the tastes that he has on the other sides, as
    /// far as what he shows tells of them. `reasons` are with tastes of which it tells nothing.
    #[inline(always)]
    fn get_used_as_shown(&mut self, a: usize, reasons: &[Lanes<W>], present: &[Lanes<W>]) {
        let plan = self.plan;
        let l = &plan.layout;
        let home = best(self.slots.rows(l.stance(a, 0), reasons.len()), present);
        self.slots[l.home(a)] = home;
        let mut own = Lanes::<W>::all(0.0);
        for o in 0..reasons.len() {
            let taste = &self.slots[l.taste(a, o)];
            for i in 0..W {
                let here = home.0[i] == o as f32;
                own.0[i] = if here { taste.0[i] } else { own.0[i] };
            }
        }
        let mut plain = self.take_rows(reasons.len());
        self.reasons_without_tastes(a, &mut plain);
        let (top, rest) = log_sum(&plain, present);
        for (o, (v, there)) in plain.iter().zip(present).enumerate() {
            let taste = self.slots[l.taste(a, o)];
            let custom = &mut self.slots[l.custom(a, o)];
            for i in 0..W {
                let chance = (v.0[i] - top.0[i]) - rest.0[i];
                // The best of all is a Gumbel number whatever it is; what is worse is cut off there.
                let least = math::exp(0.0 - taste.0[i]);
                let gap = chance - own.0[i];
                let behind = gap - math::ln(math::exp(gap) + least);
                let behind = math::min(behind, 0.0 - MARGIN);
                // Nobody has refused who was not there.
                let open = (chance + taste.0[i]) - own.0[i];
                let other = if there.0[i] > 0.0 { behind } else { open };
                custom.0[i] = if home.0[i] == o as f32 { 0.0 } else { other };
            }
        }
        self.give_rows(plain);
        let used_to = self.slots.rows_mut(l.reasons(a, 0), reasons.len());
        used_to.copy_from_slice(reasons);
    }

    #[inline(always)]
    fn get_used_as_person(
        &mut self,
        a: usize,
        reasons: &[Lanes<W>],
        first: &Lanes<W>,
        present: &[Lanes<W>],
    ) {
        let l = self.layout();
        let home = best(self.slots.rows(l.stance(a, 0), reasons.len()), present);
        self.slots[l.home(a)] = home;
        let mut top = Lanes::<W>::all(0.0);
        for (o, v) in reasons.iter().enumerate() {
            for i in 0..W {
                top.0[i] = if first.0[i] == o as f32 {
                    v.0[i]
                } else {
                    top.0[i]
                };
            }
        }
        for (o, v) in reasons.iter().enumerate() {
            let (mut used_to, mut custom) = (top, Lanes::<W>::all(0.0));
            for i in 0..W {
                let kept = (home.0[i] == o as f32) & (home.0[i] != first.0[i]);
                used_to.0[i] = if kept { v.0[i] } else { used_to.0[i] };
                custom.0[i] = if kept { MARGIN } else { 0.0 };
            }
            self.slots[l.reasons(a, o)] = used_to;
            self.slots[l.custom(a, o)] = custom;
        }
    }
}

/// Returns the largest of the scores of present options, and the logarithm of the sum of exponentials of what
/// they are less by.
#[inline(always)]
fn log_sum<const W: usize>(scores: &[Lanes<W>], present: &[Lanes<W>]) -> (Lanes<W>, Lanes<W>) {
    let mut top = Lanes::<W>::all(f32::MIN);
    for (v, there) in scores.iter().zip(present) {
        for i in 0..W {
            let higher = (there.0[i] > 0.0) & (v.0[i] > top.0[i]);
            top.0[i] = if higher { v.0[i] } else { top.0[i] };
        }
    }
    let mut sum = Lanes::<W>::all(0.0);
    for (v, there) in scores.iter().zip(present) {
        for i in 0..W {
            let weight = math::exp(v.0[i] - top.0[i]);
            sum.0[i] += if there.0[i] > 0.0 { weight } else { 0.0 };
        }
    }
    let mut rest = Lanes::all(0.0);
    map(&mut rest, &sum, math::ln);
    (top, rest)
}
