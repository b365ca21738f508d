//! A scenario made in code: its text is written in memory, here with as many garrisons as asked, and
//! read from there. No file is touched; the same code runs without threads and on WebAssembly.
//!
//!     cargo run --example made_in_code

#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use std::fmt::Write as _;

use kzsim::{Faults, Plan, Player, Scenario};

/// A coup that more than half of all garrisons must join.
fn coup(garrisons: usize) -> Result<Scenario, Faults> {
    let mut text = String::from(
        r#"
schema = 1
title = "A coup"
rounds = 2_000
seed = 1

[contenders]
president = {}
general = {}

[clock]
start = 2030-05-01
days = 10
step = "6h"

[arenas]
guns = 1

[actors.president]
power.guns = 0.1

[actors.general]
power.guns = 0.1

[actions.strike]
by = "general"
rate = 0.5
limit = 1
effects = ["signal.general += 1"]

[outcomes.general_rules]
when = "support.general > 0.5"
hold = "1d"

[outcomes.president_stays]
otherwise = true
"#,
    );
    for k in 0..garrisons {
        let power = 0.8 / garrisons as f64;
        let loyal = "{ low = 0.2, mode = 0.5, high = 0.8 }";
        let _ = write!(
            text,
            "\n[actors.garrison_{k}]\npower.guns = {power}\n\
             loyalty.president = {loyal}\nloyalty.general = {loyal}\n"
        );
    }
    Scenario::parse("coup", &text)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for garrisons in [1, 3, 9] {
        let scenario = coup(garrisons)?;
        let plan =
            Plan::new(&scenario).map_err(|faults| Faults::new(scenario.sources.clone(), faults))?;
        let counts = Player::default().count(&plan, 0..2_000)?;
        let rules = counts.outcomes[0];
        println!(
            "{garrisons} garrisons: the general rules in {rules} of {} rounds",
            counts.rounds
        );
    }
    Ok(())
}
