//! All tests that run the program, in one binary: one link step.

// They compare within a tolerance.
#![allow(clippy::disallowed_methods)]

mod architecture;
mod bad_input;
mod brief;
mod cli;
mod compare;
mod determinism;
mod discover;
mod documents;
mod evidence;
mod explore;
mod finite;
mod first_day;
mod fits;
mod guesses;
mod hostile;
mod interruption;
mod mistakes;
mod newcomer;
mod precision;
mod ranges;
mod replacing;
mod report;
mod schema;
mod scores;
mod shards;
mod signposts;
mod submit;
mod support;
mod terminal;
mod weighing;
