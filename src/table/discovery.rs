//! The files of `kzsim discover`: one row type a file, and their columns.

use serde::Serialize;

use super::cell::{Column, Float, column, ends, float, text, truth, whole};
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
    pub inputs: Vec<Input>,
    /// Resamples of the rounds that boxes were found in.
    pub resamples: u64,
    /// What was looked at, one after another.
    pub targets: Vec<Looked>,
}

/// What was found of one target.
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

/// A row of `boxes.csv`.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each column is described by `columns`")]
pub struct BoxRow {
    pub scenario: String,
    pub kind: String,
    pub target: String,
    #[serde(rename = "box")]
    pub number: u64,
    pub inputs: u64,
    pub rounds: u64,
    pub count: u64,
    pub probability: Option<Float>,
    pub ci_low: Option<Float>,
    pub ci_high: Option<Float>,
    pub elsewhere: Option<Float>,
    pub elsewhere_low: Option<Float>,
    pub elsewhere_high: Option<Float>,
    pub mass: Float,
    pub coverage: Option<Float>,
    pub coverage_low: Option<Float>,
    pub coverage_high: Option<Float>,
    pub coverage_gained: Option<Float>,
    pub found_probability: Float,
    pub confirmed: bool,
}

/// A row of `limits.csv`.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each column is described by `columns`")]
pub struct LimitRow {
    pub scenario: String,
    pub kind: String,
    pub target: String,
    #[serde(rename = "box")]
    pub number: u64,
    pub input_kind: String,
    pub input: String,
    pub side: &'static str,
    pub limit: Option<Float>,
    pub value: Option<&'static str>,
    pub probability_without: Option<Float>,
    pub quasi_p: Float,
    pub again: Option<Float>,
}

/// A row of `trajectory.csv`.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each column is described by `columns`")]
pub struct StepRow {
    pub scenario: String,
    pub kind: String,
    pub target: String,
    #[serde(rename = "box")]
    pub number: u64,
    pub step: u64,
    pub inputs: u64,
    pub found_mass: Float,
    pub found_coverage: Float,
    pub found_density: Float,
    pub mass: Float,
    pub coverage: Option<Float>,
    pub density: Option<Float>,
}

/// A part of a whole; nothing if there is no whole.
fn part(of: u64, whole: u64) -> Option<Float> {
    (whole > 0).then(|| Float(of as f64 / whole as f64))
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
                let inside = |x: f64| (v.inside.rows > 0).then_some(Float(x));
                let outside = |x: f64| (v.outside.rows > 0).then_some(Float(x));
                let hits = |x: f64| (looked.others.hits > 0).then_some(Float(x));
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
                    mass: Float(v.inside.rows as f64 / looked.others.rows as f64),
                    coverage: hits(v.coverage.probability),
                    coverage_low: hits(v.coverage.low),
                    coverage_high: hits(v.coverage.high),
                    coverage_gained: hits(v.gained),
                    found_probability: Float(found.count.density()),
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
                let again = found.again[limit.input][usize::from(below)];
                out.push(LimitRow {
                    scenario: self.scenario.name.clone(),
                    kind: looked.target.kind.to_owned(),
                    target: looked.target.id.clone(),
                    number,
                    input_kind: self.inputs[limit.input].kind().to_owned(),
                    input: self.name(limit.input),
                    side: match (value, below) {
                        (Some(_), _) => "is",
                        (None, true) => "below",
                        (None, false) => "above",
                    },
                    limit: value.is_none().then_some(Float(limit.value)),
                    value,
                    probability_without: part(without.hits, without.rows),
                    quasi_p: Float(*quasi_p),
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
                let of = |n: u64, all: u64| Float(n as f64 / all.max(1) as f64);
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

/// The files, in order.
pub const FILES: [&str; 3] = ["boxes.csv", "limits.csv", "trajectory.csv"];

/// The columns of a file of `kzsim discover`.
#[must_use]
pub fn columns(file: &str) -> Vec<Column> {
    let mut out = vec![
        text("scenario", "the scenario file's name without .toml"),
        text("kind", "`outcome` or `flag`"),
        text("target", "id of the outcome or flag"),
        column("box", "int64", "", "number of the box, from 1"),
    ];
    let inputs = || column("inputs", "int64", "", "how many inputs the box restricts");
    match file {
        "boxes.csv" => {
            out.push(inputs());
            out.push(whole("rounds", "rounds of the second half in the box"));
            out.push(whole("count", "rounds among them in which the target came"));
            out.push(float(
                "probability",
                "count over rounds: the density of the box",
            ));
            out.extend(ends("ci_low", "ci_high"));
            out.push(float("elsewhere", "the same share outside the box"));
            out.extend(ends("elsewhere_low", "elsewhere_high"));
            out.push(float("mass", "part of all rounds that lies in the box"));
            out.push(float(
                "coverage",
                "part of the rounds with the target that lies in the box",
            ));
            out.extend(ends("coverage_low", "coverage_high"));
            out.push(float(
                "coverage_gained",
                "part of them that lies in this box and in none before it",
            ));
            out.push(float(
                "found_probability",
                "density in the rounds that the box was found in: flattering",
            ));
            out.push(truth(
                "confirmed",
                "whether the interval of inside less elsewhere (Newcombe) is above 0",
            ));
        }
        "limits.csv" => {
            out.push(text("input_kind", "`prior` or `switch`"));
            out.push(text("input", "path of the prior or switch"));
            out.push(text(
                "side",
                "`above` or `below` the limit; of a switch `is`",
            ));
            out.push(float("limit", "the limit; empty for a switch"));
            out.push(text("value", "value of the switch; empty for a prior"));
            out.push(float(
                "probability_without",
                "share in the box without this limit, in the second half",
            ));
            out.push(float(
                "quasi_p",
                "probability of as many rounds with the target, or more, were the limit idle",
            ));
            out.push(float(
                "again",
                "part of the resamples in which a box restricts this input on this side",
            ));
        }
        _ => {
            out.push(column("step", "int64", "", "slices cut off so far"));
            out.push(inputs());
            out.push(float(
                "found_mass",
                "part of the rounds of the first half in the box",
            ));
            out.push(float(
                "found_coverage",
                "part of those with the target in the box",
            ));
            out.push(float("found_density", "share of the target in the box"));
            out.push(float(
                "mass",
                "the same in the second half, outside earlier boxes",
            ));
            out.push(float(
                "coverage",
                "the same in the second half, outside earlier boxes",
            ));
            out.push(float(
                "density",
                "the same in the second half, outside earlier boxes",
            ));
        }
    }
    out
}
