//! The command line: one file per command. Results go to stdout, progress and messages to stderr.

mod check;
mod common;
mod compare;
mod completions;
mod course;
mod discover;
mod given;
mod man;
mod merge;
mod new;
mod replicate;
mod report;
mod run;
mod schema;
mod sensitivity;
mod shard;
mod submit;
mod sweep;
mod switches;
mod terminal;
mod trace;
mod weigh;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

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
    /// No progress and no tables; messages about faults stay
    #[arg(long, global = true, help_heading = "Output")]
    quiet: bool,
    /// One JSON document on stdout in place of tables, faults included
    #[arg(long, global = true, help_heading = "Output")]
    json: bool,
    /// Let `extends` lead to any file, and not only to files near the scenario
    #[arg(long, global = true, help_heading = "Input")]
    extends_anywhere: bool,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 internal fault, 2 usage or faulty scenario, 3 input or output, \
4 a check did not hold, 130 interrupted.

Examples:
  kzsim run scenarios/base.toml
  kzsim new my_country                 # a commented scenario to begin with
  kzsim check my_country.toml
  kzsim run my_country.toml --json     # for programs";

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
    /// Play a run in shards on a cluster: scripts for its own engine.
    Submit(submit::SubmitArgs),
    /// Make a report of result folders, as a page or as single pictures.
    Report(report::ReportArgs),
    /// Play published seeds again and say which counts hold.
    Replicate(replicate::ReplicateArgs),
    /// Begin a scenario from a commented template.
    New(new::NewArgs),
    /// Print the schema with which editors complete and check scenarios.
    Schema(schema::SchemaArgs),
    /// Print a script with which a shell completes commands.
    Completions(completions::CompletionsArgs),
    /// Print the manual, or write a page for each command.
    Man(man::ManArgs),
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
            if code != 0 && std::env::args_os().any(|a| a == "--json") {
                terminal::set(true, true);
                let failure =
                    Failure::Usage(error.to_string().trim_start_matches("error: ").into());
                let _ = terminal::finish("", code, Some(&failure));
            }
            return ExitCode::from(code);
        }
    };
    terminal::set(cli.quiet, cli.json);
    if cli.extends_anywhere {
        common::extend_anywhere();
    }
    let command = command_name();
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
        Command::Submit(args) => submit::submit(&args),
        Command::Report(args) => report::report(&args),
        Command::Replicate(args) => replicate::replicate(&args),
        Command::New(args) => new::new(&args),
        Command::Schema(args) => schema::schema(&args),
        Command::Completions(args) => completions::completions(&args),
        Command::Man(args) => man::man(&args),
    };
    let told = match &done {
        Ok(()) => terminal::finish(&command, 0, None),
        Err(failure) => terminal::finish(&command, failure.code(), Some(failure)),
    };
    match done.and(told) {
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

/// The name of the command that was called; the arguments have been understood already.
fn command_name() -> String {
    let matches = Cli::command().try_get_matches().ok();
    let name = matches.and_then(|m| m.subcommand_name().map(str::to_owned));
    name.unwrap_or_default()
}
