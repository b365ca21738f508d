//! A scenario as understood: read, laid over, checked. Names are indices into the lists here.

use std::collections::BTreeMap;

use jiff::civil::Date;

pub use super::dynamics::{Choice, Coefficient, DecideFrom, Dynamics, Thresholds};
use super::effect::Effect;
use super::expression::Expression;
use super::fault::{Place, Sources};
pub use super::limits;

/// A scenario, resolved with all that it extends.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The file's name without `.toml`.
    pub name: String,
    /// Free text.
    pub title: String,
    /// Default number of rounds.
    pub rounds: u64,
    /// Default seed.
    pub seed: u64,
    /// Who can end up holding power, in order.
    pub contenders: Vec<Contender>,
    /// The clock.
    pub clock: Clock,
    /// Kinds of power.
    pub arenas: Vec<Arena>,
    /// Named priors.
    pub parameters: Vec<Named>,
    /// State of the scenario's own.
    pub variables: Vec<Named>,
    /// Named expressions.
    pub formulas: Vec<Formula>,
    /// General coefficients.
    pub dynamics: Dynamics,
    /// Agents.
    pub actors: Vec<Actor>,
    /// Transferable positions.
    pub offices: Vec<Office>,
    /// Regions' politically available people.
    pub crowds: Vec<Crowd>,
    /// What may be done, or may happen.
    pub actions: Vec<Action>,
    /// Exclusive labels of a round.
    pub outcomes: Vec<Outcome>,
    /// Facts about a round.
    pub flags: Vec<Flag>,
    /// Whether all of its text could be read: without that, no name can be called unknown.
    pub whole: bool,
    /// Every text that it was read from.
    pub sources: Sources,
    /// The whole resolved scenario, as data.
    pub resolved: serde_json::Value,
}

/// An analyst's words about an entry, and where they are from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remarks {
    /// In plain words.
    pub says: Option<String>,
    /// Where it is from; "judgement" where it is the analyst's own.
    pub source: Option<String>,
}

/// A number of a scenario: known, uncertain, or computed.
#[derive(Debug, Clone)]
pub struct Number {
    /// Its law.
    pub kind: NumberKind,
    /// Path in the scenario, as in `actors.police.loyalty.tokayev`: names its draw.
    pub path: String,
    /// The least value that the key allows.
    pub least: f64,
    /// The largest value that the key allows.
    pub most: f64,
    /// Words.
    pub remarks: Remarks,
    /// Where it stands.
    pub place: Place,
}

/// The law of a [`Number`].
#[derive(Debug, Clone)]
pub enum NumberKind {
    /// Known exactly.
    Fixed(f64),
    /// PERT (λ = 4): lowest, most likely and highest value.
    Pert {
        /// Lowest.
        low: f64,
        /// Most likely.
        mode: f64,
        /// Highest.
        high: f64,
    },
    /// Uniform.
    Uniform {
        /// Lowest.
        min: f64,
        /// Highest.
        max: f64,
    },
    /// Normal, truncated to the key's range.
    Normal {
        /// Mean before truncation.
        mean: f64,
        /// Standard deviation before truncation.
        sd: f64,
    },
    /// An expression.
    Expression(Expression),
}

impl Number {
    /// Whether it is drawn once per round.
    #[must_use]
    pub fn is_prior(&self) -> bool {
        match self.kind {
            NumberKind::Fixed(_) | NumberKind::Expression(_) => false,
            NumberKind::Pert { low, high, .. } => low < high,
            NumberKind::Uniform { min, max } => min < max,
            NumberKind::Normal { sd, .. } => sd > 0.0,
        }
    }

    /// Its value, when it is known before any round.
    #[must_use]
    pub fn fixed(&self) -> Option<f64> {
        match self.kind {
            NumberKind::Fixed(x) => Some(x),
            NumberKind::Pert { low, high, .. } if low >= high => Some(low),
            NumberKind::Uniform { min, max } if min >= max => Some(min),
            NumberKind::Normal { mean, sd } if sd <= 0.0 => Some(mean.clamp(self.least, self.most)),
            _ => None,
        }
    }
}

