//! The pages of a PDF: what goes where. Nothing is cut off: letters shrink a little until all of it is on two
//! pages, and what still does not fit goes on a third.

use super::blocks::{Block, Pages, Table};
use super::letters::Letters;

/// A4 in points.
pub(super) const PAPER: (f32, f32) = (595.28, 841.89);
/// Free room at the sides and at the top.
const MARGIN: f32 = 50.0;
/// Where texts end, above the foot.
const BOTTOM: f32 = PAPER.1 - 58.0;
/// The room between the margins.
pub(super) const ROOM: f32 = PAPER.0 - 2.0 * MARGIN;
/// Lines are so much higher than their letters.
const LEADING: f32 = 1.32;
/// How far letters shrink, step by step.
const SCALES: [f32; 8] = [1.0, 0.97, 0.94, 0.91, 0.88, 0.85, 0.82, 0.79];
/// The most pages.
const MOST_PAGES: usize = 2;

/// Colours of letters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Colour {
    Ink,
    Soft,
}

/// What is drawn.
#[derive(Debug)]
pub(super) enum Ink {
    Words {
        text: String,
        size: f32,
        bold: bool,
        colour: Colour,
    },
    /// A thin line, so wide.
    Rule(f32),
    /// The picture, so much smaller than it was drawn.
    Picture(f32),
}

/// Something that is drawn, and which part of the text it belongs to; none of them for rules and feet.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) page: usize,
    pub(super) at: (f32, f32),
    pub(super) ink: Ink,
    pub(super) part: Option<usize>,
}

/// What parts of the text are, in the order of reading.
#[derive(Debug)]
pub(super) enum Shape {
    Heading {
        level: u16,
        text: String,
        part: usize,
    },
    Text(usize),
    Items(Vec<usize>),
    /// Rows of cells, the header first.
    Table(String, Vec<Vec<usize>>),
    Picture(usize),
}

/// All pages.
#[derive(Debug)]
pub(super) struct Sheets {
    pub(super) marks: Vec<Mark>,
    pub(super) shapes: Vec<Shape>,
    pub(super) parts: usize,
    pub(super) pages: usize,
}

/// How a text is set.
#[derive(Debug, Clone, Copy)]
struct Set {
    size: f32,
    bold: bool,
    colour: Colour,
}

impl Set {
    const fn of(size: f32, bold: bool, colour: Colour) -> Self {
        Self { size, bold, colour }
    }
}

const TITLE: Set = Set::of(17.0, true, Colour::Ink);
const UNDER: Set = Set::of(9.0, false, Colour::Soft);
const ANSWER: Set = Set::of(12.0, true, Colour::Ink);
const HEADING: Set = Set::of(11.0, true, Colour::Ink);
const BODY: Set = Set::of(9.0, false, Colour::Ink);
const CELL: Set = Set::of(8.5, false, Colour::Ink);
const HEAD: Set = Set::of(8.5, true, Colour::Ink);
const NOTE: Set = Set::of(8.0, false, Colour::Soft);

/// Lays everything out, on two pages if that can be.
pub(super) fn sheets(pages: &Pages, letters: &[Letters; 2], picture: (f32, f32)) -> Sheets {
    let at = |scale: &f32| Layer::new(letters, picture, *scale).all(pages);
    let mut all = SCALES.iter().map(at);
    let mut last = None;
    for sheets in &mut all {
        let done = sheets.pages <= MOST_PAGES;
        last = Some(sheets);
        if done {
            break;
        }
    }
    last.unwrap_or_else(|| at(&1.0))
}

/// Pages in the making.
struct Layer<'a> {
    letters: &'a [Letters; 2],
    picture: (f32, f32),
    scale: f32,
    page: usize,
    y: f32,
    marks: Vec<Mark>,
    shapes: Vec<Shape>,
    parts: usize,
}

impl<'a> Layer<'a> {
    fn new(letters: &'a [Letters; 2], picture: (f32, f32), scale: f32) -> Self {
        Self {
            letters,
            picture,
            scale,
            page: 0,
            y: MARGIN,
            marks: Vec::new(),
            shapes: Vec::new(),
            parts: 0,
        }
    }

