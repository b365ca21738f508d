//! The answer as each report arrives: steps over dates, with the reports as ticks that have numbers.

use jiff::civil::{DateTime, Time};

use super::{both, date};
use crate::analysis::weighing::FEW;
use crate::report::canvas::{Canvas, Drawing, Fix, SIZE, Width, between, through};
use crate::report::context::Context;
use crate::report::folder::{ReportError, ResultFolder};
use crate::report::lanes::{Key, MOST_LINES, axis, in_percent, legend};
use crate::report::palette;
use crate::report::picture::{Data, Picture};
use crate::report::scale::Scale;
use crate::report::wrap::wrapped;
use crate::scenario::evidence::known_by;
use crate::scenario::model::{Clock, Outcome};
use crate::table::arrivals::{ArrivalRow, WeightArrivalRow};
use crate::table::weighing::ReadingRow;
use crate::text::number::{effective, percent};

/// The share below which an outcome is left out if it never exceeds it.
const LEAST: f64 = 0.01;
/// Room for the numbers of the vertical axis.
const LEFT: f64 = 48.0;
/// The height of a row of numbers of reports.
const ROW: f64 = 15.0;

/// A share with its interval, where they are known.
type Step = (Option<f64>, Option<(f64, f64)>);

/// A share after each report, the first before any.
struct Series {
    name: String,
    role: &'static str,
    pattern: usize,
    steps: Vec<Step>,
}

/// A report that arrived.
struct Arrival {
    /// Days from the start.
    day: f64,
    /// When it became known, and what it says.
    text: String,
}

impl Arrival {
    fn new(clock: &Clock, name: Option<&str>, known: DateTime) -> Self {
        let start = clock.start.to_datetime(Time::midnight());
        Self {
            day: known.duration_since(start).as_secs() as f64 / 86_400.0,
            text: format!("{}: {}", known_by(known), name.unwrap_or_default()),
        }
    }
}

/// Reports of one moment share a tick: its day, and the numbers of the first and the last.
fn ticks(arrivals: &[Arrival]) -> Vec<(f64, String)> {
    let mut out = Vec::new();
    let mut number = 1;
    for same in arrivals.chunk_by(|a, b| a.day == b.day) {
        let last = number + same.len() - 1;
        let label = match same.len() {
            1 => format!("{number}"),
            2 => format!("{number}, {last}"),
            _ => format!("{number} to {last}"),
        };
        out.push((same[0].day, label));
        number = last + 1;
    }
    out
}

/// The row of each label, so that none runs into another, and the number of rows.
fn rows(x: Scale, ticks: &[(f64, String)]) -> (Vec<usize>, usize) {
    let mut free: Vec<f64> = Vec::new();
    let place = |(day, label): &(f64, String)| {
        let half = Canvas::room(label) / 2.0;
        let at = x.at(*day);
        let row = free.iter().position(|f| *f <= at - half);
        let row = row.unwrap_or_else(|| {
            free.push(0.0);
            free.len() - 1
        });
        free[row] = at + half + 5.0;
        row
    };
    let rows: Vec<usize> = ticks.iter().map(place).collect();
    let most = rows.iter().max().map_or(0, |row| row + 1);
    (rows, most)
}

