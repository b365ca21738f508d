//! `kzsim run`

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::TypedValueParser as _;

use super::args::{CountedArgs, EVIDENCE, FormatArg, PlayArgs, number, read_by};
use super::complete;
use super::context::Context;
use super::failure::Failure;
use super::shard::ShardArg;
use crate::scenario::visible::{on_one_line, visible_path};
use crate::study::{GivenBy, Run, RunResult, Study};
use crate::table::Row as _;
use crate::table::given::GivenOutcomeRow;
use crate::text::{Layout, Shown};

/// Play a scenario many times and write the distribution of outcomes.
///
/// Ctrl-C and SIGTERM stop it within a second and leave a checkpoint in the folder of the results;
/// the same command with --resume continues from there. See docs/RELIABILITY.md.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim run scenarios/base.toml
  kzsim run scenarios/base.toml --rounds 1M --out results/long
  kzsim run scenarios/base.toml --rounds 2M --out results/long --resume
  kzsim run scenarios/base.toml -n 20k -s 7 -q -o -    # outcomes.csv on standard output
  kzsim new demo -o - | kzsim run - -n 20k             # a scenario from standard input
  kzsim run scenarios/base.toml --set actors.knb.loyalty.tokayev=0.6 --set actions.request.limit=0
  kzsim run scenarios/base.toml --precision 0.002
  kzsim run scenarios/base.toml --keep-rounds     # also one row per round, in rounds.csv
  kzsim run scenarios/base.toml --keep-rounds --format parquet
  kzsim run scenarios/base.toml --histories 50    # also the first 50 rounds day by day
  kzsim run scenarios/base.toml --given scenarios/kazakhstan/evidence/known_on_12_january.toml
  kzsim run scenarios/base.toml --given reports.csv --known-by 2022-01-07
  kzsim run scenarios/base.toml --given reports.csv --reports strikes,curfew
  kzsim run scenarios/base.toml --shard 3/8       # then: kzsim merge results/base/shard_*
  kzsim run --like results/base --out again       # the same bytes, without the scenario file")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line of its own"
)]
pub(super) struct RunArgs {
    /// The scenario file; `-` for standard input
    #[arg(value_name = "SCENARIO", required_unless_present = "like")]
    scenario: Option<PathBuf>,
    /// Repeat the run of this result from its manifest, with the same scenario, settings, seed,
    /// rounds and files; with --shard, run a different part of it
    #[arg(long, value_name = "DIR", conflicts_with_all = ["scenario", "settings", "given"])]
    like: Option<PathBuf>,
    #[command(flatten)]
    play: PlayArgs,
    /// Play until every outcome's share is known to this half width of its 95 % interval, for example
    /// 0.005, or --rounds are done; without --rounds there is no limit
    #[arg(long, value_name = "HALFWIDTH", value_parser = number("half width", 1e-6..=0.499_999, "0.005"))]
    precision: Option<f64>,
    /// Also write one row per round: outcome, flags, first days, drawn priors
    #[arg(long)]
    keep_rounds: bool,
    /// How these rows are written
    #[arg(
        long,
        value_enum,
        value_name = "FORMAT",
        default_value_t,
        requires = "keep_rounds"
    )]
    format: FormatArg,
    /// Also follow these quantities day by day in timeline.csv, for example loyalty.knb.tokayev; may
    /// be repeated
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', add = complete::followed())]
    follow: Vec<String>,
    /// Also write the first N rounds day by day to histories.csv, at most 1,000: an unselected sample, which reports
    /// draw as thin lines. Not with --shard
    #[arg(long, value_name = "N", default_value_t, hide_default_value = true)]
    histories: u64,
    /// Continue from the folder's checkpoint, or extend its finished result; start afresh if there is
    /// neither
    #[arg(long)]
    resume: bool,
    /// Shortest time between two checkpoints, in seconds; they are spaced further so that they cost
    /// less than 1 % of the time, unless this is 0
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = number("number of seconds", 0.0..=86_400.0, "2 or 0.5").map(Duration::from_secs_f64))]
    checkpoint_every: Duration,
    /// Play one of N equal parts of the rounds, I from 0; `auto` takes I and N from the environment
    /// of an array job of Slurm, PBS, Grid Engine, LSF, Kubernetes or AWS Batch, and `auto/N` only
    /// I. `kzsim merge` merges the parts. Not with --precision or --given
    #[arg(long, value_name = "I/N", value_parser = read_by("shard", ShardArg::read), conflicts_with_all = ["precision", "given"])]
    shard: Option<ShardArg>,
    /// Also report what follows once this evidence, TOML or CSV, is taken into account
    #[arg(long, value_name = "EVIDENCE", group = EVIDENCE)]
    given: Option<PathBuf>,
    #[command(flatten)]
    counted: CountedArgs,
    /// Leave out how far shares move across sets of guesses and across forms of the model: guesses.csv, forms.csv and
    /// four columns of outcomes.csv. They take about a tenth of the time
    #[arg(long)]
    no_ranges: bool,
    /// Also show flags
    #[arg(long)]
    flags: bool,
    /// How evidence is taken into account [default: by weights, or by resampling where weights leave
    /// too few effective rounds]
    #[arg(long, value_enum, value_name = "METHOD", requires = "given")]
    given_by: Option<GivenByArg>,
}

