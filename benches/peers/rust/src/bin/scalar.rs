//! The scenario in plain Rust: one round after another, no tool.

use kzsim_peers_rust::model::{
    ACTORS, BUILDING, CHIEF, CONCESSION, Clock, Crowd, DAYS, DISMISS, FOLLOWERS, Holder, Noted,
    Offices, PATRON, PRESIDENT, PRIORS, PerContender, SEIZE, SHOCK_STEP, STANCES_START, STEPS,
    STEPS_PER_DAY, STREET, Scene, Stance, Start, Support, at_horizon, clock_of, clocks, contest,
    custom_of_body, custom_of_person, disposition, drifted, edge, errors, fade, gates, inclination,
    is_over, may_seize, minds_matter, moved, next_due, night, note_loss, patience, picked,
    reconsiders, settle, tastes, utility, weighs,
};
use kzsim_peers_rust::report::{Played, run};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

struct Round {
    rng: ChaCha8Rng,
    start: Start,
    loyalty: [PerContender; FOLLOWERS],
    granted: [PerContender; FOLLOWERS],
    view: [PerContender; FOLLOWERS],
    errors: [PerContender; FOLLOWERS],
    stance: [Stance; FOLLOWERS],
    custom: [Stance; FOLLOWERS],
    tastes: Stance,
    support: Support,
    signal: PerContender,
    rest: Scene,
    scene: Scene,
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

impl Round {
    fn new(mut rng: ChaCha8Rng) -> Self {
        let start = PRIORS.draw(&mut rng);
        let crowd = Crowd::new(&start);
        let offices = Offices::START;
        let tastes = tastes(&mut rng);
        let support = Support::of(STANCES_START.into_iter());
        let rest = Scene::at_rest(support, crowd.turnout);
        let stance = STANCES_START;
        let view: [PerContender; FOLLOWERS] =
            std::array::from_fn(|a| rest.view(&ACTORS[a], &stance[a], &[0.0; 3]));
        let custom = std::array::from_fn(|a| {
            let utility = utility(
                &ACTORS[a],
                &start.loyalty[a],
                &view[a],
                offices,
                crowd.turnout,
            );
            if a == CHIEF {
                custom_of_person(&utility, &tastes)
            } else {
                custom_of_body(&stance[a], &utility)
            }
        });
        Self {
            loyalty: start.loyalty,
            granted: view,
            view,
            errors: [[0.0; 3]; FOLLOWERS],
            stance,
            custom,
            tastes,
            support,
            signal: [0.0; 3],
            rest,
            scene: rest,
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

    fn perceive(&mut self, t: u32) {
        self.scene = Scene::new(&self.rest, self.support, self.signal, self.crowd.turnout);
        if t.is_multiple_of(STEPS_PER_DAY) {
            for errors_of_one in &mut self.errors {
                *errors_of_one = errors(&mut self.rng);
            }
        }
        for (a, actor) in ACTORS.iter().enumerate() {
            self.view[a] = self.scene.view(actor, &self.stance[a], &self.errors[a]);
        }
        self.signal = fade(self.signal);
    }

    fn drift(&mut self) {
        for (a, actor) in ACTORS.iter().enumerate() {
            (self.loyalty[a], self.granted[a]) =
                drifted(actor, &self.loyalty[a], &self.granted[a], &self.view[a]);
        }
    }

    fn choose(&mut self) {
        let turnout = self.crowd.turnout;
        for (a, actor) in ACTORS.iter().enumerate() {
            if a == CHIEF && !reconsiders(&mut self.rng) {
                continue;
            }
            let utility = utility(
                actor,
                &self.loyalty[a],
                &self.view[a],
                self.offices,
                turnout,
            );
            self.stance[a] = if a == CHIEF {
                picked(&utility, &self.tastes, &self.custom[a], self.open_break)
            } else {
                moved(&self.stance[a], &utility, &self.custom[a], self.open_break)
            };
        }
        self.support = Support::of(self.stance.into_iter());
    }

    fn edge(&self, luck: f64) -> f64 {
        edge(
            &self.support,
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

    fn act(&mut self, t: u32) {
        // Conditions and rates are those of the state as found.
        let x = self.crowd.turnout;
        if weighs(t) && may_seize(&self.clocks, self.offices) {
            let buildings = self.clocks[clock_of(BUILDING)].decisions;
            let now = inclination(self.edge(0.0), &self.start, x, buildings);
            self.resolved = now > self.disposition;
        }
        let gates = gates(
            &self.clocks,
            x,
            self.offices,
            self.open_break,
            self.removed,
            self.resolved,
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
                    let luck = night(&mut self.rng);
                    self.seized = self.rng.random::<f64>() < self.edge(luck);
                    self.open_break = true;
                    if self.seized {
                        self.offices.council = Holder::President;
                        self.signal[PRESIDENT] += 0.5;
                    } else {
                        self.signal[PRESIDENT] -= 0.5;
                    }
                }
                DISMISS => {
                    let support = self.support.whole();
                    let success = contest(support[PATRON], support[PRESIDENT]);
                    if self.rng.random::<f64>() < success {
                        self.offices.presidency = Holder::Patron;
                        self.removed = true;
                    } else {
                        self.signal[PRESIDENT] += 0.3;
                    }
                }
                _ => {
                    self.offices.presidency = Holder::Nobody;
                    self.open_break = true;
                }
            }
            note_loss(&mut self.noted, self.offices, t);
        }
    }

    fn play(mut self) -> Played {
        for t in 0..STEPS {
            if t == SHOCK_STEP {
                self.crowd.grievance += self.start.shock;
                self.shocked = true;
            }
            let minds = minds_matter(&self.clocks, self.offices, self.noted);
            if minds {
                self.perceive(t);
                self.drift();
                self.choose();
            }
            self.crowd = self.crowd.mobilised(self.start.deterrence, &mut self.rng);
            self.act(t);
            if minds {
                let support = self.support.whole()[PRESIDENT];
                settle(&mut self.noted, self.offices, support, &mut self.held, t);
            }
            if is_over(&self.clocks, self.offices, self.removed, self.noted) {
                break;
            }
        }
        let ending = self
            .noted
            .unwrap_or_else(|| (at_horizon(self.open_break), DAYS));
        Played::new(ending, self.shocked, self.seized, &self.clocks)
    }
}

fn main() {
    run("scalar", "plain", |seed, round| {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(round);
        Round::new(rng).play()
    });
}
