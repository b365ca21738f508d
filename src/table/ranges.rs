//! `guesses.csv` and `forms.csv`: how far shares move across sets of guesses and across forms of the model.

use super::row::{Table, table};
use crate::analysis::ranges::{PARTS, Ranges};
use crate::scenario::Scenario;

/// What the scenario's own form is called.
pub const OWN: &str = "as written";

table! {
    /// A row of `guesses.csv`: an outcome and a quantile.
    GuessRow in "guesses.csv" {
        ..scenario,
        outcome: String = "id",
        quantile: f64 = "part of all sets of guesses",
        share: f64 = "the share that the outcome stays below with that part of them",
        ..interval(f64),
    }

    /// A row of `forms.csv`: a form of the model and an outcome.
    FormRow in "forms.csv" {
        ..scenario,
        form: String = "the structural switch that differs, and its value; `as written` for the scenario's own form",
        outcome: String = "id",
        rounds: u64 ["round"] = "rounds played in this form; those of the run for its own",
        probability: f64 = "its share in this form: that of the run and the difference",
        difference: f64 = "its share less that in the scenario's own form, in the same rounds",
        ci_low: Option<f64> = "lower end of the interval of the difference at 95 %; empty for the scenario's own form",
        ci_high: Option<f64> = "upper end of the same",
    }
}

/// The forms that were played, the scenario's own first.
pub fn forms(ranges: &Ranges) -> impl Iterator<Item = &str> {
    [OWN]
        .into_iter()
        .chain(ranges.forms.iter().map(|form| form.name.as_str()))
}

/// The tables that have rows, of a run of so many rounds in which outcomes have these shares.
pub(super) fn tables(
    scenario: &Scenario,
    ranges: &Ranges,
    rounds: u64,
    shares: &[f64],
) -> Vec<Table> {
    let mut out = Vec::new();
    if !ranges.guesses.is_empty() {
        out.push(Table::of(&guess_rows(scenario, ranges)));
    }
    if !ranges.forms.is_empty() {
        out.push(Table::of(&form_rows(scenario, ranges, rounds, shares)));
    }
    out
}

/// Rows of `guesses.csv`: by outcome, then by quantile.
#[must_use]
pub fn guess_rows(scenario: &Scenario, ranges: &Ranges) -> Vec<GuessRow> {
    let mut rows = Vec::new();
    for (outcome, guesses) in scenario.outcomes.iter().zip(&ranges.guesses) {
        rows.extend(
            PARTS
                .iter()
                .zip(&guesses.quantiles)
                .map(|(per_cent, found)| GuessRow {
                    scenario: scenario.name.clone(),
                    outcome: outcome.id.clone(),
                    quantile: f64::from(*per_cent) / 100.0,
                    share: found.share,
                    ci_low: found.low,
                    ci_high: found.high,
                }),
        );
    }
    rows
}

/// Rows of `forms.csv`: by form, the scenario's own first, then by outcome, whose shares of so many rounds are given.
#[must_use]
pub fn form_rows(
    scenario: &Scenario,
    ranges: &Ranges,
    rounds: u64,
    shares: &[f64],
) -> Vec<FormRow> {
    let outcomes = scenario.outcomes.iter().zip(shares);
    let row = |form: &str, outcome: &str, share: f64| FormRow {
        scenario: scenario.name.clone(),
        form: form.to_owned(),
        outcome: outcome.to_owned(),
        rounds,
        probability: share,
        difference: 0.0,
        ci_low: None,
        ci_high: None,
    };
    let own = outcomes.clone().map(|(of, share)| row(OWN, &of.id, *share));
    let mut rows: Vec<FormRow> = own.collect();
    for form in &ranges.forms {
        let other = outcomes.clone().zip(&form.differences).enumerate();
        rows.extend(other.map(|(j, ((of, share), difference))| FormRow {
            rounds: form.rounds,
            difference: difference.estimate,
            ci_low: Some(difference.low),
            ci_high: Some(difference.high),
            ..row(&form.name, &of.id, form.share(j, *share))
        }));
    }
    rows
}
