//! `kzsim lsp`

use clap::Args;
use lsp_server::Connection;

use super::context::Context;
use super::failure::Failure;
use crate::language::serve;

/// Serve an editor that edits scenarios: faults, completion, meanings.
///
/// Speaks the Language Server Protocol on standard input and output; editors start it themselves. docs/INSTALL.md says
/// how to set it up in VS Code, Neovim, Helix and Emacs.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim lsp")]
pub(super) struct LspArgs {
    /// Editors add this; there is no other way to talk
    #[arg(long, hide = true)]
    stdio: bool,
}

impl LspArgs {
    pub(super) fn execute(&self, context: &mut Context) -> Result<(), Failure> {
        // There is no other way, whether it is named or not.
        let _ = self.stdio;
        // Nothing else may be printed: messages go to standard output.
        context.print_raw("")?;
        let (connection, threads) = Connection::stdio();
        let served = serve(&connection, context.reach());
        drop(connection);
        served.map_err(|e| Failure::Outside(format!("the editor: {e}")))?;
        threads.join().map_err(Failure::Output)
    }
}
