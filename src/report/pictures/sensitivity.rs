//! Which guesses matter: a tornado for each target, and a heat map of all.

use std::cmp::Ordering;

use super::both;
use super::dots::{Dot, Frame, Lane, dots};
use super::heat::{Cell, heat};
use crate::report::canvas::{Canvas, Drawing, Fix, Width};
use crate::report::context::Context;
use crate::report::facts::Facts;
use crate::report::folder::{ReportError, ResultFolder};
use crate::report::lanes::{axis, in_percent, lanes, whisker};
use crate::report::picture::{Data, Drawn, Home, Picture};
use crate::report::scale::Scale;
use crate::table::Row;
use crate::table::cell::Cell as _;
use crate::table::sensitivity::{EffectRow, GivenDataRow, MorrisRow, SobolRow};
use crate::text::number::{decimal, number, percent};

/// The estimated index of one input for one target, whatever the method.
#[derive(Debug, Clone)]
struct Estimate {
    scenario: String,
    kind: String,
    target: String,
    input_kind: String,
    input: String,
    /// None of a target that is the same in all rows.
    index: Option<f64>,
    conf: Option<f64>,
    /// Whether it is significant: rows like these tell it from no effect.
    told: bool,
}

/// What a method finds.
struct Method {
    index: &'static str,
    conf: &'static str,
    meaning: &'static str,
    indices: Vec<Estimate>,
}

/// The method of a result, with its indices.
fn method(folder: &ResultFolder) -> Result<Option<Method>, ReportError> {
    macro_rules! indices {
        ($row:ty, $index:ident, $conf:ident, $told:expr) => {
            folder
                .rows::<$row>()?
                .into_iter()
                .map(|r| Estimate {
                    told: $told(&r),
                    scenario: r.scenario,
                    kind: r.kind,
                    target: r.target,
                    input_kind: r.input_kind,
                    input: r.input,
                    index: r.$index.into(),
                    conf: r.$conf.into(),
                })
                .collect()
        };
    }
    let method = if folder.has(SobolRow::FILE) {
        Method {
            index: "ST",
            conf: "ST_conf",
            meaning: "the percentage of the variance that would be left if all other inputs were known (ST, Sobol’ \
                      total index)",
            indices: indices!(SobolRow, st, st_conf, |r: &SobolRow| r.told),
        }
    } else if folder.has(GivenDataRow::FILE) {
        Method {
            index: "delta",
            conf: "delta_conf",
            meaning: "Borgonovo’s δ in per cent, from 0 for no effect to 100 if the input decides everything",
            indices: indices!(GivenDataRow, delta, delta_conf, |r: &GivenDataRow| r.told),
        }
    } else if folder.has(MorrisRow::FILE) {
        Method {
            index: "mu_star",
            conf: "mu_star_conf",
            meaning: "the mean size of the effect of its whole range (Morris’ μ*), in percentage points or, for \
                      quantities, in their own units",
            indices: indices!(MorrisRow, mu_star, mu_star_conf, |r: &MorrisRow| {
                r.mu_star > r.mu_star_conf
            }),
        }
    } else {
        return Ok(None);
    };
    Ok(Some(method))
}

/// Undefined indices come before all others.
fn order(a: Option<f64>, b: Option<f64>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => a.is_some().cmp(&b.is_some()),
    }
}

impl Method {
    /// Whether an index for targets of a kind has the target's own unit.
    fn has_unit(&self, kind: &str) -> bool {
        self.index == "mu_star" && kind == "quantity"
    }

    /// An index, or its error, as people read it.
    fn size(&self, kind: &str, x: Option<f64>) -> String {
        match x {
            None => "undefined".to_owned(),
            Some(x) if self.has_unit(kind) => number(x),
            // Errors let estimates of parts of a whole exceed it.
            Some(x) if self.index == "ST" => decimal(100.0 * x.min(1.0), 1),
            Some(x) => decimal(100.0 * x, 1),
        }
    }

    /// Whether the target of some indices varies, so that they are defined.
    fn varies(&self, (kind, target): (&str, &str)) -> bool {
        let own = self.indices.iter();
        let mut own = own.filter(|i| i.kind == kind && i.target == target);
        own.any(|i| i.index.is_some())
    }

