//! Evidence as a table: a CSV file with a row for each observation.
//!
//! A row becomes the tree that the same observation in TOML would be, so one grammar reads and checks both. The columns
//! are the keys of an observation; what people have in tables goes by the words that they have for it there.

use std::collections::BTreeSet;

use super::expression::Inside;
use super::fault::{Fault, Place};
use super::grammar::{Fallback, Key, Leaf, Shape};
use super::sheet::Sheet;
use super::tree::{Entry, Node, Value, parse_value};

/// The column of ids.
const ID: &str = "id";
/// Columns whose names are other words than those of their keys, with these keys.
const CALLED: [(&str, &str); 2] = [("day", "on"), ("text", "name")];
/// The longest time from the start that a number of days may be.
const DAYS: f64 = 1e6;

/// The column of a key.
fn column_of(key: &Key) -> &'static str {
    let called = CALLED.iter().find(|(_, of)| *of == key.name);
    called.map_or(key.name, |(column, _)| column)
}

fn leaf(key: &Key) -> Option<Leaf> {
    match key.shape {
        Shape::Leaf(leaf) => Some(leaf),
        _ => None,
    }
}

/// Whether a text is a table and not TOML: its first line has separators, and neither a `=` nor what TOML begins with.
pub(super) fn is_table(text: &str) -> bool {
    let content = text.trim_start_matches('\u{feff}').trim_start();
    let first = content.lines().next().unwrap_or_default();
    let toml_or_other = first.starts_with(['[', '#', '{', '<', '-']) || first.contains('=');
    !toml_or_other && first.contains([',', ';', '\t'])
}

/// Whether a table has the columns of evidence.
pub(super) fn is_evidence(text: &str) -> bool {
    let head: Vec<&str> = text.lines().next().unwrap_or_default().split(',').collect();
    let has = |name: &str| {
        head.iter()
            .any(|c| c.trim_matches(['"', ' ', '\u{feff}']) == name)
    };
    is_table(text) && has("when") && has("reliability")
}

/// Reads a table of evidence as the tree of an evidence file; `keys` are those of an observation.
pub(super) fn parse(text: &str, file: usize, keys: &[Key], faults: &mut Vec<Fault>) -> Node {
    let sheet = Sheet::parse(text, file, faults);
    let mut observations = Vec::new();
    // One column: other separators, or nothing at all. That is told, and the rest follows from it.
    if sheet.names().nth(1).is_some() {
        let columns = columns(&sheet, keys, faults);
        let id = sheet.find(ID);
        let mut seen = BTreeSet::new();
        for row in 0..sheet.count() {
            let is_empty = (0..sheet.names().count()).all(|c| sheet.text(row, c).is_empty());
            if is_empty {
                continue;
            }
            let entry = observation(&sheet, row, id, &columns, text, faults);
            if !seen.insert(entry.key.clone()) {
                let found = format!("a second observation `{}`", entry.key);
                faults.push(Fault::at(&entry.key_place, found, "each id once"));
            }
            observations.push(entry);
        }
        if observations.is_empty() && faults.is_empty() {
            let found = "a table without observations";
            faults.push(Fault::at(
                &sheet.head(0),
                found,
                "a row for each observation",
            ));
        }
    }
    let place = Place { file, span: 0..0 };
    let entry = Entry {
        key: "observations".to_owned(),
        key_place: place.clone(),
        node: Node {
            value: Value::Table(observations),
            place: place.clone(),
        },
    };
    Node {
        value: Value::Table(vec![entry]),
        place,
    }
}

/// The columns that the table has, with their keys; faults for those that are unknown, and for those that must be there.
fn columns<'k>(sheet: &Sheet, keys: &'k [Key], faults: &mut Vec<Fault>) -> Vec<(usize, &'k Key)> {
    let names = || std::iter::once(ID).chain(keys.iter().map(column_of));
    for (c, name) in sheet.names().enumerate() {
        if names().any(|known| known == name) {
            continue;
        }
        let found = format!("unknown column `{name}`");
        let allowed = format!("one of {}", names().collect::<Vec<_>>().join(", "));
        let fault = Fault::at(&sheet.head(c), found, allowed);
        let key = CALLED.iter().find(|(_, key)| *key == name);
        faults.push(match key {
            Some((column, key)) => fault.help(Some(format!(
                "the key `{key}` is the column `{column}` here"
            ))),
            None => fault.near(name, names()),
        });
    }
    let mut out = Vec::new();
    for key in keys {
        let name = column_of(key);
        match (sheet.find(name), key.default) {
            (Some(c), _) => out.push((c, key)),
            (None, Fallback::Required(_)) => {
                let why = format!("a column `{name}`: {}", meaning(key));
                sheet.column(name, &why, faults);
            }
            (None, _) => {}
        }
    }
    out
}

