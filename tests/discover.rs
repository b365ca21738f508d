//! `kzsim discover`: the search for boxes, and the command.
//!
//! Seeds are fixed, so a test that passes once passes always. Rates are those of a correct program
//! when first tried; each says its own.

use std::fs;
use std::path::Path;

use kzsim::internals::analysis::discovery::choose::{choose, quality, quasi_p};
use kzsim::internals::analysis::discovery::cover::{Found, Resampling, cover, verdicts};
use kzsim::internals::analysis::discovery::peel::peel;
use kzsim::internals::analysis::discovery::table::{Count, order, shortest_between};
use kzsim::internals::analysis::discovery::{Limit, Options, Region, Side, Table};
use kzsim::internals::analysis::interval::{newcombe, wilson};
use kzsim::internals::analysis::tails::binomial;
use kzsim::internals::ensemble::Watch;
use kzsim::internals::table::Row;
use kzsim::internals::table::discovery::BoxRow;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use statrs::distribution::{Binomial, DiscreteCDF};

use crate::support::{kzsim, repository};

type Columns = Vec<Vec<f32>>;

/// Uniform inputs, by input, then row.
fn uniform(inputs: usize, rows: usize, seed: u64) -> Columns {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut next = || ((generator.next_u32() >> 8) as f32 + 0.5) / 16_777_216.0;
    (0..inputs)
        .map(|_| (0..rows).map(|_| next()).collect())
        .collect()
}

const NONE: Resampling<'static> = Resampling {
    seed: 1,
    site: "test",
    resamples: 0,
};

fn boxes(inputs: &Columns, hits: &[bool], options: &Options, most: usize) -> Vec<Found> {
    let order = order(inputs);
    let table = Table::new(inputs, hits, &order, vec![true; hits.len()]);
    cover(&table, options, most, NONE, Watch::default())
}

fn limit(region: &Region, input: usize, side: Side) -> Option<f64> {
    let wanted = |l: &&Limit| l.input == input && l.side == side;
    region.limits.iter().find(wanted).map(|l| l.value)
}

#[test]
fn a_known_box_is_found() {
    let inputs = uniform(5, 5_000, 6);
    let inside = |r: usize| inputs[0][r] < 0.3 && inputs[1][r] > 0.6;
    let hits: Vec<bool> = (0..5_000).map(inside).collect();
    let found = boxes(&inputs, &hits, &Options::default(), 3);
    let [one] = found.as_slice() else {
        panic!("one box holds all: {found:?}");
    };
    assert_eq!(one.region.limits.len(), 2, "{:?}", one.region);
    let low = limit(&one.region, 0, Side::Below).expect("a limit");
    let high = limit(&one.region, 1, Side::Above).expect("a limit");
    assert!((low - 0.3).abs() < 0.02 && (high - 0.6).abs() < 0.02);
    // Limits are rounded to what people read, and cost at most a hundredth by it.
    assert_eq!((low, high), (0.3, 0.6));
    assert_eq!(one.count.hits, one.count.rows);
}

#[test]
fn bryant_and_lempert_are_reached() {
    let mut reader = csv::Reader::from_path(repository("tests/data/bryant_lempert_2010.csv"))
        .expect("their data");
    let rows: Vec<Vec<f32>> = reader
        .records()
        .map(|r| {
            let row = r.expect("a row");
            row.iter().map(|x| x.parse().expect("a number")).collect()
        })
        .collect();
    let inputs: Columns = (0..9)
        .map(|i| rows.iter().map(|r| r[i]).collect())
        .collect();
    let hits: Vec<bool> = rows.iter().map(|r| r[9] != 0.0).collect();
    let order = order(&inputs);
    let table = Table::new(&inputs, &hits, &order, vec![true; hits.len()]);
    let all = table.count(&Region::default());
    assert_eq!((all.rows, all.hits), (882, 89));
    // The box that the literature tells of these data, counted here.
    let mut known = Region::default();
    for (input, side, value) in [
        (1, Side::Below, 755.85),
        (5, Side::Above, -0.4225),
        (8, Side::Above, 150.045),
        (0, Side::Above, 72.645),
    ] {
        known.set(Limit { input, side, value });
    }
    let there = table.count(&known);
    assert_eq!((there.rows, there.hits), (87, 67));
    let mut wider = known.clone();
    wider.limits.retain(|l| l.input != 0);
    let without = table.count(&wider);
    assert_eq!((without.rows, without.hits), (95, 68));
    // Peeling alone reaches that frontier: a box at least as good in both respects as one of them.
    let options = Options {
        alpha: 0.1,
        ..Options::default()
    };
    let trajectory = peel(&table, &options, 44, Watch::default());
    let reaches =
        |one: Count, known: Count| one.hits >= known.hits && one.density() >= known.density();
    let reached = trajectory.iter().any(|s| reaches(s.count, without));
    assert!(reached, "{trajectory:?}");
    // And the box that is told is as good, on three inputs: rounding may cost it a hundredth.
    let told = choose(&table, &trajectory, &options, 44).expect("a box");
    let count = table.count(&told);
    let best = quality(there, all, 0.5).max(quality(without, all, 0.5));
    assert!(quality(count, all, 0.5) >= 0.99 * best, "{count:?}");
    assert_eq!(told.inputs(), [1, 5, 8]);
    assert!(count.density() > there.density());
}

