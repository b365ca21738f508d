//! Dates that are counted from the start: they are the same moments as dates of the calendar, and rounds do not
//! depend on where the calendar begins.

use kzsim::ensemble::{Detail, RoundRecord, Rounds};
use kzsim::scenario::{Evidence, Scenario};

use crate::inside::played::player;
use crate::inside::support::{load, repository, write};

/// A scenario with a moment of every kind: an action, a distribution, an expression, a series.
fn text(start: &str, [known, early, late, read, second]: [&str; 5]) -> String {
    let base = std::fs::read_to_string(repository("scenarios/minimal.toml")).expect("a file");
    let base = base.replace("start = 2030-05-01", &format!("start = {start}"));
    let base = base.replace("at = 2030-05-03", "at = 2");
    assert!(base.contains(start));
    format!(
        "{base}
[actions.visit]
at = {known}
effects = [\"signal.founder += 0.3 * (day < date('{read}'))\"]

[actions.speech]
at = {{ min = {early}, max = {late} }}
when = \"day >= date('{read}')\"
effects = [\"signal.minister += harvest_price\"]
"
    )
    .replace(
        "[formulas]",
        &format!("[formulas]\nharvest_price = {{ \"{read}\" = 0.1, \"{second}\" = 0.4 }}"),
    )
}

fn records(text: &str) -> (Scenario, Vec<RoundRecord>) {
    let (scenario, plan) = load(&write(text).path, &[]);
    let records = player(3, 1)
        .records::<64>(&plan, &Rounds::Drawn(0..200), Detail::Full)
        .expect("nothing interrupts");
    (scenario, records)
}

#[test]
fn a_time_after_the_start_is_the_same_moment_as_its_date() {
    let calendar = [
        "2030-05-04",
        "2030-05-02",
        "2030-05-10T12:00:00",
        "2030-05-03",
        "2030-05-09",
    ];
    let counted = [
        "\"t0 + 3d\"",
        "\"t0+1d\"",
        "\"t0 + 228h\"",
        "t0 + 2d",
        "t0 + 8d",
    ];
    let numbers = ["3", "1", "9.5", "t0 + 48h", "t0 + 192h"];
    let (dated, first) = records(&text("2030-05-01", calendar));
    assert!(dated.names_dates());
    let (free, second) = records(&text("2030-05-01", counted));
    assert!(!free.names_dates());
    assert!(first == second, "the same moments");
    let (free, third) = records(&text("1961-12-30", counted));
    assert!(!free.names_dates());
    assert!(first == third, "from any start");
    let (free, fourth) = records(&text("2030-05-01", numbers));
    assert!(!free.names_dates());
    assert!(first == fourth, "numbers of days");
    for i in 0..calendar.len() {
        let mut mixed = counted;
        mixed[i] = calendar[i];
        let (mixed, fifth) = records(&text("2030-05-01", mixed));
        assert!(mixed.names_dates(), "one date of the calendar is told: {i}");
        assert!(first == fifth);
    }
}

#[test]
fn what_is_no_time_after_the_start_is_told() {
    let faults = |at: &str| {
        let base = std::fs::read_to_string(repository("scenarios/minimal.toml")).expect("a file");
        let written = write(&format!("{base}\n[actions.visit]\nat = {at}\n"));
        let (scenario, mut faults) = Scenario::read(&written.path, &[]).expect("readable");
        if faults.is_empty()
            && let Err(more) = kzsim::plan::Plan::new(&scenario)
        {
            faults.extend(more);
        }
        let shown: Vec<String> = faults.iter().map(|f| format!("{f:?}")).collect();
        shown.join("\n")
    };
    for good in [
        "0",
        "\"t0\"",
        "\"t0 + 1 month\"",
        "\"date('t0 - 3d') + 4\"",
        "{ value = \"t0 + 3d\" }",
    ] {
        assert_eq!(faults(good), "", "{good}");
    }
    for (bad, told) in [
        ("\"t0 - 3d\"", "before the start"),
        ("-3", "actions.visit.at is -3"),
        ("\"t0 + 3\"", "t0"),
        ("\"t0 + 3 apples\"", "such as \\\"t0 + 3d"),
        ("20300504", "2030-05-04"),
        ("\"date('t0 + x')\"", "date('t0 + 3d')"),
        ("{ min = \"t0 - 1d\", max = \"t0 + 1d\" }", "t0 + 3d"),
    ] {
        let found = faults(bad);
        assert!(found.contains(told), "{bad}: {found}");
    }
}

#[test]
fn evidence_may_be_counted_from_the_start() {
    let read = |second: &str| {
        let text = format!(
            "schema = 1\n[observations.a]\non = \"t0 + 36h\"\nwhen = \"day > 1\"\nreliability = 0.9\n\
             [observations.b]\non = {second}\nwhen = \"day > 2\"\nreliability = 0.9\n"
        );
        Evidence::read_text("test", &text)
    };
    let evidence = read("\"t0 + 5d\"").expect("good evidence");
    let (scenario, _) = load(&repository("scenarios/minimal.toml"), &[]);
    let watched = evidence.watched(&scenario).expect("within the clock");
    assert_eq!(watched.iter().map(|w| w.0).collect::<Vec<u32>>(), [6, 20]);
    let date = evidence.observations[0].on.date(scenario.clock.start);
    assert_eq!(date.to_string(), "2030-05-02T12:00:00");
    let mixed = read("2030-05-04").expect_err("two kinds");
    assert!(
        format!("{mixed}").contains("one of both in the whole file"),
        "{mixed}"
    );
    let late = read("\"t0 + 30d\"").expect("read without a scenario");
    assert!(late.watched(&scenario).is_err());
}
