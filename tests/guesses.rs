//! `kzsim sensitivity`: which guesses matter, through the command that a user calls.
//!
//! Seeds are fixed, so a test that passes once passes always. The limit of 4.9 standard errors
//! would have failed a correct program with probability 1e-6 a comparison when first tried.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::kzsim;

/// Standard errors beyond which a number is wrong; see above.
const Z: f64 = 4.9;

/// A coin whose bias is 0.2 + 0.4·a + 0.2·b, with an idle prior beside it.
const COIN: &str = "schema = 1\n[contenders]\none = {}\ntwo = {}\n[clock]\nstart = 2022-01-01\n\
    days = 1\nstep = \"12h\"\n[arenas]\nall = 1.0\n[actors.one]\npower.all = 1.0\n[actors.two]\n\
    power.all = 1.0\n[parameters]\na = { min = 0.0, max = 1.0, says = \"what tells most\" }\n\
    b = { min = 0.0, max = 1.0 }\nidle = { min = 0.0, max = 1.0 }\n\
    [actions.heads]\nchance = \"0.2 + 0.4 * a + 0.2 * b\"\n\
    [outcomes.won]\nwhen = \"happened.heads\"\nat_end = true\n[outcomes.lost]\notherwise = true\n\
    [flags.early]\nwhen = \"happened.heads and day < 0.6\"\n";

fn run(folder: &Path, arguments: &[&str]) -> String {
    let done = kzsim(arguments, folder);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    String::from_utf8(done.stdout).expect("UTF-8")
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("coin.toml"), COIN).expect("a file");
    folder
}

/// The rows of a table by target and input.
fn table(folder: &Path, file: &str) -> BTreeMap<(String, String), csv::StringRecord> {
    let mut reader = csv::Reader::from_path(folder.join(file)).expect("a file");
    let header = reader.headers().expect("a header").clone();
    let at = |name: &str| header.iter().position(|h| h == name).expect("a column");
    let (target, input) = (at("target"), at("input"));
    reader
        .records()
        .map(|r| r.expect("a row"))
        .map(|r| ((r[target].to_owned(), r[input].to_owned()), r))
        .collect()
}

fn number(row: &csv::StringRecord, i: usize) -> f64 {
    row[i].parse().expect("a number")
}

/// Half of the variance of a coin of bias q, over the square: 2·q(1 − q) averaged in a grid. What is
/// left of the variance once all but one of (a, b, chance) are known.
fn total(of: usize) -> f64 {
    let n = 60;
    let grid = |i: usize| (i as f64 + 0.5) / f64::from(n);
    let mut sum = 0.0;
    for i in 0..n as usize {
        for j in 0..n as usize {
            let hits = (0..400)
                .filter(|k| {
                    let own = (f64::from(*k) + 0.5) / 400.0;
                    let (a, b, u) = match of {
                        0 => (own, grid(i), grid(j)),
                        1 => (grid(i), own, grid(j)),
                        _ => (grid(i), grid(j), own),
                    };
                    u < 0.2 + 0.4 * a + 0.2 * b
                })
                .count();
            let q = hits as f64 / 400.0;
            sum += q * (1.0 - q);
        }
    }
    sum / f64::from(n * n) / 0.25
}

#[test]
fn indices_are_those_of_the_closed_form() {
    let folder = folder();
    let told = run(
        folder.path(),
        &[
            "sensitivity",
            "coin.toml",
            "--fixed-switches",
            "--rows",
            "8192",
            "--out",
            "s",
        ],
    );
    let rows = table(&folder.path().join("s"), "sobol.csv");
    // The bias is 1/2 in the mean, so the variance is 1/4; a alone moves it by 0.4·(a − 1/2).
    let first = [
        ("parameters.a", 0.16 / 12.0 / 0.25),
        ("parameters.b", 0.04 / 12.0 / 0.25),
        ("parameters.idle", 0.0),
    ];
    for (input, exact) in first {
        let row = &rows[&("won".to_owned(), input.to_owned())];
        let (s1, conf) = (number(row, 5), number(row, 6));
        // `conf` is 1.96 standard errors.
        assert!(
            (s1 - exact).abs() <= Z / 1.96 * conf + 1e-12,
            "{input}: {s1}"
        );
    }
    for (of, input) in ["parameters.a", "parameters.b", "chance"]
        .iter()
        .enumerate()
    {
        let row = &rows[&("won".to_owned(), (*input).to_owned())];
        let (st, conf) = (number(row, 7), number(row, 8));
        let exact = total(of);
        assert!(
            (st - exact).abs() <= Z / 1.96 * conf,
            "{input}: {st} against {exact}"
        );
        assert_eq!(&row[9], "true");
    }
    let idle = &rows[&("won".to_owned(), "parameters.idle".to_owned())];
    assert_eq!(
        (&idle[7], &idle[9]),
        ("0.0", "false"),
        "an idle input does exactly nothing"
    );
    assert!(
        told.contains("- parameters.a (what tells most): \"lost\"")
            || told.contains("\"won\" occurs in"),
        "{told}"
    );
    // Deciles: the bias in the lowest tenth of a is 0.2 + 0.02 + 0.1.
    let mut reader = csv::Reader::from_path(folder.path().join("s/effects.csv")).expect("a file");
    let lowest = reader
        .records()
        .map(|r| r.expect("a row"))
        .find(|r| &r[2] == "won" && &r[3] == "parameters.a" && &r[4] == "0")
        .expect("a row");
    let n = number(&lowest, 7);
    let sd = (0.32 * 0.68 / n).sqrt();
    assert!((number(&lowest, 8) - 0.32).abs() < Z * sd, "{lowest:?}");
    assert_eq!(&lowest[11], "rises");
}

