//! `kzsim completions`

use clap::Args;
use clap_complete::env::{self, EnvCompleter};

use super::complete::ASKED;
use super::context::Context;
use super::failure::Failure;

/// Print the lines that switch completion on in a shell.
///
/// What is completed is asked of kzsim itself: commands, options, files, and the ids of the scenario on the command
/// line, after --set, --over, --follow, --outcome, --flag and --params.
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

/// Shells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Supported {
    /// Bash
    Bash,
    /// Zsh
    Zsh,
    /// Fish
    Fish,
    /// PowerShell
    Powershell,
    /// Elvish
    Elvish,
}

impl CompletionsArgs {
    pub(super) fn execute(&self, context: &mut Context) -> Result<(), Failure> {
        let shell: &dyn EnvCompleter = match self.shell {
            Supported::Bash => &env::Bash,
            Supported::Zsh => &env::Zsh,
            Supported::Fish => &env::Fish,
            Supported::Powershell => &env::Powershell,
            Supported::Elvish => &env::Elvish,
        };
        let mut script = Vec::new();
        shell.write_registration(ASKED, "kzsim", "kzsim", "kzsim", &mut script)?;
        context.print_raw(&String::from_utf8_lossy(&script))
    }
}
