//! Faults: what is wrong with a scenario, where, what is allowed, and the nearest valid name.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

/// A stretch of bytes in one of the [`Sources`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// Index into [`Sources`].
    pub file: usize,
    /// Bytes of that source.
    pub span: Range<usize>,
}

/// One text that a scenario was read from: a file, or a `--set` argument.
#[derive(Debug, Clone)]
pub struct Source {
    /// What to call it in a message.
    pub name: String,
    /// Where it lies; nothing for a `--set` argument.
    pub path: Option<PathBuf>,
    /// The whole text.
    pub text: String,
}

/// Every text that a scenario was read from, in reading order.
#[derive(Debug, Clone, Default)]
pub struct Sources(Vec<Source>);

impl Sources {
    /// Adds a text and returns its index.
    pub fn add(&mut self, name: String, path: Option<&Path>, text: String) -> usize {
        self.0.push(Source {
            name,
            path: path.map(Path::to_path_buf),
            text,
        });
        self.0.len() - 1
    }

    /// All texts, in reading order.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.0.iter()
    }

    /// The text with that index.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&Source> {
        self.0.get(index)
    }

    /// Line and column of the start of a place, both from 1; columns count characters.
    #[must_use]
    pub fn position(&self, place: &Place) -> (usize, usize) {
        let Some(source) = self.0.get(place.file) else {
            return (1, 1);
        };
        let start = floor_boundary(&source.text, place.span.start);
        let before = &source.text[..start];
        let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
        let column = before[before.rfind('\n').map_or(0, |i| i + 1)..]
            .chars()
            .count()
            + 1;
        (line, column)
    }
}

/// The largest character boundary of `text` that is not beyond `at`.
fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where; nothing for a fault of the whole.
    pub place: Option<Place>,
    /// What was found and what is wrong with it.
    pub found: String,
    /// What is allowed.
    pub allowed: String,
    /// The nearest valid name, or another way out.
    pub nearest: Option<String>,
}

impl Fault {
    /// A fault at a place.
    #[must_use]
    pub fn at(place: &Place, found: impl Into<String>, allowed: impl Into<String>) -> Self {
        Self {
            place: Some(place.clone()),
            found: found.into(),
            allowed: allowed.into(),
            nearest: None,
        }
    }

    /// A fault of the whole scenario.
    #[must_use]
    pub fn whole(found: impl Into<String>, allowed: impl Into<String>) -> Self {
        Self {
            place: None,
            found: found.into(),
            allowed: allowed.into(),
            nearest: None,
        }
    }

    /// Adds the nearest of `known` to `name`, when one is near enough to be meant.
    #[must_use]
    pub fn near<'a>(mut self, name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        self.nearest = nearest(name, known).map(|n| format!("did you mean `{n}`?"));
        self
    }
}

/// The candidate nearest to `name`, when it is near enough to be what was meant.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    known
        .into_iter()
        .map(|k| (strsim::damerau_levenshtein(name, k), k))
        .filter(|(d, k)| *d <= 1 + name.len().max(k.len()) / 3)
        .min_by_key(|(d, _)| *d)
        .map(|(_, k)| k.to_owned())
}

/// All faults of a scenario, with the texts that they point into.
#[derive(Debug, Clone)]
pub struct Faults {
    /// The texts.
    pub sources: Sources,
    /// The faults, in order of their places.
    pub list: Vec<Fault>,
}

/// Lines longer than this are not shown: only their position is.
const LONGEST_LINE: usize = 300;

impl Faults {
    /// Collects faults, in the order of their places, each said once.
    #[must_use]
    pub fn new(sources: Sources, mut list: Vec<Fault>) -> Self {
        list.sort_by_key(|f| f.place.as_ref().map(|p| (p.file, p.span.start)));
        list.dedup();
        Self { sources, list }
    }

    /// The message of one fault, with its line.
    fn render(&self, fault: &Fault, renderer: &Renderer) -> String {
        let Some(place) = &fault.place else {
            return renderer.render(&[Group::with_title(
                Level::ERROR.primary_title(&*fault.found),
            )
            .element(Level::NOTE.message(&*fault.allowed))]);
        };
        let (line, column) = self.sources.position(place);
        let source = self.sources.get(place.file);
        let name = source.map_or("?", |s| s.name.as_str());
        let title = format!("{name}:{line}:{column}: {}", fault.found);
        let mut group = Group::with_title(Level::ERROR.primary_title(title));
        let mut shown = false;
        if let Some(text) = source.map(|s| s.text.as_str()) {
            let at = floor_boundary(text, place.span.start);
            let start = text[..at].rfind('\n').map_or(0, |i| i + 1);
            let end = text[at..].find('\n').map_or(text.len(), |i| at + i);
            if end - start <= LONGEST_LINE {
                let stop = floor_boundary(text, place.span.end).clamp(at, end).max(at);
                let annotation = AnnotationKind::Primary
                    .span(at - start..(stop - start).max(at - start))
                    .label(&*fault.allowed);
                group = group.element(
                    Snippet::source(&text[start..end])
                        .line_start(line)
                        .path(name)
                        .annotation(annotation),
                );
                shown = true;
            }
        }
        if !shown {
            group = group.element(Level::NOTE.message(&*fault.allowed));
        }
        if let Some(nearest) = &fault.nearest {
            group = group.element(Level::HELP.message(&**nearest));
        }
        renderer.render(&[group])
    }

    /// Every fault, as text; with colours when `coloured`.
    #[must_use]
    pub fn text(&self, coloured: bool) -> String {
        let renderer = if coloured {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let mut out = String::new();
        for fault in &self.list {
            out.push_str(&self.render(fault, &renderer));
            out.push_str("\n\n");
        }
        let n = self.list.len();
        out + &format!("{n} fault{}", if n == 1 { "" } else { "s" })
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(false))
    }
}

impl std::error::Error for Faults {}
