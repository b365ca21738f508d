//! Signposts: which dated observations would move the share of an outcome most, while it is open.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::civil::DateTime;

use super::discover::targets;
use super::error::StudyError;
use super::open::Study;
use super::play::{Play, play_options, written_at_once_or_later};
use crate::analysis::signposts::{NEVER, Open, Question, Signpost, signposts};
use crate::ensemble::chronicle::{Chronicle, Happening};
use crate::ensemble::{Rounds, WIDTH};
use crate::plan::Plan;
use crate::result::Request;
use crate::result::folder::{Folder, FolderError};
use crate::result::manifest::Manifest;
use crate::result::write::write_tables;
use crate::scenario::Scenario;
use crate::table::row::Table;
use crate::table::signposts::SignpostRow;

/// Rounds by default.
const ROUNDS: u64 = 40_000;
/// Most rounds: what happened in all of them stays in memory.
const MOST_ROUNDS: u64 = 2_000_000;
/// How many dates are asked about, unless the options name them.
const DATES: usize = 8;

/// Options of [`Study::signposts`].
#[derive(Debug, Clone)]
pub struct Signposts {
    /// What all studies share.
    pub play: Play,
    /// Outcomes, by id; none: every outcome.
    pub outcomes: Vec<String>,
    /// Most signposts of each.
    pub most: usize,
    /// Moments to ask about, inside the clock; none: eight, at which equally much has happened between each and
    /// the next.
    pub at: Vec<DateTime>,
}

play_options!(Signposts);

impl Default for Signposts {
    fn default() -> Self {
        Self {
            play: Play::default(),
            outcomes: Vec::new(),
            most: 3,
            at: Vec::new(),
        }
    }
}

/// The signposts of some outcomes.
#[derive(Debug)]
pub struct SignpostsResult {
    scenario: Scenario,
    outcomes: Vec<usize>,
    rows: Vec<SignpostRow>,
    moments: Vec<DateTime>,
    seed: u64,
    rounds: u64,
    request: Request,
    folder: Option<PathBuf>,
}

written_at_once_or_later!(SignpostsResult);

impl SignpostsResult {
    /// The scenario.
    #[must_use]
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The outcomes that were asked about, by index.
    #[must_use]
    pub fn outcomes(&self) -> &[usize] {
        &self.outcomes
    }

    /// Every signpost, outcome by outcome, the one that tells most first.
    #[must_use]
    pub fn rows(&self) -> &[SignpostRow] {
        &self.rows
    }

    /// The moments that were asked about.
    #[must_use]
    pub fn moments(&self) -> &[DateTime] {
        &self.moments
    }

    /// The seed.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The number of rounds played: signposts are chosen in the even ones and judged by the odd ones.
    #[must_use]
    pub fn rounds(&self) -> u64 {
        self.rounds
    }

    fn write(&self, folder: Folder) -> Result<(), FolderError> {
        write_tables(folder, vec![Table::of(&self.rows)], |files| {
            Manifest::several("signposts", [&self.scenario], self.seed, self.rounds, files)
        })
    }
}

