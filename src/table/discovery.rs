//! The tables of `kzsim discover`.

use super::row::{Table, table};
use super::sensitivity::{Input, Target};
use crate::analysis::discovery::cover::{Found, Verdict};
use crate::analysis::discovery::table::Count;
use crate::analysis::discovery::{Limit, Side};
use crate::plan::Plan;
use crate::scenario::Scenario;

/// What was looked for, and what was found.
pub struct Discovery<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Its plan.
    pub plan: &'a Plan,
    /// Inputs, in order.
    pub inputs: &'a [Input],
    /// Resamples of the rounds that boxes were found in.
    pub resamples: u64,
    /// What was looked at, one after another.
    pub targets: &'a [Looked],
}

/// What was found of one target.
#[derive(Debug)]
pub struct Looked {
    /// The target.
    pub target: Target,
    /// Rounds that boxes were found in, and those in which the target came.
    pub search: Count,
    /// The other rounds, on which every share rests.
    pub others: Count,
    /// Boxes, and what the other rounds say of each.
    pub boxes: Vec<(Found, Verdict)>,
}

table! {
    /// A row of `boxes.csv`: a target and a box.
    BoxRow in "boxes.csv" {
        ..scenario,
        ..event,
        number as "box": u64 = "index of the box, from 1",
        inputs: u64 = "how many inputs the box restricts",
        rounds: u64 ["round"] = "rounds of the second half in the box",
        count: u64 ["round"] = "those of them with the target",
        probability: Option<f64> = "`count / rounds`: the density of the box",
        ..interval(Option<f64>),
        elsewhere: Option<f64> = "the same share outside the box",
        elsewhere_low: Option<f64> = "lower end of its interval at 95 %",
        elsewhere_high: Option<f64> = "upper end of its interval at 95 %",
        mass: f64 = "fraction of all rounds that lies in the box",
        coverage: Option<f64> = "fraction of the rounds with the target that lies in the box",
        coverage_low: Option<f64> = "lower end of its interval at 95 %",
        coverage_high: Option<f64> = "upper end of its interval at 95 %",
        coverage_gained: Option<f64> = "fraction of them that lies in this box and in none before it",
        found_probability: f64 = "density in the rounds in which the box was found: flattering",
        confirmed: bool = "whether the interval of the difference between inside and outside (Newcombe) is above 0",
    }

    /// A row of `limits.csv`: a limit of a box.
    LimitRow in "limits.csv" {
        ..scenario,
        ..event,
        number as "box": u64 = "index of the box, from 1",
        input_kind: String = "`prior` or `switch`",
        input: String = "path of the prior or switch",
        side: String = "`above` or `below` the limit; `is` for a switch",
        limit: Option<f64> = "the limit; empty for a switch",
        value: Option<String> = "value of the switch; empty for a prior",
        probability_without: Option<f64> = "share in the box without this limit, in the second half",
        quasi_p: f64 = "probability of at least as many rounds with the target if the limit had no effect",
        again: Option<f64> = "fraction of the resamples in which a box restricts this input on this side",
    }

    /// A row of `trajectory.csv`: a box on the way from all rounds to the smallest.
    StepRow in "trajectory.csv" {
        ..scenario,
        ..event,
        number as "box": u64 = "index of the box, from 1",
        step: u64 = "number of slices cut off so far",
        inputs: u64 = "how many inputs the box restricts",
        found_mass: f64 = "part of the rounds of the first half in the box",
        found_coverage: f64 = "part of those with the target in the box",
        found_density: f64 = "share of the target in the box",
        mass: f64 = "the same as `found_mass` in the second half, outside earlier boxes",
        coverage: Option<f64> = "the same as `found_coverage` in the second half, outside earlier boxes",
        density: Option<f64> = "the same as `found_density` in the second half, outside earlier boxes",
    }
}

/// A fraction; `None` if the denominator is 0.
fn part(of: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| of as f64 / whole as f64)
}

