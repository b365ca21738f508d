//! Sealed forecasts: shares of a run with a question and dates, under one hash that can be published.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::control::Control;
use super::error::StudyError;
use super::forecasts::{Entry, SLACK, Said, nothing_fits, rounds_of_case};
use super::open::Study;
use super::run::Run;
use crate::files;
use crate::result::folder::FolderError;
use crate::result::manifest::{self, Manifest, hash_bytes};
use crate::scenario::fault::{Fault, Place, Sources};
use crate::scenario::misread::is_formula;
use crate::scenario::visible::visible_path;
use crate::scenario::{Unreadable, read_text};
use crate::table::given::GivenOutcomeRow;
use crate::table::run::OutcomeRow;
use crate::table::{self, Row};

/// How the names of seals end.
const ENDING: &str = ".seal.toml";
/// The outcome that stands for those that are not sealed by name.
const OTHER: &str = "other";
/// What is wrong with a seal that was changed.
pub const BROKEN: &str = "the seal is broken: its content does not have the SHA-256 that it names";
/// More rounds than anybody plays.
const MOST_ROUNDS: f64 = 1e15;
/// The key of the hash.
const HASH: &str = "sha256";
/// The first line of a seal.
const HEADER: &str =
    "# A sealed forecast: `kzsim seal --check` plays it again. Any change breaks the seal.\n";

/// What is asked, by whom, and when.
#[derive(Debug, Clone)]
pub struct SealRequest {
    /// Id of the case, as observations will call it; the scenario's name by default.
    pub case: Option<String>,
    /// The question.
    pub question: String,
    /// How it will be resolved, and from which source.
    pub rule: String,
    /// Who forecasts.
    pub forecaster: String,
    /// The date of the seal.
    pub made: Date,
    /// The last day on which forecasts count.
    pub by: Date,
    /// The day on which it will be resolved.
    pub resolves: Date,
    /// Outcomes to seal by name; the others are added up as `other`. All, if none is named.
    pub outcomes: Vec<String>,
    /// Makes the hash tell nothing of the shares until the seal is shown.
    pub salt: Option<String>,
}

/// A sealed forecast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// SHA-256 of all that follows as compact JSON, keys in this order.
    sha256: String,
    /// Version of the program.
    kzsim: String,
    case: String,
    question: String,
    rule: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    forecaster: String,
    made: String,
    by: String,
    resolves: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    salt: Option<String>,
    /// The folder of the run, as it was named.
    result: String,
    scenario: String,
    scenario_sha256: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    evidence_sha256: Vec<String>,
    manifest_sha256: String,
    seed: u64,
    rounds: u64,
    /// With evidence: equally weighted rounds that would know as much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    effective_rounds: Option<f64>,
    shares: BTreeMap<String, f64>,
}

impl Seal {
    /// The hash that its content has.
    fn hash(&self) -> String {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        if let Some(all) = value.as_object_mut() {
            all.shift_remove(HASH);
        }
        hash_bytes(value.to_string().as_bytes())
    }

    /// The hash to publish.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Id of the case.
    #[must_use]
    pub fn case(&self) -> &str {
        &self.case
    }

    /// The sealed shares, by outcome.
    #[must_use]
    pub fn shares(&self) -> &BTreeMap<String, f64> {
        &self.shares
    }

