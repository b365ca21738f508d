//! From outcomes to outcomes: what the same rounds become under another scenario.

use std::collections::BTreeMap;

use super::{Among, both};
use crate::report::canvas::{BOLD, Canvas, Drawing, Fix, SIZE, Width};
use crate::report::context::Context;
use crate::report::facts::Facts;
use crate::report::folder::{ReportError, ResultFolder};
use crate::report::lanes::MOST_LINES;
use crate::report::picture::{Data, Picture};
use crate::report::wrap::wrapped;
use crate::table::comparison::TransitionRow;
use crate::text::number::percent;

/// The end of the ribbons of an outcome on one side.
struct End {
    id: String,
    /// Where it begins from above, and how high it is.
    y: f64,
    thick: f64,
    /// Its name and share.
    lines: Vec<String>,
}

/// Outcomes on one side from above, each with room for its name, and the place below them.
fn stack(
    ids: &[String],
    shares: &BTreeMap<&str, f64>,
    facts: &Facts,
    height: f64,
    room: f64,
) -> (Vec<End>, f64) {
    let came = ids
        .iter()
        .filter(|id| shares.get(id.as_str()).is_some_and(|s| *s > 0.0));
    let mut y = 30.0;
    let mut out = Vec::new();
    for id in came {
        let share = shares[id.as_str()];
        let name = format!("{} {}", facts.outcome(id), percent(share));
        let lines = wrapped(&name, room / SIZE, MOST_LINES);
        let thick = (share * height).max(2.0);
        let tall = thick.max(lines.len() as f64 * (SIZE + 2.0));
        out.push(End {
            id: id.clone(),
            y: y + (tall - thick) / 2.0,
            thick,
            lines,
        });
        y += tall + 8.0;
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
    let height = if c.wide { 260.0 } else { 240.0 };
    let room = side - 12.0;
    let (left, low) = stack(&ids[0], &shares[0], a, height, room);
    let (right, high) = stack(&ids[1], &shares[1], b, height, room);
    let (x0, x1) = (side, c.width - side);
    let find = |ends: &[End], id: &str| ends.iter().find(|e| e.id == id).map(|e| e.y);
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
        let head = wrapped(&facts.scenario.name, c.width / 2.0 / (SIZE * BOLD), 1);
        let (edge, fix_head) = match fix {
            Fix::End => (0.0, Fix::Start),
            _ => (c.width, Fix::End),
        };
        c.lines(edge, 10.0, "bold f-ink", fix_head, &head);
        for end in ends {
            let (role, pattern) = context.outcome(&end.id);
            c.bar((x, end.y), (12.0, end.thick), role, pattern);
            c.lines(text, end.y + end.thick / 2.0, "f-ink", fix, &end.lines);
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
