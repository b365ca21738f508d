//! Writes a result: every CSV file, then the manifest, then all of it appears at once.

use std::fs::File;
use std::io::{BufWriter, Write};

use serde::Serialize;

use super::cell::Column;
use super::columns::columns;
use super::folder::{Folder, FolderError};
use super::given::Given;
use super::manifest::{self, FileEntry, Manifest, hash_file};
use super::tables::{Results, rounds_row};
use super::variance;
use crate::ensemble::RoundRecord;
use crate::scenario::Scenario;

/// `rounds.csv` while rounds are played.
#[derive(Debug)]
pub struct RoundsFile {
    writer: csv::Writer<BufWriter<File>>,
    rows: u64,
}

/// Its name.
pub const ROUNDS: &str = "rounds.csv";

impl RoundsFile {
    /// A file with its header.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn create(folder: &Folder, scenario: &Scenario) -> Result<Self, FolderError> {
        let file = BufWriter::new(folder.create(ROUNDS)?);
        let mut writer = csv::Writer::from_writer(file);
        writer
            .write_record(columns(ROUNDS, scenario).iter().map(|c| c.name.as_str()))
            .map_err(|e| folder.failed(ROUNDS, &e.into()))?;
        Ok(Self { writer, rows: 0 })
    }

    /// Adds records, in order.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn add(&mut self, scenario: &Scenario, records: &[RoundRecord]) -> std::io::Result<()> {
        for record in records {
            self.writer.write_record(rounds_row(scenario, record))?;
        }
        self.rows += records.len() as u64;
        Ok(())
    }
}

/// Files of a result on their way: gathered out of sight, then published with the manifest.
pub struct Gathering {
    folder: Folder,
    files: Vec<FileEntry>,
}

impl Gathering {
    /// Nothing is gathered yet.
    #[must_use]
    pub fn new(folder: Folder) -> Self {
        Self {
            folder,
            files: Vec::new(),
        }
    }

    /// Writes a table; one without rows still has its header.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add<R: Serialize>(
        &mut self,
        file: &str,
        columns: Vec<Column>,
        rows: &[R],
    ) -> Result<(), FolderError> {
        let wrong = |e: csv::Error| self.folder.failed(file, &e.into());
        let inner = BufWriter::new(self.folder.create(file)?);
        let mut writer = csv::WriterBuilder::new()
            .has_headers(false)
            .from_writer(inner);
        writer
            .write_record(columns.iter().map(|c| c.name.as_str()))
            .map_err(wrong)?;
        for row in rows {
            writer.serialize(row).map_err(wrong)?;
        }
        writer.flush().map_err(|e| self.folder.failed(file, &e))?;
        self.enter(file, columns, rows.len() as u64)
    }

    /// Notes a file that has been written to the folder already.
    fn enter(&mut self, file: &str, columns: Vec<Column>, rows: u64) -> Result<(), FolderError> {
        let path = self.folder.staged(file);
        let sha256 = hash_file(&path).map_err(|e| self.folder.failed(file, &e))?;
        self.files.push(FileEntry {
            file: file.to_owned(),
            rows,
            sha256,
            columns,
        });
        Ok(())
    }

    /// Writes the manifest, and makes everything appear.
    ///
    /// # Errors
    /// When something cannot be written; then nothing has appeared.
    pub fn publish(
        self,
        manifest: impl FnOnce(Vec<FileEntry>) -> Manifest,
    ) -> Result<(), FolderError> {
        let Self { folder, files } = self;
        let mut names: Vec<String> = files.iter().map(|f| f.file.clone()).collect();
        let text = serde_json::to_string_pretty(&manifest(files))
            .map_err(|e| folder.failed(manifest::FILE, &e.into()))?;
        folder
            .create(manifest::FILE)?
            .write_all(format!("{text}\n").as_bytes())
            .map_err(|e| folder.failed(manifest::FILE, &e))?;
        names.push(manifest::FILE.to_owned());
        folder.publish(&names)
    }
}

/// Writes everything that a run gave and makes it appear.
///
/// # Errors
/// When something cannot be written; then nothing has appeared.
pub fn write_results(
    folder: Folder,
    results: &Results<'_>,
    seed: u64,
    rounds: Option<RoundsFile>,
    given: Option<&Given<'_>>,
) -> Result<(), FolderError> {
    let s = results.scenario;
    let mut files = Gathering::new(folder);
    files.add(
        "outcomes.csv",
        columns("outcomes.csv", s),
        &results.outcomes(),
    )?;
    files.add("flags.csv", columns("flags.csv", s), &results.flags())?;
    files.add("actions.csv", columns("actions.csv", s), &results.actions())?;
    files.add(
        "timeline.csv",
        columns("timeline.csv", s),
        &results.timeline(),
    )?;
    files.add(
        "outcome_by_day.csv",
        columns("outcome_by_day.csv", s),
        &results.outcome_by_day(),
    )?;
    files.add(
        "action_by_day.csv",
        columns("action_by_day.csv", s),
        &results.action_by_day(),
    )?;
    files.add("actors.csv", columns("actors.csv", s), &results.actors())?;
    files.add(
        variance::FILE,
        variance::columns(),
        &variance::rows(s, &results.pairs),
    )?;
    if let Some(mut rounds) = rounds {
        rounds
            .writer
            .flush()
            .map_err(|e| files.folder.failed(ROUNDS, &e))?;
        files.enter(ROUNDS, columns(ROUNDS, s), rounds.rows)?;
    }
    if let Some(g) = given {
        use super::given::{FILES, columns};
        files.add(FILES[0], columns(FILES[0]), &g.outcomes())?;
        files.add(FILES[1], columns(FILES[1]), &g.flags())?;
        files.add(FILES[2], columns(FILES[2]), &g.actions())?;
        files.add(FILES[3], columns(FILES[3]), &g.priors())?;
        files.add(FILES[4], columns(FILES[4]), &g.evidence())?;
    }
    let tally = results.tally;
    files.publish(|files| {
        let manifest = Manifest::run(s, seed, tally.rounds, tally.details.rounds, files);
        match given {
            Some(g) => manifest.with(g.evidence),
            None => manifest,
        }
    })
}
