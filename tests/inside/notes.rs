//! What is no fault of a scenario, but may not be meant.

use kzsim::Study;
use kzsim::scenario::Scenario;

use crate::inside::support::{GOOD, write};

/// Of each line of actions, what `check` notes of it; `extends` puts it into a file of its own.
fn notes(more: &str, extends: bool) -> Vec<String> {
    let w = write(&if extends {
        GOOD.to_owned()
    } else {
        format!("{GOOD}{more}")
    });
    let path = if extends {
        let over = w.folder.path().join("over.toml");
        let text = format!("schema = 1\nextends = \"test.toml\"\n{more}");
        std::fs::write(&over, text).expect("a file");
        over
    } else {
        w.path.clone()
    };
    match Study::open(&path) {
        Ok(study) => study.remarks(),
        Err(error) => panic!("{error}"),
    }
}

fn has(notes: &[String], parts: &[&str]) {
    for part in parts {
        assert!(
            notes.iter().any(|n| n.contains(part)),
            "no `{part}` in {notes:?}"
        );
    }
    assert_eq!(notes.len(), parts.len(), "{notes:?}");
}

#[test]
fn actions_that_do_nothing_are_told() {
    let silent = "\n[actions.parade]\nrate = 0.1\n";
    let idle =
        "actions.parade does nothing: it has no effects, and nothing reads whether it happened";
    has(&notes(silent, false), &[idle]);
    // Whatever reads it is a reason to have it.
    for reads in [
        "[flags.late]\nwhen = \"happened.parade\"",
        "[flags.late]\nwhen = \"max(count.[parade, move]) > 1\"",
        "[actions.next]\nwhen = \"first.parade < 3\"\nrate = 1\neffects = [\"signal.new += 1\"]",
        "[actions.next]\nrate = 1\neffects = [\"signal.new += count.parade\"]",
        "[crowds.port]\nrepression = \"0.1 * succeeded.parade\"",
    ] {
        has(&notes(&format!("{silent}{reads}\n"), false), &[]);
    }
    // So is what it does, if only when it fails, or by a branch.
    for does in [
        "effects = [\"signal.new += 1\"]",
        "success = 0.5\nfailure = [\"signal.new += 1\"]",
        "branches.b.effects = [\"remove.army = fled\"]",
    ] {
        has(&notes(&format!("{silent}{does}\n"), false), &[]);
    }
    // All that a template makes is told once.
    has(
        &notes("\n[actions.walk]\nfor = [\"a\", \"b\"]\nrate = 1\n", false),
        &["actions.walk does nothing"],
    );
}

#[test]
fn evidence_and_quantities_are_reasons_too() {
    let w = write(&format!("{GOOD}\n[actions.parade]\nrate = 0.1\n"));
    let study = Study::open(&w.path).expect("a good scenario");
    assert_eq!(study.remarks().len(), 1);
    let study = study
        .reading(&["count.parade".to_owned()])
        .expect("a quantity");
    assert!(study.remarks().is_empty());
}

#[test]
fn a_misspelt_table_of_another_file_is_told() {
    let over = |text| notes(text, true);
    has(
        &over("[actions.shokc]\nrate = 0.5\n"),
        &["actions.shokc does nothing"],
    );
    has(
        &over("[actions.mvoe]\nrate = 0.5\n"),
        &["did you mean actions.move?"],
    );
    has(&over("[actions.move]\nlimit = 2\n"), &[]);
    has(
        &over("[actions.weather]\nrate = 0.5\neffects = [\"signal.new += 1\"]\n"),
        &[],
    );
}

#[test]
fn decisions_that_can_wait_side_by_side_are_told() {
    let act = |more: &str| {
        format!("\n[actions.order]\nrate = 1\neffects = [\"signal.new += 1\"]\n{more}\n")
    };
    let said = "actions.order can be decided again while an earlier decision waits";
    has(
        &notes(&act("delay = \"2d\"\ncool = \"5d\"\nlimit = 3"), false),
        &[said],
    );
    has(
        &notes(
            &act(
                "delay = { min = \"1d\", max = \"3d\" }\ncool = \"5d\"\nlimit = 3\nevery = \"2d\"",
            ),
            false,
        ),
        &[said],
    );
    for apart in [
        "delay = \"2d\"\nlimit = 3",
        "delay = \"2d\"\ncool = \"5d\"",
        "cool = \"5d\"\nlimit = 3",
        "delay = { min = \"1d\", max = \"2d\" }\ncool = \"5d\"\nlimit = 3\nevery = \"2d\"",
    ] {
        has(&notes(&act(apart), false), &[]);
    }
}

