//! What `kzsim pool` prints.

use std::fmt::Write;

use comfy_table::Cell;

use super::layout::{Layout, right};
use super::number::{count, decimal, percent};
use crate::table::pool::{Pooled, PooledRow};

/// Cases that are shown.
const SHOWN: usize = 8;

/// Everything in sentences and tables.
#[must_use]
pub fn summary(pooled: &Pooled, layout: Layout) -> String {
    let mut out = String::new();
    let each: Vec<String> = pooled
        .weights
        .iter()
        .map(|w| format!("{} {}", w.forecaster, decimal(w.weight, 3)))
        .collect();
    layout.paragraph(&mut out, &format!("Weights: {}", each.join(", ")));
    if let Some(a) = pooled.exponent {
        layout.paragraph(
            &mut out,
            &format!("Made more extreme by the exponent {}", decimal(a, 2)),
        );
    }
    out.push('\n');
    let cases: Vec<&[PooledRow]> = pooled
        .forecasts
        .chunk_by(|a, b| (&a.case, &a.horizon) == (&b.case, &b.horizon))
        .collect();
    let mut table = layout.table(&["Outcome", "Case", "Pooled", "Least", "Most", "Spread"]);
    for row in cases.iter().take(SHOWN).copied().flatten() {
        let case = [row.case.as_str(), row.horizon.as_str()];
        let case: Vec<&str> = case.into_iter().filter(|c| !c.is_empty()).collect();
        table.add_row(vec![
            Cell::new(&row.outcome),
            Cell::new(case.join(", ")),
            right(percent(row.probability)),
            right(percent(row.least)),
            right(percent(row.most)),
            right(decimal(100.0 * row.between.sqrt(), 1)),
        ]);
    }
    layout.fit(&mut table, &[]);
    let _ = writeln!(out, "{table}");
    if cases.len() > SHOWN {
        let more = count((cases.len() - SHOWN) as u64);
        layout.paragraph(&mut out, &format!("and {more} more cases"));
    }
    let (between, within) = pooled
        .forecasts
        .iter()
        .fold((0.0, 0.0), |(b, w), row| (b + row.between, w + row.within));
    let text = if within > 0.0 {
        format!(
            "Spread is the standard deviation between forecasters, in percentage points. Their disagreement is {} times \
             what their finite numbers of rounds would give if they agreed.",
            decimal(between / within, 1)
        )
    } else {
        "Spread is the standard deviation between forecasters, in percentage points.".to_owned()
    };
    layout.paragraph(&mut out, &text);
    for warning in &pooled.warnings {
        layout.paragraph(&mut out, &format!("Warning: {warning}."));
    }
    out
}
