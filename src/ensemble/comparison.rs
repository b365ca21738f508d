//! The same rounds under several scenarios, round by round against the first.
//!
//! Draws have names, so a round has the same draws under each scenario: what differs in it comes
//! from what the scenarios say differently.

use std::collections::BTreeMap;

use super::crew::Crew;
use super::history::{Historian, History, Numbers, Roster, Sight};
use super::{Job, RunError, Watch};
use crate::analysis::paired::Paired;
use crate::plan::Plan;
use crate::scenario::Scenario;
use crate::scenario::model::Clock;

/// Rounds whose histories are kept at a time, so that memory does not grow with their number.
pub const CHUNK: u64 = 16_384;
/// Rounds of each transition that are named.
const NAMED: usize = 3;

/// Where the histories of a round under two scenarios first visibly part. Numbers are those of a
/// roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Divergence {
    /// An action takes effect in one alone, or succeeds in one alone.
    Action(u32),
    /// An actor's leading stance changes in one alone, or to different sides.
    Actor(u32),
    /// Nothing of that, but one ends before the other or otherwise; the second one's outcome.
    Outcome(u32),
    /// Nowhere.
    Never,
}

/// Rounds that have one outcome under the first scenario and one under the second.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transition {
    /// How many.
    pub count: u64,
    /// The lowest of their numbers.
    pub lowest: Vec<u64>,
}

/// What the rounds of a scenario gave beside those of the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Rounds played.
    pub rounds: u64,
    /// By outcome under the first, then under the second.
    pub transitions: Vec<Vec<Transition>>,
    /// By flag.
    pub flags: Vec<Paired>,
    /// Rounds by divergence, then by step; that of rounds that never part is 0.
    pub divergences: BTreeMap<Divergence, BTreeMap<u32, u64>>,
}

/// Where two histories first part, and the steps that are over by then.
#[must_use]
pub fn divergence(a: &History, b: &History) -> (Divergence, u32) {
    // What one does after the other has ended comes after their parting.
    let end = a.steps.min(b.steps);
    let until = |h: &History| h.events.partition_point(|e| e.step < end);
    let (x, y) = (&a.events[..until(a)], &b.events[..until(b)]);
    let same = x.iter().zip(y).take_while(|(x, y)| x == y).count();
    // Logs are in order, so of the first two that differ the other log lacks the smaller.
    let first = [x.get(same), y.get(same)].into_iter().flatten().min();
    match first {
        Some(event) => match event.sight {
            Sight::Scheduled(action, _) | Sight::Acted(action, _) => {
                (Divergence::Action(action), event.step)
            }
            Sight::Stance(actor, _) => (Divergence::Actor(actor), event.step),
        },
        None if (a.steps, a.outcome) == (b.steps, b.outcome) => (Divergence::Never, 0),
        None => (Divergence::Outcome(b.outcome), end),
    }
}

impl Comparison {
    fn new(roster: &Roster, rounds: u64) -> Self {
        let outcomes = roster.outcomes.len();
        let none = Paired {
            rounds,
            ..Paired::default()
        };
        Self {
            rounds,
            transitions: vec![vec![Transition::default(); outcomes]; outcomes],
            flags: vec![none; roster.flags.len()],
            divergences: BTreeMap::new(),
        }
    }

    /// Counts a round; rounds come in ascending order.
    fn add(&mut self, round: u64, a: &History, b: &History) {
        let transition = &mut self.transitions[a.outcome as usize][b.outcome as usize];
        transition.count += 1;
        if transition.lowest.len() < NAMED {
            transition.lowest.push(round);
        }
        for flag in &a.flags {
            let counts = &mut self.flags[*flag as usize];
            match b.flags.binary_search(flag) {
                Ok(_) => counts.both += 1,
                Err(_) => counts.only_a += 1,
            }
        }
        for flag in &b.flags {
            if a.flags.binary_search(flag).is_err() {
                self.flags[*flag as usize].only_b += 1;
            }
        }
        let (divergence, step) = divergence(a, b);
        let steps = self.divergences.entry(divergence).or_default();
        *steps.entry(step).or_default() += 1;
    }

    /// In how many rounds an outcome came with the first, the second, or both.
    #[must_use]
    pub fn outcome(&self, outcome: usize) -> Paired {
        let both = self.transitions[outcome][outcome].count;
        let a: u64 = self.transitions[outcome].iter().map(|t| t.count).sum();
        let b: u64 = self.transitions.iter().map(|row| row[outcome].count).sum();
        Paired {
            rounds: self.rounds,
            both,
            only_a: a - both,
            only_b: b - both,
        }
    }
}

/// Whether a step of one clock is the same stretch of time as that of another, so that rounds
/// can be laid side by side. The horizons may differ.
#[must_use]
pub fn same_steps(a: &Clock, b: &Clock) -> bool {
    (a.start, a.step_seconds) == (b.start, b.step_seconds)
}

/// Plays the same rounds under each of some scenarios, `chunk` at a time, and compares each
/// further one with the first. Their clocks have the [same steps](same_steps).
///
/// # Errors
/// [`RunError`] when it is stopped, or has no threads.
pub fn compare<const W: usize>(
    sides: &[(Scenario, Plan)],
    job: Job,
    chunk: u64,
    watch: Watch<'_>,
) -> Result<(Roster, Vec<Comparison>), RunError> {
    let mut roster = Roster::default();
    let numbers: Vec<Numbers> = sides.iter().map(|(s, _)| roster.enter(s)).collect();
    let crews = sides
        .iter()
        .zip(&numbers)
        .map(|((_, plan), numbers)| {
            Crew::<W, _, _>::new(plan, job.seed, job.workers, || {
                Historian::new(plan, numbers)
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    let further = sides.len().saturating_sub(1);
    let mut comparisons = vec![Comparison::new(&roster, job.rounds); further];
    let Some((crew, others)) = crews.split_first() else {
        return Ok((roster, comparisons));
    };
    let mut from = 0;
    while from < job.rounds {
        let rounds = chunk.min(job.rounds - from);
        let mut base: Vec<History> = Vec::with_capacity(rounds as usize);
        crew.play(from, rounds, watch, &mut |piece| {
            base.extend(piece);
            Ok(())
        })?;
        for (crew, comparison) in others.iter().zip(&mut comparisons) {
            let mut next = from..;
            let mut pairs = base.iter();
            crew.play(from, rounds, watch, &mut |piece| {
                for ((b, a), round) in piece.iter().zip(&mut pairs).zip(&mut next) {
                    comparison.add(round, a, b);
                }
                Ok(())
            })?;
        }
        from += rounds;
    }
    Ok((roster, comparisons))
}
