//! Evidence: what is watched, how readings are weighed, and what runs say once something is given.
//!
//! Seeds are fixed, so a test that passes once passes always. The limit of 4.9 standard errors
//! would have failed a correct program with probability 1e-6 a comparison when a seed was first
//! tried; other rates are stated where they are used.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use kzsim::internals::analysis::conditional::Conditional;
use kzsim::internals::analysis::interval::wilson;
use kzsim::internals::analysis::jackknife::jackknife;
use kzsim::internals::analysis::tails::student_95;
use kzsim::internals::analysis::weighing::independent;
use kzsim::internals::ensemble::smc::{GivenBy, Weighted};
use kzsim::internals::scenario::Evidence;
use kzsim::internals::scenario::evidence::EvidenceError;

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::support::{Z, kzsim, observation, rare_fact, two_chances};

#[test]
fn the_worked_example_of_competing_hypotheses_comes_out() {
    // Two hypotheses, even priors; P(e1) = 0.8, 0.4 and P(e2) = 0.3, 0.6.
    let table = [vec![0.8, 0.3], vec![0.4, 0.6]];
    let even = independent(&[0.5, 0.5], &table, &[1.0, 1.0]);
    assert!((even[0] - 0.5).abs() < 1e-12);
    // With half the weight on the second: odds 2 · sqrt(1/2) = 1.41421.
    let half = independent(&[0.5, 0.5], &table, &[1.0, 0.5]);
    assert!((half[0] / half[1] - std::f64::consts::SQRT_2).abs() < 1e-9);
    assert!((half[0] - 0.585_786_438).abs() < 1e-9);
}

#[test]
fn an_island_with_all_the_weight_says_nothing_of_its_error() {
    let mut found = Weighted {
        rounds: 2_048,
        weight: 10.0,
        squares: 0.1,
        families: 1.0,
        outcomes: vec![vec![4.0], vec![6.0]],
        squared_totals: vec![0.04, 0.06],
        islands: 2,
        blocks: vec![(10.0, vec![4.0, 6.0]), (0.0, vec![0.0, 0.0])],
        ..Weighted::default()
    };
    let alone = Conditional::new(&found, GivenBy::Resampling);
    assert_eq!(alone.effective(), 0.0);
    let share = alone.share(0);
    assert_eq!((share.probability, share.low, share.high), (0.4, 0.0, 1.0));
    // Nor does one that has nearly all.
    found.blocks = vec![(9.9, vec![3.99, 5.91]), (0.1, vec![0.01, 0.09])];
    let nearly = Conditional::new(&found, GivenBy::Resampling);
    assert_eq!(nearly.effective(), 0.0);
    // Two alike are two: t with one degree, 12.7 standard errors.
    found.blocks = vec![(5.0, vec![1.9, 3.1]), (5.0, vec![2.1, 2.9])];
    let two = Conditional::new(&found, GivenBy::Resampling);
    // Without one of them the share is 0.38 or 0.42: variance 1/2 · 2 · 0.02².
    let expected = 0.24 / 0.000_4 * (1.959_964_f64 / 12.706_205).powi(2);
    assert!(
        (two.effective() - expected).abs() < 1e-3,
        "{}",
        two.effective()
    );
    // What all rounds have shows no scatter; then families are counted, not all rounds.
    found.outcomes = vec![vec![10.0], vec![0.0]];
    found.blocks = vec![(5.0, vec![5.0, 0.0]), (5.0, vec![5.0, 0.0])];
    let all = Conditional::new(&found, GivenBy::Resampling);
    assert!(all.families() == 100.0 && all.effective() < 100.0);
    assert!(all.share(0).low < 0.5, "{:?}", all.share(0));
}

