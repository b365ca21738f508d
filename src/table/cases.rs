//! The tables of `kzsim cases`. The columns of `cases.csv` depend on the settings.

use jiff::civil::Date;

use super::row::{Row, Table, table};
use super::survival::{CaseSurvivalRow, Survival, of_case};
use super::sweep::setting_column;
use crate::analysis::interval::{Share, wilson};
use crate::scenario::Scenario;

table! {
    /// A row of `cases.csv`: a case. The settings follow `rounds`, as the case table has them.
    CaseRow in "cases.csv" [pattern()] {
        scenario: String = "the template before any setting",
        case: String = "id of the case",
        cluster: String = "its cluster; empty where there are none",
        group: String = "its group; empty where there are none",
        start: Date = "first day of its clock",
        rounds: u64 ["round"] = "rounds played of this case",
    }

    /// A row of `outcomes.csv`: a case, a horizon and an outcome. It serves `kzsim score` as a forecast.
    CaseOutcomeRow in "outcomes.csv" {
        case: String = "id of the case",
        horizon: String = "horizon, as `30d`; empty if there is one",
        outcome: String = "id",
        name: String = "display name",
        ..of_case,
    }

    /// A row of `flags.csv`: a case, a horizon and a flag.
    CaseFlagRow in "flags.csv" {
        case: String = "id of the case",
        horizon: String = "horizon, as `30d`; empty if there is one",
        flag: String = "id",
        name: String = "display name",
        ..of_case,
    }
}

/// What may not be meant of a case table.
#[derive(Debug, Clone, PartialEq)]
pub enum TableRemark {
    /// Cells are empty: the template's own numbers stand in for them.
    NotCoded {
        /// The column.
        path: String,
        /// Cases without it.
        missing: usize,
        /// All cases.
        of: usize,
    },
    /// A column says the same of every case.
    Constant {
        /// The column.
        path: String,
        /// What it says.
        value: String,
    },
    /// Two columns say nearly the same.
    Alike {
        /// The columns.
        paths: [String; 2],
        /// Their correlation (Pearson's).
        correlation: f64,
    },
    /// How many clusters there are.
    Clusters {
        /// Their number.
        clusters: usize,
        /// Cases.
        of: usize,
    },
}

/// What the rounds of a case came to.
#[derive(Debug, Clone, PartialEq)]
pub enum CaseShares {
    /// All rounds count alike: by horizon, counts of outcomes and of flags.
    Counted(Vec<(Vec<u64>, Vec<u64>)>),
    /// Rounds are weighted by the case's evidence: share and effective rounds of each outcome, then of
    /// each flag.
    Given(Vec<(Share, f64)>, Vec<(Share, f64)>),
}

/// A case that was played.
#[derive(Debug, Clone, PartialEq)]
pub struct PlayedCase {
    /// Id.
    pub id: String,
    /// Cluster; empty where there are none.
    pub cluster: String,
    /// Group; empty where there are none.
    pub group: String,
    /// First day of its clock.
    pub start: Date,
    /// Its settings, as the table has them.
    pub settings: Vec<String>,
    /// What its rounds came to.
    pub shares: CaseShares,
    /// When, if that was asked for; not of a case with evidence.
    pub survival: Survival,
}

/// All cases that were played, with what gives them meaning.
pub struct PlayedCases<'a> {
    /// The template before any setting.
    pub scenario: &'a Scenario,
    /// Paths of the settings.
    pub paths: &'a [String],
    /// Horizons, as their columns name them.
    pub horizons: &'a [String],
    /// Rounds of each case.
    pub rounds: u64,
    /// Whether it is told when things happened.
    pub times: bool,
    /// The cases.
    pub cases: &'a [PlayedCase],
}

/// A share of a case's rounds.
#[derive(Debug, Clone, Copy)]
struct CaseShare {
    count: Option<u64>,
    share: Share,
    effective: Option<f64>,
}

/// A number that is defined.
fn defined(x: f64) -> Option<f64> {
    (!x.is_nan()).then_some(x)
}

/// Where the columns of the settings are inserted in `cases.csv`: behind all others.
const SETTINGS: usize = 6;

