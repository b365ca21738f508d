//! The column reference of `docs/OUTPUTS.md`.

use std::fmt::Write as _;

use super::cell::Column;
use super::comparison::{DifferenceRow, DivergenceRow, TransitionRow};
use super::discovery::{BoxRow, LimitRow, StepRow};
use super::given::{GivenActionRow, GivenFlagRow, GivenOutcomeRow, GivenPriorRow, GivenReportRow};
use super::row::Row;
use super::run::{
    ActionByDayRow, ActionRow, ActorRow, FlagRow, OutcomeByDayRow, OutcomeRow, TimelineRow,
};
use super::sensitivity::{EffectRow, GivenDataRow, MorrisRow, SobolRow};
use super::sweep::{self, SweepFlagRow, SweepOutcomeRow, SweepPointRow};
use super::variance::VarianceRow;
use super::weighing::{
    EvidenceRow, FactorRow, LeaveOneOutRow, LookNextRow, ReadingRow, RecoveryRow,
};

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
        OutcomeRow,
        FlagRow,
        ActionRow,
        VarianceRow,
        TimelineRow,
        OutcomeByDayRow,
        ActionByDayRow,
        ActorRow,
        GivenOutcomeRow,
        GivenFlagRow,
        GivenActionRow,
        GivenPriorRow,
        GivenReportRow,
        ReadingRow,
        FactorRow,
        EvidenceRow,
        LeaveOneOutRow,
        LookNextRow,
        RecoveryRow,
        SobolRow,
        MorrisRow,
        GivenDataRow,
        EffectRow,
        BoxRow,
        LimitRow,
        StepRow,
        TransitionRow,
        DifferenceRow,
        DivergenceRow,
    ];
    out.extend([
        (super::rounds::FILE, super::rounds::pattern()),
        ("sweep points.csv", sweep::pattern::<SweepPointRow>()),
        ("sweep outcomes.csv", sweep::pattern::<SweepOutcomeRow>()),
        ("sweep flags.csv", sweep::pattern::<SweepFlagRow>()),
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
///
/// # Errors
/// When the mark of a file is missing.
pub fn reference(document: &str) -> Result<String, String> {
    let mut out = document.to_owned();
    for (file, columns) in files() {
        let mark = format!("{MARK}{file} -->\n");
        let start = out.find(&mark).ok_or(format!("no mark {}", mark.trim()))? + mark.len();
        let old = out[start..].split_inclusive('\n');
        let end: usize = old.take_while(|l| l.starts_with('|')).map(str::len).sum();
        out.replace_range(start..start + end, &table(&columns));
    }
    Ok(out)
}
