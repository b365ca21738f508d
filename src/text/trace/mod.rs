//! One round day by day: what happened, and why.

mod called;
mod conditions;
mod effects;
mod glossary;
mod reasons;
mod sides;
mod state;
mod story;
mod why;

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::number::{decimal, exact, list, number, percent};
use super::titled;
use crate::engine::{Batch, Noted, Observer};
use crate::ensemble::chronicle::AHEAD;
use crate::plan::{Plan, WayPlan};
use crate::scenario::Scenario;
use crate::scenario::model::ActorKind;
use called::Called;
use effects::Changing;
use reasons::{Reasons, reasons};
pub use story::{Entry, Story};
use why::{two, weighed};

/// The least share of a body on a side that is told.
const LEAST_SHARE: f32 = 0.005;

/// The history of one round, run in a single lane: the same that `run` has among many.
#[must_use]
pub fn story(s: &Scenario, plan: &Plan, seed: u64, round: u64) -> Story {
    let mut batch = Batch::<1>::new(plan, seed);
    batch.initialise(round, 1);
    let mut narrator = Narrator {
        s,
        called: Called::of(s),
        story: Story {
            round,
            seed,
            ..Story::default()
        },
        outcome: None,
        terms: vec![[0.0; 4]; plan.actions.len()],
        nearest: vec![None; plan.actions.len()],
        passed: vec![0.0; plan.actions.len()],
        made: vec![false; plan.actions.len()],
        waiting: Vec::new(),
        sides: (0..s.actors.len()).map(|a| leading(&batch, a)).collect(),
        reasons: (0..s.actors.len()).map(|a| reasons(&batch, a)).collect(),
        changing: Vec::new(),
        holders: (0..s.offices.len()).map(|o| holder(&batch, o)).collect(),
        pending: None,
        quiet: 0,
        support: Vec::new(),
        shown: Vec::new(),
    };
    narrator.cast();
    narrator.roster(&batch);
    narrator.found(&batch);
    narrator.unusual(&batch, seed, round);
    narrator.state(&batch, 0);
    batch.play(&mut narrator);
    narrator.end(&batch);
    // The answer first.
    let title = format!("{}\nRound {round}, seed {seed}", s.title);
    let ends = narrator
        .ends()
        .map_or(String::new(), |ends| format!(": {ends}"));
    narrator
        .story
        .text
        .insert_str(0, &format!("{title}{ends}\n\n"));
    narrator.story
}

/// When moving was nearest to being decided.
#[derive(Clone, Copy)]
struct Nearest {
    /// Steps that were over.
    step: u32,
    inclination: f32,
    disposition: f32,
    /// What was weighed.
    terms: [f32; 4],
}

impl Nearest {
    /// How far the inclination was above the disposition; mostly below nought.
    fn above(&self) -> f32 {
        self.inclination - self.disposition
    }
}

