//! Rounds played for tests.

use kzsim::ensemble::{Player, Records, RoundRecord, Tally, Waves, Workers};
use kzsim::plan::Plan;
use kzsim::scenario::Scenario;

use super::support::{load, write};

/// Plays with so many threads; 0 for one per core.
pub(crate) fn player(seed: u64, threads: usize) -> Player<'static> {
    let workers = Workers {
        threads,
        ..Workers::default()
    };
    Player {
        seed,
        workers,
        ..Player::default()
    }
}

/// Plays rounds with `W` lanes and keeps every record.
pub(crate) fn play_records<const W: usize>(
    (scenario, plan): &(Scenario, Plan),
    seed: u64,
    rounds: u64,
    threads: usize,
) -> (Tally, Vec<RoundRecord>) {
    let kept = Records {
        all: true,
        ..Records::default()
    };
    let player = player(seed, threads);
    let mut waves = Waves::<W>::new(scenario, plan, player, 0..rounds, kept).expect("threads");
    let mut records = Vec::new();
    while let Some(more) = waves.play().expect("a run that nothing interrupts") {
        records.extend(more);
    }
    (waves.tally(), records)
}

/// Plays rounds with the usual number of lanes.
pub(crate) fn play_tally(loaded: &(Scenario, Plan), seed: u64, rounds: u64) -> Tally {
    player(seed, 0)
        .tally_in::<64>(&loaded.0, &loaded.1, 0..rounds)
        .expect("a run that nothing interrupts")
}

/// Reads and compiles a scenario text that must be good.
pub(crate) fn parse(text: &str) -> (Scenario, Plan) {
    load(&write(text).path, &[])
}

/// Index of an action.
pub(crate) fn action(scenario: &Scenario, id: &str) -> usize {
    scenario
        .actions
        .iter()
        .position(|a| a.id == id)
        .expect("a declared action")
}
