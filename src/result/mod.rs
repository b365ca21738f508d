//! Result folders: files that appear completely or not at all, their manifest, and the exact counts
//! of a run, from which it is resumed or merged.
//!
//! The counts are integers that add up to those of a single run, whoever ran which part. The same
//! document is the checkpoint of a run in progress and a file of every finished result.

mod checkpointer;
pub mod folder;
mod header;
pub mod journal;
pub mod lock;
pub mod manifest;
mod notes;
#[cfg(feature = "parquet")]
pub mod parquet;
#[cfg(not(feature = "parquet"))]
#[path = "no_parquet.rs"]
mod parquet;
mod plain_file;
pub mod played_folders;
pub mod rounds;
mod shard;
mod state;
pub mod write;

pub use checkpointer::{Keeper, Moment};
pub use header::{Header, Part};
pub use notes::{MOST_PAIRS, Notes, Paired, pairs_of};
pub use plain_file::{open_plain, read_plain};
pub use shard::{Shard, ShardError};
pub use state::{State, StateError};

/// The state of a finished result: a file of its folder.
pub const STATE: &str = "state.kzsim";
/// The state of a run on its way.
pub const CHECKPOINT: &str = "checkpoint.kzsim";
