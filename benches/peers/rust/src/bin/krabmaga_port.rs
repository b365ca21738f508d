//! The scenario in krABMaga: a state for each round; every actor that is no contender, the crowd and
//! the actions are agents in its schedule. What happens before all of them (the shock, Perceive) and
//! after all of them (Settle) is the state's `before_step` and `after_step`.

use std::any::Any;

use krabmaga::engine::agent::Agent;
use krabmaga::engine::schedule::Schedule;
use krabmaga::engine::state::State;
use kzsim_peers_rust::KRABMAGA_VERSION;
use kzsim_peers_rust::model::{
    ACTORS, BUILDING, CHIEF, CONCESSION, Clock, Crowd, DAYS, DISMISS, FOLLOWERS, Holder, Noted,
    Offices, PATRON, PRESIDENT, PRIORS, PerContender, SEIZE, SHOCK_STEP, STANCES_START, STEPS,
    STEPS_PER_DAY, STREET, Scene, Stance, Start, Support, at_horizon, clock_of, clocks, contest,
    custom_of_body, custom_of_person, disposition, drifted, edge, errors, fade, gates, inclination,
    is_over, may_seize, minds_matter, moved, next_due, night, note_loss, patience, picked,
    reconsiders, settle, tastes, utility, weighs,
};
use kzsim_peers_rust::report::{Played, round_seed, run};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

/// One round. What others read of the followers is kept here, the rest with each of them.
struct Contest {
    seed: u64,
    rng: SmallRng,
    t: u32,
    start: Start,
    loyalty: [PerContender; FOLLOWERS],
    stance: [Stance; FOLLOWERS],
    support: Support,
    signal: PerContender,
    rest: Scene,
    scene: Scene,
    /// Whether anything can still read views, loyalties and stances.
    minds: bool,
    crowd: Crowd,
    offices: Offices,
    open_break: bool,
    clocks: [Clock; 5],
    disposition: f64,
    resolved: bool,
    shocked: bool,
    seized: bool,
    removed: bool,
    held: u32,
    noted: Noted,
}

impl Contest {
    fn new(seed: u64) -> Self {
        let mut rng = SmallRng::seed_from_u64(seed);
        let start = PRIORS.draw(&mut rng);
        let crowd = Crowd::new(&start);
        let offices = Offices::START;
        let support = Support::of(STANCES_START.into_iter());
        let rest = Scene::at_rest(support, crowd.turnout);
        Self {
            seed,
            t: 0,
            loyalty: start.loyalty,
            stance: STANCES_START,
            support,
            signal: [0.0; 3],
            rest,
            scene: rest,
            minds: true,
            disposition: disposition(&support, &start, &crowd, &mut rng),
            resolved: false,
            crowd,
            offices,
            open_break: false,
            clocks: clocks(&mut rng),
            shocked: false,
            seized: false,
            removed: false,
            held: 0,
            noted: None,
            start,
            rng,
        }
    }

    fn edge(&self, luck: f64) -> f64 {
        let support = Support::of(self.stance.into_iter());
        edge(
            &support,
            self.crowd.turnout,
            &self.signal,
            &self.loyalty,
            self.offices,
            luck,
        )
    }

    /// Takes the decision that is due next, if there is one.
    fn takes(&mut self) -> Option<usize> {
        let action = next_due(&self.clocks, self.offices, self.removed)?;
        self.clocks[clock_of(action)].decide(patience(&mut self.rng));
        Some(action)
    }
}

impl State for Contest {
    fn init(&mut self, schedule: &mut Schedule) {
        for place in 0..FOLLOWERS {
            let follower = Follower::new(place, self);
            schedule.schedule_repeating(Box::new(follower), 0.0, 0);
        }
        schedule.schedule_repeating(Box::new(City), 0.0, 1);
        schedule.schedule_repeating(Box::new(Actions), 0.0, 2);
    }

    fn update(&mut self, step: u64) {
        self.t = u32::try_from(step).expect("a round has few steps");
    }

    fn before_step(&mut self, _schedule: &mut Schedule) {
        if self.t == SHOCK_STEP {
            self.crowd.grievance += self.start.shock;
            self.shocked = true;
        }
        self.minds = minds_matter(&self.clocks, self.offices, self.noted);
        if self.minds {
            self.scene = Scene::new(&self.rest, self.support, self.signal, self.crowd.turnout);
            self.signal = fade(self.signal);
        }
    }

    fn after_step(&mut self, _schedule: &mut Schedule) {
        if self.minds {
            self.support = Support::of(self.stance.into_iter());
            let support = self.support.whole()[PRESIDENT];
            settle(
                &mut self.noted,
                self.offices,
                support,
                &mut self.held,
                self.t,
            );
        }
    }

    fn end_condition(&mut self, _schedule: &mut Schedule) -> bool {
        is_over(&self.clocks, self.offices, self.removed, self.noted)
    }

