//! `manifest.json`: what was run, on what, and what every file holds.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::STATE;
use super::header::Header;
use crate::CAVEAT;
use crate::files;
use crate::scenario::difference::shown;
use crate::scenario::fault::{Faults, SETTING, Source, Sources};
use crate::scenario::{Evidence, Scenario};
use crate::table::cell::Column;
use crate::table::ranges::forms;
use crate::table::run::Results;

/// The option that names the reports that count.
pub(super) const REPORTS: &str = "reports";
/// The option that says by when reports must have been known.
pub(super) const KNOWN_BY: &str = "known by";
/// The option that says how evidence is taken into account, where that was asked for.
pub const GIVEN_BY: &str = "given by";
/// The key of its own hash.
const SEAL: &str = "manifest_sha256";
/// The version whose manifests have no hash of their own.
const UNSEALED: &str = "0.1.0";
/// Its name.
pub const FILE: &str = "manifest.json";
/// The value of `program` in every manifest of this program.
const PROGRAM: &str = "kzsim";

/// The manifest of a run, which has one scenario, or of a command that plays several.
#[allow(
    clippy::struct_field_names,
    reason = "keys of the file, as they are written"
)]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// `kzsim`.
    pub program: String,
    /// The version that wrote it.
    pub version: String,
    /// `run`, `compare` and so on.
    pub command: String,
    /// What the numbers do not mean.
    pub note: String,
    /// The scenario of a run.
    #[serde(flatten)]
    pub scenario: Option<ScenarioEntry>,
    /// The scenarios of any other command.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scenarios: Vec<ScenarioEntry>,
    /// The evidence file, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<EvidenceEntry>,
    /// Seed.
    pub seed: u64,
    /// Rounds played.
    pub rounds: u64,
    /// What decides what is in the result of a command that is not a run, by option, beside
    /// scenarios, evidence, seed and rounds.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
    /// Rounds behind the timeline, of a run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounds_followed: Option<u64>,
    /// What was played beside a run to tell how far its shares move.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ranges: Option<RangesEntry>,
    /// Expressions that left the finite numbers in some round of a run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undefined: Vec<UndefinedEntry>,
    /// Which part of a run this is, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<ShardEntry>,
    /// The tables.
    pub files: Vec<FileEntry>,
    /// The counts of a run, to extend or to merge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<StateEntry>,
    /// SHA-256 of all of the above as compact JSON; none before version 0.2.0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest_sha256: Option<String>,
}

/// An expression that left the finite numbers: it was undefined or infinite when it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndefinedEntry {
    /// Path in the scenario of the number, condition or list of effects.
    pub path: String,
    /// The expression, or the effect, as written.
    pub expression: String,
    /// Rounds in which it did.
    pub rounds: u64,
}

/// What was played beside a run to tell how far its shares move across sets of guesses and forms of the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RangesEntry {
    /// Sets of guesses, each played in every form.
    pub sets: u64,
    /// Rounds of each set.
    pub rounds_of_set: u64,
    /// Forms, the scenario's own first.
    pub forms: Vec<String>,
}

/// A part of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardEntry {
    /// Which, from 0.
    pub index: u64,
    /// Of how many.
    pub count: u64,
    /// Its first round.
    pub first_round: u64,
    /// Rounds of the run, over all shards.
    pub rounds_in_all: u64,
}

/// The file with the counts of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateEntry {
    /// Its name.
    pub file: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// One scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScenarioEntry {
    /// The file's name without `.toml`.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// SHA-256 of the resolved scenario as compact JSON.
    pub resolved_sha256: String,
    /// Every text that it was read from, settings last.
    pub sources: Vec<SourceText>,
    /// The resolved scenario.
    pub resolved: serde_json::Value,
}

/// An evidence file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EvidenceEntry {
    /// The file's name without `.toml`.
    pub evidence: String,
    /// Its title.
    pub title: String,
    /// The text that it was read from.
    pub sources: Vec<SourceText>,
}

/// One text that a scenario was read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceText {
    /// Name of the file, or of the setting.
    pub name: String,
    /// SHA-256 of the text.
    pub sha256: String,
    /// The text.
    pub content: String,
}

/// One table of the result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Name of the file.
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
    hash_json(&s.resolved)
}

/// SHA-256 of data as compact JSON, in hexadecimal.
fn hash_json(data: &serde_json::Value) -> String {
    // As `to_string` of a value has it, which takes several times as long.
    let text = serde_json::to_vec(data);
    hash_bytes(&text.unwrap_or_else(|_| data.to_string().into_bytes()))
}

