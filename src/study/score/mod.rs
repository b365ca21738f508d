//! Forecasts, anybody's, held against what was observed.

mod baselines;
mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

pub use baselines::Baseline;
use baselines::{Prepared, Train};

use super::control::Control;
use super::error::StudyError;
use super::forecasts::{Entry, Kind, Observed, Reading, alone, floor, forecasts, named};
use super::play::{Output, written_at_once_or_later};
use super::seal::{Late, seals_in, standing};
use jiff::civil::Date;

use crate::analysis::score::Forecast;
use crate::analysis::score::evaluate::{Options, evaluate};
use crate::result::Request;
use crate::result::folder::{Folder, FolderError};
use crate::result::manifest::{Manifest, hash_bytes};
use crate::result::write::write_tables;
use crate::scenario::fault::Fault;
use crate::table::score::Scores;

/// The name of a column of clusters that is used without being asked for.
const CLUSTER: &str = "cluster";

/// Options of [`score`].
#[derive(Debug, Clone)]
pub struct Score {
    pub(super) baselines: Vec<Baseline>,
    pub(super) train: Option<PathBuf>,
    pub(super) by: Option<String>,
    pub(super) cluster: Option<String>,
    pub(super) event: Option<String>,
    pub(super) order: Vec<String>,
    pub(super) resamples: usize,
    pub(super) seed: u64,
    pub(super) bins: Option<usize>,
    pub(super) clip: Option<f64>,
    pub(super) allow_missing: bool,
    pub(super) output: Option<Output>,
    pub(super) control: Control,
}

impl Default for Score {
    fn default() -> Self {
        Self {
            baselines: Vec::new(),
            train: None,
            by: None,
            cluster: None,
            event: None,
            order: Vec::new(),
            resamples: 2_000,
            seed: 1,
            bins: None,
            clip: None,
            allow_missing: false,
            output: None,
            control: Control::default(),
        }
    }
}

impl Score {
    /// The base rate as the baseline, 2,000 resamples, clusters from the column `cluster` if there is one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a baseline. Without any it is the base rate.
    #[must_use]
    pub fn baseline(mut self, baseline: Baseline) -> Self {
        self.baselines.push(baseline);
        self
    }

    /// Takes base rates and climatologies from these observations instead of those that are scored.
    #[must_use]
    pub fn train(mut self, file: impl Into<PathBuf>) -> Self {
        self.train = Some(file.into());
        self
    }

    /// Also scores cases apart by their texts in a column of the observations.
    #[must_use]
    pub fn by(mut self, column: impl Into<String>) -> Self {
        self.by = Some(column.into());
        self
    }

    /// Draws clusters by this column of the observations.
    #[must_use]
    pub fn cluster(mut self, column: impl Into<String>) -> Self {
        self.cluster = Some(column.into());
        self
    }

    /// Scores the probability of one class as that of an event.
    #[must_use]
    pub fn event(mut self, outcome: impl Into<String>) -> Self {
        self.event = Some(outcome.into());
        self
    }

    /// The order of all classes, for the ranked probability score.
    #[must_use]
    pub fn order(mut self, classes: Vec<String>) -> Self {
        self.order = classes;
        self
    }

    /// Sets the number of resamples; 0 for no intervals.
    #[must_use]
    pub fn resamples(mut self, resamples: usize) -> Self {
        self.resamples = resamples;
        self
    }

    /// Sets the seed of the resamples.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Also decomposes the Brier score in so many bins, at least 1.
    #[must_use]
    pub fn bins(mut self, bins: usize) -> Self {
        self.bins = Some(bins.max(1));
        self
    }

    /// Clips probabilities for the log score at this distance from 0 and 1, in (0, ½], instead of at half
    /// a round.
    #[must_use]
    pub fn clip(mut self, floor: f64) -> Self {
        self.clip = Some(floor);
        self
    }

    /// Leaves out cases of one file alone instead of refusing them.
    #[must_use]
    pub fn allow_missing(mut self, allow: bool) -> Self {
        self.allow_missing = allow;
        self
    }

    /// Writes the result.
    #[must_use]
    pub fn output(mut self, output: Output) -> Self {
        self.output = Some(output);
        self
    }

    /// Reports to `control`.
    #[must_use]
    pub fn control(mut self, control: Control) -> Self {
        self.control = control;
        self
    }

