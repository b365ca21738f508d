//! Text to dates and durations, as people write them.

use jiff::civil::{Date, DateTime, Time};

use super::figure::figure;
use super::letters::DASHES;
use super::span::whole_seconds;

/// English months: beside a number, spreadsheets make a date of them.
pub(super) const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Days of a month and of a year, on average.
const MONTH: f64 = YEAR / 12.0;
const YEAR: f64 = 365.2425;

/// A duration in days, and as kzsim reads it.
pub(super) struct Lasting {
    pub(super) days: f64,
    pub(super) written: String,
}

/// What a duration as people write it may mean: one thing, or with `m` first minutes, then months.
pub(super) fn durations(text: &str) -> Vec<Lasting> {
    let start = text.find(|c: char| c.is_alphabetic());
    let (number, unit) = text.split_at(start.unwrap_or(text.len()));
    let number = match number.trim() {
        "" => Some("1".to_owned()),
        number => figure(number).map(|f| f.text),
    };
    let unit = unit.trim().to_lowercase();
    let Some((number, value)) = number.and_then(|n| Some((n.clone(), n.parse::<f64>().ok()?)))
    else {
        return Vec::new();
    };
    if value < 0.0 {
        return Vec::new();
    }
    let of = |unit: &str, days: f64| Lasting {
        days: value * days,
        written: format!("\"{number}{unit}\""),
    };
    let long = |unit: &str, days: f64| {
        let plural = if value == 1.0 { "" } else { "s" };
        of(&format!(" {unit}{plural}"), days)
    };
    let minutes = || of("min", 1.0 / 1_440.0);
    match unit.trim_end_matches('.') {
        "s" | "sec" | "secs" | "second" | "seconds" => vec![of("s", 1.0 / 86_400.0)],
        "min" | "mins" | "minute" | "minutes" => vec![minutes()],
        "h" | "hr" | "hrs" | "hour" | "hours" => vec![of("h", 1.0 / 24.0)],
        "d" | "day" | "days" => vec![of("d", 1.0)],
        "w" | "wk" | "wks" | "week" | "weeks" => vec![of("w", 7.0)],
        "mo" | "mon" | "month" | "months" => vec![long("month", MONTH)],
        "y" | "yr" | "yrs" | "year" | "years" => vec![long("year", YEAR)],
        "m" => vec![minutes(), long("month", MONTH)],
        _ => Vec::new(),
    }
}

/// Seconds from the beginning of a day to a moment.
pub(crate) fn seconds_between(start: Date, moment: DateTime) -> i64 {
    moment
        .duration_since(start.to_datetime(Time::midnight()))
        .as_secs()
}

/// What dates that have no calendar are counted from: the start of the clock.
const START: &str = "t0";

/// Seconds from the start to a moment that is written as `t0`, `t0 + 3d` or `t0 - 12h`.
pub(crate) fn after_start(text: &str) -> Option<i64> {
    let rest = text.trim().strip_prefix(START)?.trim_start();
    let span = |text: &str| Some(whole_seconds(text, 1_000_000)?.cast_signed());
    match rest.split_at_checked(1) {
        None => Some(0),
        Some(("+", after)) => span(after),
        Some(("-", before)) => span(before).map(|seconds| -seconds),
        Some(_) => None,
    }
}

/// Seconds from the start to a moment as dates are written: `2022-01-05`, `2022-01-05T16:30`, or as
/// [`after_start`] has it.
pub(crate) fn seconds_from(start: Date, text: &str) -> Option<i64> {
    let day = || text.parse::<Date>().map(|d| d.at(0, 0, 0, 0));
    let date = || text.parse::<DateTime>().or_else(|_| day()).ok();
    after_start(text).or_else(|| Some(seconds_between(start, date()?)))
}

fn month(word: &str) -> Option<i8> {
    let word = word.trim_end_matches('.').to_lowercase();
    let at = MONTHS
        .iter()
        .position(|m| word.len() >= 3 && m.starts_with(&word))?;
    Some(at as i8 + 1)
}

