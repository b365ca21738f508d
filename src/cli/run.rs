//! `kzsim run`

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::common::{Failure, PlayArgs, Signals, layout, load, load_evidence, load_watching, say};
use super::course::{Course, Play};
use super::given::{GivenBy, weighted};
use super::shard::ShardArg;
use super::terminal::published;
use crate::analysis::conditional::Conditional;
use crate::analysis::interval::Z95;
use crate::ensemble::islands::{Method, Task};
use crate::ensemble::timeline;
use crate::plan::Plan;
use crate::result::folder::Folder;
use crate::result::played_folders::PlayedFolder;
use crate::result::write::{Format, write_results};
use crate::result::{Header, Shard};
use crate::scenario::evidence::{Report, reports};
use crate::scenario::{Evidence, Scenario};
use crate::table::given::Given;
use crate::table::run::Results;
use clap::Args;

/// Play a scenario many times and write the distribution of outcomes.
///
/// Ctrl-C and SIGTERM stop it within a second and leave a checkpoint in the folder of the results;
/// the same command with --resume goes on from there. docs/RELIABILITY.md says more.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim run scenarios/base.toml
  kzsim run scenarios/base.toml --rounds 1000000 --out results/long
  kzsim run scenarios/base.toml --rounds 2000000 --out results/long --resume
  kzsim run scenarios/base.toml --set actors.knb.loyalty.tokayev=0.6 --set actions.request.limit=0
  kzsim run scenarios/base.toml --precision 0.002
  kzsim run scenarios/base.toml --keep-rounds     # also one row a round, in rounds.csv
  kzsim run scenarios/base.toml --keep-rounds --format parquet
  kzsim run scenarios/base.toml --given scenarios/evidence/known_on_12_january.toml
  kzsim run scenarios/base.toml --shard 3/8       # then: kzsim merge results/base/shard_*
  kzsim run --like results/base --out again       # the same bytes, without the scenario file")]
pub(super) struct RunArgs {
    /// The scenario file
    #[arg(value_name = "SCENARIO", required_unless_present = "like")]
    scenario: Option<PathBuf>,
    /// Play the run of this result again, from the texts that its manifest holds: its scenario with
    /// its settings, seed, rounds and files; with --shard, another part of it
    #[arg(long, value_name = "DIR", conflicts_with_all = ["scenario", "settings", "given"])]
    like: Option<PathBuf>,
    #[command(flatten)]
    play: PlayArgs,
    /// Play on until every outcome's share is known to this half width, such as 0.005, or --rounds
    /// are over; without --rounds there is no bound
    #[arg(long, value_name = "HALFWIDTH", value_parser = half_width)]
    precision: Option<f64>,
    /// Also write one row a round: outcome, flags, first days, drawn priors
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
    format: Format,
    /// Also follow these day by day in timeline.csv, as in loyalty.knb.tokayev; may be repeated
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    follow: Vec<String>,
    /// Go on from the checkpoint in the folder, or add rounds to the finished result there; without
    /// either, begin
    #[arg(long)]
    resume: bool,
    /// Seconds between two checkpoints, at least; they also take less than one hundredth of the
    /// time, unless this is 0
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds)]
    checkpoint_every: Duration,
    /// Play one of N equal parts of the rounds, I from 0; `auto` takes I and N from the environment
    /// of an array job of Slurm, PBS, Grid Engine, LSF, Kubernetes or AWS Batch, and `auto/N` I
    /// alone. `kzsim merge` puts the parts together. Not with --precision or --given
    #[arg(long, value_name = "I/N", conflicts_with_all = ["precision", "given"])]
    shard: Option<ShardArg>,
    /// Also say what follows once this evidence is taken into account
    #[arg(long, value_name = "EVIDENCE")]
    given: Option<PathBuf>,
    /// How evidence is taken into account [default: by weights, and by resampling where these leave
    /// too few effective rounds]
    #[arg(long, value_enum, value_name = "METHOD", requires = "given")]
    given_by: Option<GivenBy>,
}

/// The tables whose rows `--json` gives.
pub(super) const TABLES: [&str; 5] = [
    "outcomes.csv",
    "flags.csv",
    "variance.csv",
    "given_outcomes.csv",
    "given_flags.csv",
];

/// A half width of an interval.
fn half_width(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(x) if (1e-6..0.5).contains(&x) => Ok(x),
        _ => Err("a number from 0.000001 to below 0.5, such as 0.005".to_owned()),
    }
}

/// A time between two checkpoints.
fn seconds(text: &str) -> Result<Duration, String> {
    let wrong = || "seconds from 0 to 86400, such as 2 or 0.5".to_owned();
    let seconds = text.parse().ok().filter(|s| (0.0..=86_400.0).contains(s));
    seconds.map(Duration::from_secs_f64).ok_or_else(wrong)
}

