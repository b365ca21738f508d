//! Letters that look like others, and those that cannot be seen.

use unicode_security::confusable_detection::skeleton;

use super::grammar::LONGEST_ID;

/// Quotation marks that word processors put for straight ones.
pub(super) const QUOTES: [char; 14] = [
    '“', '”', '„', '‟', '‘', '’', '‚', '‛', '«', '»', '‹', '›', '″', '＂',
];
/// Characters that are read as a minus sign by people alone.
pub(super) const DASHES: [char; 7] = ['−', '–', '—', '‐', '‑', '‒', '－'];

/// Whether it is a blank other than the space, the tab and line breaks, or cannot be seen at all.
pub(super) fn is_odd_blank(c: char) -> bool {
    let invisible = matches!(
        c,
        '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
    );
    invisible || (c.is_whitespace() && !c.is_ascii_whitespace())
}

/// The ASCII letter that a character looks like, or is with an accent.
fn plain(c: char) -> Option<char> {
    let mut looks = skeleton(c.encode_utf8(&mut [0; 4]))
        .filter(|c| !('\u{300}'..='\u{36f}').contains(c))
        .collect::<Vec<_>>();
    match (looks.pop(), looks.pop()) {
        (Some(c), None) if c.is_ascii_alphanumeric() => Some(c),
        _ => None,
    }
}

/// The text with ASCII letters for those that look like them; `None` if it has others, or none to
/// replace.
pub(super) fn latin(text: &str) -> Option<String> {
    if text.is_ascii() || text.len() > 4 * LONGEST_ID {
        return None;
    }
    let visible = text.chars().filter(|c| !is_odd_blank(*c));
    visible
        .map(|c| if c.is_ascii() { Some(c) } else { plain(c) })
        .collect()
}

/// What a character is called in messages: itself, its number, and what it is.
pub(super) fn describe(c: char) -> String {
    let number = format!("U+{:04X}", u32::from(c));
    match c {
        _ if c.is_ascii_graphic() => format!("`{c}`"),
        '\u{a0}' => format!("a no-break space ({number})"),
        _ if is_odd_blank(c) && c.is_whitespace() => format!("an unusual blank ({number})"),
        _ if is_odd_blank(c) || c.is_control() => format!("an invisible character ({number})"),
        '\u{370}'..='\u{3ff}' => format!("`{c}` ({number}, Greek)"),
        '\u{400}'..='\u{52f}' => format!("`{c}` ({number}, Cyrillic)"),
        _ => format!("`{c}` ({number})"),
    }
}

/// The first letter of a name that only looks like one of ASCII, in a sentence.
pub(super) fn look_alike(name: &str) -> Option<String> {
    latin(name)?;
    let odd = name.chars().find(|c| !c.is_ascii())?;
    Some(match plain(odd) {
        Some(like) => format!(
            "The {} that you wrote is not the Latin `{like}`",
            describe(odd)
        ),
        None => format!("What you wrote has {}", describe(odd)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_told_apart() {
        let said = look_alike("аrmy").unwrap();
        assert_eq!(
            said,
            "The `а` (U+0430, Cyrillic) that you wrote is not the Latin `a`"
        );
        assert_eq!(look_alike("army"), None);
    }
}
