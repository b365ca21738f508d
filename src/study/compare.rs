//! The same rounds under several scenarios, compared round by round with the first.

use std::path::PathBuf;

use super::error::StudyError;
use super::open::Study;
use super::play::{Play, play_options, written_at_once_or_later};
use crate::ensemble::WIDTH;
use crate::ensemble::comparison::{CHUNK, Comparison, same_steps};
use crate::ensemble::history::Catalog;
use crate::plan::Plan;
use crate::result::Request;
use crate::result::folder::{Folder, FolderError};
use crate::result::manifest::Manifest;
use crate::result::write::write_tables;
use crate::scenario::Scenario;
use crate::table::comparison::{Compared, tables};

/// The longest default name of a folder, in bytes.
const LONGEST_NAME: usize = 200;

/// Options of [`compare`].
#[derive(Debug, Clone, Default)]
pub struct Compare {
    pub(super) play: Play,
}

play_options!(Compare);

impl Compare {
    /// Rounds and seed of the first scenario, all cores, no folder.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

/// What a comparison found.
#[derive(Debug)]
pub struct CompareResult {
    sides: Vec<(Scenario, Plan)>,
    catalog: Catalog,
    comparisons: Vec<Comparison>,
    seed: u64,
    rounds: u64,
    request: Request,
    folder: Option<PathBuf>,
}

written_at_once_or_later!(CompareResult);

impl CompareResult {
    /// The seed.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Each further scenario beside the first, in order.
    #[must_use]
    pub fn compared(&self) -> Vec<Compared<'_>> {
        let others = self.sides[1..].iter().zip(&self.comparisons);
        others
            .map(|((b, _), comparison)| Compared {
                a: &self.sides[0].0,
                b,
                catalog: &self.catalog,
                comparison,
            })
            .collect()
    }

    fn write(&self, folder: Folder) -> Result<(), FolderError> {
        write_tables(folder, tables(&self.compared()), |files| {
            let scenarios = self.sides.iter().map(|(s, _)| s);
            Manifest::several("compare", scenarios, self.seed, self.rounds, files)
        })
    }
}

/// Plays the same rounds under each of two or more scenarios. Draws have names, so what differs in
/// a round comes from what the scenarios say differently.
///
/// # Errors
/// When two scenarios have the same name or different clocks, the folder cannot be used or
/// written, or the comparison is stopped.
pub fn compare(studies: Vec<Study>, options: &Compare) -> Result<CompareResult, StudyError> {
    distinct(&studies)?;
    let Some((first, others)) = studies.split_first() else {
        return Err(StudyError::Invalid("nothing to compare".to_owned()));
    };
    for other in others {
        in_step(&first.scenario, &other.scenario)?;
    }
    let play = &options.play;
    for study in &studies {
        study.heeds(play, None)?;
    }
    let seed = play.seed.unwrap_or(first.seed);
    let rounds = play.rounds.unwrap_or(first.rounds);
    let names: Vec<&str> = studies.iter().map(|s| s.scenario.name.as_str()).collect();
    let scenarios = studies.iter().map(|s| &s.scenario);
    let request = Request::new("compare", scenarios, seed, rounds);
    let folder = play.open(folder_name(&names), &request)?;
    let sides: Vec<(Scenario, Plan)> = studies.into_iter().map(|s| (s.scenario, s.plan)).collect();
    let all = rounds.saturating_mul(sides.len() as u64);
    let played = play.control.stage(all, |watch| {
        play.player(seed, watch)
            .compare::<WIDTH>(&sides, rounds, CHUNK)
    });
    let (catalog, comparisons) = played?;
    CompareResult {
        sides,
        catalog,
        comparisons,
        seed,
        rounds,
        request,
        folder: None,
    }
    .finished(folder)
}

/// Tables tell scenarios apart by name, so each has its own. Only the first may appear twice, to be
/// compared with itself.
pub(super) fn distinct(studies: &[Study]) -> Result<(), StudyError> {
    for (i, b) in studies.iter().enumerate() {
        for (k, a) in studies[..i].iter().enumerate() {
            let name = &b.scenario.name;
            if a.scenario.name != *name {
                continue;
            }
            if !a.is_read_like(b) {
                return Err(StudyError::Invalid(format!(
                    "two scenarios are called `{name}`, so the tables could not tell them apart; \
                     rename one of them"
                )));
            }
            if k > 0 {
                return Err(StudyError::Invalid(format!(
                    "`{name}` is named twice; once is enough"
                )));
            }
        }
    }
    Ok(())
}

/// A step of one scenario must be the same stretch of time as that of the other.
pub(super) fn in_step(a: &Scenario, b: &Scenario) -> Result<(), StudyError> {
    if same_steps(&a.clock, &b.clock) {
        return Ok(());
    }
    let clock = |s: &Scenario| {
        let hours = s.clock.step_seconds as f64 / 3600.0;
        format!(
            "{} starts on {} in steps of {hours} h",
            s.name, s.clock.start
        )
    };
    Err(StudyError::Invalid(format!(
        "{}, and {}: rounds can only be compared where `clock.start` and `clock.step` are the same",
        clock(a),
        clock(b)
    )))
}

/// The default name of the folder: `first_against_second_third`.
fn folder_name(names: &[&str]) -> String {
    let others = &names[1..];
    let mut name = format!("{}_against_{}", names[0], others.join("_"));
    if name.len() > LONGEST_NAME && others.len() > 1 {
        let more = others.len() - 1;
        name = format!("{}_against_{}_and_{more}_more", names[0], others[0]);
    }
    while name.len() > LONGEST_NAME {
        name.pop();
    }
    name
}
