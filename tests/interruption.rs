//! Nothing is lost: runs that are stopped, killed, short of room or in each other's way go on from
//! where they were, or say why not, and end in the very bytes of a run that nothing disturbed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use kzsim::internals::result::State;

use crate::support::{
    GOOD, Written, code, contents, done, err, extend, files, out, random, repository, told, write,
};

/// Checkpoints at every chance, whatever they cost.
const OFTEN: &str = "--checkpoint-every 0";

/// Starts the program and goes on.
fn start(w: &Written, line: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_kzsim"))
        .args(line.split_whitespace())
        .current_dir(w.folder.path())
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

/// Waits until something holds.
fn until(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        // A machine that is busy with other things takes long; one that hangs takes for ever.
        assert!(start.elapsed() < Duration::from_mins(15), "{what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Names in a folder that nobody should find there.
fn litter(folder: &Path) -> Vec<String> {
    let ours = |name: &String| name.starts_with(".kzsim");
    files(folder).into_iter().filter(ours).collect()
}

/// What killed runs came to.
#[derive(Default)]
struct Kills {
    /// Runs that a kill ended.
    killed: usize,
    /// Runs that went on from a checkpoint.
    went_on: usize,
    /// Runs that came to their end, and were compared.
    finished: usize,
}

/// Kills a run at random moments and resumes it each time, until so many kills have struck; runs
/// that come to their end are compared, and another begins.
fn kill(w: &Written, options: &str, kills: usize, seed: u64) -> Kills {
    let root = w.folder.path();
    let clock = Instant::now();
    done(w, &format!("run test.toml {options} --out whole"));
    // Most kills strike in the midst of a run, some as it begins, and some as it ends.
    let whole_takes = clock.elapsed().as_micros() as u64;
    let whole = contents(&root.join("whole"));
    // An earlier result stands where the run is to go.
    done(w, "run test.toml --rounds 70 --seed 3 --out killed");
    let earlier = contents(&root.join("killed"));
    let mut next = random(seed);
    let mut kills_so_far = Kills::default();
    let target = root.join("killed");
    let mut begun = false;
    while kills_so_far.killed < kills || kills_so_far.finished == 0 {
        // The first time nothing is there to go on from but a result of another run.
        let resume = if begun { "--resume" } else { "--force" };
        let line = format!("run test.toml {options} {OFTEN} {resume} --out killed");
        let mut child = start(w, &line);
        let struck = kills_so_far.killed < kills;
        if struck {
            std::thread::sleep(Duration::from_micros(next() % (whole_takes / 3)));
            // One that has ended already cannot be killed.
            let _ = child.kill();
        }
        let output = child.wait_with_output().expect("it ends");
        kills_so_far.went_on += usize::from(err(&output).contains("continuing from"));
        if output.status.success() {
            assert!(contents(&target) == whole, "{options}: other bytes");
            assert_eq!(litter(&target), [""; 0]);
            kills_so_far.finished += 1;
            fs::remove_dir_all(&target).expect("the folder goes");
            done(w, "run test.toml --rounds 70 --seed 3 --out killed");
            begun = false;
            continue;
        }
        assert_eq!(code(&output), -1, "{line}: {}", err(&output));
        kills_so_far.killed += 1;
        // Until a checkpoint stands, the earlier result is all there is.
        begun = target.join("checkpoint.kzsim").exists();
        if begun {
            let state = State::read(&target.join("checkpoint.kzsim"));
            assert!(state.is_ok(), "a checkpoint is there whole: {state:?}");
        }
        // A kill may strike while the new result is moved to its place, or when all of it stands
        // there and only the program has not ended yet.
        let moving = files(&target).iter().any(|f| f.starts_with(".kzsim-"));
        let stands = |result: &BTreeMap<String, Vec<u8>>| {
            let file = |(name, bytes): (&String, &Vec<u8>)| {
                fs::read(target.join(name)).is_ok_and(|now| now == *bytes)
            };
            result.iter().all(file)
        };
        assert!(
            moving || stands(&earlier) || stands(&whole),
            "neither the earlier result nor the new one is whole: {:?}",
            files(&target)
        );
    }
    kills_so_far
}

#[test]
fn a_run_that_is_killed_50_times_ends_in_the_bytes_of_the_whole_run() {
    let w = write(GOOD);
    let seen = kill(&w, "--rounds 120000", 50, 1);
    assert_eq!(seen.killed, 50);
    assert!(seen.went_on >= 10, "only {} went on", seen.went_on);
    eprintln!(
        "{} kills, {} runs went on from a checkpoint, {} finished",
        seen.killed, seen.went_on, seen.finished
    );
}

#[test]
fn a_run_that_keeps_rounds_survives_kills() {
    let w = write(GOOD);
    let seen = kill(&w, "--rounds 60000 --keep-rounds", 25, 2);
    assert!(seen.went_on >= 5, "only {} went on", seen.went_on);
}

#[test]
fn a_run_that_stops_at_a_precision_survives_kills() {
    let w = write(GOOD);
    let seen = kill(&w, "--precision 0.0015", 15, 3);
    assert!(seen.went_on >= 3, "only {} went on", seen.went_on);
}

#[test]
fn a_shard_survives_kills() {
    let w = write(GOOD);
    let seen = kill(&w, "--rounds 300000 --shard 1/3", 15, 4);
    assert!(seen.went_on >= 3, "only {} went on", seen.went_on);
}

/// Sends a signal to a child.
fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status()
        .expect("kill");
    assert!(sent.success());
}

#[test]
#[cfg(unix)]
fn a_signal_stops_a_run_and_leaves_a_checkpoint() {
    let w = write(GOOD);
    let root = w.folder.path();
    for (name, target) in [("-INT", "one"), ("-TERM", "deep/two")] {
        let line = format!("run test.toml --rounds 1000000000 --keep-rounds --out {target}");
        let child = start(&w, &line);
        let folder = root.join(target);
        until("the run has begun", || {
            folder.exists() && files(&folder).iter().any(|f| f.starts_with(".kzsim-"))
        });
        std::thread::sleep(Duration::from_millis(100));
        signal(&child, name);
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(code(&output), 130, "{}", err(&output));
        assert!(output.stdout.is_empty());
        let says = err(&output);
        assert!(
            says.contains("of 1000000000 rounds are kept in")
                && says.contains("with --resume to continue"),
            "{says}"
        );
        assert_eq!(files(&folder), ["checkpoint.kzsim", "rounds.csv.part"]);
        // It goes on, in fewer rounds than were first wanted.
        let state = State::read(&folder.join("checkpoint.kzsim")).expect("a checkpoint");
        let rounds = state.header.next + 500;
        done(
            &w,
            &format!("run test.toml --rounds {rounds} --keep-rounds --out {target} --resume"),
        );
        done(
            &w,
            &format!("run test.toml --rounds {rounds} --keep-rounds --out whole --force"),
        );
        assert!(contents(&folder) == contents(&root.join("whole")));
        assert!(litter(&folder).is_empty());
    }
}

/// `nohup` and shells that start background jobs have signals ignored: so they are.
#[test]
#[cfg(target_os = "linux")]
fn signals_that_are_to_be_ignored_are() {
    let w = write(GOOD);
    for name in ["HUP", "INT"] {
        let target = w.folder.path().join(name);
        let child = Command::new("sh")
            .arg("-c")
            .arg(format!(
                "trap '' {name}; exec \"$KZSIM\" run test.toml --rounds 1000000000 --out {name}"
            ))
            .env("KZSIM", env!("CARGO_BIN_EXE_kzsim"))
            .current_dir(w.folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a shell");
        until("there is a checkpoint", || {
            target.join("checkpoint.kzsim").exists()
        });
        signal(&child, &format!("-{name}"));
        let played = || {
            let state = State::read(&target.join("checkpoint.kzsim"));
            state.expect("a checkpoint").header.next
        };
        let before = played();
        until("it goes on", || played() > before);
        signal(&child, "-TERM");
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(code(&output), 130, "{name}: {}", err(&output));
    }
}

/// A terminal that closes hangs up twice, once by the system and once by the shell.
#[test]
#[cfg(unix)]
fn a_terminal_that_closes_leaves_a_checkpoint() {
    let w = write(GOOD);
    let child = start(&w, "run test.toml --rounds 1000000000 --out a");
    let folder = w.folder.path().join("a");
    until("the run has begun", || {
        folder.exists() && files(&folder).iter().any(|f| f.starts_with(".kzsim-"))
    });
    std::thread::sleep(Duration::from_millis(100));
    signal(&child, "-HUP");
    signal(&child, "-HUP");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(code(&output), 130, "{}", err(&output));
    assert_eq!(files(&folder), ["checkpoint.kzsim"]);
}

/// Where the system starts no more threads, fewer do the work, and that is told.
#[test]
#[cfg(target_os = "linux")]
fn a_machine_without_threads_plays_all_the_same() {
    let w = write(GOOD);
    let root = w.folder.path();
    done(&w, "run test.toml --rounds 3000 --out whole");
    // The limit holds for the user, so it takes one who has no other programs, which root can be.
    let script = "chmod 755 . && install -m 755 \"$KZSIM\" program && mkdir out && chmod 777 out || exit 9
         limited() {
             setpriv --reuid 54321 --clear-groups bash -c 'ulimit -u \"$1\" && shift && exec \"$@\"' - \"$@\"
         }
         limited 1 ./program run test.toml --rounds 3000 --threads 4 --out out/a &&
         limited 2 ./program check test.toml --coverage &&
         limited 3 ./program sensitivity test.toml --rows 64 --out out/s";
    let output = Command::new("sh")
        .args(["-c", script])
        .env("KZSIM", env!("CARGO_BIN_EXE_kzsim"))
        .current_dir(root)
        .output()
        .expect("a shell");
    let says = err(&output);
    if !says.contains("kzsim") && !says.contains("threads") && !output.status.success() {
        eprintln!("skipped: the number of programs cannot be limited here: {says}");
        return;
    }
    assert_eq!(code(&output), 0, "{says}");
    assert!(says.contains("continuing with"), "{says}");
    assert!(contents(&root.join("out/a")) == contents(&root.join("whole")));
}

/// Files in the folder of a result may be anything: nothing is followed, waited for or filled.
#[test]
#[cfg(unix)]
fn links_and_pipes_in_the_folder_of_a_result_are_refused() {
    use std::os::unix::fs::symlink;
    let w = write(GOOD);
    let root = w.folder.path();
    done(&w, "run test.toml --rounds 500 --keep-rounds --out good");
    let line = "run test.toml --rounds 50000000 --keep-rounds";
    let stopped = stopped(&w, line);
    let precious = root.join("precious");
    let pipe = |path: &Path| {
        let made = Command::new("mkfifo").arg(path).status();
        assert!(made.expect("mkfifo").success());
    };
    for (folder, file, lines) in [
        (&stopped, "rounds.csv.part", &["--resume"][..]),
        (&stopped, "checkpoint.kzsim", &["--resume"]),
        (&root.join("good"), "state.kzsim", &["--resume"]),
        (&root.join("good"), "rounds.csv", &["--resume"]),
        (&root.join("good"), ".kzsim.lock", &["--resume", ""]),
    ] {
        let path = folder.join(file);
        let kept = fs::read(&path).ok();
        let out = folder
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        for kind in ["link", "dangling", "endless", "pipe"] {
            let _ = fs::remove_file(&path);
            // The very bytes that are expected, but elsewhere.
            fs::write(&precious, kept.as_deref().unwrap_or(b"precious")).expect("a file");
            match kind {
                "link" => symlink(&precious, &path).expect("a link"),
                "dangling" => symlink(root.join("nowhere"), &path).expect("a link"),
                "endless" => symlink("/dev/zero", &path).expect("a link"),
                _ => pipe(&path),
            }
            for options in lines {
                let line =
                    format!("run test.toml --rounds 50000000 --keep-rounds {options} --out {out}");
                let output = told(&w, &line);
                assert_eq!(code(&output), 3, "{file} {kind}: {}", err(&output));
                let says = err(&output);
                assert!(
                    says.contains("symbolic link") || says.contains("regular") || kind == "pipe",
                    "{says}"
                );
            }
            let precious = fs::read(&precious).expect("a file");
            assert!(
                precious == kept.as_deref().unwrap_or(b"precious"),
                "{file} {kind}"
            );
            assert!(!root.join("nowhere").exists(), "{file} {kind}");
        }
        fs::remove_file(&path).expect("a file");
        if let Some(bytes) = kept {
            fs::write(&path, bytes).expect("a file");
        }
    }
    // Readers of finished results.
    for file in ["manifest.json", "outcomes.csv", "state.kzsim"] {
        let path = root.join("good").join(file);
        let kept = fs::read(&path).expect("a file");
        fs::remove_file(&path).expect("a file");
        for kind in ["link", "pipe"] {
            fs::write(&precious, &kept).expect("a file");
            match kind {
                "link" => symlink(&precious, &path).expect("a link"),
                _ => pipe(&path),
            }
            let command = if file == "state.kzsim" {
                "run --out x --like"
            } else {
                "report"
            };
            let output = told(&w, &format!("{command} good"));
            assert!(
                [2, 3].contains(&code(&output)),
                "{file} {kind}: {}",
                err(&output)
            );
            fs::remove_file(&path).expect("a file");
        }
        fs::write(&path, kept).expect("a file");
    }
    // Inputs: a pipe without a writer is not waited for.
    pipe(&root.join("pipe.toml"));
    pipe(&root.join("pipe.csv"));
    for line in [
        "check pipe.toml",
        "run test.toml --given pipe.toml",
        "sweep test.toml --design pipe.csv",
        "replicate pipe.toml",
        "new pipe --out pipe.toml",
    ] {
        let output = told(&w, line);
        assert!([2, 3].contains(&code(&output)), "{line}: {}", err(&output));
    }
}

#[test]
fn more_rounds_are_added_to_a_finished_result() {
    let w = write(GOOD);
    let root = w.folder.path();
    for keep in ["", "--keep-rounds"] {
        done(
            &w,
            &format!("run test.toml --rounds 3000 {keep} --out a --force"),
        );
        let output = done(
            &w,
            &format!("run test.toml --rounds 7001 {keep} --out a --resume"),
        );
        assert!(
            err(&output).contains("state.kzsim: 3000 rounds already played"),
            "{}",
            err(&output)
        );
        let once = done(
            &w,
            &format!("run test.toml --rounds 7001 {keep} --out b --force"),
        );
        assert!(
            contents(&root.join("a")) == contents(&root.join("b")),
            "{keep}"
        );
        let shown = |o: &Output| out(o).split("\nWritten").next().map(str::to_owned);
        assert_eq!(shown(&output), shown(&once));
        // A finished run that is resumed as it is stays as it is.
        done(
            &w,
            &format!("run test.toml --rounds 7001 {keep} --out a --resume"),
        );
        assert!(
            contents(&root.join("a")) == contents(&root.join("b")),
            "{keep}"
        );
        let fewer = told(
            &w,
            &format!("run test.toml --rounds 5000 {keep} --out a --resume"),
        );
        assert_eq!(code(&fewer), 2);
        assert!(
            err(&fewer).contains("rounds: 7001 already played instead of the 5000 requested"),
            "{}",
            err(&fewer)
        );
    }
    // Nothing to go on from: it begins.
    done(
        &w,
        "run test.toml --rounds 7001 --keep-rounds --out c --resume",
    );
    assert!(contents(&root.join("c")) == contents(&root.join("b")));
}

#[test]
fn a_checkpoint_stays_until_a_run_that_begins_again_has_come_as_far() {
    let w = write(GOOD);
    let line = "run test.toml --rounds 50000000";
    let folder = stopped(&w, line);
    let next = |folder: &Path| {
        let state = State::read(&folder.join("checkpoint.kzsim"));
        state.expect("a checkpoint").header.next
    };
    let mut child = start(&w, &format!("{line} {OFTEN} --out stopped --resume"));
    until("it has come far", || next(&folder) > 300_000);
    child.kill().expect("it is on its way");
    child.wait().expect("it ends");
    let before = fs::read(folder.join("checkpoint.kzsim")).expect("a checkpoint");
    let left = litter(&folder);
    // Stopped as soon as it has begun, it has not come as far.
    let child = start(&w, &format!("{line} --out stopped"));
    until("it has begun", || {
        let now = litter(&folder);
        now.iter().any(|f| f.ends_with('/') && !left.contains(f))
    });
    signal(&child, "-INT");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(code(&output), 130, "{}", err(&output));
    assert!(
        err(&output).contains("this run starts afresh") && err(&output).contains("is kept until"),
        "{}",
        err(&output)
    );
    if next(&folder) == State::decode(&before).expect("a state").header.next {
        assert!(err(&output).contains("has more rounds"), "{}", err(&output));
        assert!(fs::read(folder.join("checkpoint.kzsim")).expect("a checkpoint") == before);
    }
    // Whoever goes on goes on from the further one, and ends as always.
    let rounds = next(&folder) + 700;
    assert!(rounds >= State::decode(&before).expect("a state").header.next);
    done(
        &w,
        &format!("run test.toml --rounds {rounds} --out stopped --resume"),
    );
    done(&w, &format!("run test.toml --rounds {rounds} --out whole"));
    assert!(contents(&folder) == contents(&w.folder.path().join("whole")));
    // A run that begins again replaces it in the end.
    let folder = stopped(&w, line);
    let far = next(&folder);
    let mut child = start(&w, &format!("{line} {OFTEN} --out stopped"));
    until("it has come further", || next(&folder) > far);
    child.kill().expect("it is on its way");
    child.wait().expect("it ends");
}

#[test]
fn a_result_is_played_again_from_its_folder_alone() {
    let w = write(GOOD);
    let root = w.folder.path();
    extend(&w);
    let options = "--rounds 900 --seed 31 --keep-rounds --follow loyalty.army.new --set actors.army.opportunism=0.3";
    let played = done(&w, &format!("run below/over.toml {options} --out a"));
    assert!(
        out(&played).contains("\nwith actors.army.opportunism=0.3\n900 rounds, seed 31\n"),
        "{}",
        out(&played)
    );
    let before = contents(&root.join("a"));
    fs::remove_dir_all(root.join("below")).expect("it goes");
    fs::remove_file(&w.path).expect("it goes");
    done(&w, "run --like a --out b");
    assert!(contents(&root.join("b")) == before);
    // More rounds, other rounds, and parts.
    done(&w, "run --like a --rounds 1500 --out a --resume");
    done(&w, "run --like b --rounds 1500 --out c");
    assert!(contents(&root.join("a")) == contents(&root.join("c")));
    done(&w, "run --like b --seed 32 --out d");
    assert!(contents(&root.join("d"))["outcomes.csv"] != before["outcomes.csv"]);
    for i in 0..2 {
        done(&w, &format!("run --like b --shard {i}/2 --out s{i}"));
    }
    done(&w, "merge s1 s0 --out merged");
    assert!(contents(&root.join("merged")) == before);
    for (line, exit, says) in [
        ("run", 2, "required"),
        ("run --like b test.toml", 2, "cannot be used with"),
        (
            "run --like b --set parameters.nerve=0.1",
            2,
            "cannot be used with",
        ),
        ("run --like nowhere", 3, "nowhere: cannot be read"),
        ("run --like below", 3, "below: cannot be read"),
    ] {
        let output = told(&w, line);
        assert_eq!(code(&output), exit, "{line}: {}", err(&output));
        assert!(err(&output).contains(says), "{line}: {}", err(&output));
    }
}

/// A cluster queues a job again that had ended: it has nothing left to do, and says so with exit code 0.
#[test]
fn a_finished_run_with_a_precision_is_finished_when_it_is_queued_again() {
    let w = write(GOOD);
    for (out, options) in [
        ("reached", "--precision 0.03"),
        ("all", "--precision 0.001 --rounds 1500"),
    ] {
        let line = format!("run test.toml {options} --keep-rounds --out {out} --resume");
        done(&w, &line);
        let before = contents(&w.folder.path().join(out));
        done(&w, &line);
        assert_eq!(before, contents(&w.folder.path().join(out)), "{line}");
    }
    // What is not as precise as requested cannot be told from a run that would have ended earlier.
    let output = told(&w, "run test.toml --precision 0.002 --out reached --resume");
    assert_eq!(code(&output), 2, "{}", err(&output));
}

#[test]
fn another_run_is_not_resumed() {
    let w = write(GOOD);
    let root = w.folder.path();
    fs::write(
        root.join("other.toml"),
        GOOD.replace("opportunism = 0.5", "opportunism = 0.25"),
    )
    .expect("a file");
    done(&w, "run test.toml --rounds 2000 --out a");
    let before = contents(&root.join("a"));
    for (line, says) in [
        (
            "run other.toml",
            vec![
                "scenario: test instead of other",
                "actors.army.opportunism: 0.5 instead of 0.25",
            ],
        ),
        ("run test.toml --seed 8", vec!["seed: 7 instead of 8"]),
        (
            "run test.toml --keep-rounds",
            vec!["rows of rounds: not kept instead of kept"],
        ),
        (
            "run test.toml --set parameters.nerve=0.5 --seed 8",
            vec![
                "seed: 7 instead of 8",
                "parameters.nerve: {\"low\":0.2",
                "instead of 0.5",
            ],
        ),
        (
            "run test.toml --shard 0/2",
            vec!["shard: no shard instead of 0/2"],
        ),
        (
            "run test.toml --follow loyalty.army.new",
            vec!["followed quantities: none instead of loyalty.army.new"],
        ),
    ] {
        let output = told(&w, &format!("{line} --rounds 4000 --out a --resume"));
        assert_eq!(code(&output), 2, "{line}: {}", err(&output));
        for part in says {
            assert!(
                err(&output).contains(part),
                "{line}: no `{part}`: {}",
                err(&output)
            );
        }
        assert!(err(&output).contains("To start a new run, choose a different folder with --out"));
        assert!(contents(&root.join("a")) == before, "{line}");
    }
    // Another version has written it.
    let path = root.join("a/state.kzsim");
    let mut state = State::read(&path).expect("a state");
    state.header.version = "0.0.9".to_owned();
    fs::write(&path, state.encode().expect("bytes")).expect("a file");
    let output = told(&w, "run test.toml --rounds 4000 --out a --resume");
    assert_eq!(code(&output), 2);
    let here = env!("CARGO_PKG_VERSION");
    let says = format!("version of kzsim: 0.0.9 instead of {here}");
    assert!(err(&output).contains(&says), "{}", err(&output));
    // Another format.
    let bytes = fs::read(&path).expect("a file");
    let other = [b"kzsim state 9\n", &bytes[14..]].concat();
    fs::write(&path, other).expect("a file");
    let output = told(&w, "run test.toml --rounds 4000 --out a --resume");
    assert_eq!(code(&output), 3);
    assert!(
        err(&output).contains("incompatible version"),
        "{}",
        err(&output)
    );
}

/// A folder with a checkpoint of a run on its way.
fn stopped(w: &Written, line: &str) -> PathBuf {
    let mut child = start(w, &format!("{line} {OFTEN} --out stopped"));
    let folder = w.folder.path().join("stopped");
    until("there is a checkpoint", || {
        folder.join("checkpoint.kzsim").exists()
    });
    child.kill().expect("it is on its way");
    child.wait().expect("it ends");
    folder
}

#[test]
fn damage_is_found_wherever_it_strikes() {
    let w = write(GOOD);
    let line = "run test.toml --rounds 50000000 --keep-rounds";
    let folder = stopped(&w, line);
    let state = State::read(&folder.join("checkpoint.kzsim")).expect("a checkpoint");
    let rows = state.header.rounds_csv.expect("rows are kept").bytes;
    let mut next = random(12);
    let mut found = 0;
    for (file, most) in [("checkpoint.kzsim", u64::MAX), ("rounds.csv.part", rows)] {
        let path = folder.join(file);
        let good = fs::read(&path).expect("a file");
        // What lies behind the last row that the checkpoint knows is no damage.
        let size = most.min(good.len() as u64);
        for i in 0..30 {
            let mut bad = good.clone();
            let place = (next() % size) as usize;
            match i % 3 {
                0 => bad.truncate(place),
                1 => bad[place] ^= 1 << (next() % 8),
                _ => {
                    let end = (place + 512).min(size as usize);
                    let was = bad[place..end].to_vec();
                    bad[place..end].fill(0);
                    if was == bad[place..end] {
                        continue;
                    }
                }
            }
            fs::write(&path, &bad).expect("a file");
            let output = told(&w, &format!("{line} --out stopped --resume"));
            assert_eq!(code(&output), 3, "{file}: {}", err(&output));
            assert!(err(&output).contains(file), "{}", err(&output));
            assert!(output.stdout.is_empty());
            assert_eq!(fs::read(&path).expect("a file"), bad, "nothing is changed");
            found += 1;
        }
        fs::write(&path, &good).expect("a file");
    }
    assert!(found > 50, "{found}");
}

#[test]
fn two_runs_do_not_meet_in_a_folder() {
    let w = write(GOOD);
    let root = w.folder.path();
    done(&w, "run test.toml --out a");
    let before = contents(&root.join("a"));
    let first = start(&w, "run test.toml --rounds 1000000000 --out a");
    until("the first one has begun", || {
        files(&root.join("a"))
            .iter()
            .any(|f| f.starts_with(".kzsim-"))
    });
    for line in [
        "run test.toml --out a",
        "run test.toml --out a --resume",
        "run test.toml --out a --force",
        "compare test.toml test.toml --rounds 10 --out a",
    ] {
        let output = told(&w, line);
        assert_eq!(code(&output), 3, "{line}: {}", err(&output));
        let says = "a: another kzsim is writing to it; wait until it is done, or choose a different folder";
        assert!(err(&output).contains(says), "{line}: {}", err(&output));
    }
    signal(&first, "-TERM");
    let output = first.wait_with_output().expect("it ends");
    assert_eq!(code(&output), 130);
    let mut after = contents(&root.join("a"));
    assert!(after.remove("checkpoint.kzsim").is_some());
    assert!(after == before, "the earlier result is as it was");
    // Whoever comes next has the folder.
    done(&w, "run test.toml --out a --force");
    assert!(contents(&root.join("a")) == before);
}

/// Runs lines of a shell where a small disk can be mounted; nothing if that is not possible.
fn with_disk(root: &Path, script: &str) -> Option<Output> {
    let mount = "mount -t tmpfs -o size=1500k none disk && echo mounted";
    let try_out = |words: &[&str], script: &str| {
        Command::new(words[0])
            .args(&words[1..])
            .arg(script)
            .current_dir(root)
            .env("KZSIM", env!("CARGO_BIN_EXE_kzsim"))
            .output()
            .ok()
    };
    fs::create_dir_all(root.join("disk")).expect("a folder");
    // Root, or a user who may be root in a room of their own.
    for words in [
        &["unshare", "--mount", "sh", "-c"][..],
        &["unshare", "--mount", "--map-root-user", "sh", "-c"],
    ] {
        let seen = try_out(words, mount);
        if seen.is_some_and(|o| out(&o).contains("mounted")) {
            return try_out(words, &format!("{mount}\n{script}"));
        }
    }
    None
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_costs_nothing_that_was_there() {
    let w = write(GOOD);
    let root = w.folder.path();
    let run = "$KZSIM run test.toml --threads 1 --keep-rounds --rounds 60000";
    done(&w, "run test.toml --keep-rounds --rounds 60000 --out whole");
    // Rows fill the disk beside an earlier result; then the disk grows, and the run goes on.
    let script = format!(
        "$KZSIM run test.toml --out disk/a >/dev/null || exit 9
         cp -r disk/a earlier
         {run} {OFTEN} --out disk/a >/dev/null 2>first.txt; echo first $?
         cp -r disk/a seen
         {run} --resume --out disk/a >/dev/null 2>second.txt; echo second $?
         mount -o remount,size=64m disk
         {run} --resume --out disk/a >/dev/null 2>third.txt; echo third $?
         cp -r disk/a after; ls -A disk/a > names.txt"
    );
    let Some(output) = with_disk(root, &script) else {
        eprintln!("skipped: no disk can be mounted here, neither as root nor in a user namespace");
        return;
    };
    let shown = out(&output);
    let read = |name: &str| fs::read_to_string(root.join(name)).unwrap_or_default();
    let said = ["first.txt", "second.txt", "third.txt"].map(read);
    assert!(
        shown.contains("first 3\nsecond 3\nthird 0\n"),
        "{shown}{said:?}{}",
        err(&output)
    );
    for text in &said[..2] {
        assert!(text.contains("the disk is full"), "{text}");
        assert!(text.contains("--resume continues from it"), "{text}");
    }
    assert!(said[2].contains("continuing from"), "{}", said[2]);
    let seen = contents(&root.join("seen"));
    for (name, bytes) in contents(&root.join("earlier")) {
        assert!(seen.get(&name) == Some(&bytes), "{name} is damaged");
    }
    assert!(contents(&root.join("after")) == contents(&root.join("whole")));
    let names = read("names.txt");
    assert!(!names.lines().any(|l| l.starts_with('.')), "{names}");
}

/// A file system in an image: what a copy of the image holds is what a power cut would leave.
#[test]
#[cfg(target_os = "linux")]
fn what_is_done_survives_a_power_cut() {
    let w = write(GOOD);
    let root = w.folder.path();
    // Cuts while a result is being replaced take long, and fall where the machine's speed lets them: they
    // are made by hand, by this variable.
    let stops: usize = std::env::var("KZSIM_POWER_CUTS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(0);
    let cuts = 4;
    // Each line of output is a cut: "kept" or "lost", and at any moment which of the two results was found. After the end of a command all that it
    // wrote must be there; at any other moment the earlier result or the new one, once the next
    // program has finished the move.
    let script = format!(
        r#"truncate -s 64M disk.img && mkfs.ext4 -q disk.img && mkdir -p disk cut || exit 9
        mount -o loop,commit=300 disk.img disk && echo mounted || exit 9
        same() {{ diff -r -x '.kzsim*' "$1" "$2" > /dev/null; }}
        cut() {{
            cp disk.img cut.img && mount -o loop cut.img cut || exit 8
            "$@" && echo kept || {{ echo lost "$@"; ls -lR cut; }}
            umount cut
        }}
        for i in $(seq {cuts}); do
            $KZSIM run test.toml --rounds 3000 --seed $i --keep-rounds --quiet --out disk/a || exit 7
            cut same disk/a cut/a
        done
        $KZSIM run test.toml --rounds 3000 --shard 0/1 --quiet --out disk/s || exit 7
        cut same disk/s cut/s
        $KZSIM merge disk/s --quiet --out disk/m || exit 7
        cut same disk/m cut/m
        $KZSIM sweep test.toml --over parameters.nerve=0.1,0.2 --rounds 100 --quiet --out disk/new/w || exit 7
        cut same disk/new/w cut/new/w
        $KZSIM report disk/a --quiet || exit 7
        cut same disk/a cut/a
        rm disk/a/report*
        $KZSIM run test.toml --rounds 600000 --checkpoint-every 0 --quiet --out disk/c 2> /dev/null & run=$!
        while ! test -e disk/c/checkpoint.kzsim; do sleep 0.01; done; kill $run; wait $run
        cut same disk/c cut/c
        $KZSIM run test.toml --rounds 600000 --resume --quiet --out disk/c || exit 7
        cut same disk/c cut/c
        cp -r disk/a one
        $KZSIM run test.toml --rounds 3000 --seed 9 --keep-rounds --quiet --out two || exit 7
        either() {{
            # Refused, once what was left is cleared up.
            $KZSIM sweep test.toml --over parameters.nerve=0.1,0.2 --rounds 10 --out cut/a 2> /dev/null
            if same cut/a one; then echo one; else same cut/a two && echo two; fi
        }}
        for i in $(seq {stops}); do
            # The first result, then a second one on top, stopped somewhere on its way.
            $KZSIM run test.toml --rounds 3000 --seed {cuts} --keep-rounds --quiet --out disk/a || exit 7
            $KZSIM run test.toml --rounds 3000 --seed 9 --keep-rounds --quiet --out disk/a & run=$!
            sleep "0.$(printf %04d $((500 + i * 40)))"; kill -STOP $run 2> /dev/null; sleep 0.02
            cut either
            kill -CONT $run 2> /dev/null; wait $run || exit 7
        done"#
    );
    let Some(output) = with_disk(root, &script) else {
        eprintln!("skipped: no disk can be mounted here");
        return;
    };
    let shown = out(&output);
    if code(&output) == 9 {
        eprintln!("skipped: no image can be mounted here: {}", err(&output));
        return;
    }
    assert_eq!(code(&output), 0, "{shown}{}", err(&output));
    assert!(!shown.contains("lost"), "{shown}{}", err(&output));
    assert_eq!(shown.matches("kept").count(), cuts + 6 + stops, "{shown}");
    if stops > 0 {
        let found = |which: &str| shown.lines().filter(|line| *line == which).count();
        let (one, two) = (found("one"), found("two"));
        eprintln!("{stops} cuts: the earlier result {one} times, the new one {two} times");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_read_only_disk_is_told_and_what_is_there_stays() {
    let w = write(GOOD);
    let root = w.folder.path();
    // A finished result and a run on its way; then the disk can only be read.
    let script = format!(
        "$KZSIM run test.toml --out disk/a >/dev/null || exit 9
         $KZSIM run test.toml --rounds 50000000 {OFTEN} --out disk/b >/dev/null 2>&1 &
         while ! test -e disk/b/checkpoint.kzsim; do sleep 0.01; done
         kill -9 $!; wait $!
         mount -o remount,ro disk
         cp -r disk/a before
         for line in '--out disk/a' '--out disk/a --resume --rounds 900' '--out disk/new' \\
             '--out disk/b --resume --rounds 50000000'; do
             $KZSIM run test.toml $line >/dev/null 2>>said.txt; echo $?
         done
         $KZSIM merge disk/a --out disk/merged 2>>said.txt; echo $?
         $KZSIM report disk/a 2>>said.txt; echo $?
         $KZSIM report disk/a --out page.html >/dev/null; echo $?
         cp -r disk/a after"
    );
    let Some(output) = with_disk(root, &script) else {
        eprintln!("skipped: no disk can be mounted here, neither as root nor in a user namespace");
        return;
    };
    let said = fs::read_to_string(root.join("said.txt")).unwrap_or_default();
    let shown = out(&output);
    assert!(
        shown.ends_with("3\n3\n3\n3\n3\n3\n0\n"),
        "{shown}{said}{}",
        err(&output)
    );
    let told = said.matches("is on a read-only file system").count();
    assert_eq!(told, 6, "{said}");
    assert!(contents(&root.join("before")) == contents(&root.join("after")));
}

#[test]
#[cfg(target_os = "linux")]
fn a_run_without_room_for_checkpoints_goes_on() {
    let w = write(GOOD);
    let root = w.folder.path();
    let run = "run test.toml --threads 1 --rounds 300000";
    // Somebody else's file fills the disk, and goes once the run has complained.
    let script = format!(
        "mkdir disk/a; dd if=/dev/zero of=disk/filler bs=1k 2>/dev/null
         $KZSIM {run} {OFTEN} --out disk/a >/dev/null 2>said.txt &
         while kill -0 $! 2>/dev/null && ! grep -q warning said.txt; do sleep 0.01; done
         grep -q warning said.txt; echo warned $?
         rm disk/filler; wait $!; echo ended $?
         cp -r disk/a after"
    );
    let Some(output) = with_disk(root, &script) else {
        eprintln!("skipped: no disk can be mounted here, neither as root nor in a user namespace");
        return;
    };
    let said = fs::read_to_string(root.join("said.txt")).unwrap_or_default();
    assert!(
        out(&output).contains("warned 0\nended 0\n"),
        "{}{said}",
        out(&output)
    );
    let warnings = said
        .matches("the run continues without a checkpoint")
        .count();
    assert_eq!(warnings, 1, "{said}");
    done(&w, &format!("{run} --out whole"));
    assert!(contents(&root.join("after")) == contents(&root.join("whole")));
}

#[test]
fn evidence_is_taken_into_account_after_a_stop_too() {
    let w = write(GOOD);
    let root = w.folder.path();
    fs::write(
        root.join("evidence.toml"),
        "schema = 1\ntitle = \"Evidence\"\n[observations.moved]\nsays = \"it moved\"\non = 2022-01-05\nsource = \"an \
         example\"\nwhen = \"happened.move\"\nreliability = 0.9\n",
    )
    .expect("a file");
    let line = "run test.toml --given evidence.toml";
    done(&w, &format!("{line} --rounds 3000 --out whole"));
    done(&w, &format!("{line} --rounds 1000 --out a"));
    done(&w, &format!("{line} --rounds 3000 --out a --resume"));
    assert!(contents(&root.join("a")) == contents(&root.join("whole")));
}

#[test]
#[cfg(unix)]
fn the_base_case_stops_when_told() {
    let w = write(GOOD);
    let base = repository("scenarios/base.toml");
    let line = format!("run {} --rounds 100000000 --out a", base.display());
    let child = start(&w, &line);
    let folder = w.folder.path().join("a");
    until("the run has begun", || {
        folder.exists() && files(&folder).iter().any(|f| f.starts_with(".kzsim-"))
    });
    std::thread::sleep(Duration::from_millis(300));
    signal(&child, "-TERM");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(code(&output), 130, "{}", err(&output));
    assert_eq!(files(&folder), ["checkpoint.kzsim"]);
}
