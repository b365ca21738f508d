//! What was meant by a value that is written as elsewhere, in one sentence. Used for files, settings,
//! expressions and arguments alike.

use std::fmt::Write as _;

pub(crate) use super::figure::has_point;
use super::figure::{GROUPED, bounds, figure, is_plain, thousands, ungrouped};
use super::letters::{QUOTES, is_odd_blank};
use super::moment::{Lasting, dates, durations};

/// The longest text that is looked at.
const LONGEST: usize = 200;
/// What a value is wanted as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    /// A number, which may be a distribution if so said.
    Number { distribution: bool },
    /// An expression.
    Expression,
    /// A whole number, which may count days.
    Whole { days: bool },
    /// A duration, which may be a distribution if so said.
    Duration { distribution: bool },
    /// A date.
    Date,
    /// A date with or without a time.
    Moment,
    /// True or false.
    Truth,
    /// Text in quotes.
    Text,
    /// Something else.
    Other,
}

const THOUSANDS: &str = "that unit is not read here";
const QUOTED: &str = "numbers have no quotes";
const DATES: &str = "dates are written year-month-day";

/// A sentence that says how to write what was meant; `None` if that is not known. `text` is the value
/// as written, or the text between its quotes.
pub(crate) fn meant(text: &str, want: Want) -> Option<String> {
    if text.len() > LONGEST {
        return None;
    }
    let bare = unquoted(text);
    let quoted = bare.len() < text.trim().len();
    if bare.is_empty() {
        return None;
    }
    match want {
        Want::Number { distribution } => number_meant(bare)
            .or_else(|| range(bare.trim_matches(['(', ')'])).filter(|_| distribution))
            .or_else(|| truth_as_number(bare)),
        Want::Expression => expression(bare, quoted),
        Want::Whole { days } => whole(bare, days),
        Want::Duration { distribution } => duration_meant(bare, distribution),
        Want::Date => date_meant(bare, false),
        Want::Moment => date_meant(bare, true),
        Want::Truth => truth(bare).map(|b| format!("write {b}")),
        Want::Text => Some(if text.contains(QUOTES) {
            format!("quotes are straight: write {}", in_quotes(bare))
        } else if quoted {
            format!(
                "a text begins and ends with the same quote: write {}",
                in_quotes(bare)
            )
        } else {
            format!("text is in quotes: write {}", in_quotes(bare))
        }),
        Want::Other => None,
    }
}

/// The same for a text that would be read as an expression, and means something else.
pub(crate) fn not_computed(text: &str) -> Option<String> {
    let bare = text.trim();
    if bare.len() > LONGEST || !bare.starts_with(|c: char| !c.is_ascii_alphabetic()) {
        return None;
    }
    if let Some(figure) = figure(bare) {
        return figure
            .why
            .map(|why| format!("{why}: write {}", figure.text));
    }
    // With blanks it is arithmetic: `12 / 5 / 30`.
    let is_spaced = [" -", "- ", " /", "/ "].iter().any(|s| bare.contains(s));
    let date = (!is_spaced).then(|| date_call(bare)).flatten();
    date.or_else(|| range(bare))
}

/// What to write for a range of values, as arguments have it: `0.1..0.5`.
pub(crate) fn span_meant(text: &str) -> Option<(String, String)> {
    bounds(unquoted(text).trim_matches(['[', ']', '(', ')']))
}

/// What to write for a date in an expression.
pub(super) fn date_call(text: &str) -> Option<String> {
    let dates = dates(text);
    let (first, rest) = dates.split_first()?;
    let mut also = String::new();
    for (date, _) in rest {
        let _ = write!(also, " or date('{date}')");
    }
    Some(format!(
        "a date in an expression is in date( ): write date('{}'){also}",
        first.0
    ))
}

