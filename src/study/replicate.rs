//! Published seeds, played again: exact counts that hold on any machine.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::control::Control;
use super::error::StudyError;
use super::open::Source;
use crate::ensemble::Workers;
use crate::files;
use crate::result::folder::FolderError;
use crate::scenario::model::limits;
use crate::scenario::visible::{on_one_line, visible_path};
use crate::scenario::{Reach, Unreadable, read_text};

/// The first line of a seed file that was written by [`SeedFile::update`].
const HEADER: &str = "# Exact counts: `kzsim replicate` plays them again. Do not edit by hand.\n";

type Counts = BTreeMap<String, u64>;

/// A seed file: a scenario, a seed, a number of rounds, and the exact counts that they give.
#[derive(Debug)]
pub struct SeedFile {
    path: PathBuf,
    content: Content,
}

/// What a seed file holds.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    /// The scenario, relative to the seed file.
    scenario: String,
    /// Values to override.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    set: Vec<String>,
    seed: u64,
    rounds: u64,
    #[serde(default)]
    outcomes: Counts,
    #[serde(default)]
    flags: Counts,
    #[serde(default)]
    actions: Counts,
}

/// A count that is not the published one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replication {
    /// `outcome`, `flag` or `action`.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// The published count.
    pub published: Option<u64>,
    /// The count now.
    pub played: Option<u64>,
}

impl Display for Replication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |n: Option<u64>| n.map_or("none".to_owned(), |n| n.to_string());
        write!(
            f,
            "{} {}: published {}, played {}",
            self.kind,
            on_one_line(&self.id),
            shown(self.published),
            shown(self.played)
        )
    }
}

impl SeedFile {
    /// Reads a seed file.
    ///
    /// # Errors
    /// When it cannot be read or is not a seed file.
    pub fn read(path: &Path) -> Result<Self, StudyError> {
        let text = read_text(path).map_err(|what| Unreadable {
            path: path.to_string_lossy().into_owned(),
            what,
        })?;
        let wrong = |what: &dyn Display| {
            let text = format!("{}: {what}", visible_path(path));
            StudyError::Invalid(text.trim_end().to_owned())
        };
        let content: Content = toml::from_str(&text).map_err(|e| wrong(&e))?;
        if !(1..=limits::ROUNDS).contains(&content.rounds) {
            let (rounds, most) = (content.rounds, limits::ROUNDS);
            return Err(wrong(&format!("rounds = {rounds}: expected 1 to {most}")));
        }
        if content.seed > limits::SEED {
            let (seed, most) = (content.seed, limits::SEED);
            return Err(wrong(&format!("seed = {seed}: expected 0 to {most}")));
        }
        Ok(Self {
            path: path.to_path_buf(),
            content,
        })
    }

    /// The number of rounds.
    #[must_use]
    pub fn rounds(&self) -> u64 {
        self.content.rounds
    }

    /// The seed.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.content.seed
    }

    /// Plays the rounds again; returns the counts that differ from the published ones.
    ///
    /// # Errors
    /// When the scenario is out of reach, cannot be read or has faults, or it is stopped.
    pub fn replicate(
        &self,
        reach: Reach,
        control: &Control,
    ) -> Result<Vec<Replication>, StudyError> {
        let published = &self.content;
        let now = self.play(reach, control)?;
        let pairs = [
            ("outcome", &published.outcomes, &now.0),
            ("flag", &published.flags, &now.1),
            ("action", &published.actions, &now.2),
        ];
        let mut out = Vec::new();
        for (kind, published, played) in pairs {
            let ids: BTreeSet<&String> = published.keys().chain(played.keys()).collect();
            out.extend(ids.into_iter().map(|id| Replication {
                kind,
                id: id.clone(),
                published: published.get(id).copied(),
                played: played.get(id).copied(),
            }));
        }
        out.retain(|c| c.published != c.played);
        Ok(out)
    }

    /// Plays the rounds and writes the counts of this version into the file.
    ///
    /// # Errors
    /// When the scenario is out of reach, cannot be read or has faults, the file cannot be written, or
    /// it is stopped.
    pub fn update(&mut self, reach: Reach, control: &Control) -> Result<(), StudyError> {
        let (outcomes, flags, actions) = self.play(reach, control)?;
        self.content.outcomes = outcomes;
        self.content.flags = flags;
        self.content.actions = actions;
        let text = toml::to_string_pretty(&self.content)
            .map_err(|e| StudyError::Internal(e.to_string()))?;
        // The file that was read, where the user names a link to it.
        let written = fs::canonicalize(&self.path)
            .and_then(|path| files::write_whole(&path, format!("{HEADER}{text}").as_bytes()));
        written.map_err(|e| FolderError::unwritten(&self.path, &e).into())
    }

    fn play(
        &self,
        reach: Reach,
        control: &Control,
    ) -> Result<(Counts, Counts, Counts), StudyError> {
        let content = &self.content;
        // A scenario that cannot be understood is shown line by line: a stranger's seed file must not
        // lead to what its author could not read.
        if let Some(why) = reach.refuses(&self.path, &content.scenario) {
            return Err(StudyError::Invalid(format!(
                "{}: `scenario` {why}: {}; expected a relative path to a scenario below the folder above \
                 this file's own, or below the working directory; --extends-anywhere allows any file",
                visible_path(&self.path),
                on_one_line(&content.scenario)
            )));
        }
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let study = Source {
            path: folder.join(&content.scenario),
            settings: content.set.clone(),
            reach,
            ..Source::default()
        }
        .open()?;
        let seeded = (content.seed, Workers::chosen(0)?);
        let tally = study.count(seeded, content.rounds, control, None)?;
        let s = &study.scenario;
        let outcomes = s.outcomes.iter().enumerate();
        let flags = s.flags.iter().zip(&tally.flags);
        let actions = s.actions.iter().enumerate();
        Ok((
            outcomes
                .map(|(i, o)| (o.id.clone(), tally.outcome_count(i)))
                .collect(),
            flags.map(|(f, n)| (f.id.clone(), *n)).collect(),
            actions
                .map(|(i, a)| (a.id.clone(), tally.action_count(i)))
                .collect(),
        ))
    }
}
