//! The engine for a page: what `kzsim explore` embeds. The page writes a question as JSON into [`room`], asks
//! with [`ask`], and reads the answer as JSON from [`answer`].
//!
//! `explore/build.sh` builds it.

mod replay;

use std::cell::RefCell;
use std::collections::BTreeMap;

use kzsim::internals::analysis::interval::{Share, wilson};
use kzsim::internals::analysis::weighing::FEW;
use kzsim::internals::ensemble::comparison::Paired;
use kzsim::internals::plan::Laws;
use kzsim::internals::scenario::Evidence;
use kzsim::internals::study::{Ending, Texts};
use kzsim::internals::text::trace::story;
use replay::{Alike, Replay, conditional, weighted};
use serde::{Deserialize, Serialize};

/// Text that goes in and out, and the scenarios that have been read.
#[derive(Default)]
struct State {
    text: Vec<u8>,
    replays: BTreeMap<usize, Replay>,
    laws: Laws,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

/// Makes room for a question of so many bytes; returns where.
#[unsafe(no_mangle)]
pub extern "C" fn room(bytes: usize) -> *mut u8 {
    STATE.with_borrow_mut(|state| {
        state.text = vec![0; bytes];
        state.text.as_mut_ptr()
    })
}

/// Answers the question in [`room`]; returns how many bytes the answer has.
#[unsafe(no_mangle)]
pub extern "C" fn ask() -> usize {
    STATE.with_borrow_mut(|state| {
        let question = std::mem::take(&mut state.text);
        state.text = state
            .answer(&question)
            .unwrap_or_else(|wrong| json(&Wrong { wrong }));
        state.text.len()
    })
}

/// Where the answer is.
#[unsafe(no_mangle)]
pub extern "C" fn answer() -> *const u8 {
    STATE.with_borrow(|state| state.text.as_ptr())
}

/// A question.
#[derive(Deserialize)]
enum Question {
    /// Read a scenario into a slot.
    Read(Read),
    /// Play rounds of the scenario in a slot.
    Play(Play),
    /// Tell one round of the scenario in a slot.
    Tell(Tell),
    /// Shares of counts, with their intervals.
    Shares(Shares),
    /// Differences of shares that were counted in the same rounds, with their intervals.
    Differences(Vec<Pair>),
    /// Shares given some reports.
    Given(Given),
}

#[derive(Deserialize)]
struct Read {
    slot: usize,
    name: String,
    files: Vec<(String, String)>,
    settings: Vec<String>,
    evidence: Option<(String, String)>,
}

#[derive(Deserialize)]
struct Play {
    slot: usize,
    seed: u64,
    from: u64,
    until: u64,
}

#[derive(Deserialize)]
struct Tell {
    slot: usize,
    seed: u64,
    round: u64,
}

#[derive(Deserialize)]
struct Shares {
    rounds: u64,
    counts: Vec<u64>,
}

#[derive(Deserialize)]
struct Pair {
    rounds: u64,
    both: u64,
    only_a: u64,
    only_b: u64,
}

#[derive(Deserialize)]
struct Given {
    /// The scenario whose evidence it is.
    slot: usize,
    /// Outcomes there are.
    outcomes: usize,
    /// Which reports are taken into account.
    reports: Vec<usize>,
    /// Outcome, pattern of observations, and how many rounds ended so.
    rounds: Vec<(usize, String, u64)>,
}

#[derive(Serialize)]
struct Wrong {
    wrong: String,
}

/// How rounds ended: the outcome of each, and the place in `patterns` of its observations.
#[derive(Serialize)]
struct Played {
    outcomes: Vec<usize>,
    kinds: Vec<usize>,
    /// As text: a page has no whole numbers of 64 bits.
    patterns: Vec<String>,
}

/// A number with its interval.
#[derive(Serialize)]
struct Estimate {
    value: f64,
    low: f64,
    high: f64,
}

#[derive(Serialize)]
struct GivenShares {
    shares: Vec<Estimate>,
    /// Effective rounds.
    effective: f64,
    /// Whether there are too few.
    few: bool,
}

impl From<Share> for Estimate {
    fn from(share: Share) -> Self {
        Self {
            value: share.probability,
            low: share.low,
            high: share.high,
        }
    }
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

fn played(endings: &[Ending]) -> Played {
    let mut places: BTreeMap<u64, usize> = BTreeMap::new();
    let mut patterns = Vec::new();
    let kinds = endings.iter().map(|e| {
        *places.entry(e.pattern).or_insert_with(|| {
            patterns.push(e.pattern.to_string());
            patterns.len() - 1
        })
    });
    Played {
        kinds: kinds.collect(),
        outcomes: endings.iter().map(|e| e.outcome).collect(),
        patterns,
    }
}

impl State {
    /// Answers a question.
    fn answer(&mut self, question: &[u8]) -> Result<Vec<u8>, String> {
        match serde_json::from_slice(question).map_err(|e| e.to_string())? {
            Question::Read(read) => self.read(read).map(|()| b"{}".to_vec()),
            Question::Play(play) => {
                let found = self
                    .replay(play.slot)?
                    .play(play.seed, play.from..play.until);
                Ok(json(&played(&found.map_err(|e| e.to_string())?)))
            }
            Question::Tell(tell) => {
                let replay = self.replay(tell.slot)?;
                let story = story(&replay.scenario, &replay.plan, tell.seed, tell.round);
                Ok(json(&story.text))
            }
            Question::Shares(Shares { rounds, counts }) => {
                let shares = counts.iter().map(|c| Estimate::from(wilson(*c, rounds)));
                Ok(json(&shares.collect::<Vec<_>>()))
            }
            Question::Differences(pairs) => Ok(json(&differences(&pairs))),
            Question::Given(given) => self.given(&given),
        }
    }

