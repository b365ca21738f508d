//! One writer at a time: a lock that the system releases when its holder dies.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The lock file. It exists while a program writes; one that a killed program left is taken over.
pub const LOCK: &str = ".kzsim.lock";

/// The lock of a folder.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
    /// `None` where the file system does not support locks.
    file: Option<File>,
}

/// Why a lock cannot be taken.
#[derive(Debug)]
pub(super) enum NoLock {
    /// Another program holds it.
    Held,
    /// The lock file cannot be created.
    Failed(io::Error),
}

/// Attempts before a lock that others keep taking and releasing counts as held.
const TRIES: usize = 100;

impl Lock {
    /// Takes the lock of a folder.
    pub(super) fn take(folder: &Path) -> Result<Self, NoLock> {
        let path = folder.join(LOCK);
        for _ in 0..TRIES {
            let file = File::options()
                .create(true)
                .truncate(false)
                .write(true)
                .open(&path)
                .map_err(NoLock::Failed)?;
            match file.try_lock() {
                Ok(()) if is_at(&file, &path) => {
                    let file = Some(file);
                    return Ok(Self { path, file });
                }
                // Its last holder has removed it since it was opened.
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(NoLock::Held),
                Err(TryLockError::Error(_)) => return Ok(Self { path, file: None }),
            }
        }
        Err(NoLock::Held)
    }

    /// Whether it is certain that no other program writes here.
    pub(super) fn is_held(&self) -> bool {
        self.file.is_some()
    }
}

/// Whether an open file is still the one at `path`.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |meta: fs::Metadata| (meta.dev(), meta.ino());
    match (file.metadata(), fs::metadata(path)) {
        (Ok(open), Ok(named)) => id(open) == id(named),
        _ => false,
    }
}

/// Whether an open file is still the one at `path`: open files cannot be removed here.
#[cfg(not(unix))]
fn is_at(_file: &File, path: &Path) -> bool {
    fs::metadata(path).is_ok()
}

impl Drop for Lock {
    fn drop(&mut self) {
        // While the lock is held, so that no other program's file is removed.
        let _ = fs::remove_file(&self.path);
        self.file = None;
    }
}