#[test]
fn chance_alone_is_seldom_confirmed() {
    let (mut told, mut confirmed) = (0, 0);
    for seed in 0..400 {
        let inputs = uniform(10, 2_000, 1_000 + seed);
        let hits: Vec<bool> = uniform(1, 2_000, 9_000 + seed)[0]
            .iter()
            .map(|u| *u < 0.3)
            .collect();
        let order = order(&inputs);
        let half = |odd: usize| (0..2_000).map(|r| r % 2 == odd).collect();
        let search = Table::new(&inputs, &hits, &order, half(0));
        let found = cover(&search, &Options::default(), 1, NONE, Watch::default());
        let others = Table::new(&inputs, &hits, &order, half(1));
        told += found.len();
        confirmed += verdicts(&others, &found)
            .iter()
            .filter(|v| v.confirmed)
            .count();
    }
    // The search may well be fooled; the other half is, in a fortieth of all boxes. More than 4.75
    // standard errors above that would be seen of a correct program once in a million times.
    let n = f64::from(u32::try_from(told).expect("few"));
    let most = 0.025 * n + 4.75 * (0.025 * 0.975 * n).sqrt();
    assert!(told > 0, "the rate is of nothing");
    assert!(
        f64::from(u32::try_from(confirmed).expect("few")) <= most,
        "{confirmed} of {told}"
    );
}

#[test]
fn what_is_told_comes_from_the_other_rows() {
    let inputs = uniform(4, 8_000, 11);
    let luck = &uniform(1, 8_000, 12)[0];
    let hits: Vec<bool> = (0..8_000)
        .map(|r| {
            let inside = (inputs[0][r] < 0.3) as u8 + (inputs[2][r] > 0.8) as u8;
            luck[r] < [0.1, 0.5, 0.7][usize::from(inside)]
        })
        .collect();
    let order = order(&inputs);
    let half = |odd: usize| (0..8_000).map(|r| r % 2 == odd).collect();
    let search = Table::new(&inputs, &hits, &order, half(0));
    let found = cover(&search, &Options::default(), 2, NONE, Watch::default());
    assert_eq!(found.len(), 2, "{found:?}");
    let others = Table::new(&inputs, &hits, &order, half(1));
    let mut seen = Vec::new();
    for (one, v) in found.iter().zip(verdicts(&others, &found)) {
        let odd = (1..8_000).step_by(2);
        let there = |r: &usize| one.region.holds(&inputs, *r);
        let rows: Vec<usize> = odd.clone().filter(there).collect();
        let hit = |r: &&usize| hits[**r];
        assert_eq!(v.inside.rows, rows.len() as u64);
        assert_eq!(v.inside.hits, rows.iter().filter(hit).count() as u64);
        assert_eq!(v.inside.rows + v.outside.rows, 4_000);
        let all = odd.filter(|r| hits[*r]).count() as u64;
        assert_eq!(v.inside.hits + v.outside.hits, all);
        let fresh = rows
            .iter()
            .filter(|r| hits[**r] && !seen.contains(*r))
            .count();
        assert!((v.gained - fresh as f64 / all as f64).abs() < 1e-12);
        assert!(v.confirmed && v.density.probability > 0.4);
        for (l, (without, p)) in v.limits.iter().enumerate() {
            assert_eq!(*without, others.count(&one.region.less(l)));
            assert!(*p < 1e-6, "the limits are real: {p}");
        }
        assert_eq!(v.trajectory.len(), one.trajectory.len());
        seen.extend(rows);
    }
}

