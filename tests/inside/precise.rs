//! Rounds until shares are known, and how often intervals hold the truth.

use kzsim::analysis::interval::wilson;
use kzsim::analysis::share::Pairs;
use kzsim::ensemble::{Detail, Records, Rounds, Waves};
use kzsim::plan::Plan;
use kzsim::scenario::Scenario;

use super::played::{parse, player};
use super::support::coin;

/// Rounds and wins when rounds go on until both shares are known to `half`.
fn until((scenario, plan): &(Scenario, Plan), seed: u64, half: f64) -> (u64, u64) {
    let enough = |counts: &[u64], n: u64| counts.iter().all(|c| wilson(*c, n).half_width() <= half);
    let player = player(seed, 1);
    let waves = Waves::<64>::new(scenario, plan, player, 0..1 << 40, Records::default());
    let mut waves = waves.expect("threads").with_looks();
    while !waves
        .look()
        .is_some_and(|counts| enough(&counts, waves.next_round()))
    {
        waves.play().expect("nothing interrupts");
    }
    let tally = waves.tally();
    (tally.rounds, tally.outcome_count(0))
}

#[test]
fn rounds_go_on_until_shares_are_known_and_cover_as_often_as_they_say() {
    let loaded = parse(&coin("0.3", ""));
    let mut covered = 0;
    for seed in 0..400 {
        let (rounds, wins) = until(&loaded, seed, 0.02);
        let share = wilson(wins, rounds);
        assert!(share.half_width() <= 0.02);
        // 0.3·0.7·(1.96/0.02)² = 2,017 are needed; looks are a quarter apart.
        assert!((1_800..=2_600).contains(&rounds), "{rounds}");
        covered += u32::from(share.low <= 0.3 && 0.3 <= share.high);
    }
    // Of 400 at 95 %: below 358 or above 397 with a probability of about 1e-6 each (binomial).
    assert!((358..=397).contains(&covered), "{covered} of 400");
}

fn pairs_of(text: &str, pairs: u64) -> Pairs {
    let (_, plan) = parse(text);
    let play = |rounds: Rounds<'_>| {
        let found = player(5, 2).records::<64>(&plan, &rounds, Detail::Summary);
        found.expect("nothing interrupts")
    };
    let (own, partners) = (
        play(Rounds::Drawn(0..pairs)),
        play(Rounds::Partners(0..pairs)),
    );
    let mut found = Pairs::default();
    for (a, b) in own.iter().zip(&partners) {
        found.add(a.round, a.outcome == 0, b.outcome == 0);
    }
    found
}

#[test]
fn ignorance_and_chance_are_told_apart() {
    let n = 20_000;
    // All chance: nothing comes from priors, whatever the (idle) prior is.
    let idle = "p = { min = 0.0, max = 1.0 }";
    let found = pairs_of(&coin("0.3", idle), n).part_of_priors();
    assert!(
        found.value.abs() < 0.035,
        "{found:?}: five standard errors of 0.007"
    );
    assert!(!found.excludes(0.0));
    // All ignorance: the prior decides.
    let found = pairs_of(&coin("\"p > 0.6\"", idle), n).part_of_priors();
    assert_eq!(found.value, 1.0);
    // A coin of unknown bias, uniform: the variance of its bias is 1/12 of 1/4.
    let found = pairs_of(&coin("\"p\"", idle), n).part_of_priors();
    assert!((found.value - 1.0 / 3.0).abs() < 0.035, "{found:?}");
    assert!(found.low < 1.0 / 3.0 && 1.0 / 3.0 < found.high);
    // What always happens has no variance to divide.
    assert!(
        pairs_of(&coin("1.0", idle), 100)
            .part_of_priors()
            .value
            .is_nan()
    );
}

#[test]
fn intervals_of_ignorance_cover_as_often_as_they_say() {
    assert_covers("p", 1.0 / 3.0, 358..=397);
    // Rare ones: a share of 0.5 % that is p/100 or, in a tenth of the histories, all of it; then the
    // same of what nearly always comes. Few pairs say the rare thing twice, and intervals that know
    // it are wider than they would have to be. With p uniform, p/100 has the mean 1/200 and the
    // variance 1/120,000.
    let part = (1.0 / 120_000.0) / (0.005 * 0.995);
    assert_covers("p / 100", part, 380..=400);
    assert_covers("1 - p / 100", part, 380..=400);
    // All of it in the histories with p above 0.95: the mean 1/200, the variance 0.05 × 0.01 − 1/40,000.
    let part = (0.05 * 0.01 - 0.000_025) / (0.005 * 0.995);
    assert_covers("0.1 * (p > 0.95)", part, 365..=400);
}

/// How many of 400 intervals hold the true part of the variance. For a share of 95 % the bounds 358
/// and 397 are left once in 10^5 (binomial); at the upper end all may hold.
fn assert_covers(chance: &str, part: f64, range: std::ops::RangeInclusive<u32>) {
    let (_, plan) = parse(&coin(
        &format!("\"{chance}\""),
        "p = { min = 0.0, max = 1.0 }",
    ));
    let mut covered = 0;
    for seed in 0..400 {
        let n = 1_280;
        let play = |rounds: Rounds<'_>| {
            let found = player(seed, 1).records::<64>(&plan, &rounds, Detail::Summary);
            found.expect("nothing interrupts")
        };
        let (own, partners) = (play(Rounds::Drawn(0..n)), play(Rounds::Partners(0..n)));
        let mut pairs = Pairs::default();
        for (a, b) in own.iter().zip(&partners) {
            assert_eq!(a.round, b.round);
            pairs.add(a.round, a.outcome == 0, b.outcome == 0);
        }
        let found = pairs.part_of_priors();
        // Where the thing never came nothing is said.
        covered += u32::from(!found.value.is_finite() || !found.excludes(part));
    }
    assert!(range.contains(&covered), "{chance}: {covered} of 400");
}
