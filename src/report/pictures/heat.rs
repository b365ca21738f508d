//! Heat maps: tables whose cells show a number and a colour of its strength.

use crate::report::canvas::{BOLD, Canvas, Drawing, Fix, SIZE, Width};
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

/// The height of a line of a head.
const LINE: f64 = 14.0;
/// Most lines of a head.
const MOST_LINES: usize = 6;

/// Heads of columns in the room of a cell: whole names, or names without what follows a colon; none if
/// these have no room either.
fn heads(columns: &[String], cell: f64) -> Option<Vec<Vec<String>>> {
    let room = (cell - 6.0) / (SIZE * 0.89 * BOLD);
    let fits = |names: &[&str]| -> Option<Vec<Vec<String>>> {
        let lines: Vec<_> = names.iter().map(|n| wrapped(n, room, MOST_LINES)).collect();
        let whole = |(l, n): (&Vec<String>, &&str)| {
            l.join(" ") == n.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        lines.iter().zip(names).all(whole).then_some(lines)
    };
    let names: Vec<&str> = columns.iter().map(String::as_str).collect();
    let cut = |n: &&str| n.split(": ").next().unwrap_or_default().to_owned();
    let short: Vec<String> = names.iter().map(cut).collect();
    let mut apart = short.clone();
    apart.sort_unstable();
    apart.dedup();
    let short: Vec<&str> = short.iter().map(String::as_str).collect();
    fits(&names).or_else(|| (apart.len() == short.len()).then(|| fits(&short)).flatten())
}

/// Draws a heat map. Where the names of columns have no room above them, they have numbers, which a
/// legend below explains; `about` says what short names are.
pub(super) fn heat(
    width: Width,
    rows: &[String],
    columns: &[String],
    cells: &[Vec<Cell>],
    about: &str,
) -> Drawing {
    let mut c = Canvas::new(width);
    let labels = if c.wide { 220.0 } else { 0.0 };
    let room = (c.width - labels - 10.0) / columns.len().max(1) as f64;
    let cell = room.min(if c.wide { 104.0 } else { 76.0 });
    let x0 = if c.wide { labels + 8.0 } else { 2.0 };
    let mut y = 4.0;
    if !about.is_empty() {
        let lines = wrapped(about, (c.width - x0 - 4.0) / SIZE, MOST_LINES);
        let tall = lines.len() as f64 * 15.0;
        c.lines(x0, y + tall / 2.0, "small f-soft", Fix::Start, &lines);
        y += tall + 3.0;
    }
    let named = heads(columns, cell);
    let numbers = || (1..=columns.len()).map(|i| vec![i.to_string()]).collect();
    let heads = named.clone().unwrap_or_else(numbers);
    let most = heads.iter().map(Vec::len).max().unwrap_or(1);
    for (i, lines) in heads.iter().enumerate() {
        let x = x0 + cell * (i as f64 + 0.5);
        for (k, line) in lines.iter().enumerate() {
            let up = (most - lines.len() + k) as f64;
            c.text(
                x,
                y + 12.0 + LINE * up,
                "small bold f-ink",
                Fix::Middle,
                line,
            );
        }
    }
    y += most as f64 * LINE + 6.0;
    for (label, row) in rows.iter().zip(cells) {
        let room = if c.wide { labels } else { c.width - 4.0 };
        let lines = wrapped(label, room / SIZE, MOST_LINES);
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
    if named.is_none() {
        y += 8.0;
        for (i, column) in columns.iter().enumerate() {
            let text = format!("{}  {column}", i + 1);
            let lines = wrapped(&text, (c.width - x0 - 4.0) / SIZE, MOST_LINES);
            let tall = lines.len() as f64 * 15.0;
            c.lines(x0, y + tall / 2.0, "f-soft", Fix::Start, &lines);
            y += tall + 3.0;
        }
    }
    c.finish(y + 4.0)
}