    /// What is refused before anything is read.
    fn check(&self) -> Result<(), StudyError> {
        let mut wrong = Vec::new();
        if self.clip.is_some_and(|c| !(c > 0.0 && c <= 0.5)) {
            wrong.push("--clip: expected a number above 0 and up to 0.5".to_owned());
        }
        if self.event.is_some() && !self.order.is_empty() {
            wrong.push(
                "--event makes one event of the classes, so there is nothing to --order".to_owned(),
            );
        }
        let bases = [Baseline::BaseRate, Baseline::Previous];
        let counts = |b: &Baseline| matches!(b, Baseline::Climatology(_)) || bases.contains(b);
        let none = self.baselines.is_empty();
        if self.train.is_some() && !none && !self.baselines.iter().any(counts) {
            wrong.push("--train: no baseline counts cases; add --baseline base-rate".to_owned());
        }
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(StudyError::invalid(wrong))
        }
    }
}

/// What scoring found.
#[derive(Debug)]
pub struct ScoreResult {
    scores: Scores,
    request: Request,
    folder: Option<PathBuf>,
}

written_at_once_or_later!(ScoreResult);

impl ScoreResult {
    /// The files of its tables.
    pub const FILES: [&'static str; 3] = Scores::FILES;

    /// The rows of all tables, and what was left out.
    #[must_use]
    pub fn scores(&self) -> &Scores {
        &self.scores
    }

    fn write(&self, folder: Folder) -> Result<(), FolderError> {
        write_tables(folder, self.scores.tables(), |files| {
            Manifest::several("score", std::iter::empty(), self.request.seed(), 0, files)
        })
    }
}

/// The forecasts of one forecaster at one horizon whose cases are resolved, sorted by case.
pub(super) struct Panel {
    forecaster: String,
    horizon: String,
    /// Case and horizon of each.
    keys: Vec<(String, String)>,
    /// Its row of the observations.
    rows: Vec<usize>,
    /// Names of clusters, by index.
    clusters: Vec<String>,
    forecasts: Vec<Forecast>,
}

impl Panel {
    /// Some of its forecasts, with cases and clusters counted anew.
    fn part(&self, keep: impl Fn(usize) -> bool) -> Self {
        let kept: Vec<usize> = (0..self.rows.len()).filter(|i| keep(*i)).collect();
        let number = |of: &dyn Fn(&Forecast) -> usize| {
            let all: BTreeSet<usize> = kept.iter().map(|i| of(&self.forecasts[*i])).collect();
            all.into_iter().collect::<Vec<usize>>()
        };
        let (cases, clusters) = (number(&|f| f.case), number(&|f| f.cluster));
        let anew = |all: &[usize], old: usize| all.binary_search(&old).unwrap_or_default();
        let forecast = |i: &usize| {
            let f = &self.forecasts[*i];
            Forecast {
                case: anew(&cases, f.case),
                cluster: anew(&clusters, f.cluster),
                ..f.clone()
            }
        };
        Self {
            forecaster: self.forecaster.clone(),
            horizon: self.horizon.clone(),
            keys: kept.iter().map(|i| self.keys[*i].clone()).collect(),
            rows: kept.iter().map(|i| self.rows[*i]).collect(),
            clusters: clusters.iter().map(|c| self.clusters[*c].clone()).collect(),
            forecasts: kept.iter().map(forecast).collect(),
        }
    }
}

/// Scores the forecasts of a CSV file, of the folder of a run, or of a folder of seals.
///
/// # Errors
/// When a file cannot be read or has faults, the options do not fit it, or the result cannot be written.
pub fn score(
    forecasts_from: &Path,
    observed: &Path,
    options: &Score,
) -> Result<ScoreResult, StudyError> {
    options.check()?;
    let mut reading = Reading::default();
    let name = named(forecasts_from);
    let seals = if forecasts_from.is_dir() {
        seals_in(forecasts_from)?
    } else {
        Vec::new()
    };
    if seals.is_empty() {
        let entries = forecasts(forecasts_from, &mut reading)?;
        return scored(&name, &entries, observed, options, &mut reading, &[]);
    }
    let resolved = resolved(observed)?;
    let (entries, late) = standing(&seals, &resolved, &mut reading.sources, &mut reading.faults);
    // Nobody seals a forecast of everything, and what was sealed yesterday is not observed today.
    let options = Score {
        allow_missing: true,
        ..options.clone()
    };
    scored(&name, &entries, observed, &options, &mut reading, &late)
}

/// The dates on which cases were resolved, as far as a file of observations says.
fn resolved(observed: &Path) -> Result<BTreeMap<String, Date>, StudyError> {
    let mut reading = Reading::default();
    let Some(observed) = Observed::read(observed, &mut reading)? else {
        return Ok(BTreeMap::new());
    };
    let Some(column) = observed.sheet.find("resolved") else {
        return Ok(BTreeMap::new());
    };
    let mut out = BTreeMap::new();
    for row in 0..observed.sheet.count() {
        let text = observed.sheet.text(row, column);
        match text.parse() {
            Ok(date) => {
                out.insert(observed.sheet.text(row, observed.case).to_owned(), date);
            }
            Err(_) if text.is_empty() => {}
            Err(_) => {
                let place = observed.sheet.place(row, column);
                let fault = Fault::at(
                    &place,
                    format!("`{text}`"),
                    "a date, 2026-01-31, or nothing",
                );
                reading.faults.push(fault);
            }
        }
    }
    reading.check()?;
    Ok(out)
}

/// Scores forecasts that were read.
fn scored(
    name: &str,
    entries: &[Entry],
    observed: &Path,
    options: &Score,
    reading: &mut Reading,
    late: &[Late],
) -> Result<ScoreResult, StudyError> {
    let told = || late.iter().map(|l| l.text.clone());
    if entries.is_empty() && !late.is_empty() {
        let told: Vec<String> = told().collect();
        return Err(StudyError::Invalid(format!(
            "every seal is late, so there is nothing to score:\n{}",
            told.join("\n")
        )));
    }
    let observed = Observed::read(observed, reading)?;
    let Some(observed) = observed.filter(|_| !entries.is_empty()) else {
        reading.check()?;
        return Err(StudyError::Invalid("there are no forecasts".to_owned()));
    };
    let kind =
        Kind::of(entries, options.event.as_deref(), &options.order).map_err(StudyError::Invalid)?;
    let named = options.event.is_some();
    let columns = columns(&observed, options, &mut reading.faults);
    let train = match &options.train {
        Some(file) => baselines::train(file, &kind, named, reading)?,
        None => None,
    };
    let usual = [Baseline::BaseRate];
    let named_baselines: &[Baseline] = if options.baselines.is_empty() {
        &usual
    } else {
        &options.baselines
    };
    let mut prepared = Vec::new();
    for baseline in named_baselines {
        let found = baseline.prepare(&observed, train.as_ref(), &kind, reading)?;
        prepared.extend(found.map(|found| (baseline, found)));
    }
    let mut scores = Scores {
        event: match &kind {
            Kind::Event(event) => Some(event.clone().unwrap_or_default()),
            Kind::Classes(_) => None,
        },
        classes: kind.names().iter().map(|n| (*n).to_owned()).collect(),
        cluster: columns.cluster_name.clone(),
        ..Scores::default()
    };
    let panels = panels(
        entries,
        &observed,
        &kind,
        named,
        options,
        &columns,
        late,
        &mut scores,
        reading,
    );
    reading.check()?;
    if panels.is_empty() {
        return Err(StudyError::Invalid(
            "no case is resolved: nothing can be scored yet".to_owned(),
        ));
    }
    let task = Task {
        observed: &observed,
        kind: &kind,
        train: train.as_ref(),
        prepared: &prepared,
        options,
    };
    for panel in &panels {
        task.whole(panel, columns.by, &mut scores)?;
    }
    scores.warnings.extend(told());
    let trained = options.train.is_some();
    rows::warn(&mut scores, named_baselines, trained);
    let request = request(options, named_baselines, reading);
    let folder = options
        .output
        .as_ref()
        .map(|output| output.open(format!("score_{name}"), &request, false, &options.control));
    ScoreResult {
        scores,
        request,
        folder: None,
    }
    .finished(folder.transpose()?)
}

/// What decides what is in the result.
fn request(options: &Score, baselines: &[Baseline], reading: &Reading) -> Request {
    let hashes: Vec<String> = reading
        .sources
        .iter()
        .map(|s| hash_bytes(s.text.as_bytes()))
        .collect();
    let baselines: Vec<String> = baselines.iter().map(Baseline::to_string).collect();
    let or_none = |x: &Option<String>| x.clone().unwrap_or_default();
    let clip = options.clip.map_or("auto".to_owned(), |c| c.to_string());
    Request::new("score", std::iter::empty(), options.seed, 0)
        .with("files", hashes.join(" "))
        .with("baselines", baselines.join(" "))
        .with("by", or_none(&options.by))
        .with("cluster", or_none(&options.cluster))
        .with("event", or_none(&options.event))
        .with("order", options.order.join(","))
        .with("resamples", options.resamples)
        .with("bins", options.bins.unwrap_or(0))
        .with("clip", clip)
}

/// Columns of the observations that options name.
struct Columns {
    by: Option<usize>,
    cluster: Option<usize>,
    cluster_name: Option<String>,
}

fn columns(observed: &Observed, options: &Score, faults: &mut Vec<Fault>) -> Columns {
    let sheet = &observed.sheet;
    let by = options.by.as_ref();
    let by = by.and_then(|name| sheet.column(name, "the column of --by", faults));
    let (mut name, mut cluster) = (options.cluster.clone(), None);
    match name.as_deref() {
        // Cases of one cluster share causes: drawing them apart makes intervals too narrow.
        Some("case") if sheet.find(CLUSTER).is_some() => {
            let place = sheet.head(sheet.find(CLUSTER).unwrap_or_default());
            let fault = Fault::at(
                &place,
                "--cluster case, although there is a column `cluster`",
                "cases that share causes to be drawn together: --cluster cluster",
            );
            faults.push(fault);
        }
        Some(name) => cluster = sheet.column(name, "the column of --cluster", faults),
        None => {
            cluster = sheet.find(CLUSTER);
            name = cluster.map(|_| CLUSTER.to_owned());
        }
    }
    Columns {
        by,
        cluster,
        cluster_name: name.filter(|n| n != "case"),
    }
}

/// Matches forecasts with what was observed.
#[allow(clippy::too_many_arguments, reason = "each is one thing that was read")]
fn panels(
    entries: &[Entry],
    observed: &Observed,
    kind: &Kind,
    named: bool,
    options: &Score,
    columns: &Columns,
    late: &[Late],
    scores: &mut Scores,
    reading: &mut Reading,
) -> Vec<Panel> {
    let lenient = options.allow_missing || reading.incomplete;
    let faults = &mut reading.faults;
    let horizons: BTreeSet<&str> = entries.iter().map(|e| e.horizon.as_str()).collect();
    if horizons.len() > 1 && !observed.has_horizons {
        let found = "no column `horizon`, although forecasts have several";
        faults.push(Fault::at(
            &observed.sheet.head(observed.case),
            found,
            "what was observed at each horizon",
        ));
        return Vec::new();
    }
    for column in [columns.cluster, columns.by].into_iter().flatten() {
        for row in 0..observed.sheet.count() {
            observed.sheet.name(row, column, faults);
        }
    }
    let mut classes: BTreeMap<usize, Option<usize>> = BTreeMap::new();
    let forecast: BTreeSet<usize> = entries.iter().filter_map(|e| observed.row(e)).collect();
    for (id, row) in &observed.rows {
        // What is left out has no faults.
        let outcome = observed.outcome(*row);
        let outcome = outcome.filter(|_| !lenient || forecast.contains(row));
        let class = outcome.and_then(|outcome| {
            let found = kind.observed(outcome, named);
            found
                .map_err(|allowed| {
                    let found = format!("`{outcome}` in case {}", id.0);
                    faults.push(Fault::at(&observed.outcome_place(*row), found, allowed));
                })
                .ok()
        });
        classes.insert(*row, class);
    }
    let mut missing = BTreeSet::new();
    let mut grouped: BTreeMap<(&str, &str), Vec<(&Entry, usize)>> = BTreeMap::new();
    for entry in entries {
        match observed.row(entry) {
            Some(row) => {
                let of = (entry.forecaster.as_str(), entry.horizon.as_str());
                grouped.entry(of).or_default().push((entry, row));
            }
            None => {
                if !lenient {
                    faults.push(alone(&entry.place, &entry.case, "in the observations"));
                }
                missing.insert(entry.case.clone());
            }
        }
    }
    let mut unresolved = BTreeSet::new();
    let mut out = Vec::new();
    for ((forecaster, horizon), mut found) in grouped {
        let forecast: BTreeSet<usize> = found.iter().map(|(_, row)| *row).collect();
        for ((case, at), row) in &observed.rows {
            let same = !observed.has_horizons || at == horizon;
            if same && !forecast.contains(row) {
                if !lenient {
                    let whose = match forecaster {
                        "" => "in the forecasts".to_owned(),
                        who => format!("in the forecasts of {who}"),
                    };
                    let place = observed.sheet.place(*row, observed.case);
                    faults.push(alone(&place, case, &whose));
                }
                missing.insert(case.clone());
            }
        }
        found.sort_by(|a, b| a.0.case.cmp(&b.0.case));
        let open = found.iter().filter(|(_, row)| classes[row].is_none());
        unresolved.extend(open.map(|(e, _)| e.case.clone()));
        found.retain(|(_, row)| classes[row].is_some());
        if !found.is_empty() {
            let classes = |row: usize| classes[&row].unwrap_or_default();
            out.push(panel(
                (forecaster, horizon),
                &found,
                observed,
                kind,
                options,
                columns,
                classes,
            ));
        }
    }
    missing.retain(|case| !late.iter().any(|l| l.case == *case));
    scores.missing = missing.into_iter().collect();
    scores.unresolved = unresolved.into_iter().collect();
    out
}

fn panel(
    (forecaster, horizon): (&str, &str),
    found: &[(&Entry, usize)],
    observed: &Observed,
    kind: &Kind,
    options: &Score,
    columns: &Columns,
    class: impl Fn(usize) -> usize,
) -> Panel {
    let cluster = |entry: &Entry, row: usize| {
        let text = columns.cluster.map_or("", |c| observed.sheet.text(row, c));
        // A case without a cluster is one of its own.
        if text.is_empty() {
            entry.case.clone()
        } else {
            text.to_owned()
        }
    };
    let names: BTreeSet<String> = found.iter().map(|(e, row)| cluster(e, *row)).collect();
    let clusters: Vec<String> = names.into_iter().collect();
    let mut cases: Vec<&str> = found.iter().map(|(e, _)| e.case.as_str()).collect();
    cases.dedup();
    let forecast = |(entry, row): &(&Entry, usize)| {
        let floor = options.clip.unwrap_or_else(|| floor(entry.rounds));
        Forecast {
            case: cases
                .binary_search(&entry.case.as_str())
                .unwrap_or_default(),
            cluster: clusters
                .binary_search(&cluster(entry, *row))
                .unwrap_or_default(),
            weight: entry.weight,
            probabilities: kind.probabilities(&entry.said),
            observed: class(*row),
            floor,
            rounds: entry.rounds,
        }
    };
    Panel {
        forecaster: forecaster.to_owned(),
        horizon: horizon.to_owned(),
        keys: found
            .iter()
            .map(|(e, _)| (e.case.clone(), e.horizon.clone()))
            .collect(),
        rows: found.iter().map(|(_, row)| *row).collect(),
        forecasts: found.iter().map(forecast).collect(),
        clusters,
    }
}

/// What all panels are scored with.
struct Task<'a> {
    observed: &'a Observed,
    kind: &'a Kind,
    train: Option<&'a Train>,
    prepared: &'a [(&'a Baseline, Prepared)],
    options: &'a Score,
}

