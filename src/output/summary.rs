//! The tables that `kzsim run` prints.

use std::fmt::Write;

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table};

use super::tables::Results;
use crate::analysis::interval::{Share, wilson};

/// What the numbers mean and what they do not.
pub(super) const CAVEAT: &str = "
Intervals state the error of a finite number of rounds, not that of the assumptions.
Shares follow from the scenario as written; they are no forecast, and they say nothing
about the guilt of any person.
";

/// Rounds below which an interval is said to be wide.
const BAR: usize = 20;

/// A share as a bar of blocks.
fn bar(p: f64) -> String {
    let eighths = (p * (BAR * 8) as f64).round() as usize;
    let mut out = "█".repeat(eighths / 8);
    if let Some(part) = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"].get(eighths % 8) {
        out.push_str(part);
    }
    out
}

/// A share in per cent, with as many digits as its interval allows.
pub(super) fn percent(x: f64, digits: usize) -> String {
    format!("{:.digits$} %", 100.0 * x)
}

pub(super) fn digits(share: Share) -> usize {
    match share.high - share.low {
        w if w < 0.0005 => 3,
        w if w < 0.02 => 2,
        _ => 1,
    }
}

pub(super) fn interval(share: Share) -> String {
    let d = digits(share);
    format!("{:.d$} to {:.d$}", 100.0 * share.low, 100.0 * share.high)
}

pub(super) fn new_table(header: &[&str], width: Option<u16>) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(width.unwrap_or(100));
    table.set_header(header.iter().copied());
    table
}

pub(super) fn right(text: impl Into<String>) -> Cell {
    Cell::new(text.into()).set_alignment(CellAlignment::Right)
}

impl Results<'_> {
    /// Outcomes with intervals and days, then flags, then what the numbers mean.
    #[must_use]
    pub fn summary(&self, seed: u64, width: Option<u16>) -> String {
        let s = self.scenario;
        let n = self.tally.rounds;
        let mut table = new_table(
            &["Outcome", "Share", "95 % interval", "Median day", ""],
            width,
        );
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
                Some(day) => format!("{:.1}", day.0),
                None => String::new(),
            };
            table.add_row(vec![
                Cell::new(&row.name),
                right(shown),
                right(interval),
                right(day),
                Cell::new(bar(share.probability)),
            ]);
        }
        let mut out = format!("{}\n{n} rounds, seed {seed}\n{table}\n", s.title);
        if !s.flags.is_empty() {
            let mut table = new_table(&["Flag", "Share", "95 % interval", ""], width);
            for (flag, count) in s.flags.iter().zip(&self.tally.flags) {
                let share = wilson(*count, n);
                table.add_row(vec![
                    Cell::new(&flag.name),
                    right(percent(share.probability, digits(share))),
                    right(interval(share)),
                    Cell::new(bar(share.probability)),
                ]);
            }
            let _ = writeln!(out, "\n{table}");
        }
        out.push_str(CAVEAT);
        out
    }
}
