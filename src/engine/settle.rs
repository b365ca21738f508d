//! Settle: flags, outcomes, and the end of a round. `docs/MODEL.md` 7.8.

use super::lanes::{Lanes, Mask};
use super::state::Batch;
use super::step::Observer;
use crate::internal::internal_error;
use crate::plan::OutcomeKind;

impl<const W: usize> Batch<'_, W> {
    #[inline(always)]
    pub(super) fn settle(&mut self, observer: &mut dyn Observer<W>) {
        let plan = self.plan;
        self.slots[plan.layout.day()] = Lanes::all(self.day(self.t + 1));
        self.terms_of_rallies_are_stale();
        self.run(&plan.settle);
        for (flag, slot) in self.flags.iter_mut().zip(&plan.flags) {
            let now = &self.slots[*slot];
            flag.join(&self.alive, &Mask::of(|lane| now.0[lane] != 0.0));
        }
        // What was decided between two events of the step comes before what holds now.
        let mut decided = self.ending;
        for (j, outcome) in plan.outcomes.iter().enumerate() {
            if outcome.kind != OutcomeKind::Always {
                continue;
            }
            let when = &self.slots[outcome.when];
            let hold = &self.slots[outcome.hold];
            let run = &mut self.runs[j];
            let mut holds = self.alive;
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
                if decided[lane].is_none() && (run[lane] - 1) as f32 >= needed {
                    decided[lane] = Some(j);
                }
            }
        }
        if self.t + 1 == plan.steps {
            for outcome in &plan.outcomes {
                self.note(&outcome.notes, &Mask::of(|lane| decided[lane].is_none()));
            }
            self.close(&mut decided);
        }
        self.watch(&Mask::of(|lane| decided[lane].is_some()));
        let read = observer.reads(self, &decided);
        self.refresh(read);
        observer.settled(self, &decided);
        for lane in self.alive.lanes() {
            if let Some(outcome) = decided[lane] {
                observer.ended(self, lane, outcome);
                self.alive.set(lane, false);
            }
        }
        self.t += 1;
    }

    /// At the horizon: outcomes with `at_end`, else the one with `otherwise`.
    fn close(&self, decided: &mut [Option<usize>; W]) {
        let plan = self.plan;
        let otherwise = plan
            .outcomes
            .iter()
            .position(|o| o.kind == OutcomeKind::Otherwise);
        for (lane, decided) in decided.iter_mut().enumerate() {
            if decided.is_none() {
                *decided = plan
                    .outcomes
                    .iter()
                    .position(|o| o.kind == OutcomeKind::AtEnd && self.slots[o.when].0[lane] != 0.0)
                    .or(otherwise)
                    .or_else(|| internal_error("no outcome is left for the horizon"));
            }
        }
    }
}
