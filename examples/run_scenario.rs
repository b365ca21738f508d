//! Runs a shipped scenario with one value changed, and prints how often each outcome came.
//!
//!     cargo run --example run_scenario

#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use kzsim::{Run, Study, StudyError};

fn main() -> Result<(), StudyError> {
    let result = Study::open("scenarios/minimal.toml")?
        .set("parameters.anger", 0.6)?
        .run(Run::new().seed(1).rounds(2_000))?;
    for row in result.outcomes() {
        println!("{}: {} of {} rounds", row.outcome, row.count, row.rounds);
    }
    Ok(())
}
