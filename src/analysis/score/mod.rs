//! Forecasts held against what happened: proper scores, calibration, and skill against baselines.
//!
//! | file | what it has | after |
//! | --- | --- | --- |
//! | [`proper`] | Brier, log and ranked probability scores | Brier 1950, Good 1952, Epstein 1969 |
//! | [`auc`] | how well forecasts rank cases | Mann & Whitney 1947 |
//! | [`calibration`] | slope and intercept | Cox 1958 |
//! | [`isotonic`] | recalibration by pooling adjacent violators | Ayer et al. 1955 |
//! | [`corp`] | miscalibration, discrimination, uncertainty; bands | Dimitriadis, Gneiting & Jordan 2021 |
//! | [`murphy`] | the same in bins of equal width | Murphy 1973 |
//! | [`baseline`] | forecasts that need no forecaster | |
//! | [`resample`] | intervals by drawing clusters with replacement | Efron 1979 |
//! | [`evaluate`] | all of it for one forecaster | |
//! | [`pool`] | several forecasts of the same thing as one | Stone 1961, Satopää et al. 2014 |
//!
//! Logarithms are those of `libm`, so that results are the same on every machine.

pub mod auc;
pub mod baseline;
pub mod calibration;
pub mod corp;
pub mod evaluate;
pub mod isotonic;
pub mod murphy;
pub mod pool;
pub mod proper;
pub mod resample;

/// A forecast of a case that is resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// Index of the case: forecasts of one case at different times share it.
    pub case: usize,
    /// Index of the cluster: cases that may have causes in common, such as those of a country.
    pub cluster: usize,
    /// What it counts, above 0: 1, or the part of the time for which it stood.
    pub weight: f64,
    /// Probability of the event, or of each class; of several classes they add up to 1.
    pub probabilities: Vec<f64>,
    /// Index of the class that was observed; of an event 1 if it happened, else 0.
    pub observed: usize,
    /// The least probability that the log score reads, at most ½: what is nearer to 0 or 1 is moved there.
    pub floor: f64,
    /// Rounds behind the shares, or the effective ones, if they come from rounds.
    pub rounds: Option<f64>,
}

impl Forecast {
    /// Whether it is of one event rather than of several classes.
    #[must_use]
    pub fn is_event(&self) -> bool {
        self.probabilities.len() == 1
    }

    /// The event as a number: 1 if it happened.
    #[must_use]
    pub fn happened(&self) -> f64 {
        if self.observed == 0 { 0.0 } else { 1.0 }
    }
}

/// The mean of numbers with weights, of which one is above 0.
#[must_use]
pub fn mean(numbers: impl IntoIterator<Item = (f64, f64)>) -> f64 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (x, w) in numbers {
        sum += w * x;
        weights += w;
    }
    sum / weights
}

/// ln(p / (1 − p)).
#[must_use]
pub fn logit(p: f64) -> f64 {
    libm::log(p) - libm::log1p(-p)
}

/// 1 / (1 + e^−x).
#[must_use]
pub fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}
