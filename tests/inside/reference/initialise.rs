//! Before the first step (`docs/MODEL.md` section 5).

use std::cell::{Cell, RefCell};

use kzsim::scenario::expression::{Node, Tree};
use kzsim::scenario::model::{
    Action, Actor, ActorKind, Choice, Number, NumberKind, Scenario, Stance, Way, Weighed,
};

use super::functions::{Scored, add_up, exp, ln, max, min, softmax};
use super::stages::{highest, one_hot};
use super::state::{ActionState, ChooseTerms, CrowdState, PerceiveTerms, State};
use super::{Play, Reference};

/// Passes on the way to rest.
const PASSES: usize = 16;
/// How often a state at rest is read before it counts.
const READINGS: usize = 4;

impl<'r> Play<'r> {
    /// Makes the state of a round at its start.
    pub(crate) fn initialise(world: &'r Reference, round: u64) -> Self {
        let mut play = Play {
            world,
            round,
            state: blank(&world.scenario),
            night: None,
            drawn: Vec::new(),
            undefined: RefCell::default(),
            silent: Cell::new(false),
        };
        play.parameters();
        play.initial_numbers();
        play.first_state();
        play.tastes();
        play.known();
        for _ in 0..PASSES {
            play.pass();
        }
        play.shares();
        for _ in 0..READINGS {
            play.perceive(None);
            play.read_choose();
            play.read_mobilise();
            play.read_repression();
        }
        play.state.force_at_rest = play.forces();
        play.state.granted = play.state.sees.clone();
        play.left();
        play.custom();
        play.dispositions();
        play
    }

    /// Steps 1 and 2: each parameter after those that it names.
    fn parameters(&mut self) {
        let scenario = &self.world.scenario;
        while self.state.parameters.contains(&None) {
            let before = self.state.parameters.clone();
            for (i, parameter) in scenario.parameters.iter().enumerate() {
                if before[i].is_none() && self.ready(&parameter.number) {
                    self.state.parameters[i] = Some(self.number(&parameter.number));
                }
            }
            assert!(
                self.state.parameters != before,
                "parameters that name each other in a circle"
            );
        }
    }

    fn ready(&self, number: &Number) -> bool {
        match &number.kind {
            NumberKind::Expression(expression) => self.tree_ready(&expression.tree),
            _ => true,
        }
    }

    /// Whether every parameter is known that a tree names, itself or through formulas.
    fn tree_ready(&self, tree: &Tree) -> bool {
        let scenario = &self.world.scenario;
        match &tree.node {
            Node::Number(_) | Node::Date(_) => true,
            Node::Name(parts) => {
                let parameter = scenario.parameters.iter().position(|p| p.id == parts[0]);
                let formula = scenario.formulas.iter().find(|f| f.id == parts[0]);
                parameter.is_none_or(|i| self.state.parameters[i].is_some())
                    && formula.is_none_or(|f| self.tree_ready(&f.expression.tree))
            }
            Node::Unary(_, inner) => self.tree_ready(inner),
            Node::Binary(_, a, b) => self.tree_ready(a) && self.tree_ready(b),
            Node::Call(_, arguments) => arguments.iter().all(|t| self.tree_ready(t)),
        }
    }

    /// Step 3.
    fn initial_numbers(&mut self) {
        let scenario = &self.world.scenario;
        let values = |play: &Self, numbers: &std::collections::BTreeMap<usize, Number>, n| {
            (0..n)
                .map(|i| numbers.get(&i).map_or(0.0, |x| play.number(x)))
                .collect::<Vec<f32>>()
        };
        let contenders = scenario.contenders.len();
        for actor in &scenario.actors {
            let loyalty = values(self, &actor.loyalty, contenders);
            let power = values(self, &actor.power, scenario.arenas.len());
            let present = self.number(&actor.present);
            let opportunism = self.number(&actor.opportunism);
            let promise = values(self, &actor.promise, contenders);
            self.state.promise.push(promise);
            self.state.loyalty.push(loyalty);
            self.state.power.push(power);
            self.state.present.push(present);
            self.state.opportunism.push(opportunism);
        }
        for office in &scenario.offices {
            let power = values(self, &office.power, scenario.arenas.len());
            self.state.office_power.push(power);
        }
        let weights: Vec<f32> = scenario
            .crowds
            .iter()
            .map(|n| self.number(&n.weight))
            .collect();
        let sum = add_up(weights.iter().copied());
        for (crowd, weight) in scenario.crowds.iter().zip(weights) {
            let grievance = self.number(&crowd.grievance);
            let state = CrowdState {
                share: weight / sum,
                mean: self.number(&crowd.threshold_mean),
                sd: self.number(&crowd.threshold_sd),
                contagion: self.number(&crowd.contagion),
                spillover: self.number(&crowd.spillover),
                place: self.number(&crowd.place),
                appeal: self.number(&crowd.appeal),
                grievance,
                grievance_start: grievance,
                ..CrowdState::default()
            };
            self.state.crowds.push(state);
        }
        for variable in &scenario.variables {
            let value = self.number(&variable.number);
            self.state.variables.push(value);
        }
    }

