//! The tables of `kzsim sweep`. Their columns depend on the settings.

use super::cell::{Cell, Column};
use super::row::{Row, Table, table};
use crate::analysis::interval::wilson;
use crate::ensemble::counts::Counts;
use crate::scenario::Scenario;

/// The counts of a sweep, with all that gives them meaning.
pub struct Sweep<'a> {
    /// The scenario before any setting.
    pub scenario: &'a Scenario,
    /// Paths of the settings that vary.
    pub paths: &'a [String],
    /// Values of the settings at each point.
    pub points: &'a [Vec<String>],
    /// The first round of each point; empty where all points play the same rounds.
    pub first: &'a [u64],
    /// Counts at each point.
    pub counts: &'a [Counts],
}

table! {
    /// A row of `points.csv`: a point. The settings follow `point`.
    SweepPointRow in "points.csv" [pattern::<SweepPointRow>()] {
        scenario: String = "the scenario before any override",
        point: u64 = "index of the point, from 0",
        rounds: u64 ["round"] = "rounds played at this point",
    }

    /// A row of `outcomes.csv`: a point and an outcome. The settings follow `point`.
    SweepOutcomeRow in "outcomes.csv" [pattern::<SweepOutcomeRow>()] {
        scenario: String = "the scenario before any override",
        point: u64 = "index of the point, from 0",
        outcome: String = "id",
        name: String = "display name",
        rounds: u64 ["round"] = "rounds played at this point",
        count: u64 ["round"] = "rounds with it",
        ..counted,
    }

    /// A row of `flags.csv`: a point and a flag. The settings follow `point`.
    SweepFlagRow in "flags.csv" [pattern::<SweepFlagRow>()] {
        scenario: String = "the scenario before any override",
        point: u64 = "index of the point, from 0",
        flag: String = "id",
        name: String = "display name",
        rounds: u64 ["round"] = "rounds played at this point",
        count: u64 ["round"] = "rounds in which it was ever true",
        ..counted,
    }
}

/// Where the columns of the settings are inserted: behind `point`.
const SETTINGS: usize = 2;
/// The most settings that every row repeats: more of them would be most of the file.
const REPEATED: usize = 20;
/// The column of the first round of a point.
pub(crate) const ROUND: &str = "round";

impl Sweep<'_> {
    /// Every table, in order.
    #[must_use]
    pub fn tables(&self) -> Vec<Table> {
        let points = self
            .counts
            .iter()
            .enumerate()
            .map(|(p, counts)| SweepPointRow {
                scenario: self.scenario.name.clone(),
                point: p as u64,
                rounds: counts.rounds,
            });
        let points: Vec<_> = points.collect();
        let (outcomes, flags) = (self.outcomes(), self.flags());
        let points = self.with_settings(&points, |r| r.point);
        if self.paths.len() > REPEATED {
            return vec![points, Table::of(&outcomes), Table::of(&flags)];
        }
        vec![
            points,
            self.with_settings(&outcomes, |r| r.point),
            self.with_settings(&flags, |r| r.point),
        ]
    }

    /// A table with the values of the settings in each row.
    fn with_settings<R: Row>(&self, rows: &[R], point: impl Fn(&R) -> u64) -> Table {
        let mut table = Table::of(rows);
        table.insert(SETTINGS, self.settings(), |i| {
            let point = point(&rows[i]) as usize;
            let first = self.first.get(point).map(u64::to_string);
            first
                .into_iter()
                .chain(self.points[point].clone())
                .collect()
        });
        table
    }

    /// Points that were played, with their counts.
    fn played(&self) -> impl Iterator<Item = (u64, &Counts)> {
        (0..).zip(self.counts).filter(|(_, c)| c.rounds > 0)
    }

    fn outcomes(&self) -> Vec<SweepOutcomeRow> {
        let mut out = Vec::new();
        for (point, counts) in self.played() {
            for (outcome, count) in self.scenario.outcomes.iter().zip(&counts.outcomes) {
                let share = wilson(*count, counts.rounds);
                out.push(SweepOutcomeRow {
                    scenario: self.scenario.name.clone(),
                    point,
                    outcome: outcome.id.clone(),
                    name: outcome.name.clone(),
                    rounds: counts.rounds,
                    count: *count,
                    probability: share.probability,
                    ci_low: share.low,
                    ci_high: share.high,
                });
            }
        }
        out
    }

    fn flags(&self) -> Vec<SweepFlagRow> {
        let mut out = Vec::new();
        for (point, counts) in self.played() {
            for (flag, count) in self.scenario.flags.iter().zip(&counts.flags) {
                let share = wilson(*count, counts.rounds);
                out.push(SweepFlagRow {
                    scenario: self.scenario.name.clone(),
                    point,
                    flag: flag.id.clone(),
                    name: flag.name.clone(),
                    rounds: counts.rounds,
                    count: *count,
                    probability: share.probability,
                    ci_low: share.low,
                    ci_high: share.high,
                });
            }
        }
        out
    }

    /// The columns of the settings, behind that of first rounds if points have rounds of their own: numbers where all
    /// values of a setting are numbers.
    fn settings(&self) -> Vec<Column> {
        let column = |(i, path): (usize, &String)| {
            setting_column(path, self.points.iter().map(|p| p[i].as_str()))
        };
        let round = || Column::new::<u64>(ROUND, None, "first of the rounds played at this point");
        let first = (!self.first.is_empty()).then(round);
        let settings = self.paths.iter().enumerate().map(column);
        first.into_iter().chain(settings).collect()
    }
}

/// The column of a setting: of numbers where all texts that are not empty are numbers.
pub(super) fn setting_column<'t>(
    path: &str,
    texts: impl Iterator<Item = &'t str> + Clone,
) -> Column {
    let texts = texts.filter(|text| !text.is_empty());
    let all = |test: fn(&str) -> bool| texts.clone().all(test);
    if all(|v| v.parse::<i64>().is_ok()) {
        setting::<u64>(path)
    } else if all(|v| v.parse::<f64>().is_ok()) {
        setting::<f64>(path)
    } else {
        setting::<String>(path)
    }
}

fn setting<T: Cell>(path: &str) -> Column {
    Column::new::<T>(path, Some(""), "value of this setting")
}

/// The columns of a file with a placeholder for the settings, for the documents.
#[cfg(test)]
fn pattern<R: Row>() -> Vec<Column> {
    let mut out = R::columns();
    out.insert(SETTINGS, setting::<String>("PATH.OF.SETTING"));
    out
}
