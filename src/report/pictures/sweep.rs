//! Settings swept over: curves for one number, a heat map for two settings, dots for a cloud.

use std::collections::BTreeMap;

use super::heat::{Cell, heat};
use crate::report::canvas::{BOLD, Canvas, Drawing, Fix, SIZE, Width, between, through};
use crate::report::context::Context;
use crate::report::folder::{ReportError, ResultFolder};
use crate::report::lanes::axis;
use crate::report::picture::{Data, Home, Picture};
use crate::report::scale::{Scale, digits, round_up};
use crate::report::words::{percent, wrapped};

/// An outcome at a point.
struct Point {
    settings: Vec<String>,
    outcome: String,
    name: String,
    share: f64,
    interval: (f64, f64),
    cells: Vec<String>,
}

/// Columns that are no settings.
const FIXED: [&str; 9] = [
    "scenario",
    "point",
    "outcome",
    "name",
    "rounds",
    "count",
    "probability",
    "ci_low",
    "ci_high",
];

/// The header of a file, the columns of settings, and a point for each row.
type Points = (Vec<String>, Vec<String>, Vec<Point>);

fn points(folder: &ResultFolder) -> Result<Points, ReportError> {
    let file = "outcomes.csv";
    let header = folder.header(file)?;
    let rows: Vec<BTreeMap<String, String>> = folder.rows(file, &FIXED)?;
    let settings: Vec<String> = header
        .iter()
        .filter(|h| !FIXED.contains(&h.as_str()))
        .cloned()
        .collect();
    let mut out = Vec::new();
    for row in rows {
        let text = |key: &str| row.get(key).cloned().unwrap_or_default();
        let number = |key: &str| {
            text(key).parse::<f64>().map_err(|_| {
                ReportError::Unusable(format!(
                    "{}: point {}: `{key}` is `{}`, not a number",
                    folder.path.join(file).display(),
                    text("point"),
                    text(key)
                ))
            })
        };
        out.push(Point {
            settings: settings.iter().map(|s| text(s)).collect(),
            outcome: text("outcome"),
            name: text("name"),
            share: number("probability")?,
            interval: (number("ci_low")?, number("ci_high")?),
            cells: header.iter().map(|h| text(h)).collect(),
        });
    }
    Ok((header, settings, out))
}

/// One outcome over a setting.
struct Curve<'p> {
    name: &'p str,
    role: &'static str,
    /// By value.
    points: Vec<(f64, &'p Point)>,
}

