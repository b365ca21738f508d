//! Chronicles: what happened in each round and when, as short lists, for whatever tells or compares the
//! histories of many rounds.

use super::PlayError;
use super::history::leading;
use super::player::{Player, RoundPool};
use super::record::noted_step;
use super::rounds::Rounds;
use crate::engine::{Batch, Observer};
use crate::math;
use crate::plan::{Needs, Plan};
use crate::scenario::Scenario;

/// Turnouts at whose crossing a crowd is said to have grown.
pub const LEVELS: [f32; 6] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5];

/// By how much a side has to be ahead in a body before its largest part has gone over to it.
pub const AHEAD: f32 = 0.01;

/// What may happen in a round. Numbers are those of the scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Happening {
    /// An action takes effect; whether it succeeds.
    Action(u32, bool),
    /// A branch of what follows from an action.
    Branch(u32, u32),
    /// An office passes to an actor, or to nobody.
    Office(u32, Option<u32>),
    /// An actor is gone.
    Gone(u32),
    /// An actor, or the largest part of a body, goes over to a contender, or steps aside.
    Side(u32, u32),
    /// A flag holds for the first time.
    Flag(u32),
    /// A crowd's turnout is at one of the [`LEVELS`] for the first time.
    Turnout(u32, u32),
    /// An observation of evidence is true at its moment.
    Observation(u32),
}

/// Something that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// Steps that are over by then.
    pub step: u32,
    /// What.
    pub what: Happening,
}

/// What happened in a round.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chronicle {
    /// The round.
    pub round: u64,
    /// Its outcome.
    pub outcome: usize,
    /// Steps that were over when it was noted.
    pub noted: u32,
    /// In the order of steps; in a step, as they came.
    pub events: Vec<Event>,
}

impl Happening {
    /// Of what kind it is, in a word.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::Action(_, true) => "action",
            Self::Action(_, false) => "failure",
            Self::Branch(..) => "branch",
            Self::Office(..) => "office",
            Self::Gone(_) => "removal",
            Self::Side(..) => "side",
            Self::Flag(_) => "flag",
            Self::Turnout(..) => "turnout",
            Self::Observation(_) => "observation",
        }
    }

    /// The id of what it is about; `observations` has those of the evidence.
    #[must_use]
    pub fn id(self, s: &Scenario, observations: &[(String, String)]) -> String {
        match self {
            Self::Action(a, _) => s.actions[a as usize].id.clone(),
            Self::Branch(a, b) => {
                let action = &s.actions[a as usize];
                format!("{}.{}", action.id, action.branches[b as usize].id)
            }
            Self::Office(o, _) => s.offices[o as usize].id.clone(),
            Self::Gone(a) | Self::Side(a, _) => s.actors[a as usize].id.clone(),
            Self::Flag(f) => s.flags[f as usize].id.clone(),
            Self::Turnout(c, _) => s.crowds[c as usize].id.clone(),
            Self::Observation(o) => observations[o as usize].0.clone(),
        }
    }

    /// What happened, in words.
    #[must_use]
    pub fn told(self, s: &Scenario, observations: &[(String, String)]) -> String {
        let side = |c: u32| s.contenders.get(c as usize).map(|c| &*c.name);
        match self {
            Self::Action(a, true) => s.actions[a as usize].name.clone(),
            Self::Action(a, false) => format!("{}: fails", s.actions[a as usize].name),
            Self::Branch(a, b) => s.actions[a as usize].branches[b as usize].name.clone(),
            Self::Office(o, who) => {
                let who = who.map_or("nobody", |a| &s.actors[a as usize].name);
                format!("{} passes to {who}", s.offices[o as usize].name)
            }
            Self::Gone(a) => format!("{} is gone", s.actors[a as usize].name),
            Self::Side(a, c) => {
                let name = &s.actors[a as usize].name;
                match side(c) {
                    Some(to) => format!("{name} goes over to {to}"),
                    None => format!("{name} steps aside"),
                }
            }
            Self::Flag(f) => s.flags[f as usize].name.clone(),
            Self::Turnout(c, level) => format!(
                "turnout of {} reaches {} %",
                s.crowds[c as usize].name,
                100.0 * f64::from((LEVELS[level as usize] * 1000.0).round()) / 1000.0
            ),
            Self::Observation(o) => observations[o as usize].1.clone(),
        }
    }

    /// Who did it, if it is the action of somebody.
    #[must_use]
    pub fn actor(self, s: &Scenario) -> Option<usize> {
        match self {
            Self::Action(a, _) | Self::Branch(a, _) => s.actions[a as usize].by,
            _ => None,
        }
    }
}

/// What a round was last seen to have, so that changes are noticed.
#[derive(Debug, Clone, Default)]
struct Seen {
    offices: Vec<f32>,
    present: Vec<bool>,
    sides: Vec<f32>,
    flags: Vec<bool>,
    /// By crowd: the next level.
    levels: Vec<u32>,
}

/// Writes chronicles. Rounds change lanes as others end, so they go by round.
struct Chronicler {
    /// The label of the first.
    first: u64,
    chronicles: Vec<Chronicle>,
    seen: Vec<Seen>,
}

impl Chronicler {
    fn place<const W: usize>(&self, batch: &Batch<'_, W>, lane: usize) -> usize {
        (batch.labels[lane] - self.first) as usize
    }

    fn note<const W: usize>(&mut self, batch: &Batch<'_, W>, lane: usize, what: Happening) {
        let (place, step) = (self.place(batch, lane), batch.t + 1);
        self.chronicles[place].events.push(Event { step, what });
    }

