//! One worker: a batch of lanes and a tally of its own.

use super::histogram::fixed_point;
use super::tally::{Details, Tally};
use super::timeline::{FOLLOWED, Followed, Timeline, What};
use crate::engine::{Batch, Isa, Observer, math};
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
    pub(super) isa: Isa,
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
                stance_end: vec![0; l.actors * (l.contenders + 1)],
            },
        }
    }
}

/// A batch of lanes with its counts.
pub(super) struct Worker<'p, const W: usize> {
    batch: Batch<'p, W>,
    counter: Counter<'p, W>,
}

/// Counts what a batch does.
struct Counter<'p, const W: usize> {
    frame: &'p Frame,
    tally: Tally,
    /// The latest value of each followed quantity: of a round that has ended, its last.
    carried: Vec<[f32; W]>,
    /// Which lanes hold a round that is followed in detail.
    detailed: [bool; W],
    next_day: usize,
    records: Vec<Option<RoundRecord>>,
}

impl<'p, const W: usize> Worker<'p, W> {
    pub(super) fn new(plan: &'p Plan, seed: u64, frame: &'p Frame) -> Self {
        Self {
            batch: Batch::with_isa(plan, seed, frame.isa),
            counter: Counter {
                frame,
                tally: frame.tally(plan),
                carried: vec![[0.0; W]; frame.followed.len()],
                detailed: [false; W],
                next_day: 0,
                records: Vec::new(),
            },
        }
    }

    /// Plays `count` rounds from `first` on, and gives their records if they are kept.
    pub(super) fn play(&mut self, first: u64, count: usize) -> Vec<RoundRecord> {
        let batch = &mut self.batch;
        let counter = &mut self.counter;
        batch.initialise(first, count);
        counter.begin(batch);
        batch.play(counter);
        counter.carry_to_horizon();
        std::mem::take(&mut counter.records)
            .into_iter()
            .flatten()
            .collect()
    }

    pub(super) fn into_tally(self) -> Tally {
        self.counter.tally
    }
}

impl<const W: usize> Counter<'_, W> {
    fn begin(&mut self, batch: &Batch<'_, W>) {
        let l = batch.layout();
        self.detailed = std::array::from_fn(|i| batch.alive.at(i) && batch.rounds[i] < FOLLOWED);
        self.next_day = 0;
        if self.frame.keep_rounds {
            self.records = vec![None; W];
        }
        if !self.follows() {
            return;
        }
        for a in 0..l.actors {
            for c in 0..l.contenders {
                self.tally.details.loyalty_start[a * l.contenders + c] +=
                    self.sum(batch.get(l.loyalty(a, c)).0);
            }
        }
        self.observe(batch);
        self.record_day();
    }

    fn follows(&self) -> bool {
        self.detailed.contains(&true)
    }

    fn sum(&self, values: [f32; W]) -> i128 {
        (0..W)
            .filter(|i| self.detailed[*i])
            .map(|i| fixed_point(values[i]))
            .sum()
    }

    /// Takes the present values of followed quantities in lanes that are still going on.
    fn observe(&mut self, batch: &Batch<'_, W>) {
        let l = batch.layout();
        for (carried, f) in self.carried.iter_mut().zip(&self.frame.followed) {
            let mut now = [0.0; W];
            match f.what {
                What::Slot(slot) => now = batch.get(slot).0,
                What::LargestTurnout => {
                    for n in 0..l.crowds {
                        let turnout = &batch.get(l.turnout(n)).0;
                        for lane in 0..W {
                            now[lane] = math::max(turnout[lane], now[lane]);
                        }
                    }
                }
            }
            for lane in 0..W {
                carried[lane] = if batch.alive.at(lane) {
                    now[lane]
                } else {
                    carried[lane]
                };
            }
        }
    }

    fn record_day(&mut self) {
        let whole = self.detailed == [true; W];
        for (q, carried) in self.carried.iter().enumerate() {
            let timeline = &mut self.tally.details.timeline;
            if whole {
                timeline.add(self.next_day, q, carried.iter().copied());
            } else {
                let values = (0..W).filter(|i| self.detailed[*i]).map(|i| carried[i]);
                timeline.add(self.next_day, q, values);
            }
        }
        self.next_day += 1;
    }

    /// Rounds that ended early keep their last state for the days that follow.
    fn carry_to_horizon(&mut self) {
        while self.follows() && self.next_day < self.frame.days.len() {
            self.record_day();
        }
    }
}

impl<const W: usize> Observer<W> for Counter<'_, W> {
    fn settled(&mut self, batch: &Batch<'_, W>, decided: &[Option<usize>; W]) {
        if !self.follows() || self.next_day >= self.frame.days.len() {
            return;
        }
        let seconds = u64::from(batch.t + 1) * batch.plan.step_seconds;
        let due = seconds == self.frame.days[self.next_day] * 86_400;
        if due || decided.iter().any(Option::is_some) {
            self.observe(batch);
        }
        if due {
            self.record_day();
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
        if self.detailed[lane] {
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
        if self.frame.keep_rounds {
            let first = (0..l.actions).map(|i| {
                let day = batch.get(l.first(i)).0[lane];
                day.is_finite().then_some(day)
            });
            self.records[lane] = Some(RoundRecord {
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
