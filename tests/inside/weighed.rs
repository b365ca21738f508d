//! Weights of evidence: closed forms, coverage, resampling.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use kzsim::analysis::conditional::Conditional;
use kzsim::analysis::interval::wilson;
use kzsim::analysis::recovery::recover;
use kzsim::analysis::weighing::{Likelihoods, information, look_next, posteriors};
use kzsim::engine::{Isa, draws};
use kzsim::ensemble::patterns::Patterns;
use kzsim::ensemble::smc::{GivenBy, ISLAND, Task, Weighted};
use kzsim::ensemble::{Player, Workers};
use kzsim::plan::Plan;
use kzsim::scenario::reports::{Report, leave_out, reports};
use kzsim::scenario::{Evidence, Scenario};

use super::played::{action, parse, play_records, play_tally, player};
use super::support::{GOOD, Z, evidence, observation, rare_fact, repository, tomls, two_chances};

fn watching(scenario: &str, evidence: &Evidence) -> (Scenario, Plan) {
    let (scenario, _) = parse(scenario);
    let watched = evidence
        .watched(&scenario)
        .expect("moments inside the rounds");
    let plan = Plan::watching(&scenario, &watched).expect("names that exist");
    (scenario, plan)
}

fn patterns_of(plan: &Plan, seed: u64, rounds: u64, threads: usize) -> Patterns {
    let found = player(seed, threads).patterns::<64>(plan, 0..rounds);
    found.expect("nothing interrupts")
}

fn weighted(plan: &Plan, reports: &[Report], rounds: u64, method: GivenBy) -> Weighted {
    let task = Task::new(rounds, reports, method);
    let found = player(11, 2).weigh::<64>(plan, task);
    found.expect("nothing interrupts")
}

/// Rain and wind, as two reports of different reliability.
fn rain_and_wind(r: f64, s: f64) -> Evidence {
    evidence(
        &(observation("rain", "happened.rain", &format!("reliability = {r}"))
            + &observation("wind", "happened.wind", &format!("reliability = {s}"))),
    )
}

#[test]
fn likelihoods_are_those_of_the_closed_form() {
    let (p, q, r, s) = (0.3, 0.6, 0.9, 0.75);
    let e = rain_and_wind(r, s);
    let (scenario, plan) = watching(&two_chances(p, q), &e);
    let n = 40_000;
    let held = patterns_of(&plan, 5, n, 0);
    // Exactly: the very draws decide which rounds have rain or wind.
    let happens =
        |site: &str, round: u64, chance: f64| draws::uniform(5, site, round, 0) < chance as f32;
    let mut expected = BTreeMap::new();
    for round in 0..n {
        let pattern = u64::from(happens("act/rain", round, p))
            | u64::from(happens("act/wind", round, q)) << 1;
        *expected.entry(pattern).or_insert(0) += 1;
    }
    assert_eq!(held.total(), expected);
    assert_eq!(held.rounds(), n);
    // In the mean: a product of two, as the two have nothing to do with each other.
    let said = |p: f64, r: f64| r * p + (1.0 - r) * (1.0 - p);
    let all = Likelihoods::of(&[held], &reports(&e, false));
    let found = all.0[0].value();
    let exact = said(p, r) * said(q, s);
    let second = |p: f64, r: f64| r * r * p + (1.0 - r) * (1.0 - r) * (1.0 - p);
    let sd = ((second(p, r) * second(q, s) - exact * exact) / n as f64).sqrt();
    assert!((found - exact).abs() < Z * sd, "{found} against {exact}");
    let share = all.0[0].interval();
    assert!(share.low < found && found < share.high);
    assert_eq!(scenario.name, "test");
}

#[test]
fn with_certain_reports_a_likelihood_is_a_share_of_rounds() {
    let e = rain_and_wind(1.0, 1.0);
    let (_, plan) = watching(&two_chances(0.3, 0.6), &e);
    let held = patterns_of(&plan, 5, 3_000, 1);
    let matching = held.total()[&3];
    let all = Likelihoods::of(&[held], &reports(&e, false));
    assert_eq!(all.0[0].value(), matching as f64 / 3_000.0);
    assert_eq!(all.0[0].effective(), matching as f64);
    let (share, exact) = (all.0[0].interval(), wilson(matching, 3_000));
    assert!((share.low - exact.low).abs() < 1e-15 && (share.high - exact.high).abs() < 1e-15);
}

