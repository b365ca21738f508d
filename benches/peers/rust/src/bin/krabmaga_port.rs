//! The scenario in krABMaga: a state for each round; every actor that is no contender, the crowd and
//! the actions are agents in its schedule. What happens before all of them (the shock, Perceive) and
//! after all of them (Settle) is the state's `before_step` and `after_step`.

use std::any::Any;

use krabmaga::engine::agent::Agent;
use krabmaga::engine::schedule::Schedule;
use krabmaga::engine::state::State;
use kzsim_peers_rust::KRABMAGA_VERSION;
use kzsim_peers_rust::model::{
    ACTORS, BUILDING, CHIEF, CONCESSION, CONTENDER_WEIGHT, Clock, Crowd, DAYS, DISMISS, DT,
    FOLLOWERS, Holder, Offices, PRESIDENT, PRIORS, PerContender, SEIZE, SHOCK_STEP, STEPS,
    STEPS_PER_DAY, STREET, SUPPORT_START, Stance, Start, at_horizon, backing, clock_of, clocks,
    contest, drifted, fade, gates, moved, next_due, patience, picked, prospects, reconsiders,
    settled, standing, tastes, temptation, utility, view, view_noise,
};
use kzsim_peers_rust::report::{Played, round_seed, run};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

/// What others see of an actor that is no contender.
#[derive(Clone, Copy)]
struct Profile {
    loyalty: PerContender,
    stance: Stance,
}

/// One round.
struct Contest {
    seed: u64,
    rng: SmallRng,
    t: u32,
    start: Start,
    profiles: [Profile; FOLLOWERS],
    support: PerContender,
    signal: PerContender,
    standing: PerContender,
    prospects_start: PerContender,
    news: PerContender,
    crowd: Crowd,
    offices: Offices,
    open_break: bool,
    clocks: [Clock; 5],
    temptation_start: f64,
    shocked: bool,
    seized: bool,
    held: u32,
    ending: Option<(usize, f64)>,
}

fn edge(profiles: &[Profile; FOLLOWERS], offices: Offices) -> f64 {
    contest(
        ACTORS
            .iter()
            .zip(profiles)
            .map(|(actor, profile)| backing(actor, &profile.loyalty, offices)),
    )
}

impl Contest {
    fn new(seed: u64) -> Self {
        let mut rng = SmallRng::seed_from_u64(seed);
        let start = PRIORS.draw(&mut rng);
        let profiles = start.loyalty.map(|loyalty| Profile {
            loyalty,
            stance: [0.0, 0.0, 0.0, 1.0],
        });
        let crowd = Crowd::new(&start);
        let offices = Offices::START;
        let signal = [0.0; 3];
        let standing = standing(&SUPPORT_START, &signal, crowd.turnout);
        Self {
            seed,
            t: 0,
            profiles,
            support: SUPPORT_START,
            signal,
            standing,
            prospects_start: prospects(&standing),
            news: [0.0; 3],
            temptation_start: temptation(edge(&profiles, offices), &start, crowd.turnout, 0),
            crowd,
            offices,
            open_break: false,
            clocks: clocks(&mut rng),
            shocked: false,
            seized: false,
            held: 0,
            ending: None,
            start,
            rng,
        }
    }

    fn edge(&self) -> f64 {
        edge(&self.profiles, self.offices)
    }

    /// Takes the decision that is due next, if there is one.
    fn takes(&mut self) -> Option<usize> {
        let action = next_due(&self.clocks, self.offices)?;
        self.clocks[clock_of(action)].decide(patience(&mut self.rng));
        Some(action)
    }
}

