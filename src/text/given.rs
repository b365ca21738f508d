//! The summary that `kzsim run --given` prints.

use std::fmt::Write as _;

use comfy_table::Cell;

use super::summary::{bar_cell, digits, interval, new_table, percent, right};
use crate::analysis::weighing::FEW;
use crate::ensemble::islands::Method;
use crate::table::given::{Given, GivenPriorRow};

/// Priors that are shown on the terminal.
const SHOWN: usize = 12;

impl Given<'_> {
    /// What the evidence changes, in tables.
    #[must_use]
    pub fn summary(&self, width: Option<u16>) -> String {
        let w = self.found.weighted;
        let mut out = format!(
            "\nGiven: {}\n{} reports; P(evidence) = {:.2e}; ",
            self.evidence.title,
            self.reports.len(),
            self.found.likelihood()
        );
        let n = self.found.effective();
        if w.weight == 0.0 {
            let _ = writeln!(
                out,
                "no round matched.\nNothing can be said given this evidence: play more rounds, or give \
                 reports a reliability\nbelow 1."
            );
            return out;
        }
        let how = match self.method() {
            Method::Weights => format!("{n:.0} effective rounds of {} by weighting", w.rounds),
            Method::Resampling => format!(
                "at least {n:.0} effective rounds for each outcome, by resampling\n\
                 at the moments of reports: {} of {} rounds fitted well enough to go on",
                w.ancestors, w.rounds
            ),
        };
        let _ = writeln!(out, "{how}");
        if n < FEW {
            let _ = writeln!(
                out,
                "Warning: under {FEW:.0} effective rounds; intervals are not to be leaned on. Play more rounds."
            );
        }
        let mut table = new_table(
            &[
                "Outcome, given this",
                "Share",
                "95 % interval",
                "Before",
                "",
            ],
            width,
        );
        for (j, row) in self.outcomes().into_iter().enumerate() {
            let share = self.found.share(j);
            table.add_row(vec![
                Cell::new(&row.name),
                right(percent(share.probability, digits(share))),
                right(interval(share)),
                right(percent(row.unconditional, 2)),
                bar_cell(share.probability, width),
            ]);
        }
        let _ = writeln!(out, "{table}");
        let rows = self.priors().into_iter().filter(|p| p.moved);
        let mut moved: Vec<(GivenPriorRow, f64, f64)> = rows
            .filter_map(|p| Some((p.p50?, p.upper_half?)).map(|(after, upper)| (p, after, upper)))
            .collect();
        let shift = |upper: f64| (upper - 0.5).abs();
        moved.sort_by(|a, b| shift(b.2).total_cmp(&shift(a.2)));
        if moved.is_empty() {
            out.push_str(
                "The evidence moves no prior that can be told at this number of rounds.\n",
            );
            return out;
        }
        let mut table = new_table(
            &[
                "What the evidence says of a guess",
                "Median before",
                "after",
                "Upper half",
            ],
            width,
        );
        for (row, after, upper) in moved.iter().take(SHOWN) {
            table.add_row(vec![
                Cell::new(&row.prior),
                right(format!("{:.3}", row.before_p50)),
                right(format!("{after:.3}")),
                right(percent(*upper, 0)),
            ]);
        }
        let _ = writeln!(
            out,
            "\nPriors that the evidence moves, the most moved first ({} of {} can be told at all).\n\
             Upper half: how likely the value is above its median before; 50 % would be no news.\n{table}",
            moved.len(),
            self.plan.priors.len()
        );
        out
    }

    fn method(&self) -> Method {
        self.found.method
    }
}
