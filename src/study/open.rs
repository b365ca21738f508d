//! Reading and checking scenarios.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use super::error::StudyError;
use super::play::Play;
use crate::ensemble::smc::GivenBy;
use crate::ensemble::timeline;
use crate::plan::{Laws, Plan};
use crate::result::played_folders::PlayedFolder;
use crate::scenario::expression::Expression;
use crate::scenario::fault::{Fault, Faults};
use crate::scenario::grammar::is_formed;
use crate::scenario::model::Action;
use crate::scenario::quantity::{Quantity, quantities};
use crate::scenario::{Evidence, Reach, Scenario, Unset};

/// Where a scenario is read from, and what is added to it.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// The scenario file.
    pub path: PathBuf,
    /// A text that is read in place of what the file holds, such as that of a buffer that is not saved.
    pub text: Option<String>,
    /// What to call the scenario; by default its file's name without `.toml`.
    pub name: Option<String>,
    /// Values to override, each as `PATH=VALUE`.
    pub settings: Vec<String>,
    /// Which files the scenario may extend.
    pub reach: Reach,
    /// Evidence whose reports are watched for in every round.
    pub evidence: Option<Evidence>,
    /// Quantities to read in every round: `EXPRESSION` or `EXPRESSION @ DATE`. Not with evidence.
    pub quantities: Vec<String>,
    /// Laws of priors that are tabulated already: shared by all that is opened from clones of this.
    #[doc(hidden)]
    pub laws: Laws,
}

/// A scenario file that is read once, to be opened with many settings: the points of a design, or the steps of
/// an optimiser. What is opened is the same, bit by bit, as what [`Source::open`] opens with these settings; only
/// files are not read again, and laws of priors that stay the same are tabulated and held once.
///
/// ```
/// use kzsim::{Run, Source};
///
/// # fn main() -> Result<(), kzsim::StudyError> {
/// let scenario = Source::new("scenarios/minimal.toml").prepare()?;
/// for anger in [0.2, 0.4, 0.6] {
///     let study = scenario.open([format!("parameters.anger={anger}")])?;
///     let result = study.run(Run::new().rounds(100).threads(1))?;
///     println!("{anger}: {} of {}", result.outcomes()[0].count, result.rounds());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Prepared {
    source: Source,
    read: Unset,
}

impl Prepared {
    /// Checks and compiles the scenario with more settings, each as `PATH=VALUE`.
    ///
    /// # Errors
    /// All faults of the scenario with these settings at once.
    pub fn open(&self, settings: impl IntoIterator<Item = String>) -> Result<Study, StudyError> {
        let source = self.source.with(settings);
        let found = self.read.with(&source.settings);
        source.understood(found)
    }

    /// The scenario with more settings, before it is compiled, and its faults.
    pub(super) fn read(&self, settings: &[String]) -> (Scenario, Vec<Fault>) {
        let source = self.source.with(settings.iter().cloned());
        self.read.with(&source.settings)
    }

    /// Laws that are tabulated already.
    pub(super) fn laws(&self) -> &Laws {
        &self.source.laws
    }
}

/// A scenario, checked and compiled, of which things can be asked.
#[derive(Debug)]
pub struct Study {
    /// Where the scenario comes from; nothing if from an earlier result.
    source: Option<Source>,
    /// The evidence of a result that is repeated.
    evidence: Option<Evidence>,
    pub(super) scenario: Scenario,
    pub(super) plan: Plan,
    /// Quantities that are read in every round.
    pub(super) quantities: Vec<Quantity>,
    /// Rounds, seed and whether rows of rounds are kept, unless options say otherwise.
    pub(super) rounds: u64,
    pub(super) seed: u64,
    pub(super) keep_rounds: bool,
    /// Whether ranges are left out all the same.
    pub(super) no_ranges: bool,
    /// How many of the first rounds are kept as whole histories.
    pub(super) histories: u64,
    /// How evidence is taken into account.
    pub(super) given_by: Option<GivenBy>,
    written_by: Option<String>,
}

