//! The journal of publishing a result. It is written before the first file moves and removed after
//! the last, so that the next program can finish a move that a killed one began.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::PART;
use super::disk::{close, rename, sync_file, sync_folder};
use crate::files;

/// Its name, in the staging folder.
pub const JOURNAL: &str = "journal.json";

/// The largest journal that is read, in bytes.
const MOST: u64 = 16 << 20;

/// What moves where, relative to the folder of the result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Journal {
    /// Where each file comes from, and its name; the manifest is last.
    pub(super) place: Vec<(PathBuf, String)>,
    /// Files of earlier results to remove.
    pub(super) remove: Vec<String>,
}

/// Whether a name is that of a file directly in the folder.
pub(super) fn is_file_name(name: &str) -> bool {
    Path::new(name).file_name() == Some(OsStr::new(name))
}

impl Journal {
    /// Writes it to a staging folder, completely or not at all, and on the disk.
    pub(super) fn write(&self, staging: &Path) -> io::Result<()> {
        let whole = serde_json::to_vec(self)?;
        let part = staging.join(format!("{JOURNAL}{PART}"));
        let mut file = files::create_new(&part)?;
        file.write_all(&whole)?;
        close(file, &part)?;
        sync_file(&part)?;
        rename(&part, &staging.join(JOURNAL))?;
        sync_folder(staging)
    }

    /// Reads the journal of a staging folder, if there is a valid one.
    fn read(staging: &Path) -> Option<Self> {
        let text = files::read(&staging.join(JOURNAL), MOST).ok()??;
        let journal: Self = serde_json::from_slice(&text).ok()?;
        let name = Path::new(staging.file_name()?);
        let sound = |(from, to): &(PathBuf, String)| {
            let inside = from
                .parent()
                .is_some_and(|p| p.as_os_str().is_empty() || p == name);
            inside && from.file_name().is_some() && is_file_name(to)
        };
        let sound =
            journal.place.iter().all(sound) && journal.remove.iter().all(|r| is_file_name(r));
        sound.then_some(journal)
    }

    /// Finishes the move that a killed program began in a staging folder, if it had begun.
    pub(super) fn finish(target: &Path, staging: &Path) -> io::Result<()> {
        let Some(journal) = Self::read(staging) else {
            return Ok(());
        };
        for file in &journal.remove {
            match fs::remove_file(target.join(file)) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
                _ => {}
            }
        }
        for (from, to) in &journal.place {
            match rename(&target.join(from), &target.join(to)) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
                _ => {}
            }
        }
        sync_folder(target)
    }
}
