//! Fans over time: support, turnout, and what was followed on request; one for each outcome, where they part.

use std::fmt::Write as _;

use super::{both, date};
use crate::report::canvas::{Canvas, Drawing, Width, between, through};
use crate::report::context::Context;
use crate::report::facts::Facts;
use crate::report::folder::{ReportError, ResultFolder};
use crate::report::lanes::{Key, in_percent, legend};
use crate::report::panels::{Axis, panels};
use crate::report::picture::{Data, Home, Picture};
use crate::report::scale::round_up;
use crate::scenario::fault::nearest;
use crate::scenario::model::Clock;
use crate::scenario::shell::word;
use crate::scenario::visible::visible_path;
use crate::table::histories::HistoryRow;
use crate::table::run::TimelineRow;
use crate::text::number::{count, decimal, number, percent};

/// Columns of the data.
const COLUMNS: [&str; 12] = [
    "scenario", "day", "date", "variable", "outcome", "rounds", "mean", "p05", "p25", "p50", "p75",
    "p95",
];

/// Fewer rounds of an outcome are not drawn: their 5th and 95th percentile hang on two rounds or fewer.
const FEW: u64 = 50;

/// Most whole histories that are drawn.
const MOST_HISTORIES: usize = 50;

/// Tells a context how far quantities reach.
pub(in crate::report) fn reach(context: &mut Context, moments: &[TimelineRow]) {
    for m in moments {
        let group = m.variable.split('.').next().unwrap_or_default();
        match m.outcome {
            None => context.reach(group, m.p95),
            Some(_) if m.rounds < FEW => {}
            Some(_) => context.reach(group, m.p75),
        }
    }
}

/// Rounds that a fan is about: all, or those with one outcome.
struct Part {
    /// The outcome; none for all rounds.
    outcome: Option<String>,
    /// What it is called, with their number.
    name: String,
    rounds: u64,
}

