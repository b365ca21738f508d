//! Results as one JSON document, as nothing, and as text of every width.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::support::{GOOD, Written, kzsim, write};

fn document(written: &Written, arguments: &[&str]) -> (Value, i32) {
    let done = kzsim(arguments, written.folder.path());
    let text = String::from_utf8(done.stdout).expect("UTF-8 on stdout");
    let document =
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{arguments:?}: {e}\n{text}"));
    (document, done.status.code().unwrap_or(-1))
}

/// A second scenario, evidence and a seed file beside the good scenario.
fn desk() -> Written {
    let written = write(GOOD);
    let at = |name: &str| written.folder.path().join(name);
    let other = "schema = 1\nextends = \"test.toml\"\n[actions.shock]\nlimit = 0\n";
    fs::write(at("other.toml"), other).expect("a file");
    let evidence = "schema = 1\n[observations.moved]\non = 2022-01-05\nwhen = \"happened.move\"\n\
                    reliability = 0.9\n";
    fs::write(at("e.toml"), evidence).expect("a file");
    fs::write(
        at("seed.toml"),
        "scenario = \"test.toml\"\nseed = 1\nrounds = 64\n",
    )
    .expect("a file");
    written
}

const PLAYING: [(&[&str], &str); 5] = [
    (&["run", "test.toml", "--given", "e.toml"], "outcomes"),
    (&["compare", "test.toml", "other.toml"], "differences"),
    (
        &[
            "weigh",
            "test.toml",
            "other.toml",
            "--evidence",
            "e.toml",
            "--rounds",
            "500",
        ],
        "readings",
    ),
    (
        &[
            "sweep",
            "test.toml",
            "--over",
            "parameters.nerve=0.2,0.8",
            "--rounds",
            "500",
        ],
        "outcomes",
    ),
    (
        &[
            "sensitivity",
            "test.toml",
            "--method",
            "given",
            "--rows",
            "256",
        ],
        "given_data",
    ),
];

/// A CSV cell as the document should have it.
fn typed(cell: &str, dtype: &str) -> Value {
    match dtype {
        _ if cell.is_empty() => Value::Null,
        "string" => cell.into(),
        _ => serde_json::from_str(cell).expect("a number or a truth"),
    }
}

#[test]
fn a_document_about_arguments_names_their_command() {
    let desk = desk();
    for command in ["run", "sweep", "weigh"] {
        let (found, code) = document(&desk, &[command, "test.toml", "--rounds", "many", "--json"]);
        assert_eq!(code, 2);
        assert_eq!(found["command"], command);
    }
}

#[test]
fn one_document_holds_what_the_files_hold() {
    let desk = desk();
    for (arguments, table) in PLAYING {
        let mut all = arguments.to_vec();
        all.extend(["--json", "--force", "--out", "found"]);
        let (found, code) = document(&desk, &all);
        assert_eq!(code, 0);
        assert_eq!(found["command"], arguments[0]);
        assert_eq!(found["exit_code"], 0);
        assert_eq!(found["folder"], "found");
        let folder = desk.folder.path().join("found");
        let listed = found["files"].as_array().expect("files");
        for file in listed {
            assert!(
                folder.join(file["file"].as_str().expect("a name")).exists(),
                "{file}"
            );
        }
        let there = fs::read_dir(&folder).expect("a folder").count();
        assert_eq!(listed.len(), there, "{found}");
        let text = fs::read_to_string(folder.join("manifest.json")).expect("a manifest");
        let manifest: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(found["rounds"], manifest["rounds"]);
        let rows = found["tables"][table].as_array().expect("rows");
        let file = format!("{table}.csv");
        let entries = manifest["files"].as_array().expect("files");
        let entry = entries
            .iter()
            .find(|f| f["file"] == file.as_str())
            .expect("an entry");
        let columns = entry["columns"].as_array().expect("columns");
        let mut csv = csv::Reader::from_path(folder.join(&file)).expect("a table");
        let mut seen = 0;
        for (row, record) in rows.iter().zip(csv.records()) {
            let record = record.expect("a row");
            for (c, cell) in columns.iter().zip(&record) {
                let name = c["name"].as_str().expect("a name");
                let dtype = c["dtype"].as_str().expect("a type");
                assert_eq!(row[name], typed(cell, dtype), "{table} {name}");
                seen += 1;
            }
        }
        assert!(
            seen > 0 && rows.len() as u64 == entry["rows"].as_u64().unwrap_or(0),
            "{table}"
        );
    }
}

