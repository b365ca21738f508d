//! `manifest.json`: what was run, on what, and what every file holds.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::CAVEAT;
use crate::result::{Header, STATE, open_plain, read_plain};
use crate::scenario::difference::shown;
use crate::scenario::fault::{Source, Sources};
use crate::scenario::{Evidence, Scenario};
use crate::table::cell::Column;

/// Its name.
pub const FILE: &str = "manifest.json";
/// How a manifest says whose it is.
const PROGRAM: &str = "kzsim";

/// The manifest: of a run, which has one scenario, or of a command that has several.
#[derive(Debug, Serialize)]
pub struct Manifest {
    program: &'static str,
    version: &'static str,
    command: &'static str,
    note: &'static str,
    /// The scenario of a run.
    #[serde(flatten)]
    one: Option<ScenarioEntry>,
    /// The scenarios of a command that has several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scenarios: Vec<ScenarioEntry>,
    /// The evidence file, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<EvidenceEntry>,
    seed: u64,
    rounds: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    rounds_followed: Option<u64>,
    /// Which part of a run this is, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    shard: Option<ShardEntry>,
    files: Vec<FileEntry>,
    /// The counts of a run, to go on from or to merge.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<StateEntry>,
}

/// A part of a run.
#[derive(Debug, Serialize)]
struct ShardEntry {
    /// Which, from 0.
    index: u64,
    /// Of how many.
    count: u64,
    /// Its first round.
    first_round: u64,
    /// Rounds of the run, over all shards.
    rounds_in_all: u64,
}

/// The file with the counts of a run.
#[derive(Debug, Serialize)]
struct StateEntry {
    file: &'static str,
    sha256: String,
}

/// One scenario.
#[derive(Debug, Serialize)]
struct ScenarioEntry {
    scenario: String,
    title: String,
    /// SHA-256 of the resolved scenario as compact JSON.
    resolved_sha256: String,
    sources: Vec<SourceText>,
    resolved: serde_json::Value,
}

/// An evidence file.
#[derive(Debug, Serialize)]
struct EvidenceEntry {
    evidence: String,
    title: String,
    sources: Vec<SourceText>,
}

/// One text that the scenario was read from.
#[derive(Debug, Serialize)]
struct SourceText {
    name: String,
    sha256: String,
    content: String,
}

/// One file of the result.
#[derive(Debug, Serialize)]
pub struct FileEntry {
    /// Its name.
    pub file: String,
    /// Rows without the header.
    pub rows: u64,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Its columns.
    pub columns: Vec<Column>,
}

/// SHA-256 of some bytes, in hexadecimal.
#[must_use]
pub fn hash_bytes(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// SHA-256 of a resolved scenario as compact JSON, in hexadecimal.
#[must_use]
pub fn hash_resolved(s: &Scenario) -> String {
    hash_bytes(s.resolved.to_string().as_bytes())
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

/// SHA-256 of a file, in hexadecimal.
///
/// # Errors
/// When it cannot be read.
pub fn hash_file(path: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    io::copy(&mut open_plain(path)?, &mut HashWriter(&mut hash))?;
    Ok(hex(&hash.finalize()))
}

struct HashWriter<'a>(&'a mut Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn texts(sources: &Sources) -> Vec<SourceText> {
    let text = |source: &Source| SourceText {
        // The file's own name: where it lay on some machine is nobody's business.
        name: source
            .path
            .as_ref()
            .and_then(|p| p.file_name())
            .map_or_else(|| source.name.clone(), |n| n.to_string_lossy().into_owned()),
        sha256: hash_bytes(source.text.as_bytes()),
        content: source.text.clone(),
    };
    sources.iter().map(text).collect()
}

impl ScenarioEntry {
    fn new(s: &Scenario) -> Self {
        Self {
            scenario: s.name.clone(),
            title: s.title.clone(),
            resolved_sha256: hash_resolved(s),
            sources: texts(&s.sources),
            resolved: s.resolved.clone(),
        }
    }
}

impl Manifest {
    fn new(command: &'static str, seed: u64, rounds: u64, files: Vec<FileEntry>) -> Self {
        Self {
            program: PROGRAM,
            version: env!("CARGO_PKG_VERSION"),
            command,
            note: CAVEAT,
            one: None,
            scenarios: Vec::new(),
            evidence: None,
            seed,
            rounds,
            rounds_followed: None,
            shard: None,
            files,
            state: None,
        }
    }

    /// The manifest of a run, or of a shard of one, with the SHA-256 of its state.
    #[must_use]
    pub fn run(
        s: &Scenario,
        header: &Header,
        followed: u64,
        files: Vec<FileEntry>,
        state: String,
    ) -> Self {
        let shard = header.shard.map(|shard| ShardEntry {
            index: shard.index,
            count: shard.count,
            first_round: header.first,
            rounds_in_all: header.rounds,
        });
        let rounds = header.next - header.first;
        Self {
            one: Some(ScenarioEntry::new(s)),
            rounds_followed: Some(followed),
            shard,
            state: Some(StateEntry {
                file: STATE,
                sha256: state,
            }),
            ..Self::new("run", header.seed, rounds, files)
        }
    }

    /// The manifest of a command that plays several scenarios.
    #[must_use]
    pub fn several<'s>(
        command: &'static str,
        scenarios: impl IntoIterator<Item = &'s Scenario>,
        seed: u64,
        rounds: u64,
        files: Vec<FileEntry>,
    ) -> Self {
        Self {
            scenarios: scenarios.into_iter().map(ScenarioEntry::new).collect(),
            ..Self::new(command, seed, rounds, files)
        }
    }

    /// The same with the evidence that was used.
    #[must_use]
    pub fn with(mut self, evidence: &Evidence) -> Self {
        self.evidence = Some(EvidenceEntry {
            evidence: evidence.name.clone(),
            title: evidence.title.clone(),
            sources: texts(&evidence.sources),
        });
        self
    }
}

/// The most bytes of a manifest that is read.
const MOST: u64 = 64 << 20;

/// Why a folder has no manifest that can be used.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// It cannot be read, or does not exist.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It is larger than any manifest.
    #[error("exceeds the limit of {} MiB", MOST >> 20)]
    TooLarge,
    /// It is not valid JSON.
    #[error("invalid JSON at line {line}, column {column}: {0}", line = .0.line(), column = .0.column())]
    Json(#[from] serde_json::Error),
    /// Somebody else's.
    #[error("was not written by kzsim (`program` is {})", shown(Some(.0)))]
    Foreign(serde_json::Value),
}

/// The manifest in a folder as data.
///
/// # Errors
/// When the folder has no manifest written by kzsim.
pub fn read(folder: &Path) -> Result<serde_json::Value, Unread> {
    let text = read_plain(&folder.join(FILE), MOST)?.ok_or(Unread::TooLarge)?;
    let manifest: serde_json::Value = serde_json::from_slice(&text)?;
    match &manifest["program"] {
        serde_json::Value::String(program) if program == PROGRAM => Ok(manifest),
        other => Err(Unread::Foreign(other.clone())),
    }
}

/// The files that the manifest in a folder names, if it holds one of ours.
#[must_use]
pub fn earlier_files(folder: &Path) -> Option<Vec<String>> {
    let manifest = read(folder).ok()?;
    let files = manifest.get("files")?.as_array()?;
    Some(
        files
            .iter()
            .chain(manifest.get("state"))
            .filter_map(|f| f.get("file").and_then(|n| n.as_str()).map(str::to_owned))
            .collect(),
    )
}
