//! TOML as a tree in which every key and value knows its place in the text.

use std::ops::Range;

use jiff::civil::{Date, DateTime, Time};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::expression::Inside;
use super::fault::{Fault, Kind, Place};
use super::meant::{Want, list_meant, meant, unquoted};
use super::repair::{Mended, is_value};

/// Stands in for a date that cannot be read. It has a nanosecond, which no date in a file has.
pub(super) const UNREAD: DateTime = DateTime::constant(2000, 1, 1, 0, 0, 0, 1);

/// A value with its place.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) place: Place,
}

/// A TOML value.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// The text, and where its bytes stand inside the value as written.
    Text(String, Inside),
    Integer(i64),
    /// The number, and how it is written.
    Float(f64, String),
    Bool(bool),
    Date(DateTime),
    Array(Vec<Node>),
    Table(Vec<Entry>),
    /// What stands where a value should be and is none, as written.
    Raw(String),
}

/// A key with its value.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_place: Place,
    pub(super) node: Node,
}

impl Node {
    /// What it is, in the words of messages.
    pub(super) fn shown(&self) -> String {
        match &self.value {
            Value::Text(t, _) if t.chars().count() > 40 => {
                format!("the text \"{}…\"", t.chars().take(40).collect::<String>())
            }
            Value::Text(t, _) => format!("the text \"{t}\""),
            Value::Integer(i) => format!("{i}"),
            Value::Float(x, _) => format!("{x:?}"),
            Value::Bool(b) => format!("{b}"),
            Value::Date(d) => format!("the date {}", date_text(d)),
            Value::Array(_) => "an array".to_owned(),
            Value::Table(_) => "a table".to_owned(),
            Value::Raw(t) if t.chars().count() > 40 => {
                format!("`{}…`", t.chars().take(40).collect::<String>())
            }
            Value::Raw(t) => format!("`{t}`"),
        }
    }

    /// The word that was meant: without quotes of any kind.
    pub(super) fn written(&self) -> String {
        match &self.value {
            Value::Text(text, _) | Value::Raw(text) => unquoted(text).to_owned(),
            _ => self.shown(),
        }
    }

    /// What to write instead, if it can be told what was meant.
    pub(super) fn help(&self, want: Want) -> Option<String> {
        let is_number = matches!(want, Want::Number { .. });
        match &self.value {
            Value::Raw(text) => {
                let value = text.trim_start_matches('=').trim_start();
                if value.len() < text.len() && is_value(value) {
                    return Some(format!("one `=` is enough: write {value}"));
                }
                let before = text.split(" //").next().unwrap_or_default();
                let value = before.trim_end().trim_end_matches([';', ',']);
                if value.len() < text.len() && is_value(value) {
                    return Some(format!(
                        "a line ends after its value, and a comment begins with #: write {value}"
                    ));
                }
                meant(text, want)
            }
            Value::Text(text, _) if want != Want::Text => meant(text, want),
            Value::Bool(b) if is_number => Some(format!("write {}", u8::from(*b))),
            Value::Integer(i @ (0 | 1)) if want == Want::Truth => {
                Some(format!("write {}", *i == 1))
            }
            Value::Float(_, written) if matches!(want, Want::Whole { .. }) => meant(written, want),
            Value::Integer(_) | Value::Float(..)
                if matches!(want, Want::Duration { .. } | Want::Date | Want::Moment) =>
            {
                meant(&self.shown(), want)
            }
            Value::Date(d) if want == Want::Expression && *d != UNREAD => Some(format!(
                "a date in an expression is in date( ): write \"day >= date('{}')\"",
                date_text(d)
            )),
            Value::Date(d) if want == Want::Date && *d != UNREAD => {
                Some(format!("write {} without a time", d.date()))
            }
            Value::Integer(_) | Value::Float(..) | Value::Bool(_) if want == Want::Text => {
                Some(format!("text is in quotes: write \"{}\"", self.shown()))
            }
            Value::Array(nodes) if want == (Want::Number { distribution: true }) => {
                let number = |n: &Node| match n.value {
                    Value::Integer(i) => Some(i as f64),
                    Value::Float(x, _) => Some(x),
                    _ => None,
                };
                list_meant(&nodes.iter().map(number).collect::<Option<Vec<f64>>>()?)
            }
            _ => None,
        }
    }

    /// The value of a key, if this is a table that has it.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|e| &e.node)
    }

    /// The entry of a key, if this is a table that has it.
    pub(super) fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Value::Table(entries) => entries.iter().find(|e| e.key == key),
            _ => None,
        }
    }

    /// The same as data, for the manifest.
    pub(super) fn json(&self) -> serde_json::Value {
        match &self.value {
            Value::Text(t, _) | Value::Raw(t) => t.clone().into(),
            Value::Integer(i) => (*i).into(),
            Value::Float(x, _) => (*x).into(),
            Value::Bool(b) => (*b).into(),
            Value::Date(d) => date_text(d).into(),
            Value::Array(nodes) => nodes.iter().map(Node::json).collect(),
            Value::Table(entries) => serde_json::Value::Object(
                entries
                    .iter()
                    .map(|e| (e.key.clone(), e.node.json()))
                    .collect(),
            ),
        }
    }
}

