//! What rounds gave, in brief: outcome, flags and what was watched of each, by label.

use std::ops::Range;

use super::crew::{Begin, Collect, Crew};
use super::{RunError, Watch, Workers};
use crate::engine::{Batch, Observer, Priors};
use crate::plan::Plan;

/// Outcome, end and flags of one round, and what was watched.
#[derive(Debug, Clone, PartialEq)]
pub struct Brief {
    /// The round, or whatever tells it apart.
    pub label: u64,
    /// Index of its outcome.
    pub outcome: u32,
    /// Steps played.
    pub steps: u32,
    /// Flags, 64 to a word, the first lowest.
    pub flags: Vec<u64>,
    /// Values of watched expressions, in order.
    pub read: Vec<f32>,
}

impl Brief {
    /// What the round in a lane gave.
    pub(super) fn of<const W: usize>(batch: &Batch<'_, W>, lane: usize, outcome: usize) -> Self {
        let mut flags = vec![0_u64; batch.flags.len().div_ceil(64)];
        for (i, flag) in batch.flags.iter().enumerate() {
            flags[i / 64] |= u64::from(flag.at(lane)) << (i % 64);
        }
        Self {
            label: batch.labels[lane],
            outcome: outcome as u32,
            steps: batch.t + 1,
            flags,
            read: batch.read.iter().map(|x| x.0[lane]).collect(),
        }
    }

    /// Whether a flag held.
    #[must_use]
    pub fn flag(&self, i: usize) -> bool {
        self.flags[i / 64] >> (i % 64) & 1 == 1
    }
}

/// Notes every round.
struct Noter(Vec<Brief>);

impl<const W: usize> Observer<W> for Noter {
    fn ended(&mut self, batch: &Batch<'_, W>, lane: usize, outcome: usize) {
        self.0.push(Brief::of(batch, lane, outcome));
    }
}

impl<const W: usize> Collect<W> for Noter {
    type Piece = Vec<Brief>;

    fn piece(&mut self) -> Vec<Brief> {
        let mut rounds = std::mem::take(&mut self.0);
        rounds.sort_unstable_by_key(|r| r.label);
        rounds
    }
}

/// Plays `rounds` rounds that begin as told, and gives what each gave, in order.
///
/// # Errors
/// [`RunError`] when it is stopped, or has no threads.
pub fn play<const W: usize>(
    plan: &Plan,
    seed: u64,
    begin: &impl Begin<W>,
    rounds: u64,
    workers: Workers,
    watch: Watch<'_>,
) -> Result<Vec<Brief>, RunError> {
    let mut out = Vec::new();
    stream::<W>(
        plan,
        seed,
        begin,
        0..rounds,
        workers,
        watch,
        &mut |mut piece| {
            out.append(&mut piece);
        },
    )?;
    Ok(out)
}

/// Plays the rounds of a range that begin as told, and hands on what they gave, in order.
///
/// # Errors
/// [`RunError`] when it is stopped, or has no threads.
pub fn stream<const W: usize>(
    plan: &Plan,
    seed: u64,
    begin: &impl Begin<W>,
    rounds: Range<u64>,
    workers: Workers,
    watch: Watch<'_>,
    pieces: &mut dyn FnMut(Vec<Brief>),
) -> Result<(), RunError> {
    let crew = Crew::<W, _, _>::new(plan, seed, workers, || Noter(Vec::new()))?;
    let count = rounds.end.saturating_sub(rounds.start);
    crew.play_from(begin, rounds.start, count, watch, &mut |piece| {
        pieces(piece);
        Ok(())
    })
}

/// The first round whose chance partners take: no run comes so far.
const ELSEWHERE: u64 = 1 << 62;

/// Partners: round `r` again with the same priors and other chance.
#[derive(Debug, Clone, Copy)]
pub struct Partners;

impl<const W: usize> Begin<W> for Partners {
    fn begin(&self, batch: &mut Batch<'_, W>, first: u64, count: usize) {
        let own: [u64; W] = std::array::from_fn(|i| first + i as u64);
        let chance = own.map(|r| ELSEWHERE + r);
        batch.initialise_with(chance, own, &Priors::Of(&own), count);
    }
}