/// How evidence is taken into account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum GivenByArg {
    /// Every round runs to its end and is weighted by the reports
    Weights,
    /// Rounds are resampled at the times of the reports
    Resampling,
}

impl From<GivenByArg> for GivenBy {
    fn from(by: GivenByArg) -> Self {
        match by {
            GivenByArg::Weights => Self::Weights,
            GivenByArg::Resampling => Self::Resampling,
        }
    }
}

/// The tables whose rows `--json` prints.
pub(super) const TABLES: [&str; 8] = [
    "outcomes.csv",
    "guesses.csv",
    "forms.csv",
    "flags.csv",
    "variance.csv",
    "given_outcomes.csv",
    "given_flags.csv",
    "arrivals.csv",
];

impl RunArgs {
    pub(super) fn execute(&self, context: &mut Context) -> Result<(), Failure> {
        if self.resume && self.play.output.to_stdout() {
            return Err(Failure::Usage(
                "--resume cannot be used with --out -, which keeps no folder".to_owned(),
            ));
        }
        let study = self.open(context)?;
        let shard = match self.shard {
            Some(shard) => Some(shard.find(&|name| std::env::var(name))?),
            None => None,
        };
        let run = Run::new()
            .play(context.play(&self.play)?)
            .keep_rounds(self.keep_rounds)
            .format(self.format.into())
            .precision(self.precision)
            .shard(shard)
            .no_ranges(self.no_ranges)
            .histories(self.histories)
            .resume(self.resume)
            .checkpoint_every(self.checkpoint_every);
        // A result that is repeated brings its evidence along.
        let given = study.evidence().is_some();
        let result = study.run(if given {
            run.given(self.given_by.map(Into::into))
        } else {
            run
        })?;
        if let Some(given) = result.given() {
            context.add_json("warnings", || given.warnings().into());
        }
        let summary = summary(&result, self.flags, context.layout());
        // Whoever sees one table alone sees the answer given the evidence.
        let first = given.then_some(GivenOutcomeRow::FILE).into_iter();
        let tables: Vec<&str> = first.chain(TABLES).collect();
        context.print_written(result.folder(), &summary, &tables)
    }

    /// The scenario, from its file or from a result that is repeated.
    fn open(&self, context: &Context) -> Result<Study, Failure> {
        let study = match (&self.like, &self.scenario) {
            (Some(like), _) => {
                let study = Study::like(like)?;
                let (here, written_by) = (env!("CARGO_PKG_VERSION"), study.written_by());
                if let Some(version) = written_by.filter(|v| *v != here) {
                    context.print_note(&format!(
                        "{} was written by kzsim {}, and this is {here}: numbers may differ",
                        visible_path(like),
                        on_one_line(version)
                    ));
                }
                study
            }
            (None, Some(path)) => {
                let given = self.given.as_deref();
                let evidence = given.map(|path| Context::counted(path, &self.counted));
                let mut source = context.source(path, &self.play.set)?;
                source.evidence = evidence.transpose()?;
                let study = source.open()?;
                context.print_notes(&study);
                study
            }
            // The command line requires one of the two.
            (None, None) => return Err(Failure::Usage("expected a scenario".to_owned())),
        };
        if self.follow.is_empty() {
            return Ok(study);
        }
        Ok(study.follow(&self.follow)?)
    }
}

/// Outcomes, flags, what follows given evidence, and which shard this is.
pub(super) fn summary(result: &RunResult, flags: bool, layout: Layout) -> String {
    let shown = Shown {
        seed: result.seed(),
        precision: result.precision(),
        flags,
    };
    let mut text = result.tables().summary(shown, layout);
    if let Some(given) = result.given() {
        text.push_str(&given.summary(layout));
    }
    if let Some((shard, rounds, of)) = result.shard() {
        let last = rounds.end.saturating_sub(1);
        let _ = writeln!(
            text,
            "\nShard {shard}: rounds {} to {last} of {of}. Merge all shards with kzsim merge.",
            rounds.start
        );
    }
    text
}
