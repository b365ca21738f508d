//! `kzsim new`

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::args::read_by;
use super::context::Context;
use super::failure::Failure;
use crate::files;
use crate::result::folder::FolderError;
use crate::scenario::grammar::{LONGEST_ID, is_formed};
use crate::scenario::schema;
use crate::scenario::shell::path_word;
use crate::scenario::visible::visible_path;

/// Start a scenario from a commented template, ready to check and play.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim new my_country                     # writes my_country.toml
  kzsim new my_country --from palace       # with a body, a crowd and an office
  kzsim new reports --from evidence
  kzsim new my_country --schema            # also the schema, for completion in the editor")]
pub(super) struct NewArgs {
    /// Name of the scenario or evidence: a lower-case letter, then lower-case letters, digits and _
    #[arg(value_name = "NAME", value_parser = read_by("name", id))]
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
    /// Overwrite existing files
    #[arg(long)]
    force: bool,
    /// Also write the schema for editors next to it, and refer to it in the first line
    #[arg(long)]
    schema: bool,
}

/// Templates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
enum Template {
    /// A ruler and a rival, one move: the smallest that is worth playing
    TwoActors,
    /// A founder, a minister, a guard, a banker and a city; uses every section
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
    let allowed = format!(
        "expected a lower-case letter, then lower-case letters, digits and _, at most {LONGEST_ID} in total"
    );
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
        Err(format!("{allowed}, for example `{near}`"))
    }
}

impl NewArgs {
    pub(super) fn execute(&self, context: &mut Context) -> Result<(), Failure> {
        let default = || PathBuf::from(format!("{}.toml", self.name));
        let path = self.out.clone().unwrap_or_else(default);
        let mut text = filled(self.from.text(), &self.name, &path);
        if self.schema {
            let (file, schema) = self.from.schema();
            // Replacing it by the same schema loses nothing, and a folder may hold many scenarios.
            write(&path.with_file_name(file), &schema, true)?;
            text = format!("#:schema ./{file}\n{text}");
        }
        write(&path, &text, self.force)?;
        context.add_json("file", || json!(path.to_string_lossy()));
        let (shown, word) = (visible_path(&path), path_word(&path));
        let next = match self.from {
            Template::Evidence => format!("  kzsim check {word}\n"),
            _ => format!("  kzsim check {word} --explain\n  kzsim run {word}\n"),
        };
        context.print_result(&format!("Written to {shown}. Next:\n{next}"))
    }
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

/// Writes a file; an existing one is replaced only if `replace` allows it.
fn write(path: &Path, text: &str, replace: bool) -> Result<(), Failure> {
    let written = if replace {
        files::write_whole(path, text.as_bytes())
    } else {
        files::create_new(path).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            files::close(file)
        })
    };
    written.map_err(|e| {
        let shown = visible_path(path);
        match e.kind() {
            ErrorKind::AlreadyExists => Failure::Usage(format!(
                "{shown} already exists; --force overwrites it, --out names a different file"
            )),
            ErrorKind::NotFound => Failure::Outside(format!("{shown}: the folder does not exist")),
            _ => Failure::Outside(FolderError::unwritten(path, &e).to_string()),
        }
    })
}
