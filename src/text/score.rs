//! What `kzsim score` prints.

use std::fmt::Write;

use comfy_table::Cell;

use super::layout::{Layout, right};
use super::number::{count, decimal, list, number, p_value, percent, signed};
use crate::table::score::{ScoreRow, Scores};

/// What the numbers do not mean.
const CAVEAT: &str = "Intervals say how far scores could be off because there are few cases. They do not say that the next \
                      cases are like these.";
/// Names that are listed at most.
const LISTED: usize = 8;
/// A p-value below which forecasts are not called calibrated.
const DOUBTFUL: f64 = 0.05;

type Panel<'a> = (&'a str, &'a str, &'a str);

/// Everything in sentences and tables.
#[must_use]
pub fn summary(scores: &Scores, layout: Layout) -> String {
    let mut out = String::new();
    if !scores.missing.is_empty() {
        let n = scores.missing.len();
        let text = format!(
            "{} in one file alone, left out: {}",
            cases(n as u64),
            names(&scores.missing)
        );
        layout.paragraph(&mut out, &text);
    }
    if !scores.unresolved.is_empty() {
        let n = scores.unresolved.len();
        let text = format!(
            "{} unresolved, not scored: {}",
            cases(n as u64),
            names(&scores.unresolved)
        );
        layout.paragraph(&mut out, &text);
    }
    for panel in scores.panels() {
        if panel.2.is_empty() {
            let who = whose(panel);
            let text = format!("{who}{}", verdict(scores, panel));
            layout.paragraph(&mut out, &text);
        }
    }
    out.push('\n');
    let _ = writeln!(out, "{}", table(scores, layout));
    if scores.event.is_none() {
        let n = scores.classes.len();
        let text = format!(
            "The Brier score is the sum over {n} classes, from 0 to 2. --event CLASS scores one class as an event, \
             with AUC and calibration{}.",
            if scores.find(first(scores), "rps", "").is_none() {
                "; --order CLASS,CLASS,… adds the ranked probability score"
            } else {
                ""
            }
        );
        layout.paragraph(&mut out, &text);
    }
    for warning in &scores.warnings {
        layout.paragraph(&mut out, &format!("Warning: {warning}."));
    }
    out.push('\n');
    layout.paragraph(&mut out, CAVEAT);
    out
}

fn first(scores: &Scores) -> Panel<'_> {
    scores.panels().first().copied().unwrap_or(("", "", ""))
}

fn cases(n: u64) -> String {
    format!("{} case{}", count(n), if n == 1 { "" } else { "s" })
}

fn names(all: &[String]) -> String {
    if all.len() <= LISTED {
        return list(all);
    }
    let shown = all[..LISTED].join(", ");
    format!("{shown} and {} more", all.len() - LISTED)
}

fn whose((forecaster, horizon, group): Panel<'_>) -> String {
    let parts: Vec<&str> = [forecaster, horizon, group]
        .into_iter()
        .filter(|p| !p.is_empty())
        .collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!("{}: ", parts.join(", "))
    }
}

/// A number with three decimals and its interval.
fn with_interval(row: &ScoreRow, write: fn(f64, usize) -> String) -> String {
    let Some(value) = row.value else {
        return "undefined".to_owned();
    };
    let value = write(value, 3);
    match (row.ci_low, row.ci_high) {
        (Some(low), Some(high)) => format!("{value} ({} to {})", write(low, 3), write(high, 3)),
        _ => value,
    }
}

/// Forecasts and their first baseline in one sentence.
fn verdict(scores: &Scores, panel: Panel<'_>) -> String {
    let find = |metric: &str, baseline: &str| scores.find(panel, metric, baseline);
    let Some(brier) = find("brier", "") else {
        return String::new();
    };
    let interval = with_interval(brier, decimal).replacen('(', "(95 % ", 1);
    let mut out = format!("Brier {interval}");
    let beside = scores.metrics.iter().find(|r| {
        r.metric == "brier_baseline" && (&*r.forecaster, &*r.horizon, &*r.group) == panel
    });
    if let Some(base) = beside {
        let name = &base.baseline;
        let _ = write!(
            out,
            "; {} {}",
            called(name),
            decimal(base.value.unwrap_or(f64::NAN), 3)
        );
        if let Some(d) = find("brier_difference", name) {
            out.push_str(&better(d));
        }
    }
    let _ = write!(out, " over {}", cases(brier.cases));
    if let Some(cluster) = &scores.cluster {
        let _ = write!(out, " in {} clusters ({cluster})", count(brier.clusters));
    }
    if let (Some(mcb), Some(slope)) = (
        find("brier_miscalibration", ""),
        find("calibration_slope", ""),
    ) {
        let p = mcb.p.unwrap_or(f64::NAN);
        let slope = slope.value.map_or("slope undefined".to_owned(), |s| {
            format!("slope {}", decimal(s, 2))
        });
        let _ = if p < DOUBTFUL {
            write!(out, "; not calibrated ({slope}, p {})", p_value(p))
        } else {
            write!(
                out,
                "; no miscalibration found ({slope}, p {})",
                decimal(p, 2)
            )
        };
    }
    out.push('.');
    out
}

