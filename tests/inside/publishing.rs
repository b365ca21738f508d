//! A result on its way to its place, with every call to the disk failing in turn.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use kzsim::result::disk::faults::{Call, inject};
use kzsim::result::folder::{Folder, FolderError};

use crate::inside::support::contents;

const FILES: [&str; 3] = ["outcomes.csv", "state.kzsim", "manifest.json"];

/// Publishes a result of three files whose contents begin with `text`.
fn publish(target: &Path, text: &str) -> Result<(), FolderError> {
    let folder = Folder::open(target, false)?;
    for file in FILES {
        let manifest = format!(
            "{{\"program\": \"kzsim\", \"text\": \"{text}\", \"files\": [{{\"file\": \"outcomes.csv\"}}, \
             {{\"file\": \"state.kzsim\"}}]}}"
        );
        let text = if file == "manifest.json" {
            manifest
        } else {
            format!("{text} {file}")
        };
        fs::write(folder.staged(file), text).expect("a staged file");
    }
    folder.publish(&FILES.map(str::to_owned), &[])
}

/// Whether all files of the folder are those of one result.
fn holds(target: &Path, text: &str) -> bool {
    let found = contents(target);
    FILES.iter().all(|file| {
        let own = found
            .get(*file)
            .map(|b| String::from_utf8_lossy(b).into_owned());
        own.is_some_and(|own| own.contains(text))
    })
}

/// Publishes a second result over a first one while some calls fail.
fn attempt(
    failing: Range<usize>,
) -> (
    tempfile::TempDir,
    Result<(), FolderError>,
    Vec<(Call, PathBuf)>,
) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let target = folder.path().join("result");
    publish(&target, "first").expect("a first result");
    let (done, calls) = inject(failing, || publish(&target, "second"));
    (folder, done, calls)
}

#[test]
fn contents_are_on_the_disk_before_names_and_names_before_the_end() {
    let (folder, done, calls) = attempt(0..0);
    done.expect("nothing fails");
    let target = folder.path().join("result");
    assert!(holds(&target, "second"));
    let moves = |(call, _): &(Call, PathBuf)| *call == Call::Rename;
    let first = calls.iter().position(moves).expect("files move");
    let last = calls.iter().rposition(moves).expect("files move");
    for file in FILES.iter().chain(&["journal"]) {
        let synced = calls[..first].iter().any(|(call, path)| {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            // The journal is written under a temporary name.
            *call == Call::SyncFile
                && (name == *file || *file == "journal" && name.starts_with(".tmp"))
        });
        assert!(synced, "{file} moves before it is on the disk: {calls:?}");
    }
    let after = &calls[last + 1..];
    assert!(after.contains(&(Call::SyncFolder, target)), "{calls:?}");
}

/// Folders that are made for a result have names too.
#[test]
fn the_names_of_new_folders_are_on_the_disk() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let target = folder.path().join("a/b/result");
    let (done, calls) = inject(0..0, || publish(&target, "first"));
    done.expect("nothing fails");
    for parent in target.ancestors().take(4) {
        let call = (Call::SyncFolder, parent.to_path_buf());
        assert!(calls.contains(&call), "{}: {calls:?}", parent.display());
    }
}

#[test]
fn whichever_call_fails_it_is_told_and_one_complete_result_remains() {
    let (_, _, calls) = attempt(0..0);
    for at in 0..calls.len() {
        let (folder, done, _) = attempt(at..at + 1);
        let target = folder.path().join("result");
        let error = done.expect_err("a call fails").to_string();
        assert!(error.contains("injected fault"), "{error}");
        // Whoever opens the folder next finds one result or the other, complete.
        drop(Folder::open(&target, false).expect("a folder that can be used again"));
        assert!(
            holds(&target, "first") || holds(&target, "second"),
            "call {at}, {:?}: {:?}",
            calls[at],
            contents(&target).keys()
        );
    }
}

#[test]
fn a_disk_that_goes_on_failing_loses_nothing() {
    let (_, _, calls) = attempt(0..0);
    for at in 0..calls.len() {
        let (folder, done, _) = attempt(at..usize::MAX);
        let target = folder.path().join("result");
        let error = done.expect_err("every call fails from here on").to_string();
        let kept = |text: &str| {
            FILES.iter().all(|file| {
                let places = fs::read_dir(&target)
                    .expect("the folder")
                    .filter_map(Result::ok);
                let staging = places.map(|e| e.path()).filter(|p| p.is_dir());
                let mut places: Vec<PathBuf> = staging
                    .flat_map(|s| [s.join("earlier").join(file), s.join(file)])
                    .collect();
                places.push(target.join(file));
                places
                    .iter()
                    .filter_map(|p| fs::read_to_string(p).ok())
                    .any(|own| own.contains(text))
            })
        };
        assert!(
            kept("first"),
            "call {at}, {:?}: the earlier result is lost: {error}",
            calls[at]
        );
        drop(Folder::open(&target, false).expect("a disk that works again"));
        assert!(
            holds(&target, "first") || holds(&target, "second"),
            "call {at}, {:?}: {:?}",
            calls[at],
            contents(&target).keys()
        );
    }
}
