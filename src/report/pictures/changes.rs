//! What another scenario changes: outcomes, flags, and where histories diverge.

use super::bars::{Bar, bars};
use super::dots::{Dot, Frame, Lane, dots};
use super::{Among, both};
use crate::analysis::interval::Share;
use crate::report::context::Context;
use crate::report::folder::{ReportError, ResultFolder};
use crate::report::lanes::in_percent;
use crate::report::picture::{Data, Home, Picture};
use crate::table::comparison::{DifferenceRow, DivergenceRow};
use crate::text::number::{count, decimal, percent, points, points_interval};

fn difference(r: &DifferenceRow) -> Share {
    Share {
        probability: r.difference,
        low: r.ci_low,
        high: r.ci_high,
    }
}

fn sentence(r: &DifferenceRow) -> String {
    let unclear = if r.distinguishable {
        ""
    } else {
        ", which is indistinguishable from 0"
    };
    format!(
        "{}: {} under {}, {} under {}, difference {} points ({}){unclear}",
        r.name,
        percent(r.probability_a),
        r.scenario_a,
        percent(r.probability_b),
        r.scenario_b,
        points(difference(r)),
        points_interval(difference(r))
    )
}

/// Differences of outcomes and of flags, for each scenario that is compared with the first.
pub(in crate::report) fn differences(
    folder: &ResultFolder,
    context: &Context,
) -> Result<Vec<Picture>, ReportError> {
    let columns = [
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
    let rows: Vec<DifferenceRow> = folder.rows()?;
    let parts = rows.chunk_by(|a, b| a.scenario_b == b.scenario_b && a.kind == b.kind);
    let picture = |part: &[DifferenceRow]| {
        let kind = part[0].kind.as_str();
        let among = Among {
            several: folder.scenarios.len() > 2,
            scenario: &part[0].scenario_b,
        };
        let lane = |r: &DifferenceRow| Lane {
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
            note: points(difference(r)),
        };
        let lanes: Vec<Lane> = part.iter().map(lane).collect();
        let frame = Frame {
            range: None,
            zero: Some(0.0),
            room: [76.0, 62.0],
            written: |x, d| decimal(100.0 * x, d.saturating_sub(2)),
            keys: Some(("distinguishable from 0", "indistinguishable from 0")),
        };
        let sentences: Vec<String> = part.iter().map(sentence).collect();
        Picture {
            name: among.name(&format!("differences_{kind}s")),
            title: among.title(&format!("How {kind}s differ")),
            text: format!("{}.", sentences.join("; ")),
            caption: format!(
                "Share under {} minus share under {}, in percentage points, with paired 95 % intervals: the \
                 same rounds were run under both.",
                part[0].scenario_b, part[0].scenario_a
            ),
            drawings: both(|w| dots(w, &lanes, &frame)),
            data: Data::of(Home::Written, &columns, part),
        }
    };
    Ok(parts.map(picture).collect())
}

/// Most points of divergence that are drawn.
const MOST: usize = 12;

/// Where histories first diverge.
pub(in crate::report) fn divergence(folder: &ResultFolder) -> Result<Vec<Picture>, ReportError> {
    let columns = [
        "scenario_a",
        "scenario_b",
        "kind",
        "id",
        "name",
        "count",
        "share",
        "day_p50",
    ];
    let rows: Vec<DivergenceRow> = folder.rows()?;
    let label = |r: &DivergenceRow| match r.kind.as_str() {
        "never" => "Never: the same history".to_owned(),
        "actor" => format!("{} takes another side", r.name),
        "outcome" => format!("The outcome alone: {}", r.name),
        _ => r.name.clone(),
    };
    let picture = |part: &[DivergenceRow]| {
        let among = Among {
            several: folder.scenarios.len() > 2,
            scenario: &part[0].scenario_b,
        };
        let shown = &part[..part.len().min(MOST)];
        let bar = |r: &DivergenceRow| {
            let role = if r.kind == "never" { "aside" } else { "mark" };
            Bar::share(label(r), r.share, None, (role, 0))
        };
        let list: Vec<Bar> = shown.iter().map(bar).collect();
        let sentence = |r: &DivergenceRow| {
            let day = r.day_p50.map_or(String::new(), |d| {
                format!(" (median day {})", decimal(d, 1))
            });
            format!("{} {}{day}", label(r), percent(r.share))
        };
        let sentences: Vec<String> = shown.iter().map(sentence).collect();
        Picture {
            name: among.name("divergence"),
            title: among.title("Where histories first diverge"),
            text: format!("Share of rounds. {}.", sentences.join("; ")),
            caption: format!(
                "The first difference between a round under {} and the same round under {}: the {} most \
                 frequent of {}.",
                part[0].scenario_a,
                part[0].scenario_b,
                shown.len(),
                count(part.len() as u64)
            ),
            drawings: both(|w| bars(w, &list, in_percent)),
            data: Data::of(among.home("divergence.csv"), &columns, part),
        }
    };
    let parts = rows.chunk_by(|a, b| a.scenario_b == b.scenario_b);
    Ok(parts.map(picture).collect())
}
