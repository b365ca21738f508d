//! `kzsim fit`

use std::path::PathBuf;

use clap::Args;

use super::args::{PlayArgs, read_by, whole};
use super::complete;
use super::context::Context;
use super::failure::Failure;
use crate::study::{FIT_DRAWS, FIT_ROUNDS, Fit, FitMethod, FitResult, Folds, HeldOut, Wanted, fit};
use crate::text::fit::summary;

/// Fit coefficients of a template to what happened.
///
/// Plays every case of a table under some hundreds of vectors of coefficients, weighs them by what was
/// observed, and says what the data tell of each coefficient, how well cases are forecast from other
/// clusters, and whether a regression on the same columns does as well. docs/FORECASTS.md explains it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim fit contest.toml cases.csv observed.csv --event succeeds \\
      --params parameters.b0=-0.1..0.45,parameters.g_rank=0..1
  kzsim fit contest.toml cases.csv observed.csv --event succeeds \\
      --params parameters.b0 --method grid
  kzsim fit contest.toml cases.csv observed.csv --event succeeds \\
      --params parameters.b0=0..0.4 --synthetic 50
  kzsim fit contest.toml cases.csv observed.csv --event succeeds --params parameters.b0=0..0.4 \\
      --holdout-cases later.csv --holdout-observed later_observed.csv")]
pub(super) struct FitArgs {
    /// The template: a scenario that is laid under every case
    #[arg(value_name = "TEMPLATE")]
    template: PathBuf,
    /// The case table: a CSV file with case, and a column for each value that cases differ in, named by its path
    #[arg(value_name = "CASES")]
    cases: PathBuf,
    /// What happened: a CSV file with case and outcome; also cluster, and columns of your own
    #[arg(value_name = "OBSERVED")]
    observed: PathBuf,
    /// Coefficients, one to eight: PATH=LOW..HIGH for a uniform prior, PATH alone for the law that the template
    /// has; may be repeated
    #[arg(long = "params", value_name = "PATH=LOW..HIGH,…", required = true, value_delimiter = ',', value_parser = read_by("coefficient", |text: &str| text.parse::<Wanted>()), add = complete::priors())]
    params: Vec<Wanted>,
    /// The outcome that is the event; without it the likelihood uses all outcomes
    #[arg(long, value_name = "OUTCOME", add = complete::outcomes())]
    event: Option<String>,
    /// pmc (population Monte Carlo), or grid (every combination of levels, of one or two coefficients)
    #[arg(long, value_name = "METHOD", default_value = "pmc", value_parser = read_by("method", method))]
    method: FitMethod,
    /// Column whose cases stay in one fold, and number of folds [default: cluster:10 if there is a column
    /// `cluster`, else case:10]
    #[arg(long, value_name = "COLUMN:N", value_parser = read_by("folds", |text: &str| text.parse::<Folds>()))]
    folds: Option<Folds>,
    /// Cases that are held out: read once, when everything is fitted, and recorded
    #[arg(long, value_name = "FILE", requires = "holdout_observed")]
    holdout_cases: Option<PathBuf>,
    /// What happened in the cases that are held out
    #[arg(long, value_name = "FILE", requires = "holdout_cases")]
    holdout_observed: Option<PathBuf>,
    /// Draws of the posterior that are written
    #[arg(long, value_name = "N", default_value_t = FIT_DRAWS as u64, value_parser = whole::<u64>("number of draws", 100..=100_000))]
    draws: u64,
    /// Also fit so many data sets of known coefficients, and see whether they are found; 0 for none
    #[arg(long, value_name = "K", default_value_t = 0, value_parser = whole::<u64>("number of data sets", 0..=10_000))]
    synthetic: u64,
    /// Column with the weights of cases
    #[arg(long, value_name = "COLUMN")]
    weights: Option<String>,
    /// Columns of the logistic regression that stands beside the template [default: the columns of the case
    /// table that hold numbers]
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    ridge: Vec<String>,
    /// Also compare with the rates of the classes in this column
    #[arg(long, value_name = "COLUMN")]
    climatology: Option<String>,
    /// Number of resamples of clusters for intervals; 0 for none
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = whole::<u64>("number of resamples", 0..=100_000))]
    boot: u64,
    /// Leave out cases that are in one file alone
    #[arg(long)]
    allow_missing: bool,
    #[command(flatten)]
    play: PlayArgs,
}

fn method(text: &str) -> Result<FitMethod, String> {
    match text {
        "pmc" => Ok(FitMethod::Pmc),
        "grid" => Ok(FitMethod::Grid),
        _ => Err("expected pmc or grid".to_owned()),
    }
}

impl FitArgs {
    pub(super) fn execute(&self, context: &mut Context) -> Result<(), Failure> {
        let today = jiff::Timestamp::now()
            .to_zoned(jiff::tz::TimeZone::UTC)
            .date();
        let held_out = self
            .holdout_cases
            .clone()
            .zip(self.holdout_observed.clone());
        let mut play = context.play(&self.play)?;
        play.rounds = play.rounds.or(Some(FIT_ROUNDS));
        let options = Fit {
            method: self.method,
            folds: self.folds.clone(),
            held_out: held_out.map(|(cases, observed)| HeldOut {
                cases,
                observed,
                date: today,
            }),
            draws: self.draws as usize,
            synthetic: self.synthetic as usize,
            weights: self.weights.clone(),
            ridge: self.ridge.clone(),
            climatology: self.climatology.clone(),
            event: self.event.clone(),
            resamples: self.boot as usize,
            allow_missing: self.allow_missing,
            play,
            ..Fit::new(self.params.clone())
        };
        let template = context.source(&self.template, &self.play.set)?;
        let result = fit(&template, &self.cases, &self.observed, &options)?;
        let fitted = result.fitted();
        context.add_json("fit", || {
            serde_json::to_value(&fitted.facts).unwrap_or_default()
        });
        let summary = summary(fitted, context.layout());
        context.print_written(result.folder(), &summary, &FitResult::FILES)?;
        if result.covers() == Some(false) {
            return Err(Failure::Mismatch(
                "intervals of 90 % do not hold 80 to 97 % of the coefficients that synthetic data were made of: do not \
                 trust this posterior; more --rounds, fewer coefficients or narrower priors may mend it"
                    .to_owned(),
            ));
        }
        Ok(())
    }
}
