//! Briefs: the answer of a result on one or two pages, for people who decide.
//!
//! What a brief says is gathered once (`content`), put into words once (`pages`), and then only rendered: as PDF, for
//! Word, as Markdown, as one page of HTML. The slide has its picture and its answer.

mod answer;
mod blocks;
mod changes;
mod content;
mod docx;
mod figure;
mod given;
mod html;
mod layout;
mod letters;
mod markdown;
mod pages;
mod pdf;
mod reports;
mod retold;
mod slide;
mod told;
mod who;

pub use content::Brief;
pub(super) use content::is_judgement;

use super::folder::ReportError;
use super::palette::Target;
use super::png::{pixels, tree};

/// A format of a brief.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One or two pages to print or mail.
    Pdf,
    /// A document for Word.
    Docx,
    /// A text.
    Markdown,
    /// One page for a browser.
    Html,
}

impl Brief {
    /// The file of a format.
    ///
    /// # Errors
    /// Never in practice: it is written to memory, with fonts of the program.
    pub fn file(&self, format: Format) -> Result<Vec<u8>, ReportError> {
        let pages = pages::pages(self);
        match format {
            Format::Pdf => pdf::file(self, &pages),
            Format::Docx => docx::file(self, &pages),
            Format::Markdown => Ok(markdown::text(&pages).into_bytes()),
            Format::Html => Ok(html::page(self, &pages)?.into_bytes()),
        }
    }

    /// The slide as SVG: 1920 by 1080.
    #[must_use]
    pub fn slide_svg(&self) -> String {
        let text = slide::svg(self, &pages::pages(self), Target::Alone);
        format!("{text}\n")
    }

    /// The slide as PNG: 1920 by 1080 pixels.
    ///
    /// # Errors
    /// When it cannot be drawn.
    pub fn slide_png(&self) -> Result<Vec<u8>, ReportError> {
        let text = slide::svg(self, &pages::pages(self), Target::Pixels);
        pixels(&tree(&text)?, 1.0)
    }
}
