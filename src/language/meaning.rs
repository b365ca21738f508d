//! What a word means: a key as the grammar says it, an id as the scenario says it.

use serde_json::Value;

use super::cursor::{Kind, Spot, spot};
use super::document::{Document, Said};
use crate::scenario::catalogue::Name;
use crate::scenario::fault::Place;
use crate::scenario::grammar::{Key, LAW, Shape};
use crate::scenario::model::Scenario;
use crate::scenario::paths::{axis_after, axis_of, led};
use crate::scenario::state::Axis;

/// What a key means: its meaning, kind, range and default.
pub(super) fn of_key(key: &Key) -> String {
    let [kind, default, range, meaning] = key.cells();
    let mut out = format!("**{}**: {kind}\n\n{meaning}.", key.name);
    for (what, words) in [("Range", range), ("Default", default)] {
        if !words.is_empty() && words != "none" {
            out = format!("{out}\n\n{what}: {words}");
        }
    }
    out
}

/// What an id of any section is: in a few words, and in full.
pub(super) fn of_id(id: &str, said: &Said) -> Option<(String, String)> {
    let (section, value) = declared(id, said, None)?;
    Some(of_entry(section, id, value))
}

/// The section that declares an id, with its entry: if there are several that of the wanted one.
fn declared<'s>(
    id: &str,
    said: &'s Said,
    wanted: Option<&str>,
) -> Option<(&'static str, &'s Value)> {
    let all = Scenario::KEYS.iter().filter_map(|key| {
        let entry = said.scenario.resolved.get(key.name)?.get(id)?;
        matches!(key.shape, Shape::Map(_)).then_some((key.name, entry))
    });
    let all: Vec<_> = all.collect();
    let one = all.iter().find(|(section, _)| wanted == Some(*section));
    // A contender who is an actor says there who he is.
    let told = || all.iter().find(|(_, entry)| entry.get("says").is_some());
    one.or_else(told).or(all.first()).copied()
}

/// What an entry of a section is: in a few words, and in full.
pub(super) fn of_entry(section: &str, id: &str, entry: &Value) -> (String, String) {
    let kind = section.trim_end_matches('s');
    let text = |key: &str| entry.get(key).and_then(Value::as_str);
    let name = text("name").or_else(|| text("title"));
    let detail = match name {
        Some(name) => format!("{kind}: {name}"),
        None => kind.to_owned(),
    };
    let mut out = format!("**{}** ({kind} `{id}`)", name.unwrap_or(id));
    let value = match entry {
        Value::Object(keys) => {
            let law = LAW.iter().filter_map(|(part, _)| {
                let value = keys
                    .get(*part)
                    .filter(|v| !v.is_object() && !v.is_array())?;
                let remark = ["name", "says", "source"].contains(part);
                (!remark).then(|| format!("{part} = {value}"))
            });
            law.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    };
    let source = text("source").map(|source| format!("Source: {source}"));
    let value = Some(value).filter(|value| !value.is_empty());
    let value = value.map(|value| format!("`{value}`"));
    for part in [value, text("says").map(str::to_owned), source]
        .into_iter()
        .flatten()
    {
        out = format!("{out}\n\n{part}");
    }
    (detail, out)
}

/// The part of the word at a byte, and the section that it names an entry of, where that can be told.
fn word<'t>(document: &'t Document, spot: &Spot, at: usize) -> (&'t str, Option<&'static str>) {
    let written = &document.text[spot.word.clone()];
    let inside = at.clamp(spot.word.start, spot.word.end) - spot.word.start;
    let begins = written[..inside].rfind('.').map_or(0, |dot| dot + 1);
    let ends = written[inside..]
        .find('.')
        .map_or(written.len(), |dot| inside + dot);
    let id = &written[begins..ends];
    let done: Vec<&str> = written[..begins].split_terminator('.').collect();
    let led = led(document.shape, &spot.path);
    let section = match led.map(|led| (led.shape, led.key)) {
        // Of `loyalty.knb.tokayev` the last part is a contender.
        _ if !done.is_empty() => axis_after(&done).and_then(Axis::section),
        Some((Shape::Leaf(leaf), _)) => axis_of(*leaf).and_then(Axis::section),
        Some((Shape::Map(_), Some(key))) => match key.entries.of {
            Some(axis) => axis.section(),
            None => Some(key.name),
        },
        _ => None,
    };
    (id, section)
}

/// What the word at a byte of a file means.
pub(super) fn meaning(document: &Document, at: usize) -> Option<(String, std::ops::Range<usize>)> {
    let spot = spot(&document.text, at)?;
    let written = &document.text[spot.word.clone()];
    if written.is_empty() {
        return None;
    }
    let told = |words: String| Some((words, spot.word.clone()));
    if !matches!(spot.kind, Kind::Value { .. }) {
        let mut path = spot.path.clone();
        path.push(written.to_owned());
        let above = led(document.shape, &spot.path)?;
        if let (Shape::Table(_), Some(here)) = (above.shape, led(document.shape, &path)) {
            return told(of_key(here.key?));
        }
        if let (Shape::Leaf(_), Some((_, says))) =
            (above.shape, LAW.iter().find(|(part, _)| *part == written))
        {
            return told(format!("**{written}**\n\n{says}."));
        }
    }
    let (id, section) = word(document, &spot, at);
    let said = document.said.as_ref()?;
    if let Some((section, entry)) = declared(id, said, section) {
        return told(of_entry(section, id, entry).1);
    }
    let name = Name::find(id)?;
    told(format!("`{}`", name.forms()))
}

/// Where the id at a byte of a file is declared: a place in one of the texts of the scenario.
pub(super) fn declaration(document: &Document, at: usize) -> Option<Place> {
    let spot = spot(&document.text, at)?;
    let (id, section) = word(document, &spot, at);
    let said = document.said.as_ref()?;
    let (section, _) = declared(id, said, section)?;
    said.files.declared(&[section, id])
}
