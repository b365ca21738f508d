//! `manifest.json`: what was run, on what, and what every file holds.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::cell::Column;
use crate::scenario::Scenario;

/// Its name.
pub const FILE: &str = "manifest.json";
/// How a manifest says whose it is.
const PROGRAM: &str = "kzsim";

/// The manifest.
#[derive(Debug, Serialize)]
pub struct Manifest {
    program: &'static str,
    version: &'static str,
    note: &'static str,
    scenario: String,
    title: String,
    seed: u64,
    rounds: u64,
    rounds_followed: u64,
    /// SHA-256 of the resolved scenario as compact JSON.
    resolved_sha256: String,
    sources: Vec<SourceText>,
    resolved: serde_json::Value,
    files: Vec<FileEntry>,
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

fn hex(bytes: &[u8]) -> String {
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
    io::copy(&mut fs::File::open(path)?, &mut HashWriter(&mut hash))?;
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

impl Manifest {
    /// The manifest of a run.
    #[must_use]
    pub fn new(s: &Scenario, seed: u64, rounds: u64, followed: u64, files: Vec<FileEntry>) -> Self {
        let sources = s.sources.iter().map(|source| SourceText {
            // The file's own name: where it lay on some machine is nobody's business.
            name: source
                .path
                .as_ref()
                .and_then(|p| p.file_name())
                .map_or_else(|| source.name.clone(), |n| n.to_string_lossy().into_owned()),
            sha256: hex(&Sha256::digest(source.text.as_bytes())),
            content: source.text.clone(),
        });
        Self {
            program: PROGRAM,
            version: env!("CARGO_PKG_VERSION"),
            note: "Shares follow from the written assumptions of the scenario. They are no forecast, \
                   and they say nothing about the guilt of any person.",
            scenario: s.name.clone(),
            title: s.title.clone(),
            seed,
            rounds,
            rounds_followed: followed,
            resolved_sha256: hex(&Sha256::digest(s.resolved.to_string().as_bytes())),
            sources: sources.collect(),
            resolved: s.resolved.clone(),
            files,
        }
    }
}

/// The files that the manifest in a folder names, if it holds one of ours.
#[must_use]
pub fn earlier_files(folder: &Path) -> Option<Vec<String>> {
    let text = fs::read(folder.join(FILE)).ok()?;
    let manifest: serde_json::Value = serde_json::from_slice(&text).ok()?;
    if manifest.get("program")?.as_str()? != PROGRAM {
        return None;
    }
    let files = manifest.get("files")?.as_array()?;
    Some(
        files
            .iter()
            .filter_map(|f| f.get("file").and_then(|n| n.as_str()).map(str::to_owned))
            .collect(),
    )
}
