//! What the program says where expressions leave the finite numbers, limits stop actions, or rates are
//! too high for the step.

use serde_json::{Value, json};

use crate::support::{done, out, write};

const TEXT: &str = "schema = 1\nrounds = 500\n[contenders]\none = {}\ntwo = {}\n[clock]\nstart = 2022-01-01\n\
    days = 10\n[arenas]\nall = 1.0\n[actors.one]\npower.all = 1.0\n[actors.two]\npower.all = 1.0\n\
    [variables]\nx = 0\n[actions.infect]\nrate = 20\nlimit = 50\neffects = ['x += 1']\n\
    [actions.odd]\nrate = '1 / (x - x)'\neffects = ['x += 1']\n[outcomes.end]\notherwise = true\n";
/// A decision that lapses in every round.
const LAPSES: &str =
    "[actions.order]\nat = 2022-01-02\ndelay = '2d'\nstill = 'x < 0'\n[outcomes.end]";

#[test]
fn run_check_and_manifest_tell_it() {
    let w = write(&TEXT.replace("[outcomes.end]", LAPSES));
    let check = out(&done(&w, "check test.toml"));
    assert!(
        check.contains(
            "note: actions.infect.rate means at least 5.0 expected decisions in every step"
        ),
        "{check}"
    );
    let run = out(&done(&w, "run test.toml --shard 0/2 --out a"));
    done(&w, "run test.toml --shard 1/2 --out b");
    let merged = out(&done(&w, "merge a b --out all"));
    for text in [&run, &merged] {
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for line in [
            "Expressions without a value (counted as false, 0 or no change): actions.odd.rate = `1 / (x - x)` in 100 % of rounds.",
            "Stopped by their limit, although they would have been decided again: infect (limit = 50) in 100 % of rounds.",
            "Rates so high that more than one decision was expected within a step (a shorter clock.step would be more \
             accurate): infect in 100 % of rounds.",
            "Decided, but lapsed before taking effect, in more rounds than took effect: order in 100 % of rounds.",
        ] {
            assert!(flat.contains(line), "{line}: {flat}");
        }
    }
    let text =
        std::fs::read_to_string(w.folder.path().join("all/manifest.json")).expect("a manifest");
    let manifest: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(
        manifest["undefined"],
        json!([{"path": "actions.odd.rate", "expression": "1 / (x - x)", "rounds": 500}])
    );
    let rows = std::fs::read_to_string(w.folder.path().join("all/actions.csv")).expect("a table");
    assert!(
        rows.lines()
            .next()
            .is_some_and(|l| l.ends_with(",limited,crowded,lapsed")),
        "{rows}"
    );
    assert!(
        rows.lines()
            .nth(1)
            .is_some_and(|l| l.ends_with(",500,500,0")),
        "{rows}"
    );
    let coverage = out(&done(&w, "check test.toml --coverage=200"));
    for line in [
        "expressions that had no value in some round, of those that can lack one: 1 of 1",
        "in 100 % of rounds: actions.odd.rate = 1 / (x - x)",
        "infect: stopped by its limit (50) in 100 % of rounds, although it would have been decided again",
        "order: a decision lapsed before it took effect in 100 % of rounds, more than took effect",
    ] {
        assert!(coverage.contains(line), "{line}: {coverage}");
    }
}

#[test]
fn nothing_is_said_where_nothing_is_wrong() {
    let w = write(
        &TEXT
            .replace("rate = 20", "rate = 0.2")
            .replace("'1 / (x - x)'", "1"),
    );
    assert!(!out(&done(&w, "check test.toml")).contains("note:"));
    let run = out(&done(&w, "run test.toml"));
    assert!(
        !run.contains("without a value") && !run.contains("Stopped") && !run.contains("lapsed"),
        "{run}"
    );
    let text = std::fs::read_to_string(w.folder.path().join("results/test/manifest.json"));
    assert!(!text.expect("a manifest").contains("undefined"));
}
