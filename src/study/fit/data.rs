//! Cases and what was observed of them, read with every fault.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::rc::Rc;
use std::str::FromStr;

use super::Fit;
use crate::analysis::fit::logit::Columns;
use crate::analysis::fit::simulate::Resolved;
use crate::result::manifest::hash_bytes;
use crate::scenario::fault::{Fault, Sources};
use crate::scenario::sheet::Sheet;
use crate::study::cases::table::{CaseTable, NOT_CODED};
use crate::study::error::StudyError;
use crate::study::forecasts::{Observed, Reading, alone};
use crate::study::molds::Settings;
use crate::study::open::Study;

/// The column of clusters that is used without being asked for.
const CLUSTER: &str = "cluster";
/// The column of ids.
const CASE: &str = "case";
/// Folds by default.
const FOLDS: usize = 10;

/// How cases are dealt to folds: `COLUMN:N`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folds {
    /// The column whose cases stay together.
    pub column: String,
    /// Number of folds.
    pub count: usize,
}

impl fmt::Display for Folds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.column, self.count)
    }
}

impl FromStr for Folds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = text.rsplit_once(':').and_then(|(column, count)| {
            let count = count.trim().parse().ok();
            let count = count.filter(|n| (2..=1_000).contains(n))?;
            (!column.is_empty()).then(|| Self {
                column: column.trim().to_owned(),
                count,
            })
        });
        found.ok_or_else(|| {
            "expected COLUMN:N, as in cluster:10, with a number of folds from 2 to 1000".to_owned()
        })
    }
}

/// What outcomes are counted as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Classes {
    /// Ids of the template's outcomes.
    outcomes: Vec<String>,
    /// The index of the event among them, if one is asked for.
    pub(super) event: Option<usize>,
}

impl Classes {
    fn of(study: &Study, event: Option<&str>) -> Result<Self, StudyError> {
        let outcomes: Vec<String> = study
            .scenario
            .outcomes
            .iter()
            .map(|o| o.id.clone())
            .collect();
        let event = match event {
            None => None,
            Some(event) => Some(outcomes.iter().position(|o| o == event).ok_or_else(|| {
                StudyError::Invalid(format!(
                    "--event {event}: the template has no such outcome; expected one of {}",
                    outcomes.join(", ")
                ))
            })?),
        };
        Ok(Self { outcomes, event })
    }

    /// Number of classes.
    pub(super) fn count(&self) -> usize {
        self.event.map_or(self.outcomes.len(), |_| 2)
    }

    /// The class of an outcome of the template.
    pub(super) fn of_outcome(&self, outcome: usize) -> usize {
        self.event
            .map_or(outcome, |event| usize::from(outcome == event))
    }

    /// What forecasts are of, with the class of each.
    pub(super) fn forecast(&self) -> Vec<(usize, &str)> {
        match self.event {
            Some(event) => vec![(1, self.outcomes[event].as_str())],
            None => self.names().into_iter().enumerate().collect(),
        }
    }

    pub(super) fn names(&self) -> Vec<&str> {
        self.outcomes.iter().map(String::as_str).collect()
    }

    /// The class that was observed; what is allowed if it is none.
    fn observed(&self, text: &str) -> Result<usize, String> {
        if self.event.is_some() {
            match text.to_ascii_lowercase().as_str() {
                "1" | "1.0" | "true" | "yes" => return Ok(1),
                "0" | "0.0" | "false" | "no" => return Ok(0),
                _ => {}
            }
        }
        let found = self.outcomes.iter().position(|o| o == text);
        found.map(|o| self.of_outcome(o)).ok_or_else(|| {
            let named = self.outcomes.join(", ");
            match self.event {
                Some(_) => format!("0 or 1 (no or yes), or an outcome of the template: {named}"),
                None => format!(
                    "an outcome of the template: {named}; --event OUTCOME says which of them 1 stands for"
                ),
            }
        })
    }
}

