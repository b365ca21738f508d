//! Evidence: dated observations, each an expression over the state with a reliability.
//!
//! An evidence file stands apart from scenarios: the same one is held against several readings.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::{DateTime, Time};

use super::expression::Expression;
use super::fault::{Fault, Faults, Place, Sources};
use super::grammar::{EVIDENCE, OBSERVATION};
use super::load::{self, Unreadable};
use super::model::{Remarks, Scenario, limits};
use super::read::{Allowed, Reader};
use super::tree::{self, Node, UNREAD, Value};
use super::{events::seconds_between, model::Clock};

/// An evidence file as understood.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// The file's name without `.toml`.
    pub name: String,
    /// Free text.
    pub title: String,
    /// What was observed, or may be, in the order of the file.
    pub observations: Vec<Observation>,
    /// The text that it was read from.
    pub sources: Sources,
    /// Words.
    pub remarks: Remarks,
}

/// One dated fact.
#[derive(Debug, Clone)]
pub struct Observation {
    /// Id.
    pub id: String,
    /// Display name.
    pub name: String,
    /// The moment at which the state is read.
    pub on: DateTime,
    /// What was reported, as the state would show it.
    pub when: Expression,
    /// Probability that what was reported is what was: P(report | true) = r,
    /// P(report | false) = 1 − r. In [0.5, 1]; at 0.5 a report says nothing.
    pub reliability: f64,
    /// Observations of one group share a source and count as one report.
    pub group: Option<String>,
    /// Declared, but not observed yet.
    pub unknown: bool,
    /// Words.
    pub remarks: Remarks,
    /// Where its date stands.
    on_place: Place,
}

/// An evidence file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// The file cannot be opened or is no text: exit code 3.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The text has faults: exit code 2.
    #[error("{0}")]
    Faults(Faults),
}

impl Evidence {
    /// Whether a file is an evidence file, and no scenario: it has observations and no contenders.
    #[must_use]
    pub fn is_one(path: &Path) -> bool {
        load::read_text(path).is_ok_and(|text| {
            let (root, _) = tree::parse(&text, 0, &mut Vec::new());
            root.get("observations").is_some() && root.get("contenders").is_none()
        })
    }

    /// Reads an evidence file. Whether its names exist is up to the scenario that it meets:
    /// [`Self::watched`].
    ///
    /// # Errors
    /// [`EvidenceError`] with every fault.
    pub fn read(path: &Path) -> Result<Self, EvidenceError> {
        let shown = path.display().to_string();
        let text = load::read_text(path).map_err(|what| Unreadable {
            path: shown.clone(),
            what,
        })?;
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let mut sources = Sources::default();
        sources.add(shown, Some(path), text.clone());
        Self::understand(name, &text, sources).map_err(EvidenceError::Faults)
    }

    /// Reads the text of an evidence file.
    ///
    /// # Errors
    /// Every fault.
    pub fn read_text(name: &str, text: &str) -> Result<Self, Faults> {
        let mut sources = Sources::default();
        sources.add(name.to_owned(), None, text.to_owned());
        Self::understand(name.to_owned(), text, sources)
    }

    /// The only source is the text.
    fn understand(name: String, text: &str, sources: Sources) -> Result<Self, Faults> {
        let file = 0;
        let mut faults = Vec::new();
        let (root, whole) = tree::parse(text, file, &mut faults);
        load::check_schema(&root, file, !whole, &mut faults);
        let mut reader = Reader {
            faults: &mut faults,
            whole,
        };
        reader.known_keys(&root, &EVIDENCE);
        let title = root
            .get("title")
            .map_or_else(|| name.clone(), |n| reader.text(n, "title"));
        let remarks = reader.remarks(&root);
        let observations = reader.observations(&root);
        if !faults.is_empty() {
            return Err(Faults::new(sources, faults));
        }
        Ok(Self {
            name,
            title,
            observations,
            sources,
            remarks,
        })
    }

