//! One writer at a time: a lock that the system releases when its holder dies.
//!
//! Some network file systems have no locks. There the lock file says who writes, so that two programs on
//! one machine still do not meet, and every program gives the files that grow beside a checkpoint
//! names of its own, so that programs on two machines, which cannot be told from dead ones, do not mix
//! theirs.

use std::fs::{self, File, TryLockError};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::disk::lock;
use crate::files;
use crate::scenario::visible::visible_path;

/// The lock file. It exists while a program writes; one that a killed program left is taken over.
pub const LOCK: &str = ".kzsim.lock";
/// Exists while a result moves to its place, where there are no locks.
pub(super) const MOVING: &str = ".kzsim.moving";

/// The lock of a folder.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
    file: Option<File>,
    /// Why there are no locks here, if there are none.
    unlocked: Option<Unlocked>,
}

/// A folder on a file system without locks.
#[derive(Debug, Clone)]
pub(super) struct Unlocked {
    /// What the system says.
    pub(super) why: String,
    /// Who seems to be writing there, on another machine or unknown.
    pub(super) other: Option<String>,
    /// A name that no other program has: host and process.
    pub(super) own: String,
    /// The same as the lock file says it.
    who: String,
}

/// What a lock file says.
fn said(path: &Path) -> String {
    let said = files::read(path, MOST).ok().flatten().unwrap_or_default();
    String::from_utf8_lossy(&said).trim().to_owned()
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
/// The largest lock file that is read.
const MOST: u64 = 1 << 10;

impl Lock {
    /// Takes the lock of a folder.
    pub(super) fn take(folder: &Path) -> Result<Self, NoLock> {
        let path = folder.join(LOCK);
        for _ in 0..TRIES {
            let file = files::open_or_create(&path).map_err(NoLock::Failed)?;
            match lock(&file, &path) {
                Ok(()) if is_at(&file, &path) => {
                    return Ok(Self {
                        path,
                        file: Some(file),
                        unlocked: None,
                    });
                }
                // Its last holder has removed it since it was opened.
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(NoLock::Held),
                Err(TryLockError::Error(error)) => return Self::without(path, file, &error),
            }
        }
        Err(NoLock::Held)
    }

    /// Where there are no locks: writes down who writes here, unless another program on this machine
    /// does.
    fn without(path: PathBuf, mut file: File, error: &io::Error) -> Result<Self, NoLock> {
        let host = host();
        let said = said(&path);
        let other = match said.rsplit_once(' ') {
            Some((theirs, process)) if theirs == host => match process.parse() {
                Ok(process) if lives(process) => return Err(NoLock::Held),
                // It has died.
                _ => None,
            },
            _ => Some(said).filter(|said| !said.is_empty()),
        };
        let process = std::process::id();
        let who = format!("{host} {process}");
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{who}"))
            .map_err(NoLock::Failed)?;
        let unlocked = Some(Unlocked {
            why: error.to_string(),
            other,
            own: format!("{}-{process}", plain(&host)),
            who,
        });
        Ok(Self {
            path,
            file: None,
            unlocked,
        })
    }

    /// Whether it is certain that no other program writes here.
    pub(super) fn is_held(&self) -> bool {
        self.file.is_some()
    }

    /// What is known of a folder without locks.
    pub(super) fn unlocked(&self) -> Option<&Unlocked> {
        self.unlocked.as_ref()
    }
}

/// Held while a result moves to its place, where there are no locks.
#[derive(Debug)]
pub(super) struct Moving(Option<PathBuf>);

/// How long to wait for another program that moves a result, which takes it a moment.
const PATIENCE: usize = 300;

impl Moving {
    /// Waits until no other program moves a result in this folder; not needed under a lock.
    pub(super) fn wait(folder: &Path, lock: Option<&Lock>) -> io::Result<Self> {
        if lock.is_none_or(Lock::is_held) {
            return Ok(Self(None));
        }
        let path = folder.join(MOVING);
        for _ in 0..PATIENCE {
            match files::create_new(&path) {
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                    std::thread::sleep(Duration::from_millis(if cfg!(test) { 1 } else { 100 }));
                }
                other => return other.map(|_| Self(Some(path))),
            }
        }
        Err(io::Error::other(format!(
            "another kzsim is moving a result there; if none is running, delete {}",
            visible_path(&path)
        )))
    }
}

impl Drop for Moving {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            let _ = fs::remove_file(path);
        }
    }
}

/// The name of this machine.
fn host() -> String {
    #[cfg(unix)]
    let name = nix::unistd::gethostname().map(|name| name.to_string_lossy().into_owned());
    #[cfg(not(unix))]
    let name = std::env::var("COMPUTERNAME");
    name.ok()
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "unknown".to_owned())
}

/// The same as part of a file name.
fn plain(host: &str) -> String {
    let fine = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    host.chars()
        .map(|c| if fine(c) { c } else { '_' })
        .take(64)
        .collect()
}

/// Whether a process of this machine lives.
#[cfg(unix)]
fn lives(process: i32) -> bool {
    use nix::errno::Errno;
    use nix::sys::signal::kill;
    use nix::unistd::Pid;
    // No signal is sent; a process of somebody else may not be asked, so it lives.
    process > 0 && !matches!(kill(Pid::from_raw(process), None), Err(Errno::ESRCH))
}

/// Whether a process of this machine lives: unknown, so it does.
#[cfg(not(unix))]
fn lives(_process: i32) -> bool {
    true
}

/// Whether an open file is still the one at `path`.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |meta: fs::Metadata| (meta.dev(), meta.ino());
    match (file.metadata(), fs::symlink_metadata(path)) {
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
        // While the lock is held, so that no other program's file is removed; where there are no locks,
        // another one may have written its name there since.
        let others = |own: &Unlocked| said(&self.path) != own.who;
        if !self.unlocked.as_ref().is_some_and(others) {
            let _ = fs::remove_file(&self.path);
        }
        self.file = None;
    }
}
