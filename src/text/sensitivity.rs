//! What `kzsim sensitivity` prints.

use std::fmt::Write;

use comfy_table::Cell;

use super::layout::{Layout, right};
use super::number::{
    count, decimal, list, number, number_with_error, part, percent, share_with_error,
};
use super::{caveat, titled};
use crate::analysis::interval::Share;
use crate::analysis::sensitivity::effects::Class;
use crate::analysis::sensitivity::floor::{MOST_ROWS, SETTLED};
use crate::study::Found;
use crate::table::sensitivity::{Frame, Indices, Input, Target, classes, shape};

/// Inputs shown of each target, and sentences.
const SHOWN: usize = 5;

/// How much an input matters to a target: a number to rank by, its error, and words.
struct Weight {
    size: f64,
    error: f64,
    detected: bool,
    cells: [String; 2],
}

impl Found {
    fn weight(&self, input: usize, target: usize) -> Weight {
        match &self.indices {
            Indices::Variance(all) => {
                let x = all[input][target];
                Weight {
                    size: x.st,
                    error: x.st_conf,
                    detected: x.st - x.st_conf > 0.0,
                    cells: [part(x.st, x.st_conf), part(x.s1, x.s1_conf)],
                }
            }
            Indices::Morris(all) => {
                let x = all[input][target];
                Weight {
                    size: x.mu_star,
                    error: x.mu_star_conf,
                    detected: x.mu_star - x.mu_star_conf > 0.0,
                    cells: if self.quantities[target] {
                        [
                            number_with_error(x.mu_star, x.mu_star_conf),
                            number_with_error(x.mu, x.sigma),
                        ]
                    } else {
                        [part(x.mu_star, x.mu_star_conf), part(x.mu, x.sigma)]
                    },
                }
            }
            Indices::Given(all, floors) => {
                let x = all[input][target];
                Weight {
                    size: x.delta,
                    error: x.delta_conf,
                    detected: floors[target].exceeded_by(x.delta),
                    cells: [part(x.delta, x.delta_conf), part(x.s1, x.s1_conf)],
                }
            }
        }
    }

    /// Whether a target is not the same in all rows.
    fn varies(&self, inputs: usize, target: usize) -> bool {
        match &self.indices {
            // An effect of a constant is 0 exactly, one of an outcome that varies need not be: its share tells.
            Indices::Morris(all) if self.quantities[target] => {
                all[..inputs].iter().any(|of| of[target].mu_star > 0.0)
            }
            Indices::Morris(_) => self.shares[target] > 0.0 && self.shares[target] < 1.0,
            _ => (0..inputs).any(|i| self.weight(i, target).size.is_finite()),
        }
    }

