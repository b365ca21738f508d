//! The parts of a brief for which rounds are played again: the scenario is that of the folder's manifest.

use jiff::civil::{Date, DateTime};

use crate::analysis::interval::Share;
use crate::report::facts::Facts;
use crate::report::folder::{ReportError, ResultFolder};
use crate::scenario::model::{Number, Reading};
use crate::scenario::visible::on_one_line;
use crate::study::{Control, Play, Signposts, Study, Typical};
use crate::table::variance::VarianceRow;
use crate::text::explain::lasting;
use crate::text::number::number;

/// Most rounds that are played again.
const ROUNDS: u64 = 20_000;
/// Most guesses of a brief, and most signposts.
const MOST: usize = 3;
/// Outcomes of which a typical history is told: the most frequent ones.
const HISTORIES: usize = 2;

/// What is played again of one run.
#[derive(Debug)]
pub struct Retold {
    /// The guesses that decide, none where nothing is sure enough.
    pub deciding: Vec<Deciding>,
    /// The part of the most frequent outcome's variance that comes from all guesses together, where the folder has it.
    pub together: Option<Share>,
    /// A typical history of each of the most frequent outcomes.
    pub histories: Vec<History>,
    /// Dated observations that would change the answer, none where nothing is sure enough.
    pub signposts: Vec<Signpost>,
}

/// A typical history.
#[derive(Debug, Clone)]
pub struct History {
    /// Name of its outcome.
    pub outcome: String,
    /// Its round.
    pub round: u64,
    /// Its main events in order: date, and what happens.
    pub events: Vec<(Date, String)>,
    /// The date on which its outcome is noted.
    pub noted: Date,
    /// Whether it is settled at the horizon alone.
    pub at_end: bool,
}

/// A dated observation that would change the answer.
#[derive(Debug, Clone)]
pub struct Signpost {
    /// What is seen.
    pub what: String,
    /// By when.
    pub by: Date,
    /// In what share of the histories that are open by then it is seen.
    pub seen: f64,
    /// Share of the outcome where it is seen.
    pub if_seen: Share,
    /// The same where it is not.
    pub if_not_seen: Share,
}

/// A guess that decides.
#[derive(Debug, Clone)]
pub struct Deciding {
    /// What it is in few words.
    pub name: String,
    /// Where it comes from.
    pub source: String,
    /// Share of the outcome in rounds with it in its lowest fifth.
    pub low: Share,
    /// The same in its highest fifth.
    pub high: Share,
    /// Where its lowest fifth ends and its highest begins, as people write it.
    pub ends: (String, String),
    /// The part of the outcome's variance that it explains, 0 to 1.
    pub explains: f64,
}

const ALONE: &str = "left out: they are told of one run, and this brief is of several. A brief of each run has them";
const NOTHING: &str = "left out: no simulated history is left to tell of";

/// Plays rounds of one run again, for its outcomes by id, the most frequent first; of other results, says why not.
pub(super) fn retold(
    folders: &[ResultFolder],
    outcomes: &[&str],
    control: &Control,
) -> Result<Result<Retold, String>, ReportError> {
    let left_out = |why: &str| Ok(Err(why.to_owned()));
    let folder = match folders {
        [folder] if folder.command == "run" => folder,
        _ => return left_out(ALONE),
    };
    if folder.is_given() {
        return left_out(
            "left out: rounds played again do not take the evidence into account. The brief of the run without \
             evidence has them",
        );
    }
    let Some(first) = outcomes.first() else {
        return left_out(NOTHING);
    };
    let study = match Study::like(&folder.path) {
        Ok(study) => study,
        Err(e) => {
            let why = e.to_string();
            return left_out(&format!(
                "left out: the scenario of the folder cannot be played again ({})",
                on_one_line(why.lines().next().unwrap_or_default())
            ));
        }
    };
    if study
        .written_by()
        .is_some_and(|v| v != env!("CARGO_PKG_VERSION"))
    {
        return left_out(
            "left out: another version of kzsim wrote the folder, and rounds played again could differ. Run it \
             again",
        );
    }
    let rounds = folder.rounds.min(ROUNDS);
    let play = Play {
        rounds: Some(rounds),
        control: control.clone(),
        ..Play::default()
    };
    let told = outcomes.iter().take(HISTORIES);
    let facts = folder.facts();
    let histories = told.map(|o| history(&study, o, at_end(facts, o), &play));
    Ok(Ok(Retold {
        deciding: deciding(&study, first, rounds, &play)?,
        together: together(folder, first)?,
        histories: histories.collect::<Result<Vec<_>, _>>()?.concat(),
        signposts: signposts(&study, first, &play)?,
    }))
}

