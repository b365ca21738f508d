//! What `kzsim run --given` does beside a run.

use super::common::{Failure, Signals, progress_bar};
use crate::analysis::conditional::Conditional;
use crate::analysis::weighing::FEW;
use crate::ensemble::WIDTH;
use crate::ensemble::islands::{Method, Task, Weighted, weigh};
use crate::plan::Plan;

/// How evidence is taken into account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum GivenBy {
    /// Every round is played to its end and weighted by its reports
    Weights,
    /// Rounds are resampled at the moments of reports
    Resampling,
}

/// Rounds weighted by evidence, and how: unless somebody says how, by weights, or by resampling
/// where these leave too few effective rounds.
pub(super) fn weighted(
    plan: &Plan,
    task: Task<'_>,
    by: Option<GivenBy>,
    signals: &Signals,
) -> Result<(Weighted, Method), Failure> {
    let play = |method| {
        let bar = progress_bar(task.rounds);
        let task = Task { method, ..task };
        let found = weigh::<WIDTH>(plan, task, signals.watch(&bar));
        bar.finish_and_clear();
        found.map(|w| (w, method)).map_err(Failure::from)
    };
    if by == Some(GivenBy::Resampling) {
        return play(Method::Resampling);
    }
    let plain = play(Method::Weights)?;
    let enough = Conditional::new(&plain.0, plain.1).effective() >= FEW;
    if enough || by == Some(GivenBy::Weights) {
        return Ok(plain);
    }
    play(Method::Resampling)
}
