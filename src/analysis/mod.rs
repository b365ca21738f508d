//! What counts mean: intervals.

pub mod interval;
pub mod paired;
