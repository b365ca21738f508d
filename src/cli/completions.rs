//! `kzsim completions`

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::Cli;
use super::context::Context;
use super::failure::Failure;

/// Print a completion script for a shell.
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

impl CompletionsArgs {
    pub(super) fn execute(&self, context: &mut Context) -> Result<(), Failure> {
        let shell = match self.shell {
            Supported::Bash => Shell::Bash,
            Supported::Zsh => Shell::Zsh,
            Supported::Fish => Shell::Fish,
        };
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Cli::command(), "kzsim", &mut script);
        context.print_raw(&String::from_utf8_lossy(&script))
    }
}
