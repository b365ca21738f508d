//! `kzsim check`

use std::path::PathBuf;

use clap::Args;

use super::common::{
    Failure, SetArgs, Signals, load, load_evidence, load_watching, print, progress_bar,
};
use crate::engine::Isa;
use crate::ensemble::{Job, Listener, WIDTH, play};
use crate::output::coverage::coverage;
use crate::output::explain::explain;
use crate::plan::Plan;
use crate::scenario::{Evidence, Scenario};

/// Report every fault of scenarios at once, or say what was understood.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim check scenarios/*.toml
  kzsim check scenarios/base.toml --explain
  kzsim check scenarios/base.toml --coverage
  kzsim check scenarios/readings/*.toml --evidence scenarios/evidence/january_2022.toml")]
pub(super) struct CheckArgs {
    /// Scenario files
    #[arg(value_name = "SCENARIO", required = true)]
    scenarios: Vec<PathBuf>,
    /// Say in words what each scenario means
    #[arg(long)]
    explain: bool,
    /// Also play rounds and say which actions never happened, which outcomes never came, and which
    /// priors moved nothing
    #[arg(long, value_name = "ROUNDS", num_args = 0..=1, default_missing_value = "50000",
          require_equals = true, value_parser = clap::value_parser!(u64).range(100..=1_000_000))]
    coverage: Option<u64>,
    /// An evidence file to be checked with each scenario
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
    #[command(flatten)]
    set: SetArgs,
}

pub(super) fn check(args: &CheckArgs) -> Result<(), Failure> {
    let mut worst: Option<Failure> = None;
    let evidence = args.evidence.as_deref().map(load_evidence).transpose()?;
    for path in &args.scenarios {
        let settings = &args.set.settings;
        if Evidence::is_one(path) {
            match load_evidence(path) {
                Ok(e) => print(&format!(
                    "{}: good evidence, {} observations; with a scenario and --evidence its names are \
                     checked too\n",
                    path.display(),
                    e.observations.len()
                ))?,
                Err(failure) => worst = Some(failure.after(worst)),
            }
            continue;
        }
        let loaded = match &evidence {
            Some(evidence) => load_watching(path, settings, evidence),
            None => load(path, settings),
        };
        match loaded {
            Ok((scenario, _)) if args.explain => print(&explain(&scenario))?,
            Ok((scenario, plan)) if args.coverage.is_some() => {
                print(&played(
                    &scenario,
                    &plan,
                    args.coverage.unwrap_or_default(),
                )?)?;
            }
            Ok((scenario, _)) => print(&format!(
                "{}: good. {} contenders, {} actors, {} actions, {} outcomes, {} priors\n",
                path.display(),
                scenario.contenders.len(),
                scenario.actors.len(),
                scenario.actions.len(),
                scenario.outcomes.len(),
                scenario.priors().len(),
            ))?,
            Err(failure) => worst = Some(failure.after(worst)),
        }
    }
    worst.map_or(Ok(()), Err)
}

/// What some rounds exercise of a scenario.
fn played(scenario: &Scenario, plan: &Plan, rounds: u64) -> Result<String, Failure> {
    let signals = Signals::listen();
    let bar = progress_bar(rounds);
    let job = Job {
        seed: scenario.seed,
        rounds,
        threads: 0,
        keep_rounds: true,
        noted: 0,
        isa: Isa::chosen()?,
    };
    let mut records = Vec::new();
    let tally = play::<WIDTH>(
        scenario,
        plan,
        job,
        &mut Listener {
            stop: &signals.stop,
            progress: &mut |done| bar.set_position(done),
            records: &mut |more| {
                records.extend_from_slice(more);
                Ok(())
            },
            notes: &mut |_| {},
            enough: None,
        },
    );
    bar.finish_and_clear();
    Ok(coverage(scenario, &tally?, &records))
}