#[test]
fn where_no_round_matches_there_is_a_bound_and_no_nought() {
    let e = rain_and_wind(1.0, 1.0);
    let (_, never) = watching(&two_chances(0.0, 0.6), &e);
    let (_, often) = watching(&two_chances(0.5, 0.6), &e);
    let n = 1_000;
    let held = [patterns_of(&never, 5, n, 1), patterns_of(&often, 5, n, 1)];
    let all = Likelihoods::of(&held, &reports(&e, false));
    assert_eq!(all.0[0].value(), 0.0);
    let bound = all.0[0].interval().high;
    assert_eq!(bound, wilson(0, n).high);
    let p = all.posterior(&[0.5, 0.5], 0);
    assert_eq!((p.value, p.low), (0.0, 0.0));
    let likelihood = all.0[1].value();
    assert!((p.high - bound / (bound + likelihood)).abs() < 1e-12);
    // The ratio has one end, from the ends of both intervals, and it tells the two apart.
    let (factor, back) = (all.log_ratio(0, 1), all.log_ratio(1, 0));
    let end = (bound / all.0[1].interval().low).ln();
    assert_eq!(
        (factor.value, factor.low),
        (f64::NEG_INFINITY, f64::NEG_INFINITY)
    );
    assert!((factor.high - end).abs() < 1e-12 && (back.low + end).abs() < 1e-12);
    assert!(factor.excludes(0.0) && back.excludes(0.0));
    // The other reading is not certain: it is as sure as the bound leaves it.
    let q = all.posterior(&[0.5, 0.5], 1);
    assert_eq!((q.value, q.high), (1.0, 1.0));
    assert!(0.97 < q.low && q.low < 1.0 - p.high, "{q:?}");
    // Nor does a change have the width 0 that it has while the bound is taken for 0.
    let nothing = Likelihoods::of(&held, &[]);
    let change = all.change(&nothing, &[0.5, 0.5], 1);
    assert_eq!((change.value, change.low), (-0.5, -0.5));
    assert!(change.high > -0.5 + 0.5 * p.high, "{change:?}");
    // Where neither has a match, nothing is known.
    let none = [held[0].clone(), held[0].clone()];
    let none = Likelihoods::of(&none, &reports(&e, false)).log_ratio(0, 1);
    assert!(none.value.is_nan() && !none.excludes(0.0));
    // One that is at 0 does not make two others known exactly, either.
    let three = [held[1].clone(), held[1].clone(), held[0].clone()];
    let three = Likelihoods::of(&three, &reports(&e, false));
    let first = three.posterior(&[0.4, 0.4, 0.2], 0);
    assert_eq!(first.value, 0.5);
    assert!(first.low < 0.5 && first.high >= 0.5, "{first:?}");
}

#[test]
fn a_bound_is_no_interval_where_rounds_are_too_few_for_one() {
    let e = rain_and_wind(1.0, 1.0);
    let (_, never) = watching(&two_chances(0.0, 1.0), &e);
    let (_, always) = watching(&two_chances(1.0, 1.0), &e);
    for (n, known) in [(6, false), (12, true)] {
        let held = [patterns_of(&never, 5, n, 1), patterns_of(&always, 5, n, 1)];
        let all = Likelihoods::of(&held, &reports(&e, false));
        let nothing = Likelihoods::of(&held, &[]);
        let change = all.change(&nothing, &[0.5, 0.5], 1);
        assert_eq!(change.value, -0.5);
        let ends = [change.low, change.high].map(f64::is_finite);
        assert_eq!(ends, [known, known], "{n} rounds: {change:?}");
        assert_eq!(change.excludes(0.0), known, "{n} rounds: {change:?}");
        // Those of likelihoods need no blocks, nor do those that follow from them.
        let posterior = all.posterior(&[0.5, 0.5], 1);
        assert!(
            posterior.low < 1.0 && posterior.high == 1.0,
            "{posterior:?}"
        );
        assert!(all.log_ratio(1, 0).low.is_finite());
    }
}

/// Of 400 intervals that cover with probability 0.95, so many do, but for a probability of about
/// 1e-6 in each tail (binomial).
const COVERED: std::ops::RangeInclusive<u32> = 358..=397;

