//! The points of a sweep: values of settings, and the rounds that are played there.

use std::fmt::Write as _;
use std::path::Path;

use super::error::StudyError;
use super::molds::{Settings, key};
use crate::analysis::design::{self, Axis};
use crate::analysis::sensitivity::sobol::Sobol;
use crate::result::manifest::hash_bytes;
use crate::scenario::grammar::{Key, Leaf, Shape};
use crate::scenario::read_text;
use crate::scenario::visible::visible_path;
use crate::table::sweep::ROUND;

/// Most points of a sweep.
pub(crate) const MOST_POINTS: usize = 10_000;
/// Rounds of their own begin below this.
const LAST_ROUND: u64 = 1 << 53;

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
    /// The same, and for each point the first of its rounds: points that share none have chance of
    /// their own. With the guesses of a kept round and its index, one round of a point is that round again.
    Rounds(Vec<String>, Vec<Vec<String>>, Vec<u64>),
}

/// Points as a sweep plays them.
#[derive(Debug)]
pub(super) struct Points {
    /// Paths of the settings that vary.
    pub(super) paths: Vec<String>,
    /// By point: the value of each.
    pub(super) values: Vec<Vec<String>>,
    /// By point: the first of its rounds; empty where all points play the same rounds.
    pub(super) first: Vec<u64>,
}

impl Points {
    /// A hash of the points.
    pub(super) fn hash(&self) -> String {
        let mut text = format!("{} {:?}", self.values.len(), self.values);
        if !self.first.is_empty() {
            let _ = write!(text, " {:?}", self.first);
        }
        hash_bytes(text.as_bytes())
    }
}

impl Settings for Points {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn rows(&self) -> usize {
        self.values.len()
    }

    fn cell(&self, row: usize, column: usize) -> Option<&str> {
        Some(&self.values[row][column])
    }
}

/// Which columns of a design file are settings.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Written {
    /// All: the analyst wrote it.
    Hand,
    /// Those that no table of a sweep adds.
    Sweep,
    /// Those of guesses: the rounds that a run kept.
    Run,
}

impl Written {
    fn of(headers: &csv::StringRecord) -> Self {
        let has = |names: &[&str]| names.iter().all(|name| headers.iter().any(|h| h == *name));
        if has(&["scenario", "point", "rounds"]) {
            Self::Sweep
        } else if has(&["scenario", ROUND, "outcome", "day"]) {
            Self::Run
        } else {
            Self::Hand
        }
    }

    fn has_setting(self, header: &str) -> bool {
        match self {
            _ if header == ROUND => false,
            Self::Hand => true,
            Self::Sweep => !["scenario", "point", "rounds"].contains(&header),
            // Flags have no dot, and days of actions stand in columns of their own.
            Self::Run => header.contains('.') && !header.starts_with("first."),
        }
    }

    /// A cell as a setting has it: kept rounds have times in days.
    fn setting(self, path: &str, cell: &str) -> String {
        match (self, key(path).map(|k| k.shape)) {
            (Self::Run, Some(Shape::Leaf(Leaf::Duration(..)))) => format!("{cell}d"),
            // Computed, since a date that is known is one of whole seconds.
            (Self::Run, Some(Shape::Leaf(Leaf::Dated))) => format!("\"{cell} + 0\""),
            _ => cell.to_owned(),
        }
    }
}

impl Design {
    /// Reads points from a CSV file with a header of paths. A column `round` holds the first round of each
    /// point. Of a file that a sweep wrote, the columns that kzsim added to the paths are left out; of
    /// `rounds.csv`, all but the round and its guesses.
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
        let written = Written::of(&headers);
        let kept: Vec<usize> = (0..headers.len())
            .filter(|i| written.has_setting(&headers[*i]))
            .collect();
        let round = headers.iter().position(|h| h == ROUND);
        let (mut points, mut first) = (Vec::new(), Vec::new());
        for (i, row) in reader.records().enumerate() {
            let row = row.map_err(|e| wrong(&e))?;
            points.push(
                kept.iter()
                    .map(|i| written.setting(&headers[*i], &row[*i]))
                    .collect(),
            );
            if let Some(round) = round {
                let found = row[round].parse().ok().filter(|r| *r < LAST_ROUND);
                first.push(found.ok_or_else(|| {
                    wrong(&format!(
                        "`{}` in the column `{ROUND}`, point {i}: expected the index of a round, a whole \
                         number from 0",
                        &row[round]
                    ))
                })?);
            }
        }
        let paths = kept.iter().map(|i| headers[*i].to_owned()).collect();
        Ok(match round {
            Some(_) => Self::Rounds(paths, points, first),
            None => Self::Points(paths, points),
        })
    }

    /// The paths of the settings that vary.
    pub(super) fn paths(&self) -> Vec<&str> {
        match self {
            Self::Points(paths, _) | Self::Rounds(paths, ..) => {
                paths.iter().map(String::as_str).collect()
            }
            Self::Factorial(axes) | Self::LatinHypercube(axes, _) | Self::Sobol(axes, _) => {
                axes.iter().map(|(path, _)| path.as_str()).collect()
            }
        }
    }

    /// The points.
    pub(super) fn points(&self, seed: u64) -> Result<Points, StudyError> {
        let invalid = |text: String| Err(StudyError::Invalid(text));
        let full = matches!(self, Self::Factorial(_));
        let split = |axes: &[(String, Axis)]| -> Result<(Vec<String>, Vec<Axis>), StudyError> {
            let axis =
                |(path, axis): &(String, Axis)| Ok((path.clone(), fitting(path, axis, full)?));
            let axes: Result<Vec<(String, Axis)>, StudyError> = axes.iter().map(axis).collect();
            Ok(axes?.into_iter().unzip())
        };
        let (paths, points) = match self {
            Self::Points(paths, points) | Self::Rounds(paths, points, _) => {
                (paths.clone(), points.clone())
            }
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
        if let Some(i) = (1..paths.len()).find(|i| paths[..*i].contains(&paths[*i])) {
            return invalid(format!("setting {} is given twice", paths[i]));
        }
        let first = match self {
            Self::Rounds(_, _, first) if first.len() == points.len() => first.clone(),
            Self::Rounds(_, _, first) => {
                return invalid(format!(
                    "{} rounds for {} points: expected one for each",
                    first.len(),
                    points.len()
                ));
            }
            _ => Vec::new(),
        };
        Ok(Points {
            paths,
            values: points,
            first,
        })
    }
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
