//! `kzsim trace`

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::args::{SetArgs, whole};
use super::complete;
use super::context::Context;
use super::failure::Failure;
use crate::scenario::model::limits;
use crate::study::{Play, Road, Study, StudyError, Typical, TypicalEvent};
use crate::text::{trace, typical};

/// Show one round day by day, with the reason for everything that happens.
///
/// A round has the same history as in `run` with the same seed. With `--outcome` it is one that ended so.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim trace scenarios/base.toml --round 81234
  kzsim trace scenarios/base.toml --outcome president_consolidates  # the first such round
  kzsim trace scenarios/base.toml --outcome president_consolidates --typical  # the most typical
  kzsim trace scenarios/base.toml --outcome president_consolidates --roads 3  # three roads to it")]
pub(super) struct TraceArgs {
    /// The scenario file; `-` for standard input
    #[arg(value_name = "SCENARIO")]
    scenario: PathBuf,
    /// Number of the round, from 0
    #[arg(long, value_name = "K", default_value_t = 0, value_parser = whole::<u64>("round number", 0..=limits::ROUNDS - 1), conflicts_with = "outcome")]
    round: u64,
    /// Show a round that ends with this outcome: the first one, unless --typical or --roads says otherwise
    #[arg(long, value_name = "OUTCOME", add = complete::outcomes())]
    outcome: Option<String>,
    /// Show the round most like the others with the outcome, or of the N most different roads to it the most
    /// typical round each
    #[arg(long, value_name = "N", requires = "outcome", num_args = 0..=1, default_missing_value = "1", value_parser = whole::<u8>("number of rounds", 1..=20))]
    typical: Option<u8>,
    /// Sort the rounds with the outcome into at most N roads to it, by the actions that took effect; show their
    /// shares and the main events of a typical round of each
    #[arg(long, value_name = "N", requires = "outcome", conflicts_with = "typical", value_parser = whole::<u8>("number of roads", 1..=20))]
    roads: Option<u8>,
    /// Most rounds that are looked through for the outcome [default: the scenario's]
    #[arg(long, short = 'n', value_name = "N", requires = "outcome", value_parser = whole::<u64>("number of rounds", 1..=limits::ROUNDS))]
    rounds: Option<u64>,
    /// Seed of the random draws [default: the scenario's]
    #[arg(long, short, value_name = "S", value_parser = whole::<u64>("seed", 0..=limits::SEED))]
    seed: Option<u64>,
    #[command(flatten)]
    set: SetArgs,
}

impl TraceArgs {
    pub(super) fn execute(&self, context: &mut Context) -> Result<(), Failure> {
        let study = context.source(&self.scenario, &self.set)?.open()?;
        let play = Play {
            rounds: self.rounds,
            seed: self.seed,
            control: context.control(),
            ..Play::default()
        };
        let rounds = if self.outcome.is_none() {
            study.heeds(&play, Some("--round, the number of the round to show"))?;
            vec![self.round]
        } else {
            study.heeds(&play, None)?;
            self.found(&study, play, context)?
        };
        let (scenario, plan) = (study.scenario(), study.plan());
        let seed = self.seed.unwrap_or(scenario.seed);
        let mut stories = Vec::new();
        for (i, round) in rounds.into_iter().enumerate() {
            if i > 0 || self.typical.is_some() {
                context.print_result("\n")?;
            }
            let mut story = trace::story(scenario, plan, seed, round);
            story.text = context.layout().fold(&story.text);
            context.print_result(&story.text)?;
            stories.push(story);
        }
        if self.roads.is_none() {
            let text: String = stories.iter().map(|s| s.text.as_str()).collect();
            context.add_json("histories", || json!(stories));
            context.add_json("text", || text.into());
        }
        Ok(())
    }

    /// The rounds to show of those that end with the outcome; of roads none, as they are told in short.
    fn found(&self, study: &Study, play: Play, context: &mut Context) -> Result<Vec<u64>, Failure> {
        let outcome = self.outcome.as_deref().unwrap_or_default();
        let Some(roads) = self.typical.or(self.roads) else {
            let rounds = play.rounds.unwrap_or(study.scenario().rounds);
            let first = study.first_with(outcome, &play)?;
            let none = || {
                let text = format!(
                    "none of {rounds} rounds ends with `{outcome}`: look through more with --rounds"
                );
                StudyError::Invalid(text)
            };
            return Ok(vec![first.ok_or_else(none)?]);
        };
        let found = study.typical(&Typical {
            play,
            roads: roads.into(),
            ..Typical::of(outcome)
        })?;
        let title = &study.scenario().title;
        let told = typical::summary(title, &found, self.roads.is_some(), context.layout());
        context.print_result(&told)?;
        context.add_json("roads", || found.roads.iter().map(as_json).collect());
        context.add_json("text", || told.clone().into());
        Ok(match self.typical {
            Some(_) => found.roads.iter().map(|road| road.round).collect(),
            None => Vec::new(),
        })
    }
}

/// A road as data.
fn as_json(road: &Road) -> Value {
    let event = |e: &TypicalEvent| {
        json!({
            "day": e.day, "at": e.at.to_string(), "kind": e.kind, "id": e.id, "text": e.told,
            "actor": e.actor, "main": e.main,
        })
    };
    let usual = road
        .usual
        .iter()
        .map(|(told, share)| json!({"text": told, "share": share}));
    json!({
        "round": road.round,
        "count": road.count,
        "share": road.share.probability,
        "ci_low": road.share.low,
        "ci_high": road.share.high,
        "with": road.with,
        "without": road.without,
        "usual": usual.collect::<Value>(),
        "day": road.noted,
        "events": road.events.iter().map(event).collect::<Value>(),
    })
}
