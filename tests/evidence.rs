//! Evidence as it comes: from tables, as of a date, and the answer after each report.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use kzsim::Evidence;

use crate::support::{
    Written, code, contents, done, err, kzsim, out as stdout, repository, told, write,
};

/// A coup, which is the outcome, and rain, which means nothing.
const SCENARIO: &str = "schema = 1\n[contenders]\none = {}\ntwo = {}\n[clock]\nstart = 2022-01-01\ndays = 8\n\
    step = \"12h\"\n[arenas]\nall = 1.0\n[actors.one]\npower.all = 1.0\n[actors.two]\npower.all = 1.0\n\
    [actions.rain]\nwhen = \"day >= 1\"\nchance = 0.5\n\
    [actions.plot]\nwhen = \"day >= 1\"\nchance = 0.2\n\
    [actions.coup]\nby = \"one\"\nwhen = \"happened.plot\"\nchance = 0.3\n\
    [outcomes.won]\nname = \"It is won\"\nwhen = \"happened.coup\"\nat_end = true\n[outcomes.lost]\notherwise = true\n";

/// The same with less plotting.
const OTHER: &str = "schema = 1\nextends = \"test.toml\"\n[actions.plot]\nchance = 0.05\n";

const TABLE: &str = "day,text,reliability,source,when,known,group,id\n\
    2022-01-03,\"Rain, at last\",0.9,a paper,happened.rain,,,\n\
    2022-01-04T12:00:00,A plot is said to be on,0.8,\"\"\"a friend\"\"\",\"happened.plot and day > 0\",2022-01-06,,rumour\n\
    ,,,,,,,\n";

const TWIN: &str = "schema = 1\n[observations.r1]\nname = \"Rain, at last\"\non = 2022-01-03\nreliability = 0.9\n\
    source = \"a paper\"\nwhen = \"happened.rain\"\n[observations.rumour]\nname = \"A plot is said to be on\"\n\
    on = 2022-01-04T12:00:00\nreliability = 0.8\nsource = '\"a friend\"'\nwhen = \"happened.plot and day > 0\"\n\
    known = 2022-01-06\n";

fn given(name: &str, text: &str) -> Written {
    let w = write(SCENARIO);
    for (file, text) in [(name, text), ("other.toml", OTHER)] {
        fs::write(w.folder.path().join(file), text).expect("a file");
    }
    w
}

/// Every table of a result.
fn tables(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = contents(folder);
    all.retain(|name, _| Path::new(name).extension().is_some_and(|e| e == "csv"));
    all
}

/// What is wrong with a table, which must be refused.
fn faults(text: &str) -> String {
    let w = given("e.csv", text);
    let output = told(&w, "run test.toml --rounds 64 --given e.csv");
    assert_eq!(code(&output), 2, "{}", err(&output));
    err(&output)
}

#[test]
fn a_table_is_read_as_its_twin_in_toml() {
    let (csv, toml) = (given("e.csv", TABLE), given("e.toml", TWIN));
    let runs = [
        "run test.toml --rounds 2000 --no-ranges --out o --given",
        "weigh test.toml other.toml --rounds 2000 --out w --evidence",
        "weigh test.toml other.toml --rounds 2000 --known-by 2022-01-05 --out k --evidence",
    ];
    for (line, folder) in runs.into_iter().zip(["o", "w", "k"]) {
        done(&csv, &format!("{line} e.csv"));
        done(&toml, &format!("{line} e.toml"));
        let [a, b] = [&csv, &toml].map(|w| tables(&w.folder.path().join(folder)));
        assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
        for (name, bytes) in a {
            assert!(bytes == b[&name], "{line}: {name}");
        }
    }
    // The table is an input like others: its text is in the manifest, and repeats the run.
    let manifest =
        fs::read_to_string(csv.folder.path().join("o/manifest.json")).expect("a manifest");
    assert!(manifest.contains("Rain, at last") && manifest.contains("e.csv"));
    let checked = told(&csv, "check e.csv");
    assert_eq!(code(&checked), 0, "{}", err(&checked));
    done(&csv, "check test.toml --evidence e.csv");
}

