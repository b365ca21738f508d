//! The answer as each report arrives: shares of outcomes given the first reports, then one more, and what each changed.
//!
//! Every answer is of the same rounds, which were played once: only their weights differ. So a change is one of paired
//! shares, and its error comes from leaving the same block of rounds out of both.

use super::conditional::{NO_SHARE, effective_of_weights, share_of};
use super::interval::Share;
use super::jackknife::{Estimate, jackknife};
use super::weighing::FEW;
use crate::ensemble::patterns::{BLOCKS, Patterns};
use crate::scenario::reports::Report;

/// The answer given some reports.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// By outcome: its share, with Wilson's interval for its effective rounds. NaN where no round fits.
    pub shares: Vec<Share>,
    /// By outcome: the effective rounds of its share.
    pub effective: Vec<f64>,
    /// By outcome: its share less that given all but the last of these reports. Nothing before any report.
    pub changes: Vec<Estimate>,
}

impl Answer {
    /// Whether there are enough effective rounds to tell the change of an outcome, and its interval excludes 0.
    #[must_use]
    pub fn is_changed(&self, outcome: usize) -> bool {
        let change = self.changes.get(outcome);
        self.effective[outcome] >= FEW && change.is_some_and(|c| c.excludes(0.0))
    }
}

/// Weights of rounds, summed.
struct Sums {
    /// Weight and squared weight of all rounds.
    all: (f64, f64),
    /// The same by outcome.
    outcomes: Vec<(f64, f64)>,
    /// By block of rounds: the weight of all, and by outcome.
    blocks: Vec<(f64, Vec<f64>)>,
}

impl Sums {
    fn new(ended: &[Patterns], reports: &[Report]) -> Self {
        let mut out = Self {
            all: (0.0, 0.0),
            outcomes: vec![(0.0, 0.0); ended.len()],
            blocks: vec![(0.0, vec![0.0; ended.len()]); BLOCKS],
        };
        for (j, patterns) in ended.iter().enumerate() {
            for (block, counts) in patterns.blocks.iter().enumerate() {
                for (pattern, count) in counts {
                    let weight: f64 = reports.iter().map(|r| r.factor(*pattern)).product();
                    let sum = *count as f64 * weight;
                    for total in [&mut out.all, &mut out.outcomes[j]] {
                        total.0 += sum;
                        total.1 += sum * weight;
                    }
                    out.blocks[block].0 += sum;
                    out.blocks[block].1[j] += sum;
                }
            }
        }
        out
    }

    fn share(&self, outcome: usize) -> f64 {
        self.outcomes[outcome].0 / self.all.0
    }

    /// The same without one block.
    fn without(&self, block: usize, outcome: usize) -> f64 {
        let (all, outcomes) = &self.blocks[block];
        (self.outcomes[outcome].0 - outcomes[outcome]) / (self.all.0 - all)
    }

    fn answer(&self, before: Option<(&Self, &Answer)>) -> Answer {
        let outcomes = 0..self.outcomes.len();
        let effective = outcomes.clone().map(|j| {
            if self.all.0 == 0.0 {
                0.0
            } else {
                effective_of_weights(self.all, self.outcomes[j])
            }
        });
        let effective: Vec<f64> = effective.collect();
        let share = |j: usize| {
            if self.all.0 == 0.0 {
                NO_SHARE
            } else {
                share_of(self.share(j).clamp(0.0, 1.0), effective[j])
            }
        };
        let shares: Vec<Share> = outcomes.clone().map(share).collect();
        let change = |j: usize| {
            let (sums, answer) = before?;
            Some(self.change(sums, j, (answer.shares[j], shares[j])))
        };
        Answer {
            changes: outcomes.filter_map(change).collect(),
            shares,
            effective,
        }
    }

