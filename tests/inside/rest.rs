//! Rest, custom and news, by hand. `docs/MODEL.md` section 5 and 7.2 to 7.6.

use kzsim::engine::{Batch, Observer};
use kzsim::plan::{Plan, Slot};

use crate::inside::played::parse;

struct Nobody;
impl<const W: usize> Observer<W> for Nobody {}

/// Two contenders of equal power, and what is added.
fn with(added: &str) -> Plan {
    let text = format!(
        "schema = 1\n[contenders]\none = {{}}\ntwo = {{}}\n[clock]\nstart = 2022-01-01\ndays = 60\n\
         [arenas]\nall = 1.0\n[actors.one]\npower.all = 1.0\n[actors.two]\npower.all = 1.0\n\
         [outcomes.end]\notherwise = true\n{added}"
    );
    parse(&text).1
}

/// The values of some slots at the start and after so many steps.
fn played<const N: usize>(plan: &Plan, steps: u32, slots: [Slot; N]) -> [(f32, f32); N] {
    let mut batch = Batch::<1>::new(plan, 3);
    batch.initialise(0, 1);
    let start = slots.map(|slot| batch.slots[slot].0[0]);
    batch.play_until(steps, &mut Nobody);
    std::array::from_fn(|i| (start[i], batch.slots[slots[i]].0[0]))
}

fn near(found: f32, expected: f64, error: f64, what: &str) {
    let gap = (f64::from(found) - expected).abs();
    assert!(gap < error, "{what}: {found} instead of {expected}");
}

#[test]
fn custom_holds_until_rupture_breaks_it() {
    let plan = with(
        "[variables]\nbroken = 0\n[dynamics]\nsharpness = 4\nreconsider = 5\ndrift = 0\nrupture = 'broken'\n\
         [actors.army]\nkind = 'body'\nopportunism = 0\nloyalty.one = 0.6\nloyalty.two = 0.3\ncaution = 0.2\n\
         stance = { one = 0.1, two = 0.8 }\n\
         [actions.half]\nat = 2022-01-11\neffects = ['broken = 0.5']\n\
         [actions.whole]\nat = 2022-01-31\neffects = ['broken = 1']\n",
    );
    let l = &plan.layout;
    let [with_one] = played(&plan, 40, [l.stance(2, 0)]);
    assert_eq!(with_one.0, with_one.1, "nothing happens for ten days");
    near(with_one.0, 0.1, 1e-6, "as written");
    // Half of custom: the geometric middle of what is written and what reasons say.
    let e = |u: f64| (4.0 * u).exp();
    let reasons = [e(0.6), e(0.3), e(0.2)];
    let middle = [0.1, 0.8, 0.1_f64];
    let middle: Vec<f64> = reasons
        .iter()
        .zip(middle)
        .map(|(r, s)| (r * s).sqrt())
        .collect();
    let [with_one] = played(&plan, 119, [l.stance(2, 0)]);
    near(
        with_one.1,
        middle[0] / middle.iter().sum::<f64>(),
        1e-4,
        "half",
    );
    let [with_one] = played(&plan, 240, [l.stance(2, 0)]);
    near(
        with_one.1,
        reasons[0] / reasons.iter().sum::<f64>(),
        1e-4,
        "without custom",
    );
}

#[test]
fn a_best_replier_leaves_home_when_reasons_grow_by_more_than_custom() {
    // He stands with two although one is nearer: he goes once more speaks for it.
    for (more, moves) in [(0.0, false), (-0.2, false), (0.01, true)] {
        let plan = with(&format!(
            "[dynamics]\nreconsider = 50\ndrift = 0\nchoice = 'best_reply'\n[actors.minister]\nopportunism = 0\ncaution = -100\n\
             loyalty.one = 0.6\nloyalty.two = 0.3\nstance = 'two'\n\
             [actions.word]\nat = 2022-01-03\neffects = ['loyalty.minister.one += {more}']\n"
        ));
        let [with_one] = played(&plan, 240, [plan.layout.stance(2, 0)]);
        assert_eq!(with_one.0, 0.0, "as written");
        assert_eq!(with_one.1 == 1.0, moves, "{more} more");
    }
}

