//! The files of `kzsim compare`: their columns and rows.

use std::collections::BTreeMap;

use serde::Serialize;

use super::cell::{Column, Float, column};
use crate::analysis::paired::Paired;
use crate::ensemble::comparison::{Comparison, Divergence};
use crate::ensemble::histogram::rank;
use crate::ensemble::history::{Entry, Roster};
use crate::result::folder::{Folder, FolderError};
use crate::result::manifest::{FileEntry, Manifest};
use crate::result::write::Gathering;
use crate::scenario::Scenario;

/// Pairs of outcomes.
pub const TRANSITIONS: &str = "transitions.csv";
/// Shares under both scenarios, and their difference.
pub const DIFFERENCES: &str = "differences.csv";
/// Where histories first part.
pub const DIVERGENCE: &str = "divergence.csv";

/// A scenario beside the first one, with all that is needed to read what it gave.
#[derive(Debug, Clone, Copy)]
pub struct Compared<'a> {
    /// The first scenario.
    pub a: &'a Scenario,
    /// The other one.
    pub b: &'a Scenario,
    /// What the numbers stand for.
    pub roster: &'a Roster,
    /// The counts.
    pub comparison: &'a Comparison,
}

/// A row of `transitions.csv`.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each column is described by `columns`")]
pub struct TransitionRow {
    pub scenario_a: String,
    pub scenario_b: String,
    pub outcome_a: String,
    pub outcome_b: String,
    pub count: u64,
    pub share: Float,
}

/// A row of `differences.csv`.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each column is described by `columns`")]
pub struct DifferenceRow {
    pub scenario_a: String,
    pub scenario_b: String,
    pub kind: &'static str,
    pub id: String,
    pub name: String,
    pub rounds: u64,
    pub both: u64,
    pub only_a: u64,
    pub only_b: u64,
    pub probability_a: Float,
    pub probability_b: Float,
    pub difference: Float,
    pub ci_low: Float,
    pub ci_high: Float,
    pub distinguishable: bool,
}

/// A row of `divergence.csv`.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each column is described by `columns`")]
pub struct DivergenceRow {
    pub scenario_a: String,
    pub scenario_b: String,
    pub kind: &'static str,
    pub id: String,
    pub name: String,
    pub count: u64,
    pub share: Float,
    pub day_p05: Option<Float>,
    pub day_p50: Option<Float>,
    pub day_p95: Option<Float>,
}

/// The columns of a file.
#[must_use]
pub fn columns(file: &str) -> Vec<Column> {
    let text = |name: &str, meaning: &str| column(name, "string", "", meaning);
    let count = |name: &str, meaning: &str| column(name, "int64", "round", meaning);
    let share = |name: &str, meaning: &str| column(name, "float64", "1", meaning);
    let mut out = vec![
        text("scenario_a", "the first scenario file's name without .toml"),
        text("scenario_b", "the other scenario file's name without .toml"),
    ];
    match file {
        TRANSITIONS => {
            out.push(text("outcome_a", "id of the outcome under A"));
            out.push(text("outcome_b", "id of the outcome under B"));
            out.push(count("count", "rounds that ended so under each"));
            out.push(share("share", "share of rounds that ended so under each"));
        }
        DIFFERENCES => {
            out.push(text("kind", "outcome or flag"));
            out.push(text("id", "id"));
            out.push(text("name", "display name"));
            out.push(count("rounds", "rounds played under each"));
            out.push(count("both", "rounds that have it under both"));
            out.push(count("only_a", "rounds that have it under A alone"));
            out.push(count("only_b", "rounds that have it under B alone"));
            out.push(share("probability_a", "share of rounds under A"));
            out.push(share("probability_b", "share of rounds under B"));
            out.push(share("difference", "probability_b less probability_a"));
            let end = |which: &str| format!("{which} end of its paired interval at 95 %");
            out.push(share("ci_low", &end("lower")));
            out.push(share("ci_high", &end("upper")));
            let meaning = "whether the interval leaves out 0";
            out.push(column("distinguishable", "bool", "", meaning));
        }
        _ => {
            let kinds = "what parts the histories: action, actor, outcome, or never";
            out.push(text("kind", kinds));
            let id = "id of the action, the actor, or the outcome under B; empty for never";
            out.push(text("id", id));
            out.push(text("name", "display name; empty for never"));
            out.push(count("count", "rounds whose histories first part so"));
            out.push(share(
                "share",
                "share of rounds whose histories first part so",
            ));
            out.extend(["05", "50", "95"].map(|p| {
                let meaning = format!("{p}th percentile of the day of parting; empty for never");
                column(format!("day_p{p}"), "float64", "day", meaning)
            }));
        }
    }
    out
}

/// Numbers of the entries that one of two lists declares: those of the first, then what the
/// second adds.
fn declared<'s>(
    entries: &[Entry],
    first: impl Iterator<Item = &'s String>,
    second: impl Iterator<Item = &'s String>,
) -> Vec<usize> {
    let mut out = Vec::new();
    for id in first.chain(second) {
        let number = entries.iter().position(|e| e.id == *id);
        out.extend(number.filter(|n| !out.contains(n)));
    }
    out
}

impl<'a> Compared<'a> {
    fn names(&self) -> [String; 2] {
        [self.a.name.clone(), self.b.name.clone()]
    }

    fn share(&self, count: u64) -> Float {
        Float(count as f64 / self.comparison.rounds as f64)
    }

