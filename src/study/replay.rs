//! A scenario read again from its texts, whose rounds are played part by part: what a page needs that
//! holds scenarios instead of results.

use std::ops::Range;
use std::path::Path;

use super::open::Study;
use crate::analysis::conditional::Conditional;
use crate::ensemble::smc::{Method, Weighted};
use crate::ensemble::{Detail, PlayError, Player, RoundRecord, WIDTH, Workers};
use crate::plan::{Laws, Plan};
use crate::scenario::evidence::{Report, reports};
use crate::scenario::fault::Faults;
use crate::scenario::{Evidence, Scenario};

/// The texts of a scenario: everything that it takes to read it again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    /// Its name.
    pub name: String,
    /// Each file with its name: the scenario, then what it extends, and so on.
    pub files: Vec<(String, String)>,
    /// Settings, each as `PATH=VALUE`.
    pub settings: Vec<String>,
}

/// How one round ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// Index of its outcome.
    pub outcome: usize,
    /// Which observations of the evidence are true of it, a bit for each.
    pub pattern: u64,
}

/// Rounds that ended alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alike {
    /// How they ended.
    pub ending: Ending,
    /// How many there are.
    pub count: u64,
}

/// A scenario read from its texts.
#[derive(Debug)]
pub struct Replay {
    /// The scenario.
    pub scenario: Scenario,
    /// Its plan, which watches for the observations.
    pub plan: Plan,
    /// What counts as one report of the evidence each.
    pub reports: Vec<Report>,
}

impl Replay {
    /// Reads a scenario, and watches for evidence in it. `laws` holds laws of priors that are tabulated already.
    ///
    /// # Errors
    /// All faults of the texts.
    pub fn read(
        texts: &Texts,
        evidence: Option<&Evidence>,
        laws: &Laws,
    ) -> Result<Self, Faults> {
        let scenario = Scenario::read_again(&texts.name, &texts.files, &texts.settings)?;
        let faulty = |faults| Faults::new(scenario.sources.clone(), faults);
        let watched = evidence.map(|e| e.watched(&scenario)).transpose();
        let watched = watched.map_err(faulty)?.unwrap_or_default();
        let plan = Plan::with_laws(&scenario, &watched, laws).map_err(faulty)?;
        Ok(Self {
            plan,
            scenario,
            reports: evidence.map(|e| reports(e, false)).unwrap_or_default(),
        })
    }

    /// Plays a part of the rounds, on the calling thread.
    ///
    /// # Errors
    /// None in practice: nothing stops it, and no thread is started.
    pub fn play(&self, seed: u64, rounds: Range<u64>) -> Result<Vec<Ending>, PlayError> {
        let workers = Workers {
            threads: 1,
            ..Workers::default()
        };
        let player = Player {
            seed,
            workers,
            ..Player::default()
        };
        endings(player, &self.plan, rounds)
    }
}

/// How rounds end, in their order.
pub(super) fn endings(
    player: Player<'_>,
    plan: &Plan,
    rounds: Range<u64>,
) -> Result<Vec<Ending>, PlayError> {
    let records = player.records::<WIDTH>(plan, &rounds.into(), Detail::Summary)?;
    let ending = |r: &RoundRecord| Ending {
        outcome: r.outcome,
        pattern: r.pattern(),
    };
    Ok(records.iter().map(ending).collect())
}

/// Rounds weighted by some of the reports, as [`Run::given`](super::Run::given) weights them.
#[must_use]
pub fn weighted(rounds: &[Alike], reports: &[&Report], outcomes: usize) -> Weighted {
    let mut out = Weighted {
        outcomes: vec![vec![0.0]; outcomes],
        squared_totals: vec![0.0; outcomes],
        ..Weighted::default()
    };
    for Alike { ending, count } in rounds {
        let weight: f64 = reports.iter().map(|r| r.factor(ending.pattern)).product();
        let (sum, squares) = (*count as f64 * weight, *count as f64 * weight * weight);
        out.rounds += count;
        out.weight += sum;
        out.squares += squares;
        out.outcomes[ending.outcome][0] += sum;
        out.squared_totals[ending.outcome] += squares;
    }
    out
}

/// Shares and their errors from rounds that were [`weighted`].
#[must_use]
pub fn conditional(weighted: &Weighted) -> Conditional<'_> {
    Conditional::new(weighted, Method::Weights)
}

impl Study {
    /// The texts of the scenario. Files go by their names alone: folders are nobody else's business.
    #[must_use]
    pub fn texts(&self) -> Texts {
        let sources = &self.scenario.sources;
        let name = |path: &Path| {
            let name = path.file_name().unwrap_or_default();
            name.to_string_lossy().into_owned()
        };
        let files = sources.iter().filter_map(|s| {
            let path = s.path.as_deref()?;
            Some((name(path), s.text.clone()))
        });
        Texts {
            name: self.scenario.name.clone(),
            files: files.collect(),
            settings: sources.settings().map(str::to_owned).collect(),
        }
    }
}
