//! Why a command failed: in words, as data, and as an exit code.

use std::io;

use serde_json::{Value, json};

use crate::report::ReportError;
use crate::scenario::fault::{Fault, Faults};
use crate::scenario::visible::visible;
use crate::study::{ErrorKind, StudyError};

/// Why a command failed.
#[derive(Debug)]
pub(super) enum Failure {
    Study(StudyError),
    /// The arguments contradict each other or what they refer to.
    Usage(String),
    /// Standard output cannot be written.
    Output(io::Error),
    /// Something else cannot be read, written or started.
    Outside(String),
    /// A check failed.
    Mismatch(String),
    Internal(String),
    /// Several inputs failed, each for its own reason.
    Several(Vec<Failure>),
}

impl From<StudyError> for Failure {
    fn from(error: StudyError) -> Self {
        match error {
            StudyError::Several(all) => Self::Several(all.into_iter().map(Self::from).collect()),
            error => Self::Study(error),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<ReportError> for Failure {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Unreadable(text) => Self::Outside(text),
            ReportError::Unusable(text) => Self::Usage(text),
            ReportError::Changed(text) => Self::Mismatch(text),
            ReportError::Drawing(text) => Self::Internal(text),
            ReportError::Play(error) => error.into(),
        }
    }
}

/// Succeeds if there are no failures.
pub(super) fn all_well(mut failures: Vec<Failure>) -> Result<(), Failure> {
    match failures.len() {
        0 => Ok(()),
        1 => Err(failures.remove(0)),
        _ => Err(Failure::Several(failures)),
    }
}

impl Failure {
    /// The exit code; of several failures, the gravest.
    pub(super) fn code(&self) -> u8 {
        const GRAVITY: [u8; 5] = [4, 2, 3, 1, 130];
        match self {
            Self::Study(error) => match error.kind() {
                ErrorKind::Internal => 1,
                ErrorKind::Input => 2,
                ErrorKind::InputOutput => 3,
                ErrorKind::Interrupted => 130,
            },
            Self::Internal(_) => 1,
            Self::Usage(_) => 2,
            Self::Output(_) | Self::Outside(_) => 3,
            Self::Mismatch(_) => 4,
            Self::Several(all) => {
                let gravity = |code: &u8| GRAVITY.iter().position(|c| c == code);
                all.iter().map(Self::code).max_by_key(gravity).unwrap_or(1)
            }
        }
    }

    /// Whether the command was stopped, or nobody can read what it says.
    pub(super) fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Output(_) | Self::Study(StudyError::Interrupted(_))
        )
    }

    /// The message for the terminal, with what is hidden in foreign texts made visible.
    pub(super) fn message(&self, colours: bool) -> String {
        match self {
            Self::Study(StudyError::Faults(faults)) => faults.text(colours),
            Self::Several(all) => {
                let all: Vec<String> = all.iter().map(|f| f.message(colours)).collect();
                all.join("\n\n")
            }
            Self::Mismatch(_) | Self::Study(StudyError::Interrupted(_)) => {
                visible(&self.headline()).into_owned()
            }
            other => format!("error: {}", visible(&other.headline())),
        }
    }

    /// What went wrong in words, without the list of faults.
    pub(super) fn headline(&self) -> String {
        match self {
            Self::Study(error) => match error {
                StudyError::Faults(faults) => match faults.list.len() {
                    1 => "1 fault".to_owned(),
                    n => format!("{n} faults"),
                },
                StudyError::Interrupted(kept) if kept.is_resumable() => {
                    format!("{error}; run the same command with --resume to continue")
                }
                StudyError::Resumable(_) => format!("{error}; --resume continues from it"),
                StudyError::NotResumable { .. } => {
                    format!(
                        "{error}\nTo start a new run, choose a different folder with --out, or use \
                         --force instead of --resume."
                    )
                }
                error => error.to_string(),
            },
            Self::Usage(text)
            | Self::Outside(text)
            | Self::Mismatch(text)
            | Self::Internal(text) => text.clone(),
            Self::Output(error) => format!("cannot write to standard output: {error}"),
            Self::Several(all) => {
                let all: Vec<String> = all.iter().map(Self::headline).collect();
                all.join("\n\n")
            }
        }
    }

    /// The faults of scenarios and evidence, as data.
    pub(super) fn faults(&self) -> Vec<Value> {
        match self {
            Self::Study(StudyError::Faults(faults)) => {
                faults.list.iter().map(|f| fault(f, faults)).collect()
            }
            Self::Several(all) => all.iter().flat_map(Self::faults).collect(),
            _ => Vec::new(),
        }
    }
}

fn fault(fault: &Fault, all: &Faults) -> Value {
    let source = fault.place.as_ref().and_then(|p| all.sources.get(p.file));
    let position = fault.place.as_ref().map(|p| all.sources.position(p));
    json!({
        "file": source.map(|s| s.name.clone()),
        "line": position.map(|p| p.0),
        "column": position.map(|p| p.1),
        "message": fault.found,
        "allowed": fault.allowed,
        "help": fault.nearest,
    })
}
