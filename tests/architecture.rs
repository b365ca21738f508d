//! The house as `ARCHITECTURE.md` draws it: modules use modules above them in one list, files do not
//! use each other in circles, and the picture is that of the code.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The modules of the crate: each may use those before it. `ARCHITECTURE.md` explains them.
const ORDER: [&str; 16] = [
    "internal", "parallel", "files", "math", "scenario", "plan", "engine", "ensemble", "analysis",
    "table", "result", "study", "text", "report", "language", "cli",
];

/// A module of the crate: where it is, and what it says.
struct Module {
    file: String,
    code: String,
    /// First paragraph of its documentation.
    says: String,
    /// What `pub use` offers under which name, as written.
    offers: Vec<Vec<String>>,
}

/// The name of a module, in parts: `["engine", "drift"]`.
type Name = Vec<String>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every module of the crate by name. Tests are no part of it.
fn modules() -> BTreeMap<Name, Module> {
    let mut out = BTreeMap::new();
    collect(&root().join("src"), &[], &mut out);
    out
}

fn collect(folder: &Path, name: &[String], out: &mut BTreeMap<Name, Module>) {
    for entry in fs::read_dir(folder).expect("a folder of src").flatten() {
        let path = entry.path();
        let file = entry.file_name().into_string().expect("a plain name");
        let mut name = name.to_vec();
        if path.is_dir() {
            name.push(file);
            collect(&path, &name, out);
        } else if let Some(stem) = file.strip_suffix(".rs") {
            if !["mod", "lib"].contains(&stem) {
                name.push(stem.to_owned());
            }
            let text = fs::read_to_string(&path).expect("a source file");
            let says = text
                .lines()
                .map_while(|line| line.strip_prefix("//!"))
                .map(str::trim)
                .take_while(|line| !line.is_empty())
                .collect::<Vec<_>>()
                .join(" ");
            let code = code_alone(&text);
            let (offers, code) = split_offers(&code);
            let file = path
                .strip_prefix(root())
                .expect("inside")
                .display()
                .to_string();
            out.insert(
                name,
                Module {
                    file,
                    code,
                    says,
                    offers,
                },
            );
        }
    }
}

/// A source text without comments, texts and tests.
fn code_alone(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '/' if chars.peek() == Some(&'/') => {
                while chars.peek().is_some_and(|c| *c != '\n') {
                    chars.next();
                }
            }
            '"' => {
                while let Some(c) = chars.next() {
                    match c {
                        '\\' => drop(chars.next()),
                        '"' => break,
                        _ => {}
                    }
                }
                out.push_str("\"\"");
            }
            '\'' => {
                // A character, not a lifetime: it has its end right behind it.
                let mut ahead = chars.clone();
                let first = ahead.next();
                let end = if first == Some('\\') {
                    ahead.nth(1)
                } else {
                    ahead.next()
                };
                if end == Some('\'') {
                    chars = ahead;
                }
            }
            c => out.push(c),
        }
    }
    out
}

/// A path may hold line feeds and what a terminal obeys.
#[test]
fn paths_are_shown_by_one_function() {
    for module in modules().values() {
        let shows = module.code.contains(".display()");
        assert!(
            !shows,
            "{}: use visible_path, or path_word in a command",
            module.file
        );
    }
}

/// Takes what `pub use` offers out of code.
fn split_offers(code: &str) -> (Vec<Vec<String>>, String) {
    const HEADS: [&str; 3] = ["pub use ", "pub(crate) use ", "pub(super) use "];
    let mut offers = Vec::new();
    let mut left = String::new();
    let mut rest = code;
    let next = |rest: &str| {
        let found = HEADS
            .iter()
            .filter_map(|head| Some((rest.find(head)?, head.len())));
        found.min()
    };
    while let Some((at, length)) = next(rest) {
        let end = rest[at..].find(';').map_or(rest.len(), |end| at + end);
        offers.extend(paths_of(&rest[at + length..end]));
        left.push_str(&rest[..at]);
        rest = &rest[end..];
    }
    left.push_str(rest);
    (offers, left)
}

