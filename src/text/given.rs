//! What `kzsim run --given` prints after the summary of the run.

use std::fmt::Write;

use comfy_table::Cell;

use super::layout::{Layout, right};
use super::number::{count, effective, interval, number, percent, percent_to, probability, share};
use crate::analysis::tails::UNITS;
use crate::analysis::weighing::FEW;
use crate::ensemble::smc::Method;
use crate::table::given::{Given, GivenPriorRow, GivenReportRow};

/// Priors that are shown.
const SHOWN: usize = 12;

/// Probability that a report is wrong, above which the answer takes it for an error.
const DOUBT: f64 = 0.5;

/// A sentence on a report that is more probably wrong than right, given all of them: rounds fit
/// the evidence only if it is an error, and the answer is about a world in which it is.
pub(crate) fn taken_for_an_error(row: &GivenReportRow) -> Option<String> {
    let wrong = row.probability_wrong.filter(|wrong| *wrong > DOUBT)?;
    let seen = if wrong == 1.0 {
        "no round that fits shows what it says, so the answer takes it for an error".to_owned()
    } else {
        format!(
            "in {} of the weighted rounds it is not true, so the answer mostly takes it for an error",
            percent(wrong)
        )
    };
    Some(format!(
        "the report on {} (reliability {}): {seen}. The intervals do not count rounds that would show it and were \
         not met. Run more rounds; if none shows it, the model and the report contradict each other.",
        row.observation, row.reliability
    ))
}

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
        if let Some(bound) = self.found.likelihood_at_most() {
            let text = format!(
                "{reports}; none of {} rounds fits, so P(evidence) is below {} at 95 %, which is a bound and not \
                 zero, and nothing can be said given this evidence. Run more rounds, or set the reliability of \
                 reports below 1.",
                count(w.rounds),
                probability(bound)
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
            Method::Resampling => {
                let kept = if w.ancestors == w.rounds {
                    format!("none of {rounds} rounds had to be given up")
                } else {
                    format!(
                        "the result goes back to {} of {rounds} rounds; the others were given up, as they fitted \
                         worse",
                        count(w.ancestors)
                    )
                };
                format!(
                    "at least {} effective rounds for each outcome, by resampling at the times of the reports: {kept}",
                    effective(n)
                )
            }
        };
        let text = format!(
            "{reports}; P(evidence) = {}; {method}",
            probability(self.found.likelihood())
        );
        layout.paragraph(&mut out, &text);
        for text in self.warnings() {
            layout.paragraph(&mut out, &format!("Warning: {text}"));
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

    /// What makes the numbers unreliable, in sentences.
    fn warnings(&self) -> Vec<String> {
        let mut out = Vec::new();
        let islands = self.found.islands();
        if self.found.method == Method::Resampling && islands < UNITS {
            out.push(format!(
                "errors come from the scatter of islands of rounds, and {} of them have all the weight (counted \
                 as if they had equal weight): too few to know an error well, so intervals are wide. Run more \
                 rounds.",
                number(islands)
            ));
        }
        if self.found.effective() < FEW {
            out.push(format!(
                "fewer than {FEW:.0} effective rounds; do not rely on the intervals. Run more rounds."
            ));
        }
        out.extend(self.evidence().iter().filter_map(taken_for_an_error));
        out
    }

    /// The priors that the evidence moves most.
    fn write_priors(&self, out: &mut String, layout: Layout) {
        let rows = self.priors().into_iter().filter(|p| p.moved);
        let mut moved: Vec<(GivenPriorRow, f64)> = rows
            .filter_map(|p| p.upper_half.map(|upper| (p, upper)))
            .collect();
        let shift = |upper: f64| (upper - 0.5).abs();
        moved.sort_by(|a, b| shift(b.1).total_cmp(&shift(a.1)));
        if moved.is_empty() {
            out.push_str("With this many rounds, the evidence moves no prior detectably.\n");
            return;
        }
        let mut table = layout.table(&["Prior", "Median before", "after", "Upper half"]);
        for (row, upper) in moved.iter().take(SHOWN) {
            table.add_row(vec![
                Cell::new(&row.prior),
                right(number(row.before_p50)),
                right(number(row.p50.unwrap_or(f64::NAN))),
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
