//! The report: result folders as one page that opens anywhere, and as single pictures.
//!
//! It reads result folders alone, after checking every file against the manifest. The same folders
//! result in the same bytes. Nothing is loaded from elsewhere, and there is no script.

mod canvas;
mod context;
mod facts;
mod folder;
mod lanes;
mod page;
mod palette;
mod panels;
mod picture;
mod pictures;
mod png;
mod scale;
mod wrap;

pub use facts::Facts;
pub use folder::{ReportError, ResultFolder};
pub use picture::{Data, Home, Picture};
pub use png::png;

use context::Context;
use pictures::{bars, boxes, by_day, changes, fans, flow, given, readings, sensitivity, sides};
use pictures::{sweep, when};

use crate::table::run::TimelineRow;
use crate::text::number::letter;

/// A picture and the folder that it comes from, by its place in the list.
#[derive(Debug)]
pub struct Shown {
    /// Index of the folder; none if it shows all of them.
    pub folder: Option<usize>,
    /// The picture.
    pub picture: Picture,
}

/// A report.
#[derive(Debug)]
pub struct Report {
    /// The folders, in the order in which they were given.
    pub folders: Vec<ResultFolder>,
    /// Pictures, those with the same name side by side.
    pub pictures: Vec<Shown>,
    /// What the folders are called: a letter, and the scenario or the folder.
    pub titles: Vec<String>,
}

impl Report {
    /// Draws everything that the folders hold. `follow` names quantities of the timelines.
    ///
    /// # Errors
    /// When a file lacks columns, or a quantity is not followed.
    pub fn of(folders: Vec<ResultFolder>, follow: &[String]) -> Result<Self, ReportError> {
        let mut context = Context::of(&folders);
        let timelines = folders
            .iter()
            .map(ResultFolder::rows_if_any)
            .collect::<Result<Vec<_>, _>>()?;
        for moments in &timelines {
            fans::reach(&mut context, moments);
        }
        let mut found: Vec<Shown> = Vec::new();
        let runs: Vec<(usize, &ResultFolder)> = folders
            .iter()
            .enumerate()
            .filter(|(_, f)| f.command == "run")
            .collect();
        if runs.len() > 1 {
            found.push(Shown {
                folder: None,
                picture: bars::outcomes(&runs, &context)?,
            });
        }
        for (i, folder) in folders.iter().enumerate() {
            let pictures = match folder.command.as_str() {
                "run" => run((i, folder), &context, &timelines[i], follow, runs.len() > 1)?,
                "compare" => {
                    let mut out = flow::flows(folder, &context)?;
                    out.extend(changes::differences(folder, &context)?);
                    out.extend(changes::divergence(folder)?);
                    out
                }
                "weigh" => readings::readings(folder)?,
                "sensitivity" => sensitivity::sensitivity(folder, &context)?,
                "sweep" => sweep::sweep(folder, &context)?,
                "discover" => boxes::boxes(folder, &context)?.into_iter().collect(),
                // A later version may know more commands: their files are listed.
                _ => Vec::new(),
            };
            found.extend(pictures.into_iter().map(|picture| Shown {
                folder: Some(i),
                picture,
            }));
        }
        if !follow.is_empty() && !found.iter().any(|s| s.picture.name == "followed") {
            return Err(ReportError::Unusable(
                "--follow: none of these folders contains timeline.csv, which kzsim run writes"
                    .to_owned(),
            ));
        }
        Ok(Self {
            folders,
            pictures: side_by_side(found),
            titles: context.titles,
        })
    }

    /// The page.
    ///
    /// # Errors
    /// Never in practice: the template is checked when the program is built.
    pub fn page(&self) -> Result<String, ReportError> {
        page::page(self)
    }

    /// The name of the file that a picture's data are written to.
    #[must_use]
    pub fn data_file(&self, shown: &Shown) -> String {
        let twice = self
            .pictures
            .iter()
            .filter(|s| s.picture.name == shown.picture.name)
            .count();
        match shown.folder {
            Some(i) if twice > 1 => {
                format!(
                    "report_{}_{}.csv",
                    shown.picture.name,
                    letter(i).to_lowercase()
                )
            }
            _ => shown.picture.data_file(),
        }
    }
}

/// The pictures of a run.
fn run(
    (index, folder): (usize, &ResultFolder),
    context: &Context,
    moments: &[TimelineRow],
    follow: &[String],
    several: bool,
) -> Result<Vec<Picture>, ReportError> {
    let mut out = Vec::new();
    if !several {
        out.push(bars::outcomes(&[(index, folder)], context)?);
    }
    if folder.has("given_outcomes.csv") {
        out.extend(given::given(folder, context)?);
    }
    out.push(by_day::by_day(folder, context)?);
    out.extend(fans::fans(folder, context, moments, follow)?);
    out.extend(sides::sides(folder, context)?);
    out.extend(when::when(folder)?);
    out.extend(bars::flags(folder)?);
    out.extend(bars::variance(folder, context)?);
    Ok(out)
}

/// Moves pictures with the same name next to the first of them.
fn side_by_side(found: Vec<Shown>) -> Vec<Shown> {
    let mut names: Vec<String> = Vec::new();
    for shown in &found {
        if !names.contains(&shown.picture.name) {
            names.push(shown.picture.name.clone());
        }
    }
    let mut out = found;
    out.sort_by_key(|s| names.iter().position(|n| *n == s.picture.name));
    out
}
