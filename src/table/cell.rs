//! Cells and columns of a CSV file: shortest round-trip floats that always show a point, and empty
//! cells for what is not defined.

use std::borrow::Cow;

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

use crate::scenario::misread::taken_for;

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dtype {
    /// Text.
    String,
    /// An integer.
    Int64,
    /// A double-precision number.
    Float64,
    /// `true` or `false`.
    Bool,
    /// A date or a moment (ISO 8601).
    Date,
}

impl Dtype {
    /// Its name in manifests and documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Int64 => "int64",
            Self::Float64 => "float64",
            Self::Bool => "bool",
            Self::Date => "date",
        }
    }
}

/// What a column holds, for the manifest and `docs/OUTPUTS.md`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub dtype: Dtype,
    /// `1` for shares and other bare numbers, `day`, `round`, or empty.
    pub unit: Cow<'static, str>,
    /// In words.
    pub meaning: String,
}

impl Column {
    /// A column of cells of type `T`; `unit` defaults to `1` for floats and to none for others.
    #[must_use]
    pub fn new<T: Cell>(
        name: impl Into<String>,
        unit: Option<&'static str>,
        meaning: impl Into<String>,
    ) -> Self {
        let usual = if T::DTYPE == Dtype::Float64 { "1" } else { "" };
        Self {
            name: name.into(),
            dtype: T::DTYPE,
            unit: unit.unwrap_or(usual).into(),
            meaning: meaning.into(),
        }
    }
}

/// A value that fills a cell.
pub trait Cell: Sized {
    /// The type of its column.
    const DTYPE: Dtype;
    /// Whether its cell may be empty.
    const OPTIONAL: bool = false;
    /// The text of the cell; empty if the value is not defined.
    fn text(&self) -> String;
    /// Reads the text of a cell; `None` if it is not of this type.
    fn parse(text: &str) -> Option<Self>;
}

/// A float as Rust writes it, always with a point. What is not finite is an empty cell: no notebook
/// should meet `inf` or `nan`.
fn pointed(text: String, finite: bool) -> String {
    if !finite {
        return String::new();
    }
    match text.find('e') {
        Some(e) if !text.contains('.') => format!("{}.0{}", &text[..e], &text[e..]),
        _ => text,
    }
}

/// Adds the text of a cell to a line: that of [`Cell::text`], only sooner.
pub(super) fn push(x: f32, line: &mut Vec<u8>) {
    if is_plain(x.into()) && !is_between(x) {
        let mut digits = zmij::Buffer::new();
        line.extend_from_slice(digits.format_finite(x).as_bytes());
    } else {
        line.extend_from_slice(x.text().as_bytes());
    }
}

/// Whether a number is of a size at which no text has an exponent.
fn is_plain(x: f64) -> bool {
    (1e-4..8_192.0).contains(&x.abs())
}

/// Whether a number may lie in the middle between two decimal numbers of as few digits, of which the standard library
/// takes the upper one and others the even one: then it is a multiple of a power of 2 that its digits can tell.
fn is_between(x: f32) -> bool {
    let exponent = (x.to_bits() >> 23) & 0xff;
    is_tie(
        150_u32.saturating_sub(exponent),
        x.to_bits().trailing_zeros(),
    )
}

/// The same of a number in binary64. Whole numbers of a plain size are their own shortest text.
fn is_between_wide(x: f64) -> bool {
    let exponent = (x.to_bits() >> 52) as u32 & 0x7ff;
    let places = 1_075_u32.saturating_sub(exponent);
    x.trunc() != x && is_tie(places, x.to_bits().trailing_zeros())
}

/// Of binary places behind the point at most a third and one more are decimal places of the shortest text.
fn is_tie(places: u32, zeros: u32) -> bool {
    zeros + 3 >= 2 * places / 3
}

impl Cell for f64 {
    const DTYPE: Dtype = Dtype::Float64;

