//! The state of a round, and the facts that are functions of it (`docs/MODEL.md` sections 2, 7.2,
//! 7.5); `rally.rs` has the longest of them.

use std::collections::VecDeque;

use super::Reference;
use super::functions::{Scored, add_up, max, near_ln, softmax};

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
    /// `e[a][c]`.
    pub(crate) granted: Vec<Vec<f32>>,
    /// `j[a][c]`.
    pub(crate) promise: Vec<Vec<f32>>,
    /// `k[a][c]`, aside last.
    pub(crate) custom: Vec<Vec<f32>>,
    /// `V0[a][c]`, aside last.
    pub(crate) reasons: Vec<Vec<f32>>,
    /// `i[a]`; none for a body whose custom an effect has ended, and for contenders.
    pub(crate) home: Vec<Option<usize>>,
    /// What a removal made of an actor: a place in the list of fates.
    pub(crate) fate: Vec<Option<usize>>,
    /// `o[a]`.
    pub(crate) opportunism: Vec<f32>,
    /// `g[a][c]`, aside last; empty for who has no tastes.
    pub(crate) tastes: Vec<Vec<f32>>,
    /// `b[c]`.
    pub(crate) signal: Vec<f32>,
    /// `p[c]`.
    pub(crate) prospects: Vec<f32>,
    /// `f0[c]`.
    pub(crate) force_at_rest: Vec<f32>,
    /// Holder of each office.
    pub(crate) holder: Vec<Option<usize>>,
    /// `w[h][k]`.
    pub(crate) office_power: Vec<Vec<f32>>,
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
    /// What Perceive read last.
    pub(crate) perceive: PerceiveTerms,
    /// What Choose read last.
    pub(crate) choose: ChooseTerms,
    /// `crowd_half`, as Mobilise read it last.
    pub(crate) crowd_half: f32,
    /// `rupture` at the start.
    pub(crate) rupture_at_rest: f32,
    /// Whether an action has taken effect in this step.
    pub(crate) moved: bool,
    /// The outcome that was noted, and the steps completed then: its day is theirs.
    pub(crate) noted: Option<(usize, u32)>,
    /// The step.
    pub(crate) step: u32,
    /// The day that the stage reads.
    pub(crate) day: f32,
}

/// What Perceive and rallies read of the scenario.
#[derive(Default, Clone)]
pub(crate) struct PerceiveTerms {
    /// `prospect_weight`.
    pub(crate) weight: f32,
    /// `prospect_floor`.
    pub(crate) floor: f32,
    /// `momentum[c]`.
    pub(crate) momentum: Vec<f32>,
    /// `standing[c]`.
    pub(crate) standing: Vec<f32>,
}

/// What Choose and rallies read of the scenario.
#[derive(Default, Clone)]
pub(crate) struct ChooseTerms {
    /// `sharpness`.
    pub(crate) sharpness: f32,
    /// `caution[a]`.
    pub(crate) caution: Vec<f32>,
    /// `authority[h][a]`.
    pub(crate) authority: Vec<Vec<f32>>,
}

/// What Mobilise reads of the scenario, `crowd_half` apart.
pub(crate) struct MobiliseTerms {
    /// `crowd_pace`.
    pub(crate) pace: f32,
    /// `mood_sd`.
    pub(crate) mood_sd: f32,
    /// `mood_time`.
    pub(crate) mood_time: f32,
    /// `grievance_fade`.
    pub(crate) fade: f32,
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
    /// How much its turnout weighs with elites.
    pub(crate) place: f32,
    /// How much other crowds see of its turnout.
    pub(crate) appeal: f32,
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
    /// `x0`.
    pub(crate) turnout_at_rest: f32,
    /// `T0`.
    pub(crate) target_at_rest: f32,
}

/// State of an action.
#[expect(clippy::struct_excessive_bools, reason = "as many independent facts")]
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
    /// Step and day of the latest taking.
    pub(crate) latest: Option<(u32, f32)>,
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
    /// Whether its limit has stopped it in this round.
    pub(crate) limited: bool,
    /// Whether more than one decision was expected in a step.
    pub(crate) crowded: bool,
    /// Whether a decision has lapsed.
    pub(crate) lapsed: bool,
    /// `θ` of a considered move.
    pub(crate) disposition: f32,
    /// Its inclination as last weighed.
    pub(crate) inclination: f32,
    /// Its rate as last weighed.
    pub(crate) rate: f32,
}

