//! Rows of settings over one scenario, compiled as seldom as possible.
//!
//! A setting that is a number, or a law for one, changes nothing in a plan but that number. So the numbers that
//! rows set are left open: they are compiled as if they were drawn from all that their keys allow, and each row
//! brings its own values. Rows whose other settings are the same share a plan, a *mold*. What is played is the
//! same, bit by bit, as with every row compiled by itself.

use std::collections::BTreeMap;

use super::control::Control;
use super::error::{Kept, StudyError};
use super::open::{Prepared, Study};
use crate::internal::internal_error;
use crate::plan::{OpenNumber, OpenNumbers, OpenValue, Plan};
use crate::scenario::Scenario;
use crate::scenario::grammar::{Key, Leaf, Shape};
use crate::scenario::model::{Number, NumberKind, SCENARIO};
use crate::scenario::span::days;

/// A table of settings: a path for each column, and cells that may be empty.
pub(super) trait Settings {
    /// The paths of columns.
    fn paths(&self) -> &[String];
    /// Number of rows.
    fn rows(&self) -> usize;
    /// The value of a setting; nothing where the scenario keeps its own.
    fn cell(&self, row: usize, column: usize) -> Option<&str>;
    /// Whether a row is played in another way, and needs no mold.
    fn is_apart(&self, _row: usize) -> bool {
        false
    }
}

/// The plan of some rows, and what each has in place of its open numbers.
#[derive(Debug)]
pub(super) struct Mold {
    pub(super) plan: Plan,
    pub(super) open: OpenNumbers,
    /// The rows, in ascending order.
    pub(super) rows: Vec<usize>,
}

/// What is wrong with a row.
#[derive(Debug)]
pub(super) struct RowError {
    pub(super) row: usize,
    pub(super) error: StudyError,
}

/// Why rows have no molds.
#[derive(Debug)]
pub(super) enum MoldError {
    /// Rows have faults.
    Rows(Vec<RowError>),
    /// Stopped from outside.
    Interrupted,
}

impl From<MoldError> for StudyError {
    fn from(error: MoldError) -> Self {
        match error {
            MoldError::Interrupted => Self::Interrupted(Kept::Nothing),
            MoldError::Rows(rows) => {
                let joined = Self::join(rows.into_iter().map(|r| r.error).collect());
                joined.err().unwrap_or_else(|| Self::Several(Vec::new()))
            }
        }
    }
}

/// A number that rows may leave open, as its key allows it.
#[derive(Debug, Clone, Copy)]
struct Span {
    least: f64,
    most: f64,
    duration: bool,
}

impl Span {
    fn of(number: &Number) -> Self {
        Self {
            least: number.least,
            most: number.most,
            duration: number.duration,
        }
    }
}

/// What a column holds.
#[derive(Debug)]
enum Column<'t> {
    /// Values of a number by row, all of them in the plainest form: most columns are, and need no copy of the number.
    Plain(Span, Vec<f64>),
    /// Values of a number, by the texts of its cells; of empty ones that of the scenario.
    Open(Span, BTreeMap<Option<&'t str>, Number>),
    /// Anything else.
    Other,
}

impl Column<'_> {
    /// What the number may be, if it is left open.
    fn span(&self) -> Option<Span> {
        match self {
            Self::Plain(span, _) | Self::Open(span, _) => Some(*span),
            Self::Other => None,
        }
    }
}

/// Returns a number as TOML writes it, if the text is one in the plainest form: most cells are.
fn plain_number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let whole = digits.split(['.', 'e', 'E']).next().unwrap_or_default();
    let good = !whole.is_empty()
        && whole.bytes().all(|b| b.is_ascii_digit())
        && (whole == "0" || !whole.starts_with('0'))
        && !digits.contains('_')
        && !digits.ends_with('.')
        && !digits.contains(".e")
        && !digits.contains(".E");
    text.parse().ok().filter(|x: &f64| good && x.is_finite())
}

