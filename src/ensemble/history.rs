//! Histories as short lists of events, so that those of one round under two scenarios can be
//! compared.

use super::record::{Detail, Flags, RoundRecord};
use crate::engine::lanes::Lanes;
use crate::engine::{Batch, Observer};
use crate::plan::{Needs, Plan};
use crate::scenario::Scenario;

/// An id with its display name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The id.
    pub id: String,
    /// The display name, in the scenario that lists it first.
    pub name: String,
}

/// What several scenarios declare, numbered together by id: first the entries of the first
/// scenario, in its order, then those that each further one adds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalog {
    /// Outcomes.
    pub outcomes: Vec<Entry>,
    /// Flags.
    pub flags: Vec<Entry>,
    /// Actions.
    pub actions: Vec<Entry>,
    /// Actors.
    pub actors: Vec<Entry>,
    /// Contenders, and aside.
    pub sides: Vec<Entry>,
}

/// The numbers in a catalog of one scenario's entries, in the scenario's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbers {
    /// Outcomes.
    pub outcomes: Vec<u32>,
    /// Flags.
    pub flags: Vec<u32>,
    /// Actions.
    pub actions: Vec<u32>,
    /// Actors.
    pub actors: Vec<u32>,
    /// Contenders, then aside.
    pub sides: Vec<u32>,
}

fn number<'s>(
    entries: &mut Vec<Entry>,
    declared: impl Iterator<Item = (&'s str, &'s str)>,
) -> Vec<u32> {
    let mut numbers = Vec::new();
    for (id, name) in declared {
        let known = entries.iter().position(|e| e.id == id);
        numbers.push(known.unwrap_or(entries.len()) as u32);
        if known.is_none() {
            let (id, name) = (id.to_owned(), name.to_owned());
            entries.push(Entry { id, name });
        }
    }
    numbers
}

impl Catalog {
    /// Returns the numbers of a scenario's entries; new entries get the next ones.
    pub fn enter(&mut self, s: &Scenario) -> Numbers {
        let sides = s.contenders.iter().map(|c| c.id.as_str()).chain(["aside"]);
        Numbers {
            outcomes: number(
                &mut self.outcomes,
                s.outcomes.iter().map(|o| (&*o.id, &*o.name)),
            ),
            flags: number(&mut self.flags, s.flags.iter().map(|f| (&*f.id, &*f.name))),
            actions: number(
                &mut self.actions,
                s.actions.iter().map(|a| (&*a.id, &*a.name)),
            ),
            actors: number(
                &mut self.actors,
                s.actors.iter().map(|a| (&*a.id, &*a.name)),
            ),
            sides: number(&mut self.sides, sides.map(|id| (id, id))),
        }
    }
}

/// What can be seen of a round from outside, in the order in which a step shows it. Numbers are
/// those of a catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventKind {
    /// In Schedule, an action takes effect; whether it succeeds.
    Scheduled(u32, bool),
    /// In Choose, an actor's leading stance becomes another.
    Stance(u32, u32),
    /// In Act, an action takes effect; whether it succeeds.
    Acted(u32, bool),
}

/// A visible event of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// The step.
    pub step: u32,
    /// What happens.
    pub kind: EventKind,
}

/// What can be seen of one round.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// Its record, a summary with the catalog's numbers.
    pub record: RoundRecord,
    /// In order of steps, and in a step by stage, then by number.
    pub events: Vec<Event>,
}

/// Writes the histories of rounds. Rounds change lanes as others end, so histories go by round.
pub struct Historian<'n> {
    numbers: &'n Numbers,
    /// The round of the first history.
    first: u64,
    histories: Vec<History>,
    /// Each actor's leading stance, by history, then actor.
    leading: Vec<u16>,
    actors: usize,
    /// Flags of the catalog.
    flags: usize,
    /// Whether the step in progress has had its Choose. A batch plays whole steps, so this is
    /// about the batch that is playing.
    chosen: bool,
}