fn draw(width: Width, clock: &Clock, series: &[Series], arrivals: &[Arrival]) -> Drawing {
    let mut c = Canvas::new(width);
    let keys = series.iter().map(|s| Key {
        role: s.role,
        pattern: s.pattern,
        label: s.name.clone(),
    });
    let below_legend = legend(&mut c, &keys.collect::<Vec<_>>(), 4.0);
    let first = arrivals.first().map_or(0.0, |a| a.day.min(0.0));
    let last = arrivals.last().map_or(1.0, |a| a.day);
    // The last step is as visible as others.
    let end = last + (0.08 * (last - first)).max(0.25);
    let right = c.width - 10.0;
    let x = Scale::new((first, end), (LEFT, right));
    let ticks = ticks(arrivals);
    let (rows, most) = rows(x, &ticks);
    let top = below_legend + most as f64 * ROW + 4.0;
    let bottom = top + if c.wide { 240.0 } else { 200.0 };
    let y = Scale::new((0.0, 1.0), (bottom, top));
    for t in [0.0, 0.25, 0.5, 0.75, 1.0] {
        c.line((LEFT, y.at(t)), (right, y.at(t)), "thin s-grid");
        let text = in_percent(t, 0);
        c.text(LEFT - 6.0, y.at(t) + 4.0, "small f-soft", Fix::End, &text);
    }
    for ((day, label), row) in ticks.iter().zip(rows) {
        let at = x.at(*day);
        let base = below_legend + row as f64 * ROW + 11.0;
        c.text(at, base, "small f-ink", Fix::Middle, label);
        c.line((at, base + 3.0), (at, bottom), "thin dash s-axis");
    }
    // From the start to the first report, from each to the next, and from the last to the end.
    let days = arrivals.iter().map(|a| x.at(a.day));
    let ends: Vec<f64> = std::iter::once(LEFT).chain(days).chain([right]).collect();
    for s in series {
        let mut line = Vec::new();
        for ((share, interval), ends) in s.steps.iter().zip(ends.windows(2)) {
            if let Some((low, high)) = interval
                && ends[1] > ends[0]
            {
                let [low, high] = [low, high].map(|end| [y.at(*end); 2]);
                let band = between(ends, &low, &high);
                c.path(&band, &format!("pale f-{}", s.role));
            }
            line.extend(
                share
                    .map(|p| ends.iter().map(move |at| (*at, y.at(p))))
                    .into_iter()
                    .flatten(),
            );
        }
        c.path(&through(line), &format!("line s-{}", s.role));
    }
    let marks = x.ticks(if c.wide { 7 } else { 4 });
    axis(&mut c, x, &marks, (bottom, bottom + 4.0), |d, _| {
        date(clock, d)
    });
    let height = named(&mut c, arrivals, bottom + 34.0);
    c.finish(height)
}

/// What the numbers stand for; returns the place below.
fn named(c: &mut Canvas, arrivals: &[Arrival], top: f64) -> f64 {
    let columns: usize = if c.wide { 2 } else { 1 };
    let wide = c.width / columns as f64;
    let room = (wide - 34.0) / SIZE;
    let each = arrivals.len().div_ceil(columns).max(1);
    let mut lowest = top;
    for (i, column) in arrivals.chunks(each).enumerate() {
        let left = wide * i as f64;
        let mut y = top;
        for (k, arrival) in column.iter().enumerate() {
            let lines = wrapped(&arrival.text, room, MOST_LINES);
            let number = format!("{}", i * each + k + 1);
            c.text(left + 20.0, y + SIZE, "small bold f-ink", Fix::End, &number);
            let height = lines.len() as f64 * (SIZE + 2.0);
            c.lines(
                left + 26.0,
                y + height / 2.0 + 1.0,
                "f-ink",
                Fix::Start,
                &lines,
            );
            y += height + 4.0;
        }
        lowest = lowest.max(y);
    }
    lowest + 4.0
}

/// What each series was before any report, and is after the last.
fn sentences(series: &[Series]) -> String {
    let shown = |p: Option<f64>| p.map_or("undefined".to_owned(), percent);
    let sentence = |s: &Series| {
        let [first, last] = [s.steps.first(), s.steps.last()].map(|step| step.and_then(|s| s.0));
        format!(
            "{}: {} before any report, {} after the last",
            s.name,
            shown(first),
            shown(last)
        )
    };
    series.iter().map(sentence).collect::<Vec<_>>().join("; ")
}

/// Reports in the order in which they became known, of rows of which so many belong to each.
fn arrivals<'r>(
    clock: &Clock,
    each: impl Iterator<Item = (&'r Option<String>, Option<DateTime>)>,
) -> Vec<Arrival> {
    each.filter_map(|(name, known)| Some(Arrival::new(clock, name.as_deref(), known?)))
        .collect()
}

