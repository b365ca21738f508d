//! The numbers of `scenarios/bench.toml` and the formulas of `docs/MODEL.md` that it needs.
//!
//! Two facts of the scenario shorten the work of every port:
//!
//! - Openness stays 1, so the noise of views has one size.
//! - `present.president = 0` comes together with `office.presidency = patron`, which ends the round
//!   at the Settle of the same step before anything reads presence. So nobody is ever absent.

use std::sync::LazyLock;

use rand::{Rng, RngExt};
use rand_distr::{Distribution, Exp1, Pert, StandardNormal};

/// Days of the horizon.
pub const DAYS: f64 = 30.0;
/// A step in days.
pub const DT: f64 = 0.25;
/// Steps of a day.
pub const STEPS_PER_DAY: u32 = 4;
/// Steps of a round.
pub const STEPS: u32 = 120;
/// The step at which the shock is due: the second day begins.
pub const SHOCK_STEP: u32 = 4;

/// Contenders, by index into arrays.
pub const PATRON: usize = 0;
pub const PRESIDENT: usize = 1;
pub const STREET: usize = 2;

/// One number for each contender.
pub type PerContender = [f64; 3];
/// One share for each contender, and the share that stands aside.
pub type Stance = [f64; 4];

/// Actions in listed order, by index into arrays.
pub const SHOCK: usize = 0;
pub const CONCESSION: usize = 1;
pub const BUILDING: usize = 2;
pub const SEIZE: usize = 3;
pub const DISMISS: usize = 4;
pub const STORM: usize = 5;
pub const ACTIONS: [&str; 6] = [
    "shock",
    "concession",
    "building",
    "seize",
    "dismiss",
    "storm",
];
/// Most decisions of each action.
pub const LIMIT: [u32; 6] = [1, 1, 3, 1, 1, 1];

/// Outcomes in listed order, by index into arrays.
pub const STREET_WINS: usize = 0;
pub const PATRON_WINS: usize = 1;
pub const PRESIDENT_WINS: usize = 2;
pub const NOTHING: usize = 3;
pub const UNDECIDED: usize = 4;
pub const OUTCOMES: [&str; 5] = [
    "street_wins",
    "patron_wins",
    "president_wins",
    "nothing",
    "undecided",
];

pub const FLAGS: [&str; 2] = ["seized", "building_lost"];

/// Settles in a row that make "5d" of holding out.
const HOLD_SETTLES: u32 = 21;

// Coefficients: the defaults of MODEL.md, section 9.
const PROSPECT_WEIGHT: f64 = 1.5;
const PROSPECT_FLOOR: f64 = 0.03;
const NOISE: f64 = 0.35;
const DRIFT: f64 = 0.05;
const SHARPNESS: f64 = 8.0;
const CROWD_HALF: f64 = 0.03;
const DECISION: f64 = 12.0;

// The crowd.
const THRESHOLD_MEAN: f64 = 0.9;
const THRESHOLD_SD: f64 = 0.25;
const CONTAGION: f64 = 0.15;

// What happens in one step of `DT`. The exponentials are written out because they cannot be computed
// in a constant; a test holds them to the coefficients.
/// Share of a signal that is left.
const SIGNAL_KEPT: f64 = 0.943_874_312_681_693_5;
/// Spread of the random movement of a loyalty.
const DIFFUSED: f64 = 0.001;
/// Share of stances that move, with open break.
const RECONSIDERED: f64 = 0.221_199_216_928_595_12;
/// Share of the gap to its target that the crowd closes.
const CROWD_MOVED: f64 = 0.181_269_246_922_018_18;
/// Share of a mood that is left.
const MOOD_KEPT: f64 = 0.882_496_902_584_595_5;
/// Spread of what is new in a mood.
const MOOD_DRAWN: f64 = 0.023_515_910_408_093_657;
/// Share of new grievance that fades.
const GRIEVANCE_FADED: f64 = 0.012_422_199_506_118_559;

