//! Baselines: forecasts that need no forecaster.

use std::collections::BTreeMap;

/// Cases of the whole that are added to each class of a climatology.
pub const PSEUDO: f64 = 5.0;

/// What is counted: the class that was observed, and its weight.
pub type Counted = (usize, f64);

/// The share of each of so many classes.
#[must_use]
pub fn base_rate(cases: &[Counted], classes: usize) -> Vec<f64> {
    let mut out = vec![0.0; classes];
    for (class, weight) in cases {
        out[*class] += weight;
    }
    let all: f64 = out.iter().sum();
    out.iter().map(|n| n / all).collect()
}

/// The shares by group, each drawn towards those of the whole by [`PSEUDO`] cases; and those of the
/// whole, for groups that are not in it.
#[must_use]
pub fn climatology<'g>(
    cases: &[(&'g str, Counted)],
    classes: usize,
) -> (BTreeMap<&'g str, Vec<f64>>, Vec<f64>) {
    let counted: Vec<Counted> = cases.iter().map(|(_, c)| *c).collect();
    let whole = base_rate(&counted, classes);
    let mut groups: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (group, (class, weight)) in cases {
        groups.entry(group).or_insert_with(|| vec![0.0; classes])[*class] += weight;
    }
    for counts in groups.values_mut() {
        let n: f64 = counts.iter().sum();
        for (count, share) in counts.iter_mut().zip(&whole) {
            *count = (*count + PSEUDO * share) / (n + PSEUDO);
        }
    }
    (groups, whole)
}
