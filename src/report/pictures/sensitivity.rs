//! Which guesses matter: a tornado for each target, and a heat map of all.

use serde::Deserialize;

use super::dots::{Dot, Frame, Lane, dots};
use super::float;
use super::heat::{Cell, heat};
use crate::report::canvas::{Canvas, Drawing, Fix, Width};
use crate::report::context::Context;
use crate::report::folder::{ReportError, ResultFolder};
use crate::report::lanes::{axis, in_percent, lanes, whisker};
use crate::report::picture::{Data, Home, Picture};
use crate::report::scale::Scale;
use crate::report::words::{percent, signed};

/// An index of one input for one target, whatever the method.
#[derive(Debug, Clone, Deserialize)]
#[expect(clippy::struct_field_names, reason = "columns of a file")]
struct Index {
    scenario: String,
    kind: String,
    target: String,
    input_kind: String,
    input: String,
    #[serde(alias = "ST", alias = "mu_star", alias = "delta")]
    index: f64,
    #[serde(alias = "ST_conf", alias = "mu_star_conf", alias = "delta_conf")]
    conf: f64,
}

#[derive(Debug, Deserialize)]
struct Effect {
    kind: String,
    target: String,
    input: String,
    class: u32,
    low: Option<f64>,
    high: Option<f64>,
    rounds: u64,
    probability: f64,
    ci_low: f64,
    ci_high: f64,
}

/// What a method gives.
struct Method {
    file: &'static str,
    index: &'static str,
    conf: &'static str,
    meaning: &'static str,
}

const METHODS: [Method; 3] = [
    Method {
        file: "sobol.csv",
        index: "ST",
        conf: "ST_conf",
        meaning: "the part of the variance that would be left if all other inputs were known (ST, \
                  Sobol’ total index)",
    },
    Method {
        file: "given_data.csv",
        index: "delta",
        conf: "delta_conf",
        meaning: "Borgonovo’s δ, from 0 without effect to 1 if it decides all",
    },
    Method {
        file: "morris.csv",
        index: "mu_star",
        conf: "mu_star_conf",
        meaning: "the mean size of the effect of its whole range (Morris’ μ*)",
    },
];

/// Most inputs in a tornado, and in the heat map.
const IN_TORNADO: usize = 10;
const IN_HEAT: usize = 24;

/// One input of a tornado: shares in the lowest and in the highest part of its values.
struct Blade {
    label: String,
    index: Index,
    low: (f64, (f64, f64)),
    high: (f64, (f64, f64)),
    /// What the two ends are.
    ends: [String; 2],
}

fn tornado(width: Width, blades: &[Blade], whole: f64, shares: bool) -> Drawing {
    let mut c = Canvas::new(width);
    for (x, role, text) in [
        (2.0, "low", "its lowest values"),
        (if c.wide { 180.0 } else { 170.0 }, "high", "its highest"),
    ] {
        c.bar((x, 4.0), (16.0, 12.0), role, usize::from(role == "high"));
        c.text(x + 22.0, 14.5, "f-ink", Fix::Start, text);
    }
    let labels: Vec<String> = blades.iter().map(|b| b.label.clone()).collect();
    let l = lanes(&mut c, &labels, 28.0, 28.0, 66.0);
    let values = blades
        .iter()
        .flat_map(|b| [b.low.1.0, b.low.1.1, b.high.1.0, b.high.1.1]);
    let low = values.clone().fold(whole, f64::min);
    let high = values.fold(whole, f64::max);
    let margin = (high - low).max(1e-9) * 0.04;
    let scale = Scale::new(
        (
            if shares {
                (low - margin).max(0.0)
            } else {
                low - margin
            },
            high + margin,
        ),
        l.x,
    );
    let written = |x: f64, d: usize| {
        if shares {
            in_percent(x, d)
        } else {
            signed(x, d)
        }
    };
    let ticks = scale.ticks(if c.wide { 6 } else { 4 });
    axis(&mut c, scale, &ticks, l.y, written);
    let middle = scale.at(whole);
    for (b, y) in blades.iter().zip(&l.middle) {
        for ((value, interval), role, offset, pattern) in
            [(b.low, "low", -12.0, 0), (b.high, "high", 1.0, 1)]
        {
            let x = scale.at(value);
            c.bar(
                (x.min(middle), y + offset),
                ((x - middle).abs(), 11.0),
                role,
                pattern,
            );
            whisker(&mut c, scale, y + offset + 5.5, interval, "ink");
        }
        let text = signed(b.index.index, 2);
        c.text(l.x.1 + 8.0, y + 4.5, "bold f-ink", Fix::Start, &text);
    }
    c.line((middle, l.y.0), (middle, l.y.1), "edge s-axis");
    c.finish(l.y.1 + 22.0)
}

