//! `arrivals.csv`: the answer as each report arrives, of `kzsim run --given` and of `kzsim weigh`.

use jiff::civil::{Date, DateTime};

use super::cell::{Extended, defined, free_text};
use super::row::table;
use crate::analysis::arrivals::answers;
use crate::analysis::jackknife::Estimate;
use crate::analysis::weighing::{FEW, Likelihoods};
use crate::ensemble::patterns::Patterns;
use crate::scenario::reports::{Report, in_order_known};
use crate::scenario::{Evidence, Scenario};

table! {
    /// A row of `arrivals.csv` of a run: the reports that have arrived, and an outcome.
    ArrivalRow in "arrivals.csv" {
        ..scenario,
        ..arrival,
        outcome: String = "id",
        probability: Option<f64> = "probability that a round ends with it, given these reports; empty where no round fits them",
        ..interval(Option<f64>),
        effective_rounds: f64 ["round"] = "number of equally weighted rounds whose interval would be as wide; 0 if nothing is known of the error",
        change: Option<f64> = "what the last report did: `probability` less that in the row before it, in the same rounds; empty before any",
        change_low: Option<f64> = "lower end of its interval at 95 %",
        change_high: Option<f64> = "upper end of its interval at 95 %",
        distinguishable: bool = "whether there are at least 100 effective rounds, and that interval excludes 0",
    }

    /// A row of `arrivals.csv` of a weighing: the reports that have arrived, and a reading.
    WeightArrivalRow in "arrivals.csv" {
        ..reading,
        ..arrival,
        posterior: Extended = "posterior given these reports",
        posterior_low: Extended = "lower end of its interval at 95 %",
        posterior_high: Extended = "upper end of its interval at 95 %",
        effective_rounds: f64 ["round"] = "number of equally weighted rounds with the same error",
        change: Extended = "what the last report did: `posterior` less that in the row before it, in the same rounds; empty before any",
        change_low: Extended = "lower end of its interval at 95 %",
        change_high: Extended = "upper end of its interval at 95 %",
        distinguishable: bool = "whether every reading has at least 100 effective rounds, and that interval excludes 0",
    }
}

/// What arrived last of so many reports, and when it became known.
fn last(known: &[(DateTime, Report)], arrived: usize) -> Option<&(DateTime, Report)> {
    arrived.checked_sub(1).and_then(|k| known.get(k))
}

/// Rows of a run: after each report in the order in which they became known, by outcome. `ended` has, by outcome, what
/// held in the rounds that ended with it. No rows where rounds were resampled from the start, so that this is not known.
#[must_use]
pub fn outcomes(
    s: &Scenario,
    evidence: &Evidence,
    reports: &[Report],
    ended: &[Patterns],
) -> Vec<ArrivalRow> {
    if ended.iter().all(|patterns| patterns.rounds() == 0) {
        return Vec::new();
    }
    let known = in_order_known(evidence, reports, s.clock.start);
    let reports: Vec<Report> = known.iter().map(|(_, r)| r.clone()).collect();
    let mut out = Vec::new();
    for (k, answer) in answers(ended, &reports).iter().enumerate() {
        let report = last(&known, k);
        for (j, outcome) in s.outcomes.iter().enumerate() {
            let change = answer.changes.get(j);
            out.push(ArrivalRow {
                scenario: s.name.clone(),
                arrived: k as u64,
                observation: report.map(|(_, r)| r.ids(evidence)),
                name: report.map(|(_, r)| free_text(&r.names(evidence))),
                known: report.map(|(moment, _)| *moment),
                outcome: outcome.id.clone(),
                probability: defined(answer.shares[j].probability),
                ci_low: defined(answer.shares[j].low),
                ci_high: defined(answer.shares[j].high),
                effective_rounds: answer.effective[j],
                change: change.and_then(|c| defined(c.value)),
                change_low: change.and_then(|c| defined(c.low)),
                change_high: change.and_then(|c| defined(c.high)),
                distinguishable: answer.is_changed(j),
            });
        }
    }
    out
}

/// Rows of a weighing: after each report in the order in which they became known, by reading. `reported` has what held in
/// the rounds of each reading, and `priors` their prior weights.
#[must_use]
pub fn readings(
    evidence: &Evidence,
    scenarios: &[Scenario],
    reports: &[Report],
    reported: &[Patterns],
    priors: &[f64],
) -> Vec<WeightArrivalRow> {
    let start = scenarios
        .first()
        .map_or_else(Date::default, |s| s.clock.start);
    let known = in_order_known(evidence, reports, start);
    let reports: Vec<Report> = known.iter().map(|(_, r)| r.clone()).collect();
    let mut out = Vec::new();
    let mut before: Option<Likelihoods> = None;
    for k in 0..=reports.len() {
        let now = Likelihoods::of(reported, &reports[..k]);
        let report = last(&known, k);
        let enough = now.0.iter().all(|l| l.effective() >= FEW);
        for (i, s) in scenarios.iter().enumerate() {
            let posterior = now.posterior(priors, i);
            let change = before.as_ref().map(|b| b.change(&now, priors, i));
            let of = |part: fn(&Estimate) -> f64| Extended(change.as_ref().map_or(f64::NAN, part));
            out.push(WeightArrivalRow {
                scenario: s.name.clone(),
                arrived: k as u64,
                observation: report.map(|(_, r)| r.ids(evidence)),
                name: report.map(|(_, r)| free_text(&r.names(evidence))),
                known: report.map(|(moment, _)| *moment),
                posterior: Extended(posterior.value),
                posterior_low: Extended(posterior.low),
                posterior_high: Extended(posterior.high),
                effective_rounds: now.0[i].effective(),
                change: of(|c| c.value),
                change_low: of(|c| c.low),
                change_high: of(|c| c.high),
                distinguishable: enough && change.is_some_and(|c| c.excludes(0.0)),
            });
        }
        before = Some(now);
    }
    out
}
