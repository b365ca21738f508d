//! What is computed from counts over rounds.

pub mod conditional;
pub mod coverage;
pub mod design;
pub mod discovery;
pub mod interval;
pub mod jackknife;
pub mod paired;
pub mod recovery;
pub mod sensitivity;
pub mod share;
mod stream;
pub mod tails;
pub mod weighing;
