//! `kzsim signposts` and `kzsim trace --outcome`: small scenarios of which the answers are known.

use std::fs;
use std::path::Path;

use crate::support::{Written, kzsim, write};

/// Two roads lead to `won`: a coup and then a march, or without a coup a strike and then a vote. Rain means
/// nothing, and a crash ends everything at once.
const SCENARIO: &str = "schema = 1\n[contenders]\none = {}\ntwo = {}\n[clock]\nstart = 2022-01-01\n\
    days = 12\nstep = \"12h\"\n[arenas]\nall = 1.0\n[actors.one]\npower.all = 1.0\n[actors.two]\n\
    power.all = 1.0\n\
    [actions.rain]\nwhen = \"day >= 1\"\nchance = 0.5\n\
    [actions.coup]\nname = \"The coup\"\nby = \"one\"\nwhen = \"day >= 2\"\nchance = 0.3\n\
    [actions.march]\nwhen = \"happened.coup and day >= 4\"\nchance = 1\n\
    [actions.strike]\nname = \"The strike\"\nwhen = \"day >= 3 and not happened.coup\"\nchance = 0.3\n\
    [actions.vote]\nwhen = \"happened.strike and day >= 5\"\nchance = 1\n\
    [actions.crash]\nwhen = \"day >= 8\"\nchance = 0.2\n\
    [outcomes.crashed]\nwhen = \"happened.crash\"\n\
    [outcomes.won]\nname = \"It is won\"\nwhen = \"happened.march or happened.vote\"\nat_end = true\n\
    [outcomes.never]\nwhen = \"day > 50\"\n\
    [outcomes.lost]\notherwise = true\n";

fn told(w: &Written, arguments: &str) -> String {
    let words: Vec<&str> = arguments.split(' ').collect();
    let done = kzsim(&words, w.folder.path());
    assert_eq!(done.status.code(), Some(0), "{arguments}: {done:?}");
    String::from_utf8(done.stdout).expect("UTF-8")
}

fn refused(w: &Written, arguments: &str, why: &str) {
    let words: Vec<&str> = arguments.split(' ').collect();
    let done = kzsim(&words, w.folder.path());
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(2), "{arguments}: {said}");
    assert!(said.contains(why), "{arguments}: {said}");
}

/// An observation.
fn report(id: &str, when: &str, more: &str) -> String {
    format!("[observations.{id}]\non = 2022-01-05\nwhen = \"{when}\"\nreliability = 0.9\n{more}")
}

/// The rows of a table, by column.
fn rows(folder: &Path, file: &str) -> Vec<std::collections::BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(folder.join(file)).expect("a file");
    reader.deserialize().map(|r| r.expect("a row")).collect()
}

fn number(row: &std::collections::BTreeMap<String, String>, column: &str) -> f64 {
    row[column]
        .parse()
        .unwrap_or_else(|_| panic!("{column}: {}", row[column]))
}

#[test]
fn what_settles_an_outcome_is_its_signpost() {
    let w = write(SCENARIO);
    let text = told(&w, "signposts test.toml --rounds 8000 --seed 3 --out s");
    let found = rows(&w.folder.path().join("s"), "signposts.csv");
    let of = |outcome: &str| -> Vec<&str> {
        let own = found.iter().filter(|r| r["outcome"] == outcome);
        own.map(|r| r["id"].as_str()).collect()
    };
    // Either the first or the second act of a road may be asked for, never both.
    let won = of("won");
    assert_eq!(won.len(), 2, "{found:?}");
    let road = |id: &str, acts: [&str; 2]| acts.contains(&id);
    assert!(
        road(won[0], ["coup", "march"]) && road(won[1], ["strike", "vote"]),
        "{won:?}"
    );
    // A crash is known when the outcome is; nothing else tells of it, and nothing of what never comes.
    assert_eq!(
        (of("crashed").len(), of("never").len()),
        (0, 0),
        "{found:?}"
    );
    assert!(!found.iter().any(|r| r["id"] == "rain"), "{found:?}");
    assert!(
        text.contains("It is won (won)\n") && text.contains("The coup"),
        "{text}"
    );
    assert!(
        text.contains("No observation before its end is known to move it"),
        "{text}"
    );
}

