//! Files to one tree: a base, the overlays that extend it, and `--set`, leaf by leaf.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::expression::Inside;
use super::fault::{Fault, Place, SETTING, Sources};
use super::foreign;
use super::grammar::{Key, Leaf, Overrides, Shape};
use super::limits;
use super::meant::Want;
use super::missing::{beside, is_toml, meant_instead};
use super::model::SCENARIO;
use super::names::Template;
use super::templates;
use super::tree::{self, Entry, Node, Value};
use super::visible::{on_one_line, visible_path};
use crate::files;

/// A file that could not be opened or is not text: exit code 3.
#[derive(Debug, thiserror::Error)]
#[error("{}: {what}", on_one_line(path))]
pub struct Unreadable {
    /// The file.
    pub path: String,
    /// What is wrong.
    pub what: String,
}

/// Which files `extends` may lead to. A scenario that somebody sent must not read what its author
/// could not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reach {
    /// Files below the folder above the scenario's own, or, for a scenario below the working
    /// directory, below that; named by relative paths, and not by way of a symbolic link that leads
    /// elsewhere.
    #[default]
    Near,
    /// Any file.
    Anywhere,
}

impl Reach {
    /// What is wrong with a file that another one leads to, if anything is.
    pub(crate) fn refuses(self, from: &Path, named: &str) -> Option<&'static str> {
        let path = from.parent().unwrap_or(Path::new("")).join(named);
        let real = real(&path);
        let chain = Chain {
            read: Vec::new(),
            roots: roots(from, self),
        };
        chain.refuses(named, &real)
    }
}

/// The path of a file without links. Of one that is missing, that of the nearest folder that is there, with the rest: it
/// is not out of reach because it is not there.
fn real(path: &Path) -> PathBuf {
    let from = |ancestor: &Path| {
        let is_here = ancestor.as_os_str().is_empty();
        let there = if is_here { Path::new(".") } else { ancestor };
        let mut real = there.canonicalize().ok()?;
        for part in path.strip_prefix(ancestor).ok()?.components() {
            match part {
                Component::ParentDir => _ = real.pop(),
                part => real.push(part),
            }
        }
        Some(real)
    };
    let found = path.ancestors().find_map(from);
    found.unwrap_or_else(|| path.to_path_buf())
}

/// The folders below which the files lie that a scenario may extend; `None`: all.
fn roots(path: &Path, reach: Reach) -> Option<Vec<PathBuf>> {
    if reach == Reach::Anywhere {
        return None;
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    let own = folder.unwrap_or(Path::new(".")).canonicalize().ok();
    let own = own.unwrap_or_else(|| folder.unwrap_or(Path::new(".")).to_path_buf());
    let mut out = vec![own.parent().unwrap_or(&own).to_path_buf()];
    if let Ok(here) = std::env::current_dir().and_then(|d| d.canonicalize())
        && own.starts_with(&here)
    {
        out.push(here);
    }
    Some(out)
}

/// The files read so far, and those that may be.
struct Chain {
    read: Vec<PathBuf>,
    roots: Option<Vec<PathBuf>>,
}

impl Chain {
    /// What is wrong with leading to a file, if anything is.
    fn refuses(&self, named: &str, real: &Path) -> Option<&'static str> {
        let roots = self.roots.as_ref()?;
        if Path::new(named).is_absolute() {
            return Some("is an absolute path");
        }
        let inside = roots.iter().any(|root| real.starts_with(root));
        (!inside).then_some("leads outside the folders that this file may read")
    }
}

/// A scenario as one tree.
pub(super) struct Loaded {
    pub(super) root: Node,
    /// Whether all of its text could be read.
    pub(super) complete: bool,
    /// What its templates became.
    pub(super) templates: Vec<Template>,
}

/// Reads a scenario file with all that it extends. Also returns whether all of it could be read. With a text, that
/// is read in place of what the file holds.
pub(super) fn load(
    path: &Path,
    text: Option<String>,
    reach: Reach,
    sources: &mut Sources,
    faults: &mut Vec<Fault>,
) -> Result<(Node, bool), Unreadable> {
    let mut chain = Chain {
        read: Vec::new(),
        roots: roots(path, reach),
    };
    load_chain(path, text, None, &mut chain, sources, faults)
}

/// The same from texts that were read before, in reading order: a file, what it extends, and so on,
/// then the settings.
pub(super) fn load_again(
    files: &[(String, String)],
    settings: &[String],
    sources: &mut Sources,
    faults: &mut Vec<Fault>,
) -> Loaded {
    let mut complete = true;
    let mut layers = Vec::new();
    for (name, text) in files {
        let file = sources.add(name.clone(), Some(Path::new(name)), text.clone());
        let (node, all) = tree::parse(text, file, faults);
        check_schema(&node, file, !all, faults);
        complete &= all;
        layers.push(node);
    }
    let base = layers.pop().unwrap_or_else(empty);
    let node = layers
        .into_iter()
        .rev()
        .fold(base, |base, over| overlay(base, over, &SCENARIO));
    apply(node, settings, complete, sources, faults)
}

