//! What evidence says, in words.

use std::fmt::Write as _;

use super::explain::{lasting, remarks};
use super::titled;
use crate::scenario::Evidence;
use crate::scenario::evidence::{Observation, On, known_by};
use crate::scenario::reports::{Report, reports};

/// Evidence in words, a report at a time: `kzsim check EVIDENCE --explain`.
#[must_use]
pub fn explain_evidence(evidence: &Evidence) -> String {
    let mut out = format!("{} ({})\n", evidence.title, evidence.name);
    remarks(&mut out, &evidence.remarks);
    let [counted, open] = [false, true].map(|unknown| reports(evidence, unknown));
    if !counted.is_empty() {
        out.push_str("\nReports, in the order of their moments:\n");
    }
    for report in &counted {
        one(&mut out, evidence, report);
    }
    if !open.is_empty() {
        out.push_str("\nNot counted (unknown):\n");
    }
    for report in &open {
        one(&mut out, evidence, report);
    }
    out
}

/// A report with its observations.
fn one(out: &mut String, evidence: &Evidence, report: &Report) {
    let members = report.members.iter().map(|i| &evidence.observations[*i]);
    let trust = format!("reliability {}", report.reliability);
    let group = evidence.observations[report.members[0]].group.as_deref();
    if let Some(group) = group.filter(|_| report.members.len() > 1) {
        let n = report.members.len();
        let _ = writeln!(
            out,
            "  one report of {n} observations, right when all of them are true (group {group}); {trust}:"
        );
    }
    let alone = report.members.len() == 1;
    let indent = if alone { "" } else { "  " };
    for o in members {
        let mut facts = vec![moment(o.on)];
        facts.extend(o.known.map(|known| format!("known {}", moment(known))));
        if alone {
            facts.push(trust.clone());
        }
        let name = titled(&o.name, &o.id);
        let _ = writeln!(out, "{indent}  {name}: {}", facts.join("; "));
        let _ = writeln!(out, "{indent}    when `{}`", condition(o));
        let mut said = String::new();
        remarks(&mut said, &o.remarks);
        out.extend(said.lines().flat_map(|line| [indent, line, "\n"]));
    }
}

/// The condition on one line.
fn condition(o: &Observation) -> String {
    let words: Vec<&str> = o.when.text.split_whitespace().collect();
    words.join(" ")
}

fn moment(on: On) -> String {
    match on {
        On::Date(date) => format!("by {}", known_by(date)),
        On::After(seconds) => format!("by {} after the start", lasting(seconds as f64 / 86_400.0)),
    }
}
