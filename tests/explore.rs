//! `kzsim explore`: a page that needs nothing from elsewhere, and harms nothing that is there. What it plays is held
//! beside the command line in a real browser: `tests/explore/check.mjs`.

use std::fs;

use serde_json::Value;

use crate::support::{GOOD, code, done, err, told, write};

const EVIDENCE: &str = r#"schema = 1
title = "What was seen"
[observations.moved]
name = "it moved </script><b>"
on = 2022-01-05
when = "happened.move"
reliability = 0.9
"#;

/// The text of an element of a page that holds data.
fn held<'p>(page: &'p str, id: &str) -> &'p str {
    let from = page.find(&format!("id=\"{id}\">")).expect("the element");
    let text = &page[from + id.len() + 6..];
    &text[..text.find("</script>").expect("its end")]
}

#[test]
fn a_page_holds_scenarios_rounds_and_engine_and_asks_for_nothing() {
    let written = write(GOOD);
    let folder = written.folder.path();
    fs::write(folder.join("evidence.toml"), EVIDENCE).expect("a file");
    let other =
        "schema = 1\nextends = \"test.toml\"\ntitle = \"No move\"\nactions.move.limit = 0\n";
    fs::write(folder.join("other.toml"), other).expect("a file");
    done(
        &written,
        "explore test.toml other.toml --given evidence.toml --rounds 300 --seed 5 -o page.html",
    );
    let page = fs::read_to_string(folder.join("page.html")).expect("a page");
    // No address of any kind, and a policy that lets none be asked.
    assert!(!page.contains("http:") && !page.contains("https:"));
    assert!(page.contains("default-src 'none'"));
    assert!(!page.contains("it moved </script>"));
    assert!(
        !page.contains(folder.to_str().expect("UTF-8")),
        "a folder of this machine"
    );
    let data: Value = serde_json::from_str(held(&page, "data")).expect("data");
    assert_eq!((&data["rounds"], &data["seed"]), (&300.into(), &5.into()));
    let scenarios = data["scenarios"].as_array().expect("a list");
    assert_eq!(scenarios.len(), 2);
    assert_eq!(
        scenarios[1]["texts"]["files"]
            .as_array()
            .expect("a list")
            .len(),
        2
    );
    for scenario in scenarios {
        let endings = scenario["endings"]["outcomes"].as_array().expect("a list");
        assert_eq!(endings.len(), 300);
        // The whole of it is there too, and extends nothing.
        let whole = &scenario["whole"];
        assert!(
            whole["extends"].is_null() && whole["schema"] == "1",
            "{whole}"
        );
        let limit = &whole["actions"]["move"]["limit"];
        let changed = scenario["texts"]["name"] == "other";
        assert!(
            if changed {
                limit == "0"
            } else {
                limit.is_null()
            },
            "{limit}"
        );
    }
    assert_eq!(
        data["evidence"]["reports"]
            .as_array()
            .expect("a list")
            .len(),
        1
    );
    // A packed module, as text.
    assert!(held(&page, "engine").starts_with("H4sI"));

    // The same again gives the same bytes, and replaces the page.
    done(
        &written,
        "explore test.toml other.toml --given evidence.toml --rounds 300 --seed 5 -o page.html",
    );
    let again = fs::read_to_string(folder.join("page.html")).expect("a page");
    assert!(page == again, "the page differs");
}

#[test]
fn a_page_replaces_nothing_but_a_page() {
    let written = write(GOOD);
    let folder = written.folder.path();
    let refused = told(&written, "explore test.toml --rounds 100 --out test.toml");
    assert_eq!(code(&refused), 2);
    assert!(
        err(&refused).contains("no page of kzsim explore"),
        "{}",
        err(&refused)
    );
    let text = fs::read_to_string(&written.path).expect("the scenario");
    assert!(text == GOOD, "the scenario is harmed");
    fs::write(folder.join("notes.html"), "mine").expect("a file");
    assert_eq!(
        code(&told(
            &written,
            "explore test.toml --rounds 100 --out notes.html"
        )),
        2
    );
    done(
        &written,
        "explore test.toml --rounds 100 --out notes.html --force",
    );
    assert_eq!(
        code(&told(&written, "explore test.toml --rounds 100 --out .")),
        2
    );
    let twice = told(&written, "explore test.toml --set rounds=500");
    assert!(err(&twice).contains("--rounds"), "{}", err(&twice));
}
