//! Fits, forecasts of folds and of held-out cases, and their scores.

use super::data::Data;
use super::simulator::CaseSimulator;
use super::{HeldOut, Task};
use crate::analysis::fit::FEW_EFFECTIVE;
use crate::analysis::fit::folds::deal;
use crate::analysis::fit::identified::{Identified, LEAST, effects};
use crate::analysis::fit::logit::Logit;
use crate::analysis::fit::population::{Coefficient, Method, Table, simulate};
use crate::analysis::fit::posterior::{Marginal, Posterior, marginals};
use crate::analysis::fit::simulate::{Rounds, Shares, Simulator, log_likelihoods};
use crate::analysis::fit::synthetic::{Synthetic, recover};
use crate::analysis::fit::weights::weights_of;
use crate::analysis::score::Forecast;
use crate::analysis::score::baseline::{Counted, base_rate, climatology};
use crate::analysis::score::evaluate::{Evaluation, Options, evaluate};
use crate::analysis::score::pool::linear;
use crate::analysis::score::resample::FEW;
use crate::study::error::StudyError;
use crate::table::fit::{
    CoefficientRow, Draws, Facts, FitScoreRow, Fitted, FoldRow, HeldOutRow, Opening, SyntheticRow,
};

/// Cases for each round of a case above which the error of finite rounds is felt in the likelihood: that of its
/// logarithm has a variance of about cases over rounds.
const MOST_PER_ROUND: f64 = 2.0;
/// The least probability that the log score reads.
const FLOOR: f64 = 0.001;

/// What forecasts are made from.
pub(super) struct Known {
    table: Table,
    posterior: Posterior,
    logit: Option<Logit>,
    pub(super) synthetic: Option<Synthetic>,
}

/// A forecaster: probabilities of classes, by case.
struct Forecaster {
    name: &'static str,
    p: Vec<Vec<f64>>,
}

const ENGINE: &str = "engine";
const PRIOR: &str = "prior";
const LOGIT: &str = "logit";
const POOL: &str = "pool";
const BASE_RATE: &str = "base_rate";
const CLIMATOLOGY: &str = "climatology";

/// What each forecaster is compared with.
const BESIDE: [(&str, &[&str]); 6] = [
    (ENGINE, &[BASE_RATE, CLIMATOLOGY, LOGIT, PRIOR]),
    (PRIOR, &[BASE_RATE, LOGIT]),
    (LOGIT, &[BASE_RATE]),
    (POOL, &[BASE_RATE, CLIMATOLOGY, LOGIT, ENGINE]),
    (BASE_RATE, &[]),
    (CLIMATOLOGY, &[BASE_RATE]),
];

/// Weights of the prior.
fn prior_weights(table: &Table) -> Vec<f64> {
    weights_of(&table.log_ratios, &vec![0.0; table.log_ratios.len()])
}

