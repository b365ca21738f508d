//! Options that commands share.

use std::ffi::OsStr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, Args, Command};
use jiff::civil::{Date, DateTime, Time};

use super::complete;
use crate::result::write::Format;
use crate::scenario::meant::{Want, has_point, meant};
use crate::scenario::model::limits;
use crate::scenario::visible::on_one_line;

/// Reads arguments, and says what is wrong with one as everywhere else: what was found, what is
/// expected, what to write.
#[derive(Debug, Clone)]
pub(super) struct Reader<F> {
    /// What the argument is: `number of rounds`.
    what: &'static str,
    /// Reads it, or says what is expected.
    read: F,
}

/// Reads an argument that is a `what` with a function that returns it, or what is expected.
pub(super) fn read_by<T, F: Fn(&str) -> Result<T, String>>(
    what: &'static str,
    read: F,
) -> Reader<F> {
    Reader { what, read }
}

impl<T, F> TypedValueParser for Reader<F>
where
    T: Clone + Send + Sync + 'static,
    F: Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static,
{
    type Value = T;

    fn parse_ref(
        &self,
        command: &Command,
        _: Option<&Arg>,
        value: &OsStr,
    ) -> Result<T, clap::Error> {
        let text = value.to_str().ok_or("expected UTF-8".to_owned());
        text.and_then(&self.read).map_err(|why| {
            let found = value.to_string_lossy();
            let (what, found) = (self.what, on_one_line(&found));
            let words = format!("invalid {what} `{found}`: {why}\n");
            clap::Error::raw(ErrorKind::ValueValidation, words).with_cmd(command)
        })
    }
}

/// How counts may be written, in messages.
const WRITTEN: &str = "such as 20000, 20_000, 20k or 2e4";
/// The least upper bound of a range for which that is said.
const LARGE: u64 = 20_000;

/// A whole number as people write it: `20000`, `20_000`, `20k`, `1.5M` or `2e4`.
pub(super) fn count(text: &str) -> Option<u64> {
    let digits = text.trim().replace('_', "");
    let thousands = digits.strip_suffix(['k', 'K']).map(|n| format!("{n}e3"));
    let millions = || digits.strip_suffix('M').map(|n| format!("{n}e6"));
    // A power of ten is read with its digits, so that 1.1M is 1100000 to the last of them.
    let written = thousands.or_else(millions);
    let written = written.as_deref().unwrap_or(&digits);
    let whole = |x: &f64| x.fract() == 0.0 && *x >= 0.0 && !has_point(written);
    let float = || written.parse().ok().filter(whole).map(|x| x as u64);
    written.parse().ok().or_else(float)
}

/// Reads a whole number in a range, written as [`count`] says.
pub(super) fn whole<T: TryFrom<u64> + Clone + Send + Sync + 'static>(
    what: &'static str,
    range: RangeInclusive<u64>,
) -> impl TypedValueParser<Value = T> {
    read_by(what, move |text: &str| {
        let found = count(text);
        let inside = found.filter(|n| range.contains(n));
        inside.and_then(|n| T::try_from(n).ok()).ok_or_else(|| {
            let want = Want::Whole { days: false };
            let help = found.is_none().then(|| meant(text, want)).flatten();
            let (least, most) = range.clone().into_inner();
            let examples = found.is_none() && help.is_none() && most >= LARGE;
            let examples = if examples {
                format!(", {WRITTEN}")
            } else {
                String::new()
            };
            expected(
                &format!("a whole number from {least} to {most}{examples}"),
                help,
            )
        })
    })
}

/// Reads a number in a range.
pub(super) fn number(
    what: &'static str,
    range: RangeInclusive<f64>,
    example: &'static str,
) -> impl TypedValueParser<Value = f64> {
    read_by(what, move |text: &str| {
        let found = text.trim().parse::<f64>().ok();
        found.filter(|x| range.contains(x)).ok_or_else(|| {
            let want = Want::Number {
                distribution: false,
            };
            let help = found.is_none().then(|| meant(text, want)).flatten();
            let (least, most) = (range.start(), range.end());
            expected(
                &format!("a number from {least} to {most}, for example {example}"),
                help,
            )
        })
    })
}

