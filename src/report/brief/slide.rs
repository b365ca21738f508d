//! One picture for a slide, 16:9: title, scenario and dates, the answer, the picture, and what it is not.

use svg::Document;
use svg::node::element::{Rectangle, Style, Text};

use super::blocks::Pages;
use super::content::Brief;
use super::figure;
use super::{changes, reports};
use crate::report::canvas::{BOLD, Width};
use crate::report::palette::{Target, style};
use crate::report::wrap::wrapped;
use crate::scenario::visible::visible;

/// Width and height in pixels.
const SIZE: (f64, f64) = (1920.0, 1080.0);
/// Free room around everything.
const EDGE: f64 = 80.0;
/// Letters of the title.
const TITLE: f64 = 50.0;
/// Letters of everything that is not the answer: at least three fifths of its size.
const SMALL: f64 = 24.0;

/// A line of text and where it goes.
struct Words<'a> {
    size: f64,
    bold: bool,
    colour: &'static str,
    text: &'a str,
    most: usize,
}

/// The lines of a text.
fn lines(words: &Words<'_>) -> Vec<String> {
    let wide = if words.bold { BOLD } else { 1.0 };
    wrapped(
        words.text,
        (SIZE.0 - 2.0 * EDGE) / words.size / wide,
        words.most,
    )
}

/// Puts lines below `y`; returns the document and where the next go.
fn put(mut document: Document, y: f64, words: &Words<'_>) -> (Document, f64) {
    let lines = lines(words);
    let mut y = y;
    for line in &lines {
        y += words.size;
        let text = Text::new(line.as_str())
            .set("x", EDGE)
            .set("y", y)
            .set("font-size", words.size)
            .set("font-weight", if words.bold { 700 } else { 400 })
            .set("class", format!("word f-{}", words.colour));
        document = document.add(text);
        y += words.size * 0.25;
    }
    (document, y)
}

/// The picture, as large as there is room from `top` to `bottom`.
fn picture(brief: &Brief, title: &str, top: f64, bottom: f64) -> String {
    let drawing = figure::drawing(brief, Width::Wide);
    let (w, h) = drawing.size();
    let scale = ((SIZE.0 - 2.0 * EDGE) / w).min((bottom - top) / h);
    let inner = drawing.document("s", title, &figure::alt(brief), Target::Page);
    let place = format!(
        "<svg x=\"{:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\" ",
        (SIZE.0 - w * scale) / 2.0,
        w * scale,
        h * scale
    );
    inner.replacen("<svg ", &place, 1)
}

/// The slide as an SVG document.
pub(super) fn svg(brief: &Brief, pages: &Pages, target: Target) -> String {
    let rules = "text.word{font-family:system-ui,'Segoe UI',Arial,'DejaVu Sans',sans-serif}";
    let rules = match target {
        Target::Pixels => "text.word{font-family:'DejaVu Sans'}",
        _ => rules,
    };
    let mut document = Document::new()
        .set("viewBox", (0, 0, SIZE.0, SIZE.1))
        .set("width", SIZE.0)
        .set("height", SIZE.1)
        .add(Style::new(format!("{}{rules}", style(target))))
        .add(
            Rectangle::new()
                .set("width", SIZE.0)
                .set("height", SIZE.1)
                .set("class", "f-paper"),
        );
    let words = |size, bold, colour, text, most| Words {
        size,
        bold,
        colour,
        text,
        most,
    };
    let mut y = EDGE - 20.0;
    let answers = changes::answers(brief);
    let doubts = reports::doubts(brief);
    (document, y) = put(
        document,
        y,
        &words(TITLE, true, "ink", pages.title.as_str(), 2),
    );
    for line in &pages.lines {
        (document, y) = put(document, y, &words(SMALL, false, "soft", line.as_str(), 3));
    }
    y += 14.0;
    let size = if answers.len() > 1 { 30.0 } else { 36.0 };
    for text in &answers {
        (document, y) = put(document, y, &words(size, false, "ink", text.as_str(), 4));
        y += 6.0;
    }
    for text in &doubts {
        (document, y) = put(document, y, &words(SMALL, false, "ink", text.as_str(), 3));
        y += 4.0;
    }
    let lines = lines(&words(SMALL, false, "soft", pages.foot.as_str(), 2));
    let foot = SIZE.1 - 30.0 - lines.len() as f64 * SMALL * 1.25;
    // Where nothing can be drawn, the answer says so.
    let inner = if brief.is_empty() {
        String::new()
    } else {
        picture(brief, &pages.title, y + 18.0, foot - 20.0)
    };
    (document, _) = put(
        document,
        foot,
        &words(SMALL, false, "soft", pages.foot.as_str(), 2),
    );
    let text = document.to_string();
    visible(&text).replacen("</svg>", &format!("{inner}</svg>"), 1)
}