    /// Step 4, as far as a blank state does not have it yet.
    fn first_state(&mut self) {
        let world = self.world;
        let scenario = &world.scenario;
        let contenders = scenario.contenders.len();
        for actor in &scenario.actors {
            let mut stance = first_stance(actor, contenders, scenario.clock.rest);
            if let Some(chances) = actor.chances() {
                let drawn = self.drawn(&format!("stance/{}", actor.id), chances);
                stance = one_hot(contenders + 1, drawn.or(Some(contenders)));
            }
            for c in 0..contenders {
                let absent = !self.state.contender_present(world, c);
                if absent && actor.contender.is_none() {
                    stance[contenders] += stance[c];
                    stance[c] = 0.0;
                }
            }
            self.state.stance.push(stance);
        }
        for office in &scenario.offices {
            let holder = if office.claims.0.is_empty() {
                office.holder
            } else {
                self.drawn(&format!("holder/{}", office.id), &office.claims.0)
            };
            self.state.holder.push(holder);
        }
        for (i, action) in scenario.actions.iter().enumerate() {
            if matches!(action.way, Way::Rate(_) | Way::Decide(_)) {
                self.state.actions[i].threshold = self.waiting(&action.id, 0);
            }
        }
    }

    /// Which of several is drawn, each with his chance; what is left is none of them.
    fn drawn(&self, site: &str, chances: &[(usize, f64)]) -> Option<usize> {
        let u = self.uniform(site, 0).u();
        let mut sum = 0.0;
        let mut reached = |(_, chance): &&(usize, f64)| {
            sum += *chance as f32;
            sum > u
        };
        let mut listed: Vec<&(usize, f64)> = chances.iter().collect();
        listed.sort_by_key(|(which, _)| *which);
        listed
            .into_iter()
            .find(|one| reached(one))
            .map(|(which, _)| *which)
    }

    /// `−ln u` of an action's draw.
    pub(crate) fn waiting(&self, action: &str, index: u32) -> f32 {
        self.uniform(&format!("act/{action}"), u64::from(index))
            .waiting()
    }

    /// Step 5.
    fn tastes(&mut self) {
        let scenario = &self.world.scenario;
        for actor in &scenario.actors {
            let mut tastes = Vec::new();
            if actor.kind == ActorKind::Person && actor.contender.is_none() {
                let options = scenario
                    .contenders
                    .iter()
                    .map(|c| c.id.as_str())
                    .chain(["aside"]);
                for option in options {
                    let u = self.uniform(&format!("taste/{}/{option}", actor.id), 0);
                    tastes.push(0.0 - ln(u.waiting()));
                }
            }
            self.state.tastes.push(tastes);
        }
    }

    /// What `backing` reads of the scenario, as far as nothing in the state can change it.
    fn known(&mut self) {
        let scenario = &self.world.scenario;
        let value = |number: &Number| {
            if self.reads_the_state(number) {
                0.0
            } else {
                self.number(number)
            }
        };
        let mut authority = Vec::new();
        for office in &scenario.offices {
            let over = |a: usize| office.authority.get(&a).map_or(0.0, value);
            authority.push((0..scenario.actors.len()).map(over).collect());
        }
        let sharpness = value(&scenario.dynamics.sharpness);
        self.state.choose.authority = authority;
        self.state.choose.sharpness = sharpness;
    }

    /// Whether a number is an expression that names more than parameters.
    fn reads_the_state(&self, number: &Number) -> bool {
        match &number.kind {
            NumberKind::Expression(expression) => self.tree_reads_the_state(&expression.tree),
            _ => false,
        }
    }

    fn tree_reads_the_state(&self, tree: &Tree) -> bool {
        let scenario = &self.world.scenario;
        match &tree.node {
            Node::Number(_) | Node::Date(_) => false,
            Node::Name(parts) => match scenario.formulas.iter().find(|f| f.id == parts[0]) {
                Some(formula) => self.tree_reads_the_state(&formula.expression.tree),
                None => scenario.parameters.iter().all(|p| p.id != parts[0]),
            },
            Node::Unary(_, inner) => self.tree_reads_the_state(inner),
            Node::Binary(_, a, b) => self.tree_reads_the_state(a) || self.tree_reads_the_state(b),
            Node::Call(_, arguments) => arguments.iter().any(|t| self.tree_reads_the_state(t)),
        }
    }

