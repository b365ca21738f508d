//! Shards: any number of them, merged in any order, are the single run; what does not belong
//! together is refused with what to do.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use kzsim::internals::result::manifest::hash_bytes;
use kzsim::internals::result::{Shard, State};
use serde_json::Value;

use crate::support::{
    GOOD, Written, code, contents, err, extend, files, kzsim, out, random, told, write,
};

fn at(w: &Written, arguments: &[&str]) -> Output {
    kzsim(arguments, w.folder.path())
}

/// Plays all shards of a run, in a random order of time, and gives their folders.
fn play(w: &Written, count: u64, options: &str) -> Vec<String> {
    let mut next = random(count);
    let mut folders: Vec<String> = (0..count)
        .map(|i| format!("parts/{count}/{}", Shard::new(i, count).unwrap().folder()))
        .collect();
    let mut order: Vec<usize> = (0..folders.len()).collect();
    shuffle(&mut order, &mut next);
    for i in order {
        let out = &folders[i];
        let line = format!("run test.toml {options} --shard {i}/{count} --out {out} --force");
        let done = told(w, &line);
        assert_eq!(code(&done), 0, "{}", err(&done));
    }
    shuffle(&mut folders, &mut next);
    folders
}

fn shuffle<T>(items: &mut [T], next: &mut impl FnMut() -> u64) {
    for i in (1..items.len()).rev() {
        items.swap(i, next() as usize % (i + 1));
    }
}

fn merge(w: &Written, folders: &[String], options: &[&str]) -> Output {
    let mut arguments = vec!["merge"];
    arguments.extend(folders.iter().map(String::as_str));
    arguments.extend(options);
    at(w, &arguments)
}

/// The manifest of a folder.
fn manifest(folder: &Path) -> Value {
    let text = fs::read(folder.join("manifest.json")).expect("a manifest");
    serde_json::from_slice(&text).expect("JSON")
}

#[test]
fn any_number_of_shards_in_any_order_is_the_single_run() {
    let w = write(GOOD);
    let root = w.folder.path();
    // Settings with quotes and spaces go the way of the manifest, and back.
    for (options, rounds) in [
        ("--keep-rounds --rounds 1000", 1000),
        ("--seed 9 --rounds 4099 --set parameters.nerve=0.4", 4099),
    ] {
        let done = told(&w, &format!("run test.toml {options} --out single --force"));
        assert_eq!(code(&done), 0, "{}", err(&done));
        let single = contents(&root.join("single"));
        for count in [1, 2, 7, 64] {
            let folders = play(&w, count, options);
            let before: Vec<BTreeMap<String, Vec<u8>>> =
                folders.iter().map(|f| contents(&root.join(f))).collect();
            let merged = merge(&w, &folders, &["--out", "merged", "--force"]);
            assert_eq!(code(&merged), 0, "{}", err(&merged));
            assert!(
                contents(&root.join("merged")) == single,
                "{count} shards of {rounds} rounds are not the single run"
            );
            let after: Vec<_> = folders.iter().map(|f| contents(&root.join(f))).collect();
            assert!(before == after, "merging changes no shard");
            let same = |text: &str| text.split("\nMerged").next().map(str::to_owned);
            let shown = out(&done);
            let shown = shown.split("\nWritten").next().map(str::to_owned);
            assert_eq!(same(&out(&merged)), shown, "the same is shown");
        }
    }
}

#[test]
fn shards_of_a_scenario_that_extends_another() {
    let w = write(GOOD);
    let root = w.folder.path();
    extend(&w);
    let set = [
        "--set",
        "clock.start=2021-12-30",
        "--set",
        "title='It''s \"odd\"'",
    ];
    let run = |more: &[&str]| {
        let mut words = vec!["run", "below/over.toml", "--rounds", "300"];
        words.extend(set);
        words.extend(more);
        let done = at(&w, &words);
        assert_eq!(code(&done), 0, "{}", err(&done));
    };
    run(&["--out", "single"]);
    // Without --out, shards lie where the result will.
    for shard in ["0/3", "1/3", "2/3"] {
        run(&["--shard", shard]);
    }
    let names = ["shard_0_of_3/", "shard_1_of_3/", "shard_2_of_3/"];
    assert_eq!(files(&root.join("results/over")), names);
    let folders = names.map(|n| format!("results/over/{n}"));
    let done = merge(&w, &folders, &[]);
    assert_eq!(code(&done), 0, "{}", err(&done));
    let merged = contents(&root.join("results/over"));
    assert!(merged == contents(&root.join("single")));
    assert!(out(&done).contains("Merged from 3 shards\n\nWritten to results/over"));
}

