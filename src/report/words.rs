//! Numbers and texts as a report shows them.

/// A share in per cent, with more digits where it is small; never more than three after the point.
#[must_use]
pub(super) fn percent(x: f64) -> String {
    let p = 100.0 * x;
    let digits = match p.abs() {
        0.0 => 0,
        a if a < 0.0995 => 3,
        a if a < 9.95 => 2,
        _ => 1,
    };
    format!("{} %", signed(p, digits))
}

/// A difference of shares in points of per cent, with its sign.
#[must_use]
pub(super) fn points(x: f64) -> String {
    let text = signed(100.0 * x, 2);
    if x > 0.0 { format!("+{text}") } else { text }
}

/// A number with some digits after the point and a proper minus sign; never `-0`.
#[must_use]
pub(super) fn signed(x: f64, digits: usize) -> String {
    let text = format!("{x:.digits$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.chars().all(|c| c == '0' || c == '.') => rest.to_owned(),
        Some(rest) => format!("−{rest}"),
        None => text,
    }
}

/// A number with about three digits that count.
#[must_use]
pub(super) fn number(x: f64) -> String {
    let digits = match x.abs() {
        0.0 => 0,
        a if a >= 100.0 => 0,
        a if a >= 10.0 => 1,
        a if a >= 1.0 => 2,
        a if a >= 0.01 => 3,
        a if a >= 0.0001 => 5,
        _ => return format!("{x:.1e}").replace('-', "−"),
    };
    signed(x, digits)
}

/// A number of rounds with its thousands apart.
#[must_use]
pub(super) fn grouped(n: u64) -> String {
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

/// A list in words: `a, b and c`.
#[must_use]
pub(super) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// The width of a text in units of its size, rather too large than too small: whatever font shows
/// it, labels must not run into each other.
#[must_use]
pub(super) fn width(text: &str) -> f64 {
    let of = |c: char| match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' => 0.32,
        'f' | 't' | 'r' | '(' | ')' | '-' | '/' | '’' => 0.41,
        'm' | 'M' | 'W' | 'w' | '%' | '@' => 0.9,
        'a'..='z' => 0.6,
        '0'..='9' => 0.61,
        c if c.is_ascii() => 0.68,
        c if (c as u32) < 0x1100 => 0.66,
        _ => 1.0,
    };
    text.chars().map(of).sum()
}

/// Breaks a text into lines of at most so many units of its size; the last one ends in an ellipsis
/// if there is more than `most` lines hold.
#[must_use]
pub(super) fn wrapped(text: &str, room: f64, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut more = false;
    for word in text.split_whitespace() {
        let longer = lines.last().map(|l| format!("{l} {word}"));
        match longer {
            Some(longer) if width(&longer) <= room => {
                if let Some(last) = lines.last_mut() {
                    *last = longer;
                }
            }
            _ if lines.len() == most => {
                more = true;
                break;
            }
            _ => lines.push(word.to_owned()),
        }
    }
    for line in &mut lines {
        shorten(line, room);
    }
    if more && let Some(last) = lines.last_mut() {
        last.push('…');
        shorten(last, room);
    }
    lines
}

/// Cuts a line that is too long for its room.
fn shorten(line: &mut String, room: f64) {
    if width(line) <= room {
        return;
    }
    while !line.is_empty() && width(line) + 1.0 > room {
        line.pop();
    }
    line.truncate(line.trim_end().len());
    line.push('…');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_have_as_many_digits_as_say_something() {
        assert_eq!(percent(0.0), "0 %");
        assert_eq!(percent(0.000_123_4), "0.012 %");
        assert_eq!(percent(0.021_435), "2.14 %");
        assert_eq!(percent(0.5), "50.0 %");
        assert_eq!(percent(1.0), "100.0 %");
        assert_eq!(points(-0.001_151), "−0.12");
        assert_eq!(points(0.0097), "+0.97");
        assert_eq!(signed(-0.0001, 2), "0.00");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(number(0.000_012_34), "1.2e−5");
    }

    #[test]
    fn lines_stay_in_their_room() {
        let text = "The president takes the Council by himself and keeps it";
        for room in [4.0, 8.0, 14.0, 40.0] {
            for most in 1..4 {
                let lines = wrapped(text, room, most);
                assert!(lines.len() <= most && !lines.is_empty());
                assert!(lines.iter().all(|l| width(l) <= room), "{room} {lines:?}");
            }
        }
        assert_eq!(wrapped(text, 100.0, 2), [text]);
    }
}
