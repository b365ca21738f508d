//! A paired what-if: the same rounds with and without a change, compared round by round. What differs
//! in a round comes from the change alone, so small effects show in few rounds.
//!
//!     cargo run --example what_if

#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use kzsim::{Compare, Study, StudyError, compare};

fn main() -> Result<(), StudyError> {
    let base = Study::open("scenarios/minimal.toml")?;
    let calmer = Study::open("scenarios/minimal.toml")?
        .named("calmer")?
        .set("parameters.anger", 0.2)?;
    let result = compare(vec![base, calmer], &Compare::new().seed(1).rounds(2_000))?;
    let side = &result.compared()[0];
    for row in side.differences() {
        println!(
            "{} {}: {:.3} instead of {:.3}, difference {:+.3} ({:+.3} to {:+.3})",
            row.kind,
            row.id,
            row.probability_b,
            row.probability_a,
            row.difference,
            row.ci_low,
            row.ci_high
        );
    }
    Ok(())
}
