//! `kzsim discover`

use std::path::PathBuf;

use clap::Args;

use super::args::{PlayArgs, number, whole};
use super::complete;
use super::context::Context;
use super::failure::Failure;
use crate::study::Discover;
use crate::text::discovery::summary;

/// Find the conditions under which an outcome is far more frequent.
///
/// Conditions are boxes, ranges of a few priors together, found by PRIM, the patient rule induction
/// method, in the even rounds. Every share that is reported comes from the odd rounds, which the search
/// has not seen. By default every outcome is explained.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim discover scenarios/base.toml --outcome patron_prevails
  kzsim discover scenarios/base.toml                        # every outcome
  kzsim discover scenarios/base.toml --outcome street_wins --rounds 1000000
  kzsim discover scenarios/base.toml --breadth 0.2 --mass 0.01     # small and dense boxes
  kzsim discover scenarios/base.toml --flag self_coup --switches")]
pub(super) struct DiscoverArgs {
    /// The scenario file; `-` for standard input
    #[arg(value_name = "SCENARIO")]
    scenario: PathBuf,
    /// An outcome to explain; may be repeated
    #[arg(long = "outcome", value_name = "OUTCOME", add = complete::outcomes())]
    outcomes: Vec<String>,
    /// A flag to explain; may be repeated
    #[arg(long = "flag", value_name = "FLAG", add = complete::flags())]
    flags: Vec<String>,
    /// Most boxes per outcome or flag
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = whole::<u8>("number of boxes", 1..=20))]
    boxes: u8,
    /// Most priors that a box restricts
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = whole::<u8>("number of conditions", 1..=100))]
    conditions: u8,
    /// Smallest box, as a fraction of all rounds
    #[arg(long, value_name = "FRACTION", default_value_t = 0.05, value_parser = number("mass", 1e-6..=0.9, "0.05"))]
    mass: f64,
    /// From 0, small and dense boxes, to 1, large ones
    #[arg(long, value_name = "B", default_value_t = 0.5, value_parser = number("breadth", 0.0..=1.0, "0.5"))]
    breadth: f64,
    /// Largest fraction of a box that is cut off at a time
    #[arg(long, value_name = "FRACTION", default_value_t = 0.05, value_parser = number("alpha", 0.001..=0.5, "0.05"))]
    alpha: f64,
    /// Number of resamples that show which conditions are found again
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = whole::<u64>("number of resamples", 0..=1_000))]
    resamples: u64,
    /// Also vary the structural switches, which choose between forms of the model; each value equally
    /// often
    #[arg(long)]
    switches: bool,
    #[command(flatten)]
    play: PlayArgs,
}

impl DiscoverArgs {
    pub(super) fn execute(&self, context: &mut Context) -> Result<(), Failure> {
        let study = context.source(&self.scenario, &self.play.set)?.open()?;
        let options = Discover {
            outcomes: self.outcomes.clone(),
            flags: self.flags.clone(),
            boxes: self.boxes.into(),
            conditions: self.conditions.into(),
            mass: self.mass,
            breadth: self.breadth,
            alpha: self.alpha,
            resamples: self.resamples,
            switches: self.switches,
            ..Discover::default()
        };
        let result = study.discover(&options.play(context.play(&self.play)?))?;
        let (seed, rounds) = (result.seed(), result.rounds());
        let text = summary(&result.discovery(), seed, rounds, context.layout());
        context.print_written(result.folder(), &text, &["boxes.csv", "limits.csv"])
    }
}