#[test]
fn students_t_has_its_table_values() {
    for (degrees, quantile) in [
        (1.0, 12.706_204_74),
        (2.0, 4.302_652_73),
        (7.0, 2.364_624_25),
        (15.0, 2.131_449_55),
        (63.0, 1.998_340_54),
        (1e6, 1.959_966_36),
    ] {
        let found = student_95(degrees);
        assert!((found - quantile).abs() < 1e-7, "{degrees}: {found}");
    }
    let exact = |n: f64| {
        StudentsT::new(0.0, 1.0, n)
            .expect("good")
            .inverse_cdf(0.975)
    };
    for n in [0.7, 1.5, 2.25, 4.4, 30.5] {
        assert!((student_95(n) / exact(n) - 1.0).abs() < 1e-6, "{n}");
    }
    assert!(student_95(0.3).is_infinite() && student_95(f64::NAN).is_infinite());
    // Jackknives of few blocks use it, and of very few say nothing.
    let values: Vec<f64> = (0..10).map(f64::from).collect();
    let found = jackknife(4.5, &values);
    let half = 2.262_157_16 * (82.5_f64 * 0.9).sqrt();
    assert!((found.high - 4.5 - half).abs() < 1e-6, "{found:?}");
    assert!(jackknife(3.0, &values[..7]).low.is_nan());
}

/// The message of `kzsim weigh` with that evidence, which must be bad.
fn refused(text: &str) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("a.toml"), two_chances(0.3, 0.6)).expect("a file");
    fs::write(folder.path().join("b.toml"), two_chances(0.5, 0.6)).expect("a file");
    fs::write(folder.path().join("e.toml"), text).expect("a file");
    let run = kzsim(
        &[
            "weigh",
            "a.toml",
            "b.toml",
            "--evidence",
            "e.toml",
            "--rounds",
            "10",
        ],
        folder.path(),
    );
    assert_eq!(run.status.code(), Some(2), "{run:?}");
    assert!(run.stdout.is_empty());
    assert!(
        !folder.path().join("results").exists(),
        "nothing is written"
    );
    String::from_utf8(run.stderr).expect("UTF-8")
}

#[test]
fn bad_evidence_is_told_with_its_place_all_at_once() {
    let message = refused(
        "schema = 1\ntitel = \"x\"\n[observations.early]\non = 2021-12-31\nwhen = \"happened.rain\"\n\
         reliability = 1.2\n[observations.Loud]\non = \"soon\"\nwhen = \"rain >\"\nreliable = 0.9\n",
    );
    for part in [
        "e.toml:2:1: unknown key `titel`",
        "did you mean `title`?",
        "e.toml:6:15: observations.early.reliability is 1.2",
        "a number in [0.5, 1]",
        "invalid id `Loud`",
        "e.toml:8:6: observations.Loud.on is the text \"soon\"",
        "e.toml:9:",
        "unknown key `reliable`",
        "did you mean `reliability`?",
        "missing key `observations.Loud.reliability`",
    ] {
        assert!(message.contains(part), "no {part:?} in\n{message}");
    }
    let message = refused(
        "schema = 1\n[observations.early]\non = 2021-12-31\nwhen = \"happened.rain\"\nreliability = 1\n\
         [observations.late]\non = 2022-01-04\nwhen = \"happened.rian\"\nreliability = 1\n",
    );
    for part in [
        "e.toml:3:6: observations.early is outside the rounds of `a`",
        "a moment after 2022-01-01 00:00 and up to the end of 2022-01-03",
        "e.toml:7:6: observations.late is outside",
    ] {
        assert!(message.contains(part), "no {part:?} in\n{message}");
    }
    let message = refused(
        "schema = 1\n[observations.a]\non = 2022-01-02\nwhen = \"happened.rian\"\nreliability = 1\n",
    );
    assert!(
        message.contains("e.toml:4:9: there is no action `rian`"),
        "{message}"
    );
    assert!(message.contains("did you mean `rain`?"), "{message}");
    assert_eq!(
        message.matches("there is no action").count(),
        1,
        "told once"
    );
    let message = refused(
        "schema = 1\n[observations.a]\non = 2022-01-02\nwhen = \"1\"\nreliability = 1\n\
         [observations.a]\non = 2022-01-02\nwhen = \"1\"\nreliability = 1\n",
    );
    assert!(message.contains("duplicate key `a`"), "{message}");
    let message = refused(
        "schema = 1\n[observations.a]\non = 2022-01-02\nwhen = \"1\"\nreliability = 0.9\ngroup = \"g\"\n\
         [observations.b]\non = 2022-01-02\nwhen = \"1\"\nreliability = 0.8\ngroup = \"g\"\n",
    );
    assert!(
        message.contains("one source, so reliability = 0.9"),
        "{message}"
    );
    let message = refused(
        "schema = 1\n[observations.a]\non = 2022-01-02\nwhen = \"1\"\n\
         reliability = 0.9\nunknown = true\n",
    );
    assert!(message.contains("nothing to weigh"), "{message}");
    let message = refused("schema = 1\n");
    assert!(
        message.contains("missing table [observations]"),
        "{message}"
    );
}

