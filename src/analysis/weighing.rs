//! Which of several readings fits what was observed: likelihoods from simulated rounds, Bayes
//! factors, posteriors, what each observation adds, and what to look for next.
//!
//! A report is one observation, or a group of observations that share a source: a group is true
//! when all of its members are. Reports are right with probability r, independently given what
//! was: P(report | true) = r, P(report | false) = 1 − r. So P(evidence | reading) is the mean over
//! rounds of the product of r or 1 − r over reports. `docs/READINGS.md` has the reasons.

use super::interval::{Share, wilson_of};
use super::jackknife::{Estimate, jackknife};
use crate::ensemble::patterns::Patterns;
use crate::scenario::reports::Report;

/// Effective rounds below which an estimate from weighted rounds is unreliable.
pub const FEW: f64 = 100.0;

/// Probability that a report is wrong above which it is told, unless its reliability promises little:
/// see [`is_doubtful`].
pub const DOUBT: f64 = 0.5;

/// Reliability below which nobody counted on a report.
const COUNTED_ON: f64 = 0.8;

/// Returns whether a report on which the evidence counts is probably wrong, given all reports.
#[must_use]
pub fn is_doubtful(reliability: f64, wrong: f64) -> bool {
    reliability >= COUNTED_ON && wrong > DOUBT
}

/// The likelihood of some reports under one reading.
#[derive(Debug, Clone, PartialEq)]
pub struct Likelihood {
    /// Rounds of each block that has any.
    rounds: Vec<f64>,
    /// Sum of weights of each block.
    sums: Vec<f64>,
    squares: f64,
}

impl Likelihood {
    /// Returns the mean weight of rounds, given the weight of each pattern.
    #[must_use]
    pub fn new(patterns: &Patterns, weight: impl Fn(u64) -> f64) -> Self {
        let mut out = Self {
            rounds: Vec::new(),
            sums: Vec::new(),
            squares: 0.0,
        };
        for block in patterns.blocks.iter().filter(|b| !b.is_empty()) {
            let (mut rounds, mut sum) = (0.0, 0.0);
            for (pattern, count) in block {
                let (w, n) = (weight(*pattern), *count as f64);
                rounds += n;
                sum += n * w;
                out.squares += n * w * w;
            }
            out.rounds.push(rounds);
            out.sums.push(sum);
        }
        out
    }

    /// Returns the likelihood of reports.
    #[must_use]
    pub fn of(patterns: &Patterns, reports: &[Report]) -> Self {
        Self::new(patterns, |p| reports.iter().map(|r| r.factor(p)).product())
    }

    fn total(&self) -> (f64, f64) {
        (self.sums.iter().sum(), self.rounds.iter().sum())
    }

    /// Returns P(reports | reading), in [0, 1].
    #[must_use]
    pub fn value(&self) -> f64 {
        let (sum, rounds) = self.total();
        sum / rounds
    }

    /// The same without one block.
    fn without(&self, block: usize) -> f64 {
        let (sum, rounds) = self.total();
        ((sum - self.sums[block]) / (rounds - self.rounds[block])).max(0.0)
    }

    /// Returns the number of effective rounds (Kish 1965): as many rounds of weight 1 would have the
    /// same error.
    #[must_use]
    pub fn effective(&self) -> f64 {
        let (sum, _) = self.total();
        if self.squares > 0.0 {
            sum * sum / self.squares
        } else {
            0.0
        }
    }

    /// The same reports, as likely as they may at most be: a likelihood without an error.
    fn at_most(&self) -> Self {
        let high = self.interval().high;
        Self {
            rounds: self.rounds.clone(),
            sums: self.rounds.iter().map(|n| n * high).collect(),
            squares: self.squares,
        }
    }

    /// Returns the likelihood with its interval: Wilson's for as many hits as there are effective
    /// rounds, scaled. With reliability 1 these are the rounds that match. Where no round matches,
    /// `high` bounds the likelihood.
    #[must_use]
    pub fn interval(&self) -> Share {
        let (_, rounds) = self.total();
        let hits = self.effective();
        let share = wilson_of(hits, rounds);
        let scale = if hits > 0.0 {
            self.value() / (hits / rounds)
        } else {
            1.0
        };
        Share {
            probability: self.value(),
            low: share.low * scale,
            high: (share.high * scale).min(1.0),
        }
    }
}

/// The likelihoods of the same reports under every reading.
#[derive(Debug, Clone, PartialEq)]
pub struct Likelihoods(pub Vec<Likelihood>);

impl Likelihoods {
    /// Returns the likelihoods of reports.
    #[must_use]
    pub fn of(readings: &[Patterns], reports: &[Report]) -> Self {
        Self(
            readings
                .iter()
                .map(|p| Likelihood::of(p, reports))
                .collect(),
        )
    }

