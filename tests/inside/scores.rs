//! Scores against those of other libraries (`tests/data/scores/make.py`), and what must hold of any.

use std::path::Path;

use serde_json::Value;

use kzsim::analysis::score::corp::decompose;
use kzsim::analysis::score::evaluate::{Evaluation, Options, evaluate};
use kzsim::analysis::score::isotonic::{Groups, isotonic};
use kzsim::analysis::score::proper::{Rule, rps};
use kzsim::analysis::score::{Forecast, corp, logistic, logit, pool};

use crate::inside::support::repository;

const OPTIONS: Options = Options {
    seed: 1,
    resamples: 0,
    bins: Some(10),
    ordered: false,
};

fn close(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() <= 1e-12,
        "{found} instead of {expected}"
    );
}

fn event(case: usize, p: f64, happened: bool) -> Forecast {
    Forecast {
        case,
        cluster: case,
        weight: 1.0,
        probabilities: vec![p],
        observed: usize::from(happened),
        floor: 0.001,
        rounds: None,
    }
}

/// Rows of a file beside this crate's, without their header.
fn rows(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(path).expect("a table");
    let owned = |r: csv::StringRecord| r.iter().map(str::to_owned).collect();
    reader.records().map(|r| owned(r.expect("a row"))).collect()
}

fn data(name: &str) -> Vec<Vec<String>> {
    rows(&repository(&format!("tests/data/scores/{name}")))
}

