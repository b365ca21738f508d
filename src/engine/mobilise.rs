//! Mobilise: turnout of crowds. `docs/MODEL.md` 7.6.
//!
//! Threshold crowds (Granovetter 1978): who comes depends on who has come. What people see
//! saturates, since linear contagion has no stable level between a few per cent and everybody.

use super::lanes::{Lanes, fold};
use super::state::Batch;
use super::step::Observer;
use crate::math;
use crate::scenario::model::Thresholds;

impl<const W: usize> Batch<'_, W> {
    #[inline(always)]
    pub(super) fn mobilise(&mut self, _observer: &mut dyn Observer<W>) {
        let plan = self.plan;
        let m = &plan.mobilise;
        let crowds = plan.crowds.len();
        if crowds == 0 {
            return;
        }
        self.run(&m.program);
        let part = |rate| math::part_of(math::max(rate, 0.0) * plan.dt);
        let pace = self.memos.pace.of(&self.slots[m.crowd_pace], part);
        self.move_moods();
        self.evaluate_repression();
        let l = &plan.layout;
        let mut before = self.take_rows(crowds);
        before.copy_from_slice(self.slots.rows(l.turnout(0), crowds));
        let first = self.targets();
        for (n, first) in first.iter().enumerate() {
            let x = &mut self.slots[l.turnout(n)];
            for i in 0..W {
                x.0[i] += pace.0[i] * (first.0[i] - x.0[i]);
            }
        }
        // Heun's corrector: again from the predicted state.
        self.evaluate_repression();
        let second = self.targets();
        let fade = self.memos.fade.of(&self.slots[m.grievance_fade], part);
        for n in 0..crowds {
            let x = &mut self.slots[l.turnout(n)];
            let (before, first, second) = (&before[n], &first[n], &second[n]);
            for i in 0..W {
                let target = 0.5 * (first.0[i] + second.0[i]);
                x.0[i] = math::clamp01(before.0[i] + pace.0[i] * (target - before.0[i]));
            }
            let start = self.slots[l.grievance_start(n)];
            let v = &mut self.slots[l.grievance(n)];
            for i in 0..W {
                v.0[i] += fade.0[i] * (start.0[i] - v.0[i]);
            }
        }
        for rows in [before, first, second] {
            self.give_rows(rows);
        }
        self.terms_of_rallies_are_stale();
    }

    /// Moves each crowd's mood: an Ornstein-Uhlenbeck step, exact for any step length.
    #[inline(always)]
    fn move_moods(&mut self) {
        let plan = self.plan;
        let time = &self.slots[plan.mobilise.mood_time];
        let kept = self.memos.mood.of(time, |t| math::exp(0.0 - plan.dt / t));
        let stir = |t| math::part_of(2.0 * (plan.dt / t)).sqrt();
        let mut spread = self.memos.stir.of(time, stir);
        fold(&mut spread, &self.slots[plan.mobilise.mood_sd], |x, sd| {
            sd * x
        });
        for n in 0..plan.crowds.len() {
            let z = self.draws.mood[n].at(self.isa, u64::from(self.t), &self.rounds);
            let mood = &mut self.slots[plan.layout.mood(n)];
            for i in 0..W {
                mood.0[i] = mood.0[i] * kept.0[i] + spread.0[i] * z.0[i];
            }
        }
    }

    /// Computes the repression of every crowd at the present turnout.
    pub(super) fn evaluate_repression(&mut self) {
        let plan = self.plan;
        self.terms_of_rallies_are_stale();
        self.refresh(plan.mobilise.repression.needs);
        let changes = std::mem::take(&mut self.changes.repression);
        super::evaluate::run_stale(
            self.isa,
            &plan.mobilise.repression.instructions,
            &plan.mobilise.upkeep,
            changes,
            &mut self.slots,
        );
        let alive = self.alive;
        self.note(&plan.mobilise.repression.notes, &alive);
        for (n, crowd) in plan.crowds.iter().enumerate() {
            self.slots[plan.layout.repression(n)] = self.slots[crowd.repression];
        }
        self.terms_of_rallies_are_stale();
    }

    /// Returns the turnout that each crowd moves towards.
    #[inline(always)]
    pub(super) fn targets(&mut self) -> Vec<Lanes<W>> {
        let mut out = self.take_rows(self.plan.crowds.len());
        let plan = self.plan;
        let l = &plan.layout;
        let half = &self.slots[plan.mobilise.crowd_half];
        let openness = &self.slots[l.openness()];
        for (n, crowd) in plan.crowds.iter().enumerate() {
            let mut others = Lanes::<W>::all(0.0);
            for m in (0..plan.crowds.len()).filter(|m| *m != n) {
                let (x, appeal) = (
                    &self.slots[l.turnout(m)],
                    &self.slots[plan.crowds[m].appeal],
                );
                for i in 0..W {
                    others.0[i] = math::max(appeal.0[i] * x.0[i], others.0[i]);
                }
            }
            let (x, v, r) = (
                &self.slots[l.turnout(n)],
                &self.slots[l.grievance(n)],
                &self.slots[l.repression(n)],
            );
            let (spill, catch) = (&self.slots[crowd.spillover], &self.slots[crowd.contagion]);
            let (mean, sd) = (
                &self.slots[crowd.threshold_mean],
                &self.slots[crowd.threshold_sd],
            );
            let mood = &self.slots[l.mood(n)];
            let (rest, there) = (
                &self.slots[l.turnout_start(n)],
                &self.slots[l.target_start(n)],
            );
            let mut target = Lanes::<W>::all(0.0);
            for i in 0..W {
                let shown = x.0[i] + (spill.0[i] * openness.0[i]) * others.0[i];
                let seen = shown / (shown + half.0[i]);
                let pull = ((v.0[i] + catch.0[i] * seen) - r.0[i]) + mood.0[i];
                let free = self.beyond_threshold((pull - mean.0[i]) / sd.0[i]);
                target.0[i] = math::clamp01(rest.0[i] + (free - there.0[i]));
            }
            out[n] = target;
        }
        out
    }

    /// Returns the share of thresholds below `z` standard deviations.
    #[inline(always)]
    pub(super) fn beyond_threshold(&self, z: f32) -> f32 {
        match self.plan.thresholds {
            Thresholds::Normal => math::normal_cdf(z),
            // 1.9, not 1.702: the same turnout as the normal law at one half and at one in fifty.
            Thresholds::Logistic => math::logistic(1.9 * z),
        }
    }
}
