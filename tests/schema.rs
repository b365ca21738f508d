//! The schema for editors, the reader, and the tables of `docs/SCENARIO.md` say the same.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use kzsim::internals::plan::Plan;
use kzsim::internals::scenario::catalogue::NAMES;
use kzsim::internals::scenario::evidence::{EVIDENCE, Observation};
use kzsim::internals::scenario::expression::Function;
use kzsim::internals::scenario::fault::Fault;
use kzsim::internals::scenario::grammar::{Key, Leaf, Shape, is_formed};
use kzsim::internals::scenario::model::{Branch, Decide, Rally, SCENARIO};
use kzsim::internals::scenario::schema;
use kzsim::internals::scenario::{Evidence, Scenario};
use serde_json::Value;

use crate::support::{kzsim, repository, tomls};

/// Set this to write the schemas and the tables of keys anew.
const REFRESH: &str = "KZSIM_REFRESH";

fn scenario_schema() -> Validator {
    jsonschema::draft7::new(&schema::scenario()).expect("a valid schema of draft-07")
}

fn evidence_schema() -> Validator {
    jsonschema::draft7::new(&schema::evidence()).expect("a valid schema of draft-07")
}

/// A file must hold this text; or it is written.
fn same(path: &Path, text: &str) {
    if std::env::var_os(REFRESH).is_some() {
        fs::write(path, text).expect("a file that can be written");
    }
    let found = fs::read_to_string(path).expect("a file of the repository");
    let shown = path.display();
    assert!(
        found == text,
        "{shown} is out of date: run the tests with {REFRESH}=1"
    );
}

#[test]
fn the_schemas_of_the_repository_are_those_of_the_program() {
    let folder = repository("schemas");
    for (kind, shape) in [
        ("scenario", schema::scenario()),
        ("evidence", schema::evidence()),
    ] {
        same(&folder.join(format!("{kind}.json")), &schema::text(&shape));
        let printed = kzsim(&["schema", kind], &folder);
        assert!(printed.status.success());
        assert_eq!(
            String::from_utf8_lossy(&printed.stdout),
            schema::text(&shape)
        );
    }
}

/// TOML as the data that validators see: dates are texts.
fn data(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(s) => s.as_str().into(),
        toml::Value::Integer(i) => (*i).into(),
        toml::Value::Float(x) => (*x).into(),
        toml::Value::Boolean(b) => (*b).into(),
        toml::Value::Datetime(d) => d.to_string().into(),
        toml::Value::Array(all) => all.iter().map(data).collect(),
        toml::Value::Table(all) => all.iter().map(|(k, v)| (k.clone(), data(v))).collect(),
    }
}

fn read(path: &Path) -> (String, Value) {
    let text = fs::read_to_string(path).expect("a file of the repository");
    let table: toml::Table = toml::from_str(&text).expect("TOML");
    (text, data(&toml::Value::Table(table)))
}

fn told(validator: &Validator, data: &Value) -> Vec<String> {
    validator
        .iter_errors(data)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect()
}

#[test]
fn shipped_files_name_their_schema_and_satisfy_it() {
    let files = tomls("scenarios");
    assert!(files.len() > 20, "{files:?}");
    let (scenario, evidence) = (scenario_schema(), evidence_schema());
    for path in files {
        let shown = path.display();
        let (text, data) = read(&path);
        let first = text.lines().next().unwrap_or_default();
        let named = first
            .strip_prefix("#:schema ")
            .expect("a first line that names the schema");
        let named = path
            .with_file_name(named)
            .canonicalize()
            .expect("a schema that is there");
        let is_evidence = Evidence::is_one(&path);
        let wanted = if is_evidence {
            "evidence.json"
        } else {
            "scenario.json"
        };
        assert!(
            named.ends_with(Path::new("schemas").join(wanted)),
            "{shown}: {first}"
        );
        let errors = told(if is_evidence { &evidence } else { &scenario }, &data);
        assert!(errors.is_empty(), "{shown}: {errors:?}");
    }
}