#[test]
fn days_outside_the_clock_are_told() {
    let of = |when: &str| notes(&format!("\n[flags.late]\nwhen = \"{when}\"\n"), false);
    let said = "flags.late.when compares the day with 2023-05-01, which is outside the clock (2022-01-01 to 2022-01-11)";
    has(&of("day > date('2023-05-01')"), &[said]);
    has(
        &of("date('2023-05-01') <= day and date('2020-01-01') < day"),
        &["and other dates, all outside"],
    );
    for inside in [
        "day > date('2022-01-05')",
        "day > date('2022-01-05') or day > date('2023-01-05')",
        "(day - date('1940-07-06')) / 365 > 80",
        "day >= date('2022-01-11')",
    ] {
        has(&of(inside), &[]);
    }
    let series = |dates: &str| {
        let text = GOOD.replacen(
            "[formulas]",
            &format!("[formulas]\nprice = {{ {dates} }}"),
            1,
        );
        let w = write(&text);
        Study::open(&w.path).expect("a good scenario").remarks()
    };
    has(
        &series("2021-01-01 = 1, 2021-06-01 = 2"),
        &["formulas.price compares the day with 2021-06-01"],
    );
    has(&series("2021-01-01 = 1, 2022-01-04 = 2"), &[]);
}

/// A fault of the clock does not hide what is wrong with meetings, nor make it up.
#[test]
fn meetings_are_compared_with_the_step_as_written() {
    let told = |clock: &str, every: &str| {
        let text = GOOD.replacen("days = 10\nstep = \"6h\"", clock, 1);
        let text = format!("{text}\n[actions.meet]\nrate = 1\nevery = \"{every}\"\n");
        match Scenario::parse("test", &text) {
            Ok(_) => "good".to_owned(),
            Err(faults) => faults.text(false),
        }
    };
    let all = told("step = \"12h\"", "8h");
    assert!(all.contains("missing key `clock.days`"), "{all}");
    assert!(
        all.contains("expected at least \"12h\", which is clock.step"),
        "{all}"
    );
    for clock in ["step = \"2h\"", "days = 10\nstep = 2"] {
        let all = told(clock, "3h");
        assert!(!all.contains("which is clock.step"), "{all}");
    }
    assert_eq!(told("days = 10\nstep = \"12h\"", "12h"), "good");
}

/// Circles of any length are told whole, each once, and nothing else for want of them.
#[test]
fn circles_are_told_whole() {
    let faults = |parameters: &str, formulas: &str| {
        let text = GOOD.replacen("[formulas]", &format!("[formulas]\n{formulas}"), 1);
        let text = text.replacen("[parameters]", &format!("[parameters]\n{parameters}"), 1);
        match Scenario::parse("test", &text) {
            Ok(_) => "good".to_owned(),
            Err(faults) => faults.text(false),
        }
    };
    for (parameters, formulas, said) in [
        (
            "",
            "a = \"b + 1\"\nb = \"c\"\nc = \"2 * a\"",
            "the formula `a` is computed from itself: a → b → c → a",
        ),
        (
            "p = \"q\"\nq = \"p\"",
            "",
            "the parameter `p` is computed from itself: p → q → p",
        ),
        (
            "p = \"edge2\"",
            "edge2 = \"p + nerve\"",
            "the parameter `p` is computed from itself: p → edge2 → p",
        ),
        (
            "",
            "a = \"1 + a\"",
            "the formula `a` is computed from itself\n",
        ),
        // What leads to a circle is not part of it.
        (
            "",
            "x = \"a\"\na = \"b\"\nb = \"a + x2\"\nx2 = \"1\"",
            "the formula `a` is computed from itself: a → b → a",
        ),
    ] {
        let all = faults(parameters, formulas);
        assert!(
            all.contains(said) && all.ends_with("\n1 fault"),
            "{said}:\n{all}"
        );
    }
    let two = faults("", "a = \"b\"\nb = \"a\"\nc = \"d\"\nd = \"c + a\"");
    assert!(
        two.contains("a → b → a") && two.contains("c → d → c") && two.ends_with("\n2 faults"),
        "{two}"
    );
    // A long one is found at once, and named in part.
    let ring: Vec<String> = (0..1_999)
        .map(|i| format!("x{i} = \"x{}\"", (i + 1) % 1_999))
        .collect();
    let all = faults("", &ring.join("\n"));
    assert!(
        all.contains("x9 → x10 → … → x1998 → x0") && all.ends_with("\n1 fault"),
        "{all}"
    );
}
