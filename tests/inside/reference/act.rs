//! Schedule, Act and Settle (`docs/MODEL.md` sections 7.7 and 7.8).

use kzsim::scenario::effect::{Change, Effect, How};
use kzsim::scenario::model::{ActorKind, Branch, Decide, Fits, Reading, Way};
use kzsim::scenario::names::Target;
use kzsim::scenario::state::StateQuantity;

use super::functions::{clamp, clamp01, logistic, max};
use super::stages::one_hot;
use super::{Play, priors};

/// What the Act stage reads of an action before anything is decided.
#[derive(Clone, Copy)]
struct Found {
    /// Whether the gate holds; of a clock, whether it runs.
    gate: bool,
    /// Rate, or chance.
    number: f32,
    /// How inclined its mover is, as last weighed.
    inclination: f32,
}

/// An event that is to come in the stage.
struct Due {
    /// In steps after the beginning of the step.
    time: f32,
    action: usize,
    kind: Kind,
}

enum Kind {
    /// A decision whose delay is over.
    Delayed,
    /// A date.
    Dated,
    /// A chance, with its size as found, and the index of its draw.
    Chance(f32, u64),
    /// A strike of a clock at a meeting, and what the clock shows then.
    Ripe(f32),
    /// A strike of a clock: what it showed before the step, what it gains in a step, and for how much
    /// of the step before it has run.
    Strike { before: f32, gain: f32, lead: f32 },
}

