//! A brief as PDF: tagged (PDF/UA-1), with its fonts in it, the picture as lines and letters.

use std::num::NonZeroU16;

use krilla::color::rgb;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{Path, PathBuilder, Point, Transform};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, SpanTag, TableHeaderScope, Tag,
    TagGroup, TagTree,
};
use krilla::text::{GlyphId, KrillaGlyph};
use krilla::{Document, SerializeSettings};
use resvg::usvg::{self, Group, Node, Paint, Tree, tiny_skia_path::PathSegment};

use super::blocks::Pages;
use super::content::Brief;
use super::figure;
use super::layout::{Colour, Ink, Mark, PAPER, Shape, Sheets, sheets};
use super::letters::Letters;
use crate::report::canvas::Width;
use crate::report::folder::ReportError;
use crate::report::palette::Target;
use crate::report::png::tree;

fn failed(what: impl std::fmt::Debug) -> ReportError {
    ReportError::Drawing(format!("PDF: {what:?}"))
}

/// The file.
pub(super) fn file(brief: &Brief, pages: &Pages) -> Result<Vec<u8>, ReportError> {
    let letters = [
        Letters::of(dejavu::sans::regular())?,
        Letters::of(dejavu::sans::bold())?,
    ];
    let drawing = figure::drawing(brief, Width::Wide);
    let alt = figure::alt(brief);
    let picture = tree(&drawing.document("p", "How it ends", &alt, Target::Pixels))?;
    let (w, h) = drawing.size();
    let sheets = sheets(pages, &letters, (w as f32, h as f32));
    let configuration = ConfigurationBuilder::new()
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(failed)?;
    let mut document = Document::new_with(SerializeSettings {
        configuration,
        ..SerializeSettings::default()
    });
    let mut parts: Vec<Vec<Identifier>> = vec![Vec::new(); sheets.parts];
    for page in 0..sheets.pages {
        let settings =
            PageSettings::from_wh(PAPER.0, PAPER.1).ok_or_else(|| failed("size of paper"))?;
        let mut page_of = document.start_page_with(settings);
        let mut surface = page_of.surface();
        for mark in sheets.marks.iter().filter(|m| m.page == page) {
            let tag = match (mark.part, &mark.ink) {
                (None, _) => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Other)),
                (Some(_), Ink::Picture(_)) => ContentTag::Other,
                (Some(_), _) => ContentTag::Span(SpanTag::empty()),
            };
            let id = surface.start_tagged(tag);
            draw(&mut surface, mark, &letters, &picture);
            surface.end_tagged();
            if let Some(part) = mark.part {
                parts[part].push(id);
            }
        }
        surface.finish();
        page_of.finish();
    }
    document.set_tag_tree(tags(&sheets, &parts, &alt));
    document.set_outline(outline(&sheets));
    document.set_metadata(
        Metadata::new()
            .title(pages.title.clone())
            .description(pages.foot.clone())
            .language("en".to_owned())
            .creator(format!("kzsim {}", env!("CARGO_PKG_VERSION"))),
    );
    document.finish().map_err(failed)
}

/// What everything is, in the order of reading.
fn tags(sheets: &Sheets, parts: &[Vec<Identifier>], alt: &str) -> TagTree {
    let own = |mut group: TagGroup, part: &usize| {
        for id in &parts[*part] {
            group.push(*id);
        }
        group
    };
    let mut tree = TagTree::new().with_lang(Some("en".to_owned()));
    for shape in &sheets.shapes {
        let group = match shape {
            Shape::Heading { level, text, part } => {
                let level = NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN);
                own(TagGroup::new(Tag::Hn(level, Some(text.clone()))), part)
            }
            Shape::Text(part) => own(TagGroup::new(Tag::P), part),
            Shape::Picture(part) => own(TagGroup::new(Tag::Figure(Some(alt.to_owned()))), part),
            Shape::Items(items) => {
                let mut list = TagGroup::new(Tag::L(ListNumbering::Circle));
                for part in items {
                    let mut item = TagGroup::new(Tag::LI);
                    item.push(own(TagGroup::new(Tag::LBody), part));
                    list.push(item);
                }
                list
            }
            Shape::Table(caption, rows) => {
                let mut table = TagGroup::new(Tag::Table.with_summary(Some(caption.clone())));
                for (i, row) in rows.iter().enumerate() {
                    let mut cells = TagGroup::new(Tag::TR);
                    for (j, part) in row.iter().enumerate() {
                        let cell = match (i, j) {
                            (0, _) => TagGroup::new(Tag::TH(TableHeaderScope::Column)),
                            (_, 0) => TagGroup::new(Tag::TH(TableHeaderScope::Row)),
                            _ => TagGroup::new(Tag::TD),
                        };
                        cells.push(own(cell, part));
                    }
                    table.push(cells);
                }
                table
            }
        };
        tree.push(group);
    }
    tree
}

/// The headings, for the side of a reader.
fn outline(sheets: &Sheets) -> Outline {
    let mut outline = Outline::new();
    for shape in &sheets.shapes {
        let Shape::Heading { text, part, .. } = shape else {
            continue;
        };
        let Some(mark) = sheets.marks.iter().find(|m| m.part == Some(*part)) else {
            continue;
        };
        let at = Point::from_xy(mark.at.0, mark.at.1 - 14.0);
        outline.push_child(OutlineNode::new(
            text.clone(),
            XyzDestination::new(mark.page, at),
        ));
    }
    outline
}

