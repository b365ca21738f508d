//! The opening of a held-out file, recorded before it is read.
//!
//! The record lies beside the file, so that it goes where the file goes and everybody who opens it there adds a
//! line; where nothing can be written there, in the folder above the result. A file that is opened often is
//! held out no longer: the record counts, it does not forbid.

use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::HeldOut;
use crate::files;
use crate::result::manifest::hash_bytes;
use crate::scenario::read_text;
use crate::scenario::visible::visible_path;
use crate::study::error::StudyError;
use crate::table::fit::Opening;

/// What is added to the name of the file.
const ENDING: &str = ".openings.csv";
/// The header of a record.
const HEADER: &str = "date,sha256,version\n";
/// The longest record that is read.
const MOST: u64 = 16 << 20;

/// Records that a file is opened, and says how often it was before.
pub(super) fn open(from: &HeldOut, beside: Option<&Path>) -> Result<Opening, StudyError> {
    let observed = from.observed.as_path();
    let text = read_text(observed).map_err(|what| {
        StudyError::Unreadable(crate::scenario::Unreadable {
            path: observed.to_string_lossy().into_owned(),
            what,
        })
    })?;
    let sha256 = hash_bytes(text.as_bytes());
    let name = observed
        .file_name()
        .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let date = from.date.to_string();
    let line = format!("{date},{sha256},{}\n", env!("CARGO_PKG_VERSION"));
    let record = format!("{name}{ENDING}");
    let folders = [observed.parent(), beside];
    let places: Vec<PathBuf> = folders
        .into_iter()
        .flatten()
        .map(|folder| folder.join(&record))
        .collect();
    let mut why = String::new();
    for place in &places {
        match add(place, &line, &sha256) {
            Ok(earlier) => {
                return Ok(Opening {
                    file: name,
                    sha256,
                    date,
                    earlier,
                    record: visible_path(place),
                });
            }
            Err(e) => why = e.to_string(),
        }
    }
    Err(StudyError::Invalid(format!(
        "{}: not opened, for its opening can be recorded neither beside it nor beside the result: {why}",
        visible_path(observed)
    )))
}

/// Adds a line to a record; returns how many of its lines are of the same bytes.
fn add(place: &Path, line: &str, sha256: &str) -> std::io::Result<u64> {
    if let Some(folder) = place.parent().filter(|f| !f.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    let mut file = files::open_or_create(place)?;
    let mut known = String::new();
    Read::by_ref(&mut file)
        .take(MOST)
        .read_to_string(&mut known)?;
    let same = |l: &&str| l.split(',').nth(1) == Some(sha256);
    let earlier = known.lines().filter(same).count() as u64;
    file.seek(SeekFrom::End(0))?;
    if known.is_empty() {
        file.write_all(HEADER.as_bytes())?;
    }
    file.write_all(line.as_bytes())?;
    file.sync_all()?;
    Ok(earlier)
}
