//! The folder of results: files appear whole or not at all, and nobody's files are lost.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// Why results cannot be written: exit code 3.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {what}")]
pub struct FolderError {
    /// The folder or file.
    pub path: String,
    /// What is wrong.
    pub what: String,
}

fn wrong(path: &Path, what: impl Into<String>) -> FolderError {
    FolderError {
        path: path.display().to_string(),
        what: what.into(),
    }
}

fn failed(path: &Path, error: &io::Error) -> FolderError {
    let what = match error.kind() {
        io::ErrorKind::PermissionDenied => "may not be written (permission denied)".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "lies on a read-only file system".to_owned(),
        io::ErrorKind::StorageFull => "there is no room left on the disk".to_owned(),
        _ => format!("cannot be written: {error}"),
    };
    wrong(path, what)
}

/// A folder that results will go to. Files are gathered inside it, out of sight, and moved to
/// their places at the end.
#[derive(Debug)]
pub struct Folder {
    target: PathBuf,
    /// Nothing once it is gone.
    staging: Option<TempDir>,
    earlier: Vec<String>,
    /// Folders that were made for the target, the innermost first.
    made: Vec<PathBuf>,
}

/// Where earlier files wait, inside the staging folder, until all new ones are in place.
const ASIDE: &str = "earlier";

impl Folder {
    /// Looks whether results may be written there, before anything is played.
    ///
    /// # Errors
    /// When the target is a file, cannot be written, or holds files that are no earlier result
    /// and `force` is not given.
    pub fn open(target: &Path, force: bool) -> Result<Self, FolderError> {
        let mut folder = Self {
            target: target.to_path_buf(),
            staging: None,
            earlier: Vec::new(),
            made: Vec::new(),
        };
        match fs::metadata(target) {
            Ok(meta) if !meta.is_dir() => {
                return Err(wrong(target, "is a file; name a folder with --out"));
            }
            Ok(_) => {
                let mut entries = fs::read_dir(target).map_err(|e| failed(target, &e))?;
                let found = super::manifest::earlier_files(target);
                if found.is_none() && !force && entries.next().is_some() {
                    return Err(wrong(
                        target,
                        "holds files that are no earlier result of kzsim; name another folder with \
                         --out, or add --force to write among them",
                    ));
                }
                folder.earlier = found.unwrap_or_default();
            }
            Err(_) => {
                folder.made = target
                    .ancestors()
                    .filter(|p| !p.as_os_str().is_empty())
                    .take_while(|p| fs::symlink_metadata(p).is_err())
                    .map(Path::to_path_buf)
                    .collect();
                fs::create_dir_all(target).map_err(|e| failed(target, &e))?;
            }
        }
        let staging = tempfile::Builder::new()
            .prefix(".kzsim-")
            .tempdir_in(target)
            .map_err(|e| failed(target, &e))?;
        folder.staging = Some(staging);
        Ok(folder)
    }

    /// The folder in which files are gathered.
    #[must_use]
    pub fn gathered(&self) -> &Path {
        self.staging.as_ref().map_or(&self.target, TempDir::path)
    }

    /// Where a file is gathered before it appears.
    #[must_use]
    pub fn staged(&self, file: &str) -> PathBuf {
        self.gathered().join(file)
    }

    /// A new file, gathered before it appears.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn create(&self, file: &str) -> Result<fs::File, FolderError> {
        let path = self.staged(file);
        fs::File::create(&path).map_err(|e| failed(&path, &e))
    }

    /// Says that a file could not be written.
    #[must_use]
    pub fn failed(&self, file: &str, error: &io::Error) -> FolderError {
        failed(&self.target.join(file), error)
    }

    /// Moves the gathered files to their place, the manifest last, and removes those of an earlier
    /// result that are not among them.
    ///
    /// # Errors
    /// When a file cannot be moved. What stood there before then stands there again.
    pub fn publish(mut self, files: &[String]) -> Result<(), FolderError> {
        let aside = self.staged(ASIDE);
        fs::create_dir(&aside).map_err(|e| failed(&aside, &e))?;
        let mut cleared: Vec<&String> = Vec::new();
        let mut placed: Vec<&String> = Vec::new();
        let moved = self.exchange(files, &aside, &mut cleared, &mut placed);
        if moved.is_err() {
            for file in placed {
                let _ = fs::remove_file(self.target.join(file));
            }
            for file in cleared {
                let _ = fs::rename(aside.join(file), self.target.join(file));
            }
        } else {
            self.made.clear();
        }
        moved
    }

    fn exchange<'f>(
        &'f self,
        files: &'f [String],
        aside: &Path,
        cleared: &mut Vec<&'f String>,
        placed: &mut Vec<&'f String>,
    ) -> Result<(), FolderError> {
        let old = self.earlier.iter().filter(|f| !files.contains(f));
        // Names in a manifest are plain file names; anything else is not ours to remove.
        let old = old.filter(|f| Path::new(f).file_name() == Some(OsStr::new(f)));
        for file in files.iter().chain(old) {
            let there = self.target.join(file);
            match fs::symlink_metadata(&there) {
                Ok(meta) if meta.is_dir() => return Err(wrong(&there, "is a folder")),
                Ok(_) => {
                    fs::rename(&there, aside.join(file)).map_err(|e| failed(&there, &e))?;
                    cleared.push(file);
                }
                Err(_) => {}
            }
        }
        let (last, rest): (Vec<&String>, Vec<&String>) =
            files.iter().partition(|f| *f == super::manifest::FILE);
        for file in rest.into_iter().chain(last) {
            let to = self.target.join(file);
            fs::rename(self.staged(file), &to).map_err(|e| failed(&to, &e))?;
            placed.push(file);
        }
        Ok(())
    }
}

impl Drop for Folder {
    /// Leaves no litter: what was gathered goes, and so do the folders made for nothing.
    fn drop(&mut self) {
        self.staging = None;
        for folder in &self.made {
            let _ = fs::remove_dir(folder);
        }
    }
}
