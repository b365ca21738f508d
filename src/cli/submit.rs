//! `kzsim submit`

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::{Args, Subcommand};

use super::common::{Failure, SetArgs, load, print};
use crate::cluster::slurm::{Ask, FOLDERS, SUBMIT, Script, Submission, is_plain};
use crate::ensemble::timeline;
use crate::result::folder::FolderError;
use crate::scenario::model::limits;

/// Play a run in shards on a cluster that has an engine of its own.
///
/// Writes scripts to look at, and submits them with --go: the one place where kzsim starts another
/// program.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim submit slurm scenarios/base.toml --shards 100 --rounds 100000000
  kzsim submit slurm --help")]
pub(super) struct SubmitArgs {
    #[command(subcommand)]
    engine: Engine,
}

#[derive(Debug, Subcommand)]
enum Engine {
    /// An array job of Slurm, and a merge that waits for it
    Slurm(SlurmArgs),
}

/// Write an array job of Slurm that plays the shards of a run, and a job that merges them.
///
/// The scripts, the shards and what the jobs say go into one folder, which all machines of the
/// cluster must see under the same path. Merged, the shards give the bytes of a single run.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim submit slurm scenarios/base.toml --shards 100 --rounds 100000000
  kzsim submit slurm scenarios/base.toml --shards 100 --rounds 100000000 --mem 1G --go
  sh results/base_slurm/submit.sh           # what --go does")]
struct SlurmArgs {
    /// The scenario file
    #[arg(value_name = "SCENARIO")]
    scenario: PathBuf,
    /// How many shards
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=100_000))]
    shards: u64,
    /// Rounds in all [default: the scenario's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=limits::ROUNDS))]
    rounds: Option<u64>,
    /// Seed [default: the scenario's]
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(0..=limits::SEED))]
    seed: Option<u64>,
    /// Also write one row a round
    #[arg(long)]
    keep_rounds: bool,
    /// Also follow these day by day in timeline.csv, as in loyalty.knb.tokayev; may be repeated
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    follow: Vec<String>,
    /// Folder for the merged result [default: results/NAME]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Folder for scripts, shards and what jobs say [default: one in results/]
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Cores of a shard
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    cpus: u16,
    /// Memory of a shard, as in 500M
    #[arg(long, value_name = "SIZE", value_parser = plain)]
    mem: Option<String>,
    /// Longest time of a shard, as in 01:30:00
    #[arg(long, value_name = "TIME", value_parser = plain)]
    time: Option<String>,
    /// Partition
    #[arg(long, value_name = "NAME", value_parser = plain)]
    partition: Option<String>,
    /// Account
    #[arg(long, value_name = "NAME", value_parser = plain)]
    account: Option<String>,
    /// Shards side by side, at most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=100_000))]
    at_once: Option<u64>,
    /// Submit the scripts as well: starts sbatch
    #[arg(long)]
    go: bool,
    #[command(flatten)]
    set: SetArgs,
}

/// A value that needs no quotes.
fn plain(text: &str) -> Result<String, String> {
    if is_plain(text) {
        Ok(text.to_owned())
    } else {
        Err("letters, digits and _ - . , : + alone".to_owned())
    }
}

/// Array indices above this are refused by a Slurm as it is installed (`MaxArraySize` is 1001).
const USUAL_MOST: u64 = 1_000;

pub(super) fn submit(args: &SubmitArgs) -> Result<(), Failure> {
    match &args.engine {
        Engine::Slurm(args) => slurm(args),
    }
}

fn slurm(args: &SlurmArgs) -> Result<(), Failure> {
    let (scenario, plan) = load(&args.scenario, &args.set.settings)?;
    timeline::chosen(&args.follow, &scenario, &plan.layout)
        .map_err(|wrong| Failure::Usage(wrong.join("\nerror: ")))?;
    let rounds = args.rounds.unwrap_or(scenario.rounds);
    if args.shards > rounds {
        return Err(Failure::Usage(format!(
            "--shards {}: more than the {rounds} rounds that there are to play",
            args.shards
        )));
    }
    let results = Path::new("results");
    let out = args
        .out
        .clone()
        .unwrap_or_else(|| results.join(&scenario.name));
    let folder = args
        .folder
        .clone()
        .unwrap_or_else(|| results.join(format!("{}_slurm", scenario.name)));
    let program = std::env::current_exe()
        .map_err(|e| Failure::Internal(format!("where this program lies: {e}")))?;
    let submission = Submission {
        program,
        called_in: whole(Path::new("."))?,
        scenario: whole(&args.scenario)?,
        name: scenario.name.clone(),
        rounds,
        seed: args.seed.unwrap_or(scenario.seed),
        settings: args.set.settings.clone(),
        keep_rounds: args.keep_rounds,
        followed: args.follow.clone(),
        shards: args.shards,
        out: whole(&out)?,
        ask: Ask {
            cpus: args.cpus,
            mem: args.mem.clone(),
            time: args.time.clone(),
            partition: args.partition.clone(),
            account: args.account.clone(),
            at_once: args.at_once,
        },
    };
    let scripts = submission.scripts().map_err(Failure::Usage)?;
    write_all(&folder, &scripts)?;
    let shown = folder.display();
    let mut told = format!(
        "{} shards of {} rounds: scripts in {shown}\n",
        args.shards, rounds
    );
    if args.shards > USUAL_MOST {
        told.push_str(
            "Many clusters take arrays of at most 1000 jobs; `scontrol show config` says (MaxArraySize).\n",
        );
    }
    if !args.go {
        let script = folder.join(SUBMIT);
        let _ = write!(
            told,
            "Look at them, then submit with\n  sh {}\n",
            script.display()
        );
        return print(&told);
    }
    print(&told)?;
    print(&go(&folder)?)
}

/// A path from the root, of something that need not be there yet.
fn whole(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path).map_err(|e| Failure::Usage(format!("{}: {e}", path.display())))
}

/// Writes the scripts, and the folders that they need. Scripts that were there are replaced; shards
/// that have been played stay.
fn write_all(folder: &Path, scripts: &[Script]) -> Result<(), Failure> {
    let failed = |path: &Path, e: &std::io::Error| Failure::from(FolderError::unwritten(path, e));
    for name in FOLDERS {
        let path = folder.join(name);
        std::fs::create_dir_all(&path).map_err(|e| failed(&path, &e))?;
    }
    for (name, text) in scripts {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|e| failed(&path, &e))?;
    }
    Ok(())
}

/// Submits: what the script said.
fn go(folder: &Path) -> Result<String, Failure> {
    let script = whole(&folder.join(SUBMIT))?;
    let done = Command::new("sh")
        .arg(&script)
        .output()
        .map_err(|e| Failure::Stored(format!("sh cannot be started: {e}")))?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    Err(Failure::Stored(format!(
        "the jobs could not be submitted: {}\n  the scripts are in {}",
        said.trim(),
        folder.display()
    )))
}
