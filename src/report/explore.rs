//! The page on which scenarios are explored: their texts, and an engine that plays them wherever it is opened.

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::folder::ReportError;
use super::palette::properties;
use crate::CAVEAT;
use crate::analysis::interval::wilson;
use crate::analysis::weighing::{DOUBT, is_doubtful};
use crate::scenario::Evidence;
use crate::scenario::evidence::{Observation, On};
use crate::scenario::model::Remarks;
use crate::scenario::reports::Report;
use crate::scenario::visible::visible;
use crate::study::{Ending, ExploreResult, Explored, Guess, Switch};
use crate::text::number::{count, list, percent, range};

/// The engine as a module for WebAssembly, packed: `explore/build.sh` makes it.
const MODULE: &[u8] = include_bytes!("explore/engine.wasm.gz");

/// An outcome as it stands on the page before anything is changed.
struct Outcome {
    name: String,
    share: String,
    interval: String,
    /// Its range across guesses; empty where that is not known.
    across: String,
}

/// A report of the evidence.
struct ReportShown {
    name: String,
    on: String,
    reliability: f64,
}

#[derive(Template)]
#[template(path = "explore.html")]
struct Page {
    title: String,
    says: String,
    caveat: &'static str,
    light: String,
    dark: String,
    outcomes: Vec<Outcome>,
    rounds: String,
    seed: u64,
    scenarios: Vec<String>,
    evidence: String,
    reports: Vec<ReportShown>,
    version: &'static str,
    data: String,
    engine: String,
}

/// The page. `paths` are those of the scenarios, and `evidence` that of the evidence, as a command names them.
///
/// # Errors
/// When it cannot be written as text.
pub fn explore_page(
    found: &ExploreResult,
    paths: &[String],
    evidence: Option<&str>,
) -> Result<String, ReportError> {
    let Some(first) = found.scenarios.first() else {
        return Err(ReportError::Unusable("nothing to explore".to_owned()));
    };
    let observed = found.evidence.as_ref();
    let observations = observed
        .map(|e| e.observations.as_slice())
        .unwrap_or_default();
    let page = Page {
        title: first.scenario.title.clone(),
        says: first.scenario.remarks.says.clone().unwrap_or_default(),
        caveat: CAVEAT,
        light: properties(false),
        dark: properties(true),
        outcomes: outcomes(first, found.rounds),
        rounds: count(found.rounds),
        seed: found.seed,
        scenarios: found
            .scenarios
            .iter()
            .map(|s| s.texts.name.clone())
            .collect(),
        evidence: observed.map(|e| e.title.clone()).unwrap_or_default(),
        reports: found
            .reports
            .iter()
            .map(|r| shown(r, observations))
            .collect(),
        version: env!("CARGO_PKG_VERSION"),
        data: script(&data(found, paths, evidence)),
        engine: STANDARD.encode(MODULE),
    };
    page.render()
        .map(|text| visible(&text).into_owned())
        .map_err(|e| ReportError::Drawing(e.to_string()))
}

/// The shares of a scenario as it is, the most frequent first.
fn outcomes(explored: &Explored, rounds: u64) -> Vec<Outcome> {
    let outcomes = explored.scenario.outcomes.iter().enumerate();
    let counted = outcomes.map(|(i, o)| {
        let own = explored.endings.iter().filter(|e| e.outcome == i);
        (o, own.count() as u64, explored.across.get(i))
    });
    let mut all: Vec<_> = counted.collect();
    all.sort_by_key(|(_, count, _)| std::cmp::Reverse(*count));
    let each = all.into_iter().map(|(o, count, ends)| {
        let share = wilson(count, rounds);
        Outcome {
            name: o.name.clone(),
            share: percent(share.probability),
            interval: format!("{} to {}", percent(share.low), percent(share.high)),
            across: across(ends.copied().flatten()),
        }
    });
    each.collect()
}

/// A range across guesses in words; nothing where it is not known.
fn across(ends: Option<(f64, f64)>) -> String {
    ends.map_or_else(String::new, |ends| {
        format!("{} across guesses", range(ends))
    })
}

/// JSON inside an element of a page: nothing in it ends the element.
fn script(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c")
}

/// Everything that the script of the page reads.
fn data(found: &ExploreResult, paths: &[String], evidence: Option<&str>) -> Value {
    let scenarios = found.scenarios.iter().zip(paths);
    json!({
        "rounds": found.rounds,
        "seed": found.seed,
        "scenarios": scenarios.map(|(s, path)| scenario(s, path)).collect::<Vec<_>>(),
        "evidence": found.evidence.as_ref().zip(evidence).map(|(e, path)| json!({
            "path": path,
            "name": e.name,
            "text": e.sources.iter().map(|s| s.text.as_str()).collect::<String>(),
            "title": e.title,
            "head": remarks(&e.remarks),
            "doubt": DOUBT,
            "reports": found.reports.iter().map(|r| report(r, e)).collect::<Vec<_>>(),
        })),
    })
}

