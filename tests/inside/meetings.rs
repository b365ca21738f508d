//! Actions that are decided at meetings. `docs/MODEL.md` 7.7.
//!
//! Statistical statements use fixed seeds and `Z` standard errors: a correct program would have failed
//! each comparison with probability 1e-6 when its seed was first tried.

use kzsim::engine::draws::uniform;
use kzsim::ensemble::RoundRecord;
use kzsim::scenario::Scenario;
use kzsim::text::explain::explain;
use kzsim::text::trace::story;

use crate::inside::flag;
use crate::inside::played::{action, parse, play_records, play_tally};

/// Standard errors beyond which a count is wrong; see above.
const Z: f64 = 4.9;
const ROUNDS: u64 = 20_000;
const SEED: u64 = 11;

/// Two contenders and a speaker for 20 days; `clock` and `rest` are added.
fn with(clock: &str, rest: &str) -> String {
    format!(
        "schema = 1\n[contenders]\nold = {{}}\nnew = {{}}\n[clock]\nstart = 2022-01-01\ndays = 20\n{clock}\n\
         [arenas]\nall = 1\n[variables]\nx = 0\n[actors.old]\npower.all = 1\n[actors.speaker]\n{rest}\n\
         [outcomes.end]\notherwise = true\n"
    )
}

/// The first day of `move` in each round.
fn days(text: &str) -> Vec<Option<f32>> {
    let loaded = parse(text);
    let i = action(&loaded.0, "move");
    let (_, records) = play_records::<64>(&loaded, SEED, ROUNDS, 0);
    records.iter().map(|r| r.first[i]).collect()
}

fn assert_share(count: usize, n: usize, p: f64, what: &str) {
    let expected = p * n as f64;
    let z = (count as f64 - expected) / (expected * (1.0 - p)).sqrt();
    assert!(
        z.abs() < Z,
        "{what}: {count} of {n}, expected {expected:.1}, z = {z:.2}, limit {Z}"
    );
}

/// Whether the draw of a meeting says yes.
fn says_yes(round: u64, meeting: u64, chance: f32) -> bool {
    uniform(SEED, "act/move", round, meeting) < chance
}

#[test]
fn a_chance_is_judged_at_each_meeting_by_a_draw_of_its_own() {
    let first_step_at = |day: u64, step: u64| (day.div_ceil(step) * step) as f32;
    for (step, whole) in [("3h", 1), ("6h", 1), ("1d", 1), ("2d", 2)] {
        let text = with(
            &format!("step = '{step}'"),
            "[actions.move]\nevery = '3d'\nchance = 0.2\n",
        );
        for (round, day) in days(&text).into_iter().enumerate() {
            let mut meetings = (0..7).filter(|m| says_yes(round as u64, *m, 0.2));
            let expected = meetings.next().map(|m| first_step_at(3 * m, whole));
            assert_eq!(day, expected, "{step}, round {round}");
        }
    }
}

#[test]
fn a_meeting_without_the_reason_decides_nothing_and_the_next_one_may() {
    let text = with(
        "",
        "[actions.move]\nwhen = 'x == 1'\nby = 'speaker'\nevery = '1d'\nchance = 0.3\n\
         [actions.reason]\nat = 2022-01-03T12:00:00\neffects = ['x = 1']\n\
         [actions.away]\nat = 2022-01-05\neffects = ['present.speaker = 0']\n\
         [actions.back]\nat = 2022-01-08\neffects = ['present.speaker = 1']\n\
         [actions.over]\nat = 2022-01-19T01:00:00\neffects = ['x = 0']\n",
    );
    for (round, day) in days(&text).into_iter().enumerate() {
        let mut meetings = (0..20)
            .filter(|m| *m == 3 || (7..=18).contains(m))
            .filter(|m| says_yes(round as u64, *m, 0.3));
        assert_eq!(day, meetings.next().map(|m| m as f32), "round {round}");
    }
}

#[test]
fn a_rate_is_decided_at_meetings_with_the_chance_that_their_distance_makes() {
    for step in ["3h", "12h", "1d"] {
        let text = with(
            &format!("step = '{step}'"),
            "[actions.move]\nevery = '4d'\nrate = 0.15\n",
        );
        let days = days(&text);
        let mut left = days.len();
        assert_eq!(days.iter().filter(|d| **d == Some(0.0)).count(), 0);
        for day in [4.0, 8.0, 12.0, 16.0] {
            let now = days.iter().filter(|d| **d == Some(day)).count();
            let p = 1.0 - (-0.15_f64 * 4.0).exp();
            assert_share(now, left, p, &format!("{step}, day {day}"));
            left -= now;
        }
        assert_eq!(days.iter().filter(|d| d.is_none()).count(), left, "{step}");
    }
}

/// What ripened while the reason held is decided at the next meeting at which it holds.
#[test]
fn what_has_ripened_waits_for_a_meeting_with_the_reason() {
    let text = with(
        "",
        "[actions.move]\nwhen = 'x == 1'\nevery = '5d'\nrate = 1e6\n\
         [actions.on]\nat = 2022-01-02\neffects = ['x = 1']\n\
         [actions.off]\nat = 2022-01-03\neffects = ['x = 0']\n\
         [actions.again]\nat = 2022-01-11\neffects = ['x = 1']\n",
    );
    assert!(days(&text).iter().all(|d| *d == Some(10.0)));
    // Who meets at the same time and was first may take the reason away.
    let text = with(
        "",
        "[actions.first]\nwhen = 'day > 1'\nevery = '5d'\nchance = 1\neffects = ['x = 1']\n\
         [actions.move]\nwhen = 'x == 0'\nevery = '5d'\nrate = 1e6\nlimit = 9\n\
         [actions.clear]\nat = 2022-01-08\neffects = ['x = 0']\n",
    );
    assert!(days(&text).iter().all(|d| *d == Some(10.0)));
}