    /// The texts of a scenario and, after them, this file's: what the places of
    /// [`Self::watched`] point into.
    #[must_use]
    pub fn beside(&self, scenario: &Scenario) -> Sources {
        let mut all = scenario.sources.clone();
        for s in self.sources.iter() {
            all.add(s.name.clone(), s.path.as_deref(), s.text.clone());
        }
        all
    }

    /// Every observation as a plan watches it: the steps that are over at its moment, and its
    /// expression.
    ///
    /// # Errors
    /// Every observation whose moment is not inside the rounds of the scenario.
    pub fn watched(&self, scenario: &Scenario) -> Result<Vec<(u32, Expression)>, Vec<Fault>> {
        let shift = scenario.sources.iter().count();
        let moved = |place: &Place| Place {
            file: place.file + shift,
            span: place.span.clone(),
        };
        let mut faults = Vec::new();
        let mut out = Vec::new();
        for o in &self.observations {
            let steps = match steps_until(scenario, o.on) {
                Ok(steps) => steps,
                Err(allowed) => {
                    let place = moved(&o.on_place);
                    let outside = format!(
                        "observations.{} lies outside the rounds of `{}`",
                        o.id, scenario.name
                    );
                    faults.push(Fault::at(&place, outside, allowed));
                    continue;
                }
            };
            let mut when = o.when.clone();
            when.place = moved(&when.place);
            out.push((steps, when));
        }
        if faults.is_empty() {
            Ok(out)
        } else {
            Err(faults)
        }
    }
}

/// What counts as one report: an observation, or a group of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Indices of its observations.
    pub members: Vec<usize>,
    /// Their bits.
    pub mask: u64,
    /// Probability that it is right.
    pub reliability: f64,
}

impl Report {
    /// What a round with these observations adds to the likelihood.
    #[must_use]
    pub fn factor(&self, pattern: u64) -> f64 {
        if pattern & self.mask == self.mask {
            self.reliability
        } else {
            1.0 - self.reliability
        }
    }
}

/// The reports of an evidence file, observed or (`unknown`) not yet, in the order of the last
/// moment of each.
#[must_use]
pub fn reports(evidence: &Evidence, unknown: bool) -> Vec<Report> {
    let mut out: Vec<(Option<&str>, Report)> = Vec::new();
    for (i, o) in evidence.observations.iter().enumerate() {
        if o.unknown != unknown {
            continue;
        }
        let group = o.group.as_deref();
        let same = out.iter_mut().find(|(g, _)| group.is_some() && *g == group);
        if let Some((_, report)) = same {
            report.members.push(i);
            report.mask |= 1 << i;
        } else {
            let report = Report {
                members: vec![i],
                mask: 1 << i,
                reliability: o.reliability,
            };
            out.push((group, report));
        }
    }
    let mut out: Vec<Report> = out.into_iter().map(|(_, r)| r).collect();
    let last = |r: &Report| r.members.iter().map(|i| evidence.observations[*i].on).max();
    out.sort_by_key(last);
    out
}

/// The same reports without one observation; a report that held nothing else is gone.
#[must_use]
pub fn leave_out(reports: &[Report], observation: usize) -> Vec<Report> {
    let mut out = reports.to_vec();
    for r in &mut out {
        r.members.retain(|i| *i != observation);
        r.mask &= !(1 << observation);
    }
    out.retain(|r| !r.members.is_empty());
    out
}

/// Steps of a scenario that are over at a moment.
///
/// # Errors
/// What is allowed, when the moment is not inside its rounds.
pub(super) fn steps_until(scenario: &Scenario, moment: DateTime) -> Result<u32, String> {
    let clock = &scenario.clock;
    let seconds = seconds_between(clock, moment);
    let end = (clock.days * 86_400).cast_signed();
    if seconds <= 0 || seconds > end {
        return Err(format!(
            "a moment after {} 00:00 and not after the end of {}",
            clock.start,
            last_day(clock)
        ));
    }
    let steps = seconds.cast_unsigned().div_ceil(clock.step_seconds.max(1));
    Ok(steps as u32)
}