    fn set_turnout(&mut self, turnout: &[f32]) {
        for (crowd, x) in self.state.crowds.iter_mut().zip(turnout) {
            crowd.turnout = *x;
        }
    }

    /// One pass of step 6.
    fn pass(&mut self) {
        self.read_choose();
        self.read_mobilise();
        self.read_repression();
        let targets = self.targets();
        self.set_turnout(&targets);
        self.perceive(None);
        let mut stances = self.state.stance.clone();
        for (a, actor) in self.world.scenario.actors.iter().enumerate() {
            if actor.contender.is_some() || actor.stance != Stance::Free {
                continue;
            }
            if actor.kind == ActorKind::Person {
                stances[a] = one_hot(stances[a].len(), self.best(a, 0.0));
            } else {
                let target = self.body_target(a, 0.0);
                for (s, target) in stances[a].iter_mut().zip(target) {
                    *s += 0.5 * (target - *s);
                }
            }
        }
        self.state.stance = stances;
    }

    /// Step 7.
    fn shares(&mut self) {
        let world = self.world;
        let contenders = world.scenario.contenders.len();
        for (a, actor) in world.scenario.actors.iter().enumerate() {
            if actor.contender.is_some() || actor.kind == ActorKind::Person {
                continue;
            }
            let log = |o: usize| {
                if self.is_present(o) {
                    (ln(max(self.state.stance[a][o], 0.001)), true)
                } else {
                    (0.0, false)
                }
            };
            let logs: Vec<Scored> = (0..=contenders).map(log).collect();
            self.state.stance[a] = softmax(&logs);
            self.state.custom[a] = logs.iter().map(|(k, _)| *k).collect();
        }
    }

    /// Step 9.
    fn left(&mut self) {
        let targets = self.targets();
        for (crowd, target) in self.state.crowds.iter_mut().zip(targets) {
            (crowd.turnout_at_rest, crowd.target_at_rest) = (crowd.turnout, target);
        }
    }

    /// Step 10, by section 7.4.
    fn custom(&mut self) {
        let scenario = &self.world.scenario;
        let dynamics = &scenario.dynamics;
        (_, self.state.rupture_at_rest) = self.read_choose();
        let best_reply = dynamics.choice == Choice::BestReply;
        for (a, actor) in scenario.actors.iter().enumerate() {
            if actor.contender.is_some() {
                continue;
            }
            let all = self.reasons(a);
            let reasons = self.present(&all);
            let most = reasons.iter().flatten().copied().reduce(max);
            let most = most.expect("aside is always an option");
            if actor.kind == ActorKind::Person {
                let shares = self.present(&self.state.stance[a]);
                let home = highest(&shares).expect("an option");
                self.state.home[a] = Some(home);
                if actor.stance != Stance::Free && !best_reply {
                    self.state.reasons[a] = all;
                    self.state.custom[a] = self.shown(a, home);
                    continue;
                }
                self.state.custom[a].fill(0.0);
                self.state.reasons[a].fill(most);
                if highest(&reasons) != Some(home) {
                    self.state.reasons[a][home] = all[home];
                    self.state.custom[a][home] = 0.001;
                }
            } else if best_reply {
                self.state.custom[a] = self.state.stance[a].clone();
                self.state.home[a] = highest(&self.present(&self.utilities(a)));
            } else {
                let sum = add_up(reasons.iter().flatten().map(|v| exp(v - most)));
                let whole = most + ln(sum);
                self.state.reasons[a] = reasons.iter().map(|v| v.unwrap_or(whole)).collect();
            }
        }
    }

    /// By how much each option falls short of the one that a person shows: by tastes drawn given that.
    fn shown(&self, a: usize, home: usize) -> Vec<f32> {
        let sharpness = self.state.choose.sharpness;
        let reasons: Vec<f32> = self.utilities(a).iter().map(|u| sharpness * u).collect();
        let present = self.present(&reasons);
        let most = present.iter().flatten().copied().reduce(max);
        let most = most.expect("aside is always an option");
        let rest = ln(add_up(present.iter().flatten().map(|v| exp(v - most))));
        let tastes = &self.state.tastes[a];
        let short = |o: usize| {
            let chance = (reasons[o] - most) - rest;
            let gap = chance - tastes[home];
            if o == home {
                0.0
            } else if present[o].is_some() {
                min(gap - ln(exp(gap) + exp(0.0 - tastes[o])), -0.001)
            } else {
                (chance + tastes[o]) - tastes[home]
            }
        };
        (0..reasons.len()).map(short).collect()
    }

