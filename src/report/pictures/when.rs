//! When each action happens: one ridge for each, in the order of their middle days.

use super::{both, date};
use crate::report::canvas::{Canvas, Drawing, Fix, Width, between};
use crate::report::folder::{ReportError, ResultFolder};
use crate::report::lanes::{axis, lanes};
use crate::report::picture::{Data, Picture};
use crate::report::scale::Scale;
use crate::scenario::model::Clock;
use crate::table::run::{ActionByDayRow, ActionRow};
use crate::text::number::{list, percent};

/// One action that happened.
struct Ridge {
    name: String,
    share: f64,
    days: [f64; 3],
    /// Day, and share of rounds in which it first happened since the day before.
    daily: Vec<(f64, f64)>,
}

fn draw(width: Width, clock: &Clock, ridges: &[Ridge]) -> Drawing {
    let mut c = Canvas::new(width);
    let labels: Vec<String> = ridges.iter().map(|r| r.name.clone()).collect();
    let l = lanes(&mut c, &labels, 6.0, 26.0, 76.0);
    let scale = Scale::new((0.0, clock.days as f64), (l.x.0 + 6.0, l.x.1));
    let ticks = scale.ticks(if c.wide { 6 } else { 4 });
    axis(&mut c, scale, &ticks, l.y, |d, _| date(clock, d));
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

fn ridges(folder: &ResultFolder, actions: &[ActionRow]) -> Result<Vec<Ridge>, ReportError> {
    let by_day: Vec<ActionByDayRow> = folder.rows()?;
    let ridge = |a: &ActionRow| {
        let days = [a.day_p05?, a.day_p50?, a.day_p95?];
        let mut before = 0.0;
        let own = by_day.iter().filter(|r| r.action == a.action);
        let daily = own.map(|r| {
            let new = r.probability - before;
            before = r.probability;
            (r.day, new)
        });
        Some(Ridge {
            name: folder.facts().action(&a.action).to_owned(),
            share: a.probability,
            days,
            daily: daily.collect(),
        })
    };
    let mut out: Vec<Ridge> = actions.iter().filter_map(ridge).collect();
    out.sort_by(|a, b| a.days[1].total_cmp(&b.days[1]));
    Ok(out)
}

/// The picture, if there are actions.
pub(in crate::report) fn when(folder: &ResultFolder) -> Result<Option<Picture>, ReportError> {
    let actions: Vec<ActionRow> = folder.rows()?;
    if actions.is_empty() {
        return Ok(None);
    }
    let facts = folder.facts();
    let clock = &facts.scenario.clock;
    let ridges = ridges(folder, &actions)?;
    let sentence = |r: &Ridge| {
        let [a, b, c] = r.days.map(|d| date(clock, d));
        format!(
            "{}: in {} of rounds, median {b}, nine in ten from {a} to {c}",
            r.name,
            percent(r.share)
        )
    };
    let sentences: Vec<String> = ridges.iter().map(sentence).collect();
    let never = actions.iter().filter(|a| a.count == 0);
    let never: Vec<&str> = never.map(|a| facts.action(&a.action)).collect();
    let never = if never.is_empty() {
        String::new()
    } else {
        format!(" In no round: {}.", list(&never))
    };
    let columns = [
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
    Ok(Some(Picture {
        name: "actions".to_owned(),
        title: "When each action happens".to_owned(),
        text: format!("{}.{never}", sentences.join("; ")),
        caption: format!(
            "The curve shows how often the action first happens on each day, scaled to the height of its row: \
             compare curves by position, not by size (action_by_day.csv). The thick line spans nine tenths of \
             its days, the ring is the median, and the number is the share of rounds in which it happens at \
             all.{never}"
        ),
        drawings: both(|w| draw(w, clock, &ridges)),
        data: Data::kept(&columns, &actions),
    }))
}
