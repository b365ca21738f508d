//! One file for each kind of picture.

pub(super) mod arrivals;
pub(super) mod bars;
pub(super) mod boxes;
pub(super) mod by_day;
pub(super) mod changes;
pub(super) mod dots;
pub(super) mod effects;
pub(super) mod fans;
pub(super) mod flow;
pub(super) mod given;
pub(super) mod heat;
pub(super) mod readings;
pub(super) mod reliability;
pub(super) mod sensitivity;
pub(super) mod sides;
pub(super) mod sweep;
pub(super) mod when;

use jiff::ToSpan;

use super::canvas::{Drawing, Width};
use super::picture::Home;
use crate::analysis::interval::Share;
use crate::scenario::model::Clock;
use crate::text::number::{percent, share_with_interval};

/// A picture in its two widths.
fn both(draw: impl Fn(Width) -> Drawing) -> [Drawing; 2] {
    [Width::Wide, Width::Narrow].map(draw)
}

/// A day of the clock as people write it: `5 Jan`, or `5 Jan 2018` where the clock runs into another
/// year.
fn date(clock: &Clock, day: f64) -> String {
    let on = |day: i64| clock.start.checked_add(day.days());
    let last = i64::try_from(clock.days).unwrap_or(i64::MAX);
    let years = on(last).map_or(0, |end| end.year() - clock.start.year());
    // What becomes known may do so after the end of the clock.
    let other = on(day.round() as i64).map_or(0, |d| d.year() - clock.start.year());
    let form = if years > 0 || other != 0 {
        "%-d %b %Y"
    } else {
        "%-d %b"
    };
    on(day.round() as i64).map_or_else(|_| format!("day {day}"), |d| d.strftime(form).to_string())
}

/// A share with its interval, if it has one.
fn estimate(value: f64, interval: Option<(f64, f64)>) -> String {
    match interval {
        Some((low, high)) => share_with_interval(Share {
            probability: value,
            low,
            high,
        }),
        None => percent(value),
    }
}

/// Pictures of one of several scenarios that are compared with the first.
struct Among<'a> {
    /// Whether there is more than one.
    several: bool,
    scenario: &'a str,
}

impl Among<'_> {
    fn name(&self, name: &str) -> String {
        if self.several {
            format!("{name}_{}", self.scenario)
        } else {
            name.to_owned()
        }
    }

    fn title(&self, title: &str) -> String {
        if self.several {
            format!("{title}: {}", self.scenario)
        } else {
            title.to_owned()
        }
    }

    /// Where the data lie: `file` holds those of all scenarios.
    fn home(&self, file: &'static str) -> Home {
        if self.several {
            Home::Written
        } else {
            Home::Kept(file)
        }
    }
}
