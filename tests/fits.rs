//! `kzsim fit`: what it prints and writes, and what it refuses.

use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use crate::support::{Written, code, done, err, out, told as played, write};

/// An event that comes where a number and a draw are above nought: logit and template agree.
const TEMPLATE: &str = r#"
schema = 1
title = "An event"
rounds = 100
seed = 3

[contenders]
ruler = {}
rival = {}

[clock]
start = 2000-01-01
days = 1
step = "1d"

[arenas]
guns = 1

[parameters]
a = 0
b = { min = 0, max = 4 }
idle = 0
x = 0
luck = { mean = 0, sd = 1 }

[actors.ruler]
power = { guns = 1 }
[actors.rival]
power = { guns = 1 }

[outcomes.event]
when = "a + b * x + luck > 0"
[outcomes.lull]
otherwise = true
"#;

/// 120 cases in 40 clusters; the event follows x with the coefficient 1.5, by a fixed rule in place of chance.
fn tables() -> (String, String) {
    let (mut cases, mut observed) = (
        "case,parameters.x\n".to_owned(),
        "case,outcome,cluster\n".to_owned(),
    );
    for i in 0..120 {
        let x = f64::from(i % 21) / 10.0 - 1.0;
        let luck = f64::from((i * 37) % 101) / 101.0 * 4.0 - 2.0;
        let outcome = if 1.5 * x + luck > 0.0 {
            "event"
        } else {
            "lull"
        };
        let _ = writeln!(cases, "k{i},{x}");
        let _ = writeln!(observed, "k{i},{outcome},c{}", i / 3);
    }
    (cases, observed)
}

fn written() -> Written {
    let written = write(TEMPLATE);
    let (cases, observed) = tables();
    file(&written, "cases.csv", &cases);
    file(&written, "observed.csv", &observed);
    written
}

fn file(written: &Written, name: &str, text: &str) {
    fs::write(written.folder.path().join(name), text).expect("a file");
}

fn read(written: &Written, name: &str) -> String {
    fs::read_to_string(written.folder.path().join(name)).expect("a file")
}

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The template, as [`write`] names it.
const TEST: &str = "test.toml";

/// The command with more options.
fn fit(more: &str) -> String {
    format!("fit {TEST} cases.csv observed.csv --event event {more}")
}

fn json(written: &Written, name: &str) -> Value {
    serde_json::from_str(&read(written, name)).expect("JSON")
}

/// A number of a row of a table, by the start of the row.
fn number(written: &Written, name: &str, start: &[&str], column: usize) -> f64 {
    let text = read(written, name);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(|r| r.expect("a row")).collect();
    let row = rows
        .iter()
        .find(|r| start.iter().zip(r.iter()).all(|(a, b)| *a == b));
    row.expect("the row")[column].parse().expect("a number")
}

#[test]
fn a_fit_finds_its_coefficient_and_stands_beside_a_regression() {
    let written = written();
    let line = fit("--params parameters.b,parameters.a=-1..1 --synthetic 20 --boot 200 --out f");
    let told = flat(&out(&done(&written, &line)));
    assert!(
        told.contains("120 cases in 40 clusters (cluster), 21 of them different"),
        "{told}"
    );
    assert!(told.contains("Ridge logit"), "{told}");
    let b = number(&written, "f/coefficients.csv", &["parameters.b"], 3);
    assert!((b - 1.5).abs() < 0.6, "{b}");
    let learned = number(&written, "f/coefficients.csv", &["parameters.b"], 10);
    assert!(learned > 0.6, "{learned}");
    let brier = |who: &str| {
        number(
            &written,
            "f/fit_scores.csv",
            &["folds", who, "brier", ""],
            4,
        )
    };
    assert!(brier("engine") < brier("base_rate") - 0.03);
    assert!((brier("engine") - brier("logit")).abs() < 0.02);
    let draws = read(&written, "f/posterior.csv");
    assert!(
        draws.starts_with("weight,parameters.b,parameters.a\n0.001,"),
        "{}",
        &draws[..80]
    );
    assert_eq!(draws.lines().count(), 1_001);
    assert_eq!(read(&written, "f/folds.csv").lines().count(), 121);
    let facts = json(&written, "f/fit.json");
    assert_eq!(facts["vectors"], 576);
    assert!(
        facts["effective"].as_f64().is_some_and(|e| e > 30.0),
        "{facts}"
    );
    // What it writes is a scenario.
    done(&written, "run f/coefficients.toml --rounds 10 --out again");
    // The same on any number of threads.
    let line = fit(
        "--params parameters.b,parameters.a=-1..1 --synthetic 20 --boot 200 --threads 1 --out g",
    );
    played(&written, &line);
    for name in [
        "coefficients.csv",
        "posterior.csv",
        "folds.csv",
        "fit_scores.csv",
        "synthetic.csv",
    ] {
        assert_eq!(
            read(&written, &format!("f/{name}")),
            read(&written, &format!("g/{name}")),
            "{name}"
        );
    }
}