/// Bytes in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
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
    io::copy(&mut files::open(path)?, &mut HashWriter(&mut hash))?;
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

/// SHA-256 of a manifest as compact JSON without its own hash, which it then lacks.
fn hash_content(manifest: &mut serde_json::Value) -> String {
    if let Some(keys) = manifest.as_object_mut() {
        keys.shift_remove(SEAL);
    }
    hash_json(manifest)
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

/// SHA-256 of each text of some sources.
pub(super) fn hashes(sources: &Sources) -> Vec<String> {
    texts(sources).into_iter().map(|text| text.sha256).collect()
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

    /// Reads the scenario again from the texts that it was first read from.
    ///
    /// # Errors
    /// When the texts are not those that were played, or no longer a valid scenario.
    pub fn rebuild(&self) -> Result<Scenario, RebuildError> {
        rebuild(&self.scenario, &self.sources, &self.resolved_sha256)
    }
}

/// Why a scenario cannot be read again from the texts in a manifest.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// They do not resolve to the scenario that was played.
    #[error("the text of the scenario is not the one that was run")]
    Changed,
    /// They are not a valid scenario.
    #[error("the texts of the scenario are not valid")]
    Invalid(Faults),
}

/// Reads a scenario again from its texts.
pub(super) fn rebuild(
    name: &str,
    sources: &[SourceText],
    resolved_sha256: &str,
) -> Result<Scenario, RebuildError> {
    let files = sources.iter().take_while(|s| !s.name.starts_with(SETTING));
    let files: Vec<(String, String)> = files.map(|s| (s.name.clone(), s.content.clone())).collect();
    let settings = sources[files.len()..].iter().map(|s| s.content.clone());
    let settings: Vec<String> = settings.collect();
    let scenario = Scenario::read_again(name, &files, &settings).map_err(RebuildError::Invalid)?;
    if hash_resolved(&scenario) == resolved_sha256 {
        Ok(scenario)
    } else {
        Err(RebuildError::Changed)
    }
}

impl Manifest {
    fn new(command: &str, seed: u64, rounds: u64, files: Vec<FileEntry>) -> Self {
        Self {
            program: PROGRAM.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            command: command.to_owned(),
            note: CAVEAT.to_owned(),
            scenario: None,
            scenarios: Vec::new(),
            evidence: None,
            seed,
            rounds,
            options: BTreeMap::new(),
            rounds_followed: None,
            ranges: None,
            undefined: Vec::new(),
            shard: None,
            files,
            state: None,
            manifest_sha256: None,
        }
    }

    /// Its text, with its hash.
    ///
    /// # Errors
    /// Never in practice: it is written to memory.
    pub(super) fn text(mut self) -> serde_json::Result<Vec<u8>> {
        self.manifest_sha256 = None;
        let hash = hash_bytes(&serde_json::to_vec(&self)?);
        self.manifest_sha256 = Some(hash);
        let mut text = serde_json::to_vec_pretty(&self)?;
        text.push(b'\n');
        Ok(text)
    }

    /// The manifest of a run, or of a shard of one, with the SHA-256 of its state.
    #[must_use]
    pub fn run(
        results: &Results<'_>,
        header: &Header,
        followed: u64,
        files: Vec<FileEntry>,
        state: String,
    ) -> Self {
        let undefined = results.undefined().into_iter();
        let undefined = undefined.map(|(fragile, rounds)| UndefinedEntry {
            path: fragile.path.clone(),
            expression: fragile.text.clone(),
            rounds,
        });
        let shard = header.shard.map(|shard| ShardEntry {
            index: shard.index,
            count: shard.count,
            first_round: header.first,
            rounds_in_all: header.rounds,
        });
        let rounds = header.next - header.first;
        Self {
            scenario: Some(ScenarioEntry::new(results.scenario)),
            undefined: undefined.collect(),
            rounds_followed: Some(followed),
            ranges: results.ranges.ok().map(|ranges| RangesEntry {
                sets: ranges.sets,
                rounds_of_set: ranges.each,
                forms: forms(ranges).map(str::to_owned).collect(),
            }),
            shard,
            state: Some(StateEntry {
                file: STATE.to_owned(),
                sha256: state,
            }),
            ..Self::new("run", header.seed, rounds, files)
        }
    }

