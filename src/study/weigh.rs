//! Several readings of the same events, weighed by evidence.

use std::path::PathBuf;

use super::error::StudyError;
use super::open::Study;
use super::play::{Play, play_options, written_at_once_or_later};
use crate::analysis::recovery::{Recovered, recover};
use crate::ensemble::WIDTH;
use crate::ensemble::patterns::Patterns;
use crate::result::Request;
use crate::result::folder::{Folder, FolderError};
use crate::result::manifest::Manifest;
use crate::result::write::write_tables;
use crate::scenario::fault::nearest;
use crate::scenario::reports::reports;
use crate::scenario::{Evidence, Scenario};
use crate::table::weighing::{Tables, Weighing};

/// Rounds of each reading by default: evidence of a dozen reports leaves few rounds that match, so
/// it takes more than a run.
const ROUNDS: u64 = 200_000;

/// Options of [`weigh`].
#[derive(Debug, Clone)]
pub struct Weigh {
    pub(super) play: Play,
    priors: Vec<(String, f64)>,
    recover: u64,
}

play_options!(Weigh);

impl Default for Weigh {
    fn default() -> Self {
        Self {
            play: Play::default(),
            priors: Vec::new(),
            recover: 1_000,
        }
    }
}

impl Weigh {
    /// 200,000 rounds of each reading, the seed of the first, equal prior weights.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the prior weights of all readings, by name, at least 0; their sum need not be 1.
    #[must_use]
    pub fn priors(mut self, priors: Vec<(String, f64)>) -> Self {
        self.priors = priors;
        self
    }

    /// Sets how many evidence files are simulated from each reading for the recovery table.
    #[must_use]
    pub fn recover(mut self, trials: u64) -> Self {
        self.recover = trials;
        self
    }
}

/// What weighing found.
#[derive(Debug)]
pub struct WeighResult {
    evidence: Evidence,
    scenarios: Vec<Scenario>,
    patterns: Vec<Patterns>,
    priors: Vec<f64>,
    trials: u64,
    recovered: Vec<Recovered>,
    seed: u64,
    rounds: u64,
    request: Request,
    folder: Option<PathBuf>,
}

written_at_once_or_later!(WeighResult);

impl WeighResult {
    /// The seed.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The readings and their counts, as the tables need them.
    #[must_use]
    pub fn weighing(&self) -> Weighing<'_> {
        Weighing {
            evidence: &self.evidence,
            scenarios: &self.scenarios,
            patterns: &self.patterns,
            priors: &self.priors,
            trials: self.trials,
            recovered: &self.recovered,
        }
    }

    /// Every table of the result.
    #[must_use]
    pub fn tables(&self) -> Tables {
        self.weighing().tables()
    }

    fn write(&self, folder: Folder) -> Result<(), FolderError> {
        write_tables(folder, self.tables().all(), |files| {
            Manifest::several("weigh", &self.scenarios, self.seed, self.rounds, files)
                .with(&self.evidence)
        })
    }
}

/// Plays each reading and weighs them by the evidence that all of them
/// [watch](Study::watching) for.
///
/// # Errors
/// When the evidence says nothing, readings have the same name, prior weights do not fit them, the
/// folder cannot be used or written, or it is stopped.
pub fn weigh(studies: Vec<Study>, options: &Weigh) -> Result<WeighResult, StudyError> {
    let evidence = studies.first().and_then(Study::evidence).cloned();
    let evidence =
        evidence.ok_or_else(|| StudyError::Invalid("no evidence is watched for".to_owned()))?;
    let known = reports(&evidence, false);
    if known.is_empty() {
        return Err(StudyError::Invalid(format!(
            "{}: every observation is unknown, so there is nothing to weigh",
            evidence.name
        )));
    }
    let play = &options.play;
    for study in &studies {
        study.heeds(play, Some("--rounds"))?;
    }
    let rounds = play.rounds.unwrap_or(ROUNDS);
    let seed = play.seed.unwrap_or(studies[0].seed);
    let (scenarios, plans): (Vec<Scenario>, Vec<_>) =
        studies.into_iter().map(|s| (s.scenario, s.plan)).unzip();
    distinct(&scenarios)?;
    let priors = priors(&options.priors, &scenarios)?;
    let request = Request::new("weigh", &scenarios, seed, rounds)
        .given(&evidence)
        .with("prior weights", format!("{priors:?}"))
        .with("recover", options.recover);
    let folder = play.open(format!("weigh_{}", evidence.name), &request)?;
    let all = rounds * plans.len() as u64;
    let patterns = play.control.stage(all, |watch| {
        let (player, each) = (play.player(seed, watch), plans.iter());
        each.map(|plan| player.patterns::<WIDTH>(plan, 0..rounds))
            .collect::<Result<Vec<_>, _>>()
    })?;
    let mut recovered = Vec::new();
    if options.recover > 0 {
        for (i, s) in scenarios.iter().enumerate() {
            let site = format!("recover/{}", s.name);
            let trials = options.recover;
            recovered.push(recover(
                &patterns,
                &known,
                &priors,
                i,
                (seed, &site),
                trials,
            ));
        }
    }
    WeighResult {
        evidence,
        scenarios,
        patterns,
        priors,
        trials: options.recover,
        recovered,
        seed,
        rounds,
        request,
        folder: None,
    }
    .finished(folder)
}

/// Tables tell readings apart by name.
fn distinct(scenarios: &[Scenario]) -> Result<(), StudyError> {
    let repeated = |i: &usize| scenarios[..*i].iter().any(|t| t.name == scenarios[*i].name);
    match (0..scenarios.len()).find(repeated) {
        Some(i) => Err(StudyError::Invalid(format!(
            "two readings are called `{}`, so the tables could not tell them apart; rename one of \
             the files",
            scenarios[i].name
        ))),
        None => Ok(()),
    }
}

/// Prior weights in the order of the readings, with sum 1.
fn priors(given: &[(String, f64)], scenarios: &[Scenario]) -> Result<Vec<f64>, StudyError> {
    if given.is_empty() {
        return Ok(vec![1.0 / scenarios.len() as f64; scenarios.len()]);
    }
    let names = || scenarios.iter().map(|s| s.name.as_str());
    let mut weights: Vec<Option<f64>> = vec![None; scenarios.len()];
    for (name, weight) in given {
        let wrong = |what: String| StudyError::Invalid(format!("prior weight of `{name}`: {what}"));
        let index = names().position(|n| n == name).ok_or_else(|| {
            let near = nearest(name, names()).map(|n| format!("; did you mean `{n}`?"));
            let all = names().collect::<Vec<_>>().join(", ");
            wrong(format!(
                "unknown reading; the readings are {all}{}",
                near.unwrap_or_default()
            ))
        })?;
        if weights[index].replace(*weight).is_some() {
            return Err(wrong("given twice".to_owned()));
        }
    }
    let missing: Vec<&str> = names()
        .zip(&weights)
        .filter(|(_, w)| w.is_none())
        .map(|(n, _)| n)
        .collect();
    if !missing.is_empty() {
        return Err(StudyError::Invalid(format!(
            "no prior weight for {}; give one for every reading or for none",
            missing.join(", ")
        )));
    }
    let weights: Vec<f64> = weights.into_iter().flatten().collect();
    let sum: f64 = weights.iter().sum();
    if sum <= 0.0 {
        return Err(StudyError::Invalid("every prior weight is 0".to_owned()));
    }
    Ok(weights.into_iter().map(|w| w / sum).collect())
}
