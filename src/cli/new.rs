//! `kzsim new`

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::args::{DASH, read_by};
use super::context::Context;
use super::failure::Failure;
use crate::files;
use crate::result::folder::FolderError;
use crate::scenario::grammar::{LONGEST_ID, is_formed};
use crate::scenario::schema;
use crate::scenario::shell::path_word;
use crate::scenario::visible::visible_path;

/// Start a scenario from a template or a shipped case, ready to check and play.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim new my_country                     # writes my_country.toml
  kzsim new my_country --template street   # a skeleton for a ruler, a crowd and the police
  kzsim new my_country --from zimbabwe     # a copy of a shipped case, to change
  kzsim new reports --template evidence
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
    template: Template,
    /// A shipped case to start from, in place of a template
    #[arg(long, value_enum, value_name = "CASE", conflicts_with = "template")]
    from: Option<Case>,
    /// The file to write; `-` prints it [default: NAME.toml]
    #[arg(long, short, value_name = "FILE")]
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
    /// A skeleton to fill in: a challenger at the ruler's side, and the guns that both need
    Palace,
    /// A skeleton to fill in: a crowd, and police who may stand aside
    Street,
    /// A skeleton to fill in: a power abroad that may answer for the ruler
    Guarantor,
    /// A founder, a minister, a guard, a banker and a city; uses every section
    EverySection,
    /// Dated observations for `weigh` and `run --given`; fits `every_section`
    Evidence,
}

impl Template {
    fn text(self) -> &'static str {
        match self {
            Self::TwoActors => include_str!("../templates/two_actors.toml"),
            Self::Palace => include_str!("../templates/palace.toml"),
            Self::Street => include_str!("../templates/street.toml"),
            Self::Guarantor => include_str!("../templates/guarantor.toml"),
            Self::EverySection => include_str!("../templates/every_section.toml"),
            Self::Evidence => include_str!("../templates/evidence.toml"),
        }
    }
}

/// Shipped cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
enum Case {
    /// January 2022: a president, the patron who installed him, and the street
    Kazakhstan,
    /// 2017 to 2019: a founder keeps the party, his successor has the state
    Angola,
    /// October 2020: a capital's square, and bodies that stand aside
    Kyrgyzstan,
    /// November 2017: an army against its party's ruler, and a party that must vote
    Zimbabwe,
}

impl Case {
    /// The base of the case, without the line that names the schema of the repository.
    fn text(self) -> &'static str {
        let text = match self {
            Self::Kazakhstan => include_str!("../../scenarios/kazakhstan/base.toml"),
            Self::Angola => include_str!("../../scenarios/angola/base.toml"),
            Self::Kyrgyzstan => include_str!("../../scenarios/kyrgyzstan/base.toml"),
            Self::Zimbabwe => include_str!("../../scenarios/zimbabwe/base.toml"),
        };
        match text.split_once('\n') {
            Some((first, rest)) if first.starts_with("#:schema ") => rest,
            _ => text,
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
        let printed = self.out.as_deref() == Some(Path::new(DASH));
        let path = self.out.clone().filter(|_| !printed);
        let path = path.unwrap_or_else(default);
        let mut text = match self.from {
            Some(case) => case.text().to_owned(),
            None => filled(self.template.text(), &self.name, &path),
        };
        let evidence = self.from.is_none() && self.template == Template::Evidence;
        if printed && self.schema {
            return Err(Failure::Usage(
                "--schema cannot be used with --out -: kzsim schema prints it".to_owned(),
            ));
        }
        if printed {
            return context.print_raw(&text);
        }
        if self.schema {
            let (file, schema) = if evidence {
                ("evidence.schema.json", schema::evidence())
            } else {
                ("scenario.schema.json", schema::scenario())
            };
            let schema = schema::text(&schema);
            // Replacing it by the same schema loses nothing, and a folder may hold many scenarios.
            write(&path.with_file_name(file), &schema, true)?;
            text = format!("#:schema ./{file}\n{text}");
        }
        write(&path, &text, self.force)?;
        context.add_json("file", || json!(path.to_string_lossy()));
        let (shown, word) = (visible_path(&path), path_word(&path));
        let next = if evidence {
            format!("  kzsim check {word}\n")
        } else {
            format!("  kzsim check {word} --explain\n  kzsim run {word}\n")
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
