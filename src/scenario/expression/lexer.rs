//! Text to tokens.

use std::ops::Range;

use crate::scenario::letters::{DASHES, QUOTES, describe, is_odd_blank, latin, look_alike};
use crate::scenario::meant::{date_call, not_computed};

/// A syntax error and its position.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) span: Range<usize>,
    pub(super) found: String,
    pub(super) allowed: String,
    /// What to write instead.
    pub(super) help: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Name(Vec<String>),
    Text(String),
    Sign(&'static str),
    End,
}

impl Token {
    /// Returns the token as messages show it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Number(x) => format!("`{x}`"),
            Self::Name(parts) => format!("`{}`", parts.join(".")),
            Self::Text(t) => format!("the text \"{t}\""),
            Self::Sign(s) => format!("`{s}`"),
            Self::End => "the end of the expression".to_owned(),
        }
    }
}

/// Signs, longest first.
const SIGNS: [&str; 16] = [
    "<=", ">=", "==", "!=", "+", "-", "*", "/", "^", "<", ">", "(", ")", ",", "=", "!",
];

/// What signs there are, in the words of messages.
const SIGNS_IN_WORDS: &str = "numbers, names, + - * / ^ < <= > >= == != and or not ( ) ,";

/// Signs of other languages, longest first, and what to write.
const OTHERS: [(&str, &str); 23] = [
    ("&&", "`and`"),
    ("||", "`or`"),
    ("===", "`==`"),
    ("!==", "`!=`"),
    ("=>", "`>=`"),
    ("=<", "`<=`"),
    ("<>", "`!=`"),
    ("**", "`^`"),
    (":=", "`==`"),
    ("+=", "`+`; only effects have `+=`"),
    ("-=", "`-`; only effects have `-=`"),
    ("&", "`and`"),
    ("|", "`or`"),
    ("≥", "`>=`"),
    ("≤", "`<=`"),
    ("≠", "`!=`"),
    ("×", "`*`"),
    ("·", "`*`"),
    ("÷", "`/`"),
    ("[", "`(`"),
    ("]", "`)`"),
    ("{", "`(`"),
    ("}", "`)`"),
];

/// A date where a number is expected: it would be read as a subtraction.
fn date_at(text: &str, at: usize) -> Option<Wrong> {
    let rest = &text[at..];
    let end = rest
        .find(|c: char| !(c.is_ascii_digit() || "-./–−".contains(c)))
        .unwrap_or(rest.len());
    let written = rest[..end].trim_end_matches(['-', '.', '/']);
    let is_date = written.len() >= 8 && written.contains(|c: char| !c.is_ascii_digit());
    let help = is_date.then(|| date_call(written)).flatten()?;
    Some(Wrong {
        span: at..at + written.len(),
        found: format!("`{written}` is not a number"),
        allowed: "numbers, and dates in date( )".to_owned(),
        help: Some(help),
    })
}

/// The fault of a character that means nothing.
fn unknown(text: &str, at: usize) -> Wrong {
    let rest = &text[at..];
    let c = rest.chars().next().unwrap_or('?');
    let before = &text[..at];
    let digits = before.trim_end();
    let number = digits
        .rfind(|c: char| !(c.is_ascii_digit() || c == '.'))
        .map_or(0, |i| {
            i + digits[i..].chars().next().map_or(0, char::len_utf8)
        });
    let after = rest[c.len_utf8()..]
        .bytes()
        .take_while(u8::is_ascii_digit)
        .count();
    // The word around a letter that only looks like one.
    let part = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let word_start = before.rfind(|c: char| !part(c)).map_or(0, |i| {
        i + before[i..].chars().next().map_or(0, char::len_utf8)
    });
    let word_end = at + rest.find(|c: char| !part(c)).unwrap_or(rest.len());
    let word = &text[word_start..word_end];
    let mut span = at..at + c.len_utf8();
    let mut found = format!("{} has no meaning in an expression", describe(c));
    let help = match c {
        '%' if number < digits.len() => not_computed(&format!("{}%", &digits[number..])),
        '.' if after > 0 && number == digits.len() => not_computed(&rest[..=after]),
        '.' if number < digits.len() => not_computed(&text[number..=at]),
        c if DASHES.contains(&c) => Some("write the hyphen -".to_owned()),
        c if QUOTES.contains(&c) => Some("quotes are straight: write '".to_owned()),
        c if is_odd_blank(c) => Some("delete it, or type an ordinary space".to_owned()),
        '?' => Some("write if(condition, value, other value)".to_owned()),
        ';' => Some("write `,` between arguments".to_owned()),
        c if c.is_alphabetic() => latin(word).map(|meant| {
            span = word_start..word_end;
            found = format!("`{word}` has no meaning in an expression");
            format!("write `{meant}`. {}", look_alike(word).unwrap_or_default())
        }),
        _ => None,
    };
    Wrong {
        span,
        found,
        allowed: SIGNS_IN_WORDS.to_owned(),
        help,
    }
}

