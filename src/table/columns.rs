//! The columns of every CSV file: what the manifest and `docs/OUTPUTS.md` say of them.

use super::cell::{Column, column};
use crate::scenario::Scenario;

fn interval(of: &str) -> [Column; 3] {
    [
        column(
            "probability",
            "float64",
            "1",
            format!("share of rounds {of}"),
        ),
        column(
            "ci_low",
            "float64",
            "1",
            "lower end of its Wilson interval at 95 %",
        ),
        column(
            "ci_high",
            "float64",
            "1",
            "upper end of its Wilson interval at 95 %",
        ),
    ]
}

fn days(of: &str) -> [Column; 3] {
    ["05", "50", "95"].map(|p| {
        let meaning = format!("{p}th percentile of {of}; empty when the count is 0");
        column(format!("day_p{p}"), "float64", "day", meaning)
    })
}

/// Days of a file that goes day by day.
fn calendar() -> [Column; 2] {
    [
        column(
            "day",
            "float64",
            "day",
            "days since the start; day 0 is the start itself",
        ),
        column(
            "date",
            "string",
            "",
            "the date at that moment, midnight (ISO 8601)",
        ),
    ]
}

/// `id`, count of rounds and interval, as in the files of outcomes, flags and actions.
fn counted(id: &str, more: Option<Column>, of: &str) -> Vec<Column> {
    let mut out = vec![column(id, "string", "", "id")];
    out.extend(more);
    out.push(column("rounds", "int64", "round", "rounds played"));
    out.push(column("count", "int64", "round", format!("rounds {of}")));
    out.extend(interval(of));
    out
}

/// The columns of a file.
#[must_use]
pub fn columns(file: &str, s: &Scenario) -> Vec<Column> {
    let mut out = vec![column(
        "scenario",
        "string",
        "",
        "the scenario file's name without .toml",
    )];
    match file {
        "outcomes.csv" => {
            let name = column("name", "string", "", "display name");
            out.extend(counted("outcome", Some(name), "that ended so"));
            out.extend(days("the day on which they ended"));
        }
        "flags.csv" => out.extend(counted("flag", None, "in which it ever held")),
        "actions.csv" => {
            let by = column(
                "by",
                "string",
                "",
                "actor who decides it; empty if it happens",
            );
            out.extend(counted("action", Some(by), "in which it took effect"));
            out.extend(days("the day of its first taking effect"));
        }
        "timeline.csv" => {
            out.extend(calendar());
            out.push(column(
                "variable",
                "string",
                "",
                "quantity, as expressions name it",
            ));
            out.push(column("mean", "float64", "1", "mean over followed rounds"));
            out.extend(["05", "25", "50", "75", "95"].map(|p| {
                let meaning = format!("{p}th percentile, rounded towards 0 by under 1/32 of it");
                column(format!("p{p}"), "float64", "1", meaning)
            }));
        }
        "outcome_by_day.csv" => {
            out.extend(calendar());
            out.push(column("outcome", "string", "", "id"));
            let meaning = "share of rounds that have ended so by then";
            out.push(column("probability", "float64", "1", meaning));
        }
        "action_by_day.csv" => {
            out.extend(calendar());
            out.push(column("action", "string", "", "id"));
            let meaning = "share of rounds in which it has taken effect by then";
            out.push(column("probability", "float64", "1", meaning));
        }
        "actors.csv" => {
            let empty = "empty for aside and for a contender's own";
            let mean = |when: &str| format!("mean loyalty at the {when}; {empty}");
            out.push(column("actor", "string", "", "id"));
            out.push(column("name", "string", "", "display name"));
            out.push(column("contender", "string", "", "contender, or aside"));
            out.push(column("loyalty_start", "float64", "1", mean("start")));
            out.push(column(
                "loyalty_end",
                "float64",
                "1",
                mean("end of the round"),
            ));
            let mean =
                |when: &str| format!("mean share of the actor that stands there at the {when}");
            out.push(column("stance_start", "float64", "1", mean("start")));
            out.push(column(
                "stance_end",
                "float64",
                "1",
                mean("end of the round"),
            ));
        }
        _ => out.extend(rounds(s)),
    }
    out
}

/// The columns of `rounds.csv` after the first: they depend on the scenario.
fn rounds(s: &Scenario) -> Vec<Column> {
    let mut out = vec![
        column("round", "int64", "", "number of the round, from 0"),
        column("outcome", "string", "", "id of its outcome"),
        column("day", "float64", "day", "day on which it ended"),
    ];
    for f in &s.flags {
        out.push(column(
            f.id.clone(),
            "bool",
            "",
            format!("flag: {}", f.name),
        ));
    }
    for a in &s.actions {
        let meaning = format!("first day of: {}; empty if never", a.name);
        out.push(column(format!("first.{}", a.id), "float64", "day", meaning));
    }
    for p in s.priors() {
        let says = p
            .remarks
            .says
            .clone()
            .unwrap_or_else(|| "value drawn".to_owned());
        let duration = ["delay", "hold", "signal_half_life", "mood_time"];
        let last = p.path.rsplit('.').next().unwrap_or_default();
        let unit = if duration.contains(&last) { "day" } else { "1" };
        out.push(column(p.path.clone(), "float64", unit, says));
    }
    out
}
