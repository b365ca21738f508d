//! Rounds weighted by evidence, in islands.
//!
//! Each island is weighted on its own, from its own round numbers: islands are independent, so their
//! scatter gives errors, and the result is the same on any number of threads. An error that is
//! estimated from a few islands is hardly known itself, so runs of few rounds have small islands rather than
//! few.
//!
//! Weighting plays every round to its end and weights it by its reports. Resampling
//! (sequential Monte Carlo; Gordon, Salmond & Smith 1993, Del Moral, Doucet & Jasra 2006) stops at
//! the moments of reports, drops rounds that fit badly and continues those that fit several times,
//! each with draws of its own. An island's mean weight, multiplied over these moments, remains an
//! unbiased estimate of P(evidence), and weights the island among the others.

use std::ops::Range;

use super::PlayError;
use super::patterns::{BLOCKS, Patterns, pattern};
use super::player::Player;
use super::pool::WorkerPool;
use super::record::{Detail, RoundRecord, step_of};
use crate::engine::{Batch, Observer, RoundSnapshot, draws};
use crate::plan::{Needs, Plan};
use crate::scenario::reports::Report;

/// Most rounds of an island.
pub const ISLAND: usize = 1_024;
/// Islands that any run is divided into, if it has as many rounds.
pub const ISLANDS: u64 = 16;
/// Cells of equal prior probability in which values of priors are counted.
pub const CELLS: usize = 64;

/// How evidence is taken into account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenBy {
    /// Every round is played to its end and weighted by its reports.
    Weights,
    /// Rounds are resampled at the moments of reports.
    Resampling,
}

impl GivenBy {
    /// All of them, with what manifests call them.
    const ALL: [(Self, &str); 2] = [(Self::Weights, "weights"), (Self::Resampling, "resampling")];

    /// What manifests call it.
    pub(crate) fn name(self) -> &'static str {
        let own = Self::ALL.iter().find(|(by, _)| *by == self);
        own.map_or("", |(_, name)| name)
    }

    /// What a manifest names.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(_, own)| *own == name);
        found.map(|(by, _)| *by)
    }
}

/// Weighted counts over rounds.
#[derive(Debug, Clone, Default)]
pub struct Weighted {
    /// Rounds played.
    pub rounds: u64,
    /// Sum of weights. Divided by `rounds`: P(evidence).
    pub weight: f64,
    /// Sum of squared weights.
    pub squares: f64,
    /// Sum of squared weights of families: the rounds that go back to one round of the start.
    pub families: f64,
    /// By outcome, then steps after which it was noted: weight.
    pub outcomes: Vec<Vec<f64>>,
    /// By flag: weight.
    pub flags: Vec<f64>,
    /// By action, then step of its first taking effect: weight.
    pub actions: Vec<Vec<f64>>,
    /// By prior, then cell of equal prior probability: weight.
    pub priors: Vec<Vec<f64>>,
    /// By report: weight of those before it, with it, and the squares with it.
    pub reports: Vec<[f64; 3]>,
    /// By report: weight of rounds in which it is not true.
    pub wrong: Vec<f64>,
    /// For each quantity of [`Self::totals`]: sum of its squared weights.
    pub squared_totals: Vec<f64>,
    /// Rounds with descendants after resampling.
    pub ancestors: u64,
    /// Islands played.
    pub islands: u64,
    /// By block of islands (island `i` is in block `i mod 64`): weight, and [`Self::totals`].
    pub blocks: Vec<(f64, Vec<f64>)>,
    /// By outcome: what held of the reports in the rounds that ended with it. Nothing where rounds were resampled.
    pub ended: Vec<Patterns>,
}

/// Notes the ends of the rounds of one island.
struct Ends {
    first: u64,
    list: Vec<Option<RoundRecord>>,
}

impl<const W: usize> Observer<W> for Ends {
    fn reads(&self, _batch: &Batch<'_, W>, _decided: &[Option<usize>; W]) -> Needs {
        Needs::default()
    }

