//! Options that commands share.

use std::path::PathBuf;

use clap::Args;

use crate::result::write::Format;
use crate::scenario::meant::{Want, has_point, meant};
use crate::scenario::model::limits;

/// Reads a whole number in a range, written as in a scenario: `1000000`, `1_000_000` or `1e6`.
pub(super) fn whole<const LEAST: u64, const MOST: u64>(text: &str) -> Result<u64, String> {
    let digits = text.trim().replace('_', "");
    let float = || {
        digits
            .parse()
            .ok()
            .filter(|x: &f64| x.fract() == 0.0 && (0.0..1e18).contains(x))
    };
    let found = digits.parse().ok().or_else(|| float().map(|x| x as u64));
    let found = found.filter(|_| !has_point(&digits));
    found.filter(|n| (LEAST..=MOST).contains(n)).ok_or_else(|| {
        let want = Want::Whole { days: false };
        let help = found.is_none().then(|| meant(text, want)).flatten();
        expected(&format!("a whole number from {LEAST} to {MOST}"), help)
    })
}

/// Reads a number of at least `least` and at most `most`.
pub(super) fn number(text: &str, least: f64, most: f64, example: &str) -> Result<f64, String> {
    let found = text.trim().parse::<f64>().ok();
    found.filter(|x| (least..=most).contains(x)).ok_or_else(|| {
        let want = Want::Number {
            distribution: false,
        };
        let help = found.is_none().then(|| meant(text, want)).flatten();
        expected(
            &format!("a number from {least} to {most}, for example {example}"),
            help,
        )
    })
}

/// What is expected of an argument, and what to write instead.
pub(super) fn expected(what: &str, help: Option<String>) -> String {
    match help {
        Some(help) => format!("expected {what}; {help}"),
        None => format!("expected {what}"),
    }
}

/// Options of every command that plays rounds.
#[derive(Debug, Args)]
pub(super) struct PlayArgs {
    /// Number of rounds [default: the scenario's, unless the command says otherwise]
    #[arg(long, value_name = "N", value_parser = whole::<1, { limits::ROUNDS }>)]
    pub(super) rounds: Option<u64>,
    /// Seed [default: the scenario's]
    #[arg(long, value_name = "S", value_parser = whole::<0, { limits::SEED }>)]
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
    /// Folder for the results [default: one in results/ named after the scenario or command, with a
    /// number if a different result is there]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Replace a result of different scenarios, settings or options, or with more rounds; write even
    /// if the folder contains other files (they are kept)
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
