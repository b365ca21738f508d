//! The scenario: the file as written, what it extends, what is set on top, and every fault of it.
//!
//! Data flows from [`Scenario::read`] to `plan`, which gives names their meaning.

pub mod catalogue;
mod circles;
pub mod correlations;
mod declare;
pub mod difference;
pub mod dynamics;
pub mod effect;
mod events;
pub mod evidence;
mod evidence_csv;
pub mod expression;
pub mod fault;
mod figure;
pub mod flat;
mod foreign;
pub mod grammar;
mod ids;
mod letters;
pub mod limits;
mod load;
pub(crate) mod meant;
pub(crate) mod misread;
mod missing;
pub mod model;
mod moment;
pub mod names;
mod notes;
mod number;
pub mod paths;
pub mod quantity;
mod read;
mod repair;
pub mod reports;
pub mod schema;
pub mod sheet;
pub(crate) mod shell;
pub(crate) mod span;
pub mod state;
mod templates;
mod tree;
mod variant;
pub(crate) mod visible;
pub(crate) mod words;

use std::path::Path;

pub use evidence::Evidence;
pub(crate) use load::read_text;
pub use load::{Reach, Unreadable};
#[cfg(feature = "cli")]
pub(crate) use load::{STDIN, read_stdin};
#[cfg(feature = "report")]
pub(crate) use missing::beside;
pub use model::Scenario;
pub(crate) use moment::seconds_from;

use fault::{Fault, Faults, Sources};
use load::Loaded;
use names::{Ids, Template};
use read::{Reader, Table};
use tree::{Node, Value};

impl Scenario {
    /// Reads a scenario file with all that it extends, and applies the settings `PATH=VALUE` to it.
    /// Also returns the faults found so far; a harmless value stands in for each, so that the rest
    /// can be checked too. A scenario with faults must not be played.
    ///
    /// # Errors
    /// [`Unreadable`] if the file cannot be opened or is not text.
    pub fn read(path: &Path, settings: &[String]) -> Result<(Self, Vec<Fault>), Unreadable> {
        Self::read_with(path, settings, Reach::Near)
    }

    /// The same, with a choice of the files that it may extend.
    ///
    /// # Errors
    /// [`Unreadable`] if the file cannot be opened or is not text.
    pub fn read_with(
        path: &Path,
        settings: &[String],
        reach: Reach,
    ) -> Result<(Self, Vec<Fault>), Unreadable> {
        Ok(Unset::read(path, None, reach)?.into_set(settings))
    }

    /// Reads a scenario from a text in memory, which extends nothing.
    ///
    /// # Errors
    /// All faults of the text.
    pub fn parse(name: &str, text: &str) -> Result<Self, Faults> {
        let files = [(format!("{name}.toml"), text.to_owned())];
        Self::read_again(name, &files, &[])
    }

    /// Reads a scenario again from the texts that it was read from, with their names: those of
    /// files, each followed by what it extends, and those of settings.
    ///
    /// # Errors
    /// The faults of the texts.
    pub fn read_again(
        name: &str,
        files: &[(String, String)],
        settings: &[String],
    ) -> Result<Self, Faults> {
        let mut sources = Sources::default();
        let mut faults = Vec::new();
        let loaded = load::load_again(files, settings, &mut sources, &mut faults);
        let scenario = understand(&loaded, name, sources, &mut faults);
        if faults.is_empty() && loaded.complete {
            Ok(scenario)
        } else {
            Err(Faults::new(scenario.sources, faults))
        }
    }
}

/// Scenario files that were read, without settings.
#[derive(Debug)]
pub struct Unset {
    /// The scenario's name.
    name: String,
    /// All files as one tree.
    root: tree::Node,
    /// Whether all of it could be read.
    complete: bool,
    sources: Sources,
    faults: Vec<Fault>,
}

impl Unset {
    /// Reads a file with all that it extends. With a text, that is read in place of what the file holds.
    ///
    /// # Errors
    /// [`Unreadable`] if the file cannot be opened or is not text.
    pub fn read(path: &Path, text: Option<String>, reach: Reach) -> Result<Self, Unreadable> {
        let mut sources = Sources::default();
        let mut faults = Vec::new();
        let (root, complete) = load::load(path, text, reach, &mut sources, &mut faults)?;
        let name = path.file_stem().unwrap_or_default();
        Ok(Self {
            name: name.to_string_lossy().into_owned(),
            root,
            complete,
            sources,
            faults,
        })
    }

