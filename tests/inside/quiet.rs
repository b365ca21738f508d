//! Quiet stays quiet: pattern 1 of `docs/MODEL.md`. Without actions and moods nothing moves, in any valid scenario
//! whose live numbers do not read the day: the start is at rest, however it is written.

use std::fmt::Write;

use kzsim::engine::{Batch, Observer};
use kzsim::plan::{Needs, Plan};
use proptest::collection::vec;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

use crate::inside::played::parse;

const LANES: usize = 8;
/// How far anything may move in sixty days.
const STILL: f32 = 1e-4;

/// Numbers from 0 to 999 that decide what a scenario has, one after the other.
struct Dice<'d>(std::iter::Cycle<std::slice::Iter<'d, u16>>);

impl Dice<'_> {
    fn unit(&mut self) -> f32 {
        f32::from(*self.0.next().expect("a cycle does not end")) / 999.0
    }

    fn between(&mut self, low: f32, high: f32) -> f32 {
        low + self.unit() * (high - low)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.unit() * n as f32).min(n as f32 - 1.0) as usize
    }

    fn likely(&mut self, share: f32) -> bool {
        self.unit() < share
    }

    fn one_of<'t>(&mut self, words: &[&'t str]) -> &'t str {
        words[self.below(words.len())]
    }

    /// A number, now and then a prior.
    fn number(&mut self, low: f32, high: f32) -> String {
        let (a, b) = (self.between(low, high), self.between(low, high));
        match self.below(4) {
            0 => format!("{{ min = {}, max = {} }}", a.min(b), a.max(b)),
            _ => format!("{a}"),
        }
    }

    /// A live number: such a number, or one that follows from the state.
    fn live(&mut self, low: f32, high: f32, names: &[String]) -> String {
        if names.is_empty() || self.likely(0.7) {
            return self.number(low, high);
        }
        let (base, more) = (self.between(low, high), self.between(-0.2, 0.2));
        let name = &names[self.below(names.len())];
        format!("\"{base} + {more} * {name}\"")
    }
}

/// The text of a scenario without actions and moods.
#[expect(
    clippy::too_many_lines,
    reason = "one part of a scenario after the other"
)]
fn text(dice: &[u16]) -> String {
    let mut d = Dice(dice.iter().cycle());
    let contenders: Vec<String> = (0..2 + d.below(2)).map(|c| format!("c{c}")).collect();
    let mut actors: Vec<String> = contenders
        .iter()
        .filter(|_| d.likely(0.6))
        .cloned()
        .collect();
    actors.extend((0..=d.below(6)).map(|a| format!("a{a}")));
    let arenas: Vec<String> = (0..=d.below(3)).map(|k| format!("k{k}")).collect();
    let crowds: Vec<String> = (0..d.below(4)).map(|n| format!("n{n}")).collect();
    let offices: Vec<String> = (0..d.below(3)).map(|h| format!("o{h}")).collect();
    let mut names: Vec<String> = Vec::new();
    for c in &contenders {
        names.extend(["support", "backing", "prospects"].map(|head| format!("{head}.{c}")));
    }
    if !crowds.is_empty() {
        names.extend(["max", "mean", "felt"].map(|of| format!("turnout.{of}")));
        names.push("repression.mean".to_owned());
    }
    let names = &names[..];
    // What Perceive reads may follow from its own results in ways that never settle.
    let seen: Vec<String> = names
        .iter()
        .filter(|n| !n.starts_with("prospects"))
        .cloned()
        .collect();
    let step = d.one_of(&["6h", "12h", "1d"]);
    let mut out = format!(
        "schema = 1\n[clock]\nstart = 2022-01-01\ndays = 60\nstep = \"{step}\"\n[outcomes.end]\notherwise = true\n[arenas]\n"
    );
    for k in &arenas {
        let _ = writeln!(out, "{k} = {}", d.between(0.1, 3.0));
    }
    for c in &contenders {
        let (momentum, standing) = (d.live(-0.2, 0.2, &seen), d.live(-1.0, 1.0, &seen));
        let _ = writeln!(
            out,
            "[contenders.{c}]\nmomentum = {momentum}\nstanding = {standing}"
        );
    }
    let _ = writeln!(out, "[dynamics]\nmood_sd = 0");
    for (key, low, high) in [
        ("prospect_weight", 0.0, 6.0),
        ("prospect_floor", 0.001, 0.2),
        ("noise", 0.0, 3.0),
        ("drift", 0.0, 2.0),
        ("sharpness", 0.0, 60.0),
        ("reconsider", 0.0, 10.0),
        ("rupture", 0.0, 1.0),
        ("crowd_half", 0.001, 0.3),
        ("crowd_pace", 0.0, 3.0),
    ] {
        if d.likely(0.5) {
            let _ = writeln!(out, "{key} = {}", d.live(low, high, &seen));
        }
    }
    let _ = writeln!(out, "memory = \"{}d\"", d.between(0.5, 40.0));
    let _ = writeln!(out, "choice = \"{}\"", d.one_of(&["logit", "best_reply"]));
    let _ = writeln!(
        out,
        "thresholds = \"{}\"",
        d.one_of(&["normal", "logistic"])
    );
    for a in &actors {
        let is_body = d.likely(0.5);
        let kind = if is_body { "body" } else { "person" };
        let _ = writeln!(out, "[actors.{a}]\nkind = \"{kind}\"");
        let _ = writeln!(out, "opportunism = {}", d.number(0.0, 1.0));
        let _ = writeln!(out, "caution = {}", d.live(-0.5, 1.5, names));
        if d.likely(0.2) {
            let _ = writeln!(out, "present = {}", d.one_of(&["0", "0.5"]));
        }
        for k in &arenas {
            if d.likely(0.7) {
                let _ = writeln!(out, "power.{k} = {}", d.number(0.0, 2.0));
            }
        }
        for c in contenders.iter().filter(|c| *c != a) {
            let _ = writeln!(out, "loyalty.{c} = {}", d.number(0.0, 1.0));
            if d.likely(0.2) {
                let _ = writeln!(out, "promise.{c} = {}", d.number(-1.0, 2.0));
            }
        }
        if contenders.contains(a) {
            continue;
        }
        match d.below(4) {
            // Free.
            0 => {}
            1 => {
                let _ = writeln!(out, "stance = \"aside\"");
            }
            2 if is_body => {
                let share = d.between(0.0, 1.0 / contenders.len() as f32);
                let shares = contenders.iter().map(|c| format!("{c} = {share}"));
                let shares: Vec<String> = shares.collect();
                let _ = writeln!(out, "stance = {{ {} }}", shares.join(", "));
            }
            _ => {
                let _ = writeln!(
                    out,
                    "stance = \"{}\"",
                    contenders[d.below(contenders.len())]
                );
            }
        }
    }
    for o in &offices {
        let _ = writeln!(
            out,
            "[offices.{o}]\nholder = \"{}\"",
            actors[d.below(actors.len())]
        );
        for a in &actors {
            if d.likely(0.4) {
                // Now and then an authority that nobody can resist.
                let most = if d.likely(0.1) { 1e4 } else { 1.5 };
                let _ = writeln!(out, "authority.{a} = {}", d.number(-0.5, most));
            }
        }
    }
    for n in &crowds {
        let _ = writeln!(out, "[crowds.{n}]");
        for (key, low, high) in [
            ("weight", 0.1, 5.0),
            ("place", 0.0, 3.0),
            ("appeal", 0.0, 3.0),
            ("grievance", -0.5, 1.5),
            ("threshold_mean", 0.0, 1.5),
            ("threshold_sd", 0.05, 0.6),
            ("contagion", 0.0, 1.5),
            ("spillover", 0.0, 1.0),
        ] {
            let _ = writeln!(out, "{key} = {}", d.number(low, high));
        }
        let _ = writeln!(out, "repression = {}", d.live(0.0, 0.5, names));
    }
    out
}

