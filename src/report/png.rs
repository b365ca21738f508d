//! Pictures as pixels, with fonts built into the program: the same on every machine.

use std::sync::Arc;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use super::folder::ReportError;
use super::picture::Picture;

/// Pixels for a unit of a picture: sharp on paper and on dense screens.
pub(super) const DENSITY: f32 = 2.0;

/// Draws a picture in light colours; `about` says where it comes from.
///
/// # Errors
/// When it cannot be drawn.
pub fn png(picture: &Picture, about: &str) -> Result<Vec<u8>, ReportError> {
    let named = |e| match e {
        ReportError::Drawing(what) => ReportError::Drawing(format!("{}: {what}", picture.name)),
        other => other,
    };
    tree(&picture.still(about))
        .and_then(|tree| pixels(&tree, DENSITY))
        .map_err(named)
}

/// Reads an SVG document, with the fonts of the program.
pub(super) fn tree(document: &str) -> Result<Tree, ReportError> {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(dejavu::sans::regular().to_vec());
    fonts.load_font_data(dejavu::sans::bold().to_vec());
    let options = Options {
        font_family: "DejaVu Sans".to_owned(),
        fontdb: Arc::new(fonts),
        ..Options::default()
    };
    Tree::from_str(document, &options).map_err(|e| ReportError::Drawing(e.to_string()))
}

/// Draws a document with so many pixels for a unit of it.
pub(super) fn pixels(tree: &Tree, density: f32) -> Result<Vec<u8>, ReportError> {
    let size = tree.size();
    let (w, h) = (size.width() * density, size.height() * density);
    let mut pixels = Pixmap::new(w.ceil() as u32, h.ceil() as u32)
        .ok_or_else(|| ReportError::Drawing(format!("image size {w}×{h} is invalid")))?;
    resvg::render(
        tree,
        Transform::from_scale(density, density),
        &mut pixels.as_mut(),
    );
    pixels
        .encode_png()
        .map_err(|e| ReportError::Drawing(e.to_string()))
}
