//! The tables that `kzsim run` prints.

use std::fmt::Write;

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table};

use crate::analysis::interval::{Share, Z95, rounds_for, wilson};
use crate::analysis::share::Pairs;
use crate::table::run::Results;

/// Cells of the longest bar.
const BAR: usize = 20;
/// The same where there is less room than usual.
const SHORT: usize = 8;
/// Columns of text where nobody says how many there are.
const WIDTH: u16 = 100;
/// The least that the first column of a table shrinks to before another one is left out.
const LEAST: u16 = 18;

/// What the numbers do not mean.
pub(crate) const CAVEAT: &str = "\n\
    Intervals state the error of a finite number of rounds, not that of the assumptions.\n\
    Shares follow from the scenario as written; they are no forecast, and they say nothing\n\
    about the guilt of any person.\n";

/// Whether nobody said no to colours: <https://no-color.org>, and terminals that know none.
pub(crate) fn colours_are_welcome() -> bool {
    let is = |name: &str, test: fn(&std::ffi::OsStr) -> bool| {
        std::env::var_os(name).is_some_and(|value| test(&value))
    };
    !is("NO_COLOR", |v| !v.is_empty()) && !is("TERM", |v| v == "dumb")
}

/// A share as a bar; coloured where it goes to a terminal, which the table finds out itself.
pub(crate) fn bar_cell(p: f64, width: Option<u16>) -> Cell {
    let cell = Cell::new(bar(
        p,
        if width.unwrap_or(WIDTH) < WIDTH {
            SHORT
        } else {
            BAR
        },
    ));
    if colours_are_welcome() {
        cell.fg(Color::Cyan)
    } else {
        cell
    }
}

/// A share as a bar of blocks.
fn bar(p: f64, cells: usize) -> String {
    let eighths = (p * (cells * 8) as f64).round() as usize;
    let mut out = "█".repeat(eighths / 8);
    if let Some(part) = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"].get(eighths % 8) {
        out.push_str(part);
    }
    out
}

/// A share in per cent, with as many digits as its interval allows.
pub(crate) fn percent(x: f64, digits: usize) -> String {
    format!("{:.digits$} %", 100.0 * x)
}

pub(crate) fn digits(share: Share) -> usize {
    match share.high - share.low {
        w if w < 0.0005 => 3,
        w if w < 0.02 => 2,
        _ => 1,
    }
}

pub(crate) fn interval(share: Share) -> String {
    let d = digits(share);
    format!("{:.d$} to {:.d$}", 100.0 * share.low, 100.0 * share.high)
}

pub(crate) fn new_table(header: &[&str], width: Option<u16>) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(width.unwrap_or(WIDTH));
    table.set_header(header.iter().copied());
    table
}