/// A name for a file from a target, which may be an expression.
fn slug(target: &str, number: usize) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if target.chars().all(plain) {
        target.to_owned()
    } else {
        format!("quantity_{number}")
    }
}

fn blades(
    folder: &ResultFolder,
    indices: &[Index],
    effects: &[Effect],
    (kind, target): (&str, &str),
) -> (Vec<Blade>, f64) {
    let here = |k: &str, t: &str| k == kind && t == target;
    let mut sorted: Vec<&Index> = indices
        .iter()
        .filter(|i| here(&i.kind, &i.target))
        .collect();
    sorted.sort_by(|a, b| b.index.total_cmp(&a.index));
    let mut out = Vec::new();
    for index in sorted {
        let mut own: Vec<&Effect> = effects
            .iter()
            .filter(|e| here(&e.kind, &e.target) && e.input == index.input && e.rounds > 0)
            .collect();
        own.sort_by_key(|e| e.class);
        let ([low, .., high], true) = (&own[..], out.len() < IN_TORNADO) else {
            continue;
        };
        let end = |e: &Effect| match (e.low, e.high) {
            (Some(a), Some(b)) => {
                format!("{} to {}", super::words_number(a), super::words_number(b))
            }
            _ => format!("value {}", e.class),
        };
        out.push(Blade {
            label: folder.facts().guess(&index.input),
            index: index.clone(),
            low: (low.probability, (low.ci_low, low.ci_high)),
            high: (high.probability, (high.ci_low, high.ci_high)),
            ends: [end(low), end(high)],
        });
    }
    // The mean over all rounds: any input has them all.
    let first = effects
        .iter()
        .find(|e| here(&e.kind, &e.target))
        .map(|e| e.input.clone());
    let own: Vec<&Effect> = effects
        .iter()
        .filter(|e| here(&e.kind, &e.target) && Some(&e.input) == first.as_ref())
        .collect();
    let rounds: u64 = own.iter().map(|e| e.rounds).sum();
    let sum: f64 = own.iter().map(|e| e.probability * e.rounds as f64).sum();
    (out, if rounds > 0 { sum / rounds as f64 } else { 0.0 })
}

/// All pictures of `sensitivity`.
pub(in crate::report) fn sensitivity(
    folder: &ResultFolder,
    context: &Context,
) -> Result<Vec<Picture>, ReportError> {
    let Some(method) = METHODS.iter().find(|m| folder.has(m.file)) else {
        return Ok(Vec::new());
    };
    let needs = [
        "scenario",
        "kind",
        "target",
        "input_kind",
        "input",
        method.index,
        method.conf,
    ];
    let indices: Vec<Index> = folder.rows(method.file, &needs)?;
    let needs = [
        "kind",
        "target",
        "input",
        "class",
        "low",
        "high",
        "rounds",
        "probability",
        "ci_low",
        "ci_high",
    ];
    let effects: Vec<Effect> = if folder.has("effects.csv") {
        folder.rows("effects.csv", &needs)?
    } else {
        Vec::new()
    };
    let mut targets: Vec<(&str, &str)> = Vec::new();
    for i in &indices {
        if !targets.contains(&(&i.kind, &i.target)) {
            targets.push((&i.kind, &i.target));
        }
    }
    let mut out = vec![map(folder, method, &indices, &targets)];
    for (n, target) in targets.iter().enumerate() {
        let title = target_name(folder, *target);
        let name = format!("tornado_{}", slug(target.1, n + 1));
        let picture = if effects.is_empty() {
            sizes(folder, method, &indices, *target, context)
        } else {
            blown(folder, method, &indices, &effects, *target)
        };
        out.push(Picture {
            name,
            title: format!("What decides: {title}"),
            ..picture
        });
    }
    Ok(out)
}

