//! Text to tokens.

use std::ops::Range;

/// A syntax error and its position.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) span: Range<usize>,
    pub(super) found: String,
    pub(super) allowed: String,
    pub(super) nearest: Option<String>,
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
            at = number_end(bytes, at);
            let digits = text[start..at].replace('_', "");
            let value: f64 = digits.parse().map_err(|_| Wrong {
                span: start..at,
                found: format!("`{}` is not a number", &text[start..at]),
                allowed: "a decimal number such as 0.25 or 1e-3".to_owned(),
                nearest: None,
            })?;
            if !value.is_finite() || value.abs() > 1e30 {
                return Err(Wrong {
                    span: start..at,
                    found: format!("the number `{}`", &text[start..at]),
                    allowed: "numbers up to 1e30 in magnitude".to_owned(),
                    nearest: None,
                });
            }
            out.push((Token::Number(value), start..at));
        } else if c.is_ascii_alphabetic() || c == b'_' {
            at = name_end(bytes, at);
            let parts = text[start..at].split('.').map(str::to_owned).collect();
            out.push((Token::Name(parts), start..at));
        } else if c == b'"' || c == b'\'' {
            let Some(length) = bytes[at + 1..].iter().position(|b| *b == c) else {
                return Err(Wrong {
                    span: start..bytes.len(),
                    found: "a text without its closing quote".to_owned(),
                    allowed: "date('2022-01-05')".to_owned(),
                    nearest: None,
                });
            };
            at += length + 2;
            out.push((Token::Text(text[start + 1..at - 1].to_owned()), start..at));
        } else if let Some(sign) = SIGNS.into_iter().find(|s| text[at..].starts_with(s)) {
            at += sign.len();
            out.push((Token::Sign(sign), start..at));
        } else {
            let shown = text[at..].chars().next().unwrap_or('?');
            return Err(Wrong {
                span: start..start + shown.len_utf8(),
                found: format!("`{shown}` has no meaning in an expression"),
                allowed: "numbers, names, + - * / ^ < <= > >= == != and or not ( ) ,".to_owned(),
                nearest: None,
            });
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

fn name_end(bytes: &[u8], mut at: usize) -> usize {
    let part = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    loop {
        while at < bytes.len() && part(bytes[at]) {
            at += 1;
        }
        if at + 1 < bytes.len() && bytes[at] == b'.' && part(bytes[at + 1]) {
            at += 1;
        } else {
            return at;
        }
    }
}
