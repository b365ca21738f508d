//! Why a study failed.

use std::path::PathBuf;

use crate::engine::isa::NoSuchIsa;
use crate::ensemble::PlayError;
use crate::result::folder::FolderError;
use crate::result::played_folders::{Unbuildable, UnusableFolder};
use crate::scenario::Unreadable;
use crate::scenario::evidence::EvidenceError;
use crate::scenario::fault::Faults;
use crate::scenario::visible::visible_path;

/// Why a study failed.
#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    /// Scenarios or evidence have faults.
    #[error("{0}")]
    Faults(Faults),
    /// The request contradicts itself or its scenario.
    #[error("{0}")]
    Invalid(String),
    /// A scenario or another input file cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The folder of the result cannot be used or written.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The result could not be written, but a checkpoint of the run remains.
    #[error("{0}; the last checkpoint is kept")]
    Resumable(FolderError),
    /// A run cannot be resumed from this file.
    #[error("{}: {why}", visible_path(path))]
    NotResumable {
        /// The checkpoint or state.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
        /// Whether the file is damaged or unreadable, rather than that of a different run.
        damaged: bool,
    },
    /// Folders that are to be merged or played again are not fit for it.
    #[error("{text}")]
    UnusableFolder {
        /// What is wrong with which folder.
        text: String,
        /// Whether a folder could not be read at all.
        unreadable: bool,
    },
    /// Stopped from outside.
    #[error("interrupted; {0}")]
    Interrupted(Kept),
    /// Something failed that should not.
    #[error("{0}")]
    Internal(String),
    /// Several inputs failed, each for its own reason.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n"))]
    Several(Vec<StudyError>),
}

/// What remains of a study that was interrupted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// Nothing.
    Nothing,
    /// A checkpoint of a run.
    Checkpoint {
        /// Its file.
        path: PathBuf,
        /// Rounds in it.
        rounds: u64,
        /// Rounds of the run.
        of: u64,
    },
    /// The checkpoint of an earlier attempt, which had played more rounds.
    EarlierCheckpoint(PathBuf),
    /// A result of fewer rounds than requested, the same number at each point of a sweep.
    Rounds {
        /// Rounds written.
        rounds: u64,
        /// Rounds requested.
        of: u64,
    },
    /// A result of fewer cases than a table has.
    Cases {
        /// Cases written.
        cases: usize,
        /// Cases of the table.
        of: usize,
    },
}

impl Kept {
    /// Returns whether the run can be resumed.
    #[must_use]
    pub fn is_resumable(&self) -> bool {
        matches!(self, Self::Checkpoint { .. } | Self::EarlierCheckpoint(_))
    }
}

impl std::fmt::Display for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nothing => f.write_str("nothing was written"),
            Self::Checkpoint { path, rounds, of } => {
                write!(
                    f,
                    "{rounds} of {of} rounds are kept in {}",
                    visible_path(path)
                )
            }
            Self::EarlierCheckpoint(path) => write!(
                f,
                "an earlier checkpoint of this run has more rounds and is kept: {}",
                visible_path(path)
            ),
            Self::Rounds { rounds, of } => {
                write!(f, "{rounds} of {of} rounds of every point were written")
            }
            Self::Cases { cases, of } => write!(f, "{cases} of {of} cases were written"),
        }
    }
}

/// The kinds of errors that a program may want to tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ErrorKind {
    /// The request or a scenario is wrong.
    Input,
    /// Something cannot be read or written.
    InputOutput,
    /// A fault of kzsim itself.
    Internal,
    /// Stopped from outside.
    Interrupted,
}

impl StudyError {
    /// Returns the kind of the error; of several errors, the gravest.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Faults(_)
            | Self::Invalid(_)
            | Self::NotResumable { damaged: false, .. }
            | Self::UnusableFolder {
                unreadable: false, ..
            } => ErrorKind::Input,
            Self::Unreadable(_)
            | Self::Folder(_)
            | Self::Resumable(_)
            | Self::NotResumable { .. }
            | Self::UnusableFolder { .. } => ErrorKind::InputOutput,
            Self::Internal(_) => ErrorKind::Internal,
            Self::Interrupted(_) => ErrorKind::Interrupted,
            Self::Several(all) => all
                .iter()
                .map(Self::kind)
                .max()
                .unwrap_or(ErrorKind::Internal),
        }
    }

    /// One error for each text.
    pub(super) fn invalid(texts: Vec<String>) -> Self {
        let mut all: Vec<Self> = texts.into_iter().map(Self::Invalid).collect();
        if all.len() == 1 {
            all.remove(0)
        } else {
            Self::Several(all)
        }
    }

    /// Joins the errors of several inputs, leaving out those that repeat an earlier one.
    pub(super) fn join(errors: Vec<Self>) -> Result<(), Self> {
        let mut all: Vec<Self> = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        for error in errors {
            let text = error.to_string();
            if !seen.contains(&text) {
                seen.push(text);
                all.push(error);
            }
        }
        match all.len() {
            0 => Ok(()),
            1 => Err(all.remove(0)),
            _ => Err(Self::Several(all)),
        }
    }
}

impl From<NoSuchIsa> for StudyError {
    fn from(error: NoSuchIsa) -> Self {
        Self::Invalid(error.to_string())
    }
}

impl From<PlayError> for StudyError {
    fn from(error: PlayError) -> Self {
        match error {
            PlayError::Interrupted => Self::Interrupted(Kept::Nothing),
            PlayError::Threads(_) => Self::Internal(error.to_string()),
        }
    }
}

impl From<EvidenceError> for StudyError {
    fn from(error: EvidenceError) -> Self {
        match error {
            EvidenceError::Unreadable(e) => Self::Unreadable(e),
            EvidenceError::Faults(faults) => Self::Faults(faults),
        }
    }
}

impl From<Unbuildable> for StudyError {
    fn from(error: Unbuildable) -> Self {
        match error {
            Unbuildable::Folder(e) => Self::Folder(e),
            Unbuildable::Faults(faults) => Self::Faults(faults),
        }
    }
}

impl From<UnusableFolder> for StudyError {
    fn from(unfit: UnusableFolder) -> Self {
        Self::UnusableFolder {
            text: unfit.text,
            unreadable: unfit.unreadable,
        }
    }
}
