//! Why things are decided and noted.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::Narrator;
use crate::engine::Batch;
use crate::plan::{DatePlan, WayPlan};
use crate::scenario::model::{Moment, Reading, Way};
use crate::text::number::{number, percent};
use crate::text::values::values;

/// A rate per day from which what is decided follows within minutes.
const AT_ONCE: f32 = 100.0;

impl Narrator<'_> {
    /// Why an action is decided now.
    pub(super) fn why(&self, batch: &Batch<'_, 1>, i: usize) -> String {
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
            (WayPlan::Rate(_), _) if x(l.rate(i)) >= AT_ONCE => {
                why.push_str("; it follows at once");
            }
            (WayPlan::Rate(_), _) => {
                let met = if action.every > 0 {
                    " by the meeting"
                } else {
                    ""
                };
                let [rate, clock, threshold] = [
                    x(l.rate(i)),
                    batch.clock_when_decided(i, 0),
                    x(l.threshold(i)),
                ]
                .map(|x| number(f64::from(x)));
                let _ = write!(
                    why,
                    "; its rate is {rate} per day, and the sum of its rates reached {clock}{met}, past the \
                     {threshold} that chance had set for this round"
                );
            }
            (WayPlan::Decide { .. }, _) => {
                let [w, prize, price, wait] = self.terms[i];
                let stayed = match x(l.stayed(i)) {
                    0.0 => String::new(),
                    stayed => format!("; until then {stayed:.2} was not enough"),
                };
                let _ = write!(
                    why,
                    "; weighed: a chance of {w:.2} to win what is worth {prize:.2}, against {:.2} to lose \
                     {price:.2}; waiting is worth {wait:.2}. The inclination to move, {:.2}, is above the \
                     disposition {:.2} of this round{stayed}; rate {} per day",
                    1.0 - w,
                    x(l.inclination(i)),
                    x(l.disposition(i)),
                    number(f64::from(x(l.rate(i)))),
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

    /// The numbers by which an action is decided now.
    pub(super) fn decision(&self, batch: &Batch<'_, 1>, i: usize) -> Map<String, Value> {
        let l = batch.layout();
        let x = |slot| f64::from(batch.get(slot).0[0]);
        let numbers: Vec<(&str, f64)> = match &batch.plan.actions[i].way {
            WayPlan::Rate(_) => vec![
                ("rate", x(l.rate(i))),
                ("clock", f64::from(batch.clock_when_decided(i, 0))),
                ("threshold", x(l.threshold(i))),
            ],
            WayPlan::Decide { .. } => {
                let [win, prize, price, wait] = self.terms[i].map(f64::from);
                vec![
                    ("inclination", x(l.inclination(i))),
                    ("disposition", x(l.disposition(i))),
                    ("win", win),
                    ("prize", prize),
                    ("price", price),
                    ("wait", wait),
                    ("rate", x(l.rate(i))),
                ]
            }
            WayPlan::Chance(slot) => vec![("chance", x(*slot))],
            WayPlan::At { .. } => Vec::new(),
        };
        let named = numbers
            .into_iter()
            .map(|(name, x)| (name.to_owned(), json!(x)));
        named.collect()
    }

    /// Who stood where in an attempt that has just been judged, if its success depends on that.
    pub(super) fn rally(&self, batch: &Batch<'_, 1>, i: usize) -> Option<String> {
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
        Some(format!(
            "power behind this attempt and against it (not the support of the day): {}",
            shares.join(", ")
        ))
    }
}

/// Why an outcome was noted.
pub(super) fn came(reading: &Reading) -> String {
    match reading {
        Reading::Always { when, .. } => format!("{} held long enough", when.text.trim()),
        Reading::AtEnd { when } => format!("at the horizon, {}", when.text.trim()),
        Reading::Otherwise => "no other outcome applied at the horizon".to_owned(),
    }
}
