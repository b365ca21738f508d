//! Cases played under vectors of coefficients.

use super::data::Data;
use super::{Fit, Task};
use crate::analysis::fit::simulate::{Counts, Rounds, Simulator};
use crate::ensemble::TableRounds;
use crate::plan::{OpenNumber, OpenNumbers, OpenValue};
use crate::study::error::{Kept, StudyError};
use crate::study::forecasts::Reading;
use crate::study::molds::{Mold, Molder, Settings};

/// Faulty cases that are reported.
const REPORTED: usize = 20;
/// Rows, of a case and a vector each, that are played at once: a stop is heeded between them.
const AT_ONCE: usize = 4_096;

/// Cases of a table as a simulator plays them.
pub(super) struct CaseSimulator<'a> {
    molds: Vec<Mold>,
    /// Paths of coefficients.
    paths: Vec<String>,
    /// Number of distinct cases.
    cases: usize,
    classes: usize,
    /// The class of each outcome of the template.
    class_of: Vec<usize>,
    /// Horizons of the template: the last one is fitted.
    horizons: usize,
    rounds: u64,
    seed: u64,
    options: &'a Fit,
}

/// The distinct cases of a table as settings.
struct Distinct<'a> {
    data: &'a Data,
}

impl Settings for Distinct<'_> {
    fn paths(&self) -> &[String] {
        self.data.table.paths()
    }

    fn rows(&self) -> usize {
        self.data.distinct.len()
    }

    fn cell(&self, row: usize, column: usize) -> Option<&str> {
        self.data.table.cell(self.data.distinct[row], column)
    }
}

impl<'a> CaseSimulator<'a> {
    pub(super) fn new(task: &Task<'a>, data: &Data) -> Result<Self, StudyError> {
        let table = Distinct { data };
        let paths: Vec<String> = task.coefficients.iter().map(|c| c.path.clone()).collect();
        let prepared = task.template.clone().prepare()?;
        let control = &task.options.play.control;
        let molder = Molder::new(&prepared, &task.study.scenario, &table, REPORTED);
        let molds = molder.with_free(&paths).molds(control).map_err(|error| {
            let mut reading = Reading {
                sources: data.sources.clone(),
                ..Reading::default()
            };
            let row = |row: usize| data.distinct[row];
            data.table.refused(error, row, &mut reading)
        })?;
        let outcomes = task.study.scenario.outcomes.len();
        Ok(Self {
            molds,
            paths,
            cases: data.distinct.len(),
            classes: data.classes.count(),
            class_of: (0..outcomes).map(|o| data.classes.of_outcome(o)).collect(),
            horizons: task.study.scenario.clock.horizons().len(),
            rounds: task.rounds,
            seed: task.seed,
            options: task.options,
        })
    }

    /// The open numbers of a mold with some vectors in place of its free ones.
    fn opened(&self, mold: &Mold, vectors: &[Vec<f64>]) -> OpenNumbers {
        let number = |n: &OpenNumber| {
            let path = &mold.plan.priors[n.prior].path;
            match self.paths.iter().position(|p| p == path) {
                Some(i) => OpenNumber {
                    values: vectors.iter().map(|v| OpenValue::known(v[i])).collect(),
                    ..n.clone()
                },
                None => n.clone(),
            }
        };
        OpenNumbers {
            numbers: mold.open.numbers.iter().map(number).collect(),
            laws: mold.open.laws.clone(),
        }
    }
}

impl Simulator for CaseSimulator<'_> {
    type Error = StudyError;

    fn classes(&self) -> usize {
        self.classes
    }

    fn cases(&self) -> usize {
        self.cases
    }

    fn counts(&self, vectors: &[Vec<f64>], rounds: Rounds) -> Result<Counts, StudyError> {
        let play = &self.options.play;
        let first = match rounds {
            Rounds::Table => 0,
            Rounds::Truth => self.rounds,
        };
        let width = self.cases * self.classes;
        let last = self.horizons - 1;
        let mut of = vec![0_u32; vectors.len() * width];
        let total = (vectors.len() * self.cases) as u64 * self.rounds;
        play.control.stage(total, |watch| {
            let player = play.player(self.seed, watch);
            for mold in &self.molds {
                let n = mold.rows.len();
                let at_once = (AT_ONCE / n).max(1);
                for (block, vectors) in vectors.chunks(at_once).enumerate() {
                    let open = self.opened(mold, vectors);
                    let table = TableRounds {
                        open: &open,
                        rows: 0..(n * vectors.len()) as u64,
                        rounds: first..first + self.rounds,
                        offsets: &[],
                    };
                    let found = player.count_rows(&mold.plan, table, false)?;
                    if found.complete < n * vectors.len() {
                        return Err(StudyError::Interrupted(Kept::Nothing));
                    }
                    for row in 0..n * vectors.len() {
                        let vector = block * at_once + row / n;
                        let start = vector * width + mold.rows[row % n] * self.classes;
                        for (outcome, count) in found.outcomes(row, last).iter().enumerate() {
                            of[start + self.class_of[outcome]] += count;
                        }
                    }
                }
            }
            Ok(Counts { of })
        })
    }
}
