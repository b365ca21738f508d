//! `kzsim compare`: the same rounds under several scenarios.
//!
//! Seeds are fixed, so every statement is exact: a test that passes once passes always. The limit
//! `Z = 4.9` standard errors would have failed a correct program with probability 1e-6 a
//! comparison when the seed was first tried.

use std::fs;
use std::path::Path;

use crate::support::{GOOD, kzsim, write};

fn code_and_text(arguments: &[&str], folder: &Path) -> (i32, String, String) {
    let done = kzsim(arguments, folder);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    let code = done.status.code().unwrap_or(-1);
    (code, text(&done.stdout), text(&done.stderr))
}

/// A folder with `test.toml`, `other.toml`, which lays a change over it, and `deep/test.toml`.
fn folder() -> tempfile::TempDir {
    let folder = write(GOOD).folder;
    let put = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).expect("a file");
    };
    put("test.toml", GOOD);
    put(
        "other.toml",
        "schema = 1\nextends = \"test.toml\"\ntitle = \"Another\"\n[actors.army]\nloyalty.new = 0.75\n",
    );
    put("bad.toml", &GOOD.replace("by = \"new\"", "by = \"nww\""));
    put(
        "coarse.toml",
        &GOOD.replace("step = \"6h\"", "step = \"12h\""),
    );
    put(
        "late.toml",
        &GOOD.replace("start = 2022-01-01", "start = 2022-01-02"),
    );
    put("longer.toml", &GOOD.replace("days = 10", "days = 12"));
    fs::create_dir(folder.path().join("deep")).expect("a folder");
    put("deep/test.toml", GOOD);
    folder
}

#[test]
fn bad_input_is_told() {
    let folder = folder();
    let cases: [(&[&str], i32, &str); 10] = [
        (&["test.toml"], 2, "OTHER"),
        (
            &["test.toml", "none.toml"],
            3,
            "none.toml: there is no such file",
        ),
        (
            &["none.toml", "none.toml"],
            3,
            "none.toml: there is no such file",
        ),
        (&["test.toml", "bad.toml"], 2, "there is no actor `nww`"),
        (&["none.toml", "bad.toml"], 3, "there is no actor `nww`"),
        (&["test.toml", "deep/test.toml"], 2, "are called `test`"),
        (
            &["test.toml", "other.toml", "./other.toml"],
            2,
            "is named twice",
        ),
        (
            &["test.toml", "coarse.toml"],
            2,
            "coarse starts on 2022-01-01 in steps of 12 h",
        ),
        (
            &["test.toml", "late.toml"],
            2,
            "late starts on 2022-01-02 in steps of 6 h",
        ),
        (
            &["test.toml", "other.toml", "--rounds", "0"],
            2,
            "invalid number of rounds `0`",
        ),
    ];
    for (arguments, expected, says) in cases {
        let mut all = vec!["compare"];
        all.extend(arguments);
        let (code, out, err) = code_and_text(&all, folder.path());
        assert_eq!(code, expected, "{arguments:?}: {err}");
        assert!(err.contains(says), "{arguments:?}: {err}");
        assert!(out.is_empty() && !err.contains("panicked"), "{out}{err}");
        assert!(!folder.path().join("results").exists(), "{arguments:?}");
    }
    let (_, _, err) = code_and_text(&["compare", "bad.toml", "bad.toml"], folder.path());
    assert_eq!(err.matches("there is no actor").count(), 1, "{err}");
}

