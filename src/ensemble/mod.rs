//! Many rounds in parallel, and what is counted over them.
//!
//! Rounds belong to batches by index, never to threads, and tallies are whole numbers: threads
//! cannot change a result.

pub mod comparison;
mod counter;
pub mod crew;
pub mod histogram;
pub mod history;
pub mod tally;
pub mod timeline;
mod worker;

use std::sync::atomic::AtomicBool;

pub use counter::RoundRecord;
pub use tally::Tally;

use crate::engine::Isa;
use crate::plan::Plan;
use crate::scenario::Scenario;
use counter::{Counter, Frame};
use crew::Crew;

/// Lanes of a batch in `kzsim run`: the width that measured fastest.
pub const WIDTH: usize = 64;

/// What to play.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    /// Seed.
    pub seed: u64,
    /// Rounds, from 0 on.
    pub rounds: u64,
    /// Threads; 0 for one a core.
    pub threads: usize,
    /// Whether each round's record is wanted.
    pub keep_rounds: bool,
    /// Instructions to use; they never change a result.
    pub isa: Isa,
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

/// Who is told how a run goes on.
pub struct Listener<'a> {
    /// Set from outside to stop.
    pub stop: &'a AtomicBool,
    /// Called with the number of rounds played so far.
    pub progress: &'a mut dyn FnMut(u64),
    /// Called with records of rounds, in order, if they are kept.
    pub records: &'a mut dyn FnMut(Vec<RoundRecord>) -> std::io::Result<()>,
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
    let frame = Frame {
        followed: timeline::followed(scenario, &plan.layout),
        days: timeline::recorded_days(&scenario.clock),
        keep_rounds: job.keep_rounds,
    };
    let crew = Crew::<W, _, _>::new(plan, job.seed, job.threads, job.isa, || {
        Counter::new(plan, &frame)
    })?;
    crew.play(
        0,
        job.rounds,
        listener.stop,
        listener.progress,
        &mut |records| {
            if records.is_empty() {
                return Ok(());
            }
            (listener.records)(records)
        },
    )?;
    let mut tally = frame.tally(plan);
    for counter in crew.collectors() {
        tally.merge(&counter.into_tally());
    }
    Ok(tally)
}
