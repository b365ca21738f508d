//! The same scenario, seed and rounds give the same bytes: at every width, on any number of
//! threads.

use kzsim::engine::{Batch, Isa, Observer};
use kzsim::plan::{Plan, Slot};
use kzsim::scenario::Scenario;

use super::played::{parse, play_records};
use super::support::{GOOD, load, repository};

/// Nobody watches.
struct Nobody;
impl<const W: usize> Observer<W> for Nobody {}

fn base() -> (Scenario, Plan) {
    load(&repository("scenarios/base.toml"), &[])
}

#[test]
fn every_lane_width_gives_the_same_rounds() {
    let loaded = base();
    let (tally, records) = play_records::<64>(&loaded, 2022, 150, 1);
    macro_rules! same {
        ($($w:literal)*) => {$(
            let (t, r) = play_records::<$w>(&loaded, 2022, 150, 1);
            assert_eq!(records, r, "records at width {}", $w);
            assert_eq!(tally, t, "tally at width {}", $w);
        )*};
    }
    same!(1 7);
}

/// The same plain loops, compiled for every instruction set that this machine has.
#[test]
fn every_instruction_set_gives_the_same_rounds() {
    let (_, plan) = base();
    let end = |isa: Isa| -> Vec<[f32; 64]> {
        let mut batch = Batch::<64>::with_isa(&plan, 2022, isa);
        batch.initialise(0, 64);
        for _ in 0..60 {
            batch.step(&mut Nobody);
        }
        batch
            .slots
            .rows(Slot::new(0), plan.layout.size)
            .iter()
            .map(|lanes| lanes.0)
            .collect()
    };
    let bits = |rows: Vec<[f32; 64]>| {
        rows.into_iter()
            .flatten()
            .map(f32::to_bits)
            .collect::<Vec<_>>()
    };
    let baseline = bits(end(Isa::Baseline));
    for isa in Isa::available() {
        assert!(baseline == bits(end(isa)), "{isa}");
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let loaded = base();
    let (tally, records) = play_records::<64>(&loaded, 5, 1_000, 1);
    for threads in [2, 8] {
        let (t, r) = play_records::<64>(&loaded, 5, 1_000, threads);
        assert_eq!(records, r);
        assert_eq!(tally, t);
    }
}

#[test]
fn the_first_rounds_of_a_long_run_are_the_short_run() {
    let loaded = base();
    let (_, long) = play_records::<64>(&loaded, 11, 1_000, 2);
    let (_, short) = play_records::<64>(&loaded, 11, 100, 2);
    assert_eq!(long[..100], short);
    assert!(long.iter().enumerate().all(|(i, r)| r.round == i as u64));
}

/// Every replicate with the same seed is the commonest fault of the trade.
#[test]
fn rounds_differ_pairwise() {
    let (_, records) = play_records::<64>(&base(), 3, 300, 2);
    for (i, a) in records.iter().enumerate() {
        for b in &records[i + 1..] {
            assert_ne!(a.priors, b.priors, "rounds {} and {}", a.round, b.round);
        }
    }
}

#[test]
fn another_seed_gives_other_rounds() {
    let loaded = base();
    let (_, a) = play_records::<64>(&loaded, 1, 50, 1);
    let (_, b) = play_records::<64>(&loaded, 2, 50, 1);
    assert!(a.iter().zip(&b).all(|(a, b)| a.priors != b.priors));
}

/// Named draws: what an added entry draws is its own, and everything else stays as it was.
#[test]
fn adding_what_touches_nothing_changes_no_other_number() {
    let bystanders = r#"
[actors.bystander]
loyalty.old = { low = 0.1, mode = 0.5, high = 0.9 }
opportunism = { min = 0.0, max = 1.0 }
[actors.onlookers]
kind = "body"
loyalty.new = 0.5
[offices.honour]
holder = "bystander"
authority = { onlookers = 0.3 }
[actions.rumour]
rate = { low = 0.1, mode = 0.5, high = 2.0 }
limit = 5
effects = ["loyalty.onlookers.old += 0.1"]
"#;
    let plain = parse(GOOD);
    let more = parse(&format!("{GOOD}{bystanders}"));
    let (_, a) = play_records::<64>(&plain, 7, 500, 2);
    let (_, b) = play_records::<64>(&more, 7, 500, 2);
    let paths =
        |s: &Scenario| -> Vec<String> { s.priors().iter().map(|p| p.path.clone()).collect() };
    let (before, after) = (paths(&plain.0), paths(&more.0));
    assert!(
        b.iter().any(|r| r.first[2].is_some()),
        "the rumour is heard"
    );
    for (x, y) in a.iter().zip(&b) {
        assert_eq!(
            (x.outcome, x.steps, &x.flags),
            (y.outcome, y.steps, &y.flags)
        );
        assert_eq!(x.first[..], y.first[..2]);
        for (path, value) in before.iter().zip(&x.priors) {
            let place = after
                .iter()
                .position(|p| p == path)
                .expect("the prior is still there");
            assert_eq!(value.to_bits(), y.priors[place].to_bits(), "{path}");
        }
    }
}

/// Common random numbers survive one more draw: raising a rate never makes its event later.
#[test]
fn a_raised_rate_brings_the_same_event_earlier() {
    let text = |rate: f64| {
        format!(
            "{GOOD}\n[actions.event]\nrate = {rate}\nlimit = 3\neffects = [\"open_split = 0\"]\n"
        )
    };
    let (_, slow) = play_records::<64>(&parse(&text(0.2)), 9, 400, 2);
    let (_, fast) = play_records::<64>(&parse(&text(0.4)), 9, 400, 2);
    let mut earlier = 0;
    for (s, f) in slow.iter().zip(&fast) {
        if let Some(day) = s.first[2] {
            // The faster history may have ended before, but not have seen the event later.
            match f.first[2] {
                Some(other) => {
                    assert!(other <= day);
                    earlier += usize::from(other < day);
                }
                None => assert!(f.steps < s.steps),
            }
        }
    }
    assert!(earlier > 50, "{earlier} of 400");
}

/// `trace` plays with one lane what `run` plays among many.
#[test]
fn a_traced_round_is_the_round_of_the_batch() {
    let (scenario, plan) = base();
    let (_, records) = play_records::<64>(&(base()), 2022, 130, 1);
    for round in [0, 63, 64, 129] {
        let story = kzsim::text::trace::story(&scenario, &plan, 2022, round).text;
        let record = &records[round as usize];
        let day = (100.0 * scenario.clock.day(u64::from(record.steps))).round() / 100.0;
        let id = &scenario.outcomes[record.outcome].id;
        assert!(
            story.contains(&format!("Outcome on day {day}: ")),
            "{story}"
        );
        assert!(story.contains(&format!("({id})")), "{story}");
        for (action, first) in scenario.actions.iter().zip(&record.first) {
            // What is decided with a delay may be cut off by the end of the round.
            let line = match action.delay {
                Some(_) => format!("takes effect: {} ({})", action.name, action.id),
                None => format!("({})", action.id),
            };
            assert_eq!(story.contains(&line), first.is_some(), "{}", action.id);
        }
    }
}
