//! The scenario in plain Rust: one round after another, no tool.

use kzsim_peers_rust::model::{
    ACTORS, BUILDING, CHIEF, CONCESSION, CONTENDER_WEIGHT, Clock, Crowd, DAYS, DISMISS, DT,
    FOLLOWERS, Holder, Offices, PRESIDENT, PRIORS, PerContender, SEIZE, SHOCK_STEP, STEPS,
    STEPS_PER_DAY, STREET, SUPPORT_START, Stance, Start, at_horizon, backing, clock_of, clocks,
    contest, drifted, fade, gates, moved, next_due, patience, picked, prospects, reconsiders,
    settled, standing, tastes, temptation, utility, view, view_noise,
};
use kzsim_peers_rust::report::{Played, run};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

struct Round {
    rng: ChaCha8Rng,
    start: Start,
    loyalty: [PerContender; FOLLOWERS],
    stance: [Stance; FOLLOWERS],
    tastes: Stance,
    noise: [PerContender; FOLLOWERS],
    noise_day: Option<u32>,
    support: PerContender,
    signal: PerContender,
    standing: PerContender,
    prospects: PerContender,
    prospects_start: PerContender,
    crowd: Crowd,
    offices: Offices,
    open_break: bool,
    clocks: [Clock; 5],
    temptation_start: f64,
    shocked: bool,
    seized: bool,
    held: u32,
}

fn edge(loyalty: &[PerContender; FOLLOWERS], offices: Offices) -> f64 {
    contest(
        ACTORS
            .iter()
            .zip(loyalty)
            .map(|(actor, l)| backing(actor, l, offices)),
    )
}

impl Round {
    fn new(mut rng: ChaCha8Rng) -> Self {
        let start = PRIORS.draw(&mut rng);
        let crowd = Crowd::new(&start);
        let offices = Offices::START;
        let signal = [0.0; 3];
        let standing = standing(&SUPPORT_START, &signal, crowd.turnout);
        let prospects = prospects(&standing);
        let edge = edge(&start.loyalty, offices);
        Self {
            loyalty: start.loyalty,
            stance: [[0.0, 0.0, 0.0, 1.0]; FOLLOWERS],
            tastes: tastes(&mut rng),
            noise: [[1.0; 3]; FOLLOWERS],
            noise_day: None,
            support: SUPPORT_START,
            signal,
            standing,
            prospects,
            prospects_start: prospects,
            temptation_start: temptation(edge, &start, crowd.turnout, 0),
            crowd,
            offices,
            open_break: false,
            clocks: clocks(&mut rng),
            shocked: false,
            seized: false,
            held: 0,
            start,
            rng,
        }
    }

    fn perceive(&mut self) {
        self.standing = standing(&self.support, &self.signal, self.crowd.turnout);
        self.prospects = prospects(&self.standing);
        self.signal = fade(self.signal);
    }

    fn drift(&mut self) {
        let news = std::array::from_fn(|c| self.prospects[c] - self.prospects_start[c]);
        for (actor, loyalty) in ACTORS.iter().zip(&mut self.loyalty) {
            *loyalty = drifted(actor, loyalty, &news, &mut self.rng);
        }
    }

    fn choose(&mut self, t: u32) {
        // Without open break nobody reconsiders, and nothing else reads views.
        if !self.open_break {
            return;
        }
        let day = t / STEPS_PER_DAY;
        if self.noise_day != Some(day) {
            self.noise_day = Some(day);
            for noise in &mut self.noise {
                *noise = view_noise(&mut self.rng);
            }
        }
        let turnout = self.crowd.turnout;
        let mut support = [CONTENDER_WEIGHT, CONTENDER_WEIGHT, 0.0];
        for (a, actor) in ACTORS.iter().enumerate() {
            if a != CHIEF || reconsiders(&mut self.rng) {
                let view = view(&self.standing, &self.noise[a]);
                let utility = utility(actor, &self.loyalty[a], &view, self.offices, turnout);
                self.stance[a] = if a == CHIEF {
                    picked(&utility, &self.tastes)
                } else {
                    moved(&self.stance[a], &utility)
                };
            }
            for (sum, share) in support.iter_mut().zip(self.stance[a]) {
                *sum += actor.weight * share;
            }
        }
        self.support = support;
    }

    fn edge(&self) -> f64 {
        edge(&self.loyalty, self.offices)
    }

    /// Takes the decision that is due next, if there is one.
    fn takes(&mut self) -> Option<usize> {
        let action = next_due(&self.clocks, self.offices)?;
        self.clocks[clock_of(action)].decide(patience(&mut self.rng));
        Some(action)
    }

    fn act(&mut self, t: u32) {
        // Conditions and rates are those of the state as found.
        let x = self.crowd.turnout;
        let gates = gates(
            &self.clocks,
            x,
            self.offices,
            self.open_break,
            |buildings| {
                let now = temptation(self.edge(), &self.start, x, buildings);
                (now, self.temptation_start)
            },
        );
        for (clock, (gate, rate)) in self.clocks.iter_mut().zip(gates) {
            clock.pass(t, gate, rate);
        }

        while let Some(action) = self.takes() {
            match action {
                CONCESSION => self.crowd.grievance -= 0.1,
                BUILDING => {
                    self.signal[PRESIDENT] -= 0.1;
                    self.signal[STREET] += 0.05;
                }
                SEIZE => {
                    self.seized = self.rng.random::<f64>() < self.edge();
                    self.open_break = true;
                    if self.seized {
                        self.offices.council = Holder::President;
                        self.signal[PRESIDENT] += 0.5;
                    } else {
                        self.signal[PRESIDENT] -= 0.5;
                    }
                }
                DISMISS => {
                    if self.rng.random::<f64>() < 1.0 - self.edge() {
                        self.offices.presidency = Holder::Patron;
                    } else {
                        self.signal[PRESIDENT] += 0.3;
                    }
                }
                _ => {
                    self.offices.presidency = Holder::Nobody;
                    self.open_break = true;
                }
            }
        }
    }

    fn play(mut self) -> Played {
        let ending = self.end();
        Played::new(ending, self.shocked, self.seized, &self.clocks)
    }

    /// Plays to the end: the outcome and its day.
    fn end(&mut self) -> (usize, f64) {
        for t in 0..STEPS {
            if t == SHOCK_STEP {
                self.crowd.grievance += self.start.shock;
                self.shocked = true;
            }
            self.perceive();
            self.drift();
            self.choose(t);
            self.crowd = self.crowd.mobilised(self.start.deterrence, &mut self.rng);
            self.act(t);
            if let Some(outcome) = settled(self.offices, self.support[PRESIDENT], &mut self.held) {
                return (outcome, f64::from(t + 1) * DT);
            }
        }
        (at_horizon(self.open_break), DAYS)
    }
}

fn main() {
    run("scalar", "plain", |seed, round| {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(round);
        Round::new(rng).play()
    });
}
