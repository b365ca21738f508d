//! The words for what rounds played again show: guesses that decide, typical histories, signposts.

use super::blocks::{Block, Table, capital, capital_only, date, inside, whole, with_interval};
use super::content::{Brief, is_judgement};
use super::retold::{Deciding, History, Retold, Signpost};
use crate::text::number::count;

/// A guess that explains so much of an outcome decides it.
const DECIDES: f64 = 0.25;

/// The most frequent outcome in a sentence.
fn its_name(brief: &Brief) -> String {
    brief
        .first()
        .outcomes
        .first()
        .map_or_else(String::new, |o| inside(&o.name))
}

/// What rounds played again show, or why that is left out.
pub(super) fn retold(brief: &Brief, blocks: &mut Vec<Block>) {
    match &brief.retold {
        Err(why) => {
            blocks.push(Block::Heading(
                "The guesses that decide, typical histories, signposts".to_owned(),
            ));
            blocks.push(Block::Text(capital(why)));
        }
        Ok(found) => {
            deciding(brief, found, blocks);
            histories(&found.histories, blocks);
            signposts(brief, &found.signposts, blocks);
        }
    }
}

fn histories(found: &[History], blocks: &mut Vec<Block>) {
    if found.is_empty() {
        return;
    }
    blocks.push(Block::Heading("Typical histories".to_owned()));
    for history in found {
        blocks.push(Block::Text(format!(
            "{} (round {}, the one most like the others that end so):",
            capital_only(&history.outcome),
            count(history.round)
        )));
        let mut lines: Vec<String> = history
            .events
            .iter()
            .map(|(day, what)| format!("{}: {what}", date(*day)))
            .collect();
        if lines.is_empty() {
            lines.push(format!(
                "until {}: nothing has happened",
                date(history.noted)
            ));
        }
        if history.at_end {
            lines.push(format!(
                "{}: the last day; only then is it settled that it ends so",
                date(history.noted)
            ));
        }
        blocks.push(Block::Items(lines));
    }
}

fn signposts(brief: &Brief, found: &[Signpost], blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading("What would change the answer".to_owned()));
    if found.is_empty() {
        return blocks.push(Block::Text(
            "No dated observation moves this answer by more than chance while it is open."
                .to_owned(),
        ));
    }
    let row = |s: &Signpost| {
        vec![
            capital_only(&s.what),
            date(s.by),
            whole(s.seen),
            with_interval(s.if_seen),
            with_interval(s.if_not_seen),
        ]
    };
    blocks.push(Block::Table(Table {
        caption: "Dated observations that would move the share of the most frequent outcome most"
            .to_owned(),
        header: [
            "If by then",
            "Date",
            "Seen in",
            "Share if seen",
            "Share if not",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: found.iter().map(row).collect(),
    }));
    blocks.push(Block::Note(format!(
        "Share of “{}” among histories that are still open on the date, with 95 % intervals. Such an observation need not be \
         a cause.",
        its_name(brief)
    )));
}

/// A part in whole per cent, below 1 as such.
fn about(parts: &[f64]) -> String {
    let bare = |x: f64| whole(x).replace(" %", "");
    let least = parts.iter().copied().fold(f64::INFINITY, f64::min);
    let most = parts.iter().copied().fold(0.0, f64::max);
    match (bare(least), bare(most)) {
        (low, high) if low == high => format!("{high} %"),
        (low, high) => format!("{low} to {high} %"),
    }
}

/// How much the guesses explain, in a sentence; it follows their size.
fn explained(name: &str, retold: &Retold) -> String {
    let parts: Vec<f64> = retold.deciding.iter().map(|d| d.explains).collect();
    let each = match parts.as_slice() {
        [one] => format!("the strongest explains about {}", about(&[*one])),
        all => format!(
            "each of the {} strongest explains about {}",
            all.len(),
            about(all)
        ),
    };
    let together = retold.together.map_or_else(String::new, |all| {
        format!(
            "; all guesses together explain about {}, and the remainder is chance",
            with_interval(all)
        )
    });
    capital_only(&format!(
        "{each} of whether a history ends with “{name}”{together}."
    ))
}

fn deciding(brief: &Brief, retold: &Retold, blocks: &mut Vec<Block>) {
    let found = &retold.deciding;
    let strongest = found.iter().map(|d| d.explains).fold(0.0, f64::max);
    blocks.push(Block::Heading(
        if strongest >= DECIDES {
            "The guesses that decide"
        } else {
            "No single guess decides"
        }
        .to_owned(),
    ));
    if found.is_empty() {
        return blocks.push(Block::Text(
            "No guess by itself moves this answer by more than chance.".to_owned(),
        ));
    }
    blocks.push(Block::Text(explained(&its_name(brief), retold)));
    let row = |d: &Deciding| {
        vec![
            capital_only(&d.name),
            format!("up to {}: {}", d.ends.0, with_interval(d.low)),
            format!("from {}: {}", d.ends.1, with_interval(d.high)),
            if d.source.is_empty() {
                "none named".to_owned()
            } else if is_judgement(&d.source) {
                "judgement".to_owned()
            } else {
                d.source.clone()
            },
        ]
    };
    blocks.push(Block::Table(Table {
        caption: "Share of the most frequent outcome at the ends of the guesses that move it most"
            .to_owned(),
        header: [
            "Guess",
            "In its lowest fifth",
            "In its highest fifth",
            "Rests on",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: found.iter().map(row).collect(),
    }));
    blocks.push(Block::Note(format!(
        "Share of “{}” in histories with the guess in its lowest and in its highest fifth, with 95 % intervals. Other \
         guesses vary as they do.",
        its_name(brief)
    )));
}
