//! A picture in the making: shapes with classes, which style sheets colour.
//!
//! Chart libraries write colours and fonts into their shapes and know no titles for screen readers
//! (looked at: plotters, kuva, poloto), so shapes are put into an SVG document by hand. That
//! library escapes every text.

use std::fmt::Write as _;

use svg::Document;
use svg::node::Text as Words;
use svg::node::element::{
    Circle, Definitions, Description, Group, Line, Path, Pattern, Rectangle, Style, Text, Title,
};

use super::palette::{SET, Target, style};
use super::wrap;
use crate::scenario::visible::visible;

/// The size of a picture's letters.
pub(super) const SIZE: f64 = 13.0;

/// How wide a picture is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// For a page or a screen.
    Wide,
    /// For a phone, or for two side by side.
    Narrow,
}

impl Width {
    /// In pixels.
    #[must_use]
    pub fn pixels(self) -> f64 {
        match self {
            Self::Wide => 760.0,
            Self::Narrow => 344.0,
        }
    }
}

/// Where a text is fixed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fix {
    Start,
    Middle,
    End,
}

/// A picture in the making.
pub(super) struct Canvas {
    pub(super) wide: bool,
    pub(super) width: f64,
    group: Group,
    patterns: Vec<(usize, &'static str)>,
}

/// A finished picture without its name and text.
#[derive(Debug, Clone)]
pub struct Drawing {
    width: f64,
    height: f64,
    group: Group,
    patterns: Vec<(usize, &'static str)>,
}

/// A place, rounded as pictures need it.
fn r(x: f64) -> f64 {
    let rounded = (x * 100.0).round() / 100.0;
    if rounded == 0.0 { 0.0 } else { rounded }
}

/// How much wider a bold text is, at most.
pub(super) const BOLD: f64 = 1.16;

/// The path through points.
pub(super) fn through(points: impl IntoIterator<Item = (f64, f64)>) -> String {
    let mut out = String::new();
    for (x, y) in points {
        out.push(if out.is_empty() { 'M' } else { 'L' });
        let _ = write!(out, "{} {}", r(x), r(y));
    }
    out
}

/// The closed path between two lines over the same places.
pub(super) fn between(places: &[f64], low: &[f64], high: &[f64]) -> String {
    let there = places.iter().copied().zip(high.iter().copied());
    let back = places.iter().copied().zip(low.iter().copied()).rev();
    let mut out = through(there.chain(back));
    if !out.is_empty() {
        out.push('Z');
    }
    out
}

impl Canvas {
    pub(super) fn new(width: Width) -> Self {
        Self {
            wide: width == Width::Wide,
            width: width.pixels(),
            group: Group::new().set("class", "k"),
            patterns: Vec::new(),
        }
    }

    fn put(&mut self, node: impl Into<Box<dyn svg::Node>>) {
        let group = std::mem::replace(&mut self.group, Group::new());
        self.group = group.add(node);
    }

    pub(super) fn text(&mut self, x: f64, y: f64, class: &str, fix: Fix, text: &str) {
        let class = match fix {
            Fix::Start => class.to_owned(),
            Fix::Middle => format!("{class} mid"),
            Fix::End => format!("{class} end"),
        };
        let text = Text::new(text)
            .set("x", r(x))
            .set("y", r(y))
            .set("class", class);
        self.put(text);
    }

    /// Lines of a text, the middle of all of them at `y`.
    pub(super) fn lines(&mut self, x: f64, y: f64, class: &str, fix: Fix, lines: &[String]) {
        let step = SIZE + 2.0;
        let first = y + SIZE * 0.35 - step * (lines.len().saturating_sub(1)) as f64 / 2.0;
        for (i, line) in lines.iter().enumerate() {
            self.text(x, first + step * i as f64, class, fix, line);
        }
    }

    pub(super) fn line(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64), class: &str) {
        let line = Line::new()
            .set("x1", r(x1))
            .set("y1", r(y1))
            .set("x2", r(x2))
            .set("y2", r(y2));
        self.put(line.set("class", class));
    }

    pub(super) fn path(&mut self, data: &str, class: &str) {
        if !data.is_empty() {
            self.put(Path::new().set("d", data).set("class", class));
        }
    }

    pub(super) fn dot(&mut self, (x, y): (f64, f64), radius: f64, class: &str) {
        let dot = Circle::new()
            .set("cx", r(x))
            .set("cy", r(y))
            .set("r", r(radius));
        self.put(dot.set("class", class));
    }

    /// The pattern of the `index`-th area: nothing for the first, then lines and dots in the colour
    /// of the paper. `@` is replaced by what makes ids unique.
    fn pattern(&mut self, index: usize, ink: &'static str) -> Option<String> {
        let kind = index % 6;
        if kind == 0 {
            return None;
        }
        if !self.patterns.contains(&(kind, ink)) {
            self.patterns.push((kind, ink));
        }
        Some(format!("url(#@p{kind}{ink})"))
    }

    /// An area with the pattern of its index: on paper, which may be black and white, and on a screen only
    /// where colours begin again.
    pub(super) fn area(&mut self, data: &str, role: &str, index: usize) {
        self.path(data, &format!("f-{role}"));
        if let Some(fill) = self.pattern(index, "paper")
            && !data.is_empty()
        {
            let class = if index < SET { "hatch" } else { "again" };
            let hatch = Path::new().set("d", data).set("fill", fill);
            self.put(hatch.set("class", class));
        }
    }

