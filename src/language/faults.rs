//! The faults of a file as an editor shows them: all of them, each at its place.

use lsp_types::{Diagnostic, DiagnosticSeverity, Range};

use super::document::{Document, range};
use crate::scenario::Evidence;
use crate::scenario::fault::{Fault, Faults};
use crate::scenario::visible::{on_one_line, visible_path};
use crate::study::StudyError;

/// All faults of a file and of what it extends: those that `kzsim check` reports.
pub(super) fn faults(document: &Document) -> Vec<Diagnostic> {
    let found = if document.is_evidence() {
        let name = document.path.file_stem().unwrap_or_default();
        let read = Evidence::read_text(&name.to_string_lossy(), &document.text);
        read.err().map(StudyError::Faults)
    } else {
        document.source().open().err()
    };
    match found {
        None => Vec::new(),
        Some(StudyError::Faults(faults)) => {
            let told = faults
                .list
                .iter()
                .map(|fault| told(document, &faults, fault));
            told.collect()
        }
        Some(other) => vec![shown(Range::default(), other.to_string())],
    }
}

/// A fault at its place; one of a file that is extended at the line that does so.
fn told(document: &Document, faults: &Faults, fault: &Fault) -> Diagnostic {
    let mut words = format!(
        "{}\nexpected {}",
        on_one_line(&fault.found),
        on_one_line(&fault.allowed)
    );
    if let Some(help) = &fault.nearest {
        words = format!("{words}\n{}", on_one_line(help));
    }
    let Some(place) = &fault.place else {
        return shown(Range::default(), words);
    };
    // Its own text is the first that is read.
    if place.file == 0 {
        return shown(range(&document.text, &place.span), words);
    }
    let file = faults.sources.get(place.file);
    let file = file.and_then(|source| source.path.as_deref());
    let file = file.map_or_else(String::new, visible_path);
    let (line, column) = faults.sources.position(place);
    let extends = document
        .said
        .as_ref()
        .and_then(|said| said.files.declared(&["extends"]));
    let at = extends.filter(|place| place.file == 0);
    let at = at.map_or_else(Range::default, |place| range(&document.text, &place.span));
    shown(at, format!("{file}:{line}:{column}: {words}"))
}

fn shown(range: Range, message: String) -> Diagnostic {
    Diagnostic {
        range,
        severity: Some(DiagnosticSeverity::ERROR),
        source: Some("kzsim".to_owned()),
        message,
        ..Diagnostic::default()
    }
}
