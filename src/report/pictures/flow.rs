//! From outcomes to outcomes: what the same rounds become under another scenario.

use std::collections::BTreeMap;

use super::{Among, both};
use crate::report::canvas::{Canvas, Drawing, Fix, SIZE, Width};
use crate::report::context::Context;
use crate::report::facts::Facts;
use crate::report::folder::{ReportError, ResultFolder};
use crate::report::picture::{Data, Picture};
use crate::report::wrap::wrapped;
use crate::table::comparison::TransitionRow;
use crate::text::number::percent;

/// Ends of ribbons on one side: name, share and place of each outcome.
type Ends = Vec<(String, f64, f64)>;

/// Heights of outcomes on one side.
fn stack(ids: &[String], shares: &BTreeMap<&str, f64>, height: f64, gap: f64) -> (Ends, f64) {
    let came = ids
        .iter()
        .filter(|id| shares.get(id.as_str()).is_some_and(|s| *s > 0.0));
    let mut y = 30.0;
    let mut out = Vec::new();
    for id in came {
        let share = shares[id.as_str()];
        out.push((id.clone(), share, y));
        // Rare outcomes keep room for their names.
        y += (share * height).max(2.0) + gap;
    }
    (out, y)
}

fn draw(width: Width, rows: &[TransitionRow], [a, b]: [&Facts; 2], context: &Context) -> Drawing {
    let mut c = Canvas::new(width);
    let mut ids: [Vec<String>; 2] = [Vec::new(), Vec::new()];
    let mut shares: [BTreeMap<&str, f64>; 2] = [BTreeMap::new(), BTreeMap::new()];
    for row in rows {
        for (i, id) in [&row.outcome_a, &row.outcome_b].into_iter().enumerate() {
            if !ids[i].contains(id) {
                ids[i].push(id.clone());
            }
            *shares[i].entry(id).or_insert(0.0) += row.share;
        }
    }
    let side = if c.wide { 210.0 } else { 104.0 };
    let (height, gap) = if c.wide { (260.0, 26.0) } else { (240.0, 38.0) };
    let (left, low) = stack(&ids[0], &shares[0], height, gap);
    let (right, high) = stack(&ids[1], &shares[1], height, gap);
    let (x0, x1) = (side, c.width - side);
    let find = |ends: &Ends, id: &str| ends.iter().find(|e| e.0 == id).map(|e| e.2);
    let mut from: BTreeMap<&str, f64> = BTreeMap::new();
    let mut to: BTreeMap<&str, f64> = BTreeMap::new();
    for row in rows.iter().filter(|r| r.count > 0) {
        let (Some(ya), Some(yb)) = (find(&left, &row.outcome_a), find(&right, &row.outcome_b))
        else {
            continue;
        };
        let thick = row.share * height;
        let a = from.entry(&row.outcome_a).or_insert(ya);
        let b = to.entry(&row.outcome_b).or_insert(yb);
        let m = f64::midpoint(x0 + 12.0, x1 - 12.0);
        let (p, q) = (x0 + 12.0, x1 - 12.0);
        let shape = format!(
            "M{p:.1} {a:.2}C{m:.1} {a:.2} {m:.1} {b:.2} {q:.1} {b:.2}V{:.2}C{m:.1} {:.2} {m:.1} {:.2} \
             {p:.1} {:.2}Z",
            *b + thick,
            *b + thick,
            *a + thick,
            *a + thick
        );
        let (role, _) = context.outcome(&row.outcome_a);
        let same = row.outcome_a == row.outcome_b;
        c.path(
            &shape,
            &format!("{} f-{role}", if same { "pale" } else { "half" }),
        );
        *a += thick;
        *b += thick;
    }
    for (ends, facts, x, fix, text) in [
        (&left, a, x0, Fix::End, x0 - 8.0),
        (&right, b, x1 - 12.0, Fix::Start, x1 + 8.0),
    ] {
        let head = wrapped(&facts.scenario.name, side / SIZE, 1);
        c.lines(text, 10.0, "bold f-ink", fix, &head);
        for (id, share, y) in ends {
            let (role, pattern) = context.outcome(id);
            let thick = (share * height).max(2.0);
            c.bar((x, *y), (12.0, thick), role, pattern);
            let text_of = format!("{} {}", facts.outcome(id), percent(*share));
            let lines = wrapped(&text_of, (side - 12.0) / SIZE, if c.wide { 2 } else { 4 });
            let class = "f-ink";
            c.lines(text, y + thick / 2.0, class, fix, &lines);
        }
    }
    c.finish(low.max(high) + 4.0)
}

/// One picture for each scenario that is compared with the first.
pub(in crate::report) fn flows(
    folder: &ResultFolder,
    context: &Context,
) -> Result<Vec<Picture>, ReportError> {
    let columns = [
        "scenario_a",
        "scenario_b",
        "outcome_a",
        "outcome_b",
        "count",
        "share",
    ];
    let rows: Vec<TransitionRow> = folder.rows()?;
    let pairs = rows.chunk_by(|x, y| x.scenario_b == y.scenario_b && x.scenario_a == y.scenario_a);
    let several = pairs.clone().count() > 1;
    let facts = |name: &str| {
        let found = folder.scenarios.iter().find(|f| f.scenario.name == name);
        found.unwrap_or_else(|| folder.facts())
    };
    let picture = |pair: &[TransitionRow]| {
        let (a, b) = (facts(&pair[0].scenario_a), facts(&pair[0].scenario_b));
        let changed = pair.iter();
        let changed = changed.filter(|r| r.outcome_a != r.outcome_b && r.count > 0);
        let mut flips: Vec<&TransitionRow> = changed.collect();
        let flipped: f64 = flips.iter().map(|r| r.share).sum();
        flips.sort_by_key(|r| std::cmp::Reverse(r.count));
        let part = |r: &&TransitionRow| {
            format!(
                "from {} to {} {}",
                a.outcome(&r.outcome_a),
                b.outcome(&r.outcome_b),
                percent(r.share)
            )
        };
        let parts: Vec<String> = flips.iter().map(part).collect();
        let among = Among {
            several,
            scenario: &b.scenario.name,
        };
        Picture {
            name: among.name("flow"),
            title: among.title("How outcomes of the same rounds change"),
            text: format!(
                "{} of rounds end with a different outcome under {} than under {}{}{}.",
                percent(flipped),
                b.scenario.name,
                a.scenario.name,
                if parts.is_empty() { "" } else { ": " },
                parts.join("; ")
            ),
            caption: format!(
                "Left: how rounds end under {}. Right: how the same rounds, with the same draws, end under {}. Pale \
                 ribbons keep their outcome; strong ones change it, and have the colour of the outcome that \
                 they come from.",
                a.scenario.name, b.scenario.name
            ),
            drawings: both(|w| draw(w, pair, [a, b], context)),
            data: Data::of(among.home("transitions.csv"), &columns, pair),
        }
    };
    Ok(pairs.map(picture).collect())
}
