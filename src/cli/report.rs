//! `kzsim report`

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::args::{a_file, read_by};
use super::context::{Context, REPORT};
use super::failure::{Failure, all_well};
use crate::files;
use crate::report::{Home, Report, ResultFolder, Shown, png};
use crate::result::folder::FolderError;
use crate::scenario::fault::nearest;
use crate::scenario::visible::visible_path;

/// Make a report of result folders, as one page or single pictures.
///
/// The page needs neither network nor scripts. It starts with the answer, describes every picture
/// in words, and says what the numbers do not mean. It prints on a few pages: pictures that explain
/// the answer further are folded. Each folder is checked against its manifest first. Several folders
/// are shown side by side.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim report results/base
  kzsim report results/base results/no_troops --out both.html
  kzsim report results/base --full
  kzsim report results/base --format png --picture outcomes --picture actions
  kzsim run scenarios/base.toml --follow loyalty.knb.tokayev && kzsim report results/base")]
pub(super) struct ReportArgs {
    /// Folders that kzsim wrote
    #[arg(value_name = "DIR", required = true)]
    folders: Vec<PathBuf>,
    /// The page, or the folder for single pictures [default: report.html in the first folder, or that
    /// folder]
    #[arg(long, short, value_name = "FILE", value_parser = read_by("file", a_file))]
    out: Option<PathBuf>,
    /// One page, or single pictures
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Html)]
    format: Format,
    /// A page with everything open, to print it all
    #[arg(long)]
    full: bool,
    /// Only this picture; may be repeated [default: all]
    #[arg(long, value_name = "NAME")]
    picture: Vec<String>,
    /// Quantities of timeline.csv to show day by day, for example loyalty.knb.tokayev [default:
    /// loyalties and stances that the run followed]
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    follow: Vec<String>,
}

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One page with everything.
    Html,
    /// Single pictures as SVG, in light and in dark.
    Svg,
    /// Single pictures as PNG, in light.
    Png,
}

impl ReportArgs {
    pub(super) fn execute(&self, context: &mut Context) -> Result<(), Failure> {
        let folders = open(&self.folders)?;
        for folder in &folders {
            for note in folder.notes() {
                context.print_note(&format!("{} {note}", visible_path(&folder.path)));
            }
        }
        let mut report = Report::of(folders, &self.follow)?;
        choose(&mut report, &self.picture)?;
        report.full = self.full || !self.picture.is_empty();
        let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
        let first = &self.folders[0];
        if self.format == Format::Html {
            let page = self.out.clone().unwrap_or_else(|| first.join(REPORT));
            if page.is_dir() {
                return Err(Failure::Usage(format!(
                    "{}: is a folder; name a file for the page",
                    visible_path(&page)
                )));
            }
            let folder = page.parent().map(Path::to_path_buf).unwrap_or_default();
            for shown in report
                .pictures
                .iter()
                .filter(|s| s.picture.data.home == Home::Written)
            {
                files.push((
                    folder.join(report.data_file(shown)),
                    shown.picture.data.csv()?,
                ));
            }
            files.push((page, report.page()?.into_bytes()));
        } else {
            let folder = self.out.clone().unwrap_or_else(|| first.clone());
            for shown in &report.pictures {
                let data = report.data_file(shown);
                let stem = data.trim_end_matches(".csv");
                let (ending, bytes) = match self.format {
                    Format::Png => ("png", png(&shown.picture, &report.about(shown))?),
                    _ => (
                        "svg",
                        shown.picture.alone(&report.about(shown)).into_bytes(),
                    ),
                };
                files.push((folder.join(format!("{stem}.{ending}")), bytes));
                if shown.picture.data.home == Home::Written {
                    files.push((folder.join(&data), shown.picture.data.csv()?));
                }
            }
        }
        unharmed(&report.folders, &files)?;
        write(&files)?;
        told(context, &files)
    }
}

/// Says which files were written, beside tables.
pub(super) fn told(context: &mut Context, files: &[(PathBuf, Vec<u8>)]) -> Result<(), Failure> {
    context.add_json("files", || {
        let path = |(path, _): &(PathBuf, Vec<u8>)| path.to_string_lossy().into();
        files
            .iter()
            .map(path)
            .collect::<Vec<serde_json::Value>>()
            .into()
    });
    let pages = files
        .iter()
        .filter(|(p, _)| p.extension().is_none_or(|e| e != "csv"));
    let written: Vec<String> = pages
        .map(|(path, _)| format!("Written to {}\n", visible_path(path)))
        .collect();
    context.print_result(&written.concat())
}

/// Opens all folders; reports what is wrong with any of them at once.
pub(super) fn open(paths: &[PathBuf]) -> Result<Vec<ResultFolder>, Failure> {
    let mut folders = Vec::new();
    let mut failures = Vec::new();
    for path in paths {
        match ResultFolder::open(path) {
            Ok(folder) => folders.push(folder),
            Err(error) => failures.push(Failure::from(error)),
        }
    }
    all_well(failures)?;
    Ok(folders)
}

/// Keeps the pictures that were asked for.
fn choose(report: &mut Report, wanted: &[String]) -> Result<(), Failure> {
    if wanted.is_empty() {
        return Ok(());
    }
    let known = |report: &Report| -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for Shown { picture, .. } in &report.pictures {
            if !out.contains(&picture.name) {
                out.push(picture.name.clone());
            }
        }
        out
    };
    let names = known(report);
    let wrong: Vec<String> = wanted
        .iter()
        .filter(|w| !names.contains(w))
        .map(|w| {
            let near = nearest(w, names.iter().map(String::as_str));
            format!(
                "`{w}`{}",
                near.map_or(String::new(), |n| format!(" (did you mean `{n}`?)"))
            )
        })
        .collect();
    if !wrong.is_empty() {
        return Err(Failure::Usage(format!(
            "--picture: unknown picture {}; these folders have {}",
            wrong.join(", "),
            names.join(", ")
        )));
    }
    report.pictures.retain(|s| wanted.contains(&s.picture.name));
    Ok(())
}

/// A report never replaces what a manifest vouches for.
pub(super) fn unharmed(
    folders: &[ResultFolder],
    files: &[(PathBuf, Vec<u8>)],
) -> Result<(), Failure> {
    let complete = |path: &Path| {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).canonicalize().ok()?;
        Some(folder.join(path.file_name()?))
    };
    for (path, _) in files {
        for folder in folders {
            let kept = folder.files().chain(["manifest.json"]);
            for file in kept {
                let theirs = complete(&folder.path.join(file));
                if theirs.is_some() && theirs == complete(path) {
                    return Err(Failure::Usage(format!(
                        "{}: is a file of the result; name a different one with --out",
                        visible_path(path)
                    )));
                }
            }
        }
    }
    Ok(())
}

/// Writes all files, each of which appears complete or not at all.
pub(super) fn write(files: &[(PathBuf, Vec<u8>)]) -> Result<(), Failure> {
    let failed =
        |path: &Path, e: &io::Error| Failure::Outside(FolderError::unwritten(path, e).to_string());
    for (path, bytes) in files {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(|e| failed(folder, &e))?;
        files::write_whole(path, bytes).map_err(|e| failed(path, &e))?;
    }
    Ok(())
}
