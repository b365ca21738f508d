//! Bars with intervals: outcomes, flags, posteriors.

use super::{both, estimate};
use crate::analysis::interval::Share;
use crate::report::canvas::{Canvas, Drawing, Fix, Width};
use crate::report::context::Context;
use crate::report::folder::{ReportError, ResultFolder};
use crate::report::lanes::{axis, in_percent, lanes, whisker};
use crate::report::picture::{Data, Home, Picture};
use crate::report::scale::{Scale, round_up};
use crate::table::run::{FlagRow, OutcomeRow};
use crate::table::variance::VarianceRow;
use crate::text::number::{count, decimal, interval, letter, list, percent, range, share};

/// How strong the range across guesses is drawn.
const PALE: f64 = 0.3;

/// One bar.
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) value: f64,
    pub(super) interval: Option<(f64, f64)>,
    /// Its number, and its interval.
    pub(super) texts: [String; 2],
    pub(super) role: &'static str,
    pub(super) pattern: usize,
}

impl Bar {
    /// The bar of a share.
    pub(super) fn share(
        label: String,
        value: f64,
        ends: Option<(f64, f64)>,
        (role, pattern): (&'static str, usize),
    ) -> Self {
        let texts = match ends {
            Some((low, high)) => {
                let estimate = Share {
                    probability: value,
                    low,
                    high,
                };
                [share(estimate), interval(estimate)]
            }
            None => [percent(value), String::new()],
        };
        Self {
            label,
            value,
            interval: ends,
            texts,
            role,
            pattern,
        }
    }
}

/// Bars from 0, each with its number beside it; `tick` writes the numbers of the axis.
pub(super) fn bars(width: Width, bars: &[Bar], tick: fn(f64, usize) -> String) -> Drawing {
    let mut c = Canvas::new(width);
    let labels: Vec<String> = bars.iter().map(|b| b.label.clone()).collect();
    let room = if c.wide { 132.0 } else { 74.0 };
    let l = lanes(&mut c, &labels, 4.0, 20.0, room);
    let reach = |b: &Bar| b.interval.map_or(b.value, |i| i.1.max(b.value));
    let top = round_up(bars.iter().map(reach).fold(0.0, f64::max));
    let scale = Scale::new((0.0, top), l.x);
    axis(&mut c, scale, &scale.ticks(5), l.y, tick);
    for (b, y) in bars.iter().zip(&l.middle) {
        c.bar(
            (l.x.0, y - 9.0),
            (scale.at(b.value) - l.x.0, 18.0),
            b.role,
            b.pattern,
        );
        if let Some(interval) = b.interval {
            whisker(&mut c, scale, *y, interval, "ink");
        }
        let [value, ends] = &b.texts;
        let x = scale.at(reach(b)) + 8.0;
        c.text(x, y + 4.5, "bold f-ink", Fix::Start, value);
        let x = x + Canvas::bold_room(value) + 7.0;
        if c.wide && x + Canvas::room(ends) * 0.89 < c.width {
            c.text(x, y + 4.5, "small f-soft", Fix::Start, ends);
        }
    }
    c.line((l.x.0, l.y.0), (l.x.0, l.y.1), "thin s-axis");
    c.finish(l.y.1 + 22.0)
}

/// The outcomes of folders, those with the greatest share in any of them first.
fn by_share(
    folders: &[(usize, &ResultFolder)],
    context: &Context,
) -> Result<Vec<(usize, OutcomeRow)>, ReportError> {
    let mut all: Vec<(usize, OutcomeRow)> = Vec::new();
    for (i, folder) in folders {
        let rows: Vec<OutcomeRow> = folder.rows()?;
        all.extend(rows.into_iter().map(|r| (*i, r)));
    }
    // By the greatest share that any of the folders has.
    let most = |id: &str| {
        let own = all.iter().filter(|(_, r)| r.outcome == id);
        own.map(|(_, r)| r.probability).fold(0.0, f64::max)
    };
    let mut order: Vec<(f64, usize)> = all
        .iter()
        .map(|(_, r)| (most(&r.outcome), context.outcome(&r.outcome).1))
        .collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    all.sort_by_key(|(i, r)| {
        let place = context.outcome(&r.outcome).1;
        (order.iter().position(|(_, p)| *p == place), *i)
    });
    Ok(all)
}

/// How often each outcome occurred: in one folder, or in several with a bar for each.
pub(in crate::report) fn outcomes(
    folders: &[(usize, &ResultFolder)],
    context: &Context,
) -> Result<Picture, ReportError> {
    let all = by_share(folders, context)?;
    let several = folders.len() > 1;
    let label = |(i, r): &(usize, OutcomeRow)| {
        if several {
            format!("{} · {}", letter(*i), r.name)
        } else {
            r.name.clone()
        }
    };
    let ranged = all
        .iter()
        .any(|(_, r)| r.guesses().is_some() || r.forms().is_some());
    let bar = |one: &(usize, OutcomeRow)| {
        let r = &one.1;
        let ends = Some((r.ci_low, r.ci_high));
        Bar::share(label(one), r.probability, ends, context.outcome(&r.outcome))
    };
    let list: Vec<Bar> = all.iter().map(bar).collect();
    let part = |(i, folder): &(usize, &ResultFolder)| {
        let own = all.iter().filter(|(k, _)| k == i).map(|(_, r)| {
            let ends = Some((r.ci_low, r.ci_high));
            match ranges(r) {
                moves if moves.is_empty() => {
                    format!("{} {}", r.name, estimate(r.probability, ends))
                }
                moves => format!("{} {} ({moves})", r.name, percent(r.probability)),
            }
        });
        let own = own.collect::<Vec<_>>().join("; ");
        let rounds = count(folder.rounds);
        if several {
            format!("{} ({rounds} rounds): {own}.", context.titles[*i])
        } else {
            format!("Of {rounds} rounds: {own}.")
        }
    };
    let parts: Vec<String> = folders.iter().map(part).collect();
    let columns = [
        "scenario",
        "outcome",
        "name",
        "rounds",
        "count",
        "probability",
        "ci_low",
        "ci_high",
        "guesses_low",
        "guesses_high",
        "forms_low",
        "forms_high",
    ];
    let columns = &columns[..if ranged {
        columns.len()
    } else {
        columns.len() - 4
    }];
    let mut data = Data::kept(columns, all.iter().map(|(_, r)| r));
    if several {
        // The first column says which folder.
        data.home = Home::Written;
        data.header.insert(0, "folder".to_owned());
        for (row, (i, _)) in data.rows.iter_mut().zip(&all) {
            row.insert(0, context.titles[*i].clone());
        }
    }
    let given = folders.iter().filter(|(_, folder)| folder.is_given());
    let given: Vec<String> = given.map(|(i, _)| letter(*i)).collect();
    let before = if several && !given.is_empty() {
        format!(
            " For {} these are the shares before the evidence; a separate picture shows those given the evidence.",
            crate::text::number::list(&given)
        )
    } else {
        String::new()
    };
    Ok(Picture {
        name: "outcomes".to_owned(),
        title: "How often each outcome occurs".to_owned(),
        text: format!("{}{before}", parts.join(" ")),
        caption: format!("{}{before}", caption(&all, ranged)),
        drawings: both(|w| {
            if ranged {
                ranged_bars(w, &list, &all)
            } else {
                bars(w, &list, in_percent)
            }
        }),
        data,
    })
}

/// What the picture of outcomes shows, and the error that it does not show.
fn caption(all: &[(usize, OutcomeRow)], ranged: bool) -> String {
    if !ranged {
        return "Share of simulated rounds that end with each outcome. The thin line is the 95 % interval: \
                how far the share could be off because the number of rounds is finite. It does not include \
                the error of the assumptions."
            .to_owned();
    }
    let half = all.iter().map(|(_, r)| (r.ci_high - r.ci_low) / 2.0);
    format!(
        "Share of simulated rounds that end with each outcome (dot). The pale bar is where the share lies with nine in ten \
         sets of guesses drawn from the priors; an end that rounds cannot tell from 0 or 100 % is drawn there. The dark bar is where it lies across \
         forms of the model. The number of rounds alone leaves an error of at most ±{} points (95 %).",
        decimal(100.0 * half.fold(0.0, f64::max), 2)
    )
}

/// How far the share of an outcome moves, in words: nothing if that is not known.
fn ranges(r: &OutcomeRow) -> String {
    let parts = [(r.guesses(), "guesses"), (r.forms(), "forms")];
    let told = parts.map(|(ends, across)| Some(format!("{across} {}", range(ends?))));
    told.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// A range within a range for each outcome: across guesses, across forms, and the share itself.
fn ranged_bars(width: Width, list: &[Bar], rows: &[(usize, OutcomeRow)]) -> Drawing {
    let mut c = Canvas::new(width);
    let labels: Vec<String> = list.iter().map(|b| b.label.clone()).collect();
    let l = lanes(&mut c, &labels, 4.0, 20.0, 74.0);
    let reach = |(_, r): &(usize, OutcomeRow)| {
        let ends = [r.guesses(), r.forms()].into_iter().flatten();
        ends.map(|ends| ends.1).fold(r.probability, f64::max)
    };
    let top = round_up(rows.iter().map(reach).fold(0.0, f64::max));
    let scale = Scale::new((0.0, top), l.x);
    axis(&mut c, scale, &scale.ticks(5), l.y, in_percent);
    for ((b, (_, r)), y) in list.iter().zip(rows).zip(&l.middle) {
        let span =
            |(low, high): (f64, f64)| (scale.at(low), (scale.at(high) - scale.at(low)).max(1.5));
        if let Some((x, w)) = r.guesses().map(span) {
            c.cell((x, y - 9.0), (w, 18.0), b.role, PALE);
        }
        if let Some((x, w)) = r.forms().map(span) {
            c.cell((x, y - 5.0), (w, 10.0), b.role, 1.0);
        }
        c.dot((scale.at(b.value), *y), 3.5, "f-ink");
        let x = l.x.1 + 8.0;
        c.text(x, y + 4.5, "bold f-ink", Fix::Start, &b.texts[0]);
    }
    c.line((l.x.0, l.y.0), (l.x.0, l.y.1), "thin s-axis");
    c.finish(l.y.1 + 22.0)
}

/// How often each flag was ever set.
pub(in crate::report) fn flags(folder: &ResultFolder) -> Result<Option<Picture>, ReportError> {
    let rows: Vec<FlagRow> = folder.rows()?;
    if rows.is_empty() {
        return Ok(None);
    }
    let name = |r: &FlagRow| folder.facts().flag(&r.flag).to_owned();
    let ends = |r: &FlagRow| Some((r.ci_low, r.ci_high));
    let bar = |r: &FlagRow| Bar::share(name(r), r.probability, ends(r), ("mark", 0));
    let list: Vec<Bar> = rows.iter().map(bar).collect();
    let part = |r: &FlagRow| format!("{} {}", name(r), estimate(r.probability, ends(r)));
    let parts: Vec<String> = rows.iter().map(part).collect();
    let columns = [
        "scenario",
        "flag",
        "rounds",
        "count",
        "probability",
        "ci_low",
        "ci_high",
    ];
    Ok(Some(Picture {
        name: "flags".to_owned(),
        title: "What happens on the way".to_owned(),
        text: format!("Share of rounds in which each flag ever holds: {}.", parts.join("; ")),
        caption: "Share of simulated rounds in which each flag ever holds. Flags do not exclude each other, so \
                  their shares do not sum to 100 %."
            .to_owned(),
        drawings: both(|w| bars(w, &list, in_percent)),
        data: Data::kept(&columns, &rows),
    }))
}

/// How much of the variance of each outcome comes from the priors; the rest is chance.
pub(in crate::report) fn variance(
    folder: &ResultFolder,
    context: &Context,
) -> Result<Option<Picture>, ReportError> {
    let mut rows: Vec<VarianceRow> = folder.rows()?;
    rows.retain(|r| r.kind == "outcome");
    let defined: Vec<(&VarianceRow, f64)> = rows
        .iter()
        .filter_map(|r| r.from_priors.map(|x| (r, x)))
        .collect();
    if defined.is_empty() {
        return Ok(None);
    }
    let ends = |r: &VarianceRow| r.ci_low.zip(r.ci_high);
    let bar = |(r, x): &(&VarianceRow, f64)| {
        let from_0 = ends(r).map(|(l, h)| (l.max(0.0), h.max(0.0)));
        Bar::share(r.name.clone(), x.max(0.0), from_0, context.outcome(&r.id))
    };
    let bars_of: Vec<Bar> = defined.iter().map(bar).collect();
    let part = |(r, x): &(&VarianceRow, f64)| format!("{} {}", r.name, estimate(*x, ends(r)));
    let parts: Vec<String> = defined.iter().map(part).collect();
    let undefined = rows.iter().filter(|r| r.from_priors.is_none());
    let undefined: Vec<&str> = undefined.map(|r| r.name.as_str()).collect();
    let undefined = if undefined.is_empty() {
        String::new()
    } else {
        format!(" Undefined, since all rounds agree: {}.", list(&undefined))
    };
    let columns = [
        "scenario",
        "kind",
        "id",
        "name",
        "pairs",
        "from_priors",
        "ci_low",
        "ci_high",
    ];
    Ok(Some(Picture {
        name: "variance".to_owned(),
        title: "How much is guesswork, and how much is chance".to_owned(),
        text: format!(
            "Share of the variance that comes from uncertain inputs; the rest is chance. {}.{undefined}",
            parts.join("; ")
        ),
        caption: "How much of the variance of each outcome comes from the uncertain inputs taken together, with \
                  95 % intervals. The rest is chance, which no better guess would remove. Estimates below 0 \
                  are drawn as 0."
            .to_owned(),
        drawings: both(|w| bars(w, &bars_of, in_percent)),
        data: Data::kept(&columns, &rows),
    }))
}