/// Splits a text into tokens with their spans; the last one is `End`.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, Range<usize>)>, Wrong> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let c = bytes[at];
        if c.is_ascii_whitespace() {
            at += 1;
            continue;
        }
        if c.is_ascii_digit() {
            if let Some(date) = date_at(text, at) {
                return Err(date);
            }
            at = number_end(bytes, at);
            let digits = text[start..at].replace('_', "");
            let value: f64 = digits.parse().map_err(|_| Wrong {
                span: start..at,
                found: format!("`{}` is not a number", &text[start..at]),
                allowed: "a decimal number such as 0.25 or 1e-3".to_owned(),
                help: not_computed(&text[start..at]),
            })?;
            if !value.is_finite() || value.abs() > 1e30 {
                return Err(Wrong {
                    span: start..at,
                    found: format!("the number `{}`", &text[start..at]),
                    allowed: "numbers up to 1e30 in magnitude".to_owned(),
                    help: None,
                });
            }
            out.push((Token::Number(value), start..at));
        } else if c.is_ascii_alphabetic() || c == b'_' {
            let parts;
            (parts, at) = name(text, at)?;
            out.push((Token::Name(parts), start..at));
        } else if c == b'"' || c == b'\'' {
            let Some(length) = bytes[at + 1..].iter().position(|b| *b == c) else {
                return Err(Wrong {
                    span: start..bytes.len(),
                    found: "a text without its closing quote".to_owned(),
                    allowed: "date('2022-01-05')".to_owned(),
                    help: None,
                });
            };
            at += length + 2;
            out.push((Token::Text(text[start + 1..at - 1].to_owned()), start..at));
        } else if let Some((written, sign)) =
            OTHERS.into_iter().find(|(s, _)| text[at..].starts_with(s))
        {
            return Err(Wrong {
                span: start..start + written.len(),
                found: format!("`{written}` in an expression"),
                allowed: SIGNS_IN_WORDS.to_owned(),
                help: Some(format!("write {sign}")),
            });
        } else if let Some(sign) = SIGNS.into_iter().find(|s| text[at..].starts_with(s)) {
            at += sign.len();
            out.push((Token::Sign(sign), start..at));
        } else {
            return Err(unknown(text, at));
        }
    }
    out.push((Token::End, bytes.len()..bytes.len()));
    Ok(out)
}

fn number_end(bytes: &[u8], mut at: usize) -> usize {
    let digits = |mut at: usize| {
        while at < bytes.len() && (bytes[at].is_ascii_digit() || bytes[at] == b'_') {
            at += 1;
        }
        at
    };
    at = digits(at);
    if at < bytes.len() && bytes[at] == b'.' {
        at = digits(at + 1);
    }
    if at < bytes.len() && matches!(bytes[at], b'e' | b'E') {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        if bytes.get(at + 1 + sign).is_some_and(u8::is_ascii_digit) {
            at = digits(at + 1 + sign);
        }
    }
    // A letter right after a number belongs to it, so that the message shows all of `2x`.
    while at < bytes.len() && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_') {
        at += 1;
    }
    at
}

/// Reads a name: its parts, and where it ends. After the first, a part may be `*` or a list of ids.
fn name(text: &str, mut at: usize) -> Result<(Vec<String>, usize), Wrong> {
    let bytes = text.as_bytes();
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    let word = |at: usize| at + bytes[at..].iter().take_while(|b| is_part(b)).count();
    let mut parts = Vec::new();
    loop {
        let start = at;
        match bytes.get(at) {
            Some(b'*') => at += 1,
            Some(b'[') => {
                let list;
                (list, at) = set(text, at)?;
                parts.push(list);
            }
            _ => at = word(at),
        }
        if bytes[start] != b'[' {
            parts.push(text[start..at].to_owned());
        }
        let next = bytes.get(at + 1);
        let goes_on = bytes.get(at) == Some(&b'.')
            && next.is_some_and(|b| is_part(b) || *b == b'[' || is_star(bytes, at + 1));
        if !goes_on {
            return Ok((parts, at));
        }
        at += 1;
    }
}

/// Whether there is a `*` that is a part of a name.
fn is_star(bytes: &[u8], at: usize) -> bool {
    let after = bytes.get(at + 1);
    bytes[at] == b'*' && after.is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'_')
}

/// Reads a list of ids in brackets: as messages show it, and where it ends.
fn set(text: &str, at: usize) -> Result<(String, usize), Wrong> {
    let wrong = |span: Range<usize>, found: String| Wrong {
        span,
        found,
        allowed: "ids with commas between them: [one, another]".to_owned(),
        help: None,
    };
    let Some(length) = text[at..].find(']') else {
        return Err(wrong(at..text.len(), "a list without its `]`".to_owned()));
    };
    let mut ids = Vec::new();
    let mut start = at + 1;
    for item in text[at + 1..at + length].split(',') {
        let id = item.trim();
        let from = start + item.len() - item.trim_start().len();
        start += item.len() + 1;
        let is_id = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if id.is_empty() || !id.chars().all(is_id) {
            let found = match id {
                "" => "a list with an empty place".to_owned(),
                _ => format!("`{id}` in a list of ids"),
            };
            return Err(wrong(from..from + id.len().max(1), found));
        }
        ids.push(id);
    }
    Ok((format!("[{}]", ids.join(", ")), at + length + 1))
}
