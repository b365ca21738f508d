//! The files of `kzsim run --given`: what a run gives once evidence is taken into account.

use std::fmt::Write as _;

use comfy_table::Cell;
use serde::Serialize;

use super::cell::{Column, Float, column, ends, float, plain, text, truth};
use crate::analysis::conditional::{Conditional, quantile, rank};
use crate::analysis::weighing::FEW;
use crate::ensemble::Tally;
use crate::ensemble::islands::{CELLS, Method};
use crate::plan::Plan;
use crate::scenario::evidence::Report;
use crate::scenario::{Evidence, Scenario};
use crate::text::summary::{bar_cell, digits, interval, new_table, percent, right};

/// Priors that are shown on the terminal.
const SHOWN: usize = 12;

/// What a run gave given evidence, with all that is needed to read it.
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

/// A row of `given_outcomes.csv` and `given_actions.csv`.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each column is described by `columns`")]
pub struct TimedRow {
    pub scenario: String,
    pub id: String,
    pub name: String,
    pub probability: Float,
    pub ci_low: Float,
    pub ci_high: Float,
    pub effective_rounds: Float,
    pub unconditional: Float,
    pub day_p05: Option<Float>,
    pub day_p50: Option<Float>,
    pub day_p95: Option<Float>,
}

/// A row of `given_flags.csv`.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each column is described by `columns`")]
pub struct FlagRow {
    pub scenario: String,
    pub flag: String,
    pub name: String,
    pub probability: Float,
    pub ci_low: Float,
    pub ci_high: Float,
    pub effective_rounds: Float,
    pub unconditional: Float,
}

/// A row of `given_priors.csv`.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each column is described by `columns`")]
pub struct PriorRow {
    pub scenario: String,
    pub prior: String,
    pub says: Option<String>,
    pub p05: Float,
    pub p50: Float,
    pub p95: Float,
    pub before_p05: Float,
    pub before_p50: Float,
    pub before_p95: Float,
    pub upper_half: Float,
    pub ci_low: Float,
    pub ci_high: Float,
    pub moved: bool,
}

/// A row of `given_evidence.csv`.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each column is described by `columns`")]
pub struct ReportRow {
    pub scenario: String,
    pub observation: String,
    pub on: String,
    pub reliability: Float,
    pub probability_given_earlier: Float,
    pub likelihood_so_far: Float,
    pub effective_rounds: Float,
}