#[test]
fn bayes_factors_lie_in_their_intervals_as_often_as_they_say() {
    let e = rain_and_wind(0.9, 0.8);
    let known = reports(&e, false);
    let (_, a) = watching(&two_chances(0.3, 0.6), &e);
    let (_, b) = watching(&two_chances(0.5, 0.4), &e);
    let said = |p: f64, r: f64| r * p + (1.0 - r) * (1.0 - p);
    let la = said(0.3, 0.9) * said(0.6, 0.8);
    let lb = said(0.5, 0.9) * said(0.4, 0.8);
    let (mut factor, mut likelihood, mut posterior) = (0, 0, 0);
    for seed in 0..400 {
        let held = [patterns_of(&a, seed, 640, 1), patterns_of(&b, seed, 640, 1)];
        let all = Likelihoods::of(&held, &known);
        factor += u32::from(!all.log_ratio(0, 1).excludes((la / lb).ln()));
        let share = all.0[0].interval();
        likelihood += u32::from(share.low <= la && la <= share.high);
        let exact = posteriors(&[0.2, 0.8], &[la, lb])[0];
        posterior += u32::from(!all.posterior(&[0.2, 0.8], 0).excludes(exact));
    }
    assert!(COVERED.contains(&factor), "Bayes factors: {factor} of 400");
    assert!(COVERED.contains(&likelihood), "likelihoods: {likelihood}");
    assert!(COVERED.contains(&posterior), "posteriors: {posterior}");
}

#[test]
fn a_group_is_one_report_that_is_true_when_all_of_it_is() {
    let more = "reliability = 0.9\ngroup = \"gazette\"";
    let e = evidence(
        &(observation("rain", "happened.rain", more) + &observation("wind", "happened.wind", more)),
    );
    let known = reports(&e, false);
    assert_eq!(known.len(), 1);
    assert_eq!(known[0].members, [0, 1]);
    assert_eq!(
        [0, 1, 2, 3].map(|p| known[0].factor(p)),
        [1.0 - 0.9, 1.0 - 0.9, 1.0 - 0.9, 0.9]
    );
    let (_, plan) = watching(&two_chances(0.5, 0.4), &e);
    let n = 20_000;
    let held = patterns_of(&plan, 3, n, 0);
    let both = held.total()[&3] as f64 / n as f64;
    let all = Likelihoods::of(&[held], &known);
    assert!((all.0[0].value() - (0.9 * both + 0.1 * (1.0 - both))).abs() < 1e-12);
    // Without one of its two the group is what is left of it.
    let left = leave_out(&known, 0);
    assert_eq!((left.len(), left[0].mask), (1, 2));
    assert!(leave_out(&left, 1).is_empty());
}

#[test]
fn a_date_is_the_end_of_its_day_and_ended_rounds_are_carried_forward() {
    let scenario = "schema = 1\n[contenders]\none = {}\ntwo = {}\n[clock]\nstart = 2022-01-01\n\
         days = 10\nstep = \"6h\"\nplay_on = false\n[arenas]\nall = 1.0\n[actors.one]\npower.all = 1.0\n\
         [actors.two]\npower.all = 1.0\n[variables]\nx = 0.0\n\
         [actions.now]\nat = 2022-01-03T06:00:00\neffects = [\"x += 1\"]\n\
         [actions.later]\nat = 2022-01-06\neffects = [\"x += 1\"]\n\
         [outcomes.stopped]\nwhen = \"happened.now\"\nhold = \"1d\"\n[outcomes.rest]\notherwise = true\n";
    let at = |on: &str, when: &str| {
        let text = format!("[observations.a]\non = {on}\nwhen = \"{when}\"\nreliability = 1\n");
        let (_, plan) = watching(scenario, &evidence(&text));
        let held = patterns_of(&plan, 1, 5, 1).total();
        assert_eq!(held.len(), 1, "every round is the same");
        held.keys().next() == Some(&1)
    };
    assert!(
        !at("2022-01-02", "happened.now"),
        "the end of the day before"
    );
    assert!(
        at("2022-01-03", "happened.now"),
        "the end of the day itself"
    );
    assert!(
        !at("2022-01-03T06:00:00", "happened.now"),
        "the moment itself"
    );
    assert!(at("2022-01-03T12:00:00", "happened.now"), "a step later");
    assert!(
        at("2022-01-03T07:00:00", "happened.now"),
        "the first step over by then"
    );
    // The round ends on 4 January; what would have come later does not, the calendar goes on.
    assert!(!at("2022-01-10", "happened.later"));
    assert!(at("2022-01-10", "x == 1"));
    assert!(at("2022-01-10", "day == 10"));
    assert!(at("2022-01-10", "since.now == 10 - 2.25"));
    assert!(at("2022-01-03", "day == 3"));
}

