//! What `--set` and `--over` do with each key of the language: they play the value, or refuse.

use std::path::Path;

use kzsim::scenario::grammar::{Key, Leaf, Overrides, Shape};
use kzsim::scenario::model::SCENARIO;
use kzsim::study::{
    Compare, Design, Discover, Method, Run, Sensitivity, Source, Study, Sweep, compare,
};

use crate::inside::support::{GOOD, write};

const ROUNDS: u64 = 64;

/// An entry of each map, of the keys of the scenario and below.
const ENTRIES: [(&str, &[&str]); 18] = [
    ("contenders", &["new"]),
    ("arenas", &["economy"]),
    ("parameters", &["nerve"]),
    ("variables", &["open_split"]),
    ("formulas", &["edge"]),
    ("actors", &["army", "new"]),
    ("offices", &["presidency"]),
    ("crowds", &["capital"]),
    ("actions", &["move", "shock"]),
    ("outcomes", &["new_wins", "nothing"]),
    ("flags", &["moved"]),
    ("power", &["economy"]),
    ("loyalty", &["old"]),
    ("authority", &["army"]),
    ("correlations", &["bold"]),
    ("promise", &["old"]),
    ("branches", &["caught"]),
    ("draws", &["size"]),
];

/// Every key with a path to it.
fn paths(shape: &Shape, path: &str, out: &mut Vec<(String, Key)>) {
    let Shape::Table(keys) = shape else { return };
    for key in *keys {
        let mut at = vec![(format!("{path}{}", key.name), key.shape)];
        while let Shape::Map(below) = at[0].1 {
            let (_, ids) = ENTRIES
                .iter()
                .find(|e| e.0 == key.name)
                .expect("entries of the map");
            at = ids
                .iter()
                .map(|id| (format!("{}.{id}", at[0].0), *below))
                .collect();
        }
        for (path, shape) in at {
            match shape {
                Shape::Table(_) => paths(&shape, &format!("{path}."), out),
                _ => out.push((path, *key)),
            }
        }
    }
}

/// Two values that a key may have.
fn values(key: &Key) -> [String; 2] {
    let leaf = match key.shape {
        Shape::Leaf(leaf) => leaf,
        Shape::Map(Shape::Leaf(leaf)) => *leaf,
        other => panic!("{}: {other:?}", key.name),
    };
    let two = |a: &str, b: &str| [a.to_owned(), b.to_owned()];
    match leaf {
        Leaf::Text | Leaf::Heading | Leaf::Words | Leaf::File => two("\"one\"", "\"other\""),
        Leaf::Id(_) => two("new", "banker"),
        Leaf::Ids(_) => two("[]", "[\"banker\"]"),
        Leaf::Names => two("[\"banker\"]", "[\"army\"]"),
        Leaf::Choice(words) => [words[0].to_owned(), words[words.len() - 1].to_owned()],
        Leaf::Whole(least, most) | Leaf::Days(least, most) => {
            [(least + 3).min(most), (least + 5).min(most)].map(|n| n.to_string())
        }
        Leaf::Truth => two("false", "true"),
        Leaf::Day | Leaf::Moment | Leaf::Dated => two("2022-01-01", "2022-01-02"),
        Leaf::Step => two("6h", "12h"),
        Leaf::Plain(..) | Leaf::Drawn(..) | Leaf::Initial(..) | Leaf::Live(..) => two("0.3", "0.7"),
        Leaf::Duration(..) | Leaf::Span(_) => two("1d", "2d"),
        Leaf::Spans(_) => two("[\"1d\"]", "[\"1d\", \"2d\"]"),
        Leaf::Condition => two("day > 1", "turnout.max > 0.2 and day > 2"),
        Leaf::Expression => two("0.4", "max(0.2, nerve)"),
        Leaf::Effects => two(
            "[\"signal.new += 0.4\"]",
            "[\"open_split = 1\", \"signal.new -= 0.4\"]",
        ),
        Leaf::Stance => two("old", "aside"),
        Leaf::Holder => two("new", "nobody"),
        Leaf::Path => two("\"parameters.nerve\"", "\"parameters.hope\""),
    }
}

/// How often each outcome and flag occurred in a run with a value set.
fn run_with(study: Study, path: &str, value: &str) -> (Vec<u64>, Vec<u64>) {
    let set = study.set(path, value).expect("a value that a sweep played");
    let result = set.run(Run::new().rounds(ROUNDS)).expect("a run");
    let outcomes = result.outcomes().iter().map(|r| r.count).collect();
    (outcomes, result.flags().iter().map(|r| r.count).collect())
}

