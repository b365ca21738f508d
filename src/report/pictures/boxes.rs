//! Conditions under which an outcome is far more frequent.

use super::both;
use super::dots::{Dot, Frame, Lane, dots};
use crate::report::context::Context;
use crate::report::folder::{ReportError, ResultFolder};
use crate::report::lanes::in_percent;
use crate::report::picture::{Data, Home, Picture};
use crate::table::discovery::{BoxRow, LimitRow};
use crate::text::number::{exact, list, number, percent};

/// Columns of the data.
const COLUMNS: [&str; 15] = [
    "scenario",
    "kind",
    "target",
    "box",
    "rounds",
    "count",
    "probability",
    "ci_low",
    "ci_high",
    "elsewhere",
    "elsewhere_low",
    "elsewhere_high",
    "mass",
    "coverage",
    "confirmed",
];

fn conditions(
    found: &BoxRow,
    limits: &[LimitRow],
    called: impl Fn(&str) -> String,
    written: fn(f64) -> String,
) -> String {
    let own = limits
        .iter()
        .filter(|l| l.number == found.number && l.kind == found.kind && l.target == found.target);
    let parts: Vec<String> = own
        .map(|l| match (l.limit, &l.value) {
            (Some(x), _) => format!("{} {} {}", called(&l.input), l.side, written(x)),
            (None, Some(value)) => format!("{} is {value}", called(&l.input)),
            (None, None) => called(&l.input),
        })
        .collect();
    list(&parts)
}

/// The picture, if a box was found.
pub(in crate::report) fn boxes(
    folder: &ResultFolder,
    context: &Context,
) -> Result<Option<Picture>, ReportError> {
    let rows: Vec<BoxRow> = folder.rows()?;
    let limits: Vec<LimitRow> = folder.rows()?;
    if rows.is_empty() {
        return Ok(None);
    }
    let called = |path: &str| folder.facts().called(path).to_owned();
    let name = |f: &BoxRow| folder.facts().target(&f.kind, &f.target).to_owned();
    let lane = |f: &BoxRow| {
        let role = if f.kind == "outcome" {
            context.outcome(&f.target).0
        } else {
            "mark"
        };
        let dot = |value: Option<f64>, low: Option<f64>, high: Option<f64>, hollow| {
            value.map(|value| Dot {
                value,
                interval: low.zip(high),
                role,
                hollow,
            })
        };
        let outside = dot(f.elsewhere, f.elsewhere_low, f.elsewhere_high, true);
        let inside = dot(f.probability, f.ci_low, f.ci_high, false);
        Lane {
            label: format!("{}: {}", name(f), conditions(f, &limits, called, exact)),
            dots: outside.into_iter().chain(inside).collect(),
            note: f.probability.map_or(String::new(), percent),
        }
    };
    let lanes: Vec<Lane> = rows.iter().map(lane).collect();
    let sentence = |f: &BoxRow| {
        let of = |x: Option<f64>| x.map_or("undefined".to_owned(), percent);
        format!(
            "{} where {}: {} inside, {} elsewhere; the box holds {} of all rounds and {} of those \
             with the outcome{}",
            name(f),
            conditions(f, &limits, called, exact),
            of(f.probability),
            of(f.elsewhere),
            percent(f.mass),
            of(f.coverage),
            if f.confirmed { "" } else { "; not confirmed" }
        )
    };
    let sentences: Vec<String> = rows.iter().map(sentence).collect();
    let frame = Frame {
        range: None,
        zero: None,
        room: [80.0, 66.0],
        written: in_percent,
        keys: Some(("where the conditions hold", "elsewhere")),
    };
    let mut data = Data::of(Home::Written, &COLUMNS, &rows);
    data.header.push("conditions".to_owned());
    for (row, found) in data.rows.iter_mut().zip(&rows) {
        row.push(conditions(found, &limits, str::to_owned, number));
    }
    Ok(Some(Picture {
        name: "boxes".to_owned(),
        title: "Conditions under which outcomes are far more frequent".to_owned(),
        text: format!("{}.", sentences.join("; ")),
        caption: "Share of rounds inside each box of conditions, and elsewhere, in rounds that the search did \
                  not use, with 95 % intervals. Conditions say which guesses go together with an outcome \
                  under the scenario’s own assumptions; they say nothing about the world."
            .to_owned(),
        drawings: both(|w| dots(w, &lanes, &frame)),
        data,
    }))
}