#[test]
fn each_box_of_a_trajectory_is_inside_the_one_before() {
    let inputs = uniform(6, 1_000, 21);
    let hits: Vec<bool> = (0..1_000).map(|r| inputs[3][r] > 0.7).collect();
    let order = order(&inputs);
    let table = Table::new(&inputs, &hits, &order, vec![true; 1_000]);
    let steps = peel(&table, &Options::default(), 100, Watch::default());
    for pair in steps.windows(2) {
        assert_eq!(pair[1].count, table.count(&pair[1].region));
        let lost = pair[0].count.rows - pair[1].count.rows;
        assert!(lost >= 1 && lost <= (0.05 * pair[0].count.rows as f64) as u64);
        for row in (0..1_000).filter(|r| pair[1].region.holds(&inputs, *r)) {
            assert!(pair[0].region.holds(&inputs, row));
        }
    }
    let last = steps.last().expect("a box");
    assert_eq!(last.count.hits, last.count.rows, "it ends with hits alone");
}

#[test]
fn equal_values_stay_together() {
    // A switch and a prior of few values: what is cut off is a whole value.
    let plain = uniform(2, 3_000, 31);
    let steps: Vec<f32> = plain[0].iter().map(|u| (u * 4.0).floor()).collect();
    let switch: Vec<f32> = plain[1].iter().map(|u| f32::from(*u >= 0.5)).collect();
    let hits: Vec<bool> = (0..3_000)
        .map(|r| steps[r] >= 3.0 && switch[r] == 0.0)
        .collect();
    let found = boxes(&vec![steps, switch], &hits, &Options::default(), 1);
    let region = &found[0].region;
    let above = limit(region, 0, Side::Above).expect("a limit");
    let below = limit(region, 1, Side::Below).expect("a limit");
    assert!(above > 2.0 - 1e-9 && above < 3.0, "{above}");
    assert!(below > 0.0 && below < 1.0 + 1e-9, "{below}");
    assert_eq!(found[0].count.hits, found[0].count.rows);
}

#[test]
fn limits_come_again_where_they_are_real() {
    let inputs = uniform(8, 4_000, 41);
    let luck = &uniform(1, 4_000, 42)[0];
    let hits: Vec<bool> = (0..4_000)
        .map(|r| luck[r] < if inputs[5][r] > 0.6 { 0.6 } else { 0.1 })
        .collect();
    let order = order(&inputs);
    let table = Table::new(&inputs, &hits, &order, vec![true; 4_000]);
    let resampling = Resampling {
        resamples: 20,
        ..NONE
    };
    let found = cover(&table, &Options::default(), 1, resampling, Watch::default());
    assert_eq!(found[0].again[5][0], 20);
    assert_eq!(found[0].again[5][1], 0);
    assert_eq!(
        found,
        cover(&table, &Options::default(), 1, resampling, Watch::default()),
        "resamples have names"
    );
}

#[test]
fn tails_and_gaps_are_those_of_the_textbook() {
    for (k, n, p) in [
        (3, 10, 0.2),
        (0, 5, 0.4),
        (5, 5, 0.4),
        (450, 1_000, 0.4),
        (380, 1_000, 0.4),
        (30, 50_000, 0.0004),
    ] {
        let law = Binomial::new(p, n).expect("a law");
        let exact = if k == 0 { 1.0 } else { law.sf(k - 1) };
        let got = binomial(k, n, p);
        assert!(
            (got - exact).abs() <= 1e-10 + 1e-8 * exact,
            "{k} {n} {p}: {got} {exact}"
        );
    }
    assert_eq!(binomial(1, 10, 0.0), 0.0);
    assert_eq!(binomial(10, 10, 1.0), 1.0);
    // Newcombe 1998, table II, method 10, the first example: 56/70 − 48/80.
    let gap = newcombe(wilson(56, 70), wilson(48, 80));
    assert!(
        (gap.low - 0.0524).abs() < 5e-5 && (gap.high - 0.3339).abs() < 5e-5,
        "{gap:?}"
    );
    let (inside, without) = (Count { rows: 87, hits: 67 }, Count { rows: 95, hits: 68 });
    let p = quasi_p(inside, without);
    assert!((p - binomial(67, 87, 68.0 / 95.0)).abs() < 1e-15);
}

