//! The fast engine against the slow one, bit for bit: on the base case, the shipped scenarios and
//! random ones.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use kzsim::engine::{Batch, Observer};
use kzsim::plan::{Needs, Plan, Slot};
use kzsim::scenario::{Evidence, Scenario};

use crate::inside::hard::{forms, hard_text};
use crate::inside::played::parse;
use crate::inside::random::{extreme_scenario_text, scenario_text};
use crate::inside::reference::{ActionEnd, History, Reference, Snapshot};
use crate::inside::support::{load, repository, tomls};

/// Collects from one lane of a batch what the second engine tells of a round.
struct Collector {
    lane: usize,
    outcome: Option<usize>,
    noted_step: u32,
    stood: Vec<(usize, Vec<bool>)>,
    states: Vec<Snapshot>,
    actions: Vec<ActionEnd>,
    flags: Vec<bool>,
    undefined: BTreeSet<(String, String)>,
}

fn snapshot<const W: usize>(batch: &Batch<'_, W>, lane: usize) -> Snapshot {
    let l = batch.layout();
    let row = |slots: Vec<Slot>| -> Vec<f32> {
        slots.into_iter().map(|s| batch.get(s).0[lane]).collect()
    };
    let pairs = |n: usize, m: usize| (0..n).flat_map(move |i| (0..m).map(move |j| (i, j)));
    let holder = |h: usize| {
        let index = batch.get(l.office(h)).0[lane];
        (index >= 0.0).then_some(index as usize)
    };
    Snapshot {
        loyalty: row(pairs(l.actors, l.contenders)
            .map(|(a, c)| l.loyalty(a, c))
            .collect()),
        stance: row(pairs(l.actors, l.contenders + 1)
            .map(|(a, o)| l.stance(a, o))
            .collect()),
        present: row((0..l.actors).map(|a| l.present(a)).collect()),
        power: row(pairs(l.actors, l.arenas)
            .map(|(a, k)| l.power(a, k))
            .collect()),
        sees: row(pairs(l.actors, l.contenders)
            .map(|(a, c)| l.sees(a, c))
            .collect()),
        granted: if batch.plan.drift.drifts {
            row(pairs(l.actors, l.contenders)
                .map(|(a, c)| l.granted(a, c))
                .collect())
        } else {
            Vec::new()
        },
        promise: row(pairs(l.actors, l.contenders)
            .map(|(a, c)| l.promise(a, c))
            .collect()),
        custom: row(pairs(l.actors, l.contenders + 1)
            .map(|(a, o)| l.custom(a, o))
            .collect()),
        reasons: row(pairs(l.actors, l.contenders + 1)
            .map(|(a, o)| l.reasons(a, o))
            .collect()),
        fate: (0..l.actors)
            .map(|a| (batch.get(l.fate(a)).0[lane] as usize).checked_sub(1))
            .collect(),
        prospects: row((0..l.contenders).map(|c| l.prospects(c)).collect()),
        support: row((0..=l.contenders).map(|o| l.support(o)).collect()),
        backing: row((0..l.contenders).map(|c| l.backing(c)).collect()),
        rally: row(pairs(l.rallies, l.contenders + 1)
            .map(|(r, o)| l.rally(r, o))
            .collect()),
        disposition: row((0..l.actions).map(|i| l.disposition(i)).collect()),
        inclination: row((0..l.actions).map(|i| l.inclination(i)).collect()),
        noted: batch.noted[lane].map(|noted| noted.outcome),
        signal: row((0..l.contenders).map(|c| l.signal(c)).collect()),
        offices: (0..l.offices).map(holder).collect(),
        grievance: row((0..l.crowds).map(|n| l.grievance(n)).collect()),
        mood: (0..l.crowds)
            .map(|n| batch.get(l.mood(n)).0[lane])
            .collect(),
        turnout: row((0..l.crowds).map(|n| l.turnout(n)).collect()),
        repression: row((0..l.crowds).map(|n| l.repression(n)).collect()),
        openness: batch.get(l.openness()).0[lane],
        variables: row((0..l.variables).map(|v| l.variable(v)).collect()),
    }
}

impl<const W: usize> Observer<W> for Collector {
    fn horizon(&mut self, batch: &Batch<'_, W>, _h: usize, outcomes: &[Option<usize>; W]) {
        if let Some(outcome) = outcomes[self.lane] {
            let flags = batch.flags.iter().map(|f| f.at(self.lane)).collect();
            self.stood.push((outcome, flags));
        }
    }

    fn settled(&mut self, batch: &Batch<'_, W>, _decided: &[Option<usize>; W]) {
        if batch.alive.at(self.lane) {
            self.states.push(snapshot(batch, self.lane));
        }
    }

