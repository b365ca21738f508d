//! Tables and paragraphs that fit the terminal.

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle, Width,
};

/// What bars are made of, from an eighth of a cell to all of it.
#[cfg(feature = "cli")]
pub(crate) const BARS: std::ops::RangeInclusive<char> = '█'..='▏';
/// Cells of the longest bar.
const BAR: usize = 20;
/// The same where there is less room than usual.
const SHORT: usize = 8;
/// Columns of text where the terminal's are unknown.
const WIDTH: u16 = 100;
/// Blanks of a column beside its content.
const PADDING: u16 = 2;
/// The least width of the first column of a table before another column is left out.
const LEAST: u16 = 18;

/// How text is laid out.
#[derive(Debug, Clone, Copy, Default)]
pub struct Layout {
    /// Columns of the terminal, if they are known.
    pub width: Option<u16>,
}

impl Layout {
    fn width(self) -> u16 {
        self.width.unwrap_or(WIDTH)
    }

    /// An empty table.
    pub(crate) fn table(self, header: &[&str]) -> Table {
        let mut table = Table::new();
        table.load_style(UTF8_HORIZONTAL_ONLY);
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(self.width());
        table.set_header(header.iter().copied());
        self.whole_words(&mut table, header);
        table
    }

    /// Keeps words of the header whole where there is room for all of them, and some for longer cells.
    fn whole_words(self, table: &mut Table, header: &[&str]) {
        let longest = |text: &&str| {
            let words = text.split_whitespace().map(|word| word.chars().count());
            words.max().unwrap_or(0) as u16 + PADDING
        };
        let least: Vec<u16> = header.iter().map(longest).collect();
        if least.iter().sum::<u16>() > self.width() / 4 * 3 {
            return;
        }
        for (column, least) in table.column_iter_mut().zip(least) {
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least)));
        }
    }

    /// An empty table without rules between its rows.
    pub(crate) fn plain(self, header: &[&str]) -> Table {
        let mut table = self.table(header);
        table.load_style(
            TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─')),
        );
        table
    }

    /// Makes a table fit: numbers are not broken, the first column takes what is left, and where
    /// that is too little, the `dispensable` columns are hidden one after the other. Returns the
    /// hidden ones.
    pub(crate) fn fit(self, table: &mut Table, dispensable: &[usize]) -> Vec<usize> {
        let natural = table.column_max_content_widths();
        let mut hidden = Vec::new();
        let needed = |hidden: &[usize], least: u16| {
            let of = |i: usize, n: u16| if i == 0 { n.min(least) } else { n };
            let shown = natural
                .iter()
                .enumerate()
                .filter(|(i, _)| !hidden.contains(i));
            shown.map(|(i, n)| of(i, *n) + PADDING).sum::<u16>()
        };
        for column in dispensable {
            if needed(&hidden, LEAST) <= self.width() {
                break;
            }
            hidden.push(*column);
        }
        let fits = needed(&hidden, LEAST / 2) <= self.width();
        for (i, column) in table.column_iter_mut().enumerate() {
            column.remove_constraint();
            if hidden.contains(&i) {
                column.set_constraint(ColumnConstraint::Hidden);
            } else if i > 0 && fits {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        hidden
    }

    /// A share as a bar of blocks.
    pub(crate) fn bar(self, p: f64) -> Cell {
        let cells = if self.width() < WIDTH { SHORT } else { BAR };
        let eighths = (p * (cells * 8) as f64).round() as usize;
        let mut bar = "█".repeat(eighths / 8);
        if let Some(part) = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"].get(eighths % 8) {
            bar.push_str(part);
        }
        Cell::new(bar)
    }

    /// A text of which lines that do not fit are broken; what follows is indented a little more than the line.
    #[cfg(feature = "cli")]
    pub(crate) fn fold(self, text: &str) -> String {
        let mut out = String::new();
        for line in text.split_inclusive('\n') {
            if line.trim_end().chars().count() <= usize::from(self.width()) {
                out.push_str(line);
            } else {
                self.paragraph(&mut out, line);
            }
        }
        out
    }

    /// Adds a paragraph, broken into lines. Those after the first of an indented paragraph or an
    /// entry of a list are indented a little more than the first.
    pub(crate) fn paragraph(self, out: &mut String, text: &str) {
        let indent = text.len() - text.trim_start().len();
        let entry = text[indent..].starts_with("- ");
        let hang = if indent > 0 || entry { indent + 2 } else { 0 };
        let width = usize::from(self.width());
        let mut column = indent;
        out.push_str(&text[..indent]);
        let mut words = text.split_whitespace().peekable();
        let mut first = true;
        while let Some(word) = words.next() {
            // A number stays with its unit.
            let unit = words.next_if(|next| next.starts_with(['%', '±']));
            let length = |word: &str| word.chars().count();
            let length = length(word) + unit.map_or(0, |unit| 1 + length(unit));
            if first {
                first = false;
            } else if column + 1 + length > width {
                out.push('\n');
                out.extend(std::iter::repeat_n(' ', hang));
                column = hang;
            } else {
                out.push(' ');
                column += 1;
            }
            out.push_str(word);
            if let Some(unit) = unit {
                out.push(' ');
                out.push_str(unit);
            }
            column += length;
        }
        out.push('\n');
    }
}

/// A cell of numbers.
pub(crate) fn right(text: impl Into<String>) -> Cell {
    Cell::new(text.into()).set_alignment(CellAlignment::Right)
}