/// Cases that are resolved, in the order of the case table.
#[derive(Debug)]
pub(super) struct Data {
    pub(super) classes: Classes,
    /// Ids.
    pub(super) ids: Vec<String>,
    /// What was observed of each, and what it counts.
    pub(super) resolved: Vec<Resolved>,
    /// Names of clusters, by index.
    pub(super) clusters: Vec<String>,
    /// What the clusters are.
    pub(super) cluster: Option<String>,
    /// Number of folds.
    pub(super) folds: usize,
    /// The case table.
    pub(super) table: Rc<CaseTable>,
    /// The texts that faults point into.
    pub(super) sources: Sources,
    /// For each distinct case a row of the case table.
    pub(super) distinct: Vec<usize>,
    /// The columns of the logistic regression.
    pub(super) columns: Columns,
    /// Their names.
    pub(super) column_names: Vec<String>,
    /// The class of each case for a climatology.
    pub(super) groups: Option<Vec<String>>,
    /// What was left out.
    pub(super) warnings: Vec<String>,
}

/// A column of one of the two tables.
#[derive(Debug, Clone, Copy)]
enum Place {
    Observed(usize),
    Cases(usize),
}

/// Both tables while they are matched.
struct Tables<'a> {
    observed: &'a Observed,
    cases: &'a Sheet,
}

impl Tables<'_> {
    /// A column of the observations, or else of the case table.
    fn column(&self, name: &str, why: &str, faults: &mut Vec<Fault>) -> Option<Place> {
        let found = self.observed.sheet.find(name).map(Place::Observed);
        found
            .or_else(|| self.cases.find(name).map(Place::Cases))
            .or_else(|| {
                let known: Vec<&str> = self.observed.sheet.names().collect();
                let found = format!("no column `{name}` here or in the observations");
                let fault = Fault::at(&self.cases.head(0), found, why);
                let all = known.into_iter().chain(self.cases.names());
                faults.push(fault.near(name, all));
                None
            })
    }

    fn text(&self, (case, observed): (usize, usize), place: Place) -> &str {
        match place {
            Place::Observed(c) => self.observed.sheet.text(observed, c),
            Place::Cases(c) => self.cases.text(case, c),
        }
    }
}

impl Data {
    /// Reads cases and observations; `like` are the training data of held-out ones, whose columns are used.
    /// Also returns the hashes of both files.
    pub(super) fn read(
        study: &Study,
        (cases, observed): (&Path, &Path),
        options: &Fit,
        like: Option<&Self>,
    ) -> Result<(Self, Vec<String>), StudyError> {
        let classes = Classes::of(study, options.event.as_deref())?;
        let mut reading = Reading::default();
        let table = Rc::new(CaseTable::read(cases, None, &study.scenario, &mut reading)?);
        let observed = Observed::read(observed, &mut reading)?;
        let case = table.sheet.find(CASE);
        let hash = |s: &crate::scenario::fault::Source| hash_bytes(s.text.as_bytes());
        let hashes = reading.sources.iter().map(hash).collect();
        let (Some(observed), Some(case)) = (observed, case) else {
            reading.check()?;
            return Err(StudyError::Invalid("there are no cases".to_owned()));
        };
        let mut data = Self::matched(
            &table,
            case,
            &observed,
            classes,
            options,
            like,
            &mut reading,
        );
        reading.check()?;
        data.sources = reading.sources;
        data.check(options, like.is_some())?;
        Ok((data, hashes))
    }

