//! Scenarios and functions whose answers are known without the program.
//!
//! Statistical statements use fixed seeds, so they are exact: a test that passes once passes
//! always. The limit `Z = 4.9` standard errors would have failed a correct program with
//! probability 1e-6 a comparison when the seed was first tried.

use std::fmt::Write;

use kzsim::analysis::interval::wilson;
use kzsim::engine::{Batch, Observer, draws};
use kzsim::math;
use kzsim::plan::quantile::Shapes;
use kzsim::plan::{Plan, Quantile};
use kzsim::scenario::Scenario;
use rand::{Rng, SeedableRng};
use statrs::distribution::{ContinuousCDF, Normal};

use crate::inside::outcome;
use crate::inside::played::{action, parse, play_records, play_tally};
use crate::inside::support::GOOD;

/// Standard errors beyond which a count is wrong; see above.
const Z: f64 = 4.9;

/// Nobody watches.
struct Nobody;
impl<const W: usize> Observer<W> for Nobody {}

/// A scenario of two contenders and nothing else, with more text.
fn bare(more: &str) -> String {
    format!(
        "schema = 1\n[contenders]\none = {{}}\ntwo = {{}}\n[clock]\nstart = 2022-01-01\ndays = 10\n\
         [arenas]\nall = 1.0\n[actors.one]\npower.all = 1.0\n[actors.two]\npower.all = 1.0\n\
         [outcomes.end]\notherwise = true\n{more}"
    )
}

/// The variable `out` at the end of round 0.
fn out_of((scenario, plan): &(Scenario, Plan)) -> f32 {
    let mut batch = Batch::<1>::new(plan, scenario.seed);
    batch.initialise(0, 1);
    batch.play(&mut Nobody);
    batch.get(plan.layout.variable(0)).0[0]
}

/// What an expression gives on the first day.
fn value(expression: &str) -> f32 {
    let text = format!(
        "[variables]\nout = 0.0\nx = 3.0\nnought = 0.0\n[actions.a]\nat = 2022-01-01\n\
         effects = ['out = {expression}']\n"
    );
    out_of(&parse(&bare(&text)))
}

fn assert_share(count: u64, n: u64, p: f64, what: &str) {
    let expected = p * n as f64;
    let z = (count as f64 - expected) / (expected * (1.0 - p)).sqrt();
    assert!(
        z.abs() < Z,
        "{what}: {count} of {n}, expected {expected:.1}, z = {z:.2}, limit {Z}"
    );
}

#[test]
fn a_constant_rate_happens_within_d_days_with_probability_one_minus_exp() {
    for (rate, days, step) in [
        (0.05, 10, "6h"),
        (0.3, 10, "6h"),
        (0.3, 3, "12h"),
        (1.0, 2, "3h"),
        (0.1, 20, "2d"),
    ] {
        let text = bare(&format!("[actions.event]\nrate = {rate}\n"))
            .replace("days = 10", &format!("days = {days}\nstep = \"{step}\""));
        let n = 200_000;
        let tally = play_tally(&parse(&text), 42, n);
        let p = 1.0 - f64::exp(-rate * f64::from(days));
        assert_share(
            tally.action_count(0),
            n,
            p,
            &format!("rate {rate}, {days} days, {step}"),
        );
    }
}

#[test]
fn a_constant_rate_happens_a_poisson_number_of_times() {
    let text = bare(
        "[variables]\nout = 0.0\n[actions.event]\nrate = 0.4\nlimit = 100\neffects = ['out += 1']\n\
         [flags.two]\nwhen = 'count.event >= 2'\n[flags.six]\nwhen = 'out >= 6'\n",
    );
    let n = 100_000;
    let tally = play_tally(&parse(&text), 1, n);
    let mean: f64 = 4.0;
    let p = |k: u32| {
        (0..k)
            .map(|j| {
                (-mean).exp() * mean.powi(j.cast_signed()) / f64::from((1..=j).product::<u32>())
            })
            .sum::<f64>()
    };
    assert_share(tally.flags[0], n, 1.0 - p(2), "two or more");
    assert_share(tally.flags[1], n, 1.0 - p(6), "six or more");
}

