//! `kzsim compare`

use std::path::{Path, PathBuf};

use clap::Args;

use super::common::{Failure, PlayArgs, Signals, layout, load, progress_bar};
use super::terminal::published;
use crate::ensemble::comparison::{self, CHUNK, same_steps};
use crate::ensemble::{Job, WIDTH};
use crate::plan::Plan;
use crate::result::folder::Folder;
use crate::result::manifest::Manifest;
use crate::result::write::write_tables;
use crate::scenario::Scenario;
use crate::table::comparison::{Compared, tables};
use crate::text::comparison::report;

/// The longest name that is given to a folder unasked, in bytes.
const LONGEST_NAME: usize = 200;

/// Play the same rounds under several scenarios and say what differs, round by round.
///
/// Draws have names, so a round has the same draws under each scenario: what differs in it comes
/// from what the scenarios say differently. Each further scenario is compared with the first.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim compare scenarios/base.toml scenarios/what_if/no_troops.toml
  kzsim compare scenarios/base.toml scenarios/readings/*.toml --rounds 1000000")]
pub(super) struct CompareArgs {
    /// The first scenario file
    #[arg(value_name = "SCENARIO")]
    first: PathBuf,
    /// Scenario files to compare with it
    #[arg(value_name = "OTHER", required = true)]
    others: Vec<PathBuf>,
    #[command(flatten)]
    play: PlayArgs,
}

pub(super) fn compare(args: &CompareArgs) -> Result<(), Failure> {
    let paths: Vec<&Path> = std::iter::once(&args.first)
        .chain(&args.others)
        .map(PathBuf::as_path)
        .collect();
    distinct(&paths)?;
    let sides = load_all(&paths, &args.play.set.settings)?;
    let (first, others) = (&sides[0].0, &sides[1..]);
    for (other, _) in others {
        in_step(first, other)?;
    }
    let job = Job {
        seed: args.play.seed.unwrap_or(first.seed),
        rounds: args.play.rounds.unwrap_or(first.rounds),
        keep_rounds: false,
        noted: 0,
        workers: args.play.workers()?,
    };
    let target = args.play.out.clone().unwrap_or_else(|| {
        let names: Vec<&str> = sides.iter().map(|(s, _)| s.name.as_str()).collect();
        Path::new("results").join(folder_name(&names))
    });
    let signals = Signals::listen();
    let folder = Folder::open(&target, args.play.force)?;
    signals.remove_at_exit(folder.gathered());
    let bar = progress_bar(job.rounds.saturating_mul(sides.len() as u64));
    let played = comparison::compare::<WIDTH>(&sides, job, CHUNK, signals.watch(&bar));
    bar.finish_and_clear();
    let (roster, comparisons) = played?;
    let all: Vec<Compared<'_>> = others
        .iter()
        .zip(&comparisons)
        .map(|((b, _), comparison)| Compared {
            a: first,
            b,
            roster: &roster,
            comparison,
        })
        .collect();
    let commands: Vec<String> = paths
        .iter()
        .map(|path| trace_command(path, job.seed, &args.play.set.settings))
        .collect();
    let text = report(&all, job.seed, &commands, layout());
    write_tables(folder, tables(&all), |files| {
        let scenarios = sides.iter().map(|(s, _)| s);
        Manifest::several("compare", scenarios, job.seed, job.rounds, files)
    })?;
    published(&target, &text, &["differences.csv", "divergence.csv"])
}

/// Whether two paths name one file.
fn one_file(a: &Path, b: &Path) -> bool {
    let whole = |path: &Path| path.canonicalize().ok();
    a == b || whole(a).is_some_and(|a| whole(b) == Some(a))
}

/// Tables tell scenarios apart by name, so each has its own. Only the first may stand for itself
/// once more, to be compared with itself.
fn distinct(paths: &[&Path]) -> Result<(), Failure> {
    for (i, b) in paths.iter().enumerate() {
        for (k, a) in paths[..i].iter().enumerate() {
            if a.file_stem() != b.file_stem() {
                continue;
            }
            if !one_file(a, b) {
                return Err(Failure::Usage(format!(
                    "{} and {} have the same name, so the tables could not tell them apart; \
                     rename one of them",
                    a.display(),
                    b.display()
                )));
            }
            if k > 0 {
                let shown = b.display();
                return Err(Failure::Usage(format!(
                    "{shown} is named twice; once is enough"
                )));
            }
        }
    }
    Ok(())
}

/// Reads and compiles scenarios; the faults of all at once.
fn load_all(paths: &[&Path], settings: &[String]) -> Result<Vec<(Scenario, Plan)>, Failure> {
    let mut sides = Vec::new();
    let mut worst: Option<Failure> = None;
    for (i, path) in paths.iter().enumerate() {
        match load(path, settings) {
            Ok(side) => sides.push(side),
            // The faults of a file that is named twice need telling once.
            Err(_) if paths[..i].iter().any(|before| one_file(before, path)) => {}
            Err(failure) => worst = Some(failure.after(worst)),
        }
    }
    worst.map_or(Ok(sides), Err)
}

/// A step of one must be the same stretch of time as that of the other.
fn in_step(a: &Scenario, b: &Scenario) -> Result<(), Failure> {
    if same_steps(&a.clock, &b.clock) {
        return Ok(());
    }
    let clock = |s: &Scenario| {
        let hours = s.clock.step_seconds as f64 / 3600.0;
        format!(
            "{} starts on {} in steps of {hours} h",
            s.name, s.clock.start
        )
    };
    Err(Failure::Usage(format!(
        "{}, and {}: rounds can be laid side by side only where `clock.start` and `clock.step` are \
         the same",
        clock(a),
        clock(b)
    )))
}

/// A name for the folder: `first_against_second_third`.
fn folder_name(names: &[&str]) -> String {
    let others = &names[1..];
    let mut name = format!("{}_against_{}", names[0], others.join("_"));
    if name.len() > LONGEST_NAME && others.len() > 1 {
        let more = others.len() - 1;
        name = format!("{}_against_{}_and_{more}_more", names[0], others[0]);
    }
    while name.len() > LONGEST_NAME {
        name.pop();
    }
    name
}

/// The command that tells a round; its number is to be added.
fn trace_command(path: &Path, seed: u64, settings: &[String]) -> String {
    let mut command = format!(
        "kzsim trace {} --seed {seed}",
        quoted(&path.to_string_lossy())
    );
    for setting in settings {
        command.push_str(" --set ");
        command.push_str(&quoted(setting));
    }
    command
}

/// A word as a shell takes it whole.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-=:,+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
