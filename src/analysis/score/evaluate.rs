//! Every score of one forecaster's forecasts, with intervals and baselines.

use super::auc::auc;
use super::calibration::{Care, Line, Point, in_the_large, line};
use super::corp::{self, Decomposition, Reliability, decompose, reliability};
use super::isotonic::Groups;
use super::murphy::{Binned, binned};
use super::proper::{Rule, brier, clipped, log, rps, simulation_error};
use super::resample::{Resampled, interval, resample, sign};
use super::{Forecast, logit, mean};
use crate::analysis::sensitivity::bootstrap::Bootstrap;

/// Fewer forecasts are not taken for base rates of folds.
const FEWEST_POOLED: usize = 20;
/// Few distinct probabilities, as the base rates of ten folds are.
const FOLDS: usize = 10;

/// How forecasts are scored.
#[derive(Debug, Clone)]
pub struct Options {
    /// Seed of the draws.
    pub seed: u64,
    /// Resamples of clusters, 0 for no intervals.
    pub resamples: usize,
    /// Bins of Murphy's decomposition, if it is asked for.
    pub bins: Option<usize>,
    /// Whether the classes are ordered, so that there is a ranked probability score.
    pub ordered: bool,
}

/// A number with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The number; nothing if it is undefined.
    pub value: Option<f64>,
    /// Its 95 % interval over clusters, if it has one.
    pub interval: Option<(f64, f64)>,
}

/// Scores that are means over forecasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Score {
    /// [`brier`].
    Brier,
    /// [`log()`].
    Log,
    /// [`rps`].
    Rps,
}

impl Score {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Brier, Self::Log, Self::Rps];

    fn of(self, f: &Forecast) -> f64 {
        match self {
            Self::Brier => brier(f),
            Self::Log => log(f).0,
            Self::Rps => rps(f),
        }
    }
}

/// A forecaster beside a baseline, by one score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beside {
    /// The score of the baseline.
    pub score: Estimate,
    /// That less the forecaster's: above 0 if the forecaster is better.
    pub difference: Estimate,
    /// The p-value of its sign, from resamples.
    pub sign: Option<f64>,
    /// 1 − score / score of the baseline.
    pub skill: Estimate,
}

/// What only forecasts of an event have.
#[derive(Debug, Clone, PartialEq)]
pub struct OfEvents {
    /// The area under the curve; undefined if there are only events, or none, or if forecasts are a pooled
    /// base rate.
    pub auc: Estimate,
    /// Whether it is left out because forecasts are a base rate of folds, pooled.
    pub pooled_base_rate: bool,
    /// Calibration slope.
    pub slope: Estimate,
    /// Calibration intercept.
    pub intercept: Estimate,
    /// Calibration in the large.
    pub in_the_large: Estimate,
    /// The decomposition of the Brier score.
    pub brier: Decomposition,
    /// The decomposition of the log score.
    pub log: Decomposition,
    /// The same in bins.
    pub binned: Option<Binned>,
    /// The reliability diagram.
    pub reliability: Reliability,
}

/// Every score.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Number of cases.
    pub cases: usize,
    /// Number of clusters.
    pub clusters: usize,
    /// Mean scores by [`Score::ALL`]; the last only of ordered classes.
    pub scores: [Option<Estimate>; 3],
    /// By baseline, the same.
    pub beside: Vec<[Option<Beside>; 3]>,
    /// Number of forecasts that were clipped for the log score.
    pub clipped: usize,
    /// What finite rounds add to the Brier score, if forecasts are shares of rounds.
    pub simulation_error: Option<f64>,
    /// What only forecasts of an event have.
    pub events: Option<OfEvents>,
}

/// A number of an evaluation, by its name.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    /// `brier`, `log_skill`, `auc` and so on.
    pub metric: String,
    /// The baseline that it compares with; empty where it compares with none.
    pub baseline: String,
    /// The number.
    pub estimate: Estimate,
    /// Its p-value: of the sign of a difference, or of a miscalibration.
    pub p: Option<f64>,
}

