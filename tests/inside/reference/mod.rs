//! The second engine: the model of `docs/MODEL.md`, written from that file alone.
//!
//! It plays one round at a time with plain numbers and looks every name up where it stands. It is
//! slow on purpose: what it does can be read next to the model, line by line. The engine of the
//! crate has to give the same bits.

pub(crate) mod draws;
pub(crate) mod functions;
pub(crate) mod priors;

mod act;
mod checks;
mod expression;
mod initialise;
mod rally;
mod rounds;
mod stages;
mod state;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use kzsim::scenario::Scenario;

pub(crate) use draws::draw;
pub(crate) use priors::prior_quantile;

use functions::add_up;
use state::{ActionState, CrowdState, State};

/// A scenario, ready to be played.
pub(crate) struct Reference {
    scenario: Scenario,
    seed: u64,
    tables: priors::Tables,
    /// Arena weights, scaled to sum to 1.
    weights: Vec<f32>,
    /// One step in days.
    dt: f32,
    /// Steps of a round that nothing ends early.
    steps: u32,
}

/// What happened in a round.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct History {
    /// Which outcome.
    pub(crate) outcome: usize,
    /// Steps completed when it was noted.
    pub(crate) noted_step: u32,
    /// Settles played.
    pub(crate) steps: u32,
    /// Flags that were set.
    pub(crate) flags: Vec<bool>,
    /// What stands at each horizon: an outcome, and flags.
    pub(crate) stood: Vec<(usize, Vec<bool>)>,
    /// Actions.
    pub(crate) actions: Vec<ActionEnd>,
    /// After Initialise.
    pub(crate) start: Snapshot,
    /// After each Settle.
    pub(crate) states: Vec<Snapshot>,
    /// Expressions that left the finite numbers when they were read: where they are, and as written.
    pub(crate) undefined: BTreeSet<(String, String)>,
}

/// What became of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ActionEnd {
    /// Decisions.
    pub(crate) decisions: u32,
    /// Takings.
    pub(crate) count: u32,
    /// Successes.
    pub(crate) succeeded: u32,
    /// Failures.
    pub(crate) failed: u32,
    /// Step of the first taking.
    pub(crate) first_step: Option<u32>,
    /// Whether its limit has stopped it.
    pub(crate) limited: bool,
    /// Whether more than one decision was expected in a step.
    pub(crate) crowded: bool,
    /// Whether a decision has lapsed.
    pub(crate) lapsed: bool,
}

/// The state at a moment; tables run row by row.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    /// By actor and contender; 0 for a contender's own to himself.
    pub(crate) loyalty: Vec<f32>,
    /// By actor and contender, aside last.
    pub(crate) stance: Vec<f32>,
    /// By actor.
    pub(crate) present: Vec<f32>,
    /// By actor and arena.
    pub(crate) power: Vec<f32>,
    /// By actor and contender.
    pub(crate) sees: Vec<f32>,
    /// What is taken for granted, by actor and contender.
    pub(crate) granted: Vec<f32>,
    /// By actor and contender.
    pub(crate) promise: Vec<f32>,
    /// By actor and contender, aside last.
    pub(crate) custom: Vec<f32>,
    /// By actor and contender, aside last.
    pub(crate) reasons: Vec<f32>,
    /// Places in the list of fates, by actor.
    pub(crate) fate: Vec<Option<usize>>,
    /// By contender.
    pub(crate) prospects: Vec<f32>,
    /// By contender.
    pub(crate) signal: Vec<f32>,
    /// By contender, aside last.
    pub(crate) support: Vec<f32>,
    /// By contender.
    pub(crate) backing: Vec<f32>,
    /// By action with a rally, and contender, aside last.
    pub(crate) rally: Vec<f32>,
    /// `θ`, by action.
    pub(crate) disposition: Vec<f32>,
    /// By action, as last weighed.
    pub(crate) inclination: Vec<f32>,
    /// The outcome that was noted.
    pub(crate) noted: Option<usize>,
    /// Holders.
    pub(crate) offices: Vec<Option<usize>>,
    /// By crowd.
    pub(crate) grievance: Vec<f32>,
    /// By crowd.
    pub(crate) mood: Vec<f32>,
    /// By crowd.
    pub(crate) turnout: Vec<f32>,
    /// By crowd, as last used.
    pub(crate) repression: Vec<f32>,
    /// Openness.
    pub(crate) openness: f32,
    /// By variable.
    pub(crate) variables: Vec<f32>,
}

