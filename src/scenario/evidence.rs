//! Evidence: dated observations, each an expression over the state with a reliability.
//!
//! An evidence file is separate from scenarios: one file is compared with several readings.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::{Date, DateTime, Time};

use super::declare::{Entry, Held, id, table};
use super::evidence_csv;
use super::expression::Expression;
use super::fault::{Fault, Faults, Place, Sources};
use super::foreign;
use super::grammar::{Leaf, Shape, leaf, plain, section, text, truth};
use super::limits;
use super::load::{self, Unreadable};
use super::missing::meant_instead;
use super::model::{Clock, SCHEMA, Scenario};
use super::moment::{after_start, seconds_between};
use super::number::Remarks;
use super::read::{At, Reader, Table};
use super::tree::{self, UNREAD, Value};

/// The shape of an evidence file.
pub static EVIDENCE: Shape = Shape::Table(Evidence::KEYS);

table! {
    /// An evidence file as understood, TOML or CSV.
    pub struct Evidence[SCHEMA] {
        /// The file's name without its ending.
        name: String => id,
        /// Heading of the results.
        title: String = leaf(Leaf::Heading).or_words("the file's name").note("one line"),
        /// Words.
        remarks: Remarks,
        /// Dated facts, by id.
        observations: Vec<Observation> = section(Observation::SHAPE)
            .count(1, limits::OBSERVATIONS)
            .required("[observations.ID] with on, when and reliability"),
        /// What became known later does not count yet.
        known_by: Option<DateTime> => |_: &mut Reader<'_>, _: &Table<'_>| None,
        /// Ids of the observations that count, where only some of them do.
        selected: Vec<String> => |_: &mut Reader<'_>, _: &Table<'_>| Vec::new(),
        /// The text that it was read from.
        sources: Sources => |_: &mut Reader<'_>, _: &Table<'_>| Sources::default(),
    }
    check Evidence::check;
}

table! {
    /// One dated fact.
    pub struct Observation {
        /// Id.
        id: String => id,
        /// Display name.
        name: String = text().or_words("the id"),
        /// The moment at which the state is read: a date means its end, a date with a time that
        /// moment, `"t0 + 3d"` three days after the start. The state is that of the first step over by then.
        on: On = leaf(Leaf::Moment).required("on = 2022-01-05"),
        /// When the report became known, where that is later. `--known-by` of run and weigh counts the reports that were known by then.
        known: Option<On> = leaf(Leaf::Moment).or_words("`on`"),
        /// What was reported, as the state would show it. All names of the scenario may be used.
        when: Expression = leaf(Leaf::Condition).required("when = \"happened.request\""),
        /// The probability that what was reported is what was. At 0.5 a report says nothing, at 1
        /// no round without it can match.
        reliability: f64 = plain((0.5, 1.0)).required("reliability = 0.9"),
        /// Observations of one group share a source. They count as one report, which is right when
        /// all of them are true. Their reliability is the same.
        group: Option<String> = text(),
        /// Declared, but not observed yet: not weighed, but how much it would help is reported.
        unknown: bool = truth(),
        /// Words.
        remarks: Remarks,
        /// Where its group stands.
        group_place: Place => |_: &mut Reader<'_>, table: &Table<'_>| table.place_of("group").clone(),
        /// Where its date stands.
        on_place: Place => |_: &mut Reader<'_>, table: &Table<'_>| table.place_of("on").clone(),
        /// Where it says when it became known.
        known_place: Place => |_: &mut Reader<'_>, table: &Table<'_>| table.place_of("known").clone(),
    }
    check Observation::check;
}

/// When the state is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum On {
    /// On a date.
    Date(DateTime),
    /// So many seconds after the start.
    After(i64),
}

/// A moment as what became known by it: the end of a day is that day.
pub(crate) fn known_by(moment: DateTime) -> String {
    if moment.time() == Time::midnight() {
        let day = moment.date().yesterday().unwrap_or(moment.date());
        day.to_string()
    } else {
        moment.strftime("%Y-%m-%d %H:%M").to_string()
    }
}

impl On {
    /// The moment, in rounds that begin on a day.
    #[must_use]
    pub fn date(self, start: Date) -> DateTime {
        match self {
            Self::Date(date) => date,
            Self::After(seconds) => {
                let start = start.to_datetime(Time::midnight());
                start.saturating_add(jiff::Span::new().seconds(seconds))
            }
        }
    }
}

impl Held for On {
    fn read(reader: &mut Reader<'_>, at: &At<'_>) -> Self {
        let after = match at.node.map(|node| &node.value) {
            Some(Value::Text(text, _)) => after_start(text),
            _ => None,
        };
        after.map_or_else(|| Self::Date(DateTime::read(reader, at)), Self::After)
    }
}

impl Held for Option<On> {
    fn read(reader: &mut Reader<'_>, at: &At<'_>) -> Self {
        at.node.map(|_| On::read(reader, at))
    }
}