/// Names of scores, as in [`Score::ALL`].
const NAMES: [&str; 3] = ["brier", "log", "rps"];

impl Evaluation {
    /// Every number by its name; `baselines` are the names of those that it was made beside.
    #[must_use]
    pub fn named(&self, baselines: &[&str]) -> Vec<Named> {
        let mut out = Vec::new();
        let mut add = |metric: &str, baseline: &str, estimate: Estimate, p: Option<f64>| {
            out.push(Named {
                metric: metric.to_owned(),
                baseline: baseline.to_owned(),
                estimate,
                p,
            });
        };
        let bare = |value: f64| Estimate {
            value: Some(value).filter(|x| x.is_finite()),
            interval: None,
        };
        for (name, score) in NAMES.iter().zip(self.scores) {
            if let Some(score) = score {
                add(name, "", score, None);
            }
        }
        for (baseline, beside) in baselines.iter().zip(&self.beside) {
            for (name, beside) in NAMES.iter().zip(beside) {
                if let Some(b) = beside {
                    add(&format!("{name}_baseline"), baseline, b.score, None);
                    let difference = format!("{name}_difference");
                    add(&difference, baseline, b.difference, b.sign);
                    add(&format!("{name}_skill"), baseline, b.skill, None);
                }
            }
        }
        if let Some(e) = &self.events {
            add("auc", "", e.auc, None);
            add("calibration_slope", "", e.slope, None);
            add("calibration_intercept", "", e.intercept, None);
            add("calibration_in_the_large", "", e.in_the_large, None);
            let p = Some(e.reliability.p_value);
            for (name, parts) in [("brier", &e.brier), ("log", &e.log)] {
                let p = p.filter(|_| name == "brier");
                let all = [
                    ("miscalibration", parts.miscalibration, p),
                    ("discrimination", parts.discrimination, None),
                    ("uncertainty", parts.uncertainty, None),
                ];
                for (part, value, p) in all {
                    add(&format!("{name}_{part}"), "", bare(value), p);
                }
            }
            if let Some(b) = e.binned {
                add("bins_reliability", "", bare(b.reliability), None);
                add("bins_resolution", "", bare(b.resolution), None);
                add("bins_uncertainty", "", bare(b.uncertainty), None);
                add("bins_within", "", bare(b.within_bins), None);
            }
        }
        add("clipped", "", bare(self.clipped as f64), None);
        if let Some(error) = self.simulation_error {
            add("simulation_error", "", bare(error), None);
        }
        out
    }
}

/// A column of numbers by forecast.
type Column = Vec<f64>;

/// What is computed anew for every resample.
struct Numbers<'a> {
    forecasts: &'a [Forecast],
    /// By score, of the forecasts, then of each baseline.
    columns: Vec<[Option<Column>; 3]>,
    /// Of events: their groups, and the logit of each group.
    events: Option<(Groups, Column)>,
    /// The line of all forecasts, where Newton's method starts.
    start: (Line, f64),
}

/// The first numbers are scores; then come AUC, slope, intercept, calibration in the large.
const OF_EVENTS: usize = 4;

