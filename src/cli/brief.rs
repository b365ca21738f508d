//! `kzsim brief`

use std::path::{Path, PathBuf};

use clap::Args;

use super::context::Context;
use super::failure::Failure;
use super::report::{open, unharmed, write};
use crate::report::brief::{Brief, Format};
use crate::scenario::fault::nearest;
use crate::scenario::visible::visible_path;

/// Write a brief: the answer with its range, and what it hangs on, on one or two pages.
///
/// The answer in one sentence, one picture, the guesses that decide, and what is assumed. It reads the folder and plays
/// some of its rounds again. Several runs stand side by side. The extension of the file chooses the format.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim brief results/base
  kzsim brief results/base --out brief.docx --out brief.md
  kzsim brief results/base --slide slide.png
  kzsim brief results/base results/loyal --out both.pdf")]
pub(super) struct BriefArgs {
    /// Folders of kzsim run, or one of kzsim compare
    #[arg(value_name = "DIR", required = true)]
    folders: Vec<PathBuf>,
    /// The file, .pdf, .docx, .md or .html; may be repeated [default: brief.pdf in the first folder]
    #[arg(long, short, value_name = "FILE")]
    out: Vec<PathBuf>,
    /// A picture for a slide, .png or .svg, 1920 by 1080; may be repeated
    #[arg(long, value_name = "FILE")]
    slide: Vec<PathBuf>,
}

/// Extensions of briefs.
const FORMATS: [(&str, Format); 4] = [
    ("pdf", Format::Pdf),
    ("docx", Format::Docx),
    ("md", Format::Markdown),
    ("html", Format::Html),
];

impl BriefArgs {
    pub(super) fn execute(&self, context: &mut Context) -> Result<(), Failure> {
        let mut out = self.out.clone();
        if out.is_empty() && self.slide.is_empty() {
            out.push(self.folders[0].join("brief.pdf"));
        }
        // Before anything is played.
        let formats: Vec<Format> = out.iter().map(|f| format(f)).collect::<Result<_, _>>()?;
        for slide in &self.slide {
            extension("--slide", slide, &["png", "svg"])?;
        }
        let folders = open(&self.folders)?;
        for folder in &folders {
            for note in folder.notes() {
                context.print_note(&format!("{} {note}", visible_path(&folder.path)));
            }
        }
        let brief = Brief::of(&folders, &context.control())?;
        let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
        for (path, format) in out.iter().zip(formats) {
            files.push((path.clone(), brief.file(format)?));
        }
        for path in &self.slide {
            let bytes = match extension("--slide", path, &["png", "svg"])? {
                0 => brief.slide_png()?,
                _ => brief.slide_svg().into_bytes(),
            };
            files.push((path.clone(), bytes));
        }
        unharmed(&folders, &files)?;
        write(&files)?;
        super::report::told(context, &files)
    }
}

/// The format of a file, by its extension.
fn format(path: &Path) -> Result<Format, Failure> {
    let known = FORMATS.map(|(name, _)| name);
    extension("--out", path, &known).map(|i| FORMATS[i].1)
}

/// Which of some extensions a file has.
fn extension(option: &str, path: &Path, known: &[&str]) -> Result<usize, Failure> {
    let own = path.extension().map(|e| e.to_string_lossy().to_lowercase());
    let own = own.unwrap_or_default();
    known.iter().position(|k| *k == own).ok_or_else(|| {
        let near = nearest(&own, known.iter().copied());
        let near = near.map_or_else(String::new, |n| format!("; did you mean .{n}?"));
        let all: Vec<String> = known.iter().map(|k| format!(".{k}")).collect();
        Failure::Usage(format!(
            "{option} {}: expected a file whose name ends in {}{near}",
            visible_path(path),
            all.join(", ")
        ))
    })
}
