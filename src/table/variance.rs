//! `variance.csv`: how much of what a run gives is ignorance, and how much is chance.

use serde::Serialize;

use super::cell::{Column, Float, column, ends, float, text};
use crate::analysis::share::Pairs;
use crate::ensemble::brief::Brief;
use crate::scenario::Scenario;

/// Its name.
pub const FILE: &str = "variance.csv";

/// A row of `variance.csv`.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each column is described by `columns`")]
pub struct VarianceRow {
    pub scenario: String,
    pub kind: &'static str,
    pub id: String,
    pub name: String,
    pub pairs: u64,
    pub from_priors: Float,
    pub ci_low: Float,
    pub ci_high: Float,
    pub from_chance: Float,
}

/// Counts of pairs of rounds that share their priors: for each outcome, then each flag.
#[must_use]
pub fn count(scenario: &Scenario, rounds: &[Brief], partners: &[Brief]) -> Vec<Pairs> {
    let outcomes = scenario.outcomes.len();
    let mut out = vec![Pairs::default(); outcomes + scenario.flags.len()];
    for (a, b) in rounds.iter().zip(partners) {
        debug_assert_eq!(a.label, b.label, "partners are not in step");
        for (j, pairs) in out[..outcomes].iter_mut().enumerate() {
            pairs.add(a.label, a.outcome as usize == j, b.outcome as usize == j);
        }
        for (i, pairs) in out[outcomes..].iter_mut().enumerate() {
            pairs.add(a.label, a.flag(i), b.flag(i));
        }
    }
    out
}

/// The rows of the file.
#[must_use]
pub fn rows(scenario: &Scenario, pairs: &[Pairs]) -> Vec<VarianceRow> {
    let outcomes = scenario.outcomes.iter();
    let named = outcomes.map(|o| ("outcome", &o.id, &o.name));
    let flags = scenario.flags.iter().map(|f| ("flag", &f.id, &f.name));
    named
        .chain(flags)
        .zip(pairs)
        .map(|((kind, id, name), pairs)| {
            let part = pairs.from_priors();
            VarianceRow {
                scenario: scenario.name.clone(),
                kind,
                id: id.clone(),
                name: name.clone(),
                pairs: pairs.pairs(),
                from_priors: Float(part.value),
                ci_low: Float(part.low),
                ci_high: Float(part.high),
                from_chance: Float(1.0 - part.value),
            }
        })
        .collect()
}

/// The columns of the file.
#[must_use]
pub fn columns() -> Vec<Column> {
    let part = "part of its variance that comes from the priors; empty where all rounds agree";
    let [low, high] = ends("ci_low", "ci_high");
    vec![
        text("scenario", "the scenario file's name without .toml"),
        text("kind", "`outcome` or `flag`"),
        text("id", "id"),
        text("name", "display name"),
        column(
            "pairs",
            "int64",
            "1",
            "pairs of rounds that share their priors and not their chance",
        ),
        float("from_priors", part),
        low,
        high,
        float("from_chance", "the rest: what nobody can know beforehand"),
    ]
}
