//! The same rounds under several scenarios, each compared with the first.
//!
//! Draws have names, so a round has the same draws under each scenario: its differences come from
//! the differences between the scenarios.

use std::collections::BTreeMap;

use super::PlayError;
use super::history::{Catalog, EventKind, Historian, History, Numbers};
use super::player::{Player, RoundPool};
use crate::plan::Plan;
use crate::scenario::Scenario;
use crate::scenario::model::Clock;

/// Rounds whose histories are kept at a time, so that memory does not grow with their number.
pub const CHUNK: u64 = 16_384;
/// Rounds of each transition that are named.
const NAMED: usize = 3;

/// Where the histories of a round under two scenarios first visibly differ. Numbers are those of a
/// catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Divergence {
    /// An action takes effect, or succeeds, in one of them only.
    Action(u32),
    /// An actor's leading stance changes in one of them only, or to different sides.
    Actor(u32),
    /// None of these, but their outcomes are noted at different times, or are different: that of the second.
    Outcome(u32),
    /// Nowhere.
    Never,
}

/// Rounds that have one outcome under the first scenario and one under the second.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transition {
    /// Number of rounds.
    pub count: u64,
    /// The lowest numbers of such rounds.
    pub lowest: Vec<u64>,
}

/// In how many rounds something came with the first scenario, the second, or both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Paired {
    /// Rounds played.
    pub rounds: u64,
    /// Rounds in which it came with both.
    pub both: u64,
    /// Rounds in which it came with the first alone.
    pub only_a: u64,
    /// Rounds in which it came with the second alone.
    pub only_b: u64,
}

/// The rounds of a scenario beside those of the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Rounds played.
    pub rounds: u64,
    /// By outcome under the first, then under the second.
    pub transitions: Vec<Vec<Transition>>,
    /// By flag.
    pub flags: Vec<Paired>,
    /// Rounds by divergence, then by step; 0 for rounds that never differ.
    pub divergences: BTreeMap<Divergence, BTreeMap<u32, u64>>,
}

/// Returns where two histories first differ, and the number of steps over by then.
#[must_use]
pub fn divergence(a: &History, b: &History) -> (Divergence, u32) {
    // Events in one after the other has ended come later than their difference.
    let end = a.record.played.min(b.record.played);
    let until = |h: &History| h.events.partition_point(|e| e.step < end);
    let (x, y) = (&a.events[..until(a)], &b.events[..until(b)]);
    let same = x.iter().zip(y).take_while(|(x, y)| x == y).count();
    // Logs are in order, so of the first two that differ the other log lacks the smaller.
    let first = [x.get(same), y.get(same)].into_iter().flatten().min();
    match first {
        Some(event) => match event.kind {
            EventKind::Scheduled(action, _) | EventKind::Acted(action, _) => {
                (Divergence::Action(action), event.step)
            }
            EventKind::Stance(actor, _) => (Divergence::Actor(actor), event.step),
        },
        None if (a.record.steps, a.record.outcome) == (b.record.steps, b.record.outcome) => {
            (Divergence::Never, 0)
        }
        None => {
            let noted = a.record.steps.min(b.record.steps);
            (Divergence::Outcome(b.record.outcome as u32), noted)
        }
    }
}

impl Comparison {
    fn new(catalog: &Catalog, rounds: u64) -> Self {
        let outcomes = catalog.outcomes.len();
        let none = Paired {
            rounds,
            ..Paired::default()
        };
        Self {
            rounds,
            transitions: vec![vec![Transition::default(); outcomes]; outcomes],
            flags: vec![none; catalog.flags.len()],
            divergences: BTreeMap::new(),
        }
    }

    /// Counts a round; rounds come in ascending order.
    fn add(&mut self, a: &History, b: &History) {
        let transition = &mut self.transitions[a.record.outcome][b.record.outcome];
        transition.count += 1;
        if transition.lowest.len() < NAMED {
            transition.lowest.push(a.record.round);
        }
        for (f, counts) in self.flags.iter_mut().enumerate() {
            match (a.record.flags[f], b.record.flags[f]) {
                (true, true) => counts.both += 1,
                (true, false) => counts.only_a += 1,
                (false, true) => counts.only_b += 1,
                (false, false) => {}
            }
        }
        let (divergence, step) = divergence(a, b);
        let steps = self.divergences.entry(divergence).or_default();
        *steps.entry(step).or_default() += 1;
    }

    /// Returns in how many rounds an outcome came with the first, the second, or both.
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

/// Returns whether the steps of two clocks are the same stretches of time, so that rounds can be
/// compared. The horizons may differ.
#[must_use]
pub fn same_steps(a: &Clock, b: &Clock) -> bool {
    (a.start, a.step_seconds) == (b.start, b.step_seconds)
}

impl Player<'_> {
    /// Plays the first `rounds` rounds under each of some scenarios, `chunk` at a time and in
    /// batches of `W` lanes, and compares each further one with the first. Their clocks have the
    /// same steps: start and step.
    ///
    /// # Errors
    /// [`PlayError`] if it is stopped or cannot start threads.
    pub fn compare<const W: usize>(
        &self,
        sides: &[(Scenario, Plan)],
        rounds: u64,
        chunk: u64,
    ) -> Result<(Catalog, Vec<Comparison>), PlayError> {
        let mut catalog = Catalog::default();
        let numbers: Vec<Numbers> = sides.iter().map(|(s, _)| catalog.enter(s)).collect();
        let flags = catalog.flags.len();
        let pools = sides
            .iter()
            .zip(&numbers)
            .map(|((_, plan), numbers)| {
                let historian = move || Historian::new(plan, numbers, flags);
                RoundPool::<W, _>::new(plan, *self, historian)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let further = sides.len().saturating_sub(1);
        let mut comparisons = vec![Comparison::new(&catalog, rounds); further];
        let Some((first, others)) = pools.split_first() else {
            return Ok((catalog, comparisons));
        };
        let mut from = 0;
        while from < rounds {
            let until = rounds.min(from + chunk);
            let part = (from..until).into();
            let mut base: Vec<History> = Vec::with_capacity((until - from) as usize);
            first.play(&part, self.watch, Historian::take, |more| base.extend(more))?;
            for (other, comparison) in others.iter().zip(&mut comparisons) {
                let mut pairs = base.iter();
                other.play(&part, self.watch, Historian::take, |more| {
                    for (b, a) in more.iter().zip(&mut pairs) {
                        comparison.add(a, b);
                    }
                })?;
            }
            from = until;
        }
        Ok((catalog, comparisons))
    }
}