#[test]
fn the_folder_holds_three_tables_and_the_manifest() {
    let folder = folder();
    let arguments = [
        "compare",
        "test.toml",
        "other.toml",
        "longer.toml",
        "--rounds",
        "300",
    ];
    let (code, out, err) = code_and_text(&arguments, folder.path());
    assert_eq!((code, err.as_str()), (0, ""));
    for part in [
        "test: A good scenario",
        "other: Another",
        "300 rounds under each, seed 7",
        "kzsim trace test.toml --seed 7 --round ",
        "kzsim trace other.toml --seed 7 --round ",
        "not forecasts",
        "Written to results/test_against_other_longer",
    ] {
        assert!(out.contains(part), "no `{part}` in {out}");
    }
    let results = folder.path().join("results/test_against_other_longer");
    let mut names: Vec<String> = fs::read_dir(&results)
        .expect("the folder")
        .map(|e| {
            e.expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    let files = [
        "differences.csv",
        "divergence.csv",
        "manifest.json",
        "transitions.csv",
    ];
    assert_eq!(names, files);
    let manifest = fs::read_to_string(results.join("manifest.json")).expect("a manifest");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    assert_eq!(manifest["command"], "compare");
    assert_eq!(
        (&manifest["seed"], &manifest["rounds"]),
        (&7.into(), &300.into())
    );
    let names: Vec<_> = ["test", "other", "longer"]
        .map(serde_json::Value::from)
        .into();
    let listed = manifest["scenarios"].as_array().expect("a list");
    assert_eq!(
        listed
            .iter()
            .map(|s| s["scenario"].clone())
            .collect::<Vec<_>>(),
        names
    );
    assert_eq!(
        listed[1]["resolved"]["actors"]["army"]["loyalty"]["new"],
        0.75
    );
    for entry in manifest["files"].as_array().expect("a list") {
        let name = entry["file"].as_str().expect("a name");
        let text = fs::read_to_string(results.join(name)).expect("a file");
        let columns = entry["columns"].as_array().expect("columns").iter();
        let columns: Vec<_> = columns.filter_map(|c| c["name"].as_str()).collect();
        assert_eq!(
            text.lines().next(),
            Some(columns.join(",").as_str()),
            "{name}"
        );
        assert_eq!(entry["rows"], text.lines().count() - 1, "{name}");
        let both = ["test,other,", "test,longer,"].map(|start| {
            let rows = text.lines().skip(1).filter(|l| l.starts_with(start));
            rows.count()
        });
        assert!(both[0] > 0 && both[1] > 0, "{name}");
    }
    let transitions = fs::read_to_string(results.join("transitions.csv")).expect("a file");
    assert_eq!(transitions.lines().count(), 1 + 2 * 9);
}

#[test]
fn a_file_beside_itself_is_played_and_told() {
    let folder = folder();
    let arguments = [
        "compare",
        "test.toml",
        "./test.toml",
        "--rounds",
        "200",
        "--out",
        "out",
        "--flags",
    ];
    let (code, out, err) = code_and_text(&arguments, folder.path());
    assert_eq!((code, err.as_str()), (0, ""));
    for part in [
        "test again compared with test",
        "with no detectable difference in its share.",
        "The outcome differs in no round.",
        "The two histories diverge in no round",
        "Flags that are the same in every round: 1 of 1.",
        "the same in every round",
    ] {
        assert!(out.contains(part), "no `{part}` in {out}");
    }
    assert!(!out.contains("higher") && !out.contains("lower"), "{out}");
    let rows = fs::read_to_string(folder.path().join("out/divergence.csv")).expect("a file");
    assert_eq!(rows.lines().nth(1), Some("test,test,never,,,200,1.0,,,"));
    let (_, short, _) = code_and_text(&[&arguments[..7], &["--force"]].concat(), folder.path());
    assert!(
        short.contains(
            "Flags that differ: 0 of 1; --flags shows them, and differences.csv has all."
        ),
        "{short}"
    );
}

#[test]
fn files_are_the_same_on_any_number_of_threads() {
    let folder = folder();
    let read = |threads: &str| {
        let mut arguments = vec!["compare", "test.toml", "other.toml", "--rounds", "17000"];
        arguments.extend(["--threads", threads, "--out", threads]);
        let (code, out, err) = code_and_text(&arguments, folder.path());
        assert_eq!(code, 0, "{err}");
        let file = |name: &str| fs::read(folder.path().join(threads).join(name)).expect("a file");
        let names = [
            "transitions.csv",
            "differences.csv",
            "divergence.csv",
            "manifest.json",
        ];
        let told = out.split("\nWritten to").next().map(str::to_owned);
        (names.map(file), told)
    };
    assert_eq!(read("1"), read("3"));
}

#[test]
fn settings_hold_for_every_scenario_and_stand_in_the_commands() {
    let folder = folder();
    let arguments = [
        "compare",
        "test.toml",
        "other.toml",
        "--set",
        "title=Changed by hand",
        "--seed",
        "3",
        "--rounds",
        "300",
    ];
    let (code, out, err) = code_and_text(&arguments, folder.path());
    assert_eq!(code, 0, "{err}");
    for part in [
        "test: Changed by hand\nother: Changed by hand",
        "kzsim trace other.toml --seed 3 --set 'title=Changed by hand' --round ",
    ] {
        assert!(out.contains(part), "no `{part}` in {out}");
    }
}