#[test]
fn faults_are_data_too() {
    let desk = desk();
    let bad = GOOD
        .replace("happened.move", "happened.mvoe")
        .replace("days = 10", "days = 0");
    fs::write(desk.folder.path().join("bad.toml"), &bad).expect("a file");
    let (found, code) = document(
        &desk,
        &["check", "test.toml", "bad.toml", "e.toml", "--json"],
    );
    assert_eq!(code, 2);
    assert_eq!(found["exit_code"], 2);
    let good: Vec<bool> = found["files"]
        .as_array()
        .expect("files")
        .iter()
        .map(|f| f["good"].as_bool().expect("a truth"))
        .collect();
    assert_eq!(good, [true, false, true]);
    assert_eq!(found["files"][0]["actors"], 4);
    let faults = found["faults"].as_array().expect("faults");
    assert_eq!(faults.len(), 2, "{faults:?}");
    let line = |words: &str| bad.lines().position(|l| l.contains(words)).expect("a line") + 1;
    assert_eq!(faults[0]["file"], "bad.toml");
    assert_eq!(faults[0]["line"], line("days = 0"));
    assert_eq!(faults[0]["column"], 8);
    assert_eq!(faults[0]["message"], "clock.days is 0");
    assert_eq!(faults[1]["line"], line("mvoe"));
    assert_eq!(faults[1]["help"], "did you mean `move`?");
    // A command that cannot begin says so in the same way.
    for (arguments, wanted) in [
        (&["run", "bad.toml", "--json"][..], 2),
        (&["run", "missing.toml", "--json"], 3),
        (
            &[
                "weigh",
                "test.toml",
                "bad.toml",
                "--evidence",
                "e.toml",
                "--json",
            ],
            2,
        ),
    ] {
        let (found, code) = document(&desk, arguments);
        assert_eq!((code, &found["exit_code"]), (wanted, &Value::from(wanted)));
        assert!(
            !found["error"].as_str().expect("words").is_empty(),
            "{found}"
        );
        let told = found["faults"].as_array().expect("faults").len();
        assert_eq!(told > 0, wanted == 2, "{found}");
    }
    // A mistake in the command line itself is no fault of a scenario.
    let line = ["run", "test.toml", "--shard", "3/3", "--json"];
    let (found, code) = document(&desk, &line);
    assert_eq!((code, &found["exit_code"]), (2, &Value::from(2)));
    assert!(
        found["error"].as_str().expect("words").contains("2/3"),
        "{found}"
    );
}

#[test]
fn counts_that_do_not_hold_are_data() {
    let desk = desk();
    let (found, code) = document(&desk, &["replicate", "seed.toml", "--json"]);
    assert_eq!((code, &found["exit_code"]), (4, &Value::from(4)));
    let file = &found["files"][0];
    assert_eq!(file["holds"], false);
    assert!(
        file["differences"].as_array().expect("lines").len() > 3,
        "{file}"
    );
    let (_, code) = document(&desk, &["replicate", "--update", "seed.toml", "--json"]);
    assert_eq!(code, 0);
    let (found, code) = document(&desk, &["replicate", "seed.toml", "--json"]);
    assert_eq!((code, &found["files"][0]["holds"]), (0, &Value::Bool(true)));
    // What has no rows of its own is there as text.
    let (found, code) = document(&desk, &["trace", "test.toml", "--json"]);
    assert_eq!(code, 0);
    let plain = kzsim(&["trace", "test.toml"], desk.folder.path());
    assert_eq!(
        found["text"],
        String::from_utf8_lossy(&plain.stdout).as_ref()
    );
}

