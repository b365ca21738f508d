//! Schedule, Act and Settle (`docs/MODEL.md` sections 7.7 and 7.8).

use kzsim::scenario::effect::{Change, Effect, How};
use kzsim::scenario::model::{Decide, DecideFrom, Reading, Way};
use kzsim::scenario::names::Target;
use kzsim::scenario::state::StateQuantity;

use super::Play;
use super::functions::{clamp, clamp01, logistic, max};

/// What the Act stage reads of an action before anything is decided.
struct Found {
    when: bool,
    /// Rate, or chance.
    number: f32,
}

impl Play<'_> {
    /// `p`: how inclined a mover is to move.
    pub(crate) fn inclination(&self, terms: &Decide) -> f32 {
        let decision = self.number(&self.world.scenario.dynamics.decision);
        let win = self.number(&terms.win);
        let prize = self.number(&terms.prize);
        let price = self.number(&terms.price);
        let wait = self.number(&terms.wait);
        logistic(decision * (((win * prize) - ((1.0 - win) * price)) - wait))
    }

    /// Delayed and dated actions.
    pub(crate) fn schedule(&mut self, t: u32) {
        let scenario = &self.world.scenario;
        for (i, action) in scenario.actions.iter().enumerate() {
            while self.state.actions[i]
                .queue
                .front()
                .is_some_and(|due| *due <= u64::from(t))
            {
                self.state.actions[i].queue.pop_front();
                self.take_effect(i, t);
            }
            let Way::At(at) = action.way else { continue };
            if !self.state.actions[i].judged && self.world.seconds(t).cast_signed() >= at {
                self.state.actions[i].judged = true;
                let when = action.when.as_ref().is_none_or(|when| self.holds(when));
                if when && self.mover_present(i) && action.limit != 0 {
                    self.decide(i, t);
                }
            }
        }
    }

    fn mover_present(&self, i: usize) -> bool {
        self.world.scenario.actions[i]
            .by
            .is_none_or(|a| self.state.present[a] > 0.0)
    }

    /// Actions are decided and take effect.
    pub(crate) fn act(&mut self, t: u32) {
        let scenario = &self.world.scenario;
        let found: Vec<Found> = (0..scenario.actions.len()).map(|i| self.find(i)).collect();
        for (i, action) in scenario.actions.iter().enumerate() {
            let found = &found[i];
            let gate = found.when
                && self.mover_present(i)
                && self.state.actions[i].decisions < action.limit;
            match action.way {
                Way::At(_) => {}
                Way::Chance(_) => {
                    if gate && !self.state.actions[i].judged {
                        self.state.actions[i].judged = true;
                        if self.uniform(&format!("act/{}", action.id), 0) < found.number {
                            self.decide(i, t);
                        }
                    }
                }
                Way::Rate(_) | Way::Decide(_) => self.run_clock(i, t, gate, found.number),
            }
        }
    }

    fn find(&self, i: usize) -> Found {
        let action = &self.world.scenario.actions[i];
        let number = match &action.way {
            Way::Rate(number) | Way::Chance(number) => self.number(number),
            Way::At(_) => 0.0,
            Way::Decide(terms) => {
                let start = match self.world.scenario.dynamics.decide_from {
                    DecideFrom::Start => self.state.actions[i].p_start,
                    DecideFrom::Zero => 0.0,
                };
                self.number(&terms.pace) * max(0.0, self.inclination(terms) - start)
            }
        };
        Found {
            when: action.when.as_ref().is_none_or(|when| self.holds(when)),
            number,
        }
    }

    fn run_clock(&mut self, i: usize, t: u32, gate: bool, rate: f32) {
        let dt = self.world.dt;
        let action = &self.world.scenario.actions[i];
        let state = &mut self.state.actions[i];
        if gate {
            let rate = max(rate, 0.0);
            let first = !state.spell && t > 0;
            state.clock += if first { (1.5 * rate) * dt } else { rate * dt };
        }
        state.spell = gate;
        while gate
            && self.state.actions[i].clock >= self.state.actions[i].threshold
            && self.state.actions[i].decisions < action.limit
        {
            self.decide(i, t);
            let next = self.waiting(&action.id, self.state.actions[i].decisions);
            self.state.actions[i].threshold += next;
        }
    }

    /// One decision.
    fn decide(&mut self, i: usize, t: u32) {
        self.state.actions[i].decisions += 1;
        match &self.world.scenario.actions[i].delay {
            None => self.take_effect(i, t),
            Some(delay) => {
                let steps = max(1.0, (self.number(delay) / self.world.dt - 0.5).ceil());
                self.state.actions[i]
                    .queue
                    .push_back(u64::from(t) + steps as u64);
            }
        }
    }

    fn take_effect(&mut self, i: usize, t: u32) {
        let action = &self.world.scenario.actions[i];
        let day = self.state.day;
        let before = self.state.actions[i].count;
        let state = &mut self.state.actions[i];
        state.count += 1;
        state.first = state.first.or(Some((t, day)));
        state.latest = Some(day);
        let success = action.success.as_ref().is_none_or(|success| {
            let chance = self.number(success);
            self.uniform(&format!("act/{}/success", action.id), u64::from(before)) < chance
        });
        if success {
            self.state.actions[i].succeeded += 1;
        } else {
            self.state.actions[i].failed += 1;
        }
        for effect in if success {
            &action.effects
        } else {
            &action.failure
        } {
            self.apply(effect);
        }
    }

    fn apply(&mut self, effect: &Effect) {
        match &effect.change {
            Change::Office(office, holder) => self.state.holder[*office] = *holder,
            Change::Number { target, how, value } => {
                let value = self.result(value);
                self.change(target, |old| match how {
                    How::Set => value,
                    How::Add => old + value,
                    How::Subtract => old - value,
                    How::Multiply => old * value,
                });
            }
        }
    }

    fn change(&mut self, target: &Target, new: impl Fn(f32) -> f32) {
        let free = |x: &mut f32| *x = clamp(new(*x), -1e30, 1e30);
        let share = |x: &mut f32| *x = clamp01(new(*x));
        let state = &mut self.state;
        let actors = state.present.len();
        let chosen = |one: Option<usize>, all: usize| one.map_or(0..all, |i| i..i + 1);
        match (target.quantity, &target.indices[..]) {
            (StateQuantity::Variable, [Some(i)]) => free(&mut state.variables[*i]),
            (StateQuantity::Loyalty, [who, Some(c)]) => {
                for a in chosen(*who, actors) {
                    if self.world.scenario.contenders[*c].actor != Some(a) {
                        share(&mut state.loyalty[a][*c]);
                    }
                }
            }
            (StateQuantity::Grievance, [which]) => {
                for n in chosen(*which, state.crowds.len()) {
                    free(&mut state.crowds[n].grievance);
                }
            }
            (StateQuantity::Signal, [Some(c)]) => free(&mut state.signal[*c]),
            (StateQuantity::Present, [who]) => {
                for a in chosen(*who, actors) {
                    share(&mut state.present[a]);
                }
            }
            (StateQuantity::Openness, []) => share(&mut state.openness),
            (StateQuantity::Power, [who, Some(k)]) => {
                for a in chosen(*who, actors) {
                    let power = &mut state.power[a][*k];
                    *power = clamp(new(*power), 0.0, 1e30);
                }
            }
            _ => panic!("no effect on {target:?}"),
        }
    }

    /// Flags and outcomes; the outcome that ends the round, if one does.
    pub(crate) fn settle(&mut self) -> Option<usize> {
        let scenario = &self.world.scenario;
        for (j, flag) in scenario.flags.iter().enumerate() {
            if self.holds(&flag.when) {
                self.state.flags[j] = true;
            }
        }
        let mut ended = None;
        for (j, outcome) in scenario.outcomes.iter().enumerate() {
            let Reading::Always { when, hold } = &outcome.reading else {
                continue;
            };
            self.state.runs[j] = if self.holds(when) {
                self.state.runs[j] + 1
            } else {
                0
            };
            let needed = (self.number(hold) / self.world.dt - 0.5).ceil();
            if ended.is_none() && self.state.runs[j] as f32 - 1.0 >= needed {
                ended = Some(j);
            }
        }
        ended
    }

    /// The outcome of a round that nothing ended early.
    pub(crate) fn outcome_at_end(&self) -> usize {
        let outcomes = &self.world.scenario.outcomes;
        let at_end = outcomes.iter().position(|outcome| match &outcome.reading {
            Reading::AtEnd { when } => self.holds(when),
            _ => false,
        });
        let otherwise = || {
            outcomes
                .iter()
                .position(|o| matches!(o.reading, Reading::Otherwise))
        };
        at_end
            .or_else(otherwise)
            .expect("a checked scenario has an outcome for every round")
    }
}
