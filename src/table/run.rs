//! The rows of every CSV file with fixed columns, one type a file.

use serde::Serialize;

use super::cell::Float;
use crate::analysis::interval::wilson;
use crate::analysis::share::Pairs;
use crate::ensemble::histogram::{mean, rank};
use crate::ensemble::timeline::{followed, recorded_days};
use crate::ensemble::{RoundRecord, Tally};
use crate::plan::{OutcomeKind, Plan};
use crate::scenario::Scenario;

/// What a run gave, with all that is needed to read it.
#[derive(Debug)]
pub struct Results<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Its plan.
    pub plan: &'a Plan,
    /// The counts.
    pub tally: &'a Tally,
    /// Pairs of rounds that share their priors: of each outcome, then each flag.
    pub pairs: Vec<Pairs>,
}

/// A row of `outcomes.csv`.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each column is described by `columns`")]
pub struct OutcomeRow {
    pub scenario: String,
    pub outcome: String,
    pub name: String,
    pub rounds: u64,
    pub count: u64,
    pub probability: Float,
    pub ci_low: Float,
    pub ci_high: Float,
    pub day_p05: Option<Float>,
    pub day_p50: Option<Float>,
    pub day_p95: Option<Float>,
}

/// A row of `flags.csv`.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each column is described by `columns`")]
pub struct FlagRow {
    pub scenario: String,
    pub flag: String,
    pub rounds: u64,
    pub count: u64,
    pub probability: Float,
    pub ci_low: Float,
    pub ci_high: Float,
}

/// A row of `actions.csv`.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each column is described by `columns`")]
pub struct ActionRow {
    pub scenario: String,
    pub action: String,
    pub by: Option<String>,
    pub rounds: u64,
    pub count: u64,
    pub probability: Float,
    pub ci_low: Float,
    pub ci_high: Float,
    pub day_p05: Option<Float>,
    pub day_p50: Option<Float>,
    pub day_p95: Option<Float>,
}

/// A row of `timeline.csv`.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each column is described by `columns`")]
pub struct TimelineRow {
    pub scenario: String,
    pub day: Float,
    pub date: String,
    pub variable: String,
    pub mean: Float,
    pub p05: Float,
    pub p25: Float,
    pub p50: Float,
    pub p75: Float,
    pub p95: Float,
}

/// A row of `outcome_by_day.csv`.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each column is described by `columns`")]
pub struct OutcomeByDayRow {
    pub scenario: String,
    pub day: Float,
    pub date: String,
    pub outcome: String,
    pub probability: Float,
}

/// A row of `action_by_day.csv`.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each column is described by `columns`")]
pub struct ActionByDayRow {
    pub scenario: String,
    pub day: Float,
    pub date: String,
    pub action: String,
    pub probability: Float,
}

/// A row of `actors.csv`.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each column is described by `columns`")]
pub struct ActorRow {
    pub scenario: String,
    pub actor: String,
    pub name: String,
    pub contender: String,
    pub loyalty_start: Option<Float>,
    pub loyalty_end: Option<Float>,
    pub stance_start: Float,
    pub stance_end: Float,
}

