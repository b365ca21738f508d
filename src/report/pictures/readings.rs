//! Readings weighed against evidence: the weight of each, and what each observation says.

use super::bars::{Bar, bars};
use super::heat::{Cell, heat};
use super::{arrivals, both, estimate};
use crate::report::folder::{ReportError, ResultFolder};
use crate::report::lanes::in_percent;
use crate::report::palette;
use crate::report::picture::{Data, Picture};
use crate::table::weighing::{EvidenceRow, LookNextRow, ReadingRow, RecoveryRow};
use crate::text::number::{decimal, percent, ratio};
use crate::text::weighing::doubts;

/// The cell of a likelihood ratio; its colour is full from a factor of ten.
fn shade(log: f64) -> Cell {
    Cell {
        text: ratio(log),
        role: if log < 0.0 { "low" } else { "high" },
        part: (log.abs() / std::f64::consts::LN_10).min(1.0),
    }
}

/// All pictures of `weigh`.
pub(in crate::report) fn readings(folder: &ResultFolder) -> Result<Vec<Picture>, ReportError> {
    let rows: Vec<ReadingRow> = folder.rows()?;
    let observed: Vec<EvidenceRow> = folder.rows()?;
    let titles: Vec<String> = rows.iter().map(|r| r.title.clone()).collect();
    let mut out = vec![posteriors(&rows, &doubts(&observed))];
    // What the answer is worth belongs beside it.
    out.extend(recovery(
        &rows,
        &titles,
        &folder.rows_if_any::<RecoveryRow>()?,
    ));
    out.extend(arrivals::readings(folder, &rows)?);
    out.push(evidence(&rows, &titles, &observed));
    out.extend(look_next(&folder.rows_if_any::<LookNextRow>()?));
    Ok(out)
}

