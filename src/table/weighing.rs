//! The files of `kzsim weigh`: one row type a file, and their columns.

use serde::Serialize;

use super::cell::{Column, Float, column, ends, float, text, truth, whole};
use crate::analysis::interval::wilson;
use crate::analysis::jackknife::Estimate;
use crate::analysis::recovery::Recovered;
use crate::analysis::weighing::{Likelihood, Likelihoods, independent, look_next, posteriors};
use crate::ensemble::patterns::Patterns;
use crate::scenario::evidence::{Report, leave_out, reports};
use crate::scenario::{Evidence, Scenario};

/// What was weighed, with all that is needed to read it.
pub struct Weighing<'a> {
    /// The evidence.
    pub evidence: &'a Evidence,
    /// The readings.
    pub scenarios: &'a [Scenario],
    /// What held in their rounds, by reading.
    pub patterns: &'a [Patterns],
    /// Prior weights of the readings; their sum is 1.
    pub priors: Vec<f64>,
    /// Trials of the recovery table for each reading.
    pub trials: u64,
    /// The recovery table, by true reading; empty without trials.
    pub recovered: Vec<Recovered>,
}

/// A row of `readings.csv`.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each column is described by `columns`")]
pub struct ReadingRow {
    pub scenario: String,
    pub title: String,
    pub rounds: u64,
    pub likelihood: Float,
    pub ci_low: Float,
    pub ci_high: Float,
    pub effective_rounds: Float,
    pub log_bayes_factor: Float,
    pub log_bayes_factor_low: Float,
    pub log_bayes_factor_high: Float,
    pub prior: Float,
    pub posterior: Float,
    pub posterior_low: Float,
    pub posterior_high: Float,
    pub posterior_if_independent: Float,
    pub supported: bool,
}

/// A row of `bayes_factors.csv`.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each column is described by `columns`")]
pub struct FactorRow {
    pub scenario: String,
    pub against: String,
    pub log_bayes_factor: Float,
    pub ci_low: Float,
    pub ci_high: Float,
    pub distinguishable: bool,
}

/// A row of `evidence.csv`.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each column is described by `columns`")]
pub struct EvidenceRow {
    pub scenario: String,
    pub observation: String,
    pub name: String,
    pub on: String,
    pub reliability: Float,
    pub group: Option<String>,
    pub unknown: bool,
    pub rounds: u64,
    pub count: u64,
    pub probability: Float,
    pub ci_low: Float,
    pub ci_high: Float,
    pub report_probability: Float,
    pub log_likelihood_ratio: Float,
    pub log_ratio_given_earlier: Option<Float>,
}

/// A row of `leave_one_out.csv`.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each column is described by `columns`")]
pub struct LeaveOneOutRow {
    pub scenario: String,
    pub left_out: Option<String>,
    pub log_bayes_factor: Float,
    pub ci_low: Float,
    pub ci_high: Float,
    pub posterior: Float,
    pub posterior_low: Float,
    pub posterior_high: Float,
    pub change: Float,
    pub change_low: Float,
    pub change_high: Float,
    pub distinguishable: bool,
}

/// A row of `look_next.csv`.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each column is described by `columns`")]
pub struct LookNextRow {
    pub scenario: String,
    pub observation: String,
    pub name: String,
    pub information_bits: Float,
    pub ci_low: Float,
    pub ci_high: Float,
    pub report_probability: Float,
}

/// A row of `recovery.csv`.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each column is described by `columns`")]
pub struct RecoveryRow {
    pub scenario: String,
    pub winner: Option<String>,
    pub trials: u64,
    pub count: u64,
    pub share: Float,
    pub ci_low: Float,
    pub ci_high: Float,
    pub mean_posterior: Option<Float>,
}

fn three(e: Estimate) -> [Float; 3] {
    [Float(e.value), Float(e.low), Float(e.high)]
}

/// Every table of a weighing, computed once.
#[derive(Debug)]
#[expect(missing_docs, reason = "each is a file, described by `columns`")]
pub struct Tables {
    pub readings: Vec<ReadingRow>,
    pub factors: Vec<FactorRow>,
    pub observations: Vec<EvidenceRow>,
    pub leave_one_out: Vec<LeaveOneOutRow>,
    pub look_next: Vec<LookNextRow>,
    pub recovery: Vec<RecoveryRow>,
}