impl Source {
    /// A scenario file as it is.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            ..Self::default()
        }
    }

    /// The same with more settings.
    #[must_use]
    pub fn with(&self, settings: impl IntoIterator<Item = String>) -> Self {
        let mut out = self.clone();
        out.settings.extend(settings);
        out
    }

    /// The last setting of a path, of something in it, or of what it is in.
    pub(super) fn setting_of(&self, path: &str) -> Option<&str> {
        let parts = |path: &str| -> Vec<String> {
            let parts = path.split('.');
            parts.map(|part| part.trim().to_owned()).collect()
        };
        let wanted = parts(path);
        let concerns = |setting: &&String| {
            let own = parts(setting.split('=').next().unwrap_or_default());
            own.iter().zip(&wanted).all(|(a, b)| a == b)
        };
        self.settings
            .iter()
            .rev()
            .find(concerns)
            .map(String::as_str)
    }

    /// Reads, checks and compiles the scenario.
    ///
    /// # Errors
    /// When a file cannot be read; all faults of the scenario, the evidence and the quantities at
    /// once.
    pub fn open(self) -> Result<Study, StudyError> {
        let found = self.read()?.into_set(&self.settings);
        self.understood(found)
    }

    /// Reads the scenario, to open it with many settings.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn prepare(self) -> Result<Prepared, StudyError> {
        let read = self.read()?;
        Ok(Prepared { source: self, read })
    }

    /// The files, before anything is set.
    fn read(&self) -> Result<Unset, StudyError> {
        Ok(Unset::read(&self.path, self.text.clone(), self.reach)?)
    }

    /// Compiles a scenario that was read, unless it or what is added to it has faults.
    fn understood(
        mut self,
        (mut scenario, mut faults): (Scenario, Vec<Fault>),
    ) -> Result<Study, StudyError> {
        if let Some(name) = &self.name {
            scenario.name.clone_from(name);
        }
        if let Some(evidence) = &mut self.evidence {
            evidence.forget_later(scenario.clock.start);
        }
        let (quantities, more, mut sources) = quantities(&self.quantities, &scenario);
        faults.extend(more);
        if let Some(evidence) = &self.evidence {
            sources = evidence.beside(&scenario);
        }
        if !scenario.complete {
            return Err(StudyError::Faults(Faults::new(sources, faults)));
        }
        let read = |q: &Quantity| (q.step, q.expression.clone());
        let mut watched: Vec<(u32, Expression)> = quantities.iter().map(read).collect();
        match self.evidence.as_ref().map(|e| e.watched(&scenario)) {
            Some(Ok(reports)) => watched.extend(reports),
            Some(Err(more)) => faults.extend(more),
            None => {}
        }
        match Plan::with_laws(&scenario, &watched, &self.laws) {
            Ok(plan) if faults.is_empty() => {
                return Ok(Study {
                    rounds: scenario.rounds,
                    seed: scenario.seed,
                    keep_rounds: false,
                    no_ranges: false,
                    histories: 0,
                    given_by: None,
                    written_by: None,
                    source: Some(self),
                    evidence: None,
                    scenario,
                    plan,
                    quantities,
                });
            }
            Ok(_) => {}
            Err(more) => faults.extend(more),
        }
        Err(StudyError::Faults(Faults::new(sources, faults)))
    }

    /// Opens several scenarios.
    ///
    /// # Errors
    /// The errors of all of them, each once.
    pub fn open_all(sources: impl IntoIterator<Item = Self>) -> Result<Vec<Study>, StudyError> {
        let mut studies = Vec::new();
        let mut errors = Vec::new();
        for source in sources {
            match source.open() {
                Ok(study) => studies.push(study),
                Err(error) => errors.push(error),
            }
        }
        StudyError::join(errors)?;
        Ok(studies)
    }
}

