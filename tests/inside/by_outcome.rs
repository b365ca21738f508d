//! What is followed within the rounds of each outcome is what these rounds have, one by one, and all outcomes
//! together are all rounds.

use std::collections::BTreeMap;

use kzsim::engine::lanes::Mask;
use kzsim::engine::{Batch, Observer};
use kzsim::ensemble::by_outcome::days_by_outcome;
use kzsim::ensemble::histogram::Histogram;
use kzsim::ensemble::timeline::{Followed, What, followed, recorded_days};
use kzsim::ensemble::{Rounds, Tally};
use kzsim::plan::Plan;
use kzsim::scenario::Scenario;

use crate::inside::played::player;
use crate::inside::random::scenario_text;
use crate::inside::support::{load, repository, write};

/// The values of one round: by day, and when it ended.
#[derive(Default)]
struct Own {
    days: BTreeMap<u64, Vec<f32>>,
    last: Vec<f32>,
    outcome: usize,
}

/// Notes values of each round by itself.
struct Seen<'f> {
    followed: &'f [Followed],
    rounds: BTreeMap<u64, Own>,
}

impl Seen<'_> {
    fn values<const W: usize>(&self, batch: &Batch<'_, W>, lane: usize) -> Vec<f32> {
        let l = batch.layout();
        let turnouts = || (0..l.crowds).map(|n| batch.get(l.turnout(n)).0[lane]);
        let value = |f: &Followed| match f.what {
            What::Slot(slot) => batch.get(slot).0[lane],
            What::LargestTurnout => turnouts().fold(0.0, f32::max),
        };
        self.followed.iter().map(value).collect()
    }
}

impl<const W: usize> Observer<W> for Seen<'_> {
    fn began(&mut self, batch: &Batch<'_, W>) {
        for lane in batch.alive.lanes() {
            let values = self.values(batch, lane);
            let own = self.rounds.entry(batch.rounds[lane]).or_default();
            own.days.insert(0, values);
        }
    }

    fn settled(&mut self, batch: &Batch<'_, W>, _decided: &[Option<usize>; W]) {
        let seconds = u64::from(batch.t + 1) * batch.plan.step_seconds;
        for lane in batch.alive.lanes() {
            let values = self.values(batch, lane);
            let own = self.rounds.get_mut(&batch.rounds[lane]).expect("a round");
            if seconds.is_multiple_of(86_400) {
                own.days.insert(seconds / 86_400, values.clone());
            }
            own.last = values;
        }
    }

    fn ended(&mut self, batch: &Batch<'_, W>, lane: usize, outcome: usize) {
        let own = self.rounds.get_mut(&batch.rounds[lane]).expect("a round");
        own.outcome = outcome;
    }
}

fn tally<const W: usize>((scenario, plan): &(Scenario, Plan), rounds: u64) -> Tally {
    let played = player(5, 2).tally_in::<W>(scenario, plan, 0..rounds);
    played.expect("nothing interrupts")
}

/// Holds counts by outcome beside rounds that are followed one by one; returns how many outcomes there were.
fn check<const W: usize>(what: &str, loaded: &(Scenario, Plan), rounds: u64) -> usize {
    let (scenario, plan) = loaded;
    let names = followed(scenario, plan);
    let make = || Seen {
        followed: &names,
        rounds: BTreeMap::new(),
    };
    let seen = player(5, 1).observe::<64, _>(plan, &Rounds::Drawn(0..rounds), make);
    let seen: Vec<Own> = seen
        .expect("nothing interrupts")
        .into_iter()
        .flat_map(|s| s.rounds.into_values())
        .collect();
    let details = tally::<W>(loaded, rounds).details;
    let days = recorded_days(&scenario.clock);
    let mut found = 0;
    for (j, own) in details.by_outcome.iter().enumerate() {
        let mine: Vec<&Own> = seen.iter().filter(|o| o.outcome == j).collect();
        assert_eq!(
            own.rounds,
            mine.len() as u64,
            "{what}: rounds with outcome {j}"
        );
        found += usize::from(own.rounds > 0);
        for (i, day) in days_by_outcome(days.len()).into_iter().enumerate() {
            for (q, quantity) in names.iter().enumerate() {
                let mut expected = Histogram::new(quantity.range);
                for round in &mine {
                    let values = round.days.get(&days[day]).unwrap_or(&round.last);
                    expected.add(&[values[q]], &Mask::<1>::of(|_| true));
                }
                let place = format!(
                    "{what}: {} with outcome {j} on day {}",
                    quantity.name, days[day]
                );
                assert_eq!(*own.timeline.at(i, q), expected, "{place}");
            }
        }
    }
    check_whole_rounds::<W>(what, loaded, &seen);
    for (i, day) in days_by_outcome(days.len()).into_iter().enumerate() {
        for (q, quantity) in names.iter().enumerate() {
            let mut together = Histogram::new(quantity.range);
            for own in &details.by_outcome {
                together.merge(own.timeline.at(i, q));
            }
            let whole = details.timeline.at(day, q);
            assert_eq!(
                *whole, together,
                "{what}: {} on day {}",
                quantity.name, days[day]
            );
        }
    }
    found
}

/// Holds whole histories beside the same rounds.
fn check_whole_rounds<const W: usize>(
    what: &str,
    (scenario, plan): &(Scenario, Plan),
    seen: &[Own],
) {
    let played = player(5, 2).whole_rounds::<W>(scenario, plan, 0..seen.len() as u64);
    let played = played.expect("nothing interrupts");
    assert_eq!(played.len(), seen.len(), "{what}: whole histories");
    for (number, (round, own)) in played.iter().zip(seen).enumerate() {
        assert_eq!(
            (round.round, round.outcome),
            (number as u64, own.outcome),
            "{what}"
        );
        let days = recorded_days(&scenario.clock).into_iter();
        let expected: Vec<f32> = days
            .flat_map(|day| own.days.get(&day).unwrap_or(&own.last).clone())
            .collect();
        let same = |(a, b): (&f32, &f32)| a.to_bits() == b.to_bits();
        assert!(
            round.values.len() == expected.len() && round.values.iter().zip(&expected).all(same),
            "{what}: round {number}"
        );
    }
}

#[test]
fn quantities_by_outcome_are_those_of_the_rounds_with_it() {
    let path = repository("scenarios/base.toml");
    for more in [
        &[][..],
        &["clock.play_on=false"],
        &["clock.step=2d", "clock.days=30"],
    ] {
        let loaded = load(&path, more);
        assert!(check::<64>(&format!("base {more:?}"), &loaded, 600) > 2);
        check::<1>(&format!("base {more:?}, one lane"), &loaded, 40);
    }
    let angola = load(&repository("scenarios/angola/base.toml"), &[]);
    check::<64>(
        "a clock of more days than are recorded by outcome",
        &angola,
        150,
    );
}

#[test]
fn the_same_for_random_scenarios() {
    let several = (0..40).filter(|number| {
        let loaded = load(&write(&scenario_text(*number)).path, &[]);
        check::<64>(&format!("scenario {number}"), &loaded, 200) > 1
    });
    let several = several.count();
    assert!(several >= 5, "{several}");
}
