//! The tables of `kzsim sensitivity`.

use super::cell::{defined, free_text};
use super::row::{Table, table};
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
    pub inputs: &'a [Input],
    /// Outputs, in order: outcomes, then flags if they are looked at.
    pub targets: &'a [Target],
}

impl Input {
    /// Some switches and all priors of a plan.
    #[must_use]
    pub fn all(switches: &[(&'static str, [&'static str; 2])], plan: &Plan) -> Vec<Self> {
        let switches = switches
            .iter()
            .map(|(path, values)| Self::Switch(path, *values));
        switches
            .chain((0..plan.priors.len()).map(Self::Prior))
            .collect()
    }
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
#[derive(Debug)]
pub enum Indices {
    /// Sobol indices by Saltelli's design.
    Variance(Vec<Vec<Index>>),
    /// Elementary effects.
    Morris(Vec<Vec<Screening>>),
    /// From rows that were played anyway, with what δ is of inputs without effect, by target.
    Given(Vec<Vec<GivenData>>, Vec<Floor>),
}

table! {
    /// A row of `sobol.csv`: a target and an input.
    SobolRow in "sobol.csv" {
        ..scenario,
        ..target,
        ..input,
        s1 as "S1": Option<f64> = "part of the variance that the input explains alone (first-order index); empty where the target is the same in all rows",
        s1_conf as "S1_conf": Option<f64> = "half width of its interval at 95 %, by bootstrap over rows",
        st as "ST": Option<f64> = "part of the variance that would remain if all other inputs were known (total index); empty where the target is the same in all rows",
        st_conf as "ST_conf": Option<f64> = "half width of its interval at 95 %, by bootstrap over rows",
        told: bool = "whether ST is significantly above 0",
    }

    /// A row of `morris.csv`: a target and an input.
    MorrisRow in "morris.csv" {
        ..scenario,
        ..target,
        ..input,
        mu: f64 = "mean elementary effect, over the whole range of the input",
        mu_star: f64 = "mean absolute value of that effect",
        mu_star_conf: f64 = "half width of its interval at 95 %, by bootstrap over rows",
        sigma: f64 = "standard deviation of the effect: how much it depends on the other inputs",
    }

    /// A row of `given_data.csv`: a target and an input.
    GivenDataRow in "given_data.csv" {
        ..scenario,
        ..target,
        ..input,
        s1 as "S1": Option<f64> = "part of the variance that the input explains alone (first-order index); empty where the target is the same in all rows",
        s1_conf as "S1_conf": Option<f64> = "half width of its interval at 95 %, by bootstrap over rows",
        delta: Option<f64> = "Borgonovo's δ: 0 without effect, 1 if the input decides everything; empty where the target is the same in all rows",
        delta_conf: Option<f64> = "half width of its interval at 95 %, by bootstrap over rows",
        minimum: Option<f64> = "PAWN: least distance over ten slices",
        mean: Option<f64> = "PAWN: mean distance",
        median: Option<f64> = "PAWN: median distance over the slices, the index usually reported",
        maximum: Option<f64> = "PAWN: greatest distance",
        cv as "CV": Option<f64> = "PAWN: coefficient of variation over slices",
        floor: Option<f64> = "δ up to which an input cannot be distinguished from a dummy; empty where the target is the same in all rows",
        told: bool = "whether δ is significant: above that floor",
    }

    /// A row of `effects.csv`: a target, a prior or switch, and a tenth of its values.
    EffectRow in "effects.csv" {
        ..scenario,
        ..target,
        input: String = "path of the prior or switch",
        class: u64 = "tenth of its values, from 0 (the lowest) to 9; of a switch 0 for its first value and 1 for its second, see `value`",
        low: Option<f64> = "lowest value of the input in the class; empty for a switch",
        high: Option<f64> = "highest value of the input in the class; empty for a switch",
        rounds: u64 ["round"] = "rounds in the class",
        probability: f64 = "share of them with the target; of a quantity its mean",
        ..interval(f64),
        shape: String = "`rises`, `falls`, `bent`, `flat` (no significant effect) or `too few` (the target is too rare)",
        value: Option<String> = "value of the switch in the class, as in `--set`; empty for a prior",
    }
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

    /// What people call an input: the name of a prior, if it has one, else as [`Self::name`] has it.
    #[must_use]
    pub fn called(&self, input: &Input) -> String {
        match input {
            Input::Prior(i) => self.plan.priors[*i].name.clone(),
            _ => self.name(input),
        }
    }

    /// Paths of the switches that vary.
    #[must_use]
    pub fn switches(&self) -> Vec<&'static str> {
        let switch = |input: &Input| match input {
            Input::Switch(path, _) => Some(*path),
            _ => None,
        };
        self.inputs.iter().filter_map(switch).collect()
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

    /// The tables of an analysis: the indices of its method, then the effects if there are any.
    #[must_use]
    pub fn tables(&self, indices: &Indices, effects: &[Vec<Effect>]) -> Vec<Table> {
        let mut out = vec![match indices {
            Indices::Variance(x) => Table::of(&self.sobol(x)),
            Indices::Morris(x) => Table::of(&self.morris(x)),
            Indices::Given(x, floors) => Table::of(&self.given(x, floors)),
        }];
        if !effects.is_empty() {
            out.push(Table::of(&self.effects(effects)));
        }
        out
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
                    target: free_text(&target.id),
                    input_kind: input.kind().to_owned(),
                    input: self.name(input),
                    s1: defined(x.s1),
                    s1_conf: defined(x.s1_conf),
                    st: defined(x.st),
                    st_conf: defined(x.st_conf),
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
                    target: free_text(&target.id),
                    input_kind: input.kind().to_owned(),
                    input: self.name(input),
                    mu: x.mu,
                    mu_star: x.mu_star,
                    mu_star_conf: x.mu_star_conf,
                    sigma: x.sigma,
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
                    target: free_text(&target.id),
                    input_kind: input.kind().to_owned(),
                    input: self.name(input),
                    s1: defined(x.s1),
                    s1_conf: defined(x.s1_conf),
                    delta: defined(x.delta),
                    delta_conf: defined(x.delta_conf),
                    minimum: defined(x.pawn.minimum),
                    mean: defined(x.pawn.mean),
                    median: defined(x.pawn.median),
                    maximum: defined(x.pawn.maximum),
                    cv: defined(x.pawn.cv),
                    floor: defined(floors[t].level),
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
                    Input::Prior(p) => Some(f64::from(self.plan.priors[*p].at_uniform(u))),
                    _ => None,
                };
                out.push(EffectRow {
                    scenario: self.scenario.name.clone(),
                    kind: target.kind.to_owned(),
                    target: free_text(&target.id),
                    input: self.name(input),
                    class: class as u64,
                    low: at(c.low),
                    high: at(c.high),
                    rounds: c.count,
                    probability: c.mean,
                    ci_low: c.mean_low,
                    ci_high: c.mean_high,
                    shape: shape(effects[i][t].shape).to_owned(),
                    value: match input {
                        Input::Switch(_, values) => values.get(class).map(|v| (*v).to_owned()),
                        _ => None,
                    },
                });
            }
        }
        out
    }
}
