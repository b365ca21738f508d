//! Folders of runs, or of shards of one run, by what they say about themselves: read, compared with
//! each other, and rebuilt into scenarios.
//!
//! Nothing in such a folder is trusted before it is checked: it may come from anybody.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::folder::FolderError;
use super::header::Header;
use super::manifest::{self, ManifestError, RebuildError, SourceText, hash_bytes};
use super::shard::Shard;
use super::state::{State, StateError};
use super::{CHECKPOINT, STATE};
use crate::ensemble::timeline;
use crate::plan::Plan;
use crate::scenario::fault::Faults;
use crate::scenario::shell::path_word;
use crate::scenario::visible::{on_one_line, visible_path};
use crate::scenario::{Evidence, Scenario};

/// A run, or a shard of one, as its folder describes it. Its counts are not kept: they are read again
/// when they are needed.
#[derive(Debug)]
pub struct PlayedFolder {
    /// The folder.
    pub folder: PathBuf,
    /// Whose counts its state holds.
    pub header: Header,
    /// The resolved scenario; one for all shards that have the same.
    resolved: Arc<Value>,
    /// SHA-256 of its state.
    hash: String,
    /// The texts that the scenario was read from.
    sources: Arc<Vec<SourceText>>,
    /// The evidence that it was given, with the reports that counted.
    pub evidence: Option<Evidence>,
    /// How it was asked to take that into account.
    pub given_by: Option<String>,
}

/// Why a folder cannot be used: it has no finished run or shard, or a damaged one.
#[derive(Debug)]
pub struct UnusableFolder {
    /// What is wrong, with the folder.
    pub text: String,
    /// Whether it could not be read at all.
    pub unreadable: bool,
}

/// Why the scenario of a folder cannot be rebuilt.
#[derive(Debug)]
pub enum Unbuildable {
    /// Its texts are not those that were played.
    Folder(FolderError),
    /// Its texts are not a valid scenario.
    Faults(Faults),
}

/// The most commands that are listed for missing shards.
const COMMANDS: usize = 100;

impl PlayedFolder {
    /// Reads what a folder says about itself, and checks its state.
    ///
    /// # Errors
    /// When it contains no finished run or shard, or a damaged one.
    pub fn read(folder: &Path) -> Result<Self, UnusableFolder> {
        let unfit = |unreadable: bool, what: String| UnusableFolder {
            text: format!("{}: {what}", visible_path(folder)),
            unreadable,
        };
        let wrong = |what: &str| unfit(false, what.to_owned());
        if let Err(e) = fs::read_dir(folder) {
            return Err(unfit(true, format!("cannot be read: {e}")));
        }
        let manifest = manifest::read(folder).map_err(|e| match e {
            ManifestError::Changed => unfit(true, format!("{} {e}", manifest::FILE)),
            ManifestError::TooLarge | ManifestError::Form { .. } => {
                wrong(&format!("{} {e}", manifest::FILE))
            }
            _ => match State::read(&folder.join(CHECKPOINT)) {
                Ok(state) => wrong(&format!(
                    "is not finished: {} of {} rounds are done; continue its command with --resume",
                    state.header.next - state.header.first,
                    state.header.range().end - state.header.first,
                )),
                Err(_) => wrong("does not contain a result of kzsim"),
            },
        })?;
        let evidence = manifest
            .evidence_again()
            .map_err(|what| wrong(&format!("the evidence in {}: {what}", manifest::FILE)))?;
        let (Some(entry), Some(scenario)) = (manifest.state, manifest.scenario) else {
            return Err(wrong(
                "contains a result that is not a run, or is from an older kzsim",
            ));
        };
        let (state, hash) = state_of(folder).map_err(|e| unfit(true, format!("{STATE} {e}")))?;
        if entry.sha256 != hash {
            let what = format!("{STATE} does not match {}", manifest::FILE);
            return Err(unfit(true, what));
        }
        if !state.header.finished {
            return Err(wrong("is not finished"));
        }
        if scenario.sources.is_empty() {
            let what = format!(
                "{} does not contain the text of the scenario",
                manifest::FILE
            );
            return Err(wrong(&what));
        }
        Ok(Self {
            folder: folder.to_path_buf(),
            header: state.header,
            resolved: Arc::new(state.resolved),
            hash,
            sources: Arc::new(scenario.sources),
            evidence,
            given_by: manifest.options.get(manifest::GIVEN_BY).cloned(),
        })
    }

    /// Shares memory with another shard: thousands of them have the same scenario.
    fn share(&mut self, with: &Self) {
        if self.resolved == with.resolved {
            self.resolved = Arc::clone(&with.resolved);
        }
        if self.sources == with.sources {
            self.sources = Arc::clone(&with.sources);
        }
    }

    /// The scenario and its plan, from the texts in the manifest.
    ///
    /// # Errors
    /// When the texts are not those that were played, or not a valid scenario.
    pub fn rebuild(&self) -> Result<(Scenario, Plan), Unbuildable> {
        let wrong = |file: &str, what: &str| {
            Unbuildable::Folder(FolderError::new(&self.folder.join(file), what))
        };
        let Header {
            scenario: name,
            resolved_sha256: hash,
            ..
        } = &self.header;
        let scenario = manifest::rebuild(name, &self.sources, hash).map_err(|e| match e {
            RebuildError::Invalid(faults) => Unbuildable::Faults(faults),
            RebuildError::Changed => wrong(manifest::FILE, &e.to_string()),
        })?;
        match Plan::new(&scenario) {
            Ok(mut plan) => {
                plan.followed = timeline::chosen(&self.header.followed, &scenario, &plan.layout)
                    .map_err(|what| wrong(STATE, &what.join("; ")))?;
                Ok((scenario, plan))
            }
            Err(faults) => Err(Unbuildable::Faults(Faults::new(scenario.sources, faults))),
        }
    }