    /// The usual name of its file.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("{}_{}{ENDING}", self.case, self.made)
    }

    /// Whether it is as it was sealed: its content has the hash that it names.
    #[must_use]
    pub fn is_unbroken(&self) -> bool {
        self.hash() == self.sha256
    }

    /// Reads a seal that may be broken.
    ///
    /// # Errors
    /// When it cannot be read or is no seal.
    pub fn read(path: &Path) -> Result<Self, StudyError> {
        let text = read_text(path).map_err(|what| Unreadable {
            path: path.to_string_lossy().into_owned(),
            what,
        })?;
        let wrong = |what: String| {
            StudyError::Invalid(format!("{}: {}", visible_path(path), what.trim_end()))
        };
        let seal: Self = toml::from_str(&text).map_err(|e| wrong(e.to_string()))?;
        for (key, text) in [
            ("made", &seal.made),
            ("by", &seal.by),
            ("resolves", &seal.resolves),
        ] {
            if text.parse::<Date>().is_err() {
                return Err(wrong(format!(
                    "{key} = \"{text}\": expected a date, 2026-01-31"
                )));
            }
        }
        if seal.rounds == 0 {
            return Err(wrong("rounds = 0: expected 1 or more".to_owned()));
        }
        if let Some(n) = seal.effective_rounds
            && !(1.0..=MOST_ROUNDS).contains(&n)
        {
            return Err(wrong(format!(
                "effective_rounds = {n:e}: expected a number of rounds, 1 or more"
            )));
        }
        // The rest of the outcomes are added up, to a little more than 1 where no other was seen.
        let possible = 0.0..=1.0 + SLACK;
        if let Some((outcome, p)) = seal.shares.iter().find(|(_, p)| !possible.contains(*p)) {
            return Err(wrong(format!(
                "shares.{outcome} = {p}: expected a number from 0 to 1"
            )));
        }
        let names = [&seal.case, &seal.forecaster].into_iter();
        if let Some(name) = names.chain(seal.shares.keys()).find(|n| is_formula(n)) {
            return Err(wrong(format!(
                "`{name}` is what a spreadsheet takes for a formula: expected a name"
            )));
        }
        names_a_file(&seal.case).map_err(wrong)?;
        Ok(seal)
    }

    /// Rounds behind the shares, as they count in a score.
    fn known_rounds(&self) -> f64 {
        self.effective_rounds.unwrap_or(self.rounds as f64)
    }

    fn date(text: &str) -> Date {
        // `read` has checked it.
        text.parse().unwrap_or(Date::ZERO)
    }

    /// Writes it under a name that no file has.
    ///
    /// # Errors
    /// When there is such a file, or it cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), StudyError> {
        if files::is_there(path) {
            return Err(StudyError::Invalid(format!(
                "{}: is there already, and a seal is never replaced; --out names another file",
                visible_path(path)
            )));
        }
        let text = toml::to_string(self).map_err(|e| StudyError::Internal(e.to_string()))?;
        files::write_whole(path, format!("{HEADER}{text}").as_bytes())
            .map_err(|e| FolderError::unwritten(path, &e).into())
    }
}

/// The shares of outcomes.
struct Shares {
    by_outcome: BTreeMap<String, f64>,
    effective_rounds: Option<f64>,
}

impl Shares {
    fn played(rows: Vec<OutcomeRow>) -> Self {
        let each = rows.into_iter().map(|r| (r.outcome, r.probability));
        Self {
            by_outcome: each.collect(),
            effective_rounds: None,
        }
    }

    /// Given evidence; none if no round fits it.
    fn given(rows: Vec<GivenOutcomeRow>) -> Option<Self> {
        let each = rows
            .iter()
            .filter_map(|r| Some((r.probability?, r.effective_rounds?)));
        let effective_rounds = rounds_of_case(each);
        let each = rows.into_iter().map(|r| Some((r.outcome, r.probability?)));
        Some(Self {
            by_outcome: each.collect::<Option<_>>()?,
            effective_rounds,
        })
    }
}

/// The shares of outcomes that a folder holds, given the evidence if there is any.
fn shares(folder: &Path, manifest: &Manifest) -> Result<Shares, StudyError> {
    fn rows<R: Row>(folder: &Path) -> Result<Vec<R>, StudyError> {
        let path = folder.join(R::FILE);
        let wrong = |what: String| StudyError::Invalid(format!("{}: {what}", visible_path(&path)));
        let file = files::open(&path).map_err(|e| wrong(e.to_string()))?;
        table::read(io::BufReader::new(file)).map_err(|e| wrong(e.to_string()))
    }
    if manifest.evidence.is_none() {
        return Ok(Shares::played(rows(folder)?));
    }
    Shares::given(rows(folder)?).ok_or_else(|| nothing_fits(folder))
}

