//! The program as a whole: exit codes, streams, folders, files.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use sha2::{Digest, Sha256};

use crate::support::{GOOD, Written, code, contents, err, files, kzsim, kzsim_reads, out, write};

/// Runs the program in the folder of a scenario.
fn at(written: &Written, arguments: &[&str]) -> Output {
    kzsim(arguments, written.folder.path())
}

const RESULT: [&str; 10] = [
    "action_by_day.csv",
    "actions.csv",
    "actors.csv",
    "flags.csv",
    "manifest.json",
    "outcome_by_day.csv",
    "outcomes.csv",
    "state.kzsim",
    "timeline.csv",
    "variance.csv",
];

#[test]
fn exit_codes() {
    let w = write(GOOD);
    fs::write(
        w.folder.path().join("bad.toml"),
        GOOD.replace("by = \"new\"", "by = \"nww\""),
    )
    .expect("a file");
    let cases: [(&[&str], i32); 14] = [
        (&["check", "test.toml"], 0),
        (&["check", "bad.toml"], 2),
        (&["run", "bad.toml"], 2),
        (&["trace", "bad.toml"], 2),
        (&["check", "none.toml"], 3),
        (&["run", "."], 3),
        (&["check", "none.toml", "bad.toml"], 3),
        (&["check", "bad.toml", "none.toml"], 3),
        (&["run", "test.toml", "--rounds", "0"], 2),
        (&["run", "test.toml", "--rounds", "many"], 2),
        (&["run", "test.toml", "--seed", "9007199254740993"], 2),
        (&["run", "test.toml", "--set", "titel=x"], 2),
        (&["run"], 2),
        (&["fly"], 2),
    ];
    for (arguments, expected) in cases {
        let done = at(&w, arguments);
        assert_eq!(code(&done), expected, "{arguments:?}: {}", err(&done));
        assert_eq!(done.stderr.is_empty(), expected == 0, "{arguments:?}");
        assert!(!err(&done).contains("panicked"), "{}", err(&done));
        if expected != 0 {
            assert!(
                done.stdout.is_empty(),
                "{arguments:?} prints {}",
                out(&done)
            );
        }
    }
    assert_eq!(
        files(w.folder.path()),
        ["bad.toml", "test.toml"],
        "nothing is left behind"
    );
}

#[test]
fn check_tells_the_faults_of_every_file() {
    let w = write(GOOD);
    let folder = w.folder.path();
    fs::write(
        folder.join("a.toml"),
        GOOD.replace("by = \"new\"", "by = \"nww\""),
    )
    .expect("a file");
    fs::write(
        folder.join("b.toml"),
        GOOD.replace("rounds = 100", "rounds = 0"),
    )
    .expect("a file");
    let done = at(&w, &["check", "a.toml", "test.toml", "none.toml", "b.toml"]);
    assert_eq!(code(&done), 3);
    for part in [
        "a.toml:67:6: there is no actor `nww`",
        "none.toml: there is no such file",
        "b.toml:3:10: rounds is 0",
    ] {
        assert!(err(&done).contains(part), "no `{part}` in {}", err(&done));
    }
    assert!(out(&done).contains("test.toml: good"), "{}", out(&done));
}

#[test]
fn explain_shows_words_and_sources() {
    let says = "says = \"twice\\nsworn in\"\nsource = \"a decree\"";
    let mut text = GOOD.replacen("[actors.army]", &format!("[actors.army]\n{says}"), 1);
    for table in [
        "[actions.move]",
        "[outcomes.nothing]",
        "[flags.moved]",
        "[crowds.capital]",
    ] {
        text = text.replacen(table, &format!("{table}\n{says}"), 1);
    }
    let text = text.replacen(
        "[variables]",
        "[variables]\nbread = { value = 2, says = \"price\" }",
        1,
    );
    let w = write(&text);
    let shown = out(&at(&w, &["check", "--explain", "test.toml"]));
    assert_eq!(
        shown.matches("\n    twice sworn in [a decree]\n").count(),
        5,
        "{shown}"
    );
    assert!(shown.contains("variables.bread = 2 (price)"), "{shown}");
}

