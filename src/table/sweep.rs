//! The files of `kzsim sweep`.

use super::cell::{Column, Float, column, ends, float, text, whole};
use crate::analysis::interval::wilson;
use crate::ensemble::counts::Counts;
use crate::scenario::Scenario;

/// What a sweep gave.
pub struct Sweep<'a> {
    /// The scenario before any setting.
    pub scenario: &'a Scenario,
    /// Settings that are varied.
    pub paths: &'a [String],
    /// Values of the settings at each point.
    pub points: &'a [Vec<String>],
    /// Counts at each point.
    pub counts: &'a [Counts],
}

/// The files, in order.
pub const FILES: [&str; 3] = ["points.csv", "outcomes.csv", "flags.csv"];

impl Sweep<'_> {
    /// The first cells of a row: scenario, point, settings.
    fn place(&self, point: usize) -> Vec<String> {
        let first = [self.scenario.name.clone(), point.to_string()];
        let values = self.points[point].iter().cloned();
        first.into_iter().chain(values).collect()
    }

    /// Rows of `points.csv`.
    #[must_use]
    pub fn points(&self) -> Vec<Vec<String>> {
        let each = self.counts.iter().enumerate();
        each.map(|(p, counts)| {
            let mut row = self.place(p);
            row.push(counts.rounds.to_string());
            row
        })
        .collect()
    }

    fn shares<'i>(
        &self,
        named: impl Fn() -> Vec<(&'i str, &'i str)>,
        count: impl Fn(&Counts, usize) -> u64,
    ) -> Vec<Vec<String>> {
        let mut out = Vec::new();
        for (p, counts) in self.counts.iter().enumerate().filter(|(_, c)| c.rounds > 0) {
            for (i, (id, name)) in named().into_iter().enumerate() {
                let k = count(counts, i);
                let share = wilson(k, counts.rounds);
                let mut row = self.place(p);
                row.extend([id.to_owned(), name.to_owned()]);
                row.extend([counts.rounds.to_string(), k.to_string()]);
                row.extend([share.probability, share.low, share.high].map(|x| Float(x).text()));
                out.push(row);
            }
        }
        out
    }

    /// Rows of `outcomes.csv`: one for a point and an outcome.
    #[must_use]
    pub fn outcomes(&self) -> Vec<Vec<String>> {
        let s = self.scenario;
        let named = || {
            let pairs = s.outcomes.iter().map(|o| (o.id.as_str(), o.name.as_str()));
            pairs.collect()
        };
        self.shares(named, |c, i| c.outcomes[i])
    }

    /// Rows of `flags.csv`: one for a point and a flag.
    #[must_use]
    pub fn flags(&self) -> Vec<Vec<String>> {
        let s = self.scenario;
        let named = || {
            let pairs = s.flags.iter().map(|f| (f.id.as_str(), f.name.as_str()));
            pairs.collect()
        };
        self.shares(named, |c, i| c.flags[i])
    }

    /// The columns of a file. A setting is a float where all its values are numbers.
    #[must_use]
    pub fn columns(&self, file: &str) -> Vec<Column> {
        let mut out = vec![
            column("scenario", "string", "", "the scenario before any setting"),
            column("point", "int64", "", "number of the point, from 0"),
        ];
        for (i, path) in self.paths.iter().enumerate() {
            let all = |test: fn(&str) -> bool| self.points.iter().all(|p| test(&p[i]));
            let dtype = if all(|v| v.parse::<i64>().is_ok()) {
                "int64"
            } else if all(|v| v.parse::<f64>().is_ok()) {
                "float64"
            } else {
                "string"
            };
            out.push(column(path.clone(), dtype, "", "value of this setting"));
        }
        if file == "points.csv" {
            out.push(column("rounds", "int64", "round", "rounds played there"));
            return out;
        }
        let (id, what) = if file == "outcomes.csv" {
            ("outcome", "rounds that ended so")
        } else {
            ("flag", "rounds in which it ever held")
        };
        out.extend([
            text(id, "id"),
            text("name", "display name"),
            whole("rounds", "rounds played there"),
            whole("count", what),
            float("probability", "count over rounds"),
        ]);
        out.extend(ends("ci_low", "ci_high"));
        out
    }
}