impl<'n> Historian<'n> {
    /// A historian of a plan's rounds; `numbers` are its scenario's in a catalog of so many flags.
    #[must_use]
    pub fn new(plan: &Plan, numbers: &'n Numbers, flags: usize) -> Self {
        Self {
            numbers,
            first: 0,
            histories: Vec::new(),
            leading: Vec::new(),
            actors: plan.actors.len(),
            flags,
            chosen: false,
        }
    }

    /// Takes the histories since the last time, in order of rounds.
    pub fn take(&mut self) -> Vec<History> {
        self.leading.clear();
        std::mem::take(&mut self.histories)
    }

    fn place<const W: usize>(&self, batch: &Batch<'_, W>, lane: usize) -> usize {
        (batch.rounds[lane] - self.first) as usize
    }
}

/// The option with the largest share of an actor, in each lane; the first listed wins a tie.
#[inline(always)]
pub(super) fn leading<const W: usize>(batch: &Batch<'_, W>, actor: usize) -> Lanes<W> {
    let l = batch.layout();
    let mut top = *batch.get(l.stance(actor, 0));
    let mut index = Lanes::<W>::all(0.0);
    for o in 1..=l.contenders {
        let share = batch.get(l.stance(actor, o));
        for i in 0..W {
            let larger = share.0[i] > top.0[i];
            top.0[i] = if larger { share.0[i] } else { top.0[i] };
            index.0[i] = if larger { o as f32 } else { index.0[i] };
        }
    }
    index
}

impl<const W: usize> Observer<W> for Historian<'_> {
    fn reads(&self, _batch: &Batch<'_, W>, _decided: &[Option<usize>; W]) -> Needs {
        Needs::default()
    }

    fn began(&mut self, batch: &Batch<'_, W>) {
        if self.histories.is_empty() {
            self.first = batch.rounds[0];
        }
        let sides: Vec<Lanes<W>> = (0..self.actors).map(|a| leading(batch, a)).collect();
        for lane in batch.alive.lanes() {
            self.histories.push(History::default());
            self.leading
                .extend(sides.iter().map(|side| side.0[lane] as u16));
        }
    }

    fn chose(&mut self, batch: &Batch<'_, W>) {
        self.chosen = true;
        for (a, actor) in batch.plan.actors.iter().enumerate() {
            // A contender's actor stands for himself for good.
            if actor.contender.is_some() {
                continue;
            }
            let now = batch.isa.run(
                #[inline(always)]
                || leading(batch, a),
            );
            for lane in batch.alive.lanes() {
                let place = self.place(batch, lane);
                let side = now.0[lane] as u16;
                let before = &mut self.leading[place * self.actors + a];
                if *before != side {
                    *before = side;
                    let numbers = self.numbers;
                    let kind = EventKind::Stance(numbers.actors[a], numbers.sides[side as usize]);
                    let step = batch.t;
                    self.histories[place].events.push(Event { step, kind });
                }
            }
        }
    }

    fn took_effect(&mut self, batch: &Batch<'_, W>, action: usize, lane: usize, good: bool) {
        let action = self.numbers.actions[action];
        let kind = if self.chosen {
            EventKind::Acted(action, good)
        } else {
            EventKind::Scheduled(action, good)
        };
        let (place, step) = (self.place(batch, lane), batch.t);
        self.histories[place].events.push(Event { step, kind });
    }

    fn settled(&mut self, _batch: &Batch<'_, W>, _decided: &[Option<usize>; W]) {
        self.chosen = false;
    }

    fn ended(&mut self, batch: &Batch<'_, W>, lane: usize, outcome: usize) {
        let numbers = self.numbers;
        let mut record = RoundRecord::new(batch, lane, outcome, Detail::Summary);
        record.outcome = numbers.outcomes[outcome] as usize;
        // Scenarios may list the same things in another order.
        let mut flags = Flags::none(self.flags);
        for (i, number) in numbers.flags.iter().enumerate() {
            if record.flags[i] {
                flags.set(*number as usize);
            }
        }
        record.flags = flags;
        let place = self.place(batch, lane);
        let history = &mut self.histories[place];
        history.record = record;
        history.events.sort_unstable();
    }
}
