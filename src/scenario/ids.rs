//! Ids that were meant by texts that are none, and what stands for ids in templates.

use super::fault::{Fault, Place};
use super::grammar::{RESERVED, is_formed};
use super::letters::latin;
use super::misread::taken_for;

/// The id that was meant by a text that is none, as `joao` by `João`.
pub(super) fn id_meant(text: &str) -> Option<String> {
    let text = latin(text).or_else(|| text.is_ascii().then(|| text.to_owned()))?;
    let mut id = String::new();
    for c in text.trim().chars() {
        match c.to_ascii_lowercase() {
            c if c.is_ascii_lowercase() || c.is_ascii_digit() => id.push(c),
            _ if id.ends_with('_') => {}
            _ => id.push('_'),
        }
    }
    let id = id.trim_matches('_').to_owned();
    let is_free = is_formed(&id) && !RESERVED.contains(&id.as_str()) && taken_for(&id).is_none();
    is_free.then_some(id)
}

/// Stands for the id in what is written for several.
pub(super) const IT: &str = "{it}";
/// What is said of it where nothing takes its place.
pub(super) const IT_OUTSIDE: [&str; 3] = [
    "`{it}` outside a template",
    "an id; `{it}` is one in an action with `for`",
    "a template is one action written for several ids, for = [\"one\", \"another\"], and `{it}` stands for each of them: \
     write the id itself, or add `for` to the action",
];

/// The fault of `{it}` where nothing takes its place.
pub(super) fn it_outside(place: &Place) -> Fault {
    let [found, allowed, help] = IT_OUTSIDE;
    Fault::at(place, found, allowed).help(Some(help.to_owned()))
}

/// The id of an entry with that key; one with a fault as it was meant, so that what refers to it has
/// none.
pub(super) fn id_of(key: &str) -> String {
    let meant = (!is_formed(key)).then(|| id_meant(key));
    meant.flatten().unwrap_or_else(|| key.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_were_meant() {
        for (written, meant) in [
            ("João", "joao"),
            ("аrmy", "army"),
            ("Isabel", "isabel"),
            ("isabel dos santos", "isabel_dos_santos"),
            ("vice-president", "vice_president"),
            ("ar\u{200b}my", "army"),
        ] {
            assert_eq!(id_meant(written).as_deref(), Some(meant), "{written}");
        }
        for hopeless in ["", "9", "жук", "_", "火", "NA", "Mar1", "None", "Max"] {
            assert_eq!(id_meant(hopeless), None, "{hopeless}");
        }
    }
}
