//! The counts of a run. All are integers, so that they are the same in any order, on any number of
//! threads and from any shards.

use serde::{Deserialize, Serialize};

use super::timeline::Timeline;

/// Counts that can be added to others of the same shape.
pub(super) trait Counts {
    /// Returns whether other counts have the same shape.
    fn fits(&self, other: &Self) -> bool;
    /// Adds other counts of the same shape.
    fn merge(&mut self, other: &Self);
}

/// Numbers, of which any two can be added.
macro_rules! number {
    ($($number:ty),*) => {
        $(impl Counts for $number {
            fn fits(&self, _: &Self) -> bool {
                true
            }
            fn merge(&mut self, other: &Self) {
                *self += other;
            }
        })*
    };
}

number!(u64, i128);

impl<T: Counts> Counts for Vec<T> {
    fn fits(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().zip(other).all(|(a, b)| a.fits(b))
    }
    fn merge(&mut self, other: &Self) {
        for (a, b) in self.iter_mut().zip(other) {
            a.merge(b);
        }
    }
}

impl Counts for Timeline {
    fn fits(&self, other: &Self) -> bool {
        self.fits(other)
    }
    fn merge(&mut self, other: &Self) {
        self.merge(other);
    }
}

/// Declares a group of counts: its fields are compared and added one by one.
macro_rules! counts {
    ($(#[$meta:meta])* $group:ident {
        $($(#[$field_meta:meta])* $field:ident: $kind:ty,)*
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $group {
            $($(#[$field_meta])* pub $field: $kind,)*
        }

        impl Counts for $group {
            fn fits(&self, other: &Self) -> bool {
                $(self.$field.fits(&other.$field))&&*
            }
            fn merge(&mut self, other: &Self) {
                $(self.$field.merge(&other.$field);)*
            }
        }
    };
}

counts! {
    /// Counts over rounds.
    Tally {
        /// Rounds counted.
        rounds: u64,
        /// By outcome, then number of steps after which it was noted: rounds.
        outcomes: Vec<Vec<u64>>,
        /// By flag: rounds in which it held.
        flags: Vec<u64>,
        /// By action, then step of its first taking effect: rounds.
        actions: Vec<Vec<u64>>,
        /// By action: rounds in which only its limit, of 2 or more, kept it from being decided again.
        limited: Vec<u64>,
        /// By action with a limit of 2 or more: rounds in which more than one decision was expected
        /// in a step.
        crowded: Vec<u64>,
        /// By action: rounds in which a decision of it lapsed.
        lapsed: Vec<u64>,
        /// By [fragile](crate::plan::Plan::fragile) expression: rounds in which it left the finite
        /// numbers.
        undefined: Vec<u64>,
        /// What stood at the horizons before the last, and when flags held.
        horizons: Horizons,
        /// Details of the first rounds of the run.
        details: Details,
    }
}

counts! {
    /// Counts at the horizons before the last, and of flags over time. Without `[clock] read` all lists are empty.
    Horizons {
        /// By horizon, then outcome: rounds in which it stood there.
        outcomes: Vec<Vec<u64>>,
        /// By horizon, then flag: rounds in which it had held by then.
        flags: Vec<Vec<u64>>,
        /// By flag, then number of steps after which it held first: rounds.
        first: Vec<Vec<u64>>,
        /// By flag, then number of steps after which a round ended in which it never held: rounds.
        without: Vec<Vec<u64>>,
    }
}

counts! {
    /// Counts of the first rounds, as far as they have one outcome.
    OfOutcome {
        /// Rounds counted here.
        rounds: u64,
        /// Quantities over time, on the [days](super::by_outcome::days_by_outcome) that are recorded by outcome.
        timeline: Timeline,
    }
}

counts! {
    /// Counts of the first rounds only.
    Details {
        /// Rounds counted here.
        rounds: u64,
        /// Quantities over time.
        timeline: Timeline,
        /// The same by outcome.
        by_outcome: Vec<OfOutcome>,
        /// Loyalty at the start, by actor then contender: sums in units of 2^−32.
        loyalty_start: Vec<i128>,
        /// Loyalty at the end.
        loyalty_end: Vec<i128>,
        /// Stance at the start, by actor then option.
        stance_start: Vec<i128>,
        /// Stance at the end.
        stance_end: Vec<i128>,
    }
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
        Counts::fits(self, other)
    }

    /// Adds another tally of the same scenario.
    pub fn merge(&mut self, other: &Self) {
        Counts::merge(self, other);
    }
}