    #[expect(clippy::too_many_lines, reason = "one kind of fault after the other")]
    fn matched(
        table: &Rc<CaseTable>,
        case: usize,
        observed: &Observed,
        classes: Classes,
        options: &Fit,
        like: Option<&Self>,
        reading: &mut Reading,
    ) -> Self {
        let sheet = &table.sheet;
        let lenient = options.allow_missing || reading.incomplete;
        let faults = &mut reading.faults;
        let tables = Tables {
            observed,
            cases: sheet,
        };
        let horizons: BTreeSet<&str> = observed.rows.keys().map(|(_, h)| h.as_str()).collect();
        if horizons.len() > 1 {
            let place = observed.sheet.head(observed.case);
            faults.push(Fault::at(
                &place,
                format!("{} horizons", horizons.len()),
                "observations of one horizon: a likelihood counts each case once",
            ));
        }
        // Results repeat the names of clusters.
        for sheet in [&observed.sheet, sheet] {
            if let Some(c) = sheet.find(CLUSTER) {
                for row in 0..sheet.count() {
                    sheet.name(row, c, faults);
                }
            }
        }
        let by_id: BTreeMap<&str, usize> = observed
            .rows
            .iter()
            .map(|((id, _), row)| (id.as_str(), *row))
            .collect();
        let pairs = pairs(sheet, case, observed, &by_id, lenient, faults);
        let folds = options.folds.clone().unwrap_or_else(|| {
            let has = observed.sheet.find(CLUSTER).is_some() || sheet.find(CLUSTER).is_some();
            Folds {
                column: if has { CLUSTER } else { CASE }.to_owned(),
                count: FOLDS,
            }
        });
        let has_clusters = [&observed.sheet, sheet]
            .into_iter()
            .find_map(|s| s.find(CLUSTER).map(|c| s.head(c)));
        if let (true, Some(place)) = (folds.column == CASE, &has_clusters) {
            faults.push(Fault::at(
                place,
                format!("--folds {folds}, although there is a column `{CLUSTER}`"),
                format!(
                    "cases that share causes in one fold: --folds {CLUSTER}:{}",
                    folds.count
                ),
            ));
        }
        if folds.column == "outcome" {
            let found = format!("--folds {folds}: folds by what happened");
            let place = observed.sheet.head(observed.case);
            faults.push(Fault::at(
                &place,
                found,
                "a column of what cases share, such as countries",
            ));
        }
        let mut column = |name: &str, option: &str| {
            tables.column(name, &format!("the column of {option}"), faults)
        };
        let cluster = column(&folds.column, "--folds");
        let weights = options.weights.as_ref();
        let weights = weights.and_then(|name| column(name, "--weights"));
        let groups = options.climatology.as_ref();
        let groups = groups.and_then(|name| column(name, "--climatology"));
        for wanted in &options.coefficients {
            if let Some(c) = sheet.find(&wanted.path) {
                faults.push(Fault::at(
                    &sheet.head(c),
                    format!("`{}` is a column and is fitted too", wanted.path),
                    "one of them: what is known of every case needs no fit",
                ));
            }
        }
        let mut warnings = Vec::new();
        let ridge = match like {
            Some(like) => like.column_names.clone(),
            None if options.ridge.is_empty() => numeric(sheet, &table.columns, &mut warnings),
            None => options.ridge.clone(),
        };
        let mut out = Self {
            ids: Vec::new(),
            resolved: Vec::new(),
            clusters: Vec::new(),
            cluster: (folds.column != CASE).then(|| folds.column.clone()),
            folds: folds.count,
            distinct: Vec::new(),
            columns: Columns::default(),
            column_names: ridge.clone(),
            groups: groups.map(|_| Vec::new()),
            warnings,
            classes,
            sources: Sources::default(),
            table: Rc::clone(table),
        };
        let ridge: Vec<Option<usize>> = ridge
            .iter()
            .map(|name| sheet.column(name, "a column of the logistic regression", faults))
            .collect();
        let mut kept: Vec<((usize, usize), usize, String)> = Vec::new();
        for (row, seen) in pairs {
            let Some(outcome) = observed.outcome(seen) else {
                continue;
            };
            let id = sheet.text(row, case);
            match out.classes.observed(outcome) {
                Ok(class) => {
                    let own = cluster.map_or(id, |place| tables.text((row, seen), place));
                    // A case without a cluster is one of its own.
                    let own = if own.is_empty() { id } else { own };
                    kept.push(((row, seen), class, own.to_owned()));
                }
                Err(allowed) => {
                    let found = format!("`{outcome}` in case {id}");
                    faults.push(Fault::at(&observed.outcome_place(seen), found, allowed));
                }
            }
        }
        let shared = [
            observed.sheet.find(CLUSTER).map(Place::Observed),
            sheet.find(CLUSTER).map(Place::Cases),
        ];
        if let (Some(place), Some(head)) = (shared.into_iter().flatten().next(), &has_clusters)
            && ![CASE, CLUSTER].contains(&folds.column.as_str())
        {
            let mut of: BTreeMap<&str, &str> = BTreeMap::new();
            let split = kept.iter().find_map(|(rows, _, own)| {
                let cluster = tables.text(*rows, place);
                let other = *of.entry(cluster).or_insert(own) != own;
                (other && !cluster.is_empty()).then_some(cluster)
            });
            if let Some(split) = split {
                let found =
                    format!("--folds {folds}, which deals cases of `{split}` to several folds");
                let allowed = "a column that keeps cases of one cluster together";
                faults.push(Fault::at(head, found, allowed));
            }
        }
        let names: BTreeSet<&String> = kept.iter().map(|(_, _, c)| c).collect();
        out.clusters = names.into_iter().cloned().collect();
        if options.folds.is_none() {
            out.folds = out.folds.min(out.clusters.len());
        }
        let mut known: BTreeMap<Vec<Option<&str>>, usize> = BTreeMap::new();
        for ((row, seen), class, own) in &kept {
            // Whatever may change what is played; ids and groups do not.
            let cells = 0..table.paths().len();
            let cells = cells.map(|c| table.cell(*row, c)).collect();
            let next = out.distinct.len();
            let distinct = *known.entry(cells).or_insert(next);
            if distinct == next {
                out.distinct.push(*row);
            }
            let weight = weights.map_or(Some(1.0), |place| {
                let text = tables.text((*row, *seen), place);
                let found = text
                    .parse()
                    .ok()
                    .filter(|w: &f64| *w > 0.0 && w.is_finite());
                if found.is_none() {
                    let place = match place {
                        Place::Observed(c) => observed.sheet.place(*seen, c),
                        Place::Cases(c) => sheet.place(*row, c),
                    };
                    let fault =
                        Fault::at(&place, format!("`{text}` as a weight"), "a number above 0");
                    faults.push(fault);
                }
                found
            });
            let cluster = out.clusters.binary_search(own).unwrap_or_default();
            let weight = weight.unwrap_or(1.0);
            out.ids.push(sheet.text(*row, case).to_owned());
            out.resolved.push(Resolved {
                case: distinct,
                cluster,
                observed: *class,
                weight,
            });
            if let Some(groups) = &mut out.groups {
                let of = groups_text(options, &tables, (*row, *seen));
                groups.push(of);
            }
            let cell = |c: &Option<usize>| {
                let c = (*c)?;
                let text = sheet.text(*row, c);
                if NOT_CODED.contains(&text) {
                    return None;
                }
                let found = text.parse().ok().filter(|x: &f64| x.is_finite());
                if found.is_none() {
                    faults.push(Fault::at(
                        &sheet.place(*row, c),
                        format!("`{text}` in a column of the logistic regression"),
                        "a number, or nothing; --ridge COLUMN,… names other columns",
                    ));
                }
                found
            };
            out.columns.rows.push(ridge.iter().map(cell).collect());
            out.columns.y.push(*class as f64);
            out.columns.weights.push(weight);
            out.columns.clusters.push(cluster);
        }
        out
    }