#[test]
fn watching_changes_nothing_in_a_round() {
    let e = evidence(
        "[observations.a]\non = 2022-01-04\nwhen = \"backing.new > 0.5 and sees.banker.old < 0.5\"\n\
         reliability = 0.9\n[observations.b]\non = 2022-01-08\nwhen = \"turnout.capital > 0.1\"\n\
         reliability = 0.9\n",
    );
    let watched = watching(GOOD, &e);
    let plain = parse(GOOD);
    let (tally, mut records) = play_records::<64>(&watched, 7, 500, 2);
    for record in &mut records {
        assert_eq!(record.watched.len(), 2);
        record.watched.clear();
    }
    let (plain_tally, plain_records) = play_records::<64>(&plain, 7, 500, 2);
    assert_eq!(records, plain_records);
    assert_eq!(tally, plain_tally);
    // And what is seen is the same at any width, on any number of threads.
    let held = patterns_of(&watched.1, 7, 500, 1);
    assert_eq!(held, patterns_of(&watched.1, 7, 500, 3));
    assert!(held.total().len() > 1, "{held:?}");
    let alone = Player {
        workers: Workers {
            threads: 1,
            isa: Isa::Baseline,
        },
        ..player(7, 1)
    };
    let alone = alone.patterns::<1>(&watched.1, 0..500);
    assert_eq!(held, alone.expect("nothing interrupts"));
}

#[test]
fn what_is_watched_at_the_horizon_is_what_flags_and_records_say() {
    // On base, with lanes changing places: the last state as the records have it.
    let path = repository("scenarios/base.toml");
    let (scenario, faults) = Scenario::read(&path, &[]).expect("readable");
    assert!(faults.is_empty());
    let e = evidence(
        "[observations.a]\non = 2022-01-31\nwhen = \"happened.seize_council\"\nreliability = 1\n\
         [observations.b]\non = 2022-01-06\nwhen = \"happened.blackout\"\nreliability = 1\n",
    );
    let watched = e.watched(&scenario).expect("inside");
    let plan = Plan::watching(&scenario, &watched).expect("names that exist");
    let (seize, blackout) = (
        action(&scenario, "seize_council"),
        action(&scenario, "blackout"),
    );
    let n = 3_000;
    let held = patterns_of(&plan, 2022, n, 0).total();
    let (_, records) = play_records::<64>(&(scenario, plan), 2022, n, 0);
    let mut expected = BTreeMap::new();
    for r in &records {
        let by = |i: usize, day: f32| r.first[i].is_some_and(|d| d < day);
        let pattern = u64::from(by(seize, 31.0)) | u64::from(by(blackout, 6.0)) << 1;
        *expected.entry(pattern).or_insert(0) += 1;
    }
    assert_eq!(held, expected);
}

#[test]
fn given_certain_evidence_shares_are_those_of_the_rounds_that_match() {
    let text = observation("wind", "happened.wind", "reliability = 1.0");
    let e = evidence(&text);
    let known = reports(&e, false);
    let loaded = watching(&two_chances(0.3, 0.6), &e);
    let n = 2 * ISLAND as u64 + 100;
    let found = weighted(&loaded.1, &known, n, GivenBy::Weights);
    let (_, records) = play_records::<64>(&loaded, 11, n, 2);
    let matching: Vec<_> = records.iter().filter(|r| r.flags[0]).collect();
    let wet = matching.iter().filter(|r| r.outcome == 0).count();
    assert_eq!(found.rounds, n);
    assert_eq!(found.weight, matching.len() as f64);
    assert_eq!(found.outcomes[0].iter().sum::<f64>(), wet as f64);
    assert_eq!(found.flags, [matching.len() as f64]);
    let read = Conditional::new(&found, GivenBy::Weights);
    assert_eq!(read.effective(), matching.len() as f64);
    let share = read.share(0);
    let exact = wilson(wet as u64, matching.len() as u64);
    assert!((share.low - exact.low).abs() < 1e-12 && (share.high - exact.high).abs() < 1e-12);
    assert_eq!(share.probability, exact.probability);
}

