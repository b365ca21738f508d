//! Base rates of the past, to hold beside what a scenario says.
//!
//! `history/base_rates.csv` has each with its numbers, source and rule. All are from one half of the
//! countries; the other half is kept back.

use crate::internal::internal_error;

/// The file.
const FILE: &str = include_str!("../../history/base_rates.csv");

/// How often something happened.
#[derive(Debug, Clone, PartialEq)]
pub struct BaseRate {
    /// Name by which it is found; empty of those that only stand in the file.
    pub id: String,
    /// What is counted.
    pub quantity: String,
    /// How often it happened.
    pub count: u64,
    /// Of how many.
    pub of: u64,
    /// `count / of`.
    pub share: f64,
    /// Lower end of its Wilson interval at 95 %.
    pub low: f64,
    /// Upper end of its Wilson interval at 95 %.
    pub high: f64,
    /// Data sets and their authors.
    pub source: String,
}

/// Every base rate, in the order of the file.
#[must_use]
pub fn base_rates() -> Vec<BaseRate> {
    let mut reader = csv::Reader::from_reader(FILE.as_bytes());
    reader
        .records()
        .map(|row| {
            let row = row.unwrap_or_else(|e| internal_error(format!("base rates: {e}")));
            let number = |i: usize| -> f64 {
                row[i]
                    .parse()
                    .unwrap_or_else(|e| internal_error(format!("base rates: {}: {e}", &row[i])))
            };
            BaseRate {
                id: row[0].to_owned(),
                quantity: row[1].to_owned(),
                count: number(2) as u64,
                of: number(3) as u64,
                share: number(4),
                low: number(5),
                high: number(6),
                source: row[7].to_owned(),
            }
        })
        .collect()
}

/// The base rates of some ids, from the least end to the greatest; nothing if there is none.
#[must_use]
pub fn range(all: &[BaseRate], ids: &[&str]) -> Option<(f64, f64)> {
    let own = || all.iter().filter(|r| ids.contains(&r.id.as_str()));
    let low = own().map(|r| r.low).reduce(f64::min)?;
    Some((low, own().map(|r| r.high).fold(low, f64::max)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::interval::wilson;

    #[test]
    fn base_rates_are_counts_with_their_intervals() {
        let all = base_rates();
        assert!(all.len() > 100);
        for r in &all {
            let share = wilson(r.count, r.of);
            for (found, expected) in [
                (r.share, share.probability),
                (r.low, share.low),
                (r.high, share.high),
            ] {
                assert!((found - expected).abs() < 6e-6, "{}: {found}", r.quantity);
            }
            assert!(!r.source.is_empty(), "{}", r.quantity);
        }
    }
}