#[test]
fn a_shard_says_which_it_is() {
    let w = write(GOOD);
    let done = told(
        &w,
        "run test.toml --rounds 100 --shard 2/7 --out out --keep-rounds",
    );
    assert_eq!(code(&done), 0, "{}", err(&done));
    assert!(
        out(&done).contains("Shard 2/7: rounds 28 to 41 of 100"),
        "{}",
        out(&done)
    );
    let folder = w.folder.path().join("out");
    let m = manifest(&folder);
    let expected = serde_json::json!({
        "index": 2, "count": 7, "first_round": 28, "rounds_in_all": 100
    });
    assert_eq!(m["shard"], expected);
    assert_eq!(m["rounds"], 14);
    let rounds = fs::read_to_string(folder.join("rounds.csv")).expect("rounds.csv");
    let played: Vec<&str> = rounds
        .lines()
        .skip(1)
        .filter_map(|l| l.split(',').nth(1))
        .collect();
    let expected: Vec<String> = (28..42).map(|r: u32| r.to_string()).collect();
    assert_eq!(played, expected);
}

#[test]
fn shards_cover_every_round_once() {
    let mut next = random(5);
    for _ in 0..2_000 {
        let rounds = 1 + next() % (1 << (1 + next() % 40));
        let count = 1 + next() % rounds.min(300);
        let mut expected = 0;
        for index in 0..count {
            let range = Shard::new(index, count).unwrap().rounds(rounds);
            assert_eq!(range.start, expected);
            let size = range.end - range.start;
            assert!((rounds / count..=rounds.div_ceil(count)).contains(&size));
            expected = range.end;
        }
        assert_eq!(expected, rounds);
    }
}

/// The commands that a message names.
fn commands(text: &str) -> Vec<String> {
    text.lines()
        .map(str::trim)
        .filter(|l| l.starts_with("kzsim run "))
        .map(str::to_owned)
        .collect()
}

#[test]
fn missing_shards_are_named_with_the_commands_that_play_them() {
    let w = write(GOOD);
    let root = w.folder.path();
    let options = [
        "--keep-rounds",
        "--rounds",
        "500",
        "--set",
        "title=\"It's here\"",
    ];
    let run = |more: &[&str]| {
        let words: Vec<&str> = ["run", "test.toml"].into_iter().chain(options).collect();
        let done = at(&w, &[&words[..], more].concat());
        assert_eq!(code(&done), 0, "{}", err(&done));
    };
    run(&["--out", "single"]);
    for i in [0, 2, 4] {
        run(&[
            "--shard",
            &format!("{i}/5"),
            "--out",
            &format!("s/shard_{i}_of_5"),
        ]);
    }
    let there = [0, 2, 4].map(|i| format!("s/shard_{i}_of_5"));
    let done = merge(&w, &there, &["--out", "merged"]);
    assert_eq!(code(&done), 2, "{}", err(&done));
    assert!(
        err(&done).contains("2 of 5 shards missing"),
        "{}",
        err(&done)
    );
    assert!(!root.join("merged").exists());
    let lines = commands(&err(&done));
    assert_eq!(lines.len(), 2, "{lines:?}");
    for (line, shard) in lines.iter().zip(["1/5", "3/5"]) {
        assert!(line.contains(&format!("--shard {shard} ")), "{line}");
        // As a shell takes it.
        let line = line.replacen("kzsim", env!("CARGO_BIN_EXE_kzsim"), 1);
        let played = Command::new("sh")
            .args(["-c", &line])
            .current_dir(root)
            .output()
            .expect("a shell");
        assert!(played.status.success(), "{line}: {}", err(&played));
    }
    let all = [0, 1, 2, 3, 4].map(|i| format!("s/shard_{i}_of_5"));
    let done = merge(&w, &all, &["--out", "merged"]);
    assert_eq!(code(&done), 0, "{}", err(&done));
    assert!(contents(&root.join("merged")) == contents(&root.join("single")));
}