/// The scenario at the top of SCENARIO.md, which has an entry of every kind, in a folder.
fn example() -> (tempfile::TempDir, PathBuf) {
    let text = fs::read_to_string(repository("docs/SCENARIO.md")).expect("SCENARIO.md");
    let block = text.split("<!-- complete scenario -->\n```toml\n").nth(1);
    let block = block
        .and_then(|b| b.split("\n```").next())
        .expect("a complete scenario");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("my.toml");
    fs::write(&path, block).expect("a file in a temporary folder");
    (folder, path)
}

/// What `check` finds, and the resolved scenario as data.
fn checked(path: &Path, setting: &str) -> (Vec<Fault>, Value) {
    let settings = [setting.to_owned()];
    let (scenario, mut faults) = Scenario::read(path, &settings).expect("a readable file");
    if let Err(more) = Plan::new(&scenario) {
        faults.extend(more);
    }
    (faults, scenario.resolved)
}

/// Adds the leaves at a shape and below.
fn walk(
    path: &str,
    key: &Key,
    shape: &Shape,
    first: &BTreeMap<&str, &str>,
    out: &mut Vec<(String, Leaf)>,
) {
    match shape {
        Shape::Leaf(leaf) => {
            out.push((path.to_owned(), *leaf));
        }
        Shape::Map(inner) => {
            let id = first.get(key.name).expect("an entry of the example");
            walk(&format!("{path}.{id}"), key, inner, first, out);
        }
        Shape::Table(keys) => {
            for key in *keys {
                let path = format!("{path}.{}", key.name);
                walk(path.trim_start_matches('.'), key, &key.shape, first, out);
            }
        }
    }
}

/// Every leaf of the language as a path into the example, with what it may hold.
fn leaves() -> Vec<(String, Leaf)> {
    let first = BTreeMap::from([
        ("contenders", "heir"),
        ("arenas", "economy"),
        ("parameters", "nerve"),
        ("correlations", "bold"),
        ("variables", "pact"),
        ("formulas", "edge"),
        ("actors", "guard"),
        ("offices", "council"),
        ("crowds", "capital"),
        ("actions", "take_chair"),
        ("outcomes", "heir_rules"),
        ("flags", "tried"),
        ("power", "economy"),
        ("loyalty", "heir"),
        ("authority", "banker"),
        ("promise", "heir"),
        ("branches", "arrested"),
        ("draws", "size"),
    ]);
    let mut out = Vec::new();
    let Shape::Table(keys) = &SCENARIO else {
        panic!("a scenario is a table");
    };
    walk("", &keys[0], &SCENARIO, &first, &mut out);
    // What cannot be set; and a decide table is replaced whole.
    out.retain(|(path, _)| path != "schema" && path != "extends");
    out
}

/// A setting of a path; inside a `decide` table the whole table is written.
fn setting(path: &str, value: &str) -> String {
    let Some((action, key)) = path.split_once(".decide.") else {
        return format!("{path}={value}");
    };
    let needed = [("pace", "1"), ("win", "0.5"), ("prize", "1")];
    let mut pairs: Vec<String> = needed
        .iter()
        .filter(|(k, _)| *k != key)
        .map(|(k, v)| format!("{k} = {v}"))
        .collect();
    pairs.push(format!("{key} = {value}"));
    format!("{action}.decide={{ {} }}", pairs.join(", "))
}

#[test]
fn ranges_of_the_reader_and_of_the_schema_are_the_same() {
    let (_folder, path) = example();
    let validator = scenario_schema();
    let mut seen = 0;
    for (at, leaf) in leaves() {
        // A little beyond each end, as it would be written.
        let real = |x: f64, up: f64| match x {
            0.0 => format!("{:?}", up * 1e-9),
            _ => format!("{:?}", x + up * x.abs() * 1e-9),
        };
        let [least, most, below, above] = match leaf {
            Leaf::Whole(least, most) | Leaf::Days(least, most) => [
                least.to_string(),
                most.to_string(),
                (least.cast_signed() - 1).to_string(),
                (most + 1).to_string(),
            ],
            Leaf::Plain(least, most) | Leaf::Initial(least, most) | Leaf::Live(least, most) => [
                format!("{least:?}"),
                format!("{most:?}"),
                real(least, -1.0),
                real(most, 1.0),
            ],
            _ => continue,
        };
        seen += 1;
        for (x, inside) in [(least, true), (most, true), (below, false), (above, false)] {
            let setting = setting(&at, &x);
            let (faults, data) = checked(&path, &setting);
            let errors = told(&validator, &data);
            let good = errors.is_empty();
            assert_eq!(good, inside, "the schema, {setting}: {errors:?}");
            let refused = faults.iter().any(|f| f.allowed.contains("number"));
            assert_eq!(refused, !inside, "check, {setting}: {faults:?}");
        }
    }
    assert!(seen > 40, "{seen}");
}

