//! What a report needs to know of a scenario, from the resolved scenario in a manifest.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::scenario::difference::shown;
use crate::scenario::fault::SETTING;

/// A guess of the analyst: a prior, or a parameter with one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// Its path.
    pub path: String,
    /// Its distribution in a few words.
    pub range: String,
    /// What it is.
    pub says: String,
    /// Where it is from.
    pub source: String,
}

/// An entry with a name and perhaps remarks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: String,
    /// Display name.
    pub name: String,
    /// What it is.
    pub says: String,
    /// Where it is from.
    pub source: String,
}

/// What a report says of a scenario.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The file's name without `.toml`.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// The question it asks.
    pub says: String,
    /// Where it is from.
    pub source: String,
    /// SHA-256 of the resolved scenario.
    pub sha256: String,
    /// First day.
    pub start: String,
    /// Number of days.
    pub days: String,
    /// Entries by section, in the order of the scenario.
    sections: BTreeMap<&'static str, Vec<Entry>>,
    /// All that is not known exactly.
    pub priors: Vec<Guess>,
    /// The resolved scenario.
    pub resolved: Value,
    /// What was laid over its files, as in `parameters.bond=0.3`.
    pub settings: Vec<String>,
}

/// Sections whose entries have names.
const SECTIONS: [&str; 6] = [
    "contenders",
    "actors",
    "crowds",
    "actions",
    "outcomes",
    "flags",
];

fn text(v: &Value) -> String {
    v.as_str().unwrap_or_default().to_owned()
}

/// A number or a duration as it was written.
fn plain(v: &Value) -> String {
    v.as_str().map_or_else(|| v.to_string(), str::to_owned)
}

impl Facts {
    /// Reads them from an entry of a manifest; what is not there stays empty.
    #[must_use]
    pub fn of(entry: &Value) -> Self {
        let resolved = &entry["resolved"];
        let mut facts = Self {
            resolved: resolved.clone(),
            settings: settings(&entry["sources"]),
            scenario: text(&entry["scenario"]),
            title: text(&entry["title"]),
            says: text(&resolved["says"]),
            source: text(&resolved["source"]),
            sha256: text(&entry["resolved_sha256"]),
            start: text(&resolved["clock"]["start"]),
            days: plain(&resolved["clock"]["days"]),
            ..Self::default()
        };
        for section in SECTIONS {
            let entries = resolved[section].as_object();
            let found = entries.into_iter().flatten().map(|(id, v)| Entry {
                id: id.clone(),
                name: v["name"].as_str().unwrap_or(id).to_owned(),
                says: text(&v["says"]),
                source: text(&v["source"]),
            });
            facts.sections.insert(section, found.collect());
        }
        // Contenders who are actors too may have their name there.
        let actors = facts.all("actors").to_vec();
        if let Some(contenders) = facts.sections.get_mut("contenders") {
            for c in contenders.iter_mut().filter(|c| c.name == c.id) {
                if let Some(actor) = actors.iter().find(|a| a.id == c.id) {
                    c.name.clone_from(&actor.name);
                }
            }
        }
        priors(resolved, &mut String::new(), &mut facts.priors);
        facts
    }

    /// The entries of a section.
    #[must_use]
    pub fn all(&self, section: &str) -> &[Entry] {
        self.sections.get(section).map_or(&[], Vec::as_slice)
    }

    /// The display name of an entry; its id if it has none, or is not there.
    #[must_use]
    pub fn name<'a>(&'a self, section: &str, id: &'a str) -> &'a str {
        let found = self.all(section).iter().find(|e| e.id == id);
        found.map_or(id, |e| &e.name)
    }

    /// The name of a side: a contender, or standing aside. Titles after a comma are left out.
    #[must_use]
    pub fn side(&self, id: &str) -> String {
        if id == "aside" {
            return "Aside".to_owned();
        }
        let name = self.name("contenders", id);
        name.split(',').next().unwrap_or(name).trim().to_owned()
    }

    /// What a guess says; the last part of its path if it says nothing.
    #[must_use]
    pub fn guess(&self, path: &str) -> String {
        let found = self.priors.iter().find(|g| g.path == path);
        match found {
            Some(g) if !g.says.is_empty() => g.says.clone(),
            _ => path.to_owned(),
        }
    }
}

/// The texts of settings among those that a scenario was read from.
fn settings(sources: &Value) -> Vec<String> {
    let all = sources.as_array().into_iter().flatten();
    all.filter(|s| s["name"].as_str().is_some_and(|n| n.starts_with(SETTING)))
        .map(|s| text(&s["content"]))
        .collect()
}

/// Collects all distributions below a value, with their paths.
fn priors(value: &Value, path: &mut String, out: &mut Vec<Guess>) {
    let Some(table) = value.as_object() else {
        return;
    };
    if let Some(range) = range(table) {
        out.push(Guess {
            path: path.clone(),
            range,
            says: table.get("says").map(text).unwrap_or_default(),
            source: table.get("source").map(text).unwrap_or_default(),
        });
        return;
    }
    for (key, inner) in table {
        let before = path.len();
        if before > 0 {
            path.push('.');
        }
        path.push_str(key);
        priors(inner, path, out);
        path.truncate(before);
    }
}

/// A distribution in a few words.
fn range(table: &Map<String, Value>) -> Option<String> {
    let get = |key: &str| table.get(key).map(plain);
    match (get("low"), get("mode"), get("high"), get("min"), get("max")) {
        (Some(low), Some(mode), Some(high), ..) => {
            Some(format!("{low} to {high}, most likely {mode}"))
        }
        (.., Some(min), Some(max)) => Some(format!("{min} to {max}, all equally likely")),
        _ => match (get("mean"), get("sd")) {
            (Some(mean), Some(sd)) => Some(format!("{mean}, give or take {sd}")),
            _ => None,
        },
    }
}

/// A leaf of a resolved scenario as people read it; remarks are left out.
pub(super) fn plainly(leaf: Option<&Value>) -> String {
    match leaf {
        Some(Value::Object(table)) => match (range(table), table.get("value")) {
            (Some(range), _) => range,
            (None, Some(value)) => plain(value),
            (None, None) => shown(leaf),
        },
        Some(Value::String(text)) if text.chars().count() <= 120 => text.clone(),
        _ => shown(leaf),
    }
}
