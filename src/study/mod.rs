//! Studies: what can be asked of scenarios, as calls that a program can make.
//!
//! A study reads and checks its scenario when it is opened. What it is asked has a struct of
//! options ([`Run`], [`Compare`], …) and returns a result that owns everything it is about. A
//! result is written to a folder at once if the options say so, or later with `write_to`.
//! [`Control`] stops a study and receives its progress.

mod cases;
mod checkpointed_run;
mod compare;
mod control;
mod coverage;
mod day0;
mod deciding;
mod designs;
mod discover;
mod error;
mod explore;
mod fit;
mod forecasts;
mod given;
mod history;
mod merge;
mod molds;
mod open;
mod play;
mod points;
mod pool;
pub mod public;
mod ranges;
mod replicate;
mod run;
mod score;
mod seal;
mod sensitivity;
mod signposts;
pub mod slurm;
mod sweep;
mod switches;
mod typical;
mod weigh;

pub use public::*;

pub use crate::analysis::ranges::NoRanges;
pub use coverage::Coverage;
pub use day0::{Day0, FORCED, MoveOnDay0, Unquiet};
pub use deciding::Deciding;
pub use error::{ErrorKind, Kept};
pub use explore::{
    Ending, ExploreResult, Explored, Guess, Switch, Texts, endings, explore, setting,
};
#[cfg(feature = "cli")]
pub(crate) use fit::{DRAWS as FIT_DRAWS, ROUNDS as FIT_ROUNDS};
pub use history::{BaseRate, base_rates, range};
pub use play::Play;
#[cfg(feature = "cli")]
pub(crate) use points::MOST_POINTS;
pub use replicate::{Replication, SeedFile};
#[cfg(feature = "cli")]
pub(crate) use seal::BROKEN;
pub use sensitivity::Found;
