//! Events of a step: in each round one after the other, in the order of their times. `docs/MODEL.md`
//! 7.7 and 7.8.
//!
//! Whoever comes first may close the gates of the others, or settle the round: rounds do not depend on
//! the order in which a scenario lists its actions, nor on how many events fall into one step.

use super::lanes::{Lanes, Mask};
use super::state::{Batch, Noted};
use super::step::Observer;

/// No action, among numbers of actions.
const NOBODY: u32 = u32::MAX;

impl<const W: usize> Batch<'_, W> {
    /// Begins a step: nothing has happened in it.
    pub(super) fn begin_events(&mut self) {
        self.moved = Mask::NONE;
        self.due_actions.clear();
    }

    /// Lets what is due happen: in every lane event by event, by time, the first listed of equals. `happen`
    /// gets the action whose turn it is in some lanes, and moves on or clears `next` there.
    #[inline(always)]
    pub(super) fn in_order(
        &mut self,
        observer: &mut dyn Observer<W>,
        happen: impl Fn(&mut Self, usize, &Mask<W>, &mut dyn Observer<W>),
    ) {
        while let Some(first) = self.first_due() {
            let mut later = self.moved;
            later.keep(|lane| first[lane] != NOBODY);
            let over = if later.any() {
                self.note_outcomes(&later)
            } else {
                Mask::NONE
            };
            for n in 0..self.due_actions.len() {
                let i = self.due_actions[n];
                let mut lanes = Mask::of(|lane| first[lane] == i as u32);
                lanes.keep(|lane| !over.at(lane));
                if lanes.any() {
                    happen(self, i, &lanes, observer);
                }
            }
            if over.any() {
                for i in &self.due_actions {
                    let next = &mut self.due[*i].next;
                    for lane in over.lanes() {
                        next.0[lane] = f32::INFINITY;
                    }
                }
            }
        }
        self.due_actions.clear();
    }

    /// Returns the action whose turn it is in each lane; nothing if none is due in any.
    #[inline(always)]
    fn first_due(&self) -> Option<[u32; W]> {
        let mut first = [NOBODY; W];
        let mut soonest = Lanes::<W>::all(f32::INFINITY);
        for i in &self.due_actions {
            let next = &self.due[*i].next;
            for lane in 0..W {
                let sooner = next.0[lane] < soonest.0[lane];
                soonest.0[lane] = if sooner {
                    next.0[lane]
                } else {
                    soonest.0[lane]
                };
                first[lane] = if sooner { *i as u32 } else { first[lane] };
            }
        }
        let any = first.iter().fold(false, |any, i| any | (*i != NOBODY));
        any.then_some(first)
    }

    /// Reads outcomes between two events of a step, in rounds that have none yet, and notes them. Returns
    /// the lanes whose round ends with this step, so that no further event comes.
    fn note_outcomes(&mut self, lanes: &Mask<W>) -> Mask<W> {
        let plan = self.plan;
        let mut open = *lanes;
        let undecided = &self.undecided;
        open.keep(|lane| undecided.at(lane));
        if open.any() && plan.outcomes.iter().any(|outcome| outcome.at_once) {
            self.run_in(&plan.endings, &open);
            for (j, outcome) in plan.outcomes.iter().enumerate() {
                if !outcome.at_once {
                    continue;
                }
                let (when, hold) = (&self.slots[outcome.when], &self.slots[outcome.hold]);
                for lane in open.lanes() {
                    // One that has to hold for longer cannot have done so within the step.
                    let at_once = (hold.0[lane] / plan.dt - 0.5).ceil() <= 0.0;
                    if at_once && when.0[lane] != 0.0 && self.undecided.at(lane) {
                        let step = self.t + 1;
                        self.noted[lane] = Some(Noted { outcome: j, step });
                        self.undecided.set(lane, false);
                    }
                }
            }
        }
        if plan.play_on {
            return Mask::NONE;
        }
        let mut over = *lanes;
        let undecided = &self.undecided;
        over.keep(|lane| !undecided.at(lane));
        over
    }

    /// Returns where, among lanes whose gate of an action held when the stage began, it still holds.
    #[inline(always)]
    pub(super) fn still_open(&mut self, i: usize, lanes: &Mask<W>) -> Mask<W> {
        let mut again = *lanes;
        let moved = self.moved;
        again.keep(|lane| moved.at(lane));
        if !again.any() {
            return *lanes;
        }
        let plan = self.plan;
        if let Some(when) = &plan.actions[i].when {
            self.run_in(&when.program, &again);
        }
        let open = self.gate(i);
        let mut good = *lanes;
        good.keep(|lane| !moved.at(lane) | open.at(lane));
        good
    }
}
