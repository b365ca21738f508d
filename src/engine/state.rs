//! The state of a batch: what rounds side by side remember.

use std::collections::VecDeque;

use super::draws::BLOCK;
use super::due::Due;
use super::gathering::Gathering;
use super::isa::Isa;
use super::lanes::{Lanes, Mask, Memo};
use super::sites::Sites;
use super::slots::Slots;
use crate::plan::program::Needs;
use crate::plan::upkeep::{ALL_CHANGES, Changes};
use crate::plan::{Layout, Plan, Slot};

/// An outcome that was noted, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noted {
    /// The outcome.
    pub outcome: usize,
    /// Steps completed at that moment.
    pub step: u32,
}

/// `W` rounds side by side.
#[derive(Debug)]
pub struct Batch<'p, const W: usize> {
    /// The compiled scenario.
    pub plan: &'p Plan,
    /// The instruction set of its loops.
    pub isa: Isa,
    /// The state of `docs/MODEL.md`, constants, and the work of programs.
    pub slots: Slots<W>,
    /// The round in each lane.
    pub rounds: [u64; W],
    /// What identifies the round in each lane: its number, unless initialised otherwise.
    pub labels: [u64; W],
    /// Whether the round in a lane has not ended.
    pub alive: Mask<W>,
    /// The step in progress.
    pub t: u32,
    pub(super) draws: Sites<W>,
    /// By action: how often it was decided.
    pub decisions: Vec<[u32; W]>,
    /// By action: how often its clock reached a threshold.
    pub(super) strikes: Vec<[u32; W]>,
    /// By action: whether its gate was open in the step before.
    pub(super) spells: Vec<Mask<W>>,
    /// By action: whether its one chance is used up; of actions without meetings.
    pub(super) judged: Vec<Mask<W>>,
    /// By delayed action: the steps in which decisions take effect, and their times there.
    pub(super) queues: Vec<[VecDeque<(u32, f32)>; W]>,
    /// By delayed action: whether a decision may be waiting in some lane.
    pub(super) waiting: Vec<bool>,
    /// By action: the step in which it last took effect, counted from 1; 0 if it has not.
    pub(super) taken: Vec<[u32; W]>,
    /// The outcome that was noted, if any.
    pub noted: [Option<Noted>; W],
    /// Where none was noted yet.
    pub(super) undecided: Mask<W>,
    /// By outcome: for how many steps in a row it has held.
    pub(super) runs: Vec<[u32; W]>,
    /// By flag: whether it has held.
    pub flags: Vec<Mask<W>>,
    /// By watched expression: whether it was not 0 at its moment.
    pub seen: Vec<Mask<W>>,
    /// Whether an action has taken effect in the step in progress.
    pub(super) moved: Mask<W>,
    /// By action: what it has due in the stage in progress; meaningful for `due_actions`.
    pub(super) due: Vec<Due<W>>,
    /// Actions with something due in some lane, in listed order.
    pub(super) due_actions: Vec<usize>,
    /// By [fragile](Plan::fragile) expression: whether it left the finite numbers when it was read.
    pub undefined: Vec<Mask<W>>,
    /// By action: whether only its limit, of 2 or more, kept it from being decided again.
    pub limited: Vec<Mask<W>>,
    /// By action with a limit of 2 or more: whether more than one decision was expected in a step.
    pub crowded: Vec<Mask<W>>,
    /// By action: whether a decision of it lapsed.
    pub lapsed: Vec<Mask<W>>,
    pub(super) scratch: Vec<Lanes<W>>,
    /// By arena: power that stands with each contender, then all power. As fresh as support.
    pub(super) powers: Vec<Lanes<W>>,
    /// By instruction of [`Plan::terms`]: whether it has run in this step.
    pub(super) computed: Vec<bool>,
    /// Rows to work with, by how many belong together.
    spare: Vec<Vec<Vec<Lanes<W>>>>,
    /// Where what concerns a single round is computed, once anything has been.
    pub(super) alone: Option<Box<Batch<'p, 1>>>,
    /// What has changed since the programs of stages last ran.
    pub(super) changes: ChangesSince,
    /// Which facts are up to date.
    pub(super) fresh: Needs,
    /// Whether what every rally reads is.
    pub(super) fresh_for_rallies: bool,
    /// What was made of coefficients.
    pub(super) memos: Memos<W>,
    /// What they share, once any has been computed.
    pub(super) gathering: Option<Box<Gathering<W>>>,
}