impl State for Contest {
    fn init(&mut self, schedule: &mut Schedule) {
        for place in 0..FOLLOWERS {
            let tastes = (place == CHIEF).then(|| tastes(&mut self.rng));
            let follower = Follower {
                place,
                tastes,
                noise: [1.0; 3],
                noise_day: None,
            };
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
        self.standing = standing(&self.support, &self.signal, self.crowd.turnout);
        let prospects = prospects(&self.standing);
        self.news = std::array::from_fn(|c| prospects[c] - self.prospects_start[c]);
        self.signal = fade(self.signal);
    }

    fn after_step(&mut self, _schedule: &mut Schedule) {
        // Without open break no stance has moved.
        if self.open_break {
            self.support = [CONTENDER_WEIGHT, CONTENDER_WEIGHT, 0.0];
            for (actor, profile) in ACTORS.iter().zip(&self.profiles) {
                for (sum, share) in self.support.iter_mut().zip(profile.stance) {
                    *sum += actor.weight * share;
                }
            }
        }
        if let Some(outcome) = settled(self.offices, self.support[PRESIDENT], &mut self.held) {
            self.ending = Some((outcome, f64::from(self.t + 1) * DT));
        }
    }

    fn end_condition(&mut self, _schedule: &mut Schedule) -> bool {
        self.ending.is_some()
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

/// An actor that is no contender: drifts and chooses. The holders of offices are contenders, who
/// never move, so the order of the followers does not matter.
#[derive(Clone)]
struct Follower {
    place: usize,
    /// A person has tastes; a body has none.
    tastes: Option<Stance>,
    noise: PerContender,
    noise_day: Option<u32>,
}

impl Agent for Follower {
    fn step(&mut self, state: &mut dyn State) {
        let round = contest_of(state);
        let actor = &ACTORS[self.place];
        let Profile { loyalty, stance } = round.profiles[self.place];
        let loyalty = drifted(actor, &loyalty, &round.news, &mut round.rng);
        round.profiles[self.place].loyalty = loyalty;

        // Without open break nobody reconsiders, and nothing else reads views.
        if !round.open_break {
            return;
        }
        let day = round.t / STEPS_PER_DAY;
        if self.noise_day != Some(day) {
            self.noise_day = Some(day);
            self.noise = view_noise(&mut round.rng);
        }
        if self.tastes.is_some() && !reconsiders(&mut round.rng) {
            return;
        }
        let view = view(&round.standing, &self.noise);
        let utility = utility(actor, &loyalty, &view, round.offices, round.crowd.turnout);
        round.profiles[self.place].stance = match &self.tastes {
            Some(tastes) => picked(&utility, tastes),
            None => moved(&stance, &utility),
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
        let x = round.crowd.turnout;
        let gates = gates(
            &round.clocks,
            x,
            round.offices,
            round.open_break,
            |buildings| {
                let now = temptation(round.edge(), &round.start, x, buildings);
                (now, round.temptation_start)
            },
        );
        for (clock, (gate, rate)) in round.clocks.iter_mut().zip(gates) {
            clock.pass(round.t, gate, rate);
        }

        while let Some(action) = round.takes() {
            match action {
                CONCESSION => round.crowd.grievance -= 0.1,
                BUILDING => {
                    round.signal[PRESIDENT] -= 0.1;
                    round.signal[STREET] += 0.05;
                }
                SEIZE => {
                    round.seized = round.rng.random::<f64>() < round.edge();
                    round.open_break = true;
                    if round.seized {
                        round.offices.council = Holder::President;
                        round.signal[PRESIDENT] += 0.5;
                    } else {
                        round.signal[PRESIDENT] -= 0.5;
                    }
                }
                DISMISS => {
                    if round.rng.random::<f64>() < 1.0 - round.edge() {
                        round.offices.presidency = Holder::Patron;
                    } else {
                        round.signal[PRESIDENT] += 0.3;
                    }
                }
                _ => {
                    round.offices.presidency = Holder::Nobody;
                    round.open_break = true;
                }
            }
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
        .ending
        .unwrap_or_else(|| (at_horizon(state.open_break), DAYS));
    Played::new(ending, state.shocked, state.seized, &state.clocks)
}

fn main() {
    run("krabmaga", KRABMAGA_VERSION, play);
}
