//! What `kzsim check --day0` prints.

use std::fmt::Write;

use super::layout::Layout;
use super::number::{count, decimal, percent, share};
use crate::scenario::Scenario;
use crate::study::{BaseRate, Day0, FORCED, base_rates, range};

/// What the past is compared with: base rates by id, and what they are of.
const SUCCESS: [(&str, &[&str]); 4] = [
    (
        "of all attempts",
        &["success_pt", "success_colpus", "success_cdp"],
    ),
    ("in the palace", &["success_palace"]),
    ("by middle ranks", &["success_middle"]),
    ("by junior officers", &["success_junior"]),
];

/// A median with its range, in per cent.
fn spread([low, middle, high]: [f64; 3]) -> String {
    let [from, to] = [low, high].map(|x| percent(x).trim_end_matches(" %").to_owned());
    format!("{} ({from} to {to})", percent(middle))
}

/// A median inclination with its range.
fn inclination(of: [f64; 3]) -> String {
    let [low, middle, high] = of.map(|x| decimal(x, 2));
    format!("{middle} ({low} to {high})")
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
    // Heads of two lines leave room for the names of moves.
    let days = FORCED.map(|day| format!("Forced,\nday {day}"));
    let mut head = vec![
        "Considered move",
        "Stayed at",
        "A calm\nmonth",
        "Over the\nclock",
    ];
    head.extend(days.iter().map(String::as_str));
    let mut table = layout.table(&head);
    for found in &found.moves {
        let mut row = vec![
            s.actions[found.action].name.clone(),
            inclination(found.stayed_at),
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
    history(found, layout, &mut out);
    out
}

/// The ends of a range, in per cent.
fn ends((low, high): (f64, f64)) -> String {
    format!("{} to {}", percent(low), percent(high))
}

/// Where a share lies beside a range of base rates.
fn beside(share: f64, (low, high): (f64, f64)) -> String {
    let times = |x: f64| decimal(x, 1);
    match share {
        0.0 => "below: none here".to_owned(),
        x if x < low => format!("below: the least is {} times as much", times(low / x)),
        x if x > high => format!("above: {} times the most", times(x / high)),
        _ => "inside".to_owned(),
    }
}

/// What happened in the past, beside what the scenario says.
fn history(found: &Day0, layout: Layout, out: &mut String) {
    let all: Vec<BaseRate> = base_rates();
    let mut table = layout.table(&["Beside the past", "Here", "Then (95 %)", ""]);
    let mut add = |what: &str, here: (String, f64), ids: &[&str]| {
        if let Some(then) = range(&all, ids) {
            let (text, share) = here;
            table.add_row([what.to_owned(), text, ends(then), beside(share, then)]);
        }
    };
    let month = found.attempt_a_month;
    let ids = ["attempt_in_a_month", "attempt_in_a_quiet_month"];
    add("An attempt in a month", (percent(month), month), &ids);
    if let Some(again) = found.tried_again {
        let ids = ["repeat_30_pt", "repeat_30_colpus", "repeat_30_cdp"];
        add(
            "Another soon after",
            (share(again), again.probability),
            &ids,
        );
    }
    let forced: Vec<f64> = found
        .moves
        .iter()
        .filter_map(|m| Some(m.forced[0]?.0.probability))
        .collect();
    if let (Some(least), Some(most)) = (
        forced.iter().copied().reduce(f64::min),
        forced.iter().copied().reduce(f64::max),
    ) {
        for (what, ids) in SUCCESS {
            let Some(then) = range(&all, ids) else {
                continue;
            };
            let apart = if most < then.0 {
                beside(most, then)
            } else if least > then.1 {
                beside(least, then)
            } else {
                "overlaps".to_owned()
            };
            table.add_row([
                format!("Success {what}"),
                ends((least, most)),
                ends(then),
                apart,
            ]);
        }
    }
    layout.fit(&mut table, &[]);
    let _ = writeln!(out, "{table}");
    out.push_str(
        "Then: base rates since 1950 in one half of all countries, with 95 % intervals (history/base_rates.csv has numbers and \
         rules):\nattempts in a month of an autocracy, calm or not; another within 30 days of one that failed; success of tries, here \
         the forced ones\nof day 0. A scenario may depart from them, and should say why.\n",
    );
}