/// Writes the history while the round runs.
struct Narrator<'s> {
    s: &'s Scenario,
    /// What it calls them.
    called: Called,
    story: Story,
    outcome: Option<Noted>,
    /// Chance to win, prize, price and worth of waiting of each considered move, as last weighed.
    terms: Vec<[f32; 4]>,
    /// By action: when moving was nearest to being decided.
    nearest: Vec<Option<Nearest>>,
    /// By action: the threshold that its clock passed when it was last decided.
    passed: Vec<f32>,
    /// By action: whether it has been decided.
    made: Vec<bool>,
    /// What has been decided and has not taken effect: the action, and the day on which it would.
    waiting: Vec<(usize, f64)>,
    /// By actor: the side with which he, or the largest part of a body, was last seen.
    sides: Vec<usize>,
    /// By actor: what spoke for each side when he last took one.
    reasons: Vec<Reasons>,
    /// Effects that are being applied.
    changing: Vec<Changing<'s>>,
    /// By office: who was last seen to have it.
    holders: Vec<Option<usize>>,
    /// The state on the latest day, written once something happens on it.
    pending: Option<Entry>,
    /// Days before it on which nothing happened.
    quiet: u32,
    /// Support by side on the latest day, and on the last one that was told.
    support: Vec<f32>,
    shown: Vec<f32>,
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
    /// With whom one stands on a side, in words.
    fn with(&self, side: usize) -> String {
        let contender = self.called.contenders.get(side);
        contender.map_or("aside".to_owned(), |name| format!("with {name}"))
    }

    /// Where an actor stands: a person whole, a body in shares.
    fn stands(&self, batch: &Batch<'_, 1>, a: usize) -> String {
        if self.s.actors[a].kind == ActorKind::Person {
            return self.with(leading(batch, a));
        }
        let share = |side| batch.get(batch.layout().stance(a, side)).0[0];
        let sides = 0..=self.s.contenders.len();
        let shares = sides
            .filter(|side| share(*side) >= LEAST_SHARE)
            .map(|side| {
                let share = percent(f64::from(share(side)));
                format!("{share} {}", self.with(side))
            });
        list(&shares.collect::<Vec<_>>())
    }

    /// Writes the state of the latest day, if it is not written yet.
    fn flush(&mut self) {
        if let Some(state) = self.pending.take() {
            match std::mem::take(&mut self.quiet) {
                0 => {}
                1 => self.story.text.push_str("… 1 day without an event\n"),
                n => {
                    let _ = writeln!(self.story.text, "… {n} days without an event");
                }
            }
            self.story.text.push_str(&state.text);
            self.story.events.push(state);
            self.shown.clone_from(&self.support);
        }
    }

    fn line(&mut self, text: &str) {
        self.flush();
        self.story.text.push_str(text);
        self.story.text.push('\n');
    }

    /// Tells of something, with numbers that belong to it; `actor` has decided it.
    fn tell(
        &mut self,
        batch: &Batch<'_, 1>,
        kind: &'static str,
        (id, name): (&str, &str),
        actor: Option<usize>,
        text: &str,
        values: Map<String, Value>,
    ) {
        let seconds = u64::from(batch.t) * self.s.clock.step_seconds;
        let at = self.moment(seconds);
        self.line(&format!("  {at} · {text}"));
        self.story.events.push(Entry {
            day: self.s.clock.day(u64::from(batch.t)),
            at,
            kind,
            id: id.to_owned(),
            name: name.to_owned(),
            actor: actor.map(|a| self.s.actors[a].id.clone()),
            text: text.to_owned(),
            values,
        });
    }

    /// Adds a line to what was told last.
    fn more(&mut self, text: &str) {
        self.line(&format!("      {text}"));
        if let Some(last) = self.story.events.last_mut() {
            last.text.push('\n');
            last.text.push_str(text);
        }
    }

    /// What was decided first of an action no longer waits.
    fn over(&mut self, action: usize) {
        if let Some(first) = self.waiting.iter().position(|(i, _)| *i == action) {
            self.waiting.remove(first);
        }
    }

    /// The moment `seconds` after the start.
    fn moment(&self, seconds: u64) -> String {
        let moment = self.s.clock.after(seconds);
        moment.strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// The outcome and its day, in words.
    fn ends(&self) -> Option<String> {
        let noted = self.outcome?;
        let outcome = &self.s.outcomes[noted.outcome];
        let day = self.s.clock.day(u64::from(noted.step));
        Some(format!(
            "outcome on day {}: {}",
            exact((100.0 * day).round() / 100.0),
            titled(&outcome.name, &outcome.id)
        ))
    }

    fn end(&mut self, batch: &Batch<'_, 1>) {
        let Some(ends) = self.ends() else { return };
        let Some(noted) = self.outcome else { return };
        let outcome = &self.s.outcomes[noted.outcome];
        let day = self.s.clock.day(u64::from(noted.step));
        self.apply(batch);
        self.story.outcome.clone_from(&outcome.id);
        self.story.day = day;
        self.state(batch, u64::from(batch.t));
        let came = self.came(batch, &outcome.reading);
        self.line(&format!("\nO{}\n    {came}", &ends[1..]));
        if let Some(says) = &outcome.remarks.says {
            self.line(&format!("    {says}"));
        }
        self.left();
        let flags: Vec<&str> = self
            .s
            .flags
            .iter()
            .zip(&batch.flags)
            .filter(|(_, held)| held.at(0))
            .map(|(f, _)| f.name.as_str())
            .collect();
        if !flags.is_empty() {
            self.line(&format!("Flags:\n  {}", flags.join("\n  ")));
        }
        self.glossary(batch);
    }
}

