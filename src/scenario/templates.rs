//! Templates: one action written for several ids. Each becomes an action of its own before anything is read.

use std::collections::{BTreeMap, BTreeSet};

use super::events::FOR;
use super::fault::{Fault, Place};
use super::grammar::{LONGEST_ID, Shape, is_formed};
use super::ids::IT;
use super::limits;
use super::meant::{Want, in_quotes, unquoted};
use super::model::SCENARIO;
use super::names::Template;
use super::tree::{Entry, Node, Value};

/// What a node counts in [`ROOM`], beside its text.
const NODE: usize = 64;
/// How much all that is written out may be.
const ROOM: usize = limits::FILE as usize;

/// Writes every template out, at its place in the list, and returns which there were. What is written for one of
/// its actions goes over it, by `overlay`.
pub(super) fn write_out(
    root: &mut Node,
    overlay: fn(Node, Node, &Shape) -> Node,
    faults: &mut Vec<Fault>,
) -> Vec<Template> {
    let mut templates = Vec::new();
    let Value::Table(sections) = &mut root.value else {
        return templates;
    };
    let (Some(section), Some(Shape::Map(shape))) = (
        sections.iter_mut().find(|e| e.key == "actions"),
        SCENARIO.below("actions"),
    ) else {
        return templates;
    };
    let Value::Table(entries) = &mut section.node.value else {
        return templates;
    };
    if !entries.iter().any(|e| e.node.get(FOR.name).is_some()) {
        return templates;
    }
    let mut room = ROOM;
    let is_template = |e: &&Entry| e.node.get(FOR.name).is_some();
    let mut number = entries.len() - entries.iter().filter(is_template).count();
    let keys: BTreeMap<String, usize> = entries
        .iter()
        .enumerate()
        .map(|(i, e)| (e.key.clone(), i))
        .collect();
    // By entry: itself, or the actions that it becomes.
    let mut all: Vec<Vec<Entry>> = std::mem::take(entries)
        .into_iter()
        .map(|e| vec![e])
        .collect();
    let mut made: BTreeMap<String, String> = BTreeMap::new();
    for i in 0..all.len() {
        let Some(list) = all[i].first_mut().and_then(|e| take_for(&mut e.node)) else {
            continue;
        };
        let Some(template) = all[i].pop() else {
            continue;
        };
        let size = size(&template.node);
        for (it, place) in ids(&list, &template.key, faults) {
            number += 1;
            if number > limits::ACTIONS || size > room {
                let found = format!("actions.{} for so many ids is too large", template.key);
                let allowed = format!("at most {} actions, and 4 MiB of them", limits::ACTIONS);
                faults.push(Fault::at(&place, found, allowed));
                break;
            }
            room -= size;
            let key = format!("{}_{it}", template.key);
            if let Some(other) = made.insert(key.clone(), template.key.clone()) {
                let found = format!("`{key}` is made of `{other}` and of `{}`", template.key);
                faults.push(Fault::at(&place, found, "one action of a name"));
                continue;
            }
            let mut node = one(&template.node, &it);
            let own = keys.get(&key).and_then(|own| {
                let written = all[*own].first()?;
                let is_it = written.key == key && written.node.get(FOR.name).is_none();
                if is_it { all[*own].pop() } else { None }
            });
            if let Some(own) = own {
                node = overlay(node, one(&own.node, &it), shape);
                number -= 1;
            }
            let key_place = template.key_place.clone();
            all[i].push(Entry {
                key,
                key_place,
                node,
            });
        }
        templates.push(Template {
            id: template.key,
            actions: all[i].iter().map(|e| e.key.clone()).collect(),
        });
    }
    entries.extend(all.into_iter().flatten());
    templates
}

/// Takes the list of ids out of an action.
fn take_for(action: &mut Node) -> Option<Node> {
    let Value::Table(keys) = &mut action.value else {
        return None;
    };
    let at = keys.iter().position(|e| e.key == FOR.name)?;
    Some(keys.remove(at).node)
}

/// The ids for which an action is written, each with its place.
fn ids(list: &Node, action: &str, faults: &mut Vec<Fault>) -> Vec<(String, Place)> {
    let path = format!("actions.{action}.for");
    let mut out: Vec<(String, Place)> = Vec::new();
    let mut known: BTreeSet<&str> = BTreeSet::new();
    let Value::Array(nodes) = &list.value else {
        // Ids without brackets: they are taken as they were meant, so that nothing else is wrong for want of them.
        let written: Vec<&str> = match &list.value {
            Value::Text(text, _) | Value::Raw(text) => {
                unquoted(text).split(',').map(unquoted).collect()
            }
            _ => Vec::new(),
        };
        let meant = !written.is_empty() && written.iter().all(|id| is_formed(id));
        // What could not be read is told elsewhere.
        if list.place.span.end > 0 {
            let found = format!("{path} is {}", list.shown());
            let fault = Fault::at(&list.place, found, "a list of ids: [\"one\", \"another\"]");
            let quoted: Vec<String> = written.iter().map(|id| in_quotes(id)).collect();
            let help = meant.then(|| format!("write [{}]", quoted.join(", ")));
            faults.push(fault.help(help.or_else(|| list.help(Want::Other))));
        }
        if meant {
            let each = written
                .iter()
                .map(|id| ((*id).to_owned(), list.place.clone()));
            out.extend(each.take(limits::ACTIONS + 1));
        }
        return out;
    };
    if nodes.is_empty() {
        let found = format!("{path} is empty");
        faults.push(Fault::at(&list.place, found, "at least one id"));
    }
    for node in nodes {
        let id = match &node.value {
            Value::Text(text, _) => text.trim(),
            _ => "",
        };
        let fault = if !is_formed(id) {
            let allowed = format!(
                "ids: a lower-case letter, then lower-case letters, digits and _, at most {LONGEST_ID} characters"
            );
            Some((format!("{path} has {}", node.shown()), allowed))
        } else if !known.insert(id) {
            Some((
                format!("{path} names `{id}` twice"),
                "each id once".to_owned(),
            ))
        } else {
            out.push((id.to_owned(), node.place.clone()));
            None
        };
        faults.extend(fault.map(|(found, allowed)| Fault::at(&node.place, found, allowed)));
    }
    out
}

/// A node with an id in place of `{it}`.
fn one(node: &Node, it: &str) -> Node {
    let value = match &node.value {
        Value::Text(text, inside) if text.contains(IT) => {
            let (text, inside) = inside.replace(text, IT, it);
            Value::Text(text, inside)
        }
        Value::Array(nodes) => Value::Array(nodes.iter().map(|n| one(n, it)).collect()),
        Value::Table(entries) => {
            let entry = |e: &Entry| Entry {
                key: e.key.replace(IT, it),
                key_place: e.key_place.clone(),
                node: one(&e.node, it),
            };
            Value::Table(entries.iter().map(entry).collect())
        }
        other => other.clone(),
    };
    Node {
        value,
        place: node.place.clone(),
    }
}

/// How large a node is.
fn size(node: &Node) -> usize {
    let within = match &node.value {
        Value::Text(text, _) | Value::Raw(text) => text.len(),
        Value::Array(nodes) => nodes.iter().map(size).sum(),
        Value::Table(entries) => entries.iter().map(|e| e.key.len() + size(&e.node)).sum(),
        _ => 0,
    };
    NODE + within
}
