//! The plan: a scenario compiled to what a round needs. Ids become indices, expressions become
//! programs.

mod bounds;
mod build;
mod compile;
pub mod layout;
pub mod open;
pub mod program;
pub mod quantile;
pub mod upkeep;

pub use layout::Layout;
pub use open::{OpenNumber, OpenNumbers, OpenValue};
pub use program::{Instruction, Needs, Note, Program, Slot};
pub use quantile::{Laws, Quantile};
pub use upkeep::Upkeep;

use std::ops::Range;

use upkeep::Changes;

use crate::scenario::effect::How;
use crate::scenario::model::{Choice, Fits, Thresholds};

/// A compiled scenario.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says that a part of the model is not used"
)]
pub struct Plan {
    /// The slot of each quantity of the state.
    pub layout: Layout,
    /// Shares that a run follows day by day on request, with their names. Following does not
    /// affect rounds.
    pub followed: Vec<(String, Slot)>,
    /// Total number of slots.
    pub slots: usize,
    /// Slots with a given number at the start of every round: constants, and part of the state.
    pub start: Vec<(Slot, f32)>,
    /// Priors, in the order of their slots.
    pub priors: Vec<Prior>,
    /// What actions draw for their effects.
    pub drawn: Vec<Drawn>,
    /// Priors that depend on earlier ones: which, and the parts of normal scores that it takes, in order.
    pub mixtures: Vec<(usize, Vec<(usize, f32)>)>,
    /// Runs once per round, after the priors are drawn.
    pub round: Program,
    /// What is drawn for the start.
    pub lots: Vec<Lot>,
    /// Initial values: `(state, source)`.
    pub initial: Vec<(Slot, Slot)>,
    /// One step in days.
    pub dt: f32,
    /// Steps of a round that does not end early: of every round that plays on.
    pub steps: u32,
    /// Steps after which outcomes and flags are read, ascending: those of `[clock] read`, and always `steps`
    /// as the last.
    pub horizons: Vec<u32>,
    /// Whether `[clock] read` is given: observers are then told when a flag holds for the first time.
    pub reads: bool,
    /// One step in seconds.
    pub step_seconds: u64,
    /// Days before the start in which moods are known to have moved nobody.
    pub past: f32,
    /// Whether rounds go on once they have their outcome.
    pub play_on: bool,
    /// Structural switch: how actors choose a side.
    pub choice: Choice,
    /// Structural switch: the distribution of thresholds in a crowd.
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
    /// Rallies of actions, in the order of the actions that have one.
    pub rallies: Vec<RallyPlan>,
    /// Those for which all that they read of the scenario stays the same for a whole round, a bit each.
    pub steady_rallies: u64,
    /// What every rally reads.
    pub every_rally: EveryRallyPlan,
    /// Who counts in a rally.
    pub cast: CastPlan,
    /// By arena: actors whose power there can be above 0.
    pub powerful: Vec<Vec<usize>>,
    /// By actor: arenas in which his power can be above 0.
    pub commands: Vec<Vec<usize>>,
    /// Whether any actor ever has a promise.
    pub promises: bool,
    /// Whether the way to rest depends on views: some actor is free, or an expression that rest depends
    /// on reads them.
    pub views_at_rest: bool,
    /// Read by Perceive.
    pub perceive: PerceivePlan,
    /// Read by Drift.
    pub drift: DriftPlan,
    /// Read by Choose.
    pub choose: ChoosePlan,
    /// Read by Mobilise.
    pub mobilise: MobilisePlan,
    /// Conditions of all actions except dated ones, and `decision`.
    pub act: Program,
    /// Rates, chances and terms of the same actions: computed after `act`, action by action, and
    /// only for those whose condition holds in some lane.
    pub terms: Vec<Instruction>,
    /// Which instructions of `act`, then of `terms`, have to run again.
    pub act_upkeep: Upkeep,
    /// `decision` of `[dynamics]`.
    pub decision: Slot,
    /// Conditions of flags and outcomes.
    pub settle: Program,
    /// Which instructions of `settle` have to run again.
    pub settle_upkeep: Upkeep,
    /// Those of outcomes that can leave the finite numbers, but for those read at the horizon: read until
    /// a round has its outcome.
    pub outcome_notes: Vec<Note>,
    /// The part of `settle` that outcomes need which may be noted between two events of a step.
    pub endings: Program,
    /// Flags: their conditions.
    pub flags: Vec<Slot>,
    /// The same: the changes after which they may hold where they have not.
    pub flag_changes: Vec<Changes>,
    /// Delayed actions.
    pub queues: usize,
    /// Outcomes.
    pub outcomes: Vec<OutcomePlan>,
    /// Expressions to watch, for evidence and analyses; usually none.
    pub watches: Vec<WatchPlan>,
    /// Expressions of the scenario that can leave the finite numbers.
    pub fragile: Vec<Fragile>,
}