/// Writes out the templates of a scenario and overlays it with settings.
pub(super) fn apply(
    mut node: Node,
    settings: &[String],
    complete: bool,
    sources: &mut Sources,
    faults: &mut Vec<Fault>,
) -> Loaded {
    let templates = templates::write_out(&mut node, overlay, faults);
    for setting in settings {
        match set(&node, &templates, setting, complete, sources) {
            Ok(over) => node = overlay(node, over, &SCENARIO),
            Err(fault) => faults.push(fault),
        }
    }
    Loaded {
        root: node,
        complete,
        templates,
    }
}

/// The text of a file, or why it cannot be read.
pub(crate) fn read_text(path: &Path) -> Result<String, String> {
    read_text_to(path, limits::FILE)
}

/// The same of a file of at most so many bytes.
pub(crate) fn read_text_to(path: &Path, most: u64) -> Result<String, String> {
    if path.is_dir() {
        return Err("is a folder, not a file".to_owned());
    }
    decoded(files::read_input(path, most), most)
}

/// The text of standard input.
#[cfg(feature = "cli")]
pub(crate) fn read_stdin() -> Result<String, Unreadable> {
    decoded(files::read_stdin(limits::FILE), limits::FILE).map_err(|what| Unreadable {
        path: STDIN.to_owned(),
        what,
    })
}

/// What a text from standard input is called.
#[cfg(feature = "cli")]
pub(crate) const STDIN: &str = "stdin";

/// The text of bytes that were read, if there are no more than `most`.
fn decoded(bytes: std::io::Result<Option<Vec<u8>>>, most: u64) -> Result<String, String> {
    let bytes = bytes.map_err(|e| describe(&e))?;
    let bytes = bytes.ok_or_else(|| format!("exceeds the limit of {} MiB", most >> 20))?;
    if foreign::is_utf16(&bytes) {
        return Err(foreign::bytes(&bytes, 0));
    }
    String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        foreign::bytes(e.as_bytes(), at)
    })
}

fn describe(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::InvalidInput => error.to_string(),
        _ => format!("cannot be read: {error}"),
    }
}

fn load_chain(
    path: &Path,
    text: Option<String>,
    from: Option<&Place>,
    chain: &mut Chain,
    sources: &mut Sources,
    faults: &mut Vec<Fault>,
) -> Result<(Node, bool), Unreadable> {
    let shown = path.to_string_lossy().into_owned();
    let text = match (text.map_or_else(|| read_text(path), Ok), from) {
        (Ok(text), _) => text,
        (Err(what), None) => {
            let what = what + &meant_instead(path);
            return Err(Unreadable { path: shown, what });
        }
        (Err(what), Some(place)) => {
            let fault = Fault::at(
                place,
                format!("`extends` cannot be read: {shown}: {what}"),
                "a scenario file, relative to this file's folder",
            );
            faults.push(if shown.contains('\\') {
                fault.help(Some(format!(
                    "write / for \\: {}",
                    shown.replace('\\', "/")
                )))
            } else {
                let near = beside(path, is_toml);
                fault.help(near.map(|near| format!("did you mean `{near}`?")))
            });
            return Ok((empty(), false));
        }
    };
    let file = sources.add(shown, Some(path), text.clone());
    if text.trim().is_empty() {
        let place = Place { file, span: 0..0 };
        faults.push(Fault::at(
            &place,
            "the file is empty",
            "a scenario that begins with `schema = 1`",
        ));
        return Ok((empty(), false));
    }
    if let Some(fault) = foreign::text(&text, file) {
        faults.push(fault);
        return Ok((empty(), false));
    }
    let before = faults.len();
    let (node, complete) = tree::parse(&text, file, faults);
    if let (None, Some(fault)) = (from, foreign::other_kind(&node, file, true)) {
        faults.truncate(before);
        faults.push(fault);
        return Ok((empty(), false));
    }
    check_schema(&node, file, !complete, faults);
    chain
        .read
        .push(path.canonicalize().unwrap_or_else(|_| path.to_path_buf()));
    let Some(extends) = node.get("extends") else {
        return Ok((node, complete));
    };
    let Value::Text(base, _) = &extends.value else {
        let found = format!("`extends` is {}", extends.shown());
        let fault = Fault::at(
            &extends.place,
            found,
            "the path of a scenario file, in quotes",
        );
        faults.push(fault.help(extends.help(Want::Text)));
        return Ok((node, false));
    };
    let base_path = path.parent().unwrap_or(Path::new("")).join(base);
    let canonical = real(&base_path);
    let wrong = if let Some(why) = chain.refuses(base, &canonical) {
        let allowed = "a relative path to a file below the folder above this scenario's own, or \
                       below the working directory; --extends-anywhere allows any file";
        Some((
            format!("`extends` {why}: {base}"),
            allowed,
            start_from(path, &canonical),
        ))
    } else if chain.read.contains(&canonical) {
        let found = format!(
            "`extends` is circular: {} extends this file",
            visible_path(&base_path)
        );
        Some((found, "a file that does not extend this one", None))
    } else if chain.read.len() >= limits::CHAIN {
        let found = format!("`extends` chains more than {} files", limits::CHAIN);
        Some((found, "a shorter chain", None))
    } else {
        None
    };
    if let Some((found, allowed, help)) = wrong {
        faults.push(Fault::at(&extends.place, found, allowed).help(help));
        return Ok((node, false));
    }
    let place = extends.place.clone();
    let (base, base_complete) = load_chain(&base_path, None, Some(&place), chain, sources, faults)?;
    Ok((overlay(base, node, &SCENARIO), complete && base_complete))
}

