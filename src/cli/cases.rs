//! `kzsim cases`

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::args::PlayArgs;
use super::context::Context;
use super::failure::Failure;
use crate::study::Cases;
use crate::table::cases::PlayedCases;
use crate::text::cases::summary;

/// Which random numbers cases have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum RandomNumbers {
    /// The same for all cases: two of them differ by their settings alone
    #[default]
    Shared,
    /// Each case its own, by its id: errors of finite rounds are independent
    Case,
}

/// Play a template over a table of cases, a row a case.
///
/// Columns are `case` (an id), optionally `cluster`, `group` and `t0` (the first day of its clock), and paths
/// of settings, as in --set. An empty cell, NA or ? keeps what the template says; a cell may hold a
/// law, such as "{ low = 0.2, mode = 0.4, high = 0.7 }". kzsim score takes the result as forecasts.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim cases contest.toml cases.csv --rounds 2000
  kzsim cases contest.toml cases.csv --given quiet_past --out results/forecasts
  kzsim check contest.toml --cases cases.csv             # codes, gaps, columns alike
  kzsim score results/forecasts observed.csv --event succeeds")]
pub(super) struct CasesArgs {
    /// The scenario that every case changes
    #[arg(value_name = "TEMPLATE")]
    template: PathBuf,
    /// The case table: a CSV file
    #[arg(value_name = "CASES")]
    cases: PathBuf,
    /// Column that names evidence of each case, such as a quiet past: files, from the folder of the table
    #[arg(long, value_name = "COLUMN")]
    given: Option<String>,
    /// Random numbers of cases
    #[arg(long, value_name = "WHICH", value_enum, default_value_t)]
    crn: RandomNumbers,
    /// Also write survival.csv: when outcomes and flags came, for each case without evidence; needs
    /// `read` in [clock]
    #[arg(long)]
    survival: bool,
    #[command(flatten)]
    play: PlayArgs,
}

impl CasesArgs {
    pub(super) fn execute(&self, context: &mut Context) -> Result<(), Failure> {
        let study = context.source(&self.template, &self.play.set)?.open()?;
        context.print_notes(&study);
        let mut options = Cases::new(&self.cases)
            .play(context.play(&self.play)?)
            .own_rounds(self.crn == RandomNumbers::Case)
            .survival(self.survival);
        if let Some(column) = &self.given {
            options = options.given(column);
        }
        let result = study.cases(&options)?;
        let (seed, plans) = (result.seed(), result.plans());
        let text = summary(&result.played(), seed, plans, context.layout());
        context.print_written(result.folder(), &text, &PlayedCases::FILES)?;
        result.interrupted().map_or(Ok(()), |e| Err(e.into()))
    }
}
