//! Quantities followed day by day: shares, beliefs, crowds and the scenario's own variables.

use serde::{Deserialize, Serialize};

use super::histogram::{Histogram, Range};
use crate::engine::lanes::Mask;
use crate::plan::{Layout, Plan, Slot};
use crate::scenario::catalogue::NAMES;
use crate::scenario::fault::nearest;
use crate::scenario::model::Clock;
use crate::scenario::names::Reference;
use crate::scenario::state::StateQuantity;
use crate::scenario::{self, Scenario};

/// Number of rounds followed in detail: `timeline.csv` and `actors.csv` come from the first ones of
/// a run. Counts of outcomes, flags and actions come from all rounds.
pub const FOLLOWED: u64 = 16_384;
/// Most days that are recorded; longer horizons are recorded at equal distances.
const MOST_DAYS: u64 = 400;

/// A quantity that is followed.
#[derive(Debug, Clone)]
pub struct Followed {
    /// Its name in `timeline.csv`.
    pub name: String,
    /// What to read: a slot, or a fold over crowds.
    pub what: What,
    /// The values it can take.
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

/// Returns the quantities that are followed, in order.
#[must_use]
pub fn followed(scenario: &Scenario, plan: &Plan) -> Vec<Followed> {
    let (l, ids) = (&plan.layout, scenario.ids());
    let slot = |name: String, quantity: StateQuantity, indices: &[usize]| Followed {
        name,
        what: What::Slot(l.slot(quantity, indices)),
        range: match quantity.range() {
            scenario::state::Range::Share => Range::Share,
            _ => Range::Free,
        },
    };
    let every = |head: &str| {
        let name = NAMES.iter().find(|n| n.head == head);
        let all = name.map(|n| ids.every(n)).unwrap_or_default();
        all.into_iter()
            .map(|(name, r)| slot(name, r.quantity, &r.indices))
    };
    let mut out: Vec<Followed> = ["support", "prospects", "signal"]
        .into_iter()
        .flat_map(every)
        .collect();
    for (turnout, grievance) in every("turnout").zip(every("grievance")) {
        out.extend([turnout, grievance]);
    }
    if !scenario.crowds.is_empty() {
        out.push(Followed {
            name: "turnout.max".to_owned(),
            what: What::LargestTurnout,
            range: Range::Share,
        });
    }
    out.extend(every("openness"));
    for (v, variable) in scenario.variables.iter().enumerate() {
        out.push(slot(variable.id.clone(), StateQuantity::Variable, &[v]));
    }
    out.extend(plan.followed.iter().map(|(name, slot)| Followed {
        name: name.clone(),
        what: What::Slot(*slot),
        range: Range::Share,
    }));
    out
}

/// The names that can be followed on request, with what each reads.
#[must_use]
pub fn offered(scenario: &Scenario) -> Vec<(String, Reference)> {
    let ids = scenario.ids();
    let on_request = NAMES.iter().filter(|n| n.on_request);
    on_request.flat_map(|n| ids.every(n)).collect()
}

/// Finds quantities by name, for `Plan::followed`; repeated names count once.
///
/// # Errors
/// One message for each name that cannot be followed.
pub fn chosen(
    names: &[String],
    scenario: &Scenario,
    layout: &Layout,
) -> Result<Vec<(String, Slot)>, Vec<String>> {
    let offered: Vec<(String, Slot)> = offered(scenario)
        .into_iter()
        .map(|(name, r)| (name, layout.slot(r.quantity, &r.indices)))
        .collect();
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
                    "`{name}` cannot be followed: `loyalty.ACTOR.CONTENDER`, `stance.ACTOR.CONTENDER` and \
                     `rally.ACTION.CONTENDER` can, beside what timeline.csv always has{near}"
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

/// Returns the days that are recorded, from 0 to the horizon.
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

    /// Returns the histogram of a quantity on the `day`-th recorded day.
    #[must_use]
    pub fn at(&self, day: usize, quantity: usize) -> &Histogram {
        &self.histograms[day * self.quantities + quantity]
    }

    /// Counts values of a quantity on the `day`-th recorded day, one per lane, where `wanted`.
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

    /// Adds the counts of each day of another timeline to that day and every later one.
    pub fn merge_ended(&mut self, last: &Self) {
        for quantity in 0..self.quantities {
            let each = self.histograms[quantity..].iter_mut();
            let days = each.step_by(self.quantities);
            let ended = last.histograms[quantity..].iter().step_by(self.quantities);
            let mut sum: Option<Histogram> = None;
            for (day, more) in days.zip(ended) {
                let sum = match &mut sum {
                    Some(sum) => {
                        sum.merge(more);
                        sum
                    }
                    None => sum.insert(more.clone()),
                };
                day.merge(sum);
            }
        }
    }

    /// Returns whether another timeline follows the same kinds of quantities on as many days.
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
