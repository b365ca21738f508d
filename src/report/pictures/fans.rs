//! Fans over time: support, turnout, and what was followed on request.

use super::{both, date};
use crate::report::canvas::{Canvas, Drawing, Width, between, through};
use crate::report::context::Context;
use crate::report::facts::Facts;
use crate::report::folder::{ReportError, ResultFolder};
use crate::report::lanes::in_percent;
use crate::report::panels::{Axis, panels};
use crate::report::picture::{Data, Home, Picture};
use crate::report::scale::round_up;
use crate::scenario::fault::nearest;
use crate::scenario::model::Clock;
use crate::scenario::shell::word;
use crate::scenario::visible::visible_path;
use crate::table::run::TimelineRow;
use crate::text::number::{decimal, number, percent};

/// Columns of the data.
const COLUMNS: [&str; 10] = [
    "scenario", "day", "date", "variable", "mean", "p05", "p25", "p50", "p75", "p95",
];

/// Tells a context how far quantities reach.
pub(in crate::report) fn reach(context: &mut Context, moments: &[TimelineRow]) {
    for m in moments {
        let group = m.variable.split('.').next().unwrap_or_default();
        context.reach(group, m.p95);
    }
}

/// One quantity over time.
struct Fan {
    name: String,
    role: &'static str,
    moments: Vec<TimelineRow>,
}

/// What a quantity is called, and its colour.
fn named(variable: &str, facts: &Facts, context: &Context) -> (String, &'static str) {
    let parts: Vec<&str> = variable.split('.').collect();
    match parts[..] {
        ["support" | "prospects" | "signal", side] => (facts.side(side), context.side(side).0),
        ["turnout", "max"] => ("The largest turnout".to_owned(), "ink"),
        ["turnout", crowd] => (facts.crowd(crowd).to_owned(), "mark"),
        ["loyalty", actor, side] => {
            let actor = facts.actor(actor);
            (
                format!("{actor}: loyalty to {}", facts.side(side)),
                context.side(side).0,
            )
        }
        ["stance", actor, "aside"] => (format!("{}: stands aside", facts.actor(actor)), "aside"),
        ["stance", actor, side] => {
            let actor = facts.actor(actor);
            (
                format!("{actor}: stands with {}", facts.side(side)),
                context.side(side).0,
            )
        }
        _ => (variable.to_owned(), "mark"),
    }
}

fn draw(width: Width, clock: &Clock, fans: &[Fan], ends: (f64, f64), shares: bool) -> Drawing {
    let mut c = Canvas::new(width);
    let columns = match (c.wide, fans.len()) {
        (true, 1 | 2) => fans.len(),
        (true, 4) => 2,
        (true, _) => 3,
        (false, _) => 1,
    };
    let names: Vec<&str> = fans.iter().map(|f| f.name.as_str()).collect();
    let last = fans.iter().filter_map(|f| f.moments.last());
    let last = last.map(|m| m.day).fold(1.0, f64::max);
    let days = Axis {
        ends: (0.0, last),
        written: &|d, _| date(clock, d),
    };
    let values = Axis {
        ends,
        written: if shares { &in_percent } else { &decimal },
    };
    let height = panels(&mut c, columns, &names, &days, &values, |c, i, x, y| {
        let Fan { role, moments, .. } = &fans[i];
        let places: Vec<f64> = moments.iter().map(|m| x.at(m.day)).collect();
        let at = |of: fn(&TimelineRow) -> f64| -> Vec<f64> {
            moments.iter().map(|m| y.at(of(m))).collect()
        };
        let outer = between(&places, &at(|m| m.p05), &at(|m| m.p95));
        c.path(&outer, &format!("pale f-{role}"));
        let inner = between(&places, &at(|m| m.p25), &at(|m| m.p75));
        c.path(&inner, &format!("half f-{role}"));
        let middle = through(places.iter().copied().zip(at(|m| m.p50)));
        c.path(&middle, &format!("line s-{role}"));
    });
    c.finish(height)
}

/// Quantities of a timeline in one picture.
struct Group<'a> {
    name: &'a str,
    title: &'a str,
    caption: &'a str,
    shares: bool,
}

fn picture(
    group: &Group<'_>,
    folder: &ResultFolder,
    context: &Context,
    variables: &[String],
    moments: &[TimelineRow],
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
        if group.shares { percent(x) } else { number(x) }
    };
    let parts: Vec<String> = fans
        .iter()
        .filter_map(|f| {
            let (first, last) = (f.moments.first()?, f.moments.last()?);
            let peak = f.moments.iter().max_by(|a, b| a.p95.total_cmp(&b.p95))?;
            Some(format!(
                "{}: median {} at the start and {} at the end, where nine in ten rounds lie between {} and \
                 {}; highest 95th percentile {} on {}",
                f.name,
                written(first.p50),
                written(last.p50),
                written(last.p05),
                written(last.p95),
                written(peak.p95),
                date(&facts.scenario.clock, peak.day)
            ))
        })
        .collect();
    Picture {
        name: group.name.to_owned(),
        title: group.title.to_owned(),
        text: format!("{}.", parts.join(". ")),
        caption: group.caption.to_owned(),
        drawings: both(|w| draw(w, &facts.scenario.clock, &fans, range, group.shares)),
        data: Data::of(
            Home::Written,
            &COLUMNS,
            fans.iter().flat_map(|f| &f.moments),
        ),
    }
}

const READ: &str = "The line is the median over rounds; the dark band contains the middle half of \
                    them, the pale band nine in ten. A round that has ended keeps its last state. All outcomes are \
                    mixed: where they part, few rounds may lie near the median.";

/// Pictures of support, of turnout, and of `follow`.
pub(in crate::report) fn fans(
    folder: &ResultFolder,
    context: &Context,
    moments: &[TimelineRow],
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
            let group = Group {
                name,
                title,
                caption: &caption,
                shares,
            };
            out.push(picture(&group, folder, context, variables, moments));
        }
    };
    add(
        "support",
        "Support, day by day",
        "Share of all power whose holders publicly support a contender, or stand aside.",
        true,
        &of("support."),
    );
    add(
        "turnout",
        "Turnout, day by day",
        "Share of a crowd that is in the street. The scenario says who belongs to a crowd.",
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
            "{}: does not contain {}; kzsim run … --follow {} records loyalties and stances",
            visible_path(&folder.path.join("timeline.csv")),
            lacking.join(", "),
            word(&chosen.join(","))
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
        "Followed quantities, day by day",
        "Quantities that were chosen to be followed.",
        all_shares,
        &chosen,
    );
    Ok(out)
}
