//! Cells of a CSV file: shortest round-trip floats that always show a point, empty for "not
//! defined".

use serde::{Serialize, Serializer};

use crate::scenario::limits::FORMULAS;

/// A float cell. What is not finite is an empty cell: no notebook should meet `inf` or `nan`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Float(pub f64);

impl Float {
    /// The exact decimal text of a model number, which is a binary32.
    #[must_use]
    pub fn single(x: f32) -> String {
        pointed(format!("{x:?}"), f64::from(x))
    }

    /// The cell's text.
    #[must_use]
    pub fn text(self) -> String {
        pointed(format!("{:?}", self.0), self.0)
    }
}

fn pointed(text: String, x: f64) -> String {
    if !x.is_finite() {
        return String::new();
    }
    match text.find('e') {
        Some(e) if !text.contains('.') => format!("{}.0{}", &text[..e], &text[e..]),
        _ => text,
    }
}

impl Serialize for Float {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

/// What a column holds, for the manifest and `docs/OUTPUTS.md`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// `string`, `int64`, `float64` or `bool`.
    pub dtype: &'static str,
    /// `1` for shares and other bare numbers, `day`, or nothing.
    pub unit: &'static str,
    /// In words.
    pub meaning: String,
}

/// A column.
#[must_use]
pub fn column(
    name: impl Into<String>,
    dtype: &'static str,
    unit: &'static str,
    meaning: impl Into<String>,
) -> Column {
    Column {
        name: name.into(),
        dtype,
        unit,
        meaning: meaning.into(),
    }
}

/// A text of many words as a cell: what a spreadsheet would take for a formula gets a quote in
/// front, also behind spaces, tabs and line breaks, which some skip.
#[must_use]
pub(super) fn plain(text: &str) -> String {
    if text.trim_start().starts_with(FORMULAS) || text.starts_with(char::is_control) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// A column of bare numbers.
#[must_use]
pub(super) fn float(name: impl Into<String>, meaning: &str) -> Column {
    column(name, "float64", "1", meaning)
}

/// A column of ids, names and other texts.
#[must_use]
pub(super) fn text(name: impl Into<String>, meaning: &str) -> Column {
    column(name, "string", "", meaning)
}

/// A column of numbers of rounds.
#[must_use]
pub(super) fn whole(name: impl Into<String>, meaning: &str) -> Column {
    column(name, "int64", "round", meaning)
}

/// A column of bools.
#[must_use]
pub(super) fn truth(name: impl Into<String>, meaning: &str) -> Column {
    column(name, "bool", "", meaning)
}

/// Columns of the two ends of an interval.
#[must_use]
pub(super) fn ends(low: &str, high: &str) -> [Column; 2] {
    [
        float(low, "lower end of its interval at 95 %"),
        float(high, "upper end of its interval at 95 %"),
    ]
}
