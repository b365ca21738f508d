//! Expressions that leave the finite numbers, actions that reach their limit, and rates too high for a
//! step: values and counts.

use std::fmt::Write;

use kzsim::engine::{Batch, Isa, Observer};
use kzsim::plan::Plan;
use kzsim::scenario::Scenario;

use crate::inside::played::{parse, play_records, play_tally, player};
use crate::inside::random::extreme_scenario_text;
use crate::inside::reference::Reference;

const HEAD: &str = "schema = 1\n[contenders]\none = {}\ntwo = {}\n[clock]\nstart = 2022-01-01\ndays = 10\n\
    [arenas]\nall = 1.0\n[actors.one]\npower.all = 1.0\n[actors.two]\npower.all = 1.0\n\
    [outcomes.end]\notherwise = true\n";

struct Nobody;
impl<const W: usize> Observer<W> for Nobody {}

/// Every operation and function, and some in which one part has no value.
const FORMS: &[&str] = &[
    "$a + $b",
    "$a - $b",
    "$a * $b",
    "$a * $b * $a",
    "$a / $b",
    "1 / ($a - $b)",
    "-$a",
    "$a < $b",
    "$a <= $b",
    "$a == $b",
    "$a != $b",
    "$a > $b or 1 / $a > 0",
    "$a and 1 / $b",
    "1 / $a or $b",
    "not (1 / $a)",
    "min($a, 1 / $b)",
    "max(1 / $a, $b)",
    "clamp($a, 0, $b)",
    "abs($a) + exp($b)",
    "exp(-$a)",
    "ln($a)",
    "sqrt($b)",
    "logistic($a - $b)",
    "logistic(1 / $a)",
    "$a ^ 3",
    "$a ^ -2",
    "$a ^ 0",
    "$a ^ 0.7",
    "$a ^ -0.5",
    "0.5 ^ ($a + 0.25)",
    "contest($a, $b, 2)",
    "contest($a, $b, 0.3)",
    "contest($a, $b, -2)",
    "contest(2, 3, $a + 0.25)",
    "contest(1 / $a, $b, 1)",
    "if($a > $b, 1 / $a, $b)",
    "if(1 / $a, $b, 1 / $b)",
    "1 / if($b > 0, $b, $a)",
    "floor($a / 2 - $b)",
    "floor(1 / $a)",
];

/// A variable with its value; the last, without one, has never happened.
const NUMBERS: [(&str, &str); 7] = [
    ("nought", "0"),
    ("three", "3"),
    ("below", "(-2)"),
    ("huge", "1e30"),
    ("tiny", "1e-30"),
    ("ninety", "90"),
    ("first.never", ""),
];

/// The value of every form with every two numbers, which `name` writes, in both engines; 7 where there is
/// none.
fn values(name: impl Fn(usize, usize) -> &'static str) -> Vec<f32> {
    let mut variables = String::new();
    let mut actions = String::new();
    for (f, form) in FORMS.iter().enumerate() {
        let mut effects = Vec::new();
        for i in 0..NUMBERS.len() {
            for j in 0..NUMBERS.len() {
                let text = form.replace("$a", name(0, i)).replace("$b", name(1, j));
                let _ = writeln!(variables, "v{f}_{i}_{j} = 7");
                effects.push(format!("'v{f}_{i}_{j} = {text}'"));
            }
        }
        let _ = writeln!(
            actions,
            "[actions.f{f}]\nat = 2022-01-02\neffects = [{}]",
            effects.join(", ")
        );
    }
    let mut named = String::new();
    for (id, x) in &NUMBERS[..6] {
        let _ = writeln!(named, "{id} = {}", x.trim_matches(['(', ')']));
    }
    let text =
        format!("{HEAD}[variables]\n{variables}{named}{actions}[actions.never]\nat = 2022-02-01\n");
    let (scenario, plan) = parse(&text);
    let mut batch = Batch::<1>::new(&plan, 1);
    batch.initialise(0, 1);
    batch.play(&mut Nobody);
    let count = FORMS.len() * NUMBERS.len() * NUMBERS.len();
    let fast: Vec<f32> = (0..count)
        .map(|v| batch.get(plan.layout.variable(v)).0[0])
        .collect();
    let slow = Reference::new(&scenario, 1).play(0);
    let slow = &slow.states.last().expect("steps").variables[..count];
    for (v, (x, y)) in fast.iter().zip(slow).enumerate() {
        let form = FORMS[v / 49];
        assert_eq!(
            x.to_bits(),
            y.to_bits(),
            "{form} of {:?} and {:?}: {x}, {y}",
            NUMBERS[v / 7 % 7],
            NUMBERS[v % 7]
        );
    }
    fast
}

#[test]
fn an_expression_has_one_value_however_it_is_compiled() {
    let variables = values(|_, i| NUMBERS[i].0);
    // What has never happened has no literal.
    let written = |i: usize| if i < 6 { NUMBERS[i].1 } else { NUMBERS[i].0 };
    let folded = values(|_, i| written(i));
    let mixed = values(|side, i| if side == 0 { NUMBERS[i].0 } else { written(i) });
    for (v, x) in variables.iter().enumerate() {
        for other in [folded[v], mixed[v]] {
            assert_eq!(
                x.to_bits(),
                other.to_bits(),
                "{} at {v}: {x}, {other}",
                FORMS[v / 49]
            );
        }
    }
    assert!(variables.iter().all(|x| x.is_finite()));
    let without = variables.iter().filter(|x| **x == 7.0).count();
    assert!(without > 200 && without < variables.len() / 2, "{without}");
}