impl PlayedCases<'_> {
    /// Every table, in order.
    #[must_use]
    pub fn tables(&self) -> Vec<Table> {
        let rows: Vec<CaseRow> = self.cases.iter().map(|case| self.case(case)).collect();
        let mut cases = Table::of(&rows);
        let columns = self.paths.iter().enumerate();
        let columns = columns.map(|(i, path)| {
            let texts = self.cases.iter().map(|case| case.settings[i].as_str());
            setting_column(path, texts)
        });
        cases.insert(SETTINGS, columns.collect(), |i| {
            self.cases[i].settings.clone()
        });
        let (outcomes, flags) = (self.outcomes(), self.flags());
        let mut tables = vec![cases, Table::of(&outcomes), Table::of(&flags)];
        if self.times {
            tables.push(Table::of(&self.survival()));
        }
        tables
    }

    fn survival(&self) -> Vec<CaseSurvivalRow> {
        let cases = self.cases.iter();
        cases
            .flat_map(|case| of_case(self.scenario, &case.id, &case.survival))
            .collect()
    }

    fn case(&self, case: &PlayedCase) -> CaseRow {
        CaseRow {
            scenario: self.scenario.name.clone(),
            case: case.id.clone(),
            cluster: case.cluster.clone(),
            group: case.group.clone(),
            start: case.start,
            rounds: self.rounds,
        }
    }

    /// The shares of a case, by horizon: of outcomes, or of flags.
    fn shares(&self, case: &PlayedCase, flags: bool) -> Vec<Vec<CaseShare>> {
        let counted = |count: &u64| CaseShare {
            count: Some(*count),
            share: wilson(*count, self.rounds),
            effective: None,
        };
        let given = |(share, effective): &(Share, f64)| CaseShare {
            count: None,
            share: *share,
            effective: Some(*effective),
        };
        match &case.shares {
            CaseShares::Counted(all) => {
                let part =
                    |(o, f): &(Vec<u64>, Vec<u64>)| if flags { f.clone() } else { o.clone() };
                let all = all.iter().map(part);
                all.map(|counts| counts.iter().map(counted).collect())
                    .collect()
            }
            CaseShares::Given(outcomes, all) => {
                let of = if flags { all } else { outcomes };
                vec![of.iter().map(given).collect()]
            }
        }
    }

    /// Shares of outcomes of each case at the last horizon.
    #[must_use]
    pub fn last(&self, case: &PlayedCase) -> Vec<Share> {
        let all = self.shares(case, false).pop();
        all.into_iter().flatten().map(|s| s.share).collect()
    }

    /// A row for each case, horizon, and outcome or flag of these ids and names.
    fn rows<R>(
        &self,
        flags: bool,
        labels: &[(&String, &String)],
        row: impl Fn([&String; 4], CaseShare) -> R,
    ) -> Vec<R> {
        let mut out = Vec::new();
        for case in self.cases {
            for (horizon, shares) in self.horizons.iter().zip(self.shares(case, flags)) {
                let labelled = labels.iter().zip(shares);
                out.extend(labelled.map(|((id, name), s)| row([&case.id, horizon, id, name], s)));
            }
        }
        out
    }

    fn outcomes(&self) -> Vec<CaseOutcomeRow> {
        let outcomes = self.scenario.outcomes.iter();
        let labels: Vec<_> = outcomes.map(|o| (&o.id, &o.name)).collect();
        self.rows(false, &labels, |names, s| {
            let [case, horizon, outcome, name] = names.map(String::clone);
            let [probability, ci_low, ci_high] =
                [s.share.probability, s.share.low, s.share.high].map(defined);
            CaseOutcomeRow {
                case,
                horizon,
                outcome,
                name,
                rounds: self.rounds,
                count: s.count,
                probability,
                ci_low,
                ci_high,
                effective_rounds: s.effective,
            }
        })
    }

    fn flags(&self) -> Vec<CaseFlagRow> {
        let flags = self.scenario.flags.iter();
        let labels: Vec<_> = flags.map(|f| (&f.id, &f.name)).collect();
        self.rows(true, &labels, |names, s| {
            let [case, horizon, flag, name] = names.map(String::clone);
            let [probability, ci_low, ci_high] =
                [s.share.probability, s.share.low, s.share.high].map(defined);
            CaseFlagRow {
                case,
                horizon,
                flag,
                name,
                rounds: self.rounds,
                count: s.count,
                probability,
                ci_low,
                ci_high,
                effective_rounds: s.effective,
            }
        })
    }

    /// The files.
    pub const FILES: [&'static str; 3] = [CaseRow::FILE, CaseOutcomeRow::FILE, CaseFlagRow::FILE];
}

/// The columns of `cases.csv` with a placeholder for the settings, for the documents.
#[cfg(test)]
fn pattern() -> Vec<super::cell::Column> {
    let mut out = CaseRow::columns();
    let none = std::iter::once("text");
    out.insert(SETTINGS, setting_column("PATH.OF.SETTING", none));
    out
}
