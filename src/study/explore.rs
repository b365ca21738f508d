//! What a page needs on which a scenario is explored: its texts, how its first rounds end, and which guesses
//! to offer first.

use std::ops::Range;
use std::path::Path;

use super::compare::{distinct, in_step};
use super::control::Control;
use super::error::StudyError;
use super::open::Study;
use super::play::Play;
use super::ranges::across_guesses;
use super::switches::SWITCHES;
use crate::analysis::sensitivity::bootstrap::Bootstrap;
use crate::analysis::sensitivity::given_data::{GivenData, Options, indices};
use crate::ensemble::{Detail, PlayError, Player, RoundRecord, WIDTH, Watch};
use crate::plan::{Plan, Prior};
use crate::scenario::dynamics::Dynamics;
use crate::scenario::flat::whole;
use crate::scenario::grammar::Leaf;
use crate::scenario::model::{Number, NumberKind, Remarks};
use crate::scenario::paths::settable;
use crate::scenario::reports::{Report, reports};
use crate::scenario::{Evidence, Scenario};

/// Rounds of each scenario, unless options say otherwise.
pub const ROUNDS: u64 = 10_000;
/// Rounds from which the guesses that matter are told.
const SCREENED: u64 = 10_000;
/// Share of a law's values on either side that a range leaves out, where the law has no ends of its own.
const BEYOND: f64 = 0.005;
/// About how many steps a range is divided into.
const STEPS: f64 = 100.0;

/// The texts of a scenario: everything that it takes to read it again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    /// Its name.
    pub name: String,
    /// Each file with its name: the scenario, then what it extends, and so on.
    pub files: Vec<(String, String)>,
    /// Settings, each as `PATH=VALUE`.
    pub settings: Vec<String>,
}

/// How one round ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// Index of its outcome.
    pub outcome: usize,
    /// Which observations of the evidence are true of it, a bit for each.
    pub pattern: u64,
}

/// A guess that can be fixed.
#[derive(Debug, Clone, PartialEq)]
pub struct Guess {
    /// Its path.
    pub path: String,
    /// What people call it: its name, or its path in words.
    pub name: String,
    /// In plain words.
    pub says: String,
    /// Where it comes from.
    pub source: String,
    /// Least value that is offered.
    pub low: f64,
    /// Greatest value that is offered.
    pub high: f64,
    /// The middle of what is guessed.
    pub median: f64,
    /// Distance of two values that are offered.
    pub step: f64,
    /// Digits after the point.
    pub digits: usize,
    /// Whether it counts days.
    pub duration: bool,
    /// The part of how differently rounds end that it explains alone, in [0, 1].
    pub part: f64,
}

/// A value of a guess, as `--set` takes it.
#[must_use]
pub fn setting(guess: &Guess, value: f64) -> String {
    let (path, digits) = (&guess.path, guess.digits);
    if guess.duration {
        format!("{path}=\"{value:.digits$}d\"")
    } else {
        format!("{path}={value:.digits$}")
    }
}

/// A number that the scenario computes, so that it cannot be moved by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Computed {
    /// Its path.
    pub path: String,
    /// What it is, in words.
    pub name: String,
    /// What it is computed from.
    pub from: String,
}

/// An action that can be switched off, or a structural form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switch {
    /// Path of the setting.
    pub path: String,
    /// What people call it.
    pub name: String,
    /// Who does it, of an action.
    pub by: String,
    /// In plain words.
    pub says: String,
    /// Its values: the first is that of the scenario.
    pub values: Vec<String>,
}

/// A scenario that is explored.
#[derive(Debug)]
pub struct Explored {
    /// The scenario.
    pub scenario: Scenario,
    /// Its texts.
    pub texts: Texts,
    /// The whole of it, to be written as one file: see [`flat`](crate::scenario::flat::whole).
    pub whole: serde_json::Value,
    /// By outcome, the range of its share across sets of guesses; nothing where that is not known.
    pub across: Vec<Option<(f64, f64)>>,
    /// How its rounds end, in their order.
    pub endings: Vec<Ending>,
    /// The guesses that can be fixed, those that explain most first.
    pub guesses: Vec<Guess>,
    /// Numbers that are computed.
    pub computed: Vec<Computed>,
    /// Its actions.
    pub actions: Vec<Switch>,
    /// Its structural forms.
    pub forms: Vec<Switch>,
}

/// What a page shows.
#[derive(Debug)]
pub struct ExploreResult {
    /// The scenarios: the first is what others are held beside.
    pub scenarios: Vec<Explored>,
    /// Evidence, if there is any.
    pub evidence: Option<Evidence>,
    /// Its reports.
    pub reports: Vec<Report>,
    /// Seed of every draw.
    pub seed: u64,
    /// Rounds of each scenario.
    pub rounds: u64,
}

