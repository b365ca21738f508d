//! `kzsim score`, `seal` and `pool`: what they print and write, and what they refuse.

use std::fs;

use serde_json::Value;

use crate::support::{Written, code, done, err, out, repository, told, write};

/// Invented forecasts with known scores (`tests/data/scores/make.py`), in a folder of their own.
fn invented() -> Written {
    let written =
        write(&fs::read_to_string(repository("scenarios/minimal.toml")).expect("a scenario"));
    for name in [
        "forecasts.csv",
        "observed.csv",
        "class_forecasts.csv",
        "class_observed.csv",
    ] {
        let from = repository(&format!("tests/data/scores/{name}"));
        fs::copy(from, written.folder.path().join(name)).expect("a copy");
    }
    written
}

fn file(written: &Written, name: &str, text: &str) {
    fs::write(written.folder.path().join(name), text).expect("a file");
}

fn read(written: &Written, name: &str) -> String {
    fs::read_to_string(written.folder.path().join(name)).expect("a file")
}

/// A text with single blanks: lines may break anywhere.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn flat_out(output: &std::process::Output) -> String {
    flat(&out(output))
}

/// The value of a metric in `scores.csv`.
fn metric(written: &Written, folder: &str, metric: &str) -> f64 {
    let text = read(written, &format!("{folder}/scores.csv"));
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows = reader.records().map(|r| r.expect("a row"));
    let row = rows.into_iter().find(|r| &r[3] == metric);
    row.expect("the metric")[5].parse().expect("a number")
}

#[test]
fn known_forecasts_have_known_scores() {
    let written = invented();
    let line = "score forecasts.csv observed.csv --bins 10 --baseline uniform --out s";
    let told = flat_out(&done(&written, line));
    assert!(told.contains("Brier 0.191"), "{told}");
    assert!(
        told.contains("over 90 cases in 25 clusters (cluster)"),
        "{told}"
    );
    let text = fs::read_to_string(repository("tests/data/scores/answers.json")).expect("answers");
    let known: Value = serde_json::from_str(&text).expect("JSON");
    for name in [
        "brier",
        "log",
        "auc",
        "calibration_slope",
        "calibration_intercept",
    ] {
        let expected = known["events"][name].as_f64().expect("a number");
        assert!(
            (metric(&written, "s", name) - expected).abs() < 1e-12,
            "{name}"
        );
    }
    let parts = ["miscalibration", "discrimination", "uncertainty"].map(|part| {
        let found = metric(&written, "s", &format!("brier_{part}"));
        let expected = known["events"]["corp_brier"][part].as_f64();
        assert!(
            (found - expected.expect("a number")).abs() < 1e-12,
            "{part}"
        );
        found
    });
    let sum = parts[0] - parts[1] + parts[2];
    assert!((sum - metric(&written, "s", "brier")).abs() < 1e-12);
    let line = "score class_forecasts.csv class_observed.csv --order early,late,never --out c";
    done(&written, line);
    for name in ["brier", "log", "rps"] {
        let expected = known["classes"][name].as_f64().expect("a number");
        assert!(
            (metric(&written, "c", name) - expected).abs() < 1e-12,
            "{name}"
        );
    }
}

#[test]
fn the_order_of_rows_changes_nothing() {
    let written = invented();
    let line = "score forecasts.csv observed.csv --baseline previous --baseline climatology:cluster --boot 200";
    done(&written, &format!("{line} --out one"));
    for name in ["forecasts.csv", "observed.csv"] {
        let text = read(&written, name);
        let mut lines: Vec<&str> = text.lines().collect();
        lines[1..].reverse();
        lines[1..40].rotate_left(7);
        file(&written, name, &(lines.join("\r\n") + "\r\n"));
    }
    done(&written, &format!("{line} --out two"));
    for name in ["scores.csv", "cases.csv", "reliability.csv"] {
        assert_eq!(
            read(&written, &format!("one/{name}")),
            read(&written, &format!("two/{name}")),
            "{name}"
        );
    }
}

