//! Files of another kind, where TOML is expected.

use super::fault::{Fault, Place};
use super::tree::Node;

/// What bytes are that are not UTF-8 text; `at` is the first byte that does not fit.
pub(super) fn bytes(bytes: &[u8], at: usize) -> String {
    let starts = |with: &[u8]| bytes.starts_with(with);
    if starts(b"PK\x03\x04") || starts(b"\xd0\xcf\x11\xe0") {
        return "is a spreadsheet, a document or an archive, not text; copy its content into a text \
                file and save that as UTF-8"
            .to_owned();
    }
    if starts(b"%PDF") {
        return "is a PDF document, not text; write a text file in UTF-8".to_owned();
    }
    if starts(b"\xff\xfe") || starts(b"\xfe\xff") || is_utf16(bytes) {
        return "is UTF-16 text; save it as UTF-8 (in Windows Notepad: Save as, Encoding, UTF-8)"
            .to_owned();
    }
    let line = bytes[..at].split(|b| *b == b'\n').count();
    format!(
        "is not UTF-8 text (byte {} on line {line}), but perhaps in an older encoding such as \
         Windows-1252; save it as UTF-8",
        at + 1
    )
}

/// Whether bytes are UTF-16: of Latin letters every second byte is zero, which is valid UTF-8 too.
pub(super) fn is_utf16(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(200)];
    let zeros = head.iter().map(|b| usize::from(*b == 0)).sum::<usize>();
    zeros * 10 > head.len().max(10)
}

/// The fault of a text that is of another kind as a whole, so that its lines need not be told.
pub(super) fn text(text: &str, file: usize) -> Option<Fault> {
    let content = text.trim_start_matches('\u{feff}').trim_start();
    let first = content.lines().next().unwrap_or_default();
    let start = text.len() - content.len();
    let place = Place {
        file,
        span: start..start + first.len(),
    };
    let fault = |found: &str, write: &str| {
        Some(Fault {
            nearest: Some(write.to_owned()),
            ..Fault::at(
                &place,
                found,
                "TOML: lines of `key = value` under [headers]",
            )
        })
    };
    let example = "see scenarios/minimal.toml, or begin with kzsim new";
    if content.starts_with("{\\rtf") {
        return fault(
            "a document in rich text (RTF)",
            "save it as plain text in UTF-8",
        );
    }
    if content.starts_with('<') {
        return fault("a page in HTML or XML", example);
    }
    if content.starts_with('{') && content.trim_end().ends_with('}') {
        return fault("JSON", example);
    }
    if first == "---" || first.starts_with("%YAML") {
        return fault("YAML", example);
    }
    // Only carriage returns: an old Macintosh, or an export.
    if content.contains('\r') && !content.contains('\n') {
        let mut fault = Fault::at(
            &place,
            "lines that end in a carriage return alone",
            "lines that end in LF or CR LF",
        );
        fault.nearest = Some("save it with Unix (LF) or Windows (CR LF) line ends".to_owned());
        return Some(fault);
    }
    let lines: Vec<&str> = content
        .lines()
        .filter(|l| !l.trim().is_empty())
        .take(20)
        .collect();
    let quoted = |l: &&&str| l.starts_with('"') && l.trim_end().ends_with(['"', ';', ',']);
    if lines.len() > 2 && lines.iter().filter(quoted).count() == lines.len() {
        return fault(
            "every line is in quotes, as a spreadsheet writes text",
            "edit the file in a text editor, not in a spreadsheet, and delete these quotes",
        );
    }
    if lines.len() > 1 && lines.iter().all(|l| !l.contains('=') || l.contains(';')) {
        for (separator, name) in [(';', "semicolons"), ('\t', "tabs"), (',', "commas")] {
            let columns = |l: &str| l.matches(separator).count();
            let n = columns(first);
            let is_table = n > 0 && !first.starts_with(['[', '#']) && !first.contains('=');
            if is_table && lines.iter().filter(|l| columns(l) >= n).count() * 10 >= lines.len() * 8
            {
                return fault(
                    &format!("a table of {} columns with {name} (CSV)", n + 1),
                    "a CSV file may hold evidence (--given, --evidence) or a design (sweep --design); a scenario is TOML",
                );
            }
        }
    }
    None
}

/// The fault of a file that holds evidence where a scenario is wanted, or the reverse.
pub(super) fn other_kind(root: &Node, file: usize, wants_scenario: bool) -> Option<Fault> {
    let has = |keys: &[&'static str]| keys.iter().find_map(|key| root.entry(key));
    let scenario = has(&[
        "contenders",
        "actors",
        "clock",
        "arenas",
        "outcomes",
        "actions",
    ]);
    let evidence = has(&["observations"]);
    let (entry, found, allowed, help) = match (wants_scenario, scenario, evidence) {
        (true, None, Some(e)) => (
            e,
            "an evidence file, for it has [observations]",
            "a scenario",
            "name a scenario here, and this file after --given or --evidence, or with kzsim weigh",
        ),
        (false, Some(e), None) => (
            e,
            "a scenario, not evidence",
            "an evidence file with [observations.ID]",
            "name the evidence here and the scenario as the first argument",
        ),
        _ => return None,
    };
    let place = Place {
        file,
        span: entry.key_place.span.clone(),
    };
    Some(Fault {
        nearest: Some(help.to_owned()),
        ..Fault::at(&place, found, allowed)
    })
}
