//! The results folder: files appear completely or not at all, and no files are lost.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::journal::{JOURNAL, Journal, is_plain};
use super::lock::{LOCK, Lock, NoLock};
use super::rounds::ROUNDS_PART;
use crate::result::CHECKPOINT;

/// Why results cannot be written: exit code 3.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {what}")]
pub struct FolderError {
    /// The folder or file.
    pub path: String,
    /// What is wrong.
    pub what: String,
}

impl FolderError {
    /// Something is wrong with a folder or a file.
    #[must_use]
    pub fn new(path: &Path, what: impl Into<String>) -> Self {
        wrong(path, what)
    }

    /// A folder or a file cannot be written.
    #[must_use]
    pub fn unwritten(path: &Path, error: &io::Error) -> Self {
        failed(path, error)
    }

    /// The same with more to say.
    #[must_use]
    pub fn with(mut self, more: &str) -> Self {
        self.what.push_str(more);
        self
    }
}

fn wrong(path: &Path, what: impl Into<String>) -> FolderError {
    FolderError {
        path: path.display().to_string(),
        what: what.into(),
    }
}

fn failed(path: &Path, error: &io::Error) -> FolderError {
    let what = match error.kind() {
        io::ErrorKind::PermissionDenied => "cannot be written (permission denied)".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "is on a read-only file system".to_owned(),
        io::ErrorKind::StorageFull => "the disk is full".to_owned(),
        _ => format!("cannot be written: {error}"),
    };
    wrong(path, what)
}

/// A folder that results will go to. Files are gathered inside it, out of sight, and moved to
/// their places at the end. Nobody else writes to the folder meanwhile.
#[derive(Debug)]
pub struct Folder {
    target: PathBuf,
    /// Nothing once it is gone.
    staging: Option<TempDir>,
    lock: Option<Lock>,
    earlier: Vec<String>,
    /// Folders that were made for the target, the innermost first.
    made: Vec<PathBuf>,
}

/// How the names of staging folders begin.
const STAGING: &str = ".kzsim-";
/// Where earlier files wait, inside the staging folder, until all new ones are in place.
const ASIDE: &str = "earlier";
/// What is added to the name of a file that grows beside a checkpoint.
const PART: &str = ".part";

impl Folder {
    /// Checks that results can be written to the folder, before anything is played. What a killed
    /// program left is cleared away first, or brought to its end.
    ///
    /// # Errors
    /// When the target is a file, cannot be written, is being written by another kzsim, or holds
    /// files that kzsim did not write and `force` is not given.
    pub fn open(target: &Path, force: bool) -> Result<Self, FolderError> {
        let mut folder = Self {
            target: target.to_path_buf(),
            staging: None,
            lock: None,
            earlier: Vec::new(),
            made: Vec::new(),
        };
        match fs::metadata(target) {
            Ok(meta) if !meta.is_dir() => {
                return Err(wrong(target, "is a file; name a folder with --out"));
            }
            Ok(_) => folder.may_be_used(force)?,
            Err(_) => {
                folder.made = target
                    .ancestors()
                    .filter(|p| !p.as_os_str().is_empty())
                    .take_while(|p| fs::symlink_metadata(p).is_err())
                    .map(Path::to_path_buf)
                    .collect();
                fs::create_dir_all(target).map_err(|e| failed(target, &e))?;
            }
        }
        folder.lock = Some(Lock::take(target).map_err(|e| match e {
            NoLock::Held => wrong(
                target,
                "another kzsim is writing to it; wait until it is done, or choose a different \
                 folder with --out",
            ),
            NoLock::Failed(e) => failed(target, &e),
        })?);
        folder.clear_litter()?;
        folder.may_be_used(force)?;
        folder.earlier = super::manifest::earlier_files(target).unwrap_or_default();
        let staging = tempfile::Builder::new()
            .prefix(STAGING)
            .tempdir_in(target)
            .map_err(|e| failed(target, &e))?;
        folder.staging = Some(staging);
        Ok(folder)
    }

