//! Rounds beside a run, which tell how far its shares move across sets of guesses and across forms of the model.
//!
//! They depend on the scenario, its seed and the number of rounds of the run alone, so they are played when these
//! are known: once a run is finished, or its shards are merged.

use super::control::Control;
use super::error::StudyError;
use super::switches::other_forms;
use crate::analysis::ranges::{FEWEST, NoRanges, Played, Ranges};
use crate::analysis::share::Pairs;
use crate::ensemble::{Detail, PlayError, Player, Rounds, SetRounds, WIDTH};
use crate::plan::Plan;
use crate::result::{Header, State, pairs_of};

/// One round of all sets together for so many of a run.
const ONE_IN: u64 = 28;
/// Fewest and most sets of guesses: else the square root of half the rounds.
const SETS: (u64, u64) = (64, 1_024);
/// Fewest and most rounds of a set.
const EACH: (u64, u64) = (6, 64);

/// Sets and their rounds beside a run of so many rounds.
fn sets_of(rounds: u64) -> SetRounds {
    let sets = (rounds / 2).isqrt().clamp(SETS.0, SETS.1);
    let each = (rounds / ONE_IN / sets).clamp(EACH.0, EACH.1);
    SetRounds { sets, each }
}

/// Why a run with this header has no ranges after so many rounds, if it has none.
pub(super) fn none_of(header: &Header, rounds: u64) -> Option<NoRanges> {
    if header.no_ranges {
        Some(NoRanges::LeftOut)
    } else if header.shard.is_some() {
        Some(NoRanges::Shard)
    } else {
        (rounds < FEWEST).then_some(NoRanges::TooFew)
    }
}

/// Plays what tells the ranges of a run with so many rounds.
pub(super) fn played(
    plan: &Plan,
    player: Player<'_>,
    rounds: u64,
    control: &Control,
) -> Result<Played, StudyError> {
    let SetRounds { sets, each } = sets_of(rounds);
    let forms = other_forms(plan);
    let labels = Rounds::Sets(SetRounds { sets, each });
    let total = labels.len() * (1 + forms.len() as u64);
    let found = control.stage(total, |watch| {
        let player = Player { watch, ..player };
        let outcomes = |plan: &Plan| {
            let mut out = Vec::with_capacity(labels.len() as usize);
            player.stream::<WIDTH>(plan, &labels, Detail::Summary, |more| {
                out.extend(more.iter().map(|r| r.outcome));
            })?;
            Ok::<_, PlayError>(out)
        };
        let forms = forms
            .iter()
            .map(|(name, plan)| Ok((name.clone(), outcomes(plan)?)));
        Ok::<_, PlayError>(Played {
            sets,
            each,
            guesses: !plan.priors.is_empty(),
            own: outcomes(plan)?,
            forms: forms.collect::<Result<_, PlayError>>()?,
        })
    });
    Ok(found?)
}

/// By outcome, the range of its share across sets of guesses beside rounds that ended so, in their order: that of a run of
/// the same rounds. Nothing where they are too few, or nothing is guessed.
pub(super) fn across_guesses(
    plan: &Plan,
    player: Player<'_>,
    outcomes: &[usize],
    control: &Control,
) -> Result<Vec<Option<(f64, f64)>>, StudyError> {
    let (rounds, kinds) = (outcomes.len() as u64, plan.outcomes.len());
    if rounds < FEWEST {
        return Ok(vec![None; kinds]);
    }
    let mut pairs = vec![Pairs::default(); kinds];
    let partners = Rounds::Partners(0..pairs_of(rounds));
    for (record, own) in player
        .records::<WIDTH>(plan, &partners, Detail::Summary)?
        .iter()
        .zip(outcomes)
    {
        for (j, pairs) in pairs.iter_mut().enumerate() {
            pairs.add(record.round, *own == j, record.outcome == j);
        }
    }
    let count = |j: usize| outcomes.iter().filter(|o| **o == j).count() as u64;
    let counts: Vec<u64> = (0..kinds).map(count).collect();
    let found = Ranges::new(
        &played(plan, player, rounds, control)?,
        &counts,
        rounds,
        &pairs,
    );
    let range = |j: usize| found.guesses.get(j)?.range();
    Ok((0..kinds).map(range).collect())
}

/// What was played says of a run with these counts.
pub(super) fn of(played: &Played, state: &State) -> Ranges {
    let outcomes = state.tally.outcomes.len();
    let counts: Vec<u64> = (0..outcomes)
        .map(|j| state.tally.outcome_count(j))
        .collect();
    Ranges::new(played, &counts, state.tally.rounds, &state.pairs.pairs)
}
