//! How sure: rounds until a wanted width, and how much of a result is ignorance.
//!
//! Seeds are fixed, so a test that passes once passes always; false-alarm rates are what a correct
//! program would have had when a seed was first tried.

use std::fs;
use std::sync::atomic::AtomicBool;

use kzsim::analysis::interval::{rounds_for, wilson};
use kzsim::analysis::share::Pairs;
use kzsim::engine::Isa;
use kzsim::ensemble::brief::{Partners, play as play_briefs};
use kzsim::ensemble::crew::Plain;
use kzsim::ensemble::{Job, Listener, play};
use kzsim::output::variance;
use kzsim::plan::Plan;
use kzsim::scenario::Scenario;

use crate::support::{kzsim, parse};

/// One action that happens with a chance, and an outcome that says whether it did.
fn coin(chance: &str, parameters: &str) -> String {
    format!(
        "schema = 1\nrounds = 3000\n[contenders]\none = {{}}\ntwo = {{}}\n[clock]\n\
         start = 2022-01-01\ndays = 1\nstep = \"12h\"\n[arenas]\nall = 1.0\n[actors.one]\n\
         power.all = 1.0\n[actors.two]\npower.all = 1.0\n[parameters]\n{parameters}\n\
         [actions.heads]\nchance = {chance}\n[outcomes.won]\nwhen = \"happened.heads\"\n\
         at_end = true\n[outcomes.lost]\notherwise = true\n"
    )
}

/// Rounds and wins when rounds go on until both shares are known to `half`.
fn until((scenario, plan): &(Scenario, Plan), seed: u64, half: f64) -> (u64, u64) {
    let job = Job {
        seed,
        rounds: 1 << 40,
        threads: 1,
        keep_rounds: false,
        noted: 0,
        isa: Isa::widest(),
    };
    let mut enough =
        |counts: &[u64], n: u64| counts.iter().all(|c| wilson(*c, n).half_width() <= half);
    let tally = play::<64>(
        scenario,
        plan,
        job,
        &mut Listener {
            stop: &AtomicBool::new(false),
            progress: &mut |_| {},
            records: &mut |_| Ok(()),
            notes: &mut |_| {},
            enough: Some(&mut enough),
        },
    )
    .expect("nothing interrupts");
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

#[test]
fn a_precise_run_has_the_bytes_of_a_run_of_as_many_rounds() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("coin.toml"), coin("0.3", "")).expect("a file");
    let run = |arguments: &[&str]| {
        let done = kzsim(arguments, folder.path());
        assert_eq!(done.status.code(), Some(0), "{done:?}");
        String::from_utf8(done.stdout).expect("UTF-8")
    };
    let told = run(&["run", "coin.toml", "--precision", "0.01", "--out", "a"]);
    assert!(told.contains("as asked"), "{told}");
    let text = fs::read_to_string(folder.path().join("a/outcomes.csv")).expect("a file");
    let rounds = text.lines().nth(1).and_then(|l| l.split(',').nth(3));
    let rounds = rounds.expect("a column").to_owned();
    assert!(
        rounds.parse::<u64>().expect("a number") > 3_000,
        "not the scenario's rounds"
    );
    run(&[
        "run",
        "coin.toml",
        "--rounds",
        &rounds,
        "--threads",
        "3",
        "--out",
        "b",
    ]);
    for file in [
        "outcomes.csv",
        "timeline.csv",
        "variance.csv",
        "manifest.json",
    ] {
        let read = |out: &str| fs::read(folder.path().join(out).join(file)).expect("a file");
        assert_eq!(read("a"), read("b"), "{file}");
    }
    // With a bound that is too low it says what would do.
    let told = run(&[
        "run",
        "coin.toml",
        "--precision",
        "0.01",
        "--rounds",
        "2000",
        "--out",
        "c",
    ]);
    assert!(
        told.contains("Not every outcome is known to ±1.000 points"),
        "{told}"
    );
    for wrong in ["0", "0.5", "-1", "x", "nan"] {
        let done = kzsim(
            &["run", "coin.toml", &format!("--precision={wrong}")],
            folder.path(),
        );
        assert_eq!(done.status.code(), Some(2), "--precision={wrong}");
    }
}

#[test]
fn the_rounds_that_half_the_width_takes_are_about_four_times_as_many() {
    assert_eq!(
        rounds_for(&[5_000], 10_000, wilson(5_000, 10_000).half_width()),
        10_000
    );
    let half = wilson(3_000, 10_000).half_width() / 2.0;
    assert!((39_900..=40_100).contains(&rounds_for(&[3_000, 7_000], 10_000, half)));
}

fn pairs_of(text: &str, pairs: u64) -> Pairs {
    let (scenario, plan) = parse(text);
    let stop = AtomicBool::new(false);
    let threads = (2, Isa::widest());
    let own = play_briefs::<16>(&plan, 5, &Plain, pairs, threads, &stop, &mut |_| {});
    let partners = play_briefs::<16>(&plan, 5, &Partners, pairs, threads, &stop, &mut |_| {});
    let own = own.expect("nothing interrupts");
    variance::count(&scenario, &own, &partners.expect("nothing interrupts")).swap_remove(0)
}

#[test]
fn ignorance_and_chance_are_told_apart() {
    let n = 20_000;
    // All chance: nothing comes from priors, whatever the (idle) prior is.
    let idle = "p = { min = 0.0, max = 1.0 }";
    let found = pairs_of(&coin("0.3", idle), n).from_priors();
    assert!(
        found.value.abs() < 0.035,
        "{found:?}: five standard errors of 0.007"
    );
    assert!(!found.excludes(0.0));
    // All ignorance: the prior decides.
    let found = pairs_of(&coin("\"p > 0.6\"", idle), n).from_priors();
    assert_eq!(found.value, 1.0);
    // A coin of unknown bias, uniform: the variance of its bias is 1/12 of 1/4.
    let found = pairs_of(&coin("\"p\"", idle), n).from_priors();
    assert!((found.value - 1.0 / 3.0).abs() < 0.035, "{found:?}");
    assert!(found.low < 1.0 / 3.0 && 1.0 / 3.0 < found.high);
    // What always happens has no variance to divide.
    assert!(
        pairs_of(&coin("1.0", idle), 100)
            .from_priors()
            .value
            .is_nan()
    );
}

#[test]
fn intervals_of_ignorance_cover_as_often_as_they_say() {
    let (_, plan) = parse(&coin("\"p\"", "p = { min = 0.0, max = 1.0 }"));
    let stop = AtomicBool::new(false);
    let threads = (1, Isa::widest());
    let mut covered = 0;
    for seed in 0..400 {
        let n = 1_280;
        let own = play_briefs::<64>(&plan, seed, &Plain, n, threads, &stop, &mut |_| {});
        let partners = play_briefs::<64>(&plan, seed, &Partners, n, threads, &stop, &mut |_| {});
        let mut pairs = Pairs::default();
        let own = own.expect("nothing interrupts");
        for (a, b) in own.iter().zip(&partners.expect("nothing interrupts")) {
            assert_eq!(a.label, b.label);
            pairs.add(a.label, a.outcome == 0, b.outcome == 0);
        }
        covered += u32::from(!pairs.from_priors().excludes(1.0 / 3.0));
    }
    assert!((358..=397).contains(&covered), "{covered} of 400");
}
