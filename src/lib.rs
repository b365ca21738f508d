//! kzsim works out what follows from an analyst's written assumptions about a struggle for power.
//!
//! A scenario says who matters (people, security bodies, clans, a foreign patron), how loyal each
//! is to each contender, what each may do, and how sure the analyst is of every number. kzsim
//! plays seeded Monte Carlo rounds of it in parallel and returns distributions of outcomes.
//!
//! What its numbers do not mean:
#![doc = include_str!("caveat.txt")]
//!
//! # Studies
//!
//! A [`Study`] is a scenario, read, checked and compiled, of which things can be asked:
//!
//! ```
//! use kzsim::{Run, Study};
//!
//! # fn main() -> Result<(), kzsim::StudyError> {
//! let result = Study::open("scenarios/minimal.toml")?
//!     .set("parameters.anger", 0.6)?
//!     .run(Run::new().seed(1).rounds(200))?;
//! for row in result.outcomes() {
//!     println!("{}: {} of {} rounds", row.outcome, row.count, row.rounds);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! [`compare`] plays the same rounds under several scenarios, [`weigh`] holds readings of a case
//! against evidence, [`Study::sensitivity`] tells which guesses matter, [`Study::sweep`] varies
//! values over grids and [`Study::discover`] finds the conditions of an outcome. Results can be
//! written to folders, which reports, the Python package and `kzsim merge` read.
//!
//! # Rounds
//!
//! Below studies, a [`Scenario`] is read from files or from a [text in memory](Scenario::parse),
//! compiled into a [`Plan`], and played by a [`Player`], which shows every step of every round to
//! an [`Observer`]. The same seed gives the same rounds, bit by bit, on any number of threads and
//! any machine. `examples/` has a program for each of these.
//!
//! # Features
//!
//! `cli` (the program), `report` (pages and pictures), `parquet` and `threads` are on by default.
//! Without them the library reads no arguments, draws nothing and runs on one thread, WebAssembly
//! included.
//!
//! `docs/MODEL.md` is the authority on what is computed; `ARCHITECTURE.md` shows how the library
//! is built.

// Without the program much is unused; names that only benches and tests see are re-exported too.
#![cfg_attr(not(feature = "cli"), allow(dead_code))]
#![cfg_attr(not(feature = "internals"), allow(unused_imports))]
// Tests compare within a tolerance; what the library computes is the same on every machine.
#![cfg_attr(test, allow(clippy::disallowed_methods))]

mod analysis;
#[cfg(feature = "cli")]
mod cli;
mod engine;
mod ensemble;
mod files;
mod internal;
#[cfg(feature = "cli")]
mod language;
mod math;
mod parallel;
mod plan;
#[cfg(feature = "report")]
mod report;
mod result;
mod scenario;
mod study;
mod table;
mod text;

pub use analysis::design::Axis;
pub use engine::isa::NoSuchIsa;
pub use engine::{Batch, Isa, Observer};
pub use ensemble::{
    Detail, PlayError, Player, Progress, RoundRecord, Rounds, WIDTH, Watch, Workers,
};
pub use plan::{Needs, Plan};
#[cfg(feature = "report")]
pub use report::{Report, ResultFolder};
pub use scenario::evidence::EvidenceError;
pub use scenario::fault::Faults;
pub use scenario::{Evidence, Scenario, Unreadable};
pub use study::public::*;

/// Runs the program: what `main` of `kzsim` calls.
#[cfg(feature = "cli")]
#[doc(hidden)]
pub use cli::main;

/// What the numbers do not mean, as summaries, manifests and reports say it.
pub const CAVEAT: &str = include_str!("caveat.txt").trim_ascii_end();

/// The modules, for benches, fuzz targets and tests; they promise nothing to others.
#[cfg(any(feature = "internals", test))]
#[doc(hidden)]
pub mod internals {
    macro_rules! open {
        ($($(#[$when:meta])* $module:ident),* $(,)?) => {$(
            $(#[$when])*
            pub mod $module {
                pub use crate::$module::*;
            }
        )*};
    }
    open!(
        analysis,
        engine,
        ensemble,
        math,
        plan,
        #[cfg(feature = "report")]
        report,
        result,
        scenario,
        study,
        table,
        text,
    );
}

// Tests of the inside name the crate as everybody else does.
#[cfg(test)]
extern crate self as kzsim;
#[cfg(test)]
#[path = "../tests/inside/mod.rs"]
mod inside;
