//! How far shares move across sets of guesses and forms of the model, as a run says it.

use std::collections::BTreeMap;
use std::path::Path;

use crate::support::{GOOD, code, contents, err, kzsim, out, write};

type Rows = Vec<BTreeMap<String, String>>;

fn rows(file: &Path) -> Rows {
    let mut reader = csv::Reader::from_path(file).expect("a table");
    reader
        .deserialize()
        .map(|row| row.expect("a row"))
        .collect()
}

fn number(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column]
        .parse()
        .unwrap_or_else(|_| panic!("{column} of {row:?}"))
}

fn play(folder: &Path, arguments: &[&str]) -> String {
    let done = kzsim(arguments, folder);
    assert_eq!((code(&done), err(&done).as_str()), (0, ""), "{arguments:?}");
    out(&done)
}

#[test]
fn ranges_hold_what_was_played_and_change_nothing_else() {
    let w = write(GOOD);
    let root = w.folder.path();
    let text = play(
        root,
        &["run", "test.toml", "--rounds", "2000", "--out", "a"],
    );
    assert!(
        text.contains("across guesses") && text.contains("across forms"),
        "{text}"
    );
    assert!(text.contains("thresholds=logistic"), "{text}");
    play(
        root,
        &[
            "run",
            "test.toml",
            "--rounds",
            "2000",
            "--out",
            "b",
            "--no-ranges",
        ],
    );
    let (with, without) = (
        rows(&root.join("a/outcomes.csv")),
        rows(&root.join("b/outcomes.csv")),
    );
    for (a, b) in with.iter().zip(&without) {
        for (column, cell) in b {
            let is_range = column.starts_with("guesses_") || column.starts_with("forms_");
            assert!(
                if is_range {
                    cell.is_empty()
                } else {
                    *cell == a[column]
                },
                "{column}"
            );
        }
        assert!(number(a, "forms_low") <= number(a, "probability"));
        assert!(number(a, "probability") <= number(a, "forms_high"));
        assert!(number(a, "guesses_low") <= number(a, "guesses_high"));
    }
    assert!(!root.join("b/guesses.csv").exists() && !root.join("b/forms.csv").exists());
    // The same by its folder alone, with and without.
    for folder in ["a", "b"] {
        let again = format!("{folder}2");
        play(root, &["run", "--like", folder, "--out", &again]);
        assert_eq!(contents(&root.join(folder)), contents(&root.join(again)));
    }
    // Ranges are not lost without a word.
    let done = kzsim(
        &[
            "run",
            "test.toml",
            "--rounds",
            "2000",
            "--out",
            "a",
            "--no-ranges",
        ],
        root,
    );
    assert_eq!(code(&done), 3);
    assert!(
        err(&done).contains("left out with --no-ranges"),
        "{}",
        err(&done)
    );
}

#[test]
fn a_form_is_what_playing_it_gives() {
    let w = write(GOOD);
    let root = w.folder.path();
    play(
        root,
        &[
            "run",
            "test.toml",
            "--rounds",
            "60000",
            "--out",
            "own",
            "--quiet",
        ],
    );
    let setting = "dynamics.choice=best_reply";
    play(
        root,
        &[
            "run",
            "test.toml",
            "--rounds",
            "60000",
            "--set",
            setting,
            "--out",
            "other",
            "--quiet",
        ],
    );
    let own = rows(&root.join("own/outcomes.csv"));
    let other = rows(&root.join("other/outcomes.csv"));
    let forms = rows(&root.join("own/forms.csv"));
    let formed: Vec<_> = forms
        .iter()
        .filter(|r| r["form"] == "choice=best_reply")
        .collect();
    assert_eq!(formed.len(), own.len());
    for ((form, a), b) in formed.iter().zip(&own).zip(&other) {
        let truth = number(b, "probability") - number(a, "probability");
        // Both have an error; three times the half width of an interval is six standard errors.
        let half = (number(form, "ci_high") - number(form, "ci_low")) / 2.0;
        let error = number(a, "ci_high") - number(a, "ci_low");
        assert!(
            (number(form, "difference") - truth).abs() < 2.0 * half + error,
            "{form:?}: {truth}"
        );
    }
}

#[test]
fn where_there_are_no_ranges_it_is_said_why() {
    let w = write(GOOD);
    let root = w.folder.path();
    let text = play(
        root,
        &["run", "test.toml", "--rounds", "511", "--out", "few"],
    );
    assert!(text.contains("512 rounds or more"), "{text}");
    assert!(!root.join("few/guesses.csv").exists());
    let text = play(
        root,
        &[
            "run",
            "test.toml",
            "--rounds",
            "2000",
            "--shard",
            "0/2",
            "--out",
            "part",
        ],
    );
    assert!(text.contains("when shards are merged"), "{text}");
    let text = play(
        root,
        &[
            "run",
            "test.toml",
            "--rounds",
            "2000",
            "--no-ranges",
            "--out",
            "none",
        ],
    );
    assert!(text.contains("--no-ranges"), "{text}");
    // Without anything to guess there is nothing to spread.
    let priors = [
        "parameters.nerve",
        "actors.new.loyalty.old",
        "actors.army.loyalty.old",
        "crowds.capital.grievance",
    ];
    let settings = priors.map(|path| format!("{path}=0.4"));
    let mut arguments = vec!["run", "test.toml", "--rounds", "2000", "--out", "certain"];
    arguments.extend(settings.iter().flat_map(|setting| ["--set", setting]));
    let text = play(root, &arguments);
    assert!(text.contains("Nothing is guessed"), "{text}");
    assert!(root.join("certain/forms.csv").exists() && !root.join("certain/guesses.csv").exists());
    assert!(
        rows(&root.join("certain/outcomes.csv"))
            .iter()
            .all(|r| r["guesses_low"].is_empty())
    );
}