/// What does not change about an actor that is no contender.
pub struct Actor {
    /// Share of all power: arena weights times power. The power of an arena sums to 1.
    pub weight: f64,
    pub opportunism: f64,
    caution: f64,
    caution_turnout: f64,
    council: f64,
    presidency: f64,
}

/// The head of the service, who is a person and comes first.
pub const CHIEF: usize = 0;
/// How many actors are no contender: the chief and five bodies.
pub const FOLLOWERS: usize = 6;

const COERCION: f64 = 0.6;
const INSTITUTIONS: f64 = 0.4;

/// Share of all power of the patron, and of the president.
pub const CONTENDER_WEIGHT: f64 = COERCION * 0.02 + INSTITUTIONS * 0.20;

const COMMON: Actor = Actor {
    weight: 0.0,
    opportunism: 0.5,
    caution: 0.5,
    caution_turnout: 0.0,
    council: 0.0,
    presidency: 0.0,
};

/// Chief, service, police, army, party, officials.
pub static ACTORS: [Actor; FOLLOWERS] = [
    Actor {
        weight: INSTITUTIONS * 0.05,
        council: 0.10,
        ..COMMON
    },
    Actor {
        weight: COERCION * 0.20,
        council: 0.15,
        ..COMMON
    },
    Actor {
        weight: COERCION * 0.40,
        caution: 0.45,
        caution_turnout: 0.6,
        council: 0.10,
        presidency: 0.10,
        ..COMMON
    },
    Actor {
        weight: COERCION * 0.36,
        caution: 0.55,
        caution_turnout: 0.6,
        council: 0.10,
        presidency: 0.10,
        ..COMMON
    },
    Actor {
        weight: INSTITUTIONS * 0.25,
        opportunism: 0.8,
        ..COMMON
    },
    Actor {
        weight: INSTITUTIONS * 0.30,
        opportunism: 0.8,
        presidency: 0.15,
        ..COMMON
    },
];

/// What the priors of a round gave.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    pub shock: f64,
    pub ambition: f64,
    pub deterrence: f64,
    pub grievance: f64,
    /// The president's loyalty to the patron.
    pub president_loyalty: f64,
    pub loyalty: [PerContender; FOLLOWERS],
}

/// The priors, prepared once for all rounds.
pub struct Priors {
    shock: Pert<f64>,
    ambition: Pert<f64>,
    deterrence: Pert<f64>,
    grievance: Pert<f64>,
    president_loyalty: Pert<f64>,
    /// Loyalty to the patron and to the president.
    loyalty: [[Pert<f64>; 2]; FOLLOWERS],
    street_loyalty: [f64; FOLLOWERS],
}

impl Priors {
    fn new() -> Self {
        let pert = |low: f64, mode: f64, high: f64| {
            Pert::new(low, high)
                .with_mode(mode)
                .expect("low < mode < high")
        };
        let (low, middle, high) = (
            pert(0.1, 0.3, 0.5),
            pert(0.2, 0.4, 0.6),
            pert(0.3, 0.5, 0.7),
        );
        Self {
            shock: pert(0.20, 0.40, 0.60),
            ambition: pert(0.50, 0.80, 1.10),
            deterrence: pert(0.15, 0.25, 0.40),
            grievance: pert(0.15, 0.25, 0.35),
            president_loyalty: pert(0.1, 0.3, 0.6),
            loyalty: [
                [high, low],
                [high, low],
                [low, middle],
                [low, middle],
                [high, middle],
                [middle, high],
            ],
            street_loyalty: [0.0, 0.0, 0.1, 0.1, 0.0, 0.0],
        }
    }

    /// Draws all that a round starts with.
    #[inline]
    pub fn draw<R: Rng>(&self, rng: &mut R) -> Start {
        Start {
            shock: self.shock.sample(rng),
            ambition: self.ambition.sample(rng),
            deterrence: self.deterrence.sample(rng),
            grievance: self.grievance.sample(rng),
            president_loyalty: self.president_loyalty.sample(rng),
            loyalty: std::array::from_fn(|a| {
                let [patron, president] = &self.loyalty[a];
                [
                    patron.sample(rng),
                    president.sample(rng),
                    self.street_loyalty[a],
                ]
            }),
        }
    }
}

