//! Several forecasters as one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::control::Control;
use super::error::StudyError;
use super::forecasts::{
    Entry, FEW_ROUNDS, FLOOR, Kind, Observed, Reading, floor, forecasts, named,
};
use super::play::{Output, written_at_once_or_later};
use crate::analysis::score::pool::{
    FEWEST_TO_EXTREMISE, FEWEST_TO_WEIGH, by_score, disagreement, extremised, fit_exponent, linear,
    logarithmic,
};
use crate::result::Request;
use crate::result::folder::{Folder, FolderError};
use crate::result::manifest::{Manifest, hash_bytes};
use crate::result::write::write_tables;
use crate::scenario::fault::Fault;
use crate::table::Table;
use crate::table::pool::{Pooled, PooledRow, WeightRow};

/// How probabilities are pooled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PoolBy {
    /// The weighted mean: keeps what any forecaster holds possible.
    #[default]
    Linear,
    /// The weighted geometric mean: nothing is likely that one forecaster holds very unlikely.
    Log,
}

/// Options of [`pool`].
#[derive(Debug, Clone, Default)]
pub struct Pool {
    /// How probabilities are pooled.
    pub by: PoolBy,
    /// Observations by which forecasters are weighed; equal weights without.
    pub weights: Option<PathBuf>,
    /// Observations by which the pool is made more extreme.
    pub extremise: Option<PathBuf>,
    /// Where the result is written; by default it stays in memory.
    pub output: Option<Output>,
    /// Stops the study and receives its progress.
    pub control: Control,
}

/// What pooling found.
#[derive(Debug)]
pub struct PoolResult {
    pooled: Pooled,
    request: Request,
    folder: Option<PathBuf>,
}

written_at_once_or_later!(PoolResult);

impl PoolResult {
    /// The pooled forecasts, weights, and what makes them doubtful.
    #[must_use]
    pub fn pooled(&self) -> &Pooled {
        &self.pooled
    }

    fn write(&self, folder: Folder) -> Result<(), FolderError> {
        let tables = vec![
            Table::of(&self.pooled.forecasts),
            Table::of(&self.pooled.weights),
        ];
        write_tables(folder, tables, |files| {
            Manifest::several("pool", std::iter::empty(), 0, 0, files)
        })
    }
}

/// A case at a horizon.
type Key = (String, String);

/// Probabilities of classes, and the rounds behind them.
type Said = (Vec<f64>, Option<f64>);

/// What one forecaster says of every case.
type Own = BTreeMap<Key, Said>;

/// The case of runs.
const RUN: &str = "run";

/// Pools the forecasts of several files or folders; a file that names forecasters holds several.
///
/// # Errors
/// When a file cannot be read or has faults, there are fewer than two forecasters, or there are too few
/// resolved cases for weights or an exponent.
pub fn pool(paths: &[PathBuf], options: &Pool) -> Result<PoolResult, StudyError> {
    let mut reading = Reading::default();
    let entries = read(paths, &mut reading)?;
    let kind = Kind::of(&entries, None, &[]).map_err(StudyError::Invalid)?;
    let all = forecasters(entries, &kind)?;
    let equal = vec![1.0 / all.len() as f64; all.len()];
    let mut task = Task {
        all: &all,
        by: options.by,
        weights: equal,
        logs: None,
        resolved: 0,
        exponent: None,
    };
    let mut pooled = Pooled::default();
    if let Some(file) = &options.weights {
        task.weigh(&resolved(file, &kind, &all, &mut reading)?)?;
    }
    if let Some(file) = &options.extremise {
        task.extremise(&resolved(file, &kind, &all, &mut reading)?)?;
        pooled.warnings.push(format!(
            "the exponent was fitted on {} resolved cases: the pool of these very cases looks better than it is",
            task.resolved
        ));
    }
    let names: Vec<&str> = match &kind {
        Kind::Event(_) => vec!["0", "1"],
        Kind::Classes(names) => names.iter().map(String::as_str).collect(),
    };
    let keys: BTreeSet<&Key> = all.values().flat_map(BTreeMap::keys).collect();
    let shared = |key: &&&Key| all.values().all(|own| own.contains_key(**key));
    let incomplete = keys.len() - keys.iter().filter(shared).count();
    if incomplete > 0 {
        pooled.warnings.push(format!(
            "{incomplete} cases are not forecast by everybody; their pool is of those who forecast them"
        ));
    }
    let behind = all.values().flat_map(BTreeMap::values);
    let few = behind
        .filter(|(_, n)| n.is_some_and(|n| n < FEW_ROUNDS))
        .count();
    if few > 0 && options.by == PoolBy::Log {
        pooled.warnings.push(format!(
            "{few} forecasts rest on fewer than {FEW_ROUNDS} rounds: none of their probabilities is read as less than half a \
             round, so that they hold little against others"
        ));
    }
    pooled.forecasts = keys.iter().flat_map(|key| task.rows(key, &names)).collect();
    pooled.weights = task.weight_rows();
    pooled.exponent = task.exponent;
    let hashes: Vec<String> = reading
        .sources
        .iter()
        .map(|s| hash_bytes(s.text.as_bytes()))
        .collect();
    let request = Request::new("pool", std::iter::empty(), 0, 0)
        .with("files", hashes.join(" "))
        .with("by", format!("{:?}", options.by))
        .with("weights", options.weights.is_some())
        .with("extremise", options.extremise.is_some());
    let output = options.output.as_ref();
    let folder = output.map(|o| o.open("pool", &request, false, &options.control));
    PoolResult {
        pooled,
        request,
        folder: None,
    }
    .finished(folder.transpose()?)
}

