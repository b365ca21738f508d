//! Which rounds are played, and how they begin.

use std::ops::Range;

use crate::engine::lanes::Lanes;
use crate::engine::{Batch, Priors};
use crate::math;
use crate::plan::OpenNumbers;

/// The first round whose chance partners have: no run reaches it.
const PARTNERS: u64 = 1 << 62;
/// The first round whose priors and chance sets of guesses have: no run, partner or design reaches it.
const SETS: u64 = 1 << 63;

/// Rows of a design: priors at chosen uniform numbers, chance of a chosen round.
pub trait Design: Sync {
    /// Returns the uniform number, in [0, 1], at which a row has a prior.
    fn uniform(&self, row: u64, prior: usize) -> f64;
    /// Returns the round whose chance a row has.
    fn chance(&self, row: u64) -> u64;
}

/// Rounds to be played.
#[derive(Clone)]
pub enum Rounds<'a> {
    /// A range of rounds, as they are drawn.
    Drawn(Range<u64>),
    /// Partners of a range of rounds: each again, with the same priors and different chance.
    Partners(Range<u64>),
    /// Some rounds, as they are drawn, in ascending order.
    Listed(&'a [u64]),
    /// Some rows of a design, in ascending order.
    Rows(&'a dyn Design, &'a [u64]),
    /// The same rounds for every row of a table, row after row.
    Table(TableRounds<'a>),
    /// Sets of guesses, each played several times.
    Sets(SetRounds),
}

/// Sets of guesses: the rounds of a set have the same priors and different chance. Their label is the set's number times
/// the number of rounds of each, plus the round's position in its set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetRounds {
    /// How many sets.
    pub sets: u64,
    /// Rounds of each.
    pub each: u64,
}

impl SetRounds {
    /// The set of a label.
    #[must_use]
    pub fn set(self, label: u64) -> u64 {
        label / self.each
    }
}

/// The same rounds for every row of a table: their label is the row's position among `rows` times the number of
/// rounds, plus the round's position among `rounds`.
#[derive(Clone)]
pub struct TableRounds<'a> {
    /// What rows have in place of the plan's numbers.
    pub open: &'a OpenNumbers,
    /// The rows.
    pub rows: Range<u64>,
    /// The rounds of each.
    pub rounds: Range<u64>,
    /// The round that counts as the first in each row, in a circle; empty where all rows share their rounds.
    pub offsets: &'a [u64],
}

impl TableRounds<'_> {
    /// Rounds of each row.
    #[must_use]
    pub fn each(&self) -> u64 {
        self.rounds.end.saturating_sub(self.rounds.start)
    }

    /// The row of a label.
    fn row(&self, label: u64) -> u64 {
        self.rows.start + label / self.each()
    }

    /// The round of a label.
    fn round(&self, label: u64) -> u64 {
        let own = self.rounds.start + label % self.each();
        match self.offsets.len() as u64 {
            0 => own,
            n => self.offsets[(self.row(label) % n) as usize] + own,
        }
    }
}

impl From<Range<u64>> for Rounds<'_> {
    fn from(rounds: Range<u64>) -> Self {
        Self::Drawn(rounds)
    }
}

impl Rounds<'_> {
    /// Returns how many there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        match self {
            Self::Drawn(range) | Self::Partners(range) => range.end.saturating_sub(range.start),
            Self::Listed(list) | Self::Rows(_, list) => list.len() as u64,
            Self::Table(table) => table.rows.end.saturating_sub(table.rows.start) * table.each(),
            Self::Sets(sets) => sets.sets * sets.each,
        }
    }

    /// Returns whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Begins `count` of them in the lanes of a batch, from the `first`-th on.
    pub(super) fn begin<const W: usize>(&self, batch: &mut Batch<'_, W>, first: u64, count: usize) {
        match self {
            Self::Drawn(range) => batch.initialise(range.start + first, count),
            Self::Partners(range) => {
                let own = std::array::from_fn(|i| range.start + first + i as u64);
                let chance = own.map(|round| PARTNERS + round);
                batch.initialise_with(chance, own, &Priors::Of(&own), count);
            }
            Self::Listed(list) => {
                let own = lanes(list, first, count);
                batch.initialise_with(own, own, &Priors::Drawn, count);
            }
            Self::Rows(design, list) => {
                let rows: [u64; W] = lanes(list, first, count);
                let chance = rows.map(|row| design.chance(row));
                let uniforms: Vec<Lanes<W>> = (0..batch.plan.priors.len())
                    .map(|p| Lanes(rows.map(|row| math::sided_at(design.uniform(row, p)))))
                    .collect();
                batch.initialise_with(chance, rows, &Priors::At(&uniforms), count);
            }
            Self::Table(table) => {
                let labels: [u64; W] = std::array::from_fn(|i| first + i.min(count - 1) as u64);
                let rows = labels.map(|label| table.row(label));
                let rounds = labels.map(|label| table.round(label));
                let priors = Priors::Open(table.open, &rows);
                batch.initialise_with(rounds, labels, &priors, count);
            }
            Self::Sets(sets) => {
                let labels: [u64; W] = std::array::from_fn(|i| first + i.min(count - 1) as u64);
                let guesses = labels.map(|label| SETS + sets.set(label));
                let chance = labels.map(|label| SETS + label);
                batch.initialise_with(chance, labels, &Priors::Of(&guesses), count);
            }
        }
    }
}

/// A part of a list, lane by lane; idle lanes repeat its last entry.
fn lanes<const W: usize>(list: &[u64], first: u64, count: usize) -> [u64; W] {
    let part = &list[first as usize..first as usize + count];
    std::array::from_fn(|i| part[i.min(count - 1)])
}
