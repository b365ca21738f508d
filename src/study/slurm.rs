//! Scripts for Slurm: an array job that plays the shards, a job that merges them once all are done,
//! and a script that submits both.
//!
//! Paths and values are quoted for the shell; what stands in `#SBATCH` lines is checked to need no
//! quotes. The scripts name everything that a run depends on, so they can be kept and sent again.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::scenario::shell;
use crate::scenario::visible::visible_path;

/// What is to be played, and on what.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The program, with its whole path.
    pub program: PathBuf,
    /// The folder that it was called in, with its whole path: what a scenario may extend depends
    /// on it.
    pub called_in: PathBuf,
    /// The scenario file, with its whole path.
    pub scenario: PathBuf,
    /// Its name.
    pub name: String,
    /// Rounds in all.
    pub rounds: u64,
    /// The seed.
    pub seed: u64,
    /// `PATH=VALUE`, in order.
    pub settings: Vec<String>,
    /// Whether each round gets its row.
    pub keep_rounds: bool,
    /// What is followed day by day on request, by name.
    pub followed: Vec<String>,
    /// Number of shards.
    pub shards: u64,
    /// Folder of the merged result, with its whole path.
    pub out: PathBuf,
    /// What the cluster is asked for.
    pub ask: Ask,
}

/// What the cluster is asked for; nothing: what it gives by itself.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// Cores per shard.
    pub cpus: u16,
    /// Memory of a shard.
    pub mem: Option<String>,
    /// Longest time of a shard.
    pub time: Option<String>,
    /// Partition.
    pub partition: Option<String>,
    /// Account.
    pub account: Option<String>,
    /// Shards that run side by side at most.
    pub at_once: Option<u64>,
}

