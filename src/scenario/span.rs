//! Durations as scenarios write them: a number and a unit.

/// The length of a step, in seconds.
pub(super) fn step_seconds(text: &str) -> Option<u64> {
    let seconds = days(text)? * 86_400.0;
    let whole = seconds.round() as u64;
    let divides = whole > 0 && (86_400 % whole == 0 || whole.is_multiple_of(86_400));
    ((1.0..=3.2e9).contains(&seconds) && (seconds - seconds.round()).abs() < 1e-6 && divides)
        .then_some(whole)
}

/// A duration of whole seconds, at most so many days, in seconds.
pub(super) fn whole_seconds(text: &str, most: u64) -> Option<u64> {
    let seconds = days(text)? * 86_400.0;
    let whole = seconds.round();
    (seconds <= most as f64 * 86_400.0 && (seconds - whole).abs() < 1e-6).then_some(whole as u64)
}

/// A duration of whole seconds, as scenarios write it.
pub(super) fn span_text(seconds: u64) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "min")];
    let unit = units
        .into_iter()
        .find(|(size, _)| seconds.is_multiple_of(*size));
    let (size, unit) = unit.unwrap_or((1, "s"));
    format!("{}{unit}", seconds / size)
}

/// A duration in days: a number and a unit. A year is 365.2425 days, a month a twelfth of it.
pub(crate) fn days(text: &str) -> Option<f64> {
    let text = text.trim();
    let split = text.find(|c: char| c.is_ascii_alphabetic())?;
    let value: f64 = text[..split].trim().replace('_', "").parse().ok()?;
    let seconds = match &text[split..] {
        "s" | "second" | "seconds" => 1.0,
        "min" | "minute" | "minutes" => 60.0,
        "h" | "hour" | "hours" => 3_600.0,
        "d" | "day" | "days" => 86_400.0,
        "w" | "week" | "weeks" => 604_800.0,
        "month" | "months" => 2_629_746.0,
        "year" | "years" => 31_556_952.0,
        _ => return None,
    };
    (value.is_finite() && value >= 0.0).then_some(value * seconds / 86_400.0)
}
