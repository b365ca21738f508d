//! The report: result folders as one page that opens anywhere, as single pictures, and as a brief of one or two pages.
//!
//! It reads result folders alone, after checking every file against the manifest; a brief plays rounds of the scenario
//! in a manifest again. The same folders result in the same bytes. Nothing is loaded from elsewhere, and there is no script.

pub mod brief;
mod canvas;
mod commands;
mod context;
mod explore;
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

pub use explore::explore_page;
pub use facts::Facts;
pub use folder::{ReportError, ResultFolder};
pub use picture::{Data, Home, Picture};
pub use png::png;

use commands::{Source, command};
use context::Context;
use pictures::{bars, fans};

use crate::text::number::{count, letter, list};

/// A picture and the folder that it comes from, by its place in the list.
#[derive(Debug)]
pub struct Shown {
    /// Index of the folder; none if it shows all of them.
    pub folder: Option<usize>,
    /// The picture.
    pub picture: Picture,
    /// Whether a page folds it, unless the report is full.
    pub folded: bool,
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
    /// Whether the page shows and prints everything; else it folds what is not the answer.
    pub full: bool,
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
                folded: false,
            });
        }
        for (i, folder) in folders.iter().enumerate() {
            let source = Source {
                index: i,
                folder,
                context: &context,
                moments: &timelines[i],
                follow,
                several: runs.len() > 1,
            };
            // A later version may know more commands: their folders are listed.
            let Some(command) = command(&folder.command) else {
                continue;
            };
            let drawn = (command.pictures)(&source)?;
            for (pictures, folded) in [(drawn.shown, false), (drawn.folded, true)] {
                found.extend(pictures.into_iter().map(|picture| Shown {
                    folder: Some(i),
                    picture,
                    folded,
                }));
            }
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
            full: false,
        })
    }

    /// The page.
    ///
    /// # Errors
    /// Never in practice: the template is checked when the program is built.
    pub fn page(&self) -> Result<String, ReportError> {
        page::page(self)
    }

    /// Where a picture comes from: scenarios with their time, rounds and seed.
    #[must_use]
    pub fn about(&self, shown: &Shown) -> String {
        let own = |i: usize, folder: &ResultFolder| {
            let of: Vec<String> = folder
                .scenarios
                .iter()
                .map(|f| f.scenario.name.clone())
                .collect();
            let Some(facts) = folder.scenarios.first() else {
                return folder.name();
            };
            let s = &facts.scenario;
            let letter = if self.folders.len() > 1 {
                format!("{} · ", letter(i))
            } else {
                String::new()
            };
            format!(
                "{letter}{} · {}, {} days from {} · {} rounds, seed {}",
                s.title,
                list(&of),
                s.clock.days,
                s.clock.start,
                count(folder.rounds),
                folder.seed
            )
        };
        let folders = self.folders.iter().enumerate();
        let wanted = folders.filter(|(i, _)| shown.folder.is_none_or(|one| one == *i));
        let all: Vec<String> = wanted.map(|(i, folder)| own(i, folder)).collect();
        all.join(". ")
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
