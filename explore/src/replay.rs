//! A scenario read again from its texts, whose rounds are played part by part.

use std::ops::Range;

use kzsim::internals::analysis::conditional::Conditional;
use kzsim::internals::ensemble::smc::{GivenBy, Weighted};
use kzsim::internals::ensemble::{PlayError, Player, Workers};
use kzsim::internals::plan::{Laws, Plan};
use kzsim::internals::scenario::fault::Faults;
use kzsim::internals::scenario::reports::{Report, reports};
use kzsim::internals::scenario::{Evidence, Scenario};
use kzsim::internals::study::{Ending, Texts, endings};

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
    pub fn read(texts: &Texts, evidence: Option<&Evidence>, laws: &Laws) -> Result<Self, Faults> {
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

/// Rounds weighted by some of the reports, as `kzsim run --given` weights them.
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
    Conditional::new(weighted, GivenBy::Weights)
}