/// Values of every kind, good in some places and bad in others.
const VALUES: [&str; 36] = [
    "-1",
    "0",
    "0.5",
    "1",
    "2",
    "1.5",
    "1e31",
    "true",
    "false",
    "\"\"",
    "\"text\"",
    "\"=x\"",
    "\"two\\nlines\"",
    "\"6h\"",
    "\"90 min\"",
    "\"6x\"",
    "\"0.5\"",
    "\" heir \"",
    "\"guard\"",
    "\"aside\"",
    "\"body\"",
    "\"zero\"",
    "2030-03-05",
    "2030-03-05T10:30:00",
    "[]",
    "[1]",
    "[\"grievance.capital += 1\", \"pact = 0\"]",
    "[\"pact == 0\"]",
    "{}",
    "{ low = 0.1, mode = 0.2, high = 0.3, says = \"x\" }",
    "{ low = 0.1, high = 0.3 }",
    "{ min = 0, max = 1 }",
    "{ mean = 0.5, sd = 0.1, value = 1 }",
    "{ value = \"0.5\" }",
    "{ low = \"6h\", mode = \"8h\", high = \"9h\" }",
    "{ heir = 0.4 }",
];

/// What `check` knows beyond form: names, arithmetic, the clock, and what belongs together.
const BEYOND: [&str; 17] = [
    "is before the start",
    "is the date",
    "where a value should be",
    "where the expression should",
    "is not a number",
    "nothing is called",
    "there is no ",
    "in an initial number",
    "not a whole number of steps",
    "clock.step is",
    "stance",
    "arenas.economy is 0",
    "DuckDB or a spreadsheet reads as",
    "without `delay`",
    "has `every` and",
    "is shorter than clock.step",
    "`for` cannot be set",
];

/// The schema never refuses what `check` accepts; and what it lets pass, `check` refuses for a
/// reason that a schema cannot know.
#[test]
fn the_schema_follows_check_at_every_key() {
    let (_folder, path) = example();
    let validator = scenario_schema();
    let mut both = [0, 0];
    let mut surprising = Vec::new();
    for (at, _) in leaves() {
        for value in VALUES {
            let setting = setting(&at, value);
            let (faults, data) = checked(&path, &setting);
            let errors = told(&validator, &data);
            match (faults.is_empty(), errors.is_empty()) {
                (true, false) => {
                    surprising.push(format!("refused by the schema: {setting}: {errors:?}"));
                }
                (false, true) => {
                    let known = |f: &Fault| BEYOND.iter().any(|b| f.found.contains(b));
                    if !faults.iter().any(known) {
                        let found: Vec<&str> = faults.iter().map(|f| f.found.as_str()).collect();
                        surprising.push(format!("let pass by the schema: {setting}: {found:?}"));
                    }
                }
                (good, _) => both[usize::from(good)] += 1,
            }
        }
    }
    let n = surprising.len();
    assert!(n == 0, "{n} of them\n{}", surprising.join("\n"));
    assert!(both[0] > 1_000 && both[1] > 300, "{both:?}");
}

