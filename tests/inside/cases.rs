//! Case tables: every row is what a run with its settings gives, under as few plans as possible.

use std::fmt::Write as _;
use std::path::Path;

use kzsim::study::{Cases, CasesResult, Run, Source, Study, StudyError};
use kzsim::table::cases::{CaseShares, TableRemark};

use crate::inside::support::{Written, repository, write};

const ROUNDS: u64 = 150;

/// A scenario with a number of every kind that rows change.
const TEMPLATE: &str = r#"
schema = 1
title = "Contest"
rounds = 100
seed = 4

[contenders]
ruler = {}
plotters = { momentum = "0.1 + pull" }

[clock]
start = 2000-01-01
days = 6
step = "6h"
read = ["1d", "3d"]

[arenas]
guns = 1

[parameters]
pull = 0.1
nerve = { low = 0.1, mode = 0.3, high = 0.8 }
share = "0.5 * nerve"

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
rate = "0.2 + share"
limit = 1
success = "contest(support.plotters, support.ruler, 2)"
effects = ["loyalty.troops.plotters += 0.2"]

[flags.struck]
when = "count.strike > 0"

[outcomes.over]
when = "count.strike > 0 and support.plotters > support.ruler"
[outcomes.holds]
when = "support.ruler >= support.plotters"
at_end = true
[outcomes.open]
otherwise = true
"#;

/// A template, and a case table beside it.
fn with_table(table: &str) -> (Written, std::path::PathBuf) {
    let written = write(TEMPLATE);
    let path = written.path.with_file_name("cases.csv");
    std::fs::write(&path, table).expect("a file");
    (written, path)
}

fn play(template: &Path, table: &Path, change: impl FnOnce(Cases) -> Cases) -> CasesResult {
    let study = Study::open(template).expect("a good template");
    let cases = change(Cases::new(table).rounds(ROUNDS).threads(2));
    study.cases(&cases).unwrap_or_else(|e| panic!("{e}"))
}

/// Counts of outcomes and flags at the last horizon, as a run with settings has them.
fn run(template: &Path, settings: &[String], rounds: u64) -> (Vec<u64>, Vec<u64>) {
    let study = Source::new(template).with(settings.iter().cloned()).open();
    let study = study.unwrap_or_else(|e| panic!("{settings:?}: {e}"));
    let result = study.run(Run::new().rounds(rounds).threads(1));
    let result = result.expect("a run");
    let outcomes = result.outcomes().iter().map(|r| r.count).collect();
    let flags = result.flags().iter().map(|r| r.count).collect();
    (outcomes, flags)
}

fn last(result: &CasesResult, case: usize) -> (Vec<u64>, Vec<u64>) {
    match &result.played().cases[case].shares {
        CaseShares::Counted(all) => all.last().expect("a horizon").clone(),
        CaseShares::Given(..) => panic!("no evidence was given"),
    }
}

/// The settings of a row.
fn settings(paths: &[&str], cells: &[&str]) -> Vec<String> {
    let pairs = paths.iter().zip(cells);
    let coded = pairs.filter(|(_, cell)| !["", "NA", "?"].contains(cell));
    coded.map(|(path, cell)| format!("{path}={cell}")).collect()
}

/// A CSV cell.
fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}

/// Plays rows as cases and each as a run; both must be the same. Returns how many plans there were.
fn holds(template: &Path, paths: &[&str], rows: &[&[&str]]) -> usize {
    let mut text = format!("case,{}\n", paths.join(","));
    for (i, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
        let _ = writeln!(text, "c{i},{}", cells.join(","));
    }
    let folder = write("");
    let table = folder.path.with_file_name("table.csv");
    std::fs::write(&table, text).expect("a file");
    let result = play(template, &table, |c| c);
    assert_eq!(result.played().cases.len(), rows.len());
    for (i, row) in rows.iter().enumerate() {
        let alone = run(template, &settings(paths, row), ROUNDS);
        assert_eq!(last(&result, i), alone, "row {i}: {row:?}");
    }
    result.plans()
}