#[test]
fn explain_names_everyone() {
    let w = write(GOOD);
    let text = out(&at(&w, &["check", "--explain", "test.toml"]));
    for id in [
        "old", "new", "army", "banker", "capital", "shock", "move", "new_wins", "old_wins",
        "nothing", "moved",
    ] {
        assert!(text.contains(id), "no `{id}` in {text}");
    }
    for part in [
        "The army",
        "A banker",
        "presidency",
        "parameters.nerve",
        "2022-01-02",
    ] {
        assert!(text.contains(part), "no `{part}` in {text}");
    }
}

#[test]
fn help_has_an_example_for_every_command() {
    let w = write(GOOD);
    for command in ["run", "compare", "check", "trace", "replicate"] {
        let done = at(&w, &[command, "--help"]);
        let text = out(&done);
        assert_eq!(code(&done), 0);
        assert!(text.contains(&format!("  kzsim {command} ")), "{text}");
        assert!(text.contains("Example"), "{text}");
    }
    let text = out(&at(&w, &["--help"]));
    assert!(
        text.contains("Exit codes: 0 done") && text.contains("kzsim run "),
        "{text}"
    );
}

/// Who copies an example of the help copies a whole command.
#[test]
fn examples_of_the_help_fit_its_width() {
    let w = write(GOOD);
    let help = out(&at(&w, &["--help"]));
    let names = help.lines().skip_while(|l| *l != "Commands:").skip(1);
    let names = names.map_while(|l| l.split_whitespace().next());
    for name in names.filter(|n| *n != "help") {
        let help = out(&at(&w, &[name, "--help"]));
        let (_, examples) = help.split_once("Example").expect("examples");
        for line in examples.lines().skip(1).filter(|l| !l.is_empty()) {
            let whole = ["  kzsim ", "      --", "  sh "]
                .iter()
                .any(|b| line.starts_with(b));
            assert!(whole, "{name}: {line}");
        }
    }
}

#[test]
fn what_is_not_there_is_told_as_missing_with_what_is_nearly_called_so() {
    let w = write(GOOD);
    let folder = w.folder.path();
    std::fs::create_dir_all(folder.join("results/base")).expect("a folder");
    std::fs::write(folder.join("results/base/manifest.json"), "{}").expect("a file");
    let lost = "schema = 1\nextends = \"gone/base.toml\"\n";
    std::fs::write(folder.join("lost.toml"), lost).expect("a file");
    let report = "schema = 1\n[observations.a]\non = 2022-01-05\nwhen = \"happened.move\"\nreliability = 90\n";
    std::fs::write(folder.join("seen.toml"), report).expect("a file");
    for (line, told) in [
        ("run nope.toml", "nope.toml: there is no such file\n"),
        ("check lost.toml", "gone/base.toml: there is no such file"),
        (
            "run test.toml --given sen.toml",
            "did you mean `seen.toml`?",
        ),
        (
            "run test.toml --given nosuch.toml",
            "nosuch.toml: there is no such file\n",
        ),
        ("brief results/bse", "did you mean `results/base`?"),
        (
            "brief results/nothing",
            "results/nothing: no such file or folder\n",
        ),
        (
            "check test.toml --set move.limit=0",
            "did you mean `actions.move.limit`?",
        ),
        ("check seen.toml", "write 0.9"),
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let found = err(&at(&w, &words));
        assert!(found.contains(told), "{line}: {found}");
    }
}

