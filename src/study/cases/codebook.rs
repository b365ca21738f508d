//! What a case table may not mean: codes that the template does not know, gaps, columns that say nothing or the
//! same.

use std::path::Path;

use super::evidence;
use super::table::CaseTable;
use crate::scenario::fault::Fault;
use crate::scenario::model::Number;
use crate::study::error::StudyError;
use crate::study::forecasts::Reading;
use crate::study::molds::Settings;
use crate::study::open::Study;
use crate::table::cases::TableRemark;

/// Correlations above which two columns say nearly the same.
const ALIKE: f64 = 0.9;
/// A correlation of fewer cases says nothing.
const FEW: usize = 10;

impl Study {
    /// Checks a case table against the template: its faults, as [`Study::cases`] would find them, and codes that are
    /// not on the scale of their parameter. Returns what may not be meant: constant columns, pairs of
    /// columns that say nearly the same, and how much is not coded. `given` is the column that names evidence.
    ///
    /// # Errors
    /// When the table cannot be read or has faults: all of them.
    pub fn check_cases(
        &self,
        path: &Path,
        given: Option<&str>,
    ) -> Result<Vec<TableRemark>, StudyError> {
        let mut reading = Reading::default();
        let table = CaseTable::read(path, given, &self.scenario, &mut reading)?;
        self.codes(&table, &mut reading);
        reading.check()?;
        evidence(&table)?;
        self.case_molds(&table, &mut reading, &super::Play::default())?;
        Ok(remarks(&table))
    }

    /// Adds codes that a scale does not have to the faults.
    pub(super) fn codes(&self, table: &CaseTable, reading: &mut Reading) {
        let numbers = self.scenario.numbers();
        for (c, path) in table.settings().iter().enumerate() {
            let number = numbers.iter().find(|n| n.path == *path);
            let Some(number) = number.filter(|n| !n.remarks.scale.is_empty()) else {
                continue;
            };
            for row in 0..table.rows() {
                if let Some(text) = table.cell(row, c)
                    && !is_code(text, number)
                {
                    let codes = number.remarks.scale.iter();
                    let codes: Vec<String> = codes
                        .map(|code| format!("{} ({})", code.value, code.means))
                        .collect();
                    let found = format!("`{text}` is not on the scale of {path}");
                    let fault = Fault::at(&table.cell_place(row, c), found, codes.join(", "));
                    reading.faults.push(fault);
                }
            }
        }
    }
}

/// Whether a cell is a code of a number's scale. A law is how sure a coder is: it is no code, and allowed.
fn is_code(text: &str, number: &Number) -> bool {
    if text.starts_with('{') {
        return true;
    }
    let value: Option<f64> = text.parse().ok();
    let scale = &number.remarks.scale;
    value.is_some_and(|x| scale.iter().any(|code| code.value == x))
}

/// What may not be meant.
fn remarks(table: &CaseTable) -> Vec<TableRemark> {
    let rows = table.rows();
    let mut out = Vec::new();
    let columns: Vec<Vec<Option<f64>>> = (0..table.settings().len())
        .map(|c| {
            let cell = |row| table.cell(row, c)?.parse().ok();
            (0..rows).map(cell).collect()
        })
        .collect();
    for (c, path) in table.settings().iter().enumerate() {
        let texts: Vec<&str> = (0..rows).filter_map(|row| table.cell(row, c)).collect();
        let (missing, path) = (rows - texts.len(), path.clone());
        if missing > 0 {
            out.push(TableRemark::NotCoded {
                path,
                missing,
                of: rows,
            });
        } else if rows > 1 && texts.iter().all(|text| *text == texts[0]) {
            let value = texts[0].to_owned();
            out.push(TableRemark::Constant { path, value });
        }
    }
    for a in 0..columns.len() {
        for b in a + 1..columns.len() {
            let pairs = columns[a].iter().zip(&columns[b]);
            let pairs: Vec<(f64, f64)> = pairs.filter_map(|(x, y)| Some(((*x)?, (*y)?))).collect();
            if let Some(r) = correlation(&pairs).filter(|r| r.abs() > ALIKE) {
                out.push(TableRemark::Alike {
                    paths: [a, b].map(|c| table.settings()[c].clone()),
                    correlation: r,
                });
            }
        }
    }
    let mut clusters: Vec<&str> = table
        .cases
        .iter()
        .map(|case| case.cluster.as_str())
        .collect();
    clusters.sort_unstable();
    clusters.dedup();
    if clusters.len() > 1 {
        let clusters = clusters.len();
        out.push(TableRemark::Clusters { clusters, of: rows });
    }
    out
}

/// Pearson's correlation; nothing of few pairs, or where one side is constant.
fn correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    if pairs.len() < FEW {
        return None;
    }
    let n = pairs.len() as f64;
    let (mx, my) = pairs
        .iter()
        .fold((0.0, 0.0), |(a, b), (x, y)| (a + x / n, b + y / n));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in pairs {
        xx += (x - mx) * (x - mx);
        yy += (y - my) * (y - my);
        xy += (x - mx) * (y - my);
    }
    let r = xy / libm::sqrt(xx * yy);
    r.is_finite().then_some(r)
}
