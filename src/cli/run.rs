//! `kzsim run`

use std::path::{Path, PathBuf};

use super::common::{
    Failure, PlayArgs, Signals, load, load_evidence, load_watching, print, progress_bar,
    terminal_width,
};
use crate::analysis::conditional::Conditional;
use crate::analysis::weighing::FEW;
use crate::engine::Isa;
use crate::ensemble::islands::{Method, Task, Weighted, weigh};
use crate::ensemble::{Job, Listener, WIDTH, play};
use crate::output::folder::Folder;
use crate::output::given::Given;
use crate::output::tables::Results;
use crate::output::write::{ROUNDS, RoundsFile, write_results};
use crate::plan::Plan;
use crate::scenario::evidence::reports;
use clap::Args;

/// Play a scenario many times and write the distribution of outcomes.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim run scenarios/base.toml
  kzsim run scenarios/base.toml --rounds 1000000 --out results/long
  kzsim run scenarios/base.toml --set actors.knb.loyalty.tokayev=0.6 --set actions.request.limit=0
  kzsim run scenarios/base.toml --keep-rounds     # also one row a round, in rounds.csv
  kzsim run scenarios/base.toml --given scenarios/evidence/known_on_12_january.toml")]
pub(super) struct RunArgs {
    /// The scenario file
    #[arg(value_name = "SCENARIO")]
    scenario: PathBuf,
    #[command(flatten)]
    play: PlayArgs,
    /// Also write one row a round: outcome, flags, first days, drawn priors
    #[arg(long)]
    keep_rounds: bool,
    /// Also say what follows once this evidence is taken into account
    #[arg(long, value_name = "EVIDENCE")]
    given: Option<PathBuf>,
    /// How evidence is taken into account [default: by weights, and by resampling where these leave
    /// too few effective rounds]
    #[arg(long, value_enum, value_name = "METHOD", requires = "given")]
    given_by: Option<GivenBy>,
}

/// How evidence is taken into account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum GivenBy {
    /// Every round is played to its end and weighted by its reports
    Weights,
    /// Rounds are resampled at the moments of reports
    Resampling,
}

pub(super) fn run(args: &RunArgs) -> Result<(), Failure> {
    let evidence = args.given.as_deref().map(load_evidence).transpose()?;
    let (scenario, plan) = match &evidence {
        Some(evidence) => load_watching(&args.scenario, &args.play.set.settings, evidence)?,
        None => load(&args.scenario, &args.play.set.settings)?,
    };
    let known = evidence.as_ref().map(|e| reports(e, false));
    if let (Some(known), Some(path)) = (&known, &args.given)
        && known.is_empty()
    {
        return Err(Failure::Usage(format!(
            "{}: every observation is unknown; nothing is given",
            path.display()
        )));
    }
    let rounds = args.play.rounds.unwrap_or(scenario.rounds);
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
    let bar = progress_bar(rounds);
    let job = Job {
        seed,
        rounds,
        threads: usize::from(args.play.threads.unwrap_or(0)),
        keep_rounds: args.keep_rounds,
        isa: Isa::chosen()?,
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
        },
    );
    bar.finish_and_clear();
    let tally = played.map_err(|e| match e {
        crate::ensemble::RunError::Records(e) => Failure::Folder(folder.failed(ROUNDS, &e)),
        other => other.into(),
    })?;
    let results = Results {
        scenario: &scenario,
        plan: &plan,
        tally: &tally,
    };
    let mut summary = results.summary(seed, terminal_width());
    let task = Task {
        seed,
        rounds,
        threads: job.threads,
        isa: job.isa,
        reports: known.as_deref().unwrap_or_default(),
        method: Method::Weights,
    };
    let weighted = match evidence {
        Some(_) => Some(weighted(&plan, task, args.given_by, &signals)?),
        None => None,
    };
    let given = match (&evidence, &weighted) {
        (Some(evidence), Some((weighted, method))) => Some(Given {
            scenario: &scenario,
            plan: &plan,
            evidence,
            reports: task.reports,
            tally: &tally,
            found: Conditional::new(weighted, *method),
        }),
        _ => None,
    };
    if let Some(given) = &given {
        summary.push_str(&given.summary(terminal_width()));
    }
    write_results(folder, &results, seed, file, given.as_ref())?;
    print(&summary)?;
    print(&format!("\nWritten to {}\n", target.display()))
}

/// Rounds weighted by evidence, and how: unless somebody says how, by weights, or by resampling
/// where these leave too few effective rounds.
fn weighted(
    plan: &Plan,
    task: Task<'_>,
    by: Option<GivenBy>,
    signals: &Signals,
) -> Result<(Weighted, Method), Failure> {
    let play = |method| {
        let bar = progress_bar(task.rounds);
        let task = Task { method, ..task };
        let found = weigh::<WIDTH>(plan, task, &signals.stop, &mut |done| {
            bar.set_position(done);
        });
        bar.finish_and_clear();
        found.map(|w| (w, method)).map_err(Failure::from)
    };
    if by == Some(GivenBy::Resampling) {
        return play(Method::Resampling);
    }
    let plain = play(Method::Weights)?;
    let enough = Conditional::new(&plain.0, plain.1).effective() >= FEW;
    if enough || by == Some(GivenBy::Weights) {
        return Ok(plain);
    }
    play(Method::Resampling)
}
