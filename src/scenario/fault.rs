//! Faults: what is wrong with a scenario, where, what is allowed, and the nearest valid name.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::letters::{latin, look_alike};
use super::visible::{on_one_line, visible};

/// What a fault is of, where others have the same place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// What a value, a key or a name means.
    #[default]
    Usual,
    /// A line that is not TOML: its other faults follow from it.
    Syntax,
    /// A value that is none: gives way to what is said of the same place.
    Weak,
}

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
    /// Its path; `None` for a `--set` argument.
    pub path: Option<PathBuf>,
    /// The whole text.
    pub text: String,
}

/// Every text that a scenario was read from, in reading order.
#[derive(Debug, Clone, Default)]
pub struct Sources(Vec<Source>);

/// How the names of command-line settings begin among the texts of a scenario.
pub const SETTING: &str = "--set ";

impl Sources {
    /// The texts of settings of the command line, in their order.
    pub fn settings(&self) -> impl Iterator<Item = &str> {
        let is_setting = |s: &&Source| s.path.is_none() && s.name.starts_with(SETTING);
        self.0.iter().filter(is_setting).map(|s| s.text.as_str())
    }

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

/// Keeps only the first syntax fault of a line that is not TOML: the rest follow from it.
fn first_of_broken_lines(sources: &Sources, list: &mut Vec<Fault>) {
    // Once per text: a hostile text has many faults on one long line.
    let ends: Vec<Vec<usize>> = sources
        .iter()
        .map(|s| s.text.match_indices('\n').map(|(i, _)| i).collect())
        .collect();
    let line = |f: &Fault| {
        let place = f.place.as_ref()?;
        let ends = ends.get(place.file)?;
        Some((place.file, ends.partition_point(|e| *e < place.span.start)))
    };
    let broken: BTreeSet<(usize, usize)> = list
        .iter()
        .filter(|f| f.kind == Kind::Syntax)
        .filter_map(line)
        .collect();
    let mut seen = BTreeSet::new();
    list.retain(|f| match line(f) {
        Some(line) if broken.contains(&line) => f.kind == Kind::Syntax && seen.insert(line),
        _ => true,
    });
}

/// The largest character boundary of `text` that is not beyond `at`.
fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The line that holds a byte, without its end.
pub(super) fn line_at(text: &str, at: usize) -> Range<usize> {
    let at = floor_boundary(text, at);
    let start = text[..at].rfind('\n').map_or(0, |i| i + 1);
    let end = text[at..].find('\n').map_or(text.len(), |i| at + i);
    start..end - usize::from(text[start..end].ends_with('\r'))
}

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where; `None` for a fault of the scenario as a whole.
    pub place: Option<Place>,
    /// What was found and what is wrong with it.
    pub found: String,
    /// What is allowed.
    pub allowed: String,
    /// The nearest valid name, or another way out.
    pub nearest: Option<String>,
    /// What it is of.
    pub kind: Kind,
}

impl Fault {
    /// A fault at a place.
    #[must_use]
    pub fn at(place: &Place, found: impl Into<String>, allowed: impl Into<String>) -> Self {
        Self {
            place: Some(place.clone()),
            ..Self::whole(found, allowed)
        }
    }

    /// A fault of the scenario as a whole.
    #[must_use]
    pub fn whole(found: impl Into<String>, allowed: impl Into<String>) -> Self {
        Self {
            place: None,
            found: found.into(),
            allowed: allowed.into(),
            nearest: None,
            kind: Kind::Usual,
        }
    }

    /// Adds the nearest of `known` to `name`, when one is near enough to be meant.
    #[must_use]
    pub fn near<'a>(mut self, name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        self.nearest = did_you_mean(name, nearest(name, known));
        self
    }

    /// Adds what to write instead.
    #[must_use]
    pub fn help(mut self, help: Option<String>) -> Self {
        self.nearest = help;
        self
    }
}

/// Asks whether a known name was meant by the one written. A letter that only looks like the right one
/// is named, for nobody could see the difference.
pub(crate) fn did_you_mean(written: &str, nearest: Option<String>) -> Option<String> {
    let near = nearest?;
    Some(match look_alike(written) {
        Some(letter) => format!("did you mean `{near}`? {letter}"),
        None => format!("did you mean `{near}`?"),
    })
}

/// The most candidates that are compared letter by letter.
const COMPARED: usize = 16;

/// The candidate nearest to `name`, when it is near enough to be what was meant.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let seen = latin(name).map(|n| n.to_ascii_lowercase());
    let name = seen.as_deref().unwrap_or(name);
    let far = |k: &str| 1 + name.len().max(k.len()) / 3;
    let mut candidates: Vec<(usize, &str)> = known
        .into_iter()
        .filter(|k| name.len().abs_diff(k.len()) <= far(k))
        .map(|k| (unlike(name, k), k))
        .collect();
    // Of many candidates only the likeliest are compared, so that a text full of wrong names stays quick.
    if candidates.len() > COMPARED {
        candidates.select_nth_unstable_by_key(COMPARED, |(n, _)| *n);
        candidates.truncate(COMPARED);
    }
    candidates
        .into_iter()
        .map(|(_, k)| (strsim::damerau_levenshtein(name, k), k))
        // A name that shares nothing with the one written was not meant.
        .filter(|(d, k)| *d <= far(k) && *d < name.len().max(k.len()))
        .min()
        .map(|(_, k)| k.to_owned())
}

