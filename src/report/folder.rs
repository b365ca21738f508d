//! Result folders as a report reads them: checked against their manifests, then row by row.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::facts::Facts;
use crate::files;
use crate::result::manifest::{
    self, EvidenceEntry, FileEntry, ManifestError, SourceText, hash_file,
};
use crate::scenario::visible::{on_one_line, visible_path};
use crate::scenario::{Evidence, beside};
use crate::study::StudyError;
use crate::table::given::GivenOutcomeRow;
use crate::table::{self, ReadError, Row};

/// The most bytes of a table that is read.
const MOST: u64 = 256 << 20;

/// Commands that play no scenario.
const OF_FORECASTS: [&str; 2] = ["score", "pool"];

/// Why a report cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// Something cannot be read or written.
    #[error("{0}")]
    Unreadable(String),
    /// These folders cannot provide what is asked for.
    #[error("{0}")]
    Unusable(String),
    /// Files differ from what the manifest says of them.
    #[error("{0}")]
    Changed(String),
    /// A picture could not be drawn.
    #[error("{0}")]
    Drawing(String),
    /// Rounds could not be played again, or this was stopped.
    #[error(transparent)]
    Play(#[from] StudyError),
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
    /// Whether the manifest has a hash of its own, which has been checked.
    pub sealed: bool,
    /// Seed.
    pub seed: u64,
    /// Rounds played.
    pub rounds: u64,
    /// Title of the evidence file, if there is one.
    pub evidence: Option<String>,
    /// Ids of the observations of the evidence, with their names.
    pub observations: Vec<(String, String)>,
    /// Names of its files.
    files: Vec<String>,
}

fn unreadable(path: &Path, error: &io::Error) -> ReportError {
    let shown = visible_path(path);
    ReportError::Unreadable(match error.kind() {
        io::ErrorKind::NotFound => {
            let near = beside(path, |p| p.join(manifest::FILE).is_file());
            let near = near.filter(|_| !path.exists());
            let near = near.map(|near| visible_path(&path.with_file_name(near)));
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            format!("{shown}: no such file or folder{near}")
        }
        io::ErrorKind::PermissionDenied => format!("{shown}: permission denied"),
        _ => format!("{shown}: cannot be read: {error}"),
    })
}

impl ResultFolder {
    /// Opens a folder and checks every file of its manifest.
    ///
    /// # Errors
    /// When it cannot be read, is not a result of kzsim, or holds files that have changed.
    pub fn open(path: &Path) -> Result<Self, ReportError> {
        let own = path.join(manifest::FILE);
        let shown = visible_path(&own);
        let meta = fs::metadata(path).map_err(|e| unreadable(path, &e))?;
        if !meta.is_dir() {
            return Err(ReportError::Unusable(format!(
                "{}: is a file; name the folder that kzsim wrote",
                visible_path(path)
            )));
        }
        let manifest = manifest::read(path).map_err(|e| match e {
            ManifestError::Io(e) if e.kind() == io::ErrorKind::NotFound => {
                ReportError::Unusable(format!(
                    "{}: contains no manifest.json, so it is not a result of kzsim",
                    visible_path(path)
                ))
            }
            ManifestError::Io(e) => unreadable(&own, &e),
            ManifestError::Changed => ReportError::Changed(format!("{shown}: {e}")),
            other => ReportError::Unusable(format!("{shown}: {other}")),
        })?;
        let needs_one = !OF_FORECASTS.contains(&manifest.command.as_str());
        if needs_one && manifest.scenario.is_none() && manifest.scenarios.is_empty() {
            return Err(ReportError::Unusable(format!("{shown}: names no scenario")));
        }
        let files = vouched(path, &manifest.files)?;
        let entries = manifest.scenario.iter().chain(&manifest.scenarios);
        let scenarios: Result<Vec<Facts>, String> = entries.map(Facts::of).collect();
        let scenarios =
            scenarios.map_err(|what| ReportError::Changed(format!("{shown}: {what}")))?;
        Ok(Self {
            path: path.to_path_buf(),
            command: manifest.command,
            version: manifest.version,
            sealed: manifest.manifest_sha256.is_some(),
            scenarios,
            seed: manifest.seed,
            rounds: manifest.rounds,
            observations: manifest
                .evidence
                .as_ref()
                .map_or_else(Vec::new, observations),
            evidence: manifest.evidence.map(|e| e.title),
            files,
        })
    }

