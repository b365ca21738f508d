//! Options that all studies share.

use std::path::{Path, PathBuf};

use super::control::{Control, Note};
use crate::ensemble::{Player, Watch, Workers};
use crate::result::Request;
use crate::result::folder::{Folder, FolderError, Replace};

/// How rounds are played and where the result is written.
#[derive(Debug, Clone, Default)]
pub struct Play {
    /// Number of rounds; by default that of the scenario or the study.
    pub rounds: Option<u64>,
    /// Seed; by default that of the scenario.
    pub seed: Option<u64>,
    /// Threads and instruction set.
    pub workers: Workers,
    /// Where the result is written; by default it stays in memory.
    pub output: Option<Output>,
    /// Stops the study and receives its progress.
    pub control: Control,
}

/// Where a result is written.
#[derive(Debug, Clone, Default)]
pub struct Output {
    /// The folder; by default one in `results/` named after what is played.
    pub folder: Option<PathBuf>,
    /// Whether it may hold files that kzsim did not write, which are kept, and a result that would be
    /// lost, which is replaced.
    pub force: bool,
}

impl Play {
    /// Plays rounds with this seed.
    pub(super) fn player<'w>(&self, seed: u64, watch: Watch<'w>) -> Player<'w> {
        Player {
            seed,
            workers: self.workers,
            watch,
        }
    }

    /// Opens the folder of the result, if it is to be written; `name` is the folder's name in
    /// `results/` by default.
    pub(super) fn open(
        &self,
        name: impl AsRef<Path>,
        request: &Request,
    ) -> Result<Option<Folder>, FolderError> {
        let output = self.output.as_ref();
        output
            .map(|output| output.open(name, request, false, &self.control))
            .transpose()
    }
}

impl Output {
    /// Opens the folder; `name` is its name in `results/` by default, where another number is added
    /// rather than that something is lost.
    pub(super) fn open(
        &self,
        name: impl AsRef<Path>,
        request: &Request,
        resume: bool,
        control: &Control,
    ) -> Result<Folder, FolderError> {
        let target = match &self.folder {
            Some(folder) => folder.clone(),
            None => {
                let default = Path::new("results").join(name);
                let (folder, holds) = if self.force {
                    (default.clone(), None)
                } else {
                    request.place(&default, resume)
                };
                if let Some(holds) = holds {
                    control.note(&Note::AnotherFolder {
                        taken: default,
                        holds,
                        folder: folder.clone(),
                    });
                }
                folder
            }
        };
        let replace = match (self.force, resume) {
            (true, _) => Replace::Anything,
            (false, true) => Replace::Continued,
            (false, false) => Replace::Alike,
        };
        let folder = Folder::open_for(&target, replace, request)?;
        control.opened(&folder);
        Ok(folder)
    }
}

/// Implements the options of [`Play`] on the options of a study.
macro_rules! play_options {
    ($type:ident) => {
        impl $type {
            /// Sets the number of rounds.
            #[must_use]
            pub fn rounds(mut self, rounds: u64) -> Self {
                self.play.rounds = Some(rounds);
                self
            }

            /// Sets the seed.
            #[must_use]
            pub fn seed(mut self, seed: u64) -> Self {
                self.play.seed = Some(seed);
                self
            }

            /// Sets the number of threads, which never changes a result; 0 for one per core.
            #[must_use]
            pub fn threads(mut self, threads: usize) -> Self {
                self.play.workers.threads = threads;
                self
            }

            /// Writes the result to a folder.
            #[must_use]
            pub fn write_to(mut self, folder: impl Into<std::path::PathBuf>) -> Self {
                self.play.output = Some(crate::study::Output {
                    folder: Some(folder.into()),
                    force: false,
                });
                self
            }

            /// Reports progress to `control`, which may stop the study.
            #[must_use]
            pub fn control(mut self, control: crate::study::Control) -> Self {
                self.play.control = control;
                self
            }

            /// Sets all options that studies share.
            #[must_use]
            pub fn play(mut self, play: crate::study::Play) -> Self {
                self.play = play;
                self
            }
        }
    };
}

/// Implements writing on the result of a study, which has a method `publish`.
macro_rules! written_later {
    ($type:ident) => {
        impl $type {
            /// The folder that the result was written to, if it was.
            #[must_use]
            pub fn folder(&self) -> Option<&std::path::Path> {
                self.folder.as_deref()
            }

            /// Writes the result to a folder, which must be new, empty or hold an earlier result with
            /// which nothing is lost: of the same scenarios and options, with no more rounds.
            ///
            /// # Errors
            /// When the folder cannot be used or written, and then nothing has been written; when
            /// the result has been written before.
            pub fn write_to(
                &mut self,
                folder: impl AsRef<std::path::Path>,
            ) -> Result<(), crate::study::StudyError> {
                if let Some(earlier) = &self.folder {
                    let text = format!(
                        "already written to {}",
                        crate::scenario::visible::visible_path(earlier)
                    );
                    return Err(crate::study::StudyError::Invalid(text));
                }
                let folder = crate::result::folder::Folder::open_for(
                    folder.as_ref(),
                    crate::result::folder::Replace::Alike,
                    &self.request(),
                )?;
                Ok(self.publish(folder)?)
            }
        }
    };
}

/// The same for a result whose method `write` writes all its files to a folder.
macro_rules! written_at_once_or_later {
    ($type:ident) => {
        crate::study::play::written_later!($type);

        impl $type {
            /// Writes the result if its options named a folder.
            fn finished(mut self, folder: Option<Folder>) -> Result<Self, StudyError> {
                if let Some(folder) = folder {
                    self.publish(folder)?;
                }
                Ok(self)
            }

            /// What it was asked for.
            fn request(&self) -> Request {
                self.request.clone()
            }

            fn publish(&mut self, folder: Folder) -> Result<(), FolderError> {
                let target = folder.target().to_path_buf();
                self.write(folder)?;
                self.folder = Some(target);
                Ok(())
            }
        }
    };
}

pub(super) use {play_options, written_at_once_or_later, written_later};
