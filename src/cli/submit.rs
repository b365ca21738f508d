//! `kzsim submit`

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::{Args, Subcommand};

use super::args::{DASH, SetArgs, a_file, read_by, whole};
use super::complete;
use super::context::Context;
use super::failure::Failure;
use crate::files;
use crate::result::folder::FolderError;
use crate::result::{Request, RunRequest};
use crate::scenario::model::limits;
use crate::scenario::shell::path_word;
use crate::scenario::visible::visible_path;
use crate::study::StudyError;
use crate::study::slurm::{Ask, FOLDERS, SUBMIT, Script, Submission, is_plain};

/// Play a run in shards on a cluster.
///
/// Writes scripts for its scheduler, and submits them with --go: the only place where kzsim starts
/// another program.
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
    /// A Slurm array job, and a merge that waits for it
    Slurm(SlurmArgs),
}

/// Write a Slurm array job that plays the shards of a run, and a job that merges them.
///
/// Scripts, shards and logs go into one folder, which must have the same path on all machines of
/// the cluster. Merged, the shards have the same bytes as a single run.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim submit slurm scenarios/base.toml --shards 100 --rounds 100000000
  kzsim submit slurm scenarios/base.toml --shards 100 --rounds 100000000 --mem 1G --go
  sh results/base_slurm/submit.sh           # what --go does")]
struct SlurmArgs {
    /// The scenario file
    #[arg(value_name = "SCENARIO")]
    scenario: PathBuf,
    /// Number of shards
    #[arg(long, value_name = "N", value_parser = whole::<u64>("number of shards", 1..=100_000))]
    shards: u64,
    /// Number of rounds in total [default: the scenario's]
    #[arg(long, short = 'n', value_name = "N", value_parser = whole::<u64>("number of rounds", 1..=limits::ROUNDS))]
    rounds: Option<u64>,
    /// Seed of the random draws [default: the scenario's]
    #[arg(long, short, value_name = "S", value_parser = whole::<u64>("seed", 0..=limits::SEED))]
    seed: Option<u64>,
    /// Also write one row per round
    #[arg(long)]
    keep_rounds: bool,
    /// Also follow these quantities day by day in timeline.csv, for example loyalty.knb.tokayev; may
    /// be repeated
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', add = complete::followed())]
    follow: Vec<String>,
    /// Folder for the merged result [default: results/NAME]
    #[arg(long, short, value_name = "DIR", value_parser = read_by("folder", a_file))]
    out: Option<PathBuf>,
    /// Folder for scripts, shards and logs [default: `results/NAME_slurm`]
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Cores per shard
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = whole::<u16>("number of cores", 1..=1024))]
    cpus: u16,
    /// Memory per shard, for example 500M
    #[arg(long, value_name = "SIZE", value_parser = read_by("size", unquoted))]
    mem: Option<String>,
    /// Time limit per shard, for example 01:30:00
    #[arg(long, value_name = "TIME", value_parser = read_by("time", unquoted))]
    time: Option<String>,
    /// Partition of the cluster
    #[arg(long, value_name = "NAME", value_parser = read_by("partition", unquoted))]
    partition: Option<String>,
    /// Account that the jobs are charged to
    #[arg(long, value_name = "NAME", value_parser = read_by("account", unquoted))]
    account: Option<String>,
    /// Most shards that run at the same time
    #[arg(long, value_name = "N", value_parser = whole::<u64>("number of shards", 1..=100_000))]
    at_once: Option<u64>,
    /// Also submit the scripts with sbatch
    #[arg(long)]
    go: bool,
    #[command(flatten)]
    set: SetArgs,
}

/// A value that needs no quotes.
fn unquoted(text: &str) -> Result<String, String> {
    if is_plain(text) {
        Ok(text.to_owned())
    } else {
        Err("expected only letters, digits and _ - . , : +".to_owned())
    }
}

/// The largest array of jobs that Slurm accepts by default (`MaxArraySize` is 1001).
const USUAL_MOST: u64 = 1_000;

impl SubmitArgs {
    pub(super) fn execute(&self, context: &mut Context) -> Result<(), Failure> {
        match &self.engine {
            Engine::Slurm(args) => slurm(args, context),
        }
    }
}