#[test]
fn limits_are_short_and_part_the_same_rows() {
    for (low, high, wanted) in [
        (0.2991_f32, 0.3013, 0.3),
        (-0.16, -0.148, -0.15),
        (99.2, 101.3, 100.0),
        (0.0, 1.0, 0.5),
    ] {
        assert!((shortest_between(low, high) - wanted).abs() < 1e-12);
    }
    let next = f32::from_bits(0.3_f32.to_bits() + 1);
    let x = shortest_between(0.3, next);
    assert!(x > f64::from(0.3_f32) && x < f64::from(next));
}

/// Something comes, with two chances in three, where one prior is low and another is high.
const SCENARIO: &str = "schema = 1\n[contenders]\none = {}\ntwo = {}\n[clock]\nstart = 2022-01-01\n\
    days = 1\nstep = \"12h\"\n[arenas]\nall = 1.0\n[actors.one]\npower.all = 1.0\n[actors.two]\n\
    power.all = 1.0\n[parameters]\na = { min = 0.0, max = 1.0, says = \"what counts\" }\n\
    b = { min = 10.0, max = 20.0 }\nidle = { min = 0.0, max = 1.0 }\n\
    [actions.heads]\nwhen = \"a < 0.3 and b > 16\"\nchance = \"2 / 3\"\n\
    [outcomes.won]\nwhen = \"happened.heads\"\nat_end = true\n[outcomes.lost]\notherwise = true\n\
    [outcomes.never]\nwhen = \"day > 5\"\n\
    [flags.early]\nwhen = \"happened.heads\"\n";

fn discover(folder: &Path, arguments: &[&str]) -> String {
    let all: Vec<&str> = ["discover", "case.toml"]
        .into_iter()
        .chain(arguments.iter().copied())
        .collect();
    let done = kzsim(&all, folder);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    String::from_utf8(done.stdout).expect("UTF-8")
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = SCENARIO.replace("[outcomes.never]\nwhen = \"day > 5\"\n", "");
    let text = text.replace(
        "[outcomes.lost]",
        "[outcomes.never]\nwhen = \"day > 5\"\n[outcomes.lost]",
    );
    fs::write(folder.path().join("case.toml"), text).expect("a file");
    folder
}

fn rows(folder: &Path, file: &str) -> Vec<csv::StringRecord> {
    let mut reader = csv::Reader::from_path(folder.join(file)).expect("a file");
    reader.records().map(|r| r.expect("a row")).collect()
}

#[test]
fn a_user_reads_the_conditions() {
    let folder = folder();
    let told = discover(
        folder.path(),
        &["--outcome", "won", "--rounds", "20000", "--out", "d"],
    );
    assert!(
        told.contains("1. Where parameters.a is below 0.3\n   and parameters.b is above 16,"),
        "{told}"
    );
    assert!(told.contains("what counts"), "{told}");
    let out = folder.path().join("d");
    let boxes = rows(&out, "boxes.csv");
    assert_eq!(boxes.len(), 1);
    let number = |i: usize| boxes[0][i].parse::<f64>().expect("a number");
    let at = |name: &str| {
        let all = BoxRow::columns();
        all.iter().position(|c| c.name == name).expect("a column")
    };
    // 4.9 standard errors: a false alarm in a million.
    let n = number(at("rounds"));
    let error = 4.9 * (2.0 / 9.0 / n).sqrt();
    assert!((number(at("probability")) - 2.0 / 3.0).abs() < error);
    assert!((number(at("mass")) - 0.12).abs() < 4.9 * (0.12 * 0.88 / 10_000.0_f64).sqrt());
    assert_eq!(number(at("elsewhere")), 0.0);
    assert_eq!(number(at("coverage")), 1.0);
    assert_eq!(&boxes[0][at("confirmed")], "true");
    let limits = rows(&out, "limits.csv");
    let cells: Vec<Vec<&str>> = limits
        .iter()
        .map(|r| r.iter().skip(4).take(4).collect())
        .collect();
    assert_eq!(
        cells,
        [
            ["prior", "parameters.a", "below", "0.3"],
            ["prior", "parameters.b", "above", "16.0"]
        ]
    );
    assert!(
        limits.iter().all(|r| &r[11] == "1.0"),
        "found again: {limits:?}"
    );
    let steps = rows(&out, "trajectory.csv");
    assert!(steps.len() > 10);
}

