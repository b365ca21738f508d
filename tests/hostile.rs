//! Input from strangers: kept inputs of the fuzz targets and changes of them, at every door. None may
//! panic; what passes must also play. And no cell of a result is a formula to a spreadsheet.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::report::{RESULTS, results};
use crate::support::{GOOD, contents, err, files, kzsim, random, repository, write};

#[path = "../fuzz/entries.rs"]
mod entries;

/// Changes of each kept input, unless the variable `KZSIM_CHANGES` says how many.
const CHANGES: usize = 60;

/// How many changes of each kept input are tried.
fn changes() -> usize {
    let wanted = std::env::var("KZSIM_CHANGES").ok();
    wanted.and_then(|n| n.parse().ok()).unwrap_or(CHANGES)
}

/// Pieces that mean something here.
const WORDS: [&str; 50] = [
    "[",
    "]",
    "{",
    "}",
    "\"",
    "\"\"\"",
    "'",
    "=",
    "==",
    ".",
    ",",
    "\n",
    "#",
    "-",
    "+",
    "*",
    "/",
    "^",
    "(",
    ")",
    "low",
    "mode",
    "high",
    "when",
    "effects",
    "extends",
    "contenders",
    "actors.",
    "loyalty.",
    "turnout.max",
    "{it}",
    "for",
    "rally",
    "decide",
    "every",
    "draws.",
    "branches.",
    "p05",
    "sum(power.*.",
    "remove.",
    "nan",
    "inf",
    "-0.0",
    "1e39",
    "9223372036854775808",
    "0x10",
    "2022-02-30",
    "\u{202e}",
    "\u{0}",
    "\u{feff}",
];

/// One change of an input: bytes turned, cut, doubled, put elsewhere, or words put in.
fn change(data: &mut Vec<u8>, next: &mut impl FnMut() -> u64) {
    let place = |data: &Vec<u8>, next: &mut dyn FnMut() -> u64| next() as usize % (data.len() + 1);
    match next() % 7 {
        0 if !data.is_empty() => {
            let i = next() as usize % data.len();
            data[i] ^= 1 << (next() % 8);
        }
        1 => data.truncate(place(data, next)),
        2 => {
            let (a, b) = (place(data, next), place(data, next));
            let piece = data[a.min(b)..a.max(b)].to_vec();
            let to = place(data, next);
            data.splice(to..to, piece.into_iter().take(4_096));
        }
        3 => {
            let a = place(data, next);
            let b = (a + next() as usize % 40).min(data.len());
            data.drain(a..b);
        }
        4 => {
            let i = place(data, next);
            let number = format!("{:e}", f64::from_bits(next()));
            data.splice(i..i, number.bytes());
        }
        _ => {
            let i = place(data, next);
            let word = WORDS[next() as usize % WORDS.len()];
            data.splice(i..i, word.bytes());
        }
    }
}

/// Opens a door with every kept input, and with changes of each.
fn replay(name: &str, kept: Vec<Vec<u8>>, door: fn(&[u8])) {
    let folder = repository("fuzz/corpus").join(name);
    let mut all = kept;
    let mut names: Vec<PathBuf> = fs::read_dir(&folder)
        .map(|d| d.filter_map(|e| Some(e.ok()?.path())).collect())
        .unwrap_or_default();
    names.sort();
    all.extend(names.iter().map(|n| fs::read(n).expect("a kept input")));
    assert!(!all.is_empty(), "nothing is kept for {name}");
    let mut next = random(name.len() as u64);
    for input in all {
        door(&input);
        for _ in 0..changes() {
            let mut data = input.clone();
            for _ in 0..=next() % 4 {
                change(&mut data, &mut next);
            }
            door(&data);
        }
    }
}

#[test]
fn scenarios() {
    let minimal = fs::read(repository("scenarios/minimal.toml")).expect("a scenario");
    replay("scenario", vec![GOOD.into(), minimal], entries::scenario);
}

/// Formulas that read each other, as the bytes decide.
#[test]
fn composed_formulas() {
    // Long sums of the formula before, read by many effects; deep parentheses around it; something of
    // everything.
    let first = [63, 0, 0, 0, 0, 1, 0, 0];
    let readers = [&[39][..], &[3; 400]].concat();
    let sums = [&first[..], &[0, 0, 0, 199, 0].repeat(63), &readers].concat();
    let nests = [&first[..], &[0, 1, 0, 69].repeat(63), &readers].concat();
    let mixed: Vec<u8> = (0..=255_u8).map(|i| i.wrapping_mul(89)).collect();
    replay("composed", vec![sums, nests, mixed], entries::composed);
}

