//! `kzsim compare`

use std::path::{Path, PathBuf};

use clap::Args;

use super::args::PlayArgs;
use super::context::Context;
use super::failure::Failure;
use crate::scenario::shell::{path_word, word};
use crate::study::{Compare, Source, compare};
use crate::text::comparison::report;

/// Play the same rounds under several scenarios and report what differs, round by round.
///
/// A round has the same random draws under each scenario, each draw for the same purpose: differences
/// come only from what the scenarios state differently. Each further scenario is compared with the first.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim compare scenarios/base.toml scenarios/kazakhstan/what_if/no_troops.toml
  kzsim compare scenarios/base.toml scenarios/kazakhstan/readings/*.toml --rounds 1000000")]
pub(super) struct CompareArgs {
    /// The first scenario file; `-` for standard input
    #[arg(value_name = "SCENARIO")]
    first: PathBuf,
    /// Scenario files to compare with it
    #[arg(value_name = "OTHER", required = true)]
    others: Vec<PathBuf>,
    #[command(flatten)]
    play: PlayArgs,
    /// Also show flags
    #[arg(long)]
    flags: bool,
}

impl CompareArgs {
    pub(super) fn execute(&self, context: &mut Context) -> Result<(), Failure> {
        let paths = || std::iter::once(&self.first).chain(&self.others);
        let sources = context.sources(paths(), &self.play.set)?;
        let studies = Source::open_all(sources)?;
        let options = Compare::new().play(context.play(&self.play)?);
        let result = compare(studies, &options)?;
        let seed = result.seed();
        let commands: Vec<String> = paths()
            .map(|path| trace_command(path, seed, &self.play.set.settings))
            .collect();
        let text = report(
            &result.compared(),
            seed,
            &commands,
            self.flags,
            context.layout(),
        );
        context.print_written(
            result.folder(),
            &text,
            &["differences.csv", "divergence.csv"],
        )
    }
}

/// The command that traces a round; its number is to be added.
fn trace_command(path: &Path, seed: u64, settings: &[String]) -> String {
    let mut command = format!("kzsim trace {} --seed {seed}", path_word(path));
    for setting in settings {
        command.push_str(" --set ");
        command.push_str(&word(setting));
    }
    command
}