#[test]
fn numbers_of_signposts_are_counts_of_the_odd_rounds() {
    let w = write(SCENARIO);
    told(
        &w,
        "signposts test.toml --outcome won --rounds 6000 --seed 3 --at 2022-01-06 --out s",
    );
    told(
        &w,
        "run test.toml --rounds 6000 --seed 3 --keep-rounds --out r --quiet",
    );
    let kept = rows(&w.folder.path().join("r"), "rounds.csv");
    let found = rows(&w.folder.path().join("s"), "signposts.csv");
    assert!(!found.is_empty());
    for row in &found {
        assert_eq!(row["by"], "2022-01-07T00:00:00");
        // Nobody crashes before: all rounds are open.
        let odd = kept.iter().filter(|r| number(r, "round") as u64 % 2 == 1);
        let day = |r: &std::collections::BTreeMap<String, String>| {
            let day = &r[&format!("first.{}", row["id"])];
            day.parse::<f64>().is_ok_and(|day| day <= 6.0)
        };
        let (mut seen, mut both, mut all, mut hits) = (0, 0, 0, 0);
        for r in odd {
            let hit = i32::from(r["outcome"] == "won");
            all += 1;
            hits += hit;
            if day(r) {
                seen += 1;
                both += hit;
            }
        }
        assert_eq!(
            (number(row, "rounds"), number(row, "open")),
            (3000.0, 3000.0)
        );
        assert_eq!(number(row, "seen"), f64::from(seen));
        let close =
            |column: &str, x: f64| assert!((number(row, column) - x).abs() < 1e-9, "{column}");
        close("open_probability", f64::from(hits) / f64::from(all));
        close("if_seen", f64::from(both) / f64::from(seen));
        close(
            "if_not_seen",
            f64::from(hits - both) / f64::from(all - seen),
        );
    }
}

#[test]
fn signposts_are_the_same_on_any_number_of_threads() {
    let w = write(SCENARIO);
    for (threads, folder) in [("1", "a"), ("3", "b")] {
        let line = format!("signposts test.toml --rounds 5000 --threads {threads} --out {folder}");
        told(&w, &line);
    }
    let text = |folder: &str| {
        fs::read(w.folder.path().join(folder).join("signposts.csv")).expect("a file")
    };
    assert_eq!(text("a"), text("b"));
}

#[test]
fn reports_of_evidence_are_asked_about_at_their_moments() {
    let w = write(SCENARIO);
    let evidence = "schema = 1\n[observations.striking]\nname = \"Pickets are seen\"\non = 2022-01-05\n\
        when = \"happened.strike or happened.coup\"\nreliability = 0.9\n";
    fs::write(w.folder.path().join("e.toml"), evidence).expect("a file");
    let text = told(
        &w,
        "signposts test.toml --outcome won --rounds 6000 --evidence e.toml --out s",
    );
    let found = rows(&w.folder.path().join("s"), "signposts.csv");
    // It tells all that can be told, so nothing is left to ask.
    assert_eq!(
        (found.len(), found[0]["id"].as_str()),
        (1, "striking"),
        "{found:?}"
    );
    assert_eq!(found[0]["kind"], "observation");
    assert!(
        text.contains("end of 2022-01-05") && text.contains("Pickets are seen"),
        "{text}"
    );
}

#[test]
fn roads_to_an_outcome_are_told_apart() {
    let w = write(SCENARIO);
    let text = told(
        &w,
        "trace test.toml --outcome won --roads 3 --seed 4 --rounds 3000",
    );
    let whole = text.split_whitespace().collect::<Vec<_>>().join(" ");
    // Rain divides the rounds of either road, but nothing else goes with it.
    let (coup, strike) = whole.split_once(" 2. ").expect("two roads");
    assert!(!whole.contains(" 3. "), "{text}");
    assert!(
        coup.contains("of them: with “The coup”; usually “march” (100 %)"),
        "{text}"
    );
    assert!(
        strike.contains("of them: without “The coup”; usually “The strike” (100 %) and “vote”"),
        "{text}"
    );
    // What is told of the typical round is what its trace tells.
    for (road, has, lacks) in [
        (coup, "The coup (coup)", "The strike (strike)"),
        (strike, "The strike (strike)", "The coup (coup)"),
    ] {
        let at = road
            .split("Typical is round ")
            .nth(1)
            .expect("a typical round");
        let round: String = at.chars().take_while(char::is_ascii_digit).collect();
        let history = told(&w, &format!("trace test.toml --seed 4 --round {round}"));
        assert!(
            history.contains(has) && !history.contains(lacks),
            "{history}"
        );
        assert!(history.contains("It is won (won)"), "{history}");
    }
    assert!(
        coup.contains("The coup [one]") && !strike.contains("The coup [one]"),
        "{text}"
    );
}