#[test]
fn settings() {
    let kept = [
        "actors.army.power.coercion=0.5",
        "parameters.nerve={low=0,mode=0.5,high=1}\nclock.days=3",
    ];
    replay("setting", kept.map(Into::into).into(), entries::setting);
}

#[test]
fn expressions() {
    let kept = [
        "0.2 + 0.5 * nerve",
        "contest(backing.new, backing.old, 2) @ 2022-01-05",
        "if(turnout.max > 0.1, 1, -support.new.coercion ^ 2)",
    ];
    replay(
        "expression",
        kept.map(Into::into).into(),
        entries::expression,
    );
}

#[test]
fn evidence() {
    let files = [
        "kazakhstan/evidence/january_2022.toml",
        "kyrgyzstan/evidence/reports.csv",
    ];
    let read = |file| fs::read(repository("scenarios").join(file)).expect("evidence");
    replay("evidence", files.map(read).to_vec(), entries::evidence);
}

#[test]
fn forecasts() {
    let kept = [
        "case,p,outcome,probability\na,0.5,a,1\nb,0.25,b,1\nc,1,a,1\n",
        "case,p,outcome\na,0.5,1\nb,0.25,0\nc,1,1\nd,0,0\n",
        "case,horizon,outcome,probability,cluster,rounds\n\"x, y\",d30,a,0.5,k,100\n\"x, y\",d30,b,0.5,k,100\n",
        "sha256 = \"00\"\nkzsim = \"0.2.0\"\ncase = \"q\"\nquestion = \"Who?\"\nrule = \"r\"\nmade = \"2026-01-10\"\n\
         by = \"2026-02-01\"\nresolves = \"2026-03-01\"\nresult = \"r\"\nscenario = \"s\"\nscenario_sha256 = \"\"\n\
         manifest_sha256 = \"\"\nseed = 1\nrounds = 10\n[shares]\na = 0.5\nb = 0.5\n",
    ];
    let kept = kept.iter().map(|k| k.as_bytes().to_vec()).collect();
    replay("forecasts", kept, entries::forecasts);
}

/// The bytes of a state.
fn played(options: &str) -> Vec<u8> {
    let w = write(GOOD);
    let words: Vec<&str> = ["run", "test.toml", "--out", "a", "--rounds", "40"]
        .into_iter()
        .chain(options.split_whitespace())
        .collect();
    let done = kzsim(&words, w.folder.path());
    assert!(done.status.success(), "{}", err(&done));
    fs::read(w.folder.path().join("a/state.kzsim")).expect("a state")
}

#[test]
fn states() {
    let kept = vec![played(""), played("--keep-rounds --shard 1/3")];
    // Without their checksum, which the door puts on again: what is inside is read.
    let bare = kept.iter().map(|s| s[..s.len() - 32].to_vec()).collect();
    replay("state", kept, entries::state);
    replay("sealed_state", bare, entries::sealed_state);
}

#[test]
fn folders() {
    let w = results();
    let root = w.folder.path();
    let shard = "run test.toml --rounds 40 --shard 1/3 --keep-rounds --out shard";
    let done = kzsim(&shard.split(' ').collect::<Vec<_>>(), root);
    assert!(done.status.success(), "{}", err(&done));
    let packed = RESULTS
        .iter()
        .map(|(name, _, _)| *name)
        .chain(["shard"])
        .map(|name| entries::pack(&contents(&root.join(name)).into_iter().collect::<Vec<_>>()));
    replay("folder", packed.collect(), entries::folder);
}

/// Cells of CSV files that a spreadsheet would take for a formula.
fn formulas(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for file in files(folder) {
        let Some(name) = file.strip_suffix(".csv") else {
            continue;
        };
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_path(folder.join(&file))
            .expect("a CSV file");
        for record in reader.records() {
            for cell in &record.expect("a record") {
                let begins = |c: char| "=+-@|＝＋－＠\t\r\n".contains(c);
                if cell.trim_start_matches(' ').starts_with(begins) && cell.parse::<f64>().is_err()
                {
                    found.push(format!("{name}: {cell}"));
                }
            }
        }
    }
    found
}