    /// The change of a share. Where blocks do not differ, as all or none of the rounds have the outcome, or too few have
    /// any weight, the interval follows from those of both shares, as if they were independent (Newcombe 1998); they
    /// are of the same rounds, so it is then too wide rather than too narrow.
    fn change(&self, before: &Self, outcome: usize, (from, to): (Share, Share)) -> Estimate {
        let change = to.probability - from.probability;
        let blocks = (0..BLOCKS).filter(|b| before.blocks[*b].0 > 0.0);
        let without = blocks.map(|b| self.without(b, outcome) - before.without(b, outcome));
        let found = jackknife(change, &without.collect::<Vec<f64>>());
        let found = if found.high - found.low > 1e-12 {
            found
        } else {
            let apart = |a: f64, b: f64| (a * a + b * b).sqrt();
            let low = apart(to.probability - to.low, from.high - from.probability);
            let high = apart(to.high - to.probability, from.probability - from.low);
            Estimate {
                value: change,
                low: change - low,
                high: change + high,
            }
        };
        Estimate {
            value: change,
            low: found.low.clamp(-1.0, 1.0),
            high: found.high.clamp(-1.0, 1.0),
        }
    }
}

/// The answer before any report, after the first, after the first two and so on. `ended` has, by outcome, what held of
/// the reports in the rounds that ended with it.
#[must_use]
pub fn answers(ended: &[Patterns], reports: &[Report]) -> Vec<Answer> {
    let mut out: Vec<Answer> = Vec::new();
    let mut before: Option<Sums> = None;
    for k in 0..=reports.len() {
        let sums = Sums::new(ended, &reports[..k]);
        let answer = sums.answer(before.as_ref().zip(out.last()));
        out.push(answer);
        before = Some(sums);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(bit: u64, reliability: f64) -> Report {
        Report {
            members: vec![bit as usize],
            mask: 1 << bit,
            reliability,
        }
    }

    /// Rounds that end with an outcome, of which so many show each pattern.
    fn rounds(counts: &[(u64, u64)]) -> Patterns {
        let mut out = Patterns::default();
        let mut round = 0;
        for (pattern, count) in counts {
            for _ in 0..*count {
                out.add(round, *pattern);
                round += 1;
            }
        }
        out
    }

    #[test]
    fn shares_follow_from_bayes() {
        // Of the rounds that end with the first outcome 300 in 400 show the report, of the others 100 in 600.
        let ended = [rounds(&[(1, 300), (0, 100)]), rounds(&[(1, 100), (0, 500)])];
        let found = answers(&ended, &[report(0, 0.9)]);
        assert!((found[0].shares[0].probability - 0.4).abs() < 1e-12);
        assert!((found[0].effective[0] - 1000.0).abs() < 1e-6);
        let (yes, no) = (0.9 * 300.0 + 0.1 * 100.0, 0.9 * 100.0 + 0.1 * 500.0);
        let expected = yes / (yes + no);
        let after = &found[1];
        assert!((after.shares[0].probability - expected).abs() < 1e-12);
        assert!((after.changes[0].value - (expected - 0.4)).abs() < 1e-12);
        assert!(after.changes[0].low > 0.0 && after.is_changed(0));
        assert!((after.changes[0].value + after.changes[1].value).abs() < 1e-12);
        assert!(found[0].changes.is_empty() && !found[0].is_changed(0));
    }

    #[test]
    fn what_nothing_is_known_of_is_not_told() {
        // No round shows what was reported with certainty.
        let found = answers(&[rounds(&[(0, 64)]), rounds(&[])], &[report(0, 1.0)]);
        assert!(found[1].shares[0].probability.is_nan() && !found[1].is_changed(0));
        // An outcome that no round has: the change is 0, within what its rounds allow.
        let change = found[0].shares[1];
        assert!(change.probability == 0.0 && change.high > 0.0);
        let found = answers(
            &[rounds(&[(0, 500), (1, 500)]), rounds(&[])],
            &[report(0, 0.8)],
        );
        let change = found[1].changes[1];
        assert!(change.value == 0.0 && change.low < 0.0 && change.high > 0.0);
        assert!(!found[1].is_changed(1));
    }

    #[test]
    fn a_report_that_says_nothing_changes_nothing() {
        let ended = [rounds(&[(1, 50), (0, 50)]), rounds(&[(1, 80), (0, 20)])];
        let found = answers(&ended, &[report(0, 0.5)]);
        assert!(found[1].changes[0].value.abs() < 1e-12 && !found[1].is_changed(0));
    }
}
