//! What stands at a place of a text that may be half written: a key, or a value of a key.
//!
//! The text is gone through once, from its start to the place, with as little of TOML as that takes. A reader of TOML
//! would refuse a line that is being written.

use std::ops::Range;

/// What stands at a place of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spot {
    /// The table that the key is one of, or the key whose value it is.
    pub(super) path: Vec<String>,
    pub(super) kind: Kind,
    /// The word at the place, in bytes: an id, a key, or a name with its dots. It may be empty.
    pub(super) word: Range<usize>,
}

/// What a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Part of a header in brackets.
    Header,
    /// A key.
    Key,
    /// A value, or a part of one.
    Value {
        /// Whether it stands in quotes.
        quoted: bool,
    },
}

/// An array or a table in which a value stands.
enum Frame {
    Array,
    /// An inline table, the path that led to it, and the keys of its own.
    Table(Vec<String>, Vec<String>),
}

/// How far a text has been read.
struct Scan<'t> {
    text: &'t str,
    /// The place that is asked about.
    at: usize,
    /// The path of the table that keys belong to.
    table: Vec<String>,
    /// The parts of the key of the statement so far.
    keys: Vec<String>,
    /// Whether its `=` has been read.
    in_value: bool,
    frames: Vec<Frame>,
}

/// What stands at a byte of a text; nothing in a comment, or where nothing can be told.
pub(super) fn spot(text: &str, at: usize) -> Option<Spot> {
    let mut scan = Scan {
        text,
        at,
        table: Vec::new(),
        keys: Vec::new(),
        in_value: false,
        frames: Vec::new(),
    };
    let mut next = 0;
    while next < at {
        next = match scan.step(next) {
            Step::Next(next) => next,
            Step::Here(spot) => return spot,
        };
    }
    scan.between()
}

enum Step {
    /// Read on from this byte.
    Next(usize),
    /// The place was reached.
    Here(Option<Spot>),
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}