    /// Its counts.
    ///
    /// # Errors
    /// When they have changed since the folder was read, or do not fit the scenario.
    pub fn state(&self, scenario: &Scenario, plan: &Plan) -> Result<State, FolderError> {
        let path = self.folder.join(STATE);
        let wrong = |e: &dyn std::fmt::Display| FolderError::new(&path, e.to_string());
        let (state, hash) = state_of(&self.folder).map_err(|e| wrong(&e))?;
        if hash != self.hash {
            return Err(wrong(&"was modified during the merge"));
        }
        state.fit(scenario, plan).map_err(|e| wrong(&e))?;
        Ok(state)
    }

    /// The command that plays another shard of the same run. It takes the scenario from the texts in
    /// this folder, so it works from any directory.
    fn command(&self, shard: Shard) -> String {
        let beside = self.folder.parent().unwrap_or(Path::new(""));
        format!(
            "kzsim run --like {} --shard {shard} --out {}",
            path_word(&self.folder),
            path_word(&beside.join(shard.folder()))
        )
    }
}

/// Reads folders: the shards in the order of their index, and what is wrong with the others.
#[must_use]
pub fn read_all(folders: &[PathBuf]) -> (Vec<PlayedFolder>, Vec<UnusableFolder>) {
    let (mut found, mut unfit): (Vec<PlayedFolder>, _) = (Vec::new(), Vec::new());
    for folder in folders {
        match PlayedFolder::read(folder) {
            Ok(mut shard) => {
                if let Some(first) = found.first() {
                    shard.share(first);
                }
                found.push(shard);
            }
            Err(fault) => unfit.push(fault),
        }
    }
    found.sort_by_key(|f| f.header.shard.map(|s| s.index));
    (found, unfit)
}

/// The state in a folder, and the SHA-256 of its file.
fn state_of(folder: &Path) -> Result<(State, String), StateError> {
    let bytes = State::bytes(&folder.join(STATE))?;
    Ok((State::decode(&bytes)?, hash_bytes(&bytes)))
}

/// What differs between shards, or occurs twice; empty if they belong to one run. They must be in the
/// order of their index.
#[must_use]
pub fn disagreements(found: &[PlayedFolder]) -> Vec<String> {
    let Some((first, rest)) = found.split_first() else {
        return Vec::new();
    };
    let mut out = Vec::new();
    if first.header.version != env!("CARGO_PKG_VERSION") {
        out.push(format!(
            "{}: written by kzsim {}, this is kzsim {}",
            visible_path(&first.folder),
            on_one_line(&first.header.version),
            env!("CARGO_PKG_VERSION")
        ));
    }
    out.extend(rest.iter().filter_map(|other| {
        let differ = differences(other, first);
        (!differ.is_empty()).then(|| {
            format!(
                "{} differs from {}:\n  {}",
                visible_path(&other.folder),
                visible_path(&first.folder),
                differ.join("\n  ")
            )
        })
    }));
    if !out.is_empty() {
        return out;
    }
    for pair in found.windows(2) {
        if pair[0].header.shard == pair[1].header.shard {
            let which = pair[0]
                .header
                .shard
                .map_or("the whole run".to_owned(), |s| format!("shard {s}"));
            out.push(format!(
                "{which} appears twice: {} and {}",
                visible_path(&pair[0].folder),
                visible_path(&pair[1].folder)
            ));
        }
    }
    out
}

/// Why two folders are not of one run.
fn differences(other: &PlayedFolder, first: &PlayedFolder) -> Vec<String> {
    // Each is a shard of its own; everything else is the same.
    let wanted = Header {
        shard: other.header.shard,
        ..first.header.clone()
    };
    let resolved = (&*other.resolved, &*first.resolved);
    let mut out = other.header.differences(&wanted, resolved);
    if other.header.rounds != first.header.rounds {
        out.push(format!(
            "rounds of the run: {} instead of {}",
            other.header.rounds, first.header.rounds
        ));
    }
    let count = |f: &PlayedFolder| {
        f.header
            .shard
            .map_or("none".to_owned(), |s| s.count.to_string())
    };
    if count(other) != count(first) {
        out.push(format!(
            "shards of the run: {} instead of {}",
            count(other),
            count(first)
        ));
    }
    if out.is_empty() && other.sources != first.sources {
        out.push("the texts that the scenario was read from".to_owned());
    }
    out
}

/// Which shards are missing, with the commands that play them; `None` if none are. `found` are in the
/// order of their index; `others` says that further folders were named, which cannot be used.
#[must_use]
pub fn missing(found: &[PlayedFolder], others: bool) -> Option<String> {
    let first = found.first()?;
    let Shard { count, .. } = first.header.shard?;
    let mut present = found.iter().filter_map(|f| f.header.shard).peekable();
    let mut commands = Vec::new();
    let mut lost = 0_usize;
    for index in 0..count {
        if present.next_if(|s| s.index == index).is_some() {
            continue;
        }
        lost += 1;
        if commands.len() < COMMANDS
            && let Ok(shard) = Shard::new(index, count)
        {
            commands.push(first.command(shard));
        }
    }
    if commands.is_empty() {
        return None;
    }
    let more = lost - commands.len();
    if more > 0 {
        commands.push(format!("and {more} more"));
    }
    // A shard that was named and cannot be used is missing too.
    let besides = if others { ", with those above" } else { "" };
    Some(format!(
        "{lost} of {count} shards missing{besides}; run each with\n  {}",
        commands.join("\n  ")
    ))
}
