//! How an outcome comes about: the roads to it, and of each road the round that is most like the others.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::DateTime;

use super::discover::targets;
use super::error::StudyError;
use super::open::Study;
use super::play::Play;
use crate::analysis::information::mutual;
use crate::analysis::interval::{Share, wilson};
use crate::analysis::roads::{Road as Sorted, medoid, roads};
use crate::ensemble::chronicle::{Chronicle, Event, Happening};
use crate::ensemble::{Rounds, WIDTH};
use crate::scenario::Scenario;
use crate::scenario::expression::Tree;
use crate::scenario::model::Reading;

/// Rounds with the outcome that are compared: each is held against each.
const COMPARED: usize = 1_000;
/// Rounds between two looks whether enough have the outcome.
const BLOCK: u64 = 4_096;
/// The smallest road, as a part of the rounds compared.
const LEAST: f64 = 0.05;
/// What is usual on a road happens in at least this part of its rounds …
const USUAL: f64 = 0.75;
/// … and in a part of the others that is smaller by this.
const DISTINCT: f64 = 0.2;
/// The most that is called usual of a road.
const MOST_USUAL: usize = 4;

/// Options of [`Study::typical`].
#[derive(Debug, Clone)]
pub struct Typical {
    /// Rounds to look through, seed, workers and control; nothing is written.
    pub play: Play,
    /// The outcome, by id.
    pub outcome: String,
    /// How many roads its rounds are sorted into, at least 1; there may be fewer.
    pub roads: usize,
    /// How many events of a history are its main ones.
    pub main: usize,
}

impl Typical {
    /// One road, three main events, the scenario's rounds and seed.
    #[must_use]
    pub fn of(outcome: impl Into<String>) -> Self {
        Self {
            play: Play::default(),
            outcome: outcome.into(),
            roads: 1,
            main: 3,
        }
    }
}

/// The roads to an outcome.
#[derive(Debug, Clone)]
pub struct TypicalResult {
    /// Id of the outcome.
    pub outcome: String,
    /// Its display name.
    pub name: String,
    /// The seed.
    pub seed: u64,
    /// Rounds that were played, from 0.
    pub rounds: u64,
    /// Those with the outcome, and their share.
    pub count: u64,
    /// The same with its interval.
    pub share: Share,
    /// Those that were compared: the first of them.
    pub compared: u64,
    /// The roads, the most frequent first. None if no round has the outcome.
    pub roads: Vec<Road>,
}

/// Rounds that come to an outcome alike.
#[derive(Debug, Clone)]
pub struct Road {
    /// The round that is most like the others of this road.
    pub round: u64,
    /// What happens in all of its rounds, and tells it from other roads.
    pub with: Vec<String>,
    /// What happens in none of them, and tells it from other roads.
    pub without: Vec<String>,
    /// What else is usual in it, and in how many of its rounds: 75 % or more, and 20 points more than in rounds of
    /// other roads (of the only road: in rounds without the outcome).
    pub usual: Vec<(String, f64)>,
    /// How many of the rounds compared it has.
    pub count: u64,
    /// Their share of the rounds compared.
    pub share: Share,
    /// What happens in the typical round until its outcome is noted, in order.
    pub events: Vec<TypicalEvent>,
    /// Day on which its outcome is noted: days since the start.
    pub noted: f64,
    /// The moment at which it is.
    pub noted_at: DateTime,
}

/// What happens in a typical round.
#[derive(Debug, Clone, PartialEq)]
pub struct TypicalEvent {
    /// Days since the start, to the step in which it happens.
    pub day: f64,
    /// The moment at which that step begins.
    pub at: DateTime,
    /// `action`, `failure` (of an action), `branch`, `office`, `removal`, `side` or `turnout`.
    pub kind: &'static str,
    /// Id of the action, office, actor or crowd.
    pub id: String,
    /// What happens, in words.
    pub told: String,
    /// Name of the actor whose action it is.
    pub actor: Option<String>,
    /// Whether it is among the main events of the history.
    pub main: bool,
}

impl Road {
    /// The main events, in order.
    pub fn main(&self) -> impl Iterator<Item = &TypicalEvent> {
        self.events.iter().filter(|e| e.main)
    }
}