    /// A bar with the pattern of its index.
    pub(super) fn bar(&mut self, at: (f64, f64), (w, h): (f64, f64), role: &str, index: usize) {
        if w <= 0.0 || h <= 0.0 {
            return;
        }
        let (x, y) = at;
        let data = format!("M{} {}h{}v{}h{}Z", r(x), r(y), r(w), r(h), r(-w));
        self.area(&data, role, index);
    }

    /// A cell of a heat map: a colour as strong as its number.
    pub(super) fn cell(&mut self, at: (f64, f64), (w, h): (f64, f64), role: &str, part: f64) {
        let rect = Rectangle::new()
            .set("x", r(at.0))
            .set("y", r(at.1))
            .set("width", r(w))
            .set("height", r(h))
            .set("class", format!("f-{role}"))
            .set("fill-opacity", r(part.clamp(0.0, 1.0)));
        self.put(rect);
    }

    /// The width of a text in pixels.
    pub(super) fn room(text: &str) -> f64 {
        wrap::width(text) * SIZE
    }

    /// The width of a bold text in pixels.
    pub(super) fn bold_room(text: &str) -> f64 {
        Self::room(text) * BOLD
    }

    pub(super) fn finish(self, height: f64) -> Drawing {
        Drawing {
            width: self.width,
            height: r(height),
            group: self.group,
            patterns: self.patterns,
        }
    }
}

/// The lines of a pattern.
fn pattern(kind: usize, ink: &str, id: &str) -> Pattern {
    let pattern = Pattern::new()
        .set("id", id)
        .set("width", 7)
        .set("height", 7)
        .set("patternUnits", "userSpaceOnUse");
    let line = |d: &str| {
        Path::new()
            .set("d", d)
            .set("class", format!("thin s-{ink}"))
    };
    match kind {
        1 => pattern
            .set("patternTransform", "rotate(45)")
            .add(line("M0 0V7")),
        2 => pattern.add(
            Circle::new()
                .set("cx", 2)
                .set("cy", 2)
                .set("r", 1.2)
                .set("class", format!("f-{ink}")),
        ),
        3 => pattern
            .set("patternTransform", "rotate(-45)")
            .add(line("M0 0V7")),
        4 => pattern.add(line("M0 3H7")),
        _ => pattern
            .set("patternTransform", "rotate(45)")
            .add(line("M0 0V7M0 0H7")),
    }
}

/// Room around a picture that stands alone.
const FRAME: f64 = 14.0;
/// The sizes of its title and of the words around it.
const HEAD: f64 = 17.0;
const FOOT: f64 = 11.5;
/// Most lines of each: far more than any but a stranger's takes.
const MOST_LINES: usize = 12;

impl Drawing {
    /// The same with a title, a line about where it comes from, and a caption, for who sees nothing else.
    pub(super) fn framed(&self, title: &str, about: &str, caption: &str) -> Self {
        let width = self.width + 2.0 * FRAME;
        let mut c = Canvas {
            wide: true,
            width,
            group: Group::new().set("class", "k"),
            patterns: self.patterns.clone(),
        };
        let mut write = |mut y: f64, class: &str, size: f64, wide: f64, text: &str| {
            for line in wrap::wrapped(text, self.width / (size * wide), MOST_LINES) {
                y += size + 4.0;
                c.text(FRAME, y, class, Fix::Start, &line);
            }
            y
        };
        let y = write(FRAME - 4.0, "head f-ink", HEAD, BOLD, title);
        let top = write(y + 2.0, "small f-soft", FOOT, 1.0, about) + 14.0;
        let foot = write(top + self.height, "small f-soft", FOOT, 1.0, caption);
        let place = format!("translate({} {})", r(FRAME), r(top));
        c.put(self.group.clone().set("transform", place));
        c.finish(foot + FRAME)
    }

    /// Its width and height.
    pub(super) fn size(&self) -> (f64, f64) {
        (self.width, self.height)
    }

    /// The SVG document, with ids that begin with `id`, a title and a text for who cannot see it.
    pub(super) fn document(&self, id: &str, title: &str, text: &str, target: Target) -> String {
        let mut definitions = Definitions::new();
        for (kind, ink) in &self.patterns {
            definitions = definitions.add(pattern(*kind, ink, &format!("{id}-p{kind}{ink}")));
        }
        let mut document = Document::new()
            .set("viewBox", format!("0 0 {} {}", self.width, self.height))
            .set("role", "img")
            .set("aria-labelledby", format!("{id}-t {id}-d"))
            .add(Title::new(title).set("id", format!("{id}-t")))
            .add(
                Description::new()
                    .set("id", format!("{id}-d"))
                    .add(Words::new(text)),
            );
        if target != Target::Page {
            document = document
                .set("width", self.width)
                .set("height", self.height)
                .add(Style::new(style(target)))
                .add(
                    Rectangle::new()
                        .set("width", "100%")
                        .set("height", "100%")
                        .set("class", "f-paper"),
                );
        }
        if !self.patterns.is_empty() {
            document = document.add(Group::new().set("class", "k").add(definitions));
        }
        let text = document.add(self.group.clone()).to_string();
        // What XML does not allow, or hides, can come from a scenario's names.
        visible(&text).replace("url(#@p", &format!("url(#{id}-p"))
    }
}
