//! `kzsim brief`: the same figures in every format, those of the tables, on one or two pages.

use std::fs;
use std::path::{Path, PathBuf};

use kzsim::internals::report::ResultFolder;
use kzsim::internals::report::brief::{Brief, Format};
use kzsim::{Control, Run, Study};

use crate::support::{GOOD, Written, code, done, err, files, repository, told, write};

const EVIDENCE: &str = r#"schema = 1
title = "What was seen"
[observations.moved]
says = "it moved"
on = 2022-01-05
when = "happened.move"
reliability = 0.9
source = "an example"
"#;

/// A scenario with results of some commands.
fn results() -> Written {
    let written = write(GOOD);
    let folder = written.folder.path();
    fs::write(folder.join("evidence.toml"), EVIDENCE).expect("a file");
    done(&written, "run test.toml --rounds 3000 --out run");
    done(
        &written,
        "run test.toml --rounds 900 --set parameters.nerve=0.9 --out other",
    );
    done(
        &written,
        "run test.toml --rounds 2000 --given evidence.toml --out given",
    );
    written
}

/// The names and shares of a table of outcomes, by column name.
fn outcomes(file: &Path) -> Vec<(String, f64)> {
    let mut reader = csv::Reader::from_path(file).expect("a table");
    let header = reader.headers().expect("a header").clone();
    let column = |name: &str| header.iter().position(|h| h == name).expect("a column");
    let (name, share) = (column("name"), column("probability"));
    let row = |r: Result<csv::StringRecord, csv::Error>| {
        let r = r.expect("a row");
        (r[name].to_owned(), r[share].parse().expect("a number"))
    };
    reader.records().map(row).collect()
}

/// A share in whole per cent.
fn whole(share: f64) -> String {
    let percent = 100.0 * share;
    match percent.round() as i64 {
        0 if share > 0.0 => "< 1 %".to_owned(),
        100 if share < 1.0 => "> 99 %".to_owned(),
        n => format!("{n} %"),
    }
}

/// The words of a document for Word.
fn words(docx: &[u8]) -> String {
    let docx = docx_rs::read_docx(docx).expect("a document for Word");
    docx.json()
}

#[test]
fn all_formats_say_the_figures_of_the_table() {
    let written = results();
    done(
        &written,
        "brief run --out b.md --out b.html --out b.docx --out b.pdf --slide s.svg --slide s.png",
    );
    let folder = written.folder.path();
    let read = |name: &str| fs::read(folder.join(name)).expect("a file");
    let text = |name: &str| String::from_utf8(read(name)).expect("text");
    let (md, html, word) = (text("b.md"), text("b.html"), words(&read("b.docx")));
    let mut all = outcomes(&folder.join("run/outcomes.csv"));
    all.sort_by(|a, b| b.1.total_cmp(&a.1));
    assert!(all.len() > 1);
    for (name, share) in &all {
        let share = whole(*share);
        assert!(
            md.contains(&format!(
                "| {} | {} |",
                name.replace('_', "\\_"),
                share.replace('<', "\\<")
            )),
            "{md}"
        );
        let cells = format!(
            "<th scope=\"row\">{name}</th><td>{}</td>",
            share.replace('<', "&#60;")
        );
        assert!(html.contains(&cells), "{cells}: {html}");
        assert!(
            word.contains(name) && word.contains(&share),
            "{name} {share}"
        );
    }
    let answer = format!(
        "In {} of 100 simulated histories",
        whole(all[0].1).replace(" %", "")
    );
    for (format, found) in [
        ("md", &md),
        ("html", &html),
        ("docx", &word),
        ("svg", &text("s.svg")),
    ] {
        assert!(found.contains(&answer), "{format}: {answer}");
        assert!(found.contains("not forecasts"), "{format}");
    }
    assert!(read("b.pdf").starts_with(b"%PDF-1.7"));
    let png = read("s.png");
    let pixels = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().expect("four bytes"));
    assert_eq!((pixels(16), pixels(20)), (1920, 1080));
}

/// PDFs are written without compression of their tree of pages: a page has one `/Type /Page`.
fn pages(pdf: &[u8]) -> usize {
    let text = String::from_utf8_lossy(pdf).replace("/Type /Page", "/Type/Page");
    text.matches("/Type/Page").count() - text.matches("/Type/Pages").count()
}

fn brief(folder: &Path) -> Brief {
    let folders = [ResultFolder::open(folder).expect("a result")];
    Brief::of(&folders, &Control::default()).expect("a brief")
}

