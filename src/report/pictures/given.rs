//! What evidence changes: outcomes with and without it, and the guesses that it moves.

use serde::Deserialize;

use super::dots::{Dot, Frame, Lane, dots};
use super::{float, words_number};
use crate::report::canvas::Width;
use crate::report::context::Context;
use crate::report::folder::{ReportError, ResultFolder};
use crate::report::lanes::in_percent;
use crate::report::picture::{Data, Home, Picture};
use crate::report::words::percent;

#[derive(Debug, Deserialize)]
#[expect(clippy::struct_field_names, reason = "columns of a file")]
struct Outcome {
    scenario: String,
    outcome: String,
    name: String,
    probability: Option<f64>,
    ci_low: Option<f64>,
    ci_high: Option<f64>,
    effective_rounds: Option<f64>,
    unconditional: f64,
}

const OUTCOMES: [&str; 8] = [
    "scenario",
    "outcome",
    "name",
    "probability",
    "ci_low",
    "ci_high",
    "effective_rounds",
    "unconditional",
];

#[derive(Debug, Deserialize)]
#[expect(clippy::struct_field_names, reason = "columns of a file")]
struct Prior {
    scenario: String,
    prior: String,
    says: Option<String>,
    p05: Option<f64>,
    p50: Option<f64>,
    p95: Option<f64>,
    before_p05: f64,
    before_p50: f64,
    before_p95: f64,
    upper_half: Option<f64>,
    moved: bool,
}

const PRIORS: [&str; 11] = [
    "scenario",
    "prior",
    "says",
    "p05",
    "p50",
    "p95",
    "before_p05",
    "before_p50",
    "before_p95",
    "upper_half",
    "moved",
];

fn cell(x: Option<f64>) -> String {
    x.map_or(String::new(), float)
}

/// The pictures of a run that was given evidence.
pub(in crate::report) fn given(
    folder: &ResultFolder,
    context: &Context,
) -> Result<Vec<Picture>, ReportError> {
    let mut out = vec![outcomes(folder, context)?];
    out.extend(priors(folder)?);
    Ok(out)
}

fn outcomes(folder: &ResultFolder, context: &Context) -> Result<Picture, ReportError> {
    let rows: Vec<Outcome> = folder.rows("given_outcomes.csv", &OUTCOMES)?;
    let lanes: Vec<Lane> = rows
        .iter()
        .map(|r| {
            let role = context.outcome(&r.outcome).0;
            let before = Dot {
                value: r.unconditional,
                interval: None,
                role,
                hollow: true,
            };
            let after = r.probability.map(|value| Dot {
                value,
                interval: r.ci_low.zip(r.ci_high),
                role,
                hollow: false,
            });
            Lane {
                label: r.name.clone(),
                dots: std::iter::once(before).chain(after).collect(),
                note: r
                    .probability
                    .map_or_else(|| "not defined".to_owned(), percent),
            }
        })
        .collect();
    let sentences: Vec<String> = rows
        .iter()
        .map(|r| {
            let after = match (r.probability, r.ci_low.zip(r.ci_high)) {
                (Some(p), interval) => super::bars::told("given it", p, interval),
                (None, _) => "not defined given it".to_owned(),
            };
            format!(
                "{}: {} without the evidence, {after}",
                r.name,
                percent(r.unconditional)
            )
        })
        .collect();
    let frame = Frame {
        range: None,
        zero: None,
        room: [84.0, 66.0],
        written: in_percent,
        keys: Some(("given the evidence", "without it")),
    };
    let evidence = folder
        .evidence
        .clone()
        .unwrap_or_else(|| "the evidence".to_owned());
    Ok(Picture {
        name: "given_outcomes".to_owned(),
        title: "Outcomes, given the evidence".to_owned(),
        text: format!("{}.", sentences.join("; ")),
        caption: format!(
            "Shares of rounds weighted by how well they fit: {evidence}. With intervals at 95 % for \
             the effective rounds."
        ),
        drawings: [Width::Wide, Width::Narrow].map(|w| dots(w, &lanes, &frame)),
        data: Data::new(
            Home::Kept("given_outcomes.csv"),
            &OUTCOMES,
            rows.iter()
                .map(|r| {
                    let mut row = vec![r.scenario.clone(), r.outcome.clone(), r.name.clone()];
                    row.extend([r.probability, r.ci_low, r.ci_high, r.effective_rounds].map(cell));
                    row.push(float(r.unconditional));
                    row
                })
                .collect(),
        ),
    })
}

