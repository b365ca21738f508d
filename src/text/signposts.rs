//! What `kzsim signposts` prints.

use std::fmt::Write;

use comfy_table::Cell;

use super::layout::{Layout, right};
use super::number::{count, number, percent_to, share};
use super::{caveat, titled};
use crate::analysis::interval::Share;
use crate::study::SignpostsResult;
use crate::table::signposts::SignpostRow;

/// Every outcome with its signposts.
#[must_use]
pub fn summary(found: &SignpostsResult, layout: Layout) -> String {
    let s = found.scenario();
    let mut out = format!("{}\n", s.title);
    let text = format!(
        "{} rounds, seed {}. Signposts are chosen in one half of the rounds, and all numbers come from the other half. \
         An observation counts only while the matter is open: no outcome has been noted by its date. Shares are of \
         simulated rounds that look so by then, not forecasts.",
        count(found.rounds()),
        found.seed()
    );
    layout.paragraph(&mut out, &text);
    for outcome in found.outcomes() {
        let o = &s.outcomes[*outcome];
        let own: Vec<&SignpostRow> = found.rows().iter().filter(|r| r.outcome == o.id).collect();
        let _ = writeln!(out, "\n{}", titled(&o.name, &o.id));
        if own.is_empty() {
            out.push_str(
                "  No observation before its end is known to move it with this many rounds.\n",
            );
            continue;
        }
        let head = [
            "By then",
            "Has it happened?",
            "If so",
            "If not",
            "How often",
            "Moves it by",
            "Bits",
        ];
        let mut table = layout.table(&head);
        for r in own {
            let frequent = r.seen as f64 / r.open.max(1) as f64;
            table.add_row(vec![
                Cell::new(date(r)),
                Cell::new(&r.what),
                right(share(if_seen(r))),
                right(share(if_not_seen(r))),
                right(percent_to(frequent, 0)),
                right(format!("{} points", number(100.0 * r.shift))),
                right(format!("{} (+{})", number(r.bits), number(r.bits_more))),
            ]);
        }
        let _ = writeln!(out, "{table}");
    }
    out.push('\n');
    let text = "Moves it by: the mean change of the share once it is known, up or down. Bits: what it tells of the \
                outcome, and in brackets what it adds to those above.";
    layout.paragraph(&mut out, text);
    caveat(&mut out, layout);
    out
}

/// The share where it is seen.
#[must_use]
pub fn if_seen(r: &SignpostRow) -> Share {
    Share {
        probability: r.if_seen,
        low: r.if_seen_low,
        high: r.if_seen_high,
    }
}

/// The share where it is not.
#[must_use]
pub fn if_not_seen(r: &SignpostRow) -> Share {
    Share {
        probability: r.if_not_seen,
        low: r.if_not_seen_low,
        high: r.if_not_seen_high,
    }
}

/// The day whose end is asked about, or the moment inside a day.
#[must_use]
pub fn date(r: &SignpostRow) -> String {
    if r.by.time() == jiff::civil::Time::midnight() {
        let day = r.by.saturating_sub(jiff::Span::new().days(1));
        format!("end of {}", day.date())
    } else {
        r.by.strftime("%Y-%m-%d %H:%M").to_string()
    }
}