impl Snapshot {
    /// Every number, as bits.
    fn bits(&self) -> Vec<u32> {
        let lists = [
            &self.loyalty,
            &self.stance,
            &self.present,
            &self.power,
            &self.sees,
            &self.granted,
            &self.promise,
            &self.custom,
            &self.reasons,
            &self.prospects,
            &self.signal,
            &self.support,
            &self.backing,
            &self.rally,
            &self.disposition,
            &self.inclination,
            &self.grievance,
            &self.mood,
            &self.turnout,
            &self.repression,
            &self.variables,
        ];
        let numbers = lists.into_iter().flatten().copied().chain([self.openness]);
        numbers.map(f32::to_bits).collect()
    }
}

/// Bit for bit: 0 and −0 differ.
impl PartialEq for Snapshot {
    fn eq(&self, other: &Self) -> bool {
        (&self.offices, &self.fate, self.noted) == (&other.offices, &other.fate, other.noted)
            && self.bits() == other.bits()
    }
}

/// A round while it is played.
struct Play<'r> {
    world: &'r Reference,
    round: u64,
    state: State,
    /// The night of an action whose success is being read.
    night: Option<(usize, f32)>,
    /// What the action draws whose effects are being read.
    drawn: Vec<(String, f32)>,
    /// Expressions that left the finite numbers so far.
    undefined: RefCell<BTreeSet<(String, String)>>,
    /// Whether what is read now does not count as read.
    silent: Cell<bool>,
}

impl Reference {
    /// Prepares a checked scenario.
    pub(crate) fn new(scenario: &Scenario, seed: u64) -> Self {
        let sum = add_up(scenario.arenas.iter().map(|k| k.weight as f32));
        Self {
            seed,
            tables: priors::tables(scenario),
            weights: scenario
                .arenas
                .iter()
                .map(|k| k.weight as f32 / sum)
                .collect(),
            dt: scenario.clock.dt() as f32,
            steps: scenario.clock.steps() as u32,
            scenario: scenario.clone(),
        }
    }

    /// Plays a round.
    pub(crate) fn play(&self, round: u64) -> History {
        let mut play = Play::initialise(self, round);
        let start = play.snapshot();
        let mut states = Vec::new();
        let mut stood = Vec::new();
        let step = self.scenario.clock.step_seconds;
        let horizons = self.scenario.clock.read.iter().map(|after| after / step);
        let mut horizons: Vec<u64> = horizons.collect();
        // The end of the clock is the last horizon, whether it is written or not.
        let end = u64::from(self.steps);
        if horizons.last().is_some_and(|last| *last < end) {
            horizons.push(end);
        }
        for t in 0..self.steps {
            (play.state.step, play.state.day) = (t, self.day(t));
            play.schedule(t);
            play.perceive(Some(self.whole_days(t)));
            play.fade();
            play.drift(t);
            play.choose(t);
            play.mobilise(t);
            play.act(t);
            play.state.day = self.day(t + 1);
            play.settle(t);
            if t + 1 == self.steps {
                play.note_the_end();
            }
            states.push(play.snapshot());
            if horizons.contains(&u64::from(t + 1)) {
                let noted = play.state.noted.map(|(outcome, _)| outcome);
                let stands = noted.unwrap_or_else(|| play.unnoticed(Play::what_is_left));
                stood.push((stands, play.state.flags.clone()));
            }
            if play.is_over() {
                break;
            }
        }
        let (outcome, noted_step) = play.state.noted.expect("the end decides");
        stood.resize(horizons.len(), (outcome, play.state.flags.clone()));
        let actions = play.state.actions.iter().map(|i| ActionEnd {
            decisions: i.decisions,
            count: i.count,
            succeeded: i.succeeded,
            failed: i.failed,
            first_step: i.first.map(|(step, _)| step),
            limited: i.limited,
            crowded: i.crowded,
            lapsed: i.lapsed,
        });
        History {
            outcome,
            noted_step,
            steps: states.len() as u32,
            actions: actions.collect(),
            flags: play.state.flags,
            stood,
            start,
            states,
            undefined: play.undefined.into_inner(),
        }
    }

