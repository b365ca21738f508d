//! Settings swept over: curves for one number, a heat map for two settings, dots for a cloud.

use super::both;
use super::heat::{Cell, heat};
use crate::report::canvas::{Canvas, Drawing, Fix, SIZE, Width, between, through};
use crate::report::context::Context;
use crate::report::facts::Facts;
use crate::report::folder::{ReportError, ResultFolder};
use crate::report::lanes::{MOST_LINES, in_percent};
use crate::report::panels::{Axis, panels};
use crate::report::picture::{Data, Home, Picture};
use crate::report::scale::round_up;
use crate::report::wrap::wrapped;
use crate::table::Row;
use crate::table::sweep::{ROUND, SweepOutcomeRow};
use crate::text::number::{decimal, percent};

/// An outcome at a point.
struct Point {
    settings: Vec<String>,
    row: SweepOutcomeRow,
    cells: Vec<String>,
}

/// The header of a file, the columns of settings, and a point for each row.
type Points = (Vec<String>, Vec<String>, Vec<Point>);

fn points(folder: &ResultFolder) -> Result<Points, ReportError> {
    let rows: Vec<SweepOutcomeRow> = folder.rows()?;
    let (header, texts) = folder.texts(SweepOutcomeRow::FILE)?;
    let fixed = SweepOutcomeRow::columns();
    let varied =
        |(_, name): &(usize, &String)| **name != ROUND && fixed.iter().all(|c| c.name != **name);
    let (places, settings): (Vec<usize>, Vec<String>) = header
        .iter()
        .enumerate()
        .filter(varied)
        .map(|(place, name)| (place, name.clone()))
        .unzip();
    let point = |(row, cells): (SweepOutcomeRow, Vec<String>)| Point {
        settings: places.iter().map(|p| cells[*p].clone()).collect(),
        row,
        cells,
    };
    let points = rows.into_iter().zip(texts).map(point).collect();
    Ok((header, settings, points))
}

/// One outcome over a setting.
struct Curve<'p> {
    name: &'p str,
    role: &'static str,
    /// By value.
    points: Vec<(f64, &'p Point)>,
}

