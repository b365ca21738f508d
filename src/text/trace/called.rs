//! What a trace calls actors, contenders, offices and crowds: the first clause of the name, which the roster gives in
//! full, unless two would be called alike.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::scenario::Scenario;
use crate::text::first_clause;

/// Short names, in the scenario's order.
pub(super) struct Called {
    pub(super) actors: Vec<String>,
    pub(super) contenders: Vec<String>,
    pub(super) offices: Vec<String>,
    pub(super) crowds: Vec<String>,
    /// Ids of variables, formulas and parameters that were told, to be explained at the end.
    pub(super) words: RefCell<BTreeSet<String>>,
}

impl Called {
    pub(super) fn of(s: &Scenario) -> Self {
        Self {
            actors: short(s.actors.iter().map(|x| x.name.as_str())),
            contenders: short(s.contenders.iter().map(|x| x.name.as_str())),
            offices: short(s.offices.iter().map(|x| x.name.as_str())),
            crowds: short(s.crowds.iter().map(|x| x.name.as_str())),
            words: RefCell::default(),
        }
    }
}

impl Called {
    /// A name of the scenario's own was told.
    pub(super) fn uses(&self, parts: &[String]) {
        if let [id] = parts {
            self.words.borrow_mut().insert(id.clone());
        }
    }
}

fn short<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let all: Vec<&str> = names.collect();
    let alike = |own: &str| {
        all.iter()
            .filter(|other| first_clause(other) == own)
            .count()
            > 1
    };
    let each = all.iter().map(|name| match first_clause(name) {
        own if own.is_empty() || alike(own) => *name,
        own => own,
    });
    each.map(str::to_owned).collect()
}
