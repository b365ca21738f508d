//! How sure, and what matters: rounds until a wanted width, and how much of a result is ignorance,
//! what rounds exercise, and points of a space of settings.
//!
//! Seeds are fixed, so a test that passes once passes always; false-alarm rates are what a correct
//! program would have had when a seed was first tried.

use std::fs;

use kzsim::internals::analysis::interval::{rounds_for, wilson};
use kzsim::internals::analysis::share::Pairs;
use kzsim::internals::ensemble::{Detail, Records, Rounds, Waves};
use kzsim::internals::plan::Plan;
use kzsim::internals::scenario::Scenario;

use crate::support::{kzsim, parse, player};

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
    assert!(told.contains("as requested"), "{told}");
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
    let (_, plan) = parse(text);
    let play = |rounds: Rounds<'_>| {
        let found = player(5, 2).records::<16>(&plan, &rounds, Detail::Summary);
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

#[test]
fn coverage_names_what_never_happens_and_what_moves_nothing() {
    let text = coin(
        "\"0.2 + 0.5 * p\"",
        "p = { min = 0.0, max = 1.0 }\nidle = { min = 0.0, max = 1.0 }",
    ) + "[actions.off]\nrate = 5\nlimit = 0\n[flags.never]\nwhen = \"day > 100\"\n";
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("coin.toml"), text).expect("a file");
    let done = kzsim(&["check", "coin.toml", "--coverage=5000"], folder.path());
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    let told = String::from_utf8(done.stdout).expect("UTF-8");
    for part in [
        "actions that took effect: 1 of 2",
        "never: off (limit = 0)",
        "outcomes that occurred: 2 of 2",
        "flags that held: 0 of 1",
        "detectable effect on some outcome, flag or action: 1 of 2",
        "no detectable effect: parameters.idle",
    ] {
        assert!(told.contains(part), "no {part:?} in\n{told}");
    }
}

#[test]
fn priors_without_effect_are_rarely_said_to_move_anything() {
    // 200 samples of pure noise: a prior moves something in 1 % of them at most, so in more than
    // 10 of 200 with a probability below 1e-4.
    use kzsim::internals::analysis::coverage::moves;
    use rand::{Rng, SeedableRng};
    let mut alarms = 0;
    for seed in 0..200 {
        let mut generator = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let values: Vec<Vec<f32>> = (0..1_000)
            .map(|_| (0..5).map(|_| generator.next_u32() as f32).collect())
            .collect();
        let targets: Vec<Vec<bool>> = (0..1_000)
            .map(|_| vec![generator.next_u32() % 3 == 0, generator.next_u32() % 7 == 0])
            .collect();
        alarms += u32::from(moves(&values, &targets).contains(&true));
    }
    assert!(alarms <= 10, "{alarms} of 200");
}

#[test]
#[expect(
    clippy::too_many_lines,
    reason = "one sweep, looked at from every side"
)]
fn a_sweep_plays_the_rounds_of_runs_at_every_point() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = coin("\"p\"", "p = { value = 0.5 }");
    fs::write(folder.path().join("coin.toml"), text).expect("a file");
    let run = |arguments: &[&str]| {
        let done = kzsim(arguments, folder.path());
        assert_eq!(done.status.code(), Some(0), "{done:?}");
        String::from_utf8(done.stdout).expect("UTF-8")
    };
    let read = |file: &str| fs::read_to_string(folder.path().join(file)).expect("a file");
    let sweep = |threads: &str, out: &str| {
        run(&[
            "sweep",
            "coin.toml",
            "--over",
            "parameters.p=0.2,0.4",
            "--over",
            "clock.days=1..3:3",
            "--rounds",
            "5000",
            "--threads",
            threads,
            "--out",
            out,
        ])
    };
    sweep("1", "a");
    sweep("3", "b");
    assert_eq!(read("a/outcomes.csv"), read("b/outcomes.csv"));
    let header = "scenario,point,parameters.p,clock.days,rounds";
    assert_eq!(read("a/points.csv").lines().next(), Some(header));
    assert_eq!(read("a/points.csv").lines().count(), 7, "six points");
    // Each point has the counts of a run with these settings.
    run(&[
        "run",
        "coin.toml",
        "--set",
        "parameters.p=0.4",
        "--set",
        "clock.days=2",
        "--rounds",
        "5000",
        "--out",
        "c",
    ]);
    let count = |text: &str, start: &str, column: usize| {
        let row = text
            .lines()
            .find(|l| l.starts_with(start))
            .expect("a row")
            .to_owned();
        row.split(',').nth(column).map(str::to_owned)
    };
    let alone = count(&read("c/outcomes.csv"), "coin,won", 4);
    assert_eq!(count(&read("a/outcomes.csv"), "coin,4,0.4,2,won", 7), alone);
    // The points of one sweep are a design for the next.
    run(&[
        "sweep",
        "coin.toml",
        "--design",
        "a/points.csv",
        "--rounds",
        "5000",
        "--out",
        "d",
    ]);
    assert_eq!(read("a/outcomes.csv"), read("d/outcomes.csv"));
    for (arguments, part) in [
        (vec!["--over", "parameters.q=1,2"], "there is no `q`"),
        (vec!["--over", "parameters.p"], "PATH=a,b,c"),
        (
            vec!["--over", "parameters.p=1..0"],
            "expected low below high",
        ),
        (vec!["--over", "parameters.p=0..1:1"], "from 2 to 10000"),
        (
            vec!["--over", "parameters.p=0..1:100000"],
            "invalid number of values `100000`: expected a whole number from 2 to 10000",
        ),
        (vec!["--over", "parameters.p=1,,2"], "value 2 is empty"),
        (
            vec!["--over", "clock.days=1..4:3"],
            "`clock.days` takes whole numbers: 1..4:3 has others",
        ),
        (
            vec!["--over", "seed=1,2"],
            "`seed` cannot vary in a sweep: all points have the same rounds: sweep once for each --seed",
        ),
        (
            vec!["--over", "rounds=1,2"],
            "`rounds` cannot vary in a sweep",
        ),
        (
            vec!["--over", "title=one,two"],
            "`title` cannot vary in a sweep: it changes no number",
        ),
        (
            vec!["--over", "clock.days=1,2", "--set", "clock.days=3"],
            "`clock.days` is set and varies",
        ),
        (
            vec!["--over", "clock.days=1,2", "--set", "rounds=3"],
            "--set rounds=3 changes nothing here: use --rounds",
        ),
        (vec![], "nothing to sweep"),
        (
            vec!["--over", "parameters.p=1,2", "--design", "x"],
            "factorial, lhs, sobol",
        ),
        (
            vec!["--over", "parameters.p=1,2", "--over", "parameters.p=3,4"],
            "is given twice",
        ),
        (
            vec![
                "--over",
                "parameters.p=0..1:200",
                "--over",
                "clock.days=1..300:300",
            ],
            "more than",
        ),
    ] {
        let all: Vec<&str> = ["sweep", "coin.toml"]
            .into_iter()
            .chain(arguments)
            .collect();
        let done = kzsim(&all, folder.path());
        assert_eq!(done.status.code(), Some(2), "{done:?}");
        let message = String::from_utf8(done.stderr).expect("UTF-8");
        assert!(message.contains(part), "no {part:?} in {message}");
    }
}