/// The key of a path, which may have blanks between its parts.
pub(super) fn key(path: &str) -> Option<&'static Key> {
    let keys: Vec<&str> = path.split('.').map(str::trim).collect();
    SCENARIO.key(&keys)
}

/// Whether a number follows from others.
fn is_computed(number: &Number) -> bool {
    matches!(number.kind, NumberKind::Expression(_))
}

/// Whether a number is a date: one that is known is no number of a plan.
fn is_date(path: &str) -> bool {
    key(path).is_some_and(|k| matches!(k.shape, Shape::Leaf(Leaf::Dated)))
}

/// The number of a path.
fn number<'s>(scenario: &'s Scenario, path: &str) -> Option<&'s Number> {
    scenario.numbers().into_iter().find(|n| n.path == path)
}

/// What a text says of a number, if it is one in the plainest form.
fn plain_value(text: &str, number: &Number) -> Option<f64> {
    if number.duration {
        days(text)
    } else {
        plain_number(text)
    }
}

/// The same, if it is a value that the number may have.
fn plain_allowed(text: &str, number: &Number) -> Option<f64> {
    let value = plain_value(text, number)?;
    ((number.least..=number.most).contains(&value) && !is_date(&number.path)).then_some(value)
}

/// Makes molds.
pub(super) struct Molder<'t, T> {
    prepared: &'t Prepared,
    /// The scenario without any of the settings.
    scenario: &'t Scenario,
    table: &'t T,
    /// Numbers that are left open for all rows, beside those of the table: what they are is said later.
    free: &'t [String],
    /// The most rows that are reported.
    most: usize,
    errors: Vec<RowError>,
}

impl<'t, T: Settings> Molder<'t, T> {
    /// Makes molds of a table over a scenario that was prepared; reports at most so many faulty rows.
    pub(super) fn new(
        prepared: &'t Prepared,
        scenario: &'t Scenario,
        table: &'t T,
        most: usize,
    ) -> Self {
        Self {
            prepared,
            scenario,
            table,
            free: &[],
            most,
            errors: Vec::new(),
        }
    }

    /// Leaves more numbers open in every row.
    pub(super) fn with_free(self, free: &'t [String]) -> Self {
        Self { free, ..self }
    }

    /// Returns the molds, in the order of their first rows.
    ///
    /// # Errors
    /// Faulty rows, or that it is stopped.
    pub(super) fn molds(mut self, control: &Control) -> Result<Vec<Mold>, MoldError> {
        let columns: Vec<Column<'t>> = (0..self.table.paths().len())
            .map(|c| self.column(c))
            .collect();
        let faulty: Vec<usize> = self.errors.iter().map(|e| e.row).collect();
        let mut groups: BTreeMap<Vec<Option<&str>>, usize> = BTreeMap::new();
        let mut rows: Vec<Vec<usize>> = Vec::new();
        let rows_of_molds = (0..self.table.rows()).filter(|row| !self.table.is_apart(*row));
        for row in rows_of_molds.filter(|row| !faulty.contains(row)) {
            let other = columns.iter().enumerate().map(|(c, column)| match column {
                Column::Plain(..) | Column::Open(..) => None,
                Column::Other => self.table.cell(row, c),
            });
            let next = rows.len();
            let group = *groups.entry(other.collect()).or_insert(next);
            if group == next {
                rows.push(Vec::new());
            }
            rows[group].push(row);
        }
        let mut molds = Vec::new();
        for rows in rows {
            if control.is_stopped() {
                return Err(MoldError::Interrupted);
            }
            // Of a faulty table only further faults are wanted.
            let found = if faulty.is_empty() {
                self.mold(&columns, rows).map(Some)
            } else {
                self.own(rows[0]).map(|_| None)
            };
            match found {
                Ok(mold) => molds.extend(mold),
                Err(error) => {
                    self.errors.push(error);
                    if self.errors.len() >= self.most {
                        break;
                    }
                }
            }
        }
        if self.errors.is_empty() {
            Ok(molds)
        } else {
            self.failed()
        }
    }

