//! Lines that are not TOML: what can be told of them, so that the rest is still read.
//!
//! A value that is not one is replaced by a stand-in and read as written; a key that is not one gets
//! quotes. So all that is known of keys, ranges and names can be said of them too.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::de::DeTable;

use super::fault::line_at;
use super::letters::{QUOTES, describe, is_odd_blank};

/// A stretch of a text that is replaced before it is read as TOML.
#[derive(Debug, Clone)]
pub(super) struct Edit {
    pub(super) span: Range<usize>,
    pub(super) with: String,
    /// It stands in for a value that is none.
    pub(super) is_value: bool,
}

/// A fault of a line whatever its values mean.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub(super) span: Range<usize>,
    pub(super) found: String,
    pub(super) allowed: &'static str,
    pub(super) help: Option<String>,
}

/// What is changed in a line, and what is said of it.
#[derive(Debug, Default)]
struct Line {
    edits: Vec<Edit>,
    said: Vec<Said>,
}

/// The longest line that is looked at, in bytes.
const LONGEST: usize = 2_000;
/// The most lines that are mended.
const MENDED: usize = 50;
/// How often a text is mended and read again.
const ATTEMPTS: usize = 4;
/// The deepest nesting of arrays and inline tables.
const DEEPEST: usize = 8;

/// What is changed in a text before it is read.
#[derive(Debug, Default)]
pub(super) struct Mended {
    /// In order.
    pub(super) edits: Vec<Edit>,
    pub(super) said: Vec<Said>,
}

impl Mended {
    /// Mends the lines of a text that are not TOML, if that makes TOML of them.
    pub(super) fn of(text: &str) -> Self {
        let mut hopeless = BTreeSet::new();
        let mut lines: BTreeMap<usize, Range<usize>> = BTreeMap::new();
        let mut out = Self::default();
        for _ in 0..ATTEMPTS {
            let changed = out.apply(text);
            let (_, errors) = DeTable::parse_recoverable(&changed);
            let mut broken = BTreeMap::new();
            for error in errors.iter().take(MENDED) {
                let span = error
                    .span()
                    .filter(|_| !error.message().contains("duplicate key"));
                if let Some(span) = span.map(|s| out.original(&s)) {
                    let line = line_at(text, span.start);
                    broken.insert(line.start, line);
                }
            }
            let mut more = false;
            for (start, line) in broken {
                more |= match lines.insert(start, line) {
                    Some(_) => hopeless.insert(start),
                    None => true,
                };
            }
            if !more {
                break;
            }
            out = Self::default();
            for line in lines
                .values()
                .filter(|line| !hopeless.contains(&line.start))
            {
                let mut mended = mend(text, line.clone());
                mended.edits.sort_by_key(|e| e.span.start);
                out.edits.append(&mut mended.edits);
                out.said.append(&mut mended.said);
            }
        }
        out
    }

    pub(super) fn apply<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.edits.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut out = String::new();
        let mut at = 0;
        for edit in &self.edits {
            out.push_str(&text[at..edit.span.start]);
            out.push_str(&edit.with);
            at = edit.span.end;
        }
        out.push_str(&text[at..]);
        Cow::Owned(out)
    }

    /// Where a stretch of the changed text is in the original.
    pub(super) fn original(&self, span: &Range<usize>) -> Range<usize> {
        if self.edits.is_empty() {
            return span.clone();
        }
        let of = |at: usize, is_end: bool| {
            // The start of `at` in the changed text, less what edits before it added.
            let mut shift = 0_isize;
            for edit in &self.edits {
                let start = edit.span.start.saturating_add_signed(shift);
                let end = start + edit.with.len();
                if at < start || (at == start && !(is_end && edit.with.is_empty())) {
                    break;
                }
                if at < end {
                    return edit.span.start;
                }
                shift += edit.with.len().cast_signed() - edit.span.len().cast_signed();
            }
            at.saturating_add_signed(-shift)
        };
        let start = of(span.start, false);
        start..of(span.end, true).max(start)
    }

    /// Whether a value of the original text is one that stands in for another.
    pub(super) fn replaces(&self, span: &Range<usize>) -> bool {
        let at = self.edits.partition_point(|e| e.span.start < span.start);
        self.edits[at..]
            .iter()
            .take_while(|e| e.span.start == span.start)
            .any(|e| e.is_value && e.span == *span)
    }
}

