//! Counts rounds, for the tables of a run.

use std::sync::Arc;

use super::by_outcome::{Waiting, days_by_outcome};
use super::histogram::sum;
use super::in_play::InPlay;
use super::record::{Detail, Records, RoundRecord, noted_step, step_of};
use super::tally::{Counts, Details, Horizons, OfOutcome, Tally};
use super::timeline::{self, FOLLOWED, Followed, Timeline, What};
use crate::engine::lanes::{Lanes, Mask, fold};
use crate::engine::{Batch, Observer};
use crate::math;
use crate::plan::{Needs, Plan};
use crate::scenario::Scenario;

/// What all workers of a run share.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) followed: Vec<Followed>,
    /// Facts among them.
    pub(super) facts: Needs,
    pub(super) days: Vec<u64>,
    /// Which of them are recorded by outcome.
    by_outcome: Vec<usize>,
    pub(super) kept: Records,
}

impl Frame {
    pub(super) fn new(scenario: &Scenario, plan: &Plan, kept: Records) -> Self {
        let followed = timeline::followed(scenario, plan);
        let facts = followed.iter().map(|f| match f.what {
            What::Slot(slot) => plan.layout.needs(slot),
            What::LargestTurnout => Needs::default(),
        });
        let days = timeline::recorded_days(&scenario.clock);
        Self {
            facts: facts.fold(Needs::default(), Needs::or),
            followed,
            by_outcome: days_by_outcome(days.len()),
            days,
            kept,
        }
    }

    /// What is recorded when a step is over.
    pub(super) fn moments<const W: usize>(
        &self,
        batch: &Batch<'_, W>,
        decided: &[Option<usize>; W],
    ) -> Moments<W> {
        let days = &self.days;
        let seconds = u64::from(batch.t + 1) * batch.plan.step_seconds;
        let next = days.partition_point(|d| d * 86_400 <= seconds);
        let today = days[next - 1] * 86_400 == seconds;
        if !today && decided.iter().all(Option::is_none) {
            return Moments::default();
        }
        let lanes = followed_lanes(batch);
        if !lanes.any() {
            return Moments::default();
        }
        let mut ends = lanes;
        ends.keep(|lane| decided[lane].is_some());
        let last = ends.any() && next < days.len();
        Moments {
            today: today.then_some((next - 1, lanes)),
            last: last.then_some((next, ends)),
            ends: ends.any().then_some(ends),
        }
    }

    /// What a step has to know of facts for what is recorded when it is over.
    pub(super) fn reads<const W: usize>(
        &self,
        batch: &Batch<'_, W>,
        decided: &[Option<usize>; W],
    ) -> Needs {
        match self.moments(batch, decided) {
            Moments {
                today: None,
                last: None,
                ..
            } => Needs::default(),
            _ => self.facts,
        }
    }

    /// Whether every recorded day is recorded by outcome: then all rounds are those of each outcome together, and
    /// need not be counted a second time.
    fn all_by_outcome(&self) -> bool {
        self.by_outcome.len() == self.days.len()
    }

    /// Empty counts of so many outcomes.
    fn of_outcomes(&self, outcomes: usize) -> Vec<OfOutcome> {
        let none = OfOutcome {
            rounds: 0,
            timeline: Timeline::new(self.by_outcome.len(), &self.followed),
        };
        vec![none; outcomes]
    }

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
            limited: vec![0; plan.actions.len()],
            crowded: vec![0; plan.actions.len()],
            lapsed: vec![0; plan.actions.len()],
            undefined: vec![0; plan.fragile.len()],
            horizons: Horizons::new(plan),
            details: Details {
                rounds: 0,
                timeline: Timeline::new(self.days.len(), &self.followed),
                by_outcome: self.of_outcomes(plan.outcomes.len()),
                loyalty_start: vec![0; pairs],
                loyalty_end: vec![0; pairs],
                stance_start: vec![0; l.actors * (l.contenders + 1)],
                stance_end: vec![0; l.actors * (l.contenders + 1)],
            },
        }
    }
}

/// The observer of a run: counts rounds.
pub(super) struct Counter {
    frame: Arc<Frame>,
    tally: Tally,
    /// Values that followed quantities had when their rounds ended, by the first recorded day
    /// that they did not see; nothing if all days are recorded by outcome.
    last: Timeline,
    /// Values of rounds that are not counted by outcome yet.
    waiting: Waiting,
    /// Records that are kept of the rounds since they were last taken.
    pub(super) records: Vec<RoundRecord>,
}

