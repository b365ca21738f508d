//! The numbers of `scenarios/bench.toml` and the formulas of `docs/MODEL.md` that it needs.
//!
//! Facts of the scenario that shorten the work of every port:
//!
//! - Openness stays 1.
//! - Nobody promises anything, no contender has a standing, and all power sums to 1 in each arena.
//! - Views, loyalties and stances can be read as long as the council or the presidency may still change
//!   hands, or the president has yet to hold out ([`minds_matter`]). Before any of this ends, everybody is
//!   present; afterwards only the crowd and the actions that follow it play on.

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
/// Share of what is new that is taken for granted.
const USED_TO: f64 = 0.024_690_087_971_667_333;
/// Share of stances that move.
const RECONSIDERED: f64 = 0.221_199_216_928_595_12;
/// Share of the gap to its target that the crowd closes.
const CROWD_MOVED: f64 = 0.181_269_246_922_018_18;
/// Share of a mood that is left.
const MOOD_KEPT: f64 = 0.882_496_902_584_595_5;
/// Spread of what is new in a mood.
const MOOD_DRAWN: f64 = 0.023_515_910_408_093_657;
/// Share of new grievance that fades.
const GRIEVANCE_FADED: f64 = 0.012_422_199_506_118_559;

/// The highest mood that the past may have seen: a year of it.
const STIRRED_MOOD: f64 = 0.161_349_778_013_831_6;

const COERCION: f64 = 0.6;
const INSTITUTIONS: f64 = 0.4;
/// Weights of the arenas.
const ARENAS: [f64; 2] = [COERCION, INSTITUTIONS];

/// Power of the patron, and of the president, in each arena.
const CONTENDER_POWER: [f64; 2] = [0.02, 0.20];

/// What does not change about an actor that is no contender.
pub struct Actor {
    /// The one arena in which he has power.
    arena: usize,
    /// His share of all power there: it sums to 1.
    power: f64,
    opportunism: f64,
    caution: f64,
    caution_turnout: f64,
    council: f64,
    presidency: f64,
}

/// The head of the service, who is a person and comes first.
pub const CHIEF: usize = 0;
/// How many actors are no contender: the chief and five bodies.
pub const FOLLOWERS: usize = 6;

const ARMED: Actor = Actor {
    arena: 0,
    power: 0.0,
    opportunism: 0.5,
    caution: 0.5,
    caution_turnout: 0.0,
    council: 0.0,
    presidency: 0.0,
};

const CIVIL: Actor = Actor { arena: 1, ..ARMED };