    /// Whether structural switches vary.
    fn switches(&self) -> bool {
        self.indices.iter().any(|i| i.input_kind == "switch")
    }

    /// The significant indices of a target, the largest first.
    fn ranked(&self, (kind, target): (&str, &str)) -> Vec<&Estimate> {
        let own = self.indices.iter().filter(|i| i.told);
        let own = own.filter(|i| i.kind == kind && i.target == target);
        let mut out: Vec<&Estimate> = own.collect();
        out.sort_by(|a, b| order(b.index, a.index));
        out
    }

    /// An input and its index, as in `anger 12.3`.
    fn entry(&self, facts: &Facts, i: &Estimate) -> String {
        let called = facts.called(&i.input);
        format!("{called} {}", self.size(&i.kind, i.index))
    }

    fn data<'i>(&self, indices: impl IntoIterator<Item = &'i Estimate>) -> Data {
        let header = [
            "scenario",
            "kind",
            "target",
            "input_kind",
            "input",
            self.index,
            self.conf,
        ];
        let row = |i: &Estimate| {
            let texts = [&i.scenario, &i.kind, &i.target, &i.input_kind, &i.input];
            let numbers = [i.index.text(), i.conf.text()];
            texts.into_iter().cloned().chain(numbers).collect()
        };
        Data::new(
            Home::Written,
            &header,
            indices.into_iter().map(row).collect(),
        )
    }
}

/// Most inputs in a tornado, and in the heat map.
const IN_TORNADO: usize = 10;
const IN_HEAT: usize = 24;

/// One input of a tornado: shares in the lowest and in the highest part of its values.
struct Blade<'i> {
    index: &'i Estimate,
    /// The index as people read it.
    size: String,
    low: (f64, (f64, f64)),
    high: (f64, (f64, f64)),
    /// What the two ends are.
    ends: [String; 2],
}

fn tornado(
    width: Width,
    labels: &[String],
    blades: &[Blade<'_>],
    mean: f64,
    shares: bool,
) -> Drawing {
    let mut c = Canvas::new(width);
    for (x, role, text) in [
        (2.0, "low", "its lowest values"),
        (if c.wide { 180.0 } else { 170.0 }, "high", "its highest"),
    ] {
        c.bar((x, 4.0), (16.0, 12.0), role, usize::from(role == "high"));
        c.text(x + 22.0, 14.5, "f-ink", Fix::Start, text);
    }
    let l = lanes(&mut c, labels, 28.0, 28.0, 66.0);
    let values = blades
        .iter()
        .flat_map(|b| [b.low.1.0, b.low.1.1, b.high.1.0, b.high.1.1]);
    let low = values.clone().fold(mean, f64::min);
    let high = values.fold(mean, f64::max);
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
            decimal(x, d)
        }
    };
    let ticks = scale.ticks(if c.wide { 6 } else { 4 });
    axis(&mut c, scale, &ticks, l.y, written);
    let middle = scale.at(mean);
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
        c.text(l.x.1 + 8.0, y + 4.5, "bold f-ink", Fix::Start, &b.size);
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

/// The blades of a target, and the mean over all rounds.
fn blades<'m>(
    method: &'m Method,
    effects: &[EffectRow],
    target: (&str, &str),
) -> Option<(Vec<Blade<'m>>, f64)> {
    let here: Vec<&EffectRow> = effects
        .iter()
        .filter(|e| (e.kind.as_str(), e.target.as_str()) == target)
        .collect();
    let mut out = Vec::new();
    for index in method.ranked(target) {
        let own = here
            .iter()
            .filter(|e| e.input == index.input && e.rounds > 0);
        let mut own: Vec<&&EffectRow> = own.collect();
        own.sort_by_key(|e| e.class);
        let ([low, .., high], true) = (&own[..], out.len() < IN_TORNADO) else {
            continue;
        };
        let end = |e: &EffectRow| match (e.low, e.high, &e.value) {
            (Some(a), Some(b), _) => format!("{} to {}", number(a), number(b)),
            (_, _, Some(value)) => value.clone(),
            _ => format!("value {}", e.class),
        };
        out.push(Blade {
            index,
            size: method.size(&index.kind, index.index),
            low: (low.probability, (low.ci_low, low.ci_high)),
            high: (high.probability, (high.ci_low, high.ci_high)),
            ends: [end(low), end(high)],
        });
    }
    let mean = mean(effects, target)?;
    (!out.is_empty()).then_some((out, mean))
}

