//! Files: whatever kzsim reads or writes is opened here.
//!
//! A folder that somebody sent may hold a link where a file is expected, or a pipe or a device, which
//! might never end. In a folder of results no link is followed; what the user names may be a link. Only
//! regular files are read, and no open waits for another program.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

/// Whether a symbolic link in the place of the file itself is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Links {
    Followed,
    Refused,
}

/// What is wrong with a file that is not a regular one.
pub(crate) const NOT_REGULAR: &str = "is not a regular file";
/// What is wrong with a link in a folder of results.
const LINK: &str =
    "is a symbolic link, and none is followed here: put the file itself in its place";

/// The one call that opens files.
fn open_with(options: &mut OpenOptions, path: &Path, links: Links) -> io::Result<File> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;

        use nix::fcntl::OFlag;
        // A pipe without a partner would be waited for; regular files are not concerned.
        let mut flags = OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
        flags.set(OFlag::O_NOFOLLOW, links == Links::Refused);
        options.custom_flags(flags.bits());
    }
    let is_link = || fs::symlink_metadata(path).is_ok_and(|meta| meta.is_symlink());
    let refused = || io::Error::new(io::ErrorKind::InvalidInput, LINK);
    if cfg!(not(unix)) && links == Links::Refused && is_link() {
        return Err(refused());
    }
    let file = options.open(path).map_err(|e| match links {
        Links::Refused if is_link() => refused(),
        _ => e,
    })?;
    // The file that was opened is asked, not the name, which may lead elsewhere by now.
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, NOT_REGULAR))
    }
}

/// Opens a file that the user names, for reading; links are followed.
///
/// # Errors
/// When it cannot be read, or is a folder, a pipe or a device.
pub(crate) fn open_input(path: &Path) -> io::Result<File> {
    open_with(OpenOptions::new().read(true), path, Links::Followed)
}

/// Opens a file in a folder of results, for reading.
///
/// # Errors
/// When it cannot be read, or is a link, a folder, a pipe or a device.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    open_with(OpenOptions::new().read(true), path, Links::Refused)
}

/// Opens an existing file in a folder of results, for reading and writing.
///
/// # Errors
/// As for [`open`].
pub(crate) fn open_to_change(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    open_with(options.read(true).write(true), path, Links::Refused)
}

/// Opens a file in a folder of results, for writing; creates it if there is none, and leaves what is
/// in it.
///
/// # Errors
/// As for [`open`].
pub(crate) fn open_or_create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true).create(true).truncate(false);
    open_with(options, path, Links::Refused)
}

/// Creates a file that does not exist yet.
///
/// # Errors
/// When it exists, as whatever it may be, or cannot be created.
pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    open_with(options.write(true).create_new(true), path, Links::Refused)
}

/// Opens what the system says about this program, which is no regular file everywhere.
///
/// # Errors
/// When it does not say it.
#[cfg(feature = "cli")]
pub(crate) fn open_system(path: &str) -> io::Result<File> {
    File::open(path)
}

/// The bytes of what can be read to its end; `None` if there are more than `most`.
fn bytes(file: impl Read, most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= most).then_some(bytes))
}

/// The bytes of a file in a folder of results; `None` if there are more than `most`.
///
/// # Errors
/// As for [`open`].
pub(crate) fn read(path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
    bytes(open(path)?, most)
}

/// The bytes of a file that the user names; `None` if there are more than `most`.
///
/// # Errors
/// As for [`open_input`].
pub(crate) fn read_input(path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
    bytes(open_input(path)?, most)
}

/// The bytes of standard input; `None` if there are more than `most`.
///
/// # Errors
/// When it cannot be read.
#[cfg(feature = "cli")]
pub(crate) fn read_stdin(most: u64) -> io::Result<Option<Vec<u8>>> {
    bytes(io::stdin(), most)
}

