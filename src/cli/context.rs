//! What commands are run with: how to print, how wide, and who may stop them.
//!
//! Results go to stdout, as text for people or as one JSON document for programs; progress, notes
//! and errors go to stderr.

use std::cell::{Cell, OnceCell, RefCell};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::args::{CountedArgs, DASH, OutputArgs, PlayArgs, SetArgs};
use super::failure::Failure;
use super::progress::{Shown, Terminal};
use super::wrap::wrap;
use crate::ensemble::Workers;
use crate::files;
use crate::result::manifest::FILE as MANIFEST;
use crate::scenario::shell::path_word;
use crate::scenario::visible::{visible, visible_json, visible_path};
use crate::scenario::{Evidence, Reach, STDIN, read_stdin};
use crate::study::{Control, Output, Play, Source, Study, StudyError};
use crate::text::Layout;
use crate::text::layout::BARS;

/// The file of a report inside a result folder, unless another is named.
pub(super) const REPORT: &str = "report.html";
/// Fewer columns than these are taken for a mistake.
const NARROWEST: u16 = 20;

/// What terminals take for the colour of bars.
const CYAN: &str = "\u{1b}[36m";
/// The same for their own colour.
const DEFAULT: &str = "\u{1b}[39m";

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Text,
    Quiet,
    Json,
}

/// The JSON document so far.
#[derive(Debug, Default)]
struct Document {
    entries: Map<String, Value>,
    text: String,
    /// Something else has been written to stdout, such as a schema.
    replaced: bool,
}

/// What a command is run with.
pub(super) struct Context {
    mode: Mode,
    /// How summaries are laid out: columns to fill, if known.
    layout: Layout,
    /// Whether colours are allowed on a terminal.
    colours: bool,
    reach: Reach,
    stdout: Box<dyn Write>,
    document: Document,
    terminal: Terminal,
    control: OnceCell<Control>,
    stdin_is_read: Cell<bool>,
    /// Every note so far.
    notes: RefCell<Vec<String>>,
    /// Where a result passes through whose main table is printed.
    passing: OnceCell<TempDir>,
}

impl Context {
    pub(super) fn new(quiet: bool, json: bool, progress: Shown, reach: Reach) -> Self {
        Self {
            mode: match (json, quiet) {
                (true, _) => Mode::Json,
                (false, true) => Mode::Quiet,
                (false, false) => Mode::Text,
            },
            layout: Layout { width: width() },
            colours: colours_are_allowed(),
            reach,
            stdout: Box::new(io::stdout()),
            document: Document::default(),
            terminal: Terminal::new(if quiet { Shown::None } else { progress }),
            control: OnceCell::new(),
            stdin_is_read: Cell::new(false),
            notes: RefCell::default(),
            passing: OnceCell::new(),
        }
    }

    /// How summaries are laid out.
    pub(super) fn layout(&self) -> Layout {
        self.layout
    }

    /// Which files scenarios may extend.
    pub(super) fn reach(&self) -> Reach {
        self.reach
    }

    /// A scenario file with settings; `-` is standard input.
    pub(super) fn source(&self, path: &Path, set: &SetArgs) -> Result<Source, Failure> {
        let named = Source {
            path: path.to_path_buf(),
            settings: set.settings.clone(),
            reach: self.reach,
            ..Source::default()
        };
        if path != Path::new(DASH) {
            return Ok(named);
        }
        if self.stdin_is_read.replace(true) {
            let twice = "`-`: standard input is one scenario; name the others by their files";
            return Err(Failure::Usage(twice.to_owned()));
        }
        Ok(Source {
            path: STDIN.into(),
            text: Some(read_stdin().map_err(StudyError::from)?),
            ..named
        })
    }

