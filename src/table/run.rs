//! The tables of `kzsim run`.

use std::iter;

use jiff::civil::Date;

use super::row::{Table, table};
use super::survival::{self, SurvivalRow, waits};
use super::variance;
use super::{histories, ranges};
use crate::analysis::interval::wilson;
use crate::analysis::ranges::{NoRanges, Ranges};
use crate::analysis::share::Pairs;
use crate::analysis::survival::of_all;
use crate::ensemble::Tally;
use crate::ensemble::by_outcome::days_by_outcome;
use crate::ensemble::histogram::{mean, rank};
use crate::ensemble::sample::WholeRound;
use crate::ensemble::timeline::{followed, recorded_days};
use crate::plan::{Fragile, Plan};
use crate::scenario::Scenario;

/// The counts of a run, with the scenario and plan that give them meaning.
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
    /// How far shares move across sets of guesses and forms of the model, or why that is not known.
    pub ranges: Result<&'a Ranges, NoRanges>,
    /// Whole histories of the first rounds, if they are kept.
    pub histories: &'a [WholeRound],
}

table! {
    /// A row of `outcomes.csv`: an outcome.
    OutcomeRow in "outcomes.csv" {
        ..scenario,
        outcome: String = "id",
        name: String = "display name",
        rounds: u64 ["round"] = "rounds played",
        count: u64 ["round"] = "rounds with it; the counts sum to `rounds`",
        ..counted,
        ..days("day on which it was noted in these rounds; empty when the count is 0"),
        ..ranges,
    }

    /// A row of `flags.csv`: a flag.
    FlagRow in "flags.csv" {
        ..scenario,
        flag: String = "id",
        rounds: u64 ["round"] = "rounds played",
        count: u64 ["round"] = "rounds in which it was ever true",
        ..counted,
    }

    /// A row of `actions.csv`: an action.
    ActionRow in "actions.csv" {
        ..scenario,
        action: String = "id",
        by: Option<String> = "the actor who decides it; empty if nobody does",
        rounds: u64 ["round"] = "rounds played",
        count: u64 ["round"] = "rounds in which it took effect at least once",
        ..counted,
        ..days("day on which it first took effect; empty when the count is 0"),
        limited: u64 ["round"] = "rounds in which it would have been decided again but for its limit; 0 where the limit is 0 or 1",
        crowded: u64 ["round"] = "rounds in which more than one decision was expected within some step, by its rate; 0 where the limit is 0 or 1, or with `every`",
        lapsed: u64 ["round"] = "rounds in which a decision of it lapsed before it took effect; 0 without `delay`",
    }

    /// A row of `timeline.csv`: a recorded day and a quantity, over all followed rounds or those with one outcome.
    TimelineRow in "timeline.csv" {
        ..scenario,
        ..midnight,
        variable: String = "quantity, named as in expressions",
        outcome: Option<String> = "id of the outcome that the rounds end with; empty for all followed rounds",
        rounds: u64 ["round"] = "rounds that the row is about",
        mean: f64 = "mean over these rounds",
        p05: f64 = "5th percentile, rounded towards 0 by less than 1/32 of itself",
        p25: f64 = "25th percentile, rounded towards 0 by less than 1/32 of itself",
        p50: f64 = "median, rounded towards 0 by less than 1/32 of itself",
        p75: f64 = "75th percentile, rounded towards 0 by less than 1/32 of itself",
        p95: f64 = "95th percentile, rounded towards 0 by less than 1/32 of itself",
    }

    /// A row of `outcome_by_day.csv`: a recorded day and an outcome.
    OutcomeByDayRow in "outcome_by_day.csv" {
        ..scenario,
        ..midnight,
        outcome: String = "id",
        probability: f64 = "share of all rounds in which it was noted by then",
    }

    /// A row of `action_by_day.csv`: a recorded day and an action.
    ActionByDayRow in "action_by_day.csv" {
        ..scenario,
        ..midnight,
        action: String = "id",
        probability: f64 = "share of all rounds in which it has taken effect by then",
    }

    /// A row of `horizons.csv`: a horizon, and an outcome or flag.
    HorizonRow in "horizons.csv" {
        ..scenario,
        horizon: String = "how many days after the start, as in `30d`; the last is the end of the clock",
        ..event,
        rounds: u64 ["round"] = "rounds played",
        count: u64 ["round"] = "rounds in which it stood: whose outcome it would have been, had they ended there; or in which the flag had held by then",
        ..counted,
    }

    /// A row of `actors.csv`: an actor and a side.
    ActorRow in "actors.csv" {
        ..scenario,
        actor: String = "id",
        name: String = "display name",
        contender: String = "a contender, or `aside`",
        loyalty_start: Option<f64> = "mean loyalty to the contender at the start; empty for `aside` and for a contender's loyalty to itself",
        loyalty_end: Option<f64> = "the same at the end of the round",
        stance_start: f64 = "mean share of the actor on that side at the start",
        stance_end: f64 = "mean share of the actor on that side at the end of the round",
    }
}

