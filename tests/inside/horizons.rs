//! Horizons before the last: what stands at one is what a run that ends there gives, and reading them
//! changes nothing.

use std::collections::BTreeMap;

use kzsim::analysis::ranges::NoRanges;
use kzsim::engine::lanes::Mask;
use kzsim::engine::{Batch, Observer};
use kzsim::ensemble::{Detail, Rounds};
use kzsim::plan::{Needs, Plan};
use kzsim::scenario::Scenario;
use kzsim::table::run::Results;
use kzsim::text::{Layout, Shown};

use crate::inside::played::{play_tally, player};
use crate::inside::random::{extreme_scenario_text, scenario_text};
use crate::inside::support::{load, repository, write};

/// By round and horizon: the outcome, and flags. By round and flag: the step after which it held first.
#[derive(Default)]
struct Seen {
    stood: BTreeMap<(u64, usize), (usize, Vec<bool>)>,
    first: BTreeMap<(u64, usize), u32>,
}

fn flags<const W: usize>(batch: &Batch<'_, W>, lane: usize) -> Vec<bool> {
    batch.flags.iter().map(|f| f.at(lane)).collect()
}

impl<const W: usize> Observer<W> for Seen {
    fn reads(&self, _batch: &Batch<'_, W>, _decided: &[Option<usize>; W]) -> Needs {
        Needs::default()
    }

    fn flagged(&mut self, batch: &Batch<'_, W>, flag: usize, lanes: &Mask<W>) {
        for lane in lanes.lanes() {
            let before = self.first.insert((batch.rounds[lane], flag), batch.t + 1);
            assert_eq!(before, None, "a flag is new once");
        }
    }

    fn horizon(&mut self, batch: &Batch<'_, W>, h: usize, outcomes: &[Option<usize>; W]) {
        assert_eq!(batch.plan.horizons[h], batch.t + 1);
        for lane in 0..W {
            assert_eq!(outcomes[lane].is_some(), batch.alive.at(lane));
            if let Some(outcome) = outcomes[lane] {
                let stands = (outcome, flags(batch, lane));
                self.stood.insert((batch.rounds[lane], h), stands);
            }
        }
    }

    fn ended(&mut self, batch: &Batch<'_, W>, lane: usize, outcome: usize) {
        let round = batch.rounds[lane];
        for (h, step) in batch.plan.horizons.iter().enumerate() {
            let stands = (outcome, flags(batch, lane));
            let new = *step > batch.t + 1 || h + 1 == batch.plan.horizons.len();
            assert!(new != self.stood.contains_key(&(round, h)));
            if new {
                self.stood.insert((round, h), stands);
            }
        }
    }
}

fn seen<const W: usize>(plan: &Plan, rounds: u64) -> Seen {
    let found = player(5, 2)
        .observe::<W, _>(plan, &Rounds::Drawn(0..rounds), Seen::default)
        .expect("nothing interrupts");
    found.into_iter().fold(Seen::default(), |mut all, one| {
        all.stood.extend(one.stood);
        all.first.extend(one.first);
        all
    })
}

/// Holds horizons after a day, a third and two thirds of the days beside runs that end there.
fn check<const W: usize>(what: &str, read: impl Fn(&[&str]) -> (Scenario, Plan), rounds: u64) {
    let (scenario, plain) = read(&["clock.read=[]"]);
    let step_days = scenario.clock.step_seconds.div_ceil(86_400);
    let whole = |days: u64| (days / step_days).max(1) * step_days;
    let days = scenario.clock.days;
    let mut wanted = vec![whole(1), whole(days / 3), whole(days * 2 / 3), days];
    wanted.sort_unstable();
    wanted.dedup();
    let texts: Vec<String> = wanted.iter().map(|d| format!("\"{d}d\"")).collect();
    let setting = format!("clock.read=[{}]", texts.join(","));
    let (_, plan) = read(&[&setting]);
    assert_eq!(plan.horizons.len(), wanted.len(), "{what}");
    let found = seen::<W>(&plan, rounds);
    let records = |plan: &Plan| {
        player(5, 2)
            .records::<W>(plan, &Rounds::Drawn(0..rounds), Detail::Full)
            .expect("nothing interrupts")
    };
    assert!(
        records(&plan) == records(&plain),
        "{what}: reading changes rounds"
    );
    for (h, days) in wanted.iter().enumerate() {
        let (_, short) = read(&[&format!("clock.days={days}"), "clock.read=[]"]);
        for record in records(&short) {
            let (outcome, flags) = &found.stood[&(record.round, h)];
            let place = format!("{what}, round {}, day {days}", record.round);
            assert_eq!(*outcome, record.outcome, "{place}: outcome");
            for (f, held) in flags.iter().enumerate() {
                assert_eq!(*held, record.flags[f], "{place}: flag {f}");
                let first = found.first.get(&(record.round, f));
                let by_then = first.is_some_and(|step| *step <= plan.horizons[h]);
                assert_eq!(*held, by_then, "{place}: first of flag {f}");
            }
        }
    }
}