    fn ended(&mut self, batch: &Batch<'_, W>, lane: usize, outcome: usize) {
        let place = (batch.rounds[lane] - self.first) as usize;
        self.list[place] = Some(RoundRecord::new(batch, lane, outcome, Detail::Full));
    }
}

impl Weighted {
    fn new(plan: &Plan, reports: usize) -> Self {
        let steps = plan.steps as usize + 1;
        let mut out = Self {
            outcomes: vec![vec![0.0; steps]; plan.outcomes.len()],
            flags: vec![0.0; plan.flags.len()],
            actions: vec![vec![0.0; steps]; plan.actions.len()],
            priors: vec![vec![0.0; CELLS]; plan.priors.len()],
            reports: vec![[0.0; 3]; reports],
            wrong: vec![0.0; reports],
            ended: vec![Patterns::default(); plan.outcomes.len()],
            ..Self::default()
        };
        out.squared_totals = vec![0.0; out.totals().len()];
        out
    }

    /// Returns the weight of every outcome, flag and action, and of the upper half of every prior:
    /// the quantities that get an interval.
    #[must_use]
    pub fn totals(&self) -> Vec<f64> {
        let sum = |counts: &Vec<f64>| counts.iter().sum::<f64>();
        let upper = |cells: &Vec<f64>| cells[CELLS / 2..].iter().sum::<f64>();
        self.outcomes
            .iter()
            .map(sum)
            .chain(self.flags.iter().copied())
            .chain(self.actions.iter().map(sum))
            .chain(self.priors.iter().map(upper))
            .collect()
    }

    fn count(&mut self, plan: &Plan, edges: &[Vec<f32>], end: &RoundRecord, weight: f64) {
        let square = weight * weight;
        self.weight += weight;
        self.squares += square;
        if weight == 0.0 {
            return;
        }
        let mut squares = self.squared_totals.iter_mut();
        self.outcomes[end.outcome][end.steps as usize] += weight;
        for (i, sum) in squares.by_ref().take(self.outcomes.len()).enumerate() {
            *sum += if i == end.outcome { square } else { 0.0 };
        }
        for (i, (sum, squares)) in self.flags.iter_mut().zip(&mut squares).enumerate() {
            if end.flags[i] {
                *sum += weight;
                *squares += square;
            }
        }
        for ((counts, first), squares) in self.actions.iter_mut().zip(&end.first).zip(&mut squares)
        {
            if let Some(day) = first {
                counts[step_of(plan, *day)] += weight;
                *squares += square;
            }
        }
        let priors = self.priors.iter_mut().zip(edges).zip(&end.priors);
        for (((cells, edges), x), squares) in priors.zip(&mut squares) {
            let cell = edges.partition_point(|e| e <= x);
            cells[cell] += weight;
            *squares += if cell >= CELLS / 2 { square } else { 0.0 };
        }
    }

    /// Adds an island. Islands are added in their order, as sums of floats depend on it.
    fn add(&mut self, island: &Self) {
        let add = |to: &mut [f64], from: &[f64]| {
            for (a, b) in to.iter_mut().zip(from) {
                *a += b;
            }
        };
        self.rounds += island.rounds;
        self.weight += island.weight;
        self.squares += island.squares;
        self.families += island.families;
        self.ancestors += island.ancestors;
        let nested = [
            (&mut self.outcomes, &island.outcomes),
            (&mut self.actions, &island.actions),
            (&mut self.priors, &island.priors),
        ];
        for (to, from) in nested {
            for (to, from) in to.iter_mut().zip(from) {
                add(to, from);
            }
        }
        add(&mut self.flags, &island.flags);
        for (to, from) in self.reports.iter_mut().zip(&island.reports) {
            add(to, from);
        }
        add(&mut self.wrong, &island.wrong);
        for (to, from) in self.ended.iter_mut().zip(&island.ended) {
            to.merge(from);
        }
        add(&mut self.squared_totals, &island.squared_totals);
        let block = (self.islands % BLOCKS as u64) as usize;
        self.islands += 1;
        let totals = island.totals();
        match self.blocks.get_mut(block) {
            Some((weight, sums)) => {
                *weight += island.weight;
                add(sums, &totals);
            }
            None => self.blocks.push((island.weight, totals)),
        }
    }
}

