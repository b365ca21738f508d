//! The state of a batch: everything that rounds side by side remember.

use std::collections::VecDeque;

use super::draws::{Draws, Law, SingleDraw};
use super::isa::Isa;
use super::lanes::{Lanes, Mask};
use crate::plan::program::Needs;
use crate::plan::{Layout, Plan, Slot, WayPlan};

/// `W` rounds side by side.
#[derive(Debug)]
pub struct Batch<'p, const W: usize> {
    /// The compiled scenario.
    pub plan: &'p Plan,
    /// The instruction set that its loops use.
    pub isa: Isa,
    /// Every quantity that an expression can read, and the work of programs.
    pub slots: Vec<Lanes<W>>,
    /// The round in each lane.
    pub rounds: [u64; W],
    /// What tells lanes apart: the round's number, unless it was initialised otherwise.
    pub labels: [u64; W],
    /// Whether the round in a lane is still going on.
    pub alive: Mask<W>,
    /// The step in progress.
    pub t: u32,
    pub(super) draws: Sites<W>,
    pub(super) tastes: Vec<Lanes<W>>,
    /// Mood of each crowd.
    pub mood: Vec<Lanes<W>>,
    pub(super) grievance_start: Vec<Lanes<W>>,
    /// What each action does next, lane by lane.
    pub actions: Vec<ActionState<W>>,
    pub(super) runs: Vec<[u32; W]>,
    /// Flags: whether each has held.
    pub flags: Vec<Mask<W>>,
    /// Watches of the plan: whether what each waits for was so at its moment.
    pub seen: Vec<Mask<W>>,
    /// By watched expression: its value at its moment, once that has come.
    pub read: Vec<Lanes<W>>,
    pub(super) scratch: Vec<Lanes<W>>,
    /// Which of the plan's terms Act has computed in this step.
    pub(super) computed: Vec<bool>,
    spare: Vec<Vec<Lanes<W>>>,
    /// Which facts are up to date.
    pub(super) fresh: Needs,
}

/// What an action's clock, counts and queue are at.
#[derive(Debug, Clone)]
pub struct ActionState<const W: usize> {
    /// Rate summed over time.
    pub clock: Lanes<W>,
    /// Clock at which the next happening comes.
    pub threshold: Lanes<W>,
    /// Probability of the considered move at the start.
    pub start: Lanes<W>,
    /// Probability of the considered move now.
    pub now: Lanes<W>,
    /// Rate per day, as last computed.
    pub rate: Lanes<W>,
    /// Decisions.
    pub decisions: [u32; W],
    pub(super) spell: Mask<W>,
    pub(super) judged: Mask<W>,
    pub(super) queue: Vec<VecDeque<u32>>,
}

/// The draws of every site.
#[derive(Debug)]
pub(super) struct Sites<const W: usize> {
    pub(super) priors: Vec<SingleDraw>,
    /// By actor, then option; empty for all but persons who choose.
    pub(super) tastes: Vec<Vec<SingleDraw>>,
    /// By actor, then contender; empty for actors whose view nothing uses.
    pub(super) perceive: Vec<Vec<Draws<W>>>,
    /// By actor, then contender; empty for contenders.
    pub(super) drift: Vec<Vec<Draws<W>>>,
    /// By actor; empty for all but persons who choose.
    pub(super) choose: Vec<Option<Draws<W>>>,
    pub(super) mood: Vec<Draws<W>>,
    pub(super) act: Vec<Draws<W>>,
    pub(super) success: Vec<Draws<W>>,
}

impl<const W: usize> Sites<W> {
    fn new(plan: &Plan, seed: u64) -> Self {
        let site = |name: String, law| Draws::new(seed, &name, law);
        let single = |name: String, law| SingleDraw::new(seed, &name, law);
        let contenders = || plan.contenders.iter().map(|c| c.id.as_str());
        let by_contender = |stage: &str, a: usize, law| {
            let id = &plan.actors[a].id;
            contenders()
                .map(|c| site(format!("{stage}/{id}/{c}"), law))
                .collect::<Vec<_>>()
        };
        let n = plan.actors.len();
        let chooses = |a: usize| plan.actors[a].contender.is_none();
        let person = |a: usize| chooses(a) && plan.actors[a].person;
        Self {
            priors: plan
                .priors
                .iter()
                .map(|p| single(format!("prior/{}", p.path), Law::Uniform))
                .collect(),
            tastes: (0..n)
                .map(|a| {
                    if !person(a) {
                        return Vec::new();
                    }
                    let id = &plan.actors[a].id;
                    contenders()
                        .chain(["aside"])
                        .map(|o| single(format!("taste/{id}/{o}"), Law::Gumbel))
                        .collect()
                })
                .collect(),
            perceive: (0..n)
                .map(|a| {
                    if plan.perceive.viewers.contains(&a) {
                        by_contender("perceive", a, Law::Normal)
                    } else {
                        Vec::new()
                    }
                })
                .collect(),
            drift: (0..n)
                .map(|a| {
                    if chooses(a) && plan.drift.diffuses {
                        by_contender("drift", a, Law::Normal)
                    } else {
                        Vec::new()
                    }
                })
                .collect(),
            choose: (0..n)
                .map(|a| {
                    person(a).then(|| site(format!("choose/{}", plan.actors[a].id), Law::Uniform))
                })
                .collect(),
            mood: plan
                .crowds
                .iter()
                .map(|c| site(format!("mood/{}", c.id), Law::Normal))
                .collect(),
            act: plan
                .actions
                .iter()
                .map(|a| {
                    let law = match a.way {
                        WayPlan::Rate(_) | WayPlan::Decide { .. } => Law::Exponential,
                        WayPlan::Chance(_) | WayPlan::At { .. } => Law::Uniform,
                    };
                    site(format!("act/{}", a.id), law)
                })
                .collect(),
            success: plan
                .actions
                .iter()
                .map(|a| site(format!("act/{}/success", a.id), Law::Uniform))
                .collect(),
        }
    }