    fn failed(mut self) -> Result<Vec<Mold>, MoldError> {
        self.errors.sort_by_key(|e| e.row);
        self.errors.dedup_by_key(|e| e.row);
        self.errors.truncate(self.most);
        Err(MoldError::Rows(self.errors))
    }

    /// The settings of a row, each as `PATH=VALUE`.
    fn settings(&self, row: usize) -> Vec<String> {
        let paths = self.table.paths().iter().enumerate();
        let given = paths.filter_map(|(c, path)| Some((path, self.table.cell(row, c)?)));
        given
            .map(|(path, value)| format!("{path}={value}"))
            .collect()
    }

    /// Notes what is wrong with a row, if anything is.
    fn check(&mut self, row: usize) -> bool {
        if self.errors.iter().any(|e| e.row == row) {
            return false;
        }
        match self.prepared.open(self.settings(row)) {
            Ok(_) => true,
            Err(error) => {
                self.errors.push(RowError { row, error });
                false
            }
        }
    }

    /// Whether a value of a number can be left open. How others are drawn depends on whether one that a correlation
    /// names is drawn.
    fn can_be_open(&self, number: &Number) -> bool {
        let known = number.fixed().is_some();
        !is_computed(number)
            && !is_date(&number.path)
            && (known || self.scenario.correlation_of(&number.path).is_none())
    }

