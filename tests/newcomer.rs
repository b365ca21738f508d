//! What somebody meets who begins: the tutorial, command by command, templates, completions and
//! the manual.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::{kzsim, program, repository};

/// Set this to write the answers in the tutorial anew.
const REFRESH: &str = "KZSIM_REFRESH";

fn all(output: &Output) -> String {
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    text
}

/// A fenced block, the comment above it, and where its body stands.
struct Block {
    language: String,
    order: String,
    body: std::ops::Range<usize>,
}

fn blocks(text: &str) -> Vec<Block> {
    let mut out = Vec::new();
    let mut at = 0;
    let mut order = String::new();
    let mut open: Option<(String, usize)> = None;
    for line in text.split_inclusive('\n') {
        let next = at + line.len();
        if let Some((language, start)) = &open {
            if line.trim_end() == "```" {
                out.push(Block {
                    language: language.clone(),
                    order: std::mem::take(&mut order),
                    body: *start..at,
                });
                open = None;
            }
        } else if let Some(language) = line.strip_prefix("```") {
            open = Some((language.trim().to_owned(), next));
        } else if let Some(comment) = line.strip_prefix("<!-- ") {
            order = String::from(comment.trim_end().trim_end_matches(" -->"));
        }
        at = next;
    }
    out
}

