//! `variance.csv`: how much of what a run gives is ignorance, and how much is chance.

use super::cell::defined;
use super::row::table;
use crate::analysis::share::Pairs;
use crate::scenario::Scenario;

table! {
    /// A row of `variance.csv`: an outcome or a flag.
    VarianceRow in "variance.csv" {
        ..scenario,
        kind: String = "`outcome` or `flag`",
        id: String = "id",
        name: String = "display name",
        pairs: u64 ["1"] = "pairs of rounds with the same values of their priors and different chance",
        from_priors: Option<f64> = "part of the variance that comes from the priors; empty where all rounds agree",
        ..interval(Option<f64>),
        from_chance: Option<f64> = "the remainder: what nobody can know beforehand",
    }
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
            let part = pairs.part_of_priors();
            VarianceRow {
                scenario: scenario.name.clone(),
                kind: kind.to_owned(),
                id: id.clone(),
                name: name.clone(),
                pairs: pairs.pairs(),
                from_priors: defined(part.value),
                ci_low: defined(part.low),
                ci_high: defined(part.high),
                from_chance: defined(1.0 - part.value),
            }
        })
        .collect()
}
