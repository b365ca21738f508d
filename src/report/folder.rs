//! Result folders as a report reads them: checked against their manifests, then row by row.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::facts::Facts;
use crate::result::manifest::{self, Unread, hash_file};
use crate::result::open_plain;
use crate::scenario::fault::nearest;

/// The most bytes of a table that is read.
const MOST: u64 = 256 << 20;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// Something cannot be read or written.
    #[error("{0}")]
    Unreadable(String),
    /// What is asked for cannot be had from these folders.
    #[error("{0}")]
    Unusable(String),
    /// Files are not those that the manifest vouches for.
    #[error("{0}")]
    Changed(String),
    /// A picture could not be drawn.
    #[error("{0}")]
    Drawing(String),
}

/// A result folder whose files are those of its manifest.
#[derive(Debug)]
pub struct ResultFolder {
    /// Where it lies.
    pub path: PathBuf,
    /// `run`, `compare` and so on.
    pub command: String,
    /// Version of the program that wrote it.
    pub version: String,
    /// Its scenarios, in the order of the command.
    pub scenarios: Vec<Facts>,
    /// Seed.
    pub seed: u64,
    /// Rounds played.
    pub rounds: u64,
    /// Title of the evidence file, if there is one.
    pub evidence: Option<String>,
    /// Names of its files.
    files: Vec<String>,
}

fn unreadable(path: &Path, error: &io::Error) -> ReportError {
    let shown = path.display();
    ReportError::Unreadable(match error.kind() {
        io::ErrorKind::NotFound => format!("{shown}: there is no such file or folder"),
        io::ErrorKind::PermissionDenied => format!("{shown}: may not be read (permission denied)"),
        _ => format!("{shown}: cannot be read: {error}"),
    })
}

impl ResultFolder {
    /// Opens a folder and checks every file of its manifest.
    ///
    /// # Errors
    /// When it cannot be read, is no result of kzsim, or holds files that have changed.
    pub fn open(path: &Path) -> Result<Self, ReportError> {
        let there = path.join(manifest::FILE);
        let shown = there.display();
        let meta = fs::metadata(path).map_err(|e| unreadable(path, &e))?;
        if !meta.is_dir() {
            return Err(ReportError::Unusable(format!(
                "{}: is a file; name the folder that kzsim wrote",
                path.display()
            )));
        }
        let value = manifest::read(path).map_err(|e| match e {
            Unread::Io(e) if e.kind() == io::ErrorKind::NotFound => ReportError::Unusable(format!(
                "{}: holds no manifest.json, so it is no result of kzsim",
                path.display()
            )),
            Unread::Io(e) => unreadable(&there, &e),
            other => ReportError::Unusable(format!("{shown}: {other}")),
        })?;
        let entries = value["files"].as_array().cloned().unwrap_or_default();
        let files = vouched(path, &entries)?;
        let whole = |key: &str| {
            value[key].as_u64().ok_or_else(|| {
                ReportError::Unusable(format!("{shown}: has no whole number `{key}`"))
            })
        };
        let scenarios: Vec<Facts> = match value["scenarios"].as_array() {
            Some(several) => several.iter().map(Facts::of).collect(),
            None => vec![Facts::of(&value)],
        };
        if scenarios.is_empty() {
            return Err(ReportError::Unusable(format!("{shown}: names no scenario")));
        }
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        Ok(Self {
            path: path.to_path_buf(),
            command: text(&value["command"]),
            version: text(&value["version"]),
            scenarios,
            seed: whole("seed")?,
            rounds: whole("rounds")?,
            evidence: value["evidence"]["title"].as_str().map(str::to_owned),
            files,
        })
    }

    /// The name of the folder.
    #[must_use]
    pub fn name(&self) -> String {
        let whole = self.path.canonicalize();
        let path = whole.as_ref().unwrap_or(&self.path);
        path.file_name().map_or_else(
            || path.display().to_string(),
            |n| n.to_string_lossy().into(),
        )
    }

    /// Whether the manifest names a file.
    #[must_use]
    pub fn has(&self, file: &str) -> bool {
        self.files.iter().any(|f| f == file)
    }

    /// Names of its files.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str)
    }

    /// Its first scenario.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        // `open` gives at least one.
        &self.scenarios[0]
    }

    /// The rows of a file, which must have some columns.
    ///
    /// # Errors
    /// When it cannot be read, lacks columns, or holds what is no number where one belongs.
    pub fn rows<T: DeserializeOwned>(
        &self,
        file: &str,
        needs: &[&str],
    ) -> Result<Vec<T>, ReportError> {
        let path = self.path.join(file);
        let shown = path.display();
        let opened = open_plain(&path).map_err(|e| unreadable(&path, &e))?;
        let bytes = opened.metadata().map_err(|e| unreadable(&path, &e))?.len();
        if bytes > MOST {
            return Err(ReportError::Unusable(format!(
                "{shown}: has {} MiB; a report reads tables of up to {} MiB",
                bytes >> 20,
                MOST >> 20
            )));
        }
        let mut reader = csv::Reader::from_reader(io::BufReader::new(opened));
        let faulty = |e: csv::Error| ReportError::Unusable(format!("{shown}: {e}"));
        let header = reader.headers().map_err(faulty)?.clone();
        let lacking: Vec<String> = needs
            .iter()
            .filter(|n| !header.iter().any(|h| h == **n))
            .map(|n| {
                let near = nearest(n, header.iter());
                format!(
                    "`{n}`{}",
                    near.map_or(String::new(), |h| format!(" (it has `{h}`)"))
                )
            })
            .collect();
        if !lacking.is_empty() {
            return Err(ReportError::Unusable(format!(
                "{shown}: has no column {}; it was written by kzsim {}, this is {}: play it again",
                lacking.join(", "),
                self.version,
                env!("CARGO_PKG_VERSION")
            )));
        }
        let rows: Result<Vec<T>, csv::Error> = reader.deserialize().collect();
        rows.map_err(faulty)
    }

    /// The header of a file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn header(&self, file: &str) -> Result<Vec<String>, ReportError> {
        let path = self.path.join(file);
        let mut reader = csv::Reader::from_path(&path)
            .map_err(|e| ReportError::Unreadable(format!("{}: {e}", path.display())))?;
        let header = reader
            .headers()
            .map_err(|e| ReportError::Unusable(format!("{}: {e}", path.display())))?;
        Ok(header.iter().map(str::to_owned).collect())
    }
}

/// The files that a manifest names; all that differ from what it says of them are told at once.
fn vouched(folder: &Path, entries: &[Value]) -> Result<Vec<String>, ReportError> {
    let mut files = Vec::new();
    let mut wrong = Vec::new();
    for entry in entries {
        let name = entry["file"].as_str().unwrap_or_default();
        let path = folder.join(name);
        if Path::new(name).file_name().is_none_or(|n| n != name) {
            wrong.push(format!(
                "{}: the manifest names no plain file `{name}`",
                folder.display()
            ));
            continue;
        }
        match hash_file(&path) {
            Ok(hash) if entry["sha256"].as_str() == Some(hash.as_str()) => {
                files.push(name.to_owned());
            }
            Ok(_) => wrong.push(format!(
                "{}: is not the file that was written",
                path.display()
            )),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                wrong.push(format!("{}: is gone", path.display()));
            }
            Err(e) => return Err(unreadable(&path, &e)),
        }
    }
    if wrong.is_empty() {
        return Ok(files);
    }
    Err(ReportError::Changed(format!(
        "{}\nThe manifest vouches for other bytes; a report would pass changed numbers on. Play it \
         again.",
        wrong.join("\n")
    )))
}