#[test]
fn evidence_that_cannot_be_read_has_exit_code_3() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("a.toml"), two_chances(0.3, 0.6)).expect("a file");
    for command in ["weigh a.toml a.toml --evidence", "run a.toml --given"] {
        let arguments: Vec<&str> = command.split(' ').chain(["no.toml"]).collect();
        let run = kzsim(&arguments, folder.path());
        assert_eq!(run.status.code(), Some(3), "{run:?}");
    }
    let error = Evidence::read(Path::new("no.toml"));
    assert!(matches!(error, Err(EvidenceError::Unreadable(_))));
}

fn folder_of_two() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).expect("a file");
    };
    file("a.toml", &two_chances(0.3, 0.6));
    file("b.toml", &two_chances(0.7, 0.6));
    file("never.toml", &two_chances(0.0, 0.6));
    file(
        "e.toml",
        &format!(
            "schema = 1\ntitle = \"Weather\"\n{}{}",
            observation("rain", "happened.rain", "reliability = 0.9"),
            observation("wind", "happened.wind", "reliability = 0.8\nunknown = true")
        ),
    );
    file(
        "sure.toml",
        &format!(
            "schema = 1\n{}",
            observation("rain", "happened.rain", "reliability = 1")
        ),
    );
    folder
}

fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(folder)
        .expect("a folder")
        .map(|e| e.expect("an entry"))
        .map(|e| {
            let name = e.file_name().to_string_lossy().into_owned();
            (name, fs::read(e.path()).expect("a file"))
        })
        .collect()
}

#[test]
fn weigh_writes_what_it_documents() {
    let folder = folder_of_two();
    let weigh = |threads: &str, out: &str| {
        let run = kzsim(
            &[
                "weigh",
                "a.toml",
                "b.toml",
                "--evidence",
                "e.toml",
                "--rounds",
                "5000",
                "--threads",
                threads,
                "--out",
                out,
                "--recover=200",
            ],
            folder.path(),
        );
        assert_eq!(run.status.code(), Some(0), "{run:?}");
        String::from_utf8(run.stdout).expect("UTF-8")
    };
    let printed = weigh("1", "one");
    weigh("3", "three");
    let one = contents(&folder.path().join("one"));
    assert_eq!(
        one,
        contents(&folder.path().join("three")),
        "the same bytes"
    );
    let names: Vec<&str> = one.keys().map(String::as_str).collect();
    let expected = "arrivals.csv bayes_factors.csv evidence.csv leave_one_out.csv look_next.csv manifest.json prequential.csv \
                    readings.csv recovery.csv";
    assert_eq!(names, expected.split(' ').collect::<Vec<_>>());
    for file in names.iter().filter(|n| **n != "manifest.json") {
        let text = String::from_utf8(one[*file].clone()).expect("UTF-8");
        assert!(text.lines().count() > 1, "{file} has rows");
    }
    let manifest: serde_json::Value = serde_json::from_slice(&one["manifest.json"]).expect("JSON");
    assert_eq!(manifest["command"], "weigh");
    assert_eq!(manifest["scenarios"][1]["scenario"], "b");
    assert_eq!(manifest["evidence"]["evidence"], "e");
    assert_eq!(manifest["rounds"], 5_000);
    // ln(0.66 / 0.34) = 0.66 against the first, and the posterior 0.66 under even priors.
    let text = String::from_utf8(one["readings.csv"].clone()).expect("UTF-8");
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = rows.records().map(|r| r.expect("a row")).collect();
    let number = |r: usize, c: usize| rows[r][c].parse::<f64>().expect("a number");
    assert!((number(1, 3) - 0.66).abs() < Z * 0.007, "{text}");
    assert!(
        (number(1, 7) - (0.66_f64 / 0.34).ln()).abs() < 0.08,
        "{text}"
    );
    assert!((number(1, 11) + number(0, 11) - 1.0).abs() < 1e-12);
    assert!(printed.contains("guilt"), "{printed}");
    assert!(printed.contains("What to look for next"), "{printed}");
}