/// Chief, service, police, army, party, officials.
pub static ACTORS: [Actor; FOLLOWERS] = [
    Actor {
        power: 0.05,
        council: 0.10,
        ..CIVIL
    },
    Actor {
        power: 0.20,
        council: 0.15,
        ..ARMED
    },
    Actor {
        power: 0.40,
        caution: 0.45,
        caution_turnout: 0.6,
        council: 0.10,
        presidency: 0.10,
        ..ARMED
    },
    Actor {
        power: 0.36,
        caution: 0.55,
        caution_turnout: 0.6,
        council: 0.10,
        presidency: 0.10,
        ..ARMED
    },
    Actor {
        power: 0.25,
        opportunism: 0.8,
        ..CIVIL
    },
    Actor {
        power: 0.30,
        opportunism: 0.8,
        presidency: 0.15,
        ..CIVIL
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
    fn authority(self, actor: &Actor) -> PerContender {
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

/// Stance of a body that stands aside: no body is of one mind.
const ASIDE_BODY: Stance = [0.001 / 1.003, 0.001 / 1.003, 0.001 / 1.003, 1.0 / 1.003];
const ASIDE_PERSON: Stance = [0.0, 0.0, 0.0, 1.0];

/// Stances at the start, in the order of `ACTORS`.
pub const STANCES_START: [Stance; FOLLOWERS] = [
    ASIDE_PERSON,
    ASIDE_BODY,
    ASIDE_BODY,
    ASIDE_BODY,
    ASIDE_BODY,
    ASIDE_BODY,
];

/// Shares of power that stand with each contender, in each arena.
#[derive(Clone, Copy, Debug)]
pub struct Support([PerContender; 2]);

impl Support {
    /// From the stances of `ACTORS`, in their order.
    #[must_use]
    #[inline]
    pub fn of(stances: impl Iterator<Item = Stance>) -> Self {
        let mut shares = CONTENDER_POWER.map(|power| [power, power, 0.0]);
        for (actor, stance) in ACTORS.iter().zip(stances) {
            for (sum, share) in shares[actor.arena].iter_mut().zip(stance) {
                *sum += actor.power * share;
            }
        }
        Self(shares)
    }

    /// Over both arenas.
    #[must_use]
    #[inline]
    pub fn whole(&self) -> PerContender {
        let Self([armed, civil]) = self;
        std::array::from_fn(|c| COERCION * armed[c] + INSTITUTIONS * civil[c])
    }
}

/// What `f` is the logarithm of, less the signal.
#[inline]
fn weight(support: &PerContender, turnout: f64) -> PerContender {
    let momentum = [0.0, 0.0, 2.0 * turnout];
    std::array::from_fn(|c| (support[c] + momentum[c]).max(0.0) + PROSPECT_FLOOR)
}

#[inline]
fn normalised<const N: usize>(e: [f64; N]) -> [f64; N] {
    let whole: f64 = e.iter().sum();
    e.map(|e| e / whole)
}

/// Softmax of `prospect_weight * f`.
///
/// `f` is a logarithm plus a signal, so its exponential is a power times the exponential of the
/// signal, and the power 1.5 is a square root: no logarithm is needed.
#[inline]
fn prospects(weight: &PerContender, signal: &PerContender) -> PerContender {
    normalised(std::array::from_fn(|c| {
        weight[c] * weight[c].sqrt() * (PROSPECT_WEIGHT * signal[c]).exp()
    }))
}

/// What there is to see at a Perceive.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    support: Support,
    whole: PerContender,
    pub turnout: f64,
    signal: PerContender,
    /// `prospect_weight` times the error of views: it grows with what is new.
    blur: f64,
}

impl Scene {
    /// At rest: no signals, no errors.
    #[must_use]
    #[inline]
    pub fn at_rest(support: Support, turnout: f64) -> Self {
        Self {
            support,
            whole: support.whole(),
            turnout,
            signal: [0.0; 3],
            blur: 0.0,
        }
    }

    /// Later. `rest` is the scene of the start.
    #[must_use]
    #[inline]
    pub fn new(rest: &Self, support: Support, signal: PerContender, turnout: f64) -> Self {
        let whole = support.whole();
        let now = weight(&whole, turnout);
        let then = weight(&rest.whole, rest.turnout);
        let new = (0..3).fold(0.0_f64, |most, c| {
            most.max(((now[c] / then[c]).ln() + signal[c]).abs())
        });
        Self {
            support,
            whole,
            turnout,
            signal,
            blur: PROSPECT_WEIGHT * NOISE * new.min(1.0),
        }
    }

    /// An actor's view of the prospects: without his own weight, and with the errors of his day.
    #[must_use]
    #[inline]
    pub fn view(&self, actor: &Actor, stance: &Stance, errors: &PerContender) -> PerContender {
        let own = ARENAS[actor.arena] * actor.power / (1.0 - actor.power);
        let Self {
            support: Support(shares),
            whole,
            ..
        } = self;
        // What is left of an arena without him, as a change of the whole.
        let others = std::array::from_fn(|c| whole[c] + own * (shares[actor.arena][c] - stance[c]));
        let weight = weight(&others, self.turnout);
        normalised(std::array::from_fn(|c| {
            let f = PROSPECT_WEIGHT * self.signal[c] + self.blur * errors[c];
            weight[c] * weight[c].sqrt() * f.exp()
        }))
    }
}

/// A signal one step later.
#[must_use]
#[inline]
pub fn fade(signal: PerContender) -> PerContender {
    signal.map(|b| b * SIGNAL_KEPT)
}

/// Errors of one actor's view, drawn once a day.
#[inline]
pub fn errors<R: Rng>(rng: &mut R) -> PerContender {
    std::array::from_fn(|_| StandardNormal.sample(rng))
}

/// Loyalty, and what is taken for granted, one step later.
#[must_use]
#[inline]
pub fn drifted(
    actor: &Actor,
    loyalty: &PerContender,
    granted: &PerContender,
    view: &PerContender,
) -> (PerContender, PerContender) {
    let news: PerContender = std::array::from_fn(|c| view[c] - granted[c]);
    let pull = DRIFT * actor.opportunism * DT;
    (
        std::array::from_fn(|c| (loyalty[c] + pull * news[c]).clamp(0.0, 1.0)),
        std::array::from_fn(|c| granted[c] + USED_TO * news[c]),
    )
}

/// Utility of each option, times `sharpness`.
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
    [of(PATRON), of(PRESIDENT), of(STREET), actor.aside(turnout)].map(|u| SHARPNESS * u)
}

impl Actor {
    #[inline]
    fn aside(&self, turnout: f64) -> f64 {
        self.caution + self.caution_turnout * turnout
    }
}

/// What custom adds to utilities; the open break ends it.
#[inline]
fn with_custom(utility: &Stance, custom: &Stance, open_break: bool) -> Stance {
    if open_break {
        *utility
    } else {
        std::array::from_fn(|c| utility[c] + custom[c])
    }
}

/// Stance of a body one step later.
#[must_use]
#[inline]
pub fn moved(stance: &Stance, utility: &Stance, custom: &Stance, open_break: bool) -> Stance {
    // Exponents are small, so the exponentials need no guard.
    let target = normalised(with_custom(utility, custom, open_break).map(f64::exp));
    std::array::from_fn(|c| stance[c] + RECONSIDERED * (target[c] - stance[c]))
}

/// Whether a person reconsiders in this step.
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
pub fn picked(utility: &Stance, tastes: &Stance, custom: &Stance, open_break: bool) -> Stance {
    let score = with_custom(utility, custom, open_break);
    let mut best = 0;
    for c in 1..4 {
        if score[c] + tastes[c] > score[best] + tastes[best] {
            best = c;
        }
    }
    let mut stance = [0.0; 4];
    stance[best] = 1.0;
    stance
}

/// What keeps a body at its first stance.
#[must_use]
#[inline]
pub fn custom_of_body(stance: &Stance, utility: &Stance) -> Stance {
    let whole = utility.iter().map(|u| u.exp()).sum::<f64>().ln();
    std::array::from_fn(|c| stance[c].ln() - utility[c] + whole)
}

/// What keeps a person aside: with his reasons of the start and this, his options are as far below
/// "aside" as tastes of somebody who is seen to stand aside put them.
#[must_use]
#[inline]
pub fn custom_of_person(utility: &Stance, tastes: &Stance) -> Stance {
    let whole = utility.iter().map(|u| u.exp()).sum::<f64>().ln();
    std::array::from_fn(|c| {
        let below = if c == 3 {
            0.0
        } else {
            let chance = utility[c] - whole - tastes[3];
            (chance - (chance.exp() + (-tastes[c]).exp()).ln()).min(-0.001)
        };
        below - (utility[c] + tastes[c])
    })
}

/// First move of the president, and the spread of what his night adds to it.
const FIRST_MOVE: f64 = 0.15;
const NIGHT: f64 = 0.25;

/// What luck adds to the first move of the president when he tries.
#[inline]
pub fn night<R: Rng>(rng: &mut R) -> f64 {
    let z: f64 = StandardNormal.sample(rng);
    NIGHT * z
}

/// `edge`: the contest of those who would rally to the president with those who would rally to the
/// patron, if the council were tried for now. `luck` is what the night adds.
#[must_use]
#[inline]
pub fn edge(
    support: &Support,
    turnout: f64,
    signal: &PerContender,
    loyalty: &[PerContender; FOLLOWERS],
    offices: Offices,
    luck: f64,
) -> f64 {
    let mut said = *signal;
    said[PRESIDENT] += FIRST_MOVE + luck;
    let private: [Stance; FOLLOWERS] = std::array::from_fn(|a| {
        let actor = &ACTORS[a];
        // Without views.
        let mut e = utility(actor, &loyalty[a], &[0.0; 3], offices, turnout);
        e[3] = e[3].exp();
        e
    });
    let mut support = support.whole();
    for _ in 0..4 {
        let expected = prospects(&weight(&support, turnout), &said);
        support = Support::of(ACTORS.iter().zip(&private).map(|(actor, private)| {
            let view = SHARPNESS * actor.opportunism;
            let mut e = *private;
            for c in 0..3 {
                e[c] = (e[c] + view * expected[c]).exp();
            }
            normalised(e)
        }))
        .whole();
    }
    contest(support[PRESIDENT], support[PATRON])
}

/// `contest(a, b, 2)`.
#[must_use]
#[inline]
pub fn contest(a: f64, b: f64) -> f64 {
    a * a / (a * a + b * b)
}

/// How much the president is inclined to move: `decide` of `seize`.
#[inline]
#[must_use]
pub fn inclination(edge: f64, start: &Start, turnout: f64, buildings: u32) -> f64 {
    let wait = start.president_loyalty - 2.0 * turnout - 0.1 * f64::from(buildings);
    let gain = edge * start.ambition - (1.0 - edge) * 1.2 - wait;
    1.0 / (1.0 + (-DECISION * gain).exp())
}

/// The president's disposition: he is resolved while his inclination is above it. He is known to have
/// stayed at the inclination of the start, and at that of a stirred past, when more were in the street. Views and
/// stances, and so `support`, are those of the start.
#[inline]
pub fn disposition<R: Rng>(support: &Support, start: &Start, crowd: &Crowd, rng: &mut R) -> f64 {
    let inclined = |turnout| {
        let loyalty = &start.loyalty;
        let edge = edge(support, turnout, &[0.0; 3], loyalty, Offices::START, 0.0);
        inclination(edge, start, turnout, 0)
    };
    let stayed = inclined(crowd.turnout).max(inclined(crowd.stirred(start.deterrence)));
    stayed + (1.0 - stayed) * rng.random::<f64>()
}

/// Whether the president weighs in this step: once a day.
#[inline]
#[must_use]
pub fn weighs(t: u32) -> bool {
    t.is_multiple_of(STEPS_PER_DAY)
}

/// The crowd.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crowd {
    pub grievance: f64,
    grievance_start: f64,
    mood: f64,
    pub turnout: f64,
    /// What sixteen passes have left of the way to rest.
    left: f64,
}

