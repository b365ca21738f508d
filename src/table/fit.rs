//! The tables of `kzsim fit`.

use serde::Serialize;

use super::cell::{Cell, Column};
use super::row::{Row, Table, table};

table! {
    /// A row of `coefficients.csv`: a coefficient, before and after.
    CoefficientRow in "coefficients.csv" {
        path: String = "its path in the template",
        prior_mean: f64 = "mean of its prior",
        prior_sd: f64 = "standard deviation of its prior",
        posterior_mean: f64 = "mean given the data",
        posterior_sd: f64 = "standard deviation given the data",
        p05: f64 = "5th percentile given the data",
        p25: f64 = "25th percentile given the data",
        p50: f64 = "median given the data",
        p75: f64 = "75th percentile given the data",
        p95: f64 = "95th percentile given the data",
        learned: f64 = "`1 - (posterior_sd / prior_sd)^2`: the part of the prior's variance that the data take away",
        identified: bool = "whether that is at least one half",
        effect: f64 = "mean change of the shares of cases as it goes from the 5th to the 95th percentile of its prior, the others at their medians",
    }

    /// A row of `folds.csv`: a case, and what was forecast of it from the cases of other folds.
    FoldRow in "folds.csv" {
        case: String = "id of the case",
        cluster: String = "its cluster; the case itself where there are none",
        fold: u64 = "its fold, from 1",
        outcome: String = "the outcome whose probability is forecast",
        happened: bool = "whether it came",
        weight: f64 = "what the case counts",
        engine: f64 = "probability by the template, averaged over the posterior without the fold",
        prior: f64 = "the same averaged over the prior: the template before it is fitted",
        logit: Option<f64> = "probability by the ridge logistic regression; of an event alone",
        pool: Option<f64> = "mean of engine and logit",
        base_rate: f64 = "share of the other folds' cases",
        climatology: Option<f64> = "the same of cases of the same class, if one was asked for",
    }

    /// A row of `held_out.csv`: a case that was held out, forecast from all others.
    HeldOutRow in "held_out.csv" {
        case: String = "id of the case",
        cluster: String = "its cluster; the case itself where there are none",
        outcome: String = "the outcome whose probability is forecast",
        happened: bool = "whether it came",
        weight: f64 = "what the case counts",
        engine: f64 = "probability by the template, averaged over the posterior",
        prior: f64 = "the same averaged over the prior",
        logit: Option<f64> = "probability by the ridge logistic regression; of an event alone",
        pool: Option<f64> = "mean of engine and logit",
        base_rate: f64 = "share of the cases that were fitted",
        climatology: Option<f64> = "the same of cases of the same class, if one was asked for",
    }

    /// A row of `fit_scores.csv`: a number about forecasts.
    FitScoreRow in "fit_scores.csv" {
        part: String = "`folds` or `held_out`",
        forecaster: String = "`engine`, `prior`, `logit`, `pool`, `base_rate` or `climatology`",
        metric: String = "as in `scores.csv` of `kzsim score`",
        baseline: String = "the forecaster that it is compared with, of a `_difference` or a `_skill`",
        value: Option<f64> = "the number; empty where it is undefined",
        ci_low: Option<f64> = "lower end of its interval at 95 %, from clusters drawn with replacement",
        ci_high: Option<f64> = "upper end of the same",
        p: Option<f64> = "p-value of the sign of a difference, or of a miscalibration",
        cases: u64 = "cases",
        clusters: u64 = "clusters that they belong to",
    }

    /// A row of `synthetic.csv`: how well a coefficient was found in data of known coefficients.
    SyntheticRow in "synthetic.csv" {
        path: String = "its path in the template; `all` for all coefficients together",
        sets: u64 = "data sets",
        inside_50: f64 = "share of truths inside the interval of 50 %",
        inside_90: f64 = "share of truths inside the interval of 90 %",
        p: Option<f64> = "p-value of even ranks (chi-square)",
    }
}

/// A column of `posterior.csv`: draws of a coefficient.
fn draws(path: &str) -> Column {
    Column::new::<f64>(path, None, "value of this coefficient")
}

/// The name of the file of draws.
pub const DRAWS: &str = "posterior.csv";

/// Equally weighted draws of all coefficients together.
#[derive(Debug, Clone, Default)]
pub struct Draws {
    /// Paths of coefficients.
    pub paths: Vec<String>,
    /// Values by draw, then coefficient.
    pub rows: Vec<Vec<f64>>,
}

