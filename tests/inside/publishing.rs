//! A result on its way to its place, with every call to the disk failing in turn.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use kzsim::result::State;
use kzsim::result::disk::faults::{Call, inject};
use kzsim::result::folder::{Folder, FolderError};
use kzsim::result::rounds::RoundsFile;
use kzsim::{Run, Study};

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
        folder.write(file, text.as_bytes())?;
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

/// Stops a run as soon as it has begun.
fn stopping() -> kzsim::Control {
    let control = kzsim::Control::default();
    control
        .stop
        .store(true, std::sync::atomic::Ordering::Relaxed);
    control
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
                && (name == *file || *file == "journal" && name.starts_with("journal.json."))
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
    assert!(calls.iter().any(|(call, _)| *call == Call::Close));
    for at in 0..calls.len() {
        if calls[at].0 == Call::Lock {
            // A file system without locks is no fault: see below.
            continue;
        }
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

/// Runs work in a folder on a file system that has no locks: its first call is the one for the lock.
fn without_locks<R>(work: impl FnOnce() -> R) -> R {
    let (result, calls) = inject(0..1, work);
    assert_eq!(calls[0].0, Call::Lock);
    result
}

#[test]
fn without_locks_a_live_program_on_this_machine_keeps_others_away() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let target = folder.path().join("result");
    let first = without_locks(|| Folder::open(&target, false)).expect("a folder");
    let (why, other) = first.unlocked().expect("there are no locks");
    assert_eq!((why, other), ("injected fault", None));
    let second = without_locks(|| Folder::open(&target, false));
    let error = second.expect_err("the first one lives").to_string();
    assert!(error.contains("another kzsim is writing to it"), "{error}");
    drop(first);
    assert!(without_locks(|| Folder::open(&target, false)).is_ok());
    // The lock file of a program that has come since stays.
    let lock = target.join(".kzsim.lock");
    let first = without_locks(|| Folder::open(&target, false)).expect("a folder");
    fs::create_dir_all(&target).expect("a folder");
    fs::write(&lock, "elsewhere.example 17\n").expect("a file");
    drop(first);
    let said = fs::read_to_string(&lock).expect("the lock file of the other program");
    assert_eq!(said, "elsewhere.example 17\n");
    // A program that has died is replaced; one on another machine may live, and is named.
    let dead = std::process::Command::new("true").spawn();
    let mut dead = dead.expect("a program");
    dead.wait().expect("it ends");
    let here = nix::unistd::gethostname().expect("a name");
    for (who, named) in [
        (format!("{} {}", here.to_string_lossy(), dead.id()), false),
        ("elsewhere.example 17".to_owned(), true),
    ] {
        fs::create_dir_all(&target).expect("a folder");
        fs::write(target.join(".kzsim.lock"), &who).expect("a file");
        let folder = without_locks(|| Folder::open(&target, false)).expect("a folder");
        let other = folder.unlocked().expect("there are no locks").1;
        assert_eq!(other, named.then_some(who.as_str()));
    }
}

/// Nobody finishes a move where it cannot be known whether its program lives, and nobody says so.
#[test]
fn without_locks_no_later_run_is_said_to_complete_a_move() {
    let mut kept = 0;
    for at in 0.. {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let target = folder.path().join("result");
        publish(&target, "first").expect("a first result");
        let second = without_locks(|| Folder::open(&target, false)).expect("a folder");
        for file in FILES {
            second.write(file, b"second").expect("a file");
        }
        let files = FILES.map(str::to_owned);
        let (done, _) = inject(at..usize::MAX, || second.publish(&files, &[]));
        let Err(error) = done else { break };
        let error = error.to_string();
        assert!(!error.contains("the next run"), "call {at}: {error}");
        kept += usize::from(error.contains("no file has been deleted"));
    }
    assert!(kept > 0);
}

/// Two programs on two machines without locks: each has files of its own, one result is there at the
/// end, and no rows are mixed.
#[test]
fn without_locks_runs_do_not_mix_their_rows() {
    let w = crate::inside::support::write(crate::inside::support::GOOD);
    let target = w.folder.path().join("result");
    let study = || Study::open(&w.path).expect("a good scenario");
    let play = |resume: bool, rounds: u64| {
        without_locks(|| {
            let options = Run::new().threads(1).rounds(rounds).keep_rounds(true);
            let options = options.checkpoint_every(Duration::ZERO).resume(resume);
            study().run(options.write_to(&target))
        })
    };
    // A run that is stopped leaves rows under a name of its own, which its checkpoint knows.
    let control = stopping();
    let stopped = without_locks(|| {
        let options = Run::new().threads(1).rounds(100_000).keep_rounds(true);
        study().run(options.control(control).write_to(&target))
    });
    assert!(stopped.is_err());
    let part = |name: &&String| name.starts_with("rounds.csv.");
    let names = crate::inside::support::files(&target);
    let first = names.iter().find(part).expect("rows beside a checkpoint");
    assert_ne!(first, "rounds.csv.part");
    // Rows of a program elsewhere, under its name, are not touched by one that goes on.
    let theirs = "rounds.csv.elsewhere-17.part";
    let path = target.join("checkpoint.kzsim");
    let mut state = State::read(&path).expect("a checkpoint");
    assert_eq!(state.header.rounds_part.as_ref(), Some(first));
    state.header.rounds_part = Some(theirs.to_owned());
    fs::rename(target.join(first), target.join(theirs)).expect("a move");
    let rows = fs::read(target.join(theirs)).expect("rows");
    fs::write(&path, state.encode().expect("bytes")).expect("a file");
    let folder = without_locks(|| Folder::open(&target, false)).expect("a folder");
    let extent = state.header.rounds_csv.clone().expect("rows are kept");
    drop(RoundsFile::reopen(&folder, &extent, Some(theirs)).expect("the same rows"));
    assert_eq!(fs::read(target.join(theirs)).expect("rows"), rows);
    // Rows that another program has removed are in no checkpoint.
    folder.expose("rounds.csv").expect("rows");
    folder.expose("rounds.csv").expect("rows that are there");
    fs::remove_file(folder.part("rounds.csv")).expect("they go");
    assert!(folder.expose("rounds.csv").is_err());
    drop(folder);
    // A name that leads elsewhere is refused.
    for bad in [
        "../rounds.csv.part",
        "outcomes.csv",
        "rounds.csv",
        "rounds.csv/x.part",
    ] {
        let folder = Folder::open(&target, false).expect("a folder");
        assert!(
            RoundsFile::reopen(&folder, &extent, Some(bad)).is_err(),
            "{bad}"
        );
    }
    // With the next checkpoint nobody needs the rows of the one before.
    let control = stopping();
    let stopped = without_locks(|| {
        let options = Run::new().threads(1).rounds(100_000).keep_rounds(true);
        study().run(options.resume(true).control(control).write_to(&target))
    });
    assert!(stopped.is_err());
    let names = crate::inside::support::files(&target);
    assert_eq!(names.iter().filter(part).collect::<Vec<_>>(), [first]);
    let state = State::read(&path).expect("a checkpoint");
    let rounds = state.header.next + 300;
    play(true, rounds).expect("it goes on");
    let whole = w.folder.path().join("whole");
    let options = Run::new().threads(1).rounds(rounds).keep_rounds(true);
    study().run(options.write_to(&whole)).expect("a run");
    assert!(
        contents(&target) == contents(&whole),
        "{:?}",
        crate::inside::support::files(&target)
    );
}