/// Most guesses that are drawn.
const MOST: usize = 12;

fn priors(folder: &ResultFolder) -> Result<Option<Picture>, ReportError> {
    let rows: Vec<Prior> = folder.rows("given_priors.csv", &PRIORS)?;
    let mut moved: Vec<(&Prior, [f64; 3], f64)> = rows
        .iter()
        .filter(|r| r.moved)
        .filter_map(|r| Some((r, [r.p05?, r.p50?, r.p95?], (r.upper_half? - 0.5).abs())))
        .collect();
    moved.sort_by(|a, b| b.2.total_cmp(&a.2));
    let all = moved.len();
    moved.truncate(MOST);
    if moved.is_empty() {
        return Ok(None);
    }
    // Guesses have units of their own, so each lane is cut to what the guess allowed before.
    let lanes: Vec<Lane> = moved
        .iter()
        .map(|(r, after, _)| {
            let range = r.before_p95 - r.before_p05;
            let at = |x: f64| {
                if range > 0.0 {
                    (x - r.before_p05) / range
                } else {
                    0.5
                }
            };
            let dot = |[low, mid, high]: [f64; 3], hollow| Dot {
                value: at(mid),
                interval: Some((at(low), at(high))),
                role: if hollow { "aside" } else { "mark" },
                hollow,
            };
            let says = r.says.as_deref().unwrap_or(&r.prior);
            Lane {
                label: says.to_owned(),
                dots: vec![
                    dot([r.before_p05, r.before_p50, r.before_p95], true),
                    dot(*after, false),
                ],
                note: format!(
                    "{} to {}",
                    words_number(r.before_p50),
                    words_number(after[1])
                ),
            }
        })
        .collect();
    let sentences: Vec<String> = moved
        .iter()
        .map(|(r, [low, mid, high], _)| {
            let [low, mid, high] = [*low, *mid, *high].map(words_number);
            let before = words_number(r.before_p50);
            format!(
                "{}: median from {before} to {mid}, now {low} to {high}",
                r.prior
            )
        })
        .collect();
    let frame = Frame {
        range: Some((-0.25, 1.25)),
        zero: None,
        room: [104.0, 104.0],
        written: |_, _| String::new(),
        keys: Some(("given the evidence", "as guessed")),
    };
    Ok(Some(Picture {
        name: "given_priors".to_owned(),
        title: "Guesses that the evidence moves".to_owned(),
        text: format!("{}.", sentences.join("; ")),
        caption: format!(
            "The {} guesses that the evidence moves most, of {all} that it moves at all: medians, and \
             the range that holds nine in ten. Each line has a scale of its own, from the 5th to the \
             95th percentile of the guess as it was written.",
            moved.len()
        ),
        drawings: [Width::Wide, Width::Narrow].map(|w| dots(w, &lanes, &frame)),
        data: Data::new(
            Home::Kept("given_priors.csv"),
            &PRIORS,
            rows.iter()
                .map(|r| {
                    let says = r.says.clone().unwrap_or_default();
                    let mut row = vec![r.scenario.clone(), r.prior.clone(), says];
                    row.extend([r.p05, r.p50, r.p95].map(cell));
                    row.extend([r.before_p05, r.before_p50, r.before_p95].map(float));
                    row.extend([cell(r.upper_half), r.moved.to_string()]);
                    row
                })
                .collect(),
        ),
    }))
}