#[test]
fn shards_that_do_not_belong_together_are_refused() {
    let w = write(GOOD);
    let root = w.folder.path();
    fs::write(root.join("other.toml"), GOOD).expect("a file");
    for line in [
        "run test.toml --rounds 100 --shard 0/2 --out a",
        "run test.toml --rounds 100 --shard 1/2 --out b",
        "run test.toml --rounds 100 --shard 1/2 --out b2",
        "run test.toml --rounds 100 --out whole",
        "run test.toml --rounds 100 --shard 1/2 --seed 8 --out seed",
        "run test.toml --rounds 102 --shard 1/2 --out rounds",
        "run test.toml --rounds 100 --shard 1/3 --out count",
        "run test.toml --rounds 100 --shard 1/2 --keep-rounds --out kept",
        "run test.toml --rounds 100 --shard 1/2 --set parameters.nerve=0.5 --out set",
        "run other.toml --rounds 100 --shard 1/2 --out other",
        "compare test.toml other.toml --rounds 10 --out compare",
    ] {
        let done = told(&w, line);
        assert_eq!(code(&done), 0, "{line}: {}", err(&done));
    }
    fs::create_dir(root.join("empty")).expect("a folder");
    for (dirs, says) in [
        ("a b b2", vec!["shard 1/2 appears twice: b and b2"]),
        ("a a b", vec!["shard 0/2 appears twice: a and a"]),
        ("a whole", vec!["shards of the run: 2 instead of none"]),
        ("a seed", vec!["seed: 8 instead of 7"]),
        ("a rounds", vec!["rounds of the run: 102 instead of 100"]),
        ("a count", vec!["shards of the run: 3 instead of 2"]),
        ("a kept", vec!["rows of rounds: kept instead of not kept"]),
        (
            "a set",
            vec!["parameters.nerve: 0.5 instead of {\"low\":0.2"],
        ),
        ("a other", vec!["scenario: other instead of test"]),
        (
            "a empty",
            vec!["empty: does not contain a result of kzsim", "--shard 1/2"],
        ),
        (
            "a compare",
            vec!["compare: contains a result that is not a run"],
        ),
        (
            "a seed kept",
            vec!["seed: 8 instead", "rows of rounds: kept instead"],
        ),
        ("whole whole", vec!["the whole run appears twice"]),
    ] {
        let done = told(&w, &format!("merge {dirs} --out merged"));
        assert_eq!(code(&done), 2, "{dirs}: {}", err(&done));
        for part in says {
            assert!(
                err(&done).contains(part),
                "{dirs}: no `{part}` in {}",
                err(&done)
            );
        }
        assert!(!root.join("merged").exists(), "{dirs}");
    }
    let done = told(&w, "merge a nowhere --out merged");
    assert_eq!(code(&done), 3, "{}", err(&done));
    assert!(
        err(&done).contains("nowhere: cannot be read"),
        "{}",
        err(&done)
    );
    let done = told(&w, "merge a b --out a");
    assert_eq!(code(&done), 2);
    assert!(
        err(&done).contains("a: is one of the shards"),
        "{}",
        err(&done)
    );
    let done = told(&w, "merge whole --out merged");
    assert_eq!(code(&done), 0, "{}", err(&done));
    assert!(contents(&root.join("merged")) == contents(&root.join("whole")));
}

#[test]
fn damaged_shards_are_refused() {
    let w = write(GOOD);
    let root = w.folder.path();
    for i in 0..2 {
        let done = told(
            &w,
            &format!("run test.toml --rounds 200 --keep-rounds --shard {i}/2 --out s{i}"),
        );
        assert_eq!(code(&done), 0, "{}", err(&done));
    }
    let mut next = random(11);
    for file in ["state.kzsim", "rounds.csv"] {
        let path = root.join("s1").join(file);
        let good = fs::read(&path).expect("a file");
        for _ in 0..12 {
            let mut bad = good.clone();
            if next().is_multiple_of(2) {
                bad.truncate(next() as usize % good.len());
            } else {
                let place = next() as usize % good.len();
                bad[place] ^= 1 << (next() % 8);
            }
            fs::write(&path, &bad).expect("a file");
            let done = told(&w, "merge s0 s1 --out merged");
            assert_eq!(code(&done), 3, "{file}: {}", err(&done));
            assert!(err(&done).contains(file), "{}", err(&done));
            assert!(!root.join("merged").exists());
        }
        fs::write(&path, &good).expect("a file");
    }
    // A state of another run, whole in itself.
    let done = told(
        &w,
        "run test.toml --rounds 200 --keep-rounds --seed 9 --shard 1/2 --out s2",
    );
    assert_eq!(code(&done), 0, "{}", err(&done));
    let good = fs::read(root.join("s1/state.kzsim")).expect("a state");
    fs::copy(root.join("s2/state.kzsim"), root.join("s1/state.kzsim")).expect("a copy");
    let done = told(&w, "merge s0 s1 --out merged");
    assert_eq!(code(&done), 3, "{}", err(&done));
    assert!(
        err(&done).contains("state.kzsim does not match manifest.json"),
        "{}",
        err(&done)
    );
    fs::write(root.join("s1/state.kzsim"), good).expect("a state");
    assert_eq!(code(&told(&w, "merge s0 s1 --out merged")), 0);
}

