//! A case table as its file has it, read with every fault.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::scenario::Scenario;
use crate::scenario::fault::{Fault, Place};
use crate::scenario::grammar::{Key, Overrides, Shape};
use crate::scenario::misread::taken_for;
use crate::scenario::model::SCENARIO;
use crate::scenario::sheet::Sheet;
use crate::study::error::StudyError;
use crate::study::forecasts::Reading;
use crate::study::molds::{MoldError, Settings};

/// Columns that are no settings.
const RESERVED: [&str; 4] = ["case", "cluster", "group", "t0"];
/// Texts of a cell that was not coded.
pub(in crate::study) const NOT_CODED: [&str; 3] = ["", "NA", "?"];
/// The key that `t0` sets.
const START: &str = "clock.start";

/// A case, and what is known of it beside its settings.
#[derive(Debug, Clone)]
pub(in crate::study) struct Case {
    pub(in crate::study) id: String,
    pub(in crate::study) cluster: String,
    pub(in crate::study) group: String,
    /// The first day of its clock, if the table says so.
    pub(in crate::study) t0: Option<Date>,
    /// The evidence of its past.
    pub(in crate::study) given: Option<PathBuf>,
}

/// A table of cases over a template.
#[derive(Debug)]
pub(in crate::study) struct CaseTable {
    pub(in crate::study) sheet: Sheet,
    /// The column of each setting.
    pub(in crate::study) columns: Vec<usize>,
    /// Paths of settings, and that of the start of the clock if `t0` has to move it.
    paths: Vec<String>,
    /// Starts, as texts, if they have to move.
    starts: Option<Vec<String>>,
    pub(in crate::study) cases: Vec<Case>,
}

impl Settings for CaseTable {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn rows(&self) -> usize {
        self.cases.len()
    }

    fn cell(&self, row: usize, column: usize) -> Option<&str> {
        let text = match self.columns.get(column) {
            Some(c) => self.sheet.text(row, *c),
            None => self.starts.as_ref().map_or("", |starts| &starts[row]),
        };
        (!NOT_CODED.contains(&text)).then_some(text)
    }

    fn is_apart(&self, row: usize) -> bool {
        self.cases[row].given.is_some()
    }
}

/// Whether the text of a cell may name a date of the calendar: four digits before a `-`, or `date(`.
fn may_name_date(text: &str) -> bool {
    let year = |part: &str| {
        let digits = part.bytes().rev().take_while(u8::is_ascii_digit);
        digits.count() >= 4
    };
    let mut parts: Vec<&str> = text.split('-').collect();
    parts.pop();
    text.contains("date(") || parts.into_iter().any(year)
}