impl Study {
    /// Looks for dated observations that move the share of an outcome: that an action has taken effect or failed by
    /// a date, an office has passed on, an actor is gone, a flag has held, a crowd has reached a turnout; and each
    /// observation of the evidence that is [watched](Study::watching) for. Only rounds count in which no outcome has
    /// been noted by that date, and an observation counts only if half of the rounds in which it is seen go on
    /// for at least a day.
    ///
    /// # Errors
    /// When there is no such outcome, a moment is outside the clock, the folder cannot be used or written, or it is
    /// stopped.
    pub fn signposts(&self, options: &Signposts) -> Result<SignpostsResult, StudyError> {
        let (play, s) = (&options.play, &self.scenario);
        self.heeds(play, Some("--rounds"))?;
        let wanted = targets(&options.outcomes, &[], s)?;
        let outcomes: Vec<usize> = wanted.iter().map(|(_, outcome)| *outcome).collect();
        let rounds = play.rounds.unwrap_or(ROUNDS);
        if rounds > MOST_ROUNDS {
            return Err(StudyError::Invalid(format!(
                "{rounds} rounds: expected at most {MOST_ROUNDS}, as what happened in all of them stays in memory"
            )));
        }
        let own_steps = steps(s, &options.at)?;
        let seed = play.seed.unwrap_or(self.seed);
        let named: Vec<&str> = wanted.iter().map(|(t, _)| t.id.as_str()).collect();
        let at: Vec<String> = options.at.iter().map(ToString::to_string).collect();
        let mut request = Request::new("signposts", [s], seed, rounds)
            .with("outcomes", named.join(", "))
            .with("at", at.join(", "))
            .with("most", options.most);
        if let Some(evidence) = self.evidence() {
            request = request.given(evidence);
        }
        let folder = play.open(format!("signposts_{}", s.name), &request)?;
        let mut seen = Seen::default();
        play.control.stage(rounds, |watch| {
            let player = play.player(seed, watch);
            player.chronicles::<WIDTH>(&self.plan, &Rounds::Drawn(0..rounds), |c| seen.add(&c))
        })?;
        let steps = if own_steps.is_empty() {
            seen.busy(s)
        } else {
            own_steps
        };
        let asked = seen.asked(&self.plan, &steps);
        let found = play
            .control
            .stage_of(outcomes.len() as u64, "outcomes", |watch| {
                let each = outcomes.iter().map(|outcome| {
                    watch.advance(1);
                    (*outcome, asked.signposts(s, *outcome, options.most))
                });
                each.collect::<Vec<_>>()
            });
        let names = self.observations();
        let mut rows = Vec::new();
        for (outcome, own) in &found {
            for (rank, (what, signpost)) in (1..).zip(own) {
                rows.push(row(s, &names, *outcome, rank, *what, signpost));
            }
        }
        SignpostsResult {
            rows,
            scenario: s.clone(),
            outcomes,
            moments: steps
                .iter()
                .map(|step| s.clock.moment(u64::from(*step)))
                .collect(),
            seed,
            rounds,
            request,
            folder: None,
        }
        .finished(folder)
    }

    /// Ids and names of the observations of the evidence.
    fn observations(&self) -> Vec<(String, String)> {
        let all = self.evidence().map(|e| &e.observations);
        let named = all.into_iter().flatten();
        named.map(|o| (o.id.clone(), o.name.clone())).collect()
    }
}

/// Steps that are over at some moments, or what is wrong with them: all at once.
fn steps(s: &Scenario, at: &[DateTime]) -> Result<Vec<u32>, StudyError> {
    let last = s.clock.steps() as u32;
    let mut wrong = Vec::new();
    let mut out = Vec::new();
    for moment in at {
        let start = s.clock.moment(0);
        let seconds = moment.duration_since(start).as_secs();
        let step = u64::try_from(seconds).unwrap_or(0) / s.clock.step_seconds.max(1);
        if step == 0 || step >= u64::from(last) {
            let end = s.clock.moment(u64::from(last));
            wrong.push(format!(
                "no signposts at {moment}: expected a moment after the start and before the end, {start} to {end}"
            ));
        } else {
            out.push(step as u32);
        }
    }
    out.sort_unstable();
    out.dedup();
    if wrong.is_empty() {
        Ok(out)
    } else {
        Err(StudyError::invalid(wrong))
    }
}

/// What was seen of all rounds, in order.
#[derive(Debug, Default)]
struct Seen {
    outcomes: Vec<u16>,
    noted: Vec<u32>,
    /// By thing: the steps that were over when it first happened, by round, up to the last round that has it.
    first: BTreeMap<Happening, Vec<u32>>,
}

impl Seen {
    fn add(&mut self, c: &Chronicle) {
        let round = self.noted.len();
        self.outcomes.push(c.outcome as u16);
        self.noted.push(c.noted);
        for event in &c.events {
            // Where somebody stands is not seen from outside.
            if matches!(event.what, Happening::Side(..)) {
                continue;
            }
            let own = self.first.entry(event.what).or_default();
            if own.len() <= round {
                own.resize(round, NEVER);
                own.push(event.step);
            }
        }
    }

