//! The tables of `kzsim weigh`.

use jiff::civil::DateTime;

use super::arrivals::{self, WeightArrivalRow};
use super::cell::{Extended, defined, free_text};
use super::prequential::{self, PrequentialRow};
use super::row::{Table, table};
use crate::analysis::interval::wilson;
use crate::analysis::jackknife::Estimate;
use crate::analysis::recovery::Recovered;
use crate::analysis::weighing::{Likelihood, Likelihoods, independent, look_next, posteriors};
use crate::ensemble::patterns::Patterns;
use crate::scenario::reports::{Report, leave_out, reports};
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
    pub priors: &'a [f64],
    /// Trials of the recovery table for each reading.
    pub trials: u64,
    /// The recovery table, by true reading; empty without trials.
    pub recovered: &'a [Recovered],
}

table! {
    /// A row of `readings.csv`: a reading.
    ReadingRow in "readings.csv" {
        ..reading,
        title: String = "title of the reading",
        rounds: u64 ["round"] = "rounds played",
        likelihood: f64 = "P(evidence given the reading)",
        ci_low: f64 = "lower end of its interval at 95 %",
        ci_high: f64 = "upper end of its interval at 95 %; where no round matched, the most that the likelihood may still be",
        effective_rounds: f64 ["round"] = "number of equally weighted rounds with the same error",
        log_bayes_factor: Extended = "ln of the Bayes factor against the reading listed first; empty where no round matched",
        log_bayes_factor_low: Extended = "lower end of its interval at 95 %; empty without one, as where no round matched",
        log_bayes_factor_high: Extended = "upper end of its interval at 95 %; empty without one, as where no round of the first matched",
        prior: f64 = "prior weight",
        posterior: Extended = "posterior under these priors",
        posterior_low: Extended = "lower end of its interval at 95 %",
        posterior_high: Extended = "upper end of its interval at 95 %",
        posterior_if_independent: Extended = "posterior if the observations had nothing to do with each other",
        supported: bool = "whether there are at least 100 effective rounds",
    }

    /// A row of `bayes_factors.csv`: an ordered pair of readings.
    FactorRow in "bayes_factors.csv" {
        ..reading,
        against: String = "the reading that it is compared with",
        log_bayes_factor: Extended = "ln P(evidence given scenario) − ln P(evidence given against); empty where no round of one matched",
        ci_low: Extended = "lower end of its interval at 95 %; empty without one, as where no round of `scenario` matched",
        ci_high: Extended = "upper end of its interval at 95 %; empty without one, as where no round of `against` matched",
        distinguishable: bool = "whether that interval excludes 0",
    }

    /// A row of `evidence.csv`: an observation and a reading.
    EvidenceRow in "evidence.csv" {
        ..reading,
        observation: String = "id",
        name: String = "display name",
        on: DateTime = "the moment of the observation",
        reliability: f64 = "P(report given that it is true) = 1 − P(report given that it is not)",
        group: Option<String> = "id of its group, whose observations have one source; empty if it has none",
        unknown: bool = "declared but not observed yet",
        rounds: u64 ["round"] = "rounds played",
        count: u64 ["round"] = "rounds in which it was true",
        probability: f64 = "P(it is true given the reading)",
        ..interval(f64),
        report_probability: f64 = "P(it is reported given the reading)",
        log_likelihood_ratio: Extended = "ln of the ratio of `report_probability` to that under the reading listed first, on its own",
        log_ratio_given_earlier: Option<f64> = "the same given all earlier reports, on the last member of a group; empty for its other members",
        probability_wrong: Option<f64> = "P(what its report says is not true given the reading and the evidence), on the last member of a group; empty where no round matched",
    }

    /// A row of `leave_one_out.csv`: an observation left out and a reading.
    LeaveOneOutRow in "leave_one_out.csv" {
        ..reading,
        left_out: Option<String> = "the observation left out; empty: none",
        log_bayes_factor: Extended = "ln of the Bayes factor against the reading listed first; empty where no round matched",
        ..interval(Extended),
        posterior: Extended = "posterior without it",
        posterior_low: Extended = "lower end of its interval at 95 %",
        posterior_high: Extended = "upper end of its interval at 95 %",
        change: Extended = "change of the posterior when it is left out, in the same rounds",
        change_low: Extended = "lower end of its interval at 95 %",
        change_high: Extended = "upper end of its interval at 95 %",
        distinguishable: bool = "whether the interval of the change excludes 0",
    }

    /// A row of `look_next.csv`: a report not yet made and a reading.
    LookNextRow in "look_next.csv" {
        ..reading,
        observation: String = "id; of a group, all of them",
        name: String = "display name",
        information_bits: Extended = "bits of information about which reading holds that its report is expected to bring",
        ..interval(Extended),
        report_probability: Extended = "P(it will be reported given the reading and the evidence)",
    }

    /// A row of `recovery.csv`: the reading from which evidence was simulated, and a winner.
    RecoveryRow in "recovery.csv" {
        ..reading,
        winner: Option<String> = "the reading with the largest posterior; empty: none was possible",
        trials: u64 ["1"] = "evidence files simulated from the scenario",
        count: u64 ["1"] = "trials that this reading won",
        share: f64 = "`count / trials`",
        ..interval(f64),
        mean_posterior: Option<f64> = "mean posterior of this reading; empty for none",
    }
}

fn three(e: Estimate) -> [Extended; 3] {
    [e.value, e.low, e.high].map(Extended)
}

