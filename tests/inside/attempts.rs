//! Dispositions, waits, lapses, removals, branches, and rounds that go on once they are settled.
//! `docs/MODEL.md` 7.7, 7.8 and section 3.
//!
//! Statistical statements use fixed seeds and `Z` standard errors: a correct program would have failed
//! each comparison with probability 1e-6 when its seed was first tried.

use std::fmt::Write;

use kzsim::engine::{Batch, Observer};
use kzsim::ensemble::RoundRecord;
use kzsim::plan::Plan;
use kzsim::scenario::Scenario;
use kzsim::text::trace::story;

use crate::inside::played::{action, parse, play_records, play_tally};
use crate::inside::random::scenario_text;
use crate::inside::support::{load, write};
use crate::inside::{flag, outcome};

/// Standard errors beyond which a count is wrong; see above.
const Z: f64 = 4.9;
const ROUNDS: u64 = 20_000;

/// Two contenders, one of them a person with an office, and a few others; `clock` and `rest` are added.
fn with(clock: &str, rest: &str) -> String {
    format!(
        "schema = 1\n[contenders]\nold = {{}}\nnew = {{}}\n[clock]\nstart = 2022-01-01\ndays = 20\n{clock}\n\
         [arenas]\nall = 1\n[dynamics]\ndecision = 1\n[variables]\nheat = 0\nx = 0\ny = 0\nz = 0\nbad = 0\n\
         last = -100\n\
         [actors.old]\npower.all = 1\n[actors.speaker]\n[actors.chair]\n\
         [offices.presidency]\nholder = 'old'\nsuccessors = ['old', 'speaker', 'chair']\n{rest}\n\
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

fn records(text: &str) -> ((Scenario, Plan), Vec<RoundRecord>) {
    let loaded = parse(text);
    let (_, records) = play_records::<64>(&loaded, 7, ROUNDS, 0);
    (loaded, records)
}

/// Rounds in which the action `move` took effect.
fn moved(text: &str) -> Vec<u64> {
    let ((scenario, _), records) = records(text);
    let i = action(&scenario, "move");
    let moved = records.iter().filter(|r| r.first[i].is_some());
    moved.map(|r| r.round).collect()
}

/// A move whose inclination is `logistic(heat)`, decided at once by whoever is resolved.
fn considered(more: &str) -> String {
    format!(
        "[actions.move]\n{more}\ndecide = {{ pace = 1e6, win = 1, prize = 'heat', every = '0d' }}\n"
    )
}

/// Dated actions that set the heat.
fn heats(days: &[(u32, f64)]) -> String {
    let mut out = String::new();
    for (n, (day, heat)) in days.iter().enumerate() {
        let _ = writeln!(
            out,
            "[actions.heat_{n}]\nat = 2022-01-{:02}\neffects = ['heat = {heat}']",
            day + 1
        );
    }
    out
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Pattern 8.
#[test]
fn who_has_moved_depends_on_the_highest_inclination_so_far() {
    let once = heats(&[(2, 1.0)]);
    let wobbling: Vec<(u32, f64)> = (1..18)
        .map(|day| (day, [1.0, -3.0, 0.5][day as usize % 3]))
        .collect();
    let slowly: Vec<(u32, f64)> = (1..=10).map(|day| (day, f64::from(day) / 10.0)).collect();
    let share = |stayed: f64| (logistic(1.0) - stayed) / (1.0 - stayed);
    for (way, stayed) in [
        ("", 0.5),
        ("when = 'day >= 1'", 0.0),
        ("when = 'day >= 1'\ndecide.weighed = 'always'", 0.5),
    ] {
        let decide = if way.contains("always") {
            "[actions.move]\nwhen = 'day >= 1'\n[actions.move.decide]\npace = 1e6\nwin = 1\nprize = 'heat'\n\
             every = '0d'\nweighed = 'always'\n"
                .to_owned()
        } else {
            considered(way)
        };
        let of = |heats: &str| moved(&with("", &format!("{decide}{heats}")));
        let first = of(&once);
        assert_share(first.len() as u64, ROUNDS, share(stayed), way);
        assert!(first == of(&heats(&wobbling)), "{way}: a wobble");
        assert!(first == of(&heats(&slowly)), "{way}: step by step");
    }
}

/// Pattern 9.
#[test]
fn a_longer_quiet_past_leaves_fewer_who_move_in_a_calm() {
    let rest = "[crowds.town]\ngrievance = 0.5\n[actions.move]\n\
                decide = { pace = 50, win = 1, prize = '40 * turnout.town - 2' }\n";
    let of = |past: &str| {
        let text = with(&format!("past = '{past}'"), rest);
        // Crowds follow their moods at once.
        moved(&text.replace("decision = 1", "decision = 1\ncrowd_pace = 100"))
    };
    let [none, days, months, year] = ["0d", "10d", "60d", "365d"].map(of);
    assert!(
        none.len() > 200,
        "moods alone move {} of {ROUNDS}",
        none.len()
    );
    for (longer, shorter) in [(&days, &none), (&months, &days), (&year, &months)] {
        assert!(
            longer.len() < shorter.len(),
            "{} and {}",
            longer.len(),
            shorter.len()
        );
        // The same rounds, fewer of them: dispositions only rise.
        assert!(longer.iter().all(|r| shorter.binary_search(r).is_ok()));
    }
}

/// The first day, at every step: on the grid of weighings, and none at all while he does not weigh.
#[test]
fn a_move_is_decided_when_it_is_weighed() {
    for step in ["1h", "6h", "12h", "1d"] {
        for (every, day) in [("2d", 2.0), ("3d", 3.0), ("0d", 1.0), ("1d", 1.0)] {
            let decide = format!(
                "[actions.move]\ndecide = {{ pace = 1e6, win = 1, prize = 'heat', every = '{every}' }}\n"
            );
            let clock = format!("step = '{step}'");
            let text = with(&clock, &format!("{decide}{}", heats(&[(1, 1.0)])));
            let ((scenario, _), records) = records(&text);
            let i = action(&scenario, "move");
            let days: Vec<f32> = records.iter().filter_map(|r| r.first[i]).collect();
            let share = (logistic(1.0) - 0.5) / 0.5;
            assert_share(
                days.len() as u64,
                ROUNDS,
                share,
                &format!("{step}, {every}"),
            );
            assert!(
                days.iter().all(|d| (d - day).abs() < 1e-6),
                "{step}, {every}: {:?}",
                days[0]
            );
        }
    }
}

/// A gate that is closed when he weighs leaves him unresolved until he weighs again.
#[test]
fn a_gate_that_opens_between_two_weighings_waits_for_the_next() {
    let decide = "[actions.move]\nwhen = 'day >= 1'\n\
                  decide = { pace = 1e6, win = 1, prize = 40, every = '4d' }\n";
    let ((scenario, _), records) = records(&with("", decide));
    let i = action(&scenario, "move");
    assert!(records.iter().all(|r| r.first[i] == Some(4.0)));
}

#[test]
fn what_took_effect_cools_before_it_is_decided_again() {
    for step in ["1h", "6h", "12h"] {
        let text = with(
            &format!("step = '{step}'"),
            "[actions.strike]\nrate = 1e6\nlimit = 100\ncool = '2d'\n\
             effects = ['bad += day - last < 1.99', 'last = day']\n\
             [actions.slow]\nrate = 1\nlimit = 100\ncool = '2d'\n\
             [flags.early]\nwhen = 'bad > 0'\n[flags.ten]\nwhen = 'count.strike == 10'\n\
             [flags.eleven]\nwhen = 'count.strike > 10'\n[flags.more]\nwhen = 'count.slow > 10'\n\
             [flags.five]\nwhen = 'count.slow >= 5'\n",
        );
        let loaded = parse(&text);
        let tally = play_tally(&loaded, 8, 2_000);
        let of = |id: &str| tally.flags[flag(&loaded.0, id)];
        assert_eq!((of("early"), of("eleven"), of("more")), (0, 0, 0), "{step}");
        assert_eq!(of("ten"), 2_000, "{step}");
        assert!(of("five") > 1_500, "{step}: {}", of("five"));
    }
}

#[test]
fn a_decision_lapses_whose_reason_is_gone() {
    let gone = "[actions.cooled]\nat = 2022-01-03\neffects = ['x = 1']\n";
    let away = "[actions.away]\nat = 2022-01-03\neffects = ['remove.speaker = fled']\n";
    let later = "[actions.cooled]\nat = 2022-01-05\neffects = ['x = 1']\n";
    for (keys, others, lapses) in [
        ("still = 'x == 0'", gone, true),
        ("still = 'x == 0'", later, false),
        ("when = 'x == 0'", gone, true),
        ("when = 'x == 0'\nstill = 'x >= 0'", gone, false),
        ("by = 'speaker'", away, true),
        ("by = 'speaker'", gone, false),
        ("", away, false),
    ] {
        for way in ["at = 2022-01-02", "when = 'day == 1'\nrate = 1e6"] {
            if keys.contains("when") && way.contains("when") {
                continue;
            }
            // Without `still` a rate's own condition would be read again.
            let own = way.contains("when") && !keys.contains("still");
            let still = if own { "\nstill = 'day > 0'" } else { "" };
            let text = with(
                "",
                &format!("{others}[actions.late]\n{way}\ndelay = '2d'\n{keys}{still}\n"),
            );
            let (scenario, plan) = parse(&text);
            let i = action(&scenario, "late");
            let (tally, first) = play_records::<64>(&(scenario, plan), 1, 8, 1);
            assert_eq!(tally.lapsed[i], if lapses { 8 } else { 0 });
            assert_eq!(tally.lapsed.iter().sum::<u64>(), tally.lapsed[i]);
            let happened = first.iter().filter(|r| r.first[i].is_some()).count();
            assert_eq!(
                happened,
                if lapses { 0 } else { 8 },
                "{keys}, {way}: {others}"
            );
            let (scenario, plan) = parse(&text);
            let told = story(&scenario, &plan, 1, 0).text;
            assert_eq!(told.contains("the decision lapses: late"), lapses, "{told}");
        }
    }
}

struct Nobody;
impl<const W: usize> Observer<W> for Nobody {}

#[test]
fn the_first_successor_who_is_there_gets_the_office() {
    for (before, heir) in [
        ("", Some(1)),
        ("'present.speaker = 0'", Some(2)),
        ("'present.chair = 0'", Some(1)),
        ("'present.speaker = 0', 'remove.chair = exiled'", None),
    ] {
        let text = with(
            "",
            &format!(
                "[actions.before]\nat = 2022-01-02\neffects = [{before}]\n\
                 [actions.fall]\nat = 2022-01-03\neffects = ['remove.old = arrested', 'x = present.old', \
                 'y = fate.old.arrested + 10 * fate.old.exiled', 'z = holds.presidency.speaker']\n"
            ),
        );
        let (scenario, plan) = parse(&text);
        let l = &plan.layout;
        let mut batch = Batch::<64>::new(&plan, 1);
        batch.initialise(0, 4);
        batch.play(&mut Nobody);
        let at = |slot| batch.get(slot).0[2];
        assert_eq!(
            at(l.office(0)),
            heir.map_or(-1.0, |a: u8| f32::from(a)),
            "{before}"
        );
        assert_eq!(at(l.present(0)), 0.0);
        let variable = |id: &str| {
            let v = scenario.variables.iter().position(|v| v.id == id);
            at(l.variable(v.expect("a variable")))
        };
        assert_eq!((variable("x"), variable("y")), (0.0, 1.0), "{before}");
        assert_eq!(
            variable("z"),
            f32::from(u8::from(heir == Some(1))),
            "{before}"
        );
    }
}

#[test]
fn at_most_one_branch_is_taken_and_in_the_same_instant() {
    let text = with(
        "",
        "[actions.attempt]\nat = 2022-01-02\nsuccess = 0.5\neffects = ['bad = 0.6', 'last = day']\n\
         failure = ['bad = 0', 'last = day']\n\
         [actions.attempt.branches.won]\non = 'success'\nshare = 'bad'\neffects = ['x = 1', 'heat = day - last']\n\
         [actions.attempt.branches.lost]\non = 'failure'\nshare = 0.5\neffects = ['y = 1', 'bad = 7']\n\
         [actions.attempt.branches.either]\nshare = 0.3\neffects = ['z = 1']\n\
         [actions.attempt.branches.never]\nshare = -2\neffects = ['heat = 9']\n\
         [flags.won]\nwhen = 'x == 1'\n[flags.lost]\nwhen = 'y == 1'\n[flags.either]\nwhen = 'z == 1'\n\
         [flags.two]\nwhen = 'x + y + z > 1'\n[flags.later]\nwhen = 'heat != 0'\n\
         [flags.crossed]\nwhen = 'x == 1 and failed.attempt or y == 1 and succeeded.attempt'\n",
    );
    let loaded = parse(&text);
    let tally = play_tally(&loaded, 9, ROUNDS);
    let of = |id: &str| tally.flags[flag(&loaded.0, id)];
    assert_share(of("won"), ROUNDS, 0.3, "success");
    assert_share(of("lost"), ROUNDS, 0.25, "failure");
    assert_share(of("either"), ROUNDS, 0.3, "either");
    assert_eq!((of("two"), of("later"), of("crossed")), (0, 0, 0));
    let told: Vec<String> = (0..20)
        .map(|round| story(&loaded.0, &loaded.1, 9, round).text)
        .collect();
    assert!(
        told.iter().any(|t| t.contains("and with it: won")),
        "{}",
        told[0]
    );
}

/// A round that is settled goes on, and nothing of its outcome changes.
#[test]
fn an_outcome_is_noted_as_if_the_round_had_ended_there() {
    let mut more = 0;
    for number in 300..340 {
        let text: String = scenario_text(number)
            .lines()
            .filter(|line| !line.starts_with("play_on"))
            .flat_map(|line| [line, "\n"])
            .collect();
        let ends = text.replacen("[clock]\n", "[clock]\nplay_on = false\n", 1);
        assert!(ends != text, "a clock");
        let [on, over] = [&text, &ends].map(|text| play_records::<64>(&parse(text), 3, 48, 1));
        for (on, over) in on.1.iter().zip(&over.1) {
            let of = |r: &RoundRecord| (r.round, r.outcome, r.steps);
            assert_eq!(of(on), of(over), "scenario {number}");
            // What happened before is the same, and what follows is seen.
            for (later, before) in on.first.iter().zip(&over.first) {
                assert!(before.is_none() || later == before, "scenario {number}");
            }
            assert!(over.played == over.steps && on.played >= on.steps);
            more += u64::from(on.first != over.first);
        }
        assert_eq!(on.0.outcomes, over.0.outcomes, "scenario {number}");
    }
    assert!(more > 20, "{more} rounds in which something followed");
}

#[test]
fn what_follows_an_outcome_is_seen() {
    let rest = "[outcomes.fall]\nwhen = 'x > 0'\n[actions.falls]\nat = 2022-01-03T06:00:00\neffects = ['x = 1']\n\
                [actions.rises]\nat = 2022-01-08\neffects = ['x = 0', 'remove.old = fled']\n\
                [flags.gone]\nwhen = 'fate.old.fled'\n";
    let (loaded, records) = records(&with("", rest));
    let fall = outcome(&loaded.0, "fall");
    assert!(
        records
            .iter()
            .all(|r| r.outcome == fall && r.steps == 10 && r.played == 80)
    );
    assert!(records.iter().all(|r| r.flags[flag(&loaded.0, "gone")]));
    let told = story(&loaded.0, &loaded.1, 1, 0).text;
    assert!(
        told.contains("the outcome: fall") && told.contains("Outcome on day 2.5: fall"),
        "{told}"
    );
    let (loaded, records) = self::records(&with("play_on = false", rest));
    assert!(
        records
            .iter()
            .all(|r| r.outcome == fall && r.steps == 10 && r.played == 10)
    );
    assert!(records.iter().all(|r| !r.flags[flag(&loaded.0, "gone")]));
}

#[test]
fn faults_of_the_new_keys_are_found() {
    for (rest, wanted) in [
        (
            "[actions.a]\nrate = 1\nstill = 'day > 1'\n",
            "`still` without `delay`",
        ),
        (
            "[actions.a]\nrate = 1\neffects = ['stance.old = new']\n",
            "who is a contender",
        ),
        (
            "[actions.a]\nrate = 1\neffects = ['stance.speaker += 1']\n",
            "added to or multiplied",
        ),
        (
            "[actions.a]\nrate = 1\neffects = ['remove.old = arested']\n",
            "there is no fate `arested`",
        ),
        (
            "[actions.a]\nrate = 1\nwhen = 'fate.old.gone'\n",
            "there is no fate `gone`",
        ),
        (
            "[actions.a]\nrate = 1\nbranches.b.on = 'failure'\n",
            "for failure, without `success`",
        ),
        (
            "[actions.a]\nrate = 1\ncool = 3\n",
            "a duration of whole seconds",
        ),
        (
            "[offices.court]\nsuccessors = ['speaker', 'speaker']\n",
            "twice",
        ),
        (
            "[offices.court]\nsuccessors = 'speaker'\n",
            "a list of actors",
        ),
    ] {
        let text = with("", rest);
        let path = write(&text);
        let (scenario, faults) = Scenario::read(&path.path, &[]).expect("a readable text");
        let faults = if faults.is_empty() {
            Plan::new(&scenario).expect_err(rest)
        } else {
            faults
        };
        let told = format!("{faults:?}");
        assert!(told.contains(wanted), "{rest}: {told}");
    }
    // A scenario on the disk of the old version.
    let old = write(&with("", "").replace("decision = 1", "decide_from = 'zero'"));
    let (_, faults) = Scenario::read(&old.path, &[]).expect("a readable text");
    assert!(format!("{faults:?}").contains("`decide_from` was removed in kzsim 0.2.0"));
    let good = write(&with("", &considered("")));
    load(
        &good.path,
        &["actions.move.decide.price=0.3", "clock.past=30d"],
    );
}