    fn replay(&self, slot: usize) -> Result<&Replay, String> {
        self.replays
            .get(&slot)
            .ok_or_else(|| format!("nothing was read into slot {slot}"))
    }

    fn read(&mut self, read: Read) -> Result<(), String> {
        let evidence = match read.evidence {
            Some((name, text)) => {
                Some(Evidence::read_text(&name, &text).map_err(|e| e.to_string())?)
            }
            None => None,
        };
        let texts = Texts {
            name: read.name,
            files: read.files,
            settings: read.settings,
        };
        // What was there is gone even where the new one is faulty: nothing is played by mistake.
        self.replays.remove(&read.slot);
        let replay = Replay::read(&texts, evidence.as_ref(), &self.laws);
        self.replays
            .insert(read.slot, replay.map_err(|e| e.to_string())?);
        Ok(())
    }

    fn given(&self, given: &Given) -> Result<Vec<u8>, String> {
        let all = &self.replay(given.slot)?.reports;
        let reports: Vec<_> = given.reports.iter().filter_map(|i| all.get(*i)).collect();
        let alike = given.rounds.iter().map(|(outcome, pattern, count)| {
            let pattern = pattern.parse().map_err(|_| format!("pattern {pattern}"))?;
            let ending = Ending {
                outcome: *outcome,
                pattern,
            };
            Ok(Alike {
                ending,
                count: *count,
            })
        });
        let alike = alike.collect::<Result<Vec<_>, String>>()?;
        let weighted = weighted(&alike, &reports, given.outcomes);
        let found = conditional(&weighted);
        let effective = found.kish();
        Ok(json(&GivenShares {
            shares: (0..given.outcomes).map(|o| found.share(o).into()).collect(),
            effective,
            few: effective < FEW,
        }))
    }
}

fn differences(pairs: &[Pair]) -> Vec<Estimate> {
    let each = pairs.iter().map(|p| {
        let paired = Paired {
            rounds: p.rounds,
            both: p.both,
            only_a: p.only_a,
            only_b: p.only_b,
        };
        let found = paired.difference();
        Estimate {
            value: found.estimate,
            low: found.low,
            high: found.high,
        }
    });
    each.collect()
}