fn number_meant(text: &str) -> Option<String> {
    let figure = figure(text)?;
    let is_one = text.matches(',').count() == 1 && !text.contains('.');
    if let Some(number) = thousands(text).filter(|_| is_one) {
        return Some(format!(
            "the comma may be one of thousands or of decimals: write {number} or {}",
            figure.text
        ));
    }
    Some(format!(
        "{}: write {}",
        figure.why.unwrap_or(QUOTED),
        figure.text
    ))
}

fn expression(text: &str, quoted: bool) -> Option<String> {
    not_computed(text).or_else(|| {
        Some(if quoted {
            format!(
                "quotes are straight and come in pairs: write {}",
                in_quotes(text)
            )
        } else {
            expression_in_quotes(text)
        })
    })
}

/// What to write for an expression without quotes.
pub(super) fn expression_in_quotes(text: &str) -> String {
    format!("expressions are in quotes: write {}", in_quotes(text))
}

/// What to write for a whole number with a point, which may be one of thousands or of decimals.
fn pointed(text: &str) -> Option<String> {
    let bare = unquoted(text).replace('_', "");
    let (whole, fraction) = bare.rsplit_once('.')?;
    let large = ungrouped(&bare, |c| c == '.').filter(|_| !bare.starts_with('0'));
    let is_whole = is_plain(&bare) && has_point(&bare) && fraction.bytes().all(|b| b == b'0');
    let written = match (large, is_whole) {
        (Some(large), true) => format!("{large}, or {whole}"),
        (Some(large), false) => large,
        (None, true) => whole.to_owned(),
        (None, false) => return None,
    };
    Some(format!("a whole number has no point: write {written}"))
}

fn whole(text: &str, days: bool) -> Option<String> {
    if let Some(number) = thousands(text).filter(|t| !t.starts_with('-')) {
        return Some(format!("{GROUPED}: write {number}"));
    }
    if let Some(help) = pointed(text) {
        return Some(help);
    }
    if let Some(figure) = figure(text) {
        let x: f64 = figure.text.parse().ok()?;
        return (x.fract() == 0.0 && x >= 0.0)
            .then(|| format!("{}: write {x}", figure.why.unwrap_or(QUOTED)));
    }
    if days && let Some(reading) = durations(text).pop() {
        let days = reading.days.round();
        return (days >= 1.0).then(|| format!("it is a number of days: write {days}"));
    }
    let lower = text.to_lowercase();
    let large = [
        ("k", 1e3),
        ("thousand", 1e3),
        ("m", 1e6),
        ("million", 1e6),
        ("mio", 1e6),
    ];
    for (name, size) in large {
        let Some(figure) = lower.strip_suffix(name).and_then(|t| figure(t.trim())) else {
            continue;
        };
        let x = figure.text.parse::<f64>().ok()? * size;
        if x.fract() == 0.0 && x >= 0.0 {
            return Some(format!("{THOUSANDS}: write {x}"));
        }
    }
    None
}

fn duration_meant(text: &str, distribution: bool) -> Option<String> {
    let written = |r: &Lasting| r.written.clone();
    if let Some(said) = readings(&durations(text), written) {
        return Some(format!(
            "a duration is a number with s, min, h, d, w, months or years, in quotes: write {said}"
        ));
    }
    if let Some(figure) = figure(text).filter(|f| !f.text.starts_with('-')) {
        return Some(format!(
            "durations have a unit: write \"{0}d\" for {0} days",
            figure.text
        ));
    }
    let start = text.find(|c: char| c.is_alphabetic())?;
    let unit = text[start..].trim();
    let (low, high) = bounds(text[..start].trim())?;
    let [low, high] = [low, high].map(|x| durations(&format!("{x} {unit}")));
    let ranges: Vec<(Lasting, Lasting)> = low.into_iter().zip(high).collect();
    let written = |(low, high): &(Lasting, Lasting)| {
        format!("{{ min = {}, max = {} }}", low.written, high.written)
    };
    let said = readings(&ranges, written).filter(|_| distribution)?;
    Some(format!("a range is a distribution: write {said}"))
}