fn draw(width: Width, curves: &[Curve<'_>], joined: bool) -> Drawing {
    let mut c = Canvas::new(width);
    let columns = if c.wide { 3 } else { 1 };
    let gap = 18.0;
    let cell = (c.width - gap * (columns - 1) as f64) / columns as f64;
    let (left, title, plot) = (44.0, 38.0, 130.0);
    let tall = title + plot + 30.0;
    let all = || curves.iter().flat_map(|c| &c.points);
    let top = round_up(all().map(|p| p.1.interval.1).fold(0.0, f64::max));
    let low = all().map(|p| p.0).fold(f64::INFINITY, f64::min);
    let high = all().map(|p| p.0).fold(f64::NEG_INFINITY, f64::max);
    for (i, curve) in curves.iter().enumerate() {
        let (x0, y0) = (
            (i % columns) as f64 * (cell + gap),
            (i / columns) as f64 * tall,
        );
        c.lines(
            x0,
            y0 + 17.0,
            "bold f-ink",
            Fix::Start,
            &wrapped(curve.name, cell / (SIZE * BOLD), 2),
        );
        let foot = y0 + title + plot;
        let x = Scale::new((low, high), (x0 + left, x0 + cell - 8.0));
        let y = Scale::new((0.0, top), (foot, y0 + title));
        let ticks = y.ticks(3);
        let d = digits(&ticks);
        for t in &ticks {
            c.line(
                (x0 + left, y.at(*t)),
                (x0 + cell - 8.0, y.at(*t)),
                "thin s-grid",
            );
            let text = format!("{:.*} %", d.saturating_sub(2), 100.0 * t);
            c.text(
                x0 + left - 5.0,
                y.at(*t) + 4.0,
                "small f-soft",
                Fix::End,
                &text,
            );
        }
        let places: Vec<f64> = curve.points.iter().map(|p| x.at(p.0)).collect();
        let at = |of: fn(&Point) -> f64| -> Vec<f64> {
            curve.points.iter().map(|p| y.at(of(p.1))).collect()
        };
        if joined {
            let band = between(&places, &at(|p| p.interval.0), &at(|p| p.interval.1));
            c.path(&band, &format!("half f-{}", curve.role));
            let line = through(places.iter().copied().zip(at(|p| p.share)));
            c.path(&line, &format!("line s-{}", curve.role));
        }
        for place in places.iter().copied().zip(at(|p| p.share)) {
            c.dot(
                place,
                if joined { 3.0 } else { 2.0 },
                &format!("f-{}", curve.role),
            );
        }
        c.line((x0 + left, foot), (x0 + cell - 8.0, foot), "thin s-axis");
        axis(&mut c, x, &x.ticks(4), (foot, foot + 4.0), |t, d| {
            format!("{t:.d$}")
        });
    }
    c.finish(curves.len().div_ceil(columns) as f64 * tall)
}

/// Outcomes in the order of the file.
fn outcomes(points: &[Point]) -> Vec<(&str, &str)> {
    let mut out: Vec<(&str, &str)> = Vec::new();
    for p in points {
        if !out.iter().any(|(id, _)| *id == p.outcome) {
            out.push((&p.outcome, &p.name));
        }
    }
    out
}

/// Values of a setting, in the order of the file, numbers by size.
fn values(points: &[Point], setting: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for p in points {
        if !out.contains(&p.settings[setting]) {
            out.push(p.settings[setting].clone());
        }
    }
    if out.iter().all(|v| v.parse::<f64>().is_ok()) {
        let number = |v: &String| v.parse().unwrap_or(0.0);
        out.sort_by(|a, b| f64::total_cmp(&number(a), &number(b)));
    }
    out
}

/// All pictures of `sweep`.
pub(in crate::report) fn sweep(
    folder: &ResultFolder,
    context: &Context,
) -> Result<Vec<Picture>, ReportError> {
    let (header, settings, points) = points(folder)?;
    if points.is_empty() || settings.is_empty() {
        return Ok(Vec::new());
    }
    let kinds = outcomes(&points);
    let data = |keep: &dyn Fn(&Point) -> bool, home: Home| {
        let names: Vec<&str> = header.iter().map(String::as_str).collect();
        let rows = points.iter().filter(|p| keep(p)).map(|p| p.cells.clone());
        Data::new(home, &names, rows.collect())
    };
    let all: Vec<Vec<String>> = (0..settings.len()).map(|k| values(&points, k)).collect();
    let grid = settings.len() == 2
        && all[0].len() * all[1].len() * kinds.len() == points.len()
        && all.iter().all(|v| v.len() <= 14);
    if grid {
        return Ok(kinds
            .iter()
            .map(|(id, name)| Picture {
                data: data(&|p| p.outcome == *id, Home::Written),
                ..plane(&points, &settings, &all, (*id, *name))
            })
            .collect());
    }
    let mut out = Vec::new();
    for (k, setting) in settings.iter().enumerate() {
        let numbers = all[k].iter().all(|v| v.parse::<f64>().is_ok());
        let title = folder.facts().guess(setting);
        let name = if settings.len() == 1 {
            "sweep".to_owned()
        } else {
            format!("sweep_{}", k + 1)
        };
        let drawings = if numbers {
            let curves: Vec<Curve<'_>> = kinds
                .iter()
                .map(|(id, name)| {
                    let own = points.iter().filter(|p| p.outcome == *id);
                    let mut own: Vec<(f64, &Point)> = own
                        .map(|p| (p.settings[k].parse().unwrap_or(0.0), p))
                        .collect();
                    own.sort_by(|a, b| a.0.total_cmp(&b.0));
                    Curve {
                        name,
                        role: context.outcome(id).0,
                        points: own,
                    }
                })
                .collect();
            [Width::Wide, Width::Narrow].map(|w| draw(w, &curves, settings.len() == 1))
        } else {
            let rows: Vec<String> = kinds.iter().map(|(_, name)| (*name).to_owned()).collect();
            let cells: Vec<Vec<Cell>> = kinds
                .iter()
                .map(|(id, _)| {
                    all[k]
                        .iter()
                        .map(|v| mean_cell(&points, k, v, id))
                        .collect()
                })
                .collect();
            [Width::Wide, Width::Narrow].map(|w| heat(w, &rows, &all[k], &cells, setting))
        };
        let ends = [all[k].first(), all[k].last()].map(|v| v.cloned().unwrap_or_default());
        let sentences: Vec<String> = kinds
            .iter()
            .map(|(id, name)| {
                let at = |v: &str| mean(&points, k, v, id);
                format!(
                    "{name}: {} at {}, {} at {}",
                    percent(at(&ends[0])),
                    ends[0],
                    percent(at(&ends[1])),
                    ends[1]
                )
            })
            .collect();
        out.push(Picture {
            name,
            title: format!("Outcomes over {setting}"),
            text: format!("{}.", sentences.join("; ")),
            caption: format!(
                "Share of rounds that ended so, over {title}. All points are played in the same \
                 rounds. Bands are intervals at 95 %{}.",
                if settings.len() == 1 {
                    ""
                } else {
                    "; other settings vary as well"
                }
            ),
            drawings,
            data: data(&|_| true, Home::Kept("outcomes.csv")),
        });
    }
    Ok(out)
}

/// The mean share of an outcome at a value of a setting.
fn mean(points: &[Point], setting: usize, value: &str, outcome: &str) -> f64 {
    let own = points
        .iter()
        .filter(|p| p.settings[setting] == value && p.outcome == outcome);
    let shares: Vec<f64> = own.map(|p| p.share).collect();
    shares.iter().sum::<f64>() / shares.len().max(1) as f64
}

fn mean_cell(points: &[Point], setting: usize, value: &str, outcome: &str) -> Cell {
    let share = mean(points, setting, value, outcome);
    Cell {
        text: percent(share),
        role: "mark",
        part: share,
    }
}

/// The heat map of one outcome over two settings.
fn plane(
    points: &[Point],
    settings: &[String],
    all: &[Vec<String>],
    (id, name): (&str, &str),
) -> Picture {
    let find = |a: &str, b: &str| {
        points
            .iter()
            .find(|p| p.outcome == id && p.settings[0] == a && p.settings[1] == b)
    };
    let own = || points.iter().filter(|p| p.outcome == id);
    let top = own().map(|p| p.share).fold(1e-9, f64::max);
    let cells: Vec<Vec<Cell>> = all[0]
        .iter()
        .map(|a| {
            all[1]
                .iter()
                .map(|b| {
                    let share = find(a, b).map_or(0.0, |p| p.share);
                    Cell {
                        text: percent(share),
                        role: "mark",
                        part: share / top,
                    }
                })
                .collect()
        })
        .collect();
    let last = |s: &str| s.rsplit('.').next().unwrap_or(s).to_owned();
    let rows: Vec<String> = all[0]
        .iter()
        .map(|v| format!("{} {v}", last(&settings[0])))
        .collect();
    let about = format!("{} →", settings[1]);
    let place = |p: &Point| {
        format!(
            "{} {} and {} {}",
            settings[0], p.settings[0], settings[1], p.settings[1]
        )
    };
    let ends = own()
        .max_by(|a, b| a.share.total_cmp(&b.share))
        .zip(own().min_by(|a, b| a.share.total_cmp(&b.share)));
    let text = ends.map_or(String::new(), |(most, least)| {
        format!(
            "{name}: most often, {}, at {}; least often, {}, at {}.",
            percent(most.share),
            place(most),
            percent(least.share),
            place(least)
        )
    });
    Picture {
        name: format!("sweep_{id}"),
        title: format!("{name}, over two settings"),
        text,
        caption: format!(
            "Share of rounds that ended so at each pair of values: {} downwards, {} across. The \
             strongest colour is the largest share of this picture.",
            settings[0], settings[1]
        ),
        drawings: [Width::Wide, Width::Narrow].map(|w| heat(w, &rows, &all[1], &cells, &about)),
        data: Data::new(Home::Written, &[], Vec::new()),
    }
}
