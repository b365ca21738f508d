//! When each action happens: one ridge for each, in the order of their middle days.

use serde::Deserialize;

use super::{date, float};
use crate::report::canvas::{Canvas, Drawing, Fix, Width, between};
use crate::report::folder::{ReportError, ResultFolder};
use crate::report::lanes::{axis, lanes};
use crate::report::picture::{Data, Home, Picture};
use crate::report::scale::Scale;
use crate::report::words::{listed, percent};

#[derive(Debug, Clone, Deserialize)]
#[expect(clippy::struct_field_names, reason = "columns of a file")]
struct Action {
    scenario: String,
    action: String,
    by: Option<String>,
    rounds: u64,
    count: u64,
    probability: f64,
    ci_low: f64,
    ci_high: f64,
    day_p05: Option<f64>,
    day_p50: Option<f64>,
    day_p95: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct ByDay {
    day: f64,
    action: String,
    probability: f64,
}

const NEEDS: [&str; 11] = [
    "scenario",
    "action",
    "by",
    "rounds",
    "count",
    "probability",
    "ci_low",
    "ci_high",
    "day_p05",
    "day_p50",
    "day_p95",
];

/// One action that happened.
struct Ridge {
    name: String,
    share: f64,
    days: [f64; 3],
    /// Day, and share of rounds in which it first happened since the day before.
    daily: Vec<(f64, f64)>,
}

fn draw(width: Width, start: &str, last: f64, ridges: &[Ridge]) -> Drawing {
    let mut c = Canvas::new(width);
    let labels: Vec<String> = ridges.iter().map(|r| r.name.clone()).collect();
    let l = lanes(&mut c, &labels, 6.0, 26.0, 76.0);
    let scale = Scale::new((0.0, last), (l.x.0 + 6.0, l.x.1));
    let ticks = scale.ticks(if c.wide { 6 } else { 4 });
    axis(&mut c, scale, &ticks, l.y, |d, _| date(start, d));
    for (ridge, middle) in ridges.iter().zip(&l.middle) {
        let foot = middle + 11.0;
        c.line((l.x.0 + 6.0, foot), (l.x.1, foot), "thin s-grid");
        let top = ridge.daily.iter().map(|d| d.1).fold(0.0, f64::max);
        let height = Scale::new((0.0, top), (foot, foot - 24.0));
        let mut places = Vec::new();
        let mut tops = Vec::new();
        for (day, share) in &ridge.daily {
            // A step from one recorded day to the next.
            let (from, to) = (scale.at((day - 1.0).max(0.0)), scale.at(*day));
            places.extend([from, to]);
            tops.extend([height.at(*share), height.at(*share)]);
        }
        c.path(
            &between(&places, &vec![foot; places.len()], &tops),
            "half f-mark",
        );
        let [p05, p50, p95] = ridge.days.map(|d| scale.at(d));
        c.line((p05, foot), (p95, foot), "thick s-mark");
        c.dot((p50, foot), 4.5, "f-paper edge s-mark");
        c.text(
            l.x.1 + 8.0,
            middle + 4.5,
            "bold f-ink",
            Fix::Start,
            &percent(ridge.share),
        );
    }
    c.finish(l.y.1 + 22.0)
}

fn ridges(folder: &ResultFolder, actions: &[Action]) -> Result<Vec<Ridge>, ReportError> {
    let needs = ["day", "action", "probability"];
    let file = "action_by_day.csv";
    // Results of earlier versions have percentiles alone.
    let by_day: Vec<ByDay> = if folder.has(file) {
        folder.rows(file, &needs)?
    } else {
        Vec::new()
    };
    let mut out: Vec<Ridge> = actions
        .iter()
        .filter_map(|a| {
            let days = [a.day_p05?, a.day_p50?, a.day_p95?];
            let mut before = 0.0;
            let own = by_day.iter().filter(|r| r.action == a.action);
            let daily = own.map(|r| {
                let new = r.probability - before;
                before = r.probability;
                (r.day, new)
            });
            Some(Ridge {
                name: folder.facts().name("actions", &a.action).to_owned(),
                share: a.probability,
                days,
                daily: daily.collect(),
            })
        })
        .collect();
    out.sort_by(|a, b| a.days[1].total_cmp(&b.days[1]));
    Ok(out)
}

fn cells(a: &Action) -> Vec<String> {
    let mut row = vec![
        a.scenario.clone(),
        a.action.clone(),
        a.by.clone().unwrap_or_default(),
    ];
    row.extend([a.rounds.to_string(), a.count.to_string()]);
    row.extend([a.probability, a.ci_low, a.ci_high].map(float));
    row.extend([a.day_p05, a.day_p50, a.day_p95].map(|d| d.map_or(String::new(), float)));
    row
}

/// The picture, if there are actions.
pub(in crate::report) fn when(folder: &ResultFolder) -> Result<Option<Picture>, ReportError> {
    let actions: Vec<Action> = folder.rows("actions.csv", &NEEDS)?;
    if actions.is_empty() {
        return Ok(None);
    }
    let facts = folder.facts();
    let ridges = ridges(folder, &actions)?;
    let last = facts
        .days
        .parse()
        .unwrap_or_else(|_| ridges.iter().map(|r| r.days[2]).fold(1.0, f64::max));
    let parts: Vec<String> = ridges
        .iter()
        .map(|r| {
            let [a, b, c] = r.days.map(|d| date(&facts.start, d));
            format!(
                "{}: in {} of rounds, median {b}, nine in ten from {a} to {c}",
                r.name,
                percent(r.share)
            )
        })
        .collect();
    let never: Vec<String> = actions
        .iter()
        .filter(|a| a.count == 0)
        .map(|a| facts.name("actions", &a.action).to_owned())
        .collect();
    let never = if never.is_empty() {
        String::new()
    } else {
        format!(" In no round: {}.", listed(&never))
    };
    let daily = if folder.has("action_by_day.csv") {
        "The hill is how often it first happens on each day, as high as there is room: compare hills \
         by place, not by size (action_by_day.csv). "
    } else {
        ""
    };
    Ok(Some(Picture {
        name: "actions".to_owned(),
        title: "When each action happens".to_owned(),
        text: format!("{}.{never}", parts.join("; ")),
        caption: format!(
            "{daily}The thick line holds nine in ten of its days, the ring is the median, and the \
             number says in what share of rounds it happens at all.{never}"
        ),
        drawings: [Width::Wide, Width::Narrow].map(|w| draw(w, &facts.start, last, &ridges)),
        data: Data::new(
            Home::Kept("actions.csv"),
            &NEEDS,
            actions.iter().map(cells).collect(),
        ),
    }))
}