#[test]
fn the_shipped_table_has_what_the_shipped_evidence_has() {
    let read = |name: &str| {
        let path = repository("scenarios/kyrgyzstan/evidence").join(name);
        Evidence::read(&path).unwrap_or_else(|e| panic!("{name}: {e}"))
    };
    let (csv, toml) = (read("reports.csv"), read("reports.toml"));
    assert_eq!(csv.observations.len(), toml.observations.len());
    for (a, b) in csv.observations.iter().zip(&toml.observations) {
        assert_eq!(
            (&a.id, &a.name, &a.when.text),
            (&b.id, &b.name, &b.when.text)
        );
        assert_eq!((a.on, a.known, a.unknown), (b.on, b.known, b.unknown));
        assert_eq!((a.reliability, &a.group), (b.reliability, &b.group));
        assert_eq!(
            (&a.remarks.says, &a.remarks.source),
            (&b.remarks.says, &b.remarks.source)
        );
    }
    let folder = tempfile::tempdir().expect("a folder");
    let [a, b] = ["reports.csv", "reports.toml"].map(|name| {
        let out = folder.path().join(name);
        let scenario = repository("scenarios/kyrgyzstan/base.toml");
        let evidence = repository("scenarios/kyrgyzstan/evidence").join(name);
        let [scenario, evidence, into] =
            [&scenario, &evidence, &out].map(|p| p.to_string_lossy().into_owned());
        let words = [
            "run",
            &scenario,
            "--given",
            &evidence,
            "--rounds",
            "512",
            "--no-ranges",
            "--out",
            &into,
        ];
        let output = kzsim(&words, folder.path());
        assert_eq!(code(&output), 0, "{}", err(&output));
        tables(&out)
    });
    assert!(a == b, "the same tables");
}

#[test]
fn days_count_from_the_start() {
    let days = "day,reliability,when\n1.5,0.9,happened.rain\n3,0.8,happened.plot\n";
    let dates = "day,reliability,when\n2022-01-02T12:00:00,0.9,happened.rain\n2022-01-03,0.8,happened.plot\n";
    let [a, b] = [days, dates].map(|text| {
        let w = given("e.csv", text);
        done(
            &w,
            "run test.toml --rounds 500 --no-ranges --out o --given e.csv",
        );
        tables(&w.folder.path().join("o"))
    });
    assert!(a == b, "the same tables");
    let both =
        faults("day,reliability,when\n1.5,0.9,happened.rain\n2022-01-03,0.8,happened.plot\n");
    assert!(
        both.contains("e.csv:3:1") && both.contains("one of both in the whole file"),
        "{both}"
    );
}

#[test]
fn every_fault_of_a_table_is_told_at_its_cell() {
    let said = faults(
        "day,text,reliability,reliabilty,when,on\n\
         5 January 2022,Rain,\"0,9\",,happened.rain,\n\
         2022-01-03,,1.2,,,\n\
         2022-01-04,Plot,0.8,,happened.plott +,\n",
    );
    for (place, what) in [
        ("e.csv:1:22", "unknown column `reliabilty`"),
        ("e.csv:1:22", "did you mean `reliability`?"),
        ("e.csv:1:38", "the key `on` is the column `day` here"),
        ("e.csv:2:1", "2022-01-05"),
        ("e.csv:2:21", "0.9"),
        ("e.csv:3:13", "observations.r2.reliability is 1.2"),
        ("e.csv:3:18", "no `when` in the row of `r2`"),
        ("e.csv:4:", "happened.plott"),
    ] {
        assert!(
            said.contains(place) && said.contains(what),
            "{place} {what}: {said}"
        );
    }
    let said = faults("day,reliability,source\n2022-01-03,0.9,a\n");
    assert!(
        said.contains("no column `when`") && said.contains("What was reported"),
        "{said}"
    );
    let said = faults("day;reliability;when\n2022-01-03;0,9;happened.rain\n");
    assert!(
        said.contains("semicolons") && said.contains("1 fault"),
        "{said}"
    );
    let said = faults(
        "day,reliability,when,id\n2022-01-03,0.9,happened.rain,a\n2022-01-04,0.9,happened.rain,a\n",
    );
    assert!(
        said.contains("e.csv:3:") && said.contains("a second observation `a`"),
        "{said}"
    );
    let said = faults("day,reliability,when\n");
    assert!(said.contains("a table without observations"), "{said}");
    // Names are looked up in the scenario, at their place inside the cell.
    let said = faults("day,reliability,when\n2022-01-03,0.9,\"happened.rain and happened.plto\"\n");
    assert!(
        said.contains("e.csv:2:") && said.contains("did you mean `plot`?"),
        "{said}"
    );
    let said = faults("day,reliability,when\n2023-01-03,0.9,happened.rain\n");
    assert!(
        said.contains("e.csv:2:1") && said.contains("outside the rounds"),
        "{said}"
    );
}

