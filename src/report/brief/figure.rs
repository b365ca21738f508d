//! The picture of a brief: how it ends, with the ranges that the guesses leave.

use super::blocks::whole;
use super::content::{Brief, Outcome};
use crate::report::canvas::{Canvas, Drawing, Fix, SIZE, Width};
use crate::report::lanes::{axis, in_percent, lanes};
use crate::report::palette;
use crate::report::scale::{Scale, round_up};
use crate::report::wrap::wrapped;

/// Room at the right for the number of a bar.
const NUMBERS: f64 = 62.0;
/// The height of a bar.
const BAR: f64 = 16.0;

/// A bar of the picture.
struct Bar<'a> {
    label: String,
    outcome: &'a Outcome,
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
            Some(Bar { label, outcome })
        });
        own.collect::<Vec<_>>()
    };
    ids.iter().flat_map(of).collect()
}

/// What the marks of the picture are.
fn key(bars: &[Bar<'_>]) -> String {
    let has = |of: fn(&Outcome) -> bool| bars.iter().any(|b| of(b.outcome));
    let mut out = "Bars: share of simulated histories.".to_owned();
    if has(|o| o.guesses.is_some()) {
        out.push_str(" Pale: from 5 to 95 % across sets of guesses.");
    }
    if has(|o| o.forms.is_some()) {
        out.push_str(" Strokes: least and greatest across forms of the model.");
    }
    out
}

/// The picture at a width.
pub(super) fn drawing(brief: &Brief, width: Width) -> Drawing {
    let bars = bars(brief);
    let mut c = Canvas::new(width);
    let labels: Vec<String> = bars.iter().map(|b| b.label.clone()).collect();
    let l = lanes(&mut c, &labels, 4.0, BAR + 4.0, NUMBERS);
    let reach = |o: &Outcome| {
        let ends = [o.guesses, o.forms].into_iter().flatten().map(|r| r.1);
        ends.fold(o.share, f64::max)
    };
    let top = round_up(bars.iter().map(|b| reach(b.outcome)).fold(0.0, f64::max)).min(1.0);
    let scale = Scale::new((0.0, top), l.x);
    axis(&mut c, scale, &scale.ticks(5), l.y, in_percent);
    for (Bar { outcome: o, .. }, y) in bars.iter().zip(&l.middle) {
        let role = palette::outcome(o.place);
        if let Some((low, high)) = o.guesses {
            let (a, b) = (scale.at(low), scale.at(high));
            c.path(
                &block((a, y - BAR / 2.0), (b - a, BAR)),
                &format!("pale f-{role}"),
            );
        }
        let end = scale.at(o.share);
        c.bar((l.x.0, y - BAR / 4.0), (end - l.x.0, BAR / 2.0), role, 0);
        for end in o.forms.into_iter().flat_map(|(low, high)| [low, high]) {
            let x = scale.at(end);
            c.line((x, y - BAR / 2.0), (x, y + BAR / 2.0), "edge s-ink");
        }
        let x = scale.at(reach(o)) + 8.0;
        c.text(x, y + 4.5, "bold f-ink", Fix::Start, &whole(o.share));
    }
    c.line((l.x.0, l.y.0), (l.x.0, l.y.1), "thin s-axis");
    let lines = wrapped(&key(&bars), (c.width - 4.0) / SIZE * 1.1, 3);
    let mut y = l.y.1 + 36.0;
    for line in &lines {
        c.text(2.0, y, "small f-soft", Fix::Start, line);
        y += SIZE + 2.0;
    }
    c.finish(y - SIZE + 4.0)
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
            format!("{} {}{guesses}", o.name, whole(o.share))
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
