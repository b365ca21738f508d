//! What a scenario says of its first day, and whether it stays quiet when nothing happens.

use std::collections::BTreeMap;

use super::control::Control;
use super::error::StudyError;
use super::open::Study;
use crate::analysis::interval::{Share, wilson};
use crate::engine::{Batch, Observer};
use crate::ensemble::{Player, Rounds, WIDTH, Workers};
use crate::plan::{Needs, Plan, Slot, WayPlan};
use crate::scenario::Scenario;
use crate::scenario::fault::Faults;

/// Rounds in which a scenario is looked at without its actions.
const QUIET: u64 = 64;
/// How far a quantity may move without its actions before that is told.
const STILL: f32 = 0.005;
/// Days on which considered moves are forced.
pub const FORCED: [u64; 2] = [0, 5];

/// Days within which another attempt follows soon.
pub const SOON: f32 = 30.0;
/// Days of a month.
const MONTH: f64 = 365.2425 / 12.0;

/// A quantity that moves although nothing happens.
#[derive(Debug, Clone, PartialEq)]
pub struct Unquiet {
    /// Its name in expressions.
    pub name: String,
    /// The largest distance from its start at the end of any round.
    pub most: f64,
    /// Share of rounds at whose end it is told to have moved.
    pub share: f64,
}

/// The first day, over some rounds.
#[derive(Debug)]
pub struct Day0 {
    /// How many rounds.
    pub rounds: u64,
    /// By contender: support on the first day, over rounds: 5th percentile, median, 95th percentile.
    pub support: Vec<[f64; 3]>,
    /// By contender: what private loyalty would give, likewise.
    pub backing: Vec<[f64; 3]>,
    /// Considered moves, in listed order.
    pub moves: Vec<MoveOnDay0>,
    /// Of rounds with any try of a considered move that can fail, without what is dated: the share, scaled to a
    /// month, as for one move.
    pub attempt_a_month: f64,
    /// Of rounds in which such a move failed, those in which any was tried within [`SOON`] days after that;
    /// nothing if none failed.
    pub tried_again: Option<Share>,
}

/// A considered move on the first day.
#[derive(Debug)]
pub struct MoveOnDay0 {
    /// Its action.
    pub action: usize,
    /// The inclination that is known not to have moved the mover: 5th percentile, median, 95th percentile.
    pub stayed_at: [f64; 3],
    /// Share of rounds with a try over the clock, without what is dated.
    pub over_clock: Share,
    /// The same share, scaled to a month; where no round had a try, the most that it may still be.
    pub a_month: f64,
    /// By day of [`FORCED`]: share of tries that succeed, of rounds in which the move can be tried; nothing if
    /// it has no `success`, or can never be tried on that day.
    pub forced: [Option<(Share, u64)>; FORCED.len()],
}

/// Keeps the start of every quantity that should stay, and how far it is from there at the end.
#[derive(Debug)]
struct Still {
    slots: Vec<Slot>,
    start: BTreeMap<u64, Vec<f32>>,
    most: Vec<f32>,
    moved: Vec<u64>,
}

impl<const W: usize> Observer<W> for Still {
    fn began(&mut self, batch: &Batch<'_, W>) {
        for lane in batch.alive.lanes() {
            let values = self.slots.iter().map(|slot| batch.get(*slot).0[lane]);
            self.start.insert(batch.rounds[lane], values.collect());
        }
    }

    fn settled(&mut self, batch: &Batch<'_, W>, _: &[Option<usize>; W]) {
        if batch.t + 1 < batch.plan.steps {
            return;
        }
        for lane in 0..W {
            let Some(start) = self.start.remove(&batch.rounds[lane]) else {
                continue;
            };
            for (i, slot) in self.slots.iter().enumerate() {
                let gone = (batch.get(*slot).0[lane] - start[i]).abs();
                self.most[i] = self.most[i].max(gone);
                self.moved[i] += u64::from(gone > STILL);
            }
        }
    }
}

/// Keeps the first day of every round.
#[derive(Debug, Default)]
struct First {
    rows: Vec<Vec<f32>>,
}

impl<const W: usize> Observer<W> for First {
    fn reads_first(&self) -> Needs {
        Needs {
            backing: true,
            ..Needs::default()
        }
    }

