//! How many rounds have their outcome by each day, and which: areas on top of each other.

use super::{both, date};
use crate::report::canvas::{Canvas, Drawing, Fix, SIZE, Width, between};
use crate::report::context::Context;
use crate::report::folder::{ReportError, ResultFolder};
use crate::report::lanes::{Key, MOST_LINES, axis, in_percent, legend};
use crate::report::picture::{Data, Picture};
use crate::report::scale::Scale;
use crate::report::wrap::wrapped;
use crate::scenario::model::Clock;
use crate::scenario::visible::visible_path;
use crate::table::run::OutcomeByDayRow;
use crate::text::number::{list, percent};

/// One outcome over the days.
struct Band {
    name: String,
    role: &'static str,
    pattern: usize,
    shares: Vec<f64>,
}

fn draw(width: Width, days: &[f64], clock: &Clock, bands: &[Band]) -> Drawing {
    let mut c = Canvas::new(width);
    let keys = || {
        bands.iter().rev().map(|b| Key {
            role: b.role,
            pattern: b.pattern,
            label: b.name.clone(),
        })
    };
    let top = if c.wide {
        8.0
    } else {
        legend(&mut c, &keys().collect::<Vec<_>>(), 4.0)
    };
    let (height, right) = if c.wide { (300.0, 225.0) } else { (230.0, 8.0) };
    let bottom = top + height;
    let x = Scale::new((days[0], days[days.len() - 1]), (48.0, c.width - right));
    let y = Scale::new((0.0, 1.0), (bottom, top));
    for t in [0.0, 0.25, 0.5, 0.75, 1.0] {
        c.line((48.0, y.at(t)), (c.width - right, y.at(t)), "thin s-grid");
        c.text(
            42.0,
            y.at(t) + 4.0,
            "small f-soft",
            Fix::End,
            &in_percent(t, 0),
        );
    }
    let places: Vec<f64> = days.iter().map(|d| x.at(*d)).collect();
    let mut below = vec![0.0; days.len()];
    let mut marks: Vec<(f64, usize)> = Vec::new();
    for (i, band) in bands.iter().enumerate() {
        let above: Vec<f64> = below.iter().zip(&band.shares).map(|(a, b)| a + b).collect();
        let at = |v: &[f64]| v.iter().map(|s| y.at(*s)).collect::<Vec<f64>>();
        let shape = between(&places, &at(&below), &at(&above));
        c.area(&shape, band.role, band.pattern);
        c.path(&shape, "thin s-paper");
        marks.push((
            y.at(f64::midpoint(below[days.len() - 1], above[days.len() - 1])),
            i,
        ));
        below = above;
    }
    let ticks = x.ticks(if c.wide { 7 } else { 4 });
    axis(&mut c, x, &ticks, (bottom, bottom + 4.0), |d, _| {
        date(clock, d)
    });
    if c.wide {
        let x = c.width - right;
        name_bands(&mut c, marks, bands, (top, bottom), x);
    }
    c.finish(bottom + 24.0)
}

/// Names of bands at their right ends, moved apart where they would run into each other.
fn name_bands(
    c: &mut Canvas,
    mut marks: Vec<(f64, usize)>,
    bands: &[Band],
    (top, bottom): (f64, f64),
    x: f64,
) {
    marks.sort_by(|a, b| a.0.total_cmp(&b.0));
    let room = (c.width - x - 34.0) / SIZE;
    let lines: Vec<Vec<String>> = marks
        .iter()
        .map(|(_, i)| {
            let b = &bands[*i];
            let last = b.shares.last().copied().unwrap_or_default();
            wrapped(&format!("{}, {}", b.name, percent(last)), room, MOST_LINES)
        })
        .collect();
    let heights: Vec<f64> = lines
        .iter()
        .map(|l| l.len() as f64 * (SIZE + 2.0) + 4.0)
        .collect();
    let mut places: Vec<f64> = Vec::new();
    let mut free = top - 4.0;
    for ((y, _), h) in marks.iter().zip(&heights) {
        places.push((y - h / 2.0).max(free));
        free = places[places.len() - 1] + h;
    }
    let mut limit = bottom + 12.0;
    for (place, h) in places.iter_mut().zip(&heights).rev() {
        *place = place.min(limit - h);
        limit = *place;
    }
    for (((y, i), (place, h)), lines) in marks.iter().zip(places.iter().zip(&heights)).zip(&lines) {
        let b = &bands[*i];
        let middle = place + h / 2.0;
        c.line((x + 2.0, *y), (x + 12.0, middle), "thin s-axis");
        c.bar((x + 13.0, middle - 6.0), (12.0, 12.0), b.role, b.pattern);
        c.lines(x + 30.0, middle, "f-ink", Fix::Start, lines);
    }
}

/// The picture.
pub(in crate::report) fn by_day(
    folder: &ResultFolder,
    context: &Context,
) -> Result<Picture, ReportError> {
    let rows: Vec<OutcomeByDayRow> = folder.rows()?;
    let scenario = &folder.facts().scenario;
    let mut days: Vec<f64> = Vec::new();
    for row in &rows {
        if days.last() != Some(&row.day) {
            days.push(row.day);
        }
    }
    let bands: Vec<Band> = scenario
        .outcomes
        .iter()
        .map(|o| {
            let (role, pattern) = context.outcome(&o.id);
            let own = rows.iter().filter(|r| r.outcome == o.id);
            Band {
                name: o.name.clone(),
                role,
                pattern,
                shares: own.map(|r| r.probability).collect(),
            }
        })
        .collect();
    if days.is_empty() || bands.iter().any(|b| b.shares.len() != days.len()) {
        return Err(ReportError::Unusable(format!(
            "{}: does not have exactly one row for each day and outcome",
            visible_path(&folder.path.join("outcome_by_day.csv"))
        )));
    }
    let last = days.len() - 1;
    let open = |d: usize| 1.0 - bands.iter().map(|b| b.shares[d]).sum::<f64>();
    let state = |d: usize| {
        let parts: Vec<String> = bands
            .iter()
            .filter(|b| b.shares[d] > 0.0)
            .map(|b| format!("{} {}", b.name, percent(b.shares[d])))
            .chain((open(d) > 1e-9).then(|| format!("still undecided {}", percent(open(d)))))
            .collect();
        format!("by {}: {}", date(&scenario.clock, days[d]), list(&parts))
    };
    let mut moments = [last / 4, last / 2, 3 * last / 4, last].to_vec();
    moments.dedup();
    let parts: Vec<String> = moments.into_iter().map(state).collect();
    Ok(Picture {
        name: "outcomes_by_day".to_owned(),
        title: "Outcomes reached by each day".to_owned(),
        text: format!("Share of rounds that have their outcome {}.", parts.join("; ")),
        caption:
            "Share of simulated rounds in which each outcome has been noted by each day. The empty part above the \
                  areas is still undecided. Outcomes that are read at the horizon occur on the last day."
                .to_owned(),
        drawings: both(|w| draw(w, &days, &scenario.clock, &bands)),
        data: Data::kept(
            &["scenario", "day", "date", "outcome", "probability"],
            &rows,
        ),
    })
}