/// Of 400 intervals that cover with probability 0.95 or more, at least so many do, but for a
/// probability of about 1e-6 (binomial).
const LEAST: u32 = *COVERED.start();

#[test]
fn intervals_of_resampled_rounds_hold_the_truth_as_often_as_they_say() {
    let (scenario, e, truth) = rare_fact(0.05, 0.95);
    let known = reports(&e, false);
    let (_, plan) = watching(&scenario, &e);
    for islands in [1_usize, 2, 4, 8, 20] {
        let mut covered = [0, 0];
        for seed in 0..400 {
            let task = Task {
                island: 64,
                ..Task::new(64 * islands as u64, &known, GivenBy::Resampling)
            };
            let found = player(seed, 1).weigh::<64>(&plan, task);
            let found = found.expect("nothing interrupts");
            let read = Conditional::new(&found, GivenBy::Resampling);
            // Outcomes, then the flag.
            for (count, (total, truth)) in covered.iter_mut().zip([(0, truth[0]), (2, truth[1])]) {
                let share = read.share(total);
                *count += u32::from(share.low <= truth && truth <= share.high);
                let n = read.effective_of(total);
                assert!(n < found.rounds as f64, "never all: {n}");
                if islands == 1 {
                    assert_eq!((share.low, share.high, n), (0.0, 1.0, 0.0));
                }
            }
        }
        assert!(
            covered.iter().all(|c| *c >= LEAST),
            "{islands}: {covered:?}"
        );
        if islands == 20 {
            assert!(
                covered.iter().all(|c| *c <= 397),
                "not for being wide: {covered:?}"
            );
        }
    }
}

#[test]
fn runs_of_few_rounds_have_small_islands_and_not_few() {
    let sizes = [1, 15, 16, 200, 1_000, 16_384, 20_000, 1_000_000]
        .map(|rounds| Task::new(rounds, &[], GivenBy::Resampling).island);
    assert_eq!(sizes, [1, 1, 1, 13, 63, 1_024, 1_024, 1_024]);
    let (scenario, e, truth) = rare_fact(0.05, 0.95);
    let known = reports(&e, false);
    let (_, plan) = watching(&scenario, &e);
    let mut covered = 0;
    for seed in 0..400 {
        let task = Task::new(1_000, &known, GivenBy::Resampling);
        let found = player(seed, 1).weigh::<64>(&plan, task);
        let found = found.expect("nothing interrupts");
        let share = Conditional::new(&found, GivenBy::Resampling).share(0);
        covered += u32::from(share.low <= truth[0] && truth[0] <= share.high);
    }
    assert!(COVERED.contains(&covered), "{covered} of 400");
}

#[test]
fn weights_that_depend_on_what_is_counted_do_not_make_intervals_too_narrow() {
    // One round in a hundred carries half of the weight: Kish's number alone would cover in 80 % of
    // cases, at any number of rounds.
    let (scenario, e, truth) = rare_fact(0.01, 0.99);
    let known = reports(&e, false);
    let (_, plan) = watching(&scenario, &e);
    let (mut covered, mut smaller) = ([0, 0], 0);
    for seed in 0..400 {
        let found = player(seed, 1).weigh::<64>(&plan, Task::new(2_000, &known, GivenBy::Weights));
        let found = found.expect("nothing interrupts");
        let read = Conditional::new(&found, GivenBy::Weights);
        for (count, (total, truth)) in covered.iter_mut().zip([(0, truth[0]), (2, truth[1])]) {
            let share = read.share(total);
            *count += u32::from(share.low <= truth && truth <= share.high);
        }
        smaller += u32::from(read.effective_of(2) < 0.9 * read.kish());
    }
    assert!(covered.iter().all(|c| *c >= LEAST), "{covered:?}");
    assert!(smaller > 0, "the ratio's own number is never used");
}

