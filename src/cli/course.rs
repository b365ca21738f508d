//! The play of `kzsim run`: from the beginning or from where it stopped, kept as it goes.

use std::io;
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use super::common::{Failure, Signals, progress_bar, say};
use crate::analysis::interval::wilson;
use crate::ensemble::brief::{self, Brief, Partners};
use crate::ensemble::course::{Follower, follow, nothing};
use crate::ensemble::crew::Plain;
use crate::ensemble::{Job, RoundRecord, RunError, Tally, WIDTH, Watch, Workers};
use crate::plan::Plan;
use crate::result::folder::{Folder, FolderError};
use crate::result::manifest::hash_resolved;
use crate::result::rounds::{ROUNDS, RoundsFile};
use crate::result::{
    CHECKPOINT, Header, Keeper, MOST_PAIRS, Moment, Notes, Paired, Part, STATE, Shard, State,
    pairs_of,
};
use crate::scenario::Scenario;

/// What to play.
#[derive(Debug, Clone, Copy)]
pub(super) struct Play {
    pub(super) seed: u64,
    /// Rounds of the run, over all shards.
    pub(super) rounds: u64,
    pub(super) workers: Workers,
    pub(super) keep_rounds: bool,
    pub(super) shard: Option<Shard>,
    pub(super) precision: Option<f64>,
    /// The shortest time between two checkpoints.
    pub(super) checkpoints: Duration,
}

/// A run on its way.
pub(super) struct Course<'a> {
    scenario: &'a Scenario,
    plan: &'a Plan,
    play: Play,
    folder: &'a Folder,
    signals: &'a Signals,
    bar: ProgressBar,
    header: Header,
    /// What had been counted before.
    base: Tally,
    notes: Notes,
    paired: Paired,
    file: Option<RoundsFile>,
    /// What a checkpoint would say.
    moment: Moment,
    /// The round after the last one in a checkpoint of this very run that is not gone on from.
    stands: Option<u64>,
    keeper: Keeper,
    /// Why rows of `rounds.csv` could not be written.
    broken: Option<io::Error>,
}

impl<'a> Course<'a> {
    /// A run from the beginning.
    pub(super) fn begin(
        scenario: &'a Scenario,
        plan: &'a Plan,
        play: Play,
        folder: &'a Folder,
        signals: &'a Signals,
    ) -> Result<Self, Failure> {
        let header = header(scenario, plan, play);
        let mut stands = None;
        if let Ok(there) = State::read(&folder.target().join(CHECKPOINT))
            && differences(&there, &header, scenario).is_empty()
        {
            say(&format!(
                "note: this begins again; {} holds {} rounds of this run, and --resume would go on \
                 from them; it stays until this has come as far",
                folder.target().join(CHECKPOINT).display(),
                there.header.next - there.header.first,
            ));
            stands = Some(there.header.next);
        }
        let file = if play.keep_rounds {
            Some(RoundsFile::create(folder, scenario)?)
        } else {
            None
        };
        let state = State {
            paired: Paired::new(header.first.min(pairs_of(play.rounds)), scenario),
            notes: Notes::from(header.first),
            tally: nothing(scenario, plan),
            resolved: scenario.resolved.clone(),
            header,
        };
        let course = Self::over(scenario, plan, play, folder, signals, state, file)?;
        Ok(Self { stands, ..course })
    }

