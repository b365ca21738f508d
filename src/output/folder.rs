//! The folder of results: files appear whole or not at all, and nobody's files are lost.

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

/// A folder that results will go to. Files are gathered beside their target and moved there at
/// the end.
#[derive(Debug)]
pub struct Folder {
    target: PathBuf,
    staging: TempDir,
    earlier: Vec<String>,
}

impl Folder {
    /// Looks whether results may be written there, before anything is played.
    ///
    /// # Errors
    /// When the target is a file, cannot be written, or holds files that are no earlier result
    /// and `force` is not given.
    pub fn open(target: &Path, force: bool) -> Result<Self, FolderError> {
        let mut earlier = Vec::new();
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
                earlier = found.unwrap_or_default();
            }
            Err(_) => fs::create_dir_all(target).map_err(|e| failed(target, &e))?,
        }
        let staging = tempfile::Builder::new()
            .prefix(".kzsim-")
            .tempdir_in(target)
            .map_err(|e| failed(target, &e))?;
        Ok(Self {
            target: target.to_path_buf(),
            staging,
            earlier,
        })
    }

    /// Where a file is gathered before it appears.
    #[must_use]
    pub fn staged(&self, file: &str) -> PathBuf {
        self.staging.path().join(file)
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
    /// When a file cannot be moved.
    pub fn publish(self, files: &[String]) -> Result<(), FolderError> {
        let (last, rest): (Vec<&String>, Vec<&String>) =
            files.iter().partition(|f| *f == super::manifest::FILE);
        for old in self.earlier.iter().filter(|f| !files.contains(f)) {
            // Names in a manifest are plain file names; anything else is not ours to remove.
            if Path::new(old).components().count() == 1 {
                let _ = fs::remove_file(self.target.join(old));
            }
        }
        for file in rest.into_iter().chain(last) {
            let to = self.target.join(file);
            fs::rename(self.staged(file), &to).map_err(|e| failed(&to, &e))?;
        }
        Ok(())
    }
}
