//! What a result was asked for. An earlier one is replaced only if nothing is lost with it: by the same
//! scenarios and options, with the same or more rounds.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::header::{Header, RowsExtent};
use super::manifest::{self, GIVEN_BY, KNOWN_BY, REPORTS, hash_resolved};
use super::shard::Shard;
use super::state::State;
use super::{CHECKPOINT, ROUNDS, ROUNDS_PARQUET, STATE};
use crate::files;
use crate::scenario::difference::{Difference, differences};
use crate::scenario::{Evidence, Scenario};

/// A scenario that is played.
#[derive(Debug, Clone)]
struct Asked {
    name: String,
    hash: String,
    resolved: Value,
}

/// What only runs have.
#[derive(Debug, Clone, Default)]
pub struct RunRequest {
    /// Which part of a run it is, if it is one.
    pub shard: Option<Shard>,
    /// Whether rows of rounds are kept.
    pub keep_rounds: bool,
    /// Whether they are also written as Parquet.
    pub parquet: bool,
    /// Names of the quantities that are followed on request.
    pub followed: Vec<String>,
    /// Whether ranges across guesses and forms are left out.
    pub no_ranges: bool,
    /// How many of the first rounds are kept as whole histories.
    pub histories: u64,
}

/// What a result was asked for.
#[derive(Debug, Clone)]
pub struct Request {
    command: &'static str,
    scenarios: Vec<Asked>,
    /// SHA-256 of the texts of the evidence.
    evidence: Vec<String>,
    /// What else decides what is in it, by option: all but rounds and seed.
    options: Vec<(&'static str, String)>,
    seed: u64,
    /// The most rounds that are played.
    rounds: u64,
    run: Option<RunRequest>,
}

/// Most settings that are listed.
const LISTED: usize = 3;
/// Most folders that are tried under numbered names.
const MOST: usize = 10_000;
/// The option that may grow, as rounds may.
const ROWS: &str = "rows";
/// The option that is a hash, which tells a reader nothing.
const POINTS: &str = "points";
/// The options that say what of evidence counts, and how.
const COUNTED: [&str; 3] = [REPORTS, KNOWN_BY, GIVEN_BY];

impl Request {
    /// A request of a command that plays so many rounds.
    #[must_use]
    pub fn new<'s>(
        command: &'static str,
        scenarios: impl IntoIterator<Item = &'s Scenario>,
        seed: u64,
        rounds: u64,
    ) -> Self {
        let asked = |s: &Scenario| Asked {
            name: s.name.clone(),
            hash: hash_resolved(s),
            resolved: s.resolved.clone(),
        };
        Self {
            command,
            scenarios: scenarios.into_iter().map(asked).collect(),
            evidence: Vec::new(),
            options: Vec::new(),
            seed,
            rounds,
            run: None,
        }
    }

    /// The same of a run.
    #[must_use]
    pub fn run(mut self, run: RunRequest) -> Self {
        self.run = Some(run);
        self
    }

    /// The same with evidence.
    #[must_use]
    pub fn given(mut self, evidence: &Evidence) -> Self {
        self.evidence = manifest::hashes(&evidence.sources);
        if !evidence.selected.is_empty() {
            self = self.with(REPORTS, evidence.selected.join(", "));
        }
        match evidence.known_by {
            Some(moment) => self.with(KNOWN_BY, moment),
            None => self,
        }
    }

    /// The same with an option that decides what is in the result.
    #[must_use]
    pub fn with(mut self, option: &'static str, value: impl std::fmt::Display) -> Self {
        self.options.push((option, value.to_string()));
        self
    }