#[test]
fn a_switch_is_an_input_beside_the_priors() {
    // What the president-like mover does hangs on the switch alone: under "zero" he moves at once.
    let folder = folder();
    let text = COIN.to_owned()
        + "[dynamics]\nmood_sd = 0\n[crowds.city]\nthreshold_mean = 1\n\
           [flags.moved]\nwhen = \"turnout.city > 0.0003\"\n";
    // Four standard deviations below the middle the tails differ: 0.00003 and 0.001 come.
    fs::write(folder.path().join("coin.toml"), text).expect("a file");
    run(
        folder.path(),
        &[
            "sensitivity",
            "coin.toml",
            "--flags",
            "--rows",
            "512",
            "--out",
            "s",
        ],
    );
    let rows = table(&folder.path().join("s"), "sobol.csv");
    let of = |input: &str| {
        let row = &rows[&("moved".to_owned(), input.to_owned())];
        (number(row, 5), number(row, 7))
    };
    let (s1, st) = of("dynamics.thresholds");
    assert!(
        (s1 - 1.0).abs() < 0.02 && (st - 1.0).abs() < 0.02,
        "{s1} {st}"
    );
    assert_eq!(of("dynamics.choice").1, 0.0);
    assert_eq!(of("parameters.a").1, 0.0);
}

#[test]
fn the_other_methods_find_the_same() {
    let folder = folder();
    run(
        folder.path(),
        &[
            "sensitivity",
            "coin.toml",
            "--fixed-switches",
            "--method",
            "morris",
            "--rows",
            "2000",
            "--out",
            "m",
        ],
    );
    let rows = table(&folder.path().join("m"), "morris.csv");
    let mu = |input: &str| number(&rows[&("won".to_owned(), input.to_owned())], 5);
    // Over its range, but for a hundredth at either end, a moves the bias by 0.4.
    assert!(
        (mu("parameters.a") - 0.4 * 0.98).abs() < 0.06,
        "{}",
        mu("parameters.a")
    );
    assert!(
        (mu("parameters.b") - 0.2 * 0.98).abs() < 0.06,
        "{}",
        mu("parameters.b")
    );
    assert_eq!(mu("parameters.idle"), 0.0);
    run(
        folder.path(),
        &[
            "sensitivity",
            "coin.toml",
            "--fixed-switches",
            "--method",
            "given",
            "--rows",
            "8192",
            "--out",
            "g",
        ],
    );
    let rows = table(&folder.path().join("g"), "given_data.csv");
    let row = |input: &str| &rows[&("won".to_owned(), input.to_owned())];
    let a = row("parameters.a");
    assert!(
        (number(a, 5) - 0.16 / 12.0 / 0.25).abs() < Z / 1.96 * number(a, 6),
        "{a:?}"
    );
    // δ of a yes-or-no output is the mean distance of the bias from its mean: 0.4·1/4.
    assert!(
        (number(a, 7) - 0.1).abs() < Z / 1.96 * number(a, 8),
        "{a:?}"
    );
    assert_eq!((&a[15], &row("parameters.idle")[15]), ("true", "false"));
}

#[test]
fn the_same_bytes_on_any_number_of_threads_and_errors_are_told() {
    let folder = folder();
    let files = |out: &str| -> Vec<Vec<u8>> {
        ["sobol.csv", "effects.csv", "manifest.json"]
            .iter()
            .map(|f| fs::read(folder.path().join(out).join(f)).expect("a file"))
            .collect()
    };
    for (threads, out) in [("1", "a"), ("3", "b")] {
        run(
            folder.path(),
            &[
                "sensitivity",
                "coin.toml",
                "--rows",
                "128",
                "--threads",
                threads,
                "--out",
                out,
            ],
        );
    }
    assert_eq!(files("a"), files("b"));
    for arguments in [
        vec!["sensitivity", "coin.toml", "--rounds", "10"],
        vec!["sensitivity", "coin.toml", "--rows", "3"],
        vec!["sensitivity", "coin.toml", "--method", "guess"],
    ] {
        let done = kzsim(&arguments, folder.path());
        assert_eq!(done.status.code(), Some(2), "{done:?}");
    }
}