impl Crowd {
    /// At rest.
    #[must_use]
    #[inline]
    pub fn new(start: &Start) -> Self {
        let empty = Self {
            grievance: start.grievance,
            grievance_start: start.grievance,
            mood: 0.0,
            turnout: 0.0,
            left: 0.0,
        };
        let turnout = (0..16).fold(0.0, |x, _| empty.target(start.deterrence, x));
        Self {
            turnout,
            left: empty.target(start.deterrence, turnout) - turnout,
            ..empty
        }
    }

    /// Turnout in the highest mood that the past may have seen.
    fn stirred(&self, deterrence: f64) -> f64 {
        let stirred = Self {
            mood: STIRRED_MOOD,
            ..*self
        };
        (0..16).fold(self.turnout, |x, _| stirred.target(deterrence, x))
    }

    fn target(&self, deterrence: f64, x: f64) -> f64 {
        let seen = x / (x + CROWD_HALF);
        let pushed = self.grievance + CONTAGION * seen - repression(deterrence, x) + self.mood;
        (normal_cdf((pushed - THRESHOLD_MEAN) / THRESHOLD_SD) - self.left).clamp(0.0, 1.0)
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

/// Takings of each action with a clock so far.
#[derive(Clone, Copy)]
pub struct Counts<'a>(pub &'a [Clock; 5]);

impl Counts<'_> {
    #[inline]
    fn of(self, action: usize) -> u32 {
        self.0[clock_of(action)].decisions
    }

