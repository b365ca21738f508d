//! Files that come to an end: what somebody hands over may hold pipes and devices in their place.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// Opens an ordinary file to be read.
///
/// # Errors
/// When it cannot be read, or is a folder, a pipe or a device, which might never end.
pub fn open_plain(path: &Path) -> io::Result<File> {
    if fs::metadata(path)?.is_file() {
        File::open(path)
    } else {
        Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "is not a regular file",
        ))
    }
}

/// The bytes of a regular file; `None` if there are more than `most`.
///
/// # Errors
/// When it cannot be read.
pub fn read_plain(path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    open_plain(path)?.take(most + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= most).then_some(bytes))
}