/// What has changed since programs last ran, of what effects alone change.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChangesSince {
    pub(super) act: Changes,
    pub(super) settle: Changes,
    pub(super) repression: Changes,
}

impl ChangesSince {
    /// Everything: the lanes hold other rounds.
    pub(super) const EVER: Self = Self {
        act: ALL_CHANGES,
        settle: ALL_CHANGES,
        repression: ALL_CHANGES,
    };
}

/// What was made of coefficients of `[dynamics]`.
#[derive(Debug, Clone)]
pub(super) struct Memos<const W: usize> {
    pub(super) signal: Memo<W>,
    pub(super) memory: Memo<W>,
    pub(super) reconsider: Memo<W>,
    pub(super) pace: Memo<W>,
    pub(super) fade: Memo<W>,
    /// How much of a mood is left after a step.
    pub(super) mood: Memo<W>,
    /// How far chance moves a mood in a step, in units of its spread.
    pub(super) stir: Memo<W>,
}

impl<const W: usize> Memos<W> {
    const EMPTY: Self = Self {
        signal: Memo::EMPTY,
        memory: Memo::EMPTY,
        reconsider: Memo::EMPTY,
        pace: Memo::EMPTY,
        fade: Memo::EMPTY,
        mood: Memo::EMPTY,
        stir: Memo::EMPTY,
    };
}

impl<'p, const W: usize> Batch<'p, W> {
    /// Returns a batch without rounds, with the widest instruction set.
    #[must_use]
    pub fn new(plan: &'p Plan, seed: u64) -> Self {
        Self::with_isa(plan, seed, Isa::widest())
    }

    /// Returns a batch without rounds, with a given instruction set.
    #[must_use]
    pub fn with_isa(plan: &'p Plan, seed: u64, isa: Isa) -> Self {
        Self::drawing(plan, isa, Sites::new(plan, seed))
    }

    /// Returns another batch without rounds, of the same plan, seed and instruction set. What sites make of the
    /// seed is not computed anew.
    #[must_use]
    pub fn another(&self) -> Self {
        let mut draws = self.draws.clone();
        draws.begin();
        Self::drawing(self.plan, self.isa, draws)
    }

    /// Computes something for the round in one lane as for the only one: `work` may do all that changes nothing
    /// but slots, and draws nothing.
    pub(super) fn work_alone(&mut self, lane: usize, work: impl FnOnce(&mut Batch<'p, 1>)) {
        let (plan, isa) = (self.plan, self.isa);
        let new = || Box::new(Batch::drawing(plan, isa, Sites::none()));
        let mut alone = self.alone.take().unwrap_or_else(new);
        alone.t = self.t;
        alone.fresh = self.fresh;
        // What they share is for its own state.
        alone.fresh_for_rallies = false;
        for (to, from) in alone.slots.0.iter_mut().zip(&self.slots.0) {
            to.0[0] = from.0[lane];
        }
        work(&mut alone);
        for (to, from) in self.slots.0.iter_mut().zip(&alone.slots.0) {
            to.0[lane] = from.0[0];
        }
        self.alone = Some(alone);
    }

    fn drawing(plan: &'p Plan, isa: Isa, draws: Sites<W>) -> Self {
        let n = plan.actions.len();
        Self {
            plan,
            isa,
            slots: Slots::new(plan.slots),
            rounds: [0; W],
            labels: [0; W],
            alive: Mask::NONE,
            t: 0,
            draws,
            decisions: vec![[0; W]; n],
            strikes: vec![[0; W]; n],
            spells: vec![Mask::NONE; n],
            judged: vec![Mask::NONE; n],
            queues: vec![std::array::from_fn(|_| VecDeque::new()); plan.queues],
            waiting: vec![true; plan.queues],
            taken: vec![[0; W]; n],
            noted: [None; W],
            undecided: Mask::NONE,
            runs: vec![[0; W]; plan.outcomes.len()],
            flags: vec![Mask::NONE; plan.flags.len()],
            seen: vec![Mask::NONE; plan.watches.len()],
            moved: Mask::NONE,
            due: vec![Due::NONE; n],
            due_actions: Vec::new(),
            undefined: vec![Mask::NONE; plan.fragile.len()],
            limited: vec![Mask::NONE; n],
            crowded: vec![Mask::NONE; n],
            lapsed: vec![Mask::NONE; n],
            scratch: vec![Lanes::all(0.0); plan.offices.len() * plan.contenders.len()],
            powers: vec![Lanes::all(0.0); plan.arena_weights.len() * (plan.contenders.len() + 1)],
            computed: vec![false; plan.terms.len()],
            spare: Vec::new(),
            alone: None,
            changes: ChangesSince::EVER,
            fresh: Needs::default(),
            fresh_for_rallies: false,
            memos: Memos::EMPTY,
            gathering: None,
        }
    }

    /// Returns how many blocks of random words all lanes have taken in `batches` batches of neighbouring rounds so
    /// far.
    #[must_use]
    pub fn blocks(&self, batches: u64) -> u64 {
        let singles = (self.draws.singles() * W.div_ceil(BLOCK)) as u64;
        self.draws.blocks() + batches * singles
    }

    /// Returns the layout of the state.
    #[must_use]
    pub fn layout(&self) -> &'p Layout {
        &self.plan.layout
    }

