//! What tests share: scenarios in temporary folders, runs without a process, and runs with one.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use kzsim::internals::plan::Plan;
use kzsim::internals::scenario::{Evidence, Scenario};

/// A file of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The files of a shipped folder and of the folders in it that are TOML, in order.
pub(crate) fn tomls(folder: &str) -> Vec<PathBuf> {
    let mut folders = vec![repository(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|x| x == "toml") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// A scenario written to a temporary folder, which lives as long as this.
pub(crate) struct Written {
    /// The folder.
    pub(crate) folder: tempfile::TempDir,
    /// The scenario file.
    pub(crate) path: PathBuf,
}

/// Writes a scenario called `test.toml`.
pub(crate) fn write(text: &str) -> Written {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("test.toml");
    std::fs::write(&path, text).expect("a file in a temporary folder");
    Written { folder, path }
}

/// Writes `below/over.toml`, which extends the scenario.
pub(crate) fn extend(written: &Written) {
    let below = written.folder.path().join("below");
    std::fs::create_dir(&below).expect("a folder");
    let text = "schema = 1\nextends = \"../test.toml\"\n[parameters]\nnerve = 0.7\n";
    std::fs::write(below.join("over.toml"), text).expect("a file");
}

/// Reads and compiles a scenario that must be good.
pub(crate) fn load(path: &Path, settings: &[&str]) -> (Scenario, Plan) {
    let settings: Vec<String> = settings.iter().map(|s| (*s).to_owned()).collect();
    let (scenario, faults) = Scenario::read(path, &settings).expect("a readable scenario");
    assert!(faults.is_empty(), "{}: {faults:?}", path.display());
    let plan =
        Plan::new(&scenario).unwrap_or_else(|faults| panic!("{}: {faults:?}", path.display()));
    (scenario, plan)
}

/// The program with arguments, in a folder.
pub(crate) fn program(arguments: &[&str], folder: &Path) -> Command {
    // The library's own test harness compiles this file too, and has no program.
    let Some(program) = option_env!("CARGO_BIN_EXE_kzsim") else {
        panic!("tests that run the program are in tests/main.rs");
    };
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .env_remove("COLUMNS");
    command
}

/// Runs the program.
pub(crate) fn kzsim(arguments: &[&str], folder: &Path) -> Output {
    program(arguments, folder)
        .output()
        .expect("the program starts")
}

/// Runs the program with a text on its standard input.
pub(crate) fn kzsim_reads(text: &str, arguments: &[&str], folder: &Path) -> Output {
    let mut child = program(arguments, folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // A program that refuses its arguments reads nothing.
    let _ = child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(text.as_bytes());
    child.wait_with_output().expect("the program ends")
}

/// Runs the program in the folder of a scenario, with words as a shell would split them.
pub(crate) fn told(written: &Written, line: &str) -> Output {
    let words: Vec<&str> = line.split_whitespace().collect();
    kzsim(&words, written.folder.path())
}

/// The same, which must succeed.
pub(crate) fn done(written: &Written, line: &str) -> Output {
    let output = told(written, line);
    assert_eq!(code(&output), 0, "{line}: {}", err(&output));
    output
}

/// The exit code; -1 for a program that was killed.
pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or(-1)
}

/// What a run wrote to stdout.
pub(crate) fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8 on stdout")
}

/// What a run wrote to stderr.
pub(crate) fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8 on stderr")
}

/// Everything in a folder, by name; folders end in `/`.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|e| e.expect("an entry"))
        .map(|e| {
            let end = if e.path().is_dir() { "/" } else { "" };
            format!("{}{end}", e.file_name().to_string_lossy())
        })
        .collect();
    names.sort();
    names
}

/// Every file of a folder with its bytes.
pub(crate) fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    files(folder)
        .into_iter()
        .filter(|n| !n.ends_with('/'))
        .map(|n| {
            let bytes = std::fs::read(folder.join(&n)).expect("a file");
            (n, bytes)
        })
        .collect()
}

/// Numbers that look random (Steele, Lea & Flood 2014), the same each time.
pub(crate) fn random(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed;
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// The smallest good scenario: the base of patches.
pub(crate) const GOOD: &str = include_str!("../fuzz/good.toml");

/// One action that happens with a chance, and an outcome that says whether it did.
pub(crate) fn coin(chance: &str, parameters: &str) -> String {
    format!(
        "schema = 1\nrounds = 3000\n[contenders]\none = {{}}\ntwo = {{}}\n[clock]\n\
         start = 2022-01-01\ndays = 1\nstep = \"12h\"\n[arenas]\nall = 1.0\n[actors.one]\n\
         power.all = 1.0\n[actors.two]\npower.all = 1.0\n[parameters]\n{parameters}\n\
         [actions.heads]\nchance = {chance}\n[outcomes.won]\nwhen = \"happened.heads\"\n\
         at_end = true\n[outcomes.lost]\notherwise = true\n"
    )
}

/// Standard errors beyond which a number is wrong; see above.
pub(crate) const Z: f64 = 4.9;

/// Two actions that happen or not, each by one draw, and outcomes that say which did.
pub(crate) fn two_chances(p: f64, q: f64) -> String {
    format!(
        "schema = 1\n[contenders]\none = {{}}\ntwo = {{}}\n[clock]\nstart = 2022-01-01\ndays = 3\n\
         step = \"12h\"\n[arenas]\nall = 1.0\n[actors.one]\npower.all = 1.0\n\
         [actors.two]\npower.all = 1.0\n\
         [actions.rain]\nchance = {p}\n[actions.wind]\nchance = {q}\n\
         [outcomes.wet]\nwhen = \"happened.rain\"\nat_end = true\n[outcomes.dry]\notherwise = true\n\
         [flags.windy]\nwhen = \"happened.wind\"\n"
    )
}

pub(crate) fn observation(id: &str, when: &str, more: &str) -> String {
    format!("[observations.{id}]\non = 2022-01-02\nwhen = \"{when}\"\n{more}\n")
}

pub(crate) fn evidence(text: &str) -> Evidence {
    let written = write(&format!("schema = 1\n{text}"));
    Evidence::read(&written.path).expect("good evidence")
}

/// A rare fact that is reported, and what often follows it on the second day: the probability of
/// that given the report, by Bayes, and of the fact itself.
pub(crate) fn rare_fact(p: f64, r: f64) -> (String, Evidence, [f64; 2]) {
    let scenario = format!(
        "schema = 1\n[contenders]\none = {{}}\ntwo = {{}}\n[clock]\nstart = 2022-01-01\ndays = 2\n\
         step = \"1d\"\n[arenas]\nall = 1.0\n[actors.one]\npower.all = 1.0\n\
         [actors.two]\npower.all = 1.0\n[actions.shot]\nchance = {p}\n\
         [actions.then]\nwhen = \"day >= 1\"\nchance = \"0.2 + 0.6 * happened.shot\"\n\
         [outcomes.came]\nwhen = \"happened.then\"\nat_end = true\n[outcomes.stayed]\notherwise = true\n\
         [flags.shot]\nwhen = \"happened.shot\"\n"
    );
    let report = format!(
        "[observations.shot]\non = 2022-01-01\nwhen = \"happened.shot\"\nreliability = {r}\n"
    );
    let true_given = r * p / (r * p + (1.0 - r) * (1.0 - p));
    let truth = [0.2 + 0.6 * true_given, true_given];
    (scenario, evidence(&report), truth)
}