    /// Inputs with a detected effect on a target, the largest first.
    fn ranked(&self, inputs: usize, target: usize) -> Vec<(usize, Weight)> {
        let mut out: Vec<(usize, Weight)> = (0..inputs)
            .map(|i| (i, self.weight(i, target)))
            .filter(|(_, w)| w.detected)
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

/// What the two indices mean.
fn meaning(indices: &Indices) -> &'static str {
    match indices {
        Indices::Variance(_) => {
            "Per cent of each outcome's variance. S1: the share due to the input alone. ST: the share that \
             would remain if all other inputs were known, so alone and in combination. Chance is an input like \
             any other."
        }
        Indices::Morris(_) => {
            "Percentage points (quantities: in their own units) over the whole range of the input. μ*: mean size \
             of the effect; μ: mean effect; σ: how much it depends on the other inputs."
        }
        Indices::Given(..) => {
            "δ (Borgonovo): 0 for no effect, 100 if the input decides everything; only values above the noise \
             floor of dummy inputs are shown. S1: per cent of the variance due to the input alone."
        }
    }
}

/// What the number in brackets beside a target is.
fn shares(frame: &Frame<'_>, found: &Found, switches: &[&str]) -> String {
    let rows = match found.indices {
        Indices::Morris(_) => "the rows of the design, which is a grid and not the priors",
        _ => "the rows",
    };
    if switches.is_empty() {
        return format!("In brackets: how often it occurs in {rows} (for a quantity: its mean).");
    }
    let own = frame.inputs.iter().filter_map(|input| match input {
        Input::Switch(path, [default, _]) => {
            let key = format!("/{}", path.replace('.', "/"));
            let value = frame.scenario.resolved.pointer(&key);
            Some(value.and_then(|v| v.as_str()).unwrap_or(default))
        }
        _ => None,
    });
    let own: Vec<&str> = own.collect();
    let those = if own.len() == 1 {
        "that value"
    } else {
        "those values"
    };
    let own = list(&own);
    format!(
        "In brackets: how often it occurs in {rows} (for a quantity: its mean). Half of the rows have each value of \
         {}; the scenario itself uses {own}; --fixed-switches keeps {those}.",
        list(switches)
    )
}

/// Everything in tables and sentences.
#[must_use]
pub fn summary(frame: &Frame<'_>, found: &Found, seed: u64, layout: Layout) -> String {
    let inputs = frame.inputs.len();
    let mut out = format!(
        "{}\n{} rounds, {} rows, {inputs} inputs, seed {seed}\n",
        frame.scenario.title,
        count(found.rounds),
        count(found.rows),
    );
    layout.paragraph(&mut out, meaning(&found.indices));
    let switches = frame.switches();
    layout.paragraph(&mut out, &shares(frame, found, &switches));
    let [first, second] = headings(&found.indices);
    let heading = if frame.targets.iter().any(|t| t.kind == "quantity") {
        "Outcome, flag or quantity"
    } else {
        "Outcome or flag"
    };
    let mut table = layout.table(&[heading, "Input", first, second, "Shape"]);
    let mut totals = vec![0.0; inputs];
    for (t, target) in frame.targets.iter().enumerate() {
        let p = found.shares[t];
        let ranked = found.ranked(inputs, t);
        for (i, w) in &ranked {
            totals[*i] += w.size * variance(target, p);
        }
        let over = if switches.is_empty() {
            ""
        } else {
            " over the switches"
        };
        let name = if target.kind == "quantity" {
            format!("{} (mean {}{over})", target.name, number(p))
        } else {
            format!("{} ({}{over})", target.name, percent(p))
        };
        if ranked.is_empty() {
            let why = if found.varies(inputs, t) {
                "no effect detected"
            } else {
                "the same in all rows"
            };
            table.add_row(vec![Cell::new(name), Cell::new(why)]);
            continue;
        }
        for (k, (i, w)) in ranked.iter().take(SHOWN).enumerate() {
            let form = found.effects.get(*i).map_or("", |e| shape(e[t].shape));
            table.add_row(vec![
                Cell::new(if k == 0 { name.as_str() } else { "" }),
                Cell::new(frame.called(&frame.inputs[*i])),
                right(w.cells[0].clone()),
                right(w.cells[1].clone()),
                Cell::new(form),
            ]);
        }
    }
    layout.fit(&mut table, &[4, 3]);
    let _ = writeln!(out, "\n{table}");
    sentences(frame, found, &totals, layout, &mut out);
    quantities(frame, found, layout, &mut out);
    settled(frame, found, layout, &mut out);
    caveat(&mut out, layout);
    out
}

/// The variance of a target of that share. Quantities have units of their own, so they cannot be
/// added to the others: 0.
fn variance(target: &Target, share: f64) -> f64 {
    if target.kind == "quantity" {
        0.0
    } else {
        share * (1.0 - share)
    }
}

/// One sentence for each of the guesses that matter most over all outcomes.
fn sentences(frame: &Frame<'_>, found: &Found, totals: &[f64], layout: Layout, out: &mut String) {
    if found.quantities.iter().all(|q| *q) {
        return;
    }
    let targets = frame.targets.iter().zip(&found.quantities);
    let shown: Vec<&Target> = targets.filter(|(_, q)| !**q).map(|(t, _)| t).collect();
    let of = if shown.iter().any(|t| t.kind == "flag") {
        "outcomes and flags"
    } else {
        "outcomes"
    };
    let mut order: Vec<usize> = (0..totals.len())
        .filter(|i| frame.inputs[*i] != Input::Chance && totals[*i] > 0.0)
        .collect();
    order.sort_by(|a, b| totals[*b].total_cmp(&totals[*a]));
    order.truncate(SHOWN);
    out.push('\n');
    let _ = match order.len() {
        0 => writeln!(out, "No guess has a detectable effect on the {of}."),
        1 => writeln!(out, "The guess that matters most over all {of}:"),
        n => writeln!(out, "The {n} guesses that matter most over all {of}:"),
    };
    for i in order {
        let input = &frame.inputs[i];
        let says = match input {
            Input::Prior(p) => frame.scenario.priors()[*p].remarks.says.as_deref(),
            _ => None,
        };
        let says = says.map_or(String::new(), |s| format!(" ({s})"));
        let text = format!(
            "- {}{says}: {}.",
            titled(&frame.called(input), &frame.name(input)),
            example(frame, found, i)
        );
        layout.paragraph(out, &text);
    }
}

/// One sentence for each quantity: the guess that matters most to it. Quantities have units of their
/// own, so they are not added up.
fn quantities(frame: &Frame<'_>, found: &Found, layout: Layout, out: &mut String) {
    let own = frame.targets.iter().enumerate();
    let own = own.filter(|(t, _)| found.quantities[*t]);
    for (n, (t, target)) in own.enumerate() {
        if n == 0 {
            out.push_str("\nThe guess that matters most to each quantity:\n");
        }
        let ranked = found.ranked(frame.inputs.len(), t);
        let best = ranked
            .iter()
            .find(|(i, _)| frame.inputs[*i] != Input::Chance);
        let Some((i, weight)) = best else {
            let text = format!("- {}: no guess has a detectable effect.", target.name);
            layout.paragraph(out, &text);
            continue;
        };
        let input = &frame.inputs[*i];
        let ends = found.effects.get(*i).and_then(|effects| {
            let classes = classes(input, &effects[t]);
            Some((*classes.first()?, *classes.last()?))
        });
        let what = match ends {
            Some((low, high)) => {
                let [at_low, at_high] = places(input);
                let mean = |c: Class| number_with_error(c.mean, (c.mean_high - c.mean_low) / 2.0);
                format!("mean {} {at_low} and {} {at_high}", mean(low), mean(high))
            }
            None => format!("changes by {} over its range", weight.cells[0]),
        };
        let text = format!("- {}: {}, {what}.", target.name, frame.called(input));
        layout.paragraph(out, &text);
    }
}

/// Where the two ends of an input are.
fn places(input: &Input) -> [String; 2] {
    match input {
        Input::Switch(_, values) => values.map(|v| format!("under {v}")),
        _ => [
            "where it is in its lowest tenth".to_owned(),
            "where it is in its highest".to_owned(),
        ],
    }
}

/// What an input does, at the target on which it does most.
fn example(frame: &Frame<'_>, found: &Found, i: usize) -> String {
    let input = &frame.inputs[i];
    let ends = |t: usize| {
        let effect = &found.effects.get(i)?[t];
        let classes = classes(input, effect);
        Some((*classes.first()?, *classes.last()?))
    };
    // An example is useless where its two ends do not differ.
    let differs = |t: usize| {
        ends(t).is_none_or(|(a, b)| a.mean_high < b.mean_low || b.mean_high < a.mean_low)
    };
    let size = |t: usize| {
        let w = found.weight(i, t);
        let size = if w.detected { w.size } else { 0.0 };
        size * variance(&frame.targets[t], found.shares[t])
    };
    let shares = (0..frame.targets.len()).filter(|t| !found.quantities[*t]);
    let heaviest = shares.max_by(|a, b| {
        let larger = size(*a).total_cmp(&size(*b));
        differs(*a).cmp(&differs(*b)).then(larger)
    });
    let Some(t) = heaviest else {
        return String::new();
    };
    let name = &frame.targets[t].name;
    let Some((low, high)) = ends(t) else {
        let cells = found.weight(i, t).cells;
        return format!("\"{name}\" changes by {} points over its range", cells[0]);
    };
    if !differs(t) {
        return "it matters only in combination with other inputs; with this many rows, no effect of its \
                lowest or highest values alone is detectable"
            .to_owned();
    }
    let [at_low, at_high] = places(input);
    let share = |c: Class| {
        share_with_error(Share {
            probability: c.mean,
            low: c.mean_low,
            high: c.mean_high,
        })
    };
    format!(
        "\"{name}\" occurs in {} of rounds {at_low} and in {} {at_high}",
        share(low),
        share(high)
    )
}

/// Whether the indices have settled, and how many rows would be enough.
fn settled(frame: &Frame<'_>, found: &Found, layout: Layout, out: &mut String) {
    // An elementary effect on a quantity has the quantity's own unit.
    let bare = matches!(found.indices, Indices::Morris(_));
    let compared = (0..frame.targets.len()).filter(|t| !(bare && found.quantities[*t]));
    let compared: Vec<usize> = compared.collect();
    let inputs = frame.inputs.len();
    let widest = |errors: &mut dyn Iterator<Item = f64>| {
        errors.filter(|x| x.is_finite()).max_by(f64::total_cmp)
    };
    let mut shown = compared.iter().flat_map(|t| {
        let ranked = found.ranked(inputs, *t);
        ranked.into_iter().take(SHOWN).map(|(_, w)| w.error)
    });
    let every = || compared.iter().filter(|t| found.varies(inputs, **t));
    let mut computed = every().flat_map(|t| (0..inputs).map(|i| found.weight(i, *t).error));
    let (widest, which) = match (widest(&mut shown), widest(&mut computed)) {
        (Some(widest), _) => (widest, "index in the table"),
        (None, Some(widest)) => (widest, "computed index"),
        (None, None) => {
            let text = if compared.is_empty() {
                "No single error can be stated for these indices, because each quantity has its own unit."
            } else {
                "Nothing to estimate: every outcome is the same in all rows, so no input can be seen to decide \
                 it."
            };
            layout.paragraph(out, text);
            return;
        }
    };
    let error = |x: f64| format!("±{}", decimal(100.0 * x, 1));
    if widest <= SETTLED {
        let text = format!(
            "Settled: every {which} is known to {} or better.",
            error(widest)
        );
        layout.paragraph(out, &text);
        return;
    }
    let ratio = widest / SETTLED;
    let needed = (found.rows as f64 * ratio * ratio).ceil() as u64;
    // Sobol' numbers come in powers of two.
    let rows = match found.indices {
        Indices::Variance(_) => needed.next_power_of_two(),
        _ => needed,
    };
    let cure = if rows > MOST_ROWS {
        format!(
            "{} would take about {} rows, more than the limit of {}. Rare outcomes are hard to explain.",
            error(SETTLED),
            count(needed),
            count(MOST_ROWS)
        )
    } else {
        format!(
            "about {} rows ({} rounds) would bring it to {}.",
            count(rows),
            count(rows * (found.rounds / found.rows.max(1))),
            error(SETTLED)
        )
    };
    let text = format!(
        "Not settled: the widest error of any {which} is {}; {cure}",
        error(widest)
    );
    layout.paragraph(out, &text);
}
