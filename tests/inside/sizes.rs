//! What actions draw for their effects, anew each time. `docs/MODEL.md` 7.7.

use kzsim::engine::draws::sided;
use kzsim::engine::{Batch, Observer};
use kzsim::plan::Plan;
use kzsim::scenario::Scenario;
use kzsim::scenario::fault::Faults;
use kzsim::text::explain::explain;
use kzsim::text::trace::story;

use crate::inside::played::{parse, play_records};

const SEED: u64 = 21;

/// An action with a size, and others.
fn with(rest: &str) -> String {
    format!(
        "schema = 1\n[contenders]\nold = {{}}\nnew = {{}}\n[clock]\nstart = 2022-01-01\ndays = 30\n\
         [arenas]\nall = 1\n[parameters]\nnerve = 0.5\n[variables]\nx = 0\ny = 0\nz = 0\nbad = 0\n\
         [formulas]\nsum = 'x + y'\n[actors.old]\npower.all = 1\n{rest}\n[outcomes.end]\notherwise = true\n"
    )
}

struct Nobody;
impl<const W: usize> Observer<W> for Nobody {}

/// Values of variables at the end of some rounds.
fn ends<const W: usize>(plan: &Plan, first: u64) -> Vec<Vec<f32>> {
    let mut batch = Batch::<W>::new(plan, SEED);
    batch.initialise(first, W);
    batch.play(&mut Nobody);
    let l = &plan.layout;
    (0..W)
        .map(|lane| {
            (0..l.variables)
                .map(|v| batch.get(l.variable(v)).0[lane])
                .collect()
        })
        .collect()
}

#[test]
fn each_taking_has_a_size_of_its_own() {
    for law in [
        "{ min = 1, max = 3 }",
        "{ low = 0.1, mode = 0.2, high = 0.5 }",
        "{ mean = -2, sd = 0.5 }",
        "{ p05 = 1, p50 = 8, p95 = 60, name = 'victims' }",
    ] {
        let text = with(&format!(
            "[actions.shooting]\nrate = 1\nlimit = 100\nsuccess = 0.5\ndraws = {{ size = {law}, other = {{ min = 0, max = 1 }} }}\n\
             effects = ['x += size', 'y = size']\nfailure = ['x += size', 'y = size']\n\
             [actions.shooting.branches.also]\nshare = 0.7\neffects = ['bad += size != y', 'z += 1']\n"
        ));
        let (scenario, plan) = parse(&text);
        assert!(scenario.priors().is_empty());
        assert_eq!(plan.drawn.len(), 2);
        let count = plan.layout.count(0);
        let mut late = 0;
        for (round, found) in (0..32).zip(ends::<64>(&plan, 0)) {
            let mut batch = Batch::<1>::new(&plan, SEED);
            batch.initialise(round, 1);
            batch.play(&mut Nobody);
            let takings = batch.get(count).0[0] as u64;
            late += u64::from(takings > 16);
            let drawn = |index| {
                plan.drawn[0]
                    .law
                    .at(sided(SEED, "act/shooting/draws/size", round, index))
            };
            let sum = (0..takings).fold(0.0, |sum: f32, index| sum + drawn(index));
            assert_eq!(found[0].to_bits(), sum.to_bits(), "{law}, round {round}");
            let last = if takings == 0 {
                0.0
            } else {
                drawn(takings - 1)
            };
            assert_eq!(found[1], last, "{law}, round {round}");
            assert_eq!(found[3], 0.0);
            assert_eq!(found, ends::<1>(&plan, round)[0]);
        }
        assert!(late > 20, "{late} rounds with more than 16");
    }
}

