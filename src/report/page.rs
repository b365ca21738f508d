//! The page: everything that the template needs.

use askama::Template;

use super::canvas::Width;
use super::facts::Guess;
use super::folder::{ReportError, ResultFolder};
use super::palette::{Target, properties, style};
use super::picture::Home;
use super::pictures::{letter, title};
use super::words::{grouped, listed};
use super::{Report, Shown};

/// Rows of a table that a page shows; the file has all.
const MOST_ROWS: usize = 400;

/// A scenario on the page.
struct Scenario {
    id: String,
    title: String,
    name: String,
    says: String,
    source: String,
    span: String,
    sides: String,
    actors: usize,
    actions: usize,
    outcomes: Vec<String>,
    judgements: usize,
    guesses: Vec<Guess>,
    sha256: String,
}

/// A folder on the page.
struct Played {
    letter: String,
    what: String,
    seed: u64,
    rounds: String,
    version: String,
    evidence: Option<String>,
    scenarios: String,
    unknown: bool,
}

/// A figure: a picture in its two widths, with its data.
struct Figure {
    heading: Option<String>,
    wide: Option<String>,
    narrow: String,
    text: String,
    caption: String,
    file: String,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    more: usize,
    title: String,
}

/// A section: one figure, or several side by side.
struct Section {
    id: String,
    title: String,
    figures: Vec<Figure>,
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    title: String,
    light: String,
    dark: String,
    shapes: String,
    several: bool,
    played: Vec<Played>,
    scenarios: Vec<Scenario>,
    sections: Vec<Section>,
}

/// What a command does, in a few words.
fn what(command: &str) -> String {
    match command {
        "run" => "a scenario played many times".to_owned(),
        "compare" => "the same rounds under several scenarios".to_owned(),
        "weigh" => "readings held against evidence".to_owned(),
        "sensitivity" => "which guesses matter".to_owned(),
        "sweep" => "a scenario over a space of settings".to_owned(),
        "discover" => "conditions under which an outcome comes more often".to_owned(),
        other => format!("`{other}`"),
    }
}

const KNOWN: [&str; 6] = [
    "run",
    "compare",
    "weigh",
    "sensitivity",
    "sweep",
    "discover",
];

fn played(index: usize, folder: &ResultFolder) -> Played {
    let names: Vec<String> = folder
        .scenarios
        .iter()
        .map(|s| s.scenario.clone())
        .collect();
    Played {
        letter: letter(index),
        what: what(&folder.command),
        seed: folder.seed,
        rounds: grouped(folder.rounds),
        version: folder.version.clone(),
        evidence: folder.evidence.clone(),
        scenarios: listed(&names),
        unknown: !KNOWN.contains(&folder.command.as_str()),
    }
}

fn scenarios(report: &Report) -> Vec<Scenario> {
    let mut out: Vec<Scenario> = Vec::new();
    for facts in report.folders.iter().flat_map(|f| &f.scenarios) {
        if out
            .iter()
            .any(|s| s.sha256 == facts.sha256 && s.name == facts.scenario)
        {
            continue;
        }
        let sides: Vec<String> = facts
            .all("contenders")
            .iter()
            .map(|c| facts.side(&c.id))
            .collect();
        let judged = facts
            .priors
            .iter()
            .filter(|g| g.source.is_empty() || g.source.to_lowercase().contains("judgement"));
        out.push(Scenario {
            id: format!("scenario-{}", out.len() + 1),
            title: facts.title.clone(),
            name: facts.scenario.clone(),
            says: facts.says.clone(),
            source: facts.source.clone(),
            span: format!("{} days from {}", facts.days, facts.start),
            sides: listed(&sides),
            actors: facts.all("actors").len(),
            actions: facts.all("actions").len(),
            outcomes: facts
                .all("outcomes")
                .iter()
                .map(|o| o.name.clone())
                .collect(),
            judgements: judged.count(),
            guesses: facts.priors.clone(),
            sha256: facts.sha256.clone(),
        });
    }
    out
}

fn figure(report: &Report, shown: &Shown, number: usize, beside: bool) -> Figure {
    let p = &shown.picture;
    let id = format!("f{number}");
    let written = report.data_file(shown);
    let file = match (&p.data.home, shown.folder) {
        (Home::Kept(file), Some(i)) if report.folders.len() > 1 => {
            format!("{file} of {}", title(&report.folders[i], i))
        }
        (Home::Kept(file), _) => (*file).to_owned(),
        (Home::Written, _) => written,
    };
    Figure {
        heading: match shown.folder {
            Some(i) if beside => Some(title(&report.folders[i], i)),
            _ => None,
        },
        wide: (!beside).then(|| p.inline(Width::Wide, &format!("{id}w"))),
        narrow: p.inline(Width::Narrow, &format!("{id}n")),
        text: p.text.clone(),
        caption: p.caption.clone(),
        file,
        header: p.data.header.clone(),
        rows: p.data.rows.iter().take(MOST_ROWS).cloned().collect(),
        more: p.data.rows.len().saturating_sub(MOST_ROWS),
        title: p.title.clone(),
    }
}

fn sections(report: &Report) -> Vec<Section> {
    let mut number = 0;
    let groups = report
        .pictures
        .chunk_by(|a, b| a.picture.name == b.picture.name);
    groups
        .enumerate()
        .map(|(i, group)| {
            let figures = group.iter().map(|shown| {
                number += 1;
                figure(report, shown, number, group.len() > 1)
            });
            Section {
                id: format!("s{}", i + 1),
                title: group[0].picture.title.clone(),
                figures: figures.collect(),
            }
        })
        .collect()
}

/// What stands above all: the evidence that readings are held against, or the scenarios.
fn headline(report: &Report, scenarios: &[Scenario]) -> String {
    let weighed = report.folders.iter().find(|f| f.command == "weigh");
    if let Some(evidence) = weighed.and_then(|f| f.evidence.as_ref()) {
        return format!("Readings held against evidence: {evidence}");
    }
    match scenarios {
        [] => String::new(),
        [one] => one.title.clone(),
        [one, other] => format!("{}, and: {}", one.title, other.title),
        [one, rest @ ..] => format!("{}, and {} more", one.title, rest.len()),
    }
}

/// The page of a report.
pub(super) fn page(report: &Report) -> Result<String, ReportError> {
    let scenarios = scenarios(report);
    let page = Page {
        title: headline(report, &scenarios),
        light: properties(false),
        dark: properties(true),
        shapes: style(Target::Page),
        several: report.folders.len() > 1,
        played: report
            .folders
            .iter()
            .enumerate()
            .map(|(i, f)| played(i, f))
            .collect(),
        sections: sections(report),
        scenarios,
    };
    page.render()
        .map_err(|e| ReportError::Drawing(e.to_string()))
}
