//! Act: actions are decided, or happen. `docs/MODEL.md` 7.7.
//!
//! A considered move is weighed now and then: a mover is resolved while his inclination is above his
//! disposition, which he has for the whole round. So the share that has moved depends on the highest
//! inclination there has been, not on how often it was reached.
//!
//! Rates work by clocks: the n-th happening comes when the summed rate passes the sum of n
//! exponential draws. So the result does not depend on the step length, and a higher rate brings the
//! same event of the same round earlier, never later. Within a step clocks strike one after the other.
//!
//! Where actors meet now and then, a clock strikes at meetings alone, and a chance is judged at each.

use super::draws::Sharers;
use super::due::Due;
use super::evaluate;
use super::lanes::{Lanes, Mask};
use super::state::Batch;
use super::step::Observer;
use crate::math;
use crate::plan::{ActionPlan, MoveTerms, Slot, WayPlan};

/// A meeting at which an action can be decided.
#[derive(Debug, Clone, Copy)]
struct Meeting {
    /// How many there were before.
    number: u64,
    /// When it is held, in steps after the beginning of the step: 0 or less.
    time: f32,
}

impl<const W: usize> Batch<'_, W> {
    #[inline(always)]
    pub(super) fn act(&mut self, observer: &mut dyn Observer<W>) {
        let plan = self.plan;
        self.read_for_act();
        for (i, action) in plan.actions.iter().enumerate() {
            let gate = match action.way {
                WayPlan::At { .. } => continue,
                _ => self.gate(i),
            };
            if self.is_out_of_session(action) {
                continue;
            }
            let weighs = self.weighs(&action.way);
            if weighs && !gate.any() {
                let l = &plan.layout;
                self.slots[l.inclination(i)] = Lanes::all(0.0);
                self.slots[l.rate(i)] = Lanes::all(0.0);
            }
            if !gate.any() {
                // No clock moves in any lane.
                self.spells[i] = gate;
                continue;
            }
            // What is read is computed only where it is: a rally costs more than all the rest.
            let mut read = match action.way {
                WayPlan::Decide { .. } if !weighs => Mask::NONE,
                _ => gate,
            };
            if matches!(action.way, WayPlan::Chance(_)) && action.every == 0 {
                let judged = &self.judged[i];
                read.keep(|lane| !judged.at(lane));
            }
            if read.any() {
                self.terms_of(i);
                self.note(&action.notes, &read);
            }
            match action.way {
                WayPlan::Rate(slot) => {
                    self.slots[plan.layout.rate(i)] = self.slots[slot];
                    self.advance(i, &gate);
                }
                WayPlan::Decide { pace, terms, .. } => {
                    if weighs {
                        self.weigh(i, pace, terms, &gate);
                        observer.weighed(self, i);
                    }
                    self.advance(i, &gate);
                }
                WayPlan::Chance(slot) => match self.meeting(action.every) {
                    Some(meeting) => self.take_chance_at(meeting, i, slot, &gate),
                    None => self.take_chance(i, slot, &gate),
                },
                WayPlan::At { .. } => {}
            }
        }
        if !self.due_actions.is_empty() {
            self.in_order(observer, Self::strike);
        }
    }

    /// Reads conditions for the present state, and forgets the terms that may have changed.
    #[inline(always)]
    fn read_for_act(&mut self) {
        let plan = self.plan;
        let changes = std::mem::take(&mut self.changes.act);
        self.refresh(plan.act.needs);
        let (conditions, upkeep) = (&plan.act.instructions, &plan.act_upkeep);
        evaluate::run_stale(self.isa, conditions, upkeep, changes, &mut self.slots);
        let alive = self.alive;
        self.note(&plan.act.notes, &alive);
        let stale = upkeep.stale(conditions.len(), changes);
        for (computed, stale) in self.computed.iter_mut().zip(stale) {
            *computed &= !stale;
        }
    }

    /// Returns whether it is a considered move that is weighed in this step.
    #[inline(always)]
    fn weighs(&self, way: &WayPlan) -> bool {
        let WayPlan::Decide { every, .. } = *way else {
            return false;
        };
        every == 0 || self.meeting(every).is_some()
    }

    /// Returns the meeting that is held in this step, by people who meet so often, if one is.
    #[inline(always)]
    fn meeting(&self, every: u64) -> Option<Meeting> {
        if every == 0 {
            return None;
        }
        let (t, step) = (u64::from(self.t), self.plan.step_seconds);
        let number = t * step / every;
        let held = t == 0 || number > (t - 1) * step / every;
        let late = t * step - number * every;
        held.then(|| Meeting {
            number,
            time: 0.0 - (late as f64 / step as f64) as f32,
        })
    }

    /// Returns whether nobody looks at a chance in this step: it is judged at meetings alone.
    #[inline(always)]
    fn is_out_of_session(&self, action: &ActionPlan) -> bool {
        matches!(action.way, WayPlan::Chance(_))
            && action.every > 0
            && self.meeting(action.every).is_none()
    }

    /// Weighs a considered move: a mover is resolved where his inclination is above his disposition.
    #[inline(always)]
    fn weigh(&mut self, i: usize, pace: Slot, terms: MoveTerms, gate: &Mask<W>) {
        let p = self.considered(terms, gate);
        let l = &self.plan.layout;
        let (pace, disposition) = (self.slots[pace], self.slots[l.disposition(i)]);
        let (mut inclination, mut rate) = (Lanes::<W>::all(0.0), Lanes::<W>::all(0.0));
        for lane in 0..W {
            let open = gate.at(lane);
            let resolved = open & (p.0[lane] > disposition.0[lane]);
            inclination.0[lane] = if open { p.0[lane] } else { 0.0 };
            rate.0[lane] = if resolved { pace.0[lane] } else { 0.0 };
        }
        self.slots[l.inclination(i)] = inclination;
        self.slots[l.rate(i)] = rate;
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

    /// Returns what the inclination to a considered move depends on, for its terms as last computed.
    #[inline(always)]
    fn worth(&self, terms: MoveTerms) -> Lanes<W> {
        let s = &self.slots;
        let sharp = &s[self.plan.decision];
        let (win, prize, price, wait) = (
            &s[terms.win],
            &s[terms.prize],
            &s[terms.price],
            &s[terms.wait],
        );
        let mut worth = Lanes::all(0.0);
        for lane in 0..W {
            let w = win.0[lane];
            let better = ((w * prize.0[lane]) - ((1.0 - w) * price.0[lane])) - wait.0[lane];
            worth.0[lane] = sharp.0[lane] * better;
        }
        worth
    }

    /// Returns the inclination to a considered move for its terms as last computed, in lanes where it
    /// is read; 0 where they are so large that they leave the finite numbers.
    #[inline(always)]
    pub(super) fn considered(&mut self, terms: MoveTerms, lanes: &Mask<W>) -> Lanes<W> {
        let worth = self.worth(terms);
        if let Some(expression) = terms.leaves {
            let undefined = Mask::of(|lane| worth.0[lane].is_nan());
            self.undefined[expression].join(lanes, &undefined);
        }
        let mut p = Lanes::all(0.0);
        super::lanes::map(&mut p, &worth, |x| {
            if x.is_nan() { 0.0 } else { math::logistic(x) }
        });
        p
    }

    /// Returns where an action can be decided: its condition, as last computed, holds, its actor is
    /// present, its limit is not reached, and it did not take effect too recently.
    #[inline(always)]
    pub(super) fn gate(&self, i: usize) -> Mask<W> {
        let action = &self.plan.actions[i];
        let mut gate = self.alive;
        if let Some(when) = &action.when {
            let when = &self.slots[when.slot];
            gate.keep(|lane| when.0[lane] != 0.0);
            if !gate.any() {
                return gate;
            }
        }
        if let Some(by) = action.by {
            let by = &self.slots[by];
            gate.keep(|lane| by.0[lane] > 0.0);
        }
        self.keep_room(i, &mut gate);
        if action.cool > 0 {
            let (taken, t, step) = (&self.taken[i], u64::from(self.t), self.plan.step_seconds);
            gate.keep(|lane| {
                let since = t + 1 - u64::from(taken[lane]);
                taken[lane] == 0 || since * step >= action.cool
            });
        }
        gate
    }

    /// Keeps the lanes in which an action has not reached its limit, or it is not known yet whether the
    /// limit keeps it from being decided again: its clock then goes on.
    #[inline(always)]
    fn keep_room(&self, i: usize, lanes: &mut Mask<W>) {
        let (decisions, limited) = (&self.decisions[i], &self.limited[i]);
        let limit = self.plan.actions[i].limit;
        if limit > 1 {
            lanes.keep(|lane| (decisions[lane] < limit) | !limited.at(lane));
        } else {
            lanes.keep(|lane| decisions[lane] < limit);
        }
    }

    /// Moves the clock of an action, and notes when in the step it first reaches its threshold.
    #[inline(always)]
    fn advance(&mut self, i: usize, gate: &Mask<W>) {
        let dt = self.plan.dt;
        let at_start = self.t == 0;
        let l = &self.plan.layout;
        let rate = self.slots[l.rate(i)];
        let spell = self.spells[i];
        let clock = &mut self.slots[l.clock(i)];
        let before = *clock;
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
        if self.plan.actions[i].every > 0 {
            self.due[i].before = before;
            let credited = Mask::of(|lane| !(spell.at(lane) | at_start));
            self.ripen(i, gate, &rate, &credited);
            return;
        }
        let (clock, threshold) = (&self.slots[l.clock(i)], &self.slots[l.threshold(i)]);
        let mut struck = *gate;
        struck.keep(|lane| clock.0[lane] >= threshold.0[lane]);
        if self.plan.actions[i].limit > 1 {
            let (decisions, limit) = (&self.decisions[i], self.plan.actions[i].limit);
            let counted = self.counted(gate);
            let crowd = Mask::of(|lane| (rate.0[lane] * dt > 1.0) & (decisions[lane] < limit));
            self.crowded[i].join(&counted, &crowd);
            self.stop_at_limit(i, &counted, &mut struck);
        }
        if !struck.any() {
            return;
        }
        let (due, threshold) = (&mut self.due[i], &self.slots[l.threshold(i)]);
        due.before = before;
        for lane in 0..W {
            due.gain.0[lane] = math::max(rate.0[lane], 0.0) * dt;
            let credited = !(spell.at(lane) | at_start);
            due.lead.0[lane] = if credited { 0.5 } else { 0.0 };
            let crossing = due.crossing(lane, threshold.0[lane]);
            due.next.0[lane] = if struck.at(lane) {
                crossing
            } else {
                f32::INFINITY
            };
        }
        self.due_actions.push(i);
    }

    /// Notes where the clock of an action has reached its threshold by the meeting of this step, if there is
    /// one. Its clock before the step is known.
    #[inline(always)]
    fn ripen(&mut self, i: usize, gate: &Mask<W>, rate: &Lanes<W>, credited: &Mask<W>) {
        let Some(meeting) = self.meeting(self.plan.actions[i].every) else {
            return;
        };
        let dt = self.plan.dt;
        let due = &mut self.due[i];
        for lane in 0..W {
            due.gain.0[lane] = math::max(rate.0[lane], 0.0) * dt;
            due.lead.0[lane] = if credited.at(lane) { 0.5 } else { 0.0 };
        }
        let (due, threshold) = (&self.due[i], &self.slots[self.plan.layout.threshold(i)]);
        let mut struck = *gate;
        struck.keep(|lane| due.at_beginning(lane) >= threshold.0[lane]);
        if self.plan.actions[i].limit > 1 {
            let counted = self.counted(gate);
            self.stop_at_limit(i, &counted, &mut struck);
        }
        if struck.any() {
            let next = &mut self.due[i].next;
            *next = Lanes::all(f32::INFINITY);
            for lane in struck.lanes() {
                next.0[lane] = meeting.time;
            }
            self.due_actions.push(i);
        }
    }

    /// Returns the lanes in which it is counted what an action's limit does: in a round that ends with this
    /// step nothing could be decided any more.
    #[inline(always)]
    fn counted(&self, gate: &Mask<W>) -> Mask<W> {
        let mut counted = *gate;
        if !self.plan.play_on {
            let undecided = &self.undecided;
            counted.keep(|lane| undecided.at(lane));
        }
        counted
    }

    /// Takes the lanes in which an action is at its limit out of those in which it would be decided. What
    /// goes on at the limit does so for nothing but to tell that it would.
    #[inline(always)]
    fn stop_at_limit(&mut self, i: usize, counted: &Mask<W>, struck: &mut Mask<W>) {
        let (decisions, limit) = (&self.decisions[i], self.plan.actions[i].limit);
        let full = Mask::<W>::of(|lane| decisions[lane] >= limit);
        let stopped = Mask::of(|lane| full.at(lane) & struck.at(lane));
        self.limited[i].join(counted, &stopped);
        struck.keep(|lane| !full.at(lane));
    }

    /// Notes where the gate of an action with a chance is open at a meeting, and what the draw says there.
    #[inline(always)]
    fn take_chance_at(&mut self, meeting: Meeting, i: usize, chance: Slot, gate: &Mask<W>) {
        let sharers = Sharers::new(&self.rounds);
        let u = self.draws.act[i].at(self.isa, meeting.number, &sharers);
        let chance = &self.slots[chance];
        let lucky = Mask::<W>::of(|lane| u.0[lane] < chance.0[lane]);
        let mut decided = *gate;
        decided.keep(|lane| lucky.at(lane));
        if self.plan.actions[i].limit > 1 {
            let counted = self.counted(gate);
            self.stop_at_limit(i, &counted, &mut decided);
        }
        if !decided.any() {
            return;
        }
        let mut due = Due::NONE;
        for lane in decided.lanes() {
            due.next.0[lane] = meeting.time;
            due.gain.0[lane] = 1.0;
        }
        self.due[i] = due;
        self.due_actions.push(i);
    }

    /// Notes where the gate of an action with one chance first opens, and what the draw says there. Its
    /// time is that of the opening, before all clocks.
    #[inline(always)]
    fn take_chance(&mut self, i: usize, chance: Slot, gate: &Mask<W>) {
        let mut gate = *gate;
        let judged = &self.judged[i];
        gate.keep(|lane| !judged.at(lane));
        if !gate.any() {
            return;
        }
        let time = if self.t == 0 { 0.0 } else { -0.5 };
        let mut due = Due::NONE;
        for lane in gate.lanes() {
            let u = self.draws.act[i].in_lane(self.isa, 0, lane, &self.rounds);
            due.next.0[lane] = time;
            // The chance is the one that the stage found.
            due.gain.0[lane] = f32::from(u8::from(u < self.slots[chance].0[lane]));
        }
        self.due[i] = due;
        self.due_actions.push(i);
    }

    /// Decides an action whose turn it is, if its gate still holds.
    #[inline(always)]
    fn strike(&mut self, i: usize, lanes: &Mask<W>, observer: &mut dyn Observer<W>) {
        let plan = self.plan;
        let mut good = self.still_open(i, lanes);
        let times = self.due[i].next;
        let meets = plan.actions[i].every > 0;
        if let (WayPlan::Rate(_), true) = (&plan.actions[i].way, meets) {
            self.strike_at_meeting(i, lanes, &good, observer);
        } else if let WayPlan::Chance(_) = plan.actions[i].way {
            for lane in lanes.lanes() {
                self.due[i].next.0[lane] = f32::INFINITY;
            }
            for lane in good.lanes() {
                self.judged[i].set(lane, true);
            }
            let lucky = &self.due[i].gain;
            good.keep(|lane| lucky.0[lane] != 0.0);
            for lane in good.lanes() {
                observer.decided(self, i, lane);
                self.decisions[i][lane] += 1;
            }
        } else {
            let (clock, threshold) = (plan.layout.clock(i), plan.layout.threshold(i));
            for lane in lanes.lanes() {
                let decided = good.at(lane);
                if decided {
                    observer.decided(self, i, lane);
                    self.decisions[i][lane] += 1;
                }
                self.strikes[i][lane] += 1;
                let next = u64::from(self.strikes[i][lane]);
                let wait = self.draws.act[i].in_lane(self.isa, next, lane, &self.rounds);
                let clock = self.slots[clock].0[lane];
                let threshold = &mut self.slots[threshold].0[lane];
                // A strike before a closed gate is void. The clock has run on as if it were open, so
                // the next wait begins where it stands.
                *threshold = if decided { *threshold } else { clock } + wait;
                let again = decided & (clock >= *threshold);
                let limit = plan.actions[i].limit;
                let full = self.decisions[i][lane] >= limit;
                if again & full & (limit > 1) {
                    self.limited[i].set(lane, true);
                }
                let again = again & !full;
                let due = &mut self.due[i];
                due.next.0[lane] = if again {
                    due.crossing(lane, *threshold)
                } else {
                    f32::INFINITY
                };
            }
        }
        if good.any() {
            self.carry_out(i, &good, &times, observer);
        }
    }

    /// Returns the clock of an action that is being decided: at a meeting, as it then stands.
    #[must_use]
    pub fn clock_when_decided(&self, i: usize, lane: usize) -> f32 {
        if self.plan.actions[i].every > 0 {
            self.due[i].at_beginning(lane)
        } else {
            self.slots[self.plan.layout.clock(i)].0[lane]
        }
    }

    /// Decides an action at a meeting, where its gate still holds; else it waits for the next. The next
    /// wait begins with the meeting.
    #[inline(always)]
    fn strike_at_meeting(
        &mut self,
        i: usize,
        lanes: &Mask<W>,
        good: &Mask<W>,
        observer: &mut dyn Observer<W>,
    ) {
        for lane in lanes.lanes() {
            self.due[i].next.0[lane] = f32::INFINITY;
        }
        let threshold = self.plan.layout.threshold(i);
        for lane in good.lanes() {
            observer.decided(self, i, lane);
            self.decisions[i][lane] += 1;
            self.strikes[i][lane] += 1;
            let next = u64::from(self.strikes[i][lane]);
            let wait = self.draws.act[i].in_lane(self.isa, next, lane, &self.rounds);
            self.slots[threshold].0[lane] = self.due[i].at_beginning(lane) + wait;
        }
    }

    /// Applies a decision at once, or queues it until its delay is over; `times` are those of the
    /// decisions, in steps after the beginning of the step.
    pub(super) fn carry_out(
        &mut self,
        i: usize,
        lanes: &Mask<W>,
        times: &Lanes<W>,
        observer: &mut dyn Observer<W>,
    ) {
        let Some(delay) = &self.plan.actions[i].delay else {
            self.take_effect(i, lanes, observer);
            return;
        };
        self.waiting[delay.queue] = true;
        for lane in lanes.lanes() {
            let delayed = self.slots[delay.days].0[lane] / self.plan.dt;
            let steps = (delayed - 0.5).ceil().max(1.0);
            let due = self.t + (steps as u32).min(u32::MAX / 2);
            let time = times.0[lane] + (delayed - steps);
            self.queues[delay.queue][lane].push_back((due, time));
        }
    }
}
