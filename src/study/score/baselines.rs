//! Baselines by name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::Panel;
use crate::analysis::score::Forecast;
use crate::analysis::score::baseline::{Counted, base_rate, climatology};
use crate::scenario::fault::{Fault, did_you_mean, nearest};
use crate::scenario::sheet::Sheet;
use crate::scenario::visible::visible_path;
use crate::study::error::StudyError;
use crate::study::forecasts::{Kind, Observed, Reading};

/// A forecast that needs no forecaster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Baseline {
    /// The share of each class among all cases.
    BaseRate,
    /// The same among cases with the same text in a column, drawn towards the whole by five cases.
    Climatology(String),
    /// A column of a CSV file that has a column `case`.
    Csv(PathBuf, String),
    /// All classes alike.
    Uniform,
    /// What was observed last in the same cluster; the base rate for its first case.
    Previous,
}

impl std::fmt::Display for Baseline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::BaseRate => f.write_str("base-rate"),
            Self::Climatology(column) => write!(f, "climatology:{column}"),
            Self::Csv(file, column) => write!(f, "csv:{}:{column}", visible_path(file)),
            Self::Uniform => f.write_str("uniform"),
            Self::Previous => f.write_str("previous"),
        }
    }
}

impl std::str::FromStr for Baseline {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const NAMES: [&str; 5] = ["base-rate", "climatology", "csv", "uniform", "previous"];
        let (name, rest) = text.split_once(':').unwrap_or((text, ""));
        match (name, rest.rsplit_once(':')) {
            ("base-rate", _) if rest.is_empty() => Ok(Self::BaseRate),
            ("uniform", _) if rest.is_empty() => Ok(Self::Uniform),
            ("previous", _) if rest.is_empty() => Ok(Self::Previous),
            ("climatology", _) if !rest.is_empty() => Ok(Self::Climatology(rest.to_owned())),
            ("csv", Some((file, column))) if !file.is_empty() && !column.is_empty() => {
                Ok(Self::Csv(file.into(), column.to_owned()))
            }
            _ => {
                let near = nearest(name, NAMES).filter(|near| near != name);
                let help = did_you_mean(name, near).map(|h| format!("; {h}"));
                Err(format!(
                    "expected base-rate, climatology:COLUMN, csv:FILE:COLUMN, uniform or previous{}",
                    help.unwrap_or_default()
                ))
            }
        }
    }
}

/// What a baseline reads, prepared once for all forecasters.
pub(super) enum Prepared {
    BaseRate,
    /// The column of the observations.
    Climatology(usize),
    /// Probabilities by case and horizon.
    Csv(BTreeMap<(String, String), f64>),
    Uniform,
    /// The column of dates.
    Previous(usize),
}

/// The cases that a base rate or a climatology counts, if they are others than those that are scored.
pub(super) struct Train {
    pub(super) observed: Observed,
    /// The class of each row, if it is resolved.
    pub(super) classes: Vec<Option<usize>>,
}

impl Baseline {
    /// Finds what it reads; what is missing goes to the faults.
    pub(super) fn prepare(
        &self,
        observed: &Observed,
        train: Option<&Train>,
        kind: &Kind,
        reading: &mut Reading,
    ) -> Result<Option<Prepared>, StudyError> {
        let why = format!("the column of --baseline {self}");
        Ok(match self {
            Self::BaseRate => Some(Prepared::BaseRate),
            Self::Uniform => Some(Prepared::Uniform),
            Self::Climatology(column) => {
                let faults = &mut reading.faults;
                if let Some(train) = train {
                    train.observed.sheet.column(column, &why, faults);
                }
                let found = observed.sheet.column(column, &why, faults);
                found.map(Prepared::Climatology)
            }
            Self::Previous => {
                let dates = ["date", "resolved"];
                let found = dates.iter().find_map(|name| observed.sheet.find(name));
                let found = found.or_else(|| {
                    let why = "a column of dates, by which --baseline previous orders cases";
                    observed.sheet.column("date", why, &mut reading.faults)
                });
                if let Some(c) = found {
                    for row in 0..observed.sheet.count() {
                        let text = observed.sheet.text(row, c);
                        if text.parse::<Date>().is_err() {
                            let found = format!("`{text}` where --baseline previous needs a date");
                            let place = observed.sheet.place(row, c);
                            let fault = Fault::at(&place, found, "a date such as 1991-08-19");
                            reading.faults.push(fault);
                        }
                    }
                }
                found.map(Prepared::Previous)
            }
            Self::Csv(file, column) => {
                if matches!(kind, Kind::Classes(_)) {
                    return Err(StudyError::Invalid(format!(
                        "--baseline {self}: a column holds the probability of one event, and the forecasts are of \
                         classes; choose one with --event"
                    )));
                }
                let sheet = reading.sheet(file)?;
                table(&sheet, column, &why, &mut reading.faults).map(Prepared::Csv)
            }
        })
    }
}