/// The words of a line, with quotes around those that have spaces.
fn words(line: &str) -> Vec<String> {
    let mut out = Vec::new();
    for (i, part) in line.split('\'').enumerate() {
        if i % 2 == 1 {
            out.push(part.to_owned());
        } else {
            out.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    out
}

/// Does what a block of a file says.
fn edit(folder: &Path, order: &str, body: &str) {
    let (what, rest) = order
        .split_once(": ")
        .expect("an order above a block of TOML");
    let (file, prefix) = rest.split_once(", ").unwrap_or((rest, ""));
    let path = folder.join(file);
    let before = || fs::read_to_string(&path).expect("a file from a step before");
    let after = match what {
        "write" => body.to_owned(),
        "append" => before() + body,
        "replace" => {
            let text = before();
            let is = |line: &&str| line.starts_with(prefix);
            assert_eq!(
                text.lines().filter(is).count(),
                1,
                "lines that begin {prefix}"
            );
            text.split_inclusive('\n')
                .map(|line| if line.starts_with(prefix) { body } else { line })
                .collect()
        }
        other => panic!("nobody knows how to {other}"),
    };
    fs::write(&path, after).expect("a file in a temporary folder");
}

/// The part of an output from the line that holds some words to the next empty line, with the
/// line above it if that is a rule.
fn part(output: &str, words: &str) -> String {
    let lines: Vec<&str> = output.lines().collect();
    let at = lines
        .iter()
        .position(|l| l.contains(words))
        .expect("a part of the output");
    let from = at - usize::from(at > 0 && lines[at - 1].starts_with('─'));
    let body = lines[from..].iter().take_while(|l| !l.is_empty());
    body.flat_map(|l| [*l, "\n"]).collect()
}

#[test]
fn the_tutorial_is_what_the_program_answers() {
    let path = repository("docs/TUTORIAL.md");
    let text = fs::read_to_string(&path).expect("the tutorial");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let refresh = std::env::var_os(REFRESH).is_some();
    let mut fresh = String::new();
    let mut copied = 0;
    let mut answer: Option<(String, String, Vec<i32>)> = None;
    let mut commands = 0;
    for block in blocks(&text) {
        let body = &text[block.body.clone()];
        fresh.push_str(&text[copied..block.body.start]);
        copied = block.body.start;
        match block.language.as_str() {
            "sh" => {
                let mut outputs = String::new();
                let mut codes = Vec::new();
                for line in body.lines() {
                    let words = words(line);
                    assert_eq!(words[0], "kzsim", "{line}");
                    let arguments: Vec<&str> = words[1..].iter().map(String::as_str).collect();
                    let done = kzsim(&arguments, folder.path());
                    outputs.push_str(&all(&done));
                    codes.push(done.status.code().unwrap_or(-1));
                    commands += 1;
                }
                answer = Some((body.to_owned(), outputs, codes));
            }
            "toml" => edit(folder.path(), &block.order, body),
            "text" => {
                let (asked, outputs, codes) = answer.take().expect("a command above an answer");
                let wanted = block.order.strip_prefix("exits with ").unwrap_or("0");
                let wanted: i32 = wanted.parse().unwrap_or(0);
                assert!(codes.iter().all(|c| *c == wanted), "{asked}{outputs}");
                let shown = match block.order.strip_prefix("part: ") {
                    Some(words) => part(&outputs, words),
                    None => outputs,
                };
                if !refresh {
                    assert_eq!(body, shown, "the tutorial is out of date at\n{asked}");
                }
                fresh.push_str(&shown);
                copied = block.body.end;
            }
            "console" => {}
            other => panic!("a block of {other}"),
        }
    }
    fresh.push_str(&text[copied..]);
    assert!(answer.is_none(), "a command without its answer");
    assert!(commands >= 14, "{commands} commands");
    if refresh {
        fs::write(&path, fresh).expect("the tutorial can be written");
    }
}

#[test]
fn templates_pass_check_and_run() {
    for template in [
        "two_actors",
        "palace",
        "street",
        "guarantor",
        "every_section",
    ] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let at = |arguments: &[&str]| {
            let done = kzsim(arguments, folder.path());
            assert!(done.status.success(), "{arguments:?}: {}", all(&done));
            String::from_utf8_lossy(&done.stdout).into_owned()
        };
        at(&["new", "my_country", "--template", template]);
        let checked = at(&["check", "my_country.toml"]);
        assert!(checked.starts_with("my_country.toml: good."), "{checked}");
        // One line: no notes, and so nothing that moves when nothing happens.
        assert_eq!(checked.lines().count(), 1, "{template}: {checked}");
        let shown = at(&["run", "my_country.toml", "--rounds", "2000"]);
        assert!(shown.starts_with("My country\n2,000 rounds"), "{shown}");
        // Everything in a template is there to be seen: nothing that never happens.
        let covered = at(&["check", "my_country.toml", "--coverage"]);
        for line in covered.lines().filter(|l| l.contains(" of ")) {
            let mut numbers = line.split(": ").nth(1).unwrap_or_default().split(" of ");
            assert_eq!(numbers.next(), numbers.next(), "{template}: {covered}");
        }
        let text = fs::read_to_string(folder.path().join("my_country.toml")).expect("a file");
        assert!(!text.contains("NAME") && !text.contains("TITLE"), "{text}");
        let lines = text.lines().filter(|l| !l.trim().is_empty()).count();
        let comments = text.lines().filter(|l| l.contains('#')).count();
        assert!(
            4 * comments > lines,
            "{template}: {comments} comments in {lines} lines"
        );
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    for arguments in [
        &["new", "every_section", "--template", "every_section"][..],
        &["new", "reports", "--template", "evidence"],
        &[
            "check",
            "every_section.toml",
            "reports.toml",
            "--evidence",
            "reports.toml",
        ],
        &[
            "run",
            "every_section.toml",
            "--given",
            "reports.toml",
            "--rounds",
            "2000",
        ],
    ] {
        let done = kzsim(arguments, folder.path());
        assert!(done.status.success(), "{arguments:?}: {}", all(&done));
    }
}

#[test]
fn skeletons_are_short_enough_to_be_filled_in() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for template in ["palace", "street", "guarantor"] {
        let done = kzsim(&["new", template, "--template", template], folder.path());
        assert!(done.status.success(), "{template}: {}", all(&done));
        let path = folder.path().join(format!("{template}.toml"));
        let text = fs::read_to_string(&path).expect("a file");
        assert!(text.lines().count() <= 45, "{template}: {text}");
        assert!(text.matches("<-").count() >= 6, "{template}: {text}");
        let study = kzsim::Study::open(&path).expect("a good scenario");
        let moves = study.unquiet(kzsim::Workers::default(), &kzsim::Control::default());
        assert!(moves.expect("nothing stops it").is_empty(), "{template}");
    }
}

#[test]
fn a_case_is_copied_whole_and_plays_the_same_rounds() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (case, shipped) in [
        ("kazakhstan", "scenarios/base.toml"),
        ("angola", "scenarios/angola/base.toml"),
        ("kyrgyzstan", "scenarios/kyrgyzstan/base.toml"),
        ("zimbabwe", "scenarios/zimbabwe/base.toml"),
    ] {
        let name = format!("my_{case}");
        let done = kzsim(&["new", &name, "--from", case, "--schema"], folder.path());
        assert!(done.status.success(), "{case}: {}", all(&done));
        let copy = folder.path().join(format!("{name}.toml"));
        let text = fs::read_to_string(&copy).expect("a file");
        assert!(
            text.starts_with("#:schema ./scenario.schema.json\n#"),
            "{case}"
        );
        let counts = |path: &Path| {
            let study = kzsim::Study::open(path).expect("a good scenario");
            let played = study.run(kzsim::Run::new().seed(3).rounds(200));
            let rows = played.expect("a run").outcomes();
            rows.iter().map(|row| row.count).collect::<Vec<_>>()
        };
        assert_eq!(counts(&copy), counts(&repository(shipped)), "{case}");
    }
    for (arguments, wanted) in [
        (["--from", "kirgyzstan"], "'kyrgyzstan'"),
        (["--template", "palaces"], "'palace'"),
    ] {
        let done = kzsim(&["new", "x", arguments[0], arguments[1]], folder.path());
        assert_eq!(done.status.code(), Some(2));
        let answer = all(&done);
        assert!(
            answer.contains("similar") && answer.contains(wanted),
            "{answer}"
        );
    }
    let both = ["new", "x", "--from", "angola", "--template", "street"];
    assert_eq!(kzsim(&both, folder.path()).status.code(), Some(2));
}

