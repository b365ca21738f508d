//! Forecasts and observations as files hold them, read with every fault.

use std::collections::BTreeMap;
use std::path::Path;

use super::error::StudyError;
use crate::files;
use crate::scenario::fault::{Fault, Faults, Place, Sources};
use crate::scenario::misread::is_formula;
use crate::scenario::sheet::Sheet;
use crate::scenario::visible::visible_path;
use crate::table::Row as _;
use crate::table::given::GivenOutcomeRow;
use crate::table::pool::PooledRow;
use crate::table::run::OutcomeRow;

/// How far the probabilities of the classes of a case may be from 1 together.
pub(super) const SLACK: f64 = 1e-6;

/// The least probability that is read of a forecast that does not come from rounds.
pub(super) const FLOOR: f64 = 0.001;

/// The most faults that are told: a file of another kind has one in every row.
const MOST: usize = 1_000;

/// What a forecast says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Said {
    /// The probability of an event.
    Event(f64),
    /// The probability of each class.
    Classes(BTreeMap<String, f64>),
}

/// A forecast of a case.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) forecaster: String,
    pub(super) horizon: String,
    pub(super) case: String,
    pub(super) said: Said,
    /// Rounds behind the shares: with evidence, as many as would know as much.
    pub(super) rounds: Option<f64>,
    /// 1, or the part of the time for which it stood.
    pub(super) weight: f64,
    /// Where it stands.
    pub(super) place: Place,
}

/// The least probability that is read of a forecast: half a round.
pub(super) fn floor(rounds: Option<f64>) -> f64 {
    rounds.map_or(FLOOR, |n| (0.5 / n).min(0.5))
}

/// Rounds so few that half of one is no small probability.
pub(super) const FEW_ROUNDS: f64 = 50.0;

/// The rounds behind the shares of a case, of which each has a number of its own: as many as would add as much to
/// the Brier score. Fewer than one, or a number that nobody knows (0), count as one: no share scatters more than that
/// of a single round. None if there are no shares.
pub(super) fn rounds_of_case(shares: impl IntoIterator<Item = (f64, f64)>) -> Option<f64> {
    let all: Vec<(f64, f64)> = shares.into_iter().map(|(p, n)| (p, n.max(1.0))).collect();
    let most = all.iter().map(|(_, n)| *n).reduce(f64::max)?;
    if all.iter().all(|(_, n)| *n == most) {
        return Some(most);
    }
    let spread: f64 = all.iter().map(|(p, _)| p * (1.0 - p)).sum();
    let error: f64 = all.iter().map(|(p, n)| p * (1.0 - p) / n).sum();
    // Shares of 0 and 1 say nothing about their numbers.
    Some(if error > 0.0 { spread / error } else { most })
}

/// Texts that were read, and what is wrong with them.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) sources: Sources,
    pub(super) faults: Vec<Fault>,
    /// Whether rows of a table were left out because they are no rows: what they hold is not missing.
    pub(super) incomplete: bool,
}

impl Reading {
    pub(super) fn sheet(&mut self, path: &Path) -> Result<Sheet, StudyError> {
        let before = self.faults.len();
        let sheet = Sheet::read(path, &mut self.sources, &mut self.faults)?;
        self.incomplete |= self.faults.len() > before;
        Ok(sheet)
    }

    /// Fails if there are faults.
    pub(super) fn check(&mut self) -> Result<(), StudyError> {
        if self.faults.is_empty() {
            return Ok(());
        }
        let faults = std::mem::take(&mut self.faults);
        let mut faults = Faults::new(self.sources.clone(), faults);
        faults.list.truncate(MOST);
        Err(StudyError::Faults(faults))
    }
}

/// Reads forecasts from a CSV file, from the folder of a run (the shares of its outcomes, given the evidence if there
/// is any), or from that of a pool.
pub(super) fn forecasts(path: &Path, reading: &mut Reading) -> Result<Vec<Entry>, StudyError> {
    if !path.is_dir() {
        let sheet = reading.sheet(path)?;
        return Ok(entries(&sheet, &mut reading.faults));
    }
    let tables = [GivenOutcomeRow::FILE, OutcomeRow::FILE, PooledRow::FILE];
    let found = tables.map(|file| path.join(file));
    let Some(table) = found.iter().find(|table| files::is_there(table)) else {
        return Err(StudyError::Invalid(format!(
            "{}: holds no forecasts: expected {} of a run, {} of a pool, or seals (NAME.seal.toml)",
            visible_path(path),
            OutcomeRow::FILE,
            PooledRow::FILE
        )));
    };
    let sheet = reading.sheet(table)?;
    if let Some(c) = sheet.find("probability")
        && sheet.count() > 0
        && (0..sheet.count()).all(|row| sheet.text(row, c).is_empty())
    {
        return Err(nothing_fits(path));
    }
    Ok(entries(&sheet, &mut reading.faults))
}

