//! The words of a brief, in pieces that every format has: headings, texts, lists, tables, the picture.

use jiff::civil::Date;

use crate::analysis::interval::Share;
use crate::text::number::percent_to;

/// A piece of a brief.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    /// The answer.
    Answer(String),
    /// A heading.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A remark below a table or the picture.
    Note(String),
    /// A list.
    Items(Vec<String>),
    /// A table.
    Table(Table),
    /// The picture.
    Picture,
}

/// A table: the first column is a text, the others are as wide as their words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    /// What it shows, for who cannot see it.
    pub(super) caption: String,
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

/// A brief in pieces.
#[derive(Debug)]
pub(super) struct Pages {
    pub(super) title: String,
    /// The question and the dates.
    pub(super) lines: Vec<String>,
    pub(super) blocks: Vec<Block>,
    /// What stands at the foot of every page.
    pub(super) foot: String,
}

/// A share in whole per cent.
pub(super) fn whole(share: f64) -> String {
    percent_to(share, 0)
}

/// A share in whole per cent, without the sign.
pub(super) fn bare(share: f64) -> String {
    whole(share).replace(" %", "")
}

/// A range in whole per cent: `24 to 96`; one number where both ends are written alike.
pub(super) fn range((low, high): (f64, f64)) -> String {
    let (low, high) = (bare(low), bare(high));
    if low == high {
        low
    } else {
        format!("{low} to {high}")
    }
}

/// A range across guesses in whole per cent. An end that rounds cannot tell from 0 or 1 is not known, and is not written:
/// `below 12`, `above 60`.
pub(super) fn across((low, high): (f64, f64)) -> String {
    match (low <= 0.0, high >= 1.0) {
        (true, true) => "not known".to_owned(),
        (true, false) => format!("below {}", bare(high)),
        (false, true) => format!("above {}", bare(low)),
        _ => range((low, high)),
    }
}

/// A share with its 95 % interval: `41 % (38 to 44)`.
pub(super) fn with_interval(share: Share) -> String {
    format!(
        "{} ({})",
        whole(share.probability),
        range((share.low, share.high))
    )
}

/// A date as people write it.
pub(super) fn date(date: Date) -> String {
    date.strftime("%-d %B %Y").to_string()
}

/// The days of the clock, naming month and year once where they are the same.
pub(super) fn span((start, end): (Date, Date)) -> String {
    let first = match (start.year() == end.year(), start.month() == end.month()) {
        (true, true) => "%-d",
        (true, false) => "%-d %B",
        (false, _) => "%-d %B %Y",
    };
    format!("{} to {}", start.strftime(first), date(end))
}

/// A name of an outcome inside a sentence.
pub(super) fn inside(name: &str) -> String {
    const ARTICLES: [&str; 3] = ["The ", "A ", "An "];
    if ARTICLES.iter().any(|a| name.starts_with(a)) {
        let mut letters = name.chars();
        let first = letters.next().map(|c| c.to_lowercase().to_string());
        format!("{}{}", first.unwrap_or_default(), letters.as_str())
    } else {
        name.to_owned()
    }
}

/// A number of points with one decimal.
pub(super) fn decimal_or_less(points: f64) -> String {
    if points < 0.05 {
        "0.1".to_owned()
    } else {
        format!("{points:.1}")
    }
}

/// A text with a capital at its beginning; a path stays as it is.
pub(super) fn capital_only(text: &str) -> String {
    if text.contains('.') && !text.contains(' ') {
        return text.to_owned();
    }
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string());
    format!("{}{}", first.unwrap_or_default(), letters.as_str())
}

/// A sentence from a clause.
pub(super) fn capital(text: &str) -> String {
    format!("{}.", capital_only(text))
}

#[cfg(test)]
mod tests {
    use super::across;

    #[test]
    fn an_end_that_is_not_known_is_not_written() {
        assert_eq!(across((0.3, 1.0)), "above 30");
        assert_eq!(across((0.0, 0.12)), "below 12");
        assert_eq!(across((0.0, 1.0)), "not known");
        assert_eq!(across((0.26, 0.97)), "26 to 97");
    }
}