/// What a person shows tells of his tastes: if options have the chances `p`, and reasons for one of those that he did not
/// take grow by `x`, the share that stays is `1/(1 + p·(eˣ − 1))`, whether reasons spoke for what he shows or
/// not. A correct program would have failed each comparison with probability 1e-6 when the seed was first tried.
#[test]
fn tastes_are_those_of_one_who_shows_what_he_shows() {
    let rounds = 40_000_u32;
    for shown in ["one", "two", "aside"] {
        for more in [0.02_f64, 0.1, 0.3] {
            let plan = with(&format!(
                "[dynamics]\nsharpness = 8\nreconsider = 100\ndrift = 0\n[actors.minister]\nopportunism = 0\n\
                 caution = 0.45\nloyalty.one = 0.6\nloyalty.two = 0.3\nstance = '{shown}'\n\
                 [actions.word]\nat = 2022-01-03\neffects = ['loyalty.minister.{} += {more}']\n",
                if shown == "two" { "one" } else { "two" },
            ));
            let l = &plan.layout;
            let side = match shown {
                "one" => 0,
                "two" => 1,
                _ => 2,
            };
            let mut batch = Batch::<64>::new(&plan, 11);
            let mut stayed = 0;
            for first in (0..rounds).step_by(64) {
                batch.initialise(u64::from(first), 64);
                batch.play_until(16, &mut Nobody);
                let stance = batch.get(l.stance(2, side));
                stayed += stance.0.iter().filter(|s| **s == 1.0).count();
            }
            let weight = |u: f64| (8.0 * u).exp();
            let all = weight(0.6) + weight(0.3) + weight(0.45);
            let other = weight(if shown == "two" { 0.6 } else { 0.3 }) / all;
            let expected = 1.0 / (1.0 + other * ((8.0 * more).exp() - 1.0));
            let n = f64::from(rounds);
            let z = (stayed as f64 - n * expected) / (n * expected * (1.0 - expected)).sqrt();
            assert!(
                z.abs() < 4.9,
                "{shown}, {more} more for another: {stayed} of {rounds} stayed, expected {expected}, z = {z}"
            );
        }
    }
}

/// A contender who comes has been refused by nobody: people go to him as if they had never shown another side.
#[test]
fn who_was_not_there_has_been_refused_by_nobody() {
    let plan = parse(
        "schema = 1\n[contenders]\none = {}\ntwo = {}\n[clock]\nstart = 2022-01-01\ndays = 10\n[arenas]\nall = 1\n\
         [dynamics]\nsharpness = 8\nreconsider = 100\ndrift = 0\n[actors.one]\npower.all = 1\n\
         [actors.two]\npresent = 0\n[outcomes.end]\notherwise = true\n\
         [actors.minister]\nopportunism = 0\ncaution = 0.45\nloyalty.one = 0.6\nloyalty.two = 0.5\nstance = 'one'\n\
         [actions.word]\nat = 2022-01-03\neffects = ['present.two = 1']\n",
    )
    .1;
    let rounds = 40_000_u32;
    let mut batch = Batch::<64>::new(&plan, 12);
    let mut went = 0;
    for first in (0..rounds).step_by(64) {
        batch.initialise(u64::from(first), 64);
        batch.play_until(16, &mut Nobody);
        let stance = batch.get(plan.layout.stance(2, 1));
        went += stance.0.iter().filter(|s| **s == 1.0).count();
    }
    let weight = |u: f64| (8.0 * u).exp();
    let expected = weight(0.5) / (weight(0.6) + weight(0.5) + weight(0.45));
    let n = f64::from(rounds);
    let z = (went as f64 - n * expected) / (n * expected * (1.0 - expected)).sqrt();
    assert!(
        z.abs() < 4.9,
        "{went} of {rounds} went, expected {expected}, z = {z}"
    );
}

#[test]
fn lasting_news_moves_loyalty_by_drift_times_memory() {
    let plan = with(
        "[dynamics]\nnoise = 0\ndrift = 0.05\nmemory = '4d'\nsignal_half_life = '1000000d'\n\
         [actors.army]\nkind = 'body'\nopportunism = 0.5\nloyalty = { one = 0.5, two = 0.5 }\n\
         [actions.fact]\nat = 2022-01-02\neffects = ['signal.one = 0.4']\n",
    );
    let l = &plan.layout;
    let [loyalty, granted] = played(&plan, 240, [l.loyalty(2, 0), l.granted(2, 0)]);
    // Prospects of ½ become those of a signal of 0.4 under γ = 1.5.
    let now = 1.0 / (1.0 + (-1.5 * 0.4_f64).exp());
    near(granted.0, 0.5, 1e-6, "at rest");
    near(granted.1, now, 1e-5, "in the end");
    let moved = f64::from(loyalty.1 - loyalty.0);
    let expected = 0.05 * 0.5 * 4.0 * (now - 0.5);
    assert!(
        (moved / expected - 1.0).abs() < 0.04,
        "{moved} instead of {expected}"
    );
}