impl Observation {
    /// When its report became known, in rounds that begin on a day.
    #[must_use]
    pub fn known_on(&self, start: Date) -> DateTime {
        self.known.unwrap_or(self.on).date(start)
    }

    fn check(&mut self, reader: &mut Reader<'_>, _: &Table<'_>) {
        for on in [Some(&mut self.on), self.known.as_mut()] {
            if let Some(On::Date(date)) = on
                && *date != UNREAD
            {
                *date = end_of_day(*date);
            }
        }
        let unread = [Some(self.on), self.known].contains(&Some(On::Date(UNREAD)));
        let early = self.known.is_some_and(|known| known < self.on);
        // A date and a time after the start can be compared in a scenario alone.
        let alike = self
            .known
            .is_some_and(|known| matches!(known, On::Date(_)) == matches!(self.on, On::Date(_)));
        if early && alike && !unread {
            reader.fault(self.known_early());
        }
    }

    /// The fault of a report that is known before its moment.
    fn known_early(&self) -> Fault {
        let found = format!(
            "observations.{} is known before the moment that it speaks of",
            self.id
        );
        let allowed = "the moment `on` or a later one; a date means the end of that day";
        Fault::at(&self.known_place, found, allowed)
    }
}

/// An evidence file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// The file cannot be opened or is not text: exit code 3.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The text has faults: exit code 2.
    #[error("{0}")]
    Faults(Faults),
}

impl Evidence {
    /// Whether a file is evidence and not a scenario: it has observations and no contenders.
    #[must_use]
    pub fn is_one(path: &Path) -> bool {
        load::read_text(path).is_ok_and(|text| Self::is_text_of_one(&text))
    }

    /// Whether a text is that of evidence.
    #[must_use]
    pub fn is_text_of_one(text: &str) -> bool {
        if evidence_csv::is_evidence(text) {
            return true;
        }
        let (root, _) = tree::parse(text, 0, &mut Vec::new());
        root.get("observations").is_some() && root.get("contenders").is_none()
    }

    /// Reads an evidence file. Its names are checked against a scenario by [`Self::watched`].
    ///
    /// # Errors
    /// [`EvidenceError`] with every fault.
    pub fn read(path: &Path) -> Result<Self, EvidenceError> {
        let shown = path.to_string_lossy().into_owned();
        let text = load::read_text(path).map_err(|what| Unreadable {
            path: shown.clone(),
            what: what + &meant_instead(path),
        })?;
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let mut sources = Sources::default();
        sources.add(shown, Some(path), text.clone());
        Self::understand(&name, &text, sources).map_err(EvidenceError::Faults)
    }

    /// Reads the text of an evidence file.
    ///
    /// # Errors
    /// Every fault.
    pub fn read_text(name: &str, text: &str) -> Result<Self, Faults> {
        Self::read_text_of(name, name, text)
    }

    /// Reads the text of a file of evidence, which faults name.
    ///
    /// # Errors
    /// Every fault.
    pub fn read_text_of(name: &str, file: &str, text: &str) -> Result<Self, Faults> {
        let mut sources = Sources::default();
        sources.add(file.to_owned(), None, text.to_owned());
        Self::understand(name, text, sources)
    }

    /// The only source is the text.
    fn understand(name: &str, text: &str, sources: Sources) -> Result<Self, Faults> {
        let file = 0;
        let mut faults = Vec::new();
        let path = sources.get(file).and_then(|s| s.path.as_deref());
        let ending = path.and_then(Path::extension);
        let is_csv = ending.is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
        let (root, complete) = if is_csv || evidence_csv::is_table(text) {
            let root = evidence_csv::parse(text, file, Observation::KEYS, &mut faults);
            // What is missing from a table has been told there.
            (root, false)
        } else {
            if let Some(fault) = foreign::text(text, file) {
                return Err(Faults::new(sources, vec![fault]));
            }
            let (root, complete) = tree::parse(text, file, &mut faults);
            if let Some(fault) = foreign::other_kind(&root, file, false) {
                return Err(Faults::new(sources, vec![fault]));
            }
            load::check_schema(&root, file, !complete, &mut faults);
            (root, complete)
        };
        let mut reader = Reader::apart(&mut faults, complete);
        let table = Table {
            node: &root,
            path: String::new(),
            id: name,
            place: &root.place,
        };
        let mut evidence: Self = Entry::read(&mut reader, &table);
        if !faults.is_empty() {
            return Err(Faults::new(sources, faults));
        }
        evidence.sources = sources;
        Ok(evidence)
    }