/// One quantity over time.
struct Fan {
    name: String,
    /// The same quantity over each part of the rounds, with its colour.
    curves: Vec<(&'static str, Vec<TimelineRow>)>,
    /// The same in single rounds: days and values, with the colour of the outcome.
    lines: Vec<(&'static str, Vec<(f64, f64)>)>,
}

/// The outcomes in a timeline, the most frequent first.
fn outcomes(facts: &Facts, moments: &[TimelineRow]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for m in moments {
        let Some(id) = &m.outcome else { continue };
        if parts.iter().any(|p| p.outcome.as_ref() == Some(id)) {
            continue;
        }
        parts.push(Part {
            outcome: Some(id.clone()),
            name: format!("{} ({} rounds)", facts.outcome(id), count(m.rounds)),
            rounds: m.rounds,
        });
    }
    parts.sort_by_key(|p| std::cmp::Reverse(p.rounds));
    parts
}

/// Which rounds are drawn: those of each outcome that has enough, or all where fewer than two have; and a sentence
/// on how to read it.
fn parts(facts: &Facts, moments: &[TimelineRow]) -> (Vec<Part>, String) {
    let (enough, few): (Vec<Part>, Vec<Part>) = outcomes(facts, moments)
        .into_iter()
        .partition(|p| p.rounds >= FEW);
    if enough.len() < 2 {
        let all = Part {
            outcome: None,
            name: String::new(),
            rounds: moments.first().map_or(0, |m| m.rounds),
        };
        return (vec![all], ALL_ROUNDS.to_owned());
    }
    let mut read = BY_OUTCOME.to_owned();
    if !few.is_empty() {
        let few: Vec<String> = few.iter().map(|p| p.name.clone()).collect();
        read = format!(
            "{read} Not drawn, with fewer than {FEW} rounds: {}.",
            few.join("; ")
        );
    }
    (enough, read)
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

fn draw(
    width: Width,
    clock: &Clock,
    fans: &[Fan],
    keys: &[Key],
    ends: (f64, f64),
    shares: bool,
) -> Drawing {
    let mut c = Canvas::new(width);
    let columns = match (c.wide, fans.len()) {
        (true, 1 | 2) => fans.len(),
        (true, 4) => 2,
        (true, _) => 3,
        (false, _) => 1,
    };
    let names: Vec<&str> = fans.iter().map(|f| f.name.as_str()).collect();
    let last = fans.iter().flat_map(|f| &f.curves);
    let last = last.filter_map(|(_, moments)| moments.last());
    let last = last.map(|m| m.day).fold(1.0, f64::max);
    let days = Axis {
        ends: (0.0, last),
        written: &|d, _| date(clock, d),
    };
    let values = Axis {
        ends,
        written: if shares { &in_percent } else { &decimal },
    };
    let top = legend(&mut c, keys, 4.0) - if keys.is_empty() { 4.0 } else { 0.0 };
    let height = panels(
        &mut c,
        top,
        columns,
        &names,
        &days,
        &values,
        |c, i, x, y| {
            let curves = &fans[i].curves;
            let several = curves.len() > 1;
            for (role, points) in &fans[i].lines {
                let line = through(points.iter().map(|(day, value)| (x.at(*day), y.at(*value))));
                c.path(&line, &format!("thin faint s-{role}"));
            }
            for (role, moments) in curves {
                let places: Vec<f64> = moments.iter().map(|m| x.at(m.day)).collect();
                let at = |of: fn(&TimelineRow) -> f64| -> Vec<f64> {
                    moments.iter().map(|m| y.at(of(m))).collect()
                };
                if !several {
                    let outer = between(&places, &at(|m| m.p05), &at(|m| m.p95));
                    c.path(&outer, &format!("pale f-{role}"));
                }
                let inner = between(&places, &at(|m| m.p25), &at(|m| m.p75));
                let class = if several { "pale" } else { "half" };
                c.path(&inner, &format!("{class} f-{role}"));
            }
            // Lines last, the most frequent outcome's on top.
            for (role, moments) in curves.iter().rev() {
                let middle = through(moments.iter().map(|m| (x.at(m.day), y.at(m.p50))));
                c.path(&middle, &format!("line s-{role}"));
            }
        },
    );
    c.finish(height)
}

/// What a folder has over time.
struct Found<'a> {
    moments: &'a [TimelineRow],
    parts: &'a [Part],
    /// Single rounds that are drawn.
    histories: &'a [HistoryRow],
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
    found: &Found<'_>,
) -> Picture {
    let &Found {
        moments,
        parts,
        histories,
    } = found;
    let facts = folder.facts();
    let several = parts.len() > 1;
    let fans: Vec<Fan> = variables
        .iter()
        .map(|v| {
            let (name, role) = named(v, facts, context);
            let curve = |part: &Part| {
                let own = |m: &&TimelineRow| m.outcome == part.outcome && m.variable == *v;
                let role = part
                    .outcome
                    .as_ref()
                    .map_or(role, |id| context.outcome(id).0);
                (role, moments.iter().filter(own).cloned().collect())
            };
            Fan {
                name,
                curves: parts.iter().map(curve).collect(),
                lines: lines(histories, v, context),
            }
        })
        .collect();
    let key = |part: &Part| {
        let (role, pattern) = context.outcome(part.outcome.as_ref()?);
        Some(Key {
            role,
            pattern,
            label: part.name.clone(),
        })
    };
    let keys: Vec<Key> = parts.iter().filter_map(key).collect();
    let all = || fans.iter().flat_map(|f| &f.curves).flat_map(|c| &c.1);
    let least = |m: &TimelineRow| if several { m.p25 } else { m.p05 };
    let drawn = || fans.iter().flat_map(|f| &f.lines).flat_map(|l| &l.1);
    let drawn = || drawn().map(|point| point.1);
    let low = all().map(least).chain(drawn()).fold(0.0, f64::min);
    let reach = |v: &String| {
        context
            .tops
            .get(v.split('.').next().unwrap_or_default())
            .copied()
    };
    let tops = variables.iter().filter_map(reach).chain(drawn());
    let top = tops.fold(0.0, f64::max);
    let range = (low, round_up(top));
    let told: Vec<String> = fans
        .iter()
        .flat_map(|f| {
            let each = f.curves.iter().zip(parts);
            each.filter_map(|((_, moments), part)| told(f, moments, part, group.shares))
        })
        .collect();
    Picture {
        name: group.name.to_owned(),
        title: group.title.to_owned(),
        text: format!("{}.", told.join(". ")),
        caption: group.caption.to_owned(),
        drawings: both(|w| draw(w, &facts.scenario.clock, &fans, &keys, range, group.shares)),
        data: Data::of(Home::Written, &COLUMNS, all()),
    }
}

/// Single rounds of a quantity.
fn lines(
    histories: &[HistoryRow],
    variable: &str,
    context: &Context,
) -> Vec<(&'static str, Vec<(f64, f64)>)> {
    let own: Vec<&HistoryRow> = histories
        .iter()
        .filter(|h| h.variable == variable)
        .collect();
    own.chunk_by(|a, b| a.round == b.round)
        .map(|round| {
            let points = round.iter().map(|h| (h.day, f64::from(h.value)));
            (context.outcome(&round[0].outcome).0, points.collect())
        })
        .collect()
}

/// A fan in words.
fn told(fan: &Fan, moments: &[TimelineRow], part: &Part, shares: bool) -> Option<String> {
    let written = |x: f64| if shares { percent(x) } else { number(x) };
    let (first, last) = (moments.first()?, moments.last()?);
    let (how_many, ends, of) = if part.outcome.is_some() {
        (
            "half of them",
            (last.p25, last.p75),
            format!(", in rounds with {}", part.name),
        )
    } else {
        ("nine in ten rounds", (last.p05, last.p95), String::new())
    };
    Some(format!(
        "{}{of}: median {} at the start and {} at the end, where {how_many} lie between {} and {}",
        fan.name,
        written(first.p50),
        written(last.p50),
        written(ends.0),
        written(ends.1),
    ))
}

const ALL_ROUNDS: &str = "The line is the median over rounds; the dark band contains the middle half of \
                          them, the pale band nine in ten. A round that has ended keeps its last state. All outcomes \
                          are mixed: where they part, few rounds may lie near the median.";

const BY_OUTCOME: &str = "A colour for each outcome, with the number of its followed rounds: the line is the median over the \
                          rounds that end with it, the band contains the middle half of them. A round that has \
                          ended keeps its last state.";

/// The rounds that are drawn as thin lines, and how to read them.
fn drawn(folder: &ResultFolder, read: &mut String) -> Result<Vec<HistoryRow>, ReportError> {
    let mut histories: Vec<HistoryRow> = folder.rows_if_any()?;
    let kept = histories.chunk_by(|a, b| a.round == b.round).count();
    if let Some(beyond) = histories
        .chunk_by(|a, b| a.round == b.round)
        .nth(MOST_HISTORIES)
    {
        let first = beyond[0].round;
        histories.retain(|h| h.round < first);
    }
    if kept > 0 {
        let drawn = kept.min(MOST_HISTORIES);
        let _ = write!(
            read,
            " Thin lines are single rounds: the first {drawn} of the run, an unselected sample, each in the colour of \
             its outcome."
        );
    }
    Ok(histories)
}

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
    let (parts, mut read) = parts(folder.facts(), moments);
    let histories = drawn(folder, &mut read)?;
    let found = Found {
        moments,
        parts: &parts,
        histories: &histories,
    };
    let mut out = Vec::new();
    let mut add = |name: &str, title: &str, about: &str, shares: bool, variables: &[String]| {
        if !variables.is_empty() {
            let caption = format!("{about} {read}");
            let group = Group {
                name,
                title,
                caption: &caption,
                shares,
            };
            out.push(picture(&group, folder, context, variables, &found));
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