impl Task<'_> {
    /// Fits all cases, and forecasts each from the folds that it is not in.
    pub(super) fn fit(&self, data: &Data) -> Result<(Fitted, Known), StudyError> {
        let simulator = CaseSimulator::new(self, data)?;
        let (coefficients, seed) = (self.coefficients, self.seed);
        let effects = effects(&simulator, coefficients)?;
        let method = self.options.method;
        let table = simulate(
            &simulator,
            coefficients,
            &data.resolved,
            method,
            seed,
            |_| {},
        )?;
        let folds = self.folds(data);
        let by_fold: Vec<Vec<f64>> = (0..data.folds)
            .map(|f| log_likelihoods(&table.shares, &data.resolved, |i| folds[i] == f))
            .collect();
        let all: Vec<f64> = (0..table.vectors.len())
            .map(|v| by_fold.iter().map(|l| l[v]).sum())
            .collect();
        let posterior = Posterior::new(&table, &all);
        let found = marginals(coefficients, &table, &posterior.weights);
        let identified = Identified::new(&table, &posterior.weights, &found);
        let synthetic = match self.options.synthetic {
            0 => None,
            sets => Some(recover(
                &simulator,
                coefficients,
                &table,
                &data.resolved,
                sets,
                seed,
            )?),
        };
        let mut facts = Facts {
            method: match method {
                Method::Pmc => "pmc".to_owned(),
                Method::Grid => "grid".to_owned(),
            },
            cases: data.resolved.len(),
            distinct_cases: data.distinct.len(),
            clusters: data.clusters.len(),
            cluster: data.cluster.clone(),
            folds: data.folds,
            event: self.options.event.clone(),
            classes: data
                .classes
                .names()
                .iter()
                .map(|n| (*n).to_owned())
                .collect(),
            vectors: table.vectors.len(),
            rounds: self.rounds,
            effective: posterior.effective,
            fewest_effective: f64::INFINITY,
            log_evidence: posterior.log_evidence,
            // The steps of a grid are no chance.
            log_evidence_error: match method {
                Method::Pmc => posterior.log_evidence_error,
                Method::Grid => 0.0,
            },
            eigenvalues: identified.eigenvalues.clone(),
            correlations: identified.correlations.clone(),
            warnings: data.warnings.clone(),
            synthetic_effective: synthetic.as_ref().map(|s| s.effective),
            ..Facts::default()
        };
        let (forecasters, logit) = self.by_fold(data, &table, &folds, (&by_fold, &all), &mut facts);
        for (i, c) in coefficients.iter().enumerate() {
            if !identified.is(i) {
                facts.not_identified.push(c.path.clone());
            }
            if effects[i] == 0.0 {
                facts.idle.push(c.path.clone());
            }
        }
        self.warn(&identified, synthetic.as_ref(), &mut facts);
        let drawn = posterior.draw(self.options.draws, seed);
        let row = |i: usize| {
            coefficient_row(&coefficients[i], &found[i], identified.parts[i], effects[i])
        };
        let fitted = Fitted {
            coefficients: (0..coefficients.len()).map(row).collect(),
            draws: Draws {
                paths: coefficients.iter().map(|c| c.path.clone()).collect(),
                rows: drawn.iter().map(|v| table.vectors[*v].clone()).collect(),
            },
            folds: fold_rows(data, &folds, &forecasters),
            held_out: Vec::new(),
            scores: self.scores("folds", data, &forecasters),
            synthetic: synthetic
                .as_ref()
                .map_or_else(Vec::new, |s| self.synthetic_rows(s)),
            facts,
        };
        let known = Known {
            table,
            posterior,
            logit,
            synthetic,
        };
        Ok((fitted, known))
    }

    /// The fold of each case.
    fn folds(&self, data: &Data) -> Vec<usize> {
        let mut sizes = vec![0; data.clusters.len()];
        for c in &data.resolved {
            sizes[c.cluster] += 1;
        }
        let of = deal(&sizes, data.folds, self.seed, "fit/folds");
        data.resolved.iter().map(|c| of[c.cluster]).collect()
    }

    /// Forecasts of each case from the other folds, and the regression of all cases.
    fn by_fold(
        &self,
        data: &Data,
        table: &Table,
        folds: &[usize],
        (by_fold, all): (&[Vec<f64>], &[f64]),
        facts: &mut Facts,
    ) -> (Vec<Forecaster>, Option<Logit>) {
        let n = data.resolved.len();
        let has_logit = data.classes.event.is_some() && !data.column_names.is_empty();
        let mut engine = vec![Vec::new(); n];
        let mut base = vec![Vec::new(); n];
        let mut logit = vec![Vec::new(); n];
        let mut groups = vec![Vec::new(); n];
        for f in 0..data.folds {
            let without: Vec<f64> = all.iter().zip(&by_fold[f]).map(|(a, b)| a - b).collect();
            let posterior = Posterior::new(table, &without);
            facts.fewest_effective = facts.fewest_effective.min(posterior.effective);
            let (own, train): (Vec<usize>, Vec<usize>) = (0..n).partition(|i| folds[*i] == f);
            let rates = Rates::new(data, &train);
            let fitted = has_logit.then(|| Logit::chosen(&data.columns, &train, self.seed));
            facts.penalties.extend(fitted.as_ref().map(|l| l.penalty));
            for i in own {
                engine[i] = table
                    .shares
                    .average(&posterior.weights, data.resolved[i].case);
                base[i].clone_from(&rates.whole);
                groups[i] = rates.of(data.groups.as_ref().map(|g| g[i].as_str()));
                if let Some(fitted) = &fitted {
                    let p = fitted.predict(&data.columns.rows[i]);
                    logit[i] = vec![1.0 - p, p];
                }
            }
        }
        let weights = prior_weights(table);
        let prior = |c: usize| table.shares.average(&weights, c);
        let prior = data.resolved.iter().map(|c| prior(c.case)).collect();
        let every: Vec<usize> = (0..n).collect();
        let whole = has_logit.then(|| Logit::chosen(&data.columns, &every, self.seed));
        if has_logit {
            facts.logit_columns.clone_from(&data.column_names);
        }
        let logit = has_logit.then_some(logit);
        let groups = data.groups.as_ref().map(|_| groups);
        (forecasters(engine, prior, logit, base, groups), whole)
    }

    /// Forecasts cases that were held out, once everything is fitted.
    pub(super) fn held_out(
        &self,
        training: &Data,
        known: &Known,
        from: &HeldOut,
        opening: Opening,
        fitted: &mut Fitted,
    ) -> Result<(), StudyError> {
        let (data, _) = Data::read(
            self.study,
            (&from.cases, &from.observed),
            self.options,
            Some(training),
        )?;
        let both = data
            .ids
            .iter()
            .filter(|id| training.ids.contains(id))
            .count();
        if both > 0 {
            let more = format!("{both} held-out cases have ids of cases that were fitted");
            fitted.facts.warnings.push(more);
        }
        let shared = |c: &&String| training.cluster.is_some() && training.clusters.contains(c);
        let shared = data.clusters.iter().filter(shared).count();
        if shared > 0 {
            fitted.facts.warnings.push(format!(
                "{shared} clusters are in the held-out cases and in those that were fitted: they are not held out"
            ));
        }
        if opening.earlier > 0 {
            fitted.facts.warnings.push(format!(
                "{} was opened {} before: every look at it makes its scores look better than they are",
                opening.file,
                match opening.earlier {
                    1 => "once".to_owned(),
                    n => format!("{n} times"),
                }
            ));
        }
        let simulator = CaseSimulator::new(self, &data)?;
        let counts = simulator.counts(&known.table.vectors, Rounds::Table)?;
        let shares = Shares::new(&counts, simulator.cases(), simulator.classes());
        let average = |weights: &[f64]| -> Vec<Vec<f64>> {
            let of = |c: usize| shares.average(weights, c);
            data.resolved.iter().map(|c| of(c.case)).collect()
        };
        let every: Vec<usize> = (0..training.resolved.len()).collect();
        let rates = Rates::new(training, &every);
        let n = data.resolved.len();
        let logit = known.logit.as_ref().map(|l| {
            let p = data.columns.rows.iter().map(|r| l.predict(r));
            p.map(|p| vec![1.0 - p, p]).collect()
        });
        let groups = data.groups.as_ref().map(|g| {
            let of = g.iter().map(|g| rates.of(Some(g.as_str())));
            of.collect()
        });
        let forecasters = forecasters(
            average(&known.posterior.weights),
            average(&prior_weights(&known.table)),
            logit,
            vec![rates.whole.clone(); n],
            groups,
        );
        fitted.held_out = fold_rows(&data, &vec![0; n], &forecasters)
            .into_iter()
            .map(|r| HeldOutRow {
                case: r.case,
                cluster: r.cluster,
                outcome: r.outcome,
                happened: r.happened,
                weight: r.weight,
                engine: r.engine,
                prior: r.prior,
                logit: r.logit,
                pool: r.pool,
                base_rate: r.base_rate,
                climatology: r.climatology,
            })
            .collect();
        let scores = self.scores("held_out", &data, &forecasters);
        fitted.scores.extend(scores);
        fitted.facts.held_out = Some(opening);
        Ok(())
    }

    fn warn(&self, identified: &Identified, synthetic: Option<&Synthetic>, facts: &mut Facts) {
        let path = |i: usize| self.coefficients[i].path.as_str();
        let mut out = Vec::new();
        let effective = facts.effective.min(facts.fewest_effective);
        if effective < FEW_EFFECTIVE && self.options.method == Method::Pmc {
            out.push(format!(
                "{effective:.0} effective vectors: with fewer than {FEW_EFFECTIVE:.0} the posterior is rough; fit fewer \
                 coefficients, or narrow their priors"
            ));
        }
        if facts.cases as f64 > MOST_PER_ROUND * self.rounds as f64 {
            out.push(format!(
                "{} rounds for {} cases: shares of so few rounds are rough, and what is found of coefficients leans with \
                 them; take more, best as many as there are cases",
                self.rounds, facts.cases
            ));
        }
        if facts.clusters < FEW {
            out.push(format!(
                "{} clusters: with fewer than {FEW} folds say little of new ones, and intervals are too narrow",
                facts.clusters
            ));
        }
        for path in &facts.idle {
            out.push(format!(
                "{path} changes nothing in any case from the 5th to the 95th percentile of its prior"
            ));
        }
        for (i, j, r) in identified.alike() {
            out.push(format!(
                "{} and {} cannot be told apart (correlation {r:.2}): fix one of them",
                path(i),
                path(j)
            ));
        }
        let unknown: Vec<&str> = facts
            .not_identified
            .iter()
            .filter(|p| !facts.idle.contains(p))
            .map(String::as_str)
            .collect();
        if !unknown.is_empty() {
            out.push(format!(
                "{} not identified: the data take away less than {LEAST:.1} of the prior's variance; leave at the prior",
                match unknown.len() {
                    1 => format!("{} is", unknown[0]),
                    _ => format!("{} are", unknown.join(", ")),
                }
            ));
        }
        if let Some(s) = synthetic {
            if s.effective.1 < FEW_EFFECTIVE {
                out.push(format!(
                    "fits of synthetic data have {:.0} effective vectors (median): what they would find is known \
                     roughly, though their coverage is not biased by it",
                    s.effective.1
                ));
            }
            if !s.is_even() {
                out.push(
                    "the ranks of synthetic truths are uneven (chi-square, one false alarm in 100): posteriors lean to \
                     one side, or are too narrow or too wide"
                        .to_owned(),
                );
            }
        }
        facts.warnings.extend(out);
    }

    fn synthetic_rows(&self, found: &Synthetic) -> Vec<SyntheticRow> {
        let sets = found.sets as u64;
        let each = self.coefficients.iter().zip(&found.coefficients);
        let mut out: Vec<SyntheticRow> = each
            .map(|(c, r)| SyntheticRow {
                path: c.path.clone(),
                sets,
                inside_50: r.inside_50,
                inside_90: r.inside_90,
                p: Some(r.p),
            })
            .collect();
        out.push(SyntheticRow {
            path: "all".to_owned(),
            sets,
            inside_50: found.inside_50,
            inside_90: found.inside_90,
            p: None,
        });
        out
    }

    /// Scores of all forecasters.
    fn scores(&self, part: &str, data: &Data, all: &[Forecaster]) -> Vec<FitScoreRow> {
        let event = data.classes.event.is_some();
        let forecasts = |f: &Forecaster| -> Vec<Forecast> {
            let each = data.resolved.iter().zip(&f.p).enumerate();
            each.map(|(case, (c, p))| Forecast {
                case,
                cluster: c.cluster,
                weight: c.weight,
                probabilities: if event { vec![p[1]] } else { p.clone() },
                observed: c.observed,
                floor: FLOOR,
                rounds: None,
            })
            .collect()
        };
        let options = Options {
            seed: self.seed,
            resamples: self.options.resamples,
            bins: None,
            ordered: false,
        };
        let mut out = Vec::new();
        for (name, beside) in BESIDE {
            let Some(own) = all.iter().find(|f| f.name == name) else {
                continue;
            };
            let beside: Vec<&Forecaster> = beside
                .iter()
                .filter_map(|b| all.iter().find(|f| f.name == *b))
                .collect();
            let baselines: Vec<Vec<Forecast>> = beside.iter().map(|f| forecasts(f)).collect();
            // One site for all, so that all are compared in the same resamples.
            let found = evaluate(
                &forecasts(own),
                &baselines,
                &options,
                &format!("fit/{part}"),
            );
            let names: Vec<&str> = beside.iter().map(|f| f.name).collect();
            score_rows(part, name, &names, &found, &mut out);
        }
        out
    }
}