    /// What is wrong with cases as a whole.
    fn check(&self, options: &Fit, held_out: bool) -> Result<(), StudyError> {
        let invalid = |text: String| Err(StudyError::Invalid(text));
        if self.resolved.is_empty() {
            return invalid("no case is resolved: there is nothing to fit".to_owned());
        }
        if held_out {
            return Ok(());
        }
        let first = self.resolved[0].observed;
        if self.resolved.iter().all(|c| c.observed == first) {
            let what = match (self.classes.event, first) {
                (Some(_), 0) => "the event happened in no case".to_owned(),
                (Some(_), _) => "the event happened in every case".to_owned(),
                (None, class) => format!("every case ended in {}", self.classes.names()[class]),
            };
            return invalid(format!("{what}: a likelihood needs cases of both kinds"));
        }
        if self.clusters.len() < self.folds.max(2) {
            let what = self.cluster.as_deref().unwrap_or(CASE);
            return invalid(format!(
                "{} folds and {} clusters ({what}): expected two clusters or more, and at most as many folds as \
                 clusters; --folds {what}:N says how many folds",
                self.folds,
                self.clusters.len()
            ));
        }
        if !options.ridge.is_empty() && self.classes.event.is_none() {
            return invalid(
                "--ridge: the logistic regression is of an event; --event OUTCOME names it"
                    .to_owned(),
            );
        }
        Ok(())
    }
}

