//! The folder of a result: all files appear at once or not at all, and files of others are not lost.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::TempDir;

use super::disk::{close, rename, sync_files, sync_folder};
use super::journal::{JOURNAL, Journal, is_file_name};
use super::lock::{LOCK, Lock, MOVING, Moving, NoLock, Unlocked};
use super::manifest;
use super::request::Request;
use super::{CHECKPOINT, PART, ROUNDS, ROUNDS_PART};
use crate::files;
use crate::scenario::visible::{on_one_line, visible_path};

/// Why a result cannot be read or written: exit code 3.
#[derive(Debug, thiserror::Error)]
#[error("{}: {what}", on_one_line(path))]
pub struct FolderError {
    /// The folder or file.
    pub path: String,
    /// What is wrong.
    pub what: String,
}

impl FolderError {
    /// An error about a folder or a file.
    #[must_use]
    pub fn new(path: &Path, what: impl Into<String>) -> Self {
        wrong(path, what)
    }

    /// The error that a folder or a file cannot be written.
    #[must_use]
    pub fn unwritten(path: &Path, error: &io::Error) -> Self {
        failed(path, error)
    }

    /// The same with more text.
    #[must_use]
    pub fn with(mut self, more: &str) -> Self {
        self.what.push_str(more);
        self
    }
}

