//! One round day by day: what happened, and why.

use std::fmt::Write;

use jiff::civil::Time;

use super::number::{number, percent};
use super::titled;
use super::values::values;
use crate::engine::{Batch, Noted, Observer};
use crate::plan::{DatePlan, Plan, WayPlan};
use crate::scenario::Scenario;
use crate::scenario::effect::{Change, Effect};
use crate::scenario::model::{ActorKind, Moment, Reading, Stance, Way};

/// A draw this far out in its prior is worth a line.
const UNUSUAL: f32 = 0.05;
/// The least difference of a view from what is taken for granted that is worth a line.
const LEAST_NEWS: f32 = 0.01;

/// The history of one round, run in a single lane: the same that `run` has among many.
#[must_use]
pub fn history(s: &Scenario, plan: &Plan, seed: u64, round: u64) -> String {
    let mut batch = Batch::<1>::new(plan, seed);
    batch.initialise(round, 1);
    let mut narrator = Narrator {
        s,
        text: String::new(),
        outcome: None,
        terms: vec![[0.0; 4]; plan.actions.len()],
        sides: (0..s.actors.len()).map(|a| leading(&batch, a)).collect(),
        holders: (0..s.offices.len()).map(|o| holder(&batch, o)).collect(),
        pending: None,
        quiet: 0,
    };
    let t = &mut narrator.text;
    let _ = writeln!(t, "{}\nRound {round}, seed {seed}\n", s.title);
    narrator.unusual(&batch, seed, round);
    narrator.found(&batch);
    narrator.state(&batch, 0);
    batch.play(&mut narrator);
    narrator.end(&batch);
    narrator.text
}

/// Writes the history while the round runs.
struct Narrator<'s> {
    s: &'s Scenario,
    text: String,
    outcome: Option<Noted>,
    /// Chance to win, prize, price and worth of waiting of each considered move, as last weighed.
    terms: Vec<[f32; 4]>,
    /// By actor: the side with which he, or the largest part of a body, was last seen.
    sides: Vec<usize>,
    /// By office: who was last seen to have it.
    holders: Vec<Option<usize>>,
    /// The state on the latest day, written once something happens on it.
    pending: Option<String>,
    /// Days before it on which nothing happened.
    quiet: u32,
}

/// The side with the largest share of an actor, the first of equal ones; aside comes after all contenders.
fn leading(batch: &Batch<'_, 1>, actor: usize) -> usize {
    let l = batch.layout();
    let share = |side: usize| batch.get(l.stance(actor, side)).0[0];
    let larger = |best: usize, side: usize| {
        if share(side) > share(best) {
            side
        } else {
            best
        }
    };
    (0..=l.contenders).fold(0, larger)
}

/// Who has an office.
fn holder(batch: &Batch<'_, 1>, office: usize) -> Option<usize> {
    let x = batch.get(batch.layout().office(office)).0[0];
    (x >= 0.0).then_some(x as usize)
}