/// The manifest of a run, and that every table is as it says.
fn manifest_of(folder: &Path) -> Result<Manifest, StudyError> {
    let wrong = |what: String| StudyError::Invalid(format!("{}: {what}", visible_path(folder)));
    let manifest = manifest::read(folder).map_err(|e| wrong(format!("{} {e}", manifest::FILE)))?;
    if manifest.command != "run" || manifest.scenario.is_none() || manifest.shard.is_some() {
        return Err(wrong("expected the folder of a whole run".to_owned()));
    }
    for entry in &manifest.files {
        let path = folder.join(&entry.file);
        let found =
            manifest::hash_file(&path).map_err(|e| wrong(format!("{}: {e}", entry.file)))?;
        if found != entry.sha256 {
            return Err(wrong(format!(
                "{} has changed since it was written",
                entry.file
            )));
        }
    }
    Ok(manifest)
}

/// SHA-256 of the files of its evidence.
fn evidence_of(manifest: &Manifest) -> Vec<String> {
    let sources = manifest.evidence.iter().flat_map(|e| &e.sources);
    sources.map(|s| s.sha256.clone()).collect()
}

/// Shares by name, the rest as `other`.
fn chosen(
    all: &BTreeMap<String, f64>,
    outcomes: &[String],
) -> Result<BTreeMap<String, f64>, StudyError> {
    if outcomes.is_empty() {
        return Ok(all.clone());
    }
    let listed = || {
        all.keys()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let mut out = BTreeMap::new();
    let mut wrong = Vec::new();
    for name in outcomes {
        match all.get(name) {
            Some(share) => {
                out.insert(name.clone(), *share);
            }
            None => wrong.push(format!("--outcomes {name}: expected one of {}", listed())),
        }
    }
    if !wrong.is_empty() {
        return Err(StudyError::invalid(wrong));
    }
    if out.len() < all.len() {
        let rest = all.iter().filter(|(name, _)| !out.contains_key(*name));
        let rest: f64 = rest.map(|(_, share)| share).sum();
        if out.insert(OTHER.to_owned(), rest).is_some() {
            let text = "--outcomes: the scenario has an outcome `other`, which would stand for the rest too";
            return Err(StudyError::Invalid(text.to_owned()));
        }
    }
    Ok(out)
}

/// Seals the shares of a run.
///
/// # Errors
/// When the folder is not that of a whole run, has changed since it was written, or the dates contradict
/// each other.
pub fn seal(folder: &Path, request: &SealRequest) -> Result<Seal, StudyError> {
    let mut wrong = Vec::new();
    let SealRequest {
        made, by, resolves, ..
    } = request;
    if made > by {
        wrong.push(format!("--by {by}: is before the date of the seal, {made}"));
    }
    if by > resolves {
        wrong.push(format!("--resolves {resolves}: is before --by {by}"));
    }
    for (key, text) in [("--question", &request.question), ("--rule", &request.rule)] {
        if text.trim().is_empty() {
            wrong.push(format!("{key}: expected words"));
        }
    }
    if !wrong.is_empty() {
        return Err(StudyError::invalid(wrong));
    }
    let manifest = manifest_of(folder)?;
    let entry = manifest.scenario.as_ref();
    let (scenario, scenario_sha256) = entry.map_or_else(Default::default, |s| {
        (s.scenario.clone(), s.resolved_sha256.clone())
    });
    names_a_file(request.case.as_ref().unwrap_or(&scenario)).map_err(StudyError::Invalid)?;
    let shares = shares(folder, &manifest)?;
    let mut seal = Seal {
        sha256: String::new(),
        kzsim: env!("CARGO_PKG_VERSION").to_owned(),
        case: request.case.clone().unwrap_or_else(|| scenario.clone()),
        question: request.question.clone(),
        rule: request.rule.clone(),
        forecaster: request.forecaster.clone(),
        made: made.to_string(),
        by: by.to_string(),
        resolves: resolves.to_string(),
        salt: request.salt.clone(),
        result: folder.to_string_lossy().into_owned(),
        scenario,
        scenario_sha256,
        evidence_sha256: evidence_of(&manifest),
        manifest_sha256: manifest.manifest_sha256.clone().unwrap_or_default(),
        seed: manifest.seed,
        rounds: manifest.rounds,
        effective_rounds: shares.effective_rounds,
        shares: chosen(&shares.by_outcome, &request.outcomes)?,
    };
    seal.sha256 = seal.hash();
    Ok(seal)
}

/// Plays the run of a seal again; returns what is not as it was sealed.
///
/// # Errors
/// When the folder is not that of a whole run, or it is stopped.
pub fn check_seal(
    seal: &Seal,
    folder: Option<&Path>,
    control: &Control,
) -> Result<Vec<String>, StudyError> {
    let folder = folder.map_or_else(|| PathBuf::from(&seal.result), Path::to_path_buf);
    let manifest = manifest_of(&folder)?;
    let mut out = Vec::new();
    let mut same = |what: &str, sealed: &str, found: &str| {
        if sealed != found {
            out.push(format!("{what}: sealed {sealed}, found {found}"));
        }
    };
    let entry = manifest.scenario.as_ref();
    same(
        "SHA-256 of the manifest",
        &seal.manifest_sha256,
        manifest.manifest_sha256.as_deref().unwrap_or("none"),
    );
    same(
        "SHA-256 of the scenario",
        &seal.scenario_sha256,
        entry.map_or("none", |s| &s.resolved_sha256),
    );
    let evidence = evidence_of(&manifest);
    let listed = |all: &[String]| match all {
        [] => "none".to_owned(),
        all => all.join(", "),
    };
    same(
        "SHA-256 of the evidence",
        &listed(&seal.evidence_sha256),
        &listed(&evidence),
    );
    same("version of kzsim", &seal.kzsim, env!("CARGO_PKG_VERSION"));
    let study = Study::like(&folder)?;
    let mut run = Run::new()
        .no_ranges(true)
        .seed(seal.seed)
        .rounds(seal.rounds)
        .control(control.clone());
    if study.evidence().is_some() {
        run = run.given(None);
    }
    let result = study.run(run)?;
    let played = match result.given() {
        Some(given) => Shares::given(given.outcomes()),
        None => Some(Shares::played(result.outcomes())),
    };
    let Some(played) = played else {
        out.push("shares: none, since no round that was played fits the evidence".to_owned());
        return Ok(out);
    };
    // Seals that were made before they held it say nothing of it.
    if seal.effective_rounds.is_some() && played.effective_rounds != seal.effective_rounds {
        let shown = |n: Option<f64>| n.map_or("none".to_owned(), |n| n.to_string());
        out.push(format!(
            "effective rounds: sealed {}, played {}",
            shown(seal.effective_rounds),
            shown(played.effective_rounds)
        ));
    }
    let played = played.by_outcome;
    let named: Vec<String> = seal.shares.keys().cloned().collect();
    let named: Vec<String> = named
        .into_iter()
        .filter(|n| n != OTHER || played.contains_key(OTHER))
        .collect();
    for (outcome, share) in chosen(&played, &named)? {
        let sealed = seal.shares.get(&outcome).copied();
        if sealed != Some(share) {
            let shown = sealed.map_or("none".to_owned(), |s| s.to_string());
            out.push(format!("{outcome}: sealed {shown}, played {share}"));
        }
    }
    Ok(out)
}

/// The seals of a folder, by name; nothing if there are none.
pub(super) fn seals_in(folder: &Path) -> Result<Vec<(PathBuf, Seal)>, StudyError> {
    let unreadable = |e: io::Error| Unreadable {
        path: folder.to_string_lossy().into_owned(),
        what: format!("cannot be read: {e}"),
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.to_string_lossy().ends_with(ENDING) {
            paths.push(path);
        }
    }
    paths.sort();
    let (mut out, mut errors) = (Vec::new(), Vec::new());
    for path in paths {
        match Seal::read(&path) {
            Ok(seal) if seal.is_unbroken() => out.push((path, seal)),
            Ok(_) => errors.push(StudyError::Invalid(format!(
                "{}: {BROKEN}",
                visible_path(&path)
            ))),
            Err(error) => errors.push(error),
        }
    }
    StudyError::join(errors)?;
    Ok(out)
}

/// A seal that was made too late.
#[derive(Debug)]
pub(super) struct Late {
    /// The case that it forecasts.
    pub(super) case: String,
    /// Which it is, and why it is late.
    pub(super) text: String,
}

/// Sealed forecasts with the part of the time for which each stood, and what was left out.
pub(super) fn standing(
    seals: &[(PathBuf, Seal)],
    resolved: &BTreeMap<String, Date>,
    sources: &mut Sources,
    faults: &mut Vec<Fault>,
) -> (Vec<Entry>, Vec<Late>) {
    let mut grouped: BTreeMap<(&str, &str), Vec<(&PathBuf, &Seal)>> = BTreeMap::new();
    let mut late = Vec::new();
    for (path, seal) in seals {
        let (made, by) = (Seal::date(&seal.made), Seal::date(&seal.by));
        let known = resolved.get(&seal.case).copied();
        let why = if made > by {
            Some(format!("after its closing date {by}"))
        } else {
            known
                .filter(|known| made >= *known)
                .map(|known| format!("when the case was resolved, on {known}"))
        };
        match why {
            Some(why) => late.push(Late {
                case: seal.case.clone(),
                text: format!(
                    "{}: made on {made}, {why}: listed, not scored",
                    visible_path(path)
                ),
            }),
            None => {
                let of = (seal.forecaster.as_str(), seal.case.as_str());
                grouped.entry(of).or_default().push((path, seal));
            }
        }
    }
    let mut out = Vec::new();
    for ((forecaster, case), mut own) in grouped {
        own.sort_by_key(|(_, seal)| Seal::date(&seal.made));
        let closes = own.iter().map(|(_, s)| Seal::date(&s.by)).max();
        let closes = closes.unwrap_or(Date::ZERO);
        let known = resolved.get(case).copied().unwrap_or(Date::MAX);
        // A forecast of the closing day stands on that day.
        let end = closes.tomorrow().unwrap_or(closes).min(known);
        let starts: Vec<Date> = own.iter().map(|(_, s)| Seal::date(&s.made)).collect();
        let days = |i: usize| {
            let next = starts.get(i + 1).copied().unwrap_or(end);
            let span = starts[i].until(next).map_or(0, |s| s.get_days());
            f64::from(span.max(0))
        };
        let all: f64 = (0..own.len()).map(days).sum();
        for (i, (path, seal)) in own.iter().enumerate() {
            let weight = if all > 0.0 {
                days(i) / all
            } else {
                f64::from(u8::from(i + 1 == own.len()))
            };
            if weight <= 0.0 {
                continue;
            }
            let sum: f64 = seal.shares.values().sum();
            let shown = path.to_string_lossy().into_owned();
            let file = sources.add(shown, Some(path), seal.sha256.clone());
            let place = Place { file, span: 0..0 };
            if (sum - 1.0).abs() > SLACK {
                let found = format!("sealed shares that add up to {sum:.6}");
                faults.push(Fault::at(&place, found, "a sum of 1"));
            }
            out.push(Entry {
                forecaster: forecaster.to_owned(),
                horizon: String::new(),
                case: case.to_owned(),
                said: Said::Classes(seal.shares.clone()),
                rounds: Some(seal.known_rounds()),
                weight,
                place,
            });
        }
    }
    (out, late)
}

/// Refuses the id of a case that cannot begin the name of a file.
fn names_a_file(case: &str) -> Result<(), String> {
    if case.contains(['/', '\\']) || case.starts_with('.') {
        return Err(format!(
            "`{case}` cannot be a case: it names the file of the seal; expected an id without slashes that does not \
             begin with a dot"
        ));
    }
    Ok(())
}