    #[inline]
    fn open(self, action: usize) -> bool {
        self.of(action) < LIMIT[action]
    }
}

/// The action whose turn it is: the earliest that is due and whose gate still holds. A gate that an
/// event closes stays closed.
#[inline]
#[must_use]
pub fn next_due(clocks: &[Clock; 5], offices: Offices, removed: bool) -> Option<usize> {
    let mut next = None;
    let mut soonest = f64::INFINITY;
    for (clock, action) in clocks.iter().zip(CONCESSION..) {
        if clock.is_due(LIMIT[action])
            && clock.strike() < soonest
            && stands(action, offices, removed)
        {
            soonest = clock.strike();
            next = Some(action);
        }
    }
    next
}

/// The part of the gate of an action that events may close: who presides, and whether the president has
/// been removed.
#[inline]
fn stands(action: usize, offices: Offices, removed: bool) -> bool {
    match action {
        CONCESSION => !removed,
        SEIZE | DISMISS => offices.presidency == Holder::President,
        _ => true,
    }
}

/// The clock of an action.
#[inline]
#[must_use]
pub fn clock_of(action: usize) -> usize {
    action - CONCESSION
}

/// Whether the president may try for the council.
#[inline]
#[must_use]
pub fn may_seize(clocks: &[Clock; 5], offices: Offices) -> bool {
    // He has taken it, or lost the presidency, only if he tried or the street won.
    Counts(clocks).open(SEIZE) && offices.presidency == Holder::President
}

/// Gate and rate of each action with a clock, for the state as found. `resolved` is whether the president
/// was when he last weighed.
#[inline]
#[must_use]
pub fn gates(
    clocks: &[Clock; 5],
    turnout: f64,
    offices: Offices,
    open_break: bool,
    removed: bool,
    resolved: bool,
) -> [(bool, f64); 5] {
    let x = turnout;
    let gate =
        |action, also| Counts(clocks).open(action) && stands(action, offices, removed) && also;
    [
        (gate(CONCESSION, x > 0.02), 0.5),
        (gate(BUILDING, x > 0.01), 5.0 * x),
        (gate(SEIZE, true), if resolved { 2.0 } else { 0.0 }),
        (gate(DISMISS, open_break), 0.1),
        (gate(STORM, x > 0.15), 2.0 * x),
    ]
}

