//! Dots with intervals in lanes: what is compared with what.

use crate::report::canvas::{Canvas, Drawing, Fix, SIZE, Width};
use crate::report::lanes::{axis, lanes, whisker};
use crate::report::scale::{Scale, round_up};
use crate::report::wrap::wrapped;

/// A mark in a lane.
pub(super) struct Dot {
    pub(super) value: f64,
    pub(super) interval: Option<(f64, f64)>,
    pub(super) role: &'static str,
    /// A ring: what was before, or elsewhere.
    pub(super) hollow: bool,
}

/// A lane of marks; consecutive ones of a pair are joined.
pub(super) struct Lane {
    pub(super) label: String,
    pub(super) dots: Vec<Dot>,
    /// Its number, at the right.
    pub(super) note: String,
}

/// What belongs to all lanes.
pub(super) struct Frame {
    /// Ends of the axis; found from the dots if there are none.
    pub(super) range: Option<(f64, f64)>,
    /// A line at this value.
    pub(super) zero: Option<f64>,
    /// Room for notes, wide and narrow.
    pub(super) room: [f64; 2],
    /// How ticks are written.
    pub(super) written: fn(f64, usize) -> String,
    /// What filled and hollow marks are, if both occur.
    pub(super) keys: Option<(&'static str, &'static str)>,
}

/// Draws a mark.
pub(super) fn mark(c: &mut Canvas, at: (f64, f64), dot: &Dot) {
    if dot.hollow {
        c.dot(at, 5.0, &format!("f-paper edge s-{}", dot.role));
    } else {
        c.dot(at, 5.5, &format!("f-{}", dot.role));
    }
}

/// The ends of an axis that shows some values and 0.
pub(super) fn ends(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let high = values.clone().fold(0.0, f64::max);
    let low = values.fold(0.0, f64::min);
    let up = |x: f64| if x > 0.0 { round_up(x) } else { 0.0 };
    (-up(-low), up(high).max(if low < 0.0 { 0.0 } else { 1e-9 }))
}

/// Draws lanes of dots.
pub(super) fn dots(width: Width, rows: &[Lane], frame: &Frame) -> Drawing {
    let mut c = Canvas::new(width);
    let mut top = 4.0;
    if let Some((full, ring)) = frame.keys {
        let both = [(full, false), (ring, true)];
        for (x, (text, hollow)) in [2.0, if c.wide { 262.0 } else { 172.0 }]
            .into_iter()
            .zip(both)
        {
            let dot = Dot {
                value: 0.0,
                interval: None,
                role: "ink",
                hollow,
            };
            // Two lines have room on narrow pictures.
            let y = if c.wide { 12.0 } else { 18.0 };
            mark(&mut c, (x + 6.0, y), &dot);
            let lines = wrapped(text, if c.wide { 18.0 } else { 11.5 }, 2);
            c.lines(x + 18.0, y, "f-ink", Fix::Start, &lines);
        }
        top = if c.wide { 34.0 } else { 46.0 };
    }
    let labels: Vec<String> = rows.iter().map(|l| l.label.clone()).collect();
    let room = frame.room[usize::from(!c.wide)];
    let l = lanes(&mut c, &labels, top, 22.0, room);
    let all = rows.iter().flat_map(|r| &r.dots);
    let values = all.flat_map(|d| {
        let (low, high) = d.interval.unwrap_or((d.value, d.value));
        [d.value, low, high]
    });
    let range = frame.range.unwrap_or_else(|| ends(values));
    let scale = Scale::new(range, (l.x.0 + 7.0, l.x.1 - 7.0));
    let ticks = scale.ticks(if c.wide { 6 } else { 4 });
    axis(&mut c, scale, &ticks, l.y, frame.written);
    if let Some(zero) = frame.zero {
        c.line(
            (scale.at(zero), l.y.0),
            (scale.at(zero), l.y.1),
            "edge s-axis",
        );
    }
    for (row, middle) in rows.iter().zip(&l.middle) {
        let spread = if row.dots.len() > 1 { 3.5 } else { 0.0 };
        let place = |i: usize| middle + if i.is_multiple_of(2) { -spread } else { spread };
        for (i, pair) in row.dots.chunks(2).enumerate() {
            if let [a, b] = pair {
                let from = (scale.at(a.value), place(2 * i));
                c.line(
                    from,
                    (scale.at(b.value), place(2 * i + 1)),
                    &format!("line s-{}", a.role),
                );
            }
        }
        for (i, dot) in row.dots.iter().enumerate() {
            if let Some(interval) = dot.interval {
                whisker(&mut c, scale, place(i), interval, dot.role);
            }
        }
        for (i, dot) in row.dots.iter().enumerate() {
            mark(&mut c, (scale.at(dot.value), place(i)), dot);
        }
        let lines = wrapped(&row.note, (room - 6.0) / SIZE, 2);
        c.lines(l.x.1 + 6.0, *middle, "f-ink", Fix::Start, &lines);
    }
    c.finish(l.y.1 + 22.0)
}
