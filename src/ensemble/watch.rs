//! How rounds are played, and who may stop them.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::engine::Isa;
use crate::engine::isa::NoSuchIsa;

/// Threads and instruction set that play rounds. Neither changes a result.
#[derive(Debug, Clone, Copy)]
pub struct Workers {
    /// Number of threads; 0 for one per core.
    pub threads: usize,
    /// Instruction set.
    pub isa: Isa,
}

impl Workers {
    /// So many threads, with the instruction set that `KZSIM_ISA` names, or else the widest of
    /// this processor.
    ///
    /// # Errors
    /// [`NoSuchIsa`] if this processor does not have it.
    pub fn chosen(threads: usize) -> Result<Self, NoSuchIsa> {
        let isa = Isa::chosen()?;
        Ok(Self { threads, isa })
    }
}

impl Default for Workers {
    /// One thread per core, with the widest instruction set of this processor.
    fn default() -> Self {
        Self {
            threads: 0,
            isa: Isa::widest(),
        }
    }
}

/// Shows how far a computation has come.
pub trait Progress {
    /// `rounds` more rounds have been played.
    fn advance(&self, rounds: u64);

    /// Only so many threads could be started, fewer than were asked for; the result is the same.
    fn fewer_threads(&self, _started: u64) {}
}

/// Shows nothing.
impl Progress for () {
    fn advance(&self, _rounds: u64) {}
}

static NEVER: AtomicBool = AtomicBool::new(false);

/// Watches over a computation: may stop it, and is told how far it has come.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    /// Set, from any thread, to stop.
    pub stop: &'a AtomicBool,
    /// Shows progress; called from the thread that started the computation.
    pub progress: &'a dyn Progress,
}

impl Default for Watch<'_> {
    /// Never stops anything and shows nothing.
    fn default() -> Self {
        Self::new(&NEVER, &())
    }
}

impl fmt::Debug for Watch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("stop", &self.stop)
            .finish_non_exhaustive()
    }
}

impl<'a> Watch<'a> {
    /// A watch that stops when `stop` is set.
    #[must_use]
    pub fn new(stop: &'a AtomicBool, progress: &'a dyn Progress) -> Self {
        Self { stop, progress }
    }

    /// Returns whether the computation has to stop.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Reports `rounds` more rounds.
    pub fn advance(&self, rounds: u64) {
        self.progress.advance(rounds);
    }
}