/// Mends the line of a text at `span`, without its end.
fn mend(text: &str, span: Range<usize>) -> Line {
    let mut out = Line::default();
    if span.len() > LONGEST {
        return out;
    }
    let mut scan = Scan {
        text: &text[..span.end],
        out: &mut out,
    };
    let start = scan.blanks(span.start);
    let line = &scan.text[start..];
    let inner = line.trim_start_matches('[');
    if line.starts_with('[') && inner.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
        scan.header(start);
    } else if !line.starts_with(['[', '{', ']', '}', '#']) {
        scan.pair(start);
    }
    out
}

struct Scan<'t, 'o> {
    /// The text up to the end of the line.
    text: &'t str,
    out: &'o mut Line,
}

impl<'t> Scan<'t, '_> {
    fn rest(&self, at: usize) -> &'t str {
        self.text.get(at..).unwrap_or_default()
    }

    fn edit(&mut self, span: Range<usize>, with: impl Into<String>) {
        self.out.edits.push(Edit {
            span,
            with: with.into(),
            is_value: false,
        });
    }

    fn say(
        &mut self,
        span: Range<usize>,
        found: String,
        allowed: &'static str,
        help: Option<String>,
    ) {
        self.out.said.push(Said {
            span,
            found,
            allowed,
            help,
        });
    }

    /// The end of the blanks from a byte on; unusual ones are replaced and told.
    fn blanks(&mut self, mut at: usize) -> usize {
        while let Some(c) = self.rest(at).chars().next() {
            let span = at..at + c.len_utf8();
            if is_odd_blank(c) {
                self.edit(span.clone(), " ");
                if self.out.said.is_empty() {
                    let help = "delete it, or type an ordinary space".to_owned();
                    self.say(span.clone(), describe(c), "ordinary spaces", Some(help));
                }
            } else if !c.is_ascii_whitespace() {
                break;
            }
            at = span.end;
        }
        at
    }

    fn header(&mut self, start: usize) {
        let line = self.rest(start);
        let comment = line.find(" #").unwrap_or(line.len());
        let body = line[..comment].trim_end();
        let opens = body.bytes().take_while(|b| *b == b'[').count();
        let end = body.find(']').unwrap_or(body.len());
        let inner = body[opens..end].to_owned();
        let is_closed = end < body.len();
        let stop = start + body.len();
        self.keys(&inner, start + opens);
        if !is_closed {
            let help = Some(format!("write [{}]", inner.trim()));
            let found = "a table header without its `]`".to_owned();
            self.say(start..stop, found, "[SECTION] or [SECTION.ID]", help);
            self.edit(stop..stop, "]".repeat(opens));
        }
    }

    /// Puts quotes around the parts of a dotted key that need them.
    fn keys(&mut self, written: &str, start: usize) {
        let mut at = start;
        for part in parts(written) {
            let blank = |c: char| c.is_whitespace() || is_odd_blank(c);
            let key = part.trim_matches(blank);
            let from = at + part.len() - part.trim_start_matches(blank).len();
            let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            let is_quoted =
                key.len() > 1 && key.starts_with(['"', '\'']) && key.ends_with(['"', '\'']);
            if !key.is_empty() && !is_quoted && !key.chars().all(is_bare) {
                let quoted = format!("\"{}\"", escaped(key));
                self.edit(from..from + key.len(), quoted);
            }
            let space = |c: char| is_odd_blank(c) && c.is_whitespace();
            if part
                .trim_matches(|c: char| c.is_ascii_whitespace())
                .trim_matches(space)
                != key
                || part.contains(space)
            {
                let before = at..from;
                let after = from + key.len()..at + part.len();
                for span in [before, after] {
                    if !self.text[span.clone()].is_ascii() {
                        self.blanks_within(span);
                    }
                }
            }
            at += part.len() + 1;
        }
    }

    fn blanks_within(&mut self, span: Range<usize>) {
        let whole = self.text;
        let mut inner = Scan {
            text: &whole[..span.end],
            out: self.out,
        };
        inner.blanks(span.start);
    }

    /// Reads `key = value`; returns where it ends.
    fn pair(&mut self, start: usize) {
        let line = self.rest(start);
        let Some((at, sign)) = separator(line) else {
            return;
        };
        let key = line[..at].to_owned();
        if key.trim().is_empty() || key.trim_start().starts_with('#') {
            return;
        }
        self.sign(start + at, sign, &key);
        self.keys(&key, start);
        self.value(start + at + sign.len(), Inside::Line, DEEPEST);
    }

    /// Makes `=` of another sign between a key and its value.
    fn sign(&mut self, at: usize, sign: &str, key: &str) {
        if sign == "=" {
            return;
        }
        let span = at..at + sign.len();
        let help = Some(format!("write {} = …", key.trim()));
        let found = format!("`{sign}` after a key");
        self.say(span.clone(), found, "a single `=`", help);
        self.edit(span, "=");
    }

    /// Reads a value from a byte on; returns where it ends.
    fn value(&mut self, start: usize, inside: Inside, depth: usize) -> usize {
        let at = self.blanks(start);
        let rest = self.rest(at);
        if depth == 0 || rest.is_empty() || rest.starts_with("\"\"\"") || rest.starts_with("'''") {
            return self.text.len();
        }
        if rest.starts_with('{') {
            return self.table(at, depth);
        }
        if rest.starts_with('[') {
            return self.array(at, depth);
        }
        if let Some(length) = closed_quote(rest) {
            let after = rest[length..].trim_start();
            let ends = match inside {
                Inside::Line => after.is_empty() || after.starts_with('#'),
                Inside::Table => after.starts_with([',', '}']),
                Inside::Array => after.starts_with([',', ']']) || after.is_empty(),
            };
            if ends && is_value(&rest[..length]) {
                return at + length;
            }
        }
        let length = match inside {
            Inside::Line => rest.find(" #").unwrap_or(rest.len()),
            Inside::Table => end_in_table(rest),
            Inside::Array => end_in_array(rest),
        };
        let raw = rest[..length].trim_end();
        let end = at + raw.len();
        if !raw.is_empty() && !raw.starts_with('#') && !is_value(raw) {
            self.out.edits.push(Edit {
                span: at..end,
                with: "\"\"".to_owned(),
                is_value: true,
            });
        }
        at + length
    }

    fn table(&mut self, open: usize, depth: usize) -> usize {
        let mut at = self.blanks(open + 1);
        loop {
            let rest = self.rest(at);
            if rest.starts_with('}') {
                return at + 1;
            }
            let Some((sign_at, sign)) = separator(rest) else {
                return self.text.len();
            };
            let key = rest[..sign_at].to_owned();
            self.sign(at + sign_at, sign, &key);
            self.keys(&key, at);
            at = self.value(at + sign_at + sign.len(), Inside::Table, depth - 1);
            at = self.blanks(at);
            let rest = self.rest(at);
            if rest.starts_with(';') {
                let help = Some("write `,`".to_owned());
                self.say(at..at + 1, "`;` between keys".to_owned(), "a comma", help);
                self.edit(at..at + 1, ",");
            } else if !rest.starts_with(',') {
                return if rest.starts_with('}') {
                    at + 1
                } else {
                    self.text.len()
                };
            }
            at = self.blanks(at + 1);
        }
    }

    fn array(&mut self, open: usize, depth: usize) -> usize {
        let mut at = self.blanks(open + 1);
        loop {
            let rest = self.rest(at);
            if rest.starts_with(']') {
                return at + 1;
            }
            if rest.is_empty() || rest.starts_with('#') {
                return self.text.len();
            }
            let end = self.value(at, Inside::Array, depth - 1);
            at = self.blanks(end);
            if !self.rest(at).starts_with(',') {
                let is_closed = self.rest(at).starts_with(']');
                return if is_closed { at + 1 } else { self.text.len() };
            }
            at = self.blanks(at + 1);
        }
    }
}