fn posteriors(rows: &[ReadingRow], doubts: &[String]) -> Picture {
    let ends = |r: &ReadingRow| r.posterior_low.finite().zip(r.posterior_high.finite());
    let bar = |(i, r): (usize, &ReadingRow)| {
        let own = (palette::outcome(i), i);
        match r.posterior.finite() {
            Some(value) => Bar::share(r.title.clone(), value, ends(r), own),
            None => Bar {
                texts: ["undefined".to_owned(), String::new()],
                ..Bar::share(r.title.clone(), 0.0, None, own)
            },
        }
    };
    let list: Vec<Bar> = rows.iter().enumerate().map(bar).collect();
    let sentence = |r: &ReadingRow| match r.posterior.finite() {
        Some(p) => format!("{} {}", r.title, estimate(p, ends(r))),
        None => format!("{}: undefined, since no round fits the evidence", r.title),
    };
    let sentences: Vec<String> = rows.iter().map(sentence).collect();
    let weak = rows.iter().filter(|r| !r.supported).count();
    let weak = if weak == 0 {
        String::new()
    } else {
        format!(
            " {weak} of {} readings rest on fewer than 100 effective rounds: their numbers are rough, and more \
             rounds are needed.",
            rows.len()
        )
    };
    let weak = doubts
        .iter()
        .fold(weak, |all, one| format!("{all} Warning: {one}"));
    let columns = [
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
    Picture {
        name: "readings".to_owned(),
        title: "The weight of each reading".to_owned(),
        text: format!("Posterior weight. {}.{weak}", sentences.join("; ")),
        caption: format!(
            "Weight of each reading after the evidence, with its 95 % interval, from the prior weights in the \
             table. It compares these written readings with each other and with nothing else: a reading that \
             nobody wrote down has no bar.{weak}"
        ),
        drawings: both(|w| bars(w, &list, in_percent)),
        data: Data::kept(&columns, rows),
    }
}

fn evidence(readings: &[ReadingRow], titles: &[String], rows: &[EvidenceRow]) -> Picture {
    let groups: Vec<&[EvidenceRow]> = rows
        .chunk_by(|a, b| a.observation == b.observation)
        .filter(|g| !g[0].unknown)
        .collect();
    let labels: Vec<String> = groups.iter().map(|g| g[0].name.clone()).collect();
    let line = |g: &&[EvidenceRow]| -> Vec<Cell> {
        let of = |r: &ReadingRow| {
            let own = g.iter().find(|o| o.scenario == r.scenario);
            let log = own.and_then(|o| o.log_likelihood_ratio.finite());
            match (log, own) {
                (Some(log), _) => shade(log),
                // Its probability is 0 in the rounds played: a ratio without a bound on one side.
                (None, Some(o)) if o.report_probability == 0.0 => Cell {
                    text: "no round".to_owned(),
                    role: "low",
                    part: 1.0,
                },
                _ => Cell::empty(),
            }
        };
        readings.iter().map(of).collect()
    };
    let cells: Vec<Vec<Cell>> = groups.iter().map(line).collect();
    let first = readings.first().map_or("", |r| r.title.as_str());
    let sentence = |g: &&[EvidenceRow]| {
        let part = |o: &EvidenceRow| {
            let Some(log) = o.log_likelihood_ratio.finite() else {
                let none = o.report_probability == 0.0;
                return none.then(|| format!("{} in no round", o.scenario));
            };
            Some(format!(
                "{} {} (ln {})",
                o.scenario,
                ratio(log),
                decimal(log, 2)
            ))
        };
        let parts: Vec<String> = g.iter().filter_map(part).collect();
        format!("{}: {}", g[0].name, parts.join(", "))
    };
    let sentences: Vec<String> = groups.iter().map(sentence).collect();
    let columns = [
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
    Picture {
        name: "evidence".to_owned(),
        title: "What each observation says".to_owned(),
        text: format!(
            "Likelihood ratios against the reading listed first, {first}. {}.",
            sentences.join("; ")
        ),
        caption: format!(
            "How many times more likely (×) or less likely (÷) each report is under a reading than under the one \
             listed first ({first}), each observation taken by itself. 1 favours neither; colour is full from \
             a factor of ten. Observations depend on each other, so ratios must not be multiplied: the \
             table has the ratio given all earlier reports."
        ),
        drawings: both(|w| heat(w, &labels, titles, &cells, "")),
        data: Data::kept(&columns, rows),
    }
}

fn look_next(rows: &[LookNextRow]) -> Option<Picture> {
    let groups = rows.chunk_by(|a, b| a.observation == b.observation);
    let defined: Vec<(&LookNextRow, f64)> = groups
        .filter_map(|g| g[0].information_bits.finite().map(|b| (&g[0], b)))
        .collect();
    if defined.is_empty() {
        return None;
    }
    let bits = |x: f64| format!("{} bits", decimal(x, 2));
    let bar = |(n, x): &(&LookNextRow, f64)| {
        let ends = n.ci_low.finite().zip(n.ci_high.finite());
        let interval = ends.map(|(l, h)| (l.max(0.0), h.max(0.0)));
        let ends = interval.map(|(l, h)| format!("{} to {}", decimal(l, 2), decimal(h, 2)));
        Bar {
            label: n.name.clone(),
            value: x.max(0.0),
            interval,
            texts: [bits(x.max(0.0)), ends.unwrap_or_default()],
            role: "mark",
            pattern: 0,
        }
    };
    let list: Vec<Bar> = defined.iter().map(bar).collect();
    let sentence = |(n, x): &(&LookNextRow, f64)| format!("{} {}", n.name, bits(*x));
    let sentences: Vec<String> = defined.iter().map(sentence).collect();
    let columns = [
        "scenario",
        "observation",
        "name",
        "information_bits",
        "ci_low",
        "ci_high",
        "report_probability",
    ];
    Some(Picture {
        name: "look_next".to_owned(),
        title: "What to look for next".to_owned(),
        text: format!("Expected information. {}.", sentences.join("; ")),
        caption: "Bits of information about which of these readings holds that the answer to each open question \
                  is expected to provide, with 95 % intervals."
            .to_owned(),
        drawings: both(|w| bars(w, &list, decimal)),
        data: Data::kept(&columns, rows),
    })
}

fn recovery(readings: &[ReadingRow], titles: &[String], rows: &[RecoveryRow]) -> Option<Picture> {
    if rows.is_empty() {
        return None;
    }
    let share = |from: &ReadingRow, to: &ReadingRow| {
        let own = rows.iter().find(|r| {
            r.scenario == from.scenario && r.winner.as_deref() == Some(to.scenario.as_str())
        });
        own.map_or(0.0, |r| r.share)
    };
    let cell = |x: f64| Cell {
        text: percent(x).replace(" %", ""),
        role: "mark",
        part: x,
    };
    let line = |a: &ReadingRow| readings.iter().map(|b| cell(share(a, b))).collect();
    let cells: Vec<Vec<Cell>> = readings.iter().map(line).collect();
    let sentence = |r: &ReadingRow| format!("{} {}", r.title, percent(share(r, r)));
    let sentences: Vec<String> = readings.iter().map(sentence).collect();
    Some(Picture {
        name: "recovery".to_owned(),
        title: "How far this can be answered".to_owned(),
        text: format!(
            "How often a reading is recovered from evidence simulated under it. {}.",
            sentences.join("; ")
        ),
        caption: "Evidence was simulated under the reading of a row; each cell is the percentage of trials that \
                  the reading of its column won. Where the diagonal is weak, such evidence cannot distinguish \
                  these readings."
            .to_owned(),
        drawings: both(|w| heat(w, titles, titles, &cells, "")),
        data: Data::kept(&["scenario", "winner", "trials", "count", "share"], rows),
    })
}
