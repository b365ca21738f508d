//! Files to one tree: `extends`, then `--set`, laid over leaf by leaf.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::fault::{Fault, Place, Sources};
use super::grammar::{SCENARIO, Shape};
use super::model::limits;
use super::tree::{self, Entry, Node, Value};

/// A scenario that could not be opened at all: exit code 3.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {what}")]
pub struct Unreadable {
    /// The file.
    pub path: String,
    /// What is wrong.
    pub what: String,
}

/// Reads a scenario file with all that it extends, and lays the settings over it.
pub(super) fn load(
    path: &Path,
    settings: &[String],
    sources: &mut Sources,
    faults: &mut Vec<Fault>,
) -> Result<Node, Unreadable> {
    let mut chain = Vec::new();
    let mut node = load_chain(path, None, &mut chain, sources, faults)?;
    for setting in settings {
        set(&mut node, setting, sources, faults);
    }
    Ok(node)
}

/// The text of a file, or why it cannot be read.
fn read_text(path: &Path) -> Result<String, String> {
    let meta = std::fs::metadata(path).map_err(|e| describe(&e))?;
    if meta.is_dir() {
        return Err("is a folder; a scenario is a TOML file".to_owned());
    }
    let too_large = || {
        format!(
            "is larger than {} MiB, the most that is read",
            limits::FILE >> 20
        )
    };
    if meta.len() > limits::FILE {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|f| f.take(limits::FILE + 1).read_to_end(&mut bytes))
        .map_err(|e| describe(&e))?;
    if bytes.len() as u64 > limits::FILE {
        return Err(too_large());
    }
    String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        let line = e.as_bytes()[..at].split(|b| *b == b'\n').count();
        format!(
            "is not UTF-8 text (byte {} on line {line}); save it as UTF-8",
            at + 1
        )
    })
}

fn describe(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "may not be read (permission denied)".to_owned(),
        _ => format!("cannot be read: {error}"),
    }
}

fn load_chain(
    path: &Path,
    from: Option<&Place>,
    chain: &mut Vec<PathBuf>,
    sources: &mut Sources,
    faults: &mut Vec<Fault>,
) -> Result<Node, Unreadable> {
    let shown = path.display().to_string();
    let text = match (read_text(path), from) {
        (Ok(text), _) => text,
        (Err(what), None) => return Err(Unreadable { path: shown, what }),
        (Err(what), Some(place)) => {
            faults.push(
                Fault::at(
                    place,
                    format!(
                        "`extends` names {shown}, which {}",
                        what.replace("there is", "is: there is")
                    ),
                    "a scenario file, relative to this file's folder",
                )
                .near(&file_name(path), siblings(path).iter().map(String::as_str)),
            );
            return Ok(empty());
        }
    };
    let file = sources.add(shown, Some(path), text);
    let text = sources
        .get(file)
        .map(|s| s.text.clone())
        .unwrap_or_default();
    if text.trim().is_empty() {
        let place = Place { file, span: 0..0 };
        faults.push(Fault::at(
            &place,
            "the file is empty",
            "a scenario, beginning `schema = 1`",
        ));
        return Ok(empty());
    }
    let before = faults.len();
    let node = tree::parse(&text, file, faults);
    check_schema(&node, file, faults.len() > before, faults);
    chain.push(path.canonicalize().unwrap_or_else(|_| path.to_path_buf()));
    let Some(extends) = node.get("extends") else {
        return Ok(node);
    };
    let Value::Text(base, _) = &extends.value else {
        faults.push(Fault::at(
            &extends.place,
            format!("`extends` is {}", extends.shown()),
            "the path of a scenario file, in quotes",
        ));
        return Ok(node);
    };
    let base_path = path.parent().unwrap_or(Path::new("")).join(base);
    let canonical = base_path
        .canonicalize()
        .unwrap_or_else(|_| base_path.clone());
    if chain.contains(&canonical) {
        faults.push(Fault::at(
            &extends.place,
            format!("`extends` runs in a circle: {} again", base_path.display()),
            "a file that does not extend this one",
        ));
        return Ok(node);
    }
    if chain.len() >= limits::CHAIN {
        faults.push(Fault::at(
            &extends.place,
            format!("a chain of more than {} files", limits::CHAIN),
            "a shorter chain of `extends`",
        ));
        return Ok(node);
    }
    let base = load_chain(&base_path, Some(&extends.place), chain, sources, faults)?;
    Ok(lay_over(base, node, &SCENARIO))
}

