//! kzsim works out what follows from an analyst's written assumptions about a struggle for power.
//!
//! A scenario says who matters (people, security bodies, clans, a foreign patron), how loyal each
//! is to each contender, what each may do, and how sure the analyst is of every number. kzsim
//! plays seeded Monte Carlo rounds of it in parallel and gives distributions of outcomes.
//!
//! What its numbers do not mean:
#![doc = include_str!("caveat.txt")]
//!
//! Data flows one way through the modules:
//!
//! ```text
//! math (portable functions) → scenario (read, extend, check) → plan (ids become indices, expressions programs) → engine
//! (rounds)
//!     → ensemble (many rounds, counts) → analysis (intervals, pairs, evidence) → table (rows and
//! columns) → result (folders, manifests, counts kept) → text (summaries) → report (pages and
//! pictures of result folders) ← cli
//! ```
//!
//! `docs/MODEL.md` is the authority on what the engine computes.
//!
//! ```
//! use std::path::Path;
//! use kzsim::{plan::Plan, scenario::Scenario};
//!
//! let (scenario, faults) = Scenario::read(Path::new("scenarios/minimal.toml"), &[]).unwrap();
//! assert!(faults.is_empty());
//! let plan = Plan::new(&scenario).unwrap();
//! assert_eq!(plan.steps as u64, scenario.clock.steps());
//! ```

pub mod analysis;
#[cfg(feature = "cli")]
pub mod cli;
pub mod engine;
pub mod ensemble;
pub mod math;
mod parallel;
pub mod plan;
#[cfg(feature = "report")]
pub mod report;
pub mod result;
pub mod scenario;
pub mod study;
pub mod table;
pub mod text;

/// What the numbers do not mean, as summaries, manifests and reports say it.
pub const CAVEAT: &str = include_str!("caveat.txt").trim_ascii_end();

// Tests of the inside name the crate as everybody else does.
#[cfg(test)]
extern crate self as kzsim;
#[cfg(test)]
#[path = "../tests/inside/mod.rs"]
mod inside;
