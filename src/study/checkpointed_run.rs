//! The rounds of a run, from the first or from a checkpoint, with checkpoints on the way.

use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::control::{self, Control, Note};
use super::error::{Kept, StudyError};
use crate::analysis::interval::wilson;
use crate::ensemble::{
    Detail, Player, Records, RoundRecord, Rounds, Tally, WIDTH, Watch, Waves, Workers, is_few,
    is_look,
};
use crate::files;
use crate::plan::Plan;
use crate::result::folder::Folder;
use crate::result::manifest::hash_resolved;
use crate::result::rounds::RoundsFile;
use crate::result::{
    CHECKPOINT, Checkpointer, Header, MOST_PAIRS, PairCounts, ROUNDS, RowsExtent, STATE, Shard,
    Snapshot, State, WaitingRounds, pairs_of,
};
use crate::scenario::Scenario;
use crate::table::rounds::Lines;

/// What to play.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    pub(super) seed: u64,
    /// Rounds of the run, over all shards.
    pub(super) rounds: u64,
    pub(super) workers: Workers,
    pub(super) keep_rounds: bool,
    pub(super) shard: Option<Shard>,
    pub(super) precision: Option<f64>,
    pub(super) no_ranges: bool,
    pub(super) histories: u64,
    /// The shortest time between two checkpoints.
    pub(super) checkpoint_every: Duration,
}

/// A run in progress.
pub(super) struct CheckpointedRun<'a> {
    scenario: &'a Scenario,
    plan: &'a Plan,
    order: Order,
    control: &'a Control,
    header: Header,
    /// What had been counted before.
    base: Tally,
    waiting: WaitingRounds,
    pairs: PairCounts,
    /// What a checkpoint would hold.
    snapshot: Snapshot,
    store: Option<Store<'a>>,
    /// Rows of rounds, of a run without a folder.
    records: Vec<RoundRecord>,
}

/// Where a run in progress is kept.
struct Store<'a> {
    folder: &'a Folder,
    file: Option<RoundsFile>,
    checkpointer: Checkpointer,
    /// Rounds in an earlier checkpoint of this run, which it does not continue from.
    checkpointed_until: Option<u64>,
}

/// What is made of the records of rounds by the thread that played them.
struct Prepare<'a> {
    /// Rounds below this one wait for their partners.
    noted: u64,
    /// Writes rows as lines, if they go to a file.
    lines: Option<&'a Lines<'a>>,
    /// Whether records are kept.
    kept: bool,
}

/// Rounds of a pack, as a run keeps them.
struct Pack {
    noted: WaitingRounds,
    /// Rows in the lines.
    rows: u64,
    lines: Vec<u8>,
    records: Vec<RoundRecord>,
}

impl Prepare<'_> {
    fn take(&self, records: Vec<RoundRecord>) -> Pack {
        let summaries = records.partition_point(|r| r.round < self.noted);
        let mut noted = WaitingRounds::default();
        noted.add(&records[..summaries]);
        Pack {
            noted,
            rows: records.len() as u64,
            lines: self.lines.map_or(Vec::new(), |lines| lines.of(&records)),
            records: if self.kept { records } else { Vec::new() },
        }
    }
}

/// What a run has played, as the state of a finished one, with its rows of rounds.
pub(super) struct Played {
    pub(super) state: State,
    pub(super) file: Option<RoundsFile>,
    pub(super) records: Vec<RoundRecord>,
}

impl<'a> CheckpointedRun<'a> {
    /// A run from its first round; without a folder it is not kept.
    pub(super) fn begin(
        scenario: &'a Scenario,
        plan: &'a Plan,
        order: Order,
        folder: Option<&'a Folder>,
        control: &'a Control,
    ) -> Result<Self, StudyError> {
        let header = header(scenario, plan, order);
        let store = match folder {
            Some(folder) => Some(Store {
                folder,
                file: if order.keep_rounds {
                    Some(RoundsFile::create(folder, scenario)?)
                } else {
                    None
                },
                checkpointer: Checkpointer::new(order.checkpoint_every),
                checkpointed_until: earlier_checkpoint(folder, &header, scenario, control),
            }),
            None => None,
        };
        let state = State {
            pairs: PairCounts::new(header.first.min(pairs_of(order.rounds)), scenario),
            waiting: WaitingRounds::starting_at(header.first),
            tally: Tally::empty(scenario, plan),
            resolved: scenario.resolved.clone(),
            header,
        };
        Self::from_state(scenario, plan, order, control, state, store)
    }