#[test]
fn resampling_says_what_weighting_says() {
    // The scenario of the documents' first steps, with reports that pull on what comes later.
    let path = repository("scenarios/minimal.toml");
    let (scenario, _) = Scenario::read(&path, &[]).expect("readable");
    let e = evidence(
        "[observations.angry]\non = 2030-05-04\nwhen = \"turnout.port > 0.02\"\nreliability = 0.95\n\
         [observations.quiet]\non = 2030-05-07\nwhen = \"broken == 0\"\nreliability = 0.9\n\
         [observations.broken]\non = 2030-05-12\nwhen = \"broken\"\nreliability = 0.98\n",
    );
    let known = reports(&e, false);
    let watched = e.watched(&scenario).expect("inside");
    let plan = Plan::watching(&scenario, &watched).expect("names that exist");
    let n = 64 * ISLAND as u64;
    let plain = weighted(&plan, &known, n, GivenBy::Weights);
    let again = weighted(&plan, &known, n, GivenBy::Resampling);
    assert_eq!(plain.rounds, again.rounds);
    assert!(again.ancestors < n, "something was resampled");
    let (plain, again) = (
        Conditional::new(&plain, GivenBy::Weights),
        Conditional::new(&again, GivenBy::Resampling),
    );
    assert!(plain.effective() > 1_000.0, "{}", plain.effective());
    let relative = (again.likelihood() / plain.likelihood()).ln();
    let error = (1.0 / plain.effective() + 1.0 / again.effective()).sqrt();
    assert!(relative.abs() < Z * error, "P(evidence): {relative}");
    let mut compared = 0;
    for i in 0..plain.weighted.totals().len() {
        let (a, b) = (plain.share(i).probability, again.share(i).probability);
        let (na, nb) = (plain.effective_of(i), again.effective_of(i));
        if a * na < 20.0 || (1.0 - a) * na < 20.0 {
            continue;
        }
        let sd = (a * (1.0 - a) * (1.0 / na + 1.0 / nb)).sqrt();
        assert!(
            (a - b).abs() < Z * sd,
            "total {i}: {a} against {b}, sd {sd}"
        );
        compared += 1;
    }
    assert!(compared >= 8, "{compared} shares compared");
}

#[test]
fn resampling_helps_where_weighting_leaves_next_to_nothing() {
    // Twelve coins, one a day, each reported as a rare head: a chance of 0.2^12 by brute force.
    let mut scenario =
        "schema = 1\n[contenders]\none = {}\ntwo = {}\n[clock]\nstart = 2022-01-01\n\
         days = 13\nstep = \"1d\"\n[arenas]\nall = 1.0\n[actors.one]\npower.all = 1.0\n\
         [actors.two]\npower.all = 1.0\n[outcomes.rest]\notherwise = true\n"
            .to_owned();
    let mut text = String::new();
    for day in 1..=12 {
        // A coin is tossed on its day, so that rounds that go on toss different ones.
        let _ = write!(
            scenario,
            "[actions.coin_{day}]\nwhen = \"day >= {}\"\nchance = 0.2\n",
            day - 1
        );
        let _ = write!(
            text,
            "[observations.coin_{day}]\non = 2022-01-{day:02}\nwhen = \"happened.coin_{day}\"\n\
             reliability = 1\n"
        );
    }
    let e = evidence(&text);
    let known = reports(&e, false);
    let (_, plan) = watching(&scenario, &e);
    let n = 40 * ISLAND as u64;
    let plain = weighted(&plan, &known, n, GivenBy::Weights);
    assert_eq!(plain.weight, 0.0, "no round of {n} has all twelve");
    let again = weighted(&plan, &known, n, GivenBy::Resampling);
    let found = again.weight / again.rounds as f64;
    let exact = 0.2_f64.powi(12);
    // Each of twelve steps has a relative variance of 0.8/0.2 over 1,024 rounds; forty islands.
    let sd = (12.0 * 4.0 / ISLAND as f64 / 40.0).sqrt();
    assert!((found / exact - 1.0).abs() < Z * sd, "{}", found / exact);
}

#[test]
fn weights_do_not_depend_on_threads() {
    let e = rain_and_wind(0.9, 0.7);
    let known = reports(&e, false);
    let (_, plan) = watching(&two_chances(0.3, 0.6), &e);
    for method in [GivenBy::Weights, GivenBy::Resampling] {
        let play = |threads| {
            let task = Task::new(5_000, &known, method);
            let found = player(3, threads).weigh::<64>(&plan, task);
            format!("{:?}", found.expect("nothing interrupts"))
        };
        assert_eq!(play(1), play(3), "{method:?}");
    }
}

