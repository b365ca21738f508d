//! What a report says of a scenario, from the scenario itself: read again from the texts in a
//! manifest.

use serde_json::Value;

use crate::result::manifest::{RebuildError, ScenarioEntry};
use crate::scenario::Scenario;
use crate::scenario::difference::{differences, shown};
use crate::scenario::model::{Number, Remarks};
use crate::text::explain::in_words;
use crate::text::first_clause;

/// Keys whose texts affect no number, and the one whose effect is in all others.
const REMARKS: [&str; 5] = ["title", "name", "says", "source", "extends"];

/// A leaf that differs between two scenarios, as people read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differs {
    /// Its path.
    pub path: String,
    /// Its value in the first scenario.
    pub there: String,
    /// Its value in the other one.
    pub here: String,
}

/// A scenario of a result.
#[derive(Debug)]
pub struct Facts {
    /// The scenario.
    pub scenario: Scenario,
    /// SHA-256 of the resolved scenario.
    pub sha256: String,
}

impl Facts {
    /// Reads the scenario of an entry of a manifest again.
    ///
    /// # Errors
    /// In words, when its texts are missing, not valid, or not those that were played.
    pub fn of(entry: &ScenarioEntry) -> Result<Self, String> {
        let scenario = entry.rebuild().map_err(|e| match e {
            RebuildError::Invalid(ref faults) => format!("{e}: {faults}"),
            RebuildError::Changed => e.to_string(),
        })?;
        Ok(Self {
            scenario,
            sha256: entry.resolved_sha256.clone(),
        })
    }

    /// The display name of an outcome; its id if the scenario does not declare it.
    #[must_use]
    pub fn outcome<'a>(&'a self, id: &'a str) -> &'a str {
        let found = self.scenario.outcomes.iter().find(|o| o.id == id);
        found.map_or(id, |o| &o.name)
    }

    /// The display name of a flag.
    #[must_use]
    pub fn flag<'a>(&'a self, id: &'a str) -> &'a str {
        let found = self.scenario.flags.iter().find(|f| f.id == id);
        found.map_or(id, |f| &f.name)
    }

    /// The display name of an outcome, a flag, or the text of a quantity.
    #[must_use]
    pub fn target<'a>(&'a self, kind: &str, id: &'a str) -> &'a str {
        match kind {
            "outcome" => self.outcome(id),
            "flag" => self.flag(id),
            _ => id,
        }
    }

    /// The display name of an action.
    #[must_use]
    pub fn action<'a>(&'a self, id: &'a str) -> &'a str {
        let found = self.scenario.actions.iter().find(|a| a.id == id);
        found.map_or(id, |a| &a.name)
    }

    /// The display name of an actor.
    #[must_use]
    pub fn actor<'a>(&'a self, id: &'a str) -> &'a str {
        let found = self.scenario.actors.iter().find(|a| a.id == id);
        found.map_or(id, |a| &a.name)
    }

    /// The display name of a crowd.
    #[must_use]
    pub fn crowd<'a>(&'a self, id: &'a str) -> &'a str {
        let found = self.scenario.crowds.iter().find(|c| c.id == id);
        found.map_or(id, |c| &c.name)
    }

    /// The name of a side: a contender, or standing aside. Titles after a comma are left out.
    #[must_use]
    pub fn side(&self, id: &str) -> String {
        if id == "aside" {
            return "Aside".to_owned();
        }
        let found = self.scenario.contenders.iter().find(|c| c.id == id);
        let name = found.map_or(id, |c| &c.name);
        name.split(',').next().unwrap_or(name).trim().to_owned()
    }

    /// What people call an input, in few words: its name, the first clause of what it says, or its path.
    #[must_use]
    pub fn called<'a>(&'a self, path: &'a str) -> &'a str {
        let remarks = self.number(path).map(|n| &n.remarks);
        let clause = |r: &'a Remarks| r.says.as_deref().map(first_clause);
        let words = remarks.and_then(|r| r.name.as_deref().or_else(|| clause(r)));
        words.filter(|w| !w.is_empty()).unwrap_or(path)
    }

    /// What people call an input, with the range that the scenario gives it.
    #[must_use]
    pub fn axis(&self, path: &str) -> String {
        let called = self.called(path);
        match self.number(path) {
            Some(n) => format!("{called} (in the scenario: {})", in_words(n)),
            None => called.to_owned(),
        }
    }

    /// What people call some inputs: where two have the same words, their paths as well.
    #[must_use]
    pub fn labels<'a>(&'a self, paths: impl Iterator<Item = &'a str>) -> Vec<String> {
        let paths: Vec<&str> = paths.collect();
        let words: Vec<&str> = paths.iter().map(|p| self.called(p)).collect();
        let label = |(path, own): (&&str, &&str)| {
            if words.iter().filter(|w| *w == own).count() > 1 && path != own {
                format!("{own} ({path})")
            } else {
                (*own).to_owned()
            }
        };
        paths.iter().zip(&words).map(label).collect()
    }

    fn number(&self, path: &str) -> Option<&Number> {
        let numbers = self.scenario.numbers();
        numbers.into_iter().find(|n| n.path == path)
    }

    /// What differs from another scenario, remarks left out.
    #[must_use]
    pub fn differs_from(&self, first: &Self) -> Vec<Differs> {
        differences(&first.scenario.resolved, &self.scenario.resolved)
            .into_iter()
            .filter(|d| !REMARKS.contains(&d.path.rsplit('.').next().unwrap_or_default()))
            .map(|d| Differs {
                there: first.leaf(&d.path, d.first.as_ref()),
                here: self.leaf(&d.path, d.second.as_ref()),
                path: d.path,
            })
            // Remarks beside a number that is the same.
            .filter(|d| d.there != d.here)
            .collect()
    }

    /// A path in words, with the path itself where the scenario has words of its own for it.
    #[must_use]
    pub fn path_in_words(&self, path: &str) -> String {
        match self.called(path) {
            own if own == path => self.scenario.in_words(path),
            own => format!("{own} ({path})"),
        }
    }

    /// A leaf of the resolved scenario as people read it.
    #[must_use]
    pub fn leaf(&self, path: &str, leaf: Option<&Value>) -> String {
        match (leaf, self.number(path)) {
            (Some(_), Some(number)) => in_words(number),
            (Some(Value::String(text)), None) if text.chars().count() <= 120 => text.clone(),
            _ => shown(leaf),
        }
    }
}
