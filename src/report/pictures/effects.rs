//! What every other scenario changes: a row for each, a column for each outcome, in one picture.

use super::both;
use super::dots::{Dot, ends, mark};
use crate::analysis::interval::Share;
use crate::report::canvas::{BOLD, Canvas, Drawing, Fix, SIZE, Width};
use crate::report::context::Context;
use crate::report::folder::{ReportError, ResultFolder};
use crate::report::lanes::{axis, whisker};
use crate::report::picture::{Data, Home, Picture};
use crate::report::scale::Scale;
use crate::report::wrap::wrapped;
use crate::table::comparison::{DifferenceRow, TransitionRow};
use crate::text::number::{decimal, percent, points, points_interval};

/// Columns of the data.
const COLUMNS: [&str; 10] = [
    "scenario_a",
    "scenario_b",
    "id",
    "name",
    "probability_a",
    "probability_b",
    "difference",
    "ci_low",
    "ci_high",
    "distinguishable",
];

/// Outcomes side by side; further ones follow below.
const ABREAST: usize = 3;
/// The height of a line of a label.
const LINE: f64 = SIZE + 2.0;
/// Most lines of a label, and of the name of an outcome.
const MOST_LINES: usize = 4;

/// A scenario that is compared with the first.
struct Line {
    label: String,
    /// Share of rounds that end with another outcome.
    changed: f64,
    /// A difference for each outcome; none if neither scenario declares it.
    differences: Vec<Option<DifferenceRow>>,
}

/// An outcome: its id, its name with its share under the first scenario, and its colour.
struct Head {
    id: String,
    name: String,
    share: String,
    role: &'static str,
}

fn difference(r: &DifferenceRow) -> Share {
    Share {
        probability: r.difference,
        low: r.ci_low,
        high: r.ci_high,
    }
}

/// Titles where they tell scenarios apart, without a beginning that all share; else names.
fn labels(folder: &ResultFolder) -> Vec<String> {
    let others = &folder.scenarios[1..];
    let titles: Vec<&str> = others.iter().map(|f| f.scenario.title.as_str()).collect();
    let first = folder.facts().scenario.title.as_str();
    let alike = |t: &str| t == first || titles.iter().filter(|o| **o == t).count() > 1;
    if titles.iter().any(|t| alike(t)) {
        return others.iter().map(|f| f.scenario.name.clone()).collect();
    }
    let beginning = titles[0].split_once(": ").map(|(b, _)| format!("{b}: "));
    let common = beginning.filter(|b| titles.iter().all(|t| t.starts_with(b)));
    let cut = common.map_or(0, |b| b.len());
    titles.iter().map(|t| t[cut..].to_owned()).collect()
}

fn draw(width: Width, heads: &[Head], lines: &[Line]) -> Drawing {
    let mut c = Canvas::new(width);
    let (label, changed, abreast) = if c.wide {
        (196.0, 64.0, ABREAST)
    } else {
        (128.0, 0.0, 1)
    };
    let blocks = heads.len().div_ceil(abreast);
    let per = heads.len().div_ceil(blocks.max(1)).max(1);
    let left = label + changed + 14.0;
    let cell = (c.width - left) / per as f64;
    let texts: Vec<Vec<String>> = lines
        .iter()
        .map(|l| wrapped(&l.label, label / SIZE, MOST_LINES))
        .collect();
    let mut top = 4.0;
    for (block, own) in heads.chunks(per).enumerate() {
        let names: Vec<Vec<String>> = own
            .iter()
            .map(|h| wrapped(&h.name, (cell - 14.0) / (SIZE * BOLD), MOST_LINES))
            .collect();
        let most = names.iter().map(Vec::len).max().unwrap_or(1) as f64;
        for (i, (head, name)) in own.iter().zip(&names).enumerate() {
            let x = left + cell * i as f64;
            let tall = name.len() as f64 * LINE;
            c.bar((x, top), (4.0, most * LINE + 16.0), head.role, 0);
            c.lines(x + 9.0, top + tall / 2.0, "bold f-ink", Fix::Start, name);
            let y = top + most * LINE + 12.0;
            c.text(x + 9.0, y, "small f-soft", Fix::Start, &head.share);
        }
        if c.wide && block == 0 {
            let words = wrapped("rounds that end differently", changed / (SIZE * 0.89), 3);
            let y = top + most * LINE / 2.0 + 4.0;
            c.lines(label + changed, y, "small f-soft", Fix::End, &words);
        }
        top = rows(
            &mut c,
            (top + most * LINE + 22.0, left, cell),
            (label, changed),
            own,
            block * per,
            lines,
            &texts,
        );
    }
    c.finish(top)
}