impl Given<'_> {
    fn days(&self, weights: &[f64]) -> [Option<Float>; 3] {
        [0.05, 0.5, 0.95]
            .map(|p| rank(weights, p).map(|step| Float(self.scenario.clock.day(step as u64))))
    }

    fn timed(&self, id: &str, name: &str, total: usize, counts: &[f64], before: u64) -> TimedRow {
        let share = self.found.share(total);
        let [day_p05, day_p50, day_p95] = self.days(counts);
        TimedRow {
            scenario: self.scenario.name.clone(),
            id: id.to_owned(),
            name: name.to_owned(),
            probability: Float(share.probability),
            ci_low: Float(share.low),
            ci_high: Float(share.high),
            effective_rounds: Float(self.found.effective_of(total)),
            unconditional: Float(before as f64 / self.tally.rounds as f64),
            day_p05,
            day_p50,
            day_p95,
        }
    }

    /// Rows of `given_outcomes.csv`.
    #[must_use]
    pub fn outcomes(&self) -> Vec<TimedRow> {
        let w = self.found.weighted;
        let each = self.scenario.outcomes.iter().enumerate();
        each.map(|(j, o)| {
            let before = self.tally.outcome_count(j);
            self.timed(&o.id, &o.name, j, &w.outcomes[j], before)
        })
        .collect()
    }

    /// Rows of `given_actions.csv`.
    #[must_use]
    pub fn actions(&self) -> Vec<TimedRow> {
        let w = self.found.weighted;
        let from = w.outcomes.len() + w.flags.len();
        let each = self.scenario.actions.iter().enumerate();
        each.map(|(i, a)| {
            let before = self.tally.action_count(i);
            self.timed(&a.id, &a.name, from + i, &w.actions[i], before)
        })
        .collect()
    }

    /// Rows of `given_flags.csv`.
    #[must_use]
    pub fn flags(&self) -> Vec<FlagRow> {
        let from = self.found.weighted.outcomes.len();
        let each = self.scenario.flags.iter().enumerate();
        each.map(|(i, f)| {
            let share = self.found.share(from + i);
            FlagRow {
                scenario: self.scenario.name.clone(),
                flag: f.id.clone(),
                name: f.name.clone(),
                probability: Float(share.probability),
                ci_low: Float(share.low),
                ci_high: Float(share.high),
                effective_rounds: Float(self.found.effective_of(from + i)),
                unconditional: Float(self.tally.flags[i] as f64 / self.tally.rounds as f64),
            }
        })
        .collect()
    }

    /// Rows of `given_priors.csv`.
    #[must_use]
    pub fn priors(&self) -> Vec<PriorRow> {
        let w = self.found.weighted;
        let from = w.outcomes.len() + w.flags.len() + w.actions.len();
        let numbers = self.scenario.priors();
        let each = self.plan.priors.iter().zip(numbers).enumerate();
        each.map(|(i, (prior, number))| {
            let at = |u: f64| Float(f64::from(prior.at(u as f32)));
            let after = |p: f64| at(quantile(&w.priors[i], p) / CELLS as f64);
            let share = self.found.share(from + i);
            PriorRow {
                scenario: self.scenario.name.clone(),
                prior: prior.path.clone(),
                says: number.remarks.says.as_deref().map(plain),
                p05: after(0.05),
                p50: after(0.5),
                p95: after(0.95),
                before_p05: at(0.05),
                before_p50: at(0.5),
                before_p95: at(0.95),
                upper_half: Float(share.probability),
                ci_low: Float(share.low),
                ci_high: Float(share.high),
                moved: share.low > 0.5 || share.high < 0.5,
            }
        })
        .collect()
    }

    /// Rows of `given_evidence.csv`.
    #[must_use]
    pub fn evidence(&self) -> Vec<ReportRow> {
        let w = self.found.weighted;
        let each = self.reports.iter().zip(&w.reports);
        each.map(|(r, [before, with, squares])| {
            let members = r.members.iter().map(|i| &self.evidence.observations[*i]);
            let ids: Vec<&str> = members.clone().map(|o| o.id.as_str()).collect();
            let on = members.map(|o| o.on).max();
            ReportRow {
                scenario: self.scenario.name.clone(),
                observation: ids.join(" and "),
                on: on.map_or_else(String::new, |d| d.to_string()),
                reliability: Float(r.reliability),
                probability_given_earlier: Float(with / before),
                likelihood_so_far: Float(with / w.rounds as f64),
                effective_rounds: Float(if *squares > 0.0 {
                    with * with / squares
                } else {
                    0.0
                }),
            }
        })
        .collect()
    }

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
                right(percent(row.unconditional.0, 2)),
                bar_cell(share.probability, width),
            ]);
        }
        let _ = writeln!(out, "{table}");
        let mut moved: Vec<PriorRow> = self.priors().into_iter().filter(|p| p.moved).collect();
        let shift = |p: &PriorRow| (p.upper_half.0 - 0.5).abs();
        moved.sort_by(|a, b| shift(b).total_cmp(&shift(a)));
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
        for row in moved.iter().take(SHOWN) {
            table.add_row(vec![
                Cell::new(&row.prior),
                right(format!("{:.3}", row.before_p50.0)),
                right(format!("{:.3}", row.p50.0)),
                right(percent(row.upper_half.0, 0)),
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

/// The files of `kzsim run --given` beside those of the run, in order.
pub const FILES: [&str; 5] = [
    "given_outcomes.csv",
    "given_flags.csv",
    "given_actions.csv",
    "given_priors.csv",
    "given_evidence.csv",
];

/// The columns of a file of `kzsim run --given`.
#[must_use]
pub fn columns(file: &str) -> Vec<Column> {
    let effective = |meaning: &str| column("effective_rounds", "float64", "round", meaning);
    let [low, high] = ends("ci_low", "ci_high");
    let (low, high) = (|| low.clone(), || high.clone());
    let same_error = "rounds without weights that would give the same error";
    let days = |of: &str| {
        ["05", "50", "95"].map(|p| {
            let meaning = format!("{p}th percentile of {of}; empty when it never came");
            column(format!("day_p{p}"), "float64", "day", meaning)
        })
    };
    let mut out = vec![text("scenario", "the scenario file's name without .toml")];
    match file {
        "given_outcomes.csv" | "given_actions.csv" => {
            let (id, what, of) = if file == "given_outcomes.csv" {
                (
                    "outcome",
                    "that a round ends so",
                    "the day on which rounds ended",
                )
            } else {
                (
                    "action",
                    "that it takes effect",
                    "the day of its first taking effect",
                )
            };
            out.extend([
                text(id, "id"),
                text("name", "display name"),
                float(
                    "probability",
                    &format!("probability {what}, given the evidence"),
                ),
                low(),
                high(),
                effective(same_error),
                float("unconditional", "the same without evidence"),
            ]);
            out.extend(days(of));
        }
        "given_flags.csv" => out.extend([
            text("flag", "id"),
            text("name", "display name"),
            float(
                "probability",
                "probability that it ever holds, given the evidence",
            ),
            low(),
            high(),
            effective(same_error),
            float("unconditional", "the same without evidence"),
        ]),
        "given_priors.csv" => out.extend([
            text("prior", "path in the scenario"),
            text("says", "the analyst's words; empty without any"),
            float("p05", "5th percentile given the evidence"),
            float("p50", "median given the evidence"),
            float("p95", "95th percentile given the evidence"),
            float("before_p05", "5th percentile of the prior"),
            float("before_p50", "median of the prior"),
            float("before_p95", "95th percentile of the prior"),
            float(
                "upper_half",
                "probability that the value is above the median of the prior, given the evidence",
            ),
            low(),
            high(),
            truth("moved", "whether that interval leaves out one half"),
        ]),
        _ => out.extend([
            text("observation", "id; of a group, all of them"),
            text(
                "on",
                "the moment at which the report is complete (ISO 8601)",
            ),
            float(
                "reliability",
                "P(report given that it is true) = 1 − P(report given that it is not)",
            ),
            float(
                "probability_given_earlier",
                "P(report given all reports of earlier moments)",
            ),
            float("likelihood_so_far", "P(this report and all earlier ones)"),
            effective("effective rounds of the weights after this report (Kish)"),
        ]),
    }
    out
}