#[test]
fn a_case_is_a_run_with_its_settings() {
    let template = write(TEMPLATE);
    let paths = [
        "parameters.pull",
        "parameters.nerve",
        "actors.troops.loyalty.ruler",
        "actors.troops.opportunism",
        "actors.troops.caution",
    ];
    let law = "{ low = 0.1, mode = 0.2, high = 0.9 }";
    let rows: [&[&str]; 7] = [
        &["0", "0.4", "0.5", "0", "0"],
        &["-0.3", "", "0", "0.3", "0.2"],
        &["NA", "?", "1", "1", ""],
        &["0.2", law, "0.25", "", "{ min = 0, max = 0.4 }"],
        &["+0.5", "{ mean = 0.4, sd = 0.1 }", law, "0.3", "1e-1"],
        &["2", "0", "0.3", "0", "0"],
        &["0", "0.4", "0.5", "0", "0"],
    ];
    assert_eq!(
        holds(&template.path, &paths, &rows),
        1,
        "numbers alone move"
    );
}

#[test]
fn cases_that_differ_in_more_than_numbers_have_plans_of_their_own() {
    let template = write(TEMPLATE);
    let paths = ["parameters.pull", "clock.step", "parameters.share"];
    let rows: [&[&str]; 6] = [
        &["0", "6h", ""],
        &["1", "6h", ""],
        &["0", "12h", ""],
        &["1", "12h", ""],
        // An expression is compiled; so its whole column is.
        &["0.5", "12h", "\"0.2 * nerve\""],
        &["0.25", "", "0.3"],
    ];
    assert_eq!(holds(&template.path, &paths, &rows), 4);
}

#[test]
fn durations_and_numbers_that_go_together_share_a_plan() {
    let more = "[correlations.bold]\nof = \"parameters.nerve\"\nwith = \"actors.plotters.power.guns\"\nrank = 0.7\n";
    let text = TEMPLATE.replace("limit = 1\n", "limit = 1\ndelay = \"6h\"\n");
    let template = write(&format!("{text}{more}"));
    let paths = [
        "parameters.nerve",
        "actions.strike.delay",
        "dynamics.signal_half_life",
        "dynamics.mood_time",
    ];
    let rows: [&[&str]; 4] = [
        &["0.2", "0.25d", "2d", "1d"],
        &["0.8", "", "36h", ""],
        &["0.3", "{ min = \"1h\", max = \"2d\" }", "", "0.001d"],
        &["0.3", "0h", "1 week", "12h"],
    ];
    assert_eq!(holds(&template.path, &paths, &rows), 1);
    // Where one of two that go together is drawn in some rows, those have plans of their own.
    let rows: [&[&str]; 3] = [
        &["", "", "", ""],
        &["0.2", "", "", ""],
        &["{ min = 0, max = 1 }", "1d", "", ""],
    ];
    assert_eq!(holds(&template.path, &paths, &rows), 3);
}

#[test]
fn shipped_scenarios_are_templates_too() {
    let base = repository("scenarios/base.toml");
    let paths = [
        "parameters.bond",
        "actors.knb.opportunism",
        "actors.army.caution",
        "dynamics.noise",
        "actors.police.loyalty.tokayev",
        "dynamics.drift",
    ];
    let rows: [&[&str]; 3] = [
        &["0.1", "0", "0.3", "0", "0", "0"],
        &[
            "",
            "0.5",
            "",
            "0.1",
            "{ low = 0, mode = 0.5, high = 1 }",
            "0.05",
        ],
        &["0.6", "1", "0", "", "1", ""],
    ];
    holds(&base, &paths, &rows);
}

#[test]
fn horizons_are_those_of_shorter_runs() {
    let table = "case,parameters.pull\na,0\nb,0.4\n";
    let (template, table) = with_table(table);
    let result = play(&template.path, &table, |c| c);
    let played = result.played();
    assert_eq!(played.horizons, ["1d", "3d", "6d"]);
    for (case, pull) in [(0, "0"), (1, "0.4")] {
        let CaseShares::Counted(all) = &played.cases[case].shares else {
            panic!("no evidence was given");
        };
        for (found, days) in all.iter().zip([1, 3, 6]) {
            let set = [
                format!("parameters.pull={pull}"),
                format!("clock.days={days}"),
            ];
            let set = set.into_iter().chain(["clock.read=[]".to_owned()]);
            let set: Vec<String> = set.collect();
            assert_eq!(*found, run(&template.path, &set, ROUNDS), "{days} days");
        }
    }
}