/// A parameter or a variable.
#[derive(Debug, Clone)]
pub struct Named {
    /// Id.
    pub id: String,
    /// Value.
    pub number: Number,
}

/// A named expression.
#[derive(Debug, Clone)]
pub struct Formula {
    /// Id.
    pub id: String,
    /// What it stands for.
    pub expression: Expression,
}

/// Who or what can end up holding power.
#[derive(Debug, Clone)]
pub struct Contender {
    /// Id.
    pub id: String,
    /// Display name.
    pub name: String,
    /// The actor who stands for himself, if one has the same id.
    pub actor: Option<usize>,
    /// Added to support where prospects are judged.
    pub momentum: Number,
    /// Words.
    pub remarks: Remarks,
}

/// The clock of a round.
#[derive(Debug, Clone)]
pub struct Clock {
    /// First day.
    pub start: Date,
    /// Horizon in days.
    pub days: u64,
    /// One step in seconds.
    pub step_seconds: u64,
}

impl Clock {
    /// Steps of a round that nothing ends early.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.days * 86_400 / self.step_seconds.max(1)
    }

    /// One step in days.
    #[must_use]
    pub fn dt(&self) -> f64 {
        self.step_seconds as f64 / 86_400.0
    }

    /// Days from the start to the beginning of a step.
    #[must_use]
    pub fn day(&self, step: u64) -> f64 {
        (step * self.step_seconds) as f64 / 86_400.0
    }
}

/// A kind of power.
#[derive(Debug, Clone)]
pub struct Arena {
    /// Id.
    pub id: String,
    /// How much it counts in the whole, as written.
    pub weight: f64,
}

/// Whether the public side of an actor can split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActorKind {
    /// Takes one stance whole.
    Person,
    /// May split and takes shares.
    Body,
}

/// The side shown at the start.
#[derive(Debug, Clone, PartialEq)]
pub enum Stance {
    /// None.
    Aside,
    /// A contender.
    Contender(usize),
    /// Shares by contender; the rest is aside. Bodies only.
    Shares(Vec<(usize, f64)>),
}

/// An agent.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Id.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Person or body.
    pub kind: ActorKind,
    /// The contender whom he stands for: himself.
    pub contender: Option<usize>,
    /// Power by arena.
    pub power: BTreeMap<usize, Number>,
    /// Loyalty by contender.
    pub loyalty: BTreeMap<usize, Number>,
    /// 0: private loyalty alone, 1: the expected winner alone.
    pub opportunism: Number,
    /// Pull towards standing aside; may be read from the state at each step.
    pub caution: Number,
    /// At the start.
    pub stance: Stance,
    /// At the start.
    pub present: Number,
    /// Words.
    pub remarks: Remarks,
    /// Where it stands.
    pub place: Place,
}

/// A transferable position.
#[derive(Debug, Clone)]
pub struct Office {
    /// Id.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Holder at the start.
    pub holder: Option<usize>,
    /// Authority by actor.
    pub authority: BTreeMap<usize, Number>,
    /// Words.
    pub remarks: Remarks,
}

/// The politically available people of one region.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each is a key of docs/SCENARIO.md")]
pub struct Crowd {
    pub id: String,
    pub name: String,
    pub weight: Number,
    pub grievance: Number,
    pub threshold_mean: Number,
    pub threshold_sd: Number,
    pub contagion: Number,
    pub spillover: Number,
    pub repression: Number,
    pub remarks: Remarks,
}

/// How an action comes to happen.
#[derive(Debug, Clone)]
pub enum Way {
    /// Per day, while `when` holds.
    Rate(Number),
    /// One draw when `when` first holds.
    Chance(Number),
    /// At a date, in seconds from the start.
    At(i64),
    /// A considered move.
    Decide(Box<Decide>),
}

