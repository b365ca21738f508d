//! What `kzsim check --day0` prints.

use std::fmt::Write;

use super::layout::Layout;
use super::number::{count, percent, share};
use crate::scenario::Scenario;
use crate::study::{Day0, FORCED};

/// A median with its range, in per cent.
fn spread([low, middle, high]: [f64; 3]) -> String {
    format!(
        "{} ({} to {})",
        percent(middle),
        percent(low),
        percent(high)
    )
}

/// The first day of a scenario, in words and tables.
#[must_use]
pub fn day0(s: &Scenario, found: &Day0, layout: Layout) -> String {
    let mut out = format!(
        "{}: the first day, in {} rounds (medians, with the 5th and 95th percentiles over guesses)\n",
        s.name,
        count(found.rounds)
    );
    let mut table = layout.table(&["Contender", "Support", "If all had to choose"]);
    for ((c, support), backing) in s.contenders.iter().zip(&found.support).zip(&found.backing) {
        table.add_row([c.name.clone(), spread(*support), spread(*backing)]);
    }
    layout.fit(&mut table, &[]);
    let _ = writeln!(out, "{table}");
    if found.moves.is_empty() {
        out.push_str("No considered moves.\n");
        return out;
    }
    let days = FORCED.map(|day| format!("Forced, day {day}"));
    let mut head = vec![
        "Considered move",
        "Stayed at",
        "A calm month",
        "Over the clock",
    ];
    head.extend(days.iter().map(String::as_str));
    let mut table = layout.table(&head);
    for found in &found.moves {
        let mut row = vec![
            s.actions[found.action].name.clone(),
            spread(found.stayed_at),
            if found.over_clock.probability > 0.0 {
                percent(found.a_month)
            } else {
                format!("below {}", percent(found.a_month))
            },
            share(found.over_clock),
        ];
        row.extend(found.forced.map(|forced| match forced {
            Some((success, _)) => share(success),
            None => "-".to_owned(),
        }));
        table.add_row(row);
    }
    layout.fit(&mut table, &[]);
    let _ = writeln!(out, "{table}");
    out.push_str(
        "Stayed at: the inclination that is known not to have moved him. A calm month, over the clock: share of \
         rounds with a try\nwhere nothing happens on a date. Forced: share of tries that succeed when the move is \
         made on that day and no other\nconsidered move is tried; - where it cannot be tried then or cannot fail.\n",
    );
    out
}
