//! `kzsim run`

use std::path::{Path, PathBuf};

use super::common::{Failure, PlayArgs, Signals, load, print, progress_bar, terminal_width};
use crate::engine::Isa;
use crate::ensemble::{Job, Listener, WIDTH, play};
use crate::output::folder::Folder;
use crate::output::tables::Results;
use crate::output::write::{ROUNDS, RoundsFile, write_results};
use clap::Args;

/// Play a scenario many times and write the distribution of outcomes.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim run scenarios/base.toml
  kzsim run scenarios/base.toml --rounds 1000000 --out results/long
  kzsim run scenarios/base.toml --set actors.knb.loyalty.tokayev=0.6 --set actions.request.limit=0
  kzsim run scenarios/base.toml --keep-rounds     # also one row a round, in rounds.csv")]
pub(super) struct RunArgs {
    /// The scenario file
    #[arg(value_name = "SCENARIO")]
    scenario: PathBuf,
    #[command(flatten)]
    play: PlayArgs,
    /// Also write one row a round: outcome, flags, first days, drawn priors
    #[arg(long)]
    keep_rounds: bool,
}

pub(super) fn run(args: &RunArgs) -> Result<(), Failure> {
    let (scenario, plan) = load(&args.scenario, &args.play.set.settings)?;
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
    let summary = results.summary(seed, terminal_width());
    write_results(folder, &results, seed, file)?;
    print(&summary)?;
    print(&format!("\nWritten to {}\n", target.display()))
}