    fn reset(&mut self) {
        *self = Self::new(self.seed);
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_state_mut(&mut self) -> &mut dyn State {
        self
    }

    fn as_state(&self) -> &dyn State {
        self
    }
}

fn contest_of(state: &mut dyn State) -> &mut Contest {
    state
        .as_any_mut()
        .downcast_mut()
        .expect("agents are scheduled in a contest")
}

/// An actor that is no contender: sees, drifts and chooses. The holders of offices are contenders, who
/// never move, so the order of the followers does not matter.
#[derive(Clone)]
struct Follower {
    place: usize,
    /// A person has tastes; a body has none.
    tastes: Option<Stance>,
    custom: Stance,
    granted: PerContender,
    errors: PerContender,
}

impl Follower {
    fn new(place: usize, round: &mut Contest) -> Self {
        let actor = &ACTORS[place];
        let stance = &round.stance[place];
        let turnout = round.crowd.turnout;
        let view = round.rest.view(actor, stance, &[0.0; 3]);
        let utility = utility(actor, &round.loyalty[place], &view, round.offices, turnout);
        let tastes = (place == CHIEF).then(|| tastes(&mut round.rng));
        let custom = match &tastes {
            Some(tastes) => custom_of_person(&utility, tastes),
            None => custom_of_body(stance, &utility),
        };
        Self {
            place,
            tastes,
            custom,
            granted: view,
            errors: [0.0; 3],
        }
    }
}

impl Agent for Follower {
    fn step(&mut self, state: &mut dyn State) {
        let round = contest_of(state);
        if !round.minds {
            return;
        }
        let place = self.place;
        let actor = &ACTORS[place];
        if round.t.is_multiple_of(STEPS_PER_DAY) {
            self.errors = errors(&mut round.rng);
        }
        let stance = round.stance[place];
        let view = round.scene.view(actor, &stance, &self.errors);
        let (loyalty, granted) = drifted(actor, &round.loyalty[place], &self.granted, &view);
        round.loyalty[place] = loyalty;
        self.granted = granted;

        if self.tastes.is_some() && !reconsiders(&mut round.rng) {
            return;
        }
        let utility = utility(actor, &loyalty, &view, round.offices, round.crowd.turnout);
        let open_break = round.open_break;
        round.stance[place] = match &self.tastes {
            Some(tastes) => picked(&utility, tastes, &self.custom, open_break),
            None => moved(&stance, &utility, &self.custom, open_break),
        };
    }
}

/// The crowd.
#[derive(Clone)]
struct City;

impl Agent for City {
    fn step(&mut self, state: &mut dyn State) {
        let round = contest_of(state);
        round.crowd = round
            .crowd
            .mobilised(round.start.deterrence, &mut round.rng);
    }
}

/// The actions, one after the other as their clocks strike.
#[derive(Clone)]
struct Actions;

impl Agent for Actions {
    fn step(&mut self, state: &mut dyn State) {
        let round = contest_of(state);
        // Conditions and rates are those of the state as found.
        let (t, x) = (round.t, round.crowd.turnout);
        if weighs(t) && may_seize(&round.clocks, round.offices) {
            let buildings = round.clocks[clock_of(BUILDING)].decisions;
            let now = inclination(round.edge(0.0), &round.start, x, buildings);
            round.resolved = now > round.disposition;
        }
        let gates = gates(
            &round.clocks,
            x,
            round.offices,
            round.open_break,
            round.removed,
            round.resolved,
        );
        for (clock, (gate, rate)) in round.clocks.iter_mut().zip(gates) {
            clock.pass(t, gate, rate);
        }

        while let Some(action) = round.takes() {
            match action {
                CONCESSION => round.crowd.grievance -= 0.1,
                BUILDING => {
                    round.signal[PRESIDENT] -= 0.1;
                    round.signal[STREET] += 0.05;
                }
                SEIZE => {
                    let luck = night(&mut round.rng);
                    round.seized = round.rng.random::<f64>() < round.edge(luck);
                    round.open_break = true;
                    if round.seized {
                        round.offices.council = Holder::President;
                        round.signal[PRESIDENT] += 0.5;
                    } else {
                        round.signal[PRESIDENT] -= 0.5;
                    }
                }
                DISMISS => {
                    let support = Support::of(round.stance.into_iter()).whole();
                    let success = contest(support[PATRON], support[PRESIDENT]);
                    if round.rng.random::<f64>() < success {
                        round.offices.presidency = Holder::Patron;
                        round.removed = true;
                    } else {
                        round.signal[PRESIDENT] += 0.3;
                    }
                }
                _ => {
                    round.offices.presidency = Holder::Nobody;
                    round.open_break = true;
                }
            }
            note_loss(&mut round.noted, round.offices, t);
        }
    }
}

fn play(seed: u64, round: u64) -> Played {
    let mut state = Contest::new(round_seed(seed, round));
    let mut schedule = Schedule::new();
    // What `simulate!` does for one repetition, without its terminal.
    state.init(&mut schedule);
    for _ in 0..STEPS {
        schedule.step(&mut state);
        if state.end_condition(&mut schedule) {
            break;
        }
    }
    let ending = state
        .noted
        .unwrap_or_else(|| (at_horizon(state.open_break), DAYS));
    Played::new(ending, state.shocked, state.seized, &state.clocks)
}

fn main() {
    run("krabmaga", KRABMAGA_VERSION, play);
}
