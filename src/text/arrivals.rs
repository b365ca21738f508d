//! What reports do as they become known, and which came too late.

use std::fmt::Write as _;

use comfy_table::{Cell, Table};
use jiff::civil::{Date, DateTime};

use super::layout::{Layout, right};
use super::number::{effective, interval, letter, list, percent, points, share};
use crate::analysis::interval::Share;
use crate::scenario::evidence::known_by;
use crate::scenario::{Evidence, Scenario};
use crate::table::arrivals::{ArrivalRow, WeightArrivalRow};

/// Most reports in a table.
const MOST: usize = 12;
/// What stands in the first row of a table.
const BEFORE: &str = "before any report";
/// What a star means.
const MARKED: &str = "* marks what a report changed by more than the 95 % interval of the change in the same rounds allows \
                      for chance";

/// A star, or a blank in its place.
fn mark(distinguishable: bool) -> &'static str {
    if distinguishable { "*" } else { " " }
}

/// The first cells of a row: the number of the report and what it says, then when it became known.
fn report(arrived: u64, name: Option<&str>, known: Option<DateTime>) -> Vec<Cell> {
    let text = name.map_or(BEFORE.to_owned(), |name| format!("{arrived}  {name}"));
    let known = known.map_or(String::new(), known_by);
    vec![Cell::new(text), Cell::new(known)]
}

/// Which of some rows are shown, the first of which is before any report: those that changed most, in their order.
fn chosen(changes: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (1..changes.len()).collect();
    order.sort_by(|a, b| changes[*b].abs().total_cmp(&changes[*a].abs()));
    order.truncate(MOST);
    order.push(0);
    order.sort_unstable();
    order
}

/// Says that a table has not all reports, if it has not.
fn selected(shown: usize, of: usize) -> String {
    if shown < of {
        format!(
            " The {shown} of {of} reports that changed it most are shown; arrivals.csv has all."
        )
    } else {
        String::new()
    }
}

/// A share, if there is one.
fn as_share(value: Option<f64>, low: Option<f64>, high: Option<f64>) -> Option<Share> {
    Some(Share {
        probability: value?,
        low: low?,
        high: high?,
    })
}

/// The outcome that is most likely given all reports, as each of them arrives.
pub(super) fn of_run(out: &mut String, rows: &[ArrivalRow], scenario: &Scenario, layout: Layout) {
    let n = scenario.outcomes.len();
    let likely = |rows: &[ArrivalRow]| {
        let each = rows.iter().enumerate();
        let known = each.filter_map(|(j, r)| Some((j, r.probability?)));
        known.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(j, _)| j)
    };
    let last = rows.chunks(n).rev().find_map(likely);
    let Some(leader) = last.filter(|_| rows.len() > n) else {
        return;
    };
    let own: Vec<&ArrivalRow> = rows.chunks(n).map(|of| &of[leader]).collect();
    let changes: Vec<f64> = own.iter().map(|r| r.change.unwrap_or(0.0)).collect();
    let shown = chosen(&changes);
    let mut table = layout.plain(&["Report", "Known by", "Share", "95 %", "Change", "Rounds"]);
    for row in shown.iter().map(|k| own[*k]) {
        let estimate = as_share(row.probability, row.ci_low, row.ci_high);
        let change = as_share(row.change, row.change_low, row.change_high);
        let mut cells = report(row.arrived, row.name.as_deref(), row.known);
        cells.extend(
            [
                estimate.map_or("no round".to_owned(), share),
                estimate.map_or(String::new(), interval),
                change.map_or(String::new(), |c| points(c) + mark(row.distinguishable)),
                effective(row.effective_rounds),
            ]
            .map(right),
        );
        table.add_row(cells);
    }
    layout.fit(&mut table, &[5, 3]);
    let text = format!(
        "As each report arrives: the share of \"{}\", in the order in which reports became known, by weighting alone. \
         Changes are in points. {MARKED}. Rounds: effective rounds of this share; below 100 do not rely on intervals.{}",
        scenario.outcomes[leader].name,
        selected(shown.len() - 1, own.len() - 1)
    );
    write(out, &text, &table, layout);
}

/// The posteriors of readings, as each report arrives.
pub(super) fn of_readings(
    out: &mut String,
    rows: &[WeightArrivalRow],
    readings: usize,
    layout: Layout,
) {
    let steps: Vec<&[WeightArrivalRow]> = rows.chunks(readings).collect();
    let largest = |step: &&[WeightArrivalRow]| {
        let each = step.iter().filter_map(|r| r.change.finite());
        each.fold(0.0, |most: f64, x| most.max(x.abs()))
    };
    let shown = chosen(&steps.iter().map(largest).collect::<Vec<f64>>());
    let letters: Vec<String> = (0..readings).map(letter).collect();
    let header = ["Report", "Known by"].into_iter();
    let header: Vec<&str> = header.chain(letters.iter().map(String::as_str)).collect();
    let mut table = layout.plain(&header);
    for step in shown.iter().map(|k| steps[*k]) {
        let first = &step[0];
        let mut cells = report(first.arrived, first.name.as_deref(), first.known);
        let posterior = |r: &WeightArrivalRow| percent(r.posterior.0) + mark(r.distinguishable);
        cells.extend(step.iter().map(|r| right(posterior(r))));
        table.add_row(cells);
    }
    layout.fit(&mut table, &[1]);
    let text = format!(
        "As each report arrives: the posterior of each reading, in the order in which reports became known. \
         {MARKED}.{}",
        selected(shown.len() - 1, steps.len() - 1)
    );
    write(out, &text, &table, layout);
}

fn write(out: &mut String, text: &str, table: &Table, layout: Layout) {
    out.push('\n');
    layout.paragraph(out, text);
    let _ = writeln!(out, "{table}");
}

/// Which reports do not count: they were not selected, or became known too late.
pub(super) fn left_out(evidence: &Evidence, start: Date) -> Vec<String> {
    let chosen = not_selected(evidence).into_iter();
    chosen.chain(later(evidence, start)).collect()
}

fn not_selected(evidence: &Evidence) -> Option<String> {
    let selected = &evidence.selected;
    let others = match evidence.observations.len() - selected.len() {
        0 => return None,
        1 => "1 other observation was".to_owned(),
        n => format!("{n} other observations were"),
    };
    (!selected.is_empty()).then(|| {
        format!(
            "Selected: {}; {others} not selected, and not counted.",
            list(selected)
        )
    })
}

fn later(evidence: &Evidence, start: Date) -> Option<String> {
    let (moment, late) = evidence.later(start)?;
    Some(if late.is_empty() {
        format!("All reports were known by {}.", known_by(moment))
    } else {
        format!(
            "Not known by {}, and not counted: {}.",
            known_by(moment),
            late.join(", ")
        )
    })
}
