//! `rounds.csv`: one row per round, written while rounds are played, never held in memory.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use sha2::{Digest, Sha256};

use super::folder::{Folder, FolderError, is_part};
use super::header::RowsExtent;
use super::manifest::hex;
use super::{ROUNDS, ROUNDS_PART};
use crate::ensemble::RoundRecord;
use crate::files;
use crate::scenario::Scenario;
use crate::table::rounds::{Lines, columns};

/// A file that counts and hashes what is written to it.
#[derive(Debug)]
struct Hashed {
    file: BufWriter<File>,
    hash: Sha256,
    bytes: u64,
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.file.write(bytes)?;
        self.hash.update(&bytes[..n]);
        self.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Hashed {
    fn new(file: File) -> Self {
        Self {
            file: BufWriter::with_capacity(1 << 17, file),
            hash: Sha256::new(),
            bytes: 0,
        }
    }
}

/// `rounds.csv` while rounds are played.
#[derive(Debug)]
pub struct RoundsFile {
    out: Hashed,
    rows: u64,
    /// The file that its first rows were copied from.
    copied_from: Option<String>,
}

/// Why the rows of another file could not be added.
#[derive(Debug)]
pub enum AppendError {
    /// The other file cannot be read, or was changed.
    Source(io::Error),
    /// This one cannot be written.
    Target(io::Error),
    /// Interrupted.
    Stopped,
}

/// The error that a file has changed.
fn damaged(file: &str) -> io::Error {
    io::Error::other(format!(
        "does not match the state; {file} was modified or truncated"
    ))
}

/// The header, as a line.
fn header(scenario: &Scenario) -> io::Result<Vec<u8>> {
    let names = columns(scenario).into_iter().map(|c| c.name);
    let mut writer = csv::WriterBuilder::new()
        .has_headers(false)
        .from_writer(Vec::new());
    writer.write_record(names)?;
    writer.into_inner().map_err(csv::IntoInnerError::into_error)
}

impl RoundsFile {
    /// Creates a file with its header.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn create(folder: &Folder, scenario: &Scenario) -> Result<Self, FolderError> {
        let mut out = Hashed::new(folder.create(ROUNDS)?);
        header(scenario)
            .and_then(|header| out.write_all(&header))
            .map_err(|e| folder.failed(ROUNDS, &e))?;
        Ok(Self {
            out,
            rows: 0,
            copied_from: None,
        })
    }

    /// Reopens the file beside a checkpoint at the place where the checkpoint left it.
    ///
    /// # Errors
    /// When it does not match the checkpoint, or cannot be read.
    pub fn reopen(
        folder: &Folder,
        part: &RowsExtent,
        name: Option<&str>,
    ) -> Result<Self, FolderError> {
        // Another program may go on with the file where there is no lock, or it has another name.
        if name.is_some() || folder.own_part(ROUNDS).is_some() {
            let name = name.unwrap_or(ROUNDS_PART);
            if !is_part(name) {
                let path = folder.target().join(name);
                return Err(FolderError::new(&path, "is not a name of rows of rounds"));
            }
            return Self::copy(folder, part, name);
        }
        let open = || {
            let mut file = files::open_to_change(&folder.part(ROUNDS))?;
            let mut hash = Sha256::new();
            read(&mut file, part.bytes, &mut |bytes| {
                hash.update(bytes);
                Ok(())
            })?;
            if hex(&hash.clone().finalize()) != part.sha256 {
                return Err(damaged(ROUNDS_PART));
            }
            file.set_len(part.bytes)?;
            file.seek(SeekFrom::End(0))?;
            let mut out = Hashed::new(file);
            (out.hash, out.bytes) = (hash, part.bytes);
            let rows = part.rows;
            let copied_from = None;
            Ok(Self {
                out,
                rows,
                copied_from,
            })
        };
        open().map_err(|e| folder.failed(ROUNDS_PART, &e))
    }

