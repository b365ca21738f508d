//! Files that are not there, and what nearly has their name.

use std::path::{Path, PathBuf};

use super::fault::nearest;
use super::visible::visible_path;
use crate::files;

/// Asks whether another file was meant by a path at which there is none.
pub(super) fn meant_instead(path: &Path) -> String {
    if files::is_there(path) {
        return String::new();
    }
    let written = path.to_string_lossy();
    let others = [format!("{written}.toml"), written.replace('\\', "/")].map(PathBuf::from);
    let other = others.into_iter().find(|p| p != path && p.is_file());
    let near = || Some(path.with_file_name(beside(path, is_toml)?));
    other.or_else(near).map_or_else(String::new, |other| {
        format!("; did you mean `{}`?", visible_path(&other))
    })
}

/// Whether a file has the ending of scenarios and evidence.
pub(super) fn is_toml(path: &Path) -> bool {
    path.extension().is_some_and(|x| x == "toml")
}

/// The name of what stands beside a path at which there is nothing and has nearly its name, of what is `wanted`. Names
/// are compared without their ending, which all have in common.
pub(crate) fn beside(path: &Path, wanted: fn(&Path) -> bool) -> Option<String> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    let all = std::fs::read_dir(folder.unwrap_or(Path::new("."))).ok()?;
    let all = all.filter_map(Result::ok).take(1_000).map(|e| e.path());
    let mut all: Vec<PathBuf> = all.filter(|p| wanted(p)).collect();
    all.sort();
    let stem = |p: &Path| {
        p.file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    };
    let stems: Vec<String> = all.iter().map(|p| stem(p)).collect();
    let near = nearest(&stem(path), stems.iter().map(String::as_str))?;
    let at = stems.iter().position(|s| *s == near)?;
    Some(all[at].file_name()?.to_string_lossy().into_owned())
}
