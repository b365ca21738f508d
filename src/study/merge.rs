//! Merging the shards of a run into the result that the single run would have given.

use std::path::{Path, PathBuf};

use super::control::Control;
use super::error::{Kept, StudyError};
use super::play::Output;
use super::ranges;
use super::run::RunResult;
use crate::ensemble::{Player, Tally};
use crate::files;
use crate::plan::Plan;
use crate::result::folder::{Folder, FolderError};
use crate::result::played_folders::{PlayedFolder, disagreements, missing, read_all};
use crate::result::rounds::{AppendError, RoundsFile};
use crate::result::write::Format;
use crate::result::{
    Header, PairCounts, ROUNDS, Request, RunRequest, State, WaitingRounds, pairs_of,
};
use crate::scenario::Scenario;
use crate::scenario::visible::visible_path;
use crate::table::Row as _;
use crate::table::given::GivenOutcomeRow;

/// Options of [`merge`].
#[derive(Debug, Clone, Default)]
pub struct Merge {
    /// Where the result is written.
    pub output: Output,
    /// How rows of rounds are written.
    pub format: Format,
    /// Stops it.
    pub control: Control,
}

/// Merges the shards in `folders`, in any order, and writes the result.
///
/// # Errors
/// When a shard is missing, unfinished, damaged or of a different run: all of it at once, with the
/// commands that play what is missing. When the folder cannot be used or written.
pub fn merge(folders: &[PathBuf], options: &Merge) -> Result<RunResult, StudyError> {
    let found = shards(folders)?;
    let first = &found[0];
    if options.format == Format::Parquet && first.header.rounds_csv.is_none() {
        return Err(StudyError::Invalid(
            "rows of rounds as Parquet: these shards were played without --keep-rounds".to_owned(),
        ));
    }
    let (scenario, plan) = first.rebuild()?;
    let header = &first.header;
    let request = Request::new("run", [&scenario], header.seed, header.rounds).run(RunRequest {
        shard: None,
        keep_rounds: header.rounds_csv.is_some(),
        parquet: options.format == Format::Parquet,
        followed: header.followed.clone(),
        no_ranges: header.no_ranges,
        histories: 0,
    });
    let same = |a: &Path, b: &Path| match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    };
    let default = || Path::new("results").join(&scenario.name);
    let target = options.output.folder.clone().unwrap_or_else(default);
    if let Some(own) = found.iter().find(|f| same(&f.folder, &target)) {
        return Err(StudyError::Invalid(format!(
            "{}: is one of the shards; write the result to a different folder",
            visible_path(&own.folder)
        )));
    }
    let control = &options.control;
    let folder = options
        .output
        .open(&scenario.name, &request, false, control)?;
    let (state, file) = add_up(&scenario, &plan, &found, &folder, control)?;
    let rounds = state.tally.rounds;
    let beside = match ranges::none_of(&state.header, rounds) {
        Some(why) => Err(why),
        None => {
            let player = Player {
                seed: state.header.seed,
                ..Player::default()
            };
            Ok(ranges::played(&plan, player, rounds, control)?)
        }
    };
    let mut result = RunResult::new(scenario, plan, state, beside, options.format);
    match result.write(folder, file, &control.stop) {
        Err(_) if control.is_stopped() => Err(StudyError::Interrupted(Kept::Nothing)),
        written => Ok(written.map(|()| result)?),
    }
}

/// Reads all shards of one run, at least one, in their order.
fn shards(folders: &[PathBuf]) -> Result<Vec<PlayedFolder>, StudyError> {
    let (found, unfit) = read_all(folders);
    let unreadable = unfit.iter().any(|f| f.unreadable);
    let given = found
        .iter()
        .filter(|f| files::is_there(&f.folder.join(GivenOutcomeRow::FILE)));
    let mut reasons: Vec<String> = given
        .map(|f| {
            format!(
                "{}: holds shares given evidence, which a merged result would lose",
                visible_path(&f.folder)
            )
        })
        .collect();
    reasons.extend(disagreements(&found));
    if reasons.is_empty() {
        reasons.extend(missing(&found, !unfit.is_empty()));
    }
    let reasons: Vec<String> = unfit
        .into_iter()
        .map(|f| f.text)
        .chain(reasons)
        .map(|text| format!("\n  {}", text.replace('\n', "\n  ")))
        .collect();
    if found.is_empty() || !reasons.is_empty() {
        return Err(StudyError::UnusableFolder {
            text: format!("cannot merge{}", reasons.concat()),
            unreadable,
        });
    }
    Ok(found)
}

/// Adds up the counts of all shards, and joins their `rounds.csv`.
fn add_up(
    scenario: &Scenario,
    plan: &Plan,
    found: &[PlayedFolder],
    folder: &Folder,
    control: &Control,
) -> Result<(State, Option<RoundsFile>), StudyError> {
    let first = &found[0].header;
    let mut tally = Tally::empty(scenario, plan);
    let mut pairs: Option<PairCounts> = None;
    let mut file = match &first.rounds_csv {
        Some(_) => Some(RoundsFile::create(folder, scenario)?),
        None => None,
    };
    for shard in found {
        if control.is_stopped() {
            return Err(StudyError::Interrupted(Kept::Nothing));
        }
        let state = shard.state(scenario, plan)?;
        if let (Some(file), Some(part)) = (&mut file, &state.header.rounds_csv) {
            let path = shard.folder.join(ROUNDS);
            let added = files::open(&path)
                .map_err(AppendError::Source)
                .and_then(|from| file.append(scenario, from, part, &control.stop));
            added.map_err(|e| match e {
                AppendError::Source(e) => FolderError::new(&path, e.to_string()).into(),
                AppendError::Target(e) => folder.failed(ROUNDS, &e).into(),
                AppendError::Stopped => StudyError::Interrupted(Kept::Nothing),
            })?;
        }
        tally.merge(&state.tally);
        match &mut pairs {
            Some(pairs) => pairs.merge(&state.pairs),
            None => pairs = Some(state.pairs),
        }
    }
    let header = Header {
        shard: None,
        first: 0,
        next: first.rounds,
        rounds_csv: match &mut file {
            Some(file) => Some(file.flush().map_err(|e| folder.failed(ROUNDS, &e))?),
            None => None,
        },
        ..first.clone()
    };
    let state = State {
        resolved: scenario.resolved.clone(),
        tally,
        pairs: pairs.unwrap_or_else(|| PairCounts::new(pairs_of(header.rounds), scenario)),
        header,
        waiting: WaitingRounds::default(),
    };
    Ok((state, file))
}
