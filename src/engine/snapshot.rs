//! Snapshots of one round, so that it can go on in other lanes too, each with draws of its own.

use std::collections::VecDeque;

use super::state::{ActionState, Batch};

/// Everything that one round remembers, but for its number and its draws.
#[derive(Debug, Clone)]
pub struct Snapshot {
    rows: Vec<f32>,
    alive: bool,
    actions: Vec<ActionSnapshot>,
    runs: Vec<u32>,
    flags: Vec<bool>,
    seen: Vec<bool>,
    read: Vec<f32>,
}

#[derive(Debug, Clone)]
struct ActionSnapshot {
    numbers: [f32; 5],
    decisions: u32,
    spell: bool,
    judged: bool,
    queue: VecDeque<u32>,
}

impl<const W: usize> ActionState<W> {
    fn save(&self, lane: usize) -> ActionSnapshot {
        let numbers = [
            &self.clock,
            &self.threshold,
            &self.start,
            &self.now,
            &self.rate,
        ];
        ActionSnapshot {
            numbers: numbers.map(|x| x.0[lane]),
            decisions: self.decisions[lane],
            spell: self.spell.at(lane),
            judged: self.judged.at(lane),
            queue: self.queue.get(lane).cloned().unwrap_or_default(),
        }
    }

    fn restore(&mut self, lane: usize, from: &ActionSnapshot) {
        let numbers = [
            &mut self.clock,
            &mut self.threshold,
            &mut self.start,
            &mut self.now,
            &mut self.rate,
        ];
        for (to, x) in numbers.into_iter().zip(from.numbers) {
            to.0[lane] = x;
        }
        self.decisions[lane] = from.decisions;
        self.spell.set(lane, from.spell);
        self.judged.set(lane, from.judged);
        if let Some(queue) = self.queue.get_mut(lane) {
            queue.clone_from(&from.queue);
        }
    }
}

impl<const W: usize> Batch<'_, W> {
    /// What the round in a lane remembers between two steps.
    #[must_use]
    pub fn save(&self, lane: usize) -> Snapshot {
        let rows = [&self.slots, &self.tastes, &self.mood, &self.grievance_start];
        Snapshot {
            rows: rows.into_iter().flatten().map(|x| x.0[lane]).collect(),
            alive: self.alive.at(lane),
            actions: self.actions.iter().map(|a| a.save(lane)).collect(),
            runs: self.runs.iter().map(|r| r[lane]).collect(),
            flags: self.flags.iter().map(|f| f.at(lane)).collect(),
            seen: self.seen.iter().map(|s| s.at(lane)).collect(),
            read: self.read.iter().map(|x| x.0[lane]).collect(),
        }
    }

    /// The round in a lane goes on from a snapshot of a round of the same plan at the same step.
    /// What it draws from now on is its own.
    pub fn restore(&mut self, lane: usize, from: &Snapshot) {
        let rows = [
            &mut self.slots,
            &mut self.tastes,
            &mut self.mood,
            &mut self.grievance_start,
        ];
        for (to, x) in rows.into_iter().flatten().zip(&from.rows) {
            to.0[lane] = *x;
        }
        self.alive.set(lane, from.alive);
        for (to, action) in self.actions.iter_mut().zip(&from.actions) {
            to.restore(lane, action);
        }
        for (to, x) in self.runs.iter_mut().zip(&from.runs) {
            to[lane] = *x;
        }
        for (to, x) in self.flags.iter_mut().zip(&from.flags) {
            to.set(lane, *x);
        }
        for (to, x) in self.seen.iter_mut().zip(&from.seen) {
            to.set(lane, *x);
        }
        for (to, x) in self.read.iter_mut().zip(&from.read) {
            to.0[lane] = *x;
        }
        self.facts_are_stale();
    }
}
