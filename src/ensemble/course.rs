//! The course of a run: wave after wave of rounds. Between two waves no round is in play, so what
//! has been counted by then is exactly the rounds before: a run can be kept there and go on later.

use std::ops::Range;

use super::brief::Brief;
use super::counter::{Counter, Frame, RoundRecord};
use super::crew::Crew;
use super::{Job, RunError, Tally, WIDTH, Watch, timeline, worker};
use crate::plan::Plan;
use crate::scenario::Scenario;

/// Who follows the course of a run.
pub trait Follower {
    /// Records of rounds, in order, if they are kept.
    ///
    /// # Errors
    /// When they cannot be written, which ends the run.
    fn records(&mut self, records: &[RoundRecord]) -> std::io::Result<()>;

    /// What noted rounds gave, in order.
    fn notes(&mut self, notes: Vec<Brief>);

    /// Between two waves: the next round, and the way to what has been counted of this play.
    /// Says whether the run goes on.
    fn between(&mut self, next: u64, tally: &dyn Fn() -> Tally) -> bool;

    /// Whether to look at counts now and then, to see whether they are enough.
    fn looks(&self) -> bool {
        false
    }

    /// Whether counts by outcome of the rounds played here are enough; `next` is the next round.
    fn enough(&mut self, _counts: &[u64], _next: u64) -> bool {
        false
    }
}

/// An empty tally of a plan.
#[must_use]
pub fn nothing(scenario: &Scenario, plan: &Plan) -> Tally {
    frame(scenario, plan, 0, false).tally(plan)
}

fn frame(scenario: &Scenario, plan: &Plan, noted: u64, keep_rounds: bool) -> Frame {
    Frame {
        followed: timeline::followed(scenario, plan),
        days: timeline::recorded_days(&scenario.clock),
        keep_rounds,
        noted,
    }
}

/// Plays the rounds of a range with batches of `W` lanes; `job` says how. Gives what these rounds
/// counted.
///
/// # Errors
/// [`RunError`] when it is stopped, or has no threads, or records cannot be written.
pub fn follow<const W: usize>(
    scenario: &Scenario,
    plan: &Plan,
    job: Job,
    rounds: Range<u64>,
    watch: Watch<'_>,
    follower: &mut dyn Follower,
) -> Result<Tally, RunError> {
    let frame = frame(scenario, plan, job.noted, job.keep_rounds);
    let crew = Crew::<W, _, _>::new(plan, job.seed, job.workers, || Counter::new(plan, &frame))?;
    let tally = || {
        let mut tally = frame.tally(plan);
        crew.look(|counter| tally.merge(&counter.tally()));
        tally
    };
    let mut next = rounds.start;
    let mut look = next_look(next.saturating_sub(1));
    // A run that goes on may stand where it is time to look.
    let mut enough = |follower: &mut dyn Follower, next: u64| {
        if !follower.looks() || next < look {
            return false;
        }
        look = next_look(next);
        let mut counts = vec![0; plan.outcomes.len()];
        crew.look(|counter| counter.add_outcomes(&mut counts));
        follower.enough(&counts, next)
    };
    let mut over = next > 0 && enough(follower, next);
    while !over && next < rounds.end {
        let mut until = rounds.end.min(next + crew.wave());
        if follower.looks() {
            until = until.min(next_look(next));
        }
        crew.play(next, until - next, watch, &mut |(records, notes): (
            Vec<RoundRecord>,
            Vec<Brief>,
        )| {
            if !notes.is_empty() {
                follower.notes(notes);
            }
            if records.is_empty() {
                return Ok(());
            }
            follower.records(&records)
        })?;
        next = until;
        over = enough(follower, next);
        if !follower.between(next, &tally) {
            return Err(RunError::Interrupted);
        }
    }
    Ok(tally())
}

/// Rounds at the first look at whether that is enough. A rule that stops at a wanted width (Chow &
/// Robbins 1965) and looks seldom and never early covers nearly as often as its intervals say.
const FIRST_LOOK: u64 = 1_024;

/// The first look after so many rounds.
fn next_look(done: u64) -> u64 {
    // A quarter more each time, in whole packs of the usual width.
    let pack = (WIDTH * worker::PACK) as u64;
    let mut look = FIRST_LOOK;
    while look <= done {
        look = (look + look / 4).div_ceil(pack) * pack;
    }
    look
}
