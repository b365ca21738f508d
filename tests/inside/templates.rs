//! Actions written for several ids become one for each.

use kzsim::plan::Plan;
use kzsim::scenario::Scenario;
use kzsim::scenario::fault::Faults;

use crate::inside::support::GOOD;

const TEMPLATE: &str = r#"
[actions.leave]
for = ["army", "banker"]
name = "{it} leaves"
when = "present.{it} > 0 and not happened.leave_{it}"
rate = "0.2 * loyalty.{it}.new"
effects = ["stance.{it} = aside", "loyalty.{it}.old -= 0.1"]

[actions.leave.branches.gone]
share = { min = 0.1, max = 0.3 }
effects = ["remove.{it} = fled"]

[actions.leave_banker]
chance = 0.4
limit = 0
"#;

const WRITTEN: &str = r#"
[actions.leave_army]
name = "army leaves"
when = "present.army > 0 and not happened.leave_army"
rate = "0.2 * loyalty.army.new"
effects = ["stance.army = aside", "loyalty.army.old -= 0.1"]

[actions.leave_army.branches.gone]
share = { min = 0.1, max = 0.3 }
effects = ["remove.army = fled"]

[actions.leave_banker]
name = "banker leaves"
when = "present.banker > 0 and not happened.leave_banker"
chance = 0.4
limit = 0
effects = ["stance.banker = aside", "loyalty.banker.old -= 0.1"]

[actions.leave_banker.branches.gone]
share = { min = 0.1, max = 0.3 }
effects = ["remove.banker = fled"]
"#;

fn read(more: &str, settings: &[&str]) -> Result<Scenario, Faults> {
    let settings: Vec<String> = settings.iter().map(|s| (*s).to_owned()).collect();
    let files = [("test.toml".to_owned(), format!("{GOOD}{more}"))];
    let scenario = Scenario::read_again("test", &files, &settings)?;
    match Plan::new(&scenario) {
        Ok(_) => Ok(scenario),
        Err(faults) => Err(Faults::new(scenario.sources, faults)),
    }
}

fn told(more: &str, settings: &[&str]) -> String {
    match read(more, settings) {
        Ok(_) => "good".to_owned(),
        Err(faults) => faults.text(false),
    }
}

#[test]
fn a_template_is_what_it_writes_out() {
    let actions = |s: &Scenario| s.actions.iter().map(|a| a.id.clone()).collect::<Vec<_>>();
    let short = read(TEMPLATE, &[]).expect("a template");
    let long = read(WRITTEN, &[]).expect("actions");
    assert_eq!(short.resolved, long.resolved);
    assert_eq!(actions(&short), actions(&long));
    // What is written for one of them may stand before it, and settings speak of each.
    let (shared, own) = TEMPLATE.split_once("[actions.leave_banker]").expect("both");
    let before = format!("\n[actions.leave_banker]{own}{shared}");
    let early = read(&before, &["actions.leave_army.limit=3"]).expect("a template");
    let long = read(WRITTEN, &["actions.leave_army.limit=3"]).expect("actions");
    assert_eq!(early.resolved, long.resolved);
    assert_eq!(actions(&early), actions(&long));
}

/// Faults stand where they are written, all at once.
#[test]
fn faults_of_templates_are_told_where_they_are_written() {
    let wrong = TEMPLATE
        .replace("\"banker\"]", "\"banker\", \"nobdy\", \"Big\", \"army\"]")
        .replace("loyalty.{it}.new", "loyalty.{it}.nwe");
    let lines = GOOD.lines().count();
    let all = told(&wrong, &[]);
    for part in [
        "actions.leave.for has the text \"Big\"",
        "actions.leave.for names `army` twice",
        "there is no actor `nobdy`",
        &format!("test.toml:{}:", lines + 7),
    ] {
        assert!(all.contains(part), "no `{part}` in:\n{all}");
    }
    // The place is that of the name, though the id is longer than what stands for it.
    let column = "rate = \"0.2 * ".len() + 1;
    let all = told(
        &TEMPLATE.replace("loyalty.{it}.new", "loyalty.{it}.nwe"),
        &[],
    );
    let place = format!(
        "test.toml:{}:{column}: there is no contender `nwe`",
        lines + 6
    );
    assert!(all.contains(&place), "no `{place}` in:\n{all}");
    let marked = "^".repeat("loyalty.{it}.nwe".len());
    assert!(all.contains(&format!(" {marked} ")), "{all}");
    for (from, to, says) in [
        ("[\"army\", \"banker\"]", "[]", "actions.leave.for is empty"),
        (
            "[\"army\", \"banker\"]",
            "\"army\"",
            "actions.leave.for is the text \"army\"",
        ),
        ("[\"army\", \"banker\"]", "[3]", "actions.leave.for has 3"),
        ("{it} = fled", "{id} = fled", "there is no actor `{id}`"),
    ] {
        let all = told(&TEMPLATE.replace(from, to), &[]);
        assert!(all.contains(says), "no `{says}` in:\n{all}");
    }
    let all = told(TEMPLATE, &["actions.leave.limit=2"]);
    assert!(all.contains("there is no `leave` in [actions]"), "{all}");
    let all = told(TEMPLATE, &["actions.leave.for=[\"army\"]"]);
    assert!(all.contains("`for` cannot be set"), "{all}");
    let twice = "[actions.a]\nfor = [\"b_c\"]\nrate = 1\n[actions.a_b]\nfor = [\"c\"]\nrate = 1\n";
    let all = told(&format!("\n{twice}"), &[]);
    assert!(all.contains("`a_b_c` is made of `a` and of `a_b`"), "{all}");
}

