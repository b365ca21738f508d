//! `kzsim report`: pages that need nothing from elsewhere, pictures that are told in words too, and
//! numbers that are those of the files. A real browser looks at pages in `tests/report/check.mjs`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use roxmltree::{Document, Node};

use crate::support::{GOOD, Written, code, done, err, files, out, told, write};

const EVIDENCE: &str = r#"schema = 1
title = "What was seen"
[observations.moved]
says = "it moved"
on = 2022-01-05
when = "happened.move"
reliability = 0.9
source = "an example"
"#;

/// Results of every command that has pictures, and the pictures that each must have.
pub(crate) const RESULTS: [(&str, &str, &[&str]); 10] = [
    (
        "run",
        "run test.toml --rounds 400 --follow loyalty.army.new,stance.army.aside",
        &[
            "outcomes",
            "outcomes_by_day",
            "support",
            "turnout",
            "followed",
            "sides",
            "loyalties",
            "actions",
            "flags",
            "variance",
        ],
    ),
    (
        "given",
        "run test.toml --rounds 400 --given evidence.toml",
        &["outcomes"],
    ),
    ("one", "run test.toml --rounds 1", &["outcomes"]),
    ("compare", "compare test.toml other.toml --rounds 400", &[]),
    (
        "weigh",
        "weigh test.toml other.toml --evidence evidence.toml --rounds 400",
        &[],
    ),
    ("sobol", "sensitivity test.toml --rows 64", &[]),
    (
        "morris",
        "sensitivity test.toml --method morris --rows 64",
        &[],
    ),
    (
        "given_data",
        "sensitivity test.toml --method given --rows 2000",
        &[],
    ),
    (
        "sweep",
        "sweep test.toml --over parameters.nerve=0..1:3 --rounds 200",
        &[],
    ),
    ("discover", "discover test.toml --rounds 4000", &[]),
];

/// A folder with all of them.
pub(crate) fn results() -> Written {
    let w = write(GOOD);
    let root = w.folder.path();
    fs::write(root.join("evidence.toml"), EVIDENCE).expect("a file");
    fs::write(
        root.join("other.toml"),
        GOOD.replace("opportunism = 0.5", "opportunism = 0.1"),
    )
    .expect("a file");
    for (name, line, _) in RESULTS {
        done(&w, &format!("{line} --out {name}"));
    }
    w
}

/// The pictures of a page, as documents of their own.
fn pictures(page: &str) -> Vec<String> {
    page.split("<svg")
        .skip(1)
        .map(|rest| {
            let end = rest.find("</svg>").expect("an end");
            format!("<svg{}</svg>", &rest[..end])
        })
        .collect()
}

fn child<'a>(node: Node<'a, 'a>, name: &str) -> Option<String> {
    let found = node
        .children()
        .find(|c| c.has_tag_name(("http://www.w3.org/2000/svg", name)))?;
    found.text().map(str::to_owned)
}

/// Title and description of a picture that is well-formed.
fn read(picture: &str) -> (String, String) {
    let document = Document::parse(picture).unwrap_or_else(|e| panic!("{e}: {picture}"));
    let root = document.root_element();
    assert_eq!(root.attribute("role"), Some("img"));
    let ids: Vec<&str> = root
        .attribute("aria-labelledby")
        .expect("labels")
        .split(' ')
        .collect();
    for id in ids {
        assert!(
            root.descendants().any(|n| n.attribute("id") == Some(id)),
            "no {id}"
        );
    }
    let title = child(root, "title").expect("a title");
    let text = child(root, "desc").expect("a description");
    assert!(
        !title.trim().is_empty() && text.trim().len() > 20,
        "{title}: {text}"
    );
    (title, text)
}

