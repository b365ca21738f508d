//! Rounds weighted by evidence, in islands of a fixed number of rounds.
//!
//! Each island is weighted by itself, from its own round numbers: islands are independent, so
//! their scatter gives errors, and the result is the same on any number of threads.
//!
//! Plain weighting plays every round to its end and weighs it by its reports. Resampling
//! (sequential Monte Carlo; Gordon, Salmond & Smith 1993, Del Moral, Doucet & Jasra 2006) stops at
//! the moments of reports, drops rounds that fit badly and lets those that fit go on several
//! times, each with draws of its own. An island's mean weight, multiplied over the moments, stays
//! an unbiased estimate of P(evidence), and weighs the island among the others.

use std::sync::Mutex;
use std::sync::atomic::Ordering;

use rayon::prelude::*;

use super::{RunError, Watch, Workers};
use crate::engine::snapshot::Snapshot;
use crate::engine::{Batch, Observer, draws, math};
use crate::plan::Plan;
use crate::scenario::evidence::Report;

/// Rounds of an island.
pub const ISLAND: usize = 1_024;
/// Cells of equal prior probability in which values of priors are counted.
pub const CELLS: usize = 64;

/// How rounds are weighted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Every round is played to its end and weighted.
    Weights,
    /// Rounds are resampled at the moments of reports.
    Resampling,
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
    /// By outcome, then steps played: weight.
    pub outcomes: Vec<Vec<f64>>,
    /// By flag: weight.
    pub flags: Vec<f64>,
    /// By action, then step of its first taking effect: weight.
    pub actions: Vec<Vec<f64>>,
    /// By prior, then cell of equal prior probability: weight.
    pub priors: Vec<Vec<f64>>,
    /// By report: weight of those before it, with it, and the squares with it.
    pub reports: Vec<[f64; 3]>,
    /// Rounds from which something is left after resampling.
    pub ancestors: u64,
    /// Islands with any weight.
    pub islands: u64,
    /// Over islands: sums of W², and for each quantity of [`Self::totals`] of W·F and F².
    pub scatter: (f64, Vec<[f64; 2]>),
}

/// What a round gave at its end.
#[derive(Debug, Clone)]
struct End {
    outcome: usize,
    steps: u32,
    flags: Vec<bool>,
    first: Vec<f32>,
    priors: Vec<f32>,
    pattern: u64,
}

/// Notes the ends of the rounds of one island.
struct Ends {
    first: u64,
    list: Vec<Option<End>>,
}

impl<const W: usize> Observer<W> for Ends {
    fn ended(&mut self, batch: &Batch<'_, W>, lane: usize, outcome: usize) {
        let l = batch.layout();
        self.list[(batch.rounds[lane] - self.first) as usize] = Some(End {
            outcome,
            steps: batch.t + 1,
            flags: batch.flags.iter().map(|f| f.at(lane)).collect(),
            first: (0..l.actions)
                .map(|i| batch.get(l.first(i)).0[lane])
                .collect(),
            priors: (0..l.priors)
                .map(|i| batch.get(l.prior(i)).0[lane])
                .collect(),
            pattern: pattern(batch, lane),
        });
    }
}

fn pattern<const W: usize>(batch: &Batch<'_, W>, lane: usize) -> u64 {
    let bits = batch.seen.iter().enumerate();
    bits.fold(0, |p, (i, seen)| p | u64::from(seen.at(lane)) << i)
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
            ..Self::default()
        };
        out.scatter.1 = vec![[0.0; 2]; out.totals().len()];
        out
    }

    /// Weight of every outcome, flag and action, and of the upper half of every prior: what is
    /// given with an interval.
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

    fn count(&mut self, plan: &Plan, edges: &[Vec<f32>], end: &End, weight: f64) {
        self.weight += weight;
        self.squares += weight * weight;
        if weight == 0.0 {
            return;
        }
        self.outcomes[end.outcome][end.steps as usize] += weight;
        for (sum, flag) in self.flags.iter_mut().zip(&end.flags) {
            *sum += if *flag { weight } else { 0.0 };
        }
        for (counts, first) in self.actions.iter_mut().zip(&end.first) {
            if first.is_finite() {
                let step = (f64::from(*first) * 86_400.0 / plan.step_seconds as f64).round();
                counts[step as usize] += weight;
            }
        }
        for ((cells, edges), x) in self.priors.iter_mut().zip(edges).zip(&end.priors) {
            cells[edges.partition_point(|e| e <= x)] += weight;
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
        self.ancestors += island.ancestors;
        self.islands += u64::from(island.weight > 0.0);
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
        self.scatter.0 += island.weight * island.weight;
        for (to, f) in self.scatter.1.iter_mut().zip(island.totals()) {
            to[0] += island.weight * f;
            to[1] += f * f;
        }
    }
}

