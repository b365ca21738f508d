//! Several forecasts of the same thing as one, and how far they differ.

use super::mean;

/// Resolved cases below which an exponent is not fitted.
pub const FEWEST_TO_EXTREMISE: usize = 30;
/// Resolved cases of each forecaster below which weights are not taken from scores. As many count for
/// equal weights.
pub const FEWEST_TO_WEIGH: usize = 20;
/// The exponents that are tried: from half as extreme to far more.
const EXPONENTS: (f64, f64) = (0.5, 5.0);

/// The weighted mean of probabilities: keeps what any forecaster holds possible. Weights add up to 1.
#[must_use]
pub fn linear(forecasts: &[&[f64]], weights: &[f64]) -> Vec<f64> {
    let classes = forecasts.first().map_or(0, |f| f.len());
    let pooled = |i: usize| forecasts.iter().zip(weights).map(|(f, w)| w * f[i]).sum();
    (0..classes).map(pooled).collect()
}

/// The weighted geometric mean of probabilities of classes, scaled to add up to 1. `floors` are the least
/// probabilities that are read of each forecaster, above 0.
#[must_use]
pub fn logarithmic(forecasts: &[&[f64]], weights: &[f64], floors: &[f64]) -> Vec<f64> {
    let classes = forecasts.first().map_or(0, |f| f.len());
    let log = |i: usize| -> f64 {
        let each = forecasts.iter().zip(weights).zip(floors);
        each.map(|((f, w), floor)| w * libm::log(f[i].max(*floor)))
            .sum()
    };
    let logs: Vec<f64> = (0..classes).map(log).collect();
    scaled(&logs)
}

/// Probabilities from their logarithms up to a constant.
fn scaled(logs: &[f64]) -> Vec<f64> {
    let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = logs.iter().map(|l| libm::exp(l - top)).collect();
    let all: f64 = powers.iter().sum();
    powers.iter().map(|p| p / all).collect()
}

/// Probabilities of classes to the power `a`, scaled to add up to 1; of an event p^a / (p^a + (1 − p)^a).
#[must_use]
pub fn extremised(probabilities: &[f64], a: f64) -> Vec<f64> {
    let logs: Vec<f64> = probabilities.iter().map(|p| a * libm::log(*p)).collect();
    scaled(&logs)
}

/// The exponent of greatest likelihood on resolved cases: probabilities of classes, and the one that was
/// observed. Cases where that was held impossible, which no exponent explains, count with `floor`.
#[must_use]
pub fn fit_exponent(cases: &[(Vec<f64>, usize)], floor: f64) -> f64 {
    let loss = |a: f64| -> f64 {
        let one = |(p, observed): &(Vec<f64>, usize)| -> f64 {
            let floored: Vec<f64> = p.iter().map(|p| p.max(floor)).collect();
            -libm::log(extremised(&floored, a)[*observed].max(f64::MIN_POSITIVE))
        };
        cases.iter().map(one).sum()
    };
    // The log likelihood is concave in a: a golden section finds its top.
    let ratio = (5_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = EXPONENTS;
    let (mut a, mut b) = (high - ratio * (high - low), low + ratio * (high - low));
    let (mut at_a, mut at_b) = (loss(a), loss(b));
    while high - low > 1e-9 {
        if at_a <= at_b {
            (high, b, at_b) = (b, a, at_a);
            a = high - ratio * (high - low);
            at_a = loss(a);
        } else {
            (low, a, at_a) = (a, b, at_b);
            b = low + ratio * (high - low);
            at_b = loss(b);
        }
    }
    f64::midpoint(low, high)
}

/// Weights from mean log scores on the same `cases` resolved cases: the posterior weights of forecasters who
/// were equally likely to be right, drawn towards equal weights by [`FEWEST_TO_WEIGH`] cases.
#[must_use]
pub fn by_score(mean_logs: &[f64], cases: usize) -> Vec<f64> {
    let n = cases as f64;
    let logs: Vec<f64> = mean_logs.iter().map(|s| -n * s).collect();
    let part = FEWEST_TO_WEIGH as f64 / (FEWEST_TO_WEIGH as f64 + n);
    let equal = part / mean_logs.len() as f64;
    let posterior = scaled(&logs);
    posterior.iter().map(|w| equal + (1.0 - part) * w).collect()
}

/// How far forecasters differ in a probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Disagreement {
    /// Variance of the probability between forecasters, with their weights.
    pub between: f64,
    /// Variance that comes from their finite rounds: what would remain if they agreed. 0 without rounds.
    pub within: f64,
    /// The least probability.
    pub least: f64,
    /// The greatest probability.
    pub most: f64,
}

/// How far forecasters differ in a probability: its value, and the rounds behind it, of each.
#[must_use]
pub fn disagreement(forecasts: &[(f64, Option<f64>)], weights: &[f64]) -> Disagreement {
    let weighted = |of: &dyn Fn(f64, Option<f64>) -> f64| {
        let each = forecasts.iter().zip(weights);
        mean(each.map(|((p, n), w)| (of(*p, *n), *w)))
    };
    let centre = weighted(&|p, _| p);
    let error = |p: f64, n: Option<f64>| match n {
        Some(n) if n > 0.0 => p * (1.0 - p) / n,
        _ => 0.0,
    };
    let ends = forecasts.iter().map(|(p, _)| *p);
    // Values scatter less about their own mean than about the truth.
    let all: f64 = weights.iter().sum();
    let own: f64 = weights.iter().map(|w| (w / all) * (w / all)).sum();
    Disagreement {
        between: weighted(&|p, _| (p - centre) * (p - centre)),
        within: (1.0 - own) * weighted(&error),
        least: ends.clone().fold(f64::INFINITY, f64::min),
        most: ends.fold(f64::NEG_INFINITY, f64::max),
    }
}
