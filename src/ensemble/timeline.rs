//! What is followed over time: shares, beliefs, crowds and the scenario's own variables, day by
//! day.

use serde::{Deserialize, Serialize};

use super::histogram::{Histogram, Range};
use crate::engine::lanes::Mask;
use crate::plan::{Layout, Plan, Slot};
use crate::scenario::Scenario;
use crate::scenario::fault::nearest;
use crate::scenario::model::Clock;

/// Rounds that are followed in detail: `timeline.csv` and `actors.csv` come from the first so
/// many. Counts of outcomes, flags and actions come from all.
pub const FOLLOWED: u64 = 65_536;
/// Most days that are recorded; longer horizons are recorded at even distances.
const MOST_DAYS: u64 = 400;

/// A quantity that is followed.
#[derive(Debug, Clone)]
pub struct Followed {
    /// Its name in `timeline.csv`.
    pub name: String,
    /// What to read: a slot, or a fold over crowds.
    pub what: What,
    /// What values it takes.
    pub range: Range,
}

/// Where a followed quantity is read.
#[derive(Debug, Clone, Copy)]
pub enum What {
    /// A slot.
    Slot(Slot),
    /// The largest turnout.
    LargestTurnout,
}

/// The quantities that are followed, in order.
#[must_use]
pub fn followed(scenario: &Scenario, plan: &Plan) -> Vec<Followed> {
    let l = &plan.layout;
    let mut out = Vec::new();
    let mut follow = |name: String, what, range| out.push(Followed { name, what, range });
    let ids: Vec<&str> = scenario.contenders.iter().map(|c| c.id.as_str()).collect();
    for (c, id) in ids.iter().chain(&["aside"]).enumerate() {
        follow(
            format!("support.{id}"),
            What::Slot(l.support(c)),
            Range::Share,
        );
    }
    for (c, id) in ids.iter().enumerate() {
        follow(
            format!("prospects.{id}"),
            What::Slot(l.prospects(c)),
            Range::Share,
        );
    }
    for (c, id) in ids.iter().enumerate() {
        follow(format!("signal.{id}"), What::Slot(l.signal(c)), Range::Free);
    }
    for (n, crowd) in scenario.crowds.iter().enumerate() {
        let id = &crowd.id;
        follow(
            format!("turnout.{id}"),
            What::Slot(l.turnout(n)),
            Range::Share,
        );
        follow(
            format!("grievance.{id}"),
            What::Slot(l.grievance(n)),
            Range::Free,
        );
    }
    if !scenario.crowds.is_empty() {
        follow("turnout.max".to_owned(), What::LargestTurnout, Range::Share);
    }
    follow(
        "openness".to_owned(),
        What::Slot(l.openness()),
        Range::Share,
    );
    for (v, variable) in scenario.variables.iter().enumerate() {
        follow(variable.id.clone(), What::Slot(l.variable(v)), Range::Free);
    }
    for (name, slot) in &plan.followed {
        follow(name.clone(), What::Slot(*slot), Range::Share);
    }
    out
}

/// What may be followed on request: loyalties and stances, with their names as expressions have
/// them.
fn on_request(scenario: &Scenario, l: &Layout) -> Vec<(String, Slot)> {
    let mut out = Vec::new();
    let ids: Vec<&str> = scenario.contenders.iter().map(|c| c.id.as_str()).collect();
    for (a, actor) in scenario.actors.iter().enumerate() {
        for (c, id) in ids.iter().enumerate() {
            if actor.contender != Some(c) {
                out.push((format!("loyalty.{}.{id}", actor.id), l.loyalty(a, c)));
            }
        }
        for (o, id) in ids.iter().chain(&["aside"]).enumerate() {
            out.push((format!("stance.{}.{id}", actor.id), l.stance(a, o)));
        }
    }
    out
}

/// Finds what is asked for by name, for `Plan::followed`; a name that is given twice counts once.
///
/// # Errors
/// What is wrong with every name that cannot be followed.
pub fn chosen(
    names: &[String],
    scenario: &Scenario,
    layout: &Layout,
) -> Result<Vec<(String, Slot)>, Vec<String>> {
    let offered = on_request(scenario, layout);
    let mut found: Vec<(String, Slot)> = Vec::new();
    let mut wrong = Vec::new();
    for name in names.iter().map(|n| n.trim()) {
        match offered.iter().find(|(n, _)| n == name) {
            Some(_) if found.iter().any(|(n, _)| n == name) => {}
            Some(entry) => found.push(entry.clone()),
            None => {
                let near = nearest(name, offered.iter().map(|(n, _)| n.as_str()))
                    .map_or(String::new(), |n| format!("; did you mean `{n}`?"));
                wrong.push(format!(
                    "`{name}` cannot be followed: `loyalty.ACTOR.CONTENDER` and \
                     `stance.ACTOR.CONTENDER` can, and the rest is in timeline.csv anyway{near}"
                ));
            }
        }
    }
    if wrong.is_empty() {
        Ok(found)
    } else {
        Err(wrong)
    }
}

/// The days that are recorded: from 0 to the horizon.
#[must_use]
pub fn recorded_days(clock: &Clock) -> Vec<u64> {
    let step_days = clock.step_seconds.div_ceil(86_400);
    let stride = clock
        .days
        .div_ceil(MOST_DAYS)
        .max(1)
        .next_multiple_of(step_days);
    (0..=clock.days)
        .filter(|d| d % stride == 0 || *d == clock.days)
        .collect()
}

/// A histogram for every recorded day and followed quantity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    quantities: usize,
    histograms: Vec<Histogram>,
}

impl Timeline {
    /// An empty timeline.
    #[must_use]
    pub fn new(days: usize, followed: &[Followed]) -> Self {
        let histograms = (0..days)
            .flat_map(|_| followed.iter().map(|f| Histogram::new(f.range)))
            .collect();
        Self {
            quantities: followed.len(),
            histograms,
        }
    }

    /// The histogram of a quantity on the `day`-th recorded day.
    #[must_use]
    pub fn at(&self, day: usize, quantity: usize) -> &Histogram {
        &self.histograms[day * self.quantities + quantity]
    }

    /// Counts values of a quantity on the `day`-th recorded day, one a lane, where `wanted`.
    #[inline(always)]
    pub fn add<const W: usize>(
        &mut self,
        day: usize,
        quantity: usize,
        values: &[f32; W],
        wanted: &Mask<W>,
    ) {
        self.histograms[day * self.quantities + quantity].add(values, wanted);
    }

    /// Takes what was counted on a day into every later day too.
    pub fn accumulate(&mut self) {
        for i in self.quantities..self.histograms.len() {
            let (before, rest) = self.histograms.split_at_mut(i);
            rest[0].merge(&before[i - self.quantities]);
        }
    }

    /// Whether another timeline follows the same kinds of quantities on as many days.
    #[must_use]
    pub fn fits(&self, other: &Self) -> bool {
        let pairs = || self.histograms.iter().zip(&other.histograms);
        self.quantities == other.quantities
            && self.histograms.len() == other.histograms.len()
            && pairs().all(|(a, b)| a.fits(b))
    }

    /// Adds another timeline of the same scenario.
    pub fn merge(&mut self, other: &Self) {
        for (a, b) in self.histograms.iter_mut().zip(&other.histograms) {
            a.merge(b);
        }
    }
}
