//! What may be written at a place: keys, ids, names and words, each with what it means.

use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionTextEdit, Documentation, MarkupContent,
    MarkupKind, TextEdit,
};
use serde_json::Value;

use super::cursor::{Kind, Spot, spot};
use super::document::{Document, Said, range};
use super::meaning::{of_entry, of_id, of_key};
use crate::scenario::catalogue::NAMES;
use crate::scenario::expression::Function;
use crate::scenario::grammar::{Key, LAW, Leaf, Shape};
use crate::scenario::names::Ids;
use crate::scenario::paths::{Led, following, led, words};

/// A word that may be written.
struct Offered {
    word: String,
    kind: CompletionItemKind,
    /// In a few words.
    detail: String,
    /// In full.
    says: Option<String>,
}

impl Offered {
    fn new(word: &str, kind: CompletionItemKind, detail: &str, says: Option<String>) -> Self {
        Self {
            word: word.to_owned(),
            kind,
            detail: detail.to_owned(),
            says,
        }
    }
}

/// What may be written at a byte of a file.
pub(super) fn offers(document: &Document, at: usize) -> Vec<CompletionItem> {
    let text = &document.text;
    let Some(spot) = spot(text, at) else {
        return Vec::new();
    };
    let Some(led) = led(document.shape, &spot.path) else {
        return Vec::new();
    };
    let said = document.said.as_ref();
    let mut word = spot.word.clone();
    let (offered, in_quotes) = match spot.kind {
        Kind::Header | Kind::Key => (keys(&spot, led, said), false),
        Kind::Value { quoted } => {
            let Shape::Leaf(leaf) = led.shape else {
                return Vec::new();
            };
            let in_quotes = !quoted && !matches!(leaf, Leaf::Truth);
            let known = said.map_or_else(Vec::new, |said| held(*leaf, said));
            if known.is_empty() && quoted && is_computed(*leaf) {
                // Of a name with dots only the part at the place is replaced.
                let before = &text[word.start..at];
                let parts: Vec<&str> = before.split('.').collect();
                let (last, done) = parts.split_last().unwrap_or((&"", &[]));
                let rest = &text[at..word.end];
                word = at - last.len()..at + rest.find('.').unwrap_or(rest.len());
                (named(done, *leaf, said), false)
            } else {
                (known, in_quotes)
            }
        }
    };
    let range = range(text, &word);
    let item = |offered: Offered| {
        let new_text = if in_quotes {
            format!("\"{}\"", offered.word)
        } else {
            offered.word.clone()
        };
        CompletionItem {
            label: offered.word,
            kind: Some(offered.kind),
            detail: Some(offered.detail).filter(|d| !d.is_empty()),
            documentation: offered.says.map(|value| {
                Documentation::MarkupContent(MarkupContent {
                    kind: MarkupKind::Markdown,
                    value,
                })
            }),
            text_edit: Some(CompletionTextEdit::Edit(TextEdit { range, new_text })),
            ..CompletionItem::default()
        }
    };
    offered.into_iter().map(item).collect()
}

/// Keys of a table, ids of a section, or parts of a law.
fn keys(spot: &Spot, led: Led, said: Option<&Said>) -> Vec<Offered> {
    let header = spot.kind == Kind::Header;
    match led.shape {
        Shape::Table(keys) => {
            let fits = |key: &&Key| !header || !matches!(key.shape, Shape::Leaf(_));
            keys.iter()
                .filter(fits)
                .map(|key| {
                    let [kind, ..] = key.cells();
                    Offered::new(
                        key.name,
                        CompletionItemKind::PROPERTY,
                        &kind,
                        Some(of_key(key)),
                    )
                })
                .collect()
        }
        Shape::Map(_) => {
            let Some(said) = said else {
                return Vec::new();
            };
            let axis = led.key.and_then(|key| key.entries.of);
            let ids: Vec<&str> = match axis {
                Some(axis) => words(Leaf::Id(axis), &said.ids),
                None => {
                    let pointer = format!("/{}", spot.path.join("/"));
                    let section = said.scenario.resolved.pointer(&pointer);
                    let entries = section.and_then(Value::as_object);
                    entries
                        .into_iter()
                        .flat_map(|e| e.keys().map(String::as_str))
                        .collect()
                }
            };
            ids.into_iter().map(|id| entry(id, said)).collect()
        }
        Shape::Leaf(Leaf::Stance | Leaf::Holder) => {
            let Shape::Leaf(leaf) = led.shape else {
                return Vec::new();
            };
            said.map_or_else(Vec::new, |said| held(*leaf, said))
        }
        Shape::Leaf(_) => LAW
            .iter()
            .map(|(part, says)| Offered::new(part, CompletionItemKind::PROPERTY, says, None))
            .collect(),
    }
}

/// An id with what it is.
fn entry(id: &str, said: &Said) -> Offered {
    let (detail, says) = of_id(id, said).unwrap_or_default();
    let says = Some(says).filter(|says| !says.is_empty());
    Offered::new(id, CompletionItemKind::REFERENCE, &detail, says)
}

/// The words that a leaf may hold, where these are known.
fn held(leaf: Leaf, said: &Said) -> Vec<Offered> {
    if matches!(leaf, Leaf::Path) {
        let priors = said.scenario.priors();
        let offered = priors.iter().map(|prior| {
            let name = prior.remarks.name.as_deref().unwrap_or_default();
            Offered::new(&prior.path, CompletionItemKind::REFERENCE, name, None)
        });
        return offered.collect();
    }
    let words = words(leaf, &said.ids);
    let offered = words.into_iter().map(|word| match leaf {
        Leaf::Choice(_) | Leaf::Truth => Offered::new(word, CompletionItemKind::VALUE, "", None),
        _ => entry(word, said),
    });
    offered.collect()
}

/// Whether a leaf may hold an expression, or effects.
fn is_computed(leaf: Leaf) -> bool {
    matches!(
        leaf,
        Leaf::Initial(..)
            | Leaf::Live(..)
            | Leaf::Dated
            | Leaf::Condition
            | Leaf::Expression
            | Leaf::Effects
    )
}

/// The parts of names that may follow those that are written; at the start of one also functions and what the
/// scenario names itself.
fn named(done: &[&str], leaf: Leaf, said: Option<&Said>) -> Vec<Offered> {
    let none = Ids::default();
    let ids = said.map_or(&none, |said| &said.ids);
    let next = following(ids, done);
    if !done.is_empty() {
        let offered = next.into_iter().map(|word| match said {
            Some(said) => entry(word, said),
            None => Offered::new(word, CompletionItemKind::REFERENCE, "", None),
        });
        return offered.collect();
    }
    let is_effect = matches!(leaf, Leaf::Effects);
    let heads = NAMES
        .iter()
        .filter(|name| name.reading.is_some() || is_effect);
    let mut out: Vec<Offered> = heads
        .map(|name| {
            let says = Some(name.says.to_owned());
            Offered::new(name.head, CompletionItemKind::FIELD, &name.forms(), says)
        })
        .collect();
    out.extend(Function::ALL.iter().map(|f| {
        let says = Some(f.says.to_owned());
        Offered::new(f.name, CompletionItemKind::FUNCTION, &f.written(), says)
    }));
    for section in ["parameters", "variables", "formulas"] {
        let Some(said) = said else {
            break;
        };
        let entries = said
            .scenario
            .resolved
            .get(section)
            .and_then(Value::as_object);
        out.extend(entries.into_iter().flatten().map(|(id, value)| {
            let (detail, says) = of_entry(section, id, value);
            Offered::new(id, CompletionItemKind::VARIABLE, &detail, Some(says))
        }));
    }
    out
}
