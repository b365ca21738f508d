//! Letters of a PDF: glyphs, widths and lines, by the fonts that are put into it.

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider};

use crate::report::folder::ReportError;

/// A font with its widths.
pub(super) struct Letters {
    pub(super) font: Font,
    glyphs: Charmap<'static>,
    widths: GlyphMetrics<'static>,
    units: f32,
}

/// What stands for a letter that the font lacks.
const LACKING: [char; 2] = ['\u{fffd}', '?'];

impl Letters {
    /// Reads a font.
    pub(super) fn of(data: &'static [u8]) -> Result<Self, ReportError> {
        let broken = || ReportError::Drawing("a font of the program cannot be read".to_owned());
        let font = FontRef::new(data).map_err(|_| broken())?;
        let metrics = font.metrics(Size::unscaled(), LocationRef::default());
        Ok(Self {
            font: Font::new(data.to_vec().into(), 0).ok_or_else(broken)?,
            glyphs: font.charmap(),
            widths: font.glyph_metrics(Size::unscaled(), LocationRef::default()),
            units: f32::from(metrics.units_per_em),
        })
    }

    /// The glyph of a letter and its width in units of its size.
    fn glyph(&self, letter: char) -> (u32, f32) {
        let found = [letter]
            .into_iter()
            .chain(LACKING)
            .find_map(|c| self.glyphs.map(c));
        let id = found.unwrap_or_default();
        let width = self.widths.advance_width(id).unwrap_or(self.units);
        (id.to_u32(), width / self.units)
    }

    /// The width of a text in units of its size.
    pub(super) fn width(&self, text: &str) -> f32 {
        text.chars().map(|c| self.glyph(c).1).sum()
    }

    /// The glyphs of a text, in units of its size.
    pub(super) fn glyphs(&self, text: &str) -> Vec<KrillaGlyph> {
        let one = |(at, letter): (usize, char)| {
            let (id, width) = self.glyph(letter);
            let range = at..at + letter.len_utf8();
            KrillaGlyph::new(GlyphId::new(id), width, 0.0, 0.0, 0.0, range, None)
        };
        text.char_indices().map(one).collect()
    }

    /// Breaks a text into lines of `room` units of its size. No letter is lost: a word that is too long for a line is
    /// broken.
    pub(super) fn lines(&self, text: &str, room: f32) -> Vec<String> {
        let space = self.width(" ");
        let mut lines: Vec<String> = Vec::new();
        let mut used = 0.0;
        for word in text.split_whitespace() {
            let width = self.width(word);
            match lines.last_mut() {
                Some(line) if used + space + width <= room => {
                    line.push(' ');
                    line.push_str(word);
                    used += space + width;
                }
                _ => {
                    lines.push(String::new());
                    used = 0.0;
                    for letter in word.chars() {
                        let width = self.glyph(letter).1;
                        if used + width > room && used > 0.0 {
                            lines.push(String::new());
                            used = 0.0;
                        }
                        if let Some(line) = lines.last_mut() {
                            line.push(letter);
                        }
                        used += width;
                    }
                }
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_lose_no_letter_and_stay_in_their_room() {
        let letters = Letters::of(dejavu::sans::regular()).expect("a font");
        let text = "The president takes the Council by himself; Donaudampfschifffahrtsgesellschaft Ұлттық қауіпсіздік";
        for room in [6.0, 11.0, 40.0] {
            let lines = letters.lines(text, room);
            assert!(
                lines.iter().all(|l| letters.width(l) <= room + 1e-3),
                "{lines:?}"
            );
            let joined: String = lines.concat().split_whitespace().collect();
            assert_eq!(joined, text.split_whitespace().collect::<String>());
        }
        assert!(letters.lines("", 5.0).is_empty());
    }
}
