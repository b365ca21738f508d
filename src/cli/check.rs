//! `kzsim check`

use std::path::{Path, PathBuf};

use clap::Args;

use serde_json::{Value, json};

use super::common::{
    Failure, SetArgs, Signals, load, load_evidence, load_watching, print, progress_bar,
};
use super::terminal;
use crate::ensemble::{Job, Listener, WIDTH, Workers, play};
use crate::plan::Plan;
use crate::scenario::model::{Action, Way};
use crate::scenario::{Evidence, Scenario};
use crate::text::coverage::coverage;
use crate::text::explain::explain;

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
    let evidence = args.evidence.as_deref().map(load_evidence).transpose()?;
    let mut worst: Option<Failure> = None;
    let mut files = Vec::new();
    for path in &args.scenarios {
        let found = one(path, args, evidence.as_ref());
        let mut entry = json!({"file": path.to_string_lossy(), "good": found.is_ok()});
        match found {
            Ok((text, Value::Object(facts))) => {
                if let Value::Object(entry) = &mut entry {
                    entry.extend(facts);
                }
                print(&text)?;
            }
            Ok((text, _)) => print(&text)?,
            Err(failure) => worst = Some(failure.after(worst)),
        }
        files.push(entry);
    }
    terminal::note("files", || files.into());
    worst.map_or(Ok(()), Err)
}

/// What is said of one file, in words and as data.
fn one(
    path: &Path,
    args: &CheckArgs,
    evidence: Option<&Evidence>,
) -> Result<(String, Value), Failure> {
    let settings = &args.set.settings;
    let shown = path.display();
    if Evidence::is_one(path) {
        let n = load_evidence(path)?.observations.len();
        let text = format!(
            "{shown}: good evidence, {n} observations; with a scenario and --evidence its names are \
             checked too\n"
        );
        return Ok((text, json!({"kind": "evidence", "observations": n})));
    }
    let (s, plan) = match evidence {
        Some(evidence) => load_watching(path, settings, evidence)?,
        None => load(path, settings)?,
    };
    let mut facts = json!({
        "kind": "scenario",
        "contenders": s.contenders.len(),
        "actors": s.actors.len(),
        "actions": s.actions.len(),
        "outcomes": s.outcomes.len(),
        "priors": s.priors().len(),
    });
    let notes = late(&s);
    facts["notes"] = notes.clone().into();
    let notes: String = notes.iter().flat_map(|n| ["note: ", n, "\n"]).collect();
    let text = if args.explain {
        explain(&s) + &notes
    } else if let Some(rounds) = args.coverage {
        played(&s, &plan, rounds)?
    } else {
        let text = format!(
            "{shown}: good. {} contenders, {} actors, {} actions, {} outcomes, {} priors\n{notes}",
            s.contenders.len(),
            s.actors.len(),
            s.actions.len(),
            s.outcomes.len(),
            s.priors().len(),
        );
        return Ok((text, facts));
    };
    facts["text"] = text.clone().into();
    Ok((text, facts))
}

/// Dates that the clock never reaches. They are no faults, as `--set clock.days` may shorten any
/// scenario.
fn late(s: &Scenario) -> Vec<String> {
    let horizon = s.clock.days * 86_400;
    let is_late =
        |a: &&Action| matches!(a.way, Way::At(at) if at >= 0 && at.unsigned_abs() >= horizon);
    let told = |a: &Action| {
        let id = &a.id;
        format!("actions.{id}.at lies beyond the last day of the clock: it never happens")
    };
    s.actions.iter().filter(is_late).map(told).collect()
}

/// What some rounds exercise of a scenario.
fn played(scenario: &Scenario, plan: &Plan, rounds: u64) -> Result<String, Failure> {
    let signals = Signals::listen();
    let bar = progress_bar(rounds);
    let job = Job {
        seed: scenario.seed,
        rounds,
        keep_rounds: true,
        noted: 0,
        workers: Workers::chosen(0)?,
    };
    let mut records = Vec::new();
    let tally = play::<WIDTH>(
        scenario,
        plan,
        job,
        &mut Listener {
            watch: signals.watch(&bar),
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