/// The priors of the scenario.
pub static PRIORS: LazyLock<Priors> = LazyLock::new(Priors::new);

/// Who holds an office; the numbers of the contenders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    Patron,
    President,
    Nobody,
}

/// The two offices.
#[derive(Clone, Copy, Debug)]
pub struct Offices {
    pub council: Holder,
    pub presidency: Holder,
}

impl Offices {
    /// As the scenario begins.
    pub const START: Self = Self {
        council: Holder::Patron,
        presidency: Holder::President,
    };

    /// Pull of the holders on an actor. Holders are contenders, who stand for themselves whole.
    #[must_use]
    #[inline]
    pub fn authority(self, actor: &Actor) -> PerContender {
        let mut pull = [0.0; 3];
        for (holder, strength) in [
            (self.council, actor.council),
            (self.presidency, actor.presidency),
        ] {
            match holder {
                Holder::Patron => pull[PATRON] += strength,
                Holder::President => pull[PRESIDENT] += strength,
                Holder::Nobody => (),
            }
        }
        pull
    }
}

/// Support of the contenders before anybody but themselves takes a side.
pub const SUPPORT_START: PerContender = [CONTENDER_WEIGHT, CONTENDER_WEIGHT, 0.0];

/// Standing of each contender: `exp(prospect_weight * f)`.
///
/// `f` is a logarithm plus a signal, so its exponential is a power times the exponential of the
/// signal, and the power 1.5 is a square root: no logarithm is needed.
#[must_use]
#[inline]
pub fn standing(support: &PerContender, signal: &PerContender, turnout: f64) -> PerContender {
    let momentum = [0.0, 0.0, 2.0 * turnout];
    std::array::from_fn(|c| {
        let seen = (support[c] + momentum[c]).max(0.0) + PROSPECT_FLOOR;
        let power = seen * seen.sqrt();
        // Most of the time there is no signal.
        if signal[c] == 0.0 {
            power
        } else {
            power * (PROSPECT_WEIGHT * signal[c]).exp()
        }
    })
}

/// Prospects of each contender.
#[must_use]
#[inline]
pub fn prospects(standing: &PerContender) -> PerContender {
    let whole: f64 = standing.iter().sum();
    standing.map(|s| s / whole)
}

/// A signal one step later.
#[must_use]
#[inline]
pub fn fade(signal: PerContender) -> PerContender {
    signal.map(|b| b * SIGNAL_KEPT)
}

/// Noise of one actor's view, drawn once a day: a factor on the standing of each contender.
#[inline]
pub fn view_noise<R: Rng>(rng: &mut R) -> PerContender {
    std::array::from_fn(|_| {
        let z: f64 = StandardNormal.sample(rng);
        (PROSPECT_WEIGHT * NOISE * z).exp()
    })
}

/// An actor's view of the prospects.
#[must_use]
#[inline]
pub fn view(standing: &PerContender, noise: &PerContender) -> PerContender {
    prospects(&std::array::from_fn(|c| standing[c] * noise[c]))
}

/// Loyalty one step later. `news` is prospects less prospects at the start.
#[inline]
pub fn drifted<R: Rng>(
    actor: &Actor,
    loyalty: &PerContender,
    news: &PerContender,
    rng: &mut R,
) -> PerContender {
    let mut drifted = *loyalty;
    for (l, news) in drifted.iter_mut().zip(news) {
        let z: f64 = StandardNormal.sample(rng);
        *l = (*l + DRIFT * actor.opportunism * news * DT + DIFFUSED * z).clamp(0.0, 1.0);
    }
    drifted
}

/// Utility of each option.
#[must_use]
#[inline]
pub fn utility(
    actor: &Actor,
    loyalty: &PerContender,
    view: &PerContender,
    offices: Offices,
    turnout: f64,
) -> Stance {
    let pull = offices.authority(actor);
    let o = actor.opportunism;
    let of = |c: usize| (1.0 - o) * loyalty[c] + o * view[c] + pull[c];
    let aside = actor.caution + actor.caution_turnout * turnout;
    [of(PATRON), of(PRESIDENT), of(STREET), aside]
}