/// The probabilities of a column by case and horizon.
fn table(
    sheet: &Sheet,
    column: &str,
    why: &str,
    faults: &mut Vec<Fault>,
) -> Option<BTreeMap<(String, String), f64>> {
    let case = sheet.column("case", why, faults);
    let column = sheet.column(column, why, faults);
    let (case, column) = (case?, column?);
    let horizon = sheet.find("horizon");
    let mut out = BTreeMap::new();
    for row in 0..sheet.count() {
        let key = (
            sheet.text(row, case).to_owned(),
            horizon.map_or("", |c| sheet.text(row, c)).to_owned(),
        );
        let p = sheet.probability(row, column, faults).unwrap_or(0.5);
        if out.insert(key, p).is_some() {
            let found = format!("a second row of case {}", sheet.text(row, case));
            faults.push(Fault::at(&sheet.place(row, case), found, "one"));
        }
    }
    Some(out)
}

impl Prepared {
    /// The baseline's forecasts of the cases of a panel, in its order.
    pub(super) fn forecasts(
        &self,
        panel: &Panel,
        observed: &Observed,
        train: Option<&Train>,
        kind: &Kind,
        baseline: &Baseline,
    ) -> Result<Vec<Forecast>, StudyError> {
        let classes = kind.classes();
        let own: Vec<Counted> = panel
            .forecasts
            .iter()
            .map(|f| (f.observed, f.weight))
            .collect();
        let trained = |train: &Train| -> Vec<(usize, Counted)> {
            let rows = train.classes.iter().enumerate();
            rows.filter_map(|(row, class)| Some((row, ((*class)?, 1.0))))
                .collect()
        };
        let whole = || match train {
            Some(train) => {
                let counted: Vec<Counted> = trained(train).iter().map(|(_, c)| *c).collect();
                base_rate(&counted, classes)
            }
            None => base_rate(&own, classes),
        };
        let shares: Vec<Vec<f64>> = match self {
            Self::BaseRate => vec![whole(); own.len()],
            Self::Uniform => vec![vec![1.0 / classes as f64; classes]; own.len()],
            Self::Climatology(column) => {
                let text = |row: usize| observed.sheet.text(row, *column);
                let (groups, whole) = match train {
                    Some(train) => {
                        let name = observed.sheet.names().nth(*column).unwrap_or_default();
                        let place = train.observed.sheet.find(name).unwrap_or_default();
                        let cases: Vec<(&str, Counted)> = trained(train)
                            .into_iter()
                            .map(|(row, c)| (train.observed.sheet.text(row, place), c))
                            .collect();
                        climatology(&cases, classes)
                    }
                    None => {
                        let rows = panel.rows.iter().map(|row| text(*row));
                        let cases: Vec<(&str, Counted)> = rows.zip(own.iter().copied()).collect();
                        climatology(&cases, classes)
                    }
                };
                let of = |row: &usize| groups.get(text(*row)).unwrap_or(&whole).clone();
                panel.rows.iter().map(of).collect()
            }
            Self::Csv(table) => {
                let missing = || {
                    StudyError::Invalid(format!(
                        "--baseline {baseline}: has no probability for every case that is scored"
                    ))
                };
                let of = |key: &(String, String)| {
                    let without = (key.0.clone(), String::new());
                    let found = table.get(key).or_else(|| table.get(&without));
                    found.map(|p| vec![1.0 - p, *p]).ok_or_else(missing)
                };
                panel.keys.iter().map(of).collect::<Result<_, _>>()?
            }
            Self::Previous(dates) => previous(panel, observed, *dates, &whole(), classes),
        };
        let event = matches!(kind, Kind::Event(_));
        Ok(panel
            .forecasts
            .iter()
            .zip(shares)
            .map(|(f, shares)| Forecast {
                probabilities: if event { vec![shares[1]] } else { shares },
                rounds: None,
                ..f.clone()
            })
            .collect())
    }
}

/// What was observed last in the same cluster, by dates in ISO 8601; the base rate where nothing was.
fn previous(
    panel: &Panel,
    observed: &Observed,
    dates: usize,
    whole: &[f64],
    classes: usize,
) -> Vec<Vec<f64>> {
    let mut past: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for (f, row) in panel.forecasts.iter().zip(&panel.rows) {
        past.insert((f.cluster, observed.sheet.text(*row, dates)), f.observed);
    }
    let of = |(f, row): (&Forecast, &usize)| {
        let before = (f.cluster, observed.sheet.text(*row, dates));
        let last = past.range((f.cluster, "")..before).next_back();
        match last {
            Some((_, class)) => (0..classes)
                .map(|c| if c == *class { 1.0 } else { 0.0 })
                .collect(),
            None => whole.to_vec(),
        }
    };
    panel.forecasts.iter().zip(&panel.rows).map(of).collect()
}

/// Reads the cases that base rates count.
pub(super) fn train(
    path: &Path,
    kind: &Kind,
    named: bool,
    reading: &mut Reading,
) -> Result<Option<Train>, StudyError> {
    let Some(observed) = Observed::read(path, reading)? else {
        return Ok(None);
    };
    let mut classes = Vec::with_capacity(observed.sheet.count());
    for row in 0..observed.sheet.count() {
        let class = observed.outcome(row).and_then(|outcome| {
            kind.observed(outcome, named)
                .map_err(|allowed| {
                    let place = observed.outcome_place(row);
                    reading
                        .faults
                        .push(Fault::at(&place, format!("`{outcome}`"), allowed));
                })
                .ok()
        });
        classes.push(class);
    }
    Ok(Some(Train { observed, classes }))
}
