//! What a scenario exercises: actions, outcomes and flags that occur, priors that matter.

use super::control::Control;
use super::error::StudyError;
use super::open::Study;
use super::play::Play;
use crate::ensemble::{PlayError, Player, Records, RoundRecord, Tally, WIDTH, Waves, Workers};
use crate::scenario::Scenario;
use crate::scenario::model::{Action, Moment, Way};

/// Some rounds of a scenario, counted, and each of them.
#[derive(Debug)]
pub struct Coverage {
    /// Counts.
    pub tally: Tally,
    /// One record per round.
    pub records: Vec<RoundRecord>,
}

impl Study {
    /// Plays some rounds to see what they exercise of the scenario.
    ///
    /// # Errors
    /// When it is stopped.
    pub fn coverage(
        &self,
        rounds: u64,
        workers: Workers,
        control: &Control,
    ) -> Result<Coverage, StudyError> {
        self.heeds(&Play::default(), Some("--coverage ROUNDS"))?;
        let mut records = Vec::new();
        let tally = self.count((self.seed, workers), rounds, control, Some(&mut records))?;
        Ok(Coverage { tally, records })
    }

    /// Counts rounds, and adds a record of each to `records`, if wanted.
    pub(super) fn count(
        &self,
        (seed, workers): (u64, Workers),
        rounds: u64,
        control: &Control,
        mut records: Option<&mut Vec<RoundRecord>>,
    ) -> Result<Tally, StudyError> {
        let kept = Records {
            all: records.is_some(),
            ..Records::default()
        };
        let tally = control.stage(rounds, |watch| {
            let player = Player {
                seed,
                workers,
                watch,
            };
            let (scenario, plan) = (&self.scenario, &self.plan);
            let mut waves = Waves::<WIDTH>::new(scenario, plan, player, 0..rounds, kept)?;
            while let Some(more) = waves.play()? {
                if let Some(records) = &mut records {
                    records.extend(more);
                }
            }
            Ok::<_, PlayError>(waves.tally())
        })?;
        Ok(tally)
    }

    /// Actions with a limit of 2 or more whose rate is never so low that at most one decision is expected
    /// in a step, each with the least number that is.
    #[must_use]
    pub fn crowded_actions(&self) -> Vec<(&Action, f64)> {
        let actions = self.scenario.actions.iter().zip(&self.plan.actions);
        let each = actions.map(|(action, plan)| {
            let expected = f64::from(plan.least_rate) * f64::from(self.plan.dt);
            (action, expected)
        });
        each.filter(|(action, expected)| action.limit > 1 && action.every == 0 && *expected > 1.0)
            .collect()
    }

    /// Actions whose date lies beyond the last day of the clock. That is not a fault, as a setting
    /// may shorten any scenario.
    #[must_use]
    pub fn actions_after_the_end(&self) -> Vec<&Action> {
        let s: &Scenario = &self.scenario;
        let horizon = s.clock.days * 86_400;
        let is_late = |a: &&Action| matches!(a.way, Way::At(Moment::Known(at)) if at >= 0 && at.unsigned_abs() >= horizon);
        s.actions.iter().filter(is_late).collect()
    }
}
