//! `histories.csv`: whole histories of the first rounds of a run.

use jiff::civil::Date;

use super::row::table;
use crate::ensemble::sample::WholeRound;
use crate::ensemble::timeline::{followed, recorded_days};
use crate::plan::Plan;
use crate::scenario::Scenario;

table! {
    /// A row of `histories.csv`: a round, a recorded day and a quantity.
    HistoryRow in "histories.csv" {
        ..scenario,
        round: u64 = "the round, as `kzsim trace --round` names it",
        outcome: String = "id of the outcome that it ends with",
        ..midnight,
        variable: String = "quantity, named as in expressions",
        value: f32 = "its value in this round; after the round has ended, its last",
    }
}

/// Rows of whole histories: by round, then by day, then by quantity. `date` is that of a day of the clock.
pub(super) fn rows(
    scenario: &Scenario,
    plan: &Plan,
    histories: &[WholeRound],
    date: impl Fn(u64) -> Date,
) -> Vec<HistoryRow> {
    let names = followed(scenario, plan);
    let days = recorded_days(&scenario.clock);
    let mut rows = Vec::new();
    for own in histories {
        let each = |day| names.iter().map(move |name| (day, name));
        let moments = days.iter().flat_map(|day| each(*day));
        for ((day, quantity), value) in moments.zip(&own.values) {
            rows.push(HistoryRow {
                scenario: scenario.name.clone(),
                round: own.round,
                outcome: scenario.outcomes[own.outcome].id.clone(),
                day: day as f64,
                date: date(day),
                variable: quantity.name.clone(),
                value: *value,
            });
        }
    }
    rows
}