#[test]
fn what_stands_at_a_horizon_is_what_a_run_that_ends_there_gives() {
    for file in ["scenarios/base.toml", "scenarios/minimal.toml"] {
        let path = repository(file);
        for more in [&[][..], &["clock.play_on=false"], &["clock.step=12h"]] {
            let read = |settings: &[&str]| load(&path, &[more, settings].concat());
            check::<1>(&format!("{file} {more:?}, one lane"), read, 20);
            check::<64>(&format!("{file} {more:?}, 64 lanes"), read, 400);
        }
    }
}

#[test]
fn the_same_for_random_scenarios() {
    for number in 0..60 {
        for (kind, text) in [
            ("random", scenario_text(number)),
            ("extreme", extreme_scenario_text(number)),
        ] {
            let written = write(&text);
            let play_on = format!("clock.play_on={}", number % 2 == 0);
            let read =
                |settings: &[&str]| load(&written.path, &[&[play_on.as_str()], settings].concat());
            check::<64>(&format!("{kind} {number}"), read, 24);
        }
    }
}

/// The counts of a run are those of its rounds, at every horizon and by day.
#[test]
fn the_tables_of_a_run_count_what_stands() {
    for play_on in [true, false] {
        let play_on = format!("clock.play_on={play_on}");
        let settings = ["clock.read=[\"5d\",\"60h\"]", &play_on];
        let loaded = load(&repository("scenarios/minimal.toml"), &settings);
        let (scenario, plan) = &loaded;
        let tally = play_tally(&loaded, 5, 700);
        let results = Results {
            scenario,
            plan,
            tally: &tally,
            pairs: Vec::new(),
            ranges: Err(NoRanges::LeftOut),
            histories: &[],
        };
        let found = seen::<64>(plan, 700);
        assert_eq!(scenario.clock.horizon_texts(), ["2.5d", "5d", "20d"]);
        let rows = results.horizons();
        let ids = |outcomes: bool| -> Vec<&str> {
            if outcomes {
                scenario.outcomes.iter().map(|o| o.id.as_str()).collect()
            } else {
                scenario.flags.iter().map(|f| f.id.as_str()).collect()
            }
        };
        let place = |list: Vec<&str>, id: &str| list.iter().position(|one| *one == id);
        assert_eq!(rows.len(), 3 * (ids(true).len() + ids(false).len()));
        for row in &rows {
            let horizons = scenario.clock.horizon_texts();
            let h = horizons.iter().position(|text| *text == row.horizon);
            let of = |((_, at), stood): (&(u64, usize), &(usize, Vec<bool>))| {
                let is = if row.kind == "outcome" {
                    Some(stood.0) == place(ids(true), &row.target)
                } else {
                    stood.1[place(ids(false), &row.target).expect("a flag")]
                };
                is && Some(*at) == h
            };
            let count = found.stood.iter().filter(|one| of(*one)).count();
            assert_eq!(row.count, count as u64, "{row:?}");
        }
        let survival = results.survival();
        for (f, flag) in scenario.flags.iter().enumerate() {
            let rows: Vec<_> = survival.iter().filter(|r| r.target == flag.id).collect();
            let events: u64 = rows.iter().map(|r| r.events).sum();
            let censored: u64 = rows.iter().map(|r| r.censored).sum();
            assert_eq!(events, tally.flags[f]);
            assert_eq!(events + censored, 700);
            assert_eq!(rows[0].at_risk, 700);
        }
        for row in results.outcomes() {
            let events = survival.iter().filter(|r| r.target == row.outcome);
            let events: u64 = events.map(|r| r.events).sum();
            let at_end = results.at_horizon(place(ids(true), &row.outcome).expect("an outcome"));
            assert_eq!(events, if at_end { 0 } else { row.count });
        }
        let layout = Layout { width: Some(100) };
        let shown = results.summary(
            Shown {
                seed: 5,
                ..Shown::default()
            },
            layout,
        );
        assert!(shown.contains("Had rounds ended after"), "{shown}");
    }
    let loaded = load(&repository("scenarios/minimal.toml"), &[]);
    let tally = play_tally(&loaded, 5, 10);
    let results = Results {
        scenario: &loaded.0,
        plan: &loaded.1,
        tally: &tally,
        pairs: Vec::new(),
        ranges: Err(NoRanges::LeftOut),
        histories: &[],
    };
    assert!(results.horizons().is_empty() && results.survival().is_empty());
    assert!(results.tables().iter().all(|t| t.file != "horizons.csv"));
}

#[test]
fn horizons_that_no_round_can_be_read_at_are_told() {
    for (written, told) in [
        ("\"30d\"", "clock.read is the text"),
        ("[\"30d\"]", "at most 20 days, which is clock.days"),
        (
            "[\"5h\"]",
            "a whole number of steps of \"6h\", which is clock.step",
        ),
        ("[\"1d\", \"24h\"]", "clock.read has \"1d\" twice"),
        ("[\"0d\"]", "above 0"),
        ("[3]", "a duration is 3"),
    ] {
        let setting = format!("clock.read={written}");
        let path = repository("scenarios/minimal.toml");
        let (_, faults) = Scenario::read(&path, &[setting]).expect("readable");
        let shown: Vec<String> = faults
            .iter()
            .map(|f| format!("{} {}", f.found, f.allowed))
            .collect();
        assert!(shown.join("; ").contains(told), "{written}: {shown:?}");
    }
}