/// The shares of outcomes of a run, as reports arrive; none where that is not known.
pub(in crate::report) fn outcomes(
    folder: &ResultFolder,
    context: &Context,
) -> Result<Option<Picture>, ReportError> {
    let rows: Vec<ArrivalRow> = folder.rows_if_any()?;
    let scenario = &folder.facts().scenario;
    let n = scenario.outcomes.len();
    if rows.len() <= n || !rows.len().is_multiple_of(n) {
        return Ok(None);
    }
    let of = |(j, o): (usize, &Outcome)| {
        let (role, pattern) = context.outcome(&o.id);
        let own = rows.iter().skip(j).step_by(n);
        Series {
            name: o.name.clone(),
            role,
            pattern,
            steps: own
                .map(|r| (r.probability, r.ci_low.zip(r.ci_high)))
                .collect(),
        }
    };
    let mut series: Vec<Series> = scenario.outcomes.iter().enumerate().map(of).collect();
    let reaches = |s: &Series| s.steps.iter().any(|(p, _)| p.is_some_and(|p| p >= LEAST));
    series.retain(reaches);
    let mut notes = String::new();
    if series.len() < n {
        notes.push_str(" Outcomes that never reach 1 % are not drawn.");
    }
    let least = rows[rows.len() - n..].iter().map(|r| r.effective_rounds);
    let least = least.fold(f64::INFINITY, f64::min);
    if least < FEW {
        notes = format!(
            "{notes} After the last report {} effective rounds are left: do not rely on the intervals there.",
            effective(least)
        );
    }
    let known = arrivals(
        &scenario.clock,
        rows.iter().step_by(n).map(|r| (&r.name, r.known)),
    );
    let columns = [
        "arrived",
        "observation",
        "known",
        "outcome",
        "probability",
        "ci_low",
        "ci_high",
        "effective_rounds",
        "change",
        "change_low",
        "change_high",
        "distinguishable",
    ];
    Ok(Some(Picture {
        name: "arrivals".to_owned(),
        title: "The answer as each report arrives".to_owned(),
        text: format!("{}.{notes}", sentences(&series)),
        caption: format!(
            "Share of each outcome given the reports that were known by then, with its 95 % interval as a band; numbers mark \
             when reports became known. The same rounds are weighted after each report.{notes}"
        ),
        drawings: both(|w| draw(w, &scenario.clock, &series, &known)),
        data: Data::kept(&columns, &rows),
    }))
}

/// The weights of readings, as reports arrive.
pub(in crate::report) fn readings(
    folder: &ResultFolder,
    readings: &[ReadingRow],
) -> Result<Option<Picture>, ReportError> {
    let rows: Vec<WeightArrivalRow> = folder.rows_if_any()?;
    let n = readings.len();
    if n == 0 || rows.len() <= n || !rows.len().is_multiple_of(n) {
        return Ok(None);
    }
    let clock = &folder.facts().scenario.clock;
    let of = |(i, reading): (usize, &ReadingRow)| {
        let own = rows.iter().skip(i).step_by(n);
        let ends = |r: &WeightArrivalRow| r.posterior_low.finite().zip(r.posterior_high.finite());
        Series {
            name: reading.title.clone(),
            role: palette::outcome(i),
            pattern: i,
            steps: own.map(|r| (r.posterior.finite(), ends(r))).collect(),
        }
    };
    let series: Vec<Series> = readings.iter().enumerate().map(of).collect();
    let known = arrivals(clock, rows.iter().step_by(n).map(|r| (&r.name, r.known)));
    let columns = [
        "arrived",
        "observation",
        "known",
        "scenario",
        "posterior",
        "posterior_low",
        "posterior_high",
        "effective_rounds",
        "change",
        "change_low",
        "change_high",
        "distinguishable",
    ];
    Ok(Some(Picture {
        name: "arrivals".to_owned(),
        title: "The weights as each report arrives".to_owned(),
        text: format!("{}.", sentences(&series)),
        caption: "Weight of each reading given the reports that were known by then, with its 95 % interval as a band; \
                  numbers mark when reports became known. It compares these written readings with each other and with \
                  nothing else."
            .to_owned(),
        drawings: both(|w| draw(w, clock, &series, &known)),
        data: Data::kept(&columns, &rows),
    }))
}
