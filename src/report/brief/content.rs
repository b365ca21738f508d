//! What a brief says, before any format: gathered once, from result folders and from what can be played again.

use jiff::ToSpan;
use jiff::civil::Date;

use super::given::Given;
use super::retold::{self, Retold, at_end};
use super::who::who;
use crate::report::facts::{Differs, Facts};
use crate::report::folder::{ReportError, ResultFolder};
use crate::scenario::model::Number;
use crate::study::Control;
use crate::table::Row;
use crate::table::comparison::DifferenceRow;
use crate::table::given::GivenOutcomeRow;
use crate::table::run::OutcomeRow;
use crate::text::number::letter;

/// Most folders side by side: more have no room on two pages.
const MOST_SIDES: usize = 4;

/// A brief.
#[derive(Debug)]
pub struct Brief {
    /// Title of the scenario, without what stands in brackets.
    pub title: String,
    /// What stood in brackets.
    pub remark: Option<String>,
    /// The question, as the scenario has it.
    pub question: Option<String>,
    /// First and last day of the clock.
    pub clock: (Date, Date),
    /// Whether it is of a comparison.
    pub compared: bool,
    /// Who and what it speaks of, in the scenario's words.
    pub who: Vec<String>,
    /// Runs, or scenarios of a comparison, the first one first.
    pub sides: Vec<Side>,
    /// Differences from the first, of a comparison.
    pub differences: Vec<DifferenceRow>,
    /// What rounds played again show: guesses that decide, histories, signposts; or why it is left out.
    pub retold: Result<Retold, String>,
    /// What the first scenario assumes.
    pub assumed: Assumed,
}

/// A run, or one scenario of a comparison.
#[derive(Debug)]
pub struct Side {
    /// Its letter, where there are several.
    pub letter: Option<String>,
    /// Name of the scenario, or of the folder where two have one scenario.
    pub name: String,
    /// Title of the scenario, without what stands in brackets.
    pub title: String,
    /// What it has otherwise than the first, in words.
    pub changed: Vec<String>,
    /// SHA-256 of the resolved scenario.
    pub sha256: String,
    /// The evidence that its shares are given.
    pub given: Option<Given>,
    /// Rounds played.
    pub rounds: u64,
    /// Seed.
    pub seed: u64,
    /// Version that played it.
    pub version: String,
    /// Its outcomes, the most frequent first.
    pub outcomes: Vec<Outcome>,
}

/// An outcome.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Id.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Its share of all rounds, or given the evidence.
    pub share: f64,
    /// Its share of all rounds, where `share` is given evidence.
    pub before: Option<f64>,
    /// Whether it is settled at the horizon alone.
    pub at_end: bool,
    /// The 95 % interval that finite rounds leave.
    pub interval: Option<(f64, f64)>,
    /// From 5 to 95 % across sets of guesses.
    pub guesses: Option<(f64, f64)>,
    /// Least and greatest across forms of the model.
    pub forms: Option<(f64, f64)>,
    /// The median day on which it was noted.
    pub date: Option<Date>,
    /// Its place in the scenario, which decides its colour.
    pub place: usize,
}

/// What a scenario assumes.
#[derive(Debug)]
pub struct Assumed {
    /// Names of the contenders.
    pub contenders: Vec<String>,
    /// How many actors, actions and guesses it has.
    pub counts: [usize; 3],
    /// Guesses that rest on judgement, entirely or for their size, or name no source.
    pub judgements: usize,
    /// What it rests on, as the scenario says.
    pub source: Option<String>,
    /// Values set on the command line.
    pub settings: Vec<String>,
}

impl Brief {
    /// Gathers what folders of `run`, or one of `compare`, hold. Rounds of a run are played again for what its
    /// tables do not have.
    ///
    /// # Errors
    /// When the folders are not of these commands, are too many, or lack columns; when it is stopped.
    pub fn of(folders: &[ResultFolder], control: &Control) -> Result<Self, ReportError> {
        let first = fit(folders)?;
        let facts = first.facts();
        let scenario = &facts.scenario;
        let (title, remark) = bracketed(&scenario.title);
        let clock = &scenario.clock;
        let mut sides = Vec::new();
        let mut differences = Vec::new();
        let compared = first.command == "compare";
        if compared {
            differences = first.rows::<DifferenceRow>()?;
            differences.retain(|d| d.kind == "outcome");
            sides = scenarios(first, &differences);
        } else {
            for folder in folders {
                sides.push(side(folder, facts)?);
            }
        }
        if sides.len() > MOST_SIDES {
            return Err(ReportError::Unusable(format!(
                "{} scenarios: expected at most {MOST_SIDES}, as more have no room side by side",
                sides.len()
            )));
        }
        name_apart(&mut sides, folders);
        let happened = sides[0].outcomes.iter().filter(|o| o.share > 0.0);
        let happened: Vec<&str> = happened.map(|o| o.id.as_str()).collect();
        let retold = retold::retold(folders, &happened, control)?;
        Ok(Self {
            title,
            remark,
            question: scenario.remarks.says.clone(),
            compared,
            who: who(
                facts,
                sides[0]
                    .outcomes
                    .iter()
                    .map(|o| (o.id.as_str(), o.name.as_str())),
            ),
            clock: (clock.start, day(clock.start, clock.days as f64)),
            sides,
            differences,
            retold,
            assumed: assumed(facts),
        })
    }