#[test]
fn weigh_counts_what_was_known_in_time() {
    let w = given("e.csv", TABLE);
    let line = "weigh test.toml other.toml --rounds 2000 --recover=0 --evidence e.csv";
    let late = done(&w, &format!("{line} --known-by 2022-01-05 --out early"));
    let text = String::from_utf8(late.stdout).expect("UTF-8");
    assert!(text.contains("and not counted: rumour."), "{text}");
    done(&w, &format!("{line} --known-by 2022-01-06 --out all"));
    done(&w, &format!("{line} --out whole"));
    let read =
        |folder: &str| fs::read(w.folder.path().join(folder).join("readings.csv")).expect("a file");
    assert_eq!(read("all"), read("whole"));
    assert_ne!(read("early"), read("whole"));
    let none = told(&w, &format!("{line} --known-by 2022-01-01 --out none"));
    assert_eq!(code(&none), 2);
    assert!(err(&none).contains("known"), "{}", err(&none));
}

type Row = BTreeMap<String, String>;

fn rows(w: &Written, file: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(w.folder.path().join(file)).expect("a file");
    reader.deserialize().map(|r| r.expect("a row")).collect()
}

fn number(row: &Row, column: &str) -> f64 {
    row[column]
        .parse()
        .unwrap_or_else(|_| panic!("{column}: {row:?}"))
}

fn near(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-12, "{a} and {b}");
}

/// Rain that was told of late, and a plot that was told of at once.
const LATE: &str = "day,text,reliability,when,known,id\n\
    2022-01-03,It rained,0.9,happened.rain,2022-01-08,rain\n\
    2022-01-04,There is a plot,0.9,happened.plot,,plot\n";

#[test]
fn the_answer_is_told_as_each_report_arrives() {
    let w = given("e.csv", LATE);
    let line = "run test.toml --rounds 6000 --no-ranges --out o --given e.csv";
    let text = String::from_utf8(done(&w, line).stdout).expect("UTF-8");
    let found = rows(&w, "o/arrivals.csv");
    let of = |arrived: &str, outcome: &str| {
        let row = found
            .iter()
            .find(|r| r["arrived"] == arrived && r["outcome"] == outcome);
        row.expect("a row").clone()
    };
    // In the order in which they became known, not in that of what they tell of.
    let order: Vec<&str> = found
        .iter()
        .step_by(2)
        .map(|r| r["observation"].as_str())
        .collect();
    assert_eq!(order, ["", "plot", "rain"]);
    assert_eq!(of("2", "won")["known"], "2022-01-09T00:00:00");
    // Before any report these are the shares of the run, after the last those given the evidence.
    for outcome in ["won", "lost"] {
        let row = |file: &str| {
            rows(&w, file)
                .into_iter()
                .find(|r| r["outcome"] == outcome)
                .expect("a row")
        };
        let (run, all) = (row("o/outcomes.csv"), row("o/given_outcomes.csv"));
        for column in ["probability", "ci_low", "ci_high"] {
            near(number(&of("0", outcome), column), number(&run, column));
            near(number(&of("2", outcome), column), number(&all, column));
        }
        let change =
            number(&of("1", outcome), "probability") - number(&of("0", outcome), "probability");
        near(number(&of("1", outcome), "change"), change);
        assert!(of("0", outcome)["change"].is_empty());
    }
    // A plot leads to coups; rain has nothing to do with them.
    let (plot, rain) = (of("1", "won"), of("2", "won"));
    assert_eq!(plot["distinguishable"], "true");
    assert!(number(&plot, "change_low") > 0.0);
    assert!(
        number(&rain, "change_low") < 0.0 && number(&rain, "change_high") > 0.0,
        "{rain:?}"
    );
    assert_eq!(rain["distinguishable"], "false");
    assert!(
        text.contains("As each report arrives") && text.contains("1  There is a plot"),
        "{text}"
    );
    assert!(text.contains("are those without the evidence"), "{text}");
    assert!(text.lines().all(|l| l.chars().count() <= 100), "{text}");
    // Any number of threads gives the same bytes.
    done(&w, &line.replace("--out o", "--out p --threads 1"));
    assert_eq!(
        tables(&w.folder.path().join("o")),
        tables(&w.folder.path().join("p"))
    );
    // Rounds that are resampled from the start do not tell it.
    done(
        &w,
        &line.replace("--out o", "--out r --given-by resampling"),
    );
    assert!(!w.folder.path().join("r/arrivals.csv").exists());
}

