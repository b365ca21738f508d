//! Taking evidence into account.

use super::control::Control;
use super::error::StudyError;
use crate::analysis::conditional::Conditional;
use crate::analysis::weighing::FEW;
use crate::ensemble::smc::{Method, Task, Weighted};
use crate::ensemble::{Player, WIDTH};
use crate::plan::Plan;
use crate::scenario::Evidence;
use crate::scenario::evidence::Report;

/// How evidence is taken into account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenBy {
    /// Every round is played to its end and weighted by its reports.
    Weights,
    /// Rounds are resampled at the moments of reports.
    Resampling,
}

impl GivenBy {
    /// All of them, with what manifests call them.
    const ALL: [(Self, &str); 2] = [(Self::Weights, "weights"), (Self::Resampling, "resampling")];

    /// What manifests call it.
    pub(super) fn name(self) -> &'static str {
        let own = Self::ALL.iter().find(|(by, _)| *by == self);
        own.map_or("", |(_, name)| name)
    }

    /// What a manifest names.
    pub(super) fn named(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(_, own)| *own == name);
        found.map(|(by, _)| *by)
    }
}

/// The rounds of a run weighted by evidence.
#[derive(Debug)]
pub(super) struct GivenRounds {
    pub(super) evidence: Evidence,
    pub(super) reports: Vec<Report>,
    pub(super) weighted: Weighted,
    pub(super) method: Method,
    /// The method that was asked for.
    pub(super) by: Option<GivenBy>,
}

/// Weights rounds by evidence. Unless `by` decides: by weights, or by resampling where weights
/// leave too few effective rounds.
pub(super) fn weighted(
    player: Player<'_>,
    plan: &Plan,
    rounds: u64,
    reports: &[Report],
    by: Option<GivenBy>,
    control: &Control,
) -> Result<(Weighted, Method), StudyError> {
    let play = |method| {
        let task = Task::new(rounds, reports, method);
        let found = control.stage(rounds, |watch| {
            Player { watch, ..player }.weigh::<WIDTH>(plan, task)
        });
        found.map(|w| (w, method)).map_err(StudyError::from)
    };
    if by == Some(GivenBy::Resampling) {
        return play(Method::Resampling);
    }
    let by_weights = play(Method::Weights)?;
    let enough = Conditional::new(&by_weights.0, by_weights.1).kish() >= FEW;
    if enough || by == Some(GivenBy::Weights) {
        return Ok(by_weights);
    }
    // What the answer was after fewer reports is known from the rounds that were weighted alone.
    let (resampled, method) = play(Method::Resampling)?;
    let ended = by_weights.0.ended;
    Ok((Weighted { ended, ..resampled }, method))
}