/// The evidence of a folder leaves no shares.
pub(super) fn nothing_fits(folder: &Path) -> StudyError {
    StudyError::Invalid(format!(
        "{}: no round fits the evidence, so there is nothing to forecast",
        visible_path(folder)
    ))
}

const COLUMNS: &str = "case and p for an event; case, outcome and probability for classes";

/// A case that one of two files lacks.
pub(super) fn alone(place: &Place, case: &str, lacks: &str) -> Fault {
    let found = format!("case {case} is not {lacks}");
    let fault = Fault::at(place, found, "the same cases in both files");
    fault.help(Some("--allow-missing leaves such cases out".to_owned()))
}

/// The forecasts of a table.
fn entries(sheet: &Sheet, faults: &mut Vec<Fault>) -> Vec<Entry> {
    let any = |names: &[&str]| names.iter().find_map(|name| sheet.find(name));
    let classes = sheet.find("outcome");
    let case = any(&["case", "scenario"]).or_else(|| sheet.column("case", COLUMNS, faults));
    let p = match classes {
        Some(_) => sheet.column("probability", COLUMNS, faults),
        None => any(&["p", "probability"]).or_else(|| sheet.column("p", COLUMNS, faults)),
    };
    let (Some(case), Some(p)) = (case, p) else {
        return Vec::new();
    };
    let horizon = sheet.find("horizon");
    let forecaster = sheet.find("forecaster");
    let (rounds, effective) = (any(&["rounds", "n"]), sheet.find("effective_rounds"));
    let mut out: Vec<Entry> = Vec::new();
    // By case: each share, and the rounds behind it.
    let mut behind: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut index: BTreeMap<[String; 3], usize> = BTreeMap::new();
    for row in 0..sheet.count() {
        let mut text =
            |column: Option<usize>| column.map_or("", |c| sheet.name(row, c, faults)).to_owned();
        let key = [text(forecaster), text(horizon), text(Some(case))];
        let class = text(classes);
        if key[2].is_empty() {
            let place = sheet.place(row, case);
            faults.push(Fault::at(
                &place,
                "a forecast of no case",
                "the id of a case",
            ));
            continue;
        }
        let value = sheet.probability(row, p, faults);
        let played = rounds.and_then(|c| sheet.rounds(row, c, faults));
        // Rounds that evidence weighs know less than as many that it does not.
        let n = effective.and_then(|c| sheet.effective_rounds(row, c, faults));
        let n = n.or(played);
        // What is no number is told, and does not make a sum wrong as well.
        let value = value.unwrap_or(f64::NAN);
        let known = index.get(&key).copied();
        match (known, classes) {
            (None, _) => {
                let [forecaster, horizon, case_id] = key.clone();
                index.insert(key, out.len());
                behind.push(n.map(|n| (value, n)).into_iter().collect());
                out.push(Entry {
                    forecaster,
                    horizon,
                    case: case_id,
                    said: match classes {
                        None => Said::Event(value),
                        Some(_) => Said::Classes([(class, value)].into()),
                    },
                    rounds: None,
                    weight: 1.0,
                    place: sheet.place(row, case),
                });
            }
            (Some(known), Some(c)) => {
                behind[known].extend(n.map(|n| (value, n)));
                let Said::Classes(all) = &mut out[known].said else {
                    continue;
                };
                if all.insert(class.clone(), value).is_some() {
                    let found = format!("a second forecast of `{class}` in case {}", key[2]);
                    faults.push(Fault::at(&sheet.place(row, c), found, "one"));
                }
            }
            (Some(_), None) => {
                let found = format!("a second forecast of case {}", key[2]);
                let allowed = "one for each case, horizon and forecaster";
                faults.push(Fault::at(&sheet.place(row, case), found, allowed));
            }
        }
    }
    for (entry, shares) in out.iter_mut().zip(behind) {
        entry.rounds = rounds_of_case(shares);
        faults.extend(sum_fault(entry));
    }
    out
}

