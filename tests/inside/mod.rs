//! Tests that need the inside of the crate. `src/lib.rs` compiles this folder into the library's
//! own test harness; tests that run the program are in `tests/main.rs`.

mod attempts;
mod by_outcome;
mod case;
mod cases;
pub(crate) mod columns;
mod compared;
mod dates;
mod determinism;
mod distributions;
mod explained;
mod explore;
mod finite;
mod fit;
mod hard;
mod horizons;
mod invariants;
mod known_answers;
mod meetings;
mod notes;
mod offices;
mod overrides;
mod patterns;
mod played;
mod points;
mod precise;
mod publishing;
mod quiet;
mod races;
mod rallies;
mod random;
mod reference;
mod rest;
mod scores;
mod second_engine;
mod sensitivity;
mod sets;
mod sizes;
mod spreads;
#[path = "../support.rs"]
#[expect(dead_code, reason = "tests of the program use the rest")]
mod support;
mod templates;
mod traced;
mod weighed;

use kzsim::scenario::Scenario;

/// Index of an outcome.
pub(crate) fn outcome(scenario: &Scenario, id: &str) -> usize {
    scenario
        .outcomes
        .iter()
        .position(|o| o.id == id)
        .expect("a declared outcome")
}

/// Index of a flag.
pub(crate) fn flag(scenario: &Scenario, id: &str) -> usize {
    scenario
        .flags
        .iter()
        .position(|f| f.id == id)
        .expect("a declared flag")
}
