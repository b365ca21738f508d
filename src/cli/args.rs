//! Options that commands share.

use std::path::PathBuf;

use clap::Args;

use crate::result::write::Format;
use crate::scenario::model::limits;

/// Options of every command that plays rounds.
#[derive(Debug, Args)]
pub(super) struct PlayArgs {
    /// Number of rounds [default: the scenario's, unless the command says otherwise]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=limits::ROUNDS))]
    pub(super) rounds: Option<u64>,
    /// Seed [default: the scenario's]
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(0..=limits::SEED))]
    pub(super) seed: Option<u64>,
    /// Number of threads (results do not depend on it) [default: one per core]
    #[arg(long, value_name = "T", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) threads: Option<u16>,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    #[command(flatten)]
    pub(super) set: SetArgs,
}

/// Where a result is written.
#[derive(Debug, Args)]
pub(super) struct OutputArgs {
    /// Folder for the results [default: one in results/ named after the scenario or command]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Write even if the folder contains other files (they are kept)
    #[arg(long)]
    pub(super) force: bool,
}

/// Values that override those of a scenario.
#[derive(Debug, Args)]
pub(super) struct SetArgs {
    /// Override a value, for example actors.knb.loyalty.tokayev=0.6; may be repeated
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(super) settings: Vec<String>,
}

/// How rows of rounds are written, if they are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(super) enum FormatArg {
    /// Only rounds.csv
    #[default]
    Csv,
    /// Also rounds.parquet: the same rows, typed, in columns
    Parquet,
}

impl From<FormatArg> for Format {
    fn from(format: FormatArg) -> Self {
        match format {
            FormatArg::Csv => Self::Csv,
            FormatArg::Parquet => Self::Parquet,
        }
    }
}