    fn all(mut self, pages: &Pages) -> Sheets {
        let part = self.words(&pages.title, TITLE, 0.0);
        self.shapes.push(Shape::Heading {
            level: 1,
            text: pages.title.clone(),
            part,
        });
        self.gap(3.0);
        for line in &pages.lines {
            self.paragraph(line, UNDER, 1.0);
        }
        self.gap(5.0);
        for (i, block) in pages.blocks.iter().enumerate() {
            self.block(block, &pages.blocks[i + 1..]);
        }
        let count = self.page + 1;
        for page in 0..count {
            self.foot(pages, page, count);
        }
        Sheets {
            marks: self.marks,
            shapes: self.shapes,
            parts: self.parts,
            pages: count,
        }
    }

    fn foot(&mut self, pages: &Pages, page: usize, count: usize) {
        let text = format!("{}   Page {} of {count}", pages.foot, page + 1);
        let y = PAPER.1 - 40.0;
        let mut mark = |at, ink| {
            self.marks.push(Mark {
                page,
                at,
                ink,
                part: None,
            });
        };
        mark((MARGIN, y), Ink::Rule(ROOM));
        let size = 7.5;
        for (i, line) in self.letters[0]
            .lines(&text, ROOM / size)
            .into_iter()
            .enumerate()
        {
            let words = Ink::Words {
                text: line,
                size,
                bold: false,
                colour: Colour::Soft,
            };
            mark((MARGIN, y + 11.0 + 10.0 * i as f32), words);
        }
    }

    fn gap(&mut self, points: f32) {
        self.y += points * self.scale;
    }

    /// Begins a page unless so much has room on this one.
    fn needs(&mut self, height: f32) {
        if self.y + height > BOTTOM && self.y > MARGIN {
            self.page += 1;
            self.y = MARGIN;
        }
    }

    fn part(&mut self) -> usize {
        self.parts += 1;
        self.parts - 1
    }

    fn broken(&self, text: &str, set: Set, room: f32) -> Vec<String> {
        let size = set.size * self.scale;
        self.letters[usize::from(set.bold)].lines(text, room / size)
    }

    fn high(&self, set: Set) -> f32 {
        set.size * self.scale * LEADING
    }

    /// The height of a text between the margins.
    fn height(&self, text: &str, set: Set, indent: f32) -> f32 {
        self.broken(text, set, ROOM - indent).len() as f32 * self.high(set)
    }

    fn mark(&mut self, at: (f32, f32), ink: Ink, part: Option<usize>) {
        self.marks.push(Mark {
            page: self.page,
            at,
            ink,
            part,
        });
    }

    fn line(&mut self, text: String, set: Set, x: f32, y: f32, part: usize) {
        let size = set.size * self.scale;
        let words = Ink::Words {
            text,
            size,
            bold: set.bold,
            colour: set.colour,
        };
        self.mark((x, y + size), words, Some(part));
    }

    /// Sets a text line by line, each on a page that has room for it.
    fn words(&mut self, text: &str, set: Set, indent: f32) -> usize {
        let part = self.part();
        let high = self.high(set);
        for line in self.broken(text, set, ROOM - indent) {
            self.needs(high);
            self.line(line, set, MARGIN + indent, self.y, part);
            self.y += high;
        }
        part
    }

    fn paragraph(&mut self, text: &str, set: Set, after: f32) {
        let part = self.words(text, set, 0.0);
        self.shapes.push(Shape::Text(part));
        self.gap(after);
    }

    /// What a block needs at once: a heading stays with what it is above, tables and pictures stay whole.
    fn whole(&self, block: &Block) -> f32 {
        match block {
            Block::Answer(text) => self.height(text, ANSWER, 0.0),
            Block::Heading(text) => self.height(text, HEADING, 0.0) + 14.0 * self.scale,
            Block::Text(text) => self.height(text, BODY, 0.0),
            Block::Note(text) => self.height(text, NOTE, 0.0),
            Block::Items(items) => items.iter().map(|i| self.height(i, BODY, 10.0) + 2.0).sum(),
            Block::Table(table) => {
                let columns = self.columns(table);
                let rows = table.rows.iter().chain([&table.header]);
                rows.map(|row| self.row_height(row, HEAD, &columns)).sum()
            }
            Block::Picture => self.picture.1 * self.picture_scale() + 8.0,
        }
    }

    fn picture_scale(&self) -> f32 {
        ROOM / self.picture.0 * self.scale
    }

