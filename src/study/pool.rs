//! Several forecasters as one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::control::Control;
use super::error::StudyError;
use super::forecasts::{Entry, Kind, Observed, Reading, forecasts, named};
use super::play::{Output, written_at_once_or_later};
use crate::analysis::score::pool::{
    FEWEST_TO_EXTREMISE, FEWEST_TO_WEIGH, by_score, disagreement, extremised, fit_exponent, linear,
    logarithmic,
};
use crate::result::Request;
use crate::result::folder::{Folder, FolderError};
use crate::result::manifest::{Manifest, hash_bytes};
use crate::result::write::write_tables;
use crate::scenario::visible::visible_path;
use crate::table::Table;
use crate::table::pool::{Pooled, PooledRow, WeightRow};

/// The least probability that a logarithmic pool reads of forecasts that do not come from rounds.
const FLOOR: f64 = 0.001;

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

/// What one forecaster says of every case: probabilities of classes, and rounds behind them.
type Own = BTreeMap<Key, (Vec<f64>, Option<u64>)>;

/// Pools the forecasts of several files or folders; a file that names forecasters holds several.
///
/// # Errors
/// When a file cannot be read or has faults, there are fewer than two forecasters, or there are too few
/// resolved cases for weights or an exponent.
pub fn pool(paths: &[PathBuf], options: &Pool) -> Result<PoolResult, StudyError> {
    let mut reading = Reading::default();
    let mut entries: Vec<Entry> = Vec::new();
    for path in paths {
        let name = named(path);
        for mut entry in forecasts(path, &mut reading)? {
            if entry.forecaster.is_empty() {
                entry.forecaster.clone_from(&name);
            }
            if path.is_dir() {
                // The runs of several analysts are of one case, whatever they call their scenarios.
                entry.case = String::from("run");
            }
            entries.push(entry);
        }
    }
    reading.check()?;
    let kind = Kind::of(&entries, None, &[]).map_err(StudyError::Invalid)?;
    let names: Vec<String> = match &kind {
        Kind::Event(_) => vec!["0".to_owned(), "1".to_owned()],
        Kind::Classes(names) => names.clone(),
    };
    let all = forecasters(entries, &kind)?;
    let mut pooled = Pooled::default();
    let mut common = |file: &Path| -> Result<Vec<(Key, usize)>, StudyError> {
        let found = resolved(file, &kind, &mut reading)?;
        let shared = |(key, _): &(Key, usize)| all.values().all(|own| own.contains_key(key));
        Ok(found.into_iter().filter(shared).collect())
    };
    let equal = vec![1.0 / all.len() as f64; all.len()];
    let (mut weights, mut logs, mut cases) = (equal, None, 0);
    if let Some(file) = &options.weights {
        let shared = common(file)?;
        cases = shared.len();
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
        let scores: Vec<f64> = all.values().map(of).collect();
        weights = by_score(&scores, cases);
        logs = Some(scores);
    }
    let each: Vec<&Own> = all.values().collect();
    let one = |key: &Key| pooled_of(key, &each, &weights, options.by);
    if let Some(file) = &options.extremise {
        let shared = common(file)?;
        cases = shared.len();
        if cases < FEWEST_TO_EXTREMISE {
            return Err(StudyError::Invalid(format!(
                "--extremise: {cases} resolved cases that all forecasters share; at least {FEWEST_TO_EXTREMISE} are \
                 needed to fit an exponent"
            )));
        }
        let known: Vec<(Vec<f64>, usize)> = shared.iter().map(|(key, k)| (one(key), *k)).collect();
        pooled.exponent = Some(fit_exponent(&known, FLOOR));
        pooled.warnings.push(format!(
            "the exponent was fitted on {cases} resolved cases: the pool of these very cases looks better than it is"
        ));
    }
    reading.check()?;
    let keys: BTreeSet<&Key> = all.values().flat_map(BTreeMap::keys).collect();
    let mut incomplete = 0;
    for key in keys {
        let mut p = one(key);
        if let Some(a) = pooled.exponent {
            p = extremised(&p, a);
        }
        let said: Vec<(&(Vec<f64>, Option<u64>), f64)> = each
            .iter()
            .zip(&weights)
            .filter_map(|(own, w)| Some((own.get(key)?, *w)))
            .collect();
        incomplete += usize::from(said.len() < each.len());
        for (k, name) in names.iter().enumerate() {
            let values: Vec<(f64, Option<u64>)> =
                said.iter().map(|((p, n), _)| (p[k], *n)).collect();
            let own: Vec<f64> = said.iter().map(|(_, w)| *w).collect();
            let d = disagreement(&values, &own);
            pooled.forecasts.push(PooledRow {
                forecaster: "pool".to_owned(),
                horizon: key.1.clone(),
                case: key.0.clone(),
                outcome: name.clone(),
                probability: p[k],
                forecasters: said.len() as u64,
                least: d.least,
                most: d.most,
                between: d.between,
                within: d.within,
            });
        }
    }
    if incomplete > 0 {
        pooled.warnings.push(format!(
            "{incomplete} cases are not forecast by everybody; their pool is of those who forecast them"
        ));
    }
    pooled.weights = all
        .iter()
        .enumerate()
        .map(|(i, (name, own))| WeightRow {
            forecaster: name.clone(),
            weight: weights[i],
            cases: own.len() as u64,
            resolved: cases as u64,
            log: logs.as_ref().map(|l| l[i]),
        })
        .collect();
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

/// The least probability that is read of a forecast: half a round.
fn floor(rounds: Option<u64>) -> f64 {
    rounds.map_or(FLOOR, |n| 0.5 / n as f64)
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

/// Resolved cases and the class that was observed.
fn resolved(
    file: &Path,
    kind: &Kind,
    reading: &mut Reading,
) -> Result<Vec<(Key, usize)>, StudyError> {
    let Some(observed) = Observed::read(file, reading)? else {
        reading.check()?;
        return Ok(Vec::new());
    };
    let mut out = Vec::new();
    for (key, row) in &observed.rows {
        if let Some(outcome) = observed.outcome(*row) {
            let class = kind.observed(outcome, false).map_err(|allowed| {
                StudyError::Invalid(format!(
                    "{}: `{outcome}` in case {}: expected {allowed}",
                    visible_path(file),
                    key.0
                ))
            })?;
            out.push((key.clone(), class));
        }
    }
    Ok(out)
}

/// The pool of those who forecast a case, their weights scaled to add up to 1.
fn pooled_of(key: &Key, each: &[&Own], weights: &[f64], by: PoolBy) -> Vec<f64> {
    let (mut p, mut own, mut floors): (Vec<&[f64]>, Vec<f64>, Vec<f64>) = Default::default();
    for (forecaster, weight) in each.iter().zip(weights) {
        if let Some((said, rounds)) = forecaster.get(key) {
            p.push(said);
            own.push(*weight);
            floors.push(floor(*rounds));
        }
    }
    let all: f64 = own.iter().sum();
    for weight in &mut own {
        *weight /= all;
    }
    match by {
        PoolBy::Linear => linear(&p, &own),
        PoolBy::Log => logarithmic(&p, &own, &floors),
    }
}
