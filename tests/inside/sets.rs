//! Sets in expressions stand for what they write out.

use kzsim::engine::{Batch, Observer};

use crate::inside::played::parse;
use crate::inside::support::GOOD;

struct Nobody;
impl<const W: usize> Observer<W> for Nobody {}

/// A set, and what it stands for.
const SETS: [(&str, &str); 11] = [
    (
        "sum(power.*.coercion)",
        "power.old.coercion + power.new.coercion + power.army.coercion + power.banker.coercion",
    ),
    // A contender has no loyalty to himself.
    (
        "sum(loyalty.*.old)",
        "loyalty.new.old + loyalty.army.old + loyalty.banker.old",
    ),
    (
        "mean(loyalty.[army, banker].new)",
        "(loyalty.army.new + loyalty.banker.new) / 2",
    ),
    // A list keeps its order, `*` that of the scenario.
    (
        "mean(loyalty.[banker,army].new)",
        "(loyalty.banker.new + loyalty.army.new) / 2",
    ),
    (
        "sum(loyalty.*.old > 0.35)",
        "(loyalty.new.old > 0.35) + (loyalty.army.old > 0.35) + (loyalty.banker.old > 0.35)",
    ),
    (
        "sum(power.*.coercion * loyalty.*.new)",
        "power.old.coercion * loyalty.old.new + power.army.coercion * loyalty.army.new \
         + power.banker.coercion * loyalty.banker.new",
    ),
    ("max(support.*)", "max(support.old, support.new)"),
    ("sum(turnout.*) * 2", "turnout.capital * 2"),
    ("max(grievance.*)", "grievance.capital"),
    (
        "sum(holds.presidency.*)",
        "holds.presidency.old + holds.presidency.new + holds.presidency.army + holds.presidency.banker",
    ),
    (
        "sum(1 / (nerve + present.[army, old]) - count.move)",
        "1 / (nerve + present.army) - count.move + (1 / (nerve + present.old) - count.move)",
    ),
];

#[test]
fn a_set_is_what_it_writes_out() {
    for (set, written) in SETS {
        let out = |expression: &str| {
            let text = GOOD.replace(
                "[formulas]",
                &format!("out = 0.0\n\n[formulas]\nset = \"{expression}\""),
            ) + "\n[actions.look]\nrate = \"0 * set + 9\"\nlimit = 500\neffects = [\"out = 0.5 * out + set\"]\n";
            let (scenario, plan) = parse(&text);
            let mut batch = Batch::<64>::new(&plan, scenario.seed);
            batch.initialise(0, 64);
            batch.play(&mut Nobody);
            batch.get(plan.layout.variable(1)).0.map(f32::to_bits)
        };
        assert_eq!(out(set), out(written), "{set}");
    }
}

/// What is written stays as it is written.
#[test]
fn the_text_of_a_set_is_kept() {
    let text = GOOD.replace(
        "\"edge\"\neffects",
        "\"max(0.1, mean(loyalty.*.new))\"\neffects",
    );
    let (scenario, _) = parse(&text);
    let json = scenario.resolved.to_string();
    assert!(json.contains("max(0.1, mean(loyalty.*.new))"), "{json}");
}
