//! A brief for Word: real headings, lists and tables, the picture with its text, the caveat on every page.

use std::io::Cursor;

use docx_rs::{
    AbstractNumbering, Docx, Footer, Header, IndentLevel, Level, LevelJc, LevelText, LineSpacing,
    NumPages, NumberFormat, Numbering, NumberingId, PageMargin, PageNum, Paragraph, Pic, Run,
    RunFonts, Shading, SpecialIndentType, Start, Style, StyleType, Table as WordTable, TableBorder,
    TableBorderPosition, TableCell, TableCellMargins, TableLayoutType, TableRow, WidthType,
};

use super::blocks::{Block, Pages, Table};
use super::content::Brief;
use super::figure;
use crate::report::canvas::Width;
use crate::report::folder::ReportError;
use crate::report::palette::Target;
use crate::report::png::{DENSITY, pixels, tree};

/// The width between the margins of A4, in twentieths of a point.
const BETWEEN: usize = 11_906 - 2 * MARGIN as usize;
/// A margin, in twentieths of a point.
const MARGIN: i32 = 1_000;
/// English metric units in a twentieth of a point.
const EMU: f64 = 635.0;
/// Letters of a cell that stay on one line however wide the table is.
const ONE_LINE: usize = 15;
/// The style of the foot: numbers of pages have no other than that of their paragraph.
const FOOT: &str = "Footer";
/// The list of all items.
const LIST: usize = 2;

fn text(words: &str) -> Paragraph {
    Paragraph::new().add_run(Run::new().add_text(words))
}

fn after(paragraph: Paragraph, points: u32) -> Paragraph {
    paragraph.line_spacing(LineSpacing::new().before(0).after(points * 20))
}

fn heading(id: &str, name: &str, level: usize, size: usize) -> Style {
    Style::new(id, StyleType::Paragraph)
        .name(name)
        .based_on("Normal")
        .next("Normal")
        .q_format(true)
        .outline_lvl(level)
        .size(size)
        .bold()
}

/// Letters of the longest word that is kept whole, and of a cell that stays on one line.
const SHORT: usize = 17;

/// Widths of columns, in twentieths of a point: those behind the first as wide as what stands in them on one line, if
/// that is short, the first as wide as what is left.
fn widths(t: &Table) -> Vec<usize> {
    // A bold letter of 9 points is up to 128 twentieths wide; a cell has margins of 80 on either side.
    let room = |letters: usize| letters * 128 + 200;
    let longest = |i: usize| {
        let cells = t.rows.iter().map(|r| r[i].chars().count());
        let head = t.header[i].chars().count();
        cells.fold(head, usize::max).min(SHORT)
    };
    let mut out: Vec<usize> = (0..t.header.len()).map(|i| room(longest(i))).collect();
    // No less than a quarter for the first: what is short keeps its line, and the long share what is left.
    let (short, long): (Vec<usize>, Vec<usize>) =
        (1..out.len()).partition(|i| longest(*i) <= ONE_LINE);
    let sum = |of: &[usize], out: &[usize]| of.iter().map(|i| out[*i]).sum::<usize>();
    let (fixed, wanted) = (sum(&short, &out), sum(&long, &out));
    let left = (BETWEEN * 3 / 4).saturating_sub(fixed);
    if wanted > left {
        for i in long {
            out[i] = out[i] * left / wanted;
        }
    }
    let others: usize = out.iter().skip(1).sum();
    if let Some(first) = out.first_mut() {
        *first = BETWEEN - others;
    }
    out
}

fn table(t: &Table) -> WordTable {
    let widths = widths(t);
    let row = |cells: &[String], head: bool| {
        let cells = cells.iter().zip(&widths).enumerate();
        let cells = cells.map(|(i, (words, width))| {
            let mut run = Run::new().add_text(words).size(18);
            if head || i == 0 {
                run = run.bold();
            }
            let cell = TableCell::new()
                .width(*width, WidthType::Dxa)
                .add_paragraph(after(Paragraph::new().add_run(run), 0));
            if head {
                cell.shading(Shading::new().fill("EEF1F4"))
            } else {
                cell
            }
        });
        TableRow::new(cells.collect()).cant_split()
    };
    let mut rows = vec![row(&t.header, true)];
    rows.extend(t.rows.iter().map(|r| row(r, false)));
    let line = |position| TableBorder::new(position).color("C9CFD6").size(4);
    let mut out = WordTable::new(rows)
        .layout(TableLayoutType::Fixed)
        .width(BETWEEN, WidthType::Dxa)
        .set_grid(widths.clone())
        .margins(TableCellMargins::new().margin(30, 80, 30, 80))
        .clear_all_border();
    for position in [
        TableBorderPosition::Top,
        TableBorderPosition::Bottom,
        TableBorderPosition::InsideH,
    ] {
        out = out.set_border(line(position));
    }
    out
}