/// The rows of every table of a weighing, computed once.
#[derive(Debug)]
pub struct Tables {
    /// Rows of `readings.csv`.
    pub readings: Vec<ReadingRow>,
    /// Rows of `bayes_factors.csv`.
    pub factors: Vec<FactorRow>,
    /// Rows of `evidence.csv`.
    pub observations: Vec<EvidenceRow>,
    /// Rows of `leave_one_out.csv`.
    pub leave_one_out: Vec<LeaveOneOutRow>,
    /// Rows of `look_next.csv`.
    pub look_next: Vec<LookNextRow>,
    /// Rows of `prequential.csv`.
    pub prequential: Vec<PrequentialRow>,
    /// Rows of `arrivals.csv`.
    pub arrivals: Vec<WeightArrivalRow>,
    /// Rows of `recovery.csv`.
    pub recovery: Vec<RecoveryRow>,
}

impl Tables {
    /// Every table as it is written, in order.
    #[must_use]
    pub fn all(&self) -> Vec<Table> {
        vec![
            Table::of(&self.readings),
            Table::of(&self.factors),
            Table::of(&self.observations),
            Table::of(&self.leave_one_out),
            Table::of(&self.look_next),
            Table::of(&self.prequential),
            Table::of(&self.arrivals),
            Table::of(&self.recovery),
        ]
    }
}

impl Weighing<'_> {
    /// Every table.
    #[must_use]
    pub fn tables(&self) -> Tables {
        let (known, reported) = (self.known(), self.reported());
        Tables {
            readings: self.readings(),
            factors: self.factors(),
            observations: self.observations(),
            leave_one_out: self.leave_one_out(),
            look_next: self.look_next(),
            prequential: prequential::rows(self.evidence, self.scenarios, &known, &reported),
            arrivals: arrivals::readings(
                self.evidence,
                self.scenarios,
                &known,
                &reported,
                self.priors,
            ),
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
        let p = posteriors(self.priors, &values);
        (0..p.len()).fold(0, |best, i| if p[i] > p[best] { i } else { best })
    }

    /// Rounds of each reading.
    #[must_use]
    pub fn rounds(&self) -> u64 {
        self.patterns.first().map_or(0, Patterns::rounds)
    }

    fn held(&self, reading: usize, mask: u64) -> u64 {
        let all = self.patterns[reading].total();
        let held = all.iter().filter(|(p, _)| **p & mask == mask);
        held.map(|(_, n)| n).sum()
    }

    /// The probability that each report is not true, given a reading and all reports.
    fn wrong(&self, reading: usize, known: &[Report]) -> Vec<Option<f64>> {
        let (mut all, mut wrong) = (0.0, vec![0.0; known.len()]);
        for (p, n) in self.patterns[reading].total() {
            let w = n as f64 * known.iter().map(|r| r.factor(p)).product::<f64>();
            all += w;
            for (sum, report) in wrong.iter_mut().zip(known) {
                *sum += if report.holds(p) { 0.0 } else { w };
            }
        }
        let share = |w: f64| (all > 0.0).then(|| w / all);
        wrong.into_iter().map(share).collect()
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
        independent(self.priors, &probabilities, &weights)
    }

    /// Rows of `readings.csv`.
    fn readings(&self) -> Vec<ReadingRow> {
        let all = self.likelihoods();
        let independent = self.as_if_independent();
        let rows = self.scenarios.iter().enumerate().map(|(i, s)| {
            let share = all.0[i].interval();
            let [factor, factor_low, factor_high] = three(all.log_ratio(i, 0));
            let [posterior, posterior_low, posterior_high] = three(all.posterior(self.priors, i));
            ReadingRow {
                scenario: s.name.clone(),
                title: free_text(&s.title),
                rounds: self.rounds(),
                likelihood: share.probability,
                ci_low: share.low,
                ci_high: share.high,
                effective_rounds: all.0[i].effective(),
                log_bayes_factor: factor,
                log_bayes_factor_low: factor_low,
                log_bayes_factor_high: factor_high,
                prior: self.priors[i],
                posterior,
                posterior_low,
                posterior_high,
                posterior_if_independent: Extended(independent[i]),
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
        let readings = 0..self.scenarios.len();
        let wrong: Vec<_> = readings.map(|i| self.wrong(i, &known)).collect();
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
                    gain(&steps[k + 1]) - gain(&steps[k])
                });
                out.push(EvidenceRow {
                    scenario: s.name.clone(),
                    observation: o.id.clone(),
                    name: o.name.clone(),
                    on: o.on.date(s.clock.start),
                    reliability: o.reliability,
                    group: o.group.clone(),
                    unknown: o.unknown,
                    rounds: n,
                    count,
                    probability: share.probability,
                    ci_low: share.low,
                    ci_high: share.high,
                    report_probability: said(count),
                    log_likelihood_ratio: Extended(libm::log(said(count) / first)),
                    log_ratio_given_earlier: added.and_then(defined),
                    probability_wrong: report.and_then(|k| wrong[reading][k]),
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
                    three(all.posterior(self.priors, reading));
                let moved = everything.change(&all, self.priors, reading);
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
                let (bits, yes) = look_next(self.patterns, &known, &u, self.priors);
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
                    report_probability: Extended(yes[reading]),
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
                    share: share.probability,
                    ci_low: share.low,
                    ci_high: share.high,
                    mean_posterior: mean.and_then(defined),
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