    fn ended(&mut self, batch: &Batch<'_, W>, lane: usize, outcome: usize) {
        if lane != self.lane {
            return;
        }
        let l = batch.layout();
        self.outcome = Some(outcome);
        self.noted_step = batch.noted[lane].expect("an outcome").step;
        self.flags = batch.flags.iter().map(|f| f.at(lane)).collect();
        if batch.plan.reads {
            let stands = (outcome, self.flags.clone());
            self.stood.resize(batch.plan.horizons.len(), stands);
        }
        let fragile = batch.plan.fragile.iter().zip(&batch.undefined);
        self.undefined = fragile
            .filter(|(_, left)| left.at(lane))
            .map(|(one, _)| (one.path.clone(), one.text.clone()))
            .collect();
        self.actions = (0..l.actions)
            .map(|i| {
                let first = batch.get(l.first(i)).0[lane];
                let seconds = f64::from(first) * 86_400.0 / batch.plan.step_seconds as f64;
                ActionEnd {
                    decisions: batch.decisions[i][lane],
                    count: batch.get(l.count(i)).0[lane] as u32,
                    succeeded: batch.get(l.succeeded(i)).0[lane] as u32,
                    failed: batch.get(l.failed(i)).0[lane] as u32,
                    first_step: first.is_finite().then_some(seconds.round() as u32),
                    limited: batch.limited[i].at(lane),
                    crowded: batch.crowded[i].at(lane),
                    lapsed: batch.lapsed[i].at(lane),
                }
            })
            .collect();
    }
}

/// One round by the fast engine, in some lane among others.
fn fast<const W: usize>(plan: &Plan, seed: u64, round: u64, lane: usize) -> (Snapshot, Collector) {
    let mut batch = Batch::<W>::new(plan, seed);
    batch.initialise(round - lane as u64, W);
    batch.refresh(Needs::ALL);
    let start = snapshot(&batch, lane);
    let mut collector = Collector {
        lane,
        outcome: None,
        noted_step: 0,
        stood: Vec::new(),
        states: Vec::new(),
        actions: Vec::new(),
        flags: Vec::new(),
        undefined: BTreeSet::new(),
    };
    batch.play(&mut collector);
    (start, collector)
}

/// What an analyst's view nothing uses is not computed by the fast engine, nor what is taken for
/// granted where loyalty never drifts; the slow one computes all.
fn without_unused_views(plan: &Plan, snapshot: &Snapshot) -> Snapshot {
    let mut s = snapshot.clone();
    let c = plan.layout.contenders;
    for a in 0..plan.layout.actors {
        if !plan.perceive.viewers.contains(&a) {
            s.sees[a * c..(a + 1) * c].fill(0.0);
        }
    }
    if plan.drift.drifts {
        for a in (0..plan.layout.actors).filter(|a| !plan.perceive.viewers.contains(a)) {
            s.granted[a * c..(a + 1) * c].fill(0.0);
        }
    } else {
        s.granted.clear();
    }
    s
}

/// Compares two states; names the first quantity that differs, and how.
fn same(what: &str, slow: &Snapshot, fast: &Snapshot) {
    if slow == fast {
        return;
    }
    for (name, a, b) in [
        ("loyalty", &slow.loyalty, &fast.loyalty),
        ("stance", &slow.stance, &fast.stance),
        ("present", &slow.present, &fast.present),
        ("power", &slow.power, &fast.power),
        ("sees", &slow.sees, &fast.sees),
        ("granted", &slow.granted, &fast.granted),
        ("promise", &slow.promise, &fast.promise),
        ("custom", &slow.custom, &fast.custom),
        ("reasons", &slow.reasons, &fast.reasons),
        ("prospects", &slow.prospects, &fast.prospects),
        ("signal", &slow.signal, &fast.signal),
        ("support", &slow.support, &fast.support),
        ("backing", &slow.backing, &fast.backing),
        ("rally", &slow.rally, &fast.rally),
        ("disposition", &slow.disposition, &fast.disposition),
        ("inclination", &slow.inclination, &fast.inclination),
        ("grievance", &slow.grievance, &fast.grievance),
        ("mood", &slow.mood, &fast.mood),
        ("turnout", &slow.turnout, &fast.turnout),
        ("repression", &slow.repression, &fast.repression),
        ("variables", &slow.variables, &fast.variables),
    ] {
        for (i, (a, b)) in a.iter().zip(b).enumerate() {
            assert!(
                a.to_bits() == b.to_bits(),
                "{what}: {name}[{i}]: slow {a:?}, fast {b:?}"
            );
        }
    }
    panic!(
        "{what}: offices {:?} and {:?}, fates {:?} and {:?}, outcomes {:?} and {:?}, or openness",
        slow.offices, fast.offices, slow.fate, fast.fate, slow.noted, fast.noted
    );
}

