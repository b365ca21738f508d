//! `kzsim run`

use std::path::{Path, PathBuf};

use super::common::{
    Failure, PlayArgs, Signals, load, load_evidence, load_watching, progress_bar, terminal_width,
};
use super::given::{GivenBy, weighted};
use super::terminal::published;
use crate::analysis::conditional::Conditional;
use crate::analysis::interval::{Z95, wilson};
use crate::engine::Isa;
use crate::ensemble::brief::{self, Brief, Partners};
use crate::ensemble::islands::{Method, Task};
use crate::ensemble::timeline;
use crate::ensemble::{Job, Listener, WIDTH, play};
use crate::output::folder::Folder;
use crate::output::given::{self, Given};
use crate::output::tables::Results;
use crate::output::variance;
use crate::output::write::{ROUNDS, RoundsFile, write_results};
use crate::plan::Plan;
use crate::scenario::evidence::{Report, reports};
use crate::scenario::{Evidence, Scenario};
use clap::Args;

/// Play a scenario many times and write the distribution of outcomes.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim run scenarios/base.toml
  kzsim run scenarios/base.toml --rounds 1000000 --out results/long
  kzsim run scenarios/base.toml --set actors.knb.loyalty.tokayev=0.6 --set actions.request.limit=0
  kzsim run scenarios/base.toml --precision 0.002
  kzsim run scenarios/base.toml --keep-rounds     # also one row a round, in rounds.csv
  kzsim run scenarios/base.toml --given scenarios/evidence/known_on_12_january.toml")]
pub(super) struct RunArgs {
    /// The scenario file
    #[arg(value_name = "SCENARIO")]
    scenario: PathBuf,
    #[command(flatten)]
    play: PlayArgs,
    /// Play on until every outcome's share is known to this half width, such as 0.005, or --rounds
    /// are over; without --rounds there is no bound
    #[arg(long, value_name = "HALFWIDTH", value_parser = half_width)]
    precision: Option<f64>,
    /// Also write one row a round: outcome, flags, first days, drawn priors
    #[arg(long)]
    keep_rounds: bool,
    /// Also follow these day by day in timeline.csv, as in loyalty.knb.tokayev; may be repeated
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    follow: Vec<String>,
    /// Also say what follows once this evidence is taken into account
    #[arg(long, value_name = "EVIDENCE")]
    given: Option<PathBuf>,
    /// How evidence is taken into account [default: by weights, and by resampling where these leave
    /// too few effective rounds]
    #[arg(long, value_enum, value_name = "METHOD", requires = "given")]
    given_by: Option<GivenBy>,
}

/// The tables whose rows `--json` gives.
const TABLES: [&str; 5] = [
    "outcomes.csv",
    "flags.csv",
    variance::FILE,
    given::FILES[0],
    given::FILES[1],
];

/// Pairs of rounds that tell ignorance from chance: one for so many rounds, at most so many.
const PAIR_FOR: u64 = 8;
const MOST_PAIRS: u64 = 32_768;

/// A half width of an interval.
fn half_width(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(x) if (1e-6..0.5).contains(&x) => Ok(x),
        _ => Err("a number from 0.000001 to below 0.5, such as 0.005".to_owned()),
    }
}

pub(super) fn run(args: &RunArgs) -> Result<(), Failure> {
    let evidence = args.given.as_deref().map(load_evidence).transpose()?;
    let (scenario, mut plan) = match &evidence {
        Some(evidence) => load_watching(&args.scenario, &args.play.set.settings, evidence)?,
        None => load(&args.scenario, &args.play.set.settings)?,
    };
    plan.followed = timeline::chosen(&args.follow, &scenario, &plan.layout)
        .map_err(|wrong| Failure::Usage(wrong.join("\nerror: ")))?;
    let known = known_reports(args, evidence.as_ref())?;
    let seed = args.play.seed.unwrap_or(scenario.seed);
    let target = args
        .play
        .out
        .clone()
        .unwrap_or_else(|| Path::new("results").join(&scenario.name));
    let signals = Signals::listen();
    let folder = Folder::open(&target, args.play.force)?;
    signals.remove_at_exit(folder.gathered());
    let mut file = if args.keep_rounds {
        Some(RoundsFile::create(&folder, &scenario)?)
    } else {
        None
    };
    let job = Job {
        seed,
        rounds: most_rounds(args, &scenario),
        threads: usize::from(args.play.threads.unwrap_or(0)),
        keep_rounds: args.keep_rounds,
        noted: MOST_PAIRS,
        isa: Isa::chosen()?,
    };
    let bar = progress_bar(job.rounds);
    let mut notes = Vec::new();
    let mut enough = |counts: &[u64], n: u64| {
        let widest = counts.iter().map(|c| wilson(*c, n).half_width());
        widest.fold(0.0, f64::max) <= args.precision.unwrap_or(1.0)
    };
    let played = play::<WIDTH>(
        &scenario,
        &plan,
        job,
        &mut Listener {
            stop: &signals.stop,
            progress: &mut |done| bar.set_position(done),
            records: &mut |records| match &mut file {
                Some(file) => file.add(&scenario, &records),
                None => Ok(()),
            },
            notes: &mut |mut more| notes.append(&mut more),
            enough: match args.precision {
                Some(_) => Some(&mut enough),
                None => None,
            },
        },
    );
    bar.finish_and_clear();
    let tally = played.map_err(|e| match e {
        crate::ensemble::RunError::Records(e) => Failure::Folder(folder.failed(ROUNDS, &e)),
        other => other.into(),
    })?;
    let partners = partners(&plan, job, tally.rounds, &signals)?;
    let results = Results {
        scenario: &scenario,
        plan: &plan,
        tally: &tally,
        pairs: variance::count(&scenario, &notes, &partners),
    };
    let mut summary = results.summary(seed, args.precision, terminal_width());
    let task = Task {
        seed,
        rounds: tally.rounds,
        threads: job.threads,
        isa: job.isa,
        reports: known.as_deref().unwrap_or_default(),
        method: Method::Weights,
    };
    let weighted = match evidence {
        Some(_) => Some(weighted(&plan, task, args.given_by, &signals)?),
        None => None,
    };
    let given = weighted
        .as_ref()
        .zip(evidence.as_ref())
        .map(|((weighted, method), evidence)| Given {
            scenario: &scenario,
            plan: &plan,
            evidence,
            reports: task.reports,
            tally: &tally,
            found: Conditional::new(weighted, *method),
        });
    if let Some(given) = &given {
        summary.push_str(&given.summary(terminal_width()));
    }
    write_results(folder, &results, seed, file, given.as_ref())?;
    published(&target, &summary, &TABLES)
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

/// The most rounds that are played.
fn most_rounds(args: &RunArgs, scenario: &Scenario) -> u64 {
    let most = match args.precision {
        // What a share of one half, which needs most, would take, and a look more.
        Some(half) => (0.25 * (Z95 / half) * (Z95 / half) * 1.25).ceil() as u64 + 2_048,
        None => scenario.rounds,
    };
    args.play.rounds.unwrap_or(most)
}

/// Some of the rounds again, with the same priors and other chance.
fn partners(plan: &Plan, job: Job, rounds: u64, signals: &Signals) -> Result<Vec<Brief>, Failure> {
    let pairs = rounds.div_ceil(PAIR_FOR).min(MOST_PAIRS);
    let threads = (job.threads, job.isa);
    let stop = &signals.stop;
    let found = brief::play::<WIDTH>(plan, job.seed, &Partners, pairs, threads, stop, &mut |_| {})?;
    Ok(found)
}