    /// What stays on the page of a block: what a heading is above, and the note below a table.
    fn kept(&self, block: &Block, behind: &[Block]) -> f32 {
        match (block, behind) {
            (Block::Heading(_), [next, rest @ ..]) => self.whole(next) + self.kept(next, rest),
            (Block::Table(_), [Block::Note(text), ..]) => 5.0 + self.height(text, NOTE, 0.0),
            _ => 0.0,
        }
    }

    fn block(&mut self, block: &Block, behind: &[Block]) {
        let needed = self.whole(block) + self.kept(block, behind);
        self.needs(needed.min(BOTTOM - MARGIN));
        match block {
            Block::Answer(text) => self.paragraph(text, ANSWER, 6.0),
            Block::Heading(text) => {
                self.gap(9.0);
                let part = self.words(text, HEADING, 0.0);
                self.shapes.push(Shape::Heading {
                    level: 2,
                    text: text.clone(),
                    part,
                });
                self.gap(2.0);
            }
            Block::Text(text) => self.paragraph(text, BODY, 3.0),
            Block::Note(text) => {
                self.gap(3.0);
                self.paragraph(text, NOTE, 2.0);
            }
            Block::Items(items) => {
                let parts = items.iter().map(|item| self.item(item)).collect();
                self.shapes.push(Shape::Items(parts));
            }
            Block::Table(t) => self.table(t),
            Block::Picture => {
                let scale = self.picture_scale();
                let part = self.part();
                let x = MARGIN + (ROOM - self.picture.0 * scale) / 2.0;
                self.mark((x, self.y), Ink::Picture(scale), Some(part));
                self.y += self.picture.1 * scale;
                self.shapes.push(Shape::Picture(part));
                self.gap(8.0);
            }
        }
    }

    fn item(&mut self, item: &str) -> usize {
        self.needs(self.high(BODY));
        let (page, y) = (self.page, self.y);
        let part = self.words(item, BODY, 10.0);
        let size = BODY.size * self.scale;
        self.marks.push(Mark {
            page,
            at: (MARGIN, y + size),
            ink: Ink::Words {
                text: "•".to_owned(),
                size,
                bold: false,
                colour: Colour::Ink,
            },
            part: None,
        });
        self.gap(2.0);
        part
    }

    /// Widths of columns: those behind the first as wide as their words, up to a fifth of the page.
    fn columns(&self, table: &Table) -> Vec<f32> {
        let natural = |i: usize| {
            let head = self.letters[1].width(&table.header[i]) * HEAD.size;
            let cells = table
                .rows
                .iter()
                .map(|r| self.letters[0].width(&r[i]) * CELL.size);
            (cells.fold(head, f32::max) * self.scale + 12.0).min(ROOM / 5.0)
        };
        let mut out: Vec<f32> = (0..table.header.len())
            .map(|i| if i == 0 { 0.0 } else { natural(i) })
            .collect();
        let others: f32 = out.iter().sum();
        if let Some(first) = out.first_mut() {
            *first = ROOM - others;
        }
        out
    }

    fn row_height(&self, row: &[String], set: Set, columns: &[f32]) -> f32 {
        let lines = |(cell, width): (&String, &f32)| self.broken(cell, set, width - 6.0).len();
        let lines = row.iter().zip(columns).map(lines).max();
        lines.unwrap_or(1) as f32 * self.high(set) + 5.0
    }

    fn table(&mut self, table: &Table) {
        let columns = self.columns(table);
        let mut parts = Vec::new();
        for (i, row) in [&table.header].into_iter().chain(&table.rows).enumerate() {
            let set = if i == 0 { HEAD } else { CELL };
            let height = self.row_height(row, set, &columns);
            self.needs(height);
            let mut x = MARGIN;
            let mut own = Vec::new();
            for (j, (cell, width)) in row.iter().zip(&columns).enumerate() {
                let part = self.part();
                let mut y = self.y + 1.5;
                for line in self.broken(cell, set, width - 6.0) {
                    self.line(line, set, x + if j == 0 { 0.0 } else { 3.0 }, y, part);
                    y += self.high(set);
                }
                own.push(part);
                x += width;
            }
            parts.push(own);
            self.y += height;
            self.mark((MARGIN, self.y - 1.0), Ink::Rule(ROOM), None);
        }
        self.shapes.push(Shape::Table(table.caption.clone(), parts));
    }
}