impl Task<'_> {
    /// Scores a panel, and its parts by the text of a column.
    fn whole(
        &self,
        panel: &Panel,
        by: Option<usize>,
        scores: &mut Scores,
    ) -> Result<(), StudyError> {
        self.one(panel, "", scores)?;
        let Some(by) = by else {
            return Ok(());
        };
        let text = |row: usize| self.observed.sheet.text(row, by);
        let groups: BTreeSet<&str> = panel.rows.iter().map(|row| text(*row)).collect();
        for group in groups.into_iter().filter(|g| !g.is_empty()) {
            let part = panel.part(|i| text(panel.rows[i]) == group);
            self.one(&part, group, scores)?;
        }
        Ok(())
    }

    fn one(&self, panel: &Panel, group: &str, scores: &mut Scores) -> Result<(), StudyError> {
        let of = |(name, prepared): &(&Baseline, Prepared)| {
            prepared.forecasts(panel, self.observed, self.train, self.kind, name)
        };
        let baselines = self.prepared.iter().map(of);
        let baselines: Vec<Vec<Forecast>> = baselines.collect::<Result<_, _>>()?;
        let options = Options {
            seed: self.options.seed,
            resamples: self.options.resamples,
            bins: self.options.bins,
            ordered: !self.options.order.is_empty(),
        };
        let site = format!("{}/{}/{group}", panel.forecaster, panel.horizon);
        let found = evaluate(&panel.forecasts, &baselines, &options, &site);
        let names: Vec<String> = self.prepared.iter().map(|(b, _)| b.to_string()).collect();
        let about = rows::About {
            panel,
            group,
            baselines: &names,
        };
        about.score_rows(&found, scores);
        if group.is_empty() {
            let outcome = |row: usize| self.observed.outcome(row).unwrap_or_default();
            about.case_rows(baselines.first(), options.ordered, outcome, scores);
            about.reliability_rows(&found, scores);
        }
        Ok(())
    }
}