fn filled((r, g, b): (u8, u8, u8), opacity: f32) -> Fill {
    Fill {
        paint: rgb::Color::new(r, g, b).into(),
        opacity: NormalizedF32::new(opacity).unwrap_or(NormalizedF32::ONE),
        ..Fill::default()
    }
}

fn draw(surface: &mut Surface<'_>, mark: &Mark, letters: &[Letters; 2], picture: &Tree) {
    let (x, y) = mark.at;
    surface.set_stroke(None);
    match &mark.ink {
        Ink::Words {
            text,
            size,
            bold,
            colour,
        } => {
            let rgb = match colour {
                Colour::Ink => (0x1b, 0x1f, 0x24),
                Colour::Soft => (0x53, 0x5b, 0x66),
            };
            surface.set_fill(Some(filled(rgb, 1.0)));
            let own = &letters[usize::from(*bold)];
            // A space at the end of a line, so that words are apart where a text is copied.
            let text = format!("{text} ");
            let glyphs = own.glyphs(&text);
            surface.draw_glyphs(
                Point::from_xy(x, y),
                &glyphs,
                own.font.clone(),
                &text,
                *size,
                false,
            );
        }
        Ink::Rule(width) => {
            let mut path = PathBuilder::new();
            path.move_to(x, y);
            path.line_to(x + width, y);
            surface.set_fill(None);
            surface.set_stroke(Some(stroked((0xdd, 0xe1, 0xe6), 0.6)));
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
        }
        Ink::Picture(scale) => {
            surface.push_transform(&Transform::from_row(*scale, 0.0, 0.0, *scale, x, y));
            group(surface, picture.root(), letters);
            surface.pop();
        }
    }
}

fn stroked((r, g, b): (u8, u8, u8), width: f32) -> Stroke {
    Stroke {
        paint: rgb::Color::new(r, g, b).into(),
        width,
        ..Stroke::default()
    }
}

/// Draws what pictures are made of: paths in one colour, and lines of text.
fn group(surface: &mut Surface<'_>, of: &Group, letters: &[Letters; 2]) {
    for node in of.children() {
        match node {
            Node::Group(inner) => group(surface, inner, letters),
            Node::Path(path) => shape(surface, path),
            Node::Text(text) => words(surface, text, letters),
            Node::Image(_) => {}
        }
    }
}

fn colour(paint: &Paint) -> Option<(u8, u8, u8)> {
    match paint {
        Paint::Color(c) => Some((c.red, c.green, c.blue)),
        _ => None,
    }
}

fn shape(surface: &mut Surface<'_>, path: &usvg::Path) {
    let Some(line) = converted(path) else {
        return;
    };
    let fill = path
        .fill()
        .and_then(|f| Some(filled(colour(f.paint())?, f.opacity().get())));
    let stroke = path
        .stroke()
        .and_then(|s| Some(stroked(colour(s.paint())?, s.width().get())));
    if fill.is_some() || stroke.is_some() {
        surface.set_fill(fill);
        surface.set_stroke(stroke);
        surface.draw_path(&line);
    }
}

fn converted(path: &usvg::Path) -> Option<Path> {
    let mut out = PathBuilder::new();
    let data = path.data().clone().transform(path.abs_transform())?;
    for segment in data.segments() {
        match segment {
            PathSegment::MoveTo(p) => out.move_to(p.x, p.y),
            PathSegment::LineTo(p) => out.line_to(p.x, p.y),
            PathSegment::QuadTo(a, p) => out.quad_to(a.x, a.y, p.x, p.y),
            PathSegment::CubicTo(a, b, p) => out.cubic_to(a.x, a.y, b.x, b.y, p.x, p.y),
            PathSegment::Close => out.close(),
        }
    }
    out.finish()
}

fn words(surface: &mut Surface<'_>, text: &usvg::Text, letters: &[Letters; 2]) {
    surface.set_stroke(None);
    let spans = text.chunks().iter().flat_map(usvg::TextChunk::spans);
    let bold = spans
        .map(|s| s.font().weight())
        .max()
        .is_some_and(|w| w >= 600);
    let own = &letters[usize::from(bold)];
    for span in text.layouted() {
        let rgb = span
            .fill
            .as_ref()
            .and_then(|f| colour(f.paint()))
            .unwrap_or((0, 0, 0));
        surface.set_fill(Some(filled(rgb, 1.0)));
        let size = span.font_size.get();
        let places: Vec<f32> = span
            .positioned_glyphs
            .iter()
            .map(|g| text.abs_transform().pre_concat(g.transform()).tx)
            .collect();
        let Some(first) = span.positioned_glyphs.first() else {
            continue;
        };
        let base = text.abs_transform().pre_concat(first.transform()).ty;
        let mut whole = String::new();
        let mut glyphs = Vec::new();
        for (i, glyph) in span.positioned_glyphs.iter().enumerate() {
            let from = whole.len();
            whole.push_str(&glyph.text);
            let width = places
                .get(i + 1)
                .map_or_else(|| own.width(&glyph.text), |next| (next - places[i]) / size);
            let id = GlyphId::new(glyph.id.0);
            glyphs.push(KrillaGlyph::new(
                id,
                width,
                0.0,
                0.0,
                0.0,
                from..whole.len(),
                None,
            ));
        }
        let start = Point::from_xy(places[0], base);
        surface.draw_glyphs(start, &glyphs, own.font.clone(), &whole, size, false);
    }
}
