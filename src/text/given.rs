//! What `kzsim run --given` prints after the summary of the run.

use std::fmt::Write;

use comfy_table::Cell;

use super::arrivals::{left_out, of_run};
use super::layout::{Layout, right};
use super::number::{count, effective, interval, number, percent, percent_to, probability, share};
use super::weighing::how_wrong;
use crate::analysis::tails::UNITS;
use crate::analysis::weighing::{FEW, is_doubtful};
use crate::ensemble::smc::GivenBy;
use crate::table::given::{Given, GivenPriorRow, GivenReportRow};

/// Priors that are shown.
const SHOWN: usize = 12;

/// Effective rounds of the outcome with the fewest; `of` says how many were played.
fn for_each_outcome(n: f64, of: &str) -> String {
    match effective(n).as_str() {
        _ if n < 1.0 => format!("less than one effective round{of} for some outcome"),
        "1" => format!("at least 1 effective round{of} for each outcome"),
        many => format!("at least {many} effective rounds{of} for each outcome"),
    }
}

/// What makes the numbers unreliable, in sentences: of the least number of effective rounds of any
/// outcome, of the islands that have the weight (if these were resampled, and it is known), and of
/// the reports.
pub(crate) fn warnings(
    least: f64,
    islands: Option<f64>,
    reports: &[GivenReportRow],
) -> Vec<String> {
    let mut out = Vec::new();
    match islands {
        // So far from two that their scatter says nothing.
        Some(n) if least == 0.0 => out.push(format!(
            "one island (rounds that were resampled together) has {} the weight, so the error cannot be estimated. Run more rounds.",
            if n > 1.0 { "nearly all" } else { "all" }
        )),
        None if least == 0.0 => out.push(format!("{UNKNOWN}. Run more rounds.")),
        Some(n) if n < UNITS => out.push(format!(
            "errors are estimated from the scatter between islands (rounds that were resampled together), and the weight \
             is spread over only about {} of them, so intervals are wide. Run more rounds.",
            number(n)
        )),
        _ => {}
    }
    if least > 0.0 && least < FEW {
        out.push(format!(
            "fewer than {FEW:.0} effective rounds; do not rely on the intervals. Run more rounds."
        ));
    }
    out.extend(doubts(reports));
    out
}

/// What the intervals of shares given evidence leave out.
pub(crate) const RANGES: &str = "Intervals are the error of a finite number of rounds. Ranges across guesses and across forms of \
                                 the model are those without the evidence: given it, too few rounds of each set of guesses \
                                 would fit to tell them.";

/// What is said where nothing is known of the error of some outcome.
const UNKNOWN: &str = "the error of the outcomes is not known";

/// A sentence on the reports that are counted on and probably wrong, given all of them: the answer
/// is about a world in which they are.
fn doubts(reports: &[GivenReportRow]) -> Option<String> {
    let doubtful = reports.iter().filter_map(|r| {
        let wrong = r.probability_wrong?;
        is_doubtful(r.reliability, wrong).then_some((r, wrong))
    });
    let doubtful: Vec<(&GivenReportRow, f64)> = doubtful.collect();
    let each = doubtful.iter().map(|(r, wrong)| {
        format!(
            "{} ({}; reliability {})",
            r.observation,
            how_wrong(*wrong),
            r.reliability
        )
    });
    let each = each.collect::<Vec<_>>().join(", ");
    let (head, they_are) = match doubtful.len() {
        0 => return None,
        1 => ("the report on", "it is"),
        _ => ("the reports on", "they are"),
    };
    let is = if doubtful.len() == 1 { "is" } else { "are" };
    let mut text = format!(
        "given the evidence, {head} {each} {is} probably wrong, and the answer is mostly about rounds in which \
         {they_are}."
    );
    if doubtful.iter().any(|(_, wrong)| *wrong >= 1.0) {
        text.push_str(
            " The intervals cannot allow for rounds that would show what was reported but never turned up. Run more \
             rounds; if there are none even then, the model and the report contradict each other.",
        );
    }
    Some(text)
}

impl Given<'_> {
    /// What makes the shares doubtful, in sentences; nothing where there are none, as no round fits.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        if self.found.likelihood_at_most().is_some() {
            return Vec::new();
        }
        let islands = match self.found.method {
            GivenBy::Weights => None,
            GivenBy::Resampling => Some(self.found.islands()),
        };
        warnings(self.found.effective(), islands, &self.evidence())
    }

    /// What the evidence changes, in tables.
    #[must_use]
    pub fn summary(&self, layout: Layout) -> String {
        let w = self.found.weighted;
        let reports = match self.reports.len() {
            1 => "1 report".to_owned(),
            n => format!("{n} reports"),
        };
        let mut out = format!("\nGiven: {}\n", self.evidence.title);
        for text in left_out(self.evidence, self.scenario.clock.start) {
            layout.paragraph(&mut out, &text);
        }
        if let Some(bound) = self.found.likelihood_at_most() {
            let text = format!(
                "{reports}; none of {} rounds fits them. P(evidence) is below {} (95 %), which is a bound, not \
                 zero. Nothing can be said given this evidence: run more rounds, or set the reliability of \
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
            GivenBy::Weights => format!(
                "{}, by weighting",
                for_each_outcome(n, &format!(" of {rounds}"))
            ),
            GivenBy::Resampling => {
                let kept = if w.ancestors == w.rounds {
                    match w.rounds {
                        1 => "the only round was kept".to_owned(),
                        _ => format!("all {rounds} rounds were kept"),
                    }
                } else {
                    format!(
                        "the result goes back to {} of {rounds} rounds; the others were given up, as they fitted \
                         worse",
                        count(w.ancestors)
                    )
                };
                let known = if n > 0.0 {
                    for_each_outcome(n, "")
                } else {
                    UNKNOWN.to_owned()
                };
                format!("{known}, by resampling at the times of the reports: {kept}")
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
        layout.paragraph(&mut out, RANGES);
        of_run(&mut out, &self.arrivals(), self.scenario, layout);
        self.write_priors(&mut out, layout);
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
                Cell::new(self.called(&row.prior)),
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
