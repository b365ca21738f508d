//! Paths: where one leads in the language, which of them can be set in a scenario, and what may stand there.

use serde_json::Value;

use super::Scenario;
use super::catalogue::{HEADS, Name, Reading};
use super::grammar::{Key, Leaf, Overrides, Shape};
use super::names::Ids;
use super::state::{Axis, FATES, StateQuantity};

/// Where a path leads in the language.
#[derive(Debug, Clone, Copy)]
pub struct Led {
    /// What stands there.
    pub shape: &'static Shape,
    /// The key that it belongs to: of `actors.knb.loyalty.tokayev`, `loyalty`. Nothing at the top.
    pub key: Option<&'static Key>,
}

/// Where a path leads from a shape; nothing where there is no such key. What is below a leaf is the leaf.
#[must_use]
pub fn led(root: &'static Shape, path: &[impl AsRef<str>]) -> Option<Led> {
    let start = Led {
        shape: root,
        key: None,
    };
    path.iter().try_fold(start, |at, part| match at.shape {
        Shape::Table(keys) => {
            let key = keys.iter().find(|k| k.name == part.as_ref())?;
            Some(Led {
                shape: &key.shape,
                key: Some(key),
            })
        }
        Shape::Map(inner) => Some(Led { shape: inner, ..at }),
        Shape::Leaf(_) => Some(at),
    })
}

/// A value of a scenario that `--set PATH=VALUE` can change.
#[derive(Debug, Clone)]
pub struct Settable {
    /// Its path, as in `actors.knb.loyalty.tokayev`.
    pub path: String,
    /// The key that it belongs to: of that path, `loyalty`.
    pub key: &'static Key,
    /// What it holds.
    pub leaf: Leaf,
    /// What stands there; nothing where its default holds.
    pub value: Option<Value>,
}

/// Every value of a scenario that can be set, in the order of the language.
#[must_use]
pub fn settable(scenario: &Scenario) -> Vec<Settable> {
    let ids = scenario.ids();
    let mut walk = Walk {
        ids: &ids,
        out: Vec::new(),
    };
    walk.table(Scenario::KEYS, "", Some(&scenario.resolved));
    walk.out
}

/// A way through a scenario and its grammar side by side.
struct Walk<'i> {
    ids: &'i Ids,
    out: Vec<Settable>,
}

impl Walk<'_> {
    fn table(&mut self, keys: &'static [Key], path: &str, node: Option<&Value>) {
        for key in keys {
            let below = node.and_then(|node| node.get(key.name));
            // A table that an entry does not have would be half a table with one value in it.
            let is_absent = below.is_none() && !path.is_empty();
            let is_table = matches!(key.shape, Shape::Table(_));
            if matches!(key.overrides, Overrides::Neither(_)) || is_absent && is_table {
                continue;
            }
            let at = match path {
                "" => key.name.to_owned(),
                _ => format!("{path}.{}", key.name),
            };
            self.shape(key, &key.shape, &at, below);
        }
    }

    fn shape(
        &mut self,
        key: &'static Key,
        shape: &'static Shape,
        path: &str,
        node: Option<&Value>,
    ) {
        match shape {
            Shape::Table(keys) => self.table(keys, path, node),
            Shape::Map(inner) => {
                let entries = node.and_then(Value::as_object);
                let written: Vec<&str> = match key.entries.of {
                    Some(axis) => self.ids.of(axis).collect(),
                    None => entries
                        .into_iter()
                        .flat_map(|e| e.keys().map(String::as_str))
                        .collect(),
                };
                for id in written {
                    let below = node.and_then(|node| node.get(id));
                    self.shape(key, inner, &format!("{path}.{id}"), below);
                }
            }
            Shape::Leaf(leaf) => self.out.push(Settable {
                path: path.to_owned(),
                key,
                leaf: *leaf,
                value: node.cloned(),
            }),
        }
    }
}

/// Whose ids a leaf may hold, if it holds any.
#[must_use]
pub fn axis_of(leaf: Leaf) -> Option<Axis> {
    match leaf {
        Leaf::Id(axis) | Leaf::Ids(axis) => Some(axis),
        Leaf::Holder => Some(Axis::Actor),
        Leaf::Stance => Some(Axis::Side),
        _ => None,
    }
}

/// The words that a leaf may hold, where these are known.
#[must_use]
pub fn words(leaf: Leaf, ids: &Ids) -> Vec<&str> {
    match leaf {
        Leaf::Choice(words) => words.to_vec(),
        Leaf::Truth => vec!["true", "false"],
        Leaf::Names => [
            Axis::Actor,
            Axis::Crowd,
            Axis::Contender,
            Axis::Office,
            Axis::Arena,
        ]
        .into_iter()
        .flat_map(|axis| ids.of(axis))
        .collect(),
        _ => axis_of(leaf)
            .into_iter()
            .flat_map(|axis| ids.of(axis))
            .collect(),
    }
}

/// Whose ids may follow the parts of a name in an expression: of `loyalty`, those of actors.
#[must_use]
pub fn axis_after(parts: &[&str]) -> Option<Axis> {
    let (head, arguments) = parts.split_first()?;
    let name = Name::find(head)?;
    let axes = name.quantity.axes();
    let beyond = match name.reading {
        Some(Reading::Holder(_)) => Some(Axis::Actor),
        None if name.quantity == StateQuantity::Office => Some(Axis::Actor),
        _ => name.in_arena.map(|_| Axis::Arena),
    };
    axes.iter().copied().chain(beyond).nth(arguments.len())
}

/// The words that may follow the parts of a name in an expression; of nothing, the names.
#[must_use]
pub fn following<'i>(ids: &'i Ids, parts: &[&str]) -> Vec<&'i str> {
    let Some((head, arguments)) = parts.split_first() else {
        return HEADS.to_vec();
    };
    let mut out: Vec<&str> = axis_after(parts)
        .into_iter()
        .flat_map(|axis| ids.of(axis))
        .collect();
    if let Some(name) = Name::find(head) {
        if arguments.is_empty() {
            out.extend(name.totals());
        }
        let fate = name.quantity == StateQuantity::Fate;
        if fate && arguments.len() == name.quantity.axes().len() {
            out.extend(FATES);
        }
    }
    out
}
