//! The counts of a run. All are integers, so that they are the same in any order, on any number of
//! threads and from any shards.

use serde::{Deserialize, Serialize};

use super::timeline::Timeline;

/// Counts over rounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Rounds counted.
    pub rounds: u64,
    /// By outcome, then number of steps played: rounds that ended so.
    pub outcomes: Vec<Vec<u64>>,
    /// By flag: rounds in which it held.
    pub flags: Vec<u64>,
    /// By action, then step of its first taking effect: rounds.
    pub actions: Vec<Vec<u64>>,
    /// Details of the first rounds of the run.
    pub details: Details,
}

/// Counts of the first rounds only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// Rounds counted here.
    pub rounds: u64,
    /// Quantities over time.
    pub timeline: Timeline,
    /// Loyalty at the start, by actor then contender: sums in units of 2^−32.
    pub loyalty_start: Vec<i128>,
    /// Loyalty at the end.
    pub loyalty_end: Vec<i128>,
    /// Stance at the start, by actor then option.
    pub stance_start: Vec<i128>,
    /// Stance at the end.
    pub stance_end: Vec<i128>,
}

impl Tally {
    /// Returns the number of rounds with an outcome.
    #[must_use]
    pub fn outcome_count(&self, outcome: usize) -> u64 {
        self.outcomes[outcome].iter().sum()
    }

    /// Returns the number of rounds in which an action took effect.
    #[must_use]
    pub fn action_count(&self, action: usize) -> u64 {
        self.actions[action].iter().sum()
    }

    /// Returns whether another tally has the same shape, so that it can be of the same scenario.
    #[must_use]
    pub fn fits(&self, other: &Self) -> bool {
        fn alike(a: &[Vec<u64>], b: &[Vec<u64>]) -> bool {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.len() == b.len())
        }
        let (mine, theirs) = (&self.details, &other.details);
        alike(&self.outcomes, &other.outcomes)
            && self.flags.len() == other.flags.len()
            && alike(&self.actions, &other.actions)
            && mine.timeline.fits(&theirs.timeline)
            && mine.loyalty_start.len() == theirs.loyalty_start.len()
            && mine.loyalty_end.len() == theirs.loyalty_end.len()
            && mine.stance_start.len() == theirs.stance_start.len()
            && mine.stance_end.len() == theirs.stance_end.len()
    }

    /// Adds another tally of the same scenario.
    pub fn merge(&mut self, other: &Self) {
        fn add<T: Copy + std::ops::AddAssign>(to: &mut [T], from: &[T]) {
            for (a, b) in to.iter_mut().zip(from) {
                *a += *b;
            }
        }
        self.rounds += other.rounds;
        for (a, b) in self.outcomes.iter_mut().zip(&other.outcomes) {
            add(a, b);
        }
        add(&mut self.flags, &other.flags);
        for (a, b) in self.actions.iter_mut().zip(&other.actions) {
            add(a, b);
        }
        let (mine, theirs) = (&mut self.details, &other.details);
        mine.rounds += theirs.rounds;
        mine.timeline.merge(&theirs.timeline);
        add(&mut mine.loyalty_start, &theirs.loyalty_start);
        add(&mut mine.loyalty_end, &theirs.loyalty_end);
        add(&mut mine.stance_start, &theirs.stance_start);
        add(&mut mine.stance_end, &theirs.stance_end);
    }
}
