//! A result is replaced only by one with which nothing is lost.

use std::fs;
use std::path::Path;

use kzsim::internals::result::State;

use crate::support::{GOOD, Written, code, contents, done, err, files, out, told, write};

const EVIDENCE: &str = "schema = 1\ntitle = \"Evidence\"\n[observations.moved]\nsays = \"it moved\"\non = 2022-01-05\n\
                        source = \"an example\"\nwhen = \"happened.move\"\nreliability = 0.9\n";

/// Two scenarios of one name, and evidence.
fn two_cases() -> Written {
    let w = write(GOOD);
    let root = w.folder.path();
    for folder in ["kz", "uz"] {
        fs::create_dir(root.join(folder)).expect("a folder");
    }
    fs::write(root.join("kz/base.toml"), GOOD).expect("a file");
    let other = GOOD.replace("opportunism = 0.5", "opportunism = 0.25");
    fs::write(root.join("uz/base.toml"), other).expect("a file");
    fs::write(root.join("evidence.toml"), EVIDENCE).expect("a file");
    w
}

#[test]
fn what_would_be_lost_stays_and_the_new_result_goes_to_a_numbered_folder() {
    let w = two_cases();
    let results = w.folder.path().join("results");
    done(&w, "run kz/base.toml --rounds 600 --keep-rounds");
    let first = contents(&results.join("base"));
    // (command, where it goes, what is said of the folder it does not take)
    for (line, folder, says) in [
        (
            "run uz/base.toml --rounds 600 --keep-rounds",
            "base-2",
            "actors.army.opportunism: 0.5 instead of 0.25",
        ),
        (
            "run kz/base.toml --rounds 600 --keep-rounds --set parameters.nerve=0.5",
            "base-3",
            "parameters.nerve",
        ),
        (
            "run kz/base.toml --rounds 600",
            "base-4",
            "rounds.csv, left out without --keep-rounds",
        ),
        (
            "run kz/base.toml --rounds 599 --keep-rounds",
            "base-5",
            "rounds: 600 instead of 599",
        ),
    ] {
        // Said again, it goes to the same place: nothing is lost there.
        for _ in 0..2 {
            let output = done(&w, line);
            let (shown, said) = (out(&output), err(&output));
            let written = format!("Written to results/{folder}\n");
            assert!(shown.ends_with(&written), "{line}: {shown}");
            let noted = "note: results/base holds a result of `kzsim run` (";
            assert!(
                said.contains(noted) && said.contains(says),
                "{line}: {said}"
            );
            assert!(contents(&results.join("base")) == first, "{line}");
        }
    }
    // The same again, another seed, more rounds and more tables take its place.
    for line in [
        "run kz/base.toml --rounds 600 --keep-rounds",
        "run kz/base.toml --rounds 600 --keep-rounds --seed 4",
        "run kz/base.toml --rounds 700 --keep-rounds --given evidence.toml --follow loyalty.army.new",
    ] {
        let output = done(&w, line);
        assert!(
            out(&output).ends_with("Written to results/base\n"),
            "{line}"
        );
        assert_eq!(err(&output), "", "{line}");
    }
    let more = contents(&results.join("base"));
    for (line, says) in [
        (
            "--given evidence.toml",
            "followed quantities, left out without --follow loyalty.army.new",
        ),
        (
            "--follow loyalty.army.new",
            "evidence: evidence instead of none",
        ),
    ] {
        let line = format!("run kz/base.toml --rounds 700 --keep-rounds {line}");
        let output = done(&w, &line);
        assert!(err(&output).contains(says), "{line}: {}", err(&output));
        assert!(contents(&results.join("base")) == more, "{line}");
    }
    // --force replaces it.
    done(&w, "run uz/base.toml --rounds 10 --force");
    assert!(!results.join("base/rounds.csv").exists());
    // What a run left goes on where it is, under whatever number.
    let output = done(
        &w,
        "run kz/base.toml --rounds 800 --keep-rounds --set parameters.nerve=0.5 --resume",
    );
    assert!(
        out(&output).ends_with("Written to results/base-3\n"),
        "{}",
        out(&output)
    );
    assert!(
        err(&output).contains("600 rounds already played"),
        "{}",
        err(&output)
    );
    let output = told(
        &w,
        "run kz/base.toml --rounds 800 --set parameters.nerve=0.9 --resume",
    );
    assert_eq!(code(&output), 2, "{}", err(&output));
}