/// Reads the forecasts of all files and folders.
fn read(paths: &[PathBuf], reading: &mut Reading) -> Result<Vec<Entry>, StudyError> {
    let mut out = Vec::new();
    for path in paths {
        let name = named(path);
        for mut entry in forecasts(path, reading)? {
            if entry.forecaster.is_empty() {
                entry.forecaster.clone_from(&name);
            }
            if path.is_dir() {
                // The runs of several analysts are of one case, whatever they call their scenarios.
                RUN.clone_into(&mut entry.case);
            }
            out.push(entry);
        }
    }
    reading.check()?;
    Ok(out)
}

/// What forecasts are pooled with.
struct Task<'a> {
    all: &'a BTreeMap<String, Own>,
    by: PoolBy,
    weights: Vec<f64>,
    /// Mean log scores, if weights come from them.
    logs: Option<Vec<f64>>,
    /// Resolved cases that all share.
    resolved: usize,
    exponent: Option<f64>,
}

impl Task<'_> {
    /// Takes weights from scores.
    fn weigh(&mut self, shared: &[(Key, usize)]) -> Result<(), StudyError> {
        let cases = shared.len();
        if cases < FEWEST_TO_WEIGH {
            return Err(StudyError::Invalid(format!(
                "--weights: {cases} resolved cases that all forecasters share; at least {FEWEST_TO_WEIGH} are needed, \
                 with fewer equal weights do better"
            )));
        }
        let of = |own: &Own| -> f64 {
            let each = shared.iter().map(|(key, k)| {
                let (p, n) = &own[key];
                -libm::log(p[*k].max(floor(*n)))
            });
            each.sum::<f64>() / cases as f64
        };
        let scores: Vec<f64> = self.all.values().map(of).collect();
        self.weights = by_score(&scores, cases);
        self.logs = Some(scores);
        self.resolved = cases;
        Ok(())
    }

    /// Fits the exponent.
    fn extremise(&mut self, shared: &[(Key, usize)]) -> Result<(), StudyError> {
        let cases = shared.len();
        if cases < FEWEST_TO_EXTREMISE {
            return Err(StudyError::Invalid(format!(
                "--extremise: {cases} resolved cases that all forecasters share; at least {FEWEST_TO_EXTREMISE} are \
                 needed to fit an exponent"
            )));
        }
        let known = shared.iter().map(|(key, k)| (self.pooled(key), *k));
        self.exponent = Some(fit_exponent(&known.collect::<Vec<_>>(), FLOOR));
        self.resolved = cases;
        Ok(())
    }

    /// Those who forecast a case, with their weights.
    fn said(&self, key: &Key) -> Vec<(&Said, f64)> {
        let each = self.all.values().zip(&self.weights);
        each.filter_map(|(own, w)| Some((own.get(key)?, *w)))
            .collect()
    }

    /// The pool of those who forecast a case, their weights scaled to add up to 1.
    fn pooled(&self, key: &Key) -> Vec<f64> {
        let said = self.said(key);
        let all: f64 = said.iter().map(|(_, w)| w).sum();
        let p: Vec<&[f64]> = said.iter().map(|((p, _), _)| p.as_slice()).collect();
        let own: Vec<f64> = said.iter().map(|(_, w)| w / all).collect();
        match self.by {
            PoolBy::Linear => linear(&p, &own),
            PoolBy::Log => {
                let floors: Vec<f64> = said.iter().map(|((_, n), _)| floor(*n)).collect();
                logarithmic(&p, &own, &floors)
            }
        }
    }

    /// The rows of a case.
    fn rows(&self, key: &Key, names: &[&str]) -> Vec<PooledRow> {
        let mut p = self.pooled(key);
        if let Some(a) = self.exponent {
            p = extremised(&p, a);
        }
        let said = self.said(key);
        let own: Vec<f64> = said.iter().map(|(_, w)| *w).collect();
        let row = |(k, name): (usize, &&str)| {
            let values: Vec<(f64, Option<f64>)> =
                said.iter().map(|((p, n), _)| (p[k], *n)).collect();
            let d = disagreement(&values, &own);
            PooledRow {
                forecaster: "pool".to_owned(),
                horizon: key.1.clone(),
                case: key.0.clone(),
                outcome: (*name).to_owned(),
                probability: p[k],
                forecasters: said.len() as u64,
                least: d.least,
                most: d.most,
                between: d.between,
                within: d.within,
            }
        };
        names.iter().enumerate().map(row).collect()
    }

    fn weight_rows(&self) -> Vec<WeightRow> {
        let row = |(i, (name, own)): (usize, (&String, &Own))| WeightRow {
            forecaster: name.clone(),
            weight: self.weights[i],
            cases: own.len() as u64,
            resolved: self.resolved as u64,
            log: self.logs.as_ref().map(|l| l[i]),
        };
        self.all.iter().enumerate().map(row).collect()
    }
}