    /// The seed.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// What decides what is in the result, by option.
    pub(super) fn options(&self) -> impl Iterator<Item = (String, String)> {
        let owned = |(name, value): &(&'static str, String)| ((*name).to_owned(), value.clone());
        self.options.iter().map(owned)
    }

    /// What a folder holds that this result would not have; nothing if it may be replaced.
    #[must_use]
    pub fn losses(&self, folder: &Path) -> Option<String> {
        let unfinished = self.unfinished(folder);
        unfinished.or_else(|| {
            let earlier = manifest::read_value(folder).ok()?;
            let mut out = self.differences(&earlier);
            if has(&earlier, ROUNDS) && self.run.as_ref().is_some_and(|run| !run.keep_rounds) {
                out.push(format!("{ROUNDS}, left out without --keep-rounds"));
            }
            out.extend(self.parquet_lost(&earlier));
            out.extend(self.ranges_lost(&earlier));
            out.extend(self.histories_lost(folder));
            out.extend(self.evidence_lost(&earlier));
            out.extend(self.counted_lost(&earlier));
            out.extend(self.unfollowed(folder));
            let command = earlier["command"].as_str().unwrap_or("another command");
            told(&format!("a result of `kzsim {command}`"), &out)
        })
    }

    /// The same for a run that continues the one in the folder, whose counts it keeps.
    pub(super) fn losses_beside_counts(&self, folder: &Path) -> Option<String> {
        let unfinished = files::is_there(&folder.join(CHECKPOINT));
        if !unfinished && !files::is_there(&folder.join(STATE)) {
            return self.losses(folder);
        }
        let earlier = manifest::read_value(folder).ok()?;
        // Whoever continues compares everything that its counts depend on, and whether rows are kept;
        // a finished result beside a checkpoint may have more rounds.
        let longer = self.rounds_lost(&earlier).filter(|_| unfinished);
        let mut out: Vec<String> = longer.into_iter().collect();
        out.extend(self.evidence_lost(&earlier));
        out.extend(self.counted_lost(&earlier));
        out.extend(self.parquet_lost(&earlier));
        out.extend(self.ranges_lost(&earlier));
        out.extend(self.histories_lost(folder));
        told("a result", &out)
    }

    /// What the header of a checkpoint of this run says.
    fn header(&self) -> Option<(Header, &Asked)> {
        let (run, asked) = (self.run.as_ref()?, self.scenarios.first()?);
        let header = Header {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            scenario: asked.name.clone(),
            resolved_sha256: asked.hash.clone(),
            seed: self.seed,
            rounds: self.rounds,
            shard: run.shard,
            first: 0,
            next: 0,
            rounds_csv: run.keep_rounds.then(RowsExtent::default),
            rounds_part: None,
            followed: run.followed.clone(),
            precision: None,
            finished: false,
            no_ranges: run.no_ranges,
            histories: run.histories,
        };
        Some((header, asked))
    }

    /// What a checkpoint in a folder holds that this run would not continue to hold.
    fn unfinished(&self, folder: &Path) -> Option<String> {
        let state = State::read(&folder.join(CHECKPOINT)).ok()?;
        let played = state.header.next - state.header.first;
        let what = format!("{played} rounds of an unfinished run");
        let Some((wanted, asked)) = self.header() else {
            return told(&what, &["continue it with --resume".to_owned()]);
        };
        let resolved = (&state.resolved, &asked.resolved);
        let mut out = state.header.differences(&wanted, resolved);
        if state.header.next > wanted.range().end {
            out.push(format!("rounds: {played} instead of {}", self.rounds));
        }
        told(&what, &out)
    }

    /// What an earlier result is of, and this one is not.
    fn differences(&self, earlier: &Value) -> Vec<String> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let command = text(&earlier["command"]);
        if command != self.command {
            return vec![format!("this command is `kzsim {}`", self.command)];
        }
        let mut out = Vec::new();
        let (version, here) = (text(&earlier["version"]), env!("CARGO_PKG_VERSION"));
        if version != here {
            out.push(format!("version of kzsim: {version} instead of {here}"));
        }
        out.extend(self.scenarios_differ(earlier));
        let others = self.options.iter().filter(|(n, _)| !COUNTED.contains(n));
        for (name, value) in others {
            let there = text(&earlier["options"][*name]);
            let grows = || match (there.parse::<u64>(), value.parse::<u64>()) {
                (Ok(there), Ok(here)) => *name == ROWS && there <= here,
                _ => false,
            };
            if there == *value || grows() {
                continue;
            }
            out.push(if *name == POINTS {
                "the points differ".to_owned()
            } else {
                format!("{name}: {} instead of {}", short(&there), short(value))
            });
        }
        let shard = Shard::new(
            earlier["shard"]["index"].as_u64().unwrap_or(0),
            earlier["shard"]["count"].as_u64().unwrap_or(0),
        );
        let (there, here) = (shard.ok(), self.run.as_ref().and_then(|r| r.shard));
        if there != here {
            let shown = |s: Option<Shard>| s.map_or("none".to_owned(), |s| s.to_string());
            out.push(format!(
                "shard: {} instead of {}",
                shown(there),
                shown(here)
            ));
        }
        out.extend(self.rounds_lost(earlier));
        out
    }