impl Study {
    /// Sorts the rounds that end with an outcome into roads by which actions took effect before it was noted,
    /// and finds the typical round of each: the one whose actions and their days are least unlike those of all
    /// others of the road (the medoid). Rounds are those of a run with the same seed, from the first, until
    /// 1,000 have the outcome or no rounds are left.
    ///
    /// # Errors
    /// When there is no such outcome, or it is stopped.
    pub fn typical(&self, options: &Typical) -> Result<TypicalResult, StudyError> {
        let s = &self.scenario;
        let outcome = self.outcome(&options.outcome)?;
        let mut like: Vec<Chronicle> = Vec::new();
        let mut others: BTreeMap<Happening, u64> = BTreeMap::new();
        let mut count = 0;
        let rounds = self.look_through(&options.play, |c| {
            let own = c.outcome == outcome;
            count += u64::from(own);
            if !own {
                for what in firsts(&c).into_keys() {
                    *others.entry(what).or_default() += 1;
                }
            } else if like.len() < COMPARED {
                like.push(c);
            }
            like.len() >= COMPARED
        })?;
        let told = Teller::new(s, outcome, &like, (&others, rounds - count));
        Ok(TypicalResult {
            outcome: s.outcomes[outcome].id.clone(),
            name: s.outcomes[outcome].name.clone(),
            seed: options.play.seed.unwrap_or(self.seed),
            rounds,
            count,
            share: wilson(count, rounds.max(1)),
            compared: like.len() as u64,
            roads: told.roads(options.roads, options.main),
        })
    }

    /// The first round that ends with an outcome, if any of those looked through does.
    ///
    /// # Errors
    /// When there is no such outcome, or it is stopped.
    pub fn first_with(&self, outcome: &str, play: &Play) -> Result<Option<u64>, StudyError> {
        let outcome = self.outcome(outcome)?;
        let mut first = None;
        self.look_through(play, |c| {
            if first.is_none() && c.outcome == outcome {
                first = Some(c.round);
            }
            first.is_some()
        })?;
        Ok(first)
    }

    /// The index of an outcome.
    fn outcome(&self, id: &str) -> Result<usize, StudyError> {
        let found = targets(&[id.to_owned()], &[], &self.scenario)?;
        Ok(found[0].1)
    }

    /// Shows the rounds of a run, in order and in whole blocks, until it is `enough`. Returns how many.
    fn look_through(
        &self,
        play: &Play,
        mut enough: impl FnMut(Chronicle) -> bool,
    ) -> Result<u64, StudyError> {
        let rounds = play.rounds.unwrap_or(self.rounds);
        let seed = play.seed.unwrap_or(self.seed);
        play.control.stage(rounds, |watch| {
            let (mut next, mut done) = (0, false);
            while next < rounds && !done {
                let end = rounds.min(next + BLOCK);
                let block = Rounds::Drawn(next..end);
                let player = play.player(seed, watch);
                player.chronicles::<WIDTH>(&self.plan, &block, |c| done = enough(c))?;
                next = end;
            }
            Ok(next)
        })
    }
}

/// What happened until the outcome was noted, each when it first did.
fn firsts(c: &Chronicle) -> BTreeMap<Happening, u32> {
    let mut out = BTreeMap::new();
    for Event { step, what } in c.events.iter().filter(|e| e.step <= c.noted) {
        out.entry(*what).or_insert(*step);
    }
    out
}

/// Knows what the rounds with an outcome have in common, and tells of it.
struct Teller<'a> {
    s: &'a Scenario,
    like: &'a [Chronicle],
    /// How many rounds without the outcome each thing happened in, and their number.
    others: (&'a BTreeMap<Happening, u64>, u64),
    /// How many of the rounds compared it happened in.
    own: BTreeMap<Happening, u64>,
    /// Ids that the condition of the outcome reads.
    read: BTreeSet<String>,
}

