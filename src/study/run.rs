//! A run: many rounds of one scenario, and the distribution of their outcomes.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::checkpointed_run::{CheckpointedRun, Order, followed};
use super::error::StudyError;
use super::given::{GivenRounds, weighted};
use super::open::Study;
use super::play::{Play, play_options, written_later};
use super::ranges;
use crate::analysis::conditional::Conditional;
use crate::analysis::interval::Z95;
use crate::analysis::ranges::{NoRanges, Played, Ranges};
use crate::ensemble::sample::WholeRound;
use crate::ensemble::smc::GivenBy;
use crate::ensemble::{Player, RoundRecord, WIDTH, Watch};
use crate::plan::Plan;
use crate::result::folder::{Folder, FolderError};
use crate::result::manifest::GIVEN_BY;
use crate::result::rounds::RoundsFile;
use crate::result::write::{Format, write_results};
use crate::result::{ROUNDS, Request, RunRequest, Shard, State};
use crate::scenario::Scenario;
use crate::scenario::reports::{Report, reports};
use crate::table::given::Given;
use crate::table::run::{FlagRow, OutcomeRow, Results};

/// The most rounds that are kept as whole histories.
const MOST_HISTORIES: u64 = 1_000;

/// Options of a run.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
pub struct Run {
    pub(super) play: Play,
    keep_rounds: bool,
    format: Format,
    precision: Option<f64>,
    shard: Option<Shard>,
    resume: bool,
    checkpoint_every: Duration,
    given: bool,
    given_by: Option<GivenBy>,
    no_ranges: bool,
    histories: u64,
}

play_options!(Run);

impl Default for Run {
    fn default() -> Self {
        Self {
            play: Play::default(),
            keep_rounds: false,
            format: Format::Csv,
            precision: None,
            shard: None,
            resume: false,
            checkpoint_every: Duration::from_secs(2),
            given: false,
            given_by: None,
            no_ranges: false,
            histories: 0,
        }
    }
}

impl Run {
    /// The scenario's rounds and seed, all cores, no folder.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps one row per round, in `rounds.csv`.
    #[must_use]
    pub fn keep_rounds(mut self, keep: bool) -> Self {
        self.keep_rounds = keep;
        self
    }

    /// Sets how rows of rounds are written.
    #[must_use]
    pub fn format(mut self, format: Format) -> Self {
        self.format = format;
        self
    }

    /// Plays until the half width of the interval of every outcome is at most `half_width`, a
    /// share, or the number of rounds is reached.
    #[must_use]
    pub fn precision(mut self, half_width: Option<f64>) -> Self {
        self.precision = half_width;
        self
    }

    /// Plays one of several equal parts of the run, to be [merged](super::merge()) later.
    #[must_use]
    pub fn shard(mut self, shard: Option<Shard>) -> Self {
        self.shard = shard;
        self
    }

    /// Continues from the checkpoint in the folder, or extends the finished result there.
    #[must_use]
    pub fn resume(mut self, resume: bool) -> Self {
        self.resume = resume;
        self
    }

    /// Sets the shortest time between two checkpoints.
    #[must_use]
    pub fn checkpoint_every(mut self, time: Duration) -> Self {
        self.checkpoint_every = time;
        self
    }

    /// Also weights the rounds by the evidence that the study [watches](Study::watching) for; by
    /// default by whatever method leaves enough effective rounds.
    #[must_use]
    pub fn given(mut self, by: Option<GivenBy>) -> Self {
        self.given = true;
        self.given_by = by;
        self
    }

    /// Leaves out how far shares move across sets of guesses and forms of the model, which takes about a tenth
    /// of the time.
    #[must_use]
    pub fn no_ranges(mut self, left_out: bool) -> Self {
        self.no_ranges = left_out;
        self
    }

    /// Keeps so many of the first rounds as whole histories, in `histories.csv`: every followed quantity on every
    /// recorded day. At most 1,000, and not of a shard.
    #[must_use]
    pub fn histories(mut self, rounds: u64) -> Self {
        self.histories = rounds;
        self
    }

