//! Differences between two resolved scenarios, leaf by leaf.

use std::fmt;

use serde_json::Value;

use super::grammar::{LAW, LAWS};

/// A leaf that differs between two scenarios.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Its path.
    pub path: String,
    /// Its value in the first; `None` if that has no such leaf.
    pub first: Option<Value>,
    /// Its value in the second.
    pub second: Option<Value>,
}

/// Letters of a value that are shown.
const SHOWN: usize = 60;

/// A value in a few words.
#[must_use]
pub fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else {
        return "nothing".to_owned();
    };
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (there, here) = (shown(self.first.as_ref()), shown(self.second.as_ref()));
        write!(f, "{}: {there} instead of {here}", self.path)
    }
}

/// The entries of a value that is more than one leaf.
fn entries(value: Option<&Value>) -> Option<&serde_json::Map<String, Value>> {
    value?.as_object().filter(|t| !is_number(t))
}

/// Whether a table is a number with its distribution: one leaf, as in overlays.
fn is_number(table: &serde_json::Map<String, Value>) -> bool {
    // A section whose ids happen to be some of these has others too.
    let has = |key: &str| table.contains_key(key);
    table
        .keys()
        .all(|key| LAW.iter().any(|(part, _)| part == key))
        && LAWS.iter().any(|law| has(law[0]))
}

/// The leaves that two resolved scenarios do not share, those of the first in its order and then
/// those that the second alone has, table by table. The order of entries does not count.
#[must_use]
pub fn differences(first: &Value, second: &Value) -> Vec<Difference> {
    let mut out = Vec::new();
    compare(&mut String::new(), Some(first), Some(second), &mut out);
    out
}

fn compare(
    path: &mut String,
    first: Option<&Value>,
    second: Option<&Value>,
    out: &mut Vec<Difference>,
) {
    if first == second {
        return;
    }
    let (Some(a), Some(b)) = (entries(first), entries(second)) else {
        out.push(Difference {
            path: path.clone(),
            first: first.cloned(),
            second: second.cloned(),
        });
        return;
    };
    let new = b.keys().filter(|k| !a.contains_key(*k));
    for key in a.keys().chain(new) {
        let before = path.len();
        if before > 0 {
            path.push('.');
        }
        path.push_str(key);
        compare(path, a.get(key), b.get(key), out);
        path.truncate(before);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::differences;

    #[test]
    fn leaves_that_differ_are_named_by_their_paths() {
        let first = json!({"a": 1, "b": {"c": "x", "d": [1, 2]}, "e": {"low": 0, "high": 1}});
        let second =
            json!({"e": {"low": 0, "high": 2}, "b": {"d": [1, 3], "c": "x", "f": true}, "a": 1});
        let shown: Vec<String> = differences(&first, &second)
            .iter()
            .map(ToString::to_string)
            .collect();
        let expected = [
            "b.d: [1,2] instead of [1,3]",
            "b.f: nothing instead of true",
            "e: {\"low\":0,\"high\":1} instead of {\"low\":0,\"high\":2}",
        ];
        assert_eq!(shown, expected);
        assert_eq!(differences(&first, &first), []);
        let other_order = json!({"e": {"high": 1, "low": 0}, "a": 1, "b": {"d": [1, 2], "c": "x"}});
        assert_eq!(differences(&first, &other_order), []);
        // Ids that are called like parts of a number are ids all the same.
        let first = json!({"parameters": {"low": 1, "bond": 0}});
        let second = json!({"parameters": {"low": 2, "bond": 0}});
        assert_eq!(differences(&first, &second)[0].path, "parameters.low");
    }
}