impl Discovery<'_> {
    /// The name of an input: a path.
    #[must_use]
    pub fn name(&self, input: usize) -> String {
        match &self.inputs[input] {
            Input::Switch(path, _) => (*path).to_owned(),
            Input::Prior(i) => self.plan.priors[*i].path.clone(),
            Input::Chance => "chance".to_owned(),
        }
    }

    /// What people call an input: the name of a prior, if it has one, else as [`Self::name`] has it.
    #[must_use]
    pub fn called(&self, input: usize) -> String {
        match &self.inputs[input] {
            Input::Prior(i) => self.plan.priors[*i].name.clone(),
            _ => self.name(input),
        }
    }

    /// The value that a limit leaves a switch.
    #[must_use]
    pub fn value(&self, limit: &Limit) -> Option<&'static str> {
        match &self.inputs[limit.input] {
            Input::Switch(_, [first, second]) => Some(match limit.side {
                Side::Above => second,
                Side::Below => first,
            }),
            _ => None,
        }
    }

    /// Every table, in order.
    #[must_use]
    pub fn tables(&self) -> Vec<Table> {
        vec![
            Table::of(&self.box_rows()),
            Table::of(&self.limit_rows()),
            Table::of(&self.step_rows()),
        ]
    }

    /// Every box with its number, from 1 for each target.
    fn boxes(&self) -> impl Iterator<Item = (&Looked, u64, &Found, &Verdict)> {
        self.targets.iter().flat_map(|looked| {
            let each = (1..).zip(&looked.boxes);
            each.map(move |(number, (found, verdict))| (looked, number, found, verdict))
        })
    }

    /// Rows of `boxes.csv`.
    #[must_use]
    pub fn box_rows(&self) -> Vec<BoxRow> {
        self.boxes()
            .map(|(looked, number, found, v)| {
                let inside = |x: f64| (v.inside.rows > 0).then_some(x);
                let outside = |x: f64| (v.outside.rows > 0).then_some(x);
                let hits = |x: f64| (looked.others.hits > 0).then_some(x);
                BoxRow {
                    scenario: self.scenario.name.clone(),
                    kind: looked.target.kind.to_owned(),
                    target: looked.target.id.clone(),
                    number,
                    inputs: found.region.inputs().len() as u64,
                    rounds: v.inside.rows,
                    count: v.inside.hits,
                    probability: inside(v.density.probability),
                    ci_low: inside(v.density.low),
                    ci_high: inside(v.density.high),
                    elsewhere: outside(v.elsewhere.probability),
                    elsewhere_low: outside(v.elsewhere.low),
                    elsewhere_high: outside(v.elsewhere.high),
                    mass: v.inside.rows as f64 / looked.others.rows as f64,
                    coverage: hits(v.coverage.probability),
                    coverage_low: hits(v.coverage.low),
                    coverage_high: hits(v.coverage.high),
                    coverage_gained: hits(v.gained),
                    found_probability: found.count.density(),
                    confirmed: v.confirmed,
                }
            })
            .collect()
    }

    /// Rows of `limits.csv`.
    #[must_use]
    pub fn limit_rows(&self) -> Vec<LimitRow> {
        let mut out = Vec::new();
        for (looked, number, found, v) in self.boxes() {
            for (limit, (without, quasi_p)) in found.region.limits.iter().zip(&v.limits) {
                let value = self.value(limit);
                let below = limit.side == Side::Below;
                let side = match (value, below) {
                    (Some(_), _) => "is",
                    (None, true) => "below",
                    (None, false) => "above",
                };
                let again = found.again[limit.input][usize::from(below)];
                out.push(LimitRow {
                    scenario: self.scenario.name.clone(),
                    kind: looked.target.kind.to_owned(),
                    target: looked.target.id.clone(),
                    number,
                    input_kind: self.inputs[limit.input].kind().to_owned(),
                    input: self.name(limit.input),
                    side: side.to_owned(),
                    limit: value.is_none().then_some(limit.value),
                    value: value.map(str::to_owned),
                    probability_without: part(without.hits, without.rows),
                    quasi_p: *quasi_p,
                    again: part(u64::from(again), self.resamples),
                });
            }
        }
        out
    }

    /// Rows of `trajectory.csv`.
    #[must_use]
    pub fn step_rows(&self) -> Vec<StepRow> {
        let mut out = Vec::new();
        for (looked, number, found, v) in self.boxes() {
            for (step, (s, other)) in (0..).zip(found.trajectory.iter().zip(&v.trajectory)) {
                let of = |n: u64, all: u64| n as f64 / all.max(1) as f64;
                out.push(StepRow {
                    scenario: self.scenario.name.clone(),
                    kind: looked.target.kind.to_owned(),
                    target: looked.target.id.clone(),
                    number,
                    step,
                    inputs: s.region.inputs().len() as u64,
                    found_mass: of(s.count.rows, looked.search.rows),
                    found_coverage: of(s.count.hits, looked.search.hits),
                    found_density: of(s.count.hits, s.count.rows),
                    mass: of(other.rows, looked.others.rows),
                    coverage: part(other.hits, looked.others.hits),
                    density: part(other.hits, other.rows),
                });
            }
        }
        out
    }
}