#[test]
fn every_key_is_honoured_or_refused() {
    let more = "[correlations.bold]\nof = 'parameters.nerve'\nwith = 'actors.army.loyalty.old'\nrank = 0.3\n\
                [actions.move.rally]\nside = 'new'\n\
                [actions.move.draws]\nsize = { min = 0, max = 1 }\n\
                [actions.move.branches.caught]\non = 'failure'\neffects = ['signal.old += 0.1']\n";
    let w = write(&format!("{GOOD}\n{more}"));
    let open = || Study::open(&w.path).expect("a good scenario");
    let mut all = Vec::new();
    paths(&SCENARIO, "", &mut all);
    let mut honoured = 0;
    for (path, key) in &all {
        let parts: Vec<&str> = path.split('.').collect();
        let found = SCENARIO.key(&parts).map(|k| k.name);
        assert_eq!(found, Some(key.name), "{path}");
        let values = values(key);
        let points = values.iter().map(|v| vec![v.clone()]).collect();
        let design = Design::Points(vec![path.clone()], points);
        let swept = open().sweep(&Sweep::new(design).rounds(ROUNDS));
        match (swept, key.overrides) {
            (Ok(result), Overrides::Any) => {
                honoured += 1;
                let counts = result.swept().counts;
                for (value, point) in values.iter().zip(counts) {
                    let (outcomes, flags) = run_with(open(), path, value);
                    assert_eq!(outcomes, point.outcomes, "{path}={value}");
                    assert_eq!(flags, point.flags, "{path}={value}");
                }
            }
            (Ok(_), rule) => panic!("{path} was swept over: {rule:?}"),
            (Err(e), Overrides::Any) => {
                let text = e.to_string();
                assert!(!text.contains("cannot vary in a sweep"), "{path}: {text}");
            }
            (Err(e), _) => {
                let text = e.to_string();
                let named = format!("`{path}` cannot vary in a sweep: ");
                assert!(text.contains(&named), "{path}: {text}");
            }
        }
        if let Overrides::Neither(_) = key.overrides {
            let text = open().set(path, &values[0]).expect_err(path).to_string();
            assert!(text.contains("cannot be set"), "{path}: {text}");
        }
    }
    assert!(honoured >= 50, "{honoured} of {} keys", all.len());
}

#[test]
fn what_is_set_of_the_run_itself_is_played() {
    let w = write(GOOD);
    let with = |path: &str, value: &str| {
        let study = Study::open(&w.path).expect("a good scenario");
        study.set(path, value).expect("a good setting")
    };
    let result = with("seed", "99").run(Run::new()).expect("a run");
    assert_eq!(result.seed(), 99);
    let result = with("rounds", "33").run(Run::new()).expect("a run");
    assert_eq!(result.outcomes()[0].rounds, 33);
    assert_eq!(with("title", "\"another\"").scenario().title, "another");
    let two = vec![with("rounds", "33"), with("rounds", "33")];
    let compared = compare(two, &Compare::new()).expect("a comparison");
    assert_eq!(compared.compared()[0].comparison.rounds, 33);
    let point = Design::Points(
        vec!["parameters.nerve".to_owned()],
        vec![vec!["0.1".to_owned()]],
    );
    let design = || Sweep::new(point.clone()).rounds(ROUNDS);
    let refusals = [
        with("seed", "1").run(Run::new().seed(2)).map(drop),
        with("rounds", "1").run(Run::new().rounds(2)).map(drop),
        with("rounds", "1").sweep(&design()).map(drop),
        with("seed", "1").sweep(&design().seed(2)).map(drop),
        with("parameters.nerve", "0.3").sweep(&design()).map(drop),
        with("parameters", "{ nerve = 0.3 }")
            .sweep(&design())
            .map(drop),
        with("rounds", "1")
            .sensitivity(&Sensitivity::new(Method::Given))
            .map(drop),
        with("dynamics.choice", "logit")
            .sensitivity(&Sensitivity::new(Method::Given))
            .map(drop),
        with("rounds", "1").discover(&Discover::default()).map(drop),
    ];
    let words = [
        "contradict each other",
        "contradict each other",
        "changes nothing here: use --rounds",
        "contradict each other",
        "is set and varies",
        "is set and varies",
        "changes nothing here: use --rows",
        "`dynamics.choice` is set and varies",
        "changes nothing here: use --rounds",
    ];
    for (refusal, words) in refusals.into_iter().zip(words) {
        let text = refusal.expect_err(words).to_string();
        assert!(text.contains(words), "{text}");
    }
    // A section that is set as a table adds no entry either: the tables would not know it.
    let study = Study::open(&w.path).expect("a good scenario");
    let added = study.set("outcomes", "{ more = { when = \"day > 1\" } }");
    let text = added.expect_err("an outcome that is added").to_string();
    assert!(text.contains("there is no `more` in [outcomes]"), "{text}");
}

/// A scenario that is read once and opened with many settings is the one that is read anew for each, down to every
/// number of its plan; so are its faults.
#[test]
fn points_of_one_reading_are_those_read_one_by_one() {
    let base =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/kazakhstan/readings/coopted.toml");
    let prepared = Source::new(&base).prepare().expect("a readable scenario");
    let points: [&[&str]; 7] = [
        &[],
        &["dynamics.choice=best_reply"],
        &["actors.army.caution=0.4"],
        &[
            "actors.army.caution={ low = 0.1, mode = 0.4, high = 0.8 }",
            "clock.days=20",
        ],
        &["actors.army.caution={ low = 0.1, mode = 0.4, high = 0.9 }"],
        &["actors.army.caution=2"],
        &["actors.navy.caution=0.5", "clock.days=x"],
    ];
    for settings in points {
        let settings = || settings.iter().map(|s| (*s).to_owned());
        let one = Source::new(&base).with(settings()).open();
        let shared = prepared.open(settings());
        match (one, shared) {
            (Ok(one), Ok(shared)) => {
                assert_eq!(one.scenario().resolved, shared.scenario().resolved);
                assert_eq!(format!("{:?}", one.plan()), format!("{:?}", shared.plan()));
            }
            (Err(one), Err(shared)) => assert_eq!(one.to_string(), shared.to_string()),
            (one, shared) => panic!("{:?} and {:?}", one.err(), shared.err()),
        }
    }
}