    fn text(&self) -> String {
        if self.to_bits() == 0 {
            "0.0".to_owned()
        } else if is_plain(*self) && !is_between_wide(*self) {
            zmij::Buffer::new().format_finite(*self).to_owned()
        } else {
            pointed(format!("{self:?}"), self.is_finite())
        }
    }

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok().filter(|x: &Self| x.is_finite())
    }
}

/// A number of the model: the exact decimal text of a binary32.
impl Cell for f32 {
    const DTYPE: Dtype = Dtype::Float64;

    fn text(&self) -> String {
        pointed(format!("{self:?}"), self.is_finite())
    }

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok().filter(|x: &Self| x.is_finite())
    }
}

/// A number that may be infinite or undefined. Its cell is then empty, and reads back as NaN.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extended(pub f64);

impl Extended {
    /// The number if it is finite.
    #[must_use]
    pub fn finite(self) -> Option<f64> {
        defined(self.0)
    }
}

impl Cell for Extended {
    const DTYPE: Dtype = Dtype::Float64;

    fn text(&self) -> String {
        self.0.text()
    }

    fn parse(text: &str) -> Option<Self> {
        Option::parse(text).map(|x| Self(x.unwrap_or(f64::NAN)))
    }
}

impl Cell for String {
    const DTYPE: Dtype = Dtype::String;

    fn text(&self) -> String {
        self.clone()
    }

    fn parse(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

/// Types whose own text is that of the cell.
macro_rules! by_its_text {
    ($($type:ty => $dtype:ident),*) => {$(
        impl Cell for $type {
            const DTYPE: Dtype = Dtype::$dtype;

            fn text(&self) -> String {
                self.to_string()
            }

            fn parse(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        }
    )*};
}

by_its_text!(u64 => Int64, bool => Bool, Date => Date, DateTime => Date);

/// A cell that may be empty.
impl<T: Cell> Cell for Option<T> {
    const DTYPE: Dtype = T::DTYPE;
    const OPTIONAL: bool = true;

    fn text(&self) -> String {
        self.as_ref().map_or(String::new(), T::text)
    }

    fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            Some(None)
        } else {
            T::parse(text).map(Some)
        }
    }
}

/// A number if it is defined.
#[must_use]
pub(super) fn defined(x: f64) -> Option<f64> {
    x.is_finite().then_some(x)
}

/// Free text as a cell: what some program would take for a formula, a number or a missing value gets
/// a quote in front, also behind spaces, tabs and line breaks, which some skip.
#[must_use]
pub(super) fn free_text(text: &str) -> String {
    let read = !text.is_empty() && taken_for(text).is_some();
    if read || text.starts_with(char::is_control) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_of_the_standard_library() {
        let plain = |x: f64| pointed(format!("{x:?}"), x.is_finite());
        let mut numbers = vec![
            0.0,
            -0.0,
            0.5,
            1e-4,
            1e-5,
            8_191.5,
            8_192.0,
            f64::NAN,
            f64::INFINITY,
        ];
        for n in 1..400_u32 {
            for k in 0..=n.min(40) {
                numbers.push(f64::from(k) / f64::from(n));
            }
        }
        for shift in 0..60 {
            // Numbers of few bits, and their neighbours: some lie in the middle between two short ones.
            let x = 8_191.0 / (1_u64 << shift) as f64;
            numbers.extend([x, x.next_up(), x.next_down(), 5_000.0 + x]);
        }
        let mut bits = 9_u64;
        for _ in 0..200_000 {
            bits = bits
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            // All numbers of plain sizes are as likely in every octave, some with their last bits cleared.
            let exponent = 1_009 + (bits >> 40) % 28;
            let cleared = u64::MAX << ((bits >> 33) % 53);
            numbers.push(f64::from_bits(
                exponent << 52 | (bits >> 8 & cleared & ((1 << 52) - 1)),
            ));
        }
        for x in numbers {
            assert_eq!(x.text(), plain(x));
            assert_eq!((-x).text(), plain(-x));
        }
    }
}
