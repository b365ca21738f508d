//! Conditions under which an outcome comes far more often.

use serde::Deserialize;

use super::dots::{Dot, Frame, Lane, dots};
use super::{float, words_number};
use crate::report::canvas::Width;
use crate::report::context::Context;
use crate::report::folder::{ReportError, ResultFolder};
use crate::report::lanes::in_percent;
use crate::report::picture::{Data, Home, Picture};
use crate::report::words::{listed, percent};

#[derive(Debug, Deserialize)]
struct Found {
    scenario: String,
    kind: String,
    target: String,
    #[serde(rename = "box")]
    number: u32,
    rounds: u64,
    count: u64,
    probability: Option<f64>,
    ci_low: Option<f64>,
    ci_high: Option<f64>,
    elsewhere: Option<f64>,
    elsewhere_low: Option<f64>,
    elsewhere_high: Option<f64>,
    mass: f64,
    coverage: Option<f64>,
    confirmed: bool,
}

const BOXES: [&str; 15] = [
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

#[derive(Debug, Deserialize)]
#[expect(clippy::struct_field_names, reason = "columns of a file")]
struct Limit {
    kind: String,
    target: String,
    #[serde(rename = "box")]
    number: u32,
    input: String,
    side: String,
    limit: Option<f64>,
    value: Option<String>,
}

const LIMITS: [&str; 7] = ["kind", "target", "box", "input", "side", "limit", "value"];

fn conditions(found: &Found, limits: &[Limit]) -> String {
    let own = limits
        .iter()
        .filter(|l| l.number == found.number && l.kind == found.kind && l.target == found.target);
    let parts: Vec<String> = own
        .map(|l| match (l.limit, &l.value) {
            (Some(x), _) => format!("{} {} {}", l.input, l.side, words_number(x)),
            (None, Some(value)) => format!("{} is {value}", l.input),
            (None, None) => l.input.clone(),
        })
        .collect();
    listed(&parts)
}

/// The picture, if a box was found.
pub(in crate::report) fn boxes(
    folder: &ResultFolder,
    context: &Context,
) -> Result<Option<Picture>, ReportError> {
    let rows: Vec<Found> = folder.rows("boxes.csv", &BOXES)?;
    let limits: Vec<Limit> = folder.rows("limits.csv", &LIMITS)?;
    if rows.is_empty() {
        return Ok(None);
    }
    let facts = folder.facts();
    let name = |f: &Found| {
        facts
            .name(
                if f.kind == "flag" {
                    "flags"
                } else {
                    "outcomes"
                },
                &f.target,
            )
            .to_owned()
    };
    let lanes: Vec<Lane> = rows
        .iter()
        .map(|f| {
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
                label: format!("{}: {}", name(f), conditions(f, &limits)),
                dots: outside.into_iter().chain(inside).collect(),
                note: f.probability.map_or(String::new(), percent),
            }
        })
        .collect();
    let sentences: Vec<String> = rows
        .iter()
        .map(|f| {
            let of = |x: Option<f64>| x.map_or("not defined".to_owned(), percent);
            format!(
                "{} where {}: {} inside, {} elsewhere; the box holds {} of all rounds and {} of those \
                 with the outcome{}",
                name(f),
                conditions(f, &limits),
                of(f.probability),
                of(f.elsewhere),
                percent(f.mass),
                of(f.coverage),
                if f.confirmed { "" } else { "; not confirmed" }
            )
        })
        .collect();
    let frame = Frame {
        range: None,
        zero: None,
        room: [80.0, 66.0],
        written: in_percent,
        keys: Some(("where the conditions hold", "elsewhere")),
    };
    Ok(Some(Picture {
        name: "boxes".to_owned(),
        title: "Conditions under which it comes far more often".to_owned(),
        text: format!("{}.", sentences.join("; ")),
        caption: "Share of rounds inside each box of conditions, and elsewhere, from rounds that the \
                  search had not seen, with intervals at 95 %. Conditions say which guesses go together \
                  with an outcome under the scenario’s own assumptions, and nothing about the world."
            .to_owned(),
        drawings: [Width::Wide, Width::Narrow].map(|w| dots(w, &lanes, &frame)),
        data: Data::new(
            Home::Written,
            &[&BOXES[..], &["conditions"]].concat(),
            rows.iter()
                .map(|f| {
                    let cell = |x: Option<f64>| x.map_or(String::new(), float);
                    let mut row = vec![f.scenario.clone(), f.kind.clone(), f.target.clone()];
                    row.extend([f.number.to_string(), f.rounds.to_string(), f.count.to_string()]);
                    row.extend([f.probability, f.ci_low, f.ci_high].map(cell));
                    row.extend([f.elsewhere, f.elsewhere_low, f.elsewhere_high].map(cell));
                    row.extend([float(f.mass), cell(f.coverage), f.confirmed.to_string()]);
                    row.push(conditions(f, &limits));
                    row
                })
                .collect(),
        ),
    }))
}