/// How many bytes of the longer name remain without the beginning and the end that both share.
fn unlike(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let short = a.len().min(b.len());
    let head = (0..short).take_while(|i| a[*i] == b[*i]).count();
    let tail = (1..=short - head)
        .take_while(|i| a[a.len() - i] == b[b.len() - i])
        .count();
    a.len().max(b.len()) - head - tail
}

/// All faults of a scenario, with the texts that they point into.
#[derive(Debug, Clone)]
pub struct Faults {
    /// The texts.
    pub sources: Sources,
    /// The faults, in order of their places.
    pub list: Vec<Fault>,
}

/// Of a line longer than this only a part is shown.
const LONGEST_LINE: usize = 130;
/// What is shown of such a line before and after the start of the fault.
const AROUND: (usize, usize) = (50, 70);
/// The most faults that are reported.
const MOST: usize = 100;
/// The longest part of a message, in characters.
const LONGEST_PART: usize = 400;

/// A part of a message on one line, with what is hidden in it escaped, of a length that can be read.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for (i, c) in text.chars().enumerate() {
        if i == LONGEST_PART {
            out.push('…');
            break;
        }
        out.push(c);
    }
    on_one_line(&out).into_owned()
}

/// A line with what is hidden in it escaped, and the place in it.
fn plain_line(line: &str, place: &Range<usize>) -> (String, Range<usize>) {
    let plain = |part: &str| visible(part).into_owned();
    let (before, at, after) = (
        plain(&line[..place.start]),
        plain(&line[place.clone()]),
        plain(&line[place.end..]),
    );
    let span = before.len()..before.len() + at.len();
    (before + &at + &after, span)
}

/// What is allowed, as a message says it.
fn expected(fault: &Fault) -> String {
    format!("expected {}", plain(&fault.allowed))
}

/// The part of the line at `place` that is shown, and the place in it.
fn shown_line(text: &str, place: &Place) -> (String, Range<usize>) {
    let Range { start, end } = line_at(text, place.span.start);
    let at = floor_boundary(text, place.span.start).min(end);
    let stop = floor_boundary(text, place.span.end).clamp(at, end);
    if end - start <= LONGEST_LINE {
        return plain_line(&text[start..end], &(at - start..stop - start));
    }
    let from = floor_boundary(text, at.saturating_sub(AROUND.0)).max(start);
    let to = floor_boundary(text, at + AROUND.1).min(end);
    let cut = |cut: bool| if cut { "…" } else { "" };
    let line = format!("{}{}{}", cut(from > start), &text[from..to], cut(to < end));
    let lead = cut(from > start).len();
    plain_line(&line, &(at - from + lead..stop.min(to) - from + lead))
}

impl Faults {
    /// Collects faults, in the order of their places, each once.
    #[must_use]
    pub fn new(sources: Sources, mut list: Vec<Fault>) -> Self {
        list.sort_by_key(|f| f.place.as_ref().map(|p| (p.file, p.span.start)));
        list.dedup();
        let told: BTreeSet<(usize, usize)> = list
            .iter()
            .filter(|f| f.kind != Kind::Weak)
            .filter_map(|f| f.place.as_ref().map(|p| (p.file, p.span.start)))
            .collect();
        list.retain(|f| {
            let at = f.place.as_ref().map(|p| (p.file, p.span.start));
            f.kind != Kind::Weak || at.is_none_or(|at| !told.contains(&at))
        });
        if list.iter().any(|f| f.kind == Kind::Syntax) {
            first_of_broken_lines(&sources, &mut list);
        }
        Self { sources, list }
    }

    /// The message of one fault, with its line.
    fn render(&self, fault: &Fault, renderer: &Renderer) -> String {
        let Some(place) = &fault.place else {
            return renderer.render(&[Group::with_title(
                Level::ERROR.primary_title(plain(&fault.found)),
            )
            .element(Level::NOTE.message(expected(fault)))]);
        };
        let (line, column) = self.sources.position(place);
        let source = self.sources.get(place.file);
        let name = source.map_or("?", |s| s.name.as_str());
        let title = format!("{}:{line}:{column}: {}", plain(name), plain(&fault.found));
        let allowed = expected(fault);
        let shown = source.map(|s| shown_line(&s.text, place));
        let mut group = Group::with_title(Level::ERROR.primary_title(title));
        group = match &shown {
            Some((text, span)) => group.element(
                Snippet::source(text.as_str()).line_start(line).annotation(
                    AnnotationKind::Primary
                        .span(span.clone())
                        .label(allowed.as_str()),
                ),
            ),
            None => group.element(Level::NOTE.message(allowed.as_str())),
        };
        if let Some(nearest) = &fault.nearest {
            group = group.element(Level::HELP.message(plain(nearest)));
        }
        renderer.render(&[group])
    }

    /// Every fault as text, up to a limit; with colours if `coloured`.
    #[must_use]
    pub fn text(&self, coloured: bool) -> String {
        let renderer = if coloured {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let mut out = String::new();
        for fault in self.list.iter().take(MOST) {
            out.push_str(&self.render(fault, &renderer));
            out.push_str("\n\n");
        }
        let n = self.list.len();
        if n > MOST {
            let _ = write!(out, "and {} more\n\n", n - MOST);
        }
        out + &format!("{n} fault{}", if n == 1 { "" } else { "s" })
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(false))
    }
}

impl std::error::Error for Faults {}