/// An expression that can leave the finite numbers: be undefined or infinite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragile {
    /// Path in the scenario of the number, condition or list of effects.
    pub path: String,
    /// The expression, or the effect, as written.
    pub text: String,
}

/// A prior: its path, its distribution and its limits.
#[derive(Debug, Clone)]
pub struct Prior {
    /// Path in the scenario.
    pub path: String,
    /// What people call it: its name, or its path.
    pub name: String,
    /// Quantile function.
    pub quantile: Quantile,
    /// The smallest value that its key allows.
    pub least: f32,
    /// The largest value that its key allows.
    pub most: f32,
}

impl Prior {
    /// Returns the value at a uniform number, as [`crate::math::sided`] has it.
    #[must_use]
    pub fn at(&self, e: f32) -> f32 {
        crate::math::clamp(self.quantile.at(e), self.least, self.most)
    }

    /// Returns the value at a uniform number in [0, 1].
    #[must_use]
    pub fn at_uniform(&self, u: f64) -> f32 {
        self.at(crate::math::sided_at(u))
    }
}

/// What an action draws for its effects, anew each time.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// The site of its draws.
    pub site: String,
    /// What effects call it.
    pub id: String,
    /// Its distribution and its limits.
    pub law: Prior,
}

/// Something that is drawn for the start of a round: who holds an office, or where a person stands.
#[derive(Debug, Clone)]
pub struct Lot {
    /// The site of its draw.
    pub site: String,
    /// Chances, each with the state that it means.
    pub choices: Vec<(f32, Vec<(Slot, f32)>)>,
    /// The state that what is left of the chances means.
    pub rest: Vec<(Slot, f32)>,
}

/// A contender.
#[derive(Debug, Clone)]
pub struct ContenderPlan {
    /// Id.
    pub id: String,
    /// The actor of the same id, if there is one.
    pub actor: Option<usize>,
    /// Momentum.
    pub momentum: Slot,
    /// Standing.
    pub standing: Slot,
}

/// An actor.
#[derive(Debug, Clone)]
pub struct ActorPlan {
    /// Id.
    pub id: String,
    /// Whether the actor is a person, who takes one side at a time.
    pub person: bool,
    /// The contender of the same id.
    pub contender: Option<usize>,
    /// Opportunism.
    pub opportunism: Slot,
    /// Caution.
    pub caution: Slot,
    /// Offices with authority over the actor: `(office, weight)`.
    pub authority: Vec<(usize, Slot)>,
    /// Power that goes with offices which the actor can hold.
    pub posts: Vec<Post>,
    /// Whether no stance is given at the start.
    pub free: bool,
}

/// Power in an arena that goes with an office.
#[derive(Debug, Clone, Copy)]
pub struct Post {
    /// The office.
    pub office: usize,
    /// The arena.
    pub arena: usize,
    /// The power.
    pub power: Slot,
}

/// An office.
#[derive(Debug, Clone)]
pub struct OfficePlan {
    /// All actors who can ever hold it, in ascending order.
    pub holders: Vec<usize>,
    /// Who gets it when its holder is removed: the first who is present.
    pub successors: Vec<usize>,
}

/// A crowd.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "each is a key of docs/SCENARIO.md")]
pub struct CrowdPlan {
    pub id: String,
    pub appeal: Slot,
    pub threshold_mean: Slot,
    pub threshold_sd: Slot,
    pub contagion: Slot,
    pub spillover: Slot,
    /// The expression's result, which Mobilise copies into the state.
    pub repression: Slot,
}

/// An expression with a program of its own.
#[derive(Debug, Clone)]
pub struct Live {
    /// Program.
    pub program: Program,
    /// The slot of its result.
    pub slot: Slot,
    /// The slot that says, by 1, that it left the finite numbers, if it can.
    pub undefined: Option<Slot>,
}

