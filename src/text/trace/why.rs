//! Why things are decided and noted.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::{Narrator, conditions};
use crate::engine::Batch;
use crate::plan::{DatePlan, WayPlan};
use crate::scenario::expression::Expression;
use crate::scenario::model::{Moment, Number, NumberKind, Reading, Way};
use crate::text::number::{decimal, number, percent};

/// A number of a weighing.
pub(super) fn two(x: f32) -> String {
    decimal(f64::from(x), 2)
}

/// What a mover weighed: his chance to win, the prize, the price, and what waiting is worth.
pub(super) fn weighed([win, prize, price, wait]: [f32; 4]) -> String {
    let [lose, win, prize, price, wait] = [1.0 - win, win, prize, price, wait].map(two);
    format!(
        "a chance of {win} to win what is worth {prize}, against {lose} to lose {price}; waiting is worth {wait}"
    )
}

/// A rate per day from which what is decided follows within minutes.
const AT_ONCE: f32 = 100.0;

impl Narrator<'_> {
    /// Why an action is decided now.
    pub(super) fn why(&self, batch: &Batch<'_, 1>, i: usize) -> String {
        let action = &self.s.actions[i];
        let l = batch.layout();
        let x = |slot| batch.get(slot).0[0];
        let mut why = match &action.when {
            Some(when) => format!("since {}", self.condition(batch, when)),
            None => String::new(),
        };
        if !why.is_empty() {
            why.push_str("; ");
        }
        match (&batch.plan.actions[i].way, &action.way) {
            (WayPlan::Rate(_), _) if x(l.rate(i)) >= AT_ONCE => {
                why.push_str("it follows at once");
            }
            (WayPlan::Rate(_), way) => {
                let again = self.passed[i] > 0.0;
                let by = match (action.every > 0, again) {
                    (true, _) => "by this meeting",
                    (false, false) => "by now",
                    (false, true) => "by now, counted from the last time",
                };
                let formula = match way {
                    Way::Rate(Number {
                        kind: NumberKind::Expression(e),
                        ..
                    }) => format!(", {},", self.condition(batch, e)),
                    _ => String::new(),
                };
                let rate = number(f64::from(x(l.rate(i))));
                // Thresholds are apart by draws of an exponential distribution of mean 1.
                let summed = f64::from(batch.clock_when_decided(i, 0) - self.passed[i]);
                let come = percent(-libm::expm1(-summed));
                let _ = write!(
                    why,
                    "by chance: the rate{formula} is {rate} per day, at which {come} of histories like this one have it \
                     {by}"
                );
            }
            (WayPlan::Decide { .. }, _) => {
                let [inclination, disposition] = [l.inclination(i), l.disposition(i)].map(x);
                let stayed = match x(l.stayed(i)) {
                    0.0 => String::new(),
                    stayed => format!("; until then {} was not enough", two(stayed)),
                };
                let _ = write!(
                    why,
                    "weighed: {}. The inclination to move is {}, and in this round {} is enough{stayed}; then it comes \
                     at a rate of {} per day",
                    weighed(self.terms[i]),
                    two(inclination),
                    two(disposition),
                    number(f64::from(x(l.rate(i)))),
                );
            }
            (WayPlan::Chance(slot), _) => {
                let met = if action.every > 0 {
                    " at this meeting"
                } else {
                    ""
                };
                let _ = write!(why, "it had a chance of {:.2}{met}", batch.get(*slot).0[0]);
            }
            (WayPlan::At { .. }, Way::At(Moment::Known(seconds))) => {
                let _ = write!(
                    why,
                    "fixed by the scenario for {}",
                    self.moment(*seconds as u64)
                );
            }
            (
                WayPlan::At {
                    date: DatePlan::Uncertain(days),
                    ..
                },
                _,
            ) => {
                let seconds = f64::from(batch.get(*days).0[0]) * 86_400.0;
                let _ = write!(
                    why,
                    "at a date that the scenario leaves open, here {}",
                    self.moment(seconds as u64)
                );
            }
            (WayPlan::At { .. }, _) => {}
        }
        why.trim_end_matches("; ").to_owned()
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
        let names = self.called.contenders.iter().map(String::as_str);
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

    /// Why an outcome was noted.
    pub(super) fn came(&self, batch: &Batch<'_, 1>, reading: &Reading) -> String {
        match reading {
            Reading::Always { when, .. } => {
                format!("for long enough: {}", self.condition(batch, when))
            }
            Reading::AtEnd { when } => format!("at the horizon: {}", self.condition(batch, when)),
            Reading::Otherwise => "no other outcome applied at the horizon".to_owned(),
        }
    }

    /// A condition or a formula in words, with the values that it reads.
    pub(super) fn condition(&self, batch: &Batch<'_, 1>, expression: &Expression) -> String {
        conditions::told((self.s, &self.called), Some(batch), expression)
    }
}