#[test]
fn faults_of_structure_are_refused() {
    let (_folder, path) = example();
    let text = fs::read_to_string(&path).expect("the example");
    let validator = scenario_schema();
    let parsed = |text: &str| {
        let table: toml::Table = toml::from_str(text).expect("TOML");
        data(&toml::Value::Table(table))
    };
    assert_eq!(told(&validator, &parsed(&text)), Vec::<String>::new());
    for (from, to) in [
        ("schema = 1", "schema = 2"),
        ("schema = 1\n", ""),
        ("patron = {}", "Patron = {}"),
        ("heir = {}", "aside = {}"),
        ("heir = {}\n", ""),
        ("start = 2030-03-01\n", ""),
        ("[arenas]\ncoercion = 0.7\neconomy = 0.3", ""),
        ("pact = 1.0", "support = 1.0"),
        ("caution = 0.4", "cautoin = 0.4"),
        ("at = 2030-03-03\n", ""),
        ("at = 2030-03-03", "at = 2030-03-03\nrate = 1"),
        ("pace = 2.0, ", ""),
        ("pace = 2.0", "speed = 2.0"),
        ("success = \"edge\"\n", ""),
        (
            "when = \"holds.council.heir and support.heir.coercion > 0.6\"\n",
            "",
        ),
        ("hold = \"2d\"", "hold = 2"),
        ("hold = \"2d\"", "at_end = true\nhold = \"2d\""),
        ("otherwise = true", "otherwise = true\nwhen = \"1\""),
        ("when = \"happened.take_chair\"", ""),
        ("[flags.tried]", "[flags.round]"),
        ("mode = 0.3, high = 0.6", "mode = 0.3"),
    ] {
        assert!(text.contains(from), "{from}");
        let faulty = text.replacen(from, to, 1);
        fs::write(&path, &faulty).expect("a file in a temporary folder");
        let (scenario, mut faults) = Scenario::read(&path, &[]).expect("a readable file");
        faults.extend(Plan::new(&scenario).err().unwrap_or_default());
        assert!(!faults.is_empty(), "check accepts `{to}` for `{from}`");
        let errors = told(&validator, &parsed(&faulty));
        assert!(!errors.is_empty(), "the schema accepts `{to}` for `{from}`");
    }
}

#[test]
fn a_file_that_lays_over_may_leave_things_out() {
    let parsed = |text: &str| {
        let table: toml::Table = toml::from_str(text).expect("TOML");
        data(&toml::Value::Table(table))
    };
    let validator = scenario_schema();
    let over = "schema = 1\nextends = \"base.toml\"\n[actions.shock]\nlimit = 0\n";
    assert_eq!(told(&validator, &parsed(over)), Vec::<String>::new());
    let alone = over.replace("extends = \"base.toml\"\n", "");
    assert!(told(&validator, &parsed(&alone)).len() >= 2);
    let evidence = evidence_schema();
    let good = "schema = 1\n[observations.a]\non = 2030-01-01\nwhen = \"1\"\nreliability = 0.9\n";
    assert_eq!(told(&evidence, &parsed(good)), Vec::<String>::new());
    for (from, to) in [
        ("reliability = 0.9", "reliability = 0.4"),
        (
            "reliability = 0.9",
            "reliability = { min = 0.6, max = 0.9 }",
        ),
        ("reliability = 0.9\n", ""),
        ("on = 2030-01-01", "on = 3"),
        ("when = \"1\"\n", ""),
        ("[observations.a]", "[observation.a]"),
        ("schema = 1\n", ""),
    ] {
        assert!(
            !told(&evidence, &parsed(&good.replace(from, to))).is_empty(),
            "{to}"
        );
    }
}

/// The rows of a table of keys. `says` and `source` share a row.
fn rows(first: &str, keys: &[Key]) -> String {
    let mut out = format!(
        "| {first} | type | default | range | meaning |\n| --- | --- | --- | --- | --- |\n"
    );
    for key in keys {
        let [kind, default, range, says] = key.cells();
        let row = match key.name {
            "source" => continue,
            "says" => {
                "| `says`, `source` | text | none | | Your remarks, and where it comes from |"
                    .to_owned()
            }
            name => format!("| `{name}` | {kind} | {default} | {range} | {says} |"),
        };
        out.push_str(&row.replace("|  |", "| |").replace("|  |", "| |"));
        out.push('\n');
    }
    out
}

/// Forms as code: `a or b` as `` `a` or `b` ``.
fn code(forms: &str) -> String {
    let apart = forms.replace(", ", "`, `").replace(" or ", "` or `");
    format!("`{apart}`")
}

/// The rows of functions.
fn functions() -> String {
    let rows = Function::ALL.iter();
    let rows = rows.map(|f| format!("| `{}` | {} |\n", f.written(), f.says));
    format!(
        "| function | value |\n| --- | --- |\n{}",
        rows.collect::<String>()
    )
}

