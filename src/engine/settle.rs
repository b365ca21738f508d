//! Settle: flags, outcomes, and the end of a round. `docs/MODEL.md` 7.8.

use super::lanes::{Lanes, Mask};
use super::state::{Batch, Noted};
use super::step::Observer;
use crate::internal::internal_error;
use crate::plan::OutcomeKind;
use crate::plan::upkeep::{Changes, with_moves};

impl<const W: usize> Batch<'_, W> {
    #[inline(always)]
    pub(super) fn settle(&mut self, observer: &mut dyn Observer<W>) {
        let plan = self.plan;
        self.slots[plan.layout.day()] = Lanes::all(self.day(self.t + 1));
        self.terms_of_rallies_are_stale();
        let changes = std::mem::take(&mut self.changes.settle);
        self.refresh(plan.settle.needs);
        let instructions = &plan.settle.instructions;
        super::evaluate::run_stale(
            self.isa,
            instructions,
            &plan.settle_upkeep,
            changes,
            &mut self.slots,
        );
        let alive = self.alive;
        self.note(&plan.settle.notes, &alive);
        let changes = with_moves(changes);
        if plan.reads {
            self.tell_new_flags(changes, observer);
        }
        let flags = self.flags.iter_mut().zip(&plan.flags);
        for ((flag, slot), follows) in flags.zip(&plan.flag_changes) {
            if follows & changes == 0 {
                continue;
            }
            let now = &self.slots[*slot];
            flag.join(&self.alive, &Mask::of(|lane| now.0[lane] != 0.0));
        }
        let at_end = self.t + 1 == plan.steps;
        let mut open = self.alive;
        let undecided = &self.undecided;
        open.keep(|lane| undecided.at(lane));
        if open.any() {
            self.note_outcome(&open, at_end);
        }
        if plan.reads && !at_end {
            self.read_horizon(observer);
        }
        let mut decided = [None; W];
        let mut ends = Mask::NONE;
        if at_end || !plan.play_on {
            for lane in self.alive.lanes() {
                decided[lane] = self.noted[lane].map(|noted| noted.outcome);
                ends.set(lane, decided[lane].is_some());
            }
        }
        self.watch(&ends);
        let read = observer.reads(self, &decided);
        self.refresh(read);
        observer.settled(self, &decided);
        for lane in ends.lanes() {
            if let Some(outcome) = decided[lane] {
                observer.ended(self, lane, outcome);
                self.alive.set(lane, false);
            }
        }
        self.t += 1;
    }

    /// Tells which flags are about to be set where they are not.
    #[inline(never)]
    fn tell_new_flags(&self, changes: Changes, observer: &mut dyn Observer<W>) {
        let plan = self.plan;
        let flags = self.flags.iter().zip(&plan.flags).zip(&plan.flag_changes);
        for (f, ((flag, slot), follows)) in flags.enumerate() {
            if follows & changes == 0 {
                continue;
            }
            let now = &self.slots[*slot];
            let mut new = self.alive;
            new.keep(|lane| now.0[lane] != 0.0 && !flag.at(lane));
            if new.any() {
                observer.flagged(self, f, &new);
            }
        }
    }

    /// Shows what stands, if the step that is over reaches a horizon before the last.
    #[inline(never)]
    fn read_horizon(&self, observer: &mut dyn Observer<W>) {
        let step = self.t + 1;
        let Ok(horizon) = self.plan.horizons.binary_search(&step) else {
            return;
        };
        let mut outcomes = [None; W];
        for lane in self.alive.lanes() {
            let noted = self.noted[lane].map(|noted| noted.outcome);
            outcomes[lane] = Some(noted.unwrap_or_else(|| self.left(lane)));
        }
        observer.horizon(self, horizon, &outcomes);
    }

    /// Notes the outcome of rounds that have none yet: the first that has held for long enough, and `at_end`
    /// what is left for the horizon.
    #[inline(always)]
    fn note_outcome(&mut self, open: &Mask<W>, at_end: bool) {
        let plan = self.plan;
        self.note(&plan.outcome_notes, open);
        let step = self.t + 1;
        for (j, outcome) in plan.outcomes.iter().enumerate() {
            if outcome.kind != OutcomeKind::Always {
                continue;
            }
            let when = &self.slots[outcome.when];
            let hold = &self.slots[outcome.hold];
            let run = &mut self.runs[j];
            let mut holds = *open;
            for lane in 0..W {
                run[lane] = if when.0[lane] != 0.0 {
                    run[lane] + 1
                } else {
                    0
                };
            }
            holds.keep(|lane| run[lane] != 0);
            if !holds.any() {
                continue;
            }
            for lane in holds.lanes() {
                let needed = (hold.0[lane] / plan.dt - 0.5).ceil().max(0.0);
                if self.undecided.at(lane) && (run[lane] - 1) as f32 >= needed {
                    self.noted[lane] = Some(Noted { outcome: j, step });
                    self.undecided.set(lane, false);
                }
            }
        }
        if !at_end {
            return;
        }
        let mut open = *open;
        let undecided = &self.undecided;
        open.keep(|lane| undecided.at(lane));
        for outcome in &plan.outcomes {
            self.note(&outcome.notes, &open);
        }
        for lane in open.lanes() {
            let outcome = self.left(lane);
            self.noted[lane] = Some(Noted { outcome, step });
            self.undecided.set(lane, false);
        }
    }

    /// At the horizon: the first outcome with `at_end` that applies, else the one with `otherwise`.
    fn left(&self, lane: usize) -> usize {
        let holds = |j: usize| {
            let outcome = &self.plan.outcomes[j];
            outcome.kind == OutcomeKind::AtEnd && self.slots[outcome.when].0[lane] != 0.0
        };
        let is_last = |j: usize| self.plan.outcomes[j].kind == OutcomeKind::Otherwise;
        let all = 0..self.plan.outcomes.len();
        all.clone()
            .find(|j| holds(*j))
            .or_else(|| all.clone().find(|j| is_last(*j)))
            .unwrap_or_else(|| internal_error("no outcome is left for the horizon"))
    }
}
