//! The tables of `kzsim run --given`: what follows from a run once evidence is taken into account.

use jiff::civil::DateTime;

use super::arrivals::{self, ArrivalRow};
use super::cell::{defined, free_text};
use super::row::{Table, table};
use crate::analysis::conditional::{Conditional, quantile, rank};
use crate::analysis::interval::bound;
use crate::ensemble::Tally;
use crate::ensemble::smc::CELLS;
use crate::plan::Plan;
use crate::scenario::reports::Report;
use crate::scenario::{Evidence, Scenario};

/// A run weighted by evidence, with all that gives its numbers meaning.
pub struct Given<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Its plan.
    pub plan: &'a Plan,
    /// The evidence.
    pub evidence: &'a Evidence,
    /// Its reports.
    pub reports: &'a [Report],
    /// The rounds without evidence.
    pub tally: &'a Tally,
    /// The weighted rounds.
    pub found: Conditional<'a>,
}

table! {
    /// A row of `given_outcomes.csv`: an outcome.
    GivenOutcomeRow in "given_outcomes.csv" {
        ..scenario,
        outcome: String = "id",
        name: String = "display name",
        probability: Option<f64> = "probability that a round ends with it, given the evidence",
        ..given,
        ..days("day on which it was noted in these rounds; empty if never"),
    }

    /// A row of `given_flags.csv`: a flag.
    GivenFlagRow in "given_flags.csv" {
        ..scenario,
        flag: String = "id",
        name: String = "display name",
        probability: Option<f64> = "probability that it is ever true, given the evidence",
        ..given,
    }

    /// A row of `given_actions.csv`: an action.
    GivenActionRow in "given_actions.csv" {
        ..scenario,
        action: String = "id",
        name: String = "display name",
        probability: Option<f64> = "probability that it takes effect, given the evidence",
        ..given,
        ..days("day on which it first took effect; empty if never"),
    }

    /// A row of `given_priors.csv`: a prior.
    GivenPriorRow in "given_priors.csv" {
        ..scenario,
        prior: String = "path in the scenario",
        says: Option<String> = "the analyst's words; empty if there are none",
        p05: Option<f64> = "5th percentile given the evidence; empty with fewer than 20 effective values",
        p50: Option<f64> = "median given the evidence; empty with fewer than 20 effective values",
        p95: Option<f64> = "95th percentile given the evidence; empty with fewer than 20 effective values",
        effective_values: f64 = "number of equally weighted values that the rounds drew: rounds continued several times share theirs",
        before_p05: f64 = "5th percentile of the prior",
        before_p50: f64 = "median of the prior",
        before_p95: f64 = "95th percentile of the prior",
        upper_half: Option<f64> = "probability that the value is above the median of the prior, given the evidence",
        ..interval(Option<f64>),
        moved: bool = "whether that interval excludes one half",
    }

    /// A row of `given_evidence.csv`: a report.
    GivenReportRow in "given_evidence.csv" {
        ..scenario,
        observation: String = "id; of a group, all of them",
        on: Option<DateTime> = "the moment at which the report is complete",
        reliability: f64 = "P(report given that it is true) = 1 − P(report given that it is not)",
        probability_given_earlier: Option<f64> = "P(report given all earlier reports)",
        likelihood_so_far: f64 = "P(this report and all earlier ones)",
        likelihood_at_most: Option<f64> = "where no round fits them, the most at 95 % that this probability may still be; empty otherwise",
        probability_wrong: Option<f64> = "P(what it reports is not true), given all reports; empty where no round fits",
        effective_rounds: f64 ["round"] = "effective rounds of the weights after this report (Kish)",
    }
}

