//! The roads to an outcome, and the typical round of each, in a few lines.

use std::fmt::Write;

use super::layout::Layout;
use super::number::{count, list, number, percent, share_with_interval};
use super::{caveat, titled};
use crate::analysis::interval::bound;
use crate::study::{Road, TypicalEvent, TypicalResult};

/// Every road with its share and what it is known by; `stories` adds the main events of its typical round.
#[must_use]
pub fn summary(title: &str, found: &TypicalResult, stories: bool, layout: Layout) -> String {
    let mut out = format!("{title}\n");
    let outcome = titled(&found.name, &found.outcome);
    if found.roads.is_empty() {
        let most = percent(bound(found.rounds.max(1)));
        let text = format!(
            "{outcome}: none of {} rounds, seed {}; its share may still be up to {most} at 95 %",
            count(found.rounds),
            found.seed
        );
        layout.paragraph(&mut out, &text);
        return out;
    }
    let text = format!(
        "{outcome}: {} of the first {} rounds, seed {}. {} of these {} rounds were compared by the actions that took \
         effect before the outcome was noted, and by when they did",
        share_with_interval(found.share),
        count(found.rounds),
        found.seed,
        count(found.compared),
        count(found.count),
    );
    layout.paragraph(&mut out, &text);
    for (i, road) in (1..).zip(&found.roads) {
        out.push('\n');
        layout.paragraph(
            &mut out,
            &format!("{i}. {}", line(road, found.roads.len() == 1)),
        );
        if stories {
            for event in road.main() {
                let _ = writeln!(out, "   {}", told(event));
            }
            let _ = writeln!(
                out,
                "   {}  the outcome: {}",
                road.noted_at.strftime("%Y-%m-%d %H:%M"),
                found.name
            );
        }
    }
    caveat(&mut out, layout);
    out
}

/// A road in one sentence; `alone` if there is no other.
#[must_use]
pub fn line(road: &Road, alone: bool) -> String {
    let mut known = Vec::new();
    if !road.with.is_empty() {
        known.push(format!("with {}", quoted(&road.with)));
    }
    if !road.without.is_empty() {
        known.push(format!("without {}", quoted(&road.without)));
    }
    if !road.usual.is_empty() {
        let usual = road.usual.iter();
        let usual: Vec<String> = usual
            .map(|(told, part)| format!("“{told}” ({})", percent(*part)))
            .collect();
        known.push(format!("usually {}", list(&usual)));
    }
    let share = if alone {
        "all by one road".to_owned()
    } else {
        format!("{} of them", share_with_interval(road.share))
    };
    let known = if known.is_empty() {
        String::new()
    } else {
        format!(": {}", known.join("; "))
    };
    format!(
        "{share}{known}. Typical is round {}, in which it comes on day {}.",
        road.round,
        number(road.noted)
    )
}

fn quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|n| format!("“{n}”")).collect();
    list(&names)
}

/// An event in a line: date and time, what, and who.
#[must_use]
pub fn told(event: &TypicalEvent) -> String {
    let who = event
        .actor
        .as_ref()
        .map_or(String::new(), |a| format!(" [{a}]"));
    format!(
        "{}  {}{who}",
        event.at.strftime("%Y-%m-%d %H:%M"),
        event.told
    )
}
