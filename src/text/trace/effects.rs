//! Effects while they are applied: what each changed, from which value to which.

use serde_json::{Value, json};

use super::{Entry, Narrator};
use crate::engine::Batch;
use crate::plan::Slot;
use crate::scenario::effect::{Change, Effect};
use crate::scenario::names::Target;
use crate::text::number::value;

/// An effect that is being applied.
pub(super) struct Changing<'s> {
    effect: &'s Effect,
    /// The numbers that it changes, and each as it was.
    before: Vec<(Slot, f32)>,
}

impl<'s> Narrator<'s> {
    /// Effects are about to be applied, one after the other; what they set is not told again.
    pub(super) fn begin(&mut self, batch: &Batch<'_, 1>, effects: &'s [Effect]) {
        for effect in effects {
            let slots = match &effect.change {
                Change::Stance(a, side) => {
                    self.sides[*a] = *side;
                    Vec::new()
                }
                Change::Office(o, who) => {
                    self.holders[*o] = *who;
                    Vec::new()
                }
                Change::Number { target, .. } => slots(batch, target),
                Change::Remove(..) => Vec::new(),
            };
            let before = slots.into_iter().map(|slot| (slot, batch.get(slot).0[0]));
            let before = before.collect();
            self.changing.push(Changing { effect, before });
        }
    }

    /// Tells of effects that have been applied.
    pub(super) fn apply(&mut self, batch: &Batch<'_, 1>) {
        let all = std::mem::take(&mut self.changing);
        for (i, Changing { effect, before }) in all.iter().enumerate() {
            let text = effect.text.trim();
            let now = |slot: Slot| f64::from(batch.get(slot).0[0]);
            // What several effects change is told once, of all of them together.
            let shared = |with: &[Changing<'_>]| {
                let mut others = with.iter().flat_map(|other| &other.before);
                others.any(|(slot, _)| before.iter().any(|(own, _)| own == slot))
            };
            let (earlier, later) = (shared(&all[..i]), shared(&all[i + 1..]));
            let together = if earlier { ", with the above" } else { "" };
            let told = match &before[..] {
                [] => String::new(),
                _ if later => " (with what follows)".to_owned(),
                [(slot, x)] if !earlier && now(*slot) == f64::from(*x) => {
                    format!(" (as before: {})", value(now(*slot)))
                }
                [(slot, x)] => format!(
                    " ({} → {}{together})",
                    value(f64::from(*x)),
                    value(now(*slot))
                ),
                all => {
                    let mean = |sum: f64| value(sum / all.len() as f64);
                    let then = mean(all.iter().map(|(_, x)| f64::from(*x)).sum());
                    let now = mean(all.iter().map(|(slot, _)| now(*slot)).sum());
                    format!(
                        " ({} numbers, on average {then} → {now}{together})",
                        all.len()
                    )
                }
            };
            self.more(&format!("→ {text}{told}"));
            if let Change::Number { value, .. } = &effect.change {
                value
                    .tree
                    .each_name(&mut |parts, _| self.called.uses(parts));
            }
            let name = text
                .split(['+', '-', '*', '='])
                .next()
                .unwrap_or_default()
                .trim();
            match &before[..] {
                [] => {}
                [(slot, _)] => self.put(name, json!(now(*slot))),
                all => {
                    let all: Vec<f64> = all.iter().map(|(slot, _)| now(*slot)).collect();
                    self.put(name, json!(all));
                }
            }
        }
    }

    /// Adds a number to what was told last.
    pub(super) fn put(&mut self, name: &str, x: Value) {
        if let Some(last) = self.story.events.last_mut() {
            last.values.insert(name.to_owned(), x);
        }
    }

    /// Adds an entry for what the text has told.
    pub(super) fn add(
        &mut self,
        batch: &Batch<'_, 1>,
        kind: &'static str,
        (id, name): (&str, &str),
        actor: Option<usize>,
        text: &str,
    ) {
        let steps = u64::from(batch.t);
        let at = self.moment(steps * self.s.clock.step_seconds);
        self.story.events.push(Entry {
            day: self.s.clock.day(steps),
            at,
            kind,
            id: id.to_owned(),
            name: name.to_owned(),
            actor: actor.map(|a| self.s.actors[a].id.clone()),
            text: text.to_owned(),
            values: serde_json::Map::new(),
        });
    }
}

/// The numbers that an effect changes.
fn slots(batch: &Batch<'_, 1>, target: &Target) -> Vec<Slot> {
    let l = batch.layout();
    let mut all: Vec<Vec<usize>> = vec![Vec::new()];
    for (axis, index) in target.quantity.axes().iter().zip(&target.indices) {
        let each = match index {
            Some(index) => *index..index + 1,
            None => 0..l.length(*axis),
        };
        all = all
            .iter()
            .flat_map(|before| each.clone().map(move |i| [&before[..], &[i]].concat()))
            .collect();
    }
    all.iter()
        .map(|indices| l.slot(target.quantity, indices))
        .collect()
}