impl<'a> Teller<'a> {
    fn new(
        s: &'a Scenario,
        outcome: usize,
        like: &'a [Chronicle],
        others: (&'a BTreeMap<Happening, u64>, u64),
    ) -> Self {
        let mut own: BTreeMap<Happening, u64> = BTreeMap::new();
        for what in like.iter().flat_map(|c| firsts(c).into_keys()) {
            *own.entry(what).or_default() += 1;
        }
        let mut read = BTreeSet::new();
        if let Reading::Always { when, .. } | Reading::AtEnd { when } = &s.outcomes[outcome].reading
        {
            ids_read(s, &when.tree, &mut read);
        }
        Self {
            s,
            like,
            others,
            own,
            read,
        }
    }

    fn roads(&self, n: usize, main: usize) -> Vec<Road> {
        if self.like.is_empty() {
            return Vec::new();
        }
        let is_deed = |w: &&Happening| matches!(w, Happening::Action(..) | Happening::Branch(..));
        let things: Vec<Happening> = self.own.keys().filter(is_deed).copied().collect();
        let clock = f64::from(self.like.iter().map(|c| c.noted).max().unwrap_or(1).max(1));
        let row = |c: &Chronicle| -> Vec<Option<f64>> {
            let first = firsts(c);
            let when = |w| first.get(w).map(|step| f64::from(*step) / clock);
            things.iter().map(when).collect()
        };
        let all: Vec<_> = self.like.iter().map(row).collect();
        let least = (LEAST * all.len() as f64).ceil() as usize;
        let found = roads(&all, n, least);
        let alone = found.len() == 1;
        found
            .iter()
            .map(|road| {
                let name = |i: &usize| things[*i].told(self.s, &[]);
                let typical = &self.like[medoid(&all, &road.members)];
                let n = road.members.len() as u64;
                Road {
                    round: typical.round,
                    with: road.with.iter().map(name).collect(),
                    without: road.without.iter().map(name).collect(),
                    usual: self.usual(road, &road.counts(&all), &things, alone),
                    count: n,
                    share: wilson(n, all.len() as u64),
                    events: self.events(typical, main),
                    noted: self.s.clock.day(u64::from(typical.noted)),
                    noted_at: self.s.clock.moment(u64::from(typical.noted)),
                }
            })
            .collect()
    }

    /// What else is usual on a road, most distinct first.
    fn usual(
        &self,
        road: &Sorted,
        counts: &[u64],
        things: &[Happening],
        alone: bool,
    ) -> Vec<(String, f64)> {
        let part = |n: u64, of: u64| n as f64 / of.max(1) as f64;
        let members = road.members.len() as u64;
        let mut out = Vec::new();
        for (i, what) in things.iter().enumerate() {
            let here = part(counts[i], members);
            let elsewhere = if alone {
                part(*self.others.0.get(what).unwrap_or(&0), self.others.1)
            } else {
                part(self.own[what] - counts[i], self.like.len() as u64 - members)
            };
            if here >= USUAL && here - elsewhere >= DISTINCT && !road.with.contains(&i) {
                out.push((here - elsewhere, what.told(self.s, &[]), here));
            }
        }
        out.sort_by(|a, b| b.0.total_cmp(&a.0));
        out.truncate(MOST_USUAL);
        out.into_iter()
            .map(|(_, told, here)| (told, here))
            .collect()
    }

    /// What to tell first: what the outcome's condition names, then offices and removals, moves of contenders, what
    /// others do, changes of sides, crowds; among equals what tells most of the outcome, in bits.
    fn weight(&self, what: Happening) -> (u8, f64) {
        let named = self.read.contains(&what.id(self.s, &[]));
        let contender = |a: usize| self.s.actors[a].contender.is_some();
        let class = match what {
            Happening::Flag(_) | Happening::Observation(_) => u8::MAX,
            Happening::Side(..) => 4,
            Happening::Turnout(..) => 5,
            _ if named => 0,
            Happening::Office(..) | Happening::Gone(_) => 1,
            _ if what.actor(self.s).is_some_and(contender) => 2,
            _ => 3,
        };
        let (yes, all) = (
            self.own.get(&what).copied().unwrap_or(0),
            self.like.len() as u64,
        );
        let (no, rest) = (*self.others.0.get(&what).unwrap_or(&0), self.others.1);
        (class, mutual([[rest - no, all - yes], [no, yes]]))
    }

    /// The events of a round until its outcome, of which the heaviest, each once, are the main ones.
    fn events(&self, c: &Chronicle, main: usize) -> Vec<TypicalEvent> {
        let mut heaviest: Vec<(u8, f64, Happening)> = firsts(c)
            .into_keys()
            .map(|what| (self.weight(what), what))
            .filter(|((class, _), _)| *class < u8::MAX)
            .map(|((class, bits), what)| (class, bits, what))
            .collect();
        heaviest.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
        let mut wanted: BTreeSet<Happening> = heaviest
            .iter()
            .take(main)
            .map(|(_, _, what)| *what)
            .collect();
        let shown = |e: &&Event| {
            let derived = matches!(e.what, Happening::Flag(_) | Happening::Observation(_));
            e.step <= c.noted && !derived
        };
        let mut out = Vec::new();
        for Event { step, what } in c.events.iter().filter(shown) {
            let begun = step.saturating_sub(1);
            let actor = what.actor(self.s);
            out.push(TypicalEvent {
                day: self.s.clock.day(u64::from(begun)),
                at: self.s.clock.moment(u64::from(begun)),
                kind: what.kind(),
                id: what.id(self.s, &[]),
                told: what.told(self.s, &[]),
                actor: actor.map(|a| self.s.actors[a].name.clone()),
                main: wanted.remove(what),
            });
        }
        out
    }
}

/// The ids that an expression reads, through formulas too.
fn ids_read(s: &Scenario, tree: &Tree, out: &mut BTreeSet<String>) {
    tree.each_name(&mut |parts, _| {
        for id in parts {
            let formula = s.formulas.iter().find(|f| f.id == *id);
            if out.insert(id.clone())
                && let Some(formula) = formula
            {
                ids_read(s, &formula.expression.tree, out);
            }
        }
    });
}
