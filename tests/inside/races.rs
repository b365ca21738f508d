//! Events of one step come in the order of their times, whatever the step and the order of the list.
//!
//! Statistical statements use fixed seeds and `Z` standard errors: a correct program would have failed
//! each comparison with probability 1e-6 when its seed was first tried.

use std::collections::BTreeMap;
use std::fmt::Write;

use kzsim::engine::lanes::Lanes;
use kzsim::engine::{Batch, Observer};
use kzsim::plan::{Needs, Plan};
use kzsim::scenario::Scenario;
use kzsim::scenario::catalogue::{NAMES, Reading};
use kzsim::scenario::state::StateQuantity;

use crate::inside::played::{action, parse, play_records, play_tally};
use crate::inside::random::scenario_text;

/// Standard errors beyond which a count is wrong; see above.
const Z: f64 = 4.9;

/// Steps from a quarter of an hour to two days.
const STEPS: [&str; 5] = ["15min", "1h", "6h", "1d", "2d"];

fn with(step: &str, days: u32, rest: &str) -> String {
    format!(
        "schema = 1\n[contenders]\none = {{}}\ntwo = {{}}\n[clock]\nstart = 2022-01-01\ndays = {days}\n\
         step = '{step}'\n[arenas]\nall = 1\n[actors.one]\npower.all = 1\n[variables]\nout = 0\n{rest}\n\
         [outcomes.end]\notherwise = true\n"
    )
}

fn assert_share(count: u64, n: u64, p: f64, what: &str) {
    let expected = p * n as f64;
    let z = (count as f64 - expected) / (expected * (1.0 - p)).sqrt();
    assert!(
        z.abs() < Z,
        "{what}: {count} of {n}, expected {expected:.1}, z = {z:.2}, limit {Z}"
    );
}

/// Rates of .3 and .2 over ten days, until one has come: the first wins .3/.5 of what is decided.
#[test]
fn a_race_is_won_as_its_rates_say_at_any_step() {
    let first = |n: f64| 0.6 * (1.0 - (-0.5 * n).exp());
    let n = 30_000;
    for step in STEPS {
        for listed in [["i", "j"], ["j", "i"]] {
            let mut rest = String::new();
            for id in listed {
                let rate = if id == "i" { 0.3 } else { 0.2 };
                let _ = write!(
                    rest,
                    "[actions.{id}]\nrate = {rate}\n[outcomes.{id}]\nwhen = 'happened.{id}'\n"
                );
            }
            let loaded = parse(&with(step, 10, &rest));
            let tally = play_tally(&loaded, 31, n);
            let i = loaded.0.outcomes.iter().position(|o| o.id == "i");
            let count = tally.outcome_count(i.expect("an outcome"));
            assert_share(count, n, first(10.0), &format!("{step}, {listed:?}"));
            let other = loaded.0.outcomes.iter().position(|o| o.id == "j");
            let count = tally.outcome_count(other.expect("an outcome"));
            assert_share(count, n, first(10.0) / 1.5, &format!("{step}, {listed:?}"));
        }
    }
}

#[test]
fn actions_that_exclude_each_other_never_both_happen() {
    let n = 30_000;
    for step in STEPS {
        let rest = "[actions.i]\nwhen = 'not happened.j'\nrate = 0.3\n\
                    [actions.j]\nwhen = 'not happened.i'\nrate = 0.2\n\
                    [flags.both]\nwhen = 'happened.i and happened.j'\n";
        let tally = play_tally(&parse(&with(step, 10, rest)), 32, n);
        assert_eq!(tally.flags[0], 0, "{step}");
        let decided = 1.0 - (-5.0_f64).exp();
        assert_share(tally.action_count(0), n, 0.6 * decided, step);
        assert_share(tally.action_count(1), n, 0.4 * decided, step);
    }
    // Chances, in listed order, and an actor who is gone.
    let rest = "[actions.a]\nwhen = 'not happened.b'\nchance = 0.3\n[actions.b]\nwhen = 'not happened.a'\n\
                chance = 1\n[actions.go]\nby = 'one'\nrate = 9\neffects = ['present.one = 0']\n\
                [actions.stay]\nby = 'one'\nrate = 9\nlimit = 50\neffects = ['out += 1']\n\
                [flags.both]\nwhen = 'happened.a and happened.b'\n";
    let loaded = parse(&with("2d", 10, rest));
    let tally = play_tally(&loaded, 33, n);
    assert_eq!(tally.flags[0], 0);
    assert_share(tally.action_count(0), n, 0.3, "the first chance");
    assert_eq!(tally.action_count(0) + tally.action_count(1), n);
    // `stay` happens before `go` as often as a fair coin falls heads.
    assert_share(tally.action_count(3), n, 0.5, "before the actor has gone");
}