impl Given<'_> {
    fn days(&self, weights: &[f64]) -> [Option<f64>; 3] {
        [0.05, 0.5, 0.95].map(|p| rank(weights, p).map(|step| self.scenario.clock.day(step as u64)))
    }

    /// Share, the ends of its interval, and effective rounds of a weighted total.
    fn share(&self, total: usize) -> [Option<f64>; 4] {
        let share = self.found.share(total);
        let effective = self.found.effective_of(total);
        [share.probability, share.low, share.high, effective].map(defined)
    }

    /// The share of rounds with this count, without evidence.
    fn unconditional(&self, count: u64) -> f64 {
        count as f64 / self.tally.rounds as f64
    }

    /// Every table, in order.
    #[must_use]
    pub fn tables(&self) -> Vec<Table> {
        let mut out = vec![
            Table::of(&self.outcomes()),
            Table::of(&self.flags()),
            Table::of(&self.actions()),
            Table::of(&self.priors()),
            Table::of(&self.evidence()),
        ];
        let arrivals = self.arrivals();
        if !arrivals.is_empty() {
            out.push(Table::of(&arrivals));
        }
        out
    }

    /// Rows of `arrivals.csv`: none where rounds were resampled from the start.
    #[must_use]
    pub fn arrivals(&self) -> Vec<ArrivalRow> {
        let ended = &self.found.weighted.ended;
        arrivals::outcomes(self.scenario, self.evidence, self.reports, ended)
    }

    /// Rows of `given_outcomes.csv`.
    #[must_use]
    pub fn outcomes(&self) -> Vec<GivenOutcomeRow> {
        let each = self.scenario.outcomes.iter().enumerate();
        each.map(|(j, outcome)| {
            let [probability, ci_low, ci_high, effective_rounds] = self.share(j);
            let [day_p05, day_p50, day_p95] = self.days(&self.found.weighted.outcomes[j]);
            GivenOutcomeRow {
                scenario: self.scenario.name.clone(),
                outcome: outcome.id.clone(),
                name: outcome.name.clone(),
                probability,
                ci_low,
                ci_high,
                effective_rounds,
                unconditional: self.unconditional(self.tally.outcome_count(j)),
                day_p05,
                day_p50,
                day_p95,
            }
        })
        .collect()
    }

    /// Rows of `given_actions.csv`.
    #[must_use]
    pub fn actions(&self) -> Vec<GivenActionRow> {
        let w = self.found.weighted;
        let from = w.outcomes.len() + w.flags.len();
        let each = self.scenario.actions.iter().enumerate();
        each.map(|(i, action)| {
            let [probability, ci_low, ci_high, effective_rounds] = self.share(from + i);
            let [day_p05, day_p50, day_p95] = self.days(&w.actions[i]);
            GivenActionRow {
                scenario: self.scenario.name.clone(),
                action: action.id.clone(),
                name: action.name.clone(),
                probability,
                ci_low,
                ci_high,
                effective_rounds,
                unconditional: self.unconditional(self.tally.action_count(i)),
                day_p05,
                day_p50,
                day_p95,
            }
        })
        .collect()
    }

    /// Rows of `given_flags.csv`.
    #[must_use]
    pub fn flags(&self) -> Vec<GivenFlagRow> {
        let from = self.found.weighted.outcomes.len();
        let each = self.scenario.flags.iter().enumerate();
        each.map(|(i, f)| {
            let [probability, ci_low, ci_high, effective_rounds] = self.share(from + i);
            GivenFlagRow {
                scenario: self.scenario.name.clone(),
                flag: f.id.clone(),
                name: f.name.clone(),
                probability,
                ci_low,
                ci_high,
                effective_rounds,
                unconditional: self.unconditional(self.tally.flags[i]),
            }
        })
        .collect()
    }

    /// What people call a prior: its name, or its path.
    #[must_use]
    pub fn called<'p>(&'p self, path: &'p str) -> &'p str {
        let prior = self.plan.priors.iter().find(|p| p.path == path);
        prior.map_or(path, |p| &p.name)
    }

    /// Rows of `given_priors.csv`.
    #[must_use]
    pub fn priors(&self) -> Vec<GivenPriorRow> {
        let w = self.found.weighted;
        let from = w.outcomes.len() + w.flags.len() + w.actions.len();
        let numbers = self.scenario.priors();
        let each = self.plan.priors.iter().zip(numbers).enumerate();
        each.map(|(i, (prior, number))| {
            let at = |u: f64| f64::from(prior.at_uniform(u));
            let after = |p: f64| {
                let place = quantile(&w.priors[i], p).filter(|_| self.found.has_percentiles());
                place.map(|cells| at(cells / CELLS as f64))
            };
            let share = self.found.share(from + i);
            GivenPriorRow {
                scenario: self.scenario.name.clone(),
                prior: prior.path.clone(),
                says: number.remarks.says.as_deref().map(free_text),
                p05: after(0.05),
                p50: after(0.5),
                p95: after(0.95),
                effective_values: self.found.families(),
                before_p05: at(0.05),
                before_p50: at(0.5),
                before_p95: at(0.95),
                upper_half: defined(share.probability),
                ci_low: defined(share.low),
                ci_high: defined(share.high),
                moved: share.low > 0.5 || share.high < 0.5,
            }
        })
        .collect()
    }

    /// Rows of `given_evidence.csv`.
    #[must_use]
    pub fn evidence(&self) -> Vec<GivenReportRow> {
        let w = self.found.weighted;
        let each = self.reports.iter().zip(&w.reports).enumerate();
        each.map(|(i, (r, [before, with, squares]))| {
            let members = r.members.iter().map(|i| &self.evidence.observations[*i]);
            let start = self.scenario.clock.start;
            let on = members.map(|o| o.on.date(start)).max();
            GivenReportRow {
                scenario: self.scenario.name.clone(),
                observation: r.ids(self.evidence),
                on,
                reliability: r.reliability,
                probability_given_earlier: defined(with / before),
                likelihood_so_far: with / w.rounds as f64,
                likelihood_at_most: (*with == 0.0).then(|| bound(w.rounds)),
                probability_wrong: self.found.wrong(i),
                effective_rounds: if *squares > 0.0 {
                    with * with / squares
                } else {
                    0.0
                },
            }
        })
        .collect()
    }
}