fn wrong(path: &Path, what: impl Into<String>) -> FolderError {
    FolderError {
        path: path.to_string_lossy().into_owned(),
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

/// A folder that is locked for a new result. Files are staged in a hidden folder inside it, and moved
/// to their places at the end.
#[derive(Debug)]
pub struct Folder {
    target: PathBuf,
    /// The staging folder, until it is removed.
    staging: Option<TempDir>,
    lock: Option<Lock>,
    /// Files of the earlier result.
    earlier: Vec<String>,
    /// Folders that were created for the target, the innermost first.
    created: Vec<PathBuf>,
    /// What decides what will be in the result, by option.
    options: BTreeMap<String, String>,
}

/// Who may replace what a folder holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    /// A result with which nothing is lost.
    Alike,
    /// The same, or a run that continues the one in the folder.
    Continued,
    /// Any result, and files that kzsim did not write may be there.
    Anything,
}

/// Held while a result moves to its place, so that nobody removes what is moving.
static PUBLISHING: Mutex<()> = Mutex::new(());

fn publishing() -> MutexGuard<'static, ()> {
    PUBLISHING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes staging folders because the program ends at once. Waits for a result that is moving to its
/// place; a move that has begun and failed is left for the next program to finish.
pub fn discard_staged(folders: impl IntoIterator<Item = PathBuf>) {
    let _publishing = publishing();
    for folder in folders {
        if !files::is_there(&folder.join(JOURNAL)) {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// Whether a name is that of rows beside a checkpoint, where every program has its own.
pub(super) fn is_part(name: &str) -> bool {
    let own = name.strip_prefix(ROUNDS).and_then(|n| n.strip_suffix(PART));
    is_file_name(name) && own.is_some_and(|own| own.is_empty() || own.starts_with('.'))
}

/// How the names of staging folders begin.
const STAGING: &str = ".kzsim-";
/// Where earlier files are kept, inside the staging folder, until all new ones are in place.
const ASIDE: &str = "earlier";

impl Folder {
    /// Opens a folder for writing, before anything is played. What a killed program left is removed or
    /// finished first.
    ///
    /// # Errors
    /// When the target is a file, cannot be written, is in use by another kzsim, or contains files that
    /// kzsim did not write and `force` is not set.
    #[cfg(any(test, feature = "internals"))]
    pub fn open(target: &Path, force: bool) -> Result<Self, FolderError> {
        Self::open_checked(target, force, || None)
    }

    /// Opens a folder for the result of a request.
    ///
    /// # Errors
    /// As for [`Folder::open`], and when it holds what would be lost and may not be replaced.
    pub fn open_for(
        target: &Path,
        replace: Replace,
        request: &Request,
    ) -> Result<Self, FolderError> {
        let lost = || match replace {
            Replace::Alike => request.losses(target),
            Replace::Continued => request.losses_beside_counts(target),
            Replace::Anything => None,
        };
        let mut folder = Self::open_checked(target, replace == Replace::Anything, lost)?;
        folder.options = request.options().collect();
        Ok(folder)
    }

    /// Rounds of the earlier result, if it has more than `rounds`: how many a run or a sweep has played
    /// is known at its end alone, where it may stop early.
    #[must_use]
    pub fn more_rounds_than(&self, rounds: u64) -> Option<u64> {
        let earlier = manifest::read_value(&self.target).ok()?["rounds"].as_u64()?;
        (earlier > rounds).then_some(earlier)
    }

    /// What decides what will be in the result, by option.
    pub(super) fn options(&self) -> &BTreeMap<String, String> {
        &self.options
    }

    fn open_checked(
        target: &Path,
        force: bool,
        lost: impl Fn() -> Option<String>,
    ) -> Result<Self, FolderError> {
        let mut folder = Self {
            target: target.to_path_buf(),
            staging: None,
            lock: None,
            earlier: Vec::new(),
            created: Vec::new(),
            options: BTreeMap::new(),
        };
        match fs::metadata(target) {
            Ok(meta) if !meta.is_dir() => {
                return Err(wrong(target, "is a file; name a folder with --out"));
            }
            Ok(_) => folder.may_be_used(force)?,
            Err(_) => {
                folder.created = target
                    .ancestors()
                    .filter(|p| !p.as_os_str().is_empty())
                    .take_while(|p| !files::is_there(p))
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
        if let Some(lost) = lost() {
            return Err(wrong(
                target,
                format!(
                    "holds {lost}, which would be lost; choose a different folder with --out, or add \
                     --force to replace it"
                ),
            ));
        }
        folder.earlier = manifest::earlier_files(target).unwrap_or_default();
        let staging = tempfile::Builder::new()
            .prefix(STAGING)
            .tempdir_in(target)
            .map_err(|e| failed(target, &e))?;
        folder.staging = Some(staging);
        Ok(folder)
    }

    /// Checks that the folder contains an earlier result, an unfinished run, or nothing.
    fn may_be_used(&self, force: bool) -> Result<(), FolderError> {
        let entries = fs::read_dir(&self.target).map_err(|e| failed(&self.target, &e))?;
        let (mut litter, mut others) = (false, false);
        let own = [LOCK, MOVING, CHECKPOINT, ROUNDS_PART];
        for entry in entries {
            let name = entry.map_err(|e| failed(&self.target, &e))?.file_name();
            let name = name.to_string_lossy();
            litter |= name.starts_with(STAGING);
            // Shards lie in the folder of the complete run.
            let shard = name.starts_with("shard_") && name.contains("_of_");
            let own = own.contains(&name.as_ref()) || is_part(&name);
            others |= !name.starts_with(STAGING) && !own && !shard;
        }
        // A killed program may have left a result half moved, without a manifest.
        if !others || force || litter || manifest::earlier_files(&self.target).is_some() {
            return Ok(());
        }
        Err(wrong(
            &self.target,
            "contains files that kzsim did not write; choose a different folder with --out, or \
             add --force to write there anyway (they are kept)",
        ))
    }

    /// Removes what killed programs left, and finishes a move that one had begun.
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

    /// Why it cannot be ruled out that another program writes here, and which, if there is one to be
    /// named; nothing under a lock.
    #[must_use]
    pub fn unlocked(&self) -> Option<(&str, Option<&str>)> {
        let unlocked = self.without_lock()?;
        Some((&unlocked.why, unlocked.other.as_deref()))
    }

    fn without_lock(&self) -> Option<&Unlocked> {
        self.lock.as_ref().and_then(Lock::unlocked)
    }

    /// The folder of the result.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// The hidden folder in which files are staged.
    #[must_use]
    pub fn staging(&self) -> &Path {
        self.staging.as_ref().map_or(&self.target, TempDir::path)
    }

    /// Where a file is staged.
    #[must_use]
    pub fn staged(&self, file: &str) -> PathBuf {
        self.staging().join(file)
    }

    /// Creates a staged file.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn create(&self, file: &str) -> Result<fs::File, FolderError> {
        let path = self.staged(file);
        files::create_new(&path).map_err(|e| failed(&path, &e))
    }

    /// Closes a file that was created here, or reopened beside a checkpoint.
    ///
    /// # Errors
    /// When something could not be written.
    pub fn close(&self, file: &str, open: fs::File) -> io::Result<()> {
        close(open, &self.staged(file))
    }

    /// Writes a staged file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, file: &str, bytes: &[u8]) -> Result<(), FolderError> {
        let mut open = self.create(file)?;
        open.write_all(bytes)
            .and_then(|()| self.close(file, open))
            .map_err(|e| self.failed(file, &e))
    }

    /// The error that a file could not be written.
    #[must_use]
    pub fn failed(&self, file: &str, error: &io::Error) -> FolderError {
        failed(&self.target.join(file), error)
    }

    /// Where a file grows beside a checkpoint.
    #[must_use]
    pub fn part(&self, file: &str) -> PathBuf {
        self.target.join(self.part_name(file))
    }

    fn part_name(&self, file: &str) -> String {
        self.own_part(file)
            .unwrap_or_else(|| format!("{file}{PART}"))
    }

    /// The name that no other program gives to the part of a file, where there is no lock that keeps
    /// others away.
    #[must_use]
    pub fn own_part(&self, file: &str) -> Option<String> {
        let unlocked = self.without_lock()?;
        Some(format!("{file}.{}{PART}", unlocked.own))
    }

    /// Moves a staged file beside the checkpoint, where it goes on growing; an existing one is replaced.
    ///
    /// # Errors
    /// When it cannot be moved, or another program has removed it there.
    pub fn expose(&self, file: &str) -> io::Result<()> {
        let (staged, part) = (self.staged(file), self.part(file));
        if files::is_there(&staged) {
            return rename(&staged, &part);
        }
        // Without locks a program on another machine may have gone on from these rows. No checkpoint
        // says that they are there then, so that the other one's stays valid.
        if files::is_there(&part) {
            Ok(())
        } else {
            Err(io::Error::other(format!(
                "{} was removed by another program",
                visible_path(&part)
            )))
        }
    }

    /// Writes a file to its place at once, and to the disk; an existing one is replaced, completely or
    /// not at all.
    ///
    /// # Errors
    /// When it cannot be written. The existing one is then kept.
    pub fn replace(&self, file: &str, bytes: &[u8]) -> io::Result<()> {
        let staged = self.staged(file);
        let written = files::create_new(&staged).and_then(|mut to| {
            to.write_all(bytes)?;
            to.sync_all()?;
            close(to, &staged)?;
            rename(&staged, &self.target.join(file))?;
            sync_folder(&self.target)
        });
        if written.is_err() {
            // A full disk needs its space.
            let _ = fs::remove_file(&staged);
        }
        written
    }

    /// Moves the staged files to their places, the manifest last, and removes those files of an earlier
    /// result, and of the `others`, that are not among them. When this returns, all of it is on the
    /// disk and survives a power failure.
    ///
    /// # Errors
    /// When a file cannot be synced or moved. The earlier files are then restored; if even that fails,
    /// nothing is deleted, and the next program that opens the folder finishes the move.
    pub fn publish(mut self, files: &[String], others: &[&str]) -> Result<(), FolderError> {
        let _publishing = publishing();
        let _moving =
            Moving::wait(&self.target, self.lock.as_ref()).map_err(|e| failed(&self.target, &e))?;
        let journal = self.journal(files, others)?;
        // Contents before names: a power failure must not leave a file that is empty.
        let each = journal.place.iter();
        let staged: Vec<PathBuf> = each.map(|(from, _)| self.target.join(from)).collect();
        for (synced, (_, to)) in sync_files(&staged).into_iter().zip(&journal.place) {
            synced.map_err(|e| self.failed(to, &e))?;
        }
        let aside = self.staged(ASIDE);
        fs::create_dir(&aside).map_err(|e| failed(&aside, &e))?;
        journal
            .write(self.staging())
            .and_then(|()| sync_folder(&self.target))
            .map_err(|e| failed(&self.staged(JOURNAL), &e))?;
        let mut cleared: Vec<&String> = Vec::new();
        let mut placed: Vec<&(PathBuf, String)> = Vec::new();
        if let Err(error) = self.exchange(&journal, &aside, &mut cleared, &mut placed) {
            let back = |(from, to): &(PathBuf, String)| {
                rename(&self.target.join(to), &self.target.join(from)).is_ok()
            };
            let mut restored = placed.into_iter().map(back).fold(true, |all, ok| all & ok);
            for file in cleared {
                restored &= rename(&aside.join(file), &self.target.join(file)).is_ok();
            }
            if restored {
                let _ = self.end_journal();
                return Err(error);
            }
            return Err(error.with(&self.keep_staging()));
        }
        // Until the new names, and those of folders made for them, are on the disk the journal could
        // be needed again.
        let above = self.created.iter().map(|folder| match folder.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        });
        let synced = std::iter::once(self.target.as_path())
            .chain(above)
            .try_for_each(|folder| sync_folder(folder).map_err(|e| failed(folder, &e)))
            .and_then(|()| self.end_journal());
        self.created.clear();
        synced.map_err(|error| error.with(&self.keep_staging()))
    }

    /// Removes the journal of a move that is over or undone, for good: one that came back with the
    /// power would be followed again, perhaps on top of a later result.
    fn end_journal(&self) -> Result<(), FolderError> {
        fs::remove_file(self.staged(JOURNAL))
            .and_then(|()| sync_folder(self.staging()))
            .map_err(|e| failed(&self.staged(JOURNAL), &e))
    }

    /// Leaves the staging folder and its journal where they are; says so.
    fn keep_staging(&mut self) -> String {
        self.created.clear();
        let Some(staging) = self.staging.take() else {
            return String::new();
        };
        // Without locks, who comes next cannot tell a dead program's files from a live one's.
        let next = if self.unlocked().is_some() {
            ""
        } else {
            ", and the next run that writes to this folder completes the move"
        };
        format!(
            "; no file has been deleted: the earlier and the new files are in {} and next to it{next}",
            visible_path(&staging.keep())
        )
    }

    /// The journal of a move that has not begun.
    fn journal(&self, files: &[String], others: &[&str]) -> Result<Journal, FolderError> {
        let staging = self.staging().file_name().unwrap_or_default();
        let from = |file: &String| {
            let staged = Path::new(staging).join(file);
            let here = files::is_there(&self.target.join(&staged));
            let part = PathBuf::from(self.part_name(file));
            (if here { staged } else { part }, file.clone())
        };
        let (last, rest): (Vec<&String>, Vec<&String>) =
            files.iter().partition(|f| *f == manifest::FILE);
        let place: Vec<(PathBuf, String)> = rest.into_iter().chain(last).map(from).collect();
        let mut remove: Vec<String> = self.earlier.clone();
        remove.extend(others.iter().map(|o| (*o).to_owned()));
        // Names in a manifest are file names; anything else is not ours to remove.
        remove.retain(|name| {
            let moves = |(from, to): &(PathBuf, String)| to == name || from == Path::new(name);
            is_file_name(name) && !place.iter().any(moves)
        });
        let folders = place.iter().map(|(_, to)| to).chain(&remove);
        for path in folders.map(|file| self.target.join(file)) {
            if fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_dir()) {
                return Err(wrong(&path, "is a folder"));
            }
        }
        Ok(Journal { place, remove })
    }

    /// Moves earlier files aside and new ones into place; lists what was moved.
    fn exchange<'j>(
        &self,
        journal: &'j Journal,
        aside: &Path,
        cleared: &mut Vec<&'j String>,
        placed: &mut Vec<&'j (PathBuf, String)>,
    ) -> Result<(), FolderError> {
        let names = journal.place.iter().map(|(_, to)| to);
        // The manifest first: without it nobody mistakes a half-moved result for a complete one.
        for file in names.rev().chain(&journal.remove) {
            let path = self.target.join(file);
            match rename(&path, &aside.join(file)) {
                Ok(()) => cleared.push(file),
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                Err(e) => return Err(failed(&path, &e)),
            }
        }
        for entry in &journal.place {
            let (from, to) = entry;
            let path = self.target.join(to);
            rename(&self.target.join(from), &path).map_err(|e| failed(&path, &e))?;
            placed.push(entry);
        }
        Ok(())
    }
}

impl Drop for Folder {
    /// Removes what was staged, and the folders that were created for nothing.
    fn drop(&mut self) {
        self.staging = None;
        self.lock = None;
        for folder in &self.created {
            let _ = fs::remove_dir(folder);
        }
    }
}
