//! What must hold on every step of every round, whatever the scenario.

use std::sync::Arc;

use kzsim::engine::{Batch, Observer};
use kzsim::plan::program::Program;
use kzsim::plan::{EffectPlan, Plan};
use kzsim::scenario::Scenario;

use crate::inside::played::parse;
use crate::inside::random::scenario_text;
use crate::inside::support::{GOOD, load, repository};

/// Checks a batch after every step.
struct Checker<'s> {
    what: String,
    scenario: &'s Scenario,
    counts: Vec<Vec<f32>>,
    ended: usize,
}

impl<const W: usize> Observer<W> for Checker<'_> {
    fn decided(&mut self, batch: &Batch<'_, W>, action: usize, lane: usize) {
        let entry = &self.scenario.actions[action];
        if let Some(by) = entry.by {
            let present = batch.get(batch.layout().present(by)).0[lane];
            assert!(present > 0.0, "{}: the absent act: {}", self.what, entry.id);
        }
        assert!(
            batch.alive.at(lane),
            "{}: {} after the end",
            self.what,
            entry.id
        );
        let before = batch.decisions[action][lane];
        assert!(
            before < entry.limit,
            "{}: {} beyond its limit",
            self.what,
            entry.id
        );
    }

    fn settled(&mut self, batch: &Batch<'_, W>, _decided: &[Option<usize>; W]) {
        let l = batch.layout();
        for lane in 0..W {
            let at = |slot| batch.get(slot).0[lane];
            let what = format!("{}, lane {lane}, step {}", self.what, batch.t);
            let share = |x: f32| (0.0..=1.0).contains(&x);
            for a in 0..l.actors {
                let mut sum = 0.0;
                for o in 0..=l.contenders {
                    let x = at(l.stance(a, o));
                    assert!((-1e-6..=1.0 + 1e-6).contains(&x), "{what}: stance {x}");
                    sum += x;
                }
                assert!((sum - 1.0).abs() < 1e-4, "{what}: a stance sums to {sum}");
                if batch.plan.actors[a].person && batch.plan.actors[a].contender.is_none() {
                    let whole = (0..=l.contenders).any(|o| at(l.stance(a, o)) == 1.0);
                    assert!(whole, "{what}: a person splits");
                }
                for c in 0..l.contenders {
                    assert!(
                        share(at(l.loyalty(a, c))),
                        "{what}: loyalty {}",
                        at(l.loyalty(a, c))
                    );
                }
                assert!(share(at(l.present(a))), "{what}: presence");
                assert!(
                    (0..l.arenas).all(|k| at(l.power(a, k)) >= 0.0),
                    "{what}: power"
                );
            }
            let prospects: f32 = (0..l.contenders).map(|c| at(l.prospects(c))).sum();
            assert!(
                prospects == 0.0 || (prospects - 1.0).abs() < 1e-4,
                "{what}: prospects {prospects}"
            );
            for h in 0..l.offices {
                let holder = at(l.office(h));
                let known = holder == -1.0
                    || (holder.fract() == 0.0 && (0.0..l.actors as f32).contains(&holder));
                assert!(known, "{what}: an office is held by {holder}");
            }
            for n in 0..l.crowds {
                assert!(
                    share(at(l.turnout(n))),
                    "{what}: turnout {}",
                    at(l.turnout(n))
                );
                assert!(at(l.grievance(n)).is_finite(), "{what}: grievance");
                assert!(batch.get(l.mood(n)).0[lane].is_finite(), "{what}: mood");
            }
            assert!(share(at(l.openness())), "{what}: openness");
            for v in 0..l.variables {
                assert!(
                    at(l.variable(v)).abs() <= 1e30,
                    "{what}: a variable is {}",
                    at(l.variable(v))
                );
            }
            for c in 0..l.contenders {
                assert!(
                    at(l.signal(c)).abs() <= 1e30,
                    "{what}: a signal is {}",
                    at(l.signal(c))
                );
            }
            for i in 0..l.actions {
                let count = at(l.count(i));
                assert!(count >= self.counts[i][lane], "{what}: a count falls");
                self.counts[i][lane] = count;
                assert!(
                    count <= self.scenario.actions[i].limit as f32,
                    "{what}: beyond its limit"
                );
                assert_eq!(count, at(l.succeeded(i)) + at(l.failed(i)), "{what}: {i}");
                assert_eq!(count > 0.0, at(l.first(i)).is_finite(), "{what}: {i}");
            }
        }
    }

    fn ended(&mut self, batch: &Batch<'_, W>, lane: usize, outcome: usize) {
        assert!(batch.alive.at(lane), "{}: a round ends twice", self.what);
        assert!(outcome < self.scenario.outcomes.len());
        self.ended += 1;
    }
}

