//! What other programs may call: `lib.rs` re-exports all of it.

pub use super::cases::{Cases, CasesResult};
pub use super::compare::{Compare, CompareResult, compare};
pub use super::control::{Control, Note, Reporter};
pub use super::discover::{Discover, DiscoverResult};
pub use super::error::StudyError;
pub use super::fit::{Fit, FitResult, Folds, HeldOut, Wanted, fit};
pub use super::merge::{Merge, merge};
pub use super::open::{Prepared, Source, Study};
pub use super::play::Output;
pub use super::points::Design;
pub use super::pool::{Pool, PoolBy, PoolResult, pool};
pub use super::run::{Run, RunResult};
pub use super::score::{Baseline, Score, ScoreResult, score};
pub use super::seal::{Seal, SealRequest, check_seal, seal};
pub use super::sensitivity::{Method, Sensitivity, SensitivityResult};
pub use super::signposts::{Signposts, SignpostsResult};
pub use super::sweep::{Sweep, SweepResult};
pub use super::typical::{Road, Typical, TypicalEvent, TypicalResult};
pub use super::weigh::{Weigh, WeighResult, weigh};
pub use crate::analysis::fit::population::Method as FitMethod;
pub use crate::ensemble::smc::GivenBy;