/// Plays scenarios, the same rounds of each, and tells what can be changed in them and which of their guesses
/// matter most. `evidence` is that for which the studies [watch](Study::watching).
///
/// # Errors
/// When two scenarios have the same name or different clocks, or it is stopped.
pub fn explore(studies: Vec<Study>, play: &Play) -> Result<ExploreResult, StudyError> {
    distinct(&studies)?;
    let Some(first) = studies.first() else {
        return Err(StudyError::Invalid("nothing to explore".to_owned()));
    };
    for study in &studies {
        in_step(&first.scenario, &study.scenario)?;
        study.heeds(play, Some("--rounds, the number of rounds of the page"))?;
    }
    let seed = play.seed.unwrap_or(first.seed);
    let rounds = play.rounds.unwrap_or(ROUNDS);
    let evidence = first.evidence().cloned();
    let scenarios = studies
        .into_iter()
        .map(|study| explored(study, play, seed, rounds))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(ExploreResult {
        scenarios,
        reports: evidence
            .as_ref()
            .map(|e| reports(e, false))
            .unwrap_or_default(),
        evidence,
        seed,
        rounds,
    })
}

/// How rounds end, in their order.
///
/// # Errors
/// [`PlayError`] if it is stopped or cannot start threads.
pub fn endings(
    player: Player<'_>,
    plan: &Plan,
    rounds: Range<u64>,
) -> Result<Vec<Ending>, PlayError> {
    let records = player.records::<WIDTH>(plan, &rounds.into(), Detail::Summary)?;
    let ending = |r: &RoundRecord| Ending {
        outcome: r.outcome,
        pattern: r.pattern(),
    };
    Ok(records.iter().map(ending).collect())
}

impl Study {
    /// The texts of the scenario. Files go by their names alone: folders are nobody else's business.
    #[must_use]
    pub fn texts(&self) -> Texts {
        let sources = &self.scenario.sources;
        let name = |path: &Path| {
            let name = path.file_name().unwrap_or_default();
            name.to_string_lossy().into_owned()
        };
        let files = sources.iter().filter_map(|s| {
            let path = s.path.as_deref()?;
            Some((name(path), s.text.clone()))
        });
        Texts {
            name: self.scenario.name.clone(),
            files: files.collect(),
            settings: sources.settings().map(str::to_owned).collect(),
        }
    }
}

fn explored(study: Study, play: &Play, seed: u64, rounds: u64) -> Result<Explored, StudyError> {
    let control = &play.control;
    let endings = control.stage(rounds, |watch| {
        endings(play.player(seed, watch), &study.plan, 0..rounds)
    })?;
    let outcomes: Vec<usize> = endings.iter().map(|e| e.outcome).collect();
    let player = play.player(seed, Watch::new(&control.stop, &()));
    let across = across_guesses(&study.plan, player, &outcomes, control)?;
    let parts = control.stage(SCREENED, |watch| {
        parts(play.player(seed, watch), &study.plan)
    })?;
    let mut guesses = guesses(&study.scenario, &study.plan, &parts);
    keep_settable(&study, &mut guesses, control)?;
    guesses.sort_by(|a, b| b.part.total_cmp(&a.part));
    let texts = study.texts();
    Ok(Explored {
        whole: whole(&texts.files, &texts.settings),
        texts,
        across,
        computed: computed(&study.scenario),
        actions: actions(&study.scenario),
        forms: forms(&study.scenario),
        scenario: study.scenario,
        endings,
        guesses,
    })
}

/// By prior, the part of the variance of outcomes, all together, that it explains alone: the first-order indices of
/// the outcomes, each weighted by its variance p(1 − p).
fn parts(player: Player<'_>, plan: &Plan) -> Result<Vec<f64>, PlayError> {
    let records = player.records::<WIDTH>(plan, &(0..SCREENED).into(), Detail::Priors)?;
    let inputs: Vec<Vec<f64>> = records
        .iter()
        .map(|r| r.priors.iter().map(|x| f64::from(*x)).collect())
        .collect();
    let outputs: Vec<Vec<f64>> = records
        .iter()
        .map(|r| {
            let outcomes = 0..plan.outcomes.len();
            outcomes
                .map(|o| f64::from(u8::from(o == r.outcome)))
                .collect()
        })
        .collect();
    let variances: Vec<f64> = (0..plan.outcomes.len())
        .map(|o| {
            let count = records.iter().filter(|r| r.outcome == o).count();
            let p = count as f64 / records.len() as f64;
            p * (1.0 - p)
        })
        .collect();
    let all: f64 = variances.iter().sum();
    let options = Options {
        classes: None,
        slices: 1,
        bootstrap: Bootstrap {
            seed: player.seed,
            site: "explore",
            resamples: 0,
        },
    };
    let of_input = |found: Vec<GivenData>| {
        let each = found
            .iter()
            .zip(&variances)
            .filter(|(g, _)| g.s1.is_finite());
        let sum: f64 = each.map(|(g, v)| g.s1 * v).sum();
        if all > 0.0 { (sum / all).max(0.0) } else { 0.0 }
    };
    Ok(indices(&inputs, &outputs, &options)
        .into_iter()
        .map(of_input)
        .collect())
}

