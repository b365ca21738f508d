//! `kzsim man`

use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory};
use clap_mangen::Man;

use super::Cli;
use super::context::Context;
use super::failure::Failure;
use crate::files;
use crate::result::folder::FolderError;
use crate::scenario::visible::visible_path;

/// Print the manual, or write a page for each command into a folder.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim man | man -l -
  kzsim man --out ~/.local/share/man/man1     # then: man kzsim, man kzsim-run")]
pub(super) struct ManArgs {
    /// Folder for one page per command
    #[arg(long, short, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl ManArgs {
    pub(super) fn execute(&self, context: &mut Context) -> Result<(), Failure> {
        let mut command = Cli::command();
        command.build();
        let Some(folder) = &self.out else {
            return context.print_raw(&page(command, "kzsim")?);
        };
        std::fs::create_dir_all(folder).map_err(|e| unwritten(folder, &e))?;
        let commands: Vec<clap::Command> = command
            .get_subcommands()
            .filter(|c| c.get_name() != "help")
            .cloned()
            .collect();
        let mut pages = vec![("kzsim".to_owned(), command)];
        pages.extend(
            commands
                .into_iter()
                .map(|c| (format!("kzsim-{}", c.get_name()), c)),
        );
        let count = pages.len();
        for (name, command) in pages {
            let path = folder.join(format!("{name}.1"));
            let text = page(command, &name)?;
            files::write_whole(&path, text.as_bytes()).map_err(|e| unwritten(&path, &e))?;
        }
        context.print_result(&format!(
            "{count} pages written to {}\n",
            visible_path(folder)
        ))
    }
}

/// One page. It has no date, so that the same version prints the same page.
fn page(command: clap::Command, name: &str) -> Result<String, Failure> {
    let mut out = Vec::new();
    Man::new(command)
        .title(name)
        .render(&mut out)
        .map_err(|e| Failure::Internal(e.to_string()))?;
    let version = env!("CARGO_PKG_VERSION");
    let heading = format!(".TH {name} 1 \"\" \"kzsim {version}\" \"Manual of kzsim\"");
    let text = String::from_utf8_lossy(&out);
    // An empty date would be left out, and what follows would be taken for it.
    let lines = text.lines().map(|line| {
        if line.starts_with(".TH ") {
            heading.as_str()
        } else {
            line
        }
    });
    Ok(lines.flat_map(|line| [line, "\n"]).collect())
}

fn unwritten(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Outside(FolderError::unwritten(path, error).to_string())
}
