//! Dispositions: above which inclination a mover is resolved. `docs/MODEL.md` 7.7.
//!
//! A mover has one disposition a round (random utility with a lasting person effect: McFadden 1974). What
//! is known not to have moved him before the start conditions it: the state as it is, and the moods that
//! crowds may have had in a quiet past.

use super::draws::Sharers;
use super::initialise::PASSES;
use super::lanes::{Lanes, Mask, map};
use super::state::Batch;
use crate::math;
use crate::plan::{MoveTerms, WayPlan};

impl<const W: usize> Batch<'_, W> {
    /// Draws the disposition of each considered move, for the state at the start.
    #[inline(always)]
    pub(super) fn dispose(&mut self, sharers: &Sharers<W>) {
        let plan = self.plan;
        let l = &plan.layout;
        let moves: Vec<(usize, MoveTerms, bool)> = plan
            .actions
            .iter()
            .enumerate()
            .filter_map(|(i, action)| match action.way {
                WayPlan::Decide { terms, always, .. } => Some((i, terms, always)),
                _ => None,
            })
            .collect();
        if moves.is_empty() {
            return;
        }
        let found = self.inclinations(&moves);
        for ((i, _, always), p) in moves.iter().zip(&found) {
            let open = self.gate(*i);
            let stayed = &mut self.slots[l.stayed(*i)];
            for lane in 0..W {
                let known = *always | open.at(lane);
                stayed.0[lane] = if known { p.0[lane] } else { 0.0 };
            }
        }
        if plan.past > 0.0 && !plan.crowds.is_empty() {
            let gates: Vec<Mask<W>> = moves.iter().map(|(i, ..)| self.gate(*i)).collect();
            let before = self.stir();
            let stirred = self.inclinations(&moves);
            for (((i, _, always), p), open) in moves.iter().zip(&stirred).zip(&gates) {
                let stayed = &mut self.slots[l.stayed(*i)];
                for lane in 0..W {
                    let known = *always | open.at(lane);
                    let higher = math::max(stayed.0[lane], p.0[lane]);
                    stayed.0[lane] = if known { higher } else { 0.0 };
                }
            }
            self.calm(before);
        }
        for (i, ..) in &moves {
            let Some(site) = &self.draws.decide[*i] else {
                continue;
            };
            let u = site.over(self.isa, sharers);
            let stayed = self.slots[l.stayed(*i)];
            let disposition = &mut self.slots[l.disposition(*i)];
            for lane in 0..W {
                let p = stayed.0[lane];
                disposition.0[lane] = p + (1.0 - p) * u.0[lane];
            }
        }
    }

    /// Computes the inclination to each considered move for the present state. The conditions of all
    /// actions are as they are then.
    #[inline(always)]
    fn inclinations(&mut self, moves: &[(usize, MoveTerms, bool)]) -> Vec<Lanes<W>> {
        // The conditions among it are not read: what counts is when Act does.
        self.run_for(&self.plan.act, &Mask::NONE);
        self.computed.fill(false);
        let alive = self.alive;
        let of = |(i, terms, _): &(usize, MoveTerms, bool)| {
            self.terms_of(*i);
            self.note(&self.plan.actions[*i].notes, &alive);
            self.considered(*terms, &alive)
        };
        moves.iter().map(of).collect()
    }

    /// Brings moods to where the quiet past may have had them at most, and turnout to where it then
    /// tends. Returns the rows of before.
    #[inline(always)]
    fn stir(&mut self) -> Vec<Lanes<W>> {
        let plan = self.plan;
        let (l, m) = (&plan.layout, &plan.mobilise);
        let crowds = plan.crowds.len();
        let mut before = self.take_rows(3 * crowds);
        for (i, from) in [l.mood(0), l.turnout(0), l.repression(0)]
            .into_iter()
            .enumerate()
        {
            before[i * crowds..(i + 1) * crowds].copy_from_slice(self.slots.rows(from, crowds));
        }
        self.run(&m.program);
        let (sd, time) = (&self.slots[m.mood_sd], &self.slots[m.mood_time]);
        // 2·ln(T/τ) is the square of the highest of T/τ independent normals.
        let mut mood = Lanes::<W>::all(0.0);
        map(&mut mood, time, |time| {
            (2.0 * math::ln(math::max(plan.past / time, 1.0))).sqrt()
        });
        super::lanes::fold(&mut mood, sd, |z, sd| z * sd);
        self.slots.rows_mut(l.mood(0), crowds).fill(mood);
        for pass in 0..PASSES {
            if pass > 0 {
                self.run(&m.program);
            }
            self.evaluate_repression();
            let targets = self.targets();
            let turnout = self.slots.rows_mut(l.turnout(0), crowds);
            turnout.copy_from_slice(&targets);
            self.give_rows(targets);
        }
        // Nothing but terms of rallies follows turnout.
        self.terms_of_rallies_are_stale();
        before
    }

    /// Brings moods, turnout and repression back.
    fn calm(&mut self, before: Vec<Lanes<W>>) {
        let l = &self.plan.layout;
        let crowds = self.plan.crowds.len();
        for (i, from) in [l.mood(0), l.turnout(0), l.repression(0)]
            .into_iter()
            .enumerate()
        {
            let rows = &before[i * crowds..(i + 1) * crowds];
            self.slots.rows_mut(from, crowds).copy_from_slice(rows);
        }
        self.give_rows(before);
        self.terms_of_rallies_are_stale();
    }
}
