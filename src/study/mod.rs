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

pub use crate::analysis::fit::population::Method as FitMethod;
pub use crate::analysis::ranges::NoRanges;
pub use cases::{Cases, CasesResult};
pub use compare::{Compare, CompareResult, compare};
pub use control::{Control, Note, Reporter};
pub use coverage::Coverage;
pub use day0::{Day0, FORCED, MoveOnDay0, Unquiet};
pub use deciding::Deciding;
pub use discover::{Discover, DiscoverResult};
pub use error::{ErrorKind, Kept, StudyError};
pub use explore::{
    Ending, ExploreResult, Explored, Guess, Switch, Texts, endings, explore, setting,
};
#[cfg(feature = "cli")]
pub(crate) use fit::{DRAWS as FIT_DRAWS, ROUNDS as FIT_ROUNDS};
pub use fit::{Fit, FitResult, Folds, HeldOut, Wanted, fit};
pub use given::GivenBy;
pub use history::{BaseRate, base_rates, range};
pub use merge::{Merge, merge};
pub use open::{Prepared, Source, Study};
pub use play::{Output, Play};
pub use points::Design;
#[cfg(feature = "cli")]
pub(crate) use points::MOST_POINTS;
pub use pool::{Pool, PoolBy, PoolResult, pool};
pub use replicate::{Replication, SeedFile};
pub use run::{Run, RunResult};
pub use score::{Baseline, Score, ScoreResult, score};
#[cfg(feature = "cli")]
pub(crate) use seal::BROKEN;
pub use seal::{Seal, SealRequest, check_seal, seal};
pub use sensitivity::{Found, Method, Sensitivity, SensitivityResult};
pub use signposts::{Signposts, SignpostsResult};
pub use sweep::{Sweep, SweepResult};
pub use typical::{Road, Typical, TypicalEvent, TypicalResult};
pub use weigh::{Weigh, WeighResult, weigh};