impl Weighing<'_> {
    /// Every table.
    #[must_use]
    pub fn tables(&self) -> Tables {
        Tables {
            readings: self.readings(),
            factors: self.factors(),
            observations: self.observations(),
            leave_one_out: self.leave_one_out(),
            look_next: self.look_next(),
            recovery: self.recovery(),
        }
    }

    /// The reports that were made.
    #[must_use]
    pub fn known(&self) -> Vec<Report> {
        reports(self.evidence, false)
    }

    /// The likelihoods of all that was reported.
    #[must_use]
    pub fn likelihoods(&self) -> Likelihoods {
        Likelihoods::of(self.patterns, &self.known())
    }

    /// What held in the rounds of each reading, as far as the reports that were made ask.
    #[must_use]
    pub fn reported(&self) -> Vec<Patterns> {
        let mask = self.known().iter().fold(0, |all, r| all | r.mask);
        self.patterns.iter().map(|p| p.masked(mask)).collect()
    }

    /// The reading that fits best by posterior.
    #[must_use]
    pub fn leader(&self) -> usize {
        let l = self.likelihoods();
        let values: Vec<f64> = l.0.iter().map(Likelihood::value).collect();
        let p = posteriors(&self.priors, &values);
        (0..p.len()).fold(0, |best, i| if p[i] > p[best] { i } else { best })
    }

    /// Rounds of each reading.
    #[must_use]
    pub fn rounds(&self) -> u64 {
        self.patterns.first().map_or(0, Patterns::rounds)
    }

    fn held(&self, reading: usize, mask: u64) -> u64 {
        let whole = self.patterns[reading].whole();
        let held = whole.iter().filter(|(p, _)| **p & mask == mask);
        held.map(|(_, n)| n).sum()
    }

    /// Posteriors if reports had nothing to do with each other, as tables of competing hypotheses
    /// add them up. A group of k shares one weight.
    #[must_use]
    pub fn as_if_independent(&self) -> Vec<f64> {
        let n = self.rounds() as f64;
        let members: Vec<(usize, f64, f64)> = self
            .known()
            .iter()
            .flat_map(|r| {
                let weight = 1.0 / r.members.len() as f64;
                r.members.iter().map(move |i| (*i, r.reliability, weight))
            })
            .collect();
        let probabilities: Vec<Vec<f64>> = (0..self.patterns.len())
            .map(|reading| {
                let said = members.iter().map(|(i, r, _)| {
                    let p = self.held(reading, 1 << i) as f64 / n;
                    r * p + (1.0 - r) * (1.0 - p)
                });
                said.collect()
            })
            .collect();
        let weights: Vec<f64> = members.iter().map(|m| m.2).collect();
        independent(&self.priors, &probabilities, &weights)
    }

    /// Rows of `readings.csv`.
    fn readings(&self) -> Vec<ReadingRow> {
        let all = self.likelihoods();
        let independent = self.as_if_independent();
        let rows = self.scenarios.iter().enumerate().map(|(i, s)| {
            let share = all.0[i].interval();
            let [factor, factor_low, factor_high] = three(all.log_ratio(i, 0));
            let [posterior, posterior_low, posterior_high] = three(all.posterior(&self.priors, i));
            ReadingRow {
                scenario: s.name.clone(),
                title: s.title.clone(),
                rounds: self.rounds(),
                likelihood: Float(share.probability),
                ci_low: Float(share.low),
                ci_high: Float(share.high),
                effective_rounds: Float(all.0[i].effective()),
                log_bayes_factor: factor,
                log_bayes_factor_low: factor_low,
                log_bayes_factor_high: factor_high,
                prior: Float(self.priors[i]),
                posterior,
                posterior_low,
                posterior_high,
                posterior_if_independent: Float(independent[i]),
                supported: all.0[i].effective() >= crate::analysis::weighing::FEW,
            }
        });
        rows.collect()
    }

    /// Rows of `bayes_factors.csv`: every ordered pair.
    fn factors(&self) -> Vec<FactorRow> {
        let all = self.likelihoods();
        let mut out = Vec::new();
        for (a, s) in self.scenarios.iter().enumerate() {
            for (b, t) in self.scenarios.iter().enumerate().filter(|(b, _)| *b != a) {
                let ratio = all.log_ratio(a, b);
                let [log_bayes_factor, ci_low, ci_high] = three(ratio);
                out.push(FactorRow {
                    scenario: s.name.clone(),
                    against: t.name.clone(),
                    log_bayes_factor,
                    ci_low,
                    ci_high,
                    distinguishable: ratio.excludes(0.0),
                });
            }
        }
        out
    }

    /// Rows of `evidence.csv`: every observation under every reading.
    fn observations(&self) -> Vec<EvidenceRow> {
        let n = self.rounds();
        let known = self.known();
        // What each report adds once all earlier ones are known; these add up to the whole.
        let reported = self.reported();
        let steps: Vec<Likelihoods> = (0..=known.len())
            .map(|k| Likelihoods::of(&reported, &known[..k]))
            .collect();
        let mut out = Vec::new();
        for (i, o) in self.evidence.observations.iter().enumerate() {
            let said = |count: u64| {
                let p = count as f64 / n as f64;
                o.reliability * p + (1.0 - o.reliability) * (1.0 - p)
            };
            let first = said(self.held(0, 1 << i));
            let report = known.iter().position(|r| r.members.last() == Some(&i));
            for (reading, s) in self.scenarios.iter().enumerate() {
                let count = self.held(reading, 1 << i);
                let share = wilson(count, n);
                let added = report.map(|k| {
                    let gain = |l: &Likelihoods| l.log_ratio(reading, 0).value;
                    Float(gain(&steps[k + 1]) - gain(&steps[k]))
                });
                out.push(EvidenceRow {
                    scenario: s.name.clone(),
                    observation: o.id.clone(),
                    name: o.name.clone(),
                    on: o.on.to_string(),
                    reliability: Float(o.reliability),
                    group: o.group.clone(),
                    unknown: o.unknown,
                    rounds: n,
                    count,
                    probability: Float(share.probability),
                    ci_low: Float(share.low),
                    ci_high: Float(share.high),
                    report_probability: Float(said(count)),
                    log_likelihood_ratio: Float((said(count) / first).ln()),
                    log_ratio_given_earlier: added,
                });
            }
        }
        out
    }

    /// Rows of `leave_one_out.csv`: with everything, then without each observation.
    fn leave_one_out(&self) -> Vec<LeaveOneOutRow> {
        let known = self.known();
        let reported = self.reported();
        let everything = Likelihoods::of(&reported, &known);
        let mut out = Vec::new();
        let observed = self.evidence.observations.iter().enumerate();
        let each = observed.filter(|(_, o)| !o.unknown).map(|(i, _)| Some(i));
        for left in std::iter::once(None).chain(each) {
            let reports = left.map_or_else(|| known.clone(), |i| leave_out(&known, i));
            let all = Likelihoods::of(&reported, &reports);
            for (reading, s) in self.scenarios.iter().enumerate() {
                let [log_bayes_factor, ci_low, ci_high] = three(all.log_ratio(reading, 0));
                let [posterior, posterior_low, posterior_high] =
                    three(all.posterior(&self.priors, reading));
                let moved = everything.change(&all, &self.priors, reading);
                let [change, change_low, change_high] = three(moved);
                out.push(LeaveOneOutRow {
                    scenario: s.name.clone(),
                    left_out: left.map(|i| self.evidence.observations[i].id.clone()),
                    log_bayes_factor,
                    ci_low,
                    ci_high,
                    posterior,
                    posterior_low,
                    posterior_high,
                    change,
                    change_low,
                    change_high,
                    distinguishable: moved.excludes(0.0),
                });
            }
        }
        out
    }

    /// Rows of `look_next.csv`: reports not yet made, the most telling first.
    fn look_next(&self) -> Vec<LookNextRow> {
        let known = self.known();
        let mut found: Vec<(Report, Estimate, Vec<f64>)> = reports(self.evidence, true)
            .into_iter()
            .map(|u| {
                let (bits, yes) = look_next(self.patterns, &known, &u, &self.priors);
                (u, bits, yes)
            })
            .collect();
        found.sort_by(|a, b| b.1.value.total_cmp(&a.1.value));
        let mut out = Vec::new();
        for (report, bits, yes) in found {
            let of = |text: fn(&crate::scenario::evidence::Observation) -> &str| {
                let members = report.members.iter();
                let parts: Vec<&str> = members
                    .map(|i| text(&self.evidence.observations[*i]))
                    .collect();
                parts.join(" and ")
            };
            for (reading, s) in self.scenarios.iter().enumerate() {
                let [information_bits, ci_low, ci_high] = three(bits);
                out.push(LookNextRow {
                    scenario: s.name.clone(),
                    observation: of(|o| &o.id),
                    name: of(|o| &o.name),
                    information_bits,
                    ci_low,
                    ci_high,
                    report_probability: Float(yes[reading]),
                });
            }
        }
        out
    }

    /// Rows of `recovery.csv`: true reading by winner.
    fn recovery(&self) -> Vec<RecoveryRow> {
        let mut out = Vec::new();
        for (truth, found) in self.recovered.iter().enumerate() {
            let mut row = |winner: Option<String>, count: u64, mean: Option<f64>| {
                let share = wilson(count, self.trials);
                out.push(RecoveryRow {
                    scenario: self.scenarios[truth].name.clone(),
                    winner,
                    trials: self.trials,
                    count,
                    share: Float(share.probability),
                    ci_low: Float(share.low),
                    ci_high: Float(share.high),
                    mean_posterior: mean.map(Float),
                });
            };
            for (i, s) in self.scenarios.iter().enumerate() {
                row(Some(s.name.clone()), found.wins[i], Some(found.mean[i]));
            }
            row(None, found.none, None);
        }
        out
    }
}

