//! Tests of the second engine itself: whole rounds of small scenarios.

use kzsim::scenario::Scenario;

use super::draws::Uniform;
use super::functions::{exp, normal_cdf};
use super::{History, Reference};

/// A scenario from its text.
fn scenario(text: &str) -> Scenario {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("small.toml");
    std::fs::write(&path, text).expect("a file");
    let (scenario, faults) = Scenario::read(&path, &[]).expect("a text");
    assert!(faults.is_empty(), "{faults:?}");
    scenario
}

/// Two contenders, one of them a person, and a body; `rest` comes after.
fn with(rest: &str) -> Scenario {
    scenario(&format!(
        "schema = 1
[contenders]
chief = {{}}
street = {{ momentum = '0.4 * turnout.max' }}
[clock]
start = 2022-01-01
days = 10
step = '6h'
[arenas]
coercion = 2
economy = 1
[actors.chief]
power = {{ coercion = 0.1, economy = 0.1 }}
[actors.guard]
kind = 'body'
power.coercion = {{ low = 0.5, mode = 0.6, high = 0.9 }}
loyalty = {{ chief = {{ mean = 0.6, sd = 0.2 }}, street = {{ min = 0.0, max = 0.3 }} }}
stance = {{ chief = 0.5, street = 0.125 }}
[actors.banker]
power.economy = 0.3
loyalty.chief = 0.4
stance = 'aside'
[offices.palace]
holder = 'chief'
authority.guard = 0.1
[outcomes.open]
otherwise = true
{rest}"
    ))
}

fn busy() -> Scenario {
    with(
        "
[parameters]
strength = { low = 0.5, mode = 1.0, high = 2.0 }
twice = 'double + 0'
[formulas]
double = '2 * strength'
edge = 'contest(backing.chief, backing.street, 2)'
[variables]
lost = 0
[crowds.north]
grievance = 0.5
contagion = 0.3
spillover = 0.2
repression = '0.1 / (1 + turnout.north)'
[crowds.south]
weight = 2
grievance = { low = 0.3, mode = 0.4, high = 0.5 }
[actions.shock]
at = 2022-01-03T09:00:00
effects = ['grievance.* += 0.1 * strength', 'signal.street += 0.3']
[actions.fall]
when = 'turnout.north > 0.01'
rate = 'twice'
limit = 40
success = 0.5
delay = { min = '1h', max = '20h' }
effects = ['lost += 1', 'openness *= 0.5']
failure = ['loyalty.*.chief -= 0.05']
[actions.flight]
by = 'chief'
decide = { pace = 0.1, win = '1 - edge', prize = 2, wait = '0.5 - 0.4 * lost' }
effects = ['office.palace = nobody', 'present.chief = 0']
[actions.luck]
when = 'lost > 1'
chance = 0.5
effects = ['power.banker.economy = 1']
[outcomes.gone]
when = 'holds.palace.nobody'
hold = '12h'
[flags.losses]
when = 'lost'
",
    )
}

#[test]
fn a_round_is_the_same_however_often_it_is_played() {
    let scenario = busy();
    let (first, second) = (Reference::new(&scenario, 7), Reference::new(&scenario, 7));
    let histories: Vec<History> = (0..40).map(|round| first.play(round)).collect();
    for round in (0..40).rev() {
        assert_eq!(
            second.play(round),
            histories[round as usize],
            "round {round}"
        );
    }
    let other = Reference::new(&scenario, 8);
    assert!((0..40).any(|round| other.play(round) != histories[round as usize]));
    // The scenario is busy enough to mean something.
    for (number, what) in [
        |h: &History| h.outcome == 1,
        |h: &History| h.outcome == 0,
        |h: &History| h.actions[1].failed > 0 && h.actions[1].succeeded > 0,
        |h: &History| h.actions[1].decisions > h.actions[1].count,
        |h: &History| h.actions[3].decisions == 1,
        |h: &History| h.flags[0],
    ]
    .iter()
    .enumerate()
    {
        assert!(histories.iter().any(what), "{number}");
    }
}