impl Narrator<'_> {
    /// What was weighed and never decided, and what was decided and is still to come.
    fn left(&mut self) {
        let mut lines = Vec::new();
        for (i, action) in self.s.actions.iter().enumerate() {
            let Some(nearest) = self.nearest[i] else {
                continue;
            };
            if self.made[i] {
                continue;
            }
            let when = self.moment(u64::from(nearest.step) * self.s.clock.step_seconds);
            let [inclination, needed] = [nearest.inclination, nearest.disposition].map(two);
            let weighed = weighed(nearest.terms);
            lines.push(if nearest.above() > 0.0 {
                format!(
                    "  {}: willing on {when} ({weighed}; inclination {inclination}, where {needed} is enough in this \
                     round), but the moment had not come by the end",
                    action.name
                )
            } else {
                format!(
                    "  {}: nearest on {when}, with an inclination of {inclination} where this round needs {needed}: \
                     {weighed}",
                    action.name
                )
            });
        }
        if !lines.is_empty() {
            self.line("Weighed, and not decided:");
            self.line(&lines.join("\n"));
        }
        for (i, due) in std::mem::take(&mut self.waiting) {
            let action = &self.s.actions[i];
            let when = decimal(due, 1);
            let named = titled(&action.name, &action.id);
            self.line(&format!(
                "Decided, and still to take effect on day {when}: {named}"
            ));
        }
    }
}