    /// The largest sides of all actors in the lanes; they change in Choose, and by effects.
    fn look_at_sides<const W: usize>(&mut self, batch: &Batch<'_, W>, tell: bool) {
        for (a, actor) in batch.plan.actors.iter().enumerate() {
            if actor.contender.is_some() {
                continue;
            }
            let now = leading(batch, a);
            for lane in batch.alive.lanes() {
                let place = self.place(batch, lane);
                let (before, side) = (self.seen[place].sides[a], now.0[lane]);
                let share = |side: f32| {
                    let slot = batch.layout().stance(a, side as usize);
                    batch.get(slot).0[lane]
                };
                if share(side) < share(before) + AHEAD {
                    continue;
                }
                self.seen[place].sides[a] = side;
                if tell && self.seen[place].present[a] {
                    self.note(batch, lane, Happening::Side(a as u32, side as u32));
                }
            }
        }
    }
}

impl<const W: usize> Observer<W> for Chronicler {
    fn reads(&self, _batch: &Batch<'_, W>, _decided: &[Option<usize>; W]) -> Needs {
        Needs::default()
    }

    fn began(&mut self, batch: &Batch<'_, W>) {
        let l = batch.layout();
        if self.chronicles.is_empty() {
            self.first = batch.labels[0];
        }
        for lane in batch.alive.lanes() {
            let x = |slot| batch.get(slot).0[lane];
            self.chronicles.push(Chronicle::default());
            self.seen.push(Seen {
                offices: (0..l.offices).map(|o| x(l.office(o))).collect(),
                present: (0..l.actors).map(|a| x(l.present(a)) > 0.0).collect(),
                sides: vec![0.0; l.actors],
                flags: vec![false; batch.flags.len()],
                levels: vec![0; l.crowds],
            });
        }
        self.look_at_sides(batch, false);
    }

    fn chose(&mut self, batch: &Batch<'_, W>) {
        self.look_at_sides(batch, true);
    }

    fn took_effect(&mut self, batch: &Batch<'_, W>, action: usize, lane: usize, good: bool) {
        self.note(batch, lane, Happening::Action(action as u32, good));
    }

    fn branched(&mut self, batch: &Batch<'_, W>, action: usize, branch: usize, lane: usize) {
        self.note(batch, lane, Happening::Branch(action as u32, branch as u32));
    }

    fn settled(&mut self, batch: &Batch<'_, W>, _decided: &[Option<usize>; W]) {
        let l = batch.layout();
        for lane in batch.alive.lanes() {
            let place = self.place(batch, lane);
            for o in 0..l.offices {
                let now = batch.get(l.office(o)).0[lane];
                if std::mem::replace(&mut self.seen[place].offices[o], now) != now {
                    let who = (now >= 0.0).then_some(now as u32);
                    self.note(batch, lane, Happening::Office(o as u32, who));
                }
            }
            for a in 0..l.actors {
                let now = batch.get(l.present(a)).0[lane] > 0.0;
                if std::mem::replace(&mut self.seen[place].present[a], now) && !now {
                    self.note(batch, lane, Happening::Gone(a as u32));
                }
            }
            for (f, flag) in batch.flags.iter().enumerate() {
                let now = flag.at(lane);
                if now && !std::mem::replace(&mut self.seen[place].flags[f], now) {
                    self.note(batch, lane, Happening::Flag(f as u32));
                }
            }
            for c in 0..l.crowds {
                let turnout = batch.get(l.turnout(c)).0[lane];
                let next = self.seen[place].levels[c];
                let reached = LEVELS.iter().take_while(|level| turnout >= **level).count() as u32;
                // What a round begins with has not come.
                let told = if batch.t == 0 { reached } else { next };
                for level in told..reached {
                    self.note(batch, lane, Happening::Turnout(c as u32, level));
                }
                self.seen[place].levels[c] = next.max(reached);
            }
        }
        // What else moved stances is not a choice.
        self.look_at_sides(batch, false);
    }

    fn ended(&mut self, batch: &Batch<'_, W>, lane: usize, outcome: usize) {
        for (o, x) in batch.watched().iter().enumerate() {
            if math::is_true(x.0[lane]) {
                let (place, step) = (self.place(batch, lane), batch.plan.watches[o].step);
                let what = Happening::Observation(o as u32);
                self.chronicles[place].events.push(Event { step, what });
            }
        }
        let place = self.place(batch, lane);
        let own = &mut self.chronicles[place];
        own.round = batch.labels[lane];
        own.outcome = outcome;
        own.noted = noted_step(batch, lane);
        own.events.sort_by_key(|e| e.step);
    }
}

impl Player<'_> {
    /// Plays rounds in batches of `W` lanes and hands on their chronicles, in order.
    ///
    /// # Errors
    /// [`PlayError`] if it is stopped or cannot start threads.
    pub fn chronicles<const W: usize>(
        &self,
        plan: &Plan,
        rounds: &Rounds<'_>,
        mut each: impl FnMut(Chronicle),
    ) -> Result<(), PlayError> {
        let make = || Chronicler {
            first: 0,
            chronicles: Vec::new(),
            seen: Vec::new(),
        };
        let pool = RoundPool::<W, _>::new(plan, *self, make)?;
        let take = |c: &mut Chronicler| {
            c.seen.clear();
            std::mem::take(&mut c.chronicles)
        };
        pool.play(rounds, self.watch, take, |more| {
            more.into_iter().for_each(&mut each);
        })
    }
}