#[test]
fn states_stay_in_their_ranges() {
    let reference = Reference::new(&busy(), 3);
    for round in 0..40 {
        let history = reference.play(round);
        assert_eq!(history.states.len(), history.steps as usize);
        for state in std::iter::once(&history.start).chain(&history.states) {
            let shares = [
                &state.loyalty,
                &state.stance,
                &state.present,
                &state.turnout,
            ];
            assert!(
                shares
                    .into_iter()
                    .flatten()
                    .all(|x| (0.0..=1.0).contains(x))
            );
            for stance in state.stance.chunks(3) {
                assert!((stance.iter().sum::<f32>() - 1.0).abs() < 1e-5);
            }
            let sum: f32 = state.prospects.iter().sum();
            assert!((sum - 1.0).abs() < 1e-6);
        }
    }
}

#[test]
fn the_start_is_as_written() {
    let start = Reference::new(
        &with("[crowds.all]\ngrievance = 0.5\nthreshold_sd = 0.5"),
        1,
    )
    .play(0)
    .start;
    for (share, written) in start
        .stance
        .iter()
        .zip([1.0, 0.0, 0.0, 0.5, 0.125, 0.375, 0.0, 0.0, 1.0])
    {
        assert!((share - written).abs() < 1e-6);
    }
    assert_eq!(start.loyalty[..2], [0.0, 0.0]);
    assert_eq!(start.loyalty[4], 0.4);
    assert_eq!(start.offices, [Some(0)]);
    assert_eq!(start.turnout, [normal_cdf(-1.0)]);
    assert_eq!(
        (start.grievance[0], start.mood[0], start.openness),
        (0.5, 0.0, 1.0)
    );
}

/// The value that an expression has on day 2, for the state that a dated effect leaves.
fn value(expression: &str) -> f32 {
    let text = format!(
        "[variables]\nx = 0\nzero = 0\nhuge = 1e30\n[formulas]\ntwo = '2'\n[crowds.a]\n[crowds.b]\nweight = 3\n\
         [actions.now]\nat = 2022-01-03\neffects = [\"x = {expression}\"]\n[actions.never]\nat = 2022-01-09\n"
    );
    Reference::new(&with(&text), 1).play(0).states[8].variables[0]
}