    /// Returns the change of a reading's posterior from these reports to others, with the errors of
    /// both taken together.
    #[must_use]
    pub fn change(&self, other: &Self, priors: &[f64], reading: usize) -> Estimate {
        let n = self.0.len();
        let both = Self(self.0.iter().chain(&other.0).cloned().collect());
        let posterior = |l: &[f64]| posteriors(priors, l)[reading];
        both.bounded(|l| posterior(&l[n..]) - posterior(&l[..n]))
    }

    /// Likelihoods of which those at 0 are as large as they may be; `None` if none is at 0.
    fn at_bounds(&self) -> Option<Self> {
        let any = self.0.iter().any(|l| l.value() == 0.0);
        let bounded = |l: &Likelihood| {
            if l.value() == 0.0 {
                l.at_most()
            } else {
                l.clone()
            }
        };
        any.then(|| Self(self.0.iter().map(bounded).collect()))
    }

    /// Returns any function of the likelihoods, with an interval that also holds what it may be as
    /// likelihoods at 0 are bounds.
    fn bounded(&self, f: impl Fn(&[f64]) -> f64) -> Estimate {
        let found = self.estimate(&f);
        let Some(most) = self.at_bounds().filter(|_| found.value.is_finite()) else {
            return found;
        };
        let most = most.estimate(&f);
        if !(most.low.is_finite() && most.high.is_finite()) {
            // The error of a finite number of rounds is not known: bounds alone are no interval.
            return Estimate {
                value: found.value,
                low: f64::NAN,
                high: f64::NAN,
            };
        }
        let ends = [found, most].map(|e| [e.value, e.low, e.high]);
        let ends = || ends.iter().flatten().copied().filter(|x| x.is_finite());
        Estimate {
            value: found.value,
            low: ends().fold(found.value, f64::min),
            high: ends().fold(found.value, f64::max),
        }
    }

    /// Returns any function of the likelihoods, with its interval.
    pub fn estimate(&self, f: impl Fn(&[f64]) -> f64) -> Estimate {
        let values: Vec<f64> = self.0.iter().map(Likelihood::value).collect();
        let blocks = self.0.iter().map(|l| l.sums.len()).min().unwrap_or(0);
        let without: Vec<f64> = (0..blocks)
            .map(|b| {
                let values: Vec<f64> = self.0.iter().map(|l| l.without(b)).collect();
                f(&values)
            })
            .collect();
        jackknife(f(&values), &without)
    }

    /// Returns ln(P(reports | a) / P(reports | b)).
    ///
    /// Where no round of one matches it is infinite and its interval has one end, and where the only rounds
    /// that match are in one block the jackknife has none: the ends are then those of the ratio of the ends of both
    /// intervals. Each of those is beyond the truth with probability 2.5 %, so each end of the ratio with at most
    /// 5 % (Bonferroni): one end alone holds at 95 %, both together at 90 % at least. Where no round of either
    /// matches, nothing is known.
    #[must_use]
    pub fn log_ratio(&self, a: usize, b: usize) -> Estimate {
        let found = self.estimate(|l| libm::log(l[a]) - libm::log(l[b]));
        if a == b || (found.low.is_finite() && found.high.is_finite()) {
            return found;
        }
        let [one, other] = [a, b].map(|i| self.0[i].interval());
        Estimate {
            value: found.value,
            low: libm::log(one.low) - libm::log(other.high),
            high: libm::log(one.high) - libm::log(other.low),
        }
    }

    /// Returns whether the likelihoods of two readings, times their prior weights, differ.
    #[must_use]
    pub fn differ(&self, priors: &[f64], a: usize, b: usize) -> bool {
        let odds = libm::log(priors[a]) - libm::log(priors[b]);
        self.log_ratio(a, b).excludes(-odds)
    }

