//! Writes a result: every table, then the manifest, then all of it appears at once.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use super::folder::{Folder, FolderError};
use super::manifest::{self, FileEntry, Manifest, hash_bytes, hash_file};
use super::parquet::convert;
use super::rounds::RoundsFile;
use super::state::State;
use super::{CHECKPOINT, ROUNDS, ROUNDS_PARQUET, ROUNDS_PART, STATE};
use crate::files;
use crate::table::Table;
use crate::table::cell::Column;
use crate::table::given::Given;
use crate::table::rounds::columns;
use crate::table::run::Results;

/// How the rows of rounds are written, if they are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// rounds.csv alone
    #[default]
    Csv,
    /// Also rounds.parquet, beside it: the same rows, typed, in columns
    Parquet,
}

/// Writes the files of a result: out of sight first, then published with the manifest.
struct ResultWriter {
    folder: Folder,
    files: Vec<FileEntry>,
}

impl ResultWriter {
    /// A writer without files yet.
    fn new(folder: Folder) -> Self {
        Self {
            folder,
            files: Vec::new(),
        }
    }

    /// Writes a table; one without rows still has its header.
    fn add(&mut self, table: Table) -> Result<(), FolderError> {
        let Table {
            file,
            columns,
            rows,
        } = table;
        let wrong = |e: csv::Error| self.folder.failed(file, &e.into());
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer
            .write_record(columns.iter().map(|c| &c.name))
            .map_err(wrong)?;
        for row in &rows {
            writer.write_record(row).map_err(wrong)?;
        }
        let failed = |e: io::Error| self.folder.failed(file, &e);
        let text = writer.into_inner().map_err(|e| failed(e.into_error()))?;
        self.folder.write(file, &text)?;
        self.files.push(FileEntry {
            file: file.to_owned(),
            rows: rows.len() as u64,
            sha256: hash_bytes(&text),
            columns,
        });
        Ok(())
    }

    /// Adds an entry for a file that is already in the folder.
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

    /// Where a written file is: staged, or beside a checkpoint.
    fn place(&self, file: &str) -> PathBuf {
        let staged = self.folder.staged(file);
        if files::is_there(&staged) {
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
        files::open(&self.place(ROUNDS))
            .and_then(|from| convert(from, to, &columns, stop))
            .and_then(|to| self.folder.close(ROUNDS_PARQUET, to))
            .map_err(|e| self.folder.failed(ROUNDS_PARQUET, &e))?;
        self.enter(ROUNDS_PARQUET, columns, rows)
    }

    /// Writes the manifest, and makes everything appear: the tables, and `more` files that the
    /// manifest does not describe as tables. The `others` are removed.
    fn publish(
        self,
        more: &[&str],
        others: &[&str],
        manifest: impl FnOnce(Vec<FileEntry>) -> Manifest,
    ) -> Result<(), FolderError> {
        let Self { folder, files } = self;
        let mut names: Vec<String> = files.iter().map(|f| f.file.clone()).collect();
        names.extend(more.iter().map(|m| (*m).to_owned()));
        let mut manifest = manifest(files);
        manifest.options = folder.options().clone();
        let text = manifest
            .text()
            .map_err(|e| folder.failed(manifest::FILE, &e.into()))?;
        folder.write(manifest::FILE, &text)?;
        names.push(manifest::FILE.to_owned());
        folder.publish(&names, others)
    }
}

/// Writes tables and their manifest, and makes them appear.
///
/// # Errors
/// When something cannot be written; then nothing has appeared.
pub fn write_tables(
    folder: Folder,
    tables: Vec<Table>,
    manifest: impl FnOnce(Vec<FileEntry>) -> Manifest,
) -> Result<(), FolderError> {
    write_tables_and(folder, tables, &[], manifest)
}

/// The same with more files, which the manifest does not describe as tables.
///
/// # Errors
/// As for [`write_tables`].
pub fn write_tables_and(
    folder: Folder,
    tables: Vec<Table>,
    more: &[(&str, String)],
    manifest: impl FnOnce(Vec<FileEntry>) -> Manifest,
) -> Result<(), FolderError> {
    let mut files = ResultWriter::new(folder);
    for table in tables {
        files.add(table)?;
    }
    for (file, text) in more {
        files.folder.write(file, text.as_bytes())?;
    }
    let names: Vec<&str> = more.iter().map(|(file, _)| *file).collect();
    files.publish(&names, &[], manifest)
}

/// Writes all files of a run and makes them appear; the checkpoint is removed. Rows of rounds, if they
/// are kept, are also written as Parquet if `format` says so.
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
    let mut files = ResultWriter::new(folder);
    for table in results.tables() {
        files.add(table)?;
    }
    let mut copied_from = None;
    if let Some(rounds) = rounds {
        copied_from = rounds.copied_from().map(str::to_owned);
        let part = rounds
            .finish(&files.folder)
            .map_err(|e| files.folder.failed(ROUNDS, &e))?;
        files.files.push(FileEntry {
            file: ROUNDS.to_owned(),
            rows: part.rows,
            sha256: part.sha256,
            columns: columns(s),
        });
        if format == Format::Parquet {
            files.add_parquet(columns(s), part.rows, stop)?;
        }
    }
    for table in given.iter().flat_map(|g| g.tables()) {
        files.add(table)?;
    }
    let bytes = state.encode().map_err(|e| files.folder.failed(STATE, &e))?;
    files.folder.write(STATE, &bytes)?;
    let (hash, followed) = (hash_bytes(&bytes), results.tally.details.rounds);
    let others = [CHECKPOINT, copied_from.as_deref().unwrap_or(ROUNDS_PART)];
    files.publish(&[STATE], &others, |files| {
        let manifest = Manifest::run(results, &state.header, followed, files, hash);
        match given {
            Some(g) => manifest.with(g.evidence),
            None => manifest,
        }
    })
}