    /// Copies the rows of a finished result, or those beside a checkpoint, to add more.
    ///
    /// # Errors
    /// When they do not match the state, or cannot be copied.
    pub fn copy(folder: &Folder, part: &RowsExtent, name: &str) -> Result<Self, FolderError> {
        let mut out = Hashed::new(folder.create(ROUNDS)?);
        let copied = files::open(&folder.target().join(name)).and_then(|mut from| {
            read(&mut from, part.bytes, &mut |bytes| out.write_all(bytes))?;
            if hex(&out.hash.clone().finalize()) == part.sha256 {
                Ok(())
            } else {
                Err(damaged(name))
            }
        });
        copied.map_err(|e| folder.failed(name, &e))?;
        let rows = part.rows;
        let copied_from = Some(name.to_owned());
        Ok(Self {
            out,
            rows,
            copied_from,
        })
    }

    /// Adds the rows of the file of a shard, without its header.
    ///
    /// # Errors
    /// When it does not match its state, or cannot be read, or rows cannot be written.
    pub fn append(
        &mut self,
        scenario: &Scenario,
        mut from: File,
        part: &RowsExtent,
        stop: &AtomicBool,
    ) -> Result<(), AppendError> {
        let header = header(scenario).map_err(AppendError::Target)?;
        let mut skip = header.len();
        let mut hash = Sha256::new();
        let mut failed = None;
        read(&mut from, part.bytes, &mut |bytes| {
            if stop.load(Ordering::Relaxed) {
                failed = Some(AppendError::Stopped);
                return Err(io::ErrorKind::Interrupted.into());
            }
            hash.update(bytes);
            let over = skip.min(bytes.len());
            skip -= over;
            self.out.write_all(&bytes[over..]).map_err(|e| {
                let kind = e.kind();
                failed = Some(AppendError::Target(e));
                kind.into()
            })
        })
        .map_err(|e| failed.unwrap_or(AppendError::Source(e)))?;
        if hex(&hash.finalize()) != part.sha256 {
            return Err(AppendError::Source(damaged(ROUNDS)));
        }
        self.rows += part.rows;
        Ok(())
    }

    /// Adds records, in order.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn add(&mut self, scenario: &Scenario, records: &[RoundRecord]) -> io::Result<()> {
        let lines = Lines::new(scenario)?.of(records);
        self.add_lines(records.len() as u64, &lines)
    }

    /// Adds the lines of so many records, in order.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn add_lines(&mut self, rows: u64, lines: &[u8]) -> io::Result<()> {
        self.out.write_all(lines)?;
        self.rows += rows;
        Ok(())
    }

    /// Removes the rows beside an earlier checkpoint that its own were copied from: the checkpoint that
    /// was written now has its own. The rows of a finished result stay.
    pub fn remove_source(&mut self, folder: &Folder) {
        let own = folder.part(ROUNDS);
        if let Some(name) = self.copied_from.take_if(|name| is_part(name)) {
            let path = folder.target().join(name);
            // One that cannot be removed only takes its space.
            if path != own {
                let _ = fs::remove_file(path);
            }
        }
    }

    /// The file that its first rows were copied from, if they were.
    #[must_use]
    pub(super) fn copied_from(&self) -> Option<&str> {
        self.copied_from.as_deref()
    }

    /// Flushes all rows, and returns how far the file goes.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn flush(&mut self) -> io::Result<RowsExtent> {
        self.out.flush()?;
        Ok(RowsExtent {
            rows: self.rows,
            bytes: self.out.bytes,
            sha256: hex(&self.out.hash.clone().finalize()),
        })
    }

    /// Flushes all rows and closes the file; returns how far it goes.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(super) fn finish(mut self, folder: &Folder) -> io::Result<RowsExtent> {
        let extent = self.flush()?;
        let file = self.out.file.into_inner();
        folder.close(ROUNDS, file.map_err(io::IntoInnerError::into_error)?)?;
        Ok(extent)
    }

    /// Waits until everything that was flushed is on the disk.
    ///
    /// # Errors
    /// When it cannot be written there.
    pub fn sync(&self) -> io::Result<()> {
        self.out.file.get_ref().sync_data()
    }
}

/// Reads the first `bytes` of a file piece by piece.
fn read(
    file: &mut File,
    bytes: u64,
    each: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut left = bytes;
    let mut from = BufReader::with_capacity(1 << 17, file).take(bytes);
    let mut buffer = vec![0; 1 << 17];
    while left > 0 {
        let n = from.read(&mut buffer)?;
        if n == 0 {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "shorter than the state says",
            ));
        }
        each(&buffer[..n])?;
        left -= n as u64;
    }
    Ok(())
}