    /// A run from where it stopped, or a finished one with more rounds to come. Without either it
    /// begins.
    pub(super) fn resume(
        scenario: &'a Scenario,
        plan: &'a Plan,
        play: Play,
        folder: &'a Folder,
        signals: &'a Signals,
    ) -> Result<Self, Failure> {
        let there = |file: &str| folder.target().join(file).exists();
        let name = match (there(CHECKPOINT), there(STATE)) {
            (true, _) => CHECKPOINT,
            (false, true) => STATE,
            (false, false) => return Self::begin(scenario, plan, play, folder, signals),
        };
        let path = folder.target().join(name);
        let damaged = |e: &dyn std::fmt::Display| {
            FolderError::new(&path, format!("{e}; without --resume the run begins again"))
        };
        let mut state = State::read(&path).map_err(|e| damaged(&e))?;
        let header = header(scenario, plan, play);
        let mut differ = differences(&state, &header, scenario);
        let there = &state.header;
        let counted = there.next;
        if there.shard.is_some() && there.rounds != play.rounds {
            differ.push(format!(
                "rounds, over all shards: {} there, {} here",
                there.rounds, play.rounds
            ));
        } else if counted > header.range().end {
            differ.push(format!(
                "rounds: {counted} are played there, {} are wanted here",
                play.rounds
            ));
        }
        if play.precision.is_some() && play.precision != there.precision {
            differ.push(match there.precision {
                Some(half) => format!(
                    "precision: {half} there, {} here",
                    play.precision.unwrap_or_default()
                ),
                None => {
                    "--precision: a run without it can be resumed with --rounds alone".to_owned()
                }
            });
        }
        if !differ.is_empty() {
            return Err(Failure::Usage(format!(
                "{} is not of this run:\n  {}\nWithout --resume the run begins again.",
                path.display(),
                differ.join("\n  ")
            )));
        }
        state.fit(scenario, plan).map_err(|e| damaged(&e))?;
        let file = match &state.header.rounds_csv {
            None => None,
            Some(part) if name == CHECKPOINT => Some(RoundsFile::go_on(folder, part)?),
            Some(part) => Some(RoundsFile::copy(folder, part)?),
        };
        state.header = Header {
            next: counted,
            rounds_csv: state.header.rounds_csv,
            ..header
        };
        say(&format!(
            "going on from {}: {} rounds are played",
            path.display(),
            counted - state.header.first
        ));
        let written = (name == CHECKPOINT).then(|| Keeper::new(play.checkpoints).after(&state));
        let mut course = Self::over(scenario, plan, play, folder, signals, state, file)?;
        if let Some(keeper) = written {
            course.keeper = keeper;
        }
        Ok(course)
    }

    fn over(
        scenario: &'a Scenario,
        plan: &'a Plan,
        play: Play,
        folder: &'a Folder,
        signals: &'a Signals,
        state: State,
        mut file: Option<RoundsFile>,
    ) -> Result<Self, Failure> {
        let part = match &mut file {
            Some(file) => Some(file.mark().map_err(|e| folder.failed(ROUNDS, &e))?),
            None => None,
        };
        let range = state.header.range();
        let bar = progress_bar(range.end - range.start);
        bar.set_position(state.header.next - range.start);
        Ok(Self {
            scenario,
            plan,
            play,
            folder,
            signals,
            bar,
            moment: Moment {
                next: state.header.next,
                tally: state.tally.clone(),
                noted: state.notes.rounds().end,
                part,
            },
            header: state.header,
            base: state.tally,
            notes: state.notes,
            paired: state.paired,
            file,
            keeper: Keeper::new(play.checkpoints),
            stands: None,
            broken: None,
        })
    }

    /// Rounds of which outcome and flags are noted: the first so many of the run.
    fn noted(&self) -> u64 {
        match self.play.precision {
            // Nobody knows how many rounds it will take.
            Some(_) => MOST_PAIRS,
            None => pairs_of(self.play.rounds),
        }
    }

    /// Rounds that are counted.
    pub(super) fn played(&self) -> u64 {
        self.moment.tally.rounds
    }