impl Scan<'_> {
    fn rest(&self, from: usize) -> &str {
        self.text.get(from..).unwrap_or_default()
    }

    /// The end of the line that a byte is in.
    fn line_end(&self, from: usize) -> usize {
        self.rest(from)
            .find('\n')
            .map_or(self.text.len(), |n| from + n)
    }

    /// Reads what begins at a byte before the place.
    fn step(&mut self, from: usize) -> Step {
        let c = self.rest(from).chars().next().unwrap_or('\n');
        match c {
            '#' => {
                let end = self.line_end(from);
                if self.at <= end {
                    return Step::Here(None);
                }
                return Step::Next(end);
            }
            '"' | '\'' => return self.string(from, c),
            '\n' => self.line(from + 1),
            '[' if !self.in_value && self.keys.is_empty() && self.frames.is_empty() => {
                return self.header(from);
            }
            '[' if self.in_value => self.frames.push(Frame::Array),
            ']' => {
                if let Some(Frame::Array) = self.frames.last() {
                    self.frames.pop();
                }
            }
            '{' if self.in_value => {
                let table = self.table.clone();
                let keys = std::mem::take(&mut self.keys);
                self.table.extend(keys.iter().cloned());
                self.frames.push(Frame::Table(table, keys));
                self.in_value = false;
            }
            '}' => self.close(),
            ',' if matches!(self.frames.last(), Some(Frame::Table(..))) => {
                self.keys.clear();
                self.in_value = false;
            }
            '=' => self.in_value = true,
            c if is_word(c) => return self.word(from),
            _ => {}
        }
        Step::Next(from + c.len_utf8())
    }

    /// Leaves an inline table.
    fn close(&mut self) {
        while let Some(frame) = self.frames.pop() {
            if let Frame::Table(table, keys) = frame {
                self.table = table;
                self.keys = keys;
                self.in_value = true;
                return;
            }
        }
    }

    /// A new line begins: with it a statement, unless an array goes on.
    fn line(&mut self, from: usize) {
        let line = &self.text[from..self.line_end(from)];
        let header = line.starts_with('[')
            && line[1..].starts_with(|c: char| c.is_ascii_lowercase())
            && line.trim_end().ends_with(']');
        let key = line.find('=').is_some_and(|end| {
            let key = line[..end].trim_end();
            let formed = |c: char| is_word(c) || c == '.';
            key.starts_with(|c: char| c.is_ascii_lowercase()) && key.chars().all(formed)
        });
        // A bracket that nobody has closed yet ends before the next statement.
        if header || key {
            while self.frames.iter().any(|f| matches!(f, Frame::Table(..))) {
                self.close();
            }
            self.frames.clear();
        }
        if self.frames.is_empty() {
            self.keys.clear();
            self.in_value = false;
        }
    }

    /// A header in brackets.
    fn header(&mut self, from: usize) -> Step {
        let line = self.line_end(from);
        let open = from + self.rest(from).chars().take_while(|c| *c == '[').count();
        let end = self.text[open..line].find(']').map_or(line, |n| open + n);
        let written = &self.text[open..end];
        let trimmed = |part: &str| part.trim().trim_matches(['"', '\'']).to_owned();
        if self.at <= end {
            let mut start = open;
            let mut path = Vec::new();
            for part in written.split('.') {
                let stop = start + part.len();
                if self.at <= stop {
                    let blank = part.len() - part.trim_start().len();
                    let begin = start + blank;
                    return Step::Here(Some(Spot {
                        path,
                        kind: Kind::Header,
                        word: begin.min(self.at)
                            ..(begin + part.trim().len()).max(begin.min(self.at)),
                    }));
                }
                path.push(trimmed(part));
                start = stop + 1;
            }
            return Step::Here(None);
        }
        self.table = written.split('.').map(trimmed).collect();
        self.in_value = false;
        Step::Next((end + 1).min(self.text.len()))
    }

    /// A word outside quotes.
    fn word(&mut self, from: usize) -> Step {
        let dots = self.in_value;
        let rest = self.rest(from);
        let part = |c: char| is_word(c) || dots && c == '.';
        let length = rest.find(|c: char| !part(c)).unwrap_or(rest.len());
        let end = from + length;
        if self.at <= end {
            return Step::Here(Some(self.found(from..end, false)));
        }
        if !self.in_value {
            self.keys.push(self.text[from..end].to_owned());
        }
        Step::Next(end)
    }

    /// A text in quotes, which may not be closed yet.
    fn string(&mut self, from: usize, quote: char) -> Step {
        let three: String = std::iter::repeat_n(quote, 3).collect();
        let long = self.rest(from).starts_with(&three);
        let open = from + if long { 3 } else { 1 };
        let limit = if long {
            self.text.len()
        } else {
            self.line_end(from)
        };
        let mut end = limit;
        let mut escaped = false;
        for (i, c) in self.rest(open).char_indices() {
            if open + i >= limit {
                break;
            }
            let closes = if long {
                self.rest(open + i).starts_with(&three)
            } else {
                c == quote
            };
            if closes && !escaped {
                end = open + i;
                break;
            }
            escaped = c == '\\' && quote == '"' && !escaped;
        }
        if self.at <= end {
            if self.at < open {
                return Step::Here(None);
            }
            if !self.in_value {
                return Step::Here(Some(self.found(open..end, false)));
            }
            let name = |c: char| is_word(c) && c != '-' || ".*{}".contains(c);
            let before = &self.text[open..self.at];
            let start = open + before.trim_end_matches(name).len();
            let after = &self.text[self.at..end];
            let stop = end - after.trim_start_matches(name).len();
            return Step::Here(Some(self.found(start..stop, true)));
        }
        if !self.in_value {
            self.keys.push(self.text[open..end].to_owned());
        }
        let closing = if long { 3 } else { 1 };
        let closed = self.text[end..].starts_with(quote);
        Step::Next(if closed { end + closing } else { end.max(open) })
    }

    /// A word at the place.
    fn found(&self, word: Range<usize>, quoted: bool) -> Spot {
        let mut path = self.table.clone();
        path.extend(self.keys.iter().cloned());
        let kind = if self.in_value {
            Kind::Value { quoted }
        } else {
            Kind::Key
        };
        Spot { path, kind, word }
    }

    /// The place is in no word, or where one begins.
    fn between(&self) -> Option<Spot> {
        let word = self.rest(self.at);
        let end = self.at + word.find(|c: char| !is_word(c)).unwrap_or(word.len());
        let before = self.text[..self.at].trim_end_matches([' ', '\t']);
        let goes_on = self.keys.is_empty() || before.ends_with('.');
        (self.in_value || goes_on).then(|| self.found(self.at..end, false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands at the `|` of a text: the path, the kind, and the word.
    fn at(text: &str) -> Option<(String, Kind, String)> {
        let place = text.find('|').expect("a place");
        let text = text.replacen('|', "", 1);
        let spot = spot(&text, place)?;
        Some((spot.path.join("."), spot.kind, text[spot.word].to_owned()))
    }

    #[expect(
        clippy::unnecessary_wraps,
        reason = "beside places where nothing is found"
    )]
    fn found(path: &str, kind: Kind, word: &str) -> Option<(String, Kind, String)> {
        Some((path.to_owned(), kind, word.to_owned()))
    }

    const QUOTED: Kind = Kind::Value { quoted: true };
    const BARE: Kind = Kind::Value { quoted: false };

    #[test]
    fn places_are_told_apart() {
        for (text, told) in [
            ("ti|tle = \"x\"", found("", Kind::Key, "title")),
            ("|", found("", Kind::Key, "")),
            ("|title = 1", found("", Kind::Key, "title")),
            ("[actors.kn|b]\n", found("actors", Kind::Header, "knb")),
            ("[act|", found("", Kind::Header, "act")),
            ("[actors.|\n[b]", found("actors", Kind::Header, "")),
            ("[actors.knb]\nwei|", found("actors.knb", Kind::Key, "wei")),
            (
                "[actors.knb]\nloyalty.|",
                found("actors.knb.loyalty", Kind::Key, ""),
            ),
            (
                "[actors.knb]\nloyalty = { tok| = 1 }",
                found("actors.knb.loyalty", Kind::Key, "tok"),
            ),
            (
                "[actors.knb]\nloyalty = { a = 1, b = { lo|",
                found("actors.knb.loyalty.b", Kind::Key, "lo"),
            ),
            (
                "[actors.knb]\na = { b = 1 }\n|",
                found("actors.knb", Kind::Key, ""),
            ),
            ("[a.b]\nby = \"kn|", found("a.b.by", QUOTED, "kn")),
            ("[a.b]\nby = |\nc = 1", found("a.b.by", BARE, "")),
            ("[a.b]\nby = kn|b", found("a.b.by", BARE, "knb")),
            (
                "[a.b]\neffects = [\n  \"x = 1\", # [\n  \"loyalty.kn|b.x = 2\",\n]",
                found("a.b.effects", QUOTED, "loyalty.knb.x"),
            ),
            (
                "[a.b]\nwhen = \"1 < loyalty.|\"",
                found("a.b.when", QUOTED, "loyalty."),
            ),
            ("[a.b]\nsays = '''x\n\"y|", found("a.b.says", QUOTED, "y")),
            ("[a]\nx = [1, [2\n[b.c]\nd|", found("b.c", Kind::Key, "d")),
            ("[a]\nx = { y = [1\nz = \"q|", found("a.z", QUOTED, "q")),
            ("a = 1 # by = \"x|", None),
            ("name |= 1", None),
            ("a = \"x\" # no\nb = \"\\\"|", found("b", QUOTED, "")),
            ("a.\"b c\".d = \"ю|я\"", found("a.b c.d", QUOTED, "юя")),
        ] {
            assert_eq!(at(text), told, "{text}");
        }
    }

    #[test]
    fn any_place_of_any_text_can_be_asked_about() {
        let text = include_str!("../../scenarios/minimal.toml");
        let broken = "[[[]]{}}\n = = {{ ''' \"\"\" ю [ { a. = \"\\";
        for text in [text, broken] {
            for end in (0..=text.len()).filter(|i| text.is_char_boundary(*i)) {
                // As it is written, and where it has been written already.
                let _ = spot(&text[..end], end);
                let _ = spot(text, end);
            }
        }
    }
}
