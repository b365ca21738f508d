//! The header of a state: what was counted. It is one line of JSON, readable by anybody.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::shard::Shard;
use crate::scenario::difference::differences;

/// How far `rounds.csv` goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowsExtent {
    /// Rows without the header.
    pub rows: u64,
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256 of these bytes.
    pub sha256: String,
}

/// What was counted, and how far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// The version of kzsim.
    pub version: String,
    /// Name of the scenario.
    pub scenario: String,
    /// SHA-256 of the resolved scenario as compact JSON.
    pub resolved_sha256: String,
    /// Seed.
    pub seed: u64,
    /// Rounds of the run, over all shards.
    pub rounds: u64,
    /// Which shard this is, if it is one.
    pub shard: Option<Shard>,
    /// The first round.
    pub first: u64,
    /// The round after the last one that is counted.
    pub next: u64,
    /// How far `rounds.csv` goes, if it is kept.
    pub rounds_csv: Option<RowsExtent>,
    /// The file in which the rows grow beside a checkpoint, where it is not the usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounds_part: Option<String>,
    /// Names of the quantities that are followed day by day on request.
    pub followed: Vec<String>,
    /// The half width that the run aims for, while it is not reached.
    pub precision: Option<f64>,
    /// Whether all rounds are played.
    pub finished: bool,
    /// Whether the ranges of shares across guesses and forms of the model are left out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_ranges: bool,
    /// How many of the first rounds are kept as whole histories.
    #[serde(default, skip_serializing_if = "is_none")]
    pub histories: u64,
}

/// Whether there are none: such numbers are left out.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_none(number: &u64) -> bool {
    *number == 0
}

/// The most differences that are listed by path; the rest are counted.
const LISTED: usize = 8;

impl Header {
    /// The rounds that are to be played here.
    #[must_use]
    pub fn range(&self) -> Range<u64> {
        match self.shard {
            Some(shard) => shard.rounds(self.rounds),
            None => 0..self.rounds,
        }
    }

    /// Whether the numbers are consistent.
    #[must_use]
    pub(super) fn is_sound(&self) -> bool {
        let range = match self.shard {
            Some(shard) if !shard.is_sound() => return false,
            _ => self.range(),
        };
        let kept = |part: &RowsExtent| part.rows == self.next - self.first;
        self.first == range.start
            && (range.start..=range.end).contains(&self.next)
            && (!self.finished || self.next == range.end)
            && self.rounds_csv.as_ref().is_none_or(kept)
    }

    /// Why counts with this header cannot be part of a run with the header `wanted`; empty if they
    /// can. `resolved` are the two scenarios, in the same order. Rounds are not compared.
    #[must_use]
    pub fn differences(&self, wanted: &Self, resolved: (&Value, &Value)) -> Vec<String> {
        let mut out = Vec::new();
        let mut differ =
            |what: &str, there: &dyn std::fmt::Display, here: &dyn std::fmt::Display| {
                out.push(format!("{what}: {there} instead of {here}"));
            };
        if self.version != wanted.version {
            differ("version of kzsim", &self.version, &wanted.version);
        }
        if self.scenario != wanted.scenario {
            differ("scenario", &self.scenario, &wanted.scenario);
        }
        if self.seed != wanted.seed {
            differ("seed", &self.seed, &wanted.seed);
        }
        let shard = |s: Option<Shard>| s.map_or("no shard".to_owned(), |s| s.to_string());
        if self.shard != wanted.shard {
            differ("shard", &shard(self.shard), &shard(wanted.shard));
        }
        let kept = |kept: bool| if kept { "kept" } else { "not kept" };
        let (there, here) = (self.rounds_csv.is_some(), wanted.rounds_csv.is_some());
        if there != here {
            differ("rows of rounds", &kept(there), &kept(here));
        }
        if self.followed != wanted.followed {
            let names = |h: &Self| {
                if h.followed.is_empty() {
                    "none".to_owned()
                } else {
                    h.followed.join(",")
                }
            };
            differ("followed quantities", &names(self), &names(wanted));
        }
        if self.resolved_sha256 != wanted.resolved_sha256 {
            out.extend(settings(resolved.0, resolved.1));
        }
        out
    }
}

/// The settings in which two resolved scenarios differ.
fn settings(there: &Value, here: &Value) -> Vec<String> {
    let found = differences(there, here);
    if found.is_empty() {
        // The hash depends on the order of entries too.
        return vec!["the scenario: its entries are in a different order".to_owned()];
    }
    let mut out: Vec<String> = found.iter().take(LISTED).map(ToString::to_string).collect();
    let more = found.len() - out.len();
    if more > 0 {
        out.push(format!("and {more} more settings of the scenario"));
    }
    out
}
