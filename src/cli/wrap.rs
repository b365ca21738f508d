//! Breaking long lines to the width of the terminal.

/// Breaks lines that are longer than `width` between words. Tables and commands stay whole.
pub(super) fn wrap(text: &str, width: Option<u16>) -> String {
    let Some(width) = width.map(usize::from) else {
        return text.to_owned();
    };
    let mut out = String::new();
    let mut in_table = false;
    for line in text.split_inclusive('\n') {
        let rule = line.starts_with(['─', '═']);
        in_table = rule || (in_table && line.starts_with(' '));
        let command = ["kzsim ", "sh "]
            .iter()
            .any(|c| line.trim_start().starts_with(c));
        if in_table || command || line.trim_end().chars().count() <= width {
            out.push_str(line);
            continue;
        }
        let body = line.trim_start();
        let indent = line.len() - body.len();
        let hang = match body.starts_with("- ") {
            true => indent + 2,
            false if indent > 0 => indent + 2,
            false => 0,
        };
        let mut column = indent;
        out.push_str(&line[..indent]);
        for (i, word) in body.split_whitespace().enumerate() {
            let length = word.chars().count();
            if i > 0 && column + 1 + length > width {
                out.push('\n');
                out.extend(std::iter::repeat_n(' ', hang));
                column = hang;
            } else if i > 0 {
                out.push(' ');
                column += 1;
            }
            out.push_str(word);
            column += length;
        }
        if line.ends_with('\n') {
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn long_lines_break_between_words_and_tables_do_not() {
        let text = "one two three four\n────────────────────────\n a cell and another one\n\
                    ────────────────────────\n\n  indented words here and there\n";
        let wanted = "one two\nthree four\n────────────────────────\n a cell and another one\n\
                      ────────────────────────\n\n  indented\n    words\n    here and\n    there\n";
        assert_eq!(wrap(text, Some(12)), wanted);
        assert_eq!(wrap(text, None), text);
    }
}