/// The files of `kzsim weigh`, in order.
pub const FILES: [&str; 6] = [
    "readings.csv",
    "bayes_factors.csv",
    "evidence.csv",
    "leave_one_out.csv",
    "look_next.csv",
    "recovery.csv",
];

const FACTOR: &str =
    "ln of the Bayes factor against the reading listed first; empty where no round matched";

/// The columns of a file of `kzsim weigh`.
#[must_use]
pub fn columns(file: &str) -> Vec<Column> {
    let mut out = vec![text(
        "scenario",
        "the reading: its file's name without .toml",
    )];
    let ci = || ends("ci_low", "ci_high");
    match file {
        "readings.csv" => out.extend(reading_columns()),
        "bayes_factors.csv" => {
            let meaning = "ln P(evidence given scenario) − ln P(evidence given against)";
            out.push(text("against", "the reading that it is held against"));
            out.push(float("log_bayes_factor", meaning));
            out.extend(ci());
            out.push(truth(
                "distinguishable",
                "whether the interval leaves out 0",
            ));
        }
        "evidence.csv" => out.extend(evidence_columns()),
        "leave_one_out.csv" => {
            out.push(text("left_out", "the observation left out; empty: none is"));
            out.push(float("log_bayes_factor", FACTOR));
            out.extend(ci());
            out.push(float("posterior", "posterior without it"));
            out.extend(ends("posterior_low", "posterior_high"));
            let change = "what leaving it out changes in the posterior, in the same rounds";
            out.push(float("change", change));
            out.extend(ends("change_low", "change_high"));
            out.push(truth(
                "distinguishable",
                "whether the interval of the change leaves out 0",
            ));
        }
        "look_next.csv" => {
            let bits = "bits that its report is expected to tell about which reading holds";
            let said = "P(it will be reported given the reading and the evidence)";
            out.push(text("observation", "id; of a group, all of them"));
            out.push(text("name", "display name"));
            out.push(float("information_bits", bits));
            out.extend(ci());
            out.push(float("report_probability", said));
        }
        _ => {
            let winner = "the reading with the largest posterior; empty: none was possible";
            let trials = "evidence files simulated from the scenario";
            let mean = "mean posterior of this reading; empty for none";
            out.push(text("winner", winner));
            out.push(column("trials", "int64", "1", trials));
            out.push(column(
                "count",
                "int64",
                "1",
                "trials that this reading won",
            ));
            out.push(float("share", "count over trials"));
            out.extend(ci());
            out.push(float("mean_posterior", mean));
        }
    }
    out
}

