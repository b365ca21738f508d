//! A file that is open in an editor: its text, places in it, and what it says.

use std::path::{Path, PathBuf};

use lsp_types::{Position, Range, Uri};

use crate::scenario::evidence::EVIDENCE;
use crate::scenario::grammar::Shape;
use crate::scenario::model::SCENARIO;
use crate::scenario::names::Ids;
use crate::scenario::{Evidence, Reach, Scenario, Unset};
use crate::study::Source;

/// A scenario or evidence file that is open in an editor, as it stands there.
pub(super) struct Document {
    pub(super) path: PathBuf,
    pub(super) text: String,
    /// The shape of its kind of file.
    pub(super) shape: &'static Shape,
    /// A scenario with what it extends; nothing of evidence, and of a text that cannot be read at all.
    pub(super) said: Option<Said>,
    /// How faults are looked for: tables of laws are kept from one text to the next.
    source: Source,
}

/// What a scenario says, whatever its faults.
pub(super) struct Said {
    pub(super) scenario: Scenario,
    pub(super) ids: Ids,
    pub(super) files: Unset,
}

impl Document {
    pub(super) fn new(path: PathBuf, text: String, reach: Reach) -> Self {
        let source = Source {
            reach,
            ..Source::new(path.clone())
        };
        let mut new = Self {
            path,
            text: String::new(),
            shape: &SCENARIO,
            said: None,
            source,
        };
        new.change(text);
        new
    }

    /// Takes a new text.
    pub(super) fn change(&mut self, text: String) {
        self.text = text;
        self.source.text = Some(self.text.clone());
        self.shape = if Evidence::is_text_of_one(&self.text) {
            &EVIDENCE
        } else {
            &SCENARIO
        };
        if self.is_evidence() {
            self.said = None;
            return;
        }
        let Ok(files) = Unset::read(&self.path, Some(self.text.clone()), self.source.reach) else {
            return;
        };
        let (scenario, _) = files.with(&[]);
        // A line that is half written may hide the rest: its names are still those of before.
        if scenario.actors.iter().all(|a| a.id.is_empty()) && self.said.is_some() {
            return;
        }
        self.said = Some(Said {
            ids: scenario.ids(),
            scenario,
            files,
        });
    }

    pub(super) fn is_evidence(&self) -> bool {
        std::ptr::eq(self.shape, &raw const EVIDENCE)
    }

    /// The scenario, to look for its faults.
    pub(super) fn source(&self) -> Source {
        self.source.clone()
    }
}

/// The byte of a position, which counts units of UTF-16. A position beyond a line is its end.
pub(super) fn byte(text: &str, position: Position) -> usize {
    let mut lines = text.split_inclusive('\n');
    let before: usize = lines
        .by_ref()
        .take(position.line as usize)
        .map(str::len)
        .sum();
    let line = lines.next().unwrap_or_default();
    let line = line.trim_end_matches(['\n', '\r']);
    let mut units = 0;
    for (i, c) in line.char_indices() {
        if units >= position.character {
            return before + i;
        }
        units += c.len_utf16() as u32;
    }
    before + line.len()
}

/// The position of a byte.
pub(super) fn position(text: &str, byte: usize) -> Position {
    let mut byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    let before = &text[..byte];
    let line = before.rfind('\n').map_or(0, |end| end + 1);
    let units: usize = before[line..].chars().map(char::len_utf16).sum();
    Position {
        line: before.matches('\n').count() as u32,
        character: units as u32,
    }
}

/// The positions of a stretch of bytes.
pub(super) fn range(text: &str, span: &std::ops::Range<usize>) -> Range {
    Range {
        start: position(text, span.start),
        end: position(text, span.end),
    }
}

/// The path that an address names, if it is that of a file.
pub(super) fn path_of(uri: &Uri) -> Option<PathBuf> {
    let scheme = uri.scheme()?;
    if !scheme.eq_lowercase("file") {
        return None;
    }
    let path = uri.path().as_estr().decode().into_string_lossy();
    // /C:/folder is C:/folder.
    let drive = path
        .strip_prefix('/')
        .filter(|rest| rest.get(1..2) == Some(":"));
    Some(PathBuf::from(drive.unwrap_or(&path)))
}

/// The address of a file.
pub(super) fn uri_of(path: &Path) -> Option<Uri> {
    use std::fmt::Write as _;
    let path = std::path::absolute(path).ok()?;
    let path = path.to_str()?.replace('\\', "/");
    let mut out = String::from("file://");
    if !path.starts_with('/') {
        out.push('/');
    }
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~:".contains(&byte) {
            out.push(byte.into());
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_units_of_utf_16() {
        let text = "ab\r\nюя𝄞x\n";
        for (line, character, place) in [
            (0, 0, 0),
            (0, 9, 2),
            (1, 2, 8),
            (1, 4, 12),
            (1, 5, 13),
            (2, 0, 14),
            (9, 9, 14),
        ] {
            let found = byte(text, Position { line, character });
            assert_eq!(found, place, "{line}:{character}");
        }
        let back = position(text, 12);
        assert_eq!((back.line, back.character), (1, 4));
        // The inside of a letter is its start.
        assert_eq!(position(text, 9).character, 2);
    }

    #[test]
    fn an_address_leads_to_its_file_and_back() {
        let path = Path::new("/tmp/a b/дом.toml");
        let uri = uri_of(path).expect("an address");
        assert_eq!(uri.as_str(), "file:///tmp/a%20b/%D0%B4%D0%BE%D0%BC.toml");
        assert_eq!(path_of(&uri).as_deref(), Some(path));
        assert_eq!(path_of(&"untitled:one".parse().expect("an address")), None);
    }
}