    /// Rounds of an earlier result, if this one has fewer.
    fn rounds_lost(&self, earlier: &Value) -> Option<String> {
        let in_all = earlier["shard"]["rounds_in_all"].as_u64();
        let rounds = in_all.or(earlier["rounds"].as_u64()).unwrap_or(0);
        let lost = rounds > self.rounds && !self.options.iter().any(|(name, _)| *name == ROWS);
        lost.then(|| format!("rounds: {rounds} instead of {}", self.rounds))
    }

    /// How the scenarios of an earlier result differ from these.
    fn scenarios_differ(&self, earlier: &Value) -> Vec<String> {
        let single = std::slice::from_ref(earlier);
        let there: &[Value] = match earlier["scenarios"].as_array() {
            Some(several) => several,
            None => single,
        };
        let names = |all: Vec<&str>| all.join(", ");
        let named = names(
            there
                .iter()
                .filter_map(|s| s["scenario"].as_str())
                .collect(),
        );
        let wanted = names(self.scenarios.iter().map(|s| s.name.as_str()).collect());
        let mut out = Vec::new();
        if named != wanted {
            out.push(format!("scenario: {named} instead of {wanted}"));
        }
        for (there, here) in there.iter().zip(&self.scenarios) {
            if there["resolved_sha256"].as_str() == Some(&here.hash) {
                continue;
            }
            let found = differences(&there["resolved"], &here.resolved);
            out.extend(found.iter().take(LISTED).map(Difference::to_string));
            match found.len() {
                0 => out.push("the order of entries in the scenario".to_owned()),
                n if n > LISTED => {
                    out.push(format!("and {} more settings of the scenario", n - LISTED));
                }
                _ => {}
            }
        }
        out
    }

    /// Rows of rounds as Parquet that an earlier result has, and this one would not have.
    fn parquet_lost(&self, earlier: &Value) -> Option<String> {
        let lost =
            self.run.as_ref().is_some_and(|run| !run.parquet) && has(earlier, ROUNDS_PARQUET);
        lost.then(|| format!("{ROUNDS_PARQUET}, left out without --format parquet"))
    }

    /// Ranges that an earlier result has, and this one would not have.
    fn ranges_lost(&self, earlier: &Value) -> Option<String> {
        let lost =
            self.run.as_ref().is_some_and(|run| run.no_ranges) && !earlier["ranges"].is_null();
        lost.then(|| "ranges across guesses and forms, left out with --no-ranges".to_owned())
    }

    /// Whole histories that an earlier result has, and this one would not have.
    fn histories_lost(&self, folder: &Path) -> Option<String> {
        let run = self.run.as_ref()?;
        let state = State::read(&folder.join(STATE)).ok()?;
        let there = state.header.histories;
        (there > run.histories)
            .then(|| format!("{there} whole histories, left out without --histories {there}"))
    }

    /// Evidence that an earlier result takes into account, and this one would not.
    fn evidence_lost(&self, earlier: &Value) -> Option<String> {
        let sources = earlier["evidence"]["sources"].as_array();
        let hashes = sources.into_iter().flatten();
        let hashes: Vec<&str> = hashes.filter_map(|s| s["sha256"].as_str()).collect();
        if hashes.is_empty() || hashes == self.evidence {
            return None;
        }
        let name = earlier["evidence"]["evidence"].as_str().unwrap_or_default();
        let here = if self.evidence.is_empty() {
            " instead of none"
        } else {
            ", with a different text"
        };
        Some(format!("evidence: {name}{here}"))
    }

