//! What `kzsim cases` prints.

use std::fmt::Write as _;

use comfy_table::Cell;

use super::caveat;
use super::layout::{Layout, right};
use super::number::{count, decimal, part, percent};
use crate::table::cases::{PlayedCase, PlayedCases, TableRemark};

/// Cases that are shown.
const SHOWN: usize = 30;

/// Shares of outcomes over all cases, then case by case.
#[must_use]
pub fn summary(played: &PlayedCases<'_>, seed: u64, plans: usize, layout: Layout) -> String {
    let cases = played.cases;
    let mut out = format!("{}\n", played.scenario.title);
    let several = if plans == 1 {
        "one plan".to_owned()
    } else {
        format!("{} plans", count(plans as u64))
    };
    let text = format!(
        "{} cases, {} rounds each; {several}; seed {seed}; shares in per cent{}",
        count(cases.len() as u64),
        count(played.rounds),
        match played.horizons.last() {
            Some(last) if !last.is_empty() => format!(", after {last}"),
            _ => String::new(),
        }
    );
    layout.paragraph(&mut out, &text);
    let _ = writeln!(out, "{}", over_all(played, layout));
    let _ = writeln!(out, "{}", by_case(played, layout));
    if cases.len() > SHOWN {
        let text = format!("These are the first {SHOWN} cases; outcomes.csv has them all.");
        layout.paragraph(&mut out, &text);
    }
    caveat(&mut out, layout);
    out
}

/// A remark on a case table in words.
#[must_use]
pub fn remark(remark: &TableRemark) -> String {
    match remark {
        TableRemark::NotCoded { path, missing, of } if missing == of => {
            format!("{path} is coded in no case: all keep what the template says")
        }
        TableRemark::NotCoded { path, missing, of } => format!(
            "{path} is not coded in {missing} of {of} cases ({}), which keep what the template says",
            percent(*missing as f64 / *of as f64)
        ),
        TableRemark::Constant { path, value } => format!("{path} is {value} in every case"),
        TableRemark::Alike { paths, correlation } => format!(
            "{} and {} have a correlation of {}: what one of them does can hardly be told from the other",
            paths[0],
            paths[1],
            decimal(*correlation, 2)
        ),
        TableRemark::Clusters { clusters, of } => {
            format!("the table has {of} cases in {clusters} clusters")
        }
    }
}

/// The shares of an outcome, case by case, where they are defined.
fn shares(played: &PlayedCases<'_>, outcome: usize) -> Vec<f64> {
    let of = |case: &PlayedCase| played.last(case)[outcome].probability;
    let mut shares: Vec<f64> = played.cases.iter().map(of).collect();
    shares.retain(|p| !p.is_nan());
    shares.sort_by(f64::total_cmp);
    shares
}

/// Each outcome over all cases: mean, and how far cases differ.
fn over_all(played: &PlayedCases<'_>, layout: Layout) -> comfy_table::Table {
    let mut table = layout.table(&["outcome", "mean", "lowest", "median", "highest"]);
    for (j, outcome) in played.scenario.outcomes.iter().enumerate() {
        let shares = shares(played, j);
        let n = shares.len();
        if n == 0 {
            continue;
        }
        let mean = shares.iter().sum::<f64>() / n as f64;
        let median = f64::midpoint(shares[(n - 1) / 2], shares[n / 2]);
        let numbers = [mean, shares[0], median, shares[n - 1]];
        let mut cells = vec![Cell::new(&outcome.name)];
        cells.extend(numbers.map(|p| right(percent(p))));
        table.add_row(cells);
    }
    table
}

fn by_case(played: &PlayedCases<'_>, layout: Layout) -> comfy_table::Table {
    let outcomes = played.scenario.outcomes.iter();
    let header: Vec<&str> = std::iter::once("case")
        .chain(outcomes.map(|o| o.id.as_str()))
        .collect();
    let mut table = layout.table(&header);
    for case in played.cases.iter().take(SHOWN) {
        let shares = played.last(case).into_iter().map(|share| {
            right(if share.probability.is_nan() {
                "no round fits".to_owned()
            } else {
                part(share.probability, share.half_width())
            })
        });
        let cells = std::iter::once(Cell::new(&case.id)).chain(shares);
        table.add_row(cells.collect::<Vec<Cell>>());
    }
    table
}
