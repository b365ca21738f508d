//! `kzsim sensitivity`

use std::path::PathBuf;

use clap::Args;

use super::args::{PlayArgs, whole};
use super::context::Context;
use super::failure::Failure;
use crate::analysis::sensitivity::floor::MOST_ROWS;
use crate::study::{Method, Sensitivity};
use crate::text::sensitivity::summary;

/// Show which guesses matter, and how much is chance.
///
/// Estimates how much of each outcome's variance goes with each prior, each structural switch (a choice
/// between forms of the model) and chance. `sobol` plays ROWS rows and ROWS more for every input; `morris` plays fewer, to see what
/// can be ignored; `given` analyses ROWS independent rounds.
#[derive(Debug, Args)]
// It is refused, with the reason.
#[command(mut_arg("rounds", |arg| arg.hide(true)))]
#[command(after_help = "Examples:
  kzsim sensitivity scenarios/base.toml
  kzsim sensitivity scenarios/base.toml --method morris --rows 500
  kzsim sensitivity scenarios/base.toml --method given --rows 20000 --flags
  kzsim sensitivity scenarios/base.toml --quantity 'turnout.max @ 2022-01-05'")]
pub(super) struct SensitivityArgs {
    /// The scenario file; `-` for standard input
    #[arg(value_name = "SCENARIO")]
    scenario: PathBuf,
    /// The method
    #[arg(long, value_enum, value_name = "METHOD", default_value = "sobol")]
    method: MethodArg,
    /// Rows: a power of two for sobol [default: 4096], trajectories of morris [default: 400],
    /// rounds for given [default: 20000]
    #[arg(long, value_name = "ROWS", value_parser = whole::<u64>("number of rows", 64..=MOST_ROWS))]
    rows: Option<u64>,
    /// Analyse flags too, not only outcomes
    #[arg(long)]
    flags: bool,
    /// Analyse this number too: an expression, read at the end of a round, or as EXPRESSION @ DATE
    /// at the end of that day; may be repeated
    #[arg(
        long = "quantity",
        value_name = "EXPRESSION",
        allow_hyphen_values = true
    )]
    quantities: Vec<String>,
    /// Keep the structural switches as the scenario sets them
    #[arg(long)]
    fixed_switches: bool,
    #[command(flatten)]
    play: PlayArgs,
}

/// Methods of sensitivity analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum MethodArg {
    /// Sobol indices (Saltelli's design)
    Sobol,
    /// Elementary effects (Morris)
    Morris,
    /// First-order indices, Borgonovo's delta and PAWN from independent rounds
    Given,
}

impl From<MethodArg> for Method {
    fn from(method: MethodArg) -> Self {
        match method {
            MethodArg::Sobol => Self::Sobol,
            MethodArg::Morris => Self::Morris,
            MethodArg::Given => Self::Given,
        }
    }
}

impl SensitivityArgs {
    pub(super) fn execute(&self, context: &mut Context) -> Result<(), Failure> {
        if self.play.rounds.is_some() {
            return Err(Failure::Usage(
                "--rounds cannot be used here: the number of rounds follows from --rows and the \
                 number of inputs"
                    .to_owned(),
            ));
        }
        let mut source = context.source(&self.scenario, &self.play.set)?;
        source.quantities.clone_from(&self.quantities);
        let study = source.open()?;
        let options = Sensitivity {
            rows: self.rows,
            flags: self.flags,
            switches: !self.fixed_switches,
            ..Sensitivity::new(self.method.into())
        };
        let result = study.sensitivity(&options.play(context.play(&self.play)?))?;
        let (frame, found) = (result.frame(), result.found());
        let text = summary(&frame, found, result.seed(), context.layout());
        let names: Vec<&str> = result.tables().iter().map(|t| t.file).collect();
        context.print_written(result.folder(), &text, &names)
    }
}
