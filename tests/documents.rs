//! The documents say what the program does: keys, defaults, ranges, limits, messages, columns.

use std::fs;
use std::path::{Path, PathBuf};

use kzsim::internals::plan::Plan;
use kzsim::internals::scenario::evidence::EVIDENCE;
use kzsim::internals::scenario::expression::{DEEPEST, LONGEST};
use kzsim::internals::scenario::fault::Fault;
use kzsim::internals::scenario::grammar::{LAW, Shape};
use kzsim::internals::scenario::limits;
use kzsim::internals::scenario::model::SCENARIO;
use kzsim::internals::scenario::{Evidence, Scenario};

fn document(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The blocks that follow a mark `<!-- complete scenario -->`.
fn complete_scenarios(text: &str) -> Vec<String> {
    text.split("<!-- complete scenario -->\n```toml\n")
        .skip(1)
        .map(|rest| rest.split("\n```").next().unwrap_or_default().to_owned())
        .collect()
}

/// The scenario at the top of SCENARIO.md, in a folder of its own.
fn example() -> (tempfile::TempDir, PathBuf) {
    let text = complete_scenarios(&document("docs/SCENARIO.md")).remove(0);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("my.toml");
    fs::write(&path, text).expect("a file in a temporary folder");
    (folder, path)
}

/// Every fault of a scenario, as `kzsim check` finds them.
fn faults(path: &Path, settings: &[String]) -> (Scenario, Vec<Fault>) {
    let (scenario, mut faults) = Scenario::read(path, settings).expect("a readable file");
    if let Err(more) = Plan::new(&scenario) {
        faults.extend(more);
    }
    (scenario, faults)
}

/// A number with a comma at each thousand.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, d) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(d);
    }
    out
}

/// The cells of a row of a table, without the marks of code.
fn cells(row: &str) -> Vec<String> {
    let row = row.replace("| |", "|  |");
    let row = row.trim_matches('|');
    row.split(" | ").map(|c| uncoded(c).to_owned()).collect()
}

fn uncoded(cell: &str) -> &str {
    let cell = cell.trim();
    let double = cell.strip_prefix("`` ").and_then(|c| c.strip_suffix(" ``"));
    let single = || cell.strip_prefix('`').and_then(|c| c.strip_suffix('`'));
    double.or_else(single).unwrap_or(cell)
}

/// The part of a document under a heading.
fn section<'t>(text: &'t str, heading: &str) -> &'t str {
    let level = heading.split(' ').next().unwrap_or_default();
    let start = text
        .find(&format!("\n{heading}\n"))
        .unwrap_or_else(|| panic!("no heading {heading}"));
    let rest = &text[start + heading.len() + 2..];
    let ends = (1..=level.len()).filter_map(|n| rest.find(&format!("\n{} ", "#".repeat(n))));
    ends.min().map_or(rest, |end| &rest[..end])
}

fn key_names(shape: &Shape, out: &mut Vec<&'static str>) {
    match shape {
        Shape::Table(keys) => {
            for key in *keys {
                out.push(key.name);
                key_names(&key.shape, out);
            }
        }
        Shape::Map(inner) => key_names(inner, out),
        Shape::Leaf(_) => {}
    }
}

#[test]
fn complete_scenarios_of_the_documents_are_good() {
    let mut found = 0;
    for name in ["README.md", "docs/SCENARIO.md"] {
        for text in complete_scenarios(&document(name)) {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let path = folder.path().join("example.toml");
            fs::write(&path, text).expect("a file in a temporary folder");
            let (_, faults) = faults(&path, &[]);
            assert!(faults.is_empty(), "{name}: {faults:?}");
            found += 1;
        }
    }
    assert!(found >= 1, "no complete scenario in the documents");
}

#[test]
fn every_key_is_described() {
    let text = document("docs/SCENARIO.md");
    let mut keys = Vec::new();
    key_names(&SCENARIO, &mut keys);
    for key in keys {
        let shown = text.contains(&format!("`{key}`")) || text.contains(&format!("`[{key}]`"));
        assert!(shown, "SCENARIO.md does not describe `{key}`");
    }
    let numbers = section(&text, "## Numbers");
    for (key, _) in LAW {
        assert!(
            numbers.contains(key),
            "SCENARIO.md does not describe `{key}`"
        );
    }
}

