//! `kzsim new`

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::common::{Failure, print};
use super::terminal::note;
use crate::scenario::grammar::{LONGEST_ID, is_formed};
use crate::scenario::{Unreadable, schema};

/// Begin a scenario from a commented template that can be checked and played as it is.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim new my_country                     # writes my_country.toml
  kzsim new my_country --from palace       # with a body, a crowd and an office
  kzsim new reports --from evidence
  kzsim new my_country --schema            # also the schema, for completion in the editor")]
pub(super) struct NewArgs {
    /// Its id: a small letter, then small letters, digits and _
    #[arg(value_name = "NAME", value_parser = id)]
    name: String,
    /// The template
    #[arg(
        long,
        value_enum,
        value_name = "TEMPLATE",
        default_value = "two_actors"
    )]
    from: Template,
    /// The file to write [default: NAME.toml]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write over files that are there
    #[arg(long)]
    force: bool,
    /// Also write the schema for editors beside it, and name it in the first line
    #[arg(long)]
    schema: bool,
}

/// Templates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
enum Template {
    /// A ruler and a rival, one move: the smallest that is worth playing
    TwoActors,
    /// A founder, a minister, a guard, a banker and a city: every section
    Palace,
    /// Dated observations for `weigh` and `run --given`
    Evidence,
}

impl Template {
    fn text(self) -> &'static str {
        match self {
            Self::TwoActors => include_str!("../templates/two_actors.toml"),
            Self::Palace => include_str!("../templates/palace.toml"),
            Self::Evidence => include_str!("../templates/evidence.toml"),
        }
    }

    /// The schema of such files: its file, and its text.
    fn schema(self) -> (&'static str, String) {
        match self {
            Self::Evidence => ("evidence.schema.json", schema::text(&schema::evidence())),
            _ => ("scenario.schema.json", schema::text(&schema::scenario())),
        }
    }
}

/// A name that results and files can have.
fn id(text: &str) -> Result<String, String> {
    if is_formed(text) {
        return Ok(text.to_owned());
    }
    let allowed =
        format!("a small letter, then small letters, digits and _, at most {LONGEST_ID} in all");
    let near: String = text
        .trim_end_matches(".toml")
        .to_lowercase()
        .chars()
        .map(|c| {
            if c.is_ascii_lowercase() || c.is_ascii_digit() {
                c
            } else {
                '_'
            }
        })
        .skip_while(|c| !c.is_ascii_lowercase())
        .take(LONGEST_ID)
        .collect();
    if near.is_empty() {
        Err(allowed)
    } else {
        Err(format!("{allowed}; `{near}` would do"))
    }
}

pub(super) fn new(args: &NewArgs) -> Result<(), Failure> {
    let path = args
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from(format!("{}.toml", args.name)));
    let mut text = filled(args.from.text(), &args.name, &path);
    if args.schema {
        let (file, schema) = args.from.schema();
        // The same schema is no loss, and one folder may hold many scenarios.
        write(&path.with_file_name(file), &schema, true)?;
        text = format!("#:schema ./{file}\n{text}");
    }
    write(&path, &text, args.force)?;
    note("file", || json!(path.to_string_lossy()));
    let shown = path.display();
    print(&match args.from {
        Template::Evidence => format!("{shown} is written. Next: kzsim check {shown}\n"),
        _ => format!(
            "{shown} is written. Next:\n  kzsim check {shown} --explain\n  kzsim run {shown}\n"
        ),
    })
}

/// A template with its name, its title and its file filled in.
fn filled(template: &str, name: &str, path: &Path) -> String {
    let title = {
        let words = name.replace('_', " ");
        let mut letters = words.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_uppercase().collect::<String>() + letters.as_str()
        })
    };
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    template
        .replace("NAME.toml", &file)
        .replace("NAME", name)
        .replace("TITLE", &title)
}

/// Writes a file; one that is there is replaced only when that is allowed.
fn write(path: &Path, text: &str, replace: bool) -> Result<(), Failure> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true);
    if replace {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    let written = options
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|e| {
        let shown = path.display().to_string();
        if e.kind() == ErrorKind::AlreadyExists {
            return Failure::Usage(format!(
                "{shown} is there already; --force writes over it, --out names another file"
            ));
        }
        let what = match e.kind() {
            ErrorKind::NotFound => "there is no such folder".to_owned(),
            _ => format!("cannot be written: {e}"),
        };
        Unreadable { path: shown, what }.into()
    })
}