fn check(what: &str, (scenario, plan): &(Scenario, Plan), seed: u64, batches: u64) {
    const LANES: usize = 32;
    let mut batch = Batch::<LANES>::new(plan, seed);
    for b in 0..batches {
        let mut checker = Checker {
            what: what.to_owned(),
            scenario,
            counts: vec![vec![0.0; LANES]; scenario.actions.len()],
            ended: 0,
        };
        batch.initialise(b * LANES as u64, LANES);
        batch.play(&mut checker);
        assert_eq!(checker.ended, LANES, "{what}: every round ends once");
    }
}

#[test]
fn the_base_case_keeps_every_invariant() {
    check(
        "base",
        &load(&repository("scenarios/base.toml"), &[]),
        2022,
        4,
    );
}

#[test]
fn random_scenarios_keep_every_invariant() {
    for number in 1_000..1_400 {
        let loaded = parse(&scenario_text(number));
        check(&format!("random scenario {number}"), &loaded, number, 1);
    }
}

/// Extremes: everything at its ends, and nothing that is no number.
#[test]
fn degenerate_parameters_are_certain() {
    let text = r#"schema = 1
[contenders]
one = {}
two = {}
[clock]
start = 2022-01-01
days = 4
[arenas]
all = 1.0
[actors.one]
power.all = 1.0
[actors.two]
power.all = 0.0
[actors.army]
kind = "body"
power.all = 1.0
loyalty.one = LOYAL
opportunism = 0
caution = -10
[dynamics]
sharpness = 1000
reconsider = 1000
diffusion = 0
[outcomes.one]
when = "support.one > 0.99"
[outcomes.two]
when = "support.one < 0.51"
[outcomes.rest]
otherwise = true
"#;
    let loyal = parse(&text.replace("LOYAL", "1"));
    let tally = crate::inside::played::play_tally(&loyal, 1, 200);
    assert_eq!(tally.outcome_count(0), 200);
    let other = text
        .replace("LOYAL", "0")
        .replace("loyalty.one = 0", "loyalty.two = 1");
    let tally = crate::inside::played::play_tally(&parse(&other), 1, 200);
    assert_eq!(tally.outcome_count(1), 200);
}

/// A formula is compiled once for all effects that read it, whatever they read besides.
#[test]
fn effects_share_formulas() {
    let formulas = "[formulas]\nhalf = \"openness / 2 + day\"\nthird = \"half * day\"\n";
    let mut text = GOOD.replacen("[formulas]\n", formulas, 1);
    for (i, value) in ["third", "1 - third", "half + day", "half + third"]
        .into_iter()
        .enumerate()
    {
        let action =
            format!("[actions.reader_{i}]\nrate = 1\neffects = [\"openness = {value}\"]\n");
        text.push_str(&action);
    }
    let (_, plan) = parse(&text);
    let readers = plan.actions.iter().filter(|a| a.id.starts_with("reader"));
    let programs: Vec<&Program> = readers
        .flat_map(|a| &a.effects)
        .map(|e| match e {
            EffectPlan::Number { value, .. } => &value.program,
            _ => panic!("a number"),
        })
        .collect();
    let read: Vec<usize> = programs.iter().map(|p| p.formulas.len()).collect();
    assert_eq!(
        read,
        [2, 2, 1, 2],
        "each formula once, after those that it reads"
    );
    let [half, third] = &programs[0].formulas[..] else {
        panic!("two formulas")
    };
    assert_eq!(
        (half.len(), third.len()),
        (2, 1),
        "operations of each alone"
    );
    for program in &programs {
        let known = |code| Arc::ptr_eq(code, half) || Arc::ptr_eq(code, third);
        assert!(program.formulas.iter().all(known), "compiled again");
        assert!(Arc::ptr_eq(&program.formulas[0], half), "in order");
    }
}