/// Reads a TOML text; the faults of its syntax go into `faults`. Also returns whether all of it
/// could be read: values that are none can, as [`Value::Raw`].
pub(super) fn parse(text: &str, file: usize, faults: &mut Vec<Fault>) -> (Node, bool) {
    // Of a large text that is not TOML only the first fault is reported: there may be millions.
    let first = (text.len() > RECOVERED).then(|| DeTable::parse(text).err());
    if let Some(error) = first.flatten() {
        let mended = Mended::default();
        syntax(text, &mended, file, vec![error], faults);
        let mut builder = Builder {
            text,
            original: text,
            mended: &mended,
            file,
            faults,
        };
        return (builder.table(&DeTable::default(), 0..0), false);
    }
    let (mut table, mut errors) = DeTable::parse_recoverable(text);
    let mended = if errors.is_empty() {
        Mended::default()
    } else {
        Mended::of(text)
    };
    let changed = mended.apply(text);
    if !mended.edits.is_empty() {
        (table, errors) = DeTable::parse_recoverable(&changed);
    }
    let complete = syntax(text, &mended, file, errors, faults);
    for said in &mended.said {
        let place = Place {
            file,
            span: said.span.clone(),
        };
        let fault = Fault::at(&place, said.found.as_str(), said.allowed);
        faults.push(fault.help(said.help.clone()));
    }
    for edit in mended.edits.iter().filter(|e| e.is_value) {
        let place = Place {
            file,
            span: edit.span.clone(),
        };
        let found = format!("`{}` is not a value", &text[edit.span.clone()]);
        faults.push(Fault {
            kind: Kind::Weak,
            ..Fault::at(
                &place,
                found,
                "a number, a date, true or false, or text in quotes",
            )
        });
    }
    let mut builder = Builder {
        text: &changed,
        original: text,
        mended: &mended,
        file,
        faults,
    };
    let node = builder.table(table.get_ref(), table.span());
    (node, complete)
}

/// Notes errors of the syntax; returns whether all the text could be read in spite of them.
fn syntax(
    text: &str,
    mended: &Mended,
    file: usize,
    errors: Vec<toml::de::Error>,
    faults: &mut Vec<Fault>,
) -> bool {
    let mut complete = true;
    for error in errors {
        let span = error.span().map(|s| mended.original(&s));
        let place = Place {
            file,
            span: span.unwrap_or_else(|| deepest_line(text)),
        };
        let message = error.message().lines().next().unwrap_or("not TOML");
        let fault = if message.contains("duplicate key") {
            let key = text.get(place.span.clone()).unwrap_or_default();
            let help = earlier(text, place.span.start, key)
                .map(|line| format!("it is first on line {line}: delete one of the two"));
            let found = format!("duplicate key `{key}`");
            Fault::at(&place, found, "each key once per table").help(help)
        } else {
            complete = false;
            let (found, allowed) = if message.contains("recurs") {
                (
                    "nested too deeply",
                    "tables and arrays up to 80 deep".to_owned(),
                )
            } else {
                told(message)
            };
            Fault {
                kind: Kind::Syntax,
                ..Fault::at(&place, found, allowed)
            }
        };
        faults.push(fault);
    }
    complete
}

/// The parser's words for an error: what was found, what is expected.
fn told(message: &str) -> (&str, String) {
    let (found, allowed) = message.split_once(", expected ").unwrap_or((message, ""));
    match (found, allowed) {
        ("key with no value", _) => (
            "a line without `=`",
            "`key = value`, [header] or # comment".to_owned(),
        ),
        (found, "" | "nothing") => (found, "valid TOML (see toml.io)".to_owned()),
        (found, allowed) => (found, format!("{allowed}, as TOML has it (see toml.io)")),
    }
}

/// The line of the same key, before `at` in the same table.
fn earlier(text: &str, at: usize, key: &str) -> Option<usize> {
    let begins = |line: &str| {
        let rest = line.trim_start().trim_start_matches('[');
        rest.strip_prefix(key)
            .is_some_and(|rest| rest.trim_start().starts_with(['=', '.', ']']))
    };
    let line = text.get(..at)?.matches('\n').count() + 1;
    let is_header = text.lines().nth(line - 1)?.trim_start().starts_with('[');
    let mut found = None;
    for (i, written) in text.lines().take(line - 1).enumerate() {
        let header = written.trim_start().starts_with('[');
        if header && !is_header {
            found = None;
        }
        if header == is_header && begins(written) {
            found = Some(i + 1);
        }
    }
    found
}

/// The start of the line with the most dots: where keys are nested deepest.
fn deepest_line(text: &str) -> Range<usize> {
    let mut start = 0;
    let mut best = (0, 0);
    for line in text.split_inclusive('\n') {
        let dots = line.bytes().filter(|b| *b == b'.').count();
        if dots > best.0 {
            best = (dots, start);
        }
        start += line.len();
    }
    best.1..best.1
}

