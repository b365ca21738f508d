//! What `kzsim run --given` prints after the summary of the run.

use std::fmt::Write;

use comfy_table::Cell;

use super::layout::{Layout, right};
use super::number::{count, effective, interval, number, percent, percent_to, probability, share};
use crate::analysis::weighing::FEW;
use crate::ensemble::smc::Method;
use crate::table::given::{Given, GivenPriorRow};

/// Priors that are shown.
const SHOWN: usize = 12;

impl Given<'_> {
    /// What the evidence changes, in tables.
    #[must_use]
    pub fn summary(&self, layout: Layout) -> String {
        let w = self.found.weighted;
        let reports = match self.reports.len() {
            1 => "1 report".to_owned(),
            n => format!("{n} reports"),
        };
        let mut out = format!("\nGiven: {}\n", self.evidence.title);
        if w.weight == 0.0 {
            let text = format!(
                "{reports}; no round matched. Nothing can be said given this evidence: run more rounds, or \
                 set the reliability of reports below 1."
            );
            layout.paragraph(&mut out, &text);
            return out;
        }
        let n = self.found.effective();
        let rounds = count(w.rounds);
        let method = match self.found.method {
            Method::Weights => format!(
                "{} effective rounds of {rounds}, by weighting",
                effective(n)
            ),
            Method::Resampling => format!(
                "at least {} effective rounds for each outcome, by resampling at the times of the reports: {} of \
                 {rounds} rounds were kept",
                effective(n),
                count(w.ancestors)
            ),
        };
        let text = format!(
            "{reports}; P(evidence) = {}; {method}",
            probability(self.found.likelihood())
        );
        layout.paragraph(&mut out, &text);
        if n < FEW {
            let text = format!(
                "Warning: fewer than {FEW:.0} effective rounds; do not rely on the intervals. Run more rounds."
            );
            layout.paragraph(&mut out, &text);
        }
        let mut table = layout.table(&[
            "Outcome, given the evidence",
            "Share",
            "95 % interval",
            "Before",
            "",
        ]);
        for (j, row) in self.outcomes().into_iter().enumerate() {
            let estimate = self.found.share(j);
            table.add_row(vec![
                Cell::new(&row.name),
                right(share(estimate)),
                right(interval(estimate)),
                right(percent(row.unconditional)),
                layout.bar(estimate.probability),
            ]);
        }
        layout.fit(&mut table, &[4]);
        let _ = writeln!(out, "{table}");
        self.write_priors(&mut out, layout);
        out
    }

    /// The priors that the evidence moves most.
    fn write_priors(&self, out: &mut String, layout: Layout) {
        let rows = self.priors().into_iter().filter(|p| p.moved);
        let mut moved: Vec<(GivenPriorRow, f64, f64)> = rows
            .filter_map(|p| Some((p.p50?, p.upper_half?)).map(|(after, upper)| (p, after, upper)))
            .collect();
        let shift = |upper: f64| (upper - 0.5).abs();
        moved.sort_by(|a, b| shift(b.2).total_cmp(&shift(a.2)));
        if moved.is_empty() {
            out.push_str("With this many rounds, the evidence moves no prior detectably.\n");
            return;
        }
        let mut table = layout.table(&["Prior", "Median before", "after", "Upper half"]);
        for (row, after, upper) in moved.iter().take(SHOWN) {
            table.add_row(vec![
                Cell::new(&row.prior),
                right(number(row.before_p50)),
                right(number(*after)),
                right(percent_to(*upper, 0)),
            ]);
        }
        let text = format!(
            "Priors that the evidence moves, the most moved first ({} of {} move detectably). Upper half: \
             the probability that the value lies above its earlier median; 50 % means no change.",
            moved.len(),
            self.plan.priors.len()
        );
        out.push('\n');
        layout.paragraph(out, &text);
        let _ = writeln!(out, "{table}");
    }
}