#[test]
#[cfg(unix)]
fn a_shard_made_to_hurt_is_refused() {
    let w = write(GOOD);
    let root = w.folder.path();
    let done = told(&w, "run test.toml --rounds 100 --out good");
    assert_eq!(code(&done), 0, "{}", err(&done));
    // A result whose hashes hold, and whose scenario is called like a place to write to.
    for name in [
        "../../elsewhere",
        "/tmp/elsewhere",
        "..",
        "a\\b",
        "=1+1",
        "",
    ] {
        let hurt = root.join("hurt");
        fs::create_dir_all(&hurt).expect("a folder");
        let mut state = State::read(&root.join("good/state.kzsim")).expect("a state");
        name.clone_into(&mut state.header.scenario);
        let bytes = state.encode().expect("bytes");
        let mut m = manifest(&root.join("good"));
        m["state"]["sha256"] = hash_bytes(&bytes).into();
        // As whoever made it would: its own hash fits.
        let keys = m.as_object_mut().expect("keys");
        keys.shift_remove("manifest_sha256");
        m["manifest_sha256"] = hash_bytes(m.to_string().as_bytes()).into();
        fs::write(hurt.join("state.kzsim"), bytes).expect("a file");
        fs::write(hurt.join("manifest.json"), m.to_string()).expect("a file");
        let merged = told(&w, "merge hurt");
        assert_eq!(code(&merged), 2, "{name}: {}", err(&merged));
        let says = format!("file name `{name}`");
        assert!(err(&merged).contains(&says), "{}", err(&merged));
        assert!(!root.join("results").exists());
    }
    // Files that never end.
    for file in ["manifest.json", "state.kzsim"] {
        for other in ["zero", "pipe"] {
            let hurt = root.join(format!("{other}_{file}"));
            fs::create_dir_all(&hurt).expect("a folder");
            for (name, bytes) in contents(&root.join("good")) {
                fs::write(hurt.join(name), bytes).expect("a file");
            }
            fs::remove_file(hurt.join(file)).expect("it goes");
            match other {
                "zero" => std::os::unix::fs::symlink("/dev/zero", hurt.join(file)).expect("a link"),
                _ => {
                    let made = Command::new("mkfifo").arg(hurt.join(file)).status();
                    assert!(made.expect("mkfifo").success());
                }
            }
            let merged = told(&w, &format!("merge {other}_{file} --out merged"));
            let text = err(&merged);
            assert!([2, 3].contains(&code(&merged)), "{text}");
            assert!(!root.join("merged").exists());
        }
    }
}

