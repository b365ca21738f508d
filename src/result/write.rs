//! Writes a result: every CSV file, then the manifest, then all of it appears at once.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use clap::ValueEnum;
use serde::Serialize;

use super::folder::{Folder, FolderError};
use super::manifest::{self, FileEntry, Manifest, hash_bytes, hash_file};
use super::parquet::{ROUNDS_PARQUET, convert};
use super::rounds::{ROUNDS, ROUNDS_PART, RoundsFile};
use crate::result::{CHECKPOINT, STATE, State};
use crate::table::cell::Column;
use crate::table::columns::columns;
use crate::table::given::Given;
use crate::table::run::Results;
use crate::table::variance;

/// How the rows of rounds are written, if they are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// rounds.csv alone
    #[default]
    Csv,
    /// Also rounds.parquet, beside it: the same rows, typed, in columns
    Parquet,
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

    /// Where a file lies that has been written: among the others, or beside a checkpoint.
    fn place(&self, file: &str) -> PathBuf {
        let staged = self.folder.staged(file);
        if staged.exists() {
            staged
        } else {
            self.folder.part(file)
        }
    }

    /// Writes the rows of `rounds.csv` as Parquet too.
    fn add_parquet(
        &mut self,
        columns: Vec<Column>,
        rows: u64,
        stop: &AtomicBool,
    ) -> Result<(), FolderError> {
        let to = self.folder.create(ROUNDS_PARQUET)?;
        File::open(self.place(ROUNDS))
            .and_then(|from| convert(from, to, &columns, stop))
            .map_err(|e| self.folder.failed(ROUNDS_PARQUET, &e))?;
        self.enter(ROUNDS_PARQUET, columns, rows)
    }

    /// Waits until all files are on the disk.
    fn sync(&self) -> Result<(), FolderError> {
        for entry in &self.files {
            File::open(self.place(&entry.file))
                .and_then(|f| f.sync_data())
                .map_err(|e| self.folder.failed(&entry.file, &e))?;
        }
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
        self.publish_with(&[], &[], manifest)
    }

    /// The same with more files that the manifest does not describe among the tables, and without
    /// the `others`, which go.
    fn publish_with(
        self,
        more: &[&str],
        others: &[&str],
        manifest: impl FnOnce(Vec<FileEntry>) -> Manifest,
    ) -> Result<(), FolderError> {
        let Self { folder, files } = self;
        let mut names: Vec<String> = files.iter().map(|f| f.file.clone()).collect();
        names.extend(more.iter().map(|m| (*m).to_owned()));
        let text = serde_json::to_string_pretty(&manifest(files))
            .map_err(|e| folder.failed(manifest::FILE, &e.into()))?;
        folder
            .create(manifest::FILE)?
            .write_all(format!("{text}\n").as_bytes())
            .map_err(|e| folder.failed(manifest::FILE, &e))?;
        names.push(manifest::FILE.to_owned());
        folder.publish(&names, others)
    }
}

/// Writes everything that a run gave and makes it appear; the checkpoint has done its work.
///
/// # Errors
/// When something cannot be written, or `stop` is set meanwhile; then nothing has appeared.
pub fn write_results(
    folder: Folder,
    results: &Results<'_>,
    state: &State,
    rounds: Option<RoundsFile>,
    given: Option<&Given<'_>>,
    format: Format,
    stop: &AtomicBool,
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
        let part = rounds.mark().map_err(|e| files.folder.failed(ROUNDS, &e))?;
        files.files.push(FileEntry {
            file: ROUNDS.to_owned(),
            rows: part.rows,
            sha256: part.sha256,
            columns: columns(ROUNDS, s),
        });
        if format == Format::Parquet {
            files.add_parquet(columns(ROUNDS, s), part.rows, stop)?;
        }
    }
    if let Some(g) = given {
        use crate::table::given::{FILES, columns};
        files.add(FILES[0], columns(FILES[0]), &g.outcomes())?;
        files.add(FILES[1], columns(FILES[1]), &g.flags())?;
        files.add(FILES[2], columns(FILES[2]), &g.actions())?;
        files.add(FILES[3], columns(FILES[3]), &g.priors())?;
        files.add(FILES[4], columns(FILES[4]), &g.evidence())?;
    }
    let failed = |e| files.folder.failed(STATE, &e);
    let bytes = state.encode().map_err(failed)?;
    let mut file = files.folder.create(STATE)?;
    file.write_all(&bytes).map_err(failed)?;
    let (hash, followed) = (hash_bytes(&bytes), results.tally.details.rounds);
    // Results of hours of play are not to be lost with the power: on the disk, then in place.
    if files.folder.target().join(CHECKPOINT).exists() {
        files.sync()?;
    }
    let others = [CHECKPOINT, ROUNDS_PART];
    files.publish_with(&[STATE], &others, |files| {
        let manifest = Manifest::run(s, &state.header, followed, files, hash);
        match given {
            Some(g) => manifest.with(g.evidence),
            None => manifest,
        }
    })
}