    /// A run from its checkpoint, or a finished one with more rounds to play; from its first round
    /// if the folder holds neither.
    pub(super) fn resume(
        scenario: &'a Scenario,
        plan: &'a Plan,
        order: Order,
        folder: &'a Folder,
        control: &'a Control,
    ) -> Result<Self, StudyError> {
        let holds = |file: &str| files::is_there(&folder.target().join(file));
        let name = match (holds(CHECKPOINT), holds(STATE)) {
            (true, _) => CHECKPOINT,
            (false, true) => STATE,
            (false, false) => return Self::begin(scenario, plan, order, Some(folder), control),
        };
        let path = folder.target().join(name);
        let refused = |why: String, damaged: bool| StudyError::NotResumable {
            path: path.clone(),
            why,
            damaged,
        };
        let mut state = State::read(&path).map_err(|e| refused(e.to_string(), true))?;
        let header = header(scenario, plan, order);
        let finished = name == STATE && is_finished(&state, &header, order);
        let differ = obstacles(&state, &header, scenario, order, finished);
        if !differ.is_empty() {
            let why = format!("not a checkpoint of this run:\n  {}", differ.join("\n  "));
            return Err(refused(why, false));
        }
        state
            .fit(scenario, plan)
            .map_err(|e| refused(e.to_string(), true))?;
        let file = match &state.header.rounds_csv {
            None => None,
            Some(part) if name == CHECKPOINT => Some(RoundsFile::reopen(
                folder,
                part,
                state.header.rounds_part.as_deref(),
            )?),
            Some(part) => Some(RoundsFile::copy(folder, part, ROUNDS)?),
        };
        let counted = state.header.next;
        state.header = Header {
            next: counted,
            rounds_csv: state.header.rounds_csv,
            ..header
        };
        control.note(&Note::Continues {
            rounds: counted - state.header.first,
            from: path,
        });
        let checkpointer = Checkpointer::new(order.checkpoint_every);
        let store = Store {
            folder,
            file,
            checkpointer: match name {
                CHECKPOINT => checkpointer.after(&state),
                _ => checkpointer,
            },
            checkpointed_until: None,
        };
        Self::from_state(scenario, plan, order, control, state, Some(store))
    }

    fn from_state(
        scenario: &'a Scenario,
        plan: &'a Plan,
        order: Order,
        control: &'a Control,
        state: State,
        mut store: Option<Store<'a>>,
    ) -> Result<Self, StudyError> {
        let part = match &mut store {
            Some(store) => store.mark().map_err(|e| store.folder.failed(ROUNDS, &e))?,
            None => None,
        };
        Ok(Self {
            scenario,
            plan,
            order,
            control,
            snapshot: Snapshot {
                next: state.header.next,
                tally: state.tally.clone(),
                waiting: state.waiting.rounds().end,
                extent: part,
            },
            header: state.header,
            base: state.tally,
            waiting: state.waiting,
            pairs: state.pairs,
            store,
            records: Vec::new(),
        })
    }

    /// Number of rounds whose outcome and flags are noted: the first ones of the run.
    fn noted(&self) -> u64 {
        match self.order.precision {
            // How many rounds it will take is not known yet.
            Some(_) => MOST_PAIRS,
            None => pairs_of(self.order.rounds),
        }
    }

    /// Number of rounds counted.
    pub(super) fn played(&self) -> u64 {
        self.snapshot.tally.rounds
    }

    /// Plays the rounds that remain.
    pub(super) fn play(&mut self) -> Result<(), StudyError> {
        let rounds = self.header.range();
        let from = self.header.next;
        let reporter = &self.control.reporter;
        reporter.begin(
            rounds.end - rounds.start,
            from - rounds.start,
            control::ROUNDS,
        );
        let done = self
            .fill_waiting(from)
            .and_then(|()| {
                if is_few(rounds.end - from) {
                    self.play_waves::<1>(from..rounds.end)
                } else {
                    self.play_waves::<WIDTH>(from..rounds.end)
                }
            })
            .and_then(|()| self.pair());
        self.control.reporter.end();
        done.map_err(|error| self.stopped(error))
    }