#[test]
fn grid_and_monte_carlo_agree_and_what_is_idle_is_told() {
    let written = written();
    done(
        &written,
        &fit("--params parameters.b=0..4 --method grid --boot 0 --out grid"),
    );
    let line = fit("--params parameters.b=0..4,parameters.idle=0..1 --boot 0 --out pmc");
    let told = flat(&out(&done(&written, &line)));
    assert!(told.contains("parameters.idle changes nothing"), "{told}");
    let mean = |folder: &str| {
        number(
            &written,
            &format!("{folder}/coefficients.csv"),
            &["parameters.b"],
            3,
        )
    };
    assert!(
        (mean("grid") - mean("pmc")).abs() < 0.12,
        "{} {}",
        mean("grid"),
        mean("pmc")
    );
    assert_eq!(json(&written, "pmc/fit.json")["idle"][0], "parameters.idle");
}

#[test]
fn held_out_cases_are_opened_last_and_counted() {
    let written = written();
    let (cases, observed) = tables();
    file(&written, "later.csv", &cases.replace("\nk", "\nl"));
    file(
        &written,
        "later_observed.csv",
        &observed.replace("\nk", "\nl").replace(",c", ",d"),
    );
    let more = "--params parameters.b --boot 100 --holdout-cases later.csv --holdout-observed later_observed.csv --force --out f";
    let told = flat(&out(&done(&written, &fit(more))));
    assert!(told.contains("opened before: 0"), "{told}");
    let told = flat(&out(&done(&written, &fit(more))));
    assert!(
        told.contains("opened before: 1") && told.contains("was opened once before"),
        "{told}"
    );
    assert_eq!(
        read(&written, "later_observed.csv.openings.csv")
            .lines()
            .count(),
        3
    );
    assert_eq!(read(&written, "f/held_out.csv").lines().count(), 121);
    assert_eq!(json(&written, "f/fit.json")["held_out"]["earlier"], 1);
    // A fit that fails opens nothing.
    let line = fit(
        "--params parameters.c --holdout-cases later.csv --holdout-observed later_observed.csv --out h",
    );
    assert_eq!(code(&played(&written, &line)), 2);
    assert_eq!(
        read(&written, "later_observed.csv.openings.csv")
            .lines()
            .count(),
        3
    );
}

#[test]
fn what_cannot_be_fitted_is_refused_with_its_place() {
    let written = written();
    // A correlation would draw the coefficient again.
    let correlated =
        "\n[correlations.both]\nof = \"parameters.b\"\nwith = \"parameters.luck\"\nrank = 0.5\n";
    file(
        &written,
        "correlated.toml",
        &format!("{TEMPLATE}{correlated}"),
    );
    let line = "fit correlated.toml cases.csv observed.csv --event event --params parameters.b";
    let output = played(&written, line);
    assert_eq!(code(&output), 2);
    assert!(
        flat(&err(&output)).contains("correlations.both names it"),
        "{}",
        err(&output)
    );
    let refused = |more: &str| flat(&err(&played(&written, &fit(more))));
    let told = refused("--params parameters.bb=0..1,parameters.b=-2..1e9");
    assert!(told.contains("did you mean `parameters.b`?"), "{told}");
    assert!(refused("--params parameters.b=1..0").contains("ascending order"));
    assert!(refused("--params parameters.a").contains("gives it no law"));
    assert!(refused("--params parameters.x=0..1").contains("is fitted too"));
    let told = refused("--params parameters.b --folds case:10");
    assert!(
        told.contains("although there is a column `cluster`"),
        "{told}"
    );
    assert!(
        refused("--params parameters.b --folds cluster:41")
            .contains("at most as many folds as clusters")
    );
    assert!(refused("--params parameters.b --synthetic 3").contains("at least 20"));
    let told = refused("--params parameters.b --weights heft --climatology party");
    assert!(
        told.contains("no column `heft`") && told.contains("no column `party`"),
        "{told}"
    );

    let (cases, observed) = tables();
    file(
        &written,
        "observed.csv",
        &observed.replace("k7,", "k700,").replace(",lull,", ",nine,"),
    );
    let told = refused("--params parameters.b");
    assert!(
        told.contains("case k7 is not in the observations"),
        "{told}"
    );
    assert!(
        told.contains("case k700 is not in the case table"),
        "{told}"
    );
    assert!(
        told.contains("`nine` in case") && told.contains("observed.csv:"),
        "{told}"
    );
    file(
        &written,
        "observed.csv",
        &observed.replace(",lull,", ",event,"),
    );
    assert!(refused("--params parameters.b").contains("the event happened in every case"));
    file(&written, "observed.csv", &observed);
    file(&written, "cases.csv", &cases.replace("k5,-0.5", "k5,much"));
    let told = refused("--params parameters.b");
    assert!(told.contains("cases.csv:7"), "{told}");
}