fn guesses(scenario: &Scenario, plan: &Plan, parts: &[f64]) -> Vec<Guess> {
    let priors = scenario.priors();
    let of = |prior: &Prior| priors.iter().find(|n| n.path == prior.path);
    let with = plan.priors.iter().zip(parts);
    with.filter_map(|(prior, part)| {
        let number = of(prior)?;
        let Remarks { name, says, .. } = &number.remarks;
        let is_own = !number.path.starts_with("actors.");
        let name = if name.is_some() || says.is_some() && is_own {
            number.in_short()
        } else {
            scenario.in_words(&number.path)
        };
        Some(guess(number, name, prior, *part))
    })
    .collect()
}

fn guess(number: &Number, name: String, prior: &Prior, part: f64) -> Guess {
    let beyond = match number.kind {
        NumberKind::Pert { .. } | NumberKind::Uniform { .. } => 0.0,
        _ => BEYOND,
    };
    let at = |u: f64| f64::from(prior.at_uniform(u));
    let (low, high) = (at(beyond), at(1.0 - beyond));
    let (step, digits) = step((high - low) / STEPS);
    // To whole steps outward, or inward where the key allows no more.
    let inside = |x: f64| (number.least..=number.most).contains(&x);
    let down = (low / step).floor() * step;
    let up = (high / step).ceil() * step;
    let low = if inside(down) {
        down
    } else {
        (low / step).ceil() * step
    };
    let high = if inside(up) {
        up
    } else {
        (high / step).floor() * step
    };
    Guess {
        path: number.path.clone(),
        name,
        says: number.remarks.says.clone().unwrap_or_default(),
        source: number.remarks.source.clone().unwrap_or_default(),
        low: rounded(low, digits),
        high: rounded(high, digits),
        median: at(0.5),
        step,
        digits,
        duration: number.duration,
        part,
    }
}

/// A number with so many digits after the point.
fn rounded(x: f64, digits: usize) -> f64 {
    let scale = libm::pow(10.0, digits as f64);
    (x * scale).round() / scale
}

/// The next of 1, 2 or 5 times a power of ten, and its digits after the point.
fn step(least: f64) -> (f64, usize) {
    let power = libm::floor(libm::log10(least));
    let near = |times: &f64| times * libm::pow(10.0, power) >= least * 0.999;
    let (times, power) = match [1.0, 2.0, 5.0].into_iter().find(near) {
        Some(times) => (times, power),
        None => (1.0, power + 1.0),
    };
    (times * libm::pow(10.0, power), (-power).max(0.0) as usize)
}

/// Keeps the guesses that `--set` can fix.
fn keep_settable(
    study: &Study,
    guesses: &mut Vec<Guess>,
    control: &Control,
) -> Result<(), StudyError> {
    let scenario = study.source()?.clone().prepare()?;
    let fixed = |g: &Guess| setting(g, g.median);
    let good = |settings: &[String]| scenario.read(settings).1.is_empty();
    let all: Vec<String> = guesses.iter().map(fixed).collect();
    if !good(&all) {
        guesses.retain(|g| !control.is_stopped() && good(&[fixed(g)]));
    }
    Ok(())
}

fn computed(scenario: &Scenario) -> Vec<Computed> {
    let each = settable(scenario).into_iter().filter_map(|s| {
        let value = s.value.as_ref()?;
        let from = value.get("value").unwrap_or(value).as_str()?.to_owned();
        let is_number = matches!(s.leaf, Leaf::Initial(..) | Leaf::Live(..));
        is_number.then(|| Computed {
            name: scenario.in_words(&s.path),
            path: s.path,
            from,
        })
    });
    each.collect()
}

fn actions(scenario: &Scenario) -> Vec<Switch> {
    let possible = scenario.actions.iter().filter(|a| a.limit > 0);
    possible
        .map(|a| Switch {
            path: format!("actions.{}.limit", a.id),
            name: a.name.clone(),
            by: a
                .by
                .map_or(String::new(), |by| scenario.actors[by].name.clone()),
            says: a.remarks.says.clone().unwrap_or_default(),
            values: vec![a.limit.to_string(), "0".to_owned()],
        })
        .collect()
}

fn forms(scenario: &Scenario) -> Vec<Switch> {
    let each = SWITCHES.iter().map(|(path, values)| {
        let now = scenario
            .resolved
            .pointer(&format!("/{}", path.replace('.', "/")));
        let now = now.and_then(|v| v.as_str()).unwrap_or(values[0]);
        let others = values.iter().filter(|v| **v != now);
        let values = std::iter::once(&now).chain(others);
        let name = path.rsplit('.').next().unwrap_or(path);
        let key = Dynamics::KEYS.iter().find(|key| key.name == name);
        Switch {
            path: (*path).to_owned(),
            name: name.to_owned(),
            by: String::new(),
            says: key.map_or(String::new(), |key| key.says.join(" ").trim().to_owned()),
            values: values.map(|v| (*v).to_owned()).collect(),
        }
    });
    each.collect()
}
