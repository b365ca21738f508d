//! Calibration slope and intercept: a logistic regression of what happened on the logit of the forecast
//! (Cox 1958).

use super::logistic;

/// Most steps of Newton's method.
const STEPS: usize = 60;
/// The change at which it ends; the error left is about its square.
const ENOUGH: f64 = 1e-13;
/// The same for a resample, whose interval is known to three digits.
const ROUGH: f64 = 1e-4;
/// A slope beyond this is none: the likelihood rises without end.
const STEEPEST: f64 = 1e4;

/// The line of logit P(event) on the logit of the forecast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// 0 if calibrated.
    pub intercept: f64,
    /// 1 if calibrated; below 1 if forecasts are too extreme.
    pub slope: f64,
}

/// Forecasts of one probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Logit of the probability.
    pub x: f64,
    /// Weight of the forecasts, 0 or more.
    pub weight: f64,
    /// Weight of those whose event happened.
    pub events: f64,
}

/// How exact an answer is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// To the last digits.
    Exact,
    /// Enough for one of many resamples.
    Rough,
}

impl Care {
    fn enough(self) -> f64 {
        match self {
            Self::Exact => ENOUGH,
            Self::Rough => ROUGH,
        }
    }
}

/// Whether forecasts separate events from the rest, so that the likelihood has no maximum; also if there
/// are only events, or none.
fn separated(points: &[Point]) -> bool {
    let ends = |event: bool| {
        let of = |p: &&Point| if event { p.events } else { p.weight - p.events };
        let own = points.iter().filter(|p| of(p) > 0.0);
        own.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), p| {
            (low.min(p.x), high.max(p.x))
        })
    };
    let (none, event) = (ends(false), ends(true));
    event.0 >= none.1 || none.0 >= event.1
}

/// The line of greatest likelihood, by Newton's method from `start`; nothing if there is none, as where
/// all forecasts are the same or separate the events from the rest.
#[must_use]
pub fn line(points: &[Point], start: Line, care: Care) -> Option<Line> {
    if separated(points) {
        return None;
    }
    let Line {
        mut intercept,
        mut slope,
    } = start;
    for _ in 0..STEPS {
        let (mut g0, mut g1, mut h00, mut h01, mut h11) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for p in points.iter().filter(|p| p.weight > 0.0) {
            let fitted = logistic(intercept + slope * p.x);
            let miss = p.events - p.weight * fitted;
            let spread = p.weight * fitted * (1.0 - fitted);
            g0 += miss;
            g1 += miss * p.x;
            h00 += spread;
            h01 += spread * p.x;
            h11 += spread * p.x * p.x;
        }
        let determinant = h00 * h11 - h01 * h01;
        if determinant <= 0.0 || !determinant.is_finite() {
            return None;
        }
        let step = (
            (h11 * g0 - h01 * g1) / determinant,
            (h00 * g1 - h01 * g0) / determinant,
        );
        intercept += step.0;
        slope += step.1;
        if !slope.is_finite() || slope.abs() > STEEPEST {
            return None;
        }
        if step.0.abs().max(step.1.abs()) < care.enough() * (1.0 + intercept.abs() + slope.abs()) {
            return Some(Line { intercept, slope });
        }
    }
    None
}

/// Calibration in the large: the intercept of greatest likelihood with the slope held at 1; above 0 if
/// the event happened more often than was forecast. Nothing if there are only events, or none.
#[must_use]
pub fn in_the_large(points: &[Point], start: f64, care: Care) -> Option<f64> {
    let events: f64 = points.iter().map(|p| p.events).sum();
    let none: f64 = points.iter().map(|p| p.weight - p.events).sum();
    if events <= 0.0 || none <= 0.0 {
        return None;
    }
    let mut intercept = start;
    for _ in 0..STEPS {
        let (mut gradient, mut spread) = (0.0, 0.0);
        for p in points.iter().filter(|p| p.weight > 0.0) {
            let fitted = logistic(intercept + p.x);
            gradient += p.events - p.weight * fitted;
            spread += p.weight * fitted * (1.0 - fitted);
        }
        let step = (gradient / spread).clamp(-4.0, 4.0);
        if !step.is_finite() {
            return None;
        }
        intercept += step;
        if step.abs() < care.enough() * (1.0 + intercept.abs()) {
            return Some(intercept);
        }
    }
    None
}