#[test]
fn what_stands_for_ids_is_told_outside_of_templates() {
    let outside = r#"
[actions.leave]
by = "{it}"
when = "present.{it} > 0"
rate = 0.1
name = "{it} leaves"
effects = ["stance.{it} = aside", "grievance.capital += loyalty.{it}.new"]

[actions.leave.branches."{it}_gone"]
share = 0.1
"#;
    let all = told(outside, &[]);
    assert!(all.ends_with("\n6 faults"), "{all}");
    assert_eq!(all.matches("`{it}` outside a template").count(), 6, "{all}");
    assert_eq!(all.matches("a template is one action").count(), 6, "{all}");
    let marked = " ".repeat("when = \"present.".len());
    assert!(
        all.contains(&format!("| {marked}^^^^ expected an id")),
        "{all}"
    );
    // In remarks it is a word like any other.
    let says = told(
        "\n[flags.late]\nwhen = \"happened.move\"\nsays = \"{it}\"\n",
        &[],
    );
    assert_eq!(says, "good");
}

#[test]
fn the_id_of_a_template_is_no_action() {
    for (reads, column) in [("happened.leave", 9), ("max(happened.[leave, move])", 23)] {
        let flag = format!("{TEMPLATE}\n[flags.late]\nwhen = \"{reads}\"\n");
        let all = told(&flag, &[]);
        for part in [
            &format!(":{column}: `leave` is a template, which makes an action for each id"),
            "expected an action that it makes: leave_army, leave_banker",
            "write `leave_army` for one of them; a set asks about several, as in max(happened.[leave_army, leave_banker])",
            "\n1 fault",
        ] {
            assert!(all.contains(part), "no `{part}` in:\n{all}");
        }
    }
    let any =
        format!("{TEMPLATE}\n[flags.late]\nwhen = \"max(happened.[leave_army, leave_banker])\"\n");
    assert_eq!(told(&any, &[]), "good");
    let all = told(TEMPLATE, &["actions.leave.limit=2"]);
    assert!(
        all.contains("it is a template: set one of its actions, leave_army, leave_banker"),
        "{all}"
    );
}

/// Ids without brackets are told once: what refers to the actions is right.
#[test]
fn ids_without_brackets_are_understood() {
    for written in ["\"army, banker\"", "army, banker", "'army,banker'"] {
        let text = TEMPLATE.replace("[\"army\", \"banker\"]", written);
        let all = told(&text, &["actions.leave_army.limit=3"]);
        assert!(
            all.contains("write [\"army\", \"banker\"]"),
            "{written}: {all}"
        );
        assert!(all.ends_with("\n1 fault"), "{written}: {all}");
    }
    let all = told(
        &TEMPLATE.replace("[\"army\", \"banker\"]", "\"the army\""),
        &[],
    );
    assert!(!all.contains("write ["), "{all}");
}

#[test]
fn a_misspelt_override_names_what_was_meant() {
    let help = "did you mean actions.leave_banker, which the template actions.leave makes?";
    let wrong = TEMPLATE.replace("actions.leave_banker", "actions.leave_banke");
    let limit = wrong.replace("chance = 0.4\n", "");
    let all = told(&limit, &[]);
    assert!(
        all.contains("actions.leave_banke has none of rate, chance, at, decide")
            && all.contains(help),
        "{all}"
    );
    let notes = read(&wrong, &[]).expect("no fault").idle_actions(&[]);
    assert!(
        matches!(&notes[..], [note] if note.ends_with(help)
            && note.starts_with("actions.leave_banke does nothing: it has no effects")),
        "{notes:?}"
    );
    // An action of its own that nothing resembles.
    let all = told("\n[actions.weather]\nlimit = 2\n", &[]);
    assert!(!all.contains("did you mean"), "{all}");
}

/// A short text that stands for very much is a fault, found quickly.
#[test]
fn templates_are_bounded() {
    let ids: Vec<String> = (0..50_000).map(|i| format!("\"x{i}\"")).collect();
    let text = format!("\n[actions.a]\nfor = [{}]\nrate = 1\n", ids.join(", "));
    let all = told(&text, &[]);
    assert!(
        all.contains("for so many ids is too large") && all.ends_with("\n1 fault"),
        "{all}"
    );
    let long = "x".repeat(1 << 20);
    let text = format!(
        "\n[actions.a]\nfor = [\"b\", \"c\", \"d\", \"e\", \"f\"]\nrate = 1\nsays = \"{long}\"\n"
    );
    assert!(told(&text, &[]).contains("for so many ids is too large"));
}