    /// Which reports an earlier answer counts, if this one counts others.
    fn counted_lost(&self, earlier: &Value) -> Vec<String> {
        let lost = |option: &&str| {
            let own = self.options.iter().find(|(name, _)| name == option);
            let own = own.map(|(_, value)| value.as_str());
            let before = earlier["options"][*option].as_str();
            let unsaid = match *option {
                GIVEN_BY => "whatever leaves enough rounds",
                REPORTS => "all",
                _ => "any time",
            };
            (before != own).then(|| {
                let [before, own] = [before, own].map(|o| o.unwrap_or(unsaid));
                format!("{option}: {} instead of {}", short(before), short(own))
            })
        };
        if earlier["evidence"].is_null() {
            return Vec::new();
        }
        COUNTED.iter().filter_map(lost).collect()
    }

    /// What is followed day by day in an earlier result alone.
    fn unfollowed(&self, folder: &Path) -> Option<String> {
        let run = self.run.as_ref()?;
        let state = State::read(&folder.join(STATE)).ok()?;
        let mut lost = state.header.followed;
        lost.retain(|name| !run.followed.contains(name));
        (!lost.is_empty()).then(|| {
            format!(
                "followed quantities, left out without --follow {}",
                lost.join(",")
            )
        })
    }

    /// Whether a folder holds this run, unfinished or not.
    fn is_in(&self, folder: &Path) -> bool {
        let Some((wanted, asked)) = self.header() else {
            return false;
        };
        let name = if files::is_there(&folder.join(CHECKPOINT)) {
            CHECKPOINT
        } else {
            STATE
        };
        State::read(&folder.join(name)).is_ok_and(|state| {
            let resolved = (&state.resolved, &asked.resolved);
            state.header.differences(&wanted, resolved).is_empty()
                && state.header.next <= wanted.range().end
        })
    }

    /// The folder where this result goes unless another is named: `default`, or if something would be
    /// lost there, the first of `default-2`, `default-3` and so on where nothing is. To `resume`, the
    /// first of them that holds this run. Also tells what the default holds instead.
    #[must_use]
    pub fn place(&self, default: &Path, resume: bool) -> (PathBuf, Option<String>) {
        let numbered = |n: usize| match n {
            1 => default.to_path_buf(),
            n => {
                let mut name = default.as_os_str().to_owned();
                name.push(format!("-{n}"));
                PathBuf::from(name)
            }
        };
        let there = |folder: &PathBuf| files::is_there(folder);
        if resume {
            let existing = (1..=MOST).map(numbered).take_while(there);
            let own = existing.into_iter().find(|folder| self.is_in(folder));
            return (own.unwrap_or_else(|| default.to_path_buf()), None);
        }
        let mut holds = None;
        for folder in (1..=MOST).map(numbered) {
            match self.losses(&folder) {
                None => return (folder, holds),
                Some(loss) => holds = holds.or(Some(loss)),
            }
        }
        (default.to_path_buf(), None)
    }
}

/// Whether an earlier result has a file.
fn has(earlier: &Value, file: &str) -> bool {
    let files = earlier["files"].as_array();
    files.is_some_and(|all| all.iter().any(|f| f["file"] == file))
}

/// Something in a folder with what distinguishes it; nothing if nothing does.
fn told(what: &str, differences: &[String]) -> Option<String> {
    let mut out = what.to_owned();
    for (i, difference) in differences.iter().enumerate() {
        let _ = write!(out, "{}{difference}", if i == 0 { " (" } else { "; " });
    }
    out.push(')');
    (!differences.is_empty()).then_some(out)
}

/// A value in a few words.
fn short(value: &str) -> String {
    match value.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None if value.is_empty() => "nothing".to_owned(),
        None => value.to_owned(),
    }
}