/// The picture, as wide as the text.
fn picture(brief: &Brief) -> Result<Paragraph, ReportError> {
    let drawing = figure::drawing(brief, Width::Wide);
    let svg = drawing.document("p", "How it ends", &figure::alt(brief), Target::Pixels);
    let image = pixels(&tree(&svg)?, DENSITY)?;
    let (w, h) = drawing.size();
    let width = BETWEEN as f64 * EMU;
    let pic = Pic::new_with_dimensions(image, w as u32, h as u32)
        .size(width as u32, (width * h / w) as u32);
    Ok(after(
        Paragraph::new().add_run(Run::new().add_image(pic)),
        4,
    ))
}

/// A text inside an attribute or an element of XML.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

/// Replaces what the library has no call for; it must be there.
fn amended(part: &[u8], from: &str, to: &str) -> Result<Vec<u8>, ReportError> {
    let text = String::from_utf8_lossy(part);
    if text.matches(from).count() != 1 {
        return Err(ReportError::Drawing(format!(
            "document for Word: `{from}` is not there once"
        )));
    }
    Ok(text.replacen(from, to, 1).into_bytes())
}

/// The file.
pub(super) fn file(brief: &Brief, pages: &Pages) -> Result<Vec<u8>, ReportError> {
    let bullet = Level::new(
        0,
        Start::new(1),
        NumberFormat::new("bullet"),
        LevelText::new("•"),
        LevelJc::new("left"),
    )
    .indent(Some(360), Some(SpecialIndentType::Hanging(240)), None, None);
    let fonts = RunFonts::new()
        .ascii("Calibri")
        .hi_ansi("Calibri")
        .cs("Calibri");
    let small =
        |words: &str| Paragraph::new().add_run(Run::new().add_text(words).size(16).color("535B66"));
    let mut docx = Docx::new()
        .page_size(11_906, 16_838)
        .page_margin(PageMargin {
            top: MARGIN,
            bottom: MARGIN,
            left: MARGIN,
            right: MARGIN,
            header: 450,
            footer: 450,
            gutter: 0,
        })
        .default_fonts(fonts)
        .default_size(20)
        .add_style(heading("Title", "Title", 0, 36))
        .add_style(heading("Heading1", "heading 1", 0, 24))
        .add_abstract_numbering(AbstractNumbering::new(LIST).add_level(bullet))
        .add_numbering(Numbering::new(LIST, LIST))
        .header(Header::new().add_paragraph(small(&format!("kzsim brief · {}", pages.title))))
        .add_style(
            Style::new(FOOT, StyleType::Paragraph)
                .name("footer")
                .based_on("Normal")
                .size(16)
                .color("535B66"),
        )
        .footer(
            Footer::new().add_paragraph(
                text(&format!("{} Page ", pages.foot))
                    .style(FOOT)
                    .add_page_num(PageNum::new())
                    .add_run(Run::new().add_text(" of "))
                    .add_num_pages(NumPages::new()),
            ),
        )
        .add_paragraph(after(text(&pages.title).style("Title"), 4));
    for line in &pages.lines {
        docx = docx.add_paragraph(after(small(line), 2));
    }
    for block in &pages.blocks {
        docx = match block {
            Block::Answer(words) => {
                let run = Run::new().add_text(words).size(26).bold();
                docx.add_paragraph(after(Paragraph::new().add_run(run), 6))
            }
            Block::Heading(words) => {
                let spacing = LineSpacing::new().before(160).after(60);
                docx.add_paragraph(
                    text(words)
                        .style("Heading1")
                        .keep_next(true)
                        .line_spacing(spacing),
                )
            }
            Block::Text(words) => docx.add_paragraph(after(text(words), 3)),
            Block::Note(words) => {
                let spacing = LineSpacing::new().before(60).after(60);
                docx.add_paragraph(small(words).line_spacing(spacing))
            }
            Block::Items(items) => items.iter().fold(docx, |docx, item| {
                let item = text(item).numbering(NumberingId::new(LIST), IndentLevel::new(0));
                docx.add_paragraph(after(item, 2))
            }),
            Block::Table(t) => docx.add_table(table(t)),
            Block::Picture => docx.add_paragraph(picture(brief)?),
        };
    }
    let mut parts = docx.build();
    let alt = format!("name=\"Figure\" descr=\"{}\"", escaped(&figure::alt(brief)));
    parts.document = amended(&parts.document, "name=\"Figure\"", &alt)?;
    let end = "</cp:coreProperties>";
    let title = format!(
        "<dc:title>{}</dc:title><dc:language>en</dc:language>{end}",
        escaped(&pages.title)
    );
    parts.doc_props.core = amended(&parts.doc_props.core, end, &title)?;
    let mut out = Cursor::new(Vec::new());
    parts
        .pack(&mut out)
        .map_err(|e| ReportError::Drawing(e.to_string()))?;
    Ok(out.into_inner())
}