#[test]
fn times_are_those_of_runs() {
    let (template, table) = with_table("case,parameters.pull\na,0\nb,0.4\n");
    let result = play(&template.path, &table, |c| c.survival(true));
    for (case, pull) in result.played().cases.iter().zip(["0", "0.4"]) {
        let set = [format!("parameters.pull={pull}")];
        let study = Source::new(&template.path).with(set).open().expect("good");
        let alone = study
            .run(Run::new().rounds(ROUNDS).threads(1))
            .expect("a run");
        let rows = alone.tables().survival();
        let moments: Vec<_> = case.survival.iter().flat_map(|(_, m)| m).collect();
        assert!(!rows.is_empty());
        assert_eq!(rows.len(), moments.len());
        for (row, m) in rows.iter().zip(moments) {
            assert_eq!(
                (row.at_risk, row.events, row.censored),
                (m.at_risk, m.events, m.censored)
            );
            assert_eq!((row.survival, row.ci_low), (m.survival, m.low));
        }
    }
    let flat = TEMPLATE.replace("read = [\"1d\", \"3d\"]\n", "");
    std::fs::write(&template.path, flat).expect("a file");
    let study = Study::open(&template.path).expect("good");
    let error = study
        .cases(&Cases::new(&table).survival(true))
        .expect_err("no horizons");
    assert!(
        error.to_string().contains("survival needs `read`"),
        "{error}"
    );
}

#[test]
fn threads_rows_and_their_order_change_nothing() {
    let (template, table) = with_table("case,parameters.pull\na,0\nb,0.4\nc,-0.2\n");
    let other = table.with_file_name("other.csv");
    std::fs::write(&other, "parameters.pull,case\n-0.2,c\n0,a\n").expect("a file");
    for own in [false, true] {
        let one = play(&template.path, &table, |c| c.threads(1).own_rounds(own));
        let two = play(&template.path, &table, |c| c.threads(3).own_rounds(own));
        assert_eq!(one.played().cases, two.played().cases);
        let fewer = play(&template.path, &other, |c| c.own_rounds(own));
        assert_eq!(last(&fewer, 0), last(&one, 2));
        assert_eq!(last(&fewer, 1), last(&one, 0));
    }
    let shared = play(&template.path, &table, |c| c);
    let own = play(&template.path, &table, |c| c.own_rounds(true));
    assert_ne!(last(&shared, 0), last(&own, 0));
}

#[test]
fn known_pasts_weigh_rounds_case_by_case() {
    let (template, table) = with_table(
        "case,t0,parameters.pull,past\na,1991-08-19,0.1,quiet.toml\nb,1992-01-01,0.1,\n",
    );
    let quiet = r#"
schema = 1
title = "Quiet"
[observations.quiet]
on = 1991-08-20
when = "count.strike == 0"
reliability = 1
"#;
    std::fs::write(table.with_file_name("quiet.toml"), quiet).expect("a file");
    let flat = TEMPLATE.replace("read = [\"1d\", \"3d\"]\n", "");
    std::fs::write(&template.path, flat).expect("a file");
    let result = play(&template.path, &table, |c| c.given("past").rounds(2_000));
    let played = result.played();
    let CaseShares::Given(outcomes, flags) = &played.cases[0].shares else {
        panic!("a case with evidence");
    };
    assert!(matches!(played.cases[1].shares, CaseShares::Counted(_)));
    let sum: f64 = outcomes.iter().map(|(share, _)| share.probability).sum();
    assert!((sum - 1.0).abs() < 1e-9);
    let (_, without) = last(&result, 1);
    let without = without[0] as f64 / 2_000.0;
    // The past of the first case was quiet for a day: fewer strikes are left.
    assert!(flags[0].0.high < without, "{flags:?} {without}");
}

/// What is wrong with a table, a line each.
fn wrong(table: &str) -> Vec<String> {
    let (template, table) = with_table(table);
    let study = Study::open(&template.path).expect("a good template");
    match study.cases(&Cases::new(&table).rounds(10)) {
        Err(StudyError::Faults(faults)) => {
            let line = |f: &kzsim::scenario::fault::Fault| {
                let place = f.place.as_ref().expect("a place");
                let (line, column) = faults.sources.position(place);
                let near = f.nearest.as_deref().unwrap_or_default();
                format!("{line}:{column} {} | {} | {near}", f.found, f.allowed)
            };
            faults.list.iter().map(line).collect()
        }
        other => panic!("{:?}", other.map(|r| r.plans())),
    }
}