#[test]
fn what_was_known_by_a_day_is_a_step_on_the_way() {
    let w = given("e.csv", LATE);
    let line = "run test.toml --rounds 3000 --no-ranges --given e.csv";
    done(&w, &format!("{line} --out all"));
    done(&w, &format!("{line} --out early --known-by 2022-01-07"));
    let (all, early) = (rows(&w, "all/arrivals.csv"), rows(&w, "early/arrivals.csv"));
    assert_eq!((all.len(), early.len()), (6, 4));
    for (a, b) in all.iter().zip(&early) {
        near(number(a, "probability"), number(b, "probability"));
    }
}

#[test]
fn weights_of_readings_are_told_as_each_report_arrives() {
    let w = given("e.csv", LATE);
    let line = "weigh test.toml other.toml --rounds 6000 --recover=0 --out o --evidence e.csv";
    let text = String::from_utf8(done(&w, line).stdout).expect("UTF-8");
    assert!(
        text.contains("As each report arrives") && text.contains("1  There is a plot"),
        "{text}"
    );
    let (found, last) = (rows(&w, "o/arrivals.csv"), rows(&w, "o/readings.csv"));
    assert_eq!(found.len(), 6);
    for (i, reading) in last.iter().enumerate() {
        near(number(&found[i], "posterior"), 0.5);
        for column in ["posterior", "posterior_low", "posterior_high"] {
            near(number(&found[4 + i], column), number(reading, column));
        }
    }
    // The other reading has less plotting.
    assert!(number(&found[3], "change_high") < 0.0 && found[3]["distinguishable"] == "true");
    assert_eq!(found[5]["distinguishable"], "false");
}

#[test]
fn reports_show_the_answer_as_each_report_arrives() {
    let w = given("e.csv", LATE);
    done(
        &w,
        "run test.toml --rounds 2000 --no-ranges --out o --given e.csv",
    );
    done(
        &w,
        "weigh test.toml other.toml --rounds 2000 --recover=0 --out w --evidence e.csv",
    );
    for (folder, title) in [
        ("o", "The answer as each report arrives"),
        ("w", "The weights as each report arrives"),
    ] {
        done(&w, &format!("report {folder}"));
        let page =
            fs::read_to_string(w.folder.path().join(folder).join("report.html")).expect("a page");
        assert!(
            page.contains(title) && page.contains("There is a plot"),
            "{title}"
        );
    }
}

#[test]
fn a_report_is_not_known_before_its_moment() {
    let early = "day,reliability,when,known\n2022-01-03,0.9,happened.rain,2022-01-02\n";
    let said = faults(early);
    for part in [
        "observations.r1 is known before the moment that it speaks of",
        "the moment `on` or a later one; a date means the end of that day",
        ":2:",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    // A date and a time after the start are compared where the start is known.
    let mixed = "[observations.r1]\non = \"t0 + 3d\"\nreliability = 0.9\nwhen = \"happened.rain\"\nknown = ";
    for (known, expected) in [("2022-01-02", 2), ("2022-01-03", 0)] {
        let w = given("e.toml", &format!("schema = 1\n{mixed}{known}\n"));
        let output = told(&w, "run test.toml --rounds 64 --given e.toml");
        assert_eq!(code(&output), expected, "{}", err(&output));
        assert_eq!(err(&output).contains("is known before"), expected == 2);
    }
}

#[test]
fn what_does_not_apply_to_evidence_is_told() {
    let w = given("e.toml", TWIN);
    let out = stdout(&done(&w, "check e.toml --coverage=100 --set rounds=9"));
    assert!(
        out.contains("note: e.toml: --set and --coverage are for scenarios, and this is evidence"),
        "{out}"
    );
    let out = stdout(&done(&w, "check e.toml"));
    assert!(
        !out.contains("note:") && out.contains("2 observations"),
        "{out}"
    );
}

#[test]
fn what_makes_an_answer_doubtful_is_data_too() {
    let w = given("e.toml", TWIN);
    for command in [
        "run test.toml --rounds 40 --out o --given e.toml",
        "weigh test.toml other.toml --rounds 40 --out w --evidence e.toml",
    ] {
        let line = format!("{command} --reports r1 --json");
        let json: serde_json::Value =
            serde_json::from_str(&stdout(&done(&w, &line))).expect("JSON");
        let warnings = json["warnings"].as_array().expect("warnings");
        let few = |w: &serde_json::Value| {
            let text = w.as_str().unwrap_or_default();
            text.starts_with("fewer than 100 effective rounds")
        };
        assert!(warnings.iter().any(few), "{warnings:?}");
        assert_eq!(json["evidence"], "e (1 of 2 reports)");
        assert_eq!(json["options"]["reports"], "r1");
    }
}
