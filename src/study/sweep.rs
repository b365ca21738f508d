//! A scenario at many points of a space of settings, all in the same rounds.

use std::path::{Path, PathBuf};

use super::control::Control;
use super::error::{Kept, StudyError};
use super::molds::{Mold, Molder, Settings};
use super::open::Study;
use super::play::{Play, play_options, written_at_once_or_later};
use crate::analysis::design::{self, Axis};
use crate::analysis::sensitivity::sobol::Sobol;
use crate::ensemble::counts::Counts;
use crate::ensemble::{PlayError, Player, TableRounds};
use crate::result::Request;
use crate::result::folder::{Folder, FolderError};
use crate::result::manifest::{Manifest, hash_bytes};
use crate::result::write::write_tables;
use crate::scenario::grammar::{Key, Leaf, Overrides, Shape};
use crate::scenario::model::SCENARIO;
use crate::scenario::visible::visible_path;
use crate::scenario::{Scenario, read_text};
use crate::table::sweep::Sweep as Swept;

/// Most points of a sweep.
pub(crate) const MOST_POINTS: usize = 10_000;
/// Rounds of each point by default.
const ROUNDS: u64 = 10_000;
/// Rounds of a point per turn: points take turns, so that a sweep that is stopped has played the
/// same number of rounds of each.
const TURN: u64 = 2_048;
/// Faulty points that are reported.
const REPORTED: usize = 3;

/// The points of a sweep.
#[derive(Debug, Clone, PartialEq)]
pub enum Design {
    /// Every combination of the values of some settings.
    Factorial(Vec<(String, Axis)>),
    /// A Latin hypercube of so many points.
    LatinHypercube(Vec<(String, Axis)>, usize),
    /// So many points of a scrambled Sobol' sequence, best a power of two.
    Sobol(Vec<(String, Axis)>, usize),
    /// These points: paths of settings, and for each point a value of each.
    Points(Vec<String>, Vec<Vec<String>>),
}

impl Design {
    /// Reads points from a CSV file with a header of paths. Of a file that a sweep wrote, the columns
    /// that kzsim added to the paths are left out.
    ///
    /// # Errors
    /// When the file cannot be read or is not a table.
    pub fn read(path: &Path) -> Result<Self, StudyError> {
        let wrong = |what: &dyn std::fmt::Display| {
            StudyError::Invalid(format!("design {}: {what}", visible_path(path)))
        };
        let text = read_text(path).map_err(|e| wrong(&e))?;
        let text = text.trim_start_matches('\u{feff}');
        let first = text.lines().next().unwrap_or_default();
        for (separator, name) in [(';', "semicolons"), ('\t', "tabs")] {
            if first.contains(separator) && !first.contains(',') {
                let decimal = if text.contains(',') {
                    ", and decimal points for decimal commas"
                } else {
                    ""
                };
                return Err(wrong(&format!(
                    "its columns have {name} between them, as a spreadsheet may write: expected commas; \
                     write commas for {name}{decimal}"
                )));
            }
        }
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let headers = reader.headers().map_err(|e| wrong(&e))?.clone();
        for (i, header) in headers.iter().enumerate() {
            if header.is_empty() || header.contains(char::is_whitespace) {
                let found = match header {
                    "" => format!("column {} has no name", i + 1),
                    header => format!("`{header}` in the header has a blank"),
                };
                return Err(wrong(&format!(
                    "{found}: expected the path of a setting, such as actors.army.caution"
                )));
            }
        }
        let own = ["scenario", "point", "rounds"];
        let written = own.iter().all(|name| headers.iter().any(|h| h == *name));
        let kept: Vec<usize> = (0..headers.len())
            .filter(|i| !(written && own.contains(&&headers[*i])))
            .collect();
        let mut points = Vec::new();
        for row in reader.records() {
            let row = row.map_err(|e| wrong(&e))?;
            points.push(kept.iter().map(|i| row[*i].trim().to_owned()).collect());
        }
        let paths = kept.iter().map(|i| headers[*i].to_owned());
        Ok(Self::Points(paths.collect(), points))
    }

    /// The paths of the settings that vary.
    fn paths(&self) -> Vec<&str> {
        match self {
            Self::Points(paths, _) => paths.iter().map(String::as_str).collect(),
            Self::Factorial(axes) | Self::LatinHypercube(axes, _) | Self::Sobol(axes, _) => {
                axes.iter().map(|(path, _)| path.as_str()).collect()
            }
        }
    }

    /// The paths of the settings that vary, and their values at each point.
    fn points(&self, seed: u64) -> Result<(Vec<String>, Vec<Vec<String>>), StudyError> {
        let invalid = |text: String| Err(StudyError::Invalid(text));
        let full = matches!(self, Self::Factorial(_));
        let split = |axes: &[(String, Axis)]| -> Result<(Vec<String>, Vec<Axis>), StudyError> {
            let axis =
                |(path, axis): &(String, Axis)| Ok((path.clone(), fitting(path, axis, full)?));
            let axes: Result<Vec<(String, Axis)>, StudyError> = axes.iter().map(axis).collect();
            Ok(axes?.into_iter().unzip())
        };
        let (paths, points) = match self {
            Self::Points(paths, points) => (paths.clone(), points.clone()),
            Self::Factorial(axes) | Self::LatinHypercube(axes, _) | Self::Sobol(axes, _)
                if axes.is_empty() =>
            {
                return invalid("nothing to sweep: no setting varies; --over names a setting and its values, --design a table of \
                     them"
                        .to_owned());
            }
            Self::Factorial(axes) => {
                let (paths, axes) = split(axes)?;
                if design::factorial_size(&axes).is_none_or(|n| n > MOST_POINTS) {
                    return invalid(format!(
                        "more than {MOST_POINTS} combinations; use fewer values, or a design by \
                         Latin hypercube or Sobol' sequence"
                    ));
                }
                (paths, design::factorial(&axes))
            }
            Self::LatinHypercube(axes, points) => {
                let (paths, axes) = split(axes)?;
                (paths, design::latin_hypercube(&axes, *points, seed))
            }
            Self::Sobol(axes, points) => {
                let (paths, axes) = split(axes)?;
                let rows = Sobol::new(axes.len(), seed, "sweep/sobol").take(*points);
                (paths, design::at(&axes, &rows.collect::<Vec<_>>()))
            }
        };
        if points.is_empty() || points.len() > MOST_POINTS {
            return invalid(format!(
                "{} points: expected 1 to {MOST_POINTS}",
                points.len()
            ));
        }
        match (1..paths.len()).find(|i| paths[..*i].contains(&paths[*i])) {
            Some(i) => invalid(format!("setting {} is given twice", paths[i])),
            None => Ok((paths, points)),
        }
    }
}