#[test]
fn a_chance_is_drawn_once_and_kept() {
    let text = bare(
        "[actions.gamble]\nwhen = 'day >= 2'\nchance = 0.3\n[actions.sure]\nchance = 1.0\n\
         [actions.never]\nchance = 0.0\n[flags.early]\nwhen = 'happened.gamble and day < 2'\n",
    );
    let n = 100_000;
    let tally = play_tally(&parse(&text), 8, n);
    assert_share(tally.action_count(0), n, 0.3, "a chance of 0.3");
    assert_eq!(tally.action_count(1), n);
    assert_eq!(tally.action_count(2), 0);
    assert_eq!(tally.flags[0], 0);
}

#[test]
fn success_is_one_draw_a_happening() {
    let text = bare(
        "[variables]\nout = 0.0\n[actions.coup]\nat = 2022-01-03\nsuccess = 0.65\n\
         effects = ['out = 1']\nfailure = ['out = -1']\n[flags.won]\nwhen = 'succeeded.coup and out == 1'\n\
         [flags.lost]\nwhen = 'failed.coup and out == -1'\n[flags.both]\nwhen = 'succeeded.coup and failed.coup'\n",
    );
    let n = 100_000;
    let tally = play_tally(&parse(&text), 8, n);
    assert_share(tally.flags[0], n, 0.65, "success");
    assert_eq!(tally.flags[0] + tally.flags[1], n);
    assert_eq!(tally.flags[2], 0);
}

#[test]
fn dates_delays_and_holds_fall_on_their_days() {
    let text = bare(
        "[variables]\nout = 0.0\n[actions.noon]\nat = 2022-01-03T12:00:00\n\
         [actions.late]\nat = 2022-01-02\ndelay = '3d'\neffects = ['out = 1']\n\
         [actions.gone]\nat = 2022-01-02\nby = 'one'\ndelay = '2d'\n\
         [actions.leave]\nat = 2022-01-03\neffects = ['present.one = 0']\n\
         [actions.absent]\nat = 2022-01-04\nby = 'one'\n\
         [outcomes.held]\nwhen = 'out'\nhold = '2d'\n",
    );
    let loaded = parse(&text);
    let (_, records) = play_records::<64>(&loaded, 1, 10, 1);
    for r in records {
        let day = |id| r.first[action(&loaded.0, id)];
        assert_eq!(day("noon"), Some(2.5));
        assert_eq!(day("late"), Some(4.0));
        assert_eq!(day("gone"), None, "a decision lapses with its actor");
        assert_eq!(day("leave"), Some(2.0));
        assert_eq!(day("absent"), None, "the absent do not act");
        // `out` is 1 from the Settle of day 4.25 on; two days later it has held.
        assert_eq!(r.outcome, outcome(&loaded.0, "held"));
        assert_eq!(loaded.0.clock.day(u64::from(r.steps)), 6.25);
    }
}

/// Granovetter (1978): thresholds 0 to 99 give a riot of 100; replace threshold 1 by 2, and it
/// ends with 1.
#[test]
fn granovetters_hundred_thresholds() {
    let riot = |second: usize| {
        let mut text = "[variables]\nout = 0.0\n".to_owned();
        for threshold in [0, second].into_iter().chain(2..100) {
            let place = text.matches("[actions").count();
            let _ = write!(
                text,
                "[actions.joins_{place}]\nwhen = 'out >= {threshold}'\nchance = 1\neffects = ['out += 1']\n"
            );
        }
        let text = bare(&text).replace("days = 10", "days = 100");
        out_of(&parse(&text))
    };
    assert_eq!(riot(1), 100.0);
    assert_eq!(riot(2), 1.0);
}