impl Play<'_> {
    /// `p`: how inclined a mover is to move.
    pub(crate) fn inclination(&self, action: &str, terms: &Decide) -> f32 {
        let decision = self.number(&self.world.scenario.dynamics.decision);
        let win = self.number(&terms.win);
        let prize = self.number(&terms.prize);
        let price = self.number(&terms.price);
        let wait = self.number(&terms.wait);
        let worth = decision * (((win * prize) - ((1.0 - win) * price)) - wait);
        if worth.is_nan() {
            self.tell(&format!("actions.{action}.decide"), "");
            return 0.0;
        }
        logistic(worth)
    }

    /// Delayed and dated actions.
    pub(crate) fn schedule(&mut self, t: u32) {
        self.state.moved = false;
        let mut due = Vec::new();
        for (i, action) in self.world.scenario.actions.iter().enumerate() {
            for (step, time) in &self.state.actions[i].queue {
                if *step <= u64::from(t) {
                    due.push(Due {
                        time: *time,
                        action: i,
                        kind: Kind::Delayed,
                    });
                }
            }
            let Way::At(at) = &action.way else { continue };
            let waits = action.limit > 0 && !self.state.actions[i].judged;
            if let (Some(time), true) = (self.reached(at, t), waits) {
                self.state.actions[i].judged = true;
                due.push(Due {
                    time,
                    action: i,
                    kind: Kind::Dated,
                });
            }
        }
        self.one_by_one(t, due);
    }

    /// Lets events come, the earliest first, and of equals the one of the first listed action.
    fn one_by_one(&mut self, t: u32, mut due: Vec<Due>) {
        loop {
            let mut first: Option<usize> = None;
            for (n, event) in due.iter().enumerate() {
                if first.is_none_or(|f| (event.time, event.action) < (due[f].time, due[f].action)) {
                    first = Some(n);
                }
            }
            let Some(first) = first else { return };
            let event = due.remove(first);
            if self.state.moved && self.state.noted.is_none() {
                self.note_between_events(t);
            }
            if self.is_over() {
                return;
            }
            due.extend(self.happen(t, &event));
        }
    }

    /// Whether nothing more can happen in this round.
    pub(crate) fn is_over(&self) -> bool {
        self.state.noted.is_some() && !self.world.scenario.clock.play_on
    }

    /// Notes the outcome that holds now, if one does.
    fn note_between_events(&mut self, t: u32) {
        let outcomes = &self.world.scenario.outcomes;
        let first = outcomes.iter().position(|outcome| match &outcome.reading {
            Reading::Always { when, hold } => {
                let path = format!("outcomes.{}.when", outcome.id);
                (self.number(hold) / self.world.dt - 0.5).ceil() <= 0.0 && self.holds(&path, when)
            }
            _ => false,
        });
        self.state.noted = first.map(|j| (j, t + 1));
    }

    /// One event; the next strike of the same clock in this step.
    fn happen(&mut self, t: u32, event: &Due) -> Option<Due> {
        let i = event.action;
        let action = &self.world.scenario.actions[i];
        match event.kind {
            Kind::Delayed => {
                self.state.actions[i].queue.pop_front();
                let (key, still) = match (&action.still, &action.when) {
                    (Some(still), _) => ("still", Some(still)),
                    (None, when) => ("when", when.as_ref()),
                };
                let path = format!("actions.{}.{key}", action.id);
                if still.is_none_or(|still| self.holds(&path, still)) && self.mover_present(i) {
                    self.take_effect(i, t);
                } else {
                    self.state.actions[i].lapsed = true;
                }
            }
            Kind::Dated => {
                let path = format!("actions.{}.when", action.id);
                let when = action.when.as_ref();
                if when.is_none_or(|when| self.holds(&path, when)) && self.mover_present(i) {
                    self.decide(i, t, event.time);
                }
            }
            Kind::Chance(chance, index) => {
                if self.gate(i) {
                    self.state.actions[i].judged = true;
                    if self.says_yes(i, chance, index) {
                        self.decide(i, t, event.time);
                    }
                }
            }
            Kind::Ripe(shown) => {
                if self.gate(i) {
                    self.state.actions[i].strikes += 1;
                    let wait = self.waiting(&action.id, self.state.actions[i].strikes);
                    self.state.actions[i].threshold = shown + wait;
                    self.decide(i, t, event.time);
                }
            }
            Kind::Strike { before, gain, lead } => {
                self.state.actions[i].strikes += 1;
                let wait = self.waiting(&action.id, self.state.actions[i].strikes);
                if !self.gate(i) {
                    self.state.actions[i].threshold = self.state.actions[i].clock + wait;
                    return None;
                }
                self.decide(i, t, event.time);
                let limit = action.limit;
                let state = &mut self.state.actions[i];
                state.threshold += wait;
                let again = state.clock >= state.threshold;
                state.limited |= again && state.decisions >= limit && limit > 1;
                return self.strike(i, before, gain, lead);
            }
        }
        None
    }

    /// Whether a chance comes true, by the draw of an index.
    fn says_yes(&self, i: usize, chance: f32, index: u64) -> bool {
        let site = format!("act/{}", self.world.scenario.actions[i].id);
        self.uniform(&site, index).u() < chance
    }

    /// The gate of an action at this moment.
    pub(crate) fn gate(&self, i: usize) -> bool {
        self.open(i) && self.state.actions[i].decisions < self.world.scenario.actions[i].limit
    }

    /// Whether the clock of an action runs: while its gate holds, and, at a limit of 2 or more, until it
    /// has passed its threshold once more.
    fn runs(&self, i: usize) -> bool {
        let (state, limit) = (&self.state.actions[i], self.world.scenario.actions[i].limit);
        self.open(i) && (state.decisions < limit || limit > 1 && !state.limited)
    }

    /// The gate of an action, its limit apart.
    fn open(&self, i: usize) -> bool {
        let action = &self.world.scenario.actions[i];
        let state = &self.state.actions[i];
        let since = |before: u32| self.world.seconds(self.state.step - before);
        let path = format!("actions.{}.when", action.id);
        let when = action.when.as_ref();
        when.is_none_or(|when| self.holds(&path, when))
            && self.mover_present(i)
            && state
                .latest
                .is_none_or(|(step, _)| since(step) >= action.cool)
    }

    /// The next strike of a clock in this step, if there is one.
    fn strike(&self, i: usize, before: f32, gain: f32, lead: f32) -> Option<Due> {
        let state = &self.state.actions[i];
        let limit = self.world.scenario.actions[i].limit;
        let strikes = state.clock >= state.threshold && state.decisions < limit;
        strikes.then(|| Due {
            time: max((state.threshold - before) / gain - lead, 0.0 - lead),
            action: i,
            kind: Kind::Strike { before, gain, lead },
        })
    }

    fn mover_present(&self, i: usize) -> bool {
        self.world.scenario.actions[i]
            .by
            .is_none_or(|a| self.state.present[a] > 0.0)
    }

    /// Actions are decided and take effect.
    pub(crate) fn act(&mut self, t: u32) {
        let scenario = &self.world.scenario;
        let found: Vec<Found> = (0..scenario.actions.len())
            .map(|i| self.find(i, t))
            .collect();
        let mut due = Vec::new();
        for (i, action) in scenario.actions.iter().enumerate() {
            let Found {
                gate,
                number,
                inclination,
            } = found[i];
            match action.way {
                Way::Chance(_) if gate => {
                    let (index, time) = match self.meeting(action.every, t) {
                        _ if action.every == 0 && t == 0 => (0, 0.0),
                        _ if action.every == 0 => (0, -0.5),
                        meeting => meeting.expect("a gate that holds at meetings"),
                    };
                    if self.state.actions[i].decisions < action.limit {
                        due.push(Due {
                            time,
                            action: i,
                            kind: Kind::Chance(number, index),
                        });
                    } else if !self.is_over() {
                        self.state.actions[i].limited |= self.says_yes(i, number, index);
                    }
                }
                Way::At(_) | Way::Chance(_) => {}
                Way::Rate(_) => due.extend(self.run_clock(i, t, gate, number)),
                Way::Decide(_) => {
                    self.state.actions[i].inclination = inclination;
                    self.state.actions[i].rate = number;
                    due.extend(self.run_clock(i, t, gate, number));
                }
            }
        }
        self.one_by_one(t, due);
    }

    fn find(&self, i: usize, t: u32) -> Found {
        let action = &self.world.scenario.actions[i];
        let state = &self.state.actions[i];
        let gate = match action.way {
            Way::Rate(_) | Way::Decide(_) => self.runs(i),
            Way::Chance(_) if action.every == 0 => self.gate(i) && !state.judged,
            Way::Chance(_) => self.meeting(action.every, t).is_some() && self.runs(i),
            Way::At(_) => false,
        };
        let (inclination, number) = match &action.way {
            Way::Rate(number) | Way::Chance(number) if gate => (0.0, self.number(number)),
            Way::Decide(terms) if !self.weighs(terms, t) => (state.inclination, state.rate),
            Way::Decide(terms) if gate => {
                let p = self.inclination(&action.id, terms);
                let resolved = p > state.disposition;
                (
                    p,
                    if resolved {
                        self.number(&terms.pace)
                    } else {
                        0.0
                    },
                )
            }
            Way::Rate(_) | Way::Chance(_) | Way::At(_) | Way::Decide(_) => (0.0, 0.0),
        };
        Found {
            gate,
            number,
            inclination,
        }
    }

    /// Whether a considered move is weighed in a step.
    fn weighs(&self, terms: &Decide, t: u32) -> bool {
        terms.every == 0 || self.meeting(terms.every, t).is_some()
    }

    /// The number of the meeting that a step has, and its time in the step, where those who meet do so
    /// every so many seconds.
    fn meeting(&self, every: u64, t: u32) -> Option<(u64, f32)> {
        let times = |t: u32| self.world.seconds(t).checked_div(every);
        let number = times(t)?;
        let after = self.world.seconds(t) - number * every;
        let step = self.world.scenario.clock.step_seconds;
        let time = 0.0 - (after as f64 / step as f64) as f32;
        (t == 0 || Some(number) > times(t - 1)).then_some((number, time))
    }

    fn run_clock(&mut self, i: usize, t: u32, gate: bool, rate: f32) -> Option<Due> {
        let dt = self.world.dt;
        let action = &self.world.scenario.actions[i];
        let limit = action.limit;
        let over = self.is_over();
        let meeting = self.meeting(action.every, t);
        let state = &mut self.state.actions[i];
        let (before, rate) = (state.clock, max(rate, 0.0));
        let first = !state.spell && t > 0;
        state.spell = gate;
        if !gate {
            return None;
        }
        state.clock += if first { (1.5 * rate) * dt } else { rate * dt };
        let lead = if first { 0.5 } else { 0.0 };
        if action.every > 0 {
            let shown = before + lead * (rate * dt);
            let (_, time) = meeting.filter(|_| shown >= state.threshold)?;
            let full = state.decisions >= limit;
            state.limited |= full && !over;
            return (!full).then_some(Due {
                time,
                action: i,
                kind: Kind::Ripe(shown),
            });
        }
        if limit > 1 && !over {
            let full = state.decisions >= limit;
            state.crowded |= !full && rate * dt > 1.0;
            state.limited |= full && state.clock >= state.threshold;
        }
        self.strike(i, before, rate * dt, lead)
    }

    /// One decision, at a time in the step.
    fn decide(&mut self, i: usize, t: u32, time: f32) {
        self.state.actions[i].decisions += 1;
        match &self.world.scenario.actions[i].delay {
            None => self.take_effect(i, t),
            Some(delay) => {
                let delayed = self.number(delay) / self.world.dt;
                let steps = max(1.0, (delayed - 0.5).ceil());
                let due = u64::from(t) + steps as u64;
                let queue = &mut self.state.actions[i].queue;
                queue.push_back((due, time + (delayed - steps)));
            }
        }
    }

    fn take_effect(&mut self, i: usize, t: u32) {
        self.state.moved = true;
        let action = &self.world.scenario.actions[i];
        let day = self.state.day;
        let before = self.state.actions[i].count;
        let state = &mut self.state.actions[i];
        state.count += 1;
        state.first = state.first.or(Some((t, day)));
        state.latest = Some((t, day));
        let draw = |play: &Self, what: &str| {
            play.uniform(&format!("act/{}/{what}", action.id), u64::from(before))
        };
        let success = match &action.success {
            None => true,
            Some(success) => {
                if action.rally.is_some() {
                    self.night = Some((i, draw(self, "night").normal()));
                }
                let chance = self.number(success);
                self.night = None;
                draw(self, "success").u() < chance
            }
        };
        if success {
            self.state.actions[i].succeeded += 1;
        } else {
            self.state.actions[i].failed += 1;
        }
        let (key, effects) = if success {
            ("effects", &action.effects)
        } else {
            ("failure", &action.failure)
        };
        let drawn = action.draws.iter().map(|x| {
            let table = self.world.tables.get(&x.number.path);
            let u = draw(self, &format!("draws/{}", x.id));
            (x.id.clone(), priors::quantile(&x.number, table, u))
        });
        let drawn: Vec<(String, f32)> = drawn.collect();
        self.drawn.clone_from(&drawn);
        for effect in effects {
            self.apply(&format!("actions.{}.{key}", action.id), effect);
        }
        self.drawn.clear();
        let fits = |branch: &&Branch| match branch.on {
            Fits::Any => true,
            Fits::Success => success,
            Fits::Failure => !success,
        };
        let fitting: Vec<&Branch> = action.branches.iter().filter(fits).collect();
        let shares: Vec<f32> = fitting.iter().map(|b| self.number(&b.share)).collect();
        let u = draw(self, "branch").u();
        let mut sum = 0.0;
        let taken = fitting.into_iter().zip(shares).find(|(_, share)| {
            sum += clamp01(*share);
            u < sum
        });
        self.drawn = drawn;
        if let Some((branch, _)) = taken {
            let path = format!("actions.{}.branches.{}.effects", action.id, branch.id);
            for effect in &branch.effects {
                self.apply(&path, effect);
            }
        }
        self.drawn.clear();
    }

    fn apply(&mut self, path: &str, effect: &Effect) {
        match &effect.change {
            Change::Office(office, holder) => self.state.holder[*office] = *holder,
            Change::Stance(a, side) => self.stand(*a, *side),
            Change::Remove(a, fate) => self.remove(*a, *fate),
            Change::Number { target, how, value } => {
                let Some(value) = self.finite(&value.tree) else {
                    self.tell(path, &effect.text);
                    return;
                };
                self.change(target, |old| match how {
                    How::Set => value,
                    How::Add => old + value,
                    How::Subtract => old - value,
                    How::Multiply => old * value,
                });
            }
        }
    }

    /// An actor takes a side, and custom ends for him.
    fn stand(&mut self, a: usize, side: usize) {
        let options = self.state.stance[a].len();
        let person = self.world.scenario.actors[a].kind == ActorKind::Person;
        self.state.stance[a] = one_hot(options, Some(side));
        self.state.custom[a] = vec![0.0; options];
        self.state.reasons[a] = vec![0.0; options];
        self.state.home[a] = person.then_some(side);
    }

    /// An actor goes, and his offices to successors.
    fn remove(&mut self, a: usize, fate: usize) {
        self.state.present[a] = 0.0;
        self.state.fate[a] = Some(fate);
        for (h, office) in self.world.scenario.offices.iter().enumerate() {
            if self.state.holder[h] == Some(a) {
                let here = |b: &usize| *b != a && self.state.present[*b] > 0.0;
                self.state.holder[h] = office.successors.iter().copied().find(here);
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
            (StateQuantity::Promise, [who, Some(c)]) => {
                for a in chosen(*who, actors) {
                    if self.world.scenario.contenders[*c].actor != Some(a) {
                        free(&mut state.promise[a][*c]);
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

    /// Flags and outcomes.
    pub(crate) fn settle(&mut self, t: u32) {
        let scenario = &self.world.scenario;
        for (j, flag) in scenario.flags.iter().enumerate() {
            if self.holds(&format!("flags.{}.when", flag.id), &flag.when) {
                self.state.flags[j] = true;
            }
        }
        if self.state.noted.is_some() {
            return;
        }
        for (j, outcome) in scenario.outcomes.iter().enumerate() {
            let Reading::Always { when, hold } = &outcome.reading else {
                continue;
            };
            self.state.runs[j] = if self.holds(&format!("outcomes.{}.when", outcome.id), when) {
                self.state.runs[j] + 1
            } else {
                0
            };
            let needed = (self.number(hold) / self.world.dt - 0.5).ceil();
            if self.state.noted.is_none() && self.state.runs[j] as f32 - 1.0 >= needed {
                self.state.noted = Some((j, t + 1));
            }
        }
    }

    /// Notes an outcome after the last step, if none has been.
    pub(crate) fn note_the_end(&mut self) {
        if self.state.noted.is_none() {
            self.state.noted = Some((self.what_is_left(), self.world.steps));
        }
    }

    /// The outcome that is left for a round without one.
    pub(crate) fn what_is_left(&self) -> usize {
        let outcomes = &self.world.scenario.outcomes;
        let at_end = outcomes.iter().position(|outcome| match &outcome.reading {
            Reading::AtEnd { when } => self.holds(&format!("outcomes.{}.when", outcome.id), when),
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
