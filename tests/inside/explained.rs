//! `check --explain` tells every key of the language.

use std::collections::BTreeSet;

use kzsim::scenario::Scenario;
use kzsim::scenario::grammar::{LAW, Shape};
use kzsim::scenario::model::SCENARIO;
use kzsim::text::explain::explain;

/// Every key once, each with a value that is not its default. A key that the language gets has to be added here.
const TEXT: &str = r#"
schema = 1
title = "The whole language"
rounds = 4321
seed = 77
says = "said of all"
source = "found for all"

[clock]
start = 2031-02-03
days = 24
step = "12h"
past = "41d"
play_on = false
read = ["5d", "9d"]
rest = "new"

[contenders.old]
name = "The old one"
momentum = 0.11
standing = 0.12
says = "said of old"
source = "found for old"

[contenders.new]

[arenas]
force = 3
bread = 1

[parameters]
nerve = { low = 0.21, mode = 0.22, high = 0.23, name = "The nerve", says = "said of nerve", source = "found for nerve" }
calm = { min = 0.24, max = 0.25 }
known = 0.26
computed = "known * 0.27"

[variables]
pact = 0.28

[correlations.both]
of = "parameters.nerve"
with = "parameters.calm"
rank = 0.29
says = "said of both"
source = "found for both"

[formulas]
edge = "nerve + 0.31"

[dynamics]
prospect_weight = 1.41
prospect_floor = 0.042
noise = 0.43
noise_blackout = 1.44
signal_half_life = "45d"
drift = 0.046
diffusion = 0.047
memory = "48d"
sharpness = 8.49
reconsider = 1.51
rupture = 0.52
crowd_half = 0.053
crowd_pace = 0.54
mood_sd = 0.055
mood_time = "56d"
grievance_fade = 0.057
decision = 12.58
choice = "best_reply"
thresholds = "logistic"

[actors.judge]
name = "The judge"
kind = "body"
opportunism = 0.61
caution = 0.62
stance = { old = 0.63 }
present = 0.64
says = "said of the judge"
source = "found for the judge"

[actors.judge.power]
force = 0.65

[actors.judge.loyalty]
old = 0.66

[actors.judge.promise]
new = 0.67

[actors.north]
power.bread = 0.68

[actors.south]

[offices.seat]
name = "The seat"
holder = "judge"
successors = ["north", "south"]
says = "said of the seat"
source = "found for the seat"

[offices.seat.authority]
south = 0.71

[offices.seat.power]
bread = 0.72

[offices.chair]
holder = { north = 0.73 }
power = { bread = 0.74 }

[crowds.city]
name = "The city"
weight = 1.81
place = 1.82
appeal = 1.83
grievance = 0.084
threshold_mean = 1.85
threshold_sd = 0.86
contagion = 0.087
spillover = 0.088
repression = 0.089
says = "said of the city"
source = "found for the city"

[actions.leave]
for = ["north", "south"]
name = "{it} leaves"
by = "{it}"
when = "pact < 0.911"
rate = 0.912
every = "13h"
delay = "19d"
still = "pact < 0.913"
cool = "17d"
limit = 14
success = 0.914
effects = ["pact += 0.915 * size"]
failure = ["pact -= 0.916"]
says = "said of leaving"
source = "found for leaving"

[actions.leave.draws]
size = { min = 0.917, max = 0.918 }

[actions.leave.branches.flight]
name = "The flight"
on = "success"
share = 0.919
effects = ["pact += 0.921"]
says = "said of the flight"
source = "found for the flight"

[actions.bid]
success = "rally.bid.new"
effects = ["pact = 7"]

[actions.bid.rally]
side = "new"
first_move = 0.931
night = 0.932
claim = 0.933

[actions.bid.decide]
pace = 0.941
win = 0.942
prize = 0.943
price = 0.944
wait = 0.945
every = "9d"
weighed = "always"

[actions.storm]
chance = 0.951
effects = ["pact = 8"]

[actions.vote]
at = 2031-02-17
effects = ["pact = 9"]

[outcomes.won]
name = "It is won"
when = "pact > 0.961"
hold = "21d"
says = "said of winning"
source = "found for winning"

[outcomes.late]
when = "pact > 0.962"
at_end = true

[outcomes.rest]
otherwise = true

[flags.seen]
name = "It is seen"
when = "pact > 0.963"
says = "said of seeing"
source = "found for seeing"
"#;

/// Keys that say nothing of the model: the version of the language, and where the rest is read from.
const NOT_TOLD: [&str; 2] = ["schema", "extends"];

