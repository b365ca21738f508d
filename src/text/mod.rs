//! Results as text for people: summaries, explanations, the story of a round.

pub mod comparison;
pub mod coverage;
pub mod discovery;
pub mod explain;
mod given;
pub mod sensitivity;
pub mod summary;
pub mod trace;
mod values;
mod weighing;