/// Shares of classes among some cases.
struct Rates {
    whole: Vec<f64>,
    groups: std::collections::BTreeMap<String, Vec<f64>>,
}

impl Rates {
    fn new(data: &Data, of: &[usize]) -> Self {
        let classes = data.classes.count();
        let counted = |i: &usize| -> Counted {
            let c = &data.resolved[*i];
            (c.observed, c.weight)
        };
        let all: Vec<Counted> = of.iter().map(counted).collect();
        let groups = data.groups.as_ref().map(|g| {
            let own: Vec<(&str, Counted)> =
                of.iter().map(|i| (g[*i].as_str(), counted(i))).collect();
            let found = climatology(&own, classes).0;
            found.into_iter().map(|(g, p)| (g.to_owned(), p)).collect()
        });
        Self {
            whole: base_rate(&all, classes),
            groups: groups.unwrap_or_default(),
        }
    }

    fn of(&self, group: Option<&str>) -> Vec<f64> {
        let found = group.and_then(|g| self.groups.get(g));
        found.unwrap_or(&self.whole).clone()
    }
}

fn forecasters(
    engine: Vec<Vec<f64>>,
    prior: Vec<Vec<f64>>,
    logit: Option<Vec<Vec<f64>>>,
    base: Vec<Vec<f64>>,
    groups: Option<Vec<Vec<f64>>>,
) -> Vec<Forecaster> {
    let pool = logit.as_ref().map(|logit| {
        let each = engine.iter().zip(logit);
        each.map(|(a, b)| linear(&[a, b], &[0.5, 0.5])).collect()
    });
    let all = [
        (ENGINE, Some(engine)),
        (PRIOR, Some(prior)),
        (LOGIT, logit),
        (POOL, pool),
        (BASE_RATE, Some(base)),
        (CLIMATOLOGY, groups),
    ];
    let some = |(name, p): (&'static str, Option<Vec<Vec<f64>>>)| Some(Forecaster { name, p: p? });
    all.into_iter().filter_map(some).collect()
}

fn fold_rows(data: &Data, folds: &[usize], all: &[Forecaster]) -> Vec<FoldRow> {
    let mut out = Vec::new();
    for (i, c) in data.resolved.iter().enumerate() {
        for (class, outcome) in data.classes.forecast() {
            let p = |name: &str| all.iter().find(|f| f.name == name).map(|f| f.p[i][class]);
            out.push(FoldRow {
                case: data.ids[i].clone(),
                cluster: data.clusters[c.cluster].clone(),
                fold: folds[i] as u64 + 1,
                outcome: outcome.to_owned(),
                happened: c.observed == class,
                weight: c.weight,
                engine: p(ENGINE).unwrap_or(f64::NAN),
                prior: p(PRIOR).unwrap_or(f64::NAN),
                logit: p(LOGIT),
                pool: p(POOL),
                base_rate: p(BASE_RATE).unwrap_or(f64::NAN),
                climatology: p(CLIMATOLOGY),
            });
        }
    }
    out
}

fn coefficient_row(c: &Coefficient, m: &Marginal, learned: f64, effect: f64) -> CoefficientRow {
    let [p05, p25, p50, p75, p95] = m.quantiles;
    CoefficientRow {
        path: c.path.clone(),
        prior_mean: m.prior.0,
        prior_sd: m.prior.1,
        posterior_mean: m.posterior.0,
        posterior_sd: m.posterior.1,
        p05,
        p25,
        p50,
        p75,
        p95,
        learned,
        identified: learned >= LEAST,
        effect,
    }
}

fn score_rows(
    part: &str,
    forecaster: &str,
    baselines: &[&str],
    found: &Evaluation,
    out: &mut Vec<FitScoreRow>,
) {
    for n in found.named(baselines) {
        out.push(FitScoreRow {
            part: part.to_owned(),
            forecaster: forecaster.to_owned(),
            metric: n.metric,
            baseline: n.baseline,
            value: n.estimate.value,
            ci_low: n.estimate.interval.map(|i| i.0),
            ci_high: n.estimate.interval.map(|i| i.1),
            p: n.p,
            cases: found.cases as u64,
            clusters: found.clusters as u64,
        });
    }
}