    /// One group has one reliability, and is known or not.
    fn check(&mut self, reader: &mut Reader<'_>, _: &Table<'_>) {
        // Reports come in the order of their moments, whatever the start.
        let counted = |o: &Observation| matches!(o.on, On::After(_));
        if let [first, rest @ ..] = &*self.observations
            && let Some(other) = rest.iter().find(|o| counted(o) != counted(first))
        {
            let found = format!(
                "observations.{} has a date, or a time after the start, and observations.{} the other",
                other.id, first.id
            );
            reader.fault(Fault::at(
                &other.on_place,
                found,
                "one of both in the whole file",
            ));
        }
        let mut groups: BTreeMap<&str, &Observation> = BTreeMap::new();
        for o in &self.observations {
            let Some(group) = &o.group else {
                continue;
            };
            let first = groups.entry(group).or_insert(o);
            let (reliability, unknown) = (first.reliability, first.unknown);
            if (o.reliability, o.unknown) != (reliability, unknown) {
                let found = format!(
                    "observations.{} is in the group `{group}` of {}",
                    o.id, first.id
                );
                let allowed = format!(
                    "one source, so reliability = {reliability} and unknown = {unknown}, as for {}",
                    first.id
                );
                reader.fault(Fault::at(&o.group_place, found, allowed));
            }
        }
    }

    /// The same, of which only what was known by a moment counts: later reports are `unknown`.
    #[must_use]
    pub fn known_by(mut self, moment: DateTime) -> Self {
        self.known_by = Some(moment);
        // Whoever sees the title sees that not all of it counts.
        self.title = format!("{}, as known by {}", self.title, known_by(moment));
        self
    }

    /// Takes the reports of rounds that begin on a day for unknown that are not known in time.
    pub(crate) fn forget_later(&mut self, start: Date) {
        let Some(moment) = self.known_by else { return };
        let late = |o: &Observation| o.known_on(start) > moment;
        // A group is one report, which arrives with its last observation.
        let groups: Vec<String> = self
            .observations
            .iter()
            .filter(|o| late(o))
            .filter_map(|o| o.group.clone())
            .collect();
        for o in &mut self.observations {
            o.unknown |= late(o) || o.group.as_ref().is_some_and(|g| groups.contains(g));
        }
    }

    /// What does not count in rounds that begin on a day, as it became known too late; `None` where all of it counts,
    /// whenever it became known.
    #[must_use]
    pub fn later(&self, start: Date) -> Option<(DateTime, Vec<&str>)> {
        let moment = self.known_by?;
        let late = |o: &&Observation| {
            o.known_on(start) > moment
                && (self.selected.is_empty() || self.selected.contains(&o.id))
        };
        let late = self.observations.iter().filter(late);
        Some((moment, late.map(|o| o.id.as_str()).collect()))
    }

    /// Remarks on observations that say the same of the same moment, without a shared group. A question that is
    /// still open (`unknown`) reports nothing, so it may ask what another reports.
    #[must_use]
    pub fn repeated(&self) -> Vec<String> {
        let words = |o: &Observation| o.when.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut first: BTreeMap<(On, String), &Observation> = BTreeMap::new();
        let mut out = Vec::new();
        for o in self.observations.iter().filter(|o| !o.unknown) {
            let before = *first.entry((o.on, words(o))).or_insert(o);
            if before.id != o.id && (o.group.is_none() || o.group != before.group) {
                out.push(format!(
                    "observations.{} repeats observations.{} (the same `on` and `when`) and counts as \
                     an independent report; if both have one source, give them the same `group`, or \
                     delete one",
                    o.id, before.id
                ));
            }
        }
        out
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

    /// Every observation as a plan watches it: the number of steps over at its moment, and its
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
        let (ids, mut room) = (scenario.ids(), limits::SPREAD);
        let mut faults = Vec::new();
        let mut out = Vec::new();
        for o in &self.observations {
            let start = scenario.clock.start;
            if o.known_on(start) < o.on.date(start) {
                let mut fault = o.known_early();
                fault.place = Some(moved(&o.known_place));
                faults.push(fault);
                continue;
            }
            let steps = match o.on {
                On::Date(date) => steps_until(scenario, date),
                On::After(seconds) => steps_by(scenario, seconds),
            };
            let steps = match steps {
                Ok(steps) => steps,
                Err(allowed) => {
                    let place = moved(&o.on_place);
                    let outside = format!(
                        "observations.{} is outside the rounds of `{}`",
                        o.id, scenario.name
                    );
                    faults.push(Fault::at(&place, outside, allowed));
                    continue;
                }
            };
            let mut when = o.when.clone();
            when.place = moved(&when.place);
            match when.spread(&ids, &mut room) {
                Ok(()) => out.push((steps, when)),
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() {
            Ok(out)
        } else {
            Err(faults)
        }
    }
}

/// Steps of a scenario that are over at a moment.
///
/// # Errors
/// What is allowed, when the moment is not inside its rounds.
pub(super) fn steps_until(scenario: &Scenario, moment: DateTime) -> Result<u32, String> {
    steps_by(scenario, seconds_between(scenario.clock.start, moment))
}

/// The same, with the moment in seconds from the start.
pub(super) fn steps_by(scenario: &Scenario, seconds: i64) -> Result<u32, String> {
    let clock = &scenario.clock;
    let end = (clock.days * 86_400).cast_signed();
    if seconds <= 0 || seconds > end {
        return Err(format!(
            "a moment after {} 00:00 and up to the end of {}",
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