/// Where to start kzsim so that a file may extend another.
fn start_from(path: &Path, base: &Path) -> Option<String> {
    let path = path.canonicalize().ok()?;
    let both = path.ancestors().find(|a| base.starts_with(a))?;
    both.parent()?;
    Some(format!(
        "start kzsim in {}, which holds both files, or add --extends-anywhere",
        visible_path(both)
    ))
}

fn empty() -> Node {
    Node {
        value: Value::Table(Vec::new()),
        place: Place::default(),
    }
}

/// `schema = 1` comes first, so that later versions of the language can be recognised.
pub(super) fn check_schema(node: &Node, file: usize, broken: bool, faults: &mut Vec<Fault>) {
    let allowed = "schema = 1, the first line of the file";
    match node.get("schema") {
        Some(Node {
            value: Value::Integer(1),
            ..
        }) => {
            if let Value::Table(entries) = &node.value
                && let Some(first) = entries.iter().min_by_key(|e| e.key_place.span.start)
                && first.key != "schema"
            {
                faults.push(Fault::at(
                    &first.key_place,
                    format!("`{}` comes before `schema`", first.key),
                    allowed,
                ));
            }
        }
        Some(other) => {
            faults.push(Fault::at(
                &other.place,
                format!("unsupported schema: {}", other.shown()),
                allowed,
            ));
        }
        None if broken => {}
        None => {
            let place = Place { file, span: 0..0 };
            let help = Some("begin the file with the line schema = 1".to_owned());
            faults.push(Fault::at(&place, "missing `schema`", allowed).help(help));
        }
    }
}

/// Overlays `base` with `over`: tables key by key, leaves as a whole.
fn overlay(base: Node, over: Node, shape: &Shape) -> Node {
    let (mut entries, news) = match (base.value, over.value) {
        (Value::Table(entries), Value::Table(news)) if !matches!(shape, Shape::Leaf(_)) => {
            (entries, news)
        }
        (_, value) => {
            return Node {
                value,
                place: over.place,
            };
        }
    };
    // A rival in the same file stays: two ways of happening in one place are a fault.
    let rivals: Vec<&str> = news
        .iter()
        .flat_map(|n| shape.rivals(&n.key))
        .filter(|rival| !news.iter().any(|n| n.key == *rival))
        .collect();
    entries.retain(|e| !rivals.contains(&e.key.as_str()));
    let index: BTreeMap<String, usize> = entries
        .iter()
        .enumerate()
        .map(|(i, e)| (e.key.clone(), i))
        .collect();
    for new in news {
        match index.get(&new.key) {
            Some(i) => {
                let below = shape.below(&new.key).unwrap_or(&Shape::Leaf(Leaf::Words));
                let old = &mut entries[*i];
                let node = std::mem::replace(&mut old.node, empty());
                old.node = overlay(node, new.node, below);
                old.key_place = new.key_place;
            }
            None => entries.push(new),
        }
    }
    Node {
        value: Value::Table(entries),
        place: base.place,
    }
}

/// The form of a setting.
const FORM: &str = "--set PATH=VALUE, as in --set actors.knb.loyalty.tokayev=0.6";
/// The most keys in a path: more than the language is deep.
const DEEPEST_PATH: usize = 8;

