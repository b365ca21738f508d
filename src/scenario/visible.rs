//! Foreign text made visible: characters that a terminal or a page obeys instead of showing them, or
//! that show nothing, are written as escapes such as `\u{1b}`.
//!
//! What is printed goes through here where it is written, so that no scenario, evidence, result folder
//! or file name of a stranger moves the cursor, turns the order of letters or hides any.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;

/// Returns whether a character is obeyed or hidden: control characters, format characters that join, part or
/// turn letters, fillers, line and paragraph separators, tags, and what XML forbids. Source: Unicode,
/// general categories Cc, Cf, Zl and Zp without signs that are seen, and `Default_Ignorable_Code_Point`
/// without variation selectors.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{fffe}'..='\u{ffff}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Whether letters of a script may need a joiner between them, as Persian, Hindi and emoji do.
fn may_be_joined(c: Option<char>) -> bool {
    c.is_some_and(|c| c >= '\u{600}' && !is_hidden(c))
}

/// Replaces what is hidden, but for `kept`.
fn replaced(
    text: &str,
    kept: impl Fn(char) -> bool,
    write: impl Fn(&mut String, char),
) -> Cow<'_, str> {
    if text.bytes().all(|b| (b' '..0x7f).contains(&b)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut before = None;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let joiner = matches!(c, '\u{200c}' | '\u{200d}')
            && may_be_joined(before)
            && may_be_joined(rest.clone().next());
        if is_hidden(c) && !kept(c) && !joiner {
            write(&mut out, c);
        } else {
            out.push(c);
        }
        before = Some(c);
    }
    Cow::Owned(out)
}

fn escape(out: &mut String, c: char) {
    out.extend(c.escape_unicode());
}

/// A text of any number of lines with all that is hidden escaped, but for line feeds and tabs.
#[must_use]
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    replaced(text, |c| matches!(c, '\n' | '\t'), escape)
}

/// The same on one line: line feeds and tabs are escaped too.
#[must_use]
pub(crate) fn on_one_line(text: &str) -> Cow<'_, str> {
    replaced(text, |_| false, |out, c| out.extend(c.escape_default()))
}

/// A path, or the name of a file, as messages show it: on one line.
#[must_use]
pub(crate) fn visible_path(path: &Path) -> String {
    on_one_line(&path.to_string_lossy()).into_owned()
}

/// A JSON document with all that is hidden in its strings escaped as JSON does; it means the same.
#[must_use]
pub(crate) fn visible_json(text: &str) -> Cow<'_, str> {
    let write = |out: &mut String, c: char| {
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    };
    replaced(text, |c| c == '\n', write)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_obeyed_is_escaped_and_what_is_read_is_not() {
        for (text, wanted) in [
            (
                "\u{1b}[31mred\u{9b}0m\u{7}",
                "\\u{1b}[31mred\\u{9b}0m\\u{7}",
            ),
            (
                "a\u{202e}b\u{2066}c\u{200b}",
                "a\\u{202e}b\\u{2066}c\\u{200b}",
            ),
            ("ad\u{200c}min \u{e0041}", "ad\\u{200c}min \\u{e0041}"),
            ("two\nlines\tand\r", "two\nlines\tand\\u{d}"),
            // Joiners where a script needs them, marks, and letters of every kind stay.
            (
                "می\u{200c}خواهم 👩\u{200d}🚀 Тоқаев ё ش é",
                "می\u{200c}خواهم 👩\u{200d}🚀 Тоқаев ё ش é",
            ),
        ] {
            assert_eq!(visible(text), wanted);
        }
        assert_eq!(on_one_line("a\nb\t\u{1b}"), "a\\nb\\t\\u{1b}");
    }

    #[test]
    fn json_means_the_same() {
        let value = serde_json::json!({"a\u{202e}": "\u{9b}\u{e0041}\u{feff}x\n", "é": "✓"});
        let text = format!("{value:#}");
        let shown = visible_json(&text);
        assert!(
            !shown.contains(|c: char| is_hidden(c) && c != '\n'),
            "{shown}"
        );
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&shown).expect("JSON"),
            value
        );
        assert!(
            shown.contains("\\udb40\\udc41") && shown.contains('✓'),
            "{shown}"
        );
    }
}