impl Numbers<'_> {
    fn count(&self) -> usize {
        OF_EVENTS + 3 + 9 * (self.columns.len() - 1)
    }

    /// All numbers, with the weight of each forecast.
    fn compute(&self, weights: &[f64], care: Care) -> Vec<f64> {
        let average = |column: &Option<Column>| {
            let column = column.as_ref();
            column.map_or(f64::NAN, |c| {
                mean(c.iter().copied().zip(weights.iter().copied()))
            })
        };
        let mut out = self.of_events(weights, care);
        let own: Vec<f64> = self.columns[0].iter().map(average).collect();
        out.extend(&own);
        for columns in &self.columns[1..] {
            for (own, column) in own.iter().zip(columns) {
                let base = average(column);
                out.extend([base, base - own, 1.0 - own / base]);
            }
        }
        out
    }

    fn of_events(&self, weights: &[f64], care: Care) -> Vec<f64> {
        let Some((groups, logits)) = &self.events else {
            return vec![f64::NAN; OF_EVENTS];
        };
        let rows = self.forecasts.iter().zip(weights);
        let sums = groups.sums(rows.map(|(f, w)| (*w, f.happened())));
        let points: Vec<Point> = logits
            .iter()
            .zip(&sums)
            .map(|(x, (weight, events))| Point {
                x: *x,
                weight: *weight,
                events: *events,
            })
            .collect();
        let found = line(&points, self.start.0, care);
        let large = in_the_large(&points, self.start.1, care);
        vec![
            auc(&sums).unwrap_or(f64::NAN),
            found.map_or(f64::NAN, |l| l.slope),
            found.map_or(f64::NAN, |l| l.intercept),
            large.unwrap_or(f64::NAN),
        ]
    }
}

/// Scores forecasts, of which there is at least one, and baselines, which are forecasts of the same cases
/// in the same order. All are of an event, or all of the same classes.
#[must_use]
pub fn evaluate(
    forecasts: &[Forecast],
    baselines: &[Vec<Forecast>],
    options: &Options,
    site: &str,
) -> Evaluation {
    let is_event = forecasts.iter().all(Forecast::is_event);
    let columns = |forecasts: &[Forecast]| {
        Score::ALL.map(|score| {
            let applies = score != Score::Rps || options.ordered;
            applies.then(|| forecasts.iter().map(|f| score.of(f)).collect())
        })
    };
    let mut numbers = Numbers {
        forecasts,
        columns: vec![columns(forecasts)],
        events: is_event.then(|| {
            let p: Vec<f64> = forecasts.iter().map(|f| f.probabilities[0]).collect();
            let groups = Groups::new(&p);
            let mut logits = vec![f64::NAN; groups.values.len()];
            for (f, group) in forecasts.iter().zip(&groups.of) {
                if logits[*group].is_nan() {
                    logits[*group] = logit(clipped(f.probabilities[0], f.floor));
                }
            }
            (groups, logits)
        }),
        start: (
            Line {
                intercept: 0.0,
                slope: 1.0,
            },
            0.0,
        ),
    };
    numbers.columns.extend(baselines.iter().map(|b| columns(b)));
    let weights: Vec<f64> = forecasts.iter().map(|f| f.weight).collect();
    let values = numbers.compute(&weights, Care::Exact);
    let or = |x: f64, other: f64| if x.is_finite() { x } else { other };
    numbers.start = (
        Line {
            intercept: or(values[2], 0.0),
            slope: or(values[1], 1.0),
        },
        or(values[3], 0.0),
    );
    let clusters = distinct(forecasts.iter().map(|f| f.cluster));
    let resampled = (options.resamples > 0 && clusters > 1).then(|| {
        let draws = Bootstrap {
            seed: options.seed,
            site: &format!("score/clusters/{site}"),
            resamples: options.resamples,
        };
        resample(draws, clusters, numbers.count(), |counts| {
            let times = |f: &Forecast| f.weight * f64::from(counts[f.cluster]);
            let weights: Vec<f64> = forecasts.iter().map(times).collect();
            numbers.compute(&weights, Care::Rough)
        })
    });
    let found = Found {
        values: &values,
        resampled: resampled.as_ref(),
    };
    let ordered = |i: usize| i < 2 || options.ordered;
    let scores = [0, 1, 2].map(|i| ordered(i).then(|| found.estimate(OF_EVENTS + i)));
    let beside = (0..baselines.len()).map(|b| {
        [0, 1, 2].map(|i| {
            let first = OF_EVENTS + 3 + 9 * b + 3 * i;
            ordered(i).then(|| Beside {
                score: found.estimate(first),
                difference: found.estimate(first + 1),
                sign: resampled.as_ref().map(|r| sign(r.of(first + 1))),
                skill: found.estimate(first + 2),
            })
        })
    });
    let events = numbers
        .events
        .as_ref()
        .map(|(groups, _)| of_events(forecasts, groups, &found, options, site));
    Evaluation {
        cases: distinct(forecasts.iter().map(|f| f.case)),
        clusters,
        scores,
        beside: beside.collect(),
        clipped: forecasts.iter().filter(|f| log(f).1).count(),
        simulation_error: error_of_rounds(forecasts),
        events,
    }
}

