//! `kzsim signposts`

use std::path::PathBuf;

use clap::Args;
use jiff::civil::DateTime;

use super::args::{PlayArgs, moment, read_by, whole};
use super::complete;
use super::context::Context;
use super::failure::Failure;
use crate::study::Signposts;
use crate::text::signposts::summary;

/// Find the dated observations that would move the share of an outcome most.
///
/// An observation asks whether something has happened by a date: an action, a change of office, a flag, a turnout,
/// or what an evidence file reports. Only rounds count in which no outcome has been noted by then. Observations are
/// chosen in the even rounds; every number that is reported comes from the odd rounds.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim signposts scenarios/base.toml
  kzsim signposts scenarios/base.toml --outcome president_consolidates --most 5
  kzsim signposts scenarios/base.toml --at 2022-01-06 --at 2022-01-10
  kzsim signposts scenarios/base.toml --evidence scenarios/kazakhstan/evidence/january_2022.toml")]
pub(super) struct SignpostsArgs {
    /// The scenario file; `-` for standard input
    #[arg(value_name = "SCENARIO")]
    scenario: PathBuf,
    /// An outcome whose share is to move; may be repeated [default: every outcome]
    #[arg(long = "outcome", value_name = "OUTCOME", add = complete::outcomes())]
    outcomes: Vec<String>,
    /// Most signposts per outcome
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = whole::<u8>("number of signposts", 1..=20))]
    most: u8,
    /// A date whose end is asked about, or a moment; may be repeated [default: eight, between which equally much
    /// happens]
    #[arg(long, value_name = "DATE", value_parser = read_by("date", moment))]
    at: Vec<DateTime>,
    /// An evidence file, whose observations are asked about too, each at its moment
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
    #[command(flatten)]
    play: PlayArgs,
}

impl SignpostsArgs {
    pub(super) fn execute(&self, context: &mut Context) -> Result<(), Failure> {
        let mut study = context.source(&self.scenario, &self.play.set)?.open()?;
        if let Some(path) = &self.evidence {
            study = study.watching(&Context::evidence(path)?)?;
        }
        let options = Signposts {
            outcomes: self.outcomes.clone(),
            most: self.most.into(),
            at: self.at.clone(),
            ..Signposts::default()
        };
        let result = study.signposts(&options.play(context.play(&self.play)?))?;
        let text = summary(&result, context.layout());
        context.print_written(result.folder(), &text, &["signposts.csv"])
    }
}