/// First to three against first to two: a race of Poisson processes.
#[test]
fn repeated_actions_race_too() {
    let n = 30_000;
    let (p, q) = (0.6_f64, 0.4);
    for step in ["6h", "2d"] {
        let rest = "[actions.j]\nrate = 0.2\nlimit = 99\n[actions.i]\nrate = 0.3\nlimit = 99\n\
                    [outcomes.j]\nwhen = 'count.j >= 2'\n[outcomes.i]\nwhen = 'count.i >= 3'\n";
        let tally = play_tally(&parse(&with(step, 80, rest)), 34, n);
        let wins = p.powi(3) * (1.0 + 3.0 * q);
        assert_share(tally.outcome_count(1), n, wins, step);
        assert_eq!(tally.outcome_count(0) + tally.outcome_count(1), n, "{step}");
    }
    // A gate that its own effects close.
    let rest = "[actions.i]\nwhen = 'out < 3'\nrate = 40\nlimit = 99\neffects = ['out += 1']\n\
                [flags.more]\nwhen = 'out > 3'\n[flags.three]\nwhen = 'count.i == 3'\n";
    let tally = play_tally(&parse(&with("2d", 4, rest)), 35, 1_000);
    assert_eq!((tally.flags[0], tally.flags[1]), (0, 1_000));
}

/// A strike before a closed gate is lost, and the clock has no memory of it: `j` is shut by `i` and
/// open again from day 6 on. A new spell is credited with half a step.
#[test]
fn a_void_strike_leaves_no_trace() {
    let (a, b, n) = (0.3_f64, 0.4_f64, 60_000);
    for (step, half) in [("6h", 0.125), ("1d", 0.5), ("2d", 1.0)] {
        let rest = "[actions.j]\nwhen = 'not happened.i or day >= 6'\nrate = 0.4\n[actions.i]\nrate = 0.3\n";
        let tally = play_tally(&parse(&with(step, 10, rest)), 36, n);
        let shut = a / (a + b) * (1.0 - (-6.0 * (a + b)).exp()) * (-b * (4.0 + half)).exp();
        let never = shut + (-6.0 * a - 10.0 * b).exp();
        assert_share(tally.action_count(0), n, 1.0 - never, step);
    }
}

/// Decisions that fall due in the same step take effect in the order of their times.
#[test]
fn delayed_actions_keep_their_order() {
    let n = 30_000;
    let rest = "[actions.i]\nrate = 0.3\ndelay = '3d'\neffects = ['out = 1']\n\
                [actions.j]\nrate = 0.2\ndelay = '3d'\neffects = ['out = 2']\n\
                [outcomes.over]\nwhen = 'happened.i and happened.j'\n[flags.last]\nwhen = 'out == 1 and happened.j'\n";
    let tally = play_tally(&parse(&with("2d", 120, rest)), 37, n);
    assert_share(tally.flags[0], n, 0.4, "`i` comes last");
    // A date comes before what falls due in the step that it begins, and ends the round.
    let rest = "[actions.j]\nwhen = 'day >= 1'\nrate = 1000\n[outcomes.j]\nwhen = 'happened.j'\n\
                [actions.late]\nat = 2022-01-02T20:00:00\n[actions.early]\nat = 2022-01-02T18:00:00\n\
                [outcomes.late]\nwhen = 'happened.late'\n[outcomes.early]\nwhen = 'happened.early'\n\
                [outcomes.slow]\nwhen = 'happened.early'\nhold = '2d'\n";
    let tally = play_tally(
        &parse(&with("1d", 4, &rest.replace("day >= 1", "day >= 2"))),
        38,
        100,
    );
    assert_eq!(tally.outcome_count(2), 100, "{:?}", tally.outcomes);
}