/// The paths of a `use` without its keyword: `a::{b, c::{self, d as e}}` are `a::b`, `a::c`,
/// `a::c::d`.
fn paths_of(tree: &str) -> Vec<Vec<String>> {
    let tree = tree.trim();
    let Some((head, rest)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default();
        let parts = path.split("::").map(|p| p.trim().to_owned());
        return vec![parts.filter(|p| !p.is_empty()).collect()];
    };
    let inner = rest.strip_suffix('}').unwrap_or(rest);
    let prefix: Vec<String> = head
        .split("::")
        .map(|p| p.trim().to_owned())
        .filter(|p| !p.is_empty())
        .collect();
    let mut pieces = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (i, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                pieces.push(&inner[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    pieces.push(&inner[start..]);
    let mut out = Vec::new();
    for piece in pieces.iter().filter(|p| !p.trim().is_empty()) {
        if piece.trim() == "self" {
            out.push(prefix.clone());
        } else {
            for path in paths_of(piece) {
                out.push(prefix.iter().cloned().chain(path).collect());
            }
        }
    }
    out
}

/// Every path in code that may lead into the crate.
fn paths_in(code: &str) -> Vec<Vec<String>> {
    let mut out = Vec::new();
    // What `use` brings in.
    let mut rest = code;
    while let Some(at) = rest.find("use ") {
        let before = rest[..at].chars().next_back();
        rest = &rest[at + 4..];
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let Some(end) = rest.find(';') else { break };
        out.extend(paths_of(&rest[..end]));
        rest = &rest[end..];
    }
    // What is named in full where it is used.
    for head in ["crate::", "super::"] {
        for (at, _) in code.match_indices(head) {
            let tail = &code[at..];
            let end = tail
                .find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':')
                .unwrap_or(tail.len());
            let parts = tail[..end].split("::").filter(|p| !p.is_empty());
            out.push(parts.map(str::to_owned).collect());
        }
    }
    out
}

/// The module in which what a path leads to is declared.
fn resolve(
    all: &BTreeMap<Name, Module>,
    from: &Name,
    path: &[String],
    depth: usize,
) -> Option<Name> {
    let mut at = match path.first()?.as_str() {
        "crate" => Vec::new(),
        "super" | "self" => from.clone(),
        first => {
            let mut child = from.clone();
            child.push(first.to_owned());
            all.contains_key(&child).then(|| from.clone())?
        }
    };
    let mut parts = path;
    while let Some(first) = parts.first() {
        match first.as_str() {
            "crate" | "self" => {}
            "super" => drop(at.pop()),
            part => {
                let mut child = at.clone();
                child.push(part.to_owned());
                if !all.contains_key(&child) {
                    break;
                }
                at = child;
            }
        }
        parts = &parts[1..];
    }
    let module = all.get(&at)?;
    // Whoever takes all of a module takes it from there, whatever it hands on.
    if let Some(item) = parts.first().filter(|item| *item != "*")
        && depth < 8
    {
        let offer = |path: &&Vec<String>| path.last() == Some(item);
        if let Some(path) = module.offers.iter().find(offer) {
            return resolve(all, &at, path, depth + 1).or(Some(at));
        }
    }
    Some(at)
}

/// Which module uses which others.
fn arrows(all: &BTreeMap<Name, Module>) -> BTreeMap<Name, BTreeSet<Name>> {
    let mut out = BTreeMap::new();
    for (name, module) in all.iter().filter(|(name, _)| !name.is_empty()) {
        let used = paths_in(&module.code)
            .iter()
            .filter_map(|path| resolve(all, name, path, 0))
            .filter(|used| used != name && !used.is_empty())
            .collect();
        out.insert(name.clone(), used);
    }
    out
}

fn place(name: &Name) -> Option<usize> {
    ORDER
        .iter()
        .position(|module| Some(*module) == name.first().map(String::as_str))
}

#[test]
fn every_module_has_a_place_in_the_order() {
    let all = modules();
    let folders: BTreeSet<&str> = all
        .keys()
        .filter_map(|n| n.first())
        .map(String::as_str)
        .collect();
    let placed: BTreeSet<&str> = ORDER.into_iter().chain(["main"]).collect();
    let unplaced: Vec<_> = folders.difference(&placed).collect();
    assert!(
        unplaced.is_empty(),
        "add to ORDER and ARCHITECTURE.md: {unplaced:?}"
    );
}

#[test]
fn no_module_uses_a_later_one() {
    let all = modules();
    let mut wrong = Vec::new();
    for (name, used) in arrows(&all) {
        for other in used {
            if place(&name) < place(&other) && place(&name).is_some() {
                wrong.push(format!("{} uses {}", all[&name].file, all[&other].file));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "against the order {ORDER:?}:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let all = modules();
    let mut arrows = arrows(&all);
    // The `mod.rs` of a folder puts its files together and holds what they share: it and its own
    // files count as one house.
    for (name, used) in &mut arrows {
        used.retain(|other| !other.starts_with(&name[..]) && !name.starts_with(&other[..]));
    }
    // Files from which no circle can be reached are taken away until none is left.
    let mut left = arrows.clone();
    loop {
        let names: BTreeSet<Name> = left.keys().cloned().collect();
        let before = left.len();
        left.retain(|_, used| used.iter().any(|u| names.contains(u)));
        if left.len() == before {
            break;
        }
    }
    let names: BTreeSet<Name> = left.keys().cloned().collect();
    let reach = |from: &Name| {
        let mut seen = BTreeSet::new();
        let mut next: Vec<Name> = left[from].intersection(&names).cloned().collect();
        while let Some(name) = next.pop() {
            if seen.insert(name.clone()) {
                next.extend(left[&name].intersection(&names).cloned());
            }
        }
        seen
    };
    let mut circles = BTreeSet::new();
    for name in &names {
        let reached = reach(name);
        if reached.contains(name) {
            let circle: Vec<&str> = reached
                .iter()
                .filter(|other| reach(other).contains(name))
                .map(|other| all[other].file.as_str())
                .collect();
            circles.insert(circle.join(" "));
        }
    }
    let circles: Vec<String> = circles.into_iter().collect();
    assert!(
        circles.is_empty(),
        "files in circles:\n{}",
        circles.join("\n")
    );
}

/// The picture: a row for each module, a mark for each that it uses. What obeys the order has its
/// marks below the diagonal alone.
fn picture(all: &BTreeMap<Name, Module>) -> String {
    let there: Vec<&str> = ORDER
        .into_iter()
        .filter(|m| all.keys().any(|n| n.first().is_some_and(|f| f == m)))
        .collect();
    let mut uses: BTreeSet<(String, String)> = BTreeSet::new();
    for (name, used) in arrows(all) {
        // `lib.rs` uses whatever it offers.
        let Some(module) = name.first() else { continue };
        for other in used {
            uses.insert((module.clone(), other[0].clone()));
        }
    }
    let mut out = String::from("```text\n");
    let width = there.iter().map(|m| m.len()).max().unwrap_or(0);
    for (i, module) in there.iter().enumerate() {
        let _ = write!(out, "{module:width$}");
        for other in &there[..i] {
            let used = uses.contains(&((*module).to_owned(), (*other).to_owned()));
            out.push_str(if used { "  ●" } else { "  ·" });
        }
        let _ = writeln!(out, "  {module}");
    }
    out.push_str("```\n\n");
    for module in there {
        let says = &all[&vec![module.to_owned()]].says;
        let _ = writeln!(out, "- **{module}**: {says}");
    }
    out
}

#[test]
fn the_picture_is_that_of_the_code() {
    const BEGIN: &str =
        "<!-- made from src by tests/architecture.rs: BLESS=1 cargo test picture -->\n";
    const END: &str = "<!-- end -->";
    let path = root().join("ARCHITECTURE.md");
    let text = fs::read_to_string(&path).expect("ARCHITECTURE.md");
    let (head, rest) = text.split_once(BEGIN).expect("where the picture begins");
    let (kept, tail) = rest.split_once(END).expect("where it ends");
    let now = picture(&modules());
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, format!("{head}{BEGIN}{now}{END}{tail}")).expect("it can be written");
    } else {
        assert!(
            kept == now,
            "ARCHITECTURE.md is out of date: run BLESS=1 cargo test picture"
        );
    }
}

/// Every file is opened in `src/files.rs`, which follows no link in a folder of results and waits for
/// no pipe. Folders and names are another matter: what is not opened cannot be filled or read.
#[test]
fn files_are_opened_in_one_place() {
    const DOORS: [&str; 12] = [
        "File::open",
        "File::create",
        "File::options",
        "OpenOptions",
        "fs::read(",
        "fs::read_to_string",
        "fs::write",
        "fs::copy",
        "from_path",
        "NamedTempFile",
        "tempfile_in",
        "tempfile()",
    ];
    let mut wrong = Vec::new();
    for module in modules().values().filter(|m| m.file != "src/files.rs") {
        // `RoundsFile::create` is another matter.
        let opens = |door: &&&str| {
            module.code.match_indices(**door).any(|(at, _)| {
                let before = module.code[..at].chars().next_back();
                before.is_none_or(|c| !c.is_alphanumeric())
            })
        };
        for door in DOORS.iter().filter(opens) {
            wrong.push(format!("{}: {door}", module.file));
        }
    }
    assert!(
        wrong.is_empty(),
        "files are opened by src/files.rs alone, not by\n{}",
        wrong.join("\n")
    );
}