/// A baseline in words.
fn called(name: &str) -> String {
    match name {
        "base-rate" => "base rate".to_owned(),
        "previous" => "last outcome of the cluster".to_owned(),
        other => other.to_owned(),
    }
}

/// Whether the forecaster is better than a baseline.
fn better(difference: &ScoreRow) -> String {
    let (Some(d), low, high) = (difference.value, difference.ci_low, difference.ci_high) else {
        return String::new();
    };
    let ends = match (low, high) {
        (Some(l), Some(h)) if d >= 0.0 => format!(" ({} to {})", decimal(l, 3), decimal(h, 3)),
        (Some(l), Some(h)) => format!(" ({} to {})", decimal(-h, 3), decimal(-l, 3)),
        _ => String::new(),
    };
    let word = if d >= 0.0 { "better" } else { "worse" };
    format!("; {word} by {}{ends}", decimal(d.abs(), 3))
}

/// Metrics that are shown, by what they are called.
const SHOWN: [(&str, &str); 13] = [
    ("brier", "Brier"),
    ("log", "Log"),
    ("rps", "RPS"),
    ("auc", "AUC"),
    ("calibration_slope", "Calibration slope"),
    ("calibration_intercept", "Calibration intercept"),
    ("calibration_in_the_large", "Calibration in the large"),
    ("brier_miscalibration", "Miscalibration (Brier)"),
    ("brier_discrimination", "Discrimination (Brier)"),
    ("brier_uncertainty", "Uncertainty (Brier)"),
    ("bins_within", "Within bins (Murphy)"),
    ("clipped", "Clipped probabilities"),
    ("simulation_error", "Added to Brier by finite rounds"),
];

fn table(scores: &Scores, layout: Layout) -> String {
    let panels = scores.panels();
    let several = panels.len() > 1;
    let mut header = vec!["Number", "Value", "95 %", "p"];
    if several {
        header.insert(0, "Forecasts");
    }
    let mut table = layout.table(&header);
    for panel in &panels {
        let shown = |r: &&ScoreRow| (&*r.forecaster, &*r.horizon, &*r.group) == *panel;
        for row in scores.metrics.iter().filter(shown) {
            let Some(name) = name(row) else {
                continue;
            };
            let mut cells = Vec::new();
            if several {
                let who = whose(*panel);
                cells.push(Cell::new(who.trim_end_matches(": ")));
            }
            cells.push(Cell::new(name));
            cells.push(right(value(row)));
            let interval = row.ci_low.zip(row.ci_high);
            let ends = |(l, h)| format!("{} to {}", written(row, l), written(row, h));
            cells.push(right(interval.map_or(String::new(), ends)));
            cells.push(right(row.p.map_or(String::new(), p_value)));
            table.add_row(cells);
        }
    }
    layout.fit(&mut table, &[]);
    table.to_string()
}

/// What a row is called, if it is shown.
fn name(row: &ScoreRow) -> Option<String> {
    let base = called(&row.baseline);
    let (score, what) = row.metric.split_once('_').unwrap_or((&row.metric, ""));
    let score = match score {
        "brier" => "Brier",
        "log" => "Log",
        _ => "RPS",
    };
    match what {
        "baseline" => return Some(format!("{score} of {base}")),
        "difference" => return Some(format!("{score}: better than {base} by")),
        "skill" => return Some(format!("{score}: skill over {base}")),
        _ => {}
    }
    let found = SHOWN.iter().find(|(metric, _)| *metric == row.metric);
    found.map(|(_, name)| (*name).to_owned())
}

fn written(row: &ScoreRow, x: f64) -> String {
    match row.metric.as_str() {
        m if m.ends_with("_skill") => percent(x).replace('-', "−"),
        m if m.ends_with("_difference") => signed(x, 4),
        m if m.starts_with("calibration") => signed(x, 2),
        "simulation_error" => number(x),
        "clipped" => count(x as u64),
        _ => decimal(x, 4),
    }
}

fn value(row: &ScoreRow) -> String {
    row.value
        .map_or("undefined".to_owned(), |x| written(row, x))
}
