//! Where a round begins, and its state from day to day.

use std::fmt::Write;

use serde_json::json;

use super::{Entry, Narrator};
use crate::engine::Batch;
use crate::scenario::model::Stance;
use crate::text::number::{list, number, percent};
use crate::text::titled;

/// A draw this far out in its prior is worth a line.
const UNUSUAL: f32 = 0.05;
/// A change of support since the last day that was told from which a day is told though nothing happened on it.
const SWING: f32 = 0.1;
/// The least difference of a view from what is taken for granted that is worth a line.
const LEAST_NEWS: f32 = 0.1;
/// So many actors are named of each arena.
const STRONGEST: usize = 5;

impl Narrator<'_> {
    /// Who is who, in the words of the scenario.
    pub(super) fn cast(&mut self) {
        let said = self.s.actors.iter().filter_map(|a| {
            let says = a.remarks.says.as_ref()?;
            Some(format!("  {}: {says}", a.name))
        });
        let sides = self.s.contenders.iter().map(|c| titled(&c.name, &c.id));
        let sides = format!("  Contenders: {}", list(&sides.collect::<Vec<_>>()));
        let lines: Vec<String> = std::iter::once(sides).chain(said).collect();
        self.line("Who is who:");
        self.line(&lines.join("\n"));
        self.line("");
    }

    /// Who has which office when the round begins, and whose power counts in each arena.
    pub(super) fn roster(&mut self, batch: &Batch<'_, 1>) {
        let s = self.s;
        let l = batch.layout();
        let mut lines = Vec::new();
        for (o, office) in s.offices.iter().enumerate() {
            let who = self.holders[o].map_or("nobody", |a| &s.actors[a].name);
            let says = office.remarks.says.as_ref();
            let says = says.map_or(String::new(), |says| format!(" ({says})"));
            lines.push(format!("  {}: {who}{says}", office.name));
        }
        for (k, arena) in s.arenas.iter().enumerate() {
            let power = |a: usize| {
                let there = f64::from(batch.get(l.present(a)).0[0]);
                there * f64::from(batch.command(a, k).0[0])
            };
            let total: f64 = (0..s.actors.len()).map(power).sum();
            let mut all: Vec<usize> = (0..s.actors.len()).collect();
            all.sort_by(|a, b| power(*b).total_cmp(&power(*a)));
            // Those who stand alike are told together.
            let mut alike: Vec<(String, Vec<String>)> = Vec::new();
            for a in all.into_iter().take(STRONGEST).filter(|a| power(*a) > 0.0) {
                let told = format!("{} {}", s.actors[a].name, percent(power(a) / total));
                // That contenders stand with themselves goes without saying.
                let stands = match s.actors[a].contender {
                    Some(_) => String::new(),
                    None => self.stands(batch, a),
                };
                match alike.iter_mut().find(|(other, _)| *other == stands) {
                    Some((_, actors)) => actors.push(told),
                    None => alike.push((stands, vec![told])),
                }
            }
            if !alike.is_empty() {
                lines.push(format!("  The strongest in {}:", arena.id));
            }
            for (stands, actors) in alike {
                let actors = (actors.len(), actors.join(", "));
                lines.push(match actors {
                    (_, all) if stands.is_empty() => format!("      {all}"),
                    (1, one) => format!("      {one}: {stands}"),
                    (_, all) => format!("      {all}: each {stands}"),
                });
            }
        }
        let absent = (0..s.actors.len()).filter(|a| batch.get(l.present(*a)).0[0] <= 0.0);
        let absent: Vec<&str> = absent.map(|a| s.actors[a].name.as_str()).collect();
        if !absent.is_empty() {
            lines.push(format!("  Not there when it begins: {}", list(&absent)));
        }
        self.line("Who has what when it begins:");
        self.line(&lines.join("\n"));
        self.line("");
    }

    /// What the scenario leaves open and this round has found: stances and holders drawn by their chances, and
    /// where who has no written stance comes to rest.
    pub(super) fn found(&mut self, batch: &Batch<'_, 1>) {
        let s = self.s;
        let mut lines = Vec::new();
        let drawn = |chances: &[(usize, f64)], of: Option<usize>| {
            let own = chances.iter().filter(|(other, _)| Some(*other) == of);
            let rest = 1.0 - chances.iter().map(|(_, x)| x).sum::<f64>();
            let chance = own.map(|(_, x)| *x).next().unwrap_or(rest.max(0.0));
            format!("drawn with a chance of {}", percent(chance))
        };
        for (o, office) in s.offices.iter().enumerate() {
            let claims = &office.claims.0;
            if !claims.is_empty() {
                let now = self.holders[o];
                let who = now.map_or("nobody", |a| &self.called.actors[a]);
                lines.push(format!(
                    "  {} is with {who}, {}",
                    self.called.offices[o],
                    drawn(claims, now)
                ));
            }
        }
        for (a, actor) in s
            .actors
            .iter()
            .enumerate()
            .filter(|(_, x)| x.contender.is_none())
        {
            let stands = self.stands(batch, a);
            if let Some(chances) = actor.chances() {
                let side = Some(self.sides[a]).filter(|side| *side < s.contenders.len());
                lines.push(format!(
                    "  {}: {stands}, {}",
                    self.called.actors[a],
                    drawn(chances, side)
                ));
            } else if actor.stance == Stance::Free {
                lines.push(format!(
                    "  {}: {stands}, by loyalty and prospects",
                    self.called.actors[a]
                ));
            }
        }
        if !lines.is_empty() {
            self.line("Where this round starts, as far as the scenario leaves it open:");
            self.line(&lines.join("\n"));
            self.line("");
        }
    }

    /// Draws of this round that lie in the outer twentieths of their priors.
    pub(super) fn unusual(&mut self, batch: &Batch<'_, 1>, seed: u64, round: u64) {
        use crate::engine::draws;
        let mut all = Vec::new();
        let numbers = self.s.numbers();
        for (i, prior) in batch.plan.priors.iter().enumerate() {
            let u = draws::uniform(seed, &format!("prior/{}", prior.path), round, 0);
            if !(UNUSUAL..=1.0 - UNUSUAL).contains(&u) {
                let side = if u < 0.5 { "low" } else { "high" };
                let x = batch.get(batch.layout().prior(i)).0[0];
                let x = number(f64::from(x));
                let own = numbers.iter().find(|n| n.path == prior.path);
                let name = own.and_then(|n| n.remarks.name.as_deref());
                all.push(format!("{} {x} ({side})", name.unwrap_or(&prior.path)));
            }
        }
        if !all.is_empty() {
            self.line(&format!(
                "Guesses with unusual values in this round: {}",
                all.join(", ")
            ));
            self.line("");
        }
    }

    /// The state at the beginning of step `t`.
    pub(super) fn state(&mut self, batch: &Batch<'_, 1>, t: u64) {
        let l = batch.layout();
        let s = self.s;
        let seconds = t * s.clock.step_seconds;
        let mut text = format!("Day {} · {}\n", seconds / 86_400, self.moment(seconds));
        let sides = self.called.contenders.iter().enumerate();
        let sides = sides.map(|(c, name)| (c, name.as_str()));
        // A contender who is not there, and for whom nobody stands, is not told.
        let here = |o: usize| {
            let mut own = (0..s.actors.len()).filter(|a| s.actors[*a].contender == Some(o));
            let there = own.all(|a| batch.get(l.present(a)).0[0] > 0.0);
            there || batch.get(l.support(o)).0[0] > 0.0
        };
        let support: Vec<String> = sides
            .chain([(s.contenders.len(), "aside")])
            .filter(|(o, _)| here(*o))
            .map(|(o, name)| {
                format!(
                    "{name} {}",
                    percent(f64::from(batch.get(l.support(o)).0[0]))
                )
            })
            .collect();
        let _ = writeln!(text, "    support: {}", support.join(", "));
        let streets: Vec<String> = self
            .called
            .crowds
            .iter()
            .enumerate()
            .map(|(n, name)| {
                format!(
                    "{name} {}",
                    percent(f64::from(batch.get(l.turnout(n)).0[0]))
                )
            })
            .collect();
        if !streets.is_empty() {
            let _ = writeln!(text, "    turnout: {}", streets.join(", "));
        }
        if let Some(news) = self.news(batch) {
            let _ = writeln!(text, "    news: {news}");
        }
        if let Some(before) = &self.pending {
            self.quiet += (s.clock.day(t) - before.day).round() as u32;
        }
        let sides = 0..=s.contenders.len();
        self.support = sides.map(|o| batch.get(l.support(o)).0[0]).collect();
        if t == 0 {
            self.shown.clone_from(&self.support);
        }
        let name = |kind: &str, id: &str| format!("{kind}.{id}");
        let x = |slot| json!(f64::from(batch.get(slot).0[0]));
        let support = s.contenders.iter().map(|c| c.id.as_str()).chain(["aside"]);
        let support = support
            .enumerate()
            .map(|(o, id)| (name("support", id), x(l.support(o))));
        let crowds = s.crowds.iter().enumerate();
        let turnout = crowds.map(|(n, c)| (name("turnout", &c.id), x(l.turnout(n))));
        self.pending = Some(Entry {
            day: s.clock.day(t),
            at: self.moment(seconds),
            kind: "state",
            id: String::new(),
            name: String::new(),
            actor: None,
            values: support.chain(turnout).collect(),
            text,
        });
        let moved = |(now, then): (&f32, &f32)| (now - then).abs() >= SWING;
        if self.support.iter().zip(&self.shown).any(moved) {
            self.flush();
        }
    }

    /// The greatest news to anybody whose loyalty can move on it, against what he takes for granted.
    fn news(&self, batch: &Batch<'_, 1>) -> Option<String> {
        let (l, plan) = (batch.layout(), batch.plan);
        let x = |slot| batch.get(slot).0[0];
        let mut greatest = (LEAST_NEWS, None);
        for a in &plan.perceive.viewers {
            let is_there = x(l.present(*a)) > 0.0;
            if plan.actors[*a].contender.is_some() || !plan.drift.drifts || !is_there {
                continue;
            }
            for c in 0..l.contenders {
                let (sees, granted) = (x(l.sees(*a, c)), x(l.granted(*a, c)));
                if (sees - granted).abs() > greatest.0 {
                    greatest = ((sees - granted).abs(), Some((*a, c, sees, granted)));
                }
            }
        }
        let (a, c, sees, granted) = greatest.1?;
        let share = |x: f32| percent(f64::from(x));
        Some(format!(
            "in the eyes of {}, {} has a chance of {}, and not of {} as taken for granted",
            self.called.actors[a],
            self.called.contenders[c],
            share(sees),
            share(granted)
        ))
    }
}
