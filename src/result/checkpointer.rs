//! Keeps a run as it goes: copies in memory, checkpoints on disk, and little time for either.

use std::io;
use std::time::{Duration, Instant};

use super::{Part, State};
use crate::ensemble::Tally;

/// Checkpoints take one part in so many of the time: 0.5 %.
const CHECKPOINTS: u32 = 200;
/// Copies in memory take one part in so many of the time: 0.25 %.
const COPIES: u32 = 400;

/// What had been counted at a moment between two waves.
#[derive(Debug, Clone)]
pub struct Moment {
    /// The next round.
    pub next: u64,
    /// The counts.
    pub tally: Tally,
    /// The round after the last noted one.
    pub noted: u64,
    /// `rounds.csv` as far as it went, if it is kept.
    pub part: Option<Part>,
}

/// Something that is done again and again, and may cost one part in so many of the time.
#[derive(Debug)]
struct Chore {
    last: Instant,
    wait: Duration,
    least: Duration,
    share: u32,
}

impl Chore {
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

    /// Is done at every chance.
    fn always() -> Self {
        Self::new(Duration::ZERO, 0)
    }
}

/// Says when to keep a run, and writes its checkpoints.
#[derive(Debug)]
pub struct Keeper {
    copies: Chore,
    checkpoints: Chore,
    /// Rounds and pairs in the last checkpoint.
    written: Option<(u64, u64)>,
    failed: bool,
}

impl Keeper {
    /// Nothing is kept yet. Checkpoints are at least so long apart; no time at all asks for them
    /// at every chance, whatever they cost.
    #[must_use]
    pub fn new(every: Duration) -> Self {
        let seldom = !every.is_zero();
        Self {
            copies: if seldom {
                Chore::new(Duration::ZERO, COPIES)
            } else {
                Chore::always()
            },
            checkpoints: if seldom {
                Chore::new(every, CHECKPOINTS)
            } else {
                Chore::always()
            },
            written: None,
            failed: false,
        }
    }

    /// Whether it is time for a copy in memory.
    #[must_use]
    pub fn copy_is_due(&self) -> bool {
        self.copies.is_due() || self.checkpoint_is_due()
    }

    /// A copy has been made.
    pub fn copied(&mut self, began: Instant) {
        self.copies.done(began);
    }

    /// Whether it is time for a checkpoint.
    #[must_use]
    pub fn checkpoint_is_due(&self) -> bool {
        self.checkpoints.is_due()
    }

    /// Writes a checkpoint: `put` writes its bytes, and waits for the disk if asked to. A
    /// run that ends now does not wait: what the system has taken survives the program.
    ///
    /// # Errors
    /// When it cannot be written. The previous checkpoint is then kept.
    pub fn write(
        &mut self,
        state: &State,
        last: bool,
        put: impl FnOnce(&[u8], bool) -> io::Result<()>,
    ) -> io::Result<()> {
        let now = (state.header.next, state.paired.next);
        if self.written == Some(now) {
            return Ok(());
        }
        let began = Instant::now();
        let written = state.encode().and_then(|bytes| put(&bytes, !last));
        self.checkpoints.done(began);
        if written.is_ok() {
            self.written = Some(now);
        }
        written
    }

    /// Goes on from a checkpoint, which need not be written again.
    #[must_use]
    pub fn after(mut self, checkpoint: &State) -> Self {
        self.written = Some((checkpoint.header.next, checkpoint.paired.next));
        self
    }

    /// Whether a checkpoint of this run exists.
    #[must_use]
    pub fn has_written(&self) -> bool {
        self.written.is_some()
    }

    /// Whether a failure is the first one; only the first is reported.
    pub fn is_first_failure(&mut self) -> bool {
        !std::mem::replace(&mut self.failed, true)
    }
}