/// The overlay that one `--set PATH=VALUE` makes.
fn set(
    node: &Node,
    templates: &[Template],
    setting: &str,
    complete: bool,
    sources: &mut Sources,
) -> Result<Node, Fault> {
    let equals = setting.find('=');
    let shown: String = setting[..equals.unwrap_or(setting.len())]
        .trim()
        .chars()
        .take(80)
        .collect();
    let file = sources.add(format!("{SETTING}{shown}"), None, setting.to_owned());
    let place = |span| Place { file, span };
    let Some(equals) = equals else {
        let place = place(0..setting.len());
        let help = setting
            .trim()
            .split_once([':', ' '])
            .map(|(path, value)| format!("write {}={}", path.trim(), value.trim()));
        return Err(Fault::at(&place, "a setting without `=`", FORM).help(help));
    };
    let mut keys: Vec<(&str, Place)> = Vec::new();
    let mut at = 0;
    for part in setting[..equals].split('.') {
        let start = at + part.len() - part.trim_start().len();
        keys.push((part.trim(), place(start..start + part.trim().len())));
        at += part.len() + 1;
    }
    if keys.len() > DEEPEST_PATH || keys.iter().any(|(k, _)| k.is_empty()) {
        let found = match keys.len() {
            0..=DEEPEST_PATH => "a path with an empty part".to_owned(),
            n => format!("a path of {n} parts"),
        };
        return Err(Fault::at(&place(0..equals), found, FORM));
    }
    if setting[equals + 1..].starts_with('=') {
        let help = Some(format!("write {shown}={}", setting[equals + 2..].trim()));
        let fault = Fault::at(&place(equals..equals + 2), "`==` in a setting", FORM);
        return Err(fault.help(help));
    }
    let names: Vec<&str> = keys.iter().map(|k| k.0).collect();
    if let Some(Key {
        overrides: Overrides::Neither(why),
        name,
        ..
    }) = SCENARIO.key(&names)
    {
        let found = format!("`{name}` cannot be set");
        return Err(Fault::at(
            &keys[0].1,
            found,
            format!("no such setting: {why}"),
        ));
    }
    if let Some(help) = in_section(node, &names).filter(|_| complete) {
        let found = format!("unknown key `{}`", names[0]);
        let fault = Fault::at(&keys[0].1, found, "a path that begins with its section");
        return Err(fault.help(Some(help)));
    }
    // What is not a TOML value is taken as text, so that expressions need no second quotes.
    let value = tree::parse_value(setting, equals + 1, file).unwrap_or_else(|| {
        let right = &setting[equals + 1..];
        let start = setting.len() - right.trim_start().len();
        let text = right.trim();
        Node {
            value: Value::Text(text.to_owned(), Inside::from(0)),
            place: place(start..start + text.len()),
        }
    });
    let over = keys
        .into_iter()
        .rev()
        .fold(value, |node, (key, key_place)| {
            let place = node.place.clone();
            let key = key.to_owned();
            Node {
                value: Value::Table(vec![Entry {
                    key,
                    key_place,
                    node,
                }]),
                place,
            }
        });
    if complete {
        declared(node, templates, &over)?;
    }
    Ok(over)
}

/// The path from its section on that was meant by one that begins with the id of an entry.
fn in_section(root: &Node, names: &[&str]) -> Option<String> {
    let (Some((first, _)), Shape::Table(keys)) = (names.split_first(), &SCENARIO) else {
        return None;
    };
    if SCENARIO.below(first).is_some() {
        return None;
    }
    let holds = |key: &&Key| {
        let path = [&[key.name][..], names].concat();
        let entry = root.get(key.name).and_then(|section| section.get(first));
        matches!(key.shape, Shape::Map(_)) && entry.is_some() && SCENARIO.key(&path).is_some()
    };
    let section = keys.iter().find(holds)?.name;
    Some(format!("did you mean `{section}.{}`?", names.join(".")))
}

/// A setting changes existing entries, also in a section that it gives as a table: a misspelt id must
/// not add a new one, and every setting of a scenario has the same outcomes.
fn declared(root: &Node, templates: &[Template], over: &Node) -> Result<(), Fault> {
    let Value::Table(sections) = &over.value else {
        return Ok(());
    };
    for section in sections {
        let Some(Shape::Map(_)) = SCENARIO.below(&section.key) else {
            continue;
        };
        let ids: Vec<&str> = match root.get(&section.key).map(|n| &n.value) {
            Some(Value::Table(entries)) => entries.iter().map(|e| e.key.as_str()).collect(),
            _ => Vec::new(),
        };
        let Value::Table(entries) = &section.node.value else {
            continue;
        };
        if let Some(e) = entries.iter().find(|e| !ids.contains(&e.key.as_str())) {
            let found = format!("there is no `{}` in [{}]", e.key, section.key);
            let allowed = "an existing entry: --set cannot add one";
            let template = templates
                .iter()
                .find(|t| section.key == "actions" && t.id == e.key);
            let fault = Fault::at(&e.key_place, found, allowed);
            return Err(match template {
                Some(template) => {
                    let of = template.listed();
                    fault.help(Some(format!(
                        "it is a template: set one of its actions, {of}"
                    )))
                }
                None => fault.near(&e.key, ids),
            });
        }
    }
    Ok(())
}