#[test]
fn quantities_are_outputs_too() {
    // 3·a + b is read from the priors, so chance has no part: S1 is 9/10 and 1/10 of it.
    let folder = folder();
    let told = run(
        folder.path(),
        &[
            "sensitivity",
            "coin.toml",
            "--fixed-switches",
            "--rows",
            "2048",
            "--quantity",
            "3 * a + b @ 2022-01-01",
            "--quantity",
            "-first.heads",
            "--out",
            "q",
        ],
    );
    assert!(told.contains("3 * a + b @ 2022-01-01 (mean 2.0"), "{told}");
    let rows = table(&folder.path().join("q"), "sobol.csv");
    let index = |input: &str, column: usize| {
        let key = ("3 * a + b @ 2022-01-01".to_owned(), input.to_owned());
        number(&rows[&key], column)
    };
    for (input, exact) in [
        ("parameters.a", 0.9),
        ("parameters.b", 0.1),
        ("parameters.idle", 0.0),
        ("chance", 0.0),
    ] {
        for column in [5, 7] {
            let (x, conf) = (index(input, column), index(input, column + 1));
            let most = Z / 1.96 * conf + 1e-6;
            assert!((x - exact).abs() <= most, "{input} {column}: {x} ±{conf}");
        }
    }
    // What never happened counts as the last day: it varies with chance, and is told as a text.
    let key = ("'-first.heads".to_owned(), "chance".to_owned());
    assert!(number(&rows[&key], 7) > 0.5);
    let effects = fs::read_to_string(folder.path().join("q/effects.csv")).expect("a file");
    let tenth = effects
        .lines()
        .find(|l| l.contains("3 * a + b") && l.contains("parameters.a,9,"))
        .expect("the highest tenth");
    let mean: f64 = tenth
        .split(',')
        .nth(8)
        .expect("a mean")
        .parse()
        .expect("a number");
    assert!((mean - (3.0 * 0.95 + 0.5)).abs() < 0.05, "{tenth}");
}

#[test]
fn quantities_in_other_methods_and_wrong_ones() {
    let folder = folder();
    for method in ["morris", "given"] {
        let arguments = [
            "sensitivity",
            "coin.toml",
            "--fixed-switches",
            "--method",
            method,
        ];
        let quantity = ["--rows", "256", "--quantity", "3 * a", "--out", method];
        let all: Vec<&str> = arguments.into_iter().chain(quantity).collect();
        let told = run(folder.path(), &all);
        assert!(told.contains("3 * a (mean 1."), "{told}");
        if method == "morris" {
            // The whole range, its ends a hundredth inwards: 3·0.98 / 0.98.
            assert!(told.contains("2.94 ±0.00"), "{told}");
        }
    }
    let done = kzsim(
        &[
            "sensitivity",
            "coin.toml",
            "--quantity",
            "a + bb",
            "--quantity",
            "a @ 2023-01-01",
            "--quantity",
            "a @ soon",
            "--quantity",
            "a +",
        ],
        folder.path(),
    );
    assert_eq!(done.status.code(), Some(2));
    let text = String::from_utf8(done.stderr).expect("UTF-8");
    for part in [
        "--quantity a @ 2023-01-01",
        "a moment after 2022-01-01",
        "the moment `soon`",
        "--quantity a +",
        "bb",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

/// Borgonovo's δ is a distance between densities, at most 1, whatever unit and shape a quantity has.
#[test]
fn delta_is_at_most_1_for_a_skewed_quantity() {
    let folder = folder();
    for (quantity, least) in [
        ("a ^ 60", 0.8),
        ("1e6 * a ^ 9", 0.8),
        ("max(a, 0.999) * 1e9", -0.1),
    ] {
        let arguments = [
            "sensitivity",
            "coin.toml",
            "--fixed-switches",
            "--method",
            "given",
            "--rows",
            "4096",
            "--quantity",
            quantity,
            "--out",
            "g",
            "--force",
        ];
        let told = run(folder.path(), &arguments);
        let rows = table(&folder.path().join("g"), "given_data.csv");
        for input in ["parameters.a", "parameters.idle"] {
            let row = &rows[&(quantity.to_owned(), input.to_owned())];
            let delta = number(row, 7);
            assert!(
                (-0.1..=1.0).contains(&delta),
                "{quantity}: {input}: {delta}"
            );
            assert!(
                input != "parameters.a" || delta > least,
                "{quantity}: {delta}\n{told}"
            );
            // Dummies have the same bias.
            assert!(
                input == "parameters.a" || &row[15] == "false",
                "{quantity}: {row:?}"
            );
        }
    }
}

/// What is settled, and what matters, is said of what was looked at: not of an empty list.
#[test]
fn nothing_is_settled_where_nothing_varies() {
    let folder = folder();
    let text = COIN
        .replace("0.2 + 0.4 * a + 0.2 * b", "0")
        .replace("happened.heads and day < 0.6", "day > 0.6");
    fs::write(folder.path().join("never.toml"), text).expect("a file");
    for method in ["sobol", "morris", "given"] {
        let told = run(
            folder.path(),
            &[
                "sensitivity",
                "never.toml",
                "--flags",
                "--method",
                method,
                "--rows",
                "64",
                "--out",
                "n",
                "--force",
            ],
        );
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            told.contains("Nothing to estimate: every outcome"),
            "{told}"
        );
        assert!(
            !told.contains("Settled") && told.contains("the same in all rows"),
            "{told}"
        );
        // A quantity that one guess decides is not passed over.
        let told = run(
            folder.path(),
            &[
                "sensitivity",
                "never.toml",
                "--method",
                method,
                "--rows",
                "64",
                "--quantity",
                "3 * a",
                "--out",
                "q",
                "--force",
            ],
        );
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            told.contains("No guess has a detectable effect on the outcomes."),
            "{told}"
        );
        assert!(
            told.contains("to each quantity: - 3 * a: parameters.a,"),
            "{told}"
        );
    }
    // Where effects are too small for so few rows, their errors are told.
    let told = run(
        folder.path(),
        &[
            "sensitivity",
            "coin.toml",
            "--fixed-switches",
            "--method",
            "given",
            "--rows",
            "64",
            "--set",
            "actions.heads.chance=0.5",
            "--out",
            "o",
        ],
    );
    assert!(
        told.contains("Not settled: the widest error of any computed index"),
        "{told}"
    );
}