#[test]
fn nobody_learns_from_his_own_stance_who_will_win() {
    let army = |stance: &str| {
        let plan = with(&format!(
            "[actors.army]\nkind = 'body'\npower.all = 8.0\nstance = {stance}\n\
             [actors.clerk]\nkind = 'body'\nstance = 'aside'\n"
        ));
        let l = &plan.layout;
        played(&plan, 1, [l.sees(2, 0), l.sees(3, 0)]).map(|(start, _)| start)
    };
    let [with_one, clerk] = army("'one'");
    let [with_two, other] = army("'two'");
    near(with_one, 0.5, 1e-6, "the army sees two of equal power");
    near(with_two, 0.5, 1e-6, "whatever it does");
    assert!(
        clerk > 0.8 && other < 0.2,
        "others see the army: {clerk}, {other}"
    );
}

#[test]
fn a_promise_counts_as_far_as_it_will_be_paid() {
    let plan = with(
        "[dynamics]\nsharpness = 4\n[actors.army]\nkind = 'body'\nopportunism = 0\ncaution = -100\n\
         loyalty = { one = 0.5, two = 0.5 }\npromise.one = 0.6\n",
    );
    let [with_one] = played(&plan, 8, [plan.layout.stance(2, 0)]);
    // Both have prospects of ½.
    near(
        with_one.0,
        1.0 / (1.0 + (-4.0 * 0.5 * 0.6_f64).exp()),
        2e-3,
        "free",
    );
    assert_eq!(with_one.0, with_one.1);
}

#[test]
fn places_are_felt_and_appeal_is_seen() {
    let crowds = |appeal: f32| {
        with(&format!(
            "[dynamics]\nmood_sd = 0\n[crowds.capital]\ngrievance = 0.5\nplace = 2\n\
             [crowds.west]\ngrievance = 0.7\nappeal = {appeal}\n\
             [crowds.east]\ngrievance = 0.5\ncontagion = 0.5\nspillover = 1\n\
             [variables]\nout = 0\n[actions.look]\nat = 2022-01-02\neffects = ['out = turnout.felt']\n"
        ))
    };
    let plan = crowds(1.0);
    let l = &plan.layout;
    let slots = [l.turnout(0), l.turnout(1), l.turnout(2), l.variable(0)];
    let [capital, west, east, felt] = played(&plan, 8, slots);
    let expected = f32::max(2.0 * capital.1, f32::max(west.1, east.1));
    assert_eq!(felt.1, expected);
    let [_, _, quiet, _] = played(&crowds(0.0), 8, slots);
    let [_, _, loud, _] = played(&crowds(3.0), 8, slots);
    assert!(
        quiet.0 < east.0 && east.0 < loud.0,
        "{quiet:?} {east:?} {loud:?}"
    );
}

/// A square that sixteen passes leave on its way does not move on by itself.
#[test]
fn what_is_left_of_the_way_is_part_of_the_rest() {
    let plan = with(
        "[dynamics]\nmood_sd = 0\ncrowd_pace = 3\n[crowds.town]\ngrievance = 0.5\nthreshold_mean = 1\n\
         threshold_sd = 0.25\ncontagion = 0.287\n",
    );
    let l = &plan.layout;
    let [x] = played(&plan, 240, [l.turnout(0)]);
    assert_eq!(x.0, x.1);
}

/// What is written for a contender who is not there stands aside.
#[test]
fn nobody_stands_with_the_absent() {
    let plan = with(
        "[actors.army]\nkind = 'body'\nstance = { one = 0.5, two = 0.3 }\n[actors.minister]\nstance = 'two'\n",
    );
    let absent = "[actors.two]\npower.all = 1.0\n";
    let text = format!(
        "schema = 1\n[contenders]\none = {{}}\ntwo = {{}}\n[clock]\nstart = 2022-01-01\ndays = 10\n[arenas]\nall = 1\n\
         [actors.one]\npower.all = 1\n{absent}present = 0\n[outcomes.end]\notherwise = true\n\
         [actors.army]\nkind = 'body'\nstance = {{ one = 0.5, two = 0.3 }}\n[actors.minister]\nstance = 'two'\n"
    );
    let l = &plan.layout;
    let slots = [
        l.stance(2, 0),
        l.stance(2, 1),
        l.stance(2, 2),
        l.stance(3, 2),
    ];
    let [one, two, aside, minister] = played(&parse(&text).1, 40, slots);
    near(one.1, 0.5, 1e-6, "with one");
    assert_eq!((two.1, minister.1), (0.0, 1.0));
    near(aside.1, 0.5, 1e-6, "aside");
}