#[test]
fn a_file_that_is_not_there_may_have_been_meant_otherwise() {
    let w = write(GOOD);
    std::fs::create_dir(w.folder.path().join("deep")).expect("a folder");
    std::fs::write(w.folder.path().join("deep/case.toml"), GOOD).expect("a file");
    for (words, told) in [
        (
            &["run", "test"][..],
            "there is no such file; did you mean `test.toml`?",
        ),
        (
            &["run", "tset.toml"],
            "there is no such file; did you mean `test.toml`?",
        ),
        (
            &["run", "deep\\case.toml"],
            "did you mean `deep/case.toml`?",
        ),
        (&["run", "nowhere/nothing.toml"], "there is no such file\n"),
        (
            &["test.toml"],
            "to play a scenario, write kzsim run test.toml",
        ),
        (
            &["sweep", "test.toml"],
            "--over names a setting and its values",
        ),
        (
            &["discover", "test.toml", "--outcome", "zzz"],
            "expected one of ",
        ),
    ] {
        let told_of = err(&at(&w, words));
        assert!(told_of.contains(told), "{words:?}: {told_of}");
    }
}

#[test]
fn numbers_among_the_arguments_are_refused_in_one_voice() {
    let w = write(GOOD);
    for (line, what, range) in [
        ("run t --rounds", "number of rounds", "1 to 1000000000000"),
        ("run t --seed", "seed", "0 to 9007199254740992"),
        ("run t --threads", "number of threads", "1 to 1024"),
        ("check t --coverage=", "number of rounds", "100 to 1000000"),
        ("trace t --round", "round number", "0 to 999999999999"),
        ("sweep t --points", "number of points", "2 to 10000"),
        (
            "weigh t t --evidence e --recover=",
            "number of trials",
            "0 to 1000000",
        ),
        ("sensitivity t --rows", "number of rows", "64 to 1000000"),
        ("discover t --boxes", "number of boxes", "1 to 20"),
        (
            "discover t --conditions",
            "number of conditions",
            "1 to 100",
        ),
        ("discover t --resamples", "number of resamples", "0 to 1000"),
        ("submit slurm t --shards", "number of shards", "1 to 100000"),
        (
            "submit slurm t --shards 2 --cpus",
            "number of cores",
            "1 to 1024",
        ),
        (
            "submit slurm t --shards 2 --at-once",
            "number of shards",
            "1 to 100000",
        ),
    ] {
        for value in ["x", "-1", "1.5", "1e30", "10 000"] {
            let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            match words.last_mut() {
                Some(last) if last.ends_with('=') => last.push_str(value),
                _ => words.push(value.to_owned()),
            }
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let done = at(&w, &words);
            let told =
                format!("error: invalid {what} `{value}`: expected a whole number from {range}");
            assert_eq!(code(&done), 2, "{words:?}");
            assert!(err(&done).starts_with(&told), "{words:?}: {}", err(&done));
        }
    }
}

#[test]
fn counts_are_written_as_people_write_them() {
    let w = write(GOOD);
    let table = |n: &str| {
        let done = at(&w, &["run", "test.toml", "-n", n, "-s", "3", "-o", "-"]);
        assert_eq!(code(&done), 0, "{n}: {}", err(&done));
        out(&done)
    };
    let first = table("1100");
    assert!(first.contains(",1100,"), "{first}");
    for n in [
        "1_100", "1.1k", "1.1K", "0.0011M", "11e2", "1.1e3", " 1100 ",
    ] {
        assert_eq!(table(n), first, "{n}");
    }
    for n in ["10q", "k", "1.0005k", "1e3k", "infk", "1,1k"] {
        let done = at(&w, &["run", "test.toml", "--rounds", n]);
        let told = format!("error: invalid number of rounds `{n}`: expected a whole number from 1");
        assert_eq!(code(&done), 2, "{n}");
        assert!(err(&done).starts_with(&told), "{}", err(&done));
    }
    let done = at(&w, &["run", "test.toml", "-n", "10q"]);
    let examples = ", such as 20000, 20_000, 20k or 2e4";
    assert!(err(&done).contains(examples), "{}", err(&done));
}

