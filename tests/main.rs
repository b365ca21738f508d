//! All tests that run the program, in one binary: one link step.

mod architecture;
mod bad_input;
mod brief;
mod cli;
mod compare;
mod determinism;
mod discover;
mod documents;
mod finite;
mod first_day;
mod fits;
mod guesses;
mod hostile;
mod interruption;
mod mistakes;
mod newcomer;
mod precision;
mod replacing;
mod report;
mod schema;
mod scores;
mod shards;
mod submit;
mod support;
mod terminal;
mod weighing;
