//! The tables of `kzsim score`.

use super::row::{Row, Table, table};

table! {
    /// A row of `scores.csv`: a number about one forecaster's forecasts.
    ScoreRow in "scores.csv" {
        ..forecaster,
        group: String = "value of the column that `--by` names; empty for all cases",
        metric: String = "`brier`, `log`, `rps`, `auc`, `calibration_slope` and so on: the list is above",
        baseline: String = "the baseline of a `_baseline`, a `_difference` or a `_skill`, as it was named",
        value: Option<f64> = "the number; empty where it is undefined",
        ci_low: Option<f64> = "lower end of its interval at 95 %, from clusters drawn with replacement",
        ci_high: Option<f64> = "upper end of the same",
        p: Option<f64> = "p-value: of the sign of a difference, or of a miscalibration",
        cases: u64 = "resolved cases",
        clusters: u64 = "clusters that they belong to",
    }

    /// A row of `cases.csv`: a forecast of a resolved case, and what came of it.
    CaseScoreRow in "cases.csv" {
        ..forecaster,
        case: String = "id of the case",
        cluster: String = "its cluster; the case itself where there are none",
        outcome: String = "what was observed; of an event `happened` or `did not happen`",
        probability: f64 = "probability of the event; of several classes, that of the one that was observed",
        weight: f64 = "what it counts: 1, or the part of the time for which a sealed forecast stood",
        brier: f64 = "Brier score",
        log: f64 = "log score",
        rps: Option<f64> = "ranked probability score, of ordered classes",
        clipped: bool = "whether the probability was clipped for the log score",
        brier_baseline: Option<f64> = "Brier score of the first baseline",
        log_baseline: Option<f64> = "log score of the first baseline",
    }

    /// A row of `reliability.csv`: a probability that was forecast, and how often the event happened.
    ReliabilityRow in "reliability.csv" {
        ..forecaster,
        probability: f64 = "the probability that was forecast",
        weight: f64 = "number of forecasts of it (sealed forecasts by the part of the time for which they stood)",
        recalibrated: f64 = "how often the event happened, by isotonic regression",
        band_low: f64 = "5th percentile of that if the forecasts were calibrated",
        band_high: f64 = "95th percentile of that if the forecasts were calibrated",
    }
}

/// What a scoring found, and what it left out.
#[derive(Debug, Clone, Default)]
pub struct Scores {
    /// Rows of `scores.csv`.
    pub metrics: Vec<ScoreRow>,
    /// Rows of `cases.csv`.
    pub cases: Vec<CaseScoreRow>,
    /// Rows of `reliability.csv`.
    pub reliability: Vec<ReliabilityRow>,
    /// The event, if forecasts are of one rather than of classes.
    pub event: Option<String>,
    /// The classes, if there are several.
    pub classes: Vec<String>,
    /// What the clusters are: the name of their column.
    pub cluster: Option<String>,
    /// Cases that are not resolved.
    pub unresolved: Vec<String>,
    /// Cases of one file alone, which are left out.
    pub missing: Vec<String>,
    /// What makes the numbers doubtful.
    pub warnings: Vec<String>,
}

impl Scores {
    /// Every table.
    #[must_use]
    pub fn tables(&self) -> Vec<Table> {
        vec![
            Table::of(&self.metrics),
            Table::of(&self.cases),
            Table::of(&self.reliability),
        ]
    }

    /// A row of `scores.csv`.
    #[must_use]
    pub fn find(&self, of: (&str, &str, &str), metric: &str, baseline: &str) -> Option<&ScoreRow> {
        let (forecaster, horizon, group) = of;
        self.metrics.iter().find(|r| {
            (r.forecaster.as_str(), r.horizon.as_str(), r.group.as_str())
                == (forecaster, horizon, group)
                && r.metric == metric
                && r.baseline == baseline
        })
    }

    /// Forecaster, horizon and group of what was scored, each once, in order.
    #[must_use]
    pub fn panels(&self) -> Vec<(&str, &str, &str)> {
        let mut out: Vec<(&str, &str, &str)> = Vec::new();
        for r in &self.metrics {
            let of = (r.forecaster.as_str(), r.horizon.as_str(), r.group.as_str());
            if out.last() != Some(&of) {
                out.push(of);
            }
        }
        out
    }

    /// The files.
    pub const FILES: [&'static str; 3] = [ScoreRow::FILE, CaseScoreRow::FILE, ReliabilityRow::FILE];
}
