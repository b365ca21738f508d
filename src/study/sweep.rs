//! A scenario at many points of a space of settings.

use std::path::PathBuf;

use super::control::Control;
use super::error::{Kept, StudyError};
use super::molds::{Mold, Molder, Settings, key};
use super::open::Study;
use super::play::{Play, play_options, written_at_once_or_later};
use super::points::{Design, Points};
use crate::ensemble::counts::Counts;
use crate::ensemble::{PlayError, Player, TableRounds};
use crate::result::Request;
use crate::result::folder::{Folder, FolderError};
use crate::result::manifest::Manifest;
use crate::result::write::write_tables;
use crate::scenario::Scenario;
use crate::scenario::grammar::{Key, Overrides};
use crate::table::sweep::Sweep as Swept;

/// Rounds of each point by default; points with rounds of their own have one.
const ROUNDS: u64 = 10_000;
/// Rounds of a point per turn: points take turns, so that a sweep that is stopped has played the
/// same number of rounds of each.
const TURN: u64 = 2_048;
/// Faulty points that are reported.
const REPORTED: usize = 3;

/// Options of a sweep.
#[derive(Debug, Clone)]
pub struct Sweep {
    pub(super) play: Play,
    design: Design,
}

play_options!(Sweep);

impl Sweep {
    /// 10,000 rounds of each point of a design; one where points have rounds of their own.
    #[must_use]
    pub fn new(design: Design) -> Self {
        Self {
            play: Play::default(),
            design,
        }
    }
}

/// What a sweep found.
#[derive(Debug)]
pub struct SweepResult {
    scenario: Scenario,
    points: Points,
    counts: Vec<Counts>,
    seed: u64,
    rounds: u64,
    requested: u64,
    request: Request,
    folder: Option<PathBuf>,
}

written_at_once_or_later!(SweepResult);

impl SweepResult {
    /// The seed.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Rounds played of each point.
    #[must_use]
    pub fn rounds(&self) -> u64 {
        self.rounds
    }

    /// Points and counts, as the tables have them.
    #[must_use]
    pub fn swept(&self) -> Swept<'_> {
        Swept {
            scenario: &self.scenario,
            paths: &self.points.paths,
            points: &self.points.values,
            first: &self.points.first,
            counts: &self.counts,
        }
    }

    /// What was kept, if the sweep was stopped before all rounds were played.
    #[must_use]
    pub fn interrupted(&self) -> Option<StudyError> {
        (self.rounds < self.requested).then_some(StudyError::Interrupted(Kept::Rounds {
            rounds: self.rounds,
            of: self.requested,
        }))
    }

    fn write(&self, folder: Folder) -> Result<(), FolderError> {
        write_tables(folder, self.swept().tables(), |files| {
            Manifest::several("sweep", [&self.scenario], self.seed, self.rounds, files)
        })
    }
}

impl Study {
    /// Plays the same rounds at every point of a design, or at each those of its own. A sweep that is stopped after the first
    /// turns is still a result, of [fewer rounds](SweepResult::interrupted).
    ///
    /// # Errors
    /// When the design is empty or too large, points have faults, the folder cannot be used or
    /// written, or it is stopped at once.
    pub fn sweep(self, options: &Sweep) -> Result<SweepResult, StudyError> {
        let play = &options.play;
        let seed = play.seed.unwrap_or(self.seed);
        self.may_vary(&options.design.paths())?;
        self.heeds(play, Some("--rounds"))?;
        let points = options.design.points(seed)?;
        let molds = self.point_molds(&points, &play.control)?;
        let default = if points.first.is_empty() { ROUNDS } else { 1 };
        let rounds = play.rounds.unwrap_or(default);
        let request = Request::new("sweep", [&self.scenario], seed, rounds)
            .with("over", points.paths.join(", "))
            .with("points", points.hash());
        let folder = play.open(format!("sweep_{}", self.scenario.name), &request)?;
        let mut counts = vec![Counts::new(&self.plan); points.rows()];
        let played = play.control.stage(rounds * points.rows() as u64, |watch| {
            let player = play.player(seed, watch);
            take_turns(&molds, &points.first, player, rounds, &mut counts)
        })?;
        // A sweep that was stopped early does not replace a longer one.
        let longer = folder.as_ref().and_then(|f| f.more_rounds_than(played));
        if played < rounds && longer.is_some() {
            return Err(StudyError::Interrupted(Kept::Nothing));
        }
        SweepResult {
            scenario: self.scenario,
            points,
            counts,
            seed,
            rounds: played,
            requested: rounds,
            request,
            folder: None,
        }
        .finished(folder)
    }

    /// Checks that all keys may vary, and that none is set too.
    fn may_vary(&self, paths: &[&str]) -> Result<(), StudyError> {
        let mut wrong = Vec::new();
        for path in paths {
            if let Some(Key {
                overrides: Overrides::SetOnly(why) | Overrides::Neither(why),
                ..
            }) = key(path)
            {
                wrong.push(format!("`{path}` cannot vary in a sweep: {why}"));
            }
        }
        let paths = paths.iter().copied();
        wrong.extend(self.set_and_varied(paths, |path| format!("the values of `{path}`")));
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(StudyError::invalid(wrong))
        }
    }

    /// The plans of all points.
    fn point_molds(&self, points: &Points, control: &Control) -> Result<Vec<Mold>, StudyError> {
        let prepared = self.source()?.clone().prepare()?;
        let molder = Molder::new(&prepared, &self.scenario, points, REPORTED);
        Ok(molder.molds(control)?)
    }
}

/// Plays `rounds` rounds of every point in turns, from its `own` first round on if there are such; returns the
/// rounds that all of them have played.
fn take_turns(
    molds: &[Mold],
    own: &[u64],
    player: Player<'_>,
    rounds: u64,
    counts: &mut [Counts],
) -> Result<u64, PlayError> {
    let mut first = 0;
    let offsets = |mold: &Mold| -> Vec<u64> {
        let rows = mold.rows.iter();
        rows.filter_map(|row| own.get(*row).copied()).collect()
    };
    while first < rounds {
        let turn = TURN.min(rounds - first);
        let mut found = Vec::new();
        for mold in molds {
            let offsets = offsets(mold);
            let table = TableRounds {
                open: &mold.open,
                rows: 0..mold.rows.len() as u64,
                rounds: first..first + turn,
                offsets: &offsets,
            };
            let more = player.count_rows(&mold.plan, table, false)?;
            if more.complete < mold.rows.len() {
                return if first > 0 {
                    Ok(first)
                } else {
                    Err(PlayError::Interrupted)
                };
            }
            found.push(more);
        }
        // A turn counts once every point has had it.
        for (mold, more) in molds.iter().zip(&found) {
            for (i, point) in mold.rows.iter().enumerate() {
                counts[*point].merge(&more.last(i));
            }
        }
        first += turn;
    }
    Ok(rounds)
}
