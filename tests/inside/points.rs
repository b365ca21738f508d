//! Points of a sweep: kept rounds are played again, with the guesses and the chance that they had.

use std::path::Path;

use kzsim::study::{Design, Run, Study, Sweep};
use kzsim::table::Table;

use crate::inside::support::{Written, repository, write};

/// Guesses of every kind: of numbers that go together, durations and dates.
const GUESSED: &str = r#"
schema = 1
title = "Guesses of every kind"
rounds = 100
seed = 4

[contenders]
ruler = {}
plotters = { momentum = "0.1 + pull" }

[clock]
start = 2000-01-01
days = 9
step = "6h"

[arenas]
guns = 1

[parameters]
pull = { min = -0.2, max = 0.4 }
nerve = { low = 0.1, mode = 0.3, high = 0.8 }

[correlations.bold]
of = "parameters.nerve"
with = "actors.plotters.power.guns"
rank = 0.7
[correlations.loved]
of = "parameters.nerve"
with = "parameters.pull"
rank = -0.4

[dynamics]
signal_half_life = { min = "1d", max = "4d" }

[actors.ruler]
power.guns = 0.1
[actors.plotters]
power.guns = { mean = 0.2, sd = 0.05 }
[actors.troops]
kind = "body"
power.guns = 0.6
loyalty.ruler = 0.5
loyalty.plotters = "nerve"
opportunism = 0.4
caution = 0.2

[actions.strike]
rate = 0.3
delay = { min = "2h", max = "3d" }
limit = 2
success = "contest(support.plotters, support.ruler, 2)"
effects = ["loyalty.troops.plotters += 0.2", "signal.plotters += 0.3"]

[actions.rumour]
at = { min = "t0 + 1d", max = "t0 + 8d" }
effects = ["loyalty.troops.ruler -= 0.2"]

[flags.struck]
when = "count.strike > 0"
[flags.after_the_rumour]
when = "count.strike > 0 and happened.rumour"

[outcomes.over]
when = "count.strike > 0 and support.plotters > support.ruler"
[outcomes.holds]
when = "support.ruler >= support.plotters"
at_end = true
[outcomes.open]
otherwise = true
"#;

/// The kept rounds of a run, and where they are.
fn kept(path: &Path, rounds: u64) -> (Written, std::path::PathBuf) {
    let folder = write("");
    let out = folder.path.with_file_name("kept");
    let run = Run::new().rounds(rounds).keep_rounds(true).no_ranges(true);
    let study = Study::open(path).expect("a good scenario");
    study.run(run.write_to(&out)).expect("a run");
    (folder, out.join("rounds.csv"))
}

/// A table by its file's name.
fn table<'t>(tables: &'t [Table], file: &str) -> &'t Table {
    let found = tables.iter().find(|t| t.file == file);
    found.expect("a table")
}

/// What a kept round had: its outcome, then whether each flag held.
fn rows(file: &Path, flags: usize) -> Vec<(String, Vec<bool>)> {
    let mut reader = csv::Reader::from_path(file).expect("kept rounds");
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.map(|row| {
        let held = (4..4 + flags).map(|i| &row[i] == "true");
        (row[2].to_owned(), held.collect())
    })
    .collect()
}

/// Plays kept rounds as a design, and expects of each what it had.
fn are_played_again(path: &Path, rounds: u64) -> Vec<Table> {
    let (_folder, file) = kept(path, rounds);
    let design = Design::read(&file).expect("a design");
    let mut tables = Vec::new();
    for threads in [1, 3] {
        let study = Study::open(path).expect("a good scenario");
        let outcomes: Vec<String> = study
            .scenario()
            .outcomes
            .iter()
            .map(|o| o.id.clone())
            .collect();
        let wanted = rows(&file, study.scenario().flags.len());
        let options = Sweep::new(design.clone()).threads(threads);
        let found = study.sweep(&options).expect("a sweep");
        assert_eq!(found.rounds(), 1);
        let counts = found.swept().counts;
        assert_eq!(counts.len() as u64, rounds);
        for (i, (counts, (outcome, flags))) in counts.iter().zip(&wanted).enumerate() {
            let was = outcomes.iter().map(|id| u64::from(id == outcome));
            assert_eq!(counts.outcomes, was.collect::<Vec<_>>(), "round {i}");
            let held = flags.iter().map(|held| u64::from(*held));
            assert_eq!(counts.flags, held.collect::<Vec<_>>(), "round {i}");
        }
        tables = found.swept().tables();
    }
    tables
}