    /// What was to be played, and how far it is.
    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    fn player<'w>(&self, watch: Watch<'w>) -> Player<'w> {
        Player {
            seed: self.order.seed,
            workers: self.order.workers,
            watch,
        }
    }

    /// Plays rounds, wave after wave, and keeps them on the way.
    fn play_waves<const W: usize>(&mut self, rounds: Range<u64>) -> Result<(), StudyError> {
        let control = self.control;
        // Workers may finish the rounds in progress before they are stopped.
        let player = self.player(Watch::new(&control.stop_now, &*control.reporter));
        let records = Records {
            summaries: self.noted(),
            all: self.order.keep_rounds,
        };
        let mut waves = Waves::<W>::new(self.scenario, self.plan, player, rounds, records)?;
        if self.order.precision.is_some() {
            waves = waves.with_looks();
        }
        let lines = self.lines().map_err(|e| self.rows_failed(&e))?;
        let prepare = Prepare {
            noted: self.noted(),
            lines: lines.as_ref(),
            kept: self.order.keep_rounds && self.store.is_none(),
        };
        let prepare = |records| prepare.take(records);
        loop {
            if let Some(counts) = waves.look()
                && self.is_precise(&counts, waves.next_round())
            {
                break;
            }
            let Some(wave) = waves.play_and(prepare)? else {
                break;
            };
            for prepared in wave {
                let added = self.add(prepared);
                added.map_err(|e| self.rows_failed(&e))?;
            }
            let stop = self.control.is_stopped();
            let due = |s: &Store<'_>| stop || s.checkpointer.snapshot_is_due();
            if self.store.as_ref().is_some_and(due) {
                self.copy(&waves)?;
            }
            if stop {
                return Err(StudyError::Interrupted(Kept::Nothing));
            }
            if self.checkpoint_is_due() {
                self.write_checkpoint();
            }
        }
        self.copy(&waves)
    }

    /// Returns whether counts by outcome of the rounds played here are enough; `rounds` is the
    /// number of rounds of the run so far.
    fn is_precise(&self, counts: &[u64], rounds: u64) -> bool {
        let all = counts.iter().enumerate();
        let all = all.map(|(j, count)| count + self.base.outcome_count(j));
        widest(all, rounds) <= self.order.precision.unwrap_or(1.0)
    }

    /// What writes rows of rounds as lines, if they go to a file.
    fn lines(&self) -> io::Result<Option<Lines<'a>>> {
        let file = self.store.as_ref().and_then(|store| store.file.as_ref());
        file.map(|_| Lines::new(self.scenario)).transpose()
    }

    /// Adds the rounds of a pack.
    fn add(&mut self, mut pack: Pack) -> io::Result<()> {
        self.waiting.join(&pack.noted);
        if let Some(Store {
            file: Some(file), ..
        }) = &mut self.store
        {
            file.add_lines(pack.rows, &pack.lines)?;
        }
        self.records.append(&mut pack.records);
        Ok(())
    }

    /// The error of a run whose rows cannot be written.
    fn rows_failed(&self, error: &io::Error) -> StudyError {
        match &self.store {
            Some(store) if self.is_kept() => {
                StudyError::Resumable(store.folder.failed(ROUNDS, error))
            }
            Some(store) => StudyError::Folder(store.folder.failed(ROUNDS, error)),
            None => StudyError::Internal(error.to_string()),
        }
    }

    /// Queues rounds that were played when fewer pairs were needed.
    fn fill_waiting(&mut self, played: u64) -> Result<(), StudyError> {
        let from = self.pairs.next.max(self.header.first);
        if self.waiting.rounds().is_empty() {
            self.waiting = WaitingRounds::starting_at(from);
        }
        let missing = self.waiting.rounds().end..self.noted().min(played);
        let player = self.player(Watch::new(&self.control.stop, &()));
        let notes = &mut self.waiting;
        player.stream::<WIDTH>(self.plan, &missing.into(), Detail::Summary, |more| {
            notes.add(&more);
        })?;
        self.snapshot.waiting = self.waiting.rounds().end;
        Ok(())
    }

    /// Plays noted rounds again, with the same priors and different chance, and counts the pairs.
    fn pair(&mut self) -> Result<(), StudyError> {
        let pairs = pairs_of(match self.order.precision {
            Some(_) => self.played(),
            None => self.order.rounds,
        });
        let missing = Rounds::Partners(self.pairs.next..pairs.min(self.snapshot.next));
        let player = self.player(Watch::new(&self.control.stop, &()));
        let outcomes = self.scenario.outcomes.len();
        let plan = self.plan;
        let each = |more: Vec<RoundRecord>| {
            self.pairs.add(outcomes, &self.waiting, &more);
            if self.checkpoint_is_due() {
                self.write_checkpoint();
            }
        };
        if is_few(missing.len()) {
            player.stream::<1>(plan, &missing, Detail::Summary, each)?;
        } else {
            player.stream::<WIDTH>(plan, &missing, Detail::Summary, each)?;
        }
        Ok(())
    }

    fn checkpoint_is_due(&self) -> bool {
        self.store
            .as_ref()
            .is_some_and(|s| s.checkpointer.checkpoint_is_due())
    }

    /// Copies everything that has been counted.
    fn copy<const W: usize>(&mut self, waves: &Waves<'_, W>) -> Result<(), StudyError> {
        let began = Instant::now();
        let part = self.store.as_mut().map(Store::mark).transpose();
        let part = part.map_err(|e| self.rows_failed(&e))?.flatten();
        let mut tally = self.base.clone();
        waves.add_to(&mut tally);
        self.snapshot = Snapshot {
            next: waves.next_round(),
            tally,
            waiting: self.waiting.rounds().end,
            extent: part,
        };
        if let Some(store) = &mut self.store {
            store.checkpointer.snapshot_taken(began);
        }
        Ok(())
    }

    /// The copy as a state.
    fn state(&self) -> State {
        self.state_with(self.snapshot.tally.clone())
    }

    /// The same with its tally.
    fn state_with(&self, tally: Tally) -> State {
        let from = self.pairs.next;
        State {
            header: Header {
                next: self.snapshot.next,
                rounds_csv: self.snapshot.extent.clone(),
                rounds_part: match &self.store {
                    Some(Store {
                        folder,
                        file: Some(_),
                        ..
                    }) => folder.own_part(ROUNDS),
                    _ => None,
                },
                ..self.header.clone()
            },
            resolved: self.scenario.resolved.clone(),
            tally,
            pairs: self.pairs.clone(),
            waiting: self.waiting.part(from..self.snapshot.waiting),
        }
    }

    /// Writes the copy to disk, and returns whether a checkpoint of it exists. A run that cannot be
    /// kept continues all the same.
    fn write_checkpoint(&mut self) -> bool {
        if self.is_behind() {
            return true;
        }
        let state = self.state();
        let Some(store) = &mut self.store else {
            return false;
        };
        let (folder, file) = (store.folder, &mut store.file);
        let written = store.checkpointer.write(&state, |bytes| {
            if let Some(file) = file.as_ref() {
                folder.expose(ROUNDS)?;
                file.sync()?;
            }
            folder.replace(CHECKPOINT, bytes)?;
            if let Some(file) = file {
                file.remove_source(folder);
            }
            Ok(())
        });
        if let Err(e) = &written
            && store.checkpointer.is_first_failure()
        {
            self.control
                .note(&Note::NoCheckpoint(folder.failed(CHECKPOINT, e)));
        }
        written.is_ok()
    }

    /// Returns whether an earlier checkpoint of this run has more rounds.
    fn is_behind(&self) -> bool {
        let earlier = self.store.as_ref().and_then(|s| s.checkpointed_until);
        earlier.is_some_and(|until| self.snapshot.next <= until)
    }

    /// Keeps what has been played so far.
    pub(super) fn keep(&mut self) {
        self.write_checkpoint();
    }

    /// Keeps what has been played if an error is an interruption, and says what that leaves.
    pub(super) fn stopped(&mut self, error: StudyError) -> StudyError {
        match error {
            StudyError::Interrupted(_) => {
                let written = self.write_checkpoint();
                StudyError::Interrupted(self.kept(written))
            }
            error => error,
        }
    }

    /// What an interruption leaves, given whether a checkpoint of this run could be written.
    pub(super) fn kept(&self, written: bool) -> Kept {
        let rounds = self.header.range();
        match &self.store {
            Some(store) if self.is_behind() => Kept::EarlierCheckpoint(store.checkpoint()),
            Some(store) if written => Kept::Checkpoint {
                path: store.checkpoint(),
                rounds: self.snapshot.next - self.header.first,
                of: rounds.end - rounds.start,
            },
            _ => Kept::Nothing,
        }
    }

    /// Returns whether a checkpoint of this run exists.
    pub(super) fn is_kept(&self) -> bool {
        self.store
            .as_ref()
            .is_some_and(|s| s.checkpointer.has_written() || s.checkpointed_until.is_some())
    }

    /// Returns everything the run has played.
    pub(super) fn finish(mut self) -> Played {
        let next = self.snapshot.next;
        let tally = std::mem::replace(&mut self.snapshot.tally, self.base.clone());
        let mut state = self.state_with(tally);
        if state.header.precision.take().is_some() {
            state.header.rounds = next;
        }
        state.header.rounds_part = None;
        state.header.finished = true;
        state.waiting = WaitingRounds::default();
        Played {
            state,
            file: self.store.and_then(|s| s.file),
            records: self.records,
        }
    }
}

