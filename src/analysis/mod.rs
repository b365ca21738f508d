//! What counts mean: intervals.

pub mod interval;
