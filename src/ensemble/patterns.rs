//! Which of the watched expressions held together, in how many rounds.
//!
//! One bit an expression makes a pattern; counts of patterns are whole numbers, and every
//! likelihood, whatever the reliabilities, is computed from them.

use std::collections::BTreeMap;

use super::crew::{Collect, Crew};
use super::{RunError, Watch, Workers};
use crate::engine::{Batch, Observer};
use crate::plan::Plan;

/// Blocks of rounds that are counted apart, for errors of what is computed from the counts.
/// Round `r` belongs to block `r mod 64`: the same rounds in every scenario.
pub const BLOCKS: usize = 64;

/// Counts of patterns, block by block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patterns {
    /// By block: pattern, rounds. Bit `i` of a pattern: the plan's `i`-th watch held.
    pub blocks: Vec<BTreeMap<u64, u64>>,
}

impl Default for Patterns {
    fn default() -> Self {
        Self {
            blocks: vec![BTreeMap::new(); BLOCKS],
        }
    }
}

impl Patterns {
    /// Counts one round.
    pub fn add(&mut self, round: u64, pattern: u64) {
        let block = (round % BLOCKS as u64) as usize;
        *self.blocks[block].entry(pattern).or_default() += 1;
    }

    /// Adds other rounds.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.blocks.iter_mut().zip(&other.blocks) {
            for (pattern, count) in theirs {
                *mine.entry(*pattern).or_default() += count;
            }
        }
    }

    /// The same counts with only some bits looked at.
    #[must_use]
    pub fn masked(&self, mask: u64) -> Self {
        let blocks = self.blocks.iter().map(|block| {
            let mut out = BTreeMap::new();
            for (pattern, count) in block {
                *out.entry(pattern & mask).or_default() += count;
            }
            out
        });
        Self {
            blocks: blocks.collect(),
        }
    }

    /// Rounds counted.
    #[must_use]
    pub fn rounds(&self) -> u64 {
        self.blocks.iter().flat_map(BTreeMap::values).sum()
    }

    /// Counts over all blocks, in order of patterns.
    #[must_use]
    pub fn whole(&self) -> BTreeMap<u64, u64> {
        let mut out = BTreeMap::new();
        for (pattern, count) in self.blocks.iter().flatten() {
            *out.entry(*pattern).or_default() += count;
        }
        out
    }
}

/// Notes the pattern of each round.
struct Noter(Patterns);

impl<const W: usize> Observer<W> for Noter {
    fn ended(&mut self, batch: &Batch<'_, W>, lane: usize, _outcome: usize) {
        let bits = batch.seen.iter().enumerate();
        let pattern = bits.fold(0, |p, (i, seen)| p | u64::from(seen.at(lane)) << i);
        self.0.add(batch.rounds[lane], pattern);
    }
}

impl<const W: usize> Collect<W> for Noter {
    type Piece = ();

    fn piece(&mut self) {}
}

/// Plays rounds of a plan with at most 64 watches and counts patterns.
///
/// # Errors
/// [`RunError`] when it is stopped, or has no threads.
pub fn count<const W: usize>(
    plan: &Plan,
    seed: u64,
    rounds: u64,
    workers: Workers,
    watch: Watch<'_>,
) -> Result<Patterns, RunError> {
    let make = || Noter(Patterns::default());
    let crew = Crew::<W, _, _>::new(plan, seed, workers, make)?;
    crew.play(0, rounds, watch, &mut |()| Ok(()))?;
    let mut out = Patterns::default();
    for noter in crew.collectors() {
        out.merge(&noter.0);
    }
    Ok(out)
}
