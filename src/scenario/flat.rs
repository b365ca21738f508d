//! A scenario as one text: its files laid over each other, templates written out, settings applied.

use serde_json::Value as Json;

use super::fault::Sources;
use super::grammar::Shape;
use super::load;
use super::model::SCENARIO;
use super::tree::{Node, Value, date_text};

/// The whole of a scenario as a tree of tables, whose leaves are values in TOML: everything that it takes to write it as
/// one file that extends nothing. It is made from the texts that [`Scenario::read_again`](super::Scenario::read_again)
/// takes, in which there are no faults.
#[must_use]
pub fn whole(files: &[(String, String)], settings: &[String]) -> Json {
    let (mut sources, mut faults) = (Sources::default(), Vec::new());
    let loaded = load::load_again(files, settings, &mut sources, &mut faults);
    let mut out = tree(&loaded.root, Some(&SCENARIO));
    if let Json::Object(keys) = &mut out {
        keys.shift_remove("extends");
    }
    out
}

/// Tables of the language stay tables; a value, which is laid over another as a whole, becomes a text.
fn tree(node: &Node, shape: Option<&Shape>) -> Json {
    match (&node.value, shape) {
        (Value::Table(entries), Some(shape)) if !matches!(shape, Shape::Leaf(_)) => {
            let each = entries.iter();
            each.map(|e| (e.key.clone(), tree(&e.node, shape.below(&e.key))))
                .collect()
        }
        _ => written(node).into(),
    }
}

/// A value on one line, as TOML has it; texts of several lines stay such.
fn written(node: &Node) -> String {
    match &node.value {
        Value::Text(text, _) => toml::Value::from(text.as_str()).to_string(),
        Value::Raw(text) | Value::Float(_, text) => text.clone(),
        Value::Integer(i) => i.to_string(),
        Value::Bool(b) => b.to_string(),
        Value::Date(d) => date_text(d),
        Value::Array(nodes) => {
            let each: Vec<String> = nodes.iter().map(written).collect();
            format!("[{}]", each.join(", "))
        }
        Value::Table(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Table(entries) => {
            let each = entries.iter();
            let each = each.map(|e| format!("{} = {}", key(&e.key), written(&e.node)));
            format!("{{ {} }}", each.collect::<Vec<_>>().join(", "))
        }
    }
}

/// A key, in quotes where it needs them.
fn key(key: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    if !key.is_empty() && key.chars().all(is_bare) {
        key.to_owned()
    } else {
        toml::Value::from(key).to_string()
    }
}
