//! How results are told: as text for people, as one JSON document for programs, or not at all.
//!
//! Set once, when the program begins. A command that ends with [`published`] needs to know nothing of
//! it; what a command says by `print` stands in the document as `text` when nothing else does.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use serde_json::{Map, Value, json};

use super::common::{Failure, print, say};
use super::report::REPORT;
use crate::result::manifest::FILE as MANIFEST;
use crate::scenario::fault::Faults;

/// How results are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Text,
    Quiet,
    Json,
}

static MODE: OnceLock<Mode> = OnceLock::new();

/// The document so far.
#[derive(Debug, Default)]
struct Document {
    entries: Map<String, Value>,
    text: String,
    /// Something else has been written to stdout, such as a schema.
    taken: bool,
}

static DOCUMENT: Mutex<Option<Document>> = Mutex::new(None);

fn document() -> MutexGuard<'static, Option<Document>> {
    DOCUMENT.lock().unwrap_or_else(PoisonError::into_inner)
}

fn change(how: impl FnOnce(&mut Document)) {
    how(document().get_or_insert_with(Document::default));
}

/// Says how results are to be told; the first call counts.
pub(super) fn set(quiet: bool, json: bool) {
    let mode = match (json, quiet) {
        (true, _) => Mode::Json,
        (false, true) => Mode::Quiet,
        (false, false) => Mode::Text,
    };
    let _ = MODE.set(mode);
    let _ = PROGRESS.set(!quiet);
}

static PROGRESS: OnceLock<bool> = OnceLock::new();

fn mode() -> Mode {
    MODE.get().copied().unwrap_or(Mode::Text)
}

/// Whether a progress bar may be shown.
pub(super) fn shows_progress() -> bool {
    PROGRESS.get().copied().unwrap_or(true)
}

/// Whether one JSON document is asked for.
pub(super) fn json() -> bool {
    mode() == Mode::Json
}

/// Tells a text in the way that was asked for.
pub(super) fn tell(text: &str) -> Result<(), Failure> {
    match mode() {
        Mode::Text => write(&fit(text, super::common::terminal_width())),
        Mode::Quiet => Ok(()),
        Mode::Json => {
            change(|d| d.text.push_str(text));
            Ok(())
        }
    }
}

/// Writes what was asked for by name, such as a schema or a script: it is the result itself.
pub(super) fn give(text: &str) -> Result<(), Failure> {
    change(|d| d.taken = true);
    write(text)
}

