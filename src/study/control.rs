//! What a study reports while it works, and how it is stopped.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::ensemble::{Progress, Watch};
use crate::result::folder::{Folder, FolderError};

/// Receives the progress of a study and what happens on the way. Every method but
/// [`Progress::advance`] does nothing by default.
pub trait Reporter: Progress + Send + Sync {
    /// A stage of `total` steps begins, of which `done` are already over; `unit` says what they are:
    /// `rounds`, or `targets`.
    fn begin(&self, _total: u64, _done: u64, _unit: &'static str) {}

    /// The stage has ended.
    fn end(&self) {}

    /// Something happened that the user should know.
    fn note(&self, _note: &Note) {}

    /// Files are collected in this temporary folder, to be removed if the program ends at once.
    fn collects_in(&self, _folder: &Path) {}
}

impl Reporter for () {}

/// The steps of a stage that plays.
pub(super) const ROUNDS: &str = "rounds";

/// What the user should know of a study on its way.
#[derive(Debug)]
pub enum Note {
    /// A run starts afresh although a checkpoint could be resumed, which is kept until this run
    /// has played more rounds.
    StartsAfresh {
        /// The checkpoint.
        checkpoint: PathBuf,
        /// Rounds in it.
        rounds: u64,
    },
    /// A run continues from a checkpoint or a finished result.
    Continues {
        /// The checkpoint or state.
        from: PathBuf,
        /// Rounds in it.
        rounds: u64,
    },
    /// The file system has no locks, so it cannot be ruled out that another program writes to the
    /// folder too. Rows of rounds then grow in a file of a name that no other program has.
    NoLocks {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        why: String,
        /// Who seems to write there: machine and process.
        other: Option<String>,
    },
    /// The usual folder of the result holds what would be lost, so the result goes to another one.
    AnotherFolder {
        /// The usual folder.
        taken: PathBuf,
        /// What it holds.
        holds: String,
        /// Where the result goes.
        folder: PathBuf,
    },
    /// A checkpoint could not be written; the run continues.
    NoCheckpoint(FolderError),
    /// The number of rows of a Sobol' design is not a power of two.
    NotPowerOfTwo(u64),
}

/// Stops studies and receives their progress. Clones share both.
#[derive(Clone)]
pub struct Control {
    /// Asks a study to stop at the next opportunity.
    pub stop: Arc<AtomicBool>,
    /// Asks it to abandon the rounds in progress too.
    pub stop_now: Arc<AtomicBool>,
    /// Receives progress and notes.
    pub reporter: Arc<dyn Reporter>,
}

impl Default for Control {
    /// Never stops anything and reports nothing.
    fn default() -> Self {
        Self::new(())
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control")
            .field("stop", &self.stop)
            .finish_non_exhaustive()
    }
}

impl Control {
    /// Reports to `reporter`.
    #[must_use]
    pub fn new(reporter: impl Reporter + 'static) -> Self {
        Self {
            stop: Arc::default(),
            stop_now: Arc::default(),
            reporter: Arc::new(reporter),
        }
    }

    /// Returns whether a study has been asked to stop.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// A watch that stops when asked to.
    pub(super) fn watch(&self) -> Watch<'_> {
        Watch::new(&self.stop, &*self.reporter)
    }

    /// Runs a stage of `total` rounds between [`Reporter::begin`] and [`Reporter::end`].
    pub(super) fn stage<T>(&self, total: u64, run: impl FnOnce(Watch<'_>) -> T) -> T {
        self.stage_of(total, ROUNDS, run)
    }

    /// The same of `total` steps that are not rounds.
    pub(super) fn stage_of<T>(
        &self,
        total: u64,
        unit: &'static str,
        run: impl FnOnce(Watch<'_>) -> T,
    ) -> T {
        self.reporter.begin(total, 0, unit);
        let found = run(self.watch());
        self.reporter.end();
        found
    }

    pub(super) fn note(&self, note: &Note) {
        self.reporter.note(note);
    }

    /// Tells of a folder that was opened for writing.
    pub(super) fn opened(&self, folder: &Folder) {
        self.reporter.collects_in(folder.staging());
        if let Some((why, other)) = folder.unlocked() {
            self.note(&Note::NoLocks {
                folder: folder.target().to_path_buf(),
                why: why.to_owned(),
                other: other.map(str::to_owned),
            });
        }
    }
}