    /// The manifest of any other command.
    #[must_use]
    pub fn several<'s>(
        command: &str,
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

    /// The evidence that was used, with the reports that counted; nothing if there was none.
    ///
    /// # Errors
    /// What is wrong with its text, or with what was selected of it.
    pub fn evidence_again(&self) -> Result<Option<Evidence>, String> {
        let Some(entry) = &self.evidence else {
            return Ok(None);
        };
        let source = entry.sources.first();
        let (file, text) = source.map_or(("", ""), |s| (s.name.as_str(), s.content.as_str()));
        let read = Evidence::read_text_of(&entry.evidence, file, text);
        let mut evidence = read.map_err(|faults| faults.to_string())?;
        if let Some(ids) = self.options.get(REPORTS) {
            let ids: Vec<String> = ids.split(", ").map(str::to_owned).collect();
            evidence = evidence.select(&ids).map_err(|wrong| wrong.join("\n"))?;
        }
        if let Some(moment) = self.options.get(KNOWN_BY) {
            let moment = moment
                .parse()
                .map_err(|_| format!("{KNOWN_BY}: {moment}"))?;
            evidence = evidence.known_by(moment);
        }
        Ok(Some(evidence))
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

/// The largest manifest that is read, in bytes.
const MOST: u64 = 64 << 20;

/// Why the manifest of a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It does not exist or cannot be read.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It is larger than any manifest.
    #[error("exceeds the limit of {} MiB", MOST >> 20)]
    TooLarge,
    /// It is not JSON.
    #[error("invalid JSON at line {line}, column {column}: {0}", line = .0.line(), column = .0.column())]
    Json(serde_json::Error),
    /// Another program wrote it.
    #[error("was not written by kzsim (`program` is {})", shown(Some(.0)))]
    Foreign(serde_json::Value),
    /// It lacks something, or something has another type.
    #[error(
        "cannot be read by kzsim {here}: {error}; it was written by kzsim {version}: use that version, or run it again",
        here = env!("CARGO_PKG_VERSION")
    )]
    Form {
        /// What is wrong.
        error: serde_json::Error,
        /// The version that wrote it, as it says.
        version: String,
    },
    /// It is not what was written.
    #[error(
        "has changed since it was written: its content does not match its `{SEAL}`; run it again"
    )]
    Changed,
}

/// The manifest in a folder as data; another version of kzsim may have written it.
pub(super) fn read_value(folder: &Path) -> Result<serde_json::Value, ManifestError> {
    let text = files::read(&folder.join(FILE), MOST)?.ok_or(ManifestError::TooLarge)?;
    let manifest: serde_json::Value = serde_json::from_slice(&text).map_err(ManifestError::Json)?;
    match &manifest["program"] {
        serde_json::Value::String(program) if program == PROGRAM => Ok(manifest),
        other => Err(ManifestError::Foreign(other.clone())),
    }
}

/// The manifest in a folder.
///
/// # Errors
/// When there is none, another program or version of kzsim wrote it, or it has changed since. One of
/// version 0.1.0 has no hash, so that cannot be told of it.
pub fn read(folder: &Path) -> Result<Manifest, ManifestError> {
    let mut value = read_value(folder)?;
    let hash = value.get(SEAL).cloned();
    let version = shown_version(&value);
    match &hash {
        None if version == UNSEALED => {}
        Some(serde_json::Value::String(hash)) if *hash == hash_content(&mut value) => {}
        _ => return Err(ManifestError::Changed),
    }
    let manifest: Result<Manifest, _> = serde_json::from_value(value);
    let mut manifest = manifest.map_err(|error| ManifestError::Form { error, version })?;
    manifest.manifest_sha256 = hash.and_then(|hash| hash.as_str().map(str::to_owned));
    Ok(manifest)
}

/// The version that a manifest names.
fn shown_version(manifest: &serde_json::Value) -> String {
    let version = manifest.get("version").and_then(serde_json::Value::as_str);
    version.unwrap_or("unknown").chars().take(40).collect()
}

/// The files that the manifest in a folder names, if any version of kzsim wrote it.
#[must_use]
pub fn earlier_files(folder: &Path) -> Option<Vec<String>> {
    let manifest = read_value(folder).ok()?;
    let files = manifest.get("files")?.as_array()?;
    Some(
        files
            .iter()
            .chain(manifest.get("state"))
            .filter_map(|f| f.get("file").and_then(|n| n.as_str()).map(str::to_owned))
            .collect(),
    )
}
