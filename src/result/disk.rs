//! The calls that bring a result to the disk and to its place, all of them here, so that tests can
//! make each one fail.
//!
//! A file that has been closed is in the memory of the system; a power failure can take it back, or
//! leave its name without its contents. So files are synced before they are moved to their names, and
//! folders afterwards.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::files;
use crate::parallel;

/// Moves a file; an existing one of that name is replaced at once.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(test)]
    faults::check(faults::Call::Rename, to)?;
    fs::rename(from, to)
}

/// Waits until the contents of files are on the disk: of all at once, since a disk writes many in hardly more
/// time than one.
pub(super) fn sync_files(paths: &[PathBuf]) -> Vec<io::Result<()>> {
    if cfg!(test) {
        // Faults are those of a thread.
        let mut synced = Vec::new();
        for path in paths {
            synced.push(sync_file(path));
            if synced.iter().any(Result::is_err) {
                break;
            }
        }
        return synced;
    }
    parallel::wait_for(paths.len(), |i| sync_file(&paths[i]))
}

/// Waits until the contents of a file are on the disk.
pub(super) fn sync_file(path: &Path) -> io::Result<()> {
    #[cfg(test)]
    faults::check(faults::Call::SyncFile, path)?;
    // Some systems sync only what may be written.
    let file = files::open_to_change(path)?;
    file.sync_all()?;
    close(file, path)
}

/// Closes a file that was written: some file systems only now report what they could not write.
pub(super) fn close(file: File, path: &Path) -> io::Result<()> {
    #[cfg(test)]
    faults::check(faults::Call::Close, path)?;
    #[cfg(not(test))]
    let _ = path;
    files::close(file)
}

/// Takes the lock of a file for this program alone, if the file system has locks.
pub(super) fn lock(file: &File, path: &Path) -> Result<(), TryLockError> {
    #[cfg(test)]
    faults::check(faults::Call::Lock, path).map_err(TryLockError::Error)?;
    #[cfg(not(test))]
    let _ = path;
    file.try_lock()
}

/// Waits until the names in a folder are on the disk.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(test)]
    faults::check(faults::Call::SyncFolder, path)?;
    files::sync_folder(path)
}

/// Faults that tests inject, and a record of the calls.
#[cfg(test)]
pub(crate) mod faults {
    use std::cell::RefCell;
    use std::io;
    use std::ops::Range;
    use std::path::{Path, PathBuf};

    /// A call to the disk.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Call {
        /// A file or folder gets another name.
        Rename,
        /// The contents of a file are written out.
        SyncFile,
        /// The names in a folder are written out.
        SyncFolder,
        /// A file that was written is closed.
        Close,
        /// A lock is taken.
        Lock,
    }

    #[derive(Default)]
    struct Plan {
        calls: Vec<(Call, PathBuf)>,
        failing: Range<usize>,
    }

    thread_local! {
        static PLAN: RefCell<Plan> = RefCell::default();
    }

    pub(super) fn check(call: Call, path: &Path) -> io::Result<()> {
        PLAN.with_borrow_mut(|plan| {
            let number = plan.calls.len();
            plan.calls.push((call, path.to_path_buf()));
            if plan.failing.contains(&number) {
                return Err(io::Error::other("injected fault"));
            }
            Ok(())
        })
    }

    /// Runs `work` in this thread; its calls with these numbers, from 0, fail. Returns what it returned
    /// and its calls.
    pub(crate) fn inject<R>(
        failing: Range<usize>,
        work: impl FnOnce() -> R,
    ) -> (R, Vec<(Call, PathBuf)>) {
        let calls = Vec::new();
        PLAN.set(Plan { calls, failing });
        let result = work();
        (result, PLAN.take().calls)
    }
}
