//! What evidence changes: outcomes with and without it, and the guesses that it moves.

use std::fmt::Write;

use super::dots::{Dot, Frame, Lane, dots};
use super::{arrivals, both, estimate};
use crate::analysis::interval::Share;
use crate::report::context::Context;
use crate::report::folder::{ReportError, ResultFolder};
use crate::report::lanes::in_percent;
use crate::report::picture::{Data, Picture};
use crate::table::given::{GivenOutcomeRow, GivenPriorRow, GivenReportRow};
use crate::text::given;
use crate::text::number::{number, percent, probability, share};

/// The pictures of a run that was given evidence.
pub(in crate::report) fn given(
    folder: &ResultFolder,
    context: &Context,
) -> Result<Vec<Picture>, ReportError> {
    let mut out = vec![outcomes(folder, context)?];
    out.extend(arrivals::outcomes(folder, context)?);
    out.extend(priors(folder)?);
    Ok(out)
}

fn outcomes(folder: &ResultFolder, context: &Context) -> Result<Picture, ReportError> {
    let rows: Vec<GivenOutcomeRow> = folder.rows()?;
    let lane = |r: &GivenOutcomeRow| {
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
        let note = match (r.probability, r.ci_low, r.ci_high) {
            (Some(probability), Some(low), Some(high)) => share(Share {
                probability,
                low,
                high,
            }),
            (Some(p), ..) => percent(p),
            (None, ..) => "undefined".to_owned(),
        };
        Lane {
            label: r.name.clone(),
            dots: std::iter::once(before).chain(after).collect(),
            note,
        }
    };
    let lanes: Vec<Lane> = rows.iter().map(lane).collect();
    let sentence = |r: &GivenOutcomeRow| {
        let after = r.probability.map_or("undefined".to_owned(), |p| {
            estimate(p, r.ci_low.zip(r.ci_high))
        });
        format!(
            "{}: {} without the evidence, {after} given it",
            r.name,
            percent(r.unconditional)
        )
    };
    let sentences: Vec<String> = rows.iter().map(sentence).collect();
    let frame = Frame {
        range: None,
        zero: None,
        room: [84.0, 66.0],
        written: in_percent,
        keys: Some(("given the evidence", "without it")),
    };
    let evidence = folder.evidence.as_deref().unwrap_or("the evidence");
    let warnings = warnings(&rows, &folder.rows_if_any()?);
    let columns = [
        "scenario",
        "outcome",
        "name",
        "probability",
        "ci_low",
        "ci_high",
        "effective_rounds",
        "unconditional",
    ];
    Ok(Picture {
        name: "given_outcomes".to_owned(),
        title: "Outcomes, given the evidence".to_owned(),
        text: format!("{}.{warnings}", sentences.join("; ")),
        caption: format!(
            "Shares of rounds weighted by how well they fit the evidence ({evidence}), with 95 % intervals \
             for the effective number of rounds. {}{warnings}",
            given::RANGES
        ),
        drawings: both(|w| dots(w, &lanes, &frame)),
        data: Data::kept(&columns, &rows),
    })
}

/// What makes the numbers unreliable, in sentences.
fn warnings(rows: &[GivenOutcomeRow], reports: &[GivenReportRow]) -> String {
    let mut out = String::new();
    if rows.iter().all(|r| r.probability.is_none()) {
        let bounds = reports.iter().filter_map(|r| r.likelihood_at_most);
        let bound = bounds.reduce(f64::min).map_or(String::new(), |bound| {
            format!(
                ": the evidence has a probability below {} at 95 %",
                probability(bound)
            )
        });
        let _ = write!(
            out,
            " No round fits the evidence, so nothing can be said given it{bound}."
        );
        return out;
    }
    let least = rows.iter().filter_map(|r| r.effective_rounds);
    let least = least.reduce(f64::min).unwrap_or(0.0);
    // No table says how many islands have the weight.
    for text in given::warnings(least, None, reports) {
        let _ = write!(out, " Warning: {text}");
    }
    out
}

/// Most guesses that are drawn.
const MOST: usize = 12;

fn priors(folder: &ResultFolder) -> Result<Option<Picture>, ReportError> {
    let rows: Vec<GivenPriorRow> = folder.rows()?;
    let mut moved: Vec<(&GivenPriorRow, [f64; 3], f64)> = rows
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
    // Guesses have units of their own, so each lane is scaled to its range before.
    let lane = |(r, after, _): &(&GivenPriorRow, [f64; 3], f64)| {
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
        let before = [r.before_p05, r.before_p50, r.before_p95];
        Lane {
            label: folder.facts().called(&r.prior).to_owned(),
            dots: vec![dot(before, true), dot(*after, false)],
            note: format!("{} to {}", number(r.before_p50), number(after[1])),
        }
    };
    let lanes: Vec<Lane> = moved.iter().map(lane).collect();
    let sentence = |(r, after, _): &(&GivenPriorRow, [f64; 3], f64)| {
        let [low, mid, high] = after.map(number);
        let before = number(r.before_p50);
        format!(
            "{}: median from {before} to {mid}, now {low} to {high}",
            folder.facts().called(&r.prior)
        )
    };
    let sentences: Vec<String> = moved.iter().map(sentence).collect();
    let frame = Frame {
        range: Some((-0.25, 1.25)),
        zero: None,
        room: [104.0, 104.0],
        written: |_, _| String::new(),
        keys: Some(("given the evidence", "as guessed")),
    };
    let columns = [
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
    Ok(Some(Picture {
        name: "given_priors".to_owned(),
        title: "Guesses that the evidence moves".to_owned(),
        text: format!("{}.", sentences.join("; ")),
        caption: format!(
            "The {} guesses that the evidence moves most, of the {all} that it moves: medians, and the range \
             with nine tenths of the values. Each line has its own scale, from the 5th to the 95th \
             percentile of the original guess.",
            moved.len()
        ),
        drawings: both(|w| dots(w, &lanes, &frame)),
        data: Data::kept(&columns, &rows),
    }))
}