/// Everything that must stay where it is, with its name.
fn state(plan: &Plan, batch: &Batch<'_, LANES>, lane: usize) -> Vec<(String, f32)> {
    let l = &plan.layout;
    let mut slots = Vec::new();
    for a in 0..l.actors {
        let id = &plan.actors[a].id;
        slots.extend((0..=l.contenders).map(|o| (format!("stance {id} {o}"), l.stance(a, o))));
        slots.extend((0..l.contenders).map(|c| (format!("loyalty {id} {c}"), l.loyalty(a, c))));
    }
    slots.extend((0..=l.contenders).map(|o| (format!("support {o}"), l.support(o))));
    slots.extend((0..l.crowds).map(|n| (format!("turnout {n}"), l.turnout(n))));
    let value = |(name, slot)| (name, batch.get(slot).0[lane]);
    slots.into_iter().map(value).collect()
}

/// Keeps the start, and what has moved since.
#[derive(Default)]
struct Watcher {
    start: Vec<Vec<(String, f32)>>,
    moved: Option<String>,
}

impl Observer<LANES> for Watcher {
    fn settled(&mut self, batch: &Batch<'_, LANES>, _decided: &[Option<usize>; LANES]) {
        for (lane, start) in self.start.iter().enumerate() {
            let now = state(batch.plan, batch, lane);
            for ((name, before), (_, after)) in start.iter().zip(now) {
                if self.moved.is_none() && (after - before).abs() > STILL {
                    let (t, lane) = (batch.t, lane);
                    let moved =
                        format!("{name} from {before} to {after} at step {t} of lane {lane}");
                    self.moved = Some(moved);
                }
            }
        }
    }
}

/// What moves first, if anything does.
fn moves(text: &str) -> Option<String> {
    let (_, plan) = parse(text);
    let mut batch = Batch::<LANES>::new(&plan, 5);
    batch.initialise(0, LANES);
    batch.refresh(Needs::ALL);
    let mut watcher = Watcher {
        start: (0..LANES).map(|lane| state(&plan, &batch, lane)).collect(),
        ..Watcher::default()
    };
    batch.play(&mut watcher);
    watcher.moved
}

#[test]
fn quiet_stays_quiet_in_random_scenarios() {
    let config = Config {
        cases: 400,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let result = runner.run(&vec(0..1000_u16, 150..300), |dice| {
        match moves(&text(&dice)) {
            None => Ok(()),
            Some(moved) => Err(proptest::test_runner::TestCaseError::fail(moved)),
        }
    });
    if let Err(TestError::Fail(reason, dice)) = result {
        panic!("{reason}\n{}", text(&dice));
    }
    result.expect("scenarios that load");
}
