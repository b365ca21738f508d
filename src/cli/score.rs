//! `kzsim score`

use std::path::PathBuf;

use clap::Args;

use super::args::{OutputArgs, count, read_by, whole};
use super::context::Context;
use super::failure::Failure;
use crate::scenario::model::limits;
use crate::study::{Baseline, Score, ScoreResult, score};
use crate::text::score::summary;

/// Score forecasts against what happened.
///
/// Takes any CSV file of forecasts, the folder of a run or a pool, or a folder of seals, and says how good they
/// were, how well calibrated, and whether they were better than a forecast that needs no forecaster.
/// docs/FORECASTS.md explains every number.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim score forecasts.csv observed.csv             # case,p and case,outcome
  kzsim score forecasts.csv observed.csv --cluster country --baseline climatology:regime
  kzsim score forecasts.csv observed.csv --order d30,d90,later   # a row for each class
  kzsim score forecasts.csv observed.csv --event coup            # one class as an event
  kzsim score seals/ observed.csv                    # sealed forecasts")]
pub(super) struct ScoreArgs {
    /// Forecasts: a CSV file (case and p, or case, outcome and probability; also horizon, forecaster, rounds), the
    /// folder of a run or a pool, or a folder of seals
    #[arg(value_name = "FORECASTS")]
    forecasts: PathBuf,
    /// What happened: a CSV file with case and outcome (empty while it is open); also horizon, cluster,
    /// resolved, date and columns of your own
    #[arg(value_name = "OBSERVED")]
    observed: PathBuf,
    /// What to compare with: base-rate, climatology:COLUMN, csv:FILE:COLUMN, uniform or previous; may be
    /// repeated [default: base-rate]
    #[arg(long = "baseline", value_name = "NAME", value_parser = read_by("baseline", |text: &str| text.parse::<Baseline>()))]
    baselines: Vec<Baseline>,
    /// Take base rates and climatologies from these observations instead of those that are scored
    #[arg(long, value_name = "FILE")]
    train: Option<PathBuf>,
    /// Also score cases apart by their value in this column
    #[arg(long, value_name = "COLUMN")]
    by: Option<String>,
    /// Column of clusters: cases that share causes, such as those of a country, are drawn together
    /// [default: `cluster` if there is one]
    #[arg(long, value_name = "COLUMN")]
    cluster: Option<String>,
    /// Score the probability of this outcome as that of an event
    #[arg(long, value_name = "OUTCOME")]
    event: Option<String>,
    /// All outcomes in their order, for the ranked probability score
    #[arg(long, value_name = "OUTCOME,…", value_delimiter = ',')]
    order: Vec<String>,
    /// Number of resamples for intervals; 0 for none
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = whole::<u64>("number of resamples", 0..=100_000))]
    boot: u64,
    /// Seed of the resamples and bands
    #[arg(long, short, value_name = "S", default_value_t = 1, value_parser = whole::<u64>("seed", 0..=limits::SEED))]
    seed: u64,
    /// corp for isotonic regression alone, or a number of bins of equal width to decompose the Brier score in
    /// as well
    #[arg(long, value_name = "BINS", default_value = "corp", value_parser = read_by("bins", bins))]
    bins: Option<usize>,
    /// How near to 0 or 1 the log score reads a probability: auto (half a round; 0.001 where rounds are not
    /// known) or a number
    #[arg(long, value_name = "FLOOR", default_value = "auto", value_parser = read_by("clip", clip))]
    clip: Option<f64>,
    /// Leave out cases that are in one file alone
    #[arg(long)]
    allow_missing: bool,
    #[command(flatten)]
    output: OutputArgs,
}

fn bins(text: &str) -> Result<usize, String> {
    if text == "corp" {
        return Ok(0);
    }
    let found = count(text).filter(|n| (1..=1_000).contains(n));
    found
        .map(|n| n as usize)
        .ok_or_else(|| "expected corp, or a whole number from 1 to 1000".to_owned())
}

fn clip(text: &str) -> Result<f64, String> {
    if text == "auto" {
        return Ok(0.0);
    }
    let found = text.parse().ok().filter(|x| *x > 0.0 && *x <= 0.5);
    found.ok_or_else(|| "expected auto, or a number above 0 and up to 0.5".to_owned())
}

impl ScoreArgs {
    pub(super) fn execute(&self, context: &mut Context) -> Result<(), Failure> {
        let bins = self.bins.filter(|n| *n > 0);
        let clip = self.clip.filter(|x| *x > 0.0);
        let mut options = Score::new()
            .order(self.order.clone())
            .resamples(self.boot as usize)
            .seed(self.seed)
            .allow_missing(self.allow_missing)
            .output(context.output(&self.output)?)
            .control(context.control());
        for baseline in &self.baselines {
            options = options.baseline(baseline.clone());
        }
        if let Some(file) = &self.train {
            options = options.train(file);
        }
        if let Some(column) = &self.by {
            options = options.by(column);
        }
        if let Some(column) = &self.cluster {
            options = options.cluster(column);
        }
        if let Some(event) = &self.event {
            options = options.event(event);
        }
        if let Some(bins) = bins {
            options = options.bins(bins);
        }
        if let Some(clip) = clip {
            options = options.clip(clip);
        }
        let result = score(&self.forecasts, &self.observed, &options)?;
        let scores = result.scores();
        context.add_json("warnings", || scores.warnings.clone().into());
        context.add_json("unresolved", || scores.unresolved.clone().into());
        context.add_json("missing", || scores.missing.clone().into());
        let summary = summary(scores, context.layout());
        context.print_written(result.folder(), &summary, &ScoreResult::FILES)
    }
}
