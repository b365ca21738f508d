//! `kzsim weigh`

use std::path::{Path, PathBuf};

use clap::Args;

use super::common::{
    Failure, PlayArgs, Signals, layout, load_evidence, load_watching, progress_bar,
};
use super::terminal::published;
use crate::analysis::recovery::recover;
use crate::ensemble::{WIDTH, patterns};
use crate::result::folder::Folder;
use crate::result::manifest::Manifest;
use crate::result::write::write_tables;
use crate::scenario::Scenario;
use crate::scenario::evidence::reports;
use crate::table::weighing::Weighing;

/// Rounds of each reading if nobody says how many: evidence of a dozen reports leaves few rounds
/// that fit, so more than a run needs.
const ROUNDS: u64 = 200_000;

/// Hold several readings of the same events against evidence: which fits, and how far that can be
/// trusted.
///
/// Plays 200,000 rounds of each reading unless --rounds says otherwise: few rounds fit a dozen
/// reports, so more are needed than for a run.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim weigh scenarios/readings/*.toml --evidence scenarios/evidence/january_2022.toml
  kzsim weigh a.toml b.toml --evidence e.toml --prior a=2 --prior b=1 --rounds 1000000")]
pub(super) struct WeighArgs {
    /// Readings: scenario files, two or more
    #[arg(value_name = "READING", required = true, num_args = 2..)]
    readings: Vec<PathBuf>,
    /// The evidence file
    #[arg(long, value_name = "FILE")]
    evidence: PathBuf,
    /// Prior weight of a reading, by its file's name without .toml; for all or none [default: even]
    #[arg(long = "prior", value_name = "NAME=WEIGHT")]
    priors: Vec<String>,
    /// Evidence files to simulate from each reading for the recovery table; 0 leaves it out
    #[arg(long, value_name = "TRIALS", default_value_t = 1_000, num_args = 0..=1,
          default_missing_value = "1000", require_equals = true,
          value_parser = clap::value_parser!(u64).range(0..=1_000_000))]
    recover: u64,
    #[command(flatten)]
    play: PlayArgs,
}

pub(super) fn weigh(args: &WeighArgs) -> Result<(), Failure> {
    let evidence = load_evidence(&args.evidence)?;
    if reports(&evidence, false).is_empty() {
        return Err(Failure::Usage(format!(
            "{}: every observation is unknown; there is nothing to weigh",
            args.evidence.display()
        )));
    }
    let mut worst: Option<Failure> = None;
    let mut told = Vec::new();
    let mut scenarios = Vec::new();
    let mut plans = Vec::new();
    for path in &args.readings {
        match load_watching(path, &args.play.set.settings, &evidence) {
            Ok((scenario, plan)) => {
                scenarios.push(scenario);
                plans.push(plan);
            }
            // A fault of the evidence is the same for every reading, and is told once.
            Err(failure) => {
                let message = failure.message();
                if !told.contains(&message) {
                    told.push(message);
                    worst = Some(failure.after(worst));
                }
            }
        }
    }
    if let Some(failure) = worst {
        return Err(failure);
    }
    distinct(&scenarios)?;
    let priors = priors(&args.priors, &scenarios)?;
    let rounds = args.play.rounds.unwrap_or(ROUNDS);
    let seed = args.play.seed.unwrap_or(scenarios[0].seed);
    let target = args
        .play
        .out
        .clone()
        .unwrap_or_else(|| Path::new("results").join(format!("weigh_{}", evidence.name)));
    let signals = Signals::listen();
    let folder = Folder::open(&target, args.play.force)?;
    signals.remove_at_exit(folder.gathered());
    let workers = args.play.workers()?;
    let bar = progress_bar(rounds * plans.len() as u64);
    let mut held = Vec::new();
    for plan in &plans {
        let watch = signals.watch(&bar);
        held.push(patterns::count::<WIDTH>(
            plan, seed, rounds, workers, watch,
        )?);
    }
    bar.finish_and_clear();
    let mut weighing = Weighing {
        evidence: &evidence,
        scenarios: &scenarios,
        patterns: &held,
        priors,
        trials: args.recover,
        recovered: Vec::new(),
    };
    if args.recover > 0 {
        let known = weighing.known();
        for (i, s) in scenarios.iter().enumerate() {
            let site = format!("recover/{}", s.name);
            weighing.recovered.push(recover(
                &held,
                &known,
                &weighing.priors,
                i,
                (seed, &site),
                args.recover,
            ));
        }
    }
    let tables = weighing.tables();
    let summary = weighing.summary(&tables, seed, layout());
    let tables = tables.all();
    let names: Vec<&str> = tables.iter().map(|t| t.file).collect();
    write_tables(folder, tables, |files| {
        Manifest::several("weigh", &scenarios, seed, rounds, files).with(&evidence)
    })?;
    published(&target, &summary, &names)
}

/// Readings are told apart by their names.
fn distinct(scenarios: &[Scenario]) -> Result<(), Failure> {
    for (i, s) in scenarios.iter().enumerate() {
        if scenarios[..i].iter().any(|t| t.name == s.name) {
            return Err(Failure::Usage(format!(
                "two readings are called `{}`: rename one of the files, results are told apart by \
                 their names",
                s.name
            )));
        }
    }
    Ok(())
}

/// Prior weights in the order of the readings, with sum 1.
fn priors(given: &[String], scenarios: &[Scenario]) -> Result<Vec<f64>, Failure> {
    if given.is_empty() {
        return Ok(vec![1.0 / scenarios.len() as f64; scenarios.len()]);
    }
    let names = || scenarios.iter().map(|s| s.name.as_str());
    let all = names().collect::<Vec<_>>().join(", ");
    let mut weights: Vec<Option<f64>> = vec![None; scenarios.len()];
    for text in given {
        let wrong = |what: &str| Failure::Usage(format!("--prior {text}: {what}"));
        let (name, weight) = text
            .split_once('=')
            .ok_or_else(|| wrong("NAME=WEIGHT is wanted, such as coopted=0.3"))?;
        let weight: f64 = weight
            .parse()
            .ok()
            .filter(|w: &f64| w.is_finite() && *w >= 0.0)
            .ok_or_else(|| wrong("the weight is a number, 0 or more"))?;
        let index = names().position(|n| n == name).ok_or_else(|| {
            let near = crate::scenario::fault::nearest(name, names())
                .map(|n| format!("; did you mean `{n}`?"))
                .unwrap_or_default();
            wrong(&format!("there is no such reading; there are {all}{near}"))
        })?;
        if weights[index].replace(weight).is_some() {
            return Err(wrong("this reading has a weight already"));
        }
    }
    let missing: Vec<&str> = names()
        .zip(&weights)
        .filter(|(_, w)| w.is_none())
        .map(|(n, _)| n)
        .collect();
    if !missing.is_empty() {
        return Err(Failure::Usage(format!(
            "--prior: no weight for {}; give one for every reading, or none at all",
            missing.join(", ")
        )));
    }
    let weights: Vec<f64> = weights.into_iter().flatten().collect();
    let sum: f64 = weights.iter().sum();
    if sum <= 0.0 {
        return Err(Failure::Usage("--prior: every weight is 0".to_owned()));
    }
    Ok(weights.into_iter().map(|w| w / sum).collect())
}
