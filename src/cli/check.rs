//! `kzsim check`

use std::path::PathBuf;

use clap::Args;

use super::common::{Failure, SetArgs, load, load_evidence, load_watching, print};
use crate::output::explain::explain;

/// Report every fault of scenarios at once, or say what was understood.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim check scenarios/*.toml
  kzsim check scenarios/base.toml --explain
  kzsim check scenarios/readings/*.toml --evidence scenarios/evidence/january_2022.toml")]
pub(super) struct CheckArgs {
    /// Scenario files
    #[arg(value_name = "SCENARIO", required = true)]
    scenarios: Vec<PathBuf>,
    /// Say in words what each scenario means
    #[arg(long)]
    explain: bool,
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
        let loaded = match &evidence {
            Some(evidence) => load_watching(path, settings, evidence),
            None => load(path, settings),
        };
        match loaded {
            Ok((scenario, _)) if args.explain => print(&explain(&scenario))?,
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
