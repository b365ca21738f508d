//! How numbers are written for people, on the terminal and on a report's pages alike.
//!
//! One rule: a share with an interval has as many decimals as its interval allows, a share without
//! one has three significant figures, and neither has more than three decimals. Nothing that is
//! above 0 is written as 0, and nothing below 100 % as 100 %, which both have no decimals. What is
//! undefined is `?`.

use crate::analysis::interval::Share;

/// The text for a number that is undefined.
const UNDEFINED: &str = "?";

/// A number with `decimals` decimals and a proper minus sign, never `−0`.
#[must_use]
pub fn decimal(x: f64, decimals: usize) -> String {
    if x.is_nan() {
        return UNDEFINED.to_owned();
    }
    if x.is_infinite() {
        return (if x > 0.0 { "∞" } else { "−∞" }).to_owned();
    }
    let text = format!("{x:.decimals$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.chars().all(|c| c == '0' || c == '.') => rest.to_owned(),
        Some(rest) => format!("−{rest}"),
        None => text,
    }
}

/// The same with a plus sign for what is above 0.
#[must_use]
pub fn signed(x: f64, decimals: usize) -> String {
    let text = decimal(x, decimals);
    let nothing = text.chars().all(|c| c == '0' || c == '.');
    if x > 0.0 && !nothing {
        format!("+{text}")
    } else {
        text
    }
}

/// Decimals that leave a number three significant figures; none for numbers that are too small.
fn significant(x: f64) -> Option<usize> {
    match x.abs() {
        0.0 => Some(0),
        a if a >= 100.0 => Some(0),
        a if a >= 10.0 => Some(1),
        a if a >= 1.0 => Some(2),
        a if a >= 0.01 => Some(3),
        a if a >= 0.0001 => Some(5),
        a if a > 0.0 => None,
        _ => Some(0),
    }
}

/// A number without a unit, to three significant figures; very small ones as powers of ten.
#[must_use]
pub fn number(x: f64) -> String {
    match significant(x) {
        Some(decimals) => decimal(x, decimals),
        None => format!("{x:.1e}").replace('-', "−"),
    }
}

/// A number without a unit and its error: `2.94 ±0.12`.
#[must_use]
pub fn number_with_error(x: f64, error: f64) -> String {
    let larger = if x.abs() > error { x } else { error };
    match significant(larger) {
        Some(decimals) => format!("{} ±{}", decimal(x, decimals), decimal(error, decimals)),
        None => format!("{} ±{}", number(x), number(error)),
    }
}

/// A number as it is, such as a limit that was rounded before: `0.3`.
#[must_use]
pub fn exact(x: f64) -> String {
    x.to_string().replace('-', "−")
}

/// A value of the state: three decimals at most, and none that are 0 at the end.
#[must_use]
pub fn value(x: f64) -> String {
    exact((x * 1_000.0).round() / 1_000.0)
}

/// A number of rounds and the like, with a comma at each thousand.
#[must_use]
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// Effective rounds: a count that need not be an integer, rounded to one.
#[must_use]
pub fn effective(n: f64) -> String {
    count(n.round().max(0.0) as u64)
}

/// A share in per cent to three significant figures.
#[must_use]
pub fn percent(x: f64) -> String {
    let decimals = match (100.0 * x).abs() {
        p if p < 0.0995 => 3,
        p if p < 9.95 => 2,
        _ => 1,
    };
    percent_to(x, decimals)
}

/// A share in per cent with `decimals` decimals.
#[must_use]
pub fn percent_to(x: f64, decimals: usize) -> String {
    if x.is_nan() {
        return UNDEFINED.to_owned();
    }
    if x == 0.0 || x == 1.0 {
        return format!("{:.0} %", 100.0 * x.abs());
    }
    let text = decimal(100.0 * x, decimals);
    let last = (0..decimals).fold(1.0, |last, _| last / 10.0);
    if x > 0.0 && text == decimal(0.0, decimals) {
        format!("< {last:.decimals$} %")
    } else if x < 1.0 && text == decimal(100.0, decimals) {
        format!("> {:.decimals$} %", 100.0 - last)
    } else {
        format!("{text} %")
    }
}

/// Decimals of a share in per cent that its interval allows.
fn decimals(share: Share) -> usize {
    match share.high - share.low {
        w if w < 0.0005 => 3,
        w if w < 0.02 => 2,
        _ => 1,
    }
}

/// A share in per cent, as exact as its interval.
#[must_use]
pub fn share(share: Share) -> String {
    percent_to(share.probability, decimals(share))
}

/// The ends of an interval in per cent: `12.1 to 12.5`.
#[must_use]
pub fn interval(share: Share) -> String {
    let end = |x: f64| decimal(100.0 * x, decimals(share));
    format!("{} to {}", end(share.low), end(share.high))
}

/// A range of shares in per cent that rounds know roughly: `24 to 79 %`, `< 12 %` from 0 on, `> 60 %` up to all.
#[must_use]
pub fn range((low, high): (f64, f64)) -> String {
    let decimals = match high {
        x if x < 0.0095 => 2,
        x if x < 0.095 => 1,
        _ => 0,
    };
    let (from, to) = (
        decimal(100.0 * low, decimals),
        decimal(100.0 * high, decimals),
    );
    match (low <= 0.0, high >= 1.0) {
        (true, true) => "any".to_owned(),
        (true, false) => format!("< {to} %"),
        (false, true) => format!("> {from} %"),
        _ if from == to => percent_to(high, decimals),
        _ => format!("{from} to {to} %"),
    }
}