/// Whether a text is one TOML value, and nothing else. (A parser of values stops at a comma.)
pub(super) fn is_value(text: &str) -> bool {
    !text.contains('\n') && DeTable::parse(&format!("x = {text}")).is_ok()
}

/// What a value stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Line,
    Table,
    Array,
}

/// The parts of a dotted key. A dot in quotes separates nothing.
fn parts(written: &str) -> impl Iterator<Item = &str> {
    let (mut quote, mut begins) = (None, true);
    written.split(move |c: char| {
        let ends = quote.is_none() && c == '.';
        match quote {
            Some(q) if q == c => quote = None,
            None if begins && matches!(c, '"' | '\'') => quote = Some(c),
            _ => {}
        }
        begins = ends || (begins && c.is_whitespace());
        ends
    })
}

/// A key inside quotes.
fn escaped(key: &str) -> String {
    key.chars()
        .flat_map(|c| match c {
            '"' | '\\' => vec!['\\', c],
            c => vec![c],
        })
        .collect()
}

/// The sign between a key and its value: where it is, and which.
fn separator(line: &str) -> Option<(usize, &str)> {
    let mut quote = None;
    for (i, c) in line.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(q), c) if q == c => quote = None,
            (None, '=') => {
                let more = line[i..].bytes().take_while(|b| *b == b'=').count();
                let more = more + usize::from(line[i + more..].starts_with('>'));
                let before = usize::from(line[..i].ends_with(':'));
                return Some((i - before, &line[i - before..i + more]));
            }
            (None, '＝') => return Some((i, &line[i..i + c.len_utf8()])),
            // `key: value`
            (None, ':')
                if !line[i..].starts_with(":=")
                    && line[..i]
                        .chars()
                        .all(|c| c.is_alphanumeric() || "_-. ".contains(c)) =>
            {
                return Some((i, &line[i..=i]));
            }
            (None, '#' | ',' | '{' | '}') => return None,
            _ => {}
        }
    }
    None
}