#[test]
fn a_named_folder_is_refused_and_what_would_be_lost_is_told() {
    let w = two_cases();
    let root = w.folder.path();
    fs::write(root.join("third.toml"), GOOD).expect("a file");
    for (i, (first, second, says)) in [
        (
            "run kz/base.toml --rounds 50",
            "run uz/base.toml --rounds 50",
            "a result of `kzsim run` (actors.army.opportunism: 0.5 instead of 0.25)",
        ),
        (
            "run test.toml --rounds 50",
            "sweep test.toml --rounds 50 --over parameters.nerve=0.1,0.2",
            "(this command is `kzsim sweep`)",
        ),
        (
            "sweep test.toml --rounds 50 --over parameters.nerve=0.1,0.2",
            "sweep test.toml --rounds 50 --over parameters.nerve=0.1,0.3",
            "(the points differ)",
        ),
        (
            "sensitivity test.toml --method given --rows 64",
            "sensitivity test.toml --method morris --rows 64",
            "method: given instead of morris",
        ),
        (
            "sensitivity test.toml --method given --rows 128",
            "sensitivity test.toml --method given --rows 64",
            "rows: 128 instead of 64",
        ),
        (
            "discover test.toml --rounds 400 --mass 0.1",
            "discover test.toml --rounds 400 --mass 0.2",
            "mass: 0.1 instead of 0.2",
        ),
        (
            "compare test.toml uz/base.toml --rounds 50",
            "compare test.toml third.toml --rounds 50",
            "scenario: test, base instead of test, third",
        ),
        (
            "weigh kz/base.toml third.toml --evidence evidence.toml --rounds 200 --recover=10",
            "weigh kz/base.toml third.toml --evidence evidence.toml --rounds 200 --recover=9",
            "recover: 10 instead of 9",
        ),
        (
            "run test.toml --rounds 50 --shard 0/2",
            "run test.toml --rounds 50 --shard 1/2",
            "shard: 0/2 instead of 1/2",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        done(&w, &format!("{first} --out r{i}"));
        let before = contents(&root.join(format!("r{i}")));
        let output = told(&w, &format!("{second} --out r{i}"));
        assert_eq!(code(&output), 3, "{second}: {}", err(&output));
        let said = err(&output);
        assert!(
            said.contains(&format!("r{i}: holds "))
                && said.contains(says)
                && said.contains("--force"),
            "{second}: {said}"
        );
        assert!(contents(&root.join(format!("r{i}"))) == before, "{second}");
        assert!(!files(root).iter().any(|f| f.starts_with(".kzsim")));
        // The same again is no loss, and --force says that it is meant.
        done(&w, &format!("{first} --out r{i}"));
        assert!(contents(&root.join(format!("r{i}"))) == before, "{first}");
        done(&w, &format!("{second} --out r{i} --force"));
    }
    // Shards are merged beside what they would replace.
    done(&w, "run kz/base.toml --rounds 50 --shard 0/1 --out one");
    done(&w, "run uz/base.toml --rounds 50");
    let output = done(&w, "merge one");
    assert!(
        out(&output).contains("Written to results/base-2\n"),
        "{}",
        out(&output)
    );
    assert_eq!(code(&told(&w, "merge one --out results/base")), 3);
    // A job for hours is not sent to where its result would be refused.
    let output = done(&w, "submit slurm kz/base.toml --shards 2 --rounds 60");
    let script = fs::read_to_string(root.join("results/base_slurm/merge.sbatch"));
    assert!(
        script.expect("a script").contains("results/base-2"),
        "{}",
        out(&output)
    );
    let output = told(
        &w,
        "submit slurm kz/base.toml --shards 2 --rounds 60 --out results/base",
    );
    assert_eq!(code(&output), 3, "{}", err(&output));
}

#[test]
fn a_run_goes_on_in_its_own_numbered_folder() {
    let w = write(GOOD);
    let first = done(&w, "run test.toml --rounds 600 --keep-rounds");
    assert!(out(&first).ends_with("Written to results/test\n"));
    for (line, more, folder) in [
        ("--rounds 500", "--rounds 700", "results/test-2"),
        (
            "--rounds 400 --seed 5",
            "--rounds 900 --seed 5",
            "results/test-3",
        ),
    ] {
        let output = done(&w, &format!("run test.toml {line}"));
        let written = format!("Written to {folder}\n");
        assert!(out(&output).ends_with(&written), "{}", out(&output));
        let output = done(&w, &format!("run test.toml {more} --resume"));
        assert!(out(&output).ends_with(&written), "{}", out(&output));
        let from = format!("continuing from {folder}/state.kzsim");
        assert!(err(&output).contains(&from), "{}", err(&output));
    }
}

#[test]
fn a_longer_result_is_not_replaced_by_one_that_stops_early() {
    let w = write(GOOD);
    let target = w.folder.path().join("a");
    done(&w, "run test.toml --rounds 20000 --out a");
    let before = contents(&target);
    let line = "run test.toml --precision 0.03 --rounds 20000 --out a";
    for line in [line.to_owned(), format!("{line} --resume")] {
        // Without a checkpoint it goes on from the finished result, which is precise.
        if line.ends_with("--resume") {
            let checkpoint = target.join("checkpoint.kzsim");
            assert!(checkpoint.exists(), "what was played is kept");
        }
        let output = told(&w, &line);
        assert_eq!(code(&output), 3, "{line}: {}", err(&output));
        let said = err(&output);
        assert!(
            said.contains(
                "a: holds a result of 20000 rounds, and this run has reached its precision with"
            ) && said.contains("--force")
                && said.contains("the last checkpoint is kept"),
            "{said}"
        );
        let mut after = contents(&target);
        assert!(after.remove("checkpoint.kzsim").is_some());
        assert!(after == before, "{line}");
    }
    done(&w, &format!("{line} --resume --force"));
    done(&w, "run test.toml --precision 0.03 --rounds 20000 --out b");
    assert!(contents(&target) == contents(&w.folder.path().join("b")));
}

#[test]
fn a_finished_result_beside_a_checkpoint_is_not_replaced_by_a_shorter_one() {
    let w = write(GOOD);
    let root = w.folder.path();
    done(&w, "run test.toml --rounds 300 --out a");
    let before = contents(&root.join("a"));
    checkpoint_of_50_rounds(&w, &root.join("a"));
    let line = "run test.toml --rounds 100 --out a --resume";
    let output = told(&w, line);
    assert_eq!(code(&output), 3, "{}", err(&output));
    assert!(err(&output).contains("rounds: 300"), "{}", err(&output));
    let mut after = contents(&root.join("a"));
    assert!(after.remove("checkpoint.kzsim").is_some());
    assert!(after == before);
    // More rounds are no loss, and --force says that one is meant.
    done(&w, &format!("{line} --force"));
    checkpoint_of_50_rounds(&w, &root.join("a"));
    done(&w, "run test.toml --rounds 100 --out a --resume");
}

/// The number after an option that needs a `=` is not taken for a file without a word.
#[test]
fn a_number_among_readings_is_told_where_it_belongs() {
    let w = two_cases();
    for (line, says) in [
        (
            "weigh test.toml kz/base.toml --evidence evidence.toml --recover 10",
            "write --recover=10",
        ),
        (
            "weigh --recover 10 test.toml kz/base.toml --evidence evidence.toml",
            "write --recover=10",
        ),
        (
            "weigh test.toml --evidence evidence.toml",
            "expected two or more",
        ),
    ] {
        let output = told(&w, line);
        assert_eq!(code(&output), 2, "{line}: {}", err(&output));
        assert!(err(&output).contains(says), "{line}: {}", err(&output));
    }
}

/// Writes a checkpoint as a run of 100 rounds leaves it that is stopped after 50.
fn checkpoint_of_50_rounds(w: &Written, folder: &Path) {
    done(w, "run test.toml --rounds 50 --out half --force");
    let state = State::read(&w.folder.path().join("half/state.kzsim"));
    let mut state = state.expect("a state");
    state.header.rounds = 100;
    state.header.finished = false;
    let bytes = state.encode().expect("bytes");
    fs::write(folder.join("checkpoint.kzsim"), bytes).expect("a file");
}

#[test]
fn results_of_other_versions_and_unfinished_runs_are_kept() {
    let w = two_cases();
    let root = w.folder.path();
    done(&w, "run test.toml --rounds 50 --out a");
    let path = root.join("a/manifest.json");
    let manifest = fs::read_to_string(&path).expect("a manifest");
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    fs::write(&path, manifest.replace(&version, "\"version\": \"0.0.9\"")).expect("a file");
    let output = told(&w, "run test.toml --rounds 50 --out a");
    assert_eq!(code(&output), 3);
    let says = format!(
        "version of kzsim: 0.0.9 instead of {}",
        env!("CARGO_PKG_VERSION")
    );
    assert!(err(&output).contains(&says), "{}", err(&output));
    // A checkpoint of a different run is hours of work, too.
    fs::create_dir(root.join("c")).expect("a folder");
    checkpoint_of_50_rounds(&w, &root.join("c"));
    for (line, says) in [
        (
            "run test.toml --rounds 100 --seed 5",
            "seed: 7 instead of 5",
        ),
        (
            "run uz/base.toml --rounds 100",
            "scenario: test instead of base",
        ),
        ("run test.toml --rounds 40", "rounds: 50 instead of 40"),
        (
            "compare test.toml uz/base.toml --rounds 40",
            "continue it with --resume",
        ),
    ] {
        let output = told(&w, &format!("{line} --out c"));
        assert_eq!(code(&output), 3, "{line}: {}", err(&output));
        let said = err(&output);
        assert!(
            said.contains("50 rounds of an unfinished run (") && said.contains(says),
            "{line}: {said}"
        );
    }
    done(&w, "run test.toml --rounds 100 --out c");
}
