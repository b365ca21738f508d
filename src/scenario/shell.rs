//! Words for a POSIX shell: a command that kzsim suggests can be copied as it is printed.

use std::fmt::Write as _;
use std::path::Path;

use super::visible::{is_hidden, on_one_line};

/// A text as one word of a command line, quoted where a shell needs it.
#[must_use]
pub(crate) fn word(text: &str) -> String {
    match shlex::try_quote(text) {
        Ok(quoted) if on_one_line(text) == text => quoted.into_owned(),
        _ => printed(text.as_bytes()),
    }
}

/// A path as one word, which no program takes for an option.
#[must_use]
pub(crate) fn path_word(path: &Path) -> String {
    let bytes = path.as_os_str().as_encoded_bytes();
    let file = if bytes.starts_with(b"-") { "./" } else { "" };
    match path.to_str() {
        Some(text) => word(&format!("{file}{text}")),
        None => printed(&[file.as_bytes(), bytes].concat()),
    }
}

/// A word that holds what cannot be printed: the shell makes it with `printf`. Only a line feed at its
/// very end gets lost.
fn printed(bytes: &[u8]) -> String {
    let mut out = String::from("\"$(printf '");
    let octal = |out: &mut String, bytes: &[u8]| {
        for byte in bytes {
            let _ = write!(out, "\\{byte:03o}");
        }
    };
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '%' => out.push_str("%%"),
                '\\' => out.push_str("\\\\"),
                '\'' => out.push_str("\\047"),
                c if is_hidden(c) => octal(&mut out, c.encode_utf8(&mut [0; 4]).as_bytes()),
                c => out.push(c),
            }
        }
        octal(&mut out, chunk.invalid());
    }
    out + "')\""
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::process::Command;

    use super::*;

    #[test]
    fn the_shell_reads_each_word_as_it_was() {
        let words: [&[u8]; 8] = [
            b"results/base",
            b"a b'c",
            b"$(touch x) `id` \"q\" \\ * ~ #",
            b"two\nlines\t%s\\n'\x1b[31m1",
            "\u{202e}кітап\u{200b}".as_bytes(),
            b"no \xff\xfe text",
            b"-rf",
            b"",
        ];
        for bytes in words {
            let word = path_word(Path::new(OsStr::from_bytes(bytes)));
            assert_eq!(on_one_line(&word), word, "it shows what it is");
            let command = format!("printf %s {word}");
            let done = Command::new("sh").args(["-c", &command]).output();
            let read = done.expect("a shell").stdout;
            let read = read.strip_prefix(b"./").unwrap_or(&read);
            assert_eq!(read, bytes, "{word}");
        }
        assert_eq!(word("results/base"), "results/base");
        assert_eq!(word("a b'c"), "\"a b'c\"");
    }
}