impl Results<'_> {
    fn name(&self) -> String {
        self.scenario.name.clone()
    }

    /// 5th, 50th and 95th percentile, in days, of counts by step.
    fn days(&self, counts: &[u64]) -> [Option<Float>; 3] {
        [0.05, 0.5, 0.95]
            .map(|p| rank(counts, p).map(|step| Float(self.scenario.clock.day(step as u64))))
    }

    fn date(&self, day: u64) -> String {
        let span = jiff::Span::new().days(day.cast_signed());
        self.scenario
            .clock
            .start
            .checked_add(span)
            .map_or(String::new(), |d| d.to_string())
    }

    /// Rows of `outcomes.csv`: every declared outcome, in order.
    #[must_use]
    pub fn outcomes(&self) -> Vec<OutcomeRow> {
        let rows = self.scenario.outcomes.iter().enumerate();
        rows.map(|(j, outcome)| {
            let counts = &self.tally.outcomes[j];
            let count = self.tally.outcome_count(j);
            let share = wilson(count, self.tally.rounds);
            let [day_p05, day_p50, day_p95] = self.days(counts);
            OutcomeRow {
                scenario: self.name(),
                outcome: outcome.id.clone(),
                name: outcome.name.clone(),
                rounds: self.tally.rounds,
                count,
                probability: Float(share.probability),
                ci_low: Float(share.low),
                ci_high: Float(share.high),
                day_p05,
                day_p50,
                day_p95,
            }
        })
        .collect()
    }

    /// Rows of `flags.csv`: every declared flag, in order.
    #[must_use]
    pub fn flags(&self) -> Vec<FlagRow> {
        let rows = self.scenario.flags.iter().zip(&self.tally.flags);
        rows.map(|(flag, count)| {
            let share = wilson(*count, self.tally.rounds);
            FlagRow {
                scenario: self.name(),
                flag: flag.id.clone(),
                rounds: self.tally.rounds,
                count: *count,
                probability: Float(share.probability),
                ci_low: Float(share.low),
                ci_high: Float(share.high),
            }
        })
        .collect()
    }

    /// Rows of `actions.csv`: every declared action, in order.
    #[must_use]
    pub fn actions(&self) -> Vec<ActionRow> {
        let rows = self.scenario.actions.iter().enumerate();
        rows.map(|(i, action)| {
            let count = self.tally.action_count(i);
            let share = wilson(count, self.tally.rounds);
            let [day_p05, day_p50, day_p95] = self.days(&self.tally.actions[i]);
            ActionRow {
                scenario: self.name(),
                action: action.id.clone(),
                by: action.by.map(|a| self.scenario.actors[a].id.clone()),
                rounds: self.tally.rounds,
                count,
                probability: Float(share.probability),
                ci_low: Float(share.low),
                ci_high: Float(share.high),
                day_p05,
                day_p50,
                day_p95,
            }
        })
        .collect()
    }

    /// Rows of `timeline.csv`: by day, then by quantity.
    #[must_use]
    pub fn timeline(&self) -> Vec<TimelineRow> {
        let names = followed(self.scenario, self.plan);
        let mut rows = Vec::new();
        for (i, day) in recorded_days(&self.scenario.clock).into_iter().enumerate() {
            for (q, quantity) in names.iter().enumerate() {
                let histogram = self.tally.details.timeline.at(i, q);
                let [p05, p25, p50, p75, p95] = histogram
                    .percentiles([0.05, 0.25, 0.5, 0.75, 0.95])
                    .map(Float);
                rows.push(TimelineRow {
                    scenario: self.name(),
                    day: Float(day as f64),
                    date: self.date(day),
                    variable: quantity.name.clone(),
                    mean: Float(histogram.mean()),
                    p05,
                    p25,
                    p50,
                    p75,
                    p95,
                });
            }
        }
        rows
    }

    /// Rows of `outcome_by_day.csv`: the probability that the round has ended so by the end of
    /// that day. Outcomes read at the horizon appear there.
    #[must_use]
    pub fn outcome_by_day(&self) -> Vec<OutcomeByDayRow> {
        let mut rows = Vec::new();
        let per_step = self.scenario.clock.step_seconds;
        for day in recorded_days(&self.scenario.clock) {
            let steps = (day * 86_400 / per_step) as usize;
            for (j, outcome) in self.scenario.outcomes.iter().enumerate() {
                let ended: u64 = self.tally.outcomes[j][..=steps].iter().sum();
                rows.push(OutcomeByDayRow {
                    scenario: self.name(),
                    day: Float(day as f64),
                    date: self.date(day),
                    outcome: outcome.id.clone(),
                    probability: Float(ended as f64 / self.tally.rounds as f64),
                });
            }
        }
        rows
    }

    /// Rows of `action_by_day.csv`: the probability that an action has taken effect by that moment.
    #[must_use]
    pub fn action_by_day(&self) -> Vec<ActionByDayRow> {
        let mut rows = Vec::new();
        let per_step = self.scenario.clock.step_seconds;
        for day in recorded_days(&self.scenario.clock) {
            let steps = (day * 86_400 / per_step) as usize;
            for (i, action) in self.scenario.actions.iter().enumerate() {
                let happened: u64 = self.tally.actions[i][..=steps].iter().sum();
                rows.push(ActionByDayRow {
                    scenario: self.name(),
                    day: Float(day as f64),
                    date: self.date(day),
                    action: action.id.clone(),
                    probability: Float(happened as f64 / self.tally.rounds as f64),
                });
            }
        }
        rows
    }

    /// Rows of `actors.csv`: by actor, then contender, then aside.
    #[must_use]
    pub fn actors(&self) -> Vec<ActorRow> {
        let s = self.scenario;
        let details = &self.tally.details;
        let contenders = s.contenders.len();
        let average = |sum: i128| Float(mean(sum, details.rounds));
        let mut rows = Vec::new();
        for (a, actor) in s.actors.iter().enumerate() {
            for o in 0..=contenders {
                let own = actor.contender == Some(o);
                let loyal = o < contenders && !own;
                let pair = a * contenders + o;
                rows.push(ActorRow {
                    scenario: self.name(),
                    actor: actor.id.clone(),
                    name: actor.name.clone(),
                    contender: s
                        .contenders
                        .get(o)
                        .map_or("aside", |c| c.id.as_str())
                        .to_owned(),
                    loyalty_start: loyal.then(|| average(details.loyalty_start[pair])),
                    loyalty_end: loyal.then(|| average(details.loyalty_end[pair])),
                    stance_start: average(details.stance_start[a * (contenders + 1) + o]),
                    stance_end: average(details.stance_end[a * (contenders + 1) + o]),
                });
            }
        }
        rows
    }

    /// Whether an outcome is read at the horizon alone.
    #[must_use]
    pub fn at_horizon(&self, outcome: usize) -> bool {
        self.plan.outcomes[outcome].kind != OutcomeKind::Always
    }
}

/// A row of `rounds.csv`.
#[must_use]
pub fn rounds_row(s: &Scenario, record: &RoundRecord) -> Vec<String> {
    let day = s.clock.day(u64::from(record.steps));
    let mut row = vec![
        s.name.clone(),
        record.round.to_string(),
        s.outcomes[record.outcome].id.clone(),
        Float(day).text(),
    ];
    row.extend(record.flags.iter().map(bool::to_string));
    row.extend(
        record
            .first
            .iter()
            .map(|f| f.map_or(String::new(), Float::single)),
    );
    row.extend(record.priors.iter().map(|p| Float::single(*p)));
    row
}
