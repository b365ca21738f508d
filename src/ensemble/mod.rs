//! Many rounds in parallel, and what is counted over them.
//!
//! Rounds belong to batches by index, never to threads, and tallies are whole numbers: threads
//! cannot change a result.

pub mod brief;
pub mod comparison;
mod counter;
pub mod counts;
pub mod crew;
pub mod histogram;
pub mod history;
pub mod islands;
pub mod patterns;
pub mod rows;
pub mod sample;
pub mod tally;
pub mod timeline;
mod worker;

use std::sync::atomic::AtomicBool;

pub use counter::RoundRecord;
pub use tally::Tally;

use crate::engine::Isa;
use crate::plan::Plan;
use crate::scenario::Scenario;
use brief::Brief;
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
    /// Rounds, from 0 on, of which outcome and flags are noted.
    pub noted: u64,
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

/// Says from counts by outcome and the rounds played whether that is enough.
pub type Enough<'a> = dyn FnMut(&[u64], u64) -> bool + 'a;

/// Who is told how a run goes on.
pub struct Listener<'a> {
    /// Set from outside to stop.
    pub stop: &'a AtomicBool,
    /// Called with the number of rounds played so far.
    pub progress: &'a mut dyn FnMut(u64),
    /// Called with records of rounds, in order, if they are kept.
    pub records: &'a mut dyn FnMut(Vec<RoundRecord>) -> std::io::Result<()>,
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
    let frame = Frame {
        followed: timeline::followed(scenario, plan),
        days: timeline::recorded_days(&scenario.clock),
        keep_rounds: job.keep_rounds,
        noted: job.noted,
    };
    let crew = Crew::<W, _, _>::new(plan, job.seed, job.threads, job.isa, || {
        Counter::new(plan, &frame)
    })?;
    let mut done = 0;
    while done < job.rounds {
        let next = match listener.enough {
            Some(_) => next_look(done).min(job.rounds),
            None => job.rounds,
        };
        let progress = &mut *listener.progress;
        crew.play(
            done,
            next - done,
            listener.stop,
            &mut |n| progress(done + n),
            &mut |(records, notes): (Vec<RoundRecord>, Vec<Brief>)| {
                if !notes.is_empty() {
                    (listener.notes)(notes);
                }
                if records.is_empty() {
                    return Ok(());
                }
                (listener.records)(records)
            },
        )?;
        done = next;
        if let Some(enough) = &mut listener.enough {
            let mut counts = vec![0; plan.outcomes.len()];
            crew.look(|counter| counter.add_outcomes(&mut counts));
            if enough(&counts, done) {
                break;
            }
        }
    }
    let mut tally = frame.tally(plan);
    for counter in crew.collectors() {
        tally.merge(&counter.into_tally());
    }
    Ok(tally)
}

/// Rounds at the first look at whether that is enough. A rule that stops at a wanted width (Chow &
/// Robbins 1965) and looks seldom and never early covers nearly as often as its intervals say.
const FIRST_LOOK: u64 = 1_024;

/// The number of rounds at which it is asked next whether that is enough.
fn next_look(done: u64) -> u64 {
    if done < FIRST_LOOK {
        return FIRST_LOOK;
    }
    // A quarter more, in whole packs of the usual width.
    let pack = (WIDTH * worker::PACK) as u64;
    (done + done / 4).div_ceil(pack) * pack
}
