//! TOML as a tree in which every key and value knows its place in the text.

use std::ops::Range;

use jiff::civil::{Date, DateTime, Time};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::expression::Inside;
use super::fault::{Fault, NO_TOML, Place};

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
    Float(f64),
    Bool(bool),
    Date(DateTime),
    Array(Vec<Node>),
    Table(Vec<Entry>),
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
            Value::Float(x) => format!("{x:?}"),
            Value::Bool(b) => format!("{b}"),
            Value::Date(d) if d.time() == Time::midnight() => format!("the date {}", d.date()),
            Value::Date(d) => format!("the date {d}"),
            Value::Array(_) => "an array".to_owned(),
            Value::Table(_) => "a table".to_owned(),
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
            Value::Text(t, _) => t.clone().into(),
            Value::Integer(i) => (*i).into(),
            Value::Float(x) => (*x).into(),
            Value::Bool(b) => (*b).into(),
            Value::Date(d) if d.time() == Time::midnight() => d.date().to_string().into(),
            Value::Date(d) => d.to_string().into(),
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
/// could be read.
pub(super) fn parse(text: &str, file: usize, faults: &mut Vec<Fault>) -> (Node, bool) {
    // Of a large text that is not TOML only the first fault is reported: there may be millions.
    let first = (text.len() > RECOVERED).then(|| DeTable::parse(text).err());
    let (table, errors, mut complete) = match first.flatten() {
        Some(error) => (Spanned::new(0..0, DeTable::default()), vec![error], false),
        None => {
            let (table, errors) = DeTable::parse_recoverable(text);
            (table, errors, true)
        }
    };
    for (i, error) in errors.into_iter().enumerate() {
        let place = Place {
            file,
            span: error.span().unwrap_or_else(|| deepest_line(text)),
        };
        let message = error.message().lines().next().unwrap_or("not TOML");
        let fault = if message.contains("duplicate key") {
            let key = text.get(place.span.clone()).unwrap_or_default();
            let found = format!("duplicate key `{key}`");
            Fault::at(&place, found, "each key once per table")
        } else {
            complete = false;
            if message.contains("recurs") {
                Fault::at(
                    &place,
                    "nested too deeply",
                    "tables and arrays up to 80 deep",
                )
            } else {
                Fault {
                    // Nobody reads a thousand of them.
                    nearest: (i < ADVISED)
                        .then(|| number_meant(text, place.span.start))
                        .flatten(),
                    ..Fault::at(&place, message, NO_TOML)
                }
            }
        };
        faults.push(fault);
    }
    let mut builder = Builder { text, file, faults };
    let node = builder.table(table.get_ref(), table.span());
    (node, complete)
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
    let value = DeValue::parse(&text[start..]).ok()?;
    let mut faults = Vec::new();
    let mut builder = Builder {
        text: &text[start..],
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
    text: &'a str,
    file: usize,
    faults: &'a mut Vec<Fault>,
}

impl Builder<'_> {
    fn place(&self, span: Range<usize>) -> Place {
        Place {
            file: self.file,
            span,
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
                Ok(x) => Value::Float(x),
                Err(_) => {
                    self.faults
                        .push(Fault::at(&place, "an invalid number", "a number"));
                    Value::Float(0.0)
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
        quoted(raw, content).unwrap_or_default()
    }
}

/// Steps through a quoted text and its content side by side; `None` if they do not match.
fn quoted(raw: &str, content: &str) -> Option<Inside> {
    let open = ["\"\"\"", "'''", "\"", "'"]
        .into_iter()
        .find(|q| raw.starts_with(q))?;
    let inner = raw.strip_prefix(open)?.strip_suffix(open)?.as_bytes();
    let mut at = match inner {
        [b'\n', ..] if open.len() == 3 => 1,
        [b'\r', b'\n', ..] if open.len() == 3 => 2,
        _ => 0,
    };
    let mut said = 0;
    let mut inside = Inside::from(open.len() + at);
    let bytes = content.as_bytes();
    while at < inner.len() {
        let escape = inner[at] == b'\\' && open.starts_with('"');
        let carriage = inner[at..].starts_with(b"\r\n") && bytes.get(said) == Some(&b'\n');
        if !escape && !carriage {
            if bytes.get(said) != Some(&inner[at]) {
                return None;
            }
            at += 1;
            said += 1;
            continue;
        }
        at += 1;
        if escape {
            let digits = match inner.get(at)? {
                b'x' => 2,
                b'u' => 4,
                b'U' => 8,
                b if b.is_ascii_whitespace() => {
                    // A line that goes on: blanks up to the next character are left out.
                    let blank = |b: &&u8| b.is_ascii_whitespace();
                    at += inner[at..].iter().take_while(blank).count();
                    inside.resume(said, open.len() + at);
                    continue;
                }
                _ => 0,
            };
            at += 1 + digits;
            said += content.get(said..)?.chars().next()?.len_utf8();
        }
        inside.resume(said, open.len() + at);
    }
    (said == bytes.len()).then_some(inside)
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
/// The most syntax faults for which the number that was meant is looked for.
const ADVISED: usize = 100;
/// Bytes before and after such a fault that are looked at.
const NEAR: usize = 300;

/// What to write for a number as other languages write it, with a decimal comma or without the 0 in
/// front, if a line that is not TOML has one.
fn number_meant(text: &str, at: usize) -> Option<String> {
    let at = at.min(text.len());
    let bytes = text.as_bytes();
    let near = &bytes[at.saturating_sub(NEAR)..at];
    let start = match near.iter().rposition(|b| *b == b'\n') {
        Some(i) => at - near.len() + i + 1,
        None => at - near.len(),
    };
    let near = &bytes[at..(at + NEAR).min(text.len())];
    let end = at + near.iter().position(|b| *b == b'\n').unwrap_or(near.len());
    let line = text.get(start..end)?;
    line.match_indices('=').find_map(|(i, _)| {
        let value = line[i + 1..].trim_start();
        let (sign, number) = match value.strip_prefix('-') {
            Some(rest) => ("-", rest),
            None => ("", value),
        };
        let digits = |t: &str| t.bytes().take_while(u8::is_ascii_digit).count();
        let whole = digits(number);
        let fraction = number[whole..].strip_prefix([',', '.'])?;
        let places = digits(fraction);
        let wrong = number[whole..].starts_with(',') || whole == 0;
        let before = if whole == 0 { "0" } else { &number[..whole] };
        (wrong && places > 0).then(|| {
            let fraction = &fraction[..places];
            format!("numbers have a decimal point and begin with a digit: write {sign}{before}.{fraction}")
        })
    })
}