/// `12.3 % (12.1 to 12.5)`
#[must_use]
pub fn share_with_interval(estimate: Share) -> String {
    format!("{} ({})", share(estimate), interval(estimate))
}

/// `12.3 % ±0.2`
#[must_use]
pub fn share_with_error(estimate: Share) -> String {
    let half = decimal(100.0 * estimate.half_width(), decimals(estimate));
    format!("{} ±{half}", share(estimate))
}

/// A difference of shares in percentage points, with its sign.
#[must_use]
pub fn points(difference: Share) -> String {
    signed(100.0 * difference.probability, decimals(difference))
}

/// The ends of the interval of a difference in percentage points: `−0.12 to +1.30`.
#[must_use]
pub fn points_interval(difference: Share) -> String {
    let end = |x: f64| signed(100.0 * x, decimals(difference));
    format!("{} to {}", end(difference.low), end(difference.high))
}

/// A part of a whole and its half width, in per cent without the sign: `12.3 ±0.4`.
#[must_use]
pub fn part(x: f64, half: f64) -> String {
    if x.is_nan() {
        return UNDEFINED.to_owned();
    }
    format!("{} ±{}", decimal(100.0 * x, 1), decimal(100.0 * half, 1))
}

/// A probability of events too rare for per cent: four decimals, or a power of ten.
#[must_use]
pub fn probability(x: f64) -> String {
    if x >= 0.001 || x == 0.0 {
        decimal(x, 4)
    } else {
        number(x)
    }
}

/// A p-value.
#[must_use]
pub fn p_value(p: f64) -> String {
    if p < 1e-4 {
        "< 0.0001".to_owned()
    } else {
        decimal(p, 4)
    }
}

/// A likelihood ratio from its logarithm: so many times as likely (×), or as unlikely (÷).
#[must_use]
pub fn ratio(log: f64) -> String {
    let x = libm::exp(log.abs());
    let sign = if log < 0.0 { '÷' } else { '×' };
    match x {
        _ if decimal(x, 1) == "1.0" => "1".to_owned(),
        x if x < 10.0 => format!("{sign}{x:.1}"),
        x if x < 1000.0 => format!("{sign}{x:.0}"),
        x => format!("{sign}{x:.0e}"),
    }
}

/// A list in words: `a, b and c`.
#[must_use]
pub fn list<T: AsRef<str>>(items: &[T]) -> String {
    let all: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    match all.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// The letter of the scenario or folder of an index: A, B, and so on; #27 after Z.
#[must_use]
pub fn letter(index: usize) -> String {
    match u8::try_from(index) {
        Ok(i) if i < 26 => char::from(b'A' + i).to_string(),
        _ => format!("#{}", index + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::interval::wilson;

    #[test]
    fn ranges_say_where_they_have_no_end() {
        assert_eq!(range((0.243, 0.786)), "24 to 79 %");
        assert_eq!(range((0.0, 0.0312)), "< 3.1 %");
        assert_eq!(range((0.6, 1.0)), "> 60 %");
        assert_eq!(range((0.0, 1.0)), "any");
        assert_eq!(range((0.041, 0.0481)), "4.1 to 4.8 %");
        assert_eq!(range((0.0029, 0.0035)), "0.29 to 0.35 %");
        assert_eq!(range((0.757, 0.758)), "76 %");
    }

    #[test]
    fn shares_have_as_many_decimals_as_mean_something() {
        assert_eq!(percent(0.0), "0 %");
        assert_eq!(percent(0.000_000_4), "< 0.001 %");
        assert_eq!(percent(0.000_123_4), "0.012 %");
        assert_eq!(percent(0.021_435), "2.14 %");
        assert_eq!(percent(0.5), "50.0 %");
        assert_eq!(percent(0.999_96), "> 99.9 %");
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(percent_to(0.000_1, 1), "< 0.1 %");
        assert_eq!(percent(f64::NAN), "?");
        assert_eq!(
            share_with_interval(wilson(248, 1000)),
            "24.8 % (22.2 to 27.6)"
        );
        assert_eq!(share_with_error(wilson(2480, 100_000)), "2.48 % ±0.10");
    }

    #[test]
    fn signs_are_proper() {
        let difference = Share {
            probability: -0.001_151,
            low: -0.003,
            high: 0.000_8,
        };
        assert_eq!(points(difference), "−0.12");
        assert_eq!(points_interval(difference), "−0.30 to +0.08");
        assert_eq!(signed(-0.0001, 2), "0.00");
        assert_eq!(signed(0.0001, 2), "0.00");
        assert_eq!(signed(f64::INFINITY, 2), "+∞");
        assert_eq!(decimal(-0.5, 1), "−0.5");
    }

    #[test]
    fn other_numbers() {
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(effective(1033.6), "1,034");
        assert_eq!(value(-2.000_04), "−2");
        assert_eq!(value(0.045_4), "0.045");
        assert_eq!(number(0.000_012_34), "1.2e−5");
        assert_eq!(number(12.345), "12.3");
        assert_eq!(p_value(0.000_01), "< 0.0001");
        assert_eq!(ratio(0.0), "1");
        assert_eq!(ratio(-2f64.ln()), "÷2.0");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
        assert_eq!(letter(1), "B");
    }
}
