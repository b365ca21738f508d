//! The scenario: the file as written, what it extends, what is set on top, and every fault of it.
//!
//! Data flows from [`Scenario::read`] to `plan`, which gives names their meaning.

pub mod difference;
pub mod dynamics;
pub mod effect;
mod events;
pub mod evidence;
pub mod expression;
pub mod fault;
pub mod grammar;
pub mod limits;
mod load;
pub mod model;
pub mod quantity;
mod read;
pub mod schema;
pub mod state;
mod tree;
mod world;

use std::path::Path;

pub(crate) use events::seconds_between;
pub use evidence::Evidence;
pub(crate) use load::read_text;
pub use load::{Reach, Unreadable};
pub use model::Scenario;

use fault::{Fault, Faults, Sources};
use grammar::SCENARIO;
use read::Reader;
use state::Ids;
use tree::Node;

/// A scenario that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The file cannot be opened or is no text: exit code 3.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The text has faults: exit code 2.
    #[error("{0}")]
    Faults(Faults),
}

impl Scenario {
    /// Reads a scenario file, what it extends, and lays the `PATH=VALUE` settings over it. Also
    /// returns the faults found so far; a harmless value stands in for each, so that the rest can
    /// be checked too. A scenario with faults must not be played.
    ///
    /// # Errors
    /// [`Unreadable`] when there is no text to read.
    pub fn read(path: &Path, settings: &[String]) -> Result<(Self, Vec<Fault>), Unreadable> {
        Self::read_with(path, settings, Reach::Near)
    }

    /// The same, with a say in which files it may extend.
    ///
    /// # Errors
    /// [`Unreadable`] when there is no text to read.
    pub fn read_with(
        path: &Path,
        settings: &[String],
        reach: Reach,
    ) -> Result<(Self, Vec<Fault>), Unreadable> {
        let mut sources = Sources::default();
        let mut faults = Vec::new();
        let (root, whole) = load::load(path, settings, reach, &mut sources, &mut faults)?;
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        faults.extend(check_name(&name));
        let mut scenario = understand(&root, name, whole, &mut faults);
        scenario.sources = sources;
        Ok((scenario, faults))
    }

    /// Understands a scenario again from the texts that it was read from, by name: those of files,
    /// in reading order, and those of settings.
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
        faults.extend(check_name(name));
        let (root, whole) = load::load_again(files, settings, &mut sources, &mut faults);
        let mut scenario = understand(&root, name.to_owned(), whole, &mut faults);
        if !faults.is_empty() || !whole {
            return Err(Faults::new(sources, faults));
        }
        scenario.sources = sources;
        Ok(scenario)
    }
}

/// What is wrong with the name of a scenario, which tables hold and folders are called.
fn check_name(name: &str) -> Option<Fault> {
    let wrong = name.is_empty()
        || name.starts_with(limits::FORMULAS)
        || name.starts_with('.')
        || name.chars().any(|c| c.is_control() || "/\\".contains(c));
    wrong.then(|| {
        Fault::whole(
            format!("the file name `{name}`: it stands in every table of the results"),
            "a name that begins with a letter or a digit, on one line, without slashes",
        )
    })
}

fn understand(root: &Node, name: String, whole: bool, faults: &mut Vec<Fault>) -> Scenario {
    let mut reader = Reader { faults, whole };
    reader.known_keys(root, &SCENARIO);
    reader.distinct(root);
    let names = |section: &[(&str, &tree::Entry)]| -> Vec<String> {
        section.iter().map(|(id, _)| (*id).to_owned()).collect()
    };
    let clock = reader.clock(root);
    let arenas = reader.arenas(root);
    let actor_entries = reader.ids(root, "actors", limits::ACTORS);
    let contenders = reader.contenders(root, &actor_entries);
    let variables = reader.named(root, "variables");
    // Ids alone, so that entries may refer to each other in any order; their faults are noted by
    // the readers of the sections themselves.
    let mut quiet = Vec::new();
    let mut peek = Reader {
        faults: &mut quiet,
        whole,
    };
    let ids = Ids {
        contenders: contenders.iter().map(|c| c.id.clone()).collect(),
        stands_for: contenders.iter().map(|c| c.actor).collect(),
        arenas: arenas.iter().map(|a| a.id.clone()).collect(),
        actors: names(&actor_entries),
        offices: names(&peek.ids(root, "offices", limits::FEW)),
        crowds: names(&peek.ids(root, "crowds", limits::FEW)),
        variables: variables.iter().map(|v| v.id.clone()).collect(),
        // Nothing at this point names an action.
        actions: Vec::new(),
    };
    let title = root
        .get("title")
        .map_or_else(|| name.clone(), |n| reader.text(n, "title"));
    // The words at the top are for readers of the file alone, but they are words.
    reader.remarks(root);
    let rounds = root
        .get("rounds")
        .map_or(100_000, |n| reader.whole(n, "rounds", 1, limits::ROUNDS));
    let seed = root
        .get("seed")
        .map_or(1, |n| reader.whole(n, "seed", 0, limits::SEED));
    Scenario {
        name,
        title,
        rounds,
        seed,
        contenders,
        parameters: reader.named(root, "parameters"),
        formulas: reader.formulas(root),
        dynamics: reader.dynamics(root),
        actors: reader.actors(root, &actor_entries, &ids),
        offices: reader.offices(root, &ids),
        crowds: reader.crowds(root),
        actions: reader.actions(root, &ids, &clock),
        outcomes: reader.outcomes(root),
        flags: reader.flags(root),
        clock,
        arenas,
        variables,
        whole,
        sources: Sources::default(),
        resolved: root.json(),
    }
}
