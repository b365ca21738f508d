//! What pictures share: names of folders, colours by id, ends of axes.

use std::collections::BTreeMap;

use super::folder::ResultFolder;
use super::palette;
use crate::text::number::letter;

/// What pictures of a report share.
#[derive(Debug, Default)]
pub(super) struct Context {
    /// What the folders are called, in their order: a letter, and the scenario or the folder.
    pub(super) titles: Vec<String>,
    outcomes: Vec<String>,
    contenders: Vec<String>,
    /// The largest values of quantities over time, by the part of their name before the first point:
    /// pictures side by side have one scale.
    pub(super) tops: BTreeMap<String, f64>,
}

fn enter<'a>(known: &mut Vec<String>, ids: impl IntoIterator<Item = &'a String>) {
    for id in ids {
        if !known.contains(id) {
            known.push(id.clone());
        }
    }
}

/// A letter and the name of the scenario; that of the folder where two have one scenario.
fn titles(folders: &[ResultFolder]) -> Vec<String> {
    let scenario = |f: &ResultFolder| f.scenarios.first().map(|s| s.scenario.name.clone());
    let title = |(i, folder): (usize, &ResultFolder)| {
        let same = folders.iter().filter(|f| scenario(f) == scenario(folder));
        let own = scenario(folder).filter(|_| same.count() == 1);
        let name = own.unwrap_or_else(|| folder.name());
        format!("{}, {name}", letter(i))
    };
    folders.iter().enumerate().map(title).collect()
}

impl Context {
    /// The context of some folders: ids get their colours in the order in which they occur.
    pub(super) fn of(folders: &[ResultFolder]) -> Self {
        let mut context = Self {
            titles: titles(folders),
            ..Self::default()
        };
        for facts in folders.iter().flat_map(|f| &f.scenarios) {
            enter(
                &mut context.outcomes,
                facts.scenario.outcomes.iter().map(|o| &o.id),
            );
            enter(
                &mut context.contenders,
                facts.scenario.contenders.iter().map(|c| &c.id),
            );
        }
        context
    }

    /// Role and pattern of an outcome; those that no scenario declares share the last.
    pub(super) fn outcome(&self, id: &str) -> (&'static str, usize) {
        let found = self.outcomes.iter().position(|o| o == id);
        let index = found.unwrap_or(self.outcomes.len());
        (palette::outcome(index), index)
    }

    /// Role and pattern of a side.
    pub(super) fn side(&self, id: &str) -> (&'static str, usize) {
        let index = self.contenders.iter().position(|c| c == id);
        (palette::contender(index), index.unwrap_or(3))
    }

    /// Remembers a value for the ends of axes.
    pub(super) fn reach(&mut self, group: &str, x: f64) {
        let top = self.tops.entry(group.to_owned()).or_insert(0.0);
        *top = top.max(x);
    }
}
