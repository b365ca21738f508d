//! Many rounds in parallel, and what is counted over them.
//!
//! Rounds belong to batches by index, never to threads, and tallies are whole numbers: threads
//! cannot change a result.

pub mod histogram;
pub mod tally;
pub mod timeline;
mod worker;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

pub use tally::Tally;
pub use worker::RoundRecord;

use crate::engine::Isa;
use crate::plan::Plan;
use crate::scenario::Scenario;
use worker::{Frame, PACK, Worker};

/// Lanes of a batch in `kzsim run`: the width that measured fastest.
pub const WIDTH: usize = 64;
/// Packs of batches that a thread plays between two looks at progress.
const WAVE: u64 = 8;

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
        isa: job.isa,
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(job.threads)
        .build()?;
    let idle: Mutex<Vec<Worker<'_, W>>> = Mutex::new(Vec::new());
    let lock = || {
        idle.lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    };
    let threads = pool.current_num_threads() as u64;
    // Small runs are shared out evenly; more rounds in a pack waste fewer lanes.
    let pack = W as u64
        * job
            .rounds
            .div_ceil(W as u64 * threads)
            .clamp(1, PACK as u64);
    let packs = job.rounds.div_ceil(pack);
    let mut next = 0;
    while next < packs {
        let end = (next + WAVE * threads).min(packs);
        let one = |b: u64| {
            if listener.stop.load(Ordering::Relaxed) {
                return Vec::new();
            }
            let mut worker = lock()
                .pop()
                .unwrap_or_else(|| Worker::new(plan, job.seed, &frame));
            let first = b * pack;
            let count = (job.rounds - first).min(pack) as usize;
            let records = worker.play(first, count, listener.stop);
            lock().push(worker);
            records
        };
        let waves: Vec<Vec<RoundRecord>> =
            pool.install(|| (next..end).into_par_iter().map(one).collect());
        if listener.stop.load(Ordering::Relaxed) {
            return Err(RunError::Interrupted);
        }
        if job.keep_rounds {
            for records in waves {
                (listener.records)(records)?;
            }
        }
        next = end;
        (listener.progress)((next * pack).min(job.rounds));
    }
    let mut tally = frame.tally(plan);
    let workers = idle
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    for worker in workers {
        tally.merge(&worker.into_tally());
    }
    Ok(tally)
}
