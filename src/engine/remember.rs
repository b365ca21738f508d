//! What a round remembers between two steps, in one list. From it follow clearing, snapshots, and
//! moving rounds between batches.
//!
//! A round is the same in any lane of any batch: its draws have names.

use std::collections::VecDeque;

use super::lanes::{Lanes, Mask, Pairs};
use super::slots::Slots;
use super::state::{Batch, ChangesSince, Noted};

/// A part of the state with a value per lane.
trait PerLane {
    /// Its value in one lane.
    type Saved;

    /// Resets all lanes.
    fn reset(&mut self);
    /// Returns the value of a lane.
    fn save(&self, lane: usize) -> Self::Saved;
    /// Sets the value of a lane.
    fn restore(&mut self, lane: usize, from: &Self::Saved);
    /// Exchanges lanes with another batch.
    fn exchange(&mut self, other: &mut Self, pairs: &Pairs);
}

impl<T: Clone + Default, const W: usize> PerLane for [T; W] {
    type Saved = T;

    fn reset(&mut self) {
        // Keeps the memory of queues.
        for x in self {
            x.clone_from(&T::default());
        }
    }

    fn save(&self, lane: usize) -> T {
        self[lane].clone()
    }

    fn restore(&mut self, lane: usize, from: &T) {
        self[lane].clone_from(from);
    }

    fn exchange(&mut self, other: &mut Self, pairs: &Pairs) {
        for (i, j) in pairs {
            std::mem::swap(&mut self[*i], &mut other[*j]);
        }
    }
}

impl<const W: usize> PerLane for Lanes<W> {
    type Saved = f32;

    fn reset(&mut self) {
        *self = Self::all(0.0);
    }

    fn save(&self, lane: usize) -> f32 {
        self.0[lane]
    }

    fn restore(&mut self, lane: usize, from: &f32) {
        self.0[lane] = *from;
    }

    fn exchange(&mut self, other: &mut Self, pairs: &Pairs) {
        self.0.exchange(&mut other.0, pairs);
    }
}

impl<const W: usize> PerLane for Mask<W> {
    type Saved = bool;

    fn reset(&mut self) {
        *self = Self::NONE;
    }

    fn save(&self, lane: usize) -> bool {
        self.at(lane)
    }

    fn restore(&mut self, lane: usize, from: &bool) {
        self.set(lane, *from);
    }

    fn exchange(&mut self, other: &mut Self, pairs: &Pairs) {
        for (i, j) in pairs {
            let (x, y) = (self.at(*i), other.at(*j));
            self.set(*i, y);
            other.set(*j, x);
        }
    }
}

impl<P: PerLane> PerLane for Vec<P> {
    type Saved = Vec<P::Saved>;

    fn reset(&mut self) {
        self.iter_mut().for_each(P::reset);
    }

    fn save(&self, lane: usize) -> Self::Saved {
        self.iter().map(|x| x.save(lane)).collect()
    }

    fn restore(&mut self, lane: usize, from: &Self::Saved) {
        for (to, x) in self.iter_mut().zip(from) {
            to.restore(lane, x);
        }
    }

    fn exchange(&mut self, other: &mut Self, pairs: &Pairs) {
        for (a, b) in self.iter_mut().zip(other) {
            a.exchange(b, pairs);
        }
    }
}

impl<const W: usize> PerLane for Slots<W> {
    type Saved = Vec<f32>;

    fn reset(&mut self) {
        self.0.reset();
    }

    fn save(&self, lane: usize) -> Vec<f32> {
        self.0.save(lane)
    }

    fn restore(&mut self, lane: usize, from: &Vec<f32>) {
        self.0.restore(lane, from);
    }

    fn exchange(&mut self, other: &mut Self, pairs: &Pairs) {
        self.0.exchange(&mut other.0, pairs);
    }
}

/// Declares what a round remembers: fields of [`Batch`], each with its type in a snapshot.
macro_rules! remembered {
    ($($field:ident: $saved:ty;)*) => {
        /// Everything that one round remembers, except its number and its draws.
        #[derive(Debug, Clone)]
        pub struct RoundSnapshot {
            $($field: $saved,)*
        }

        impl<const W: usize> Batch<'_, W> {
            /// Resets all lanes: a round must not read anything of an earlier one.
            pub(super) fn forget(&mut self) {
                $(self.$field.reset();)*
            }

            /// Returns what the round in a lane remembers between two steps.
            #[must_use]
            pub fn save(&self, lane: usize) -> RoundSnapshot {
                RoundSnapshot {
                    $($field: self.$field.save(lane),)*
                }
            }

            /// Continues in a lane from a snapshot of a round of the same plan at the same step. The
            /// lane keeps its own number, and so its own future draws.
            pub fn restore(&mut self, lane: usize, from: &RoundSnapshot) {
                $(self.$field.restore(lane, &from.$field);)*
                self.changes = ChangesSince::EVER;
                self.waiting.fill(true);
                self.facts_are_stale();
            }

            /// Exchanges rounds with another batch of the same plan at the same step, so that rounds
            /// that have ended leave their lanes to those that go on.
            pub fn exchange(&mut self, other: &mut Self, pairs: &Pairs) {
                debug_assert_eq!(self.t, other.t, "batches at different steps");
                $(self.$field.exchange(&mut other.$field, pairs);)*
                self.rounds.exchange(&mut other.rounds, pairs);
                self.labels.exchange(&mut other.labels, pairs);
                let (step, day) = (u64::from(self.t), self.full_days());
                self.draws.exchange(&mut other.draws, pairs, step, day);
                self.changes = ChangesSince::EVER;
                other.changes = ChangesSince::EVER;
                self.waiting.fill(true);
                other.waiting.fill(true);
                self.facts_are_stale();
                other.facts_are_stale();
            }
        }
    };
}

remembered! {
    slots: Vec<f32>;
    alive: bool;
    decisions: Vec<u32>;
    strikes: Vec<u32>;
    spells: Vec<bool>;
    judged: Vec<bool>;
    queues: Vec<VecDeque<(u32, f32)>>;
    taken: Vec<u32>;
    noted: Option<Noted>;
    undecided: bool;
    runs: Vec<u32>;
    flags: Vec<bool>;
    seen: Vec<bool>;
    undefined: Vec<bool>;
    limited: Vec<bool>;
    crowded: Vec<bool>;
    lapsed: Vec<bool>;
}
