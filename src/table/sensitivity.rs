//! The files of `kzsim sensitivity`: one row type a file, and their columns.

use serde::Serialize;

use super::cell::{Column, Float, column, ends, float, plain, text, truth, whole};
use crate::analysis::interval::wilson;
use crate::analysis::sensitivity::effects::{Class, Effect, Shape};
use crate::analysis::sensitivity::floor::Floor;
use crate::analysis::sensitivity::given_data::GivenData;
use crate::analysis::sensitivity::morris::Screening;
use crate::analysis::sensitivity::variance::Index;
use crate::plan::Plan;
use crate::scenario::Scenario;

/// What an input is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A structural switch: its path and its values.
    Switch(&'static str, [&'static str; 2]),
    /// A prior, by its index.
    Prior(usize),
    /// Everything that is left to chance.
    Chance,
}

/// What an analysis is about, with all that is needed to read it.
pub struct Frame<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Its plan.
    pub plan: &'a Plan,
    /// Inputs, in order.
    pub inputs: Vec<Input>,
    /// Outputs, in order: outcomes, then flags if they are looked at.
    pub targets: Vec<Target>,
}

/// What is looked at.
#[derive(Debug, Clone)]
pub struct Target {
    /// `outcome`, `flag` or `quantity`.
    pub kind: &'static str,
    /// Id; of a quantity its expression.
    pub id: String,
    /// Display name.
    pub name: String,
}

/// Indices of one method, by input, then target.
pub enum Indices {
    /// Sobol indices by Saltelli's design.
    Variance(Vec<Vec<Index>>),
    /// Elementary effects.
    Morris(Vec<Vec<Screening>>),
    /// From rows that were played anyway, with what δ is of inputs without effect, by target.
    Given(Vec<Vec<GivenData>>, Vec<Floor>),
}

/// A row of `sobol.csv`.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each column is described by `columns`")]
pub struct SobolRow {
    pub scenario: String,
    pub kind: String,
    pub target: String,
    pub input_kind: String,
    pub input: String,
    #[serde(rename = "S1")]
    pub s1: Float,
    #[serde(rename = "S1_conf")]
    pub s1_conf: Float,
    #[serde(rename = "ST")]
    pub st: Float,
    #[serde(rename = "ST_conf")]
    pub st_conf: Float,
    pub told: bool,
}

/// A row of `morris.csv`.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each column is described by `columns`")]
pub struct MorrisRow {
    pub scenario: String,
    pub kind: String,
    pub target: String,
    pub input_kind: String,
    pub input: String,
    pub mu: Float,
    pub mu_star: Float,
    pub mu_star_conf: Float,
    pub sigma: Float,
}

/// A row of `given_data.csv`.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each column is described by `columns`")]
pub struct GivenDataRow {
    pub scenario: String,
    pub kind: String,
    pub target: String,
    pub input_kind: String,
    pub input: String,
    #[serde(rename = "S1")]
    pub s1: Float,
    #[serde(rename = "S1_conf")]
    pub s1_conf: Float,
    pub delta: Float,
    pub delta_conf: Float,
    pub minimum: Float,
    pub mean: Float,
    pub median: Float,
    pub maximum: Float,
    #[serde(rename = "CV")]
    pub cv: Float,
    pub floor: Float,
    pub told: bool,
}

/// A row of `effects.csv`.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each column is described by `columns`")]
pub struct EffectRow {
    pub scenario: String,
    pub kind: String,
    pub target: String,
    pub input: String,
    pub class: u64,
    pub low: Option<Float>,
    pub high: Option<Float>,
    pub rounds: u64,
    pub probability: Float,
    pub ci_low: Float,
    pub ci_high: Float,
    pub shape: &'static str,
}

impl Input {
    /// What it is, in a word.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Switch(..) => "switch",
            Self::Prior(_) => "prior",
            Self::Chance => "chance",
        }
    }
}

/// A shape in a word.
#[must_use]
pub fn shape(shape: Shape) -> &'static str {
    match shape {
        Shape::Rises => "rises",
        Shape::Falls => "falls",
        Shape::Bent => "bent",
        Shape::Flat => "flat",
        Shape::TooFew => "too few",
    }
}

