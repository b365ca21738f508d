//! The plan: all that a round needs and nothing else. Ids have become indices, expressions
//! programs.

mod build;
mod compile;
pub mod layout;
pub mod program;
pub mod quantile;

pub use layout::Layout;
pub use program::{Instruction, Needs, Program, Slot};
pub use quantile::Quantile;

use crate::scenario::effect::How;
use crate::scenario::model::{Choice, DecideFrom, Thresholds};

/// A compiled scenario.
#[derive(Debug)]
pub struct Plan {
    /// Where each quantity stands.
    pub layout: Layout,
    /// Shares that a run follows day by day on request, with their names. They change nothing in a
    /// round.
    pub followed: Vec<(String, Slot)>,
    /// Slots in all.
    pub slots: usize,
    /// Slots that hold a constant.
    pub constants: Vec<(Slot, f32)>,
    /// Priors, in the order of their slots.
    pub priors: Vec<Prior>,
    /// What is computed once a round, after the priors.
    pub round: Program,
    /// Initial values: `(state, source)`.
    pub initial: Vec<(Slot, Slot)>,
    /// One step in days.
    pub dt: f32,
    /// Steps of a round that nothing ends early.
    pub steps: u32,
    /// One step in seconds.
    pub step_seconds: u64,
    /// Structural switch.
    pub decide_from: DecideFrom,
    /// Structural switch.
    pub choice: Choice,
    /// Structural switch.
    pub thresholds: Thresholds,
    /// Arena weights, which sum to 1.
    pub arena_weights: Vec<f32>,
    /// Contenders.
    pub contenders: Vec<ContenderPlan>,
    /// Actors.
    pub actors: Vec<ActorPlan>,
    /// Offices.
    pub offices: Vec<OfficePlan>,
    /// Crowds.
    pub crowds: Vec<CrowdPlan>,
    /// Actions.
    pub actions: Vec<ActionPlan>,
    /// Actors who may command something in each arena.
    pub powerful: Vec<Vec<usize>>,
    /// The same by actor: the arenas in which he may command something.
    pub commands: Vec<Vec<usize>>,
    /// Read by Perceive.
    pub perceive: PerceivePlan,
    /// Read by Drift.
    pub drift: DriftPlan,
    /// Read by Choose.
    pub choose: ChoosePlan,
    /// Read by Mobilise.
    pub mobilise: MobilisePlan,
    /// Conditions of all actions but dated ones, and what Act reads besides.
    pub act: Program,
    /// Rates, chances and terms of the same actions: computed after `act`, action by action, and
    /// only for those whose condition holds in some lane.
    pub terms: Vec<Instruction>,
    /// `decision` of `[dynamics]`.
    pub decision: Slot,
    /// Conditions of flags and outcomes.
    pub settle: Program,
    /// Flags: their conditions.
    pub flags: Vec<Slot>,
    /// Outcomes.
    pub outcomes: Vec<OutcomePlan>,
    /// What an evidence file asks about the state; nothing but in a plan made for one.
    pub watches: Vec<WatchPlan>,
}

/// A prior: how it is drawn, and its path.
#[derive(Debug)]
pub struct Prior {
    /// Path in the scenario.
    pub path: String,
    /// Quantile function.
    pub quantile: Quantile,
    /// The least value that its key allows.
    pub least: f32,
    /// The largest value that its key allows.
    pub most: f32,
}

impl Prior {
    /// The value at a uniform number.
    #[must_use]
    pub fn at(&self, u: f32) -> f32 {
        crate::math::clamp(self.quantile.at(u), self.least, self.most)
    }
}

/// A contender.
#[derive(Debug)]
pub struct ContenderPlan {
    /// Id.
    pub id: String,
    /// His actor.
    pub actor: Option<usize>,
    /// Momentum.
    pub momentum: Slot,
}

/// An actor.
#[derive(Debug)]
pub struct ActorPlan {
    /// Id.
    pub id: String,
    /// Whether he takes one stance whole.
    pub person: bool,
    /// The contender whom he stands for.
    pub contender: Option<usize>,
    /// Stance at the start, by option.
    pub stance: Vec<f32>,
    /// Opportunism.
    pub opportunism: Slot,
    /// Caution.
    pub caution: Slot,
    /// Authority over him: `(office, weight)`.
    pub authority: Vec<(usize, Slot)>,
}

/// An office.
#[derive(Debug)]
pub struct OfficePlan {
    /// Holder at the start; -1 for nobody.
    pub holder: f32,
    /// Every actor who can ever hold it.
    pub holders: Vec<usize>,
}

/// A crowd.
#[derive(Debug)]
#[expect(missing_docs, reason = "each is a key of docs/SCENARIO.md")]
pub struct CrowdPlan {
    pub id: String,
    pub threshold_mean: Slot,
    pub threshold_sd: Slot,
    pub contagion: Slot,
    pub spillover: Slot,
    /// The expression's result; copied into the state by Mobilise.
    pub repression: Slot,
}

