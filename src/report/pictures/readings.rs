//! Readings held against evidence: what is left of each, and what each observation says.

use serde::Deserialize;

use super::bars::{Bar, bars, told};
use super::float;
use super::heat::{Cell, heat};
use crate::report::canvas::Width;
use crate::report::folder::{ReportError, ResultFolder};
use crate::report::palette;
use crate::report::picture::{Data, Home, Picture};
use crate::report::words::{percent, signed};

#[derive(Debug, Deserialize)]
struct Reading {
    scenario: String,
    title: String,
    likelihood: f64,
    effective_rounds: f64,
    prior: f64,
    posterior: Option<f64>,
    posterior_low: Option<f64>,
    posterior_high: Option<f64>,
    supported: bool,
}

const READINGS: [&str; 9] = [
    "scenario",
    "title",
    "likelihood",
    "effective_rounds",
    "prior",
    "posterior",
    "posterior_low",
    "posterior_high",
    "supported",
];

#[derive(Debug, Deserialize)]
struct Observed {
    scenario: String,
    observation: String,
    name: String,
    on: String,
    reliability: f64,
    unknown: bool,
    probability: f64,
    report_probability: f64,
    log_likelihood_ratio: Option<f64>,
    log_ratio_given_earlier: Option<f64>,
}

const EVIDENCE: [&str; 10] = [
    "scenario",
    "observation",
    "name",
    "on",
    "reliability",
    "unknown",
    "probability",
    "report_probability",
    "log_likelihood_ratio",
    "log_ratio_given_earlier",
];

#[derive(Debug, Deserialize)]
struct Next {
    scenario: String,
    observation: String,
    name: String,
    information_bits: Option<f64>,
    ci_low: Option<f64>,
    ci_high: Option<f64>,
    report_probability: Option<f64>,
}

const NEXT: [&str; 7] = [
    "scenario",
    "observation",
    "name",
    "information_bits",
    "ci_low",
    "ci_high",
    "report_probability",
];

#[derive(Debug, Deserialize)]
struct Recovered {
    scenario: String,
    winner: Option<String>,
    trials: u64,
    count: u64,
    share: f64,
}

const RECOVERY: [&str; 5] = ["scenario", "winner", "trials", "count", "share"];

fn cell(x: Option<f64>) -> String {
    x.map_or(String::new(), float)
}

/// A likelihood ratio as people say it: so many times as likely, or so many times less.
fn times(log: f64) -> String {
    let (sign, x) = if log < 0.0 {
        ("÷", (-log).exp())
    } else {
        ("×", log.exp())
    };
    let digits = match x {
        x if x < 10.0 => 1,
        x if x < 1000.0 => 0,
        _ => return format!("{sign}{x:.0e}"),
    };
    if format!("{x:.1}") == "1.0" {
        "1".to_owned()
    } else {
        format!("{sign}{x:.digits$}")
    }
}

fn shade(log: f64) -> Cell {
    Cell {
        text: times(log),
        role: if log < 0.0 { "low" } else { "high" },
        part: (log.abs() / 10f64.ln()).min(1.0),
    }
}

/// All pictures of `weigh`.
pub(in crate::report) fn readings(folder: &ResultFolder) -> Result<Vec<Picture>, ReportError> {
    let rows: Vec<Reading> = folder.rows("readings.csv", &READINGS)?;
    let observed: Vec<Observed> = folder.rows("evidence.csv", &EVIDENCE)?;
    let mut out = vec![posteriors(&rows)];
    let titles: Vec<String> = rows.iter().map(|r| r.title.clone()).collect();
    out.push(evidence(&rows, &titles, &observed));
    if folder.has("look_next.csv") {
        out.extend(look_next(&folder.rows("look_next.csv", &NEXT)?));
    }
    if folder.has("recovery.csv") {
        out.extend(recovery(&rows, &folder.rows("recovery.csv", &RECOVERY)?));
    }
    Ok(out)
}