/// Classes of an input as they are told: of a switch its two values, else tenths.
#[must_use]
pub fn classes(input: &Input, effect: &Effect) -> Vec<Class> {
    if !matches!(input, Input::Switch(..)) {
        return effect.classes.clone();
    }
    // Rows of a switch are ordered by its value, and as many have either.
    let (low, high) = effect.classes.split_at(effect.classes.len() / 2);
    let both = [low, high].into_iter();
    both.map(|half| joined(half, effect.yes_no)).collect()
}

/// Classes taken together.
fn joined(classes: &[Class], yes_no: bool) -> Class {
    let count: u64 = classes.iter().map(|c| c.count).sum();
    let n = count.max(1) as f64;
    let sum: f64 = classes.iter().map(|c| c.mean * c.count as f64).sum();
    let (mean, mean_low, mean_high) = if yes_no {
        let share = wilson(sum.round() as u64, count.max(1));
        (share.probability, share.low, share.high)
    } else {
        let squares = classes.iter().map(|c| {
            let part = c.count as f64 / n * (c.mean_high - c.mean_low) / 2.0;
            part * part
        });
        let half = squares.sum::<f64>().sqrt();
        (sum / n, sum / n - half, sum / n + half)
    };
    Class {
        low: classes.first().map_or(0.0, |c| c.low),
        high: classes.last().map_or(0.0, |c| c.high),
        count,
        mean,
        mean_low,
        mean_high,
    }
}

impl Frame<'_> {
    /// The name of an input: a path, or `chance`.
    #[must_use]
    pub fn name(&self, input: &Input) -> String {
        match input {
            Input::Switch(path, _) => (*path).to_owned(),
            Input::Prior(i) => self.plan.priors[*i].path.clone(),
            Input::Chance => "chance".to_owned(),
        }
    }

    /// Every pair of target and input, target by target.
    fn pairs(&self) -> impl Iterator<Item = (usize, &Target, usize, &Input)> {
        self.targets
            .iter()
            .enumerate()
            .flat_map(move |(t, target)| {
                let inputs = self.inputs.iter().enumerate();
                inputs.map(move |(i, input)| (t, target, i, input))
            })
    }

    /// Rows of `sobol.csv`.
    #[must_use]
    pub fn sobol(&self, indices: &[Vec<Index>]) -> Vec<SobolRow> {
        self.pairs()
            .map(|(t, target, i, input)| {
                let x = indices[i][t];
                SobolRow {
                    scenario: self.scenario.name.clone(),
                    kind: target.kind.to_owned(),
                    target: plain(&target.id),
                    input_kind: input.kind().to_owned(),
                    input: self.name(input),
                    s1: Float(x.s1),
                    s1_conf: Float(x.s1_conf),
                    st: Float(x.st),
                    st_conf: Float(x.st_conf),
                    told: x.st - x.st_conf > 0.0,
                }
            })
            .collect()
    }

    /// Rows of `morris.csv`.
    #[must_use]
    pub fn morris(&self, screens: &[Vec<Screening>]) -> Vec<MorrisRow> {
        self.pairs()
            .map(|(t, target, i, input)| {
                let x = screens[i][t];
                MorrisRow {
                    scenario: self.scenario.name.clone(),
                    kind: target.kind.to_owned(),
                    target: plain(&target.id),
                    input_kind: input.kind().to_owned(),
                    input: self.name(input),
                    mu: Float(x.mu),
                    mu_star: Float(x.mu_star),
                    mu_star_conf: Float(x.mu_star_conf),
                    sigma: Float(x.sigma),
                }
            })
            .collect()
    }

    /// Rows of `given_data.csv`.
    #[must_use]
    pub fn given(&self, found: &[Vec<GivenData>], floors: &[Floor]) -> Vec<GivenDataRow> {
        self.pairs()
            .map(|(t, target, i, input)| {
                let x = found[i][t];
                GivenDataRow {
                    scenario: self.scenario.name.clone(),
                    kind: target.kind.to_owned(),
                    target: plain(&target.id),
                    input_kind: input.kind().to_owned(),
                    input: self.name(input),
                    s1: Float(x.s1),
                    s1_conf: Float(x.s1_conf),
                    delta: Float(x.delta),
                    delta_conf: Float(x.delta_conf),
                    minimum: Float(x.pawn.minimum),
                    mean: Float(x.pawn.mean),
                    median: Float(x.pawn.median),
                    maximum: Float(x.pawn.maximum),
                    cv: Float(x.pawn.cv),
                    floor: Float(floors[t].level),
                    told: floors[t].exceeded_by(x.delta),
                }
            })
            .collect()
    }

    /// Rows of `effects.csv`, for the inputs that effects are given of: by input, then target.
    #[must_use]
    pub fn effects(&self, effects: &[Vec<Effect>]) -> Vec<EffectRow> {
        let mut out = Vec::new();
        for (t, target, i, input) in self.pairs().filter(|p| p.2 < effects.len()) {
            for (class, c) in classes(input, &effects[i][t]).iter().enumerate() {
                let at = |u: f64| match input {
                    Input::Prior(p) => Some(Float(f64::from(self.plan.priors[*p].at(u as f32)))),
                    _ => None,
                };
                out.push(EffectRow {
                    scenario: self.scenario.name.clone(),
                    kind: target.kind.to_owned(),
                    target: plain(&target.id),
                    input: self.name(input),
                    class: class as u64,
                    low: at(c.low),
                    high: at(c.high),
                    rounds: c.count,
                    probability: Float(c.mean),
                    ci_low: Float(c.mean_low),
                    ci_high: Float(c.mean_high),
                    shape: shape(effects[i][t].shape),
                });
            }
        }
        out
    }
}