/// The paths of all keys; `*` stands for an id.
fn paths(shape: &Shape, path: &str, out: &mut Vec<String>) {
    let below = |name: &str| {
        if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        }
    };
    match shape {
        Shape::Table(keys) => keys
            .iter()
            .for_each(|key| paths(&key.shape, &below(key.name), out)),
        Shape::Map(entry) => paths(entry, &below("*"), out),
        Shape::Leaf(_) => out.push(path.to_owned()),
    }
}

/// Whether a path of a scenario is that of a key.
fn fits(path: &str, key: &str) -> bool {
    let (path, key): (Vec<&str>, Vec<&str>) = (path.split('.').collect(), key.split('.').collect());
    path.len() == key.len() && path.iter().zip(key).all(|(a, b)| b == "*" || *a == b)
}

#[test]
fn every_key_is_told() {
    let told = |text: &str| Scenario::parse("test", text).ok().map(|s| explain(&s));
    let whole = Scenario::parse("test", TEXT).map(|s| explain(&s));
    let whole = whole.unwrap_or_else(|faults| panic!("{faults}"));
    let mut keys = Vec::new();
    paths(&SCENARIO, "", &mut keys);
    keys.retain(|key| !NOT_TOLD.contains(&key.as_str()));
    let mut missing: BTreeSet<String> = keys.iter().cloned().collect();
    let mut wrong = Vec::new();
    let lines: Vec<&str> = TEXT.lines().collect();
    let mut table = "";
    for (i, line) in lines.iter().enumerate() {
        if let Some(header) = line.strip_prefix('[') {
            table = header.trim_end_matches(']');
        }
        let Some((key, value)) = line.split_once(" = ") else {
            continue;
        };
        let path = if table.is_empty() {
            key.to_owned()
        } else {
            format!("{table}.{key}")
        };
        missing.retain(|key| !fits(&path, key));
        if NOT_TOLD.contains(&key) {
            continue;
        }
        // Without the line something else is told. What cannot be left out is told as it is written.
        let rest = [&lines[..i], &lines[i + 1..]].concat().join("\n");
        match told(&rest) {
            Some(without) if without == whole => wrong.push(format!("{path} is not told")),
            Some(_) => {}
            None => {
                let words = value.split(|c: char| !c.is_ascii_alphanumeric() && !"._".contains(c));
                let number = |word: &str| word.trim_end_matches(['d', 'h']).to_owned();
                let is_law = |word: &str| LAW.iter().any(|(key, _)| *key == word);
                let words = words.filter(|w| !w.is_empty() && !is_law(w));
                let lost = words.filter(|w| !whole.contains(&number(w)));
                wrong.extend(lost.map(|w| format!("{path}: `{w}` is not told")));
            }
        }
    }
    wrong.extend(
        missing
            .into_iter()
            .map(|key| format!("{key} is not in the test")),
    );
    assert!(wrong.is_empty(), "{}\n\n{whole}", wrong.join("\n"));
}

/// Names and remarks of numbers are told wherever they stand.
#[test]
fn remarks_of_numbers_are_told() {
    let mut plain = 0;
    for (from, to) in [
        (
            "caution = 0.62",
            "caution = { value = 0.62, name = \"N\", says = \"S\", source = \"Q\" }",
        ),
        (
            "force = 0.65",
            "force = { value = 0.65, name = \"N\", says = \"S\", source = \"Q\" }",
        ),
        (
            "known = 0.26",
            "known = { value = 0.26, name = \"N\", says = \"S\", source = \"Q\" }",
        ),
        (
            "noise = 0.43",
            "noise = { value = 0.43, name = \"N\", says = \"S\", source = \"Q\" }",
        ),
        (
            "rate = 0.912",
            "rate = { value = 0.912, name = \"N\", says = \"S\", source = \"Q\" }",
        ),
        (
            "size = { min = 0.917, max = 0.918 }",
            "size = { min = 1, max = 2, name = \"N\", says = \"S\", source = \"Q\" }",
        ),
    ] {
        let text = TEXT.replacen(from, to, 1);
        let scenario = Scenario::parse("test", &text).unwrap_or_else(|faults| panic!("{faults}"));
        let words = explain(&scenario);
        let found =
            words.contains("N: S [Q]") || words.contains("N (parameters.known) = 0.26 (S [Q])");
        assert!(found, "{to}: {words}");
        plain += 1;
    }
    assert_eq!(plain, 6);
}
