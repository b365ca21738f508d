//! Horizons before the last: what stands at one is what a run that ends there gives, and reading them
//! changes nothing.

use std::collections::BTreeMap;

use kzsim::engine::lanes::Mask;
use kzsim::engine::{Batch, Observer};
use kzsim::ensemble::{Detail, Rounds};
use kzsim::plan::{Needs, Plan};
use kzsim::scenario::Scenario;

use crate::inside::random::{extreme_scenario_text, scenario_text};
use crate::inside::support::{load, player, repository, write};

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
    let (scenario, plain) = read(&[]);
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
        let (_, short) = read(&[&format!("clock.days={days}")]);
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
            check::<8>(&format!("{file} {more:?}, 8 lanes"), read, 60);
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
            check::<8>(&format!("{kind} {number}"), read, 24);
        }
    }
}