/// The files, in order; of the first three one a method.
pub const FILES: [&str; 4] = ["sobol.csv", "morris.csv", "given_data.csv", "effects.csv"];

/// The columns of a file of `kzsim sensitivity`.
#[must_use]
pub fn columns(file: &str) -> Vec<Column> {
    let mut out = vec![
        text("scenario", "the scenario file's name without .toml"),
        text("kind", "`outcome`, `flag` or `quantity`"),
        text(
            "target",
            "id of the outcome or flag, or the quantity as it was written",
        ),
    ];
    if file == "effects.csv" {
        out.extend([
            text("input", "path of the prior or switch"),
            column(
                "class",
                "int64",
                "",
                "tenth of its values, from 0, the lowest, to 9; of a switch which value, 0 or 1",
            ),
            float("low", "its lowest value there; empty for a switch"),
            float("high", "its highest value there; empty for a switch"),
            whole("rounds", "rounds there"),
            float(
                "probability",
                "share of them in which the target came; of a quantity its mean",
            ),
        ]);
        out.extend(ends("ci_low", "ci_high"));
        let words =
            "`rises`, `falls`, `bent`, `flat` (nothing can be told) or `too few` (target too rare)";
        out.push(text("shape", words));
        return out;
    }
    out.push(text("input_kind", "`prior`, `switch` or `chance`"));
    out.push(text("input", "path of the prior or switch, or `chance`"));
    let conf = |name: &str| {
        float(
            name,
            "half width of its 95 % interval, by bootstrap over rows",
        )
    };
    match file {
        "sobol.csv" => {
            out.push(float(
                "S1",
                "part of the variance that goes with the input alone",
            ));
            out.push(conf("S1_conf"));
            out.push(float(
                "ST",
                "part that would be left if all others were known",
            ));
            out.push(conf("ST_conf"));
            out.push(truth("told", "whether ST can be told from 0"));
        }
        "morris.csv" => {
            out.push(float("mu", "mean effect of the whole range of the input"));
            out.push(float("mu_star", "mean size of that effect"));
            out.push(conf("mu_star_conf"));
            out.push(float(
                "sigma",
                "its standard deviation: how much it depends on the rest",
            ));
        }
        _ => {
            out.push(float(
                "S1",
                "part of the variance that goes with the input alone",
            ));
            out.push(conf("S1_conf"));
            out.push(float(
                "delta",
                "Borgonovo's δ: 0 without effect, 1 if it decides all",
            ));
            out.push(conf("delta_conf"));
            out.push(float("minimum", "PAWN: least distance over ten slices"));
            out.push(float("mean", "PAWN: mean distance"));
            out.push(float("median", "PAWN: median distance, the usual index"));
            out.push(float("maximum", "PAWN: greatest distance"));
            out.push(float("CV", "PAWN: coefficient of variation over slices"));
            out.push(float(
                "floor",
                "δ up to which it cannot be told from that of a dummy",
            ));
            out.push(truth("told", "whether δ is above that floor"));
        }
    }
    out
}
