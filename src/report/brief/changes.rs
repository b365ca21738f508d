//! What a brief says of scenarios side by side: what was changed, and what that does.

use super::answer::answer;
use super::blocks::{Block, Table, bare, inside};
use super::content::{Brief, Outcome, Side};
use crate::analysis::interval::Share;
use crate::table::comparison::DifferenceRow;
use crate::text::number::{points, points_interval, share};

/// Most differences of a scenario that are named.
const MOST: usize = 6;

/// `+0.29 (+0.26 to +0.32)`, with as many decimals as the interval allows.
pub(super) fn moved(d: &DifferenceRow) -> String {
    let by = d.interval();
    format!("{} ({})", points(by), points_interval(by))
}

/// A share as exact as a difference.
fn beside(probability: f64, d: &DifferenceRow) -> String {
    share(Share {
        probability,
        ..d.interval()
    })
}

/// The difference that a scenario of a comparison makes to an outcome.
pub(super) fn difference<'a>(brief: &'a Brief, side: &Side, id: &str) -> Option<&'a DifferenceRow> {
    let mut all = brief.differences.iter();
    all.find(|d| d.scenario_b == side.name && d.id == id)
}

/// What a side is called: its letter and its name.
pub(super) fn called(side: &Side) -> String {
    match &side.letter {
        Some(letter) => format!("{letter}, {}", side.name),
        None => side.name.clone(),
    }
}

/// The answers in sentences: of one run; of each of several; of a comparison, what each change does to the most frequent
/// outcome.
pub(super) fn answers(brief: &Brief) -> Vec<String> {
    let [first, others @ ..] = brief.sides.as_slice() else {
        return Vec::new();
    };
    if others.is_empty() {
        return vec![answer(first)];
    }
    if brief.differences.is_empty() {
        let own = |s: &Side| format!("{}. {}", called(s), answer(s));
        return brief.sides.iter().map(own).collect();
    }
    let mut out = vec![format!("{}. {}", called(first), answer(first))];
    let top = first.outcomes.first();
    out.extend(top.iter().flat_map(|top| {
        let own = |s| format!("{}. {}", called(s), change(brief, top, s));
        others.iter().map(own).collect::<Vec<_>>()
    }));
    out
}

/// What a scenario does to the most frequent outcome of the first one.
fn change(brief: &Brief, top: &Outcome, side: &Side) -> String {
    let answer = match side.outcomes.first() {
        Some(own) if own.id != top.id => format!(
            "The most frequent outcome of these histories is another one: in {} of 100, {}",
            bare(own.share),
            inside(&own.name)
        ),
        _ => "The most frequent outcome stays the same".to_owned(),
    };
    let whose = match side.outcomes.first() {
        Some(own) if own.id != top.id => format!("the share of “{}”", inside(&top.name)),
        _ => "its share".to_owned(),
    };
    let by = match difference(brief, side, &top.id) {
        Some(d) if d.is_same() => format!("; {whose} is the same in every history."),
        Some(d) if d.distinguishable => format!("; {whose} moves by {}.", in_points(d)),
        Some(d) => format!(
            "; {whose} does not move by more than chance: {}.",
            in_points(d)
        ),
        None => ".".to_owned(),
    };
    answer + &by
}

/// `+0.29 points (+0.26 to +0.32)`
fn in_points(d: &DifferenceRow) -> String {
    let by = d.interval();
    format!("{} points ({})", points(by), points_interval(by))
}

/// What the shares of a side are given, if that is not what those of the first are.
fn other_reports(side: &Side, first: &Side) -> Option<String> {
    // Of two selections of one evidence the titles may be alike.
    let names = |s: &Side| -> Vec<String> {
        let reports = s.given.iter().flat_map(|g| &g.reports);
        reports.map(|r| r.name.clone()).collect()
    };
    let own = names(side);
    (own != names(first)).then(|| match own.as_slice() {
        [] => "its shares are given no reports".to_owned(),
        [one] => format!("its shares are given the report “{one}”"),
        all => format!("its shares are given {} reports, listed below", all.len()),
    })
}

/// Each scenario by its title, and what it has otherwise than the first.
pub(super) fn changed(brief: &Brief, blocks: &mut Vec<Block>) {
    if brief.sides.len() < 2 {
        return;
    }
    blocks.push(Block::Heading("What was changed".to_owned()));
    let item = |(i, side): (usize, &Side)| {
        let head = format!("{}: {}", called(side), side.title);
        if i == 0 {
            return format!("{head}.");
        }
        let mut listed: Vec<String> = side.changed.iter().take(MOST).cloned().collect();
        let more = side.changed.len() - listed.len();
        if more > 0 {
            listed.push(format!("and {more} more, which the report lists"));
        }
        listed.extend(other_reports(side, &brief.sides[0]));
        match listed.as_slice() {
            [] => format!("{head}. Its numbers and rules are those of A."),
            all => format!("{head}. Unlike A: {}.", all.join("; ")),
        }
    };
    blocks.push(Block::Items(
        brief.sides.iter().enumerate().map(item).collect(),
    ));
}

/// What the change does to every outcome.
pub(super) fn differences(brief: &Brief) -> Table {
    let several = brief.sides.len() > 2;
    let row = |d: &DifferenceRow| {
        let name = if several {
            format!("{}: {}", d.scenario_b, d.name)
        } else {
            d.name.clone()
        };
        let more = match d {
            d if d.is_same() => "no: the same in every history",
            d if d.distinguishable => "yes",
            _ => "no",
        };
        vec![
            name,
            beside(d.probability_a, d),
            beside(d.probability_b, d),
            moved(d),
            more.to_owned(),
        ]
    };
    let name = |i: usize| brief.sides.get(i).map_or_else(String::new, called);
    Table {
        caption: "Differences on the same histories".to_owned(),
        header: vec![
            "How it ends".to_owned(),
            name(0),
            if several {
                "changed".to_owned()
            } else {
                name(1)
            },
            "Difference".to_owned(),
            "More than chance".to_owned(),
        ],
        rows: brief.differences.iter().map(row).collect(),
    }
}