impl Study {
    /// Opens a scenario file, which may extend files near it.
    ///
    /// # Errors
    /// When a file cannot be read, or the scenario has faults: all at once.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StudyError> {
        Source::new(path.as_ref()).open()
    }

    /// Opens the scenario of an earlier run again, from the texts that its folder holds. Seed,
    /// rounds and files are those of that run by default.
    ///
    /// # Errors
    /// When the folder does not hold a finished run, or a damaged one.
    pub fn like(folder: impl AsRef<Path>) -> Result<Self, StudyError> {
        let found = PlayedFolder::read(folder.as_ref())?;
        let (scenario, mut plan) = found.rebuild()?;
        let header = found.header;
        let mut evidence = found.evidence;
        if let Some(evidence) = &mut evidence {
            evidence.forget_later(scenario.clock.start);
            let faulty =
                |faults| StudyError::Faults(Faults::new(evidence.beside(&scenario), faults));
            let watched = evidence.watched(&scenario).map_err(faulty)?;
            let followed = plan.followed;
            plan = Plan::watching(&scenario, &watched).map_err(faulty)?;
            plan.followed = followed;
        }
        Ok(Self {
            source: None,
            evidence,
            scenario,
            plan,
            quantities: Vec::new(),
            rounds: header.rounds,
            seed: header.seed,
            keep_rounds: header.rounds_csv.is_some(),
            no_ranges: header.no_ranges,
            histories: header.histories,
            given_by: found.given_by.as_deref().and_then(GivenBy::named),
            written_by: Some(header.version),
        })
    }

    /// Returns the version of kzsim that wrote the result that this study repeats. The numbers of a
    /// different version may differ.
    #[must_use]
    pub fn written_by(&self) -> Option<&str> {
        self.written_by.as_deref()
    }

    /// Overrides a value of the scenario, such as `actors.knb.loyalty.tokayev`.
    ///
    /// # Errors
    /// When the scenario has faults with it.
    pub fn set(self, path: &str, value: impl Display) -> Result<Self, StudyError> {
        self.reopen(|source| source.settings.push(format!("{path}={value}")))
    }

    /// Watches for the reports of evidence, so that [`Run::given`](super::Run::given) and
    /// [`weigh`](super::weigh()) can take it into account.
    ///
    /// # Errors
    /// When the evidence names something that the scenario does not have.
    pub fn watching(self, evidence: &Evidence) -> Result<Self, StudyError> {
        self.reopen(|source| source.evidence = Some(evidence.clone()))
    }

    /// Reads quantities in every round, each `EXPRESSION` at the end of the round or
    /// `EXPRESSION @ DATE` at the end of that day: targets of
    /// [`sensitivity`](Study::sensitivity).
    ///
    /// # Errors
    /// When a quantity is faulty.
    pub fn reading(self, quantities: &[String]) -> Result<Self, StudyError> {
        self.reopen(|source| source.quantities.extend_from_slice(quantities))
    }

    /// Renames the scenario, so that tables can tell it from the same file with different values.
    ///
    /// # Errors
    /// When the name is not an id: a small letter, then small letters, digits and `_`.
    pub fn named(self, name: &str) -> Result<Self, StudyError> {
        if !is_formed(name) {
            return Err(StudyError::Invalid(format!("`{name}` is not an id")));
        }
        self.reopen(|source| source.name = Some(name.to_owned()))
    }

    /// Follows quantities day by day in `timeline.csv`, such as `loyalty.knb.tokayev`, beside those
    /// that are always followed.
    ///
    /// # Errors
    /// When there is nothing of a name.
    pub fn follow(mut self, names: &[String]) -> Result<Self, StudyError> {
        match timeline::chosen(names, &self.scenario, &self.plan.layout) {
            Ok(followed) => self.plan.followed = followed,
            Err(wrong) => return Err(StudyError::invalid(wrong)),
        }
        Ok(self)
    }

    /// Laws of priors that are tabulated already.
    pub(super) fn laws(&self) -> Laws {
        self.source
            .as_ref()
            .map(|s| s.laws.clone())
            .unwrap_or_default()
    }

    fn reopen(self, change: impl FnOnce(&mut Source)) -> Result<Self, StudyError> {
        let mut source = self.source.ok_or_else(|| {
            let text = "the scenario of an earlier result cannot be changed";
            StudyError::Invalid(text.to_owned())
        })?;
        change(&mut source);
        source.open()
    }

    /// The scenario.
    #[must_use]
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// Its plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Its plan, without the study.
    pub(super) fn into_plan(self) -> Plan {
        self.plan
    }

    /// Refuses settings of rounds and seed that options contradict, or that a study does not read:
    /// one that does not take the scenario's number of rounds names what it takes `instead`.
    ///
    /// # Errors
    /// For such settings.
    pub fn heeds(&self, play: &Play, instead: Option<&str>) -> Result<(), StudyError> {
        let set = |path| self.source.as_ref().and_then(|s| s.setting_of(path));
        let twice = |setting: &str, option: &str| {
            StudyError::Invalid(format!(
                "--set {setting} and {option} contradict each other: leave out one of them"
            ))
        };
        if let (Some(setting), Some(seed)) = (set("seed"), play.seed) {
            return Err(twice(setting, &format!("--seed {seed}")));
        }
        match (set("rounds"), play.rounds, instead) {
            (Some(setting), _, Some(instead)) => Err(StudyError::Invalid(format!(
                "--set {setting} changes nothing here: use {instead}"
            ))),
            (Some(setting), Some(rounds), None) => {
                Err(twice(setting, &format!("--rounds {rounds}")))
            }
            _ => Ok(()),
        }
    }

    /// What is set although a study varies it; `instead` says what else may be left out or kept.
    pub(super) fn set_and_varied<'p>(
        &self,
        paths: impl Iterator<Item = &'p str>,
        instead: impl Fn(&str) -> String,
    ) -> Vec<String> {
        let told = |path| {
            let setting = self.source.as_ref()?.setting_of(path)?;
            Some(format!(
                "`{path}` is set and varies: leave out --set {setting}, or {}",
                instead(path)
            ))
        };
        paths.filter_map(told).collect()
    }

    /// Refuses settings of what a study varies itself.
    pub(super) fn leaves_to_vary(&self, switches: &[(&str, [&str; 2])]) -> Result<(), StudyError> {
        let paths = switches.iter().map(|(path, _)| *path);
        let wrong = self.set_and_varied(paths, |_| {
            "keep all structural switches as the scenario has them".to_owned()
        });
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(StudyError::invalid(wrong))
        }
    }

    /// Where it was read from.
    pub(super) fn source(&self) -> Result<&Source, StudyError> {
        self.source.as_ref().ok_or_else(|| {
            let text = "the scenario of an earlier result cannot be varied";
            StudyError::Invalid(text.to_owned())
        })
    }

    /// Returns whether two studies are of the same file with the same settings.
    pub(super) fn is_read_like(&self, other: &Self) -> bool {
        let file = |s: &Source| s.path.canonicalize().ok();
        match (&self.source, &other.source) {
            (Some(a), Some(b)) => {
                let same = a.path == b.path || file(a).is_some_and(|p| file(b) == Some(p));
                same && a.settings == b.settings
            }
            _ => false,
        }
    }

    /// Returns what is not a fault, but may not be meant: weights of arenas in different units, actions that do
    /// nothing, dates outside the clock, observations that repeat each other, and more of the kind.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let mut out: Vec<String> = self.scenario.weights_in_two_units().into_iter().collect();
        out.extend(self.scenario.idle_correlations());
        out.extend(
            self.scenario
                .actions
                .iter()
                .flat_map(Action::beyond_chances),
        );
        let evidence = self.evidence();
        let asked = evidence.into_iter().flat_map(|e| &e.observations);
        let asked = asked.map(|o| &o.when);
        let asked: Vec<&Expression> = asked
            .chain(self.quantities.iter().map(|q| &q.expression))
            .collect();
        out.extend(self.scenario.idle_actions(&asked));
        out.extend(self.scenario.doubly_pending());
        out.extend(self.scenario.days_outside());
        out.extend(evidence.map(Evidence::repeated).unwrap_or_default());
        out
    }

    /// The evidence that is watched for.
    pub(crate) fn evidence(&self) -> Option<&Evidence> {
        let source = self.source.as_ref();
        let source = source.and_then(|s| s.evidence.as_ref());
        source.or(self.evidence.as_ref())
    }
}
