//! Who changes sides, and why: those who do so together are told together.

use serde_json::{Map, json};

use super::reasons::{Moved, moved, reasons, told};
use super::{Narrator, leading};
use crate::engine::Batch;
use crate::ensemble::chronicle::AHEAD;
use crate::scenario::model::ActorKind;
use crate::text::number::percent;

/// An actor who has changed sides.
struct Changed {
    actor: usize,
    before: usize,
    now: usize,
    moved: Vec<Moved>,
}

impl Narrator<'_> {
    /// Tells of the sides that have just been chosen.
    pub(super) fn chosen(&mut self, batch: &Batch<'_, 1>) {
        let mut all: Vec<Changed> = Vec::new();
        for actor in 0..self.s.actors.len() {
            let (before, now) = (self.sides[actor], leading(batch, actor));
            let share = |side| batch.get(batch.layout().stance(actor, side)).0[0];
            let is_there = batch.get(batch.layout().present(actor)).0[0] > 0.0;
            if now == before || share(now) < share(before) + AHEAD || !is_there {
                continue;
            }
            self.sides[actor] = now;
            let speaks = reasons(batch, actor);
            let moved = moved(&self.reasons[actor], &speaks, before, now);
            self.reasons[actor] = speaks;
            all.push(Changed {
                actor,
                before,
                now,
                moved,
            });
        }
        while let Some(first) = all.first() {
            let way = (first.before, first.now);
            let alike: Vec<Changed> = all.extract_if(.., |c| (c.before, c.now) == way).collect();
            self.went(batch, way, &alike);
        }
    }

    /// Tells of those who went from one side to another.
    fn went(&mut self, batch: &Batch<'_, 1>, (before, now): (usize, usize), all: &[Changed]) {
        let (from, to) = (self.with(before), self.with(now));
        for (i, Changed { actor, moved, .. }) in all.iter().enumerate() {
            let of = &self.s.actors[*actor];
            let name = &self.called.actors[*actor];
            let share = |side| {
                let share = batch.get(batch.layout().stance(*actor, side)).0[0];
                percent(f64::from(share))
            };
            let shares = match of.kind {
                ActorKind::Person => String::new(),
                ActorKind::Body => format!(" {} against {}", share(now), share(before)),
            };
            let why = match &moved[..] {
                [] => String::new(),
                some => format!(": {}", told(some)),
            };
            let line = format!("{name}{shares}{why}");
            let header =
                format!("Now {to}, before {from}; what speaks for the new side, then and now:");
            let terms = moved
                .iter()
                .map(|m| (m.term.to_owned(), json!({"now": m.now, "before": m.before})));
            let values: Map<_, _> = terms.collect();
            let text = format!("Now {to}, before {from}: {line}");
            if i == 0 {
                let at = self.moment(u64::from(batch.t) * self.s.clock.step_seconds);
                self.line(&format!("  {at} · {header}"));
            }
            self.line(&format!("      {line}"));
            self.add(batch, "side", (&of.id, &of.name), None, &text);
            if let Some(last) = self.story.events.last_mut() {
                last.values = values;
            }
        }
    }
}
