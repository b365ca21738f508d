//! Panels: small charts of one size in a grid, with the same axes.

use super::canvas::{BOLD, Canvas, Fix, SIZE};
use super::lanes::{MOST_LINES, axis};
use super::scale::{Scale, digits};
use super::wrap::wrapped;

/// Room between panels.
const GAP: f64 = 18.0;
/// Room for the numbers of the vertical axis.
const LEFT: f64 = 48.0;
/// Room for the dates or numbers below a panel.
const BELOW: f64 = 30.0;

/// The ends of an axis, and how its numbers are written.
pub(super) struct Axis<'w> {
    pub(super) ends: (f64, f64),
    pub(super) written: &'w dyn Fn(f64, usize) -> String,
}

/// Draws a panel for each name, from `top` on: `draw` gets its index and scales, and draws its content. Returns the
/// place below them.
pub(super) fn panels(
    c: &mut Canvas,
    top: f64,
    columns: usize,
    names: &[&str],
    x_axis: &Axis<'_>,
    y_axis: &Axis<'_>,
    mut draw: impl FnMut(&mut Canvas, usize, Scale, Scale),
) -> f64 {
    let cell = (c.width - GAP * (columns - 1) as f64) / columns as f64;
    let plot = if c.wide { 140.0 } else { 110.0 };
    let named: Vec<Vec<String>> = names
        .iter()
        .map(|name| wrapped(name, cell / (SIZE * BOLD), MOST_LINES))
        .collect();
    let most = named.iter().map(Vec::len).max().unwrap_or(1);
    let above = most as f64 * (SIZE + 2.0) + 8.0;
    let tall = above + plot + BELOW;
    for (i, lines) in named.iter().enumerate() {
        let left = (i % columns) as f64 * (cell + GAP);
        let top = top + (i / columns) as f64 * tall;
        let middle = top + above - 6.0 - lines.len() as f64 * (SIZE + 2.0) / 2.0;
        c.lines(left, middle, "bold f-ink", Fix::Start, lines);
        let (from, to) = (left + LEFT, left + cell - 6.0);
        let foot = top + above + plot;
        let x = Scale::new(x_axis.ends, (from, to));
        let y = Scale::new(y_axis.ends, (foot, top + above));
        let ticks = y.ticks(3);
        let d = digits(&ticks);
        for t in ticks {
            let at = y.at(t);
            c.line((from, at), (to, at), "thin s-grid");
            let text = (y_axis.written)(t, d);
            c.text(from - 5.0, at + 4.0, "small f-soft", Fix::End, &text);
        }
        draw(c, i, x, y);
        c.line((from, foot), (to, foot), "thin s-axis");
        let ticks = x.ticks(if cell < 260.0 { 3 } else { 5 });
        axis(c, x, &ticks, (foot, foot + 4.0), x_axis.written);
    }
    top + names.len().div_ceil(columns) as f64 * tall
}