fn agree(what: &str, plan: &Plan, slow: &History, start: &Snapshot, fast: &Collector) {
    same(
        &format!("{what}: the start"),
        &without_unused_views(plan, &slow.start),
        start,
    );
    for (t, (a, b)) in slow.states.iter().zip(&fast.states).enumerate() {
        same(
            &format!("{what}: after step {t}"),
            &without_unused_views(plan, a),
            b,
        );
    }
    assert_eq!(slow.states.len(), fast.states.len(), "{what}: steps");
    assert_eq!(slow.steps as usize, fast.states.len(), "{what}: steps");
    assert_eq!(Some(slow.outcome), fast.outcome, "{what}: outcome");
    assert_eq!(slow.noted_step, fast.noted_step, "{what}: when");
    assert_eq!(slow.flags, fast.flags, "{what}: flags");
    assert_eq!(slow.stood, fast.stood, "{what}: at horizons");
    let apart: Vec<_> = slow
        .undefined
        .symmetric_difference(&fast.undefined)
        .map(|one| (slow.undefined.contains(one), one))
        .collect();
    assert!(apart.is_empty(), "{what}: undefined (true: slow) {apart:?}");
    assert_eq!(
        format!("{:?}", slow.actions),
        format!("{:?}", fast.actions),
        "{what}: actions"
    );
}

/// Compares rounds of many scenarios; tells of each that differs how it does first.
fn compare_all(cases: impl Iterator<Item = (String, (Scenario, Plan), u64, Vec<u64>)>) {
    let mut differ = Vec::new();
    for (what, loaded, seed, rounds) in cases {
        let same = catch_unwind(AssertUnwindSafe(|| compare(&what, &loaded, seed, &rounds)));
        if let Err(found) = same {
            let found = found.downcast_ref::<String>().cloned();
            differ.push(found.unwrap_or(what));
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

fn compare(what: &str, (scenario, plan): &(Scenario, Plan), seed: u64, rounds: &[u64]) {
    let slow = Reference::new(scenario, seed);
    for round in rounds {
        let history = slow.play(*round);
        let (start, one) = fast::<1>(plan, seed, *round, 0);
        agree(
            &format!("{what}, round {round}, one lane"),
            plan,
            &history,
            &start,
            &one,
        );
        let (start, many) = fast::<7>(plan, seed, *round, (*round).min(5) as usize);
        agree(
            &format!("{what}, round {round}, 7 lanes"),
            plan,
            &history,
            &start,
            &many,
        );
    }
}

#[test]
fn the_second_engine_agrees_on_the_base_case() {
    let loaded = load(&repository("scenarios/base.toml"), &[]);
    compare("base", &loaded, 2022, &[0, 1, 2, 3, 4, 5, 50, 81_234]);
}

#[test]
fn the_second_engine_agrees_under_every_structural_switch() {
    let settings = [
        "clock.play_on=false",
        "clock.past=0d",
        "dynamics.choice=best_reply",
        "dynamics.thresholds=logistic",
        "clock.step=3h",
        "clock.step=12h",
    ];
    compare_all(settings.into_iter().map(|setting| {
        let loaded = load(&repository("scenarios/base.toml"), &[setting]);
        (setting.to_owned(), loaded, 7, vec![0, 9])
    }));
}

#[test]
fn the_second_engine_agrees_on_every_shipped_scenario() {
    let mut paths = tomls("scenarios");
    paths.retain(|p| !Evidence::is_one(p));
    assert!(paths.len() > 60);
    compare_all(paths.into_iter().map(|path| {
        let name = path.display().to_string();
        (name, load(&path, &[]), 3, vec![11])
    }));
}

#[test]
fn the_second_engine_agrees_where_everything_is_used_at_once() {
    compare_all(forms().into_iter().zip(0..).map(|(form, number)| {
        let rounds = (0..6).map(|k| 7 * number + k).collect();
        (format!("{form:?}"), parse(&hard_text(&form)), 16, rounds)
    }));
}

#[test]
fn the_second_engine_agrees_on_random_scenarios() {
    compare_all((0..250).map(|number| {
        let what = format!("random scenario {number}");
        (what, parse(&scenario_text(number)), number, vec![0, 6])
    }));
}

#[test]
fn the_second_engine_agrees_where_numbers_leave_the_finite_ones() {
    compare_all((0..150).map(|number| {
        let what = format!("extreme scenario {number}");
        (
            what,
            parse(&extreme_scenario_text(number)),
            number,
            vec![0, 6],
        )
    }));
}
