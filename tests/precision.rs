//! How sure, and what matters: rounds until a wanted width, and how much of a result is ignorance,
//! what rounds exercise, and points of a space of settings.
//!
//! Seeds are fixed, so a test that passes once passes always; false-alarm rates are what a correct
//! program would have had when a seed was first tried.

use std::fs;

use kzsim::internals::analysis::interval::{rounds_for, wilson};

use crate::support::{coin, kzsim};

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