    /// Returns the lanes of a slot. Support is up to date when a round begins, other facts (`backing`, `rally`)
    /// then as far as [`Observer::reads_first`](super::Observer::reads_first), and when a step is over as far as
    /// [`Observer::reads`](super::Observer::reads) says so; with debug assertions a fact that is not is never returned. What an actor sees is 0 if nothing in the plan uses his view.
    #[must_use]
    #[inline]
    pub fn get(&self, slot: Slot) -> &Lanes<W> {
        debug_assert!(
            self.fresh.include(self.layout().needs(slot)),
            "a fact is read that is not up to date"
        );
        &self.slots[slot]
    }

    /// Values of watched expressions, in order, each once its moment has come.
    #[must_use]
    pub fn watched(&self) -> &[Lanes<W>] {
        let l = self.layout();
        self.slots.rows(l.watched(0), l.watches)
    }

    /// Returns the days from the start to the beginning of step `t`.
    #[must_use]
    pub fn day(&self, t: u32) -> f32 {
        ((u64::from(t) * self.plan.step_seconds) as f64 / 86_400.0) as f32
    }

    /// Returns the full days from the start to the beginning of the step in progress.
    pub(super) fn full_days(&self) -> u64 {
        u64::from(self.t) * self.plan.step_seconds / 86_400
    }

    /// Returns the presence of a contender: 1 if no actor has its id.
    pub(super) fn contender_present(&self, c: usize) -> Lanes<W> {
        match self.plan.contenders[c].actor {
            Some(a) => self.slots[self.layout().present(a)],
            None => Lanes::all(1.0),
        }
    }

    /// Returns the presence of all contenders, in rows to be given back.
    pub(super) fn contenders_present(&mut self) -> Vec<Lanes<W>> {
        let mut rows = self.take_rows(self.plan.contenders.len());
        for (c, row) in rows.iter_mut().enumerate() {
            *row = self.contender_present(c);
        }
        rows
    }

    /// Returns rows to work with, of any numbers: each is written before it is read. Stages give them back, and
    /// whoever next wants as many uses them again.
    pub(super) fn take_rows(&mut self, n: usize) -> Vec<Lanes<W>> {
        let spare = self.spare.get_mut(n).and_then(Vec::pop);
        let mut rows = spare.unwrap_or_else(|| vec![Lanes::all(0.0); n]);
        if cfg!(debug_assertions) {
            rows.fill(Lanes::all(f32::NAN));
        }
        rows
    }

    /// Returns rows of 0 to work with.
    pub(super) fn take_zeros(&mut self, n: usize) -> Vec<Lanes<W>> {
        let mut rows = self.take_rows(n);
        rows.fill(Lanes::all(0.0));
        rows
    }

    /// Gives rows back, as many as were taken.
    pub(super) fn give_rows(&mut self, rows: Vec<Lanes<W>>) {
        let n = rows.len();
        if self.spare.len() <= n {
            self.spare.resize_with(n + 1, Vec::new);
        }
        self.spare[n].push(rows);
    }
}