/// Reads a single TOML value, as in `--set path=value`; `None` if it is not one.
pub(super) fn parse_value(text: &str, start: usize, file: usize) -> Option<Node> {
    let written = &text[start..];
    // The parser stops at a comma, which is wrong of `0,7` and right in an array of several lines.
    let value = DeValue::parse(written).ok()?;
    if written.contains(',') && !written.contains('\n') && !is_value(written) {
        return None;
    }
    let mut faults = Vec::new();
    let mended = Mended::default();
    let mut builder = Builder {
        text: &text[start..],
        original: &text[start..],
        mended: &mended,
        file,
        faults: &mut faults,
    };
    let mut node = builder.value(&value);
    shift(&mut node, start);
    faults.is_empty().then_some(node)
}

fn shift(node: &mut Node, by: usize) {
    node.place.span = node.place.span.start + by..node.place.span.end + by;
    match &mut node.value {
        Value::Array(nodes) => nodes.iter_mut().for_each(|n| shift(n, by)),
        Value::Table(entries) => {
            for e in entries {
                e.key_place.span = e.key_place.span.start + by..e.key_place.span.end + by;
                shift(&mut e.node, by);
            }
        }
        _ => {}
    }
}

struct Builder<'a> {
    /// The text as it is read, and as it was written.
    text: &'a str,
    original: &'a str,
    mended: &'a Mended,
    file: usize,
    faults: &'a mut Vec<Fault>,
}

impl Builder<'_> {
    fn place(&self, span: Range<usize>) -> Place {
        Place {
            file: self.file,
            span: self.mended.original(&span),
        }
    }

    fn table(&mut self, table: &DeTable<'_>, span: Range<usize>) -> Node {
        let entries = table
            .iter()
            .map(|(key, value)| Entry {
                key: key.get_ref().to_string(),
                key_place: self.place(key.span()),
                node: self.value(value),
            })
            .collect();
        Node {
            value: Value::Table(entries),
            place: self.place(span),
        }
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>) -> Node {
        let span = value.span();
        let place = self.place(span.clone());
        let value = match value.get_ref() {
            DeValue::String(_) if self.mended.replaces(&place.span) => {
                Value::Raw(self.original[place.span.clone()].to_owned())
            }
            DeValue::String(t) => Value::Text(t.to_string(), self.inside(t, span)),
            DeValue::Integer(i) => match i64::from_str_radix(i.as_str(), i.radix()) {
                Ok(i) => Value::Integer(i),
                Err(_) => {
                    self.faults.push(Fault::at(
                        &place,
                        format!("the whole number {} is too large", i.as_str()),
                        "whole numbers below 2^63 in magnitude",
                    ));
                    Value::Integer(1)
                }
            },
            DeValue::Float(x) => match x.as_str().parse() {
                Ok(number) => Value::Float(number, x.as_str().to_owned()),
                Err(_) => {
                    self.faults
                        .push(Fault::at(&place, "an invalid number", "a number"));
                    Value::Float(0.0, String::new())
                }
            },
            DeValue::Boolean(b) => Value::Bool(*b),
            DeValue::Datetime(d) => match date_time(d) {
                Some(d) => Value::Date(d),
                None => {
                    self.faults.push(Fault::at(
                        &place,
                        format!("unsupported date or time {d}"),
                        "a local date or date with time, such as 2022-01-05 or 2022-01-05T16:30:00",
                    ));
                    Value::Date(UNREAD)
                }
            },
            DeValue::Array(nodes) => Value::Array(nodes.iter().map(|n| self.value(n)).collect()),
            DeValue::Table(table) => return self.table(table, span),
        };
        Node { value, place }
    }

    /// Where the bytes of a text stand inside its quotes.
    fn inside(&self, content: &str, span: Range<usize>) -> Inside {
        let raw = self.text.get(span).unwrap_or_default();
        Inside::of(raw, content).unwrap_or_default()
    }
}

/// A date as scenarios write it: without a time that is midnight.
pub(super) fn date_text(d: &DateTime) -> String {
    if d.time() == Time::midnight() {
        d.date().to_string()
    } else {
        d.to_string()
    }
}

fn date_time(d: &toml::value::Datetime) -> Option<DateTime> {
    if d.offset.is_some() {
        return None;
    }
    let day = d.date?;
    let date = Date::new(
        i16::try_from(day.year).ok()?,
        day.month.cast_signed(),
        day.day.cast_signed(),
    )
    .ok()?;
    let time = match d.time {
        Some(t) => Time::new(
            t.hour.cast_signed(),
            t.minute.cast_signed(),
            t.second.unwrap_or(0).cast_signed(),
            0,
        )
        .ok()?,
        None => Time::midnight(),
    };
    Some(date.to_datetime(time))
}

/// Up to this size, in bytes, all syntax faults of a text are reported.
const RECOVERED: usize = 1 << 18;
