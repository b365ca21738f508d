//! Evidence: what is watched, how readings are weighed, and what runs say once something is given.
//!
//! Seeds are fixed, so a test that passes once passes always. The limit of 4.9 standard errors
//! would have failed a correct program with probability 1e-6 a comparison when a seed was first
//! tried; other rates are stated where they are used.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use kzsim::internals::analysis::conditional::Conditional;
use kzsim::internals::analysis::interval::wilson;
use kzsim::internals::analysis::jackknife::jackknife;
use kzsim::internals::analysis::recovery::recover;
use kzsim::internals::analysis::tails::student_95;
use kzsim::internals::analysis::weighing::{
    Likelihoods, independent, information, look_next, posteriors,
};
use kzsim::internals::engine::{Isa, draws};
use kzsim::internals::ensemble::patterns::Patterns;
use kzsim::internals::ensemble::smc::{ISLAND, Method, Task, Weighted};
use kzsim::internals::ensemble::{Player, Workers};
use kzsim::internals::plan::Plan;
use kzsim::internals::scenario::evidence::{EvidenceError, Report, leave_out, reports};
use kzsim::internals::scenario::{Evidence, Scenario};

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::support::{
    GOOD, action, kzsim, parse, play_records, play_tally, player, repository, tomls, write,
};

/// Standard errors beyond which a number is wrong; see above.
const Z: f64 = 4.9;

/// Two actions that happen or not, each by one draw, and outcomes that say which did.
fn two_chances(p: f64, q: f64) -> String {
    format!(
        "schema = 1\n[contenders]\none = {{}}\ntwo = {{}}\n[clock]\nstart = 2022-01-01\ndays = 3\n\
         step = \"12h\"\n[arenas]\nall = 1.0\n[actors.one]\npower.all = 1.0\n\
         [actors.two]\npower.all = 1.0\n\
         [actions.rain]\nchance = {p}\n[actions.wind]\nchance = {q}\n\
         [outcomes.wet]\nwhen = \"happened.rain\"\nat_end = true\n[outcomes.dry]\notherwise = true\n\
         [flags.windy]\nwhen = \"happened.wind\"\n"
    )
}

fn observation(id: &str, when: &str, more: &str) -> String {
    format!("[observations.{id}]\non = 2022-01-02\nwhen = \"{when}\"\n{more}\n")
}

fn evidence(text: &str) -> Evidence {
    let written = write(&format!("schema = 1\n{text}"));
    Evidence::read(&written.path).expect("good evidence")
}

fn watching(scenario: &str, evidence: &Evidence) -> (Scenario, Plan) {
    let (scenario, _) = parse(scenario);
    let watched = evidence
        .watched(&scenario)
        .expect("moments inside the rounds");
    let plan = Plan::watching(&scenario, &watched).expect("names that exist");
    (scenario, plan)
}

fn patterns_of(plan: &Plan, seed: u64, rounds: u64, threads: usize) -> Patterns {
    let found = player(seed, threads).patterns::<16>(plan, 0..rounds);
    found.expect("nothing interrupts")
}

