//! Heat maps: tables whose cells show a number and a colour of its strength.

use crate::report::canvas::{Canvas, Drawing, Fix, SIZE, Width};
use crate::report::wrap::wrapped;

/// A cell: its text, its colour, and how strong that is, from 0 to 1.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) role: &'static str,
    pub(super) part: f64,
}

impl Cell {
    /// A cell without a number.
    pub(super) fn empty() -> Self {
        Self {
            text: "–".to_owned(),
            role: "grid",
            part: 0.0,
        }
    }
}

/// The strongest that a colour gets under a text that must stay legible.
const STRONGEST: f64 = 0.5;

/// Draws a heat map. Columns have numbers, which a legend below explains, unless their names are
/// short; `about` says what columns are.
pub(super) fn heat(
    width: Width,
    rows: &[String],
    columns: &[String],
    cells: &[Vec<Cell>],
    about: &str,
) -> Drawing {
    let mut c = Canvas::new(width);
    let labels = if c.wide { 250.0 } else { 0.0 };
    let room = (c.width - labels - 10.0) / columns.len().max(1) as f64;
    let cell = room.min(if c.wide { 92.0 } else { 76.0 });
    let short = columns.iter().all(|t| Canvas::room(t) < cell - 4.0);
    let x0 = if c.wide { labels + 8.0 } else { 2.0 };
    let mut y = 4.0;
    if short && !about.is_empty() {
        c.text(x0, y + 11.0, "small f-soft", Fix::Start, about);
        y += 18.0;
    }
    let heads = |c: &mut Canvas, y: f64| {
        for (i, column) in columns.iter().enumerate() {
            let text = if short {
                column.clone()
            } else {
                (i + 1).to_string()
            };
            let x = x0 + cell * (i as f64 + 0.5);
            c.text(x, y + 12.0, "bold f-ink", Fix::Middle, &text);
        }
    };
    heads(&mut c, y);
    y += 20.0;
    for (label, row) in rows.iter().zip(cells) {
        let lines = wrapped(label, if c.wide { labels } else { c.width - 4.0 } / SIZE, 2);
        let height = if c.wide {
            (lines.len() as f64 * 15.0 + 8.0).max(28.0)
        } else {
            26.0
        };
        if c.wide {
            c.lines(labels, y + height / 2.0, "f-ink", Fix::End, &lines);
        } else {
            let tall = lines.len() as f64 * 15.0;
            c.lines(2.0, y + tall / 2.0, "f-ink", Fix::Start, &lines);
            y += tall + 3.0;
        }
        for (i, entry) in row.iter().enumerate() {
            let at = (x0 + cell * i as f64 + 1.0, y + 1.0);
            let size = (cell - 2.0, height - 2.0);
            c.cell(at, size, "grid", 0.35);
            if entry.part > 0.0 {
                c.cell(at, size, entry.role, STRONGEST * entry.part.min(1.0));
            }
            let middle = (at.0 + size.0 / 2.0, y + height / 2.0 + 4.0);
            let class = if Canvas::room(&entry.text) > size.0 - 2.0 {
                "small f-ink"
            } else {
                "f-ink"
            };
            c.text(middle.0, middle.1, class, Fix::Middle, &entry.text);
        }
        y += height + if c.wide { 0.0 } else { 6.0 };
    }
    if !short {
        y += 8.0;
        for (i, column) in columns.iter().enumerate() {
            let text = format!("{}  {column}", i + 1);
            let lines = wrapped(&text, (c.width - x0 - 4.0) / SIZE, 2);
            let tall = lines.len() as f64 * 15.0;
            c.lines(x0, y + tall / 2.0, "f-soft", Fix::Start, &lines);
            y += tall + 3.0;
        }
    }
    c.finish(y + 4.0)
}