#[test]
fn every_fault_is_told_with_its_place() {
    let written = invented();
    file(&written, "f.csv", "case,p\na,1.2\nb,abc\na,0.5\nd,0.4\n");
    file(
        &written,
        "o.csv",
        "case,outcome,country\na,maybe,x\nb,0,y\nz,1,y\nb,1,y\n",
    );
    let output = told(&written, "score f.csv o.csv --cluster contry");
    assert_eq!(code(&output), 2);
    let text = err(&output);
    for expected in [
        "f.csv:2:3: a probability of 1.2",
        "f.csv:3:3: `abc` where a probability is expected",
        "f.csv:4:1: a second forecast of case a",
        "f.csv:5:1: case d is not in the observations",
        "o.csv:1:1: no column `contry`",
        "did you mean `country`?",
        "o.csv:2:3: `maybe` in case a",
        "o.csv:4:1: case z is not in the forecasts",
        "o.csv:5:1: a second row of case b",
        "8 faults",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    file(
        &written,
        "c.csv",
        "case,outcome,probability\na,win,0.5\na,lose,0.4\nb,win,0.7\nb,lose,0.3\n",
    );
    file(&written, "co.csv", "case,outcome\na,win\nb,draw\n");
    let text = err(&told(&written, "score c.csv co.csv"));
    assert!(
        text.contains("c.csv:2:1: the 2 probabilities of case a add up to 0.9"),
        "{text}"
    );
    assert!(text.contains("co.csv:3:3: `draw` in case b"), "{text}");
    fs::create_dir(written.folder.path().join("empty")).expect("a folder");
    for (line, expected) in [
        (
            "score forecasts.csv observed.csv --cluster case",
            "although there is a column `cluster`",
        ),
        (
            "score forecasts.csv observed.csv --baseline climatolgy:x",
            "did you mean `climatology`?",
        ),
        (
            "score class_forecasts.csv class_observed.csv --event soon",
            "no forecast names it",
        ),
        (
            "score class_forecasts.csv class_observed.csv --order early,never",
            "expected every class once",
        ),
        ("score forecasts.csv observed.csv --clip 0.7", "up to 0.5"),
        ("score forecasts.csv nowhere.csv", "there is no such file"),
        ("score empty observed.csv", "holds no forecasts"),
    ] {
        let output = told(&written, line);
        assert!(
            code(&output) > 1 && err(&output).contains(expected),
            "{line}: {}",
            err(&output)
        );
    }
}

#[test]
fn what_makes_scores_doubtful_is_told() {
    let written = invented();
    file(&written, "f.csv", "case,p\na,0.2\nb,1\nc,0.5\nd,0.4\n");
    file(&written, "o.csv", "case,outcome\na,1\nb,1\nc,1\ne,0\n");
    let output = done(&written, "score f.csv o.csv --allow-missing --out s");
    let text = flat(&out(&output));
    assert!(
        text.starts_with("2 cases in one file alone, left out: d and e"),
        "{text}"
    );
    for expected in [
        "3 clusters: with fewer than 20",
        "1 of 3 probabilities were clipped",
        "the event happened in every case",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    file(&written, "o.csv", "case,outcome\na,\nb,\nc,\nd,\n");
    let output = told(&written, "score f.csv o.csv");
    assert!(
        err(&output).contains("no case is resolved"),
        "{}",
        err(&output)
    );
}

const ASKED: &str =
    "--question Who? --rule Reuters --by 2026-02-01 --resolves 2026-03-01 --who anna --case q";

#[test]
fn seals_hold_and_are_scored_by_the_time_they_stood() {
    let written = invented();
    done(&written, "run test.toml --rounds 500 --out a --quiet");
    done(
        &written,
        "run test.toml --rounds 500 --set parameters.anger=0.8 --out b --quiet",
    );
    fs::create_dir(written.folder.path().join("seals")).expect("a folder");
    done(
        &written,
        &format!("seal a {ASKED} --made 2026-01-10 --out seals/1.seal.toml"),
    );
    done(
        &written,
        &format!("seal b {ASKED} --made 2026-01-20 --hide --out seals/2.seal.toml"),
    );
    let checked = flat_out(&done(&written, "seal --check seals/1.seal.toml"));
    assert!(checked.contains("unbroken"), "{checked}");
    done(&written, "seal --check seals/2.seal.toml");
    let output = told(&written, "seal b --check seals/1.seal.toml");
    assert_eq!(code(&output), 4);
    assert!(
        err(&output).contains("SHA-256 of the scenario"),
        "{}",
        err(&output)
    );
    // A seal is never replaced, and is not made when it no longer counts.
    let again = format!("seal a {ASKED} --made 2026-01-11 --out seals/1.seal.toml");
    assert!(err(&told(&written, &again)).contains("is there already"));
    let late = format!("seal a {ASKED} --made 2026-02-02 --out seals/3.seal.toml");
    assert!(err(&told(&written, &late)).contains("is before the date of the seal"));
    file(
        &written,
        "o.csv",
        "case,outcome,resolved\nq,minister_rules,2026-01-25\n",
    );
    done(
        &written,
        "score seals o.csv --event minister_rules --boot 0 --out s",
    );
    let text = read(&written, "s/cases.csv");
    let rows: Vec<Vec<&str>> = text
        .lines()
        .skip(1)
        .map(|l| l.split(',').collect())
        .collect();
    let weights: Vec<f64> = rows
        .iter()
        .map(|r| r[6].parse().expect("a weight"))
        .collect();
    assert_eq!(weights, [10.0 / 15.0, 5.0 / 15.0]);
    let score = |r: &Vec<&str>| r[7].parse::<f64>().expect("a score");
    let expected = (2.0 * score(&rows[0]) + score(&rows[1])) / 3.0;
    assert!((metric(&written, "s", "brier") - expected).abs() < 1e-12);
    // Made when the case was resolved: listed, not scored.
    file(
        &written,
        "o.csv",
        "case,outcome,resolved\nq,minister_rules,2026-01-20\n",
    );
    let told_late = flat_out(&done(&written, "score seals o.csv --boot 0 --out t"));
    assert!(told_late.contains("listed, not scored"), "{told_late}");
    assert_eq!(read(&written, "t/cases.csv").lines().count(), 2);
    // What no seal forecasts is left out, whatever it says; a case of late seals alone is in both files.
    file(
        &written,
        "o.csv",
        "case,outcome,resolved\nq,minister_rules,2026-01-09\nz,nobody_said_so,\n",
    );
    let all_late = told(&written, "score seals o.csv --boot 0 --out u");
    assert_eq!(code(&all_late), 2);
    let text = err(&all_late);
    assert!(text.contains("every seal is late"), "{text}");
    assert_eq!(text.matches("listed, not scored").count(), 2, "{text}");
    // A change of one letter breaks the seal.
    let broken = read(&written, "seals/1.seal.toml").replace("Reuters", "reuters");
    file(&written, "seals/1.seal.toml", &broken);
    let output = told(&written, "seal --check seals/1.seal.toml");
    assert_eq!(code(&output), 4);
    assert!(
        err(&output).contains("the seal is broken"),
        "{}",
        err(&output)
    );
    assert!(err(&told(&written, "score seals o.csv")).contains("the seal is broken"));
}

#[test]
fn forecasters_are_pooled_and_refused_with_too_few_cases() {
    let written = invented();
    let second: String = read(&written, "forecasts.csv")
        .lines()
        .map(|line| match line.split_once(",0.") {
            Some((case, _)) => format!("{case},0.5\n"),
            None => format!("{line}\n"),
        })
        .collect();
    file(&written, "even.csv", &second);
    let told_pool = flat_out(&done(&written, "pool forecasts.csv even.csv --out p"));
    assert!(
        told_pool.contains("Weights: even 0.500, forecasts 0.500"),
        "{told_pool}"
    );
    done(
        &written,
        "score p/forecasts.csv observed.csv --boot 0 --out s",
    );
    assert!(metric(&written, "s", "brier") < 0.25);
    let classes = "case,outcome,probability\na,x,0.4\na,y,0.6\n";
    file(&written, "classes.csv", classes);
    let mixed = told(&written, "pool forecasts.csv classes.csv --out m");
    assert_eq!(code(&mixed), 2);
    assert!(
        err(&mixed).contains("of classes: expected one kind"),
        "{}",
        err(&mixed)
    );
    let line = "pool forecasts.csv even.csv --log --weights score:observed.csv --extremise observed.csv --out w";
    let told_weights = flat_out(&done(&written, line));
    assert!(told_weights.contains("exponent"), "{told_weights}");
    let weights = read(&written, "w/weights.csv");
    let of = |name: &str| -> f64 {
        let row = weights
            .lines()
            .find(|l| l.starts_with(name))
            .expect("a row");
        row.split(',')
            .nth(1)
            .expect("a cell")
            .parse()
            .expect("a weight")
    };
    assert!(
        of("forecasts") > of("even") && of("even") > 0.05,
        "{weights}"
    );
    let few: String = read(&written, "observed.csv")
        .lines()
        .take(12)
        .flat_map(|line| [line, "\n"])
        .collect();
    file(&written, "few.csv", &few);
    for (more, expected) in [
        ("--weights score:few.csv", "at least 20 are needed"),
        ("--extremise few.csv", "at least 30 are needed"),
        ("--extremise 2.5", "not chosen but fitted"),
        ("--weights best", "expected equal, or score:FILE"),
    ] {
        let output = told(&written, &format!("pool forecasts.csv even.csv {more}"));
        assert!(
            code(&output) == 2 && err(&output).contains(expected),
            "{more}: {}",
            err(&output)
        );
    }
    let output = told(&written, "pool forecasts.csv");
    assert!(
        err(&output).contains("expected two or more"),
        "{}",
        err(&output)
    );
}

/// Rounds that evidence weighs know less than as many that it does not, and no whole number of them.
#[test]
fn shares_given_evidence_count_their_effective_rounds() {
    let written = invented();
    let text = "case,p,rounds,effective_rounds\na,0.5,1000,\nb,0.5,1000,12.5\nc,0.5,1000,0\n";
    file(&written, "given.csv", text);
    file(&written, "known.csv", "case,outcome\na,1\nb,0\nc,1\n");
    done(&written, "score given.csv known.csv --boot 0 --out s");
    // p (1 - p) / n: of 1,000 rounds, of 12.5, and of one where nobody knows.
    let expected = (0.25 / 1000.0 + 0.25 / 12.5 + 0.25) / 3.0;
    let found = metric(&written, "s", "simulation_error");
    assert!((found - expected).abs() < 1e-12, "{found}");

    let base = repository("scenarios/base.toml");
    let evidence = repository("scenarios/kazakhstan/evidence/known_on_12_january.toml");
    done(
        &written,
        &format!(
            "run {} --rounds 300 --no-ranges --given {} --given-by weights --out given",
            base.display(),
            evidence.display()
        ),
    );
    done(
        &written,
        &format!(
            "run {} --rounds 200 --no-ranges --out plain",
            base.display()
        ),
    );
    done(&written, "pool given plain --out p");
    let rows = |name: &str| -> Vec<csv::StringRecord> {
        let text = read(&written, name);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        reader.records().map(|r| r.expect("a row")).collect()
    };
    let number = |text: &str| text.parse::<f64>().expect("a number");
    // Each outcome has its own: together they scatter as much as so many rounds.
    let given = rows("given/given_outcomes.csv");
    let spread = |r: &csv::StringRecord| number(&r[3]) * (1.0 - number(&r[3]));
    let error = |r: &csv::StringRecord| spread(r) / number(&r[6]).max(1.0);
    let n = given.iter().map(spread).sum::<f64>() / given.iter().map(error).sum::<f64>();
    assert!(n > 1.0 && n < 300.0, "{n} effective rounds");
    let share = |rows: &[csv::StringRecord], column: usize| {
        let row = rows.iter().find(|r| &r[1] == "president_consolidates");
        number(&row.expect("the outcome")[column])
    };
    let (p, q) = (share(&given, 3), share(&rows("plain/outcomes.csv"), 5));
    let pooled = rows("p/forecasts.csv");
    let row = pooled.iter().find(|r| &r[3] == "president_consolidates");
    let within = number(&row.expect("the outcome")[9]);
    // Both have half of the weight, and scatter half as much about their own mean.
    let expected = 0.25 * (p * (1.0 - p) / n + q * (1.0 - q) / 200.0);
    assert!((within - expected).abs() < 1e-9, "{within} {expected}");

    // A seal of the folder counts as the folder does, and is what is played again.
    fs::create_dir(written.folder.path().join("seals")).expect("a folder");
    let asked = ASKED.replace("--case q", "--case base");
    done(
        &written,
        &format!("seal given {asked} --made 2026-01-10 --out seals/1.seal.toml"),
    );
    let sealed = read(&written, "seals/1.seal.toml");
    let line = sealed
        .lines()
        .find(|l| l.starts_with("effective_rounds = "));
    let line = line.expect("the rounds behind the shares");
    let found = number(&line["effective_rounds = ".len()..]);
    assert!((found / n - 1.0).abs() < 1e-9, "{found} {n}");
    done(&written, "seal --check seals/1.seal.toml");
    file(
        &written,
        "o.csv",
        "case,outcome\nbase,president_consolidates\n",
    );
    done(&written, "score seals o.csv --boot 0 --out of_seal");
    done(&written, "score given o.csv --boot 0 --out of_folder");
    // Merging would lose the evidence, and where no round fits there is nothing to score.
    let merged = told(&written, "merge given --out m");
    assert_eq!(code(&merged), 2);
    assert!(err(&merged).contains("given evidence"), "{}", err(&merged));
    let table = read(&written, "given/given_outcomes.csv");
    let head = table.lines().next().expect("a header");
    let empty = ",".repeat(head.matches(',').count() - 1);
    fs::create_dir(written.folder.path().join("none")).expect("a folder");
    let text = format!("{head}\nbase,undecided{empty}\n");
    file(&written, "none/given_outcomes.csv", &text);
    let output = told(&written, "score none o.csv");
    assert_eq!(code(&output), 2);
    let text = err(&output);
    assert!(text.contains("no round fits the evidence"), "{text}");
    let error = |of: &str| metric(&written, of, "simulation_error");
    assert!(error("of_folder") > 0.0);
    assert_eq!(error("of_seal"), error("of_folder"));
    for wrong in ["-1.0", "nan", "inf", "1e300", "0.5"] {
        let edited = sealed.replace(line, &format!("effective_rounds = {wrong}"));
        file(&written, "edited.seal.toml", &edited);
        let output = told(&written, "seal --check edited.seal.toml");
        assert_eq!(code(&output), 2);
        let text = err(&output)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(
            text.contains("expected a number of rounds, 1 or more"),
            "{text}"
        );
    }
}
