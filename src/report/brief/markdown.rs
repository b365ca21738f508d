//! A brief as Markdown: the table of shares stands for the picture.

use std::fmt::Write;

use super::blocks::{Block, Pages, Table};

/// A text in which nothing is markup.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(
            c,
            '\\' | '|' | '*' | '_' | '`' | '<' | '>' | '[' | ']' | '#' | '~'
        ) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn row(out: &mut String, cells: &[String]) {
    let cells: Vec<String> = cells.iter().map(|c| plain(c)).collect();
    let _ = writeln!(out, "| {} |", cells.join(" | "));
}

fn table(out: &mut String, table: &Table) {
    row(out, &table.header);
    let numbers = vec!["---:"; table.header.len().saturating_sub(1)];
    let _ = writeln!(out, "| :--- | {} |", numbers.join(" | "));
    for cells in &table.rows {
        row(out, cells);
    }
}

/// The text.
pub(super) fn text(pages: &Pages) -> String {
    let mut out = format!("# {}\n", plain(&pages.title));
    for line in &pages.lines {
        let _ = writeln!(out, "\n{}", plain(line));
    }
    for block in &pages.blocks {
        // The table below it has the same numbers.
        if *block == Block::Picture {
            continue;
        }
        out.push('\n');
        match block {
            Block::Answer(text) => {
                let _ = writeln!(out, "**{}**", plain(text));
            }
            Block::Heading(text) => {
                let _ = writeln!(out, "## {}", plain(text));
            }
            Block::Text(text) | Block::Note(text) => {
                let _ = writeln!(out, "{}", plain(text));
            }
            Block::Items(items) => {
                for item in items {
                    let _ = writeln!(out, "- {}", plain(item));
                }
            }
            Block::Table(t) => table(&mut out, t),
            Block::Picture => {}
        }
    }
    let _ = writeln!(out, "\n---\n\n{}", plain(&pages.foot));
    out
}
