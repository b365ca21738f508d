//! Coefficients of a template, fitted to what was observed.

mod assess;
mod coefficients;
mod data;
mod held_out;
mod scenario;
mod simulator;

use std::path::{Path, PathBuf};

pub use coefficients::Wanted;
pub use data::Folds;

use jiff::civil::Date;

use super::error::StudyError;
use super::open::{Source, Study};
use super::play::{Play, written_at_once_or_later};
use crate::analysis::fit::population::{Coefficient, Method};
use crate::analysis::fit::synthetic::{FEWEST as FEWEST_SETS, Synthetic};
use crate::result::Request;
use crate::result::folder::{Folder, FolderError};
use crate::result::manifest::{Manifest, hash_bytes};
use crate::result::write::write_tables_and;
use crate::scenario::Scenario;
use crate::scenario::visible::visible_path;
use crate::table::fit::Fitted;

/// Rounds of each case under each vector by default.
pub(crate) const ROUNDS: u64 = 300;
/// Draws of the posterior by default.
pub(crate) const DRAWS: usize = 1_000;
/// Resamples of clusters by default.
const RESAMPLES: usize = 2_000;
/// The file of facts beside tables.
const FACTS: &str = "fit.json";
/// The scenario with fitted coefficients.
const SCENARIO: &str = "coefficients.toml";

/// Cases that are held out: read once, when everything is fitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldOut {
    /// Their table.
    pub cases: PathBuf,
    /// What was observed of them.
    pub observed: PathBuf,
    /// The day, which is recorded.
    pub date: Date,
}

/// Options of [`fit`].
#[derive(Debug, Clone)]
pub struct Fit {
    /// The coefficients, one to eight.
    pub coefficients: Vec<Wanted>,
    /// How vectors of coefficients are chosen.
    pub method: Method,
    /// How cases are dealt to folds; by default ten, by the column `cluster` if there is one.
    pub folds: Option<Folds>,
    /// Cases that are held out.
    pub held_out: Option<HeldOut>,
    /// Draws of the posterior that are written.
    pub draws: usize,
    /// Data sets of known coefficients that are fitted as well; 0 for none.
    pub synthetic: usize,
    /// The column of the observations with the weights of cases.
    pub weights: Option<String>,
    /// Columns of the logistic regression; by default those of the case table that hold numbers.
    pub ridge: Vec<String>,
    /// The column of the observations or cases whose classes have rates of their own.
    pub climatology: Option<String>,
    /// The outcome that is an event; without it the likelihood uses all outcomes.
    pub event: Option<String>,
    /// Resamples of clusters; 0 for no intervals.
    pub resamples: usize,
    /// Leaves out cases of one file alone instead of refusing them.
    pub allow_missing: bool,
    /// Rounds of each case under each vector (300 by default), seed, threads and output.
    pub play: Play,
}

impl Fit {
    /// Population Monte Carlo of some coefficients, with 300 rounds.
    #[must_use]
    pub fn new(coefficients: Vec<Wanted>) -> Self {
        Self {
            coefficients,
            method: Method::default(),
            folds: None,
            held_out: None,
            draws: DRAWS,
            synthetic: 0,
            weights: None,
            ridge: Vec::new(),
            climatology: None,
            event: None,
            resamples: RESAMPLES,
            allow_missing: false,
            play: Play::default(),
        }
    }

    /// What is refused before anything is read.
    fn check(&self) -> Result<(), StudyError> {
        let mut wrong = coefficients::refused(&self.coefficients, self.method);
        if (1..FEWEST_SETS).contains(&self.synthetic) {
            wrong.push(format!(
                "--synthetic {}: expected 0 or at least {FEWEST_SETS}: fewer say nothing of coverage",
                self.synthetic
            ));
        }
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(StudyError::invalid(wrong))
        }
    }
}

/// What a fit found.
#[derive(Debug)]
pub struct FitResult {
    fitted: Fitted,
    scenario: Scenario,
    template: PathBuf,
    seed: u64,
    rounds: u64,
    covers: Option<bool>,
    request: Request,
    folder: Option<PathBuf>,
}

written_at_once_or_later!(FitResult);

