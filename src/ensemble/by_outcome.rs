//! Followed quantities within the rounds of each outcome. How a round ends is known when it has ended, so its
//! values wait until then.

use super::WIDTH;
use super::in_play::InPlay;
use super::tally::OfOutcome;
use crate::engine::Isa;
use crate::engine::lanes::Mask;

/// Most days that are recorded by outcome.
const MOST_DAYS: usize = 61;

/// Returns which of so many recorded days, at least one, are also recorded by outcome: all, or some at equal
/// distances, with the first and the last. Indices, ascending.
#[must_use]
pub fn days_by_outcome(days: usize) -> Vec<usize> {
    let stride = (days - 1).div_ceil(MOST_DAYS - 1).max(1);
    (0..days)
        .filter(|d| d % stride == 0 || d + 1 == days)
        .collect()
}

/// Rounds that have ended and wait until a batch of them, with one outcome, can be counted at once.
pub(super) struct Waiting {
    days: usize,
    quantities: usize,
    pub(super) playing: InPlay,
    /// By outcome: values of fewer rounds than a batch has, by day, then by quantity. The last day that a round has
    /// stands for all later ones.
    ended: Vec<Vec<Vec<f32>>>,
}

impl Waiting {
    pub(super) fn new(days: usize, quantities: usize, outcomes: usize) -> Self {
        Self {
            days,
            quantities,
            playing: InPlay::new(days * quantities),
            ended: vec![Vec::new(); outcomes],
        }
    }

    /// Notes that a round has ended with an outcome.
    pub(super) fn end(&mut self, round: u64, outcome: usize, counts: &mut [OfOutcome], isa: Isa) {
        let own = self.playing.end(round);
        self.ended[outcome].push(own);
        if self.ended[outcome].len() == WIDTH {
            let rounds = std::mem::take(&mut self.ended[outcome]);
            isa.run(
                #[inline(always)]
                || self.count(&rounds, &mut counts[outcome]),
            );
            self.playing.reuse(rounds);
        }
    }

    /// Adds the rounds that have ended and were not counted to counts by outcome.
    pub(super) fn add_to(&self, counts: &mut [OfOutcome]) {
        for (rounds, counts) in self.ended.iter().zip(counts) {
            self.count(rounds, counts);
        }
    }

    /// Counts rounds of one outcome, no more than fit a batch.
    #[inline(always)]
    fn count(&self, rounds: &[Vec<f32>], counts: &mut OfOutcome) {
        counts.rounds += rounds.len() as u64;
        let own = Mask::<WIDTH>::of(|i| i < rounds.len());
        let mut values = [0.0; WIDTH];
        for day in 0..self.days {
            for quantity in 0..self.quantities {
                for (value, round) in values.iter_mut().zip(rounds) {
                    let last = round.len() - self.quantities;
                    *value = round[last.min(day * self.quantities) + quantity];
                }
                counts.timeline.add(day, quantity, &values, &own);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::days_by_outcome;

    #[test]
    fn days_by_outcome_are_few_and_hold_both_ends() {
        assert_eq!(days_by_outcome(1), [0]);
        assert_eq!(days_by_outcome(32), (0..32).collect::<Vec<_>>());
        for days in 2..=402 {
            let chosen = days_by_outcome(days);
            assert!(chosen.len() <= 62, "{days}");
            assert_eq!((chosen[0], chosen.last()), (0, Some(&(days - 1))));
            let steps: Vec<usize> = chosen.windows(2).map(|w| w[1] - w[0]).collect();
            let (last, all) = steps.split_last().expect("two days");
            assert!(all.iter().all(|s| *s == steps[0]) && *last <= steps[0]);
        }
    }
}