/// Makes a table fit: numbers are not broken, the first column takes what is left, and where that
/// is too little, of these columns one after the other is hidden. Returns the hidden ones.
pub(crate) fn fit(table: &mut Table, width: Option<u16>, dispensable: &[usize]) -> Vec<usize> {
    let width = width.unwrap_or(WIDTH);
    let natural = table.column_max_content_widths();
    let mut hidden = Vec::new();
    let needed = |hidden: &[usize], least: u16| {
        let of = |i: usize, n: u16| if i == 0 { n.min(least) } else { n };
        let shown = natural
            .iter()
            .enumerate()
            .filter(|(i, _)| !hidden.contains(i));
        shown.map(|(i, n)| of(i, *n) + 2).sum::<u16>()
    };
    for column in dispensable {
        if needed(&hidden, LEAST) <= width {
            break;
        }
        hidden.push(*column);
    }
    let fits = needed(&hidden, LEAST / 2) <= width;
    for (i, column) in table.column_iter_mut().enumerate() {
        if hidden.contains(&i) {
            column.set_constraint(ColumnConstraint::Hidden);
        } else if i > 0 && fits {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    hidden
}

pub(crate) fn right(text: impl Into<String>) -> Cell {
    Cell::new(text.into()).set_alignment(CellAlignment::Right)
}

impl Results<'_> {
    /// Outcomes with intervals and days, then flags, then what the numbers mean.
    #[must_use]
    pub fn summary(&self, seed: u64, precision: Option<f64>, width: Option<u16>) -> String {
        let s = self.scenario;
        let n = self.tally.rounds;
        let mut table = new_table(
            &[
                "Outcome",
                "Share",
                "95 % interval",
                "Median day",
                "Guesses",
                "",
            ],
            width,
        );
        let mut bounded = false;
        for (j, row) in self.outcomes().into_iter().enumerate() {
            let share = wilson(row.count, n);
            let (shown, interval) = if row.count == 0 {
                (
                    "never".to_owned(),
                    format!("below {}", percent(share.high, 4)),
                )
            } else {
                (percent(share.probability, digits(share)), interval(share))
            };
            let day = match row.day_p50 {
                Some(_) if self.at_horizon(j) => "at the end".to_owned(),
                Some(day) => format!("{day:.1}"),
                None => String::new(),
            };
            let part = guesses(self.pairs.get(j));
            bounded |= part.starts_with('<');
            table.add_row(vec![
                Cell::new(&row.name),
                right(shown),
                right(interval),
                right(day),
                right(part),
                bar_cell(share.probability, width),
            ]);
        }
        let hidden = fit(&mut table, width, &[4, 3, 5]);
        let mut out = format!("{}\n", s.title);
        for setting in s.sources.settings() {
            let _ = writeln!(out, "with {setting}");
        }
        let _ = writeln!(out, "{n} rounds, seed {seed}\n{table}");
        if hidden.contains(&4) {
            out.push_str("There is more in a wider window.\n");
        } else {
            out.push_str(
                "Guesses: the part of each outcome's variance that comes from the priors; the rest is chance.\n",
            );
            if bounded {
                out.push_str("< says how much of it can still be there where none was found.\n");
            }
        }
        self.write_precision(&mut out, precision);
        if !s.flags.is_empty() {
            let mut table = new_table(&["Flag", "Share", "95 % interval", ""], width);
            for (flag, count) in s.flags.iter().zip(&self.tally.flags) {
                let share = wilson(*count, n);
                table.add_row(vec![
                    Cell::new(&flag.name),
                    right(percent(share.probability, digits(share))),
                    right(interval(share)),
                    bar_cell(share.probability, width),
                ]);
            }
            fit(&mut table, width, &[3]);
            let _ = writeln!(out, "\n{table}");
        }
        out.push_str(CAVEAT);
        out
    }

    /// What cannot be told apart, how wide intervals are, and what narrower ones would take.
    fn write_precision(&self, out: &mut String, precision: Option<f64>) {
        let s = self.scenario;
        let n = self.tally.rounds;
        let counts: Vec<u64> = (0..s.outcomes.len())
            .map(|j| self.tally.outcome_count(j))
            .collect();
        let mut alike = Vec::new();
        for (i, a) in counts.iter().enumerate() {
            for (j, b) in counts.iter().enumerate().skip(i + 1) {
                if !distinguishable(*a, *b, n) {
                    alike.push(format!("{} and {}", s.outcomes[i].id, s.outcomes[j].id));
                }
            }
        }
        if !alike.is_empty() {
            let _ = writeln!(
                out,
                "Not told apart at this number of rounds: {}.",
                alike.join("; ")
            );
        }
        let half = |c: &u64| wilson(*c, n).half_width();
        let Some(widest) =
            (0..counts.len()).max_by(|a, b| half(&counts[*a]).total_cmp(&half(&counts[*b])))
        else {
            return;
        };
        let width = half(&counts[widest]);
        match precision {
            Some(asked) if width <= asked => {
                let _ = writeln!(
                    out,
                    "Every outcome is known to ±{:.3} points or better, as asked (±{:.3}).",
                    100.0 * width,
                    100.0 * asked
                );
            }
            Some(asked) => {
                let _ = writeln!(
                    out,
                    "Not every outcome is known to ±{:.3} points: {} is at ±{:.3}; about {} rounds would do.",
                    100.0 * asked,
                    s.outcomes[widest].id,
                    100.0 * width,
                    rounds_for(&counts, n, asked)
                );
            }
            None => {
                let _ = writeln!(
                    out,
                    "The widest interval is ±{:.3} points; half of that would take about {} rounds.",
                    100.0 * width,
                    rounds_for(&counts, n, width / 2.0)
                );
            }
        }
    }
}

/// The part of an outcome's variance that comes from the priors, as a cell.
fn guesses(pairs: Option<&Pairs>) -> String {
    match pairs.map(Pairs::from_priors) {
        Some(e) if e.low.is_finite() && e.high - e.low < 1.0 => {
            let half = 100.0 * (e.high - e.low) / 2.0;
            match 100.0 * e.value {
                // Nothing was found, and so much can still be there.
                percent if percent < 0.5 => format!("< {:.0} %", (100.0 * e.high).ceil()),
                percent => format!("{percent:.0} % ±{half:.0}"),
            }
        }
        _ => "?".to_owned(),
    }
}

/// Whether the shares of two outcomes, which exclude each other, differ for certain at 95 %: the
/// interval of their difference, with one round more in each (Bonett & Price 2012), leaves out 0.
fn distinguishable(a: u64, b: u64, n: u64) -> bool {
    let n = n as f64 + 2.0;
    let (p, q) = ((a as f64 + 1.0) / n, (b as f64 + 1.0) / n);
    let difference = p - q;
    let error = ((p + q - difference * difference) / n).sqrt();
    difference.abs() > Z95 * error
}
