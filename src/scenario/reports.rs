//! Reports: what of an evidence file counts as one.

use jiff::civil::{Date, DateTime};

use super::evidence::{Evidence, Observation};
use super::fault::nearest;

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
    /// Whether it is true in a round with these observations.
    #[must_use]
    pub fn holds(&self, pattern: u64) -> bool {
        pattern & self.mask == self.mask
    }

    /// The ids of its observations.
    #[must_use]
    pub fn ids(&self, evidence: &Evidence) -> String {
        self.joined(evidence, " and ", |o| &o.id)
    }

    /// The display names of its observations.
    #[must_use]
    pub fn names(&self, evidence: &Evidence) -> String {
        self.joined(evidence, "; ", |o| &o.name)
    }

    fn joined(&self, evidence: &Evidence, by: &str, of: fn(&Observation) -> &String) -> String {
        let each = self
            .members
            .iter()
            .map(|i| of(&evidence.observations[*i]).as_str());
        each.collect::<Vec<_>>().join(by)
    }

    /// What a round with these observations adds to the likelihood.
    #[must_use]
    pub fn factor(&self, pattern: u64) -> f64 {
        if self.holds(pattern) {
            self.reliability
        } else {
            1.0 - self.reliability
        }
    }
}

impl Evidence {
    /// The same, of which only the reports of these observations count: all others are `unknown`. A group is one report,
    /// so one of its ids stands for all of them.
    ///
    /// # Errors
    /// Every id that no observation has, and every one that is unknown anyway.
    pub fn select(mut self, ids: &[String]) -> Result<Self, Vec<String>> {
        let mut faults = Vec::new();
        let mut chosen: Vec<&Observation> = Vec::new();
        for id in ids {
            match self.observations.iter().find(|o| o.id == *id) {
                Some(o) if o.unknown => faults.push(format!(
                    "observations.{id} is `unknown`: nothing was reported that could count"
                )),
                Some(o) => chosen.push(o),
                None if self
                    .observations
                    .iter()
                    .any(|o| o.group.as_ref() == Some(id)) =>
                {
                    faults.push(format!(
                        "`{id}` is a group: name one of its observations, which counts all of it"
                    ));
                }
                None => {
                    let all = self.observations.iter().filter(|o| !o.unknown);
                    let all: Vec<&str> = all.map(|o| o.id.as_str()).collect();
                    let near = nearest(id, all.iter().copied());
                    let near = near.map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
                    faults.push(format!(
                        "unknown report `{id}`: expected ids of {}, that is {}{near}",
                        self.name,
                        all.join(", ")
                    ));
                }
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let counts = |o: &Observation| {
            let with = |c: &&Observation| c.id == o.id || (o.group.is_some() && c.group == o.group);
            chosen.iter().any(with)
        };
        let counts: Vec<bool> = self.observations.iter().map(counts).collect();
        let before = reports(&self, false).len();
        for (o, counts) in self.observations.iter_mut().zip(counts) {
            if counts && !o.unknown {
                self.selected.push(o.id.clone());
            }
            o.unknown |= !counts;
        }
        let now = reports(&self, false).len();
        if now < before {
            self.title = format!("{} ({now} of {before} reports)", self.title);
        }
        Ok(self)
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

/// Reports in the order in which they became known, in rounds that begin on a day, each with that moment: when the last
/// of its observations did.
#[must_use]
pub fn in_order_known(
    evidence: &Evidence,
    reports: &[Report],
    start: Date,
) -> Vec<(DateTime, Report)> {
    let known = |r: &Report| {
        let each = r.members.iter();
        each.map(|i| evidence.observations[*i].known_on(start))
            .max()
    };
    let mut out: Vec<(DateTime, Report)> = reports
        .iter()
        .map(|r| (known(r).unwrap_or_default(), r.clone()))
        .collect();
    out.sort_by_key(|(moment, _)| *moment);
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
