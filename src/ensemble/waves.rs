//! A run, counted wave by wave. Between two waves no round is in play, so what has been counted by
//! then is exactly the rounds before: a run can be saved there and continued later.

use std::ops::Range;
use std::sync::Arc;

use super::counter::{Counter, Frame};
use super::player::{PACK, Player, RoundPool};
use super::record::Records;
use super::{PlayError, RoundRecord, Tally, WIDTH, is_few};
use crate::plan::Plan;
use crate::scenario::Scenario;

/// Rounds of a scenario, played wave by wave in batches of `W` lanes and counted.
pub struct Waves<'p, const W: usize> {
    plan: &'p Plan,
    player: Player<'p>,
    pool: RoundPool<'p, W, Counter>,
    frame: Arc<Frame>,
    rounds: Range<u64>,
    /// The first round at which counts are looked at, if they are.
    look: Option<u64>,
}

impl<'p, const W: usize> Waves<'p, W> {
    /// Returns a range of rounds, none of them played yet.
    ///
    /// # Errors
    /// [`PlayError::Threads`] if threads cannot be started.
    pub fn new(
        scenario: &Scenario,
        plan: &'p Plan,
        player: Player<'p>,
        rounds: Range<u64>,
        kept: Records,
    ) -> Result<Self, PlayError> {
        let frame = Arc::new(Frame::new(scenario, plan, kept));
        let shared = Arc::clone(&frame);
        let make = move || Counter::new(plan, Arc::clone(&shared));
        Ok(Self {
            plan,
            player,
            pool: RoundPool::new(plan, player, make)?,
            frame,
            rounds,
            look: None,
        })
    }

    /// Makes waves end where [`Self::look`] returns counts.
    #[must_use]
    pub fn with_looks(self) -> Self {
        let look = next_look(self.next_round().saturating_sub(1));
        let look = Some(look);
        Self { look, ..self }
    }

    /// Returns the first round that has not been played.
    #[must_use]
    pub fn next_round(&self) -> u64 {
        self.rounds.start
    }

    /// Returns the number of rounds by outcome where it is time to look whether they are enough:
    /// at 1,024 rounds, and then at a quarter more each time.
    pub fn look(&mut self) -> Option<Vec<u64>> {
        let next = self.next_round();
        if self.look? > next {
            return None;
        }
        self.look = Some(next_look(next));
        let mut counts = vec![0; self.plan.outcomes.len()];
        self.pool.look(|counter| counter.add_outcomes(&mut counts));
        Some(counts)
    }

    /// Plays the next wave. Returns the records that are kept of its rounds, in order; nothing
    /// if all rounds have been played.
    ///
    /// # Errors
    /// [`PlayError::Interrupted`] if it is stopped.
    pub fn play(&mut self) -> Result<Option<Vec<RoundRecord>>, PlayError> {
        let packs = self.play_and(|records| records)?;
        Ok(packs.map(|packs| packs.into_iter().flatten().collect()))
    }

    /// Plays the next wave. Returns what `prepare` makes of the records that are kept of its rounds, pack by
    /// pack and in order; nothing if all rounds have been played. The threads that play also prepare.
    ///
    /// # Errors
    /// [`PlayError::Interrupted`] if it is stopped.
    pub fn play_and<T: Send>(
        &mut self,
        prepare: impl Fn(Vec<RoundRecord>) -> T + Sync,
    ) -> Result<Option<Vec<T>>, PlayError> {
        if self.rounds.is_empty() {
            return Ok(None);
        }
        let next = self.next_round();
        let mut until = self.rounds.end.min(next + self.pool.wave());
        if self.look.is_some() {
            until = until.min(next_look(next));
        }
        let mut prepared = Vec::new();
        let take = |counter: &mut Counter| prepare(super::record::take(&mut counter.records));
        let wave = (next..until).into();
        let watch = self.player.watch;
        self.pool
            .play(&wave, watch, take, |more| prepared.push(more))?;
        self.rounds.start = until;
        Ok(Some(prepared))
    }

    /// Returns the counts of all rounds played so far.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let mut tally = self.frame.tally(self.plan);
        self.add_to(&mut tally);
        tally
    }

    /// Adds the counts of all rounds played so far to others of the same scenario.
    pub fn add_to(&self, tally: &mut Tally) {
        self.pool.look(|counter| counter.add_to(tally));
    }
}

impl Player<'_> {
    /// Plays a range of rounds and returns their counts.
    ///
    /// # Errors
    /// [`PlayError`] if it is stopped or cannot start threads.
    pub fn tally(
        &self,
        scenario: &Scenario,
        plan: &Plan,
        rounds: Range<u64>,
    ) -> Result<Tally, PlayError> {
        if is_few(rounds.end.saturating_sub(rounds.start)) {
            self.tally_in::<1>(scenario, plan, rounds)
        } else {
            self.tally_in::<WIDTH>(scenario, plan, rounds)
        }
    }

    /// Plays a range of rounds in batches of `W` lanes and returns their counts, which do not depend on `W`.
    ///
    /// # Errors
    /// [`PlayError`] if it is stopped or cannot start threads.
    pub fn tally_in<const W: usize>(
        &self,
        scenario: &Scenario,
        plan: &Plan,
        rounds: Range<u64>,
    ) -> Result<Tally, PlayError> {
        let mut waves = Waves::<W>::new(scenario, plan, *self, rounds, Records::default())?;
        while waves.play()?.is_some() {}
        Ok(waves.tally())
    }
}

impl Tally {
    /// Returns a tally of a plan with no rounds.
    #[must_use]
    pub fn empty(scenario: &Scenario, plan: &Plan) -> Self {
        Frame::new(scenario, plan, Records::default()).tally(plan)
    }
}

/// Rounds at the first look. A rule that stops at a wanted width (Chow & Robbins 1965) and looks
/// seldom and never early covers nearly as often as its intervals say.
const FIRST_LOOK: u64 = 1_024;

/// Returns whether a run that looks does so after `rounds` rounds.
#[must_use]
pub fn is_look(rounds: u64) -> bool {
    rounds > 0 && next_look(rounds - 1) == rounds
}

/// The first look after so many rounds.
fn next_look(done: u64) -> u64 {
    // A quarter more each time, in whole packs of the usual width.
    let pack = (WIDTH * PACK) as u64;
    let mut look = FIRST_LOOK;
    while look <= done {
        look = (look + look / 4).div_ceil(pack) * pack;
    }
    look
}
