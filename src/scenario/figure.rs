//! Text to numbers, as people write them in spreadsheets, letters and other languages.

use super::letters::{DASHES, is_odd_blank};

/// A number as kzsim reads it, and what was wrong with it; nothing if nothing was.
pub(super) struct Figure {
    pub(super) text: String,
    /// What was wrong.
    pub(super) why: Option<&'static str>,
}

const PERCENT: &str = "percentages are written as shares of 1";
const COMMA: &str = "numbers have a decimal point";
const BEGINS: &str = "numbers begin with a digit";
const ENDS: &str = "numbers end with a digit";
const EXPONENT: &str = "an exponent has digits";
pub(super) const GROUPED: &str = "numbers have no spaces or commas between thousands";
const MINUS: &str = "the minus sign is the hyphen `-`";
const ZEROS: &str = "numbers have no zeros in front";
const ALONE: &str = "a number stands alone";

/// Reads a number as people write it.
pub(super) fn figure(text: &str) -> Option<Figure> {
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
pub(super) fn is_plain(t: &str) -> bool {
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let (number, exponent) = match t.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, Some(exponent.trim_start_matches(['+', '-']))),
        None => (t, None),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    digits(whole) && digits(fraction) && exponent.is_none_or(digits)
}

/// The text without what stands between groups of three digits; `None` if the groups are others.
pub(super) fn ungrouped(text: &str, between: impl Fn(char) -> bool) -> Option<String> {
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
pub(super) fn bounds(text: &str) -> Option<(String, String)> {
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

/// A whole number with commas between thousands, as in `10,000`.
pub(super) fn thousands(text: &str) -> Option<String> {
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
