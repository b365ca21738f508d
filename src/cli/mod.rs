//! The command line: one file per command, in which arguments become a call and its result words.

mod args;
mod brief;
mod cases;
mod check;
mod compare;
mod complete;
mod completions;
mod context;
mod discover;
mod explore;
mod failure;
mod fit;
mod lsp;
mod man;
mod merge;
mod new;
mod pool;
mod progress;
mod replicate;
mod report;
mod run;
mod schema;
mod score;
mod seal;
mod sensitivity;
mod shard;
mod signals;
mod signposts;
mod submit;
mod sweep;
mod trace;
mod weigh;
mod wrap;

use std::io;
use std::path::Path;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue};
use clap::{ArgAction, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::scenario::Reach;
use crate::scenario::shell::path_word;
use crate::scenario::visible::on_one_line;
use context::Context;
use failure::Failure;
use progress::{Shown, Terminal};

/// Works out what follows from written assumptions about a struggle for power.
///
/// A scenario states who matters, how loyal each actor is to each contender, what each may do,
/// and how certain the analyst is of every number. kzsim simulates it many times and reports who
/// ends up with power, and how often.
#[derive(Debug, Parser)]
#[command(name = "kzsim", version, propagate_version = true, after_help = EXIT_CODES, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Print neither progress nor tables; errors are still reported
    #[arg(long, short, global = true, help_heading = "Output")]
    quiet: bool,
    /// Print one JSON document on stdout instead of tables, errors included
    #[arg(long, global = true, help_heading = "Output")]
    json: bool,
    /// How progress is told on stderr
    #[arg(long, global = true, help_heading = "Output", value_name = "HOW", value_enum, default_value_t = Shown::Bar)]
    progress: Shown,
    /// Let `extends` and seed files refer to any file, not only to files near them
    #[arg(long, global = true, help_heading = "Input")]
    extends_anywhere: bool,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 internal error, 2 usage or faulty scenario, 3 input or output, \
4 a check failed, 130 interrupted.

Examples:
  kzsim run scenarios/base.toml
  kzsim new my_country                 # start from a commented scenario
  kzsim check my_country.toml
  kzsim run my_country.toml --json     # for programs";

/// Declares the commands, in the order of `--help`. A command's arguments document and run it.
macro_rules! commands {
    ($($name:ident($arguments:path)),* $(,)?) => {
        #[derive(Debug, Subcommand)]
        enum Command {
            $($name($arguments),)*
        }

        impl Command {
            fn execute(&self, context: &mut Context) -> Result<(), Failure> {
                match self {
                    $(Self::$name(arguments) => arguments.execute(context),)*
                }
            }
        }
    };
}

commands! {
    Run(run::RunArgs),
    Merge(merge::MergeArgs),
    Compare(compare::CompareArgs),
    Check(check::CheckArgs),
    Trace(trace::TraceArgs),
    Sensitivity(sensitivity::SensitivityArgs),
    Discover(discover::DiscoverArgs),
    Signposts(signposts::SignpostsArgs),
    Sweep(sweep::SweepArgs),
    Weigh(weigh::WeighArgs),
    Cases(cases::CasesArgs),
    Fit(fit::FitArgs),
    Score(score::ScoreArgs),
    Seal(seal::SealArgs),
    Pool(pool::PoolArgs),
    Submit(submit::SubmitArgs),
    Report(report::ReportArgs),
    Explore(explore::ExploreArgs),
    Brief(brief::BriefArgs),
    Replicate(replicate::ReplicateArgs),
    New(new::NewArgs),
    Schema(schema::SchemaArgs),
    Completions(completions::CompletionsArgs),
    Lsp(lsp::LspArgs),
    Man(man::ManArgs),
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    complete::answer();
    let parsed = parser().try_get_matches().and_then(|matches| {
        let cli = Cli::from_arg_matches(&matches)?;
        let command = matches.subcommand_name().unwrap_or_default().to_owned();
        Ok((cli, command))
    });
    match parsed {
        Ok((cli, command)) => run(&cli, &command),
        Err(error) => refuse(error),
    }
}

/// The parser of arguments. It takes `-1` after an option for the option's value, so that whoever reads
/// the value says what is expected.
fn parser() -> clap::Command {
    read_negative(Cli::command())
}

fn read_negative(command: clap::Command) -> clap::Command {
    let command = command.mut_args(|arg| match arg.get_action() {
        ArgAction::Set | ArgAction::Append if !arg.is_positional() => {
            arg.allow_negative_numbers(true)
        }
        _ => arg,
    });
    command.mut_subcommands(read_negative)
}

fn run(cli: &Cli, command: &str) -> ExitCode {
    let reach = if cli.extends_anywhere {
        Reach::Anywhere
    } else {
        Reach::Near
    };
    let mut context = Context::new(cli.quiet, cli.json, cli.progress, reach);
    let done = cli.command.execute(&mut context);
    let printed = context.print_json(command, done.as_ref().err());
    match done.and(printed) {
        Ok(()) => ExitCode::SUCCESS,
        // A reader such as `head` has had enough.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            context.print_error(&failure);
            ExitCode::from(failure.code())
        }
    }
}

/// Prints help, the version, or what is wrong with the arguments.
fn refuse(error: clap::Error) -> ExitCode {
    let code = u8::try_from(error.exit_code()).unwrap_or(2);
    let hidden = code != 0 && std::env::args_os().any(|a| *on_one_line(&a.to_string_lossy()) != *a);
    // An argument may be the name of a stranger's file: what is said is of arguments that show all.
    let shown = std::env::args_os().map(|a| on_one_line(&a.to_string_lossy()).into_owned());
    let again = hidden.then(|| parser().try_get_matches_from(shown).err());
    let mut error = again.flatten().unwrap_or(error);
    if let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand)
        && Path::new(word).extension().is_some_and(|e| e == "toml")
        && !hidden
    {
        let tip = format!(
            "to play a scenario, write kzsim run {}",
            path_word(Path::new(word))
        );
        let tips = ContextValue::StyledStrs(vec![tip.into()]);
        error.insert(ContextKind::Suggested, tips);
    }
    let words = error.to_string();
    if hidden {
        Terminal::new(Shown::None).print(words.trim_end());
    } else {
        // Help that is not read to its end is not an error.
        let _ = error.print();
    }
    if code != 0 && std::env::args_os().any(|a| a == "--json") {
        let text = words.trim_start_matches("error: ").trim_end().to_owned();
        // Arguments that cannot be understood still name their command.
        let commands = Cli::command();
        let named = std::env::args_os()
            .skip(1)
            .filter_map(|argument| argument.into_string().ok())
            .find(|argument| commands.find_subcommand(argument).is_some());
        let mut context = Context::new(true, true, Shown::None, Reach::Near);
        let _ = context.print_json(&named.unwrap_or_default(), Some(&Failure::Usage(text)));
    }
    ExitCode::from(code)
}
