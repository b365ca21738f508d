//! A template played over a table of cases: a row a case.

mod codebook;
pub(in crate::study) mod table;

use std::collections::BTreeMap;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use self::table::CaseTable;
use super::error::{Kept, StudyError};
use super::forecasts::Reading;
use super::given::weighted;
use super::molds::{Mold, Molder, Settings};
use super::open::{Source, Study};
use super::play::{Play, play_options, written_at_once_or_later};
use crate::analysis::conditional::Conditional;
use crate::analysis::survival::of_all;
use crate::ensemble::{Player, TableRounds};
use crate::result::Request;
use crate::result::folder::{Folder, FolderError};
use crate::result::manifest::{Manifest, hash_bytes};
use crate::result::write::write_tables;
use crate::scenario::reports::reports;
use crate::scenario::{Evidence, Scenario};
use crate::table::cases::{CaseShares, PlayedCase, PlayedCases};
use crate::table::survival::{Survival, waits};

/// Rounds of each case by default.
const ROUNDS: u64 = 1_000;
/// The most faulty cases that are reported.
const REPORTED: usize = 100;
/// Rows that are played between two looks whether to stop.
const ROWS: u64 = 4_096;
/// Steps of rows that are counted at once, where times are.
const COUNTS: u64 = 1 << 20;

/// Options of [`Study::cases`].
#[derive(Debug, Clone)]
pub struct Cases {
    pub(super) play: Play,
    table: PathBuf,
    given: Option<String>,
    own_rounds: bool,
    survival: bool,
}

play_options!(Cases);

impl Cases {
    /// 1,000 rounds of each case of a table.
    #[must_use]
    pub fn new(table: impl Into<PathBuf>) -> Self {
        Self {
            play: Play::default(),
            table: table.into(),
            given: None,
            own_rounds: false,
            survival: false,
        }
    }

    /// Takes evidence into account, case by case: the column of the table that names evidence files, from the
    /// folder of the table. Cases whose cell is empty are played without.
    #[must_use]
    pub fn given(mut self, column: &str) -> Self {
        self.given = Some(column.to_owned());
        self
    }

    /// Also tells when outcomes and flags came, case by case. Takes `read` in `[clock]`; not of cases with
    /// evidence.
    #[must_use]
    pub fn survival(mut self, survival: bool) -> Self {
        self.survival = survival;
        self
    }

    /// Gives each case random numbers of its own, by its id. By default all cases share theirs, so that two of
    /// them differ by their settings alone.
    #[must_use]
    pub fn own_rounds(mut self, own: bool) -> Self {
        self.own_rounds = own;
        self
    }
}

/// What playing cases found.
#[derive(Debug)]
pub struct CasesResult {
    scenario: Scenario,
    paths: Vec<String>,
    horizons: Vec<String>,
    cases: Vec<PlayedCase>,
    /// Cases of the table.
    requested: usize,
    seed: u64,
    rounds: u64,
    plans: usize,
    times: bool,
    request: Request,
    folder: Option<PathBuf>,
}

written_at_once_or_later!(CasesResult);

impl CasesResult {
    /// The seed.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Plans that were compiled: cases that differ in numbers alone share one.
    #[must_use]
    pub fn plans(&self) -> usize {
        self.plans
    }

    /// Cases and what they came to, as the tables have them.
    #[must_use]
    pub fn played(&self) -> PlayedCases<'_> {
        PlayedCases {
            scenario: &self.scenario,
            paths: &self.paths,
            horizons: &self.horizons,
            rounds: self.rounds,
            times: self.times,
            cases: &self.cases,
        }
    }

    /// What was kept, if it was stopped before all cases were played.
    #[must_use]
    pub fn interrupted(&self) -> Option<StudyError> {
        let (cases, of) = (self.cases.len(), self.requested);
        (cases < of).then_some(StudyError::Interrupted(Kept::Cases { cases, of }))
    }

    fn write(&self, folder: Folder) -> Result<(), FolderError> {
        let rounds = self.rounds * self.cases.len() as u64;
        write_tables(folder, self.played().tables(), |files| {
            Manifest::several("cases", [&self.scenario], self.seed, rounds, files)
        })
    }
}

/// Evidence by file, each read once.
type Known = BTreeMap<PathBuf, Evidence>;