/// Two loyalties, no noise: shares of a body by hand, and of persons over rounds.
#[test]
fn a_two_actor_logit_choice_by_hand() {
    let text = bare(
        "[dynamics]\ndrift = 0\ndiffusion = 0\nsharpness = 4\nreconsider = 50\n\
         [actors.army]\nkind = 'body'\nloyalty.one = 0.6\nloyalty.two = 0.3\nopportunism = 0\ncaution = 0.2\n\
         [actors.minister]\nloyalty.one = 0.6\nloyalty.two = 0.3\nopportunism = 0\ncaution = 0.2\n\
         [flags.with_one]\nwhen = 'stance.minister.one == 1'\n[flags.with_two]\nwhen = 'stance.minister.two == 1'\n",
    );
    let loaded = parse(&text);
    let n = 100_000;
    let tally = play_tally(&loaded, 3, n);
    let e = |u: f64| (4.0 * u).exp();
    let sum = e(0.6) + e(0.3) + e(0.2);
    assert_share(tally.flags[0], n, e(0.6) / sum, "a person with one");
    assert_share(tally.flags[1], n, e(0.3) / sum, "a person with two");
    let mut batch = Batch::<1>::new(&loaded.1, 3);
    batch.initialise(0, 1);
    batch.play(&mut Nobody);
    for (o, u) in [(0, 0.6), (1, 0.3), (2, 0.2)] {
        let share = f64::from(batch.get(loaded.1.layout.stance(2, o)).0[0]);
        // Sixteen halvings of the way from aside leave 2^-16 of it.
        assert!(
            (share - e(u) / sum).abs() < 2e-5,
            "{share} against {}",
            e(u) / sum
        );
    }
}

#[test]
fn authority_counts_as_much_as_it_says() {
    let text = bare(
        "[dynamics]\nsharpness = 4\nreconsider = 50\ndiffusion = 0\n[actors.army]\nkind = 'body'\nopportunism = 0\n\
         caution = 0\n[offices.command]\nholder = 'two'\nauthority = { army = 0.5 }\n",
    );
    let (_, plan) = parse(&text);
    let mut batch = Batch::<1>::new(&plan, 3);
    batch.initialise(0, 1);
    batch.step(&mut Nobody);
    let share = f64::from(batch.get(plan.layout.stance(2, 1)).0[0]);
    let e = 2.0_f64.exp();
    assert!((share - e / (e + 2.0)).abs() < 1e-4, "{share}");
}

#[test]
fn a_signal_is_halved_in_its_half_life() {
    let text = bare(
        "[variables]\nout = 0.0\n[actions.speech]\nat = 2022-01-02\neffects = ['signal.one = 0.8']\n\
         [actions.look]\nat = 2022-01-05\neffects = ['out = signal.one']\n",
    );
    assert!((out_of(&parse(&text)) - 0.4).abs() < 1e-5);
}

#[test]
fn prospects_by_hand() {
    // Support 0.75 against 0.25, no momentum, γ = 1.5, ε = 0.03, and one signal of 0.2.
    let text = bare("").replace(
        "[actors.one]\npower.all = 1.0",
        "[actors.one]\npower.all = 3.0",
    );
    let text = format!(
        "{text}[variables]\nout = 0.0\n[actions.speech]\nat = 2022-01-01\neffects = ['signal.two = 0.2']\n\
         [actions.look]\nwhen = 'day == 0'\nchance = 1\neffects = ['out = prospects.one']\n"
    );
    let one = (1.5 * (0.78_f64).ln()).exp();
    let two = (1.5 * ((0.28_f64).ln() + 0.2)).exp();
    let got = f64::from(out_of(&parse(&text)));
    assert!((got - one / (one + two)).abs() < 1e-6, "{got}");
}

