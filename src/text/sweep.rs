//! What `kzsim sweep` prints.

use std::fmt::Write as _;

use comfy_table::Cell;

use super::caveat;
use super::layout::{Layout, right};
use super::number::{count, part};
use crate::analysis::interval::wilson;
use crate::table::sweep::Sweep;

/// Points that are shown.
const SHOWN: usize = 40;

/// Outcomes by point, as a table.
#[must_use]
pub fn summary(sweep: &Sweep<'_>, seed: u64, rounds: u64, layout: Layout) -> String {
    let settings = sweep.paths.iter();
    let outcomes = sweep.scenario.outcomes.iter();
    let header: Vec<&str> = settings
        .map(|p| p.rsplit('.').next().unwrap_or(p))
        .chain(outcomes.map(|o| o.id.as_str()))
        .collect();
    let mut table = layout.table(&header);
    for (values, counts) in sweep.points.iter().zip(sweep.counts).take(SHOWN) {
        let cells = values.iter().map(|v| right(v.clone()));
        let shares = counts.outcomes.iter().map(|k| {
            let share = wilson(*k, counts.rounds.max(1));
            right(part(share.probability, share.half_width()))
        });
        table.add_row(cells.chain(shares).collect::<Vec<Cell>>());
    }
    let mut out = format!("{}\n", sweep.scenario.title);
    let text = format!(
        "{} points, each with the same {} rounds; seed {seed}; shares in per cent",
        count(sweep.points.len() as u64),
        count(rounds)
    );
    layout.paragraph(&mut out, &text);
    let _ = writeln!(out, "{table}");
    if sweep.points.len() > SHOWN {
        let text = format!("These are the first {SHOWN} points; outcomes.csv has them all.");
        layout.paragraph(&mut out, &text);
    }
    caveat(&mut out, layout);
    out
}
