//! The column reference of `docs/OUTPUTS.md` is made from the declarations of the tables.

use std::fmt::Write as _;
use std::fs;
use std::sync::{Mutex, PoisonError};

use kzsim::ensemble::timeline::FOLLOWED;
use kzsim::scenario::grammar::grouped;
use kzsim::table::cell::Column;

use crate::inside::support::repository;

/// How the reference of a table begins in the document; a space and the name of its row, or of its file, follow.
const MARK: &str = "<!-- columns of ";

/// Held while the document is read and written: each table has a test of its own.
static DOCUMENT: Mutex<()> = Mutex::new(());

fn table(columns: &[Column]) -> String {
    let mut out = "| column | type | unit | meaning |\n| --- | --- | --- | --- |\n".to_owned();
    for c in columns {
        let unit = if c.unit.is_empty() {
            String::new()
        } else {
            format!("{} ", c.unit)
        };
        let _ = writeln!(
            out,
            "| `{}` | {} | {unit}| {} |",
            c.name,
            c.dtype.name(),
            c.meaning
        );
    }
    out
}

/// The columns of a table stand in the document as they are declared; they are written there with `BLESS` set.
#[track_caller]
pub(crate) fn described(row: &str, columns: &[Column]) {
    let _held = DOCUMENT.lock().unwrap_or_else(PoisonError::into_inner);
    let path = repository("docs/OUTPUTS.md");
    let text = fs::read_to_string(&path).expect("the document");
    let mark = format!("{MARK}{row} -->\n");
    let found = text.find(&mark);
    let start = found.unwrap_or_else(|| panic!("no mark {mark}")) + mark.len();
    let old = text[start..].split_inclusive('\n');
    let old: usize = old.take_while(|l| l.starts_with('|')).map(str::len).sum();
    let new = table(columns);
    if text[start..start + old] == new {
        return;
    }
    assert!(
        std::env::var_os("BLESS").is_some(),
        "the columns of {row}: `just bless` writes them anew"
    );
    fs::write(
        &path,
        format!("{}{new}{}", &text[..start], &text[start + old..]),
    )
    .expect("a document");
}

#[test]
fn the_document_says_how_many_rounds_are_followed() {
    let text = fs::read_to_string(repository("docs/OUTPUTS.md")).expect("the document");
    assert!(text.contains(&format!("the first {} rounds", grouped(FOLLOWED))));
}
