//! The engine: rounds side by side, one file per stage of `docs/MODEL.md` section 3.
//!
//! Written once over a const-generic number of lanes: `run` plays many rounds in the lanes of a
//! [`Batch`], `trace` plays one with a single lane, and the same bits come out. No input or
//! output, no TOML, no names of people.

mod act;
mod chacha;
mod choose;
mod custom;
mod dispose;
pub mod draws;
mod drift;
mod due;
mod effects;
pub mod evaluate;
mod events;
mod facts;
mod gathering;
mod initialise;
pub mod isa;
pub mod lanes;
mod mobilise;
mod perceive;
mod rally;
mod remember;
mod schedule;
mod settle;
mod sites;
pub mod slots;
pub mod state;
mod step;
mod watch;

pub use initialise::Priors;
pub use isa::Isa;
pub use remember::RoundSnapshot;
pub use state::{Batch, Noted};
pub use step::{Observer, Stage};
