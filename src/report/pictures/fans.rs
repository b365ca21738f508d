//! Fans over time: support, turnout, and what was followed on request.

use serde::Deserialize;

use super::{date, float};
use crate::report::canvas::{BOLD, Canvas, Drawing, Fix, SIZE, Width, between, through};
use crate::report::context::Context;
use crate::report::facts::Facts;
use crate::report::folder::{ReportError, ResultFolder};
use crate::report::lanes::axis;
use crate::report::picture::{Data, Home, Picture};
use crate::report::scale::{Scale, digits, round_up};
use crate::report::words::{percent, wrapped};
use crate::scenario::fault::nearest;

/// A row of `timeline.csv`.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::report) struct Moment {
    scenario: String,
    day: f64,
    date: String,
    variable: String,
    mean: f64,
    p05: f64,
    p25: f64,
    p50: f64,
    p75: f64,
    p95: f64,
}

const NEEDS: [&str; 10] = [
    "scenario", "day", "date", "variable", "mean", "p05", "p25", "p50", "p75", "p95",
];

/// Reads `timeline.csv`.
pub(in crate::report) fn timeline(folder: &ResultFolder) -> Result<Vec<Moment>, ReportError> {
    folder.rows("timeline.csv", &NEEDS)
}

/// Tells a context how far quantities reach.
pub(in crate::report) fn reach(context: &mut Context, moments: &[Moment]) {
    for m in moments {
        let group = m.variable.split('.').next().unwrap_or_default();
        context.reach(group, m.p95);
    }
}

/// One quantity over time.
struct Fan {
    name: String,
    role: &'static str,
    moments: Vec<Moment>,
}

/// What a quantity is called, and its colour.
fn named(variable: &str, facts: &Facts, context: &Context) -> (String, &'static str) {
    let parts: Vec<&str> = variable.split('.').collect();
    match parts[..] {
        ["support" | "prospects" | "signal", side] => (facts.side(side), context.side(side).0),
        ["turnout", "max"] => ("The largest turnout".to_owned(), "ink"),
        ["turnout", crowd] => (facts.name("crowds", crowd).to_owned(), "mark"),
        ["loyalty", actor, side] => {
            let actor = facts.name("actors", actor);
            (
                format!("{actor}: loyalty to {}", facts.side(side)),
                context.side(side).0,
            )
        }
        ["stance", actor, "aside"] => (
            format!("{}: stands aside", facts.name("actors", actor)),
            "aside",
        ),
        ["stance", actor, side] => {
            let actor = facts.name("actors", actor);
            (
                format!("{actor}: stands with {}", facts.side(side)),
                context.side(side).0,
            )
        }
        _ => (variable.to_owned(), "mark"),
    }
}

fn draw(width: Width, start: &str, fans: &[Fan], (low, high): (f64, f64), shares: bool) -> Drawing {
    let mut c = Canvas::new(width);
    let columns = match (c.wide, fans.len()) {
        (true, 1 | 2) => fans.len(),
        (true, 4) => 2,
        (true, _) => 3,
        (false, _) => 1,
    };
    let gap = 18.0;
    let cell = (c.width - gap * (columns - 1) as f64) / columns as f64;
    let left = 48.0;
    let (title, plot, foot) = (38.0, if c.wide { 140.0 } else { 110.0 }, 30.0);
    let tall = title + plot + foot;
    for (i, fan) in fans.iter().enumerate() {
        let (x0, y0) = (
            (i % columns) as f64 * (cell + gap),
            (i / columns) as f64 * tall,
        );
        let lines = wrapped(&fan.name, cell / (SIZE * BOLD), 2);
        c.lines(x0, y0 + 17.0, "bold f-ink", Fix::Start, &lines);
        let days: Vec<f64> = fan.moments.iter().map(|m| m.day).collect();
        let last = days.last().copied().unwrap_or(1.0);
        let x = Scale::new((0.0, last), (x0 + left, x0 + cell - 4.0));
        let y = Scale::new((low, high), (y0 + title + plot, y0 + title));
        let ticks = y.ticks(3);
        let d = digits(&ticks);
        for t in &ticks {
            c.line(
                (x0 + left, y.at(*t)),
                (x0 + cell - 4.0, y.at(*t)),
                "thin s-grid",
            );
            let text = if shares {
                format!("{:.*} %", d.saturating_sub(2), 100.0 * t)
            } else {
                format!("{t:.d$}")
            };
            c.text(
                x0 + left - 5.0,
                y.at(*t) + 4.0,
                "small f-soft",
                Fix::End,
                &text,
            );
        }
        let places: Vec<f64> = days.iter().map(|d| x.at(*d)).collect();
        let at = |of: fn(&Moment) -> f64| -> Vec<f64> {
            fan.moments.iter().map(|m| y.at(of(m))).collect()
        };
        let role = fan.role;
        let outer = between(&places, &at(|m| m.p05), &at(|m| m.p95));
        c.path(&outer, &format!("pale f-{role}"));
        let inner = between(&places, &at(|m| m.p25), &at(|m| m.p75));
        c.path(&inner, &format!("half f-{role}"));
        let middle = through(places.iter().copied().zip(at(|m| m.p50)));
        c.path(&middle, &format!("line s-{role}"));
        let ticks = x.ticks(if cell < 260.0 { 3 } else { 5 });
        let foot = y0 + title + plot;
        c.line((x0 + left, foot), (x0 + cell - 4.0, foot), "thin s-axis");
        axis(&mut c, x, &ticks, (foot, foot + 4.0), |d, _| date(start, d));
    }
    c.finish(fans.len().div_ceil(columns) as f64 * tall)
}