#[test]
fn weigh_warns_where_nothing_matched() {
    let folder = folder_of_two();
    let run = kzsim(
        &[
            "weigh",
            "a.toml",
            "never.toml",
            "--evidence",
            "sure.toml",
            "--rounds",
            "200",
        ],
        folder.path(),
    );
    assert_eq!(run.status.code(), Some(0), "{run:?}");
    let printed = String::from_utf8(run.stdout).expect("UTF-8");
    assert!(printed.contains("no round of never matched"), "{printed}");
    assert!(
        printed.contains("for a (6") || printed.contains("for a (5"),
        "{printed}"
    );
    let text = fs::read_to_string(folder.path().join("results/weigh_sure/readings.csv"));
    let text = text.expect("a file");
    let never = text
        .lines()
        .find(|l| l.starts_with("never,"))
        .expect("a row");
    // Likelihood 0.0, an upper end above it, and no Bayes factor.
    assert!(never.contains(",200,0.0,0.0,0.0188"), "{never}");
}

/// What a command prints in a folder; its exit code is 0.
fn printed(folder: &Path, command: &str) -> String {
    let arguments: Vec<&str> = command.split(' ').collect();
    let run = kzsim(&arguments, folder);
    assert_eq!(run.status.code(), Some(0), "{run:?}");
    let text = String::from_utf8(run.stdout).expect("UTF-8");
    // Lines are broken anywhere.
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn rows(file: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(file).expect("a file");
    let rows = reader.deserialize();
    rows.map(|r| r.expect("a row")).collect()
}

#[test]
fn a_reading_that_nothing_of_fits_is_told_apart_by_its_bound() {
    let folder = folder_of_two();
    for order in ["a.toml never.toml", "never.toml a.toml"] {
        let command = format!("weigh {order} --evidence sure.toml --rounds 640 --force --out w");
        let text = printed(folder.path(), &command);
        for wrong in [
            " inf",
            "NaN",
            "∞",
            "Not distinguishable",
            " ? ",
            "nothing 100 %",
        ] {
            assert!(!text.contains(wrong), "{wrong:?} in\n{text}");
        }
        assert!(text.contains("without it"), "{text}");
        assert!(!text.contains("first place is not settled"), "{text}");
        for row in rows(&folder.path().join("w/bayes_factors.csv")) {
            assert_eq!(row["distinguishable"], "true", "{row:?}");
            let never = row["scenario"] == "never";
            assert_eq!(
                (row["ci_low"].is_empty(), row["ci_high"].is_empty()),
                (never, !never)
            );
        }
        for row in rows(&folder.path().join("w/readings.csv")) {
            let ends =
                ["posterior_low", "posterior_high"].map(|c| row[c].parse::<f64>().expect("an end"));
            assert!(ends[0] < ends[1], "{row:?}");
        }
    }
    // Two that nothing of fits.
    fs::copy(
        folder.path().join("never.toml"),
        folder.path().join("nil.toml"),
    )
    .expect("a copy");
    let text = printed(
        folder.path(),
        "weigh nil.toml never.toml --evidence sure.toml --rounds 640 --force --out w",
    );
    assert!(
        !text.contains("NaN") && !text.contains(" inf") && !text.contains("? to"),
        "{text}"
    );
    assert!(
        text.contains("Not distinguishable with this many rounds: never and nil"),
        "{text}"
    );
    let page = kzsim(&["report", "w", "--out", "page.html"], folder.path());
    assert_eq!(page.status.code(), Some(0), "{page:?}");
    let page = fs::read_to_string(folder.path().join("page.html")).expect("a page");
    assert!(page.contains("undefined") && !page.contains("NaN"));
}

#[test]
fn where_two_readings_are_settled_by_either_report_none_matters() {
    let folder = folder_of_two();
    let text = format!(
        "schema = 1\n{}{}",
        observation("rain", "happened.rain", "reliability = 0.99999"),
        observation("again", "happened.rain", "reliability = 0.99999")
    );
    fs::write(folder.path().join("twice.toml"), text).expect("a file");
    fs::write(folder.path().join("sure.toml"), two_chances(1.0, 0.5)).expect("a file");
    let text = printed(
        folder.path(),
        "weigh sure.toml never.toml --evidence twice.toml --rounds 640",
    );
    assert!(!text.contains("instead of > 99.9 %"), "{text}");
    let sentence = "No single observation matters: without any one of them the posterior of sure would \
                    still be > 99.9 %.";
    assert!(text.contains(sentence), "{text}");
}

#[test]
fn evidence_that_no_round_fits_leaves_bounds_and_empty_cells() {
    let folder = folder_of_two();
    let text = two_chances(0.0, 0.6) + "[parameters]\np = { min = 0.0, max = 1.0 }\n";
    fs::write(folder.path().join("never.toml"), text).expect("a file");
    for by in ["weights", "resampling"] {
        let command =
            format!("run never.toml --rounds 500 --given sure.toml --given-by {by} --out {by}");
        let text = printed(folder.path(), &command);
        assert!(
            text.contains("none of 500 rounds fits them. P(evidence) is below 0.0076"),
            "{text}"
        );
        let result = folder.path().join(by);
        for file in ["outcomes", "flags", "actions"] {
            for row in rows(&result.join(format!("given_{file}.csv"))) {
                let empty = ["probability", "ci_low", "ci_high"].map(|c| row[c].as_str());
                assert_eq!(empty, ["", "", ""], "{row:?}");
                assert_eq!(row["effective_rounds"], "0.0", "{row:?}");
            }
        }
        for row in rows(&result.join("given_priors.csv")) {
            let empty = ["p05", "p50", "p95", "upper_half", "ci_low", "ci_high"];
            assert!(empty.iter().all(|c| row[*c].is_empty()), "{row:?}");
            assert_eq!(
                (row["moved"].as_str(), row["effective_values"].as_str()),
                ("false", "0.0")
            );
        }
        let report = &rows(&result.join("given_evidence.csv"))[0];
        assert_eq!(report["likelihood_so_far"], "0.0");
        let bound: f64 = report["likelihood_at_most"].parse().expect("a bound");
        assert_eq!(bound, wilson(0, 500).high);
        let page = kzsim(&["report", by, "--out", "page.html"], folder.path());
        assert_eq!(page.status.code(), Some(0), "{page:?}");
        let page = fs::read_to_string(folder.path().join("page.html")).expect("a page");
        assert!(page.contains("No round fits the evidence"));
    }
}

#[test]
fn evidence_that_says_nothing_of_a_prior_leaves_its_percentiles() {
    // About half of 4,000 rounds fit, whatever the prior: its 95th percentile has an error of 0.01.
    let folder = folder_of_two();
    let prior = "[parameters]\np = { low = 0.0, mode = 0.2, high = 1.0 }\n";
    let text = two_chances(0.5, 0.6) + prior;
    fs::write(folder.path().join("a.toml"), text).expect("a file");
    for by in ["weights", "resampling"] {
        let run = format!("run a.toml --rounds 4000 --given sure.toml --given-by {by} --out {by}");
        printed(folder.path(), &run);
        let row = &rows(&folder.path().join(by).join("given_priors.csv"))[0];
        let number = |column: &str| row[column].parse::<f64>().expect("a number");
        for p in ["p05", "p50", "p95"] {
            let moved = number(p) - number(&format!("before_{p}"));
            assert!(moved.abs() < 0.05, "{p}: {row:?}");
        }
    }
}

#[test]
fn a_few_values_of_a_prior_are_no_distribution() {
    // Of 40 rounds about 4 fit: their values look like a narrow posterior.
    let folder = folder_of_two();
    let text = two_chances(0.1, 0.6) + "[parameters]\np = { min = 0.0, max = 1.0 }\n";
    fs::write(folder.path().join("a.toml"), text).expect("a file");
    for by in ["weights", "resampling"] {
        printed(
            folder.path(),
            &format!("run a.toml --rounds 40 --given sure.toml --given-by {by} --force --out few"),
        );
        let row = &rows(&folder.path().join("few/given_priors.csv"))[0];
        let values: f64 = row["effective_values"].parse().expect("a number");
        assert!(0.0 < values && values < 20.0, "{row:?}");
        assert!(
            ["p05", "p50", "p95"].iter().all(|c| row[*c].is_empty()),
            "{row:?}"
        );
        printed(
            folder.path(),
            &format!(
                "run a.toml --rounds 4000 --given sure.toml --given-by {by} --force --out many"
            ),
        );
        let row = &rows(&folder.path().join("many/given_priors.csv"))[0];
        assert!(
            ["p05", "p50", "p95"].iter().all(|c| !row[*c].is_empty()),
            "{row:?}"
        );
    }
}

#[test]
fn an_answer_that_takes_a_report_for_an_error_says_so() {
    let folder = folder_of_two();
    let text = format!(
        "schema = 1\n{}",
        observation("rain", "happened.rain", "reliability = 0.999")
    );
    fs::write(folder.path().join("hard.toml"), text).expect("a file");
    let warning = "given the evidence, the report on rain (no round that fits shows it; reliability 0.999) is \
                   probably wrong, and the answer is mostly about rounds in which it is. The intervals cannot \
                   allow for rounds";
    for by in ["weights", "resampling"] {
        let command = format!(
            "run never.toml --rounds 2000 --given hard.toml --given-by {by} --force --out never"
        );
        let text = printed(folder.path(), &command);
        assert!(text.contains(warning), "{text}");
        assert!(!text.contains("2,000 effective rounds for each"), "{text}");
        let report = &rows(&folder.path().join("never/given_evidence.csv"))[0];
        assert_eq!(report["probability_wrong"], "1.0");
        let page = kzsim(&["report", "never", "--out", "page.html"], folder.path());
        assert_eq!(page.status.code(), Some(0), "{page:?}");
        let page = fs::read_to_string(folder.path().join("page.html")).expect("a page");
        assert!(page.contains(warning));
    }
    let text = printed(
        folder.path(),
        "run a.toml --rounds 2000 --given hard.toml --out fits",
    );
    assert!(!text.contains("probably wrong"), "{text}");
    let report = &rows(&folder.path().join("fits/given_evidence.csv"))[0];
    // 0.001 · 0.7 / (0.999 · 0.3 + 0.001 · 0.7)
    let wrong: f64 = report["probability_wrong"].parse().expect("a number");
    assert!((wrong - 0.002_33).abs() < 0.000_5, "{wrong}");
    let text = printed(
        folder.path(),
        "weigh never.toml a.toml --evidence hard.toml --rounds 640 --out w",
    );
    assert!(
        text.contains(
            "Warning: no round of never that fits shows what rain reports (reliability 0.999): never fits only \
             if that report is wrong."
        ),
        "{text}"
    );
    assert!(!text.contains("of a that fits"), "{text}");
}

#[test]
fn reports_that_are_probably_wrong_are_told_once_and_as_what_they_are() {
    let folder = folder_of_two();
    let file = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).expect("a file");
    };
    let of = |observations: &[(&str, &str)]| {
        let each = observations.iter();
        let each = each.map(|(what, more)| observation(what, &format!("happened.{what}"), more));
        format!("schema = 1\n{}", each.collect::<String>())
    };
    // Rounds show it, but few: 0.01 · 0.99 / (0.01 · 0.99 + 0.99 · 0.01) is one half at a chance of 0.01.
    file("seldom.toml", &two_chances(0.002, 0.6));
    file("rain.toml", &of(&[("rain", "reliability = 0.99")]));
    let page = |folder: &Path, result: &str| {
        printed(folder, &format!("report {result} --out page.html"));
        fs::read_to_string(folder.join("page.html")).expect("a page")
    };
    let text = printed(
        folder.path(),
        "weigh seldom.toml a.toml --evidence rain.toml --rounds 6400 --out w",
    );
    let head = "given the evidence, the report on rain is probably wrong under seldom (8";
    assert!(text.contains(&format!("Warning: {head}")), "{text}");
    assert!(!text.contains("fits only"), "{text}");
    assert!(page(folder.path(), "w").contains(&format!("Warning: {head}")));
    let text = printed(
        folder.path(),
        "run seldom.toml --given rain.toml --rounds 6400 --given-by weights --out r",
    );
    for text in [text, page(folder.path(), "r")] {
        let part = "reliability 0.99) is probably wrong, and the answer is mostly about rounds in which it is.";
        assert!(text.contains(part), "{text}");
        // Rounds that show it were met.
        assert!(!text.contains("The intervals cannot allow for"), "{text}");
    }
    // Two of one reading are one paragraph; two of a group are one report; what nobody counted on is no news.
    file("nothing.toml", &two_chances(0.0, 0.0));
    let sure = "reliability = 0.95";
    let together = "reliability = 0.95\ngroup = \"gazette\"";
    let doubtful = "reliability = 0.7";
    let never = "no round that fits shows it";
    for (first, second, told) in [
        (
            sure,
            sure,
            format!(
                "under nothing these reports are probably wrong: rain ({never}), wind ({never})."
            ),
        ),
        (
            together,
            together,
            "of nothing that fits shows what rain and wind reports".to_owned(),
        ),
        (
            sure,
            doubtful,
            "of nothing that fits shows what rain reports".to_owned(),
        ),
    ] {
        file("two.toml", &of(&[("rain", first), ("wind", second)]));
        let text = printed(
            folder.path(),
            "weigh nothing.toml a.toml --evidence two.toml --rounds 640 --force --out w",
        );
        assert!(text.contains(&told), "{told}\n{text}");
        assert_eq!(
            text.matches("Warning: no round of").count() + text.matches("Warning: under").count(),
            1
        );
        printed(
            folder.path(),
            "run nothing.toml --given two.toml --rounds 640 --given-by weights --force --out r",
        );
        let page = page(folder.path(), "r");
        let once = page.matches("The intervals cannot allow for").count();
        // In the caption, in words, and in the descriptions of both drawings.
        assert_eq!(once, 4, "{told}");
    }
}

