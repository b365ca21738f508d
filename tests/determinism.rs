//! Files have the same bytes on any number of threads.

use crate::support::{GOOD, write};

/// The written files, byte for byte, whatever the threads.
#[test]
fn files_are_the_same_bytes_on_any_number_of_threads() {
    let written = write(GOOD);
    let mut seen = Vec::new();
    for threads in ["1", "2", "8"] {
        let arguments = [
            "run",
            "test.toml",
            "--rounds",
            "500",
            "--threads",
            threads,
            "--out",
            threads,
            "--keep-rounds",
        ];
        let out = crate::support::kzsim(&arguments, written.folder.path());
        assert!(
            out.status.success(),
            "{}",
            String::from_utf8_lossy(&out.stderr)
        );
        let mut files: Vec<(String, Vec<u8>)> =
            std::fs::read_dir(written.folder.path().join(threads))
                .expect("the folder of results")
                .map(|e| {
                    let path = e.expect("an entry").path();
                    let name = path
                        .file_name()
                        .expect("a name")
                        .to_string_lossy()
                        .into_owned();
                    (name, std::fs::read(&path).expect("a file"))
                })
                .collect();
        files.sort();
        assert_eq!(files.len(), 11, "nine tables, the counts and the manifest");
        seen.push(files);
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0], seen[2]);
}