    /// Looks what a column holds. What its cells say is read once for each text.
    fn column(&mut self, c: usize) -> Column<'t> {
        let table = self.table;
        let path = &table.paths()[c];
        let own = number(self.scenario, path).cloned();
        if let Some(own) = own.as_ref().filter(|n| !is_computed(n))
            && let Some(values) = (0..table.rows())
                .map(|row| plain_allowed(table.cell(row, c)?, own))
                .collect()
        {
            return Column::Plain(Span::of(own), values);
        }
        let mut first: BTreeMap<Option<&'t str>, usize> = BTreeMap::new();
        for row in 0..table.rows() {
            first.entry(table.cell(row, c)).or_insert(row);
        }
        // What the key allows is known from its own number, or from the first that is set.
        let mut known = own.clone();
        let mut values = BTreeMap::new();
        for (text, row) in &first {
            if self.errors.len() >= self.most {
                break;
            }
            let Some(text) = text else {
                match own.clone().filter(|n| self.can_be_open(n)) {
                    Some(own) => values.insert(None, own),
                    None => return Column::Other,
                };
                continue;
            };
            let plain = known
                .as_ref()
                .and_then(|n| Some((plain_allowed(text, n)?, n)));
            let value = match plain {
                Some((x, number)) => Some(Number {
                    kind: NumberKind::Fixed(x),
                    ..number.clone()
                }),
                None => match self.read(path, text) {
                    Ok(value) => value,
                    Err(()) if self.check(*row) => None,
                    // Its fault is noted: other texts may have faults too.
                    Err(()) => continue,
                },
            };
            match value.filter(|n| self.can_be_open(n)) {
                Some(value) => {
                    known.get_or_insert_with(|| value.clone());
                    values.insert(Some(*text), value);
                }
                None => return Column::Other,
            }
        }
        match known {
            Some(n) if !is_computed(&n) => Column::Open(Span::of(&n), values),
            _ => Column::Other,
        }
    }

    /// What a setting makes of its number, if it is one; an error if it has faults.
    fn read(&self, path: &str, text: &str) -> Result<Option<Number>, ()> {
        let (scenario, faults) = self.prepared.read(&[format!("{path}={text}")]);
        if faults.is_empty() {
            Ok(number(&scenario, path).cloned())
        } else {
            Err(())
        }
    }

    /// A row by itself: its own settings tell the faults that a user would see.
    fn own(&self, row: usize) -> Result<Study, RowError> {
        let found = self.prepared.open(self.settings(row));
        found.map_err(|error| RowError { row, error })
    }

    /// Compiles the plan of rows that differ in open numbers alone.
    fn mold(&self, columns: &[Column<'t>], rows: Vec<usize>) -> Result<Mold, RowError> {
        let first = rows[0];
        let failed = |error| RowError { row: first, error };
        let alone = rows.len() == 1 && self.free.is_empty();
        let paths = self.table.paths();
        let own = self.own(first)?;
        if !same_labels(own.scenario(), self.scenario) {
            internal_error("a setting changed the outcomes or flags of the scenario");
        }
        if alone {
            return Ok(Mold {
                plan: own.into_plan(),
                open: OpenNumbers::default(),
                rows,
            });
        }
        let mut settings = Vec::new();
        for (c, column) in columns.iter().enumerate() {
            match column.span() {
                Some(span) => {
                    settings.push(opened(&paths[c], span));
                    // It is known in every row, so nothing else is drawn with it.
                    let apart = self.scenario.correlations_of(&paths[c]);
                    settings.extend(apart.map(|c| format!("correlations.{}.rank=0", c.id)));
                }
                None => settings.extend(
                    self.table
                        .cell(first, c)
                        .map(|value| format!("{}={value}", paths[c])),
                ),
            }
        }
        for path in self.free {
            let Some(number) = number(own.scenario(), path) else {
                internal_error(format!("{path} is no number of the scenario"))
            };
            settings.push(opened(path, Span::of(number)));
        }
        let mold = self.prepared.open(settings).map_err(failed)?;
        let priors = mold.scenario().priors();
        let place = |path: &str| priors.iter().position(|n| n.path == path);
        let mut open = OpenNumbers::default();
        let mut numbers = Vec::new();
        for (c, column) in columns.iter().enumerate() {
            let Some(prior) = place(&paths[c]) else {
                continue; // a key that allows one value
            };
            let values = match column {
                Column::Plain(_, values) => rows
                    .iter()
                    .map(|row| OpenValue::known(values[*row]))
                    .collect(),
                Column::Open(_, values) => {
                    let mut met: BTreeMap<Option<&str>, OpenValue> = BTreeMap::new();
                    let each = rows.iter().map(|row| {
                        let text = self.table.cell(*row, c);
                        let laws = self.prepared.laws();
                        *met.entry(text)
                            .or_insert_with(|| open.value(&values[&text], laws))
                    });
                    each.collect()
                }
                Column::Other => continue,
            };
            numbers.push(OpenNumber {
                prior,
                values,
                repeat: 1,
            });
        }
        for path in self.free {
            let Some(prior) = place(path) else { continue };
            numbers.push(OpenNumber {
                prior,
                values: vec![OpenValue::Fixed(0.0)],
                repeat: rows.len() as u64,
            });
        }
        numbers.sort_by_key(|n| n.prior);
        open.numbers = numbers;
        Ok(Mold {
            plan: mold.into_plan(),
            open,
            rows,
        })
    }
}

/// The setting that leaves a number open.
fn opened(path: &str, span: Span) -> String {
    let Span { least, most, .. } = span;
    if span.duration {
        format!("{path}={{ min = \"{least}d\", max = \"{most}d\" }}")
    } else {
        format!("{path}={{ min = {least:?}, max = {most:?} }}")
    }
}

/// Whether rows of one scenario can be labelled by those of another.
fn same_labels(a: &Scenario, b: &Scenario) -> bool {
    let outcomes = |s: &Scenario| s.outcomes.iter().map(|o| o.id.clone()).collect::<Vec<_>>();
    let flags = |s: &Scenario| s.flags.iter().map(|f| f.id.clone()).collect::<Vec<_>>();
    outcomes(a) == outcomes(b) && flags(a) == flags(b)
}