    /// Blocks of words that one lane has taken since the batch was made, apart from sites of
    /// which a round takes one word.
    fn blocks(&self) -> u64 {
        let nested = [&self.perceive, &self.drift];
        let flat = [&self.mood, &self.act, &self.success];
        let several = nested.into_iter().flatten().flatten();
        several
            .chain(self.choose.iter().flatten())
            .chain(flat.into_iter().flatten())
            .map(Draws::blocks)
            .sum()
    }

    /// Sites of which a round takes one word.
    fn singles(&self) -> u64 {
        (self.priors.len() + self.tastes.iter().map(Vec::len).sum::<usize>()) as u64
    }

    pub(super) fn restart(&mut self) {
        let nested = [&mut self.perceive, &mut self.drift];
        nested
            .into_iter()
            .flatten()
            .flatten()
            .for_each(Draws::restart);
        self.choose.iter_mut().flatten().for_each(Draws::restart);
        let flat = [&mut self.mood, &mut self.act, &mut self.success];
        flat.into_iter().flatten().for_each(Draws::restart);
    }
}

impl<'p, const W: usize> Batch<'p, W> {
    /// Room for `W` rounds; nothing is played yet.
    #[must_use]
    pub fn new(plan: &'p Plan, seed: u64) -> Self {
        Self::with_isa(plan, seed, Isa::widest())
    }

    /// The same with a given instruction set.
    #[must_use]
    pub fn with_isa(plan: &'p Plan, seed: u64, isa: Isa) -> Self {
        let zero = Lanes::all(0.0);
        let options = plan.contenders.len() + 1;
        let action = ActionState {
            clock: zero,
            threshold: zero,
            start: zero,
            now: zero,
            rate: zero,
            decisions: [0; W],
            spell: Mask::NONE,
            judged: Mask::NONE,
            queue: Vec::new(),
        };
        let mut batch = Self {
            plan,
            isa,
            slots: vec![zero; plan.slots],
            rounds: [0; W],
            labels: [0; W],
            alive: Mask::NONE,
            t: 0,
            draws: Sites::new(plan, seed),
            tastes: vec![zero; plan.actors.len() * options],
            mood: vec![zero; plan.crowds.len()],
            grievance_start: vec![zero; plan.crowds.len()],
            actions: vec![action; plan.actions.len()],
            runs: vec![[0; W]; plan.outcomes.len()],
            flags: vec![Mask::NONE; plan.flags.len()],
            seen: vec![Mask::NONE; plan.watches.len()],
            read: vec![Lanes::all(0.0); plan.watches.len()],
            scratch: vec![zero; plan.offices.len() * plan.contenders.len()],
            computed: vec![false; plan.terms.len()],
            spare: Vec::new(),
            fresh: Needs::default(),
        };
        for (state, plan) in batch.actions.iter_mut().zip(&plan.actions) {
            if plan.delay.is_some() {
                state.queue = vec![VecDeque::new(); W];
            }
        }
        batch
    }

    /// Blocks of random words that one lane has taken in `batches` batches played so far.
    #[must_use]
    pub fn blocks(&self, batches: u64) -> u64 {
        self.draws.blocks() + batches * self.draws.singles()
    }

    /// The layout of the state.
    #[must_use]
    pub fn layout(&self) -> &'p Layout {
        &self.plan.layout
    }

    /// The lanes of a slot.
    #[must_use]
    #[inline]
    pub fn get(&self, slot: Slot) -> &Lanes<W> {
        &self.slots[slot]
    }

    /// Days from the start to the beginning of step `t`.
    #[must_use]
    pub fn day(&self, t: u32) -> f32 {
        ((u64::from(t) * self.plan.step_seconds) as f64 / 86_400.0) as f32
    }

    /// Whole days from the start to the beginning of the step in progress.
    pub(super) fn whole_day(&self) -> u64 {
        u64::from(self.t) * self.plan.step_seconds / 86_400
    }

    /// Presence of a contender: 1 where it has no actor.
    pub(super) fn contender_present(&self, c: usize) -> Lanes<W> {
        match self.plan.contenders[c].actor {
            Some(a) => self.slots[self.layout().present(a)],
            None => Lanes::all(1.0),
        }
    }

    /// Presence of every contender, in order; rows to be given back.
    pub(super) fn contenders_present(&mut self) -> Vec<Lanes<W>> {
        let mut rows = self.take_rows(self.plan.contenders.len());
        for (c, row) in rows.iter_mut().enumerate() {
            *row = self.contender_present(c);
        }
        rows
    }

    /// Rows to work with, all 0. Given back, they are used again: stages ask for some in each
    /// step.
    pub(super) fn take_rows(&mut self, n: usize) -> Vec<Lanes<W>> {
        let mut rows = self.spare.pop().unwrap_or_default();
        rows.resize(n, Lanes::all(0.0));
        rows
    }

    /// Gives rows back.
    pub(super) fn give_rows(&mut self, mut rows: Vec<Lanes<W>>) {
        rows.clear();
        self.spare.push(rows);
    }
}
