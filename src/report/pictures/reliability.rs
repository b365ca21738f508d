//! Reliability diagrams: how often what was forecast happened.

use super::both;
use crate::report::canvas::{Canvas, Drawing, Width, between, through};
use crate::report::folder::{ReportError, ResultFolder};
use crate::report::lanes::in_percent;
use crate::report::panels::{Axis, panels};
use crate::report::picture::{Data, Picture};
use crate::table::score::{ReliabilityRow, ScoreRow};
use crate::text::number::{decimal, percent};

/// Columns of the data.
const COLUMNS: [&str; 7] = [
    "forecaster",
    "horizon",
    "probability",
    "weight",
    "recalibrated",
    "band_low",
    "band_high",
];
/// Most forecasters that are drawn.
const MOST: usize = 12;

/// The curve of one forecaster at one horizon.
struct Curve<'r> {
    name: String,
    rows: Vec<&'r ReliabilityRow>,
}

fn curves(rows: &[ReliabilityRow]) -> Vec<Curve<'_>> {
    let own = |a: &ReliabilityRow, b: &ReliabilityRow| {
        (&a.forecaster, &a.horizon) == (&b.forecaster, &b.horizon)
    };
    rows.chunk_by(own)
        .take(MOST)
        .map(|rows| {
            let names = [rows[0].forecaster.as_str(), rows[0].horizon.as_str()];
            let names: Vec<&str> = names.into_iter().filter(|n| !n.is_empty()).collect();
            Curve {
                name: if names.is_empty() {
                    "All forecasts".to_owned()
                } else {
                    names.join(", ")
                },
                rows: rows.iter().collect(),
            }
        })
        .collect()
}

fn draw(width: Width, curves: &[Curve<'_>]) -> Drawing {
    let mut c = Canvas::new(width);
    let columns = match (c.wide, curves.len()) {
        (true, 1 | 2 | 4) => 2,
        (true, _) => 3,
        (false, _) => 1,
    };
    let names: Vec<&str> = curves.iter().map(|k| k.name.as_str()).collect();
    let axis = Axis {
        ends: (0.0, 1.0),
        written: &in_percent,
    };
    let foot = panels(&mut c, 0.0, columns, &names, &axis, &axis, |c, i, x, y| {
        let rows = &curves[i].rows;
        let column =
            |of: fn(&ReliabilityRow) -> f64| -> Vec<f64> { rows.iter().map(|r| of(r)).collect() };
        let places: Vec<f64> = rows.iter().map(|r| x.at(r.probability)).collect();
        let high = |of: fn(&ReliabilityRow) -> f64| -> Vec<f64> {
            column(of).into_iter().map(|v| y.at(v)).collect()
        };
        let band = between(&places, &high(|r| r.band_low), &high(|r| r.band_high));
        c.path(&band, "pale f-mark");
        c.line(
            (x.at(0.0), y.at(0.0)),
            (x.at(1.0), y.at(1.0)),
            "thin s-axis",
        );
        let points = rows
            .iter()
            .map(|r| (x.at(r.probability), y.at(r.recalibrated)));
        c.path(&through(points.clone()), "line s-mark");
        // A dot as large as the share of forecasts.
        let all: f64 = rows.iter().map(|r| r.weight).sum();
        for (point, row) in points.zip(rows) {
            c.dot(
                point,
                1.5 + 8.0 * (row.weight / all).sqrt().min(0.5),
                "f-mark",
            );
        }
    });
    c.finish(foot + 8.0)
}

/// The picture, if the forecasts are of an event.
pub(in crate::report) fn reliability(
    folder: &ResultFolder,
) -> Result<Option<Picture>, ReportError> {
    let rows: Vec<ReliabilityRow> = folder.rows()?;
    let scores: Vec<ScoreRow> = folder.rows()?;
    let curves = curves(&rows);
    if curves.is_empty() {
        return Ok(None);
    }
    let score = |k: &Curve<'_>, metric: &str| {
        let first = k.rows[0];
        scores.iter().find(|r| {
            (&r.forecaster, &r.horizon) == (&first.forecaster, &first.horizon)
                && r.group.is_empty()
                && r.metric == metric
        })
    };
    let sentence = |k: &Curve<'_>| {
        let (low, high) = (k.rows[0], k.rows[k.rows.len() - 1]);
        let mcb = score(k, "brier_miscalibration");
        let number = |r: Option<&ScoreRow>| {
            r.and_then(|r| r.value)
                .map_or("undefined".to_owned(), |v| decimal(v, 4))
        };
        let p = mcb.and_then(|r| r.p);
        format!(
            "{}: what was forecast with {} happened in {}, what was forecast with {} in {}; Brier {}, of which \
             miscalibration {} (p {})",
            k.name,
            percent(low.probability),
            percent(low.recalibrated),
            percent(high.probability),
            percent(high.recalibrated),
            number(score(k, "brier")),
            number(mcb),
            p.map_or("undefined".to_owned(), |p| decimal(p, 3)),
        )
    };
    let sentences: Vec<String> = curves.iter().map(sentence).collect();
    Ok(Some(Picture {
        name: "reliability".to_owned(),
        title: "How often what was forecast happened".to_owned(),
        text: format!("{}.", sentences.join("; ")),
        caption: "Across: the probability that was forecast. Up: how often the event happened, by isotonic \
                  regression. Calibrated forecasts lie on the diagonal, and of them nine in ten points inside the \
                  shaded band; larger dots stand for more forecasts."
            .to_owned(),
        drawings: both(|w| draw(w, &curves)),
        data: Data::kept(&COLUMNS, &rows),
    }))
}