fn weighted(plan: &Plan, reports: &[Report], rounds: u64, method: Method) -> Weighted {
    let task = Task::new(rounds, reports, method);
    let found = player(11, 2).weigh::<16>(plan, task);
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
fn the_worked_example_of_competing_hypotheses_comes_out() {
    // Two hypotheses, even priors; P(e1) = 0.8, 0.4 and P(e2) = 0.3, 0.6.
    let table = [vec![0.8, 0.3], vec![0.4, 0.6]];
    let even = independent(&[0.5, 0.5], &table, &[1.0, 1.0]);
    assert!((even[0] - 0.5).abs() < 1e-12);
    // With half the weight on the second: odds 2 · sqrt(1/2) = 1.41421.
    let half = independent(&[0.5, 0.5], &table, &[1.0, 0.5]);
    assert!((half[0] / half[1] - std::f64::consts::SQRT_2).abs() < 1e-9);
    assert!((half[0] - 0.585_786_438).abs() < 1e-9);
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
    let (tally, mut records) = play_records::<16>(&watched, 7, 500, 2);
    for record in &mut records {
        assert_eq!(record.watched.len(), 2);
        record.watched.clear();
    }
    let (plain_tally, plain_records) = play_records::<16>(&plain, 7, 500, 2);
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
    let (_, records) = play_records::<16>(&(scenario, plan), 2022, n, 0);
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
    let found = weighted(&loaded.1, &known, n, Method::Weights);
    let (_, records) = play_records::<16>(&loaded, 11, n, 2);
    let matching: Vec<_> = records.iter().filter(|r| r.flags[0]).collect();
    let wet = matching.iter().filter(|r| r.outcome == 0).count();
    assert_eq!(found.rounds, n);
    assert_eq!(found.weight, matching.len() as f64);
    assert_eq!(found.outcomes[0].iter().sum::<f64>(), wet as f64);
    assert_eq!(found.flags, [matching.len() as f64]);
    let read = Conditional::new(&found, Method::Weights);
    assert_eq!(read.effective(), matching.len() as f64);
    let share = read.share(0);
    let exact = wilson(wet as u64, matching.len() as u64);
    assert!((share.low - exact.low).abs() < 1e-12 && (share.high - exact.high).abs() < 1e-12);
    assert_eq!(share.probability, exact.probability);
}

/// A rare fact that is reported, and what often follows it on the second day: the probability of
/// that given the report, by Bayes, and of the fact itself.
fn rare_fact(p: f64, r: f64) -> (String, Evidence, [f64; 2]) {
    let scenario = format!(
        "schema = 1\n[contenders]\none = {{}}\ntwo = {{}}\n[clock]\nstart = 2022-01-01\ndays = 2\n\
         step = \"1d\"\n[arenas]\nall = 1.0\n[actors.one]\npower.all = 1.0\n\
         [actors.two]\npower.all = 1.0\n[actions.shot]\nchance = {p}\n\
         [actions.then]\nwhen = \"day >= 1\"\nchance = \"0.2 + 0.6 * happened.shot\"\n\
         [outcomes.came]\nwhen = \"happened.then\"\nat_end = true\n[outcomes.stayed]\notherwise = true\n\
         [flags.shot]\nwhen = \"happened.shot\"\n"
    );
    let report = format!(
        "[observations.shot]\non = 2022-01-01\nwhen = \"happened.shot\"\nreliability = {r}\n"
    );
    let true_given = r * p / (r * p + (1.0 - r) * (1.0 - p));
    let truth = [0.2 + 0.6 * true_given, true_given];
    (scenario, evidence(&report), truth)
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
                ..Task::new(64 * islands as u64, &known, Method::Resampling)
            };
            let found = player(seed, 1).weigh::<16>(&plan, task);
            let found = found.expect("nothing interrupts");
            let read = Conditional::new(&found, Method::Resampling);
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
        .map(|rounds| Task::new(rounds, &[], Method::Resampling).island);
    assert_eq!(sizes, [1, 1, 1, 13, 63, 1_024, 1_024, 1_024]);
    let (scenario, e, truth) = rare_fact(0.05, 0.95);
    let known = reports(&e, false);
    let (_, plan) = watching(&scenario, &e);
    let mut covered = 0;
    for seed in 0..400 {
        let task = Task::new(1_000, &known, Method::Resampling);
        let found = player(seed, 1).weigh::<16>(&plan, task);
        let found = found.expect("nothing interrupts");
        let share = Conditional::new(&found, Method::Resampling).share(0);
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
        let found = player(seed, 1).weigh::<16>(&plan, Task::new(2_000, &known, Method::Weights));
        let found = found.expect("nothing interrupts");
        let read = Conditional::new(&found, Method::Weights);
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
fn an_island_with_all_the_weight_says_nothing_of_its_error() {
    let mut found = Weighted {
        rounds: 2_048,
        weight: 10.0,
        squares: 0.1,
        families: 1.0,
        outcomes: vec![vec![4.0], vec![6.0]],
        squared_totals: vec![0.04, 0.06],
        islands: 2,
        blocks: vec![(10.0, vec![4.0, 6.0]), (0.0, vec![0.0, 0.0])],
        ..Weighted::default()
    };
    let alone = Conditional::new(&found, Method::Resampling);
    assert_eq!(alone.effective(), 0.0);
    let share = alone.share(0);
    assert_eq!((share.probability, share.low, share.high), (0.4, 0.0, 1.0));
    // Nor does one that has nearly all.
    found.blocks = vec![(9.9, vec![3.99, 5.91]), (0.1, vec![0.01, 0.09])];
    let nearly = Conditional::new(&found, Method::Resampling);
    assert_eq!(nearly.effective(), 0.0);
    // Two alike are two: t with one degree, 12.7 standard errors.
    found.blocks = vec![(5.0, vec![1.9, 3.1]), (5.0, vec![2.1, 2.9])];
    let two = Conditional::new(&found, Method::Resampling);
    // Without one of them the share is 0.38 or 0.42: variance 1/2 · 2 · 0.02².
    let expected = 0.24 / 0.000_4 * (1.959_964_f64 / 12.706_205).powi(2);
    assert!(
        (two.effective() - expected).abs() < 1e-3,
        "{}",
        two.effective()
    );
    // What all rounds have shows no scatter; then families are counted, not all rounds.
    found.outcomes = vec![vec![10.0], vec![0.0]];
    found.blocks = vec![(5.0, vec![5.0, 0.0]), (5.0, vec![5.0, 0.0])];
    let all = Conditional::new(&found, Method::Resampling);
    assert!(all.families() == 100.0 && all.effective() < 100.0);
    assert!(all.share(0).low < 0.5, "{:?}", all.share(0));
}

#[test]
fn students_t_has_its_table_values() {
    for (degrees, quantile) in [
        (1.0, 12.706_204_74),
        (2.0, 4.302_652_73),
        (7.0, 2.364_624_25),
        (15.0, 2.131_449_55),
        (63.0, 1.998_340_54),
        (1e6, 1.959_966_36),
    ] {
        let found = student_95(degrees);
        assert!((found - quantile).abs() < 1e-7, "{degrees}: {found}");
    }
    let exact = |n: f64| {
        StudentsT::new(0.0, 1.0, n)
            .expect("good")
            .inverse_cdf(0.975)
    };
    for n in [0.7, 1.5, 2.25, 4.4, 30.5] {
        assert!((student_95(n) / exact(n) - 1.0).abs() < 1e-6, "{n}");
    }
    assert!(student_95(0.3).is_infinite() && student_95(f64::NAN).is_infinite());
    // Jackknives of few blocks use it, and of very few say nothing.
    let values: Vec<f64> = (0..10).map(f64::from).collect();
    let found = jackknife(4.5, &values);
    let half = 2.262_157_16 * (82.5_f64 * 0.9).sqrt();
    assert!((found.high - 4.5 - half).abs() < 1e-6, "{found:?}");
    assert!(jackknife(3.0, &values[..7]).low.is_nan());
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
    let plain = weighted(&plan, &known, n, Method::Weights);
    let again = weighted(&plan, &known, n, Method::Resampling);
    assert_eq!(plain.rounds, again.rounds);
    assert!(again.ancestors < n, "something was resampled");
    let (plain, again) = (
        Conditional::new(&plain, Method::Weights),
        Conditional::new(&again, Method::Resampling),
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
    let plain = weighted(&plan, &known, n, Method::Weights);
    assert_eq!(plain.weight, 0.0, "no round of {n} has all twelve");
    let again = weighted(&plan, &known, n, Method::Resampling);
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
    for method in [Method::Weights, Method::Resampling] {
        let play = |threads| {
            let task = Task::new(5_000, &known, method);
            let found = player(3, threads).weigh::<16>(&plan, task);
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

/// The message of `kzsim weigh` with that evidence, which must be bad.
fn refused(text: &str) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("a.toml"), two_chances(0.3, 0.6)).expect("a file");
    fs::write(folder.path().join("b.toml"), two_chances(0.5, 0.6)).expect("a file");
    fs::write(folder.path().join("e.toml"), text).expect("a file");
    let run = kzsim(
        &[
            "weigh",
            "a.toml",
            "b.toml",
            "--evidence",
            "e.toml",
            "--rounds",
            "10",
        ],
        folder.path(),
    );
    assert_eq!(run.status.code(), Some(2), "{run:?}");
    assert!(run.stdout.is_empty());
    assert!(
        !folder.path().join("results").exists(),
        "nothing is written"
    );
    String::from_utf8(run.stderr).expect("UTF-8")
}

#[test]
fn bad_evidence_is_told_with_its_place_all_at_once() {
    let message = refused(
        "schema = 1\ntitel = \"x\"\n[observations.early]\non = 2021-12-31\nwhen = \"happened.rain\"\n\
         reliability = 1.2\n[observations.Loud]\non = \"soon\"\nwhen = \"rain >\"\nreliable = 0.9\n",
    );
    for part in [
        "e.toml:2:1: unknown key `titel`",
        "did you mean `title`?",
        "e.toml:6:15: observations.early.reliability is 1.2",
        "a number in [0.5, 1]",
        "invalid id `Loud`",
        "e.toml:8:6: observations.Loud.on is the text \"soon\"",
        "e.toml:9:",
        "unknown key `reliable`",
        "did you mean `reliability`?",
        "missing key `observations.Loud.reliability`",
    ] {
        assert!(message.contains(part), "no {part:?} in\n{message}");
    }
    let message = refused(
        "schema = 1\n[observations.early]\non = 2021-12-31\nwhen = \"happened.rain\"\nreliability = 1\n\
         [observations.late]\non = 2022-01-04\nwhen = \"happened.rian\"\nreliability = 1\n",
    );
    for part in [
        "e.toml:3:6: observations.early is outside the rounds of `a`",
        "a moment after 2022-01-01 00:00 and up to the end of 2022-01-03",
        "e.toml:7:6: observations.late is outside",
    ] {
        assert!(message.contains(part), "no {part:?} in\n{message}");
    }
    let message = refused(
        "schema = 1\n[observations.a]\non = 2022-01-02\nwhen = \"happened.rian\"\nreliability = 1\n",
    );
    assert!(
        message.contains("e.toml:4:9: there is no action `rian`"),
        "{message}"
    );
    assert!(message.contains("did you mean `rain`?"), "{message}");
    assert_eq!(
        message.matches("there is no action").count(),
        1,
        "told once"
    );
    let message = refused(
        "schema = 1\n[observations.a]\non = 2022-01-02\nwhen = \"1\"\nreliability = 1\n\
         [observations.a]\non = 2022-01-02\nwhen = \"1\"\nreliability = 1\n",
    );
    assert!(message.contains("duplicate key `a`"), "{message}");
    let message = refused(
        "schema = 1\n[observations.a]\non = 2022-01-02\nwhen = \"1\"\nreliability = 0.9\ngroup = \"g\"\n\
         [observations.b]\non = 2022-01-02\nwhen = \"1\"\nreliability = 0.8\ngroup = \"g\"\n",
    );
    assert!(
        message.contains("one source, so reliability = 0.9"),
        "{message}"
    );
    let message = refused(
        "schema = 1\n[observations.a]\non = 2022-01-02\nwhen = \"1\"\n\
         reliability = 0.9\nunknown = true\n",
    );
    assert!(message.contains("nothing to weigh"), "{message}");
    let message = refused("schema = 1\n");
    assert!(
        message.contains("missing table [observations]"),
        "{message}"
    );
}

#[test]
fn evidence_that_cannot_be_read_has_exit_code_3() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("a.toml"), two_chances(0.3, 0.6)).expect("a file");
    for command in ["weigh a.toml a.toml --evidence", "run a.toml --given"] {
        let arguments: Vec<&str> = command.split(' ').chain(["no.toml"]).collect();
        let run = kzsim(&arguments, folder.path());
        assert_eq!(run.status.code(), Some(3), "{run:?}");
    }
    let error = Evidence::read(Path::new("no.toml"));
    assert!(matches!(error, Err(EvidenceError::Unreadable(_))));
}

fn folder_of_two() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).expect("a file");
    };
    file("a.toml", &two_chances(0.3, 0.6));
    file("b.toml", &two_chances(0.7, 0.6));
    file("never.toml", &two_chances(0.0, 0.6));
    file(
        "e.toml",
        &format!(
            "schema = 1\ntitle = \"Weather\"\n{}{}",
            observation("rain", "happened.rain", "reliability = 0.9"),
            observation("wind", "happened.wind", "reliability = 0.8\nunknown = true")
        ),
    );
    file(
        "sure.toml",
        &format!(
            "schema = 1\n{}",
            observation("rain", "happened.rain", "reliability = 1")
        ),
    );
    folder
}

fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(folder)
        .expect("a folder")
        .map(|e| e.expect("an entry"))
        .map(|e| {
            let name = e.file_name().to_string_lossy().into_owned();
            (name, fs::read(e.path()).expect("a file"))
        })
        .collect()
}

#[test]
fn weigh_writes_what_it_documents() {
    let folder = folder_of_two();
    let weigh = |threads: &str, out: &str| {
        let run = kzsim(
            &[
                "weigh",
                "a.toml",
                "b.toml",
                "--evidence",
                "e.toml",
                "--rounds",
                "5000",
                "--threads",
                threads,
                "--out",
                out,
                "--recover=200",
            ],
            folder.path(),
        );
        assert_eq!(run.status.code(), Some(0), "{run:?}");
        String::from_utf8(run.stdout).expect("UTF-8")
    };
    let printed = weigh("1", "one");
    weigh("3", "three");
    let one = contents(&folder.path().join("one"));
    assert_eq!(
        one,
        contents(&folder.path().join("three")),
        "the same bytes"
    );
    let names: Vec<&str> = one.keys().map(String::as_str).collect();
    let expected = "arrivals.csv bayes_factors.csv evidence.csv leave_one_out.csv look_next.csv manifest.json prequential.csv \
                    readings.csv recovery.csv";
    assert_eq!(names, expected.split(' ').collect::<Vec<_>>());
    for file in names.iter().filter(|n| **n != "manifest.json") {
        let text = String::from_utf8(one[*file].clone()).expect("UTF-8");
        assert!(text.lines().count() > 1, "{file} has rows");
    }
    let manifest: serde_json::Value = serde_json::from_slice(&one["manifest.json"]).expect("JSON");
    assert_eq!(manifest["command"], "weigh");
    assert_eq!(manifest["scenarios"][1]["scenario"], "b");
    assert_eq!(manifest["evidence"]["evidence"], "e");
    assert_eq!(manifest["rounds"], 5_000);
    // ln(0.66 / 0.34) = 0.66 against the first, and the posterior 0.66 under even priors.
    let text = String::from_utf8(one["readings.csv"].clone()).expect("UTF-8");
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = rows.records().map(|r| r.expect("a row")).collect();
    let number = |r: usize, c: usize| rows[r][c].parse::<f64>().expect("a number");
    assert!((number(1, 3) - 0.66).abs() < Z * 0.007, "{text}");
    assert!(
        (number(1, 7) - (0.66_f64 / 0.34).ln()).abs() < 0.08,
        "{text}"
    );
    assert!((number(1, 11) + number(0, 11) - 1.0).abs() < 1e-12);
    assert!(printed.contains("guilt"), "{printed}");
    assert!(printed.contains("What to look for next"), "{printed}");
}