fn scenario(explored: &Explored, path: &str) -> Value {
    let s = &explored.scenario;
    json!({
        "path": path,
        "title": s.title,
        "says": if s.title == s.name { "" } else { &s.title },
        "texts": {
            "name": explored.texts.name,
            "files": explored.texts.files,
            "settings": explored.texts.settings,
        },
        "whole": explored.whole,
        "outcomes": s.outcomes.iter().zip(&explored.across).map(|(o, ends)| json!({
            "id": o.id, "name": o.name, "across": ends, "across_words": across(*ends),
        })).collect::<Vec<_>>(),
        "endings": endings(&explored.endings),
        "guesses": explored.guesses.iter().map(guess).collect::<Vec<_>>(),
        "computed": explored.computed.iter().map(|c| json!({
            "path": c.path, "name": c.name, "says": "", "from": c.from,
        })).collect::<Vec<_>>(),
        "actions": explored.actions.iter().map(switch).collect::<Vec<_>>(),
        "forms": explored.forms.iter().map(switch).collect::<Vec<_>>(),
    })
}

fn guess(g: &Guess) -> Value {
    json!({
        "path": g.path, "name": g.name, "says": g.says, "low": g.low, "high": g.high, "median": g.median,
        "step": g.step, "digits": g.digits, "duration": g.duration, "part": g.part,
    })
}

fn switch(s: &Switch) -> Value {
    json!({ "path": s.path, "name": s.name, "by": s.by, "says": s.says, "values": s.values })
}

/// How rounds ended, as the engine of the page tells it.
fn endings(endings: &[Ending]) -> Value {
    let mut patterns: Vec<u64> = endings.iter().map(|e| e.pattern).collect();
    patterns.sort_unstable();
    patterns.dedup();
    let kind = |e: &Ending| patterns.binary_search(&e.pattern).unwrap_or_default();
    json!({
        "outcomes": endings.iter().map(|e| e.outcome).collect::<Vec<_>>(),
        "kinds": endings.iter().map(kind).collect::<Vec<_>>(),
        "patterns": patterns.iter().map(u64::to_string).collect::<Vec<_>>(),
    })
}

/// The observations of a report.
fn members<'o>(report: &Report, all: &'o [Observation]) -> Vec<&'o Observation> {
    report.members.iter().filter_map(|i| all.get(*i)).collect()
}

fn shown(report: &Report, all: &[Observation]) -> ReportShown {
    let members = members(report, all);
    let names: Vec<String> = members.iter().map(|o| o.name.clone()).collect();
    let days = members.first().map(|o| moment(o.on).replace('"', ""));
    ReportShown {
        name: list(&names),
        on: days.unwrap_or_default(),
        reliability: report.reliability,
    }
}

/// A moment of an observation, as its file may say it.
fn moment(on: On) -> String {
    match on {
        On::After(seconds) => format!("\"t0 + {}h\"", seconds as f64 / 3_600.0),
        // The end of a day is the beginning of the next.
        On::Date(moment) if moment.time() == jiff::civil::Time::midnight() => {
            let day = moment.date().yesterday();
            day.unwrap_or(moment.date()).to_string()
        }
        On::Date(moment) => moment.to_string(),
    }
}

/// A report: as part of a file of evidence, and what tells whether it is probably wrong.
fn report(report: &Report, evidence: &Evidence) -> Value {
    json!({
        "toml": toml(report, &evidence.observations),
        "names": report.names(evidence),
        // As text: a page has no whole numbers of 64 bits.
        "mask": report.mask.to_string(),
        "reliability": report.reliability,
        "counted_on": is_doubtful(report.reliability, 1.0),
    })
}

/// A text in TOML, where it is written in quotes as in JSON.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// An analyst's words as lines of TOML, but for the name.
fn remarks(remarks: &Remarks) -> String {
    let each = [("says", &remarks.says), ("source", &remarks.source)].into_iter();
    each.filter_map(|(key, text)| Some(format!("{key} = {}\n", quoted(text.as_ref()?))))
        .collect()
}

/// A report as part of a file of evidence.
fn toml(report: &Report, all: &[Observation]) -> String {
    let one = |o: &&Observation| {
        let known = o.known.map(|known| format!("known = {}\n", moment(known)));
        let group = o.group.as_ref();
        let group = group.map(|g| format!("group = {}\n", quoted(g)));
        format!(
            "[observations.{}]\nname = {}\non = {}\n{}when = {}\nreliability = {}\n{}{}",
            o.id,
            quoted(&o.name),
            moment(o.on),
            known.unwrap_or_default(),
            quoted(&o.when.text),
            o.reliability,
            group.unwrap_or_default(),
            remarks(&o.remarks)
        )
    };
    members(report, all)
        .iter()
        .map(one)
        .collect::<Vec<_>>()
        .join("\n")
}
