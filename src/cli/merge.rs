//! `kzsim merge`

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::common::{Failure, Signals, layout};
use super::terminal::published;
use crate::plan::Plan;
use crate::result::folder::{Folder, FolderError};
use crate::result::played_folders::{
    Misunderstood, PlayedFolder, disagreements, missing, read_all,
};
use crate::result::rounds::{AppendError, ROUNDS, RoundsFile};
use crate::result::write::{Format, write_results};
use crate::result::{Header, Notes, Paired, State, open_plain, pairs_of};
use crate::scenario::Scenario;
use crate::table::run::Results;

/// Put the shards of a run together: the bytes of the single run.
///
/// Every shard must be there once, finished, and of the same scenario, seed, rounds and version of
/// kzsim; whatever is not so is said all at once, with the commands that play what is missing. The
/// folders of the shards stay as they are.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim merge results/base/shard_*
  kzsim merge results/base/shard_* --out results/whole
  kzsim merge node1/shard_0_of_2 node2/shard_1_of_2 --out results/base")]
pub(super) struct MergeArgs {
    /// The folders of the shards, in any order
    #[arg(value_name = "DIR", required = true)]
    shards: Vec<PathBuf>,
    /// Folder for the results [default: one in results/ that is named after the scenario]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write among files that are no earlier result of kzsim; files of other names stay
    #[arg(long)]
    force: bool,
    /// How the rows of rounds are written, of shards that were played with --keep-rounds
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: Format,
}

pub(super) fn merge(args: &MergeArgs) -> Result<(), Failure> {
    let (found, faults) = read_all(&args.shards);
    let mut texts = disagreements(&found);
    if texts.is_empty() {
        texts.extend(missing(&found, !faults.is_empty()));
    }
    let code = if faults.iter().any(|f| f.unreadable) {
        3
    } else {
        2
    };
    let texts: Vec<String> = faults
        .into_iter()
        .map(|f| f.text)
        .chain(texts)
        .map(|text| indented(&text))
        .collect();
    let Some(first) = found.first().filter(|_| texts.is_empty()) else {
        let text = texts.join("\n");
        return Err(Failure::Several(
            format!("error: cannot merge\n{text}"),
            code,
            Vec::new(),
        ));
    };
    if args.format == Format::Parquet && first.header.rounds_csv.is_none() {
        return Err(Failure::Usage(
            "--format parquet: these shards were played without --keep-rounds".to_owned(),
        ));
    }
    let (scenario, plan) = first.understand()?;
    let default = || Path::new("results").join(&scenario.name);
    let target = args.out.clone().unwrap_or_else(default);
    let same = |a: &Path, b: &Path| match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    };
    if let Some(own) = found.iter().find(|f| same(&f.folder, &target)) {
        return Err(Failure::Usage(format!(
            "{}: is one of the shards; name another folder with --out",
            own.folder.display()
        )));
    }
    let signals = Signals::listen();
    let folder = Folder::open(&target, args.force)?;
    signals.remove_at_exit(folder.gathered());
    let (state, file) = add_up(&scenario, &plan, &found, &folder, &signals)?;
    let results = Results {
        scenario: &scenario,
        plan: &plan,
        tally: &state.tally,
        pairs: state.paired.pairs.clone(),
    };
    let mut summary = results.summary(state.header.seed, None, layout());
    let stop = &signals.stop;
    let written = write_results(folder, &results, &state, file, None, args.format, stop);
    if written.is_err() && signals.is_stopped() {
        return Err(Failure::Interrupted);
    }
    written?;
    let of = match found.len() {
        1 => "1 shard".to_owned(),
        n => format!("{n} shards"),
    };
    let _ = writeln!(summary, "\nMerged from {of}");
    published(&target, &summary, &super::run::TABLES)
}

impl From<Misunderstood> for Failure {
    fn from(why: Misunderstood) -> Self {
        match why {
            Misunderstood::Folder(e) => e.into(),
            Misunderstood::Faults(faults) => Self::Faults(faults),
        }
    }
}

/// Lines further in, below what they are about.
fn indented(text: &str) -> String {
    format!("  {}", text.replace('\n', "\n  "))
}

/// Adds up the counts of all shards, and puts their `rounds.csv` one below the other.
fn add_up(
    scenario: &Scenario,
    plan: &Plan,
    found: &[PlayedFolder],
    folder: &Folder,
    signals: &Signals,
) -> Result<(State, Option<RoundsFile>), Failure> {
    let mut whole: Option<State> = None;
    let mut file = match &found[0].header.rounds_csv {
        Some(_) => Some(RoundsFile::create(folder, scenario)?),
        None => None,
    };
    for shard in found {
        if signals.is_stopped() {
            return Err(Failure::Interrupted);
        }
        let state = shard.state(scenario, plan)?;
        if let (Some(file), Some(part)) = (&mut file, &state.header.rounds_csv) {
            let path = shard.folder.join(ROUNDS);
            let added = open_plain(&path)
                .map_err(AppendError::Source)
                .and_then(|from| file.append(scenario, from, part, &signals.stop));
            added.map_err(|e| match e {
                AppendError::Source(e) => Failure::from(FolderError::new(&path, e.to_string())),
                AppendError::Target(e) => folder.failed(ROUNDS, &e).into(),
                AppendError::Stopped => Failure::Interrupted,
            })?;
        }
        match &mut whole {
            Some(whole) => {
                whole.tally.merge(&state.tally);
                whole.paired.merge(&state.paired);
            }
            None => whole = Some(state),
        }
    }
    let header = Header {
        shard: None,
        first: 0,
        next: found[0].header.rounds,
        rounds_csv: match &mut file {
            Some(file) => Some(file.mark().map_err(|e| folder.failed(ROUNDS, &e))?),
            None => None,
        },
        ..found[0].header.clone()
    };
    let (tally, paired) = match whole {
        Some(state) => (state.tally, state.paired),
        None => (
            crate::ensemble::course::nothing(scenario, plan),
            Paired::new(pairs_of(header.rounds), scenario),
        ),
    };
    let state = State {
        header,
        resolved: scenario.resolved.clone(),
        tally,
        paired,
        notes: Notes::default(),
    };
    Ok((state, file))
}