impl Store<'_> {
    /// Hands all rows to the system; returns how far the file goes.
    fn mark(&mut self) -> io::Result<Option<RowsExtent>> {
        self.file.as_mut().map(RoundsFile::flush).transpose()
    }

    fn checkpoint(&self) -> PathBuf {
        self.folder.target().join(CHECKPOINT)
    }
}

/// Names of what is followed on request.
pub(super) fn followed(plan: &Plan) -> Vec<String> {
    plan.followed.iter().map(|(name, _)| name.clone()).collect()
}

/// The header of the state of a run that begins.
fn header(scenario: &Scenario, plan: &Plan, order: Order) -> Header {
    let mut header = Header {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: scenario.name.clone(),
        resolved_sha256: hash_resolved(scenario),
        seed: order.seed,
        rounds: order.rounds,
        shard: order.shard,
        first: 0,
        next: 0,
        rounds_csv: order.keep_rounds.then(RowsExtent::default),
        followed: followed(plan),
        rounds_part: None,
        precision: order.precision,
        finished: false,
        no_ranges: order.no_ranges,
        histories: order.histories,
    };
    header.first = header.range().start;
    header.next = header.first;
    header
}

/// Rounds in a checkpoint of this run that the folder already holds, which the user is told of.
fn earlier_checkpoint(
    folder: &Folder,
    header: &Header,
    scenario: &Scenario,
    control: &Control,
) -> Option<u64> {
    let checkpoint = folder.target().join(CHECKPOINT);
    let state = State::read(&checkpoint).ok()?;
    if !differences(&state, header, scenario).is_empty() {
        return None;
    }
    let earlier = state.header;
    control.note(&Note::StartsAfresh {
        checkpoint,
        rounds: earlier.next - earlier.first,
    });
    Some(earlier.next)
}