    /// Whether no side has an outcome to show, as no simulated history fits the evidence.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sides.iter().all(|s| s.outcomes.is_empty())
    }

    /// The first run or scenario: the one that the brief is about.
    #[must_use]
    pub fn first(&self) -> &Side {
        // `of` reads at least one.
        &self.sides[0]
    }
}

/// The first of folders that a brief can be made of.
fn fit(folders: &[ResultFolder]) -> Result<&ResultFolder, ReportError> {
    let wrong = |what: String| Err(ReportError::Unusable(what));
    for folder in folders {
        let shown = crate::scenario::visible::visible_path(&folder.path);
        match folder.command.as_str() {
            "run" => {}
            "compare" if folders.len() == 1 => {}
            "compare" => {
                return wrong(format!(
                    "{shown}: a result of `kzsim compare` stands in a brief by itself; expected it alone, or \
                     results of `kzsim run`"
                ));
            }
            other => {
                return wrong(format!(
                    "{shown}: is a result of `kzsim {other}`; expected results of `kzsim run`, or one of `kzsim \
                     compare`"
                ));
            }
        }
    }
    folders
        .first()
        .map_or_else(|| wrong("expected at least one folder".to_owned()), Ok)
}

/// A title, and what stands in brackets at its end.
fn bracketed(title: &str) -> (String, Option<String>) {
    let inside = title
        .strip_suffix(')')
        .and_then(|t| t.split_once(" ("))
        .map(|(head, inside)| (head.to_owned(), Some(inside.to_owned())));
    inside.unwrap_or_else(|| (title.to_owned(), None))
}

/// The date in which so many days since the start are over: midnight belongs to the day before.
fn day(start: Date, day: f64) -> Date {
    start.saturating_add(((day.ceil() as i64) - 1).max(0).days())
}

/// A side without what it is given, of one scenario of a folder. `first` is that of the first side.
fn plain(folder: &ResultFolder, facts: &Facts, first: &Facts, outcomes: Vec<Outcome>) -> Side {
    let differs = facts.differs_from(first).into_iter();
    let words = |d: Differs| {
        let what = facts.path_in_words(&d.path);
        format!("{what}: {} instead of {}", d.here, d.there)
    };
    Side {
        letter: None,
        name: facts.scenario.name.clone(),
        title: bracketed(&facts.scenario.title).0,
        changed: differs.map(words).collect(),
        sha256: facts.sha256.clone(),
        given: None,
        rounds: folder.rounds,
        seed: folder.seed,
        version: folder.version.clone(),
        outcomes: sorted(outcomes),
    }
}

fn side(folder: &ResultFolder, first: &Facts) -> Result<Side, ReportError> {
    let facts = folder.facts();
    if !folder.is_given() {
        return Ok(plain(folder, facts, first, counted(folder)?));
    }
    let rows = folder.rows::<GivenOutcomeRow>()?;
    Ok(Side {
        given: Some(Given::of(folder, &rows)?),
        ..plain(folder, facts, first, given(rows, facts))
    })
}

fn place(facts: &Facts, id: &str) -> usize {
    let outcomes = &facts.scenario.outcomes;
    let found = outcomes.iter().position(|o| o.id == id);
    found.unwrap_or(outcomes.len())
}

