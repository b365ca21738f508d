//! One declaration for each table: the macro `table!` makes a row type that knows its file and its
//! columns, and writes and reads its cells.

use std::io;

use super::cell::{Cell, Column, Dtype};
use crate::scenario::fault::nearest;

/// A row of a CSV file.
pub trait Row: Sized {
    /// Name of the file.
    const FILE: &'static str;

    /// The columns, in order.
    fn columns() -> Vec<Column>;

    /// By column: whether its cells may be empty.
    fn optional() -> Vec<bool>;

    /// The texts of the cells, in the order of the columns.
    fn cells(&self) -> Vec<String>;

    /// Reads the texts of the cells, in the order of the columns.
    ///
    /// # Errors
    /// When a cell is not of the type of its column: the index of the column.
    fn parse<'c>(cells: impl Iterator<Item = &'c str>) -> Result<Self, usize>;
}

/// Declares tables: their file, and of each column the field, the type of the cell, the unit (if it
/// is not the usual one) and the meaning, which is also the field's documentation. `..set` stands for
/// columns that several tables have; [`columns`] declares these sets. A file with columns that depend on the
/// scenario names those that documents show in brackets behind it.
///
/// ```ignore
/// table! {
///     /// A row of `demo.csv`.
///     DemoRow in "demo.csv" {
///         ..scenario,
///         rounds: u64 ["round"] = "rounds played",
///         s1 as "S1": f64 = "first-order index",
///         day: Option<f64> ["day"] = "day on which it came; empty if never",
///     }
/// }
/// ```
macro_rules! table {
    ($($(#[$about:meta])* $row:ident in $file:literal $([$shown:expr])? { $($columns:tt)* })*) => {
        $($crate::table::row::columns!([$(#[$about])* $row in $file] [] $($columns)*);)*

        /// The column reference of the documents is made from what is declared here.
        #[cfg(test)]
        #[test]
        fn columns_are_described() {
            $($crate::inside::columns::described(
                stringify!($row),
                &$crate::table::row::first!($($shown,)? <$row as $crate::table::row::Row>::columns()),
            );)*
        }
    };
}

/// Puts the columns of sets in their places, then declares the row.
macro_rules! columns {
    // Sets, in the order of their declaration here.
    ($row:tt $done:tt ..scenario, $($rest:tt)*) => { $crate::table::row::columns!($row $done
        scenario: String = "the scenario file's name without .toml",
        $($rest)*); };
    ($row:tt $done:tt ..reading, $($rest:tt)*) => { $crate::table::row::columns!($row $done
        scenario: String = "the reading: its file's name without .toml",
        $($rest)*); };
    ($row:tt $done:tt ..arrival, $($rest:tt)*) => { $crate::table::row::columns!($row $done
        arrived: u64 ["report"] = "number of reports that have arrived, in the order in which they became known; 0: before any",
        observation: Option<String> = "the last of them: its id; of a group, all of them; empty before any",
        name: Option<String> = "what it reports: the display names of its observations; empty before any",
        known: Option<DateTime> = "when it became known; empty before any",
        $($rest)*); };
    ($row:tt $done:tt ..pair, $($rest:tt)*) => { $crate::table::row::columns!($row $done
        scenario_a: String = "the first scenario file's name without .toml",
        scenario_b: String = "the other scenario file's name without .toml",
        $($rest)*); };
    ($row:tt $done:tt ..forecaster, $($rest:tt)*) => { $crate::table::row::columns!($row $done
        forecaster: String = "who made the forecasts; empty if the file does not say",
        horizon: String = "horizon of the forecasts; empty if there is one",
        $($rest)*); };
    ($row:tt $done:tt ..midnight, $($rest:tt)*) => { $crate::table::row::columns!($row $done
        day: f64 ["day"] = "days since the start of the clock",
        date: Date = "the date at that moment, midnight",
        $($rest)*); };
    ($row:tt $done:tt ..counted, $($rest:tt)*) => { $crate::table::row::columns!($row $done
        probability: f64 = "`count / rounds`",
        ci_low: f64 = "lower end of its Wilson interval at 95 %",
        ci_high: f64 = "upper end of its Wilson interval at 95 %",
        $($rest)*); };
    ($row:tt $done:tt ..ranges, $($rest:tt)*) => { $crate::table::row::columns!($row $done
        guesses_low: Option<f64> = "5th percentile of its share across sets of guesses; 0 where rounds cannot tell it from 0, empty where nothing is guessed or this is not known",
        guesses_high: Option<f64> = "95th percentile of the same; 1 where rounds cannot tell it from 1",
        forms_low: Option<f64> = "its lowest share over forms of the model; empty where this is not known",
        forms_high: Option<f64> = "its highest share over forms of the model",
        $($rest)*); };
    ($row:tt $done:tt ..of_case, $($rest:tt)*) => { $crate::table::row::columns!($row $done
        rounds: u64 ["round"] = "rounds played of this case",
        count: Option<u64> ["round"] = "rounds with it; empty if rounds are weighted by evidence",
        probability: Option<f64> = "share of rounds; given the case's evidence if there is any; empty where no round fits it",
        ci_low: Option<f64> = "lower end of its interval at 95 %: Wilson's, or of weighted rounds",
        ci_high: Option<f64> = "upper end of the same",
        effective_rounds: Option<f64> ["round"] = "number of equally weighted rounds whose interval would be as wide; empty without evidence",
        $($rest)*); };
    ($row:tt $done:tt ..survival, $($rest:tt)*) => { $crate::table::row::columns!($row $done
        day: f64 ["day"] = "days since the start of the clock",
        at_risk: u64 ["round"] = "rounds that did not have it before, and were still seen",
        events: u64 ["round"] = "those among them that had it first on that day",
        censored: u64 ["round"] = "those among them that were last seen on that day without it",
        survival: f64 = "Kaplan and Meier's estimate of the share of rounds that take longer",
        ci_low: f64 = "lower end of its interval at 95 %: Greenwood's, on the scale of `ln(-ln S)`",
        ci_high: f64 = "upper end of its interval at 95 %",
        $($rest)*); };
    ($row:tt $done:tt ..interval($type:ty), $($rest:tt)*) => { $crate::table::row::columns!($row $done
        ci_low: $type = "lower end of its interval at 95 %",
        ci_high: $type = "upper end of its interval at 95 %",
        $($rest)*); };
    ($row:tt $done:tt ..given, $($rest:tt)*) => { $crate::table::row::columns!($row $done
        ..interval(Option<f64>),
        effective_rounds: Option<f64> ["round"] = "number of equally weighted rounds whose interval would be as wide; 0 if nothing is known of the error",
        unconditional: f64 = "the same without evidence",
        $($rest)*); };
    ($row:tt $done:tt ..days($of:literal), $($rest:tt)*) => { $crate::table::row::columns!($row $done
        day_p05: Option<f64> ["day"] = concat!("5th percentile of the ", $of),
        day_p50: Option<f64> ["day"] = concat!("median of the ", $of),
        day_p95: Option<f64> ["day"] = concat!("95th percentile of the ", $of),
        $($rest)*); };
    ($row:tt $done:tt ..event, $($rest:tt)*) => { $crate::table::row::columns!($row $done
        kind: String = "`outcome` or `flag`",
        target: String = "id of the outcome or flag",
        $($rest)*); };
    ($row:tt $done:tt ..target, $($rest:tt)*) => { $crate::table::row::columns!($row $done
        kind: String = "`outcome`, `flag` or `quantity`",
        target: String = "id of the outcome or flag, or the quantity as it was written",
        $($rest)*); };
    ($row:tt $done:tt ..input, $($rest:tt)*) => { $crate::table::row::columns!($row $done
        input_kind: String = "`prior`, `switch` or `chance`",
        input: String = "path of the prior or switch, or `chance`",
        $($rest)*); };
    // One column.
    ($row:tt [$($done:tt)*] $field:ident $(as $name:literal)?: $type:ty $([$unit:literal])?
        = $meaning:expr, $($rest:tt)*) => {
        $crate::table::row::columns!($row
            [$($done)* $field $(as $name)?: $type $([$unit])? = $meaning,] $($rest)*);
    };
    // All columns: the row.
    ([$(#[$about:meta])* $row:ident in $file:literal] [
        $($field:ident $(as $name:literal)?: $type:ty $([$unit:literal])? = $meaning:expr,)*
    ]) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $row {
            $(#[doc = $meaning] pub $field: $type,)*
        }

        impl $crate::table::row::Row for $row {
            const FILE: &'static str = $file;

            fn columns() -> Vec<$crate::table::cell::Column> {
                vec![$($crate::table::cell::Column::new::<$type>(
                    $crate::table::row::first!($($name,)? stringify!($field)),
                    $crate::table::row::first!($(Some($unit),)? None),
                    $meaning,
                )),*]
            }

            fn optional() -> Vec<bool> {
                vec![$(<$type as $crate::table::cell::Cell>::OPTIONAL),*]
            }

            fn cells(&self) -> Vec<String> {
                vec![$($crate::table::cell::Cell::text(&self.$field)),*]
            }

            fn parse<'c>(cells: impl Iterator<Item = &'c str>) -> Result<Self, usize> {
                let mut cells = $crate::table::row::Cells::new(cells);
                Ok(Self { $($field: cells.next()?,)* })
            }
        }
    };
}

/// The first of several expressions.
macro_rules! first {
    ($first:expr $(, $rest:expr)*) => {
        $first
    };
}

pub(crate) use {columns, first, table};

/// The cells of a row while they are read.
#[derive(Debug)]
pub(super) struct Cells<I> {
    cells: I,
    column: usize,
}

impl<'c, I: Iterator<Item = &'c str>> Cells<I> {
    pub(super) fn new(cells: I) -> Self {
        Self { cells, column: 0 }
    }

    /// The next cell; the index of its column if it is of another type.
    pub(super) fn next<T: Cell>(&mut self) -> Result<T, usize> {
        self.column += 1;
        let found = self.cells.next().and_then(T::parse);
        found.ok_or(self.column - 1)
    }
}

/// A table as it is written: a file, its columns, and the texts of its cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Name of the file.
    pub file: &'static str,
    /// The columns, in order.
    pub columns: Vec<Column>,
    /// The cells, by row, then column.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// The table of some rows.
    #[must_use]
    pub fn of<R: Row>(rows: &[R]) -> Self {
        Self {
            file: R::FILE,
            columns: R::columns(),
            rows: rows.iter().map(R::cells).collect(),
        }
    }

    /// Inserts columns in front of column `at`; `cells` returns those of a row by its index.
    pub(super) fn insert(
        &mut self,
        at: usize,
        columns: Vec<Column>,
        cells: impl Fn(usize) -> Vec<String>,
    ) {
        self.columns.splice(at..at, columns);
        for (i, row) in self.rows.iter_mut().enumerate() {
            row.splice(at..at, cells(i));
        }
    }
}

impl<R: Row> FromIterator<R> for Table {
    fn from_iter<I: IntoIterator<Item = R>>(rows: I) -> Self {
        Self {
            file: R::FILE,
            columns: R::columns(),
            rows: rows.into_iter().map(|r| r.cells()).collect(),
        }
    }
}

/// Why a table cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file is not readable as CSV.
    #[error("{0}")]
    Csv(#[from] csv::Error),
    /// Columns are missing; each with the most similar one that the file has.
    #[error("has no column {}", listed(.0))]
    Columns(Vec<(String, Option<String>)>),
    /// A cell is not of the type of its column.
    #[error("line {line}: `{column}` is `{found}`, expected {}", .expected.name())]
    Cell {
        /// Line of the row, from 1.
        line: u64,
        /// Name of the column.
        column: String,
        /// Text of the cell.
        found: String,
        /// Type of the column.
        expected: Dtype,
    },
}

fn listed(missing: &[(String, Option<String>)]) -> String {
    let one = |(name, near): &(String, Option<String>)| match near {
        Some(near) => format!("`{name}` (it has `{near}`)"),
        None => format!("`{name}`"),
    };
    missing.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Reads the rows of a table by the names of its columns; further columns are ignored. A column whose cells may be
/// empty may be missing, as earlier versions did not have all of them, unless it seems to be misspelt.
///
/// # Errors
/// When the text is not CSV, columns are missing, or a cell is not of the type of its column.
pub fn read<R: Row>(from: impl io::Read) -> Result<Vec<R>, ReadError> {
    let mut reader = csv::Reader::from_reader(from);
    let header = reader.headers()?.clone();
    let columns = R::columns();
    let mut places = Vec::with_capacity(columns.len());
    let mut missing = Vec::new();
    for (column, optional) in columns.iter().zip(R::optional()) {
        let place = header.iter().position(|h| h == column.name);
        let near = || nearest(&column.name, header.iter());
        match place {
            None if !optional || near().is_some() => missing.push((column.name.clone(), near())),
            place => places.push(place),
        }
    }
    if !missing.is_empty() {
        return Err(ReadError::Columns(missing));
    }
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record)? {
        let cell = |place: &Option<usize>| place.map_or("", |place| &record[place]);
        rows.push(
            R::parse(places.iter().map(cell)).map_err(|i| ReadError::Cell {
                line: record.position().map_or(0, csv::Position::line),
                column: columns[i].name.clone(),
                found: cell(&places[i]).to_owned(),
                expected: columns[i].dtype,
            })?,
        );
    }
    Ok(rows)
}
