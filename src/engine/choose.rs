//! Choose: which side each actor shows. `docs/MODEL.md` 7.4.
//!
//! Logit choice (McKelvey & Palfrey 1995) between private loyalty and the expected winner, under the
//! authority of office holders. A body splits into shares; a person takes one side, with tastes that
//! last for the round.

use super::lanes::{Lanes, softmax};
use super::state::Batch;
use super::step::Observer;
use crate::internal::internal_error;
use crate::scenario::model::Choice;

impl<const W: usize> Batch<'_, W> {
    #[inline(always)]
    pub(super) fn choose(&mut self, observer: &mut dyn Observer<W>) {
        self.take_sides();
        observer.chose(self);
    }

    #[inline(always)]
    fn take_sides(&mut self) {
        let plan = self.plan;
        self.run(&plan.choose.program);
        // Backing depends on how sharply people choose, and what follows moves stances.
        self.facts_are_stale();
        let share = self.share_of_step(&self.slots[plan.choose.reconsider]);
        if !share.any() {
            // Nobody reconsiders in any lane.
            return;
        }
        let l = &plan.layout;
        let aside = l.contenders;
        let sharpness = self.slots[plan.choose.sharpness];
        let mut present = self.contenders_present();
        present.push(Lanes::all(1.0));
        self.holders_stances();
        let mut scores = self.take_rows(aside + 1);
        for (a, actor) in plan.actors.iter().enumerate() {
            if actor.contender.is_some() {
                continue;
            }
            self.utilities(a, &mut scores);
            match (plan.choice, actor.person) {
                (Choice::Logit, false) => {
                    for s in &mut scores {
                        super::lanes::fold(s, &sharpness, |u, b| b * u);
                    }
                    softmax(&mut scores, &present);
                    self.move_body(a, &scores, &share);
                }
                (Choice::BestReply, false) => {
                    let best = best(&scores, &present);
                    for (o, s) in scores.iter_mut().enumerate() {
                        super::lanes::map(s, &best, |b| f32::from(u8::from(b == o as f32)));
                    }
                    self.move_body(a, &scores, &share);
                }
                (choice, true) => {
                    if choice == Choice::Logit {
                        for (o, s) in scores.iter_mut().enumerate() {
                            let taste = &self.slots[l.taste(a, o)];
                            for i in 0..W {
                                s.0[i] = sharpness.0[i] * s.0[i] + taste.0[i];
                            }
                        }
                    }
                    let best = best(&scores, &present);
                    self.move_person(a, &best, &share);
                }
            }
        }
        self.give_rows(scores);
        self.give_rows(present);
    }

    /// Computes the utility of each side to an actor; requires [`Self::holders_stances`].
    #[inline(always)]
    fn utilities(&self, a: usize, scores: &mut [Lanes<W>]) {
        let plan = self.plan;
        let l = &plan.layout;
        let actor = &plan.actors[a];
        let opportunism = &self.slots[actor.opportunism];
        for (c, s) in scores.iter_mut().take(l.contenders).enumerate() {
            let (loyalty, view) = (&self.slots[l.loyalty(a, c)], &self.slots[l.sees(a, c)]);
            for i in 0..W {
                let o = opportunism.0[i];
                s.0[i] = (1.0 - o) * loyalty.0[i] + o * view.0[i];
            }
            self.add_authority(a, c, s);
        }
        scores[l.contenders] = self.slots[actor.caution];
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
        for o in 0..=self.plan.contenders.len() {
            let stance = &mut self.slots[self.plan.layout.stance(a, o)];
            for i in 0..W {
                let whole = f32::from(u8::from(best.0[i] == o as f32));
                stance.0[i] = if u.0[i] < share.0[i] {
                    whole
                } else {
                    stance.0[i]
                };
            }
        }
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