/// `-` is standard input for a scenario, and standard output for a table.
#[test]
fn a_dash_stands_for_standard_input_and_output() {
    let w = write(GOOD);
    let folder = w.folder.path();
    let kept = at(&w, &["run", "test.toml", "-n", "50", "-o", "kept", "-q"]);
    assert_eq!((code(&kept), out(&kept).as_str()), (0, ""));
    let table = fs::read_to_string(folder.join("kept/outcomes.csv")).expect("a table");
    let own = |table: &str| table.replace("test,", "stdin,");
    let before = files(folder);
    for last in [&["-o", "-"][..], &["--out=-"]] {
        let done = kzsim_reads(GOOD, &[&["run", "-", "-n", "50"], last].concat(), folder);
        assert_eq!(code(&done), 0, "{}", err(&done));
        assert_eq!(own(&out(&done)), own(&table));
    }
    assert_eq!(files(folder), before, "nothing is left behind");

    // What it extends is looked for in the working folder.
    let over = "schema = 1\nextends = \"test.toml\"\n";
    let done = kzsim_reads(over, &["check", "-"], folder);
    assert!(
        out(&done).starts_with("stdin: good."),
        "{}{}",
        out(&done),
        err(&done)
    );
    let done = kzsim_reads(
        &GOOD.replace("rounds = 100", "rounds = 0"),
        &["check", "-"],
        folder,
    );
    assert_eq!(code(&done), 2);
    assert!(
        err(&done).contains("stdin:3:10: rounds is 0"),
        "{}",
        err(&done)
    );
    // No scenario reads standard input by its own means.
    let over = "schema = 1\nextends = \"-\"\n";
    let done = kzsim_reads(over, &["check", "-"], folder);
    assert!(
        err(&done).contains("there is no such file"),
        "{}",
        err(&done)
    );

    let json = kzsim_reads(GOOD, &["run", "-", "-n", "50", "-o", "-", "--json"], folder);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!(json["tables"]["outcomes"][0]["rounds"], 50);
    assert_eq!(json.get("folder"), None);
    for (arguments, told) in [
        (&["compare", "-", "-"][..], "standard input is one scenario"),
        (
            &["run", "test.toml", "-o", "-", "--resume"],
            "--resume cannot be used with --out -",
        ),
        (
            &["explore", "test.toml", "-o", "-"],
            "invalid file `-`: expected a file",
        ),
        (
            &["submit", "slurm", "-", "--shards", "2"],
            "expected a file",
        ),
        (
            &["new", "demo", "-o", "-", "--schema"],
            "kzsim schema prints it",
        ),
    ] {
        let done = kzsim_reads(GOOD, arguments, folder);
        assert_eq!(code(&done), 2, "{arguments:?}: {}", err(&done));
        assert!(err(&done).contains(told), "{arguments:?}: {}", err(&done));
    }
    assert_eq!(files(folder), before, "nothing is left behind");

    let printed = out(&at(&w, &["new", "demo", "-o", "-"]));
    let done = kzsim_reads(&printed, &["check", "-"], folder);
    assert_eq!(code(&done), 0, "{}", err(&done));
}

#[test]
fn results_go_to_stdout_and_nothing_to_stderr() {
    let w = write(GOOD);
    let done = at(&w, &["run", "test.toml"]);
    assert_eq!((code(&done), err(&done).as_str()), (0, ""));
    let text = out(&done);
    assert!(text.contains("100 rounds, seed 7"), "{text}");
    assert!(text.contains("Written to results/test"), "{text}");
    assert!(text.contains("not forecasts"), "{text}");
    assert!(!text.contains('\u{1b}'), "colours without a terminal");
    assert_eq!(files(&w.folder.path().join("results/test")), RESULT);
}

