//! What differs between two scenarios, and where histories part.

use serde::Deserialize;

use super::bars::{Bar, bars, told};
use super::dots::{Dot, Frame, Lane, dots};
use super::float;
use crate::report::canvas::Width;
use crate::report::context::Context;
use crate::report::folder::{ReportError, ResultFolder};
use crate::report::picture::{Data, Home, Picture};
use crate::report::words::{percent, points};

#[derive(Debug, Deserialize)]
struct Row {
    scenario_a: String,
    scenario_b: String,
    kind: String,
    id: String,
    name: String,
    probability_a: f64,
    probability_b: f64,
    difference: f64,
    ci_low: f64,
    ci_high: f64,
    distinguishable: bool,
}

const NEEDS: [&str; 11] = [
    "scenario_a",
    "scenario_b",
    "kind",
    "id",
    "name",
    "probability_a",
    "probability_b",
    "difference",
    "ci_low",
    "ci_high",
    "distinguishable",
];

fn cells(r: &Row) -> Vec<String> {
    let mut row = vec![r.scenario_a.clone(), r.scenario_b.clone(), r.kind.clone()];
    row.extend([r.id.clone(), r.name.clone()]);
    let numbers = [
        r.probability_a,
        r.probability_b,
        r.difference,
        r.ci_low,
        r.ci_high,
    ];
    row.extend(numbers.map(float));
    row.push(r.distinguishable.to_string());
    row
}

fn sentence(r: &Row) -> String {
    let told = if r.distinguishable {
        ""
    } else {
        ", which cannot be told from 0"
    };
    format!(
        "{}: {} under {}, {} under {}, difference {} points ({} to {}){told}",
        r.name,
        percent(r.probability_a),
        r.scenario_a,
        percent(r.probability_b),
        r.scenario_b,
        points(r.difference),
        points(r.ci_low),
        points(r.ci_high)
    )
}

/// Differences of outcomes and of flags, for each scenario that is compared with the first.
pub(in crate::report) fn differences(
    folder: &ResultFolder,
    context: &Context,
) -> Result<Vec<Picture>, ReportError> {
    let rows: Vec<Row> = folder.rows("differences.csv", &NEEDS)?;
    let several = folder.scenarios.len() > 2;
    let parts = rows.chunk_by(|a, b| a.scenario_b == b.scenario_b && a.kind == b.kind);
    let mut out = Vec::new();
    for part in parts {
        let (b, kind) = (&part[0].scenario_b, part[0].kind.as_str());
        let lanes: Vec<Lane> = part
            .iter()
            .map(|r| Lane {
                label: r.name.clone(),
                dots: vec![Dot {
                    value: r.difference,
                    interval: Some((r.ci_low, r.ci_high)),
                    role: if kind == "outcome" {
                        context.outcome(&r.id).0
                    } else {
                        "mark"
                    },
                    hollow: !r.distinguishable,
                }],
                note: points(r.difference),
            })
            .collect();
        let frame = Frame {
            range: None,
            zero: Some(0.0),
            room: [76.0, 62.0],
            written: |x, d| crate::report::words::signed(100.0 * x, d.saturating_sub(2)),
            keys: Some(("can be told from 0", "cannot be told from 0")),
        };
        let tail = if several {
            format!(": {b}")
        } else {
            String::new()
        };
        let name = if several {
            format!("differences_{kind}s_{b}")
        } else {
            format!("differences_{kind}s")
        };
        let what = if kind == "outcome" {
            "How outcomes differ"
        } else {
            "How flags differ"
        };
        let sentences: Vec<String> = part.iter().map(sentence).collect();
        out.push(Picture {
            name,
            title: format!("{what}{tail}"),
            text: format!("{}.", sentences.join("; ")),
            caption: format!(
                "Share under {b} less share under {}, in points of per cent, with paired intervals \
                 at 95 %: the same rounds were played under both.",
                part[0].scenario_a
            ),
            drawings: [Width::Wide, Width::Narrow].map(|w| dots(w, &lanes, &frame)),
            data: Data::new(Home::Written, &NEEDS, part.iter().map(cells).collect()),
        });
    }
    Ok(out)
}

#[derive(Debug, Deserialize)]
struct Parting {
    scenario_a: String,
    scenario_b: String,
    kind: String,
    id: String,
    name: String,
    count: u64,
    share: f64,
    day_p50: Option<f64>,
}

/// Most things at which histories part that are drawn.
const MOST: usize = 12;

/// Where histories first part.
pub(in crate::report) fn divergence(folder: &ResultFolder) -> Result<Vec<Picture>, ReportError> {
    let needs = [
        "scenario_a",
        "scenario_b",
        "kind",
        "id",
        "name",
        "count",
        "share",
        "day_p50",
    ];
    let rows: Vec<Parting> = folder.rows("divergence.csv", &needs)?;
    let several = folder.scenarios.len() > 2;
    let mut out = Vec::new();
    for part in rows.chunk_by(|a, b| a.scenario_b == b.scenario_b) {
        let b = &part[0].scenario_b;
        let label = |r: &Parting| match r.kind.as_str() {
            "never" => "Never: the same history".to_owned(),
            "actor" => format!("{} takes another side", r.name),
            "outcome" => format!("Ends otherwise: {}", r.name),
            _ => r.name.clone(),
        };
        let shown: Vec<&Parting> = part.iter().take(MOST).collect();
        let list: Vec<Bar> = shown
            .iter()
            .map(|r| Bar {
                label: label(r),
                value: r.share,
                interval: None,
                role: if r.kind == "never" { "aside" } else { "mark" },
                pattern: 0,
            })
            .collect();
        let sentences: Vec<String> = shown
            .iter()
            .map(|r| {
                let day = r
                    .day_p50
                    .map_or(String::new(), |d| format!(" (median day {d})"));
                format!("{}{day}", told(&label(r), r.share, None))
            })
            .collect();
        let tail = if several {
            format!(": {b}")
        } else {
            String::new()
        };
        out.push(Picture {
            name: if several {
                format!("divergence_{b}")
            } else {
                "divergence".to_owned()
            },
            title: format!("Where histories first part{tail}"),
            text: format!("Share of rounds. {}.", sentences.join("; ")),
            caption: format!(
                "What first differs between a round under {} and the same round under {b}: the {} \
                 commonest of {}.",
                part[0].scenario_a,
                shown.len(),
                part.len()
            ),
            drawings: [Width::Wide, Width::Narrow].map(|w| bars(w, &list, percent)),
            data: Data::new(
                if several {
                    Home::Written
                } else {
                    Home::Kept("divergence.csv")
                },
                &needs,
                part.iter()
                    .map(|r| {
                        let mut row = vec![r.scenario_a.clone(), r.scenario_b.clone()];
                        row.extend([r.kind.clone(), r.id.clone(), r.name.clone()]);
                        row.extend([r.count.to_string(), float(r.share)]);
                        row.push(r.day_p50.map_or(String::new(), float));
                        row
                    })
                    .collect(),
            ),
        });
    }
    Ok(out)
}