fn groups_text(options: &Fit, tables: &Tables<'_>, at: (usize, usize)) -> String {
    let name = options.climatology.as_deref().unwrap_or_default();
    let place = tables.observed.sheet.find(name).map(Place::Observed);
    let place = place.or_else(|| tables.cases.find(name).map(Place::Cases));
    place.map_or(String::new(), |p| tables.text(at, p).to_owned())
}

/// Rows of both tables with the same case, in the order of the case table.
fn pairs(
    sheet: &Sheet,
    case: usize,
    observed: &Observed,
    by_id: &BTreeMap<&str, usize>,
    lenient: bool,
    faults: &mut Vec<Fault>,
) -> Vec<(usize, usize)> {
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for row in 0..sheet.count() {
        let id = sheet.text(row, case);
        let place = sheet.place(row, case);
        // A row without an id, or a second one, was told when the table was read.
        if id.is_empty() || !seen.insert(id) {
            continue;
        }
        if let Some(other) = by_id.get(id) {
            let of = |sheet: &Sheet, row| {
                sheet
                    .find(CLUSTER)
                    .map_or("", |c| sheet.text(row, c))
                    .to_owned()
            };
            let (own, seen) = (of(sheet, row), of(&observed.sheet, *other));
            if !own.is_empty() && !seen.is_empty() && own != seen {
                let found =
                    format!("case {id} in cluster `{own}`, and in `{seen}` of the observations");
                faults.push(Fault::at(&place, found, "the same cluster in both files"));
            }
            out.push((row, *other));
        } else if !lenient {
            faults.push(alone(&place, id, "in the observations"));
        }
    }
    if !lenient {
        for (id, row) in by_id {
            if !seen.contains(id) {
                let place = observed.sheet.place(*row, observed.case);
                faults.push(alone(&place, id, "in the case table"));
            }
        }
    }
    out
}

/// Columns of paths that hold numbers, two different ones at least.
fn numeric(sheet: &Sheet, paths: &[usize], warnings: &mut Vec<String>) -> Vec<String> {
    let mut out = Vec::new();
    let mut other = Vec::new();
    for c in paths {
        let name = sheet.names().nth(*c).unwrap_or_default();
        let texts = (0..sheet.count()).map(|row| sheet.text(row, *c));
        let known: BTreeSet<&str> = texts.filter(|t| !NOT_CODED.contains(t)).collect();
        if known.iter().any(|t| t.parse::<f64>().is_err()) {
            other.push(name);
        } else if known.len() > 1 {
            out.push(name.to_owned());
        }
    }
    if !other.is_empty() {
        warnings.push(format!(
            "the logistic regression leaves out {}: not all of their cells are numbers",
            other.join(", ")
        ));
    }
    out
}