/// An expression of its own: a program and where its result is.
#[derive(Debug, Clone)]
pub struct Live {
    /// Program.
    pub program: Program,
    /// Result.
    pub slot: Slot,
}

/// An action.
#[derive(Debug)]
pub struct ActionPlan {
    /// Id.
    pub id: String,
    /// Presence of the actor who decides it.
    pub by: Option<Slot>,
    /// How it comes to happen.
    pub way: WayPlan,
    /// Condition as the stage found it; nothing for always. Of a dated action, unused.
    pub when: Option<Slot>,
    /// Its rate, chance or terms: indices into [`Plan::terms`], in order.
    pub terms: Vec<usize>,
    /// Facts that they read.
    pub needs: Needs,
    /// Days from decision to effects.
    pub delay: Option<Slot>,
    /// Most decisions in a round.
    pub limit: u32,
    /// Chance of success.
    pub success: Option<Live>,
    /// What it does.
    pub effects: Vec<EffectPlan>,
    /// What it does when it fails.
    pub failure: Vec<EffectPlan>,
}

/// How an action comes to happen.
#[derive(Debug)]
pub enum WayPlan {
    /// Rate per day.
    Rate(Slot),
    /// Chance.
    Chance(Slot),
    /// Date, with its condition.
    At {
        /// The first step that has reached the date; beyond the last step, never.
        step: u64,
        /// Condition, read when its turn comes.
        when: Option<Live>,
    },
    /// A considered move.
    Decide {
        /// Moves per day of a mover who is certain.
        pace: Slot,
        /// Chance of carrying the day.
        win: Slot,
        /// Worth of winning.
        prize: Slot,
        /// Cost of losing.
        price: Slot,
        /// Worth of waiting.
        wait: Slot,
    },
}

impl WayPlan {
    /// The slots that Act reads of it.
    #[must_use]
    pub fn terms(&self) -> Vec<Slot> {
        match *self {
            Self::Rate(slot) | Self::Chance(slot) => vec![slot],
            Self::Decide {
                pace,
                win,
                prize,
                price,
                wait,
            } => vec![pace, win, prize, price, wait],
            Self::At { .. } => Vec::new(),
        }
    }
}

/// An effect.
#[derive(Debug)]
pub enum EffectPlan {
    /// On numbers.
    Number {
        /// The right-hand side.
        value: Live,
        /// How.
        how: How,
        /// What it changes: slot, least, most.
        targets: Vec<(Slot, f32, f32)>,
    },
    /// The new holder of an office; -1 for nobody.
    Office(Slot, f32),
}

/// What is watched for: an expression and the moment at which it is read.
#[derive(Debug)]
pub struct WatchPlan {
    /// Steps that are over at that moment.
    pub step: u32,
    /// The expression.
    pub when: Live,
}

/// An outcome.
#[derive(Debug)]
pub struct OutcomePlan {
    /// When it is read.
    pub kind: OutcomeKind,
    /// Condition; of `otherwise`, unused.
    pub when: Slot,
    /// Days that it must have held.
    pub hold: Slot,
}

/// When an outcome is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutcomeKind {
    /// At every Settle.
    Always,
    /// At the horizon.
    AtEnd,
    /// When nothing else applies.
    Otherwise,
}

/// Coefficients read by Perceive.
#[derive(Debug)]
#[expect(missing_docs, reason = "each is a key of docs/MODEL.md section 9")]
pub struct PerceivePlan {
    pub program: Program,
    pub prospect_weight: Slot,
    pub prospect_floor: Slot,
    pub noise: Slot,
    pub noise_blackout: Slot,
    pub signal_half_life: Slot,
    /// Actors whose view is used: for a choice, or by an expression.
    pub viewers: Vec<usize>,
}

/// Coefficients read by Drift.
#[derive(Debug)]
#[expect(missing_docs, reason = "each is a key of docs/MODEL.md section 9")]
pub struct DriftPlan {
    pub program: Program,
    pub drift: Slot,
    pub diffusion: Slot,
    pub drifts: bool,
    pub diffuses: bool,
}

/// Coefficients read by Choose.
#[derive(Debug)]
#[expect(missing_docs, reason = "each is a key of docs/MODEL.md section 9")]
pub struct ChoosePlan {
    pub program: Program,
    pub sharpness: Slot,
    pub reconsider: Slot,
}

/// Coefficients read by Mobilise.
#[derive(Debug)]
#[expect(missing_docs, reason = "each is a key of docs/MODEL.md section 9")]
pub struct MobilisePlan {
    pub program: Program,
    pub crowd_half: Slot,
    pub crowd_pace: Slot,
    pub mood_sd: Slot,
    pub mood_time: Slot,
    pub grievance_fade: Slot,
    /// Every crowd's repression; run for each state of turnout.
    pub repression: Program,
}