#[test]
fn no_cell_is_a_formula() {
    // Names that begin like one are refused (`bad_input`); longer words are written with a quote.
    let words = [
        "=HYPERLINK(1)",
        "+1",
        "-1+1",
        "@SUM(1)",
        "|cmd",
        "\\t=1",
        "\\n=1",
        "\\r@x",
        "＝1",
        " =1",
    ];
    for word in words {
        let text = GOOD.replace(
            "says = \"an example\", source = \"judgement\"",
            &format!("says = \"{word}\", source = \"{word}\""),
        );
        let w = write(&text);
        let root = w.folder.path();
        let evidence = format!(
            "schema = 1\ntitle = \"E\"\n[observations.moved]\nsays = \"{word}\"\non = 2022-01-05\nwhen = \"happened.move\"\nreliability = 0.9\nsource = \"{word}\"\n"
        );
        fs::write(root.join("evidence.toml"), evidence).expect("a file");
        fs::write(root.join("other.toml"), &text).expect("a file");
        for line in [
            "run test.toml --rounds 50 --keep-rounds --given evidence.toml --out run",
            "weigh test.toml other.toml --evidence evidence.toml --rounds 50 --out weigh",
            "discover test.toml --rounds 1000 --out discover",
            "report run --out run/report.html",
        ] {
            let done = kzsim(&line.split_whitespace().collect::<Vec<_>>(), root);
            assert!(done.status.success(), "{word}: {line}: {}", err(&done));
        }
        let quantity = "-turnout.max @ 2022-01-05";
        let done = kzsim(
            &[
                "sensitivity",
                "test.toml",
                "--rows",
                "64",
                "--quantity",
                quantity,
                "--out",
                "sens",
            ],
            root,
        );
        assert!(done.status.success(), "{word}: {}", err(&done));
        for folder in ["run", "weigh", "discover", "sens"] {
            assert_eq!(formulas(&root.join(folder)), [""; 0], "{word} in {folder}");
        }
    }
}

/// A scenario with formulas that read one another, and so many effects that read the last of them.
fn of_formulas(formula: impl Fn(&str) -> String, effects: usize) -> String {
    let (mut formulas, mut actions) = ("[formulas]\nf0 = \"openness\"\n".to_owned(), String::new());
    for i in 1..60 {
        let before = format!("f{}", i - 1);
        let _ = writeln!(formulas, "f{i} = \"{}\"", formula(&before));
    }
    for i in 0..effects {
        let _ = writeln!(
            actions,
            "[actions.reader_{i}]\nrate = 0.1\neffects = [\"openness = f59\"]"
        );
    }
    format!("{}\n{actions}", GOOD.replacen("[formulas]\n", &formulas, 1))
}

/// A scenario with as many operations as formulas can have, and a stage that reads them all.
fn of_wide_formulas() -> String {
    let (mut formulas, mut flags) = ("[formulas]\n".to_owned(), String::new());
    let sum = vec!["day"; 256].join("+");
    for i in 0..1_990 {
        let _ = writeln!(formulas, "f{i} = \"{sum}\"");
    }
    for i in 0..10 {
        let all: Vec<String> = (199 * i..199 * (i + 1)).map(|f| format!("f{f}")).collect();
        let _ = writeln!(flags, "[flags.wide_{i}]\nwhen = \"{}\"", all.join("+"));
    }
    format!("{}\n{flags}", GOOD.replacen("[formulas]\n", &formulas, 1))
}

/// Formulas of formulas exhaust neither the stack nor the memory.
#[test]
fn formulas_of_formulas_are_bounded() {
    // Long chains, deep parentheses, and operators of every rank in each of them: all within the
    // limits of one expression.
    let chain = |f: &str| vec![f; 250].join(" + ");
    let nest = |f: &str, open: &str| format!("{}{f}{}", open.repeat(60), ")".repeat(60));
    let (deep, ranks) = ("abs(", "0 or 1 and 1 < 1 + 1 * (");
    // A formula counts in each stage that reads it, and once for all effects.
    let (wide, nested) = (
        "more than 1,000,000 operations",
        "nested more than 500 levels deep",
    );
    for (text, bound) in [
        (of_formulas(chain, 4), None),
        (of_formulas(chain, 900), None),
        (of_wide_formulas(), Some(wide)),
        (of_formulas(|f| nest(f, deep), 4), Some(nested)),
        (of_formulas(|f| nest(f, ranks), 4), Some(nested)),
    ] {
        let w = write(&text);
        let output = kzsim(&["check", "test.toml"], w.folder.path());
        let code = if bound.is_some() { 2 } else { 0 };
        assert_eq!(output.status.code(), Some(code), "{}", err(&output));
        let once = err(&output).matches(bound.unwrap_or("1 fault")).count();
        assert_eq!(once, code as usize / 2, "{}", err(&output));
    }
}
