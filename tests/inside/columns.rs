//! The column reference of `docs/OUTPUTS.md` is made from the declarations of the tables.

use std::fmt::Write as _;
use std::fs;

use kzsim::ensemble::timeline::FOLLOWED;
use kzsim::scenario::grammar::grouped;
use kzsim::table::cell::Column;
use kzsim::table::{cases, fit, rounds, sweep};

use crate::inside::support::repository;

/// How the reference of a table begins in a document; a space and the name of its row follow.
const MARK: &str = "<!-- columns of ";

/// Every table and its columns; of columns that depend on the scenario one of each kind.
fn tables() -> Vec<(&'static str, Vec<Column>)> {
    macro_rules! declared {
        ($($module:ident),* $(,)?) => {
            [$(kzsim::table::$module::for_reference()),*].concat()
        };
    }
    let mut out = declared![
        arrivals,
        cases,
        comparison,
        discovery,
        fit,
        given,
        histories,
        pool,
        prequential,
        ranges,
        run,
        score,
        sensitivity,
        signposts,
        survival,
        sweep,
        variance,
        weighing,
    ];
    for (row, columns) in &mut out {
        match *row {
            "CaseRow" => *columns = cases::pattern(),
            "SweepPointRow" => *columns = sweep::pattern::<sweep::SweepPointRow>(),
            "SweepOutcomeRow" => *columns = sweep::pattern::<sweep::SweepOutcomeRow>(),
            "SweepFlagRow" => *columns = sweep::pattern::<sweep::SweepFlagRow>(),
            _ => {}
        }
    }
    // Declared by the scenario and by the coefficients.
    out.push((rounds::FILE, rounds::pattern()));
    out.push((fit::DRAWS, fit::pattern()));
    out
}

fn table(columns: &[Column]) -> String {
    let mut out = "| column | type | unit | meaning |\n| --- | --- | --- | --- |\n".to_owned();
    for c in columns {
        let unit = if c.unit.is_empty() {
            String::new()
        } else {
            format!("{} ", c.unit)
        };
        let _ = writeln!(
            out,
            "| `{}` | {} | {unit}| {} |",
            c.name,
            c.dtype.name(),
            c.meaning
        );
    }
    out
}

/// A document with the column reference of each table, behind its mark, written anew.
fn reference(document: &str) -> String {
    let mut out = document.to_owned();
    for (row, columns) in tables() {
        let mark = format!("{MARK}{row} -->\n");
        let found = out.find(&mark);
        let start = found.unwrap_or_else(|| panic!("no mark {mark}")) + mark.len();
        let old = out[start..].split_inclusive('\n');
        let end: usize = old.take_while(|l| l.starts_with('|')).map(str::len).sum();
        out.replace_range(start..start + end, &table(&columns));
    }
    out
}

#[test]
fn every_column_is_described() {
    let path = repository("docs/OUTPUTS.md");
    let text = fs::read_to_string(&path).expect("the document");
    let new = reference(&text);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &new).expect("a document");
    } else {
        assert!(
            text == new,
            "run the test with BLESS=1 to rewrite the columns"
        );
    }
    assert!(text.contains(&format!("the first {} rounds", grouped(FOLLOWED))));
}

/// A module whose tables are not in the list above would be missing silently.
#[test]
fn every_declared_table_is_in_the_reference() {
    let sources = fs::read_dir(repository("src/table")).expect("the tables");
    let declared: usize = sources
        .map(|entry| fs::read_to_string(entry.expect("a file").path()).expect("a source"))
        .map(|text| text.lines().filter(|l| is_declaration(l)).count())
        .sum();
    assert_eq!(tables().len(), declared + 2);
}

/// Whether a line begins a table, as in `OutcomeRow in "outcomes.csv" {`.
fn is_declaration(line: &str) -> bool {
    let line = line.trim();
    line.ends_with(".csv\" {") && line.contains("Row in \"") && !line.starts_with("//")
}
