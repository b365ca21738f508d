//! Proper scores: whoever reports what he believes has the least expected score.

use super::Forecast;

/// A proper score of the probability of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// (p − y)², in [0, 1].
    Brier,
    /// −ln of the probability of what happened, at least 0.
    Log,
}

impl Rule {
    /// The score of a probability, given whether the event happened. What was said with certainty and
    /// happened has a log score of 0.
    #[must_use]
    pub fn of(self, p: f64, happened: bool) -> f64 {
        match self {
            Self::Brier => {
                let miss = if happened { 1.0 - p } else { p };
                miss * miss
            }
            // Not −0 where it was certain.
            Self::Log if happened => 0.0 - libm::log(p),
            Self::Log => 0.0 - libm::log1p(-p),
        }
    }
}

/// A probability, moved to `floor` or 1 − `floor` if it is nearer to an end.
#[must_use]
pub fn clipped(p: f64, floor: f64) -> f64 {
    p.clamp(floor, 1.0 - floor)
}

/// The Brier score: (p − y)² of an event, in [0, 1]; the sum over classes of several, in [0, 2].
#[must_use]
pub fn brier(f: &Forecast) -> f64 {
    if f.is_event() {
        return Rule::Brier.of(f.probabilities[0], f.observed == 1);
    }
    let classes = f.probabilities.iter().enumerate();
    classes
        .map(|(i, p)| Rule::Brier.of(*p, i == f.observed))
        .sum()
}

/// The log score of what was observed, at least 0, and whether the probability was clipped for it.
#[must_use]
pub fn log(f: &Forecast) -> (f64, bool) {
    let (p, happened) = if f.is_event() {
        (f.probabilities[0], f.observed == 1)
    } else {
        (f.probabilities[f.observed], true)
    };
    let moved = clipped(p, f.floor);
    // Only what makes the score finite counts: of several classes 1 stays 1.
    let moved = if f.is_event() { moved } else { p.max(f.floor) };
    (Rule::Log.of(moved, happened), moved != p)
}

/// The ranked probability score of ordered classes: the sum of squared differences of cumulative
/// probabilities, in [0, classes − 1]. It is not divided by that number.
#[must_use]
pub fn rps(f: &Forecast) -> f64 {
    let (mut forecast, mut out) = (0.0, 0.0);
    for (i, p) in f.probabilities.iter().enumerate() {
        forecast += p;
        let observed = if i >= f.observed { 1.0 } else { 0.0 };
        out += (forecast - observed) * (forecast - observed);
    }
    out
}

/// What a finite number of rounds adds to the Brier score of a share on average: p(1 − p)/n, summed
/// over classes. Nothing if it is no share of rounds.
#[must_use]
pub fn simulation_error(f: &Forecast) -> Option<f64> {
    let rounds = f.rounds.filter(|n| *n > 0.0)?;
    let variance = |p: &f64| p * (1.0 - p) / rounds;
    Some(f.probabilities.iter().map(variance).sum())
}