#[test]
fn switches_can_be_conditions() {
    let folder = folder();
    let path = folder.path().join("case.toml");
    let text = fs::read_to_string(&path).expect("a file");
    // Four standard deviations below the middle the tails differ: 0.00003 and 0.0005 come.
    let text = text.replace(
        "[actions.heads]\nwhen = \"a < 0.3 and b > 16\"\nchance = \"2 / 3\"",
        "[crowds.city]\nthreshold_mean = 1\n[dynamics]\nmood_sd = 0\n\
         [actions.heads]\nwhen = \"turnout.city > 0.0003\"\nchance = \"2 / 3\"",
    );
    fs::write(&path, text).expect("a file");
    let told = discover(
        folder.path(),
        &[
            "--flag",
            "early",
            "--switches",
            "--rounds",
            "8000",
            "--out",
            "d",
        ],
    );
    assert!(
        told.contains("1. Where dynamics.thresholds is logistic,"),
        "{told}"
    );
    let limits = rows(&folder.path().join("d"), "limits.csv");
    assert_eq!(&limits[0][4], "switch");
    assert_eq!(&limits[0][6], "is");
    assert_eq!((&limits[0][7], &limits[0][8]), ("", "logistic"));
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    let folder = folder();
    for (threads, out) in [("1", "one"), ("3", "three")] {
        discover(
            folder.path(),
            &["--rounds", "6000", "--threads", threads, "--out", out],
        );
    }
    let files = ["boxes.csv", "limits.csv", "trajectory.csv", "manifest.json"];
    for file in files {
        let read = |out: &str| fs::read(folder.path().join(out).join(file)).expect("a file");
        assert_eq!(read("one"), read("three"), "{file}");
    }
}

#[test]
fn what_cannot_be_looked_for_is_told() {
    let folder = folder();
    let told = discover(
        folder.path(),
        &["--outcome", "never", "--rounds", "2000", "--out", "n"],
    );
    assert!(
        told.contains("Too rare to search for conditions: 0 rounds"),
        "{told}"
    );
    assert!(rows(&folder.path().join("n"), "boxes.csv").is_empty());
    let refused = |arguments: &[&str]| {
        let done = kzsim(arguments, folder.path());
        assert_eq!(done.status.code(), Some(2), "{done:?}");
        String::from_utf8(done.stderr).expect("UTF-8")
    };
    let text = refused(&[
        "discover",
        "case.toml",
        "--outcome",
        "wonn",
        "--flag",
        "earl",
    ]);
    assert!(
        text.contains("unknown outcome `wonn`") && text.contains("did you mean `won`?"),
        "{text}"
    );
    assert!(
        text.contains("unknown flag `earl`") && text.contains("did you mean `early`?"),
        "{text}"
    );
    let text = refused(&["discover", "case.toml", "--mass", "2"]);
    assert!(text.contains("0.000001 to 0.9"), "{text}");
    let text = refused(&["discover", "case.toml", "--rounds", "5000000"]);
    assert!(text.contains("at most 2000000"), "{text}");
    let plain: String = SCENARIO
        .replace("{ min = 0.0, max = 1.0, says = \"what counts\" }", "0.2")
        .replace("{ min = 10.0, max = 20.0 }", "17.0")
        .replace("{ min = 0.0, max = 1.0 }", "0.5")
        .replace("[outcomes.never]\nwhen = \"day > 5\"\n", "");
    fs::write(folder.path().join("plain.toml"), plain).expect("a file");
    let text = refused(&["discover", "plain.toml"]);
    assert!(text.contains("no prior"), "{text}");
}