#[test]
fn new_never_overwrites_unasked() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = |arguments: &[&str]| kzsim(arguments, folder.path());
    fs::write(folder.path().join("mine.toml"), "precious").expect("a file");
    let refused = at(&["new", "mine"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        all(&refused).contains("mine.toml already exists"),
        "{}",
        all(&refused)
    );
    let kept = fs::read_to_string(folder.path().join("mine.toml")).expect("a file");
    assert_eq!(kept, "precious");
    assert!(at(&["new", "mine", "--force"]).status.success());
    let out = at(&["new", "other", "--out", "sub/other.toml"]);
    assert_eq!(out.status.code(), Some(3));
    assert!(
        all(&out).contains("the folder does not exist"),
        "{}",
        all(&out)
    );
    for (name, near) in [
        ("My-Country.toml", "my_country"),
        ("2nd", "nd"),
        ("a b", "a_b"),
    ] {
        let done = at(&["new", name]);
        assert_eq!(done.status.code(), Some(2));
        assert!(
            all(&done).contains(&format!("for example `{near}`")),
            "{}",
            all(&done)
        );
    }
    let done = at(&["new", "seen", "--schema"]);
    assert!(done.status.success(), "{}", all(&done));
    let text = fs::read_to_string(folder.path().join("seen.toml")).expect("a file");
    assert!(
        text.starts_with("#:schema ./scenario.schema.json\n"),
        "{text}"
    );
    let schema = fs::read_to_string(folder.path().join("scenario.schema.json")).expect("a schema");
    let shipped = fs::read_to_string(repository("schemas/scenario.json")).expect("a schema");
    assert_eq!(schema, shipped);
}

/// Whether a program is there to be asked.
fn there(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output();
    found.is_ok_and(|o| o.status.success())
}

#[test]
fn shells_read_their_completions() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let done = kzsim(&["completions", shell], folder.path());
        assert!(done.status.success(), "{shell}: {}", all(&done));
        let text = String::from_utf8_lossy(&done.stdout);
        assert!(text.contains("kzsim"), "{shell}: {text}");
        let script = folder.path().join(shell);
        fs::write(&script, &done.stdout).expect("a script");
        if there(shell) && !["powershell", "elvish"].contains(&shell) {
            let read = Command::new(shell)
                .arg("-n")
                .arg(&script)
                .output()
                .expect("a shell");
            assert!(read.status.success(), "{shell}: {}", all(&read));
        }
    }
    if there("bash") {
        // A real completion: what bash offers after `kzsim repl`.
        let ask = ". ./bash; COMP_WORDS=(kzsim repl); COMP_CWORD=1; _clap_complete_kzsim kzsim repl kzsim; \
                   printf '%s\\n' \"${COMPREPLY[@]}\"";
        let program = program(&[], folder.path());
        let program = Path::new(program.get_program()).parent().expect("a folder");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let paths = std::iter::once(program.to_path_buf()).chain(std::env::split_paths(&path));
        let offered = Command::new("bash")
            .args(["-c", ask])
            .env("PATH", std::env::join_paths(paths).expect("a path"))
            .current_dir(folder.path())
            .output()
            .expect("bash");
        let offered = String::from_utf8_lossy(&offered.stdout).into_owned();
        assert_eq!(offered.lines().next(), Some("replicate"), "{offered}");
    }
}

