//! `kzsim submit`: scripts that any shell takes, whatever stands in a path or a setting. A real Slurm
//! plays them in `tests/cluster/slurm.sh`; here something small stands in for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{GOOD, code, contents, err, kzsim, out};

/// What stands in for sbatch: plays every job of an array at once, and the merge after it. It
/// notes what it was asked.
const SBATCH: &str = r#"#!/bin/bash
set -e
echo "$PWD: $*" >> "$ASKED"
script="${!#}"
range="$(sed -n 's/^#SBATCH --array=\([0-9]*\)-\([0-9]*\).*/\1 \2/p' "$script")"
if [ -n "$range" ]; then
    for i in $(seq $range); do
        SLURM_ARRAY_TASK_ID=$i bash "$script" > /dev/null
    done
    echo "41;cluster"
else
    bash "$script" > /dev/null
    echo 42
fi
"#;

/// A folder with a name that a careless script would trip over.
struct Place {
    _root: tempfile::TempDir,
    folder: PathBuf,
    tools: PathBuf,
}

fn place() -> Place {
    let root = tempfile::tempdir().expect("a temporary folder");
    let folder = root.path().join("it's \"odd\" $HOME `id` & co");
    let tools = root.path().join("tools");
    fs::create_dir_all(&folder).expect("a folder");
    fs::create_dir_all(&tools).expect("a folder");
    fs::write(folder.join("test.toml"), GOOD).expect("a file");
    Place {
        _root: root,
        folder,
        tools,
    }
}

#[cfg(unix)]
fn executable(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::write(path, text).expect("a file");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a mode");
}

/// The program with `sbatch` in its path, or with nothing but the usual tools.
fn submit(place: &Place, arguments: &[&str]) -> Output {
    let path = std::env::var("PATH").unwrap_or_default();
    Command::new(env!("CARGO_BIN_EXE_kzsim"))
        .args(["submit", "slurm", "test.toml"])
        .args(arguments)
        .current_dir(&place.folder)
        .env("PATH", format!("{}:{path}", place.tools.display()))
        .env("ASKED", place.tools.join("asked"))
        .env("NO_COLOR", "1")
        .output()
        .expect("the program starts")
}

#[test]
#[cfg(unix)]
fn scripts_play_the_run_whatever_stands_in_a_path() {
    let p = place();
    executable(&p.tools.join("sbatch"), SBATCH);
    let title = "title=\"It's $PATH, \\\"quoted\\\" & `run`\"";
    let what = [
        "--rounds",
        "600",
        "--keep-rounds",
        "--set",
        title,
        "--set",
        "parameters.nerve=0.4",
        "--seed",
        "11",
        "--follow",
        "loyalty.army.new,stance.army.aside",
    ];
    let ask = "--shards 12 --mem 500M --time 01:00:00 --partition long --account me --at-once 4 --cpus 2 --go";
    let words: Vec<&str> = what.into_iter().chain(ask.split(' ')).collect();
    let output = submit(&p, &words);
    assert_eq!(code(&output), 0, "{}", err(&output));
    assert!(
        out(&output).contains("array job 41, merge job 42"),
        "{}",
        out(&output)
    );
    let words: Vec<&str> = ["run", "test.toml", "--out", "single"]
        .into_iter()
        .chain(what)
        .collect();
    let single = kzsim(&words, &p.folder);
    assert_eq!(code(&single), 0, "{}", err(&single));
    let merged = contents(&p.folder.join("results/test"));
    assert!(merged == contents(&p.folder.join("single")), "other bytes");
    // Folders of shards sort by number.
    let job = p.folder.join("results/test_slurm");
    assert!(job.join("shards/shard_03_of_12/manifest.json").exists());
    let play = fs::read_to_string(job.join("play.sbatch")).expect("a script");
    for line in [
        "--array=0-11%4",
        "--cpus-per-task=2",
        "--mem=500M",
        "--time=01:00:00",
        "--partition=long",
        "--account=me",
        "--requeue",
    ] {
        let line = format!("#SBATCH {line}\n");
        assert!(play.contains(&line), "no {line} in\n{play}");
    }
    let asked = fs::read_to_string(p.tools.join("asked")).expect("what was asked");
    let asked: Vec<&str> = asked.lines().collect();
    assert_eq!(asked.len(), 2);
    assert!(asked[0].ends_with("--parsable play.sbatch"), "{asked:?}");
    assert!(asked[1].contains("--dependency=afterok:41 "), "{asked:?}");
}

#[test]
#[cfg(unix)]
fn without_go_nothing_is_started() {
    let p = place();
    executable(&p.tools.join("sbatch"), SBATCH);
    let output = submit(&p, &["--shards", "3", "--out", "o", "--folder", "f"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    assert!(out(&output).contains("sh f/submit.sh"), "{}", out(&output));
    assert!(!p.tools.join("asked").exists());
    for script in ["play.sbatch", "merge.sbatch", "submit.sh"] {
        let read = Command::new("bash")
            .args(["-n", script])
            .current_dir(p.folder.join("f"))
            .output()
            .expect("bash");
        assert!(read.status.success(), "{script}: {}", err(&read));
    }
    // The script does what --go does, from anywhere.
    let path = std::env::var("PATH").unwrap_or_default();
    let sent = Command::new("sh")
        .arg(p.folder.join("f/submit.sh"))
        .current_dir("/")
        .env("PATH", format!("{}:{path}", p.tools.display()))
        .env("ASKED", p.tools.join("asked"))
        .output()
        .expect("sh");
    assert!(sent.status.success(), "{}", err(&sent));
    assert!(p.folder.join("o/manifest.json").exists());
}

#[test]
#[cfg(unix)]
fn what_cannot_be_submitted_is_said() {
    let p = place();
    let output = submit(&p, &["--shards", "200"]);
    assert_eq!(code(&output), 2);
    assert!(
        err(&output).contains("more than the 100 rounds"),
        "{}",
        err(&output)
    );
    for (option, value) in [
        ("--partition", "a b"),
        ("--account", "x\n#SBATCH --uid=0"),
        ("--mem", "$(id)"),
        ("--time", "-1"),
        ("--shards", "0"),
    ] {
        let output = submit(&p, &["--shards", "2", &format!("{option}={value}")]);
        assert_eq!(code(&output), 2, "{option}: {}", err(&output));
    }
    assert!(!p.folder.join("results").exists());
    // No Slurm, or one that refuses.
    executable(
        &p.tools.join("sbatch"),
        "#!/bin/sh\necho 'no such partition' >&2\nexit 1\n",
    );
    let output = submit(&p, &["--shards", "2", "--go"]);
    assert_eq!(code(&output), 3, "{}", err(&output));
    assert!(
        err(&output).contains("no such partition"),
        "{}",
        err(&output)
    );
    assert!(err(&output).contains("the scripts are in results/test_slurm"));
}