impl Counter {
    pub(super) fn new(plan: &Plan, frame: Arc<Frame>) -> Self {
        Self {
            tally: frame.tally(plan),
            last: Timeline::new(frame.days.len(), &frame.followed),
            waiting: Waiting::new(
                frame.by_outcome.len(),
                frame.followed.len(),
                plan.outcomes.len(),
            ),
            records: Vec::new(),
            frame,
        }
    }

    /// Adds the rounds counted so far to counts by outcome.
    pub(super) fn add_outcomes(&self, counts: &mut [u64]) {
        for (outcome, count) in counts.iter_mut().enumerate() {
            *count += self.tally.outcome_count(outcome);
        }
    }

    /// Adds the counts so far to others, with ended rounds in every later day of the timeline.
    pub(super) fn add_to(&self, tally: &mut Tally) {
        tally.merge(&self.tally);
        let (own, details) = (&self.tally.details.by_outcome, &mut tally.details);
        let mut waiting = self.frame.of_outcomes(own.len());
        self.waiting.add_to(&mut waiting);
        details.by_outcome.merge(&waiting);
        if self.frame.all_by_outcome() {
            for part in own.iter().chain(&waiting) {
                details.timeline.merge(&part.timeline);
            }
        } else {
            details.timeline.merge_ended(&self.last);
        }
    }
}

/// Days of the timeline that are recorded when a step is over, each with the lanes.
#[derive(Default)]
pub(super) struct Moments<const W: usize> {
    /// The day that ends with the step.
    pub(super) today: Option<(usize, Mask<W>)>,
    /// The first day after rounds that end with the step.
    pub(super) last: Option<(usize, Mask<W>)>,
    /// Rounds that end with the step.
    ends: Option<Mask<W>>,
}

/// The lanes whose rounds go on and are followed in detail.
fn followed_lanes<const W: usize>(batch: &Batch<'_, W>) -> Mask<W> {
    let mut lanes = batch.alive;
    let rounds = &batch.rounds;
    lanes.keep(|lane| rounds[lane] < FOLLOWED);
    lanes
}

/// Shows the present values of each followed quantity, one per lane.
#[inline(always)]
fn each_value<const W: usize>(
    followed: &[Followed],
    batch: &Batch<'_, W>,
    mut show: impl FnMut(usize, &[f32; W]),
) {
    let l = batch.layout();
    for (q, f) in followed.iter().enumerate() {
        match f.what {
            What::Slot(slot) => show(q, &batch.get(slot).0),
            What::LargestTurnout => {
                let mut top = Lanes::<W>::all(0.0);
                for n in 0..l.crowds {
                    fold(&mut top, batch.get(l.turnout(n)), |top, x| {
                        math::max(x, top)
                    });
                }
                show(q, &top.0);
            }
        }
    }
}

/// Counts the present values of followed quantities in some lanes on the `day`-th recorded day.
fn record<const W: usize>(
    timeline: &mut Timeline,
    followed: &[Followed],
    batch: &Batch<'_, W>,
    day: usize,
    lanes: &Mask<W>,
) {
    batch.isa.run(
        #[inline(always)]
        || {
            each_value(followed, batch, |q, values| {
                timeline.add(day, q, values, lanes);
            });
        },
    );
}

/// Keeps the present values of followed quantities in some lanes until their rounds have ended.
pub(super) fn keep<const W: usize>(
    playing: &mut InPlay,
    followed: &[Followed],
    batch: &Batch<'_, W>,
    lanes: &Mask<W>,
) {
    let places = playing.places(batch, lanes);
    each_value(followed, batch, |_, values| playing.add(&places, values));
}

/// Adds loyalties and stances in some lanes to their sums, by actor, then contender or side.
fn add_beliefs<const W: usize>(
    (loyalties, stances): (&mut Vec<i128>, &mut Vec<i128>),
    batch: &Batch<'_, W>,
    lanes: &Mask<W>,
) {
    let l = batch.layout();
    batch.isa.run(
        #[inline(always)]
        || {
            for a in 0..l.actors {
                for c in 0..l.contenders {
                    let loyalty = &batch.get(l.loyalty(a, c)).0;
                    loyalties[a * l.contenders + c] += sum(loyalty, lanes);
                }
                for o in 0..=l.contenders {
                    let stance = &batch.get(l.stance(a, o)).0;
                    stances[a * (l.contenders + 1) + o] += sum(stance, lanes);
                }
            }
        },
    );
}