/// Outcomes of a run; columns that older results do not have are empty.
fn counted(folder: &ResultFolder) -> Result<Vec<Outcome>, ReportError> {
    let (header, rows) = folder.texts(OutcomeRow::FILE)?;
    let facts = folder.facts();
    let start = facts.scenario.clock.start;
    let outcome = |row: &Vec<String>| {
        let cell = |name: &str| {
            let column = header.iter().position(|h| h == name)?;
            row.get(column).map(String::as_str)
        };
        let number = |name: &str| cell(name)?.parse::<f64>().ok();
        let id = cell("outcome")?;
        Some(Outcome {
            id: id.to_owned(),
            name: cell("name")?.to_owned(),
            share: number("probability")?,
            before: None,
            at_end: at_end(facts, id),
            interval: number("ci_low").zip(number("ci_high")),
            guesses: number("guesses_low").zip(number("guesses_high")),
            forms: number("forms_low").zip(number("forms_high")),
            date: number("day_p50").map(|d| day(start, d)),
            place: place(facts, id),
        })
    };
    let found: Option<Vec<Outcome>> = rows.iter().map(outcome).collect();
    found.filter(|o| !o.is_empty()).ok_or_else(|| {
        ReportError::Unusable(format!(
            "{}: expected a row for each outcome, with its name and probability; run it again",
            crate::scenario::visible::visible_path(&folder.path.join(OutcomeRow::FILE))
        ))
    })
}

/// Outcomes given evidence; none where nothing can be said of some.
fn given(rows: Vec<GivenOutcomeRow>, facts: &Facts) -> Vec<Outcome> {
    let start = facts.scenario.clock.start;
    let outcome = |r: GivenOutcomeRow| {
        Some(Outcome {
            place: place(facts, &r.outcome),
            share: r.probability?,
            before: Some(r.unconditional),
            at_end: at_end(facts, &r.outcome),
            interval: r.ci_low.zip(r.ci_high),
            guesses: None,
            forms: None,
            date: r.day_p50.map(|d| day(start, d)),
            id: r.outcome,
            name: r.name,
        })
    };
    rows.into_iter().filter_map(outcome).collect()
}

/// The scenarios of a comparison, with the outcomes that their differences name.
fn scenarios(folder: &ResultFolder, differences: &[DifferenceRow]) -> Vec<Side> {
    let side = |(i, facts): (usize, &Facts)| {
        let name = &facts.scenario.name;
        let of = |d: &DifferenceRow| {
            let own = if i == 0 { &d.scenario_a } else { &d.scenario_b };
            let declared = facts.scenario.outcomes.iter().any(|o| o.id == d.id);
            (own == name && declared).then(|| Outcome {
                id: d.id.clone(),
                name: facts.outcome(&d.id).to_owned(),
                share: if i == 0 {
                    d.probability_a
                } else {
                    d.probability_b
                },
                before: None,
                at_end: at_end(facts, &d.id),
                interval: None,
                guesses: None,
                forms: None,
                date: None,
                place: place(facts, &d.id),
            })
        };
        let mut outcomes: Vec<Outcome> = differences.iter().filter_map(of).collect();
        let mut seen = Vec::new();
        outcomes.retain(|o| {
            let new = !seen.contains(&o.id);
            seen.push(o.id.clone());
            new
        });
        plain(folder, facts, folder.facts(), outcomes)
    };
    folder.scenarios.iter().enumerate().map(side).collect()
}

/// The most frequent first; of equals in the order of the scenario.
fn sorted(mut outcomes: Vec<Outcome>) -> Vec<Outcome> {
    outcomes.sort_by(|a, b| b.share.total_cmp(&a.share).then(a.place.cmp(&b.place)));
    outcomes
}

/// Gives several sides their letters, and those of one scenario the names of their folders.
fn name_apart(sides: &mut [Side], folders: &[ResultFolder]) {
    if sides.len() < 2 {
        return;
    }
    let names: Vec<String> = sides.iter().map(|s| s.name.clone()).collect();
    for (i, side) in sides.iter_mut().enumerate() {
        side.letter = Some(letter(i));
        let same = names.iter().filter(|n| **n == side.name).count();
        if let Some(folder) = folders.get(i).filter(|_| same > 1) {
            side.name = folder.name();
        }
    }
}

/// Whether a guess rests on judgement, entirely or for its size, or names no source.
pub fn is_judgement(source: &str) -> bool {
    source.is_empty() || source.to_lowercase().contains("judgement")
}

fn assumed(facts: &Facts) -> Assumed {
    let s = &facts.scenario;
    let priors = s.priors();
    let judged = |n: &&&Number| is_judgement(n.remarks.source.as_deref().unwrap_or_default());
    Assumed {
        contenders: s.contenders.iter().map(|c| facts.side(&c.id)).collect(),
        counts: [s.actors.len(), s.actions.len(), priors.len()],
        judgements: priors.iter().filter(judged).count(),
        source: s.remarks.source.clone(),
        settings: s.sources.settings().map(str::to_owned).collect(),
    }
}
