//! `kzsim completions`

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::Cli;
use super::common::Failure;
use super::terminal::give;

/// Print a script with which a shell completes commands, options and their values.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim completions bash > ~/.local/share/bash-completion/completions/kzsim
  kzsim completions zsh > ~/.zfunc/_kzsim    # with fpath+=~/.zfunc before compinit in ~/.zshrc
  kzsim completions fish > ~/.config/fish/completions/kzsim.fish")]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Supported,
}

/// Shells whose completions are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Supported {
    /// Bash
    Bash,
    /// Zsh
    Zsh,
    /// Fish
    Fish,
}

pub(super) fn completions(args: &CompletionsArgs) -> Result<(), Failure> {
    let shell = match args.shell {
        Supported::Bash => Shell::Bash,
        Supported::Zsh => Shell::Zsh,
        Supported::Fish => Shell::Fish,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "kzsim", &mut script);
    give(&String::from_utf8_lossy(&script))
}