impl<const W: usize> Observer<W> for Counter {
    fn reads_first(&self) -> Needs {
        self.frame.facts
    }

    fn began(&mut self, batch: &Batch<'_, W>) {
        let followed = followed_lanes(batch);
        if !followed.any() {
            return;
        }
        let details = &mut self.tally.details;
        let sums = (&mut details.loyalty_start, &mut details.stance_start);
        add_beliefs(sums, batch, &followed);
        let quantities = &self.frame.followed;
        if !self.frame.all_by_outcome() {
            record(&mut details.timeline, quantities, batch, 0, &followed);
        }
        self.waiting.playing.begin(batch, &followed);
        keep(&mut self.waiting.playing, quantities, batch, &followed);
    }

    fn flagged(&mut self, batch: &Batch<'_, W>, flag: usize, lanes: &Mask<W>) {
        self.tally.horizons.flagged(batch, flag, lanes);
    }

    fn horizon(&mut self, batch: &Batch<'_, W>, horizon: usize, outcomes: &[Option<usize>; W]) {
        self.tally.horizons.reached(batch, horizon, outcomes);
    }

    fn reads(&self, batch: &Batch<'_, W>, decided: &[Option<usize>; W]) -> Needs {
        self.frame.reads(batch, decided)
    }

    fn settled(&mut self, batch: &Batch<'_, W>, decided: &[Option<usize>; W]) {
        let Moments { today, last, ends } = self.frame.moments(batch, decided);
        let followed = &self.frame.followed;
        let all_by_outcome = self.frame.all_by_outcome();
        if let Some((day, lanes)) = today {
            if !all_by_outcome {
                let timeline = &mut self.tally.details.timeline;
                record(timeline, followed, batch, day, &lanes);
            }
            if self.frame.by_outcome.binary_search(&day).is_ok() {
                keep(&mut self.waiting.playing, followed, batch, &lanes);
            }
        }
        if let Some((day, lanes)) = last {
            if !all_by_outcome {
                record(&mut self.last, followed, batch, day, &lanes);
            }
            keep(&mut self.waiting.playing, followed, batch, &lanes);
        }
        if let Some(lanes) = ends {
            let details = &mut self.tally.details;
            let sums = (&mut details.loyalty_end, &mut details.stance_end);
            add_beliefs(sums, batch, &lanes);
        }
    }

    fn ended(&mut self, batch: &Batch<'_, W>, lane: usize, outcome: usize) {
        let l = batch.layout();
        self.tally.rounds += 1;
        self.tally.outcomes[outcome][noted_step(batch, lane) as usize] += 1;
        let tally = &mut self.tally;
        for (counts, masks) in [
            (&mut tally.flags, &batch.flags),
            (&mut tally.limited, &batch.limited),
            (&mut tally.crowded, &batch.crowded),
            (&mut tally.lapsed, &batch.lapsed),
            (&mut tally.undefined, &batch.undefined),
        ] {
            for (count, mask) in counts.iter_mut().zip(masks) {
                *count += u64::from(mask.at(lane));
            }
        }
        if batch.plan.reads {
            self.tally.horizons.ended(batch, lane, outcome);
        }
        for (i, counts) in self.tally.actions.iter_mut().enumerate() {
            let first = batch.get(l.first(i)).0[lane];
            if first.is_finite() {
                counts[step_of(batch.plan, first)] += 1;
            }
        }
        if batch.rounds[lane] < FOLLOWED {
            let details = &mut self.tally.details;
            details.rounds += 1;
            let (round, counts) = (batch.rounds[lane], &mut details.by_outcome);
            self.waiting.end(round, outcome, counts, batch.isa);
        }
        let kept = self.frame.kept;
        if kept.all || batch.rounds[lane] < kept.summaries {
            let detail = if kept.all {
                Detail::Full
            } else {
                Detail::Summary
            };
            let record = RoundRecord::new(batch, lane, outcome, detail);
            self.records.push(record);
        }
    }
}