#[test]
fn all_faults_of_a_table_are_told_where_they_are() {
    let found =
        wrong("case,parameters.pul,t0,actors.troops.caution\na,1,1991,\n,2,1991-01-01,1\na,1,,\n");
    let begin = |i: usize, text: &str| assert!(found[i].starts_with(text), "{found:#?}");
    begin(0, "1:6 unknown column `parameters.pul`");
    assert!(
        found[0].ends_with("did you mean `parameters.pull`?"),
        "{found:#?}"
    );
    begin(1, "2:5 `1991` where a date is expected");
    begin(2, "3:1 a case without an id");
    begin(3, "4:1 a second case `a`");
    assert_eq!(found.len(), 4);
    let found = wrong(
        "case,actors.troops.opportunism,parameters.nerve\na,5,0.2\nb,0.5,\"{ low = 1, mode = 0, high = 2 }\"\nc,x,1\nd,.5,1\n",
    );
    assert_eq!(found.len(), 4, "{found:#?}");
    for (line, start) in found.iter().zip(["2:3 ", "3:7 ", "4:3 ", "5:3 "]) {
        assert!(line.starts_with(start), "{found:#?}");
    }
    assert_eq!(wrong("case,clock.days\na,0\n").len(), 1);
    assert!(wrong("case\n")[0].contains("a table without cases"));
    assert!(wrong("id,parameters.pull\na,1\n")[0].contains("no column `case`"));
    assert!(wrong("case,rounds\na,1\n")[0].contains("cannot vary from case to case"));
}

#[test]
fn cases_of_different_days_share_a_plan_where_no_date_is_named() {
    let text = "case,t0,parameters.pull\na,1991-08-19,0\nb,1991-08-01,0.4\nc,NA,0.4\n";
    let (template, table) = with_table(text);
    let result = play(&template.path, &table, |c| c);
    assert_eq!(result.plans(), 1);
    assert_eq!(result.played().cases[1].start.to_string(), "1991-08-01");
    assert_eq!(last(&result, 1), last(&result, 2));
    // A template with a calendar has a plan for each start.
    let dated = TEMPLATE
        .replace("rate = \"0.2 + share\"", "at = 1991-08-20")
        .replace("start = 2000-01-01", "start = 1991-08-10");
    std::fs::write(&template.path, dated).expect("a file");
    let result = play(&template.path, &table, |c| c);
    assert_eq!(result.plans(), 3);
    let counted: Vec<u64> = (0..3).map(|i| last(&result, i).1[0]).collect();
    assert_eq!(
        counted,
        [ROUNDS, 0, 0],
        "the day comes in the first case alone"
    );
}

#[test]
fn codes_stand_on_their_scale() {
    let scale = "pull = { value = 0, scale = { 0 = \"none\", 1 = \"some\", \"2.5\" = \"much\" } }";
    let template = write(&TEMPLATE.replace("pull = 0.1", scale));
    let table = template.path.with_file_name("cases.csv");
    let check = |text: &str| {
        std::fs::write(&table, text).expect("a file");
        let study = Study::open(&template.path).expect("a good template");
        study.check_cases(&table, None)
    };
    assert_eq!(
        check("case,parameters.pull\na,2.5\nb,0\n").expect("good"),
        []
    );
    let wrong =
        check("case,parameters.pull\na,2\nb,1\nc,0.5\n").expect_err("two codes are not on it");
    let text = wrong.to_string();
    assert!(text.contains("`2` is not on the scale"), "{text}");
    assert!(text.contains("0 (none), 1 (some), 2.5 (much)"), "{text}");
    assert!(text.contains(":4:3") && text.contains("2 faults"), "{text}");
    let rows = (0..20).fold(String::new(), |mut rows, i| {
        let _ = writeln!(rows, "c{i},{},0.{i:02},6", i % 2);
        rows
    });
    let notes = check(&format!(
        "case,parameters.pull,actors.troops.caution,clock.days\n{rows}d,,1,6\n"
    ));
    let notes = notes.expect("good");
    assert!(
        matches!(
            &notes[0],
            TableRemark::NotCoded {
                missing: 1,
                of: 21,
                ..
            }
        ),
        "{notes:?}"
    );
    assert!(
        matches!(&notes[1], TableRemark::Constant { value, .. } if value == "6"),
        "{notes:?}"
    );
    assert_eq!(notes.len(), 2);
}

#[test]
fn settings_and_columns_do_not_contradict_each_other() {
    let (template, table) = with_table("case,parameters.pull\na,0\n");
    let study = Source::new(&template.path)
        .with(["parameters.pull=1".to_owned()])
        .open()
        .expect("a good template");
    let error = study
        .cases(&Cases::new(&table))
        .expect_err("a contradiction");
    assert!(error.to_string().contains("is set and varies"), "{error}");
}
