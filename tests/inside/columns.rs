//! The column reference of `docs/OUTPUTS.md` is made from the declarations of the tables.

use std::fmt::Write as _;
use std::fs;

use kzsim::ensemble::timeline::FOLLOWED;
use kzsim::scenario::grammar::grouped;
use kzsim::table::cell::Column;
use kzsim::table::row::Row;
use kzsim::table::{
    arrivals, cases, comparison, discovery, fit, given, pool, prequential, ranges, rounds, run,
    score, sensitivity, signposts, survival, sweep, variance, weighing,
};

use crate::inside::support::repository;

/// How the reference of a file begins in a document; a space and the name of the file follow, with
/// the command in front where several commands write files of that name.
const MARK: &str = "<!-- columns of ";

/// Every file and its columns; of columns that depend on the scenario one of each kind.
fn files() -> Vec<(&'static str, Vec<Column>)> {
    macro_rules! fixed {
        ($($row:ty),* $(,)?) => {
            vec![$((<$row>::FILE, <$row>::columns())),*]
        };
    }
    let mut out = fixed![
        run::OutcomeRow,
        run::FlagRow,
        run::ActionRow,
        ranges::GuessRow,
        ranges::FormRow,
        variance::VarianceRow,
        run::TimelineRow,
        run::OutcomeByDayRow,
        run::ActionByDayRow,
        run::ActorRow,
        run::HorizonRow,
        survival::SurvivalRow,
        given::GivenOutcomeRow,
        given::GivenFlagRow,
        given::GivenActionRow,
        given::GivenPriorRow,
        given::GivenReportRow,
        weighing::ReadingRow,
        weighing::FactorRow,
        weighing::EvidenceRow,
        weighing::LeaveOneOutRow,
        weighing::LookNextRow,
        prequential::PrequentialRow,
        weighing::RecoveryRow,
        pool::PooledRow,
        pool::WeightRow,
        score::ScoreRow,
        score::CaseScoreRow,
        score::ReliabilityRow,
        fit::CoefficientRow,
        fit::FoldRow,
        fit::HeldOutRow,
        fit::FitScoreRow,
        fit::SyntheticRow,
        sensitivity::SobolRow,
        sensitivity::MorrisRow,
        sensitivity::GivenDataRow,
        sensitivity::EffectRow,
        signposts::SignpostRow,
        discovery::BoxRow,
        discovery::LimitRow,
        discovery::StepRow,
        comparison::TransitionRow,
        comparison::DifferenceRow,
        comparison::DivergenceRow,
    ];
    out.extend([
        (rounds::FILE, rounds::pattern()),
        (fit::DRAWS, fit::pattern()),
        ("run arrivals.csv", arrivals::ArrivalRow::columns()),
        ("weigh arrivals.csv", arrivals::WeightArrivalRow::columns()),
        ("sweep points.csv", sweep::pattern::<sweep::SweepPointRow>()),
        (
            "sweep outcomes.csv",
            sweep::pattern::<sweep::SweepOutcomeRow>(),
        ),
        ("sweep flags.csv", sweep::pattern::<sweep::SweepFlagRow>()),
        ("cases cases.csv", cases::pattern()),
        ("cases outcomes.csv", cases::CaseOutcomeRow::columns()),
        ("cases flags.csv", cases::CaseFlagRow::columns()),
        ("cases survival.csv", survival::CaseSurvivalRow::columns()),
    ]);
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

/// A document with the column reference of each file, behind its mark, written anew.
fn reference(document: &str) -> String {
    let mut out = document.to_owned();
    for (file, columns) in files() {
        let mark = format!("{MARK}{file} -->\n");
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

/// A file that a command writes and the reference does not describe would be missing silently.
#[test]
fn every_declared_table_is_in_the_reference() {
    let described = files().len();
    let declared: usize = fs::read_dir(repository("src/table"))
        .expect("the tables")
        .map(|entry| fs::read_to_string(entry.expect("a file").path()).expect("a source"))
        .map(|text| text.lines().filter(|l| is_declaration(l)).count())
        .sum();
    // rounds.csv is declared by the scenario, posterior.csv by the coefficients.
    assert_eq!(described, declared + 2);
}

/// Whether a line begins a table, as in `OutcomeRow in "outcomes.csv" {`.
fn is_declaration(line: &str) -> bool {
    let line = line.trim();
    line.ends_with(".csv\" {") && line.contains("Row in \"") && !line.starts_with("//")
}
