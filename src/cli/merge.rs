//! `kzsim merge`

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;

use super::args::{FormatArg, OutputArgs};
use super::context::Context;
use super::failure::Failure;
use super::run::{TABLES, summary};
use crate::study::{Merge, merge};

/// Merge the shards of a run, the parts that `run --shard` plays.
///
/// The result has the same bytes as that of a single run. Every shard must be present once,
/// finished, and of the same scenario, seed, rounds and version of kzsim; everything that is wrong
/// is reported at once, with the commands that play missing shards. The folders of the shards are
/// not changed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim merge results/base/shard_*
  kzsim merge results/base/shard_* --out results/whole
  kzsim merge node1/shard_0_of_2 node2/shard_1_of_2 --out results/base")]
pub(super) struct MergeArgs {
    /// The folders of the shards, in any order
    #[arg(value_name = "DIR", required = true)]
    shards: Vec<PathBuf>,
    #[command(flatten)]
    output: OutputArgs,
    /// Also show flags
    #[arg(long)]
    flags: bool,
    /// How the rows of rounds are written, if the shards were played with --keep-rounds
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: FormatArg,
}

impl MergeArgs {
    pub(super) fn execute(&self, context: &mut Context) -> Result<(), Failure> {
        let options = Merge {
            output: context.output(&self.output)?,
            format: self.format.into(),
            control: context.control(),
        };
        let result = merge(&self.shards, &options)?;
        let mut summary = summary(&result, self.flags, context.layout());
        let _ = match self.shards.len() {
            1 => writeln!(summary, "\nMerged from 1 shard"),
            n => writeln!(summary, "\nMerged from {n} shards"),
        };
        context.print_written(result.folder(), &summary, &TABLES)
    }
}