/// A script: its name and its text.
pub type Script = (&'static str, String);

/// The array job.
pub const PLAY: &str = "play.sbatch";
/// The job that merges.
pub const MERGE: &str = "merge.sbatch";
/// The script that submits both.
pub const SUBMIT: &str = "submit.sh";
/// Where shards go, and what they say.
pub const FOLDERS: [&str; 2] = ["shards", "logs"];

/// A word for the shell.
///
/// # Errors
/// When it cannot be one: a path with a zero byte, or one that is not valid UTF-8.
fn word(path: &Path) -> Result<String, String> {
    let shown = visible_path(path);
    let text = path
        .to_str()
        .ok_or_else(|| format!("{shown}: the path is not valid UTF-8"))?;
    quoted(text).ok_or_else(|| format!("{shown}: the path cannot be written into a script"))
}

fn quoted(text: &str) -> Option<String> {
    // A new line in a quoted word is legal and unreadable; nobody has one in a path on purpose.
    (!text.contains(['\n', '\0'])).then(|| shell::word(text))
}

impl Submission {
    /// All scripts.
    ///
    /// # Errors
    /// What cannot be written into a script.
    pub fn scripts(&self) -> Result<Vec<Script>, String> {
        Ok(vec![
            (PLAY, self.play()?),
            (MERGE, self.merge()?),
            (SUBMIT, SUBMITS.to_owned()),
        ])
    }

    /// Digits of a shard's number, so that folders sort.
    fn digits(&self) -> usize {
        self.shards.saturating_sub(1).to_string().len()
    }

    fn play(&self) -> Result<String, String> {
        let last = self.shards - 1;
        let mut lines = vec![format!("--job-name=kzsim-{}", plain(&self.name))];
        lines.push(match self.ask.at_once {
            Some(most) => format!("--array=0-{last}%{most}"),
            None => format!("--array=0-{last}"),
        });
        lines.push(format!("--cpus-per-task={}", self.ask.cpus));
        if let Some(mem) = &self.ask.mem {
            lines.push(format!("--mem={mem}"));
        }
        self.common(&mut lines);
        // A shard that is stopped by the cluster is played again; it goes on where it was.
        lines.push("--requeue".to_owned());
        lines.push("--open-mode=append".to_owned());
        lines.push("--signal=TERM@30".to_owned());
        lines.push("--output=logs/shard_%a.txt".to_owned());
        let mut out = head(
            "Runs one shard. Shard I of N runs a fixed range of rounds, so the machine and the \
             order do not matter.",
            &lines,
        );
        let mut command = format!(
            "exec {} run {}",
            word(&self.program)?,
            word(&self.scenario)?
        );
        let _ = write!(command, " --rounds {} --seed {}", self.rounds, self.seed);
        for setting in &self.settings {
            let setting = quoted(setting)
                .ok_or_else(|| format!("--set {setting}: cannot be written into a script"))?;
            let _ = write!(command, " \\\n    --set {setting}");
        }
        if self.keep_rounds {
            command.push_str(" --keep-rounds");
        }
        if !self.followed.is_empty() {
            let names = quoted(&self.followed.join(","))
                .ok_or_else(|| "--follow: cannot be written into a script".to_owned())?;
            let _ = write!(command, " --follow {names}");
        }
        let called_in = word(&self.called_in)?;
        let _ = write!(
            out,
            "shard=\"$SLURM_ARRAY_TASK_ID\"\n\
             folder=\"$PWD/shards/shard_$(printf '%0{}d' \"$shard\")_of_{}\"\n\
             cd {called_in}\n\
             {command} \\\n    \
             --shard \"$shard/{}\" --threads \"${{SLURM_CPUS_PER_TASK:-1}}\" --resume --out \"$folder\"\n",
            self.digits(),
            self.shards,
            self.shards,
        );
        Ok(out)
    }

    fn merge(&self) -> Result<String, String> {
        let mut lines = vec![format!("--job-name=kzsim-{}-merge", plain(&self.name))];
        lines.push("--cpus-per-task=1".to_owned());
        self.common(&mut lines);
        lines.push("--output=logs/merge.txt".to_owned());
        let mut out = head(
            "Merges the shards. If one is missing it is named; run it with: sbatch --array=I \
             play.sbatch",
            &lines,
        );
        let _ = writeln!(
            out,
            "exec {} merge shards/* --out {}",
            word(&self.program)?,
            word(&self.out)?
        );
        Ok(out)
    }

    fn common(&self, lines: &mut Vec<String>) {
        let asked = [
            ("time", &self.ask.time),
            ("partition", &self.ask.partition),
            ("account", &self.ask.account),
        ];
        for (name, value) in asked {
            if let Some(value) = value {
                lines.push(format!("--{name}={value}"));
            }
        }
    }
}

/// The beginning of a batch script. Slurm starts it in the folder it was sent from.
fn head(says: &str, lines: &[String]) -> String {
    let mut out = format!("#!/bin/bash\n# {says}\n");
    for line in lines {
        let _ = writeln!(out, "#SBATCH {line}");
    }
    out.push_str("set -eu\n");
    out
}

/// A name for a job: letters, digits and a few signs.
fn plain(name: &str) -> String {
    let fine = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    name.chars()
        .map(|c| if fine(c) { c } else { '_' })
        .collect()
}

/// Whether a value can stand in a `#SBATCH` line as it is.
#[must_use]
pub fn is_plain(value: &str) -> bool {
    let fine = |c: char| c.is_ascii_alphanumeric() || "_-.,:+".contains(c);
    !value.is_empty() && !value.starts_with('-') && value.chars().all(fine)
}

const SUBMITS: &str = r#"#!/bin/sh
# Submits the array job, and the merge job that waits until all of it is done.
set -eu
cd "$(dirname "$0")"
array="$(sbatch --parsable play.sbatch)"
array="${array%%;*}"
merge="$(sbatch --parsable --dependency="afterok:$array" --kill-on-invalid-dep=yes merge.sbatch)"
echo "array job $array, merge job ${merge%%;*}"
echo "squeue --jobs $array,${merge%%;*} shows them; logs/ has their output"
"#;
