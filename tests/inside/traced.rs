//! What `trace` tells of a round.

use kzsim::text::trace::story;

use crate::inside::support::parse;

const SEED: u64 = 5;
const TEXT: &str = r#"
schema = 1
[contenders]
old = {}
new = {}
[clock]
start = 2022-01-01
days = 20
[arenas]
all = 1
[actors.old]
power.all = 1
[actors.judge]
name = "The judge"
power.all = 1
stance = { old = 0.3, new = 0.5 }
loyalty.old = 0.5
loyalty.new = 0.5
[actors.free]
name = "The mayor"
power.all = 1
loyalty.new = 0.4
[actors.guard]
name = "The guard"
kind = "body"
power.all = 1
stance = { old = 0.9, new = 0.1 }
loyalty.old = 0.9
[actors.heir]
name = "The heir"
power.all = 1
stance = "old"
loyalty.old = 0.5
[offices.seat]
name = "The seat"
holder = { judge = 0.4, heir = 0.6 }
successors = ["free"]
[dynamics]
reconsider = 0
rupture = "happened.turn"
[actions.turn]
at = 2022-01-05
effects = ["loyalty.guard.old = 0", "loyalty.guard.new = 1", "stance.heir = new"]
[actions.fall]
at = 2022-01-10
effects = ["remove.judge = fled", "remove.heir = fled"]
[outcomes.end]
otherwise = true
"#;

#[test]
fn what_chance_found_is_told() {
    let (scenario, plan) = parse(TEXT);
    let told: Vec<String> = (0..40)
        .map(|r| story(&scenario, &plan, SEED, r).text)
        .collect();
    for part in [
        "Where this round starts, as far as the scenario leaves it open:\n",
        "  The judge stands with old, drawn with a chance of 30.0 %\n",
        "  The judge stands with new, drawn with a chance of 50.0 %\n",
        "  The judge stands aside, drawn with a chance of 20.0 %\n",
        "  The mayor stands aside, by loyalty and prospects\n",
        "  The seat is held by The judge, drawn with a chance of 40.0 %\n",
        "  The seat is held by The heir, drawn with a chance of 60.0 %\n",
    ] {
        assert!(
            told.iter().any(|t| t.contains(part)),
            "no `{part}` in {}",
            told[0]
        );
    }
    for text in &told {
        assert_eq!(text.matches("  The judge stands ").count(), 1, "{text}");
        // Of whose stance is written nothing was found.
        assert!(
            !text.contains("  The guard stands") && !text.contains("  The heir stands"),
            "{text}"
        );
    }
}

#[test]
fn changes_of_side_and_holders_are_told() {
    let text = TEXT.replace("reconsider = 0", "reconsider = 3");
    let (scenario, plan) = parse(&text);
    let told: Vec<String> = (0..40)
        .map(|r| story(&scenario, &plan, SEED, r).text)
        .collect();
    let some = |part: &str| {
        assert!(
            told.iter().any(|t| t.contains(part)),
            "no `{part}` in {}",
            told[0]
        );
    };
    some("The mayor changes sides: ");
    some("The guard: the largest part is now with new (");
    some("  The seat passes to The mayor\n");
    // What an effect sets is told as the effect, and not as a choice of that day.
    for text in &told {
        assert!(
            !text.contains("2022-01-05 00:00  The heir changes sides: old"),
            "{text}"
        );
    }
    // Nobody moves where nobody reconsiders and custom holds.
    let (scenario, plan) = parse(&TEXT.replace("\"happened.turn\"", "0"));
    let quiet = story(&scenario, &plan, SEED, 0).text;
    assert!(!quiet.contains("changes sides"), "{quiet}");
}

#[test]
fn effects_tell_what_they_changed_and_changes_of_side_what_moved() {
    let text = TEXT.replace("reconsider = 0", "reconsider = 3");
    let (scenario, plan) = parse(&text);
    let told = story(&scenario, &plan, SEED, 0);
    assert!(
        told.text.contains("→ loyalty.guard.old = 0 (0.9 → 0)\n"),
        "{}",
        told.text
    );
    let turn = told
        .events
        .iter()
        .find(|e| e.id == "turn")
        .expect("an action");
    assert_eq!(turn.values["loyalty.guard.old"], 0.0);
    assert_eq!(turn.values["loyalty.guard.new"], 1.0);
    // Loyalty turned by the effects moves the guard, and the trace says so.
    let guard = told
        .events
        .iter()
        .find(|e| e.kind == "side" && e.id == "guard");
    let guard = guard.expect("the guard turns");
    assert!(
        guard
            .text
            .contains("what speaks for the new side against the old: loyalty +"),
        "{}",
        guard.text
    );
    let loyalty = &guard.values["loyalty"];
    assert!(
        loyalty["now"].as_f64() > loyalty["before"].as_f64(),
        "{loyalty}"
    );
    assert_eq!(story(&scenario, &plan, SEED, 0).text, told.text);
}