fn slurm(args: &SlurmArgs, context: &mut Context) -> Result<(), Failure> {
    if args.scenario == Path::new(DASH) {
        let why = "`-`: the jobs read the scenario again, each for itself: expected a file";
        return Err(Failure::Usage(why.to_owned()));
    }
    let study = context.source(&args.scenario, &args.set)?.open()?;
    let study = study.follow(&args.follow)?;
    let scenario = study.scenario();
    let rounds = args.rounds.unwrap_or(scenario.rounds);
    if args.shards > rounds {
        return Err(Failure::Usage(format!(
            "--shards {}: more than the {rounds} rounds of the run",
            args.shards
        )));
    }
    let results = Path::new("results");
    let seed = args.seed.unwrap_or(scenario.seed);
    // What the shards are merged into after hours must not turn out to be taken.
    let request = Request::new("run", [scenario], seed, rounds).run(RunRequest {
        keep_rounds: args.keep_rounds,
        followed: args.follow.clone(),
        ..RunRequest::default()
    });
    let (out, holds) = match &args.out {
        Some(out) => (out.clone(), request.losses(out)),
        None => request.place(&results.join(&scenario.name), false),
    };
    if let Some(holds) = &holds
        && args.out.is_some()
    {
        return Err(Failure::Outside(format!(
            "{}: holds {holds}, which the merged result would replace; choose a different folder \
             with --out",
            visible_path(&out)
        )));
    }
    let folder = args
        .folder
        .clone()
        .unwrap_or_else(|| results.join(format!("{}_slurm", scenario.name)));
    let program = std::env::current_exe()
        .map_err(|e| Failure::Internal(format!("cannot find this program: {e}")))?;
    let submission = Submission {
        program,
        called_in: absolute(Path::new("."))?,
        scenario: absolute(&args.scenario)?,
        name: scenario.name.clone(),
        rounds,
        seed,
        settings: args.set.settings.clone(),
        keep_rounds: args.keep_rounds,
        followed: args.follow.clone(),
        shards: args.shards,
        out: absolute(&out)?,
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
    let shown = visible_path(&folder);
    let mut text = format!(
        "{} shards of a run of {} rounds: scripts in {shown}\n",
        args.shards, rounds
    );
    if let Some(holds) = holds {
        let _ = writeln!(
            text,
            "The merged result goes to {}: the usual folder holds {holds}.",
            visible_path(&out)
        );
    }
    if args.shards > USUAL_MOST {
        text.push_str(
            "Many clusters accept at most 1000 jobs per array; see MaxArraySize in `scontrol show config`.\n",
        );
    }
    if !args.go {
        let script = folder.join(SUBMIT);
        let _ = write!(
            text,
            "Review them, then submit them with\n  sh {}\n",
            path_word(&script)
        );
        return context.print_result(&text);
    }
    context.print_result(&text)?;
    context.print_result(&go(&folder)?)
}

/// An absolute path of something that need not exist yet.
fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path).map_err(|e| Failure::Usage(format!("{}: {e}", visible_path(path))))
}

/// Writes the scripts, and the folders that they need. Earlier scripts are replaced; shards that
/// have been played are kept.
fn write_all(folder: &Path, scripts: &[Script]) -> Result<(), Failure> {
    let failed = |path: &Path, e: &std::io::Error| {
        Failure::from(StudyError::from(FolderError::unwritten(path, e)))
    };
    for name in FOLDERS {
        let path = folder.join(name);
        std::fs::create_dir_all(&path).map_err(|e| failed(&path, &e))?;
    }
    for (name, text) in scripts {
        let path = folder.join(name);
        files::write_whole(&path, text.as_bytes()).map_err(|e| failed(&path, &e))?;
    }
    Ok(())
}

/// Submits the scripts; returns what they print.
fn go(folder: &Path) -> Result<String, Failure> {
    let script = absolute(&folder.join(SUBMIT))?;
    let done = Command::new("sh")
        .arg(&script)
        .output()
        .map_err(|e| Failure::Outside(format!("cannot start sh: {e}")))?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    Err(Failure::Outside(format!(
        "the jobs could not be submitted: {}\n  the scripts are in {}",
        said.trim(),
        visible_path(folder)
    )))
}