#[test]
fn ranges_of_whole_numbers_are_whole_and_values_may_hold_commas() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("coin.toml"), coin("\"p\"", "p = 0.5")).expect("a file");
    let points = |arguments: &[&str]| -> Vec<String> {
        let all = [
            &[
                "sweep",
                "coin.toml",
                "--rounds",
                "10",
                "--out",
                "s",
                "--force",
            ],
            arguments,
        ]
        .concat();
        let done = kzsim(&all, folder.path());
        assert_eq!(done.status.code(), Some(0), "{done:?}");
        let path = folder.path().join("s/points.csv");
        let mut reader = csv::Reader::from_path(path).expect("points");
        reader
            .records()
            .map(|r| r.expect("a row")[2].to_owned())
            .collect()
    };
    assert_eq!(points(&["--over", "clock.days=1..5:3"]), ["1", "3", "5"]);
    let lhs = points(&[
        "--over",
        "clock.days=1..3",
        "--design",
        "lhs",
        "--points",
        "6",
    ]);
    let mut sorted = lhs;
    sorted.sort();
    assert_eq!(sorted, ["1", "1", "2", "2", "3", "3"]);
    let values = points(&[
        "--over",
        "parameters.p={ min = 0, max = 1 },max(0.1, 0.2),0.5",
    ]);
    assert_eq!(values, ["{ min = 0, max = 1 }", "max(0.1, 0.2)", "0.5"]);
    // A column called `rounds` is left out of what a sweep wrote, and refused elsewhere.
    std::fs::write(folder.path().join("d.csv"), "parameters.p,rounds\n0.5,7\n").expect("a file");
    let done = kzsim(&["sweep", "coin.toml", "--design", "d.csv"], folder.path());
    assert_eq!(done.status.code(), Some(2), "{done:?}");
    let message = String::from_utf8(done.stderr).expect("UTF-8");
    assert!(
        message.contains("`rounds` cannot vary in a sweep"),
        "{message}"
    );
}

#[test]
fn a_latin_hypercube_has_one_point_in_every_stratum() {
    use kzsim::internals::analysis::design::{Axis, latin_hypercube};
    let axis = |high: f64| Axis::Range {
        low: 0.0,
        high,
        steps: 2,
    };
    let points = latin_hypercube(&[axis(1.0), axis(10.0)], 50, 3);
    for (i, high) in [1.0, 10.0].into_iter().enumerate() {
        let mut strata: Vec<usize> = points
            .iter()
            .map(|p| (p[i].parse::<f64>().expect("a number") / high * 50.0) as usize)
            .collect();
        strata.sort_unstable();
        assert_eq!(strata, (0..50).collect::<Vec<_>>());
    }
}

#[test]
fn a_sobol_design_is_even_and_has_a_name() {
    let design = |seed: &str, out: &str| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("coin.toml"), coin("\"p\"", "p = 0.5")).expect("a file");
        let done = kzsim(
            &[
                "sweep",
                "coin.toml",
                "--over",
                "parameters.p=0..1",
                "--over",
                "clock.days=2,4",
                "--design",
                "sobol",
                "--points",
                "16",
                "--rounds",
                "10",
                "--seed",
                seed,
                "--out",
                out,
            ],
            folder.path(),
        );
        assert_eq!(done.status.code(), Some(0), "{done:?}");
        let mut reader =
            csv::Reader::from_path(folder.path().join(out).join("points.csv")).expect("points");
        let points: Vec<(f64, String)> = reader
            .records()
            .map(|r| r.expect("a row"))
            .map(|r| (r[2].parse().expect("a number"), r[3].to_owned()))
            .collect();
        points
    };
    let points = design("5", "a");
    assert_eq!(points.len(), 16);
    let mut cells: Vec<usize> = points.iter().map(|p| (p.0 * 16.0) as usize).collect();
    cells.sort_unstable();
    assert_eq!(cells, (0..16).collect::<Vec<_>>(), "one in each sixteenth");
    assert_eq!(points.iter().filter(|p| p.1 == "2").count(), 8);
    assert_eq!(points, design("5", "b"));
    assert_ne!(points, design("6", "c"));
}
