//! What `trace` tells of a round.

use kzsim::text::trace::story;

use crate::inside::played::parse;

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
        "  The judge: with old, drawn with a chance of 30.0 %\n",
        "  The judge: with new, drawn with a chance of 50.0 %\n",
        "  The judge: aside, drawn with a chance of 20.0 %\n",
        "  The mayor: aside, by loyalty and prospects\n",
        "  The seat is with The judge, drawn with a chance of 40.0 %\n",
        "  The seat is with The heir, drawn with a chance of 60.0 %\n",
    ] {
        assert!(
            told.iter().any(|t| t.contains(part)),
            "no `{part}` in {}",
            told[0]
        );
    }
    for text in &told {
        assert_eq!(text.matches("  The judge: ").count(), 1, "{text}");
        // Of whose stance is written nothing was found.
        assert!(
            !text.contains("  The guard: ") && !text.contains("  The heir: "),
            "{text}"
        );
    }
}

#[test]
fn changes_of_side_and_holders_are_told() {
    let text = TEXT.replace("reconsider = 0", "reconsider = 3");
    let (scenario, plan) = parse(&text);
    let told: Vec<_> = (0..40).map(|r| story(&scenario, &plan, SEED, r)).collect();
    let some = |part: &str| {
        assert!(
            told.iter().any(|t| t.text.contains(part)),
            "no `{part}` in {}",
            told[0].text
        );
    };
    let header = "what speaks for the new side, then and now:\n";
    some(&format!(
        "Now with new, before aside; {header}      The mayor: "
    ));
    some(&format!(
        "Now with new, before with old; {header}      The guard "
    ));
    some(" · The seat passes to The mayor\n");
    // What an effect sets is told as the effect, and not as a choice of that day.
    for event in told.iter().flat_map(|t| &t.events) {
        let set = event.kind == "side"
            && event.id == "heir"
            && event.at == "2022-01-05 00:00"
            && event.text.starts_with("Now with new");
        assert!(!set, "{}", event.text);
    }
    // Nobody moves where nobody reconsiders and custom holds.
    let (scenario, plan) = parse(&TEXT.replace("\"happened.turn\"", "0"));
    let quiet = story(&scenario, &plan, SEED, 0).text;
    assert!(!quiet.contains("speaks for the new side"), "{quiet}");
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
            .starts_with("Now with new, before with old: The guard ")
            && guard.text.contains(": loyalty −"),
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

#[test]
fn conditions_are_told_in_words_with_the_values_that_they_read() {
    let strike = "[actions.strike]\nname = \"A strike\"\nsays = \"it hurts both\"\nlimit = 2\n\
        rate = \"40 + 0 * support.old\"\n\
        when = \"happened.turn and not holds.seat.free and present.guard == 1 and not (day > 30) and \
        max(happened.[turn, fall]) >= 1 and since.turn != 9\"\n";
    let (scenario, plan) =
        parse(&TEXT.replace("[outcomes.end]", &format!("{strike}[outcomes.end]")));
    let told = story(&scenario, &plan, SEED, 0).text;
    for part in [
        "since “turn” has happened and “The seat” is not with The mayor and The guard: there and not (day (4) > 30) \
         and max(happened.[turn, fall]) ≥ 1 and days since “turn” (0) ≠ 9; by chance: the rate, 40 + 0 * support of old \
         (",
        "is 40.0 per day, at which > 99.9 % of histories like this one have it by now\n",
        "of histories like this one have it by now, counted from the last time\n",
    ] {
        assert!(told.contains(part), "no `{part}` in {told}");
    }
    // What it is for is said once.
    assert_eq!(told.matches("it hurts both").count(), 1, "{told}");
    assert!(told.starts_with(&format!(
        "{}\nRound 0, seed 5: outcome on day 20: end\n",
        scenario.title
    )));
}