fn empty() -> Node {
    Node {
        value: Value::Table(Vec::new()),
        place: Place::default(),
    }
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn siblings(path: &Path) -> Vec<String> {
    let folder = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .map(|dir| {
            dir.filter_map(Result::ok)
                .take(1_000)
                .map(|e| e.file_name().to_string_lossy().into_owned())
                .filter(|n| Path::new(n).extension().is_some_and(|x| x == "toml"))
                .collect()
        })
        .unwrap_or_default();
    names.sort();
    names
}

/// `schema = 1` comes first, so that a later language can be told from this one.
fn check_schema(node: &Node, file: usize, broken: bool, faults: &mut Vec<Fault>) {
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
                    format!("`{}` stands before `schema`", first.key),
                    allowed,
                ));
            }
        }
        Some(other) => {
            faults.push(Fault::at(
                &other.place,
                format!("schema {}", other.shown()),
                allowed,
            ));
        }
        None if broken => {}
        None => {
            let place = Place { file, span: 0..0 };
            faults.push(Fault::at(&place, "no `schema`", allowed));
        }
    }
}

/// Lays `over` over `base`: tables key by key, leaves whole.
fn lay_over(base: Node, over: Node, shape: &Shape) -> Node {
    let (Value::Table(mut entries), Value::Table(news)) = (base.value.clone(), over.value.clone())
    else {
        return over;
    };
    if matches!(shape, Shape::Leaf(_)) {
        return over;
    }
    for new in news {
        let rivals = shape.rivals(&new.key);
        entries.retain(|e| !rivals.contains(&e.key.as_str()));
        match entries.iter_mut().find(|e| e.key == new.key) {
            Some(old) => {
                let below = shape.below(&new.key).unwrap_or(&Shape::Leaf(""));
                old.node = lay_over(old.node.clone(), new.node, below);
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

/// Lays one `--set PATH=VALUE` over a scenario.
fn set(node: &mut Node, setting: &str, sources: &mut Sources, faults: &mut Vec<Fault>) {
    let file = sources.add(format!("--set {setting}"), None, setting.to_owned());
    let whole = Place {
        file,
        span: 0..setting.len(),
    };
    let form = "--set PATH=VALUE, as in --set actors.knb.loyalty.tokayev=0.6";
    let Some(equals) = setting.find('=') else {
        faults.push(Fault::at(&whole, "a setting without `=`", form));
        return;
    };
    let path = setting[..equals].trim();
    let keys: Vec<&str> = path.split('.').map(str::trim).collect();
    if keys.iter().any(|k| k.is_empty()) {
        faults.push(Fault::at(
            &Place {
                file,
                span: 0..equals,
            },
            format!("the path `{path}`"),
            form,
        ));
        return;
    }
    if matches!(keys[0], "schema" | "extends") {
        faults.push(Fault::at(
            &Place {
                file,
                span: 0..equals,
            },
            format!("`{}` cannot be set", keys[0]),
            "a key of the scenario other than `schema` and `extends`",
        ));
        return;
    }
    // What is not a TOML value is taken as text, so that expressions need no second quotes.
    let value = tree::parse_value(setting, equals + 1, file).unwrap_or_else(|| {
        let text = setting[equals + 1..].trim();
        let lead = setting[equals + 1..].len() - setting[equals + 1..].trim_start().len();
        let start = equals + 1 + lead;
        Node {
            value: Value::Text(text.to_owned(), Some(0)),
            place: Place {
                file,
                span: start..start + text.len(),
            },
        }
    });
    let mut tree = value;
    for key in keys.iter().rev() {
        let key_place = Place {
            file,
            span: 0..equals,
        };
        let place = tree.place.clone();
        let entry = Entry {
            key: (*key).to_owned(),
            key_place,
            node: tree,
        };
        tree = Node {
            value: Value::Table(vec![entry]),
            place,
        };
    }
    *node = lay_over(node.clone(), tree, &SCENARIO);
}