#[test]
fn inputs_of_quantities_alone_are_ranked_too() {
    let folder = folder();
    let text = COIN.replace("0.2 + 0.4 * a + 0.2 * b", "0");
    fs::write(folder.path().join("never.toml"), text).expect("a file");
    for method in ["morris", "given"] {
        let arguments = ["sensitivity", "never.toml", "--fixed-switches", "--method"];
        let quantity = [
            method,
            "--rows",
            "256",
            "--quantity",
            "a + 9 * b",
            "--out",
            method,
        ];
        run(folder.path(), &[&arguments[..], &quantity].concat());
        let svg = [
            "report",
            method,
            "--format",
            "svg",
            "--picture",
            "sensitivity",
        ];
        run(folder.path(), &[&svg[..], &["--out", "svg"]].concat());
        let picture = fs::read_to_string(folder.path().join("svg/report_sensitivity.svg"));
        let picture = picture.expect("a picture");
        let drawn = picture.rsplit("</desc>").next().unwrap_or_default();
        // The second has what it says for a name, and no row where it is not significant.
        let place = |input: &str| drawn.find(input).unwrap_or(usize::MAX);
        assert!(
            place("parameters.b") < place("what tells most"),
            "{method}: {drawn}"
        );
    }
}

#[test]
fn shares_over_switches_and_their_values_are_named() {
    let folder = folder();
    let arguments = ["sensitivity", "coin.toml", "--rows", "64", "--out", "s"];
    let told = run(folder.path(), &arguments);
    let flat = told.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "% over the switches)",
        "Half of the rows have each value of dynamics.choice and dynamics.thresholds; the scenario itself uses logit \
         and normal; --fixed-switches keeps those values.",
    ] {
        assert!(flat.contains(part), "{told}");
    }
    let mut reader = csv::Reader::from_path(folder.path().join("s/effects.csv")).expect("a file");
    let of = |r: &csv::StringRecord| (r[3].to_owned(), r[4].to_owned(), r[12].to_owned());
    let rows: Vec<_> = reader.records().map(|r| of(&r.expect("a row"))).collect();
    for (class, value) in [("0", "logit"), ("1", "best_reply")] {
        let row = (
            "dynamics.choice".to_owned(),
            class.to_owned(),
            value.to_owned(),
        );
        assert!(rows.contains(&row), "{rows:?}");
    }
    assert!(rows.iter().any(|r| r.0 == "parameters.a" && r.2.is_empty()));
    let fixed = run(
        folder.path(),
        &[
            &arguments[..2],
            &["--fixed-switches", "--rows", "64", "--out", "f"],
        ]
        .concat(),
    );
    assert!(!fixed.contains("switches)"), "{fixed}");
}