/// The length of a text in quotes that it begins with.
fn closed_quote(text: &str) -> Option<usize> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let mut escape = false;
    for (i, c) in text.char_indices().skip(1) {
        match c {
            '\\' if quote == '"' && !escape => escape = true,
            c if c == quote && !escape => return Some(i + 1),
            _ => escape = false,
        }
    }
    None
}

/// Where a value that is none ends in an inline table: before the next key or the end of the table.
fn end_in_table(rest: &str) -> usize {
    let is_key = |text: &str| {
        let text = text.trim_start();
        let word = text
            .find(|c: char| !(c.is_alphanumeric() || "_-.".contains(c)))
            .unwrap_or(text.len());
        word > 0
            && text.starts_with(char::is_alphabetic)
            && text[word..].trim_start().starts_with(['=', ':'])
    };
    let curly = |c: char| QUOTES.contains(&c);
    let mut inside_curly = false;
    for (i, c) in rest.char_indices() {
        match c {
            c if curly(c) => inside_curly = !inside_curly,
            ',' | ';' if is_key(&rest[i + 1..]) => return i,
            '}' if !inside_curly => return i,
            _ => {}
        }
    }
    rest.len()
}

/// Where a value that is none ends in an array.
fn end_in_array(rest: &str) -> usize {
    let mut depth = 0;
    for (i, c) in rest.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth <= 0 => return i,
            ']' => return i,
            _ => {}
        }
    }
    rest.len()
}