/// What the program offers a shell for the last of some words.
fn offered(words: &str) -> Vec<String> {
    let words: Vec<&str> = words.split(' ').collect();
    let index = (words.len() - 1).to_string();
    let done = program(&[&["--"], &words[..]].concat(), &repository("."))
        .env("COMPLETE", "bash")
        .env("_CLAP_IFS", "\n")
        .env("_CLAP_COMPLETE_INDEX", index)
        .output()
        .expect("the program starts");
    assert!(done.status.success(), "{}", all(&done));
    let told = String::from_utf8_lossy(&done.stdout).into_owned();
    told.lines().map(str::to_owned).collect()
}

#[test]
fn ids_of_the_scenario_are_completed() {
    let base = "kzsim run scenarios/base.toml";
    assert_eq!(
        offered(&format!("{base} --set actors.knb.loyalty.tok")),
        ["actors.knb.loyalty.tokayev="]
    );
    // What an entry leaves out is offered once it is named.
    let settings = offered(&format!("{base} --set "));
    assert!(settings.len() > 100, "{}", settings.len());
    assert!(settings.iter().all(|s| s.ends_with('=')), "{settings:?}");
    for (words, one) in [
        (
            format!("{base} --follow loyalty.knb."),
            "loyalty.knb.tokayev",
        ),
        (
            format!("{base} --follow stance.knb.tokayev,loyalty.knb.t"),
            "stance.knb.tokayev,loyalty.knb.tokayev",
        ),
        (
            "kzsim trace scenarios/base.toml --outcome pres".to_owned(),
            "president_consolidates",
        ),
        (
            "kzsim discover scenarios/base.toml --flag self".to_owned(),
            "self_coup",
        ),
        (
            "kzsim signposts scenarios/base.toml --outcome ".to_owned(),
            "president_consolidates",
        ),
        (
            "kzsim sweep scenarios/base.toml --over parameters.bo".to_owned(),
            "parameters.bond=",
        ),
        (
            "kzsim fit scenarios/base.toml c.csv o.csv --params parameters.knb_pa".to_owned(),
            "parameters.knb_patron",
        ),
        (
            "kzsim run scenarios/mini".to_owned(),
            "scenarios/minimal.toml",
        ),
        ("kzsim run scenarios/base.toml --giv".to_owned(), "--given"),
    ] {
        let told = offered(&words);
        assert!(told.iter().any(|t| t == one), "{words}: {told:?}");
    }
    // Evidence is no scenario, and without one there is nothing to offer.
    let evidence = "kzsim trace scenarios/kazakhstan/evidence/january_2022.toml --outcome ";
    assert_eq!(offered(evidence), [""; 0]);
    assert_eq!(offered("kzsim trace --outcome "), [""; 0]);
}

#[test]
fn every_command_has_a_page_of_the_manual() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let done = kzsim(&["man", "--out", "pages"], folder.path());
    assert!(done.status.success(), "{}", all(&done));
    let help = all(&kzsim(&["--help"], folder.path()));
    let commands = help
        .split("\nCommands:\n")
        .nth(1)
        .and_then(|part| part.split("\n\n").next())
        .expect("a list of commands");
    let commands = commands.lines().filter_map(|l| l.split_whitespace().next());
    let mut seen = 0;
    for command in commands.filter(|c| *c != "help") {
        let page = folder.path().join(format!("pages/kzsim-{command}.1"));
        let text = fs::read_to_string(&page).unwrap_or_else(|e| panic!("{command}: {e}"));
        assert!(
            text.contains(".SH SYNOPSIS") && text.contains("Example"),
            "{text}"
        );
        seen += 1;
        if there("groff") {
            let read = Command::new("groff")
                .args(["-man", "-ww", "-z", "-K", "utf8"])
                .arg(&page)
                .output()
                .expect("groff");
            assert!(
                read.status.success() && read.stderr.is_empty(),
                "{}",
                all(&read)
            );
        }
    }
    assert!(seen >= 12, "{seen}");
    let whole = kzsim(&["man"], folder.path());
    let page = fs::read(folder.path().join("pages/kzsim.1")).expect("a page");
    assert_eq!(whole.stdout, page);
}
