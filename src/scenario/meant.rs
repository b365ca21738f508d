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
    /// A whole number.
    Whole,
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
            .or_else(|| range(bare, distribution))
            .or_else(|| truth_as_number(bare)),
        Want::Expression => expression(bare, quoted),
        Want::Whole => whole(bare),
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
    date_call(bare).or_else(|| range(bare, true))
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
    if let Some(number) = thousands(text).filter(|_| text.matches(',').count() == 1) {
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
        let why = if quoted {
            "quotes are straight and come in pairs"
        } else {
            "expressions are in quotes"
        };
        Some(format!("{why}: write {}", in_quotes(text)))
    })
}

/// A whole number with commas between thousands, as in `10,000`.
fn thousands(text: &str) -> Option<String> {
    let is_grouped = text.contains(',') && !text.starts_with('0');
    ungrouped(text, |c| c == ',').filter(|t| is_grouped && is_plain(t))
}

fn whole(text: &str) -> Option<String> {
    if let Some(number) = thousands(text) {
        return Some(format!("{GROUPED}: write {number}"));
    }
    if let Some(figure) = figure(text) {
        let x: f64 = figure.text.parse().ok()?;
        return (x.fract() == 0.0 && x >= 0.0)
            .then(|| format!("{}: write {x}", figure.why.unwrap_or(QUOTED)));
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
        if x.fract() == 0.0 {
            return Some(format!("{THOUSANDS}: write {x}"));
        }
    }
    let (days, _) = duration(text)?;
    let days = days.round().max(1.0);
    Some(format!("it is a number of days: write {days}"))
}

fn duration_meant(text: &str, distribution: bool) -> Option<String> {
    if let Some((_, written)) = duration(text) {
        let why = if text.to_lowercase().contains("mo") {
            "months differ in length"
        } else {
            "a duration is a number with s, min, h, d or w, in quotes"
        };
        return Some(format!("{why}: write {written}"));
    }
    if let Some(figure) = figure(text) {
        return Some(format!(
            "durations have a unit: write \"{0}d\" for {0} days",
            figure.text
        ));
    }
    let start = text.find(|c: char| c.is_alphabetic())?;
    let unit = text[start..].trim();
    let (low, high) = bounds(text[..start].trim())?;
    let of = |x: &str| duration(&format!("{x} {unit}")).map(|(_, written)| written);
    let (low, high) = (of(&low)?, of(&high)?);
    distribution
        .then(|| format!("a range is a distribution: write {{ min = {low}, max = {high} }}"))
}

fn date_meant(text: &str, with_time: bool) -> Option<String> {
    let found = dates(text);
    let (first, words) = found.first()?;
    if text.parse::<Date>().is_ok() && *first == text {
        return Some(format!("dates have no quotes: write {text}"));
    }
    let cut = |d: &String| {
        if with_time {
            d.clone()
        } else {
            d.chars().take(10).collect()
        }
    };
    Some(match found.get(1) {
        Some((second, other)) => format!(
            "{DATES}: write {} for {words}, or {} for {other}",
            cut(first),
            cut(second)
        ),
        None => format!("{DATES}: write {}", cut(first)),
    })
}

/// The text without quotes of any kind around it.
fn unquoted(text: &str) -> &str {
    let quote = |c: char| c == '"' || c == '\'' || c == '`' || QUOTES.contains(&c);
    let blank = |c: char| c.is_whitespace() || is_odd_blank(c);
    let text = text.trim_matches(blank);
    let bare = text.trim_end_matches([';', ',']).trim_matches(quote);
    bare.trim_matches(blank)
}

fn in_quotes(text: &str) -> String {
    let straight: String = text
        .chars()
        .map(|c| match c {
            '“' | '”' | '„' | '‟' | '«' | '»' | '‘' | '’' | '‚' | '‛' => '\'',
            c if DASHES.contains(&c) && text.is_ascii() => '-',
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
        ["...", "..", "…", " to ", " bis ", " and ", ";"]
            .into_iter()
            .find_map(|between| text.split_once(between))
            .map(|(a, b)| (a.trim_start_matches("between ").to_owned(), b.to_owned()))
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
fn range(text: &str, distribution: bool) -> Option<String> {
    if !distribution {
        return None;
    }
    if let Some((mean, sd)) = text.split_once('±').or_else(|| text.split_once("+/-")) {
        let (mean, sd) = (figure(mean)?.text, figure(sd)?.text);
        return Some(format!(
            "an error is a distribution: write {{ mean = {mean}, sd = {sd} }}"
        ));
    }
    let text = text.trim_matches(['[', ']', '(', ')']);
    let (low, high) = bounds(text)?;
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
        "true" | "yes" | "y" | "on" | "1" | "wahr" | "да" => Some(true),
        "false" | "no" | "n" | "off" | "0" | "falsch" | "нет" => Some(false),
        _ => None,
    }
}

fn truth_as_number(text: &str) -> Option<String> {
    truth(text).map(|b| format!("truths are numbers here: write {}", u8::from(b)))
}

/// Reads a duration as people write it: in days, and as kzsim reads it.
fn duration(text: &str) -> Option<(f64, String)> {
    let start = text.find(|c: char| c.is_alphabetic())?;
    let (number, unit) = (text[..start].trim(), text[start..].trim().to_lowercase());
    let number = match number {
        "" => "1".to_owned(),
        number => figure(number)?.text,
    };
    let value: f64 = number.parse().ok()?;
    let (days, unit) = match unit.trim_end_matches('.') {
        "s" | "sec" | "secs" | "second" | "seconds" => (value / 86_400.0, "s"),
        "min" | "mins" | "minute" | "minutes" => (value / 1_440.0, "min"),
        "h" | "hr" | "hrs" | "hour" | "hours" => (value / 24.0, "h"),
        "d" | "day" | "days" => (value, "d"),
        "w" | "wk" | "wks" | "week" | "weeks" => (value * 7.0, "w"),
        "mo" | "mon" | "month" | "months" => (value * MONTH, ""),
        "y" | "yr" | "yrs" | "year" | "years" => (value * YEAR, ""),
        // A minute or a month.
        "m" => {
            return Some((
                value * MONTH,
                format!(
                    "\"{number}min\" for minutes, or \"{}d\" for months",
                    (value * MONTH).round()
                ),
            ));
        }
        _ => return None,
    };
    let written = match unit {
        "" => format!("\"{}d\"", days.round()),
        unit => format!("\"{number}{unit}\""),
    };
    Some((days, written))
}

fn month(word: &str) -> Option<i8> {
    let word = word.trim_end_matches('.').to_lowercase();
    let at = MONTHS.iter().position(|m| {
        word.len() >= 3 && (m.starts_with(&word) || word == "sept" && m.starts_with("sept"))
    })?;
    Some(at as i8 + 1)
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
    let (day, time) = match text.split_once('T').or_else(|| text.split_once(' ')) {
        Some((day, time)) if time.contains(':') => (day, Some(time.trim())),
        _ => (text.as_str(), None),
    };
    let parts: Vec<&str> = day
        .split(|c: char| ".,/-".contains(c) || c.is_whitespace())
        .filter(|part| !part.is_empty() && *part != "of")
        .collect();
    let year = |t: &str| -> Option<i16> {
        let y: i16 = t.parse().ok()?;
        match t.len() {
            4 if (1_000..=2_999).contains(&y) => Some(y),
            2 => Some(2_000 + y),
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
        [a, b, c] if c.len() == 4 || day.contains(['.', '/']) => {
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
    let time = time.and_then(|t| t.parse::<jiff::civil::Time>().ok());
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