#[test]
fn a_considered_move_by_hand() {
    // Nothing moves him at the start; on day 2 the prize rises from 0 to 1.
    let text = bare(
        "[variables]\nout = 0.0\nprize = 0.0\n[actions.news]\nat = 2022-01-03\neffects = ['prize = 1']\n\
         [actions.move]\nby = 'one'\ndecide = { pace = 0.5, win = 0.6, prize = 'prize', price = 0.5, wait = 0.35 }\n",
    );
    let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
    let start = logistic(12.0 * (0.0 - 0.4 * 0.5 - 0.35));
    let now = logistic(12.0 * (0.6 - 0.4 * 0.5 - 0.35));
    let resolved = (now - start) / (1.0 - start);
    // Eight days are left; the clock of a rate of 0 stands still, and the gate has been open all
    // along.
    let n = 100_000;
    let tally = play_tally(&parse(&text), 5, n);
    let decided = 1.0 - f64::exp(-0.5 * 8.0);
    assert_share(tally.action_count(1), n, resolved * decided, "the move");
    // What he could not do at the start he did not resist then.
    let closed = text.replace("by = 'one'", "by = 'one'\nwhen = 'prize > 0'");
    let tally = play_tally(&parse(&closed), 5, n);
    let decided = 1.0 - f64::exp(-0.5 * 8.25);
    let p = now * decided;
    assert_share(tally.action_count(1), n, p, "the move, closed at the start");
}

#[test]
fn turnout_starts_at_its_fixed_point_and_stays_without_news() {
    let text = bare(
        "[dynamics]\nmood_sd = 0\n[crowds.town]\ngrievance = 0.5\nthreshold_mean = 1.0\nthreshold_sd = 0.4\n\
         repression = '0.3 / (1 + turnout.town / 0.1)'\n[variables]\nout = 0.0\n\
         [actions.look]\nat = 2022-01-10\neffects = ['out = turnout.town']\n",
    );
    let normal = Normal::standard();
    let mut x: f64 = 0.0;
    for _ in 0..200 {
        x = normal.cdf((0.5 - 0.3 / (1.0 + x / 0.1) - 1.0) / 0.4);
    }
    let got = f64::from(out_of(&parse(&text)));
    assert!((got - x).abs() < 2e-6, "{got} against {x}");
}

#[test]
fn pert_moments_and_quantiles() {
    let pert = Quantile::pert(0.0, 2.0, 10.0, &mut Shapes::default());
    for (u, q) in [(0.05, 0.58977), (0.5, 2.76672), (0.95, 6.21277)] {
        let found = f64::from(pert.at(math::sided_at(u)));
        assert!((found - q).abs() < 1e-5, "{found} against {q}");
    }
    let n = 1 << 20;
    let values: Vec<f64> = (0..n)
        .map(|i| f64::from(pert.at(math::sided_at((f64::from(i) + 0.5) / f64::from(n)))))
        .collect();
    let mean = values.iter().sum::<f64>() / f64::from(n);
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / f64::from(n);
    assert!((mean - 3.0).abs() < 1e-6, "mean {mean}");
    assert!((variance - 3.0).abs() < 1e-5, "variance {variance}");
}

#[test]
fn wilson_intervals() {
    for (count, n, low, high) in [
        (0, 10, 0.0, 0.277_533),
        (1, 10, 0.017_876, 0.404_150),
        (5, 10, 0.236_593, 0.763_407),
        (500, 1000, 0.469_070, 0.530_930),
    ] {
        let share = wilson(count, n);
        assert!((share.low - low).abs() < 1e-6, "{count}/{n}: {}", share.low);
        assert!(
            (share.high - high).abs() < 1e-6,
            "{count}/{n}: {}",
            share.high
        );
    }
    assert_eq!(wilson(10, 10).high, 1.0);
}

