//! The parts of a brief for which rounds are played again: the scenario is that of the folder's manifest.

use super::content::Part;
use crate::analysis::interval::Share;
use crate::report::folder::{ReportError, ResultFolder};
use crate::scenario::visible::on_one_line;
use crate::study::{Control, Play, Study};

/// Most rounds that are played again.
const ROUNDS: u64 = 20_000;
/// Guesses, histories and signposts of a brief.
pub const MOST: usize = 3;

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

/// A typical history.
#[derive(Debug, Clone)]
pub struct History {
    /// Number of the round.
    pub round: u64,
    /// Display name of its outcome.
    pub outcome: String,
    /// What happened, in at most three lines.
    pub lines: Vec<String>,
}

/// An observation that would change the answer.
#[derive(Debug, Clone)]
pub struct Signpost {
    /// What is seen, and by when.
    pub seen: String,
    /// In how many rounds it is.
    pub often: f64,
    /// Share of the outcome where it is seen.
    pub share: Share,
    /// Share of the outcome where it is not.
    pub otherwise: Share,
}

/// What is told again.
pub(super) struct Retold {
    pub(super) deciding: Part<Deciding>,
    pub(super) histories: Part<History>,
    pub(super) signposts: Part<Signpost>,
}

/// Plays rounds of one run again; of other results it says why not.
pub(super) fn retold(
    folders: &[ResultFolder],
    outcome: Option<&str>,
    control: &Control,
) -> Result<Retold, ReportError> {
    let all = |why: &str| {
        Ok(Retold {
            deciding: Part::LeftOut(why.to_owned()),
            histories: Part::LeftOut(why.to_owned()),
            signposts: Part::LeftOut(why.to_owned()),
        })
    };
    let ([folder], Some(outcome)) = (folders, outcome) else {
        return all("told of one run alone: make its own brief with kzsim brief");
    };
    if folder.command != "run" {
        return all("told of one run alone: make its own brief with kzsim brief");
    }
    if folder.is_given() {
        return all(
            "left out: rounds played again do not take the evidence into account. The brief of the run without \
             evidence has them",
        );
    }
    let study = match Study::like(&folder.path) {
        Ok(study) => study,
        Err(e) => {
            let why = e.to_string();
            return all(&format!(
                "left out: the scenario of the folder cannot be played again ({})",
                on_one_line(why.lines().next().unwrap_or_default())
            ));
        }
    };
    if study
        .written_by()
        .is_some_and(|v| v != env!("CARGO_PKG_VERSION"))
    {
        return all(
            "left out: another version of kzsim wrote the folder, and rounds played again could differ. Run it \
             again",
        );
    }
    let play = Play {
        control: control.clone(),
        ..Play::default()
    };
    let rounds = folder.rounds.min(ROUNDS);
    let deciding = study
        .deciding(outcome, rounds, MOST, &play)?
        .into_iter()
        .filter_map(|d| {
            let number = study.prior(d.prior)?;
            Some(Deciding {
                name: number.in_short().to_owned(),
                source: number.remarks.source.clone().unwrap_or_default(),
                low: d.low,
                high: d.high,
            })
        });
    Ok(Retold {
        deciding: Part::Told(deciding.collect()),
        histories: Part::Told(Vec::new()),
        signposts: Part::Told(Vec::new()),
    })
}
