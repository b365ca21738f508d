//! What a folder knows of the evidence that a run is given.

use jiff::civil::Date;

use crate::report::folder::{ReportError, ResultFolder};
use crate::table::given::{GivenOutcomeRow, GivenReportRow};
use crate::text::given::warnings;

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