fn draw(width: Width, curves: &[Curve<'_>], joined: bool, axis: &str) -> Drawing {
    let mut c = Canvas::new(width);
    let columns = if c.wide { 3 } else { 1 };
    let all = || curves.iter().flat_map(|c| &c.points);
    let low = all().map(|p| p.0).fold(f64::INFINITY, f64::min);
    let high = all().map(|p| p.0).fold(f64::NEG_INFINITY, f64::max);
    let names: Vec<&str> = curves.iter().map(|c| c.name).collect();
    let values = Axis {
        ends: (low, high),
        written: &decimal,
    };
    let shares = Axis {
        ends: (
            0.0,
            round_up(all().map(|p| p.1.row.ci_high).fold(0.0, f64::max)),
        ),
        written: &in_percent,
    };
    let height = panels(
        &mut c,
        0.0,
        columns,
        &names,
        &values,
        &shares,
        |c, i, x, y| {
            let Curve { role, points, .. } = &curves[i];
            let places: Vec<f64> = points.iter().map(|p| x.at(p.0)).collect();
            let at = |of: fn(&SweepOutcomeRow) -> f64| -> Vec<f64> {
                points.iter().map(|p| y.at(of(&p.1.row))).collect()
            };
            let middle = at(|r| r.probability);
            if joined {
                let band = between(&places, &at(|r| r.ci_low), &at(|r| r.ci_high));
                c.path(&band, &format!("half f-{role}"));
                let line = through(places.iter().copied().zip(middle.iter().copied()));
                c.path(&line, &format!("line s-{role}"));
            }
            let radius = if joined { 3.0 } else { 2.0 };
            for place in places.into_iter().zip(middle) {
                c.dot(place, radius, &format!("f-{role}"));
            }
        },
    );
    let lines = wrapped(
        &format!("Across: {axis}"),
        (c.width - 4.0) / SIZE,
        MOST_LINES,
    );
    let tall = lines.len() as f64 * (SIZE + 2.0);
    c.lines(2.0, height + tall / 2.0, "f-soft", Fix::Start, &lines);
    c.finish(height + tall + 6.0)
}

/// Outcomes in the order of the file.
fn outcomes(points: &[Point]) -> Vec<(&str, &str)> {
    let mut out: Vec<(&str, &str)> = Vec::new();
    for p in points {
        if !out.iter().any(|(id, _)| *id == p.row.outcome) {
            out.push((&p.row.outcome, &p.row.name));
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

/// The mean share of an outcome at the first and the last value of a setting, in words.
fn from_end_to_end(
    points: &[Point],
    setting: usize,
    values: &[String],
    (id, name): (&str, &str),
) -> String {
    let at = |value: Option<&String>| {
        let value = value.map_or("", String::as_str);
        format!("{} at {value}", percent(mean(points, setting, value, id)))
    };
    format!("{name}: {}, {}", at(values.first()), at(values.last()))
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
                data: data(&|p| p.row.outcome == *id, Home::Written),
                ..plane(&points, folder.facts(), &settings, &all, (*id, *name))
            })
            .collect());
    }
    let mut out = Vec::new();
    for (k, setting) in settings.iter().enumerate() {
        let numbers = all[k].iter().all(|v| v.parse::<f64>().is_ok());
        let title = folder.facts().called(setting);
        let name = if settings.len() == 1 {
            "sweep".to_owned()
        } else {
            format!("sweep_{}", k + 1)
        };
        let drawings = if numbers {
            let curves: Vec<Curve<'_>> = kinds
                .iter()
                .map(|(id, name)| {
                    let own = points.iter().filter(|p| p.row.outcome == *id);
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
            both(|w| {
                draw(
                    w,
                    &curves,
                    settings.len() == 1,
                    &folder.facts().axis(setting),
                )
            })
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
            both(|w| heat(w, &rows, &all[k], &cells, title))
        };
        let sentences: Vec<String> = kinds
            .iter()
            .map(|kind| from_end_to_end(&points, k, &all[k], *kind))
            .collect();
        out.push(Picture {
            name,
            title: format!("Outcomes over {title}"),
            text: format!("{}.", sentences.join("; ")),
            caption: format!(
                "Share of rounds that end with each outcome, over {title}. All points use the same rounds. \
                 Bands are 95 % intervals{}.",
                if settings.len() == 1 {
                    ""
                } else {
                    "; other settings vary too"
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
        .filter(|p| p.settings[setting] == value && p.row.outcome == outcome);
    let shares: Vec<f64> = own.map(|p| p.row.probability).collect();
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
    facts: &Facts,
    settings: &[String],
    all: &[Vec<String>],
    (id, name): (&str, &str),
) -> Picture {
    let find = |a: &str, b: &str| {
        points
            .iter()
            .find(|p| p.row.outcome == id && p.settings[0] == a && p.settings[1] == b)
    };
    let own = || points.iter().filter(|p| p.row.outcome == id);
    let top = own().map(|p| p.row.probability).fold(1e-9, f64::max);
    let cells: Vec<Vec<Cell>> = all[0]
        .iter()
        .map(|a| {
            all[1]
                .iter()
                .map(|b| {
                    let share = find(a, b).map_or(0.0, |p| p.row.probability);
                    Cell {
                        text: percent(share),
                        role: "mark",
                        part: share / top,
                    }
                })
                .collect()
        })
        .collect();
    let [down, across] = [0, 1].map(|k| facts.called(&settings[k]));
    let rows: Vec<String> = all[0].iter().map(|v| format!("{down} {v}")).collect();
    let about = format!("{across} →");
    let place = |p: &Point| format!("{down} {} and {across} {}", p.settings[0], p.settings[1]);
    let ends = own()
        .max_by(|a, b| a.row.probability.total_cmp(&b.row.probability))
        .zip(own().min_by(|a, b| a.row.probability.total_cmp(&b.row.probability)));
    let text = ends.map_or(String::new(), |(most, least)| {
        format!(
            "{name}: most often ({}) at {}; least often ({}) at {}.",
            percent(most.row.probability),
            place(most),
            percent(least.row.probability),
            place(least)
        )
    });
    Picture {
        name: format!("sweep_{id}"),
        title: format!("{name}, over {down} and {across}"),
        text,
        caption: format!(
            "Share of rounds that end with this outcome at each pair of values: downwards {}, across {}. The \
             strongest colour is the largest share in this picture.",
            facts.axis(&settings[0]),
            facts.axis(&settings[1])
        ),
        drawings: both(|w| heat(w, &rows, &all[1], &cells, &about)),
        data: Data::new(Home::Written, &[], Vec::new()),
    }
}
