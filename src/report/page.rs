//! The page: everything that the template needs.

use askama::Template;

use super::brief::is_judgement;
use super::canvas::Width;
use super::commands::command;
use super::facts::Facts;
use super::folder::{ReportError, ResultFolder};
use super::palette::{Target, properties, style};
use super::picture::Home;
use super::{Report, Shown};
use crate::CAVEAT;
use crate::scenario::model::Number;
use crate::scenario::visible::visible;
use crate::text::explain::in_words;
use crate::text::number::{count, letter, list};

/// Most rows of a table on a page; the file has them all.
const MOST_ROWS: usize = 400;

/// Most differences on a page; the manifests have them all.
const MOST_DIFFERENCES: usize = 200;

/// A guess of the analyst: an uncertain number.
#[derive(PartialEq)]
struct Guess {
    name: String,
    path: String,
    range: String,
    says: String,
    source: String,
}

/// A scenario on the page. What is the same as in the first one is left out.
struct Scenario {
    id: String,
    /// Letters of the folders with it, where there are several.
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
    /// Values set on the command line.
    settings: Vec<String>,
    /// What differs from the first one: path, value there, value here.
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
    notes: Vec<String>,
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
    caveat: &'static str,
    light: String,
    dark: String,
    shapes: String,
    several: bool,
    played: Vec<Played>,
    scenarios: Vec<Scenario>,
    /// Open, the answer first.
    sections: Vec<Section>,
    /// At the end of the page, closed.
    folded: Vec<Section>,
    /// Whether everything is open, and printed.
    full: bool,
}

fn played(index: usize, folder: &ResultFolder) -> Played {
    let names: Vec<String> = folder
        .scenarios
        .iter()
        .map(|f| f.scenario.name.clone())
        .collect();
    Played {
        letter: letter(index),
        folder: folder.name(),
        what: command(&folder.command).map_or_else(
            || {
                format!(
                    "`{}` (this version of kzsim draws no pictures of it)",
                    folder.command
                )
            },
            |c| c.what.to_owned(),
        ),
        seed: folder.seed,
        rounds: count(folder.rounds),
        version: folder.version.clone(),
        evidence: folder.evidence.clone(),
        notes: folder.notes(),
        // Forecasts have a file instead of a scenario.
        scenarios: if names.is_empty() {
            folder.name()
        } else {
            list(&names)
        },
    }
}

/// Every scenario once, in the order of the folders.
fn scenarios(report: &Report) -> Vec<Scenario> {
    let mut known: Vec<(&Facts, Vec<String>)> = Vec::new();
    for (i, folder) in report.folders.iter().enumerate() {
        for facts in &folder.scenarios {
            let same =
                |f: &Facts| f.sha256 == facts.sha256 && f.scenario.name == facts.scenario.name;
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
            list(letters)
        } else {
            String::new()
        };
        scenario(i, facts, letters, first)
    };
    known.iter().enumerate().map(one).collect()
}

fn guesses(facts: &Facts) -> Vec<Guess> {
    let priors = facts.scenario.priors().into_iter();
    let guess = |n: &Number| Guess {
        path: n.path.clone(),
        name: n.remarks.name.clone().unwrap_or_default(),
        range: in_words(n),
        says: n.remarks.says.clone().unwrap_or_default(),
        source: n.remarks.source.clone().unwrap_or_default(),
    };
    priors.map(guess).collect()
}

fn scenario(index: usize, facts: &Facts, letters: String, first: &Facts) -> Scenario {
    let s = &facts.scenario;
    let mut rows: Vec<[String; 3]> = facts
        .differs_from(first)
        .into_iter()
        .map(|d| [d.path, d.there, d.here])
        .collect();
    let more_differences = rows.len().saturating_sub(MOST_DIFFERENCES);
    rows.truncate(MOST_DIFFERENCES);
    let own = |of: &dyn Fn(&Facts) -> String| {
        let own = of(facts);
        if index > 0 && own == of(first) {
            String::new()
        } else {
            own
        }
    };
    let mut guesses = guesses(facts);
    let judgements = guesses.iter().filter(|g| is_judgement(&g.source)).count();
    if index > 0 && guesses == self::guesses(first) {
        guesses.clear();
    }
    Scenario {
        id: format!("scenario-{}", index + 1),
        letters,
        title: s.title.clone(),
        name: s.name.clone(),
        says: own(&|f| f.scenario.remarks.says.clone().unwrap_or_default()),
        source: own(&|f| f.scenario.remarks.source.clone().unwrap_or_default()),
        span: format!("{} days from {}", s.clock.days, s.clock.start),
        sides: own(&|f| {
            let sides = f.scenario.contenders.iter().map(|c| f.side(&c.id));
            list(&sides.collect::<Vec<_>>())
        }),
        size: own(&|f| {
            format!(
                "{} actors, {} actions, {} guesses",
                f.scenario.actors.len(),
                f.scenario.actions.len(),
                f.scenario.priors().len()
            )
        }),
        outcomes: own(&|f| {
            let names = f.scenario.outcomes.iter().map(|o| o.name.as_str());
            names.collect::<Vec<_>>().join("; ")
        }),
        judgements,
        guesses,
        sha256: facts.sha256.clone(),
        settings: s.sources.settings().map(str::to_owned).collect(),
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

/// Sections that are open, and those that are folded.
fn sections(report: &Report) -> (Vec<Section>, Vec<Section>) {
    let mut number = 0;
    let groups = report
        .pictures
        .chunk_by(|a, b| a.picture.name == b.picture.name);
    let mut out = (Vec::new(), Vec::new());
    for (i, group) in groups.enumerate() {
        let figures = group.iter().map(|shown| {
            number += 1;
            figure(report, shown, number, group.len() > 1)
        });
        let section = Section {
            id: format!("s{}", i + 1),
            title: group[0].picture.title.clone(),
            figures: figures.collect(),
        };
        if !report.full && group.iter().all(|s| s.folded) {
            out.1.push(section);
        } else {
            out.0.push(section);
        }
    }
    out
}

/// The title of the page: the evidence that readings are weighed against, or the scenarios.
fn headline(report: &Report, scenarios: &[Scenario]) -> String {
    let weighed = report.folders.first().filter(|f| f.command == "weigh");
    if let Some(evidence) = weighed.and_then(|f| f.evidence.as_ref()) {
        return format!("Readings weighed against evidence: {evidence}");
    }
    let mut titles: Vec<&str> = scenarios.iter().map(|s| s.title.as_str()).collect();
    titles.dedup();
    match (titles.as_slice(), scenarios.len()) {
        ([], _) => "Forecasts and what came of them".to_owned(),
        ([one], 1) => (*one).to_owned(),
        ([one], n) => format!("{one}, with {n} sets of assumptions"),
        ([one, other], _) => format!("{one}, and: {other}"),
        ([one, rest @ ..], _) => format!("{one}, and {} more", rest.len()),
    }
}

/// The page of a report.
pub(super) fn page(report: &Report) -> Result<String, ReportError> {
    let scenarios = scenarios(report);
    let (sections, folded) = sections(report);
    let page = Page {
        title: headline(report, &scenarios),
        caveat: CAVEAT,
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
        sections,
        folded,
        full: report.full,
        scenarios,
    };
    // Whatever stands in a folder, nothing in the page turns letters or hides any.
    page.render()
        .map(|text| visible(&text).into_owned())
        .map_err(|e| ReportError::Drawing(e.to_string()))
}