/// An action.
#[derive(Debug, Clone)]
pub struct ActionPlan {
    /// Id.
    pub id: String,
    /// Presence of the actor who decides it.
    pub by: Option<Slot>,
    /// How it comes to happen.
    pub way: WayPlan,
    /// Condition, which is part of [`Plan::act`] and can be read anew alone; `None` for always and for
    /// dated actions.
    pub when: Option<Live>,
    /// Instructions of its rate, chance or terms: indices into [`Plan::terms`], ascending.
    pub terms: Vec<usize>,
    /// Facts that these instructions read.
    pub needs: Needs,
    /// Those of its rate, chance or terms that can leave the finite numbers.
    pub notes: Vec<Note>,
    /// Delay between decision and effects.
    pub delay: Option<DelayPlan>,
    /// Seconds between two meetings at which alone it is decided; 0 for at any time.
    pub every: u64,
    /// Seconds after it took effect in which it cannot be decided again.
    pub cool: u64,
    /// Largest number of decisions in a round.
    pub limit: u32,
    /// A number that its rate is never below, per day.
    pub least_rate: f32,
    /// Its rally, if it has one: the position in [`Plan::rallies`].
    pub rally: Option<usize>,
    /// Chance of success.
    pub success: Option<Live>,
    /// What it draws when it takes effect: indices in [`Plan::drawn`].
    pub drawn: Range<usize>,
    /// What it does.
    pub effects: Vec<EffectPlan>,
    /// What it does when it fails.
    pub failure: Vec<EffectPlan>,
    /// What may follow in the same instant.
    pub branches: Vec<BranchPlan>,
}

/// A branch of what follows from an action.
#[derive(Debug, Clone)]
pub struct BranchPlan {
    /// What must have happened.
    pub on: Fits,
    /// Its share of the cases that it fits.
    pub share: Live,
    /// What it does.
    pub effects: Vec<EffectPlan>,
}

/// The rally of an action: who would stand where if it were tried.
#[derive(Debug, Clone)]
pub struct RallyPlan {
    /// The contender for whom it is tried.
    pub side: usize,
    /// The actor who tries it, unless he stands for himself.
    pub by: Option<usize>,
    /// Computes its terms.
    pub terms: Program,
    /// What moving first adds to the prospects of its side.
    pub first_move: Slot,
    /// The spread of that in an attempt.
    pub night: Slot,
    /// The share of the side's loyalty and authority that its mover carries.
    pub claim: Slot,
}

/// What every rally reads of the scenario, for the state at which it is computed. Stages read the same numbers
/// for themselves.
#[derive(Debug, Clone, Default)]
pub struct EveryRallyPlan {
    /// Computes those that follow the state.
    pub program: Program,
    /// By contender: momentum.
    pub momentum: Vec<Slot>,
    /// By contender: standing.
    pub standing: Vec<Slot>,
    /// By actor: caution.
    pub caution: Vec<Slot>,
    /// By actor: offices with authority over him, as [`ActorPlan::authority`] has them.
    pub authority: Vec<Vec<(usize, Slot)>>,
    /// `sharpness` of `[dynamics]`.
    pub sharpness: Slot,
    /// `prospect_weight` of `[dynamics]`.
    pub prospect_weight: Slot,
    /// `prospect_floor` of `[dynamics]`.
    pub prospect_floor: Slot,
}

/// Who counts in a rally: all who can have power, and all who can hold an office with authority over
/// one who counts. In listed order.
#[derive(Debug, Clone, Default)]
pub struct CastPlan {
    /// Actors.
    pub members: Vec<CastMember>,
    /// How many can hold such an office.
    pub holders: usize,
    /// How many powers they can have.
    pub powers: usize,
    /// How many contenders are listed before all others.
    pub first: usize,
    /// Offices with authority over one of them, held by somebody who may change sides.
    pub offices: Vec<usize>,
}

/// One who counts in a rally.
#[derive(Debug, Clone)]
pub struct CastMember {
    /// The actor.
    pub actor: usize,
    /// Its place among those who can hold an office with authority and are no contender.
    pub holder: Option<usize>,
    /// Where its powers are, of those of all.
    pub powers: Range<usize>,
    /// Where the offices with authority over it are, of those over each, one after the other.
    pub says: Range<usize>,
}

/// The delay between decision and effects.
#[derive(Debug, Clone)]
pub struct DelayPlan {
    /// Days from decision to effects.
    pub days: Slot,
    /// The position of its queue among those of all delayed actions.
    pub queue: usize,
    /// What must hold when it is over: else the decision lapses.
    pub still: Option<Live>,
}

/// The date of an action.
#[derive(Debug, Clone, Copy)]
pub enum DatePlan {
    /// Known.
    Known {
        /// The first step that has reached it; beyond the last step, never.
        step: u64,
        /// The date, in steps after the beginning of that step: 0 or less.
        time: f32,
    },
    /// In days from the start, constant throughout a round.
    Uncertain(Slot),
}