    /// Whether it is a run that takes evidence into account, in tables of their own.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.has(GivenOutcomeRow::FILE)
    }

    /// What to know of it before its numbers are compared with others.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let here = env!("CARGO_PKG_VERSION");
        let mut out = Vec::new();
        if self.version != here {
            out.push(format!(
                "was written by kzsim {}; this is kzsim {here}, which may give other numbers for the same \
                 scenario. Run it again before comparing it with newer results",
                on_one_line(&self.version)
            ));
        }
        if !self.sealed {
            out.push(
                "has a manifest without a hash of its own: the tables were checked against it, but it \
                 could not be checked itself"
                    .to_owned(),
            );
        }
        out
    }

    /// The name of the folder.
    #[must_use]
    pub fn name(&self) -> String {
        let absolute = self.path.canonicalize();
        let path = absolute.as_ref().unwrap_or(&self.path);
        path.file_name()
            .map_or_else(|| visible_path(path), |n| n.to_string_lossy().into())
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

    /// Its first scenario, of a command that plays one.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        // `open` reads at least one, unless it is of forecasts alone.
        &self.scenarios[0]
    }

    fn table(&self, file: &str) -> Result<(String, fs::File), ReportError> {
        let path = self.path.join(file);
        let shown = visible_path(&path);
        let opened = files::open(&path).map_err(|e| unreadable(&path, &e))?;
        let bytes = opened.metadata().map_err(|e| unreadable(&path, &e))?.len();
        if bytes > MOST {
            return Err(ReportError::Unusable(format!(
                "{shown}: {} MiB exceeds the limit of {} MiB for a report",
                bytes >> 20,
                MOST >> 20
            )));
        }
        Ok((shown, opened))
    }

    /// The rows of a table.
    ///
    /// # Errors
    /// When it cannot be read, lacks columns, or holds cells of another type.
    pub fn rows<R: Row>(&self) -> Result<Vec<R>, ReportError> {
        let (shown, opened) = self.table(R::FILE)?;
        table::read(io::BufReader::new(opened)).map_err(|e| {
            ReportError::Unusable(match e {
                ReadError::Columns(_) => format!(
                    "{shown}: {e}; it was written by kzsim {}, this is {}: run it again",
                    on_one_line(&self.version),
                    env!("CARGO_PKG_VERSION")
                ),
                e => format!("{shown}: {e}"),
            })
        })
    }

    /// The same of a table that not every result has.
    ///
    /// # Errors
    /// As for [`Self::rows`].
    pub fn rows_if_any<R: Row>(&self) -> Result<Vec<R>, ReportError> {
        if self.has(R::FILE) {
            self.rows()
        } else {
            Ok(Vec::new())
        }
    }

    /// The header and the cells of a table, as texts.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn texts(&self, file: &str) -> Result<(Vec<String>, Vec<Vec<String>>), ReportError> {
        let (shown, opened) = self.table(file)?;
        let faulty = |e: csv::Error| ReportError::Unusable(format!("{shown}: {e}"));
        let mut reader = csv::Reader::from_reader(io::BufReader::new(opened));
        let owned = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect();
        let header = owned(reader.headers().map_err(faulty)?);
        let rows = reader.records().map(|r| r.map(|r| owned(&r)));
        let rows: Result<Vec<Vec<String>>, csv::Error> = rows.collect();
        Ok((header, rows.map_err(faulty)?))
    }
}

/// The observations of an evidence file: none where this version cannot read it, so that they keep their ids.
fn observations(entry: &EvidenceEntry) -> Vec<(String, String)> {
    let read = |s: &SourceText| Evidence::read_text(&s.name, &s.content).ok();
    let evidence = entry.sources.first().and_then(read);
    let all = evidence.into_iter().flat_map(|e| e.observations);
    all.map(|o| (o.id, o.name)).collect()
}

/// The files that a manifest names; an error lists all that differ from what it says of them.
fn vouched(folder: &Path, entries: &[FileEntry]) -> Result<Vec<String>, ReportError> {
    let mut files = Vec::new();
    let mut wrong = Vec::new();
    for entry in entries {
        let name = entry.file.as_str();
        let path = folder.join(name);
        if Path::new(name).file_name().is_none_or(|n| n != name) {
            wrong.push(format!(
                "{}: the manifest names `{}`, which is not a file of the folder",
                visible_path(folder),
                on_one_line(name)
            ));
            continue;
        }
        match hash_file(&path) {
            Ok(hash) if hash == entry.sha256 => {
                files.push(name.to_owned());
            }
            Ok(_) => wrong.push(format!(
                "{}: has changed since it was written",
                visible_path(&path)
            )),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                wrong.push(format!("{}: is missing", visible_path(&path)));
            }
            Err(e) => return Err(unreadable(&path, &e)),
        }
    }
    if wrong.is_empty() {
        return Ok(files);
    }
    Err(ReportError::Changed(format!(
        "{}\nThe files differ from the SHA-256 in manifest.json, so a report could show wrong numbers. \
         Run it again.",
        wrong.join("\n")
    )))
}
