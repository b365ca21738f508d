//! `histories.csv`: whole histories of the first rounds of a run.

use jiff::civil::Date;

use super::row::table;
use super::run::Results;
use crate::ensemble::timeline::{followed, recorded_days};

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

/// Rows of the histories that a run keeps: by round, then by day, then by quantity.
pub(super) fn rows(results: &Results<'_>) -> Vec<HistoryRow> {
    let scenario = results.scenario;
    let names = followed(scenario, results.plan);
    let days = recorded_days(&scenario.clock);
    let mut rows = Vec::new();
    for own in results.histories {
        let moments = days
            .iter()
            .flat_map(|day| names.iter().map(move |name| (day, name)));
        for ((day, quantity), value) in moments.zip(&own.values) {
            rows.push(HistoryRow {
                scenario: scenario.name.clone(),
                round: own.round,
                outcome: scenario.outcomes[own.outcome].id.clone(),
                day: *day as f64,
                date: results.date(*day),
                variable: quantity.name.clone(),
                value: *value,
            });
        }
    }
    rows
}
