//! Stands in for `parquet.rs` where the feature `parquet` is off.

use std::fs::File;
use std::io;
use std::sync::atomic::AtomicBool;

use crate::table::cell::Column;

/// Refuses.
pub(super) fn convert(_: File, _: File, _: &[Column], _: &AtomicBool) -> io::Result<File> {
    let text = "kzsim was built without the feature `parquet`";
    Err(io::Error::new(io::ErrorKind::Unsupported, text))
}
