//! Act: what is decided, and what merely happens. `docs/MODEL.md` 7.7.
//!
//! Rates work by clocks: the n-th happening comes when the summed rate passes the sum of n
//! exponential draws. So the result does not hinge on the step, and a raised rate brings the same
//! event of the same round earlier, never later.

use super::evaluate;
use super::lanes::{Lanes, Mask};
use super::state::Batch;
use super::step::Observer;
use crate::math;
use crate::plan::WayPlan;
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
                // No lane's clock moves.
                self.actions[i].spell = gate;
                continue;
            }
            match action.way {
                WayPlan::Rate(slot) => {
                    self.actions[i].rate = self.slots[slot];
                    self.advance(i, &gate, observer);
                }
                WayPlan::Decide { pace, .. } => {
                    if let Some(p) = self.considered(i) {
                        let from_start = plan.decide_from == DecideFrom::Start;
                        let state = &mut self.actions[i];
                        let start = if from_start {
                            state.start
                        } else {
                            Lanes::all(0.0)
                        };
                        let pace = &self.slots[pace];
                        let mut rate = Lanes::<W>::all(0.0);
                        for lane in 0..W {
                            let keener = math::max(0.0, p.0[lane] - start.0[lane]);
                            rate.0[lane] = pace.0[lane] * keener;
                        }
                        state.now = p;
                        state.rate = rate;
                    }
                    self.advance(i, &gate, observer);
                }
                WayPlan::Chance(slot) => self.try_once(i, slot, &gate, observer),
                WayPlan::At { .. } => {}
            }
        }
    }

    /// Rates, chances and terms as the stage found the state, of actions whose condition holds in
    /// some lane. No clock moves for the others, so nothing reads theirs.
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
            let decisions = &self.actions[i].decisions;
            open.keep(|lane| decisions[lane] < action.limit);
            if open.any() {
                self.terms_of(i);
            }
        }
    }

    /// Rate, chance or terms of one action, apart from what was computed for another already.
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

    /// The probability of a considered move for the terms as last read; nothing for other actions.
    #[inline(always)]
    pub(super) fn considered(&self, i: usize) -> Option<Lanes<W>> {
        let WayPlan::Decide {
            win,
            prize,
            price,
            wait,
            ..
        } = self.plan.actions[i].way
        else {
            return None;
        };
        let s = &self.slots;
        let sharp = &s[self.plan.decision];
        let mut p = Lanes::all(0.0);
        for lane in 0..W {
            let w = s[win].0[lane];
            let worth = ((w * s[prize].0[lane]) - ((1.0 - w) * s[price].0[lane])) - s[wait].0[lane];
            p.0[lane] = math::logistic(sharp.0[lane] * worth);
        }
        Some(p)
    }

    /// Where an action may be decided: its condition holds, its actor is there, and it is not
    /// used up.
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
        let decisions = &self.actions[i].decisions;
        gate.keep(|lane| decisions[lane] < action.limit);
        gate
    }

    /// Runs the clock of an action, and decides it as often as the clock says.
    #[inline(always)]
    fn advance(&mut self, i: usize, gate: &Mask<W>, observer: &mut dyn Observer<W>) {
        let dt = self.plan.dt;
        let at_start = self.t == 0;
        let state = &mut self.actions[i];
        let (rate, spell) = (&state.rate, &state.spell);
        let clock = &mut state.clock;
        for lane in 0..W {
            // Half-step credit: a spell began, on average, half a step before it was noticed; at
            // the start of a round nothing was missed.
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
        state.spell = *gate;
        let (clock, threshold) = (&state.clock, &state.threshold);
        let mut due = *gate;
        due.keep(|lane| clock.0[lane] >= threshold.0[lane]);
        let limit = self.plan.actions[i].limit;
        while due.any() {
            for lane in due.lanes() {
                observer.decided(self, i, lane);
                let state = &mut self.actions[i];
                state.decisions[lane] += 1;
                let next = u64::from(state.decisions[lane]);
                let wait = self.draws.act[i].in_lane(self.isa, next, lane, &self.rounds);
                self.actions[i].threshold.0[lane] += wait;
            }
            self.carry_out(i, &due, observer);
            let state = &self.actions[i];
            due.keep(|lane| {
                (state.clock.0[lane] >= state.threshold.0[lane]) & (state.decisions[lane] < limit)
            });
        }
    }

    /// An action with one chance: drawn when its gate first holds.
    fn try_once(
        &mut self,
        i: usize,
        chance: usize,
        gate: &Mask<W>,
        observer: &mut dyn Observer<W>,
    ) {
        let mut gate = *gate;
        let judged = &self.actions[i].judged;
        gate.keep(|lane| !judged.at(lane));
        if !gate.any() {
            return;
        }
        let mut due = Mask::NONE;
        for lane in gate.lanes() {
            self.actions[i].judged.set(lane, true);
            let u = self.draws.act[i].in_lane(self.isa, 0, lane, &self.rounds);
            due.set(lane, u < self.slots[chance].0[lane]);
        }
        if due.any() {
            for lane in due.lanes() {
                observer.decided(self, i, lane);
                self.actions[i].decisions[lane] += 1;
            }
            self.carry_out(i, &due, observer);
        }
    }

    /// A decision takes effect at once, or waits out its delay.
    pub(super) fn carry_out(&mut self, i: usize, lanes: &Mask<W>, observer: &mut dyn Observer<W>) {
        let Some(delay) = self.plan.actions[i].delay else {
            self.take_effect(i, lanes, observer);
            return;
        };
        for lane in lanes.lanes() {
            let steps = (self.slots[delay].0[lane] / self.plan.dt - 0.5)
                .ceil()
                .max(1.0);
            let due = self.t + (steps as u32).min(u32::MAX / 2);
            self.actions[i].queue[lane].push_back(due);
        }
    }
}