#[test]
fn kept_rounds_are_a_design_that_plays_them_again() {
    let w = write(GUESSED);
    let tables = are_played_again(&w.path, 150);
    let outcomes = table(&tables, "outcomes.csv");
    let at = |name: &str| outcomes.columns.iter().position(|c| c.name == name);
    assert!(at("round").is_some() && at("dynamics.signal_half_life").is_some());
    // With the guesses of a round and the chance of another, it is another round.
    let (_folder, file) = kept(&w.path, 150);
    let Design::Rounds(paths, points, first) = Design::read(&file).expect("a design") else {
        panic!("kept rounds have rounds of their own");
    };
    assert_eq!(first, (0..150).collect::<Vec<u64>>());
    let play = |first: Vec<u64>| {
        let study = Study::open(&w.path).expect("a good scenario");
        let design = Design::Rounds(paths.clone(), points.clone(), first);
        study.sweep(&Sweep::new(design)).expect("a sweep")
    };
    let (own, other) = (
        play(first.clone()),
        play(first.iter().map(|r| r + 1000).collect()),
    );
    assert_ne!(own.swept().counts, other.swept().counts);
}

#[test]
fn a_shipped_case_is_played_again_and_its_settings_are_written_once() {
    let tables = are_played_again(&repository("scenarios/base.toml"), 60);
    let columns = |file: &str| table(&tables, file).columns.len();
    assert!(columns("points.csv") > 100, "{}", columns("points.csv"));
    assert_eq!(columns("outcomes.csv"), 9, "no settings");
}

#[test]
fn rounds_of_a_point_follow_each_other() {
    let w = write(GUESSED);
    let play = |first: &[u64], rounds| {
        let points = vec![vec!["0.3".to_owned()]; first.len()];
        let design = Design::Rounds(vec!["parameters.nerve".to_owned()], points, first.to_vec());
        let study = Study::open(&w.path).expect("a good scenario");
        let found = study
            .sweep(&Sweep::new(design).rounds(rounds))
            .expect("a sweep");
        found.swept().counts.to_vec()
    };
    let three = play(&[5, 900], 3);
    let each = play(&[5, 6, 7, 900, 901, 902], 1);
    for (whole, parts) in three.iter().zip(each.chunks(3)) {
        let mut sum = parts[0].clone();
        sum.merge(&parts[1]);
        sum.merge(&parts[2]);
        assert_eq!(*whole, sum);
    }
}

#[test]
fn the_points_of_such_a_sweep_are_a_design_again() {
    let w = write(GUESSED);
    let (_folder, file) = kept(&w.path, 40);
    let out = file.with_file_name("swept");
    let play = |file: &Path| {
        let study = Study::open(&w.path).expect("a good scenario");
        let design = Design::read(file).expect("a design");
        study.sweep(&Sweep::new(design)).expect("a sweep")
    };
    let mut found = play(&file);
    found.write_to(&out).expect("a folder");
    let again = play(&out.join("points.csv"));
    assert_eq!(found.swept().tables(), again.swept().tables());
}

#[test]
fn rounds_that_are_none_are_refused() {
    let folder = write("");
    let file = folder.path.with_file_name("design.csv");
    for cell in ["-1", "1.5", "first", "1e3", ""] {
        let text = format!("parameters.nerve,round\n0.2,3\n0.3,{cell}\n");
        std::fs::write(&file, text).expect("a file");
        let error = Design::read(&file).expect_err(cell).to_string();
        let part =
            format!("`{cell}` in the column `round`, point 1: expected the index of a round");
        assert!(error.contains(&part), "{error}");
    }
}