/// Forecasts by forecaster.
fn forecasters(entries: Vec<Entry>, kind: &Kind) -> Result<BTreeMap<String, Own>, StudyError> {
    let mut out: BTreeMap<String, Own> = BTreeMap::new();
    for entry in entries {
        let mut p = kind.probabilities(&entry.said);
        if let [event] = p[..] {
            p = vec![1.0 - event, event];
        }
        let own = out.entry(entry.forecaster.clone()).or_default();
        let key = (entry.case, entry.horizon);
        if own.insert(key, (p, entry.rounds)).is_some() {
            return Err(StudyError::Invalid(format!(
                "two of the files or folders are called `{}`, so their forecasts cannot be told apart; rename one",
                entry.forecaster
            )));
        }
    }
    if out.len() < 2 {
        return Err(StudyError::Invalid(
            "one forecaster cannot be pooled: expected two or more".to_owned(),
        ));
    }
    Ok(out)
}

/// Resolved cases that all forecasters share, and the class that was observed.
fn resolved(
    file: &Path,
    kind: &Kind,
    all: &BTreeMap<String, Own>,
    reading: &mut Reading,
) -> Result<Vec<(Key, usize)>, StudyError> {
    let observed = Observed::read(file, reading)?;
    let mut out = Vec::new();
    if let Some(observed) = &observed {
        for (key, row) in &observed.rows {
            let Some(outcome) = observed.outcome(*row) else {
                continue;
            };
            match kind.observed(outcome, false) {
                Ok(class) => out.push((key.clone(), class)),
                Err(allowed) => {
                    let found = format!("`{outcome}` in case {}", key.0);
                    let place = observed.outcome_place(*row);
                    reading.faults.push(Fault::at(&place, found, allowed));
                }
            }
        }
    }
    reading.check()?;
    out.retain(|(key, _)| all.values().all(|own| own.contains_key(key)));
    Ok(out)
}