fn answers() -> Value {
    let path = repository("tests/data/scores/answers.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("a file")).expect("JSON")
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn agrees(found: &Evaluation, known: &Value) {
    let events = found.events.as_ref().expect("events");
    let scores = found.scores.map(|s| s.and_then(|s| s.value));
    close(scores[0].expect("Brier"), number(&known["brier"]));
    close(events.auc.value.expect("AUC"), number(&known["auc"]));
    for (parts, key) in [(events.brier, "corp_brier"), (events.log, "corp_log")] {
        let known = &known[key];
        close(parts.miscalibration, number(&known["miscalibration"]));
        close(parts.discrimination, number(&known["discrimination"]));
        close(parts.uncertainty, number(&known["uncertainty"]));
        close(parts.score, number(&known["score"]));
    }
    close(scores[1].expect("log"), number(&known["corp_log"]["score"]));
}

#[test]
fn events_score_as_in_other_libraries() {
    let forecasts = data("forecasts.csv").into_iter().zip(data("observed.csv"));
    let forecasts: Vec<Forecast> = forecasts
        .enumerate()
        .map(|(i, (f, o))| event(i, f[1].parse().expect("p"), o[1] == "1"))
        .collect();
    let found = evaluate(&forecasts, &[], &OPTIONS, "test");
    let known = &answers()["events"];
    agrees(&found, known);
    let events = found.events.expect("events");
    close(number(&known["brier"]), number(&known["brier_again"]));
    close(number(&known["log"]), number(&known["log_again"]));
    for (found, key) in [
        (events.slope, "calibration_slope"),
        (events.intercept, "calibration_intercept"),
        (events.in_the_large, "calibration_in_the_large"),
    ] {
        close(found.value.expect("a line"), number(&known[key]));
    }
}

/// A folder with the files `known_*.csv` (country, date, y, p) and `known_answers_score.json`: not ours to ship.
#[test]
fn real_cases_score_as_they_should() {
    let Some(folder) = std::env::var_os("KZSIM_KNOWN_SCORES") else {
        return;
    };
    let folder = Path::new(&folder);
    let text = std::fs::read_to_string(folder.join("known_answers_score.json")).expect("answers");
    let known: Value = serde_json::from_str(&text).expect("JSON");
    for name in ["cdp", "colpus_all", "powell_thyne"] {
        let forecasts: Vec<Forecast> = rows(&folder.join(format!("known_{name}.csv")))
            .iter()
            .enumerate()
            .map(|(i, r)| event(i, r[3].parse().expect("p"), r[2] == "1"))
            .collect();
        agrees(&evaluate(&forecasts, &[], &OPTIONS, name), &known[name]);
    }
}

fn classes(case: usize, probabilities: Vec<f64>, observed: usize) -> Forecast {
    Forecast {
        probabilities,
        observed,
        ..event(case, 0.0, false)
    }
}

#[test]
fn classes_score_as_in_other_libraries() {
    let shares = data("class_forecasts.csv");
    let names = ["early", "late", "never"];
    let forecasts: Vec<Forecast> = data("class_observed.csv")
        .iter()
        .enumerate()
        .map(|(i, o)| {
            let p = (0..3).map(|k| shares[3 * i + k][2].parse().expect("p"));
            let k = names.iter().position(|n| *n == o[1]).expect("a class");
            classes(i, p.collect(), k)
        })
        .collect();
    let options = Options {
        ordered: true,
        ..OPTIONS
    };
    let found = evaluate(&forecasts, &[], &options, "test");
    let known = &answers()["classes"];
    for (score, key) in found.scores.iter().zip(["brier", "log", "rps"]) {
        close(
            score.and_then(|s| s.value).expect("a score"),
            number(&known[key]),
        );
    }
    // Three forecasts of three classes, by hand: the ranked probability score is not divided.
    let by_hand = [
        (vec![0.2, 0.3, 0.5], 2, 0.29),
        (vec![0.6, 0.3, 0.1], 0, 0.17),
        (vec![0.1, 0.1, 0.8], 1, 0.65),
    ];
    for (p, observed, expected) in by_hand {
        close(rps(&classes(0, p, observed)), expected);
    }
}

/// Uniform numbers in (0, 1) (Steele, Lea & Flood 2014).
struct Uniform(u64);

impl Uniform {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (((z ^ (z >> 31)) >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }
}

/// Random forecasts, and what came of them if they are calibrated after `distort`.
fn random(n: usize, stream: u64, distort: impl Fn(f64) -> f64) -> Vec<Forecast> {
    let mut s = Uniform(stream);
    (0..n)
        .map(|i| {
            let p = (s.uniform() * 50.0).ceil() / 51.0;
            event(i, p, s.uniform() < distort(p))
        })
        .collect()
}

fn points(forecasts: &[Forecast]) -> (Vec<corp::Point>, Groups) {
    let point = |f: &Forecast| corp::Point {
        p: f.probabilities[0],
        clipped: f.probabilities[0],
        y: f.happened(),
        weight: f.weight,
        case: f.case,
    };
    let points: Vec<corp::Point> = forecasts.iter().map(point).collect();
    let p: Vec<f64> = points.iter().map(|f| f.p).collect();
    let groups = Groups::new(&p);
    (points, groups)
}

#[test]
fn parts_add_up_and_recalibration_rises() {
    for stream in 0..40 {
        let mut forecasts = random(60 + stream as usize, stream, |p| p * p);
        for (i, f) in forecasts.iter_mut().enumerate() {
            f.weight = 1.0 + (i % 3) as f64 / 7.0;
        }
        let (found, groups) = points(&forecasts);
        for rule in [Rule::Brier, Rule::Log] {
            let d = decompose(&found, &groups, rule);
            close(d.miscalibration - d.discrimination + d.uncertainty, d.score);
            assert!(d.miscalibration > -1e-15 && d.discrimination > -1e-15);
        }
        let sums = groups.sums(found.iter().map(|f| (f.weight, f.y)));
        let recalibrated = isotonic(&sums);
        assert!(recalibrated.windows(2).all(|w| w[0] <= w[1]));
        // What is recalibrated is calibrated.
        let again: Vec<Forecast> = forecasts
            .iter()
            .zip(&groups.of)
            .map(|(f, g)| Forecast {
                probabilities: vec![recalibrated[*g]],
                ..f.clone()
            })
            .collect();
        let (found, groups) = points(&again);
        close(decompose(&found, &groups, Rule::Brier).miscalibration, 0.0);
        let evaluation = evaluate(&forecasts, &[], &OPTIONS, "test");
        let events = evaluation.events.expect("events");
        let b = events.binned.expect("bins");
        close(
            b.reliability - b.resolution + b.uncertainty + b.within_bins,
            events.brier.score,
        );
    }
}

#[test]
fn perfect_and_constant_forecasts() {
    let perfect: Vec<Forecast> = (0..30)
        .map(|i| event(i, if i % 3 == 0 { 1.0 } else { 0.0 }, i % 3 == 0))
        .collect();
    let found = evaluate(&perfect, &[], &OPTIONS, "test");
    assert_eq!(found.scores[0].and_then(|s| s.value), Some(0.0));
    assert_eq!(found.clipped, 30);
    let log = found.scores[1].and_then(|s| s.value).expect("finite");
    close(log, -libm::log1p(-0.001));
    let events = found.events.expect("events");
    assert_eq!(events.auc.value, Some(1.0));
    assert_eq!(events.slope.value, None, "no line separates least");
    close(events.brier.discrimination, events.brier.uncertainty);

    let constant: Vec<Forecast> = (0..30).map(|i| event(i, 0.3, i % 3 == 0)).collect();
    let events = evaluate(&constant, &[], &OPTIONS, "test")
        .events
        .expect("events");
    assert_eq!(events.auc.value, Some(0.5));
    assert_eq!(events.slope.value, None);
    close(events.brier.discrimination, 0.0);
    close(
        events.in_the_large.value.expect("an intercept"),
        logit(1.0 / 3.0) - logit(0.3),
    );

    let one_class: Vec<Forecast> = (1..20)
        .map(|i| event(i - 1, i as f64 / 20.0, true))
        .collect();
    let events = evaluate(&one_class, &[], &OPTIONS, "test")
        .events
        .expect("events");
    assert_eq!((events.auc.value, events.slope.value), (None, None));
    assert_eq!(events.in_the_large.value, None);
}

#[test]
fn the_area_depends_on_the_order_alone() {
    let forecasts = random(200, 3, |p| p);
    let auc = |f: &[Forecast]| evaluate(f, &[], &OPTIONS, "t").events.expect("e").auc.value;
    let squared: Vec<Forecast> = forecasts
        .iter()
        .map(|f| Forecast {
            probabilities: vec![f.probabilities[0].powi(2)],
            ..f.clone()
        })
        .collect();
    assert_eq!(auc(&forecasts), auc(&squared));
}

#[test]
fn scores_are_proper() {
    let grid = || (1..20).map(|i| i as f64 / 20.0);
    for rule in [Rule::Brier, Rule::Log] {
        for q in grid() {
            let expected = |p: f64| q * rule.of(p, true) + (1.0 - q) * rule.of(p, false);
            assert!(grid().all(|p| expected(q) <= expected(p) + 1e-15));
        }
    }
}

#[test]
fn bands_hold_what_is_calibrated_and_not_what_is_not() {
    let p = |distort: fn(f64) -> f64| -> f64 {
        let found = evaluate(&random(400, 5, distort), &[], &OPTIONS, "t");
        found.events.expect("events").reliability.p_value
    };
    assert!(p(|p| p) > 0.05);
    assert!(p(|p| 0.5 + (p - 0.5) * 0.3) < 0.01);
    let found = evaluate(&random(400, 6, |p| p), &[], &OPTIONS, "t");
    let r = found.events.expect("events").reliability;
    for i in 0..r.p.len() {
        assert!(r.low[i] <= r.p[i] && r.p[i] <= r.high[i]);
    }
}

#[test]
fn intervals_hold_the_number_and_widen_with_clusters() {
    let forecasts = random(300, 8, |p| p);
    let baseline: Vec<Forecast> = forecasts
        .iter()
        .map(|f| Forecast {
            probabilities: vec![0.5],
            ..f.clone()
        })
        .collect();
    let options = Options {
        resamples: 500,
        ..OPTIONS
    };
    let found = evaluate(&forecasts, &[baseline], &options, "t");
    let brier = found.scores[0].expect("Brier");
    let (low, high) = brier.interval.expect("an interval");
    assert!(low < brier.value.expect("a score") && brier.value.expect("a score") < high);
    let beside = found.beside[0][0].expect("a baseline");
    close(beside.score.value.expect("a score"), 0.25);
    let (low, _) = beside.difference.interval.expect("an interval");
    assert!(low > 0.0 && beside.sign.expect("a sign") < 0.01);
    // Thirty copies of ten cases know no more than ten.
    let copies: Vec<Forecast> = (0..300)
        .map(|i| Forecast {
            cluster: i % 10,
            case: i,
            ..forecasts[i % 10].clone()
        })
        .collect();
    let apart: Vec<Forecast> = copies
        .iter()
        .map(|f| Forecast {
            cluster: f.case,
            ..f.clone()
        })
        .collect();
    let width = |f: &[Forecast]| {
        let found = evaluate(f, &[], &options, "t");
        let (low, high) = found.scores[0].expect("Brier").interval.expect("one");
        high - low
    };
    assert!(width(&copies) > 3.0 * width(&apart));
}

#[test]
fn a_pooled_base_rate_has_no_area() {
    // Leave one cluster out: whoever has more events than the rest is forecast fewer.
    let happened = |i: usize| (i * i) % 7 < 3;
    let all = (0..200).filter(|i| happened(*i)).count() as f64;
    let forecasts: Vec<Forecast> = (0..200)
        .map(|i| {
            let own = (0..200).filter(|j| j % 20 == i % 20);
            let events = own.filter(|j| happened(*j)).count() as f64;
            let p = (all - events) / 190.0;
            Forecast {
                cluster: i % 20,
                ..event(i, p, happened(i))
            }
        })
        .collect();
    let events = evaluate(&forecasts, &[], &OPTIONS, "t").events.expect("e");
    assert!(events.pooled_base_rate);
    assert_eq!(events.auc.value, None);
}

#[test]
fn pools() {
    let (a, b) = ([0.2, 0.8], [0.6, 0.4]);
    let linear = pool::linear(&[&a, &b], &[0.5, 0.5]);
    close(linear[0], 0.4);
    let log = pool::logarithmic(&[&a, &b], &[0.5, 0.5], &[0.01, 0.01]);
    let odds = ((0.2 * 0.6_f64) / (0.8 * 0.4)).sqrt();
    close(log[0] / log[1], odds);
    close(log[0] + log[1], 1.0);
    // What one holds impossible is not impossible in a linear pool, and barely possible in the other.
    close(pool::linear(&[&[0.0, 1.0], &b], &[0.5, 0.5])[0], 0.3);
    close(pool::extremised(&[0.3, 0.7], 1.0)[0], 0.3);
    let extreme = 0.09 / (0.09 + 0.49);
    close(pool::extremised(&[0.3, 0.7], 2.0)[0], extreme);
    // Forecasts that are too timid by a factor of two in their logit are found out.
    let timid = random(4_000, 9, |p| logistic(2.0 * logit(p)));
    let cases: Vec<(Vec<f64>, usize)> = timid
        .iter()
        .map(|f| {
            (
                vec![1.0 - f.probabilities[0], f.probabilities[0]],
                f.observed,
            )
        })
        .collect();
    let fitted = pool::fit_exponent(&cases, 1e-3);
    assert!((fitted - 2.0).abs() < 0.2, "{fitted}");
    let weights = pool::by_score(&[0.5, 0.7], 30);
    assert!(weights[0] > 0.75 && weights[0] < 0.85);
    close(weights.iter().sum(), 1.0);
    let d = pool::disagreement(&[(0.2, Some(100.0)), (0.6, None)], &[0.5, 0.5]);
    close(d.between, 0.04);
    // Two who agree scatter half as much about their own mean.
    close(d.within, 0.000_4);
}