    /// Step 11, by section 7.7.
    fn dispositions(&mut self) {
        let scenario = &self.world.scenario;
        let inclinations = |play: &Self| -> Vec<f32> {
            let inclination = |action: &Action| match &action.way {
                Way::Decide(terms) => play.inclination(&action.id, terms),
                _ => 0.0,
            };
            scenario.actions.iter().map(inclination).collect()
        };
        self.silent.set(true);
        let gates: Vec<bool> = (0..scenario.actions.len()).map(|i| self.gate(i)).collect();
        self.silent.set(false);
        let mut highest = inclinations(self);
        let past = (scenario.clock.past as f64 / 86_400.0) as f32;
        if past > 0.0 && !scenario.crowds.is_empty() {
            let before: Vec<(f32, f32)> = self
                .state
                .crowds
                .iter()
                .map(|n| (n.turnout, n.repression))
                .collect();
            let terms = self.read_mobilise();
            let mood = (2.0 * ln(max(past / terms.mood_time, 1.0))).sqrt() * terms.mood_sd;
            for crowd in &mut self.state.crowds {
                crowd.mood = mood;
            }
            for pass in 0..PASSES {
                if pass > 0 {
                    self.read_mobilise();
                }
                self.read_repression();
                let targets = self.targets();
                self.set_turnout(&targets);
            }
            for (v, p) in highest.iter_mut().zip(inclinations(self)) {
                *v = max(*v, p);
            }
            for (crowd, (turnout, repression)) in self.state.crowds.iter_mut().zip(before) {
                (crowd.mood, crowd.turnout, crowd.repression) = (0.0, turnout, repression);
            }
        }
        for (i, action) in scenario.actions.iter().enumerate() {
            if let Way::Decide(terms) = &action.way {
                let resisted = gates[i] || terms.weighed == Weighed::Always;
                let stayed = if resisted { highest[i] } else { 0.0 };
                let u = self.uniform(&format!("decide/{}", action.id), 0).u();
                self.state.actions[i].disposition = stayed + (1.0 - stayed) * u;
            }
        }
    }
}

/// The state before anything is known.
fn blank(scenario: &Scenario) -> State {
    let contenders = scenario.contenders.len();
    State {
        parameters: vec![None; scenario.parameters.len()],
        loyalty: Vec::new(),
        stance: Vec::new(),
        present: Vec::new(),
        power: Vec::new(),
        sees: vec![vec![0.0; contenders]; scenario.actors.len()],
        granted: vec![vec![0.0; contenders]; scenario.actors.len()],
        promise: Vec::new(),
        custom: vec![vec![0.0; contenders + 1]; scenario.actors.len()],
        reasons: vec![vec![0.0; contenders + 1]; scenario.actors.len()],
        home: vec![None; scenario.actors.len()],
        fate: vec![None; scenario.actors.len()],
        opportunism: Vec::new(),
        tastes: Vec::new(),
        signal: vec![0.0; contenders],
        prospects: vec![0.0; contenders],
        force_at_rest: vec![0.0; contenders],
        holder: Vec::new(),
        office_power: Vec::new(),
        crowds: Vec::new(),
        openness: 1.0,
        variables: Vec::new(),
        actions: scenario
            .actions
            .iter()
            .map(|_| ActionState::default())
            .collect(),
        runs: vec![0; scenario.outcomes.len()],
        flags: vec![false; scenario.flags.len()],
        perceive: PerceiveTerms::default(),
        choose: ChooseTerms::default(),
        crowd_half: 0.0,
        rupture_at_rest: 0.0,
        moved: false,
        noted: None,
        step: 0,
        day: 0.0,
    }
}

/// The side shown at the start, aside last.
fn first_stance(actor: &Actor, contenders: usize, rest: Option<usize>) -> Vec<f32> {
    let mut shares = vec![0.0; contenders + 1];
    match (actor.contender, &actor.stance) {
        (Some(own), _) => shares[own] = 1.0,
        (None, Stance::Free) => shares[rest.unwrap_or(contenders)] = 1.0,
        (None, Stance::Aside) => shares[contenders] = 1.0,
        (None, Stance::Contender(c)) => shares[*c] = 1.0,
        (None, Stance::Shares(written)) => {
            for (c, share) in written {
                shares[*c] = *share as f32;
            }
            let sum = add_up(shares.iter().copied());
            shares[contenders] = max(1.0 - sum, 0.0);
        }
    }
    shares
}
