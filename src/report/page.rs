//! The page: everything that the template needs.

use askama::Template;

use super::canvas::Width;
use super::context::letter;
use super::facts::{Facts, Guess, plainly};
use super::folder::{ReportError, ResultFolder};
use super::palette::{Target, properties, style};
use super::picture::Home;
use super::words::{grouped, listed};
use super::{Report, Shown};
use crate::scenario::difference::differences;

/// Rows of a table that a page shows; the file has all.
const MOST_ROWS: usize = 400;

/// Differences that a page shows; the manifests have all.
const MOST_DIFFERENCES: usize = 200;

/// Keys whose texts change no number.
const REMARKS: [&str; 4] = ["title", "name", "says", "source"];

/// A scenario on the page. What is the same as in the first one is left out.
struct Scenario {
    id: String,
    /// Letters of the folders that played it, where there are several.
    letters: String,
    title: String,
    name: String,
    says: String,
    source: String,
    span: String,
    sides: String,
    size: String,
    outcomes: String,
    judgements: usize,
    guesses: Vec<Guess>,
    sha256: String,
    /// What was laid over its files.
    settings: Vec<String>,
    /// What it says differently from the first one: path, there, here.
    differences: Vec<[String; 3]>,
    more_differences: usize,
}

/// A folder on the page.
struct Played {
    letter: String,
    folder: String,
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
        folder: folder.name(),
        what: what(&folder.command),
        seed: folder.seed,
        rounds: grouped(folder.rounds),
        version: folder.version.clone(),
        evidence: folder.evidence.clone(),
        scenarios: listed(&names),
        unknown: !KNOWN.contains(&folder.command.as_str()),
    }
}

/// Every scenario once, in the order of the folders.
fn scenarios(report: &Report) -> Vec<Scenario> {
    let mut known: Vec<(&Facts, Vec<String>)> = Vec::new();
    for (i, folder) in report.folders.iter().enumerate() {
        for facts in &folder.scenarios {
            let same = |f: &Facts| f.sha256 == facts.sha256 && f.scenario == facts.scenario;
            match known.iter_mut().find(|(f, _)| same(f)) {
                Some((_, letters)) => letters.push(letter(i)),
                None => known.push((facts, vec![letter(i)])),
            }
        }
    }
    let Some((first, _)) = known.first() else {
        return Vec::new();
    };
    let several = report.folders.len() > 1;
    let one = |(i, (facts, letters)): (usize, &(&Facts, Vec<String>))| {
        let letters = if several {
            listed(letters)
        } else {
            String::new()
        };
        scenario(i, facts, letters, first)
    };
    known.iter().enumerate().map(one).collect()
}

fn scenario(index: usize, facts: &Facts, letters: String, first: &Facts) -> Scenario {
    let mut rows: Vec<[String; 3]> = differences(&first.resolved, &facts.resolved)
        .into_iter()
        .filter(|d| !REMARKS.contains(&d.path.rsplit('.').next().unwrap_or_default()))
        .map(|d| {
            let there = plainly(d.first.as_ref());
            [d.path, there, plainly(d.second.as_ref())]
        })
        // Remarks beside a number that is the same.
        .filter(|[_, there, here]| there != here)
        .collect();
    let more_differences = rows.len().saturating_sub(MOST_DIFFERENCES);
    rows.truncate(MOST_DIFFERENCES);
    let text = |of: fn(&Facts) -> String| {
        let own = of(facts);
        if index > 0 && own == of(first) {
            String::new()
        } else {
            own
        }
    };
    let judged = facts
        .priors
        .iter()
        .filter(|g| g.source.is_empty() || g.source.to_lowercase().contains("judgement"));
    let same_guesses = index > 0 && facts.priors == first.priors;
    Scenario {
        id: format!("scenario-{}", index + 1),
        letters,
        title: facts.title.clone(),
        name: facts.scenario.clone(),
        says: text(|f| f.says.clone()),
        source: text(|f| f.source.clone()),
        span: format!("{} days from {}", facts.days, facts.start),
        sides: text(|f| {
            let sides: Vec<String> = f.all("contenders").iter().map(|c| f.side(&c.id)).collect();
            listed(&sides)
        }),
        size: text(|f| {
            format!(
                "{} actors, {} actions, {} guesses",
                f.all("actors").len(),
                f.all("actions").len(),
                f.priors.len()
            )
        }),
        outcomes: text(|f| {
            let names: Vec<String> = f.all("outcomes").iter().map(|o| o.name.clone()).collect();
            names.join("; ")
        }),
        judgements: judged.count(),
        guesses: if same_guesses {
            Vec::new()
        } else {
            facts.priors.clone()
        },
        sha256: facts.sha256.clone(),
        settings: facts.settings.clone(),
        differences: rows,
        more_differences,
    }
}

fn figure(report: &Report, shown: &Shown, number: usize, beside: bool) -> Figure {
    let p = &shown.picture;
    let id = format!("f{number}");
    let written = report.data_file(shown);
    let file = match (&p.data.home, shown.folder) {
        (Home::Kept(file), Some(i)) if report.folders.len() > 1 => {
            format!("{file} of {}", report.titles[i])
        }
        (Home::Kept(file), _) => (*file).to_owned(),
        (Home::Written, _) => written,
    };
    Figure {
        heading: match shown.folder {
            Some(i) if beside => Some(report.titles[i].clone()),
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
    let mut titles: Vec<&str> = scenarios.iter().map(|s| s.title.as_str()).collect();
    titles.dedup();
    match (titles.as_slice(), scenarios.len()) {
        ([], _) => String::new(),
        ([one], 1) => (*one).to_owned(),
        ([one], n) => format!("{one}, with {n} sets of assumptions"),
        ([one, other], _) => format!("{one}, and: {other}"),
        ([one, rest @ ..], _) => format!("{one}, and {} more", rest.len()),
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