/// The counts of all fragile expressions.
fn undefined((scenario, plan): &(Scenario, Plan), rounds: u64) -> Vec<(String, u64)> {
    let tally = play_tally(
        &(scenario.clone(), Plan::new(scenario).expect("a good one")),
        1,
        rounds,
    );
    let names = plan.fragile.iter().map(|f| f.path.clone());
    names.zip(tally.undefined).collect()
}

#[test]
fn it_is_counted_in_how_many_rounds_an_expression_had_no_value() {
    let text = format!(
        "{HEAD}[parameters]\np = {{ min = -1, max = 1 }}\nroot = 'sqrt(p)'\nsafe = 'sqrt(abs(p)) + 1 / (p ^ 2 + 1)'\n\
         [variables]\nx = 0\n[actions.guarded]\nwhen = 'p > 0 and ln(p) < 0'\nrate = '1 / x'\nlimit = 1\n\
         [actions.closed]\nwhen = 'x > 0'\nrate = '1 / x'\n[actions.later]\nat = 2022-01-05\nsuccess = 'since.closed'\n\
         effects = ['x = 1']\nfailure = ['x = first.closed', 'x += 2']\n\
         [actions.bold]\ndecide = {{ pace = 1, win = '1e30 * p', prize = 1e30, price = -1e30 }}\n\
         [flags.both]\nwhen = 'first.closed == first.bold'\n[outcomes.late]\nwhen = 'ln(p) < 0'\nat_end = true\n"
    )
    .replace("[outcomes.end]\notherwise = true\n", "")
        + "[outcomes.end]\notherwise = true\n";
    let loaded = parse(&text);
    let n = 2_000;
    let (_, records) = play_records::<64>(&loaded, 1, n, 1);
    let negative = records.iter().filter(|r| r.priors[0] <= 0.0).count() as u64;
    assert!(negative > 900 && negative < 1_100);
    let found = undefined(&loaded, n);
    let of = |path: &str| {
        let list: Vec<u64> = found
            .iter()
            .filter(|(p, _)| p == path)
            .map(|(_, n)| *n)
            .collect();
        list
    };
    assert_eq!(of("parameters.root"), [negative]);
    assert_eq!(of("parameters.safe"), [0; 0], "it always has a value");
    // What does not matter is not counted.
    assert_eq!(of("actions.guarded.when"), [0]);
    assert_eq!(of("actions.guarded.rate"), [n - negative]);
    assert_eq!(of("actions.closed.rate"), [0]);
    assert_eq!(of("actions.later.success"), [n]);
    assert_eq!(of("actions.later.effects"), [0; 0]);
    assert_eq!(of("actions.later.failure"), [n]);
    assert_eq!(of("flags.both.when"), [0; 0]);
    assert_eq!(of("outcomes.late.when"), [negative]);
    // `win * prize` and `(1 - win) * price` are infinite, of the same sign.
    assert_eq!(of("actions.bold.decide"), [n]);
    // An effect without a value changes nothing; the next adds to what was.
    let (scenario, plan) = &loaded;
    let mut batch = Batch::<1>::new(plan, scenario.seed);
    batch.initialise(0, 1);
    batch.play(&mut Nobody);
    assert_eq!(batch.get(plan.layout.variable(0)).0[0], 2.0);
}

#[test]
fn these_counts_are_the_same_in_all_lanes_and_instruction_sets_and_in_parts() {
    let mut counted = 0;
    for number in 0..12 {
        let loaded = parse(&extreme_scenario_text(number));
        let whole = play_tally(&loaded, number, 300);
        let (one, _) = play_records::<1>(&loaded, number, 300, 1);
        assert_eq!(whole.undefined, one.undefined, "scenario {number}");
        assert_eq!(
            (&whole.limited, &whole.crowded),
            (&one.limited, &one.crowded)
        );
        for isa in Isa::available() {
            let mut player = player(number, 2);
            player.workers.isa = isa;
            let part = |rounds| {
                player
                    .tally_in::<64>(&loaded.0, &loaded.1, rounds)
                    .expect("a run")
            };
            let mut parts = part(0..100);
            parts.merge(&part(100..300));
            assert_eq!(parts, whole, "scenario {number} with {isa}");
        }
        counted += whole.undefined.iter().sum::<u64>();
    }
    assert!(counted > 1_000, "{counted}");
}

/// Standard errors beyond which a count is wrong: a correct program fails with probability 1e-6 at each
/// comparison, when the seed is first tried.
const Z: f64 = 4.9;

#[test]
fn it_is_counted_in_how_many_rounds_a_limit_stopped_an_action() {
    let rate = 0.4;
    let text = format!(
        "{HEAD}[actions.event]\nrate = {rate}\nlimit = 4\n[actions.once]\nrate = 10\n[actions.often]\nrate = 0.4\nlimit = 100\n\
         [actions.off]\nrate = 10\nlimit = 0\n[actions.fast]\nrate = 5\nlimit = 1000\n"
    );
    let n = 100_000;
    let tally = play_tally(&parse(&text), 7, n);
    // The limit stops it where there would have been five or more in ten days.
    let mean = rate * 10.0;
    let (mut term, mut below) = (f64::exp(-mean), 0.0);
    for k in 1..=5 {
        below += term;
        term *= mean / f64::from(k);
    }
    let p = 1.0 - below;
    let expected = p * n as f64;
    let z = (tally.limited[0] as f64 - expected) / (expected * (1.0 - p)).sqrt();
    assert!(
        z.abs() < Z,
        "{} of {n}, expected {expected:.0}",
        tally.limited[0]
    );
    assert_eq!(tally.limited[1..], [0; 4]);
    assert_eq!(tally.crowded, [0, 0, 0, 0, n]);
}
