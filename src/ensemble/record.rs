//! The record of one round.

use std::ops::Index;

use super::PlayError;
use super::player::{Player, RoundPool};
use super::rounds::Rounds;
use crate::engine::{Batch, Observer};
use crate::math;
use crate::plan::{Needs, Plan};

/// Which records of rounds are kept while a run is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Records {
    /// Summaries of the rounds below this one.
    pub summaries: u64,
    /// Full records of all rounds.
    pub all: bool,
}

/// Yes or no for each flag.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags(Vec<u64>);

impl Flags {
    /// No flag held, of `count`.
    #[must_use]
    pub fn none(count: usize) -> Self {
        Self(vec![0; count.div_ceil(64)])
    }

    /// Notes that a flag held.
    pub fn set(&mut self, flag: usize) {
        self.0[flag / 64] |= 1 << (flag % 64);
    }

    /// Returns the flags as words, 64 to a word, the first lowest.
    #[must_use]
    pub fn words(&self) -> &[u64] {
        &self.0
    }
}

impl Index<usize> for Flags {
    type Output = bool;

    fn index(&self, flag: usize) -> &bool {
        if self.0[flag / 64] >> (flag % 64) & 1 == 1 {
            &true
        } else {
            &false
        }
    }
}

/// How much of a round is recorded; each level has all of those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Outcome and when it was noted, length, flags and watched expressions.
    Summary,
    /// Values of the priors.
    Priors,
    /// First days of the actions.
    Full,
}

/// What happened in one round.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RoundRecord {
    /// The round, or the row of a design.
    pub round: u64,
    /// Index of its outcome.
    pub outcome: usize,
    /// Steps completed when its outcome was noted.
    pub steps: u32,
    /// Steps played.
    pub played: u32,
    /// Which flags held.
    pub flags: Flags,
    /// Values of watched expressions, in order.
    pub watched: Vec<f32>,
    /// Value drawn for each prior; empty below [`Detail::Priors`].
    pub priors: Vec<f32>,
    /// First day on which each action took effect, if it did; empty below [`Detail::Full`].
    pub first: Vec<Option<f32>>,
}

impl RoundRecord {
    /// The record of the round that ends in a lane.
    pub(super) fn new<const W: usize>(
        batch: &Batch<'_, W>,
        lane: usize,
        outcome: usize,
        detail: Detail,
    ) -> Self {
        let l = batch.layout();
        let mut flags = Flags::none(batch.flags.len());
        for (i, _) in batch.flags.iter().enumerate().filter(|(_, f)| f.at(lane)) {
            flags.set(i);
        }
        let when = |wanted: Detail, count: usize| 0..if detail < wanted { 0 } else { count };
        let priors = when(Detail::Priors, l.priors).map(|i| batch.get(l.prior(i)).0[lane]);
        let first = when(Detail::Full, l.actions).map(|i| batch.get(l.first(i)).0[lane]);
        Self {
            round: batch.labels[lane],
            outcome,
            steps: noted_step(batch, lane),
            played: batch.t + 1,
            flags,
            watched: batch.watched().iter().map(|x| x.0[lane]).collect(),
            priors: priors.collect(),
            first: first.map(|day| day.is_finite().then_some(day)).collect(),
        }
    }

    /// Returns the pattern of a plan with at most 64 watches: bit `i` is set if the `i`-th held.
    #[must_use]
    pub fn pattern(&self) -> u64 {
        let bits = self.watched.iter().enumerate();
        bits.fold(0, |p, (i, x)| p | u64::from(math::is_true(*x)) << i)
    }
}

/// Steps completed when the outcome of the round that ends in a lane was noted.
pub(super) fn noted_step<const W: usize>(batch: &Batch<'_, W>, lane: usize) -> u32 {
    batch.noted[lane].map_or(batch.t + 1, |noted| noted.step)
}

/// The step at whose end an action took effect on a day.
pub(super) fn step_of(plan: &Plan, day: f32) -> usize {
    (f64::from(day) * 86_400.0 / plan.step_seconds as f64).round() as usize
}

/// Records every round.
struct Recorder {
    detail: Detail,
    records: Vec<RoundRecord>,
}

impl<const W: usize> Observer<W> for Recorder {
    fn reads(&self, _batch: &Batch<'_, W>, _decided: &[Option<usize>; W]) -> Needs {
        Needs::default()
    }

    fn ended(&mut self, batch: &Batch<'_, W>, lane: usize, outcome: usize) {
        let record = RoundRecord::new(batch, lane, outcome, self.detail);
        self.records.push(record);
    }
}

/// Takes records out of a list, in order of rounds.
pub(super) fn take(records: &mut Vec<RoundRecord>) -> Vec<RoundRecord> {
    let mut out = std::mem::take(records);
    out.sort_unstable_by_key(|r| r.round);
    out
}

impl Player<'_> {
    /// Plays rounds in batches of `W` lanes and returns their records, in order.
    ///
    /// # Errors
    /// [`PlayError`] if it is stopped or cannot start threads.
    pub fn records<const W: usize>(
        &self,
        plan: &Plan,
        rounds: &Rounds<'_>,
        detail: Detail,
    ) -> Result<Vec<RoundRecord>, PlayError> {
        let mut out = Vec::with_capacity(rounds.len() as usize);
        self.stream::<W>(plan, rounds, detail, |mut more| out.append(&mut more))?;
        Ok(out)
    }

    /// Plays rounds in batches of `W` lanes and hands on their records, in order.
    ///
    /// # Errors
    /// [`PlayError`] if it is stopped or cannot start threads.
    pub fn stream<const W: usize>(
        &self,
        plan: &Plan,
        rounds: &Rounds<'_>,
        detail: Detail,
        each: impl FnMut(Vec<RoundRecord>),
    ) -> Result<(), PlayError> {
        let recorder = || Recorder {
            detail,
            records: Vec::new(),
        };
        let pool = RoundPool::<W, _>::new(plan, *self, recorder)?;
        pool.play(rounds, self.watch, |r| take(&mut r.records), each)
    }
}