impl OutcomeRow {
    /// The 5th and the 95th percentile of its share across sets of guesses, if they are known.
    #[must_use]
    pub fn guesses(&self) -> Option<(f64, f64)> {
        self.guesses_low.zip(self.guesses_high)
    }

    /// Its lowest and highest share over forms of the model, if they are known.
    #[must_use]
    pub fn forms(&self) -> Option<(f64, f64)> {
        self.forms_low.zip(self.forms_high)
    }
}

impl Results<'_> {
    fn name(&self) -> String {
        self.scenario.name.clone()
    }

    /// 5th, 50th and 95th percentile, in days, of counts by step.
    fn days(&self, counts: &[u64]) -> [Option<f64>; 3] {
        [0.05, 0.5, 0.95].map(|p| rank(counts, p).map(|step| self.scenario.clock.day(step as u64)))
    }

    /// The date of a day of the clock; the horizon lies before the year 10000.
    fn date(&self, day: u64) -> Date {
        let start = self.scenario.clock.start;
        start.saturating_add(jiff::Span::new().days(day.cast_signed()))
    }

    /// Every table with fixed columns, in order.
    #[must_use]
    pub fn tables(&self) -> Vec<Table> {
        let mut tables = vec![
            Table::of(&self.outcomes()),
            Table::of(&self.flags()),
            Table::of(&self.actions()),
            Table::of(&self.timeline()),
            Table::of(&self.outcome_by_day()),
            Table::of(&self.action_by_day()),
            Table::of(&self.actors()),
            Table::of(&variance::rows(self.scenario, &self.pairs)),
        ];
        if let Ok(found) = self.ranges {
            let shares: Vec<f64> = self.outcomes().iter().map(|r| r.probability).collect();
            let rounds = self.tally.rounds;
            tables.extend(ranges::tables(self.scenario, found, rounds, &shares));
        }
        if !self.histories.is_empty() {
            let (s, plan) = (self.scenario, self.plan);
            let rows = histories::rows(s, plan, self.histories, |day| self.date(day));
            tables.push(Table::of(&rows));
        }
        if self.plan.reads {
            tables.push(Table::of(&self.horizons()));
            tables.push(Table::of(&self.survival()));
        }
        tables
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
            let ranges = self.ranges.ok();
            let guesses = ranges.and_then(|r| r.guesses.get(j)?.range());
            let forms = ranges.and_then(|r| r.over_forms(j, share.probability));
            OutcomeRow {
                scenario: self.name(),
                outcome: outcome.id.clone(),
                name: outcome.name.clone(),
                rounds: self.tally.rounds,
                count,
                probability: share.probability,
                ci_low: share.low,
                ci_high: share.high,
                day_p05,
                day_p50,
                day_p95,
                guesses_low: guesses.map(|ends| ends.0),
                guesses_high: guesses.map(|ends| ends.1),
                forms_low: forms.map(|ends| ends.0),
                forms_high: forms.map(|ends| ends.1),
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
                probability: share.probability,
                ci_low: share.low,
                ci_high: share.high,
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
                probability: share.probability,
                ci_low: share.low,
                ci_high: share.high,
                day_p05,
                day_p50,
                day_p95,
                limited: self.tally.limited[i],
                crowded: self.tally.crowded[i],
                lapsed: self.tally.lapsed[i],
            }
        })
        .collect()
    }

    /// Expressions that left the finite numbers, with the number of rounds in which each did, the most
    /// rounds first.
    #[must_use]
    pub fn undefined(&self) -> Vec<(&Fragile, u64)> {
        let counts = self.tally.undefined.iter().copied();
        let mut list: Vec<_> = self.plan.fragile.iter().zip(counts).collect();
        list.retain(|(_, rounds)| *rounds > 0);
        list.sort_by_key(|(_, rounds)| std::cmp::Reverse(*rounds));
        list
    }

    /// Rows of `timeline.csv`: over all followed rounds, then over those of each outcome that any has; by day, then by
    /// quantity.
    #[must_use]
    pub fn timeline(&self) -> Vec<TimelineRow> {
        let names = followed(self.scenario, self.plan);
        let days = recorded_days(&self.scenario.clock);
        let chosen: Vec<u64> = days_by_outcome(days.len())
            .into_iter()
            .map(|i| days[i])
            .collect();
        let details = &self.tally.details;
        let all = (None, details.rounds, &days, &details.timeline);
        let outcomes = self.scenario.outcomes.iter().zip(&details.by_outcome);
        let each = outcomes.map(|(o, own)| (Some(&o.id), own.rounds, &chosen, &own.timeline));
        let mut rows = Vec::new();
        for (outcome, rounds, days, timeline) in iter::once(all).chain(each) {
            if rounds == 0 && outcome.is_some() {
                continue;
            }
            for (i, day) in days.iter().enumerate() {
                for (q, quantity) in names.iter().enumerate() {
                    let histogram = timeline.at(i, q);
                    let [p05, p25, p50, p75, p95] =
                        histogram.percentiles([0.05, 0.25, 0.5, 0.75, 0.95]);
                    rows.push(TimelineRow {
                        scenario: self.name(),
                        day: *day as f64,
                        date: self.date(*day),
                        variable: quantity.name.clone(),
                        outcome: outcome.cloned(),
                        rounds,
                        mean: histogram.mean(),
                        p05,
                        p25,
                        p50,
                        p75,
                        p95,
                    });
                }
            }
        }
        rows
    }

    /// By recorded day, then by list of counts by step: the day, its date, the index of the list, and
    /// the share of all rounds that it has counted by the end of that day.
    fn by_day<'c>(
        &'c self,
        counts: &'c [Vec<u64>],
    ) -> impl Iterator<Item = (f64, Date, usize, f64)> + 'c {
        let per_step = self.scenario.clock.step_seconds;
        let days = recorded_days(&self.scenario.clock).into_iter();
        days.flat_map(move |day| {
            let steps = (day * 86_400 / per_step) as usize;
            counts.iter().enumerate().map(move |(i, counts)| {
                let counted: u64 = counts[..=steps].iter().sum();
                let share = counted as f64 / self.tally.rounds as f64;
                (day as f64, self.date(day), i, share)
            })
        })
    }

    /// Rows of `outcome_by_day.csv`: the probability that it has been noted by the end of
    /// that day. Outcomes read at the horizon appear there.
    #[must_use]
    pub fn outcome_by_day(&self) -> Vec<OutcomeByDayRow> {
        self.by_day(&self.tally.outcomes)
            .map(|(day, date, j, probability)| OutcomeByDayRow {
                scenario: self.name(),
                day,
                date,
                outcome: self.scenario.outcomes[j].id.clone(),
                probability,
            })
            .collect()
    }

    /// Rows of `action_by_day.csv`: the probability that an action has taken effect by that moment.
    #[must_use]
    pub fn action_by_day(&self) -> Vec<ActionByDayRow> {
        self.by_day(&self.tally.actions)
            .map(|(day, date, i, probability)| ActionByDayRow {
                scenario: self.name(),
                day,
                date,
                action: self.scenario.actions[i].id.clone(),
                probability,
            })
            .collect()
    }

    /// Rows of `horizons.csv`: by horizon, then outcomes and flags in order. None without `[clock] read`.
    #[must_use]
    pub fn horizons(&self) -> Vec<HorizonRow> {
        if !self.plan.reads {
            return Vec::new();
        }
        let (s, tally) = (self.scenario, self.tally);
        let last: Vec<u64> = (0..s.outcomes.len())
            .map(|j| tally.outcome_count(j))
            .collect();
        let outcomes = tally.horizons.outcomes.iter().chain([&last]);
        let flags = tally.horizons.flags.iter().chain([&tally.flags]);
        let mut rows = Vec::new();
        for (horizon, (outcomes, flags)) in s.clock.horizon_texts().iter().zip(outcomes.zip(flags))
        {
            let outcomes = s.outcomes.iter().map(|o| ("outcome", &o.id)).zip(outcomes);
            let flags = s.flags.iter().map(|f| ("flag", &f.id)).zip(flags);
            for ((kind, target), count) in outcomes.chain(flags) {
                let share = wilson(*count, tally.rounds);
                rows.push(HorizonRow {
                    scenario: self.name(),
                    horizon: horizon.clone(),
                    kind: kind.to_owned(),
                    target: target.clone(),
                    rounds: tally.rounds,
                    count: *count,
                    probability: share.probability,
                    ci_low: share.low,
                    ci_high: share.high,
                });
            }
        }
        rows
    }

    /// Rows of `survival.csv`: outcomes that are not read at the horizon alone, then flags; each by day. None
    /// without `[clock] read`.
    #[must_use]
    pub fn survival(&self) -> Vec<SurvivalRow> {
        let (s, tally) = (self.scenario, self.tally);
        if !self.plan.reads {
            return Vec::new();
        }
        let horizons = &tally.horizons;
        let waits = |j| waits(self.plan, j);
        let all = of_all(waits, &tally.outcomes, &horizons.first, &horizons.without);
        survival::of_run(s, &all)
    }

    /// Rows of `actors.csv`: by actor, then contender, then aside.
    #[must_use]
    pub fn actors(&self) -> Vec<ActorRow> {
        let s = self.scenario;
        let details = &self.tally.details;
        let contenders = s.contenders.len();
        let average = |sum: i128| mean(sum, details.rounds);
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

    /// Whether an outcome is evaluated only at the horizon.
    #[must_use]
    pub fn at_horizon(&self, outcome: usize) -> bool {
        waits(self.plan, outcome)
    }
}
