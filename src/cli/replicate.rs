//! `kzsim replicate`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};

use super::common::{Failure, load, print, stop_on_signal};
use crate::ensemble::{Job, Listener, Tally, WIDTH, play};
use crate::scenario::{Scenario, Unreadable};

/// Play published seeds again and say which counts hold.
///
/// A seed file names a scenario, a seed, a number of rounds and the exact counts that they give
/// on any machine.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim replicate seeds/*.toml
  kzsim replicate --update seeds/base.toml     # write the counts of today into the file")]
pub(super) struct ReplicateArgs {
    /// Seed files
    #[arg(value_name = "SEEDFILE", required = true)]
    files: Vec<PathBuf>,
    /// Write the counts that this version gives into the files
    #[arg(long)]
    update: bool,
}

/// A seed file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeedFile {
    /// The scenario, relative to the seed file.
    scenario: String,
    /// Settings laid over it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    set: Vec<String>,
    seed: u64,
    rounds: u64,
    #[serde(default)]
    outcomes: BTreeMap<String, u64>,
    #[serde(default)]
    flags: BTreeMap<String, u64>,
    #[serde(default)]
    actions: BTreeMap<String, u64>,
}

pub(super) fn replicate(args: &ReplicateArgs) -> Result<(), Failure> {
    let mut broken = 0;
    for path in &args.files {
        let text = std::fs::read_to_string(path).map_err(|e| Unreadable {
            path: path.display().to_string(),
            what: format!("cannot be read: {e}"),
        })?;
        let mut file: SeedFile = toml::from_str(&text)
            .map_err(|e| Failure::Usage(format!("{}: {}", path.display(), e)))?;
        if file.rounds == 0 {
            return Err(Failure::Usage(format!(
                "{}: rounds = 0; at least 1",
                path.display()
            )));
        }
        let (scenario, tally) = play_again(path, &file)?;
        if args.update {
            (file.outcomes, file.flags, file.actions) = counts(&scenario, &tally);
            let text =
                toml::to_string_pretty(&file).map_err(|e| Failure::Internal(e.to_string()))?;
            let header =
                "# Exact counts: `kzsim replicate` plays them again. Do not edit by hand.\n";
            std::fs::write(path, format!("{header}{text}")).map_err(|e| Unreadable {
                path: path.display().to_string(),
                what: format!("cannot be written: {e}"),
            })?;
            print(&format!("{}: written\n", path.display()))?;
            continue;
        }
        let differences = compare(&file, &counts(&scenario, &tally));
        if differences.is_empty() {
            print(&format!(
                "{}: holds ({} rounds, seed {})\n",
                path.display(),
                file.rounds,
                file.seed
            ))?;
        } else {
            broken += 1;
            print(&format!(
                "{}: does not hold\n{}",
                path.display(),
                differences.join("")
            ))?;
        }
    }
    if broken > 0 {
        let of = args.files.len();
        return Err(Failure::DoesNotHold(format!(
            "{broken} of {of} seed files do not hold"
        )));
    }
    Ok(())
}

fn play_again(path: &Path, file: &SeedFile) -> Result<(Scenario, Tally), Failure> {
    let scenario_path = path.parent().unwrap_or(Path::new("")).join(&file.scenario);
    let (scenario, plan) = load(&scenario_path, &file.set)?;
    let job = Job {
        seed: file.seed,
        rounds: file.rounds,
        threads: 0,
        keep_rounds: false,
    };
    let stop = stop_on_signal();
    let tally = play::<WIDTH>(
        &scenario,
        &plan,
        job,
        &mut Listener {
            stop: &stop,
            progress: &mut |_| {},
            records: &mut |_| Ok(()),
        },
    )?;
    Ok((scenario, tally))
}

type Counts = BTreeMap<String, u64>;

fn counts(s: &Scenario, tally: &Tally) -> (Counts, Counts, Counts) {
    let outcomes = s.outcomes.iter().enumerate();
    let actions = s.actions.iter().enumerate();
    (
        outcomes
            .map(|(j, o)| (o.id.clone(), tally.outcome_count(j)))
            .collect(),
        s.flags
            .iter()
            .zip(&tally.flags)
            .map(|(f, n)| (f.id.clone(), *n))
            .collect(),
        actions
            .map(|(i, a)| (a.id.clone(), tally.action_count(i)))
            .collect(),
    )
}

/// One line for each count that differs, in either direction.
fn compare(file: &SeedFile, now: &(Counts, Counts, Counts)) -> Vec<String> {
    let mut out = Vec::new();
    let pairs = [
        ("outcome", &file.outcomes, &now.0),
        ("flag", &file.flags, &now.1),
        ("action", &file.actions, &now.2),
    ];
    for (kind, published, played) in pairs {
        let shown = |n: Option<&u64>| n.map_or("none".to_owned(), u64::to_string);
        let ids: std::collections::BTreeSet<&String> =
            published.keys().chain(played.keys()).collect();
        for id in ids {
            let (a, b) = (published.get(id), played.get(id));
            if a != b {
                out.push(format!(
                    "  {kind} {id}: published {}, played {}\n",
                    shown(a),
                    shown(b)
                ));
            }
        }
    }
    out
}