/// The same rounds with the actions listed in another order.
#[test]
fn the_order_of_the_list_changes_nothing() {
    let actions = [
        (
            "a",
            "when = 'out < 2'\nrate = 1.1\nlimit = 9\neffects = ['out = 0.5 * out + 1']\n",
        ),
        (
            "b",
            "when = 'out < 2'\nrate = '0.8 * out'\nlimit = 9\neffects = ['out *= 0.7', 'signal.one += 0.3']\n",
        ),
        (
            "c",
            "by = 'one'\nwhen = 'not happened.d'\nrate = 0.3\nsuccess = 'out / 2'\nfailure = ['out += 1']\n",
        ),
        (
            "d",
            "when = 'not happened.c'\nrate = 0.2\neffects = ['power.one.all = 0.2']\n",
        ),
        (
            "e",
            "rate = 0.4\nlimit = 3\ndelay = '30h'\neffects = ['out -= 0.4']\n",
        ),
        (
            "ff",
            "rate = 0.4\nlimit = 3\ndelay = '20h'\neffects = ['out *= 2']\n",
        ),
        (
            "g",
            "by = 'two'\ndecide = { pace = 2, win = 'out / 3', prize = 1, price = 0.2 }\neffects = ['present.one = 0']\n",
        ),
    ];
    let played = |order: &[usize]| {
        let mut rest = "[actors.two]\npower.all = 0.5\n".to_owned();
        for i in order {
            let (id, text) = actions[*i];
            let _ = write!(rest, "[actions.{id}]\n{text}");
        }
        rest.push_str(
            "[outcomes.high]\nwhen = 'out > 2.5'\n[outcomes.low]\nwhen = 'count.a >= 3'\n",
        );
        let loaded = parse(&with("1d", 4, &rest));
        let (_, records) = play_records::<64>(&loaded, 39, 4_000, 0);
        let ids: Vec<usize> = actions
            .iter()
            .map(|(id, _)| action(&loaded.0, id))
            .collect();
        let told = |r: &kzsim::ensemble::RoundRecord| {
            let first: Vec<Option<f32>> = ids.iter().map(|i| r.first[*i]).collect();
            (r.outcome, r.steps, first)
        };
        records.iter().map(told).collect::<Vec<_>>()
    };
    let listed = played(&[0, 1, 2, 3, 4, 5, 6]);
    for outcome in 0..3 {
        let count = listed.iter().filter(|r| r.0 == outcome).count();
        assert!(count > 50, "outcome {outcome}: {count}");
    }
    for order in [[6, 5, 4, 3, 2, 1, 0], [3, 1, 6, 0, 5, 2, 4]] {
        assert!(played(&order) == listed, "{order:?}");
    }
}

/// Every number of the state at the end of every step, by round and step.
struct Everything {
    viewers: Vec<usize>,
    seen: BTreeMap<(u64, u32), Vec<u32>>,
}

impl<const W: usize> Observer<W> for Everything {
    fn settled(&mut self, batch: &Batch<'_, W>, _decided: &[Option<usize>; W]) {
        let l = batch.layout();
        let mut rows: Vec<&Lanes<W>> = Vec::new();
        for quantity in StateQuantity::ALL {
            let lengths = quantity.axes().iter().map(|axis| l.length(*axis));
            let mut all = vec![Vec::new()];
            for length in lengths {
                let more = |start: &Vec<usize>| {
                    let start = start.clone();
                    (0..length).map(move |i| start.iter().copied().chain([i]).collect())
                };
                all = all.iter().flat_map(more).collect();
            }
            // What nothing reads of an actor's view is not computed, and nothing shows it.
            all.retain(|indices: &Vec<usize>| {
                !matches!(quantity, StateQuantity::Sees | StateQuantity::Granted)
                    || self.viewers.contains(&indices[0])
            });
            rows.extend(
                all.iter()
                    .map(|indices| batch.get(l.slot(*quantity, indices))),
            );
        }
        for lane in batch.alive.lanes() {
            let values = rows.iter().map(|row| row.0[lane].to_bits()).collect();
            self.seen.insert((batch.rounds[lane], batch.t), values);
        }
    }
}

fn everything(plan: &Plan, viewers: &[usize]) -> BTreeMap<(u64, u32), Vec<u32>> {
    let mut batch = Batch::<64>::new(plan, 5);
    batch.initialise(0, 20);
    let mut all = Everything {
        viewers: viewers.to_vec(),
        seen: BTreeMap::new(),
    };
    batch.play(&mut all);
    all.seen
}

/// Flags that read every name of a scenario.
fn readers(scenario: &Scenario) -> String {
    let ids = scenario.ids();
    let names = NAMES.iter().filter(|name| {
        !matches!(
            name.reading,
            None | Some(Reading::Holder(_) | Reading::Fate(_))
        )
    });
    let names = names.flat_map(|name| ids.every(name));
    let names: Vec<String> = names.map(|(name, _)| name).collect();
    let mut text = String::new();
    for (n, some) in names.chunks(12).enumerate() {
        let _ = write!(
            text,
            "[flags.reads_{n}]\nwhen = '{} > 1'\n",
            some.join(" + ")
        );
    }
    text
}

/// What is shown of a round is the same whatever else the scenario reads.
#[test]
fn more_readers_change_nothing_that_is_shown() {
    let mut stale = 0;
    for number in 2_000..2_080 {
        let text = scenario_text(number);
        let plain = parse(&text);
        let read = parse(&format!("{text}{}", readers(&plain.0)));
        let viewers = &plain.1.perceive.viewers;
        assert!(
            everything(&plain.1, viewers) == everything(&read.1, viewers),
            "scenario {number}"
        );
        let shown = |loaded: &(Scenario, Plan)| play_tally(loaded, 5, 64).details;
        assert!(
            shown(&plain) == shown(&read),
            "the timeline of scenario {number}"
        );
        // The test means something only where facts are not read late in the step anyway.
        stale += u32::from(plain.1.settle.needs != Needs::ALL);
    }
    assert!(stale > 40, "{stale}");
}