/// What a page must not hold: anything that is loaded from elsewhere, or that runs.
fn alone(page: &str) {
    let lower = page.to_lowercase();
    for forbidden in [
        "<script",
        "<link",
        "<img",
        "<iframe",
        "<object",
        "@import",
        "src=",
        "javascript:",
        "<base",
    ] {
        assert!(!lower.contains(forbidden), "{forbidden}");
    }
    for (i, _) in lower.match_indices("url(") {
        assert!(lower[i..].starts_with("url(#"), "{}", &page[i..i + 40]);
    }
    for (i, _) in lower.match_indices("href=") {
        assert!(lower[i..].starts_with("href=\"#"), "{}", &page[i..i + 40]);
    }
}

#[test]
fn every_result_becomes_a_page_that_needs_nothing_else() {
    let w = results();
    for (name, _, wanted) in RESULTS {
        let shown = done(&w, &format!("report {name}"));
        assert!(
            out(&shown).contains(&format!("{name}/report.html")),
            "{}",
            out(&shown)
        );
        let folder = w.folder.path().join(name);
        let page = fs::read_to_string(folder.join("report.html")).expect("a page");
        alone(&page);
        assert!(page.starts_with("<!DOCTYPE html>") && page.contains("<html lang=\"en\">"));
        for part in [
            "What the numbers do not mean",
            "They are not forecasts",
            "guilt of any person",
            "prefers-color-scheme:dark",
            "@media print",
            "name=\"viewport\"",
        ] {
            assert!(page.contains(part), "{name}: {part}");
        }
        let all = pictures(&page);
        assert!(!all.is_empty(), "{name} has no picture");
        let mut ids: Vec<&str> = page
            .split(" id=\"")
            .skip(1)
            .filter_map(|r| r.split('"').next())
            .collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "{name}: two elements have one id");
        for picture in &all {
            read(picture);
        }
        // The data of every picture lie in the folder, under the name that the page gives.
        let data: Vec<&str> = page
            .split("Data: <code>")
            .skip(1)
            .filter_map(|r| r.split('<').next())
            .collect();
        assert!(!data.is_empty(), "{name}");
        for file in data {
            let path = folder.join(file);
            let mut reader =
                csv::Reader::from_path(&path).unwrap_or_else(|e| panic!("{file}: {e}"));
            assert!(reader.headers().expect("a header").len() > 2, "{file}");
            for row in reader.records() {
                row.expect("a row");
            }
        }
        // Single pictures: each stands alone, and says the same.
        done(&w, &format!("report {name} --format svg --out {name}_svg"));
        let names = files(&w.folder.path().join(format!("{name}_svg")));
        for picture in wanted {
            let file = format!("report_{picture}.svg");
            assert!(names.contains(&file), "{name}: no {file} in {names:?}");
        }
        for file in names.iter().filter(|n| n.ends_with("svg")) {
            let text = fs::read_to_string(w.folder.path().join(format!("{name}_svg/{file}")))
                .expect("a picture");
            read(&text);
            assert!(!text.contains("NaN") && !text.contains("inf "), "{file}");
        }
        // The result itself is as it was: the manifest still holds.
        done(&w, &format!("report {name} --out again.html"));
        assert_eq!(
            fs::read(w.folder.path().join("again.html")).expect("a page"),
            page.into_bytes(),
            "{name}: the same bytes twice"
        );
    }
}

/// Rows of a CSV file, by column.
fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).expect("a CSV file");
    reader.deserialize().map(|r| r.expect("a row")).collect()
}