/// How an action comes to happen.
#[derive(Debug, Clone)]
pub enum WayPlan {
    /// Rate per day.
    Rate(Slot),
    /// Chance.
    Chance(Slot),
    /// A date, with a condition.
    At {
        /// The date.
        date: DatePlan,
        /// Condition, read when its turn comes.
        when: Option<Live>,
    },
    /// A considered move.
    Decide {
        /// Moves per day of a mover who is resolved.
        pace: Slot,
        /// The terms that the inclination depends on.
        terms: MoveTerms,
        /// Seconds between two weighings; 0 for every step.
        every: u64,
        /// Whether it was weighed before the start, even if its gate is closed then.
        always: bool,
    },
}

/// The terms of a considered move.
#[derive(Debug, Clone, Copy)]
pub struct MoveTerms {
    /// Chance of carrying the day.
    pub win: Slot,
    /// Worth of winning.
    pub prize: Slot,
    /// Cost of losing.
    pub price: Slot,
    /// Worth of waiting.
    pub wait: Slot,
    /// Which expression leaves the finite numbers where these terms are so large that their sum is
    /// undefined, if they can be: an index in [`Plan::fragile`].
    pub leaves: Option<usize>,
}

impl WayPlan {
    /// Returns the slots that Act reads.
    #[must_use]
    pub fn terms(&self) -> Vec<Slot> {
        match *self {
            Self::Rate(slot) | Self::Chance(slot) => vec![slot],
            Self::Decide { pace, terms, .. } => {
                vec![pace, terms.win, terms.prize, terms.price, terms.wait]
            }
            Self::At { .. } => Vec::new(),
        }
    }
}

/// An effect.
#[derive(Debug, Clone)]
pub enum EffectPlan {
    /// Changes numbers.
    Number {
        /// The right-hand side.
        value: Live,
        /// How.
        how: How,
        /// What it changes: slot, smallest value, largest value.
        targets: Vec<(Slot, f32, f32)>,
        /// Whether support depends on them.
        moves_support: bool,
    },
    /// Gives an office a new holder; -1 for nobody.
    Office(Slot, f32),
    /// An actor stands whole on a side: `(actor, side)`.
    Stance(usize, usize),
    /// An actor is no longer there: `(actor, fate as a number)`.
    Remove(usize, f32),
}

/// A watched expression and the moment at which it is read.
#[derive(Debug, Clone)]
pub struct WatchPlan {
    /// Number of steps completed at that moment.
    pub step: u32,
    /// The expression.
    pub when: Live,
}

/// An outcome.
#[derive(Debug, Clone)]
pub struct OutcomePlan {
    /// When it is read.
    pub kind: OutcomeKind,
    /// Condition; unused for `otherwise`.
    pub when: Slot,
    /// Days for which it must have held.
    pub hold: Slot,
    /// Whether it may be noted between two events of a step: it is read at every Settle, and in some
    /// round half a step is long enough for it to have held.
    pub at_once: bool,
    /// Its condition, if it is read at the horizon and can leave the finite numbers.
    pub notes: Vec<Note>,
}

/// When an outcome is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutcomeKind {
    /// At every Settle.
    Always,
    /// At the horizon.
    AtEnd,
    /// At the horizon, if no other outcome applies.
    Otherwise,
}

/// Coefficients read by Perceive.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "each is a key of docs/MODEL.md section 9")]
pub struct PerceivePlan {
    pub program: Program,
    pub prospect_weight: Slot,
    pub prospect_floor: Slot,
    pub noise: Slot,
    pub noise_blackout: Slot,
    pub signal_half_life: Slot,
    /// Actors whose view is used, by their own choice or by an expression.
    pub viewers: Vec<usize>,
    /// Those among them on whose view the way to rest can depend.
    pub viewers_at_rest: Vec<usize>,
}

/// Coefficients read by Drift.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "each is a key of docs/MODEL.md section 9")]
pub struct DriftPlan {
    pub program: Program,
    pub drift: Slot,
    pub diffusion: Slot,
    pub memory: Slot,
    pub drifts: bool,
    pub diffuses: bool,
}

/// Coefficients read by Choose.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "each is a key of docs/MODEL.md section 9")]
pub struct ChoosePlan {
    pub program: Program,
    pub sharpness: Slot,
    pub reconsider: Slot,
    pub rupture: Slot,
}

/// Coefficients read by Mobilise.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "each is a key of docs/MODEL.md section 9")]
pub struct MobilisePlan {
    pub program: Program,
    pub crowd_half: Slot,
    pub crowd_pace: Slot,
    pub mood_sd: Slot,
    pub mood_time: Slot,
    pub grievance_fade: Slot,
    /// Repression of all crowds; runs once per state of turnout.
    pub repression: Program,
    /// Which of its instructions have to run again.
    pub upkeep: Upkeep,
}