    /// Whether the folder holds an earlier result, a run on its way, or nothing.
    fn may_be_used(&self, force: bool) -> Result<(), FolderError> {
        let entries = fs::read_dir(&self.target).map_err(|e| failed(&self.target, &e))?;
        let (mut litter, mut others) = (false, false);
        let own = [LOCK, CHECKPOINT, ROUNDS_PART];
        for entry in entries {
            let name = entry.map_err(|e| failed(&self.target, &e))?.file_name();
            let name = name.to_string_lossy();
            litter |= name.starts_with(STAGING);
            // Shards are in the folder of the merged run.
            let shard = name.starts_with("shard_") && name.contains("_of_");
            others |= !name.starts_with(STAGING) && !own.contains(&name.as_ref()) && !shard;
        }
        // A killed program may have left a result half moved, which has no manifest yet.
        if !others || force || litter || super::manifest::earlier_files(&self.target).is_some() {
            return Ok(());
        }
        Err(wrong(
            &self.target,
            "contains files that kzsim did not write; choose a different folder with --out, or \
             add --force to write there anyway (they are kept)",
        ))
    }

    /// Removes what killed programs left, and finishes the move of a result that one had begun.
    fn clear_litter(&self) -> Result<(), FolderError> {
        if !self.lock.as_ref().is_some_and(Lock::is_held) {
            return Ok(());
        }
        let entries = fs::read_dir(&self.target).map_err(|e| failed(&self.target, &e))?;
        for entry in entries.filter_map(Result::ok) {
            let path = entry.path();
            let ours = entry.file_name().to_string_lossy().starts_with(STAGING);
            if ours && entry.file_type().is_ok_and(|t| t.is_dir()) {
                Journal::finish(&self.target, &path).map_err(|e| failed(&self.target, &e))?;
                fs::remove_dir_all(&path).map_err(|e| failed(&path, &e))?;
            } else if ours {
                // A page or a picture that was being written.
                fs::remove_file(&path).map_err(|e| failed(&path, &e))?;
            }
        }
        Ok(())
    }

    /// The folder of the results.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// The folder in which files are gathered.
    #[must_use]
    pub fn gathered(&self) -> &Path {
        self.staging.as_ref().map_or(&self.target, TempDir::path)
    }

    /// Where a file is gathered before it appears.
    #[must_use]
    pub fn staged(&self, file: &str) -> PathBuf {
        self.gathered().join(file)
    }

