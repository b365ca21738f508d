//! Taking evidence into account.

use super::control::Control;
use super::error::StudyError;
use crate::analysis::conditional::Conditional;
use crate::analysis::weighing::FEW;
use crate::ensemble::smc::{GivenBy, Task, Weighted};
use crate::ensemble::{Player, WIDTH};
use crate::plan::Plan;
use crate::scenario::Evidence;
use crate::scenario::reports::Report;

/// The rounds of a run weighted by evidence.
#[derive(Debug)]
pub(super) struct GivenRounds {
    pub(super) evidence: Evidence,
    pub(super) reports: Vec<Report>,
    pub(super) weighted: Weighted,
    pub(super) method: GivenBy,
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
) -> Result<(Weighted, GivenBy), StudyError> {
    let play = |method| {
        let task = Task::new(rounds, reports, method);
        let found = control.stage(rounds, |watch| {
            Player { watch, ..player }.weigh::<WIDTH>(plan, task)
        });
        found.map(|w| (w, method)).map_err(StudyError::from)
    };
    if by == Some(GivenBy::Resampling) {
        return play(GivenBy::Resampling);
    }
    let by_weights = play(GivenBy::Weights)?;
    let enough = Conditional::new(&by_weights.0, by_weights.1).kish() >= FEW;
    if enough || by == Some(GivenBy::Weights) {
        return Ok(by_weights);
    }
    // What the answer was after fewer reports is known from the rounds that were weighted alone.
    let (resampled, method) = play(GivenBy::Resampling)?;
    let ended = by_weights.0.ended;
    Ok((Weighted { ended, ..resampled }, method))
}