#[test]
fn where_one_island_has_all_the_weight_no_number_of_rounds_is_told() {
    let folder = folder_of_two();
    fs::write(folder.path().join("rare.toml"), two_chances(0.002, 0.6)).expect("a file");
    let alone = (0..40).find_map(|seed| {
        let command = format!(
            "run rare.toml --rounds 500 --seed {seed} --given sure.toml --given-by resampling --force --out r"
        );
        let text = printed(folder.path(), &command);
        text.contains("one island (rounds that were resampled together) has all the weight")
            .then_some(text)
    });
    // One round in 500 fits in 37 % of seeds.
    let text = alone.expect("a seed with one round that fits");
    for part in [
        "the error of the outcomes is not known, by resampling",
        "so the error cannot be estimated. Run more rounds.",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(
        !text.contains(" 0 effective rounds") && !text.contains("fewer than 100"),
        "{text}"
    );
    printed(folder.path(), "report r --out page.html");
    let page = fs::read_to_string(folder.path().join("page.html")).expect("a page");
    assert!(page.contains("Warning: the error of the outcomes is not known."));
}

#[test]
fn a_run_of_few_rounds_holds_the_truth_as_often_as_it_says() {
    // Through the program: of 40 intervals that cover with probability 0.95 at least 29 do, but for a
    // probability of 1e-6 (binomial).
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (scenario, e, truth) = rare_fact(0.05, 0.95);
    fs::write(folder.path().join("rare.toml"), scenario).expect("a file");
    let text = "schema = 1\n[observations.shot]\non = 2022-01-01\nwhen = \"happened.shot\"\nreliability = 0.95\n";
    fs::write(folder.path().join("e.toml"), text).expect("a file");
    assert_eq!(e.observations.len(), 1);
    let mut covered = 0;
    for seed in 0..40 {
        printed(
            folder.path(),
            &format!(
                "run rare.toml --rounds 1000 --seed {seed} --threads 1 --given e.toml --given-by resampling --out r"
            ),
        );
        let row = &rows(&folder.path().join("r/given_outcomes.csv"))[0];
        let [low, high, n] = ["ci_low", "ci_high", "effective_rounds"]
            .map(|c| row[c].parse::<f64>().expect("a number"));
        covered += u32::from(low <= truth[0] && truth[0] <= high);
        assert!(n < 1_000.0, "{row:?}");
    }
    assert!(covered >= 29, "{covered} of 40");
}

#[test]
fn priors_are_asked_for_by_name() {
    let folder = folder_of_two();
    let weigh = |more: &[&str]| {
        let mut arguments = vec![
            "weigh",
            "a.toml",
            "b.toml",
            "--evidence",
            "e.toml",
            "--rounds",
            "640",
        ];
        arguments.extend(more);
        kzsim(&arguments, folder.path())
    };
    for (more, part) in [
        (vec!["--prior", "a=1"], "no prior weight for b"),
        (
            vec!["--prior", "a=1", "--prior", "c=1"],
            "the readings are a, b",
        ),
        (vec!["--prior", "a=x"], "a weight of 0 or more"),
        (vec!["--prior", "a"], "NAME=WEIGHT"),
        (vec!["--prior", "a=1", "--prior", "a=1"], "given twice"),
        (
            vec!["--prior", "a=0", "--prior", "b=0"],
            "every prior weight is 0",
        ),
    ] {
        let run = weigh(&more);
        assert_eq!(run.status.code(), Some(2), "{run:?}");
        let message = String::from_utf8(run.stderr).expect("UTF-8");
        assert!(message.contains(part), "no {part:?} in {message}");
    }
    let run = weigh(&["--prior", "a=3", "--prior", "b=1"]);
    assert_eq!(run.status.code(), Some(0), "{run:?}");
    let text = fs::read_to_string(folder.path().join("results/weigh_e/readings.csv"));
    assert!(text.expect("a file").contains(",0.75,"));
    let same = kzsim(
        &["weigh", "a.toml", "a.toml", "--evidence", "e.toml"],
        folder.path(),
    );
    assert_eq!(same.status.code(), Some(2));
}

#[test]
fn a_run_given_evidence_adds_its_files_and_leaves_the_others_as_they_were() {
    let folder = folder_of_two();
    let run = |more: &[&str], out: &str| {
        let mut arguments = vec!["run", "a.toml", "--rounds", "4000", "--out", out];
        arguments.extend(more);
        let run = kzsim(&arguments, folder.path());
        assert_eq!(run.status.code(), Some(0), "{run:?}");
        String::from_utf8(run.stdout).expect("UTF-8")
    };
    run(&[], "plain");
    let printed = run(&["--given", "e.toml"], "given");
    let plain = contents(&folder.path().join("plain"));
    let with = contents(&folder.path().join("given"));
    for (name, bytes) in plain.iter().filter(|(n, _)| *n != "manifest.json") {
        assert_eq!(Some(bytes), with.get(name), "{name}");
    }
    assert!(printed.contains("Given: Weather"), "{printed}");
    // P(rain | it is reported) = 0.27 / (0.27 + 0.07) = 0.794.
    let text = String::from_utf8(with["given_outcomes.csv"].clone()).expect("UTF-8");
    let wet: Vec<&str> = text.lines().nth(1).expect("a row").split(',').collect();
    let share: f64 = wet[3].parse().expect("a number");
    assert!((share - 0.794).abs() < Z * 0.012, "{text}");
    let printed = run(
        &["--given", "e.toml", "--given-by", "resampling"],
        "resampled",
    );
    assert!(printed.contains("by resampling"), "{printed}");
}

#[test]
fn check_knows_an_evidence_file_when_it_sees_one() {
    let folder = folder_of_two();
    let run = kzsim(&["check", "a.toml", "e.toml"], folder.path());
    assert_eq!(run.status.code(), Some(0), "{run:?}");
    let told = String::from_utf8(run.stdout).expect("UTF-8");
    assert!(
        told.contains("e.toml: good evidence, 2 observations"),
        "{told}"
    );
    let run = kzsim(
        &["check", "a.toml", "b.toml", "--evidence", "e.toml"],
        folder.path(),
    );
    assert_eq!(run.status.code(), Some(0), "{run:?}");
    fs::write(
        folder.path().join("bad.toml"),
        "schema = 1\n[observations.a]\non = 5\n",
    )
    .expect("a file");
    let run = kzsim(&["check", "bad.toml"], folder.path());
    assert_eq!(run.status.code(), Some(2), "{run:?}");
}

#[test]
fn words_of_an_analyst_are_no_formulas_in_a_cell() {
    let folder = folder_of_two();
    let text = two_chances(0.3, 0.6)
        + "[parameters]\np = { min = 0.0, max = 1.0, says = \"=HYPERLINK(1)\" }\n";
    fs::write(folder.path().join("a.toml"), text).expect("a file");
    let arguments = ["run", "a.toml", "--rounds", "200", "--given", "e.toml"];
    let run = kzsim(&arguments, folder.path());
    assert_eq!(run.status.code(), Some(0), "{run:?}");
    let text = fs::read_to_string(folder.path().join("results/a/given_priors.csv"));
    assert!(text.expect("a file").contains(",'=HYPERLINK(1),"));
}