fn posteriors(rows: &[Reading]) -> Picture {
    let list: Vec<Bar> = rows
        .iter()
        .enumerate()
        .map(|(i, r)| Bar {
            label: r.title.clone(),
            value: r.posterior.unwrap_or_default(),
            interval: r.posterior_low.zip(r.posterior_high),
            role: palette::outcome(i),
            pattern: i,
        })
        .collect();
    let sentences: Vec<String> = rows
        .iter()
        .map(|r| match r.posterior {
            Some(p) => told(&r.title, p, r.posterior_low.zip(r.posterior_high)),
            None => format!("{}: not defined, as no round fits the evidence", r.title),
        })
        .collect();
    let weak: Vec<&Reading> = rows.iter().filter(|r| !r.supported).collect();
    let weak = if weak.is_empty() {
        String::new()
    } else {
        format!(
            " {} of {} readings rest on fewer than 100 effective rounds: their numbers are rough, and \
             more rounds are needed.",
            weak.len(),
            rows.len()
        )
    };
    Picture {
        name: "readings".to_owned(),
        title: "What is left of each reading".to_owned(),
        text: format!("Posterior weight. {}.{weak}", sentences.join("; ")),
        caption: format!(
            "Weight of each reading after the evidence, with its interval at 95 %, from the prior \
             weights in the table. It compares these written readings with each other and with \
             nothing else: a reading that nobody wrote down has no bar.{weak}"
        ),
        drawings: [Width::Wide, Width::Narrow].map(|w| bars(w, &list, percent)),
        data: Data::new(
            Home::Kept("readings.csv"),
            &READINGS,
            rows.iter()
                .map(|r| {
                    let mut row = vec![r.scenario.clone(), r.title.clone(), float(r.likelihood)];
                    row.extend([float(r.effective_rounds), float(r.prior)]);
                    row.extend([r.posterior, r.posterior_low, r.posterior_high].map(cell));
                    row.push(r.supported.to_string());
                    row
                })
                .collect(),
        ),
    }
}

fn evidence(readings: &[Reading], titles: &[String], rows: &[Observed]) -> Picture {
    let groups: Vec<&[Observed]> = rows
        .chunk_by(|a, b| a.observation == b.observation)
        .filter(|g| !g[0].unknown)
        .collect();
    let labels: Vec<String> = groups.iter().map(|g| g[0].name.clone()).collect();
    let none = || Cell {
        text: "–".to_owned(),
        role: "grid",
        part: 0.0,
    };
    let cells: Vec<Vec<Cell>> = groups
        .iter()
        .map(|g| {
            let of = |r: &Reading| {
                let own = g.iter().find(|o| o.scenario == r.scenario);
                own.and_then(|o| o.log_likelihood_ratio)
                    .map_or_else(none, shade)
            };
            readings.iter().map(of).collect()
        })
        .collect();
    let first = readings.first().map_or("", |r| r.title.as_str());
    let sentences: Vec<String> = groups
        .iter()
        .map(|g| {
            let parts: Vec<String> = g
                .iter()
                .filter_map(|o| {
                    let log = o.log_likelihood_ratio?;
                    Some(format!(
                        "{} {} (ln {})",
                        o.scenario,
                        times(log),
                        signed(log, 2)
                    ))
                })
                .collect();
            format!("{}: {}", g[0].name, parts.join(", "))
        })
        .collect();
    Picture {
        name: "evidence".to_owned(),
        title: "What each observation says".to_owned(),
        text: format!(
            "Likelihood ratios against the reading listed first, {first}. {}.",
            sentences.join("; ")
        ),
        caption: format!(
            "How many times as likely (×) or less likely (÷) each report is under a reading as under \
             the one listed first ({first}), each observation by itself. 1 says nothing either way; \
             colour is full from a factor of ten. Observations hang together, so ratios must not be \
             multiplied: the table has the ratio given all earlier reports."
        ),
        drawings: [Width::Wide, Width::Narrow].map(|w| heat(w, &labels, titles, &cells, "")),
        data: Data::new(
            Home::Kept("evidence.csv"),
            &EVIDENCE,
            rows.iter()
                .map(|o| {
                    let mut row = vec![o.scenario.clone(), o.observation.clone(), o.name.clone()];
                    row.extend([o.on.clone(), float(o.reliability), o.unknown.to_string()]);
                    row.extend([float(o.probability), float(o.report_probability)]);
                    row.extend([o.log_likelihood_ratio, o.log_ratio_given_earlier].map(cell));
                    row
                })
                .collect(),
        ),
    }
}