/// A date without a time means the end of that day.
pub(super) fn end_of_day(moment: DateTime) -> DateTime {
    if moment.time() == Time::midnight() {
        moment
            .checked_add(jiff::Span::new().days(1))
            .unwrap_or(moment)
    } else {
        moment
    }
}

fn last_day(clock: &Clock) -> String {
    let days = jiff::Span::new().days((clock.days - 1).cast_signed());
    clock
        .start
        .checked_add(days)
        .map_or_else(|_| "the horizon".to_owned(), |d| d.to_string())
}

impl Reader<'_> {
    fn observations(&mut self, root: &Node) -> Vec<Observation> {
        let mut out: Vec<Observation> = Vec::new();
        if root.get("observations").is_none() {
            self.missing(Fault::at(
                &root.place,
                "no observations",
                "[observations.ID] with on, when and reliability",
            ));
        }
        // The first of each group: its id, reliability, and whether it is unknown.
        let mut groups: BTreeMap<String, (String, f64, bool)> = BTreeMap::new();
        for (id, e) in self.ids(root, "observations", limits::OBSERVATIONS) {
            let node = &e.node;
            let path = format!("observations.{id}");
            self.entries(node, &path);
            self.known_keys(node, &OBSERVATION);
            for (key, example) in [
                ("on", "on = 2022-01-05"),
                ("when", "when = \"happened.request\""),
                ("reliability", "reliability = 0.9"),
            ] {
                if node.get(key).is_none() {
                    let found = format!("{path} has no `{key}`");
                    self.missing(Fault::at(&e.key_place, found, example));
                }
            }
            let on = node.get("on").map(|n| (self.moment(n, &path), &n.place));
            let allowed = Allowed {
                least: 0.5,
                most: 1.0,
                duration: false,
                expression: false,
            };
            let reliability = self
                .number_or(node, "reliability", &path, 0.5, allowed)
                .fixed()
                .unwrap_or_else(|| {
                    let place = node.get("reliability").map_or(&node.place, |n| &n.place);
                    let found = format!("{path}.reliability is a range");
                    self.fault(Fault::at(place, found, "one number in [0.5, 1]"));
                    0.5
                });
            let unknown = node
                .get("unknown")
                .is_some_and(|n| self.truth(n, "unknown"));
            let group = node.get("group").map(|n| self.text(n, "group"));
            if let Some(group) = &group {
                let place = node.get("group").map_or(&node.place, |n| &n.place).clone();
                match groups.get(group) {
                    Some((first, r, u)) if *r != reliability || *u != unknown => {
                        let found = format!("{path} is in the group `{group}` of {first}");
                        let allowed = format!(
                            "the same source, so reliability = {r} and unknown = {u} as there"
                        );
                        self.fault(Fault::at(&place, found, allowed));
                    }
                    Some(_) => {}
                    None => {
                        groups.insert(group.clone(), (path.clone(), reliability, unknown));
                    }
                }
            }
            let when = node
                .get("when")
                .and_then(|n| self.expression(n, &format!("{path}.when")));
            let name = self.name(node, id);
            let remarks = self.remarks(node);
            if let (Some((on, on_place)), Some(when)) = (on, when) {
                out.push(Observation {
                    id: id.to_owned(),
                    name,
                    on,
                    when,
                    reliability,
                    group,
                    unknown,
                    remarks,
                    on_place: on_place.clone(),
                });
            }
        }
        out
    }

    /// A moment: a date without a time means the end of that day.
    fn moment(&mut self, node: &Node, path: &str) -> DateTime {
        match &node.value {
            Value::Date(d) if *d == UNREAD => *d,
            Value::Date(d) => end_of_day(*d),
            _ => {
                self.fault(Fault::at(
                    &node.place,
                    format!("{path}.on is {}", node.shown()),
                    "a date such as 2022-01-05, or 2022-01-05T16:30:00",
                ));
                UNREAD
            }
        }
    }
}