#[test]
fn a_reader_who_leaves_is_no_fault() {
    let w = write(GOOD);
    let arguments: [&[&str]; 4] = [
        &["run", "test.toml"],
        &["trace", "test.toml"],
        &["check", "--explain", "test.toml"],
        &["--help"],
    ];
    for arguments in arguments {
        let mut child = Command::new(env!("CARGO_BIN_EXE_kzsim"))
            .args(arguments)
            .current_dir(w.folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        drop(child.stdout.take());
        let mut said = String::new();
        let mut stderr = child.stderr.take().expect("a pipe");
        stderr.read_to_string(&mut said).expect("UTF-8");
        let status = child.wait().expect("it ends");
        assert_eq!(
            (status.code(), said.as_str()),
            (Some(0), ""),
            "{arguments:?}"
        );
    }
}

#[test]
fn an_earlier_result_is_replaced() {
    let w = write(GOOD);
    let folder = w.folder.path().join("out");
    assert_eq!(
        code(&at(
            &w,
            &["run", "test.toml", "--out", "out", "--keep-rounds"]
        )),
        0
    );
    assert!(folder.join("rounds.csv").exists());
    fs::write(folder.join("notes.txt"), "mine").expect("a file");
    assert_eq!(
        code(&at(
            &w,
            &["run", "test.toml", "--out", "out", "--seed", "8", "--force"]
        )),
        0
    );
    let mut expected: Vec<&str> = RESULT.to_vec();
    expected.push("notes.txt");
    expected.sort_unstable();
    assert_eq!(
        files(&folder),
        expected,
        "no stale rounds.csv, no litter; other files stay"
    );
    let manifest = fs::read_to_string(folder.join("manifest.json")).expect("a manifest");
    assert!(manifest.contains("\"seed\": 8"), "{manifest}");
}

#[test]
fn other_folders_are_left_alone() {
    let w = write(GOOD);
    let folder = w.folder.path().join("out");
    fs::create_dir(&folder).expect("a folder");
    fs::write(folder.join("notes.txt"), "mine").expect("a file");
    fs::write(folder.join("manifest.json"), "{\"program\": \"another\"}").expect("a file");
    let before = contents(&folder);
    let done = at(&w, &["run", "test.toml", "--out", "out"]);
    assert_eq!(code(&done), 3);
    assert!(
        err(&done).contains("out: contains files that kzsim did not write"),
        "{}",
        err(&done)
    );
    assert!(err(&done).contains("--force"), "{}", err(&done));
    assert_eq!(contents(&folder), before);
    assert_eq!(
        code(&at(&w, &["run", "test.toml", "--out", "out", "--force"])),
        0
    );
    assert_eq!(
        fs::read_to_string(folder.join("notes.txt")).expect("a file"),
        "mine"
    );
    assert_eq!(files(&folder).len(), RESULT.len() + 1);
}

#[test]
fn folders_that_cannot_be_written() {
    let w = write(GOOD);
    let root = w.folder.path();
    fs::write(root.join("file"), "mine").expect("a file");
    let mut cases = vec![("file", "is a file"), ("file/below", "")];
    // The superuser may write anywhere but here.
    if Path::new("/proc/self").exists() {
        cases.push(("/proc/kzsim", "cannot be written"));
    } else {
        eprintln!("skipped: no /proc to find a folder that nobody can write");
    }
    for (target, says) in cases {
        let done = at(&w, &["run", "test.toml", "--out", target]);
        assert_eq!(code(&done), 3, "{target}: {}", err(&done));
        assert!(err(&done).contains(says), "{target}: {}", err(&done));
    }
    assert_eq!(files(root), ["file", "test.toml"]);
}

#[test]
fn a_failure_half_way_puts_everything_back() {
    let w = write(GOOD);
    let folder = w.folder.path().join("out");
    assert_eq!(code(&at(&w, &["run", "test.toml", "--out", "out"])), 0);
    // A folder where a file should go.
    fs::remove_file(folder.join("timeline.csv")).expect("a file");
    fs::create_dir(folder.join("timeline.csv")).expect("a folder");
    let before = contents(&folder);
    let done = at(&w, &["run", "test.toml", "--out", "out", "--seed", "8"]);
    assert_eq!(code(&done), 3, "{}", err(&done));
    assert!(
        err(&done).contains("timeline.csv: is a folder"),
        "{}",
        err(&done)
    );
    assert_eq!(contents(&folder), before);
    assert!(!files(&folder).iter().any(|f| f.starts_with(".kzsim-")));
}

#[test]
fn trace_tells_the_outcome() {
    let w = write(GOOD);
    let run = at(&w, &["run", "test.toml", "--keep-rounds", "--out", "out"]);
    assert_eq!(code(&run), 0);
    let rounds = fs::read_to_string(w.folder.path().join("out/rounds.csv")).expect("rounds.csv");
    for row in rounds.lines().skip(1).take(5) {
        let cells: Vec<&str> = row.split(',').collect();
        let done = at(&w, &["trace", "test.toml", "--round", cells[1]]);
        let text = out(&done);
        assert_eq!(code(&done), 0);
        assert!(text.contains(cells[2]), "round {}: {text}", cells[1]);
        assert!(text.contains("\nOutcome on day "), "{text}");
    }
}

#[test]
fn replicate_holds_or_not() {
    let w = write(GOOD);
    let seeds = w.folder.path().join("seeds");
    fs::create_dir(&seeds).expect("a folder");
    let file = seeds.join("good.toml");
    fs::write(
        &file,
        "scenario = \"../test.toml\"\nseed = 3\nrounds = 200\n",
    )
    .expect("a file");
    let done = at(&w, &["replicate", "seeds/good.toml"]);
    assert_eq!(code(&done), 4, "{}", err(&done));
    assert!(out(&done).contains("counts differ"), "{}", out(&done));
    let done = at(&w, &["replicate", "--update", "seeds/good.toml"]);
    assert_eq!(
        (code(&done), out(&done).trim()),
        (0, "seeds/good.toml: written")
    );
    assert_eq!(files(&seeds), ["good.toml"]);
    let done = at(&w, &["replicate", "seeds/good.toml"]);
    assert_eq!(code(&done), 0);
    assert!(
        out(&done).contains("seeds/good.toml: all counts are the same (200 rounds, seed 3)"),
        "{}",
        out(&done)
    );
    let text = fs::read_to_string(&file).expect("a file");
    #[cfg(unix)]
    {
        // A link to a seed file stays one, and the file that it leads to is written.
        let link = seeds.join("link.toml");
        std::os::unix::fs::symlink("good.toml", &link).expect("a link");
        fs::write(&file, text.replacen("nothing = ", "nothing = 9", 1)).expect("a file");
        let done = at(&w, &["replicate", "--update", "seeds/link.toml"]);
        assert_eq!(code(&done), 0, "{}", err(&done));
        assert_eq!(fs::read_to_string(&file).expect("a file"), text);
        assert!(link.is_symlink());
        fs::remove_file(&link).expect("it goes");
    }
    let wrong = text.replacen("nothing = ", "nothing = 9", 1);
    fs::write(seeds.join("wrong.toml"), &wrong).expect("a file");
    fs::write(seeds.join("lost.toml"), text.replace("../test", "../lost")).expect("a file");
    fs::write(
        seeds.join("none.toml"),
        text.replace("rounds = 200", "rounds = 0"),
    )
    .expect("a file");
    let all = [
        "replicate",
        "seeds/lost.toml",
        "seeds/none.toml",
        "seeds/wrong.toml",
        "seeds/good.toml",
    ];
    let done = at(&w, &all);
    assert_eq!(code(&done), 3, "{}", err(&done));
    assert!(
        out(&done).contains("seeds/wrong.toml: counts differ\n  outcome nothing: published 9"),
        "{}",
        out(&done)
    );
    assert!(
        out(&done).contains("seeds/good.toml: all counts are the same"),
        "one bad file stops no other"
    );
    for part in [
        "lost.toml: there is no such file",
        "rounds = 0: expected 1 to",
        "the counts of 1 of 4 seed files differ",
    ] {
        assert!(err(&done).contains(part), "no `{part}` in {}", err(&done));
    }
    let done = at(&w, &["replicate", "seeds/wrong.toml"]);
    assert_eq!(code(&done), 4);
    fs::write(
        seeds.join("typo.toml"),
        text.replace("seed = 3", "sede = 3"),
    )
    .expect("a file");
    let done = at(&w, &["replicate", "seeds/typo.toml"]);
    assert_eq!(code(&done), 2);
    assert!(err(&done).contains("line 3, column 1"), "{}", err(&done));
}

fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut text, b| {
            let _ = write!(text, "{b:02x}");
            text
        })
}