    fn began(&mut self, batch: &Batch<'_, W>) {
        let (plan, l) = (batch.plan, batch.layout());
        let support = (0..l.contenders).map(|c| l.support(c));
        let backing = (0..l.contenders).map(|c| l.backing(c));
        let moves = considered(plan).map(|i| l.stayed(i));
        let slots: Vec<_> = support.chain(backing).chain(moves).collect();
        for lane in batch.alive.lanes() {
            self.rows
                .push(slots.iter().map(|slot| batch.get(*slot).0[lane]).collect());
        }
    }

    fn reads(&self, _: &Batch<'_, W>, _: &[Option<usize>; W]) -> Needs {
        Needs::default()
    }
}

/// By round: each contender's support at the start.
#[derive(Debug, Default)]
struct Supports(Vec<(u64, Vec<f32>)>);

impl<const W: usize> Observer<W> for Supports {
    fn began(&mut self, batch: &Batch<'_, W>) {
        let l = batch.layout();
        for lane in batch.alive.lanes() {
            let support = (0..l.contenders).map(|c| batch.get(l.support(c)).0[lane]);
            self.0.push((batch.rounds[lane], support.collect()));
        }
    }

    fn reads(&self, _: &Batch<'_, W>, _: &[Option<usize>; W]) -> Needs {
        Needs::default()
    }
}

/// By action: rounds in which it took effect, and in which it succeeded.
#[derive(Debug)]
struct Tries(Vec<[u64; 2]>);

impl<const W: usize> Observer<W> for Tries {
    fn ended(&mut self, batch: &Batch<'_, W>, lane: usize, _: usize) {
        let l = batch.layout();
        for (i, [taken, good]) in self.0.iter_mut().enumerate() {
            *taken += u64::from(batch.get(l.count(i)).0[lane] > 0.0);
            *good += u64::from(batch.get(l.succeeded(i)).0[lane] > 0.0);
        }
    }

    fn reads(&self, _: &Batch<'_, W>, _: &[Option<usize>; W]) -> Needs {
        Needs::default()
    }
}

/// Rounds with a try of some moves, with a failure of one, and with another try soon after that.
#[derive(Debug)]
struct Attempts {
    moves: Vec<usize>,
    tried: u64,
    failed: u64,
    again: u64,
}

impl<const W: usize> Observer<W> for Attempts {
    fn ended(&mut self, batch: &Batch<'_, W>, lane: usize, _: usize) {
        let l = batch.layout();
        let at = |slot| batch.get(slot).0[lane];
        let mut moves = self.moves.iter();
        self.tried += u64::from(moves.any(|i| at(l.count(*i)) > 0.0));
        let failures = self.moves.iter().filter(|i| at(l.failed(**i)) > 0.0);
        let Some(day) = failures.map(|i| at(l.first(*i))).reduce(f32::min) else {
            return;
        };
        self.failed += 1;
        let again = |i: &usize| {
            let (first, latest) = (at(l.first(*i)), at(l.latest(*i)));
            let next = if first > day { first } else { latest };
            next > day && next <= day + SOON
        };
        self.again += u64::from(self.moves.iter().any(again));
    }

    fn reads(&self, _: &Batch<'_, W>, _: &[Option<usize>; W]) -> Needs {
        Needs::default()
    }
}

/// The considered moves of a plan.
fn considered(plan: &Plan) -> impl Iterator<Item = usize> + '_ {
    let decides = |i: &usize| matches!(plan.actions[*i].way, WayPlan::Decide { .. });
    (0..plan.actions.len()).filter(decides)
}

/// The 5th percentile, the median and the 95th percentile.
fn spread(mut values: Vec<f32>) -> [f64; 3] {
    values.sort_unstable_by(f32::total_cmp);
    [0.05, 0.5, 0.95].map(|p| {
        let at = (p * (values.len().saturating_sub(1)) as f64).round() as usize;
        values.get(at).map_or(0.0, |x| f64::from(*x))
    })
}