#[test]
fn words_say_what_the_files_say() {
    let w = write(GOOD);
    done(&w, "run test.toml --rounds 4000 --out a");
    done(&w, "report a");
    let folder = w.folder.path().join("a");
    let page = fs::read_to_string(folder.join("report.html")).expect("a page");
    let all: Vec<(String, String)> = pictures(&page).iter().map(|p| read(p)).collect();
    let text_of = |title: &str| {
        let found = all.iter().find(|(t, _)| t == title);
        match found {
            Some((_, text)) => text.clone(),
            None => panic!("no {title} in {all:?}"),
        }
    };
    let outcomes = text_of("How often each outcome occurs");
    // Three figures, as the page writes shares, and at most two decimals of a per cent.
    let close = |text: &str, name: &str, share: f64| {
        let after = text
            .split(&format!("{name} "))
            .nth(1)
            .unwrap_or_else(|| panic!("{name}: {text}"));
        let number: f64 = after
            .split(" %")
            .next()
            .and_then(|n| n.parse().ok())
            .unwrap_or_else(|| panic!("{after}"));
        assert!(
            (number / 100.0 - share).abs() <= 0.006 * share.max(0.01),
            "{name}: {number} for {share}"
        );
    };
    for row in rows(&folder.join("outcomes.csv")) {
        let share: f64 = row["probability"].parse().expect("a number");
        close(&outcomes, &row["name"], share);
        assert!(
            page.contains(&format!("<td>{}</td>", row["probability"]))
                || page.contains(&row["probability"]),
            "{row:?}"
        );
    }
    let flags = text_of("What happens on the way");
    for row in rows(&folder.join("flags.csv")) {
        close(
            &flags,
            &row["flag"],
            row["probability"].parse().expect("a number"),
        );
    }
}

#[test]
fn folders_stand_side_by_side() {
    let w = results();
    done(&w, "report run given compare sobol --out all.html");
    let page = fs::read_to_string(w.folder.path().join("all.html")).expect("a page");
    alone(&page);
    let titles: Vec<String> = pictures(&page).iter().map(|p| read(p).0).collect();
    assert!(titles.len() >= 12, "{titles:?}");
    assert!(
        page.contains(">A<") && page.contains(">D<"),
        "folders have letters"
    );
    // Every picture of all rounds of a run with evidence says that it is before the evidence.
    let said = |page: &str| {
        page.matches("Without the evidence: all rounds count equally, whether or not they fit it.")
            .count()
    };
    done(&w, "report given --out given.html");
    let alone = fs::read_to_string(w.folder.path().join("given.html")).expect("a page");
    let all = pictures(&alone)
        .iter()
        .map(|p| read(p).0)
        .filter(|t| t.ends_with(", before the evidence"))
        .count();
    assert!(all >= 14 && said(&alone) >= all, "{all} drawings");
    assert!(said(&page) >= 7, "{}", said(&page));
    assert!(page.contains("For B these are the shares before the evidence"));
    let beside = files(w.folder.path());
    assert!(
        beside
            .iter()
            .any(|f| f.starts_with("report_") && f.ends_with("_a.csv")),
        "{beside:?}"
    );
    assert!(
        beside
            .iter()
            .any(|f| f.starts_with("report_") && f.ends_with("_b.csv")),
        "{beside:?}"
    );
}