/// Numbers of all forecasts, and of resamples.
struct Found<'a> {
    values: &'a [f64],
    resampled: Option<&'a Resampled>,
}

impl Found<'_> {
    fn estimate(&self, number: usize) -> Estimate {
        let value = Some(self.values[number]).filter(|x| x.is_finite());
        Estimate {
            value,
            interval: value.and_then(|_| interval(self.resampled?.of(number))),
        }
    }
}

fn of_events(
    forecasts: &[Forecast],
    groups: &Groups,
    found: &Found<'_>,
    options: &Options,
    site: &str,
) -> OfEvents {
    let points: Vec<corp::Point> = forecasts
        .iter()
        .map(|f| corp::Point {
            p: f.probabilities[0],
            clipped: clipped(f.probabilities[0], f.floor),
            y: f.happened(),
            weight: f.weight,
            case: f.case,
        })
        .collect();
    let [mut auc, mut slope, mut intercept] = [0, 1, 2].map(|i| found.estimate(i));
    let pooled_base_rate = auc.value.is_some_and(|a| a < 0.5) && is_pooled(forecasts, groups);
    if pooled_base_rate {
        // All three are artefacts: where the rate of other folds was high, that of this one was low.
        let none = Estimate {
            value: None,
            interval: None,
        };
        [auc, slope, intercept] = [none; 3];
    }
    let triples: Vec<(f64, f64, f64)> = points.iter().map(|f| (f.p, f.y, f.weight)).collect();
    OfEvents {
        auc,
        pooled_base_rate,
        slope,
        intercept,
        in_the_large: found.estimate(3),
        brier: decompose(&points, groups, Rule::Brier),
        log: decompose(&points, groups, Rule::Log),
        binned: options.bins.map(|bins| binned(&triples, bins)),
        reliability: reliability(
            &points,
            groups,
            options.seed,
            &format!("score/bands/{site}"),
        ),
    }
}

/// Whether forecasts look like a base rate from other folds: few distinct ones, or one for each cluster of
/// several cases.
fn is_pooled(forecasts: &[Forecast], groups: &Groups) -> bool {
    if forecasts.len() < FEWEST_POOLED {
        return false;
    }
    if groups.values.len() <= FOLDS {
        return true;
    }
    let clusters = forecasts.iter().map(|f| f.cluster + 1).max().unwrap_or(0);
    let mut first: Vec<Option<usize>> = vec![None; clusters];
    let one = |(f, group): (&Forecast, &usize)| *first[f.cluster].get_or_insert(*group) == *group;
    let same = forecasts.iter().zip(&groups.of).all(one);
    same && 2 * distinct(forecasts.iter().map(|f| f.cluster)) <= forecasts.len()
}

/// The mean of what finite rounds add to the Brier score; nothing if no forecast comes from rounds.
fn error_of_rounds(forecasts: &[Forecast]) -> Option<f64> {
    let of = |f: &Forecast| simulation_error(f);
    forecasts.iter().any(|f| of(f).is_some()).then(|| {
        let errors = forecasts.iter().map(|f| (of(f).unwrap_or(0.0), f.weight));
        mean(errors)
    })
}

fn distinct(indices: impl Iterator<Item = usize>) -> usize {
    let mut all: Vec<usize> = indices.collect();
    all.sort_unstable();
    all.dedup();
    all.len()
}
