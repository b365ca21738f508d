//! Scenarios that are read again from their texts: the same rounds, the same weights, whatever is set.

use std::path::Path;

use kzsim::ensemble::smc::{GivenBy, Task};
use kzsim::ensemble::{Player, WIDTH};
use kzsim::plan::Laws;
use kzsim::scenario::Evidence;
use kzsim::study::{Play, Run, Source, Study, explore};

// What the module of a page does, over the library.
#[path = "../../explore/src/replay.rs"]
mod replay;

use replay::{Alike, Replay, conditional, weighted};

const EVIDENCE: &str = "scenarios/kazakhstan/evidence/known_on_12_january.toml";

fn evidence() -> Evidence {
    Evidence::read(Path::new(EVIDENCE)).expect("evidence")
}

fn source(path: &str, settings: &[&str]) -> Source {
    Source::new(path).with(settings.iter().map(|s| (*s).to_owned()))
}

fn open(path: &str, settings: &[&str]) -> Study {
    source(path, settings).open().expect("a good scenario")
}

#[test]
fn texts_give_the_rounds_of_a_run() {
    let all: [(&str, &[&str]); 4] = [
        ("scenarios/minimal.toml", &["parameters.anger=0.6"]),
        ("scenarios/kazakhstan/what_if/no_troops.toml", &[]),
        (
            "scenarios/kazakhstan/what_if/no_troops.toml",
            &["actions.blackout.limit=0", "parameters.bond=0.1"],
        ),
        ("scenarios/base.toml", &["dynamics.choice=best_reply"]),
    ];
    for (path, settings) in all {
        let replay = Replay::read(&open(path, settings).texts(), None, &Laws::default());
        let replay = replay.expect("the same scenario");
        // In parts, as a page plays them.
        let parts = [0..256, 256..300].map(|part| replay.play(7, part).expect("nothing stops it"));
        let endings = parts.concat();
        assert_eq!(endings.len(), 300);
        let run = open(path, settings).run(Run::new().seed(7).rounds(300).threads(1));
        for (i, row) in run.expect("a run").outcomes().iter().enumerate() {
            let count = endings.iter().filter(|e| e.outcome == i).count();
            assert_eq!(
                count as u64, row.count,
                "{path} {settings:?} {}",
                row.outcome
            );
        }
    }
}

#[test]
fn ticked_reports_weigh_as_those_of_a_run() {
    let evidence = evidence();
    let texts = open("scenarios/base.toml", &[]).texts();
    let replay = Replay::read(&texts, Some(&evidence), &Laws::default()).expect("a good scenario");
    let endings = replay.play(1, 0..2_048).expect("nothing stops it");
    let alike: Vec<Alike> = endings
        .iter()
        .map(|e| Alike {
            ending: *e,
            count: 1,
        })
        .collect();
    let all = &replay.reports;
    assert!(all.len() > 1);
    for chosen in [&all[..], &all[..1]] {
        let outcomes = replay.scenario.outcomes.len();
        let found = weighted(&alike, &chosen.iter().collect::<Vec<_>>(), outcomes);
        let player = Player {
            seed: 1,
            ..Player::default()
        };
        let task = Task::new(2_048, chosen, GivenBy::Weights);
        let expected = player
            .weigh::<WIDTH>(&replay.plan, task)
            .expect("nothing stops it");
        let (found, expected) = (conditional(&found), conditional(&expected));
        assert!((found.kish() - expected.kish()).abs() < 1e-6 * expected.kish());
        for o in 0..outcomes {
            let (a, b) = (found.share(o), expected.share(o));
            for (a, b) in [
                (a.probability, b.probability),
                (a.low, b.low),
                (a.high, b.high),
            ] {
                assert!((a - b).abs() < 1e-9, "{o}: {a} instead of {b}");
            }
        }
    }
}

#[test]
fn a_page_offers_what_can_be_set_and_matters() {
    let play = Play {
        rounds: Some(500),
        ..Play::default()
    };
    let found = explore(vec![open("scenarios/base.toml", &[])], &play).expect("a page");
    let base = &found.scenarios[0];
    assert!(base.guesses.windows(2).all(|g| g[0].part >= g[1].part));
    assert!(base.guesses[0].part > 0.01, "{:?}", base.guesses[0]);
    let sum: f64 = base.guesses.iter().map(|g| g.part).sum();
    assert!(sum < 1.0, "first-order parts add up to {sum}");
    for g in &base.guesses {
        assert!(
            g.low < g.high && g.low <= g.median && g.median <= g.high,
            "{g:?}"
        );
        assert!((g.high - g.low) / g.step < 300.0, "{g:?}");
    }
    // Each by itself at its ends, and every action off.
    let scenario = source("scenarios/base.toml", &[])
        .prepare()
        .expect("a scenario");
    for g in base.guesses.iter().take(20) {
        for x in [g.low, g.high] {
            let setting = kzsim::study::setting(g, x);
            assert!(scenario.open([setting.clone()]).is_ok(), "{setting}");
        }
    }
    let off = base
        .actions
        .iter()
        .map(|a| format!("{}={}", a.path, a.values[1]));
    assert!(scenario.open(off).is_ok());
    assert!(base.actions.len() > 30);
    for form in &base.forms {
        assert_eq!(form.values.len(), 2, "{form:?}");
    }
    assert_eq!(base.forms[0].values[0], "logit");
}
