//! Schedule: delayed and dated actions take effect. `docs/MODEL.md` 7.8.

use super::lanes::{Lanes, Mask};
use super::state::Batch;
use super::step::Observer;
use crate::plan::{DatePlan, WayPlan};

impl<const W: usize> Batch<'_, W> {
    pub(super) fn schedule(&mut self, observer: &mut dyn Observer<W>) {
        let plan = self.plan;
        self.slots[plan.layout.day()] = Lanes::all(self.day(self.t));
        self.terms_of_rallies_are_stale();
        self.begin_events();
        for (i, action) in plan.actions.iter().enumerate() {
            let queue = action.delay.as_ref().map(|delay| delay.queue);
            let queue = queue.filter(|queue| self.may_wait(*queue));
            let date = match action.way {
                WayPlan::At { date, .. } if action.limit > 0 => Some(date),
                _ => None,
            };
            let is_another = |date: DatePlan| matches!(date, DatePlan::Known { step, .. } if step != u64::from(self.t));
            let date = date.filter(|date| !is_another(*date));
            if queue.is_none() && date.is_none() {
                continue;
            }
            let mut next = Lanes::all(f32::INFINITY);
            let mut any = false;
            for lane in self.alive.lanes() {
                // A date is judged once, so its queue is empty on that day.
                let time = date.and_then(|date| self.time_of(date, lane));
                let time = time.or_else(|| self.next_delayed(queue?, lane));
                if let Some(time) = time {
                    next.0[lane] = time;
                    any = true;
                }
            }
            if any {
                // Nothing else of what is due is read here.
                self.due[i].next = next;
                self.due_actions.push(i);
            }
        }
        if !self.due_actions.is_empty() {
            self.in_order(observer, Self::come_due);
        }
    }

    /// Returns whether a decision waits in the queue of a delayed action in some lane.
    fn may_wait(&mut self, queue: usize) -> bool {
        let may = self.waiting[queue] && self.queues[queue].iter().any(|q| !q.is_empty());
        self.waiting[queue] = may;
        may
    }

    /// Returns the time of a date that is reached in this step.
    fn time_of(&self, date: DatePlan, lane: usize) -> Option<f32> {
        match date {
            DatePlan::Known { time, .. } => Some(time),
            DatePlan::Uncertain(days) => {
                let at = self.slots[days].0[lane] / self.plan.dt;
                let step = at.ceil();
                (step == self.t as f32).then_some(at - step)
            }
        }
    }

    /// Returns the time of the next delayed decision that takes effect in this step.
    fn next_delayed(&self, queue: usize, lane: usize) -> Option<f32> {
        let next = self.queues[queue][lane].front();
        next.filter(|(step, _)| *step <= self.t)
            .map(|(_, time)| *time)
    }

    /// Returns where, among lanes with a delayed decision that is due, what it was decided for still holds.
    fn still_stands(&mut self, i: usize, lanes: &Mask<W>) -> Mask<W> {
        let action = &self.plan.actions[i];
        let mut stands = *lanes;
        if let Some(still) = action.delay.as_ref().and_then(|delay| delay.still.as_ref()) {
            self.run_in(&still.program, lanes);
            let still = &self.slots[still.slot];
            stands.keep(|lane| still.0[lane] != 0.0);
        }
        if let Some(by) = action.by {
            let by = &self.slots[by];
            stands.keep(|lane| by.0[lane] > 0.0);
        }
        stands
    }

    /// Lets a delayed decision take effect or lapse, or judges a dated action.
    #[inline(always)]
    fn come_due(&mut self, i: usize, lanes: &Mask<W>, observer: &mut dyn Observer<W>) {
        let action = &self.plan.actions[i];
        let times = self.due[i].next;
        let queue = action.delay.as_ref().map(|delay| delay.queue);
        let mut delayed = Mask::NONE;
        for lane in lanes.lanes() {
            let waits = queue.is_some_and(|q| self.next_delayed(q, lane).is_some());
            let mut next = None;
            if let (true, Some(queue)) = (waits, queue) {
                self.queues[queue][lane].pop_front();
                delayed.set(lane, true);
                next = self.next_delayed(queue, lane);
            }
            self.due[i].next.0[lane] = next.unwrap_or(f32::INFINITY);
        }
        if delayed.any() {
            let stands = self.still_stands(i, &delayed);
            for lane in delayed.lanes().filter(|lane| !stands.at(*lane)) {
                self.lapsed[i].set(lane, true);
                observer.lapsed(self, i, lane);
            }
            if stands.any() {
                self.take_effect(i, &stands, observer);
            }
        }
        let WayPlan::At { when, .. } = &action.way else {
            return;
        };
        let mut judged = *lanes;
        judged.keep(|lane| !delayed.at(lane));
        if !judged.any() {
            return;
        }
        if let Some(when) = when {
            self.run_in(&when.program, &judged);
            judged.keep(|lane| self.slots[when.slot].0[lane] != 0.0);
        }
        if let Some(by) = action.by {
            judged.keep(|lane| self.slots[by].0[lane] > 0.0);
        }
        if judged.any() {
            for lane in judged.lanes() {
                observer.decided(self, i, lane);
                self.decisions[i][lane] += 1;
            }
            self.carry_out(i, &judged, &times, observer);
        }
    }
}