#[test]
fn the_manifest_says_what_every_file_holds() {
    let w = write(GOOD);
    let setting = "actors.banker.caution=0.25";
    let done = at(
        &w,
        &[
            "run",
            "test.toml",
            "--rounds",
            "70",
            "--seed",
            "5",
            "--keep-rounds",
            "--set",
            setting,
            "--out",
            "out",
        ],
    );
    assert_eq!(code(&done), 0, "{}", err(&done));
    let folder = w.folder.path().join("out");
    let text = fs::read_to_string(folder.join("manifest.json")).expect("a manifest");
    let manifest: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(manifest["program"], "kzsim");
    assert_eq!(manifest["scenario"], "test");
    assert_eq!(manifest["seed"], 5);
    assert_eq!(manifest["rounds"], 70);
    assert_eq!(manifest["sources"][0]["name"], "test.toml");
    assert_eq!(manifest["sources"][0]["content"], GOOD);
    assert_eq!(manifest["sources"][0]["sha256"], sha256(GOOD.as_bytes()));
    assert_eq!(manifest["sources"][1]["content"], setting);
    assert_eq!(manifest["resolved"]["actors"]["banker"]["caution"], 0.25);
    assert_eq!(
        manifest["resolved_sha256"],
        sha256(manifest["resolved"].to_string().as_bytes())
    );
    assert!(
        !text.contains(&*w.folder.path().to_string_lossy()),
        "no path of this machine"
    );
    let listed = manifest["files"].as_array().expect("a list");
    assert_eq!(listed.len(), 9);
    let state = fs::read(folder.join("state.kzsim")).expect("a state");
    assert_eq!(manifest["state"]["sha256"], sha256(&state));
    for entry in listed {
        let name = entry["file"].as_str().expect("a name");
        let bytes = fs::read(folder.join(name)).expect("a file");
        assert_eq!(entry["sha256"], sha256(&bytes), "{name}");
        let mut reader = csv::Reader::from_reader(&bytes[..]);
        let header: Vec<String> = reader
            .headers()
            .expect("a header")
            .iter()
            .map(str::to_owned)
            .collect();
        let columns: Vec<&str> = entry["columns"]
            .as_array()
            .expect("columns")
            .iter()
            .filter_map(|c| c["name"].as_str())
            .collect();
        assert_eq!(header, columns, "{name}");
        assert_eq!(entry["rows"], reader.records().count(), "{name}");
        typed(name, &bytes, &entry["columns"]);
    }
}