/// Whether the same sign stands between all numbers of a text. `12.5-10` and `1.5/30` are arithmetic.
fn is_alike(text: &str) -> bool {
    let runs = text.split(|c: char| c.is_ascii_digit());
    let mut signs = runs.filter(|run| !run.is_empty()).map(str::trim);
    let first = signs.next().unwrap_or_default();
    first.len() <= 1 && signs.all(|sign| sign == first)
}

/// The dates that a text may mean, each as kzsim reads it and in words.
pub(super) fn dates(text: &str) -> Vec<(String, String)> {
    let text: String = text
        .trim()
        .chars()
        .map(|c| if DASHES.contains(&c) { '-' } else { c })
        .collect();
    if text.parse::<jiff::Timestamp>().is_ok()
        && let Ok(moment) = text
            .trim_end_matches('Z')
            .split('+')
            .next()
            .unwrap_or_default()
            .parse::<DateTime>()
    {
        return vec![(moment.to_string(), moment.date().to_string())];
    }
    let (day, time) = match text.rsplit_once(['T', ' ']) {
        Some((day, time)) if time.contains(':') => (day, Some(time)),
        _ => (text.as_str(), None),
    };
    // A time that cannot be read must not be lost: then the date is not told either.
    let time = match time.map(|t| {
        if t.find(':') == Some(1) {
            format!("0{t}")
        } else {
            t.to_owned()
        }
    }) {
        Some(time) => match time.parse::<jiff::civil::Time>() {
            Ok(time) => Some(time),
            Err(_) => return Vec::new(),
        },
        None => None,
    };
    let parts: Vec<&str> = day
        .split(|c: char| ".,/-".contains(c) || c.is_whitespace())
        .filter(|part| !part.is_empty() && *part != "of")
        .collect();
    let is_numeric = parts.iter().all(|p| p.bytes().all(|b| b.is_ascii_digit()));
    if is_numeric && !is_alike(day) {
        return Vec::new();
    }
    let year = |t: &str| -> Option<i16> {
        let y: i16 = t.parse().ok()?;
        match t.len() {
            4 if (1_000..=2_999).contains(&y) => Some(y),
            2 if day.contains(['.', '/']) => Some(2_000 + y),
            _ => None,
        }
    };
    let day_of = |t: &str| -> Option<i8> {
        let digits = t.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let ordinal = ["", "st", "nd", "rd", "th"].contains(&&t[digits.len()..]);
        digits.parse().ok().filter(|_| ordinal && digits.len() <= 2)
    };
    let number = |t: &str| -> Option<i8> { t.parse().ok().filter(|_| t.len() <= 2) };
    let mut found: Vec<(i16, i8, i8)> = Vec::new();
    let mut add = |y: Option<i16>, m: Option<i8>, d: Option<i8>| {
        if let (Some(y), Some(m), Some(d)) = (y, m, d)
            && !found.contains(&(y, m, d))
        {
            found.push((y, m, d));
        }
    };
    match parts[..] {
        [a, b, c] if a.len() == 4 && number(b).is_some() => add(year(a), number(b), day_of(c)),
        [a, b, c] if a.len() == 4 => add(year(a), month(b), day_of(c)),
        [a, b, c] if month(b).is_some() => add(year(c), month(b), day_of(a)),
        [a, b, c] if month(a).is_some() => add(year(c), month(a), day_of(b)),
        [a, b, c] if is_numeric => {
            add(year(c), number(b), number(a));
            // Only dates with dots always begin with the day.
            if !day.contains('.') {
                add(year(c), number(a), number(b));
            }
        }
        [a, b] if month(a).is_some() => add(year(b).filter(|_| b.len() == 4), month(a), Some(1)),
        [a] if a.len() == 8 && a.bytes().all(|b| b.is_ascii_digit()) => {
            add(year(&a[..4]), number(&a[4..6]), number(&a[6..]));
        }
        _ => {}
    }
    found
        .into_iter()
        .filter_map(|(y, m, d)| {
            let date = Date::new(y, m, d).ok()?;
            let name = MONTHS.get(usize::try_from(m - 1).ok()?)?;
            let words = format!("{d} {}{}", name[..1].to_uppercase(), &name[1..]);
            let written = match time {
                Some(time) => format!("{date}T{time}"),
                None => date.to_string(),
            };
            Some((written, words))
        })
        .collect()
}