/// Outcomes whose tornado every page shows.
const TORNADOES: usize = 3;

/// What indices are of, the likeliest outcome first, each with its share.
struct Target<'m> {
    of: (&'m str, &'m str),
    /// How often it occurs; none if no table says so, or if it is a quantity.
    share: Option<f64>,
}

fn targets<'m>(method: &'m Method, effects: &[EffectRow]) -> Vec<Target<'m>> {
    let mut out: Vec<Target<'m>> = Vec::new();
    for i in &method.indices {
        let of = (i.kind.as_str(), i.target.as_str());
        if !out.iter().any(|t| t.of == of) {
            let share = mean(effects, of).filter(|_| of.0 != "quantity");
            out.push(Target { of, share });
        }
    }
    let rank = |t: &Target<'_>| match t.of.0 {
        "outcome" => t.share.map_or(0.0, |s| -s),
        "flag" => 1.0,
        _ => 2.0,
    };
    out.sort_by(|a, b| rank(a).total_cmp(&rank(b)));
    out
}

/// The mean of a target over all rounds: every input has them all, so the first will do.
fn mean(effects: &[EffectRow], (kind, target): (&str, &str)) -> Option<f64> {
    let here = || {
        effects
            .iter()
            .filter(|e| e.kind == kind && e.target == target)
    };
    let first = &here().next()?.input;
    let own = here().filter(|e| e.input == *first);
    let rounds: u64 = own.clone().map(|e| e.rounds).sum();
    let sum: f64 = own.map(|e| e.probability * e.rounds as f64).sum();
    (rounds > 0).then(|| sum / rounds as f64)
}

/// All pictures of `sensitivity`: the map, and what decides each target.
pub(in crate::report) fn sensitivity(
    folder: &ResultFolder,
    context: &Context,
) -> Result<Drawn, ReportError> {
    let Some(method) = method(folder)? else {
        return Ok(Drawn::all(None));
    };
    let effects: Vec<EffectRow> = folder.rows_if_any()?;
    let targets = targets(&method, &effects);
    let mut out = Drawn::all([map(folder, &method, &targets)]);
    for (n, target) in targets.iter().enumerate() {
        // The map says of others that nothing can be said of them.
        if method.ranked(target.of).is_empty() {
            continue;
        }
        let picture = if effects.is_empty() {
            Some(sizes(folder, &method, target.of, context))
        } else {
            with_effects(folder, &method, &effects, target.of)
        };
        let Some(picture) = picture else { continue };
        let picture = Picture {
            name: format!("tornado_{}", slug(target.of.1, n + 1)),
            title: format!(
                "What decides: {}",
                folder.facts().target(target.of.0, target.of.1)
            ),
            ..picture
        };
        if out.shown.len() <= TORNADOES {
            out.shown.push(picture);
        } else {
            out.folded.push(picture);
        }
    }
    Ok(out)
}