    /// The most rounds that are played.
    fn most_rounds(&self, of_scenario: u64) -> u64 {
        let most = match self.precision {
            // What a share of one half, which needs most, would take, and a look more.
            Some(half) => (0.25 * (Z95 / half) * (Z95 / half) * 1.25).ceil() as u64 + 2_048,
            None => of_scenario,
        };
        self.play.rounds.unwrap_or(most)
    }
}

/// What a run found.
#[derive(Debug)]
pub struct RunResult {
    scenario: Scenario,
    plan: Plan,
    state: State,
    /// Rows of rounds, of a run without a folder.
    records: Vec<RoundRecord>,
    keep_rounds: bool,
    format: Format,
    given: Option<GivenRounds>,
    precision: Option<f64>,
    /// The shard, its rounds, and the rounds of the run.
    shard: Option<(Shard, Range<u64>, u64)>,
    ranges: Result<Ranges, NoRanges>,
    histories: Vec<WholeRound>,
    folder: Option<PathBuf>,
}

written_later!(RunResult);

impl RunResult {
    pub(super) fn new(
        scenario: Scenario,
        plan: Plan,
        state: State,
        ranges: Result<Played, NoRanges>,
        format: Format,
    ) -> Self {
        Self {
            ranges: ranges.map(|played| ranges::of(&played, &state)),
            scenario,
            plan,
            state,
            records: Vec::new(),
            keep_rounds: false,
            format,
            given: None,
            precision: None,
            shard: None,
            histories: Vec::new(),
            folder: None,
        }
    }

    /// The scenario.
    #[must_use]
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The seed.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.state.header.seed
    }

    /// The number of rounds played.
    #[must_use]
    pub fn rounds(&self) -> u64 {
        self.state.tally.rounds
    }

    /// The half width that was asked for, if any.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        self.precision
    }

    /// Which shard of a run this is, its rounds, and the number of rounds of the run.
    #[must_use]
    pub fn shard(&self) -> Option<(Shard, Range<u64>, u64)> {
        self.shard.clone()
    }

    /// Outcomes with counts, shares, 95 % intervals and days.
    #[must_use]
    pub fn outcomes(&self) -> Vec<OutcomeRow> {
        self.tables().outcomes()
    }

    /// Flags with counts, shares and 95 % intervals.
    #[must_use]
    pub fn flags(&self) -> Vec<FlagRow> {
        self.tables().flags()
    }

    /// Every table of the result.
    #[must_use]
    pub fn tables(&self) -> Results<'_> {
        Results {
            scenario: &self.scenario,
            plan: &self.plan,
            tally: &self.state.tally,
            pairs: self.state.pairs.pairs.clone(),
            ranges: self.ranges(),
            histories: &self.histories,
        }
    }

    /// How far shares move across sets of guesses and forms of the model.
    ///
    /// # Errors
    /// Why that is not known.
    pub fn ranges(&self) -> Result<&Ranges, NoRanges> {
        self.ranges.as_ref().map_err(|why| *why)
    }

    /// The tables of what follows given evidence, if the run took any into account.
    #[must_use]
    pub fn given(&self) -> Option<Given<'_>> {
        self.given.as_ref().map(|given| Given {
            scenario: &self.scenario,
            plan: &self.plan,
            evidence: &given.evidence,
            reports: &given.reports,
            tally: &self.state.tally,
            found: Conditional::new(&given.weighted, given.method),
        })
    }

    /// One record per round, of a run that keeps them and was not written at once.
    #[must_use]
    pub fn records(&self) -> &[RoundRecord] {
        &self.records
    }

    /// What it was asked for.
    fn request(&self) -> Request {
        let header = &self.state.header;
        let request = Request::new("run", [&self.scenario], header.seed, header.rounds);
        let request = request.run(RunRequest {
            shard: header.shard,
            keep_rounds: self.keep_rounds,
            parquet: self.format == Format::Parquet,
            followed: followed(&self.plan),
            no_ranges: header.no_ranges,
            histories: header.histories,
        });
        match &self.given {
            Some(given) => by(request.given(&given.evidence), given.by),
            None => request,
        }
    }

    fn publish(&mut self, folder: Folder) -> Result<(), FolderError> {
        let mut file = None;
        if self.keep_rounds {
            let mut rows = RoundsFile::create(&folder, &self.scenario)?;
            let part = rows
                .add(&self.scenario, &self.records)
                .and_then(|()| rows.flush())
                .map_err(|e| folder.failed(ROUNDS, &e))?;
            self.state.header.rounds_csv = Some(part);
            file = Some(rows);
        }
        self.write(folder, file, &AtomicBool::new(false))
    }

    pub(super) fn write(
        &mut self,
        folder: Folder,
        file: Option<RoundsFile>,
        stop: &AtomicBool,
    ) -> Result<(), FolderError> {
        let target = folder.target().to_path_buf();
        let (results, given) = (self.tables(), self.given());
        let (state, format) = (&self.state, self.format);
        write_results(folder, &results, state, file, given.as_ref(), format, stop)?;
        self.folder = Some(target);
        Ok(())
    }
}

