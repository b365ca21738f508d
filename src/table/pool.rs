//! The table of `kzsim pool`: forecasts as `kzsim score` reads them, and how far forecasters differ.

use super::row::table;

table! {
    /// A row of `forecasts.csv`: the pooled probability of an outcome.
    PooledRow in "forecasts.csv" {
        forecaster: String = "`pool`",
        horizon: String = "horizon of the forecasts; empty if there is one",
        case: String = "id of the case",
        outcome: String = "id of the outcome; of an event `1`, and `0` for its absence",
        probability: f64 = "the pooled probability",
        forecasters: u64 = "forecasters who forecast the case",
        least: f64 = "the least of their probabilities",
        most: f64 = "the greatest of their probabilities",
        between: f64 = "variance of the probability between forecasters, with their weights",
        within: f64 = "variance that comes from their finite rounds; 0 where rounds are not known",
    }

    /// A row of `weights.csv`: a forecaster.
    WeightRow in "weights.csv" {
        forecaster: String = "name of the folder or file, or the forecaster that it names",
        weight: f64 = "weight in the pool",
        cases: u64 = "cases forecast",
        resolved: u64 = "resolved cases that all forecasters share, by which weights and exponent are fitted",
        log: Option<f64> = "mean log score of these; empty without observations",
    }
}

/// What pooling found.
#[derive(Debug, Clone, Default)]
pub struct Pooled {
    /// Rows of `forecasts.csv`.
    pub forecasts: Vec<PooledRow>,
    /// Rows of `weights.csv`.
    pub weights: Vec<WeightRow>,
    /// The exponent by which the pool was made more extreme.
    pub exponent: Option<f64>,
    /// What makes the numbers doubtful.
    pub warnings: Vec<String>,
}