/// Reports that are complete after the same step.
#[derive(Debug, Clone)]
struct Update {
    step: u32,
    reports: Vec<usize>,
}

fn updates(plan: &Plan, reports: &[Report]) -> Vec<Update> {
    let mut out: Vec<Update> = Vec::new();
    for (i, r) in reports.iter().enumerate() {
        let last = r.members.iter().map(|o| plan.watches[*o].step).max();
        let step = last.unwrap_or(plan.steps);
        match out.iter_mut().find(|m| m.step == step) {
            Some(update) => update.reports.push(i),
            None => out.push(Update {
                step,
                reports: vec![i],
            }),
        }
    }
    out.sort_by_key(|m| m.step);
    out
}

/// One island while it is played.
struct Island<'a, 'p, const W: usize> {
    plan: &'p Plan,
    batches: &'a mut [Batch<'p, W>],
    ends: Ends,
    weights: Vec<f64>,
    /// The round that each goes back to.
    ancestors: Vec<usize>,
}

impl<const W: usize> Island<'_, '_, W> {
    fn play_until(&mut self, step: u32) {
        for batch in self.batches.iter_mut() {
            batch.play_until(step, &mut self.ends);
            // A batch whose rounds have all ended keeps step with the others, as rounds of theirs
            // may go on in its lanes.
            batch.t = batch.t.max(step);
        }
    }

    fn pattern(&self, i: usize) -> u64 {
        match &self.ends.list[i] {
            Some(end) => end.pattern(),
            None => pattern(&self.batches[i / W], i % W),
        }
    }

    /// Rounds that fit go on several times, others not at all: systematic resampling with one
    /// draw. Those that stay keep their lanes.
    fn resample(&mut self, u: f64) {
        let n = self.weights.len();
        let sum: f64 = self.weights.iter().sum();
        let mut copies = vec![0_usize; n];
        let (mut at, mut passed) = (0, self.weights[0]);
        for k in 0..n {
            let point = (k as f64 + u) / n as f64 * sum;
            while passed < point && at + 1 < n {
                at += 1;
                passed += self.weights[at];
            }
            copies[at] += 1;
        }
        let mut free = (0..n).filter(|i| copies[*i] == 0);
        for from in (0..n).filter(|i| copies[*i] > 1) {
            let saved: RoundSnapshot = self.batches[from / W].save(from % W);
            for _ in 1..copies[from] {
                let Some(to) = free.next() else { break };
                self.batches[to / W].restore(to % W, &saved);
                let end = self.ends.list[from].clone();
                self.ends.list[to] = end;
                self.ancestors[to] = self.ancestors[from];
            }
        }
        self.weights.fill(sum / n as f64);
    }
}

/// What is weighed, and how.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a> {
    /// Rounds, from 0 on.
    pub rounds: u64,
    /// The reports, over the observations that the plan watches.
    pub reports: &'a [Report],
    /// How.
    pub method: GivenBy,
    /// Rounds of an island.
    pub island: usize,
}

impl<'a> Task<'a> {
    /// Rounds weighed by a method, in islands of the usual size: where rounds are resampled, a sixteenth of
    /// all, rounded up, and at most 1,024.
    #[must_use]
    pub fn new(rounds: u64, reports: &'a [Report], method: GivenBy) -> Self {
        let part = usize::try_from(rounds.div_ceil(ISLANDS)).unwrap_or(ISLAND);
        Self {
            rounds,
            reports,
            method,
            island: match method {
                // Islands are nothing but packs of work here.
                GivenBy::Weights => ISLAND,
                GivenBy::Resampling => part.clamp(1, ISLAND),
            },
        }
    }
}