#[test]
fn expressions_give_what_arithmetic_gives() {
    for (expression, expected) in [
        ("1 + 2 * 3 - 4 / 2", 5.0),
        ("-2 ^ 2", -4.0),
        ("(-2) ^ 2", 4.0),
        ("(-2) ^ 3", -8.0),
        ("2 ^ 3 ^ 0", 2.0),
        ("x ^ -1", 1.0 / 3.0),
        ("x ^ 0.5", 1.732_050_8),
        ("(-x) ^ 0.5", 0.0),
        ("0 ^ 0", 1.0),
        ("nought ^ nought", 1.0),
        ("x / nought", 0.0),
        ("nought / nought", 0.0),
        ("ln(nought) < -80", 0.0),
        ("sqrt(-x)", 0.0),
        ("exp(1)", std::f32::consts::E),
        ("ln(x)", 1.098_612_3),
        ("logistic(0)", 0.5),
        ("contest(3, 1, 2)", 0.9),
        ("contest(nought, nought, 2)", 0.5),
        ("contest(-1, 1, 1)", 0.0),
        ("contest(x, 1, 0.5)", 0.633_974_6),
        ("contest(x, 1, -0.5)", 1.0 - 0.633_974_6),
        ("contest(200000, 150000, 8)", 0.908_997_6),
        ("contest(200000, 150000, -8)", 1.0 - 0.908_997_6),
        ("contest(1e-5, 1e-6, 8.5) > 0.999_999", 1.0),
        ("contest(x * 1e29, 1e29, 3 * x)", 0.999_949_2),
        ("contest(x * 1e-29, 1e-29, 8)", 0.999_847_6),
        ("contest(1e30, x, 1e30) + contest(0, x, -3)", 2.0),
        ("contest(x, 1, 0) + contest(-x, -1, 7)", 1.0),
        ("min(3, 1, 2) + max(1, 5) + clamp(7, 0, 2) + abs(-1)", 9.0),
        ("x > 2 and not (x > 4) or 0", 1.0),
        ("x == 3", 1.0),
        ("x != 3", 0.0),
        ("x and 3", 1.0),
        ("not 0.5", 0.0),
        ("since.a > 1000", 0.0),
        ("first.a", 0.0),
        ("date(\"2022-01-05\")", 4.0),
        ("date(\"2022-01-05T12:00\")", 4.5),
        ("exp(exp(exp(x * 100))) - exp(exp(exp(x * 100)))", 0.0),
        ("1e30 * 1e30", 0.0),
        ("1e30 * 1e8", 1e30),
        ("turnout.max + turnout.mean", 0.0),
        ("1e-3 + 1_000", 1000.001),
    ] {
        let got = value(expression);
        let close = (got - expected).abs() <= 2e-6 * expected.abs().max(1.0);
        assert!(close, "{expression} = {got}, expected {expected}");
    }
}

/// Infinities before the first happening may be compared and never reach the state.
#[test]
fn what_has_not_happened_lies_infinitely_far() {
    let text = bare(
        "[variables]\nout = 0.0\n[actions.never]\nwhen = 'out > 5'\nrate = 1\n\
         [actions.look]\nat = 2022-01-02\nwhen = 'first.never > 1e29 and since.never > 1e29 and not happened.never'\n\
         effects = ['out = since.never - since.never + (since.never > 100)']\n",
    );
    // Infinity less infinity is no number: the whole expression counts as 0.
    let loaded = parse(&text);
    assert_eq!(out_of(&loaded), 0.0);
    let (_, records) = play_records::<1>(&loaded, 1, 1, 1);
    assert_eq!(records[0].first[action(&loaded.0, "look")], Some(1.0));
}

#[test]
fn lanes_of_chacha_agree_with_the_reference_generator() {
    let key = [7, 0xdead_beef, 3, 4, 5, 6, 0x8000_0001, 8];
    let mut seed = [0; 32];
    for (bytes, word) in seed.chunks_exact_mut(4).zip(key) {
        bytes.copy_from_slice(&u32::to_le_bytes(word));
    }
    let streams: [u64; 16] = std::array::from_fn(|i| (i as u64) << 31 | i as u64);
    for block in [0, 1, 77, u64::from(u32::MAX) + 5] {
        let mut words = [[0; 16]; 16];
        draws::chacha8(&key, block, &streams, &mut words);
        for (lane, stream) in streams.iter().enumerate() {
            let mut reference = rand_chacha::ChaCha8Rng::from_seed(seed);
            reference.set_stream(*stream);
            reference.set_word_pos(u128::from(block) * 16);
            for (j, word) in words.iter().enumerate() {
                assert_eq!(word[lane], reference.next_u32(), "lane {lane}, word {j}");
            }
        }
    }
}