fn with_effects(
    folder: &ResultFolder,
    method: &Method,
    effects: &[EffectRow],
    target: (&str, &str),
) -> Option<Picture> {
    let (blades, mean) = blades(method, effects, target)?;
    let labels = folder
        .facts()
        .labels(blades.iter().map(|b| b.index.input.as_str()));
    let shares = target.0 != "quantity";
    let written = |x: f64| if shares { percent(x) } else { number(x) };
    let sentence = |b: &Blade<'_>| {
        format!(
            "{}: {} where it is {}, {} where it is {}; {} {}",
            folder.facts().called(&b.index.input),
            written(b.low.0),
            b.ends[0],
            written(b.high.0),
            b.ends[1],
            method.index,
            b.size
        )
    };
    let sentences: Vec<String> = blades.iter().map(sentence).collect();
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
    let row = |b: &Blade<'_>| {
        let i = b.index;
        let texts = [&i.scenario, &i.kind, &i.target, &i.input];
        let ends = [b.low, b.high];
        let ends = ends
            .iter()
            .flat_map(|(x, (low, high))| [*x, *low, *high].map(Some));
        let numbers = [i.index, i.conf].into_iter().chain(ends);
        let texts = texts.into_iter().cloned();
        let row = texts.chain(numbers.map(|x| x.text()));
        row.chain(b.ends.clone()).collect()
    };
    let over = if method.switches() {
        ", over both values of every switch"
    } else {
        ""
    };
    Some(Picture {
        name: String::new(),
        title: String::new(),
        text: format!(
            "Mean over all rounds{over}: {}. {}.",
            written(mean),
            sentences.join("; ")
        ),
        caption: format!(
            "Inputs with a significant effect, at most {IN_TORNADO}: {}. Bars go from the mean over all rounds ({}{over}) to the mean where an \
             input is in its lowest or highest tenth (for a switch: has its first or last value), with 95 % \
             intervals. The number is {}. A large number with short bars means that the input works in \
             combination with others.",
            blades.len(),
            written(mean),
            method.meaning
        ),
        drawings: both(|w| tornado(w, &labels, &blades, mean, shares)),
        data: Data::new(Home::Written, &header, blades.iter().map(row).collect()),
    })
}

/// Where a method has no shapes of effects: the sizes alone.
fn sizes(
    folder: &ResultFolder,
    method: &Method,
    target: (&str, &str),
    context: &Context,
) -> Picture {
    let mut own = method.ranked(target);
    own.truncate(IN_TORNADO);
    let role = if target.0 == "outcome" {
        context.outcome(target.1).0
    } else {
        "mark"
    };
    let lane = |(i, label): (&&Estimate, String)| {
        let dot = |value| Dot {
            value,
            interval: i.conf.map(|conf| (value - conf, value + conf)),
            role,
            hollow: false,
        };
        Lane {
            label,
            dots: i.index.map(dot).into_iter().collect(),
            note: method.size(&i.kind, i.index),
        }
    };
    let labels = folder.facts().labels(own.iter().map(|i| i.input.as_str()));
    let lanes: Vec<Lane> = own.iter().zip(labels).map(lane).collect();
    let frame = Frame {
        range: None,
        zero: Some(0.0),
        room: [70.0, 62.0],
        written: if method.has_unit(target.0) {
            decimal
        } else {
            |x, d| decimal(100.0 * x, d.saturating_sub(2))
        },
        keys: None,
    };
    let sentence = |i: &&Estimate| {
        let entry = method.entry(folder.facts(), i);
        format!("{entry} ±{}", method.size(&i.kind, i.conf))
    };
    let sentences: Vec<String> = own.iter().map(sentence).collect();
    Picture {
        name: String::new(),
        title: String::new(),
        text: format!("{}.", sentences.join("; ")),
        caption: format!(
            "Inputs with a significant effect, at most {IN_TORNADO}: {}, by {}, with 95 % intervals.",
            own.len(),
            method.meaning
        ),
        drawings: both(|w| dots(w, &lanes, &frame)),
        data: method.data(own),
    }
}

/// The inputs that matter most for what is likely, the first most, and how many there are: indices count
/// as much as the variance of their outcome or flag, where its share is known. Quantities decide among
/// inputs that are alike in this.
fn inputs<'m>(
    method: &'m Method,
    targets: &[Target<'_>],
    part: impl Fn(&Estimate) -> f64,
) -> (Vec<&'m str>, usize) {
    let weight = |i: &Estimate| {
        let own = targets.iter().find(|t| t.of == (&i.kind, &i.target));
        let share = own.and_then(|t| t.share);
        share.map_or(1.0, |share| share * (1.0 - share))
    };
    let mut out: Vec<(&str, [f64; 2])> = Vec::new();
    for i in &method.indices {
        let own = if i.told { part(i) * weight(i) } else { 0.0 };
        let sum = usize::from(i.kind == "quantity");
        match out.iter_mut().find(|(id, _)| *id == i.input) {
            Some((_, sums)) => sums[sum] += own,
            None => {
                let mut sums = [0.0; 2];
                sums[sum] = own;
                out.push((&i.input, sums));
            }
        }
    }
    let all = out.len();
    out.sort_by(|(_, a), (_, b)| b[0].total_cmp(&a[0]).then(b[1].total_cmp(&a[1])));
    let told = out.iter().filter(|(_, sums)| sums.iter().any(|s| *s > 0.0));
    let told = told.count().clamp(1, IN_HEAT);
    out.truncate(told);
    (out.into_iter().map(|(id, _)| id).collect(), all)
}

