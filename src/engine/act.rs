//! Act: actions are decided, or happen. `docs/MODEL.md` 7.7.
//!
//! Rates work by clocks: the n-th happening comes when the summed rate passes the sum of n
//! exponential draws. So the result does not depend on the step length, and a higher rate brings the
//! same event of the same round earlier, never later.

use super::evaluate;
use super::lanes::{Lanes, Mask};
use super::state::Batch;
use super::step::Observer;
use crate::math;
use crate::plan::{MoveTerms, Slot, WayPlan};
use crate::scenario::model::DecideFrom;

impl<const W: usize> Batch<'_, W> {
    #[inline(always)]
    pub(super) fn act(&mut self, observer: &mut dyn Observer<W>) {
        let plan = self.plan;
        self.run(&plan.act);
        self.terms();
        for (i, action) in plan.actions.iter().enumerate() {
            let gate = match action.way {
                WayPlan::At { .. } => continue,
                _ => self.gate(i),
            };
            if !gate.any() {
                // No clock moves in any lane.
                self.spells[i] = gate;
                continue;
            }
            match action.way {
                WayPlan::Rate(slot) => {
                    self.slots[plan.layout.rate(i)] = self.slots[slot];
                    self.advance(i, &gate, observer);
                }
                WayPlan::Decide { pace, terms } => {
                    let p = self.considered(terms);
                    let l = &plan.layout;
                    let start = match plan.decide_from {
                        DecideFrom::Start => self.slots[l.resolve_start(i)],
                        DecideFrom::Zero => Lanes::all(0.0),
                    };
                    let pace = self.slots[pace];
                    let rate = &mut self.slots[l.rate(i)];
                    for lane in 0..W {
                        let keener = math::max(0.0, p.0[lane] - start.0[lane]);
                        rate.0[lane] = pace.0[lane] * keener;
                    }
                    self.slots[l.resolve(i)] = p;
                    self.advance(i, &gate, observer);
                }
                WayPlan::Chance(slot) => self.try_once(i, slot, &gate, observer),
                WayPlan::At { .. } => {}
            }
        }
    }

    /// Computes the rates, chances and terms of actions whose condition holds in some lane, as the
    /// stage finds the state. Nothing reads those of the others, since their clocks do not move.
    #[inline(always)]
    fn terms(&mut self) {
        self.computed.fill(false);
        for (i, action) in self.plan.actions.iter().enumerate() {
            if action.terms.is_empty() {
                continue;
            }
            let mut open = self.alive;
            if let Some(when) = action.when {
                let when = &self.slots[when];
                open.keep(|lane| when.0[lane] != 0.0);
            }
            let decisions = &self.decisions[i];
            open.keep(|lane| decisions[lane] < action.limit);
            if open.any() {
                self.terms_of(i);
            }
        }
    }

    /// Computes the rate, chance or terms of one action, except what another action has computed
    /// already.
    #[inline(always)]
    pub(super) fn terms_of(&mut self, i: usize) {
        let plan = self.plan;
        let action = &plan.actions[i];
        self.refresh(action.needs);
        for index in &action.terms {
            if !self.computed[*index] {
                self.computed[*index] = true;
                evaluate::step(plan.terms[*index], &mut self.slots);
            }
        }
    }

    /// Returns the probability of a considered move for its terms as last computed.
    #[inline(always)]
    pub(super) fn considered(&self, terms: MoveTerms) -> Lanes<W> {
        let s = &self.slots;
        let sharp = &s[self.plan.decision];
        let (win, prize, price, wait) = (
            &s[terms.win],
            &s[terms.prize],
            &s[terms.price],
            &s[terms.wait],
        );
        let mut p = Lanes::all(0.0);
        for lane in 0..W {
            let w = win.0[lane];
            let worth = ((w * prize.0[lane]) - ((1.0 - w) * price.0[lane])) - wait.0[lane];
            p.0[lane] = math::logistic(sharp.0[lane] * worth);
        }
        p
    }

    /// Returns where an action can be decided: its condition holds, its actor is present, and its
    /// limit is not reached.
    #[inline(always)]
    fn gate(&self, i: usize) -> Mask<W> {
        let action = &self.plan.actions[i];
        let mut gate = self.alive;
        if let Some(when) = action.when {
            let when = &self.slots[when];
            gate.keep(|lane| when.0[lane] != 0.0);
        }
        if let Some(by) = action.by {
            let by = &self.slots[by];
            gate.keep(|lane| by.0[lane] > 0.0);
        }
        let decisions = &self.decisions[i];
        gate.keep(|lane| decisions[lane] < action.limit);
        gate
    }

    /// Moves the clock of an action, and decides the action whenever the clock passes its threshold.
    #[inline(always)]
    fn advance(&mut self, i: usize, gate: &Mask<W>, observer: &mut dyn Observer<W>) {
        let dt = self.plan.dt;
        let at_start = self.t == 0;
        let l = &self.plan.layout;
        let rate = self.slots[l.rate(i)];
        let spell = &self.spells[i];
        let clock = &mut self.slots[l.clock(i)];
        for lane in 0..W {
            // Half-step credit: on average a spell began half a step before it was noticed. At the
            // start of a round nothing was missed.
            let gain = math::max(rate.0[lane], 0.0);
            let whole = gain * dt;
            let credited = (1.5 * gain) * dt;
            let step = if spell.at(lane) | at_start {
                whole
            } else {
                credited
            };
            let moved = clock.0[lane] + step;
            clock.0[lane] = if gate.at(lane) { moved } else { clock.0[lane] };
        }
        self.spells[i] = *gate;
        let (clock, threshold) = (&self.slots[l.clock(i)], &self.slots[l.threshold(i)]);
        let mut due = *gate;
        due.keep(|lane| clock.0[lane] >= threshold.0[lane]);
        let limit = self.plan.actions[i].limit;
        while due.any() {
            for lane in due.lanes() {
                observer.decided(self, i, lane);
                self.decisions[i][lane] += 1;
                let next = u64::from(self.decisions[i][lane]);
                let wait = self.draws.act[i].in_lane(self.isa, next, lane, &self.rounds);
                self.slots[l.threshold(i)].0[lane] += wait;
            }
            self.carry_out(i, &due, observer);
            let (clock, threshold) = (&self.slots[l.clock(i)], &self.slots[l.threshold(i)]);
            let decisions = &self.decisions[i];
            due.keep(|lane| (clock.0[lane] >= threshold.0[lane]) & (decisions[lane] < limit));
        }
    }

    /// Draws for an action with one chance, when its gate first opens.
    fn try_once(&mut self, i: usize, chance: Slot, gate: &Mask<W>, observer: &mut dyn Observer<W>) {
        let mut gate = *gate;
        let judged = &self.judged[i];
        gate.keep(|lane| !judged.at(lane));
        if !gate.any() {
            return;
        }
        let mut due = Mask::NONE;
        for lane in gate.lanes() {
            self.judged[i].set(lane, true);
            let u = self.draws.act[i].in_lane(self.isa, 0, lane, &self.rounds);
            due.set(lane, u < self.slots[chance].0[lane]);
        }
        if due.any() {
            for lane in due.lanes() {
                observer.decided(self, i, lane);
                self.decisions[i][lane] += 1;
            }
            self.carry_out(i, &due, observer);
        }
    }

    /// Applies a decision at once, or queues it until its delay is over.
    pub(super) fn carry_out(&mut self, i: usize, lanes: &Mask<W>, observer: &mut dyn Observer<W>) {
        let Some(delay) = &self.plan.actions[i].delay else {
            self.take_effect(i, lanes, observer);
            return;
        };
        for lane in lanes.lanes() {
            let steps = (self.slots[delay.days].0[lane] / self.plan.dt - 0.5)
                .ceil()
                .max(1.0);
            let due = self.t + (steps as u32).min(u32::MAX / 2);
            self.queues[delay.queue][lane].push_back(due);
        }
    }
}