/// Stance of a body one step later, while there is open break.
#[must_use]
#[inline]
pub fn moved(stance: &Stance, utility: &Stance) -> Stance {
    // Utilities lie between 0 and 3, so the exponentials need no guard.
    let e = utility.map(|u| (SHARPNESS * u).exp());
    let whole: f64 = e.iter().sum();
    std::array::from_fn(|c| stance[c] + RECONSIDERED * (e[c] / whole - stance[c]))
}

/// Whether a person reconsiders in this step, while there is open break.
#[inline]
pub fn reconsiders<R: Rng>(rng: &mut R) -> bool {
    rng.random::<f64>() < RECONSIDERED
}

/// Tastes of a person, drawn once a round.
#[inline]
pub fn tastes<R: Rng>(rng: &mut R) -> Stance {
    std::array::from_fn(|_| {
        let e: f64 = Exp1.sample(rng);
        -e.ln()
    })
}

/// The option that a person picks: whole.
#[must_use]
#[inline]
pub fn picked(utility: &Stance, tastes: &Stance) -> Stance {
    let mut best = 0;
    let score: Stance = std::array::from_fn(|c| SHARPNESS * utility[c] + tastes[c]);
    for c in 1..4 {
        if score[c] > score[best] {
            best = c;
        }
    }
    let mut stance = [0.0; 4];
    stance[best] = 1.0;
    stance
}

/// What an actor's private loyalty would give the patron and the president if the split came now.
#[must_use]
#[inline]
pub fn backing(actor: &Actor, loyalty: &PerContender, offices: Offices) -> [f64; 2] {
    let pull = offices.authority(actor);
    // Against the street, which has no office: one exponential less.
    let patron = (SHARPNESS * (loyalty[PATRON] + pull[PATRON] - loyalty[STREET])).exp();
    let president = (SHARPNESS * (loyalty[PRESIDENT] + pull[PRESIDENT] - loyalty[STREET])).exp();
    let share = actor.weight / (1.0 + patron + president);
    [patron * share, president * share]
}

/// `contest(backing.president, backing.patron, 2)`, from what each follower gives the patron and the
/// president.
#[inline]
pub fn contest(backing: impl Iterator<Item = [f64; 2]>) -> f64 {
    let (mut patron, mut president) = (CONTENDER_WEIGHT, CONTENDER_WEIGHT);
    for [to_patron, to_president] in backing {
        patron += to_patron;
        president += to_president;
    }
    let (a, b) = (president * president, patron * patron);
    a / (a + b)
}

/// How likely the president finds it that moving beats waiting.
#[inline]
#[must_use]
pub fn temptation(edge: f64, start: &Start, turnout: f64, buildings: u32) -> f64 {
    let wait = start.president_loyalty - 2.0 * turnout - 0.1 * f64::from(buildings);
    let gain = edge * start.ambition - (1.0 - edge) * 1.2 - wait;
    1.0 / (1.0 + (-DECISION * gain).exp())
}

/// The crowd.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crowd {
    pub grievance: f64,
    grievance_start: f64,
    mood: f64,
    pub turnout: f64,
}

impl Crowd {
    /// At the start of a round.
    #[must_use]
    #[inline]
    pub fn new(start: &Start) -> Self {
        let v = start.grievance;
        let turnout = (0..16).fold(0.0, |x, _| {
            normal_cdf((v - repression(start.deterrence, x) - THRESHOLD_MEAN) / THRESHOLD_SD)
        });
        Self {
            grievance: v,
            grievance_start: v,
            mood: 0.0,
            turnout,
        }
    }

    fn target(&self, deterrence: f64, x: f64) -> f64 {
        let seen = x / (x + CROWD_HALF);
        let pushed = self.grievance + CONTAGION * seen - repression(deterrence, x) + self.mood;
        normal_cdf((pushed - THRESHOLD_MEAN) / THRESHOLD_SD)
    }

