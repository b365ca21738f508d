//! The values of the names in a condition, for `trace`.

use super::number;
use crate::engine::Batch;
use crate::scenario::Scenario;
use crate::scenario::expression::Tree;
use crate::scenario::names::{Ids, Reading, Reference};

/// The values of the names in a condition, in brackets: ` (turnout.max 0.045, sites_lost 2)`. Names of formulas and
/// of fixed numbers are left out.
pub(super) fn values(s: &Scenario, batch: &Batch<'_, 1>, tree: &Tree) -> String {
    let ids = s.ids();
    let mut names = Vec::new();
    tree.each_name(&mut |parts, _| {
        names.push(parts.iter().map(String::as_str).collect::<Vec<_>>());
    });
    let mut shown: Vec<String> = Vec::new();
    for parts in names {
        if let Some(x) = value(&ids, batch, &parts) {
            let text = format!("{} {}", parts.join("."), number::value(f64::from(x)));
            if !shown.contains(&text) {
                shown.push(text);
            }
        }
    }
    if shown.is_empty() {
        String::new()
    } else {
        format!(" ({})", shown.join(", "))
    }
}

/// What a name reads from the state; nothing for names of the scenario's own and for conditions.
fn value(ids: &Ids, batch: &Batch<'_, 1>, parts: &[&str]) -> Option<f32> {
    let l = batch.layout();
    let Reference {
        quantity,
        indices,
        reading,
    } = ids.reference(parts).ok()?;
    let at = |indices: &[usize]| batch.get(l.slot(quantity, indices)).0[0];
    match reading {
        Reading::Value => Some(at(&indices)),
        Reading::Largest => Some((0..l.crowds).map(|n| at(&[n])).fold(0.0, f32::max)),
        Reading::DaysSince => {
            let day = at(&indices);
            day.is_finite().then(|| batch.get(l.day()).0[0] - day)
        }
        Reading::Mean
        | Reading::Felt
        | Reading::AboveZero
        | Reading::Holder(_)
        | Reading::Fate(_) => None,
    }
}
