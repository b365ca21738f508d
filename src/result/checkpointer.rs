//! Saves a run while it is played: snapshots in memory, checkpoints on disk, at little cost.

use std::io;
use std::time::{Duration, Instant};

use super::header::RowsExtent;
use super::state::State;
use crate::ensemble::Tally;

/// Checkpoints may take one part in this many of the time: 0.5 %.
const CHECKPOINTS: u32 = 200;
/// Snapshots may take one part in this many of the time: 0.25 %.
const SNAPSHOTS: u32 = 400;

/// The counts of a run between two waves of rounds.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The next round.
    pub next: u64,
    /// The counts.
    pub tally: Tally,
    /// The round after the last one that waits for its partner.
    pub waiting: u64,
    /// How far `rounds.csv` goes, if it is kept.
    pub extent: Option<RowsExtent>,
}

/// A repeated task that may cost one part in `share` of the time.
#[derive(Debug)]
struct Task {
    last: Instant,
    wait: Duration,
    least: Duration,
    share: u32,
}

impl Task {
    fn new(least: Duration, share: u32) -> Self {
        Self {
            last: Instant::now(),
            wait: least,
            least,
            share,
        }
    }

    fn is_due(&self) -> bool {
        self.last.elapsed() >= self.wait
    }

    fn done(&mut self, began: Instant) {
        self.last = Instant::now();
        self.wait = self.least.max((self.last - began) * self.share);
    }

    /// A task that is always due.
    fn always() -> Self {
        Self::new(Duration::ZERO, 0)
    }
}

/// Decides when to save a run, and writes its checkpoints.
#[derive(Debug)]
pub struct Checkpointer {
    snapshots: Task,
    checkpoints: Task,
    /// Rounds and pairs in the last checkpoint.
    written: Option<(u64, u64)>,
    failed: bool,
}

impl Checkpointer {
    /// A checkpointer that has not saved anything yet. Checkpoints are at least `every` apart; zero
    /// asks for one at every opportunity, whatever it costs.
    #[must_use]
    pub fn new(every: Duration) -> Self {
        let seldom = !every.is_zero();
        Self {
            snapshots: if seldom {
                Task::new(Duration::ZERO, SNAPSHOTS)
            } else {
                Task::always()
            },
            checkpoints: if seldom {
                Task::new(every, CHECKPOINTS)
            } else {
                Task::always()
            },
            written: None,
            failed: false,
        }
    }

    /// Whether it is time for a snapshot.
    #[must_use]
    pub fn snapshot_is_due(&self) -> bool {
        self.snapshots.is_due() || self.checkpoint_is_due()
    }

    /// Records that a snapshot was taken.
    pub fn snapshot_taken(&mut self, began: Instant) {
        self.snapshots.done(began);
    }

    /// Whether it is time for a checkpoint.
    #[must_use]
    pub fn checkpoint_is_due(&self) -> bool {
        self.checkpoints.is_due()
    }

    /// Writes a checkpoint: `put` writes its bytes and syncs them to the disk.
    ///
    /// # Errors
    /// When it cannot be written. The checkpoint before is then still valid.
    pub fn write(
        &mut self,
        state: &State,
        put: impl FnOnce(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let now = (state.header.next, state.pairs.next);
        if self.written == Some(now) {
            return Ok(());
        }
        let began = Instant::now();
        let written = state.encode().and_then(|bytes| put(&bytes));
        self.checkpoints.done(began);
        if written.is_ok() {
            self.written = Some(now);
        }
        written
    }

    /// The same after a checkpoint that need not be written again.
    #[must_use]
    pub fn after(mut self, checkpoint: &State) -> Self {
        self.written = Some((checkpoint.header.next, checkpoint.pairs.next));
        self
    }

    /// Whether a checkpoint of this run exists.
    #[must_use]
    pub fn has_written(&self) -> bool {
        self.written.is_some()
    }

    /// Whether a failure is the first one, which is reported.
    pub fn is_first_failure(&mut self) -> bool {
        !std::mem::replace(&mut self.failed, true)
    }
}