/// Reports that are complete at one moment.
#[derive(Debug, Clone)]
struct Moment {
    step: u32,
    reports: Vec<usize>,
}

fn moments(plan: &Plan, reports: &[Report]) -> Vec<Moment> {
    let mut out: Vec<Moment> = Vec::new();
    for (i, r) in reports.iter().enumerate() {
        let last = r.members.iter().map(|o| plan.watches[*o].step).max();
        let step = last.unwrap_or(plan.steps);
        match out.iter_mut().find(|m| m.step == step) {
            Some(moment) => moment.reports.push(i),
            None => out.push(Moment {
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
            Some(end) => end.pattern,
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
            let saved: Snapshot = self.batches[from / W].save(from % W);
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
    /// Seed.
    pub seed: u64,
    /// Rounds, from 0 on.
    pub rounds: u64,
    /// How they are played.
    pub workers: Workers,
    /// The reports, over the observations that the plan watches.
    pub reports: &'a [Report],
    /// How.
    pub method: Method,
}

/// Plays rounds and weighs them.
///
/// # Errors
/// [`RunError`] when it is stopped, or has no threads.
pub fn weigh<const W: usize>(
    plan: &Plan,
    task: Task<'_>,
    watch: Watch<'_>,
) -> Result<Weighted, RunError> {
    let moments = moments(plan, task.reports);
    let edges: Vec<Vec<f32>> = plan
        .priors
        .iter()
        .map(|p| (1..CELLS).map(|k| p.at(k as f32 / CELLS as f32)).collect())
        .collect();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(task.workers.threads)
        .build()?;
    let idle: Mutex<Vec<Vec<Batch<'_, W>>>> = Mutex::new(Vec::new());
    let lock = || {
        idle.lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    };
    let stop = watch.stop;
    let one = |island: u64| -> Option<Weighted> {
        if stop.load(Ordering::Relaxed) {
            return None;
        }
        let mut batches = lock().pop().unwrap_or_else(|| {
            let make = |_| Batch::with_isa(plan, task.seed, task.workers.isa);
            (0..ISLAND.div_ceil(W)).map(make).collect()
        });
        let found = play_island(plan, task, &moments, &edges, island, &mut batches);
        lock().push(batches);
        Some(found)
    };
    let islands = task.rounds.div_ceil(ISLAND as u64);
    let wave = 4 * pool.current_num_threads() as u64;
    let mut out = Weighted::new(plan, task.reports.len());
    let mut next = 0;
    while next < islands {
        let end = (next + wave).min(islands);
        let found: Vec<Option<Weighted>> =
            pool.install(|| (next..end).into_par_iter().map(one).collect());
        if watch.is_stopped() {
            return Err(RunError::Interrupted);
        }
        for island in found.iter().flatten() {
            out.add(island);
        }
        watch.advance((end * ISLAND as u64).min(task.rounds) - next * ISLAND as u64);
        next = end;
    }
    Ok(out)
}

fn play_island<'p, const W: usize>(
    plan: &'p Plan,
    task: Task<'_>,
    moments: &[Moment],
    edges: &[Vec<f32>],
    index: u64,
    batches: &mut [Batch<'p, W>],
) -> Weighted {
    let first = index * ISLAND as u64;
    let count = (task.rounds - first).min(ISLAND as u64) as usize;
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
    for (m, moment) in moments.iter().enumerate() {
        island.play_until(moment.step);
        for r in &moment.reports {
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
        if sum == 0.0 {
            // No round of this island could have given these reports.
            return out;
        }
        if task.method == Method::Resampling && sum * sum < 0.5 * count as f64 * squares {
            let word = draws::word(task.seed, "given/resample", index, m as u64);
            island.resample(f64::from(math::uniform(word)));
        }
    }
    island.play_until(island.plan.steps);
    for (end, weight) in island.ends.list.iter().zip(&island.weights) {
        if let Some(end) = end {
            out.count(plan, edges, end, *weight);
        }
    }
    let mut ancestors = island.ancestors;
    ancestors.sort_unstable();
    ancestors.dedup();
    out.ancestors = ancestors.len() as u64;
    out
}