fn look_next(rows: &[Next]) -> Option<Picture> {
    let groups: Vec<&[Next]> = rows
        .chunk_by(|a, b| a.observation == b.observation)
        .collect();
    let told: Vec<(&Next, f64)> = groups
        .iter()
        .filter_map(|g| g[0].information_bits.map(|b| (&g[0], b)))
        .collect();
    if told.is_empty() {
        return None;
    }
    let bits = |x: f64| format!("{x:.2} bit");
    let list: Vec<Bar> = told
        .iter()
        .map(|(n, x)| Bar {
            label: n.name.clone(),
            value: x.max(0.0),
            interval: n
                .ci_low
                .zip(n.ci_high)
                .map(|(l, h)| (l.max(0.0), h.max(0.0))),
            role: "mark",
            pattern: 0,
        })
        .collect();
    let sentences: Vec<String> = told
        .iter()
        .map(|(n, x)| format!("{} {}", n.name, bits(*x)))
        .collect();
    Some(Picture {
        name: "look_next".to_owned(),
        title: "Where to look next".to_owned(),
        text: format!("Expected information. {}.", sentences.join("; ")),
        caption:
            "Bits that the answer to each open question is expected to tell about which of these \
                  readings holds, with intervals at 95 %."
                .to_owned(),
        drawings: [Width::Wide, Width::Narrow].map(|w| bars(w, &list, bits)),
        data: Data::new(
            Home::Kept("look_next.csv"),
            &NEXT,
            rows.iter()
                .map(|n| {
                    let mut row = vec![n.scenario.clone(), n.observation.clone(), n.name.clone()];
                    let numbers = [
                        n.information_bits,
                        n.ci_low,
                        n.ci_high,
                        n.report_probability,
                    ];
                    row.extend(numbers.map(cell));
                    row
                })
                .collect(),
        ),
    })
}

fn recovery(readings: &[Reading], rows: &[Recovered]) -> Option<Picture> {
    if rows.is_empty() {
        return None;
    }
    let titles: Vec<String> = readings.iter().map(|r| r.title.clone()).collect();
    let share = |from: &str, to: &str| {
        let own = rows
            .iter()
            .find(|r| r.scenario == from && r.winner.as_deref() == Some(to));
        own.map_or(0.0, |r| r.share)
    };
    let cells: Vec<Vec<Cell>> = readings
        .iter()
        .map(|a| {
            readings
                .iter()
                .map(|b| {
                    let x = share(&a.scenario, &b.scenario);
                    Cell {
                        text: percent(x).replace(" %", ""),
                        role: "mark",
                        part: x,
                    }
                })
                .collect()
        })
        .collect();
    let sentences: Vec<String> = readings
        .iter()
        .map(|r| format!("{} {}", r.title, percent(share(&r.scenario, &r.scenario))))
        .collect();
    Some(Picture {
        name: "recovery".to_owned(),
        title: "Could such evidence tell these readings apart?".to_owned(),
        text: format!(
            "How often a reading is found again from evidence simulated under it. {}.",
            sentences.join("; ")
        ),
        caption: "Evidence was simulated under the reading of a row; cells are per cent of trials that \
                  the reading of a column won. Where the diagonal is weak, such evidence cannot tell \
                  these readings apart."
            .to_owned(),
        drawings: [Width::Wide, Width::Narrow].map(|w| heat(w, &titles, &titles, &cells, "")),
        data: Data::new(
            Home::Kept("recovery.csv"),
            &RECOVERY,
            rows.iter()
                .map(|r| {
                    let winner = r.winner.clone().unwrap_or_default();
                    let mut row = vec![r.scenario.clone(), winner, r.trials.to_string()];
                    row.extend([r.count.to_string(), float(r.share)]);
                    row
                })
                .collect(),
        ),
    })
}