/// Computed once outside this program, with hashlib and a ChaCha8 written in Python. Named draws
/// are part of the model: these words may change only with a "value-breaking" release.
#[test]
fn named_draws_have_the_published_values() {
    let key = draws::key(2022, "choose/police");
    assert_eq!(key[..4], [0x79, 0x07, 0x1c, 0x0c]);
    assert_eq!(draws::word(2022, "choose/police", 81_234, 17), 882_434_593);
    // In a block of sixteen rounds.
    assert_eq!(draws::word(2022, "act/raid", 81_234, 3), 2_892_018_961);
}

#[test]
fn the_models_functions_are_as_accurate_as_stated() {
    let mut worst = [0.0_f64; 8];
    let normal = Normal::standard();
    for i in 0..400_000 {
        let x = -86.9 + 174.8 * (i as f32 / 400_000.0);
        let exact = f64::from(x).exp();
        worst[0] = worst[0].max((f64::from(math::exp(x)) / exact - 1.0).abs());
        let y = (-80.0 + 160.0 * (i as f32 / 400_000.0)).exp();
        let exact = f64::from(y).ln();
        worst[1] = worst[1].max((f64::from(math::ln(y)) - exact).abs() / exact.abs().max(1.0));
        worst[5] =
            worst[5].max((f64::from(math::ln_of_share(y)) - exact).abs() / exact.abs().max(1.0));
        for (at, widest) in [(6, math::NEAR), (7, 8.0)] {
            let x = widest * (2.0 * (i as f32 / 400_000.0) - 1.0);
            let weight = f64::from(math::weight_of_score(x)) / f64::from(x).exp();
            worst[at] = worst[at].max((weight - 1.0).abs());
        }
        let u = math::uniform(math::sided((i as u32).wrapping_mul(0x9E37_79B9)));
        let z = normal.inverse_cdf(f64::from(u));
        worst[2] = worst[2].max((f64::from(math::normal_quantile(u)) - z).abs() / z.abs().max(1.0));
        let x = -9.0 + 18.0 * (i as f32 / 400_000.0);
        worst[3] = worst[3].max((f64::from(math::normal_cdf(x)) - normal.cdf(f64::from(x))).abs());
        let exact = 1.0 / (1.0 + f64::from(-x).exp());
        worst[4] = worst[4].max((f64::from(math::logistic(x)) - exact).abs());
    }
    for (name, worst, limit) in [
        ("exp, relative", worst[0], 2e-7),
        ("ln", worst[1], 2e-7),
        ("normal quantile", worst[2], 2e-6),
        ("normal distribution function", worst[3], 3e-7),
        ("logistic", worst[4], 2e-7),
        ("ln of a share", worst[5], 2e-6),
        ("weight of a score, relative", worst[6], 7e-6),
        ("the same up to 8", worst[7], 3.3e-6),
    ] {
        assert!(worst < limit, "{name}: {worst:e}, stated {limit:e}");
    }
}

#[test]
fn uniforms_never_reach_their_ends() {
    for word in [0, 1, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, u32::MAX - 1, u32::MAX] {
        for (e, other) in [
            (math::sided(word), math::sided(!word)),
            (math::sided_deep(word, 0), math::sided_deep(!word, 0)),
        ] {
            assert_eq!(e, -other, "symmetric about one half");
            let u = math::uniform(e);
            assert!(u > 0.0 && u < 1.0);
            assert!(math::exponential(e) > 0.0);
            assert!(math::normal(e).is_finite() && math::gumbel(e).is_finite());
        }
    }
    assert_eq!(math::sided_deep(0, 0), math::FINEST);
    // Where one word is enough and where it is not, sizes meet.
    let last = math::sided_deep(0xFFFF, u32::MAX);
    assert!(last <= math::sided(0x1_0000) && last > math::sided(0xFFFF));
}

#[test]
fn the_good_scenario_of_the_tests_moves() {
    let loaded = parse(GOOD);
    let tally = play_tally(&loaded, 7, 2_000);
    for outcome in 0..loaded.0.outcomes.len() {
        assert!(
            tally.outcome_count(outcome) > 0,
            "{}",
            loaded.0.outcomes[outcome].id
        );
    }
}
