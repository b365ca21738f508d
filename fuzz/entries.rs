//! What strangers may hand to kzsim: one function for each door. None may panic, whatever comes.
//!
//! The fuzz targets call them with what libFuzzer invents, and `tests/hostile.rs` with the kept inputs
//! and with changes of them.

#![allow(dead_code, reason = "each target opens one door")]

use std::cell::RefCell;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use kzsim::internals::ensemble::{Player, Workers};
use kzsim::internals::plan::Plan;
use kzsim::internals::report::{Report, ResultFolder};
use kzsim::internals::result::manifest::{FILE, hash_bytes};
use kzsim::internals::result::played_folders::{PlayedFolder, Unbuildable, disagreements, missing};
use kzsim::internals::result::{STATE, State};
use kzsim::internals::scenario::expression::{Expression, Inside};
use kzsim::internals::scenario::fault::{Faults, Place};
use kzsim::internals::scenario::quantity::quantities;
use kzsim::internals::scenario::{Evidence, Scenario};
use kzsim::{Score, Seal};

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

/// Slots of a plan times actions that may run them, above which composed formulas are not played.
const COMPOSED: usize = 20_000;

/// Plays a few rounds of what is good: a scenario that passes must not fail later.
fn rounds(scenario: &Scenario, plan: &Plan) {
    let steps = scenario.clock.days * 86_400 / scenario.clock.step_seconds.max(1);
    if plan.slots as u64 * steps > WORK {
        return;
    }
    let player = Player {
        seed: 1,
        workers: Workers {
            threads: 1,
            ..Workers::default()
        },
        ..Player::default()
    };
    let tally = player
        .tally(scenario, plan, 0..4)
        .expect("nothing interrupts it");
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

/// Bytes as small numbers; 0 after their end.
struct Choices<'d>(std::slice::Iter<'d, u8>);

impl Choices<'_> {
    fn below(&mut self, most: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or_default()) % most.max(1)
    }

    /// A name that a formula may read: mostly the one before it, also itself or a later one.
    fn operand(&mut self, formula: usize) -> String {
        const NAMES: [&str; 6] = [
            "day",
            "nerve",
            "openness",
            "turnout.max",
            "support.new.coercion",
            "backing.old",
        ];
        match self.below(16) {
            0..=7 if formula > 0 => format!("f{}", formula - 1),
            8..=11 if formula > 0 => format!("f{}", self.below(formula)),
            12 => format!("f{}", self.below(64)),
            13 => format!("{}.5", self.below(9)),
            _ => NAMES[self.below(NAMES.len())].to_owned(),
        }
    }

    fn expression(&mut self, formula: usize) -> String {
        const SIGNS: [&str; 8] = [" + ", " - ", " * ", " / ", " and ", " or ", " < ", " ^ "];
        const CALLS: [&str; 5] = ["abs(", "not (", "-(", "0 or 1 + (", "exp("];
        let first = self.operand(formula);
        match self.below(4) {
            0 => {
                let (sign, n) = (SIGNS[self.below(SIGNS.len())], self.below(200));
                let other = self.operand(formula);
                format!("{first}{}", format!("{sign}{other}").repeat(n))
            }
            1 => {
                let (open, n) = (CALLS[self.below(CALLS.len())], self.below(70));
                format!("{}{first}{}", open.repeat(n), ")".repeat(n))
            }
            2 => {
                let rest: Vec<String> = (0..self.below(8)).map(|_| self.operand(formula)).collect();
                format!("max({first}, {})", rest.join(", "))
            }
            _ => {
                let (second, third) = (self.operand(formula), self.operand(formula));
                let call = ["contest", "clamp"][self.below(2)];
                format!("{call}({first}, {second}, {third})")
            }
        }
    }
}

/// A scenario of formulas that read each other, and of actions and flags that read them.
fn composed_text(data: &[u8]) -> String {
    let mut choices = Choices(data.iter());
    let formulas = 1 + choices.below(64);
    let mut all = "[formulas]\n".to_owned();
    for i in 0..formulas {
        let _ = writeln!(all, "f{i} = \"{}\"", choices.expression(i));
    }
    let mut text = GOOD.replacen("[formulas]\n", &all, 1);
    for i in 0..choices.below(40) {
        let effects: Vec<String> = (0..choices.below(9))
            .map(|_| format!("\"openness = {}\"", choices.operand(formulas)))
            .collect();
        let way = ["rate", "chance"][choices.below(2)];
        let (when, success) = (choices.operand(formulas), choices.operand(formulas));
        let _ = writeln!(
            text,
            "[actions.reader_{i}]\n{way} = 0.1\nwhen = \"{when}\"\nsuccess = \"{success}\"\n\
             effects = [{}]",
            effects.join(", ")
        );
    }
    for i in 0..choices.below(9) {
        let when = choices.expression(formulas);
        let _ = writeln!(text, "[flags.seen_{i}]\nwhen = \"{when}\"");
    }
    text
}

