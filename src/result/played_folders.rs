//! Folders of runs, or of shards of one, as they describe themselves: read, held against each other,
//! and understood.
//!
//! Nothing in such a folder is believed before it is checked: it may come from anybody.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::folder::FolderError;
use super::manifest::{self, Unread, hash_bytes, hash_resolved};
use crate::ensemble::timeline;
use crate::plan::Plan;
use crate::result::{CHECKPOINT, Header, STATE, Shard, State, StateError};
use crate::scenario::Scenario;
use crate::scenario::fault::{Faults, SETTING};

/// A run, or a shard of one, as its folder describes it; its counts are read again when they are added up.
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
    /// Names and texts of what the scenario was read from.
    texts: Arc<Vec<(String, String)>>,
}

/// Why a folder cannot be gone on from: no finished run or shard, or a damaged one.
#[derive(Debug)]
pub struct Unfit {
    /// What is wrong, with the folder.
    pub text: String,
    /// Whether it could not be read at all.
    pub unreadable: bool,
}

/// Why the scenario cannot be had from a folder.
#[derive(Debug)]
pub enum Misunderstood {
    /// Its texts are not those that it was played from.
    Folder(FolderError),
    /// Its text is not a valid scenario.
    Faults(Faults),
}

/// Largest number of commands listed.
const COMMANDS: usize = 100;

impl PlayedFolder {
    /// Reads what a folder says about itself, and its state, whose counts are not kept.
    ///
    /// # Errors
    /// When it holds no finished run or shard, or one that is damaged.
    pub fn read(folder: &Path) -> Result<Self, Unfit> {
        let unfit = |unreadable: bool, what: String| Unfit {
            text: format!("{}: {what}", folder.display()),
            unreadable,
        };
        let wrong = |what: &str| unfit(false, what.to_owned());
        if let Err(e) = fs::read_dir(folder) {
            return Err(unfit(true, format!("cannot be read: {e}")));
        }
        let manifest = manifest::read(folder).map_err(|e| match e {
            Unread::TooLarge => wrong(&format!("{} {e}", manifest::FILE)),
            _ => match State::read(&folder.join(CHECKPOINT)) {
                Ok(state) => wrong(&format!(
                    "is not finished: {} of {} rounds are done; its command with --resume \
                     continues",
                    state.header.next - state.header.first,
                    state.header.range().end - state.header.first,
                )),
                Err(_) => wrong("does not contain a result of kzsim"),
            },
        })?;
        let Some(entry) = manifest.get("state") else {
            return Err(wrong(
                "contains a result that is not a run, or is from an older kzsim",
            ));
        };
        let (state, hash) = state_of(folder).map_err(|e| unfit(true, format!("{STATE} {e}")))?;
        if entry.get("sha256").and_then(Value::as_str) != Some(&hash) {
            let what = format!("{STATE} does not match manifest.json");
            return Err(unfit(true, what));
        }
        if !state.header.finished {
            return Err(wrong("is not finished"));
        }
        let text = |source: &Value| {
            let of = |key: &str| source.get(key)?.as_str().map(str::to_owned);
            Some((of("name")?, of("content")?))
        };
        let texts = manifest
            .get("sources")
            .and_then(Value::as_array)
            .and_then(|all| all.iter().map(text).collect::<Option<Vec<_>>>())
            .filter(|all| !all.is_empty())
            .ok_or_else(|| wrong("manifest.json does not contain the text of the scenario"))?;
        Ok(Self {
            folder: folder.to_path_buf(),
            header: state.header,
            resolved: Arc::new(state.resolved),
            hash,
            texts: Arc::new(texts),
        })
    }

    /// Keeps what is the same in another shard once: thousands of them have one scenario.
    fn share(&mut self, with: &Self) {
        if self.resolved == with.resolved {
            self.resolved = Arc::clone(&with.resolved);
        }
        if self.texts == with.texts {
            self.texts = Arc::clone(&with.texts);
        }
    }

