//! What was meant by a value that is written as elsewhere: in spreadsheets, letters, other
//! languages. Used for files, settings, expressions and arguments alike.

use std::fmt::Write as _;

use jiff::civil::{Date, DateTime};

use super::letters::{DASHES, QUOTES, is_odd_blank};
use super::misread::MONTHS;

/// The longest text that is looked at.
const LONGEST: usize = 200;
/// Days of a month and of a year, on average.
const MONTH: f64 = 365.25 / 12.0;
const YEAR: f64 = 365.25;

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

/// A number as kzsim reads it, and what was wrong with it; nothing if nothing was.
struct Figure {
    text: String,
    why: Option<&'static str>,
}

const PERCENT: &str = "percentages are written as shares of 1";
const COMMA: &str = "numbers have a decimal point";
const BEGINS: &str = "numbers begin with a digit";
const ENDS: &str = "numbers end with a digit";
const EXPONENT: &str = "an exponent has digits";
const GROUPED: &str = "numbers have no blanks or commas between thousands";
const MINUS: &str = "the minus sign is the hyphen `-`";
const ZEROS: &str = "numbers have no zeros in front";
const ALONE: &str = "a number stands alone";
const THOUSANDS: &str = "numbers are written out";
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
pub(crate) fn misread(text: &str) -> Option<String> {
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
    misread(text).or_else(|| {
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

/// A whole number with commas between thousands, as in `10,000`.
fn thousands(text: &str) -> Option<String> {
    let minus = |c: char| c == '-' || DASHES.contains(&c);
    let (sign, digits) = match text.strip_prefix(minus) {
        Some(rest) => ("-", rest.trim_start()),
        None => ("", text),
    };
    let is_grouped = digits.contains(',') && !digits.starts_with('0');
    let joined = ungrouped(digits, |c| c == ',').filter(|t| is_grouped && is_plain(t));
    joined.map(|digits| format!("{sign}{digits}"))
}

/// Whether a number is written with a point and without an exponent: of a whole number one cannot know
/// whether `10.000` is ten or ten thousand.
pub(crate) fn has_point(written: &str) -> bool {
    written.contains('.') && !written.contains(['e', 'E'])
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
        let why = if text.to_lowercase().contains("mo") {
            "months differ in length"
        } else {
            "a duration is a number with s, min, h, d or w, in quotes"
        };
        return Some(format!("{why}: write {said}"));
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

/// Reads a number as people write it.
fn figure(text: &str) -> Option<Figure> {
    let mut why = None;
    let mut note = |reason| why = why.or(Some(reason));
    let mut t: String = text.trim().chars().filter(|c| !c.is_control()).collect();
    if let Some(rest) = t.strip_prefix(['~', '≈']) {
        note(ALONE);
        t = rest.trim().to_owned();
    }
    let mut percent = false;
    for end in ["%", "per cent", "percent", "pct"] {
        if let Some(rest) = t.strip_suffix(end) {
            note(PERCENT);
            percent = true;
            t = rest
                .trim_end_matches(|c: char| c == ' ' || is_odd_blank(c))
                .to_owned();
        }
    }
    let mut sign = "";
    if let Some(first) = t.chars().next().filter(|c| DASHES.contains(c)) {
        note(MINUS);
        t = format!("-{}", &t[first.len_utf8()..]);
    }
    if let Some(rest) = t.strip_prefix('-') {
        sign = "-";
        t = rest.trim().to_owned();
    } else if let Some(rest) = t.strip_prefix('+') {
        t = rest.to_owned();
    }
    // What stands between thousands.
    let blank = |c: char| c == ' ' || c == '\'' || c == '’' || c == '_' || is_odd_blank(c);
    if let Some(joined) = ungrouped(&t, blank) {
        if t.contains(|c| blank(c) && c != '_') {
            note(GROUPED);
        }
        t = joined;
    }
    let (commas, dots) = (t.matches(',').count(), t.matches('.').count());
    match (commas, dots) {
        (0, _) => {}
        (1, 0) => {
            note(COMMA);
            t = t.replace(',', ".");
        }
        (_, 0 | 1) if t.rfind('.') > t.rfind(',') || dots == 0 => {
            note(GROUPED);
            let (whole, fraction) = t.split_once('.').unwrap_or((&t, ""));
            let whole = ungrouped(whole, |c| c == ',')?;
            t = if dots == 1 {
                format!("{whole}.{fraction}")
            } else {
                whole
            };
        }
        (1, _) => {
            note(COMMA);
            let (whole, fraction) = t.split_once(',')?;
            t = format!("{}.{fraction}", ungrouped(whole, |c| c == '.')?);
        }
        _ => return None,
    }
    if t.ends_with('.') && t.len() > 1 {
        note(ENDS);
        t.pop();
    }
    if t.len() > 1 && t.ends_with(['e', 'E']) {
        note(EXPONENT);
        t.pop();
    }
    if t.starts_with('.') {
        note(BEGINS);
        t.insert(0, '0');
    }
    let zeros = t.bytes().take_while(|b| *b == b'0').count();
    if zeros > 0 && t.as_bytes().get(zeros).is_some_and(u8::is_ascii_digit) {
        note(ZEROS);
        t = t[zeros..].to_owned();
    } else if zeros > 1 {
        note(ZEROS);
        t = t[zeros - 1..].to_owned();
    }
    is_plain(&t).then_some(())?;
    let mut text = format!("{sign}{t}");
    if percent {
        let x: f64 = text.parse().ok()?;
        // Twelve digits, so that 33.3 % is 0.333.
        let share: f64 = format!("{:.11e}", x / 100.0).parse().ok()?;
        text = share.to_string();
    }
    Some(Figure { text, why })
}

/// Digits with a point and an exponent, perhaps.
fn is_plain(t: &str) -> bool {
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let (number, exponent) = match t.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, Some(exponent.trim_start_matches(['+', '-']))),
        None => (t, None),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    digits(whole) && digits(fraction) && exponent.is_none_or(digits)
}

/// The text without what stands between groups of three digits; `None` if the groups are others.
fn ungrouped(text: &str, between: impl Fn(char) -> bool) -> Option<String> {
    let (whole, rest) = text.split_at(
        text.find(['.', 'e', 'E'])
            .filter(|_| !between('.'))
            .unwrap_or(text.len()),
    );
    let mut groups = whole.split(between);
    let first = groups.next()?;
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    let mut out = first.to_owned();
    let mut grouped = false;
    for group in groups {
        if group.len() != 3
            || !digits(group)
            || first.is_empty()
            || first.len() > 3
            || !digits(first)
        {
            return None;
        }
        grouped = true;
        out.push_str(group);
    }
    (grouped || digits(first)).then(|| out + rest)
}

/// Two numbers, the first below the second, with a dash, dots or words between them.
fn bounds(text: &str) -> Option<(String, String)> {
    let dashed = |text: &str| -> Option<(String, String)> {
        for (i, c) in text.char_indices().skip(1) {
            let hyphen = c == '-'
                && text[..i].ends_with(|c: char| c.is_ascii_digit() || c == '%')
                && text[i + 1..].starts_with(|c: char| c.is_ascii_digit() || c == '.');
            if hyphen || (DASHES.contains(&c) && c != '-') {
                return Some((text[..i].to_owned(), text[i + c.len_utf8()..].to_owned()));
            }
        }
        None
    };
    let worded = || {
        let between = text.strip_prefix("between ");
        let pair = between
            .and_then(|t| t.split_once(" and ").or_else(|| t.split_once(" to ")))
            .or_else(|| {
                ["...", "..", "…", " to ", " bis ", ";"]
                    .into_iter()
                    .find_map(|sign| text.split_once(sign))
            });
        pair.map(|(a, b)| (a.to_owned(), b.to_owned()))
    };
    let (mut low, high) = worded().or_else(|| dashed(text))?;
    let ends_percent = |t: &str| t.trim().ends_with('%');
    if ends_percent(&high) && !ends_percent(&low) {
        low.push('%');
    }
    let (low, high) = (figure(&low)?.text, figure(&high)?.text);
    let rises = low.parse::<f64>().ok()? < high.parse::<f64>().ok()?;
    rises.then_some((low, high))
}

/// What to write for a range of numbers, or for a number with an error.
fn range(text: &str) -> Option<String> {
    if let Some((mean, sd)) = text.split_once('±').or_else(|| text.split_once("+/-")) {
        let (mean, sd) = (figure(mean)?.text, figure(sd)?.text);
        return Some(format!(
            "an error is a distribution: write {{ mean = {mean}, sd = {sd} }}"
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
    truth_word(&text.to_lowercase())
        .map(|b| format!("truths are numbers here: write {}", u8::from(b)))
}

/// A duration in days, and as kzsim reads it.
struct Lasting {
    days: f64,
    written: String,
}

/// What a duration as people write it may mean: one thing, or with `m` first minutes, then months.
fn durations(text: &str) -> Vec<Lasting> {
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
    let about = |days: f64| Lasting {
        days: value * days,
        written: rounded(value * days),
    };
    let minutes = || of("min", 1.0 / 1_440.0);
    match unit.trim_end_matches('.') {
        "s" | "sec" | "secs" | "second" | "seconds" => vec![of("s", 1.0 / 86_400.0)],
        "min" | "mins" | "minute" | "minutes" => vec![minutes()],
        "h" | "hr" | "hrs" | "hour" | "hours" => vec![of("h", 1.0 / 24.0)],
        "d" | "day" | "days" => vec![of("d", 1.0)],
        "w" | "wk" | "wks" | "week" | "weeks" => vec![of("w", 7.0)],
        "mo" | "mon" | "month" | "months" => vec![about(MONTH)],
        "y" | "yr" | "yrs" | "year" | "years" => vec![about(YEAR)],
        "m" => vec![minutes(), about(MONTH)],
        _ => Vec::new(),
    }
}

/// A duration in the largest unit of which it is about one at least.
fn rounded(days: f64) -> String {
    let units = [("d", 1.0), ("h", 24.0), ("min", 1_440.0), ("s", 86_400.0)];
    let found = units
        .into_iter()
        .find(|(_, per_day)| (days * per_day).round() >= 1.0);
    let (unit, per_day) = found.unwrap_or(units[0]);
    format!("\"{}{unit}\"", (days * per_day).round())
}

fn month(word: &str) -> Option<i8> {
    let word = word.trim_end_matches('.').to_lowercase();
    let at = MONTHS.iter().position(|m| {
        word.len() >= 3 && (m.starts_with(&word) || word == "sept" && m.starts_with("sept"))
    })?;
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
fn dates(text: &str) -> Vec<(String, String)> {
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