impl State {
    /// Whether a contender is present.
    pub(crate) fn contender_present(&self, world: &Reference, c: usize) -> bool {
        world.scenario.contenders[c]
            .actor
            .is_none_or(|a| self.present[a] > 0.0)
    }

    /// `m[a]·w[a,k]`, of his own power and that of his offices.
    pub(crate) fn weight(&self, a: usize, k: usize) -> f32 {
        let mut commands = self.power[a][k];
        for (holder, power) in self.holder.iter().zip(&self.office_power) {
            if *holder == Some(a) {
                commands += power[k];
            }
        }
        self.present[a] * commands
    }

    /// `D[k]`.
    pub(crate) fn all_power(&self, k: usize) -> f32 {
        add_up((0..self.present.len()).map(|a| self.weight(a, k)))
    }

    /// `M[c,k]`, of a side that is a number for each actor.
    pub(crate) fn power_with(&self, k: usize, side: &[f32]) -> f32 {
        add_up((0..self.present.len()).map(|a| self.weight(a, k) * side[a]))
    }

    /// Share of the power in an arena that `side` (a number for each actor) gives.
    fn arena_share(&self, k: usize, side: &[f32]) -> f32 {
        let all = self.all_power(k);
        if all > 1e-36 {
            self.power_with(k, side) * (1.0 / all)
        } else {
            0.0
        }
    }

    /// The weighted shares of all arenas, or the share of one.
    pub(crate) fn share(&self, world: &Reference, arena: Option<usize>, side: &[f32]) -> f32 {
        match arena {
            Some(k) => self.arena_share(k, side),
            None => in_all_arenas(world, |k| self.arena_share(k, side)),
        }
    }

    /// Support of an option (the last is aside).
    pub(crate) fn support(&self, world: &Reference, option: usize, arena: Option<usize>) -> f32 {
        self.share(world, arena, &column(&self.stance, option))
    }

    /// `A[a,c]` by an authority as read, where holders stand as `stance` says.
    pub(crate) fn authority_for(
        &self,
        authority: &[Vec<f32>],
        a: usize,
        c: usize,
        stance: &[Vec<f32>],
    ) -> f32 {
        let pull = |(h, holder): (usize, &Option<usize>)| match holder {
            Some(b) => authority[h][a] * (self.present[*b] * stance[*b][c]),
            None => 0.0,
        };
        add_up(self.holder.iter().enumerate().map(pull))
    }

    /// What an actor would choose by private loyalty alone.
    fn private_side(&self, world: &Reference, a: usize) -> Vec<f32> {
        let contenders = world.scenario.contenders.len();
        if let Some(own) = world.scenario.actors[a].contender {
            return (0..contenders)
                .map(|c| if c == own { 1.0 } else { 0.0 })
                .collect();
        }
        let scores: Vec<Scored> = (0..contenders)
            .map(|c| {
                let authority = &self.choose.authority;
                let order = self.authority_for(authority, a, c, &self.stance);
                let score = self.choose.sharpness * (self.loyalty[a][c] + order);
                (score, self.contender_present(world, c))
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

    /// `f[c]`, given what is read of the scenario and his support.
    pub(crate) fn force(&self, terms: &PerceiveTerms, c: usize, support: f32) -> f32 {
        let shown = max(support + terms.momentum[c], 0.0);
        (near_ln(shown + terms.floor) + self.signal[c]) + terms.standing[c]
    }

    /// The largest value of a crowd.
    pub(crate) fn crowd_max(&self, value: impl Fn(&CrowdState) -> f32) -> f32 {
        self.crowds.iter().map(value).reduce(max).unwrap_or(0.0)
    }

    /// The mean value of a crowd, by weight.
    pub(crate) fn crowd_mean(&self, value: impl Fn(&CrowdState) -> f32) -> f32 {
        add_up(self.crowds.iter().map(|n| n.share * value(n)))
    }
}

/// `Σ_k W[k]·value(k)`.
pub(crate) fn in_all_arenas(world: &Reference, value: impl Fn(usize) -> f32) -> f32 {
    add_up(world.weights.iter().enumerate().map(|(k, w)| w * value(k)))
}

/// What each actor gives to an option.
pub(crate) fn column(stances: &[Vec<f32>], option: usize) -> Vec<f32> {
    stances.iter().map(|s| s[option]).collect()
}