/// Standard input in place of a file that is read, standard output in place of one that is written.
pub(super) const DASH: &str = "-";

/// A file that is written, which cannot be standard output.
pub(super) fn a_file(text: &str) -> Result<PathBuf, String> {
    if text == DASH {
        return Err("expected a file: only tables and new scenarios are printed".to_owned());
    }
    Ok(text.into())
}

impl OutputArgs {
    /// Whether the main table is printed and nothing is kept.
    pub(super) fn to_stdout(&self) -> bool {
        self.out.as_deref() == Some(Path::new(DASH))
    }
}

/// What is expected of an argument, and what to write instead.
pub(super) fn expected(what: &str, help: Option<String>) -> String {
    match help {
        Some(help) => format!("expected {what}; {help}"),
        None => format!("expected {what}"),
    }
}

/// The end of a date, or a moment.
pub(super) fn moment(text: &str) -> Result<DateTime, String> {
    let end = |date: Date| {
        date.tomorrow()
            .ok()
            .map(|next| next.to_datetime(Time::midnight()))
    };
    let text = text.trim();
    let found = text
        .parse::<Date>()
        .ok()
        .filter(|_| !text.contains(['T', ' ']))
        .and_then(end);
    found
        .or_else(|| text.parse::<DateTime>().ok())
        .ok_or_else(|| {
            "expected a date such as 2022-01-06, or a moment such as 2022-01-06T12:00".to_owned()
        })
}

/// The evidence that [`CountedArgs`] are about: the group of the argument that names it.
pub(super) const EVIDENCE: &str = "counted evidence";

/// Which reports of the evidence count.
#[derive(Debug, Args)]
pub(super) struct CountedArgs {
    /// Count only the reports with these ids, separated by commas
    #[arg(long, value_name = "ID", value_delimiter = ',', requires = EVIDENCE, value_parser = read_by("report", report))]
    pub(super) reports: Vec<String>,
    /// Count only reports that were known by the end of this date, or by this moment
    #[arg(long, value_name = "DATE", requires = EVIDENCE, value_parser = read_by("date", moment))]
    pub(super) known_by: Option<DateTime>,
}

/// The id of a report.
fn report(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("expected ids of reports, separated by commas".to_owned()),
        id => Ok(id.to_owned()),
    }
}

/// Options of every command that plays rounds.
#[derive(Debug, Args)]
pub(super) struct PlayArgs {
    /// Number of rounds, for example 20000, 20k or 2e4 [default: the scenario's, unless the command says otherwise]
    #[arg(long, short = 'n', value_name = "N", value_parser = whole::<u64>("number of rounds", 1..=limits::ROUNDS))]
    pub(super) rounds: Option<u64>,
    /// Seed of the random draws [default: the scenario's]
    #[arg(long, short, value_name = "S", value_parser = whole::<u64>("seed", 0..=limits::SEED))]
    pub(super) seed: Option<u64>,
    /// Number of threads (results do not depend on it) [default: one per core]
    #[arg(long, short = 'j', value_name = "T", value_parser = whole::<u16>("number of threads", 1..=1024))]
    pub(super) threads: Option<u16>,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    #[command(flatten)]
    pub(super) set: SetArgs,
}

/// Where a result is written.
#[derive(Debug, Args)]
pub(super) struct OutputArgs {
    /// Folder for the results; `-` for none: the main table goes to stdout as CSV, and nothing else [default: one in
    /// results/ named after the scenario or command, with a number if a different result is there]
    #[arg(long, short, value_name = "DIR")]
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
    #[arg(long = "set", value_name = "PATH=VALUE", add = complete::settings())]
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