impl Observer<1> for Narrator<'_> {
    fn chose(&mut self, batch: &Batch<'_, 1>) {
        self.apply(batch);
        self.chosen(batch);
    }

    fn decided(&mut self, batch: &Batch<'_, 1>, i: usize, _lane: usize) {
        self.apply(batch);
        let first = !std::mem::replace(&mut self.made[i], true);
        let action = &self.s.actions[i];
        let by = action
            .by
            .map_or(String::new(), |a| format!(" [{}]", self.called.actors[a]));
        let delay = batch.plan.actions[i].delay.as_ref();
        let verb = match (delay, &action.success) {
            (Some(_), _) => "decided: ",
            (None, Some(_)) => "tried: ",
            (None, None) => "",
        };
        let told = format!("{verb}{}{by}", titled(&action.name, &action.id));
        let values = self.decision(batch, i);
        self.tell(
            batch,
            "decision",
            (&action.id, &action.name),
            action.by,
            &told,
            values,
        );
        if let (true, Some(says)) = (first, &action.remarks.says) {
            self.more(says);
        }
        let why = self.why(batch, i);
        self.more(&why);
        self.passed[i] = batch.get(batch.layout().threshold(i)).0[0];
        if let Some(delay) = delay {
            let days = batch.get(delay.days).0[0];
            self.more(&format!("takes effect {days:.2} days later"));
            let due = self.s.clock.day(u64::from(batch.t)) + f64::from(days);
            self.waiting.push((i, due));
        }
    }

    fn weighed(&mut self, batch: &Batch<'_, 1>, i: usize) {
        if let WayPlan::Decide { terms, .. } = batch.plan.actions[i].way {
            let terms = [terms.win, terms.prize, terms.price, terms.wait];
            self.terms[i] = terms.map(|slot| batch.get(slot).0[0]);
            let l = batch.layout();
            let [inclination, disposition] =
                [l.inclination(i), l.disposition(i)].map(|slot| batch.get(slot).0[0]);
            let now = Nearest {
                step: batch.t,
                inclination,
                disposition,
                terms: self.terms[i],
            };
            if self.nearest[i].is_none_or(|most| now.above() > most.above()) {
                self.nearest[i] = Some(now);
            }
        }
    }

    fn took_effect(&mut self, batch: &Batch<'_, 1>, i: usize, _lane: usize, good: bool) {
        self.apply(batch);
        let action = &self.s.actions[i];
        self.over(i);
        if action.delay.is_some() {
            let told = format!("takes effect: {}", titled(&action.name, &action.id));
            let named = (action.id.as_str(), action.name.as_str());
            self.tell(batch, "effect", named, action.by, &told, Map::new());
        }
        if let Some(stood) = self.rally(batch, i) {
            self.more(&format!("when it was tried, {stood}"));
        }
        if action.success.is_some() {
            self.more(if good { "it succeeds" } else { "it fails" });
            self.put("succeeds", json!(good));
        }
        for d in batch.plan.actions[i].drawn.clone() {
            let x = f64::from(batch.get(batch.layout().drawn(d)).0[0]);
            let id = &batch.plan.drawn[d].id;
            self.more(&format!("drawn: {id} = {}", number(x)));
            self.put(id, json!(x));
        }
        self.begin(
            batch,
            if good {
                &action.effects
            } else {
                &action.failure
            },
        );
    }

    fn branched(&mut self, batch: &Batch<'_, 1>, i: usize, branch: usize, _lane: usize) {
        self.apply(batch);
        let action = &self.s.actions[i];
        let branch = &action.branches[branch];
        let told = titled(&branch.name, &branch.id);
        self.line(&format!("      and with it: {told}"));
        let id = format!("{}.{}", action.id, branch.id);
        self.add(batch, "branch", (&id, &branch.name), action.by, &told);
        self.begin(batch, &branch.effects);
    }

    fn lapsed(&mut self, batch: &Batch<'_, 1>, i: usize, _lane: usize) {
        self.apply(batch);
        self.over(i);
        let action = &self.s.actions[i];
        let present = action
            .by
            .is_none_or(|a| batch.get(batch.layout().present(a)).0[0] > 0.0);
        let still = action.still.as_ref().or(action.when.as_ref());
        let why = match (present, still) {
            (true, Some(still)) => {
                format!("no longer so: {}", self.condition(batch, still))
            }
            _ => "who decided it is no longer there".to_owned(),
        };
        let told = format!("the decision lapses: {}", titled(&action.name, &action.id));
        let named = (action.id.as_str(), action.name.as_str());
        self.tell(batch, "lapse", named, action.by, &told, Map::new());
        self.more(&why);
    }

    fn settled(&mut self, batch: &Batch<'_, 1>, decided: &[Option<usize>; 1]) {
        self.apply(batch);
        let noted = batch.noted[0];
        if let (None, Some(noted), None) = (self.outcome, noted, decided[0]) {
            let outcome = &self.s.outcomes[noted.outcome];
            let when = self.moment(u64::from(noted.step) * self.s.clock.step_seconds);
            let told = titled(&outcome.name, &outcome.id);
            let why = self.came(batch, &outcome.reading);
            self.line(&format!(
                "  {when} · the outcome: {told}\n      {why}; the round goes on"
            ));
            let told = format!("the outcome: {told}\n{why}");
            self.add(batch, "outcome", (&outcome.id, &outcome.name), None, &told);
        }
        self.outcome = noted;
        for (o, office) in self.s.offices.iter().enumerate() {
            let now = holder(batch, o);
            let before = std::mem::replace(&mut self.holders[o], now);
            if before != now {
                let who = now.map_or("nobody", |a| &self.called.actors[a]);
                let told = format!("{} passes to {who}", self.called.offices[o]);
                let holder = json!(now.map(|a| &self.s.actors[a].id));
                let values = Map::from_iter([("holder".to_owned(), holder)]);
                self.tell(
                    batch,
                    "office",
                    (&office.id, &office.name),
                    None,
                    &told,
                    values,
                );
            }
        }
        // What else moved stances is not a choice.
        for (a, side) in self.sides.iter_mut().enumerate() {
            let now = leading(batch, a);
            let share = |side| batch.get(batch.layout().stance(a, side)).0[0];
            if share(now) >= share(*side) + AHEAD {
                *side = now;
            }
        }
        let seconds = u64::from(batch.t + 1) * self.s.clock.step_seconds;
        if decided[0].is_none() && seconds.is_multiple_of(86_400) {
            self.state(batch, u64::from(batch.t + 1));
        }
    }
}