#[test]
fn every_shipped_case_has_two_pages() {
    let room = tempfile::tempdir().expect("a folder");
    let mut scenarios = Vec::new();
    shipped(&repository("scenarios"), &mut scenarios);
    // What-ifs and readings have the names and outcomes of their bases.
    scenarios.retain(|path| {
        let parent = path.parent().and_then(Path::file_name);
        parent.is_none_or(|folder| folder != "what_if" && folder != "readings")
    });
    assert!(scenarios.len() >= 8, "{scenarios:?}");
    for (i, path) in scenarios.iter().enumerate() {
        let out = room.path().join(i.to_string());
        let run = Run::new().rounds(600).write_to(&out);
        Study::open(path)
            .expect("a scenario")
            .run(run)
            .expect("a run");
        let pdf = brief(&out).file(Format::Pdf).expect("a PDF");
        let found = pages(&pdf);
        assert!(
            (1..=2).contains(&found),
            "{}: {found} pages",
            path.display()
        );
    }
}

/// Scenario files below a folder; evidence and templates are none.
fn shipped(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        if path.is_dir() {
            if !["evidence", "history"].contains(&name.as_str()) {
                shipped(&path, into);
            }
        } else if path.extension().is_some_and(|e| e == "toml") && Study::open(&path).is_ok() {
            into.push(path);
        }
    }
}

#[test]
fn the_same_folder_gives_the_same_bytes() {
    let written = results();
    for format in ["pdf", "docx", "md", "html"] {
        let [a, b] = ["a", "b"].map(|name| {
            let file = format!("{name}.{format}");
            done(&written, &format!("brief run --out {file}"));
            fs::read(written.folder.path().join(file)).expect("a file")
        });
        assert!(a == b, "{format}");
    }
}