/// What to write for one meaning of a text, or for minutes and for months.
fn readings<T>(found: &[T], written: impl Fn(&T) -> String) -> Option<String> {
    match found {
        [one] => Some(written(one)),
        [minutes, months] => Some(format!(
            "{} for minutes, or {} for months",
            written(minutes),
            written(months)
        )),
        _ => None,
    }
}

fn date_meant(text: &str, with_time: bool) -> Option<String> {
    let found = dates(text);
    let (first, words) = found.first()?;
    let has_time = first.contains('T');
    if *first == text && (with_time || !has_time) {
        return Some(format!("dates have no quotes: write {text}"));
    }
    let why = if has_time && !with_time {
        "this date has no time"
    } else {
        DATES
    };
    let cut = |d: &String| -> String {
        let kept = if with_time { d.len() } else { 10 };
        d.chars().take(kept).collect()
    };
    Some(match found.get(1) {
        Some((second, other)) => format!(
            "{why}: write {} for {words}, or {} for {other}",
            cut(first),
            cut(second)
        ),
        None => format!("{why}: write {}", cut(first)),
    })
}

/// The text without quotes of any kind around it.
pub(super) fn unquoted(text: &str) -> &str {
    let quote = |c: char| c == '"' || c == '\'' || c == '`' || QUOTES.contains(&c);
    let blank = |c: char| c.is_whitespace() || is_odd_blank(c);
    let text = text.trim_matches(blank);
    let bare = text.trim_end_matches([';', ',']).trim_matches(quote);
    bare.trim_matches(blank)
}

pub(super) fn in_quotes(text: &str) -> String {
    let straight: String = text
        .chars()
        .map(|c| match c {
            '“' | '”' | '„' | '‟' | '«' | '»' | '‘' | '’' | '‚' | '‛' => '\'',
            c => c,
        })
        .collect();
    if straight.contains('"') && !straight.contains('\'') {
        format!("'{straight}'")
    } else {
        format!(
            "\"{}\"",
            straight.replace('\\', "\\\\").replace('"', "\\\"")
        )
    }
}

/// What to write for a range of numbers, or for a number with an error.
fn range(text: &str) -> Option<String> {
    if let Some((mean, sd)) = text.split_once('±').or_else(|| text.split_once("+/-")) {
        let (mean, sd) = (figure(mean)?.text, figure(sd)?.text);
        return Some(format!(
            "a value with an error is a distribution: write {{ mean = {mean}, sd = {sd} }}"
        ));
    }
    let (low, high) = bounds(text.trim_matches(['[', ']']))?;
    Some(format!(
        "a range is a distribution: write {{ min = {low}, max = {high} }}"
    ))
}

/// What to write for a list of numbers where one is wanted.
pub(super) fn list_meant(numbers: &[f64]) -> Option<String> {
    match numbers {
        [a, b] if a < b => Some(format!(
            "a range is a distribution: write {{ min = {a}, max = {b} }}"
        )),
        [a, b, c] if a <= b && b <= c => Some(format!(
            "three values are a distribution: write {{ low = {a}, mode = {b}, high = {c} }}"
        )),
        _ => None,
    }
}

/// Reads a truth as people write it.
pub(super) fn truth(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "y" | "1" => Some(true),
        "n" | "0" => Some(false),
        word => truth_word(word),
    }
}

fn truth_word(lower: &str) -> Option<bool> {
    match lower {
        "true" | "yes" | "on" | "wahr" | "да" => Some(true),
        "false" | "no" | "off" | "falsch" | "нет" => Some(false),
        _ => None,
    }
}

/// What to write for a word of truth where a number is wanted. A single letter may be a name.
fn truth_as_number(text: &str) -> Option<String> {
    truth_word(&text.to_lowercase()).map(|b| {
        format!(
            "true and false are written 1 and 0 here: write {}",
            u8::from(b)
        )
    })
}
