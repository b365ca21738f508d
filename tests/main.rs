//! All integration tests in one binary: one link step.

mod bad_input;
mod case;
mod cli;
mod compare;
mod determinism;
mod discover;
mod distributions;
mod documents;
mod guesses;
mod hostile;
mod interruption;
mod invariants;
mod known_answers;
mod newcomer;
mod precision;
mod random;
mod reference;
mod report;
mod schema;
mod second_engine;
mod sensitivity;
mod shards;
mod submit;
mod support;
mod terminal;
mod weighing;
