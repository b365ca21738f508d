//! Tables that others wrote: CSV files whose every cell knows its place, so that a fault can name it.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;

use super::fault::{Fault, Place, Sources};
use super::load::{Unreadable, read_text_to};
use super::meant::{Want, meant};
use super::misread::is_formula;

/// The largest file that is read, in bytes.
const MOST: u64 = 256 << 20;

/// A cell: its text, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetCell {
    /// The text, without blanks around it and without quotes.
    pub text: String,
    /// Bytes of the file, quotes included.
    span: Range<usize>,
}

/// A table with a header.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    /// Index of its text among the sources.
    file: usize,
    /// Names of columns.
    header: Vec<SheetCell>,
    /// Cells of rows, as many as there are columns.
    rows: Vec<Vec<SheetCell>>,
}

/// What is wrong with quotes, and where.
type Misquoted = Vec<(Range<usize>, &'static str)>;

/// Splits a text into records.
fn records(text: &str) -> (Vec<Vec<SheetCell>>, Misquoted) {
    let bytes = text.as_bytes();
    let (mut out, mut wrong) = (Vec::new(), Vec::new());
    let mut at = text.len() - text.trim_start_matches('\u{feff}').len();
    while at < bytes.len() {
        let mut record = Vec::new();
        loop {
            let start = at;
            let mut cell = String::new();
            let quoted = bytes.get(at) == Some(&b'"');
            if quoted {
                at += 1;
                loop {
                    let Some(found) = text[at..].find('"') else {
                        wrong.push((start..start + 1, "a quote that is not closed"));
                        at = bytes.len();
                        break;
                    };
                    cell.push_str(&text[at..at + found]);
                    at += found + 1;
                    if bytes.get(at) != Some(&b'"') {
                        break;
                    }
                    cell.push('"');
                    at += 1;
                }
            }
            let rest = text[at..].find([',', '\n']).map_or(bytes.len(), |i| at + i);
            if quoted && !text[at..rest].trim().is_empty() {
                wrong.push((at..rest, "text behind a closing quote"));
            }
            if !quoted {
                cell.push_str(&text[at..rest]);
            }
            let end = start + text[start..rest].trim_end().len();
            record.push(SheetCell {
                text: cell.trim().to_owned(),
                span: start..end,
            });
            at = rest + 1;
            if bytes.get(rest) != Some(&b',') {
                break;
            }
        }
        // Empty lines are no rows.
        if record.len() > 1 || !record[0].text.is_empty() {
            out.push(record);
        }
    }
    (out, wrong)
}

impl Sheet {
    /// Reads a file and adds its text to the sources.
    ///
    /// # Errors
    /// When it cannot be opened or is not text; what is wrong with its rows goes to `faults`.
    pub fn read(
        path: &Path,
        sources: &mut Sources,
        faults: &mut Vec<Fault>,
    ) -> Result<Self, Unreadable> {
        let shown = path.to_string_lossy().into_owned();
        let text = read_text_to(path, MOST).map_err(|what| Unreadable {
            path: shown.clone(),
            what,
        })?;
        let file = sources.add(shown, Some(path), text.clone());
        Ok(Self::parse(&text, file, faults))
    }

    /// Reads a text, which is that of an index among the sources.
    #[must_use]
    pub fn parse(text: &str, file: usize, faults: &mut Vec<Fault>) -> Self {
        let (mut rows, wrong) = records(text);
        let place = |span: Range<usize>| Place { file, span };
        let broken = !wrong.is_empty();
        for (span, what) in wrong {
            faults.push(Fault::at(&place(span), what, "CSV (RFC 4180)"));
        }
        if rows.is_empty() {
            let found = "an empty file";
            faults.push(Fault::at(&place(0..0), found, "a header and rows, in CSV"));
            return Self {
                file,
                ..Self::default()
            };
        }
        let header = rows.remove(0);
        if let [only] = header.as_slice()
            && let Some(separator) = [";", "\t"].into_iter().find(|s| only.text.contains(s))
        {
            let name = if separator == ";" {
                "semicolons"
            } else {
                "tabs"
            };
            let found = format!("columns with {name} between them, as a spreadsheet may write");
            let fault = Fault::at(&place(only.span.clone()), found, "commas");
            let help = "write commas for them, and decimal points for decimal commas";
            faults.push(fault.help(Some(help.to_owned())));
            return Self {
                file,
                header,
                rows: Vec::new(),
            };
        }
        let mut known = BTreeSet::new();
        for cell in &header {
            let name = &cell.text;
            if !known.insert(name) {
                let found = format!("a second column `{name}`");
                faults.push(Fault::at(
                    &place(cell.span.clone()),
                    found,
                    "each name once",
                ));
            }
        }
        let columns = header.len();
        rows.retain(|row| {
            if row.len() == columns {
                return true;
            }
            if !broken {
                let span = row[0].span.start..row[row.len() - 1].span.end;
                let found = format!("{} cells", row.len());
                let allowed = format!("{columns}, as in the header");
                faults.push(Fault::at(&place(span), found, allowed));
            }
            false
        });
        Self { file, header, rows }
    }

    /// Number of rows.
    #[must_use]
    pub fn count(&self) -> usize {
        self.rows.len()
    }

    /// Names of columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.header.iter().map(|c| c.text.as_str())
    }

    /// The index of a column.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        self.names().position(|n| n == name)
    }

    /// The index of a column that must be there; `why` says what for.
    pub fn column(&self, name: &str, why: &str, faults: &mut Vec<Fault>) -> Option<usize> {
        let found = self.find(name);
        if found.is_none() && !self.header.is_empty() {
            let last = self.header.last().map_or(0, |c| c.span.end);
            let place = Place {
                file: self.file,
                span: self.header[0].span.start..last,
            };
            let fault = Fault::at(&place, format!("no column `{name}`"), why);
            faults.push(fault.near(name, self.names()));
        }
        found
    }

    /// The text of a cell.
    #[must_use]
    pub fn text(&self, row: usize, column: usize) -> &str {
        &self.rows[row][column].text
    }

    /// The text of a cell that is a name, which results repeat: no spreadsheet may compute it.
    pub fn name(&self, row: usize, column: usize, faults: &mut Vec<Fault>) -> &str {
        let text = self.text(row, column);
        if is_formula(text) {
            let found = format!("`{text}`, which a spreadsheet takes for a formula");
            let fault = Fault::at(&self.place(row, column), found, "a name");
            let help = "begin it with a letter or a digit";
            faults.push(fault.help(Some(help.to_owned())));
        }
        text
    }

    /// Where a cell stands.
    #[must_use]
    pub fn place(&self, row: usize, column: usize) -> Place {
        Place {
            file: self.file,
            span: self.rows[row][column].span.clone(),
        }
    }

    /// Where the name of a column stands.
    #[must_use]
    pub fn head(&self, column: usize) -> Place {
        Place {
            file: self.file,
            span: self.header[column].span.clone(),
        }
    }

    /// A cell as a probability.
    pub fn probability(&self, row: usize, column: usize, faults: &mut Vec<Fault>) -> Option<f64> {
        let text = self.text(row, column);
        let found = text.parse::<f64>().ok();
        let inside = found.filter(|p| (0.0..=1.0).contains(p));
        if inside.is_none() {
            let found = match (found, text) {
                (_, "") => "no probability".to_owned(),
                (Some(x), _) if x.is_finite() => format!("a probability of {x}"),
                _ => format!("`{text}` where a probability is expected"),
            };
            let want = Want::Number {
                distribution: false,
            };
            let help = text.parse::<f64>().is_err().then(|| meant(text, want));
            let fault = Fault::at(&self.place(row, column), found, "a number from 0 to 1");
            faults.push(fault.help(help.flatten()));
        }
        inside
    }

    /// A cell as a number of rounds that were played; nothing where it is empty.
    pub fn rounds(&self, row: usize, column: usize, faults: &mut Vec<Fault>) -> Option<f64> {
        let whole = |n: &f64| n.fract() == 0.0 && (1.0..=1e15).contains(n);
        let allowed = "a whole number of at least 1, or nothing";
        self.number(row, column, &whole, allowed, faults)
    }

    /// A cell as a number of rounds that would know as much; nothing where it is empty.
    pub fn effective_rounds(
        &self,
        row: usize,
        column: usize,
        faults: &mut Vec<Fault>,
    ) -> Option<f64> {
        let inside = |n: &f64| (0.0..=1e15).contains(n);
        self.number(
            row,
            column,
            &inside,
            "a number of at least 0, or nothing",
            faults,
        )
    }

    fn number(
        &self,
        row: usize,
        column: usize,
        inside: &dyn Fn(&f64) -> bool,
        allowed: &'static str,
        faults: &mut Vec<Fault>,
    ) -> Option<f64> {
        let text = self.text(row, column);
        if text.is_empty() {
            return None;
        }
        let found = text.parse::<f64>().ok().filter(inside);
        if found.is_none() {
            let found = format!("`{text}` rounds");
            faults.push(Fault::at(&self.place(row, column), found, allowed));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_know_their_places() {
        let text = "\u{feff}case,\"p, q\"\r\na, 0.5 \r\n\r\n\"b \"\"x\"\"\",1\n";
        let mut sources = Sources::default();
        let file = sources.add("t.csv".to_owned(), None, text.to_owned());
        let mut faults = Vec::new();
        let sheet = Sheet::parse(text, file, &mut faults);
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!(sheet.names().collect::<Vec<_>>(), ["case", "p, q"]);
        assert_eq!((sheet.text(0, 1), sheet.text(1, 0)), ("0.5", "b \"x\""));
        assert_eq!(sources.position(&sheet.place(1, 1)), (4, 11));
    }

    #[test]
    fn rows_that_do_not_fit_are_told() {
        let wrong = |text: &str| {
            let mut faults = Vec::new();
            let sheet = Sheet::parse(text, 0, &mut faults);
            (sheet.count(), faults.into_iter().map(|f| f.found).collect())
        };
        let expect = |n, what: &str| (n, vec![what.to_owned()]);
        assert_eq!(wrong(""), expect(0, "an empty file"));
        assert_eq!(wrong("a,b\n1,2\n1\n"), expect(1, "1 cells"));
        assert_eq!(wrong("a,a\n1,2\n"), expect(1, "a second column `a`"));
        let (_, found): (usize, Vec<String>) = wrong("a;b\n1;2\n");
        assert!(found[0].contains("semicolons"));
        assert_eq!(
            wrong("a,b\n\"1,2\n"),
            expect(0, "a quote that is not closed")
        );
    }
}
