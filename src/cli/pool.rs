//! `kzsim pool`

use std::path::PathBuf;

use clap::Args;

use super::args::OutputArgs;
use super::context::Context;
use super::failure::Failure;
use crate::scenario::visible::visible_path;
use crate::study::{Pool, PoolBy, pool};
use crate::text::pool::summary;

/// Pool the forecasts of several analysts.
///
/// Takes folders of runs or CSV files of forecasts, and writes one forecast for each case, as `kzsim
/// score` reads it, with the disagreement behind it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim pool results/anna results/boris results/chen
  kzsim pool anna.csv boris.csv --log
  kzsim pool anna.csv boris.csv --weights score:last_year.csv --extremise last_year.csv")]
pub(super) struct PoolArgs {
    /// Forecasts: folders of runs, or CSV files as for `kzsim score`, two or more forecasters in all
    #[arg(value_name = "FORECASTS", required = true)]
    forecasts: Vec<PathBuf>,
    /// Pool by the weighted mean, which keeps what any analyst holds possible (the default)
    #[arg(long, conflicts_with = "log")]
    linear: bool,
    /// Pool by the weighted geometric mean
    #[arg(long)]
    log: bool,
    /// equal, or score:FILE to weigh analysts by the log score of their resolved cases (at least 20) in
    /// these observations
    #[arg(long, value_name = "WEIGHTS", default_value = "equal")]
    weights: String,
    /// Make the pool more extreme, by an exponent fitted on the resolved cases (at least 30) of these
    /// observations
    #[arg(long, value_name = "FILE")]
    extremise: Option<PathBuf>,
    #[command(flatten)]
    output: OutputArgs,
}

impl PoolArgs {
    pub(super) fn execute(&self, context: &mut Context) -> Result<(), Failure> {
        let weights = match (self.weights.as_str(), self.weights.strip_prefix("score:")) {
            ("equal", _) => None,
            (_, Some(file)) if !file.is_empty() => Some(PathBuf::from(file)),
            (other, _) => {
                return Err(Failure::Usage(format!(
                    "invalid weights `{other}`: expected equal, or score:FILE with a file of observations"
                )));
            }
        };
        if let Some(number) = &self.extremise
            && number.to_str().is_some_and(|t| t.parse::<f64>().is_ok())
        {
            return Err(Failure::Usage(format!(
                "--extremise {}: an exponent is not chosen but fitted; expected a file of observations with at least \
                 30 resolved cases",
                visible_path(number)
            )));
        }
        let options = Pool {
            by: if self.log {
                PoolBy::Log
            } else {
                PoolBy::Linear
            },
            weights,
            extremise: self.extremise.clone(),
            output: Some(context.output(&self.output)?),
            control: context.control(),
        };
        let result = pool(&self.forecasts, &options)?;
        let pooled = result.pooled();
        context.add_json("warnings", || pooled.warnings.clone().into());
        context.add_json("exponent", || pooled.exponent.into());
        let summary = summary(pooled, context.layout());
        context.print_written(result.folder(), &summary, &["forecasts.csv", "weights.csv"])
    }
}