/// Environment, what is asked for, and the shard or a part of the message.
type Case<'a> = (
    &'a [(&'a str, &'a str)],
    &'a str,
    Result<(u64, u64), &'a str>,
);

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn a_shard_from_the_environment_of_a_cluster() {
    let w = write(GOOD);
    let slurm = "SLURM_ARRAY_TASK_ID";
    let none: &[(&str, &str)] = &[];
    let cases: &[Case<'_>] = &[
        (
            &[(slurm, "3"), ("SLURM_ARRAY_TASK_COUNT", "8")],
            "auto",
            Ok((3, 8)),
        ),
        (
            &[
                (slurm, "9"),
                ("SLURM_ARRAY_TASK_COUNT", "4"),
                ("SLURM_ARRAY_TASK_MIN", "5"),
                ("SLURM_ARRAY_TASK_MAX", "11"),
                ("SLURM_ARRAY_TASK_STEP", "2"),
            ],
            "auto",
            Ok((2, 4)),
        ),
        (
            &[
                (slurm, "4"),
                ("SLURM_ARRAY_TASK_MIN", "1"),
                ("SLURM_ARRAY_TASK_MAX", "4"),
            ],
            "auto",
            Ok((3, 4)),
        ),
        (
            &[
                (slurm, "7"),
                ("SLURM_ARRAY_TASK_COUNT", "3"),
                ("SLURM_ARRAY_TASK_MIN", "1"),
                ("SLURM_ARRAY_TASK_MAX", "7"),
                ("SLURM_ARRAY_TASK_STEP", "1"),
            ],
            "auto",
            Err("have gaps"),
        ),
        (
            &[(slurm, "x")],
            "auto",
            Err("SLURM_ARRAY_TASK_ID=x is not an integer"),
        ),
        (&[(slurm, "3")], "auto", Err("use --shard auto/N")),
        (&[(slurm, "8")], "auto/8", Err("the last one is 7/8")),
        (&[("PBS_ARRAY_INDEX", "0")], "auto/4", Ok((0, 4))),
        (
            &[("PBS_ARRAY_INDEX", "0")],
            "auto",
            Err("use --shard auto/N"),
        ),
        (&[("PBS_ARRAYID", "3")], "auto/4", Ok((3, 4))),
        (
            &[
                ("SGE_TASK_ID", "1"),
                ("SGE_TASK_FIRST", "1"),
                ("SGE_TASK_LAST", "6"),
            ],
            "auto",
            Ok((0, 6)),
        ),
        (
            &[
                ("SGE_TASK_ID", "10"),
                ("SGE_TASK_FIRST", "4"),
                ("SGE_TASK_LAST", "12"),
                ("SGE_TASK_STEPSIZE", "3"),
            ],
            "auto",
            Ok((2, 3)),
        ),
        (
            &[("SGE_TASK_ID", "undefined")],
            "auto",
            Err("not in a job of an array"),
        ),
        (
            &[("LSB_JOBINDEX", "2"), ("LSB_JOBINDEX_END", "5")],
            "auto",
            Ok((1, 5)),
        ),
        (
            &[("LSB_JOBINDEX", "0")],
            "auto",
            Err("not in a job of an array"),
        ),
        (&[("JOB_COMPLETION_INDEX", "2")], "auto/3", Ok((2, 3))),
        (&[("JOB_COMPLETION_INDEX", "2")], "auto", Err("Kubernetes")),
        (
            &[
                ("AWS_BATCH_JOB_ARRAY_INDEX", "1"),
                ("AWS_BATCH_JOB_ARRAY_SIZE", "2"),
            ],
            "auto",
            Ok((1, 2)),
        ),
        (none, "auto", Err("not in a job of an array")),
        (none, "auto/0", Err("0 shards")),
        (none, "auto/x", Err("for example auto/8")),
        (none, "3/3", Err("the last one is 2/3")),
        (none, "-1/3", Err("expected I/N")),
        (none, "1", Err("expected I/N")),
        (
            none,
            "0/101",
            Err("100 rounds cannot be divided into 101 shards"),
        ),
    ];
    for (environment, asked, expected) in cases {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kzsim"));
        let shard = format!("--shard={asked}");
        command.args([
            "run",
            "test.toml",
            "--rounds",
            "100",
            &shard,
            "--out",
            "out",
            "--force",
        ]);
        command.current_dir(w.folder.path()).env_clear();
        let done = command.envs(environment.iter().copied()).output();
        let done = done.expect("the program starts");
        match expected {
            Ok((index, count)) => {
                assert_eq!(code(&done), 0, "{environment:?}: {}", err(&done));
                let m = manifest(&w.folder.path().join("out"));
                assert_eq!(
                    (m["shard"]["index"].as_u64(), m["shard"]["count"].as_u64()),
                    (Some(*index), Some(*count)),
                    "{environment:?}"
                );
            }
            Err(part) => {
                assert_eq!(code(&done), 2, "{environment:?}: {}", err(&done));
                assert!(err(&done).contains(part), "{environment:?}: {}", err(&done));
            }
        }
    }
}

#[test]
fn what_a_shard_cannot_do() {
    let w = write(GOOD);
    for option in ["--precision 0.01", "--given evidence.toml"] {
        let done = told(&w, &format!("run test.toml --shard 0/2 {option}"));
        assert_eq!(code(&done), 2, "{}", err(&done));
        assert!(err(&done).contains("cannot be used with"), "{}", err(&done));
    }
}
