//! What strangers may hand to kzsim: one function for each door. None may panic, whatever comes.
//!
//! The fuzz targets call them with what libFuzzer invents, and `tests/hostile.rs` with the kept inputs
//! and with changes of them.

#![allow(dead_code, reason = "each target opens one door")]

use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;

use kzsim::engine::Isa;
use kzsim::ensemble::{Job, Listener, play};
use kzsim::plan::Plan;
use kzsim::scenario::expression::{Expression, Inside};
use kzsim::scenario::fault::{Faults, Place};
use kzsim::scenario::quantity::quantities;
use kzsim::scenario::{Evidence, Scenario};
use kzsim::store::State;

/// A small scenario that is good.
pub(crate) const GOOD: &str = include_str!("good.toml");

/// What a text is, if it is text at all: files that are none are refused before.
fn text(data: &[u8]) -> Option<&str> {
    std::str::from_utf8(data).ok()
}

/// What is wrong is told, coloured and plain.
fn tell(faults: &Faults) {
    assert!(!faults.text(false).is_empty());
    assert!(!faults.text(true).is_empty());
}

/// A scenario and its plan.
fn understand(files: &[(String, String)], settings: &[String]) -> Option<(Scenario, Plan)> {
    let scenario = match Scenario::read_again("fuzz", files, settings) {
        Ok(scenario) => scenario,
        Err(faults) => {
            tell(&faults);
            return None;
        }
    };
    match Plan::new(&scenario) {
        Ok(plan) => Some((scenario, plan)),
        Err(faults) => {
            tell(&Faults::new(scenario.sources, faults));
            None
        }
    }
}

/// Slots of a plan times steps of its clock above which rounds are not played here.
const WORK: u64 = 400_000;

/// Plays a few rounds of what is good: a scenario that passes must not fail later.
fn rounds(scenario: &Scenario, plan: &Plan) {
    let steps = scenario.clock.days * 86_400 / scenario.clock.step_seconds.max(1);
    if plan.slots as u64 * steps > WORK {
        return;
    }
    let job = Job {
        seed: 1,
        rounds: 4,
        threads: 1,
        keep_rounds: false,
        noted: 4,
        isa: Isa::widest(),
    };
    let mut listener = Listener {
        stop: &AtomicBool::new(false),
        progress: &mut |_| {},
        records: &mut |_| Ok(()),
        notes: &mut |_| {},
        enough: None,
    };
    let tally = play::<4>(scenario, plan, job, &mut listener).expect("nothing interrupts it");
    let counted: u64 = (0..plan.outcomes.len())
        .map(|j| tally.outcome_count(j))
        .sum();
    assert_eq!(counted, 4, "every round has one outcome");
}

/// The text of a scenario file.
pub(crate) fn scenario(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let files = [("fuzz.toml".to_owned(), text.to_owned())];
    if let Some((scenario, plan)) = understand(&files, &[]) {
        rounds(&scenario, &plan);
    }
}

fn good() -> [(String, String); 1] {
    [("good.toml".to_owned(), GOOD.to_owned())]
}

/// What stands after `--set`, line by line, over a good scenario.
pub(crate) fn setting(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let settings: Vec<String> = text.split('\n').take(8).map(str::to_owned).collect();
    if let Some((scenario, plan)) = understand(&good(), &settings) {
        rounds(&scenario, &plan);
    }
}

fn read_good() -> &'static (Scenario, Plan) {
    static READ: OnceLock<(Scenario, Plan)> = OnceLock::new();
    READ.get_or_init(|| understand(&good(), &[]).expect("the good scenario is good"))
}

/// An expression, by itself and as a quantity of a scenario.
pub(crate) fn expression(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let place = Place {
        file: 0,
        span: 0..text.len(),
    };
    if let Ok(expression) = Expression::parse(text, &place, &Inside::default()) {
        assert_eq!(expression.text, text);
    }
    let (scenario, _) = read_good();
    let (found, faults, sources) = quantities(&[text.to_owned()], scenario);
    assert!(found.len() + faults.len() > 0);
    if !faults.is_empty() {
        tell(&Faults::new(sources, faults));
    }
}

/// The text of an evidence file, held beside a scenario.
pub(crate) fn evidence(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let (scenario, _) = read_good();
    match Evidence::read_text("fuzz", text) {
        Err(faults) => tell(&faults),
        Ok(evidence) => {
            if let Err(faults) = evidence.watched(scenario) {
                tell(&Faults::new(evidence.beside(scenario), faults));
            }
        }
    }
}

/// The bytes of a checkpoint, or of the state of a result or of a shard.
pub(crate) fn state(data: &[u8]) {
    if let Ok(state) = State::decode(data) {
        let (scenario, plan) = read_good();
        let _ = state.fit(scenario, plan);
        let again = state.encode().expect("what was read can be written");
        assert!(State::decode(&again).is_ok_and(|s| s == state));
    }
}

/// The same with a checksum that holds: what somebody could make on purpose.
pub(crate) fn sealed_state(data: &[u8]) {
    state(&State::seal(data.to_vec()));
}
