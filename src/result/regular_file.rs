//! Reading regular files only: a folder from somebody else may contain pipes and devices instead.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// Opens a regular file for reading.
///
/// # Errors
/// When it cannot be read, or is a folder, a pipe or a device, which might never end.
pub fn open_regular(path: &Path) -> io::Result<File> {
    if fs::metadata(path)?.is_file() {
        File::open(path)
    } else {
        let error = io::Error::new(io::ErrorKind::InvalidInput, "is not a regular file");
        Err(error)
    }
}

/// The bytes of a regular file; `None` if there are more than `most`.
///
/// # Errors
/// When it cannot be read.
pub fn read_regular(path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    open_regular(path)?.take(most + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= most).then_some(bytes))
}
