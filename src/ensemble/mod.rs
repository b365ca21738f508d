//! Many rounds in parallel, and what is counted over them.
//!
//! A [`Player`] plays rounds of a plan in batches of lanes, on any number of threads, under
//! [observers](crate::engine::Observer): it counts outcomes ([`Player::count`]), keeps records
//! ([`Player::records`]), weights rounds by evidence ([`Player::weigh`]), compares scenarios
//! ([`Player::compare`]), counts a run wave by wave ([`Waves`]), or shows rounds to an observer
//! of the caller's own ([`Player::observe`]).
//!
//! Rounds belong to batches by index, never to threads, and counts are integers: threads cannot
//! change a result.

pub mod by_outcome;
pub mod chronicle;
pub mod comparison;
mod counter;
pub mod counts;
pub mod histogram;
pub mod history;
mod horizons;
mod in_play;
pub mod patterns;
mod player;
mod pool;
mod record;
mod rounds;
pub mod row_counts;
pub mod sample;
pub mod smc;
pub mod tally;
pub mod timeline;
mod watch;
mod waves;

pub use player::Player;
pub use record::{Detail, Flags, Records, RoundRecord};
pub use rounds::{Design, Rounds, SetRounds, TableRounds};
pub use tally::Tally;
pub use watch::{Progress, Watch, Workers};
pub use waves::{Waves, is_look};

/// Lanes of a batch: the width that measured fastest.
pub const WIDTH: usize = 64;

/// Returns whether rounds are so few that lanes of their own, one after another, take less time than a batch
/// of [`WIDTH`] of which most are idle.
#[must_use]
pub fn is_few(rounds: u64) -> bool {
    rounds <= 4
}

/// Why rounds were not all played.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// Stopped from outside.
    #[error("interrupted")]
    Interrupted,
    /// The thread pool could not be built.
    #[error("cannot start threads: {0}")]
    Threads(#[source] Box<dyn std::error::Error + Send + Sync>),
}