impl Study {
    /// Plays the same rounds for every case of a table. Cases that differ in numbers alone share one plan. A study that
    /// is stopped keeps the [cases that it has played](CasesResult::interrupted).
    ///
    /// # Errors
    /// When the table cannot be read, has faults (all of them, each with its line and column), the folder
    /// cannot be used or written, or it is stopped before the first case has been played.
    pub fn cases(self, options: &Cases) -> Result<CasesResult, StudyError> {
        let play = &options.play;
        let seed = play.seed.unwrap_or(self.seed);
        self.heeds(play, Some("--rounds"))?;
        let rounds = play.rounds.unwrap_or(ROUNDS);
        let mut reading = Reading::default();
        let given = options.given.as_deref();
        let table = CaseTable::read(&options.table, given, &self.scenario, &mut reading)?;
        self.leaves_settings(&table)?;
        self.codes(&table, &mut reading);
        reading.check()?;
        let evidence = evidence(&table)?;
        if !evidence.is_empty() && !self.scenario.clock.read.is_empty() {
            return Err(StudyError::Invalid(
                "--given reads the last horizon alone: leave out `read` in [clock], or --given"
                    .to_owned(),
            ));
        }
        if options.survival && self.scenario.clock.read.is_empty() {
            return Err(StudyError::Invalid(
                "survival needs `read` in [clock], for example read = [\"30d\"]: without it nobody notes when flags first hold"
                    .to_owned(),
            ));
        }
        let molds = self.case_molds(&table, &mut reading, play)?;
        let hashes: Vec<String> = reading
            .sources
            .iter()
            .map(|s| hash_bytes(s.text.as_bytes()))
            .collect();
        let texts = evidence.values().flat_map(|e| e.sources.iter());
        let reports = texts.map(|s| hash_bytes(s.text.as_bytes()));
        let request = Request::new(
            "cases",
            [&self.scenario],
            seed,
            rounds * table.rows() as u64,
        )
        .with("cases", hashes.join(" "))
        .with("rounds_each", rounds)
        .with("given", reports.collect::<Vec<_>>().join(" "))
        .with("own_rounds", options.own_rounds)
        .with("survival", options.survival);
        let folder = play.open(format!("cases_{}", self.scenario.name), &request)?;
        let found = play.control.stage(rounds * table.rows() as u64, |watch| {
            let player = play.player(seed, watch);
            self.play_cases(&table, &molds, &evidence, rounds, player, options)
        })?;
        let cases: Vec<PlayedCase> = found.into_iter().flatten().collect();
        let longer = folder
            .as_ref()
            .and_then(|f| f.more_rounds_than(rounds * cases.len() as u64));
        if cases.is_empty() || (cases.len() < table.rows() && longer.is_some()) {
            return Err(StudyError::Interrupted(Kept::Nothing));
        }
        let apart = table.cases.iter().filter(|case| case.given.is_some());
        let plans = molds.len() + apart.count();
        CasesResult {
            horizons: horizons(&self.scenario),
            paths: table.settings().to_vec(),
            requested: table.rows(),
            scenario: self.scenario,
            cases,
            seed,
            rounds,
            plans,
            times: options.survival,
            request,
            folder: None,
        }
        .finished(folder)
    }

