//! Which watched expressions held together, in how many rounds.
//!
//! One bit per expression makes a pattern. Counts of patterns are integers, and the likelihood of
//! any reports, whatever their reliabilities, is computed from them.

use std::collections::BTreeMap;
use std::ops::Range;

use super::PlayError;
use super::player::Player;
use crate::engine::{Batch, Observer};
use crate::plan::{Needs, Plan};

/// Blocks of rounds that are counted separately, for the errors of what is computed from the counts.
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

    /// Returns the counts of patterns with only some of their bits.
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

    /// Returns the number of rounds.
    #[must_use]
    pub fn rounds(&self) -> u64 {
        self.blocks.iter().flat_map(BTreeMap::values).sum()
    }

    /// Returns counts over all blocks, in order of patterns.
    #[must_use]
    pub fn total(&self) -> BTreeMap<u64, u64> {
        let mut out = BTreeMap::new();
        for (pattern, count) in self.blocks.iter().flatten() {
            *out.entry(*pattern).or_default() += count;
        }
        out
    }
}

/// Returns the pattern of the round in a lane: bit `i` is set if the plan's `i`-th watch held.
pub(super) fn pattern<const W: usize>(batch: &Batch<'_, W>, lane: usize) -> u64 {
    let bits = batch.seen.iter().enumerate();
    bits.fold(0, |p, (i, seen)| p | u64::from(seen.at(lane)) << i)
}

impl<const W: usize> Observer<W> for Patterns {
    fn reads(&self, _batch: &Batch<'_, W>, _decided: &[Option<usize>; W]) -> Needs {
        Needs::default()
    }

    fn ended(&mut self, batch: &Batch<'_, W>, lane: usize, _outcome: usize) {
        self.add(batch.rounds[lane], pattern(batch, lane));
    }
}

impl Player<'_> {
    /// Plays rounds of a plan with at most 64 watches, in batches of `W` lanes, and counts
    /// patterns.
    ///
    /// # Errors
    /// [`PlayError`] if it is stopped or cannot start threads.
    pub fn patterns<const W: usize>(
        &self,
        plan: &Plan,
        rounds: Range<u64>,
    ) -> Result<Patterns, PlayError> {
        let mut out = Patterns::default();
        let found = self.observe::<W, _>(plan, &rounds.into(), Patterns::default)?;
        for patterns in &found {
            out.merge(patterns);
        }
        Ok(out)
    }
}