impl Draws {
    /// The table: the weight, then a column for each coefficient.
    #[must_use]
    pub fn table(&self) -> Table {
        let mut columns = vec![weight()];
        columns.extend(self.paths.iter().map(|p| draws(p)));
        let share = 1.0 / self.rows.len().max(1) as f64;
        let row = |values: &Vec<f64>| {
            let mut cells = vec![share.text()];
            cells.extend(values.iter().map(Cell::text));
            cells
        };
        Table {
            file: DRAWS,
            columns,
            rows: self.rows.iter().map(row).collect(),
        }
    }
}

fn weight() -> Column {
    Column::new::<f64>("weight", None, "weight of the draw: all have the same")
}

/// The columns of `posterior.csv`, with a placeholder for those of coefficients, for the documents.
#[cfg(test)]
fn pattern() -> Vec<Column> {
    vec![weight(), draws("PATH")]
}

#[cfg(test)]
#[test]
fn columns_of_draws_are_described() {
    crate::inside::columns::described(DRAWS, &pattern());
}

/// The opening of a held-out file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Opening {
    /// Name of the file with what was observed.
    pub file: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// The day.
    pub date: String,
    /// Openings of a file with the same bytes that were recorded before.
    pub earlier: u64,
    /// Where they are recorded.
    pub record: String,
}

/// What a fit found beside its tables: `fit.json`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Facts {
    /// `pmc` or `grid`.
    pub method: String,
    /// Cases that were fitted.
    pub cases: usize,
    /// Distinct ones, which are simulated.
    pub distinct_cases: usize,
    /// Clusters.
    pub clusters: usize,
    /// The column of clusters.
    pub cluster: Option<String>,
    /// Folds.
    pub folds: usize,
    /// The outcome that is the event, if one is.
    pub event: Option<String>,
    /// Outcomes in order.
    pub classes: Vec<String>,
    /// Vectors that were simulated.
    pub vectors: usize,
    /// Rounds of each case under each vector.
    pub rounds: u64,
    /// Effective vectors of the posterior.
    pub effective: f64,
    /// The fewest effective vectors of a posterior without a fold.
    pub fewest_effective: f64,
    /// Logarithm of the marginal likelihood.
    pub log_evidence: f64,
    /// Its standard error; 0 of a grid.
    pub log_evidence_error: f64,
    /// Eigenvalues of the posterior covariance in units of prior standard deviations.
    pub eigenvalues: Vec<f64>,
    /// Posterior correlations, in the order of `coefficients.csv`.
    pub correlations: Vec<Vec<f64>>,
    /// Coefficients that are not identified.
    pub not_identified: Vec<String>,
    /// Coefficients that change nothing.
    pub idle: Vec<String>,
    /// Columns of the logistic regression.
    pub logit_columns: Vec<String>,
    /// Penalties that were chosen, by fold.
    pub penalties: Vec<f64>,
    /// Effective vectors of fits of synthetic data: least and median.
    pub synthetic_effective: Option<(f64, f64)>,
    /// The opening of the held-out file.
    pub held_out: Option<Opening>,
    /// What makes the numbers doubtful.
    pub warnings: Vec<String>,
}

/// Everything that a fit found.
#[derive(Debug, Clone, Default)]
pub struct Fitted {
    /// Rows of `coefficients.csv`.
    pub coefficients: Vec<CoefficientRow>,
    /// Rows of `posterior.csv`.
    pub draws: Draws,
    /// Rows of `folds.csv`.
    pub folds: Vec<FoldRow>,
    /// Rows of `held_out.csv`.
    pub held_out: Vec<HeldOutRow>,
    /// Rows of `fit_scores.csv`.
    pub scores: Vec<FitScoreRow>,
    /// Rows of `synthetic.csv`.
    pub synthetic: Vec<SyntheticRow>,
    /// What else is to be told.
    pub facts: Facts,
}

impl Fitted {
    /// Every table.
    #[must_use]
    pub fn tables(&self) -> Vec<Table> {
        let mut out = vec![
            Table::of(&self.coefficients),
            self.draws.table(),
            Table::of(&self.folds),
            Table::of(&self.scores),
        ];
        if !self.synthetic.is_empty() {
            out.push(Table::of(&self.synthetic));
        }
        if self.facts.held_out.is_some() {
            out.push(Table::of(&self.held_out));
        }
        out
    }

    /// Files whose rows programs are shown.
    pub const FILES: [&'static str; 3] =
        [CoefficientRow::FILE, FitScoreRow::FILE, SyntheticRow::FILE];

    /// A row of `fit_scores.csv`.
    #[must_use]
    pub fn score(
        &self,
        part: &str,
        forecaster: &str,
        metric: &str,
        baseline: &str,
    ) -> Option<&FitScoreRow> {
        self.scores.iter().find(|r| {
            (&*r.part, &*r.forecaster, &*r.metric, &*r.baseline)
                == (part, forecaster, metric, baseline)
        })
    }
}
