//! Pictures as pixels, with fonts built into the program: the same on every machine.

use std::sync::Arc;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use super::folder::ReportError;
use super::picture::Picture;

/// Pixels for a unit of a picture: sharp on paper and on dense screens.
const DENSITY: f32 = 2.0;

/// Draws a picture in light colours.
///
/// # Errors
/// When it cannot be drawn.
pub fn png(picture: &Picture) -> Result<Vec<u8>, ReportError> {
    let failed = |what: String| ReportError::Drawing(format!("{}: {what}", picture.name));
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(dejavu::sans::regular().to_vec());
    fonts.load_font_data(dejavu::sans::bold().to_vec());
    let options = Options {
        font_family: "DejaVu Sans".to_owned(),
        fontdb: Arc::new(fonts),
        ..Options::default()
    };
    let tree = Tree::from_str(&picture.still(), &options).map_err(|e| failed(e.to_string()))?;
    let size = tree.size();
    let (w, h) = (size.width() * DENSITY, size.height() * DENSITY);
    let mut pixels = Pixmap::new(w.ceil() as u32, h.ceil() as u32)
        .ok_or_else(|| failed(format!("image size {w}×{h} is invalid")))?;
    resvg::render(
        &tree,
        Transform::from_scale(DENSITY, DENSITY),
        &mut pixels.as_mut(),
    );
    pixels.encode_png().map_err(|e| failed(e.to_string()))
}