#[test]
fn every_key_of_a_table_stands_in_its_section() {
    let text = document("docs/SCENARIO.md");
    let places = [
        ("contenders", "### contenders"),
        ("clock", "### clock"),
        ("correlations", "### correlations"),
        ("actors", "### actors"),
        ("offices", "### offices"),
        ("crowds", "### crowds"),
        ("actions", "## Actions"),
        ("outcomes", "## Outcomes and flags"),
        ("flags", "## Outcomes and flags"),
    ];
    for (table, heading) in places {
        let mut keys = Vec::new();
        key_names(SCENARIO.below(table).expect("a section"), &mut keys);
        for key in keys {
            let described = section(&text, heading).contains(&format!("`{key}`"));
            assert!(described, "`{key}` is not described under {heading}");
        }
    }
}

#[test]
fn every_operator_of_expressions_is_described() {
    let text = document("docs/SCENARIO.md");
    let text = section(&text, "## Expressions");
    assert!(text.contains("`date("));
    for sign in "+ - * / ^ < <= > >= == != and or not".split(' ') {
        assert!(text.contains(&format!("`{sign}`")), "{sign}");
    }
}

#[test]
fn limits_are_stated() {
    let text = document("docs/SCENARIO.md");
    let stated = [
        ("size of one file", format!("{} MiB", limits::FILE >> 20)),
        ("files in a chain of `extends`", limits::CHAIN.to_string()),
        ("contenders", limits::CONTENDERS.to_string()),
        ("arenas", limits::ARENAS.to_string()),
        ("actors", grouped(limits::ACTORS as u64)),
        ("actions", grouped(limits::ACTIONS as u64)),
        (
            "offices, crowds, outcomes, flags, correlations: each",
            limits::FEW.to_string(),
        ),
        (
            "parameters, variables, formulas: each",
            grouped(limits::MANY as u64),
        ),
        (
            "effects of one action, and again of its failure",
            limits::EFFECTS.to_string(),
        ),
        (
            "decisions of one action in a round",
            grouped(u64::from(limits::HAPPENINGS)),
        ),
        (
            "observations of an evidence file",
            limits::OBSERVATIONS.to_string(),
        ),
        ("steps of a round", grouped(limits::STEPS)),
        ("rounds of a run", grouped(limits::ROUNDS)),
        ("seed", grouped(limits::SEED)),
        ("size of any number", format!("{:e}", limits::SIZE)),
        (
            "length of an expression",
            format!("{} bytes", grouped(LONGEST as u64)),
        ),
        ("depth of parentheses and calls in it", DEEPEST.to_string()),
        (
            "operators in a row of one kind, as in `a + b + …`",
            (4 * DEEPEST).to_string(),
        ),
        (
            "depth of formulas inside formulas",
            limits::FORMULA_DEPTH.to_string(),
        ),
        (
            "depth of parentheses, calls and operators, counted through the formulas that are read",
            limits::DEPTH.to_string(),
        ),
        (
            "operations of all expressions, with formulas counted in each stage that reads them",
            grouped(limits::OPERATIONS as u64),
        ),
        (
            "numbers and operators that sets stand for, in all expressions",
            grouped(limits::SPREAD as u64),
        ),
    ];
    let table = section(&text, "## Limits");
    for (what, limit) in stated {
        let row = format!("| {what} | {limit} |");
        assert!(table.contains(&row), "SCENARIO.md lacks `{row}`");
    }
}

#[test]
fn messages_in_the_document_are_those_of_the_program() {
    let text = document("docs/SCENARIO.md");
    let (_folder, path) = example();
    let mut seen = 0;
    for row in section(&text, "## Common mistakes").lines() {
        let (true, [written, found, accepted]) = (row.starts_with("| `"), &cells(row)[..]) else {
            continue;
        };
        let (_, faults) = faults(&path, std::slice::from_ref(written));
        let told = faults
            .iter()
            .any(|f| f.found == *found && f.allowed == *accepted);
        assert!(told, "{written}: {faults:?}");
        seen += 1;
    }
    assert!(seen >= 20, "only {seen} mistakes");
}