/// Whether an outcome is settled at the horizon alone.
pub(super) fn at_end(facts: &Facts, id: &str) -> bool {
    let mut outcomes = facts.scenario.outcomes.iter();
    outcomes
        .find(|o| o.id == id)
        .is_some_and(|o| !matches!(o.reading, Reading::Always { .. }))
}

fn deciding(
    study: &Study,
    outcome: &str,
    rounds: u64,
    play: &Play,
) -> Result<Vec<Deciding>, ReportError> {
    let found = study.deciding(outcome, rounds, MOST, play)?;
    let told = found.into_iter().filter_map(|d| {
        let prior = study.prior(d.prior)?;
        Some(Deciding {
            name: prior.in_short(),
            source: prior.remarks.source.clone().unwrap_or_default(),
            low: d.low,
            high: d.high,
            ends: (written(prior, d.ends.0), written(prior, d.ends.1)),
            explains: d.explains,
        })
    });
    Ok(told.collect())
}

/// A value of a guess.
fn written(of: &Number, value: f64) -> String {
    if of.duration {
        lasting(value)
    } else {
        number(value)
    }
}

/// The part of an outcome's variance that comes from all guesses together; none where the folder does not say so.
fn together(folder: &ResultFolder, outcome: &str) -> Result<Option<Share>, ReportError> {
    let rows: Vec<VarianceRow> = folder.rows_if_any()?;
    let own = rows.iter().find(|r| r.kind == "outcome" && r.id == outcome);
    Ok(own.and_then(|r| {
        Some(Share {
            probability: r.from_priors.filter(|x| (0.0..=1.0).contains(x))?,
            low: r.ci_low?.max(0.0),
            high: r.ci_high?.min(1.0),
        })
    }))
}

/// The day that is over at a moment, or goes on: midnight belongs to the day before.
fn day_over(moment: DateTime) -> Date {
    moment.saturating_sub(jiff::Span::new().seconds(1)).date()
}

/// The typical history of an outcome; none if it came in no round that was played again.
fn history(
    study: &Study,
    outcome: &str,
    at_end: bool,
    play: &Play,
) -> Result<Vec<History>, ReportError> {
    let asked = Typical {
        play: play.clone(),
        ..Typical::of(outcome)
    };
    let found = study.typical(&asked)?;
    let told = found.roads.iter().map(|road| History {
        outcome: found.name.clone(),
        round: road.round,
        events: road.main().map(|e| (e.at.date(), e.told.clone())).collect(),
        noted: day_over(road.noted_at),
        at_end,
    });
    Ok(told.collect())
}

fn signposts(study: &Study, outcome: &str, play: &Play) -> Result<Vec<Signpost>, ReportError> {
    let asked = Signposts {
        play: play.clone(),
        outcomes: vec![outcome.to_owned()],
        most: MOST,
        ..Signposts::default()
    };
    let found = study.signposts(&asked)?;
    let told = found.rows().iter().map(|r| Signpost {
        what: r.what.clone(),
        by: day_over(r.by),
        seen: r.seen as f64 / r.open.max(1) as f64,
        if_seen: Share {
            probability: r.if_seen,
            low: r.if_seen_low,
            high: r.if_seen_high,
        },
        if_not_seen: Share {
            probability: r.if_not_seen,
            low: r.if_not_seen_low,
            high: r.if_not_seen_high,
        },
    });
    Ok(told.collect())
}
