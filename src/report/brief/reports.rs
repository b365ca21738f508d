//! What a brief says of a run given evidence: its reports, what makes the shares doubtful, and how far they are known.

use super::blocks::{Block, Table, date, whole};
use super::content::{Brief, Side};
use super::given::Reported;
use crate::analysis::weighing::is_doubtful;
use crate::text::number::{count, effective, exact};

/// Most reports that are listed.
const MOST: usize = 8;

/// What makes the shares doubtful, of every side.
pub(super) fn doubts(brief: &Brief) -> Vec<String> {
    let of = |s: &Side| {
        let own = s.given.as_ref().map(|g| g.warnings.as_slice());
        let own = own.unwrap_or_default();
        let own = own.iter().map(|w| match &s.letter {
            Some(letter) => format!("Warning, {letter}: {w}"),
            None => format!("Warning: {w}"),
        });
        own.collect::<Vec<_>>()
    };
    brief.sides.iter().flat_map(of).collect()
}

/// What rounds are worth under the reports, for the line below the title.
pub(super) fn worth(side: &Side) -> Option<String> {
    let given = side.given.as_ref()?;
    let letter = side
        .letter
        .as_ref()
        .map_or(String::new(), |l| format!("{l} "));
    let worth = match given.effective {
        Some(n) if n > 0.0 => format!(
            "; given these they count like at least {} independent ones for each outcome",
            effective(n)
        ),
        Some(_) => "; how many independent ones they count like is not known".to_owned(),
        None => String::new(),
    };
    Some(format!(
        ", {letter}given the reports of “{}”{worth}",
        given.title
    ))
}

/// The reports of every side that has some.
pub(super) fn reports(brief: &Brief, blocks: &mut Vec<Block>) {
    for side in &brief.sides {
        let Some(given) = side.given.as_ref().filter(|g| !g.reports.is_empty()) else {
            continue;
        };
        blocks.push(Block::Heading(match &side.letter {
            Some(letter) => format!("The reports of {letter}"),
            None => "The reports".to_owned(),
        }));
        let shown = listed(&given.reports);
        let rows = shown.iter().map(|r| {
            vec![
                r.name.clone(),
                r.on.map_or_else(|| "–".to_owned(), date),
                exact(r.reliability),
                r.wrong.map_or_else(|| "–".to_owned(), whole),
            ]
        });
        blocks.push(Block::Table(Table {
            caption: "Reports that the shares take into account".to_owned(),
            header: ["Report", "By", "Reliability", "Chance it is wrong"]
                .map(str::to_owned)
                .to_vec(),
            rows: rows.collect(),
        }));
        let more = given.reports.len() - shown.len();
        let mut note = "Reliability: the chance that what was reported is what was, as the analyst judges it. The last column: \
                        the chance that it is wrong all the same, once all reports are taken together. By: the day at whose \
                        end the state is read."
            .to_owned();
        if more > 0 {
            note = format!("And {} more in the report. {note}", count(more as u64));
        }
        blocks.push(Block::Note(note));
    }
}

/// The reports that are listed, in order: all that are probably wrong though counted on, and the first others.
fn listed(all: &[Reported]) -> Vec<&Reported> {
    let doubtful = |r: &Reported| r.wrong.is_some_and(|w| is_doubtful(r.reliability, w));
    let mut free = MOST.saturating_sub(all.iter().filter(|r| doubtful(r)).count());
    let mut shown = Vec::new();
    for report in all {
        if doubtful(report) {
            shown.push(report);
        } else if free > 0 {
            free -= 1;
            shown.push(report);
        }
    }
    shown.truncate(MOST);
    shown
}