fn reading_columns() -> Vec<Column> {
    let bound = "upper end; where no round matched, what the likelihood may still be";
    let kish = "rounds of weight 1 that would give the same error";
    let independent = "what it would be if observations had nothing to do with each other";
    let mut out = vec![
        text("title", "title of the reading"),
        whole("rounds", "rounds played"),
        float("likelihood", "P(evidence given the reading)"),
        float("ci_low", "lower end of its interval at 95 %"),
        float("ci_high", bound),
        column("effective_rounds", "float64", "round", kish),
        float("log_bayes_factor", FACTOR),
    ];
    out.extend(ends("log_bayes_factor_low", "log_bayes_factor_high"));
    out.push(float("prior", "prior weight"));
    out.push(float("posterior", "posterior under these priors"));
    out.extend(ends("posterior_low", "posterior_high"));
    out.push(float("posterior_if_independent", independent));
    out.push(truth(
        "supported",
        "whether there are 100 effective rounds or more",
    ));
    out
}

fn evidence_columns() -> Vec<Column> {
    let own = "ln of report_probability over that under the reading listed first, by itself";
    let added =
        "the same given all reports of earlier moments; on a group's last member; empty else";
    let mut out = vec![
        text("observation", "id"),
        text("name", "display name"),
        text("on", "the moment at which the state is read (ISO 8601)"),
        float(
            "reliability",
            "P(report given that it is true) = 1 − P(report given that it is not)",
        ),
        text("group", "observations of one source; empty if alone"),
        truth("unknown", "declared, but not observed yet"),
        whole("rounds", "rounds played"),
        whole("count", "rounds in which it was so"),
        float("probability", "P(it was so given the reading)"),
    ];
    out.extend(ends("ci_low", "ci_high"));
    out.push(float(
        "report_probability",
        "P(it is reported given the reading)",
    ));
    out.push(float("log_likelihood_ratio", own));
    out.push(float("log_ratio_given_earlier", added));
    out
}
