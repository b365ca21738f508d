//! One file for a kind of picture.

pub(super) mod bars;
pub(super) mod boxes;
pub(super) mod by_day;
pub(super) mod changes;
pub(super) mod dots;
pub(super) mod fans;
pub(super) mod flow;
pub(super) mod given;
pub(super) mod heat;
pub(super) mod readings;
pub(super) mod sensitivity;
pub(super) mod sides;
pub(super) mod sweep;
pub(super) mod when;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::table::cell::Cell;

/// A float as result files write it.
fn float(x: f64) -> String {
    x.text()
}

/// A number without a unit.
fn words_number(x: f64) -> String {
    super::words::number(x)
}

/// A day of the clock as people write it: `5 Jan`.
fn date(start: &str, day: f64) -> String {
    let start: Result<Date, _> = start.parse();
    let there = start
        .ok()
        .and_then(|s| s.checked_add((day.round() as i64).days()).ok());
    there.map_or_else(
        || format!("day {day}"),
        |d| d.strftime("%-d %b").to_string(),
    )
}