/// What keeps a run from continuing from a state.
fn obstacles(
    state: &State,
    header: &Header,
    scenario: &Scenario,
    order: Order,
    finished: bool,
) -> Vec<String> {
    let mut out = differences(state, header, scenario);
    let earlier = &state.header;
    if earlier.shard.is_some() && earlier.rounds != order.rounds {
        out.push(format!(
            "rounds, over all shards: {} instead of {}",
            earlier.rounds, order.rounds
        ));
    } else if earlier.next > header.range().end {
        out.push(format!(
            "rounds: {} already played instead of the {} requested",
            earlier.next, order.rounds
        ));
    }
    if let Some(half) = order.precision
        && order.precision != earlier.precision
        && !finished
    {
        out.push(match earlier.precision {
            Some(earlier) => format!("precision: {earlier} instead of {half}"),
            None => "precision: a run without it can only be given more rounds".to_owned(),
        });
    }
    out
}

/// The half width of the widest interval of counts of `rounds` rounds.
fn widest(counts: impl Iterator<Item = u64>, rounds: u64) -> f64 {
    let widths = counts.map(|count| wilson(count, rounds).half_width());
    widths.fold(0.0, f64::max)
}

/// Returns whether a finished result is what this run would end with, so that a job which is queued
/// again has nothing left to do: it is as precise as requested where the run would have looked, or has
/// all its rounds. The state of a finished result does not say which precision was requested.
fn is_finished(state: &State, header: &Header, order: Order) -> bool {
    let rounds = state.header.next;
    let counts = (0..state.tally.outcomes.len()).map(|j| state.tally.outcome_count(j));
    let precise = |half| is_look(rounds) && widest(counts, rounds) <= half;
    rounds == header.range().end || order.precision.is_some_and(precise)
}

/// What distinguishes a state from one of this run.
fn differences(state: &State, header: &Header, scenario: &Scenario) -> Vec<String> {
    state
        .header
        .differences(header, (&state.resolved, &scenario.resolved))
}