/// The rows of names that expressions read.
fn names() -> String {
    let read = NAMES.iter().filter(|n| n.reading.is_some());
    let rows = read.map(|n| format!("| {} | {} |\n", code(&n.forms()), n.says));
    format!(
        "| name | value |\n| --- | --- |\n| `nerve` | a parameter, variable or formula, by its id |\n{}",
        rows.collect::<String>()
    )
}

/// The rows of targets of effects.
fn targets() -> String {
    let changed = NAMES
        .iter()
        .filter_map(|n| Some((n.target_form(), n.limits()?)));
    let rows = changed.map(|(form, limits)| format!("| `{form}` | {limits} |\n"));
    format!(
        "| target | limits after each effect |\n| --- | --- |\n| a variable | none |\n{}",
        rows.collect::<String>()
    )
}

/// Every table of keys in SCENARIO.md is made from the language: heading, first cell, keys.
fn tables() -> Vec<(&'static str, &'static str, Vec<Key>)> {
    let all = |shape: &Shape| match shape {
        Shape::Table(keys) => keys.to_vec(),
        _ => Vec::new(),
    };
    let entry = |section: &str| match SCENARIO.below(section) {
        Some(Shape::Map(inner)) => all(inner),
        Some(shape) => all(shape),
        None => Vec::new(),
    };
    let mut top = all(&SCENARIO);
    top.retain(|k| matches!(k.shape, Shape::Leaf(_)));
    vec![
        ("## Top of the file", "key", top),
        ("### contenders", "key", entry("contenders")),
        ("### clock", "key", entry("clock")),
        ("### correlations", "key", entry("correlations")),
        ("### actors", "key", entry("actors")),
        ("### offices", "key", entry("offices")),
        ("### crowds", "key", entry("crowds")),
        ("## Actions", "key", entry("actions")),
        ("## Actions", "key of `decide`", Decide::KEYS.to_vec()),
        ("## Actions", "key of a branch", Branch::KEYS.to_vec()),
        ("## Actions", "key of `rally`", Rally::KEYS.to_vec()),
        ("## Outcomes and flags", "key", entry("outcomes")),
        ("## Dynamics", "key", entry("dynamics")),
        ("## Evidence files", "key", Observation::KEYS.to_vec()),
    ]
}

#[test]
fn tables_of_the_document_are_those_of_the_language() {
    let path = repository("docs/SCENARIO.md");
    let mut text = fs::read_to_string(&path).expect("SCENARIO.md");
    let of_keys = tables().into_iter();
    let of_keys = of_keys.map(|(heading, first, keys)| (heading, first, rows(first, &keys)));
    let others = [
        ("## Expressions", "function", functions()),
        ("## Expressions", "name", names()),
        ("## Effects", "target", targets()),
    ];
    for (heading, first, wanted) in of_keys.chain(others) {
        let part = text.find(&format!("\n{heading}\n")).expect("a heading");
        let start = part
            + text[part..]
                .find(&format!("\n| {first} |"))
                .expect("its table")
            + 1;
        let length: usize = text[start..]
            .split_inclusive('\n')
            .take_while(|line| line.starts_with('|'))
            .map(str::len)
            .sum();
        if text[start..start + length] != wanted {
            assert!(
                std::env::var_os(REFRESH).is_some(),
                "the table of {first} under {heading} is out of date: run the tests with \
                 {REFRESH}=1\n{wanted}"
            );
            text.replace_range(start..start + length, &wanted);
        }
    }
    same(&path, &text);
    // In the other direction: every table of keys in the document is one of these.
    let headers = text.lines().filter(|l| l.starts_with("| key"));
    assert_eq!(headers.count(), tables().len());
}

#[test]
fn every_key_has_words() {
    fn walk(shape: &Shape, seen: &mut usize) {
        match shape {
            Shape::Table(keys) => {
                for key in *keys {
                    *seen += 1;
                    assert!(!key.says.is_empty(), "{}", key.name);
                    assert!(is_formed(key.name), "{}", key.name);
                    walk(&key.shape, seen);
                }
            }
            Shape::Map(inner) => walk(inner, seen),
            Shape::Leaf(_) => {}
        }
    }
    let mut seen = 0;
    walk(&SCENARIO, &mut seen);
    walk(&EVIDENCE, &mut seen);
    assert!(seen > 100, "{seen}");
}