impl FitResult {
    /// The files of its tables that programs are shown.
    pub const FILES: [&'static str; 3] = Fitted::FILES;

    /// The rows of all tables, and what is to be told.
    #[must_use]
    pub fn fitted(&self) -> &Fitted {
        &self.fitted
    }

    /// Whether intervals of 90 % held as many synthetic truths as they should; nothing if there were none.
    #[must_use]
    pub fn covers(&self) -> Option<bool> {
        self.covers
    }

    fn write(&self, folder: Folder) -> Result<(), FolderError> {
        let facts = serde_json::to_string_pretty(&self.fitted.facts);
        let facts = facts.map_err(|e| folder.failed(FACTS, &e.into()))?;
        let scenario = scenario::text(&self.fitted, &self.template, folder.target());
        let more = [(FACTS, facts + "\n"), (SCENARIO, scenario)];
        write_tables_and(folder, self.fitted.tables(), &more, |files| {
            Manifest::several("fit", [&self.scenario], self.seed, self.rounds, files)
        })
    }
}

/// What is fitted, and how.
struct Task<'a> {
    template: &'a Source,
    study: &'a Study,
    coefficients: &'a [Coefficient],
    options: &'a Fit,
    seed: u64,
    rounds: u64,
}

/// Fits coefficients of a template to what was observed of the cases of a table.
///
/// # Errors
/// When a file cannot be read or has faults, the options do not fit it, it is stopped, or the result cannot be
/// written.
pub fn fit(
    template: &Source,
    cases: &Path,
    observed: &Path,
    options: &Fit,
) -> Result<FitResult, StudyError> {
    options.check()?;
    let study = template.clone().open()?;
    study.heeds(&options.play, Some("--rounds"))?;
    let coefficients = coefficients::of(&study, template, &options.coefficients)?;
    let seed = options.play.seed.unwrap_or(study.seed);
    let rounds = options.play.rounds.unwrap_or(ROUNDS);
    if let Some(held) = &options.held_out {
        let mut files = [&held.cases, &held.observed].into_iter();
        if let Some(missing) = files.find(|file| !crate::files::is_there(file)) {
            return Err(StudyError::Unreadable(crate::scenario::Unreadable {
                path: missing.to_string_lossy().into_owned(),
                what: "there is no such file".to_owned(),
            }));
        }
    }
    let (data, hashes) = data::Data::read(&study, (cases, observed), options, None)?;
    let request = request(&study.scenario, seed, rounds, options, &hashes);
    let folder = options
        .play
        .open(format!("fit_{}", study.scenario.name), &request)?;
    let task = Task {
        template,
        study: &study,
        coefficients: &coefficients,
        options,
        seed,
        rounds,
    };
    let (mut fitted, posterior) = task.fit(&data)?;
    let mut failed = None;
    if let Some(from) = &options.held_out {
        let beside = folder.as_ref().and_then(|f| f.target().parent());
        let opening = held_out::open(from, beside)?;
        let found = task.held_out(&data, &posterior, from, opening, &mut fitted);
        failed = found.err();
    }
    let result = FitResult {
        covers: posterior.synthetic.as_ref().map(Synthetic::covers),
        fitted,
        scenario: study.scenario,
        template: template.path.clone(),
        seed,
        rounds,
        request,
        folder: None,
    }
    .finished(folder)?;
    // What was fitted is written all the same.
    failed.map_or(Ok(result), Err)
}

/// What decides what is in the result.
fn request(
    scenario: &Scenario,
    seed: u64,
    rounds: u64,
    options: &Fit,
    hashes: &[String],
) -> Request {
    let or_none = |x: &Option<String>| x.clone().unwrap_or_default();
    let wanted: Vec<String> = options.coefficients.iter().map(Wanted::to_string).collect();
    let held_out = options.held_out.as_ref().map_or(String::new(), |h| {
        format!("{} {}", visible_path(&h.cases), visible_path(&h.observed))
    });
    Request::new("fit", [scenario], seed, rounds)
        .with("files", hashes.join(" "))
        .with("params", wanted.join(","))
        .with("method", format!("{:?}", options.method).to_lowercase())
        .with(
            "folds",
            options
                .folds
                .as_ref()
                .map_or(String::new(), Folds::to_string),
        )
        .with("held_out", hash_bytes(held_out.as_bytes()))
        .with("draws", options.draws)
        .with("synthetic", options.synthetic)
        .with("weights", or_none(&options.weights))
        .with("ridge", options.ridge.join(","))
        .with("climatology", or_none(&options.climatology))
        .with("event", or_none(&options.event))
        .with("resamples", options.resamples)
}
