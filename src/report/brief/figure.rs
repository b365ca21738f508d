//! The picture of a brief: how it ends, with the ranges that the guesses leave.

use super::blocks::whole;
use super::changes::{difference, moved};
use super::content::{Brief, Outcome};
use crate::report::canvas::{Canvas, Drawing, Fix, SIZE, Width};
use crate::report::lanes::{axis, in_percent, lanes};
use crate::report::palette;
use crate::report::scale::{Scale, round_up};
use crate::report::wrap::wrapped;

/// Room at the right for the number of a bar.
const NUMBERS: f64 = 62.0;
/// Room at the right for a number with its difference.
const DIFFERENCES: f64 = 214.0;
/// The height of a bar.
const BAR: f64 = 16.0;

/// A bar of the picture.
struct Bar<'a> {
    label: String,
    outcome: &'a Outcome,
    /// Its difference from the first scenario, of a comparison.
    moved: Option<String>,
}

/// The outcomes of all sides, those of one outcome together.
fn bars(brief: &Brief) -> Vec<Bar<'_>> {
    let mut ids: Vec<&str> = Vec::new();
    for outcome in brief.sides.iter().flat_map(|s| &s.outcomes) {
        if !ids.contains(&outcome.id.as_str()) {
            ids.push(&outcome.id);
        }
    }
    let of = |id: &&str| {
        let own = brief.sides.iter().filter_map(|side| {
            let outcome = side.outcomes.iter().find(|o| o.id == *id)?;
            let label = match &side.letter {
                Some(letter) => format!("{letter} · {}", outcome.name),
                None => outcome.name.clone(),
            };
            let moved = difference(brief, side, id).map(moved);
            Some(Bar {
                label,
                outcome,
                moved,
            })
        });
        own.collect::<Vec<_>>()
    };
    ids.iter().flat_map(of).collect()
}

