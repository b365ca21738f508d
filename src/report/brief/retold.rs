//! The parts of a brief for which rounds are played again: the scenario is that of the folder's manifest.

use crate::analysis::interval::Share;
use crate::report::folder::{ReportError, ResultFolder};
use crate::scenario::visible::on_one_line;
use crate::study::{Control, Play, Study};

/// Most rounds that are played again.
const ROUNDS: u64 = 20_000;
/// Most guesses of a brief.
const MOST: usize = 3;

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
}

/// What is played again of one run; of other results, why not.
pub(super) type Retold = Result<Vec<Deciding>, String>;

const ALONE: &str = "told of one run alone: make its own brief with kzsim brief";

/// Plays rounds of one run again.
pub(super) fn retold(
    folders: &[ResultFolder],
    outcome: Option<&str>,
    control: &Control,
) -> Result<Retold, ReportError> {
    let left_out = |why: &str| Ok(Err(why.to_owned()));
    let (folder, outcome) = match (folders, outcome) {
        ([folder], Some(outcome)) if folder.command == "run" => (folder, outcome),
        _ => return left_out(ALONE),
    };
    if folder.is_given() {
        return left_out(
            "left out: rounds played again do not take the evidence into account. The brief of the run without \
             evidence has them",
        );
    }
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
        control: control.clone(),
        ..Play::default()
    };
    let found = study.deciding(outcome, rounds, MOST, &play)?;
    let told = found.into_iter().filter_map(|d| {
        let number = study.prior(d.prior)?;
        Some(Deciding {
            name: number.in_short(),
            source: number.remarks.source.clone().unwrap_or_default(),
            low: d.low,
            high: d.high,
        })
    });
    Ok(Ok(told.collect()))
}
