//! What a run has counted, as a file: whole numbers that go on from where they stopped, and that
//! add up to the single run whoever played which part.
//!
//! The same document is the checkpoint of a run on its way and a file of every finished result.

mod document;
mod header;
mod keeper;
mod notes;
mod plain;
mod shard;

pub use document::{State, StateError};
pub use header::{Header, Part};
pub use keeper::{Keeper, Moment};
pub use notes::{MOST_PAIRS, Notes, Paired, pairs_of};
pub use plain::{open_plain, read_plain};
pub use shard::{Shard, ShardError};

/// The state of a finished result: a file of its folder.
pub const STATE: &str = "state.kzsim";
/// The state of a run on its way.
pub const CHECKPOINT: &str = "checkpoint.kzsim";
