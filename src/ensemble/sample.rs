//! Whole histories of the first rounds: what followed quantities have on every recorded day, round by round.

use std::ops::Range;
use std::sync::Arc;

use super::PlayError;
use super::counter::{Frame, Moments, keep};
use super::in_play::InPlay;
use super::player::Player;
use super::record::Records;
use super::rounds::Rounds;
use super::timeline::FOLLOWED;
use crate::engine::lanes::Mask;
use crate::engine::{Batch, Observer};
use crate::plan::{Needs, Plan};
use crate::scenario::Scenario;

/// The whole history of one round.
#[derive(Debug, Clone, PartialEq)]
pub struct WholeRound {
    /// The round.
    pub round: u64,
    /// Index of its outcome.
    pub outcome: usize,
    /// Values by recorded day, then by followed quantity. A round that has ended keeps its last.
    pub values: Vec<f32>,
}

/// Keeps whole rounds.
struct Sampler {
    frame: Arc<Frame>,
    playing: InPlay,
    ended: Vec<WholeRound>,
}

impl Sampler {
    fn keep<const W: usize>(&mut self, batch: &Batch<'_, W>, lanes: &Mask<W>) {
        keep(&mut self.playing, &self.frame.followed, batch, lanes);
    }
}

impl<const W: usize> Observer<W> for Sampler {
    fn reads_first(&self) -> Needs {
        self.frame.facts
    }

    fn began(&mut self, batch: &Batch<'_, W>) {
        let lanes = batch.alive;
        self.playing.begin(batch, &lanes);
        self.keep(batch, &lanes);
    }

    fn reads(&self, batch: &Batch<'_, W>, decided: &[Option<usize>; W]) -> Needs {
        self.frame.reads(batch, decided)
    }

    fn settled(&mut self, batch: &Batch<'_, W>, decided: &[Option<usize>; W]) {
        let Moments { today, last, .. } = self.frame.moments(batch, decided);
        for (_, lanes) in today.into_iter().chain(last) {
            self.keep(batch, &lanes);
        }
    }

    fn ended(&mut self, batch: &Batch<'_, W>, lane: usize, outcome: usize) {
        let round = batch.rounds[lane];
        let mut values = self.playing.end(round);
        let quantities = self.frame.followed.len();
        let last = values[values.len() - quantities..].to_vec();
        while values.len() < self.frame.days.len() * quantities {
            values.extend(&last);
        }
        self.ended.push(WholeRound {
            round,
            outcome,
            values,
        });
    }
}

impl Player<'_> {
    /// Plays rounds in batches of `W` lanes, as far as they are followed, and returns their whole histories in order.
    ///
    /// # Errors
    /// [`PlayError`] if it is stopped or cannot start threads.
    pub fn whole_rounds<const W: usize>(
        &self,
        scenario: &Scenario,
        plan: &Plan,
        rounds: Range<u64>,
    ) -> Result<Vec<WholeRound>, PlayError> {
        let frame = Arc::new(Frame::new(scenario, plan, Records::default()));
        let make = || Sampler {
            playing: InPlay::new(frame.days.len() * frame.followed.len()),
            frame: Arc::clone(&frame),
            ended: Vec::new(),
        };
        let rounds = Rounds::Drawn(rounds.start..rounds.end.min(FOLLOWED));
        let found = self.observe::<W, _>(plan, &rounds, make)?;
        let mut out: Vec<WholeRound> = found.into_iter().flat_map(|s| s.ended).collect();
        out.sort_unstable_by_key(|r| r.round);
        Ok(out)
    }
}