#[test]
fn a_size_changes_no_other_draw() {
    let plain = "[actions.shooting]\nrate = 1\nlimit = 9\nsuccess = 0.5\neffects = ['x += 1']\n\
                 [actions.other]\nrate = 0.1\nwhen = 'x > 2'\n";
    let sized = plain.replace("effects", "draws.size = { min = 0, max = 1 }\neffects");
    let known = plain
        .replace("effects", "draws.size = 1\neffects")
        .replace("+= 1", "+= size");
    let of = |text: &str| {
        let records = play_records::<64>(&parse(&with(text)), SEED, 500, 1).1;
        records.into_iter().map(|r| r.first).collect::<Vec<_>>()
    };
    assert_eq!(of(plain), of(&sized));
    assert_eq!(of(plain), of(&known));
}

#[test]
fn sizes_are_told() {
    let (scenario, plan) = parse(&with(
        "[actions.shooting]\nat = 2022-01-03\neffects = ['x += size']\n[actions.shooting.draws]\n\
         size = { min = 1, max = 3, source = 'judgement' }\nfew = 2\n",
    ));
    let words = explain(&scenario);
    for part in [
        "size, drawn each time: anywhere from 1 to 3 [judgement]",
        "few, drawn each time: 2\n",
    ] {
        assert!(words.contains(part), "{words}");
    }
    let told = story(&scenario, &plan, SEED, 0).text;
    assert!(told.contains("      drawn: size = "), "{told}");
}

fn faults(text: &str) -> String {
    let scenario = match Scenario::parse("test", text) {
        Ok(scenario) => scenario,
        Err(faults) => return faults.to_string(),
    };
    match Plan::new(&scenario) {
        Ok(_) => String::new(),
        Err(faults) => Faults::new(scenario.sources.clone(), faults).to_string(),
    }
}

#[test]
fn sizes_that_cannot_be_are_faults() {
    let size = "draws.size = { min = 0, max = 1 }";
    for (rest, found, allowed) in [
        (
            "draws.nerve = 1",
            "`nerve` is declared in [parameters] and in [actions.shooting.draws]",
            "an id that no parameter, variable or formula has",
        ),
        (
            "draws.sum = 1",
            "`sum` is declared in [formulas]",
            "an id that no",
        ),
        (
            "draws.loyalty = 1",
            "loyalty",
            "expressions use it for the state",
        ),
        ("draws.Size = 1", "Size", ""),
        (
            "draws.size = '2 * nerve'",
            "actions.shooting.draws.size is the text \"2 * nerve\"",
            "written in the effects: \"pact += 2 * size\"",
        ),
        (
            "draws.size = { low = 1, high = 2 }",
            "low, high together",
            "",
        ),
        (
            &format!("{size}\nsuccess = 'size'"),
            "nothing is called `size`",
            "`size` is drawn in [actions.shooting.draws]: the effects of that action alone know it",
        ),
        (
            &format!("{size}\n[actions.shooting.branches.b]\nshare = 'size'"),
            "nothing is called `size`",
            "alone know it",
        ),
        (
            &format!("{size}\n[actions.b]\nrate = 1\neffects = ['x += size']"),
            "nothing is called `size`",
            "alone know it",
        ),
        (
            &format!("{size}\n[flags.b]\nwhen = 'size > 0'"),
            "nothing is called `size`",
            "alone know it",
        ),
        (&format!("{size}\neffects = ['size = 1']"), "`size`", ""),
        (
            &format!("{size}\neffects = ['x += sise']"),
            "nothing is called `sise`",
            "did you mean `size`",
        ),
        (
            &format!("{size}\neffects = ['x += size.a']"),
            "`size` has no parts",
            "",
        ),
    ] {
        let told = faults(&with(&format!("[actions.shooting]\nrate = 1\n{rest}\n")));
        assert!(
            told.contains(found) && told.contains(allowed),
            "{rest}: {told}"
        );
    }
    // A formula means the same wherever it is read.
    let text = with(&format!(
        "[actions.shooting]\nrate = 1\n{size}\neffects = ['x += sum']\n"
    ));
    let told = faults(&text.replace("'x + y'", "'x + size'"));
    assert!(told.contains("nothing is called `size`"), "{told}");
}
