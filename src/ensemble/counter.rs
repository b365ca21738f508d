//! Counts what rounds do, for the tables of a run.

use super::brief::Brief;
use super::crew::Collect;
use super::histogram::fixed_point;
use super::tally::{Details, Tally};
use super::timeline::{FOLLOWED, Followed, Timeline, What};
use crate::engine::lanes::{Lanes, Mask, fold};
use crate::engine::{Batch, Observer, math};
use crate::plan::Plan;

/// What one round gave, for `rounds.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct RoundRecord {
    /// The round.
    pub round: u64,
    /// Index of its outcome.
    pub outcome: usize,
    /// Steps played.
    pub steps: u32,
    /// Flags, in order.
    pub flags: Vec<bool>,
    /// First day of each action; nothing if it never took effect.
    pub first: Vec<Option<f32>>,
    /// Value drawn for each prior.
    pub priors: Vec<f32>,
}

/// What every worker of a run shares.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) followed: Vec<Followed>,
    pub(super) days: Vec<u64>,
    pub(super) keep_rounds: bool,
    pub(super) noted: u64,
}

impl Frame {
    /// An empty tally of a plan.
    pub(super) fn tally(&self, plan: &Plan) -> Tally {
        let l = &plan.layout;
        let steps = plan.steps as usize + 1;
        let pairs = l.actors * l.contenders;
        Tally {
            rounds: 0,
            outcomes: vec![vec![0; steps]; plan.outcomes.len()],
            flags: vec![0; plan.flags.len()],
            actions: vec![vec![0; steps]; plan.actions.len()],
            details: Details {
                rounds: 0,
                timeline: Timeline::new(self.days.len(), &self.followed),
                loyalty_start: vec![0; pairs],
                loyalty_end: vec![0; pairs],
                stance_start: vec![0; l.actors * (l.contenders + 1)],
                stance_end: vec![0; l.actors * (l.contenders + 1)],
            },
        }
    }
}

/// Counts what batches do.
pub(super) struct Counter<'p> {
    frame: &'p Frame,
    tally: Tally,
    /// Values that followed quantities had when their rounds ended, by the first recorded day
    /// that they did not see.
    last: Timeline,
    records: Vec<RoundRecord>,
    notes: Vec<Brief>,
}

