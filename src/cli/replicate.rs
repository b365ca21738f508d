//! `kzsim replicate`

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};

use serde_json::{Value, json};

use super::common::{Failure, Signals, load, print};
use super::terminal;
use crate::ensemble::{Job, Listener, Tally, WIDTH, Workers, play};
use crate::scenario::model::limits;
use crate::scenario::{Scenario, Unreadable, read_text};

/// The first line of a seed file that was written by `--update`.
const HEADER: &str = "# Exact counts: `kzsim replicate` plays them again. Do not edit by hand.\n";

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
    let signals = Signals::listen();
    let mut failed: Option<Failure> = None;
    let mut broken = 0;
    let mut files: Vec<Value> = Vec::new();
    for path in &args.files {
        match one(path, args.update, &signals) {
            Ok(differences) => {
                broken += usize::from(!differences.is_empty());
                let entry = json!({
                    "file": path.to_string_lossy(),
                    "holds": differences.is_empty(),
                    "differences": differences.iter().map(|d| d.trim()).collect::<Vec<_>>(),
                });
                files.push(entry);
            }
            Err(stop @ (Failure::Interrupted | Failure::Output(_))) => return Err(stop),
            Err(failure) => failed = Some(failure.after(failed)),
        }
    }
    terminal::note("files", || files.into());
    if broken > 0 {
        let of = args.files.len();
        let text = format!("{broken} of {of} seed files do not hold");
        failed = Some(Failure::DoesNotHold(text).after(failed));
    }
    failed.map_or(Ok(()), Err)
}

/// Plays one seed file again, or writes it anew; the counts that do not hold.
fn one(path: &Path, update: bool, signals: &Signals) -> Result<Vec<String>, Failure> {
    let shown = path.display();
    let mut file = read(path)?;
    let (scenario, tally) = play_again(path, &file, signals)?;
    if update {
        (file.outcomes, file.flags, file.actions) = counts(&scenario, &tally);
        write(path, &file)?;
        print(&format!("{shown}: written\n"))?;
        return Ok(Vec::new());
    }
    let differences = compare(&file, &counts(&scenario, &tally));
    if differences.is_empty() {
        let (rounds, seed) = (file.rounds, file.seed);
        print(&format!("{shown}: holds ({rounds} rounds, seed {seed})\n"))?;
    } else {
        print(&format!("{shown}: does not hold\n{}", differences.join("")))?;
    }
    Ok(differences)
}

fn read(path: &Path) -> Result<SeedFile, Failure> {
    let text = read_text(path).map_err(|what| Unreadable {
        path: path.display().to_string(),
        what,
    })?;
    let wrong = |what: &dyn std::fmt::Display| {
        Failure::Usage(format!("{}: {what}", path.display()).trim_end().to_owned())
    };
    let file: SeedFile = toml::from_str(&text).map_err(|e| wrong(&e))?;
    if !(1..=limits::ROUNDS).contains(&file.rounds) {
        let (rounds, most) = (file.rounds, limits::ROUNDS);
        return Err(wrong(&format!("rounds = {rounds}; from 1 to {most}")));
    }
    if file.seed > limits::SEED {
        let (seed, most) = (file.seed, limits::SEED);
        return Err(wrong(&format!("seed = {seed}; from 0 to {most}")));
    }
    Ok(file)
}

/// Writes a seed file whole or not at all.
fn write(path: &Path, file: &SeedFile) -> Result<(), Failure> {
    let text = toml::to_string_pretty(file).map_err(|e| Failure::Internal(e.to_string()))?;
    let folder = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let written = tempfile::Builder::new()
        .prefix(".kzsim-")
        .tempfile_in(folder)
        .and_then(|mut new| {
            new.write_all(HEADER.as_bytes())?;
            new.write_all(text.as_bytes())?;
            new.as_file()
                .set_permissions(std::fs::metadata(path)?.permissions())?;
            new.persist(path).map_err(|e| e.error)
        });
    written.map(|_| ()).map_err(|e| {
        let path = path.display().to_string();
        let what = format!("cannot be written: {e}");
        Unreadable { path, what }.into()
    })
}

fn play_again(
    path: &Path,
    file: &SeedFile,
    signals: &Signals,
) -> Result<(Scenario, Tally), Failure> {
    let scenario_path = path.parent().unwrap_or(Path::new("")).join(&file.scenario);
    let (scenario, plan) = load(&scenario_path, &file.set)?;
    let job = Job {
        seed: file.seed,
        rounds: file.rounds,
        keep_rounds: false,
        noted: 0,
        workers: Workers::chosen(0)?,
    };
    let tally = play::<WIDTH>(
        &scenario,
        &plan,
        job,
        &mut Listener {
            watch: signals.watch(&()),
            records: &mut |_| Ok(()),
            notes: &mut |_| {},
            enough: None,
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
