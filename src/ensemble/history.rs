//! Histories as short logs, so that those of one round under two scenarios can be laid side by
//! side.

use super::crew::Collect;
use crate::engine::lanes::Lanes;
use crate::engine::{Batch, Observer};
use crate::plan::Plan;
use crate::scenario::Scenario;

/// An id with its display name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The id.
    pub id: String,
    /// The display name, in the scenario that lists it first.
    pub name: String,
}

/// What several scenarios declare, numbered together by id: what the first declares, in its
/// order, then what each further one adds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roster {
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

/// The numbers in a roster of what one scenario declares, in its own order.
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

impl Roster {
    /// The numbers of a scenario's entries; those that are new get the next ones.
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

/// What can be seen of a history from outside, in the order in which a step shows it. Numbers are
/// those of a roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sight {
    /// In Schedule, an action takes effect; whether it succeeds.
    Scheduled(u32, bool),
    /// In Choose, an actor's leading stance becomes another.
    Stance(u32, u32),
    /// In Act, an action takes effect; whether it succeeds.
    Acted(u32, bool),
}

/// One entry of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// The step.
    pub step: u32,
    /// What is seen.
    pub sight: Sight,
}

/// What can be seen of one round.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// Number of its outcome.
    pub outcome: u32,
    /// Steps played.
    pub steps: u32,
    /// Numbers of the flags that were ever set, ascending.
    pub flags: Vec<u32>,
    /// In order of steps, and in a step by stage, then by number.
    pub events: Vec<Event>,
}

/// Writes the histories of rounds. Rounds change lanes as others end, so logs go by round.
pub struct Historian<'n> {
    numbers: &'n Numbers,
    /// The round of the first history.
    first: u64,
    histories: Vec<History>,
    /// Each actor's leading stance, by history, then actor.
    leading: Vec<u16>,
    actors: usize,
    /// Whether the step in progress has had its Choose. A batch plays whole steps, so this is
    /// about the batch that is playing.
    chosen: bool,
}

impl<'n> Historian<'n> {
    /// A historian of a plan's rounds.
    #[must_use]
    pub fn new(plan: &Plan, numbers: &'n Numbers) -> Self {
        Self {
            numbers,
            first: 0,
            histories: Vec::new(),
            leading: Vec::new(),
            actors: plan.actors.len(),
            chosen: false,
        }
    }

    fn place<const W: usize>(&self, batch: &Batch<'_, W>, lane: usize) -> usize {
        (batch.rounds[lane] - self.first) as usize
    }
}

/// The option with the largest share of an actor, in each lane; the first listed wins a tie.
#[inline(always)]
fn leading<const W: usize>(batch: &Batch<'_, W>, actor: usize) -> Lanes<W> {
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
                    let sight = Sight::Stance(numbers.actors[a], numbers.sides[side as usize]);
                    let step = batch.t;
                    self.histories[place].events.push(Event { step, sight });
                }
            }
        }
    }

    fn took_effect(&mut self, batch: &Batch<'_, W>, action: usize, lane: usize, good: bool) {
        let action = self.numbers.actions[action];
        let sight = if self.chosen {
            Sight::Acted(action, good)
        } else {
            Sight::Scheduled(action, good)
        };
        let (place, step) = (self.place(batch, lane), batch.t);
        self.histories[place].events.push(Event { step, sight });
    }

    fn settled(&mut self, _batch: &Batch<'_, W>, _decided: &[Option<usize>; W]) {
        self.chosen = false;
    }

    fn ended(&mut self, batch: &Batch<'_, W>, lane: usize, outcome: usize) {
        let place = self.place(batch, lane);
        let history = &mut self.histories[place];
        history.outcome = self.numbers.outcomes[outcome];
        history.steps = batch.t + 1;
        let flags = batch.flags.iter().zip(&self.numbers.flags);
        history.flags = flags.filter(|(f, _)| f.at(lane)).map(|(_, n)| *n).collect();
        // Scenarios may list the same things in another order.
        history.flags.sort_unstable();
        history.events.sort_unstable();
    }
}

impl<const W: usize> Collect<W> for Historian<'_> {
    /// Histories, in order of rounds.
    type Piece = Vec<History>;

    fn begin(&mut self, batch: &Batch<'_, W>) {
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

    fn piece(&mut self) -> Vec<History> {
        self.leading.clear();
        std::mem::take(&mut self.histories)
    }
}