#[test]
fn one_meeting_takes_one_decision_and_limits_and_rests_hold() {
    let text = with(
        "step = '12h'",
        "[actions.move]\nevery = '2d'\nrate = 1e3\nlimit = 100\n\
         [actions.thrice]\nevery = '2d'\nchance = 1\nlimit = 3\n\
         [actions.seldom]\nevery = '2d'\nchance = 1\nlimit = 100\ncool = '5d'\n\
         [actions.rare]\nevery = '1d'\nchance = 0.5\nlimit = 2\n\
         [flags.move]\nwhen = 'count.move == 9'\n[flags.thrice]\nwhen = 'count.thrice == 3 and first.thrice == 0'\n\
         [flags.seldom]\nwhen = 'count.seldom == 4'\n[flags.rare]\nwhen = 'count.rare == 2'\n\
         [flags.many]\nwhen = 'count.move > 9 or count.thrice > 3 or count.seldom > 4 or count.rare > 2'\n",
    );
    let loaded = parse(&text);
    let n = 4_000;
    let tally = play_tally(&loaded, SEED, n);
    let of = |id: &str| tally.flags[flag(&loaded.0, id)];
    assert_eq!((of("move"), of("thrice"), of("seldom")), (n, n, n));
    assert_eq!(of("many"), 0);
    let i = |id: &str| action(&loaded.0, id);
    assert_eq!(tally.limited[i("thrice")], n);
    assert_eq!(tally.limited[i("move")] + tally.limited[i("seldom")], 0);
    // At least three yeses among twenty meetings.
    let ways = [1.0, 20.0, 190.0];
    let p = 1.0 - ways.iter().sum::<f64>() / f64::from(1 << 20);
    assert_share(tally.limited[i("rare")] as usize, n as usize, p, "rare");
    assert_eq!(tally.crowded.iter().sum::<u64>(), 0);
}

/// In any lane beside any other rounds, also where rounds that go on change lanes.
#[test]
fn meetings_are_the_same_in_every_lane() {
    let text = with(
        "play_on = false\nstep = '6h'",
        "[actions.move]\nevery = '6h'\nchance = 0.05\neffects = ['x += 1']\nlimit = 3\n\
         [actions.other]\nevery = '1d'\nrate = 0.2\neffects = ['x += 1']\nlimit = 9\n\
         [outcomes.early]\nwhen = 'x > 3'\n",
    )
    .replace("[outcomes.end]", "[outcomes.last]");
    let loaded = parse(&text);
    let of = |r: &RoundRecord| (r.round, r.outcome, r.steps, r.first.clone());
    let few: Vec<_> = play_records::<1>(&loaded, SEED, 500, 1).1;
    let many: Vec<_> = play_records::<64>(&loaded, SEED, 500, 2).1;
    assert_eq!(
        few.iter().map(of).collect::<Vec<_>>(),
        many.iter().map(of).collect::<Vec<_>>()
    );
}

#[test]
fn meetings_are_told() {
    let rest = "[actions.move]\nevery = '1w'\nchance = 1\nwhen = 'day > 1'\n\
                [actions.slow]\nevery = '36h'\nrate = 9\nlimit = 2\n";
    let (scenario, plan) = parse(&with("", rest));
    let words = explain(&scenario);
    for part in [
        "with probability 1 at each meeting, every 7 days while day > 1, at most once",
        "9 per day, decided at meetings, every 36 hours; up to 2 times",
    ] {
        assert!(words.contains(part), "{words}");
    }
    let told = story(&scenario, &plan, SEED, 0).text;
    assert!(
        told.contains("it had a chance of 1.00 at this meeting"),
        "{told}"
    );
    assert!(
        told.contains(
            "by chance: the rate is 9.00 per day, at which > 99.9 % of histories like this one have it by this meeting"
        ),
        "{told}"
    );
}

#[test]
fn meetings_that_cannot_be_are_faults() {
    for (rest, found, allowed) in [
        (
            "at = 2022-01-03\nevery = '7d'",
            "actions.move has `every` and `at`",
            "a date comes once",
        ),
        (
            "decide = { pace = 1, win = 1, prize = 1 }\nevery = '7d'",
            "actions.move has `every` and `decide`",
            "decide.every",
        ),
        (
            "chance = 0.3\nlimit = 2",
            "actions.move.limit is 2",
            "unless `every` says how often it is looked at",
        ),
        (
            "at = 2022-01-03\nlimit = 2",
            "actions.move.limit is 2",
            "with `at` there is one decision at most",
        ),
        (
            "rate = 1\nevery = '5h'",
            "actions.move.every is shorter than clock.step",
            "at least \"6h\"",
        ),
        ("rate = 1\nevery = 7", "actions.move.every is 7", "12h"),
    ] {
        let text = with("", &format!("[actions.move]\n{rest}\n"));
        let faults = Scenario::parse("test", &text).expect_err(rest).to_string();
        assert!(
            faults.contains(found) && faults.contains(allowed),
            "{faults}"
        );
        assert_eq!(faults.matches("expected").count(), 1, "{faults}");
    }
}