#[test]
fn what_is_given_says_so_and_leaves_out_what_is_not() {
    let written = results();
    done(&written, "brief given --out g.md");
    let text = fs::read_to_string(written.folder.path().join("g.md")).expect("a file");
    assert!(
        text.contains("given the reports of “What was seen”"),
        "{text}"
    );
    assert!(
        text.contains("do not take the evidence into account"),
        "{text}"
    );
    // What the shares are given, and how far they are known.
    for said in [
        "## The reports",
        "0.9 |",
        "not known with these reports",
        "they count like at least",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    // The shares without the evidence are in outcomes.csv, and stand beside those of the brief.
    let name = |file: &str| outcomes(&written.folder.path().join("given").join(file));
    for ((outcome, before), (_, given)) in
        name("outcomes.csv").iter().zip(name("given_outcomes.csv"))
    {
        let row = format!("| {outcome} | {} | {} |", whole(*before), whole(given));
        let row = row
            .replace('_', "\\_")
            .replace('<', "\\<")
            .replace('>', "\\>");
        assert!(text.contains(&row), "{row}: {text}");
    }
    let top = |file: &str| {
        let all = outcomes(&written.folder.path().join("given").join(file));
        all.iter().map(|o| o.1).fold(0.0, f64::max)
    };
    let (before, given) = (top("outcomes.csv"), top("given_outcomes.csv"));
    assert!(
        (before - given).abs() > 0.01,
        "the evidence changes something"
    );
    assert!(
        text.contains(&format!("In {} of 100", whole(given).replace(" %", ""))),
        "{text}"
    );
}

#[test]
fn runs_and_comparisons_stand_side_by_side() {
    let written = results();
    fs::write(
        written.folder.path().join("changed.toml"),
        "schema = 1\nextends = \"test.toml\"\n[parameters]\nnerve = 0.9\n",
    )
    .expect("a file");
    done(
        &written,
        "compare test.toml changed.toml --rounds 1000 --out compare",
    );
    done(&written, "brief run other --out two.md --out two.pdf");
    done(&written, "brief compare --out compare.md --out compare.pdf");
    let read = |name: &str| fs::read_to_string(written.folder.path().join(name)).expect("a file");
    let two = read("two.md");
    assert!(two.contains("| How it ends | A | B |"), "{two}");
    let compare = read("compare.md");
    assert!(compare.contains("More than chance"), "{compare}");
    for said in [
        "## What was changed",
        "0.9 instead of",
        "kzsim compare of the same files",
        "share moves by",
    ] {
        assert!(compare.contains(said), "{said}: {compare}");
    }
    assert!(!compare.contains("--like"), "{compare}");
    let rows =
        fs::read_to_string(written.folder.path().join("compare/differences.csv")).expect("a file");
    let sure = |row: &&str| row.contains(",outcome,") && row.ends_with(",true");
    let sure = rows.lines().filter(sure).count();
    assert_eq!(sure, compare.matches("| yes |").count(), "{compare}");
}

#[test]
fn older_folders_say_that_ranges_were_not_computed() {
    let written = results();
    let folder = written.folder.path().join("run");
    let text = fs::read_to_string(folder.join("outcomes.csv")).expect("a table");
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().expect("a header");
    let kept: Vec<usize> = (0..header.len())
        .filter(|i| {
            !["guesses_low", "guesses_high", "forms_low", "forms_high"].contains(&header[*i])
        })
        .collect();
    let narrow = |cells: &[&str]| kept.iter().map(|i| cells[*i]).collect::<Vec<_>>().join(",");
    let mut older = vec![narrow(&header)];
    older.extend(lines.map(|l| narrow(&l)));
    let older = older.join("\n") + "\n";
    fs::write(folder.join("outcomes.csv"), &older).expect("a file");
    vouch(&folder, "outcomes.csv", older.as_bytes());
    done(&written, "brief run --out older.md");
    let text = fs::read_to_string(written.folder.path().join("older.md")).expect("a file");
    assert!(
        text.contains("range across guesses was not computed"),
        "{text}"
    );
    assert!(!text.contains("Across guesses |"), "{text}");
}

/// Writes the hash of changed bytes into a manifest, as if they had been written so.
fn vouch(folder: &Path, file: &str, bytes: &[u8]) {
    use kzsim::internals::result::manifest::hash_bytes;
    let path = folder.join("manifest.json");
    let text = fs::read_to_string(&path).expect("a manifest");
    let mut manifest: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    for entry in manifest["files"].as_array_mut().expect("files") {
        if entry["file"] == file {
            entry["sha256"] = hash_bytes(bytes).into();
        }
    }
    let keys = manifest.as_object_mut().expect("an object");
    keys.shift_remove("manifest_sha256");
    let hash = hash_bytes(manifest.to_string().as_bytes());
    manifest["manifest_sha256"] = hash.into();
    fs::write(&path, manifest.to_string()).expect("a manifest");
}

#[test]
fn what_cannot_be_briefed_is_refused() {
    let written = results();
    done(&written, "discover test.toml --rounds 2000 --out discover");
    let refused = |line: &str, exit: i32, says: &str| {
        let before = files(written.folder.path());
        let output = told(&written, line);
        assert_eq!(code(&output), exit, "{line}: {}", err(&output));
        assert!(err(&output).contains(says), "{line}: {}", err(&output));
        assert_eq!(files(written.folder.path()), before, "{line}");
    };
    refused(
        "brief discover --out d.pdf",
        2,
        "expected results of `kzsim run`",
    );
    refused("brief run --out b.doc", 2, "did you mean .docx?");
    refused(
        "brief run --slide s.jpg",
        2,
        "expected a file whose name ends in .png, .svg",
    );
    refused("brief nowhere --out b.pdf", 3, "no such file or folder");
    refused("brief test.toml --out b.pdf", 2, "name the folder");
    refused(
        "brief run run run run run --out b.pdf",
        2,
        "expected at most 4",
    );
    // What a manifest vouches for is never replaced.
    fs::write(written.folder.path().join("run/own.md"), "").expect("a file");
    let table = fs::read(written.folder.path().join("run/outcomes.csv")).expect("a file");
    fs::write(written.folder.path().join("run/outcomes.csv"), b"changed").expect("a file");
    refused(
        "brief run --out b.pdf",
        4,
        "has changed since it was written",
    );
    fs::write(written.folder.path().join("run/outcomes.csv"), table).expect("a file");
    done(&written, "brief run");
    assert!(written.folder.path().join("run/brief.pdf").is_file());
}

#[test]
fn guesses_that_decide_are_found_and_no_others() {
    let text = GOOD;
    let written = write(text);
    let study = Study::open(&written.path).expect("a scenario");
    let outcome = study.scenario().outcomes[0].id.clone();
    let found = study
        .deciding(
            &outcome,
            4_000,
            3,
            &kzsim::internals::study::Play::default(),
        )
        .expect("guesses");
    for d in &found {
        assert!(d.gap.low > 0.0 || d.gap.high < 0.0, "{d:?}");
        assert!((d.high.probability - d.low.probability - d.gap.estimate).abs() < 1e-12);
    }
    let few = study.deciding(&outcome, 100, 3, &kzsim::internals::study::Play::default());
    assert!(
        few.expect("guesses").is_empty(),
        "too few rounds tell nothing"
    );
}