    /// A new file, gathered before it appears.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn create(&self, file: &str) -> Result<fs::File, FolderError> {
        let path = self.staged(file);
        fs::File::create(&path).map_err(|e| failed(&path, &e))
    }

    /// Says that a file could not be written.
    #[must_use]
    pub fn failed(&self, file: &str, error: &io::Error) -> FolderError {
        failed(&self.target.join(file), error)
    }

    /// Where a file grows beside a checkpoint.
    #[must_use]
    pub fn part(&self, file: &str) -> PathBuf {
        self.target.join(format!("{file}{PART}"))
    }

    /// Lets a gathered file grow beside the checkpoint from now on, replacing an existing one.
    ///
    /// # Errors
    /// When it cannot be moved.
    pub fn expose(&self, file: &str) -> io::Result<()> {
        let staged = self.staged(file);
        if fs::symlink_metadata(&staged).is_err() {
            return Ok(());
        }
        fs::rename(staged, self.part(file))
    }

    /// Puts a file into its place at once; an existing file is replaced completely or not at all.
    ///
    /// # Errors
    /// When it cannot be written. An existing file is then kept.
    pub fn replace(&self, file: &str, bytes: &[u8], synced: bool) -> io::Result<()> {
        let staged = self.staged(file);
        let written = fs::File::create(&staged).and_then(|mut to| {
            to.write_all(bytes)?;
            if synced {
                to.sync_data()?;
            }
            fs::rename(&staged, self.target.join(file))
        });
        if written.is_err() {
            // Frees its space in case the disk is full.
            let _ = fs::remove_file(&staged);
        }
        written
    }

    /// Moves the gathered files to their place, the manifest last, and removes those of an earlier
    /// result, and the `others`, that are not among them.
    ///
    /// # Errors
    /// When a file cannot be moved. The earlier files are then restored.
    pub fn publish(mut self, files: &[String], others: &[&str]) -> Result<(), FolderError> {
        let journal = self.journal(files, others)?;
        let aside = self.staged(ASIDE);
        fs::create_dir(&aside).map_err(|e| failed(&aside, &e))?;
        let path = self.staged(JOURNAL);
        journal
            .write(self.gathered())
            .map_err(|e| failed(&path, &e))?;
        let mut cleared: Vec<&String> = Vec::new();
        let mut placed: Vec<&(PathBuf, String)> = Vec::new();
        let moved = self.exchange(&journal, &aside, &mut cleared, &mut placed);
        if moved.is_err() {
            for (from, to) in placed {
                let _ = fs::rename(self.target.join(to), self.target.join(from));
            }
            for file in cleared {
                let _ = fs::rename(aside.join(file), self.target.join(file));
            }
        } else {
            self.made.clear();
        }
        let _ = fs::remove_file(path);
        moved
    }

    /// What is to move; nothing has moved yet.
    fn journal(&self, files: &[String], others: &[&str]) -> Result<Journal, FolderError> {
        let staging = self.gathered().file_name().unwrap_or_default();
        let from = |file: &String| {
            let staged = Path::new(staging).join(file);
            let here = fs::symlink_metadata(self.target.join(&staged)).is_ok();
            let part = PathBuf::from(format!("{file}{PART}"));
            (if here { staged } else { part }, file.clone())
        };
        let (last, rest): (Vec<&String>, Vec<&String>) =
            files.iter().partition(|f| *f == super::manifest::FILE);
        let place: Vec<(PathBuf, String)> = rest.into_iter().chain(last).map(from).collect();
        let mut remove: Vec<String> = self.earlier.clone();
        remove.extend(others.iter().map(|o| (*o).to_owned()));
        // Names in a manifest are plain file names; anything else is not ours to remove.
        remove.retain(|name| {
            let moves = |(from, to): &(PathBuf, String)| to == name || from == Path::new(name);
            is_plain(name) && !place.iter().any(moves)
        });
        let folders = place.iter().map(|(_, to)| to).chain(&remove);
        for there in folders.map(|file| self.target.join(file)) {
            if fs::symlink_metadata(&there).is_ok_and(|meta| meta.is_dir()) {
                return Err(wrong(&there, "is a folder"));
            }
        }
        Ok(Journal { place, remove })
    }

    fn exchange<'j>(
        &self,
        journal: &'j Journal,
        aside: &Path,
        cleared: &mut Vec<&'j String>,
        placed: &mut Vec<&'j (PathBuf, String)>,
    ) -> Result<(), FolderError> {
        let names = journal.place.iter().map(|(_, to)| to);
        // The manifest first: without it nobody takes what is on the move for a result.
        for file in names.rev().chain(&journal.remove) {
            let there = self.target.join(file);
            match fs::rename(&there, aside.join(file)) {
                Ok(()) => cleared.push(file),
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                Err(e) => return Err(failed(&there, &e)),
            }
        }
        for entry in &journal.place {
            let (from, to) = entry;
            let there = self.target.join(to);
            fs::rename(self.target.join(from), &there).map_err(|e| failed(&there, &e))?;
            placed.push(entry);
        }
        Ok(())
    }
}

impl Drop for Folder {
    /// Leaves no litter: what was gathered goes, and so do the folders made for nothing.
    fn drop(&mut self) {
        self.staging = None;
        self.lock = None;
        for folder in &self.made {
            let _ = fs::remove_dir(folder);
        }
    }
}