#[test]
fn the_evidence_in_the_document_is_good_for_the_scenario_in_it() {
    let text = document("docs/SCENARIO.md");
    let block = text.split("<!-- complete evidence -->\n```toml\n").nth(1);
    let block = block.and_then(|b| b.split("\n```").next());
    let (folder, path) = example();
    let file = folder.path().join("evidence.toml");
    fs::write(&file, block.expect("a block of evidence")).expect("a file");
    let evidence = Evidence::read(&file).expect("good evidence");
    let (scenario, _) = faults(&path, &[]);
    let watched = evidence
        .watched(&scenario)
        .expect("moments inside the rounds");
    Plan::watching(&scenario, &watched).expect("names that exist");
    let mut keys = Vec::new();
    key_names(&EVIDENCE, &mut keys);
    let part = section(&text, "## Evidence files");
    for key in keys {
        let shown = [format!("`{key}`"), format!("\n{key} ="), format!("[{key}.")];
        assert!(
            shown.iter().any(|s| part.contains(s)),
            "SCENARIO.md says nothing of `{key}` in evidence files"
        );
    }
}

#[test]
fn the_table_in_the_document_is_good_evidence_too() {
    let text = document("docs/SCENARIO.md");
    let block = |mark: &str| {
        let block = text
            .split(mark)
            .nth(1)
            .and_then(|b| b.split("\n```").next());
        block.expect("a block").to_owned()
    };
    let table = block("<!-- complete table -->\n```text\n");
    let toml = block("<!-- complete evidence -->\n```toml\n");
    let [table, toml] =
        [table, toml].map(|text| Evidence::read_text("e", &text).expect("evidence"));
    let (_folder, path) = example();
    let (scenario, _) = faults(&path, &[]);
    let watched = table.watched(&scenario).expect("moments inside the rounds");
    Plan::watching(&scenario, &watched).expect("names that exist");
    // They say the same.
    for (a, b) in table.observations.iter().zip(&toml.observations) {
        assert_eq!(
            (a.on, &a.name, a.reliability),
            (b.on, &b.name, b.reliability)
        );
        assert_eq!(a.when.text, b.when.text);
    }
    let part = section(&text, "### Evidence as a table");
    for column in [
        "day",
        "text",
        "id",
        "source",
        "says",
        "known",
        "group",
        "unknown",
        "when",
        "reliability",
    ] {
        assert!(
            part.contains(&format!("`{column}`")),
            "SCENARIO.md says nothing of `{column}`"
        );
    }
}

#[test]
fn every_word_is_in_the_glossary_once() {
    let text = document("docs/GLOSSARY.md");
    let words: Vec<&str> = text
        .lines()
        .filter_map(|l| l.strip_prefix("**")?.split("**: ").next())
        .collect();
    let needed = "scenario round step run contender actor person body loyalty stance aside arena \
                  power support backing office holder authority crowd turnout action outcome flag \
                  reading evidence observation prior draw transition flip divergence";
    for word in needed.split_whitespace() {
        assert!(words.contains(&word), "GLOSSARY.md lacks {word}");
    }
    let mut sorted = words.clone();
    sorted.sort_by_key(|w| w.to_lowercase());
    assert_eq!(
        words, sorted,
        "GLOSSARY.md is not in the order of the alphabet"
    );
    sorted.dedup();
    assert_eq!(
        words.len(),
        sorted.len(),
        "a word stands twice in GLOSSARY.md"
    );
}

#[test]
fn links_between_documents_lead_somewhere() {
    for name in [
        "README.md",
        "docs/SCENARIO.md",
        "docs/TUTORIAL.md",
        "docs/OUTPUTS.md",
        "docs/CLUSTER.md",
        "docs/RELIABILITY.md",
        "docs/READINGS.md",
        "docs/SENSITIVITY.md",
        "docs/GLOSSARY.md",
        "docs/FORECASTS.md",
        "docs/VALIDATION.md",
        "history/README.md",
    ] {
        let text = document(name);
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = root.join(name).parent().expect("a folder").to_path_buf();
        for link in text.split("](").skip(1).filter_map(|l| l.split(')').next()) {
            let file = link.split('#').next().unwrap_or_default();
            if link.contains("://") || file.is_empty() {
                continue;
            }
            assert!(folder.join(file).exists(), "{name} links to {link}");
        }
    }
}