/// The terms of a considered move.
#[derive(Debug, Clone)]
pub struct Decide {
    /// Moves per day of a mover who is certain.
    pub pace: Number,
    /// Chance of carrying the day, as the mover sees it.
    pub win: Number,
    /// What winning is worth.
    pub prize: Number,
    /// What losing costs.
    pub price: Number,
    /// What waiting is worth.
    pub wait: Number,
}

/// What an actor may do, or what may happen.
#[derive(Debug, Clone)]
pub struct Action {
    /// Id.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Who decides it; nobody for what merely happens.
    pub by: Option<usize>,
    /// Condition; always, if left out.
    pub when: Option<Expression>,
    /// How it comes to happen.
    pub way: Way,
    /// From decision to effects, in days.
    pub delay: Option<Number>,
    /// Most decisions in a round.
    pub limit: u32,
    /// Chance that it succeeds.
    pub success: Option<Number>,
    /// What it does.
    pub effects: Vec<Effect>,
    /// What it does when it fails.
    pub failure: Vec<Effect>,
    /// Words.
    pub remarks: Remarks,
    /// Where it stands.
    pub place: Place,
}

/// When an outcome is read.
#[derive(Debug, Clone)]
pub enum Reading {
    /// At every Settle; ends the round when it has held for so long (days).
    Always {
        /// Condition.
        when: Expression,
        /// How long it must have held, in days.
        hold: Box<Number>,
    },
    /// At the horizon alone.
    AtEnd {
        /// Condition.
        when: Expression,
    },
    /// When nothing else applies.
    Otherwise,
}

/// An exclusive label of a round.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Id.
    pub id: String,
    /// Display name.
    pub name: String,
    /// When it applies.
    pub reading: Reading,
    /// Words.
    pub remarks: Remarks,
}

/// A yes/no fact about a round.
#[derive(Debug, Clone)]
pub struct Flag {
    /// Id.
    pub id: String,
    /// Display name.
    pub name: String,
    /// True for the round if it held at any Settle.
    pub when: Expression,
    /// Words.
    pub remarks: Remarks,
}

impl Scenario {
    /// Every prior, in the order of the scenario's sections: `(path, number)`.
    #[must_use]
    pub fn priors(&self) -> Vec<&Number> {
        self.numbers()
            .into_iter()
            .filter(|n| n.is_prior())
            .collect()
    }

    /// Every number, in the order of the scenario's sections.
    #[must_use]
    pub fn numbers(&self) -> Vec<&Number> {
        let mut all: Vec<&Number> = Vec::new();
        all.extend(self.parameters.iter().map(|p| &p.number));
        all.extend(self.variables.iter().map(|v| &v.number));
        all.extend(&self.dynamics.numbers);
        all.extend(self.contenders.iter().map(|c| &c.momentum));
        for a in &self.actors {
            all.extend(a.power.values());
            all.extend(a.loyalty.values());
            all.extend([&a.opportunism, &a.caution, &a.present]);
        }
        all.extend(self.offices.iter().flat_map(|o| o.authority.values()));
        for c in &self.crowds {
            all.extend([&c.weight, &c.grievance, &c.threshold_mean, &c.threshold_sd]);
            all.extend([&c.contagion, &c.spillover, &c.repression]);
        }
        for a in &self.actions {
            match &a.way {
                Way::Rate(n) | Way::Chance(n) => all.push(n),
                Way::At(_) => {}
                Way::Decide(d) => all.extend([&d.pace, &d.win, &d.prize, &d.price, &d.wait]),
            }
            all.extend(&a.delay);
            all.extend(&a.success);
        }
        for o in &self.outcomes {
            if let Reading::Always { hold, .. } = &o.reading {
                all.push(hold);
            }
        }
        all
    }
}