impl Narrator<'_> {
    /// The name of a side.
    fn side(&self, side: usize) -> &str {
        self.s.contenders.get(side).map_or("aside", |c| &c.name)
    }

    /// Where an actor stands: a person whole, a body in shares.
    fn stands(&self, batch: &Batch<'_, 1>, a: usize) -> String {
        let contenders = self.s.contenders.len();
        if self.s.actors[a].kind == ActorKind::Person {
            return match leading(batch, a) {
                side if side < contenders => format!("stands with {}", self.side(side)),
                _ => "stands aside".to_owned(),
            };
        }
        let share = |side| batch.get(batch.layout().stance(a, side)).0[0];
        let shares = (0..=contenders).filter(|side| share(*side) >= 0.0005);
        let shares =
            shares.map(|side| format!("{} {}", self.side(side), percent(f64::from(share(side)))));
        format!("stands {}", shares.collect::<Vec<_>>().join(", "))
    }

    /// What the scenario leaves open and this round has found: stances and holders drawn by their chances, and
    /// where who has no written stance comes to rest.
    fn found(&mut self, batch: &Batch<'_, 1>) {
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
                let who = now.map_or("nobody", |a| &s.actors[a].name);
                lines.push(format!(
                    "  {} is held by {who}, {}",
                    office.name,
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
                    "  {} {stands}, {}",
                    actor.name,
                    drawn(chances, side)
                ));
            } else if actor.stance == Stance::Free {
                lines.push(format!("  {} {stands}, by his reasons", actor.name));
            }
        }
        if !lines.is_empty() {
            self.line("Where this round starts, as far as the scenario leaves it open:");
            self.line(&lines.join("\n"));
            self.line("");
        }
    }

    /// Takes note of stances and holders that effects set: they are told with the effects.
    fn note(&mut self, effects: &[Effect]) {
        for effect in effects {
            match effect.change {
                Change::Stance(a, side) => self.sides[a] = side,
                Change::Office(o, who) => self.holders[o] = who,
                Change::Number { .. } | Change::Remove(..) => {}
            }
        }
    }

    fn line(&mut self, text: &str) {
        if let Some(state) = self.pending.take() {
            if self.quiet > 0 {
                let n = self.quiet;
                let days = if n == 1 {
                    "1 day".to_owned()
                } else {
                    format!("{n} days")
                };
                let _ = writeln!(self.text, "… {days} without an event");
            }
            self.quiet = 0;
            self.text.push_str(&state);
        }
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// The moment `seconds` after the start.
    fn moment(&self, seconds: u64) -> String {
        let start = self.s.clock.start.to_datetime(Time::midnight());
        let span = jiff::Span::new().seconds(seconds.cast_signed());
        start
            .checked_add(span)
            .map_or(String::new(), |d| d.strftime("%Y-%m-%d %H:%M").to_string())
    }

    /// Draws of this round that lie in the outer twentieths of their priors.
    fn unusual(&mut self, batch: &Batch<'_, 1>, seed: u64, round: u64) {
        use crate::engine::draws;
        let mut lines = Vec::new();
        for (i, prior) in batch.plan.priors.iter().enumerate() {
            let u = draws::uniform(seed, &format!("prior/{}", prior.path), round, 0);
            if !(UNUSUAL..=1.0 - UNUSUAL).contains(&u) {
                let side = if u < 0.5 { "low" } else { "high" };
                let x = batch.get(batch.layout().prior(i)).0[0];
                let x = number(f64::from(x));
                lines.push(format!("  {} = {x}, unusually {side}", prior.path));
            }
        }
        if !lines.is_empty() {
            self.line("Priors with unusual values in this round:");
            self.line(&lines.join("\n"));
            self.line("");
        }
    }

    /// The state at the beginning of step `t`.
    fn state(&mut self, batch: &Batch<'_, 1>, t: u64) {
        let l = batch.layout();
        let s = self.s;
        let seconds = t * s.clock.step_seconds;
        let mut text = format!("Day {} · {}\n", seconds / 86_400, self.moment(seconds));
        let sides = s
            .contenders
            .iter()
            .enumerate()
            .map(|(c, x)| (c, x.name.as_str()));
        let support: Vec<String> = sides
            .chain([(s.contenders.len(), "aside")])
            .map(|(o, name)| {
                format!(
                    "{name} {}",
                    percent(f64::from(batch.get(l.support(o)).0[0]))
                )
            })
            .collect();
        let _ = writeln!(text, "    support: {}", support.join(", "));
        let streets: Vec<String> = s
            .crowds
            .iter()
            .enumerate()
            .map(|(n, x)| {
                format!(
                    "{} {}",
                    x.id,
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
        self.quiet += u32::from(self.pending.is_some());
        self.pending = Some(text);
    }

    /// The greatest news to anybody whose loyalty can move on it, against what he takes for granted.
    fn news(&self, batch: &Batch<'_, 1>) -> Option<String> {
        let (l, plan) = (batch.layout(), batch.plan);
        let x = |slot| batch.get(slot).0[0];
        let mut greatest = (LEAST_NEWS, None);
        for a in &plan.perceive.viewers {
            if plan.actors[*a].contender.is_some() || !plan.drift.drifts {
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
            "{} gives {} {}, and takes {} for granted",
            self.s.actors[a].name,
            self.s.contenders[c].name,
            share(sees),
            share(granted)
        ))
    }

    /// Why an action is decided now.
    fn why(&self, batch: &Batch<'_, 1>, i: usize) -> String {
        let action = &self.s.actions[i];
        let l = batch.layout();
        let x = |slot| batch.get(slot).0[0];
        let mut why = match &action.when {
            Some(when) => {
                let values = values(self.s, batch, &when.tree);
                format!("since {}{values}", when.text.trim())
            }
            None => "at any time".to_owned(),
        };
        match (&batch.plan.actions[i].way, &action.way) {
            (WayPlan::Rate(_), _) => {
                let met = if action.every > 0 {
                    " by the meeting"
                } else {
                    ""
                };
                let clock = batch.clock_when_decided(i, 0);
                let _ = write!(
                    why,
                    "; at a rate of {:.2} per day its clock reached {clock:.2}{met}, past its threshold of {:.2}",
                    x(l.rate(i)),
                    x(l.threshold(i)),
                );
            }
            (WayPlan::Decide { .. }, _) => {
                let [w, prize, price, wait] = self.terms[i];
                let who = if action.by.is_some() {
                    "he is"
                } else {
                    "they are"
                };
                let stayed = match x(l.stayed(i)) {
                    0.0 => String::new(),
                    stayed => format!(
                        " ({} had stayed at {stayed:.2})",
                        who.split(' ').next().unwrap_or_default()
                    ),
                };
                let _ = write!(
                    why,
                    "; {who} resolved: inclination {:.2}, above the disposition {:.2}{stayed}: a chance of \
                     {w:.2} to win {prize:.2}, against {:.2} to lose {price:.2}; waiting is worth {wait:.2}; \
                     rate {:.2} per day",
                    x(l.inclination(i)),
                    x(l.disposition(i)),
                    1.0 - w,
                    x(l.rate(i)),
                );
            }
            (WayPlan::Chance(slot), _) => {
                let met = if action.every > 0 {
                    " at this meeting"
                } else {
                    ""
                };
                let _ = write!(
                    why,
                    "; it had a chance of {:.2}{met}",
                    batch.get(*slot).0[0]
                );
            }
            (WayPlan::At { .. }, Way::At(Moment::Known(seconds))) => {
                let _ = write!(why, "; set for {}", self.moment(*seconds as u64));
            }
            (
                WayPlan::At {
                    date: DatePlan::Uncertain(days),
                    ..
                },
                _,
            ) => {
                let seconds = f64::from(batch.get(*days).0[0]) * 86_400.0;
                let _ = write!(why, "; set for {}", self.moment(seconds as u64));
            }
            (WayPlan::At { .. }, _) => {}
        }
        why
    }

    /// Who stood where in an attempt that has just been judged, if its success depends on that.
    fn rally(&self, batch: &Batch<'_, 1>, i: usize) -> Option<String> {
        let action = &batch.plan.actions[i];
        let (r, success) = (action.rally?, action.success.as_ref()?);
        if success.program.needs.rallies & (1 << r) == 0 {
            return None;
        }
        let names = self.s.contenders.iter().map(|c| c.name.as_str());
        let shares = names.chain(["aside"]).enumerate().map(|(side, name)| {
            // It is stale by now, and what is shown is that of the attempt.
            let share = batch.slots[batch.layout().rally(r, side)].0[0];
            format!("{name} {}", percent(f64::from(share)))
        });
        let shares: Vec<String> = shares.collect();
        Some(format!("all power stood: {}", shares.join(", ")))
    }

    fn end(&mut self, batch: &Batch<'_, 1>) {
        let Some(noted) = self.outcome else { return };
        let outcome = &self.s.outcomes[noted.outcome];
        let day = self.s.clock.day(u64::from(noted.step));
        self.state(batch, u64::from(batch.t));
        self.line(&format!(
            "\nOutcome on day {day}: {}\n    {}",
            titled(&outcome.name, &outcome.id),
            came(&outcome.reading)
        ));
        let flags: Vec<&str> = self
            .s
            .flags
            .iter()
            .zip(&batch.flags)
            .filter(|(_, held)| held.at(0))
            .map(|(f, _)| f.name.as_str())
            .collect();
        if !flags.is_empty() {
            self.line(&format!("Flags: {}", flags.join(", ")));
        }
    }
}

/// Why an outcome was noted.
fn came(reading: &Reading) -> String {
    match reading {
        Reading::Always { when, .. } => format!("{} held long enough", when.text.trim()),
        Reading::AtEnd { when } => format!("at the horizon, {}", when.text.trim()),
        Reading::Otherwise => "no other outcome applied at the horizon".to_owned(),
    }
}

impl Observer<1> for Narrator<'_> {
    fn chose(&mut self, batch: &Batch<'_, 1>) {
        let when = self.moment(u64::from(batch.t) * self.s.clock.step_seconds);
        for (a, actor) in self.s.actors.iter().enumerate() {
            let side = leading(batch, a);
            let before = std::mem::replace(&mut self.sides[a], side);
            let is_there = batch.get(batch.layout().present(a)).0[0] > 0.0;
            if side == before || !is_there {
                continue;
            }
            let (name, from, to) = (&actor.name, self.side(before), self.side(side));
            let told = match actor.kind {
                ActorKind::Person => format!("{name} changes sides: {from} → {to}"),
                ActorKind::Body => {
                    let share = batch.get(batch.layout().stance(a, side)).0[0];
                    let share = percent(f64::from(share));
                    format!("{name}: the largest part changes sides, {from} → {to} ({share})")
                }
            };
            self.line(&format!("  {when}  {told}"));
        }
    }

    fn decided(&mut self, batch: &Batch<'_, 1>, i: usize, _lane: usize) {
        let action = &self.s.actions[i];
        let when = self.moment(u64::from(batch.t) * self.s.clock.step_seconds);
        let by = action
            .by
            .map_or(String::new(), |a| format!(" [{}]", self.s.actors[a].name));
        let why = self.why(batch, i);
        let delay = batch.plan.actions[i]
            .delay
            .as_ref()
            .map_or(String::new(), |delay| {
                format!(
                    "\n      takes effect {:.2} days later",
                    batch.get(delay.days).0[0]
                )
            });
        let verb = if delay.is_empty() { "" } else { "decided: " };
        self.line(&format!(
            "  {when}  {verb}{}{by}\n      {why}{delay}",
            titled(&action.name, &action.id)
        ));
    }

    fn weighed(&mut self, batch: &Batch<'_, 1>, i: usize) {
        if let WayPlan::Decide { terms, .. } = batch.plan.actions[i].way {
            let terms = [terms.win, terms.prize, terms.price, terms.wait];
            self.terms[i] = terms.map(|slot| batch.get(slot).0[0]);
        }
    }

    fn took_effect(&mut self, batch: &Batch<'_, 1>, i: usize, _lane: usize, good: bool) {
        let action = &self.s.actions[i];
        if action.delay.is_some() {
            let when = self.moment(u64::from(batch.t) * self.s.clock.step_seconds);
            self.line(&format!(
                "  {when}  takes effect: {}",
                titled(&action.name, &action.id)
            ));
        }
        if let Some(stood) = self.rally(batch, i) {
            self.line(&format!("      when it was tried, {stood}"));
        }
        if action.success.is_some() {
            self.line(if good {
                "      it succeeds"
            } else {
                "      it fails"
            });
        }
        for d in batch.plan.actions[i].drawn.clone() {
            let x = batch.get(batch.layout().drawn(d)).0[0];
            let id = &batch.plan.drawn[d].id;
            self.line(&format!("      drawn: {id} = {}", number(f64::from(x))));
        }
        let effects = if good {
            &action.effects
        } else {
            &action.failure
        };
        for effect in effects {
            self.line(&format!("      → {}", effect.text.trim()));
        }
        self.note(effects);
    }

    fn branched(&mut self, _batch: &Batch<'_, 1>, i: usize, branch: usize, _lane: usize) {
        let branch = &self.s.actions[i].branches[branch];
        self.line(&format!(
            "      and with it: {}",
            titled(&branch.name, &branch.id)
        ));
        for effect in &branch.effects {
            self.line(&format!("      → {}", effect.text.trim()));
        }
        self.note(&branch.effects);
    }

    fn lapsed(&mut self, batch: &Batch<'_, 1>, i: usize, _lane: usize) {
        let action = &self.s.actions[i];
        let present = action
            .by
            .is_none_or(|a| batch.get(batch.layout().present(a)).0[0] > 0.0);
        let still = action.still.as_ref().or(action.when.as_ref());
        let why = match (present, still) {
            (true, Some(still)) => format!(
                "{}{} no longer holds",
                still.text.trim(),
                values(self.s, batch, &still.tree)
            ),
            _ => "who decided it is no longer there".to_owned(),
        };
        let when = self.moment(u64::from(batch.t) * self.s.clock.step_seconds);
        let action = titled(&action.name, &action.id);
        self.line(&format!(
            "  {when}  the decision lapses: {action}\n      {why}"
        ));
    }

    fn settled(&mut self, batch: &Batch<'_, 1>, decided: &[Option<usize>; 1]) {
        let noted = batch.noted[0];
        if let (None, Some(noted), None) = (self.outcome, noted, decided[0]) {
            let outcome = &self.s.outcomes[noted.outcome];
            let when = self.moment(u64::from(noted.step) * self.s.clock.step_seconds);
            self.line(&format!(
                "  {when}  the outcome: {}\n      {}; the round goes on",
                titled(&outcome.name, &outcome.id),
                came(&outcome.reading)
            ));
        }
        self.outcome = noted;
        let when = self.moment(u64::from(batch.t) * self.s.clock.step_seconds);
        for (o, office) in self.s.offices.iter().enumerate() {
            let now = holder(batch, o);
            let before = std::mem::replace(&mut self.holders[o], now);
            if before != now {
                let who = now.map_or("nobody", |a| &self.s.actors[a].name);
                self.line(&format!("  {when}  {} passes to {who}", office.name));
            }
        }
        // What else moved stances is not a choice.
        self.sides = (0..self.sides.len()).map(|a| leading(batch, a)).collect();
        let seconds = u64::from(batch.t + 1) * self.s.clock.step_seconds;
        if decided[0].is_none() && seconds.is_multiple_of(86_400) {
            self.state(batch, u64::from(batch.t + 1));
        }
    }
}
