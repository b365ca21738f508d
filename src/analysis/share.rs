//! How much of an outcome's variance comes from the priors, which more knowledge could reduce, and
//! how much from chance.
//!
//! The two rounds of a pair share their priors but not their chance. For a yes-or-no quantity with share p,
//! two rounds of a pair differ with probability 2·p(1 − p)·(1 − s), where s is the part of its
//! variance that comes from the priors: the variance of the conditional probability over p(1 − p)
//! (law of total variance; s is the closed first-order Sobol index of all priors together).

use serde::{Deserialize, Serialize};

use super::interval::wilson;
use super::jackknife::{Estimate, jackknife};
use crate::ensemble::patterns::BLOCKS;

/// Counts of pairs, block by block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pairs {
    /// By block: pairs, rounds of both with a yes, pairs that differ.
    blocks: Vec<[u64; 3]>,
}

impl Default for Pairs {
    fn default() -> Self {
        Self {
            blocks: vec![[0; 3]; BLOCKS],
        }
    }
}

impl Pairs {
    /// Counts one pair.
    pub fn add(&mut self, label: u64, a: bool, b: bool) {
        let block = &mut self.blocks[(label % BLOCKS as u64) as usize];
        block[0] += 1;
        block[1] += u64::from(a) + u64::from(b);
        block[2] += u64::from(a != b);
    }

    /// Adds the counts of other pairs.
    pub fn merge(&mut self, other: &Self) {
        for (a, b) in self.blocks.iter_mut().zip(&other.blocks) {
            for (x, y) in a.iter_mut().zip(b) {
                *x += y;
            }
        }
    }

    /// Returns whether the counts have the number of blocks of this version.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.blocks.len() == BLOCKS
    }

    /// Returns the number of pairs.
    #[must_use]
    pub fn pairs(&self) -> u64 {
        self.blocks.iter().map(|b| b[0]).sum()
    }

    /// Returns the pairs of which both rounds said yes, one, and none.
    #[must_use]
    pub fn agreements(&self) -> [u64; 3] {
        let sum = |i: usize| self.blocks.iter().map(|b| b[i]).sum::<u64>();
        let (pairs, yes, differ) = (sum(0), sum(1), sum(2));
        let both = (yes - differ) / 2;
        [both, differ, pairs - differ - both]
    }

    /// The part of the variance that comes from the priors, with its interval; NaN where every
    /// round said the same. An estimate may lie a little below 0: it is not cut off, so that its
    /// interval means what it says.
    ///
    /// What rarely comes, or rarely stays away, comes in both rounds of few pairs. Blocks without any
    /// are all alike, and leaving them out says that the estimate is far surer than it is. So with
    /// fewer than `FEW` such pairs the interval also holds whatever the Wilson interval of their
    /// share allows, as the estimate follows from that share.
    #[must_use]
    pub fn part_of_priors(&self) -> Estimate {
        let of = |sum: [u64; 3]| {
            let n = sum[0] as f64;
            let p = sum[1] as f64 / (2.0 * n);
            1.0 - sum[2] as f64 / n / (2.0 * p * (1.0 - p))
        };
        let mut all = [0; 3];
        for block in &self.blocks {
            for (a, b) in all.iter_mut().zip(block) {
                *a += b;
            }
        }
        let without: Vec<f64> = self
            .blocks
            .iter()
            .filter(|b| b[0] > 0)
            .map(|b| of([all[0] - b[0], all[1] - b[1], all[2] - b[2]]))
            .collect();
        let found = jackknife(of(all), &without);
        let [pairs, yes, differ] = all;
        let both_yes = (yes - differ) / 2;
        let both = both_yes.min(pairs - differ - both_yes);
        if both >= FEW || !found.value.is_finite() {
            return found;
        }
        // Of the two answers the rarer one; its share in pairs of independent rounds is p².
        let share = yes as f64 / (2.0 * pairs as f64);
        let p = share.min(1.0 - share);
        let part = |both: f64| (both - p * p) / (p * (1.0 - p));
        let allowed = wilson(both, pairs);
        Estimate {
            value: found.value,
            // Of a number and none the number is taken.
            low: part(allowed.low).min(found.low),
            high: part(allowed.high).min(1.0).max(found.high),
        }
    }
}

/// Pairs with the rarer answer twice, below which blocks of pairs tell too little.
const FEW: u64 = 10;
