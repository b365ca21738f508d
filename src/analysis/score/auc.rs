//! The area under the receiver operating characteristic.

/// The probability that a case in which the event happened has the higher forecast, ties counted as one
/// half (Mann & Whitney 1947); from weights, and weights of events, by group of equal forecasts, rising.
/// Nothing if there are only events, or none.
#[must_use]
pub fn auc(groups: &[(f64, f64)]) -> Option<f64> {
    let (mut below, mut wins, mut events) = (0.0, 0.0, 0.0);
    for (weight, event) in groups {
        let none = weight - event;
        wins += event * (below + 0.5 * none);
        below += none;
        events += event;
    }
    (events > 0.0 && below > 0.0).then(|| wins / (events * below))
}