#[test]
fn expressions_follow_their_rules() {
    for (text, expected) in [
        ("1 - 2 - 3", -4.0),
        ("1 / zero", 0.0),
        ("1 / zero + 5", 0.0),
        ("max(0.9, 1 / zero) + max(1 / zero, 0.9)", 0.0),
        ("1 / zero and 1", 0.0),
        ("zero != 0 and 1 / zero > 3", 0.0),
        ("zero == 0 or 1 / zero > 3", 1.0),
        ("not (1 / zero)", 0.0),
        ("-2 ^ 2", -4.0),
        ("first.never * -1", 0.0),
        ("first.never == first.never", 0.0),
        ("first.never != first.never", 1.0),
        ("first.never <= first.never", 0.0),
        ("first.never > day + 3", 1.0),
        ("min(first.never, 9) + 5 / first.never", 9.0),
        ("exp(-since.never / 10) + 1", 1.0),
        ("2 ^ -two", 0.25),
        ("zero ^ 0", 1.0),
        ("zero ^ zero", 1.0),
        ("zero ^ -1 + 1", 0.0),
        ("(huge / 1e20) ^ -4 + 1", 1.0),
        ("0.1 ^ two", 0.1 * 0.1),
        ("max(1, 3, 2) - min(4, 3, 5)", 0.0),
        ("clamp(5, 0, 2)", 2.0),
        ("sqrt(-1) + abs(-3)", 0.0),
        ("contest(zero, zero, 2)", 0.5),
        ("contest(1, 3, 1)", 0.25),
        ("contest(-1, 3, 2)", 0.0),
        ("not zero and 3 or zero", 1.0),
        ("1 < 2", 1.0),
        ("huge * huge", 0.0),
        ("huge * huge * huge - huge * huge * huge", 0.0),
        ("first.never", 0.0),
        ("since.never > 1000", 1.0),
        ("since.never - first.never", 0.0),
        ("day", 2.0),
        ("first.now + since.now", 2.0),
        ("happened.now + count.now + failed.now + succeeded.now", 3.0),
        ("date('2022-01-04T12:00:00')", 3.5),
        ("holds.palace.chief - holds.palace.nobody", 1.0),
        ("power.chief.coercion", 0.1),
        ("stance.chief.chief + present.guard", 2.0),
        ("openness + signal.chief", 1.0),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
    assert_eq!(value("exp(1)"), exp(1.0));
}

#[test]
fn dated_and_delayed_actions_come_when_they_should() {
    let text = "
[variables]
a = 0
b = 0
[actions.first]
at = 2022-01-03T09:00:00
effects = ['a = day']
[actions.second]
when = 'happened.first'
rate = 1000
delay = '9h'
effects = ['b = day']
[actions.off]
rate = 1000
limit = 0
[outcomes.done]
when = 'b > 0'
hold = '1d'
";
    let history = Reference::new(&with(text), 5).play(2);
    let end = history.states.last().expect("steps");
    // 9 hours on day 2 is the middle of a step: the first step that has reached it is the tenth.
    assert_eq!(history.actions[0].first_step, Some(10));
    // 9 hours are one step and a half, which counts as one: `⌈1.5 − 0.5⌉`.
    assert_eq!(history.actions[1].first_step, Some(11));
    assert_eq!(end.variables, [2.5, 2.75]);
    assert_eq!(
        (history.actions[2].decisions, history.actions[2].count),
        (0, 0)
    );
    // Held at five Settles: the first at the end of step 11, the last a day later.
    assert_eq!(
        (history.outcome, history.noted_step, history.steps),
        (1, 16, 40)
    );
}

#[test]
fn rates_follow_their_clock() {
    let text = "
[variables]
n = 0
[actions.tick]
rate = 2
limit = 1000
effects = ['n += 1']
";
    let scenario = with(text);
    let reference = Reference::new(&scenario, 11);
    let total: u32 = (0..200)
        .map(|round| reference.play(round).actions[0].count)
        .sum();
    // 200 rounds of 10 days at 2 a day: Poisson of mean 4,000, so a standard deviation of 63.
    assert!(total.abs_diff(4_000) < 260, "{total}");
    let history = reference.play(0);
    assert_eq!(
        history.actions[0].count as f32,
        history.states[39].variables[0]
    );
}

#[test]
fn quiet_stays_quiet() {
    let text = "
[dynamics]
mood_sd = 0
[crowds.calm]
grievance = 0.6
contagion = 0.2
repression = '0.1 * backing.chief + 0.1 * prospects.chief'
[crowds.near]
grievance = 0.5
spillover = 0.5
";
    let mut scenario = with(text);
    scenario.actors[2].stance = kzsim::scenario::model::Stance::Free;
    let history = Reference::new(&scenario, 1).play(0);
    for state in &history.states {
        for (name, now, before) in [
            ("stance", &state.stance, &history.start.stance),
            ("loyalty", &state.loyalty, &history.start.loyalty),
            ("support", &state.support, &history.start.support),
            ("turnout", &state.turnout, &history.start.turnout),
            ("grievance", &state.grievance, &history.start.grievance),
        ] {
            assert_eq!(now, before, "{name}");
        }
    }
}

#[test]
fn a_clock_strikes_where_its_waits_add_up() {
    let text = "
[actions.late]
when = 'day >= 1'
rate = 0.5
limit = 3
";
    let reference = Reference::new(&with(text), 4);
    for round in 0..50 {
        let wait = |index| Uniform::of(4, "act/late", round, index).waiting();
        let mut at = wait(0);
        let (mut clock, mut takings, mut first) = (0.0_f32, 0, None);
        for t in 4..40 {
            // Six hours at half a day's rate, and half as much again where a spell begins.
            clock += if t == 4 { 0.1875 } else { 0.125 };
            while clock >= at && takings < 3 {
                first = first.or(Some(t));
                takings += 1;
                at += wait(takings);
            }
        }
        let action = &reference.play(round).actions[0];
        assert_eq!(
            (action.first_step, u64::from(action.count)),
            (first, takings),
            "{round}"
        );
    }
}

#[test]
fn prospects_are_a_contest_of_supports() {
    let text = "
[dynamics]
noise = 0
";
    let mut scenario = with(text);
    scenario.actors[1].power.clear();
    let start = Reference::new(&scenario, 1).play(0).start;
    // The chief has all of coercion and a quarter of the economy; the street has nothing.
    let (chief, street) = (2.0 / 3.0 + 0.25 / 3.0 + 0.03_f64, 0.03_f64);
    let odds = (chief / street).powf(1.5);
    assert!((f64::from(start.prospects[0]) - odds / (1.0 + odds)).abs() < 1e-6);
    assert_eq!(
        start.sees[..4],
        [start.prospects.clone(), start.prospects].concat()
    );
    // Without the banker, who stands aside, all of the economy is the chief's.
    let odds = (1.03 / street).powf(1.5);
    assert!((f64::from(start.sees[4]) - odds / (1.0 + odds)).abs() < 1e-6);
}

#[test]
fn looking_again_moves_nobody() {
    let text = "
[actions.never]
decide = { pace = 100, win = 0.6, prize = 1, wait = 0.2, every = '0h' }
[actions.later]
decide = { pace = 1000, win = '0.2 + 0.2 * (day >= 4)', prize = 1, wait = 0.3 }
";
    let reference = Reference::new(&with(text), 3);
    let logistic = |x: f64| 1.0 / (1.0 + (-12.0 * x).exp());
    let (low, high) = (logistic(0.2 - 0.3), logistic(0.4 - 0.3));
    let rounds = 400;
    let mut moved = 0;
    for round in 0..rounds {
        let history = reference.play(round);
        assert_eq!(history.actions[0].count, 0);
        let later = &history.actions[1];
        moved += later.count;
        assert!(later.first_step.is_none_or(|step| step == 16));
        assert_eq!(
            later.count == 1,
            f64::from(history.start.disposition[1]) < high
        );
    }
    // Those whom the first inclination has not moved, and the second does.
    let expected = f64::from(rounds as u32) * (high - low) / (1.0 - low);
    assert!(
        (f64::from(moved) - expected).abs() < 40.0,
        "{moved}, not {expected}"
    );
}

#[test]
fn removals_lapses_branches_and_waits() {
    let text = "
[dynamics]
reconsider = 0
[variables]
n = 0
which = 0
[actions.fall]
at = 2022-01-03
effects = ['remove.chief = fled']
[actions.fall.branches.one]
on = 'success'
share = 0.4
effects = ['which = 1', 'stance.banker = street']
[actions.fall.branches.other]
share = 0.6
effects = ['which = 2', 'promise.*.chief += 0.5']
[actions.order]
by = 'chief'
at = 2022-01-02
delay = '2d'
effects = ['n += 100']
[actions.law]
at = 2022-01-02
when = 'day < 2'
delay = '2d'
effects = ['n += 1000']
[actions.tick]
rate = 1000
limit = 3
cool = '30h'
effects = ['n += 1']
[actions.stays]
at = 2022-01-02
when = 'day < 2'
still = 'fate.chief.fled'
delay = '2d'
effects = ['n += 10']
[outcomes.over]
when = 'holds.palace.banker'
";
    let mut scenario = with(text);
    scenario.offices[0].successors = vec![0, 2, 1];
    let mut ones = 0;
    for round in 0..200 {
        let history = Reference::new(&scenario, 5).play(round);
        let end = history.states.last().expect("steps");
        assert_eq!(
            (history.outcome, history.noted_step, history.steps),
            (1, 9, 40)
        );
        assert_eq!((end.offices[0], end.present[0]), (Some(2), 0.0));
        assert_eq!(end.fate, [Some(4), None, None]);
        // Thirty hours are five steps: takings on days 0, 1.25 and 2.5.
        assert_eq!(history.states[9].variables[0], 2.0);
        assert_eq!(end.variables[0], 13.0);
        let one = end.variables[1] == 1.0;
        ones += u32::from(one);
        let after = &history.states[8];
        assert_eq!(
            after.stance[6..],
            if one {
                [0.0, 1.0, 0.0]
            } else {
                [0.0, 0.0, 1.0]
            }
        );
        assert_eq!(
            after.promise,
            if one {
                [0.0; 6]
            } else {
                [0.0, 0.0, 0.5, 0.0, 0.5, 0.0]
            }
        );
    }
    assert!(ones.abs_diff(80) < 30, "{ones}");
    scenario.clock.play_on = false;
    let history = Reference::new(&scenario, 5).play(0);
    assert_eq!(
        (history.outcome, history.noted_step, history.steps),
        (1, 9, 9)
    );
}

#[test]
fn a_rally_follows_who_moves_first() {
    let text = |first: &str| {
        format!(
            "[actions.rising]\nat = 2022-01-03\nrally = {{ side = 'street', first_move = {first}, night = 0.4 }}\n\
             success = 'rally.rising.street > 0.5'\n"
        )
    };
    let rally = |first: &str| Reference::new(&with(&text(first)), 1).play(0).start.rally;
    let (weak, strong) = (rally("-5"), rally("5"));
    for sides in [&weak, &strong] {
        assert_eq!(sides.len(), 3);
        assert!((sides.iter().sum::<f32>() - 1.0).abs() < 1e-6);
    }
    assert!(weak[1] < strong[1], "{weak:?} {strong:?}");
}