impl CaseTable {
    /// Reads a case table; `given` is the column that names evidence.
    ///
    /// # Errors
    /// When the file cannot be read. What is wrong with it goes to `reading`.
    pub(in crate::study) fn read(
        path: &Path,
        given: Option<&str>,
        scenario: &Scenario,
        reading: &mut Reading,
    ) -> Result<Self, StudyError> {
        let sheet = reading.sheet(path)?;
        let faults = &mut reading.faults;
        let known = "the id of each case, in a column `case`; `cluster`, `group` and `t0` are optional, other \
                     columns are settings";
        let id = sheet.column("case", known, faults);
        let [cluster, group, t0] = ["cluster", "group", "t0"].map(|name| sheet.find(name));
        let given = given.and_then(|name| {
            let why = "the column that --given names";
            sheet.column(name, why, faults)
        });
        let names: Vec<String> = sheet.names().map(str::to_owned).collect();
        let mut columns = Vec::new();
        for (c, name) in names.iter().enumerate() {
            if RESERVED.contains(&name.as_str()) || Some(c) == given {
                continue;
            }
            match unknown(name, scenario) {
                Some(fault) => faults.push(fault(&sheet, c)),
                None => columns.push(c),
            }
        }
        if let (Some(c), true) = (t0, names.iter().any(|name| name == START)) {
            let found = "a column `t0` beside `clock.start`";
            faults.push(Fault::at(
                &sheet.head(c),
                found,
                "one of them: both set the first day",
            ));
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut cases = Vec::new();
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for row in 0..sheet.count() {
            let mut text = |column: Option<usize>| {
                column.map_or("", |c| sheet.name(row, c, faults)).to_owned()
            };
            let case = Case {
                id: text(id),
                cluster: text(cluster),
                group: text(group),
                t0: t0.and_then(|c| date(&sheet, row, c, faults)),
                given: given
                    .map(|c| sheet.text(row, c))
                    .filter(|text| !NOT_CODED.contains(text))
                    .map(|text| folder.join(text)),
            };
            if let Some(c) = id {
                let place = sheet.place(row, c);
                if case.id.is_empty() {
                    faults.push(Fault::at(&place, "a case without an id", "an id"));
                } else if taken_for(&case.id) == Some("a missing value") {
                    let found = format!("case `{}`, which other programs read as missing", case.id);
                    faults.push(Fault::at(&place, found, "an id that is read as text"));
                } else if seen.insert(case.id.clone(), row).is_some() {
                    let found = format!("a second case `{}`", case.id);
                    faults.push(Fault::at(&place, found, "each id once"));
                }
            }
            cases.push(case);
        }
        if cases.is_empty() && faults.is_empty() {
            let place = sheet.head(0);
            faults.push(Fault::at(
                &place,
                "a table without cases",
                "a row for each case",
            ));
        }
        let mut paths: Vec<String> = columns.iter().map(|c| names[*c].clone()).collect();
        // Where nothing names a date of the calendar, the start changes no round, and cases share a plan.
        let dated = scenario.names_dates()
            || (0..cases.len())
                .any(|row| columns.iter().any(|c| may_name_date(sheet.text(row, *c))));
        let moved = dated && cases.iter().any(|case| case.t0.is_some());
        let starts = moved.then(|| {
            paths.push(START.to_owned());
            let text = |case: &Case| case.t0.map_or_else(String::new, |date| date.to_string());
            cases.iter().map(text).collect()
        });
        Ok(Self {
            sheet,
            columns,
            paths,
            starts,
            cases,
        })
    }

    /// Where a cell of a setting stands.
    pub(in crate::study) fn cell_place(&self, row: usize, column: usize) -> Place {
        self.sheet.place(row, self.columns[column])
    }

    /// The settings of the table, without that of `t0`.
    pub(in crate::study) fn settings(&self) -> &[String] {
        &self.paths[..self.columns.len()]
    }

    /// The texts of a row's settings, empty where they are not coded.
    pub(in crate::study) fn texts(&self, row: usize) -> Vec<String> {
        let columns = 0..self.columns.len();
        let text = |c| self.cell(row, c).unwrap_or_default().to_owned();
        columns.map(text).collect()
    }

    /// Why rows have no molds, with every fault at the cell that says it; `of` is the case of a row.
    pub(in crate::study) fn refused(
        &self,
        error: MoldError,
        of: impl Fn(usize) -> usize,
        reading: &mut Reading,
    ) -> StudyError {
        let rows = match error {
            MoldError::Rows(rows) => rows,
            MoldError::Interrupted => return error.into(),
        };
        for wrong in rows {
            self.place(of(wrong.row), wrong.error, reading);
        }
        let nothing = || StudyError::Invalid("a case cannot be played".to_owned());
        reading.check().err().unwrap_or_else(nothing)
    }

    /// What is wrong with a row, at the cells that say it.
    fn place(&self, row: usize, error: StudyError, reading: &mut Reading) {
        let StudyError::Faults(found) = error else {
            let place = self.sheet.place(row, 0);
            reading.faults.push(Fault::at(
                &place,
                error.to_string(),
                "a case that can be played",
            ));
            return;
        };
        for fault in found.list {
            let source = fault.place.as_ref().and_then(|p| found.sources.get(p.file));
            let setting = source.filter(|s| s.path.is_none()).map(|s| s.text.as_str());
            let path = setting.and_then(|text| text.split('=').next());
            let column = path.and_then(|path| self.paths.iter().position(|p| p == path.trim()));
            let column = column.map_or_else(
                || self.sheet.find("t0").unwrap_or_default(),
                |c| self.columns.get(c).copied().unwrap_or_default(),
            );
            reading.faults.push(Fault {
                place: Some(self.sheet.place(row, column)),
                ..fault
            });
        }
    }
}

/// A cell as a date; nothing where it is empty.
fn date(sheet: &Sheet, row: usize, column: usize, faults: &mut Vec<Fault>) -> Option<Date> {
    let text = sheet.text(row, column);
    if NOT_CODED.contains(&text) {
        return None;
    }
    let found = text.parse().ok();
    if found.is_none() {
        let place = sheet.place(row, column);
        let found = format!("`{text}` where a date is expected");
        faults.push(Fault::at(&place, found, "a date such as 1991-08-19"));
    }
    found
}

/// The ids of a section whose entries have ids of their own.
fn entries<'s>(scenario: &'s Scenario, section: &str) -> Option<Vec<&'s str>> {
    macro_rules! ids {
        ($($of:ident),*) => {
            match section {
                $(stringify!($of) => Some(scenario.$of.iter().map(|x| x.id.as_str()).collect()),)*
                _ => None,
            }
        };
    }
    ids!(
        parameters, variables, formulas, contenders, arenas, actors, offices, crowds, actions,
        outcomes, flags
    )
}

/// What is wrong with the name of a column that should be the path of a setting, if anything is.
#[expect(clippy::type_complexity, reason = "a fault without its place")]
fn unknown(name: &str, scenario: &Scenario) -> Option<Box<dyn Fn(&Sheet, usize) -> Fault>> {
    let parts: Vec<&str> = name.split('.').map(str::trim).collect();
    let numbers = scenario.numbers();
    let paths = numbers.iter().map(|n| n.path.as_str());
    let near = |fault: Fault, known: Vec<&str>| fault.near(name, known);
    let allowed = "the path of a setting of the template, such as actors.army.caution, or case, cluster, group, t0";
    let found = format!("unknown column `{name}`");
    let wrong = |known: Vec<&str>| {
        let fault = near(Fault::whole(found.clone(), allowed), known);
        let make = move |sheet: &Sheet, c: usize| Fault {
            place: Some(sheet.head(c)),
            ..fault.clone()
        };
        Some(Box::new(make) as Box<dyn Fn(&Sheet, usize) -> Fault>)
    };
    let known = || paths.clone().chain(RESERVED).collect::<Vec<_>>();
    let Some(key) = SCENARIO.key(&parts) else {
        return wrong(known());
    };
    if let (Some(ids), Some(id)) = (entries(scenario, parts[0]), parts.get(1))
        && !ids.contains(id)
    {
        return wrong(known());
    }
    if parts.len() == 1 && !matches!(key.shape, Shape::Leaf(_)) {
        return wrong(known());
    }
    if let Key {
        overrides: Overrides::SetOnly(why) | Overrides::Neither(why),
        ..
    } = key
    {
        let found = format!("`{name}` cannot vary from case to case");
        let fault = Fault::whole(found, "a setting that can").help(Some((*why).to_owned()));
        return Some(Box::new(move |sheet: &Sheet, c: usize| Fault {
            place: Some(sheet.head(c)),
            ..fault.clone()
        }));
    }
    None
}