/// Options of a sweep.
#[derive(Debug, Clone)]
pub struct Sweep {
    pub(super) play: Play,
    design: Design,
}

play_options!(Sweep);

impl Sweep {
    /// 10,000 rounds of each point of a design.
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
    paths: Vec<String>,
    points: Vec<Vec<String>>,
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
            paths: &self.paths,
            points: &self.points,
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
    /// Plays the same rounds at every point of a design. A sweep that is stopped after the first
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
        let (paths, points) = options.design.points(seed)?;
        let molds = self.point_molds(&paths, &points, &play.control)?;
        let rounds = play.rounds.unwrap_or(ROUNDS);
        let request = Request::new("sweep", [&self.scenario], seed, rounds)
            .with("over", paths.join(", "))
            .with(
                "points",
                hash_bytes(format!("{} {points:?}", points.len()).as_bytes()),
            );
        let folder = play.open(format!("sweep_{}", self.scenario.name), &request)?;
        let mut counts = vec![Counts::new(&self.plan); points.len()];
        let played = play.control.stage(rounds * points.len() as u64, |watch| {
            take_turns(&molds, play.player(seed, watch), rounds, &mut counts)
        })?;
        // A sweep that was stopped early does not replace a longer one.
        let longer = folder.as_ref().and_then(|f| f.more_rounds_than(played));
        if played < rounds && longer.is_some() {
            return Err(StudyError::Interrupted(Kept::Nothing));
        }
        SweepResult {
            scenario: self.scenario,
            paths,
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
    fn point_molds(
        &self,
        paths: &[String],
        points: &[Vec<String>],
        control: &Control,
    ) -> Result<Vec<Mold>, StudyError> {
        let prepared = self.source()?.clone().prepare()?;
        let table = Points { paths, points };
        let molder = Molder::new(&prepared, &self.scenario, &table, REPORTED);
        Ok(molder.molds(control)?)
    }
}

/// The points as a table of settings.
struct Points<'a> {
    paths: &'a [String],
    points: &'a [Vec<String>],
}

impl Settings for Points<'_> {
    fn paths(&self) -> &[String] {
        self.paths
    }

    fn rows(&self) -> usize {
        self.points.len()
    }

    fn cell(&self, row: usize, column: usize) -> Option<&str> {
        Some(&self.points[row][column])
    }
}

/// The key of a path, which may have blanks between its parts.
fn key(path: &str) -> Option<&'static Key> {
    let keys: Vec<&str> = path.split('.').map(str::trim).collect();
    SCENARIO.key(&keys)
}

/// The axis as the key takes it: keys for whole numbers have no fractions.
fn fitting(path: &str, axis: &Axis, full: bool) -> Result<Axis, StudyError> {
    let takes = |key: &Key| matches!(key.shape, Shape::Leaf(Leaf::Whole(..) | Leaf::Days(..)));
    let whole = key(path).is_some_and(takes);
    match axis {
        Axis::Range { low, high, steps } if whole => {
            whole_numbers(*low, *high, full.then_some(*steps)).ok_or_else(|| {
                StudyError::Invalid(format!(
                    "`{path}` takes whole numbers: {low}..{high}:{steps} has others, or more than \
                     {MOST_POINTS}; write the values, as in {path}=1,2,4, or a range that is \
                     divided evenly, as in {path}=1..5:5"
                ))
            })
        }
        axis => Ok(axis.clone()),
    }
}

/// The whole numbers of a range: so many at equal distances, or all of them.
fn whole_numbers(low: f64, high: f64, steps: Option<usize>) -> Option<Axis> {
    let (low, high) = (low.fract() == 0.0).then_some((low, high))?;
    let steps = match steps {
        Some(steps) => steps,
        None if high - low < MOST_POINTS as f64 => (high - low) as usize + 1,
        None => return None,
    };
    let last = steps.checked_sub(1).filter(|last| *last > 0)?;
    let values = (0..steps).map(|i| {
        let x = low + i as f64 * (high - low) / last as f64;
        (x.fract() == 0.0 && x.abs() < 9e15).then(|| format!("{x:.0}"))
    });
    Some(Axis::Values(values.collect::<Option<_>>()?))
}

/// Plays `rounds` rounds of every point in turns; returns the rounds that all of them have played.
fn take_turns(
    molds: &[Mold],
    player: Player<'_>,
    rounds: u64,
    counts: &mut [Counts],
) -> Result<u64, PlayError> {
    let mut first = 0;
    while first < rounds {
        let turn = TURN.min(rounds - first);
        let mut found = Vec::new();
        for mold in molds {
            let table = TableRounds {
                open: &mold.open,
                rows: 0..mold.rows.len() as u64,
                rounds: first..first + turn,
                offsets: &[],
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