/// A page begins with the answer; several scenarios are one picture, and what explains it further is folded,
/// unless everything is asked for.
#[test]
fn the_answer_comes_first_and_the_rest_is_folded() {
    let w = write(GOOD);
    let root = w.folder.path();
    for (name, opportunism) in [("other", "0.1"), ("third", "0.9")] {
        let changed = GOOD
            .replace("opportunism = 0.5", &format!("opportunism = {opportunism}"))
            .replace("A good scenario", &format!("What if: {name} things"));
        fs::write(root.join(format!("{name}.toml")), changed).expect("a file");
    }
    done(
        &w,
        "compare test.toml other.toml third.toml --rounds 400 --out c",
    );
    let page = |options: &str| {
        done(&w, &format!("report c {options}"));
        fs::read_to_string(root.join("c/report.html")).expect("a page")
    };
    let place = |page: &str, what: &str| {
        page.find(what)
            .unwrap_or_else(|| panic!("no {what} in the page"))
    };
    let short = page("");
    let titles: Vec<String> = pictures(&short).iter().map(|p| read(p).0).collect();
    assert_eq!(titles[0], "What each change does to each outcome");
    assert!(place(&short, &titles[0]) < place(&short, "id=\"assumptions\""));
    let more = place(&short, "id=\"more\"");
    for folded in [
        "How outcomes differ: other",
        "How outcomes of the same rounds change: third",
    ] {
        assert!(short[more..].contains(folded) && titles.iter().any(|t| t == folded));
    }
    // Every scenario has a row with its own words, and every outcome a column, as the table has them.
    let (_, text) = read(&pictures(&short)[0]);
    assert!(
        text.contains("other things: ") && text.contains("third things: "),
        "{text}"
    );
    let drawn: Vec<BTreeMap<String, String>> = rows(&root.join("c/report_effects.csv"));
    let all = rows(&root.join("c/differences.csv"));
    let outcomes = all.iter().filter(|r| r["kind"] == "outcome");
    assert_eq!(drawn.len(), outcomes.clone().count());
    for row in outcomes {
        let same = |d: &&BTreeMap<String, String>| {
            ["scenario_b", "id", "difference", "ci_low", "ci_high"]
                .iter()
                .all(|c| d[*c] == row[*c])
        };
        assert_eq!(drawn.iter().filter(same).count(), 1, "{row:?}");
    }
    let full = page("--full");
    assert!(!full.contains("id=\"more\""));
    assert_eq!(pictures(&full).len(), pictures(&short).len());
}

