//! What `kzsim sensitivity` prints.

use std::fmt::Write;

use comfy_table::Cell;

use super::summary::{CAVEAT, fit, new_table, percent, right};
use crate::analysis::sensitivity::effects::{Class, Effect};
use crate::analysis::sensitivity::floor::{MOST_ROWS, SETTLED};
use crate::table::sensitivity::{Frame, Indices, Input, Target, classes, shape};

/// Inputs that are told of each target, and sentences.
const SHOWN: usize = 5;

/// What an analysis found.
pub struct Found {
    /// Rounds played.
    pub rounds: u64,
    /// Rows of the design.
    pub rows: u64,
    /// Indices, by input, then target.
    pub indices: Indices,
    /// Effects of switches and priors, by input, then target; of Morris's method none.
    pub effects: Vec<Vec<Effect>>,
    /// Share of rows in which each target came; of a quantity its mean.
    pub shares: Vec<f64>,
    /// Which targets are quantities: effects on them have units of their own.
    pub quantities: Vec<bool>,
}

/// How much an input matters to a target: a number to rank by, its error, and words.
struct Weight {
    size: f64,
    error: f64,
    told: bool,
    cells: [String; 2],
}

impl Found {
    fn weight(&self, input: usize, target: usize) -> Weight {
        let with = |x: f64, conf: f64| {
            if x.is_nan() {
                "?".to_owned()
            } else {
                format!("{:.1} ±{:.1}", 100.0 * x, 100.0 * conf)
            }
        };
        match &self.indices {
            Indices::Variance(all) => {
                let x = all[input][target];
                Weight {
                    size: x.st,
                    error: x.st_conf,
                    told: x.st - x.st_conf > 0.0,
                    cells: [with(x.st, x.st_conf), with(x.s1, x.s1_conf)],
                }
            }
            Indices::Morris(all) => {
                let x = all[input][target];
                Weight {
                    size: x.mu_star,
                    error: x.mu_star_conf,
                    told: x.mu_star - x.mu_star_conf > 0.0,
                    cells: if self.quantities[target] {
                        let own = |x: f64, y: f64| format!("{x:.4} ±{y:.4}");
                        [own(x.mu_star, x.mu_star_conf), own(x.mu, x.sigma)]
                    } else {
                        [with(x.mu_star, x.mu_star_conf), with(x.mu, x.sigma)]
                    },
                }
            }
            Indices::Given(all, floors) => {
                let x = all[input][target];
                Weight {
                    size: x.delta,
                    error: x.delta_conf,
                    told: floors[target].exceeded_by(x.delta),
                    cells: [with(x.delta, x.delta_conf), with(x.s1, x.s1_conf)],
                }
            }
        }
    }

    /// Inputs of a target, the weightiest first; those that cannot be told are left out.
    fn ranked(&self, inputs: usize, target: usize) -> Vec<(usize, Weight)> {
        let mut out: Vec<(usize, Weight)> = (0..inputs)
            .map(|i| (i, self.weight(i, target)))
            .filter(|(_, w)| w.told)
            .collect();
        out.sort_by(|a, b| b.1.size.total_cmp(&a.1.size));
        out
    }
}

/// Names of the two indices in the tables.
fn headings(indices: &Indices) -> [&'static str; 2] {
    match indices {
        Indices::Variance(_) => ["ST", "S1"],
        Indices::Morris(_) => ["μ*", "μ ±σ"],
        Indices::Given(..) => ["δ", "S1"],
    }
}

/// Everything in tables and sentences.
#[must_use]
pub fn summary(frame: &Frame<'_>, found: &Found, seed: u64, width: Option<u16>) -> String {
    let mut out = format!(
        "{}\n{} rounds, {} rows, {} inputs, seed {seed}\n",
        frame.scenario.title,
        found.rounds,
        found.rows,
        frame.inputs.len()
    );
    out.push_str(match found.indices {
        Indices::Variance(_) => {
            "Per cent of each outcome's variance. S1: goes with the input alone. ST: would be left if all\n\
             others were known, so alone and in company. Chance is an input like any other.\n"
        }
        Indices::Morris(_) => {
            "Percentage points (of quantities: their own units), over the whole range of the input. μ*: mean size of the effect; μ: mean\n\
             effect; σ: how much it depends on the rest.\n"
        }
        Indices::Given(..) => {
            "δ (Borgonovo): 0 without effect, 100 if the input decides all; only what is above the floor of\n\
             dummies is shown. S1: per cent of the variance that goes with the input alone.\n"
        }
    });
    let inputs = frame.inputs.len();
    let [first, second] = headings(&found.indices);
    let heading = if frame.targets.iter().any(|t| t.kind == "quantity") {
        "Outcome, flag or quantity"
    } else {
        "Outcome or flag"
    };
    let mut table = new_table(&[heading, "Input", first, second, "Shape"], width);
    let mut totals = vec![0.0; inputs];
    for (t, target) in frame.targets.iter().enumerate() {
        let p = found.shares[t];
        let ranked = found.ranked(inputs, t);
        for (i, w) in &ranked {
            totals[*i] += w.size * variance(target, p);
        }
        let name = if target.kind == "quantity" {
            format!("{} (mean {p:.4})", target.name)
        } else {
            format!("{} ({})", target.name, percent(p, 1))
        };
        if ranked.is_empty() {
            table.add_row(vec![Cell::new(name), Cell::new("nothing can be told")]);
            continue;
        }
        for (k, (i, w)) in ranked.iter().take(SHOWN).enumerate() {
            let form = found.effects.get(*i).map_or("", |e| shape(e[t].shape));
            table.add_row(vec![
                Cell::new(if k == 0 { name.as_str() } else { "" }),
                Cell::new(frame.name(&frame.inputs[*i])),
                right(w.cells[0].clone()),
                right(w.cells[1].clone()),
                Cell::new(form),
            ]);
        }
    }
    fit(&mut table, width, &[4, 3]);
    let _ = writeln!(out, "\n{table}");
    sentences(frame, found, &totals, &mut out);
    settled(frame, found, &mut out);
    out.push_str(CAVEAT);
    out
}