/// Writes to stdout; a reader who has gone is no fault.
fn write(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Adds an entry to the document.
pub(super) fn note(key: &str, value: impl FnOnce() -> Value) {
    if json() {
        change(|d| {
            d.entries.insert(key.to_owned(), value());
        });
    }
}

/// Tells what was found and where it lies. For programs: the folder, its files, and the rows of
/// `tables`, as the files have them.
pub(super) fn published(folder: &Path, summary: &str, tables: &[&str]) -> Result<(), Failure> {
    if !json() {
        print(summary)?;
        print(&format!("\nWritten to {}\n", folder.display()))?;
        if folder.join(REPORT).exists() {
            let shown = folder.display();
            say(&format!(
                "note: {REPORT} in {shown} shows an earlier result; kzsim report {shown} makes it anew"
            ));
        }
        return Ok(());
    }
    let wrong = |e: &dyn std::fmt::Display| Failure::Internal(format!("{}: {e}", folder.display()));
    let text = std::fs::read(folder.join(MANIFEST)).map_err(|e| wrong(&e))?;
    let manifest: Value = serde_json::from_slice(&text).map_err(|e| wrong(&e))?;
    let mut rows = Map::new();
    let mut files = vec![json!({"file": MANIFEST})];
    for entry in manifest["files"].as_array().into_iter().flatten() {
        let file = entry["file"].as_str().unwrap_or_default();
        files.push(json!({"file": file, "rows": entry["rows"]}));
        if tables.contains(&file) {
            let name = file.trim_end_matches(".csv").to_owned();
            let table = read_table(&folder.join(file), &entry["columns"]).map_err(|e| wrong(&e))?;
            rows.insert(name, table);
        }
    }
    if let Some(file) = manifest["state"]["file"].as_str() {
        files.push(json!({"file": file}));
    }
    note("folder", || folder.to_string_lossy().into());
    note("files", || files.into());
    for key in ["seed", "rounds", "note"] {
        note(key, || manifest[key].clone());
    }
    note("tables", || Value::Object(rows));
    Ok(())
}

/// The rows of a CSV file as data, typed as the manifest says.
fn read_table(path: &Path, columns: &Value) -> Result<Value, csv::Error> {
    let mut reader = csv::Reader::from_path(path)?;
    let columns = columns.as_array().cloned().unwrap_or_default();
    let mut out = Vec::new();
    for record in reader.records() {
        let record = record?;
        let cells = columns.iter().zip(&record);
        let row: Map<String, Value> = cells
            .map(|(c, cell)| {
                let name = c["name"].as_str().unwrap_or_default().to_owned();
                let value = match c["dtype"].as_str() {
                    _ if cell.is_empty() => Value::Null,
                    Some("string") | None => cell.into(),
                    _ => serde_json::from_str(cell).unwrap_or_else(|_| cell.into()),
                };
                (name, value)
            })
            .collect();
        out.push(Value::Object(row));
    }
    Ok(Value::Array(out))
}

/// Faults as data.
pub(super) fn faults(faults: &Faults) -> Vec<Value> {
    let one = |f: &crate::scenario::fault::Fault| {
        let source = f.place.as_ref().and_then(|p| faults.sources.get(p.file));
        let position = f.place.as_ref().map(|p| faults.sources.position(p));
        json!({
            "file": source.map(|s| s.name.clone()),
            "line": position.map(|p| p.0),
            "column": position.map(|p| p.1),
            "message": f.found,
            "allowed": f.allowed,
            "help": f.nearest,
        })
    };
    faults.list.iter().map(one).collect()
}

/// Writes the document, if one was asked for.
pub(super) fn finish(command: &str, code: u8, failure: Option<&Failure>) -> Result<(), Failure> {
    let found = document().take().unwrap_or_default();
    if !json() || found.taken {
        return Ok(());
    }
    let mut all = Map::new();
    all.insert("kzsim".into(), env!("CARGO_PKG_VERSION").into());
    all.insert("command".into(), command.into());
    all.insert("exit_code".into(), code.into());
    if let Some(failure) = failure {
        all.insert("error".into(), failure.headline().into());
        all.insert("faults".into(), failure.faults().into());
    }
    if found.entries.is_empty() && !found.text.is_empty() {
        all.insert("text".into(), found.text.into());
    }
    all.extend(found.entries);
    write(&format!("{:#}\n", Value::Object(all)))
}

/// Fewer columns than these are taken for a mistake.
const NARROWEST: u16 = 20;

/// Columns that the user says there are; a program that reads the output can say so too.
pub(super) fn columns() -> Option<u16> {
    let text = std::env::var("COLUMNS").ok()?;
    text.trim().parse().ok().filter(|n| *n >= NARROWEST)
}

/// Columns to fill, if anybody says how many: the terminal, or COLUMNS.
pub(super) fn width() -> Option<u16> {
    if let Some(columns) = columns() {
        return Some(columns);
    }
    if !io::stdout().is_terminal() {
        return None;
    }
    // A terminal that does not know its size says 0.
    comfy_table::Table::new()
        .width()
        .filter(|n| *n >= NARROWEST)
}

/// Breaks lines that are longer than `width` between words. Tables and commands stay whole.
fn fit(text: &str, width: Option<u16>) -> String {
    let Some(width) = width.map(usize::from) else {
        return text.to_owned();
    };
    let mut out = String::new();
    let mut in_table = false;
    for line in text.split_inclusive('\n') {
        let rule = line.starts_with(['─', '═']);
        in_table = rule || (in_table && line.starts_with(' '));
        let command = line.trim_start().starts_with("kzsim ");
        if in_table || command || line.trim_end().chars().count() <= width {
            out.push_str(line);
            continue;
        }
        let body = line.trim_start();
        let indent = line.len() - body.len();
        let hang = match body.starts_with("- ") {
            true => indent + 2,
            false if indent > 0 => indent + 2,
            false => 0,
        };
        let mut column = indent;
        out.push_str(&line[..indent]);
        for (i, word) in body.split_whitespace().enumerate() {
            let length = word.chars().count();
            if i > 0 && column + 1 + length > width {
                out.push('\n');
                out.extend(std::iter::repeat_n(' ', hang));
                column = hang;
            } else if i > 0 {
                out.push(' ');
                column += 1;
            }
            out.push_str(word);
            column += length;
        }
        if line.ends_with('\n') {
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::fit;

    #[test]
    fn long_lines_break_between_words_and_tables_do_not() {
        let text = "one two three four\n────────────────────────\n a cell and another one\n\
                    ────────────────────────\n\n  indented words here and there\n";
        let wanted = "one two\nthree four\n────────────────────────\n a cell and another one\n\
                      ────────────────────────\n\n  indented\n    words\n    here and\n    there\n";
        assert_eq!(fit(text, Some(12)), wanted);
        assert_eq!(fit(text, None), text);
    }
}