    /// Returns the posterior of a reading, its interval from its log odds. Where none of its rounds
    /// matches, `high` is an upper bound; where none of another's does, `low` is at most what the
    /// bound on that one leaves.
    #[must_use]
    pub fn posterior(&self, priors: &[f64], reading: usize) -> Estimate {
        let value = posteriors(priors, &self.values())[reading];
        if self.0[reading].value() == 0.0 {
            let mut most = self.values();
            most[reading] = self.0[reading].interval().high;
            let bound = posteriors(priors, &most)[reading];
            return Estimate {
                value,
                low: 0.0,
                high: if bound.is_finite() { bound } else { 1.0 },
            };
        }
        if priors[reading] == 0.0 || priors[reading] == 1.0 {
            // What no evidence changes is known exactly.
            return Estimate {
                value,
                low: value,
                high: value,
            };
        }
        let odds = |l: &[f64]| {
            let p = posteriors(priors, l)[reading];
            libm::log(p / (1.0 - p))
        };
        let back = |x: f64| 1.0 / (1.0 + libm::exp(-x));
        let found = self.estimate(odds).map(back);
        let bounds = self.at_bounds();
        let least = bounds.map(|b| b.estimate(odds).map(back).low);
        if value < 1.0 && found.low.is_finite() && found.high.is_finite() {
            let low = least.map_or(found.low, |l| l.min(found.low));
            return Estimate { low, ..found };
        }
        // All others are at 0, or the only rounds of one that match are in one block.
        Estimate {
            value,
            low: least
                .filter(|low| low.is_finite())
                .unwrap_or_else(|| self.extreme(priors, reading, true)),
            high: self.extreme(priors, reading, false).max(value),
        }
    }

    /// The posterior if this reading fits as badly as it may and all others as well (`least`), or
    /// the reverse.
    fn extreme(&self, priors: &[f64], reading: usize, least: bool) -> f64 {
        let ends = |(i, l): (usize, &Likelihood)| {
            let interval = l.interval();
            if (i == reading) == least {
                interval.low
            } else {
                interval.high
            }
        };
        let values: Vec<f64> = self.0.iter().enumerate().map(ends).collect();
        posteriors(priors, &values)[reading]
    }

    fn values(&self) -> Vec<f64> {
        self.0.iter().map(Likelihood::value).collect()
    }
}

/// Returns posteriors from priors and likelihoods, by reading; NaN if no reading is possible.
#[must_use]
pub fn posteriors(priors: &[f64], likelihoods: &[f64]) -> Vec<f64> {
    let joint: Vec<f64> = priors.iter().zip(likelihoods).map(|(p, l)| p * l).collect();
    let sum: f64 = joint.iter().sum();
    joint.iter().map(|x| x / sum).collect()
}

/// Returns posteriors as an analysis of competing hypotheses adds them up (Heuer 1999, in Bayesian
/// form): log odds grow by `weight · ln P(report | reading)` for each observation, as if
/// observations were independent. Shapes: `probabilities[reading][observation]`,
/// `weights[observation]`. Members of a group of k usually share one weight, 1/k each.
#[must_use]
pub fn independent(priors: &[f64], probabilities: &[Vec<f64>], weights: &[f64]) -> Vec<f64> {
    let logs: Vec<f64> = probabilities
        .iter()
        .map(|row| {
            row.iter()
                .zip(weights)
                .map(|(p, w)| w * libm::log(*p))
                .sum()
        })
        .collect();
    let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let likelihoods: Vec<f64> = logs.iter().map(|l| libm::exp(l - top)).collect();
    posteriors(priors, &likelihoods)
}

/// Entropy of a yes-or-no answer, in bits.
fn entropy(p: f64) -> f64 {
    let term = |x: f64| if x > 0.0 { -x * libm::log2(x) } else { 0.0 };
    term(p) + term(1.0 - p)
}

/// Returns the expected information, in bits, of the answer to a yes-or-no question about which
/// reading holds: the mutual information of answer and reading (Lindley 1956). `yes` holds the
/// probability of "yes" under each reading.
#[must_use]
pub fn information(posteriors: &[f64], yes: &[f64]) -> f64 {
    let possible = posteriors.iter().zip(yes).filter(|(p, _)| **p > 0.0);
    let (mean, noise) = possible.fold((0.0, 0.0), |(m, n), (p, y)| {
        (m + p * y, n + p * entropy(*y))
    });
    (entropy(mean) - noise).max(0.0)
}

/// Returns the expected information, in bits, of a report that has not been made yet, and its
/// probability under each reading, given the evidence.
#[must_use]
pub fn look_next(
    readings: &[Patterns],
    known: &[Report],
    unknown: &Report,
    priors: &[f64],
) -> (Estimate, Vec<f64>) {
    let n = readings.len();
    let mut both = known.to_vec();
    both.push(unknown.clone());
    let mut all = Likelihoods::of(readings, known);
    all.0.extend(Likelihoods::of(readings, &both).0);
    // P(yes | evidence, reading): by the definition of `factor` the report is a yes.
    let yes = |l: &[f64]| -> Vec<f64> {
        (0..n)
            .map(|i| {
                if l[i] > 0.0 {
                    (l[n + i] / l[i]).min(1.0)
                } else {
                    0.5
                }
            })
            .collect()
    };
    let bits = |l: &[f64]| information(&posteriors(priors, &l[..n]), &yes(l));
    (all.estimate(bits).map(|x| x.max(0.0)), yes(&all.values()))
}