    /// Where the key at the end of a path stands, in these files or in those that they extend.
    #[cfg(feature = "cli")]
    pub(crate) fn declared(&self, path: &[&str]) -> Option<fault::Place> {
        let (last, before) = path.split_last()?;
        let table = before
            .iter()
            .try_fold(&self.root, |node, part| node.get(part))?;
        Some(table.entry(last)?.key_place.clone())
    }

    /// The scenario with settings, and its faults.
    #[must_use]
    pub fn with(&self, settings: &[String]) -> (Scenario, Vec<Fault>) {
        let copy = Self {
            name: self.name.clone(),
            root: self.root.clone(),
            complete: self.complete,
            sources: self.sources.clone(),
            faults: self.faults.clone(),
        };
        copy.into_set(settings)
    }

    /// The same, of what is needed no longer.
    pub(crate) fn into_set(mut self, settings: &[String]) -> (Scenario, Vec<Fault>) {
        let loaded = load::apply(
            self.root,
            settings,
            self.complete,
            &mut self.sources,
            &mut self.faults,
        );
        let scenario = understand(&loaded, &self.name, self.sources, &mut self.faults);
        (scenario, self.faults)
    }
}

/// The longest name of a scenario, in characters: no file has a longer one.
const LONGEST_NAME: usize = 255;

/// What is wrong with the name of a scenario, which stands in tables and names folders.
fn check_name(name: &str) -> Option<Fault> {
    if name.chars().count() > LONGEST_NAME {
        return Some(Fault::whole(
            format!(
                "the scenario's name has {} characters",
                name.chars().count()
            ),
            format!("at most {LONGEST_NAME}"),
        ));
    }
    let taken_for = misread::taken_for(name);
    if name.starts_with(|c: char| c.is_alphanumeric())
        && let Some(what) = taken_for
    {
        return Some(Fault::whole(
            format!(
                "invalid file name `{name}`: it names the scenario in every table, and some programs \
                 read it there as {what}"
            ),
            format!("a name that is read as text, for example case_{name}.toml"),
        ));
    }
    let wrong = taken_for.is_some()
        || name.starts_with('.')
        || name
            .chars()
            .any(|c| visible::is_hidden(c) || "/\\".contains(c));
    wrong.then(|| {
        Fault::whole(
            format!("invalid file name `{name}`: it names the scenario in every table"),
            "a name that begins with a letter or a digit, on one line, without slashes",
        )
    })
}

/// The ids of the sections, so that entries may refer to each other in any order. The sections
/// themselves note what is wrong with them.
fn ids(root: &Node, templates: &[Template]) -> Ids {
    let of = |section: &str| -> Vec<String> {
        let key = Scenario::KEYS.iter().find(|k| k.name == section);
        match (root.get(section).map(|n| &n.value), key) {
            (Some(Value::Table(entries)), Some(key)) => {
                let known = entries.iter().take(key.entries.count.1);
                known.map(|e| ids::id_of(&e.key)).collect()
            }
            _ => Vec::new(),
        }
    };
    let (contenders, actors) = (of("contenders"), of("actors"));
    let rallies = match root.get("actions").map(|n| &n.value) {
        Some(Value::Table(entries)) => {
            let known = entries.iter().take(limits::ACTIONS);
            let with = known.filter(|e| e.node.get("rally").is_some());
            with.map(|e| ids::id_of(&e.key)).collect()
        }
        _ => Vec::new(),
    };
    Ids {
        stands_for: contenders
            .iter()
            .map(|c| actors.iter().position(|a| a == c))
            .collect(),
        contenders,
        actors,
        arenas: of("arenas"),
        offices: of("offices"),
        crowds: of("crowds"),
        actions: of("actions"),
        rallies,
        variables: of("variables"),
        templates: templates.to_vec(),
    }
}

fn understand(loaded: &Loaded, name: &str, sources: Sources, faults: &mut Vec<Fault>) -> Scenario {
    faults.extend(check_name(name));
    let root = &loaded.root;
    let names = ids(root, &loaded.templates);
    let mut reader = Reader::new(faults, loaded.complete, names);
    if let Some(Value::Table(entries)) = root.get("actions").map(|n| &n.value) {
        let file = |e: &tree::Entry| (e.key.clone(), e.key_place.file);
        reader.actions = entries.iter().take(limits::ACTIONS).map(file).collect();
    }
    let table = Table {
        node: root,
        path: String::new(),
        id: name,
        place: &root.place,
    };
    let mut scenario: Scenario = declare::Entry::read(&mut reader, &table);
    scenario.sources = sources;
    scenario
}
