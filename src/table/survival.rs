//! The tables of how long outcomes and flags take, of a run and of cases.

use super::row::table;
use crate::analysis::survival::{Moment, Target};
use crate::plan::{OutcomeKind, Plan};
use crate::scenario::Scenario;

table! {
    /// A row of `survival.csv`: an outcome or flag, and a day on which rounds had it or were last seen.
    SurvivalRow in "survival.csv" {
        ..scenario,
        ..event,
        ..survival,
    }

    /// A row of `survival.csv`: a case, an outcome or flag, and a day on which rounds had it or were last seen.
    CaseSurvivalRow in "survival.csv" {
        case: String = "id of the case",
        ..event,
        ..survival,
    }
}

/// How long outcomes and flags take.
pub type Survival = Vec<(Target, Vec<Moment>)>;

/// Whether an outcome is read at the end of a round alone, so that nothing is said of how long it takes.
#[must_use]
pub fn waits(plan: &Plan, outcome: usize) -> bool {
    plan.outcomes[outcome].kind != OutcomeKind::Always
}

/// Rows of one type, with `$who` in the first column.
macro_rules! rows {
    ($row:ident { $first:ident: $who:expr }, $scenario:expr, $survival:expr) => {{
        let s: &Scenario = $scenario;
        let all = $survival.iter();
        let all = all.flat_map(|(target, moments)| moments.iter().map(move |m| (*target, m)));
        all.map(|(target, moment)| {
            let (kind, id) = match target {
                Target::Outcome(j) => ("outcome", &s.outcomes[j].id),
                Target::Flag(f) => ("flag", &s.flags[f].id),
            };
            $row {
                $first: $who.to_owned(),
                kind: kind.to_owned(),
                target: id.clone(),
                day: s.clock.day(moment.step as u64),
                at_risk: moment.at_risk,
                events: moment.events,
                censored: moment.censored,
                survival: moment.survival,
                ci_low: moment.low,
                ci_high: moment.high,
            }
        })
        .collect()
    }};
}

/// Rows of a run.
#[must_use]
pub fn of_run(scenario: &Scenario, survival: &Survival) -> Vec<SurvivalRow> {
    rows!(
        SurvivalRow {
            scenario: scenario.name
        },
        scenario,
        survival
    )
}

/// Rows of a case.
#[must_use]
pub fn of_case(scenario: &Scenario, case: &str, survival: &Survival) -> Vec<CaseSurvivalRow> {
    rows!(CaseSurvivalRow { case: case }, scenario, survival)
}