/// The rows of a block of outcomes; returns the place below it.
fn rows(
    c: &mut Canvas,
    (top, left, cell): (f64, f64, f64),
    (label, changed): (f64, f64),
    heads: &[Head],
    first: usize,
    lines: &[Line],
    texts: &[Vec<String>],
) -> f64 {
    let heights: Vec<f64> = texts
        .iter()
        .map(|t| (t.len() as f64 * LINE).max(18.0) + 6.0)
        .collect();
    let bottom = top + heights.iter().sum::<f64>();
    let note = 54.0;
    let scales: Vec<Scale> = (0..heads.len())
        .map(|i| {
            let own = lines
                .iter()
                .filter_map(|l| l.differences[first + i].as_ref());
            let range = ends(own.flat_map(|d| [d.ci_low, d.ci_high]));
            let x = left + cell * i as f64;
            Scale::new(range, (x + 8.0, x + cell - note - 8.0))
        })
        .collect();
    for scale in &scales {
        let ticks = scale.ticks(2);
        axis(c, *scale, &ticks, (top, bottom), |x, d| {
            decimal(100.0 * x, d.saturating_sub(2))
        });
        let zero = scale.at(0.0);
        c.line((zero, top), (zero, bottom), "edge s-axis");
    }
    let mut y = top;
    for ((line, text), height) in lines.iter().zip(texts).zip(&heights) {
        c.line((0.0, y), (c.width, y), "thin s-grid");
        let middle = y + height / 2.0;
        c.lines(2.0, middle, "f-ink", Fix::Start, text);
        if c.wide && first == 0 {
            let text = percent(line.changed);
            c.text(label + changed, middle + 4.5, "f-ink", Fix::End, &text);
        }
        for (i, (head, scale)) in heads.iter().zip(&scales).enumerate() {
            let Some(d) = &line.differences[first + i] else {
                continue;
            };
            whisker(c, *scale, middle, (d.ci_low, d.ci_high), head.role);
            let dot = Dot {
                value: d.difference,
                interval: None,
                role: head.role,
                hollow: !d.distinguishable,
            };
            mark(c, (scale.at(d.difference), middle), &dot);
            let class = if d.distinguishable {
                "f-ink"
            } else {
                "small f-soft"
            };
            let x = left + cell * (i + 1) as f64 - 4.0;
            c.text(x, middle + 4.5, class, Fix::End, &points(difference(d)));
        }
        y += height;
    }
    bottom + 34.0
}

/// The picture, of a comparison of the first scenario with several.
pub(in crate::report) fn effects(
    folder: &ResultFolder,
    context: &Context,
) -> Result<Option<Picture>, ReportError> {
    if folder.scenarios.len() < 3 {
        return Ok(None);
    }
    let mut rows: Vec<DifferenceRow> = folder.rows()?;
    rows.retain(|r| r.kind == "outcome");
    let transitions: Vec<TransitionRow> = folder.rows()?;
    let first = &folder.facts().scenario.name;
    let mut heads: Vec<(Head, f64)> = Vec::new();
    for r in &rows {
        if !heads.iter().any(|(h, _)| h.id == r.id) {
            let head = Head {
                id: r.id.clone(),
                name: r.name.clone(),
                share: format!("{} under {first}", percent(r.probability_a)),
                role: context.outcome(&r.id).0,
            };
            heads.push((head, r.probability_a));
        }
    }
    heads.sort_by(|a, b| b.1.total_cmp(&a.1));
    let heads: Vec<Head> = heads.into_iter().map(|(h, _)| h).collect();
    let mut lines: Vec<Line> = folder.scenarios[1..]
        .iter()
        .zip(labels(folder))
        .map(|(facts, label)| {
            let name = &facts.scenario.name;
            let own = transitions
                .iter()
                .filter(|t| t.scenario_b == *name && t.outcome_a != t.outcome_b);
            let of = |h: &Head| {
                let mut own = rows.iter();
                own.find(|r| r.scenario_b == *name && r.id == h.id).cloned()
            };
            Line {
                label,
                changed: own.map(|t| t.share).sum(),
                differences: heads.iter().map(of).collect(),
            }
        })
        .collect();
    lines.sort_by(|a, b| b.changed.total_cmp(&a.changed));
    let part = |r: &DifferenceRow| {
        let d = difference(r);
        format!("{} {} points ({})", r.name, points(d), points_interval(d))
    };
    let sentence = |l: &Line| {
        let told = l.differences.iter().flatten().filter(|r| r.distinguishable);
        let parts: Vec<String> = told.map(part).collect();
        let parts = if parts.is_empty() {
            "no share changes by more than its interval".to_owned()
        } else {
            parts.join(", ")
        };
        let changed = percent(l.changed);
        format!("{}: {changed} of rounds end differently; {parts}", l.label)
    };
    let sentences: Vec<String> = lines.iter().map(sentence).collect();
    let all = lines.iter().flat_map(|l| l.differences.iter().flatten());
    Ok(Some(Picture {
        name: "effects".to_owned(),
        title: "What each change does to each outcome".to_owned(),
        text: format!("{}.", sentences.join(". ")),
        caption: format!(
            "Share of rounds under each scenario minus share under {first}, in percentage points, with paired 95 % \
             intervals: the same rounds were run under all. Rings are indistinguishable from 0. Each outcome has \
             one scale for all scenarios. Scenarios are sorted by the share of rounds that end with another \
             outcome; that a share stays the same does not mean that the same rounds have it."
        ),
        drawings: both(|w| draw(w, &heads, &lines)),
        data: Data::of(Home::Written, &COLUMNS, all),
    }))
}