    /// Several scenario files with the same settings.
    pub(super) fn sources<'p>(
        &self,
        paths: impl IntoIterator<Item = &'p PathBuf>,
        set: &SetArgs,
    ) -> Result<Vec<Source>, Failure> {
        let paths = paths.into_iter();
        paths.map(|path| self.source(path, set)).collect()
    }

    /// Reads an evidence file.
    pub(super) fn evidence(path: &Path) -> Result<Evidence, Failure> {
        Ok(Evidence::read(path).map_err(StudyError::from)?)
    }

    /// The same, of which only some reports count.
    pub(super) fn counted(path: &Path, counted: &CountedArgs) -> Result<Evidence, Failure> {
        let mut evidence = Self::evidence(path)?;
        if !counted.reports.is_empty() {
            let chosen = evidence.select(&counted.reports);
            evidence = chosen.map_err(|faults| Failure::Usage(faults.join("\n")))?;
        }
        Ok(match counted.known_by {
            Some(moment) => evidence.known_by(moment),
            None => evidence,
        })
    }

    /// Shows progress here, and stops at signals from now on.
    pub(super) fn control(&self) -> Control {
        self.control.get_or_init(|| self.terminal.listen()).clone()
    }

    /// Where a result is written; `-` is standard output, on which its main table is printed.
    pub(super) fn output(&self, args: &OutputArgs) -> Result<Output, Failure> {
        let mut folder = args.out.clone();
        if args.to_stdout() {
            let passing = tempfile::tempdir()
                .map_err(|e| Failure::Outside(format!("no temporary folder: {e}")))?;
            let passing = self.passing.get_or_init(|| passing);
            folder = Some(passing.path().join("result"));
        }
        Ok(Output {
            folder,
            force: args.force,
        })
    }

    /// The options that studies share.
    pub(super) fn play(&self, args: &PlayArgs) -> Result<Play, Failure> {
        Ok(Play {
            rounds: args.rounds,
            seed: args.seed,
            workers: Workers::chosen(args.threads.unwrap_or(0).into()).map_err(StudyError::from)?,
            output: Some(self.output(&args.output)?),
            control: self.control(),
        })
    }

    /// Prints a note on stderr, and adds it to the JSON document.
    pub(super) fn print_note(&self, text: &str) {
        self.terminal.print(&format!("note: {text}"));
        self.notes.borrow_mut().push(text.to_owned());
    }

    /// Prints what may not be meant of a scenario and its evidence.
    pub(super) fn print_notes(&self, study: &Study) {
        for note in study.remarks() {
            self.print_note(&note);
        }
    }

    /// Prints why a command failed on stderr.
    pub(super) fn print_error(&self, failure: &Failure) {
        let colours = self.colours && io::stderr().is_terminal();
        self.terminal.print_visible(&failure.message(colours));
    }

    /// Prints a result for people. In the JSON document it is the `text`, if there is nothing else.
    pub(super) fn print_result(&mut self, text: &str) -> Result<(), Failure> {
        match self.mode {
            Mode::Text => self.write(&wrap(text, self.layout.width)),
            Mode::Quiet => Ok(()),
            Mode::Json => {
                self.document.text.push_str(text);
                Ok(())
            }
        }
    }

    /// Prints what the command was asked for as it is, such as a schema, in every mode.
    pub(super) fn print_raw(&mut self, text: &str) -> Result<(), Failure> {
        self.document.replaced = true;
        self.write(text)
    }

    /// Adds an entry to the JSON document.
    pub(super) fn add_json(&mut self, key: &str, value: impl FnOnce() -> Value) {
        if self.mode == Mode::Json {
            self.document.entries.insert(key.to_owned(), value());
        }
    }

    /// Prints a summary and where the result was written; for programs the folder, its files, and
    /// the rows of some tables.
    pub(super) fn print_written(
        &mut self,
        folder: Option<&Path>,
        summary: &str,
        tables: &[&str],
    ) -> Result<(), Failure> {
        let Some(folder) = folder else {
            return self.print_result(summary);
        };
        if self.passing.get().is_some() && self.mode != Mode::Json {
            let main = tables.first().map(|table| folder.join(table));
            let main =
                main.ok_or_else(|| Failure::Internal("a result without a table".to_owned()))?;
            return self.print_raw(&std::io::read_to_string(files::open(&main)?)?);
        }
        if self.mode == Mode::Json {
            let wrong = |e| Failure::Internal(format!("{}: {e}", visible_path(folder)));
            return self.add_result(folder, tables).map_err(wrong);
        }
        let shown = visible_path(folder);
        self.print_result(summary)?;
        self.print_result(&format!("\nWritten to {shown}\n"))?;
        if files::is_there(&folder.join(REPORT)) {
            self.print_note(&format!(
                "{REPORT} in {shown} shows an earlier result; update it with kzsim report {}",
                path_word(folder)
            ));
        }
        Ok(())
    }

    /// Adds a result folder to the JSON document.
    fn add_result(&mut self, folder: &Path, tables: &[&str]) -> io::Result<()> {
        let text = std::io::read_to_string(files::open(&folder.join(MANIFEST))?)?;
        let manifest: Value = serde_json::from_str(&text)?;
        let mut rows = Map::new();
        let mut files = vec![json!({"file": MANIFEST})];
        for entry in manifest["files"].as_array().into_iter().flatten() {
            let file = entry["file"].as_str().unwrap_or_default();
            files.push(json!({"file": file, "rows": entry["rows"]}));
            if tables.contains(&file) {
                let name = file.trim_end_matches(".csv").to_owned();
                rows.insert(name, read_table(&folder.join(file), &entry["columns"])?);
            }
        }
        if let Some(file) = manifest["state"]["file"].as_str() {
            files.push(json!({"file": file}));
        }
        if self.passing.get().is_none() {
            self.add_json("folder", || folder.to_string_lossy().into());
            self.add_json("files", || files.into());
        }
        for key in ["seed", "rounds", "note", "options"] {
            if !manifest[key].is_null() {
                self.add_json(key, || manifest[key].clone());
            }
        }
        if !manifest["evidence"].is_null() {
            self.add_json("evidence", || manifest["evidence"]["title"].clone());
        }
        self.add_json("tables", || Value::Object(rows));
        Ok(())
    }

    /// Prints the JSON document at the end of a command, if it was asked for.
    pub(super) fn print_json(
        &mut self,
        command: &str,
        failure: Option<&Failure>,
    ) -> Result<(), Failure> {
        let found = std::mem::take(&mut self.document);
        if self.mode != Mode::Json || found.replaced {
            return Ok(());
        }
        let mut all = Map::new();
        all.insert("kzsim".into(), env!("CARGO_PKG_VERSION").into());
        all.insert("command".into(), command.into());
        all.insert("exit_code".into(), failure.map_or(0, Failure::code).into());
        if let Some(failure) = failure {
            all.insert("error".into(), failure.headline().into());
            all.insert("faults".into(), failure.faults().into());
        }
        if found.entries.is_empty() && !found.text.is_empty() {
            all.insert("text".into(), found.text.into());
        }
        all.extend(found.entries);
        let notes = self.notes.take();
        if !notes.is_empty() {
            all.insert("notes".into(), notes.into());
        }
        self.write_visible(&visible_json(&format!("{:#}\n", Value::Object(all))))
    }

    /// Writes text to stdout: first what is hidden in it is made visible, then it is coloured.
    fn write(&mut self, text: &str) -> Result<(), Failure> {
        let text = visible(text);
        if self.colours && io::stdout().is_terminal() {
            self.write_visible(&coloured(&text))
        } else {
            self.write_visible(&text)
        }
    }

    fn write_visible(&mut self, text: &str) -> Result<(), Failure> {
        self.stdout.write_all(text.as_bytes())?;
        Ok(self.stdout.flush()?)
    }
}