    /// Numbers of outcomes that A or B declares, in order.
    pub(crate) fn outcomes(&self) -> Vec<usize> {
        let ids = |s: &'a Scenario| s.outcomes.iter().map(|o| &o.id);
        declared(&self.roster.outcomes, ids(self.a), ids(self.b))
    }

    /// Numbers of flags that A or B declares, in order.
    pub(super) fn flags(&self) -> Vec<usize> {
        let ids = |s: &'a Scenario| s.flags.iter().map(|f| &f.id);
        declared(&self.roster.flags, ids(self.a), ids(self.b))
    }

    /// Rows of `transitions.csv`: every outcome of A with every outcome of B.
    #[must_use]
    pub fn transitions(&self) -> Vec<TransitionRow> {
        let numbers = |s: &'a Scenario| {
            let ids = s.outcomes.iter().map(|o| &o.id);
            declared(&self.roster.outcomes, ids, [].iter())
        };
        let [scenario_a, scenario_b] = self.names();
        let mut rows = Vec::new();
        for x in numbers(self.a) {
            for y in numbers(self.b) {
                let count = self.comparison.transitions[x][y].count;
                rows.push(TransitionRow {
                    scenario_a: scenario_a.clone(),
                    scenario_b: scenario_b.clone(),
                    outcome_a: self.roster.outcomes[x].id.clone(),
                    outcome_b: self.roster.outcomes[y].id.clone(),
                    count,
                    share: self.share(count),
                });
            }
        }
        rows
    }

    fn difference(&self, kind: &'static str, entry: &Entry, counts: Paired) -> DifferenceRow {
        let [scenario_a, scenario_b] = self.names();
        let difference = counts.difference();
        DifferenceRow {
            scenario_a,
            scenario_b,
            kind,
            id: entry.id.clone(),
            name: entry.name.clone(),
            rounds: counts.rounds,
            both: counts.both,
            only_a: counts.only_a,
            only_b: counts.only_b,
            probability_a: Float(counts.probability_a()),
            probability_b: Float(counts.probability_b()),
            difference: Float(difference.estimate),
            ci_low: Float(difference.low),
            ci_high: Float(difference.high),
            distinguishable: difference.distinguishable(),
        }
    }

    /// Rows of `differences.csv`: every outcome of A, those of B alone, and flags likewise.
    #[must_use]
    pub fn differences(&self) -> Vec<DifferenceRow> {
        let outcomes = self.outcomes().into_iter().map(|j| {
            let counts = self.comparison.outcome(j);
            self.difference("outcome", &self.roster.outcomes[j], counts)
        });
        let flags = self.flags().into_iter().map(|f| {
            let counts = self.comparison.flags[f];
            self.difference("flag", &self.roster.flags[f], counts)
        });
        outcomes.chain(flags).collect()
    }

    /// Rows of `divergence.csv`: what parts a round at least, and never; the commonest first.
    #[must_use]
    pub fn divergences(&self) -> Vec<DivergenceRow> {
        let never = BTreeMap::new();
        let mut found: Vec<_> = self.comparison.divergences.iter().collect();
        if !self.comparison.divergences.contains_key(&Divergence::Never) {
            found.push((&Divergence::Never, &never));
        }
        let mut rows: Vec<DivergenceRow> = found
            .into_iter()
            .map(|(divergence, by_step)| {
                let (kind, entry) = match *divergence {
                    Divergence::Action(i) => ("action", Some(&self.roster.actions[i as usize])),
                    Divergence::Actor(a) => ("actor", Some(&self.roster.actors[a as usize])),
                    Divergence::Outcome(j) => ("outcome", Some(&self.roster.outcomes[j as usize])),
                    Divergence::Never => ("never", None),
                };
                let (steps, counts): (Vec<u32>, Vec<u64>) = by_step.iter().unzip();
                let day = |p: f64| {
                    let place = entry.and(rank(&counts, p))?;
                    Some(Float(self.a.clock.day(u64::from(steps[place]))))
                };
                let [scenario_a, scenario_b] = self.names();
                let count = counts.iter().sum();
                DivergenceRow {
                    scenario_a,
                    scenario_b,
                    kind,
                    id: entry.map_or(String::new(), |e| e.id.clone()),
                    name: entry.map_or(String::new(), |e| e.name.clone()),
                    count,
                    share: self.share(count),
                    day_p05: day(0.05),
                    day_p50: day(0.5),
                    day_p95: day(0.95),
                }
            })
            .collect();
        rows.sort_by(|x, y| {
            let order = y.count.cmp(&x.count);
            order.then_with(|| (x.kind, &x.id).cmp(&(y.kind, &y.id)))
        });
        rows
    }
}

/// Writes what scenarios gave beside the first, and makes it appear.
///
/// # Errors
/// When something cannot be written; then nothing has appeared.
pub fn write(
    folder: Folder,
    all: &[Compared<'_>],
    manifest: impl FnOnce(Vec<FileEntry>) -> Manifest,
) -> Result<(), FolderError> {
    let mut files = Gathering::new(folder);
    let rows: Vec<_> = all.iter().flat_map(Compared::transitions).collect();
    files.add(TRANSITIONS, columns(TRANSITIONS), &rows)?;
    let rows: Vec<_> = all.iter().flat_map(Compared::differences).collect();
    files.add(DIFFERENCES, columns(DIFFERENCES), &rows)?;
    let rows: Vec<_> = all.iter().flat_map(Compared::divergences).collect();
    files.add(DIVERGENCE, columns(DIVERGENCE), &rows)?;
    files.publish(manifest)
}