#[test]
fn quiet_says_nothing_but_faults() {
    let desk = desk();
    for (arguments, _) in PLAYING {
        let mut all = arguments.to_vec();
        all.extend(["--quiet", "--force", "--out", "found"]);
        let done = kzsim(&all, desk.folder.path());
        assert!(done.status.success());
        assert!(
            done.stdout.is_empty() && done.stderr.is_empty(),
            "{arguments:?}"
        );
        assert!(desk.folder.path().join("found/manifest.json").exists());
    }
    let done = kzsim(
        &["check", "--quiet", "test.toml", "missing.toml"],
        desk.folder.path(),
    );
    assert_eq!(done.status.code(), Some(3));
    assert!(done.stdout.is_empty());
    assert!(String::from_utf8_lossy(&done.stderr).contains("missing.toml"));
    // What is asked for by name is no table.
    let done = kzsim(&["schema", "--quiet", "--json"], desk.folder.path());
    let schema: Value = serde_json::from_slice(&done.stdout).expect("a schema");
    assert!(schema["properties"]["actors"].is_object());
}

#[test]
fn progress_is_told_to_programs_that_ask() {
    let desk = desk();
    let told = |arguments: &[&str]| -> Vec<Value> {
        let all = [arguments, &["--force", "--out", "found"]].concat();
        let done = kzsim(&all, desk.folder.path());
        assert!(done.status.success(), "{done:?}");
        let text = String::from_utf8(done.stderr).expect("UTF-8");
        let lines = text
            .lines()
            .filter(|line| line.starts_with(r#"{"progress":"#));
        lines
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect()
    };
    let play = ["run", "test.toml", "--rounds", "3000", "--no-ranges"];
    assert!(told(&play).is_empty(), "no terminal, no progress");
    let found = told(&[&play[..], &["--progress", "json"]].concat());
    let step = |line: &Value| {
        let own = &line["progress"];
        (
            own["done"].as_u64(),
            own["total"].as_u64(),
            own["unit"].as_str() == Some("rounds"),
        )
    };
    assert_eq!(step(&found[0]), (Some(0), Some(3000), true));
    assert!(
        found
            .iter()
            .map(step)
            .any(|s| s == (Some(3000), Some(3000), true))
    );
    assert!(told(&[&play[..], &["--progress", "json", "--quiet"]].concat()).is_empty());
}

/// Text fits the columns that there are; commands to be copied stay whole.
#[test]
fn text_fits_the_width() {
    let desk = desk();
    for (arguments, _) in PLAYING.iter().chain(&[(&["trace", "test.toml"][..], "")]) {
        for width in [40_usize, 60, 80, 120] {
            let mut all = arguments.to_vec();
            if arguments[0] != "trace" {
                all.extend(["--force", "--out", "found"]);
            }
            let done = Command::new(env!("CARGO_BIN_EXE_kzsim"))
                .args(&all)
                .current_dir(desk.folder.path())
                .env("COLUMNS", width.to_string())
                .output()
                .expect("the program starts");
            assert!(done.status.success());
            let text = String::from_utf8_lossy(&done.stdout).into_owned();
            assert!(!text.contains('\u{1b}'), "colours in a file");
            for line in text
                .lines()
                .filter(|l| !l.trim_start().starts_with("kzsim "))
            {
                let length = line.chars().count();
                assert!(
                    length <= width,
                    "{arguments:?} at {width}: {length}\n{line}\n{text}"
                );
            }
        }
    }
}

/// What a terminal obeys, and what turns or hides letters: an escape sequence, one in a single
/// character, an override of the order of letters, and a space without width.
const HIDDEN: [char; 4] = ['\u{1b}', '\u{9b}', '\u{202e}', '\u{200b}'];

/// Nothing that a stranger's file holds or is called reaches the terminal or a page as it is: in
/// results and errors of every command, as text and as JSON.
#[test]
#[expect(clippy::too_many_lines, reason = "one case after the other")]
fn what_is_hidden_in_foreign_texts_is_made_visible() {
    let desk = desk();
    let root = desk.folder.path();
    let word: String = HIDDEN.iter().collect();
    let json = "\\u001b\\u009b\\u202e\\u200b";
    let inside = |text: &str| {
        text.replace("an example", &format!("an example{json}"))
            .replace("\"A banker\"", "\"A banker\\u202e\\u200b\"")
            .replace("A good scenario", "A good scenario\\u202e\\u200b")
    };
    fs::write(root.join("test.toml"), inside(GOOD)).expect("a file");
    let with_outcome = "schema = 1\nextends = \"test.toml\"\n[outcomes.new_wins]\nname = \"new\\u202e\"\n[actions.move]\nname = \"moves\\u200b\"\n";
    fs::write(root.join("other.toml"), with_outcome).expect("a file");
    let evidence = format!(
        "schema = 1\ntitle = \"E\\u202e\"\n[observations.moved]\nsays = \"{json}\"\non = 2022-01-05\n\
         when = \"happened.move\"\nreliability = 0.9\nsource = \"{json}\"\n"
    );
    fs::write(root.join("e.toml"), evidence).expect("a file");
    // Faults in lines that hide something, a file that is called so, and one that is not there.
    let strange = format!("strange{word}.toml");
    let bad = GOOD.replace(
        "[formulas]",
        &format!("[formulas] # {word}\nx\u{200b}y = \"{word} + mvoe\""),
    );
    fs::write(root.join(&strange), &bad).expect("a file");
    let out = format!("out{word}");
    let commands: Vec<Vec<&str>> = vec![
        vec!["check", "test.toml", "other.toml", "--explain"],
        vec!["check", &strange],
        vec!["check", "test.toml", &out],
        vec!["run", "other.toml", "--given", "e.toml", "--out", &out],
        vec!["run", "other.toml", "--set", &word],
        vec!["report", &out],
        vec!["trace", "other.toml"],
        vec!["compare", "test.toml", "other.toml", "--out", "c"],
        vec![
            "weigh",
            "test.toml",
            "other.toml",
            "--evidence",
            "e.toml",
            "--rounds",
            "500",
            "--out",
            "w",
        ],
        vec![
            "sweep",
            "other.toml",
            "--over",
            "parameters.nerve=0.2,0.8",
            "--rounds",
            "100",
            "--out",
            "s",
        ],
        vec!["discover", "other.toml", "--rounds", "1000", "--out", "d"],
        vec![
            "sensitivity",
            "other.toml",
            "--method",
            "given",
            "--rows",
            "256",
            "--out",
            "g",
        ],
        vec!["merge", &out, "--out", "m"],
        vec!["replicate", &strange],
        vec![
            "submit",
            "slurm",
            "test.toml",
            "--shards",
            "2",
            "--folder",
            &out,
        ],
        vec!["run", &strange, &strange],
        vec!["report", "c", "w", "s", "--out", "page.html"],
    ];
    for mut arguments in commands {
        for json in [false, true] {
            if json {
                arguments.push("--json");
            }
            let done = kzsim(&arguments, root);
            for stream in [&done.stdout, &done.stderr] {
                let text = String::from_utf8_lossy(stream);
                let found: Vec<char> = HIDDEN.into_iter().filter(|c| text.contains(*c)).collect();
                assert!(found.is_empty(), "{arguments:?}: {found:?} in {text}");
            }
            if json {
                let text = String::from_utf8_lossy(&done.stdout).into_owned();
                assert!(
                    serde_json::from_str::<Value>(&text).is_ok(),
                    "{arguments:?}: {text}"
                );
            }
        }
    }
    for page in [root.join(&out).join("report.html"), root.join("page.html")] {
        let text = fs::read_to_string(&page).expect("a page");
        assert!(!text.contains(HIDDEN), "{}", page.display());
        assert!(text.contains("\\u{202e}"), "{}", page.display());
    }
    let told = kzsim(&["check", "other.toml", "--explain"], root);
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(
        told.contains("an example\\u{1b}\\u{9b}\\u{202e}\\u{200b}"),
        "{told}"
    );
}

/// What is printed by a command, which may fail.
fn printed(arguments: &[&str], root: &std::path::Path) -> String {
    let done = kzsim(arguments, root);
    let text = [done.stdout, done.stderr].concat();
    String::from_utf8(text).expect("UTF-8")
}

/// A folder that breaks lines, moves the cursor and turns letters stays on its line, whatever is said
/// of it.
#[test]
#[cfg(unix)]
fn a_path_is_shown_on_one_line() {
    let desk = desk();
    let root = desk.folder.path();
    let folder = "two\nlines\tand\u{1b}[31m\u{202e}more";
    let at = |file: &str| format!("{folder}/{file}");
    fs::create_dir(root.join(folder)).expect("a folder");
    for file in ["test.toml", "other.toml", "e.toml", "seed.toml"] {
        fs::copy(root.join(file), root.join(at(file))).expect("a file");
    }
    fs::write(root.join(at("bad.toml")), "schema = 2\nextends = \"none\"").expect("a file");
    fs::write(root.join(at("table.csv")), "a;b\n1;2\n").expect("a file");
    let out = |file: &str| vec!["--out".to_owned(), at(file)];
    let words = |line: &str| -> Vec<String> {
        let word = |w: &str| w.strip_prefix('@').map_or(w.to_owned(), at);
        line.split(' ').map(word).collect()
    };
    let weigh = "weigh @test.toml @other.toml --evidence @e.toml --rounds 200";
    let commands = [
        [
            words("check @test.toml @bad.toml @e.toml @none.toml @"),
            vec![],
        ],
        [words("run @test.toml --rounds 50"), out("run")],
        [words("run @test.toml --rounds 50"), out("run")],
        [words("run @test.toml --rounds 20"), out("run")],
        [words("run @test.toml --seed 8"), out("run")],
        [words("run @test.toml"), out("test.toml")],
        [words("run @test.toml"), out("")],
        [words("run @test.toml --resume --seed 9"), out("run")],
        [words("run @test.toml @other.toml"), vec![]],
        [words("run @none.toml --given @e.toml"), vec![]],
        [words("run @test.toml --given @none.toml"), vec![]],
        [words("run --like @run"), out("again")],
        [words("run --like @"), vec![]],
        [words("run @test.toml --shard 0/3"), out("shard_0_of_3")],
        [words("merge @shard_0_of_3 @none @run"), vec![]],
        [words("merge @shard_0_of_3"), vec![]],
        [words("report @run"), vec![]],
        [words("run @test.toml --rounds 50"), out("run")],
        [words("report @run --follow loyalty.army.odl"), vec![]],
        [words("report @run @none @test.toml @"), vec![]],
        [words("report @run"), out("")],
        [words("compare @test.toml @other.toml"), out("compare")],
        [words(weigh), out("weigh")],
        [words("sweep @test.toml --design @table.csv"), vec![]],
        [words("trace @none.toml"), vec![]],
        [words("replicate @seed.toml @none.toml @test.toml"), vec![]],
        [words("replicate --update @seed.toml"), vec![]],
        [words("new mine"), out("mine.toml")],
        [words("new mine"), out("mine.toml")],
        [words("new mine"), out("none/mine.toml")],
        [words("new mine --template evidence"), out("mine_too.toml")],
        [words("man"), out("man")],
        [words("man"), out("test.toml")],
        [
            words("submit slurm @test.toml --shards 2 --folder @jobs"),
            vec![],
        ],
        [words("@test.toml"), vec![]],
    ];
    for command in commands {
        let command = command.concat();
        for json in [None, Some("--json")] {
            let words: Vec<&str> = command.iter().map(String::as_str).chain(json).collect();
            let text = printed(&words, root);
            let raw = |line: &str| line.starts_with("lines") || line.ends_with("two");
            assert!(!text.lines().any(raw), "{command:?}: {text}");
            let hidden = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
            assert!(!text.contains(hidden), "{command:?}: {text}");
            assert!(
                !text.is_empty() && json.is_some() || text.contains("two\\"),
                "{command:?}: {text}"
            );
        }
    }
}

/// The commands that a text suggests: lines of their own, and the ends of sentences.
fn suggested(text: &str) -> Vec<String> {
    let end = |line: &str| {
        line.find("with kzsim report")
            .map(|at| line[at + 5..].to_owned())
    };
    let own = |line: &str| {
        let is_own = ["kzsim ", "sh "].iter().any(|name| line.starts_with(name));
        is_own.then(|| line.to_owned())
    };
    let lines = text.lines().map(str::trim);
    lines
        .filter_map(|line| own(line).or_else(|| end(line)))
        .collect()
}

/// What kzsim suggests to type can be copied into a shell, whatever the folder is called.
#[test]
#[cfg(unix)]
fn suggested_commands_run_as_they_are_printed() {
    use std::os::unix::fs::PermissionsExt as _;
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_kzsim"));
    for folder in ["a b'c", "-x $HOME*\"`id`\\", "two\nlines %s\u{1b}7"] {
        let desk = desk();
        let root = desk.folder.path();
        let sbatch = root.join("bin/sbatch");
        fs::create_dir(root.join("bin")).expect("a folder");
        fs::write(&sbatch, "#!/bin/sh\necho 7\n").expect("a file");
        fs::set_permissions(&sbatch, fs::Permissions::from_mode(0o755)).expect("a script");
        fs::create_dir(root.join(folder)).expect("a folder");
        for file in ["test.toml", "other.toml"] {
            fs::copy(root.join(file), root.join(folder).join(file)).expect("a file");
        }
        printed(&["new", "palace", "--template", "every_section"], root);
        let path = [
            program.parent().expect("a folder"),
            sbatch.parent().expect("a folder"),
        ];
        let path = path.map(|p| p.to_str().expect("UTF-8")).join(":");
        let path = format!("{path}:{}", std::env::var("PATH").unwrap_or_default());
        let mut counts = Vec::new();
        for line in [
            "new mine --out=@mine.toml",
            "new seen --template evidence --out=@seen.toml",
            "check ./@seen.toml",
            "run ./@test.toml --rounds 50 --out=@run",
            "report ./@run",
            "run ./@test.toml --rounds 60 --out=@run",
            "run ./@test.toml --shard 0/3 --out=@shard_0_of_3",
            "merge ./@shard_0_of_3",
            "compare ./@test.toml ./@other.toml --set title=Costs_$HOME",
            "submit slurm ./@test.toml --shards 2 --folder=@jobs --out=@merged",
        ] {
            let words = line
                .split(' ')
                .map(|w| w.replace('@', &format!("{folder}/")));
            let words: Vec<String> = words.collect();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let commands = suggested(&printed(&words, root));
            counts.push(commands.len());
            for command in commands {
                let command = command.replace("SCENARIO", "palace.toml");
                let done = Command::new("sh")
                    .args(["-c", &command])
                    .current_dir(root)
                    .env("PATH", &path)
                    .output()
                    .expect("a shell");
                let told = String::from_utf8_lossy(&done.stderr);
                assert!(done.status.success(), "{line}: {command}: {told}");
            }
        }
        // A script names no folder with a line feed.
        let submits = usize::from(!folder.contains('\n'));
        assert_eq!(counts[..8], [2, 1, 1, 0, 0, 1, 0, 2], "{folder}");
        assert!(
            counts[8] > 1 && counts[9] == submits,
            "{folder}: {counts:?}"
        );
    }
}
