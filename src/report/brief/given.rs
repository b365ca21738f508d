//! What a brief says of a run given evidence: its reports, what makes the shares doubtful, and how far they are known.

use jiff::civil::Date;

use super::blocks::{Block, Table, date, whole};
use super::content::{Brief, Side};
use crate::analysis::weighing::is_doubtful;
use crate::report::folder::{ReportError, ResultFolder};
use crate::table::given::{GivenOutcomeRow, GivenReportRow};
use crate::text::given::warnings;
use crate::text::number::{count, effective, exact};

/// Most reports that are listed.
const MOST: usize = 8;

/// The evidence that shares are given.
#[derive(Debug)]
pub struct Given {
    /// Its title.
    pub title: String,
    /// Its reports, in the order of the evidence.
    pub reports: Vec<Reported>,
    /// What makes the shares doubtful, in sentences.
    pub warnings: Vec<String>,
    /// The least number of effective rounds of any outcome; none where no round fits.
    pub effective: Option<f64>,
}

/// A report.
#[derive(Debug)]
pub struct Reported {
    /// What it says.
    pub name: String,
    /// By when.
    pub on: Option<Date>,
    /// The probability that what was reported is what was.
    pub reliability: f64,
    /// The probability that it is wrong, given all reports.
    pub wrong: Option<f64>,
}

impl Given {
    /// The evidence of a folder, with the outcomes given it.
    pub(super) fn of(
        folder: &ResultFolder,
        outcomes: &[GivenOutcomeRow],
    ) -> Result<Self, ReportError> {
        let mut rows: Vec<GivenReportRow> = folder.rows()?;
        for row in &mut rows {
            row.observation = named(folder, &row.observation);
        }
        let known = outcomes.iter().filter(|o| o.probability.is_some());
        let least = known.map(|o| o.effective_rounds.unwrap_or(0.0));
        let least = least.reduce(f64::min);
        Ok(Self {
            title: folder.evidence.clone().unwrap_or_default(),
            // No table says how many islands have the weight.
            warnings: least.map_or_else(Vec::new, |n| warnings(n, None, &rows)),
            effective: least,
            reports: rows.into_iter().map(reported).collect(),
        })
    }
}

/// The names of observations that a table has by their ids.
fn named(folder: &ResultFolder, ids: &str) -> String {
    let name = |id| {
        let found = folder.observations.iter().find(|(own, _)| own == id);
        found.map_or(id, |(_, name)| name.as_str())
    };
    ids.split(" and ").map(name).collect::<Vec<_>>().join("; ")
}

fn reported(row: GivenReportRow) -> Reported {
    Reported {
        name: row.observation,
        // Midnight belongs to the day before.
        on: row
            .on
            .map(|on| on.saturating_sub(jiff::Span::new().seconds(1)).date()),
        reliability: row.reliability,
        wrong: row.probability_wrong,
    }
}

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
            "; under these they are worth at least {} for each outcome",
            effective(n)
        ),
        Some(_) => "; how much they are worth under these is not known".to_owned(),
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
            header: ["Report", "Until", "Reliability", "Wrong, given all"]
                .map(str::to_owned)
                .to_vec(),
            rows: rows.collect(),
        }));
        let more = given.reports.len() - shown.len();
        let mut note = "Reliability: the chance that what was reported is what was, as the analyst judges it. The last column: \
                        the chance that it is wrong all the same, once all reports are taken together."
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