    /// Plays what is still to be played.
    pub(super) fn play(&mut self) -> Result<(), Failure> {
        let (scenario, plan) = (self.scenario, self.plan);
        let range = self.header.next..self.header.range().end;
        let done = self
            .fill_notes(range.start)
            .and_then(|()| {
                let job = Job {
                    seed: self.play.seed,
                    rounds: range.end,
                    keep_rounds: self.play.keep_rounds,
                    noted: self.noted(),
                    workers: self.play.workers,
                };
                // Workers may finish their wave before they are stopped.
                let (signals, bar) = (self.signals, self.bar.clone());
                let watch = Watch::new(&signals.at_once, &bar);
                follow::<WIDTH>(scenario, plan, job, range, watch, self)
            })
            .and_then(|tally| {
                let rounds = self.base.rounds + tally.rounds;
                let next = self.header.first + rounds;
                self.copy(next, &|| tally.clone())
                    .map_err(RunError::Records)?;
                self.pair(pairs_of(match self.play.precision {
                    Some(_) => rounds,
                    None => self.play.rounds,
                }))
            });
        self.bar.finish_and_clear();
        done.map_err(|e| match (e, self.broken.take()) {
            (RunError::Records(e), _) | (_, Some(e)) => {
                let failure = self.folder.failed(ROUNDS, &e).into();
                self.told(failure)
            }
            (e, None) => self.told(e.into()),
        })
    }

    /// Notes rounds that were played when fewer pairs were wanted.
    fn fill_notes(&mut self, played: u64) -> Result<(), RunError> {
        let from = self.paired.next.max(self.header.first);
        if self.notes.rounds().is_empty() {
            self.notes = Notes::from(from);
        }
        let missing = self.notes.rounds().end..self.noted().min(played);
        let (plan, seed) = (self.plan, self.play.seed);
        let workers = self.play.workers;
        let watch = self.signals.watch(&());
        let notes = &mut self.notes;
        brief::stream::<WIDTH>(plan, seed, &Plain, missing, workers, watch, &mut |piece| {
            notes.add(&piece)
        })?;
        self.moment.noted = self.notes.rounds().end;
        Ok(())
    }

    /// Plays noted rounds again, with the same priors and other chance, and counts the pairs.
    fn pair(&mut self, pairs: u64) -> Result<(), RunError> {
        let wanted = self.paired.next..pairs.min(self.moment.next);
        let (plan, seed, signals) = (self.plan, self.play.seed, self.signals);
        let outcomes = self.scenario.outcomes.len();
        brief::stream::<WIDTH>(
            plan,
            seed,
            &Partners,
            wanted,
            self.play.workers,
            signals.watch(&()),
            &mut |piece| {
                self.paired.add(outcomes, &self.notes, &piece);
                if self.keeper.checkpoint_is_due() {
                    self.write(false);
                }
            },
        )
    }

    /// Takes a copy of all that is counted before a round.
    fn copy(&mut self, next: u64, more: &dyn Fn() -> Tally) -> io::Result<()> {
        let began = Instant::now();
        let part = self.file.as_mut().map(RoundsFile::mark).transpose()?;
        let mut tally = self.base.clone();
        tally.merge(&more());
        self.moment = Moment {
            next,
            tally,
            noted: self.notes.rounds().end,
            part,
        };
        self.keeper.copied(began);
        Ok(())
    }

    /// The copy as a state.
    fn state(&self) -> State {
        let from = self.paired.next;
        State {
            header: Header {
                next: self.moment.next,
                rounds_csv: self.moment.part.clone(),
                ..self.header.clone()
            },
            resolved: self.scenario.resolved.clone(),
            tally: self.moment.tally.clone(),
            paired: self.paired.clone(),
            notes: self.notes.part(from..self.moment.noted),
        }
    }

    /// Writes the copy to disk. A run that cannot be kept still goes on.
    fn write(&mut self, last: bool) -> bool {
        if self.is_behind() {
            return true;
        }
        let state = self.state();
        let (folder, file) = (self.folder, &self.file);
        let written = self.keeper.write(&state, last, |bytes, synced| {
            if let Some(file) = file {
                folder.expose(ROUNDS)?;
                if synced {
                    file.sync()?;
                }
            }
            folder.replace(CHECKPOINT, bytes, synced)
        });
        match written {
            Ok(()) => true,
            Err(e) => {
                if self.keeper.is_first_failure() {
                    let e = folder.failed(CHECKPOINT, &e);
                    let text = format!("warning: the run goes on without a checkpoint: {e}");
                    self.bar.suspend(|| say(&text));
                }
                false
            }
        }
    }

