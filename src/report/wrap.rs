//! Texts in the room that a picture has for them.

/// The width of a text in units of its size, rather too large than too small: whatever font shows
/// it, labels must not run into each other.
#[must_use]
pub(super) fn width(text: &str) -> f64 {
    let of = |c: char| match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' => 0.32,
        'f' | 't' | 'r' | '(' | ')' | '-' | '/' | '’' => 0.41,
        'm' | 'M' | 'W' | 'w' | '%' | '@' => 0.9,
        'a'..='z' => 0.6,
        '0'..='9' => 0.61,
        c if c.is_ascii() => 0.68,
        c if (c as u32) < 0x1100 => 0.66,
        _ => 1.0,
    };
    text.chars().map(of).sum()
}

/// The beginning of a text that may fill its room: what is behind it cannot be seen there, and a text
/// of a stranger may be of any length. No letter is narrower than .3.
fn beginning(text: &str, room: f64) -> &str {
    let letters = (room.max(0.0) / 0.3) as usize + 2;
    let end = text
        .char_indices()
        .nth(letters)
        .map_or(text.len(), |(i, _)| i);
    &text[..end]
}

/// Breaks a text into at most `most` lines of `room` units of its size each; the last one ends in an
/// ellipsis if the text is longer.
#[must_use]
pub(super) fn wrapped(text: &str, room: f64, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut more = false;
    for word in text.split_whitespace() {
        let word = beginning(word, room);
        let longer = lines.last().map(|l| format!("{l} {word}"));
        match longer {
            Some(longer) if width(&longer) <= room => {
                if let Some(last) = lines.last_mut() {
                    *last = longer;
                }
            }
            _ if lines.len() == most => {
                more = true;
                break;
            }
            _ => lines.push(word.to_owned()),
        }
    }
    for line in &mut lines {
        shorten(line, room);
    }
    if more && let Some(last) = lines.last_mut() {
        last.push('…');
        shorten(last, room);
    }
    lines
}

/// Cuts a line that is too long for its room.
fn shorten(line: &mut String, room: f64) {
    if width(line) <= room {
        return;
    }
    line.truncate(beginning(line, room).len());
    while !line.is_empty() && width(line) + 1.0 > room {
        line.pop();
    }
    line.truncate(line.trim_end().len());
    line.push('…');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_in_their_room() {
        let text = "The president takes the Council by himself and keeps it";
        for room in [4.0, 8.0, 14.0, 40.0] {
            for most in 1..4 {
                let lines = wrapped(text, room, most);
                assert!(lines.len() <= most && !lines.is_empty());
                assert!(lines.iter().all(|l| width(l) <= room), "{room} {lines:?}");
            }
        }
        assert_eq!(wrapped(text, 100.0, 2), [text]);
    }

    /// What is not seen is not measured: a text of a stranger may have any length, and this one would
    /// take hours otherwise.
    #[test]
    fn long_words_take_no_longer_than_what_is_seen_of_them() {
        let long = "i".repeat(4_000_000);
        for lines in [
            wrapped(&long, 14.0, 3),
            wrapped(&format!("a {long} {long}"), 14.0, 3),
        ] {
            assert!(lines.len() <= 3 && lines.iter().all(|l| width(l) <= 14.0));
            assert!(lines[lines.len() - 1].ends_with('…'));
        }
    }
}