/// Text with its bars in colour.
fn coloured(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for c in text.chars() {
        if BARS.contains(&c) != inside {
            inside = !inside;
            out.push_str(if inside { CYAN } else { DEFAULT });
        }
        out.push(c);
    }
    if inside {
        out.push_str(DEFAULT);
    }
    out
}

/// The rows of a CSV file as data, typed as the manifest says.
fn read_table(path: &Path, columns: &Value) -> Result<Value, csv::Error> {
    let mut reader = csv::Reader::from_reader(files::open(path)?);
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
                    Some("string" | "date") | None => cell.into(),
                    _ => serde_json::from_str(cell).unwrap_or_else(|_| cell.into()),
                };
                (name, value)
            })
            .collect();
        out.push(Value::Object(row));
    }
    Ok(Value::Array(out))
}

/// Columns to fill, if known: COLUMNS, or those of the terminal.
fn width() -> Option<u16> {
    let wide = |n: &u16| *n >= NARROWEST;
    let columns = std::env::var("COLUMNS").ok();
    let columns = columns.and_then(|text| text.trim().parse().ok());
    columns.filter(wide).or_else(|| {
        // A terminal that does not know its size reports 0.
        let size = || comfy_table::Table::new().width();
        io::stdout().is_terminal().then(size).flatten().filter(wide)
    })
}

/// Whether colours are allowed: <https://no-color.org>, and terminals that have none.
fn colours_are_allowed() -> bool {
    let is = |name: &str, test: fn(&std::ffi::OsStr) -> bool| {
        std::env::var_os(name).is_some_and(|value| test(&value))
    };
    !is("NO_COLOR", |v| !v.is_empty()) && !is("TERM", |v| v == "dumb")
}