impl Study {
    /// Plays some rounds without actions, moods and diffusion. Returns what moves all the same: nothing, unless
    /// terms read the day.
    ///
    /// # Errors
    /// When it is stopped.
    pub fn unquiet(&self, workers: Workers, control: &Control) -> Result<Vec<Unquiet>, StudyError> {
        let plan = self.variant(&self.scenario.at_rest())?;
        let l = &plan.layout;
        let s = &self.scenario;
        let mut named = Vec::new();
        let contenders = || s.contenders.iter().enumerate();
        for (a, actor) in s.actors.iter().enumerate() {
            for (c, contender) in contenders() {
                let ids = format!("{}.{}", actor.id, contender.id);
                named.push((format!("loyalty.{ids}"), l.loyalty(a, c)));
                named.push((format!("stance.{ids}"), l.stance(a, c)));
            }
        }
        for (c, contender) in contenders() {
            named.push((format!("support.{}", contender.id), l.support(c)));
        }
        for (n, crowd) in s.crowds.iter().enumerate() {
            named.push((format!("turnout.{}", crowd.id), l.turnout(n)));
        }
        let slots: Vec<_> = named.iter().map(|(_, slot)| *slot).collect();
        let observers = self.look(&plan, (QUIET, workers), control, || Still {
            most: vec![0.0; slots.len()],
            moved: vec![0; slots.len()],
            slots: slots.clone(),
            start: BTreeMap::new(),
        })?;
        let found = named.into_iter().enumerate().map(|(i, (name, _))| Unquiet {
            name,
            most: f64::from(observers.iter().fold(0.0, |m: f32, o| m.max(o.most[i]))),
            share: observers.iter().map(|o| o.moved[i]).sum::<u64>() as f64 / QUIET as f64,
        });
        Ok(found.filter(|f| f.share > 0.0).collect())
    }

    /// Seeks the rest of free actors from aside and from every contender's side. Returns the largest difference
    /// that this makes to a contender's support in any of some rounds, and the share of rounds in which it is told;
    /// nothing if there are no free actors or all roads lead to the same rest.
    ///
    /// # Errors
    /// When it is stopped.
    pub fn several_rests(
        &self,
        workers: Workers,
        control: &Control,
    ) -> Result<Option<(f64, f64)>, StudyError> {
        let s = &self.scenario;
        if s.clock.rest.is_some() || !self.plan.actors.iter().any(|a| a.free) {
            return Ok(None);
        }
        let mut supports = Vec::new();
        for side in std::iter::once(None).chain((0..s.contenders.len()).map(Some)) {
            // What is asked is there before anybody acts, and effects may be long.
            let plan = self.start_of(&s.without_actions().resting_from(side))?;
            let mut rows: Vec<(u64, Vec<f32>)> = self
                .look(&plan, (QUIET, workers), control, Supports::default)?
                .into_iter()
                .flat_map(|o| o.0)
                .collect();
            rows.sort_unstable_by_key(|(round, _)| *round);
            supports.push(rows);
        }
        let gap = |round: usize| {
            let of = |c: usize| supports.iter().map(move |rows| rows[round].1[c]);
            let widest = |c| of(c).fold(0.0, f32::max) - of(c).fold(1.0, f32::min);
            (0..s.contenders.len()).map(widest).fold(0.0, f32::max)
        };
        let gaps: Vec<f32> = (0..QUIET as usize).map(gap).collect();
        let told = gaps.iter().filter(|gap| **gap > 4.0 * STILL).count();
        let most = gaps.iter().copied().fold(0.0, f32::max);
        Ok((told > 0).then(|| (f64::from(most), told as f64 / QUIET as f64)))
    }

    /// Plays the first day, a calm, and each considered move forced.
    ///
    /// # Errors
    /// When it is stopped.
    pub fn day0(
        &self,
        rounds: u64,
        workers: Workers,
        control: &Control,
    ) -> Result<Day0, StudyError> {
        let start = self.start_of(&self.scenario)?;
        let first = self.look(&start, (rounds, workers), control, First::default)?;
        let rows: Vec<Vec<f32>> = first.into_iter().flat_map(|o| o.rows).collect();
        let column = |i: usize| spread(rows.iter().map(|row| row[i]).collect());
        let contenders = self.plan.contenders.len();
        let calm = self.scenario.without_dates();
        let tries = self.tries(&calm, (rounds, workers), control)?;
        let days = self.scenario.clock.days as f64;
        let mut moves = Vec::new();
        for (k, action) in considered(&self.plan).enumerate() {
            let over_clock = wilson(tries[action][0], rounds);
            let tried = if tries[action][0] > 0 {
                over_clock.probability
            } else {
                over_clock.high
            };
            let mut forced = [None; FORCED.len()];
            for (day, found) in FORCED.into_iter().zip(&mut forced) {
                if self.scenario.actions[action].success.is_some() && day < self.scenario.clock.days
                {
                    *found = self.forced(action, day, (rounds, workers), control)?;
                }
            }
            moves.push(MoveOnDay0 {
                action,
                stayed_at: column(2 * contenders + k),
                over_clock,
                a_month: in_a_month(tried, days),
                forced,
            });
        }
        let [calm_tried, ..] = self.attempts(&calm, (rounds, workers), control)?;
        let tried = wilson(calm_tried, rounds);
        let tried = if calm_tried > 0 {
            tried.probability
        } else {
            tried.high
        };
        let [_, failed, again] = self.attempts(&self.scenario, (rounds, workers), control)?;
        Ok(Day0 {
            attempt_a_month: in_a_month(tried, days),
            tried_again: (failed > 0).then(|| wilson(again, failed)),
            rounds,
            support: (0..contenders).map(column).collect(),
            backing: (contenders..2 * contenders).map(column).collect(),
            moves,
        })
    }

