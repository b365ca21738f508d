//! The guesses that decide: those whose ends move the share of an outcome most.
//!
//! Rounds with a prior in its lowest fifth are held against those with it in its highest. Even rounds choose the
//! priors, odd ones judge them, so that the shares of those chosen are not those of a lucky half.

use super::error::StudyError;
use super::open::Study;
use super::play::Play;
use crate::analysis::discovery::table::order;
use crate::analysis::interval::{Gap, Share, newcombe, wilson};
use crate::ensemble::{Detail, Player, RoundRecord, Rounds, WIDTH};
use crate::scenario::model::Number;

/// Fewest rounds in a fifth that judges; with fewer nothing is said.
const FEW: usize = 50;

/// A guess that decides.
#[derive(Debug, Clone, PartialEq)]
pub struct Deciding {
    /// The prior, by its place among those of the scenario.
    pub prior: usize,
    /// Share of the outcome in rounds with the prior in its lowest fifth.
    pub low: Share,
    /// The same in its highest fifth.
    pub high: Share,
    /// The second less the first.
    pub gap: Gap,
    /// The greatest value in its lowest fifth, and the least in its highest.
    pub ends: (f64, f64),
    /// The part of the variance of the outcome that lies between the fifths of the prior, 0 to 1, without what chance
    /// alone would put there.
    pub explains: f64,
}

impl Study {
    /// The priors whose ends move the share of an outcome most, the strongest first: at most `most` of them, and
    /// none whose interval holds 0. The rounds are the first of the run with the same seed.
    ///
    /// # Errors
    /// When there is no such outcome, or it is stopped.
    pub fn deciding(
        &self,
        outcome: &str,
        rounds: u64,
        most: usize,
        play: &Play,
    ) -> Result<Vec<Deciding>, StudyError> {
        let known = self.scenario.outcomes.iter().position(|o| o.id == outcome);
        let outcome =
            known.ok_or_else(|| StudyError::Invalid(format!("unknown outcome `{outcome}`")))?;
        let seed = play.seed.unwrap_or(self.seed);
        let played = play.control.stage(rounds, |watch| {
            let player = Player {
                seed,
                workers: play.workers,
                watch,
            };
            player.records::<WIDTH>(&self.plan, &Rounds::Drawn(0..rounds), Detail::Priors)
        })?;
        let half = |odd: u64| {
            let own = played.iter().filter(move |r| r.round % 2 == odd);
            Half::new(&own.collect::<Vec<_>>(), self.plan.priors.len(), outcome)
        };
        let (even, odd) = (half(0), half(1));
        if odd.hits.len() / 5 < FEW {
            return Ok(Vec::new());
        }
        let mut found: Vec<(f64, usize)> = (0..self.plan.priors.len())
            .filter_map(|prior| Some((even.ends(prior)?.gap.estimate.abs(), prior)))
            .collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        found.truncate(most);
        let judged = found.into_iter().filter_map(|(_, prior)| odd.ends(prior));
        Ok(judged
            .filter(|d| d.gap.low > 0.0 || d.gap.high < 0.0)
            .collect())
    }

    /// A prior by its place.
    #[must_use]
    pub fn prior(&self, place: usize) -> Option<&Number> {
        self.scenario.priors().get(place).copied()
    }
}

/// Half of the rounds.
struct Half {
    /// Values by prior, then round.
    values: Vec<Vec<f32>>,
    /// Rounds by rising value, by prior.
    order: Vec<Vec<u32>>,
    /// Whether a round ended with the outcome.
    hits: Vec<bool>,
}

impl Half {
    fn new(rounds: &[&RoundRecord], priors: usize, outcome: usize) -> Self {
        let of = |prior: usize| rounds.iter().map(|r| r.priors[prior]).collect();
        let values: Vec<Vec<f32>> = (0..priors).map(of).collect();
        Self {
            order: order(&values),
            values,
            hits: rounds.iter().map(|r| r.outcome == outcome).collect(),
        }
    }

    /// The ends of a prior: equal values stay together. None where one end would be empty, as of a prior that
    /// hardly varies.
    fn ends(&self, prior: usize) -> Option<Deciding> {
        let (order, values) = (&self.order[prior], &self.values[prior]);
        let n = order.len();
        let fifth = n / 5;
        let value = |rank: usize| values[order[rank] as usize];
        let (low, high) = (value(fifth), value(n - 1 - fifth));
        let share = |own: &[u32]| {
            let hits = own.iter().filter(|r| self.hits[**r as usize]).count();
            (!own.is_empty()).then(|| wilson(hits as u64, own.len() as u64))
        };
        // Of a prior with few values an end has all rounds with its last value.
        let below = order
            .partition_point(|r| values[*r as usize] < low)
            .max(order.partition_point(|r| values[*r as usize] <= value(0)));
        let above = order
            .partition_point(|r| values[*r as usize] <= high)
            .min(order.partition_point(|r| values[*r as usize] < value(n - 1)));
        if below > above {
            return None;
        }
        let ends = (
            f64::from(value(below.max(1) - 1)),
            f64::from(value(above.min(n - 1))),
        );
        let (low, high) = (share(&order[..below])?, share(&order[above..])?);
        Some(Deciding {
            prior,
            low,
            high,
            gap: newcombe(high, low),
            ends,
            explains: self.explained(order),
        })
    }

    /// The part of the variance of the outcome between fifths of rounds in this order (Kelley's epsilon squared).
    fn explained(&self, order: &[u32]) -> f64 {
        let hits = |own: &[u32]| own.iter().filter(|r| self.hits[**r as usize]).count() as f64;
        let n = order.len() as f64;
        let mean = hits(order) / n;
        let all = n * mean * (1.0 - mean);
        if all == 0.0 {
            return 0.0;
        }
        let groups = order.chunks(order.len().div_ceil(5).max(1));
        let own = |g: &[u32]| {
            let off = hits(g) / g.len() as f64 - mean;
            g.len() as f64 * (off * off)
        };
        let (count, between) =
            groups.fold((0.0_f64, 0.0_f64), |(k, sum), g| (k + 1.0, sum + own(g)));
        let chance = (count - 1.0) * (all - between) / (n - count).max(1.0);
        ((between - chance) / all).max(0.0)
    }
}