/// Whether something has this name: a file, a folder, or a link that may lead nowhere.
pub(crate) fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Closes a file that was written. Some file systems only now report what could not be written.
///
/// # Errors
/// When the system reports that something was not written.
pub(crate) fn close(file: File) -> io::Result<()> {
    #[cfg(unix)]
    match nix::unistd::close(file) {
        // It is closed all the same.
        Ok(()) | Err(nix::errno::Errno::EINTR) => Ok(()),
        Err(e) => Err(e.into()),
    }
    #[cfg(not(unix))]
    {
        drop(file);
        Ok(())
    }
}

/// Waits until the names in a folder are on the disk.
///
/// # Errors
/// When they cannot be written there.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    // Elsewhere a folder cannot be opened, and names are written with the files.
    if cfg!(not(unix)) {
        return Ok(());
    }
    match File::open(path)?.sync_all() {
        // Some network file systems do not sync folders: they say so, and nothing can be done.
        Err(e)
            if matches!(
                e.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
            ) =>
        {
            Ok(())
        }
        other => other,
    }
}

/// Writes a file which appears complete or not at all, and is on the disk then, with its name. An
/// existing file of that name is replaced by one with the same permissions; a link is replaced, too, and
/// what it leads to stays.
///
/// # Errors
/// When it cannot be written; what had the name before keeps it, unless the name alone cannot be brought
/// to the disk.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".kzsim-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As for any new file; the umask takes its part away.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let (mut file, name) = builder.tempfile_in(folder)?.into_parts();
    #[cfg(unix)]
    if let Some(earlier) = fs::symlink_metadata(path)
        .ok()
        .filter(fs::Metadata::is_file)
    {
        file.set_permissions(earlier.permissions())?;
    }
    file.write_all(bytes)?;
    file.sync_all()?;
    close(file)?;
    name.persist(path).map_err(|e| e.error)?;
    sync_folder(folder)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn pipe(path: &Path) {
        let mode = nix::sys::stat::Mode::S_IRWXU;
        nix::unistd::mkfifo(path, mode).expect("a pipe");
    }

    type Door = fn(&Path) -> io::Result<File>;

    #[test]
    fn no_link_is_followed_and_no_pipe_waited_for() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let at = |name: &str| folder.path().join(name);
        fs::write(at("precious"), "precious").expect("a file");
        symlink(at("precious"), at("link")).expect("a link");
        symlink(at("nowhere"), at("dangling")).expect("a link");
        symlink("/dev/zero", at("endless")).expect("a link");
        pipe(&at("pipe"));
        fs::create_dir(at("folder")).expect("a folder");
        let doors: [(&str, Door); 4] = [
            ("read", open),
            ("change", open_to_change),
            ("lock", open_or_create),
            ("create", create_new),
        ];
        for (door, open) in doors {
            for name in ["link", "dangling", "endless", "pipe", "folder"] {
                let error = open(&at(name)).expect_err(&format!("{door} {name}"));
                assert!(
                    door == "create" || name == "folder" || {
                        let text = error.to_string();
                        let expected = if name == "pipe" { "regular" } else { "link" };
                        text.contains(expected) || name == "pipe"
                    },
                    "{door} {name}: {error}"
                );
            }
        }
        assert!(!at("nowhere").exists(), "a link has created its target");
        assert_eq!(fs::read(at("precious")).expect("a file"), b"precious");
        // What the user names may be a link, but not a pipe.
        assert!(open_input(&at("link")).is_ok());
        assert!(open_input(&at("pipe")).is_err());
        assert!(open_input(&at("endless")).is_err());
        // A file takes the place of a link, not of its target.
        write_whole(&at("link"), b"new").expect("a file");
        assert_eq!(fs::read(at("precious")).expect("a file"), b"precious");
        assert!(fs::symlink_metadata(at("link")).expect("a file").is_file());
    }

    #[test]
    fn a_file_keeps_its_permissions() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("seeds.toml");
        for mode in [0o600, 0o664, 0o444] {
            fs::write(&path, "old").expect("a file");
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("its owner");
            write_whole(&path, b"new").expect("a file");
            let found = fs::metadata(&path).expect("a file").permissions();
            assert_eq!(found.mode() & 0o777, mode);
            assert_eq!(fs::read(&path).expect("a file"), b"new");
            fs::remove_file(&path).expect("it goes");
        }
    }
}
