//! `rounds.csv`: one row per round. Its columns depend on the scenario.

use super::cell::{Cell, Column};
use crate::ensemble::RoundRecord;
use crate::scenario::Scenario;

/// Its name.
pub const FILE: &str = "rounds.csv";

/// Keys of a scenario whose numbers are durations.
const DURATIONS: [&str; 4] = ["delay", "hold", "signal_half_life", "mood_time"];

fn flag(id: &str, name: &str) -> Column {
    Column::new::<bool>(id, None, format!("whether the flag ever held: {name}"))
}

fn first(id: &str, name: &str) -> Column {
    let meaning = format!("day on which it first took effect, empty if never: {name}");
    Column::new::<f32>(format!("first.{id}"), Some("day"), meaning)
}

fn prior(path: &str, says: Option<&str>) -> Column {
    let key = path.rsplit('.').next().unwrap_or_default();
    let unit = DURATIONS.contains(&key).then_some("day");
    Column::new::<f32>(path, unit, says.unwrap_or("value drawn"))
}

/// The columns of every scenario.
fn fixed() -> Vec<Column> {
    vec![
        Column::new::<String>("scenario", None, "the scenario file's name without .toml"),
        Column::new::<u64>(
            "round",
            None,
            "index of the round, from 0; `kzsim trace --round` takes it",
        ),
        Column::new::<String>("outcome", None, "id of its outcome"),
        Column::new::<f64>("day", Some("day"), "day on which its outcome was noted"),
    ]
}

/// The columns for a scenario.
#[must_use]
pub fn columns(s: &Scenario) -> Vec<Column> {
    let mut out = fixed();
    out.extend(s.flags.iter().map(|f| flag(&f.id, &f.name)));
    out.extend(s.actions.iter().map(|a| first(&a.id, &a.name)));
    let priors = s.priors().into_iter();
    out.extend(priors.map(|p| prior(&p.path, p.remarks.says.as_deref())));
    out
}

/// The columns with placeholders for what depends on the scenario, for the documents.
#[cfg(test)]
pub(crate) fn pattern() -> Vec<Column> {
    let mut out = fixed();
    out.push(flag("FLAG", "its name"));
    out.push(first("ACTION", "its name"));
    out.push(prior(
        "PATH.OF.PRIOR",
        Some("what the prior `says`, or `value drawn`"),
    ));
    out
}

/// A row.
#[must_use]
pub fn row(s: &Scenario, record: &RoundRecord) -> Vec<String> {
    let mut row = vec![
        s.name.clone(),
        record.round.text(),
        s.outcomes[record.outcome].id.clone(),
        s.clock.day(u64::from(record.steps)).text(),
    ];
    row.extend((0..s.flags.len()).map(|i| record.flags[i].text()));
    row.extend(record.first.iter().map(Cell::text));
    row.extend(record.priors.iter().map(Cell::text));
    row
}
