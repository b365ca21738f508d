//! Many rounds in parallel, and what is counted over them.
//!
//! Rounds belong to batches by index, never to threads, and tallies are whole numbers: threads
//! cannot change a result.

pub mod brief;
pub mod comparison;
mod counter;
pub mod counts;
pub mod course;
pub mod crew;
pub mod histogram;
pub mod history;
pub mod islands;
pub mod patterns;
pub mod rows;
pub mod sample;
pub mod tally;
pub mod timeline;
mod watch;
mod worker;

pub use counter::RoundRecord;
pub use tally::Tally;
pub use watch::{Progress, Watch, Workers};

use crate::plan::Plan;
use crate::scenario::Scenario;
use brief::Brief;
use course::Follower;

/// Lanes of a batch in `kzsim run`: the width that measured fastest.
pub const WIDTH: usize = 64;

/// What to play.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    /// Seed.
    pub seed: u64,
    /// Rounds, from 0 on.
    pub rounds: u64,
    /// Whether each round's record is wanted.
    pub keep_rounds: bool,
    /// Rounds, from 0 on, of which outcome and flags are noted.
    pub noted: u64,
    /// How they are played.
    pub workers: Workers,
}

/// Why a run did not finish.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Stopped from outside.
    #[error("interrupted")]
    Interrupted,
    /// No threads to be had.
    #[error("cannot start threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// Records could not be written.
    #[error("{0}")]
    Records(#[from] std::io::Error),
}

/// Says from counts by outcome and the rounds played whether that is enough.
pub type Enough<'a> = dyn FnMut(&[u64], u64) -> bool + 'a;

/// Who is told how a run goes on.
pub struct Listener<'a> {
    /// May stop it, and is told how far it has come.
    pub watch: Watch<'a>,
    /// Called with records of rounds, in order, if they are kept.
    pub records: &'a mut dyn FnMut(&[RoundRecord]) -> std::io::Result<()>,
    /// Called with what noted rounds gave, in order.
    pub notes: &'a mut dyn FnMut(Vec<Brief>),
    /// Asked now and then, with counts by outcome and the rounds played, whether that is enough;
    /// without it all rounds are played.
    pub enough: Option<&'a mut Enough<'a>>,
}

/// Plays a scenario with batches of `W` lanes.
///
/// # Errors
/// [`RunError`] when it is stopped, or has no threads, or records cannot be written.
pub fn play<const W: usize>(
    scenario: &Scenario,
    plan: &Plan,
    job: Job,
    listener: &mut Listener<'_>,
) -> Result<Tally, RunError> {
    let watch = listener.watch;
    course::follow::<W>(scenario, plan, job, 0..job.rounds, watch, listener)
}

impl Follower for Listener<'_> {
    fn records(&mut self, records: &[RoundRecord]) -> std::io::Result<()> {
        (self.records)(records)
    }

    fn notes(&mut self, notes: Vec<Brief>) {
        (self.notes)(notes);
    }

    fn between(&mut self, _next: u64, _tally: &dyn Fn() -> Tally) -> bool {
        true
    }

    fn looks(&self) -> bool {
        self.enough.is_some()
    }

    fn enough(&mut self, counts: &[u64], next: u64) -> bool {
        match &mut self.enough {
            Some(enough) => enough(counts, next),
            None => false,
        }
    }
}
