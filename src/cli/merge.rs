//! `kzsim merge`

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;

use super::common::{Failure, Signals, terminal_width};
use super::terminal::published;
use crate::ensemble::timeline;
use crate::output::folder::{Folder, FolderError};
use crate::output::manifest::{self, hash_bytes, hash_resolved};
use crate::output::rounds::{AppendError, ROUNDS, RoundsFile};
use crate::output::tables::Results;
use crate::output::write::{Format, write_results};
use crate::plan::Plan;
use crate::scenario::Scenario;
use crate::scenario::fault::Faults;
use crate::store::{CHECKPOINT, Header, Notes, Paired, STATE, Shard, State, pairs_of};

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

/// A shard as its folder describes it.
struct Found {
    folder: PathBuf,
    header: Header,
    resolved: Value,
    /// SHA-256 of its state.
    hash: String,
    /// Names and texts of what the scenario was read from.
    texts: Vec<(String, String)>,
}

/// Why a folder is no shard to be merged, and whether it could not even be read.
struct Unfit {
    text: String,
    unreadable: bool,
}

/// Commands that are printed at most.
const COMMANDS: usize = 100;

pub(super) fn merge(args: &MergeArgs) -> Result<(), Failure> {
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for folder in &args.shards {
        match find(folder) {
            Ok(shard) => found.push(shard),
            Err(fault) => faults.push(fault),
        }
    }
    found.sort_by_key(|f| f.header.shard.map(|s| s.index));
    let mut texts = disagreements(&found);
    if texts.is_empty() {
        texts.extend(incomplete(&found, &faults));
    }
    let code = if faults.iter().any(|f| f.unreadable) {
        3
    } else {
        2
    };
    let texts: Vec<String> = faults.into_iter().map(|f| f.text).chain(texts).collect();
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
    let (scenario, plan) = understand(first)?;
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
    let mut summary = results.summary(state.header.seed, None, terminal_width());
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

/// Reads what a folder says about itself, and its state, which is not kept.
fn find(folder: &Path) -> Result<Found, Unfit> {
    let unfit = |unreadable: bool, what: String| Unfit {
        text: format!("  {}: {what}", folder.display()),
        unreadable,
    };
    let wrong = |what: &str| unfit(false, what.to_owned());
    if let Err(e) = fs::read_dir(folder) {
        return Err(unfit(true, format!("cannot be read: {e}")));
    }
    let Some(manifest) = manifest::read(folder) else {
        return Err(match State::read(&folder.join(CHECKPOINT)) {
            Ok(state) => wrong(&format!(
                "is not finished: {} of {} rounds are played; its command with --resume goes on",
                state.header.next - state.header.first,
                state.header.range().end - state.header.first,
            )),
            Err(_) => wrong("holds no result of kzsim"),
        });
    };
    let Some(entry) = manifest.get("state") else {
        return Err(wrong(
            "holds a result that is no run, or one of an older kzsim",
        ));
    };
    let path = folder.join(STATE);
    let bytes = fs::read(&path).map_err(|e| unfit(true, format!("{STATE} cannot be read: {e}")))?;
    let hash = hash_bytes(&bytes);
    let state = State::decode(&bytes).map_err(|e| unfit(true, format!("{STATE} {e}")))?;
    if entry.get("sha256").and_then(Value::as_str) != Some(&hash) {
        let what = format!("{STATE} is not the one that manifest.json names");
        return Err(unfit(true, what));
    }
    if !state.header.finished {
        return Err(wrong("is not finished"));
    }
    let text = |source: &Value| {
        let of = |key: &str| source.get(key)?.as_str().map(str::to_owned);
        Some((of("name")?, of("content")?))
    };
    let texts = manifest
        .get("sources")
        .and_then(Value::as_array)
        .and_then(|all| all.iter().map(text).collect::<Option<Vec<_>>>())
        .filter(|all| !all.is_empty())
        .ok_or_else(|| wrong("manifest.json does not hold the texts of the scenario"))?;
    Ok(Found {
        folder: folder.to_path_buf(),
        header: state.header,
        resolved: state.resolved,
        hash,
        texts,
    })
}

/// What is not the same in all shards, or there twice.
fn disagreements(found: &[Found]) -> Vec<String> {
    let Some((first, rest)) = found.split_first() else {
        return Vec::new();
    };
    let mut out = Vec::new();
    if first.header.version != env!("CARGO_PKG_VERSION") {
        out.push(format!(
            "  {}: version of kzsim: {} there, {} here",
            first.folder.display(),
            first.header.version,
            env!("CARGO_PKG_VERSION")
        ));
    }
    for other in rest {
        // Each is a shard of its own; everything else is the same.
        let wanted = Header {
            shard: other.header.shard,
            ..first.header.clone()
        };
        let resolved = (&other.resolved, &first.resolved);
        let mut differ = other.header.differences(&wanted, resolved);
        if other.header.rounds != first.header.rounds {
            differ.push(format!(
                "rounds of the run: {} there, {} here",
                other.header.rounds, first.header.rounds
            ));
        }
        let count = |f: &Found| {
            f.header
                .shard
                .map_or("none".to_owned(), |s| s.count.to_string())
        };
        if count(other) != count(first) {
            differ.push(format!(
                "shards of the run: {} there, {} here",
                count(other),
                count(first)
            ));
        }
        if differ.is_empty() && other.texts != first.texts {
            differ.push("the texts that the scenario was read from".to_owned());
        }
        if !differ.is_empty() {
            out.push(format!(
                "  {} (there) does not agree with {} (here):\n    {}",
                other.folder.display(),
                first.folder.display(),
                differ.join("\n    ")
            ));
        }
    }
    if !out.is_empty() {
        return out;
    }
    for pair in found.windows(2) {
        if pair[0].header.shard == pair[1].header.shard {
            let which = pair[0]
                .header
                .shard
                .map_or("the whole run".to_owned(), |s| format!("shard {s}"));
            out.push(format!(
                "  {which} is there twice: {} and {}",
                pair[0].folder.display(),
                pair[1].folder.display()
            ));
        }
    }
    out
}

/// What is missing, with the commands that play it.
fn incomplete(found: &[Found], faults: &[Unfit]) -> Vec<String> {
    let Some(first) = found.first() else {
        return Vec::new();
    };
    let Some(Shard { count, .. }) = first.header.shard else {
        return Vec::new();
    };
    let mut there = found.iter().filter_map(|f| f.header.shard).peekable();
    let mut missing = Vec::new();
    let mut lost = 0_usize;
    for index in 0..count {
        if there.next_if(|s| s.index == index).is_some() {
            continue;
        }
        lost += 1;
        if missing.len() < COMMANDS
            && let Ok(shard) = Shard::new(index, count)
        {
            missing.push(format!("    {}", command(first, shard)));
        }
    }
    if missing.is_empty() {
        return Vec::new();
    }
    let more = lost - missing.len();
    if more > 0 {
        missing.push(format!("    and {more} more"));
    }
    // A shard that was named and cannot be used is missing too.
    let besides = if faults.is_empty() {
        ""
    } else {
        ", with those above"
    };
    vec![format!(
        "  {lost} of {count} shards missing{besides}; each is played by\n{}",
        missing.join("\n")
    )]
}

/// The command that plays a shard of the same run.
fn command(like: &Found, shard: Shard) -> String {
    let mut words = vec!["kzsim".to_owned(), "run".to_owned()];
    let header = &like.header;
    for (i, (name, text)) in like.texts.iter().enumerate() {
        if i == 0 {
            words.push(quoted(name));
        } else if name.starts_with(SETTING) {
            words.push(format!("--set {}", quoted(text)));
        }
    }
    words.push(format!("--seed {} --rounds {}", header.seed, header.rounds));
    if header.rounds_csv.is_some() {
        words.push("--keep-rounds".to_owned());
    }
    let beside = like.folder.parent().unwrap_or(Path::new(""));
    let out = beside.join(shard.folder()).display().to_string();
    if !header.followed.is_empty() {
        words.push(format!("--follow {}", quoted(&header.followed.join(","))));
    }
    words.push(format!("--shard {shard} --out {}", quoted(&out)));
    words.join(" ")
}

/// How a setting is named among the texts of a scenario.
const SETTING: &str = "--set ";

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:,+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// The scenario of the shards, from the texts in a manifest.
fn understand(first: &Found) -> Result<(Scenario, Plan), Failure> {
    let is_file = |t: &&(String, String)| !t.0.starts_with(SETTING);
    let files: Vec<(String, String)> = first.texts.iter().take_while(is_file).cloned().collect();
    let settings: Vec<String> = first.texts[files.len()..]
        .iter()
        .map(|(_, text)| text.clone())
        .collect();
    let scenario =
        Scenario::read_again(&first.header.scenario, &files, &settings).map_err(Failure::Faults)?;
    if hash_resolved(&scenario) != first.header.resolved_sha256 {
        let path = first.folder.join(manifest::FILE);
        let what = "the texts of the scenario are not those that the shard was played from";
        return Err(FolderError::new(&path, what).into());
    }
    match Plan::new(&scenario) {
        Ok(mut plan) => {
            plan.followed = timeline::chosen(&first.header.followed, &scenario, &plan.layout)
                .map_err(|wrong| FolderError::new(&first.folder.join(STATE), wrong.join("; ")))?;
            Ok((scenario, plan))
        }
        Err(faults) => Err(Failure::Faults(Faults::new(scenario.sources, faults))),
    }
}

/// Adds up the counts of all shards, and puts their `rounds.csv` one below the other.
fn add_up(
    scenario: &Scenario,
    plan: &Plan,
    found: &[Found],
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
        let path = shard.folder.join(STATE);
        let wrong = |e: &dyn std::fmt::Display| FolderError::new(&path, e.to_string());
        let bytes = fs::read(&path).map_err(|e| wrong(&format!("cannot be read: {e}")))?;
        if hash_bytes(&bytes) != shard.hash {
            return Err(wrong(&"was changed while it was merged").into());
        }
        let state = State::decode(&bytes).map_err(|e| wrong(&e))?;
        state.fit(scenario, plan).map_err(|e| wrong(&e))?;
        if let (Some(file), Some(part)) = (&mut file, &state.header.rounds_csv) {
            let path = shard.folder.join(ROUNDS);
            let added = File::open(&path)
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