impl<'p> Counter<'p> {
    pub(super) fn new(plan: &Plan, frame: &'p Frame) -> Self {
        Self {
            frame,
            tally: frame.tally(plan),
            last: Timeline::new(frame.days.len(), &frame.followed),
            records: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Adds the rounds counted so far to counts by outcome.
    pub(super) fn add_outcomes(&self, counts: &mut [u64]) {
        for (outcome, count) in counts.iter_mut().enumerate() {
            *count += self.tally.outcome_count(outcome);
        }
    }

    /// What has been counted so far, with ended rounds in every later day of the timeline.
    pub(super) fn tally(&self) -> Tally {
        let mut tally = self.tally.clone();
        let mut last = self.last.clone();
        last.accumulate();
        tally.details.timeline.merge(&last);
        tally
    }

    /// The first recorded day after the step in progress.
    fn next_day<const W: usize>(&self, batch: &Batch<'_, W>) -> usize {
        let seconds = u64::from(batch.t + 1) * batch.plan.step_seconds;
        self.frame.days.partition_point(|d| d * 86_400 <= seconds)
    }
}

/// The lanes whose rounds go on and are followed in detail.
fn followed_lanes<const W: usize>(batch: &Batch<'_, W>) -> Mask<W> {
    let mut lanes = batch.alive;
    let rounds = &batch.rounds;
    lanes.keep(|lane| rounds[lane] < FOLLOWED);
    lanes
}

/// Counts the present values of followed quantities in some lanes on the `day`-th recorded day.
fn record<const W: usize>(
    timeline: &mut Timeline,
    followed: &[Followed],
    batch: &Batch<'_, W>,
    day: usize,
    lanes: &Mask<W>,
) {
    let l = batch.layout();
    batch.isa.run(
        #[inline(always)]
        || {
            for (q, f) in followed.iter().enumerate() {
                match f.what {
                    What::Slot(slot) => timeline.add(day, q, &batch.get(slot).0, lanes),
                    What::LargestTurnout => {
                        let mut top = Lanes::<W>::all(0.0);
                        for n in 0..l.crowds {
                            fold(&mut top, batch.get(l.turnout(n)), |top, x| {
                                math::max(x, top)
                            });
                        }
                        timeline.add(day, q, &top.0, lanes);
                    }
                }
            }
        },
    );
}

impl<const W: usize> Observer<W> for Counter<'_> {
    fn settled(&mut self, batch: &Batch<'_, W>, decided: &[Option<usize>; W]) {
        let followed = followed_lanes(batch);
        if !followed.any() {
            return;
        }
        let next = self.next_day(batch);
        let seconds = u64::from(batch.t + 1) * batch.plan.step_seconds;
        if self.frame.days[next - 1] * 86_400 == seconds {
            let timeline = &mut self.tally.details.timeline;
            record(timeline, &self.frame.followed, batch, next - 1, &followed);
        }
        let mut ends = followed;
        ends.keep(|lane| decided[lane].is_some());
        if ends.any() && next < self.frame.days.len() {
            record(&mut self.last, &self.frame.followed, batch, next, &ends);
        }
    }

    fn ended(&mut self, batch: &Batch<'_, W>, lane: usize, outcome: usize) {
        let l = batch.layout();
        let steps = batch.t + 1;
        self.tally.rounds += 1;
        self.tally.outcomes[outcome][steps as usize] += 1;
        for (count, flag) in self.tally.flags.iter_mut().zip(&batch.flags) {
            *count += u64::from(flag.at(lane));
        }
        for (i, counts) in self.tally.actions.iter_mut().enumerate() {
            let first = batch.get(l.first(i)).0[lane];
            if first.is_finite() {
                let step = (f64::from(first) * 86_400.0 / batch.plan.step_seconds as f64).round();
                counts[step as usize] += 1;
            }
        }
        if batch.rounds[lane] < FOLLOWED {
            let details = &mut self.tally.details;
            details.rounds += 1;
            for a in 0..l.actors {
                for c in 0..l.contenders {
                    let x = batch.get(l.loyalty(a, c)).0[lane];
                    details.loyalty_end[a * l.contenders + c] += fixed_point(x);
                }
                for o in 0..=l.contenders {
                    let x = batch.get(l.stance(a, o)).0[lane];
                    details.stance_end[a * (l.contenders + 1) + o] += fixed_point(x);
                }
            }
        }
        if batch.rounds[lane] < self.frame.noted {
            self.notes.push(Brief::of(batch, lane, outcome));
        }
        if self.frame.keep_rounds {
            let first = (0..l.actions).map(|i| {
                let day = batch.get(l.first(i)).0[lane];
                day.is_finite().then_some(day)
            });
            self.records.push(RoundRecord {
                round: batch.rounds[lane],
                outcome,
                steps,
                flags: batch.flags.iter().map(|f| f.at(lane)).collect(),
                first: first.collect(),
                priors: (0..l.priors)
                    .map(|i| batch.get(l.prior(i)).0[lane])
                    .collect(),
            });
        }
    }
}

impl<const W: usize> Collect<W> for Counter<'_> {
    /// Records of rounds, in order, if they are kept, and notes of the first ones.
    type Piece = (Vec<RoundRecord>, Vec<Brief>);

    fn begin(&mut self, batch: &Batch<'_, W>) {
        let followed = followed_lanes(batch);
        if !followed.any() {
            return;
        }
        let l = batch.layout();
        for a in 0..l.actors {
            for c in 0..l.contenders {
                let loyalty = batch.get(l.loyalty(a, c));
                self.tally.details.loyalty_start[a * l.contenders + c] += followed
                    .lanes()
                    .map(|i| fixed_point(loyalty.0[i]))
                    .sum::<i128>();
            }
            for o in 0..=l.contenders {
                let stance = batch.get(l.stance(a, o));
                self.tally.details.stance_start[a * (l.contenders + 1) + o] += followed
                    .lanes()
                    .map(|i| fixed_point(stance.0[i]))
                    .sum::<i128>();
            }
        }
        let timeline = &mut self.tally.details.timeline;
        record(timeline, &self.frame.followed, batch, 0, &followed);
    }

    fn piece(&mut self) -> Self::Piece {
        let mut records = std::mem::take(&mut self.records);
        records.sort_unstable_by_key(|r| r.round);
        let mut notes = std::mem::take(&mut self.notes);
        notes.sort_unstable_by_key(|r| r.label);
        (records, notes)
    }
}