    /// Moments between which equally much happens: ends of days, where the clock has enough of them.
    fn busy(&self, s: &Scenario) -> Vec<u32> {
        let last = s.clock.steps() as u32;
        let day = (86_400 / s.clock.step_seconds.max(1)).max(1) as u32;
        let unit = if last >= day * DATES as u32 { day } else { 1 };
        let mut when: Vec<u32> = self
            .first
            .values()
            .flatten()
            .copied()
            .filter(|x| *x != NEVER)
            .collect();
        when.sort_unstable();
        let mut out = Vec::new();
        for k in 1..=DATES {
            let at = when.get(when.len() * k / (DATES + 1)).copied().unwrap_or(0);
            let step = at.max(1).div_ceil(unit) * unit;
            if step < last && !out.contains(&step) {
                out.push(step);
            }
        }
        out
    }

    /// Every question, with what it needs to be answered.
    fn asked(self, plan: &Plan, steps: &[u32]) -> Asked {
        let rounds = self.noted.len();
        let (things, mut first): (Vec<Happening>, Vec<Vec<u32>>) = self.first.into_iter().unzip();
        for own in &mut first {
            own.resize(rounds, NEVER);
        }
        // What differs in its degree alone is one thing.
        let kind = |what: &Happening| match what {
            Happening::Turnout(crowd, _) => Happening::Turnout(*crowd, 0),
            other => *other,
        };
        let mut kinds: Vec<Happening> = things.iter().map(kind).collect();
        kinds.dedup();
        let group = |what| {
            kinds
                .iter()
                .position(|k| *k == kind(what))
                .unwrap_or_default()
        };
        let mut questions = Vec::new();
        for (thing, what) in things.iter().enumerate() {
            let own = match what {
                Happening::Observation(o) => vec![plan.watches[*o as usize].step],
                _ => steps.to_vec(),
            };
            questions.extend(own.into_iter().map(|step| Question { thing, step }));
        }
        Asked {
            group: things.iter().map(group).collect(),
            things,
            first,
            outcomes: self.outcomes,
            noted: self.noted,
            questions,
        }
    }
}

/// Questions, and what all rounds answer.
struct Asked {
    things: Vec<Happening>,
    group: Vec<usize>,
    first: Vec<Vec<u32>>,
    outcomes: Vec<u16>,
    noted: Vec<u32>,
    questions: Vec<Question>,
}

impl Asked {
    /// The signposts of an outcome.
    fn signposts(&self, s: &Scenario, outcome: usize, most: usize) -> Vec<(Happening, Signpost)> {
        let open = Open {
            noted: &self.noted,
            first: &self.first,
        };
        let hits: Vec<bool> = self
            .outcomes
            .iter()
            .map(|o| usize::from(*o) == outcome)
            .collect();
        let day = 86_400_u64.div_ceil(s.clock.step_seconds.max(1)) as u32;
        let ahead = day.min(s.clock.steps() as u32 / 10).max(1);
        let found = signposts(&open, &hits, &self.questions, &self.group, ahead, most);
        found
            .into_iter()
            .map(|f| (self.things[f.question.thing], f))
            .collect()
    }
}

/// A signpost as a row.
fn row(
    s: &Scenario,
    observations: &[(String, String)],
    outcome: usize,
    rank: u64,
    what: Happening,
    found: &Signpost,
) -> SignpostRow {
    let [seen, unseen] = found.shares;
    SignpostRow {
        scenario: s.name.clone(),
        outcome: s.outcomes[outcome].id.clone(),
        rank,
        kind: what.kind().to_owned(),
        id: what.id(s, observations),
        what: what.told(s, observations),
        by: s.clock.moment(u64::from(found.question.step)),
        rounds: found.rounds,
        open: found.open[0],
        open_probability: found.open[1] as f64 / found.open[0].max(1) as f64,
        seen: found.seen[0],
        if_seen: seen.probability,
        if_seen_low: seen.low,
        if_seen_high: seen.high,
        if_not_seen: unseen.probability,
        if_not_seen_low: unseen.low,
        if_not_seen_high: unseen.high,
        difference: found.gap.estimate,
        difference_low: found.gap.low,
        difference_high: found.gap.high,
        shift: found.shift(),
        bits: found.bits,
        bits_more: found.bits_more,
        ahead: s.clock.day(u64::from(found.ahead)),
    }
}