#[test]
fn evidence_is_recovered_as_often_as_it_can_be() {
    let e = evidence(&observation("rain", "happened.rain", "reliability = 0.8"));
    let known = reports(&e, false);
    let (_, always) = watching(&two_chances(1.0, 0.5), &e);
    let (_, never) = watching(&two_chances(0.0, 0.5), &e);
    let held = [
        patterns_of(&always, 1, 2_000, 1),
        patterns_of(&never, 1, 2_000, 1),
    ];
    let trials = 20_000;
    for truth in 0..2 {
        let found = recover(&held, &known, &[0.5, 0.5], truth, (9, "test"), trials);
        assert_eq!(found.wins.iter().sum::<u64>() + found.none, trials);
        // The report names the right one in 80 % of all trials.
        let share = found.wins[truth] as f64 / trials as f64;
        let sd = (0.8 * 0.2 / trials as f64).sqrt();
        assert!((share - 0.8).abs() < Z * sd, "{share}");
        // Posterior 0.8 when it does, 0.2 when it does not: 0.68 in the mean.
        assert!((found.mean[truth] - 0.68).abs() < Z * 0.6 * sd);
    }
    // Certain reports of what one reading alone can do are always recovered.
    let certain = [Report {
        reliability: 1.0,
        ..known[0].clone()
    }];
    let found = recover(&held, &certain, &[0.5, 0.5], 0, (9, "test"), 1_000);
    assert_eq!(found.wins, [1_000, 0]);
}

#[test]
fn information_is_that_of_the_textbook() {
    assert!((information(&[0.5, 0.5], &[1.0, 0.0]) - 1.0).abs() < 1e-12);
    assert_eq!(information(&[0.5, 0.5], &[0.3, 0.3]), 0.0);
    assert_eq!(information(&[1.0, 0.0], &[0.9, 0.1]), 0.0);
    // A binary symmetric channel with error 0.1: 1 − H(0.1) = 0.531004.
    assert!((information(&[0.5, 0.5], &[0.9, 0.1]) - 0.531_004_406).abs() < 1e-9);
    // A report not yet made, of reliability 0.9, on what one reading does and the other does not.
    let more = "reliability = 0.9\nunknown = true";
    let e = evidence(
        &(observation("wind", "happened.wind", "reliability = 0.5")
            + &observation("rain", "happened.rain", more)),
    );
    let (_, always) = watching(&two_chances(1.0, 0.5), &e);
    let (_, never) = watching(&two_chances(0.0, 0.5), &e);
    let held = [
        patterns_of(&always, 1, 640, 1),
        patterns_of(&never, 1, 640, 1),
    ];
    let unknown = reports(&e, true);
    let (bits, yes) = look_next(&held, &reports(&e, false), &unknown[0], &[0.5, 0.5]);
    assert!((bits.value - 0.531_004_406).abs() < 1e-9, "{bits:?}");
    assert!((yes[0] - 0.9).abs() < 1e-12 && (yes[1] - 0.1).abs() < 1e-12);
}

#[test]
fn shipped_evidence_is_good_for_every_shipped_reading() {
    let files = tomls("scenarios");
    let readings_of = |evidence: &Path| -> Vec<_> {
        let country = evidence.parent().and_then(Path::parent).expect("a country");
        let folder = country.join("readings");
        files
            .iter()
            .filter(|f| f.parent() == Some(&*folder))
            .collect()
    };
    let mut met = 0;
    for path in files.iter().filter(|f| Evidence::is_one(f)) {
        let evidence = Evidence::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let readings = readings_of(path);
        assert!(readings.len() >= 2, "{}", path.display());
        for reading in readings {
            let (scenario, faults) = Scenario::read(reading, &[]).expect("readable");
            assert!(faults.is_empty());
            let watched = evidence.watched(&scenario).expect("inside the rounds");
            Plan::watching(&scenario, &watched).expect("names that exist");
            met += 1;
        }
        assert!(
            evidence
                .observations
                .iter()
                .all(|o| o.remarks.source.is_some()),
            "{}: every observation has a source",
            path.display()
        );
        assert!(!reports(&evidence, false).is_empty());
    }
    assert!(met >= 20, "five files of evidence: {met}");
    assert_eq!(play_tally(&parse(GOOD), 7, 10).rounds, 10);
}