/// What is wrong with the sum of the probabilities of classes.
fn sum_fault(entry: &Entry) -> Option<Fault> {
    let Said::Classes(all) = &entry.said else {
        return None;
    };
    let sum: f64 = all.values().sum();
    // A sum that is no number has a fault already.
    ((sum - 1.0).abs() > SLACK).then(|| {
        let n = all.len();
        let found = format!(
            "the {n} probabilities of case {} add up to {sum:.6}",
            entry.case
        );
        Fault::at(&entry.place, found, "a sum of 1")
    })
}

/// The name of a file or folder.
pub(super) fn named(path: &Path) -> String {
    let stem = if path.is_dir() {
        path.file_name()
    } else {
        path.file_stem()
    };
    let name = stem.map_or_else(|| visible_path(path), |n| n.to_string_lossy().into_owned());
    if is_formula(&name) {
        format!("'{name}")
    } else {
        name
    }
}

/// What was observed.
#[derive(Debug)]
pub(super) struct Observed {
    pub(super) sheet: Sheet,
    pub(super) case: usize,
    outcome: usize,
    /// Whether it tells horizons apart.
    pub(super) has_horizons: bool,
    /// Rows by case and horizon.
    pub(super) rows: BTreeMap<(String, String), usize>,
}

impl Observed {
    /// Reads a table of what was observed; nothing if columns are missing.
    pub(super) fn read(path: &Path, reading: &mut Reading) -> Result<Option<Self>, StudyError> {
        let sheet = reading.sheet(path)?;
        let faults = &mut reading.faults;
        let why = "case and outcome, and for each case one row";
        let case = sheet.column("case", why, faults);
        let outcome = sheet.column("outcome", why, faults);
        let (Some(case), Some(outcome)) = (case, outcome) else {
            return Ok(None);
        };
        let horizon = sheet.find("horizon");
        let mut rows = BTreeMap::new();
        for row in 0..sheet.count() {
            let id = sheet.name(row, case, faults).to_owned();
            let horizon = horizon.map_or("", |c| sheet.text(row, c)).to_owned();
            if id.is_empty() {
                let place = sheet.place(row, case);
                faults.push(Fault::at(&place, "a row of no case", "the id of a case"));
            } else if rows.contains_key(&(id.clone(), horizon.clone())) {
                let found = format!("a second row of case {id}");
                let allowed = "one for each case and horizon";
                faults.push(Fault::at(&sheet.place(row, case), found, allowed));
            } else {
                rows.insert((id, horizon), row);
            }
        }
        Ok(Some(Self {
            case,
            outcome,
            has_horizons: horizon.is_some(),
            rows,
            sheet,
        }))
    }

    /// The row of a forecast.
    pub(super) fn row(&self, entry: &Entry) -> Option<usize> {
        let horizon = if self.has_horizons {
            entry.horizon.clone()
        } else {
            String::new()
        };
        self.rows.get(&(entry.case.clone(), horizon)).copied()
    }

    /// What was observed; nothing if it is unresolved.
    pub(super) fn outcome(&self, row: usize) -> Option<&str> {
        Some(self.sheet.text(row, self.outcome)).filter(|text| !text.is_empty())
    }

    /// Where that stands.
    pub(super) fn outcome_place(&self, row: usize) -> Place {
        self.sheet.place(row, self.outcome)
    }
}

/// What forecasts are of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// An event: the class whose probability is read, or none where forecasts have one probability.
    Event(Option<String>),
    /// Classes, in order.
    Classes(Vec<String>),
}

/// Whether an event happened, where that is said by a number or by yes and no.
fn happened(outcome: &str) -> Option<usize> {
    match outcome.to_ascii_lowercase().as_str() {
        "1" | "1.0" | "true" | "yes" => Some(1),
        "0" | "0.0" | "false" | "no" => Some(0),
        _ => None,
    }
}

/// Whether a class is called by a word, so that 1 and 0 are none of its classes.
fn is_a_word(class: &str) -> bool {
    class.parse::<f64>().is_err() && happened(class).is_none()
}