    /// `day(t)`.
    fn day(&self, t: u32) -> f32 {
        (self.seconds(t) as f64 / 86_400.0) as f32
    }

    fn seconds(&self, t: u32) -> u64 {
        u64::from(t) * self.scenario.clock.step_seconds
    }

    fn whole_days(&self, t: u32) -> u64 {
        self.seconds(t) / 86_400
    }

    fn contender(&self, id: &str) -> usize {
        find(&self.scenario.contenders, id, |c| &c.id)
    }

    /// A contender, or aside, which comes last.
    fn option(&self, id: &str) -> usize {
        if id == "aside" {
            self.scenario.contenders.len()
        } else {
            self.contender(id)
        }
    }

    fn actor(&self, id: &str) -> usize {
        find(&self.scenario.actors, id, |a| &a.id)
    }

    fn arena(&self, id: &str) -> usize {
        find(&self.scenario.arenas, id, |k| &k.id)
    }

    fn office(&self, id: &str) -> usize {
        find(&self.scenario.offices, id, |h| &h.id)
    }

    fn crowd(&self, id: &str) -> usize {
        find(&self.scenario.crowds, id, |n| &n.id)
    }

    fn action(&self, id: &str) -> usize {
        find(&self.scenario.actions, id, |i| &i.id)
    }
}

impl Play<'_> {
    /// What is compared with the other engine.
    fn snapshot(&self) -> Snapshot {
        self.unnoticed(Self::seen)
    }

    /// Reads something without counting it as read.
    fn unnoticed<T>(&self, read: impl FnOnce(&Self) -> T) -> T {
        self.silent.set(true);
        let found = read(self);
        self.silent.set(false);
        found
    }

    fn seen(&self) -> Snapshot {
        let (world, state) = (self.world, &self.state);
        let contenders = world.scenario.contenders.len();
        let of = |value: fn(&CrowdState) -> f32| state.crowds.iter().map(value).collect();
        let actions = |value: fn(&ActionState) -> f32| state.actions.iter().map(value).collect();
        let rally = |i: usize| {
            let sides = self.sides(i);
            (0..=contenders).map(move |o| state.share(world, None, &state::column(&sides, o)))
        };
        let with_rally = |i: &usize| world.scenario.actions[*i].rally.is_some();
        Snapshot {
            loyalty: state.loyalty.concat(),
            stance: state.stance.concat(),
            present: state.present.clone(),
            power: state.power.concat(),
            sees: state.sees.concat(),
            granted: state.granted.concat(),
            promise: state.promise.concat(),
            custom: state.custom.concat(),
            reasons: state.reasons.concat(),
            fate: state.fate.clone(),
            prospects: state.prospects.clone(),
            signal: state.signal.clone(),
            support: (0..=contenders)
                .map(|o| state.support(world, o, None))
                .collect(),
            backing: (0..contenders)
                .map(|c| state.backing(world, c, None))
                .collect(),
            rally: (0..state.actions.len())
                .filter(with_rally)
                .flat_map(rally)
                .collect(),
            disposition: actions(|i| i.disposition),
            inclination: actions(|i| i.inclination),
            noted: state.noted.map(|(outcome, _)| outcome),
            offices: state.holder.clone(),
            grievance: of(|n| n.grievance),
            mood: of(|n| n.mood),
            turnout: of(|n| n.turnout),
            repression: of(|n| n.repression),
            openness: state.openness,
            variables: state.variables.clone(),
        }
    }
}

/// The index of an id that exists.
fn find<T>(list: &[T], id: &str, id_of: impl Fn(&T) -> &str) -> usize {
    list.iter()
        .position(|x| id_of(x) == id)
        .unwrap_or_else(|| panic!("no id `{id}`"))
}