    /// The scenario, from the texts in its manifest.
    ///
    /// # Errors
    /// When the texts are not those that it was played from, or no good scenario.
    pub fn understand(&self) -> Result<(Scenario, Plan), Misunderstood> {
        let is_file = |t: &&(String, String)| !t.0.starts_with(SETTING);
        let files: Vec<(String, String)> = self.texts.iter().take_while(is_file).cloned().collect();
        let settings: Vec<String> = self.texts[files.len()..]
            .iter()
            .map(|(_, text)| text.clone())
            .collect();
        let scenario = Scenario::read_again(&self.header.scenario, &files, &settings)
            .map_err(Misunderstood::Faults)?;
        let wrong = |file: &str, what: &str| {
            Misunderstood::Folder(FolderError::new(&self.folder.join(file), what))
        };
        if hash_resolved(&scenario) != self.header.resolved_sha256 {
            let what = "the text of the scenario is not the one that was run";
            return Err(wrong(manifest::FILE, what));
        }
        match Plan::new(&scenario) {
            Ok(mut plan) => {
                plan.followed = timeline::chosen(&self.header.followed, &scenario, &plan.layout)
                    .map_err(|what| wrong(STATE, &what.join("; ")))?;
                Ok((scenario, plan))
            }
            Err(faults) => Err(Misunderstood::Faults(Faults::new(scenario.sources, faults))),
        }
    }

    /// Its counts.
    ///
    /// # Errors
    /// When they were modified since the folder was read, or do not fit the scenario.
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

    /// The command that plays another shard of the same run: it takes the scenario from the texts in
    /// this one, so it works wherever it is said.
    fn command(&self, shard: Shard) -> String {
        let path = |path: &Path| quoted(&path.display().to_string());
        let beside = self.folder.parent().unwrap_or(Path::new(""));
        format!(
            "kzsim run --like {} --shard {shard} --out {}",
            path(&self.folder),
            path(&beside.join(shard.folder()))
        )
    }
}

/// Reads folders: the shards in the order of their index, and what is wrong with the others.
#[must_use]
pub fn read_all(folders: &[PathBuf]) -> (Vec<PlayedFolder>, Vec<Unfit>) {
    let (mut found, mut unfit): (Vec<PlayedFolder>, Vec<Unfit>) = (Vec::new(), Vec::new());
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

/// A word as a shell takes it; a path never holds a zero byte, the one thing that none takes.
fn quoted(word: &str) -> String {
    shlex::try_quote(word).map_or_else(|_| "''".to_owned(), std::borrow::Cow::into_owned)
}

/// What differs between the shards or appears twice; empty if they belong together. They must be
/// in the order of their index.
#[must_use]
pub fn disagreements(found: &[PlayedFolder]) -> Vec<String> {
    let Some((first, rest)) = found.split_first() else {
        return Vec::new();
    };
    let mut out = Vec::new();
    if first.header.version != env!("CARGO_PKG_VERSION") {
        out.push(format!(
            "{}: version of kzsim: {} there, {} here",
            first.folder.display(),
            first.header.version,
            env!("CARGO_PKG_VERSION")
        ));
    }
    out.extend(rest.iter().filter_map(|other| {
        let differ = differences(other, first);
        (!differ.is_empty()).then(|| {
            format!(
                "{} (there) does not agree with {} (here):\n  {}",
                other.folder.display(),
                first.folder.display(),
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
                pair[0].folder.display(),
                pair[1].folder.display()
            ));
        }
    }
    out
}

/// Why two folders are not of one run.
fn differences(there: &PlayedFolder, here: &PlayedFolder) -> Vec<String> {
    // Each is a shard of its own; everything else is the same.
    let wanted = Header {
        shard: there.header.shard,
        ..here.header.clone()
    };
    let resolved = (&*there.resolved, &*here.resolved);
    let mut out = there.header.differences(&wanted, resolved);
    if there.header.rounds != here.header.rounds {
        out.push(format!(
            "rounds of the run: {} there, {} here",
            there.header.rounds, here.header.rounds
        ));
    }
    let count = |f: &PlayedFolder| {
        f.header
            .shard
            .map_or("none".to_owned(), |s| s.count.to_string())
    };
    if count(there) != count(here) {
        out.push(format!(
            "shards of the run: {} there, {} here",
            count(there),
            count(here)
        ));
    }
    if out.is_empty() && there.texts != here.texts {
        out.push("the texts that the scenario was read from".to_owned());
    }
    out
}

/// Which shards are missing, with the commands that play them; nothing if none are. `found` are in
/// the order of their index; `others` says that more folders were named, which cannot be used.
#[must_use]
pub fn missing(found: &[PlayedFolder], others: bool) -> Option<String> {
    let first = found.first()?;
    let Shard { count, .. } = first.header.shard?;
    let mut there = found.iter().filter_map(|f| f.header.shard).peekable();
    let mut commands = Vec::new();
    let mut lost = 0_usize;
    for index in 0..count {
        if there.next_if(|s| s.index == index).is_some() {
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