#[test]
fn one_scenario_with_two_settings_is_told_apart() {
    let w = write(GOOD);
    let root = w.folder.path();
    fs::write(
        root.join("other.toml"),
        GOOD.replace("opportunism = 0.5", "opportunism = 0.1"),
    )
    .expect("a file");
    let prior = "parameters.nerve={low=0,mode=0.25,high=0.5}";
    done(&w, "compare test.toml other.toml --rounds 40 --out c");
    done(&w, "run test.toml --rounds 300 --out a");
    done(
        &w,
        &format!("run test.toml --rounds 300 --set {prior} --out b"),
    );
    done(&w, "report c a b --out all.html");
    let page = fs::read_to_string(root.join("all.html")).expect("a page");
    // Letters are those of the folders as they were named, in the picture of all runs too.
    let shown: Vec<(String, String)> = pictures(&page).iter().map(|p| read(p)).collect();
    let outcomes = shown
        .iter()
        .find(|(title, _)| title == "How often each outcome occurs")
        .map(|(_, text)| text.clone())
        .expect("the picture of outcomes");
    assert!(
        outcomes.contains("B, a (300 rounds)") && outcomes.contains("C, b (300 rounds)"),
        "{outcomes}"
    );
    let folders: Vec<String> = rows(&root.join("report_outcomes.csv"))
        .iter()
        .map(|r| r["folder"].clone())
        .collect();
    assert!(folders.contains(&"B, a".to_owned()) && folders.contains(&"C, b".to_owned()));
    // What differs is told, and nothing else.
    let told: Vec<&str> = page
        .split("Differences from the first scenario</caption>")
        .skip(1)
        .map(|rest| rest.split("</table>").next().expect("an end"))
        .collect();
    assert_eq!(told.len(), 2, "{told:?}");
    // What was laid over a scenario is told of one result too.
    assert!(page.contains(
        "Set on the command line</dt><dd><code>parameters.nerve={low=0,mode=0.25,high=0.5}</code>"
    ));
    for (table, parts) in told.iter().zip([
        ["actors.army.opportunism", "<td>0.5</td><td>0.1</td>"],
        ["parameters.nerve", "<td>0 to 0.5, most likely 0.25</td>"],
    ]) {
        assert_eq!(table.matches("<th scope=\"row\">").count(), 1, "{table}");
        for part in parts {
            assert!(table.contains(part), "no {part} in {table}");
        }
    }
    let mut labels: Vec<&str> = page
        .split("aria-label=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let count = labels.len();
    labels.sort_unstable();
    labels.dedup();
    assert_eq!(labels.len(), count, "two regions have one name");
}

#[test]
fn names_are_text_and_nothing_else() {
    let hostile = GOOD
        .replace(
            "A good scenario",
            "<script>alert(1)</script> & \\\"quotes\\\"",
        )
        .replace(
            "name = \"The army\"",
            "name = \"<b onmouseover='x()'>]]>&amp;</b>\"",
        )
        .replace(
            "[outcomes.old_wins]",
            "[outcomes.old_wins]\nname = \"</title><img src=x> 100 %\"",
        )
        .replace(
            "says = \"an example\"",
            "says = \"</desc></svg><svg onload=x>\"",
        );
    let w = write(&hostile);
    done(
        &w,
        "run test.toml --rounds 300 --follow loyalty.army.new --out a",
    );
    done(&w, "report a");
    let page = fs::read_to_string(w.folder.path().join("a/report.html")).expect("a page");
    let lower = page.to_lowercase();
    for forbidden in ["<script", "<img", "<b ", "<svg onload"] {
        assert!(!lower.contains(forbidden), "{forbidden}");
    }
    let shown: Vec<(String, String)> = pictures(&page).iter().map(|p| read(p)).collect();
    assert!(
        shown
            .iter()
            .any(|(_, text)| text.contains("</title><img src=x> 100 %"))
    );
    for file in ["svg", "png"] {
        done(&w, &format!("report a --format {file} --out pictures"));
    }
    for file in files(&w.folder.path().join("pictures")) {
        let bytes = fs::read(w.folder.path().join("pictures").join(&file)).expect("a file");
        if file.ends_with("png") {
            assert!(
                bytes.starts_with(b"\x89PNG\r\n\x1a\n") && bytes.len() > 2_000,
                "{file}"
            );
        } else if file.ends_with("svg") {
            read(&String::from_utf8(bytes).expect("UTF-8"));
        }
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one case after the other")]
fn changed_or_foreign_folders_are_refused() {
    let w = write(GOOD);
    let root = w.folder.path();
    done(&w, "run test.toml --rounds 50 --out a");
    let outcomes = root.join("a/outcomes.csv");
    let good = fs::read_to_string(&outcomes).expect("a file");
    fs::write(&outcomes, good.replacen("0.", "0.9", 1)).expect("a file");
    let output = told(&w, "report a");
    assert_eq!(code(&output), 4, "{}", err(&output));
    assert!(err(&output).contains("outcomes.csv"), "{}", err(&output));
    assert!(!root.join("a/report.html").exists());
    fs::remove_file(&outcomes).expect("it goes");
    let output = told(&w, "report a");
    assert!([3, 4].contains(&code(&output)), "{}", err(&output));
    fs::write(&outcomes, good).expect("a file");
    done(&w, "report a");
    // The scenario on the page is the one that was played, whatever else the manifest says.
    let manifest = root.join("a/manifest.json");
    let kept = fs::read_to_string(&manifest).expect("a manifest");
    let changed = kept.replacen("opportunism = 0.5", "opportunism = 0.6", 1);
    assert_ne!(kept, changed);
    fs::write(&manifest, &changed).expect("a file");
    let output = told(&w, "report a");
    assert_eq!(code(&output), 4, "{}", err(&output));
    assert!(
        err(&output).contains("does not match its `manifest_sha256`"),
        "{}",
        err(&output)
    );
    // Also where the manifest is of a version without a hash of its own.
    let older = |text: &str| {
        let mut value: serde_json::Value = serde_json::from_str(text).expect("JSON");
        value
            .as_object_mut()
            .expect("keys")
            .remove("manifest_sha256");
        value["version"] = "0.1.0".into();
        value.to_string()
    };
    fs::write(&manifest, older(&changed)).expect("a file");
    let output = told(&w, "report a");
    assert_eq!(code(&output), 4, "{}", err(&output));
    assert!(
        err(&output).contains("not the one that was run"),
        "{}",
        err(&output)
    );
    fs::write(&manifest, older(&kept)).expect("a file");
    let output = done(&w, "report a --out older.html");
    let page = fs::read_to_string(root.join("older.html")).expect("a page");
    for text in [err(&output), page] {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            text.contains("was written by kzsim 0.1.0; this is kzsim "),
            "{text}"
        );
        assert!(text.contains("could not be checked itself"), "{text}");
    }
    fs::write(&manifest, kept).expect("a file");
    fs::create_dir(root.join("empty")).expect("a folder");
    let manifest = fs::read_to_string(root.join("a/manifest.json")).expect("a manifest");
    for (name, text) in [
        ("foreign", "{\"program\": \"other\"}"),
        ("text", "{\n  \"program\": kzsim}"),
        (
            "part",
            "{\"program\": \"kzsim\", \"version\": \"0.1.0\", \"seed\": 1}",
        ),
        (
            "nothing",
            &older(&manifest.replacen("\"title\":", "\"heading\":", 1)),
        ),
        (
            "above",
            &older(&manifest.replacen("outcomes.csv", "../a/outcomes.csv", 1)),
        ),
    ] {
        fs::create_dir(root.join(name)).expect("a folder");
        fs::write(root.join(name).join("manifest.json"), text).expect("a file");
    }
    for (line, exit, says) in [
        (
            "report foreign",
            2,
            "was not written by kzsim (`program` is \"other\")",
        ),
        ("report text", 2, "invalid JSON at line 2, column 14"),
        (
            "report part",
            2,
            "it was written by kzsim 0.1.0: use that version",
        ),
        ("report nothing", 2, "names no scenario"),
        ("report above", 4, "the manifest names `../a/outcomes.csv`"),
        ("report empty", 2, "contains no manifest.json"),
        ("report nowhere", 3, "nowhere"),
        ("report test.toml", 2, "is a file"),
        ("report a --picture outcome", 2, "did you mean `outcomes`?"),
        ("report a --follow loyalty.army.nw", 2, "loyalty.army.nw"),
        ("report a --out a", 2, "name a file for the page"),
        (
            "report a --out a/outcomes.csv",
            2,
            "is a file of the result",
        ),
        ("report a nowhere empty", 3, "contains no manifest.json"),
    ] {
        let output = told(&w, line);
        assert_eq!(code(&output), exit, "{line}: {}", err(&output));
        assert!(err(&output).contains(says), "{line}: {}", err(&output));
    }
}

/// The scenario of [`genuine_results_are_all_reported`]: what varies between its forms is marked.
const PLAIN: &str = r#"schema = 1
[contenders]
a = {}
b = {}
[clock]
start = 2024-01-01
days = 2
step = "12h"
[arenas]
x = 1.0
[actors.p]
power.x = 1.0
loyalty.a = 0.5
#PARTS
[outcomes.last]
otherwise = true
"#;

/// What forms of it have beside the rest.
const FORMS: [(&str, &str); 8] = [
    ("bare", ""),
    (
        "never",
        "[parameters]\nk = { min = 0.0, max = 1.0 }\n[actions.never]\nchance = 0\n[flags.seen]\n\
         when = \"happened.never\"\n[outcomes.n]\nwhen = \"happened.never\"\n",
    ),
    (
        "always",
        "[parameters]\nk = { min = 0.0, max = 1.0 }\n[actions.always]\nchance = 1\n[flags.seen]\n\
         when = \"happened.always\"\n[outcomes.n]\nwhen = \"happened.always\"\n",
    ),
    ("one_prior", "[parameters]\nk = { min = 0.0, max = 1.0 }\n"),
    (
        "no_prior",
        "[actions.coin]\nchance = 0.5\n[outcomes.n]\nwhen = \"happened.coin\"\nat_end = true\n",
    ),
    (
        "no_flag",
        "[parameters]\nk = { low = 0.1, mode = 0.5, high = 0.9 }\n[actions.coin]\nchance = \"k\"\n\
         [outcomes.n]\nwhen = \"happened.coin\"\nat_end = true\n",
    ),
    (
        "rare",
        "[parameters]\nk = { mean = 0.5, sd = 0.1 }\n[actions.coin]\nchance = 0.01\n[flags.seen]\n\
         when = \"happened.coin\"\n[crowds.c]\ngrievance = 0.3\n[outcomes.n]\n\
         when = \"happened.coin\"\n",
    ),
    (
        "huge",
        "[parameters]\nk = { min = 0.0, max = 1.0 }\n[variables]\nv = 1\n[actions.grow]\n\
         rate = 4\nlimit = 8\neffects = [\"v = v * 1e12\"]\n",
    ),
];

/// Every command, with how it may fail on a form that gives it nothing to do.
const COMMANDS: [(&str, Option<&str>); 15] = [
    ("run x.toml --rounds 60", None),
    ("run x.toml --rounds 1", None),
    (
        "run x.toml --rounds 60 --follow loyalty.p.a,stance.p.aside --keep-rounds",
        None,
    ),
    ("run x.toml --rounds 60 --shard 2/3", None),
    ("run x.toml --rounds 60 --given e.toml", None),
    ("compare x.toml y.toml --rounds 60", None),
    ("compare x.toml x.toml --rounds 1", None),
    (
        "weigh x.toml y.toml --evidence e.toml --rounds 60 --recover=5",
        None,
    ),
    ("sensitivity x.toml --rows 64 --flags", None),
    (
        "sensitivity x.toml --rows 64 --method morris --quantity day",
        None,
    ),
    (
        "sensitivity x.toml --rows 64 --method given --quantity day --quantity turnout.max",
        None,
    ),
    (
        "sensitivity x.toml --rows 64 --fixed-switches",
        Some("the scenario has no priors"),
    ),
    (
        "sweep x.toml --over actors.p.caution=0..1:2 --rounds 10",
        None,
    ),
    (
        "sweep x.toml --over actors.p.caution=0,1 --over dynamics.choice=logit,best_reply --rounds 1",
        None,
    ),
    (
        "discover x.toml --rounds 60",
        Some("the scenario has no priors"),
    ),
];

/// Whatever kzsim wrote, its report shows: also where an outcome, a flag or an action never occurs or
/// always does, and where there is one round, one outcome, no prior, no flag or no action.
#[test]
fn genuine_results_are_all_reported() {
    let wrong = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for (form, parts) in FORMS {
            let wrong = &wrong;
            scope.spawn(move || {
                let w = write(GOOD);
                let text = PLAIN.replace("#PARTS", parts);
                for (name, text) in [
                    ("x.toml", text.clone()),
                    ("y.toml", text.replace("loyalty.a = 0.5", "loyalty.a = 0.2")),
                    (
                        "e.toml",
                        EVIDENCE
                            .replace("2022-01-05", "2024-01-02")
                            .replace("happened.move", "day > 0.6"),
                    ),
                ] {
                    fs::write(w.folder.path().join(name), text).expect("a file");
                }
                for (line, nothing) in COMMANDS {
                    let played = told(&w, &format!("{line} --out r --force"));
                    let told_why = |output: &std::process::Output, what: &str| {
                        wrong
                            .lock()
                            .expect("a lock")
                            .push(format!("{form}: {line}: {what}: {}", err(output)));
                    };
                    if code(&played) != 0 {
                        if nothing.is_none_or(|n| !err(&played).contains(n)) {
                            told_why(&played, "is not played");
                        }
                        continue;
                    }
                    let text = out(&played);
                    if text.contains("NaN") || text.contains("inf ") {
                        told_why(&played, &text);
                    }
                    let shown = told(&w, "report r");
                    if code(&shown) != 0 {
                        told_why(&shown, "is not shown");
                        continue;
                    }
                    let page =
                        fs::read_to_string(w.folder.path().join("r/report.html")).expect("a page");
                    if page.contains("NaN") || page.contains("inf ") {
                        told_why(&shown, "has numbers that are none");
                    }
                    fs::remove_dir_all(w.folder.path().join("r")).expect("a folder");
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("a lock");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A bit that flips in any file of a result is found, or changes nothing: a page never shows other
/// numbers, texts or names.
#[test]
fn a_flipped_bit_is_found_or_changes_nothing() {
    use kzsim::internals::report::{Report, ResultFolder};
    let w = write(GOOD);
    done(&w, "run test.toml --rounds 20 --out a");
    let folder = w.folder.path().join("a");
    let page = || -> Option<String> {
        let opened = ResultFolder::open(&folder).ok()?;
        Report::of(vec![opened], &[]).ok()?.page().ok()
    };
    let good = page().expect("a page");
    let mut flips = 0;
    for (file, bytes) in crate::support::contents(&folder) {
        let path = folder.join(&file);
        // Every byte of the manifest up to 600, then every 37th; of tables, whose hashes are known,
        // fewer. Which bit follows from the place.
        let step = if file == "manifest.json" { 37 } else { 501 };
        for at in
            (0..bytes.len()).filter(|at| (file == "manifest.json" && *at < 600) || at % step == 0)
        {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            fs::write(&path, flipped).expect("a file");
            flips += 1;
            if let Some(shown) = page() {
                assert!(shown == good, "{file}: bit {} of byte {at}", at % 8);
            }
        }
        fs::write(&path, bytes).expect("a file");
    }
    assert!(flips > 1_000, "{flips} flips");
    assert_eq!(page().as_ref(), Some(&good));
}

#[test]
fn whole_histories_are_the_first_rounds_and_reports_draw_them() {
    let w = write(GOOD);
    let root = w.folder.path();
    done(&w, "run test.toml --rounds 600 --histories 3 --out a");
    done(
        &w,
        "run test.toml --rounds 900 --threads 1 --histories 3 --keep-rounds --out b",
    );
    let read = |folder: &str| fs::read(root.join(folder).join("histories.csv")).expect("a file");
    assert!(read("a") == read("b"), "they depend on the seed alone");
    let outcomes = |file: &str| -> BTreeMap<String, String> {
        let rows = rows(&root.join("b").join(file)).into_iter();
        rows.map(|r| (r["round"].clone(), r["outcome"].clone()))
            .collect()
    };
    let (told, whole) = (outcomes("rounds.csv"), outcomes("histories.csv"));
    assert_eq!(whole.keys().collect::<Vec<_>>(), ["0", "1", "2"]);
    assert!(whole.iter().all(|(round, outcome)| told[round] == *outcome));
    // A result repeats with them, and is not replaced by one without.
    done(&w, "run --like a --out c");
    let (first, again) = (root.join("a"), root.join("c"));
    assert!(crate::support::contents(&first) == crate::support::contents(&again));
    for (line, what) in [
        (
            "run test.toml --rounds 600 --out a",
            "3 whole histories, left out",
        ),
        (
            "run test.toml --histories 3 --shard 0/2 --out s",
            "whole histories are not kept of a shard",
        ),
        (
            "run test.toml --histories 1001 --out s",
            "expected at most 1000",
        ),
    ] {
        let refused = crate::support::told(&w, line);
        assert_ne!(code(&refused), 0, "{line}");
        assert!(err(&refused).contains(what), "{line}: {}", err(&refused));
    }
    done(&w, "report a --format svg --picture support --out drawn");
    let drawn = fs::read_to_string(root.join("drawn/report_support.svg")).expect("a picture");
    assert!(drawn.contains("faint"));
    assert!(drawn.contains("days from"), "it stands alone");
    done(&w, "report a --out page.html");
    let page = fs::read_to_string(root.join("page.html")).expect("a page");
    assert!(page.contains("the first 3 of the run"));
}