#[test]
fn weigh_warns_where_nothing_matched() {
    let folder = folder_of_two();
    let run = kzsim(
        &[
            "weigh",
            "a.toml",
            "never.toml",
            "--evidence",
            "sure.toml",
            "--rounds",
            "200",
        ],
        folder.path(),
    );
    assert_eq!(run.status.code(), Some(0), "{run:?}");
    let printed = String::from_utf8(run.stdout).expect("UTF-8");
    assert!(printed.contains("no round of never matched"), "{printed}");
    assert!(
        printed.contains("for a (6") || printed.contains("for a (5"),
        "{printed}"
    );
    let text = fs::read_to_string(folder.path().join("results/weigh_sure/readings.csv"));
    let text = text.expect("a file");
    let never = text
        .lines()
        .find(|l| l.starts_with("never,"))
        .expect("a row");
    // Likelihood 0.0, an upper end above it, and no Bayes factor.
    assert!(never.contains(",200,0.0,0.0,0.0188"), "{never}");
}

/// What a command prints in a folder; its exit code is 0.
fn printed(folder: &Path, command: &str) -> String {
    let arguments: Vec<&str> = command.split(' ').collect();
    let run = kzsim(&arguments, folder);
    assert_eq!(run.status.code(), Some(0), "{run:?}");
    let text = String::from_utf8(run.stdout).expect("UTF-8");
    // Lines are broken anywhere.
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn rows(file: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(file).expect("a file");
    let rows = reader.deserialize();
    rows.map(|r| r.expect("a row")).collect()
}

#[test]
fn a_reading_that_nothing_of_fits_is_told_apart_by_its_bound() {
    let folder = folder_of_two();
    for order in ["a.toml never.toml", "never.toml a.toml"] {
        let command = format!("weigh {order} --evidence sure.toml --rounds 640 --force --out w");
        let text = printed(folder.path(), &command);
        for wrong in [
            " inf",
            "NaN",
            "∞",
            "Not distinguishable",
            " ? ",
            "nothing 100 %",
        ] {
            assert!(!text.contains(wrong), "{wrong:?} in\n{text}");
        }
        assert!(text.contains("without it"), "{text}");
        assert!(!text.contains("first place is not settled"), "{text}");
        for row in rows(&folder.path().join("w/bayes_factors.csv")) {
            assert_eq!(row["distinguishable"], "true", "{row:?}");
            let never = row["scenario"] == "never";
            assert_eq!(
                (row["ci_low"].is_empty(), row["ci_high"].is_empty()),
                (never, !never)
            );
        }
        for row in rows(&folder.path().join("w/readings.csv")) {
            let ends =
                ["posterior_low", "posterior_high"].map(|c| row[c].parse::<f64>().expect("an end"));
            assert!(ends[0] < ends[1], "{row:?}");
        }
    }
    // Two that nothing of fits.
    fs::copy(
        folder.path().join("never.toml"),
        folder.path().join("nil.toml"),
    )
    .expect("a copy");
    let text = printed(
        folder.path(),
        "weigh nil.toml never.toml --evidence sure.toml --rounds 640 --force --out w",
    );
    assert!(
        !text.contains("NaN") && !text.contains(" inf") && !text.contains("? to"),
        "{text}"
    );
    assert!(
        text.contains("Not distinguishable with this many rounds: never and nil"),
        "{text}"
    );
    let page = kzsim(&["report", "w", "--out", "page.html"], folder.path());
    assert_eq!(page.status.code(), Some(0), "{page:?}");
    let page = fs::read_to_string(folder.path().join("page.html")).expect("a page");
    assert!(page.contains("undefined") && !page.contains("NaN"));
}

#[test]
fn where_two_readings_are_settled_by_either_report_none_matters() {
    let folder = folder_of_two();
    let text = format!(
        "schema = 1\n{}{}",
        observation("rain", "happened.rain", "reliability = 0.99999"),
        observation("again", "happened.rain", "reliability = 0.99999")
    );
    fs::write(folder.path().join("twice.toml"), text).expect("a file");
    fs::write(folder.path().join("sure.toml"), two_chances(1.0, 0.5)).expect("a file");
    let text = printed(
        folder.path(),
        "weigh sure.toml never.toml --evidence twice.toml --rounds 640",
    );
    assert!(!text.contains("instead of > 99.9 %"), "{text}");
    let sentence = "No single observation matters: without any one of them the posterior of sure would \
                    still be > 99.9 %.";
    assert!(text.contains(sentence), "{text}");
}

#[test]
fn evidence_that_no_round_fits_leaves_bounds_and_empty_cells() {
    let folder = folder_of_two();
    let text = two_chances(0.0, 0.6) + "[parameters]\np = { min = 0.0, max = 1.0 }\n";
    fs::write(folder.path().join("never.toml"), text).expect("a file");
    for by in ["weights", "resampling"] {
        let command =
            format!("run never.toml --rounds 500 --given sure.toml --given-by {by} --out {by}");
        let text = printed(folder.path(), &command);
        assert!(
            text.contains("none of 500 rounds fits them. P(evidence) is below 0.0076"),
            "{text}"
        );
        let result = folder.path().join(by);
        for file in ["outcomes", "flags", "actions"] {
            for row in rows(&result.join(format!("given_{file}.csv"))) {
                let empty = ["probability", "ci_low", "ci_high"].map(|c| row[c].as_str());
                assert_eq!(empty, ["", "", ""], "{row:?}");
                assert_eq!(row["effective_rounds"], "0.0", "{row:?}");
            }
        }
        for row in rows(&result.join("given_priors.csv")) {
            let empty = ["p05", "p50", "p95", "upper_half", "ci_low", "ci_high"];
            assert!(empty.iter().all(|c| row[*c].is_empty()), "{row:?}");
            assert_eq!(
                (row["moved"].as_str(), row["effective_values"].as_str()),
                ("false", "0.0")
            );
        }
        let report = &rows(&result.join("given_evidence.csv"))[0];
        assert_eq!(report["likelihood_so_far"], "0.0");
        let bound: f64 = report["likelihood_at_most"].parse().expect("a bound");
        assert_eq!(bound, wilson(0, 500).high);
        let page = kzsim(&["report", by, "--out", "page.html"], folder.path());
        assert_eq!(page.status.code(), Some(0), "{page:?}");
        let page = fs::read_to_string(folder.path().join("page.html")).expect("a page");
        assert!(page.contains("No round fits the evidence"));
    }
}

#[test]
fn evidence_that_says_nothing_of_a_prior_leaves_its_percentiles() {
    // About half of 4,000 rounds fit, whatever the prior: its 95th percentile has an error of 0.01.
    let folder = folder_of_two();
    let prior = "[parameters]\np = { low = 0.0, mode = 0.2, high = 1.0 }\n";
    let text = two_chances(0.5, 0.6) + prior;
    fs::write(folder.path().join("a.toml"), text).expect("a file");
    for by in ["weights", "resampling"] {
        let run = format!("run a.toml --rounds 4000 --given sure.toml --given-by {by} --out {by}");
        printed(folder.path(), &run);
        let row = &rows(&folder.path().join(by).join("given_priors.csv"))[0];
        let number = |column: &str| row[column].parse::<f64>().expect("a number");
        for p in ["p05", "p50", "p95"] {
            let moved = number(p) - number(&format!("before_{p}"));
            assert!(moved.abs() < 0.05, "{p}: {row:?}");
        }
    }
}

#[test]
fn a_few_values_of_a_prior_are_no_distribution() {
    // Of 40 rounds about 4 fit: their values look like a narrow posterior.
    let folder = folder_of_two();
    let text = two_chances(0.1, 0.6) + "[parameters]\np = { min = 0.0, max = 1.0 }\n";
    fs::write(folder.path().join("a.toml"), text).expect("a file");
    for by in ["weights", "resampling"] {
        printed(
            folder.path(),
            &format!("run a.toml --rounds 40 --given sure.toml --given-by {by} --out few"),
        );
        let row = &rows(&folder.path().join("few/given_priors.csv"))[0];
        let values: f64 = row["effective_values"].parse().expect("a number");
        assert!(0.0 < values && values < 20.0, "{row:?}");
        assert!(
            ["p05", "p50", "p95"].iter().all(|c| row[*c].is_empty()),
            "{row:?}"
        );
        printed(
            folder.path(),
            &format!("run a.toml --rounds 4000 --given sure.toml --given-by {by} --out many"),
        );
        let row = &rows(&folder.path().join("many/given_priors.csv"))[0];
        assert!(
            ["p05", "p50", "p95"].iter().all(|c| !row[*c].is_empty()),
            "{row:?}"
        );
    }
}

#[test]
fn an_answer_that_takes_a_report_for_an_error_says_so() {
    let folder = folder_of_two();
    let text = format!(
        "schema = 1\n{}",
        observation("rain", "happened.rain", "reliability = 0.999")
    );
    fs::write(folder.path().join("hard.toml"), text).expect("a file");
    let warning = "given the evidence, the report on rain (no round that fits shows it; reliability 0.999) is \
                   probably wrong, and the answer is mostly about rounds in which it is. The intervals cannot \
                   allow for rounds";
    for by in ["weights", "resampling"] {
        let command =
            format!("run never.toml --rounds 2000 --given hard.toml --given-by {by} --out never");
        let text = printed(folder.path(), &command);
        assert!(text.contains(warning), "{text}");
        assert!(!text.contains("2,000 effective rounds for each"), "{text}");
        let report = &rows(&folder.path().join("never/given_evidence.csv"))[0];
        assert_eq!(report["probability_wrong"], "1.0");
        let page = kzsim(&["report", "never", "--out", "page.html"], folder.path());
        assert_eq!(page.status.code(), Some(0), "{page:?}");
        let page = fs::read_to_string(folder.path().join("page.html")).expect("a page");
        assert!(page.contains(warning));
    }
    let text = printed(
        folder.path(),
        "run a.toml --rounds 2000 --given hard.toml --out fits",
    );
    assert!(!text.contains("probably wrong"), "{text}");
    let report = &rows(&folder.path().join("fits/given_evidence.csv"))[0];
    // 0.001 · 0.7 / (0.999 · 0.3 + 0.001 · 0.7)
    let wrong: f64 = report["probability_wrong"].parse().expect("a number");
    assert!((wrong - 0.002_33).abs() < 0.000_5, "{wrong}");
    let text = printed(
        folder.path(),
        "weigh never.toml a.toml --evidence hard.toml --rounds 640 --out w",
    );
    assert!(
        text.contains(
            "Warning: no round of never that fits shows what rain reports (reliability 0.999): never fits only \
             if that report is wrong."
        ),
        "{text}"
    );
    assert!(!text.contains("of a that fits"), "{text}");
}

#[test]
fn reports_that_are_probably_wrong_are_told_once_and_as_what_they_are() {
    let folder = folder_of_two();
    let file = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).expect("a file");
    };
    let of = |observations: &[(&str, &str)]| {
        let each = observations.iter();
        let each = each.map(|(what, more)| observation(what, &format!("happened.{what}"), more));
        format!("schema = 1\n{}", each.collect::<String>())
    };
    // Rounds show it, but few: 0.01 · 0.99 / (0.01 · 0.99 + 0.99 · 0.01) is one half at a chance of 0.01.
    file("seldom.toml", &two_chances(0.002, 0.6));
    file("rain.toml", &of(&[("rain", "reliability = 0.99")]));
    let page = |folder: &Path, result: &str| {
        printed(folder, &format!("report {result} --out page.html"));
        fs::read_to_string(folder.join("page.html")).expect("a page")
    };
    let text = printed(
        folder.path(),
        "weigh seldom.toml a.toml --evidence rain.toml --rounds 6400 --out w",
    );
    let head = "given the evidence, the report on rain is probably wrong under seldom (8";
    assert!(text.contains(&format!("Warning: {head}")), "{text}");
    assert!(!text.contains("fits only"), "{text}");
    assert!(page(folder.path(), "w").contains(&format!("Warning: {head}")));
    let text = printed(
        folder.path(),
        "run seldom.toml --given rain.toml --rounds 6400 --given-by weights --out r",
    );
    for text in [text, page(folder.path(), "r")] {
        let part = "reliability 0.99) is probably wrong, and the answer is mostly about rounds in which it is.";
        assert!(text.contains(part), "{text}");
        // Rounds that show it were met.
        assert!(!text.contains("The intervals cannot allow for"), "{text}");
    }
    // Two of one reading are one paragraph; two of a group are one report; what nobody counted on is no news.
    file("nothing.toml", &two_chances(0.0, 0.0));
    let sure = "reliability = 0.95";
    let together = "reliability = 0.95\ngroup = \"gazette\"";
    let doubtful = "reliability = 0.7";
    let never = "no round that fits shows it";
    for (first, second, told) in [
        (
            sure,
            sure,
            format!(
                "under nothing these reports are probably wrong: rain ({never}), wind ({never})."
            ),
        ),
        (
            together,
            together,
            "of nothing that fits shows what rain and wind reports".to_owned(),
        ),
        (
            sure,
            doubtful,
            "of nothing that fits shows what rain reports".to_owned(),
        ),
    ] {
        file("two.toml", &of(&[("rain", first), ("wind", second)]));
        let text = printed(
            folder.path(),
            "weigh nothing.toml a.toml --evidence two.toml --rounds 640 --force --out w",
        );
        assert!(text.contains(&told), "{told}\n{text}");
        assert_eq!(
            text.matches("Warning: no round of").count() + text.matches("Warning: under").count(),
            1
        );
        printed(
            folder.path(),
            "run nothing.toml --given two.toml --rounds 640 --given-by weights --force --out r",
        );
        let page = page(folder.path(), "r");
        let once = page.matches("The intervals cannot allow for").count();
        // In the caption, in words, and in the descriptions of both drawings.
        assert_eq!(once, 4, "{told}");
    }
}

