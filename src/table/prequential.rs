//! The table of how each reading foretold the reports one after another.

use jiff::civil::DateTime;

use super::cell::Extended;
use super::row::table;
use crate::analysis::weighing::Likelihoods;
use crate::ensemble::patterns::Patterns;
use crate::scenario::evidence::Observation;
use crate::scenario::reports::Report;
use crate::scenario::{Evidence, Scenario};

table! {
    /// A row of `prequential.csv`: a report and a reading.
    PrequentialRow in "prequential.csv" {
        ..reading,
        observation: String = "id; of a group, all of them",
        on: DateTime = "the moment at which the report is complete",
        log_score: Extended = "ln of P(report given all earlier reports), at most 0: nearer to 0 is foretold better",
        ..interval(Extended),
        log_score_so_far: Extended = "sum of the scores up to this report",
        difference: Extended = "that sum less that of the reading listed first, in the same rounds",
        difference_low: Extended = "lower end of its interval at 95 %",
        difference_high: Extended = "upper end of its interval at 95 %",
        distinguishable: bool = "whether that interval excludes 0",
    }
}

/// The rows: what each reading foretold of each report from those before it (Dawid 1984). `reported` has what held in
/// the rounds of each reading.
#[must_use]
pub fn rows(
    evidence: &Evidence,
    scenarios: &[Scenario],
    known: &[Report],
    reported: &[Patterns],
) -> Vec<PrequentialRow> {
    let up_to = |k: usize| Likelihoods::of(reported, &known[..k]);
    let steps: Vec<Likelihoods> = (0..=known.len()).map(up_to).collect();
    let n = scenarios.len();
    let mut out = Vec::new();
    for (k, report) in known.iter().enumerate() {
        let both = steps[k].0.iter().chain(&steps[k + 1].0).cloned();
        let both = Likelihoods(both.collect());
        let members: Vec<&Observation> = report
            .members
            .iter()
            .map(|m| &evidence.observations[*m])
            .collect();
        let ids: Vec<&str> = members.iter().map(|o| o.id.as_str()).collect();
        for (i, s) in scenarios.iter().enumerate() {
            let score = both.estimate(|l| libm::log(l[n + i] / l[i]));
            let lead = steps[k + 1].log_ratio(i, 0);
            let on = members.iter().map(|o| o.on.date(s.clock.start)).max();
            out.push(PrequentialRow {
                scenario: s.name.clone(),
                observation: ids.join(" "),
                on: on.unwrap_or_default(),
                log_score: Extended(score.value),
                ci_low: Extended(score.low),
                ci_high: Extended(score.high),
                log_score_so_far: Extended(libm::log(steps[k + 1].0[i].value())),
                difference: Extended(lead.value),
                difference_low: Extended(lead.low),
                difference_high: Extended(lead.high),
                distinguishable: lead.excludes(0.0),
            });
        }
    }
    out
}