/// What a key means, up to the end of the first clause.
fn meaning(key: &Key) -> String {
    let words = key.says.join(" ");
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = [": ", ". "].iter().filter_map(|end| words.find(end)).min();
    let first = end.map_or(words.as_str(), |end| &words[..end]);
    first.trim_end_matches('.').to_owned()
}

/// An observation, of a row. Without an id it goes by the number of its row.
fn observation(
    sheet: &Sheet,
    row: usize,
    id: Option<usize>,
    columns: &[(usize, &Key)],
    text: &str,
    faults: &mut Vec<Fault>,
) -> Entry {
    let written = id.map_or("", |c| sheet.text(row, c));
    let key = match written {
        "" => format!("r{}", row + 1),
        id => id.to_owned(),
    };
    let key_place = sheet.place(row, id.unwrap_or(0));
    let mut entries = Vec::new();
    for (c, of) in columns {
        let (cell, place) = (sheet.text(row, *c), sheet.place(row, *c));
        if cell.is_empty() {
            if let Fallback::Required(_) = of.default {
                let found = format!("no `{}` in the row of `{key}`", column_of(of));
                faults.push(Fault::at(&place, found, example(of)));
            }
            continue;
        }
        let written = &text[place.span.clone()];
        entries.push(Entry {
            key: of.name.to_owned(),
            key_place: place.clone(),
            node: Node {
                value: value(cell, written, leaf(of), place.file),
                place,
            },
        });
    }
    Entry {
        key,
        node: Node {
            value: Value::Table(entries),
            place: key_place.clone(),
        },
        key_place,
    }
}

/// What a cell may hold, by the example of its key.
fn example(key: &Key) -> String {
    let Fallback::Required(example) = key.default else {
        return String::new();
    };
    let value = example
        .split_once(" = ")
        .map_or(example, |(_, value)| value);
    format!("a value, for example {}", value.trim_matches('"'))
}

/// The value of a cell: text is not in quotes, and a moment may be a number of days from the start.
fn value(cell: &str, written: &str, leaf: Option<Leaf>, file: usize) -> Value {
    match leaf {
        Some(Leaf::Moment) => {
            let days = cell.parse::<f64>().ok().filter(|days| days.abs() <= DAYS);
            if let Some(days) = days {
                let seconds = (days * 86_400.0).round();
                let sign = if seconds < 0.0 { '-' } else { '+' };
                return Value::Text(format!("t0 {sign} {}s", seconds.abs()), Inside::default());
            }
            if cell.starts_with("t0") {
                return Value::Text(cell.to_owned(), Inside::default());
            }
        }
        Some(Leaf::Truth) => {
            // Spreadsheets write them in capitals.
            for truth in [true, false] {
                if cell.eq_ignore_ascii_case(&truth.to_string()) {
                    return Value::Bool(truth);
                }
            }
        }
        Some(Leaf::Plain(..)) => {}
        _ => return Value::Text(cell.to_owned(), inside(cell, written)),
    }
    parse_value(cell, 0, file).map_or_else(|| Value::Raw(cell.to_owned()), |node| node.value)
}

/// Where the bytes of a cell's text stand inside the cell as written: in quotes, two of them are one.
fn inside(cell: &str, written: &str) -> Inside {
    let (open, rest) = match written.strip_prefix('"') {
        Some(rest) => (1, rest),
        None => (0, written),
    };
    let mut at = open + rest.len() - rest.trim_start().len();
    let mut inside = Inside::from(at);
    if open == 0 {
        return inside;
    }
    for (said, byte) in cell.bytes().enumerate() {
        at += 1;
        if byte == b'"' {
            at += 1;
            inside.resume(said + 1, at);
        }
    }
    inside
}
