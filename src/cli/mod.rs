//! The command line: one file per command. Results go to stdout, progress and messages to stderr.

mod check;
mod common;
mod compare;
mod course;
mod discover;
mod given;
mod merge;
mod replicate;
mod run;
mod sensitivity;
mod shard;
mod sweep;
mod switches;
mod trace;
mod weigh;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use common::Failure;

/// What follows from an analyst's written assumptions about a struggle for power.
///
/// A scenario says who matters, how loyal each is to each contender, what each may do, and how
/// sure the analyst is of every number. kzsim plays it out many times and says who ends up with
/// power, and how often.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, after_help = EXIT_CODES, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 internal fault, 2 usage or faulty scenario, 3 input or output, \
4 a check did not hold, 130 interrupted.

Example:
  kzsim run scenarios/base.toml";

#[derive(Debug, Subcommand)]
enum Command {
    /// Play a scenario many times and write the distribution of outcomes.
    Run(run::RunArgs),
    /// Put the shards of a run together.
    Merge(merge::MergeArgs),
    /// Play the same rounds under several scenarios and say what differs, round by round.
    Compare(compare::CompareArgs),
    /// Report every fault of scenarios at once, or say what was understood.
    Check(check::CheckArgs),
    /// Tell one round day by day, with why each thing happened.
    Trace(trace::TraceArgs),
    /// Say which guesses matter, and how much is chance.
    Sensitivity(sensitivity::SensitivityArgs),
    /// Say under which conditions an outcome comes far more often.
    Discover(discover::DiscoverArgs),
    /// Play a scenario at many points of a space of settings.
    Sweep(sweep::SweepArgs),
    /// Hold several readings of the same events against evidence.
    Weigh(weigh::WeighArgs),
    /// Play published seeds again and say which counts hold.
    Replicate(replicate::ReplicateArgs),
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            // Help that nobody reads to its end is no fault.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let done = match cli.command {
        Command::Run(args) => run::run(&args),
        Command::Merge(args) => merge::merge(&args),
        Command::Compare(args) => compare::compare(&args),
        Command::Check(args) => check::check(&args),
        Command::Trace(args) => trace::trace(&args),
        Command::Sensitivity(args) => sensitivity::sensitivity(&args),
        Command::Discover(args) => discover::discover(&args),
        Command::Sweep(args) => sweep::sweep(&args),
        Command::Weigh(args) => weigh::weigh(&args),
        Command::Replicate(args) => replicate::replicate(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // A reader such as `head` has had enough.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            let _ = writeln!(io::stderr(), "{}", failure.message());
            ExitCode::from(failure.code())
        }
    }
}