fn map(folder: &ResultFolder, method: &Method, targets: &[Target<'_>]) -> Picture {
    // Indices in a unit of their own have no common scale with the others: each is a part of the largest
    // of its target, all others are parts of the largest of any.
    let top = |(kind, target): (&str, &str)| {
        let own = method.indices.iter().filter(|i| {
            i.told
                && method.has_unit(&i.kind) == method.has_unit(kind)
                && (!method.has_unit(kind) || i.target == target)
        });
        let top = own.filter_map(|i| i.index).max_by(f64::total_cmp);
        top.filter(|top| *top > 0.0)
    };
    let tops: Vec<Option<f64>> = targets.iter().map(|t| top(t.of)).collect();
    let part = |i: &Estimate| {
        let own = targets.iter().position(|t| t.of == (&i.kind, &i.target));
        let top = own.and_then(|t| tops[t]);
        i.index.zip(top).map_or(0.0, |(x, top)| (x / top).max(0.0))
    };
    let (inputs, all) = inputs(method, targets, part);
    let facts = folder.facts();
    let rows = facts.labels(inputs.iter().copied());
    let name = |t: &Target<'_>| facts.target(t.of.0, t.of.1).to_owned();
    let columns: Vec<String> = targets.iter().map(name).collect();
    let cell = |input: &str, target: &Target<'_>| {
        let mut own = method.indices.iter();
        let own =
            own.find(|i| i.input == input && (i.kind.as_str(), i.target.as_str()) == target.of);
        match own.filter(|i| i.index.is_some()) {
            None => Cell::empty(),
            Some(i) if !i.told => Cell {
                text: "·".to_owned(),
                ..Cell::empty()
            },
            Some(i) => Cell {
                text: method.size(target.of.0, i.index),
                role: "mark",
                part: part(i),
            },
        }
    };
    let line = |input: &&str| targets.iter().map(|t| cell(input, t)).collect();
    let grid: Vec<Vec<Cell>> = inputs.iter().map(line).collect();
    let sentence = |(t, name): (&Target<'_>, &String)| {
        if !method.varies(t.of) {
            return format!(
                "{name}: the same in all rows, so nothing can be said of what decides it"
            );
        }
        let own = method.ranked(t.of).into_iter().take(4);
        let parts: Vec<String> = own.map(|i| method.entry(facts, i)).collect();
        if parts.is_empty() {
            return format!("{name}: no effect is significant with so many rows");
        }
        format!("{name}: {}", parts.join(", "))
    };
    let sentences: Vec<String> = targets.iter().zip(&columns).map(sentence).collect();
    let shown = |i: &&Estimate| inputs.contains(&i.input.as_str());
    Picture {
        name: "sensitivity".to_owned(),
        title: "Which inputs matter for what".to_owned(),
        text: format!(
            "The largest for each target, at most four. {}.",
            sentences.join("; ")
        ),
        caption: format!(
            "The {} inputs of {all} that matter most for the likely outcomes. Each number is {}. A point (·) stands \
             for an index that is not significant with so many rows, a dash for a target that is the same in all \
             rows. The table has all numbers, with the half widths of their 95 % intervals.",
            inputs.len(),
            method.meaning
        ),
        drawings: both(|w| heat(w, &rows, &columns, &grid, "")),
        data: method.data(method.indices.iter().filter(shown)),
    }
}
