//! `kzsim weigh`

use std::path::{Path, PathBuf};

use clap::Args;

use super::args::{CountedArgs, EVIDENCE, PlayArgs, expected, read_by, whole};
use super::context::Context;
use super::failure::Failure;
use crate::files;
use crate::scenario::meant::{Want, meant};
use crate::scenario::visible::visible_path;
use crate::study::{Source, Weigh, weigh};
use crate::table::weighing::Weighing;

/// Weigh several readings of the same events by evidence.
///
/// Reports which reading fits best, and how far that can be trusted. Plays 200,000 rounds of each
/// reading unless --rounds says otherwise: few rounds match a dozen reports, so it takes more than
/// a run.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim weigh scenarios/angola/readings/*.toml --evidence scenarios/angola/evidence/reports.toml
  kzsim weigh a.toml b.toml --evidence reports.csv --known-by 2022-01-07 --reports strikes,curfew
  kzsim weigh a.toml b.toml --evidence e.toml --prior a=2 --prior b=1 --rounds 1000000")]
pub(super) struct WeighArgs {
    /// Readings: scenario files, two or more
    #[arg(value_name = "READING", required = true, num_args = 1..)]
    readings: Vec<PathBuf>,
    /// The evidence file, TOML or CSV
    #[arg(long, value_name = "FILE", group = EVIDENCE)]
    evidence: PathBuf,
    #[command(flatten)]
    counted: CountedArgs,
    /// Prior weight of a reading, by its file's name without .toml; for every reading or none
    /// [default: equal]
    #[arg(long = "prior", value_name = "NAME=WEIGHT", value_parser = read_by("prior weight", weight))]
    priors: Vec<(String, f64)>,
    /// Number of evidence files to simulate from each reading, to see how often weighing finds the
    /// reading that they came from; 0 omits this
    #[arg(long, value_name = "TRIALS", default_value_t = 1_000, num_args = 0..=1,
          default_missing_value = "1000", require_equals = true,
          value_parser = whole::<u64>("number of trials", 0..=1_000_000))]
    recover: u64,
    #[command(flatten)]
    play: PlayArgs,
}

/// The prior weight of a reading.
fn weight(text: &str) -> Result<(String, f64), String> {
    let (name, weight) = text
        .split_once('=')
        .ok_or("expected NAME=WEIGHT, for example coopted=0.3")?;
    let found = weight.trim().parse().ok();
    let found = found.filter(|w| (0.0..=f64::MAX).contains(w));
    let wrong = || {
        let want = Want::Number {
            distribution: false,
        };
        expected("a weight of 0 or more", meant(weight, want))
    };
    Ok((name.trim().to_owned(), found.ok_or_else(wrong)?))
}

/// Whether a word is a number rather than a file: the value of an option that needs a `=`.
fn is_number(path: &Path) -> bool {
    let number = path
        .to_str()
        .is_some_and(|word| word.parse::<u64>().is_ok());
    number && !files::is_there(path)
}

impl WeighArgs {
    pub(super) fn execute(&self, context: &mut Context) -> Result<(), Failure> {
        if let Some(number) = self.readings.iter().find(|path| is_number(path)) {
            let number = visible_path(number);
            return Err(Failure::Usage(format!(
                "{number}: there is no such reading; for {number} trials of each reading, write \
                 --recover={number}"
            )));
        }
        if self.readings.len() < 2 {
            return Err(Failure::Usage(
                "one reading cannot be weighed: expected two or more".to_owned(),
            ));
        }
        let evidence = Context::counted(&self.evidence, &self.counted)?;
        let sources = context.sources(&self.readings, &self.play.set)?;
        let studies = Source::open_all(sources.into_iter().map(|source| Source {
            evidence: Some(evidence.clone()),
            ..source
        }))?;
        for note in evidence.repeated() {
            context.print_note(&note);
        }
        let options = Weigh::new()
            .priors(self.priors.clone())
            .recover(self.recover)
            .play(context.play(&self.play)?);
        let result = weigh(studies, &options)?;
        let (tables, seed) = (result.tables(), result.seed());
        let summary = result.weighing().summary(&tables, seed, context.layout());
        context.add_json("warnings", || Weighing::warnings(&tables).into());
        let names: Vec<&str> = tables.all().iter().map(|t| t.file).collect();
        context.print_written(result.folder(), &summary, &names)
    }
}