#[test]
fn where_one_island_has_all_the_weight_no_number_of_rounds_is_told() {
    let folder = folder_of_two();
    fs::write(folder.path().join("rare.toml"), two_chances(0.002, 0.6)).expect("a file");
    let alone = (0..40).find_map(|seed| {
        let command = format!(
            "run rare.toml --rounds 500 --seed {seed} --given sure.toml --given-by resampling --force --out r"
        );
        let text = printed(folder.path(), &command);
        text.contains("one island has all the weight").then_some(text)
    });
    // One round in 500 fits in 37 % of seeds.
    let text = alone.expect("a seed with one round that fits");
    for part in [
        "the error of the outcomes is not known, by resampling",
        "so the error cannot be estimated. Run more rounds.",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(
        !text.contains(" 0 effective rounds") && !text.contains("fewer than 100"),
        "{text}"
    );
    printed(folder.path(), "report r --out page.html");
    let page = fs::read_to_string(folder.path().join("page.html")).expect("a page");
    assert!(page.contains("Warning: the error of the outcomes is not known."));
}

#[test]
fn a_run_of_few_rounds_holds_the_truth_as_often_as_it_says() {
    // Through the program: of 40 intervals that cover with probability 0.95 at least 29 do, but for a
    // probability of 1e-6 (binomial).
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (scenario, e, truth) = rare_fact(0.05, 0.95);
    fs::write(folder.path().join("rare.toml"), scenario).expect("a file");
    let text = "schema = 1\n[observations.shot]\non = 2022-01-01\nwhen = \"happened.shot\"\nreliability = 0.95\n";
    fs::write(folder.path().join("e.toml"), text).expect("a file");
    assert_eq!(e.observations.len(), 1);
    let mut covered = 0;
    for seed in 0..40 {
        printed(
            folder.path(),
            &format!(
                "run rare.toml --rounds 1000 --seed {seed} --threads 1 --given e.toml --given-by resampling --out r"
            ),
        );
        let row = &rows(&folder.path().join("r/given_outcomes.csv"))[0];
        let [low, high, n] = ["ci_low", "ci_high", "effective_rounds"]
            .map(|c| row[c].parse::<f64>().expect("a number"));
        covered += u32::from(low <= truth[0] && truth[0] <= high);
        assert!(n < 1_000.0, "{row:?}");
    }
    assert!(covered >= 29, "{covered} of 40");
}

#[test]
fn priors_are_asked_for_by_name() {
    let folder = folder_of_two();
    let weigh = |more: &[&str]| {
        let mut arguments = vec![
            "weigh",
            "a.toml",
            "b.toml",
            "--evidence",
            "e.toml",
            "--rounds",
            "640",
        ];
        arguments.extend(more);
        kzsim(&arguments, folder.path())
    };
    for (more, part) in [
        (vec!["--prior", "a=1"], "no prior weight for b"),
        (
            vec!["--prior", "a=1", "--prior", "c=1"],
            "the readings are a, b",
        ),
        (vec!["--prior", "a=x"], "a weight of 0 or more"),
        (vec!["--prior", "a"], "NAME=WEIGHT"),
        (vec!["--prior", "a=1", "--prior", "a=1"], "given twice"),
        (
            vec!["--prior", "a=0", "--prior", "b=0"],
            "every prior weight is 0",
        ),
    ] {
        let run = weigh(&more);
        assert_eq!(run.status.code(), Some(2), "{run:?}");
        let message = String::from_utf8(run.stderr).expect("UTF-8");
        assert!(message.contains(part), "no {part:?} in {message}");
    }
    let run = weigh(&["--prior", "a=3", "--prior", "b=1"]);
    assert_eq!(run.status.code(), Some(0), "{run:?}");
    let text = fs::read_to_string(folder.path().join("results/weigh_e/readings.csv"));
    assert!(text.expect("a file").contains(",0.75,"));
    let same = kzsim(
        &["weigh", "a.toml", "a.toml", "--evidence", "e.toml"],
        folder.path(),
    );
    assert_eq!(same.status.code(), Some(2));
}

#[test]
fn a_run_given_evidence_adds_its_files_and_leaves_the_others_as_they_were() {
    let folder = folder_of_two();
    let run = |more: &[&str], out: &str| {
        let mut arguments = vec!["run", "a.toml", "--rounds", "4000", "--out", out];
        arguments.extend(more);
        let run = kzsim(&arguments, folder.path());
        assert_eq!(run.status.code(), Some(0), "{run:?}");
        String::from_utf8(run.stdout).expect("UTF-8")
    };
    run(&[], "plain");
    let printed = run(&["--given", "e.toml"], "given");
    let plain = contents(&folder.path().join("plain"));
    let with = contents(&folder.path().join("given"));
    for (name, bytes) in plain.iter().filter(|(n, _)| *n != "manifest.json") {
        assert_eq!(Some(bytes), with.get(name), "{name}");
    }
    assert!(printed.contains("Given: Weather"), "{printed}");
    // P(rain | it is reported) = 0.27 / (0.27 + 0.07) = 0.794.
    let text = String::from_utf8(with["given_outcomes.csv"].clone()).expect("UTF-8");
    let wet: Vec<&str> = text.lines().nth(1).expect("a row").split(',').collect();
    let share: f64 = wet[3].parse().expect("a number");
    assert!((share - 0.794).abs() < Z * 0.012, "{text}");
    let printed = run(
        &["--given", "e.toml", "--given-by", "resampling"],
        "resampled",
    );
    assert!(printed.contains("by resampling"), "{printed}");
}

#[test]
fn check_knows_an_evidence_file_when_it_sees_one() {
    let folder = folder_of_two();
    let run = kzsim(&["check", "a.toml", "e.toml"], folder.path());
    assert_eq!(run.status.code(), Some(0), "{run:?}");
    let told = String::from_utf8(run.stdout).expect("UTF-8");
    assert!(
        told.contains("e.toml: good evidence, 2 observations"),
        "{told}"
    );
    let run = kzsim(
        &["check", "a.toml", "b.toml", "--evidence", "e.toml"],
        folder.path(),
    );
    assert_eq!(run.status.code(), Some(0), "{run:?}");
    fs::write(
        folder.path().join("bad.toml"),
        "schema = 1\n[observations.a]\non = 5\n",
    )
    .expect("a file");
    let run = kzsim(&["check", "bad.toml"], folder.path());
    assert_eq!(run.status.code(), Some(2), "{run:?}");
}

#[test]
fn words_of_an_analyst_are_no_formulas_in_a_cell() {
    let folder = folder_of_two();
    let text = two_chances(0.3, 0.6)
        + "[parameters]\np = { min = 0.0, max = 1.0, says = \"=HYPERLINK(1)\" }\n";
    fs::write(folder.path().join("a.toml"), text).expect("a file");
    let arguments = ["run", "a.toml", "--rounds", "200", "--given", "e.toml"];
    let run = kzsim(&arguments, folder.path());
    assert_eq!(run.status.code(), Some(0), "{run:?}");
    let text = fs::read_to_string(folder.path().join("results/a/given_priors.csv"));
    assert!(text.expect("a file").contains(",'=HYPERLINK(1),"));
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
