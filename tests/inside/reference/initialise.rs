//! Before the first step (`docs/MODEL.md` section 5).

use kzsim::scenario::expression::{Node, Tree};
use kzsim::scenario::model::{Actor, ActorKind, Number, NumberKind, Scenario, Stance, Way};

use super::functions::{add_up, ln, max};
use super::state::{ActionState, CrowdState, State};
use super::{Play, Reference};

/// Rounds of section 5.6.
const TURNOUT_ITERATIONS: usize = 16;

impl<'r> Play<'r> {
    /// Makes the state of a round at its start.
    pub(crate) fn initialise(world: &'r Reference, round: u64) -> Self {
        let mut play = Play {
            world,
            round,
            state: blank(&world.scenario),
        };
        play.parameters();
        play.initial_numbers();
        play.rest();
        play.state.sharpness = play.number(&play.world.scenario.dynamics.sharpness);
        play.tastes();
        for _ in 0..TURNOUT_ITERATIONS {
            play.settle_turnout();
        }
        play.perceive(0);
        play.state.prospects_start = play.state.prospects.clone();
        for (i, action) in world.scenario.actions.iter().enumerate() {
            if let Way::Decide(terms) = &action.way {
                play.state.actions[i].p_start = play.inclination(terms);
            }
        }
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
            self.state.loyalty.push(loyalty);
            self.state.power.push(power);
            self.state.present.push(present);
            self.state.opportunism.push(opportunism);
        }
        for office in &scenario.offices {
            let authority = values(self, &office.authority, scenario.actors.len());
            self.state.authority.push(authority);
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
    fn rest(&mut self) {
        let scenario = &self.world.scenario;
        for actor in &scenario.actors {
            self.state
                .stance
                .push(first_stance(actor, scenario.contenders.len()));
        }
        self.state.holder = scenario.offices.iter().map(|h| h.holder).collect();
        for (i, action) in scenario.actions.iter().enumerate() {
            if matches!(action.way, Way::Rate(_) | Way::Decide(_)) {
                self.state.actions[i].threshold = self.waiting(&action.id, 0);
            }
        }
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

    /// One iteration of step 6.
    fn settle_turnout(&mut self) {
        self.read_repression();
        let thresholds = self.world.scenario.dynamics.thresholds;
        for n in &mut self.state.crowds {
            let above = (n.grievance - n.repression) - n.mean;
            n.turnout = super::stages::threshold_share(thresholds, above, n.sd);
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
        opportunism: Vec::new(),
        tastes: Vec::new(),
        signal: vec![0.0; contenders],
        prospects: vec![0.0; contenders],
        prospects_start: vec![0.0; contenders],
        holder: Vec::new(),
        authority: Vec::new(),
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
        sharpness: 0.0,
        moved: false,
        ending: None,
        day: 0.0,
    }
}

/// The side shown at the start, aside last.
fn first_stance(actor: &Actor, contenders: usize) -> Vec<f32> {
    let mut shares = vec![0.0; contenders + 1];
    match (actor.contender, &actor.stance) {
        (Some(own), _) => shares[own] = 1.0,
        (None, Stance::Aside | Stance::Free) => shares[contenders] = 1.0,
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