pub(super) fn run(args: &RunArgs) -> Result<(), Failure> {
    let evidence = args.given.as_deref().map(load_evidence).transpose()?;
    let like = args.like.as_deref().map(read_like).transpose()?;
    let (scenario, plan) = understand(args, like.as_ref(), evidence.as_ref())?;
    let like = like.map(|found| found.header);
    let rounds = most_rounds(args, like.as_ref(), &scenario);
    let known = known_reports(args, evidence.as_ref())?;
    let shard = match args.shard {
        Some(shard) => Some(shard.find(&|name| std::env::var(name))?),
        None => None,
    };
    let play = Play {
        seed: args
            .play
            .seed
            .unwrap_or_else(|| like.as_ref().map_or(scenario.seed, |h| h.seed)),
        rounds,
        workers: args.play.workers()?,
        keep_rounds: args.keep_rounds || like.is_some_and(|h| h.rounds_csv.is_some()),
        shard: enough_rounds(shard, rounds)?,
        precision: args.precision,
        checkpoints: args.checkpoint_every,
    };
    let target = args
        .play
        .out
        .clone()
        .unwrap_or_else(|| default_target(&scenario.name, shard));
    let signals = Signals::listen();
    let folder = Folder::open(&target, args.play.force)?;
    signals.remove_at_exit(folder.gathered());
    let mut course = if args.resume {
        Course::resume(&scenario, &plan, play, &folder, &signals)?
    } else {
        Course::begin(&scenario, &plan, play, &folder, &signals)?
    };
    course.play()?;
    let task = Task {
        seed: play.seed,
        rounds: course.played(),
        workers: play.workers,
        reports: known.as_deref().unwrap_or_default(),
        method: Method::Weights,
    };
    let weighted = match evidence {
        Some(_) => {
            // What has been played is kept while more is.
            course.keep();
            let weighted = weighted(&plan, task, args.given_by, &signals);
            Some(weighted.map_err(|e| course.told(e))?)
        }
        None => None,
    };
    if args.format == Format::Parquet {
        // It takes its time, and may be stopped.
        course.keep();
    }
    let kept = course.is_kept();
    let (state, file) = course.finish();
    let results = Results {
        scenario: &scenario,
        plan: &plan,
        tally: &state.tally,
        pairs: state.paired.pairs.clone(),
    };
    let mut summary = results.summary(play.seed, args.precision, layout());
    let given = weighted
        .as_ref()
        .zip(evidence.as_ref())
        .map(|((weighted, method), evidence)| Given {
            scenario: &scenario,
            plan: &plan,
            evidence,
            reports: task.reports,
            tally: &state.tally,
            found: Conditional::new(weighted, *method),
        });
    if let Some(given) = &given {
        summary.push_str(&given.summary(layout()));
    }
    let (given, stop) = (given.as_ref(), &signals.stop);
    let written = write_results(folder, &results, &state, file, given, args.format, stop);
    if written.is_err() && signals.is_stopped() {
        return Err(Failure::Stopped(format!("interrupted{kept}")));
    }
    written.map_err(|e| e.with(kept))?;
    if let Some(shard) = shard {
        let rounds = shard.rounds(play.rounds);
        let _ = writeln!(
            summary,
            "\nShard {shard}: rounds {} to {} of {}; kzsim merge puts the shards together.",
            rounds.start,
            rounds.end.saturating_sub(1),
            play.rounds
        );
    }
    published(&target, &summary, &TABLES)
}

/// Where results go if nobody says so: shards beside each other.
fn default_target(name: &str, shard: Option<Shard>) -> PathBuf {
    let target = Path::new("results").join(name);
    match shard {
        Some(shard) => target.join(shard.folder()),
        None => target,
    }
}

/// A shard that has rounds to play.
fn enough_rounds(shard: Option<Shard>, rounds: u64) -> Result<Option<Shard>, Failure> {
    match shard {
        Some(shard) if shard.count > rounds => Err(Failure::Usage(format!(
            "--shard {shard}: {} shards of {rounds} rounds: at most as many shards as rounds",
            shard.count
        ))),
        other => Ok(other),
    }
}

/// The reports that a run is given, if any.
fn known_reports(
    args: &RunArgs,
    evidence: Option<&Evidence>,
) -> Result<Option<Vec<Report>>, Failure> {
    let known = evidence.map(|e| reports(e, false));
    if let (Some(known), Some(path)) = (&known, &args.given)
        && known.is_empty()
    {
        return Err(Failure::Usage(format!(
            "{}: every observation is unknown; nothing is given",
            path.display()
        )));
    }
    Ok(known)
}

/// The scenario, from its file or from a result that is played again, and its plan with all that is
/// followed.
fn understand(
    args: &RunArgs,
    like: Option<&PlayedFolder>,
    evidence: Option<&Evidence>,
) -> Result<(Scenario, Plan), Failure> {
    let settings = &args.play.set.settings;
    let (scenario, mut plan) = match (like, &args.scenario, evidence) {
        (Some(like), ..) => like.understand()?,
        (None, Some(path), Some(evidence)) => load_watching(path, settings, evidence)?,
        (None, Some(path), None) => load(path, settings)?,
        // The command line asks for one of the two.
        (None, None, _) => return Err(Failure::Usage("no scenario is named".to_owned())),
    };
    if like.is_none() || !args.follow.is_empty() {
        plan.followed = timeline::chosen(&args.follow, &scenario, &plan.layout)
            .map_err(|wrong| Failure::Usage(wrong.join("\nerror: ")))?;
    }
    Ok((scenario, plan))
}

/// A result that is to be played again.
fn read_like(folder: &Path) -> Result<PlayedFolder, Failure> {
    let found = PlayedFolder::read(folder).map_err(|unfit| {
        let code = if unfit.unreadable { 3 } else { 2 };
        Failure::Several(format!("error: {}", unfit.text), code, Vec::new())
    })?;
    let (there, here) = (&found.header.version, env!("CARGO_PKG_VERSION"));
    if there != here {
        say(&format!(
            "note: {} is a result of kzsim {there}, and this is {here}: numbers may differ",
            folder.display()
        ));
    }
    Ok(found)
}

/// The most rounds that are played.
fn most_rounds(args: &RunArgs, like: Option<&Header>, scenario: &Scenario) -> u64 {
    let most = match args.precision {
        // What a share of one half, which needs most, would take, and a look more.
        Some(half) => (0.25 * (Z95 / half) * (Z95 / half) * 1.25).ceil() as u64 + 2_048,
        None => like.map_or(scenario.rounds, |h| h.rounds),
    };
    args.play.rounds.unwrap_or(most)
}