#[test]
fn a_round_is_found_by_its_outcome() {
    let w = write(SCENARIO);
    told(
        &w,
        "run test.toml --rounds 500 --seed 4 --keep-rounds --out r --quiet",
    );
    let kept = rows(&w.folder.path().join("r"), "rounds.csv");
    let first = kept
        .iter()
        .find(|r| r["outcome"] == "crashed")
        .expect("a crash");
    let by_outcome = told(&w, "trace test.toml --seed 4 --outcome crashed");
    let by_number = told(
        &w,
        &format!("trace test.toml --seed 4 --round {}", first["round"]),
    );
    assert_eq!(by_outcome, by_number);
    let typical = told(&w, "trace test.toml --seed 4 --outcome won --typical 2");
    assert_eq!(typical.matches("\nOutcome on day ").count(), 2, "{typical}");
    assert_eq!(
        typical,
        told(&w, "trace test.toml --seed 4 --outcome won --typical 2")
    );
    let none = told(&w, "trace test.toml --outcome never --roads 2 --rounds 200");
    assert!(none.contains("none of 200 rounds"), "{none}");
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let w = write(SCENARIO);
    refused(&w, "trace test.toml --outcome wonn", "did you mean `won`?");
    refused(
        &w,
        "trace test.toml --outcome never --rounds 50",
        "none of 50 rounds ends with `never`",
    );
    refused(&w, "trace test.toml --typical 2", "--outcome");
    refused(
        &w,
        "trace test.toml --outcome won --round 3",
        "cannot be used with",
    );
    refused(
        &w,
        "signposts test.toml --outcome wonn",
        "did you mean `won`?",
    );
    refused(
        &w,
        "signposts test.toml --at 2022-03-01",
        "expected a moment after the start and before the end",
    );
    refused(
        &w,
        "signposts test.toml --at soon",
        "expected a date such as 2022-01-06",
    );
    refused(
        &w,
        "signposts test.toml --rounds 3000000",
        "expected at most 2000000",
    );
}

#[test]
fn only_reports_known_in_time_count() {
    let w = write(SCENARIO);
    let early = report("early", "happened.rain", "");
    let late = report("late", "happened.coup", "known = 2022-01-09\n");
    let file = |name: &str, text: &str| {
        fs::write(w.folder.path().join(name), format!("schema = 1\n{text}")).expect("a file");
    };
    file("both.toml", &format!("{early}{late}"));
    file("one.toml", &early);
    let given = |folder: &str, more: &str| -> Vec<u8> {
        let line = format!("run test.toml --rounds 3000 --out {folder} --given {more}");
        told(&w, &line);
        fs::read(w.folder.path().join(folder).join("given_outcomes.csv")).expect("a file")
    };
    let (one, both) = (given("a", "one.toml"), given("b", "both.toml"));
    assert_ne!(one, both);
    // The report on the coup came out on the ninth.
    assert_eq!(given("c", "both.toml --known-by 2022-01-08"), one);
    assert_eq!(given("d", "both.toml --known-by 2022-01-09"), both);
    let text = told(
        &w,
        "run test.toml --rounds 300 --out e --given both.toml --known-by 2022-01-06",
    );
    assert!(text.contains("and not counted: late."), "{text}");
    refused(
        &w,
        "run test.toml --rounds 300 --known-by 2022-01-06",
        "--given",
    );
    refused(
        &w,
        "run test.toml --given both.toml --known-by 2022-01-01",
        "known",
    );
}

#[test]
fn some_reports_alone_can_be_counted() {
    let w = write(SCENARIO);
    let early = report("early", "happened.rain", "");
    let late = report("late", "happened.coup", "");
    let open = report("open", "happened.rain", "unknown = true\n");
    let file = |name: &str, text: &str| {
        fs::write(w.folder.path().join(name), format!("schema = 1\n{text}")).expect("a file");
    };
    file("both.toml", &format!("{early}{late}{open}"));
    file("one.toml", &early);
    let given = |folder: &str, more: &str| -> (Vec<u8>, String) {
        let line = format!("run test.toml --rounds 3000 --out {folder} --given {more}");
        let text = told(&w, &line);
        let file = w.folder.path().join(folder).join("given_outcomes.csv");
        (fs::read(file).expect("a file"), text)
    };
    let (one, both) = (given("a", "one.toml"), given("b", "both.toml"));
    assert_ne!(one.0, both.0);
    let (selected, text) = given("c", "both.toml --reports early");
    assert_eq!(selected, one.0);
    let words = "Selected: early; 2 other observations were not selected, and not counted.";
    assert!(text.contains(words), "{text}");
    assert_eq!(given("d", "both.toml --reports late,early").0, both.0);
    for (reports, words) in [
        ("erly", "did you mean `early`?"),
        ("open", "nothing was reported"),
    ] {
        let line = format!("run test.toml --given both.toml --reports {reports}");
        refused(&w, &line, words);
    }
    refused(&w, "run test.toml --reports early", "--given");
    let explained = told(&w, "check both.toml --explain");
    for words in [
        "early: by 2022-01-05; ",
        "when `happened.rain`",
        "reliability 0.9",
        "Not counted (unknown):",
    ] {
        assert!(explained.contains(words), "{words}: {explained}");
    }
}