/// Formulas in formulas: what bounds one expression does not bound what they make together.
pub(crate) fn composed(data: &[u8]) {
    let files = [("fuzz.toml".to_owned(), composed_text(data))];
    if let Some((scenario, plan)) = understand(&files, &[])
        && plan.slots * scenario.actions.len() < COMPOSED
    {
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

/// Forecasts and what was observed, in one table; or a seal.
pub(crate) fn forecasts(data: &[u8]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("f.csv");
    fs::write(&path, data).expect("a file");
    for options in [
        Score::new().allow_missing(true).resamples(10).bins(3),
        Score::new().event("b").resamples(0),
    ] {
        if let Err(error) = kzsim::score(&path, &path, &options) {
            assert!(!error.to_string().is_empty());
        }
    }
    if let Ok(seal) = Seal::read(&path) {
        let _ = seal.is_unbroken();
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

/// How a file begins in a packed folder; its name stands in the rest of the line.
const NAME: &[u8] = b"\n@@ ";

/// The files of a folder as one input, the state without its checksum.
pub(crate) fn pack(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, bytes) in files {
        let end = match name.as_str() {
            STATE => bytes.len().saturating_sub(32),
            _ => bytes.len(),
        };
        out.extend_from_slice(NAME);
        out.extend_from_slice(name.as_bytes());
        out.push(b'\n');
        out.extend_from_slice(&bytes[..end]);
    }
    out
}

/// The files of a packed folder; what has no plain name is left out.
fn unpack(data: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut places: Vec<usize> = Vec::new();
    let mut from = 0;
    while let Some(at) = data[from..].windows(NAME.len()).position(|w| w == NAME) {
        places.push(from + at);
        from += at + NAME.len();
    }
    let ends = places.iter().skip(1).copied().chain([data.len()]);
    let piece = |(start, end): (usize, usize)| {
        let piece = &data[start + NAME.len()..end];
        let line = piece.iter().position(|b| *b == b'\n')?;
        let name = text(&piece[..line])?;
        let plain = |c: char| c.is_ascii_lowercase() || c == '_' || c == '.';
        let fine = (1..=40).contains(&name.len()) && name.chars().all(plain);
        (fine && !name.starts_with('.')).then(|| (name.to_owned(), piece[line + 1..].to_vec()))
    };
    places.iter().copied().zip(ends).filter_map(piece).collect()
}

/// A result folder that somebody has handed over, with hashes that hold: whoever changes a file on
/// purpose changes its hash too.
fn write_folder(folder: &Path, data: &[u8]) {
    let mut files = unpack(data);
    let mut hashes = Vec::new();
    for (name, bytes) in &mut files {
        if name == STATE {
            *bytes = State::seal(std::mem::take(bytes));
        }
        hashes.push((name.clone(), hash_bytes(bytes)));
    }
    for (name, bytes) in &mut files {
        if name != FILE {
            continue;
        }
        let Ok(mut manifest) = serde_json::from_slice::<serde_json::Value>(bytes) else {
            continue;
        };
        let hash_of = |entry: &serde_json::Value| {
            let file = entry["file"].as_str()?;
            Some(hashes.iter().rfind(|(n, _)| n == file)?.1.clone())
        };
        let entries = manifest.get_mut("files").and_then(|f| f.as_array_mut());
        for entry in entries.into_iter().flatten() {
            if let (Some(hash), Some(entry)) = (hash_of(entry), entry.as_object_mut()) {
                entry.insert("sha256".to_owned(), hash.into());
            }
        }
        if let Some(state) = manifest.get_mut("state")
            && let (Some(hash), Some(state)) = (hash_of(state), state.as_object_mut())
        {
            state.insert("sha256".to_owned(), hash.into());
        }
        *bytes = manifest.to_string().into_bytes();
    }
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).expect("a file in a temporary folder");
    }
}

/// A folder of results, as `report` and `merge` read it.
pub(crate) fn folder(data: &[u8]) {
    thread_local! {
        static FOLDER: RefCell<Option<tempfile::TempDir>> = const { RefCell::new(None) };
    }
    FOLDER.with_borrow_mut(|kept| {
        let there = kept.get_or_insert_with(|| tempfile::tempdir().expect("a temporary folder"));
        for entry in fs::read_dir(there.path()).expect("a folder").flatten() {
            fs::remove_file(entry.path()).expect("it goes");
        }
        write_folder(there.path(), data);
        reported(there.path());
        merged(there.path());
    });
}

fn reported(folder: &Path) {
    let report = ResultFolder::open(folder).and_then(|f| Report::of(vec![f], &[]));
    match report {
        Err(e) => assert!(!e.to_string().is_empty()),
        Ok(report) => {
            assert!(report.page().expect("a page").contains("</html>"));
            for shown in &report.pictures {
                let alone = shown.picture.alone(&report.about(shown));
                assert!(!alone.contains("NaN"), "{alone}");
                shown.picture.data.csv().expect("data");
            }
        }
    }
}

fn merged(folder: &Path) {
    let shard = match PlayedFolder::read(folder) {
        Ok(shard) => shard,
        Err(unfit) => return assert!(!unfit.text.is_empty()),
    };
    match shard.rebuild() {
        Ok((scenario, plan)) => {
            let _ = shard.state(&scenario, &plan);
        }
        Err(Unbuildable::Faults(faults)) => tell(&faults),
        Err(Unbuildable::Folder(e)) => assert!(!e.to_string().is_empty()),
    }
    let found = [shard];
    let _ = disagreements(&found);
    let _ = missing(&found, false);
}