/// A request with the way in which evidence is to be taken into account, if one was asked for.
fn by(request: Request, by: Option<GivenBy>) -> Request {
    match by {
        Some(by) => request.with(GIVEN_BY, by.name()),
        None => request,
    }
}

/// Why so many whole histories cannot be kept, if they cannot.
fn no_histories(rounds: u64, shard: Option<Shard>) -> Option<String> {
    if rounds > MOST_HISTORIES {
        return Some(format!(
            "{rounds} whole histories: expected at most {MOST_HISTORIES}"
        ));
    }
    let shard = shard.filter(|_| rounds > 0)?;
    Some(format!(
        "shard {shard}: whole histories are not kept of a shard. They are the first rounds of the scenario and depend \
         on its seed alone: a run of {rounds} rounds with --histories {rounds} has the same"
    ))
}

impl Study {
    /// Plays rounds and counts how they end.
    ///
    /// # Errors
    /// When options contradict each other, the folder cannot be used or written, or the run is
    /// stopped; a run with a folder then leaves a checkpoint.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "options are written where they are used"
    )]
    pub fn run(self, options: Run) -> Result<RunResult, StudyError> {
        self.heeds(&options.play, None)?;
        let reports = options.given.then(|| self.reports()).transpose()?;
        let rounds = options.most_rounds(self.rounds);
        if let Some(shard) = options.shard
            && shard.count > rounds
        {
            return Err(StudyError::Invalid(format!(
                "shard {shard}: {rounds} rounds cannot be divided into {} shards",
                shard.count
            )));
        }
        let repeated = match options.shard {
            Some(_) => 0,
            None => self.histories,
        };
        let histories = options.histories.max(repeated);
        if let Some(why) = no_histories(histories, options.shard) {
            return Err(StudyError::Invalid(why));
        }
        let order = Order {
            seed: options.play.seed.unwrap_or(self.seed),
            rounds,
            workers: options.play.workers,
            keep_rounds: options.keep_rounds || self.keep_rounds,
            shard: options.shard,
            precision: options.precision,
            no_ranges: options.no_ranges || self.no_ranges,
            histories,
            checkpoint_every: options.checkpoint_every,
        };
        let name = match options.shard {
            Some(shard) => Path::new(&self.scenario.name).join(shard.folder()),
            None => PathBuf::from(&self.scenario.name),
        };
        let mut request =
            Request::new("run", [&self.scenario], order.seed, rounds).run(RunRequest {
                shard: options.shard,
                keep_rounds: order.keep_rounds,
                parquet: options.format == Format::Parquet,
                followed: followed(&self.plan),
                no_ranges: order.no_ranges,
                histories,
            });
        if let Some(evidence) = self.evidence().filter(|_| options.given) {
            request = by(request.given(evidence), options.given_by.or(self.given_by));
        }
        let output = options.play.output.clone().map(|mut output| {
            // All shards are looked for in one place.
            if options.shard.is_some() && output.folder.is_none() {
                output.folder = Some(Path::new("results").join(&name));
            }
            output
        });
        let control = &options.play.control;
        let folder = output
            .map(|output| output.open(&name, &request, options.resume, control))
            .transpose()?;
        self.play_and_write(&options, order, reports, folder)
    }

    fn play_and_write(
        self,
        options: &Run,
        order: Order,
        reports: Option<Vec<Report>>,
        folder: Option<Folder>,
    ) -> Result<RunResult, StudyError> {
        let control = &options.play.control;
        let (evidence, given_by) = (self.evidence().cloned(), self.given_by);
        let (scenario, plan) = (self.scenario, self.plan);
        let mut run = match &folder {
            Some(folder) if options.resume => {
                CheckpointedRun::resume(&scenario, &plan, order, folder, control)?
            }
            folder => CheckpointedRun::begin(&scenario, &plan, order, folder.as_ref(), control)?,
        };
        run.play()?;
        // A run that is precise earlier does not replace a longer one.
        let force = options.play.output.as_ref().is_some_and(|o| o.force);
        let may_replace = options.precision.is_none() || force;
        if let Some(folder) = folder.as_ref().filter(|_| !may_replace)
            && let Some(earlier) = folder.more_rounds_than(run.played())
        {
            run.keep();
            let what = format!(
                "holds a result of {earlier} rounds, and this run has reached its precision with {}; \
                 choose a different folder with --out, or add --force to replace it",
                run.played()
            );
            let error = FolderError::new(folder.target(), what);
            return Err(if run.is_kept() {
                StudyError::Resumable(error)
            } else {
                StudyError::Folder(error)
            });
        }
        let player = Player {
            seed: order.seed,
            workers: order.workers,
            ..Player::default()
        };
        let given = match (evidence, reports) {
            (Some(evidence), Some(reports)) => {
                // What has been played is kept while more is.
                run.keep();
                let (rounds, by) = (run.played(), options.given_by.or(given_by));
                let found = weighted(player, &plan, rounds, &reports, by, control);
                let (weighted, method) = found.map_err(|e| run.stopped(e))?;
                Some(GivenRounds {
                    evidence,
                    reports,
                    weighted,
                    method,
                    by,
                })
            }
            _ => None,
        };
        let beside = match ranges::none_of(run.header(), run.played()) {
            Some(why) => Err(why),
            None => {
                let found = ranges::played(&plan, player, run.played(), control);
                Ok(found.map_err(|e| run.stopped(e))?)
            }
        };
        let first = 0..order.histories.min(run.played());
        let watch = Watch::new(&control.stop, &());
        let histories = Player { watch, ..player }.whole_rounds::<WIDTH>(&scenario, &plan, first);
        let histories = histories.map_err(|e| run.stopped(e.into()))?;
        if options.format == Format::Parquet {
            // It takes its time, and may be stopped.
            run.keep();
        }
        let (is_kept, kept) = (run.is_kept(), run.kept(run.is_kept()));
        let played = run.finish();
        let mut result = RunResult {
            records: played.records,
            keep_rounds: order.keep_rounds,
            given,
            histories,
            precision: options.precision,
            shard: options
                .shard
                .map(|s| (s, s.rounds(order.rounds), order.rounds)),
            ..RunResult::new(scenario, plan, played.state, beside, options.format)
        };
        let Some(folder) = folder else {
            return Ok(result);
        };
        match result.write(folder, played.file, &control.stop) {
            Ok(()) => Ok(result),
            Err(_) if control.is_stopped() => Err(StudyError::Interrupted(kept)),
            Err(e) if is_kept => Err(StudyError::Resumable(e)),
            Err(e) => Err(e.into()),
        }
    }

    /// The reports of the evidence that is watched for.
    fn reports(&self) -> Result<Vec<Report>, StudyError> {
        let evidence = self.evidence().ok_or_else(|| {
            StudyError::Invalid("no evidence is watched for in this study".to_owned())
        })?;
        let known = reports(evidence, false);
        if known.is_empty() {
            let why = match (evidence.selected.is_empty(), evidence.known_by) {
                (_, None) => "every observation is unknown",
                (true, Some(_)) => "none of its reports was known by then",
                (false, Some(_)) => "none of the selected reports was known by then",
            };
            return Err(StudyError::Invalid(format!(
                "{}: {why}, so there is nothing to take into account",
                evidence.name
            )));
        }
        Ok(known)
    }
}
