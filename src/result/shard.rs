//! A shard: one of several equal parts of a run.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The most shards of a run: more than any cluster accepts in one job array.
const MOST: u64 = 1_000_000;

/// One of several equal parts of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Which, from 0.
    pub index: u64,
    /// Of how many.
    pub count: u64,
}

/// Why a shard is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShardError {
    /// It is not written as a shard.
    #[error("invalid shard `{0}`: expected I/N with 0 ≤ I < N, for example 0/8")]
    Form(String),
    /// The index is not below the count.
    #[error("shard {index} of {count}: shards are numbered from 0, so the last one is {}/{count}", .count - 1)]
    Beyond {
        /// The index.
        index: u64,
        /// The count.
        count: u64,
    },
    /// The count is 0 or too large.
    #[error("{0} shards: expected 1 to {MOST}")]
    Count(u64),
}

impl Shard {
    /// Shard `index` of `count`.
    ///
    /// # Errors
    /// When the index is not below the count, or the count is out of range.
    pub fn new(index: u64, count: u64) -> Result<Self, ShardError> {
        if !(1..=MOST).contains(&count) {
            return Err(ShardError::Count(count));
        }
        if index >= count {
            return Err(ShardError::Beyond { index, count });
        }
        Ok(Self { index, count })
    }

    /// The rounds that it plays of a run of `all` rounds. Shards are consecutive blocks whose lengths
    /// differ by at most one round.
    #[must_use]
    pub fn rounds(self, all: u64) -> Range<u64> {
        let edge = |i: u64| (u128::from(i) * u128::from(all) / u128::from(self.count)) as u64;
        edge(self.index)..edge(self.index + 1)
    }

    /// The name of its folder; the names of all shards sort in order.
    #[must_use]
    pub fn folder(self) -> String {
        let width = (self.count - 1).to_string().len();
        format!("shard_{:0width$}_of_{}", self.index, self.count)
    }

    /// Whether the index and the count are valid.
    #[must_use]
    pub fn is_sound(self) -> bool {
        Self::new(self.index, self.count).is_ok()
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let wrong = || ShardError::Form(text.to_owned());
        let (index, count) = text.split_once('/').ok_or_else(wrong)?;
        let number = |x: &str| x.parse::<u64>().map_err(|_| wrong());
        Self::new(number(index)?, number(count)?)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}
