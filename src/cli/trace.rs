//! `kzsim trace`

use std::path::PathBuf;

use clap::Args;

use super::common::{Failure, SetArgs, load, print};
use crate::scenario::model::limits;
use crate::text::trace;

/// Tell one round day by day, with why each thing happened.
///
/// The same round number gives the same history as in `run` with the same seed.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  kzsim trace scenarios/base.toml --round 81234")]
pub(super) struct TraceArgs {
    /// The scenario file
    #[arg(value_name = "SCENARIO")]
    scenario: PathBuf,
    /// Number of the round, from 0
    #[arg(long, value_name = "K", default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..limits::ROUNDS))]
    round: u64,
    /// Seed [default: the scenario's]
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(0..=limits::SEED))]
    seed: Option<u64>,
    #[command(flatten)]
    set: SetArgs,
}

pub(super) fn trace(args: &TraceArgs) -> Result<(), Failure> {
    let (scenario, plan) = load(&args.scenario, &args.set.settings)?;
    let seed = args.seed.unwrap_or(scenario.seed);
    print(&trace::history(&scenario, &plan, seed, args.round))
}