    /// Refuses columns of what is set too.
    fn leaves_settings(&self, table: &CaseTable) -> Result<(), StudyError> {
        let paths = table.paths().iter().map(String::as_str);
        let wrong = self.set_and_varied(paths, |_| "the column".to_owned());
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(StudyError::invalid(wrong))
        }
    }

    /// The plans of all cases.
    fn case_molds(
        &self,
        table: &CaseTable,
        reading: &mut Reading,
        play: &Play,
    ) -> Result<Vec<Mold>, StudyError> {
        let prepared = self.source()?.clone().prepare()?;
        let molder = Molder::new(&prepared, &self.scenario, table, REPORTED);
        let molds = molder.molds(&play.control);
        molds.map_err(|error| table.refused(error, |row| row, reading))
    }

    /// Plays every case; those that were not reached are missing.
    fn play_cases(
        &self,
        table: &CaseTable,
        molds: &[Mold],
        evidence: &Known,
        rounds: u64,
        player: Player<'_>,
        options: &Cases,
    ) -> Result<Vec<Option<PlayedCase>>, StudyError> {
        let mut out: Vec<Option<PlayedCase>> = vec![None; table.rows()];
        let case = |row: usize, shares: CaseShares, survival: Survival| {
            let case = &table.cases[row];
            PlayedCase {
                id: case.id.clone(),
                cluster: case.cluster.clone(),
                group: case.group.clone(),
                start: case.t0.unwrap_or(self.scenario.clock.start),
                settings: table.texts(row),
                shares,
                survival,
            }
        };
        let horizons = self.scenario.clock.horizons().len();
        for mold in molds {
            let offsets: Vec<u64> = if options.own_rounds {
                let ids = mold.rows.iter().map(|row| &table.cases[*row].id);
                ids.map(|id| own(id)).collect()
            } else {
                Vec::new()
            };
            let rows = mold.rows.len() as u64;
            let at_once = if options.survival {
                (COUNTS / u64::from(mold.plan.steps + 1)).clamp(1, ROWS)
            } else {
                ROWS
            };
            let waits = |j: usize| waits(&mold.plan, j);
            for first in (0..rows).step_by(at_once as usize) {
                let part = first..rows.min(first + at_once);
                let table_rounds = TableRounds {
                    open: &mold.open,
                    rows: part.clone(),
                    rounds: 0..rounds,
                    offsets: &offsets,
                };
                let found = player.count_rows(&mold.plan, table_rounds, options.survival)?;
                for i in 0..found.complete {
                    let row = mold.rows[first as usize + i];
                    let at = |h| {
                        let counts = found.at(i, h);
                        (counts.outcomes, counts.flags)
                    };
                    let shares = CaseShares::Counted((0..horizons).map(at).collect());
                    let survival = if options.survival {
                        let times = found.times(i);
                        of_all(waits, &times.outcomes, &times.first, &times.without)
                    } else {
                        Vec::new()
                    };
                    out[row] = Some(case(row, shares, survival));
                }
                if player.watch.is_stopped() {
                    return Ok(out);
                }
            }
        }
        for row in 0..table.rows() {
            let Some(path) = &table.cases[row].given else {
                continue;
            };
            match self.play_given(table, row, &evidence[path], rounds, player) {
                Ok(shares) => out[row] = Some(case(row, shares, Vec::new())),
                Err(StudyError::Interrupted(_)) => return Ok(out),
                Err(error) => return Err(error),
            }
        }
        Ok(out)
    }

    /// Plays a case whose past is known.
    fn play_given(
        &self,
        table: &CaseTable,
        row: usize,
        evidence: &Evidence,
        rounds: u64,
        player: Player<'_>,
    ) -> Result<CaseShares, StudyError> {
        let columns = table.paths().iter().enumerate();
        let mut settings: Vec<String> = columns
            .filter_map(|(c, path)| Some(format!("{path}={}", table.cell(row, c)?)))
            .collect();
        let start = table.cases[row].t0;
        if let Some(start) = start.filter(|_| table.paths().len() == table.settings().len()) {
            settings.push(format!("clock.start={start}"));
        }
        let source = Source {
            evidence: Some(evidence.clone()),
            ..self.source()?.with(settings)
        };
        let study = source.open()?;
        let reports = reports(evidence, false);
        let control = super::Control::default();
        let (weighted, method) = weighted(player, study.plan(), rounds, &reports, None, &control)?;
        let found = Conditional::new(&weighted, method);
        let (outcomes, flags) = (weighted.outcomes.len(), weighted.flags.len());
        let share = |total: usize| (found.share(total), found.effective_of(total));
        Ok(CaseShares::Given(
            (0..outcomes).map(share).collect(),
            (outcomes..outcomes + flags).map(share).collect(),
        ))
    }
}

/// The evidence that cases name, by its file.
fn evidence(table: &CaseTable) -> Result<Known, StudyError> {
    let mut known = Known::new();
    let mut errors = Vec::new();
    for path in table.cases.iter().filter_map(|case| case.given.as_ref()) {
        if known.contains_key(path) {
            continue;
        }
        match Evidence::read(path) {
            Ok(evidence) => {
                known.insert(path.clone(), evidence);
            }
            Err(error) => errors.push(StudyError::from(error)),
        }
    }
    StudyError::join(errors)?;
    Ok(known)
}

/// The first round of a case that has random numbers of its own: from its id, so that other cases do not
/// matter. Below those of partners; two of a thousand cases share theirs once in a thousand tables.
fn own(id: &str) -> u64 {
    let hash = Sha256::digest(id.as_bytes());
    let mut bytes = [0; 4];
    bytes.copy_from_slice(&hash[..4]);
    u64::from(u32::from_be_bytes(bytes) >> 2) << 30
}

/// The names of horizons, or none if there is one.
fn horizons(scenario: &Scenario) -> Vec<String> {
    match scenario.clock.horizon_texts() {
        texts if texts.len() > 1 => texts,
        _ => vec![String::new()],
    }
}