    /// The share of tries that succeed if a move is forced on a day, and how many tries there were.
    fn forced(
        &self,
        action: usize,
        day: u64,
        work: (u64, Workers),
        control: &Control,
    ) -> Result<Option<(Share, u64)>, StudyError> {
        let scenario = self.scenario.forced(action, day);
        let [tried, good] = self.tries(&scenario, work, control)?[action];
        Ok((tried > 0).then(|| (wilson(good, tried), tried)))
    }

    /// Rounds with a try of any considered move that can fail, with a failure of one, and with another try soon
    /// after that.
    fn attempts(
        &self,
        scenario: &Scenario,
        work: (u64, Workers),
        control: &Control,
    ) -> Result<[u64; 3], StudyError> {
        let plan = self.variant(scenario)?;
        let can_fail = |i: &usize| scenario.actions[*i].success.is_some();
        let moves: Vec<usize> = considered(&plan).filter(can_fail).collect();
        let seen = self.look(&plan, work, control, || Attempts {
            moves: moves.clone(),
            tried: 0,
            failed: 0,
            again: 0,
        })?;
        let sum = |of: fn(&Attempts) -> u64| seen.iter().map(of).sum();
        Ok([sum(|o| o.tried), sum(|o| o.failed), sum(|o| o.again)])
    }

    /// By action: rounds in which it took effect, and in which it succeeded.
    fn tries(
        &self,
        scenario: &Scenario,
        work: (u64, Workers),
        control: &Control,
    ) -> Result<Vec<[u64; 2]>, StudyError> {
        let plan = self.variant(scenario)?;
        let none = || Tries(vec![[0; 2]; plan.actions.len()]);
        let seen = self.look(&plan, work, control, none)?;
        let mut sum = none().0;
        for own in seen.iter().flat_map(|o| o.0.iter().enumerate()) {
            let (i, [taken, good]) = own;
            sum[i][0] += taken;
            sum[i][1] += good;
        }
        Ok(sum)
    }

    /// Compiles a variant of the scenario, which has no faults, with the laws that are tabulated already.
    fn variant(&self, scenario: &Scenario) -> Result<Plan, StudyError> {
        Plan::with_laws(scenario, &[], &self.laws())
            .map_err(|faults| StudyError::Faults(Faults::new(scenario.sources.clone(), faults)))
    }

    /// The same, for those who look at the start of a round alone: it ends after one step.
    fn start_of(&self, scenario: &Scenario) -> Result<Plan, StudyError> {
        let mut plan = self.variant(scenario)?;
        plan.steps = 1;
        Ok(plan)
    }

    /// Plays so many rounds under observers.
    fn look<O: Observer<WIDTH> + Send>(
        &self,
        plan: &Plan,
        (rounds, workers): (u64, Workers),
        control: &Control,
        make: impl Fn() -> O + Sync,
    ) -> Result<Vec<O>, StudyError> {
        let seed = self.seed;
        Ok(control.stage(rounds, |watch| {
            let player = Player {
                seed,
                workers,
                watch,
            };
            player.observe::<WIDTH, O>(plan, &Rounds::Drawn(0..rounds), make)
        })?)
    }
}

/// The share of months with something that so large a share of so many days has.
fn in_a_month(share: f64, days: f64) -> f64 {
    1.0 - libm::pow(1.0 - share, MONTH / days)
}