/// What is shown of a timeline.
struct Wanted<'a> {
    name: &'a str,
    title: &'a str,
    caption: &'a str,
    shares: bool,
}

fn picture(
    wanted: &Wanted<'_>,
    folder: &ResultFolder,
    context: &Context,
    variables: &[String],
    moments: &[Moment],
) -> Picture {
    let facts = folder.facts();
    let fans: Vec<Fan> = variables
        .iter()
        .map(|v| {
            let (name, role) = named(v, facts, context);
            let own = moments.iter().filter(|m| m.variable == *v).cloned();
            Fan {
                name,
                role,
                moments: own.collect(),
            }
        })
        .collect();
    let all = || fans.iter().flat_map(|f| &f.moments);
    let low = all().map(|m| m.p05).fold(0.0, f64::min);
    let reach = |v: &String| {
        context
            .tops
            .get(v.split('.').next().unwrap_or_default())
            .copied()
    };
    let top = variables.iter().filter_map(reach).fold(0.0, f64::max);
    let range = (low, round_up(top));
    let written = |x: f64| {
        if wanted.shares {
            percent(x)
        } else {
            super::words_number(x)
        }
    };
    let parts: Vec<String> = fans
        .iter()
        .filter_map(|f| {
            let (first, last) = (f.moments.first()?, f.moments.last()?);
            let peak = f.moments.iter().max_by(|a, b| a.p95.total_cmp(&b.p95))?;
            Some(format!(
                "{}: median {} at the start and {} at the end, where nine rounds in ten lie between {} \
                 and {}; highest 95th percentile {} on {}",
                f.name,
                written(first.p50),
                written(last.p50),
                written(last.p05),
                written(last.p95),
                written(peak.p95),
                date(&facts.start, peak.day)
            ))
        })
        .collect();
    Picture {
        name: wanted.name.to_owned(),
        title: wanted.title.to_owned(),
        text: format!("{}.", parts.join(". ")),
        caption: wanted.caption.to_owned(),
        drawings: [Width::Wide, Width::Narrow]
            .map(|w| draw(w, &facts.start, &fans, range, wanted.shares)),
        data: Data::new(
            Home::Written,
            &NEEDS,
            fans.iter().flat_map(|f| &f.moments).map(cells).collect(),
        ),
    }
}

fn cells(m: &Moment) -> Vec<String> {
    let mut row = vec![
        m.scenario.clone(),
        float(m.day),
        m.date.clone(),
        m.variable.clone(),
    ];
    row.extend([m.mean, m.p05, m.p25, m.p50, m.p75, m.p95].map(float));
    row
}

const READ: &str = "The line is the median over rounds, the dark band holds the middle half of \
                    them, the pale band nine in ten. A round that has ended keeps its last state.";

/// Pictures of support, of turnout, and of `follow`.
pub(in crate::report) fn fans(
    folder: &ResultFolder,
    context: &Context,
    moments: &[Moment],
    follow: &[String],
) -> Result<Vec<Picture>, ReportError> {
    let mut known: Vec<String> = Vec::new();
    for m in moments {
        if m.day != moments[0].day {
            break;
        }
        known.push(m.variable.clone());
    }
    let of = |prefix: &str| -> Vec<String> {
        known
            .iter()
            .filter(|v| v.starts_with(prefix))
            .cloned()
            .collect()
    };
    let mut out = Vec::new();
    let mut add = |name: &str, title: &str, about: &str, shares: bool, variables: &[String]| {
        if !variables.is_empty() {
            let caption = format!("{about} {READ}");
            let wanted = Wanted {
                name,
                title,
                caption: &caption,
                shares,
            };
            out.push(picture(&wanted, folder, context, variables, moments));
        }
    };
    add(
        "support",
        "Support, day by day",
        "Share of all power whose holders show themselves with a contender, or stand aside.",
        true,
        &of("support."),
    );
    add(
        "turnout",
        "Turnout, day by day",
        "Share of a crowd that is in the street. What a crowd counts is written in the scenario.",
        true,
        &of("turnout."),
    );
    let chosen = if follow.is_empty() {
        [of("loyalty."), of("stance.")].concat()
    } else {
        follow.to_vec()
    };
    let lacking: Vec<String> = chosen
        .iter()
        .filter(|v| !known.contains(v))
        .map(|v| {
            let near = nearest(v, known.iter().map(String::as_str));
            format!(
                "`{v}`{}",
                near.map_or(String::new(), |n| format!(" (did you mean `{n}`?)"))
            )
        })
        .collect();
    if !lacking.is_empty() {
        return Err(ReportError::Unusable(format!(
            "{}: does not follow {}; loyalties and stances are followed when asked for: kzsim run \
             … --follow {}",
            folder.path.join("timeline.csv").display(),
            lacking.join(", "),
            chosen.join(",")
        )));
    }
    let shares = |v: &String| {
        let shares = [
            "support",
            "prospects",
            "turnout",
            "loyalty",
            "stance",
            "openness",
        ];
        shares.contains(&v.split('.').next().unwrap_or_default())
    };
    let all_shares = chosen.iter().all(shares);
    add(
        "followed",
        "What was followed, day by day",
        "Chosen quantities.",
        all_shares,
        &chosen,
    );
    Ok(out)
}