/// The variance of a target that comes with that share. Quantities have units of their own and are
/// weighed against nothing: they count 0.
fn variance(target: &Target, share: f64) -> f64 {
    if target.kind == "quantity" {
        0.0
    } else {
        share * (1.0 - share)
    }
}

/// One sentence for each of the guesses that matter most over all outcomes.
fn sentences(frame: &Frame<'_>, found: &Found, totals: &[f64], out: &mut String) {
    let mut order: Vec<usize> = (0..totals.len())
        .filter(|i| frame.inputs[*i] != Input::Chance && totals[*i] > 0.0)
        .collect();
    order.sort_by(|a, b| totals[*b].total_cmp(&totals[*a]));
    if order.is_empty() {
        out.push_str("\nNo guess can be told to matter: more rows would be needed.\n");
        return;
    }
    let _ = writeln!(
        out,
        "\nThe {} that matter most, over all of these:",
        order.len().min(SHOWN)
    );
    for i in order.into_iter().take(SHOWN) {
        let input = &frame.inputs[i];
        // An example is of no use where its two ends cannot be told apart.
        let is_told = |t: usize| {
            let Some(effect) = found.effects.get(i).map(|e| &e[t]) else {
                return true;
            };
            let classes = classes(input, effect);
            matches!(
                (classes.first(), classes.last()),
                (Some(a), Some(b)) if a.mean_high < b.mean_low || b.mean_high < a.mean_low
            )
        };
        let weight = |t: &usize| {
            let p = found.shares[*t];
            let w = found.weight(i, *t);
            let variance = variance(&frame.targets[*t], p);
            let size = if w.told { w.size * variance } else { 0.0 };
            (is_told(*t), size)
        };
        let targets = 0..frame.targets.len();
        let heavier = |a: &usize, b: &usize| {
            let (a, b) = (weight(a), weight(b));
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
        };
        let Some(t) = targets.max_by(heavier) else {
            continue;
        };
        let says = match input {
            Input::Prior(p) => frame.scenario.priors()[*p].remarks.says.clone(),
            _ => None,
        };
        let says = says.map(|s| format!(" ({s})")).unwrap_or_default();
        let _ = write!(out, "- {}{says}", frame.name(input));
        let Some(effect) = found.effects.get(i).map(|e| &e[t]) else {
            let w = found.weight(i, t);
            let _ = writeln!(
                out,
                ": \"{}\" moves by {} points over its range.",
                frame.targets[t].name, w.cells[0]
            );
            continue;
        };
        if !is_told(t) {
            out.push_str(
                ": it matters together with others; what its own ends do cannot be told at this number \
                 of rows.\n",
            );
            continue;
        }
        let classes = classes(input, effect);
        let (Some(low), Some(high)) = (classes.first(), classes.last()) else {
            continue;
        };
        let share = |c: &Class| {
            let half = 100.0 * (c.mean_high - c.mean_low) / 2.0;
            format!("{:.1} % ±{half:.1}", 100.0 * c.mean)
        };
        let (at_low, at_high) = match input {
            Input::Switch(_, [a, b]) => (format!("under {a}"), format!("under {b}")),
            _ => (
                "where it is in its lowest tenth".to_owned(),
                "in its highest".to_owned(),
            ),
        };
        let _ = writeln!(
            out,
            ": \"{}\" comes in {} of rounds {at_low} and in {} {at_high}.",
            frame.targets[t].name,
            share(low),
            share(high)
        );
    }
}

/// Whether the indices have settled, and how many rows would do.
fn settled(frame: &Frame<'_>, found: &Found, out: &mut String) {
    // An elementary effect on a quantity has the quantity's own unit.
    let bare = matches!(found.indices, Indices::Morris(_));
    let compared = (0..frame.targets.len()).filter(|t| !(bare && found.quantities[*t]));
    let shown = compared.flat_map(|t| {
        let ranked = found.ranked(frame.inputs.len(), t);
        ranked.into_iter().take(SHOWN).map(|(_, w)| w.error)
    });
    let widest = shown.fold(0.0, f64::max);
    if widest <= SETTLED {
        let _ = writeln!(
            out,
            "Settled: every index in the table is known to ±{:.1} or better.",
            100.0 * widest
        );
    } else {
        let ratio = widest / SETTLED;
        let wanted = (found.rows as f64 * ratio * ratio).ceil() as u64;
        // Sobol' numbers come in powers of two.
        let rows = match found.indices {
            Indices::Variance(_) => wanted.next_power_of_two(),
            _ => wanted,
        };
        let _ = write!(
            out,
            "Not settled: the widest error in the table is ±{:.1}; ",
            100.0 * widest
        );
        let aim = 100.0 * SETTLED;
        let _ = if rows > MOST_ROWS {
            writeln!(
                out,
                "±{aim:.1} would take about {wanted} rows, and at most {MOST_ROWS} are played. What rarely \
                 comes is hard to explain."
            )
        } else {
            writeln!(
                out,
                "about {rows} rows ({} rounds) would bring it to ±{aim:.1}.",
                rows * (found.rounds / found.rows.max(1))
            )
        };
    }
}
