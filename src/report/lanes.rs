//! Lanes: charts with a row for each thing, its label beside it or, where room is short, above it.

use super::canvas::{Canvas, Fix, SIZE};
use super::scale::{Scale, digits};
use super::wrap::wrapped;
use crate::text::number::decimal;

/// Room for labels beside lanes.
const LABELS: f64 = 232.0;
/// The height of a line of a label.
const LINE: f64 = SIZE + 2.0;
/// Most lines of a label: far more than any but a stranger's takes.
pub(super) const MOST_LINES: usize = 12;

/// Where lanes lie.
pub(super) struct Lanes {
    /// Where the plot begins and ends.
    pub(super) x: (f64, f64),
    /// The middle of each lane.
    pub(super) middle: Vec<f64>,
    /// Where the plot begins and ends from above.
    pub(super) y: (f64, f64),
}

/// Lays out lanes and writes their labels. `thick` is the height of what is drawn in one, `right`
/// the room kept free at the right.
pub(super) fn lanes(c: &mut Canvas, labels: &[String], top: f64, thick: f64, right: f64) -> Lanes {
    let x = if c.wide {
        (LABELS + 10.0, c.width - right)
    } else {
        (2.0, c.width - right)
    };
    let mut y = top;
    let mut middle = Vec::new();
    for label in labels {
        if c.wide {
            let lines = wrapped(label, LABELS / SIZE, MOST_LINES);
            let height = (thick + 8.0).max(lines.len() as f64 * LINE + 6.0);
            c.lines(LABELS, y + height / 2.0, "f-ink", Fix::End, &lines);
            middle.push(y + height / 2.0);
            y += height;
        } else {
            let lines = wrapped(label, (c.width - 4.0) / SIZE, MOST_LINES);
            let height = lines.len() as f64 * LINE;
            c.lines(2.0, y + height / 2.0, "f-ink", Fix::Start, &lines);
            y += height + 3.0;
            middle.push(y + thick / 2.0);
            y += thick + 9.0;
        }
    }
    Lanes {
        x,
        middle,
        y: (top, y),
    }
}

/// An axis below the plot, with lines that go up through it. Numbers that would run into the one before
/// are left out.
pub(super) fn axis(
    c: &mut Canvas,
    scale: Scale,
    ticks: &[f64],
    (top, bottom): (f64, f64),
    written: impl Fn(f64, usize) -> String,
) {
    let d = digits(ticks);
    let mut free = f64::NEG_INFINITY;
    for t in ticks {
        let x = scale.at(*t);
        c.line((x, top), (x, bottom), "thin s-grid");
        let text = written(*t, d);
        // Ends of the axis must not run out of the picture.
        let half = Canvas::room(&text) / 2.0;
        if x - half * 0.9 < free {
            continue;
        }
        free = x + half * 0.9 + 4.0;
        let fix = if x + half > c.width {
            Fix::End
        } else if x - half < 0.0 {
            Fix::Start
        } else {
            Fix::Middle
        };
        c.text(x, bottom + 15.0, "small f-soft", fix, &text);
    }
}

/// A range with its ends.
pub(super) fn whisker(c: &mut Canvas, scale: Scale, y: f64, (low, high): (f64, f64), role: &str) {
    let (a, b) = (scale.at(low), scale.at(high));
    c.line((a, y), (b, y), &format!("edge s-{role}"));
    for x in [a, b] {
        c.line((x, y - 4.0), (x, y + 4.0), &format!("edge s-{role}"));
    }
}

/// One entry of a legend.
pub(super) struct Key {
    pub(super) role: &'static str,
    pub(super) pattern: usize,
    pub(super) label: String,
}

/// A legend that breaks into lines; returns the place below it.
pub(super) fn legend(c: &mut Canvas, keys: &[Key], top: f64) -> f64 {
    let (mut x, mut y) = (2.0, top);
    for key in keys {
        let lines = wrapped(&key.label, (c.width - 30.0) / SIZE, MOST_LINES);
        let widest = lines.iter().map(|l| Canvas::room(l)).fold(0.0, f64::max);
        let room = 22.0 + widest + 14.0;
        if x > 2.0 && x + room > c.width + 14.0 {
            x = 2.0;
            y += 19.0;
        }
        c.bar((x, y), (16.0, 12.0), key.role, key.pattern);
        for (i, line) in lines.iter().enumerate() {
            if i > 0 {
                y += LINE;
            }
            c.text(x + 22.0, y + 10.5, "f-ink", Fix::Start, line);
        }
        x = if lines.len() > 1 { c.width } else { x + room };
    }
    if keys.is_empty() { top } else { y + 24.0 }
}

/// A share on an axis, in per cent; `digits` are those that tell ticks apart.
pub(super) fn in_percent(x: f64, digits: usize) -> String {
    format!("{} %", decimal(100.0 * x, digits.saturating_sub(2)))
}
