//! `kzsim replicate`

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::context::Context;
use super::failure::{Failure, all_well};
use crate::scenario::visible::visible_path;
use crate::study::SeedFile;

/// Play published seeds again and report which counts differ.
///
/// A seed file names a scenario, a seed, a number of rounds and the exact counts that follow from
/// them on any machine.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim replicate seeds/*.toml
  kzsim replicate --update seeds/base.toml     # write the current counts into the file")]
pub(super) struct ReplicateArgs {
    /// Seed files
    #[arg(value_name = "SEEDFILE", required = true)]
    files: Vec<PathBuf>,
    /// Write the counts of this version into the files
    #[arg(long)]
    update: bool,
}

impl ReplicateArgs {
    pub(super) fn execute(&self, context: &mut Context) -> Result<(), Failure> {
        let mut failures = Vec::new();
        let mut broken = 0;
        let mut files = Vec::new();
        for path in &self.files {
            match self.one(path, context) {
                Ok(differences) => {
                    broken += usize::from(!differences.is_empty());
                    files.push(json!({
                        "file": path.to_string_lossy(),
                        "holds": differences.is_empty(),
                        "differences": differences,
                    }));
                }
                Err(failure) if failure.is_final() => return Err(failure),
                Err(failure) => failures.push(failure),
            }
        }
        context.add_json("files", || files.into());
        if broken > 0 {
            let of = self.files.len();
            failures.push(Failure::Mismatch(format!(
                "the counts of {broken} of {of} seed files differ"
            )));
        }
        all_well(failures)
    }

    /// Plays one seed file again or updates it; returns the counts that differ.
    fn one(&self, path: &Path, context: &mut Context) -> Result<Vec<String>, Failure> {
        let shown = visible_path(path);
        let mut file = SeedFile::read(path)?;
        let (reach, control) = (context.reach(), context.control());
        if self.update {
            file.update(reach, &control)?;
            context.print_result(&format!("{shown}: written\n"))?;
            return Ok(Vec::new());
        }
        let found = file.replicate(reach, &control)?;
        let differences: Vec<String> = found.iter().map(ToString::to_string).collect();
        if differences.is_empty() {
            let (rounds, seed) = (file.rounds(), file.seed());
            context.print_result(&format!(
                "{shown}: all counts are the same ({rounds} rounds, seed {seed})\n"
            ))?;
        } else {
            let lines = differences.join("\n  ");
            context.print_result(&format!("{shown}: counts differ\n  {lines}\n"))?;
        }
        Ok(differences)
    }
}