/// What the marks of the picture are.
fn key(bars: &[Bar<'_>], wide: bool) -> String {
    let has = |of: fn(&Bar<'_>) -> bool| bars.iter().any(of);
    let given = has(|b| b.outcome.before.is_some());
    let mut out = format!(
        "Bars: share of simulated histories{}.",
        if given { ", given the reports" } else { "" }
    );
    if given {
        out.push_str(
            " Stroke: without the reports. Line below: 95 % interval of the finite number of histories; ranges across \
             guesses are not known with these reports.",
        );
    }
    if has(|b| b.outcome.guesses.is_some()) {
        out.push_str(" Pale: from 5 to 95 % across sets of guesses.");
    }
    if has(|b| b.outcome.forms.is_some()) {
        out.push_str(" Strokes: least and greatest across forms of the model.");
    }
    if wide && has(|b| b.moved.is_some()) {
        out.push_str(
            " Beside: difference from A in percentage points, with its 95 % interval. Ranges across guesses are not known \
             from a comparison.",
        );
    }
    out
}

/// Where the strokes of a bar are.
fn strokes(o: &Outcome) -> impl Iterator<Item = f64> {
    let forms = o.forms.into_iter().flat_map(|(low, high)| [low, high]);
    forms.chain(o.before)
}

/// The picture at a width.
pub(super) fn drawing(brief: &Brief, width: Width) -> Drawing {
    let bars = bars(brief);
    let mut c = Canvas::new(width);
    let labels: Vec<String> = bars.iter().map(|b| b.label.clone()).collect();
    let beside = c.wide && bars.iter().any(|b| b.moved.is_some());
    let room = if beside { DIFFERENCES } else { NUMBERS };
    let l = lanes(&mut c, &labels, 4.0, BAR + 4.0, room);
    let ends = |o: &Outcome| {
        let given = o.interval.filter(|_| o.before.is_some());
        let ends = [o.guesses, given].into_iter().flatten().map(|r| r.1);
        ends.chain(strokes(o)).fold(o.share, f64::max)
    };
    let top = round_up(bars.iter().map(|b| ends(b.outcome)).fold(0.0, f64::max)).min(1.0);
    let scale = Scale::new((0.0, top), l.x);
    axis(&mut c, scale, &scale.ticks(5), l.y, in_percent);
    for (bar, y) in bars.iter().zip(&l.middle) {
        draw(&mut c, bar, scale, (l.x.0, *y));
    }
    c.line((l.x.0, l.y.0), (l.x.0, l.y.1), "thin s-axis");
    let lines = wrapped(&key(&bars, c.wide), (c.width - 4.0) / SIZE * 1.1, 5);
    let mut y = l.y.1 + 36.0;
    for line in &lines {
        c.text(2.0, y, "small f-soft", Fix::Start, line);
        y += SIZE + 2.0;
    }
    c.finish(y - SIZE + 4.0)
}

/// A bar with its marks, and its number behind it.
fn draw(c: &mut Canvas, bar: &Bar<'_>, scale: Scale, (left, y): (f64, f64)) {
    let o = bar.outcome;
    let role = palette::outcome(o.place);
    if let Some((low, high)) = o.guesses {
        let (a, b) = (scale.at(low), scale.at(high));
        c.path(
            &block((a, y - BAR / 2.0), (b - a, BAR)),
            &format!("pale f-{role}"),
        );
    }
    let end = scale.at(o.share);
    c.bar((left, y - BAR / 4.0), (end - left, BAR / 2.0), role, 0);
    if let Some((low, high)) = o.interval.filter(|_| o.before.is_some()) {
        let below = y + BAR / 2.0 + 1.0;
        c.line(
            (scale.at(low), below),
            (scale.at(high), below),
            "edge s-ink",
        );
    }
    let number = whole(o.share);
    // Behind the bar, and behind strokes that are where the number would be.
    let mut x = end;
    let mut places: Vec<f64> = strokes(o).map(|s| scale.at(s)).collect();
    places.sort_by(f64::total_cmp);
    for place in places {
        c.line((place, y - BAR / 2.0), (place, y + BAR / 2.0), "edge s-ink");
        if place >= x && place < x + 12.0 + Canvas::bold_room(&number) {
            x = place;
        }
    }
    c.text(x + 8.0, y + 4.5, "bold f-ink", Fix::Start, &number);
    if let Some(moved) = bar.moved.as_ref().filter(|_| c.wide) {
        let x = x + 16.0 + Canvas::bold_room(&number);
        c.text(x, y + 4.5, "f-soft", Fix::Start, moved);
    }
}

/// A rectangle as a path.
fn block((x, y): (f64, f64), (w, h): (f64, f64)) -> String {
    if w <= 0.0 {
        return String::new();
    }
    format!("M{x:.2} {y:.2}h{w:.2}v{h:.2}h{:.2}Z", -w)
}

/// The picture in words.
pub(super) fn alt(brief: &Brief) -> String {
    let side = |s: &super::content::Side| {
        let one = |o: &Outcome| {
            let guesses = o.guesses.map_or_else(String::new, |(low, high)| {
                format!(", across guesses {} to {}", whole(low), whole(high))
            });
            let before = o.before.map_or_else(String::new, |before| {
                format!(" given the reports, {} without them", whole(before))
            });
            let moved = difference(brief, s, &o.id)
                .map_or_else(String::new, |d| format!(", {} points from A", moved(d)));
            format!("{} {}{guesses}{before}{moved}", o.name, whole(o.share))
        };
        let all: Vec<String> = s.outcomes.iter().map(one).collect();
        let name = s
            .letter
            .as_ref()
            .map_or_else(String::new, |l| format!("{l}, {}: ", s.name));
        format!("{name}{}.", all.join("; "))
    };
    let all: Vec<String> = brief.sides.iter().map(side).collect();
    format!(
        "Bars of the shares of simulated histories. {}",
        all.join(" ")
    )
}