    /// Whether an earlier checkpoint of this very run has come further.
    fn is_behind(&self) -> bool {
        self.stands.is_some_and(|next| self.moment.next <= next)
    }

    /// Keeps what has been played so far.
    pub(super) fn keep(&mut self) {
        self.write(false);
    }

    /// A failure with what is kept.
    pub(super) fn told(&mut self, failure: Failure) -> Failure {
        match failure {
            Failure::Interrupted => {
                let kept = self.write(true);
                let text = if self.is_behind() {
                    format!(
                        "interrupted; the checkpoint that was there had come further and stays: {}; the \
                         same command with --resume goes on from there",
                        self.folder.target().join(CHECKPOINT).display(),
                    )
                } else if kept {
                    format!(
                        "interrupted; {} of {} rounds are kept in {}, and the same command with \
                     --resume goes on from there",
                        self.moment.next - self.header.first,
                        self.bar.length().unwrap_or_default(),
                        self.folder.target().join(CHECKPOINT).display(),
                    )
                } else {
                    "interrupted; nothing was written".to_owned()
                };
                Failure::Stopped(text)
            }
            Failure::Folder(e) => Failure::Folder(e.with(self.is_kept())),
            other => other,
        }
    }

    /// Says that there is a checkpoint of this run, if there is.
    pub(super) fn is_kept(&self) -> &'static str {
        if self.keeper.has_written() || self.stands.is_some() {
            "; the last checkpoint is kept, and --resume goes on from there"
        } else {
            ""
        }
    }

    /// What the run gave, as the state of a finished one, with its `rounds.csv`.
    pub(super) fn finish(self) -> (State, Option<RoundsFile>) {
        let next = self.moment.next;
        let mut state = self.state();
        if state.header.precision.take().is_some() {
            state.header.rounds = next;
        }
        state.header.finished = true;
        state.notes = Notes::default();
        (state, self.file)
    }
}

impl Follower for Course<'_> {
    fn records(&mut self, records: &[RoundRecord]) -> io::Result<()> {
        match &mut self.file {
            Some(file) => file.add(self.scenario, records),
            None => Ok(()),
        }
    }

    fn notes(&mut self, notes: Vec<Brief>) {
        self.notes.add(&notes);
    }

    fn between(&mut self, next: u64, tally: &dyn Fn() -> Tally) -> bool {
        let stop = self.signals.is_stopped();
        if (stop || self.keeper.copy_is_due())
            && let Err(e) = self.copy(next, tally)
        {
            self.broken = Some(e);
            return false;
        }
        if !stop && self.keeper.checkpoint_is_due() {
            self.write(false);
        }
        !stop
    }

    fn looks(&self) -> bool {
        self.play.precision.is_some()
    }

    fn enough(&mut self, counts: &[u64], next: u64) -> bool {
        let base = &self.base;
        let of = |(j, count): (usize, &u64)| count + base.outcome_count(j);
        let widest = counts
            .iter()
            .enumerate()
            .map(|c| wilson(of(c), next).half_width());
        widest.fold(0.0, f64::max) <= self.play.precision.unwrap_or(1.0)
    }
}

/// The head of a run that begins.
fn header(scenario: &Scenario, plan: &Plan, play: Play) -> Header {
    let mut header = Header {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: scenario.name.clone(),
        resolved_sha256: hash_resolved(scenario),
        seed: play.seed,
        rounds: play.rounds,
        shard: play.shard,
        first: 0,
        next: 0,
        rounds_csv: play.keep_rounds.then(Part::default),
        followed: plan.followed.iter().map(|(name, _)| name.clone()).collect(),
        precision: play.precision,
        finished: false,
    };
    header.first = header.range().start;
    header.next = header.first;
    header
}

/// What keeps a state from being one of this run.
fn differences(there: &State, header: &Header, scenario: &Scenario) -> Vec<String> {
    there
        .header
        .differences(header, (&there.resolved, &scenario.resolved))
}
