//! The state of a round, and the facts that are functions of it (`docs/MODEL.md` sections 2, 7.2,
//! 7.5).

use std::collections::VecDeque;

use super::functions::{add_up, divide, max, softmax};
use super::{Reference, Snapshot};

/// Everything that a round knows of itself.
pub(crate) struct State {
    /// Values of the parameters; those not yet computed are nothing.
    pub(crate) parameters: Vec<Option<f32>>,
    /// `l[a][c]`; 0 for a contender's own to himself.
    pub(crate) loyalty: Vec<Vec<f32>>,
    /// `s[a][c]`, aside last.
    pub(crate) stance: Vec<Vec<f32>>,
    /// `m[a]`.
    pub(crate) present: Vec<f32>,
    /// `w[a][k]`.
    pub(crate) power: Vec<Vec<f32>>,
    /// `q[a][c]`.
    pub(crate) sees: Vec<Vec<f32>>,
    /// `o[a]`.
    pub(crate) opportunism: Vec<f32>,
    /// `g[a][c]`, aside last; empty for who has no tastes.
    pub(crate) tastes: Vec<Vec<f32>>,
    /// `b[c]`.
    pub(crate) signal: Vec<f32>,
    /// `p[c]`.
    pub(crate) prospects: Vec<f32>,
    /// `p0[c]`.
    pub(crate) prospects_start: Vec<f32>,
    /// Holder of each office.
    pub(crate) holder: Vec<Option<usize>>,
    /// `authority[h][a]`.
    pub(crate) authority: Vec<Vec<f32>>,
    /// Crowds.
    pub(crate) crowds: Vec<CrowdState>,
    /// `y`.
    pub(crate) openness: f32,
    /// Variables of the scenario.
    pub(crate) variables: Vec<f32>,
    /// Actions.
    pub(crate) actions: Vec<ActionState>,
    /// Settles in a row at which the outcome's `when` held.
    pub(crate) runs: Vec<u32>,
    /// Flags that have been set.
    pub(crate) flags: Vec<bool>,
    /// `sharpness` as of the latest Choose.
    pub(crate) sharpness: f32,
    /// Whether an action has taken effect in this step.
    pub(crate) moved: bool,
    /// The outcome that was decided between two events of a step.
    pub(crate) ending: Option<usize>,
    /// The day that the stage reads.
    pub(crate) day: f32,
}

/// State and constants of a crowd.
#[derive(Default)]
pub(crate) struct CrowdState {
    /// Share of all crowds' weight.
    pub(crate) share: f32,
    /// Mean of the thresholds.
    pub(crate) mean: f32,
    /// Standard deviation of the thresholds.
    pub(crate) sd: f32,
    /// How much others' turnout adds.
    pub(crate) contagion: f32,
    /// How much other crowds' turnout shows here.
    pub(crate) spillover: f32,
    /// `v`.
    pub(crate) grievance: f32,
    /// `v0`.
    pub(crate) grievance_start: f32,
    /// `d`.
    pub(crate) mood: f32,
    /// `x`.
    pub(crate) turnout: f32,
    /// Repression as last used.
    pub(crate) repression: f32,
}

/// State of an action.
#[derive(Default)]
pub(crate) struct ActionState {
    /// Decisions.
    pub(crate) decisions: u32,
    /// How often the clock reached its threshold.
    pub(crate) strikes: u32,
    /// Takings.
    pub(crate) count: u32,
    /// Successes.
    pub(crate) succeeded: u32,
    /// Failures.
    pub(crate) failed: u32,
    /// Step and day of the first taking.
    pub(crate) first: Option<(u32, f32)>,
    /// Day of the latest taking.
    pub(crate) latest: Option<f32>,
    /// Clock.
    pub(crate) clock: f32,
    /// Where the clock strikes next.
    pub(crate) threshold: f32,
    /// Whether the gate held in the step before.
    pub(crate) spell: bool,
    /// Whether a chance has been drawn, or a date judged.
    pub(crate) judged: bool,
    /// Steps at which decisions will take effect, and their times in them.
    pub(crate) queue: VecDeque<(u64, f32)>,
    /// Level of a considered move at the start.
    pub(crate) p_start: f32,
}

