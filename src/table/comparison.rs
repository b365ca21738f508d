//! The tables of `kzsim compare`.

use std::collections::BTreeMap;

use super::row::{Table, table};
use crate::analysis::interval::Share;
use crate::ensemble::comparison::{Comparison, Divergence, Paired};
use crate::ensemble::histogram::rank;
use crate::ensemble::history::{Catalog, Entry};
use crate::scenario::Scenario;

/// A comparison of a scenario with the first one, with all that gives it meaning.
#[derive(Debug, Clone, Copy)]
pub struct Compared<'a> {
    /// The first scenario.
    pub a: &'a Scenario,
    /// The other one.
    pub b: &'a Scenario,
    /// The ids behind the numbers of outcomes, flags, actions and actors.
    pub catalog: &'a Catalog,
    /// The counts.
    pub comparison: &'a Comparison,
}

table! {
    /// A row of `transitions.csv`: a pair of outcomes.
    TransitionRow in "transitions.csv" {
        ..pair,
        outcome_a: String = "id of the outcome under A",
        outcome_b: String = "id of the outcome under B",
        count: u64 ["round"] = "rounds with this pair of outcomes",
        share: f64 = "`count` over the rounds; the shares of a pair of scenarios sum to 1",
    }

    /// A row of `differences.csv`: an outcome or a flag.
    DifferenceRow in "differences.csv" {
        ..pair,
        kind: String = "`outcome` or `flag`",
        id: String = "id",
        name: String = "display name; that of A, if A declares it",
        rounds: u64 ["round"] = "rounds played under each",
        both: u64 ["round"] = "rounds that have it under both",
        only_a: u64 ["round"] = "rounds that have it only under A",
        only_b: u64 ["round"] = "rounds that have it only under B",
        probability_a: f64 = "share of the rounds under A",
        probability_b: f64 = "share of the rounds under B",
        difference: f64 = "`probability_b − probability_a`, as counted",
        ci_low: f64 = "lower end of its paired interval at 95 %",
        ci_high: f64 = "upper end of its paired interval at 95 %",
        distinguishable: bool = "whether that interval excludes 0",
    }

    /// A row of `divergence.csv`: where histories first diverge.
    DivergenceRow in "divergence.csv" {
        ..pair,
        kind: String = "where the histories diverge: `action`, `actor`, `outcome` or `never`",
        id: String = "id of the action, of the actor, or of the outcome under B; empty for `never`",
        name: String = "display name; empty for `never`",
        count: u64 ["round"] = "rounds whose histories first diverge there",
        share: f64 = "`count` over the rounds; the shares of a pair of scenarios sum to 1",
        ..days("day of divergence; empty for `never`"),
    }
}

impl DifferenceRow {
    /// The difference with its interval.
    #[must_use]
    pub fn interval(&self) -> Share {
        Share {
            probability: self.difference,
            low: self.ci_low,
            high: self.ci_high,
        }
    }

    /// Whether no round has it under one scenario alone.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.only_a + self.only_b == 0
    }
}

/// The tables of several comparisons with the same first scenario, in order.
#[must_use]
pub fn tables(all: &[Compared<'_>]) -> Vec<Table> {
    vec![
        all.iter().flat_map(Compared::transitions).collect(),
        all.iter().flat_map(Compared::differences).collect(),
        all.iter().flat_map(Compared::divergences).collect(),
    ]
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

    fn share(&self, count: u64) -> f64 {
        count as f64 / self.comparison.rounds as f64
    }

    /// Numbers of outcomes that A or B declares, in order.
    pub(crate) fn outcomes(&self) -> Vec<usize> {
        let ids = |s: &'a Scenario| s.outcomes.iter().map(|o| &o.id);
        declared(&self.catalog.outcomes, ids(self.a), ids(self.b))
    }

    /// Numbers of flags that A or B declares, in order.
    pub(super) fn flags(&self) -> Vec<usize> {
        let ids = |s: &'a Scenario| s.flags.iter().map(|f| &f.id);
        declared(&self.catalog.flags, ids(self.a), ids(self.b))
    }

    /// Rows of `transitions.csv`: every outcome of A with every outcome of B.
    #[must_use]
    pub fn transitions(&self) -> Vec<TransitionRow> {
        let numbers = |s: &'a Scenario| {
            let ids = s.outcomes.iter().map(|o| &o.id);
            declared(&self.catalog.outcomes, ids, [].iter())
        };
        let [scenario_a, scenario_b] = self.names();
        let mut rows = Vec::new();
        for x in numbers(self.a) {
            for y in numbers(self.b) {
                let count = self.comparison.transitions[x][y].count;
                rows.push(TransitionRow {
                    scenario_a: scenario_a.clone(),
                    scenario_b: scenario_b.clone(),
                    outcome_a: self.catalog.outcomes[x].id.clone(),
                    outcome_b: self.catalog.outcomes[y].id.clone(),
                    count,
                    share: self.share(count),
                });
            }
        }
        rows
    }

    fn difference(&self, kind: &str, entry: &Entry, counts: Paired) -> DifferenceRow {
        let [scenario_a, scenario_b] = self.names();
        let difference = counts.difference();
        DifferenceRow {
            scenario_a,
            scenario_b,
            kind: kind.to_owned(),
            id: entry.id.clone(),
            name: entry.name.clone(),
            rounds: counts.rounds,
            both: counts.both,
            only_a: counts.only_a,
            only_b: counts.only_b,
            probability_a: counts.probability_a(),
            probability_b: counts.probability_b(),
            difference: difference.estimate,
            ci_low: difference.low,
            ci_high: difference.high,
            distinguishable: difference.distinguishable(),
        }
    }

    /// Rows of `differences.csv`: every outcome of A, those of B alone, and flags likewise.
    #[must_use]
    pub fn differences(&self) -> Vec<DifferenceRow> {
        let outcomes = self.outcomes().into_iter().map(|j| {
            let counts = self.comparison.outcome(j);
            self.difference("outcome", &self.catalog.outcomes[j], counts)
        });
        let flags = self.flags().into_iter().map(|f| {
            let counts = self.comparison.flags[f];
            self.difference("flag", &self.catalog.flags[f], counts)
        });
        outcomes.chain(flags).collect()
    }

    /// Rows of `divergence.csv`: what makes at least one round diverge, and never; the commonest first.
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
                    Divergence::Action(i) => ("action", Some(&self.catalog.actions[i as usize])),
                    Divergence::Actor(a) => ("actor", Some(&self.catalog.actors[a as usize])),
                    Divergence::Outcome(j) => ("outcome", Some(&self.catalog.outcomes[j as usize])),
                    Divergence::Never => ("never", None),
                };
                let (steps, counts): (Vec<u32>, Vec<u64>) = by_step.iter().unzip();
                let day = |p: f64| {
                    let place = entry.and(rank(&counts, p))?;
                    Some(self.a.clock.day(u64::from(steps[place])))
                };
                let [scenario_a, scenario_b] = self.names();
                let count = counts.iter().sum();
                DivergenceRow {
                    scenario_a,
                    scenario_b,
                    kind: kind.to_owned(),
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
            order.then_with(|| (&x.kind, &x.id).cmp(&(&y.kind, &y.id)))
        });
        rows
    }
}
