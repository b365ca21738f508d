//! Tables: one row type per CSV file, and what its columns mean.

pub mod cell;
pub mod columns;
pub mod comparison;
pub mod coverage;
pub mod discovery;
pub mod given;
pub mod run;
pub mod sensitivity;
pub mod sweep;
pub mod variance;
pub mod weighing;