    /// The crowd one step later: Heun's rule in its exponential form.
    #[inline]
    #[must_use]
    pub fn mobilised<R: Rng>(&self, deterrence: f64, rng: &mut R) -> Self {
        let z: f64 = StandardNormal.sample(rng);
        let mood = self.mood * MOOD_KEPT + MOOD_DRAWN * z;
        let in_mood = Self { mood, ..*self };
        let x = self.turnout;
        let first = in_mood.target(deterrence, x);
        let second = in_mood.target(deterrence, x + CROWD_MOVED * (first - x));
        let turnout = (x + CROWD_MOVED * (0.5 * (first + second) - x)).clamp(0.0, 1.0);
        let grievance = self.grievance + GRIEVANCE_FADED * (self.grievance_start - self.grievance);
        Self {
            grievance,
            turnout,
            ..in_mood
        }
    }
}

#[inline]
fn repression(deterrence: f64, x: f64) -> f64 {
    deterrence / (1.0 + 5.0 * x)
}

/// Φ as MODEL.md has it (Abramowitz & Stegun 26.2.17).
#[inline]
fn normal_cdf(x: f64) -> f64 {
    let j = x.abs();
    let t = 1.0 / (1.0 + 0.231_641_9 * j);
    let poly = t
        * (0.319_381_530
            + t * (-0.356_563_782
                + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    let tail = 0.398_942_28 * (-0.5 * j * j).exp() * poly;
    if x < 0.0 { tail } else { 1.0 - tail }
}

/// The clock of an action with a rate.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// Decisions so far. Nothing is delayed here, so these are also the takings.
    pub decisions: u32,
    /// What the clock shows.
    run: f64,
    threshold: f64,
    running: bool,
    /// What it showed before the step.
    before: f64,
    /// What it gains in a whole step.
    gain: f64,
    /// Steps for which it had run before the beginning of the step.
    lead: f64,
}

impl Clock {
    /// A clock with its first threshold.
    #[inline]
    pub fn new<R: Rng>(rng: &mut R) -> Self {
        Self {
            decisions: 0,
            run: 0.0,
            threshold: patience(rng),
            running: false,
            before: 0.0,
            gain: 0.0,
            lead: 0.0,
        }
    }

    /// Lets one step pass. The first step of a spell has half a step of credit, but not at `t = 0`.
    #[inline]
    pub fn pass(&mut self, t: u32, gate: bool, rate: f64) {
        if gate {
            self.before = self.run;
            self.gain = rate.max(0.0) * DT;
            self.lead = if self.running || t == 0 { 0.0 } else { 0.5 };
            self.run += (1.0 + self.lead) * self.gain;
        }
        self.running = gate;
    }

    /// Whether a decision is due.
    #[inline]
    #[must_use]
    fn is_due(&self, limit: u32) -> bool {
        self.run >= self.threshold && self.decisions < limit
    }

    /// When in the step the decision that is due falls, in steps.
    #[inline]
    fn strike(&self) -> f64 {
        (self.threshold - self.before) / self.gain - self.lead
    }

    /// Takes the decision that is due. `patience` is a new draw.
    #[inline]
    pub fn decide(&mut self, patience: f64) {
        self.decisions += 1;
        self.threshold += patience;
    }
}

/// What a threshold grows by: `−ln u`.
#[inline]
pub fn patience<R: Rng>(rng: &mut R) -> f64 {
    Exp1.sample(rng)
}

/// Five clocks of a round, by action; the shock is dated and has none.
#[inline]
pub fn clocks<R: Rng>(rng: &mut R) -> [Clock; 5] {
    std::array::from_fn(|_| Clock::new(rng))
}

/// The action whose turn it is: the earliest that is due, unless the round is decided. No event but
/// those that decide the round closes the gate of another action.
#[inline]
#[must_use]
pub fn next_due(clocks: &[Clock; 5], offices: Offices) -> Option<usize> {
    if offices.presidency != Holder::President {
        return None;
    }
    let mut next = None;
    let mut soonest = f64::INFINITY;
    for (clock, action) in clocks.iter().zip(CONCESSION..) {
        if clock.is_due(LIMIT[action]) && clock.strike() < soonest {
            soonest = clock.strike();
            next = Some(action);
        }
    }
    next
}

/// The clock of an action.
#[inline]
#[must_use]
pub fn clock_of(action: usize) -> usize {
    action - CONCESSION
}

/// Gate and rate of each action with a clock, for the state as found. `temptation` gives that of the
/// moment and that of the start; it is asked only while the gate of `seize` is open, because nothing
/// else reads it.
#[inline]
pub fn gates(
    clocks: &[Clock; 5],
    turnout: f64,
    offices: Offices,
    open_break: bool,
    temptation: impl FnOnce(u32) -> (f64, f64),
) -> [(bool, f64); 5] {
    let x = turnout;
    let count = |action: usize| clocks[clock_of(action)].decisions;
    let open = |action: usize| count(action) < LIMIT[action];
    let presides = offices.presidency == Holder::President;
    let seize = open(SEIZE) && offices.council == Holder::Patron && presides;
    let seize_rate = if seize {
        let (now, at_start) = temptation(count(BUILDING));
        2.0 * (now - at_start).max(0.0)
    } else {
        0.0
    };
    [
        (open(CONCESSION) && x > 0.02, 0.5),
        (open(BUILDING) && x > 0.01, 5.0 * x),
        (seize, seize_rate),
        (open(DISMISS) && open_break && presides, 0.1),
        (open(STORM) && x > 0.15, 2.0 * x),
    ]
}

/// The outcome that ends the round at this Settle, if one does. `held` counts the Settles in a row
/// at which the president had the council and enough support.
#[inline]
pub fn settled(offices: Offices, president_support: f64, held: &mut u32) -> Option<usize> {
    match offices.presidency {
        Holder::Nobody => return Some(STREET_WINS),
        Holder::Patron => return Some(PATRON_WINS),
        Holder::President => (),
    }
    let holds = offices.council == Holder::President && president_support > 0.6;
    *held = if holds { *held + 1 } else { 0 };
    (*held >= HOLD_SETTLES).then_some(PRESIDENT_WINS)
}

/// The outcome at the horizon.
#[must_use]
#[inline]
pub fn at_horizon(open_break: bool) -> usize {
    if open_break { UNDECIDED } else { NOTHING }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Coefficients that the model needs only in the form of shares of a step.
    const SIGNAL_HALF_LIFE: f64 = 3.0;
    const DIFFUSION: f64 = 0.002;
    const CROWD_PACE: f64 = 0.8;
    const MOOD_SD: f64 = 0.05;
    const MOOD_TIME: f64 = 2.0;
    const GRIEVANCE_FADE: f64 = 0.05;

    #[test]
    fn shares_of_a_step_follow_from_the_coefficients() {
        let left = |days: f64| (-DT / days).exp();
        for (written, meant) in [
            (SIGNAL_KEPT, left(SIGNAL_HALF_LIFE / std::f64::consts::LN_2)),
            (DIFFUSED, DIFFUSION * DT.sqrt()),
            (RECONSIDERED, 1.0 - left(1.0)),
            (CROWD_MOVED, 1.0 - left(1.0 / CROWD_PACE)),
            (MOOD_KEPT, left(MOOD_TIME)),
            (MOOD_DRAWN, MOOD_SD * (1.0 - left(MOOD_TIME).powi(2)).sqrt()),
            (GRIEVANCE_FADED, 1.0 - left(1.0 / GRIEVANCE_FADE)),
        ] {
            assert!((written / meant - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn power_sums_to_one() {
        let whole: f64 = ACTORS.iter().map(|a| a.weight).sum::<f64>() + 2.0 * CONTENDER_WEIGHT;
        assert!((whole - 1.0).abs() < 1e-12);
    }

    #[test]
    fn normal_cdf_is_symmetric() {
        for x in [0.0, 0.3, 1.0, 2.5] {
            assert!((normal_cdf(x) + normal_cdf(-x) - 1.0).abs() < 1e-7);
        }
        assert!((normal_cdf(1.959_964) - 0.975).abs() < 1e-6);
    }
}
