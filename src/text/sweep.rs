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
/// The most settings that are shown beside shares.
const SETTINGS: usize = 8;

/// Outcomes by point, as a table.
#[must_use]
pub fn summary(sweep: &Sweep<'_>, seed: u64, rounds: u64, layout: Layout) -> String {
    let many = sweep.paths.len() > SETTINGS;
    let settings = sweep.paths.iter().filter(|_| !many);
    let outcomes = sweep.scenario.outcomes.iter();
    let header: Vec<&str> = many
        .then_some("point")
        .into_iter()
        .chain(settings.map(|p| p.rsplit('.').next().unwrap_or(p)))
        .chain(outcomes.map(|o| o.id.as_str()))
        .collect();
    let mut table = layout.table(&header);
    let points = sweep.points.iter().zip(sweep.counts).enumerate();
    for (i, (values, counts)) in points.take(SHOWN) {
        let index = many.then(|| i.to_string()).into_iter();
        let values = values.iter().filter(|_| !many).cloned();
        let cells = index.chain(values).map(right);
        let shares = counts.outcomes.iter().map(|k| {
            let share = wilson(*k, counts.rounds.max(1));
            right(part(share.probability, share.half_width()))
        });
        table.add_row(cells.chain(shares).collect::<Vec<Cell>>());
    }
    let mut out = format!("{}\n", sweep.scenario.title);
    let each = match (sweep.first, rounds) {
        ([], _) => format!("the same {} rounds", count(rounds)),
        (_, 1) => "a round of its own".to_owned(),
        _ => format!("{} rounds of its own", count(rounds)),
    };
    let text = format!(
        "{} points, each with {each}; seed {seed}; shares in per cent",
        count(sweep.points.len() as u64)
    );
    layout.paragraph(&mut out, &text);
    let _ = writeln!(out, "{table}");
    if many {
        let text = format!(
            "The {} settings of each point are in points.csv.",
            sweep.paths.len()
        );
        layout.paragraph(&mut out, &text);
    }
    if sweep.points.len() > SHOWN {
        let text = format!("These are the first {SHOWN} points; outcomes.csv has them all.");
        layout.paragraph(&mut out, &text);
    }
    caveat(&mut out, layout);
    out
}