fn target_name(folder: &ResultFolder, (kind, target): (&str, &str)) -> String {
    match kind {
        "outcome" => folder.facts().name("outcomes", target).to_owned(),
        "flag" => folder.facts().name("flags", target).to_owned(),
        _ => target.to_owned(),
    }
}

fn blown(
    folder: &ResultFolder,
    method: &Method,
    indices: &[Index],
    effects: &[Effect],
    target: (&str, &str),
) -> Picture {
    let (blades, whole) = blades(folder, indices, effects, target);
    let shares = target.0 != "quantity";
    let written = |x: f64| {
        if shares {
            percent(x)
        } else {
            super::words_number(x)
        }
    };
    let sentences: Vec<String> = blades
        .iter()
        .map(|b| {
            format!(
                "{}: {} where it is {}, {} where it is {}; {} {}",
                b.index.input,
                written(b.low.0),
                b.ends[0],
                written(b.high.0),
                b.ends[1],
                method.index,
                signed(b.index.index, 3)
            )
        })
        .collect();
    let header = [
        "scenario",
        "kind",
        "target",
        "input",
        method.index,
        method.conf,
        "lowest",
        "lowest_ci_low",
        "lowest_ci_high",
        "highest",
        "highest_ci_low",
        "highest_ci_high",
        "lowest_values",
        "highest_values",
    ];
    let row = |b: &Blade| {
        let i = &b.index;
        let mut row = vec![
            i.scenario.clone(),
            i.kind.clone(),
            i.target.clone(),
            i.input.clone(),
        ];
        row.extend([float(i.index), float(i.conf)]);
        for (value, (low, high)) in [b.low, b.high] {
            row.extend([value, low, high].map(float));
        }
        row.extend(b.ends.clone());
        row
    };
    Picture {
        name: String::new(),
        title: String::new(),
        text: format!(
            "Over all rounds {}. {}.",
            written(whole),
            sentences.join("; ")
        ),
        caption: format!(
            "The {} inputs that matter most. Bars go from the mean over all rounds ({}) to the mean \
             where an input is in its lowest or highest tenth (of a switch: has its first or last \
             value), with intervals at 95 %. The number is {}. A large number with short bars works \
             through combinations.",
            blades.len(),
            written(whole),
            method.meaning
        ),
        drawings: [Width::Wide, Width::Narrow].map(|w| tornado(w, &blades, whole, shares)),
        data: Data::new(Home::Written, &header, blades.iter().map(row).collect()),
    }
}

/// Where a method has no shapes of effects: the sizes alone.
fn sizes(
    folder: &ResultFolder,
    method: &Method,
    indices: &[Index],
    target: (&str, &str),
    context: &Context,
) -> Picture {
    let mut own: Vec<&Index> = indices
        .iter()
        .filter(|i| (i.kind.as_str(), i.target.as_str()) == target)
        .collect();
    own.sort_by(|a, b| b.index.total_cmp(&a.index));
    own.truncate(IN_TORNADO);
    let role = if target.0 == "outcome" {
        context.outcome(target.1).0
    } else {
        "mark"
    };
    let lanes: Vec<Lane> = own
        .iter()
        .map(|i| Lane {
            label: folder.facts().guess(&i.input),
            dots: vec![Dot {
                value: i.index,
                interval: Some((i.index - i.conf, i.index + i.conf)),
                role,
                hollow: false,
            }],
            note: signed(i.index, 3),
        })
        .collect();
    let frame = Frame {
        range: None,
        zero: Some(0.0),
        room: [70.0, 62.0],
        written: signed,
        keys: None,
    };
    let sentences: Vec<String> = own
        .iter()
        .map(|i| format!("{} {} ±{}", i.input, signed(i.index, 3), signed(i.conf, 3)))
        .collect();
    let header = [
        "scenario",
        "kind",
        "target",
        "input_kind",
        "input",
        method.index,
        method.conf,
    ];
    Picture {
        name: String::new(),
        title: String::new(),
        text: format!("{}.", sentences.join("; ")),
        caption: format!(
            "The {} inputs that matter most, by {}, with intervals at 95 %.",
            own.len(),
            method.meaning
        ),
        drawings: [Width::Wide, Width::Narrow].map(|w| dots(w, &lanes, &frame)),
        data: Data::new(
            Home::Written,
            &header,
            own.iter().map(|i| cells(i)).collect(),
        ),
    }
}

