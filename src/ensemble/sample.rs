//! Rounds with the priors that they drew: what an analysis of plain rounds looks at.

use super::brief::Brief;
use super::crew::{Begin, Collect, Crew};
use super::{RunError, Watch, Workers};
use crate::engine::{Batch, Observer, Priors};
use crate::plan::Plan;

/// One round: what it gave, and the values its priors had.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampled {
    /// What it gave; the label is the round.
    pub brief: Brief,
    /// Values of priors, in order.
    pub priors: Vec<f32>,
}

/// Keeps every round.
struct Keeper(Vec<Sampled>);

impl<const W: usize> Observer<W> for Keeper {
    fn ended(&mut self, batch: &Batch<'_, W>, lane: usize, outcome: usize) {
        let l = batch.layout();
        self.0.push(Sampled {
            brief: Brief::of(batch, lane, outcome),
            priors: (0..l.priors)
                .map(|i| batch.get(l.prior(i)).0[lane])
                .collect(),
        });
    }
}

impl<const W: usize> Collect<W> for Keeper {
    type Piece = Vec<Sampled>;

    fn piece(&mut self) -> Vec<Sampled> {
        std::mem::take(&mut self.0)
    }
}

/// Some rounds, as they are drawn.
struct Chosen<'r>(&'r [u64]);

impl<const W: usize> Begin<W> for Chosen<'_> {
    fn begin(&self, batch: &mut Batch<'_, W>, first: u64, count: usize) {
        let rounds = &self.0[first as usize..first as usize + count];
        // Idle lanes repeat the last round.
        let own: [u64; W] = std::array::from_fn(|i| rounds[i.min(count - 1)]);
        batch.initialise_with(own, own, &Priors::Drawn, count);
    }
}

/// Plays some rounds, and gives them in their order by number.
///
/// # Errors
/// [`RunError`] when it is stopped, or has no threads.
pub fn play_sample<const W: usize>(
    plan: &Plan,
    seed: u64,
    rounds: &[u64],
    workers: Workers,
    watch: Watch<'_>,
) -> Result<Vec<Sampled>, RunError> {
    let crew = Crew::<W, _, _>::new(plan, seed, workers, || Keeper(Vec::new()))?;
    let mut out = Vec::with_capacity(rounds.len());
    let n = rounds.len() as u64;
    crew.play_from(&Chosen(rounds), 0, n, watch, &mut |mut piece| {
        out.append(&mut piece);
        Ok(())
    })?;
    out.sort_unstable_by_key(|s| s.brief.label);
    Ok(out)
}