#[test]
fn a_result_given_some_reports_says_so_and_is_repeated_with_them() {
    let w = write(SCENARIO);
    let file = |name: &str, text: &str| {
        fs::write(w.folder.path().join(name), format!("schema = 1\n{text}")).expect("a file");
    };
    let early = report("early", "happened.rain", "");
    let late = report("late", "happened.coup", "known = 2022-01-09\n");
    file("both.toml", &format!("{early}{late}"));
    let run = "run test.toml --rounds 3000 --given both.toml";
    told(&w, &format!("{run} --reports early --out a"));
    let table = |folder: &str| {
        let file = w.folder.path().join(folder).join("given_outcomes.csv");
        fs::read_to_string(file).expect("a file")
    };
    told(&w, "run --like a --out b");
    let all = |folder: &str| crate::support::contents(&w.folder.path().join(folder));
    assert_eq!(all("a"), all("b"));
    // One table alone is the answer, and the answer to another question is not put in its place.
    let printed = told(&w, &format!("{run} --reports early --out -"));
    assert_eq!(printed, table("a"));
    let line = format!("{run} --out a --resume");
    let words: Vec<&str> = line.split(' ').collect();
    let done = kzsim(&words, w.folder.path());
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(3), "{said}");
    assert!(said.contains("reports: early instead of all"), "{said}");
    // Selections of as many reports have one title, and are told apart all the same.
    told(&w, &format!("{run} --reports late --out late"));
    told(&w, "brief a late --out two.md");
    let brief = fs::read_to_string(w.folder.path().join("two.md")).expect("a brief");
    let other = "Unlike A: its shares are given the report “late”.";
    assert!(brief.contains(other), "{brief}");
    // How evidence was taken into account is part of what was asked, and repeated.
    told(&w, &format!("{run} --given-by resampling --out c"));
    told(&w, "run --like c --out d");
    assert_eq!(all("c"), all("d"));
    for (more, difference) in [
        (
            "",
            "given by: resampling instead of whatever leaves enough rounds",
        ),
        (
            " --given-by weights",
            "given by: resampling instead of weights",
        ),
    ] {
        let line = format!("{run}{more} --out c");
        let words: Vec<&str> = line.split(' ').collect();
        let done = kzsim(&words, w.folder.path());
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(said.contains(difference), "{said}");
    }
    told(&w, "brief a --out a.md");
    let brief = fs::read_to_string(w.folder.path().join("a.md")).expect("a brief");
    assert!(brief.contains("(1 of 2 reports)"), "{brief}");
    told(&w, "report a --out a.html");
    let page = fs::read_to_string(w.folder.path().join("a.html")).expect("a page");
    assert!(page.contains("(1 of 2 reports)"));
    // A group is one report, which arrives with its last observation.
    let [first, second] = [
        ("first", "happened.rain", ""),
        ("second", "happened.coup", "known = 2022-01-09\n"),
    ]
    .map(|(id, when, more)| report(id, when, &format!("group = \"paper\"\n{more}")));
    file("group.toml", &format!("{first}{second}"));
    refused(
        &w,
        "run test.toml --rounds 300 --given group.toml --known-by 2022-01-07",
        "none of its reports was known by then",
    );
    refused(
        &w,
        "run test.toml --rounds 300 --given group.toml --reports paper",
        "`paper` is a group",
    );
}

#[test]
fn a_trace_is_data_too() {
    let w = write(SCENARIO);
    let found = told(
        &w,
        "trace test.toml --seed 4 --outcome won --typical --json",
    );
    let found: serde_json::Value = serde_json::from_str(&found).expect("JSON");
    let history = &found["histories"][0];
    assert_eq!(history["outcome"], "won");
    assert_eq!(history["round"], found["roads"][0]["round"]);
    let events = history["events"].as_array().expect("a list");
    let coup = events
        .iter()
        .find(|e| e["id"] == "coup" || e["id"] == "strike")
        .expect("an act");
    assert_eq!(coup["kind"], "decision");
    assert!(coup["day"].as_f64().is_some_and(|d| d >= 2.0) && coup["values"]["chance"].is_number());
    assert!(
        found["text"]
            .as_str()
            .expect("text")
            .contains("It is won (won)")
    );
}
