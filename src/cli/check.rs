//! `kzsim check`

use std::path::PathBuf;

use clap::Args;

use super::common::{Failure, SetArgs, load, print};
use crate::output::explain::explain;
use crate::scenario::fault::{Fault, Faults, Sources};

/// Report every fault of scenarios at once, or say what was understood.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim check scenarios/*.toml
  kzsim check scenarios/base.toml --explain")]
pub(super) struct CheckArgs {
    /// Scenario files
    #[arg(value_name = "SCENARIO", required = true)]
    scenarios: Vec<PathBuf>,
    /// Say in words what each scenario means
    #[arg(long)]
    explain: bool,
    #[command(flatten)]
    set: SetArgs,
}

pub(super) fn check(args: &CheckArgs) -> Result<(), Failure> {
    let mut worst: Option<Failure> = None;
    for path in &args.scenarios {
        match load(path, &args.set.settings) {
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
            Err(failure) => worst = Some(join(worst, failure)),
        }
    }
    worst.map_or(Ok(()), Err)
}

/// Faults of several files are told together; an unreadable file counts for more than a faulty one.
fn join(before: Option<Failure>, next: Failure) -> Failure {
    let Some(before) = before else { return next };
    let text = format!("{}\n\n{}", before.message(), next.message());
    if before.code() == 3 || next.code() == 3 {
        return Failure::Unreadable(crate::scenario::Unreadable {
            path: "several scenarios".to_owned(),
            what: format!("\n{text}"),
        });
    }
    let (Failure::Faults(a), Failure::Faults(b)) = (&before, &next) else {
        return before;
    };
    Failure::Faults(merge(a, b))
}

fn merge(a: &Faults, b: &Faults) -> Faults {
    let mut sources = Sources::default();
    let mut list: Vec<Fault> = Vec::new();
    for faults in [a, b] {
        let mut start = None;
        for s in faults.sources.iter() {
            let index = sources.add(s.name.clone(), s.path.as_deref(), s.text.clone());
            start.get_or_insert(index);
        }
        list.extend(faults.list.iter().cloned().map(|mut f| {
            if let (Some(place), Some(start)) = (&mut f.place, start) {
                place.file += start;
            }
            f
        }));
    }
    Faults::new(sources, list)
}