impl State {
    /// Whether a contender is present.
    pub(crate) fn contender_present(&self, world: &Reference, c: usize) -> bool {
        world.scenario.contenders[c]
            .actor
            .is_none_or(|a| self.present[a] > 0.0)
    }

    /// Share of the power in an arena that `side` (a number for each actor) gives.
    fn arena_share(&self, k: usize, side: &[f32]) -> f32 {
        let actors = 0..self.present.len();
        let all = add_up(actors.clone().map(|a| self.present[a] * self.power[a][k]));
        let with = add_up(actors.map(|a| (self.present[a] * self.power[a][k]) * side[a]));
        divide(with, all).unwrap_or(0.0)
    }

    /// The weighted shares of all arenas, or the share of one.
    fn share(&self, world: &Reference, arena: Option<usize>, side: &[f32]) -> f32 {
        match arena {
            Some(k) => self.arena_share(k, side),
            None => add_up(
                world
                    .weights
                    .iter()
                    .enumerate()
                    .map(|(k, w)| w * self.arena_share(k, side)),
            ),
        }
    }

    /// Support of an option (the last is aside).
    pub(crate) fn support(&self, world: &Reference, option: usize, arena: Option<usize>) -> f32 {
        let side: Vec<f32> = self.stance.iter().map(|s| s[option]).collect();
        self.share(world, arena, &side)
    }

    /// `A[a,c]`.
    pub(crate) fn authority_for(&self, a: usize, c: usize) -> f32 {
        add_up(
            self.holder
                .iter()
                .enumerate()
                .map(|(h, holder)| match holder {
                    Some(b) => self.authority[h][a] * (self.present[*b] * self.stance[*b][c]),
                    None => 0.0,
                }),
        )
    }

    /// What an actor would choose by private loyalty alone.
    fn private_side(&self, world: &Reference, a: usize) -> Vec<f32> {
        let contenders = world.scenario.contenders.len();
        if let Some(own) = world.scenario.actors[a].contender {
            return (0..contenders)
                .map(|c| if c == own { 1.0 } else { 0.0 })
                .collect();
        }
        let scores: Vec<Option<f32>> = (0..contenders)
            .map(|c| {
                self.contender_present(world, c)
                    .then(|| self.sharpness * (self.loyalty[a][c] + self.authority_for(a, c)))
            })
            .collect();
        softmax(&scores)
    }

    /// Backing of a contender.
    pub(crate) fn backing(&self, world: &Reference, c: usize, arena: Option<usize>) -> f32 {
        let side: Vec<f32> = (0..self.present.len())
            .map(|a| self.private_side(world, a)[c])
            .collect();
        self.share(world, arena, &side)
    }

    /// The largest value of a crowd.
    pub(crate) fn crowd_max(&self, value: impl Fn(&CrowdState) -> f32) -> f32 {
        self.crowds.iter().map(value).reduce(max).unwrap_or(0.0)
    }

    /// The mean value of a crowd, by weight.
    pub(crate) fn crowd_mean(&self, value: impl Fn(&CrowdState) -> f32) -> f32 {
        add_up(self.crowds.iter().map(|n| n.share * value(n)))
    }

    /// What is compared with the other engine.
    pub(crate) fn snapshot(&self, world: &Reference) -> Snapshot {
        let contenders = world.scenario.contenders.len();
        let of = |value: fn(&CrowdState) -> f32| self.crowds.iter().map(value).collect();
        Snapshot {
            loyalty: self.loyalty.concat(),
            stance: self.stance.concat(),
            present: self.present.clone(),
            power: self.power.concat(),
            sees: self.sees.concat(),
            prospects: self.prospects.clone(),
            signal: self.signal.clone(),
            support: (0..=contenders)
                .map(|o| self.support(world, o, None))
                .collect(),
            backing: (0..contenders)
                .map(|c| self.backing(world, c, None))
                .collect(),
            offices: self.holder.clone(),
            grievance: of(|n| n.grievance),
            mood: of(|n| n.mood),
            turnout: of(|n| n.turnout),
            repression: of(|n| n.repression),
            openness: self.openness,
            variables: self.variables.clone(),
        }
    }
}