impl Kind {
    /// What forecasts are of, if `event` picks one class and `order` sets the order of classes.
    pub(super) fn of(
        entries: &[Entry],
        event: Option<&str>,
        order: &[String],
    ) -> Result<Self, String> {
        let mut names: Vec<&String> = Vec::new();
        for entry in entries {
            if let Said::Classes(all) = &entry.said {
                names.extend(all.keys());
            }
        }
        names.sort();
        names.dedup();
        let is_event = |entry: &&Entry| match &entry.said {
            Said::Event(_) => true,
            Said::Classes(all) => all.keys().eq(["0", "1"]),
        };
        let of_event = entries.iter().find(is_event);
        let of_classes = entries.iter().find(|entry| !is_event(entry));
        if let (Some(a), Some(b), None) = (of_event, of_classes, event) {
            return Err(format!(
                "the forecast of case {} is of an event, that of case {} of classes: expected one kind",
                a.case, b.case
            ));
        }
        let listed = || {
            let names: Vec<&str> = names.iter().map(|n| n.as_str()).collect();
            names.join(", ")
        };
        // An event, with its absence: as a pool writes it.
        if names == ["0", "1"] && event.is_none() && order.is_empty() {
            return Ok(Self::Event(Some("1".to_owned())));
        }
        if names.is_empty() {
            return if order.is_empty() {
                Ok(Self::Event(event.map(str::to_owned)))
            } else {
                Err("--order: the forecasts are of one event, without classes to order".to_owned())
            };
        }
        if let Some(event) = event {
            return if names.iter().any(|n| *n == event) {
                Ok(Self::Event(Some(event.to_owned())))
            } else {
                Err(format!(
                    "--event {event}: no forecast names it; expected one of {}",
                    listed()
                ))
            };
        }
        if order.is_empty() {
            return Ok(Self::Classes(names.into_iter().cloned().collect()));
        }
        let mut sorted: Vec<&String> = order.iter().collect();
        sorted.sort();
        if sorted == names {
            Ok(Self::Classes(order.to_vec()))
        } else {
            Err(format!(
                "--order {}: expected every class once: {}",
                order.join(","),
                listed()
            ))
        }
    }

    /// Number of numbers of a forecast: 1 of an event.
    pub(super) fn width(&self) -> usize {
        match self {
            Self::Event(_) => 1,
            Self::Classes(names) => names.len(),
        }
    }

    /// Number of classes that are observed: 2 of an event.
    pub(super) fn classes(&self) -> usize {
        self.width().max(2)
    }

    /// The probabilities of a forecast.
    pub(super) fn probabilities(&self, said: &Said) -> Vec<f64> {
        match (self, said) {
            (_, Said::Event(p)) => vec![*p],
            (Self::Event(name), Said::Classes(all)) => {
                let name = name.as_deref().unwrap_or_default();
                vec![all.get(name).copied().unwrap_or(0.0)]
            }
            (Self::Classes(names), Said::Classes(all)) => {
                let of = |name: &String| all.get(name).copied().unwrap_or(0.0);
                names.iter().map(of).collect()
            }
        }
    }

    /// The index of what was observed; what is allowed if it is none.
    pub(super) fn observed(&self, outcome: &str, named: bool) -> Result<usize, String> {
        match self {
            // Whoever wrote 1 for the event did not write 1 for another class, unless classes are numbers.
            Self::Event(Some(event)) if named => Ok(match happened(outcome) {
                Some(happened) if is_a_word(event) => happened,
                _ => usize::from(outcome == event),
            }),
            Self::Event(_) => happened(outcome).ok_or_else(|| {
                "0 or 1 (no or yes); --event OUTCOME says what counts as 1".to_owned()
            }),
            Self::Classes(names) => names
                .iter()
                .position(|n| n == outcome)
                .ok_or_else(|| format!("an outcome that a forecast names: {}", names.join(", "))),
        }
    }

    /// The names of classes.
    pub(super) fn names(&self) -> Vec<&str> {
        match self {
            Self::Event(_) => Vec::new(),
            Self::Classes(names) => names.iter().map(String::as_str).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_of_a_case_scatter_as_its_shares_do_together() {
        assert_eq!(rounds_of_case([]), None);
        assert_eq!(rounds_of_case([(0.3, 700.0), (0.7, 700.0)]), Some(700.0));
        // The one rare class of which little is known hardly counts.
        let all = [(0.9, 700.0), (0.0999, 700.0), (0.0001, 2.0)];
        let n = rounds_of_case(all).expect("shares");
        let error = |(p, n): (f64, f64)| p * (1.0 - p) / n;
        let wanted: f64 = all.into_iter().map(error).sum();
        let found: f64 = all.into_iter().map(|(p, _)| error((p, n))).sum();
        assert!((found / wanted - 1.0).abs() < 1e-12 && n > 500.0, "{n}");
        // No share scatters more than that of a single round, whatever is said of it.
        assert_eq!(rounds_of_case([(0.5, 1e-9), (0.5, 0.0)]), Some(1.0));
        assert_eq!(rounds_of_case([(1.0, 40.0), (0.0, 0.0)]), Some(40.0));
    }
}
