//! A brief as one page that opens anywhere, in the style of reports.

use askama::Template;

use super::blocks::{Block, Pages};
use super::content::Brief;
use super::figure;
use crate::report::canvas::Width;
use crate::report::folder::ReportError;
use crate::report::palette::{Target, properties, style};
use crate::scenario::visible::visible;

#[derive(Template)]
#[template(path = "brief.html")]
struct Page<'a> {
    pages: &'a Pages,
    light: String,
    dark: String,
    shapes: String,
    wide: String,
    narrow: String,
}

/// The page.
pub(super) fn page(brief: &Brief, pages: &Pages) -> Result<String, ReportError> {
    let alt = figure::alt(brief);
    let inline = |width, id| {
        let drawing = figure::drawing(brief, width);
        drawing.document(id, "How it ends", &alt, Target::Page)
    };
    let page = Page {
        pages,
        light: properties(false),
        dark: properties(true),
        shapes: style(Target::Page),
        wide: inline(Width::Wide, "w"),
        narrow: inline(Width::Narrow, "n"),
    };
    page.render()
        .map(|text| visible(&text).into_owned())
        .map_err(|e| ReportError::Drawing(e.to_string()))
}