/// Every cell is what its column says.
fn typed(name: &str, bytes: &[u8], columns: &serde_json::Value) {
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    assert!(
        text.ends_with('\n') && !text.contains('\r'),
        "{name}: plain line ends"
    );
    for row in csv::Reader::from_reader(bytes).records() {
        let row = row.expect("a row");
        for (i, cell) in row.iter().enumerate() {
            let column = &columns[i];
            let good = match column["dtype"].as_str() {
                Some("float64") => {
                    cell.is_empty()
                        || (cell.contains('.') && cell.parse::<f64>().is_ok_and(f64::is_finite))
                }
                Some("int64") => cell.parse::<u64>().is_ok(),
                Some("bool") => matches!(cell, "true" | "false"),
                _ => !cell.starts_with(['=', '+', '-', '@']),
            };
            assert!(good, "{name}: `{cell}` in {column}");
        }
    }
}

#[test]
fn headers_and_rows_are_fixed() {
    let w = write(GOOD);
    // An outcome that never comes still has its row, with empty days.
    let text = GOOD.replace(
        "[outcomes.new_wins]",
        "[outcomes.never]\nwhen = \"0\"\n[outcomes.new_wins]",
    );
    fs::write(&w.path, text).expect("a file");
    assert_eq!(
        code(&at(
            &w,
            &["run", "test.toml", "--keep-rounds", "--out", "out"]
        )),
        0
    );
    let read =
        |name: &str| fs::read_to_string(w.folder.path().join("out").join(name)).expect("a file");
    let interval = "rounds,count,probability,ci_low,ci_high";
    let days = "day_p05,day_p50,day_p95";
    let headers = [
        (
            "outcomes.csv",
            format!(
                "scenario,outcome,name,{interval},{days},guesses_low,guesses_high,forms_low,forms_high"
            ),
        ),
        ("flags.csv", format!("scenario,flag,{interval}")),
        (
            "actions.csv",
            format!("scenario,action,by,{interval},{days},limited,crowded,lapsed"),
        ),
        (
            "timeline.csv",
            "scenario,day,date,variable,outcome,rounds,mean,p05,p25,p50,p75,p95".to_owned(),
        ),
        (
            "outcome_by_day.csv",
            "scenario,day,date,outcome,probability".to_owned(),
        ),
        (
            "action_by_day.csv",
            "scenario,day,date,action,probability".to_owned(),
        ),
        (
            "actors.csv",
            "scenario,actor,name,contender,loyalty_start,loyalty_end,stance_start,stance_end"
                .to_owned(),
        ),
    ];
    for (name, header) in headers {
        assert_eq!(read(name).lines().next(), Some(header.as_str()), "{name}");
    }
    let rounds = read("rounds.csv");
    assert!(
        rounds.starts_with(
            "scenario,round,outcome,day,moved,first.shock,first.move,parameters.nerve,"
        ),
        "{rounds}"
    );
    assert_eq!(rounds.lines().count(), 101);
    let outcomes = read("outcomes.csv");
    let column = |text: &str, i: usize| -> Vec<String> {
        text.lines()
            .skip(1)
            .filter_map(|l| l.split(',').nth(i))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(
        column(&outcomes, 1),
        ["never", "new_wins", "old_wins", "nothing"]
    );
    assert!(
        outcomes.lines().nth(1).is_some_and(|l| l
            .starts_with("test,never,never,100,0,0.0,0.0,0.0")
            && l.ends_with(",,,")),
        "{outcomes}"
    );
    let total: u64 = column(&outcomes, 4)
        .iter()
        .map(|n| n.parse::<u64>().expect("a count"))
        .sum();
    assert_eq!(total, 100);
    assert_eq!(column(&read("actions.csv"), 1), ["shock", "move"]);
    assert_eq!(column(&read("actions.csv"), 2), ["", "new"]);
    let by_day = read("outcome_by_day.csv");
    assert_eq!(by_day.lines().count(), 1 + 11 * 4);
    assert!(
        by_day
            .lines()
            .nth(1)
            .is_some_and(|l| l == "test,0.0,2022-01-01,never,0.0"),
        "{by_day}"
    );
    let actors = column(&read("actors.csv"), 3);
    assert_eq!(actors[..3], ["old", "new", "aside"]);
    assert_eq!(actors.len(), 4 * 3);
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    let w = write(GOOD);
    for (target, threads) in [("a", "1"), ("b", "2")] {
        let done = at(
            &w,
            &[
                "run",
                "test.toml",
                "--keep-rounds",
                "--threads",
                threads,
                "--out",
                target,
            ],
        );
        assert_eq!(code(&done), 0);
    }
    let root = w.folder.path();
    assert_eq!(contents(&root.join("a")), contents(&root.join("b")));
}