/// The outcome and its day, once there is one.
pub type Noted = Option<(usize, f64)>;

/// Notes who has the presidency, if it has been lost, unless something is noted already: after each
/// event, for the step `t`.
#[inline]
pub fn note_loss(noted: &mut Noted, offices: Offices, t: u32) {
    let outcome = match offices.presidency {
        Holder::Nobody => STREET_WINS,
        Holder::Patron => PATRON_WINS,
        Holder::President => return,
    };
    noted.get_or_insert((outcome, f64::from(t + 1) * DT));
}

/// Settle: whether the president has held out. `held` counts the Settles in a row at which he had the
/// council and enough support.
#[inline]
pub fn settle(noted: &mut Noted, offices: Offices, president_support: f64, held: &mut u32, t: u32) {
    let holds = offices.council == Holder::President && president_support > 0.6;
    *held = if holds { *held + 1 } else { 0 };
    if *held >= HOLD_SETTLES {
        noted.get_or_insert((PRESIDENT_WINS, f64::from(t + 1) * DT));
    }
}

/// Whether views, loyalties and stances can still be read: by a try for the council, by a dismissal, or
/// by the outcome.
#[inline]
#[must_use]
pub fn minds_matter(clocks: &[Clock; 5], offices: Offices, noted: Noted) -> bool {
    let counts = Counts(clocks);
    offices.presidency == Holder::President
        && (counts.open(SEIZE)
            || counts.open(DISMISS)
            || (offices.council == Holder::President && noted.is_none()))
}

/// Whether nothing more can happen that is counted: of buildings, that is the first.
#[inline]
#[must_use]
pub fn is_over(clocks: &[Clock; 5], offices: Offices, removed: bool, noted: Noted) -> bool {
    let possible = |action| Counts(clocks).of(action) == 0 && stands(action, offices, removed);
    noted.is_some() && !(CONCESSION..=STORM).any(possible)
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
    const MEMORY: f64 = 10.0;
    const CROWD_PACE: f64 = 0.8;
    const MOOD_SD: f64 = 0.05;
    const MOOD_TIME: f64 = 2.0;
    const GRIEVANCE_FADE: f64 = 0.05;

    #[test]
    fn shares_of_a_step_follow_from_the_coefficients() {
        let left = |days: f64| (-DT / days).exp();
        for (written, meant) in [
            (SIGNAL_KEPT, left(SIGNAL_HALF_LIFE / std::f64::consts::LN_2)),
            (USED_TO, -(-DT / MEMORY).exp_m1()),
            (RECONSIDERED, 1.0 - left(1.0)),
            (CROWD_MOVED, 1.0 - left(1.0 / CROWD_PACE)),
            (MOOD_KEPT, left(MOOD_TIME)),
            (MOOD_DRAWN, MOOD_SD * (1.0 - left(MOOD_TIME).powi(2)).sqrt()),
            (GRIEVANCE_FADED, 1.0 - left(1.0 / GRIEVANCE_FADE)),
        ] {
            assert!((written / meant - 1.0).abs() < 1e-12);
        }
        let past: f64 = 365.0;
        let highest = (2.0 * (past / MOOD_TIME).ln()).sqrt() * MOOD_SD;
        assert!((STIRRED_MOOD / highest - 1.0).abs() < 1e-12);
    }

    #[test]
    fn power_sums_to_one() {
        for (k, contender) in CONTENDER_POWER.iter().enumerate() {
            let followers = ACTORS.iter().filter(|a| a.arena == k);
            let whole = followers.map(|a| a.power).sum::<f64>() + 2.0 * contender;
            assert!((whole - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn custom_keeps_a_body_where_it_stands() {
        let utility = [1.0, 4.0, 2.0, 3.0];
        let custom = custom_of_body(&ASIDE_BODY, &utility);
        let moved = moved(&ASIDE_BODY, &utility, &custom, false);
        for (now, then) in moved.iter().zip(ASIDE_BODY) {
            assert!((now - then).abs() < 1e-12);
        }
    }

    #[test]
    fn normal_cdf_is_symmetric() {
        for x in [0.0, 0.3, 1.0, 2.5] {
            assert!((normal_cdf(x) + normal_cdf(-x) - 1.0).abs() < 1e-7);
        }
        assert!((normal_cdf(1.959_964) - 0.975).abs() < 1e-6);
    }
}