fn cells(i: &Index) -> Vec<String> {
    let mut row = vec![i.scenario.clone(), i.kind.clone(), i.target.clone()];
    row.extend([
        i.input_kind.clone(),
        i.input.clone(),
        float(i.index),
        float(i.conf),
    ]);
    row
}

fn map(
    folder: &ResultFolder,
    method: &Method,
    indices: &[Index],
    targets: &[(&str, &str)],
) -> Picture {
    let find = |input: &str, (kind, target): (&str, &str)| {
        indices
            .iter()
            .find(|i| i.input == input && i.kind == kind && i.target == target)
    };
    let mut inputs: Vec<(&str, f64)> = Vec::new();
    for i in indices {
        match inputs.iter_mut().find(|(id, _)| *id == i.input) {
            Some(entry) => entry.1 = entry.1.max(i.index),
            None => inputs.push((&i.input, i.index)),
        }
    }
    let all = inputs.len();
    inputs.sort_by(|a, b| b.1.total_cmp(&a.1));
    inputs.truncate(IN_HEAT);
    let top = inputs.first().map_or(1.0, |i| i.1).max(1e-9);
    let rows: Vec<String> = inputs.iter().map(|(id, _)| (*id).to_owned()).collect();
    let columns: Vec<String> = targets.iter().map(|t| target_name(folder, *t)).collect();
    let none = || Cell {
        text: "–".to_owned(),
        role: "grid",
        part: 0.0,
    };
    let grid: Vec<Vec<Cell>> = inputs
        .iter()
        .map(|(input, _)| {
            let of = |t: &(&str, &str)| {
                find(input, *t).map_or_else(none, |i| Cell {
                    text: signed(i.index, 2),
                    role: "mark",
                    part: (i.index / top).max(0.0),
                })
            };
            targets.iter().map(of).collect()
        })
        .collect();
    let sentences: Vec<String> = targets
        .iter()
        .zip(&columns)
        .map(|(t, name)| {
            let mut own: Vec<&Index> = indices
                .iter()
                .filter(|i| (i.kind.as_str(), i.target.as_str()) == *t)
                .collect();
            own.sort_by(|a, b| b.index.total_cmp(&a.index));
            let parts: Vec<String> = own
                .iter()
                .take(4)
                .map(|i| format!("{} {}", i.input, signed(i.index, 3)))
                .collect();
            format!("{name}: {}", parts.join(", "))
        })
        .collect();
    let header = [
        "scenario",
        "kind",
        "target",
        "input_kind",
        "input",
        method.index,
        method.conf,
    ];
    let shown = |i: &&Index| inputs.iter().any(|(id, _)| *id == i.input);
    Picture {
        name: "sensitivity".to_owned(),
        title: "Which inputs matter for what".to_owned(),
        text: format!(
            "The four largest for each target. {}.",
            sentences.join("; ")
        ),
        caption: format!(
            "The {} inputs of {all} that matter most for any target. Each number is {}. Small numbers \
             may be noise: the table has half widths of intervals at 95 %.",
            inputs.len(),
            method.meaning
        ),
        drawings: [Width::Wide, Width::Narrow].map(|w| heat(w, &rows, &columns, &grid, "")),
        data: Data::new(
            Home::Written,
            &header,
            indices.iter().filter(shown).map(cells).collect(),
        ),
    }
}
