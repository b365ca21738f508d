//! Texts that programs for tables do not read as text: a name of that kind would be missing, a truth
//! value, a number, a date or a formula in pandas, Polars, `DuckDB` or a spreadsheet.
//!
//! `tests/python` asks these programs themselves.

use super::limits;
use super::moment::MONTHS;
use super::visible::is_hidden;

/// Words for a missing value. pandas knows most of them.
const MISSING: [&str; 10] = [
    "na", "n/a", "nan", "null", "none", "<na>", "#na", "#n/a n/a", "1.#ind", "1.#qnan",
];
/// Words for a truth value. `DuckDB` knows all of them.
const TRUTHS: [&str; 6] = ["true", "false", "yes", "no", "t", "f"];
/// Words for a moment, to `DuckDB`.
const MOMENTS: [&str; 1] = ["epoch"];

/// What some program takes a text for, if not for text: `a missing value`, `a number` and so on.
#[must_use]
pub(crate) fn taken_for(text: &str) -> Option<&'static str> {
    // What is hidden may be left out by whoever reads it.
    let seen: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !is_hidden(*c))
        .collect();
    if seen.starts_with(limits::FORMULAS) {
        return Some("a formula");
    }
    let word = text.trim().to_lowercase();
    if word.is_empty() || MISSING.contains(&word.as_str()) {
        return Some("a missing value");
    }
    if word.starts_with('#') {
        return Some("an error of a formula");
    }
    if TRUTHS.contains(&word.as_str()) {
        return Some("a truth value");
    }
    if is_number(&word) {
        return Some("a number");
    }
    is_date(&word).then_some("a date")
}

/// Whether a spreadsheet would compute a text instead of showing it.
#[must_use]
pub(crate) fn is_formula(text: &str) -> bool {
    taken_for(text) == Some("a formula")
}

/// `1e5`, `inf`, `0x10`, `0b1`, `1,000`, `50%` and whatever else has digits and no letter.
fn is_number(word: &str) -> bool {
    let of_base = |prefix, base| {
        let digits = word.strip_prefix(prefix).unwrap_or_default();
        !digits.is_empty() && digits.chars().all(|c| c.is_digit(base) || c == '_')
    };
    let plain = word.replace(['_', ','], "");
    let digits = word.chars().any(char::is_numeric) && !word.chars().any(char::is_alphabetic);
    of_base("0x", 16) || of_base("0b", 2) || digits || plain.parse::<f64>().is_ok()
}

/// `2022-01-05T16:30`, `jan5`, `5 January 2022` and `mar-22`.
fn is_date(word: &str) -> bool {
    if MOMENTS.contains(&word) || word.parse::<jiff::civil::DateTime>().is_ok() {
        return true;
    }
    let letters: String = word.chars().filter(|c| c.is_alphabetic()).collect();
    let whole = letters.is_empty() || word.contains(&letters);
    let month = letters.len() >= 3 && MONTHS.iter().any(|m| *m == letters || m[..3] == letters);
    let sept = letters == "sept";
    let rest = word.chars().filter(|c| !c.is_alphabetic());
    let digits = rest.clone().filter(char::is_ascii_digit).count();
    let signs = rest
        .clone()
        .all(|c| c.is_ascii_digit() || " -/.,".contains(c));
    whole && (month || sept) && signs && (1..=6).contains(&digits)
}

#[cfg(test)]
mod tests {
    use super::taken_for;

    #[test]
    fn what_programs_do_not_read_as_text_is_known() {
        for (what, words) in [
            ("a missing value", "NA nan NULL None n/a <NA> 1.#IND"),
            ("an error of a formula", "#N/A #REF! #NULL!"),
            ("a truth value", "true FALSE t F yes No"),
            (
                "a number",
                "1e5 inf -Infinity 0x1F 1_000 1,000 50% 12:30 1/2 2022-01-05 20220105 ٣ .5",
            ),
            ("a date", "jan5 5-Mar SEPT2 may22 2022-01-05T10:00 epoch"),
            ("a formula", "=1 +x @a |cmd ＝1 \u{feff}=1 \u{200b}-x"),
        ] {
            for word in words.split(' ') {
                // A sign in front is a formula to a spreadsheet, whatever follows.
                let what = if word.starts_with('-') {
                    "a formula"
                } else {
                    what
                };
                assert_eq!(taken_for(word), Some(what), "{word}");
            }
        }
        assert_eq!(taken_for("5 January 2022"), Some("a date"));
        assert_eq!(taken_for(" "), Some("a missing value"));
        for word in [
            "base",
            "2022_base",
            "may",
            "march_on",
            "e5",
            "1d",
            "nobody",
            "infantry",
            "trueman",
            "no troops",
            "Known on 12 January",
            "t1",
            "1 bis",
            "Тоқаев",
            "中央",
            "mayor 2",
        ] {
            assert_eq!(taken_for(word), None, "{word}");
        }
    }
}
