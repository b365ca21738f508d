//! Result folders: files that appear completely or not at all, their manifest, and the exact counts of
//! a run, from which it can be resumed, extended or merged.
//!
//! The counts are integers that add up to those of the undivided run, whoever played which part. One
//! format serves as the checkpoint of a run in progress and as a file of every finished result.

mod checkpointer;
pub mod disk;
pub mod folder;
mod header;
pub mod journal;
pub mod lock;
pub mod manifest;
mod pairs;
#[cfg(feature = "parquet")]
pub mod parquet;
#[cfg(not(feature = "parquet"))]
#[path = "no_parquet.rs"]
mod parquet;
pub mod played_folders;
mod request;
pub mod rounds;
mod shard;
mod state;
pub mod write;

pub use checkpointer::{Checkpointer, Snapshot};
pub use header::{Header, RowsExtent};
pub use pairs::{MOST_PAIRS, PairCounts, WaitingRounds, pairs_of};
pub use request::{Request, RunRequest};
pub use shard::{Shard, ShardError};
pub use state::{State, StateError};

/// The state of a finished run: a file of its folder.
pub const STATE: &str = "state.kzsim";
/// The state of an unfinished run.
pub const CHECKPOINT: &str = "checkpoint.kzsim";
/// The rows of rounds.
pub use crate::table::rounds::FILE as ROUNDS;
/// The suffix of a file that grows beside a checkpoint.
const PART: &str = ".part";
/// The rows of rounds beside a checkpoint.
const ROUNDS_PART: &str = "rounds.csv.part";
/// The rows of rounds as Parquet.
const ROUNDS_PARQUET: &str = "rounds.parquet";