impl Player<'_> {
    /// Plays rounds in batches of `W` lanes and weights them by evidence.
    ///
    /// # Errors
    /// [`PlayError`] if it is stopped or cannot start threads.
    pub fn weigh<const W: usize>(
        &self,
        plan: &Plan,
        task: Task<'_>,
    ) -> Result<Weighted, PlayError> {
        let updates = updates(plan, task.reports);
        let edges: Vec<Vec<f32>> = plan
            .priors
            .iter()
            .map(|p| {
                (1..CELLS)
                    .map(|k| p.at_uniform(k as f64 / CELLS as f64))
                    .collect()
            })
            .collect();
        let (seed, isa) = (self.seed, self.workers.isa);
        let batches = move || {
            let make = |_| Batch::<W>::with_isa(plan, seed, isa);
            (0..task.island.div_ceil(W)).map(make).collect::<Vec<_>>()
        };
        let pool = WorkerPool::new(self.workers.threads, self.watch, batches)?;
        let mut out = Weighted::new(plan, task.reports.len());
        pool.run(
            task.rounds,
            task.island as u64,
            self.watch,
            |batches, rounds| play_island(plan, seed, task, &updates, &edges, rounds, batches),
            |island| out.add(&island),
        )?;
        Ok(out)
    }
}

fn play_island<'p, const W: usize>(
    plan: &'p Plan,
    seed: u64,
    task: Task<'_>,
    updates: &[Update],
    edges: &[Vec<f32>],
    rounds: Range<u64>,
    batches: &mut [Batch<'p, W>],
) -> Weighted {
    let first = rounds.start;
    let count = (rounds.end - first) as usize;
    let used = &mut batches[..count.div_ceil(W)];
    for (b, batch) in used.iter_mut().enumerate() {
        batch.initialise(first + (b * W) as u64, (count - b * W).min(W));
    }
    let mut island = Island {
        plan,
        batches: used,
        ends: Ends {
            first,
            list: vec![None; count],
        },
        weights: vec![1.0; count],
        ancestors: (0..count).collect(),
    };
    let mut out = Weighted::new(plan, task.reports.len());
    out.rounds = count as u64;
    for (m, update) in updates.iter().enumerate() {
        island.play_until(update.step);
        for r in &update.reports {
            let before: f64 = island.weights.iter().sum();
            for i in 0..count {
                island.weights[i] *= task.reports[*r].factor(island.pattern(i));
            }
            let sum: f64 = island.weights.iter().sum();
            let squares: f64 = island.weights.iter().map(|w| w * w).sum();
            out.reports[*r] = [before, sum, squares];
        }
        let sum: f64 = island.weights.iter().sum();
        let squares: f64 = island.weights.iter().map(|w| w * w).sum();
        if sum == 0.0 && task.method == GivenBy::Resampling {
            // No round of this island could have given these reports.
            return out;
        }
        if task.method == GivenBy::Resampling && sum * sum < 0.5 * count as f64 * squares {
            let index = first / task.island as u64;
            let u = draws::uniform(seed, "given/resample", index, m as u64);
            island.resample(f64::from(u));
        }
    }
    island.play_until(island.plan.steps);
    let mut families = vec![0.0; count];
    let reported = task.reports.iter().fold(0, |all, r| all | r.mask);
    for (i, (end, weight)) in island.ends.list.iter().zip(&island.weights).enumerate() {
        if let Some(end) = end {
            out.count(plan, edges, end, *weight);
            families[island.ancestors[i]] += weight;
            let pattern = end.pattern();
            if task.method == GivenBy::Weights {
                out.ended[end.outcome].add(first + i as u64, pattern & reported);
            }
            for (wrong, report) in out.wrong.iter_mut().zip(task.reports) {
                *wrong += if report.holds(pattern) { 0.0 } else { *weight };
            }
        }
    }
    out.families = families.iter().map(|f| f * f).sum();
    let mut ancestors = island.ancestors;
    ancestors.sort_unstable();
    ancestors.dedup();
    out.ancestors = ancestors.len() as u64;
    out
}
