//! Writes a result: every CSV file, then the manifest, then all of it appears at once.

use std::fs::File;
use std::io::{BufWriter, Write};

use serde::Serialize;

use super::columns::columns;
use super::folder::{Folder, FolderError};
use super::manifest::{self, FileEntry, Manifest, hash_file};
use super::tables::{Results, rounds_row};
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

/// Writes everything and makes it appear.
///
/// # Errors
/// When something cannot be written; then nothing has appeared.
pub fn write_results(
    folder: Folder,
    results: &Results<'_>,
    seed: u64,
    rounds: Option<RoundsFile>,
) -> Result<(), FolderError> {
    let s = results.scenario;
    let mut files = Vec::new();
    let mut add = |file: &str, rows: u64| -> Result<(), FolderError> {
        let sha256 = hash_file(&folder.staged(file)).map_err(|e| folder.failed(file, &e))?;
        files.push(FileEntry {
            file: file.to_owned(),
            rows,
            sha256,
            columns: columns(file, s),
        });
        Ok(())
    };
    add(
        "outcomes.csv",
        table(&folder, "outcomes.csv", s, &results.outcomes())?,
    )?;
    add(
        "flags.csv",
        table(&folder, "flags.csv", s, &results.flags())?,
    )?;
    add(
        "actions.csv",
        table(&folder, "actions.csv", s, &results.actions())?,
    )?;
    add(
        "timeline.csv",
        table(&folder, "timeline.csv", s, &results.timeline())?,
    )?;
    add(
        "outcome_by_day.csv",
        table(&folder, "outcome_by_day.csv", s, &results.outcome_by_day())?,
    )?;
    add(
        "actors.csv",
        table(&folder, "actors.csv", s, &results.actors())?,
    )?;
    if let Some(mut rounds) = rounds {
        rounds
            .writer
            .flush()
            .map_err(|e| folder.failed(ROUNDS, &e))?;
        add(ROUNDS, rounds.rows)?;
    }
    let mut names: Vec<String> = files.iter().map(|f| f.file.clone()).collect();
    let tally = results.tally;
    let manifest = Manifest::new(s, seed, tally.rounds, tally.details.rounds, files);
    let text = serde_json::to_string_pretty(&manifest)
        .map_err(|e| folder.failed(manifest::FILE, &e.into()))?;
    folder
        .create(manifest::FILE)?
        .write_all(format!("{text}\n").as_bytes())
        .map_err(|e| folder.failed(manifest::FILE, &e))?;
    names.push(manifest::FILE.to_owned());
    folder.publish(&names)
}

/// Writes a file with fixed columns; an empty table still has its header.
fn table<R: Serialize>(
    folder: &Folder,
    file: &str,
    s: &Scenario,
    rows: &[R],
) -> Result<u64, FolderError> {
    let wrong = |e: csv::Error| folder.failed(file, &e.into());
    let inner = BufWriter::new(folder.create(file)?);
    let mut writer = csv::WriterBuilder::new()
        .has_headers(false)
        .from_writer(inner);
    writer
        .write_record(columns(file, s).iter().map(|c| c.name.as_str()))
        .map_err(wrong)?;
    for row in rows {
        writer.serialize(row).map_err(wrong)?;
    }
    writer.flush().map_err(|e| folder.failed(file, &e))?;
    Ok(rows.len() as u64)
}
