//! A picture with everything that belongs to it: title, text, caption and data.

use super::canvas::{Drawing, Width};
use super::folder::ReportError;
use super::palette::Target;
use crate::CAVEAT;
use crate::table::Row;

/// Where the data of a picture are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Home {
    /// In a file that the command itself wrote.
    Kept(&'static str),
    /// In a file that the report writes.
    Written,
}

/// The data of a picture.
#[derive(Debug, Clone)]
pub struct Data {
    /// Where they are.
    pub home: Home,
    /// Names of columns.
    pub header: Vec<String>,
    /// Rows.
    pub rows: Vec<Vec<String>>,
}

impl Data {
    /// Some columns of rows of a table.
    #[must_use]
    pub fn of<'r, R: Row + 'r>(
        home: Home,
        columns: &[&str],
        rows: impl IntoIterator<Item = &'r R>,
    ) -> Self {
        let all = R::columns();
        let place = |name: &&str| all.iter().position(|c| c.name == *name);
        let places: Vec<usize> = columns.iter().filter_map(place).collect();
        let row = |row: &R| {
            let mut cells = row.cells();
            places
                .iter()
                .map(|p| std::mem::take(&mut cells[*p]))
                .collect()
        };
        Self::new(home, columns, rows.into_iter().map(row).collect())
    }

    /// Columns of a table that the command itself wrote.
    #[must_use]
    pub fn kept<'r, R: Row + 'r>(columns: &[&str], rows: impl IntoIterator<Item = &'r R>) -> Self {
        Self::of(Home::Kept(R::FILE), columns, rows)
    }

    /// Data with names of columns.
    #[must_use]
    pub fn new(home: Home, header: &[&str], rows: Vec<Vec<String>>) -> Self {
        let header = header.iter().map(|h| (*h).to_owned()).collect();
        Self { home, header, rows }
    }

    /// As CSV.
    ///
    /// # Errors
    /// Never in practice: it is written to memory.
    pub fn csv(&self) -> Result<Vec<u8>, ReportError> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let failed = |e: &dyn std::fmt::Display| ReportError::Drawing(e.to_string());
        writer.write_record(&self.header).map_err(|e| failed(&e))?;
        for row in &self.rows {
            writer.write_record(row).map_err(|e| failed(&e))?;
        }
        writer.into_inner().map_err(|e| failed(&e))
    }
}

/// A picture.
#[derive(Debug, Clone)]
pub struct Picture {
    /// What `--picture` calls it; also part of the name of its data file.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What it shows, in words and numbers, for people who cannot see it.
    pub text: String,
    /// How to read it.
    pub caption: String,
    /// Drawn wide, and narrow.
    pub drawings: [Drawing; 2],
    /// Its data.
    pub data: Data,
}

/// The pictures of a folder.
pub(super) struct Drawn {
    /// Those that every page shows, the answer first.
    pub(super) shown: Vec<Picture>,
    /// Those that a page folds, unless it is to show everything.
    pub(super) folded: Vec<Picture>,
}

impl Drawn {
    /// Pictures that every page shows.
    pub(super) fn all(shown: impl IntoIterator<Item = Picture>) -> Self {
        Self {
            shown: shown.into_iter().collect(),
            folded: Vec::new(),
        }
    }
}

impl Picture {
    /// The SVG document for a page; `id` begins every id in it.
    #[must_use]
    pub fn inline(&self, width: Width, id: &str) -> String {
        let drawing = &self.drawings[usize::from(width == Width::Narrow)];
        drawing.document(id, &self.title, &self.text, Target::Page)
    }

    /// The SVG document by itself, in light and in dark; `about` says where it comes from.
    #[must_use]
    pub fn alone(&self, about: &str) -> String {
        format!("{}\n", self.framed(about, Target::Alone))
    }

    /// The SVG document that becomes pixels.
    #[must_use]
    pub(super) fn still(&self, about: &str) -> String {
        self.framed(about, Target::Pixels)
    }

    /// The document with title and caption, for who sees nothing else.
    fn framed(&self, about: &str, target: Target) -> String {
        let caption = format!("{} {CAVEAT}", self.caption);
        let drawing = self.drawings[0].framed(&self.title, about, &caption);
        drawing.document("p", &self.title, &self.text, target)
    }

    /// How tall it is where there is room, in pixels; pictures are 760 wide.
    #[must_use]
    pub(super) fn height(&self) -> f64 {
        self.drawings[0].size().1
    }

    /// The name of the file that the report writes for it.
    #[must_use]
    pub fn data_file(&self) -> String {
        format!("report_{}.csv", self.name)
    }
}
