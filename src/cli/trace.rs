//! `kzsim trace`

use std::path::PathBuf;

use clap::Args;

use super::args::{SetArgs, whole};
use super::context::Context;
use super::failure::Failure;
use crate::scenario::model::limits;
use crate::study::Play;
use crate::text::trace;

/// Show one round day by day, with the reason for everything that happens.
///
/// A round has the same history as in `run` with the same seed.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  kzsim trace scenarios/base.toml --round 81234")]
pub(super) struct TraceArgs {
    /// The scenario file
    #[arg(value_name = "SCENARIO")]
    scenario: PathBuf,
    /// Number of the round, from 0
    #[arg(long, value_name = "K", default_value_t = 0, value_parser = whole::<u64>("round number", 0..=limits::ROUNDS - 1))]
    round: u64,
    /// Seed of the random draws [default: the scenario's]
    #[arg(long, value_name = "S", value_parser = whole::<u64>("seed", 0..=limits::SEED))]
    seed: Option<u64>,
    #[command(flatten)]
    set: SetArgs,
}

impl TraceArgs {
    pub(super) fn execute(&self, context: &mut Context) -> Result<(), Failure> {
        let study = context.source(&self.scenario, &self.set).open()?;
        let play = Play {
            seed: self.seed,
            ..Play::default()
        };
        study.heeds(&play, Some("--round, the number of the round to show"))?;
        let (scenario, plan) = (study.scenario(), study.plan());
        let seed = self.seed.unwrap_or(scenario.seed);
        context.print_result(&trace::history(scenario, plan, seed, self.round))
    }
}
